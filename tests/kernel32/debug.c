/* Debuggers: the events of a process, what a debugger can do between them, and how both end. The program starts itself as
 * the debuggee, and as a debugger of its own that is to die. */
#include "win32.h"
#include <stdlib.h>

BOOL WINAPI WaitForDebugEventEx(DEBUG_EVENT *, DWORD);

#define PATIENCE 10000

static char self[MAX_PATH];

/* ---- the debuggee ------------------------------------------------------------------------------------------------- */

static volatile LONG counter, watched;

static DWORD WINAPI short_thread(void *arg)
{
    InterlockedIncrement(&counter);
    return (DWORD)(ULONG_PTR)arg;
}

static LONG WINAPI skip_two(EXCEPTION_POINTERS *pointers)
{
    pointers->ContextRecord->Rip += 2;
    return EXCEPTION_CONTINUE_EXECUTION;
}

/* Stops at a place that the debugger knows, and goes on behind it if that wants it. */
static void touch_nothing(void)
{
    __asm__ volatile("xorl %%eax,%%eax\n\t.byte 0x8b,0x00" ::: "rax", "memory");       /* movl (%rax),%eax: 2 bytes */
}

static int debuggee(int argc, char **argv)
{
    HANDLE thread;
    DWORD code;
    int i;

    if (!strcmp(argv[2], "exit")) return atoi(argv[3]);
    if (!strcmp(argv[2], "say"))
    {
        OutputDebugStringA("bytes");
        OutputDebugStringW(L"wide");
        return 3;
    }
    if (!strcmp(argv[2], "thread"))
    {
        thread = CreateThread(NULL, 0, short_thread, (void *)77, 0, NULL);
        WaitForSingleObject(thread, INFINITE);
        GetExitCodeThread(thread, &code);
        return (int)code;
    }
    if (!strcmp(argv[2], "fault"))
    {
        if (argc > 3) AddVectoredExceptionHandler(1, skip_two);
        touch_nothing();
        return 5;
    }
    if (!strcmp(argv[2], "watch"))
    {
        for (i = 0; i < 3; i++) watched++;
        return watched;
    }
    if (!strcmp(argv[2], "spin")) for (;;) counter++;
    if (!strcmp(argv[2], "sleep")) for (;;) Sleep(10);
    return 1;
}

/* ---- the debugger -------------------------------------------------------------------------------------------------- */

static BOOL start(const char *arguments, DWORD flags, PROCESS_INFORMATION *info)
{
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    char line[MAX_PATH + 64];
    BOOL done;

    sprintf(line, "\"%s\" debug %s", self, arguments);
    done = CreateProcessA(NULL, line, NULL, NULL, FALSE, flags, NULL, NULL, &startup, info);
    ok(done, "CreateProcess(%s): %lu\n", arguments, GetLastError());
    return done;
}

static void close_process(PROCESS_INFORMATION *info, DWORD expected)
{
    DWORD code = 0xdead, ret = WaitForSingleObject(info->hProcess, PATIENCE);

    ok(ret == WAIT_OBJECT_0, "the debuggee is still there: %lu\n", ret);
    if (ret) TerminateProcess(info->hProcess, 1);
    GetExitCodeProcess(info->hProcess, &code);
    ok(code == expected, "exit code %#lx, not %#lx\n", code, expected);
    CloseHandle(info->hProcess);
    CloseHandle(info->hThread);
}

/* The next event but DLLs; those are counted. Closes the files that come along. */
static unsigned int dlls_loaded;

static DWORD next(DEBUG_EVENT *event)
{
    for (;;)
    {
        if (!WaitForDebugEvent(event, PATIENCE))
        {
            ok(0, "no event: %lu\n", GetLastError());
            return 0;
        }
        if (event->dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT) CloseHandle(event->u.CreateProcessInfo.hFile);
        if (event->dwDebugEventCode == LOAD_DLL_DEBUG_EVENT)
        {
            if (event->u.LoadDll.hFile) CloseHandle(event->u.LoadDll.hFile);
            dlls_loaded++;
        }
        else if (event->dwDebugEventCode != UNLOAD_DLL_DEBUG_EVENT) return event->dwDebugEventCode;
        ContinueDebugEvent(event->dwProcessId, event->dwThreadId, DBG_CONTINUE);
    }
}

