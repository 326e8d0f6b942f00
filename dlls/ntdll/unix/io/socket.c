/* Sockets: making, binding, connecting, accepting. Windows' numbers here become Linux'. */
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/un.h>
#include <unistd.h>

#include "io/errno.h"
#include "io/socket.h"

#define W_AF_INET6 23
#define STATUS_PROTOCOL_NOT_SUPPORTED ((NTSTATUS)0xC000A013)        /* Wine's ntstatus.h lacks it */

/* ---- errors ----------------------------------------------------------------------------------------------------- */

/* Both tables together are what ws2_32 turns statuses back into. */
static const struct
{
    int      error;
    NTSTATUS status;
    int      wsa;               /* less 10000 */
} socket_errors[] =
{
    { EAGAIN,          STATUS_DEVICE_NOT_READY,           35 },
    { EINPROGRESS,     STATUS_DEVICE_NOT_READY,           35 },
    { EALREADY,        STATUS_OPERATION_IN_PROGRESS,      37 },
    { EACCES,          STATUS_ACCESS_DENIED,              13 },
    { EPERM,           STATUS_ACCESS_DENIED,              13 },
    { EFAULT,          STATUS_ACCESS_VIOLATION,           14 },
    { EINVAL,          STATUS_INVALID_PARAMETER,          22 },
    { EMFILE,          STATUS_TOO_MANY_OPENED_FILES,      24 },
    { ENOTSOCK,        STATUS_OBJECT_TYPE_MISMATCH,       38 },
    { EDESTADDRREQ,    STATUS_INVALID_CONNECTION,         39 },
    { EMSGSIZE,        STATUS_INVALID_BUFFER_SIZE,        40 },
    { EPROTOTYPE,      STATUS_PROTOCOL_UNREACHABLE,       41 },
    { ENOPROTOOPT,     STATUS_INVALID_INFO_CLASS,         42 },
    { EPROTONOSUPPORT, STATUS_PROTOCOL_NOT_SUPPORTED,     43 },
    { ESOCKTNOSUPPORT, STATUS_INVALID_DEVICE_REQUEST,     44 },
    { EOPNOTSUPP,      STATUS_NOT_SUPPORTED,              45 },
    { EAFNOSUPPORT,    STATUS_UNKNOWN_REVISION,           47 },
    { EADDRINUSE,      STATUS_ADDRESS_ALREADY_EXISTS,     48 },
    { EADDRNOTAVAIL,   STATUS_INVALID_ADDRESS_COMPONENT,  49 },
    { ENOENT,          STATUS_CONNECTION_REFUSED,         61 },
    { ENETDOWN,        STATUS_UNEXPECTED_NETWORK_ERROR,   50 },
    { ENETUNREACH,     STATUS_NETWORK_UNREACHABLE,        51 },
    { ECONNABORTED,    STATUS_CONNECTION_ABORTED,         53 },
    { ECONNRESET,      STATUS_CONNECTION_RESET,           54 },
    { ENOBUFS,         STATUS_INSUFFICIENT_RESOURCES,     55 },
    { ENOMEM,          STATUS_INSUFFICIENT_RESOURCES,     55 },
    { EISCONN,         STATUS_CONNECTION_ACTIVE,          56 },
    { ENOTCONN,        STATUS_INVALID_CONNECTION,         57 },
    { EPIPE,           STATUS_PIPE_DISCONNECTED,          58 },
    { ETIMEDOUT,       STATUS_IO_TIMEOUT,                 60 },
    { ECONNREFUSED,    STATUS_CONNECTION_REFUSED,         61 },
    { EHOSTUNREACH,    STATUS_HOST_UNREACHABLE,           65 },
};
#define SOCKET_ERROR_COUNT (sizeof(socket_errors) / sizeof(socket_errors[0]))

NTSTATUS status_from_socket_errno(int error)
{
    for (size_t i = 0; i < SOCKET_ERROR_COUNT; i++)
        if (socket_errors[i].error == error) return socket_errors[i].status;
    return status_from_errno(error);
}

int wsa_error_from_errno(int error)
{
    for (size_t i = 0; i < SOCKET_ERROR_COUNT; i++)
        if (socket_errors[i].error == error) return 10000 + socket_errors[i].wsa;
    return error ? 10022 : 0;
}

/* ---- addresses ----------------------------------------------------------------------------------------------------- */

