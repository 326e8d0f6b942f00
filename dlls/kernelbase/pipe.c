/* Pipes, with and without a name. */
#include "kernelbase.h"

#define DEFAULT_BUFFER  4096
#define DEFAULT_TIMEOUT (-50 * 10000)       /* 50 ms, in the units of NT times */

/* A pipe without a name: the client's end is opened relative to the server's, by no name. */
BOOL WINAPI CreatePipe(HANDLE *read, HANDLE *write, SECURITY_ATTRIBUTES *sa, DWORD size)
{
    const ULONG inherit = sa && sa->bInheritHandle ? OBJ_INHERIT : 0, share = FILE_SHARE_READ | FILE_SHARE_WRITE;
    LARGE_INTEGER timeout = { .QuadPart = -120 * 10000000LL };
    UNICODE_STRING device, none = { 0 };
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    HANDLE root;
    NTSTATUS status;

    RtlInitUnicodeString(&device, L"\\Device\\NamedPipe\\");
    InitializeObjectAttributes(&attr, &device, 0, NULL, NULL);
    status = NtOpenFile(&root, GENERIC_READ | SYNCHRONIZE, &attr, &io, share, FILE_SYNCHRONOUS_IO_NONALERT);
    if (!nt_result(status)) return FALSE;
    if (!size) size = DEFAULT_BUFFER;
    InitializeObjectAttributes(&attr, &none, OBJ_CASE_INSENSITIVE | inherit, root, sa ? sa->lpSecurityDescriptor : NULL);
    status = NtCreateNamedPipeFile(read, GENERIC_READ | FILE_WRITE_ATTRIBUTES | SYNCHRONIZE, &attr, &io, share, FILE_CREATE,
                                   FILE_SYNCHRONOUS_IO_NONALERT, FALSE, FALSE, FALSE, 1, size, size, &timeout);
    NtClose(root);
    if (!nt_result(status)) return FALSE;
    attr.RootDirectory = *read;
    status = NtOpenFile(write, GENERIC_WRITE | FILE_READ_ATTRIBUTES | SYNCHRONIZE, &attr, &io, share,
                        FILE_SYNCHRONOUS_IO_NONALERT | FILE_NON_DIRECTORY_FILE);
    if (nt_result(status)) return TRUE;
    NtClose(*read);
    return FALSE;
}

