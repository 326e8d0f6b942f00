/* Reading and writing, synchronous and overlapped; cancelling and collecting results. */
#include "kernelbase.h"

/* Overlapped calls hand the OVERLAPPED itself to the kernel: its first two members are an IO_STATUS_BLOCK. */
static IO_STATUS_BLOCK *overlapped_io(OVERLAPPED *overlapped)
{
    return (IO_STATUS_BLOCK *)&overlapped->Internal;
}

/* The completion key's value: the OVERLAPPED, unless bit 0 of hEvent asks for no completion packet. */
static void *overlapped_context(OVERLAPPED *overlapped)
{
    return (ULONG_PTR)overlapped->hEvent & 1 ? NULL : overlapped;
}

static HANDLE overlapped_event(OVERLAPPED *overlapped)
{
    return (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1);
}

/* A synchronous handle may still answer "pending" when it is really an asynchronous file; then its end is
 * waited for on the file itself. */
static NTSTATUS wait_io(HANDLE file, NTSTATUS status, IO_STATUS_BLOCK *io)
{
    if (status != STATUS_PENDING) return status;
    NtWaitForSingleObject(file, FALSE, NULL);
    return io->Status;
}

typedef NTSTATUS (WINAPI *transfer_function)(HANDLE, HANDLE, PIO_APC_ROUTINE, void *, IO_STATUS_BLOCK *, void *, ULONG,
                                             LARGE_INTEGER *, ULONG *);

static NTSTATUS WINAPI write_file(HANDLE file, HANDLE event, PIO_APC_ROUTINE apc, void *context, IO_STATUS_BLOCK *io, void *buffer,
                                  ULONG size, LARGE_INTEGER *offset, ULONG *key)
{
    return NtWriteFile(file, event, apc, context, io, buffer, size, offset, key);
}

static BOOL transfer(transfer_function function, BOOL reading, HANDLE file, void *buffer, DWORD size, DWORD *done, OVERLAPPED *overlapped)
{
    LARGE_INTEGER offset;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    if (done) *done = 0;
    file = real_handle(file);
    if (!overlapped)
    {
        io.Information = 0;
        status = wait_io(file, function(file, NULL, NULL, NULL, &io, buffer, size, NULL, NULL), &io);
        if (status >= 0 || status == STATUS_BUFFER_OVERFLOW)
        {
            if (done) *done = (DWORD)io.Information;
        }
        /* End of file is a successful read of nothing. */
        if (reading && status == STATUS_END_OF_FILE) return TRUE;
        return nt_result(status);
    }

    offset.QuadPart = (LONGLONG)make_u64(overlapped->Offset, overlapped->OffsetHigh);
    overlapped->Internal = STATUS_PENDING;
    status = function(file, overlapped_event(overlapped), NULL, overlapped_context(overlapped), overlapped_io(overlapped), buffer, size,
                      &offset, NULL);
    if (status == STATUS_PENDING)
    {
        /* Not an error: ERROR_IO_PENDING says that the result comes later. */
        set_error(ERROR_IO_PENDING);
        return FALSE;
    }
    if (status >= 0 && done) *done = (DWORD)overlapped->InternalHigh;
    return nt_result(status);
}

BOOL WINAPI ReadFile(HANDLE file, void *buffer, DWORD size, DWORD *read, OVERLAPPED *overlapped)
{
    return transfer(NtReadFile, TRUE, file, buffer, size, read, overlapped);
}

BOOL WINAPI WriteFile(HANDLE file, const void *buffer, DWORD size, DWORD *written, OVERLAPPED *overlapped)
{
    return transfer(write_file, FALSE, file, (void *)buffer, size, written, overlapped);
}

/* The APC of ReadFileEx and WriteFileEx. */
static void WINAPI completion_apc(void *routine, IO_STATUS_BLOCK *io, ULONG reserved)
{
    (void)reserved;
    ((LPOVERLAPPED_COMPLETION_ROUTINE)routine)(RtlNtStatusToDosError(io->Status), (DWORD)io->Information, (OVERLAPPED *)io);
}

