/* Events, semaphores and mutants. */
#include <pthread.h>

#include "ob/dispatcher.h"
#include "ob/name_object.h"
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
    dispatcher_free_cell((struct dispatcher *)object);
    free(object);
}

void dispatcher_free_cell(struct dispatcher *object)
{
    const struct name_header *header = object->page;

    if (header) cell_file_unmap(object->page, __atomic_load_n(&header->state, __ATOMIC_RELAXED) == NAME_ALIVE);
    else cell_free(object->cell);
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

/* ---- names: the cell moves into the name's file -------------------------------------------------------------- */

NTSTATUS dispatcher_describe(struct object *object, struct name_header *header, struct name_parts *parts)
{
    const struct cell *cell = dispatcher_cell(object);

    (void)parts;
    header->cell = (struct cell){ .kind = cell->kind, .value = cell->value, .limit = cell->limit,
                                  .shared = CELL_SHARED | CELL_SHAREABLE };
    return STATUS_SUCCESS;
}

/* Nobody else has the object yet, so that the old cell is in nobody's use. */
NTSTATUS dispatcher_made(struct object *object, struct name_file *file)
{
    struct dispatcher *self = (struct dispatcher *)object;
    void *page = name_file_map(file);
    struct cell *cell;

    if (!page) return STATUS_INSUFFICIENT_RESOURCES;
    cell = cell_of_file(page);
    if (self->cell->kind == CELL_MUTANT && cell_mutant_is_mine(self->cell))
    {
        cell_release_mutant(self->cell, NULL);
        cell_wait(&cell, 1, false, false, 0);
    }
    cell_free(self->cell);
    self->page = page;
    self->cell = cell;
    return STATUS_SUCCESS;
}

NTSTATUS dispatcher_map(struct name_file *file, enum cell_kind one, enum cell_kind other, void **out)
{
    void *page = name_file_map(file);
    uint32_t kind;

    if (!page) return STATUS_INSUFFICIENT_RESOURCES;
    kind = __atomic_load_n(&cell_of_file(page)->kind, __ATOMIC_RELAXED);
    if ((kind != (uint32_t)one && kind != (uint32_t)other) || !(cell_of_file(page)->shared & CELL_SHARED))
    {
        cell_file_unmap(page, false);
        return STATUS_FILE_CORRUPT_ERROR;
    }
    *out = page;
    return STATUS_SUCCESS;
}

static NTSTATUS adopt(const struct object_type *type, struct name_file *file, enum cell_kind one,
                      enum cell_kind other, struct object **object)
{
    struct dispatcher *self;
    void *page;
    NTSTATUS status;

    if ((status = dispatcher_map(file, one, other, &page))) return status;
    if (!(self = object_alloc(type, sizeof(*self))))
    {
        cell_file_unmap(page, false);
        return STATUS_NO_MEMORY;
    }
    self->page = page;
    self->cell = cell_of_file(page);
    *object = &self->header;
    return STATUS_SUCCESS;
}

static NTSTATUS event_adopt(struct name_file *file, const struct name_header *header, struct object **object)
{
    (void)header;
    return adopt(&event_type, file, CELL_MANUAL, CELL_AUTO, object);
}

static NTSTATUS semaphore_adopt(struct name_file *file, const struct name_header *header, struct object **object)
{
    (void)header;
    return adopt(&semaphore_type, file, CELL_SEMAPHORE, CELL_SEMAPHORE, object);
}

/* ---- to other processes: the cell is the object ------------------------------------------------------------ */

NTSTATUS dispatcher_pack(struct object *object, struct transfer *transfer)
{
    uint64_t offset;

    if (!cell_share(dispatcher_cell(object), &transfer->fds[0], &offset)) return STATUS_NOT_SUPPORTED;
    transfer->fd_count = 1;
    transfer->size = sizeof(offset);
    memcpy(transfer->data, &offset, sizeof(offset));
    return STATUS_SUCCESS;
}

NTSTATUS dispatcher_unpack(struct transfer *transfer, enum cell_kind kind, enum cell_kind other_kind, struct cell **cell)
{
    uint64_t offset;
    bool taken;

    if (transfer->fd_count != 1 || transfer->size != sizeof(offset)) return STATUS_INVALID_PARAMETER;
    memcpy(&offset, transfer->data, sizeof(offset));
    *cell = cell_import(transfer->fds[0], offset, &taken);
    if (taken) transfer->fds[0] = -1;
    if (*cell && ((*cell)->kind == kind || (*cell)->kind == other_kind)) return STATUS_SUCCESS;
    cell_free(*cell);
    return STATUS_INVALID_PARAMETER;
}

/* ---- events ---------------------------------------------------------------------------------------------- */

static NTSTATUS event_unpack(struct transfer *transfer, struct object **object)
{
    struct cell *cell;
    NTSTATUS status = dispatcher_unpack(transfer, CELL_MANUAL, CELL_AUTO, &cell);

    if (status) return status;
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
    .name_kind = NAME_EVENT,
    .name_describe = dispatcher_describe,
    .name_made = dispatcher_made,
    .name_adopt = event_adopt,
};

struct object *event_alloc(EVENT_TYPE type, bool signaled)
{
    return dispatcher_alloc(&event_type, sizeof(struct dispatcher),
                            cell_alloc(type == NotificationEvent ? CELL_MANUAL : CELL_AUTO, signaled, 1));
}

/* ---- semaphores -------------------------------------------------------------------------------------------- */

static NTSTATUS semaphore_unpack(struct transfer *transfer, struct object **object)
{
    struct cell *cell;
    NTSTATUS status = dispatcher_unpack(transfer, CELL_SEMAPHORE, CELL_SEMAPHORE, &cell);

    if (status) return status;
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
    .name_kind = NAME_SEMAPHORE,
    .name_describe = dispatcher_describe,
    .name_made = dispatcher_made,
    .name_adopt = semaphore_adopt,
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
    struct cell *cell;
    NTSTATUS status = dispatcher_unpack(transfer, CELL_MUTANT, CELL_MUTANT, &cell);

    if (status) return status;
    *object = mutant_from_cell(cell);
    return *object ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* Nobody in another process can ask for it any more: Windows takes a mutant that has no handles from its owner. */
static bool is_only_ours(const struct mutant *mutant)
{
    const struct name_header *header = mutant->base.page;

    if (header) return __atomic_load_n(&header->state, __ATOMIC_RELAXED) != NAME_ALIVE;
    return !(mutant->base.cell->shared & CELL_SHARED);
}

static void mutant_destroy(struct object *object)
{
    struct mutant *mutant = (struct mutant *)object;

    pthread_mutex_lock(&mutant_lock);
    if (mutant->next) mutant->next->prev = mutant->prev;
    if (mutant->prev) mutant->prev->next = mutant->next;
    else mutants = mutant->next;
    pthread_mutex_unlock(&mutant_lock);
    if (is_only_ours(mutant) && cell_mutant_is_mine(mutant->base.cell))
    {
        mutant->base.cell->recursion = 1;
        cell_release_mutant(mutant->base.cell, NULL);
    }
    dispatcher_destroy(object);
}

/* The list sees one cell or the other, and the mutant is owned in both if it is in one. */
static NTSTATUS mutant_made(struct object *object, struct name_file *file)
{
    NTSTATUS status;

    pthread_mutex_lock(&mutant_lock);
    status = dispatcher_made(object, file);
    pthread_mutex_unlock(&mutant_lock);
    return status;
}

static NTSTATUS mutant_adopt(struct name_file *file, const struct name_header *header, struct object **object)
{
    void *page;
    NTSTATUS status;

    (void)header;
    if ((status = dispatcher_map(file, CELL_MUTANT, CELL_MUTANT, &page))) return status;
    if (!(*object = mutant_from_cell(cell_of_file(page))))
    {
        cell_file_unmap(page, false);
        return STATUS_NO_MEMORY;
    }
    ((struct dispatcher *)*object)->page = page;
    return STATUS_SUCCESS;
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
    .name_kind = NAME_MUTANT,
    .name_describe = dispatcher_describe,
    .name_made = mutant_made,
    .name_adopt = mutant_adopt,
};

struct object *mutant_alloc(bool owned)
{
    struct cell *cell = cell_alloc(CELL_MUTANT, 1, 1);

    if (cell && owned) cell_wait(&cell, 1, false, false, 0);
    return mutant_from_cell(cell);
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
