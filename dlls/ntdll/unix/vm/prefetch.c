/* PrefetchVirtualMemory: a hint, passed on for what is mapped. */
#include "vm/vm_private.h"

void vm_prefetch(uintptr_t base, size_t size)
{
    uintptr_t at = page_down(base), end = page_up(base + size), start, stop;
    struct region *region;

    vm_enter();
    while (at < end)
    {
        if (!(region = region_find(at)) && !(region = region_next(at))) break;
        start = region_start(region) > at ? region_start(region) : at;
        stop = region->end < end ? region->end : end;
        if (start >= stop) break;
        host->prefetch(start, stop - start);
        at = region->end;
    }
    vm_leave();
}
