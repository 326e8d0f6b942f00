/* Making sockets, binding and connecting them, their options. */
#include "ws2_32.h"

/* ---- protocols -------------------------------------------------------------------------------------------------- */

#define STREAM_FLAGS (XP1_GUARANTEED_DELIVERY | XP1_GUARANTEED_ORDER | XP1_GRACEFUL_CLOSE | XP1_EXPEDITED_DATA | XP1_IFS_HANDLES)
#define DATAGRAM_FLAGS (XP1_CONNECTIONLESS | XP1_MESSAGE_ORIENTED | XP1_SUPPORT_BROADCAST | XP1_SUPPORT_MULTIPOINT | XP1_IFS_HANDLES)

/* The providers' names, numbers and identities are those that every Windows has. */
#define PROVIDER() { 0xe70f1aa0, 0xab8b, 0x11cf, { 0x8c, 0xa3, 0x00, 0x80, 0x5f, 0x48, 0xa1, 0x92 } }
static const WSAPROTOCOL_INFOW protocols[] =
{
    { STREAM_FLAGS, 0, 0, 0, PFL_MATCHES_PROTOCOL_ZERO, PROVIDER(), 1001, { 1, { 0 } }, 2, AF_INET, 16, 16, SOCK_STREAM, IPPROTO_TCP,
      0, BIGENDIAN, SECURITY_PROTOCOL_NONE, 0, 0, L"MSAFD Tcpip [TCP/IP]" },
    { DATAGRAM_FLAGS, 0, 0, 0, PFL_MATCHES_PROTOCOL_ZERO, PROVIDER(), 1002, { 1, { 0 } }, 2, AF_INET, 16, 16, SOCK_DGRAM, IPPROTO_UDP,
      0, BIGENDIAN, SECURITY_PROTOCOL_NONE, 65507, 0, L"MSAFD Tcpip [UDP/IP]" },
    { STREAM_FLAGS, 0, 0, 0, PFL_MATCHES_PROTOCOL_ZERO, PROVIDER(), 1004, { 1, { 0 } }, 2, AF_INET6, 28, 28, SOCK_STREAM, IPPROTO_TCP,
      0, BIGENDIAN, SECURITY_PROTOCOL_NONE, 0, 0, L"MSAFD Tcpip [TCP/IPv6]" },
    { DATAGRAM_FLAGS, 0, 0, 0, PFL_MATCHES_PROTOCOL_ZERO, PROVIDER(), 1005, { 1, { 0 } }, 2, AF_INET6, 28, 28, SOCK_DGRAM, IPPROTO_UDP,
      0, BIGENDIAN, SECURITY_PROTOCOL_NONE, 65507, 0, L"MSAFD Tcpip [UDP/IPv6]" },
};
#define PROTOCOL_COUNT (sizeof(protocols) / sizeof(protocols[0]))

const WSAPROTOCOL_INFOW *protocol_find(int family, int type, int protocol)
{
    for (size_t i = 0; i < PROTOCOL_COUNT; i++)
        if ((!family || protocols[i].iAddressFamily == family) && (!type || protocols[i].iSocketType == type) &&
            (!protocol || protocols[i].iProtocol == protocol)) return &protocols[i];
    return NULL;
}

static BOOL is_wanted(const WSAPROTOCOL_INFOW *info, const int *wanted)
{
    if (!wanted) return TRUE;
    for (; *wanted; wanted++)
        if (*wanted == info->iProtocol) return TRUE;
    return FALSE;
}

void protocol_narrow(WSAPROTOCOL_INFOA *to, const WSAPROTOCOL_INFOW *from)
{
    memcpy(to, from, offsetof(WSAPROTOCOL_INFOA, szProtocol));
    for (size_t i = 0; i < sizeof(to->szProtocol); i++) to->szProtocol[i] = (char)from->szProtocol[i];
}

