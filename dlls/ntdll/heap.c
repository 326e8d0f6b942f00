/* The heap as programs see it: RtlAllocateHeap and its kind. How it works below is in heap.h.
 *
 * Behind the user's bytes may come, in this order and only if asked for: 16 bytes of 0xab (tail checking), 16 bytes
 * whose second half is the user value (HEAP_USER_VALUE), 16 bytes of nothing (parameter validation);
 * kernel32:heap test_block_layout. Blocks with any of these have 8 bytes more, too. */

#include "heap.h"
#include "heap_cache.h"

#define NOINLINE __attribute__((noinline))
#define likely(x) __builtin_expect(!!(x), 1)

static LIST_ENTRY process_heaps = { &process_heaps, &process_heaps };
static RTL_CRITICAL_SECTION process_heaps_lock = { (void *)(ULONG_PTR)-1, -1, 0, 0, 0, 0 };

/* ---- failing ---- */

static void set_status(NTSTATUS status)
{
    RtlSetLastWin32ErrorAndNtStatusFromNtStatus(status);
}

/* Out of memory, or a size that no memory can hold. */
static void *fail_alloc(ULONG flags, NTSTATUS status)
{
    if (flags & HEAP_GENERATE_EXCEPTIONS)
    {
        EXCEPTION_RECORD rec = { .ExceptionCode = status, .NumberParameters = 1 };

        RtlRaiseException(&rec);
    }
    set_status(status);
    return NULL;
}

void heap_corrupt(struct heap *heap, const void *what)
{
    EXCEPTION_RECORD rec =
    {
        .ExceptionCode = STATUS_HEAP_CORRUPTION,
        .ExceptionFlags = EH_NONCONTINUABLE,
        .ExceptionAddress = __builtin_return_address(0),
        .NumberParameters = 2,
        .ExceptionInformation = { (ULONG_PTR)heap, (ULONG_PTR)what }
    };

    if (heap->terminate) RtlRaiseException(&rec);
}

static inline struct heap *get_heap(HANDLE handle)
{
    struct heap *heap = handle;

    return heap && heap->signature == HEAP_SIGNATURE ? heap : NULL;
}

static inline struct large *large_of(const struct block *b)
{
    return CONTAINING_RECORD(b, struct large, block);
}

/* ---- sizes ---- */

/* Bytes wanted behind the user's. */
static SIZE_T extra_bytes(ULONG flags)
{
    SIZE_T n = 0;

    if (flags & HEAP_TAIL_CHECKING_ENABLED) n += TAIL_BYTES;
    if (flags & HEAP_USER_VALUE) n += UNIT;
    if (flags & HEAP_PADDING_FLAGS) n += UNIT;
    if (flags & (HEAP_DEBUG_FLAGS | HEAP_USER_VALUE | HEAP_USER_FLAGS)) n += HEADER;
    return n;
}

static ULONG units_for(SIZE_T size, ULONG flags)
{
    if (size < UNIT) size = UNIT;
    return (ULONG)((size + extra_bytes(flags) + HEADER + UNIT - 1) / UNIT);
}

static SIZE_T block_unused(const struct block *b, ULONG info)
{
    ULONG unused = info >> UNUSED_SHIFT;

    if (unused < UNUSED_ELSEWHERE) return unused;
    return ((const USHORT *)((const char *)b + (SIZE_T)INFO_SIZE(info) * UNIT))[-1];
}

static SIZE_T block_size(const struct block *b, ULONG info)
{
    if ((info & STATE_MASK) == LARGE) return large_of(b)->size;
    return (SIZE_T)INFO_SIZE(info) * UNIT - HEADER - block_unused(b, info);
}

