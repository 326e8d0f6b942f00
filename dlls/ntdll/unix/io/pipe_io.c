/* Reading and writing pipes.
 *
 * A packet of a message pipe is one byte (1: the message goes on in the next packet) and up to PACKET_BYTES of the
 * message. What a reader's buffer does not hold stays in the end as its rest.
 */
#include <errno.h>
#include <linux/sockios.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "io/errno.h"
#include "io/ntfile.h"
#include "io/pipe.h"
#include "ps/thread.h"

#define PACKET_BYTES 32768              /* with its skb well below the least send buffer a system gives */

static bool is_message_pipe(const struct pipe_end *end)
{
    return end->name->type == FILE_PIPE_TYPE_MESSAGE;
}

static bool no_wait(const struct pipe_end *end)
{
    return __atomic_load_n(&end->completion_mode, __ATOMIC_RELAXED) == FILE_PIPE_COMPLETE_OPERATION;
}

/* What reading or writing says at an end that is not connected. */
static NTSTATUS check_connected(struct pipe_end *end)
{
    switch (pipe_end_state(end))
    {
    case FILE_PIPE_CONNECTED_STATE: return STATUS_SUCCESS;
    case FILE_PIPE_LISTENING_STATE: return STATUS_PIPE_LISTENING;
    default:                        return STATUS_PIPE_DISCONNECTED;
    }
}

void pipe_kick_peer(struct pipe_end *end)
{
    struct file *peer = NULL;

    pthread_mutex_lock(&pipe_lock);
    if (end->peer) peer = object_ref(end->peer->file);
    pthread_mutex_unlock(&pipe_lock);
    if (!peer) return;
    io_kick(peer, peer->fd);
    object_unref((struct object *)peer);
}

void pipe_discard_rest(struct pipe_end *end)
{
    pthread_mutex_lock(&end->read_lock);
    end->rest_size = end->rest_at = 0;
    end->more = false;
    pthread_mutex_unlock(&end->read_lock);
}

/* ---- reading ---------------------------------------------------------------------------------------------------------- */

static NTSTATUS receive_error(struct pipe_end *end)
{
    NTSTATUS status = check_connected(end);

    if (errno == EAGAIN) return STATUS_PENDING;
    if (status) return status;
    return errno == ECONNRESET || errno == ENOTCONN ? STATUS_PIPE_BROKEN : status_from_errno(errno);
}

/* The whole buffer counts as written when a request is accepted, and after that what is read (specification 17): so the
 * first attempt touches all of it, later ones only what the bytes that are there will fill. */
static NTSTATUS probe_buffer(struct io *io, size_t *room)
{
    int available = 0;

    *room = io->length - io->done;
    if (io->accepted && !ioctl(io->fd, FIONREAD, &available) && available && (size_t)available < *room) *room = available;
    io->accepted = true;
    return user_probe_for_write((char *)io->buffer + io->done, *room);
}

static NTSTATUS attempt_read_bytes(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    NTSTATUS status;
    size_t room;
    ssize_t n;

    if ((status = probe_buffer(io, &room)) || (status = check_connected(end))) return status;
    if (!io->length)            /* waits for something to read, and takes nothing */
    {
        char byte;

        while ((n = recv(io->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK)) < 0 && errno == EINTR) ;
    }
    else while ((n = recv(io->fd, io->buffer, room, MSG_DONTWAIT)) < 0 && errno == EINTR) ;
    if (n < 0) return receive_error(end);
    if (!n) return (status = check_connected(end)) ? status : STATUS_PIPE_BROKEN;
    if (io->length) io->information = n;
    return STATUS_SUCCESS;
}

/* Into the reader's buffer from done on; what does not fit becomes the rest. Returns as recvmsg() without the header.
 * Under read_lock. */
static ssize_t receive_packet(struct io *io, struct pipe_end *end)
{
    unsigned char header;
    struct iovec vectors[3] =
    {
        { &header, 1 },
        { (char *)io->buffer + io->done, io->length - io->done },
        { end->packet, PACKET_BYTES },
    };
    struct msghdr message = { .msg_iov = vectors, .msg_iovlen = 3 };
    ssize_t n;

    /* ECONNRESET says only that the other end left things unread; what it sent before is still there. */
    while ((n = recvmsg(io->fd, &message, MSG_DONTWAIT)) < 0 && (errno == EINTR || errno == ECONNRESET)) ;
    if (n <= 0) return n;
    n--;
    end->more = header & 1;
    if ((size_t)n > io->length - io->done)
    {
        end->rest_at = 0;
        end->rest_size = n - (io->length - io->done);
        io->done = io->length;
    }
    else io->done += n;
    return n + 1;
}

