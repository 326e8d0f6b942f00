/* Slim reader/writer locks and condition variables.
 *
 * The low half of an SRW lock:
 *
 *     bit 0      EXCLUSIVE: held by a writer
 *     bit 1      WAITING: somebody may be asleep on it; whoever frees the lock wakes the oldest
 *     bits 2-31  readers
 *
 * Sleepers wait for the word to change from what they saw. Newcomers do not overtake: while WAITING is set a reader
 * queues up behind a sleeping writer, unless it was woken itself. A woken reader that gets in wakes the next sleeper,
 * so a row of readers starts together and stops at the first writer. Nobody takes WAITING away while there may be a
 * sleeper: the waker that finds the queue empty clears it from an otherwise free lock. */

#include "rtl.h"

#define EXCLUSIVE 1u
#define WAITING   2u
#define READER    4u

#define SPINS 200

C_ASSERT(sizeof(RTL_SRWLOCK) == 8 && sizeof(RTL_CONDITION_VARIABLE) == 8);

static inline DWORD *word(RTL_SRWLOCK *lock)
{
    return (DWORD *)&lock->Ptr;
}

static inline bool swap_word(DWORD *w, DWORD *old, DWORD new, int order)
{
    return __atomic_compare_exchange_n(w, old, new, FALSE, order, __ATOMIC_RELAXED);
}

static void wake_next(DWORD *w)
{
    DWORD idle = WAITING;

    if (!wake_address(w, 1)) swap_word(w, &idle, 0, __ATOMIC_RELAXED);
}

/* Sleeps until the word is no longer `seen`, which gets WAITING first. */
static void sleep_on(DWORD *w, DWORD seen)
{
    if (!(seen & WAITING) && !swap_word(w, &seen, seen | WAITING, __ATOMIC_RELAXED)) return;
    seen |= WAITING;
    if (process_is_dying()) NtTerminateProcess(GetCurrentProcess(), process_exit_status);
    RtlWaitOnAddress(w, &seen, sizeof(seen), NULL);
}

static void spin_while_held(DWORD *w, DWORD mask)
{
    if (current_peb()->NumberOfProcessors < 2) return;
    for (int i = 0; i < SPINS; i++)
    {
        DWORD s = __atomic_load_n(w, __ATOMIC_RELAXED);

        if (s & WAITING || !(s & mask)) return;
        cpu_relax();
    }
}

void WINAPI RtlInitializeSRWLock(RTL_SRWLOCK *lock)
{
    lock->Ptr = NULL;
}

static void acquire_exclusive_slow(DWORD *w)
{
    spin_while_held(w, ~WAITING);
    for (;;)
    {
        DWORD s = __atomic_load_n(w, __ATOMIC_RELAXED);

        if (s & ~WAITING) sleep_on(w, s);
        else if (swap_word(w, &s, s | EXCLUSIVE, __ATOMIC_ACQUIRE)) return;
    }
}

void WINAPI RtlAcquireSRWLockExclusive(RTL_SRWLOCK *lock)
{
    DWORD none = 0;

    if (!swap_word(word(lock), &none, EXCLUSIVE, __ATOMIC_ACQUIRE)) acquire_exclusive_slow(word(lock));
}

BOOLEAN WINAPI RtlTryAcquireSRWLockExclusive(RTL_SRWLOCK *lock)
{
    DWORD s = __atomic_load_n(word(lock), __ATOMIC_RELAXED);

    while (!(s & ~WAITING))
        if (swap_word(word(lock), &s, s | EXCLUSIVE, __ATOMIC_ACQUIRE)) return TRUE;
    return FALSE;
}

void WINAPI RtlReleaseSRWLockExclusive(RTL_SRWLOCK *lock)
{
    DWORD old = __atomic_fetch_and(word(lock), ~EXCLUSIVE, __ATOMIC_RELEASE);

    if (!(old & EXCLUSIVE)) RtlRaiseStatus(STATUS_RESOURCE_NOT_OWNED);
    if (old & WAITING) wake_next(word(lock));
}

