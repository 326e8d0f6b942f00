/* Streams that somebody else made: pipes, FIFOs, sockets and character devices of Linux.
 *
 * They may be shared with processes that know nothing of us, so O_NONBLOCK, which is the open file's, stays as it is:
 * poll() says whether read() would wait. A write that fits partly does wait in write(), as it does for everybody.
 */
#include <errno.h>
#include <poll.h>
#include <unistd.h>

#include "io/errno.h"
#include "io/stream.h"

static bool is_ready(struct io *io)
{
    struct pollfd fd = { io->fd, io->events, 0 };

    return poll(&fd, 1, 0) > 0;
}

static NTSTATUS attempt_read(struct io *io)
{
    NTSTATUS status = user_probe_for_write(io->buffer, io->length);
    ssize_t n;

    if (status) return status;
    if (!is_ready(io)) return STATUS_PENDING;
    while ((n = read(io->fd, io->buffer, io->length)) < 0 && errno == EINTR) ;
    if (n < 0) return errno == EAGAIN ? STATUS_PENDING : errno == EIO ? STATUS_PIPE_BROKEN : status_from_errno(errno);
    io->information = n;
    if (n || !io->length) return STATUS_SUCCESS;
    return io->file->kind == FILE_KIND_PIPE ? STATUS_PIPE_BROKEN : STATUS_END_OF_FILE;
}

static NTSTATUS attempt_write(struct io *io)
{
    NTSTATUS status = user_probe_for_read(io->buffer, io->length);

    if (status) return status;
    while (io->done < io->length)
    {
        ssize_t n;

        if (!is_ready(io)) return STATUS_PENDING;
        n = write(io->fd, (char *)io->buffer + io->done, io->length - io->done);
        if (n >= 0) io->done += n;
        else if (errno == EAGAIN) return STATUS_PENDING;
        else if (errno == EPIPE) return STATUS_PIPE_CLOSING;    /* ERROR_NO_DATA */
        else if (errno != EINTR) return status_from_errno(errno);
    }
    io->information = io->done;
    return STATUS_SUCCESS;
}

static NTSTATUS stream_read(struct io *io)
{
    io->attempt = attempt_read;
    io->fd = io->file->fd;
    io->events = POLLIN;
    return io_run(io);
}

static NTSTATUS stream_write(struct io *io)
{
    io->attempt = attempt_write;
    io->fd = io->file->fd;
    io->events = POLLOUT;
    return io_run(io);
}

static NTSTATUS stream_flush(struct io *io)
{
    (void)io;
    return STATUS_SUCCESS;
}

const struct file_ops stream_ops =
{
    .read = stream_read, .write = stream_write, .flush = stream_flush, .control = stream_control,
    .query = stream_query, .set = stream_set,
};