static void go_on(const DEBUG_EVENT *event, DWORD status)
{
    BOOL done = ContinueDebugEvent(event->dwProcessId, event->dwThreadId, status);

    ok(done, "ContinueDebugEvent: %lu\n", GetLastError());
}

static void expect(DEBUG_EVENT *event, DWORD code)
{
    DWORD got = next(event);

    ok(got == code, "event %lu, not %lu\n", got, code);
}

static void expect_exception(DEBUG_EVENT *event, DWORD code, DWORD first)
{
    expect(event, EXCEPTION_DEBUG_EVENT);
    ok(event->u.Exception.ExceptionRecord.ExceptionCode == code, "exception %#lx, not %#lx\n",
       event->u.Exception.ExceptionRecord.ExceptionCode, code);
    ok(event->u.Exception.dwFirstChance == first, "first chance %lu\n", event->u.Exception.dwFirstChance);
}

/* Up to the breakpoint where all DLLs are there and nothing has run; it is not yet continued. */
static void begin(DEBUG_EVENT *event)
{
    expect(event, CREATE_PROCESS_DEBUG_EVENT);
    go_on(event, DBG_CONTINUE);
    expect_exception(event, EXCEPTION_BREAKPOINT, TRUE);
}

static void finish(DEBUG_EVENT *event, PROCESS_INFORMATION *info, DWORD code)
{
    while (next(event) == EXIT_THREAD_DEBUG_EVENT || event->dwDebugEventCode == CREATE_THREAD_DEBUG_EVENT)
        go_on(event, DBG_CONTINUE);
    ok(event->dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT, "event %lu\n", event->dwDebugEventCode);
    ok(event->u.ExitProcess.dwExitCode == code, "exit code %#lx, not %#lx\n", event->u.ExitProcess.dwExitCode, code);
    go_on(event, DBG_CONTINUE);
    close_process(info, code);
}

static void test_sequence(void)
{
    PROCESS_INFORMATION info;
    DEBUG_EVENT event;
    BOOL present = FALSE, done;
    char name[MAX_PATH];
    DWORD n;

    dlls_loaded = 0;
    if (!start("exit 42", DEBUG_PROCESS, &info)) return;
    ok(CheckRemoteDebuggerPresent(info.hProcess, &present) && present, "not debugged\n");
    done = WaitForDebugEvent(&event, PATIENCE);
    ok(done && event.dwDebugEventCode == CREATE_PROCESS_DEBUG_EVENT, "event %lu\n", event.dwDebugEventCode);
    ok(event.dwProcessId == info.dwProcessId && event.dwThreadId == info.dwThreadId, "ids %lu %lu\n", event.dwProcessId, event.dwThreadId);
    ok(GetProcessId(event.u.CreateProcessInfo.hProcess) == info.dwProcessId, "process handle\n");
    ok(GetThreadId(event.u.CreateProcessInfo.hThread) == info.dwThreadId, "thread handle\n");
    ok(event.u.CreateProcessInfo.lpThreadLocalBase != NULL, "no TEB\n");
    n = GetFinalPathNameByHandleA(event.u.CreateProcessInfo.hFile, name, sizeof(name), 0);
    ok(n && strstr(name, ".exe"), "file %s\n", n ? name : "-");
    CloseHandle(event.u.CreateProcessInfo.hFile);

    /* it stands still until it may go on, and so does whoever wants to hear more of it */
    done = WaitForDebugEvent(&event, 20);
    ok(!done && GetLastError() == ERROR_SEM_TIMEOUT, "%d %lu\n", done, GetLastError());
    done = ContinueDebugEvent(info.dwProcessId, info.dwThreadId + 4, DBG_CONTINUE);
    ok(!done && GetLastError() == ERROR_INVALID_PARAMETER, "another thread: %d %lu\n", done, GetLastError());
    ok(ContinueDebugEvent(info.dwProcessId, info.dwThreadId, DBG_CONTINUE), "%lu\n", GetLastError());

    done = WaitForDebugEvent(&event, PATIENCE);
    ok(done && event.dwDebugEventCode == LOAD_DLL_DEBUG_EVENT, "event %lu\n", event.dwDebugEventCode);
    ok(event.u.LoadDll.lpBaseOfDll == GetModuleHandleA("ntdll.dll"), "ntdll comes first, not %p\n", event.u.LoadDll.lpBaseOfDll);
    n = GetFinalPathNameByHandleA(event.u.LoadDll.hFile, name, sizeof(name), 0);
    ok(n && strstr(name, "ntdll.dll"), "file %s\n", n ? name : "-");
    CloseHandle(event.u.LoadDll.hFile);
    go_on(&event, DBG_CONTINUE);

    expect_exception(&event, EXCEPTION_BREAKPOINT, TRUE);
    ok(dlls_loaded >= 2, "%u DLLs\n", dlls_loaded);
    go_on(&event, DBG_CONTINUE);
    finish(&event, &info, 42);
    done = WaitForDebugEvent(&event, 0);
    ok(!done && GetLastError() == ERROR_SEM_TIMEOUT, "after the end: %d %lu\n", done, GetLastError());
}

