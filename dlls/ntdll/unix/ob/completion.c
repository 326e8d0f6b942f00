/* I/O completion ports.
 *
 * A port is a queue and a semaphore that counts what is in it: who takes a count then takes an entry. Wait
 * completion packets need no thread of their own, since nobody can see one before it is removed from the port:
 * whoever removes from a port also watches the cells of the packets that wait there, and queues those that are
 * signalled. Taking the signal and queuing happen under port_lock, as cancelling does, so that no signal is lost.
 *
 *   packet idle -- associate --> waiting -- target signalled --> queued -- removed --> idle
 *                                   \------------ cancel -----------/----------------> idle
 */
#include <pthread.h>

#include "ob/cell.h"
#include "ob/completion.h"

struct entry                            /* in a queue */
{
    struct entry      *next;
    struct completion  completion;
    struct wait_packet *packet;         /* whose entry this is; NULL: malloc'd by completion_post */
};

struct port
{
    struct object header;
    struct cell  *count;                /* CELL_SEMAPHORE: entries nobody has claimed */
    struct cell  *ready;                /* CELL_MANUAL: the queue is not empty (waits on the port itself) */
    struct cell  *changed;              /* CELL_MANUAL: pulsed when waits or closed changed */
    struct entry *first, **last;        /* all below: under port_lock */
    ULONG         depth;
    struct wait_packet *waits;
    bool          closed;
};

enum packet_state { PACKET_IDLE, PACKET_WAITING, PACKET_QUEUED };

struct wait_packet
{
    struct object header;
    enum packet_state state;            /* all below: under port_lock */
    struct port   *port;                /* a reference unless idle */
    struct object *target;              /* a reference while waiting */
    struct cell   *cell;
    struct wait_packet *next;           /* in port->waits */
    struct entry   entry;
};

#define WATCHED (CELL_WAIT_MAX - 2)     /* packets watched at once; more are looked at every RESCAN */
#define RESCAN  10000000ull             /* ns */

static pthread_mutex_t port_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- the queue ----------------------------------------------------------------------------------------- */

static void enqueue_locked(struct port *port, struct entry *entry)
{
    entry->next = NULL;
    *port->last = entry;
    port->last = &entry->next;
    if (!port->depth++) cell_set(port->ready);
    cell_release_semaphore(port->count, 1, NULL);
}

static void unlink_entry_locked(struct port *port, struct entry *entry)
{
    struct entry **link = &port->first;

    while (*link != entry) link = &(*link)->next;
    if (!(*link = entry->next)) port->last = link;
    if (!--port->depth) cell_reset(port->ready);
}

/* The reference on the port that a packet had is the caller's to drop. */
static struct port *packet_idle_locked(struct wait_packet *packet)
{
    struct port *port = packet->port;

    packet->state = PACKET_IDLE;
    packet->port = NULL;
    return port;
}

static void unlink_wait_locked(struct wait_packet *packet)
{
    struct wait_packet **link = &packet->port->waits;

    while (*link != packet) link = &(*link)->next;
    *link = packet->next;
}

/* Queues the packet if its target can be taken now. */
static bool packet_fire_locked(struct wait_packet *packet, struct object **target)
{
    NTSTATUS status = cell_wait(&packet->cell, 1, false, false, 0);

    if (status == STATUS_TIMEOUT) return false;
    unlink_wait_locked(packet);
    packet->state = PACKET_QUEUED;
    *target = packet->target;
    packet->target = NULL;
    enqueue_locked(packet->port, &packet->entry);
    return true;
}

NTSTATUS completion_post(struct object *object, ULONG_PTR key, ULONG_PTR value, NTSTATUS status, ULONG_PTR information)
{
    struct port *port = (struct port *)object;
    struct entry *entry = malloc(sizeof(*entry));

    if (!entry) return STATUS_NO_MEMORY;
    entry->completion = (struct completion){ key, value, status, information };
    entry->packet = NULL;
    pthread_mutex_lock(&port_lock);
    enqueue_locked(port, entry);
    pthread_mutex_unlock(&port_lock);
    return STATUS_SUCCESS;
}

