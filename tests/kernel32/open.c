/* OpenProcess by id: a process answers whatever its threads are doing. The program starts itself as the target, which does
 * one thing, and as the stranger, who has its id alone. */
#include "win32.h"
#include <stdlib.h>

BOOL WINAPI GetProcessHandleCount(HANDLE, DWORD *);

#define ANSWER_MS 250                   /* far more than it takes, far less than any wait below */

static char self[MAX_PATH];
static CRITICAL_SECTION section;

/* ---- targets ------------------------------------------------------------------------------------------------------ */

static void busy(void)
{
    static volatile ULONG count;

    for (;;) count++;
}

static void busy_calling(void)
{
    MEMORY_BASIC_INFORMATION info;

    for (;;) VirtualQuery(self, &info, sizeof(info));
}

static void sleeping(void)
{
    Sleep(INFINITE);
}

static void sleeping_alertably(void)
{
    for (;;) SleepEx(60000, TRUE);
}

static void waiting(void)
{
    WaitForSingleObject(CreateEventA(NULL, FALSE, FALSE, NULL), INFINITE);
}

static void waiting_for_all(void)
{
    HANDLE events[3];

    for (int i = 0; i < 3; i++) events[i] = CreateEventA(NULL, FALSE, FALSE, NULL);
    WaitForMultipleObjects(3, events, TRUE, 60000);
}

static void waiting_for_itself(void)
{
    WaitForSingleObject(GetCurrentProcess(), INFINITE);
}

static void reading(void)
{
    HANDLE read, write;
    char byte;
    DWORD n;

    CreatePipe(&read, &write, NULL, 0);
    ReadFile(read, &byte, 1, &n, NULL);
    ExitProcess(99);
}

static void writing(void)
{
    HANDLE read, write;
    char bytes[4096] = { 0 };
    DWORD n;

    CreatePipe(&read, &write, NULL, 0);
    while (WriteFile(write, bytes, sizeof(bytes), &n, NULL)) ;
    ExitProcess(99);
}

static void listening(void)
{
    HANDLE pipe;
    char name[64];

    snprintf(name, sizeof(name), "\\\\.\\pipe\\oriel-open-%lu", GetCurrentProcessId());
    pipe = CreateNamedPipeA(name, PIPE_ACCESS_DUPLEX, 0, 1, 512, 512, 0, NULL);
    ConnectNamedPipe(pipe, NULL);
    ExitProcess(99);
}

static void completing(void)
{
    HANDLE port = CreateIoCompletionPort(INVALID_HANDLE_VALUE, NULL, 0, 0);
    OVERLAPPED *overlapped;
    ULONG_PTR key;
    DWORD n;

    GetQueuedCompletionStatus(port, &n, &key, &overlapped, INFINITE);
    ExitProcess(99);
}

static DWORD WINAPI enter(void *arg)
{
    EnterCriticalSection(arg);
    ExitProcess(99);
}

static void contending(void)
{
    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    CreateThread(NULL, 0, enter, &section, 0, NULL);
    ExitThread(0);                      /* the other one waits for ever */
}

static DWORD WINAPI sleep_thread(void *arg)
{
    Sleep(INFINITE);
    return !arg;
}

static void without_first_thread(void)
{
    CreateThread(NULL, 0, sleep_thread, NULL, 0, NULL);
    ExitThread(0);
}

static void suspending_itself(void)
{
    SuspendThread(GetCurrentThread());
}

static DWORD WINAPI count_thread(void *arg)
{
    while (arg) ++*(volatile ULONG *)arg;
    return 0;
}

static void suspended_in_windows_code(void)
{
    static volatile ULONG count;
    HANDLE thread = CreateThread(NULL, 0, count_thread, (void *)&count, 0, NULL);

    while (!count) Sleep(1);
    SuspendThread(thread);
    ExitThread(0);
}