static void test_output(void)
{
    PROCESS_INFORMATION info;
    DEBUG_EVENT event;
    WCHAR wide[8];
    char bytes[8];

    if (!start("say", DEBUG_ONLY_THIS_PROCESS, &info)) return;
    begin(&event);
    go_on(&event, DBG_EXCEPTION_NOT_HANDLED);   /* the loader handles its own */
    expect(&event, OUTPUT_DEBUG_STRING_EVENT);
    ok(!event.u.DebugString.fUnicode && event.u.DebugString.nDebugStringLength == 6, "length %u\n", event.u.DebugString.nDebugStringLength);
    ok(ReadProcessMemory(info.hProcess, event.u.DebugString.lpDebugStringData, bytes, 6, NULL) && !strcmp(bytes, "bytes"), "text\n");
    go_on(&event, DBG_EXCEPTION_NOT_HANDLED);
    ok(WaitForDebugEventEx(&event, PATIENCE), "%lu\n", GetLastError());
    ok(event.dwDebugEventCode == OUTPUT_DEBUG_STRING_EVENT && event.u.DebugString.fUnicode &&
       event.u.DebugString.nDebugStringLength == 5, "event %lu\n", event.dwDebugEventCode);
    ok(ReadProcessMemory(info.hProcess, event.u.DebugString.lpDebugStringData, wide, 10, NULL) && !lstrcmpW(wide, L"wide"), "text\n");
    go_on(&event, DBG_CONTINUE);
    finish(&event, &info, 3);
}

static void test_threads(void)
{
    PROCESS_INFORMATION info;
    DEBUG_EVENT event;
    DWORD tid;

    if (!start("thread", DEBUG_PROCESS, &info)) return;
    begin(&event);
    ok(SuspendThread(info.hThread) == 0, "an event shows in the suspend count\n");
    ok(ResumeThread(info.hThread) == 1, "suspend count\n");
    go_on(&event, DBG_CONTINUE);
    expect(&event, CREATE_THREAD_DEBUG_EVENT);
    tid = event.dwThreadId;
    ok(tid != info.dwThreadId && GetThreadId(event.u.CreateThread.hThread) == tid, "thread %lu\n", tid);
    ok(event.u.CreateThread.lpStartAddress != NULL, "no start\n");
    go_on(&event, DBG_CONTINUE);
    expect(&event, EXIT_THREAD_DEBUG_EVENT);
    ok(event.dwThreadId == tid && event.u.ExitThread.dwExitCode == 77, "thread %lu code %lu\n", event.dwThreadId, event.u.ExitThread.dwExitCode);
    go_on(&event, DBG_CONTINUE);
    finish(&event, &info, 77);
}

