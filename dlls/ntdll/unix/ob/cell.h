/* A cell: the waitable state of a dispatcher object, 64 bytes of shared memory.
 *
 * The state is a word that futexes work on. Uncontended operations are one atomic; a waiter that must
 * sleep uses futex_waitv over the cells it waits for plus its thread's alert cell (alerts: APCs,
 * NtAlertThread, termination). Cells live in the process's slab, a memfd, so that they can be passed
 * to another process later; a named object's cell lives in its own file.
 *
 * A cell that several processes share wakes all its waiters on every signal: a waiter killed between
 * its wake-up and taking the state would otherwise swallow it. Who is killed between signalling and waking
 * leaves sleepers behind: those who wait for shared cells look again once a second.
 */
#pragma once

#include <stddef.h>

#include "nt/nt.h"

struct object;

enum cell_kind
{
    CELL_MANUAL,                /* notification event, process, thread, ...: waits leave it signalled */
    CELL_AUTO,                  /* synchronization event: a wait takes it */
    CELL_SEMAPHORE,             /* value counts, limit is the maximum; a wait takes one */
    CELL_MUTANT,                /* free or owned; owner, recursion and abandoned tell more */
    CELL_TIMER_MANUAL,          /* signalled once due is past; waiters compute that */
    CELL_TIMER_AUTO,
    CELL_WORDS,                 /* nobody waits for it: a place for words that processes share */
};

struct cell
{
    uint32_t value;             /* the futex word; cell.c says what its bits mean for each kind */
    uint32_t kind;
    uint32_t owner;             /* CELL_MUTANT: the futex word, a robust one: Linux thread id, 0 = free */
    uint32_t limit;
    uint32_t recursion;
    uint32_t shared;            /* CELL_x below */
    uint32_t lock;              /* if shared: a robust word too, held for moments */
    uint32_t waiters;           /* so that setting an unwatched event makes no system call */
    uint32_t all_waiters;       /* of them, those that wait for more than this cell at once */
    uint32_t reserved0;
    union
    {
        struct
        {
            uint64_t due;       /* CELL_TIMER_x: CLOCK_MONOTONIC ns, 0 = not set */
            uint64_t period;    /* ns */
        };
        uint64_t words[3];      /* CELL_WORDS */
    };
};
/* The shadows of the two robust words (robust.h) are 16 bytes each. */
_Static_assert(offsetof(struct cell, owner) == 8 && offsetof(struct cell, lock) == 24, "cell");
_Static_assert(sizeof(struct cell) == 64, "cell");

#define CELL_SHARED    1u       /* in several processes */
#define CELL_SHAREABLE 2u       /* may become so: its futex calls are those of shared memory from the beginning, since who
                                 * sleeps with a private one would not hear of a change */

#define CELL_WAIT_MAX 127       /* cells in one wait: futex_waitv takes 128, one is the alert */
#define DEADLINE_NEVER (~(uint64_t)0)

struct cell *cell_alloc(enum cell_kind kind, uint32_t value, uint32_t limit);    /* NULL: no memory */
void cell_free(struct cell *cell);                                               /* NULL is allowed */

/* For tests: a child starts a slab of its own, the parent's is the parent's. */
void cell_after_fork(void);

/* A cell as (fd, offset), for another process; fd is borrowed while the cell is not freed. It is shared from now on, and
 * when it is freed its place is not used again before the last process has let go of it (slab.c). */
bool cell_share(struct cell *cell, int *fd, uint64_t *offset);

/* The cell that another process shared: checked to be one of that kind. Takes fd only if it says so. NULL: it is none. */
struct cell *cell_import(int fd, uint64_t offset, bool *fd_taken);

/* For objects that every wait is satisfied by: a wait_cell of an object type. */
struct cell *cell_always_signaled(struct object *object);

/* Signal or clear; returns the value before (0 or 1). */
uint32_t cell_set(struct cell *cell);
uint32_t cell_reset(struct cell *cell);
uint32_t cell_pulse(struct cell *cell);

/* STATUS_SEMAPHORE_LIMIT_EXCEEDED, STATUS_MUTANT_NOT_OWNED: nothing changed. previous may be NULL. */
NTSTATUS cell_release_semaphore(struct cell *cell, uint32_t count, uint32_t *previous);
NTSTATUS cell_release_mutant(struct cell *cell, uint32_t *previous);

/* Gives up a mutant that thread tid (a Linux id) owned when it ended. */
void     cell_abandon_mutant(struct cell *cell, int tid);

/* 1 = free, 0 = owned once, negative = owned more often. */
int      cell_mutant_count(struct cell *cell);
bool     cell_mutant_is_mine(struct cell *cell);
bool     cell_mutant_is_abandoned(struct cell *cell);

/* Is it of this kind, as far as anybody can tell? For cells that strangers may have written. */
static inline bool cell_is_timer(const struct cell *cell)
{
    return cell->kind == CELL_TIMER_MANUAL || cell->kind == CELL_TIMER_AUTO;
}

/* due 0: cancel (the signalled state stays). Otherwise the timer is not signalled until due. */
void     cell_set_timer(struct cell *cell, uint64_t due_monotonic_ns, uint64_t period_ns);
/* When it is signalled next (0: never), and whether it is now. */
uint64_t cell_timer_next(struct cell *cell, bool *signaled);

/* Waits for one or all of up to CELL_WAIT_MAX cells (0 of them: only for the deadline and alerts). deadline:
 * CLOCK_MONOTONIC ns, 0 = poll once, DEADLINE_NEVER = for ever. alertable: user APCs end the wait with
 * STATUS_USER_APC (they run when the call returns), NtAlertThread with STATUS_ALERTED. Returns STATUS_WAIT_0 + n,
 * STATUS_ABANDONED_WAIT_0 + n, STATUS_TIMEOUT, STATUS_MUTANT_LIMIT_EXCEEDED, STATUS_THREAD_IS_TERMINATING.
 * Never holds a lock while it sleeps. */
NTSTATUS cell_wait(struct cell **cells, unsigned int count, bool all, bool alertable, uint64_t deadline_ns);

/* As cell_wait() for any of the cells, but only the first take of them are taken, the others are watched; and a
 * CELL_MANUAL that was pulsed since cell_pulses() told seen[i] counts as signalled: nothing that happened since the
 * caller looked is missed. */
NTSTATUS cell_watch(struct cell **cells, const uint32_t *seen, unsigned int count, unsigned int take, bool alertable,
                    uint64_t deadline_ns);
uint32_t cell_pulses(const struct cell *cell);

/* Waits until *word, which only this thread takes from, is not 0 and makes it 0. Another thread stores 1 and wakes
 * it with cell_wake_word(). Statuses as above, 0 for taken. */
NTSTATUS cell_wait_word(uint32_t *word, uint64_t deadline_ns);
void     cell_wake_word(uint32_t *word);

/* Would a wait of this thread be satisfied now? Takes nothing. */
bool cell_is_signaled(struct cell *cell);

/* A LARGE_INTEGER timeout of a call (NULL = for ever, negative = relative 100 ns, else absolute system
 * time), already copied in, as a CLOCK_MONOTONIC deadline; 0 for one that is past. */
uint64_t deadline_from_timeout(const LARGE_INTEGER *timeout);

uint64_t monotonic_now(void);           /* ns */
int64_t  system_time_now(void);         /* 100 ns since 1601 */

/* Provided by ob/timer.c: queues the APCs of this thread's timers that are due, returns when the next is
 * (DEADLINE_NEVER: none). Alertable waits ask. */
uint64_t timer_apcs_run(void);
