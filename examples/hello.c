/* The smallest program that does something: one WriteFile. */
#include <windows.h>

int main(void)
{
    static const char text[] = "hello, world\n";
    DWORD written;

    if (!WriteFile(GetStdHandle(STD_OUTPUT_HANDLE), text, sizeof(text) - 1, &written, NULL)) return 1;
    return written != sizeof(text) - 1;
}