void WINAPI RtlAcquireSRWLockShared(RTL_SRWLOCK *lock)
{
    DWORD *w = word(lock), s = __atomic_load_n(w, __ATOMIC_RELAXED);
    bool woken = false;

    if (s & EXCLUSIVE)
    {
        spin_while_held(w, EXCLUSIVE);
        s = __atomic_load_n(w, __ATOMIC_RELAXED);
    }
    for (;;)
    {
        /* Free but for WAITING: the sleeper it names is being woken, or is nobody. */
        bool open = !(s & EXCLUSIVE) && (woken || !(s & WAITING) || s < READER);

        if (open)
        {
            if (swap_word(w, &s, s + READER, __ATOMIC_ACQUIRE)) break;
            continue;
        }
        sleep_on(w, s);
        woken = true;
        s = __atomic_load_n(w, __ATOMIC_RELAXED);
    }
    if (woken && s & WAITING) wake_address(w, 1);
}

BOOLEAN WINAPI RtlTryAcquireSRWLockShared(RTL_SRWLOCK *lock)
{
    DWORD s = __atomic_load_n(word(lock), __ATOMIC_RELAXED);

    while (!(s & EXCLUSIVE) && (!(s & WAITING) || s < READER))
        if (swap_word(word(lock), &s, s + READER, __ATOMIC_ACQUIRE)) return TRUE;
    return FALSE;
}

void WINAPI RtlReleaseSRWLockShared(RTL_SRWLOCK *lock)
{
    DWORD old = __atomic_fetch_sub(word(lock), READER, __ATOMIC_RELEASE);

    if (old < READER)
    {
        __atomic_fetch_add(word(lock), READER, __ATOMIC_RELAXED);
        RtlRaiseStatus(STATUS_RESOURCE_NOT_OWNED);
    }
    if (old - READER == WAITING) wake_next(word(lock));
}

/* ---- condition variables: a count of wake-ups ---- */

static inline LONG *count(RTL_CONDITION_VARIABLE *cv)
{
    return (LONG *)&cv->Ptr;
}

void WINAPI RtlInitializeConditionVariable(RTL_CONDITION_VARIABLE *cv)
{
    cv->Ptr = NULL;
}

void WINAPI RtlWakeConditionVariable(RTL_CONDITION_VARIABLE *cv)
{
    __atomic_fetch_add(count(cv), 1, __ATOMIC_RELEASE);
    wake_address(cv, 1);
}

void WINAPI RtlWakeAllConditionVariable(RTL_CONDITION_VARIABLE *cv)
{
    __atomic_fetch_add(count(cv), 1, __ATOMIC_RELEASE);
    wake_address(cv, ~0u);
}

NTSTATUS WINAPI RtlSleepConditionVariableCS(RTL_CONDITION_VARIABLE *cv, RTL_CRITICAL_SECTION *cs,
                                            const LARGE_INTEGER *timeout)
{
    LONG seen = __atomic_load_n(count(cv), __ATOMIC_ACQUIRE);
    NTSTATUS status;

    RtlLeaveCriticalSection(cs);
    status = RtlWaitOnAddress(cv, &seen, sizeof(seen), timeout);
    RtlEnterCriticalSection(cs);
    return status;
}

NTSTATUS WINAPI RtlSleepConditionVariableSRW(RTL_CONDITION_VARIABLE *cv, RTL_SRWLOCK *lock,
                                             const LARGE_INTEGER *timeout, ULONG flags)
{
    LONG seen = __atomic_load_n(count(cv), __ATOMIC_ACQUIRE);
    bool shared = flags & RTL_CONDITION_VARIABLE_LOCKMODE_SHARED;
    NTSTATUS status;

    if (flags & ~RTL_CONDITION_VARIABLE_LOCKMODE_SHARED) return STATUS_INVALID_PARAMETER_4;
    if (shared) RtlReleaseSRWLockShared(lock);
    else RtlReleaseSRWLockExclusive(lock);
    status = RtlWaitOnAddress(cv, &seen, sizeof(seen), timeout);
    if (shared) RtlAcquireSRWLockShared(lock);
    else RtlAcquireSRWLockExclusive(lock);
    return status;
}
