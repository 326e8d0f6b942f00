/* VirtualLock and VirtualUnlock.
 *
 * Locked is a mark on pages, not a count: one unlock undoes any number of locks. How much may be locked is the host's
 * decision (RLIMIT_MEMLOCK), and that of the process's smallest working set; beyond either the working set quota is exceeded.
 */
#include "vm/vm_private.h"

static uint64_t lock_limit = UINT64_MAX;        /* atomic */

void vm_lock_limit(uint64_t bytes)
{
    __atomic_store_n(&lock_limit, bytes, __ATOMIC_RELAXED);
}

/* Would [start, end) and all that is locked already be too much? Counted anew each time: locking is rare, and a count of
 * its own would have to be kept wherever pages go. */
static bool exceeds_limit(uintptr_t start, uintptr_t end)
{
    uint64_t limit = __atomic_load_n(&lock_limit, __ATOMIC_RELAXED), locked = end - start;

    if (limit == UINT64_MAX) return false;
    for (struct region *region = region_next(0); region; region = region_next(region->end - 1))
    {
        uintptr_t from = region_start(region), to = region->end;

        locked += region_count(region, from, to, VALUE_LOCKED);
        if (from < start) from = start;
        if (to > end) to = end;
        if (from < to) locked -= region_count(region, from, to, VALUE_LOCKED);      /* counted with the range */
    }
    return locked > limit;
}

/* Where one region's part of the range ends. */
static uintptr_t part_end(const struct region *region, uintptr_t end)
{
    return region->end < end ? region->end : end;
}

/* All pages committed and accessible; *count regions take part. */
static vm_status check_range(uintptr_t start, uintptr_t end, unsigned *count, bool *all_locked)
{
    struct region *region = NULL;

    *count = 0;
    *all_locked = true;
    for (uintptr_t at = start, run_end; at < end; at = run_end)
    {
        uint32_t value;

        if (!region || at >= region->end)
        {
            if (!(region = region_find(at))) return STATUS_ACCESS_VIOLATION;
            ++*count;
        }
        value = region_run(region, at, &run_end);
        if (!(value & VALUE_COMMITTED) || (value & (PAGE_NOACCESS | VALUE_OFFERED))) return STATUS_ACCESS_VIOLATION;
        if (value & PAGE_GUARD)
        {
            /* A touch like any other: the guard goes, and the caller is told (kernel32 virtual.c test_guard_page). */
            if (!runs_reserve(1) || push(region, at, at + page_size, PAGE_GUARD, 0, "guard hit")) return STATUS_NO_MEMORY;
            region_change(region, at, at + page_size, PAGE_GUARD, 0);
            return STATUS_GUARD_PAGE_VIOLATION;
        }
        if (!(value & VALUE_LOCKED)) *all_locked = false;
    }
    return STATUS_SUCCESS;
}

static void mark(uintptr_t start, uintptr_t end, uint32_t clear, uint32_t set)
{
    for (uintptr_t at = start, stop; at < end; at = stop)
    {
        struct region *region = region_find(at);

        stop = part_end(region, end);
        region_change(region, at, stop, clear, set);
    }
}

/* Locking writes, as far as a write watch is concerned; where the kernel does not watch, a mark must say so. */
static bool needs_mark(const struct region *region, uint32_t value)
{
    return region->write_watch && !region->kernel_watch && !(value & VALUE_DIRTY) && protect_is_write(value);
}

/* Pushes, or with `mark` marks, the runs in [start, end) that need it. */
static vm_status each_unwritten(uintptr_t start, uintptr_t end, uint32_t set, bool mark, uintptr_t *done)
{
    for (uintptr_t at = start, run_end; at < end; at = run_end)
    {
        struct region *region = region_find(at);
        uint32_t value = region_value(region, at, &run_end);
        vm_status status;

        *done = at;
        if (run_end > end) run_end = end;
        if (!needs_mark(region, value)) continue;
        if (mark) region_change(region, at, run_end, 0, VALUE_DIRTY);
        else if ((status = push(region, at, run_end, 0, set, "lock"))) return status;
    }
    *done = end;
    return STATUS_SUCCESS;
}

