/* Threads: storage, fibers, suspension, priority, names, APCs. */
#include "win32.h"

static DWORD tls_index, fls_index;
static LONG fls_freed;

static void CALLBACK fls_callback(void *value)
{
    ok(value == (void *)0x11, "value %p\n", value);
    InterlockedIncrement(&fls_freed);
}

static DWORD CALLBACK storage_thread(void *unused)
{
    (void)unused;
    ok(!TlsGetValue(tls_index) && !FlsGetValue(fls_index), "another thread's values\n");
    works(TlsSetValue(tls_index, (void *)2));
    works(FlsSetValue(fls_index, (void *)0x11));
    return 3;
}

static void test_storage(void)
{
    DWORD indexes[200], count;
    HANDLE thread;

    tls_index = TlsAlloc();
    fls_index = FlsAlloc(fls_callback);
    ok(tls_index != TLS_OUT_OF_INDEXES && fls_index != FLS_OUT_OF_INDEXES, "%#lx %#lx\n", tls_index, fls_index);
    works(TlsSetValue(tls_index, (void *)1));
    thread = CreateThread(NULL, 0, storage_thread, NULL, 0, NULL);
    ok(WaitForSingleObject(thread, 5000) == WAIT_OBJECT_0, "the thread runs on\n");
    CloseHandle(thread);
    ok(TlsGetValue(tls_index) == (void *)1, "%p\n", TlsGetValue(tls_index));
    ok(fls_freed == 1, "%ld callbacks\n", fls_freed);
    for (count = 0; count < ARRAY_SIZE(indexes); count++)           /* beyond the 64 of the TEB */
    {
        indexes[count] = TlsAlloc();
        ok(indexes[count] != TLS_OUT_OF_INDEXES, "out of indexes at %lu\n", count);
        works(TlsSetValue(indexes[count], (void *)(ULONG_PTR)(count + 1)));
    }
    while (count--)
    {
        ok(TlsGetValue(indexes[count]) == (void *)(ULONG_PTR)(count + 1), "value %lu\n", count);
        works(TlsFree(indexes[count]));
    }
    count = TlsAlloc();
    ok(!TlsGetValue(count), "an old value in a new index\n");
    works(TlsFree(count));
    works(TlsFree(tls_index));
    fails(TlsFree(tls_index), ERROR_INVALID_PARAMETER);
    fails(TlsGetValue(5000), ERROR_INVALID_PARAMETER);
    works(FlsFree(fls_index));
}

static void *main_fiber, *other_fiber;
BOOL WINAPI IsThreadAFiber(void);

static double shared;
static int visits;

static void CALLBACK fiber_main(void *parameter)
{
    volatile double keep = 1.25;
    char room[40000];               /* more than was committed */

    ok(parameter == (void *)0x99 && GetFiberData() == parameter, "parameter %p\n", parameter);
    memset(room, 1, sizeof(room));
    for (;;)
    {
        visits++;
        shared = keep *= 2;
        ok(room[visits] == 1, "the stack was lost\n");
        SwitchToFiber(main_fiber);
    }
}

static void test_fibers(void)
{
    ok(!IsThreadAFiber(), "a fiber already\n");
    fails(ConvertFiberToThread(), ERROR_ALREADY_THREAD);
    main_fiber = ConvertThreadToFiber((void *)0x77);
    ok(main_fiber && GetCurrentFiber() == main_fiber && GetFiberData() == (void *)0x77, "%p\n", main_fiber);
    fails(ConvertThreadToFiber(NULL), ERROR_ALREADY_FIBER);
    other_fiber = CreateFiber(0, fiber_main, (void *)0x99);
    ok(other_fiber != NULL, "error %lu\n", GetLastError());
    for (int i = 1; i <= 3; i++)
    {
        SwitchToFiber(other_fiber);
        ok(visits == i && shared == 1.25 * (1 << i), "visit %d: %g\n", visits, shared);
    }
    DeleteFiber(other_fiber);
    works(ConvertFiberToThread());
    ok(!IsThreadAFiber(), "still a fiber\n");
}

