/* Memory partitions, as a machine answers that has one of them and no dedicated memory (specification 21). */
#include "nt/nt.h"
#include "ob/partition.h"
#include "ob/token.h"
#include "ps/memory_use.h"

#define PAGE 0x1000u

/* System Informer's numbers. */
enum { PARTITION_INFO = 0, PARTITION_DEDICATED_INFO = 9, PARTITION_OPEN_DEDICATED = 10 };

struct partition_info           /* WIN32_MEMORY_PARTITION_INFORMATION */
{
    ULONG flags, node, channel, nodes;
    ULONG64 resident_available, committed, commit_limit, peak_commitment, total, available, zero, free, standby;
    ULONG64 reserved[16];
    ULONG64 maximum_commit_limit, reserved2;
    ULONG id;
} __attribute__((aligned(8)));

/* -1 is the process's own partition, -2 the system's: the same one. */
static NTSTATUS check_handle(HANDLE handle, ACCESS_MASK access)
{
    struct object *object;
    NTSTATUS status;

    if (handle == (HANDLE)~(ULONG_PTR)0 || handle == (HANDLE)~(ULONG_PTR)1) return STATUS_SUCCESS;
    if ((status = handle_lookup(handle, &partition_type, access, &object, NULL))) return status;
    object_unref(object);
    return STATUS_SUCCESS;
}

/* Node and channel -1 ask for the sum, and only the sum has commit and the number of nodes. */
static NTSTATUS query_info(struct partition_info *user, ULONG length)
{
    struct partition_info in, out = { .flags = 0 };
    struct memory_total total;
    NTSTATUS status;

    if (length < sizeof(in)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_get(in, user))) return status;
    if ((in.node && in.node != ~0u) || (in.channel && in.channel != ~0u)) return STATUS_INVALID_PARAMETER;
    memory_total(&total);
    out.node = in.node;
    out.channel = in.channel;
    out.total = total.physical / PAGE;
    out.available = out.resident_available = total.available / PAGE;
    out.standby = total.cached < total.available ? total.cached / PAGE : out.available;
    out.free = out.available - out.standby;
    if (in.node == ~0u && in.channel == ~0u)
    {
        out.nodes = 1;
        out.committed = out.peak_commitment = total.commit / PAGE;
        out.commit_limit = out.maximum_commit_limit = total.commit_limit / PAGE;
    }
    return user_put(user, out);
}

NT_CALL(nt_manage_partition, HANDLE target, HANDLE source, ULONG class, void *buffer, ULONG length)
{
    static const ULONG64 empty_list[4];
    NTSTATUS status;

    (void)source;
    switch (class)
    {
    case PARTITION_INFO:
        if ((status = check_handle(target, PARTITION_QUERY))) return status;
        return query_info(buffer, length);
    case PARTITION_DEDICATED_INFO:
        if ((status = check_handle(target, PARTITION_QUERY))) return status;
        if (length < sizeof(empty_list)) return STATUS_INFO_LENGTH_MISMATCH;
        return user_write(buffer, empty_list, sizeof(empty_list));
    case PARTITION_OPEN_DEDICATED:
        if ((status = check_handle(target, PARTITION_QUERY))) return status;
        return STATUS_NOT_FOUND;
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}

/* Memory cannot be split off for a partition of one's own. */
NT_CALL(nt_create_partition, HANDLE parent, HANDLE *out, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, ULONG node)
{
    NTSTATUS status;

    (void)access, (void)attr, (void)node;
    if ((status = user_put(out, (HANDLE)NULL))) return status;
    if (parent && (status = check_handle(parent, PARTITION_MODIFY))) return status;
    return token_privilege_enabled(SE_LOCK_MEMORY_PRIVILEGE) ? STATUS_NOT_SUPPORTED : STATUS_PRIVILEGE_NOT_HELD;
}

NT_CALL(nt_open_partition, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&partition_type, attr, access, handle);
}
