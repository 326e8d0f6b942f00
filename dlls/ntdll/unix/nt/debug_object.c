/* Debug objects: what comes from their processes, and in which order it is told. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "nt/debug.h"
#include "io/async.h"
#include "ob/cell.h"

pthread_mutex_t debug_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- the queue ----------------------------------------------------------------------------------------------------- */

static struct debug_event **deliverable(struct debug_object *object)
{
    struct debug_event **p;

    for (p = &object->events; *p && (*p)->of->out; p = &(*p)->next) ;
    return p;
}

void debug_update_locked(struct debug_object *object)
{
    if (*deliverable(object) || object->closed) cell_set(object->cell);
    else cell_reset(object->cell);
}

void debug_queue_locked(struct attached *attached, struct debug_event *event, bool first)
{
    struct debug_object *object = attached->object;

    event->next = first ? object->events : NULL;
    if (first) object->events = event;
    else *object->last = event;
    if (!event->next) object->last = &event->next;
    debug_update_locked(object);
}

static struct debug_event *unlink_event(struct debug_object *object, struct debug_event **p)
{
    struct debug_event *event = *p;

    if (!(*p = event->next)) object->last = p;
    event->next = NULL;
    return event;
}

struct debug_event *debug_take_locked(struct debug_object *object)
{
    struct debug_event **p = deliverable(object), *event = NULL;

    if (*p)
    {
        event = unlink_event(object, p);
        event->of->out = event;
        event->of->refs++;              /* who tells it looks at it without the lock */
    }
    debug_update_locked(object);
    return event;
}

void debug_put_back_locked(struct debug_event *event)
{
    struct attached *attached = event->of;

    if (attached->out != event) return;
    attached->out = NULL;
    if (attached->object) debug_queue_locked(attached, event, true);
    else debug_event_free_locked(event);
}

struct attached *debug_find_locked(struct debug_object *object, uint32_t linux_pid)
{
    struct attached *attached;

    for (attached = object->attached; attached && attached->linux_pid != linux_pid; attached = attached->next) ;
    return attached;
}

void debug_event_free_locked(struct debug_event *event)
{
    attached_unref_locked(event->of);
    free(event);
}

/* ---- processes -------------------------------------------------------------------------------------------------------- */

void attached_unref_locked(struct attached *attached)
{
    if (--attached->refs) return;
    if (attached->process) object_unref(&attached->process->header);
    close(attached->channel);
    free(attached);
}

void attached_drop_locked(struct attached *attached)
{
    struct debug_object *object = attached->object;
    struct debug_event **event, *out = attached->out;
    struct attached **p;

    for (p = &object->attached; *p != attached; p = &(*p)->next) ;
    *p = attached->next;
    attached->object = NULL;
    attached->out = NULL;
    for (event = &object->events; *event;)
        if ((*event)->of == attached) debug_event_free_locked(unlink_event(object, event));
        else event = &(*event)->next;
    debug_update_locked(object);
    shutdown(attached->channel, SHUT_RDWR);     /* the poller hears it, and closes it */
    if (out) debug_event_free_locked(out);
    attached_unref_locked(attached);
}

static void destroy(struct object *header)
{
    struct debug_object *object = (struct debug_object *)header;

    cell_free(object->cell);
    free(object);
}

static void handle_closed(struct object *header, bool last)
{
    struct debug_object *object = (struct debug_object *)header;

    if (!last) return;
    pthread_mutex_lock(&debug_lock);
    object->closed = true;
    while (object->attached) attached_drop_locked(object->attached);
    debug_update_locked(object);
    pthread_mutex_unlock(&debug_lock);
}

static struct cell *wait_cell(struct object *header)
{
    return ((struct debug_object *)header)->cell;
}

const struct object_type debug_type =
{
    .name = "DebugObject",
    .mapping = { STANDARD_RIGHTS_READ | DEBUG_READ_EVENT, STANDARD_RIGHTS_WRITE | DEBUG_PROCESS_ASSIGN,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, DEBUG_ALL_ACCESS },
    .valid_access = DEBUG_ALL_ACCESS,
    .destroy = destroy,
    .handle_closed = handle_closed,
    .wait_cell = wait_cell,
};

struct debug_object *debug_object_alloc(bool kill)
{
    struct debug_object *object = object_alloc(&debug_type, sizeof(*object));

    if (!object) return NULL;
    object->kill = kill;
    object->last = &object->events;
    if ((object->cell = cell_alloc(CELL_MANUAL, 0, 0))) return object;
    object_unref(object);
    return NULL;
}
