/* Sending and receiving. */
#include "ws2_32.h"

static NTSTATUS transfer(SOCKET s, unsigned int code, struct oriel_socket_transfer *in, WSABUF *buffers, DWORD count, DWORD *done,
                         WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct oriel_socket_buffer small[16], *list = small;
    ULONG_PTR moved = 0;
    NTSTATUS status;

    if (!buffers || !count) return STATUS_INVALID_PARAMETER;
    if (count > sizeof(small) / sizeof(small[0]) &&
        !(list = RtlAllocateHeap(GetProcessHeap(), 0, count * sizeof(*list)))) return STATUS_NO_MEMORY;
    for (DWORD i = 0; i < count; i++) list[i] = (struct oriel_socket_buffer){ buffers[i].len, 0, (ULONG_PTR)buffers[i].buf };
    in->wait = overlapped ? ORIEL_SOCKET_OVERLAPPED : ORIEL_SOCKET_PLAIN;
    in->buffers = (ULONG_PTR)list;
    in->count = count;
    status = request_overlapped(s, code, in, sizeof(*in), NULL, 0, overlapped, routine, &moved);
    if (list != small) RtlFreeHeap(GetProcessHeap(), 0, list);
    if (done && status != STATUS_PENDING) *done = moved;
    return status;
}

int WINAPI WSARecvFrom(SOCKET s, WSABUF *buffers, DWORD count, DWORD *done, DWORD *flags, struct sockaddr *from, int *from_length,
                       WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct oriel_socket_transfer in = { .flags = flags ? *flags : 0 };
    NTSTATUS status;

    if (!flags || (!done && !overlapped)) return fail(WSAEFAULT);
    in.address = from && from_length ? (ULONG_PTR)from : 0;
    in.address_length_out = (ULONG_PTR)from_length;
    status = transfer(s, ORIEL_SOCKET_RECEIVE, &in, buffers, count, done, overlapped, routine);
    /* Of what is not done yet, WSAGetOverlappedResult tells the flags; these may be gone by then. */
    if (!NT_ERROR(status) && status != STATUS_PENDING)
        *flags = (in.flags & MSG_OOB) | (status == STATUS_BUFFER_OVERFLOW ? MSG_PARTIAL : 0);
    return result(status);
}

int WINAPI WSARecv(SOCKET s, WSABUF *buffers, DWORD count, DWORD *done, DWORD *flags, WSAOVERLAPPED *overlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return WSARecvFrom(s, buffers, count, done, flags, NULL, NULL, overlapped, routine);
}

int WINAPI recvfrom(SOCKET s, char *buffer, int length, int flags, struct sockaddr *from, int *from_length)
{
    WSABUF buffers = { length, buffer };
    DWORD done = 0, dword = flags;

    if (length < 0) return fail(WSAEINVAL);
    return WSARecvFrom(s, &buffers, 1, &done, &dword, from, from_length, NULL, NULL) ? SOCKET_ERROR : (int)done;
}

int WINAPI recv(SOCKET s, char *buffer, int length, int flags)
{
    return recvfrom(s, buffer, length, flags, NULL, NULL);
}

int WINAPI WSARecvDisconnect(SOCKET s, WSABUF *data)
{
    (void)data;                 /* TCP brings none with it */
    return shutdown(s, SD_RECEIVE);
}

int WINAPI WSASendTo(SOCKET s, WSABUF *buffers, DWORD count, DWORD *done, DWORD flags, const struct sockaddr *to, int to_length,
                     WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    struct oriel_socket_transfer in = { .flags = flags, .address = (ULONG_PTR)to, .address_length = to_length };

    if (!done && !overlapped) return fail(WSAEFAULT);
    return result(transfer(s, ORIEL_SOCKET_SEND, &in, buffers, count, done, overlapped, routine));
}

int WINAPI WSASend(SOCKET s, WSABUF *buffers, DWORD count, DWORD *done, DWORD flags, WSAOVERLAPPED *overlapped,
                   LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    return WSASendTo(s, buffers, count, done, flags, NULL, 0, overlapped, routine);
}

int WINAPI sendto(SOCKET s, const char *buffer, int length, int flags, const struct sockaddr *to, int to_length)
{
    WSABUF buffers = { length, (char *)buffer };
    DWORD done = 0;

    if (length < 0) return fail(WSAEINVAL);
    return WSASendTo(s, &buffers, 1, &done, flags, to, to_length, NULL, NULL) ? SOCKET_ERROR : (int)done;
}

int WINAPI send(SOCKET s, const char *buffer, int length, int flags)
{
    return sendto(s, buffer, length, flags, NULL, 0);
}

/* ---- extensions: what SIO_GET_EXTENSION_FUNCTION_POINTER gives ------------------------------------------------------- */

static BOOL WINAPI connect_ex(SOCKET s, const struct sockaddr *address, int length, void *data, DWORD data_length, DWORD *sent,
                              OVERLAPPED *overlapped)
{
    struct oriel_socket_connect in = { .wait = ORIEL_SOCKET_OVERLAPPED, .length = length };
    NTSTATUS status;

    if (!overlapped) return fail(ERROR_INVALID_PARAMETER), FALSE;
    if (data && data_length) return fail(WSAEOPNOTSUPP), FALSE;
    if (!address || length < 2 || length > (int)sizeof(in.address)) return fail(WSAEFAULT), FALSE;
    memcpy(in.address, address, length);
    if (sent) *sent = 0;
    status = request_overlapped(s, ORIEL_SOCKET_CONNECT, &in, sizeof(in), NULL, 0, (WSAOVERLAPPED *)overlapped, NULL, NULL);
    return !result(status);
}

