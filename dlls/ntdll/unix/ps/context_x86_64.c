/* Register contexts: Windows' CONTEXT, the dispatcher's frame, the host's signal frame.
 *
 * A frame is either plain (only what survives a call is known) or has a full context, which the call
 * then leaves with. The upper vector state is carried in the processor's own standard format from the
 * signal frame to the Windows stack and back: a handler may use AVX and the code it continues must not
 * see that.
 */
#include <cpuid.h>
#include "nt/nt.h"
#include "host/host.h"
#include "ps/context.h"
#include "ps/process.h"
#include "syscalls.h"

#define CS_WINDOWS 0x33
#define DS_WINDOWS 0x2b
#define FS_WINDOWS 0x53

/* What a program may have in EFlags: CF PF AF ZF SF TF DF OF RF AC ID; IF and bit 1 are always set. */
#define EFLAGS_USER  0x250dd5u
#define EFLAGS_FIXED 0x202u

#define XSTATE_HEADER 64
#define XCOMP_USED 0xe7u                /* x87, SSE, AVX, AVX-512: what Windows has in a context */

uint64_t xsave_mask, xsave_compaction;
uint32_t xsave_size = XSAVE_LEGACY + XSTATE_HEADER;
static struct { uint32_t offset, size; } components[8];     /* of the extended state, in standard format */

void context_init(void)
{
    unsigned int a, b, c, d, lo, hi, i;

    __cpuid(1, a, b, c, d);
    if (!(c & bit_OSXSAVE) || host_disabled("xsave"))
        return;
    __asm__ volatile("xgetbv" : "=a"(lo), "=d"(hi) : "c"(0));
    xsave_mask = (lo | (uint64_t)hi << 32) & XCOMP_USED;
    if ((xsave_mask & 0xe0) != 0xe0 || host_disabled("avx512"))
        xsave_mask &= 7;
    for (i = 2; i < 8; i++)
        if (xsave_mask >> i & 1)
        {
            __cpuid_count(0xd, i, a, b, c, d);
            if (b + a > FRAME_XSAVE_SIZE)       /* cannot happen: 2688 is where AVX-512 ends */
            {
                xsave_mask = 3;
                xsave_size = XSAVE_LEGACY + XSTATE_HEADER;
                return;
            }
            components[i].offset = b;
            components[i].size = a;
            if (b + a > xsave_size)
                xsave_size = b + a;
        }
    /* Windows' contexts are compacted where the processor can do it. Up to AVX that is the standard format but for the header;
     * with AVX-512 the two differ, and contexts here say that they are not. */
    if (xsave_mask == 7)
    {
        __cpuid_count(0xd, 1, a, b, c, d);
        if (a & 2)
            xsave_compaction = 1ull << 63 | (xsave_mask & ~3ull);
    }
}

static void set_segments(CONTEXT *context)
{
    context->SegCs = CS_WINDOWS;
    context->SegDs = context->SegEs = context->SegGs = context->SegSs = DS_WINDOWS;
    context->SegFs = FS_WINDOWS;
}

/* ---- signal frames ----------------------------------------------------------------------------------- */

void context_from_signal(CONTEXT *context, const ucontext_t *uc)
{
    const greg_t *r = uc->uc_mcontext.gregs;

    memset(context, 0, sizeof(*context));
    context->ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    context->Rax = r[REG_RAX];
    context->Rcx = r[REG_RCX];
    context->Rdx = r[REG_RDX];
    context->Rbx = r[REG_RBX];
    context->Rsp = r[REG_RSP];
    context->Rbp = r[REG_RBP];
    context->Rsi = r[REG_RSI];
    context->Rdi = r[REG_RDI];
    context->R8  = r[REG_R8];
    context->R9  = r[REG_R9];
    context->R10 = r[REG_R10];
    context->R11 = r[REG_R11];
    context->R12 = r[REG_R12];
    context->R13 = r[REG_R13];
    context->R14 = r[REG_R14];
    context->R15 = r[REG_R15];
    context->Rip = r[REG_RIP];
    context->EFlags = r[REG_EFL] & (EFLAGS_USER | EFLAGS_FIXED);
    set_segments(context);
    if (uc->uc_mcontext.fpregs)
    {
        memcpy(&context->FltSave, uc->uc_mcontext.fpregs, XSAVE_XMM_END);
        context->MxCsr = context->FltSave.MxCsr;
    }
}

const void *signal_xsave(const ucontext_t *uc)
{
    const char *fp = (const char *)uc->uc_mcontext.fpregs;

    if (!fp || !xsave_mask || *(const uint32_t *)(fp + 464) != FP_XSTATE_MAGIC1)
        return NULL;
    return *(const uint32_t *)(fp + 480) >= xsave_size ? fp : NULL;     /* xstate_size */
}