/* `extra` more changes of runs will follow. */
static vm_status mark_written(uintptr_t start, uintptr_t end, unsigned extra)
{
    unsigned runs = extra;
    uintptr_t done;
    vm_status status;

    for (uintptr_t at = start, run_end; at < end; at = run_end, runs++) region_value(region_find(at), at, &run_end);
    if (!runs_reserve(runs)) return STATUS_NO_MEMORY;
    if ((status = each_unwritten(start, end, VALUE_DIRTY, false, &done)))
    {
        each_unwritten(start, done, 0, false, &done);
        return status;
    }
    return each_unwritten(start, end, 0, true, &done);
}

static vm_status lock_range(uintptr_t start, uintptr_t end)
{
    unsigned count;
    bool all_locked;
    uintptr_t at, stop;
    vm_status status;

    if ((status = check_range(start, end, &count, &all_locked))) return status;
    if (all_locked) return STATUS_WAS_LOCKED;
    if (exceeds_limit(start, end)) return STATUS_WORKING_SET_QUOTA;
    for (at = start; at < end; at = stop)
    {
        struct region *region = region_find(at);

        stop = part_end(region, end);
        /* Locking must not copy the pages of a view; locking private memory counts as writing it, also for a watch. */
        if ((status = host->lock(at, stop - at, region->kind != REGION_PRIVATE))) break;
    }
    if (!status && !(status = mark_written(start, end, count)))
    {
        mark(start, end, 0, VALUE_LOCKED);
        return STATUS_SUCCESS;
    }
    for (stop = at, at = start; at < stop; at = part_end(region_find(at), stop))
    {
        struct region *region = region_find(at);
        uintptr_t run_end;

        for (uintptr_t p = at; p < part_end(region, stop); p = run_end)
        {
            uint32_t value = region_value(region, p, &run_end);

            if (run_end > stop) run_end = stop;
            if (!(value & VALUE_LOCKED)) host->unlock(p, run_end - p);
        }
    }
    return STATUS_WORKING_SET_QUOTA;
}

static vm_status unlock_range(uintptr_t start, uintptr_t end)
{
    unsigned count = 0;
    vm_status status;

    for (uintptr_t at = start; at < end; count++)
    {
        struct region *region = region_find(at);
        uintptr_t stop;

        if (!region) return STATUS_NOT_LOCKED;
        stop = part_end(region, end);
        if (region_count(region, at, stop, VALUE_LOCKED) != stop - at) return STATUS_NOT_LOCKED;
        at = stop;
    }
    if (!runs_reserve(count)) return STATUS_NO_MEMORY;
    if ((status = host->unlock(start, end - start))) return status;
    mark(start, end, VALUE_LOCKED, 0);
    return STATUS_SUCCESS;
}

static vm_status with_range(uintptr_t *base, size_t *size, vm_status (*operation)(uintptr_t start, uintptr_t end))
{
    uintptr_t start, end;
    vm_status status;

    if (*base > VM_HIGHEST_USER || *size > VM_USER_END - *base) return STATUS_ACCESS_VIOLATION;
    start = page_down(*base);
    end = page_up(*base + (*size ? *size : 1));
    vm_enter();
    status = operation(start, end);
    vm_leave();
    /* Unlocking what is not locked is a way to say that it is not needed (VirtualUnlock's page). */
    if (status == STATUS_NOT_LOCKED) vm_trim(start, end - start);
    if (!vm_success(status)) return status;
    *base = start;
    *size = end - start;
    return status;
}

vm_status vm_lock_range(uintptr_t *base, size_t *size)
{
    return with_range(base, size, lock_range);
}

vm_status vm_unlock_range(uintptr_t *base, size_t *size)
{
    return with_range(base, size, unlock_range);
}
