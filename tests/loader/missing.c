/* missing.exe: imports a function that no kernel32 has, and calls it if asked to. */
#include <windows.h>

__declspec(dllimport) void WINAPI FunctionThatIsMissing(void);

int main(int argc, char **argv)
{
    (void)argv;
    if (argc > 1) FunctionThatIsMissing();
    return 5;
}
