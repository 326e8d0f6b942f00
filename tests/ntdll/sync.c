/* Events, semaphores, mutants, timers and keyed events: their own calls. Waits are in wait.c. */
#include "objects.h"

static void test_event(void)
{
    EVENT_BASIC_INFORMATION info;
    LONG previous = 77;
    ULONG size;
    HANDLE event;

    event = (HANDLE)0xdead;
    ok_status(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, 2, FALSE), STATUS_INVALID_PARAMETER);
    ok(!event, "handle %p\n", event);
    ok_status(NtCreateEvent((HANDLE *)0xdead0, EVENT_ALL_ACCESS, NULL, NotificationEvent, FALSE), STATUS_ACCESS_VIOLATION);

    event = new_event(SynchronizationEvent, FALSE);
    ok_status(NtSetEvent(event, &previous), STATUS_SUCCESS);
    ok(!previous, "previous %ld\n", previous);
    ok_status(NtSetEvent(event, &previous), STATUS_SUCCESS);
    ok(previous == 1, "previous %ld\n", previous);
    ok_status(NtQueryEvent(event, EventBasicInformation, &info, sizeof(info), &size), STATUS_SUCCESS);
    ok(info.EventType == SynchronizationEvent && info.EventState == 1 && size == sizeof(info), "%d %ld %lu\n",
       info.EventType, info.EventState, size);
    ok_status(poll_handle(event), STATUS_SUCCESS);
    ok_status(poll_handle(event), STATUS_TIMEOUT);
    ok_status(NtSetEvent(event, (LONG *)0xdead0), STATUS_ACCESS_VIOLATION);
    ok_status(poll_handle(event), STATUS_TIMEOUT);
    ok_status(NtSetEvent(event, NULL), STATUS_SUCCESS);
    ok_status(NtClearEvent(event), STATUS_SUCCESS);
    ok_status(poll_handle(event), STATUS_TIMEOUT);
    ok_status(NtPulseEvent(event, &previous), STATUS_SUCCESS);
    ok(!previous, "previous %ld\n", previous);
    ok_status(poll_handle(event), STATUS_TIMEOUT);

    ok_status(NtQueryEvent(event, EventBasicInformation, &info, sizeof(info) - 1, NULL), STATUS_INFO_LENGTH_MISMATCH);
    ok_status(NtQueryEvent(event, 1, &info, sizeof(info), NULL), STATUS_INVALID_INFO_CLASS);
    ok_status(NtQueryEvent((HANDLE)0xdead, EventBasicInformation, &info, 0, NULL), STATUS_INFO_LENGTH_MISMATCH);
    ok_status(NtQueryEvent((HANDLE)0xdead, EventBasicInformation, &info, sizeof(info), NULL), STATUS_INVALID_HANDLE);
    NtClose(event);
}

