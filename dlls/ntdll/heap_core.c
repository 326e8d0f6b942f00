/* Regions, blocks and free lists of a heap. Everything here runs under the heap's lock; the invariants are in heap.h.
 *
 * Free lists are segregated by size and found through a bitmap: any block of the first bin whose smallest member is
 * large enough will do, so that finding one takes constant time. Only when that fails is the bin of the request's own
 * size searched. Small blocks that were freed rest on quick lists, one for each size, before they are merged with their
 * neighbours: most are asked for again. */

#include "heap.h"

#define COMMIT_STEP_MIN  0x10000
#define COMMIT_STEP_MAX  0x100000
#define RESERVE_FIRST    0x400000       /* of the second region; doubles */
#define KEEP_FIRST       0x40000
#define KEEP_MAX         0x800000

static inline ULONG bin_of(ULONG units)
{
    ULONG log;

    if (units <= 64) return units - MIN_UNITS;
    log = 31 - __builtin_clz(units);
    return 63 + (log - 6) * 8 + ((units >> (log - 3)) & 7);
}

static void bin_add(struct heap *heap, struct block *b)
{
    struct free_block *f = (struct free_block *)b;
    ULONG bin = bin_of(INFO_SIZE(b->info));

    f->prev = NULL;
    if ((f->next = heap->bins[bin])) f->next->prev = f;
    else heap->bin_map[bin / 64] |= 1ull << bin % 64;
    heap->bins[bin] = f;
}

static void bin_remove(struct heap *heap, struct block *b)
{
    struct free_block *f = (struct free_block *)b;

    if ((f->next && f->next->prev != f) || (f->prev && f->prev->next != f)) heap_corrupt(heap, user_of(b));
    if (f->next) f->next->prev = f->prev;
    if (f->prev) f->prev->next = f->next;
    else
    {
        ULONG bin = bin_of(INFO_SIZE(b->info));

        if (!(heap->bins[bin] = f->next)) heap->bin_map[bin / 64] &= ~(1ull << bin % 64);
    }
}

static struct block *bin_find(struct heap *heap, ULONG units)
{
    ULONG own = bin_of(units), bin = own, i;
    ULONG64 map;

    if (units > 64)
    {
        ULONG granule = 1u << (31 - __builtin_clz(units) - 3);

        bin = bin_of((units + granule - 1) & ~(granule - 1));
    }
    for (i = bin / 64, map = heap->bin_map[i] & ~0ull << bin % 64; !map && ++i < ARRAY_COUNT(heap->bin_map); )
        map = heap->bin_map[i];
    if (map) return &heap->bins[i * 64 + __builtin_ctzll(map)]->block;
    if (bin != own)
        for (struct free_block *f = heap->bins[own]; f; f = f->next)
            if (INFO_SIZE(f->block.info) >= units) return &f->block;
    return NULL;
}

static inline void set_size(struct heap *heap, struct block *b, ULONG units, ULONG state)
{
    b->link = LINK_PREV(b->link) | block_check(heap, b, units) << LINK_CHECK_SHIFT;
    __atomic_store_n(&b->info, units | state, __ATOMIC_RELAXED);
}

static inline void set_prev(struct block *b, ULONG units)
{
    b->link = (b->link & ~0xfffffu) | units;
}

/* With free checking, all of a free block but its header and its links is one pattern. */
static void fill_free(const struct heap *heap, void *start, SIZE_T bytes)
{
    if (heap->flags & HEAP_FREE_CHECKING_ENABLED) RtlFillMemoryUlong(start, bytes, FREE_FILL);
}

static inline bool is_free(const struct block *b)
{
    return (block_info(b) & STATE_MASK) == FREE;
}

/* The sentinel counts as busy. */
static void set_sentinel(struct heap *heap, struct region *r, ULONG prev)
{
    struct block *b = (struct block *)(r->commit_end - HEADER);

    b->link = prev;
    set_size(heap, b, 0, BUSY);
}

struct block *region_first(const struct region *r)
{
    const char *start = r == &r->heap->region ? (const char *)(r->heap + 1) : (const char *)(r + 1);