void context_to_signal(ucontext_t *uc, const CONTEXT *context)
{
    greg_t *r = uc->uc_mcontext.gregs;
    char *fp = (char *)uc->uc_mcontext.fpregs;

    if ((context->ContextFlags & CONTEXT_INTEGER) == CONTEXT_INTEGER)
    {
        r[REG_RAX] = context->Rax;
        r[REG_RCX] = context->Rcx;
        r[REG_RDX] = context->Rdx;
        r[REG_RBX] = context->Rbx;
        r[REG_RBP] = context->Rbp;
        r[REG_RSI] = context->Rsi;
        r[REG_RDI] = context->Rdi;
        r[REG_R8]  = context->R8;
        r[REG_R9]  = context->R9;
        r[REG_R10] = context->R10;
        r[REG_R11] = context->R11;
        r[REG_R12] = context->R12;
        r[REG_R13] = context->R13;
        r[REG_R14] = context->R14;
        r[REG_R15] = context->R15;
    }
    if ((context->ContextFlags & CONTEXT_CONTROL) == CONTEXT_CONTROL)
    {
        r[REG_RSP] = context->Rsp;
        r[REG_RIP] = context->Rip;
        r[REG_EFL] = (context->EFlags & EFLAGS_USER) | EFLAGS_FIXED;
    }
    if (fp && (context->ContextFlags & CONTEXT_FLOATING_POINT) == CONTEXT_FLOATING_POINT)
    {
        uint32_t mxcsr = context->MxCsr & 0xffff;

        memcpy(fp, &context->FltSave, XSAVE_XMM_END);
        memcpy(fp + 24, &mxcsr, sizeof(mxcsr));
        if (*(uint32_t *)(fp + 464) == FP_XSTATE_MAGIC1)
            *(uint64_t *)(fp + XSAVE_LEGACY) |= 3;
    }
}

/* ---- frames of Nt calls ------------------------------------------------------------------------------- */

static void get_x87(XMM_SAVE_AREA32 *save)      /* nothing between PE code and here touches it */
{
    struct { uint8_t bytes[512]; } area __attribute__((aligned(16)));

    __asm__ volatile("fxsave64 %0" : "=m"(area));
    memcpy(save, &area, 160);                   /* up to the first xmm register */
}

void context_from_frame(CONTEXT *context, const struct syscall_frame *frame)
{
    if (frame->has_context)
    {
        *context = frame->context;
        return;
    }
    memset(context, 0, sizeof(*context));
    context->ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    context->Rax = frame->status;
    context->Rbx = frame->rbx;
    context->Rbp = frame->rbp;
    context->R12 = frame->r12;
    context->R13 = frame->r13;
    context->R14 = frame->r14;
    context->R15 = frame->r15;
    context->Rdi = frame->rdi;
    context->Rsi = frame->rsi;
    context->Rsp = frame->rsp;
    context->Rip = process_stub_return(frame->number);
    context->Rcx = context->Rip;                /* what the syscall instruction leaves there */
    context->EFlags = EFLAGS_FIXED | 0x44;
    context->R11 = context->EFlags;
    set_segments(context);
    context->MxCsr = frame->mxcsr;
    if (thread_self && thread_self->frame == frame)
        get_x87(&context->FltSave);
    else
    {
        context->FltSave.ControlWord = 0x27f;
        context->FltSave.MxCsr_Mask = 0xffff;
    }
    context->FltSave.MxCsr = frame->mxcsr;
    memcpy(&context->FltSave.XmmRegisters[6], frame->xmm, sizeof(frame->xmm));
}

bool extended_from_frame(void *extended, const struct syscall_frame *frame)
{
    if (!frame->has_context || !(frame->xmask & ~3ull))
        return false;
    memcpy(extended, frame->xsave + XSAVE_LEGACY, xsave_size - XSAVE_LEGACY);
    return true;
}

