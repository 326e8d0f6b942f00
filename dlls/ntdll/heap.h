/* The heap: what its files share.
 *
 *   heap.c         the Rtl functions: flags, sizes, user data, large blocks
 *   heap_core.c    regions, blocks, free lists: everything below the heap's lock
 *   heap_cache.c   quick lists, and per-thread caches in front of the process heap
 *   heap_walk.c    validating, walking, information classes
 *
 * A heap is a list of regions; a region is a reservation of address space, committed from its start. Committed space
 * is a seamless row of blocks, closed by a sentinel header of size 0:
 *
 *     region header (in the first region: the heap) | block | block | ... | sentinel | not committed
 *
 * A block is an 8-byte header and the user's bytes; what the user gets is 16-byte aligned, so headers lie at 8 mod 16,
 * and sizes are counted in units of 16. Invariants:
 *  1. block.link's PREV is the size of the block before, 0 for the first of a region. Written under the lock.
 *  2. No two neighbours are both FREE, unless together they would exceed MAX_UNITS.
 *  3. FREE blocks, and only those, are in the list of their bin.
 *  4. BUSY and CACHED blocks belong to their user and to the cache or quick list that holds them: the lock is not
 *     needed to change `info` between the two, so `info` is read once, atomically, by others.
 *  5. CHECK is a hash of address, size and the heap's cookie: a pointer that is none of ours, or a header that somebody
 *     wrote over, is noticed when the block is freed. */
#pragma once

#include "rtl.h"

extern void WINAPI RtlFillMemoryUlong(ULONG *dst, SIZE_T bytes, ULONG value);
extern BOOLEAN WINAPI RtlSetUserValueHeap(HANDLE heap, ULONG flags, void *user, void *value);
extern BOOLEAN WINAPI RtlSetUserFlagsHeap(HANDLE heap, ULONG flags, void *user, ULONG clear, ULONG set);

#define UNIT          16
#define MAX_UNITS     0xfffff
#define MIN_UNITS     2
#define HEADER        8             /* sizeof(struct block) */

#define REGION_MAX    (MAX_UNITS / 16 * 16 * (SIZE_T)UNIT & ~(SIZE_T)0xffff)
#define LARGE_MIN     0xfe001       /* growable heaps: from here on blocks are mappings of their own (kernel32:heap) */

#define CLASSES       64            /* small sizes: 2 ... 65 units */
#define SMALL_MAX     ((CLASSES + 1) * UNIT - HEADER)
#define BINS          175           /* 2 ... 64 units one by one, then eight to a doubling */

/* Flags that the SDK names nowhere. */
#define HEAP_VALIDATE         0x10000000
#define HEAP_VALIDATE_ALL     0x20000000
#define HEAP_VALIDATE_PARAMS  0x40000000
#define HEAP_PRIVATE          0x00001000
#define HEAP_USER_VALUE       0x00000100    /* room for a user value behind the data */
#define HEAP_USER_FLAGS       0x00000e00

#define HEAP_PADDING_FLAGS    (HEAP_VALIDATE | HEAP_VALIDATE_ALL | HEAP_VALIDATE_PARAMS)
#define HEAP_DEBUG_FLAGS      (HEAP_PADDING_FLAGS | HEAP_TAIL_CHECKING_ENABLED | HEAP_FREE_CHECKING_ENABLED)

#define TAIL_BYTES    16
#define TAIL_FILL     0xab
#define ALLOC_FILL    0xbaadf00d
#define FREE_FILL     0xfeeefeee

struct block
{
    ULONG link;     /* PREV, CHECK */
    ULONG info;     /* SIZE, state, user flags, unused bytes */
};

#define LINK_PREV(l)      ((l) & 0xfffff)
#define LINK_CHECK_SHIFT  20

#define INFO_SIZE(i)      ((i) & 0xfffff)
#define STATE_MASK        0x300000u
#define FREE              0x000000u
#define BUSY              0x100000u
#define CACHED            0x200000u
#define LARGE             0x300000u
#define HAS_VALUE         0x400000u
#define USER_FLAGS_SHIFT  23            /* three bits */
#define USER_FLAGS_MASK   0x3800000u
#define UNUSED_SHIFT      26
#define UNUSED_ELSEWHERE  63u           /* too many to count here: the last two bytes of the block say how many */

struct free_block       /* at the header */
{
    struct block block;
    struct free_block *next, *prev;     /* prev NULL: the head of its bin */
};

struct cached           /* at the user's bytes */
{
    struct cached *next;
};

struct region
{
    LIST_ENTRY entry;       /* heap.regions */
    struct heap *heap;
    char *commit_end;
    char *end;
    SIZE_T keep;            /* committed free bytes at the end that are not worth giving back */
};

/* Freed blocks of one small size, not merged with their neighbours. Has a lock of its own, which may be taken under the
 * heap's but not the other way round: allocating from it does not wait for who holds the heap (kernel32:heap). */
struct quick
{
    struct cached *head;
    LONG lock;
    USHORT count;
    USHORT hits;            /* blocks of this size asked for; from QUICK_START on the list is used */
};

#define QUICK_START 0x12    /* as on Windows the low-fragmentation front end (kernel32:heap) */