static void allocating(void)
{
    for (;;)
    {
        void *memory = VirtualAlloc(NULL, 0x100000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

        memset(memory, 1, 0x10000);
        VirtualFree(memory, 0, MEM_RELEASE);
    }
}

static DWORD WINAPI ending_thread(void *arg)
{
    return arg != NULL;
}

static void starting_threads(void)
{
    for (;;)
    {
        HANDLE thread = CreateThread(NULL, 0, ending_thread, NULL, 0, NULL);

        WaitForSingleObject(thread, INFINITE);
        CloseHandle(thread);
    }
}

static const struct { const char *name; void (*run)(void); } targets[] =
{
    { "busy", busy }, { "busy_calling", busy_calling }, { "sleeping", sleeping },
    { "sleeping_alertably", sleeping_alertably }, { "waiting", waiting }, { "waiting_for_all", waiting_for_all },
    { "waiting_for_itself", waiting_for_itself }, { "reading", reading }, { "writing", writing }, { "listening", listening },
    { "completing", completing }, { "contending", contending }, { "without_first_thread", without_first_thread },
    { "suspending_itself", suspending_itself }, { "suspended_in_windows_code", suspended_in_windows_code },
    { "allocating", allocating }, { "starting_threads", starting_threads },
};

/* ---- the stranger ------------------------------------------------------------------------------------------------- */

/* Everything about a process of which it knows the id. 0: all is well; else the line that was not. */
static int look_at(DWORD id)
{
    static char text[] = "from a stranger", back[sizeof(text)];
    MEMORY_BASIC_INFORMATION info;
    LARGE_INTEGER before, after, frequency;
    HANDLE process;
    char *memory;
    DWORD code, size = MAX_PATH;
    SIZE_T n;
    char name[MAX_PATH];

#define need(what) do { if (!(what)) return __LINE__ | (int)GetLastError() << 16; } while (0)
    QueryPerformanceFrequency(&frequency);
    QueryPerformanceCounter(&before);
    need((process = OpenProcess(PROCESS_ALL_ACCESS, FALSE, id)) != NULL);
    need((memory = VirtualAllocEx(process, NULL, 0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE)) != NULL);
    QueryPerformanceCounter(&after);
    need((after.QuadPart - before.QuadPart) * 1000 / frequency.QuadPart < ANSWER_MS);
    need(WriteProcessMemory(process, memory, text, sizeof(text), &n) && n == sizeof(text));
    need(ReadProcessMemory(process, memory, back, sizeof(back), &n) && n == sizeof(back) && !strcmp(back, text));
    need(VirtualQueryEx(process, memory, &info, sizeof(info)) == sizeof(info) && info.State == MEM_COMMIT);
    need(VirtualFreeEx(process, memory, 0, MEM_RELEASE));
    need(GetProcessId(process) == id);
    need(GetExitCodeProcess(process, &code) && code == STILL_ACTIVE);
    need(WaitForSingleObject(process, 0) == WAIT_TIMEOUT);
    need(QueryFullProcessImageNameA(process, 0, name, &size) && !lstrcmpiA(name, self));
    need(GetProcessHandleCount(process, &code) && code < 1000);
    need(CloseHandle(process));
#undef need
    return 0;
}

static BOOL start(const char *arguments, DWORD flags, PROCESS_INFORMATION *process)
{
    STARTUPINFOA info = { .cb = sizeof(info) };
    char line[2048];

    snprintf(line, sizeof(line), "\"%s\" open %s", self, arguments);
    return CreateProcessA(NULL, line, NULL, NULL, FALSE, flags, NULL, NULL, &info, process);
}

static DWORD ask_stranger(DWORD id)
{
    PROCESS_INFORMATION stranger;
    char line[64];
    DWORD code = ~0u;

    snprintf(line, sizeof(line), "look %lu", id);
    if (!start(line, 0, &stranger)) return ~0u;
    ok(WaitForSingleObject(stranger.hProcess, 10000) == WAIT_OBJECT_0, "the stranger is still there\n");
    GetExitCodeProcess(stranger.hProcess, &code);
    CloseHandle(stranger.hProcess);
    CloseHandle(stranger.hThread);
    return code;
}

static void test_target(const char *name, DWORD flags)
{
    PROCESS_INFORMATION target;
    DWORD code;

    if (!start(name, flags, &target))
    {
        ok(0, "%s cannot be started: %lu\n", name, GetLastError());
        return;
    }
    if (!(flags & CREATE_SUSPENDED)) Sleep(60);         /* it is where it wants to be by then */
    code = ask_stranger(target.dwProcessId);
    ok(!code, "%s: line %lu, error %lu\n", name, code & 0xffff, code >> 16);
    ok(WaitForSingleObject(target.hProcess, 0) == WAIT_TIMEOUT, "%s did not survive it\n", name);
    code = ask_stranger(target.dwProcessId);
    ok(!code, "%s, again: line %lu, error %lu\n", name, code & 0xffff, code >> 16);
    ok(TerminateProcess(target.hProcess, 3), "TerminateProcess failed: %lu\n", GetLastError());
    ok(!WaitForSingleObject(target.hProcess, 5000), "%s lives on\n", name);
    CloseHandle(target.hThread);
    code = ask_stranger(target.dwProcessId);
    ok(code >> 16 == ERROR_INVALID_PARAMETER, "%s, dead: line %lu, error %lu\n", name, code & 0xffff, code >> 16);
    CloseHandle(target.hProcess);
}

static void test_not_ours(void)
{
    SetLastError(0xdeadbeef);
    ok(!OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, 0), "the idle process was opened\n");
    ok(GetLastError() == ERROR_INVALID_PARAMETER, "error %lu\n", GetLastError());
    ok(!OpenProcess(PROCESS_QUERY_INFORMATION, FALSE, 0x7ffffff0), "nobody was opened\n");
    ok(GetLastError() == ERROR_INVALID_PARAMETER, "error %lu\n", GetLastError());
}

START_TEST(open)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    GetModuleFileNameA(NULL, self, sizeof(self));
    if (argc == 4 && !strcmp(argv[2], "look")) ExitProcess(look_at(strtoul(argv[3], NULL, 0)));
    for (size_t i = 0; argc == 3 && i < sizeof(targets) / sizeof(targets[0]); i++)
        if (!strcmp(targets[i].name, argv[2]))
        {
            targets[i].run();
            ExitProcess(98);
        }

    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) test_target(targets[i].name, 0);
    test_target("sleeping", CREATE_SUSPENDED);
    test_not_ours();
}
