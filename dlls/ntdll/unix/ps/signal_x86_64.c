/* Host signals that mean a fault: what Windows makes of them.
 *
 * Handlers run on an alternate stack per thread, because the Windows stack may be what is missing. A
 * page fault goes to the section manager first; what it cannot satisfy becomes an exception if Windows
 * code did it, a status if a user copy did it, and the end of us if our own code did it. Writing the
 * exception to the Windows stack is a user copy too, so the handlers of page faults may nest once.
 */
#include <signal.h>
#include <unistd.h>
#include "nt/nt.h"
#include "vm/vm.h"
#include "ob/cell_area.h"
#include "ob/memory_condition.h"
#include "ps/breakpoint.h"
#include "ps/debuggee.h"
#include "ps/exception.h"
#include "ps/process.h"
#include "ps/shared_data.h"

#ifndef TRAP_PERF
#define TRAP_PERF 6
#endif
#define PF_WRITE 2
#define PF_FETCH 16

static __thread int handler_depth;
static sigset_t first_mask;             /* what Windows threads have blocked: what the process was started with */

extern const char __executable_start[], etext[];

static bool in_range(uint64_t rip, const char *start, const char *end)
{
    return rip >= (uint64_t)start && rip < (uint64_t)end;
}

/* May the program see this fault? The two instructions that leave the dispatcher act for Windows code. */
static bool is_windows_code(const struct thread *thread, uint64_t rip)
{
    if (!thread || thread->frame || handler_depth > 1)
        return false;
    return !in_range(rip, __executable_start, etext) ||
           rip == (uint64_t)syscall_leave_ret || rip == (uint64_t)syscall_leave_iret;
}

/* ---- page faults ---------------------------------------------------------------------------------------- */

/* A program calls our stubs from outside: they test a byte of the shared data page, which would start its clocks. As
 * long as that is all that it does with the page, the test is done here. */
#define STUB_TEST 8                     /* where in a stub it is, and where it leads */
#define STUB_JUMP 21
#define STUB_TESTS_MAX 256              /* then the page is cheaper */
static bool pass_stub_test(uintptr_t address, ucontext_t *uc)
{
    static uint32_t passed;
    uint64_t at = (uint64_t)uc->uc_mcontext.gregs[REG_RIP] - process_ntdll.stubs;

    if (address != SHARED_DATA_ADDRESS + SHARED_DATA_SYSTEM_CALL || at >= (uint64_t)syscall_count * STUB_SIZE ||
        at % STUB_SIZE != STUB_TEST || __atomic_fetch_add(&passed, 1, __ATOMIC_RELAXED) >= STUB_TESTS_MAX)
        return false;
    uc->uc_mcontext.gregs[REG_RIP] += STUB_JUMP - STUB_TEST;
    return true;
}

static vm_status resolve_fault(struct thread *thread, struct vm_fault *fault)
{
    struct vm_stack stack;
    vm_status status;

    if (shared_data_fault(fault->address))
        return STATUS_SUCCESS;
    if (thread && thread->teb)
    {
        TEB *teb = thread->teb;

        stack.deallocation_base = (uintptr_t)teb->DeallocationStack;
        stack.limit = (uintptr_t)teb->Tib.StackLimit;
        stack.base = (uintptr_t)teb->Tib.StackBase;
        stack.guarantee = teb->GuaranteedStackBytes;
        fault->stack = &stack;
        status = vm_fault(fault);
        if (stack.limit != (uintptr_t)teb->Tib.StackLimit)
            teb->Tib.StackLimit = (void *)stack.limit;
        fault->stack = NULL;
        return status;
    }
    return vm_fault(fault);
}

/* Continues a user copy, or the dispatcher's reading of arguments, with the status of the fault. */
static bool recover(ucontext_t *uc, NTSTATUS status)
{
    greg_t *r = uc->uc_mcontext.gregs;
    uint64_t rip = r[REG_RIP];

    if (in_range(rip, user_copy_start, user_copy_end))
        r[REG_RIP] = (greg_t)user_copy_fault;
    else if (in_range(rip, syscall_args_start, syscall_args_end))
        r[REG_RIP] = (greg_t)syscall_args_fault;
    else
        return false;
    r[REG_RAX] = (uint32_t)status;
    return true;
}

/* ---- exceptions ------------------------------------------------------------------------------------------ */

