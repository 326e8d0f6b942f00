/* The two families of movable memory that go back to 16-bit Windows, GlobalAlloc and LocalAlloc.
 *
 * A fixed block is a block of the process heap, and its handle its address. A movable one has an entry in a table of
 * 65536, like on Windows: the handle is the address of the entry's pointer, 8 modulo 16, which no heap block has. The
 * block's user value is its handle, its user flags say that it is movable. Programs and tests look at all of that
 * (kernel32:heap test_GlobalAlloc, test_LocalAlloc). */
#include "kernelbase.h"

#define USER_VALUE      0x100       /* heap flags: keep a value with the block */
#define USER_MOVABLE    0x200
#define USER_DDESHARE   0x400

#define ENTRIES         0x10000
#define COMMIT_ENTRIES  0x1000      /* at a time: 64 KiB */

#define ENTRY_USED        0x01
#define ENTRY_MOVABLE     0x02
#define ENTRY_DISCARDABLE 0x04
#define ENTRY_DISCARDED   0x08
#define ENTRY_DDESHARE    0x8000
#define MAX_LOCKS         0xff

struct entry
{
    union
    {
        struct
        {
            WORD flags;
            BYTE locks;
            BYTE reserved[5];
        };
        ULONG_PTR next;         /* free: the address of the next free one, or LAST; never ENTRY_USED, never 0 */
    };
    void *block;
};

#define LAST 0x10

/* GlobalXxx and LocalXxx differ in a few bits, in what they convert and in how they fail. */
struct family
{
    UINT discardable, invalid_handle;
    BOOL is_global;
};

static const struct family global_family = { GMEM_DISCARDABLE, GMEM_INVALID_HANDLE, TRUE };
static const struct family local_family = { LMEM_DISCARDABLE, LMEM_INVALID_HANDLE, FALSE };

static SRWLOCK table_lock = RTL_SRWLOCK_INIT;
static struct entry *table;
static ULONG_PTR free_entries = LAST;
static ULONG committed;

extern BOOLEAN WINAPI RtlGetUserInfoHeap(HANDLE heap, ULONG flags, void *block, void **value, ULONG *user_flags);
extern BOOLEAN WINAPI RtlSetUserValueHeap(HANDLE heap, ULONG flags, void *block, void *value);

static BOOL is_fixed(const void *handle)
{
    return !((ULONG_PTR)handle & 15);
}

static BOOL is_valid_fixed(const void *handle)
{
    return handle && RtlValidateHeap(process_heap(), 0, handle);
}

static HANDLE handle_of(struct entry *entry)
{
    return &entry->block;
}

/* The entry behind a handle, or NULL with the error set. The lock is held. */
static struct entry *entry_of_locked(const void *handle)
{
    struct entry *entry = CONTAINING_RECORD(handle, struct entry, block);

    if (entry >= table && entry < table + committed && !((ULONG_PTR)entry & 15) &&
        entry->flags & ENTRY_USED)
        return entry;
    set_error(ERROR_INVALID_HANDLE);
    return NULL;
}

static struct entry *entry_create_locked(void)
{
    struct entry *entry;

    if (free_entries == LAST)
    {
        SIZE_T size = ENTRIES * sizeof(*table);
        void *base = NULL;

        if (committed == ENTRIES) return NULL;
        if (!table)
        {
            if (NtAllocateVirtualMemory(GetCurrentProcess(), &base, 0, &size, MEM_RESERVE, PAGE_READWRITE)) return NULL;
            table = base;
        }
        base = table + committed;
        size = COMMIT_ENTRIES * sizeof(*table);
        if (NtAllocateVirtualMemory(GetCurrentProcess(), &base, 0, &size, MEM_COMMIT, PAGE_READWRITE)) return NULL;
        committed += COMMIT_ENTRIES;
        for (entry = table + committed - 1; entry >= (struct entry *)base; entry--)
        {
            entry->next = free_entries;
            free_entries = (ULONG_PTR)entry;
        }
    }
    entry = (struct entry *)free_entries;
    free_entries = entry->next;
    memset(entry, 0, sizeof(*entry));
    entry->flags = ENTRY_USED | ENTRY_MOVABLE;
    return entry;
}

static void entry_free_locked(struct entry *entry)
{
    entry->next = free_entries;
    entry->block = NULL;
    free_entries = (ULONG_PTR)entry;
}

static WORD entry_flags(const struct family *family, UINT flags)
{
    return (flags & family->discardable ? ENTRY_DISCARDABLE : 0) | (flags & GMEM_DDESHARE ? ENTRY_DDESHARE : 0);
}

/* A block that knows its handle. */
static void *block_alloc(UINT flags, SIZE_T size, HANDLE handle)
{
    DWORD heap_flags = USER_VALUE | USER_MOVABLE | (flags & GMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0);
    void *block;

    if (flags & GMEM_DDESHARE) heap_flags |= USER_DDESHARE;
    if ((block = RtlAllocateHeap(process_heap(), heap_flags, size))) RtlSetUserValueHeap(process_heap(), 0, block, handle);
    return block;
}

