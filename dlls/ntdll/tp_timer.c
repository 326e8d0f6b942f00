/* Timers, waits and I/O of the thread pool. */

#include "tp.h"

ULONGLONG due_time(const LARGE_INTEGER *timeout)
{
    ULONGLONG now = clock_now();
    LARGE_INTEGER system;

    if (timeout->QuadPart <= 0) return now - timeout->QuadPart;
    NtQuerySystemTime(&system);
    return now + (timeout->QuadPart > system.QuadPart ? timeout->QuadPart - system.QuadPart : 0);
}

/* On the scheduler's thread, whose this is, or by a worker. */
void run_or_post_locked(struct tp_object *o)
{
    if (o->inline_call)
    {
        o->refs++;
        object_run_locked(o);
    }
    else object_post_locked(o);
}

/* ---- timers ---- */

void timer_expired_locked(struct tp_object *o, ULONGLONG now)
{
    if (o->kind == TP_KIND_WAIT)
    {
        if (sched_unwait_if_silent_locked(o)) run_or_post_locked(o);
        return;
    }
    if (o->period)
    {
        ULONGLONG next = o->due + o->period * 10000ULL;

        sched_arm_locked(o, next > now ? next : now);
    }
    run_or_post_locked(o);
}

void timer_disarm_locked(struct tp_object *o)
{
    o->set = o->repeat = false;
    sched_disarm_locked(o);
    if (o->kind == TP_KIND_WAIT) sched_unwait_locked(o);
}

NTSTATUS WINAPI TpAllocTimer(TP_TIMER **out, PTP_TIMER_CALLBACK callback, void *context, TP_CALLBACK_ENVIRON *env)
{
    return object_create((struct tp_object **)out, TP_KIND_TIMER, callback, context, env);
}

/* The window, in which a timer may be late, is not needed. */
void WINAPI TpSetTimer(TP_TIMER *timer, LARGE_INTEGER *timeout, LONG period, LONG window)
{
    struct tp_object *o = (struct tp_object *)timer;

    (void)window;
    lock_tp();
    if (timeout)
    {
        o->set = true;
        o->period = period;
        sched_arm_locked(o, due_time(timeout));
    }
    else timer_disarm_locked(o);
    unlock_tp();
}

/* Also true of one that has expired. */
BOOL WINAPI TpIsTimerSet(TP_TIMER *timer)
{
    return ((struct tp_object *)timer)->set;
}

void WINAPI TpWaitForTimer(TP_TIMER *timer, BOOL cancel)
{
    TpWaitForWork((TP_WORK *)timer, cancel);
}

void WINAPI TpReleaseTimer(TP_TIMER *timer)
{
    object_release((struct tp_object *)timer);
}

/* ---- waits ---- */

NTSTATUS WINAPI TpAllocWait(TP_WAIT **out, PTP_WAIT_CALLBACK callback, void *context, TP_CALLBACK_ENVIRON *env)
{
    return object_create((struct tp_object **)out, TP_KIND_WAIT, callback, context, env);
}

/* A time-out of 0 is a look at the object, here and now. */
NTSTATUS wait_arm_locked(struct tp_object *o, HANDLE handle, const LARGE_INTEGER *timeout)
{
    NTSTATUS status;

    if (timeout && !timeout->QuadPart)
    {
        status = NtWaitForSingleObject(handle, FALSE, timeout);
        if (status != STATUS_TIMEOUT && status != STATUS_WAIT_0 && status != STATUS_ABANDONED_WAIT_0) return status;
        o->handle = handle;
        if (status != STATUS_TIMEOUT) o->signaled++;
        if (o->inline_call) sched_deliver_locked(o);
        else object_post_locked(o);
        return STATUS_SUCCESS;
    }
    if ((status = sched_wait_locked(o, handle))) return status;
    if (timeout) sched_arm_locked(o, due_time(timeout));
    return STATUS_SUCCESS;
}

void wait_rearm_locked(struct tp_object *o)
{
    LARGE_INTEGER timeout = { .QuadPart = -o->repeat_timeout };

    if (!o->waiting) wait_arm_locked(o, o->handle, o->repeat_timeout ? &timeout : NULL);
}

void wait_signaled_locked(struct tp_object *o)
{
    sched_disarm_locked(o);
    o->signaled++;
    run_or_post_locked(o);
}

void WINAPI TpSetWait(TP_WAIT *wait, HANDLE handle, LARGE_INTEGER *timeout)
{
    struct tp_object *o = (struct tp_object *)wait;

    lock_tp();
    timer_disarm_locked(o);
    if (handle) wait_arm_locked(o, handle, timeout);
    unlock_tp();
}

void WINAPI TpWaitForWait(TP_WAIT *wait, BOOL cancel)
{
    TpWaitForWork((TP_WORK *)wait, cancel);
}

void WINAPI TpReleaseWait(TP_WAIT *wait)
{
    object_release((struct tp_object *)wait);
}

/* ---- I/O ---- */

NTSTATUS WINAPI TpAllocIoCompletion(TP_IO **out, HANDLE file, PTP_IO_CALLBACK callback, void *context,
                                    TP_CALLBACK_ENVIRON *env)
{
    struct tp_object *o;
    NTSTATUS status = object_create(&o, TP_KIND_IO, callback, context, env);

    if (status) return status;
    lock_tp();
    sched_count_locked(1);
    unlock_tp();
    if ((status = sched_bind_file(file, o)))
    {
        object_release(o);
        return status;
    }
    *out = (TP_IO *)o;
    return STATUS_SUCCESS;
}

/* Before each operation; its completion takes the reference back. */
void WINAPI TpStartAsyncIoOperation(TP_IO *io)
{
    struct tp_object *o = (struct tp_object *)io;

    lock_tp();
    o->expected++;
    o->refs++;
    unlock_tp();
}

/* The operation will not complete after all. */
void WINAPI TpCancelAsyncIoOperation(TP_IO *io)
{
    struct tp_object *o = (struct tp_object *)io;

    lock_tp();
    if (o->expected)
    {
        o->expected--;
        RtlWakeAllConditionVariable(&o->changed);
        object_unref_locked(o);
    }
    unlock_tp();
}

void io_completed_locked(struct tp_object *o, void *value, const IO_STATUS_BLOCK *iosb)
{
    struct io_result *r = heap_alloc(sizeof(*r));
    if (!o->expected)
    {
        heap_free(r);
        if (!o->ignored) return;        /* never announced */
        o->ignored--;
        object_unref_locked(o);
        return;
    }
    o->expected--;
    if (r && !o->released)
    {
        r->next = NULL;
        r->value = value;
        r->iosb = *iosb;
        *o->results_tail = r;
        o->results_tail = &r->next;
        object_post_locked(o);
    }
    else heap_free(r);
    RtlWakeAllConditionVariable(&o->changed);
    object_unref_locked(o);
}

void WINAPI TpWaitForIoCompletion(TP_IO *io, BOOL cancel)
{
    struct tp_object *o = (struct tp_object *)io;

    lock_tp();
    if (cancel) object_cancel_locked(o);
    object_wait_locked(o, false);
    unlock_tp();
}

void WINAPI TpReleaseIoCompletion(TP_IO *io)
{
    object_release((struct tp_object *)io);
}
