/* Regions: what Windows was told.
 *
 *       free ---reserve---> PRIVATE ---release---> free
 *         |                  |   ^
 *         |     preserve-free|   |replace          PRIVATE pages: reserved <--decommit / commit--> committed
 *         |                  v   |
 *         +--reserve-----> PLACEHOLDER --split, coalesce--> PLACEHOLDER
 *         |                  |   ^
 *         |           replace|   |preserve-unmap
 *         |                  v   |
 *         +----map---------> MAPPED, IMAGE ---unmap---> free
 *         |
 *         +--reserve-----> PHYSICAL (a window: its pages are reserved, or show a physical page) ---release---> free
 *
 * Each region is an allocation of its own: AllocationBase is its start. The host's mappings are derived from
 * regions by push.c; nothing is ever read back from the host but which copy-on-write pages were written.
 *
 * Invariants (vm_check):
 *   1 regions are not empty, are page aligned and lie in the user range
 *   2 regions do not overlap, and the tree is ordered and balanced
 *   3 what each node says of its subtree is true
 *   4 no two neighbouring runs of a region are alike, and change points lie inside it, at pages
 *   5 `committed` of a private region is the number of bytes whose value is committed; no other kind has any
 *   6 a page that is reserved has no protection; a committed one has exactly one base protection
 *   7 a placeholder is all reserved, its protection is NOACCESS
 *   8 views have a section, nothing else has; the window of a page-file view lies in the section
 *   9 only views have LATE, COPIED or SHARED pages; only write-watched regions have DIRTY or LATCHED ones
 *  10 a region's commit charge is what its kind owes, and all charges add up to the process's
 *  11 only committed private pages are offered or may be dropped, and offered ones are not locked
 *  12 a physical page is mapped nowhere or in one window, at a page that says so
 */
#include "vm/vm_private.h"

static struct region *to_region(struct tree_node *node)
{
    return (struct region *)node;
}

/* How much placement could put between two neighbours: from a granule's start on. */
static size_t gap_between(uintptr_t end, uintptr_t start)
{
    end = round_up(end, VM_GRANULARITY);
    return start > end ? start - end : 0;
}

static void region_update(struct tree_node *node)
{
    struct region *r = to_region(node), *left = to_region(node->left), *right = to_region(node->right);
    size_t gap = 0, other;

    r->tree_start = region_start(r);
    r->tree_end = r->end;
    if (left)
    {
        r->tree_start = left->tree_start;
        gap = left->tree_gap;
        other = gap_between(left->tree_end, region_start(r));
        if (other > gap) gap = other;
    }
    if (right)
    {
        r->tree_end = right->tree_end;
        if (right->tree_gap > gap) gap = right->tree_gap;
        other = gap_between(r->end, right->tree_start);
        if (other > gap) gap = other;
    }
    r->tree_gap = gap;
}

struct tree regions = { NULL, region_update };

/* Where each granule's region was last found. An entry needs no invalidation: nodes stay nodes for ever (slab.c), a dead
 * one has no extent, and one that was used again is right if it holds the address. With tens of thousands of regions
 * this spares a search the cache misses of the tree's lower levels. */
#define RECENT 0x10000
static struct region *recent[RECENT];

struct region *region_find(uintptr_t address)
{
    struct region **slot = &recent[address / VM_GRANULARITY % RECENT], *r = *slot;

    if (!r || address < region_start(r) || address >= r->end)
    {
        r = to_region(tree_at_or_below(&regions, address));
        if (!r || r->end <= address) return NULL;
        *slot = r;
    }
    if (r->kind == REGION_HOST || r->building) return NULL;
    return r;
}

struct region *region_next(uintptr_t address)
{
    struct tree_node *node = tree_above(&regions, address);

    while (node && (to_region(node)->kind == REGION_HOST || to_region(node)->building)) node = tree_next(node);
    return to_region(node);
}

bool region_overlaps(uintptr_t start, uintptr_t end)
{
    struct tree_node *node = tree_at_or_below(&regions, end - 1);

    for (; node && to_region(node)->end > start; node = tree_prev(node))
        if (to_region(node)->kind != REGION_HOST) return true;
    return false;
}

struct region *region_new(enum region_kind kind, uintptr_t start, uintptr_t end, uint32_t protect, uint32_t value)
{
    struct region *r = slab_alloc(&region_slab);

    r->node.key = start;
    r->end = end;
    r->kind = kind;
    r->protect = protect;
    r->cache = protect & (PAGE_NOCACHE | PAGE_WRITECOMBINE);
    r->pages.first = value;
    r->numa_node = ~0u;
    if (kind == REGION_PRIVATE && (value & VALUE_COMMITTED)) r->committed = end - start;
    return r;
}

void region_insert(struct region *region)
{
    tree_insert(&regions, &region->node);
}

void region_drop(struct region *region)
{
    region->end = 0;            /* see recent[] */
    slab_free(&region_slab, region);
}

void region_delete(struct region *region)
{
    tree_remove(&regions, &region->node);
    runs_free(&region->pages);
    region_drop(region);
}

uint32_t region_value(const struct region *region, uintptr_t address, uintptr_t *end)
{
    uint64_t run_end;
    uint32_t value;

    if (!region->pages.count)           /* the common case */
    {
        *end = region->end;
        return region->pages.first;
    }
    value = runs_get(&region->pages, address - region_start(region), &run_end);
    *end = run_end >= region->end - region_start(region) ? region->end : region_start(region) + run_end;
    return value;
}

uint32_t region_run(const struct region *region, uintptr_t address, uintptr_t *end)
{
    uint32_t value = region_value(region, address, end);

    if (value & VALUE_LATE)
    {
        uint64_t offset = region->offset + (address - region_start(region)), run_end;

        if (section_committed(region->section, offset, &run_end)) value |= VALUE_COMMITTED;
        if (run_end - offset < *end - address) *end = address + (run_end - offset);
    }
    return value;
}

size_t region_count(const struct region *region, uintptr_t start, uintptr_t end, uint32_t bits)
{
    size_t bytes = 0;

    while (start < end)
    {
        uintptr_t run_end;
        uint32_t value = region_value(region, start, &run_end);

        if (run_end > end) run_end = end;
        if (value & bits) bytes += run_end - start;
        start = run_end;
    }
    return bytes;
}

void region_change(struct region *region, uintptr_t start, uintptr_t end, uint32_t clear, uint32_t set)
{
    uintptr_t base = region_start(region);

    if (region->kind == REGION_PRIVATE && ((clear | set) & VALUE_COMMITTED))
    {
        region->committed -= region_count(region, start, end, VALUE_COMMITTED);
        if (set & VALUE_COMMITTED) region->committed += end - start;
    }
    runs_change(&region->pages, start - base, end == region->end ? UINT64_MAX : end - base, clear, set);
}

struct region *region_cut(struct region *region, uintptr_t at)
{
    struct region *high = slab_alloc(&region_slab);

    *high = *region;
    high->node.key = at;
    high->offset += at - region_start(region);
    if (region->kind == REGION_PRIVATE)
    {
        high->committed = region_count(region, at, region->end, VALUE_COMMITTED);
        region->committed -= high->committed;
    }
    runs_split(&region->pages, at - region_start(region), &high->pages);
    region->end = at;
    tree_changed(&regions, &region->node);
    region_insert(high);
    return high;
}
