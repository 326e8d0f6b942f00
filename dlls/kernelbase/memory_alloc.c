/* Private memory: VirtualAlloc and its family (specification 12 to 17).
 *
 * Thin: parameters are shaped here, all rules are in the Nt layer.
 */
#include "kernelbase.h"
#include "oriel/memory.h"

#define CURRENT_PROCESS ((HANDLE)~(ULONG_PTR)0)
#define LARGE_PAGE 0x200000

/* What applications of the store may not ask VirtualAllocFromApp for, on the desktop either (kernelbase:process
 * test_VirtualAllocFromApp). */
static BOOL is_executable(ULONG protect)
{
    return (protect & (PAGE_EXECUTE | PAGE_EXECUTE_READ | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)) != 0;
}

/* ---- allocate ------------------------------------------------------------------------------------------- */

static void *allocate(HANDLE process, void *base, SIZE_T size, DWORD type, DWORD protect)
{
    return nt_result(NtAllocateVirtualMemory(process, &base, 0, &size, type, protect)) ? base : NULL;
}

static void *allocate_ex(HANDLE process, void *base, SIZE_T size, DWORD type, DWORD protect,
                         MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    return nt_result(NtAllocateVirtualMemoryEx(process, &base, &size, type, protect, parameters, count)) ? base : NULL;
}

void * WINAPI VirtualAlloc(void *base, SIZE_T size, DWORD type, DWORD protect)
{
    return allocate(CURRENT_PROCESS, base, size, type, protect);
}

void * WINAPI VirtualAllocEx(HANDLE process, void *base, SIZE_T size, DWORD type, DWORD protect)
{
    return allocate(process, base, size, type, protect);
}

void * WINAPI VirtualAllocExNuma(HANDLE process, void *base, SIZE_T size, DWORD type, DWORD protect, DWORD node)
{
    MEM_EXTENDED_PARAMETER parameter = { .Type = MemExtendedParameterNumaNode, .ULong = node };

    if (node == NUMA_NO_PREFERRED_NODE) return allocate(process, base, size, type, protect);
    if (type & (MEM_RESERVE_PLACEHOLDER | MEM_REPLACE_PLACEHOLDER))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return allocate_ex(process, base, size, type, protect, &parameter, 1);
}

void * WINAPI VirtualAllocFromApp(void *base, SIZE_T size, ULONG type, ULONG protect)
{
    if (is_executable(protect))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return allocate(CURRENT_PROCESS, base, size, type, protect);
}

void * WINAPI VirtualAlloc2(HANDLE process, void *base, SIZE_T size, ULONG type, ULONG protect,
                            MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    return allocate_ex(process ? process : CURRENT_PROCESS, base, size, type, protect, parameters, count);
}

void * WINAPI VirtualAlloc2FromApp(HANDLE process, void *base, SIZE_T size, ULONG type, ULONG protect,
                                   MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    if (is_executable(protect))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    return VirtualAlloc2(process, base, size, type, protect, parameters, count);
}

SIZE_T WINAPI GetLargePageMinimum(void)
{
    return LARGE_PAGE;          /* of x86_64 */
}

/* ---- free, protect ---------------------------------------------------------------------------------------- */

BOOL WINAPI VirtualFreeEx(HANDLE process, void *base, SIZE_T size, DWORD type)
{
    /* The Nt call would free a part; only with a placeholder flag may this one. */
    if (type == MEM_RELEASE && size) return fail(ERROR_INVALID_PARAMETER);
    return nt_result(NtFreeVirtualMemory(process, &base, &size, type));
}

BOOL WINAPI VirtualFree(void *base, SIZE_T size, DWORD type)
{
    return VirtualFreeEx(CURRENT_PROCESS, base, size, type);
}

BOOL WINAPI VirtualProtectEx(HANDLE process, void *base, SIZE_T size, DWORD protect, DWORD *old)
{
    return nt_result(NtProtectVirtualMemory(process, &base, &size, protect, old));
}

BOOL WINAPI VirtualProtect(void *base, SIZE_T size, DWORD protect, DWORD *old)
{
    return VirtualProtectEx(CURRENT_PROCESS, base, size, protect, old);
}

BOOL WINAPI VirtualProtectFromApp(void *base, SIZE_T size, ULONG protect, ULONG *old)
{
    return VirtualProtectEx(CURRENT_PROCESS, base, size, protect, old);
}

/* ---- lock --------------------------------------------------------------------------------------------------- */

#define MAP_PROCESS 1

BOOL WINAPI VirtualLock(void *base, SIZE_T size)
{
    return nt_result(NtLockVirtualMemory(CURRENT_PROCESS, &base, &size, MAP_PROCESS));
}

BOOL WINAPI VirtualUnlockEx(HANDLE process, void *base, SIZE_T size)
{
    return nt_result(NtUnlockVirtualMemory(process ? process : CURRENT_PROCESS, &base, &size, MAP_PROCESS));
}

BOOL WINAPI VirtualUnlock(void *base, SIZE_T size)
{
    return VirtualUnlockEx(CURRENT_PROCESS, base, size);
}

/* ---- hints about contents ------------------------------------------------------------------------------------- */

BOOL WINAPI PrefetchVirtualMemory(HANDLE process, ULONG_PTR count, WIN32_MEMORY_RANGE_ENTRY *ranges, ULONG flags)
{
    return nt_result(NtSetInformationVirtualMemory(process, VmPrefetchInformation, count, (MEMORY_RANGE_ENTRY *)ranges,
                                                   &flags, sizeof(flags)));
}

/* These three return the error, and leave the last error alone. */
static DWORD set_contents(ULONG what, const void *base, SIZE_T size)
{
    MEMORY_RANGE_ENTRY range = { (void *)base, size };
    NTSTATUS status;

    if (!base || !size || ((ULONG_PTR)base | size) & 0xfff) return ERROR_INVALID_PARAMETER;
    status = NtSetInformationVirtualMemory(CURRENT_PROCESS, (VIRTUAL_MEMORY_INFORMATION_CLASS)what, 1, &range, NULL, 0);
    return status ? RtlNtStatusToDosError(status) : ERROR_SUCCESS;
}

DWORD WINAPI DiscardVirtualMemory(void *base, SIZE_T size)
{
    return set_contents(ORIEL_MEMORY_DISCARD, base, size);
}

DWORD WINAPI OfferVirtualMemory(void *base, SIZE_T size, OFFER_PRIORITY priority)
{
    if (priority < VmOfferPriorityVeryLow || priority > VmOfferPriorityNormal) return ERROR_INVALID_PARAMETER;
    return set_contents(ORIEL_MEMORY_OFFER, base, size);
}

DWORD WINAPI ReclaimVirtualMemory(const void *base, SIZE_T size)
{
    return set_contents(ORIEL_MEMORY_RECLAIM, base, size);
}

/* ---- write watch ------------------------------------------------------------------------------------------------ */

UINT WINAPI GetWriteWatch(DWORD flags, void *base, SIZE_T size, void **addresses, ULONG_PTR *count, DWORD *granularity)
{
    return nt_result(NtGetWriteWatch(CURRENT_PROCESS, flags, base, size, addresses, count, granularity)) ? 0 : ~0u;
}

UINT WINAPI ResetWriteWatch(void *base, SIZE_T size)
{
    return nt_result(NtResetWriteWatch(CURRENT_PROCESS, base, size)) ? 0 : ~0u;
}