static void test_exceptions(void)
{
    PROCESS_INFORMATION info;
    CONTEXT context = { 0 };
    DEBUG_EVENT event;

    /* nobody wants it: a second chance, and the end */
    if (!start("fault", DEBUG_PROCESS, &info)) return;
    begin(&event);
    go_on(&event, DBG_CONTINUE);
    expect_exception(&event, EXCEPTION_ACCESS_VIOLATION, TRUE);
    go_on(&event, DBG_EXCEPTION_NOT_HANDLED);
    expect_exception(&event, EXCEPTION_ACCESS_VIOLATION, FALSE);
    context.ContextFlags = CONTEXT_FULL;
    ok(GetThreadContext(info.hThread, &context) && context.Rip == (ULONG_PTR)event.u.Exception.ExceptionRecord.ExceptionAddress,
       "rip %#llx\n", context.Rip);
    go_on(&event, DBG_EXCEPTION_NOT_HANDLED);
    finish(&event, &info, EXCEPTION_ACCESS_VIOLATION);

    /* the debugger takes it, at its first and at its second chance */
    for (int chance = 0; chance < 2; chance++)
    {
        if (!start("fault", DEBUG_PROCESS, &info)) return;
        begin(&event);
        go_on(&event, DBG_CONTINUE);
        expect_exception(&event, EXCEPTION_ACCESS_VIOLATION, TRUE);
        if (chance)
        {
            go_on(&event, DBG_EXCEPTION_NOT_HANDLED);
            expect_exception(&event, EXCEPTION_ACCESS_VIOLATION, FALSE);
        }
        GetThreadContext(info.hThread, &context);
        context.Rip += 2;
        ok(SetThreadContext(info.hThread, &context), "%lu\n", GetLastError());
        go_on(&event, DBG_CONTINUE);
        finish(&event, &info, 5);
    }

    /* the program handles it, and there is no second chance */
    if (!start("fault handled", DEBUG_PROCESS, &info)) return;
    begin(&event);
    go_on(&event, DBG_CONTINUE);
    expect_exception(&event, EXCEPTION_ACCESS_VIOLATION, TRUE);
    go_on(&event, DBG_EXCEPTION_NOT_HANDLED);
    finish(&event, &info, 5);
}

/* The address in the debuggee of something in this program, which is the same one at another base perhaps. */
static void *there(const DEBUG_EVENT *created, const volatile void *here)
{
    return (char *)created->u.CreateProcessInfo.lpBaseOfImage + ((const char *)here - (const char *)GetModuleHandleA(NULL));
}

static void test_breakpoint(void)
{
    PROCESS_INFORMATION info;
    CONTEXT context = { .ContextFlags = CONTEXT_FULL };
    DEBUG_EVENT event;
    BYTE saved, trap = 0xcc;
    void *place;
    DWORD64 last;
    int i;

    if (!start("thread", DEBUG_PROCESS, &info)) return;
    expect(&event, CREATE_PROCESS_DEBUG_EVENT);
    place = there(&event, short_thread);
    go_on(&event, DBG_CONTINUE);
    expect_exception(&event, EXCEPTION_BREAKPOINT, TRUE);
    ok(ReadProcessMemory(info.hProcess, place, &saved, 1, NULL), "%lu\n", GetLastError());
    ok(WriteProcessMemory(info.hProcess, place, &trap, 1, NULL), "%lu\n", GetLastError());
    FlushInstructionCache(info.hProcess, place, 1);
    go_on(&event, DBG_CONTINUE);
    expect(&event, CREATE_THREAD_DEBUG_EVENT);
    info.hThread = OpenThread(THREAD_ALL_ACCESS, FALSE, event.dwThreadId);
    go_on(&event, DBG_CONTINUE);

    expect_exception(&event, EXCEPTION_BREAKPOINT, TRUE);
    ok(event.u.Exception.ExceptionRecord.ExceptionAddress == place, "%p, not %p\n", event.u.Exception.ExceptionRecord.ExceptionAddress, place);
    ok(GetThreadContext(info.hThread, &context) && context.Rip == (ULONG_PTR)place + 1, "rip %#llx\n", context.Rip);
    ok(context.Rcx == 77, "argument %#llx\n", context.Rcx);
    ok(WriteProcessMemory(info.hProcess, place, &saved, 1, NULL), "%lu\n", GetLastError());
    context.Rip--;
    context.Rcx = 78;
    for (i = 0, last = 0; i < 4; i++)   /* and step by step from there */
    {
        context.EFlags |= 0x100;
        ok(SetThreadContext(info.hThread, &context), "%lu\n", GetLastError());
        go_on(&event, DBG_CONTINUE);
        expect_exception(&event, EXCEPTION_SINGLE_STEP, TRUE);
        ok(GetThreadContext(info.hThread, &context), "%lu\n", GetLastError());
        ok(context.Rip == (ULONG_PTR)event.u.Exception.ExceptionRecord.ExceptionAddress && context.Rip != last &&
           !(context.EFlags & 0x100), "rip %#llx flags %#lx\n", context.Rip, context.EFlags);
        last = context.Rip;
    }
    go_on(&event, DBG_CONTINUE);
    expect(&event, EXIT_THREAD_DEBUG_EVENT);
    ok(event.u.ExitThread.dwExitCode == 78, "code %lu\n", event.u.ExitThread.dwExitCode);
    go_on(&event, DBG_CONTINUE);
    finish(&event, &info, 78);
}

