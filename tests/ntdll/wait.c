/* Waiting for one, any and all; alerts and APCs; NtSignalAndWaitForSingleObject; threads that meet. */
#include "objects.h"

static void test_arguments(void)
{
    LARGE_INTEGER now = { .QuadPart = 0 };
    HANDLE event = new_event(NotificationEvent, TRUE), handles[65] = { event, event };

    ok_status(NtWaitForMultipleObjects(0, handles, WaitAny, FALSE, &now), STATUS_INVALID_PARAMETER_1);
    ok_status(NtWaitForMultipleObjects(65, handles, WaitAny, FALSE, &now), STATUS_INVALID_PARAMETER_1);
    ok_status(NtWaitForMultipleObjects(1, handles, 7, FALSE, &now), STATUS_INVALID_PARAMETER_3);
    ok_status(NtWaitForMultipleObjects(2, handles, WaitAny, FALSE, &now), STATUS_SUCCESS);
    ok_status(NtWaitForMultipleObjects(2, handles, WaitAll, FALSE, &now), STATUS_INVALID_PARAMETER_MIX);
    ok_status(NtWaitForMultipleObjects(3, handles, WaitAny, FALSE, &now), STATUS_INVALID_HANDLE);
    handles[0] = GetCurrentThread();
    ok_status(NtWaitForMultipleObjects(1, handles, WaitAny, FALSE, &now), STATUS_INVALID_HANDLE);
    ok_status(NtWaitForSingleObject(GetCurrentThread(), FALSE, &now), STATUS_TIMEOUT);
    ok_status(NtWaitForMultipleObjects(1, (HANDLE *)0xdead0, WaitAny, FALSE, &now), STATUS_ACCESS_VIOLATION);
    ok_status(NtWaitForSingleObject(event, FALSE, (LARGE_INTEGER *)0xdead0), STATUS_ACCESS_VIOLATION);
    ok_status(NtWaitForSingleObject(NULL, FALSE, &now), STATUS_INVALID_HANDLE);
    NtClose(event);
}

static void test_any_and_all(void)
{
    LARGE_INTEGER now = { .QuadPart = 0 };
    HANDLE handles[3];

    handles[0] = new_event(SynchronizationEvent, FALSE);
    handles[1] = new_event(NotificationEvent, TRUE);
    ok_status(NtCreateSemaphore(&handles[2], SEMAPHORE_ALL_ACCESS, NULL, 1, 1), STATUS_SUCCESS);
    ok_status(NtWaitForMultipleObjects(3, handles, WaitAny, FALSE, &now), STATUS_WAIT_1);
    ok_status(NtWaitForMultipleObjects(3, handles, WaitAll, FALSE, &now), STATUS_TIMEOUT);
    ok_status(poll_handle(handles[2]), STATUS_SUCCESS); /* the wait for all took nothing */
    ok_status(NtReleaseSemaphore(handles[2], 1, NULL), STATUS_SUCCESS);
    ok_status(NtSetEvent(handles[0], NULL), STATUS_SUCCESS);
    ok_status(NtWaitForMultipleObjects(3, handles, WaitAll, FALSE, &now), STATUS_SUCCESS);
    ok_status(poll_handle(handles[0]), STATUS_TIMEOUT);
    ok_status(poll_handle(handles[1]), STATUS_SUCCESS);
    ok_status(poll_handle(handles[2]), STATUS_TIMEOUT);
    NtClose(handles[0]);
    NtClose(handles[1]);
    NtClose(handles[2]);
}

static void test_timeout(void)
{
    HANDLE event = new_event(NotificationEvent, FALSE);
    LARGE_INTEGER timeout, before, after;

    NtQuerySystemTime(&before);
    ok_status(NtWaitForSingleObject(event, FALSE, milliseconds(&timeout, 30)), STATUS_TIMEOUT);
    NtQuerySystemTime(&after);
    ok(after.QuadPart - before.QuadPart >= 290000, "waited for %I64d\n", after.QuadPart - before.QuadPart);
    before = after;
    timeout.QuadPart = before.QuadPart + 300000;        /* absolute */
    ok_status(NtWaitForSingleObject(event, FALSE, &timeout), STATUS_TIMEOUT);
    NtQuerySystemTime(&after);
    ok(after.QuadPart - before.QuadPart >= 290000, "waited for %I64d\n", after.QuadPart - before.QuadPart);
    timeout.QuadPart = 1;
    ok_status(NtWaitForSingleObject(event, FALSE, &timeout), STATUS_TIMEOUT);
    timeout.QuadPart = 0;
    ok_status(NtDelayExecution(FALSE, &timeout), STATUS_SUCCESS);
    NtClose(event);
}

static unsigned int apc_calls;

static void CALLBACK count_apc(ULONG_PTR arg)
{
    apc_calls += arg;
}