/* ---- server ----------------------------------------------------------------------------------------- */
HANDLE WINAPI CreateNamedPipeW(const WCHAR *name, DWORD open_mode, DWORD pipe_mode, DWORD instances, DWORD out_size, DWORD in_size,
                               DWORD timeout, SECURITY_ATTRIBUTES *sa)
{
    BOOL message = (pipe_mode & PIPE_TYPE_MESSAGE) != 0, read_message = (pipe_mode & PIPE_READMODE_MESSAGE) != 0;
    DWORD access = 0, sharing = 0, options = 0, type = message ? FILE_PIPE_TYPE_MESSAGE : FILE_PIPE_TYPE_BYTE;
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING nt_name;
    LARGE_INTEGER time;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    HANDLE handle;

    if (!name) status = STATUS_OBJECT_NAME_INVALID;
    else status = RtlDosPathNameToNtPathName_U_WithStatus(name, &nt_name, NULL, NULL);
    if (status < 0)
    {
        set_error(name ? RtlNtStatusToDosError(status) : ERROR_PATH_NOT_FOUND);
        return INVALID_HANDLE_VALUE;
    }
    if (nt_name.Length >= MAX_PATH * sizeof(WCHAR))
    {
        RtlFreeUnicodeString(&nt_name);
        set_error(ERROR_FILENAME_EXCED_RANGE);
        return INVALID_HANDLE_VALUE;
    }
    InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE | (sa && sa->bInheritHandle ? OBJ_INHERIT : 0), NULL,
                               sa ? sa->lpSecurityDescriptor : NULL);
    switch (open_mode & 3)
    {
    case PIPE_ACCESS_INBOUND: sharing = FILE_SHARE_WRITE; access = GENERIC_READ; break;
    case PIPE_ACCESS_OUTBOUND: sharing = FILE_SHARE_READ; access = GENERIC_WRITE; break;
    case PIPE_ACCESS_DUPLEX: sharing = FILE_SHARE_READ | FILE_SHARE_WRITE; access = GENERIC_READ | GENERIC_WRITE; break;
    default:
        RtlFreeUnicodeString(&nt_name);
        set_error(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    if ((read_message && !message) || !instances || instances > PIPE_UNLIMITED_INSTANCES)
    {
        RtlFreeUnicodeString(&nt_name);
        set_error(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    access |= SYNCHRONIZE | (open_mode & (WRITE_DAC | WRITE_OWNER | ACCESS_SYSTEM_SECURITY));
    if (open_mode & FILE_FLAG_WRITE_THROUGH) options |= FILE_WRITE_THROUGH;
    if (!(open_mode & FILE_FLAG_OVERLAPPED)) options |= FILE_SYNCHRONOUS_IO_NONALERT;
    if (instances == PIPE_UNLIMITED_INSTANCES) instances = ~0u;
    if (pipe_mode & PIPE_REJECT_REMOTE_CLIENTS) type |= FILE_PIPE_REJECT_REMOTE_CLIENTS;
    time.QuadPart = timeout ? (LONGLONG)timeout * -10000 : DEFAULT_TIMEOUT;
    status = NtCreateNamedPipeFile(&handle, access, &attr, &io, sharing,
                                   open_mode & FILE_FLAG_FIRST_PIPE_INSTANCE ? FILE_CREATE : FILE_OPEN_IF, options, type, read_message,
                                   (pipe_mode & PIPE_NOWAIT) != 0, instances, in_size, out_size, &time);
    RtlFreeUnicodeString(&nt_name);
    if (status == STATUS_OBJECT_NAME_COLLISION) status = STATUS_ACCESS_DENIED;
    if (!nt_result(status)) return INVALID_HANDLE_VALUE;
    set_error(ERROR_SUCCESS);
    return handle;
}

HANDLE WINAPI CreateNamedPipeA(const char *name, DWORD open_mode, DWORD pipe_mode, DWORD instances, DWORD out_size, DWORD in_size,
                               DWORD timeout, SECURITY_ATTRIBUTES *sa)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_file_name(&wide, name)) return INVALID_HANDLE_VALUE;
    handle = CreateNamedPipeW(wide.Buffer, open_mode, pipe_mode, instances, out_size, in_size, timeout, sa);
    RtlFreeUnicodeString(&wide);
    return handle;
}

/* A control code on a pipe, waited for unless the caller brought an OVERLAPPED. */
static BOOL pipe_control(HANDLE pipe, ULONG code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *done, OVERLAPPED *overlapped)
{
    IO_STATUS_BLOCK own, *io = overlapped ? (IO_STATUS_BLOCK *)&overlapped->Internal : &own;
    NTSTATUS status;

    if (overlapped)
    {
        overlapped->Internal = STATUS_PENDING;
    }
    own.Information = 0;
    status = NtFsControlFile(pipe, overlapped ? (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1) : NULL, NULL,
                             overlapped && !((ULONG_PTR)overlapped->hEvent & 1) ? overlapped : NULL, io, code, in, in_size, out, out_size);
    if (status == STATUS_PENDING && !overlapped)
    {
        NtWaitForSingleObject(pipe, FALSE, NULL);
        status = io->Status;
    }
    if (status == STATUS_PENDING) return fail(ERROR_IO_PENDING);
    if (done && (status >= 0 || status == STATUS_BUFFER_OVERFLOW)) *done = (DWORD)io->Information;
    return nt_result(status);
}

BOOL WINAPI ConnectNamedPipe(HANDLE pipe, OVERLAPPED *overlapped)
{
    return pipe_control(pipe, FSCTL_PIPE_LISTEN, NULL, 0, NULL, 0, NULL, overlapped);
}

BOOL WINAPI DisconnectNamedPipe(HANDLE pipe)
{
    return pipe_control(pipe, FSCTL_PIPE_DISCONNECT, NULL, 0, NULL, 0, NULL, NULL);
}

BOOL WINAPI TransactNamedPipe(HANDLE pipe, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *read, OVERLAPPED *overlapped)
{
    return pipe_control(pipe, FSCTL_PIPE_TRANSCEIVE, in, in_size, out, out_size, read, overlapped);
}

/* ---- looking and waiting ---------------------------------------------------------------------------- */
BOOL WINAPI PeekNamedPipe(HANDLE pipe, void *buffer, DWORD size, DWORD *read, DWORD *available, DWORD *left)
{
    BYTE small[FIELD_OFFSET(FILE_PIPE_PEEK_BUFFER, Data) + 1024];
    FILE_PIPE_PEEK_BUFFER *peek = (FILE_PIPE_PEEK_BUFFER *)small;
    ULONG total = FIELD_OFFSET(FILE_PIPE_PEEK_BUFFER, Data) + size;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    DWORD count;

    if (total > sizeof(small) && !(peek = heap_alloc(total))) return fail(ERROR_NOT_ENOUGH_MEMORY);
    status = NtFsControlFile(real_handle(pipe), NULL, NULL, NULL, &io, FSCTL_PIPE_PEEK, NULL, 0, peek, total);
    if (status >= 0 || status == STATUS_BUFFER_OVERFLOW)
    {
        count = (DWORD)io.Information - FIELD_OFFSET(FILE_PIPE_PEEK_BUFFER, Data);
        if (available) *available = peek->ReadDataAvailable;
        if (read) *read = count;
        if (left) *left = peek->MessageLength - count;      /* less than none, for a pipe of bytes */
        if (buffer) memcpy(buffer, peek->Data, count);
        status = STATUS_SUCCESS;        /* there is more: no failure */
    }
    if (peek != (FILE_PIPE_PEEK_BUFFER *)small) heap_free(peek);
    return nt_result(status);
}

BOOL WINAPI WaitNamedPipeW(const WCHAR *name, DWORD timeout)
{
    static const WCHAR prefix[] = L"\\??\\PIPE\\";
    UNICODE_STRING nt_name, root;
    FILE_PIPE_WAIT_FOR_BUFFER *wait;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    HANDLE device;
    NTSTATUS status;
    ULONG length;

    status = RtlDosPathNameToNtPathName_U_WithStatus(name, &nt_name, NULL, NULL);
    if (status < 0) return nt_result(status);
    RtlInitUnicodeString(&root, prefix);
    if (nt_name.Length <= root.Length || !RtlPrefixUnicodeString(&root, &nt_name, TRUE))
    {
        RtlFreeUnicodeString(&nt_name);
        return fail(ERROR_PATH_NOT_FOUND);
    }
    InitializeObjectAttributes(&attr, &root, OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = NtOpenFile(&device, FILE_READ_ATTRIBUTES | SYNCHRONIZE, &attr, &io, FILE_SHARE_READ | FILE_SHARE_WRITE, FILE_SYNCHRONOUS_IO_NONALERT);
    if (status >= 0)
    {
        length = nt_name.Length - root.Length;
        if ((wait = heap_zalloc(sizeof(*wait) + length)))
        {
            wait->TimeoutSpecified = timeout != NMPWAIT_USE_DEFAULT_WAIT;
            wait->Timeout.QuadPart = timeout == NMPWAIT_WAIT_FOREVER ? INT64_MIN : (LONGLONG)timeout * -10000;
            wait->NameLength = length;
            memcpy(wait->Name, nt_name.Buffer + root.Length / sizeof(WCHAR), length);
            status = NtFsControlFile(device, NULL, NULL, NULL, &io, FSCTL_PIPE_WAIT, wait, FIELD_OFFSET(FILE_PIPE_WAIT_FOR_BUFFER, Name) + length, NULL, 0);
            heap_free(wait);
        }
        else status = STATUS_NO_MEMORY;
        NtClose(device);
    }
    RtlFreeUnicodeString(&nt_name);
    if (status == STATUS_IO_TIMEOUT) return fail(ERROR_SEM_TIMEOUT);
    return nt_result(status);
}

BOOL WINAPI WaitNamedPipeA(const char *name, DWORD timeout)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, name)) return FALSE;
    ok = WaitNamedPipeW(wide.Buffer, timeout);
    RtlFreeUnicodeString(&wide);
    return ok;
}