static HANDLE memory_alloc(const struct family *family, UINT flags, SIZE_T size)
{
    struct entry *entry;
    HANDLE handle = NULL;

    if (!(flags & GMEM_MOVEABLE))
    {
        DWORD heap_flags = (flags & GMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0) | (flags & GMEM_DDESHARE ? USER_DDESHARE : 0);

        return RtlAllocateHeap(process_heap(), heap_flags, size || !family->is_global ? size : 1);
    }
    RtlAcquireSRWLockExclusive(&table_lock);
    if ((entry = entry_create_locked()))
    {
        entry->flags |= entry_flags(family, flags);
        if (!size) entry->flags |= ENTRY_DISCARDED;
        if (!size || (entry->block = block_alloc(flags, size, handle_of(entry)))) handle = handle_of(entry);
        else entry_free_locked(entry);
    }
    RtlReleaseSRWLockExclusive(&table_lock);
    if (!handle) set_error(ERROR_NOT_ENOUGH_MEMORY);
    return handle;
}

static void *memory_lock(const struct family *family, HANDLE handle)
{
    struct entry *entry;
    void *block = NULL;

    if (is_fixed(handle))
    {
        DWORD error = GetLastError();

        if (is_valid_fixed(handle)) return handle;
        set_error(family->is_global ? ERROR_INVALID_HANDLE : error);
        return NULL;
    }
    RtlAcquireSRWLockExclusive(&table_lock);
    if ((entry = entry_of_locked(handle)))
    {
        if (!(block = entry->block)) set_error(ERROR_DISCARDED);
        else if (entry->locks < MAX_LOCKS) entry->locks++;
    }
    RtlReleaseSRWLockExclusive(&table_lock);
    return block;
}

static BOOL memory_unlock(const struct family *family, HANDLE handle)
{
    struct entry *entry;
    BOOL result = FALSE;

    if (is_fixed(handle))
    {
        if (!family->is_global) set_error(ERROR_NOT_LOCKED);
        return family->is_global;
    }
    RtlAcquireSRWLockExclusive(&table_lock);
    if (!(entry = entry_of_locked(handle))) result = family->is_global;
    else if (!entry->locks) set_error(ERROR_NOT_LOCKED);
    else if (--entry->locks) result = TRUE;
    else set_error(NO_ERROR);
    RtlReleaseSRWLockExclusive(&table_lock);
    return result;
}

static HANDLE memory_free(HANDLE handle)
{
    struct entry *entry;

    if (!handle) return NULL;
    if (is_fixed(handle))
    {
        if (is_valid_fixed(handle) && RtlFreeHeap(process_heap(), 0, handle)) return NULL;
        return handle;
    }
    RtlAcquireSRWLockExclusive(&table_lock);
    if ((entry = entry_of_locked(handle)))
    {
        heap_free(entry->block);
        entry_free_locked(entry);
        handle = NULL;
    }
    RtlReleaseSRWLockExclusive(&table_lock);
    return handle;
}

static SIZE_T memory_size(HANDLE handle)
{
    struct entry *entry;
    SIZE_T size = 0;

    if (is_fixed(handle))
    {
        if (is_valid_fixed(handle)) return RtlSizeHeap(process_heap(), 0, handle);
        set_error(ERROR_INVALID_HANDLE);
        return 0;
    }
    RtlAcquireSRWLockShared(&table_lock);
    if ((entry = entry_of_locked(handle)) && entry->block) size = RtlSizeHeap(process_heap(), 0, entry->block);
    RtlReleaseSRWLockShared(&table_lock);
    return size;
}

static UINT memory_flags(const struct family *family, HANDLE handle)
{
    UINT flags = family->invalid_handle;
    struct entry *entry;

    if (is_fixed(handle))
    {
        if (is_valid_fixed(handle)) return 0;
        if (family->is_global) set_error(ERROR_INVALID_HANDLE);
        return flags;
    }
    RtlAcquireSRWLockShared(&table_lock);
    if ((entry = entry_of_locked(handle)))
    {
        flags = entry->locks;
        if (entry->flags & ENTRY_DISCARDABLE) flags |= family->discardable;
        if (entry->flags & ENTRY_DISCARDED) flags |= GMEM_DISCARDED;
        if (entry->flags & ENTRY_DDESHARE) flags |= GMEM_DDESHARE;
    }
    RtlReleaseSRWLockShared(&table_lock);
    return flags;
}

/* A fixed block gets a handle, which means another block: this one has no room for its handle. */
static HANDLE make_movable(const struct family *family, void *block, UINT flags)
{
    SIZE_T size = RtlSizeHeap(process_heap(), 0, block);
    HANDLE handle = memory_alloc(family, flags & ~(UINT)GMEM_ZEROINIT, size);
    struct entry *entry = CONTAINING_RECORD(handle, struct entry, block);

    if (!handle) return NULL;
    if (size) memcpy(entry->block, block, size);
    heap_free(block);
    return handle;
}

