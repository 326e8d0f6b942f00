/* Threads of another process: each call with each handle in each state of that process, what a thread gets that was made from
 * outside, and contexts of threads wherever they are. */
#include "target.h"

void WINAPI GetCurrentThreadStackLimits(ULONG_PTR *, ULONG_PTR *);
BOOL WINAPI GetThreadGroupAffinity(HANDLE, GROUP_AFFINITY *);

static volatile LONG apc_sum, landed, spinning = 1, waits;

/* ---- what runs in the target ------------------------------------------------------------------------------------- */

static void CALLBACK apc_there(ULONG_PTR value)
{
    InterlockedExchangeAdd(&apc_sum, (LONG)value);
}

static DWORD CALLBACK returns(void *value)
{
    return (DWORD)(ULONG_PTR)value;
}

static DWORD CALLBACK exits(void *value)
{
    ExitThread((DWORD)(ULONG_PTR)value);
}

/* The stack it has, in pages: what is reserved, and in the upper half what is committed. */
static DWORD CALLBACK measures(void *arg)
{
    ULONG_PTR low, high;

    (void)arg;
    GetCurrentThreadStackLimits(&low, &high);
    return (DWORD)((high - low) / K | (high - (ULONG_PTR)((NT_TIB *)NtCurrentTeb())->StackLimit) / K << 16);
}

static DWORD CALLBACK waits_for(void *event)
{
    InterlockedIncrement(&waits);
    WaitForSingleObject(event, INFINITE);
    return 1;
}

static DWORD CALLBACK spins(void *arg)
{
    (void)arg;
    while (spinning) landed++;
    return 2;
}

/* Calls that take locks of the system (memory, handles, names, files), and none of the program's, as the heap's is. */
static DWORD CALLBACK calls_once(void *arg)
{
    static const WCHAR path[] = L"\\??\\Z:\\";
    UNICODE_STRING name = { sizeof(path) - sizeof(WCHAR), sizeof(path), (WCHAR *)path };
    OBJECT_ATTRIBUTES attributes = { sizeof(attributes), NULL, &name, OBJ_CASE_INSENSITIVE, NULL, NULL };
    FILE_BASIC_INFORMATION info;
    char *p = VirtualAlloc(NULL, 4 * K, MEM_COMMIT, PAGE_READWRITE);
    HANDLE section = CreateFileMappingA(INVALID_HANDLE_VALUE, NULL, PAGE_READWRITE, 0, K, NULL), event;
    void *view = MapViewOfFile(section, FILE_MAP_WRITE, 0, 0, 0);
    DWORD old;
    BOOL good = p && view && VirtualProtect(p, K, PAGE_READONLY, &old) && VirtualFree(p, 0, MEM_RELEASE) && UnmapViewOfFile(view);

    (void)arg;
    event = CreateEventA(NULL, TRUE, TRUE, "Local\\oriel-remote-threads");
    good = good && event && !WaitForSingleObject(event, 0) && CloseHandle(event) && CloseHandle(section);
    return good && !NtQueryAttributesFile(&attributes, &info) ? 3 : GetLastError();
}

static DWORD CALLBACK calls_always(void *arg)
{
    while (spinning && calls_once(arg) == 3) landed++;
    return 4;
}

static void landing(void)
{
    ExitThread(77);
}

static void entry(void)
{
    ExitProcess(0xc0de1234);
}

/* ---- each call, with each handle ------------------------------------------------------------------------------------ */

static struct target target;

static BOOL suspend(HANDLE thread)
{
    if (SuspendThread(thread) == ~0u) return FALSE;
    return ResumeThread(target.info.hThread) != ~0u;
}

static BOOL resume(HANDLE thread)
{
    DWORD count = SuspendThread(target.info.hThread), resumed;

    SetLastError(UNTOUCHED);
    if ((resumed = ResumeThread(thread)) == ~0u)
    {
        DWORD error = GetLastError();

        if (count != ~0u) ResumeThread(target.info.hThread);
        SetLastError(error);
        return FALSE;
    }
    if (count != ~0u) ok(resumed == count + 1, "%lu suspensions, then %lu\n", count, resumed);
    return TRUE;
}