BOOL WINAPI CallNamedPipeW(const WCHAR *name, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *read, DWORD timeout)
{
    DWORD mode = PIPE_READMODE_MESSAGE;
    HANDLE pipe;
    BOOL ok;

    pipe = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
    if (pipe == INVALID_HANDLE_VALUE)
    {
        if (!WaitNamedPipeW(name, timeout)) return FALSE;
        pipe = CreateFileW(name, GENERIC_READ | GENERIC_WRITE, 0, NULL, OPEN_EXISTING, 0, NULL);
        if (pipe == INVALID_HANDLE_VALUE) return FALSE;
    }
    ok = SetNamedPipeHandleState(pipe, &mode, NULL, NULL) && TransactNamedPipe(pipe, in, in_size, out, out_size, read, NULL);
    NtClose(pipe);
    return ok;
}

BOOL WINAPI CallNamedPipeA(const char *name, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *read, DWORD timeout)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, name)) return FALSE;
    ok = CallNamedPipeW(wide.Buffer, in, in_size, out, out_size, read, timeout);
    RtlFreeUnicodeString(&wide);
    return ok;
}

/* ---- state ------------------------------------------------------------------------------------------ */
BOOL WINAPI SetNamedPipeHandleState(HANDLE pipe, DWORD *mode, DWORD *collect_count, DWORD *collect_timeout)
{
    FILE_PIPE_INFORMATION info;
    IO_STATUS_BLOCK io;

    (void)collect_count;        /* for pipes of other machines */
    (void)collect_timeout;
    if (!mode) return TRUE;
    if (*mode & ~(PIPE_READMODE_MESSAGE | PIPE_NOWAIT)) return fail(ERROR_INVALID_PARAMETER);
    info.CompletionMode = *mode & PIPE_NOWAIT ? FILE_PIPE_COMPLETE_OPERATION : FILE_PIPE_QUEUE_OPERATION;
    info.ReadMode = *mode & PIPE_READMODE_MESSAGE ? FILE_PIPE_MESSAGE_MODE : FILE_PIPE_BYTE_STREAM_MODE;
    return nt_result(NtSetInformationFile(pipe, &io, &info, sizeof(info), FilePipeInformation));
}

