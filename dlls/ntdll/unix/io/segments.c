/* Reading a file into pages that lie apart, and writing it from them: what NtReadFileScatter and NtWriteFileGather do. */
#include <errno.h>
#include <limits.h>
#include <sys/uio.h>
#include <unistd.h>

#include "io/async.h"
#include "io/errno.h"
#include "io/inode.h"
#include "io/lock.h"
#include "io/segments.h"

/* Moves io->length bytes through io->state, which are iovecs; they change. */
static NTSTATUS move(struct io *io, bool write, int flags)
{
    struct iovec *vector = io->state, *end = vector + (io->length + SEGMENT_SIZE - 1) / SEGMENT_SIZE;

    while (vector < end)
    {
        int count = end - vector < IOV_MAX ? (int)(end - vector) : IOV_MAX;
        uint64_t offset = flags & RWF_APPEND ? 0 : io->offset + io->done;
        ssize_t n = write ? pwritev2(io->file->fd, vector, count, (off_t)offset, flags)
                          : preadv(io->file->fd, vector, count, (off_t)offset);

        if (n < 0 && errno == EINTR) continue;
        if (n < 0 && !io->done) return status_from_errno(errno);
        if (n <= 0) break;
        io->done += n;
        while (n && (size_t)n >= vector->iov_len) n -= vector++->iov_len;
        if (!n) continue;
        vector->iov_base = (char *)vector->iov_base + n;
        vector->iov_len -= n;
    }
    io->information = io->done;
    return STATUS_SUCCESS;
}

NTSTATUS segments_read(struct io *io)
{
    NTSTATUS status;

    if (io->offset > LLONG_MAX) return STATUS_INVALID_PARAMETER;
    if (__atomic_load_n(&io->file->inode->locks, __ATOMIC_RELAXED) &&
        (status = lock_check(io->file, io->offset, io->length, io->key, false))) return status;
    if ((status = move(io, false, 0))) return status;
    return io->done || !io->length ? STATUS_SUCCESS : STATUS_END_OF_FILE;
}

NTSTATUS segments_write(struct io *io)
{
    bool append = io->offset == IO_AT_END || !(io->file->access & FILE_WRITE_DATA);
    NTSTATUS status;

    if (append) return move(io, true, RWF_APPEND);
    if (io->offset > LLONG_MAX) return STATUS_INVALID_PARAMETER;
    if (__atomic_load_n(&io->file->inode->locks, __ATOMIC_RELAXED) &&
        (status = lock_check(io->file, io->offset, io->length, io->key, true))) return status;
    return move(io, true, 0);
}
