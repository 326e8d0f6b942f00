/* Where a new region goes.
 *
 * One search over the tree of regions, guided by the largest gap below each node, finds the lowest (or highest) hole
 * within limits in O(log n). By default regions lie bottom-up and close together in a stretch where the kernel
 * itself never maps anything: it works down from the stack, and its other layout starts at 2a55.... Neighbours share
 * page tables; a lone far-away mapping costs twice as much (measured).
 * The kernel looks through all page tables there are for what is given up, 8 us for a terabyte that begins beside pages
 * in use. So what is as large as that starts where no page table is yet, at an entry of the topmost one, if it may.
 *
 * Whether the host has something at a place is not asked beforehand: the mapping is made with "fail if occupied".
 * When that fails the place is noted as the host's (REGION_HOST: a hole to no search, invisible to queries) and the
 * search goes on. A program that names such an address is refused by the host again, or not: notes are dropped then.
 */
#include "vm/vm_private.h"

#ifdef __SANITIZE_THREAD__                      /* has its own use for most of the address space */
#define STRETCH_START 0x001000000000ull
#define STRETCH_END   0x007000000000ull
#else
#define STRETCH_START 0x010000000000ull         /*  1 TB */
#define STRETCH_END   0x2a0000000000ull         /* 42 TB */
#endif

#define TOP_ENTRY     0x008000000000ull         /* what an entry of the topmost page table covers: 512 GB */

struct search
{
    uintptr_t start, end;       /* the hole must lie in [start, end) */
    size_t    size, alignment;
};

static const struct region *to_region(const struct tree_node *node)
{
    return (const struct region *)node;
}

static uintptr_t fit(const struct search *s, uintptr_t start, uintptr_t end, bool high)
{
    uintptr_t base;

    if (start < s->start) start = s->start;
    if (end > s->end) end = s->end;
    if (start >= end || end - start < s->size) return 0;
    base = high ? round_down(end - s->size, s->alignment) : round_up(start, s->alignment);
    if (base < start || base > end - s->size) return 0;
    return base;
}

/* Room for a region between one that ends at `after` and one that starts at `before`: from a granule's start on. */
static size_t room(uintptr_t after, uintptr_t before)
{
    after = round_up(after, VM_GRANULARITY);
    return before > after ? before - after : 0;
}

/* The lowest or highest fit among the holes of node's subtree, which lies between two regions (or the ends of the
 * world): after one that ends at `after`, before one that starts at `before`. 0 = none. A subtree is entered only if
 * it has room, and then nearly always has a fit (alignments above a granule are rare): O(log n). */
static uintptr_t search(const struct search *s, const struct tree_node *node, uintptr_t after, uintptr_t before, bool high)
{
    const struct region *r = to_region(node);
    uintptr_t found;

    if (before <= s->start || after >= s->end || room(after, before) < s->size) return 0;
    if (!node) return fit(s, after, before, high);
    if (r->tree_gap < s->size && room(after, r->tree_start) < s->size && room(r->tree_end, before) < s->size) return 0;
    if (high)
    {
        if ((found = search(s, node->right, r->end, before, high))) return found;
        return search(s, node->left, after, region_start(r), high);
    }
    if ((found = search(s, node->left, after, region_start(r), high))) return found;
    return search(s, node->right, r->end, before, high);
}

/* All of the mapping that is in the way, but for what belongs to a region: the kernel merges neighbours. A mapping of
 * terabytes, such as a sanitizer's, is stepped over at once, from below and from above. */
static vm_status note_host(uintptr_t base, size_t size)
{
    const struct tree_node *next = tree_above(&regions, base), *previous = tree_at_or_below(&regions, base);
    uintptr_t start = base, end = base + size;
    uintptr_t lowest = previous ? to_region(previous)->end : VM_LOWEST_USER, highest = next ? next->key : VM_USER_END;

    if (!slab_reserve(&region_slab, 2)) return STATUS_NO_MEMORY;        /* one is the caller's */
    host->occupied(base, base + size, &start, &end);
    if (start < lowest) start = lowest;
    if (end > highest) end = highest;
    region_insert(region_new(REGION_HOST, start, end, 0, 0));
    return STATUS_SUCCESS;
}

void place_forget_host(uintptr_t start, uintptr_t end)
{
    struct tree_node *node;

    while ((node = tree_at_or_below(&regions, end - 1)) && to_region(node)->end > start)
    {
        while (node && to_region(node)->kind != REGION_HOST) node = tree_prev(node);
        if (!node || to_region(node)->end <= start) return;
        region_delete((struct region *)node);
    }
}

static vm_status place_within(struct search *s, uintptr_t *base, bool high, const struct backing *b)
{
    for (;;)
    {
        uintptr_t at = search(s, regions.root, 0, VM_USER_END, high);
        vm_status status;

        if (!at) return STATUS_NO_MEMORY;
        status = host->map(at, s->size, b->prot, b->flags, b->fd, b->offset, b->why);
        if (status == STATUS_SUCCESS) *base = at;
        if (status != STATUS_CONFLICTING_ADDRESSES) return status;
        if ((status = note_host(at, s->size))) return status;
    }
}

vm_status place_map(uintptr_t *base, size_t size, const struct vm_limits *limits, bool top_down,
                    const struct backing *backing)
{
    struct search s = { VM_LOWEST_USER, VM_USER_END, size, VM_GRANULARITY };
    vm_status status;

    if (*base)
    {
        if (region_overlaps(*base, *base + size)) return STATUS_CONFLICTING_ADDRESSES;
        place_forget_host(*base, *base + size);
        return host->map(*base, size, backing->prot, backing->flags, backing->fd, backing->offset, backing->why);
    }
    if (limits)
    {
        if (limits->lowest > s.start) s.start = limits->lowest;
        if (limits->highest && limits->highest < VM_HIGHEST_USER) s.end = limits->highest + 1;
        if (limits->alignment > s.alignment) s.alignment = limits->alignment;
    }
    if (s.start < STRETCH_END && s.end > STRETCH_START)
    {
        struct search in_stretch = s;

        if (in_stretch.start < STRETCH_START) in_stretch.start = STRETCH_START;
        if (in_stretch.end > STRETCH_END) in_stretch.end = STRETCH_END;
        if (size >= TOP_ENTRY && s.alignment < TOP_ENTRY)
        {
            struct search apart = in_stretch;

            apart.alignment = TOP_ENTRY;
            status = place_within(&apart, base, top_down, backing);
            if (status != STATUS_NO_MEMORY) return status;
        }
        status = place_within(&in_stretch, base, top_down, backing);
        if (status != STATUS_NO_MEMORY) return status;
    }
    return place_within(&s, base, top_down, backing);
}