int family_to_linux(int family)
{
    switch (family)
    {
    case 0:          return AF_UNSPEC;
    case 1:          return AF_UNIX;
    case 2:          return AF_INET;
    case W_AF_INET6: return AF_INET6;
    default:         return -1;
    }
}

int family_to_windows(int family)
{
    return family == AF_INET6 ? W_AF_INET6 : family;    /* AF_UNIX and AF_INET are the same */
}

/* The structures are the same but for the number of the family. */
NTSTATUS address_read(struct sockaddr_storage *to, socklen_t *length, const void *from, int from_length)
{
    int family;
    NTSTATUS status;

    memset(to, 0, sizeof(*to));
    if (from_length < (int)sizeof(to->ss_family) || from_length > (int)sizeof(*to)) return STATUS_ACCESS_VIOLATION;
    if ((status = user_read(to, from, from_length))) return status;
    if ((family = family_to_linux(to->ss_family)) < 0) return status_from_socket_errno(EAFNOSUPPORT);
    to->ss_family = family;
    *length = from_length;
    if (family == AF_INET && from_length < (int)sizeof(struct sockaddr_in)) return STATUS_ACCESS_VIOLATION;
    if (family == AF_INET6)
    {
        if (from_length < (int)sizeof(struct sockaddr_in6)) return STATUS_ACCESS_VIOLATION;
        *length = sizeof(struct sockaddr_in6);
    }
    if (family == AF_INET) *length = sizeof(struct sockaddr_in);
    return STATUS_SUCCESS;
}

NTSTATUS address_write(void *to, size_t room, const struct sockaddr_storage *from, socklen_t from_length, size_t *length)
{
    struct sockaddr_storage copy = *from;

    copy.ss_family = family_to_windows(from->ss_family);
    *length = from_length;
    return user_write(to, &copy, room < from_length ? room : from_length);
}

/* ---- as a file -------------------------------------------------------------------------------------------------------- */

struct file *socket_file_alloc(ACCESS_MASK access, ULONG options)
{
    struct socket *socket = calloc(1, sizeof(*socket));
    struct file *file;

    if (!socket) return NULL;
    socket->state = &socket->own;
    socket->state_fd = socket->bell = -1;
    if (!(file = file_alloc(FILE_KIND_SOCKET, &socket_ops, -1, access, options)))
    {
        free(socket);
        return NULL;
    }
    file->socket = socket;
    return file;
}

NTSTATUS socket_open_device(const WCHAR *name, size_t length, struct file_open *open_, struct file **file)
{
    (void)name, (void)length;   /* \Device\Afd\Endpoint, \Device\Afd\anything: all the same device */
    if (!(*file = socket_file_alloc(open_->access, open_->options))) return STATUS_NO_MEMORY;
    (*file)->sharing = open_->sharing;
    open_->result = FILE_OPENED;
    return STATUS_SUCCESS;
}

static void socket_destroyed(struct file *file)
{
    if (file->socket->bell_heard) io_watch_file_end(file);
    object_unref(file->socket->event);
    socket_state_free(file->socket);
    free(file->socket);
}

/* The kernel's end goes with the last handle, not with the last operation: what waits was cancelled before. */
static void socket_closed(struct file *file)
{
    int nothing;

    if (file->socket->bell_heard) io_watch_file_end(file);
    if (file->fd < 0 || (nothing = open("/dev/null", O_RDWR | O_CLOEXEC)) < 0) return;
    dup3(nothing, file->fd, O_CLOEXEC);
    close(nothing);
}

static NTSTATUS socket_query_name(struct file *file, WCHAR **out, size_t *length)
{
    static const WCHAR name[] = u"\\Device\\Afd\\Endpoint";

    (void)file;
    if (!(*out = malloc(sizeof(name)))) return STATUS_NO_MEMORY;
    memcpy(*out, name, sizeof(name));
    *length = sizeof(name) / sizeof(WCHAR) - 1;
    return STATUS_SUCCESS;
}

/* ---- making ------------------------------------------------------------------------------------------------------------- */

/* What Linux must be told so that it behaves as Windows does without being told. */
static void set_defaults(int fd, int family, int type)
{
    const int on = 1, off = 0;

    if (type == SOCK_STREAM && family != AF_UNIX) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
    if (family == AF_INET6) setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
    if (type == SOCK_DGRAM && family == AF_INET) setsockopt(fd, IPPROTO_IP, IP_RECVERR, &off, sizeof(off));
}