static void test_alerts(void)
{
    HANDLE event = new_event(NotificationEvent, FALSE);
    LARGE_INTEGER timeout, now = { .QuadPart = 0 };

    ok(QueueUserAPC(count_apc, GetCurrentThread(), 1), "error %lu\n", GetLastError());
    ok(QueueUserAPC(count_apc, GetCurrentThread(), 10), "error %lu\n", GetLastError());
    ok_status(NtWaitForSingleObject(event, FALSE, &now), STATUS_TIMEOUT);
    ok(!apc_calls, "%u\n", apc_calls);
    NtSetEvent(event, NULL);
    ok_status(NtWaitForSingleObject(event, TRUE, &now), STATUS_SUCCESS);        /* signalled: no APC runs */
    ok(!apc_calls, "%u\n", apc_calls);
    NtResetEvent(event, NULL);
    ok_status(NtWaitForSingleObject(event, TRUE, &now), STATUS_USER_APC);       /* before the timeout counts */
    ok(apc_calls == 11, "%u\n", apc_calls);

    ok_status(NtAlertThread(GetCurrentThread()), STATUS_SUCCESS);
    ok_status(NtWaitForSingleObject(event, FALSE, &now), STATUS_TIMEOUT);
    ok_status(NtWaitForSingleObject(event, TRUE, milliseconds(&timeout, 10000)), STATUS_ALERTED);
    ok_status(NtWaitForSingleObject(event, TRUE, &now), STATUS_TIMEOUT);
    ok_status(NtAlertThread(GetCurrentThread()), STATUS_SUCCESS);
    ok_status(NtDelayExecution(TRUE, milliseconds(&timeout, 10000)), STATUS_ALERTED);
    NtClose(event);
}

static DWORD WINAPI queue_to_main(void *thread)
{
    Sleep(20);
    ok(QueueUserAPC(count_apc, thread, 100), "error %lu\n", GetLastError());
    return 0;
}

static void test_apc_from_other_thread(void)
{
    LARGE_INTEGER timeout;
    HANDLE self, thread;

    apc_calls = 0;
    ok_status(NtDuplicateObject(ME, GetCurrentThread(), ME, &self, 0, 0, DUPLICATE_SAME_ACCESS), STATUS_SUCCESS);
    thread = CreateThread(NULL, 0, queue_to_main, self, 0, NULL);
    ok_status(NtDelayExecution(TRUE, milliseconds(&timeout, 10000)), STATUS_USER_APC);
    ok(apc_calls == 100, "%u\n", apc_calls);
    ok(WaitForSingleObject(thread, 10000) == WAIT_OBJECT_0, "the thread did not end\n");
    NtClose(thread);
    NtClose(self);
}

static void test_signal_and_wait(void)
{
    LARGE_INTEGER now = { .QuadPart = 0 };
    HANDLE event = new_event(SynchronizationEvent, FALSE), semaphore, mutant, weak;

    NtCreateSemaphore(&semaphore, SEMAPHORE_ALL_ACCESS, NULL, 0, 1);
    NtCreateMutant(&mutant, MUTANT_ALL_ACCESS, NULL, TRUE);
    ok_status(NtSignalAndWaitForSingleObject(event, event, FALSE, &now), STATUS_SUCCESS);
    ok_status(NtSignalAndWaitForSingleObject(semaphore, event, FALSE, &now), STATUS_TIMEOUT);
    ok_status(NtSignalAndWaitForSingleObject(semaphore, event, FALSE, &now), STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    ok_status(NtSignalAndWaitForSingleObject(mutant, semaphore, FALSE, &now), STATUS_SUCCESS);
    ok_status(NtSignalAndWaitForSingleObject(mutant, event, FALSE, &now), STATUS_MUTANT_NOT_OWNED);
    ok_status(NtSignalAndWaitForSingleObject(GetCurrentProcess(), event, FALSE, &now), STATUS_OBJECT_TYPE_MISMATCH);
    ok_status(NtSignalAndWaitForSingleObject(event, (HANDLE)0xdead, FALSE, &now), STATUS_INVALID_HANDLE);
    ok_status(poll_handle(event), STATUS_TIMEOUT);      /* it was not signalled */
    NtDuplicateObject(ME, event, ME, &weak, SYNCHRONIZE, 0, 0);
    ok_status(NtSignalAndWaitForSingleObject(weak, event, FALSE, &now), STATUS_ACCESS_DENIED);
    NtClose(weak);
    NtClose(event);
    NtClose(semaphore);
    NtClose(mutant);
}

enum { THREADS = 4, ROUNDS = 2000 };
static HANDLE forks[3];
static LONG counter;

/* Two neighbouring mutants at once; the counter is safe only if nobody else has either. */
static DWORD WINAPI diner(void *seat)
{
    HANDLE mine[2] = { forks[(ULONG_PTR)seat % 3], forks[((ULONG_PTR)seat + 1) % 3] };
    unsigned int i;

    for (i = 0; i < ROUNDS; i++)
    {
        LONG old;

        if (WaitForMultipleObjects(2, mine, TRUE, 20000) != WAIT_OBJECT_0) return 1;
        old = counter;
        if (i % 64 == 0) SwitchToThread();
        counter = old + 1;                              /* any two pairs of three share a fork */
        ReleaseMutex(mine[0]);
        ReleaseMutex(mine[1]);
    }
    return 0;
}

static void test_threads(void)
{
    HANDLE threads[THREADS];
    ULONG_PTR i;
    DWORD code;

    for (i = 0; i < 3; i++) forks[i] = CreateMutexW(NULL, FALSE, NULL);
    for (i = 0; i < THREADS; i++) threads[i] = CreateThread(NULL, 0, diner, (void *)i, 0, NULL);
    ok(WaitForMultipleObjects(THREADS, threads, TRUE, 60000) == WAIT_OBJECT_0, "not all threads ended\n");
    for (i = 0; i < THREADS; i++)
    {
        ok(GetExitCodeThread(threads[i], &code) && !code, "thread %Iu: %lu\n", i, code);
        CloseHandle(threads[i]);
    }
    ok(counter == THREADS * ROUNDS, "counted %ld\n", counter);
    for (i = 0; i < 3; i++) CloseHandle(forks[i]);
}

START_TEST(wait)
{
    test_arguments();
    test_any_and_all();
    test_timeout();
    test_alerts();
    test_apc_from_other_thread();
    test_signal_and_wait();
    test_threads();
}
