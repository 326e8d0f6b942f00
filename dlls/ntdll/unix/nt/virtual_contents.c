/* NtSetInformationVirtualMemory's classes for memory that may go (specification 16), and for call targets (21). */
#include "nt/memory.h"
#include "oriel/memory.h"
#include "ps/process_object.h"

/* Only our own kernelbase asks, and only for the process itself. */
NTSTATUS memory_contents(HANDLE process, unsigned int class, const MEMORY_RANGE_ENTRY *entry)
{
    struct process_object *other;
    MEMORY_RANGE_ENTRY range;
    uintptr_t base;
    NTSTATUS status;

    if ((status = user_get(range, entry))) return status;
    if ((status = memory_process(process, PROCESS_VM_OPERATION, &other))) return status;
    if (other)
    {
        object_unref(&other->header);
        return STATUS_NOT_SUPPORTED;
    }
    base = (uintptr_t)range.VirtualAddress;
    switch (class)
    {
    case ORIEL_MEMORY_OFFER: return vm_offer(base, range.NumberOfBytes);
    case ORIEL_MEMORY_RECLAIM: return vm_reclaim(base, range.NumberOfBytes);
    case ORIEL_MEMORY_DISCARD: return vm_discard(base, range.NumberOfBytes);
    default: return STATUS_INVALID_PARAMETER_2;
    }
}

/* CFG_CALL_TARGET_LIST_INFORMATION, as System Informer's headers have it. */
struct call_targets
{
    ULONG count, reserved;
    ULONG *processed;
    struct { ULONG_PTR offset, flags; } *targets;
    HANDLE section;
    ULONG64 file_offset;
};

/* No process here runs with control flow guard, so that the call fails whatever it is told; what it is told is looked at
 * first all the same: a program that is wrong learns it here. */
NTSTATUS memory_call_targets(HANDLE process, SIZE_T count, const MEMORY_RANGE_ENTRY *entry, const void *info, ULONG length)
{
    struct call_targets list;
    struct { ULONG_PTR offset, flags; } target, before = { 0, 0 };
    MEMORY_RANGE_ENTRY range;
    struct vm_basic_info page;
    struct process_object *other;
    NTSTATUS status;

    if (!info) return STATUS_INVALID_PARAMETER_5;
    if (length != sizeof(list)) return STATUS_INVALID_PARAMETER_6;
    if (count != 1) return STATUS_INVALID_PARAMETER_3;
    if ((status = user_get(list, (const struct call_targets *)info))) return status;
    if ((status = user_get(range, entry))) return status;
    if (!range.NumberOfBytes || (uintptr_t)range.VirtualAddress % 0x1000 ||
        !range_in_user_space((uintptr_t)range.VirtualAddress, range.NumberOfBytes)) return STATUS_INVALID_PARAMETER_4;
    if (!list.count || list.reserved) return STATUS_INVALID_PARAMETER_5;
    for (ULONG i = 0; i < list.count; i++, before = target)
    {
        if ((status = user_read(&target, &list.targets[i], sizeof(target)))) return status;
        if (target.offset >= range.NumberOfBytes || target.offset % 16 || (i && target.offset <= before.offset))
            return STATUS_INVALID_PARAMETER_5;
    }
    if ((status = memory_process(process, PROCESS_VM_OPERATION, &other))) return status;
    if (other) object_unref(&other->header);
    else if (vm_query((uintptr_t)range.VirtualAddress, &page) || page.state != MEM_COMMIT || !(page.protect & 0xf0))
        return STATUS_INVALID_PARAMETER_4;
    return STATUS_INVALID_PARAMETER_1;          /* the process: one without the guard */
}
