/* share_view: one section, two views in two processes, and each sees what the other writes.
 *
 *   share_view.exe            makes a section, maps it here and into a second process that it starts
 *   share_view.exe --child    that second process; not for people
 *
 * The second process is started suspended and is handed nothing: the view is simply there, put into its
 * address space by MapViewOfFile2 before it runs its first instruction. It finds the address on its
 * command line.
 *
 *   x86_64-w64-mingw32-gcc share_view.c $(pkg-config --cflags --libs oriel) -o share_view.exe
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>
#include <memoryapi.h>

#define VIEW_SIZE 0x10000

static int failed(const char *what)
{
    fprintf(stderr, "share_view: %s failed with error %lu\n", what, (unsigned long)GetLastError());
    return 1;
}

/* The second process: the view is at an address it was told. */
static int child(const char *address)
{
    char *view = (char *)(ULONG_PTR)strtoull(address, NULL, 16);

    printf("second process: the view at %p says \"%s\"\n", (void *)view, view);
    fflush(stdout);
    strcpy(view + 0x1000, "written by the second process");
    return 0;
}

int main(int argc, char **argv)
{
    char self[MAX_PATH], command[MAX_PATH + 64];
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION process;
    DWORD code;
    HANDLE section;
    char *here, *again, *there;

    if (argc == 3 && !strcmp(argv[1], "--child")) return child(argv[2]);

    if (!(section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, VIEW_SIZE, NULL)))
        return failed("CreateFileMapping");
    if (!(here = MapViewOfFile2(section, GetCurrentProcess(), 0, NULL, 0, 0, PAGE_READWRITE)))
        return failed("MapViewOfFile2 into this process");
    if (!(again = MapViewOfFile2(section, GetCurrentProcess(), 0, NULL, 0, 0, PAGE_READONLY)))
        return failed("MapViewOfFile2 into this process, a second time");
    printf("section of %u bytes, mapped at %p (read-write) and at %p (read-only)\n", VIEW_SIZE, (void *)here, (void *)again);
    strcpy(here, "written by the first process");
    printf("first process:  the read-only view says \"%s\"\n", again);
    fflush(stdout);

    /* The address is chosen by the second process's address space, so start it suspended, map, then
     * tell it where: the command line has room for the address, which is written there. */
    GetModuleFileNameA(NULL, self, sizeof(self));
    for (there = (char *)0x200000000000; ; there += 0x10000000)
    {
        snprintf(command, sizeof(command), "\"%s\" --child %p", self, (void *)there);
        if (!CreateProcessA(NULL, command, NULL, NULL, TRUE, CREATE_SUSPENDED, NULL, NULL, &startup, &process))
        {
            if (GetLastError() != ERROR_CALL_NOT_IMPLEMENTED) return failed("CreateProcess");
            break;
        }
        if (MapViewOfFile2(section, process.hProcess, 0, there, 0, 0, PAGE_READWRITE) == there) break;
        TerminateProcess(process.hProcess, 1);
        CloseHandle(process.hThread);
        CloseHandle(process.hProcess);
        if (there > (char *)0x300000000000) return failed("MapViewOfFile2 into the second process");
    }
    printf("second process %lu: the same section mapped at %p, from outside\n", (unsigned long)process.dwProcessId, (void *)there);
    fflush(stdout);
    ResumeThread(process.hThread);
    WaitForSingleObject(process.hProcess, INFINITE);
    GetExitCodeProcess(process.hProcess, &code);
    CloseHandle(process.hThread);
    CloseHandle(process.hProcess);
    if (code) { fprintf(stderr, "share_view: the second process ended with %lu\n", (unsigned long)code); return 1; }
    printf("first process:  the read-only view says \"%s\"\n", again + 0x1000);
    UnmapViewOfFile2(GetCurrentProcess(), again, 0);
    UnmapViewOfFile2(GetCurrentProcess(), here, 0);
    CloseHandle(section);
    return 0;
}
