/* Reading and writing where it never waits for long: files of the disk, NUL, random bytes.
 *
 * A synchronous file keeps its position in the kernel's open file, so that it is shared with whoever else has the
 * same open: a shell that redirected us, a child that inherited it. An asynchronous one has no position.
 */
#include <errno.h>
#include <limits.h>
#include <sys/random.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io/async.h"
#include "io/errno.h"
#include "io/inode.h"
#include "io/lock.h"

#define MAX_TRANSFER 0x7ffff000ul       /* what one read() or write() moves at most: read(2) */

static uint64_t position_of(const struct io *io)
{
    off_t position = lseek(io->file->fd, 0, SEEK_CUR);

    return position < 0 ? 0 : position;
}

/* ---- files --------------------------------------------------------------------------------------------------- */

static NTSTATUS disk_read(struct io *io)
{
    struct file *file = io->file;
    bool at_position = io->offset == IO_AT_POSITION;
    NTSTATUS status;

    if (!at_position && io->offset > LLONG_MAX) return STATUS_INVALID_PARAMETER;
    if (__atomic_load_n(&file->inode->locks, __ATOMIC_RELAXED) &&
        (status = lock_check(file, at_position ? position_of(io) : io->offset, io->length, io->key, false)))
        return status;

    while (io->done < io->length)
    {
        char *to = (char *)io->buffer + io->done;
        size_t count = io->length - io->done < MAX_TRANSFER ? io->length - io->done : MAX_TRANSFER;
        ssize_t n = at_position ? read(file->fd, to, count) : pread(file->fd, to, count, io->offset + io->done);

        if (n > 0) io->done += n;
        else if (!n) break;
        else if (errno != EINTR) return status_from_errno(errno);
    }
    io->information = io->done;
    if (!at_position && file_is_synchronous(file)) lseek(file->fd, io->offset + io->done, SEEK_SET);
    return io->done || !io->length ? STATUS_SUCCESS : STATUS_END_OF_FILE;
}

/* The kernel's own append is atomic; a handle that may only append can do nothing else. Offset -1 moves the position. */
static NTSTATUS disk_write(struct io *io)
{
    struct file *file = io->file;
    bool append = io->offset == IO_AT_END || !(file->access & FILE_WRITE_DATA);
    bool at_position = io->offset == IO_AT_POSITION;
    NTSTATUS status;

    if (!append && !at_position && io->offset > LLONG_MAX) return STATUS_INVALID_PARAMETER;
    if (user_probe_for_read(io->buffer, io->length)) return STATUS_INVALID_USER_BUFFER;
    if (!append && __atomic_load_n(&file->inode->locks, __ATOMIC_RELAXED) &&
        (status = lock_check(file, at_position ? position_of(io) : io->offset, io->length, io->key, true)))
        return status;

    while (io->done < io->length)
    {
        char *from = (char *)io->buffer + io->done;
        size_t count = io->length - io->done < MAX_TRANSFER ? io->length - io->done : MAX_TRANSFER;
        ssize_t n;

        if (append)
        {
            struct iovec vector = { from, count };

            n = pwritev2(file->fd, &vector, 1, file_is_synchronous(file) ? -1 : 0, RWF_APPEND);
        }
        else if (at_position) n = write(file->fd, from, count);
        else n = pwrite(file->fd, from, count, io->offset + io->done);

        if (n >= 0) io->done += n;
        else if (errno != EINTR) break;
    }
    io->information = io->done;
    if (io->done < io->length && !io->done) return status_from_errno(errno);
    if (!append && !at_position && file_is_synchronous(file)) lseek(file->fd, io->offset + io->done, SEEK_SET);
    return STATUS_SUCCESS;
}

static NTSTATUS disk_flush(struct io *io)
{
    if (!fsync(io->file->fd)) return STATUS_SUCCESS;
    return errno == EINVAL || errno == EROFS ? STATUS_SUCCESS : status_from_errno(errno);
}

static NTSTATUS folder_flush(struct io *io)
{
    if (io->file->fd < 0 || io->file->path_only) return STATUS_SUCCESS;
    return disk_flush(io);
}

const struct file_ops disk_ops = { .read = disk_read, .write = disk_write, .flush = disk_flush, .control = disk_control };
const struct file_ops folder_ops = { .flush = folder_flush, .control = disk_control };

/* ---- NUL and random bytes -------------------------------------------------------------------------------------- */

static NTSTATUS null_read(struct io *io)
{
    (void)io;
    return STATUS_END_OF_FILE;
}

static NTSTATUS null_write(struct io *io)
{
    io->information = io->length;
    return STATUS_SUCCESS;
}

static NTSTATUS random_read(struct io *io)
{
    NTSTATUS status = STATUS_SUCCESS;

    while (!status && io->done < io->length)
    {
        ssize_t n = getrandom((char *)io->buffer + io->done, io->length - io->done, 0);

        if (n >= 0) io->done += n;
        else if (errno != EINTR) status = status_from_errno(errno);
    }
    io->information = io->done;
    return status;
}

static NTSTATUS nothing_to_flush(struct io *io)
{
    (void)io;
    return STATUS_SUCCESS;
}

static NTSTATUS null_query_name(struct file *file, WCHAR **out, size_t *length)
{
    static const WCHAR name[] = u"\\Device\\Null";

    (void)file;
    if (!(*out = malloc(sizeof(name)))) return STATUS_NO_MEMORY;
    memcpy(*out, name, sizeof(name));
    *length = sizeof(name) / sizeof(WCHAR) - 1;
    return STATUS_SUCCESS;
}

const struct file_ops null_ops = { .read = null_read, .write = null_write, .flush = nothing_to_flush,
                                   .query_name = null_query_name };
const struct file_ops random_ops = { .read = random_read };
