/* A thread that is suspended, wherever it is, hangs nobody: threads of another process are suspended at random moments
 * of their work with pipes, waits, heaps, names, memory, sections, files and handles, and as long as they are, this process
 * and another thread of theirs go on with the same objects, each step within two seconds. */
#include "win32.h"
#include <stdlib.h>

#define ROUNDS    1000
#define SOON_MS   2000
#define HUNG_MS   20000
#define ENOUGH_MS 60000                 /* on a machine that is busy otherwise */
#define WORKERS   ARRAY_SIZE(workers)
#define WITNESS   15

struct shared
{
    volatile LONG ready, stop;
    DWORD tids[16];
    volatile LONG progress[16];
    volatile LONG failed_at[16], failed_with[16];
};
static struct shared *shared;
static DWORD parent_id;
static WCHAR pipe_name[64];

/* ---- the work --------------------------------------------------------------------------------------------------- */

static __thread DWORD seed;
static __thread unsigned int self;

static DWORD dice(DWORD sides)
{
    seed ^= seed << 13;
    seed ^= seed >> 17;
    seed ^= seed << 5;
    return seed % sides;
}

/* Noted for the one who can say so. */
static void need_at(BOOL good, int line)
{
    if (good || shared->failed_at[self]) return;
    shared->failed_with[self] = (LONG)GetLastError();
    shared->failed_at[self] = line;
}
#define need(condition) need_at((condition) != 0, __LINE__)

static WCHAR *name_of(WCHAR *buffer, const WCHAR *what)
{
    swprintf(buffer, 64, L"Local\\suspend-%lu-%ls", parent_id, what);
    return buffer;
}

static void serve(void)
{
    HANDLE pipe = CreateNamedPipeW(pipe_name, PIPE_ACCESS_DUPLEX, PIPE_TYPE_MESSAGE | PIPE_READMODE_MESSAGE, PIPE_UNLIMITED_INSTANCES,
                                   4096, 4096, 0, NULL);
    char buffer[200];
    DWORD n;
    int i;

    need(pipe != INVALID_HANDLE_VALUE);
    for (i = 0; i < 50; i++)
    {
        need(ConnectNamedPipe(pipe, NULL) || GetLastError() == ERROR_PIPE_CONNECTED || GetLastError() == ERROR_NO_DATA);
        while (ReadFile(pipe, buffer, sizeof(buffer), &n, NULL) && WriteFile(pipe, buffer, n, &n, NULL)) ;
        need(DisconnectNamedPipe(pipe));
        InterlockedIncrement(&shared->progress[self]);
    }
    need(CloseHandle(pipe));
}

