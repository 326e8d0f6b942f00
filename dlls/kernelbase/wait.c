/* Waiting: for objects, for addresses, for time; condition variables and one-time initialisation. */
#include "kernelbase.h"

/* A wait's status is its result, except for failures. */
static DWORD wait_result(NTSTATUS status)
{
    if (status < 0)
    {
        set_error(RtlNtStatusToDosError(status));
        return WAIT_FAILED;
    }
    return (DWORD)status;
}

DWORD WINAPI WaitForSingleObjectEx(HANDLE handle, DWORD timeout, BOOL alertable)
{
    LARGE_INTEGER time;

    return wait_result(NtWaitForSingleObject(real_handle(handle), (BOOLEAN)(alertable != 0), nt_timeout(&time, timeout)));
}

DWORD WINAPI WaitForSingleObject(HANDLE handle, DWORD timeout)
{
    return WaitForSingleObjectEx(handle, timeout, FALSE);
}

DWORD WINAPI WaitForMultipleObjectsEx(DWORD count, const HANDLE *handles, BOOL wait_all, DWORD timeout, BOOL alertable)
{
    HANDLE real[MAXIMUM_WAIT_OBJECTS];
    LARGE_INTEGER time;
    DWORD i;

    if (count > MAXIMUM_WAIT_OBJECTS || !count)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return WAIT_FAILED;
    }
    for (i = 0; i < count; i++) real[i] = real_handle(handles[i]);
    return wait_result(NtWaitForMultipleObjects(count, real, wait_all ? FALSE : TRUE, (BOOLEAN)(alertable != 0),
                                                nt_timeout(&time, timeout)));
}

DWORD WINAPI WaitForMultipleObjects(DWORD count, const HANDLE *handles, BOOL wait_all, DWORD timeout)
{
    return WaitForMultipleObjectsEx(count, handles, wait_all, timeout, FALSE);
}

DWORD WINAPI SignalObjectAndWait(HANDLE signal, HANDLE wait, DWORD timeout, BOOL alertable)
{
    LARGE_INTEGER time;

    return wait_result(NtSignalAndWaitForSingleObject(signal, real_handle(wait), (BOOLEAN)(alertable != 0),
                                                      nt_timeout(&time, timeout)));
}

DWORD WINAPI SleepEx(DWORD timeout, BOOL alertable)
{
    LARGE_INTEGER time;
    NTSTATUS status;

    /* NtDelayExecution has no "for ever": the longest relative time is as good. */
    if (!nt_timeout(&time, timeout)) time.QuadPart = INT64_MIN;
    status = NtDelayExecution((BOOLEAN)(alertable != 0), &time);
    return status == STATUS_USER_APC ? WAIT_IO_COMPLETION : 0;
}

void WINAPI Sleep(DWORD timeout)
{
    SleepEx(timeout, FALSE);
}

BOOL WINAPI WaitOnAddress(volatile void *address, void *compare, SIZE_T size, DWORD timeout)
{
    LARGE_INTEGER time;
    NTSTATUS status = RtlWaitOnAddress((const void *)address, compare, size, nt_timeout(&time, timeout));

    if (status != STATUS_SUCCESS)
    {
        set_error(RtlNtStatusToDosError(status));
        return FALSE;
    }
    return TRUE;
}

BOOL WINAPI SleepConditionVariableCS(CONDITION_VARIABLE *variable, CRITICAL_SECTION *section, DWORD timeout)
{
    LARGE_INTEGER time;
    NTSTATUS status = RtlSleepConditionVariableCS(variable, section, nt_timeout(&time, timeout));

    if (status != STATUS_SUCCESS)
    {
        set_error(RtlNtStatusToDosError(status));
        return FALSE;
    }
    return TRUE;
}

BOOL WINAPI SleepConditionVariableSRW(CONDITION_VARIABLE *variable, SRWLOCK *lock, DWORD timeout, ULONG flags)
{
    LARGE_INTEGER time;
    NTSTATUS status = RtlSleepConditionVariableSRW(variable, lock, nt_timeout(&time, timeout), flags);

    if (status != STATUS_SUCCESS)
    {
        set_error(RtlNtStatusToDosError(status));
        return FALSE;
    }
    return TRUE;
}

/* ---- critical sections ------------------------------------------------------------------------------ */
BOOL WINAPI InitializeCriticalSectionEx(CRITICAL_SECTION *section, DWORD spin, DWORD flags)
{
    NTSTATUS status = RtlInitializeCriticalSectionEx(section, spin, flags);

    if (status < 0) RtlRaiseStatus(status);
    return TRUE;
}

BOOL WINAPI InitializeCriticalSectionAndSpinCount(CRITICAL_SECTION *section, DWORD spin)
{
    return InitializeCriticalSectionEx(section, spin, 0);
}

void WINAPI InitializeCriticalSection(CRITICAL_SECTION *section)
{
    InitializeCriticalSectionEx(section, 0, 0);
}

/* ---- one-time initialisation ------------------------------------------------------------------------ */
BOOL WINAPI InitOnceBeginInitialize(INIT_ONCE *once, DWORD flags, BOOL *pending, void **context)
{
    NTSTATUS status = RtlRunOnceBeginInitialize(once, flags, context);

    if (status < 0) return nt_result(status);
    *pending = status == STATUS_PENDING;
    return TRUE;
}

BOOL WINAPI InitOnceComplete(INIT_ONCE *once, DWORD flags, void *context)
{
    return nt_result(RtlRunOnceComplete(once, flags, context));
}

BOOL WINAPI InitOnceExecuteOnce(INIT_ONCE *once, PINIT_ONCE_FN function, void *parameter, void **context)
{
    /* The callback has set the last error if it failed. */
    return (NTSTATUS)RtlRunOnceExecuteOnce(once, (PRTL_RUN_ONCE_INIT_FN)function, parameter, context) >= 0;
}