/* Did the debugger take it? It sees the place after a breakpoint, a handler the breakpoint itself. */
static bool ask_debugger(ucontext_t *uc, const EXCEPTION_RECORD *record, CONTEXT *context, const void *extended)
{
    bool is_breakpoint = record->ExceptionCode == (DWORD)STATUS_BREAKPOINT;

    if (is_breakpoint)
        context->Rip++;
    if (debuggee_exception(record, context, extended, true))
    {
        context_to_signal(uc, context);
        return true;
    }
    if (is_breakpoint)
        context->Rip--;
    return false;
}

/* Makes the interrupted thread continue in KiUserExceptionDispatcher. */
static void raise_in_windows(ucontext_t *uc, EXCEPTION_RECORD *record, CONTEXT *context)
{
    greg_t *r = uc->uc_mcontext.gregs;
    const char *xsave = signal_xsave(uc);
    const void *extended = xsave ? xsave + XSAVE_LEGACY : NULL;
    NTSTATUS status;
    uint64_t rsp;

    if (!process_ntdll.KiUserExceptionDispatcher)
        exception_unhandled(record, context);
    context->EFlags &= ~0x100u;         /* a handler is not single-stepped, nor is what it continues */
    if (debuggee_attached && ask_debugger(uc, record, context, extended))
        return;
    status = exception_push(record, context, extended, &rsp);
    if (status == STATUS_STACK_OVERFLOW)
    {
        /* The stack ended while the exception was being written: that is the exception now, and the last
         * pages are there for it. */
        record->ExceptionCode = STATUS_STACK_OVERFLOW;
        record->ExceptionFlags = 0;
        record->NumberParameters = 2;
        record->ExceptionInformation[0] = 1;
        record->ExceptionInformation[1] = context->Rsp;
        status = exception_push(record, context, extended, &rsp);
    }
    if (status)
        exception_unhandled(record, context);
    r[REG_RSP] = rsp;
    r[REG_RIP] = process_ntdll.KiUserExceptionDispatcher;
    r[REG_EFL] &= ~(greg_t)0x50500;     /* TF, DF, RF, AC */
}

/* A fault at the instruction that returns to Windows code belongs to the place it returns to. */
static void undo_leave(CONTEXT *context)
{
    const struct syscall_frame *frame = thread_self->unix_stack;

    if (context->Rip == (uint64_t)syscall_leave_ret)
        context->Rip = process_stub_return(frame->number);
    else if (context->Rip == (uint64_t)syscall_leave_iret)
    {
        context->Rip = frame->iret.rip;
        context->Rsp = frame->iret.rsp;
        context->EFlags = frame->iret.eflags;
    }
}

static void set_parameters(EXCEPTION_RECORD *record, DWORD count, ULONG_PTR first, ULONG_PTR second)
{
    record->NumberParameters = count;
    record->ExceptionInformation[0] = first;
    record->ExceptionInformation[1] = second;
}

static bool is_page_fault(int signal, const siginfo_t *info)
{
    return signal == SIGBUS ? info->si_code == BUS_ADRERR || info->si_code == BUS_OBJERR
                            : signal == SIGSEGV && info->si_code != SI_KERNEL && info->si_code > 0;
}

/* SIGSEGV that is no page fault. False: nothing to raise, the context may have changed. */
static bool decode_protection_fault(EXCEPTION_RECORD *record, CONTEXT *context)
{
    unsigned int vector = 0;

    switch (decode_gp(context->Rip, &vector))
    {
    case GP_PRIVILEGED:
        record->ExceptionCode = STATUS_PRIVILEGED_INSTRUCTION;
        return true;
    case GP_INTERRUPT:
        switch (vector)
        {
        case 0x29:                      /* fail fast: no handler is asked */
            record->ExceptionCode = STATUS_STACK_BUFFER_OVERRUN;
            record->ExceptionFlags = EXCEPTION_NONCONTINUABLE;
            record->NumberParameters = 1;
            record->ExceptionInformation[0] = context->Rcx;
            debuggee_exception(record, context, NULL, false);
            exception_unhandled(record, context);
        case 0x2c:
            record->ExceptionCode = STATUS_ASSERTION_FAILURE;
            return true;
        case 0x2d:                      /* debug service; 1, 3, 4, 5: print, symbols, command: no debugger is there */
            if (context->Rax == 1 || (context->Rax >= 3 && context->Rax <= 5))
            {
                context->Rip += 3;      /* the service skips the byte after its two */
                return false;
            }
            record->ExceptionCode = STATUS_BREAKPOINT;
            record->ExceptionAddress = (void *)(context->Rip + 3);
            record->NumberParameters = 1;
            record->ExceptionInformation[0] = context->Rax;
            context->Rip += 2;
            return true;
        }
        break;
    case GP_ACCESS_VIOLATION:
        break;
    }
    record->ExceptionCode = STATUS_ACCESS_VIOLATION;
    set_parameters(record, 2, 0, ~(ULONG_PTR)0);
    return true;
}