static void talk(void)
{
    HANDLE pipe = CreateFileW(pipe_name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    char sent[100], got[100];
    DWORD n, i;

    if (pipe == INVALID_HANDLE_VALUE)
    {
        need(GetLastError() == ERROR_PIPE_BUSY || GetLastError() == ERROR_FILE_NOT_FOUND);
        WaitNamedPipeW(pipe_name, 1);
        return;
    }
    for (i = dice(4); i; i--)
    {
        memset(sent, (int)dice(256), sizeof(sent));
        if (!WriteFile(pipe, sent, sizeof(sent), &n, NULL) || !ReadFile(pipe, got, sizeof(got), &n, NULL)) break;
        need(n == sizeof(got) && !memcmp(sent, got, n));
    }
    need(CloseHandle(pipe));
}

static void wait_for_things(DWORD timeout)
{
    HANDLE handles[3];
    WCHAR name[64];
    DWORD result;

    handles[0] = CreateEventW(NULL, FALSE, FALSE, name_of(name, L"event"));
    handles[1] = CreateSemaphoreW(NULL, 1, 1000000, name_of(name, L"semaphore"));
    handles[2] = CreateMutexW(NULL, FALSE, name_of(name, L"mutex"));
    need(handles[0] && handles[1] && handles[2]);
    if (dice(2)) need(SetEvent(handles[0]));
    if (dice(2)) need(ReleaseSemaphore(handles[1], 1, NULL));
    result = WaitForMultipleObjects(dice(2) ? 2 : 3, handles, FALSE, timeout);
    need(result != WAIT_FAILED);
    if (result == 2) need(ReleaseMutex(handles[2]));
    result = WaitForMultipleObjects(3, handles, TRUE, timeout);
    need(result != WAIT_FAILED);
    if (result == WAIT_OBJECT_0 || result == WAIT_ABANDONED_0) need(ReleaseMutex(handles[2]));
    need(CloseHandle(handles[0]) && CloseHandle(handles[1]) && CloseHandle(handles[2]));
}

static void wait_shortly(void) { wait_for_things(dice(3)); }

static void use_heap(void)
{
    HANDLE heap = HeapCreate(0, 0, 0);
    void *blocks[32];
    int i;

    need(heap);
    for (i = 0; i < 32; i++) need((blocks[i] = HeapAlloc(heap, HEAP_ZERO_MEMORY, 1 + dice(i % 4 ? 500 : 100000))));
    for (i = 0; i < 32; i += 2) need(HeapFree(heap, 0, blocks[i]));
    for (i = 1; i < 32; i += 2) need((blocks[i] = HeapReAlloc(heap, 0, blocks[i], 1 + dice(3000))));
    need(HeapDestroy(heap));
}

static void use_names(void)
{
    WCHAR name[64], number[8];
    HANDLE made, opened;

    swprintf(number, 8, L"n%lu", dice(4));
    need((made = CreateEventW(NULL, FALSE, FALSE, name_of(name, number))));
    if ((opened = OpenEventW(EVENT_ALL_ACCESS, FALSE, name))) need(CloseHandle(opened));
    need(CloseHandle(made));
}

static void use_memory(void)
{
    char *base = VirtualAlloc(NULL, 0x40000, MEM_RESERVE, PAGE_READWRITE);
    MEMORY_BASIC_INFORMATION info;
    DWORD old;

    need(base && VirtualAlloc(base + 0x10000, 0x10000, MEM_COMMIT, PAGE_READWRITE));
    base[0x10000] = 1;
    need(VirtualProtect(base + 0x11000, 0x2000, PAGE_READONLY, &old) && VirtualQuery(base + 0x11000, &info, sizeof(info)));
    need(info.RegionSize == 0x2000 && info.Protect == PAGE_READONLY);
    need(VirtualFree(base, 0, MEM_RELEASE));
}

static void use_section(void)
{
    HANDLE section;
    WCHAR name[64];
    char *view;

    need((section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x20000, dice(2) ? name_of(name, L"section") : NULL)));
    need((view = MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, dice(2) * 0x10000, 0)));
    view[dice(0x10000)] = 1;
    need(UnmapViewOfFile(view) && CloseHandle(section));
}

static HANDLE file;

static void use_file(void)
{
    OVERLAPPED at = { .Offset = self * 4096 };
    char bytes[300];
    DWORD n;

    memset(bytes, (int)self, sizeof(bytes));
    need(LockFile(file, at.Offset, 0, sizeof(bytes), 0));
    need(WriteFile(file, bytes, sizeof(bytes), &n, &at) && n == sizeof(bytes));
    bytes[0] = 0;
    need(ReadFile(file, bytes, sizeof(bytes), &n, &at) && n == sizeof(bytes) && bytes[0] == (char)self);
    need(UnlockFile(file, at.Offset, 0, sizeof(bytes), 0));
}

static void use_handles(void)
{
    HANDLE event = CreateEventW(NULL, FALSE, FALSE, NULL), copy;

    need(event && DuplicateHandle(GetCurrentProcess(), event, GetCurrentProcess(), &copy, 0, FALSE, DUPLICATE_SAME_ACCESS));
    need(SetEvent(copy) && !WaitForSingleObject(event, 0));
    need(CloseHandle(event) && CloseHandle(copy));
}

static void (*const workers[])(void) =
{
    serve, serve, talk, talk, wait_shortly, wait_shortly, use_heap, use_names, use_memory, use_section, use_file, use_handles,
};

static DWORD WINAPI work(void *arg)
{
    self = (unsigned int)(ULONG_PTR)arg;
    seed = self * 7919 + 1;
    shared->tids[self] = GetCurrentThreadId();
    InterlockedIncrement(&shared->ready);
    while (!shared->stop)
    {
        workers[self]();
        InterlockedIncrement(&shared->progress[self]);
        if (!dice(4)) Sleep(1);         /* a dozen busy threads would only wait for processors */
    }
    return 0;
}

/* All but the heap, where a suspended thread may have a lock on Windows, too, and what waits for the others. */
static void witness_all(void)
{
    wait_for_things(0);
    use_names();
    use_memory();
    use_section();
    use_file();
    use_handles();
}