static int enumerate(const int *wanted, void *buffer, DWORD *size, size_t each, BOOL wide)
{
    DWORD count = 0;

    if (!is_started()) return fail(WSANOTINITIALISED);
    if (!size) return fail(WSAEFAULT);
    for (size_t i = 0; i < PROTOCOL_COUNT; i++) count += is_wanted(&protocols[i], wanted);
    if (*size < count * each || !buffer)
    {
        *size = count * each;
        return fail(WSAENOBUFS);
    }
    count = 0;
    for (size_t i = 0; i < PROTOCOL_COUNT; i++)
    {
        if (!is_wanted(&protocols[i], wanted)) continue;
        if (wide) ((WSAPROTOCOL_INFOW *)buffer)[count++] = protocols[i];
        else protocol_narrow((WSAPROTOCOL_INFOA *)buffer + count++, &protocols[i]);
    }
    return count;
}

int WINAPI WSAEnumProtocolsW(int *wanted, WSAPROTOCOL_INFOW *buffer, DWORD *size)
{
    return enumerate(wanted, buffer, size, sizeof(*buffer), TRUE);
}

int WINAPI WSAEnumProtocolsA(int *wanted, WSAPROTOCOL_INFOA *buffer, DWORD *size)
{
    return enumerate(wanted, buffer, size, sizeof(*buffer), FALSE);
}

/* ---- making ------------------------------------------------------------------------------------------------------------ */

SOCKET WINAPI WSASocketW(int family, int type, int protocol, WSAPROTOCOL_INFOW *info, GROUP group, DWORD flags)
{
    struct oriel_socket_create create;
    SOCKET s;
    NTSTATUS status;

    (void)group;
    if (!is_started()) return fail(WSANOTINITIALISED), INVALID_SOCKET;
    if (info && info->dwProviderReserved)       /* one that is there already: WSADuplicateSocket */
        return is_socket(info->dwProviderReserved) ? info->dwProviderReserved : (fail(WSAEINVAL), INVALID_SOCKET);
    if (info)
    {
        if (family == FROM_PROTOCOL_INFO || !family) family = info->iAddressFamily;
        if (type == FROM_PROTOCOL_INFO || !type) type = info->iSocketType;
        if (protocol == FROM_PROTOCOL_INFO || !protocol) protocol = info->iProtocol;
    }
    if (!type && (family || protocol))
    {
        const WSAPROTOCOL_INFOW *known = protocol_find(family, 0, protocol);

        if (known) type = known->iSocketType;
    }
    if (!family && protocol) family = AF_INET;
    if (!family && !type) return fail(WSAEINVAL), INVALID_SOCKET;
    create = (struct oriel_socket_create){ family, type, protocol };
    if (!(status = device_open(&s, !(flags & WSA_FLAG_NO_HANDLE_INHERIT))))
    {
        if (!(status = request(s, ORIEL_SOCKET_CREATE, &create, sizeof(create), NULL, 0, NULL))) return s;
        NtClose((HANDLE)s);
        if (status == STATUS_INVALID_DEVICE_REQUEST) return fail(WSAESOCKTNOSUPPORT), INVALID_SOCKET;
    }
    return fail(error_from_status(status)), INVALID_SOCKET;
}

SOCKET WINAPI WSASocketA(int family, int type, int protocol, WSAPROTOCOL_INFOA *info, GROUP group, DWORD flags)
{
    WSAPROTOCOL_INFOW wide;

    if (!info) return WSASocketW(family, type, protocol, NULL, group, flags);
    memset(&wide, 0, sizeof(wide));
    memcpy(&wide, info, offsetof(WSAPROTOCOL_INFOA, szProtocol));
    return WSASocketW(family, type, protocol, &wide, group, flags);
}

SOCKET WINAPI socket(int family, int type, int protocol)
{
    return WSASocketW(family, type, protocol, NULL, 0, WSA_FLAG_OVERLAPPED);
}