/* Makes the block BUSY with this many user bytes; `info` keeps size and user flags. */
static void set_busy(struct block *b, ULONG info, SIZE_T size)
{
    SIZE_T unused = (SIZE_T)INFO_SIZE(info) * UNIT - HEADER - size;
    ULONG keep = info & (0xfffff | HAS_VALUE | USER_FLAGS_MASK);

    if (unused >= UNUSED_ELSEWHERE)
    {
        ((USHORT *)((char *)b + (SIZE_T)INFO_SIZE(info) * UNIT))[-1] = (USHORT)unused;
        unused = UNUSED_ELSEWHERE;
    }
    __atomic_store_n(&b->info, keep | BUSY | (ULONG)unused << UNUSED_SHIFT, __ATOMIC_RELAXED);
}

static ULONG user_flags_of(ULONG flags)
{
    return (flags & HEAP_USER_FLAGS) >> 9 << USER_FLAGS_SHIFT | (flags & HEAP_USER_VALUE ? HAS_VALUE : 0);
}

static void **value_of(const struct heap *heap, struct block *b, ULONG info)
{
    char *end = (char *)user_of(b) + block_size(b, info);

    return (void **)(end + (heap->flags & HEAP_TAIL_CHECKING_ENABLED ? TAIL_BYTES : 0)) + 1;
}

/* ---- large blocks ---- */

static void *large_alloc(struct heap *heap, ULONG flags, SIZE_T size)
{
    SIZE_T bytes = ALIGN_UP(size + sizeof(struct large), 0x1000);
    void *base = NULL;
    struct large *l;

    if (bytes < size) return NULL;
    if (NtAllocateVirtualMemory(GetCurrentProcess(), &base, 0, &bytes, MEM_RESERVE | MEM_COMMIT,
                                flags & HEAP_CREATE_ENABLE_EXECUTE ? PAGE_EXECUTE_READWRITE : PAGE_READWRITE))
        return NULL;
    l = base;
    l->heap = heap;
    l->size = size;
    l->committed = bytes;
    l->user_value = NULL;
    l->user_flags = flags & HEAP_USER_FLAGS;
    l->block.link = block_check(heap, &l->block, 0) << LINK_CHECK_SHIFT;
    l->block.info = LARGE | (flags & HEAP_USER_VALUE ? HAS_VALUE : 0);

    heap_lock(heap, flags);
    l->entry.Flink = &heap->large;
    l->entry.Blink = heap->large.Blink;
    heap->large.Blink->Flink = &l->entry;
    heap->large.Blink = &l->entry;
    heap_unlock(heap, flags);
    return user_of(&l->block);
}

static void large_release(struct heap *heap, ULONG flags, struct large *l)
{
    SIZE_T zero = 0;
    void *base = l;

    heap_lock(heap, flags);
    l->entry.Flink->Blink = l->entry.Blink;
    l->entry.Blink->Flink = l->entry.Flink;
    heap_unlock(heap, flags);
    NtFreeVirtualMemory(GetCurrentProcess(), &base, &zero, MEM_RELEASE);
}

/* A large block does not grow; one that shrinks gives its pages back. */
static bool large_resize(struct large *l, SIZE_T size)
{
    SIZE_T bytes = ALIGN_UP(size + sizeof(*l), 0x1000), excess;
    void *start = (char *)l + bytes;

    if (bytes < size || bytes > l->committed) return false;
    if ((excess = l->committed - bytes))
    {
        if (NtFreeVirtualMemory(GetCurrentProcess(), &start, &excess, MEM_DECOMMIT)) return false;
        l->committed = bytes;
    }
    if (size < l->size) memset((char *)l + sizeof(*l) + size, 0, bytes - sizeof(*l) - size);
    l->size = size;
    return true;
}

/* ---- allocating ---- */

/* A block with room for `units`, from the cache, a quick list or the free lists; BUSY or CACHED. */
static struct block *take_block(struct heap *heap, ULONG flags, ULONG units)
{
    struct cached *c = NULL;
    struct block *b;
    void *user;

    if (units >= CLASSES + MIN_UNITS || heap->flags & HEAP_DEBUG_FLAGS)
    {
        heap_lock(heap, flags);
        b = block_take_locked(heap, units);
        heap_unlock(heap, flags);
        return b;
    }
    if (heap->fast && (user = cache_alloc_slow(heap, units))) return block_of(user);
    return quick_get(heap, flags, units, 1, &c) ? block_of(c) : NULL;
}

