/* Address Windowing Extensions (specification 20). */
#include "kernelbase.h"

NTSTATUS WINAPI NtAllocateUserPhysicalPages(HANDLE, ULONG_PTR *, ULONG_PTR *);
NTSTATUS WINAPI NtAllocateUserPhysicalPagesEx(HANDLE, ULONG_PTR *, ULONG_PTR *, MEM_EXTENDED_PARAMETER *, ULONG);
NTSTATUS WINAPI NtFreeUserPhysicalPages(HANDLE, ULONG_PTR *, ULONG_PTR *);
NTSTATUS WINAPI NtMapUserPhysicalPages(PVOID, SIZE_T, ULONG_PTR *);
NTSTATUS WINAPI NtMapUserPhysicalPagesScatter(PVOID *, SIZE_T, ULONG_PTR *);

BOOL WINAPI AllocateUserPhysicalPages(HANDLE process, ULONG_PTR *count, ULONG_PTR *pages)
{
    return nt_result(NtAllocateUserPhysicalPages(process, count, pages));
}

BOOL WINAPI AllocateUserPhysicalPages2(HANDLE process, ULONG_PTR *count, ULONG_PTR *pages, MEM_EXTENDED_PARAMETER *parameters,
                                       ULONG parameter_count)
{
    return nt_result(NtAllocateUserPhysicalPagesEx(process, count, pages, parameters, parameter_count));
}

BOOL WINAPI AllocateUserPhysicalPagesNuma(HANDLE process, ULONG_PTR *count, ULONG_PTR *pages, DWORD node)
{
    MEM_EXTENDED_PARAMETER parameter = { .Type = MemExtendedParameterNumaNode, .ULong = node };

    return AllocateUserPhysicalPages2(process, count, pages, &parameter, node != NUMA_NO_PREFERRED_NODE);
}

BOOL WINAPI FreeUserPhysicalPages(HANDLE process, ULONG_PTR *count, ULONG_PTR *pages)
{
    return nt_result(NtFreeUserPhysicalPages(process, count, pages));
}

BOOL WINAPI MapUserPhysicalPages(void *address, ULONG_PTR count, ULONG_PTR *pages)
{
    return nt_result(NtMapUserPhysicalPages(address, count, pages));
}

BOOL WINAPI MapUserPhysicalPagesScatter(void **addresses, ULONG_PTR count, ULONG_PTR *pages)
{
    return nt_result(NtMapUserPhysicalPagesScatter(addresses, count, pages));
}
