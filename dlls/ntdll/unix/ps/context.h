/* Register contexts: Windows' CONTEXT, the dispatcher's frame, the host's signal frame. */
#pragma once

#include <signal.h>
#include <ucontext.h>
#include "dispatch.h"

/* What KiUserExceptionDispatcher finds at rsp, as on Windows x64. The extended state follows, 64-byte aligned. */
struct exception_stack
{
    CONTEXT          context;           /* 000 */
    CONTEXT_EX       context_ex;        /* 4d0 */
    EXCEPTION_RECORD record;            /* 4f0 */
    uint64_t         pad2;              /* 588 */
    struct machine_frame { uint64_t rip, cs, eflags, rsp, ss; } machine;   /* 590: for unwinders */
    uint64_t         pad3;              /* 5b8 */
};                                      /* 5c0 */

/* What KiUserApcDispatcher finds at rsp. */
struct apc_stack
{
    CONTEXT              context;       /* 000: P1Home-P4Home are the three arguments and the routine */
    struct machine_frame machine;       /* 4d0 */
    uint64_t             pad;
};

#define XSAVE_LEGACY 512                /* then comes what Windows calls XSTATE: a 64-byte header and the rest */
#define XSAVE_XMM_END 416               /* legacy bytes that are state; those after it are the kernel's notes */

extern uint64_t xsave_mask;             /* components that contexts carry; 0: this machine has no xsave */
extern uint64_t xsave_compaction;       /* second word of the header in a program's context; 0: not compacted */
extern uint32_t xsave_size;             /* bytes of them in standard format, legacy part included */
void context_init(void);

/* Extended state lies at ((char *)xsave)+512, standard format, xsave_size - 512 bytes. */
void context_from_signal(CONTEXT *context, const ucontext_t *uc);
const void *signal_xsave(const ucontext_t *uc);         /* NULL: the frame has only the legacy state */
void context_to_signal(ucontext_t *uc, const CONTEXT *context);

/* The thread's Windows registers as they will be when its Nt call returns. */
void context_from_frame(CONTEXT *context, const struct syscall_frame *frame);
bool extended_from_frame(void *extended, const struct syscall_frame *frame);    /* false: none is known */

/* Replaces the parts that from->ContextFlags names; the call will leave with them. extended is the program's
 * XSTATE, already copied (header first), or NULL. Of another thread only once it is settled (suspend.c). */
void frame_set_context(struct thread *thread, struct syscall_frame *frame, const CONTEXT *from, const void *extended);

/* Copies in a CONTEXT of the program and, if its flags say so, its extended state (xsave_size - 512 bytes at
 * extended, zeroed if it has none). */
NTSTATUS context_read(CONTEXT *context, void *extended, bool *has_extended, const CONTEXT *from);

/* Copies out the parts that the program's CONTEXT asks for in its own ContextFlags. */
NTSTATUS context_write(CONTEXT *to, const CONTEXT *context, const void *extended);

void frame_prepare_leave(struct syscall_frame *frame);

/* Puts an exception on the Windows stack below context->Rsp, for KiUserExceptionDispatcher. *rsp is where. */
NTSTATUS exception_push(const EXCEPTION_RECORD *record, const CONTEXT *context, const void *extended, uint64_t *rsp);