static void fill_new(const struct heap *heap, struct block *b, ULONG flags, SIZE_T size)
{
    char *user = user_of(b);

    if (flags & HEAP_ZERO_MEMORY) memset(user, 0, size);
    else if (heap->flags & HEAP_FREE_CHECKING_ENABLED) RtlFillMemoryUlong((ULONG *)user, size & ~3, ALLOC_FILL);
    if (heap->flags & HEAP_TAIL_CHECKING_ENABLED) memset(user + size, TAIL_FILL, TAIL_BYTES);
    if (flags & HEAP_USER_VALUE) memset(value_of(heap, b, b->info) - 1, 0, UNIT);
}

static NOINLINE void *alloc_slow(struct heap *heap, ULONG flags, SIZE_T size)
{
    SIZE_T room = size;
    struct block *b;

    if (!heap || heap->signature != HEAP_SIGNATURE)
    {
        set_status(STATUS_INVALID_HANDLE);
        return NULL;
    }
    /* Checks are the heap's, not a block's, but a block that asks for them takes the room (kernel32:heap). */
    if (flags & HEAP_DEBUG_FLAGS && size < LARGE_MIN) room += HEADER;
    flags = (flags & ~HEAP_DEBUG_FLAGS) | (heap->flags & (HEAP_GENERATE_EXCEPTIONS | HEAP_ZERO_MEMORY |
                                                         HEAP_CREATE_ENABLE_EXECUTE | HEAP_DEBUG_FLAGS));
    if (size >= LARGE_MIN)
    {
        void *user = heap->flags & HEAP_GROWABLE ? large_alloc(heap, flags, size) : NULL;

        return user ? user : fail_alloc(flags, STATUS_NO_MEMORY);
    }
    if (!(b = take_block(heap, flags, units_for(room, flags)))) return fail_alloc(flags, STATUS_NO_MEMORY);
    set_busy(b, INFO_SIZE(b->info) | user_flags_of(flags), size);
    fill_new(heap, b, flags, size);
    return user_of(b);
}

void * WINAPI RtlAllocateHeap(HANDLE handle, ULONG flags, SIZE_T size)
{
    struct thread_cache *cache = thread_cache();
    struct heap *heap = handle;

    if (likely(cache && cache->heap == heap && heap->fast && size <= SMALL_MAX &&
               !(flags & ~(HEAP_ZERO_MEMORY | HEAP_NO_SERIALIZE))))
    {
        ULONG units = SMALL_UNITS(size);
        struct cache_bin *bin = &cache->bins[units - MIN_UNITS];
        struct cached *c = bin->head;

        if (likely(c))
        {
            struct block *b = block_of(c);
            ULONG info = b->info;

            if (likely((info & STATE_MASK) == CACHED))
            {
                bin->head = c->next;
                bin->count--;
                info = INFO_SIZE(info);
                b->info = info | BUSY | (ULONG)(info * UNIT - HEADER - size) << UNUSED_SHIFT;
                if (flags & HEAP_ZERO_MEMORY) memset(c, 0, size);
                return c;
            }
            heap_corrupt(heap, c);
            bin->head = NULL;
            bin->count = 0;
        }
    }
    return alloc_slow(heap, flags, size);
}

/* ---- freeing ---- */

static bool tail_is_intact(const struct heap *heap, const struct block *b, ULONG info)
{
    const BYTE *tail = (const BYTE *)user_of(b) + block_size(b, info);

    if (!(heap->flags & HEAP_TAIL_CHECKING_ENABLED) || (info & STATE_MASK) == LARGE) return true;
    for (int i = 0; i < TAIL_BYTES; i++)
        if (tail[i] != TAIL_FILL) return false;
    return true;
}

/* The block of a pointer that the caller got from this heap, or NULL if it cannot be. */
static struct block *get_block(struct heap *heap, const void *user)
{
    struct block *b = block_of(user);
    ULONG info;