BOOL WINAPI GetNamedPipeInfo(HANDLE pipe, DWORD *flags, DWORD *out_size, DWORD *in_size, DWORD *instances)
{
    FILE_PIPE_LOCAL_INFORMATION info;
    IO_STATUS_BLOCK io;

    if (!nt_result(NtQueryInformationFile(pipe, &io, &info, sizeof(info), FilePipeLocalInformation))) return FALSE;
    if (flags) *flags = (info.NamedPipeEnd & FILE_PIPE_SERVER_END ? PIPE_SERVER_END : PIPE_CLIENT_END) |
                        (info.NamedPipeType & FILE_PIPE_TYPE_MESSAGE ? PIPE_TYPE_MESSAGE : PIPE_TYPE_BYTE);
    if (out_size) *out_size = info.OutboundQuota;
    if (in_size) *in_size = info.InboundQuota;
    if (instances) *instances = info.MaximumInstances != ~0u ? info.MaximumInstances : PIPE_UNLIMITED_INSTANCES;
    return TRUE;
}

BOOL WINAPI GetNamedPipeHandleStateW(HANDLE pipe, DWORD *state, DWORD *instances, DWORD *collect_count, DWORD *collect_timeout,
                                     WCHAR *user, DWORD user_size)
{
    FILE_PIPE_LOCAL_INFORMATION local;
    FILE_PIPE_INFORMATION info;
    IO_STATUS_BLOCK io;

    (void)user_size;
    if (collect_count || collect_timeout || user) return fail(ERROR_INVALID_PARAMETER);        /* of other machines; impersonation */
    if (!nt_result(NtQueryInformationFile(pipe, &io, &info, sizeof(info), FilePipeInformation))) return FALSE;
    if (state) *state = (info.ReadMode & FILE_PIPE_MESSAGE_MODE ? PIPE_READMODE_MESSAGE : 0) |
                        (info.CompletionMode & FILE_PIPE_COMPLETE_OPERATION ? PIPE_NOWAIT : 0);
    if (instances)
    {
        if (!nt_result(NtQueryInformationFile(pipe, &io, &local, sizeof(local), FilePipeLocalInformation))) return FALSE;
        *instances = local.CurrentInstances;
    }
    return TRUE;
}

