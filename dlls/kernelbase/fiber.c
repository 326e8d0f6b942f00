/* Fibers: threads of a program's own scheduling. A switch exchanges what a called function must keep, the stack and
 * the TEB's account of it; nothing of it is known outside this file but the first member (GetFiberData reads it). */
#include "kernelbase.h"

#define HAS_FIBER_DATA 4            /* TEB.SameTebFlags */

struct fiber
{
    void  *parameter;               /* must be first */
    void  *exception_list;
    void  *stack_base;
    void  *stack_limit;
    void  *stack_allocation;        /* NULL: the thread's own */
    void  *stack_pointer;           /* while it does not run */
    void  *fls_slots;
    ULONG  guaranteed_stack;
    LPFIBER_START_ROUTINE start;
};

/* Saves the registers that a call preserves and the floating-point control words, leaves the stack pointer in *from
 * and goes on at to. */
void __attribute__((ms_abi)) fiber_switch(void **from, void *to);
__asm__(".section .text$fiber_switch,\"xr\"\n"
        ".globl fiber_switch\n"
        ".p2align 4\n"
        ".seh_proc fiber_switch\n"
        "fiber_switch:\n"
        "    pushq %rbp\n .seh_pushreg %rbp\n"
        "    pushq %rbx\n .seh_pushreg %rbx\n"
        "    pushq %rsi\n .seh_pushreg %rsi\n"
        "    pushq %rdi\n .seh_pushreg %rdi\n"
        "    pushq %r12\n .seh_pushreg %r12\n"
        "    pushq %r13\n .seh_pushreg %r13\n"
        "    pushq %r14\n .seh_pushreg %r14\n"
        "    pushq %r15\n .seh_pushreg %r15\n"
        "    subq $0xa8,%rsp\n .seh_stackalloc 0xa8\n"
        "    movaps %xmm6,0x00(%rsp)\n .seh_savexmm %xmm6,0x00\n"
        "    movaps %xmm7,0x10(%rsp)\n .seh_savexmm %xmm7,0x10\n"
        "    movaps %xmm8,0x20(%rsp)\n .seh_savexmm %xmm8,0x20\n"
        "    movaps %xmm9,0x30(%rsp)\n .seh_savexmm %xmm9,0x30\n"
        "    movaps %xmm10,0x40(%rsp)\n .seh_savexmm %xmm10,0x40\n"
        "    movaps %xmm11,0x50(%rsp)\n .seh_savexmm %xmm11,0x50\n"
        "    movaps %xmm12,0x60(%rsp)\n .seh_savexmm %xmm12,0x60\n"
        "    movaps %xmm13,0x70(%rsp)\n .seh_savexmm %xmm13,0x70\n"
        "    movaps %xmm14,0x80(%rsp)\n .seh_savexmm %xmm14,0x80\n"
        "    movaps %xmm15,0x90(%rsp)\n .seh_savexmm %xmm15,0x90\n"
        "    .seh_endprologue\n"
        "    stmxcsr 0xa0(%rsp)\n"
        "    fnstcw 0xa4(%rsp)\n"
        "    movq %rsp,(%rcx)\n"
        "    movq %rdx,%rsp\n"
        "    fldcw 0xa4(%rsp)\n"
        "    ldmxcsr 0xa0(%rsp)\n"
        "    movaps 0x90(%rsp),%xmm15\n"
        "    movaps 0x80(%rsp),%xmm14\n"
        "    movaps 0x70(%rsp),%xmm13\n"
        "    movaps 0x60(%rsp),%xmm12\n"
        "    movaps 0x50(%rsp),%xmm11\n"
        "    movaps 0x40(%rsp),%xmm10\n"
        "    movaps 0x30(%rsp),%xmm9\n"
        "    movaps 0x20(%rsp),%xmm8\n"
        "    movaps 0x10(%rsp),%xmm7\n"
        "    movaps 0x00(%rsp),%xmm6\n"
        "    addq $0xa8,%rsp\n"
        "    popq %r15\n popq %r14\n popq %r13\n popq %r12\n"
        "    popq %rdi\n popq %rsi\n popq %rbx\n popq %rbp\n"
        "    ret\n"
        ".seh_endproc\n"
        /* Where a new fiber begins: as a function is called, so that its stack is aligned as functions expect. */
        ".globl fiber_entry\n"
        "fiber_entry:\n"
        "    call fiber_main\n"
        "    int3\n"
        ".text\n");
void fiber_entry(void);
void WINAPI fiber_main(void) __attribute__((noreturn));

/* What lies at a resting fiber's stack pointer. */
struct frame
{
    BYTE    xmm[10][16];
    DWORD   mxcsr;
    WORD    x87_control, padding;
    ULONG64 registers[8];
    void   *return_address;
    ULONG64 home[5];                /* the called function's shadow space, and alignment */
};

static struct fiber *current_fiber(void)
{
    return NtCurrentTeb()->Tib.FiberData;
}

/* The first function on a new fiber's stack. When it returns, the thread ends. */
void WINAPI fiber_main(void)
{
    struct fiber *fiber = current_fiber();

    fiber->start(fiber->parameter);
    RtlExitUserThread(1);
}

/* ---- create and delete ------------------------------------------------------------------------------ */