static NTSTATUS socket_create(struct io *io)
{
    struct oriel_socket_create create;
    struct socket *s = io->file->socket;
    NTSTATUS status;
    int fd, family;

    if (io->file->fd >= 0) return STATUS_INVALID_PARAMETER;
    if (io->in_length < sizeof(create)) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&create, io->in, sizeof(create)))) return status;
    if ((family = family_to_linux(create.family)) < 0) return status_from_socket_errno(EAFNOSUPPORT);
    if (create.type < SOCK_STREAM || create.type > SOCK_SEQPACKET) return status_from_socket_errno(ESOCKTNOSUPPORT);
    if ((fd = socket(family, create.type | SOCK_CLOEXEC | SOCK_NONBLOCK, create.protocol)) < 0)
        return status_from_socket_errno(errno);
    set_defaults(fd, family, create.type);
    s->family = family;
    s->type = create.type;
    s->protocol = create.protocol;
    io->file->fd = fd;
    return STATUS_SUCCESS;
}

static NTSTATUS socket_bind(struct io *io)
{
    struct sockaddr_storage address;
    socklen_t length;
    NTSTATUS status = address_read(&address, &length, io->in, io->in_length);

    if (status) return status;
    if (bind(io->file->fd, (struct sockaddr *)&address, length)) return status_from_socket_errno(errno);
    return STATUS_SUCCESS;
}

static NTSTATUS socket_listen(struct io *io)
{
    int backlog;
    NTSTATUS status;

    if (io->in_length < sizeof(backlog)) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&backlog, io->in, sizeof(backlog)))) return status;
    if (listen(io->file->fd, backlog < 0 || backlog > SOMAXCONN ? SOMAXCONN : backlog)) return status_from_socket_errno(errno);
    SOCKET_SET(io->file->socket, listening, true);
    return STATUS_SUCCESS;
}

/* ---- connecting ------------------------------------------------------------------------------------------------------------ */

NTSTATUS socket_run(struct io *io, int wait, uint32_t timeout_ms)
{
    NTSTATUS status;

    if (wait == ORIEL_SOCKET_OVERLAPPED) return io_run(io);
    if (!io->file->socket->state->nonblocking)
    {
        io->timeout_ms = timeout_ms;
        return io_run_in_place(io);
    }
    status = io->attempt(io);
    return status == STATUS_PENDING ? STATUS_DEVICE_NOT_READY : status;
}

/* Whether a connect() that was under way has ended. */
static NTSTATUS attempt_connect(struct io *io)
{
    struct socket *s = io->file->socket;
    struct pollfd fd = { io->fd, POLLOUT, 0 };
    int error = 0;
    socklen_t length = sizeof(error);

    if (poll(&fd, 1, 0) <= 0) return STATUS_PENDING;
    getsockopt(io->fd, SOL_SOCKET, SO_ERROR, &error, &length);
    SOCKET_SET(s, connecting, false);
    if (error)
    {
        SOCKET_SET(s, error, error);
        return status_from_socket_errno(error);
    }
    SOCKET_SET(s, connected, true);
    return STATUS_SUCCESS;
}

static NTSTATUS socket_connect(struct io *io)
{
    struct oriel_socket_connect request;
    struct socket *s = io->file->socket;
    struct sockaddr_storage address;
    socklen_t length;
    NTSTATUS status;

    if (io->in_length < offsetof(struct oriel_socket_connect, address)) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&request, io->in, offsetof(struct oriel_socket_connect, address)))) return status;
    if ((status = address_read(&address, &length, (const char *)io->in + offsetof(struct oriel_socket_connect, address),
                               request.length))) return status;
    if (s->state->connecting && (status = attempt_connect(io)) != STATUS_SUCCESS)
        return status == STATUS_PENDING ? STATUS_OPERATION_IN_PROGRESS : status;
    io->attempt = attempt_connect;
    io->events = POLLOUT;
    if (!connect(io->fd, (struct sockaddr *)&address, length))
    {
        SOCKET_SET(s, connected, s->type == SOCK_STREAM || address.ss_family != AF_UNSPEC);
        SOCKET_SET(s, connecting, (s->state->mask & 0x10) != 0);        /* for FD_CONNECT to be told */
        socket_enable(io->file, 0x33);
        return STATUS_SUCCESS;
    }
    if (errno != EINPROGRESS) return status_from_socket_errno(errno);
    SOCKET_SET(s, connecting, true);
    socket_enable(io->file, 0x33);
    return socket_run(io, request.wait, 0);
}

