/* FSCTLs of files and folders of the disk. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/async.h"
#include "io/errno.h"
#include "io/inode.h"
#include "io/ntfile.h"
#include "io/text.h"

#define SYMLINK_FLAG_RELATIVE 1

/* ---- symbolic links ----------------------------------------------------------------------------------------------- */

struct symlink_buffer           /* REPARSE_DATA_BUFFER of a symbolic link */
{
    ULONG  tag;
    USHORT length, reserved;
    USHORT substitute_offset, substitute_length, print_offset, print_length;
    ULONG  flags;
    WCHAR  path[1];
};

static NTSTATUS get_reparse_point(struct io *io)
{
    char target[PATH_MAX];
    struct symlink_buffer *buffer;
    ssize_t n = readlinkat(io->file->fd, "", target, sizeof(target));
    size_t units, prefix, size;
    WCHAR *path;
    NTSTATUS status;

    if (n < 0) return errno == EINVAL || errno == ENOENT ? STATUS_NOT_A_REPARSE_POINT : status_from_errno(errno);
    if (!(buffer = calloc(1, sizeof(*buffer) + (2 * n + 16) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;

    /* An absolute one leads to Z: : \??\Z:\x to follow, Z:\x to show. */
    prefix = target[0] == '/' ? 4 : 0;
    path = buffer->path;
    if (prefix)
    {
        memcpy(path, u"\\??\\Z:", 6 * sizeof(WCHAR));
        units = 6 + text_from_file_name(path + 6, target, n);
    }
    else units = text_from_file_name(path, target, n);
    for (size_t i = 0; i < units; i++)
        if (path[i] == '/') path[i] = '\\';
    memcpy(path + units, path + prefix, (units - prefix) * sizeof(WCHAR));

    buffer->tag = IO_REPARSE_TAG_SYMLINK;
    buffer->substitute_length = units * sizeof(WCHAR);
    buffer->print_offset = buffer->substitute_length;
    buffer->print_length = (units - prefix) * sizeof(WCHAR);
    buffer->flags = prefix ? 0 : SYMLINK_FLAG_RELATIVE;
    buffer->length = offsetof(struct symlink_buffer, path) - offsetof(struct symlink_buffer, substitute_offset) +
                     buffer->substitute_length + buffer->print_length;
    size = offsetof(struct symlink_buffer, substitute_offset) + buffer->length;
    if (io->length < offsetof(struct symlink_buffer, substitute_offset)) status = STATUS_BUFFER_TOO_SMALL;
    else
    {
        io->information = io->length < size ? io->length : size;
        if (!(status = user_write(io->buffer, buffer, io->information)) && io->length < size) status = STATUS_BUFFER_OVERFLOW;
    }
    free(buffer);
    return status;
}

/* ---- holes ----------------------------------------------------------------------------------------------------------- */

static NTSTATUS set_zero_data(struct io *io)
{
    FILE_ZERO_DATA_INFORMATION range;
    struct stat st;
    NTSTATUS status;

    if (!(io->file->access & FILE_WRITE_DATA)) return STATUS_ACCESS_DENIED;
    if (io->in_length < sizeof(range)) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&range, io->in, sizeof(range)))) return status;
    if (range.FileOffset.QuadPart < 0 || range.BeyondFinalZero.QuadPart < range.FileOffset.QuadPart) return STATUS_INVALID_PARAMETER;
    if (fstat(io->file->fd, &st)) return status_from_errno(errno);
    if (range.BeyondFinalZero.QuadPart > st.st_size) range.BeyondFinalZero.QuadPart = st.st_size;
    if (range.BeyondFinalZero.QuadPart <= range.FileOffset.QuadPart) return STATUS_SUCCESS;
    if (!fallocate(io->file->fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, range.FileOffset.QuadPart,
                   range.BeyondFinalZero.QuadPart - range.FileOffset.QuadPart)) return STATUS_SUCCESS;
    if (errno != EOPNOTSUPP) return status_from_errno(errno);

    for (int64_t at = range.FileOffset.QuadPart; at < range.BeyondFinalZero.QuadPart; )
    {
        static const char zeroes[65536];
        int64_t left = range.BeyondFinalZero.QuadPart - at;
        ssize_t n = pwrite(io->file->fd, zeroes, left < (int64_t)sizeof(zeroes) ? left : (int64_t)sizeof(zeroes), at);

        if (n < 0 && errno != EINTR) return status_from_errno(errno);
        if (n > 0) at += n;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS query_allocated_ranges(struct io *io)
{
    FILE_ALLOCATED_RANGE_BUFFER range, out;
    size_t room = io->length / sizeof(out), count = 0;
    struct stat st;
    off_t position = lseek(io->file->fd, 0, SEEK_CUR), at, end;
    NTSTATUS status;

    if (!(io->file->access & FILE_READ_DATA)) return STATUS_ACCESS_DENIED;
    if (io->in_length < sizeof(range)) return STATUS_INVALID_PARAMETER;
    if ((status = user_read(&range, io->in, sizeof(range)))) return status;
    if (range.FileOffset.QuadPart < 0 || range.Length.QuadPart < 0 ||
        range.FileOffset.QuadPart > INT64_MAX - range.Length.QuadPart) return STATUS_INVALID_PARAMETER;
    if (fstat(io->file->fd, &st)) return status_from_errno(errno);
    at = range.FileOffset.QuadPart;
    end = at + range.Length.QuadPart < st.st_size ? at + range.Length.QuadPart : st.st_size;
    while (!status && at < end)
    {
        off_t data = lseek(io->file->fd, at, SEEK_DATA), hole;

        if (data < 0 || data >= end) break;
        hole = lseek(io->file->fd, data, SEEK_HOLE);
        if (hole < 0 || hole > end) hole = end;
        if (count == room)
        {
            status = room ? STATUS_BUFFER_OVERFLOW : STATUS_BUFFER_TOO_SMALL;
            break;
        }
        out.FileOffset.QuadPart = data;
        out.Length.QuadPart = hole - data;
        status = user_write((FILE_ALLOCATED_RANGE_BUFFER *)io->buffer + count++, &out, sizeof(out));
        at = hole;
    }
    io->information = count * sizeof(out);
    if (position >= 0) lseek(io->file->fd, position, SEEK_SET);
    return status;
}

NTSTATUS disk_control(struct io *io)
{
    struct file *file = io->file;
    USHORT format = 0;

    switch (io->code)
    {
    case FSCTL_GET_REPARSE_POINT:
        if (!io->length) return STATUS_INVALID_USER_BUFFER;
        return file->fd < 0 ? STATUS_NOT_A_REPARSE_POINT : get_reparse_point(io);
    case FSCTL_IS_VOLUME_MOUNTED:
        return STATUS_SUCCESS;
    case FSCTL_GET_COMPRESSION:
        if (io->length < sizeof(format)) return STATUS_INVALID_PARAMETER;
        io->information = sizeof(format);
        return user_write(io->buffer, &format, sizeof(format));
    }
    if (file->kind != FILE_KIND_DISK || file->path_only) return STATUS_INVALID_DEVICE_REQUEST;
    switch (io->code)
    {
    case FSCTL_SET_SPARSE:      /* every file of Linux may have holes */
        return file->access & (FILE_WRITE_DATA | FILE_WRITE_ATTRIBUTES) ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
    case FSCTL_SET_ZERO_DATA:
        return set_zero_data(io);
    case FSCTL_QUERY_ALLOCATED_RANGES:
        return query_allocated_ranges(io);
    default:
        return STATUS_INVALID_DEVICE_REQUEST;
    }
}