static HANDLE realloc_fixed(const struct family *family, HANDLE handle, SIZE_T size, UINT flags)
{
    DWORD heap_flags = flags & GMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0;

    if (!handle)
    {
        set_error(ERROR_INVALID_HANDLE);
        return NULL;
    }
    if (!is_valid_fixed(handle)) return NULL;
    if (flags & GMEM_MODIFY) return flags & GMEM_MOVEABLE && family->is_global ? make_movable(family, handle, flags) : handle;
    if (flags & family->discardable)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!(flags & GMEM_MOVEABLE)) heap_flags |= HEAP_REALLOC_IN_PLACE_ONLY;
    return RtlReAllocateHeap(process_heap(), heap_flags, handle, size);
}

static BOOL resize_locked(struct entry *entry, SIZE_T size, UINT flags)
{
    DWORD heap_flags = flags & GMEM_ZEROINIT ? HEAP_ZERO_MEMORY : 0;
    void *block;

    if (!size)
    {
        /* Discarding asks for GMEM_MOVEABLE, and nobody may be looking. */
        if (!(flags & GMEM_MOVEABLE) || entry->locks)
        {
            set_error(ERROR_INVALID_PARAMETER);
            return FALSE;
        }
        heap_free(entry->block);
        entry->block = NULL;
        entry->flags |= ENTRY_DISCARDED;
        return TRUE;
    }
    /* A locked block may not move without the caller's leave. */
    if (entry->locks && !(flags & GMEM_MOVEABLE)) heap_flags |= HEAP_REALLOC_IN_PLACE_ONLY;
    block = entry->block ? RtlReAllocateHeap(process_heap(), heap_flags, entry->block, size)
                         : block_alloc(flags, size, handle_of(entry));
    if (!block)
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    entry->block = block;
    entry->flags &= ~ENTRY_DISCARDED;
    return TRUE;
}

static HANDLE memory_realloc(const struct family *family, HANDLE handle, SIZE_T size, UINT flags)
{
    struct entry *entry;
    HANDLE result = NULL;

    if (is_fixed(handle)) return realloc_fixed(family, handle, size, flags);
    RtlAcquireSRWLockExclusive(&table_lock);
    if ((entry = entry_of_locked(handle)))
    {
        if (flags & GMEM_MODIFY)
        {
            if (flags & family->discardable) entry->flags |= ENTRY_DISCARDABLE;
            result = handle;
        }
        else if (flags & family->discardable) set_error(ERROR_INVALID_PARAMETER);
        else if (resize_locked(entry, size, flags)) result = handle;
    }
    RtlReleaseSRWLockExclusive(&table_lock);
    return result;
}

/* What the block says, or itself. */
static HANDLE memory_handle(const struct family *family, const void *block)
{
    void *handle = (void *)block;
    ULONG user_flags;

    if (is_fixed(block) && is_valid_fixed(block) &&
        RtlGetUserInfoHeap(process_heap(), 0, (void *)block, &handle, &user_flags))
        return handle;
    if (family->is_global || !is_fixed(block)) set_error(ERROR_INVALID_HANDLE);
    return NULL;
}

/* ---- Global ---- */

HGLOBAL WINAPI GlobalAlloc(UINT flags, SIZE_T size)
{
    return memory_alloc(&global_family, flags, size);
}

HGLOBAL WINAPI GlobalReAlloc(HGLOBAL handle, SIZE_T size, UINT flags)
{
    return memory_realloc(&global_family, handle, size, flags);
}

HGLOBAL WINAPI GlobalFree(HGLOBAL handle)
{
    return memory_free(handle);
}

LPVOID WINAPI GlobalLock(HGLOBAL handle)
{
    return memory_lock(&global_family, handle);
}

BOOL WINAPI GlobalUnlock(HGLOBAL handle)
{
    return memory_unlock(&global_family, handle);
}

SIZE_T WINAPI GlobalSize(HGLOBAL handle)
{
    return memory_size(handle);
}

UINT WINAPI GlobalFlags(HGLOBAL handle)
{
    return memory_flags(&global_family, handle);
}

HGLOBAL WINAPI GlobalHandle(const void *block)
{
    return memory_handle(&global_family, block);
}

/* ---- Local ---- */

HLOCAL WINAPI LocalAlloc(UINT flags, SIZE_T size)
{
    return memory_alloc(&local_family, flags, size);
}

HLOCAL WINAPI LocalReAlloc(HLOCAL handle, SIZE_T size, UINT flags)
{
    return memory_realloc(&local_family, handle, size, flags);
}

HLOCAL WINAPI LocalFree(HLOCAL handle)
{
    return memory_free(handle);
}

LPVOID WINAPI LocalLock(HLOCAL handle)
{
    return memory_lock(&local_family, handle);
}

BOOL WINAPI LocalUnlock(HLOCAL handle)
{
    return memory_unlock(&local_family, handle);
}

SIZE_T WINAPI LocalSize(HLOCAL handle)
{
    return memory_size(handle);
}

UINT WINAPI LocalFlags(HLOCAL handle)
{
    return memory_flags(&local_family, handle);
}

HLOCAL WINAPI LocalHandle(const void *block)
{
    return memory_handle(&local_family, block);
}
