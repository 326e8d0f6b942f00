/* NtReadFile, NtWriteFile and the other calls that are operations: with status block, event, APC and port. */
#include <sys/uio.h>

#include "io/async.h"
#include "io/inode.h"
#include "io/lock.h"
#include "io/segments.h"
#include "ob/cell.h"
#include "ps/thread.h"

/* Where in the file. Pipes and the like have no offsets; whatever is given there is ignored. */
static NTSTATUS io_offset(struct io *io, const LARGE_INTEGER *user_offset, bool write)
{
    LARGE_INTEGER offset;
    NTSTATUS status;

    io->offset = IO_AT_POSITION;
    if (!user_offset)
    {
        if (file_is_synchronous(io->file)) return STATUS_SUCCESS;
        if (io->file->kind != FILE_KIND_DISK && io->file->ops != &null_ops) return STATUS_SUCCESS;
        if (write && !(io->file->access & FILE_WRITE_DATA)) return STATUS_SUCCESS;
        return STATUS_INVALID_PARAMETER;
    }
    if ((status = user_get(offset, user_offset))) return status;
    if (io->file->kind != FILE_KIND_DISK) return STATUS_SUCCESS;
    io->offset = offset.QuadPart;
    if (offset.QuadPart >= 0) return STATUS_SUCCESS;
    if (io->offset == IO_AT_END && write) return STATUS_SUCCESS;
    if (io->offset == IO_AT_POSITION && file_is_synchronous(io->file)) return STATUS_SUCCESS;
    return STATUS_INVALID_PARAMETER;
}

static NTSTATUS io_key(struct io *io, const ULONG *user_key)
{
    return user_key ? user_get(io->key, user_key) : STATUS_SUCCESS;
}

NT_CALL(nt_read_file, HANDLE handle, HANDLE event, PVOID apc, PVOID apc_context, IO_STATUS_BLOCK *iosb, PVOID buffer,
        ULONG length, LARGE_INTEGER *offset, ULONG *key)
{
    struct io io;
    NTSTATUS status = io_begin(&io, handle, FILE_READ_DATA, event, apc, apc_context, iosb);

    if (status) return status;
    io.buffer = buffer;
    io.length = length;
    io.quick = io.file->kind == FILE_KIND_DISK;
    if (!io.file->ops->read) status = STATUS_INVALID_DEVICE_REQUEST;
    else if (!(status = user_probe_for_write(buffer, length)) && !(status = io_offset(&io, offset, false)) &&
             !(status = io_key(&io, key)))
    {
        io_start(&io);
        status = io.file->ops->read(&io);
    }
    return io_return(&io, status);
}

NT_CALL(nt_write_file, HANDLE handle, HANDLE event, PVOID apc, PVOID apc_context, IO_STATUS_BLOCK *iosb, PVOID buffer,
        ULONG length, LARGE_INTEGER *offset, ULONG *key)
{
    struct io io;
    NTSTATUS status = io_begin(&io, handle, FILE_WRITE_DATA | FILE_APPEND_DATA, event, apc, apc_context, iosb);

    if (status) return status;
    io.buffer = buffer;
    io.length = length;
    if (!io.file->ops->write) status = STATUS_INVALID_DEVICE_REQUEST;
    else if (!(status = io_offset(&io, offset, true)) && !(status = io_key(&io, key)))
    {
        io_start(&io);
        status = io.file->ops->write(&io);
    }
    return io_return(&io, status);
}

/* ---- pages that lie apart ------------------------------------------------------------------------------------------ */