static BOOL get_context(HANDLE thread)
{
    CONTEXT context = { .ContextFlags = CONTEXT_FULL };

    if (!GetThreadContext(thread, &context)) return FALSE;
    ok(context.Rip && context.Rsp, "rip %#Ix, rsp %#Ix\n", (SIZE_T)context.Rip, (SIZE_T)context.Rsp);
    return TRUE;
}

static BOOL set_context(HANDLE thread)
{
    CONTEXT context = { .ContextFlags = CONTEXT_CONTROL };
    DWORD count = SuspendThread(target.info.hThread), error;
    BOOL done;

    GetThreadContext(target.info.hThread, &context);
    context.ContextFlags = CONTEXT_CONTROL;
    SetLastError(UNTOUCHED);
    done = SetThreadContext(thread, &context);
    error = GetLastError();
    if (count != ~0u) ResumeThread(target.info.hThread);
    SetLastError(error);
    return done;
}

static void *apc_address;

static BOOL queue_apc(HANDLE thread)
{
    return QueueUserAPC(apc_address, thread, 0);
}

static BOOL exit_code(HANDLE thread)
{
    DWORD code = 1;

    if (!GetExitCodeThread(thread, &code)) return FALSE;
    ok(code == (target.state == DEAD ? 0xdead0001 : STILL_ACTIVE), "exit code %#lx\n", code);
    return TRUE;
}

static BOOL thread_id(HANDLE thread)
{
    DWORD id = GetThreadId(thread);

    if (!id) return FALSE;
    ok(id == target.info.dwThreadId, "id %#lx\n", id);
    return TRUE;
}

static BOOL process_id(HANDLE thread)
{
    DWORD id = GetProcessIdOfThread(thread);

    if (!id) return FALSE;
    ok(id == target.info.dwProcessId, "id %#lx\n", id);
    return TRUE;
}

static BOOL times(HANDLE thread)
{
    FILETIME time[4];

    return GetThreadTimes(thread, &time[0], &time[1], &time[2], &time[3]);
}

static BOOL priority(HANDLE thread)
{
    return GetThreadPriority(thread) != THREAD_PRIORITY_ERROR_RETURN;
}

static BOOL set_priority(HANDLE thread)
{
    return SetThreadPriority(thread, 0);
}

static BOOL set_boost(HANDLE thread)
{
    return SetThreadPriorityBoost(thread, FALSE);
}

static BOOL waited(HANDLE thread)
{
    DWORD result = WaitForSingleObject(thread, 0);

    if (result == WAIT_FAILED) return FALSE;
    ok(result == (target.state == DEAD ? WAIT_OBJECT_0 : WAIT_TIMEOUT), "result %#lx\n", result);
    return TRUE;
}

static const struct thread_call
{
    const char *name;
    BOOL (*call)(HANDLE thread);
    DWORD wants, other, dead;           /* the right; one that includes it; the error for a dead thread */
} thread_calls[] =
{
    { "SuspendThread", suspend, THREAD_SUSPEND_RESUME, 0, ERROR_ACCESS_DENIED },
    { "ResumeThread", resume, THREAD_SUSPEND_RESUME, 0, 0 },
    { "GetThreadContext", get_context, THREAD_GET_CONTEXT, 0, ERROR_GEN_FAILURE },
    { "SetThreadContext", set_context, THREAD_SET_CONTEXT, 0, ERROR_GEN_FAILURE },
    { "QueueUserAPC", queue_apc, THREAD_SET_CONTEXT, 0, ERROR_GEN_FAILURE },
    { "GetExitCodeThread", exit_code, THREAD_QUERY_LIMITED_INFORMATION, THREAD_QUERY_INFORMATION, 0 },
    { "GetThreadId", thread_id, THREAD_QUERY_LIMITED_INFORMATION, THREAD_QUERY_INFORMATION, 0 },
    { "GetProcessIdOfThread", process_id, THREAD_QUERY_LIMITED_INFORMATION, THREAD_QUERY_INFORMATION, 0 },
    { "GetThreadTimes", times, THREAD_QUERY_LIMITED_INFORMATION, THREAD_QUERY_INFORMATION, 0 },
    { "GetThreadPriority", priority, THREAD_QUERY_LIMITED_INFORMATION, THREAD_QUERY_INFORMATION, 0 },
    { "SetThreadPriority", set_priority, THREAD_SET_LIMITED_INFORMATION, THREAD_SET_INFORMATION, ~0u },
    { "SetThreadPriorityBoost", set_boost, THREAD_SET_INFORMATION, 0, ~0u },
    { "WaitForSingleObject", waited, SYNCHRONIZE, 0, 0 },
};
#define THREAD_CALLS (sizeof(thread_calls) / sizeof(thread_calls[0]))