/* ---- accepting ----------------------------------------------------------------------------------------------------------------- */

/* io->state is the file that becomes the connection, with a reference. */
struct accept_state
{
    struct file *file;
    size_t local_length;
};

/* Where the connection came to and, after it, where from. */
static NTSTATUS tell_addresses(struct io *io, int fd, const struct sockaddr_storage *peer, socklen_t peer_length)
{
    size_t skip = ((struct accept_state *)io->state)->local_length, told;
    struct sockaddr_storage local;
    socklen_t length = sizeof(local);
    NTSTATUS status;

    io->information = 0;
    if (!io->length) return STATUS_SUCCESS;
    if (skip && !getsockname(fd, (struct sockaddr *)&local, &length) &&
        (status = address_write(io->buffer, skip, &local, length, &told))) return status;
    if ((status = address_write((char *)io->buffer + skip, io->length - skip, peer, peer_length, &told))) return status;
    if (!skip) io->information = peer_length < io->length ? peer_length : io->length;
    return STATUS_SUCCESS;
}

static NTSTATUS attempt_accept(struct io *io)
{
    struct file *into = ((struct accept_state *)io->state)->file;
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    NTSTATUS status;
    int fd;

    while ((fd = accept4(io->fd, (struct sockaddr *)&address, &length, SOCK_CLOEXEC | SOCK_NONBLOCK)) < 0 &&
           (errno == EINTR || errno == ECONNABORTED)) ;
    if (fd < 0) return errno == EAGAIN ? STATUS_PENDING : status_from_socket_errno(errno);
    if ((status = tell_addresses(io, fd, &address, length)))
    {
        close(fd);
        return status;
    }
    socket_renew(into->socket);
    into->socket->family = io->file->socket->family;
    into->socket->type = io->file->socket->type;
    into->socket->protocol = io->file->socket->protocol;
    SOCKET_SET(into->socket, connected, true);
    if (into->fd < 0) into->fd = fd;
    else                        /* AcceptEx: it was made as a socket before */
    {
        dup3(fd, into->fd, O_CLOEXEC);
        close(fd);
    }
    return STATUS_SUCCESS;
}

static void accept_done(struct io *io)
{
    object_unref((struct object *)((struct accept_state *)io->state)->file);
}

static NTSTATUS socket_accept(struct io *io)
{
    struct oriel_socket_accept request;
    struct accept_state *state;
    struct file *into;
    NTSTATUS status;

    if (io->in_length < sizeof(request)) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&request, io->in, sizeof(request)))) return status;
    if (!io->file->socket->state->listening) return STATUS_INVALID_PARAMETER;
    if ((status = user_probe_for_write(io->buffer, io->length))) return status;
    if (request.local_length < 0 || (size_t)request.local_length > io->length) return STATUS_INVALID_PARAMETER;
    if ((status = handle_lookup((HANDLE)(uintptr_t)request.handle, &file_type, 0, &into, NULL))) return status;
    if (into->kind != FILE_KIND_SOCKET || into->socket->state->connected || into->socket->state->listening ||
        !(state = malloc(sizeof(*state))))
    {
        object_unref((struct object *)into);
        return STATUS_INVALID_PARAMETER;
    }
    state->file = into;
    state->local_length = request.local_length;
    io->state = state;
    io->drop_state = accept_done;
    io->attempt = attempt_accept;
    io->events = POLLIN;
    status = socket_run(io, request.wait, 0);
    if (status != STATUS_PENDING) socket_enable(io->file, 0x08);
    return status;
}

/* ---- the rest ---------------------------------------------------------------------------------------------------------------------- */

static NTSTATUS read_int(const struct io *io, int *value)
{
    return io->in_length < sizeof(*value) ? STATUS_INVALID_PARAMETER : user_read(value, io->in, sizeof(*value));
}

static NTSTATUS socket_shutdown(struct io *io)
{
    int how;
    NTSTATUS status = read_int(io, &how);

    if (status) return status;
    if (how < 0 || how > 2) return STATUS_INVALID_PARAMETER;
    return shutdown(io->file->fd, how) ? status_from_socket_errno(errno) : STATUS_SUCCESS;
}