/* The program's list, checked and probed, as iovecs in io->state. It may change once it has been read. */
static NTSTATUS take_segments(struct io *io, const FILE_SEGMENT_ELEMENT *segments, bool write)
{
    size_t count = (io->length + SEGMENT_SIZE - 1) / SEGMENT_SIZE;
    struct iovec *vector = calloc(count + 1, sizeof(*vector));
    NTSTATUS status = vector ? STATUS_SUCCESS : STATUS_NO_MEMORY;

    io->state = vector;         /* io_return() frees it */
    for (size_t i = 0, left = io->length; !status && i < count; i++)
    {
        FILE_SEGMENT_ELEMENT segment;
        size_t size = left < SEGMENT_SIZE ? left : SEGMENT_SIZE;

        if ((status = user_get(segment, &segments[i]))) break;
        if (segment.Alignment % SEGMENT_SIZE) return STATUS_INVALID_PARAMETER;
        vector[i].iov_base = segment.Buffer;
        vector[i].iov_len = size;
        status = write ? user_probe_for_read(segment.Buffer, size) : user_probe_for_write(segment.Buffer, size);
        left -= size;
    }
    return status;
}

/* For files that go past the cache, and nobody waits for in the call. */
static NTSTATUS move_segments(HANDLE handle, HANDLE event, void *apc, void *apc_context, IO_STATUS_BLOCK *iosb,
                              const FILE_SEGMENT_ELEMENT *segments, ULONG length, LARGE_INTEGER *offset, ULONG *key, bool write)
{
    struct io io;
    NTSTATUS status = io_begin(&io, handle, write ? FILE_WRITE_DATA | FILE_APPEND_DATA : FILE_READ_DATA, event, apc,
                               apc_context, iosb);

    if (status) return status;
    io.length = length;
    if (io.file->kind != FILE_KIND_DISK || file_is_synchronous(io.file) ||
        !(io.file->options & FILE_NO_INTERMEDIATE_BUFFERING)) status = STATUS_INVALID_PARAMETER;
    else if (!(status = io_offset(&io, offset, write)) && !(status = io_key(&io, key)) &&
             !(status = take_segments(&io, segments, write)))
    {
        io_start(&io);
        status = write ? segments_write(&io) : segments_read(&io);
    }
    return io_return(&io, status);
}

NT_CALL(nt_read_file_scatter, HANDLE handle, HANDLE event, PVOID apc, PVOID apc_context, IO_STATUS_BLOCK *iosb,
        const FILE_SEGMENT_ELEMENT *segments, ULONG length, LARGE_INTEGER *offset, ULONG *key)
{
    return move_segments(handle, event, apc, apc_context, iosb, segments, length, offset, key, false);
}

NT_CALL(nt_write_file_gather, HANDLE handle, HANDLE event, PVOID apc, PVOID apc_context, IO_STATUS_BLOCK *iosb,
        const FILE_SEGMENT_ELEMENT *segments, ULONG length, LARGE_INTEGER *offset, ULONG *key)
{
    return move_segments(handle, event, apc, apc_context, iosb, segments, length, offset, key, true);
}

static NTSTATUS control(HANDLE handle, HANDLE event, void *apc, void *apc_context, IO_STATUS_BLOCK *iosb, ULONG code,
                        const void *in, ULONG in_length, void *out, ULONG out_length)
{
    struct io io;
    NTSTATUS status = io_begin(&io, handle, 0, event, apc, apc_context, iosb);

    if (status) return status;
    io.code = code;
    io.in = in;
    io.in_length = in_length;
    io.buffer = out;
    io.length = out_length;
    io_start(&io);
    if (!io.file->ops->control) status = STATUS_INVALID_DEVICE_REQUEST;
    else status = io.file->ops->control(&io);
    return io_return(&io, status);
}

NT_CALL(nt_device_io_control_file, HANDLE handle, HANDLE event, PVOID apc, PVOID apc_context, IO_STATUS_BLOCK *iosb,
        ULONG code, PVOID in, ULONG in_length, PVOID out, ULONG out_length)
{
    return control(handle, event, apc, apc_context, iosb, code, in, in_length, out, out_length);
}

NT_CALL(nt_fs_control_file, HANDLE handle, HANDLE event, PVOID apc, PVOID apc_context, IO_STATUS_BLOCK *iosb,
        ULONG code, PVOID in, ULONG in_length, PVOID out, ULONG out_length)
{
    return control(handle, event, apc, apc_context, iosb, code, in, in_length, out, out_length);
}

