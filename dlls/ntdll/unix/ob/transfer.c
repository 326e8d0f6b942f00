/* Objects on their way to another process. */
#include <sys/stat.h>
#include <unistd.h>

#include "ob/name.h"
#include "ob/transfer.h"
#include "ob/types.h"

static bool pack_by_name(struct object *object, struct transfer *transfer)
{
    if (name_send(object, (char *)transfer->data, &transfer->fds[0])) return false;
    transfer->type |= TRANSFER_NAMED;
    transfer->size = (uint32_t)strlen((char *)transfer->data) + 1;
    transfer->fd_count = 1;
    if (object->type->name_escort && (transfer->fds[1] = object->type->name_escort(object)) >= 0) transfer->fd_count = 2;
    return true;
}

static bool has_base(const struct transfer *transfer)
{
    return transfer->size && transfer->size <= NAME_BASE_MAX && !transfer->data[transfer->size - 1];
}

static NTSTATUS unpack_by_name(const struct object_type *type, struct transfer *transfer, struct object **object)
{
    const char *base = (const char *)transfer->data;
    struct stat st;

    if (!type->name_kind || transfer->fd_count < 1 || transfer->fd_count > 2 || !has_base(transfer) || fstat(transfer->fds[0], &st)) return STATUS_INVALID_PARAMETER;
    return name_receive(base, st.st_dev, st.st_ino, type, object);
}

static bool pack_standard(struct object *object, struct transfer *transfer)
{
    size_t length;

    if (name_standard_path(object, (WCHAR *)transfer->data, TRANSFER_DATA / sizeof(WCHAR), &length)) return false;
    transfer->type |= TRANSFER_STANDARD;
    transfer->size = (uint32_t)(length * sizeof(WCHAR));
    return true;
}

static NTSTATUS unpack_standard(const struct object_type *type, struct transfer *transfer, struct object **object)
{
    if (transfer->fd_count || transfer->size > TRANSFER_DATA || transfer->size % sizeof(WCHAR)) return STATUS_INVALID_PARAMETER;
    return name_standard_find((const WCHAR *)transfer->data, transfer->size / sizeof(WCHAR), type, object);
}

const struct object_type *transfer_type(const struct transfer *transfer)
{
    uint32_t index = transfer->type & ~(TRANSFER_NAMED | TRANSFER_STANDARD);

    return index < object_type_count ? object_types[index] : NULL;
}

NTSTATUS object_pack(struct object *object, struct transfer *transfer)
{
    const struct object_type *type = object->type;
    uint32_t i = 0;

    transfer->fd_count = transfer->size = transfer->reserved = 0;
    while (i < object_type_count && object_types[i] != type) i++;
    if (i == object_type_count) return STATUS_NOT_SUPPORTED;
    transfer->type = i;
    if (pack_standard(object, transfer) || (type->name_kind && pack_by_name(object, transfer))) return STATUS_SUCCESS;
    return type->pack ? type->pack(object, transfer) : STATUS_NOT_SUPPORTED;
}

/* A process that is being started has copies of a name's file until it runs its program (name_flight.c). */
static void close_fds(const int *fds, uint32_t count)
{
    name_spawn_begin();
    while (count--)
        if (fds[count] >= 0) close(fds[count]);
    name_spawn_end();
}

NTSTATUS object_unpack(struct transfer *transfer, struct object **object)
{
    const struct object_type *type = transfer_type(transfer);
    NTSTATUS status = STATUS_INVALID_PARAMETER;
    uint32_t i;

    if (transfer->fd_count > TRANSFER_FDS) transfer->fd_count = TRANSFER_FDS;
    for (i = transfer->fd_count; i < TRANSFER_FDS; i++) transfer->fds[i] = -1;
    if (type && transfer->type & TRANSFER_STANDARD) status = unpack_standard(type, transfer, object);
    else if (type && transfer->type & TRANSFER_NAMED) status = unpack_by_name(type, transfer, object);
    else if (type && type->unpack && transfer->size <= TRANSFER_DATA) status = type->unpack(transfer, object);
    close_fds(transfer->fds, TRANSFER_FDS);
    if (status && transfer->type & TRANSFER_NAMED && has_base(transfer)) name_file_settle((const char *)transfer->data);
    return status;
}

void transfer_close(struct transfer *transfer)
{
    close_fds(transfer->fds, transfer->fd_count < TRANSFER_FDS ? transfer->fd_count : TRANSFER_FDS);
    if (transfer->type & TRANSFER_NAMED && has_base(transfer)) name_file_settle((const char *)transfer->data);
}