static void expect(const struct thread_call *call, const char *how, HANDLE thread, DWORD error)
{
    ULONGLONG start = GetTickCount64();
    DWORD last;
    BOOL done;

    SetLastError(UNTOUCHED);
    done = call->call(thread);
    last = GetLastError();
    start = GetTickCount64() - start;
    ok(start < SOON_MS, "it took %lu ms with a handle that %s\n", (DWORD)start, how);
    if (error == ~0u) return;
    ok(done == !error, "with a handle that %s: %s, error %lu\n", how, done ? "done" : "refused", last);
    if (!done && error) ok(last == error, "with a handle that %s: error %lu, expected %lu\n", how, last, error);
}

static void test_call(const struct thread_call *call)
{
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), few, enough;

    winetest_push_context("%s, %s", target_state_names[target.state], call->name);
    enough = target_handle(target.info.hThread, call->wants);
    expect(call, "is enough", enough, target.state == DEAD ? call->dead : 0);
    CloseHandle(enough);
    if (call->other)
    {
        enough = target_handle(target.info.hThread, call->other);
        expect(call, "is more than enough", enough, target.state == DEAD ? call->dead : 0);
        CloseHandle(enough);
    }
    few = target_handle(target.info.hThread, THREAD_ALL_ACCESS & ~(call->wants | call->other));
    expect(call, "lacks the right", few, ERROR_ACCESS_DENIED);
    CloseHandle(few);
    expect(call, "is closed", few, ERROR_INVALID_HANDLE);
    if (call->call != waited) expect(call, "is an event", event, ERROR_INVALID_HANDLE);
    CloseHandle(event);
    winetest_pop_context();
}

/* ---- threads from outside -------------------------------------------------------------------------------------------- */

static DWORD ran(HANDLE thread)
{
    DWORD code = 0;

    ok(!WaitForSingleObject(thread, 5000), "it does not end\n");
    ok(GetExitCodeThread(thread, &code), "GetExitCodeThread failed with %lu\n", GetLastError());
    CloseHandle(thread);
    return code;
}

static HANDLE start_there(void *function, SIZE_T stack, void *value, DWORD flags)
{
    HANDLE thread = CreateRemoteThread(target.info.hProcess, NULL, stack, (LPTHREAD_START_ROUTINE)target_address(&target, function),
                                       value, flags, NULL);

    ok(thread != NULL, "CreateRemoteThread failed with %lu\n", GetLastError());
    return thread;
}

