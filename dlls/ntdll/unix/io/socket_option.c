/* Socket options: levels and names of Windows, values as Linux has them. */
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdatomic.h>
#include <sys/time.h>

#include "io/socket.h"

#define W_SOL_SOCKET 0xffff

enum value_kind { VALUE_INT, VALUE_BOOL, VALUE_RAW };

/* Options that are an int on both sides, or the same bytes. */
static const struct
{
    int level, name;            /* Windows */
    int linux_level, linux_name;
    enum value_kind kind;
} options[] =
{
    { W_SOL_SOCKET, 0x0008, SOL_SOCKET, SO_KEEPALIVE, VALUE_BOOL },
    { W_SOL_SOCKET, 0x0010, SOL_SOCKET, SO_DONTROUTE, VALUE_BOOL },
    { W_SOL_SOCKET, 0x0020, SOL_SOCKET, SO_BROADCAST, VALUE_BOOL },
    { W_SOL_SOCKET, 0x0100, SOL_SOCKET, SO_OOBINLINE, VALUE_BOOL },
    { W_SOL_SOCKET, 0x0002, SOL_SOCKET, SO_ACCEPTCONN, VALUE_BOOL },
    { W_SOL_SOCKET, 0x1008, SOL_SOCKET, SO_TYPE, VALUE_INT },
    { IPPROTO_TCP, 1, IPPROTO_TCP, TCP_NODELAY, VALUE_BOOL },
    { IPPROTO_TCP, 3, IPPROTO_TCP, TCP_KEEPIDLE, VALUE_INT },
    { IPPROTO_TCP, 16, IPPROTO_TCP, TCP_KEEPCNT, VALUE_INT },
    { IPPROTO_TCP, 17, IPPROTO_TCP, TCP_KEEPINTVL, VALUE_INT },
    { IPPROTO_IP, 3, IPPROTO_IP, IP_TOS, VALUE_INT },
    { IPPROTO_IP, 4, IPPROTO_IP, IP_TTL, VALUE_INT },
    { IPPROTO_IP, 9, IPPROTO_IP, IP_MULTICAST_IF, VALUE_RAW },
    { IPPROTO_IP, 10, IPPROTO_IP, IP_MULTICAST_TTL, VALUE_INT },
    { IPPROTO_IP, 11, IPPROTO_IP, IP_MULTICAST_LOOP, VALUE_BOOL },
    { IPPROTO_IP, 12, IPPROTO_IP, IP_ADD_MEMBERSHIP, VALUE_RAW },
    { IPPROTO_IP, 13, IPPROTO_IP, IP_DROP_MEMBERSHIP, VALUE_RAW },
    { IPPROTO_IPV6, 4, IPPROTO_IPV6, IPV6_UNICAST_HOPS, VALUE_INT },
    { IPPROTO_IPV6, 9, IPPROTO_IPV6, IPV6_MULTICAST_IF, VALUE_INT },
    { IPPROTO_IPV6, 10, IPPROTO_IPV6, IPV6_MULTICAST_HOPS, VALUE_INT },
    { IPPROTO_IPV6, 11, IPPROTO_IPV6, IPV6_MULTICAST_LOOP, VALUE_BOOL },
    { IPPROTO_IPV6, 12, IPPROTO_IPV6, IPV6_JOIN_GROUP, VALUE_RAW },
    { IPPROTO_IPV6, 13, IPPROTO_IPV6, IPV6_LEAVE_GROUP, VALUE_RAW },
    { IPPROTO_IPV6, 27, IPPROTO_IPV6, IPV6_V6ONLY, VALUE_BOOL },
};

struct linger_value { unsigned short on, seconds; };

static NTSTATUS read_option(const struct io *io, struct oriel_socket_option *option)
{
    return io->in_length < sizeof(*option) ? STATUS_INVALID_PARAMETER : user_read(option, io->in, sizeof(*option));
}

static NTSTATUS answer(struct io *io, const void *value, size_t size)
{
    if (io->length < size) return STATUS_ACCESS_VIOLATION;      /* WSAEFAULT */
    io->information = size;
    return user_write(io->buffer, value, size);
}

/* Windows takes and gives a BOOL in one byte as well as in four. */
static NTSTATUS answer_int(struct io *io, int value)
{
    if (io->length && io->length < sizeof(value))
    {
        io->information = 1;
        return user_write(io->buffer, &value, 1);
    }
    return answer(io, &value, sizeof(value));
}

/* Linux tells twice what was asked for, which is what it takes with its own overhead. */
static NTSTATUS get_buffer_size(struct io *io, int name)
{
    int value = 0;
    socklen_t length = sizeof(value);

    if (getsockopt(io->fd, SOL_SOCKET, name, &value, &length)) return status_from_socket_errno(errno);
    return answer_int(io, value / 2);
}

