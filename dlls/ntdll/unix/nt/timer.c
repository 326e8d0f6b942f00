/* Timer objects, and the resolution of the clock. */
#include "nt/query.h"
#include "ob/dispatcher.h"

NT_CALL(nt_create_timer, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, TIMER_TYPE type)
{
    struct object_attributes attributes;
    NTSTATUS status;

    if ((status = user_put(handle, NULL))) return status;
    if (type != NotificationTimer && type != SynchronizationTimer) return STATUS_INVALID_PARAMETER_4;
    if ((status = object_attributes_read(&attributes, attr))) return status;
    status = object_create(timer_alloc(type), &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

/* The second form, which CreateWaitableTimerEx uses for high resolution; ours always has it. */
NT_CALL(nt_create_timer2, HANDLE *handle, void *reserved, const OBJECT_ATTRIBUTES *attr, ULONG attributes_flags,
        ACCESS_MASK access)
{
    /* TIMER_ATTRIBUTE_: 0x80000000 notification (manual reset), 0x4 high resolution, 0x8 no wake, 0x1/0x2 unused */
    struct object_attributes attributes;
    NTSTATUS status;

    if (reserved || attributes_flags & ~0x8000000cu) return STATUS_INVALID_PARAMETER;
    if ((status = object_create_begin(&attributes, attr, handle))) return status;
    status = object_create(timer_alloc(attributes_flags & 0x80000000u ? NotificationTimer : SynchronizationTimer),
                           &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_timer, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&timer_type, attr, access, handle);
}

/* When a due time given by a program is, on the monotonic clock: never 0, which would mean no timer. */
static uint64_t due_from(const LARGE_INTEGER *time)
{
    uint64_t due = deadline_from_timeout(time);

    if (due == DEADLINE_NEVER) due = INT64_MAX;
    return due ? due : monotonic_now();
}

static NTSTATUS set_timer(HANDLE handle, const LARGE_INTEGER *user_due, const struct timer_apc *apc, uint64_t period_ns,
                          bool *was_signaled)
{
    LARGE_INTEGER due;
    struct object *timer;
    NTSTATUS status;

    if ((status = user_get(due, user_due))) return status;
    if ((status = handle_lookup(handle, &timer_type, TIMER_MODIFY_STATE, &timer, NULL))) return status;
    status = timer_set(timer, due_from(&due), period_ns, apc, was_signaled);
    object_unref(timer);
    return status;
}

NT_CALL(nt_set_timer, HANDLE handle, const LARGE_INTEGER *due, void *routine, void *context, BOOLEAN resume,
        LONG period, BOOLEAN *state)
{
    struct timer_apc apc = { routine, context };
    bool was_signaled;
    NTSTATUS status;

    (void)resume;                       /* waking the machine is not ours to do; Windows says success too */
    if (period < 0) return STATUS_INVALID_PARAMETER_6;
    if (state && (status = user_probe_for_write(state, sizeof(*state)))) return status;
    if ((status = set_timer(handle, due, &apc, period * 1000000ull, &was_signaled))) return status;
    return state ? user_put(state, was_signaled) : STATUS_SUCCESS;
}

struct timer_set_coalescable    /* TIMER_SET_COALESCABLE_TIMER_INFO */
{
    LARGE_INTEGER due;
    void         *routine;
    void         *context;
    void         *wake_context;
    ULONG         period;
    ULONG         tolerable_delay;
    BOOLEAN      *previous_state;
};

NT_CALL(nt_set_timer_ex, HANDLE handle, ULONG class, struct timer_set_coalescable *in, ULONG size)
{
    struct timer_set_coalescable info;
    struct timer_apc apc;
    bool was_signaled;
    NTSTATUS status;

    if (class != 0) return STATUS_INVALID_INFO_CLASS;
    if (size != sizeof(info)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_get(info, in))) return status;
    if (info.period > INT32_MAX) return STATUS_INVALID_PARAMETER;
    if (info.previous_state && (status = user_probe_for_write(info.previous_state, sizeof(BOOLEAN)))) return status;
    apc.routine = info.routine;
    apc.context = info.context;
    if ((status = set_timer(handle, &in->due, &apc, info.period * 1000000ull, &was_signaled))) return status;
    return info.previous_state ? user_put(info.previous_state, was_signaled) : STATUS_SUCCESS;
}

/* The counterpart of NtCreateTimer2; periods are in 100 ns there. */
NT_CALL(nt_set_timer2, HANDLE handle, const LARGE_INTEGER *due, const LARGE_INTEGER *user_period, void *parameters)
{
    LARGE_INTEGER period = { .QuadPart = 0 };
    bool was_signaled;
    NTSTATUS status;

    (void)parameters;                   /* a tolerance: how late it may be */
    if (user_period && (status = user_get(period, user_period))) return status;
    if (period.QuadPart < 0) return STATUS_INVALID_PARAMETER_3;
    return set_timer(handle, due, NULL, period.QuadPart * 100ull, &was_signaled);
}

static NTSTATUS cancel_timer(HANDLE handle, bool *was_signaled)
{
    struct object *timer;
    NTSTATUS status = handle_lookup(handle, &timer_type, TIMER_MODIFY_STATE, &timer, NULL);

    if (status) return status;
    timer_cancel(timer, was_signaled);
    object_unref(timer);
    return STATUS_SUCCESS;
}

NT_CALL(nt_cancel_timer, HANDLE handle, BOOLEAN *state)
{
    bool was_signaled;
    NTSTATUS status;

    if (state && (status = user_probe_for_write(state, sizeof(*state)))) return status;
    if ((status = cancel_timer(handle, &was_signaled))) return status;
    return state ? user_put(state, was_signaled) : STATUS_SUCCESS;
}

NT_CALL(nt_cancel_timer2, HANDLE handle, void *parameters)
{
    bool was_signaled;

    (void)parameters;
    return cancel_timer(handle, &was_signaled);
}

NT_CALL(nt_query_timer, HANDLE handle, TIMER_INFORMATION_CLASS class, void *out, ULONG size, ULONG *return_size)
{
    TIMER_BASIC_INFORMATION info = { 0 };
    struct dispatcher *timer;
    bool signaled;
    uint64_t due;
    NTSTATUS status = query_check(class, size, sizeof(info));

    if (status) return status;
    if ((status = handle_lookup(handle, &timer_type, TIMER_QUERY_STATE, &timer, NULL))) return status;
    due = cell_timer_next(timer->cell, &signaled);
    if (due) info.RemainingTime.QuadPart = ((int64_t)due - (int64_t)monotonic_now()) / 100;
    info.TimerState = signaled;
    object_unref(timer);
    return query_deliver(out, return_size, &info, sizeof(info));
}

/* ---- resolution ---------------------------------------------------------------------------------------- */

/* In 100 ns; the bounds are Windows 11's. Linux's timers are finer than any request, so a request is only checked and
 * remembered, and while there is none the finest is what a sleep really gets (kernelbase:sync measures that). */
#define RESOLUTION_COARSE 156250u
#define RESOLUTION_FINE     5000u

static ULONG requested_resolution;      /* atomic; 0: none */

static ULONG resolution_now(void)
{
    ULONG requested = __atomic_load_n(&requested_resolution, __ATOMIC_RELAXED);

    return requested ? requested : RESOLUTION_FINE;
}

NT_CALL(nt_query_timer_resolution, ULONG *coarse, ULONG *fine, ULONG *current)
{
    NTSTATUS status;

    if ((status = user_put(coarse, RESOLUTION_COARSE))) return status;
    if ((status = user_put(fine, RESOLUTION_FINE))) return status;
    return user_put(current, resolution_now());
}

NT_CALL(nt_set_timer_resolution, ULONG resolution, BOOLEAN set, ULONG *current)
{
    NTSTATUS status;

    if ((status = user_probe_for_write(current, sizeof(*current)))) return status;
    if (set)
    {
        if (resolution < RESOLUTION_FINE) resolution = RESOLUTION_FINE;
        if (resolution > RESOLUTION_COARSE) resolution = RESOLUTION_COARSE;
        __atomic_store_n(&requested_resolution, resolution, __ATOMIC_RELAXED);
    }
    else if (!__atomic_exchange_n(&requested_resolution, 0, __ATOMIC_RELAXED))
    {
        if ((status = user_put(current, resolution_now()))) return status;
        return STATUS_TIMER_RESOLUTION_NOT_SET;
    }
    return user_put(current, resolution_now());
}
