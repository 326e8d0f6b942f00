/* The thread pool under load: every callback runs, once, and whoever waits for one sees it done. Wine's
 * ntdll:threadpool has the details of the calls. */
#include "objects.h"

static LONG calls, others;
static HANDLE signal;

static void nap(int ms)
{
    LARGE_INTEGER time;

    NtDelayExecution(FALSE, milliseconds(&time, ms));
}

static BOOL wait_for(HANDLE handle, int ms)
{
    LARGE_INTEGER time;

    return !NtWaitForSingleObject(handle, FALSE, milliseconds(&time, ms));
}

static void CALLBACK count_simple(TP_CALLBACK_INSTANCE *instance, void *arg)
{
    (void)instance;
    if (InterlockedIncrement(&calls) == (LONG)(ULONG_PTR)arg) NtSetEvent(signal, NULL);
}

static void CALLBACK count_work(TP_CALLBACK_INSTANCE *instance, void *arg, TP_WORK *work)
{
    (void)instance;
    (void)work;
    (void)arg;
    InterlockedIncrement(&calls);
}

static void test_work(void)
{
    TP_CALLBACK_ENVIRON environment = { .Version = 1 };
    TP_POOL *pool;
    TP_WORK *work;

    calls = 0;
    for (int i = 0; i < 3000; i++) ok_status(TpSimpleTryPost(count_simple, (void *)3000, NULL), STATUS_SUCCESS);
    ok(wait_for(signal, 20000), "%ld of 3000 calls\n", calls);
    ok(calls == 3000, "%ld calls\n", calls);

    ok_status(TpAllocPool(&pool, NULL), STATUS_SUCCESS);
    TpSetPoolMaxThreads(pool, 3);
    ok(TpSetPoolMinThreads(pool, 1), "no thread at least\n");
    environment.Pool = pool;
    calls = 0;
    ok_status(TpAllocWork(&work, count_work, NULL, &environment), STATUS_SUCCESS);
    for (int round = 1; round <= 50; round++)
    {
        for (int i = 0; i < 20; i++) TpPostWork(work);
        TpWaitForWork(work, FALSE);
        ok(calls == round * 20, "round %d: %ld calls\n", round, calls);
    }
    TpReleaseWork(work);
    TpReleasePool(pool);
}

/* Callbacks of a pool of one thread come one after the other, in order. */
static LONG last_seen;

static void CALLBACK see_order(TP_CALLBACK_INSTANCE *instance, void *arg)
{
    (void)instance;
    if (last_seen + 1 == (LONG)(ULONG_PTR)arg) last_seen++;
    if ((ULONG_PTR)arg == 500) NtSetEvent(signal, NULL);
}

static void test_order(void)
{
    TP_CALLBACK_ENVIRON environment = { .Version = 1 };
    TP_POOL *pool;

    ok_status(TpAllocPool(&pool, NULL), STATUS_SUCCESS);
    TpSetPoolMaxThreads(pool, 1);
    environment.Pool = pool;
    for (ULONG_PTR i = 1; i <= 500; i++) ok_status(TpSimpleTryPost(see_order, (void *)i, &environment), STATUS_SUCCESS);
    ok(wait_for(signal, 20000), "the last is not called\n");
    ok(last_seen == 500, "%ld in order\n", last_seen);
    TpReleasePool(pool);
}

/* ---- groups ---- */

static void CALLBACK slow_work(TP_CALLBACK_INSTANCE *instance, void *arg, TP_WORK *work)
{
    (void)instance;
    (void)work;
    (void)arg;
    nap(5);
    InterlockedIncrement(&calls);
}

static void CALLBACK cancelled(void *object, void *user)
{
    (void)object;
    ok(user == &others, "user data %p\n", user);
    InterlockedIncrement(&others);
}

static void test_group(void)
{
    TP_CALLBACK_ENVIRON environment = { .Version = 1 };
    TP_CLEANUP_GROUP *group;
    TP_WORK *work[4];
    TP_POOL *pool;

    ok_status(TpAllocPool(&pool, NULL), STATUS_SUCCESS);
    TpSetPoolMaxThreads(pool, 1);
    ok_status(TpAllocCleanupGroup(&group), STATUS_SUCCESS);
    environment.Pool = pool;
    environment.CleanupGroup = group;
    environment.CleanupGroupCancelCallback = cancelled;
    calls = others = 0;
    for (unsigned int i = 0; i < ARRAY_SIZE(work); i++)
    {
        ok_status(TpAllocWork(&work[i], slow_work, (void *)(ULONG_PTR)i, &environment), STATUS_SUCCESS);
        for (int n = 0; n < 10; n++) TpPostWork(work[i]);
    }
    TpReleaseCleanupGroupMembers(group, FALSE, &others);
    ok(calls == 40 && !others, "%ld calls, %ld cancelled\n", calls, others);

    calls = others = 0;
    for (unsigned int i = 0; i < ARRAY_SIZE(work); i++)
    {
        ok_status(TpAllocWork(&work[i], slow_work, NULL, &environment), STATUS_SUCCESS);
        for (int n = 0; n < 100; n++) TpPostWork(work[i]);
    }
    TpReleaseCleanupGroupMembers(group, TRUE, &others);
    ok(calls < 100 && others, "%ld calls, %ld cancelled\n", calls, others);
    TpReleaseCleanupGroup(group);
    TpReleasePool(pool);
}

/* ---- timers and waits ---- */

static void CALLBACK count_timer(TP_CALLBACK_INSTANCE *instance, void *arg, TP_TIMER *timer)
{
    (void)instance;
    (void)timer;
    (void)arg;
    if (InterlockedIncrement(&calls) == 5) NtSetEvent(signal, NULL);
}

