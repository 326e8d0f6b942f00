/* Heaps: all of it is ntdll's. Movable memory is in heap_movable.c. */
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
