/* Objects of the thread pool: posting and running them, waiting for them, cleanup groups. */

#include "tp.h"

static inline struct tp_object *object_of(void *handle)
{
    return handle;
}

/* ---- life ---- */

static void list_remove(LIST_ENTRY *e)
{
    e->Flink->Blink = e->Blink;
    e->Blink->Flink = e->Flink;
}

static void list_append(LIST_ENTRY *head, LIST_ENTRY *e)
{
    e->Flink = head;
    e->Blink = head->Blink;
    head->Blink->Flink = e;
    head->Blink = e;
}

static void group_unref_locked(struct group *group)
{
    if (!--group->refs) heap_free(group);
}

static void leave_group_locked(struct tp_object *o)
{
    if (!o->group) return;
    list_remove(&o->group_entry);
    group_unref_locked(o->group);
    o->group = NULL;
}

NTSTATUS object_create(struct tp_object **out, enum tp_kind kind, void *callback, void *context,
                       const TP_CALLBACK_ENVIRON *env)
{
    struct tp_object *o = heap_alloc_zero(sizeof(*o));

    if (!o) return STATUS_NO_MEMORY;
    o->kind = kind;
    o->refs = 1;
    o->callback = callback;
    o->context = context;
    o->priority = TP_CALLBACK_PRIORITY_NORMAL;
    o->results_tail = &o->results;

    lock_tp();
    if (env)
    {
        o->pool = (struct pool *)env->Pool;
        o->group = (struct group *)env->CleanupGroup;
        o->cancelled = env->CleanupGroupCancelCallback;
        o->finally = env->FinalizationCallback;
        o->race_dll = env->RaceDll;
        o->long_function = env->u.s.LongFunction;
        if (env->Version >= 3)
        {
            TP_CALLBACK_PRIORITY priority = ((const TP_CALLBACK_ENVIRON_V3 *)env)->CallbackPriority;

            if (priority <= TP_CALLBACK_PRIORITY_LOW) o->priority = (BYTE)priority;
        }
    }
    if (!o->pool && !(o->pool = pool_get_default_locked()))
    {
        unlock_tp();
        heap_free(o);
        return STATUS_NO_MEMORY;
    }
    o->pool->refs++;
    if (o->group)
    {
        o->group->refs++;
        list_append(&o->group->members, &o->group_entry);
    }
    unlock_tp();
    if (o->race_dll) LdrAddRefDll(0, o->race_dll);
    *out = o;
    return STATUS_SUCCESS;
}

/* The last reference takes the object along. What else goes with it goes without the lock. */
void object_unref_locked(struct tp_object *o)
{
    void (*destroy)(void *) = o->destroy;
    void *dll = o->race_dll, *context = o->context;
    HANDLE packet = o->packet;

    if (--o->refs) return;
    leave_group_locked(o);
    pool_unref_locked(o->pool);
    for (struct io_result *r = o->results, *next; r; r = next)
    {
        next = r->next;
        heap_free(r);
    }
    if (o->kind == TP_KIND_IO) sched_count_locked(-1);
    heap_free(o);
    if (!dll && !packet && !destroy) return;
    unlock_tp();
    if (destroy) destroy(context);
    if (packet) NtClose(packet);
    if (dll) LdrUnloadDll(dll);
    lock_tp();
}

/* By the owner. What was posted still runs. */
void object_release(struct tp_object *o)
{
    lock_tp();
    if (o->released)
    {
        unlock_tp();
        return;
    }
    o->released = true;
    timer_disarm_locked(o);
    leave_group_locked(o);
    object_unref_locked(o);
    unlock_tp();
}

/* ---- posting and running ---- */

void object_post_locked(struct tp_object *o)
{
    o->refs++;
    if (!o->pending++) list_append(&o->pool->ready[o->priority], &o->ready_entry);
    o->pool->queued++;
    pool_feed_locked(o->pool);
}

/* Takes back what has not begun to run, and forgets the operations that it expects: their completions will be ignored.
 * Returns how many posts that were. The caller holds a reference. */
ULONG object_cancel_locked(struct tp_object *o)
{
    ULONG n = o->pending;

    /* Their completions name this object: it stays until they arrive. */
    o->ignored += o->expected;
    o->expected = 0;
    if (!n)
    {
        RtlWakeAllConditionVariable(&o->changed);
        return 0;
    }
    list_remove(&o->ready_entry);
    o->pending = 0;
    o->signaled = 0;
    o->pool->queued -= n;
    for (ULONG i = 1; i < n; i++) o->refs--;
    while (o->results)
    {
        struct io_result *r = o->results;

        o->results = r->next;
        heap_free(r);
    }
    o->results_tail = &o->results;
    RtlWakeAllConditionVariable(&o->changed);
    object_unref_locked(o);
    return n;
}

