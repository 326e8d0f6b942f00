/* Answers to other processes about our handles (nt/remote_handle.c asks), and to those that end us. */
#include <fcntl.h>
#include <unistd.h>
#include "nt/peer.h"
#include "ob/name.h"
#include "ob/transfer.h"

/* Packed fds are the object's own, which may go as soon as we let it: what is sent is ours. */
static NTSTATUS pack(struct object *object, struct transfer *transfer, struct peer_io *io)
{
    NTSTATUS status = object_pack(object, transfer);
    uint32_t i;

    if (status) return status;
    for (i = 0; i < transfer->fd_count; i++)
    {
        if ((io->reply_fds[i] = fcntl(transfer->fds[i], F_DUPFD_CLOEXEC, 0)) < 0) return STATUS_INSUFFICIENT_RESOURCES;
        io->reply_fd_count = i + 1;     /* closed by who sends the reply, failure or not */
    }
    memcpy(io->reply, transfer->data, transfer->size);
    io->reply_size = transfer->size;
    io->message.handle.type = transfer->type;
    return STATUS_SUCCESS;
}

NTSTATUS peer_handle_get(struct peer_io *io)
{
    HANDLE handle = (HANDLE)(uintptr_t)io->message.handle.handle;
    struct transfer transfer;
    struct object *object;
    ACCESS_MASK granted;
    ULONG attributes;
    NTSTATUS status;

    if (handle_is_pseudo(handle) && handle != CURRENT_PROCESS_HANDLE && handle != PROCESS_TOKEN_HANDLE)
        return STATUS_INVALID_HANDLE;   /* whose thread? */
    if ((status = handle_lookup(handle, NULL, 0, &object, &granted))) return status;
    if (!(status = handle_get_attributes(handle, &attributes))) status = pack(object, &transfer, io);
    object_unref(object);
    if (status) io->reply_size = 0;
    io->message.handle.granted = granted;
    io->message.handle.attributes = attributes;
    return status;
}

NTSTATUS peer_handle_put(struct peer_io *io)
{
    struct transfer transfer = { .type = io->message.handle.type, .fd_count = io->fd_count, .size = io->message.data_size };
    struct object *object = NULL;
    HANDLE handle = NULL;
    NTSTATUS status;

    if (transfer.size > TRANSFER_DATA) return STATUS_INVALID_PARAMETER;
    memcpy(transfer.data, io->data, transfer.size);
    memcpy(transfer.fds, io->fds, sizeof(int) * io->fd_count);
    io->fd_count = 0;                   /* object_unpack() takes them */
    if ((status = object_unpack(&transfer, &object))) return status;
    status = handle_create(object, io->message.handle.access, io->message.handle.attributes, &handle);
    if (status) name_forget_unused(object);
    object_unref(object);
    io->message.handle.handle = (uintptr_t)handle;
    return status;
}

NTSTATUS peer_handle_close(struct peer_io *io)
{
    return handle_close((HANDLE)(uintptr_t)io->message.handle.handle);
}
