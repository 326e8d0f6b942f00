/* Copy-on-write: which pages were written.
 *
 * Nothing is tracked while the program runs. The kernel copies a page of a private file mapping when it is
 * first written, and can be asked which ones it copied; so we ask when somebody wants to know. Where it cannot be
 * asked (host_caps.see_copies), such pages are mapped read-only and the fault of the first write leaves a mark.
 */
#include "vm/vm_private.h"

bool page_copied(const struct region *region, uint32_t value, uintptr_t address, uintptr_t *end)
{
    bool copied;
    uintptr_t run_end;

    if (value & (VALUE_COPIED | VALUE_SHARED)) return true;       /* a shared page of an image is never copied: RW */
    if (!host_caps.see_copies || !push_private(region, value)) return false;
    if (!vm_success(host->copied(address, *end, &copied, &run_end))) return false;
    if (run_end < *end) *end = run_end;
    return copied;
}

uint32_t page_protect(const struct region *region, uint32_t value, uintptr_t address, uintptr_t *end)
{
    uint32_t protect = value & PAGE_MASK;

    if (!(value & VALUE_COMMITTED)) return 0;
    if (protect_is_copy(protect) && page_copied(region, value, address, end)) return protect_after_copy(protect);
    return protect;
}

vm_status mark_copies(struct region *region, uintptr_t start, uintptr_t end)
{
    if (region->cow || !host_caps.see_copies) return STATUS_SUCCESS;
    while (start < end)
    {
        uintptr_t run_end;
        uint32_t value = region_run(region, start, &run_end);

        if (run_end > end) run_end = end;
        if (push_private(region, value) && !(value & VALUE_COPIED))
        {
            unsigned prot = push_prot(region, value);

            /* From here on a store faults and waits for the lock, so none comes between asking and mapping. */
            if (prot & HOST_WRITE)
            {
                vm_status status = host->protect(start, run_end - start, prot & ~HOST_WRITE, "hold stores");

                if (status) return status;
            }
            while (start < run_end)
            {
                uintptr_t part_end;
                bool copied;
                vm_status status = host->copied(start, run_end, &copied, &part_end);

                if (status) return status;
                if (copied)
                {
                    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
                    region_change(region, start, part_end, 0, VALUE_COPIED);
                }
                start = part_end;
            }
        }
        start = run_end;
    }
    return STATUS_SUCCESS;
}
