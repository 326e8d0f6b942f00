/* NtFreeVirtualMemory: decommit and release. */
#include "vm/vm_private.h"

/* Pages back to reserved; their contents are gone, their commit charge too. */
static vm_status decommit(struct region *region, uintptr_t start, uintptr_t end)
{
    size_t bytes = region_count(region, start, end, VALUE_COMMITTED);
    vm_status status;

    if (region->kind == REGION_PLACEHOLDER || region->kind == REGION_PHYSICAL) return STATUS_CONFLICTING_ADDRESSES;
    if (region->large_pages) return STATUS_UNABLE_TO_FREE_VM;
    if (!bytes) return STATUS_SUCCESS;
    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    if (region->kernel_watch)
    {
        /* Mapping anew would end the watch. Locked pages cannot be discarded. */
        if (region_count(region, start, end, VALUE_LOCKED) && (status = host->unlock(start, end - start))) return status;
        if ((status = host->protect(start, end - start, 0, "decommit")) ||
            (status = host->discard(start, end - start, "decommit")))
        {
            push(region, start, end, 0, 0, "undo");
            return status;
        }
        region->watch_stale = true;             /* the watch's marks went with the pages */
    }
    else if ((status = host->map(start, end - start, 0, HOST_REPLACE, -1, 0, "decommit"))) return status;
    region_change(region, start, end, ~VALUE_LATCHED, 0);
    charge_return(bytes);
    return STATUS_SUCCESS;
}

/* [start, end) of the region becomes free; what is left of it stays, as one region or two. */
static vm_status release(struct region *region, uintptr_t start, uintptr_t end)
{
    vm_status status;

    if (region->kind == REGION_PHYSICAL && (start != region_start(region) || end != region->end)) return STATUS_UNABLE_TO_FREE_VM;
    if (region->large_pages && ((start | end) & (VM_LARGE_PAGE - 1))) return STATUS_UNABLE_TO_FREE_VM;
    /* All of it needs no node: giving up what was just made must not fail for want of memory. */
    if (!slab_reserve(&region_slab, (end < region->end) + (start > region_start(region)))) return STATUS_NO_MEMORY;
    if ((status = host->unmap(start, end - start, "release"))) return status;
    if (end < region->end) region_cut(region, end);
    if (start > region_start(region)) region = region_cut(region, start);
    charge_return(region->committed);
    if (region->kind == REGION_PHYSICAL) physical_window_gone(region);
    region_delete(region);
    return STATUS_SUCCESS;
}

static vm_status free_locked(uintptr_t *base, size_t *size, uint32_t type)
{
    uintptr_t start = page_down(*base), end = page_up(*base + *size);
    struct region *region;
    bool whole = !*size;
    vm_status status;

    if (type & (MEM_PRESERVE_PLACEHOLDER | MEM_COALESCE_PLACEHOLDERS))
    {
        if (whole) return STATUS_INVALID_PARAMETER_3;
        status = type & MEM_PRESERVE_PLACEHOLDER ? placeholder_preserve(start, end) : placeholder_coalesce(start, end);
    }
    else
    {
        if (!(region = region_find(start))) return STATUS_MEMORY_NOT_ALLOCATED;
        if (region->section) return STATUS_UNABLE_TO_DELETE_SECTION;
        if (whole)
        {
            if (start != region_start(region)) return STATUS_FREE_VM_NOT_AT_BASE;
            end = region->end;
        }
        if (end > region->end) return STATUS_UNABLE_TO_FREE_VM;
        status = type & MEM_DECOMMIT ? decommit(region, start, end) : release(region, start, end);
    }
    if (status) return status;
    *base = start;
    /* A whole decommit tells 0 since Windows 10 1803 (ntdll virtual.c test_NtFreeVirtualMemory). */
    *size = whole && (type & MEM_DECOMMIT) ? 0 : end - start;
    return STATUS_SUCCESS;
}

vm_status vm_free(uintptr_t *base, size_t *size, uint32_t type)
{
    vm_status status;

    if (*base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER_2;
    if (*size > VM_USER_END - *base) return STATUS_INVALID_PARAMETER_3;
    vm_enter();
    status = free_locked(base, size, type);
    vm_leave();
    return status;
}
