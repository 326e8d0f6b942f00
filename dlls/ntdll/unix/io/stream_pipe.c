/* What a pipe that somebody else made (a shell's) has of a Windows pipe: peeking, and what it tells of itself. It is an anonymous
 * pipe of bytes, the client's end of one instance. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "io/ntfile.h"
#include "io/stream.h"

static bool is_hung_up(int fd)
{
    struct pollfd ready = { fd, 0, 0 };

    return poll(&ready, 1, 0) > 0 && (ready.revents & (POLLHUP | POLLERR));
}

static size_t readable(int fd)
{
    int size;

    return ioctl(fd, FIONREAD, &size) || size < 0 ? 0 : (size_t)size;
}

/* Takes nothing: a socket can be asked that way, and the pages of a pipe can be put into another. */
static ssize_t look(int fd, char *to, size_t room)
{
    ssize_t size = recv(fd, to, room, MSG_PEEK | MSG_DONTWAIT);
    int copy[2];

    if (size >= 0 || errno != ENOTSOCK) return size;
    if (pipe2(copy, O_CLOEXEC | O_NONBLOCK)) return -1;
    if ((size = tee(fd, copy[1], room, SPLICE_F_NONBLOCK)) > 0) size = read(copy[0], to, size);
    close(copy[0]);
    close(copy[1]);
    return size;
}

static NTSTATUS stream_peek(struct io *io)
{
    const size_t fixed = offsetof(FILE_PIPE_PEEK_BUFFER, Data);
    FILE_PIPE_PEEK_BUFFER info = { .NamedPipeState = FILE_PIPE_CONNECTED_STATE };
    size_t room;
    ssize_t size = 0;
    NTSTATUS status;
    char *data;

    if (io->length < fixed) return STATUS_INFO_LENGTH_MISMATCH;
    if (!(io->file->access & FILE_READ_DATA)) return STATUS_ACCESS_DENIED;
    room = io->length - fixed < 65536 ? io->length - fixed : 65536;
    if (is_hung_up(io->file->fd)) info.NamedPipeState = FILE_PIPE_CLOSING_STATE;
    info.ReadDataAvailable = (ULONG)readable(io->file->fd);
    if (info.NamedPipeState == FILE_PIPE_CLOSING_STATE && !info.ReadDataAvailable) return STATUS_PIPE_BROKEN;
    if (!(data = malloc(room + 1))) return STATUS_NO_MEMORY;
    if (room && info.ReadDataAvailable) size = look(io->file->fd, data, room);
    if (size < 0) size = 0;             /* somebody else has read it meanwhile */
    if (!(status = user_write(io->buffer, &info, fixed))) status = user_write((char *)io->buffer + fixed, data, size);
    free(data);
    io->information = fixed + size;
    return status;
}

NTSTATUS stream_control(struct io *io)
{
    if (io->file->kind != FILE_KIND_PIPE) return STATUS_INVALID_DEVICE_REQUEST;
    switch (io->code)
    {
    case FSCTL_PIPE_PEEK:       return stream_peek(io);
    case FSCTL_PIPE_LISTEN:
    case FSCTL_PIPE_DISCONNECT:
    case FSCTL_PIPE_WAIT:
    case FSCTL_PIPE_IMPERSONATE: return STATUS_ILLEGAL_FUNCTION;        /* a server's */
    case FSCTL_PIPE_TRANSCEIVE: return STATUS_INVALID_PIPE_STATE;       /* of messages */
    default:                    return STATUS_NOT_SUPPORTED;
    }
}

static void local_info(struct file *file, FILE_PIPE_LOCAL_INFORMATION *info)
{
    bool reads = file->access & FILE_READ_DATA, writes = file->access & FILE_WRITE_DATA;
    int size = fcntl(file->fd, F_GETPIPE_SZ);
    size_t unread = readable(file->fd);

    memset(info, 0, sizeof(*info));
    if (size < 0) size = 65536;         /* a socket: what a pipe has */
    info->NamedPipeType = FILE_PIPE_TYPE_BYTE;
    info->NamedPipeConfiguration = !writes ? FILE_PIPE_OUTBOUND : !reads ? FILE_PIPE_INBOUND : FILE_PIPE_FULL_DUPLEX;
    info->MaximumInstances = info->CurrentInstances = 1;
    info->InboundQuota = info->OutboundQuota = (ULONG)size;
    info->ReadDataAvailable = reads ? (ULONG)unread : 0;
    info->WriteQuotaAvailable = (ULONG)size;
    if (!reads && unread < (size_t)size) info->WriteQuotaAvailable -= (ULONG)unread;
    info->NamedPipeState = is_hung_up(file->fd) ? FILE_PIPE_CLOSING_STATE : FILE_PIPE_CONNECTED_STATE;
    info->NamedPipeEnd = FILE_PIPE_CLIENT_END;
}

NTSTATUS stream_query(struct file *file, FILE_INFORMATION_CLASS class, void *buffer, ULONG length, ULONG_PTR *information)
{
    FILE_PIPE_INFORMATION info = { FILE_PIPE_BYTE_STREAM_MODE, FILE_PIPE_QUEUE_OPERATION };
    FILE_PIPE_LOCAL_INFORMATION local;

    (void)length;
    if (file->kind != FILE_KIND_PIPE) return STATUS_NOT_SUPPORTED;
    switch (class)
    {
    case FilePipeInformation:
        *information = sizeof(info);
        return user_write(buffer, &info, sizeof(info));
    case FilePipeLocalInformation:
        local_info(file, &local);
        *information = sizeof(local);
        return user_write(buffer, &local, sizeof(local));
    default:
        return STATUS_NOT_SUPPORTED;
    }
}

/* Its modes cannot be changed: they are what others see, too. */
NTSTATUS stream_set(struct file *file, FILE_INFORMATION_CLASS class, const void *buffer, ULONG length)
{
    FILE_PIPE_INFORMATION info;
    NTSTATUS status;

    (void)length;
    if (file->kind != FILE_KIND_PIPE || class != FilePipeInformation) return STATUS_NOT_SUPPORTED;
    if ((status = user_read(&info, buffer, sizeof(info)))) return status;
    return info.ReadMode || info.CompletionMode ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}
