/* RtlCreateUserStack, RtlFreeUserStack: a stack for a thread or a fiber (ntdll:virtual test_RtlCreateUserStack). */
#include "ntdll_private.h"

#define PAGE 0x1000
#define GRANULARITY 0x10000
#define MEGABYTE 0x100000
#define SELF ((HANDLE)~(ULONG_PTR)0)

static SIZE_T round_up(SIZE_T size, SIZE_T to)
{
    return (size + to - 1) / to * to;
}

static NTSTATUS commit_top(char *base, SIZE_T reserve, SIZE_T commit)
{
    SIZE_T size = commit, page = PAGE;
    void *at = base + reserve - commit, *guard = base + reserve - commit - PAGE;
    NTSTATUS status = NtAllocateVirtualMemory(SELF, &at, 0, &size, MEM_COMMIT, PAGE_READWRITE);

    if (status || commit + PAGE > reserve) return status;
    return NtAllocateVirtualMemory(SELF, &guard, 0, &page, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD);
}

/* Sizes of 0 are the program's own; what would leave no room below the committed part gets a megabyte's multiple. */
NTSTATUS WINAPI RtlCreateUserStack(SIZE_T commit, SIZE_T reserve, ULONG zero_bits, SIZE_T commit_align, SIZE_T reserve_align,
                                   INITIAL_TEB *stack)
{
    IMAGE_NT_HEADERS *nt = RtlImageNtHeader(NtCurrentTeb()->Peb->ImageBaseAddress);
    void *base = NULL;
    NTSTATUS status;

    if (!commit_align || !reserve_align) return STATUS_INVALID_PARAMETER;
    if (!commit) commit = nt->OptionalHeader.SizeOfStackCommit;
    if (!reserve) reserve = nt->OptionalHeader.SizeOfStackReserve;
    commit = round_up(round_up(commit, PAGE), commit_align);
    if (commit >= reserve) reserve = round_up(commit, MEGABYTE);
    reserve = round_up(round_up(reserve, GRANULARITY), reserve_align);

    if ((status = NtAllocateVirtualMemory(SELF, &base, zero_bits, &reserve, MEM_RESERVE, PAGE_READWRITE))) return status;
    if ((status = commit_top(base, reserve, commit)))
    {
        RtlFreeUserStack(base);
        return status;
    }
    stack->OldStackBase = stack->OldStackLimit = NULL;
    stack->DeallocationStack = base;
    stack->StackBase = (char *)base + reserve;
    stack->StackLimit = (char *)stack->StackBase - commit;
    return STATUS_SUCCESS;
}

void WINAPI RtlFreeUserStack(void *stack)
{
    SIZE_T size = 0;

    NtFreeVirtualMemory(SELF, &stack, &size, MEM_RELEASE);
}
