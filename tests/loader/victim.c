/* victim.exe target | OPERATION: what tests/unit/process_kill.c kills one half of.
 *
 * "target" waits, and for each line takes away what others left in it. The others do the operation to the process whose ID
 * they read (or start one) and say "done N": 0, it worked; 1, it failed as it may when the other end dies; 2, something else
 * went wrong. */
#include "victim.h"

static int failed(const char *what)
{
    DWORD error = GetLastError();

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
    return wrong(what, error);
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

/* ---- the target ---- */

#define HANDLES 1024
static BOOL known_handle[HANDLES];
static void *known_views[16];
static unsigned int known_view_count;

/* The first time that is what it has itself; after that, what others put here and could not take away again. */
static void clean(BOOL first)
{
    MEMORY_BASIC_INFORMATION info;
    char *at = NULL, *last = NULL;
    unsigned int i;
    DWORD flags;

    for (i = 1; i < HANDLES; i++)
    {
        HANDLE handle = (HANDLE)(ULONG_PTR)(4 * i);

        if (first) known_handle[i] = GetHandleInformation(handle, &flags);
        else if (!known_handle[i] && GetHandleInformation(handle, &flags)) CloseHandle(handle);
    }
    for (; VirtualQuery(at, &info, sizeof(info)); at = (char *)info.BaseAddress + info.RegionSize)
    {
        if (info.State == MEM_FREE || info.Type != MEM_MAPPED || info.AllocationBase == last) continue;
        last = info.AllocationBase;
        for (i = 0; i < known_view_count && known_views[i] != last; i++) ;
        if (i < known_view_count) continue;
        if (first) known_views[known_view_count++] = last;
        else UnmapViewOfFile(last);
    }
}

static void target(void)
{
    char line[20];

    clean(TRUE);
    say("ready\n");
    while (next_line(line, sizeof(line)))
    {
        clean(FALSE);
        say_done(0);
    }
}

int main(int argc, char **argv)
{
    const char *operation = argc > 1 ? argv[1] : "";
    char line[20];

    begin();
    if (!strcmp(operation, "child")) return 0;
    if (!strcmp(operation, "target"))
    {
        target();
        return 0;
    }
    say("ready\n");
    while (next_line(line, sizeof(line)))
    {
        HANDLE process = NULL;
        int result;

        if (!strcmp(operation, "create")) result = create();
        else if (!(process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, strtoul(line, NULL, 0)))) result = failed("OpenProcess");
        else result = !strcmp(operation, "map") ? map(process) : !strcmp(operation, "duplicate") ? duplicate(process)
                    : !strcmp(operation, "thread") ? thread(process) : 2;
        if (process) CloseHandle(process);
        say_done(result);
    }
    return 0;
}