static NTSTATUS take_rest(struct io *io, struct pipe_end *end)
{
    size_t left = end->rest_size - end->rest_at, room = io->length - io->done, count = left < room ? left : room;
    NTSTATUS status = user_write((char *)io->buffer + io->done, end->packet + end->rest_at, count);

    if (status) return status;
    io->done += count;
    end->rest_at += count;
    if (end->rest_at == end->rest_size) end->rest_at = end->rest_size = 0;
    return STATUS_SUCCESS;
}

/* A read of no bytes waits for something to read, and takes nothing. */
static NTSTATUS attempt_look(struct io *io, struct pipe_end *end)
{
    NTSTATUS status;
    char byte;
    ssize_t n;

    while ((n = recv(io->fd, &byte, 1, MSG_DONTWAIT | MSG_PEEK)) < 0 && (errno == EINTR || errno == ECONNRESET)) ;
    if (n > 0) return STATUS_SUCCESS;
    if (n < 0) return receive_error(end);
    return (status = check_connected(end)) ? status : STATUS_PIPE_BROKEN;
}

static NTSTATUS attempt_read_message(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    bool by_message = __atomic_load_n(&end->read_mode, __ATOMIC_RELAXED) == FILE_PIPE_MESSAGE_MODE;
    bool partly = end->rest_size || end->more;  /* in the middle of a message */
    bool got;                                   /* something, and be it a message of no bytes */
    NTSTATUS status;
    size_t room;

    if ((status = probe_buffer(io, &room)) || (status = check_connected(end))) return status;
    if (end->rest_size && (status = take_rest(io, end))) return status;
    got = io->done != 0;
    for (;;)
    {
        ssize_t n;

        if (partly && by_message && !end->rest_size && !end->more) return STATUS_SUCCESS;
        if (io->done == io->length && (partly || io->done))
        {
            if (!by_message || io->length == 0) return STATUS_SUCCESS;
            return end->rest_size || end->more ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
        }
        if (!io->length) return attempt_look(io, end);
        n = receive_packet(io, end);
        if (n > 0)
        {
            if (n == 1 && end->more) return STATUS_DATA_ERROR;  /* none of ours writes that: it would go on for ever */
            partly = got = true;
            continue;
        }
        if (got && !by_message) return STATUS_SUCCESS;
        if (n < 0) return receive_error(end);
        end->more = false;
        if (got) return STATUS_SUCCESS;         /* the writer died in the middle of a message */
        return (status = check_connected(end)) ? status : STATUS_PIPE_BROKEN;
    }
}

static NTSTATUS attempt_read(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    NTSTATUS status;

    if (!is_message_pipe(end)) return attempt_read_bytes(io);
    pthread_mutex_lock(&end->read_lock);
    if (!end->packet && !(end->packet = malloc(PACKET_BYTES))) status = STATUS_NO_MEMORY;
    else status = attempt_read_message(io);
    pthread_mutex_unlock(&end->read_lock);
    io->information = io->done;
    return status;
}

NTSTATUS pipe_read(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    NTSTATUS status = check_connected(end);

    if (status) return status;
    io->fd = io->file->fd;
    io->attempt = attempt_read;
    io->events = POLLIN;
    if (!no_wait(end)) return io_run(io);
    status = attempt_read(io);
    return status == STATUS_PENDING ? STATUS_PIPE_EMPTY : status;
}

/* ---- writing --------------------------------------------------------------------------------------------------------------- */

static NTSTATUS send_error(struct pipe_end *end)
{
    NTSTATUS status;

    if (errno == EAGAIN) return STATUS_PENDING;
    if ((status = check_connected(end))) return status;
    return errno == EPIPE || errno == ECONNRESET || errno == ENOTCONN ? STATUS_PIPE_CLOSING : status_from_errno(errno);
}

