/* Looking at a heap: validating, walking, information classes. */

#include "heap.h"

/* What RtlWalkHeap fills in; kernel32's HeapWalk is made from it. The names are ours (kernel32:heap has the layout). */
struct walk_entry
{
    void *data;
    SIZE_T size;
    BYTE overhead;
    BYTE region;
    WORD flags;
    union
    {
        struct
        {
            HANDLE mem;
            DWORD reserved[3];
        } block;
        struct
        {
            DWORD committed, uncommitted;
            void *first, *last;
        } region_info;
    };
};

enum
{
    WALK_BUSY = 0x0001, WALK_REGION = 0x0002, WALK_BLOCK = 0x0010, WALK_UNCOMMITTED = 0x1000, WALK_COMMITTED = 0x4000,
    WALK_LFH = 0x8000, WALK_LARGE_INDEX = 64
};

/* Classes that the headers lack. */
enum { HEAP_TERMINATE_ON_CORRUPTION = 1, HEAP_OPTIMIZE_RESOURCES = 3 };

/* A free block's data is reported behind the links it holds, and a little short of its end. */
#define FREE_OVERHEAD 0x20
#define FREE_LINKS    0x10

extern NTSTATUS WINAPI RtlWalkHeap(HANDLE handle, void *ptr);

static struct heap *get_heap(HANDLE handle)
{
    struct heap *heap = handle;

    return heap && heap->signature == HEAP_SIGNATURE ? heap : NULL;
}

static SIZE_T unused_of(const struct block *b, ULONG info)
{
    if (info >> UNUSED_SHIFT < UNUSED_ELSEWHERE) return info >> UNUSED_SHIFT;
    return ((const USHORT *)((const char *)b + (SIZE_T)INFO_SIZE(info) * UNIT))[-1];
}

/* ---- validating ---- */

static bool is_filled(const ULONG *p, SIZE_T bytes)
{
    for (; bytes >= sizeof(*p); p++, bytes -= sizeof(*p))
        if (*p != FREE_FILL) return false;
    return true;
}

static bool is_tail_intact(const struct heap *heap, const struct block *b, ULONG info)
{
    const BYTE *tail;

    if (!(heap->flags & HEAP_TAIL_CHECKING_ENABLED)) return true;
    tail = (const BYTE *)b + (SIZE_T)INFO_SIZE(info) * UNIT - unused_of(b, info);
    for (int i = 0; i < TAIL_BYTES; i++)
        if (tail[i] != TAIL_FILL) return false;
    return true;
}

/* Invariants 1, 2, 3 and 5. Blocks change between BUSY and CACHED meanwhile; their headers hold. */
static bool is_region_valid(const struct heap *heap, const struct region *r, ULONG *n_free)
{
    const struct block *b = region_first(r), *end = (struct block *)(r->commit_end - HEADER);
    ULONG prev = 0;
    bool was_free = false;

    for (;;)
    {
        ULONG info = block_info(b), units = INFO_SIZE(info);
        bool is_free = (info & STATE_MASK) == FREE;

        if (!block_is_intact(heap, b, info) || LINK_PREV(b->link) != prev) return false;
        if (b == end) return !units;
        if (units < MIN_UNITS || (SIZE_T)((const char *)end - (const char *)b) < (SIZE_T)units * UNIT) return false;
        if (is_free)
        {
            const struct free_block *f = (const struct free_block *)b;

            if (was_free && prev + units <= MAX_UNITS) return false;
            if (f->next && f->next->prev != f) return false;
            if (f->prev && f->prev->next != f) return false;
            if (heap->flags & HEAP_FREE_CHECKING_ENABLED &&
                !is_filled((const ULONG *)(f + 1), (SIZE_T)units * UNIT - sizeof(*f)))
                return false;
            ++*n_free;
        }
        else if ((info & STATE_MASK) == BUSY && !is_tail_intact(heap, b, info)) return false;
        was_free = is_free;
        prev = units;
        b = block_next(b);
    }
}

static bool is_valid_locked(const struct heap *heap)
{
    ULONG n_free = 0, listed = 0;

    for (const struct region *r = &heap->region; r; r = region_next(heap, r))
        if (!is_region_valid(heap, r, &n_free)) return false;
    for (int i = 0; i < BINS; i++)
        for (const struct free_block *f = heap->bins[i]; f; f = f->next)
            if (++listed > n_free || (f->block.info & STATE_MASK) != FREE) return false;
    if (listed != n_free) return false;
    for (const LIST_ENTRY *e = heap->large.Flink; e != &heap->large; e = e->Flink)
    {
        const struct large *l = CONTAINING_RECORD(e, struct large, entry);

        if (l->heap != heap || !block_is_intact(heap, &l->block, 0)) return false;
    }
    return true;
}