static NTSTATUS socket_get_name(struct io *io)
{
    struct sockaddr_storage address;
    socklen_t length = sizeof(address);
    size_t told;
    int peer, failed;
    NTSTATUS status = read_int(io, &peer);

    if (status) return status;
    failed = peer ? getpeername(io->file->fd, (struct sockaddr *)&address, &length)
                  : getsockname(io->file->fd, (struct sockaddr *)&address, &length);
    if (failed) return status_from_socket_errno(errno);
    if (io->length < length) return STATUS_ACCESS_VIOLATION;    /* WSAEFAULT: the room is too small */
    io->information = length;
    return address_write(io->buffer, io->length, &address, length, &told);
}

static NTSTATUS socket_set_nonblocking(struct io *io)
{
    int on;
    NTSTATUS status = read_int(io, &on);

    if (status) return status;
    if (!on && io->file->socket->state->mask) return STATUS_INVALID_PARAMETER;
    SOCKET_SET(io->file->socket, nonblocking, on != 0);
    return STATUS_SUCCESS;
}

static NTSTATUS socket_readable(struct io *io)
{
    int bytes = 0;

    if (io->length < sizeof(bytes)) return STATUS_INVALID_PARAMETER;
    if (ioctl(io->file->fd, FIONREAD, &bytes)) return status_from_socket_errno(errno);
    io->information = sizeof(bytes);
    return user_write(io->buffer, &bytes, sizeof(bytes));
}

static NTSTATUS socket_host_name(struct io *io)
{
    char name[256] = "";
    size_t length;

    gethostname(name, sizeof(name) - 1);
    length = strlen(name) + 1;
    if (io->length < length) return STATUS_BUFFER_TOO_SMALL;
    io->information = length;
    return user_write(io->buffer, name, length);
}

static NTSTATUS socket_control(struct io *io)
{
    switch (io->code)           /* what needs no socket */
    {
    case ORIEL_SOCKET_CREATE:    return socket_create(io);
    case ORIEL_SOCKET_POLL:      return socket_poll(io);
    case ORIEL_SOCKET_RESOLVE:   return socket_resolve(io);
    case ORIEL_SOCKET_REVERSE:   return socket_reverse(io);
    case ORIEL_SOCKET_HOST_NAME: return socket_host_name(io);
    case ORIEL_SOCKET_INTERFACES:   return socket_interfaces(io);
    case ORIEL_SOCKET_NAME_SERVERS: return socket_name_servers(io);
    case ORIEL_SOCKET_ROUTE:        return socket_route(io);
    }
    if (io->code < ORIEL_SOCKET_CREATE || io->code > ORIEL_SOCKET_SEND_FILE) return STATUS_INVALID_DEVICE_REQUEST;
    if (io->file->fd < 0) return STATUS_INVALID_HANDLE;
    io->fd = io->file->fd;
    switch (io->code)
    {
    case ORIEL_SOCKET_BIND:        return socket_bind(io);
    case ORIEL_SOCKET_LISTEN:      return socket_listen(io);
    case ORIEL_SOCKET_CONNECT:     return socket_connect(io);
    case ORIEL_SOCKET_ACCEPT:      return socket_accept(io);
    case ORIEL_SOCKET_RECEIVE:     return socket_receive(io);
    case ORIEL_SOCKET_SEND:        return socket_send(io);
    case ORIEL_SOCKET_SHUTDOWN:    return socket_shutdown(io);
    case ORIEL_SOCKET_GET_NAME:    return socket_get_name(io);
    case ORIEL_SOCKET_GET_OPTION:  return socket_get_option(io);
    case ORIEL_SOCKET_SET_OPTION:  return socket_set_option(io);
    case ORIEL_SOCKET_NONBLOCKING: return socket_set_nonblocking(io);
    case ORIEL_SOCKET_READABLE:    return socket_readable(io);
    case ORIEL_SOCKET_SELECT:      return socket_select(io);
    case ORIEL_SOCKET_SEND_FILE:   return socket_send_file(io);
    default:                       return socket_events(io);
    }
}

/* ReadFile and WriteFile on a socket: one buffer, no flags, as overlapped as the file. */
static NTSTATUS socket_read(struct io *io)
{
    if (io->file->fd < 0) return STATUS_INVALID_HANDLE;
    io->fd = io->file->fd;
    return socket_receive(io);
}

static NTSTATUS socket_write(struct io *io)
{
    if (io->file->fd < 0) return STATUS_INVALID_HANDLE;
    io->fd = io->file->fd;
    return socket_send(io);
}

const struct file_ops socket_ops =
{
    .read = socket_read, .write = socket_write, .control = socket_control,
    .query_name = socket_query_name, .closed = socket_closed, .destroyed = socket_destroyed,
};
