/* Memory whose contents the program can do without: MEM_RESET, offered, reclaimed, discarded (specification 12.3, 16).
 *
 * The host may drop the contents of private pages that were offered or reset, when memory gets short. Which pages held
 * something at that time is marked (VALUE_DROPPABLE), since a page that was never written has nothing to lose. Who wants
 * them back has the host keep what is still there, and then looks whether a marked page holds nothing: some contents are
 * lost, and the program is told. A program that writes to a page after MEM_RESET has decided what is in it.
 *
 * Nothing is ever dropped, only paged out first, where the host cannot be asked which pages hold something, where it
 * watches writes (it takes a page that is gone for a written one), and in views: the pages of a section are others' too.
 * The protection of each page stays in its run and is what VirtualQuery goes on telling.
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

/* ---- giving away ------------------------------------------------------------------------------------------- */

static bool can_drop(const struct region *region)
{
    return region->kind == REGION_PRIVATE && host_caps.see_copies && !region->write_watch && !region->large_pages;
}

/* Pages that hold something may go from now on, and are marked; locked ones stay. All of this is a hint: what cannot be
 * marked is not given away. */
static void give_away(struct region *region, uintptr_t start, uintptr_t end, const char *why)
{
    uintptr_t run_end, stop;

    if (!can_drop(region))
    {
        host->reset(start, end - start, why);
        return;
    }
    for (uintptr_t at = start; at < end; at = stop)
    {
        uint32_t value = region_value(region, at, &run_end);
        bool held = false;

        stop = run_end < end ? run_end : end;
        if (!(value & VALUE_COMMITTED) || (value & VALUE_LOCKED)) continue;
        if (host->held(at, stop, &held, &stop) || !held) continue;
        if (!runs_reserve(1)) return;
        if (!host->may_drop(at, stop - at, why)) region_change(region, at, stop, 0, VALUE_DROPPABLE);
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
    give_away(region, start, end, "offer");
    return STATUS_SUCCESS;
}

/* ---- wanting back -------------------------------------------------------------------------------------------- */

/* Is there a page in [start, end), all of them marked, that holds nothing any more? What the host cannot tell is lost. */
static bool some_lost(uintptr_t start, uintptr_t end)
{
    for (uintptr_t run_end; start < end; start = run_end)
    {
        bool held;

        if (host->held(start, end, &held, &run_end) || !held) return true;
    }
    return false;
}

/* The host keeps what it still has of the marked pages in [start, end); true if that is not all of it. Meanwhile they must
 * be writable, for Linux keeps what is dirty; a thread that touches them now sees what it will see a moment later. last: they
 * will not be marked any more. */
static bool take_back(struct region *region, uintptr_t start, uintptr_t end, bool last)
{
    bool lost = false;

    for (uintptr_t at = start, run_end; at < end; at = run_end)
    {
        uint32_t value = region_value(region, at, &run_end);
        bool writable = push_prot(region, value) & HOST_WRITE;
        size_t size;

        if (run_end > end) run_end = end;
        size = run_end - at;
        if (!(value & VALUE_DROPPABLE) || (value & VALUE_LOCKED)) continue;
        if ((!writable && host->protect(at, size, HOST_READ | HOST_WRITE, "take back")) || host->keep(at, size))
        {
            /* What cannot be kept goes now, lest it go later, when nobody would be told of it any more. */
            if (last) host->discard(at, size, "take back");
            lost = true;
        }
        else if (some_lost(at, run_end)) lost = true;
        /* What was split for it merges again, for which the kernel needs nothing; but nobody would notice if it did not. */
        if (!writable && push(region, at, run_end, 0, 0, "take back")) push(region, at, run_end, 0, 0, "take back");
    }
    return lost;
}

static vm_status reclaim(uintptr_t start, uintptr_t end)
{
    struct region *region;
    vm_status status;
    bool lost;

    if ((status = offer_find(start, end, true, &region))) return status;
    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    lost = take_back(region, start, end, true);
    if ((status = push(region, start, end, VALUE_OFFERED, 0, "reclaim"))) return status;
    region_change(region, start, end, VALUE_OFFERED | VALUE_DROPPABLE, 0);
    return lost ? STATUS_DEVICE_BUSY : STATUS_SUCCESS;
}

/* ---- MEM_RESET ------------------------------------------------------------------------------------------------ */

static vm_status reset_find(uintptr_t start, uintptr_t end, struct region **found)
{
    struct region *region = region_find(start);

    if (!region || end > region->end) return STATUS_CONFLICTING_ADDRESSES;
    if (region->kind == REGION_PLACEHOLDER || region->kind == REGION_PHYSICAL) return STATUS_CONFLICTING_ADDRESSES;
    if (region->section && (region->section->is_file || region->section->is_image)) return STATUS_CONFLICTING_ADDRESSES;
    *found = region;
    return STATUS_SUCCESS;
}

vm_status contents_reset(uintptr_t start, uintptr_t end)
{
    struct region *region;
    vm_status status;

    if ((status = reset_find(start, end, &region))) return status;
    if (region->committed) give_away(region, start, end, "MEM_RESET");
    return STATUS_SUCCESS;
}

vm_status contents_reset_undo(uintptr_t start, uintptr_t end)
{
    struct region *region;
    vm_status status;

    if ((status = reset_find(start, end, &region))) return status;
    if (!region_count(region, start, end, VALUE_DROPPABLE)) return STATUS_SUCCESS;
    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    if (take_back(region, start, end, false)) return STATUS_DEVICE_BUSY;
    region_change(region, start, end, VALUE_DROPPABLE, 0);
    return STATUS_SUCCESS;
}

/* ---- discarding ------------------------------------------------------------------------------------------------ */

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
    region_change(region, start, end, VALUE_LOCKED | VALUE_DROPPABLE, 0);
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
