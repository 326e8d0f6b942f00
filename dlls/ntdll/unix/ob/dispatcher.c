/* Events, semaphores and mutants. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <unistd.h>

#include "ob/dispatcher.h"
#include "ob/token.h"
#include "ob/transfer.h"
#include "ps/thread.h"

/* Mutants are in a list, so that those of a thread that ends can be found. */
struct mutant
{
    struct dispatcher base;
    struct mutant *prev, *next;         /* under mutant_lock */
};

static pthread_mutex_t mutant_lock = PTHREAD_MUTEX_INITIALIZER;
static struct mutant *mutants;

static struct cell *get_cell(struct object *object)
{
    return dispatcher_cell(object);
}

static void dispatcher_destroy(struct object *object)
{
    cell_free(dispatcher_cell(object));
    free(object);
}

/* Takes the cell, which may be NULL. */
static struct object *dispatcher_alloc(const struct object_type *type, size_t size, struct cell *cell)
{
    struct dispatcher *object = cell ? object_alloc(type, size) : NULL;

    if (!object) cell_free(cell);
    else
    {
        object->cell = cell;
        __atomic_fetch_or(&cell->shared, CELL_SHAREABLE, __ATOMIC_SEQ_CST);
    }
    return (struct object *)object;
}

/* ---- to other processes: the cell is the object ------------------------------------------------------------ */

static NTSTATUS dispatcher_pack(struct object *object, struct transfer *transfer)
{
    uint64_t offset;

    if (!cell_share(dispatcher_cell(object), &transfer->fds[0], &offset)) return STATUS_NOT_SUPPORTED;
    transfer->fd_count = 1;
    transfer->size = sizeof(offset);
    memcpy(transfer->data, &offset, sizeof(offset));
    return STATUS_SUCCESS;
}

/* The cell of a transfer; NULL: it is none. */
static struct cell *unpack_cell(struct transfer *transfer)
{
    struct cell *cell;
    uint64_t offset;
    bool taken;

    if (transfer->fd_count != 1 || transfer->size != sizeof(offset)) return NULL;
    memcpy(&offset, transfer->data, sizeof(offset));
    cell = cell_import(transfer->fds[0], offset, &taken);
    if (taken) transfer->fds[0] = -1;
    return cell;
}

/* ---- events ---------------------------------------------------------------------------------------------- */

