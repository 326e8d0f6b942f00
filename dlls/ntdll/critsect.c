/* Critical sections.
 *
 * LockCount is laid out as on Windows since Vista:
 *
 *     bit 0      set: free
 *     bit 1      set: no waiter has been woken; clear: one was, and has not yet looked
 *     bits 2-31  minus one, minus the number of waiters (so -1 is free and alone, -2 held and alone)
 *
 * A leaver wakes at most one waiter at a time and hands nothing over: whoever comes first gets the section, so that a
 * busy one does not pass from one sleeper to the next. The wake-up itself is a token in LockSemaphore (0 or 1), taken
 * by exchange, which makes stray wake-ups harmless. */

#include "rtl.h"

#define FREE      1
#define NOT_WOKEN 2
#define WAITER    4

#define SPIN_MASK 0x00ffffff

NTSTATUS process_exit_status;

NTSTATUS WINAPI RtlInitializeCriticalSectionEx(RTL_CRITICAL_SECTION *cs, ULONG spin, ULONG flags)
{
    if (flags & (RTL_CRITICAL_SECTION_FLAG_DYNAMIC_SPIN | RTL_CRITICAL_SECTION_FLAG_STATIC_INIT))
        flags &= ~(RTL_CRITICAL_SECTION_FLAG_DYNAMIC_SPIN | RTL_CRITICAL_SECTION_FLAG_STATIC_INIT);
    if (flags & ~(ULONG)(RTL_CRITICAL_SECTION_FLAG_NO_DEBUG_INFO | 0x10000000)) return STATUS_INVALID_PARAMETER_3;
    if (spin & RTL_CRITICAL_SECTION_ALL_FLAG_BITS & ~0x80000000) return STATUS_INVALID_PARAMETER_2;

    /* No debug information, which is what -1 says since Windows 8 (kernel32:sync). */
    cs->DebugInfo = (RTL_CRITICAL_SECTION_DEBUG *)(ULONG_PTR)-1;
    cs->LockCount = -1;
    cs->RecursionCount = 0;
    cs->OwningThread = 0;
    cs->LockSemaphore = 0;
    cs->SpinCount = current_peb()->NumberOfProcessors > 1 ? spin & SPIN_MASK : 0;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlInitializeCriticalSectionAndSpinCount(RTL_CRITICAL_SECTION *cs, ULONG spin)
{
    return RtlInitializeCriticalSectionEx(cs, spin & SPIN_MASK, 0);
}

NTSTATUS WINAPI RtlInitializeCriticalSection(RTL_CRITICAL_SECTION *cs)
{
    return RtlInitializeCriticalSectionEx(cs, 0, 0);
}

ULONG WINAPI RtlSetCriticalSectionSpinCount(RTL_CRITICAL_SECTION *cs, ULONG spin)
{
    ULONG old = (ULONG)cs->SpinCount;

    cs->SpinCount = current_peb()->NumberOfProcessors > 1 ? spin & SPIN_MASK : 0;
    return old;
}

NTSTATUS WINAPI RtlDeleteCriticalSection(RTL_CRITICAL_SECTION *cs)
{
    cs->LockCount = -1;
    cs->RecursionCount = 0;
    cs->OwningThread = 0;
    cs->LockSemaphore = 0;
    cs->DebugInfo = NULL;
    return STATUS_SUCCESS;
}

/* `__atomic_fetch_and` with one bit tested becomes a single lock btr. */
static inline bool try_take(RTL_CRITICAL_SECTION *cs)
{
    return __atomic_fetch_and(&cs->LockCount, ~FREE, __ATOMIC_ACQUIRE) & FREE;
}

static inline void own(RTL_CRITICAL_SECTION *cs)
{
    cs->OwningThread = current_tid();
    cs->RecursionCount = 1;
}

/* Becomes the owner, or leaves this thread counted among the waiters. */
static bool take_or_queue(RTL_CRITICAL_SECTION *cs)
{
    LONG old = __atomic_load_n(&cs->LockCount, __ATOMIC_RELAXED);

    for (;;)
    {
        LONG new = old & FREE ? old & ~FREE : old - WAITER;

        if (__atomic_compare_exchange_n(&cs->LockCount, &old, new, FALSE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return old & FREE;
    }
}

/* For the waiter that was woken: owner, or back among the waiters. */
static bool take_as_woken(RTL_CRITICAL_SECTION *cs)
{
    LONG old = __atomic_load_n(&cs->LockCount, __ATOMIC_RELAXED);

    for (;;)
    {
        LONG new = (old & FREE ? (old & ~FREE) + WAITER : old) | NOT_WOKEN;

        if (__atomic_compare_exchange_n(&cs->LockCount, &old, new, FALSE, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return old & FREE;
    }
}

NTSTATUS WINAPI RtlpWaitForCriticalSection(RTL_CRITICAL_SECTION *cs)
{
    LONG *token = (LONG *)&cs->LockSemaphore;
    const LONG none = 0;

    /* The other threads are dead: the owner will not come back. The loader lock is looked after by the loader. */
    if (process_is_dying() && cs != &loader_lock) NtTerminateProcess(GetCurrentProcess(), process_exit_status);

    if (take_or_queue(cs)) return STATUS_SUCCESS;
    for (;;)
    {
        if (!__atomic_exchange_n(token, 0, __ATOMIC_ACQUIRE)) RtlWaitOnAddress(token, &none, sizeof(none), NULL);
        else if (take_as_woken(cs)) return STATUS_SUCCESS;
    }
}

NTSTATUS WINAPI RtlpUnWaitCriticalSection(RTL_CRITICAL_SECTION *cs)
{
    LONG *token = (LONG *)&cs->LockSemaphore;

    __atomic_store_n(token, 1, __ATOMIC_RELEASE);
    wake_address(token, 1);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlEnterCriticalSection(RTL_CRITICAL_SECTION *cs)
{
    if (try_take(cs))
    {
        own(cs);
        return STATUS_SUCCESS;
    }
    if (cs->OwningThread == current_tid())
    {
        cs->RecursionCount++;
        return STATUS_SUCCESS;
    }
    for (ULONG_PTR spin = cs->SpinCount & SPIN_MASK; spin; spin--)
    {
        cpu_relax();
        if ((__atomic_load_n(&cs->LockCount, __ATOMIC_RELAXED) & FREE) && try_take(cs))
        {
            own(cs);
            return STATUS_SUCCESS;
        }
    }
    RtlpWaitForCriticalSection(cs);
    own(cs);
    return STATUS_SUCCESS;
}

BOOL WINAPI RtlTryEnterCriticalSection(RTL_CRITICAL_SECTION *cs)
{
    if (try_take(cs))
    {
        own(cs);
        return TRUE;
    }
    if (cs->OwningThread != current_tid()) return FALSE;
    cs->RecursionCount++;
    return TRUE;
}

NTSTATUS WINAPI RtlLeaveCriticalSection(RTL_CRITICAL_SECTION *cs)
{
    LONG old, new;

    if (--cs->RecursionCount > 0) return STATUS_SUCCESS;
    /* Left too often: it is free, and stays so; the count goes below zero until somebody enters. */
    if (cs->RecursionCount < 0) return STATUS_SUCCESS;
    cs->OwningThread = 0;
    old = __atomic_load_n(&cs->LockCount, __ATOMIC_RELAXED);
    do
    {
        new = old | FREE;
        if (new != -1 && old & NOT_WOKEN) new &= ~NOT_WOKEN;
    } while (!__atomic_compare_exchange_n(&cs->LockCount, &old, new, FALSE, __ATOMIC_RELEASE, __ATOMIC_RELAXED));
    if (new != -1 && old & NOT_WOKEN) RtlpUnWaitCriticalSection(cs);
    return STATUS_SUCCESS;
}

BOOL WINAPI RtlIsCriticalSectionLocked(RTL_CRITICAL_SECTION *cs)
{
    return cs->RecursionCount > 0;
}

BOOL WINAPI RtlIsCriticalSectionLockedByThread(RTL_CRITICAL_SECTION *cs)
{
    return cs->OwningThread == current_tid() && cs->RecursionCount > 0;
}