    return (struct block *)(ALIGN_UP((ULONG_PTR)start, UNIT) + HEADER);
}

struct region *region_of_locked(struct heap *heap, const void *address)
{
    for (struct region *r = &heap->region; r; r = region_next(heap, r))
        if ((const char *)address >= (char *)region_first(r) && (const char *)address < r->commit_end) return r;
    return NULL;
}

/* ---- memory of the system ---- */

static ULONG page_protection(const struct heap *heap)
{
    return heap->flags & HEAP_CREATE_ENABLE_EXECUTE ? PAGE_EXECUTE_READWRITE : PAGE_READWRITE;
}

static bool commit(struct heap *heap, void *start, SIZE_T bytes)
{
    if (NtAllocateVirtualMemory(GetCurrentProcess(), &start, 0, &bytes, MEM_COMMIT, page_protection(heap))) return false;
    heap->committed += bytes;
    return true;
}

static void decommit(struct heap *heap, void *start, SIZE_T bytes)
{
    if (!NtFreeVirtualMemory(GetCurrentProcess(), &start, &bytes, MEM_DECOMMIT)) heap->committed -= bytes;
}

static void init_region(struct heap *heap, struct region *r, char *commit_end, char *end)
{
    struct block *first;
    ULONG units;

    r->heap = heap;
    r->commit_end = commit_end;
    r->end = end;
    r->keep = KEEP_FIRST;
    first = region_first(r);
    units = (ULONG)((commit_end - HEADER - (char *)first) / UNIT);
    first->link = 0;
    set_size(heap, first, units, FREE);
    fill_free(heap, user_of(first), (SIZE_T)units * UNIT - HEADER);
    set_sentinel(heap, r, units);
    bin_add(heap, first);
}

struct heap *heap_create(ULONG flags, void *base, SIZE_T reserve, SIZE_T commit_bytes)
{
    ULONG protect = flags & HEAP_CREATE_ENABLE_EXECUTE ? PAGE_EXECUTE_READWRITE : PAGE_READWRITE;
    bool foreign = base != NULL;
    struct heap *heap;
    void *start;

    start = base;
    if (!foreign && NtAllocateVirtualMemory(GetCurrentProcess(), &base, 0, &reserve, MEM_RESERVE, protect)) return NULL;
    start = base;
    if (NtAllocateVirtualMemory(GetCurrentProcess(), &start, 0, &commit_bytes, MEM_COMMIT, protect))
    {
        SIZE_T zero = 0;

        if (!foreign) NtFreeVirtualMemory(GetCurrentProcess(), &base, &zero, MEM_RELEASE);
        return NULL;
    }
    heap = base;
    memset(heap, 0, sizeof(*heap));
    heap->signature = HEAP_SIGNATURE;
    heap->flags = flags;
    heap->cookie = (ULONG)((ULONG_PTR)heap >> 16) * 0x85ebca6bu ^ (ULONG)__builtin_ia32_rdtsc();
    heap->foreign_memory = foreign;
    heap->terminate = TRUE;
    heap->committed = commit_bytes;
    heap->next_reserve = RESERVE_FIRST;
    heap->large.Flink = heap->large.Blink = &heap->large;
    heap->region.entry.Flink = heap->region.entry.Blink = &heap->region.entry;
    RtlInitializeCriticalSectionEx(&heap->lock, 500, 0);
    init_region(heap, &heap->region, (char *)base + commit_bytes, (char *)base + reserve);
    return heap;
}

void heap_release(struct heap *heap)
{
    SIZE_T zero;
    void *start;

    for (struct region *r = region_next(heap, &heap->region), *next; r; r = next)
    {
        next = region_next(heap, r);
        start = r;
        zero = 0;
        NtFreeVirtualMemory(GetCurrentProcess(), &start, &zero, MEM_RELEASE);
    }
    start = heap;
    zero = 0;
    heap->signature = 0;
    RtlDeleteCriticalSection(&heap->lock);
    if (!heap->foreign_memory) NtFreeVirtualMemory(GetCurrentProcess(), &start, &zero, MEM_RELEASE);
}

static struct block *merge_and_add(struct heap *heap, struct block *b);