ULONG completion_depth(struct object *object)
{
    ULONG depth;

    pthread_mutex_lock(&port_lock);
    depth = ((struct port *)object)->depth;
    pthread_mutex_unlock(&port_lock);
    return depth;
}

/* ---- removing --------------------------------------------------------------------------------------------- */

/* Queues every packet that is signalled, then lists the cells of those that are not. */
static unsigned int look_at_waits(struct port *port, struct cell **cells, struct object **targets, uint32_t *seen,
                                  bool *closed, bool *more)
{
    unsigned int count = 2;
    struct wait_packet *packet, *next;
    struct object *dead[16];
    unsigned int i, dead_count;

    do
    {
        dead_count = 0;
        count = 2;
        pthread_mutex_lock(&port_lock);
        *closed = port->closed;
        *more = false;
        cells[0] = port->count;
        cells[1] = port->changed;
        for (packet = port->waits; packet && dead_count < 16; packet = next)
        {
            next = packet->next;
            if (packet_fire_locked(packet, &dead[dead_count])) dead_count++;
            else if (count < WATCHED + 2)
            {
                targets[count] = object_ref(packet->target);
                cells[count++] = packet->cell;
            }
            else *more = true;
        }
        for (i = 0; i < count; i++) seen[i] = cell_pulses(cells[i]);
        pthread_mutex_unlock(&port_lock);
        for (i = 0; i < dead_count; i++) object_unref(dead[i]);
        if (dead_count == 16) for (i = 2; i < count; i++) object_unref(targets[i]);
    } while (dead_count == 16);         /* perhaps not all were looked at */
    return count;
}

/* After a count was taken. false: the entry was a packet that somebody cancelled meanwhile. */
static bool take_entry(struct port *port, struct completion *out)
{
    struct port *reference = NULL;
    struct entry *entry;

    pthread_mutex_lock(&port_lock);
    if ((entry = port->first))
    {
        unlink_entry_locked(port, entry);
        *out = entry->completion;
        if (entry->packet) reference = packet_idle_locked(entry->packet);
    }
    pthread_mutex_unlock(&port_lock);
    if (entry && !reference) free(entry);
    object_unref(reference);
    return entry != NULL;
}

NTSTATUS completion_remove(struct object *object, struct completion *out, ULONG *count, bool alertable,
                           uint64_t deadline)
{
    struct port *port = (struct port *)object;
    ULONG got = 0, want = *count;

    while (got < want)
    {
        struct cell *cells[CELL_WAIT_MAX];
        struct object *targets[CELL_WAIT_MAX];
        uint32_t seen[CELL_WAIT_MAX];
        unsigned int i, n;
        bool closed, more;
        uint64_t until = got ? 0 : deadline;
        NTSTATUS status;

        n = look_at_waits(port, cells, targets, seen, &closed, &more);
        status = cell_wait(cells, 1, false, false, 0);
        if (status == STATUS_TIMEOUT && !got)
        {
            uint64_t rescan = more ? monotonic_now() + RESCAN : DEADLINE_NEVER;

            if (closed) status = STATUS_ABANDONED_WAIT_0;
            else status = cell_watch(cells, seen, n, 1, alertable, rescan < until ? rescan : until);
            if (status == STATUS_TIMEOUT && rescan < until) status = STATUS_WAIT_0 + 1;
        }
        for (i = 2; i < n; i++) object_unref(targets[i]);

        if (status == STATUS_WAIT_0)
        {
            if (take_entry(port, &out[got])) got++;
        }
        else if (got) break;
        else if ((ULONG)status >= n) return status;     /* not one of the cells: what ended the wait */
    }
    *count = got;
    return STATUS_SUCCESS;
}

/* ---- wait completion packets ------------------------------------------------------------------------------------ */

NTSTATUS wait_packet_associate(struct object *object, struct object *port_object, struct object *target,
                               struct cell *cell, const struct completion *completion, bool *signaled)
{
    struct wait_packet *packet = (struct wait_packet *)object;
    struct port *port = (struct port *)port_object;
    struct object *gone = NULL;
    NTSTATUS status = STATUS_INVALID_PARAMETER_1;