struct heap
{
    UINT_PTR reserved[2];
    ULONG signature;            /* 10 */
    ULONG auto_flags;           /* 14 */
    struct region region;       /* 18: the first; its entry is the list's head */
    ULONG cookie;
    ULONG fast;                 /* nonzero: the thread caches may be used without asking */
    LIST_ENTRY heaps;           /* process_heaps */
    ULONG compat;               /* HeapCompatibilityInformation */
    ULONG locked;               /* depth of RtlLockHeap */
    SIZE_T committed;           /* bytes, regions only */
    ULONG flags;                /* 70: where debuggers, tests and protectors look for it */
    ULONG force_flags;          /* 74 */
    RTL_CRITICAL_SECTION lock;
    LIST_ENTRY large;
    SIZE_T next_reserve;
    BOOLEAN foreign_memory;     /* the caller's address: not ours to release */
    BOOLEAN terminate;          /* HeapEnableTerminationOnCorruption */
    ULONG64 bin_map[(BINS + 63) / 64];
    struct free_block *bins[BINS];
    struct quick quick[CLASSES];
};

C_ASSERT(sizeof(struct block) == HEADER);
C_ASSERT(offsetof(struct heap, signature) == 0x10);
C_ASSERT(offsetof(struct heap, flags) == 0x70);
C_ASSERT(offsetof(struct heap, force_flags) == 0x74);

#define HEAP_SIGNATURE 0xffeeffee

/* A block that is a mapping of its own. The user's bytes begin 64 behind the start of it. */
struct large
{
    LIST_ENTRY entry;           /* heap.large */
    struct heap *heap;
    SIZE_T size;                /* what the user asked for */
    SIZE_T committed;           /* bytes from the start of the mapping */
    void *user_value;
    ULONG user_flags;
    ULONG pad;
    struct block block;
};

C_ASSERT(sizeof(struct large) == 64);

#define SMALL_UNITS(size) ((size) <= 2 * UNIT - HEADER ? MIN_UNITS : ((size) + HEADER + UNIT - 1) / UNIT)

static inline struct block *block_of(const void *user)
{
    return (struct block *)((char *)user - HEADER);
}

static inline void *user_of(const struct block *b)
{
    return (char *)b + HEADER;
}

static inline ULONG block_info(const struct block *b)
{
    return __atomic_load_n(&b->info, __ATOMIC_RELAXED);
}

static inline struct block *block_next(const struct block *b)
{
    return (struct block *)((char *)b + (SIZE_T)INFO_SIZE(block_info(b)) * UNIT);
}

static inline ULONG block_check(const struct heap *heap, const struct block *b, ULONG units)
{
    ULONG h = (ULONG)((ULONG_PTR)b >> 4) ^ units << 8 ^ heap->cookie;

    return h * 0x9e3779b1u >> LINK_CHECK_SHIFT;
}

static inline bool block_is_intact(const struct heap *heap, const struct block *b, ULONG info)
{
    return b->link >> LINK_CHECK_SHIFT == block_check(heap, b, INFO_SIZE(info));
}

/* Tells the world that this heap is broken. Returns only if the program asked for that. */
extern void heap_corrupt(struct heap *heap, const void *what);

/* heap_core.c; the caller holds the lock. */
extern struct heap *heap_create(ULONG flags, void *base, SIZE_T reserve, SIZE_T commit);
extern void heap_release(struct heap *heap);
extern struct block *block_take_locked(struct heap *heap, ULONG units);
extern void block_release_locked(struct heap *heap, struct block *b);
extern void block_shrink_locked(struct heap *heap, struct block *b, ULONG units);
extern bool block_extend_locked(struct heap *heap, struct block *b, ULONG units);
extern void quick_drain_locked(struct heap *heap);
extern void heap_trim_locked(struct heap *heap);
/* A row of CACHED blocks of one small size; the number got. */
extern unsigned int block_take_row_locked(struct heap *heap, ULONG units, unsigned int n, struct cached **list);
extern struct region *region_of_locked(struct heap *heap, const void *address);
extern struct block *region_first(const struct region *r);

static inline struct region *region_next(const struct heap *heap, const struct region *r)
{
    return r->entry.Flink == &heap->region.entry ? NULL : CONTAINING_RECORD(r->entry.Flink, struct region, entry);
}

/* Both the heap and the call can ask for no serialization. */
static inline void heap_lock(struct heap *heap, ULONG flags)
{
    if (!((heap->flags | flags) & HEAP_NO_SERIALIZE)) RtlEnterCriticalSection(&heap->lock);
}

static inline void heap_unlock(struct heap *heap, ULONG flags)
{
    if (!((heap->flags | flags) & HEAP_NO_SERIALIZE)) RtlLeaveCriticalSection(&heap->lock);
}

/* heap_cache.c: the quick lists, for callers without the lock, and what the inline parts of the thread caches leave. */
extern unsigned int quick_get(struct heap *heap, ULONG flags, ULONG units, unsigned int n, struct cached **list);
extern void quick_put(struct heap *heap, ULONG flags, ULONG units, struct cached *list);
extern void *cache_alloc_slow(struct heap *heap, ULONG units);
extern void cache_free_slow(struct heap *heap, ULONG units, struct cached *c);
