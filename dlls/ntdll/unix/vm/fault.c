/* What a touch means.
 *
 * In this order: guard page, write watch, a page that its section committed elsewhere, stack growth (a guard page in the
 * thread's stack), exception. Runs in a signal handler; see lock.c.
 */
#include "vm/vm_private.h"

/* The value of one page changes; the host follows. */
static bool page_change(struct region *region, uintptr_t page, uint32_t clear, uint32_t set, const char *why)
{
    if (!runs_reserve(1)) return false;
    if (push(region, page, page + page_size, clear, set, why)) return false;
    region_change(region, page, page + page_size, clear, set);
    return true;
}

/* No page behind the mapping: the file is shorter than the view, or the disk is full, or it broke. */
static vm_status bus_error(const struct region *region, struct vm_fault *fault)
{
    struct host_file_info info;
    uint64_t offset;

    if (!region || !region->section) return STATUS_ACCESS_VIOLATION;
    offset = region->offset + (page_down(fault->address) - region_start(region));
    if (vm_success(host->file_info(region->section->fd, &info)) && offset >= info.size) fault->in_page = STATUS_END_OF_FILE;
    else fault->in_page = fault->access == VM_ACCESS_WRITE ? STATUS_DISK_FULL : STATUS_IO_DEVICE_ERROR;
    return STATUS_IN_PAGE_ERROR;
}

static vm_status guard_fault(struct region *region, uintptr_t page, struct vm_stack *stack)
{
    if (stack && region->kind == REGION_PRIVATE && page >= stack->deallocation_base && page < stack->base)
        return stack_grow(region, page, stack);
    if (!page_change(region, page, PAGE_GUARD, 0, "guard hit")) return STATUS_ACCESS_VIOLATION;
    return STATUS_GUARD_PAGE_VIOLATION;
}

static vm_status fault_locked(struct vm_fault *fault)
{
    uintptr_t page = page_down(fault->address), end;
    struct region *region = region_find(page);
    uint32_t value, set = 0;

    if (fault->bus) return bus_error(region, fault);
    if (!region) return STATUS_ACCESS_VIOLATION;
    value = region_run(region, page, &end);
    if (!(value & VALUE_COMMITTED) || (value & VALUE_OFFERED)) return STATUS_ACCESS_VIOLATION;
    if (value & PAGE_GUARD) return guard_fault(region, page, fault->stack);
    if (!protect_grants(value, fault->access)) return STATUS_ACCESS_VIOLATION;

    /* It is allowed, so it is us who stopped it. */
    if (fault->access == VM_ACCESS_WRITE)
    {
        if (region->write_watch && !region->kernel_watch && !(value & VALUE_DIRTY)) set |= VALUE_DIRTY;
        if (protect_is_copy(value) && !host_caps.see_copies && !(value & VALUE_COPIED)) set |= VALUE_COPIED;
    }
    if (set) return page_change(region, page, 0, set, "first write") ? STATUS_SUCCESS : STATUS_ACCESS_VIOLATION;

    /* Committed elsewhere since the host was last told; or another thread changed the protection between the fault and
     * this moment; or it holds stores up for a remap. Tell the host (again) about the rest of the run. */
    if (push(region, page, end, 0, 0, "late commit"))
        return push(region, page, page + page_size, 0, 0, "late commit") ? STATUS_ACCESS_VIOLATION : STATUS_SUCCESS;
    return STATUS_SUCCESS;
}

vm_status vm_fault(struct vm_fault *fault)
{
    vm_status status;

    if (fault->address > VM_HIGHEST_USER) return STATUS_ACCESS_VIOLATION;
    vm_enter();
    status = fault_locked(fault);
    vm_leave();
    return status;
}