    pthread_mutex_lock(&port_lock);
    if (packet->state == PACKET_IDLE)
    {
        packet->state = PACKET_WAITING;
        packet->port = object_ref(port);
        packet->target = object_ref(target);
        packet->cell = cell;
        packet->entry.completion = *completion;
        packet->entry.packet = packet;
        packet->next = port->waits;
        port->waits = packet;
        if (!(*signaled = packet_fire_locked(packet, &gone))) cell_pulse(port->changed);
        status = STATUS_SUCCESS;
    }
    pthread_mutex_unlock(&port_lock);
    object_unref(gone);
    return status;
}

NTSTATUS wait_packet_cancel(struct object *object, bool remove_queued)
{
    struct wait_packet *packet = (struct wait_packet *)object;
    struct object *target = NULL;
    struct port *port = NULL;
    NTSTATUS status = STATUS_SUCCESS;

    pthread_mutex_lock(&port_lock);
    if (packet->state == PACKET_IDLE) status = STATUS_CANCELLED;
    else if (packet->state == PACKET_WAITING)
    {
        unlink_wait_locked(packet);
        target = packet->target;
        packet->target = NULL;
        port = packet_idle_locked(packet);
    }
    else if (remove_queued)
    {
        /* If the count is claimed already, its claimant finds one entry fewer and waits on. */
        unlink_entry_locked(packet->port, &packet->entry);
        cell_wait(&packet->port->count, 1, false, false, 0);
        port = packet_idle_locked(packet);
    }
    else status = STATUS_PENDING;
    pthread_mutex_unlock(&port_lock);
    object_unref(target);
    object_unref(port);
    return status;
}

static void wait_packet_destroy(struct object *object)
{
    wait_packet_cancel(object, true);
    free(object);
}

const struct object_type wait_packet_type =
{
    .name = "WaitCompletionPacket",
    .mapping = { STANDARD_RIGHTS_READ, STANDARD_RIGHTS_WRITE | 1, STANDARD_RIGHTS_EXECUTE,
                 STANDARD_RIGHTS_REQUIRED | 1 },
    .valid_access = STANDARD_RIGHTS_REQUIRED | 1,
    .destroy = wait_packet_destroy,
};

struct object *wait_packet_alloc(void)
{
    return object_alloc(&wait_packet_type, sizeof(struct wait_packet));
}

/* ---- the port object ------------------------------------------------------------------------------------------------ */

static void port_destroy(struct object *object)
{
    struct port *port = (struct port *)object;

    /* No packet is in the queue: each had a reference on the port. */
    while (port->first)
    {
        struct entry *entry = port->first;

        port->first = entry->next;
        free(entry);
    }
    cell_free(port->count);
    cell_free(port->ready);
    cell_free(port->changed);
    free(port);
}

static void port_handle_closed(struct object *object, bool last)
{
    struct port *port = (struct port *)object;

    if (!last) return;
    pthread_mutex_lock(&port_lock);
    port->closed = true;
    cell_pulse(port->changed);
    pthread_mutex_unlock(&port_lock);
}

static struct cell *port_cell(struct object *object)
{
    return ((struct port *)object)->ready;
}

const struct object_type completion_type =
{
    .name = "IoCompletion",
    .mapping = { STANDARD_RIGHTS_READ | IO_COMPLETION_QUERY_STATE, STANDARD_RIGHTS_WRITE | IO_COMPLETION_MODIFY_STATE,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, IO_COMPLETION_ALL_ACCESS },
    .valid_access = IO_COMPLETION_ALL_ACCESS,
    .destroy = port_destroy,
    .handle_closed = port_handle_closed,
    .wait_cell = port_cell,
};

struct object *completion_alloc(void)
{
    struct port *port = object_alloc(&completion_type, sizeof(*port));

    if (!port) return NULL;
    port->last = &port->first;
    port->count = cell_alloc(CELL_SEMAPHORE, 0, INT32_MAX);
    port->ready = cell_alloc(CELL_MANUAL, 0, 1);
    port->changed = cell_alloc(CELL_MANUAL, 0, 1);
    if (port->count && port->ready && port->changed) return &port->header;
    object_unref(port);
    return NULL;
}