static void decode_float(EXCEPTION_RECORD *record, const siginfo_t *info, const CONTEXT *context)
{
    switch (info->si_code)
    {
    case FPE_INTDIV:
        record->ExceptionCode = decode_division_overflow(context) ? STATUS_INTEGER_OVERFLOW
                                                                  : STATUS_INTEGER_DIVIDE_BY_ZERO;
        return;
    case FPE_INTOVF: record->ExceptionCode = STATUS_INTEGER_OVERFLOW; return;
    case FPE_FLTSUB: record->ExceptionCode = STATUS_ARRAY_BOUNDS_EXCEEDED; return;
    case FPE_FLTDIV: record->ExceptionCode = STATUS_FLOAT_DIVIDE_BY_ZERO; break;
    case FPE_FLTOVF: record->ExceptionCode = STATUS_FLOAT_OVERFLOW; break;
    case FPE_FLTUND: record->ExceptionCode = STATUS_FLOAT_UNDERFLOW; break;
    case FPE_FLTRES: record->ExceptionCode = STATUS_FLOAT_INEXACT_RESULT; break;
    default:
        record->ExceptionCode = context->FltSave.StatusWord & 0x40 ? STATUS_FLOAT_STACK_CHECK
                                                                     : STATUS_FLOAT_INVALID_OPERATION;
    }
    /* SSE: the flags that are set and not masked; x87 has none such in mxcsr. */
    if (context->MxCsr & ~(context->MxCsr >> 7) & 0x3f)
        set_parameters(record, 2, 0, context->MxCsr);
}

/* What the signal means in Windows code. False: nothing. */
static bool decode_exception(int signal, const siginfo_t *info, EXCEPTION_RECORD *record, CONTEXT *context)
{
    switch (signal)
    {
    case SIGSEGV:
        return decode_protection_fault(record, context);
    case SIGBUS:
        if (info->si_code == BUS_MCEERR_AR)
        {
            memory_condition_error();
            record->ExceptionCode = STATUS_IN_PAGE_ERROR;
            set_parameters(record, 2, 0, (ULONG_PTR)info->si_addr);
            record->NumberParameters = 3;
            record->ExceptionInformation[2] = (uint32_t)STATUS_HARDWARE_MEMORY_ERROR;
            return true;
        }
        if (info->si_code != BUS_ADRALN)        /* a non-canonical address relative to rsp or rbp */
        {
            record->ExceptionCode = STATUS_ACCESS_VIOLATION;
            set_parameters(record, 2, 0, ~(ULONG_PTR)0);
            return true;
        }
        record->ExceptionCode = STATUS_DATATYPE_MISALIGNMENT;
        context->EFlags &= ~0x40000u;   /* AC */
        return true;
    case SIGILL:
        record->ExceptionCode = STATUS_ILLEGAL_INSTRUCTION;
        return true;
    case SIGTRAP:
        /* TRAP_BRKPT is icebp, a debug trap without a cause; int3 is SI_KERNEL. */
        if (info->si_code == TRAP_BRKPT)
            record->ExceptionAddress = (void *)(context->Rip = decode_after_icebp(context->Rip));
        if (info->si_code == TRAP_TRACE || info->si_code == TRAP_HWBKPT || info->si_code == TRAP_PERF || info->si_code == TRAP_BRKPT)
        {
            record->ExceptionCode = STATUS_SINGLE_STEP;
            return true;
        }
        context->Rip -= 1;              /* of the int3 itself */
        record->ExceptionCode = STATUS_BREAKPOINT;
        record->ExceptionAddress = (void *)context->Rip;
        record->NumberParameters = 1;
        return true;
    case SIGFPE:
        decode_float(record, info, context);
        return true;
    }
    return false;
}

/* ---- the handler ----------------------------------------------------------------------------------------- */

/* A program that single-steps over an Nt call steps into us: stop that here, and go on with it once the call returns. */
static bool step_in_unix(int signal, const siginfo_t *info, struct thread *thread, ucontext_t *uc)
{
    if (signal != SIGTRAP || !thread)
        return false;
    if (info->si_code == TRAP_PERF)             /* we touched the program's data: not the program's doing */
        return true;
    if (info->si_code != TRAP_TRACE)
        return false;
    uc->uc_mcontext.gregs[REG_EFL] &= ~(greg_t)0x100;
    __atomic_fetch_or(&thread->pending, PENDING_STEP, __ATOMIC_RELAXED);
    return true;
}

