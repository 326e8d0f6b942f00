/* Locks that live in the program's memory: critical sections, SRW locks and condition variables, waits on addresses,
 * one-time initialization, barriers, resources, lists without locks, fibre-local storage. Several threads each time; a
 * lost wake-up shows as a test that does not end. */
#include "objects.h"

typedef struct { ULONG_PTR reserved[4]; } BARRIER;

extern NTSTATUS WINAPI RtlInitBarrier(BARRIER *barrier, ULONG threads, ULONG spins);
extern BOOLEAN WINAPI RtlBarrier(BARRIER *barrier, ULONG flags);
extern NTSTATUS WINAPI RtlDeleteBarrier(BARRIER *barrier);

#define THREADS 4

static void nap(int ms)
{
    LARGE_INTEGER time;

    NtDelayExecution(FALSE, milliseconds(&time, ms));
}

/* Runs a routine in several threads, numbered from 0, until all have ended. */
struct start
{
    void (*routine)(int n);
    int    n;
};

static void WINAPI thread_main(void *arg)
{
    struct start *start = arg;

    start->routine(start->n);
    RtlExitUserThread(0);
}

static void run_threads(int count, void (*routine)(int n))
{
    LARGE_INTEGER time;
    struct start start[16];
    HANDLE threads[16];

    for (int i = 0; i < count; i++)
    {
        start[i].routine = routine;
        start[i].n = i;
        ok_status(RtlCreateUserThread(ME, NULL, FALSE, 0, 0, 0, thread_main, &start[i], &threads[i], NULL), STATUS_SUCCESS);
    }
    for (int i = 0; i < count; i++)
    {
        NTSTATUS status = NtWaitForSingleObject(threads[i], FALSE, milliseconds(&time, 60000));

        ok(!status, "thread %d does not end: %lx\n", i, status);
        NtClose(threads[i]);
    }
}

/* What a lock protects: two counters that are equal whenever it is free. */
static volatile LONG first, second;
static LONG torn;

static void change(void)
{
    LONG n = first;

    first = n + 1;
    if (!(n % 64)) NtYieldExecution();
    second = n + 1;
}

static void look(void)
{
    if (first != second) InterlockedIncrement(&torn);
}

static void check_counters(LONG expected)
{
    ok(first == expected && second == expected, "%ld %ld, expected %ld\n", first, second, expected);
    ok(!torn, "the lock did not hold %ld times\n", torn);
    first = second = torn = 0;
}

/* ---- critical sections ---- */

static RTL_CRITICAL_SECTION section;

static void use_section(int n)
{
    for (int i = 0; i < 20000; i++)
    {
        if (n && i % 3 == 0)
        {
            if (!RtlTryEnterCriticalSection(&section)) RtlEnterCriticalSection(&section);
        }
        else RtlEnterCriticalSection(&section);
        RtlEnterCriticalSection(&section);
        look();
        change();
        RtlLeaveCriticalSection(&section);
        RtlLeaveCriticalSection(&section);
    }
}

static void try_section(int n)
{
    (void)n;
    ok(!RtlTryEnterCriticalSection(&section), "two threads are inside\n");
    ok(!RtlIsCriticalSectionLockedByThread(&section), "it is not this thread's\n");
    ok(RtlIsCriticalSectionLocked(&section), "it is locked\n");
}

static void test_section(void)
{
    ok_status(RtlInitializeCriticalSectionEx(&section, 100, 0), STATUS_SUCCESS);
    ok(section.LockCount == -1 && !section.OwningThread, "count %ld\n", section.LockCount);
    RtlEnterCriticalSection(&section);
    ok(RtlTryEnterCriticalSection(&section), "the owner is refused\n");
    ok(section.RecursionCount == 2, "recursion %ld\n", section.RecursionCount);
    ok((ULONG)(ULONG_PTR)section.OwningThread == GetCurrentThreadId(), "owner %p\n", section.OwningThread);
    ok(RtlIsCriticalSectionLockedByThread(&section), "it is this thread's\n");
    run_threads(1, try_section);
    RtlLeaveCriticalSection(&section);
    RtlLeaveCriticalSection(&section);
    ok(!RtlIsCriticalSectionLocked(&section), "it is free\n");
    ok(RtlSetCriticalSectionSpinCount(&section, 200) % 0x1000000 == 100, "another spin count\n");

    run_threads(THREADS, use_section);
    check_counters(THREADS * 20000);
    ok(section.LockCount == -1 && !section.RecursionCount, "%ld %ld\n", section.LockCount, section.RecursionCount);
    ok_status(RtlDeleteCriticalSection(&section), STATUS_SUCCESS);
}