static void test_watchpoint(void)
{
    PROCESS_INFORMATION info;
    CONTEXT context = { .ContextFlags = CONTEXT_DEBUG_REGISTERS };
    DEBUG_EVENT event;
    LONG value;
    void *place;
    int i;

    if (!start("watch", DEBUG_PROCESS, &info)) return;
    expect(&event, CREATE_PROCESS_DEBUG_EVENT);
    place = there(&event, &watched);
    go_on(&event, DBG_CONTINUE);
    expect_exception(&event, EXCEPTION_BREAKPOINT, TRUE);
    context.Dr0 = (ULONG_PTR)place;
    context.Dr7 = 1 | 1 << 16 | 3 << 18;        /* writing, 4 bytes */
    if (!SetThreadContext(info.hThread, &context))
    {
        skip("the host has no breakpoints for us: %lu\n", GetLastError());
        go_on(&event, DBG_CONTINUE);
        finish(&event, &info, 3);
        return;
    }
    for (i = 1; i <= 3; i++)
    {
        go_on(&event, DBG_CONTINUE);
        expect_exception(&event, EXCEPTION_SINGLE_STEP, TRUE);
        ok(ReadProcessMemory(info.hProcess, place, &value, sizeof(value), NULL) && value == i, "%ld at %d\n", value, i);
        context.ContextFlags = CONTEXT_DEBUG_REGISTERS;
        ok(GetThreadContext(info.hThread, &context) && context.Dr6 & 1, "Dr6 %#llx\n", context.Dr6);
    }
    go_on(&event, DBG_CONTINUE);
    finish(&event, &info, 3);
}

/* A program that runs: everything stops, and goes on when it is let go. */
static void test_attach(const char *what)
{
    PROCESS_INFORMATION info;
    DEBUG_EVENT event;
    BOOL present;
    void *place;
    LONG before, after;

    if (!start(what, 0, &info)) return;
    Sleep(100);
    ok(!DebugActiveProcess(GetCurrentProcessId()), "its own debugger\n");
    ok(DebugActiveProcess(info.dwProcessId), "%lu\n", GetLastError());
    ok(!DebugActiveProcess(info.dwProcessId), "twice\n");
    expect(&event, CREATE_PROCESS_DEBUG_EVENT);
    place = there(&event, &counter);
    ReadProcessMemory(info.hProcess, place, &before, sizeof(before), NULL);
    Sleep(20);
    ReadProcessMemory(info.hProcess, place, &after, sizeof(after), NULL);
    ok(before == after, "it runs on: %ld %ld\n", before, after);
    go_on(&event, DBG_CONTINUE);
    expect(&event, CREATE_THREAD_DEBUG_EVENT);          /* the one that breaks in */
    go_on(&event, DBG_CONTINUE);
    expect_exception(&event, EXCEPTION_BREAKPOINT, TRUE);
    ok(event.u.Exception.ExceptionRecord.ExceptionAddress == (void *)GetProcAddress(GetModuleHandleA("ntdll.dll"), "DbgBreakPoint"),
       "at %p\n", event.u.Exception.ExceptionRecord.ExceptionAddress);
    go_on(&event, DBG_CONTINUE);
    expect(&event, EXIT_THREAD_DEBUG_EVENT);
    go_on(&event, DBG_CONTINUE);
    ok(DebugActiveProcessStop(info.dwProcessId), "%lu\n", GetLastError());
    ok(!DebugActiveProcessStop(info.dwProcessId), "twice\n");
    ok(CheckRemoteDebuggerPresent(info.hProcess, &present) && !present, "still debugged\n");
    ok(WaitForSingleObject(info.hProcess, 20) == WAIT_TIMEOUT, "it ended with its debugger\n");

    /* once more, and killed while it stands still: its end is the next event */
    ok(DebugActiveProcess(info.dwProcessId), "%lu\n", GetLastError());
    expect(&event, CREATE_PROCESS_DEBUG_EVENT);
    ok(TerminateProcess(info.hProcess, 9), "%lu\n", GetLastError());
    go_on(&event, DBG_CONTINUE);
    while (next(&event) == CREATE_THREAD_DEBUG_EVENT) go_on(&event, DBG_CONTINUE);
    ok(event.dwDebugEventCode == EXIT_PROCESS_DEBUG_EVENT && event.u.ExitProcess.dwExitCode == 9, "event %lu code %lu\n",
       event.dwDebugEventCode, event.u.ExitProcess.dwExitCode);
    go_on(&event, DBG_CONTINUE);
    close_process(&info, 9);
}