static NTSTATUS get_error(struct io *io)
{
    struct socket *s = io->file->socket;
    int error = atomic_exchange(&socket_state_begin(s)->error, 0);
    socklen_t length = sizeof(error);

    socket_state_end();
    if (!error) getsockopt(io->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    return answer_int(io, wsa_error_from_errno(error));
}

static NTSTATUS get_socket_level(struct io *io, int name)
{
    struct socket *s = io->file->socket;
    struct linger linger = { 0, 0 };
    struct linger_value value;
    socklen_t length = sizeof(linger);

    switch (name)
    {
    case 0x0004:                /* SO_REUSEADDR: what the program said, not what was set for it */
    case ~0x0004:
        return answer_int(io, 0);
    case 0x0080:                /* SO_LINGER */
    case ~0x0080:               /* SO_DONTLINGER */
        if (getsockopt(io->fd, SOL_SOCKET, SO_LINGER, &linger, &length)) return status_from_socket_errno(errno);
        if (name == ~0x0080) return answer_int(io, !linger.l_onoff);
        value = (struct linger_value){ linger.l_onoff, linger.l_linger };
        return answer(io, &value, sizeof(value));
    case 0x1001: return get_buffer_size(io, SO_SNDBUF);
    case 0x1002: return get_buffer_size(io, SO_RCVBUF);
    case 0x1005: return answer_int(io, s->state->send_timeout);
    case 0x1006: return answer_int(io, s->state->receive_timeout);
    case 0x1007: return get_error(io);
    default:     return status_from_socket_errno(ENOPROTOOPT);
    }
}

NTSTATUS socket_get_option(struct io *io)
{
    struct oriel_socket_option option;
    NTSTATUS status = read_option(io, &option);

    if (status) return status;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
    {
        char value[64] = "";
        socklen_t length = sizeof(value);

        if (options[i].level != option.level || options[i].name != option.name) continue;
        if (getsockopt(io->fd, options[i].linux_level, options[i].linux_name, value, &length)) return status_from_socket_errno(errno);
        if (options[i].kind == VALUE_RAW) return answer(io, value, length);
        if (length == 1) return answer_int(io, value[0]);
        return answer_int(io, *(int *)value);
    }
    return option.level == W_SOL_SOCKET ? get_socket_level(io, option.name) : status_from_socket_errno(ENOPROTOOPT);
}

/* ---- setting --------------------------------------------------------------------------------------------------------- */

static NTSTATUS set_linux(struct io *io, int level, int name, const void *value, socklen_t length)
{
    return setsockopt(io->fd, level, name, value, length) ? status_from_socket_errno(errno) : STATUS_SUCCESS;
}

static NTSTATUS set_socket_level(struct io *io, int name, const char *bytes, size_t length)
{
    struct socket *s = io->file->socket;
    struct linger linger;
    int value = length >= sizeof(value) ? *(const int *)bytes : length ? bytes[0] : 0;

    switch (name)
    {
    case 0x0004:                /* SO_REUSEADDR: somebody else's port, which only datagrams are given here */
        return s->type == SOCK_DGRAM ? set_linux(io, SOL_SOCKET, SO_REUSEADDR, &value, sizeof(value)) : STATUS_SUCCESS;
    case ~0x0004:               /* SO_EXCLUSIVEADDRUSE: nobody is given it anyway */
        return STATUS_SUCCESS;
    case 0x0080:
        if (length < sizeof(struct linger_value)) return STATUS_ACCESS_VIOLATION;
        linger = (struct linger){ ((const struct linger_value *)bytes)->on, ((const struct linger_value *)bytes)->seconds };
        return set_linux(io, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    case ~0x0080:
        linger = (struct linger){ !value, 0 };
        return set_linux(io, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    case 0x1001: return set_linux(io, SOL_SOCKET, SO_SNDBUF, &value, sizeof(value));
    case 0x1002: return set_linux(io, SOL_SOCKET, SO_RCVBUF, &value, sizeof(value));
    case 0x1005: SOCKET_SET(s, send_timeout, value); return STATUS_SUCCESS;
    case 0x1006: SOCKET_SET(s, receive_timeout, value); return STATUS_SUCCESS;
    case 0x700b:                /* SO_UPDATE_ACCEPT_CONTEXT */
    case 0x7010:                /* SO_UPDATE_CONNECT_CONTEXT: both are true here from the start */
        return STATUS_SUCCESS;
    default:
        return status_from_socket_errno(ENOPROTOOPT);
    }
}

NTSTATUS socket_set_option(struct io *io)
{
    struct oriel_socket_option option;
    char value[64] __attribute__((aligned(8))) = "";
    size_t length = io->in_length - sizeof(option);
    NTSTATUS status = read_option(io, &option);

    if (status) return status;
    if (length > sizeof(value)) length = sizeof(value);
    if ((status = user_read(value, (const char *)io->in + sizeof(option), length))) return status;
    for (size_t i = 0; i < sizeof(options) / sizeof(options[0]); i++)
    {
        int number = length >= sizeof(number) ? *(int *)value : value[0];

        if (options[i].level != option.level || options[i].name != option.name) continue;
        if (options[i].kind == VALUE_RAW) return set_linux(io, options[i].linux_level, options[i].linux_name, value, length);
        if (!length) return STATUS_ACCESS_VIOLATION;
        if (options[i].kind == VALUE_BOOL) number = number != 0;
        return set_linux(io, options[i].linux_level, options[i].linux_name, &number, sizeof(number));
    }
    return option.level == W_SOL_SOCKET ? set_socket_level(io, option.name, value, length) : status_from_socket_errno(ENOPROTOOPT);
}
