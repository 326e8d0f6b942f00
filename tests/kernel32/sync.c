/* Events, mutexes, semaphores, timers, waits, one-time initialisation, condition variables, addresses, timer queues. */
#include "win32.h"

static void test_objects(void)
{
    HANDLE event, again, mutex, semaphore, handles[2];
    LONG previous;

    event = CreateEventW(NULL, TRUE, FALSE, L"oriel-k32-event");
    SetLastError(0xdeadbeef);
    again = CreateEventW(NULL, FALSE, FALSE, L"oriel-k32-event");
    ok(again && GetLastError() == ERROR_ALREADY_EXISTS, "error %lu\n", GetLastError());
    works(SetEvent(event));
    ok(WaitForSingleObject(again, 0) == WAIT_OBJECT_0, "not the same event\n");
    CloseHandle(again);
    again = OpenEventW(SYNCHRONIZE, FALSE, L"oriel-k32-event");
    ok(again != NULL, "error %lu\n", GetLastError());
    fails(SetEvent(again), ERROR_ACCESS_DENIED);
    CloseHandle(again);
    fails(OpenEventW(SYNCHRONIZE, FALSE, L"oriel-none"), ERROR_FILE_NOT_FOUND);
    fails(OpenEventW(SYNCHRONIZE, FALSE, NULL), ERROR_INVALID_PARAMETER);
    fails(CreateMutexW(NULL, FALSE, L"oriel-k32-event"), ERROR_INVALID_HANDLE);
    fails(CreateEventExW(NULL, NULL, 8, EVENT_ALL_ACCESS), ERROR_INVALID_PARAMETER);

    mutex = CreateMutexW(NULL, TRUE, NULL);
    ok(WaitForSingleObject(mutex, 0) == WAIT_OBJECT_0, "not the owner\n");
    works(ReleaseMutex(mutex));
    works(ReleaseMutex(mutex));
    fails(ReleaseMutex(mutex), ERROR_NOT_OWNER);

    semaphore = CreateSemaphoreW(NULL, 1, 2, NULL);
    works(ReleaseSemaphore(semaphore, 1, &previous));
    ok(previous == 1, "previous %ld\n", previous);
    fails(ReleaseSemaphore(semaphore, 1, &previous), ERROR_TOO_MANY_POSTS);
    fails(CreateSemaphoreW(NULL, 3, 2, NULL), ERROR_INVALID_PARAMETER);

    handles[0] = event;
    handles[1] = semaphore;
    ok(WaitForMultipleObjects(2, handles, TRUE, 0) == WAIT_OBJECT_0, "not both\n");
    works(ResetEvent(event));
    ok(WaitForMultipleObjects(2, handles, FALSE, 0) == WAIT_OBJECT_0 + 1, "not the second\n");
    ok(WaitForMultipleObjects(2, handles, FALSE, 10) == WAIT_TIMEOUT, "neither\n");
    fails(WaitForMultipleObjects(0, handles, FALSE, 0) != WAIT_FAILED, ERROR_INVALID_PARAMETER);
    fails(WaitForMultipleObjects(65, handles, FALSE, 0) != WAIT_FAILED, ERROR_INVALID_PARAMETER);
    fails(WaitForSingleObject(NULL, 0) != WAIT_FAILED, ERROR_INVALID_HANDLE);
    ok(SignalObjectAndWait(event, mutex, 0, FALSE) == WAIT_OBJECT_0, "SignalObjectAndWait\n");
    ok(WaitForSingleObject(event, 0) == WAIT_OBJECT_0, "not signalled\n");
    CloseHandle(event);
    CloseHandle(mutex);
    CloseHandle(semaphore);
}

static void CALLBACK timer_apc(void *argument, DWORD low, DWORD high)
{
    (void)low; (void)high;
    ++*(int *)argument;
}

static void test_timer(void)
{
    HANDLE timer = CreateWaitableTimerW(NULL, FALSE, NULL);
    LARGE_INTEGER due;
    int fired = 0;
    DWORD start;

    due.QuadPart = -200000;     /* 20 ms */
    start = GetTickCount();
    works(SetWaitableTimer(timer, &due, 0, NULL, NULL, FALSE));
    ok(WaitForSingleObject(timer, 0) == WAIT_TIMEOUT, "too early\n");
    ok(WaitForSingleObject(timer, 2000) == WAIT_OBJECT_0, "never\n");
    ok(GetTickCount() - start >= 15, "after %lu ms\n", GetTickCount() - start);
    ok(WaitForSingleObject(timer, 0) == WAIT_TIMEOUT, "it stays set\n");
    works(SetWaitableTimer(timer, &due, 0, timer_apc, &fired, FALSE));
    ok(SleepEx(2000, TRUE) == WAIT_IO_COMPLETION && fired == 1, "fired %d\n", fired);
    works(SetWaitableTimer(timer, &due, 0, timer_apc, &fired, FALSE));
    works(CancelWaitableTimer(timer));
    ok(SleepEx(50, TRUE) == 0 && fired == 1, "fired %d\n", fired);
    CloseHandle(timer);
}

