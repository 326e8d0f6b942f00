/* Handles of other processes: NtDuplicateObject in its four directions. */
#include "nt/remote.h"
#include "nt/remote_handle.h"
#include "ob/name.h"
#include "ob/transfer.h"
#include "ob/types.h"
#include "ps/peer.h"
#include "ps/process_object.h"

_Static_assert(TRANSFER_FDS <= PEER_FDS_MAX && TRANSFER_DATA <= PEER_DATA_MAX, "an object fits a message");

/* An object on its way, and what its handle may. */
struct parcel
{
    struct transfer transfer;
    ACCESS_MASK granted;
    ULONG attributes;
};

/* Takes the handle's object out of the other process; the fds are ours. */
static NTSTATUS get(struct process_object *process, HANDLE handle, ULONG options, struct parcel *parcel)
{
    struct peer_io io = { .message.handle = { .handle = (uintptr_t)handle, .options = options },
                          .reply = parcel->transfer.data, .reply_room = TRANSFER_DATA, .reply_fds_max = TRANSFER_FDS };
    NTSTATUS status;

    if ((status = peer_call(process, PEER_HANDLE_GET, &io))) return status;
    parcel->transfer.type = io.message.handle.type;
    parcel->transfer.size = io.reply_size;
    parcel->transfer.fd_count = io.reply_fd_count;
    parcel->granted = io.message.handle.granted;
    parcel->attributes = io.message.handle.attributes;
    memcpy(parcel->transfer.fds, io.reply_fds, sizeof(int) * io.reply_fd_count);
    return STATUS_SUCCESS;
}

/* Puts it into the other process. The fds stay ours. */
static NTSTATUS put(struct process_object *process, const struct parcel *parcel, ACCESS_MASK access, ULONG attributes,
                    HANDLE *handle)
{
    struct peer_io io = { .message = { .data_size = parcel->transfer.size,
                                       .handle = { .access = access, .attributes = attributes, .type = parcel->transfer.type } },
                          .data = parcel->transfer.data, .fd_count = parcel->transfer.fd_count };
    NTSTATUS status;

    memcpy(io.fds, parcel->transfer.fds, sizeof(int) * io.fd_count);
    if (!(status = peer_call(process, PEER_HANDLE_PUT, &io))) *handle = (HANDLE)(uintptr_t)io.message.handle.handle;
    return status;
}

static NTSTATUS from_own(HANDLE source, const struct remote_duplicate *how, HANDLE *handle)
{
    ULONG attributes = how->attributes;
    ACCESS_MASK access = how->access;
    struct parcel parcel;
    struct object *object;
    NTSTATUS status;

    if ((status = handle_lookup(source, NULL, 0, &object, &parcel.granted))) return status;
    if (how->options & DUPLICATE_SAME_ATTRIBUTES) status = handle_get_attributes(source, &attributes);
    if (how->options & DUPLICATE_SAME_ACCESS) access = parcel.granted;
    else if (!status) status = access_duplicate(object->type, parcel.granted, &access);
    if (!status && !(status = object_pack(object, &parcel.transfer)))
        status = put(how->target, &parcel, access, attributes, handle);
    object_unref(object);
    if (status == STATUS_NOT_SUPPORTED && remote_has_ended(how->target)) status = STATUS_PROCESS_IS_TERMINATING;
    return status;
}

static NTSTATUS from_other(HANDLE source, const struct remote_duplicate *how, HANDLE *handle)
{
    ULONG attributes = how->attributes;
    struct object *object = NULL;
    struct parcel parcel;
    ACCESS_MASK access;
    NTSTATUS status;

    if ((status = get(how->source, source, how->options & ~DUPLICATE_CLOSE_SOURCE, &parcel))) return status;
    access = how->options & DUPLICATE_SAME_ACCESS ? parcel.granted : how->access;
    if (!transfer_type(&parcel.transfer)) status = STATUS_INVALID_PARAMETER;
    else if (!(how->options & DUPLICATE_SAME_ACCESS)) status = access_duplicate(transfer_type(&parcel.transfer), parcel.granted, &access);
    if (how->options & DUPLICATE_SAME_ATTRIBUTES) attributes = parcel.attributes;
    if (status)
    {
        transfer_close(&parcel.transfer);
        return status;
    }
    if (process_is_other(how->target))
    {
        status = put(how->target, &parcel, access, attributes, handle);
        transfer_close(&parcel.transfer);
        return status;
    }
    if ((status = object_unpack(&parcel.transfer, &object))) return status;
    status = handle_create(object, access, attributes, handle);
    if (status) name_forget_unused(object);
    object_unref(object);
    return status;
}

NTSTATUS remote_duplicate(HANDLE source, const struct remote_duplicate *how, HANDLE *handle)
{
    /* The current process is the source's, the current thread is ours: so Windows' kernel, which has become the source's process
     * by then, finds them. A thread's token is our thread's, too. */
    bool ours = source == CURRENT_THREAD_HANDLE || source == THREAD_TOKEN_HANDLE || source == EFFECTIVE_TOKEN_HANDLE;

    if (!process_is_other(how->source)) return from_own(source, how, handle);
    if (!ours) return from_other(source, how, handle);
    if (process_is_other(how->target)) return from_own(source, how, handle);
    return handle_duplicate(source, how->access, how->attributes, how->options, handle);
}

NTSTATUS remote_token(struct process_object *process, struct object **token)
{
    struct parcel parcel;
    NTSTATUS status;

    if ((status = get(process, PROCESS_TOKEN_HANDLE, 0, &parcel))) return status;
    if ((status = object_unpack(&parcel.transfer, token))) return status;
    if ((*token)->type == &token_type) return STATUS_SUCCESS;
    object_unref(*token);
    return STATUS_INVALID_PARAMETER;
}

NTSTATUS remote_close(struct process_object *process, HANDLE handle)
{
    struct peer_io io = { .message.handle.handle = (uintptr_t)handle };

    return peer_call(process, PEER_HANDLE_CLOSE, &io);
}
