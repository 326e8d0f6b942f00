/* Write watch, and what NtSetInformationVirtualMemory is told (specification 16, 17). */
#include "nt/remote.h"
#include "oriel/memory.h"

#define PAGE 0x1000u

/* ---- write watch ------------------------------------------------------------------------------------------------ */

NT_CALL(nt_get_write_watch, HANDLE process, ULONG flags, void *base, SIZE_T size, void **addresses, ULONG_PTR *count_ptr,
        ULONG *granularity)
{
    struct process_object *other;
    uintptr_t *found;
    size_t count, pages;
    ULONG_PTR room;
    NTSTATUS status;

    if ((status = user_get(room, count_ptr))) return status;
    if ((status = user_probe_for_write(count_ptr, sizeof(*count_ptr)))) return status;
    if ((status = user_probe_for_write(granularity, sizeof(*granularity)))) return status;
    if (flags & ~1u) return STATUS_INVALID_PARAMETER_2;
    if (!base || (uintptr_t)base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER_3;
    if (!size || !range_in_user_space((uintptr_t)base, size)) return STATUS_INVALID_PARAMETER_4;
    if (!room) return STATUS_INVALID_PARAMETER_5;
    if (!addresses) return STATUS_ACCESS_VIOLATION;
    if ((status = memory_process(process, PROCESS_VM_OPERATION, &other))) return status;

    /* never more than the range has pages, however much room the caller says there is */
    pages = ((uintptr_t)base % PAGE + size + PAGE - 1) / PAGE;
    count = room < pages ? room : pages;
    found = malloc(count * sizeof(*found));
    if ((status = user_probe_for_write(addresses, count * sizeof(*found))) || !found)
    {
        if (other) object_unref(&other->header);
        free(found);
        return status ? status : STATUS_NO_MEMORY;
    }
    if (other) status = remote_get_write_watch(other, (uintptr_t)base, size, flags & 1, found, &count);
    else status = vm_get_write_watch((uintptr_t)base, size, flags & 1, found, &count);
    if (!status && !(status = user_write(addresses, found, count * sizeof(*found))))
    {
        user_put(count_ptr, (ULONG_PTR)count);
        user_put(granularity, (ULONG)PAGE);
    }
    free(found);
    return status;
}

NT_CALL(nt_reset_write_watch, HANDLE process, void *base, SIZE_T size)
{
    struct process_object *other;
    NTSTATUS status;

    if (!base || (uintptr_t)base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER_2;
    if (!size || !range_in_user_space((uintptr_t)base, size)) return STATUS_INVALID_PARAMETER_3;
    if ((status = memory_process(process, PROCESS_VM_OPERATION, &other))) return status;
    if (other) return remote_reset_write_watch(other, (uintptr_t)base, size);
    return vm_reset_write_watch((uintptr_t)base, size);
}

/* ---- hints -------------------------------------------------------------------------------------------------------- */

#define VM_REMOVE_FROM_WORKING_SET 7u   /* VmRemoveFromWorkingSetInformation, which Wine's header has not */

/* What a class does with one range. False: there is no process any more to do it in. */
static bool hint(unsigned int class, uintptr_t base, size_t size, struct process_object *other)
{
    if (other) return remote_range(object_ref(other), PEER_PREFETCH, &base, &size) != STATUS_PROCESS_IS_TERMINATING;
    if (class == VM_REMOVE_FROM_WORKING_SET) vm_trim(base, size);
    else vm_prefetch(base, size);
    return true;
}

/* Two passes over the ranges: a bad one is found before anything is done. */
static NTSTATUS each_range(unsigned int class, const MEMORY_RANGE_ENTRY *entries, SIZE_T count, bool perform,
                           struct process_object *other)
{
    MEMORY_RANGE_ENTRY entry;
    NTSTATUS status;

    for (SIZE_T i = 0; i < count; i++)
    {
        if ((status = user_get(entry, &entries[i]))) return status;
        if (!entry.NumberOfBytes) return STATUS_INVALID_PARAMETER_4;
        if (!perform || !range_in_user_space((uintptr_t)entry.VirtualAddress, entry.NumberOfBytes)) continue;
        if (!hint(class, (uintptr_t)entry.VirtualAddress, entry.NumberOfBytes, other)) return STATUS_PROCESS_IS_TERMINATING;
    }
    return STATUS_SUCCESS;
}

/* The order is that of ntdll:virtual test_prefetch. */
NT_CALL(nt_set_information_virtual_memory, HANDLE process, VIRTUAL_MEMORY_INFORMATION_CLASS class, SIZE_T count,
        const MEMORY_RANGE_ENTRY *entries, const void *info, ULONG length)
{
    struct process_object *other;
    ULONG flags;
    NTSTATUS status;

    if ((unsigned int)class >> 16 == ORIEL_MEMORY_OFFER >> 16) return memory_contents(process, class, entries);
    if (class == VmCfgCallTargetInformation) return memory_call_targets(process, count, entries, info, length);
    if (class != VmPrefetchInformation && (unsigned int)class != VM_REMOVE_FROM_WORKING_SET) return STATUS_INVALID_PARAMETER_2;
    if (!info) return STATUS_INVALID_PARAMETER_5;
    if (length != sizeof(flags)) return STATUS_INVALID_PARAMETER_6;
    if (!count) return STATUS_INVALID_PARAMETER_3;
    if (!entries) return STATUS_ACCESS_VIOLATION;
    if ((status = user_read(&flags, info, sizeof(flags)))) return status;
    if ((status = each_range(class, entries, count, false, NULL))) return status;
    if (flags & ~(class == VmPrefetchInformation ? VM_PREFETCH_TO_WORKING_SET : 0u)) return STATUS_INVALID_PARAMETER_5;
    if ((status = memory_process(process, PROCESS_VM_OPERATION, &other))) return status;
    if (other && class != VmPrefetchInformation) status = STATUS_NOT_SUPPORTED;
    else status = each_range(class, entries, count, true, other);
    if (other) object_unref(&other->header);
    return status;
}