static NTSTATUS attempt_write(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    bool messages = is_message_pipe(end), first = io->done == 0;
    NTSTATUS status;

    if ((status = user_probe_for_read(io->buffer, io->length)) || (status = check_connected(end))) return status;
    while (io->done < io->length || (messages && first))
    {
        size_t count = io->length - io->done;
        unsigned char header;
        struct iovec vectors[2] = { { &header, messages }, { (char *)io->buffer + io->done, 0 } };
        struct msghdr message = { .msg_iov = vectors, .msg_iovlen = 2 };
        ssize_t n;

        if (messages && count > PACKET_BYTES) count = PACKET_BYTES;
        header = io->done + count < io->length;
        vectors[1].iov_len = count;
        n = sendmsg(io->fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
        if (n < 0 && errno == EINTR) continue;
        if (n < 0) return send_error(end);
        io->done += n - messages;
        first = false;
    }
    io->information = io->done;
    return STATUS_SUCCESS;
}

NTSTATUS pipe_write(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    NTSTATUS status = check_connected(end);

    if (status) return status;
    if (!io->length && !is_message_pipe(end)) return STATUS_SUCCESS;
    io->fd = io->file->fd;
    io->attempt = attempt_write;
    io->events = POLLOUT;
    pipe_note_writer(end);
    pthread_mutex_lock(&end->write_lock);
    if (no_wait(end))
    {
        status = attempt_write(io);
        if (status == STATUS_PENDING)
        {
            io->information = io->done;
            status = STATUS_SUCCESS;
        }
    }
    else status = io_run(io);
    pthread_mutex_unlock(&end->write_lock);
    if (!status) pipe_kick_peer(end);   /* as on Windows, a reader's operation has ended when the write returns */
    return status;
}

/* Returns when the other end has read everything. Its socket tells by what it still holds of ours. */
NTSTATUS pipe_flush(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    long pause_ns = 50000;
    int unread;

    if (!end->server && pipe_end_state(end) == FILE_PIPE_DISCONNECTED_STATE)
        return STATUS_PIPE_DISCONNECTED;
    while (pipe_state(end) == FILE_PIPE_CONNECTED_STATE && !ioctl(io->file->fd, SIOCOUTQ, &unread) && unread > 0)
    {
        struct timespec pause_time = { 0, pause_ns };
        NTSTATUS status = thread_check_alert(false);

        if (status) return status;
        nanosleep(&pause_time, NULL);
        if (pause_ns < 5000000) pause_ns *= 2;
    }
    return STATUS_SUCCESS;
}

/* ---- peeking and transactions -------------------------------------------------------------------------------------------------- */

/* Bytes of all messages that lie in the socket: each is peeked at from where the last ended. Under read_lock. */
static size_t unread_in_messages(int fd)
{
    const int from_start = 0, off = -1;
    char *packet = malloc(PACKET_BYTES + 1);
    size_t sum = 0;
    ssize_t n;

    if (!packet) return 0;
    setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &from_start, sizeof(from_start));
    while ((n = recv(fd, packet, PACKET_BYTES + 1, MSG_PEEK | MSG_DONTWAIT)) > 0) sum += n - 1;
    setsockopt(fd, SOL_SOCKET, SO_PEEK_OFF, &off, sizeof(off));
    free(packet);
    return sum;
}

/* FIONREAD counts the headers of messages too. */
size_t pipe_readable(struct pipe_end *end)
{
    int fd = end->file->fd, unread = 0;
    size_t sum;

    pthread_mutex_lock(&end->read_lock);
    sum = end->rest_size - end->rest_at;
    if (fd >= 0 && pipe_end_state(end) == FILE_PIPE_CONNECTED_STATE &&
        !ioctl(fd, FIONREAD, &unread) && unread > 0)
    {
        char header;

        if (!is_message_pipe(end)) sum += unread;
        else if (recv(fd, &header, 1, MSG_PEEK | MSG_TRUNC | MSG_DONTWAIT) == unread) sum += unread - 1;
        else sum += unread_in_messages(fd);
    }
    pthread_mutex_unlock(&end->read_lock);
    return sum;
}

struct peeked
{
    size_t count;               /* bytes copied */
    size_t message;             /* bytes of the first message; 0: byte pipe */
    size_t readable;
};

