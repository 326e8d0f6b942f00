/* Cells: state words, and waiting for them.
 *
 * What the bits of value mean:
 *   CELL_MANUAL     bit 0 signalled, bits 1-30 count pulses
 *   CELL_AUTO       bit 0 signalled, bit 1 only for those who wait already (a pulse)
 *   CELL_SEMAPHORE  bits 0-30 the count
 *   CELL_MUTANT     nothing: owner is its word
 *   CELL_TIMER_x    bit 0 signalled for good, bits 1-30 count settings; also signalled when due is past
 *   all             bit 31 a wait-all is looking: who wants to take waits until it has gone
 *
 * Who sets bit 31 of a cell that others may have holds its lock word too, which the kernel frees should he die; bit 31
 * is then cleared by the next who wants the lock. A mutant that is free is only taken by who holds its lock.
 *
 * Invariants:
 *   1. Only takers respect bit 31. Those who signal or reset may pass: a wait-all that looks at all its
 *      locked cells sees either state, and both orders of the two are allowed.
 *   2. A waiter counts itself in waiters before it looks at the value for the last time before it sleeps, and
 *      who signals changes the value before it looks at waiters: one of them sees the other.
 *   3. A wake-up that a waiter got but did not use is passed on when it leaves (wait_leave).
 *   4. Cells are locked in one order: those that others may have by device, inode and offset, then the others by
 *      their addresses.
 *   5. What is in a cell that others have may be nonsense: it is read once, and no value does any harm here.
 */
#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <sched.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "host/host.h"
#include "ob/cell_area.h"
#include "ob/robust.h"
#include "ps/thread.h"

#define SIGNALED    1u
#define PULSE_ONE   2u                  /* CELL_AUTO: for waiters only; CELL_MANUAL, CELL_TIMER_x: counts */
#define COUNT_MASK  0x7ffffffeu
#define LOCKED      0x80000000u
#define MUTANT_LIMIT 0x7fffffffu
#define LOOK_AGAIN  1000000000ull       /* ns: what a wait for shared cells is willing to lose to a kill */

static uint32_t value_of(const struct cell *cell)
{
    return __atomic_load_n(&cell->value, __ATOMIC_ACQUIRE);
}

/* ---- clocks ------------------------------------------------------------------------------------------- */

uint64_t monotonic_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return ts.tv_sec * 1000000000ull + ts.tv_nsec;
}

int64_t system_time_now(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (ts.tv_sec + 11644473600ll) * 10000000 + ts.tv_nsec / 100;
}

uint64_t deadline_from_timeout(const LARGE_INTEGER *timeout)
{
    int64_t left;

    if (!timeout) return DEADLINE_NEVER;
    if (timeout->QuadPart > 0)
    {
        if ((left = timeout->QuadPart - system_time_now()) <= 0) return 0;
    }
    else if (timeout->QuadPart == INT64_MIN) return DEADLINE_NEVER;
    else if (!(left = -timeout->QuadPart)) return 0;
    if (left >= INT64_MAX / 100 - (1ll << 56)) return DEADLINE_NEVER;
    return monotonic_now() + (uint64_t)left * 100;
}

/* ---- futexes -------------------------------------------------------------------------------------------- */

/* What a waiter sleeps on. */
static uint32_t *cell_word(struct cell *cell)
{
    return cell->kind == CELL_MUTANT ? &cell->owner : &cell->value;
}

/* Returns how many woke up. */
static long futex_wake(struct cell *cell, int count)
{
    int op = FUTEX_WAKE | (cell->shared ? 0 : FUTEX_PRIVATE_FLAG);

    return syscall(SYS_futex, cell_word(cell), op, count, NULL, NULL, 0);
}

/* How many to wake of count that could go on. */
static int wake_count(struct cell *cell, unsigned int count)
{
    if (cell->shared & CELL_SHARED || __atomic_load_n(&cell->all_waiters, __ATOMIC_SEQ_CST) || count > INT_MAX) return INT_MAX;
    return (int)count;
}

