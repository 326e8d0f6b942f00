/* Memory whose contents the program can do without: offered, reclaimed, discarded (specification 16).
 *
 * Offered pages are out of reach and the first to go to swap. Their contents are never dropped: Linux does not tell
 * afterwards what it dropped (MADV_FREE), and a reclaimed page that is only read would still be droppable. So a reclaim
 * always finds everything. The protection of each page stays in its run and is what VirtualQuery goes on telling.
 */
#include "vm/vm_private.h"

/* [start, end) lies in one private region and is committed; each page is offered (or none is), and accessible. */
static vm_status offer_find(uintptr_t start, uintptr_t end, bool offered, struct region **found)
{
    struct region *region = region_find(start);
    uintptr_t run_end;

    if (!region || end > region->end) return STATUS_CONFLICTING_ADDRESSES;
    if (region->kind != REGION_PRIVATE || region->large_pages) return STATUS_CONFLICTING_ADDRESSES;
    for (uintptr_t at = start; at < end; at = run_end)
    {
        uint32_t value = region_value(region, at, &run_end);

        if (!(value & VALUE_COMMITTED)) return STATUS_CONFLICTING_ADDRESSES;
        if (!(value & VALUE_OFFERED) == offered) return STATUS_CONFLICTING_ADDRESSES;
        if (!offered && (value & (PAGE_NOACCESS | PAGE_GUARD))) return STATUS_CONFLICTING_ADDRESSES;
    }
    *found = region;
    return STATUS_SUCCESS;
}

/* Locked pages cannot be given away: they are locked no longer. */
static vm_status unlock_pages(struct region *region, uintptr_t start, uintptr_t end)
{
    return region_count(region, start, end, VALUE_LOCKED) ? host->unlock(start, end - start) : STATUS_SUCCESS;
}

static void lock_pages_again(struct region *region, uintptr_t start, uintptr_t end)
{
    for (uintptr_t run_end; start < end; start = run_end)
    {
        uint32_t value = region_value(region, start, &run_end);

        if (run_end > end) run_end = end;
        if (value & VALUE_LOCKED) host->lock(start, run_end - start, true);
    }
}

static vm_status offer(uintptr_t start, uintptr_t end)
{
    struct region *region;
    vm_status status;

    if ((status = offer_find(start, end, false, &region))) return status;
    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    if ((status = push(region, start, end, 0, VALUE_OFFERED, "offer"))) return status;
    if ((status = unlock_pages(region, start, end)))
    {
        push_undo(region, start, end, 0, VALUE_OFFERED);
        return status;
    }
    region_change(region, start, end, VALUE_LOCKED, VALUE_OFFERED);
    host->reset(start, end - start, "offer");           /* a hint */
    return STATUS_SUCCESS;
}

static vm_status reclaim(uintptr_t start, uintptr_t end)
{
    struct region *region;
    vm_status status;

    if ((status = offer_find(start, end, true, &region))) return status;
    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    if ((status = push(region, start, end, VALUE_OFFERED, 0, "reclaim"))) return status;
    region_change(region, start, end, VALUE_OFFERED, 0);
    return STATUS_SUCCESS;
}

/* Pages of views keep their contents, which is one way to be undefined; so do watched pages, whose dropping the kernel
 * would take for a write. */
static vm_status discard(uintptr_t start, uintptr_t end)
{
    struct region *region = region_find(start);
    uintptr_t run_end;
    vm_status status;

    if (!region || end > region->end) return STATUS_CONFLICTING_ADDRESSES;
    for (uintptr_t at = start; at < end; at = run_end)
    {
        uint32_t value = region_run(region, at, &run_end);

        if (page_protect(region, value, at, &run_end) != PAGE_READWRITE || (value & VALUE_OFFERED)) return STATUS_INVALID_PAGE_PROTECTION;
    }
    if (region->section && region->section->is_file) return STATUS_CONFLICTING_ADDRESSES;
    if (region->kind == REGION_IMAGE) return STATUS_CONFLICTING_ADDRESSES;
    if (region->kind != REGION_PRIVATE || region->write_watch || region->large_pages) return STATUS_SUCCESS;

    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    if ((status = unlock_pages(region, start, end))) return status;
    if ((status = host->discard(start, end - start, "discard")))
    {
        lock_pages_again(region, start, end);
        return status;
    }
    region_change(region, start, end, VALUE_LOCKED, 0);
    return STATUS_SUCCESS;
}

/* All three want whole pages. */
static vm_status with_pages(uintptr_t base, size_t size, vm_status (*operation)(uintptr_t start, uintptr_t end))
{
    vm_status status;

    if (!base || !size || ((base | size) & (page_size - 1))) return STATUS_INVALID_PARAMETER;
    if (base > VM_HIGHEST_USER || size > VM_USER_END - base) return STATUS_INVALID_PARAMETER;
    vm_enter();
    status = operation(base, base + size);
    vm_leave();
    return status;
}

vm_status vm_offer(uintptr_t base, size_t size)
{
    return with_pages(base, size, offer);
}

vm_status vm_reclaim(uintptr_t base, size_t size)
{
    return with_pages(base, size, reclaim);
}

vm_status vm_discard(uintptr_t base, size_t size)
{
    return with_pages(base, size, discard);
}
