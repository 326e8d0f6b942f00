/* nodll.exe: imports from a DLL that does not exist. */
#include <windows.h>

__declspec(dllimport) int WINAPI FunctionOfNowhere(void);

int main(void)
{
    return FunctionOfNowhere();
}