/* After the value has become signalled for count waiters. */
static void cell_wake(struct cell *cell, unsigned int count)
{
    if (__atomic_load_n(&cell->waiters, __ATOMIC_SEQ_CST)) futex_wake(cell, wake_count(cell, count));
}

/* ---- signalling ------------------------------------------------------------------------------------------- */

uint32_t cell_set(struct cell *cell)
{
    uint32_t old = __atomic_fetch_or(&cell->value, SIGNALED, __ATOMIC_SEQ_CST);

    if (!(old & SIGNALED)) cell_wake(cell, cell->kind == CELL_AUTO ? 1 : INT_MAX);
    return old & SIGNALED;
}

uint32_t cell_reset(struct cell *cell)
{
    return __atomic_fetch_and(&cell->value, ~SIGNALED, __ATOMIC_SEQ_CST) & SIGNALED;
}

uint32_t cell_pulse(struct cell *cell)
{
    uint32_t old = __atomic_load_n(&cell->value, __ATOMIC_RELAXED), new;
    bool waiting;

    do
    {
        waiting = __atomic_load_n(&cell->waiters, __ATOMIC_SEQ_CST) != 0;
        if (cell->kind == CELL_MANUAL) new = (old & LOCKED) | ((old + PULSE_ONE) & COUNT_MASK);
        else new = (old & LOCKED) | (waiting ? SIGNALED | PULSE_ONE : 0);
    } while (!__atomic_compare_exchange_n(&cell->value, &old, new, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    /* A waiter that was killed still counts: if nobody is there, there was no pulse. */
    if (waiting && !futex_wake(cell, wake_count(cell, cell->kind == CELL_AUTO ? 1 : INT_MAX)) && cell->kind == CELL_AUTO &&
        cell->shared & CELL_SHARED)
        __atomic_compare_exchange_n(&cell->value, &new, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    return old & SIGNALED;
}

uint32_t cell_pulses(const struct cell *cell)
{
    return value_of(cell) & COUNT_MASK;
}

NTSTATUS cell_release_semaphore(struct cell *cell, uint32_t count, uint32_t *previous)
{
    uint32_t old = __atomic_load_n(&cell->value, __ATOMIC_RELAXED);

    do
    {
        if (count > cell->limit - (old & ~LOCKED)) return STATUS_SEMAPHORE_LIMIT_EXCEEDED;
    } while (!__atomic_compare_exchange_n(&cell->value, &old, old + count, true, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED));
    if (previous) *previous = old & ~LOCKED;
    if (count) cell_wake(cell, count);
    return STATUS_SUCCESS;
}

/* ---- mutants ---------------------------------------------------------------------------------------------- */

bool cell_mutant_is_mine(struct cell *cell)
{
    return (__atomic_load_n(&cell->owner, __ATOMIC_RELAXED) & FUTEX_TID_MASK) == (uint32_t)robust_tid();
}

static bool mutant_is_free(struct cell *cell)
{
    return robust_is_free(__atomic_load_n(&cell->owner, __ATOMIC_SEQ_CST));
}

static uint32_t recursion_of(const struct cell *cell)
{
    return __atomic_load_n(&cell->recursion, __ATOMIC_RELAXED);
}

/* Only its owner counts; anybody may look. */
static void set_recursion(struct cell *cell, uint32_t recursion)
{
    __atomic_store_n(&cell->recursion, recursion, __ATOMIC_RELAXED);
}

bool cell_mutant_is_abandoned(struct cell *cell)
{
    uint32_t owner = __atomic_load_n(&cell->owner, __ATOMIC_RELAXED);

    return robust_is_free(owner) && owner & FUTEX_OWNER_DIED;
}

NTSTATUS cell_release_mutant(struct cell *cell, uint32_t *previous)
{
    if (!cell_mutant_is_mine(cell)) return STATUS_MUTANT_NOT_OWNED;
    if (previous) *previous = recursion_of(cell);
    if (recursion_of(cell) > 1) set_recursion(cell, recursion_of(cell) - 1);
    else robust_release(&cell->owner, __atomic_load_n(&cell->waiters, __ATOMIC_SEQ_CST), wake_count(cell, 1));
    return STATUS_SUCCESS;
}

int cell_mutant_count(struct cell *cell)
{
    return mutant_is_free(cell) ? 1 : 1 - (int)recursion_of(cell);
}

void cell_abandon_mutant(struct cell *cell, int tid)
{
    robust_abandon(&cell->owner, (uint32_t)tid);
}

/* ---- locking, for wait-all and timers ------------------------------------------------------------------------- */

/* What a cell in a file says of itself is a stranger's word. */
static bool is_shared(const struct cell *cell)
{
    return cell->shared || cell_is_in_file(cell);
}

/* Returns the value; it has bit 31 now. */
static uint32_t cell_lock(struct cell *cell)
{
    uint32_t old;

    if (is_shared(cell))
    {
        robust_lock(&cell->lock);
        return __atomic_fetch_or(&cell->value, LOCKED, __ATOMIC_SEQ_CST) & ~LOCKED;
    }
    old = __atomic_load_n(&cell->value, __ATOMIC_RELAXED);
    for (;;)
    {
        if (old & LOCKED)
        {
            sched_yield();
            old = __atomic_load_n(&cell->value, __ATOMIC_RELAXED);
        }
        else if (__atomic_compare_exchange_n(&cell->value, &old, old | LOCKED, true,
                                             __ATOMIC_SEQ_CST, __ATOMIC_RELAXED)) return old;
    }
}

static void cell_unlock(struct cell *cell)
{
    __atomic_fetch_and(&cell->value, ~LOCKED, __ATOMIC_SEQ_CST);
    if (is_shared(cell)) robust_unlock(&cell->lock);
}

/* Of a timer, to whose word nobody else writes. */
static void cell_unlock_with(struct cell *cell, uint32_t value)
{
    __atomic_store_n(&cell->value, value & ~LOCKED, __ATOMIC_SEQ_CST);
    if (is_shared(cell)) robust_unlock(&cell->lock);
}

/* Until who has it has gone. */
static void cell_wait_unlocked(struct cell *cell)
{
    if (!is_shared(cell))
    {
        sched_yield();
        return;
    }
    cell_lock(cell);
    cell_unlock(cell);
}

/* ---- timers ------------------------------------------------------------------------------------------------------ */

void cell_set_timer(struct cell *cell, uint64_t due, uint64_t period)
{
    uint32_t value = cell_lock(cell);
    uint64_t old_due = cell->due;
    bool latched = value & SIGNALED || (old_due && monotonic_now() >= old_due);

    cell->period = period;
    __atomic_store_n(&cell->due, due, __ATOMIC_RELAXED);
    value = (value + PULSE_ONE) & COUNT_MASK;
    if (!due && latched) value |= SIGNALED;
    cell_unlock_with(cell, value);
    cell_wake(cell, INT_MAX);                                   /* so that they compute when to look again */
}

/* When a timer that was due is due next; 0: not again. */
static uint64_t next_due(struct cell *cell, uint64_t due, uint64_t now)
{
    uint64_t period = __atomic_load_n(&cell->period, __ATOMIC_RELAXED);

    return period ? due + ((now - due) / period + 1) * period : 0;
}

uint64_t cell_timer_next(struct cell *cell, bool *signaled)
{
    uint32_t value = cell_lock(cell);
    uint64_t due = __atomic_load_n(&cell->due, __ATOMIC_RELAXED), now = monotonic_now();

    *signaled = value & SIGNALED || (due && now >= due);
    if (due && now >= due) due = next_due(cell, due, now);
    cell_unlock(cell);
    return due;
}

static bool timer_is_due(struct cell *cell, uint64_t *now)
{
    uint64_t due = __atomic_load_n(&cell->due, __ATOMIC_RELAXED);

    if (!due) return false;
    if (!*now) *now = monotonic_now();
    return *now >= due;
}

/* Takes a signalled timer of a locked cell; returns the word to unlock with. */
static uint32_t timer_take_locked(struct cell *cell, uint32_t value, uint64_t *now)
{
    if (timer_is_due(cell, now))
        __atomic_store_n(&cell->due, next_due(cell, __atomic_load_n(&cell->due, __ATOMIC_RELAXED), *now), __ATOMIC_RELAXED);
    return value & ~(SIGNALED | LOCKED);
}

/* ---- taking --------------------------------------------------------------------------------------------------------- */

enum taken { NOT_TAKEN, TAKEN, TAKEN_ABANDONED, MUTANT_FULL };

struct look                     /* what one attempt of one waiter goes by */
{
    uint64_t now;               /* 0: not asked yet */
    bool     registered;        /* in waiters, so that pulses count */
    unsigned int take;          /* cells from this one on are only watched */
};

/* Of a locked cell whose mutant may be free. */
static enum taken mutant_enter_locked(struct cell *cell)
{
    bool died;

    if (!robust_try(&cell->owner, __atomic_load_n(&cell->waiters, __ATOMIC_SEQ_CST), &died)) return NOT_TAKEN;
    set_recursion(cell, 1);
    return died ? TAKEN_ABANDONED : TAKEN;
}

static enum taken mutant_take(struct cell *cell)
{
    enum taken taken;

    if (cell_mutant_is_mine(cell))
    {
        if (recursion_of(cell) >= MUTANT_LIMIT) return MUTANT_FULL;
        set_recursion(cell, recursion_of(cell) + 1);
        return TAKEN;
    }
    cell_lock(cell);
    taken = mutant_enter_locked(cell);
    cell_unlock(cell);
    return taken;
}

/* Is it signalled, by a value that was read? seen: the pulses of a CELL_MANUAL that do not count. */
static bool value_signaled(struct cell *cell, uint32_t value, uint32_t seen, struct look *look)
{
    switch (cell->kind)
    {
    case CELL_MANUAL:    return value & SIGNALED || (look->registered && (value & COUNT_MASK) != seen);
    case CELL_AUTO:      return value & SIGNALED && (look->registered || !(value & PULSE_ONE));
    case CELL_SEMAPHORE: return value & ~LOCKED;
    case CELL_MUTANT:    return mutant_is_free(cell) || cell_mutant_is_mine(cell);
    default:             return value & SIGNALED || timer_is_due(cell, &look->now);
    }
}

static enum taken cell_take(struct cell *cell, uint32_t seen, struct look *look)
{
    uint32_t value = value_of(cell), new;

    for (;;)
    {
        if (!value_signaled(cell, value, seen, look)) return NOT_TAKEN;
        if (cell->kind == CELL_MANUAL || cell->kind == CELL_TIMER_MANUAL) return TAKEN;
        if (cell->kind == CELL_MUTANT) return mutant_take(cell);
        if (cell->kind == CELL_TIMER_AUTO)
        {
            enum taken taken = NOT_TAKEN;

            value = cell_lock(cell);
            look->now = 0;
            if (value_signaled(cell, value, seen, look))
            {
                value = timer_take_locked(cell, value, &look->now);
                taken = TAKEN;
            }
            cell_unlock_with(cell, value);
            return taken;
        }
        if (value & LOCKED)
        {
            cell_wait_unlocked(cell);
            value = value_of(cell);
            continue;
        }
        new = cell->kind == CELL_SEMAPHORE ? value - 1 : 0;
        if (__atomic_compare_exchange_n(&cell->value, &value, new, true, __ATOMIC_ACQUIRE, __ATOMIC_ACQUIRE))
            return TAKEN;
    }
}

static void take_locked(struct cell *cell, enum taken *result, struct look *look)
{
    switch (cell->kind)
    {
    case CELL_AUTO:      __atomic_fetch_and(&cell->value, ~(SIGNALED | PULSE_ONE), __ATOMIC_SEQ_CST); break;
    case CELL_SEMAPHORE: __atomic_fetch_sub(&cell->value, 1, __ATOMIC_SEQ_CST); break;
    case CELL_TIMER_AUTO:
        __atomic_store_n(&cell->value, timer_take_locked(cell, value_of(cell), &look->now) | LOCKED, __ATOMIC_SEQ_CST);
        break;
    case CELL_MUTANT:
        if (cell_mutant_is_mine(cell)) set_recursion(cell, recursion_of(cell) + 1);
        else if (mutant_enter_locked(cell) == TAKEN_ABANDONED) *result = TAKEN_ABANDONED;
        break;
    default: break;
    }
}

struct place                    /* of a cell in the order of locking */
{
    struct cell *cell;
    struct cell_identity identity;
    bool others;                /* may have it */
};

static bool comes_before(const struct place *a, const struct place *b)
{
    if (a->others != b->others) return a->others;
    if (!a->others) return a->cell < b->cell;
    if (a->identity.device != b->identity.device) return a->identity.device < b->identity.device;
    if (a->identity.inode != b->identity.inode) return a->identity.inode < b->identity.inode;
    return a->identity.offset < b->identity.offset;
}

/* All or none. Looks without locks first: most attempts end there. */
static enum taken cells_take_all(struct cell **cells, const uint32_t *seen, unsigned int count, struct look *look)
{
    struct place sorted[CELL_WAIT_MAX];
    enum taken result = TAKEN;
    unsigned int i, j;

    for (i = 0; i < count; i++)
        if (!value_signaled(cells[i], value_of(cells[i]), seen[i], look))
            return NOT_TAKEN;

    for (i = 0; i < count; i++)
    {
        struct place place = { .cell = cells[i] };

        place.others = cell_identify(cells[i], &place.identity);
        for (j = i; j && comes_before(&place, &sorted[j - 1]); j--) sorted[j] = sorted[j - 1];
        sorted[j] = place;
    }
    for (i = 0; i < count; i++) cell_lock(sorted[i].cell);

    look->now = 0;
    for (i = 0; i < count && result == TAKEN; i++)
    {
        if (!value_signaled(cells[i], value_of(cells[i]) & ~LOCKED, seen[i], look)) result = NOT_TAKEN;
        else if (cells[i]->kind == CELL_MUTANT && cell_mutant_is_mine(cells[i]) && recursion_of(cells[i]) >= MUTANT_LIMIT)
            result = MUTANT_FULL;
    }
    if (result == TAKEN) for (i = 0; i < count; i++) take_locked(cells[i], &result, look);
    for (i = 0; i < count; i++) cell_unlock(sorted[i].cell);
    return result;
}

/* One attempt; STATUS_TIMEOUT: not now. *which is what was taken, count if all or nothing was. */
static NTSTATUS cells_take(struct cell **cells, const uint32_t *seen, unsigned int count, bool all,
                           struct look *look, unsigned int *which)
{
    enum taken taken = NOT_TAKEN;
    unsigned int i;

    *which = count;
    if (all)
    {
        i = 0;
        if (count) taken = cells_take_all(cells, seen, count, look);
    }
    else
    {
        for (i = 0; i < count; i++)
        {
            if (i < look->take) taken = cell_take(cells[i], seen[i], look);
            else if (value_signaled(cells[i], value_of(cells[i]), seen[i], look))
                taken = TAKEN;
            if (taken != NOT_TAKEN) break;
        }
        if (i < look->take) *which = i;         /* what was only watched is still somebody's to take */
    }
    switch (taken)
    {
    case TAKEN:           return STATUS_WAIT_0 + i;
    case TAKEN_ABANDONED: return STATUS_ABANDONED_WAIT_0 + i;
    case MUTANT_FULL:     return STATUS_MUTANT_LIMIT_EXCEEDED;
    default:              return STATUS_TIMEOUT;
    }
}

bool cell_is_signaled(struct cell *cell)
{
    struct look look = { 0 };

    return value_signaled(cell, value_of(cell), 0, &look);
}

/* ---- waiting ------------------------------------------------------------------------------------------------------------ */

static void wait_enter(struct cell **cells, unsigned int count, bool all)
{
    unsigned int i;

    for (i = 0; i < count; i++)
    {
        __atomic_add_fetch(&cells[i]->waiters, 1, __ATOMIC_SEQ_CST);
        if (all) __atomic_add_fetch(&cells[i]->all_waiters, 1, __ATOMIC_SEQ_CST);
    }
}

/* A wake-up may have been meant for this thread which it has no use for: somebody else shall look. */
static void wait_leave(struct cell **cells, unsigned int count, bool all, unsigned int taken)
{
    unsigned int i;

    for (i = 0; i < count; i++)
    {
        struct cell *cell = cells[i];
        uint32_t left = __atomic_sub_fetch(&cell->waiters, 1, __ATOMIC_SEQ_CST), value;

        if (all) __atomic_sub_fetch(&cell->all_waiters, 1, __ATOMIC_SEQ_CST);
        value = __atomic_load_n(&cell->value, __ATOMIC_SEQ_CST) & ~LOCKED;
        if (left)
        {
            bool takes = cell->kind == CELL_AUTO ? value & SIGNALED
                       : cell->kind == CELL_MUTANT ? mutant_is_free(cell) : cell->kind == CELL_SEMAPHORE && value;

            if (i != taken && takes) cell_wake(cell, 1);
        }
        else if (cell->kind == CELL_AUTO && value & PULSE_ONE)  /* nobody is left to see the pulse */
            __atomic_compare_exchange_n(&cell->value, &value, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_RELAXED);
    }
}

/* What the word is now. */
static uint32_t sleep_value(struct cell *cell)
{
    if (cell->kind == CELL_MUTANT) return robust_sleep_value(&cell->owner);
    return __atomic_load_n(&cell->value, __ATOMIC_SEQ_CST);
}

static void waitv_add(struct futex_waitv *waiter, struct cell *cell, uint32_t value)
{
    waiter->val = value;
    waiter->uaddr = (uintptr_t)cell_word(cell);
    waiter->flags = FUTEX_32 | (cell->shared ? 0 : FUTEX_PRIVATE_FLAG);
    waiter->__reserved = 0;
}

static uint64_t earliest(uint64_t deadline, struct cell *cell)
{
    uint64_t due, again;

    if (cell->shared & CELL_SHARED && (again = monotonic_now() + LOOK_AGAIN) < deadline) deadline = again;
    if (!cell_is_timer(cell)) return deadline;
    due = __atomic_load_n(&cell->due, __ATOMIC_RELAXED);
    return due && due < deadline ? due : deadline;
}

/* Until one of the words has changed, or wake_at. A sandbox may forbid futex_waitv: look every millisecond then. */
static void sleep_on(struct futex_waitv *words, unsigned int count, uint64_t wake_at)
{
    struct timespec ts = { wake_at / 1000000000, wake_at % 1000000000 };
    static const struct timespec nap = { 0, 1000000 };
    static int disabled = -1;           /* atomic */
    int no_waitv = __atomic_load_n(&disabled, __ATOMIC_RELAXED);

    if (no_waitv < 0) __atomic_store_n(&disabled, no_waitv = host_disabled("futex_waitv"), __ATOMIC_RELAXED);
    if (count)
    {
        if (no_waitv) nanosleep(&nap, NULL);
        else if (syscall(SYS_futex_waitv, words, count, 0, wake_at == DEADLINE_NEVER ? NULL : &ts, CLOCK_MONOTONIC) < 0 &&
            (errno == ENOSYS || errno == EPERM))
            nanosleep(&nap, NULL);
    }
    else if (wake_at != DEADLINE_NEVER) clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &ts, NULL);
    else pause();
}

static NTSTATUS wait_slow(struct cell **cells, uint32_t *seen, unsigned int count, unsigned int take, bool all,
                          bool alertable, uint64_t deadline)
{
    struct futex_waitv words[CELL_WAIT_MAX + 1];
    struct thread *self = current_thread();
    struct look look = { .registered = true, .take = take };
    unsigned int i, taken = count;
    NTSTATUS status;

    wait_enter(cells, count, all);
    for (;;)
    {
        uint64_t wake_at = deadline;
        unsigned int words_used = count;

        for (i = 0; i < count; i++)
            waitv_add(&words[i], cells[i], sleep_value(cells[i]));
        look.now = 0;
        status = cells_take(cells, seen, count, all, &look, &taken);
        if (status != STATUS_TIMEOUT) break;
        /* A pulse that did not complete a wait for all is over. */
        if (all) for (i = 0; i < count; i++) seen[i] = words[i].val & COUNT_MASK;

        if (self)
        {
            if (alertable)
            {
                uint64_t due = timer_apcs_run();

                if (due < wake_at) wake_at = due;
            }
            cell_reset(self->alert);
            waitv_add(&words[words_used++], self->alert, 0);
            if ((status = thread_check_alert(alertable))) break;
        }
        if (!deadline || (deadline != DEADLINE_NEVER && monotonic_now() >= deadline))
        {
            status = STATUS_TIMEOUT;
            break;
        }
        for (i = 0; i < count; i++) wake_at = earliest(wake_at, cells[i]);
        sleep_on(words, words_used, wake_at);
    }
    wait_leave(cells, count, all, taken);
    return status;
}

NTSTATUS cell_wait(struct cell **cells, unsigned int count, bool all, bool alertable, uint64_t deadline)
{
    uint32_t seen[CELL_WAIT_MAX];
    struct look look = { .take = count };
    unsigned int i, which;
    NTSTATUS status;

    seen[0] = 0;
    for (i = 0; i < count; i++) seen[i] = cell_pulses(cells[i]);
    if ((status = cells_take(cells, seen, count, all, &look, &which)) != STATUS_TIMEOUT) return status;
    if (!deadline && !alertable && count) return status;
    return wait_slow(cells, seen, count, count, all, alertable, deadline);
}

NTSTATUS cell_watch(struct cell **cells, const uint32_t *since, unsigned int count, unsigned int take, bool alertable,
                    uint64_t deadline)
{
    uint32_t seen[CELL_WAIT_MAX];

    memcpy(seen, since, count * sizeof(*seen));
    return wait_slow(cells, seen, count, take, false, alertable, deadline);
}

/* ---- one word of a thread ------------------------------------------------------------------------------------------------ */

NTSTATUS cell_wait_word(uint32_t *word, uint64_t deadline)
{
    struct thread *self = current_thread();
    struct futex_waitv words[2] = { { 0, (uintptr_t)word, FUTEX_32 | FUTEX_PRIVATE_FLAG, 0 } };
    NTSTATUS status;

    for (;;)
    {
        if (__atomic_exchange_n(word, 0, __ATOMIC_ACQ_REL)) return STATUS_SUCCESS;
        cell_reset(self->alert);
        waitv_add(&words[1], self->alert, 0);
        if ((status = thread_check_alert(false))) return status;
        if (!deadline || (deadline != DEADLINE_NEVER && monotonic_now() >= deadline)) return STATUS_TIMEOUT;
        sleep_on(words, 2, deadline);
    }
}

void cell_wake_word(uint32_t *word)
{
    syscall(SYS_futex, word, FUTEX_WAKE | FUTEX_PRIVATE_FLAG, 1, NULL, NULL, 0);
}