BOOL WINAPI ReadFileEx(HANDLE file, void *buffer, DWORD size, OVERLAPPED *overlapped, LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    LARGE_INTEGER offset;
    NTSTATUS status;

    offset.QuadPart = (LONGLONG)make_u64(overlapped->Offset, overlapped->OffsetHigh);
    overlapped->Internal = STATUS_PENDING;
    status = NtReadFile(file, NULL, completion_apc, routine, overlapped_io(overlapped), buffer, size, &offset, NULL);
    if (status == STATUS_PENDING) return TRUE;
    return nt_result(status);
}

BOOL WINAPI WriteFileEx(HANDLE file, const void *buffer, DWORD size, OVERLAPPED *overlapped, LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    LARGE_INTEGER offset;
    NTSTATUS status;

    offset.QuadPart = (LONGLONG)make_u64(overlapped->Offset, overlapped->OffsetHigh);
    overlapped->Internal = STATUS_PENDING;
    status = NtWriteFile(file, NULL, completion_apc, routine, overlapped_io(overlapped), buffer, size, &offset, NULL);
    if (status == STATUS_PENDING) return TRUE;
    return nt_result(status);
}

/* Not an error, but no result either: ERROR_IO_PENDING. */
static BOOL begun(NTSTATUS status)
{
    return status == STATUS_PENDING ? fail(ERROR_IO_PENDING) : nt_result(status);
}

/* The program's list may change as soon as these return, and the reserved argument is nobody's. */
BOOL WINAPI ReadFileScatter(HANDLE file, FILE_SEGMENT_ELEMENT *segments, DWORD size, DWORD *reserved, OVERLAPPED *overlapped)
{
    LARGE_INTEGER offset;

    (void)reserved;
    offset.QuadPart = (LONGLONG)make_u64(overlapped->Offset, overlapped->OffsetHigh);
    overlapped->Internal = STATUS_PENDING;
    return begun(NtReadFileScatter(file, overlapped_event(overlapped), NULL, overlapped_context(overlapped),
                                   overlapped_io(overlapped), segments, size, &offset, NULL));
}

BOOL WINAPI WriteFileGather(HANDLE file, FILE_SEGMENT_ELEMENT *segments, DWORD size, DWORD *reserved, OVERLAPPED *overlapped)
{
    LARGE_INTEGER offset;

    (void)reserved;
    offset.QuadPart = (LONGLONG)make_u64(overlapped->Offset, overlapped->OffsetHigh);
    overlapped->Internal = STATUS_PENDING;
    return begun(NtWriteFileGather(file, overlapped_event(overlapped), NULL, overlapped_context(overlapped),
                                   overlapped_io(overlapped), segments, size, &offset, NULL));
}

/* ---- results ---------------------------------------------------------------------------------------- */
BOOL WINAPI GetOverlappedResultEx(HANDLE file, OVERLAPPED *overlapped, DWORD *done, DWORD timeout, BOOL alertable)
{
    NTSTATUS status = (NTSTATUS)__atomic_load_n(&overlapped->Internal, __ATOMIC_ACQUIRE);

    if (status == STATUS_PENDING)
    {
        DWORD result;

        if (!timeout) return fail(ERROR_IO_INCOMPLETE);
        result = WaitForSingleObjectEx(overlapped->hEvent ? overlapped_event(overlapped) : file, timeout, alertable);
        if (result == WAIT_FAILED) return FALSE;
        if (result) return fail(result);        /* WAIT_TIMEOUT or WAIT_IO_COMPLETION */
        status = (NTSTATUS)__atomic_load_n(&overlapped->Internal, __ATOMIC_ACQUIRE);
        /* The event was signalled by somebody else. */
        if (status == STATUS_PENDING) status = STATUS_SUCCESS;
    }
    *done = (DWORD)overlapped->InternalHigh;
    return nt_result(status);
}

BOOL WINAPI GetOverlappedResult(HANDLE file, OVERLAPPED *overlapped, DWORD *done, BOOL wait)
{
    return GetOverlappedResultEx(file, overlapped, done, wait ? INFINITE : 0, FALSE);
}

