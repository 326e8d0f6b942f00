/* Write watch: which pages of a MEM_WRITE_WATCH region were written since they were last reset.
 *
 * The kernel keeps the books where it can (userfaultfd's asynchronous write protection, asked with PAGEMAP_SCAN): no
 * signal, and writes that the kernel makes itself are seen. Elsewhere pages are mapped read-only until their first
 * write faults, and marked VALUE_DIRTY. VALUE_LATCHED marks pages that were written before a VirtualProtect: those
 * stay reported even when they are decommitted (kernel32 virtual.c test_write_watch).
 */
#include "vm/vm_private.h"

void watch_start(struct region *region)
{
    uintptr_t start = region_start(region), end = region->end;

    region->kernel_watch = host_caps.watch_writes && vm_success(host->watch(start, end - start));
    /* From now on pages may be writable. If this fails the first write faults, and pushes again. */
    if (region->committed) push(region, start, end, 0, 0, "watched");
}

/* Up to a few pages of [at, end) that the kernel saw written. */
#define BATCH 64

vm_status watch_latch(struct region *region, uintptr_t start, uintptr_t end)
{
    if (!region->kernel_watch)
    {
        for (uintptr_t at = start, run_end; at < end; at = run_end)
        {
            uint32_t value = region_value(region, at, &run_end);

            if (run_end > end) run_end = end;
            if (!(value & VALUE_DIRTY) || (value & VALUE_LATCHED)) continue;
            if (!runs_reserve(1)) return STATUS_NO_MEMORY;
            region_change(region, at, run_end, 0, VALUE_LATCHED);
        }
        return STATUS_SUCCESS;
    }
    while (start < end)
    {
        uintptr_t pages[BATCH];
        size_t count = BATCH;
        vm_status status;

        if ((status = host->watch_scan(start, end, false, pages, &count, &start))) return status;
        for (size_t i = 0, n; i < count; i += n)
        {
            for (n = 1; i + n < count && pages[i + n] == pages[i] + n * page_size; n++) ;
            if (!runs_reserve(1)) return STATUS_NO_MEMORY;
            region_change(region, pages[i], pages[i] + n * page_size, 0, VALUE_LATCHED);
        }
    }
    return STATUS_SUCCESS;
}

/* The watched region that holds all of [start, start + size). */
static vm_status watch_find(uintptr_t start, size_t size, struct region **found)
{
    struct region *region;

    if (!start || start > VM_HIGHEST_USER || !size || size > VM_USER_END - start) return STATUS_INVALID_PARAMETER;
    region = region_find(page_down(start));
    if (!region || !region->write_watch || start + size > region->end) return STATUS_INVALID_PARAMETER;
    *found = region;
    return STATUS_SUCCESS;
}

/* Pages of [start, end) are clean again. */
static vm_status clean(struct region *region, uintptr_t start, uintptr_t end)
{
    vm_status status;

    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    if (region->kernel_watch) status = host->watch_clean(start, end - start);
    else status = push(region, start, end, VALUE_DIRTY | VALUE_LATCHED, 0, "watch again");
    if (status) return status;
    region_change(region, start, end, VALUE_DIRTY | VALUE_LATCHED, 0);
    return STATUS_SUCCESS;
}

/* Written pages of [start, end), a stretch whose marks are alike. */
static vm_status collect(struct region *region, uintptr_t start, uintptr_t end, bool marked, bool reset,
                         uintptr_t *pages, size_t *count, size_t room)
{
    vm_status status;

    if (marked)
    {
        uintptr_t stop = (end - start) / page_size > room ? start + room * page_size : end;

        if (reset && (status = clean(region, start, stop))) return status;
        for (; start < stop; start += page_size) pages[(*count)++] = start;
        return STATUS_SUCCESS;
    }
    while (start < end && room)
    {
        uintptr_t batch[BATCH];                 /* the caller's array is the program's memory, perhaps */
        size_t n = room < BATCH ? room : BATCH;

        if ((status = host->watch_scan(start, end, reset, batch, &n, &start))) return status;
        for (size_t i = 0; i < n; i++) pages[(*count)++] = batch[i];
        room -= n;
    }
    return STATUS_SUCCESS;
}

vm_status vm_get_write_watch(uintptr_t base, size_t size, bool reset, uintptr_t *addresses, size_t *count)
{
    uintptr_t at, end, run_end;
    struct region *region;
    size_t found = 0, room = *count;
    vm_status status;

    vm_enter();
    if (!(status = watch_find(base, size, &region)))
    {
        end = page_up(base + size);
        for (at = page_down(base); at < end && found < room && !status; at = run_end)
        {
            bool marked = region_value(region, at, &run_end) & (VALUE_DIRTY | VALUE_LATCHED);

            if (run_end > end) run_end = end;
            if (marked || region->kernel_watch)
                status = collect(region, at, run_end, marked, reset, addresses, &found, room - found);
        }
    }
    vm_leave();
    if (!status) *count = found;
    return status;
}

vm_status vm_reset_write_watch(uintptr_t base, size_t size)
{
    struct region *region;
    vm_status status;

    vm_enter();
    if (!(status = watch_find(base, size, &region))) status = clean(region, page_down(base), page_up(base + size));
    vm_leave();
    return status;
}