static void call(struct tp_object *o, struct instance *i, DWORD wait_result, struct io_result *io)
{
    TP_CALLBACK_INSTANCE *instance = (TP_CALLBACK_INSTANCE *)i;

    switch (o->kind)
    {
    case TP_KIND_SIMPLE:
        ((PTP_SIMPLE_CALLBACK)o->callback)(instance, o->context);
        break;
    case TP_KIND_WORK:
        ((PTP_WORK_CALLBACK)o->callback)(instance, o->context, (TP_WORK *)o);
        break;
    case TP_KIND_TIMER:
        ((PTP_TIMER_CALLBACK)o->callback)(instance, o->context, (TP_TIMER *)o);
        break;
    case TP_KIND_WAIT:
        ((PTP_WAIT_CALLBACK)o->callback)(instance, o->context, (TP_WAIT *)o, wait_result);
        break;
    case TP_KIND_IO:
        ((PTP_IO_CALLBACK)o->callback)(instance, o->context, io->value, &io->iosb, (TP_IO *)o);
        break;
    }
    if (o->finally) o->finally(instance, o->context);
}

/* What the callback asked to have done after it. */
static void finish(struct instance *i)
{
    if (i->leave) RtlLeaveCriticalSection(i->leave);
    if (i->mutex) NtReleaseMutant(i->mutex, NULL);
    if (i->semaphore) NtReleaseSemaphore(i->semaphore, i->semaphore_count, NULL);
    if (i->event) NtSetEvent(i->event, NULL);
    if (i->dll) LdrUnloadDll(i->dll);
}

/* One post, taken from the queue, whose reference ends here. The lock is let go meanwhile. */
void object_run_locked(struct tp_object *o)
{
    struct instance i = { .object = o, .tid = current_tid(), .associated = true };
    struct pool *pool = o->pool;
    struct io_result *io = NULL;
    DWORD wait_result = WAIT_TIMEOUT;

    if (o->kind == TP_KIND_WAIT && o->signaled)
    {
        o->signaled--;
        wait_result = WAIT_OBJECT_0;
    }
    if (o->repeat) wait_rearm_locked(o);
    if (o->kind == TP_KIND_IO && (io = o->results))
    {
        if (!(o->results = io->next)) o->results_tail = &o->results;
    }
    o->running++;
    o->associated++;
    if (o->long_function) pool->running_long++;
    unlock_tp();

    if (o->kind != TP_KIND_IO || io) call(o, &i, wait_result, io);
    finish(&i);
    heap_free(io);

    lock_tp();
    if (o->long_function || i.may_run_long) pool->running_long--;
    o->running--;
    if (i.associated) o->associated--;
    RtlWakeAllConditionVariable(&o->changed);
    object_unref_locked(o);
}

/* Until nothing is posted, expected or running. For a group that includes callbacks which disassociated themselves. */
void object_wait_locked(struct tp_object *o, bool group)
{
    o->refs++;
    while (o->pending || o->expected || (group ? o->running : o->associated))
        RtlSleepConditionVariableSRW(&o->changed, &tp_lock, NULL, 0);
    object_unref_locked(o);
}

/* ---- what a callback may ask for ---- */

void WINAPI TpCallbackLeaveCriticalSectionOnCompletion(TP_CALLBACK_INSTANCE *i, RTL_CRITICAL_SECTION *cs)
{
    if (!((struct instance *)i)->leave) ((struct instance *)i)->leave = cs;
}

void WINAPI TpCallbackReleaseMutexOnCompletion(TP_CALLBACK_INSTANCE *i, HANDLE mutex)
{
    if (!((struct instance *)i)->mutex) ((struct instance *)i)->mutex = mutex;
}

void WINAPI TpCallbackReleaseSemaphoreOnCompletion(TP_CALLBACK_INSTANCE *i, HANDLE semaphore, DWORD count)
{
    struct instance *instance = (struct instance *)i;

    if (instance->semaphore) return;
    instance->semaphore = semaphore;
    instance->semaphore_count = count;
}

void WINAPI TpCallbackSetEventOnCompletion(TP_CALLBACK_INSTANCE *i, HANDLE event)
{
    if (!((struct instance *)i)->event) ((struct instance *)i)->event = event;
}

void WINAPI TpCallbackUnloadDllOnCompletion(TP_CALLBACK_INSTANCE *i, HMODULE dll)
{
    if (!((struct instance *)i)->dll) ((struct instance *)i)->dll = dll;
}