int WINAPI closesocket(SOCKET s)
{
    unsigned int bytes;
    NTSTATUS status = request(s, ORIEL_SOCKET_READABLE, NULL, 0, &bytes, sizeof(bytes), NULL);

    /* Not every handle is a socket; one that was never made is. */
    if (status == STATUS_INVALID_DEVICE_REQUEST || status == STATUS_OBJECT_TYPE_MISMATCH) return fail(WSAENOTSOCK);
    return NtClose((HANDLE)s) ? fail(WSAENOTSOCK) : 0;
}

/* ---- connecting --------------------------------------------------------------------------------------------------------- */

int WINAPI bind(SOCKET s, const struct sockaddr *address, int length)
{
    if (!address) return fail(WSAEFAULT);
    return result(request(s, ORIEL_SOCKET_BIND, address, length, NULL, 0, NULL));
}

int WINAPI listen(SOCKET s, int backlog)
{
    return result(request(s, ORIEL_SOCKET_LISTEN, &backlog, sizeof(backlog), NULL, 0, NULL));
}

static BOOL connect_request(struct oriel_socket_connect *connect_, const struct sockaddr *address, int length, int wait)
{
    if (!address || length < 2 || length > (int)sizeof(connect_->address)) return FALSE;
    connect_->wait = wait;
    connect_->length = length;
    memcpy(connect_->address, address, length);
    return TRUE;
}

int WINAPI connect(SOCKET s, const struct sockaddr *address, int length)
{
    struct oriel_socket_connect in;

    if (!connect_request(&in, address, length, ORIEL_SOCKET_PLAIN)) return fail(WSAEFAULT);
    return result(request(s, ORIEL_SOCKET_CONNECT, &in, sizeof(in), NULL, 0, NULL));
}

int WINAPI WSAConnect(SOCKET s, const struct sockaddr *address, int length, WSABUF *caller, WSABUF *callee, QOS *sqos, QOS *gqos)
{
    if (caller || callee || sqos || gqos) return fail(WSAEOPNOTSUPP);
    return connect(s, address, length);
}

SOCKET WINAPI accept(SOCKET s, struct sockaddr *address, int *length)
{
    struct oriel_socket_accept in = { .wait = ORIEL_SOCKET_PLAIN };
    char peer[128];
    ULONG_PTR size = 0;
    SOCKET fresh;
    NTSTATUS status;

    if ((status = device_open(&fresh, TRUE))) return fail(error_from_status(status)), INVALID_SOCKET;
    in.handle = fresh;
    if ((status = request(s, ORIEL_SOCKET_ACCEPT, &in, sizeof(in), peer, sizeof(peer), &size)))
    {
        NtClose((HANDLE)fresh);
        return fail(error_from_status(status)), INVALID_SOCKET;
    }
    if (address && length)
    {
        if (*length < (int)size)
        {
            NtClose((HANDLE)fresh);
            return fail(WSAEFAULT), INVALID_SOCKET;
        }
        memcpy(address, peer, size);
        *length = size;
    }
    return fresh;
}

SOCKET WINAPI WSAAccept(SOCKET s, struct sockaddr *address, int *length, LPCONDITIONPROC condition, DWORD_PTR data)
{
    WSABUF caller = { 0, NULL }, callee = { 0, NULL };
    struct sockaddr_storage peer;
    int size = sizeof(peer);
    GROUP group = 0;
    SOCKET fresh;

    if (!condition) return accept(s, address, length);
    if ((fresh = accept(s, (struct sockaddr *)&peer, &size)) == INVALID_SOCKET) return fresh;
    caller.len = size;
    caller.buf = (char *)&peer;
    if (condition(&caller, NULL, NULL, NULL, &callee, NULL, &group, data) != CF_ACCEPT)
    {
        closesocket(fresh);
        return fail(WSAECONNREFUSED), INVALID_SOCKET;
    }
    if (address && length)
    {
        if (*length < size) return closesocket(fresh), fail(WSAEFAULT), INVALID_SOCKET;
        memcpy(address, &peer, size);
        *length = size;
    }
    return fresh;
}

