/* One-time initialization, barriers, and the reader/writer resource of old.
 *
 * The low two bits of an RTL_RUN_ONCE: 0 not begun, 1 somebody is at it (others sleep on the word), 2 done, 3 several
 * are at it and the first to finish wins. The rest is the context. */

#include <limits.h>

#include "rtl.h"

#define STATE(v)    ((v) & 3)
#define NOT_BEGUN   0
#define BUSY        1
#define DONE        2
#define ASYNC       3

typedef struct
{
    ULONG left;                 /* to come, of this round */
    ULONG total;
    ULONG_PTR inside;           /* threads still about to leave */
    ULONG_PTR reserved;
    ULONG round;
    ULONG spin;
} BARRIER;

extern NTSTATUS WINAPI RtlInitBarrier(BARRIER *barrier, ULONG total, ULONG spin);
extern BOOLEAN WINAPI RtlBarrier(BARRIER *barrier, ULONG flags);
extern NTSTATUS WINAPI RtlDeleteBarrier(BARRIER *barrier);

static inline ULONG_PTR *word(RTL_RUN_ONCE *once)
{
    return (ULONG_PTR *)&once->Ptr;
}

static inline bool swap_word(ULONG_PTR *w, ULONG_PTR *old, ULONG_PTR new)
{
    return __atomic_compare_exchange_n(w, old, new, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void WINAPI RtlRunOnceInitialize(RTL_RUN_ONCE *once)
{
    once->Ptr = NULL;
}

DWORD WINAPI RtlRunOnceBeginInitialize(RTL_RUN_ONCE *once, DWORD flags, void **context)
{
    ULONG_PTR v = __atomic_load_n(word(once), __ATOMIC_ACQUIRE);

    if (flags & RTL_RUN_ONCE_CHECK_ONLY)
    {
        if (flags & RTL_RUN_ONCE_ASYNC) return STATUS_INVALID_PARAMETER;
        if (STATE(v) != DONE) return STATUS_UNSUCCESSFUL;
        if (context) *context = (void *)(v & ~(ULONG_PTR)3);
        return STATUS_SUCCESS;
    }
    for (;;)
    {
        switch (STATE(v))
        {
        case NOT_BEGUN:
            if (swap_word(word(once), &v, flags & RTL_RUN_ONCE_ASYNC ? ASYNC : BUSY)) return STATUS_PENDING;
            break;
        case BUSY:
            if (flags & RTL_RUN_ONCE_ASYNC) return STATUS_INVALID_PARAMETER;
            RtlWaitOnAddress(once, &v, sizeof(v), NULL);
            v = __atomic_load_n(word(once), __ATOMIC_ACQUIRE);
            break;
        case DONE:
            if (context) *context = (void *)(v & ~(ULONG_PTR)3);
            return STATUS_SUCCESS;
        default:
            return flags & RTL_RUN_ONCE_ASYNC ? STATUS_PENDING : STATUS_INVALID_PARAMETER;
        }
    }
}

DWORD WINAPI RtlRunOnceComplete(RTL_RUN_ONCE *once, DWORD flags, void *context)
{
    ULONG_PTR v = __atomic_load_n(word(once), __ATOMIC_ACQUIRE), new = (ULONG_PTR)context;

    if (new & 3) return STATUS_INVALID_PARAMETER;
    if (flags & RTL_RUN_ONCE_INIT_FAILED)
    {
        if (new || flags & RTL_RUN_ONCE_ASYNC) return STATUS_INVALID_PARAMETER;
    }
    else new |= DONE;

    switch (STATE(v))
    {
    case BUSY:
        if (flags & RTL_RUN_ONCE_ASYNC) return STATUS_INVALID_PARAMETER;
        __atomic_store_n(word(once), new, __ATOMIC_RELEASE);
        wake_address(once, ~0u);
        return STATUS_SUCCESS;
    case ASYNC:
        if (!(flags & RTL_RUN_ONCE_ASYNC)) return STATUS_INVALID_PARAMETER;
        return swap_word(word(once), &v, new) ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
    default:
        return STATUS_UNSUCCESSFUL;
    }
}

DWORD WINAPI RtlRunOnceExecuteOnce(RTL_RUN_ONCE *once, PRTL_RUN_ONCE_INIT_FN init, void *parameter, void **context)
{
    DWORD status = RtlRunOnceBeginInitialize(once, 0, context);

    if (status != STATUS_PENDING) return status;
    if (!init(once, parameter, context))
    {
        RtlRunOnceComplete(once, RTL_RUN_ONCE_INIT_FAILED, NULL);
        return STATUS_UNSUCCESSFUL;
    }
    return RtlRunOnceComplete(once, 0, context ? *context : NULL);
}

/* ---- barriers ---- */

NTSTATUS WINAPI RtlInitBarrier(BARRIER *barrier, ULONG total, ULONG spin)
{
    if (!total || total > LONG_MAX) return STATUS_INVALID_PARAMETER;
    memset(barrier, 0, sizeof(*barrier));
    barrier->left = barrier->total = total;
    barrier->spin = spin == ~0u ? 2000 : spin;
    return STATUS_SUCCESS;
}

#define BARRIER_SPIN_ONLY  1
#define BARRIER_BLOCK_ONLY 2
#define BARRIER_NO_DELETE  4

/* TRUE for the one thread that came last. */
BOOLEAN WINAPI RtlBarrier(BARRIER *barrier, ULONG flags)
{
    ULONG round = __atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE);
    ULONG spin = flags & BARRIER_BLOCK_ONLY || current_peb()->NumberOfProcessors < 2 ? 0 : barrier->spin;
    bool last;

    __atomic_fetch_add(&barrier->inside, 1, __ATOMIC_RELAXED);
    last = __atomic_sub_fetch(&barrier->left, 1, __ATOMIC_ACQ_REL) == 0;
    if (last)
    {
        barrier->left = barrier->total;
        __atomic_store_n(&barrier->round, round + 1, __ATOMIC_RELEASE);
        wake_address(&barrier->round, ~0u);
    }
    while (__atomic_load_n(&barrier->round, __ATOMIC_ACQUIRE) == round)
    {
        if (spin || flags & BARRIER_SPIN_ONLY)
        {
            if (spin) spin--;
            cpu_relax();
        }
        else RtlWaitOnAddress(&barrier->round, &round, sizeof(round), NULL);
    }
    if (!__atomic_sub_fetch(&barrier->inside, 1, __ATOMIC_RELEASE) && !(flags & BARRIER_NO_DELETE))
        wake_address(&barrier->inside, ~0u);
    return last;
}

/* Waits for those that are still on their way out. */
NTSTATUS WINAPI RtlDeleteBarrier(BARRIER *barrier)
{
    ULONG_PTR inside;

    while ((inside = __atomic_load_n(&barrier->inside, __ATOMIC_ACQUIRE)))
    {
        static const LARGE_INTEGER soon = { .QuadPart = -10000 };

        RtlWaitOnAddress(&barrier->inside, &inside, sizeof(inside), &soon);
    }
    return STATUS_SUCCESS;
}

/* ---- resources: readers and writers, a writer may enter again ---- */

static RTL_CONDITION_VARIABLE *shared_cv(RTL_RWLOCK *lock)
{
    return (RTL_CONDITION_VARIABLE *)&lock->hSharedReleaseSemaphore;
}

static RTL_CONDITION_VARIABLE *exclusive_cv(RTL_RWLOCK *lock)
{
    return (RTL_CONDITION_VARIABLE *)&lock->hExclusiveReleaseSemaphore;
}

void WINAPI RtlInitializeResource(RTL_RWLOCK *lock)
{
    memset(lock, 0, sizeof(*lock));
    RtlInitializeCriticalSection(&lock->rtlCS);
}

void WINAPI RtlDeleteResource(RTL_RWLOCK *lock)
{
    RtlDeleteCriticalSection(&lock->rtlCS);
}

/* iNumberActive: readers, or minus how often its owner has entered. */
BYTE WINAPI RtlAcquireResourceExclusive(RTL_RWLOCK *lock, BYTE wait)
{
    BYTE got = TRUE;

    RtlEnterCriticalSection(&lock->rtlCS);
    while (lock->iNumberActive && !(lock->iNumberActive < 0 && lock->hOwningThreadId == current_tid()))
    {
        if (!(got = wait)) break;
        lock->uExclusiveWaiters++;
        RtlSleepConditionVariableCS(exclusive_cv(lock), &lock->rtlCS, NULL);
        lock->uExclusiveWaiters--;
    }
    if (got)
    {
        lock->iNumberActive--;
        lock->hOwningThreadId = current_tid();
    }
    RtlLeaveCriticalSection(&lock->rtlCS);
    return got != 0;
}

BYTE WINAPI RtlAcquireResourceShared(RTL_RWLOCK *lock, BYTE wait)
{
    BYTE got = TRUE;

    RtlEnterCriticalSection(&lock->rtlCS);
    if (lock->iNumberActive < 0 && lock->hOwningThreadId == current_tid()) lock->iNumberActive--;
    else
    {
        while (lock->iNumberActive < 0)
        {
            if (!(got = wait)) break;
            lock->uSharedWaiters++;
            RtlSleepConditionVariableCS(shared_cv(lock), &lock->rtlCS, NULL);
            lock->uSharedWaiters--;
        }
        if (got) lock->iNumberActive++;
    }
    RtlLeaveCriticalSection(&lock->rtlCS);
    return got != 0;
}

void WINAPI RtlReleaseResource(RTL_RWLOCK *lock)
{
    RtlEnterCriticalSection(&lock->rtlCS);
    if (lock->iNumberActive > 0) lock->iNumberActive--;
    else if (lock->iNumberActive < 0) lock->iNumberActive++;
    if (!lock->iNumberActive)
    {
        lock->hOwningThreadId = 0;
        if (lock->uExclusiveWaiters) RtlWakeConditionVariable(exclusive_cv(lock));
        else if (lock->uSharedWaiters) RtlWakeAllConditionVariable(shared_cv(lock));
    }
    RtlLeaveCriticalSection(&lock->rtlCS);
}
