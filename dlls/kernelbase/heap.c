/* Heaps, and the two families of movable memory that go back to 16-bit Windows.
 *
 * A fixed GlobalAlloc or LocalAlloc block is a heap block, and its handle its address. A movable one is an entry
 * of a table: its handle is the address of that entry plus eight, which no heap block's address can be (they are
 * multiples of sixteen).
 */
#include "kernelbase.h"

HANDLE WINAPI GetProcessHeap(void)
{
    return process_heap();
}

HANDLE WINAPI HeapCreate(DWORD flags, SIZE_T initial, SIZE_T maximum)
{
    HANDLE heap = RtlCreateHeap(flags | (maximum ? 0 : HEAP_GROWABLE), NULL, maximum, initial, NULL, NULL);

    if (!heap) set_error(ERROR_NOT_ENOUGH_MEMORY);
    return heap;
}

BOOL WINAPI HeapDestroy(HANDLE heap)
{
    if (!RtlDestroyHeap(heap)) return TRUE;
    return fail(ERROR_INVALID_HANDLE);
}

BOOL WINAPI HeapFree(HANDLE heap, DWORD flags, void *block)
{
    return RtlFreeHeap(heap, flags, block);
}

BOOL WINAPI HeapLock(HANDLE heap)
{
    return RtlLockHeap(heap);
}

BOOL WINAPI HeapUnlock(HANDLE heap)
{
    return RtlUnlockHeap(heap);
}

SIZE_T WINAPI HeapCompact(HANDLE heap, DWORD flags)
{
    return RtlCompactHeap(heap, flags);
}

BOOL WINAPI HeapValidate(HANDLE heap, DWORD flags, const void *block)
{
    return RtlValidateHeap(heap, flags, block);
}

/* ntdll's entry has a wider size and other flags (ntdll: heap_walk.c). */
struct walk_entry
{
    void  *data;
    SIZE_T size;
    BYTE   overhead, region;
    WORD   flags;
    union
    {
        struct { HANDLE mem; DWORD reserved[3]; } block;
        struct { DWORD committed, uncommitted; void *first, *last; } region_info;
    };
};

static const struct { WORD rtl, process; } walk_flags[] =
{
    { 0x0001, PROCESS_HEAP_ENTRY_BUSY }, { 0x0002, PROCESS_HEAP_REGION }, { 0x1000, PROCESS_HEAP_UNCOMMITTED_RANGE }
};

BOOL WINAPI HeapWalk(HANDLE heap, PROCESS_HEAP_ENTRY *entry)
{
    struct walk_entry e = { 0 };
    unsigned int i;

    if (!entry) return fail(ERROR_INVALID_PARAMETER);
    e.data = entry->lpData;
    for (i = 0; i < ARRAY_SIZE(walk_flags); i++)
        if (entry->wFlags & walk_flags[i].process) e.flags |= walk_flags[i].rtl;
    if (!nt_result(RtlWalkHeap(heap, &e))) return FALSE;

    memset(entry, 0, sizeof(*entry));
    entry->lpData = e.data;
    entry->cbData = (DWORD)e.size;
    entry->cbOverhead = e.overhead;
    entry->iRegionIndex = e.region;
    for (i = 0; i < ARRAY_SIZE(walk_flags); i++)
        if (e.flags & walk_flags[i].rtl) entry->wFlags |= walk_flags[i].process;
    if (e.flags & 0x0002)
    {
        entry->Region.dwCommittedSize = e.region_info.committed;
        entry->Region.dwUnCommittedSize = e.region_info.uncommitted;
        entry->Region.lpFirstBlock = e.region_info.first;
        entry->Region.lpLastBlock = e.region_info.last;
    }
    return TRUE;
}

BOOL WINAPI HeapQueryInformation(HANDLE heap, HEAP_INFORMATION_CLASS class, void *info, SIZE_T size, SIZE_T *returned)
{
    return nt_result(RtlQueryHeapInformation(heap, class, info, size, returned));
}

BOOL WINAPI HeapSetInformation(HANDLE heap, HEAP_INFORMATION_CLASS class, void *info, SIZE_T size)
{
    return nt_result(RtlSetHeapInformation(heap, class, info, size));
}