int WINAPI shutdown(SOCKET s, int how)
{
    return result(request(s, ORIEL_SOCKET_SHUTDOWN, &how, sizeof(how), NULL, 0, NULL));
}

int WINAPI WSASendDisconnect(SOCKET s, WSABUF *data)
{
    (void)data;                 /* TCP sends none with it */
    return shutdown(s, SD_SEND);
}

static int get_name(SOCKET s, struct sockaddr *address, int *length, int peer)
{
    ULONG_PTR size = 0;
    NTSTATUS status;

    if (!address || !length) return fail(WSAEFAULT);
    if ((status = request(s, ORIEL_SOCKET_GET_NAME, &peer, sizeof(peer), address, *length < 0 ? 0 : *length, &size)))
        return result(status);
    *length = size;
    return 0;
}

int WINAPI getsockname(SOCKET s, struct sockaddr *address, int *length)
{
    int size = length ? *length : 0;
    struct sockaddr_in *in = (struct sockaddr_in *)address;

    if (get_name(s, address, length, 0)) return SOCKET_ERROR;
    /* A socket without a name has none on Windows; Linux gives it port 0 of everywhere. */
    if (size >= (int)sizeof(*in) && in->sin_family == AF_INET && !in->sin_port && !in->sin_addr.s_addr) return fail(WSAEINVAL);
    return 0;
}

int WINAPI getpeername(SOCKET s, struct sockaddr *address, int *length)
{
    return get_name(s, address, length, 1);
}

/* ---- options -------------------------------------------------------------------------------------------------------------- */

static NTSTATUS get_type(SOCKET s, int *type)
{
    struct oriel_socket_option option = { SOL_SOCKET, SO_TYPE };

    return request(s, ORIEL_SOCKET_GET_OPTION, &option, sizeof(option), type, sizeof(*type), NULL);
}

BOOL is_socket(SOCKET s)
{
    int type;

    return !get_type(s, &type);
}

const WSAPROTOCOL_INFOW *protocol_of(SOCKET s)
{
    struct sockaddr_storage name;
    int type, size = sizeof(name);

    if (get_type(s, &type)) return NULL;
    if (get_name(s, (struct sockaddr *)&name, &size, 0)) return NULL;
    return protocol_find(name.ss_family, type, 0);
}

static int get_protocol_info(SOCKET s, int name, char *value, int *length)
{
    const WSAPROTOCOL_INFOW *info = protocol_of(s);
    int size = name == SO_PROTOCOL_INFOA ? sizeof(WSAPROTOCOL_INFOA) : sizeof(WSAPROTOCOL_INFOW);

    if (!info) return fail(WSAENOTSOCK);
    if (*length < size) return fail(WSAEFAULT);
    if (name == SO_PROTOCOL_INFOA) protocol_narrow((WSAPROTOCOL_INFOA *)value, info);
    else memcpy(value, info, size);
    *length = size;
    return 0;
}

int WINAPI getsockopt(SOCKET s, int level, int name, char *value, int *length)
{
    struct oriel_socket_option option = { level, name };
    ULONG_PTR size = 0;
    NTSTATUS status;

    if (!value || !length || *length < 1) return fail(WSAEFAULT);
    if (level == SOL_SOCKET && (name == SO_PROTOCOL_INFOA || name == SO_PROTOCOL_INFOW)) return get_protocol_info(s, name, value, length);
    if ((status = request(s, ORIEL_SOCKET_GET_OPTION, &option, sizeof(option), value, *length, &size))) return result(status);
    *length = size;
    return 0;
}

int WINAPI setsockopt(SOCKET s, int level, int name, const char *value, int length)
{
    struct { struct oriel_socket_option option; char value[64]; } in = { { level, name }, "" };

    if (length < 0 || (length && !value)) return fail(WSAEFAULT);
    if (length > (int)sizeof(in.value)) length = sizeof(in.value);
    memcpy(in.value, value, length);
    return result(request(s, ORIEL_SOCKET_SET_OPTION, &in, sizeof(in.option) + length, NULL, 0, NULL));
}

