/* Thread pools, timer queues and registered waits, over ntdll's. */
#include "kernelbase.h"

/* ---- pools ------------------------------------------------------------------------------------------ */
TP_POOL *WINAPI CreateThreadpool(void *reserved)
{
    TP_POOL *pool;

    return nt_result(TpAllocPool(&pool, reserved)) ? pool : NULL;
}

BOOL WINAPI SetThreadpoolThreadMinimum(TP_POOL *pool, DWORD minimum)
{
    return nt_result(TpSetPoolMinThreads(pool, minimum));
}

BOOL WINAPI SetThreadpoolStackInformation(TP_POOL *pool, TP_POOL_STACK_INFORMATION *info)
{
    return nt_result(TpSetPoolStackInformation(pool, info));
}

BOOL WINAPI QueryThreadpoolStackInformation(TP_POOL *pool, TP_POOL_STACK_INFORMATION *info)
{
    return nt_result(TpQueryPoolStackInformation(pool, info));
}

TP_CLEANUP_GROUP *WINAPI CreateThreadpoolCleanupGroup(void)
{
    TP_CLEANUP_GROUP *group;

    return nt_result(TpAllocCleanupGroup(&group)) ? group : NULL;
}

/* ---- what runs in them ------------------------------------------------------------------------------ */
BOOL WINAPI TrySubmitThreadpoolCallback(PTP_SIMPLE_CALLBACK callback, void *context, TP_CALLBACK_ENVIRON *environment)
{
    return nt_result(TpSimpleTryPost(callback, context, environment));
}

TP_WORK *WINAPI CreateThreadpoolWork(PTP_WORK_CALLBACK callback, void *context, TP_CALLBACK_ENVIRON *environment)
{
    TP_WORK *work;

    return nt_result(TpAllocWork(&work, callback, context, environment)) ? work : NULL;
}

TP_TIMER *WINAPI CreateThreadpoolTimer(PTP_TIMER_CALLBACK callback, void *context, TP_CALLBACK_ENVIRON *environment)
{
    TP_TIMER *timer;

    return nt_result(TpAllocTimer(&timer, callback, context, environment)) ? timer : NULL;
}

void WINAPI SetThreadpoolTimer(TP_TIMER *timer, FILETIME *due, DWORD period, DWORD window)
{
    LARGE_INTEGER time;

    if (due)
    {
        time.LowPart = due->dwLowDateTime;
        time.HighPart = (LONG)due->dwHighDateTime;
    }
    TpSetTimer(timer, due ? &time : NULL, (LONG)period, (LONG)window);
}

BOOL WINAPI SetThreadpoolTimerEx(TP_TIMER *timer, FILETIME *due, DWORD period, DWORD window)
{
    BOOL was_set = TpIsTimerSet(timer);

    SetThreadpoolTimer(timer, due, period, window);
    return was_set;
}

TP_WAIT *WINAPI CreateThreadpoolWait(PTP_WAIT_CALLBACK callback, void *context, TP_CALLBACK_ENVIRON *environment)
{
    TP_WAIT *wait;

    return nt_result(TpAllocWait(&wait, callback, context, environment)) ? wait : NULL;
}

void WINAPI SetThreadpoolWait(TP_WAIT *wait, HANDLE handle, FILETIME *timeout)
{
    LARGE_INTEGER time;

    if (!handle)
    {
        TpSetWait(wait, NULL, NULL);
        return;
    }
    if (timeout)
    {
        time.LowPart = timeout->dwLowDateTime;
        time.HighPart = (LONG)timeout->dwHighDateTime;
    }
    TpSetWait(wait, real_handle(handle), timeout ? &time : NULL);
}

BOOL WINAPI QueueUserWorkItem(LPTHREAD_START_ROUTINE function, void *context, ULONG flags)
{
    return nt_result(RtlQueueWorkItem((PRTL_WORK_ITEM_ROUTINE)(void *)function, context, flags));
}

/* ---- registered waits ------------------------------------------------------------------------------- */
BOOL WINAPI RegisterWaitForSingleObject(HANDLE *wait, HANDLE object, WAITORTIMERCALLBACK callback, void *context, ULONG timeout, ULONG flags)
{
    return nt_result(RtlRegisterWait(wait, real_handle(object), callback, context, timeout, flags));
}

HANDLE WINAPI RegisterWaitForSingleObjectEx(HANDLE object, WAITORTIMERCALLBACK callback, void *context, ULONG timeout, ULONG flags)
{
    HANDLE wait;

    return RegisterWaitForSingleObject(&wait, object, callback, context, timeout, flags) ? wait : NULL;
}

BOOL WINAPI UnregisterWaitEx(HANDLE wait, HANDLE event)
{
    NTSTATUS status = RtlDeregisterWaitEx(wait, event);

    /* Still running: the call did its work, and yet fails. */
    if (status != STATUS_SUCCESS) set_error(RtlNtStatusToDosError(status));
    return status == STATUS_SUCCESS;
}

BOOL WINAPI UnregisterWait(HANDLE wait)
{
    return UnregisterWaitEx(wait, NULL);
}

/* ---- timer queues ----------------------------------------------------------------------------------- */
HANDLE WINAPI CreateTimerQueue(void)
{
    HANDLE queue;

    return nt_result(RtlCreateTimerQueue(&queue)) ? queue : NULL;
}

BOOL WINAPI DeleteTimerQueueEx(HANDLE queue, HANDLE event)
{
    NTSTATUS status = RtlDeleteTimerQueueEx(queue, event);

    if (status != STATUS_SUCCESS) set_error(RtlNtStatusToDosError(status));
    return status == STATUS_SUCCESS;
}

BOOL WINAPI DeleteTimerQueue(HANDLE queue)
{
    DeleteTimerQueueEx(queue, NULL);
    return TRUE;
}

BOOL WINAPI CreateTimerQueueTimer(HANDLE *timer, HANDLE queue, WAITORTIMERCALLBACK callback, void *context, DWORD due, DWORD period, ULONG flags)
{
    return nt_result(RtlCreateTimer(queue, timer, callback, context, due, period, flags));
}

BOOL WINAPI ChangeTimerQueueTimer(HANDLE queue, HANDLE timer, ULONG due, ULONG period)
{
    return nt_result(RtlUpdateTimer(queue, timer, due, period));
}

BOOL WINAPI DeleteTimerQueueTimer(HANDLE queue, HANDLE timer, HANDLE event)
{
    NTSTATUS status = RtlDeleteTimer(queue, timer, event);

    if (status != STATUS_SUCCESS) set_error(RtlNtStatusToDosError(status));
    return status == STATUS_SUCCESS;
}

/* ---- operations on a file ------------------------------------------------------------------------------- */

/* A TP_IO begins with a pointer that is ours: the program's callback. */
static void CALLBACK io_done(TP_CALLBACK_INSTANCE *instance, void *context, void *overlapped, IO_STATUS_BLOCK *io, TP_IO *object)
{
    PTP_WIN32_IO_CALLBACK callback = *(PTP_WIN32_IO_CALLBACK *)object;

    callback(instance, context, overlapped, RtlNtStatusToDosError(io->Status), io->Information, object);
}

TP_IO *WINAPI CreateThreadpoolIo(HANDLE file, PTP_WIN32_IO_CALLBACK callback, void *context, TP_CALLBACK_ENVIRON *environment)
{
    TP_IO *object;

    if (!nt_result(TpAllocIoCompletion(&object, file, io_done, context, environment))) return NULL;
    *(PTP_WIN32_IO_CALLBACK *)object = callback;
    return object;
}
