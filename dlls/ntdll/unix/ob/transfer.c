/* Objects on their way to another process. */
#include <unistd.h>

#include "ob/transfer.h"
#include "ob/types.h"

NTSTATUS object_pack(struct object *object, struct transfer *transfer)
{
    uint32_t i;

    transfer->fd_count = transfer->size = transfer->reserved = 0;
    if (!object->type->pack) return STATUS_NOT_SUPPORTED;
    for (i = 0; i < object_type_count; i++)
        if (object_types[i] == object->type)
        {
            transfer->type = i;
            return object->type->pack(object, transfer);
        }
    return STATUS_NOT_SUPPORTED;
}

NTSTATUS object_unpack(struct transfer *transfer, struct object **object)
{
    const struct object_type *type = NULL;
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    uint32_t i;

    if (transfer->type < object_type_count) type = object_types[transfer->type];
    if (transfer->fd_count > TRANSFER_FDS) transfer->fd_count = TRANSFER_FDS;
    for (i = transfer->fd_count; i < TRANSFER_FDS; i++) transfer->fds[i] = -1;
    if (type && type->unpack && transfer->size <= TRANSFER_DATA) status = type->unpack(transfer, object);
    for (i = 0; i < TRANSFER_FDS; i++)
        if (transfer->fds[i] >= 0) close(transfer->fds[i]);
    return status;
}