static void child(const char *id)
{
    WCHAR name[64], folder[MAX_PATH], path[MAX_PATH];
    HANDLE section;
    unsigned int i;

    parent_id = strtoul(id, NULL, 10);
    section = OpenFileMappingW(FILE_MAP_ALL_ACCESS, FALSE, name_of(name, L"shared"));
    shared = MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    if (!shared) ExitProcess(1);
    swprintf(pipe_name, 64, L"\\\\.\\pipe\\suspend-%lu", parent_id);
    GetTempPathW(MAX_PATH, folder);
    GetTempFileNameW(folder, L"sus", 0, path);
    file = CreateFileW(path, GENERIC_READ | GENERIC_WRITE, 0, NULL, CREATE_ALWAYS, FILE_FLAG_DELETE_ON_CLOSE, NULL);
    for (i = 0; i < WORKERS; i++) CloseHandle(CreateThread(NULL, 0, work, (void *)(ULONG_PTR)i, 0, NULL));
    self = WITNESS;
    seed = 4711;
    while (!shared->stop)
    {
        witness_all();
        InterlockedIncrement(&shared->progress[WITNESS]);
        if (!dice(4)) Sleep(1);
    }
    ExitProcess(0);
}

/* ---- who suspends --------------------------------------------------------------------------------------------------- */

static PROCESS_INFORMATION info;
static const char *volatile doing = "starting";
static volatile LONG step;

/* Whoever hangs says where. */
static DWORD WINAPI watch(void *arg)
{
    LONG seen = -1;
    DWORD since = GetTickCount();

    (void)arg;
    for (;;)
    {
        Sleep(100);
        if (step != seen)
        {
            seen = step;
            since = GetTickCount();
        }
        else if (GetTickCount() - since > HUNG_MS)
        {
            printf("hung while %s, step %ld\n", doing, step);
            fflush(stdout);
            TerminateProcess(info.hProcess, 9);
            TerminateProcess(GetCurrentProcess(), 9);
        }
    }
    return 0;
}

static DWORD longest;
static const char *longest_doing = "";

static void now_doing(const char *what)
{
    static DWORD since;
    DWORD now = GetTickCount();

    if (step && now - since > longest)
    {
        longest = now - since;
        longest_doing = doing;
    }
    since = now;
    doing = what;
    step++;
}

