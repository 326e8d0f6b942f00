/* Statuses as Winsock errors, and the one way to the device. */
#include "ws2_32.h"

static const struct
{
    NTSTATUS status;
    int      error;
} errors[] =
{
    { STATUS_SUCCESS, 0 },
    { STATUS_PENDING, WSA_IO_PENDING },
    { STATUS_CANCELLED, WSA_OPERATION_ABORTED },
    { STATUS_DEVICE_NOT_READY, WSAEWOULDBLOCK },
    { STATUS_OPERATION_IN_PROGRESS, WSAEALREADY },
    { STATUS_ACCESS_DENIED, WSAEACCES },
    { STATUS_ACCESS_VIOLATION, WSAEFAULT },
    { STATUS_DATATYPE_MISALIGNMENT, WSAEFAULT },
    { STATUS_INVALID_PARAMETER, WSAEINVAL },
    { STATUS_TOO_MANY_OPENED_FILES, WSAEMFILE },
    { STATUS_INVALID_HANDLE, WSAENOTSOCK },
    { STATUS_OBJECT_TYPE_MISMATCH, WSAENOTSOCK },
    { STATUS_BUFFER_OVERFLOW, WSAEMSGSIZE },
    { STATUS_INVALID_BUFFER_SIZE, WSAEMSGSIZE },
    { STATUS_BUFFER_TOO_SMALL, WSAEFAULT },
    { STATUS_PROTOCOL_UNREACHABLE, WSAEPROTOTYPE },
    { STATUS_INVALID_INFO_CLASS, WSAENOPROTOOPT },
    { (NTSTATUS)0xC000A013, WSAEPROTONOSUPPORT },
    { STATUS_INVALID_DEVICE_REQUEST, WSAENOTSOCK },     /* a file, but not one of the device */
    { STATUS_NOT_SUPPORTED, WSAEOPNOTSUPP },
    { STATUS_UNKNOWN_REVISION, WSAEAFNOSUPPORT },
    { STATUS_ADDRESS_ALREADY_EXISTS, WSAEADDRINUSE },
    { STATUS_INVALID_ADDRESS_COMPONENT, WSAEADDRNOTAVAIL },
    { STATUS_UNEXPECTED_NETWORK_ERROR, WSAENETDOWN },
    { STATUS_NETWORK_UNREACHABLE, WSAENETUNREACH },
    { STATUS_CONNECTION_ABORTED, WSAECONNABORTED },
    { STATUS_CONNECTION_RESET, WSAECONNRESET },
    { STATUS_PORT_UNREACHABLE, WSAECONNRESET },
    { STATUS_INSUFFICIENT_RESOURCES, WSAENOBUFS },
    { STATUS_NO_MEMORY, WSAENOBUFS },
    { STATUS_CONNECTION_ACTIVE, WSAEISCONN },
    { STATUS_INVALID_CONNECTION, WSAENOTCONN },
    { STATUS_PIPE_DISCONNECTED, WSAESHUTDOWN },
    { STATUS_IO_TIMEOUT, WSAETIMEDOUT },
    { STATUS_CONNECTION_REFUSED, WSAECONNREFUSED },
    { STATUS_HOST_UNREACHABLE, WSAEHOSTUNREACH },
};

int error_from_status(NTSTATUS status)
{
    for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++)
        if (errors[i].status == status) return errors[i].error;
    return NT_SUCCESS(status) ? 0 : WSAEINVAL;
}

int fail(int error)
{
    SetLastError(error);
    return SOCKET_ERROR;
}

int result(NTSTATUS status)
{
    return status ? fail(error_from_status(status)) : 0;
}

NTSTATUS request(SOCKET s, unsigned int code, const void *in, size_t in_size, void *out, size_t out_size, ULONG_PTR *done)
{
    IO_STATUS_BLOCK io = { { 0 }, 0 };
    NTSTATUS status = NtDeviceIoControlFile((HANDLE)s, NULL, NULL, NULL, &io, code, (void *)in, in_size, out, out_size);

    if (done) *done = io.Information;
    return status;
}

/* The status block is the overlapped structure itself. */
static void WINAPI completion_apc(void *context, IO_STATUS_BLOCK *io, ULONG reserved)
{
    LPWSAOVERLAPPED_COMPLETION_ROUTINE routine = (LPWSAOVERLAPPED_COMPLETION_ROUTINE)context;

    (void)reserved;
    routine(error_from_status(io->Status), io->Information, (WSAOVERLAPPED *)io, 0);
}

NTSTATUS request_overlapped(SOCKET s, unsigned int code, const void *in, size_t in_size, void *out, size_t out_size,
                            WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine, ULONG_PTR *done)
{
    IO_STATUS_BLOCK *io = (IO_STATUS_BLOCK *)overlapped;
    NTSTATUS status;

    if (!overlapped) return request(s, code, in, in_size, out, out_size, done);
    io->Status = STATUS_PENDING;
    if (routine)
        status = NtDeviceIoControlFile((HANDLE)s, NULL, completion_apc, (void *)routine, io, code, (void *)in, in_size, out, out_size);
    else
        /* An event whose low bit is set asks for no packet at the port. */
        status = NtDeviceIoControlFile((HANDLE)s, (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1), NULL,
                                       (ULONG_PTR)overlapped->hEvent & 1 ? NULL : overlapped, io, code, (void *)in, in_size, out, out_size);
    if (done && !NT_ERROR(status) && status != STATUS_PENDING) *done = io->Information;
    return status;
}

NTSTATUS device_open(SOCKET *s, BOOL inherit)
{
    WCHAR text[] = L"\\Device\\Afd\\Endpoint";
    UNICODE_STRING name = { sizeof(text) - sizeof(WCHAR), sizeof(text), text };
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    HANDLE handle;
    NTSTATUS status;

    InitializeObjectAttributes(&attr, &name, inherit ? OBJ_INHERIT : 0, NULL, NULL);
    status = NtOpenFile(&handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attr, &io, FILE_SHARE_READ | FILE_SHARE_WRITE, 0);
    if (!status) *s = (SOCKET)handle;
    return status;
}

BOOL WINAPI WSAGetOverlappedResult(SOCKET s, WSAOVERLAPPED *overlapped, DWORD *done, BOOL wait, DWORD *flags)
{
    const IO_STATUS_BLOCK *io = (const IO_STATUS_BLOCK *)overlapped;
    NTSTATUS status;

    if (!overlapped || !done || !flags) return fail(WSAEFAULT), FALSE;
    while ((status = __atomic_load_n(&io->Status, __ATOMIC_ACQUIRE)) == STATUS_PENDING)
    {
        HANDLE handle = (HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1);

        if (!wait) return fail(WSA_IO_INCOMPLETE), FALSE;
        if (WaitForSingleObject(handle ? handle : (HANDLE)s, INFINITE) == WAIT_FAILED) return FALSE;
    }
    *done = io->Information;
    *flags = status == STATUS_BUFFER_OVERFLOW ? MSG_PARTIAL : 0;
    if (!status) return TRUE;
    return fail(error_from_status(status)), FALSE;
}
