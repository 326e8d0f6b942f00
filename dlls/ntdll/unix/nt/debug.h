/* Debug objects: the debugger's side. ps/debuggee.h is the other.
 *
 * A debug object keeps the events of the processes that are attached to it, in the order in which they came. One event a
 * process is out at a time: until it is continued the process stands still, and what else is queued of it waits. All is
 * under debug_lock, a leaf, which nobody holds while he asks another process.
 */
#pragma once

#include <pthread.h>
#include "nt/nt.h"
#include "ob/object.h"
#include "ps/debug_protocol.h"
#include "ps/process_object.h"
#include "ps/thread.h"

struct debug_event
{
    struct debug_event *next;
    struct attached *of;                /* a reference */
    struct debug_message message;
    bool made;                          /* here: the process itself waits for no answer to it */
};

struct attached                         /* a process */
{
    struct attached *next;              /* in object->attached */
    unsigned int refs;
    struct debug_object *object;        /* NULL: it is none of ours any more */
    struct process_object *process;     /* a reference; NULL: a child that nobody has asked for yet */
    uint32_t linux_pid;
    int  channel;
    uint32_t flags;                     /* DEBUGGEE_x */
    uint32_t last_tid;                  /* of the last event */
    struct debug_event *out;            /* told, and not continued */
    bool exited;                        /* its last event has come */
    bool gone;                          /* its channel has ended */
    unsigned int made;                  /* events of attaching that are not continued: it stands still until then */
};

struct debug_object
{
    struct object header;
    struct cell  *cell;                 /* set while there is an event to be told */
    bool          kill;                 /* its processes end with it */
    bool          closed;
    struct attached *attached;
    struct debug_event *events, **last;
};

extern pthread_mutex_t debug_lock;
extern const struct object_type debug_type;

struct debug_object *debug_object_alloc(bool kill);             /* NULL: no memory */

/* ---- the queue (debug_object.c); all under debug_lock ------------------------------------------------------------- */

void debug_queue_locked(struct attached *attached, struct debug_event *event, bool first);

/* The next event that may be told, out from now on; NULL: there is none, and the cell is not set. */
struct debug_event *debug_take_locked(struct debug_object *object);
void debug_put_back_locked(struct debug_event *event);
void debug_update_locked(struct debug_object *object);          /* the cell */

struct attached *debug_find_locked(struct debug_object *object, uint32_t linux_pid);
void attached_unref_locked(struct attached *attached);

/* Of an event that was taken out of its queue. */
void debug_event_free_locked(struct debug_event *event);

/* Lets go of it: no event of it comes any more. The channel ends, which the process hears unless it was told otherwise. */
void attached_drop_locked(struct attached *attached);

/* ---- processes (debug_process.c) -------------------------------------------------------------------------------------- */

/* A new reference; asks for it by its id if it must. */
NTSTATUS attached_process(struct attached *attached, struct process_object **process);

/* flags: DEBUGGEE_NEW, DEBUGGEE_NO_INHERIT. */
NTSTATUS debug_attach(struct debug_object *object, struct process_object *process, uint32_t flags);
NTSTATUS debug_detach(struct debug_object *object, struct process_object *process);
NTSTATUS debug_continue(struct debug_object *object, uint32_t linux_pid, uint32_t tid, uint32_t status);
void     debug_set_kill(struct debug_object *object, bool kill);

/* An event with its handles (debug_event.c). */
NTSTATUS debug_event_describe(const struct debug_event *event, struct _DBGUI_WAIT_STATE_CHANGE *out);
void     debug_event_undo(struct _DBGUI_WAIT_STATE_CHANGE *out);        /* the handles go */
