/* A cell: the waitable state of a dispatcher object, 64 bytes of shared memory.
 *
 * The state is a word that futexes work on. Uncontended operations are one atomic; a waiter that must
 * sleep uses futex_waitv over the cells it waits for plus its thread's alert cell (alerts: APCs,
 * NtAlertThread, termination). Cells live in the process's slab, a memfd, so that they can be passed
 * to another process later; a named object's cell lives in its own file.
 *
 * A cell that several processes share wakes all its waiters on every signal: a waiter killed between
 * its wake-up and taking the state would otherwise swallow it.
 */
#pragma once

#include "nt/nt.h"

enum cell_kind
{
    CELL_MANUAL,                /* notification event, process, thread, ...: value 0 or 1, waits leave it */
    CELL_AUTO,                  /* synchronization event: a wait takes 1 to 0 */
    CELL_SEMAPHORE,             /* value counts, limit is the maximum; a wait takes one */
    CELL_MUTANT,                /* owner is a thread id, value the recursion count, abandoned flag */
    CELL_TIMER_MANUAL,          /* signalled once due is past; waiters compute that */
    CELL_TIMER_AUTO,
};

struct cell
{
    uint32_t value;             /* the futex word */
    uint32_t kind;
    uint32_t limit;
    uint32_t owner;             /* CELL_MUTANT: thread id, robust futex word layout */
    uint64_t due;               /* CELL_TIMER_x: CLOCK_MONOTONIC ns, 0 = not set */
    uint64_t period;            /* ns */
    uint32_t recursion;
    uint32_t abandoned;
    uint32_t waiters;           /* so that setting an unwatched event makes no system call */
    uint32_t shared;            /* in several processes */
    uint32_t reserved[4];
};
_Static_assert(sizeof(struct cell) == 64, "cell");

struct cell *cell_alloc(enum cell_kind kind, uint32_t value, uint32_t limit);    /* NULL: no memory */
void cell_free(struct cell *cell);

/* Signal or clear; returns the value before. */
uint32_t cell_set(struct cell *cell);
uint32_t cell_reset(struct cell *cell);
uint32_t cell_pulse(struct cell *cell);
NTSTATUS cell_release_semaphore(struct cell *cell, uint32_t count, uint32_t *previous);
NTSTATUS cell_release_mutant(struct cell *cell, uint32_t *previous);
void     cell_set_timer(struct cell *cell, uint64_t due_monotonic_ns, uint64_t period_ns);

/* Waits for one or all of up to MAXIMUM_WAIT_OBJECTS cells. deadline: CLOCK_MONOTONIC ns, 0 = poll once,
 * ~0 = for ever. alertable: user APCs end the wait with STATUS_USER_APC (they run when the call
 * returns), NtAlertThread with STATUS_ALERTED. Returns STATUS_WAIT_0 + n, STATUS_ABANDONED_WAIT_0 + n,
 * STATUS_TIMEOUT. Never holds a lock while it sleeps. */
NTSTATUS cell_wait(struct cell **cells, unsigned int count, bool all, bool alertable, uint64_t deadline_ns);

/* STATUS_SUCCESS if it would be satisfied now, without taking anything (NtQueryEvent and friends). */
bool cell_is_signaled(struct cell *cell);

/* A LARGE_INTEGER timeout of a call (NULL = for ever, negative = relative 100 ns, else absolute system
 * time), already copied in, as a CLOCK_MONOTONIC deadline. */
uint64_t deadline_from_timeout(const LARGE_INTEGER *timeout);
