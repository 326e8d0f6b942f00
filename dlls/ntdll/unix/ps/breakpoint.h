/* The processor's debug registers of a thread. */
#pragma once

#include <signal.h>
#include "ps/thread.h"

/* Makes a thread's registers those of the context (Dr0-3, 6, 7). All or nothing; STATUS_NOT_SUPPORTED: the host does
 * not let us have them, or not so. */
NTSTATUS breakpoints_set(struct thread *thread, const CONTEXT *context);
void     breakpoints_get(const struct thread *thread, CONTEXT *context);
void     breakpoints_free(struct thread *thread);

/* Notes in Dr6 what a SIGTRAP was, if it was a hit or a single step. */
void     breakpoint_hit(struct thread *thread, int signal, const siginfo_t *info);
