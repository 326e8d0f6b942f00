/* work.exe: times the memory API from inside a Windows program. The same names are printed by floor.c for bare Linux. */
#include <string.h>
#include <windows.h>
#include "row.h"

static double ns_per_tick;
static double now_ns(void)
{
    LARGE_INTEGER t;

    QueryPerformanceCounter(&t);
    return t.QuadPart * ns_per_tick;
}
static const char *last_error(void)
{
    static char number[16];

    snprintf(number, sizeof(number), "%lu", (unsigned long)GetLastError());
    return number;
}

static HANDLE section, event;
static char *fixed;
static DWORD old;

static int map_unmap(void)
{
    void *p = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    return p && UnmapViewOfFile(p);
}
static int map_touch_unmap(void)
{
    char *p = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    if (!p) return 0;
    *(volatile char *)p = 1;
    return UnmapViewOfFile(p);
}
static int create_map_unmap_close(void)
{
    HANDLE s = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x10000, NULL);
    void *p = s ? MapViewOfFile(s, FILE_MAP_WRITE, 0, 0, 0) : NULL;
    return p && UnmapViewOfFile(p) && CloseHandle(s);
}
static int alloc_free(void)
{
    void *p = VirtualAlloc(NULL, 0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    return p && VirtualFree(p, 0, MEM_RELEASE);
}
static int protect(void)
{
    static DWORD next = PAGE_READONLY;
    next = next == PAGE_READONLY ? PAGE_READWRITE : PAGE_READONLY;
    return VirtualProtect(fixed, 0x10000, next, &old);
}
/* to read-only and back, with a store in between: what a program that uses the protection pays */
static int protect_store(void)
{
    if (!VirtualProtect(fixed, 0x10000, PAGE_READONLY, &old) || !VirtualProtect(fixed, 0x10000, PAGE_READWRITE, &old)) return 0;
    *(volatile char *)fixed = 1;
    return 1;
}
static int query(void)
{
    MEMORY_BASIC_INFORMATION info;
    return VirtualQuery(fixed + 0x3000, &info, sizeof(info)) == sizeof(info);
}
static int reserve_1tb(void)
{
    void *p = VirtualAlloc(NULL, (SIZE_T)1 << 40, MEM_RESERVE, PAGE_NOACCESS);
    MEMORY_BASIC_INFORMATION info;
    return p && VirtualQuery(p, &info, sizeof(info)) && VirtualFree(p, 0, MEM_RELEASE);
}
static int reserve_64k(void)
{
    void *p = VirtualAlloc(NULL, 0x10000, MEM_RESERVE, PAGE_NOACCESS);
    MEMORY_BASIC_INFORMATION info;
    return p && VirtualQuery(p, &info, sizeof(info)) && VirtualFree(p, 0, MEM_RELEASE);
}
static int set_wait(void) { return SetEvent(event) && WaitForSingleObject(event, 0) == WAIT_OBJECT_0; }

#define BLOCKS 1024
static void *blocks[BLOCKS];
static int heap_pattern(void)
{
    static unsigned int seed = 1;
    int i;
    for (i = 0; i < BLOCKS; i++)
    {
        unsigned int k = (seed = seed * 1664525 + 1013904223) >> 22;
        if (blocks[k]) HeapFree(GetProcessHeap(), 0, blocks[k]);
        if (!(blocks[k] = HeapAlloc(GetProcessHeap(), 0, 16 + (seed & 0x3ff)))) return 0;
    }
    return 1;
}

/* A second process keeps the name alive: opening it is not a matter of this process's memory. */
#define NAME L"Local\\oriel-bench"

static int named_open_close(void)
{
    HANDLE named = OpenFileMappingW(FILE_MAP_WRITE, FALSE, NAME);
    return named && CloseHandle(named);
}
static int named_event_open_close(void)
{
    HANDLE named = OpenEventW(EVENT_ALL_ACCESS, FALSE, NAME L"-event");
    return named && CloseHandle(named);
}

/* The second process. */
static int hold(void)
{
    HANDLE ready = OpenEventW(EVENT_ALL_ACCESS, FALSE, NAME L"-ready"), done = OpenEventW(SYNCHRONIZE, FALSE, NAME L"-done");

    if (!CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x10000, NAME)) return 1;
    if (!CreateEventW(NULL, FALSE, FALSE, NAME L"-event")) return 1;
    SetEvent(ready);
    return (int)WaitForSingleObject(done, 60000);
}

