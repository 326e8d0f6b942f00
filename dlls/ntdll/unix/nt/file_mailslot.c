/* NtCreateMailslotFile. */
#include "io/mailslot.h"
#include "io/ntfile.h"
#include "io/path.h"

NT_CALL(nt_create_mailslot_file, HANDLE *user_handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr, IO_STATUS_BLOCK *iosb,
        ULONG options, ULONG quota, ULONG max_size, LARGE_INTEGER *user_timeout)
{
    LARGE_INTEGER timeout = { .QuadPart = MAILSLOT_FOREVER };
    struct object_attributes attributes;
    IO_STATUS_BLOCK block;
    struct path path;
    struct file *file;
    HANDLE handle;
    NTSTATUS status;

    (void)quota;                /* messages are kept as long as there is memory */
    if ((status = user_probe_for_write(user_handle, sizeof(*user_handle)))) return status;
    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if (user_timeout && (status = user_get(timeout, user_timeout))) return status;
    if (timeout.QuadPart > 0 || !attr) return STATUS_INVALID_PARAMETER;
    access = access_map(&file_type, access);
    if ((options & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT)) && !(access & SYNCHRONIZE))
        return STATUS_INVALID_PARAMETER;

    if ((status = object_attributes_read(&attributes, attr))) return status;
    if (attributes.root_status) status = attributes.root_status;
    else if (attributes.root && attributes.root->type != &file_type) status = STATUS_OBJECT_TYPE_MISMATCH;
    else status = path_translate(&path, (struct file *)attributes.root, attributes.name, attributes.length);
    if (!status)
    {
        if (path.kind != PATH_MAILSLOT || path.length <= 1) status = STATUS_OBJECT_NAME_INVALID;
        else status = mailslot_create(path.name, path.length, access, options, max_size, timeout.QuadPart, &file);
        path_free(&path);
    }
    if (!status)
    {
        status = handle_create((struct object *)file, access, attributes.attributes, &handle);
        object_unref((struct object *)file);
    }
    object_attributes_release(&attributes);
    if (status) return status;

    block.Status = STATUS_SUCCESS;
    block.Information = FILE_CREATED;
    if ((status = user_put(user_handle, handle)) || (status = user_write(iosb, &block, sizeof(block)))) handle_close(handle);
    return status;
}