/* Commits more of a region, so that its last free block has the wanted size. */
static bool region_grow(struct heap *heap, struct region *r, ULONG units)
{
    struct block *b = (struct block *)(r->commit_end - HEADER), *last;
    SIZE_T room = r->end - r->commit_end, need = (SIZE_T)units * UNIT, step;
    ULONG prev = LINK_PREV(b->link);

    last = (struct block *)((char *)b - (SIZE_T)prev * UNIT);
    if (prev && is_free(last) && need > (SIZE_T)prev * UNIT) need -= (SIZE_T)prev * UNIT;
    need = ALIGN_UP(need, 0x1000);
    if (need > room) return false;

    step = ALIGN_UP(heap->committed / 8, 0x1000);
    if (step < COMMIT_STEP_MIN) step = COMMIT_STEP_MIN;
    if (step > COMMIT_STEP_MAX) step = COMMIT_STEP_MAX;
    if (step < need) step = need;
    if (step > room) step = room;
    if (!commit(heap, r->commit_end, step))
    {
        if (step == need || !commit(heap, r->commit_end, need)) return false;
        step = need;
    }
    r->commit_end += step;
    set_size(heap, b, (ULONG)(step / UNIT), FREE);
    fill_free(heap, user_of(b), step - HEADER);
    set_sentinel(heap, r, (ULONG)(step / UNIT));
    merge_and_add(heap, b);
    return true;
}

static bool region_add(struct heap *heap, ULONG units)
{
    SIZE_T need = ALIGN_UP(sizeof(struct region) + (SIZE_T)units * UNIT + 2 * HEADER + UNIT, 0x10000), first;
    SIZE_T reserve = need > heap->next_reserve ? need : heap->next_reserve, zero = 0;
    struct region *r;
    void *base = NULL;

    if (NtAllocateVirtualMemory(GetCurrentProcess(), &base, 0, &reserve, MEM_RESERVE, page_protection(heap)))
    {
        reserve = need;
        if (NtAllocateVirtualMemory(GetCurrentProcess(), &base, 0, &reserve, MEM_RESERVE, page_protection(heap)))
            return false;
    }
    first = need < COMMIT_STEP_MAX && reserve >= COMMIT_STEP_MAX ? COMMIT_STEP_MAX : need;
    if (!commit(heap, base, first))
    {
        first = need;
        if (!commit(heap, base, need))
        {
            NtFreeVirtualMemory(GetCurrentProcess(), &base, &zero, MEM_RELEASE);
            return false;
        }
    }
    if (heap->next_reserve < REGION_MAX / 2) heap->next_reserve *= 2;
    else heap->next_reserve = REGION_MAX;
    r = base;
    r->entry.Flink = &heap->region.entry;
    r->entry.Blink = heap->region.entry.Blink;
    r->entry.Blink->Flink = r->entry.Flink->Blink = &r->entry;
    init_region(heap, r, (char *)base + first, (char *)base + reserve);
    return true;
}

static bool heap_grow(struct heap *heap, ULONG units)
{
    /* The latest region first: the others are mostly full. */
    for (LIST_ENTRY *e = heap->region.entry.Blink;; e = e->Blink)
    {
        if (region_grow(heap, CONTAINING_RECORD(e, struct region, entry), units)) return true;
        if (e == &heap->region.entry) break;
    }
    return heap->flags & HEAP_GROWABLE && region_add(heap, units);
}

/* The last block of a region is free and larger than what is kept at hand: gives the pages back. */
static void region_trim(struct heap *heap, struct region *r, struct block *last, SIZE_T keep)
{
    char *start = (char *)ALIGN_UP((ULONG_PTR)last + MIN_UNITS * UNIT + HEADER + keep, 0x1000);
    ULONG units;

    if (start >= r->commit_end) return;
    bin_remove(heap, last);
    decommit(heap, start, r->commit_end - start);
    r->commit_end = start;
    units = (ULONG)((start - HEADER - (char *)last) / UNIT);
    set_size(heap, last, units, FREE);
    set_sentinel(heap, r, units);
    bin_add(heap, last);
}