static void named_rows(void)
{
    HANDLE ready = CreateEventW(NULL, FALSE, FALSE, NAME L"-ready"), done = CreateEventW(NULL, TRUE, FALSE, NAME L"-done");
    STARTUPINFOW startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION process;
    WCHAR self[MAX_PATH], command[] = L"work hold";

    GetModuleFileNameW(NULL, self, MAX_PATH);
    if (!CreateProcessW(self, command, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &process)) return;
    if (!WaitForSingleObject(ready, 10000))
    {
        row("named_section_open_close", named_open_close);
        row("named_event_open_close", named_event_open_close);
    }
    SetEvent(done);
    WaitForSingleObject(process.hProcess, 10000);
}

/* In another process, which sleeps. */
static void *(WINAPI *map_there)(HANDLE, HANDLE, ULONG64, void *, SIZE_T, ULONG, ULONG, ULONG);
static BOOL (WINAPI *unmap_there)(HANDLE, void *, ULONG);
static HANDLE other;
static int remote_map_unmap(void)
{
    void *p = map_there(section, other, 0, NULL, 0, 0, PAGE_READWRITE, ~0u);
    return p && unmap_there(other, p, 0);
}

static char *program;
static int start(const char *name, DWORD flags, PROCESS_INFORMATION *process)
{
    STARTUPINFOA info = { .cb = sizeof(info) };

    return CreateProcessA(name, NULL, NULL, NULL, FALSE, flags, NULL, NULL, &info, process);
}
static int create_wait(void)
{
    PROCESS_INFORMATION process;

    return start(program, CREATE_NO_WINDOW, &process) && !WaitForSingleObject(process.hProcess, INFINITE) &&
           CloseHandle(process.hProcess) && CloseHandle(process.hThread);
}

static void processes(void)
{
    HMODULE kernelbase = GetModuleHandleA("kernelbase.dll");
    PROCESS_INFORMATION process;

    if (!start(program, CREATE_SUSPENDED, &process)) return;
    other = process.hProcess;
    map_there = (void *)GetProcAddress(kernelbase, "MapViewOfFileNuma2");
    unmap_there = (void *)GetProcAddress(kernelbase, "UnmapViewOfFile2");
    if (map_there && unmap_there) row("remote_map_unmap_64k", remote_map_unmap);
    TerminateProcess(other, 0);
    row("create_wait_hello", create_wait);
}

/* work.exe [HELLO]: a program to start */
int main(int argc, char **argv)
{
    LARGE_INTEGER frequency;
    int i;

    if (argc > 1 && !strcmp(argv[1], "hold")) return hold();

    QueryPerformanceFrequency(&frequency);
    ns_per_tick = 1e9 / frequency.QuadPart;
    section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x10000, NULL);
    event = CreateEventW(NULL, FALSE, FALSE, NULL);
    fixed = VirtualAlloc(NULL, 0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    row("map_unmap_64k", map_unmap);
    row("map_touch_unmap_64k", map_touch_unmap);
    row("create_map_unmap_close_64k", create_map_unmap_close);
    row("alloc_free_64k", alloc_free);
    row("protect_64k", protect);
    row("protect_twice_store_64k", protect_store);
    row("query", query);
    row("reserve_query_free_64k", reserve_64k);
    row("reserve_query_free_1t", reserve_1tb);
    row("setevent_wait", set_wait);
    named_rows();
    row("heap_1024_of_16_to_1k", heap_pattern);
    if (argc > 1)
    {
        program = argv[1];
        processes();
    }
    for (i = 0; i < 60000; i++)
        if (!VirtualAlloc(NULL, 0x1000, MEM_RESERVE, i & 1 ? PAGE_READONLY : PAGE_READWRITE)) break;
    if (i == 60000) row("query_60000_regions", query);
    else printf("query_60000_regions failed only %d regions\n", i);
    return 0;
}
