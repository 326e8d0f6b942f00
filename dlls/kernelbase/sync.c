/* Named objects: events, mutexes, semaphores, waitable timers. */
#include "kernelbase.h"

/* Opened at the first named object; never closed. Two threads may race to open it: one handle survives. */
HANDLE named_objects_directory(void)
{
    static HANDLE directory;
    HANDLE handle = __atomic_load_n(&directory, __ATOMIC_ACQUIRE);
    HANDLE expected = NULL;
    WCHAR buffer[64];
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attr;
    ULONG session = NtCurrentTeb()->Peb->SessionId;
    size_t length;

    if (handle) return handle;
    if (session)
    {
        wcscpy(buffer, L"\\Sessions\\");
        length = wcslen(buffer);
        if (session >= 10) buffer[length++] = (WCHAR)(L'0' + session / 10 % 10);
        buffer[length++] = (WCHAR)(L'0' + session % 10);
        wcscpy(buffer + length, L"\\BaseNamedObjects");
    }
    else wcscpy(buffer, L"\\BaseNamedObjects");
    RtlInitUnicodeString(&name, buffer);
    InitializeObjectAttributes(&attr, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (NtOpenDirectoryObject(&handle, DIRECTORY_CREATE_OBJECT | DIRECTORY_TRAVERSE, &attr) < 0) return NULL;
    if (__atomic_compare_exchange_n(&directory, &expected, handle, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return handle;
    NtClose(handle);
    return expected;
}

NTSTATUS WINAPI BaseGetNamedObjectDirectory(HANDLE *directory)
{
    *directory = named_objects_directory();
    return *directory ? STATUS_SUCCESS : STATUS_OBJECT_PATH_NOT_FOUND;
}

BOOL named_attributes(OBJECT_ATTRIBUTES *attr, UNICODE_STRING *string, const WCHAR *name,
                      const SECURITY_ATTRIBUTES *sa, ULONG flags)
{
    InitializeObjectAttributes(attr, NULL, flags, NULL, NULL);
    if (sa)
    {
        if (sa->bInheritHandle) attr->Attributes |= OBJ_INHERIT;
        attr->SecurityDescriptor = sa->lpSecurityDescriptor;
    }
    /* An empty name is no name. */
    if (!name || !name[0]) return TRUE;
    if (RtlInitUnicodeStringEx(string, name) < 0) return fail(ERROR_FILENAME_EXCED_RANGE);
    attr->ObjectName = string;
    attr->RootDirectory = named_objects_directory();
    return TRUE;
}

HANDLE created_object(NTSTATUS status, HANDLE handle)
{
    if (status == STATUS_OBJECT_NAME_EXISTS) set_error(ERROR_ALREADY_EXISTS);
    else set_error(RtlNtStatusToDosError(status));
    return status >= 0 ? handle : NULL;
}

typedef NTSTATUS (WINAPI *open_call)(HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr);

/* OpenX insists on a name. */
static HANDLE open_object(open_call call, DWORD access, BOOL inherit, const WCHAR *name)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE handle;

    if (!name || RtlInitUnicodeStringEx(&string, name) < 0)
    {
        set_error(name ? ERROR_FILENAME_EXCED_RANGE : ERROR_INVALID_PARAMETER);
        return NULL;
    }
    InitializeObjectAttributes(&attr, &string, inherit ? OBJ_INHERIT : 0, named_objects_directory(), NULL);
    return nt_result(call(&handle, access, &attr)) ? handle : NULL;
}

static HANDLE open_object_ansi(open_call call, DWORD access, BOOL inherit, const char *name)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_ansi(&wide, name)) return NULL;
    handle = open_object(call, access, inherit, wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return handle;
}

/* ---- events ----------------------------------------------------------------------------------------- */
HANDLE WINAPI CreateEventExW(SECURITY_ATTRIBUTES *sa, const WCHAR *name, DWORD flags, DWORD access)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE handle = NULL;
    NTSTATUS status;

    if (flags & ~(CREATE_EVENT_MANUAL_RESET | CREATE_EVENT_INITIAL_SET))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!named_attributes(&attr, &string, name, sa, OBJ_OPENIF)) return NULL;
    status = NtCreateEvent(&handle, access, &attr, flags & CREATE_EVENT_MANUAL_RESET ? NotificationEvent : SynchronizationEvent,
                           (flags & CREATE_EVENT_INITIAL_SET) != 0);
    return created_object(status, handle);
}

HANDLE WINAPI CreateEventW(SECURITY_ATTRIBUTES *sa, BOOL manual_reset, BOOL initial_state, const WCHAR *name)
{
    return CreateEventExW(sa, name, (manual_reset ? CREATE_EVENT_MANUAL_RESET : 0) |
                                    (initial_state ? CREATE_EVENT_INITIAL_SET : 0), EVENT_ALL_ACCESS);
}