/* Each address has its half of the buffer after the data; GetAcceptExSockaddrs knows. Waiting for data as well is not
 * offered. */
static BOOL WINAPI accept_ex(SOCKET listener, SOCKET s, void *buffer, DWORD data_length, DWORD local_length, DWORD peer_length,
                             DWORD *received, OVERLAPPED *overlapped)
{
    struct oriel_socket_accept in = { .wait = ORIEL_SOCKET_OVERLAPPED, .local_length = local_length, .handle = s };
    NTSTATUS status;

    if (!overlapped) return fail(ERROR_INVALID_PARAMETER), FALSE;
    if (data_length) return fail(WSAEOPNOTSUPP), FALSE;
    if (!local_length || !peer_length) return fail(WSAEFAULT), FALSE;
    if (received) *received = 0;
    status = request_overlapped(listener, ORIEL_SOCKET_ACCEPT, &in, sizeof(in), buffer, local_length + peer_length,
                                (WSAOVERLAPPED *)overlapped, NULL, NULL);
    return !result(status);
}

static void WINAPI get_accept_ex_addresses(void *buffer, DWORD data_length, DWORD local_length, DWORD peer_length,
                                           struct sockaddr **local, int *local_size, struct sockaddr **peer, int *peer_size)
{
    (void)peer_length;
    *local = (struct sockaddr *)((char *)buffer + data_length);
    *peer = (struct sockaddr *)((char *)buffer + data_length + local_length);
    *local_size = (*local)->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
    *peer_size = (*peer)->sa_family == AF_INET6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);
}

static BOOL WINAPI transmit_file(SOCKET s, HANDLE file, DWORD length, DWORD chunk, OVERLAPPED *overlapped,
                                 TRANSMIT_FILE_BUFFERS *buffers, DWORD flags)
{
    struct oriel_socket_send_file in =
    {
        .wait = overlapped ? ORIEL_SOCKET_OVERLAPPED : ORIEL_SOCKET_PLAIN, .file = (ULONG_PTR)file, .length = length,
        .disconnect = (flags & TF_DISCONNECT) != 0,
    };
    FILE_POSITION_INFORMATION position = { { { 0 } } };
    IO_STATUS_BLOCK io;

    (void)chunk;                /* how much to read at once: the kernel's affair */
    if (flags & TF_REUSE_SOCKET) return fail(WSAEOPNOTSUPP), FALSE;
    if (buffers)
    {
        in.head = (ULONG_PTR)buffers->Head;
        in.head_length = buffers->HeadLength;
        in.tail = (ULONG_PTR)buffers->Tail;
        in.tail_length = buffers->TailLength;
    }
    if (overlapped) in.offset = overlapped->Offset | (unsigned long long)overlapped->OffsetHigh << 32;
    else if (file && !NtQueryInformationFile(file, &io, &position, sizeof(position), FilePositionInformation))
        in.offset = position.CurrentByteOffset.QuadPart;
    return !result(request_overlapped(s, ORIEL_SOCKET_SEND_FILE, &in, sizeof(in), NULL, 0, (WSAOVERLAPPED *)overlapped, NULL, NULL));
}

static BOOL WINAPI disconnect_ex(SOCKET s, OVERLAPPED *overlapped, DWORD flags, DWORD reserved)
{
    if (reserved) return fail(WSAEINVAL), FALSE;
    if (flags & TF_REUSE_SOCKET) return fail(WSAEOPNOTSUPP), FALSE;
    if (shutdown(s, SD_SEND)) return FALSE;
    if (!overlapped) return TRUE;
    overlapped->Internal = STATUS_SUCCESS;
    overlapped->InternalHigh = 0;
    if (overlapped->hEvent) SetEvent((HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1));
    return TRUE;
}

static INT WINAPI receive_message(SOCKET s, WSAMSG *message, DWORD *done, WSAOVERLAPPED *overlapped,
                                  LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    if (!message) return fail(WSAEFAULT);
    message->Control.len = 0;           /* no ancillary data is ever asked for: the options that would are refused */
    return WSARecvFrom(s, message->lpBuffers, message->dwBufferCount, done, &message->dwFlags, message->name,
                       &message->namelen, overlapped, routine);
}

int WINAPI WSASendMsg(SOCKET s, WSAMSG *message, DWORD flags, DWORD *done, WSAOVERLAPPED *overlapped,
                      LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    if (!message) return fail(WSAEFAULT);
    if (message->Control.len) return fail(WSAEOPNOTSUPP);
    return WSASendTo(s, message->lpBuffers, message->dwBufferCount, done, flags, message->name, message->namelen, overlapped, routine);
}

void *extension_find(const GUID *guid)
{
    static const GUID accept_guid = WSAID_ACCEPTEX, connect_guid = WSAID_CONNECTEX, disconnect_guid = WSAID_DISCONNECTEX,
                      addresses_guid = WSAID_GETACCEPTEXSOCKADDRS, receive_guid = WSAID_WSARECVMSG, send_guid = WSAID_WSASENDMSG,
                      transmit_guid = WSAID_TRANSMITFILE;

    if (!memcmp(guid, &accept_guid, sizeof(*guid))) return accept_ex;
    if (!memcmp(guid, &connect_guid, sizeof(*guid))) return connect_ex;
    if (!memcmp(guid, &disconnect_guid, sizeof(*guid))) return disconnect_ex;
    if (!memcmp(guid, &addresses_guid, sizeof(*guid))) return get_accept_ex_addresses;
    if (!memcmp(guid, &receive_guid, sizeof(*guid))) return receive_message;
    if (!memcmp(guid, &transmit_guid, sizeof(*guid))) return transmit_file;
    if (!memcmp(guid, &send_guid, sizeof(*guid))) return WSASendMsg;
    return NULL;
}
