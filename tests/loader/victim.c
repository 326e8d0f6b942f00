/* victim.exe target | OPERATION [ID]: what tests/unit/process_kill.c kills one half of.
 *
 * "target" says "ready" and sleeps. The others say "ready", wait for a byte, do the operation to the process ID (or start
 * one), say "done N", wait for another byte and end with N: 0, it worked; 1, it failed as it may when the other end dies;
 * 2, something else went wrong. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

static HANDLE output, input;

static void say(const char *text)
{
    DWORD n;

    WriteFile(output, text, (DWORD)strlen(text), &n, NULL);
}

static void wait_byte(void)
{
    char byte;
    DWORD n;

    if (!ReadFile(input, &byte, 1, &n, NULL) || !n) ExitProcess(3);
}

static int failed(const char *what)
{
    DWORD error = GetLastError();
    char text[100];

    switch (error)
    {
    case ERROR_ACCESS_DENIED:           /* STATUS_PROCESS_IS_TERMINATING, it has ended */
    case ERROR_INVALID_PARAMETER:       /* STATUS_INVALID_CID: nobody has this id */
    case ERROR_PARTIAL_COPY:
    case ERROR_NOACCESS:
    case ERROR_INVALID_HANDLE:
    case ERROR_GEN_FAILURE:             /* STATUS_UNSUCCESSFUL, a child that died at birth */
        return 1;
    }
    snprintf(text, sizeof(text), "%s: error %lu\n", what, error);
    say(text);
    return 2;
}

static int map(HANDLE process)
{
    /* not in every import library */
    HMODULE kernelbase = GetModuleHandleA("kernelbase.dll");
    void *(WINAPI *map_view)(HANDLE, HANDLE, ULONG64, void *, SIZE_T, ULONG, ULONG, ULONG) =
        (void *)GetProcAddress(kernelbase, "MapViewOfFileNuma2");
    BOOL (WINAPI *unmap_view)(HANDLE, void *, ULONG) = (void *)GetProcAddress(kernelbase, "UnmapViewOfFile2");
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x10000, NULL);
    void *view = map_view(section, process, 0, NULL, 0, 0, PAGE_READWRITE, ~0u);
    int result = view ? 0 : failed("MapViewOfFile2");

    if (view && !unmap_view(process, view, 0)) result = failed("UnmapViewOfFile2");
    CloseHandle(section);
    return result;
}

static int duplicate(HANDLE process)
{
    HANDLE event = CreateEventA(NULL, FALSE, FALSE, NULL), there, back;
    int result = 0;

    if (!DuplicateHandle(GetCurrentProcess(), event, process, &there, 0, FALSE, DUPLICATE_SAME_ACCESS)) result = failed("there");
    else if (!DuplicateHandle(process, there, GetCurrentProcess(), &back, 0, FALSE,
                              DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE)) result = failed("back");
    else
    {
        if (!SetEvent(back) || WaitForSingleObject(event, 0)) result = 2;
        CloseHandle(back);
    }
    CloseHandle(event);
    return result;
}

static int thread(HANDLE process)
{
    /* ntdll is in the same place there */
    HANDLE thread = CreateRemoteThread(process, NULL, 0, (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "RtlExitUserThread"),
                                       (void *)7, 0, NULL);
    int result = 0;

    if (!thread) return failed("CreateRemoteThread");
    if (WaitForSingleObject(thread, 5000)) result = 2;
    CloseHandle(thread);
    return result;
}

static int create(void)
{
    char self[MAX_PATH], line[MAX_PATH + 20];
    STARTUPINFOA info = { .cb = sizeof(info) };
    PROCESS_INFORMATION process;
    int result = 0;

    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" child", self);
    if (!CreateProcessA(self, line, NULL, NULL, FALSE, 0, NULL, NULL, &info, &process)) return failed("CreateProcess");
    if (WaitForSingleObject(process.hProcess, 5000) || WaitForSingleObject(process.hThread, 5000)) result = 2;
    CloseHandle(process.hProcess);
    CloseHandle(process.hThread);
    return result;
}

int main(int argc, char **argv)
{
    const char *operation = argc > 1 ? argv[1] : "";
    HANDLE process = NULL;
    char text[20];
    int result;

    output = GetStdHandle(STD_OUTPUT_HANDLE);
    input = GetStdHandle(STD_INPUT_HANDLE);
    if (!strcmp(operation, "child")) return 0;
    say("ready\n");
    if (!strcmp(operation, "target")) Sleep(INFINITE);
    wait_byte();
    if (!strcmp(operation, "create")) result = create();
    else if (argc < 3) result = 2;
    else if (!(process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, strtoul(argv[2], NULL, 0)))) result = failed("OpenProcess");
    else result = !strcmp(operation, "map") ? map(process) : !strcmp(operation, "duplicate") ? duplicate(process)
                : !strcmp(operation, "thread") ? thread(process) : 2;
    if (process) CloseHandle(process);
    snprintf(text, sizeof(text), "done %d\n", result);
    say(text);
    wait_byte();
    return result;
}
