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

vm_status watch_fresh(struct region *region, uintptr_t start, uintptr_t end)
{
    for (uintptr_t run_end; start < end; start = run_end)
    {
        uint32_t value = region_value(region, start, &run_end);
        vm_status status;

        if (run_end > end) run_end = end;
        if (!(value & VALUE_COMMITTED) && (status = host->watch_clean(start, run_end - start))) return status;
    }
    return STATUS_SUCCESS;
}

/* Length in bytes of the run of neighbouring pages that pages[0] begins. */
static size_t stretch(const uintptr_t *pages, size_t count, size_t *used)
{
    size_t n = 1;

    while (n < count && pages[n] == pages[0] + n * page_size) n++;
    *used = n;
    return n * page_size;
}

/* The kernel saw these pages written and is asked to forget it. If it fails half way, marks say what it forgot. */
static vm_status forget(struct region *region, const uintptr_t *pages, size_t count)
{
    size_t done, n;
    unsigned stretches = 0;
    vm_status status = STATUS_SUCCESS;

    for (done = 0; done < count; done += n, stretches++)
    {
        size_t bytes = stretch(pages + done, count - done, &n);

        if (!runs_reserve(stretches + 1)) status = STATUS_NO_MEMORY;
        else status = host->watch_clean(pages[done], bytes);
        if (status) break;
    }
    if (!status) return status;
    for (size_t i = 0; i < done; i += n)
    {
        size_t bytes = stretch(pages + i, done - i, &n);

        region_change(region, pages[i], pages[i] + bytes, 0, VALUE_DIRTY);
    }
    return status;
}

#define BATCH 64

/* Latching is all that a decommit cannot undo; where it fails for want of memory, less is reported after one. */
void watch_latch(struct region *region, uintptr_t start, uintptr_t end)
{
    if (!region->kernel_watch)
    {
        for (uintptr_t at = start, run_end; at < end; at = run_end)
        {
            uint32_t value = region_value(region, at, &run_end);

            if (run_end > end) run_end = end;
            if ((value & VALUE_DIRTY) && runs_reserve(1)) region_change(region, at, run_end, 0, VALUE_LATCHED);
        }
        return;
    }
    while (start < end)
    {
        uintptr_t pages[BATCH];
        size_t count = BATCH;

        if (host->watch_scan(start, end, pages, &count, &start)) return;
        for (size_t i = 0, n; i < count; i += n)
        {
            size_t bytes = stretch(pages + i, count - i, &n);

            if (runs_reserve(1)) region_change(region, pages[i], pages[i] + bytes, 0, VALUE_LATCHED);
        }
    }
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

/* Adds the written pages of [start, end), a stretch whose marks are alike. */
static vm_status collect(uintptr_t start, uintptr_t end, bool marked, uintptr_t *pages, size_t *count, size_t room)
{
    while (start < end && *count < room)
    {
        size_t n = room - *count;
        vm_status status;

        if (marked)
        {
            pages[(*count)++] = start;
            start += page_size;
            continue;
        }
        if ((status = host->watch_scan(start, end, pages + *count, &n, &start))) return status;
        *count += n;
    }
    return STATUS_SUCCESS;
}

/* These pages, ascending, are clean again. A page that is written between the scan and this was reported: its writer and
 * we are not ordered, and whoever reads it after the call sees the store. */
static vm_status clean_pages(struct region *region, const uintptr_t *pages, size_t count)
{
    uintptr_t start, end;
    unsigned stretches = 0;
    size_t n;
    vm_status status;

    for (size_t i = 0; i < count; i += n, stretches++) stretch(pages + i, count - i, &n);
    if (!count) return STATUS_SUCCESS;
    if (!runs_reserve(stretches)) return STATUS_NO_MEMORY;
    if (region->kernel_watch)
    {
        if ((status = forget(region, pages, count))) return status;
    }
    else
    {
        /* Only written pages of the range lose their marks; the host is told the whole range in one go. */
        start = pages[0];
        end = pages[count - 1] + page_size;
        if ((status = push(region, start, end, VALUE_DIRTY | VALUE_LATCHED, 0, "watch again"))) return status;
    }
    for (size_t i = 0; i < count; i += n)
    {
        size_t bytes = stretch(pages + i, count - i, &n);

        region_change(region, pages[i], pages[i] + bytes, VALUE_DIRTY | VALUE_LATCHED, 0);
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
            uint32_t value = region_value(region, at, &run_end);
            bool marked = value & (VALUE_DIRTY | VALUE_LATCHED);

            if (run_end > end) run_end = end;
            /* Reserved pages were not written, whatever the kernel thinks of pages that it has dropped. */
            if (marked || (region->kernel_watch && (value & VALUE_COMMITTED))) status = collect(at, run_end, marked, addresses, &found, room);
        }
        if (!status && reset) status = clean_pages(region, addresses, found);
    }
    vm_leave();
    if (!status) *count = found;
    return status;
}

vm_status vm_reset_write_watch(uintptr_t base, size_t size)
{
    uintptr_t start = page_down(base), end = page_up(base + size);
    struct region *region;
    vm_status status;

    vm_enter();
    if ((status = watch_find(base, size, &region))) ;
    else if (!runs_reserve(1)) status = STATUS_NO_MEMORY;
    else
    {
        if (region->kernel_watch) status = host->watch_clean(start, end - start);
        else status = push(region, start, end, VALUE_DIRTY | VALUE_LATCHED, 0, "watch again");
        if (!status) region_change(region, start, end, VALUE_DIRTY | VALUE_LATCHED, 0);
    }
    vm_leave();
    return status;
}