static void test_timers(void)
{
    LARGE_INTEGER due;
    TP_TIMER *timers[20];
    LONG before;

    calls = 0;
    ok_status(TpAllocTimer(&timers[0], count_timer, NULL, NULL), STATUS_SUCCESS);
    ok(!TpIsTimerSet(timers[0]), "a new timer is set\n");
    TpSetTimer(timers[0], milliseconds(&due, 10), 10, 0);
    ok(TpIsTimerSet(timers[0]), "it is not set\n");
    ok(wait_for(signal, 20000), "%ld calls\n", calls);
    TpSetTimer(timers[0], NULL, 0, 0);
    TpWaitForTimer(timers[0], TRUE);
    before = calls;
    nap(40);
    ok(calls == before, "a timer that was stopped calls\n");
    TpReleaseTimer(timers[0]);

    calls = -100;
    for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++)
    {
        ok_status(TpAllocTimer(&timers[i], count_timer, NULL, NULL), STATUS_SUCCESS);
        TpSetTimer(timers[i], milliseconds(&due, 1 + i * 7 % 20), 0, 0);
    }
    nap(60);
    for (int n = 0; n < 200 && calls != -100 + (LONG)ARRAY_SIZE(timers); n++) nap(10);
    ok(calls == -100 + (LONG)ARRAY_SIZE(timers), "%ld calls\n", calls + 100);
    for (unsigned int i = 0; i < ARRAY_SIZE(timers); i++) TpReleaseTimer(timers[i]);
}

static void CALLBACK see_wait(TP_CALLBACK_INSTANCE *instance, void *arg, TP_WAIT *wait, TP_WAIT_RESULT result)
{
    (void)instance;
    (void)arg;
    (void)wait;
    if (result == STATUS_TIMEOUT) InterlockedIncrement(&others);
    else InterlockedIncrement(&calls);
    NtSetEvent(signal, NULL);
}

static void test_waits(void)
{
    HANDLE events[100];                 /* more than one wait can have */
    TP_WAIT *waits[ARRAY_SIZE(events)];
    LARGE_INTEGER time;

    calls = others = 0;
    for (unsigned int i = 0; i < ARRAY_SIZE(events); i++)
    {
        events[i] = new_event(SynchronizationEvent, FALSE);
        ok_status(TpAllocWait(&waits[i], see_wait, NULL, NULL), STATUS_SUCCESS);
        TpSetWait(waits[i], events[i], NULL);
    }
    for (unsigned int i = 0; i < ARRAY_SIZE(events); i++)
    {
        NtSetEvent(events[i * 37 % ARRAY_SIZE(events)], NULL);
        ok(wait_for(signal, 20000), "event %u is not seen\n", i);
    }
    ok(calls == ARRAY_SIZE(events) && !others, "%ld calls, %ld timeouts\n", calls, others);
    TpSetWait(waits[0], events[0], milliseconds(&time, 10));
    ok(wait_for(signal, 20000) && others == 1, "%ld timeouts\n", others);
    NtSetEvent(events[0], NULL);
    nap(20);
    ok(calls == ARRAY_SIZE(events), "a wait that is over calls\n");
    for (unsigned int i = 0; i < ARRAY_SIZE(events); i++)
    {
        TpReleaseWait(waits[i]);
        NtClose(events[i]);
    }
}

/* ---- what is older than the pool ---- */

static DWORD WINAPI count_old(void *arg)
{
    (void)arg;
    if (InterlockedIncrement(&calls) == 100) NtSetEvent(signal, NULL);
    return 0;
}

static void WINAPI count_fired(void *arg, BOOLEAN timed_out)
{
    InterlockedIncrement(timed_out ? &others : &calls);
    NtSetEvent(arg, NULL);
}

static void test_old(void)
{
    HANDLE event = new_event(SynchronizationEvent, FALSE), wait, queue, timer;

    calls = others = 0;
    for (int i = 0; i < 100; i++) ok_status(RtlQueueWorkItem(count_old, NULL, i % 2 ? WT_EXECUTELONGFUNCTION : WT_EXECUTEDEFAULT), STATUS_SUCCESS);
    ok(wait_for(signal, 20000), "%ld of 100 calls\n", calls);

    calls = 0;
    ok_status(RtlRegisterWait(&wait, event, count_fired, signal, 30, WT_EXECUTEDEFAULT), STATUS_SUCCESS);
    NtSetEvent(event, NULL);
    ok(wait_for(signal, 20000) && calls == 1, "%ld calls\n", calls);
    ok(wait_for(signal, 20000) && others, "no timeout\n");
    ok_status(RtlDeregisterWaitEx(wait, INVALID_HANDLE_VALUE), STATUS_SUCCESS);
    calls = others = 0;
    NtSetEvent(event, NULL);
    nap(50);
    ok(!calls && !others, "%ld %ld calls after the end\n", calls, others);

    ok_status(RtlCreateTimerQueue(&queue), STATUS_SUCCESS);
    ok_status(RtlCreateTimer(queue, &timer, count_fired, event, 5, 5, 0), STATUS_SUCCESS);
    for (int i = 0; i < 3; i++) ok(wait_for(event, 20000), "no call\n");
    ok_status(RtlDeleteTimer(queue, timer, INVALID_HANDLE_VALUE), STATUS_SUCCESS);
    ok(others >= 2 && !calls, "%ld calls\n", others);
    ok_status(RtlCreateTimer(queue, &timer, count_fired, event, 600000, 0, 0), STATUS_SUCCESS);
    ok_status(RtlDeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE), STATUS_SUCCESS);
    NtClose(event);
}

START_TEST(pool)
{
    signal = new_event(SynchronizationEvent, FALSE);
    test_work();
    test_order();
    test_group();
    test_timers();
    test_waits();
    test_old();
    NtClose(signal);
}