/* ---- SRW locks and condition variables ---- */

static RTL_SRWLOCK srw = RTL_SRWLOCK_INIT;
static RTL_CONDITION_VARIABLE not_empty = RTL_CONDITION_VARIABLE_INIT, not_full = RTL_CONDITION_VARIABLE_INIT;

static void use_srw(int n)
{
    for (int i = 0; i < 20000; i++)
    {
        if (i % 4 == n)
        {
            RtlAcquireSRWLockExclusive(&srw);
            look();
            change();
            RtlReleaseSRWLockExclusive(&srw);
        }
        else
        {
            if (i % 5 || !RtlTryAcquireSRWLockShared(&srw)) RtlAcquireSRWLockShared(&srw);
            look();
            RtlReleaseSRWLockShared(&srw);
        }
    }
}

static void try_srw_exclusive(int n)
{
    (void)n;
    ok(!RtlTryAcquireSRWLockExclusive(&srw), "exclusive beside another\n");
}

static void try_srw_shared(int n)
{
    (void)n;
    ok(RtlTryAcquireSRWLockShared(&srw), "not shared with another\n");
    RtlReleaseSRWLockShared(&srw);
}

static void try_srw(int n)
{
    (void)n;
    ok(!RtlTryAcquireSRWLockShared(&srw), "shared beside exclusive\n");
    ok(!RtlTryAcquireSRWLockExclusive(&srw), "exclusive beside another\n");
}

static void test_srw(void)
{
    RtlAcquireSRWLockExclusive(&srw);
    run_threads(1, try_srw);
    RtlReleaseSRWLockExclusive(&srw);
    RtlAcquireSRWLockShared(&srw);
    run_threads(1, try_srw_exclusive);
    run_threads(1, try_srw_shared);
    RtlReleaseSRWLockShared(&srw);
    ok(!srw.Ptr, "a free lock is %p\n", srw.Ptr);
    run_threads(THREADS, use_srw);
    check_counters(THREADS * 5000);
    ok(!srw.Ptr, "a free lock is %p\n", srw.Ptr);
}

/* Two threads put numbers into a small ring, two take them out. */
enum { RING = 4, ITEMS = 5000 };
static int ring[RING], ring_count, ring_head, given;
static LONG64 sum;

static void produce_or_consume(int n)
{
    for (int i = 0; i < ITEMS; i++)
    {
        RtlAcquireSRWLockExclusive(&srw);
        if (n < 2)
        {
            while (ring_count == RING) RtlSleepConditionVariableSRW(&not_full, &srw, NULL, 0);
            ring[(ring_head + ring_count++) % RING] = ++given;
            RtlWakeConditionVariable(&not_empty);
        }
        else
        {
            while (!ring_count) RtlSleepConditionVariableSRW(&not_empty, &srw, NULL, 0);
            sum += ring[ring_head];
            ring_head = (ring_head + 1) % RING;
            ring_count--;
            RtlWakeConditionVariable(&not_full);
        }
        RtlReleaseSRWLockExclusive(&srw);
    }
}

static LONG released;

static void sleep_until_woken(int n)
{
    (void)n;
    RtlEnterCriticalSection(&section);
    InterlockedIncrement(&released);
    while (released > 0) RtlSleepConditionVariableCS(&not_empty, &section, NULL);
    RtlLeaveCriticalSection(&section);
}

static void wake_all(int n)
{
    if (n)
    {
        sleep_until_woken(n);
        return;
    }
    for (;;)
    {
        RtlEnterCriticalSection(&section);
        if (released == THREADS - 1)
        {
            released = 0;
            RtlWakeAllConditionVariable(&not_empty);
            RtlLeaveCriticalSection(&section);
            return;
        }
        RtlLeaveCriticalSection(&section);
        nap(1);
    }
}

static void test_condition(void)
{
    LARGE_INTEGER time;

    run_threads(4, produce_or_consume);
    ok(!ring_count && sum == (LONG64)given * (given + 1) / 2 && given == 2 * ITEMS, "%d left, sum %I64d\n", ring_count, sum);

    RtlInitializeCriticalSection(&section);
    released = 0;
    run_threads(THREADS, wake_all);
    RtlEnterCriticalSection(&section);
    ok_status(RtlSleepConditionVariableCS(&not_empty, &section, milliseconds(&time, 20)), STATUS_TIMEOUT);
    ok(RtlIsCriticalSectionLockedByThread(&section), "the section is not entered again\n");
    RtlLeaveCriticalSection(&section);
    RtlDeleteCriticalSection(&section);
    RtlAcquireSRWLockShared(&srw);
    ok_status(RtlSleepConditionVariableSRW(&not_empty, &srw, milliseconds(&time, 1), RTL_CONDITION_VARIABLE_LOCKMODE_SHARED), STATUS_TIMEOUT);
    RtlReleaseSRWLockShared(&srw);
    ok(!srw.Ptr, "a free lock is %p\n", srw.Ptr);
}

