/* Keyed events. Who comes first leaves a ticket in the key's bucket and sleeps on its cell; who comes second
 * takes the oldest ticket of the other kind and signals it. */
#include <pthread.h>

#include "ob/cell.h"
#include "ob/keyed_event.h"
#include "ob/transfer.h"

#define BUCKETS 64

struct ticket
{
    struct object *event;
    uintptr_t      key;
    bool           release;
    bool           met;                 /* taken out of the bucket */
    struct cell   *cell;
    struct ticket *next;
};

struct bucket
{
    pthread_mutex_t lock;
    struct ticket  *first, **last;      /* in order of arrival */
};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static struct bucket *buckets;
static struct object *global_event;

static void make(void)
{
    unsigned int i;

    if (!(buckets = calloc(BUCKETS, sizeof(*buckets)))) return;
    for (i = 0; i < BUCKETS; i++)
    {
        pthread_mutex_init(&buckets[i].lock, NULL);
        buckets[i].last = &buckets[i].first;
    }
    global_event = object_alloc(&keyed_event_type, sizeof(struct object));
}

/* Only threads of one process meet at a key, on Windows too: there is nothing to share. */
static NTSTATUS keyed_event_pack(struct object *object, struct transfer *transfer)
{
    (void)object, (void)transfer;
    return STATUS_SUCCESS;
}

static NTSTATUS keyed_event_unpack(struct transfer *transfer, struct object **object)
{
    if (transfer->size) return STATUS_INVALID_PARAMETER;
    return (*object = keyed_event_alloc()) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

const struct object_type keyed_event_type =
{
    .name = "KeyedEvent",
    .mapping = { STANDARD_RIGHTS_READ | KEYEDEVENT_WAIT, STANDARD_RIGHTS_WRITE | KEYEDEVENT_WAKE,
                 STANDARD_RIGHTS_EXECUTE, KEYEDEVENT_ALL_ACCESS },
    .valid_access = KEYEDEVENT_ALL_ACCESS | SYNCHRONIZE,
    .wait_cell = cell_always_signaled,  /* ntdll:sync, test_keyed_events */
    .pack = keyed_event_pack,
    .unpack = keyed_event_unpack,
};

struct object *keyed_event_alloc(void)
{
    return object_alloc(&keyed_event_type, sizeof(struct object));
}

struct object *keyed_event_global(void)
{
    pthread_once(&once, make);
    return global_event;
}

static struct ticket *find_locked(struct bucket *bucket, struct object *event, uintptr_t key, bool release)
{
    struct ticket **link = &bucket->first, *ticket;

    for (; (ticket = *link); link = &ticket->next)
    {
        if (ticket->event != event || ticket->key != key || ticket->release != release) continue;
        if (!(*link = ticket->next)) bucket->last = link;
        return ticket;
    }
    return NULL;
}

static void unlink_locked(struct bucket *bucket, struct ticket *gone)
{
    struct ticket **link = &bucket->first;

    while (*link != gone) link = &(*link)->next;
    if (!(*link = gone->next)) bucket->last = link;
}

NTSTATUS keyed_event_meet(struct object *event, uintptr_t key, bool release, bool alertable, uint64_t deadline)
{
    struct ticket mine = { event, key, release, false, NULL, NULL }, *other;
    struct bucket *bucket;
    NTSTATUS status;

    pthread_once(&once, make);
    if (!buckets) return STATUS_NO_MEMORY;
    bucket = &buckets[(key >> 2 ^ key >> 9 ^ key >> 18) % BUCKETS];

    pthread_mutex_lock(&bucket->lock);
    if ((other = find_locked(bucket, event, key, !release)))
    {
        other->met = true;
        cell_set(other->cell);          /* under the lock: the ticket is on its owner's stack */
    }
    else if ((mine.cell = cell_alloc(CELL_AUTO, 0, 1)))
    {
        *bucket->last = &mine;
        bucket->last = &mine.next;
    }
    pthread_mutex_unlock(&bucket->lock);
    if (other) return STATUS_SUCCESS;
    if (!mine.cell) return STATUS_NO_MEMORY;

    status = cell_wait(&mine.cell, 1, false, alertable, deadline);
    pthread_mutex_lock(&bucket->lock);
    if (mine.met) status = STATUS_SUCCESS;      /* even if the wait ended for another reason just before */
    else unlink_locked(bucket, &mine);
    pthread_mutex_unlock(&bucket->lock);
    cell_free(mine.cell);
    return status;
}