static void test_create(void)
{
    static const DWORD codes[] = { 0, 1, 259, 0x12345678, 0x80000000, 0xc0de1234, 0xffffffff };
    HANDLE thread, few, opened;
    DWORD code, id = 0, reserve, local;
    void *there;
    FUNCTION(CreateRemoteThreadEx);

    LOAD(CreateRemoteThreadEx);
    winetest_push_context("%s", target_state_names[target.state]);
    there = target_address(&target, (void *)returns);
    for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++)
    {
        code = ran(start_there(i % 2 ? (void *)exits : (void *)returns, 0, (void *)(ULONG_PTR)codes[i], 0));
        ok(code == codes[i], "exit code %#lx, expected %#lx\n", code, codes[i]);
    }

    few = target_handle(target.info.hProcess, PROCESS_ALL_ACCESS & ~PROCESS_CREATE_THREAD);
    fails(CreateRemoteThread(few, NULL, 0, there, NULL, 0, NULL), ERROR_ACCESS_DENIED);
    CloseHandle(few);
    fails(CreateRemoteThread(few, NULL, 0, there, NULL, 0, NULL), ERROR_INVALID_HANDLE);
    few = target_handle(target.info.hProcess, PROCESS_CREATE_THREAD);
    thread = pCreateRemoteThreadEx(few, NULL, 0, there, (void *)5, CREATE_SUSPENDED, NULL, &id);
    ok(thread != NULL, "refused with PROCESS_CREATE_THREAD alone: %lu\n", GetLastError());
    ok(id == GetThreadId(thread), "id %#lx\n", id);
    CloseHandle(few);

    /* opened by its number */
    opened = OpenThread(THREAD_SUSPEND_RESUME, FALSE, id);
    ok(opened != NULL, "OpenThread failed with %lu\n", GetLastError());
    fails(GetThreadId(opened), ERROR_ACCESS_DENIED);
    ok(SuspendThread(opened) == 1 && SuspendThread(thread) == 2, "another count\n");
    ok(ResumeThread(thread) == 3 && ResumeThread(opened) == 2, "another count\n");
    CloseHandle(opened);
    opened = OpenThread(THREAD_QUERY_INFORMATION, TRUE, id);
    ok(GetThreadId(opened) == id, "GetThreadId failed with %lu\n", GetLastError());
    ok(GetHandleInformation(opened, &code) && code == HANDLE_FLAG_INHERIT, "flags %#lx\n", code);
    fails(SuspendThread(opened) + 1, ERROR_ACCESS_DENIED);
    CloseHandle(opened);
    fails(OpenThread(THREAD_ALL_ACCESS, FALSE, 0xfffffffc), ERROR_INVALID_PARAMETER);
    ok(WaitForSingleObject(thread, 0) == WAIT_TIMEOUT, "it ran\n");

    /* as often as may be */
    for (code = 1; code < 127; code++)
        if (SuspendThread(thread) != code) break;
    ok(code == 127, "suspended %lu times\n", code);
    fails(SuspendThread(thread) + 1, ERROR_SIGNAL_REFUSED);
    for (; code; code--)
        if (ResumeThread(thread) != code) break;
    ok(!code, "still %lu\n", code);
    ok(ran(thread) == 5, "another exit code\n");

    /* stacks */
    local = ran(CreateThread(NULL, 0, measures, NULL, 0, NULL));
    code = ran(start_there((void *)measures, 0, NULL, 0));
    ok((code & 0xffff) == (local & 0xffff), "%lu pages of stack, here %lu\n", code & 0xffff, local & 0xffff);
    reserve = local & 0xffff;
    code = ran(start_there((void *)measures, 0x300000, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION));
    ok((code & 0xffff) == 0x300, "%#lx pages of stack\n", code & 0xffff);
    ok(code >> 16 < 0x20, "%lu pages are committed\n", code >> 16);
    code = ran(start_there((void *)measures, 0x40000, NULL, 0));
    ok((code & 0xffff) == reserve && code >> 16 >= 0x40, "%#lx pages of stack, %#lx committed\n", code & 0xffff, code >> 16);
    code = ran(start_there((void *)measures, 0x310000, NULL, 0));
    ok((code & 0xffff) == 0x400, "%#lx pages of stack\n", code & 0xffff);          /* to the next MiB */
    code = ran(start_there((void *)measures, 0x20000, NULL, STACK_SIZE_PARAM_IS_A_RESERVATION));
    ok((code & 0xffff) >= 0x20 && (code & 0xffff) <= 0x40, "%#lx pages of stack\n", code & 0xffff);

    /* ended before it began, and while it runs */
    thread = start_there((void *)returns, 0, NULL, CREATE_SUSPENDED);
    few = target_handle(thread, THREAD_ALL_ACCESS & ~THREAD_TERMINATE);
    fails(TerminateThread(few, 1), ERROR_ACCESS_DENIED);
    CloseHandle(few);
    ok(GetExitCodeThread(thread, &code) && code == STILL_ACTIVE, "exit code %#lx\n", code);
    ok(TerminateThread(thread, 0xabcdef01), "TerminateThread failed with %lu\n", GetLastError());
    code = ran(thread);
    ok(code == 0xabcdef01, "exit code %#lx\n", code);
    thread = start_there((void *)spins, 0, NULL, 0);
    Sleep(10);
    ok(TerminateThread(thread, 0xabcdef02), "TerminateThread failed with %lu\n", GetLastError());
    code = ran(thread);
    ok(code == 0xabcdef02, "exit code %#lx\n", code);
    winetest_pop_context();
}