/* ---- waits on addresses ---- */

static LONG64 volatile turn;

static void take_turns(int n)
{
    for (int i = 0; i < 3000; i++)
    {
        LONG64 seen;

        while ((seen = turn) % THREADS != n) RtlWaitOnAddress((void *)&turn, &seen, sizeof(seen), NULL);
        turn = seen + 1;
        RtlWakeAddressAll((void *)&turn);
    }
}

static void test_address(void)
{
    LARGE_INTEGER time;
    BYTE one = 1, other = 2;
    ULONGLONG eight = 1;

    turn = 0;
    run_threads(THREADS, take_turns);
    ok(turn == THREADS * 3000, "turn %I64d\n", turn);

    ok_status(RtlWaitOnAddress(&one, &other, 1, NULL), STATUS_SUCCESS);
    ok_status(RtlWaitOnAddress(&one, &one, 1, milliseconds(&time, 10)), STATUS_TIMEOUT);
    ok_status(RtlWaitOnAddress(&eight, &eight, 8, milliseconds(&time, 0)), STATUS_TIMEOUT);
    ok_status(RtlWaitOnAddress(&eight, &eight, 3, NULL), STATUS_INVALID_PARAMETER);
    RtlWakeAddressSingle(&eight);
    RtlWakeAddressSingle(NULL);
}

/* ---- one-time initialization, barriers, resources ---- */

static RTL_RUN_ONCE once = RTL_RUN_ONCE_INIT;
static LONG initialized, leaders;
static BARRIER barrier;
static RTL_RWLOCK resource;

static DWORD WINAPI initialize(RTL_RUN_ONCE *which, void *param, void **context)
{
    ok(which == &once, "%p\n", which);
    nap(20);
    initialized++;
    *context = param;
    return TRUE;
}

static DWORD WINAPI refuse(RTL_RUN_ONCE *which, void *param, void **context)
{
    (void)which;
    (void)param;
    (void)context;
    return FALSE;
}

static void use_once(int n)
{
    void *context = NULL;

    (void)n;
    ok_status(RtlRunOnceExecuteOnce(&once, initialize, (void *)0x1230, &context), STATUS_SUCCESS);
    ok(context == (void *)0x1230 && initialized == 1, "%p %ld\n", context, initialized);
}

static void test_once(void)
{
    void *context;

    ok_status(RtlRunOnceExecuteOnce(&once, refuse, NULL, NULL), STATUS_UNSUCCESSFUL);
    run_threads(THREADS, use_once);

    RtlRunOnceInitialize(&once);
    ok_status(RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_CHECK_ONLY, &context), STATUS_UNSUCCESSFUL);
    ok_status(RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_ASYNC, &context), STATUS_PENDING);
    ok_status(RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_ASYNC, &context), STATUS_PENDING);
    ok_status(RtlRunOnceComplete(&once, RTL_RUN_ONCE_ASYNC, (void *)0x550), STATUS_SUCCESS);
    ok_status(RtlRunOnceComplete(&once, RTL_RUN_ONCE_ASYNC, (void *)0x660), STATUS_UNSUCCESSFUL);
    ok_status(RtlRunOnceBeginInitialize(&once, RTL_RUN_ONCE_CHECK_ONLY, &context), STATUS_SUCCESS);
    ok(context == (void *)0x550, "context %p\n", context);
}

static void meet(int n)
{
    (void)n;
    for (int i = 0; i < 500; i++)
    {
        InterlockedIncrement((LONG *)&first);
        if (RtlBarrier(&barrier, 0)) InterlockedIncrement(&leaders);
        if (first < (i + 1) * THREADS) InterlockedIncrement(&torn);
        RtlBarrier(&barrier, 0);
    }
}

static void test_barrier(void)
{
    leaders = 0;
    ok_status(RtlInitBarrier(&barrier, THREADS, 100), STATUS_SUCCESS);
    run_threads(THREADS, meet);
    second = first;
    check_counters(500 * THREADS);
    ok(leaders == 500, "%ld last ones\n", leaders);
    ok_status(RtlDeleteBarrier(&barrier), STATUS_SUCCESS);
}

