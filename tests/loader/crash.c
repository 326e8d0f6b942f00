/* crash.exe KIND: ends in the way its argument names; tests/loader/exit.sh looks at what the shell sees. */
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static int overflow(volatile char *p)
{
    volatile char block[4096];
    block[0] = p ? p[0] : 0;
    return block[0] == 1 ? 0 : overflow(block) + block[0];
}

int main(int argc, char **argv)
{
    const char *kind = argc > 1 ? argv[1] : "";

    if (!strcmp(kind, "null")) *(volatile int *)NULL = 1;
    if (!strcmp(kind, "divide")) { volatile int zero = 0, some = 100; return some / zero; }
    if (!strcmp(kind, "illegal")) __asm__ volatile("ud2");
    if (!strcmp(kind, "breakpoint")) __asm__ volatile("int3");
    if (!strcmp(kind, "raise")) RaiseException(0xe0001234, 0, 0, NULL);
    if (!strcmp(kind, "stack")) return overflow(NULL);
    if (!strcmp(kind, "abort")) abort();
    if (!strcmp(kind, "exit")) ExitProcess(strtoul(argv[2], NULL, 0));
    if (!strcmp(kind, "return")) return strtoul(argv[2], NULL, 0);
    return 99;
}