    if ((ULONG_PTR)user % UNIT) return NULL;
    info = block_info(b);
    if ((info & STATE_MASK) == LARGE)
        return block_is_intact(heap, b, 0) && large_of(b)->heap == heap ? b : NULL;
    return (info & STATE_MASK) == BUSY && block_is_intact(heap, b, info) ? b : NULL;
}

static NOINLINE BOOLEAN free_slow(struct heap *heap, ULONG flags, void *user)
{
    struct block *b;
    ULONG info, units;

    if (!user) return TRUE;
    if (!heap || heap->signature != HEAP_SIGNATURE)
    {
        set_status(STATUS_INVALID_HANDLE);
        return FALSE;
    }
    if (!(b = get_block(heap, user)))
    {
        heap_corrupt(heap, user);
        return FALSE;
    }
    info = b->info;
    if (heap->flags & HEAP_PADDING_FLAGS && !tail_is_intact(heap, b, info)) return FALSE;
    if ((info & STATE_MASK) == LARGE)
    {
        large_release(heap, flags, large_of(b));
        return TRUE;
    }
    units = INFO_SIZE(info);
    if (heap->flags & HEAP_FREE_CHECKING_ENABLED)
        RtlFillMemoryUlong((ULONG *)user, (SIZE_T)units * UNIT - HEADER, FREE_FILL);
    __atomic_store_n(&b->info, units | CACHED, __ATOMIC_RELAXED);
    if (units < CLASSES + MIN_UNITS && !(heap->flags & HEAP_DEBUG_FLAGS))
    {
        ((struct cached *)user)->next = NULL;
        quick_put(heap, flags, units, user);
        return TRUE;
    }
    heap_lock(heap, flags);
    block_release_locked(heap, b);
    heap_unlock(heap, flags);
    return TRUE;
}

BOOLEAN WINAPI RtlFreeHeap(HANDLE handle, ULONG flags, void *user)
{
    struct thread_cache *cache = thread_cache();
    struct heap *heap = handle;

    if (likely(user && cache && cache->heap == heap && heap->fast && !((ULONG_PTR)user % UNIT)))
    {
        struct block *b = block_of(user);
        ULONG info = b->info, units = INFO_SIZE(info);

        if (likely((info & STATE_MASK) == BUSY && units - MIN_UNITS < CLASSES && block_is_intact(heap, b, info)))
        {
            struct cache_bin *bin = &cache->bins[units - MIN_UNITS];
            struct cached *c = user;

            b->info = units | CACHED;
            if (likely(bin->count < bin->limit))
            {
                c->next = bin->head;
                bin->head = c;
                bin->count++;
            }
            else cache_free_slow(heap, units, c);
            return TRUE;
        }
    }
    return free_slow(heap, flags, user);
}

/* ---- resizing ---- */

/* Room for the new size where the block is? `info` is that of the block now. */
static bool resize_in_place(struct heap *heap, struct block *b, ULONG info, ULONG flags, SIZE_T size)
{
    ULONG units, have = INFO_SIZE(info);
    bool done;

    if ((info & STATE_MASK) == LARGE) return large_resize(large_of(b), size);
    if (size >= LARGE_MIN) return false;
    units = units_for(size, flags);
    if (units <= have)
    {
        if (have - units < MIN_UNITS) return true;
        heap_lock(heap, flags);
        block_shrink_locked(heap, b, units);
        heap_unlock(heap, flags);
        return true;
    }
    heap_lock(heap, flags);
    done = block_extend_locked(heap, b, units);
    heap_unlock(heap, flags);
    return done;
}

