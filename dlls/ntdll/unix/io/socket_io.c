/* Sending and receiving. */
#include <errno.h>
#include <poll.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/uio.h>

#include "io/errno.h"
#include "io/socket.h"

#define MAX_BUFFERS 1024                /* IOV_MAX */

#define W_MSG_OOB       0x1
#define W_MSG_PEEK      0x2
#define W_MSG_DONTROUTE 0x4
#define W_MSG_WAITALL   0x8

#define FD_READ_WRITE   0x3             /* what receiving and sending enable again */

struct transfer                         /* io->state */
{
    struct oriel_socket_transfer request;
    struct sockaddr_storage to;
    socklen_t to_length;                /* 0: no address */
    int    flags;                       /* Linux' */
    size_t total;
    unsigned int count;
    struct iovec vectors[];
};

/* The program's buffers, which only the kernel will touch. */
static NTSTATUS read_buffers(struct transfer *transfer)
{
    const struct oriel_socket_buffer *from = (const void *)(uintptr_t)transfer->request.buffers;

    for (unsigned int i = 0; i < transfer->count; i++)
    {
        struct oriel_socket_buffer buffer;
        NTSTATUS status = user_read(&buffer, from + i, sizeof(buffer));

        if (status) return status;
        transfer->vectors[i].iov_base = (void *)(uintptr_t)buffer.data;
        transfer->vectors[i].iov_len = buffer.length;
        transfer->total += buffer.length;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS read_transfer(struct io *io, struct transfer **out)
{
    struct oriel_socket_transfer request = { .wait = ORIEL_SOCKET_OVERLAPPED, .count = 1 };
    struct transfer *transfer;
    NTSTATUS status;

    if (io->code)
    {
        if (io->in_length < sizeof(request)) return STATUS_INVALID_PARAMETER;
        if ((status = user_read(&request, io->in, sizeof(request)))) return status;
        if (!request.count || request.count > MAX_BUFFERS) return STATUS_INVALID_PARAMETER;
    }
    if (!(transfer = calloc(1, sizeof(*transfer) + request.count * sizeof(struct iovec)))) return STATUS_NO_MEMORY;
    io->state = transfer;
    transfer->request = request;
    transfer->count = request.count;
    transfer->flags = (request.flags & W_MSG_OOB ? MSG_OOB : 0) | (request.flags & W_MSG_PEEK ? MSG_PEEK : 0) |
                      (request.flags & W_MSG_DONTROUTE ? MSG_DONTROUTE : 0);
    *out = transfer;
    if (io->code) return read_buffers(transfer);
    transfer->vectors[0].iov_base = io->buffer;
    transfer->vectors[0].iov_len = transfer->total = io->length;
    return STATUS_SUCCESS;
}

/* The kernel says EFAULT where a page is only late: touch them all, then try again; a datagram would be gone. */
static NTSTATUS probe_buffers(const struct transfer *transfer, bool write)
{
    NTSTATUS status = STATUS_SUCCESS;

    for (unsigned int i = 0; i < transfer->count && !status; i++)
        status = write ? user_probe_for_write(transfer->vectors[i].iov_base, transfer->vectors[i].iov_len)
                       : user_probe_for_read(transfer->vectors[i].iov_base, transfer->vectors[i].iov_len);
    return status;
}

/* The vectors from byte done on; returns how many. */
static unsigned int skip_vectors(const struct transfer *transfer, size_t done, struct iovec *out)
{
    unsigned int n = 0;

    for (unsigned int i = 0; i < transfer->count; i++)
    {
        struct iovec vector = transfer->vectors[i];

        if (done >= vector.iov_len && (done || !vector.iov_len))
        {
            done -= vector.iov_len;
            continue;
        }
        vector.iov_base = (char *)vector.iov_base + done;
        vector.iov_len -= done;
        done = 0;
        out[n++] = vector;
    }
    return n;
}

/* ---- receiving ------------------------------------------------------------------------------------------------------ */

static NTSTATUS tell_sender(const struct transfer *transfer, const struct sockaddr_storage *from, socklen_t length)
{
    int *user_length = (int *)(uintptr_t)transfer->request.address_length_out;
    size_t told;
    int room;
    NTSTATUS status;

    if (!transfer->request.address || !user_length) return STATUS_SUCCESS;
    if ((status = user_get(room, user_length))) return status;
    if (room < 0) return STATUS_ACCESS_VIOLATION;
    if (!length) return user_put(user_length, 0);       /* a connected stream does not say */
    if ((status = address_write((void *)(uintptr_t)transfer->request.address, room, from, length, &told))) return status;
    return user_put(user_length, (int)told);
}

static NTSTATUS attempt_receive(struct io *io)
{
    struct transfer *transfer = io->state;
    bool all = (transfer->request.flags & W_MSG_WAITALL) && io->file->socket->type == SOCK_STREAM;
    struct sockaddr_storage from;
    struct iovec vectors[MAX_BUFFERS];
    struct msghdr message = { &from, sizeof(from), vectors, 0, NULL, 0, 0 };
    NTSTATUS status = probe_buffers(transfer, true);
    ssize_t n;

    if (status) return status;
    do
    {
        message.msg_iovlen = skip_vectors(transfer, io->done, vectors);
        while ((n = recvmsg(io->fd, &message, transfer->flags | MSG_DONTWAIT)) < 0 && errno == EINTR) ;
        if (n > 0) io->done += n;
    } while (n > 0 && all && io->done < transfer->total);
    io->information = io->done;
    if (n < 0)
    {
        if (errno == EAGAIN) return STATUS_PENDING;
        /* An ICMP answer to a datagram that was sent from here. */
        if (errno == ECONNREFUSED && io->file->socket->type == SOCK_DGRAM) return STATUS_PORT_UNREACHABLE;
        if (!io->done) return status_from_socket_errno(errno);
    }
    if ((status = tell_sender(transfer, &from, message.msg_namelen))) return status;
    return message.msg_flags & MSG_TRUNC ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

NTSTATUS socket_receive(struct io *io)
{
    struct transfer *transfer;
    NTSTATUS status = read_transfer(io, &transfer);

    if (status) return status;
    if (io->file->socket->type == SOCK_STREAM && !io->file->socket->state->connected && io->file->socket->family != AF_UNIX &&
        io->file->socket->state->listening) return STATUS_INVALID_CONNECTION;
    io->attempt = attempt_receive;
    io->events = transfer->flags & MSG_OOB ? POLLPRI : POLLIN;
    status = socket_run(io, transfer->request.wait, io->file->socket->state->receive_timeout);
    if (status != STATUS_PENDING) socket_enable(io->file, FD_READ_WRITE & 1);
    return status;
}

/* ---- sending -------------------------------------------------------------------------------------------------------------- */

static NTSTATUS attempt_send(struct io *io)
{
    struct transfer *transfer = io->state;
    struct iovec vectors[MAX_BUFFERS];
    struct msghdr message = { transfer->to_length ? &transfer->to : NULL, transfer->to_length, vectors, 0, NULL, 0, 0 };
    NTSTATUS status = probe_buffers(transfer, false);
    ssize_t n;

    if (status) return status;
    do
    {
        message.msg_iovlen = skip_vectors(transfer, io->done, vectors);
        while ((n = sendmsg(io->fd, &message, transfer->flags | MSG_DONTWAIT | MSG_NOSIGNAL)) < 0 && errno == EINTR) ;
        if (n > 0) io->done += n;
    } while (n > 0 && io->done < transfer->total);
    io->information = io->done;
    if (n >= 0) return STATUS_SUCCESS;
    /* To Linux what was never connected is what has been shut down. */
    if (errno == EPIPE && io->file->socket->type == SOCK_STREAM && !io->file->socket->state->connected) return STATUS_INVALID_CONNECTION;
    if (errno != EAGAIN) return status_from_socket_errno(errno);
    /* A non-blocking send takes what fits; the others wait until all is gone. */
    return io->done && transfer->request.wait == ORIEL_SOCKET_PLAIN && io->file->socket->state->nonblocking ? STATUS_SUCCESS
                                                                                                     : STATUS_PENDING;
}

NTSTATUS socket_send(struct io *io)
{
    struct transfer *transfer;
    NTSTATUS status = read_transfer(io, &transfer);

    if (status) return status;
    if (transfer->request.address &&
        (status = address_read(&transfer->to, &transfer->to_length, (const void *)(uintptr_t)transfer->request.address,
                               transfer->request.address_length))) return status;
    if (io->file->socket->state->connected && io->file->socket->type == SOCK_STREAM) transfer->to_length = 0;
    io->attempt = attempt_send;
    io->events = POLLOUT;
    status = socket_run(io, transfer->request.wait, io->file->socket->state->send_timeout);
    if (status == STATUS_DEVICE_NOT_READY || status == STATUS_PENDING) socket_enable(io->file, FD_READ_WRITE & 2);
    return status;
}

/* ---- files ------------------------------------------------------------------------------------------------------------------ */

struct send_file                        /* io->state */
{
    struct oriel_socket_send_file request;
    struct file *file;                  /* a reference, or NULL */
    off_t  at, end;                     /* of the file */
    size_t head_done, tail_done;
};

static NTSTATUS send_error(void)
{
    return errno == EAGAIN ? STATUS_PENDING : status_from_socket_errno(errno);
}

static NTSTATUS send_memory(struct io *io, const void *from, size_t length, size_t *done, bool more)
{
    NTSTATUS status = user_probe_for_read(from, length);

    while (!status && *done < length)
    {
        ssize_t n = send(io->fd, (const char *)from + *done, length - *done, MSG_DONTWAIT | MSG_NOSIGNAL | (more ? MSG_MORE : 0));

        if (n > 0)
        {
            *done += n;
            io->information += n;
        }
        else if (errno != EINTR) return send_error();
    }
    return status;
}

static NTSTATUS attempt_send_file(struct io *io)
{
    struct send_file *send = io->state;
    const struct oriel_socket_send_file *request = &send->request;
    NTSTATUS status;

    if ((status = send_memory(io, (const void *)(uintptr_t)request->head, request->head_length, &send->head_done, true))) return status;
    while (send->at < send->end)
    {
        ssize_t n = sendfile(io->fd, send->file->fd, &send->at, send->end - send->at);

        if (n > 0) io->information += n;
        else if (!n) break;             /* the file became shorter */
        else if (errno != EINTR) return send_error();
    }
    if ((status = send_memory(io, (const void *)(uintptr_t)request->tail, request->tail_length, &send->tail_done, false))) return status;
    if (request->disconnect) shutdown(io->fd, SHUT_WR);
    return STATUS_SUCCESS;
}

static void send_file_done(struct io *io)
{
    object_unref((struct object *)((struct send_file *)io->state)->file);
}

NTSTATUS socket_send_file(struct io *io)
{
    struct send_file *send;
    struct stat st;
    NTSTATUS status;

    if (io->in_length < sizeof(send->request)) return STATUS_INVALID_PARAMETER;
    if (!(send = calloc(1, sizeof(*send)))) return STATUS_NO_MEMORY;
    io->state = send;
    io->drop_state = send_file_done;
    if ((status = user_read(&send->request, io->in, sizeof(send->request)))) return status;
    if (send->request.file)
    {
        if ((status = handle_lookup((HANDLE)(uintptr_t)send->request.file, &file_type, FILE_READ_DATA, &send->file, NULL))) return status;
        if (send->file->kind != FILE_KIND_DISK || fstat(send->file->fd, &st)) return STATUS_INVALID_PARAMETER;
        send->at = send->request.offset;
        send->end = send->request.length && send->at + (off_t)send->request.length < st.st_size
                        ? send->at + (off_t)send->request.length : st.st_size;
    }
    io->attempt = attempt_send_file;
    io->events = POLLOUT;
    return socket_run(io, send->request.wait, io->file->socket->state->send_timeout);
}