static void test_semaphore(void)
{
    SEMAPHORE_BASIC_INFORMATION info;
    ULONG previous = 77;
    HANDLE semaphore;

    ok_status(NtCreateSemaphore(&semaphore, SEMAPHORE_ALL_ACCESS, NULL, -1, 1), STATUS_INVALID_PARAMETER);
    ok_status(NtCreateSemaphore(&semaphore, SEMAPHORE_ALL_ACCESS, NULL, 0, 0), STATUS_INVALID_PARAMETER);
    ok_status(NtCreateSemaphore(&semaphore, SEMAPHORE_ALL_ACCESS, NULL, 2, 1), STATUS_INVALID_PARAMETER);
    ok_status(NtCreateSemaphore(&semaphore, SEMAPHORE_ALL_ACCESS, NULL, 1, 0x7fffffff), STATUS_SUCCESS);
    ok_status(NtReleaseSemaphore(semaphore, 0x7fffffff, &previous), STATUS_SEMAPHORE_LIMIT_EXCEEDED);
    ok(previous == 77, "previous %lu\n", previous);
    ok_status(NtReleaseSemaphore(semaphore, 0x7ffffffe, &previous), STATUS_SUCCESS);
    ok(previous == 1, "previous %lu\n", previous);
    ok_status(poll_handle(semaphore), STATUS_SUCCESS);
    ok_status(NtQuerySemaphore(semaphore, SemaphoreBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.CurrentCount == 0x7ffffffe && info.MaximumCount == 0x7fffffff, "%lx %lx\n", info.CurrentCount,
       info.MaximumCount);
    NtClose(semaphore);
}

static DWORD WINAPI take_and_end(void *mutant)
{
    ok_status(poll_handle(mutant), STATUS_SUCCESS);
    ok_status(poll_handle(mutant), STATUS_SUCCESS);
    return 0;
}

static DWORD WINAPI release_foreign(void *mutant)
{
    ok_status(NtReleaseMutant(mutant, NULL), STATUS_MUTANT_NOT_OWNED);
    ok_status(poll_handle(mutant), STATUS_TIMEOUT);
    return 0;
}

static void in_thread(LPTHREAD_START_ROUTINE routine, void *arg)
{
    HANDLE thread = CreateThread(NULL, 0, routine, arg, 0, NULL);

    ok(thread != NULL, "error %lu\n", GetLastError());
    ok(WaitForSingleObject(thread, 10000) == WAIT_OBJECT_0, "the thread did not end\n");
    CloseHandle(thread);
}

static void test_mutant(void)
{
    MUTANT_BASIC_INFORMATION info;
    LONG previous = 77;
    HANDLE mutant;

    ok_status(NtCreateMutant(&mutant, MUTANT_ALL_ACCESS, NULL, TRUE), STATUS_SUCCESS);
    ok_status(poll_handle(mutant), STATUS_SUCCESS);
    in_thread(release_foreign, mutant);
    ok_status(NtReleaseMutant(mutant, &previous), STATUS_SUCCESS);
    ok(previous == -1, "previous %ld\n", previous);
    ok_status(NtReleaseMutant(mutant, &previous), STATUS_SUCCESS);
    ok(!previous, "previous %ld\n", previous);
    ok_status(NtReleaseMutant(mutant, NULL), STATUS_MUTANT_NOT_OWNED);

    in_thread(take_and_end, mutant);
    ok_status(NtQueryMutant(mutant, MutantBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(info.CurrentCount == 1 && !info.OwnedByCaller && info.AbandonedState, "%ld %d %d\n", info.CurrentCount,
       info.OwnedByCaller, info.AbandonedState);
    ok_status(poll_handle(mutant), STATUS_ABANDONED_WAIT_0);
    ok_status(poll_handle(mutant), STATUS_SUCCESS);
    NtClose(mutant);
}

static unsigned int apc_calls;
static ULONG_PTR apc_context;
static LARGE_INTEGER apc_time;

static void CALLBACK timer_apc(void *context, ULONG low, LONG high)
{
    apc_calls++;
    apc_context = (ULONG_PTR)context;
    apc_time.u.LowPart = low;
    apc_time.u.HighPart = high;
}

static void test_timer(void)
{
    TIMER_BASIC_INFORMATION info;
    LARGE_INTEGER due, now, timeout;
    BOOLEAN state = 77;
    HANDLE timer;

    ok_status(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, 2), STATUS_INVALID_PARAMETER_4);
    ok_status(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, NotificationTimer), STATUS_SUCCESS);
    ok_status(poll_handle(timer), STATUS_TIMEOUT);
    ok_status(NtSetTimer(timer, milliseconds(&due, 30), NULL, NULL, FALSE, 0, &state), STATUS_SUCCESS);
    ok(!state, "state %d\n", state);
    ok_status(NtQueryTimer(timer, TimerBasicInformation, &info, sizeof(info), NULL), STATUS_SUCCESS);
    ok(!info.TimerState && info.RemainingTime.QuadPart > 0 && info.RemainingTime.QuadPart <= 300000, "%d %I64d\n",
       info.TimerState, info.RemainingTime.QuadPart);
    ok_status(NtWaitForSingleObject(timer, FALSE, milliseconds(&timeout, 10000)), STATUS_SUCCESS);
    ok_status(poll_handle(timer), STATUS_SUCCESS);
    ok_status(NtCancelTimer(timer, &state), STATUS_SUCCESS);
    ok(state == TRUE, "state %d\n", state);
    ok_status(poll_handle(timer), STATUS_SUCCESS);      /* cancelling leaves the state */
    ok_status(NtSetTimer(timer, milliseconds(&due, 60000), NULL, NULL, FALSE, 0, &state), STATUS_SUCCESS);
    ok(state == TRUE, "state %d\n", state);
    ok_status(poll_handle(timer), STATUS_TIMEOUT);
    ok_status(NtSetTimer(timer, &due, NULL, NULL, FALSE, -1, NULL), STATUS_INVALID_PARAMETER_6);

    NtQuerySystemTime(&now);
    now.QuadPart += 200000;                             /* an absolute time, 20 ms from now */
    ok_status(NtSetTimer(timer, &now, NULL, NULL, FALSE, 0, NULL), STATUS_SUCCESS);
    ok_status(NtWaitForSingleObject(timer, FALSE, milliseconds(&timeout, 10000)), STATUS_SUCCESS);
    now.QuadPart = 1;                                   /* long past */
    ok_status(NtSetTimer(timer, &now, NULL, NULL, FALSE, 0, NULL), STATUS_SUCCESS);
    ok_status(poll_handle(timer), STATUS_SUCCESS);
    NtClose(timer);

    ok_status(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, SynchronizationTimer), STATUS_SUCCESS);
    ok_status(NtSetTimer(timer, milliseconds(&due, 1), NULL, NULL, FALSE, 5, NULL), STATUS_SUCCESS);
    ok_status(NtWaitForSingleObject(timer, FALSE, milliseconds(&timeout, 10000)), STATUS_SUCCESS);
    ok_status(poll_handle(timer), STATUS_TIMEOUT);
    ok_status(NtWaitForSingleObject(timer, FALSE, milliseconds(&timeout, 10000)), STATUS_SUCCESS);
    NtClose(timer);
}

