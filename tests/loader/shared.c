/* Named sections where there is little room, for names.sh.
 *   shared commit      1 MiB at once            shared reserve   1 MiB a page at a time, all written
 *   shared execute     a page that may run      shared cut       a page that somebody takes away meanwhile */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define SIZE 0x100000

static int commit_pages(char *p)
{
    int i;

    for (i = 0; i < SIZE / 0x1000; i++)
    {
        if (!VirtualAlloc(p + i * 0x1000, 0x1000, MEM_COMMIT, PAGE_READWRITE))
        {
            printf("some pages, then error %lu\n", GetLastError());
            return i == 0;
        }
        p[i * 0x1000] = 1;
    }
    printf("all pages\n");
    return 0;
}

int main(int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "";
    DWORD protect = PAGE_READWRITE, size = SIZE;
    HANDLE section;
    char *p;

    if (!strcmp(what, "reserve")) protect |= SEC_RESERVE;
    if (!strcmp(what, "execute")) protect = PAGE_EXECUTE_READWRITE;
    if (strcmp(what, "commit") && strcmp(what, "reserve")) size = 0x10000;
    section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, protect, 0, size, "Local\\shared");
    if (!section)
    {
        printf("error %lu\n", GetLastError());
        return 1;
    }
    p = MapViewOfFile(section, FILE_MAP_WRITE | (protect == PAGE_EXECUTE_READWRITE ? FILE_MAP_EXECUTE : 0), 0, 0, 0);
    if (!p)
    {
        printf("no view, error %lu\n", GetLastError());
        return 1;
    }
    if (!strcmp(what, "reserve")) return commit_pages(p);
    if (!strcmp(what, "execute"))
    {
        p[0] = (char)0xc3;              /* ret */
        ((void (*)(void))(void *)p)();
    }
    if (!strcmp(what, "cut"))
    {
        p[0] = 1;
        printf("ready\n");
        fflush(stdout);
        while (((volatile char *)p)[0x8000] == 0) Sleep(10);
    }
    printf("good\n");
    return 0;
}