static void CALLBACK user_apc(ULONG_PTR value)
{
    visits += (int)value;
}

static DWORD CALLBACK spin(void *counter)
{
    for (;;)
    {
        InterlockedIncrement(counter);
        Sleep(1);
    }
    return 0;
}

static void test_control(void)
{
    LONG counter = 0, seen;
    HANDLE thread = CreateThread(NULL, 0, spin, &counter, CREATE_SUSPENDED, NULL);
    CONTEXT context = { .ContextFlags = CONTEXT_CONTROL };
    FILETIME created, exited, kernel, user;
    DWORD code;

    Sleep(20);
    ok(!counter, "it runs though it is suspended\n");
    ok(ResumeThread(thread) == 1, "suspended more than once\n");
    for (int i = 0; i < 200 && !counter; i++) Sleep(5);
    ok(counter > 0, "it does not run\n");
    ok(SuspendThread(thread) == 0, "suspended before\n");
    works(GetThreadContext(thread, &context));
    ok(context.Rip != 0 && context.Rsp != 0, "rip %#I64x\n", context.Rip);
    seen = counter;
    Sleep(20);
    ok(counter - seen <= 1, "it runs though it is suspended\n");
    ok(ResumeThread(thread) == 1, "another count\n");
    works(SetThreadPriority(thread, THREAD_PRIORITY_BELOW_NORMAL));
    ok(GetThreadPriority(thread) == THREAD_PRIORITY_BELOW_NORMAL, "priority %d\n", GetThreadPriority(thread));
    fails(SetThreadPriority(thread, 100), ERROR_INVALID_PARAMETER);
    works(GetThreadTimes(thread, &created, &exited, &kernel, &user));
    ok(created.dwHighDateTime > 0x1c00000, "created %#lx\n", created.dwHighDateTime);
    ok(GetThreadId(thread) != GetCurrentThreadId() && GetProcessIdOfThread(thread) == GetCurrentProcessId(), "ids\n");
    works(TerminateThread(thread, 9));
    ok(WaitForSingleObject(thread, 5000) == WAIT_OBJECT_0, "it runs on\n");
    works(GetExitCodeThread(thread, &code));
    ok(code == 9, "code %lu\n", code);
    CloseHandle(thread);

    visits = 0;
    works(QueueUserAPC(user_apc, GetCurrentThread(), 5));
    Sleep(1);
    ok(!visits, "an APC ran in a wait that is not alertable\n");
    ok(SleepEx(0, TRUE) == WAIT_IO_COMPLETION && visits == 5, "visits %d\n", visits);
}

static DWORD CALLBACK return_argument(void *argument)
{
    return (DWORD)(ULONG_PTR)argument;
}

/* A thread that has run nothing yet: what it starts with can be read, put back and changed. */
static void test_first_context(void)
{
    for (int change = 0; change < 2; change++)
    {
        HANDLE thread = CreateThread(NULL, 0, return_argument, (void *)0x1234, CREATE_SUSPENDED, NULL);
        CONTEXT context = { .ContextFlags = CONTEXT_FULL };
        DWORD code;

        works(GetThreadContext(thread, &context));
        ok(context.Rcx == (ULONG_PTR)return_argument && context.Rdx == 0x1234, "rcx %#Ix, rdx %#Ix\n", context.Rcx, context.Rdx);
        if (change) context.Rdx = 0x5678;
        works(SetThreadContext(thread, &context));
        ok(ResumeThread(thread) == 1, "not suspended\n");
        ok(!WaitForSingleObject(thread, 10000), "it does not end\n");
        works(GetExitCodeThread(thread, &code));
        ok(code == (change ? 0x5678 : 0x1234), "code %#lx\n", code);
        CloseHandle(thread);
    }
}

START_TEST(thread)
{
    test_first_context();
    test_storage();
    test_fibers();
    test_control();
}