/* A region without any block in use goes away. */
static void region_drop(struct heap *heap, struct region *r, struct block *only)
{
    SIZE_T zero = 0, bytes = r->commit_end - (char *)r;
    void *base = r;

    bin_remove(heap, only);
    r->entry.Flink->Blink = r->entry.Blink;
    r->entry.Blink->Flink = r->entry.Flink;
    heap->committed -= bytes;
    NtFreeVirtualMemory(GetCurrentProcess(), &base, &zero, MEM_RELEASE);
}

/* ---- blocks ---- */

static struct block *merge_and_add(struct heap *heap, struct block *b)
{
    ULONG units = INFO_SIZE(b->info), prev = LINK_PREV(b->link);
    struct block *next = block_next(b);

    if (is_free(next) && units + INFO_SIZE(next->info) <= MAX_UNITS)
    {
        bin_remove(heap, next);
        units += INFO_SIZE(next->info);
        fill_free(heap, next, sizeof(struct free_block));
    }
    if (prev)
    {
        struct block *before = (struct block *)((char *)b - (SIZE_T)prev * UNIT);

        if (is_free(before) && units + INFO_SIZE(before->info) <= MAX_UNITS)
        {
            bin_remove(heap, before);
            units += INFO_SIZE(before->info);
            fill_free(heap, b, sizeof(struct free_block));
            b = before;
        }
    }
    set_size(heap, b, units, FREE);
    set_prev(block_next(b), units);
    bin_add(heap, b);
    return b;
}

/* A block of the heap's own: BUSY or CACHED, in no list. */
void block_release_locked(struct heap *heap, struct block *b)
{
    struct block *next;
    struct region *r;

    b = merge_and_add(heap, b);
    next = block_next(b);
    if (INFO_SIZE(next->info) || INFO_SIZE(b->info) < KEEP_FIRST / UNIT) return;

    /* Big, and the last of its region. */
    if (!(r = region_of_locked(heap, b)))
    {
        heap_corrupt(heap, user_of(b));
        return;
    }
    if (!LINK_PREV(b->link) && r != &heap->region && heap->committed / 4 >= (SIZE_T)(r->commit_end - (char *)r))
        region_drop(heap, r, b);        /* the heap has grown well beyond it */
    else if ((SIZE_T)INFO_SIZE(b->info) * UNIT > r->keep + KEEP_FIRST)
    {
        region_trim(heap, r, b, KEEP_FIRST);
        /* What keeps on shrinking and growing keeps more each time. */
        if (r->keep < KEEP_MAX) r->keep *= 2;
    }
}

/* The whole pages inside a free block need no memory. */
static void discard(const struct heap *heap, struct block *b)
{
    void *start = (void *)ALIGN_UP((ULONG_PTR)b + sizeof(struct free_block), 0x1000);
    SIZE_T bytes = ((ULONG_PTR)block_next(b) & ~(ULONG_PTR)0xfff) - (ULONG_PTR)start;

    if ((char *)start + 0x1000 > (char *)block_next(b) || heap->flags & HEAP_FREE_CHECKING_ENABLED) return;
    NtAllocateVirtualMemory(GetCurrentProcess(), &start, 0, &bytes, MEM_RESET, page_protection(heap));
}

/* Gives back all that nobody uses. */
void heap_trim_locked(struct heap *heap)
{
    struct region *next;

    quick_drain_locked(heap);
    for (struct region *r = &heap->region; r; r = next)
    {
        struct block *sentinel = (struct block *)(r->commit_end - HEADER);
        struct block *last = (struct block *)((char *)sentinel - (SIZE_T)LINK_PREV(sentinel->link) * UNIT);

        next = region_next(heap, r);
        if (last == sentinel || !is_free(last)) continue;
        if (last == region_first(r) && r != &heap->region) region_drop(heap, r, last);
        else region_trim(heap, r, last, 0);
    }
    for (ULONG bin = bin_of(0x1000 / UNIT); bin < BINS; bin++)
        for (struct free_block *f = heap->bins[bin]; f; f = f->next) discard(heap, &f->block);
}