/* A thread with attributes: nothing is asked for, or what every system has. */
static void test_attributes(void)
{
    union { char bytes[256]; void *align; } buffer;
    LPPROC_THREAD_ATTRIBUTE_LIST list = (void *)&buffer;
    PROCESSOR_NUMBER processor = { 0, 0, 0 }, set;
    GROUP_AFFINITY affinity = { .Mask = 1 }, had;
    HANDLE thread, unknown = NULL;
    NTSTATUS status;
    void *there = target_address(&target, (void *)returns);
    SIZE_T size = sizeof(buffer);
    FUNCTION(CreateRemoteThreadEx);

    LOAD(CreateRemoteThreadEx);
    works(InitializeProcThreadAttributeList(list, 3, 0, &size));
    thread = pCreateRemoteThreadEx(target.info.hProcess, NULL, 0, there, (void *)6, 0, list, NULL);
    ok(thread != NULL, "with an empty list: %lu\n", GetLastError());
    if (thread) ok(ran(thread) == 6, "another exit code\n");

    works(UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_GROUP_AFFINITY, &affinity, sizeof(affinity), NULL, NULL));
    works(UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_IDEAL_PROCESSOR, &processor, sizeof(processor), NULL, NULL));
    thread = pCreateRemoteThreadEx(target.info.hProcess, NULL, 0, there, (void *)7, CREATE_SUSPENDED, list, NULL);
    ok(thread != NULL, "with an affinity: %lu\n", GetLastError());
    if (thread)
    {
        works(GetThreadGroupAffinity(thread, &had));
        ok(had.Mask == 1, "mask %#Ix\n", (SIZE_T)had.Mask);
        status = NtQueryInformationThread(thread, ThreadIdealProcessorEx, &set, sizeof(set), NULL);
        ok(!status && !set.Number, "processor %u\n", set.Number);
        ok(ResumeThread(thread) == 1, "not suspended\n");
        ok(ran(thread) == 7, "another exit code\n");
    }
    affinity.Mask = 0;
    fails(pCreateRemoteThreadEx(target.info.hProcess, NULL, 0, there, NULL, 0, list, NULL), ERROR_INVALID_PARAMETER);
    DeleteProcThreadAttributeList(list);

    size = sizeof(buffer);
    works(InitializeProcThreadAttributeList(list, 1, 0, &size));
    works(UpdateProcThreadAttribute(list, 0, PROC_THREAD_ATTRIBUTE_PARENT_PROCESS, &unknown, sizeof(unknown), NULL, NULL));
    ok(!pCreateRemoteThreadEx(target.info.hProcess, NULL, 0, there, NULL, 0, list, NULL), "a thread with a parent\n");
    DeleteProcThreadAttributeList(list);
}

/* ---- contexts ------------------------------------------------------------------------------------------------------- */

