/* The one way from what Windows was told to what the host has.
 *
 * push() is given a range of a region and the change that is about to be made to its runs; it makes the host agree with
 * the runs as they will be. Only if all of it succeeded does the caller change the runs, which cannot fail; if a part
 * failed, that part is pushed back.
 *
 * A page of a view is mapped shared or private. Private is for ever in copy-on-write views and images; in a shared view
 * (RO, RW ...) pages are private while they are WRITECOPY, or once they were written as such. A change between the two
 * maps the page again: mark_copies() has seen to it that no written page is among them.
 */
#include "vm/vm_private.h"

unsigned push_prot(const struct region *region, uint32_t value)
{
    unsigned prot;

    if (!(value & VALUE_COMMITTED) || (value & (PAGE_GUARD | VALUE_OFFERED))) return 0;
    switch (value & PAGE_BASE_MASK)
    {
    case PAGE_READONLY:          prot = HOST_READ; break;
    case PAGE_READWRITE:
    case PAGE_WRITECOPY:         prot = HOST_READ | HOST_WRITE; break;
    case PAGE_EXECUTE:                  /* x64 cannot run what it cannot read */
    case PAGE_EXECUTE_READ:      prot = HOST_READ | HOST_EXEC; break;
    case PAGE_EXECUTE_READWRITE:
    case PAGE_EXECUTE_WRITECOPY: prot = HOST_READ | HOST_WRITE | HOST_EXEC; break;
    default:                     return 0;
    }
    /* Where the host cannot tell afterwards, the first write must fault. */
    if (protect_is_copy(value) && !(value & (VALUE_COPIED | VALUE_SHARED)) && !host_caps.see_copies) prot &= ~HOST_WRITE;
    if (region->write_watch && !(value & VALUE_DIRTY) && !region->kernel_watch) prot &= ~HOST_WRITE;
    return prot;
}

bool push_private(const struct region *region, uint32_t value)
{
    if (value & VALUE_SHARED) return false;
    return region->cow || protect_is_copy(value) || (value & VALUE_COPIED);
}

struct change { uint32_t clear, set; };
static const struct change none;

static uint32_t changed(uint32_t value, struct change c)
{
    return (value & ~c.clear) | c.set;
}

/* What to do with one stretch of pages. */
struct step
{
    uintptr_t start, end;
    unsigned  prot;
    bool      remap, private;
    bool      relock;           /* locked pages, whose lock must be lifted meanwhile */
};

static vm_status step_map(const struct region *region, const struct step *step, const char *why)
{
    size_t size = step->end - step->start;

    if (step->remap)
        return host->map(step->start, size, step->prot, HOST_REPLACE | (step->private ? 0 : HOST_SHARED),
                         region->section->fd, region->offset + (step->start - region_start(region)), why);
    return host->protect(step->start, size, step->prot, why);
}

/* Linux writes to locked private pages that become writable, so that they need no fault later: to a copy-on-write view
 * that is a copy, to a write watch a write. */
static vm_status step_do(const struct region *region, const struct step *step, const char *why)
{
    size_t size = step->end - step->start;
    vm_status status;

    if (!step->relock) return step_map(region, step, why);
    if ((status = host->unlock(step->start, size))) return status;
    status = step_map(region, step, why);
    host->lock(step->start, size, true);        /* it had room a moment ago */
    return status;
}

/* The host agrees with the runs under `from`; make it agree with the runs under `to`. */
static vm_status push_change(struct region *region, uintptr_t start, uintptr_t end, struct change from, struct change to,
                             bool force, const char *why)
{
    bool view = region->section != NULL, pending = false;
    struct step step = { 0 };
    vm_status status;

    while (start < end)
    {
        uintptr_t run_end;
        uint32_t value = region_run(region, start, &run_end), old = changed(value, from), new = changed(value, to);
        struct step next = { .start = start, .prot = push_prot(region, new) };

        if (run_end > end) run_end = end;
        next.end = run_end;
        next.private = view && push_private(region, new);
        next.relock = (value & VALUE_LOCKED) && (view || region->kernel_watch);
        next.remap = view && push_private(region, old) != next.private;
        start = run_end;

        /* A late page may not have been pushed yet: its old protection proves nothing. */
        if (!force && !next.remap && !(value & VALUE_LATE) && push_prot(region, old) == next.prot) continue;

        if (pending && step.end == next.start && step.prot == next.prot && step.remap == next.remap &&
            step.private == next.private && step.relock == next.relock)
        {
            step.end = next.end;
            continue;
        }
        if (pending && (status = step_do(region, &step, why))) return status;
        step = next;
        pending = true;
    }
    return pending ? step_do(region, &step, why) : STATUS_SUCCESS;
}

/* A step that failed may have done a part, and which steps were done is not known here: all are undone. Going back merges
 * host mappings that were one before, so the kernel has no reason to refuse; if it did, the next touch would fault, and
 * vm_fault() pushes again. */
void push_undo(struct region *region, uintptr_t start, uintptr_t end, uint32_t clear, uint32_t set)
{
    push_change(region, start, end, (struct change){ clear, set }, none, true, "undo");
}

vm_status push(struct region *region, uintptr_t start, uintptr_t end, uint32_t clear, uint32_t set, const char *why)
{
    bool again = !clear && !set;                /* nothing changes, but the host may have forgotten */
    vm_status status = push_change(region, start, end, none, (struct change){ clear, set }, again, why);

    if (status && !again) push_undo(region, start, end, clear, set);
    return status;
}