BOOL WINAPI CancelIo(HANDLE file)
{
    IO_STATUS_BLOCK io;

    return nt_result(NtCancelIoFile(file, &io));
}

BOOL WINAPI CancelIoEx(HANDLE file, OVERLAPPED *overlapped)
{
    IO_STATUS_BLOCK io;

    return nt_result(NtCancelIoFileEx(file, overlapped ? overlapped_io(overlapped) : NULL, &io));
}

BOOL WINAPI CancelSynchronousIo(HANDLE thread)
{
    IO_STATUS_BLOCK io;

    return nt_result(NtCancelSynchronousIoFile(thread, NULL, &io));
}

/* ---- control ---------------------------------------------------------------------------------------- */
BOOL WINAPI DeviceIoControl(HANDLE device, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *returned,
                            OVERLAPPED *overlapped)
{
    BOOL file_system = code >> 16 == FILE_DEVICE_FILE_SYSTEM;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    if (overlapped)
    {
        HANDLE event = overlapped_event(overlapped);
        void *context = overlapped_context(overlapped);

        overlapped->Internal = STATUS_PENDING;
        if (file_system)
            status = NtFsControlFile(device, event, NULL, context, overlapped_io(overlapped), code, in, in_size, out, out_size);
        else
            status = NtDeviceIoControlFile(device, event, NULL, context, overlapped_io(overlapped), code, in, in_size, out, out_size);
        if (status == STATUS_PENDING) return fail(ERROR_IO_PENDING);
        if (returned && (status >= 0 || status == STATUS_BUFFER_OVERFLOW)) *returned = (DWORD)overlapped->InternalHigh;
        return nt_result(status);
    }
    io.Information = 0;
    if (file_system) status = NtFsControlFile(device, NULL, NULL, NULL, &io, code, in, in_size, out, out_size);
    else status = NtDeviceIoControlFile(device, NULL, NULL, NULL, &io, code, in, in_size, out, out_size);
    status = wait_io(device, status, &io);
    if (returned && (status >= 0 || status == STATUS_BUFFER_OVERFLOW)) *returned = (DWORD)io.Information;
    return nt_result(status);
}

/* ---- locks ------------------------------------------------------------------------------------------ */
BOOL WINAPI LockFileEx(HANDLE file, DWORD flags, DWORD reserved, DWORD count_low, DWORD count_high, OVERLAPPED *overlapped)
{
    LARGE_INTEGER count, offset;
    NTSTATUS status;

    if (reserved) return fail(ERROR_INVALID_PARAMETER);
    count.QuadPart = (LONGLONG)make_u64(count_low, count_high);
    offset.QuadPart = (LONGLONG)make_u64(overlapped->Offset, overlapped->OffsetHigh);
    overlapped->Internal = STATUS_PENDING;
    status = NtLockFile(file, overlapped_event(overlapped), NULL, overlapped_context(overlapped), overlapped_io(overlapped), &offset, &count,
                        NULL, (flags & LOCKFILE_FAIL_IMMEDIATELY) != 0, (flags & LOCKFILE_EXCLUSIVE_LOCK) != 0);
    if (status == STATUS_PENDING) return fail(ERROR_IO_PENDING);
    return nt_result(status);
}

BOOL WINAPI LockFile(HANDLE file, DWORD offset_low, DWORD offset_high, DWORD count_low, DWORD count_high)
{
    LARGE_INTEGER count, offset;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    count.QuadPart = (LONGLONG)make_u64(count_low, count_high);
    offset.QuadPart = (LONGLONG)make_u64(offset_low, offset_high);
    status = NtLockFile(file, NULL, NULL, NULL, &io, &offset, &count, NULL, TRUE, TRUE);
    return nt_result(wait_io(file, status, &io));
}

BOOL WINAPI UnlockFile(HANDLE file, DWORD offset_low, DWORD offset_high, DWORD count_low, DWORD count_high)
{
    LARGE_INTEGER count, offset;
    IO_STATUS_BLOCK io;

    count.QuadPart = (LONGLONG)make_u64(count_low, count_high);
    offset.QuadPart = (LONGLONG)make_u64(offset_low, offset_high);
    return nt_result(NtUnlockFile(file, &io, &offset, &count, NULL));
}