static void test_timer_apc(void)
{
    LARGE_INTEGER due, timeout, before, after;
    HANDLE timer;

    ok_status(NtCreateTimer(&timer, TIMER_ALL_ACCESS, NULL, NotificationTimer), STATUS_SUCCESS);
    NtQuerySystemTime(&before);
    ok_status(NtSetTimer(timer, milliseconds(&due, 10), (PTIMER_APC_ROUTINE)timer_apc, (void *)0x1234, FALSE, 0, NULL),
              STATUS_SUCCESS);
    ok_status(NtDelayExecution(FALSE, milliseconds(&timeout, 30)), STATUS_SUCCESS);
    ok(!apc_calls, "%u calls\n", apc_calls);
    ok_status(NtDelayExecution(TRUE, milliseconds(&timeout, 10000)), STATUS_USER_APC);
    NtQuerySystemTime(&after);
    ok(apc_calls == 1 && apc_context == 0x1234, "%u calls, context %Ix\n", apc_calls, apc_context);
    ok(apc_time.QuadPart >= before.QuadPart + 90000 && apc_time.QuadPart <= after.QuadPart, "due %I64d, %I64d to %I64d\n",
       apc_time.QuadPart, before.QuadPart, after.QuadPart);
    ok_status(NtDelayExecution(TRUE, milliseconds(&timeout, 1)), STATUS_SUCCESS);

    ok_status(NtSetTimer(timer, milliseconds(&due, 5), (PTIMER_APC_ROUTINE)timer_apc, NULL, FALSE, 5, NULL), STATUS_SUCCESS);
    apc_calls = 0;
    while (apc_calls < 3 && NtDelayExecution(TRUE, milliseconds(&timeout, 10000)) == STATUS_USER_APC) continue;
    ok(apc_calls >= 3, "%u calls\n", apc_calls);
    ok_status(NtCancelTimer(timer, NULL), STATUS_SUCCESS);
    NtDelayExecution(TRUE, milliseconds(&timeout, 0));  /* one may have been queued before */
    apc_calls = 0;
    ok_status(NtDelayExecution(TRUE, milliseconds(&timeout, 20)), STATUS_SUCCESS);
    ok(!apc_calls, "%u calls of a timer that was cancelled\n", apc_calls);
    NtClose(timer);
}

static DWORD WINAPI meet(void *event)
{
    LARGE_INTEGER timeout;
    ULONG_PTR key;

    for (key = 2; key <= 40; key += 2)
        if (key & 2) ok_status(NtReleaseKeyedEvent(event, (void *)key, FALSE, milliseconds(&timeout, 10000)), STATUS_SUCCESS);
        else ok_status(NtWaitForKeyedEvent(event, (void *)key, FALSE, milliseconds(&timeout, 10000)), STATUS_SUCCESS);
    return 0;
}

static void test_keyed_event(void)
{
    LARGE_INTEGER timeout;
    HANDLE event, thread;
    ULONG_PTR key;

    ok_status(NtCreateKeyedEvent(&event, 0x1f0003, NULL, 1), STATUS_INVALID_PARAMETER_4);
    ok_status(NtCreateKeyedEvent(&event, 0x1f0003, NULL, 0), STATUS_SUCCESS);
    ok_status(NtWaitForKeyedEvent(event, (void *)3, FALSE, NULL), STATUS_INVALID_PARAMETER_1);
    ok_status(NtReleaseKeyedEvent(event, (void *)4, FALSE, milliseconds(&timeout, 1)), STATUS_TIMEOUT);
    thread = CreateThread(NULL, 0, meet, event, 0, NULL);
    for (key = 2; key <= 40; key += 2)
        if (key & 2) ok_status(NtWaitForKeyedEvent(event, (void *)key, FALSE, milliseconds(&timeout, 10000)), STATUS_SUCCESS);
        else ok_status(NtReleaseKeyedEvent(event, (void *)key, FALSE, milliseconds(&timeout, 10000)), STATUS_SUCCESS);
    ok(WaitForSingleObject(thread, 10000) == WAIT_OBJECT_0, "the thread did not end\n");
    CloseHandle(thread);
    NtClose(event);
}

START_TEST(sync)
{
    test_event();
    test_semaphore();
    test_mutant();
    test_timer();
    test_timer_apc();
    test_keyed_event();
}
