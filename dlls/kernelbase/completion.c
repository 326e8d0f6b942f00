/* Completion ports. */
#include "kernelbase.h"

HANDLE WINAPI CreateIoCompletionPort(HANDLE file, HANDLE port, ULONG_PTR key, DWORD threads)
{
    FILE_COMPLETION_INFORMATION info;
    IO_STATUS_BLOCK io;
    HANDLE created = NULL;

    if (port && file == INVALID_HANDLE_VALUE)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!port)
    {
        if (!nt_result(NtCreateIoCompletion(&created, IO_COMPLETION_ALL_ACCESS, NULL, threads))) return NULL;
        port = created;
    }
    if (file != INVALID_HANDLE_VALUE)
    {
        info.CompletionPort = port;
        info.CompletionKey = key;
        if (!nt_result(NtSetInformationFile(file, &io, &info, sizeof(info), FileCompletionInformation)))
        {
            if (created) NtClose(created);
            return NULL;
        }
    }
    return port;
}

BOOL WINAPI GetQueuedCompletionStatus(HANDLE port, DWORD *count, ULONG_PTR *key, OVERLAPPED **overlapped, DWORD timeout)
{
    LARGE_INTEGER time;
    IO_STATUS_BLOCK io;
    ULONG_PTR value;
    NTSTATUS status;

    *overlapped = NULL;
    status = NtRemoveIoCompletion(port, key, &value, &io, nt_timeout(&time, timeout));
    if (status == STATUS_SUCCESS)
    {
        /* A packet of an operation that failed: FALSE, with what it failed of. */
        *overlapped = (OVERLAPPED *)value;
        *count = (DWORD)io.Information;
        return nt_result(io.Status);
    }
    if (status == STATUS_TIMEOUT) return fail(WAIT_TIMEOUT);
    if (status == STATUS_ABANDONED) return fail(ERROR_ABANDONED_WAIT_0);
    return nt_result(status);
}

BOOL WINAPI GetQueuedCompletionStatusEx(HANDLE port, OVERLAPPED_ENTRY *entries, ULONG size, ULONG *removed, DWORD timeout, BOOL alertable)
{
    LARGE_INTEGER time;
    NTSTATUS status;

    status = NtRemoveIoCompletionEx(port, (FILE_IO_COMPLETION_INFORMATION *)entries, size, removed, nt_timeout(&time, timeout),
                                    (BOOLEAN)(alertable != 0));
    if (status == STATUS_SUCCESS) return TRUE;
    if (status == STATUS_TIMEOUT) return fail(WAIT_TIMEOUT);
    if (status == STATUS_USER_APC) return fail(WAIT_IO_COMPLETION);
    if (status == STATUS_ABANDONED) return fail(ERROR_ABANDONED_WAIT_0);
    return nt_result(status);
}

BOOL WINAPI PostQueuedCompletionStatus(HANDLE port, DWORD count, ULONG_PTR key, OVERLAPPED *overlapped)
{
    return nt_result(NtSetIoCompletion(port, key, (ULONG_PTR)overlapped, STATUS_SUCCESS, count));
}

BOOL WINAPI BindIoCompletionCallback(HANDLE file, LPOVERLAPPED_COMPLETION_ROUTINE callback, ULONG flags)
{
    return nt_result(RtlSetIoCompletionCallback(file, (PRTL_OVERLAPPED_COMPLETION_ROUTINE)callback, flags));
}
