/* Timers.
 *
 * Nothing runs when a timer is due: who waits for its cell knows the time. An APC is as passive, since it can
 * only be delivered while the thread that set the timer waits alertably: each thread keeps a list of its timers
 * that have one, and its alertable waits look there (timer_apcs_run).
 */
#include <pthread.h>

#include "ob/dispatcher.h"
#include "ob/name_object.h"
#include "ob/transfer.h"
#include "ps/thread.h"

struct timer
{
    struct dispatcher base;
    struct timer_apc  apc;              /* this and all below: under apc_lock */
    struct thread_object *thread;       /* who gets the APC (a reference); NULL: not in a list */
    struct timer    **list;             /* that thread's */
    struct timer     *next;
    uint64_t          apc_due;          /* when the APC comes next */
    uint64_t          period;
};

static pthread_mutex_t apc_lock = PTHREAD_MUTEX_INITIALIZER;
static __thread struct timer *my_timers;        /* those with an APC for this thread, under apc_lock */

/* Returns the reference that the list's thread held, for the caller to drop outside the lock. */
static struct thread_object *unlink_locked(struct timer *timer)
{
    struct thread_object *thread = timer->thread;
    struct timer **link = timer->list;

    if (!thread) return NULL;
    while (*link != timer) link = &(*link)->next;
    *link = timer->next;
    timer->thread = NULL;
    return thread;
}

static struct cell *get_cell(struct object *object)
{
    return dispatcher_cell(object);
}

static void timer_destroy(struct object *object)
{
    struct timer *timer = (struct timer *)object;
    struct thread_object *thread;

    pthread_mutex_lock(&apc_lock);
    thread = unlink_locked(timer);
    pthread_mutex_unlock(&apc_lock);
    object_unref(thread);
    dispatcher_free_cell(&timer->base);
    free(timer);
}

static NTSTATUS timer_adopt(struct name_file *file, const struct name_header *header, struct object **object)
{
    struct timer *timer;
    void *page;
    NTSTATUS status;

    (void)header;
    if ((status = dispatcher_map(file, CELL_TIMER_MANUAL, CELL_TIMER_AUTO, &page))) return status;
    if (!(timer = object_alloc(&timer_type, sizeof(*timer))))
    {
        cell_file_unmap(page, false);
        return STATUS_NO_MEMORY;
    }
    timer->base.page = page;
    timer->base.cell = cell_of_file(page);
    *object = &timer->base.header;
    return STATUS_SUCCESS;
}

/* When it is due goes along, in its cell; its APC stays with the thread that set it. */
static NTSTATUS timer_unpack(struct transfer *transfer, struct object **object)
{
    struct timer *timer;
    struct cell *cell;
    NTSTATUS status = dispatcher_unpack(transfer, CELL_TIMER_MANUAL, CELL_TIMER_AUTO, &cell);

    if (status) return status;
    if (!(timer = object_alloc(&timer_type, sizeof(*timer))))
    {
        cell_free(cell);
        return STATUS_NO_MEMORY;
    }
    timer->base.cell = cell;
    *object = &timer->base.header;
    return STATUS_SUCCESS;
}

const struct object_type timer_type =
{
    .name = "Timer",
    .mapping = { STANDARD_RIGHTS_READ | TIMER_QUERY_STATE, STANDARD_RIGHTS_WRITE | TIMER_MODIFY_STATE,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, TIMER_ALL_ACCESS },
    .valid_access = TIMER_ALL_ACCESS,
    .destroy = timer_destroy,
    .wait_cell = get_cell,
    .pack = dispatcher_pack,
    .unpack = timer_unpack,
    .name_kind = NAME_TIMER,
    .name_describe = dispatcher_describe,
    .name_made = dispatcher_made,
    .name_adopt = timer_adopt,
};

struct object *timer_alloc(TIMER_TYPE type)
{
    struct cell *cell = cell_alloc(type == NotificationTimer ? CELL_TIMER_MANUAL : CELL_TIMER_AUTO, 0, 0);
    struct timer *timer = cell ? object_alloc(&timer_type, sizeof(*timer)) : NULL;

    if (!timer) cell_free(cell);
    else timer->base.cell = cell;
    return (struct object *)timer;
}

NTSTATUS timer_set(struct object *object, uint64_t due, uint64_t period, const struct timer_apc *apc,
                   bool *was_signaled)
{
    struct timer *timer = (struct timer *)object;
    struct thread_object *old;

    cell_timer_next(timer->base.cell, was_signaled);
    pthread_mutex_lock(&apc_lock);
    old = unlink_locked(timer);
    if (apc && apc->routine)
    {
        timer->apc = *apc;
        timer->apc_due = due;
        timer->period = period;
        timer->thread = object_ref(thread_current_object());
        timer->list = &my_timers;
        timer->next = my_timers;
        my_timers = timer;
    }
    cell_set_timer(timer->base.cell, due, period);
    pthread_mutex_unlock(&apc_lock);
    object_unref(old);
    return STATUS_SUCCESS;
}

void timer_cancel(struct object *object, bool *was_signaled)
{
    struct timer *timer = (struct timer *)object;
    struct thread_object *old;

    pthread_mutex_lock(&apc_lock);
    old = unlink_locked(timer);
    cell_timer_next(timer->base.cell, was_signaled);
    cell_set_timer(timer->base.cell, 0, 0);
    pthread_mutex_unlock(&apc_lock);
    object_unref(old);
}

/* The routine is told when the timer was due, as system time. */
static void queue_apc(const struct timer *timer, uint64_t now)
{
    int64_t due = system_time_now() - (int64_t)(now - timer->apc_due) / 100;

    thread_queue_apc(timer->thread, timer->apc.routine, (uintptr_t)timer->apc.context, (uint32_t)due,
                     (uint32_t)(due >> 32));
}

uint64_t timer_apcs_run(void)
{
    uint64_t next = DEADLINE_NEVER, now;
    struct thread_object *done[8];
    unsigned int count = 0;
    struct timer *timer, *following;

    if (!my_timers) return next;        /* only this thread adds to it */
    now = monotonic_now();
    pthread_mutex_lock(&apc_lock);
    for (timer = my_timers; timer; timer = following)
    {
        following = timer->next;
        if (now >= timer->apc_due)
        {
            if (!timer->period && count == sizeof(done) / sizeof(done[0]))
            {
                next = now;             /* the rest at the next look */
                break;
            }
            queue_apc(timer, now);
            if (!timer->period)
            {
                done[count++] = unlink_locked(timer);
                continue;
            }
            timer->apc_due += ((now - timer->apc_due) / timer->period + 1) * timer->period;
        }
        if (timer->apc_due < next) next = timer->apc_due;
    }
    pthread_mutex_unlock(&apc_lock);
    while (count) object_unref(done[--count]);
    return next;
}

void timer_apcs_forget(void)
{
    struct thread_object *thread = NULL;

    do
    {
        pthread_mutex_lock(&apc_lock);
        thread = my_timers ? unlink_locked(my_timers) : NULL;
        pthread_mutex_unlock(&apc_lock);
        object_unref(thread);
    } while (thread);
}