DWORD WINAPI GetProcessHeaps(DWORD count, HANDLE *heaps)
{
    return RtlGetProcessHeaps(count, heaps);
}

/* ---- movable blocks --------------------------------------------------------------------------------- */
#define MOVABLE_MAGIC   0x6d62
#define MOVABLE_OFFSET  8
#define DISCARDABLE     1
#define MAXIMUM_LOCKS   0xff
#define TABLE_SIZE      512         /* entries allocated at a time */

/* Aligned on sixteen bytes, so that a handle (its address + 8) is no block's address. */
struct movable
{
    struct movable *next_free;      /* while magic is 0 */
    WORD  magic;
    BYTE  flags;
    BYTE  locks;
    DWORD reserved;
    void *block;                    /* NULL: discarded, or of size 0 */
    void *reserved2;
};

static SRWLOCK movable_lock = RTL_SRWLOCK_INIT;
static struct movable *free_list;

static BOOL handle_is_movable(const void *handle)
{
    return ((ULONG_PTR)handle & 15) == MOVABLE_OFFSET;
}

/* The entry behind a handle, if there is one. The lock is held. */
static struct movable *movable_from_locked(const void *handle)
{
    struct movable *entry = (struct movable *)((BYTE *)handle - MOVABLE_OFFSET);

    if (!handle_is_movable(handle) || entry->magic != MOVABLE_MAGIC) return NULL;
    return entry;
}

static struct movable *movable_create_locked(void)
{
    struct movable *entry;

    if (!free_list)
    {
        struct movable *table = heap_zalloc(TABLE_SIZE * sizeof(*table));

        if (!table) return NULL;
        for (int i = TABLE_SIZE - 1; i >= 0; i--)
        {
            table[i].next_free = free_list;
            free_list = &table[i];
        }
    }
    entry = free_list;
    free_list = entry->next_free;
    memset(entry, 0, sizeof(*entry));
    entry->magic = MOVABLE_MAGIC;
    return entry;
}

static void movable_free_locked(struct movable *entry)
{
    heap_free(entry->block);
    memset(entry, 0, sizeof(*entry));
    entry->next_free = free_list;
    free_list = entry;
}

