/* What should be in memory and what need not: PrefetchVirtualMemory, EmptyWorkingSet. Hints, passed on for what is mapped. */
#include "vm/vm_private.h"

/* The part of [*at, end) that the next region there has; *at moves behind it. */
static struct region *next_part(uintptr_t *at, uintptr_t end, uintptr_t *start, uintptr_t *stop)
{
    struct region *region = region_find(*at);

    if (!region && !(region = region_next(*at))) return NULL;
    if (region_start(region) >= end) return NULL;
    *start = region_start(region) > *at ? region_start(region) : *at;
    *stop = *at = region->end < end ? region->end : end;
    return region;
}

void vm_prefetch(uintptr_t base, size_t size)
{
    uintptr_t at = page_down(base), end = page_up(base + size), start, stop;

    vm_enter();
    while (at < end && next_part(&at, end, &start, &stop)) host->prefetch(start, stop - start);
    vm_leave();
}

/* Physical pages and large ones are never paged, and locked ones stay. So do those that may be dropped: to Linux this would
 * be the time for it. */
static void trim_region(const struct region *region, uintptr_t start, uintptr_t stop)
{
    if (region->kind == REGION_PHYSICAL || region->large_pages) return;
    for (uintptr_t run_end; start < stop; start = run_end)
    {
        uint32_t value = region_run(region, start, &run_end);

        if (run_end > stop) run_end = stop;
        if (!(value & VALUE_COMMITTED) || (value & (VALUE_LOCKED | VALUE_DROPPABLE))) continue;
        host->trim(start, run_end - start, !region->section || push_private(region, value));
    }
}

void vm_trim(uintptr_t base, size_t size)
{
    uintptr_t at = page_down(base), end = page_up(base + size), start, stop;
    struct region *region;

    while (at < end)
    {
        /* One region at a time: it may take long, and others want the lock. */
        vm_enter();
        if ((region = next_part(&at, end, &start, &stop))) trim_region(region, start, stop);
        vm_leave();
        if (!region) return;
    }
}
