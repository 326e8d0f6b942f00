/* Exceptions: from a host signal or an Nt call to KiUserExceptionDispatcher, or to the crash report. */
#pragma once

#include "ps/context.h"

/* An instruction that the processor refused with #GP: what Windows makes of it. */
enum gp_kind
{
    GP_ACCESS_VIOLATION,        /* non-canonical address, misaligned SSE operand ... */
    GP_PRIVILEGED,
    GP_INTERRUPT,               /* int nn; *vector says which */
};
enum gp_kind decode_gp(uint64_t rip, unsigned int *vector);
uint64_t decode_after_icebp(uint64_t rip);

/* Is the divisor of the div or idiv that the context stands at other than zero (so it overflowed)? */
bool decode_division_overflow(const CONTEXT *context);

/* The thread leaves the Nt call that it is in with an exception: first for the debugger, then for handlers; if they go on, the
 * call returns the code. To be returned by the call. (nt/exception.c) */
NTSTATUS exception_raise_on_leave(NTSTATUS code);

/* Nobody handled it: report on stderr, end the process. */
void exception_unhandled(const EXCEPTION_RECORD *record, const CONTEXT *context) __attribute__((noreturn));

/* A fault in our own code outside user copies. */
void fault_in_oriel(int signal, const siginfo_t *info, const ucontext_t *uc) __attribute__((noreturn));

/* Per-process and per-thread set-up of the handlers. stack is memory for the alternate stack. */
void signals_init(void);
void signals_init_thread(void *stack, size_t size);

/* Stops or ends the thread (ps/suspend.c); called in the handler with everything else blocked. */
#define SIGNAL_STOP SIGUSR1
void stop_handler(int signal, siginfo_t *info, void *context);
