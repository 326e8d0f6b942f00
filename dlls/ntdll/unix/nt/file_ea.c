/* Extended attributes as OS/2 had them: no file has any, and none can be given one. */
#include "io/async.h"

NT_CALL(nt_query_ea_file, HANDLE handle, IO_STATUS_BLOCK *iosb, PVOID buffer, ULONG length, BOOLEAN single, PVOID list,
        ULONG list_length, ULONG *index, BOOLEAN restart)
{
    struct file *file;
    NTSTATUS status;

    (void)single, (void)list, (void)list_length, (void)restart;
    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if (index && (status = user_probe_for_read(index, sizeof(*index)))) return status;
    if ((status = user_probe_for_write(buffer, length))) return status;
    if ((status = handle_lookup(handle, &file_type, FILE_READ_EA, &file, NULL))) return status;
    object_unref((struct object *)file);
    if ((status = user_zero(buffer, length))) return status;
    return STATUS_NO_EAS_ON_FILE;
}

NT_CALL(nt_set_ea_file, HANDLE handle, IO_STATUS_BLOCK *iosb, PVOID buffer, ULONG length)
{
    struct file *file;
    NTSTATUS status;

    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if ((status = user_probe_for_read(buffer, length))) return status;
    if ((status = handle_lookup(handle, &file_type, FILE_WRITE_EA, &file, NULL))) return status;
    object_unref((struct object *)file);
    return STATUS_EAS_NOT_SUPPORTED;
}