BOOL WINAPI UnlockFileEx(HANDLE file, DWORD reserved, DWORD count_low, DWORD count_high, OVERLAPPED *overlapped)
{
    if (reserved) return fail(ERROR_INVALID_PARAMETER);
    return UnlockFile(file, overlapped->Offset, overlapped->OffsetHigh, count_low, count_high);
}

/* ---- change notification ---------------------------------------------------------------------------- */
BOOL WINAPI ReadDirectoryChangesW(HANDLE dir, void *buffer, DWORD size, BOOL subtree, DWORD filter, DWORD *returned,
                                  OVERLAPPED *overlapped, LPOVERLAPPED_COMPLETION_ROUTINE routine)
{
    IO_STATUS_BLOCK own, *io = overlapped ? overlapped_io(overlapped) : &own;
    PIO_APC_ROUTINE apc = NULL;
    HANDLE event = NULL;
    void *context = NULL;
    NTSTATUS status;

    if (!overlapped && !returned) return fail(ERROR_INVALID_PARAMETER);
    if (overlapped)
    {
        if (routine)
        {
            apc = completion_apc;
            context = routine;
        }
        else
        {
            event = overlapped_event(overlapped);
            context = overlapped_context(overlapped);
        }
        overlapped->Internal = STATUS_PENDING;
    }
    status = NtNotifyChangeDirectoryFile(dir, event, apc, context, io, buffer, size, filter, (BOOLEAN)(subtree != 0));
    if (overlapped) return status == STATUS_PENDING || nt_result(status);
    status = wait_io(dir, status, io);
    if (returned && status >= 0) *returned = (DWORD)io->Information;
    return nt_result(status);
}

HANDLE WINAPI FindFirstChangeNotificationW(const WCHAR *path, BOOL subtree, DWORD filter)
{
    /* The handle is the folder itself, opened so that a pending notification signals it; the kernel writes the
     * status whenever that is, so it needs a place that outlives this call. */
    static IO_STATUS_BLOCK io;
    UNICODE_STRING nt_name;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK open_io;
    NTSTATUS status;
    HANDLE dir;

    status = path ? RtlDosPathNameToNtPathName_U_WithStatus(path, &nt_name, NULL, NULL) : STATUS_OBJECT_PATH_NOT_FOUND;
    if (status < 0)
    {
        nt_result(status);
        return INVALID_HANDLE_VALUE;
    }
    InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = NtOpenFile(&dir, FILE_LIST_DIRECTORY | SYNCHRONIZE, &attr, &open_io, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                        FILE_DIRECTORY_FILE | FILE_OPEN_FOR_BACKUP_INTENT);
    RtlFreeUnicodeString(&nt_name);
    if (!nt_result(status)) return INVALID_HANDLE_VALUE;
    status = NtNotifyChangeDirectoryFile(dir, NULL, NULL, NULL, &io, NULL, 0, filter, (BOOLEAN)(subtree != 0));
    if (nt_result(status)) return dir;
    NtClose(dir);
    return INVALID_HANDLE_VALUE;
}

HANDLE WINAPI FindFirstChangeNotificationA(const char *path, BOOL subtree, DWORD filter)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_file_name(&wide, path)) return INVALID_HANDLE_VALUE;
    handle = FindFirstChangeNotificationW(wide.Buffer, subtree, filter);
    RtlFreeUnicodeString(&wide);
    return handle;
}

BOOL WINAPI FindNextChangeNotification(HANDLE handle)
{
    static IO_STATUS_BLOCK io;

    /* Filter and depth are those of the first call. */
    return nt_result(NtNotifyChangeDirectoryFile(handle, NULL, NULL, NULL, &io, NULL, 0, FILE_NOTIFY_CHANGE_SIZE, FALSE));
}

BOOL WINAPI FindCloseChangeNotification(HANDLE handle)
{
    return nt_result(NtClose(handle));
}
