/* Placeholders: address space that is handed from one use to the next without ever being free.
 *
 *   free ---RESERVE_PLACEHOLDER---> P ---preserve-free of a part---> P P (P) ---coalesce---> P
 *                                   |  ^
 *               REPLACE_PLACEHOLDER |  | preserve-free, preserve-unmap: of exactly the replacement
 *                                   v  |
 *                            private region or view, marked `replaced`
 *
 * On the host a placeholder is PROT_NONE memory; every step maps over it in one call.
 */
#include "vm/vm_private.h"

struct region *placeholder_exact(uintptr_t start, uintptr_t end)
{
    struct region *region = region_find(start);

    if (!region || region->kind != REGION_PLACEHOLDER) return NULL;
    return region_start(region) == start && region->end == end ? region : NULL;
}

void region_to_placeholder(struct region *region)
{
    runs_free(&region->pages);
    region->pages.first = 0;
    region->kind = REGION_PLACEHOLDER;
    region->protect = PAGE_NOACCESS;
    region->cache = 0;
    region->committed = region->charged = 0;
    region->offset = 0;
    region->section = NULL;
    region->replaced = region->cow = region->growable = region->write_watch = region->kernel_watch = region->watch_stale = false;
}

vm_status placeholder_preserve(uintptr_t start, uintptr_t end)
{
    struct region *region = region_find(start);
    vm_status status;

    if (!region) return STATUS_MEMORY_NOT_ALLOCATED;
    if (region->section) return STATUS_UNABLE_TO_DELETE_SECTION;
    if (end > region->end) return STATUS_CONFLICTING_ADDRESSES;
    if (region->kind == REGION_PLACEHOLDER)
    {
        if (start == region_start(region) && end == region->end) return STATUS_CONFLICTING_ADDRESSES;
        if (!slab_reserve(&region_slab, 2)) return STATUS_NO_MEMORY;
        if (end < region->end) region_cut(region, end);
        if (start > region_start(region)) region_cut(region, start);
        return STATUS_SUCCESS;
    }
    if (!region->replaced || start != region_start(region) || end != region->end) return STATUS_CONFLICTING_ADDRESSES;
    if ((status = host->map(start, end - start, 0, HOST_REPLACE, -1, 0, "placeholder again"))) return status;
    charge_return(region->committed);
    region_to_placeholder(region);
    return STATUS_SUCCESS;
}

vm_status placeholder_coalesce(uintptr_t start, uintptr_t end)
{
    struct region *first = region_find(start), *region;

    if (!first || region_start(first) != start || first->end >= end) return STATUS_CONFLICTING_ADDRESSES;
    for (uintptr_t at = start; at < end; at = region->end)
    {
        region = region_find(at);
        if (!region || region->kind != REGION_PLACEHOLDER || region->end > end) return STATUS_CONFLICTING_ADDRESSES;
    }
    while (first->end < end)
    {
        region = region_find(first->end);
        first->end = region->end;
        region_delete(region);
    }
    tree_changed(&regions, &first->node);
    return STATUS_SUCCESS;
}