static void handle_fault(int signal, siginfo_t *info, ucontext_t *uc)
{
    struct thread *thread = thread_self;
    EXCEPTION_RECORD record = { 0 };
    CONTEXT context;

    if (signal == SIGBUS && info->si_code == BUS_MCEERR_AO)     /* a page went bad that nobody touches now */
    {
        memory_condition_error();
        return;
    }
    if (signal == SIGBUS && cell_file_fault((uintptr_t)info->si_addr))  /* somebody shortened a name's file */
        return;
    if (is_page_fault(signal, info))
    {
        struct vm_fault fault = { .address = (uintptr_t)info->si_addr, .bus = signal == SIGBUS };
        uint64_t error = uc->uc_mcontext.gregs[REG_ERR];
        vm_status status;

        /* writing first: an instruction may write to itself */
        fault.access = (error & PF_WRITE) ? VM_ACCESS_WRITE
                     : (error & PF_FETCH) || fault.address == (uintptr_t)uc->uc_mcontext.gregs[REG_RIP] ? VM_ACCESS_EXECUTE
                     : VM_ACCESS_READ;
        if (pass_stub_test(fault.address, uc))
            return;
        if (!(status = resolve_fault(thread, &fault)) || recover(uc, status))
            return;
        record.ExceptionCode = status;
        set_parameters(&record, 2, fault.access, fault.address);
        if (status == STATUS_IN_PAGE_ERROR)
        {
            record.NumberParameters = 3;
            record.ExceptionInformation[2] = (uint32_t)fault.in_page;
        }
    }
    else if (signal != SIGTRAP && recover(uc, STATUS_ACCESS_VIOLATION))
        return;

    if (!is_windows_code(thread, uc->uc_mcontext.gregs[REG_RIP]))
    {
        if (step_in_unix(signal, info, thread, uc))
            return;
        fault_in_oriel(signal, info, uc);
    }
    context_from_signal(&context, uc);
    undo_leave(&context);
    breakpoint_hit(thread, signal, info);
    breakpoints_get(thread, &context);
    context.ContextFlags |= CONTEXT_DEBUG_REGISTERS;
    record.ExceptionAddress = (void *)context.Rip;
    if (!record.ExceptionCode && !decode_exception(signal, info, &record, &context))
    {
        context.ContextFlags = CONTEXT_CONTROL;
        context_to_signal(uc, &context);
        return;
    }
    raise_in_windows(uc, &record, &context);
}

static void fault_handler(int signal, siginfo_t *info, void *uc)
{
    if (info->si_code <= 0 && info->si_code != SI_KERNEL)       /* kill(): not a fault; do what it would do */
    {
        struct sigaction fatal = { .sa_handler = SIG_DFL };

        sigaction(signal, &fatal, NULL);
        raise(signal);
        return;
    }
    handler_depth++;
    handle_fault(signal, info, uc);
    handler_depth--;
}

void signals_init(void)
{
    static const int faults[] = { SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGTRAP };
    struct sigaction action = { .sa_sigaction = fault_handler, .sa_flags = SA_SIGINFO | SA_ONSTACK | SA_NODEFER };
    sigset_t unblock;
    size_t i;

    sigemptyset(&action.sa_mask);
    sigaddset(&action.sa_mask, SIGNAL_STOP);
    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigaction(faults[i], &action, NULL);

    action.sa_sigaction = stop_handler;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigaction(SIGNAL_STOP, &action, NULL);

    action.sa_handler = SIG_IGN;
    action.sa_flags = 0;
    sigaction(SIGPIPE, &action, NULL);
    action.sa_handler = SIG_DFL;        /* an inherited "ignored" would take our children's exit codes away */
    sigaction(SIGCHLD, &action, NULL);

    sigemptyset(&unblock);
    for (i = 0; i < sizeof(faults) / sizeof(faults[0]); i++)
        sigaddset(&unblock, faults[i]);
    sigaddset(&unblock, SIGNAL_STOP);
    pthread_sigmask(SIG_UNBLOCK, &unblock, NULL);
    pthread_sigmask(SIG_BLOCK, NULL, &first_mask);
}

void signals_init_thread(void *stack, size_t size)
{
    stack_t alternate = { .ss_sp = stack, .ss_size = size };

    /* A thread that one of our helpers made inherits that all is blocked there. */
    if (stack)
        pthread_sigmask(SIG_SETMASK, &first_mask, NULL);
    sigaltstack(&alternate, NULL);
}