static void use_resource(int n)
{
    for (int i = 0; i < 5000; i++)
    {
        if (i % 4 == n)
        {
            RtlAcquireResourceExclusive(&resource, TRUE);
            RtlAcquireResourceExclusive(&resource, TRUE);
            look();
            change();
            RtlReleaseResource(&resource);
            RtlReleaseResource(&resource);
        }
        else
        {
            RtlAcquireResourceShared(&resource, TRUE);
            look();
            RtlReleaseResource(&resource);
        }
    }
}

static void try_resource(int n)
{
    (void)n;
    ok(!RtlAcquireResourceShared(&resource, FALSE), "shared beside exclusive\n");
    ok(!RtlAcquireResourceExclusive(&resource, FALSE), "exclusive beside another\n");
}

static void test_resource(void)
{
    RtlInitializeResource(&resource);
    ok(RtlAcquireResourceExclusive(&resource, FALSE), "a free resource is refused\n");
    run_threads(1, try_resource);
    RtlReleaseResource(&resource);
    run_threads(THREADS, use_resource);
    check_counters(THREADS * 1250);
    RtlDeleteResource(&resource);
}

/* ---- lists without locks ---- */

struct item
{
    SLIST_ENTRY entry;
    LONG        owned;
};

static DECLSPEC_ALIGN(16) SLIST_HEADER list;
static DECLSPEC_ALIGN(16) struct item items[64];

static void use_list(int n)
{
    (void)n;
    for (int i = 0; i < 30000; i++)
    {
        struct item *item = (struct item *)RtlInterlockedPopEntrySList(&list);

        if (!item) continue;
        if (InterlockedExchange(&item->owned, 1)) InterlockedIncrement(&torn);
        InterlockedExchange(&item->owned, 0);
        RtlInterlockedPushEntrySList(&list, &item->entry);
    }
}

static void test_list(void)
{
    SLIST_ENTRY *entry;
    unsigned int i;

    RtlInitializeSListHead(&list);
    ok(!RtlInterlockedPopEntrySList(&list) && !RtlQueryDepthSList(&list), "a new list is not empty\n");
    for (i = 0; i < ARRAY_SIZE(items); i++)
    {
        entry = RtlInterlockedPushEntrySList(&list, &items[i].entry);
        ok(entry == (i ? &items[i - 1].entry : NULL), "%u: %p was first\n", i, entry);
    }
    ok(RtlQueryDepthSList(&list) == ARRAY_SIZE(items), "depth %u\n", RtlQueryDepthSList(&list));
    ok(RtlFirstEntrySList(&list) == &items[ARRAY_SIZE(items) - 1].entry, "another is first\n");
    run_threads(THREADS, use_list);
    ok(!torn, "%ld items had two owners\n", torn);
    torn = 0;
    entry = RtlInterlockedFlushSList(&list);
    for (i = 0; entry; entry = entry->Next) i++;
    ok(i == ARRAY_SIZE(items), "%u items\n", i);
    ok(!RtlQueryDepthSList(&list), "depth %u\n", RtlQueryDepthSList(&list));
}

/* ---- fibre-local storage ---- */

static ULONG slot;
static LONG freed;

static void WINAPI slot_freed(void *value)
{
    ok(value == (void *)0x77, "value %p\n", value);
    InterlockedIncrement(&freed);
}

static void use_slot(int n)
{
    void *value;

    /* A thread that never stored anything has slots, too (kernel32:loader, dll_entry_point). */
    ok_status(RtlFlsGetValue(slot, &value), STATUS_SUCCESS);
    ok(!value, "value %p\n", value);
    if (n) ok_status(RtlFlsSetValue(slot, (void *)0x77), STATUS_SUCCESS);
}

static void test_slots(void)
{
    void *value;

    ok_status(RtlFlsAlloc(slot_freed, &slot), STATUS_SUCCESS);
    run_threads(THREADS, use_slot);
    ok(freed == THREADS - 1, "%ld calls at the end of threads\n", freed);
    ok_status(RtlFlsSetValue(slot, (void *)0x77), STATUS_SUCCESS);
    ok_status(RtlFlsGetValue(slot, &value), STATUS_SUCCESS);
    ok(value == (void *)0x77, "value %p\n", value);
    ok_status(RtlFlsFree(slot), STATUS_SUCCESS);
    ok(freed == THREADS, "%ld calls\n", freed);
    ok_status(RtlFlsFree(slot), STATUS_INVALID_PARAMETER);
    ok_status(RtlFlsSetValue(0, NULL), STATUS_INVALID_PARAMETER);
}

START_TEST(lock)
{
    test_section();
    test_srw();
    test_condition();
    test_address();
    test_once();
    test_barrier();
    test_resource();
    test_list();
    test_slots();
}