/* SIO_KEEPALIVE_VALS: milliseconds, where the options have seconds. */
static int set_keepalive(SOCKET s, const ULONG *in, DWORD size)
{
    int on, idle, interval;

    if (!in || size < 3 * sizeof(*in)) return fail(WSAEFAULT);
    on = in[0] != 0;
    idle = in[1] < 1000 ? 1 : in[1] / 1000;
    interval = in[2] < 1000 ? 1 : in[2] / 1000;
    if (setsockopt(s, SOL_SOCKET, SO_KEEPALIVE, (const char *)&on, sizeof(on))) return SOCKET_ERROR;
    if (!on) return 0;
    if (setsockopt(s, IPPROTO_TCP, 3 /* TCP_KEEPIDLE */, (const char *)&idle, sizeof(idle))) return SOCKET_ERROR;
    return setsockopt(s, IPPROTO_TCP, 17 /* TCP_KEEPINTVL */, (const char *)&interval, sizeof(interval));
}

static int give(const void *data, DWORD size, void *out, DWORD room, DWORD *done)
{
    if (!out || room < size) return fail(WSAEFAULT);
    memcpy(out, data, size);
    *done = size;
    return 0;
}

static int control(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *done)
{
    unsigned int bytes;
    void *function;
    int on;
    NTSTATUS status;

    switch (code)
    {
    case FIONBIO:
        if (!in || in_size < sizeof(on)) return fail(WSAEFAULT);
        on = *(ULONG *)in != 0;
        return result(request(s, ORIEL_SOCKET_NONBLOCKING, &on, sizeof(on), NULL, 0, NULL));
    case FIONREAD:
        if ((status = request(s, ORIEL_SOCKET_READABLE, NULL, 0, &bytes, sizeof(bytes), NULL))) return result(status);
        return give(&bytes, sizeof(bytes), out, out_size, done);
    case SIO_GET_EXTENSION_FUNCTION_POINTER:
        if (!in || in_size < sizeof(GUID)) return fail(WSAEFAULT);
        if (!(function = extension_find(in))) return fail(WSAEINVAL);
        return give(&function, sizeof(function), out, out_size, done);
    case 0x98000004:            /* SIO_KEEPALIVE_VALS */
        return set_keepalive(s, in, in_size);
    case 0x9800000c:            /* SIO_UDP_CONNRESET: an unreachable port is an error of the receiver, or it is not */
        return in && in_size >= sizeof(BOOL) ? 0 : fail(WSAEFAULT);
    case 0x48000022:            /* SIO_BASE_HANDLE: there are no layers over it */
        return give(&s, sizeof(s), out, out_size, done);
    default:
        return fail(WSAEOPNOTSUPP);
    }
}

int WINAPI WSAIoctl(SOCKET s, DWORD code, void *in, DWORD in_size, void *out, DWORD out_size, DWORD *done,
                    WSAOVERLAPPED *overlapped, LPWSAOVERLAPPED_COMPLETION_ROUTINE routine)
{
    DWORD count = 0;
    int failed;

    if (!done && !overlapped) return fail(WSAEFAULT);
    failed = control(s, code, in, in_size, out, out_size, &count);
    if (done) *done = count;
    if (failed || !overlapped) return failed;
    overlapped->Internal = STATUS_SUCCESS;      /* none of these waits */
    overlapped->InternalHigh = count;
    if (routine) routine(0, count, overlapped, 0);
    else if (overlapped->hEvent) SetEvent((HANDLE)((ULONG_PTR)overlapped->hEvent & ~(ULONG_PTR)1));
    return 0;
}

int WINAPI ioctlsocket(SOCKET s, LONG code, u_long *value)
{
    DWORD done = 0;

    if (!value) return fail(WSAEFAULT);
    return control(s, (DWORD)code, value, sizeof(*value), value, sizeof(*value), &done);
}