static void test_contexts(void)
{
    CONTEXT context = { .ContextFlags = CONTEXT_FULL };
    HANDLE event = CreateEventA(NULL, TRUE, FALSE, NULL), far = NULL, thread;
    LONG before = target_peek(&target, target_address(&target, &waits)), zero = 0;
    char *there = target_address(&target, (void *)spins);
    void *word = target_address(&target, &landed);
    MEMORY_BASIC_INFORMATION info;
    int i;

    winetest_push_context("%s", target_state_names[target.state]);
    /* blocked in a call: set when the call returns */
    works(DuplicateHandle(GetCurrentProcess(), event, target.info.hProcess, &far, 0, FALSE, DUPLICATE_SAME_ACCESS));
    thread = start_there((void *)waits_for, 0, far, 0);
    for (i = 0; i < 500 && target_peek(&target, target_address(&target, &waits)) == before; i++) Sleep(5);
    Sleep(20);
    works(GetThreadContext(thread, &context));                   /* it need not be suspended: what it is at is known */
    ok(VirtualQueryEx(target.info.hProcess, (void *)context.Rip, &info, sizeof(info)) && info.Type == MEM_IMAGE, "at %#Ix\n",
       (SIZE_T)context.Rip);
    ok(!SuspendThread(thread), "suspended before\n");
    works(GetThreadContext(thread, &context));
    context.Rip = (ULONG_PTR)target_address(&target, (void *)landing);
    context.Rsp = (context.Rsp & ~15ull) - 8;
    works(SetThreadContext(thread, &context));
    ok(ResumeThread(thread) == 1, "another count\n");
    ok(WaitForSingleObject(thread, 30) == WAIT_TIMEOUT, "it went without its call being done\n");
    SetEvent(event);
    ok(ran(thread) == 77, "it did not go where it was sent\n");

    /* suspended while it runs: where it is, and sent elsewhere */
    WriteProcessMemory(target.info.hProcess, word, &zero, sizeof(zero), NULL);
    thread = start_there((void *)spins, 0, NULL, 0);
    for (i = 0; i < 500 && !target_peek(&target, word); i++) Sleep(5);
    ok(!SuspendThread(thread), "suspended before\n");
    works(GetThreadContext(thread, &context));
    ok((char *)context.Rip >= there && (char *)context.Rip < there + 256, "at %#Ix\n", (SIZE_T)context.Rip);
    i = target_peek(&target, word);
    Sleep(10);
    ok(target_peek(&target, word) == i, "it goes on\n");
    context.Rip = (ULONG_PTR)target_address(&target, (void *)landing);
    context.Rsp = (context.Rsp & ~15ull) - 8;
    works(SetThreadContext(thread, &context));
    ok(ResumeThread(thread) == 1, "another count\n");
    ok(ran(thread) == 77, "it did not go where it was sent\n");

    /* one that has run nothing yet */
    thread = start_there((void *)returns, 0, (void *)1, CREATE_SUSPENDED);
    works(GetThreadContext(thread, &context));
    ok((char *)context.Rcx == (char *)target_address(&target, (void *)returns) && context.Rdx == 1, "rcx %#Ix, rdx %#Ix\n",
       (SIZE_T)context.Rcx, (SIZE_T)context.Rdx);
    context.Rdx = 2;
    works(SetThreadContext(thread, &context));
    ok(ResumeThread(thread) == 1, "another count\n");
    ok(ran(thread) == 2, "another exit code\n");

    DuplicateHandle(target.info.hProcess, far, NULL, NULL, 0, FALSE, DUPLICATE_CLOSE_SOURCE);
    CloseHandle(event);
    winetest_pop_context();
}

/* The first thread of a process, before it runs: its context says where the program begins. */
static void test_first_thread(void)
{
    CONTEXT context = { .ContextFlags = CONTEXT_FULL };
    DWORD code = 0;

    if (!target_start(&target, "remote_threads", JUST_CREATED)) return;
    works(GetThreadContext(target.info.hThread, &context));
    context.Rcx = (ULONG_PTR)target_address(&target, (void *)entry);
    works(SetThreadContext(target.info.hThread, &context));
    ok(ResumeThread(target.info.hThread) == 1, "another count\n");
    ok(!WaitForSingleObject(target.info.hProcess, 5000), "it does not end\n");
    ok(GetExitCodeProcess(target.info.hProcess, &code) && code == 0xc0de1234, "exit code %#lx\n", code);
    target_close(&target);
}