BOOL WINAPI GetNamedPipeHandleStateA(HANDLE pipe, DWORD *state, DWORD *instances, DWORD *collect_count, DWORD *collect_timeout,
                                     char *user, DWORD user_size)
{
    return GetNamedPipeHandleStateW(pipe, state, instances, collect_count, collect_timeout, (WCHAR *)user, user_size);
}

/* ---- who is at the other end -------------------------------------------------------------------------- */
static BOOL get_attribute(HANDLE pipe, ULONG code, const char *name, ULONG *value)
{
    IO_STATUS_BLOCK io;

    return nt_result(NtFsControlFile(real_handle(pipe), NULL, NULL, NULL, &io, code, (void *)name, (ULONG)strlen(name) + 1, value, value ? sizeof(*value) : 0));
}

BOOL WINAPI GetNamedPipeClientProcessId(HANDLE pipe, ULONG *id)
{
    return get_attribute(pipe, FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE, "ClientProcessId", id);
}

BOOL WINAPI GetNamedPipeServerProcessId(HANDLE pipe, ULONG *id)
{
    return get_attribute(pipe, FSCTL_PIPE_GET_PIPE_ATTRIBUTE, "ServerProcessId", id);
}

BOOL WINAPI GetNamedPipeClientSessionId(HANDLE pipe, ULONG *id)
{
    return get_attribute(pipe, FSCTL_PIPE_GET_CONNECTION_ATTRIBUTE, "ClientSessionId", id);
}

BOOL WINAPI GetNamedPipeServerSessionId(HANDLE pipe, ULONG *id)
{
    return get_attribute(pipe, FSCTL_PIPE_GET_PIPE_ATTRIBUTE, "ServerSessionId", id);
}

BOOL WINAPI ImpersonateNamedPipeClient(HANDLE pipe)
{
    IO_STATUS_BLOCK io;

    return nt_result(NtFsControlFile(real_handle(pipe), NULL, NULL, NULL, &io, FSCTL_PIPE_IMPERSONATE, NULL, 0, NULL, 0));
}

/* Clients are always on this machine, and what the call tells is the name of another. */
BOOL WINAPI GetNamedPipeClientComputerNameW(HANDLE pipe, WCHAR *name, ULONG size)
{
    ULONG id;

    (void)name;
    (void)size;
    if (!GetNamedPipeClientProcessId(pipe, &id)) return FALSE;
    return fail(ERROR_PIPE_LOCAL);
}

BOOL WINAPI GetNamedPipeClientComputerNameA(HANDLE pipe, char *name, ULONG size)
{
    return GetNamedPipeClientComputerNameW(pipe, (WCHAR *)name, size);
}