void frame_set_context(struct thread *thread, struct syscall_frame *frame, const CONTEXT *from, const void *extended)
{
    CONTEXT *context = &frame->context;

    if (!frame->has_context)
    {
        CONTEXT now;

        context_from_frame(&now, frame);
        *context = now;
        context->ContextFlags = CONTEXT_CONTROL | CONTEXT_INTEGER;      /* vectors: the frame has them */
        memset(frame->xsave + XSAVE_LEGACY, 0, xsave_size - XSAVE_LEGACY);
        frame->xmask = 3;
    }
    if ((from->ContextFlags & CONTEXT_INTEGER) == CONTEXT_INTEGER)
    {
        frame->rax_given = 1;
        memcpy(&context->Rax, &from->Rax, offsetof(CONTEXT, Rsp) - offsetof(CONTEXT, Rax));
        memcpy(&context->Rbp, &from->Rbp, offsetof(CONTEXT, Rip) - offsetof(CONTEXT, Rbp));
    }
    if ((from->ContextFlags & CONTEXT_CONTROL) == CONTEXT_CONTROL)
    {
        context->Rsp = from->Rsp;
        context->Rip = from->Rip;
        context->EFlags = (from->EFlags & EFLAGS_USER) | EFLAGS_FIXED;
    }
    if ((from->ContextFlags & CONTEXT_FLOATING_POINT) == CONTEXT_FLOATING_POINT)
    {
        context->FltSave = from->FltSave;
        context->MxCsr = context->FltSave.MxCsr = from->MxCsr & 0xffff;
        context->ContextFlags |= CONTEXT_FLOATING_POINT;
    }
    if (extended)
    {
        memcpy(frame->xsave + XSAVE_LEGACY, extended, xsave_size - XSAVE_LEGACY);
        frame->xmask = xsave_mask;
    }
    frame->has_context = 1;
    __atomic_fetch_or(&thread->pending, PENDING_CONTEXT, __ATOMIC_RELAXED);
}

void frame_prepare_leave(struct syscall_frame *frame)
{
    CONTEXT *context = &frame->context;
    uint64_t *header = (uint64_t *)(frame->xsave + XSAVE_LEGACY);

    frame->iret.rip = context->Rip;
    frame->iret.cs = CS_WINDOWS;
    frame->iret.eflags = (context->EFlags & EFLAGS_USER) | EFLAGS_FIXED;
    frame->iret.rsp = context->Rsp;
    frame->iret.ss = DS_WINDOWS;
    frame->vectors = VECTORS_FRAME;
    if ((context->ContextFlags & CONTEXT_FLOATING_POINT) != CONTEXT_FLOATING_POINT)
        return;
    memcpy(frame->xsave, &context->FltSave, XSAVE_XMM_END);
    if (!xsave_mask)
    {
        frame->vectors = VECTORS_FXRSTOR;
        return;
    }
    header[0] = (header[0] & frame->xmask) | 3; /* XSTATE_BV */
    memset(header + 1, 0, XSTATE_HEADER - 8);   /* standard format, nothing reserved set */
    frame->vectors = VECTORS_XRSTOR;
}

/* ---- contexts in the program's memory ------------------------------------------------------------------ */

static bool has_xstate(const CONTEXT *context)
{
    return (context->ContextFlags & CONTEXT_XSTATE) == CONTEXT_XSTATE;
}

/* Where a program's context keeps its extended state; NULL: nowhere or too short to be one. */
static NTSTATUS find_xstate(const CONTEXT *user, char **where, uint32_t *size)
{
    CONTEXT_EX ex;
    NTSTATUS status;

    *where = NULL;
    if ((status = user_read(&ex, user + 1, sizeof(ex))))
        return status;
    if (ex.Legacy.Offset != -(LONG)sizeof(CONTEXT))     /* a context copied without what belongs to it */
        return STATUS_SUCCESS;
    if (ex.XState.Length < XSTATE_HEADER)
        return STATUS_INVALID_PARAMETER;
    *where = (char *)(user + 1) + ex.XState.Offset;
    *size = ex.XState.Length;
    return STATUS_SUCCESS;
}

NTSTATUS context_read(CONTEXT *context, void *extended, bool *has_extended, const CONTEXT *from)
{
    uint32_t size, room = xsave_size - XSAVE_LEGACY;
    NTSTATUS status;
    char *where;

    *has_extended = false;
    if ((status = user_read(context, from, sizeof(*context))))
        return status;
    if (!(context->ContextFlags & CONTEXT_AMD64))
        return STATUS_INVALID_PARAMETER;
    if (!extended || !has_xstate(context) || !xsave_mask)
        return STATUS_SUCCESS;
    if ((status = find_xstate(from, &where, &size)) || !where)
        return status;
    memset(extended, 0, room);
    if ((status = user_read(extended, where, size < room ? size : room)))
        return status;
    ((uint64_t *)extended)[0] &= xsave_mask & ~3ull;
    *has_extended = true;
    return STATUS_SUCCESS;
}