/* A thread that is suspended in the midst of calls holds nothing that others of its process, or we, would wait for. */
static void test_suspended_in_calls(void)
{
    void *word = target_address(&target, &landed), *p;
    HANDLE thread = start_there((void *)calls_always, 0, NULL, 0);
    CONTEXT context = { .ContextFlags = CONTEXT_FULL };
    LONG zero = 0, before;
    LARGE_INTEGER now;
    LONGLONG until;
    DWORD start, code;
    int i, j;

    for (i = 0; i < 60; i++)
    {
        before = target_peek(&target, word);
        for (j = 0; j < 500 && target_peek(&target, word) == before; j++) Sleep(1);
        QueryPerformanceCounter(&now);
        for (until = now.QuadPart + i * 50; now.QuadPart < until;) QueryPerformanceCounter(&now);      /* elsewhere each time */
        start = GetTickCount();
        ok(!SuspendThread(thread), "suspended before\n");
        works(GetThreadContext(thread, &context));
        p = VirtualAllocEx(target.info.hProcess, NULL, K, MEM_COMMIT, PAGE_READWRITE);
        ok(p && VirtualFreeEx(target.info.hProcess, p, 0, MEM_RELEASE), "error %lu\n", GetLastError());
        code = ran(start_there((void *)calls_once, 0, NULL, 0));
        ok(code == 3, "another thread: error %lu\n", code);
        ok(ResumeThread(thread) == 1, "another count\n");
        ok(GetTickCount() - start < SOON_MS, "round %d took %lu ms\n", i, GetTickCount() - start);
    }
    WriteProcessMemory(target.info.hProcess, target_address(&target, &spinning), &zero, sizeof(zero), NULL);
    code = ran(thread);
    ok(code == 4, "it ended with %lu\n", code);
    zero = 1;
    WriteProcessMemory(target.info.hProcess, target_address(&target, &spinning), &zero, sizeof(zero), NULL);
}

/* ---- APCs ---------------------------------------------------------------------------------------------------------- */

static void test_apcs(void)
{
    void *sum = target_address(&target, &apc_sum);
    LONG before = target_peek(&target, sum);
    BOOL is_alertable = target.state == RUNNING;
    int i;

    winetest_push_context("%s", target_state_names[target.state]);
    for (i = 1; i <= 100; i++)
        ok(QueueUserAPC(target_address(&target, (void *)apc_there), target.info.hThread, i), "QueueUserAPC failed with %lu\n",
           GetLastError());
    for (i = 0; i < (is_alertable ? 500 : 5) && target_peek(&target, sum) != before + 5050; i++) Sleep(5);
    ok(target_peek(&target, sum) == before + (is_alertable ? 5050 : 0), "the sum is %ld\n", target_peek(&target, sum) - before);
    if (target.state == JUST_CREATED || target.state == SUSPENDED)      /* it goes on, and takes them when it may */
    {
        NTSTATUS status = NtResumeProcess(target.info.hProcess);

        ok(!status, "NtResumeProcess: %#lx\n", status);
        for (i = 0; i < 500 && target_peek(&target, sum) != before + 5050; i++) Sleep(5);
        ok(target_peek(&target, sum) == before + 5050, "the sum is %ld\n", target_peek(&target, sum) - before);
    }
    winetest_pop_context();
}

START_TEST(remote_threads)
{
    if (!target_is_parent()) return;
    for (enum target_state state = RUNNING; state < DEAD; state++)
    {
        if (!target_start(&target, "remote_threads", state)) continue;
        apc_address = target_address(&target, (void *)apc_there);
        for (size_t i = 0; i < THREAD_CALLS; i++) test_call(&thread_calls[i]);
        if (state != EXITING)
        {
            test_create();
            test_contexts();
            test_apcs();
        }
        if (state == RUNNING) test_attributes();
        if (state == RUNNING) test_suspended_in_calls();
        target_kill(&target);
        for (size_t i = 0; i < THREAD_CALLS; i++) test_call(&thread_calls[i]);
        fails(CreateRemoteThread(target.info.hProcess, NULL, 0, apc_address, NULL, 0, NULL), ERROR_ACCESS_DENIED);
        target_close(&target);
    }
    test_first_thread();
}
