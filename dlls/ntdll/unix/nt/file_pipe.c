/* NtCreateNamedPipeFile, and cancelling what a thread waits for. */
#include "io/async.h"
#include "io/ntfile.h"
#include "io/path.h"
#include "io/pipe.h"
#include "ps/thread.h"

static NTSTATUS check_create(const struct pipe_create *create)
{
    const ULONG synchronous = FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT;

    if (!create->sharing || (create->sharing & ~(FILE_SHARE_READ | FILE_SHARE_WRITE))) return STATUS_INVALID_PARAMETER;
    if (create->disposition < FILE_OPEN || create->disposition > FILE_OPEN_IF) return STATUS_INVALID_PARAMETER;
    if ((create->options & synchronous) == synchronous) return STATUS_INVALID_PARAMETER;
    if ((create->options & synchronous) && !(create->access & SYNCHRONIZE)) return STATUS_INVALID_PARAMETER;
    if (create->type > FILE_PIPE_TYPE_MESSAGE || create->read_mode > FILE_PIPE_MESSAGE_MODE ||
        create->completion_mode > FILE_PIPE_COMPLETE_OPERATION) return STATUS_INVALID_PARAMETER;
    if (create->read_mode == FILE_PIPE_MESSAGE_MODE && create->type != FILE_PIPE_TYPE_MESSAGE) return STATUS_INVALID_PARAMETER;
    return create->max_instances ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NT_CALL(nt_create_named_pipe_file, HANDLE *user_handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr,
        IO_STATUS_BLOCK *iosb, ULONG sharing, ULONG disposition, ULONG options, ULONG type, ULONG read_mode,
        ULONG completion_mode, ULONG max_instances, ULONG inbound_quota, ULONG outbound_quota, LARGE_INTEGER *timeout)
{
    struct pipe_create create =
    {
        access_map(&file_type, access), sharing & ~FILE_SHARE_DELETE, disposition, options, type & 1, read_mode,
        completion_mode, max_instances, inbound_quota, outbound_quota, 0, NULL, 0,
    };
    struct object_attributes attributes;
    struct path path;
    struct file *file;
    HANDLE handle;
    LARGE_INTEGER wait;
    IO_STATUS_BLOCK block;
    NTSTATUS status;

    /* Bit 1 of the type refuses remote clients: there are none. */
    if ((type & ~3u) || (sharing & ~7u)) return STATUS_INVALID_PARAMETER;
    if ((status = user_probe_for_write(user_handle, sizeof(*user_handle)))) return status;
    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if (timeout && (status = user_get(wait, timeout))) return status;
    if (timeout && wait.QuadPart > 0) return STATUS_INVALID_PARAMETER;
    create.timeout = timeout ? wait.QuadPart : -500000;
    if ((status = check_create(&create))) return status;
    if (!attr) return STATUS_INVALID_PARAMETER;

    if ((status = object_attributes_read(&attributes, attr))) return status;
    create.security = attributes.security;
    if (attributes.root_status) status = attributes.root_status;
    else if (attributes.root && attributes.root->type != &file_type) status = STATUS_OBJECT_TYPE_MISMATCH;
    else status = path_translate(&path, (struct file *)attributes.root, attributes.name, attributes.length);
    if (!status)
    {
        if (path.kind != PATH_PIPE || path.server || (!path.length && !path.unnamed)) status = STATUS_OBJECT_NAME_INVALID;
        else status = pipe_create(path.name, path.length, &create, &file);
        path_free(&path);
    }
    if (!status)
    {
        status = handle_create((struct object *)file, create.access, attributes.attributes, &handle);
        object_unref((struct object *)file);
    }
    object_attributes_release(&attributes);
    if (status) return status;

    block.Status = STATUS_SUCCESS;
    block.Information = create.result;
    if ((status = user_put(user_handle, handle)) || (status = user_write(iosb, &block, sizeof(block))))
        handle_close(handle);
    return status;
}

NT_CALL(nt_cancel_synchronous_io_file, HANDLE thread_handle, IO_STATUS_BLOCK *which, IO_STATUS_BLOCK *iosb)
{
    IO_STATUS_BLOCK block = { { 0 }, 0 };
    struct thread_object *thread;
    NTSTATUS status = user_probe_for_write(iosb, sizeof(*iosb));

    if (status) return status;
    if ((status = handle_lookup(thread_handle, &thread_type, THREAD_TERMINATE, &thread, NULL))) return status;
    if (!io_cancel_synchronous(thread, which)) block.Status = STATUS_NOT_FOUND;
    object_unref((struct object *)thread);
    status = user_write(iosb, &block, sizeof(block));
    return status ? status : block.Status;
}