void * WINAPI RtlReAllocateHeap(HANDLE handle, ULONG flags, void *user, SIZE_T size)
{
    struct heap *heap = get_heap(handle);
    SIZE_T old_size;
    ULONG info, alloc_flags;
    void *copy, *value = NULL;
    struct block *b;

    if (!user)
    {
        RtlSetLastWin32Error(NO_ERROR);
        return NULL;
    }
    if (!heap)
    {
        set_status(STATUS_INVALID_HANDLE);
        return NULL;
    }
    flags |= heap->flags & (HEAP_GENERATE_EXCEPTIONS | HEAP_ZERO_MEMORY);
    if (!(b = get_block(heap, user)))
    {
        heap_corrupt(heap, user);
        return NULL;
    }
    info = b->info;
    if (heap->flags & HEAP_PADDING_FLAGS && !tail_is_intact(heap, b, info))
    {
        set_status(STATUS_INVALID_PARAMETER);
        return NULL;
    }
    old_size = block_size(b, info);
    alloc_flags = (heap->flags & HEAP_DEBUG_FLAGS) | (info & HAS_VALUE ? HEAP_USER_VALUE : 0) |
                  (info & USER_FLAGS_MASK) >> USER_FLAGS_SHIFT << 9 | (flags & HEAP_NO_SERIALIZE);
    if ((info & STATE_MASK) == LARGE) alloc_flags |= large_of(b)->user_flags;

    if (info & HAS_VALUE)
        value = (info & STATE_MASK) == LARGE ? large_of(b)->user_value : *value_of(heap, b, info);

    if (resize_in_place(heap, b, info, alloc_flags, size))
    {
        if ((info & STATE_MASK) != LARGE)
        {
            set_busy(b, b->info, size);
            if (heap->flags & HEAP_TAIL_CHECKING_ENABLED) memset((char *)user + size, TAIL_FILL, TAIL_BYTES);
            if (info & HAS_VALUE) *value_of(heap, b, b->info) = value;
            if (size > old_size && flags & HEAP_ZERO_MEMORY) memset((char *)user + old_size, 0, size - old_size);
        }
        return user;
    }
    if (flags & HEAP_REALLOC_IN_PLACE_ONLY) return fail_alloc(flags, STATUS_NO_MEMORY);

    alloc_flags |= flags & HEAP_GENERATE_EXCEPTIONS;
    if (!(copy = RtlAllocateHeap(heap, alloc_flags & ~HEAP_DEBUG_FLAGS, size))) return NULL;
    memcpy(copy, user, old_size < size ? old_size : size);
    if (size > old_size && flags & HEAP_ZERO_MEMORY) memset((char *)copy + old_size, 0, size - old_size);
    if (info & HAS_VALUE) RtlSetUserValueHeap(heap, 0, copy, value);
    RtlFreeHeap(heap, flags & HEAP_NO_SERIALIZE, user);
    return copy;
}

SIZE_T WINAPI RtlSizeHeap(HANDLE handle, ULONG flags, const void *user)
{
    struct heap *heap = get_heap(handle);
    struct block *b;

    (void)flags;
    if (!heap || !user || !(b = get_block(heap, user)) ||
        (heap->flags & HEAP_PADDING_FLAGS && !tail_is_intact(heap, b, b->info)))
    {
        set_status(STATUS_INVALID_PARAMETER);
        return ~(SIZE_T)0;
    }
    return block_size(b, b->info);
}

/* ---- what the user hangs on a block ---- */

extern BOOLEAN WINAPI RtlGetUserInfoHeap(HANDLE heap, ULONG flags, void *user, void **value, ULONG *user_flags);

BOOLEAN WINAPI RtlGetUserInfoHeap(HANDLE handle, ULONG flags, void *user, void **value, ULONG *user_flags)
{
    struct heap *heap = get_heap(handle);
    struct block *b;
    ULONG info;

    (void)flags;
    if (user_flags) *user_flags = 0;
    if (!heap || !(b = get_block(heap, user)))
    {
        set_status(STATUS_INVALID_PARAMETER);
        return FALSE;
    }
    info = b->info;
    if ((info & STATE_MASK) == LARGE)
    {
        if (value && info & HAS_VALUE) *value = large_of(b)->user_value;
        if (user_flags) *user_flags = large_of(b)->user_flags;
    }
    else
    {
        if (value && info & HAS_VALUE) *value = *value_of(heap, b, info);
        if (user_flags) *user_flags = (info & USER_FLAGS_MASK) >> USER_FLAGS_SHIFT << 9;
    }
    return TRUE;
}