/* Cuts a block in use down to this size, if what is left can be a block. */
void block_shrink_locked(struct heap *heap, struct block *b, ULONG units)
{
    ULONG info = b->info, rest = INFO_SIZE(info) - units;
    struct block *tail;

    if (rest < MIN_UNITS) return;
    set_size(heap, b, units, info & ~0xfffffu);
    tail = block_next(b);
    tail->link = units;
    set_size(heap, tail, rest, BUSY);
    fill_free(heap, user_of(tail), (SIZE_T)rest * UNIT - HEADER);
    set_prev(block_next(tail), rest);
    block_release_locked(heap, tail);
}

/* Grows a block in use into the free one behind it. */
bool block_extend_locked(struct heap *heap, struct block *b, ULONG units)
{
    struct block *next = block_next(b), *end = is_free(next) ? block_next(next) : next;
    ULONG info = b->info, have = INFO_SIZE(info);

    if (have + (is_free(next) ? INFO_SIZE(next->info) : 0) < units)
    {
        /* The last of its region: the space behind it may be still to commit. */
        struct region *r = INFO_SIZE(end->info) ? NULL : region_of_locked(heap, b);

        if (!r || !region_grow(heap, r, units - have)) return false;
        next = block_next(b);
    }
    if (!is_free(next) || have + INFO_SIZE(next->info) < units || have + INFO_SIZE(next->info) > MAX_UNITS) return false;
    bin_remove(heap, next);
    have += INFO_SIZE(next->info);
    set_size(heap, b, have, info & ~0xfffffu);
    set_prev(block_next(b), have);
    block_shrink_locked(heap, b, units);
    return true;
}

/* More than the free lists hold comes from new pages; only when there are none are the quick lists merged. */
static struct block *take_free(struct heap *heap, ULONG units)
{
    struct block *b = bin_find(heap, units);

    if (!b && !heap_grow(heap, units)) quick_drain_locked(heap);
    if (!b) b = bin_find(heap, units);
    if (!b) return NULL;
    bin_remove(heap, b);
    return b;
}

/* A block of at least this size, BUSY. */
struct block *block_take_locked(struct heap *heap, ULONG units)
{
    struct block *b = take_free(heap, units);
    ULONG have;

    if (!b) return NULL;
    have = INFO_SIZE(b->info);
    if (have - units >= MIN_UNITS)
    {
        struct block *rest;

        set_size(heap, b, units, BUSY);
        rest = block_next(b);
        rest->link = units;
        set_size(heap, rest, have - units, FREE);
        set_prev(block_next(rest), have - units);
        bin_add(heap, rest);
    }
    else set_size(heap, b, have, BUSY);
    return b;
}

void quick_drain_locked(struct heap *heap)
{
    for (int i = 0; i < CLASSES; i++)
    {
        struct quick *q = &heap->quick[i];
        struct cached *c, *next;

        tiny_lock(&q->lock);
        c = q->head;
        q->head = NULL;
        q->count = 0;
        tiny_unlock(&q->lock);
        for (; c; c = next)
        {
            next = c->next;
            block_release_locked(heap, block_of(c));
        }
    }
}

/* Cuts up to n blocks of one size out of one free block. */
unsigned int block_take_row_locked(struct heap *heap, ULONG units, unsigned int n, struct cached **list)
{
    struct block *b = n > 1 ? take_free(heap, units * n) : NULL, *end;
    struct cached **tail = list;
    unsigned int got = 0;
    ULONG prev, have;

    if (!b && !(b = take_free(heap, units))) return 0;
    prev = LINK_PREV(b->link);
    have = INFO_SIZE(b->info);
    end = block_next(b);
    while (got < n && have >= units)
    {
        ULONG size = units;

        /* One unit cannot be a block: a single block keeps it and is of the next size from now on. */
        if (have - units == 1)
        {
            if (got) break;
            size = have;
        }
        b->link = prev;
        set_size(heap, b, size, CACHED);
        *tail = user_of(b);
        tail = &(*tail)->next;
        got++;
        prev = size;
        have -= size;
        b = block_next(b);
    }
    *tail = NULL;
    if (have)
    {
        b->link = prev;
        set_size(heap, b, have, FREE);
        set_prev(end, have);
        bin_add(heap, b);
    }
    else set_prev(end, prev);
    return got;
}
