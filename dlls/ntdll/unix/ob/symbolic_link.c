/* Symbolic links of the tree of names: paths that stand for paths. */
#include "ob/name.h"
#include "ob/transfer.h"
#include "ob/types.h"

struct symbolic_link
{
    struct object header;
    size_t        length;
    WCHAR         target[];             /* NUL-terminated; never changes */
};

/* A link never changes: another process gets one that leads to the same. */
static NTSTATUS symbolic_link_pack(struct object *object, struct transfer *transfer)
{
    struct symbolic_link *link = (struct symbolic_link *)object;

    if (link->length * sizeof(WCHAR) > TRANSFER_DATA) return STATUS_NAME_TOO_LONG;
    transfer->size = (uint32_t)(link->length * sizeof(WCHAR));
    memcpy(transfer->data, link->target, transfer->size);
    return STATUS_SUCCESS;
}

static NTSTATUS symbolic_link_unpack(struct transfer *transfer, struct object **object)
{
    if (transfer->size % sizeof(WCHAR)) return STATUS_INVALID_PARAMETER;
    *object = symbolic_link_alloc((const WCHAR *)transfer->data, transfer->size / sizeof(WCHAR));
    return *object ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

const struct object_type symbolic_link_type =
{
    .name = "SymbolicLink",
    .mapping = { STANDARD_RIGHTS_READ | SYMBOLIC_LINK_QUERY, STANDARD_RIGHTS_WRITE,
                 STANDARD_RIGHTS_EXECUTE | SYMBOLIC_LINK_QUERY, SYMBOLIC_LINK_ALL_ACCESS },
    .valid_access = SYMBOLIC_LINK_ALL_ACCESS | 0xfffe,  /* ntdll:om, test_object_types */
    .pack = symbolic_link_pack,
    .unpack = symbolic_link_unpack,
};

struct object *symbolic_link_alloc(const WCHAR *target, size_t length)
{
    struct symbolic_link *link = object_alloc(&symbolic_link_type, sizeof(*link) + (length + 1) * sizeof(WCHAR));

    if (!link) return NULL;
    link->length = length;
    memcpy(link->target, target, length * sizeof(WCHAR));
    return &link->header;
}

const WCHAR *symbolic_link_target(struct object *object, size_t *length)
{
    struct symbolic_link *link = (struct symbolic_link *)object;

    *length = link->length;
    return link->target;
}