static void from_outside(void)
{
    HANDLE section, event, there, back, pipe;
    SIZE_T done;
    char *base;
    LONG value = 17;
    DWORD old;

    now_doing("allocating there");
    base = VirtualAllocEx(info.hProcess, NULL, 0x20000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    ok(base != NULL, "VirtualAllocEx: error %lu\n", GetLastError());
    works(WriteProcessMemory(info.hProcess, base, &value, sizeof(value), &done));
    works(VirtualProtectEx(info.hProcess, base + 0x1000, 0x1000, PAGE_READONLY, &old));
    works(VirtualFreeEx(info.hProcess, base, 0, MEM_RELEASE));
    now_doing("mapping there");
    section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, 0x10000, NULL);
    base = MapViewOfFileNuma2(section, info.hProcess, 0, NULL, 0, 0, PAGE_READWRITE, ~0u);
    ok(base != NULL, "MapViewOfFile2: error %lu\n", GetLastError());
    works(UnmapViewOfFile2(info.hProcess, base, 0));
    works(CloseHandle(section));
    now_doing("duplicating");
    event = CreateEventW(NULL, FALSE, FALSE, NULL);
    works(DuplicateHandle(GetCurrentProcess(), event, info.hProcess, &there, 0, FALSE, DUPLICATE_SAME_ACCESS));
    works(DuplicateHandle(info.hProcess, there, GetCurrentProcess(), &back, 0, FALSE, DUPLICATE_SAME_ACCESS | DUPLICATE_CLOSE_SOURCE));
    works(CloseHandle(event));
    works(CloseHandle(back));
    now_doing("opening the pipe");
    pipe = CreateFileW(pipe_name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (pipe != INVALID_HANDLE_VALUE) works(CloseHandle(pipe));
    else ok(GetLastError() == ERROR_PIPE_BUSY || GetLastError() == ERROR_FILE_NOT_FOUND, "error %lu\n", GetLastError());
    now_doing("using the names");
    wait_for_things(0);
    use_names();
    use_section();
}

static void test_round(HANDLE *threads, DWORD round)
{
    unsigned int which = dice(WORKERS), count = round % 8 ? 1 : round % 16 ? 2 : WORKERS, i;
    LONG before;
    DWORD begin;
    CONTEXT context;

    for (i = dice(40); i; i--) Sleep(0);
    now_doing("suspending");
    for (i = 0; i < count; i++) ok(SuspendThread(threads[(which + i) % WORKERS]) == 0, "error %lu\n", GetLastError());
    before = shared->progress[WITNESS];
    from_outside();
    now_doing("looking at registers");
    memset(&context, 0, sizeof(context));
    context.ContextFlags = CONTEXT_FULL;
    works(GetThreadContext(threads[which], &context));
    ok(context.Rip && context.Rsp, "no registers\n");
    now_doing("waiting for the other thread there");
    for (begin = GetTickCount(); shared->progress[WITNESS] - before < 2 && GetTickCount() - begin < SOON_MS; ) Sleep(0);
    ok(shared->progress[WITNESS] - before >= 2, "round %lu: while thread %u (of %u) is suspended another one hangs\n", round, which, count);
    now_doing("resuming");
    for (i = 0; i < count; i++) ok(ResumeThread(threads[(which + i) % WORKERS]) == 1, "error %lu\n", GetLastError());
}

START_TEST(suspend)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    char self_path[MAX_PATH], line[MAX_PATH + 40], **argv;
    HANDLE section, threads[WORKERS], watcher;
    LONG before[16];
    WCHAR name[64];
    DWORD begin, round;
    unsigned int i;

    if (winetest_get_mainargs(&argv) > 3)
    {
        child(argv[3]);
        return;
    }
    parent_id = GetCurrentProcessId();
    swprintf(pipe_name, 64, L"\\\\.\\pipe\\suspend-%lu", parent_id);
    section = CreateFileMappingW(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, sizeof(*shared), name_of(name, L"shared"));
    shared = MapViewOfFile(section, FILE_MAP_ALL_ACCESS, 0, 0, 0);
    ok(shared != NULL, "no shared memory: error %lu\n", GetLastError());
    if (!shared) return;
    GetModuleFileNameA(NULL, self_path, sizeof(self_path));
    snprintf(line, sizeof(line), "\"%s\" suspend child %lu", self_path, parent_id);
    works(CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &info));
    seed = 12345;
    self = 14;
    watcher = CreateThread(NULL, 0, watch, NULL, 0, NULL);
    for (begin = GetTickCount(); shared->ready < (LONG)WORKERS && GetTickCount() - begin < 10000; ) Sleep(1);
    ok(shared->ready == (LONG)WORKERS, "%ld threads\n", shared->ready);
    for (i = 0; i < WORKERS; i++)
    {
        threads[i] = OpenThread(THREAD_ALL_ACCESS, FALSE, shared->tids[i]);
        ok(threads[i] != NULL, "OpenThread: error %lu\n", GetLastError());
    }
    begin = GetTickCount();
    for (round = 0; round < ROUNDS && !winetest_get_failures() && GetTickCount() - begin < ENOUGH_MS; round++) test_round(threads, round);
    trace("%lu rounds\n", round);
    ok(round > ROUNDS / 10, "%lu rounds in %lu ms\n", round, GetTickCount() - begin);

    now_doing("waiting for all to go on");
    for (i = 0; i < WORKERS; i++) before[i] = shared->progress[i];
    for (i = 0; i < WORKERS; i++)
    {
        for (begin = GetTickCount(); shared->progress[i] == before[i] && GetTickCount() - begin < SOON_MS; ) Sleep(1);
        ok(shared->progress[i] != before[i], "thread %u does not go on\n", i);
    }
    for (i = 0; i < 16; i++) ok(!shared->failed_at[i], "thread %u: line %ld failed, error %ld\n", i, shared->failed_at[i], shared->failed_with[i]);
    trace("the longest step took %lu ms (%s)\n", longest, longest_doing);
    ok(longest < SOON_MS, "%s took %lu ms\n", longest_doing, longest);
    TerminateProcess(info.hProcess, 0);
    works(!WaitForSingleObject(info.hProcess, SOON_MS));
    TerminateThread(watcher, 0);
    for (i = 0; i < WORKERS; i++) CloseHandle(threads[i]);
    UnmapViewOfFile(shared);
    CloseHandle(section);
    CloseHandle(watcher);
    CloseHandle(info.hProcess);
    CloseHandle(info.hThread);
}
