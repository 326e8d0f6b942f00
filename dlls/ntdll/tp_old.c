/* What came before the thread pool's objects, made of them: work items, registered waits, timer queues, completion
 * routines of files. */

#include "tp_old.h"

extern NTSTATUS WINAPI RtlDeleteTimerQueue(HANDLE queue);

/* ---- work items ---- */

struct item
{
    PRTL_WORK_ITEM_ROUTINE routine;
    void *context;
};

static void CALLBACK run_item(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct item item = *(struct item *)context;

    (void)instance;
    heap_free(context);
    item.routine(item.context);
}

NTSTATUS WINAPI RtlQueueWorkItem(PRTL_WORK_ITEM_ROUTINE routine, void *context, ULONG flags)
{
    struct item *item = heap_alloc(sizeof(*item));
    NTSTATUS status;

    if (!item) return STATUS_NO_MEMORY;
    item->routine = routine;
    item->context = context;
    if ((status = simple_post(run_item, item, NULL, flags & WT_EXECUTELONGFUNCTION))) heap_free(item);
    return status;
}

/* ---- completion routines; one record for each routine, kept for ever: a file keeps its key ---- */

struct old_file
{
    struct old_file *next;
    PRTL_OVERLAPPED_COMPLETION_ROUTINE routine;
};

struct old_completion
{
    PRTL_OVERLAPPED_COMPLETION_ROUTINE routine;
    void *overlapped;
    IO_STATUS_BLOCK iosb;
};

static struct old_file *old_files;      /* tp_lock */

NTSTATUS WINAPI RtlSetIoCompletionCallback(HANDLE file, PRTL_OVERLAPPED_COMPLETION_ROUTINE routine, ULONG flags)
{
    struct old_file *f;

    (void)flags;
    lock_tp();
    for (f = old_files; f && f->routine != routine; f = f->next) {}
    if (!f && (f = heap_alloc(sizeof(*f))))
    {
        f->routine = routine;
        f->next = old_files;
        old_files = f;
        sched_count_locked(1);
    }
    unlock_tp();
    return f ? sched_bind_file(file, (void *)((ULONG_PTR)f | OLD_CALLBACK_TAG)) : STATUS_NO_MEMORY;
}

static void CALLBACK run_completion(TP_CALLBACK_INSTANCE *instance, void *context)
{
    struct old_completion c = *(struct old_completion *)context;

    (void)instance;
    heap_free(context);
    c.routine(c.iosb.Status, (DWORD)c.iosb.Information, c.overlapped);
}

/* Called by the scheduler with the lock, which is let go meanwhile. */
void old_file_completed(ULONG_PTR key, void *overlapped, const IO_STATUS_BLOCK *iosb)
{
    struct old_completion *c = heap_alloc(sizeof(*c));

    if (!c) return;
    c->routine = ((struct old_file *)(key & ~(ULONG_PTR)OLD_CALLBACK_TAG))->routine;
    c->overlapped = overlapped;
    c->iosb = *iosb;
    unlock_tp();
    if (simple_post(run_completion, c, NULL, false)) heap_free(c);
    lock_tp();
}

/* ---- registered waits and timer queues ---- */

struct queue
{
    LONG refs;                  /* owner and timers */
    LIST_ENTRY timers;
    HANDLE event;               /* set when the last timer is gone */
    RTL_CONDITION_VARIABLE gone;
};

/* A registered wait or a timer of a queue: the context of its object, freed with it. */
struct old
{
    struct tp_object *object;
    RTL_WAITORTIMERCALLBACKFUNC callback;
    void *context;
    HANDLE event;               /* set when the last callback is over */
    struct queue *queue;
    LIST_ENTRY entry;
    HANDLE runner;              /* who runs, or ran last, the callback of a wait */
    bool once;
    bool deleted;               /* out of the queue; a callback may still delete its own timer once more */
};

static void queue_unref_locked(struct queue *q)
{
    if (--q->refs == 1) RtlWakeAllConditionVariable(&q->gone);
    if (q->refs) return;
    if (q->event) NtSetEvent(q->event, NULL);
    heap_free(q);
}