BOOLEAN WINAPI RtlSetUserValueHeap(HANDLE handle, ULONG flags, void *user, void *value)
{
    struct heap *heap = get_heap(handle);
    struct block *b;

    (void)flags;
    if (!heap || !(b = get_block(heap, user)) || !(b->info & HAS_VALUE))
    {
        set_status(STATUS_INVALID_PARAMETER);
        return FALSE;
    }
    if ((b->info & STATE_MASK) == LARGE) large_of(b)->user_value = value;
    else *value_of(heap, b, b->info) = value;
    return TRUE;
}

BOOLEAN WINAPI RtlSetUserFlagsHeap(HANDLE handle, ULONG flags, void *user, ULONG clear, ULONG set)
{
    struct heap *heap = get_heap(handle);
    struct block *b;

    (void)flags;
    if (!heap || (clear | set) & ~HEAP_USER_FLAGS || !(b = get_block(heap, user)))
    {
        set_status(STATUS_INVALID_PARAMETER);
        return FALSE;
    }
    if ((b->info & STATE_MASK) == LARGE) large_of(b)->user_flags = (large_of(b)->user_flags & ~clear) | set;
    else b->info = (b->info & ~(clear >> 9 << USER_FLAGS_SHIFT)) | set >> 9 << USER_FLAGS_SHIFT;
    return TRUE;
}

/* ---- heaps ---- */

/* The flags that NtGlobalFlag asks for. */
static ULONG debug_flags(ULONG flags)
{
    static const struct { ULONG global, heap; } map[] =
    {
        { FLG_HEAP_ENABLE_TAIL_CHECK, HEAP_TAIL_CHECKING_ENABLED },
        { FLG_HEAP_ENABLE_FREE_CHECK, HEAP_FREE_CHECKING_ENABLED },
        { FLG_HEAP_VALIDATE_PARAMETERS, HEAP_VALIDATE_PARAMS | HEAP_VALIDATE | HEAP_TAIL_CHECKING_ENABLED |
                                        HEAP_FREE_CHECKING_ENABLED },
        { FLG_HEAP_VALIDATE_ALL, HEAP_VALIDATE_ALL | HEAP_VALIDATE | HEAP_TAIL_CHECKING_ENABLED |
                                 HEAP_FREE_CHECKING_ENABLED },
        { FLG_HEAP_DISABLE_COALESCING, HEAP_DISABLE_COALESCE_ON_FREE },
    };
    ULONG global = current_peb()->NtGlobalFlag;

    for (unsigned int i = 0; i < ARRAY_COUNT(map); i++)
        if (global & map[i].global) flags |= map[i].heap;
    return flags;
}

HANDLE WINAPI RtlCreateHeap(ULONG flags, void *base, SIZE_T reserve, SIZE_T commit, void *lock,
                            RTL_HEAP_DEFINITION *definition)
{
    struct heap *heap;
    bool growable = flags & HEAP_GROWABLE || !reserve;

    (void)lock;
    (void)definition;
    /* The checks are there only if the process's global flags say so (kernel32:heap test_debug_heap). */
    flags &= HEAP_NO_SERIALIZE | HEAP_GENERATE_EXCEPTIONS | HEAP_ZERO_MEMORY | HEAP_REALLOC_IN_PLACE_ONLY |
             HEAP_DISABLE_COALESCE_ON_FREE | HEAP_CREATE_ENABLE_EXECUTE;
    if (growable) flags |= HEAP_GROWABLE;
    if (current_peb()->ProcessHeap) flags |= HEAP_PRIVATE;
    flags = debug_flags(flags);

    commit = ALIGN_UP(commit, 0x1000);
    if (commit < 0x2000) commit = 0x2000;
    reserve = ALIGN_UP(reserve, 0x1000);
    if (!reserve) reserve = ALIGN_UP(commit, 0x10000);
    if (reserve < commit) reserve = commit;
    if (reserve > REGION_MAX) reserve = REGION_MAX;
    if (commit > reserve) commit = reserve;

    if (!(heap = heap_create(flags, base, reserve, commit)))
    {
        set_status(STATUS_NO_MEMORY);
        return NULL;
    }
    heap->auto_flags = flags & HEAP_GROWABLE;
    heap->force_flags = flags & ~(ULONG)(HEAP_DISABLE_COALESCE_ON_FREE | HEAP_GROWABLE | HEAP_PRIVATE);
    if (!(flags & (HEAP_PRIVATE | HEAP_NO_SERIALIZE | HEAP_DEBUG_FLAGS))) heap->compat = 2;

    RtlEnterCriticalSection(&process_heaps_lock);
    heap->heaps.Flink = &process_heaps;
    heap->heaps.Blink = process_heaps.Blink;
    process_heaps.Blink->Flink = &heap->heaps;
    process_heaps.Blink = &heap->heaps;
    heap->fast = !(flags & HEAP_PRIVATE) && !(flags & (HEAP_NO_SERIALIZE | HEAP_DEBUG_FLAGS |
                                                       HEAP_GENERATE_EXCEPTIONS | HEAP_ZERO_MEMORY));
    RtlLeaveCriticalSection(&process_heaps_lock);
    return heap;
}