/* ---- the end of a debugger ---------------------------------------------------------------------------------------- */

/* A debugger that is killed: starts a debuggee, tells its id by its own exit or by the pipe that it was given. */
static int doomed(char **argv)
{
    HANDLE out = (HANDLE)(ULONG_PTR)strtoull(argv[3], NULL, 16);
    PROCESS_INFORMATION info;
    DEBUG_EVENT event;
    DWORD n;

    if (!start("sleep", DEBUG_PROCESS, &info)) return 1;
    begin(&event);
    if (!strcmp(argv[2], "nokill")) DebugSetProcessKillOnExit(FALSE);
    if (strcmp(argv[2], "stopped")) go_on(&event, DBG_CONTINUE);
    WriteFile(out, &info.dwProcessId, sizeof(DWORD), &n, NULL);
    Sleep(INFINITE);
    return 0;
}

static void test_debugger_dies(const char *how, BOOL survives)
{
    SECURITY_ATTRIBUTES inherit = { sizeof(inherit), NULL, TRUE };
    STARTUPINFOA startup = { .cb = sizeof(startup) };
    PROCESS_INFORMATION info;
    HANDLE read, write, debuggee_handle;
    char line[MAX_PATH + 64];
    DWORD id = 0, n, code;

    CreatePipe(&read, &write, &inherit, 0);
    sprintf(line, "\"%s\" debug %s %llx", self, how, (unsigned long long)(ULONG_PTR)write);
    ok(CreateProcessA(NULL, line, NULL, NULL, TRUE, 0, NULL, NULL, &startup, &info), "%lu\n", GetLastError());
    CloseHandle(write);
    ok(ReadFile(read, &id, sizeof(id), &n, NULL) && n == sizeof(id), "%lu\n", GetLastError());
    CloseHandle(read);
    debuggee_handle = OpenProcess(PROCESS_ALL_ACCESS, FALSE, id);
    ok(debuggee_handle != NULL, "OpenProcess(%lu): %lu\n", id, GetLastError());
    TerminateProcess(info.hProcess, 1);
    n = WaitForSingleObject(debuggee_handle, survives ? 200 : PATIENCE);
    ok(n == (survives ? WAIT_TIMEOUT : WAIT_OBJECT_0), "%s: %lu\n", how, n);
    if (!survives)
    {
        GetExitCodeProcess(debuggee_handle, &code);
        ok(code == 0xc0000354, "%s: exit code %#lx\n", how, code);
    }
    TerminateProcess(debuggee_handle, 1);
    CloseHandle(debuggee_handle);
    close_process(&info, 1);
}

START_TEST(debug)
{
    char **argv;
    int argc = winetest_get_mainargs(&argv);

    GetModuleFileNameA(NULL, self, sizeof(self));
    if (argc == 4 && (!strcmp(argv[2], "kill") || !strcmp(argv[2], "nokill") || !strcmp(argv[2], "stopped"))) ExitProcess(doomed(argv));
    if (argc > 2) ExitProcess(debuggee(argc, argv));
    test_sequence();
    test_output();
    test_threads();
    test_exceptions();
    test_breakpoint();
    test_watchpoint();
    test_attach("spin");
    test_attach("sleep");
    test_debugger_dies("kill", FALSE);
    test_debugger_dies("stopped", FALSE);
    test_debugger_dies("nokill", TRUE);
}
