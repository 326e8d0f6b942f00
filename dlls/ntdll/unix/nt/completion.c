/* I/O completion ports and wait completion packets. */
#include "nt/query.h"
#include "ob/cell.h"
#include "ob/completion.h"

NT_CALL(nt_create_io_completion, HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr, ULONG threads)
{
    struct object_attributes attributes;
    NTSTATUS status = object_create_begin(&attributes, attr, handle);

    (void)threads;                      /* how many should run at once: the scheduler is Linux's */
    if (status) return status;
    status = object_create(completion_alloc(), &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_io_completion, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&completion_type, attr, access, handle);
}

static NTSTATUS post(HANDLE handle, ULONG_PTR key, ULONG_PTR value, NTSTATUS completion_status, SIZE_T information)
{
    struct object *port;
    NTSTATUS status = handle_lookup(handle, &completion_type, IO_COMPLETION_MODIFY_STATE, &port, NULL);

    if (status) return status;
    status = completion_post(port, key, value, completion_status, information);
    object_unref(port);
    return status;
}

NT_CALL(nt_set_io_completion, HANDLE handle, ULONG_PTR key, ULONG_PTR value, NTSTATUS completion_status,
        SIZE_T information)
{
    return post(handle, key, value, completion_status, information);
}

/* Reserve objects, which make posting safe from want of memory, cannot be allocated here: there is no handle on one. */
NT_CALL(nt_set_io_completion_ex, HANDLE handle, HANDLE reserve, ULONG_PTR key, ULONG_PTR value,
        NTSTATUS completion_status, SIZE_T information)
{
    if (reserve) return STATUS_INVALID_HANDLE;
    return post(handle, key, value, completion_status, information);
}

static NTSTATUS read_deadline(const LARGE_INTEGER *timeout, uint64_t *deadline)
{
    LARGE_INTEGER value;
    NTSTATUS status;

    if (timeout && (status = user_get(value, timeout))) return status;
    *deadline = deadline_from_timeout(timeout ? &value : NULL);
    return STATUS_SUCCESS;
}

NT_CALL(nt_remove_io_completion, HANDLE handle, ULONG_PTR *key, ULONG_PTR *value, IO_STATUS_BLOCK *io,
        LARGE_INTEGER *timeout)
{
    struct completion completion;
    IO_STATUS_BLOCK block = { 0 };
    struct object *port;
    uint64_t deadline;
    ULONG count = 1;
    NTSTATUS status;

    if ((status = read_deadline(timeout, &deadline))) return status;
    if ((status = user_probe_for_write(key, sizeof(*key)))) return status;
    if ((status = user_probe_for_write(value, sizeof(*value)))) return status;
    if ((status = user_probe_for_write(io, sizeof(*io)))) return status;
    status = handle_lookup(handle, &completion_type, IO_COMPLETION_MODIFY_STATE, &port, NULL);
    if (status) return status;
    status = completion_remove(port, &completion, &count, false, deadline);
    object_unref(port);
    if (status) return status;

    block.Status = completion.status;
    block.Information = completion.information;
    if (!(status = user_put(key, completion.key)) && !(status = user_put(value, completion.value)))
        status = user_put(io, block);
    return status;
}