static void destroy_old(void *context)
{
    struct old *old = context;

    if (old->event) NtSetEvent(old->event, NULL);
    if (old->queue)
    {
        lock_tp();
        queue_unref_locked(old->queue);
        unlock_tp();
    }
    heap_free(old);
}

static void CALLBACK run_wait(TP_CALLBACK_INSTANCE *instance, void *context, TP_WAIT *wait, TP_WAIT_RESULT result)
{
    struct old *old = context;

    (void)instance;
    (void)wait;
    old->runner = current_tid();
    old->callback(old->context, result == WAIT_TIMEOUT);
}

static void CALLBACK run_timer(TP_CALLBACK_INSTANCE *instance, void *context, TP_TIMER *timer)
{
    struct old *old = context;

    (void)instance;
    (void)timer;
    old->callback(old->context, TRUE);
}

static struct old *create_old(enum tp_kind kind, RTL_WAITORTIMERCALLBACKFUNC callback, void *context, ULONG flags)
{
    struct old *old = heap_alloc_zero(sizeof(*old));

    if (!old) return NULL;
    old->callback = callback;
    old->context = context;
    if (object_create(&old->object, kind, kind == TP_KIND_WAIT ? (void *)run_wait : (void *)run_timer, old, NULL))
    {
        heap_free(old);
        return NULL;
    }
    old->object->destroy = destroy_old;
    old->object->long_function = flags & WT_EXECUTELONGFUNCTION;
    old->object->inline_call = (flags & (WT_EXECUTEINTIMERTHREAD | WT_EXECUTEINWAITTHREAD | WT_EXECUTEINIOTHREAD)) &&
                               !(flags & WT_EXECUTELONGFUNCTION);
    old->once = flags & WT_EXECUTEONLYONCE;
    return old;
}

/* Ends it: nothing new begins, but what a timer has posted still runs (kernel32:sync test_timer_queue). event: NULL, or one that is set when what runs is over, or INVALID_HANDLE_VALUE to wait
 * for that. */
static NTSTATUS end_old(struct old *old, HANDLE event)
{
    struct tp_object *o = old->object;
    NTSTATUS status = STATUS_SUCCESS;

    lock_tp();
    timer_disarm_locked(o);
    if (o->kind == TP_KIND_WAIT) object_cancel_locked(o);
    if (event == INVALID_HANDLE_VALUE) object_wait_locked(o, true);
    else
    {
        old->event = event;
        /* A wait may be ended by its own callback: nothing else is to come then. */
        if (o->pending || o->running > (o->kind == TP_KIND_WAIT && old->runner == current_tid())) status = STATUS_PENDING;
    }
    o->released = true;
    object_unref_locked(o);
    unlock_tp();
    return status;
}

NTSTATUS WINAPI RtlRegisterWait(HANDLE *out, HANDLE handle, RTL_WAITORTIMERCALLBACKFUNC callback, void *context,
                                ULONG ms, ULONG flags)
{
    struct old *old = create_old(TP_KIND_WAIT, callback, context, flags);
    LARGE_INTEGER timeout = { .QuadPart = ms * -10000LL };
    NTSTATUS status;

    if (!old) return STATUS_NO_MEMORY;
    *out = old;
    lock_tp();
    if (!old->once)
    {
        old->object->repeat = true;
        old->object->repeat_timeout = ms == INFINITE ? 0 : -timeout.QuadPart;
    }
    status = wait_arm_locked(old->object, handle, ms == INFINITE ? NULL : &timeout);
    unlock_tp();
    if (status) end_old(old, NULL);
    return status;
}

NTSTATUS WINAPI RtlDeregisterWaitEx(HANDLE wait, HANDLE event)
{
    return wait ? end_old(wait, event) : STATUS_INVALID_HANDLE;
}

NTSTATUS WINAPI RtlDeregisterWait(HANDLE wait)
{
    return RtlDeregisterWaitEx(wait, NULL);
}

/* ---- timer queues ---- */