NTSTATUS WINAPI TpCallbackMayRunLong(TP_CALLBACK_INSTANCE *i)
{
    struct instance *instance = (struct instance *)i;
    struct tp_object *o = instance->object;
    NTSTATUS status = STATUS_SUCCESS;

    if (instance->tid != current_tid()) return STATUS_UNSUCCESSFUL;
    if (instance->may_run_long) return STATUS_SUCCESS;
    lock_tp();
    if (!o->long_function) o->pool->running_long++;
    instance->may_run_long = true;
    pool_feed_locked(o->pool);
    if (!o->pool->idle && !o->pool->starting && o->pool->threads >= o->pool->max) status = STATUS_TOO_MANY_THREADS;
    unlock_tp();
    return status;
}

void WINAPI TpDisassociateCallback(TP_CALLBACK_INSTANCE *i)
{
    struct instance *instance = (struct instance *)i;

    if (instance->tid != current_tid() || !instance->associated) return;
    lock_tp();
    instance->associated = false;
    instance->object->associated--;
    RtlWakeAllConditionVariable(&instance->object->changed);
    unlock_tp();
}

/* ---- simple callbacks and work ---- */

NTSTATUS simple_post(PTP_SIMPLE_CALLBACK callback, void *context, const TP_CALLBACK_ENVIRON *env, bool is_long)
{
    struct tp_object *o;
    NTSTATUS status = object_create(&o, TP_KIND_SIMPLE, callback, context, env);

    if (status) return status;
    lock_tp();
    if (is_long) o->long_function = true;
    o->released = true;
    object_post_locked(o);
    object_unref_locked(o);
    unlock_tp();
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI TpSimpleTryPost(PTP_SIMPLE_CALLBACK callback, void *context, TP_CALLBACK_ENVIRON *env)
{
    return simple_post(callback, context, env, false);
}

NTSTATUS WINAPI TpAllocWork(TP_WORK **out, PTP_WORK_CALLBACK callback, void *context, TP_CALLBACK_ENVIRON *env)
{
    return object_create((struct tp_object **)out, TP_KIND_WORK, callback, context, env);
}

void WINAPI TpPostWork(TP_WORK *work)
{
    lock_tp();
    object_post_locked(object_of(work));
    unlock_tp();
}

void WINAPI TpReleaseWork(TP_WORK *work)
{
    object_release(object_of(work));
}

void WINAPI TpWaitForWork(TP_WORK *work, BOOL cancel)
{
    struct tp_object *o = object_of(work);

    lock_tp();
    if (cancel) object_cancel_locked(o);
    object_wait_locked(o, false);
    unlock_tp();
}

/* ---- cleanup groups ---- */

NTSTATUS WINAPI TpAllocCleanupGroup(TP_CLEANUP_GROUP **out)
{
    struct group *group = heap_alloc_zero(sizeof(*group));

    if (!group) return STATUS_NO_MEMORY;
    group->refs = 1;
    group->members.Flink = group->members.Blink = &group->members;
    *out = (TP_CLEANUP_GROUP *)group;
    return STATUS_SUCCESS;
}

void WINAPI TpReleaseCleanupGroup(TP_CLEANUP_GROUP *group)
{
    lock_tp();
    group_unref_locked((struct group *)group);
    unlock_tp();
}

/* A member that is no longer in the list: waits for what runs, tells who wants to know, drops the owner's reference,
 * unless the callback released its own object meanwhile. A simple callback is told about only if it did not run
 * (ntdll:threadpool test_tp_group_cancel). */
static void release_member_locked(struct tp_object *o, BOOL cancel, void *context)
{
    object_wait_locked(o, true);
    if (cancel && o->cancelled && (o->kind == TP_KIND_SIMPLE ? o->cancelled_posts : !o->released))
    {
        unlock_tp();
        o->cancelled(o->context, context);
        lock_tp();
    }
    if (!o->released)
    {
        o->released = true;
        object_unref_locked(o);
    }
    object_unref_locked(o);     /* the list's */
}

void WINAPI TpReleaseCleanupGroupMembers(TP_CLEANUP_GROUP *handle, BOOL cancel, void *context)
{
    struct group *group = (struct group *)handle;
    LIST_ENTRY list = { &list, &list };

    lock_tp();
    while (group->members.Flink != &group->members)
    {
        struct tp_object *o = CONTAINING_RECORD(group->members.Flink, struct tp_object, group_entry);

        leave_group_locked(o);
        o->refs++;
        timer_disarm_locked(o);
        if (cancel) o->cancelled_posts = object_cancel_locked(o);
        list_append(&list, &o->group_entry);
    }
    while (list.Flink != &list)
    {
        struct tp_object *o = CONTAINING_RECORD(list.Flink, struct tp_object, group_entry);

        list_remove(&o->group_entry);
        release_member_locked(o, cancel, context);
    }
    unlock_tp();
}