NT_CALL(nt_remove_io_completion_ex, HANDLE handle, FILE_IO_COMPLETION_INFORMATION *out, ULONG count, ULONG *written,
        LARGE_INTEGER *timeout, BOOLEAN alertable)
{
    FILE_IO_COMPLETION_INFORMATION *info;
    struct completion *completions;
    struct object *port;
    uint64_t deadline;
    ULONG i;
    NTSTATUS status;

    if (!count) return STATUS_INVALID_PARAMETER;
    if (count > 0x10000) count = 0x10000;       /* fewer than asked for is allowed */
    if ((status = read_deadline(timeout, &deadline))) return status;
    if ((status = user_probe_for_write(written, sizeof(*written)))) return status;
    if ((status = user_probe_for_write(out, count * sizeof(*out)))) return status;
    status = handle_lookup(handle, &completion_type, IO_COMPLETION_MODIFY_STATE, &port, NULL);
    if (status) return status;

    completions = malloc(count * (sizeof(*completions) + sizeof(*info)));
    if (!completions) status = STATUS_NO_MEMORY;
    else if (!(status = completion_remove(port, completions, &count, alertable, deadline)))
    {
        info = (FILE_IO_COMPLETION_INFORMATION *)(completions + count);
        memset(info, 0, count * sizeof(*info));
        for (i = 0; i < count; i++)
        {
            info[i].CompletionKey = completions[i].key;
            info[i].CompletionValue = completions[i].value;
            info[i].IoStatusBlock.Status = completions[i].status;
            info[i].IoStatusBlock.Information = completions[i].information;
        }
        status = user_write(out, info, count * sizeof(*info));
        if (!status) status = user_put(written, count);
    }
    else if (status == STATUS_TIMEOUT) user_put(written, 1);    /* what Windows leaves there: ntdll:file */
    free(completions);
    object_unref(port);
    return status;
}

NT_CALL(nt_query_io_completion, HANDLE handle, IO_COMPLETION_INFORMATION_CLASS class, void *out, ULONG size,
        ULONG *return_size)
{
    struct object *port;
    ULONG depth;
    NTSTATUS status = query_check(class, size, sizeof(depth));

    if (status) return status;
    status = handle_lookup(handle, &completion_type, IO_COMPLETION_QUERY_STATE, &port, NULL);
    if (status) return status;
    depth = completion_depth(port);
    object_unref(port);
    return query_deliver(out, return_size, &depth, sizeof(depth));
}

/* ---- wait completion packets ---------------------------------------------------------------------------- */

NT_CALL(nt_create_wait_completion_packet, HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr)
{
    struct object_attributes attributes;
    NTSTATUS status = object_create_begin(&attributes, attr, handle);

    if (status) return status;
    status = object_create(wait_packet_alloc(), &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

static NTSTATUS associate(struct object *packet, HANDLE port_handle, HANDLE target_handle,
                          const struct completion *completion, bool *signaled)
{
    struct object *port, *target;
    struct cell *cell;
    NTSTATUS status;

    status = handle_lookup(port_handle, &completion_type, IO_COMPLETION_MODIFY_STATE, &port, NULL);
    if (status) return status;
    if (!(status = handle_lookup(target_handle, NULL, SYNCHRONIZE, &target, NULL)))
    {
        cell = target->type->wait_cell ? target->type->wait_cell(target) : NULL;
        /* A mutant cannot be owned by a packet. */
        if (!cell || cell->kind == CELL_MUTANT) status = STATUS_INVALID_PARAMETER_3;
        else status = wait_packet_associate(packet, port, target, cell, completion, signaled);
        object_unref(target);
    }
    object_unref(port);
    return status;
}

NT_CALL(nt_associate_wait_completion_packet, HANDLE packet_handle, HANDLE port_handle, HANDLE target_handle, void *key,
        void *value, NTSTATUS completion_status, ULONG_PTR information, BOOLEAN *already_signaled)
{
    struct completion completion = { (ULONG_PTR)key, (ULONG_PTR)value, completion_status, information };
    struct object *packet;
    bool signaled = false;
    NTSTATUS status;

    if (already_signaled && (status = user_probe_for_write(already_signaled, sizeof(BOOLEAN)))) return status;
    if ((status = handle_lookup(packet_handle, &wait_packet_type, 1, &packet, NULL))) return status;
    status = associate(packet, port_handle, target_handle, &completion, &signaled);
    object_unref(packet);
    if (!status && already_signaled) status = user_put(already_signaled, signaled);
    return status;
}

NT_CALL(nt_cancel_wait_completion_packet, HANDLE handle, BOOLEAN remove_signaled)
{
    struct object *packet;
    NTSTATUS status = handle_lookup(handle, &wait_packet_type, 1, &packet, NULL);

    if (status) return status;
    status = wait_packet_cancel(packet, remove_signaled);
    object_unref(packet);
    return status;
}