static NTSTATUS event_unpack(struct transfer *transfer, struct object **object)
{
    struct cell *cell = unpack_cell(transfer);

    if (!cell || (cell->kind != CELL_MANUAL && cell->kind != CELL_AUTO)) return STATUS_INVALID_PARAMETER;
    *object = dispatcher_alloc(&event_type, sizeof(struct dispatcher), cell);
    return *object ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

const struct object_type event_type =
{
    .name = "Event",
    .mapping = { STANDARD_RIGHTS_READ | EVENT_QUERY_STATE, STANDARD_RIGHTS_WRITE | EVENT_MODIFY_STATE,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, EVENT_ALL_ACCESS },
    .valid_access = EVENT_ALL_ACCESS,
    .destroy = dispatcher_destroy,
    .wait_cell = get_cell,
    .pack = dispatcher_pack,
    .unpack = event_unpack,
};

struct object *event_alloc(EVENT_TYPE type, bool signaled)
{
    return dispatcher_alloc(&event_type, sizeof(struct dispatcher),
                            cell_alloc(type == NotificationEvent ? CELL_MANUAL : CELL_AUTO, signaled, 1));
}

/* ---- semaphores -------------------------------------------------------------------------------------------- */

static NTSTATUS semaphore_unpack(struct transfer *transfer, struct object **object)
{
    struct cell *cell = unpack_cell(transfer);

    if (!cell || cell->kind != CELL_SEMAPHORE) return STATUS_INVALID_PARAMETER;
    *object = dispatcher_alloc(&semaphore_type, sizeof(struct dispatcher), cell);
    return *object ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

const struct object_type semaphore_type =
{
    .name = "Semaphore",
    .mapping = { STANDARD_RIGHTS_READ | SEMAPHORE_QUERY_STATE, STANDARD_RIGHTS_WRITE | SEMAPHORE_MODIFY_STATE,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, SEMAPHORE_ALL_ACCESS },
    .valid_access = SEMAPHORE_ALL_ACCESS,
    .destroy = dispatcher_destroy,
    .wait_cell = get_cell,
    .pack = dispatcher_pack,
    .unpack = semaphore_unpack,
};

struct object *semaphore_alloc(uint32_t count, uint32_t limit)
{
    return dispatcher_alloc(&semaphore_type, sizeof(struct dispatcher), cell_alloc(CELL_SEMAPHORE, count, limit));
}

/* ---- mutants -------------------------------------------------------------------------------------------------- */

static struct object *mutant_from_cell(struct cell *cell)
{
    struct object *object = dispatcher_alloc(&mutant_type, sizeof(struct mutant), cell);
    struct mutant *mutant = (struct mutant *)object;

    if (!mutant) return NULL;
    pthread_mutex_lock(&mutant_lock);
    if ((mutant->next = mutants)) mutants->prev = mutant;
    mutants = mutant;
    pthread_mutex_unlock(&mutant_lock);
    return object;
}

static NTSTATUS mutant_unpack(struct transfer *transfer, struct object **object)
{
    struct cell *cell = unpack_cell(transfer);

    if (!cell || cell->kind != CELL_MUTANT) return STATUS_INVALID_PARAMETER;
    *object = mutant_from_cell(cell);
    return *object ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static void mutant_destroy(struct object *object)
{
    struct mutant *mutant = (struct mutant *)object;

    pthread_mutex_lock(&mutant_lock);
    if (mutant->next) mutant->next->prev = mutant->prev;
    if (mutant->prev) mutant->prev->next = mutant->next;
    else mutants = mutant->next;
    pthread_mutex_unlock(&mutant_lock);
    dispatcher_destroy(object);
}

const struct object_type mutant_type =
{
    .name = "Mutant",
    .mapping = { STANDARD_RIGHTS_READ | MUTANT_QUERY_STATE, STANDARD_RIGHTS_WRITE,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, MUTANT_ALL_ACCESS },
    .valid_access = MUTANT_ALL_ACCESS,
    .destroy = mutant_destroy,
    .wait_cell = get_cell,
    .pack = dispatcher_pack,
    .unpack = mutant_unpack,
};

struct object *mutant_alloc(bool owned)
{
    struct cell *cell = cell_alloc(CELL_MUTANT, 1, 1);

    if (cell && owned) cell_wait(&cell, 1, false, false, 0);
    return mutant_from_cell(cell);
}

/* Those of a process that is gone, or of this one as it goes, as far as others share them. Who died suddenly may have
 * died anywhere: nothing is waited for. */
void mutants_abandon_shared(bool own)
{
    struct mutant *mutant;

    if (pthread_mutex_trylock(&mutant_lock)) return;
    for (mutant = mutants; mutant; mutant = mutant->next)
    {
        struct cell *cell = mutant->base.cell;
        uint32_t owner = __atomic_load_n(&cell->owner, __ATOMIC_RELAXED);

        if (!(cell->shared & CELL_SHARED) || !owner) continue;
        if (own ? !tgkill(getpid(), (pid_t)owner, 0) : kill((pid_t)owner, 0) && errno == ESRCH)
            cell_abandon_mutant(cell, (int)owner);
    }
    pthread_mutex_unlock(&mutant_lock);
}

void mutants_abandon(struct thread *thread)
{
    struct mutant *mutant;

    pthread_mutex_lock(&mutant_lock);
    for (mutant = mutants; mutant; mutant = mutant->next) cell_abandon_mutant(mutant->base.cell, thread->linux_tid);
    pthread_mutex_unlock(&mutant_lock);
    if (thread == current_thread())
    {
        timer_apcs_forget();
        token_impersonate(NULL);
    }
}