static bool is_valid_block_locked(struct heap *heap, const void *user)
{
    const struct block *b = block_of(user);

    if ((ULONG_PTR)user % UNIT) return false;
    for (const LIST_ENTRY *e = heap->large.Flink; e != &heap->large; e = e->Flink)
        if (&CONTAINING_RECORD(e, struct large, entry)->block == b) return block_is_intact(heap, b, 0);
    if (!region_of_locked(heap, b)) return false;
    return (b->info & STATE_MASK) == BUSY && block_is_intact(heap, b, b->info) && is_tail_intact(heap, b, b->info);
}

static bool is_readable(const void *ptr)
{
    MEMORY_BASIC_INFORMATION info;

    return !NtQueryVirtualMemory(GetCurrentProcess(), ptr, MemoryBasicInformation, &info, sizeof(info), NULL) &&
           info.State == MEM_COMMIT && !(info.Protect & (PAGE_NOACCESS | PAGE_GUARD));
}

BOOLEAN WINAPI RtlValidateHeap(HANDLE handle, ULONG flags, const void *user)
{
    struct heap *heap = get_heap(handle);
    bool valid;

    if (!heap) return FALSE;
    heap_lock(heap, flags);
    valid = user ? is_valid_block_locked(heap, user) : is_valid_locked(heap);
    heap_unlock(heap, flags);
    /* On Windows this is what became of the fault. */
    if (!valid && user && !is_readable(user)) RtlSetLastWin32Error(ERROR_NOACCESS);
    return valid;
}

/* ---- walking ---- */

static BYTE region_index(const struct heap *heap, const struct region *region)
{
    BYTE i = 0;

    for (const struct region *r = &heap->region; r && r != region; r = region_next(heap, r)) i++;
    return i;
}

static void report_region(struct heap *heap, const struct region *r, struct walk_entry *e)
{
    char *base = r == &heap->region ? (char *)heap : (char *)r;

    e->data = base;
    e->region_info.first = user_of(region_first(r));
    e->size = (char *)e->region_info.first - base - UNIT;
    e->overhead = 0;
    e->region = region_index(heap, r);
    e->flags = WALK_REGION;
    e->region_info.committed = (DWORD)(r->commit_end - base);
    e->region_info.uncommitted = (DWORD)(r->end - r->commit_end);
    e->region_info.last = r->end;
}

/* Small blocks of a size that has a quick list belong to it, in use or not. */
static bool is_front_end(const struct heap *heap, ULONG units)
{
    if (units >= CLASSES + MIN_UNITS || heap->compat != 2) return false;
    return !(heap->flags & HEAP_PRIVATE) || heap->quick[units - MIN_UNITS].hits >= QUICK_START;
}

static void report_block(struct heap *heap, const struct region *r, const struct block *b, struct walk_entry *e)
{
    ULONG info = block_info(b);
    SIZE_T bytes = (SIZE_T)INFO_SIZE(info) * UNIT;

    memset(&e->block, 0, sizeof(e->block));
    e->region = region_index(heap, r);
    if ((info & STATE_MASK) == BUSY)
    {
        SIZE_T unused = unused_of(b, info);

        e->data = user_of(b);
        e->size = bytes - HEADER - unused;
        e->overhead = (BYTE)(unused + HEADER);
        e->flags = is_front_end(heap, INFO_SIZE(info)) ? WALK_LFH | WALK_BUSY : WALK_COMMITTED | WALK_BLOCK | WALK_BUSY;
    }
    else if ((info & STATE_MASK) == CACHED)
    {
        e->data = user_of(b);
        e->size = bytes - UNIT;
        e->overhead = UNIT;
        e->flags = WALK_LFH;
    }
    else
    {
        e->data = (char *)user_of(b) + FREE_LINKS;
        e->size = bytes > HEADER + FREE_LINKS + 2 * FREE_OVERHEAD ? bytes - FREE_LINKS - 2 * FREE_OVERHEAD : 0;
        e->overhead = FREE_OVERHEAD;
        e->flags = 0;
    }
}

static void report_uncommitted(struct heap *heap, const struct region *r, struct walk_entry *e)
{
    memset(&e->block, 0, sizeof(e->block));
    e->data = r->commit_end;
    e->size = r->end - r->commit_end;
    e->overhead = 0;
    e->region = region_index(heap, r);
    e->flags = WALK_UNCOMMITTED;
}

/* The first of what follows the regions. */
static NTSTATUS report_large(struct heap *heap, const LIST_ENTRY *entry, struct walk_entry *e)
{
    const struct large *l = CONTAINING_RECORD(entry, struct large, entry);

    if (entry == &heap->large) return STATUS_NO_MORE_ENTRIES;
    memset(&e->block, 0, sizeof(e->block));
    e->data = user_of(&l->block);
    e->size = l->size;
    e->overhead = 0;
    e->region = WALK_LARGE_INDEX;
    e->flags = WALK_COMMITTED | WALK_BLOCK | WALK_BUSY;
    return STATUS_SUCCESS;
}