HANDLE WINAPI CreateEventExA(SECURITY_ATTRIBUTES *sa, const char *name, DWORD flags, DWORD access)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_ansi(&wide, name)) return NULL;
    handle = CreateEventExW(sa, wide.Buffer, flags, access);
    RtlFreeUnicodeString(&wide);
    return handle;
}

HANDLE WINAPI CreateEventA(SECURITY_ATTRIBUTES *sa, BOOL manual_reset, BOOL initial_state, const char *name)
{
    return CreateEventExA(sa, name, (manual_reset ? CREATE_EVENT_MANUAL_RESET : 0) |
                                    (initial_state ? CREATE_EVENT_INITIAL_SET : 0), EVENT_ALL_ACCESS);
}

HANDLE WINAPI OpenEventW(DWORD access, BOOL inherit, const WCHAR *name)
{
    return open_object(NtOpenEvent, access, inherit, name);
}

HANDLE WINAPI OpenEventA(DWORD access, BOOL inherit, const char *name)
{
    return open_object_ansi(NtOpenEvent, access, inherit, name);
}

BOOL WINAPI SetEvent(HANDLE handle)
{
    return nt_result(NtSetEvent(handle, NULL));
}

BOOL WINAPI ResetEvent(HANDLE handle)
{
    return nt_result(NtResetEvent(handle, NULL));
}

BOOL WINAPI PulseEvent(HANDLE handle)
{
    return nt_result(NtPulseEvent(handle, NULL));
}

/* ---- mutexes ---------------------------------------------------------------------------------------- */
HANDLE WINAPI CreateMutexExW(SECURITY_ATTRIBUTES *sa, const WCHAR *name, DWORD flags, DWORD access)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE handle = NULL;
    NTSTATUS status;

    if (flags & ~CREATE_MUTEX_INITIAL_OWNER)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!named_attributes(&attr, &string, name, sa, OBJ_OPENIF)) return NULL;
    status = NtCreateMutant(&handle, access, &attr, (flags & CREATE_MUTEX_INITIAL_OWNER) != 0);
    return created_object(status, handle);
}

HANDLE WINAPI CreateMutexW(SECURITY_ATTRIBUTES *sa, BOOL owner, const WCHAR *name)
{
    return CreateMutexExW(sa, name, owner ? CREATE_MUTEX_INITIAL_OWNER : 0, MUTEX_ALL_ACCESS);
}

HANDLE WINAPI CreateMutexExA(SECURITY_ATTRIBUTES *sa, const char *name, DWORD flags, DWORD access)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_ansi(&wide, name)) return NULL;
    handle = CreateMutexExW(sa, wide.Buffer, flags, access);
    RtlFreeUnicodeString(&wide);
    return handle;
}

HANDLE WINAPI CreateMutexA(SECURITY_ATTRIBUTES *sa, BOOL owner, const char *name)
{
    return CreateMutexExA(sa, name, owner ? CREATE_MUTEX_INITIAL_OWNER : 0, MUTEX_ALL_ACCESS);
}

HANDLE WINAPI OpenMutexW(DWORD access, BOOL inherit, const WCHAR *name)
{
    return open_object(NtOpenMutant, access, inherit, name);
}

HANDLE WINAPI OpenMutexA(DWORD access, BOOL inherit, const char *name)
{
    return open_object_ansi(NtOpenMutant, access, inherit, name);
}

BOOL WINAPI ReleaseMutex(HANDLE handle)
{
    return nt_result(NtReleaseMutant(handle, NULL));
}

/* ---- semaphores ------------------------------------------------------------------------------------- */
HANDLE WINAPI CreateSemaphoreExW(SECURITY_ATTRIBUTES *sa, LONG initial, LONG maximum, const WCHAR *name, DWORD flags, DWORD access)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE handle = NULL;
    NTSTATUS status;

    if (flags)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!named_attributes(&attr, &string, name, sa, OBJ_OPENIF)) return NULL;
    status = NtCreateSemaphore(&handle, access, &attr, initial, maximum);
    return created_object(status, handle);
}

HANDLE WINAPI CreateSemaphoreW(SECURITY_ATTRIBUTES *sa, LONG initial, LONG maximum, const WCHAR *name)
{
    return CreateSemaphoreExW(sa, initial, maximum, name, 0, SEMAPHORE_ALL_ACCESS);
}

HANDLE WINAPI CreateSemaphoreExA(SECURITY_ATTRIBUTES *sa, LONG initial, LONG maximum, const char *name, DWORD flags, DWORD access)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_ansi(&wide, name)) return NULL;
    handle = CreateSemaphoreExW(sa, initial, maximum, wide.Buffer, flags, access);
    RtlFreeUnicodeString(&wide);
    return handle;
}