static int once_runs;

static BOOL CALLBACK once_callback(INIT_ONCE *once, void *parameter, void **context)
{
    (void)once;
    once_runs++;
    *context = (void *)0x40;
    return *(BOOL *)parameter;
}

static CONDITION_VARIABLE condition = RTL_CONDITION_VARIABLE_INIT;
static CRITICAL_SECTION section;
static SRWLOCK lock = RTL_SRWLOCK_INIT;
static int stage;

static DWORD CALLBACK partner(void *unused)
{
    (void)unused;
    EnterCriticalSection(&section);
    stage = 1;
    LeaveCriticalSection(&section);
    WakeConditionVariable(&condition);
    Sleep(20);
    AcquireSRWLockExclusive(&lock);
    stage = 2;
    WakeByAddressSingle(&stage);
    ReleaseSRWLockExclusive(&lock);
    return 7;
}

static void test_locks(void)
{
    static INIT_ONCE once = INIT_ONCE_STATIC_INIT;
    BOOL succeed = FALSE;
    void *context = NULL;
    HANDLE thread;
    DWORD code;
    int seen;

    ok(!InitOnceExecuteOnce(&once, once_callback, &succeed, &context), "a failure became success\n");
    succeed = TRUE;
    works(InitOnceExecuteOnce(&once, once_callback, &succeed, &context));
    works(InitOnceExecuteOnce(&once, once_callback, &succeed, &context));
    ok(once_runs == 2 && context == (void *)0x40, "%d runs\n", once_runs);

    InitializeCriticalSection(&section);
    ok(TryEnterCriticalSection(&section) && TryEnterCriticalSection(&section), "not recursive\n");
    LeaveCriticalSection(&section);
    fails(SleepConditionVariableCS(&condition, &section, 10), ERROR_TIMEOUT);
    thread = CreateThread(NULL, 0, partner, NULL, 0, NULL);
    while (!stage) works(SleepConditionVariableCS(&condition, &section, 2000));
    LeaveCriticalSection(&section);
    for (seen = 1; stage != 2; seen = stage) WaitOnAddress(&stage, &seen, sizeof(seen), 2000);
    ok(WaitForSingleObject(thread, 2000) == WAIT_OBJECT_0, "the thread runs on\n");
    works(GetExitCodeThread(thread, &code));
    ok(code == 7, "code %lu\n", code);
    CloseHandle(thread);
    seen = 2;
    fails(WaitOnAddress(&stage, &seen, sizeof(seen), 10), ERROR_TIMEOUT);
    AcquireSRWLockShared(&lock);
    ok(TryAcquireSRWLockShared(&lock) && !TryAcquireSRWLockExclusive(&lock), "a shared lock\n");
    ReleaseSRWLockShared(&lock);
    ReleaseSRWLockShared(&lock);
    DeleteCriticalSection(&section);
}

static void CALLBACK count_timer(void *counter, BOOLEAN fired)
{
    ok(fired, "not by a timer\n");
    InterlockedIncrement(counter);
}

static void CALLBACK work_callback(TP_CALLBACK_INSTANCE *instance, void *counter, TP_WORK *work)
{
    (void)instance; (void)work;
    InterlockedIncrement(counter);
}

static void test_pool(void)
{
    LONG count = 0;
    TP_WORK *work;
    HANDLE timer;

    works(CreateTimerQueueTimer(&timer, NULL, count_timer, &count, 10, 10, 0));
    for (int i = 0; i < 200 && count < 3; i++) Sleep(10);
    ok(count >= 3, "%ld times\n", count);
    works(DeleteTimerQueueTimer(NULL, timer, INVALID_HANDLE_VALUE));
    count = 0;
    work = CreateThreadpoolWork(work_callback, &count, NULL);
    ok(work != NULL, "error %lu\n", GetLastError());
    for (int i = 0; i < 10; i++) SubmitThreadpoolWork(work);
    WaitForThreadpoolWorkCallbacks(work, FALSE);
    ok(count == 10, "%ld times\n", count);
    CloseThreadpoolWork(work);
}

START_TEST(sync)
{
    test_objects();
    test_timer();
    test_locks();
    test_pool();
}