/* A stack as threads have it: reserved, the top committed, a guard page below that. */
static NTSTATUS allocate_stack(struct fiber *fiber, SIZE_T commit, SIZE_T reserve)
{
    const IMAGE_NT_HEADERS *nt = RtlImageNtHeader(NtCurrentTeb()->Peb->ImageBaseAddress);
    SIZE_T size, guard = 0x1000;
    void *base = NULL, *page;
    ULONG old;
    NTSTATUS status;

    if (!reserve) reserve = nt->OptionalHeader.SizeOfStackReserve;
    if (!commit) commit = nt->OptionalHeader.SizeOfStackCommit;
    commit = (commit + 0xfff) & ~(SIZE_T)0xfff;
    if (commit < 0x1000) commit = 0x1000;
    if (reserve <= commit) reserve = (commit + 0x100000) & ~(SIZE_T)0xfffff;
    size = reserve;
    status = NtAllocateVirtualMemory(NtCurrentProcess(), &base, 0, &size, MEM_RESERVE, PAGE_READWRITE);
    if (status < 0) return status;
    if (commit + 2 * guard > size) commit = size - 2 * guard;
    commit += guard;
    page = (BYTE *)base + size - commit;
    status = NtAllocateVirtualMemory(NtCurrentProcess(), &page, 0, &commit, MEM_COMMIT, PAGE_READWRITE);
    if (status >= 0)
    {
        fiber->stack_limit = (BYTE *)page + guard;
        status = NtProtectVirtualMemory(NtCurrentProcess(), &page, &guard, PAGE_READWRITE | PAGE_GUARD, &old);
    }
    if (status < 0)
    {
        size = 0;
        NtFreeVirtualMemory(NtCurrentProcess(), &base, &size, MEM_RELEASE);
        return status;
    }
    fiber->stack_allocation = base;
    fiber->stack_base = (BYTE *)base + size;
    return STATUS_SUCCESS;
}

void *WINAPI CreateFiberEx(SIZE_T commit, SIZE_T reserve, DWORD flags, LPFIBER_START_ROUTINE start, void *parameter)
{
    struct fiber *fiber;
    struct frame *frame;
    NTSTATUS status;

    if (flags & ~(DWORD)FIBER_FLAG_FLOAT_SWITCH)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!(fiber = heap_zalloc(sizeof(*fiber))))
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    status = allocate_stack(fiber, commit, reserve);
    if (status < 0)
    {
        heap_free(fiber);
        nt_result(status);
        return NULL;
    }
    fiber->parameter = parameter;
    fiber->start = start;
    fiber->exception_list = (void *)~(ULONG_PTR)0;
    frame = (struct frame *)(((ULONG_PTR)fiber->stack_base - sizeof(*frame)) & ~(ULONG_PTR)15);
    memset(frame, 0, sizeof(*frame));
    frame->mxcsr = 0x1f80;
    frame->x87_control = 0x27f;
    frame->return_address = (void *)fiber_entry;
    fiber->stack_pointer = frame;
    return fiber;
}

void *WINAPI CreateFiber(SIZE_T stack, LPFIBER_START_ROUTINE start, void *parameter)
{
    return CreateFiberEx(stack, 0, 0, start, parameter);
}

void WINAPI DeleteFiber(void *handle)
{
    struct fiber *fiber = handle;
    SIZE_T size = 0;

    if (!fiber) return;
    if (fiber == current_fiber())
    {
        heap_free(fiber);
        RtlExitUserThread(1);
    }
    if (fiber->fls_slots) RtlProcessFlsData(fiber->fls_slots, 3);
    if (fiber->stack_allocation) NtFreeVirtualMemory(NtCurrentProcess(), &fiber->stack_allocation, &size, MEM_RELEASE);
    heap_free(fiber);
}

/* ---- threads as fibers ------------------------------------------------------------------------------ */
void *WINAPI ConvertThreadToFiberEx(void *parameter, DWORD flags)
{
    TEB *teb = NtCurrentTeb();
    struct fiber *fiber;

    if (flags & ~(DWORD)FIBER_FLAG_FLOAT_SWITCH)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (teb->SameTebFlags & HAS_FIBER_DATA)
    {
        set_error(ERROR_ALREADY_FIBER);
        return NULL;
    }
    if (!(fiber = heap_zalloc(sizeof(*fiber))))
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    fiber->parameter = parameter;
    teb->Tib.FiberData = fiber;
    teb->SameTebFlags |= HAS_FIBER_DATA;
    return fiber;
}

void *WINAPI ConvertThreadToFiber(void *parameter)
{
    return ConvertThreadToFiberEx(parameter, 0);
}

BOOL WINAPI ConvertFiberToThread(void)
{
    TEB *teb = NtCurrentTeb();

    if (!(teb->SameTebFlags & HAS_FIBER_DATA)) return fail(ERROR_ALREADY_THREAD);
    heap_free(teb->Tib.FiberData);
    teb->Tib.FiberData = NULL;
    teb->SameTebFlags &= (USHORT)~HAS_FIBER_DATA;
    return TRUE;
}

void WINAPI SwitchToFiber(void *handle)
{
    struct fiber *current = current_fiber(), *next = handle;
    TEB *teb = NtCurrentTeb();
    volatile BYTE room[1024] __attribute__((unused));

    if (next == current) return;
    /* What the switch pushes must be there: a guard page cannot be told from any other once the TEB knows the next stack. */
    room[0] = 0;
    current->exception_list = teb->Tib.ExceptionList;
    current->stack_base = teb->Tib.StackBase;
    current->stack_limit = teb->Tib.StackLimit;
    current->stack_allocation = teb->DeallocationStack;
    current->guaranteed_stack = teb->GuaranteedStackBytes;
    current->fls_slots = teb->FlsSlots;

    teb->Tib.FiberData = next;
    teb->Tib.ExceptionList = next->exception_list;
    teb->Tib.StackBase = next->stack_base;
    teb->Tib.StackLimit = next->stack_limit;
    teb->DeallocationStack = next->stack_allocation;
    teb->GuaranteedStackBytes = next->guaranteed_stack;
    teb->FlsSlots = next->fls_slots;
    fiber_switch(&current->stack_pointer, next->stack_pointer);
}