/* The header says which components are wanted; those of them that are in use are written, and it then says which. */
static NTSTATUS xstate_write(const CONTEXT *user, const char *extended)
{
    uint64_t header[XSTATE_HEADER / 8], wanted;
    uint32_t size, needed = XSTATE_HEADER;
    NTSTATUS status;
    unsigned int i;
    char *where;

    if ((status = find_xstate(user, &where, &size)))
        return status;
    if (!where || size > xsave_size - XSAVE_LEGACY)
        return STATUS_INVALID_PARAMETER;
    if ((status = user_read(header, where, sizeof(header))))
        return status;
    wanted = (xsave_compaction ? header[1] : header[0]) & xsave_mask & ~3ull;
    for (i = 2; i < 8; i++)
        if (wanted >> i & 1)
            needed = components[i].offset + components[i].size - XSAVE_LEGACY;
    memset(header, 0, sizeof(header));
    header[0] = extended ? *(const uint64_t *)extended & wanted : 0;
    header[1] = xsave_compaction ? 1ull << 63 | wanted : 0;
    if ((status = user_write(where, header, sizeof(header))))
        return status;
    if (needed > size)
        return STATUS_BUFFER_OVERFLOW;
    for (i = 2; i < 8 && !status; i++)
        if (header[0] >> i & 1)
        {
            uint32_t offset = components[i].offset - XSAVE_LEGACY;

            status = user_write(where + offset, extended + offset, components[i].size);
        }
    return status;
}

NTSTATUS context_write(CONTEXT *to, const CONTEXT *context, const void *extended)
{
    CONTEXT out;
    NTSTATUS status;

    if ((status = user_read(&out, to, sizeof(out))))
        return status;
    if (!(out.ContextFlags & CONTEXT_AMD64))
        return STATUS_INVALID_PARAMETER;
    if ((out.ContextFlags & CONTEXT_INTEGER) == CONTEXT_INTEGER)
    {
        memcpy(&out.Rax, &context->Rax, offsetof(CONTEXT, Rsp) - offsetof(CONTEXT, Rax));
        memcpy(&out.Rbp, &context->Rbp, offsetof(CONTEXT, Rip) - offsetof(CONTEXT, Rbp));
    }
    if ((out.ContextFlags & CONTEXT_CONTROL) == CONTEXT_CONTROL)
    {
        out.Rsp = context->Rsp;
        out.Rip = context->Rip;
        out.EFlags = context->EFlags;
        out.SegCs = CS_WINDOWS;
        out.SegSs = DS_WINDOWS;
    }
    if ((out.ContextFlags & CONTEXT_SEGMENTS) == CONTEXT_SEGMENTS)
    {
        out.SegDs = out.SegEs = out.SegGs = DS_WINDOWS;
        out.SegFs = FS_WINDOWS;
    }
    if ((out.ContextFlags & CONTEXT_FLOATING_POINT) == CONTEXT_FLOATING_POINT)
    {
        out.FltSave = context->FltSave;
        out.MxCsr = context->MxCsr;
    }
    if ((out.ContextFlags & CONTEXT_DEBUG_REGISTERS) == CONTEXT_DEBUG_REGISTERS)
        memcpy(&out.Dr0, &context->Dr0, offsetof(CONTEXT, Rax) - offsetof(CONTEXT, Dr0));
    if (has_xstate(&out) && xsave_mask && (status = xstate_write(to, extended)))
        return status;
    return user_write(to, &out, sizeof(out));
}

NTSTATUS exception_push(const EXCEPTION_RECORD *record, const CONTEXT *context, const void *extended, uint64_t *rsp)
{
    struct exception_stack stack;
    uint32_t size = extended ? xsave_size - XSAVE_LEGACY : 0;
    uint64_t where = (context->Rsp - size) & ~(uint64_t)63, header[XSTATE_HEADER / 8] = { 0, xsave_compaction };
    char *base = (char *)where - sizeof(stack);
    NTSTATUS status;

    memset(&stack, 0, sizeof(stack));
    stack.context = *context;
    stack.record = *record;
    stack.machine.rip = context->Rip;
    stack.machine.cs = CS_WINDOWS;
    stack.machine.eflags = context->EFlags;
    stack.machine.rsp = context->Rsp;
    stack.machine.ss = DS_WINDOWS;
    stack.context_ex.Legacy.Offset = stack.context_ex.All.Offset = -(LONG)sizeof(CONTEXT);
    stack.context_ex.Legacy.Length = sizeof(CONTEXT);
    stack.context_ex.All.Length = sizeof(CONTEXT) + sizeof(CONTEXT_EX);
    stack.context_ex.XState.Offset = sizeof(CONTEXT_EX) + 1;    /* "none": past the end, length 0 */
    if (extended)
    {
        stack.context.ContextFlags |= CONTEXT_XSTATE;
        stack.context_ex.XState.Offset = sizeof(stack) - offsetof(struct exception_stack, context_ex);
        stack.context_ex.XState.Length = size;
        stack.context_ex.All.Length = sizeof(stack) + size;
        header[0] = *(const uint64_t *)extended & xsave_mask & ~3ull;
        if ((status = user_write((void *)where, extended, size)) || (status = user_write((void *)where, header, sizeof(header))))
            return status;
    }
    if ((status = user_write(base, &stack, sizeof(stack))))
        return status;
    *rsp = (uint64_t)base;
    return STATUS_SUCCESS;
}
