/* Events, semaphores and mutants. */
#include <pthread.h>

#include "ob/dispatcher.h"
#include "ob/token.h"
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
    else object->cell = cell;
    return (struct object *)object;
}

/* ---- events ---------------------------------------------------------------------------------------------- */

const struct object_type event_type =
{
    .name = "Event",
    .mapping = { STANDARD_RIGHTS_READ | EVENT_QUERY_STATE, STANDARD_RIGHTS_WRITE | EVENT_MODIFY_STATE,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, EVENT_ALL_ACCESS },
    .valid_access = EVENT_ALL_ACCESS,
    .destroy = dispatcher_destroy,
    .wait_cell = get_cell,
};

struct object *event_alloc(EVENT_TYPE type, bool signaled)
{
    return dispatcher_alloc(&event_type, sizeof(struct dispatcher),
                            cell_alloc(type == NotificationEvent ? CELL_MANUAL : CELL_AUTO, signaled, 1));
}

/* ---- semaphores -------------------------------------------------------------------------------------------- */

const struct object_type semaphore_type =
{
    .name = "Semaphore",
    .mapping = { STANDARD_RIGHTS_READ | SEMAPHORE_QUERY_STATE, STANDARD_RIGHTS_WRITE | SEMAPHORE_MODIFY_STATE,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, SEMAPHORE_ALL_ACCESS },
    .valid_access = SEMAPHORE_ALL_ACCESS,
    .destroy = dispatcher_destroy,
    .wait_cell = get_cell,
};

struct object *semaphore_alloc(uint32_t count, uint32_t limit)
{
    return dispatcher_alloc(&semaphore_type, sizeof(struct dispatcher), cell_alloc(CELL_SEMAPHORE, count, limit));
}

/* ---- mutants -------------------------------------------------------------------------------------------------- */

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
};

struct object *mutant_alloc(bool owned)
{
    struct cell *cell = cell_alloc(CELL_MUTANT, 1, 1);
    struct object *object = dispatcher_alloc(&mutant_type, sizeof(struct mutant), cell);
    struct mutant *mutant = (struct mutant *)object;

    if (!mutant) return NULL;
    if (owned) cell_wait(&cell, 1, false, false, 0);
    pthread_mutex_lock(&mutant_lock);
    if ((mutant->next = mutants)) mutants->prev = mutant;
    mutants = mutant;
    pthread_mutex_unlock(&mutant_lock);
    return object;
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