static HANDLE memory_alloc(UINT flags, SIZE_T size)
{
    DWORD heap_flags = flags & GMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0;
    struct movable *entry;
    void *block = NULL;

    if (!(flags & GMEM_MOVEABLE))
    {
        if (!(block = RtlAllocateHeap(process_heap(), heap_flags, size))) set_error(ERROR_NOT_ENOUGH_MEMORY);
        return block;
    }
    if (size && !(block = RtlAllocateHeap(process_heap(), heap_flags, size)))
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    RtlAcquireSRWLockExclusive(&movable_lock);
    if ((entry = movable_create_locked()))
    {
        entry->block = block;
        entry->flags = flags & GMEM_DISCARDABLE ? DISCARDABLE : 0;
    }
    RtlReleaseSRWLockExclusive(&movable_lock);
    if (!entry)
    {
        heap_free(block);
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    return (BYTE *)entry + MOVABLE_OFFSET;
}

static void *memory_lock(HANDLE handle)
{
    struct movable *entry;
    void *block = NULL;

    if (!handle_is_movable(handle)) return RtlValidateHeap(process_heap(), 0, handle) ? handle : NULL;
    RtlAcquireSRWLockExclusive(&movable_lock);
    if ((entry = movable_from_locked(handle)))
    {
        if (!(block = entry->block)) set_error(ERROR_DISCARDED);
        else if (entry->locks < MAXIMUM_LOCKS) entry->locks++;
    }
    else set_error(ERROR_INVALID_HANDLE);
    RtlReleaseSRWLockExclusive(&movable_lock);
    return block;
}

static BOOL memory_unlock(HANDLE handle)
{
    struct movable *entry;
    BOOL still_locked = FALSE;

    if (!handle_is_movable(handle)) return fail(ERROR_NOT_LOCKED);
    RtlAcquireSRWLockExclusive(&movable_lock);
    if (!(entry = movable_from_locked(handle))) set_error(ERROR_INVALID_HANDLE);
    else if (!entry->locks) set_error(ERROR_NOT_LOCKED);
    else if (--entry->locks) still_locked = TRUE;
    else set_error(NO_ERROR);
    RtlReleaseSRWLockExclusive(&movable_lock);
    return still_locked;
}

static HANDLE memory_free(HANDLE handle)
{
    struct movable *entry;
    HANDLE result = NULL;

    if (!handle) return NULL;
    if (!handle_is_movable(handle))
    {
        if (RtlValidateHeap(process_heap(), 0, handle) && RtlFreeHeap(process_heap(), 0, handle)) return NULL;
        set_error(ERROR_INVALID_HANDLE);
        return handle;
    }
    RtlAcquireSRWLockExclusive(&movable_lock);
    if ((entry = movable_from_locked(handle))) movable_free_locked(entry);
    else
    {
        set_error(ERROR_INVALID_HANDLE);
        result = handle;
    }
    RtlReleaseSRWLockExclusive(&movable_lock);
    return result;
}

static SIZE_T memory_size(HANDLE handle)
{
    struct movable *entry;
    SIZE_T size = 0;

    if (!handle_is_movable(handle))
    {
        size = handle ? RtlSizeHeap(process_heap(), 0, handle) : ~(SIZE_T)0;
        if (size != ~(SIZE_T)0) return size;
        set_error(ERROR_INVALID_HANDLE);
        return 0;
    }
    RtlAcquireSRWLockShared(&movable_lock);
    if (!(entry = movable_from_locked(handle))) set_error(ERROR_INVALID_HANDLE);
    else if (entry->block) size = RtlSizeHeap(process_heap(), 0, entry->block);
    RtlReleaseSRWLockShared(&movable_lock);
    return size;
}

static UINT memory_flags(HANDLE handle)
{
    struct movable *entry;
    UINT flags = GMEM_INVALID_HANDLE;

    if (!handle_is_movable(handle))
    {
        if (handle && RtlValidateHeap(process_heap(), 0, handle)) return 0;
        set_error(ERROR_INVALID_HANDLE);
        return flags;
    }
    RtlAcquireSRWLockShared(&movable_lock);
    if ((entry = movable_from_locked(handle)))
    {
        flags = entry->locks;
        if (entry->flags & DISCARDABLE) flags |= GMEM_DISCARDABLE;
        if (!entry->block) flags |= GMEM_DISCARDED;
    }
    else set_error(ERROR_INVALID_HANDLE);
    RtlReleaseSRWLockShared(&movable_lock);
    return flags;
}

static HANDLE memory_realloc(HANDLE handle, SIZE_T size, UINT flags)
{
    DWORD heap_flags = flags & GMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0;
    struct movable *entry;
    HANDLE result = NULL;
    void *block;

    if (!handle_is_movable(handle))
    {
        if (!handle || !RtlValidateHeap(process_heap(), 0, handle))
        {
            set_error(ERROR_INVALID_HANDLE);
            return NULL;
        }
        if (flags & GMEM_MODIFY)
        {
            /* A fixed block becomes movable: it keeps its bytes and gets an entry. */
            if (!(flags & GMEM_MOVEABLE)) return handle;
            RtlAcquireSRWLockExclusive(&movable_lock);
            if ((entry = movable_create_locked()))
            {
                entry->block = handle;
                entry->flags = flags & GMEM_DISCARDABLE ? DISCARDABLE : 0;
                result = (BYTE *)entry + MOVABLE_OFFSET;
            }
            RtlReleaseSRWLockExclusive(&movable_lock);
            if (!entry) set_error(ERROR_NOT_ENOUGH_MEMORY);
            return result;
        }
        /* A fixed block stays where it is, unless the caller lets it move. */
        if (!(flags & GMEM_MOVEABLE)) heap_flags |= HEAP_REALLOC_IN_PLACE_ONLY;
        if (!(block = RtlReAllocateHeap(process_heap(), heap_flags, handle, size))) set_error(ERROR_NOT_ENOUGH_MEMORY);
        return block;
    }

    RtlAcquireSRWLockExclusive(&movable_lock);
    if (!(entry = movable_from_locked(handle))) set_error(ERROR_INVALID_HANDLE);
    else if (flags & GMEM_MODIFY)
    {
        if (flags & GMEM_DISCARDABLE) entry->flags |= DISCARDABLE;
        result = handle;
    }
    else if (!size)
    {
        /* Discard. */
        if (!(flags & GMEM_MOVEABLE) || entry->locks) set_error(ERROR_INVALID_PARAMETER);
        else
        {
            heap_free(entry->block);
            entry->block = NULL;
            result = handle;
        }
    }
    else
    {
        if (!entry->block) block = RtlAllocateHeap(process_heap(), heap_flags, size);
        else
        {
            /* A locked block may not move without the caller's leave. */
            if (entry->locks && !(flags & GMEM_MOVEABLE)) heap_flags |= HEAP_REALLOC_IN_PLACE_ONLY;
            block = RtlReAllocateHeap(process_heap(), heap_flags, entry->block, size);
        }
        if (block)
        {
            entry->block = block;
            result = handle;
        }
        else set_error(ERROR_NOT_ENOUGH_MEMORY);
    }
    RtlReleaseSRWLockExclusive(&movable_lock);
    return result;
}

/* The handle of a block: itself if it is fixed, else the entry that points to it. */
static HANDLE memory_handle(const void *block)
{
    HANDLE handle = NULL;

    if (!block)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (handle_is_movable(block)) handle = (HANDLE)block;
    else if (RtlValidateHeap(process_heap(), 0, block)) handle = (HANDLE)block;
    if (!handle) set_error(ERROR_INVALID_HANDLE);
    return handle;
}

/* ---- Global ----------------------------------------------------------------------------------------- */
HGLOBAL WINAPI GlobalAlloc(UINT flags, SIZE_T size)
{
    return memory_alloc(flags, size);
}

HGLOBAL WINAPI GlobalReAlloc(HGLOBAL handle, SIZE_T size, UINT flags)
{
    return memory_realloc(handle, size, flags);
}

HGLOBAL WINAPI GlobalFree(HGLOBAL handle)
{
    return memory_free(handle);
}

LPVOID WINAPI GlobalLock(HGLOBAL handle)
{
    return memory_lock(handle);
}

BOOL WINAPI GlobalUnlock(HGLOBAL handle)
{
    /* A fixed block has nothing to unlock, and that went well. */
    if (!handle_is_movable(handle)) return TRUE;
    return memory_unlock(handle);
}

SIZE_T WINAPI GlobalSize(HGLOBAL handle)
{
    return memory_size(handle);
}

UINT WINAPI GlobalFlags(HGLOBAL handle)
{
    return memory_flags(handle);
}

HGLOBAL WINAPI GlobalHandle(const void *block)
{
    return memory_handle(block);
}

/* ---- Local ------------------------------------------------------------------------------------------ */
HLOCAL WINAPI LocalAlloc(UINT flags, SIZE_T size)
{
    /* LMEM_DISCARDABLE is not GMEM_DISCARDABLE; the rest of the bits agree. */
    return memory_alloc((flags & ~(UINT)GMEM_DISCARDABLE) | (flags & LMEM_DISCARDABLE ? GMEM_DISCARDABLE : 0), size);
}

HLOCAL WINAPI LocalReAlloc(HLOCAL handle, SIZE_T size, UINT flags)
{
    return memory_realloc(handle, size, (flags & ~(UINT)GMEM_DISCARDABLE) | (flags & LMEM_DISCARDABLE ? GMEM_DISCARDABLE : 0));
}

HLOCAL WINAPI LocalFree(HLOCAL handle)
{
    return memory_free(handle);
}

LPVOID WINAPI LocalLock(HLOCAL handle)
{
    return memory_lock(handle);
}

BOOL WINAPI LocalUnlock(HLOCAL handle)
{
    return memory_unlock(handle);
}

SIZE_T WINAPI LocalSize(HLOCAL handle)
{
    return memory_size(handle);
}

UINT WINAPI LocalFlags(HLOCAL handle)
{
    UINT flags = memory_flags(handle);

    if (flags != GMEM_INVALID_HANDLE && (flags & GMEM_DISCARDABLE)) flags = (flags & ~(UINT)GMEM_DISCARDABLE) | LMEM_DISCARDABLE;
    return flags;
}

HLOCAL WINAPI LocalHandle(const void *block)
{
    return memory_handle(block);
}