NTSTATUS WINAPI RtlCreateTimerQueue(HANDLE *out)
{
    struct queue *q = heap_alloc_zero(sizeof(*q));

    if (!q) return STATUS_NO_MEMORY;
    q->refs = 1;
    q->timers.Flink = q->timers.Blink = &q->timers;
    *out = q;
    return STATUS_SUCCESS;
}

static struct queue *default_queue(void)
{
    static struct queue *queue;
    HANDLE made;

    if (!queue && !RtlCreateTimerQueue(&made) && __sync_val_compare_and_swap(&queue, NULL, made)) heap_free(made);
    return queue;
}

static void leave_queue_locked(struct old *old)
{
    old->deleted = true;
    old->entry.Flink->Blink = old->entry.Blink;
    old->entry.Blink->Flink = old->entry.Flink;
}

/* The list is of those that were not deleted; a reference each until the object is gone. */
static NTSTATUS delete_timer_locked(struct old *old, HANDLE event)
{
    NTSTATUS status;

    if (old->deleted) return STATUS_PENDING;
    leave_queue_locked(old);
    unlock_tp();
    status = end_old(old, event);
    lock_tp();
    return status;
}

NTSTATUS WINAPI RtlCreateTimer(HANDLE queue, HANDLE *out, RTL_WAITORTIMERCALLBACKFUNC callback, void *context,
                               DWORD due, DWORD period, ULONG flags)
{
    struct queue *q = queue ? queue : default_queue();
    struct old *old;

    if (!q || !(old = create_old(TP_KIND_TIMER, callback, context, flags))) return STATUS_NO_MEMORY;
    *out = old;
    lock_tp();
    old->queue = q;
    q->refs++;
    old->entry.Flink = &q->timers;
    old->entry.Blink = q->timers.Blink;
    q->timers.Blink->Flink = &old->entry;
    q->timers.Blink = &old->entry;
    if (!period) old->once = true;
    old->object->period = old->once ? 0 : (LONG)period;
    if (!due && !old->object->inline_call)
    {
        if (period) sched_arm_locked(old->object, clock_now() + period * 10000ULL);
        object_post_locked(old->object);
    }
    else if (due != INFINITE) sched_arm_locked(old->object, clock_now() + due * 10000ULL);
    unlock_tp();
    return STATUS_SUCCESS;
}

/* One that expires only once and has, stays so. */
NTSTATUS WINAPI RtlUpdateTimer(HANDLE queue, HANDLE timer, DWORD due, DWORD period)
{
    struct old *old = timer;

    (void)queue;
    lock_tp();
    if (old->object->heap_index || !old->once)
    {
        old->once = !period;
        old->object->period = (LONG)period;
        sched_arm_locked(old->object, clock_now() + due * 10000ULL);
    }
    unlock_tp();
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlDeleteTimer(HANDLE queue, HANDLE timer, HANDLE event)
{
    NTSTATUS status;

    (void)queue;
    if (!timer) return STATUS_INVALID_PARAMETER_1;
    lock_tp();
    status = delete_timer_locked(timer, event);
    unlock_tp();
    return status;
}

NTSTATUS WINAPI RtlDeleteTimerQueueEx(HANDLE queue, HANDLE event)
{
    struct queue *q = queue;

    if (!q) return STATUS_INVALID_HANDLE;
    lock_tp();
    while (q->timers.Flink != &q->timers)
        delete_timer_locked(CONTAINING_RECORD(q->timers.Flink, struct old, entry), NULL);
    if (event == INVALID_HANDLE_VALUE)
        while (q->refs > 1) RtlSleepConditionVariableSRW(&q->gone, &tp_lock, NULL, 0);
    else q->event = event;
    queue_unref_locked(q);
    unlock_tp();
    return event == INVALID_HANDLE_VALUE ? STATUS_SUCCESS : STATUS_PENDING;
}

NTSTATUS WINAPI RtlDeleteTimerQueue(HANDLE queue)
{
    return RtlDeleteTimerQueueEx(queue, INVALID_HANDLE_VALUE);
}