HANDLE WINAPI RtlDestroyHeap(HANDLE handle)
{
    struct heap *heap = get_heap(handle);

    if (!heap && handle && current_peb()->BeingDebugged)
    {
        DbgPrint("Oriel: RtlDestroyHeap: %p is no heap\n", handle);
        DbgBreakPoint();
    }
    if (!heap || heap == current_peb()->ProcessHeap) return handle;

    RtlEnterCriticalSection(&process_heaps_lock);
    heap->heaps.Flink->Blink = heap->heaps.Blink;
    heap->heaps.Blink->Flink = heap->heaps.Flink;
    RtlLeaveCriticalSection(&process_heaps_lock);

    while (heap->large.Flink != &heap->large)
        large_release(heap, 0, CONTAINING_RECORD(heap->large.Flink, struct large, entry));
    heap_release(heap);
    return NULL;
}

ULONG WINAPI RtlGetProcessHeaps(ULONG count, HANDLE *heaps)
{
    ULONG total = 0;

    RtlEnterCriticalSection(&process_heaps_lock);
    for (LIST_ENTRY *e = process_heaps.Flink; e != &process_heaps; e = e->Flink, total++)
        if (total < count) heaps[total] = CONTAINING_RECORD(e, struct heap, heaps);
    RtlLeaveCriticalSection(&process_heaps_lock);
    return total;
}

/* While a program holds the lock, the other threads' caches stand still, too. */
BOOLEAN WINAPI RtlLockHeap(HANDLE handle)
{
    struct heap *heap = get_heap(handle);

    if (!heap) return FALSE;
    heap_lock(heap, 0);
    if (!heap->locked++ && heap->fast) heap->fast = 0;
    return TRUE;
}

BOOLEAN WINAPI RtlUnlockHeap(HANDLE handle)
{
    struct heap *heap = get_heap(handle);

    if (!heap) return FALSE;
    if (heap->locked && !--heap->locked)
        heap->fast = !(heap->flags & (HEAP_PRIVATE | HEAP_NO_SERIALIZE | HEAP_DEBUG_FLAGS | HEAP_GENERATE_EXCEPTIONS |
                                      HEAP_ZERO_MEMORY));
    heap_unlock(heap, 0);
    return TRUE;
}

/* Merges what can be merged; returns the size of the largest free block. */
ULONG WINAPI RtlCompactHeap(HANDLE handle, ULONG flags)
{
    struct heap *heap = get_heap(handle);
    ULONG largest = 0;

    if (!heap) return 0;
    heap_lock(heap, flags);
    heap_trim_locked(heap);
    for (int i = BINS - 1; i >= 0 && !largest; i--)
        for (struct free_block *f = heap->bins[i]; f; f = f->next)
            if (INFO_SIZE(f->block.info) > largest) largest = INFO_SIZE(f->block.info);
    heap_unlock(heap, flags);
    return largest ? largest * UNIT - HEADER : 0;
}