HANDLE WINAPI CreateSemaphoreA(SECURITY_ATTRIBUTES *sa, LONG initial, LONG maximum, const char *name)
{
    return CreateSemaphoreExA(sa, initial, maximum, name, 0, SEMAPHORE_ALL_ACCESS);
}

HANDLE WINAPI OpenSemaphoreW(DWORD access, BOOL inherit, const WCHAR *name)
{
    return open_object(NtOpenSemaphore, access, inherit, name);
}

HANDLE WINAPI OpenSemaphoreA(DWORD access, BOOL inherit, const char *name)
{
    return open_object_ansi(NtOpenSemaphore, access, inherit, name);
}

BOOL WINAPI ReleaseSemaphore(HANDLE handle, LONG count, LONG *previous)
{
    return nt_result(NtReleaseSemaphore(handle, (ULONG)count, (ULONG *)previous));
}

/* ---- waitable timers -------------------------------------------------------------------------------- */
#ifndef CREATE_WAITABLE_TIMER_HIGH_RESOLUTION
#define CREATE_WAITABLE_TIMER_HIGH_RESOLUTION 0x00000002
#endif

HANDLE WINAPI CreateWaitableTimerExW(SECURITY_ATTRIBUTES *sa, const WCHAR *name, DWORD flags, DWORD access)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE handle = NULL;
    NTSTATUS status;

    /* Every timer of ours has high resolution. */
    if (flags & ~(CREATE_WAITABLE_TIMER_MANUAL_RESET | CREATE_WAITABLE_TIMER_HIGH_RESOLUTION))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!named_attributes(&attr, &string, name, sa, OBJ_OPENIF)) return NULL;
    status = NtCreateTimer(&handle, access, &attr,
                           flags & CREATE_WAITABLE_TIMER_MANUAL_RESET ? NotificationTimer : SynchronizationTimer);
    return created_object(status, handle);
}

HANDLE WINAPI CreateWaitableTimerW(SECURITY_ATTRIBUTES *sa, BOOL manual_reset, const WCHAR *name)
{
    return CreateWaitableTimerExW(sa, name, manual_reset ? CREATE_WAITABLE_TIMER_MANUAL_RESET : 0, TIMER_ALL_ACCESS);
}

HANDLE WINAPI CreateWaitableTimerExA(SECURITY_ATTRIBUTES *sa, const char *name, DWORD flags, DWORD access)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_ansi(&wide, name)) return NULL;
    handle = CreateWaitableTimerExW(sa, wide.Buffer, flags, access);
    RtlFreeUnicodeString(&wide);
    return handle;
}

HANDLE WINAPI CreateWaitableTimerA(SECURITY_ATTRIBUTES *sa, BOOL manual_reset, const char *name)
{
    return CreateWaitableTimerExA(sa, name, manual_reset ? CREATE_WAITABLE_TIMER_MANUAL_RESET : 0, TIMER_ALL_ACCESS);
}

HANDLE WINAPI OpenWaitableTimerW(DWORD access, BOOL inherit, const WCHAR *name)
{
    return open_object(NtOpenTimer, access, inherit, name);
}

HANDLE WINAPI OpenWaitableTimerA(DWORD access, BOOL inherit, const char *name)
{
    return open_object_ansi(NtOpenTimer, access, inherit, name);
}

BOOL WINAPI SetWaitableTimer(HANDLE handle, const LARGE_INTEGER *due, LONG period, PTIMERAPCROUTINE routine, void *arg, BOOL resume)
{
    NTSTATUS status = NtSetTimer(handle, due, (PTIMER_APC_ROUTINE)routine, arg, (BOOLEAN)resume, (ULONG)period, NULL);

    /* A timer that was to wake a sleeping machine is set all the same: success, with ERROR_NOT_SUPPORTED to read. */
    if (status == STATUS_TIMER_RESUME_IGNORED)
    {
        set_error(ERROR_NOT_SUPPORTED);
        return TRUE;
    }
    return nt_result(status);
}

BOOL WINAPI SetWaitableTimerEx(HANDLE handle, const LARGE_INTEGER *due, LONG period, PTIMERAPCROUTINE routine, void *arg,
                               REASON_CONTEXT *context, ULONG tolerable_delay)
{
    (void)tolerable_delay;      /* a permission to be late, which we do not use */
    return SetWaitableTimer(handle, due, period, routine, arg, context != NULL);
}

BOOL WINAPI CancelWaitableTimer(HANDLE handle)
{
    return nt_result(NtCancelTimer(handle, NULL));
}
