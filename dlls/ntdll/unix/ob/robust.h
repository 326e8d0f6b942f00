/* Words that the kernel puts right when their owner dies (set_robust_list(2), Documentation/locking/robust-futex-ABI).
 *
 * A word is 0, or the Linux id of the thread that owns it; FUTEX_WAITERS says that somebody sleeps on it; the kernel
 * makes it FUTEX_OWNER_DIED when its owner ends, however that happens, and wakes a sleeper. For that a thread keeps a
 * list of what it owns. The list's nodes are not in the shared memory, where others could bend them, but in memory of
 * our own ROBUST_DISTANCE behind it: ob/cell_area.h.
 */
#pragma once

#include <linux/futex.h>
#include <stdbool.h>
#include <stdint.h>

#define ROBUST_DISTANCE (256 * 1024)

static inline bool robust_is_free(uint32_t word) { return !(word & FUTEX_TID_MASK); }

int  robust_tid(void);                  /* of this thread, as words hold it */

/* Takes a free word; *died: its last owner did not give it back. waiters: somebody may be asleep on it. */
bool robust_try(uint32_t *word, bool waiters, bool *died);
/* Gives it back, and wakes count sleepers if there may be any; if we are killed in between, the kernel does. */
void robust_release(uint32_t *word, bool waiters, int count);

/* A lock held for a moment: waits for it. Whoever died with it is forgotten. */
void robust_lock(uint32_t *word);
void robust_unlock(uint32_t *word);

/* The word of a thread of ours that has ended, or of this one: not owned any more, abandoned. False: it was not its. */
bool robust_abandon(uint32_t *word, uint32_t tid);
/* Is the word in the list of a thread of this process? Its memory must stay then. */
bool robust_is_listed(const uint32_t *word);

/* What the word should be while we sleep on it: with FUTEX_WAITERS, if it is owned. */
uint32_t robust_sleep_value(uint32_t *word);

void robust_after_fork(void);           /* for tests: a child has no list yet */