static NTSTATUS report_after_region(struct heap *heap, const struct region *r, struct walk_entry *e)
{
    const struct region *next = region_next(heap, r);

    if (!next) return report_large(heap, heap->large.Flink, e);
    report_region(heap, next, e);
    return STATUS_SUCCESS;
}

static NTSTATUS report_at(struct heap *heap, const struct region *r, const struct block *b, struct walk_entry *e)
{
    if (INFO_SIZE(block_info(b))) report_block(heap, r, b, e);
    else if (r->commit_end < r->end) report_uncommitted(heap, r, e);
    else return report_after_region(heap, r, e);
    return STATUS_SUCCESS;
}

/* Where the last answer was tells what comes next. */
static NTSTATUS walk_locked(struct heap *heap, struct walk_entry *e)
{
    const struct region *r;
    const char *at = e->data;

    if (!at)
    {
        report_region(heap, &heap->region, e);
        return STATUS_SUCCESS;
    }
    for (r = &heap->region; r; r = region_next(heap, r))
    {
        if (at == (r == &heap->region ? (char *)heap : (const char *)r)) return report_at(heap, r, region_first(r), e);
        if (at == r->commit_end && e->flags & WALK_UNCOMMITTED) return report_after_region(heap, r, e);
        if (at >= (char *)region_first(r) && at < r->commit_end)
        {
            const struct block *b = block_of(at);

            /* In a free block, a link is where the header of one in use would be; it says FREE. */
            if ((ULONG_PTR)at % UNIT) return STATUS_INVALID_PARAMETER;
            if ((block_info(b) & STATE_MASK) == FREE || !block_is_intact(heap, b, block_info(b))) b = block_of(at - FREE_LINKS);
            if (!block_is_intact(heap, b, block_info(b))) return STATUS_INVALID_PARAMETER;
            return report_at(heap, r, block_next(b), e);
        }
    }
    for (const LIST_ENTRY *l = heap->large.Flink; l != &heap->large; l = l->Flink)
        if (user_of(&CONTAINING_RECORD(l, struct large, entry)->block) == at) return report_large(heap, l->Flink, e);
    return STATUS_INVALID_PARAMETER;
}

NTSTATUS WINAPI RtlWalkHeap(HANDLE handle, void *ptr)
{
    struct heap *heap = get_heap(handle);
    NTSTATUS status;

    if (!heap || !ptr) return STATUS_INVALID_PARAMETER;
    heap_lock(heap, 0);
    status = walk_locked(heap, ptr);
    heap_unlock(heap, 0);
    return status;
}

/* ---- information ---- */

NTSTATUS WINAPI RtlQueryHeapInformation(HANDLE handle, HEAP_INFORMATION_CLASS class, void *info, SIZE_T size,
                                        SIZE_T *needed)
{
    struct heap *heap = get_heap(handle);

    if (class != HeapCompatibilityInformation) return STATUS_INVALID_INFO_CLASS;
    if (!heap) return STATUS_ACCESS_VIOLATION;
    if (needed) *needed = sizeof(ULONG);
    if (size < sizeof(ULONG)) return STATUS_BUFFER_TOO_SMALL;
    *(ULONG *)info = heap->compat;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlSetHeapInformation(HANDLE handle, HEAP_INFORMATION_CLASS class, void *info, SIZE_T size)
{
    struct heap *heap = get_heap(handle);

    switch (class)
    {
    case HeapCompatibilityInformation:
        if (size < sizeof(ULONG)) return STATUS_BUFFER_TOO_SMALL;
        if (!heap) return STATUS_INVALID_HANDLE;
        /* The front end cannot be switched off again, nor used without the lock or with checks. */
        if (heap->compat == 2) return *(ULONG *)info == 2 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
        if (*(ULONG *)info == 2 && heap->flags & (HEAP_NO_SERIALIZE | HEAP_DEBUG_FLAGS)) return STATUS_UNSUCCESSFUL;
        if (*(ULONG *)info > 2) return STATUS_UNSUCCESSFUL;
        heap->compat = *(ULONG *)info;
        return STATUS_SUCCESS;

    default:
        break;
    }
    switch ((int)class)
    {
    case HEAP_TERMINATE_ON_CORRUPTION:
        /* It is on from the start, in every heap. */
        return STATUS_SUCCESS;

    case HEAP_OPTIMIZE_RESOURCES:
        if (heap) RtlCompactHeap(heap, 0);
        return STATUS_SUCCESS;

    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}
