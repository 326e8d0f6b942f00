/* telemetry: a section with a name, shared with a native Linux program (native/telemetry.c is the other half).
 *
 *   telemetry.exe make      makes Local\telemetry, and waits for an answer in it
 *   telemetry.exe use       opens what somebody made, reads it and answers
 *
 * Nothing in here knows of Linux: it is the file mapping of every Windows book.
 *
 *   x86_64-w64-mingw32-gcc telemetry.c -o telemetry.exe
 */
#include <stdio.h>
#include <string.h>
#include <windows.h>

#define NAME "Local\\telemetry"
#define SIZE 0x10000

struct telemetry                /* what both programs mean by the bytes */
{
    volatile LONG answered;
    char question[60], answer[64];
};

static int failed(const char *what)
{
    fprintf(stderr, "telemetry: %s failed with error %lu\n", what, (unsigned long)GetLastError());
    return 1;
}

static int make(void)
{
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, SIZE, NAME);
    struct telemetry *shared;
    int i;

    if (!section) return failed("CreateFileMapping");
    if (GetLastError() == ERROR_ALREADY_EXISTS)
    {
        fprintf(stderr, "telemetry: somebody has made it already\n");
        return 1;
    }
    if (!(shared = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0))) return failed("MapViewOfFile");
    strcpy(shared->question, "asked by a Windows program");
    printf("ready\n");
    fflush(stdout);
    for (i = 0; i < 1000 && !shared->answered; i++) Sleep(10);
    printf("%s\n", shared->answered ? shared->answer : "nobody answered");
    UnmapViewOfFile(shared);
    CloseHandle(section);               /* the last handle: the name is gone */
    return 0;
}

static int use(void)
{
    HANDLE section = OpenFileMappingA(FILE_MAP_WRITE, FALSE, NAME);
    struct telemetry *shared;

    if (!section) return failed("OpenFileMapping");
    if (!(shared = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0))) return failed("MapViewOfFile");
    printf("%s\n", shared->question);
    strcpy(shared->answer, "answered by a Windows program");
    InterlockedExchange(&shared->answered, 1);
    UnmapViewOfFile(shared);
    CloseHandle(section);
    return 0;
}

int main(int argc, char **argv)
{
    if (argc == 2 && !strcmp(argv[1], "make")) return make();
    if (argc == 2 && !strcmp(argv[1], "use")) return use();
    fprintf(stderr, "usage: telemetry make | use\n");
    return 2;
}