NT_CALL(nt_flush_buffers_file, HANDLE handle, IO_STATUS_BLOCK *iosb)
{
    struct io io;
    NTSTATUS status = io_begin(&io, handle, FILE_WRITE_DATA | FILE_APPEND_DATA, NULL, NULL, NULL, iosb);

    if (status) return status;
    io_start(&io);
    if (!io.file->ops->flush) status = STATUS_INVALID_DEVICE_REQUEST;
    else status = io.file->ops->flush(&io);
    return io_return(&io, status);
}

NT_CALL(nt_flush_buffers_file_ex, HANDLE handle, ULONG flags, PVOID parameters, ULONG size, IO_STATUS_BLOCK *iosb)
{
    if (flags & ~7u || parameters || size) return STATUS_INVALID_PARAMETER;
    return nt_flush_buffers_file(handle, iosb);
}

/* ---- byte locks ------------------------------------------------------------------------------------------------- */

NT_CALL(nt_lock_file, HANDLE handle, HANDLE event, PVOID apc, PVOID apc_context, IO_STATUS_BLOCK *iosb,
        LARGE_INTEGER *offset, LARGE_INTEGER *length, ULONG key, BOOLEAN fail_immediately, BOOLEAN exclusive)
{
    LARGE_INTEGER start, count;
    struct io io;
    NTSTATUS status = io_begin(&io, handle, FILE_READ_DATA | FILE_WRITE_DATA, event, apc, apc_context, iosb);

    if (status) return status;
    if (io.file->kind != FILE_KIND_DISK) status = STATUS_INVALID_DEVICE_REQUEST;
    else if (!(status = user_get(start, offset)) && !(status = user_get(count, length)))
    {
        struct byte_range range = { start.QuadPart, count.QuadPart, key, exclusive };

        io_start(&io);
        status = fail_immediately ? lock_take(io.file, &range) : lock_wait(&io, &range);
    }
    return io_return(&io, status);
}

NT_CALL(nt_unlock_file, HANDLE handle, IO_STATUS_BLOCK *iosb, LARGE_INTEGER *offset, LARGE_INTEGER *length, ULONG key)
{
    LARGE_INTEGER start, count;
    struct io io;
    NTSTATUS status = io_begin(&io, handle, FILE_READ_DATA | FILE_WRITE_DATA, NULL, NULL, NULL, iosb);

    if (status) return status;
    if (io.file->kind != FILE_KIND_DISK) status = STATUS_INVALID_DEVICE_REQUEST;
    else if (!(status = user_get(start, offset)) && !(status = user_get(count, length)))
    {
        struct byte_range range = { start.QuadPart, count.QuadPart, key, false };

        status = lock_drop(io.file, &range);
    }
    return io_return(&io, status);
}

/* ---- cancelling --------------------------------------------------------------------------------------------------- */

static NTSTATUS cancelled(IO_STATUS_BLOCK *iosb, bool found)
{
    IO_STATUS_BLOCK block = { { .Status = found ? STATUS_SUCCESS : STATUS_NOT_FOUND }, 0 };
    NTSTATUS status = user_write(iosb, &block, sizeof(block));

    return status ? status : block.Status;
}

NT_CALL(nt_cancel_io_file, HANDLE handle, IO_STATUS_BLOCK *iosb)
{
    struct file *file;
    NTSTATUS status = handle_lookup(handle, &file_type, 0, &file, NULL);

    if (status) return status;
    if (!(status = user_probe_for_write(iosb, sizeof(*iosb))))
    {
        io_cancel(file, current_thread()->tid, NULL);
        status = cancelled(iosb, true);
    }
    object_unref((struct object *)file);
    return status;
}

NT_CALL(nt_cancel_io_file_ex, HANDLE handle, IO_STATUS_BLOCK *which, IO_STATUS_BLOCK *iosb)
{
    struct file *file;
    NTSTATUS status = handle_lookup(handle, &file_type, 0, &file, NULL);

    if (status) return status;
    if (!(status = user_probe_for_write(iosb, sizeof(*iosb)))) status = cancelled(iosb, io_cancel(file, 0, which));
    object_unref((struct object *)file);
    return status;
}
