/* What the dispatcher (dispatch_x86_64.S) keeps of Windows code while an Nt call runs.
 *
 * The frame lies in the thread's own block, not on the Unix stack, so that leaving can start over at
 * syscall_leave at any instruction: a stop signal that finds the thread on its way out puts it back
 * there, and every register is loaded from the frame once more.
 */
#pragma once

#define FRAME_RBX        0x00
#define FRAME_RBP        0x08
#define FRAME_R12        0x10
#define FRAME_R13        0x18
#define FRAME_R14        0x20
#define FRAME_R15        0x28
#define FRAME_RDI        0x30
#define FRAME_RSI        0x38
#define FRAME_RSP        0x40
#define FRAME_NUMBER     0x48
#define FRAME_MXCSR      0x4c
#define FRAME_STATUS     0x50
#define FRAME_UNIX_RSP   0x58
#define FRAME_FLAGS      0x60
#define FRAME_XMM6       0x70
#define FRAME_IRET       0x110
#define FRAME_VECTORS    0x138
#define FRAME_XMASK      0x140
#define FRAME_CONTEXT    0x150
#define FRAME_XSAVE      0x640
#define FRAME_XSAVE_SIZE 0xc00

#define VECTORS_FRAME    0              /* leave with xmm6-15 of the frame */
#define VECTORS_FXRSTOR  1              /* ... with FRAME_XSAVE, as far as fxrstor goes */
#define VECTORS_XRSTOR   2              /* ... the parts in FRAME_XMASK */

#ifndef __ASSEMBLER__

#include "ps/thread.h"

#define RAX_LOST 2              /* the call's end takes the registers that calls destroy (kernel32:debugger, test_debugger) */
struct syscall_frame
{
    uint64_t rbx, rbp, r12, r13, r14, r15, rdi, rsi;
    uint64_t rsp;               /* points at the return address */
    uint32_t number;
    uint32_t mxcsr;
    uint64_t status;            /* what the call returned */
    uint64_t unix_rsp;          /* where calls start */
    uint8_t  has_context;       /* leave with context, not with the registers above */
    uint8_t  rax_given;         /* and its rax is not the status of the call; RAX_LOST: set in the middle of the call */
    uint16_t alertable;         /* NtTestAlert, NtContinue: user APCs may run when leaving */
    uint16_t apc_delivered;
    uint16_t leaving;           /* in syscall_leave_slow, which may change the context unless it is parked */
    uint64_t unused;
    M128A    xmm[10];           /* xmm6-15 */
    struct { uint64_t rip, cs, eflags, rsp, ss; } iret;
    uint32_t vectors;
    uint32_t unused2;
    uint64_t xmask;
    uint64_t unused3;
    CONTEXT  context;
    uint64_t unused4[4];
    uint8_t  xsave[FRAME_XSAVE_SIZE] __attribute__((aligned(64)));
} __attribute__((aligned(64)));

/* PE -> Unix. What TEB+0x100 points to; the second also writes a trace. */
void syscall_dispatcher(void);
void syscall_dispatcher_trace(void);

/* Goes to Windows code with frame->context. Returns when the thread calls windows_leave. */
void windows_enter(struct syscall_frame *frame);
void windows_leave(struct syscall_frame *frame) __attribute__((noreturn));

/* Calls an Nt handler with count 8-byte arguments. */
NTSTATUS syscall_invoke(void (*handler)(void), const uint64_t *args, unsigned int count);

/* Called by the dispatcher when something is pending: parks, ends the thread, delivers APCs. Nonzero: leave with
 * the full context, which has been prepared in iret, vectors and xsave. */
int syscall_leave_slow(struct syscall_frame *frame, uint64_t status);
uint64_t syscall_traced(uint32_t number, const uint64_t *registers, const void *user_rsp);

/* Stretches of the dispatcher by instruction address, for the signal handlers. */
extern const char syscall_enter_start[], syscall_enter_end[];          /* both dispatchers. thread->frame NULL and not
                                                                          leaving: nothing is saved, as good as Windows code */
extern const char syscall_args_start[], syscall_args_end[];            /* reads the caller's stack */
extern const char syscall_args_fault[];                                /* go here with a status in rax */
extern const char syscall_leave[], syscall_leave_end[];                /* may start over at syscall_leave */
extern const char syscall_stop[];                                      /* go here to look at pending, from Windows code */
extern const char syscall_leave_ret[], syscall_leave_iret[];           /* a fault here belongs to Windows code */
extern const char user_copy_start[], user_copy_end[], user_copy_fault[];

/* The copy behind user.h: 0 or the status of the fault. */
NTSTATUS user_copy(void *to, const void *from, size_t size);
NTSTATUS user_fill_zero(void *to, size_t size);
NTSTATUS user_touch_read(const void *from, size_t size);
NTSTATUS user_touch_write(void *to, size_t size);

#endif