static NTSTATUS peek_data(struct pipe_end *end, char *to, size_t room, struct peeked *peeked)
{
    unsigned char header;
    struct iovec vectors[2] = { { &header, is_message_pipe(end) }, { to, room } };
    struct msghdr message = { .msg_iov = vectors, .msg_iovlen = 2 };
    ssize_t n;

    memset(peeked, 0, sizeof(*peeked));
    peeked->readable = pipe_readable(end);
    pthread_mutex_lock(&end->read_lock);
    if (end->rest_size)
    {
        peeked->message = end->rest_size - end->rest_at;
        peeked->count = peeked->message < room ? peeked->message : room;
        memcpy(to, end->packet + end->rest_at, peeked->count);
        pthread_mutex_unlock(&end->read_lock);
        return STATUS_SUCCESS;
    }
    do n = recvmsg(end->file->fd, &message, MSG_PEEK | MSG_DONTWAIT | (is_message_pipe(end) ? MSG_TRUNC : 0));
    while (n < 0 && (errno == EINTR || errno == ECONNRESET));
    pthread_mutex_unlock(&end->read_lock);
    if (n < 0) return errno == EAGAIN ? STATUS_SUCCESS : receive_error(end);
    if (!n && (room || is_message_pipe(end))) return STATUS_PIPE_BROKEN;
    if (is_message_pipe(end))
    {
        peeked->message = n - 1;
        peeked->count = peeked->message < room ? peeked->message : room;
    }
    else peeked->count = n;
    return STATUS_SUCCESS;
}

NTSTATUS pipe_peek(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    const size_t fixed = offsetof(FILE_PIPE_PEEK_BUFFER, Data);
    FILE_PIPE_PEEK_BUFFER info;
    struct peeked peeked;
    size_t room;
    ULONG state = pipe_state(end);
    NTSTATUS status;
    char *data;

    if (io->length < fixed) return STATUS_INFO_LENGTH_MISMATCH;
    if (!(io->file->access & FILE_READ_DATA)) return STATUS_ACCESS_DENIED;
    if (state == FILE_PIPE_LISTENING_STATE) return STATUS_INVALID_PIPE_STATE;
    if (state == FILE_PIPE_DISCONNECTED_STATE) return end->server ? STATUS_INVALID_PIPE_STATE : STATUS_PIPE_DISCONNECTED;
    room = io->length - fixed;
    if (room > 0x100000) room = 0x100000;
    if (!(data = malloc(room + 1))) return STATUS_NO_MEMORY;
    if (!(status = peek_data(end, data, room, &peeked)))
    {
        if (state == FILE_PIPE_CLOSING_STATE && !peeked.readable) status = STATUS_PIPE_BROKEN;
        info.NamedPipeState = state;
        info.ReadDataAvailable = peeked.readable;
        info.NumberOfMessages = peeked.message ? 1 : 0;
        info.MessageLength = peeked.message;
        if (!status) status = user_write(io->buffer, &info, fixed);
        if (!status) status = user_write((char *)io->buffer + fixed, data, peeked.count);
        if (!status)
        {
            io->information = fixed + peeked.count;
            if (peeked.message > peeked.count) status = STATUS_BUFFER_OVERFLOW;
        }
    }
    free(data);
    return status;
}

/* A message out, a message in. The write goes first and may wait in place; the read is what the caller waits for. */
NTSTATUS pipe_transceive(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    struct io request;
    NTSTATUS status;

    switch (pipe_state(end))
    {
    case FILE_PIPE_CONNECTED_STATE:    break;
    case FILE_PIPE_DISCONNECTED_STATE: return end->server ? STATUS_INVALID_PIPE_STATE : STATUS_PIPE_DISCONNECTED;
    default:                           return STATUS_INVALID_PIPE_STATE;
    }
    if (!(io->file->access & FILE_READ_DATA) || !(io->file->access & FILE_WRITE_DATA)) return STATUS_ACCESS_DENIED;
    if (!is_message_pipe(end) || end->read_mode != FILE_PIPE_MESSAGE_MODE) return STATUS_INVALID_PIPE_STATE;
    if (pipe_readable(end)) return STATUS_PIPE_BUSY;

    request = *io;
    request.buffer = (void *)io->in;
    request.length = io->in_length;
    request.fd = io->file->fd;
    pipe_note_writer(end);
    pthread_mutex_lock(&end->write_lock);
    while ((status = attempt_write(&request)) == STATUS_PENDING && !(status = thread_check_alert(false)))
    {
        struct pollfd fd = { request.fd, POLLOUT, 0 };

        poll(&fd, 1, 20);
    }
    pthread_mutex_unlock(&end->write_lock);
    if (status) return status;
    pipe_kick_peer(end);
    return pipe_read(io);
}
