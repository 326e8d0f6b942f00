/* A process at its end: what it still can do, and what others can do with it. The program starts itself. */
#include "win32.h"
#include <stdlib.h>
#include <winternl.h>

static char self[MAX_PATH];

static DWORD CALLBACK nothing(void *arg)
{
    (void)arg;
    return 0;
}

static DWORD CALLBACK hold_peb_lock(void *arg)
{
    RtlAcquirePebLock();
    SetEvent(arg);
    Sleep(60000);
    return 0;
}

static int child(const char *what)
{
    HANDLE thread, event = CreateEventA(NULL, FALSE, FALSE, NULL);

    if (!strcmp(what, "alone"))                 /* after RtlExitUserProcess' first step: no thread is left, and none can be made */
    {
        CloseHandle(CreateThread(NULL, 0, hold_peb_lock, event, 0, NULL));
        WaitForSingleObject(event, 5000);
        if (NtTerminateProcess(NULL, 3)) return 1;
        thread = CreateThread(NULL, 0, nothing, NULL, 0, NULL);
        NtTerminateProcess(GetCurrentProcess(), thread ? 2 : GetLastError());
    }
    if (!strcmp(what, "locked"))                /* it waits for the lock, as other processes can see */
    {
        CloseHandle(CreateThread(NULL, 0, hold_peb_lock, event, 0, NULL));
        WaitForSingleObject(event, 5000);
        ExitProcess(4);
    }
    Sleep(60000);
    return 0;
}

static BOOL start(const char *what, DWORD flags, PROCESS_INFORMATION *process)
{
    STARTUPINFOA info = { .cb = sizeof(info) };
    char line[MAX_PATH + 32];

    snprintf(line, sizeof(line), "\"%s\" ending %s", self, what);
    return CreateProcessA(NULL, line, NULL, NULL, FALSE, flags, NULL, NULL, &info, process);
}

static DWORD finish(PROCESS_INFORMATION *process)
{
    DWORD code = 0;

    ok(!WaitForSingleObject(process->hProcess, 10000), "it lives on\n");
    GetExitCodeProcess(process->hProcess, &code);
    CloseHandle(process->hProcess);
    CloseHandle(process->hThread);
    return code;
}

START_TEST(ending)
{
    PROCESS_INFORMATION process;
    char **argv;
    DWORD code;

    if (winetest_get_mainargs(&argv) > 2) ExitProcess(child(argv[2]));
    GetModuleFileNameA(NULL, self, sizeof(self));

    works(start("alone", 0, &process));
    code = finish(&process);
    ok(code == ERROR_ACCESS_DENIED, "%lu\n", code);

    /* ExitProcess takes the PEB lock, so that no thread ends with it in its hands. */
    works(start("locked", 0, &process));
    ok(WaitForSingleObject(process.hProcess, 500) == WAIT_TIMEOUT, "it does not wait\n");
    works(TerminateProcess(process.hProcess, 5));
    code = finish(&process);
    ok(code == 5, "%lu\n", code);

    /* The priority of a thread can be set when it and its process have ended. */
    works(start("sleep", CREATE_SUSPENDED, &process));
    works(TerminateProcess(process.hProcess, 6));
    ok(!WaitForSingleObject(process.hProcess, 5000), "it lives on\n");
    works(SetThreadPriority(process.hThread, THREAD_PRIORITY_BELOW_NORMAL));
    code = finish(&process);
    ok(code == 6, "%lu\n", code);
}
