/* What a process finds while it exits: its other threads are gone, in whatever they were. Each part is a process that ends
 * with a code of its own. */
#include "win32.h"

static CRITICAL_SECTION section;
static LONG word, waiting;

static DWORD WINAPI wait_in_section(void *arg)
{
    (void)arg;
    InterlockedIncrement(&waiting);
    EnterCriticalSection(&section);
    return 0;
}

static DWORD WINAPI wait_on_address(void *arg)
{
    LONG zero = 0;

    (void)arg;
    InterlockedIncrement(&waiting);
    WaitOnAddress(&word, &zero, sizeof(zero), INFINITE);
    return 0;
}

/* At the end of the only thread that is left: lets go of what the others were waiting for. */
static void WINAPI release(void *data)
{
    (void)data;
    LeaveCriticalSection(&section);
    WakeByAddressAll(&word);
    EnterCriticalSection(&section);
    TerminateProcess(GetCurrentProcess(), 42);
}

static void child(void)
{
    DWORD index;

    InitializeCriticalSection(&section);
    EnterCriticalSection(&section);
    for (int i = 0; i < 4; i++) CloseHandle(CreateThread(NULL, 0, i & 1 ? wait_on_address : wait_in_section, NULL, 0, NULL));
    while (__atomic_load_n(&waiting, __ATOMIC_SEQ_CST) < 4) Sleep(1);
    Sleep(50);
    index = FlsAlloc(release);
    FlsSetValue(index, &section);
    ExitProcess(1);
}

static DWORD run(void)
{
    char self[MAX_PATH], line[2 * MAX_PATH];
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION info;
    DWORD code = 0xdead;

    GetModuleFileNameA(NULL, self, sizeof(self));
    snprintf(line, sizeof(line), "\"%s\" exit waiters", self);
    if (!CreateProcessA(NULL, line, NULL, NULL, FALSE, 0, NULL, NULL, &startup, &info)) return GetLastError();
    if (WaitForSingleObject(info.hProcess, 10000)) TerminateProcess(info.hProcess, 0xdeaf);
    WaitForSingleObject(info.hProcess, 10000);
    GetExitCodeProcess(info.hProcess, &code);
    CloseHandle(info.hThread);
    CloseHandle(info.hProcess);
    return code;
}

START_TEST(exit)
{
    char **argv;
    DWORD code;

    if (winetest_get_mainargs(&argv) > 2) child();
    code = run();
    ok(code == 42, "exit code %#lx\n", code);
}
