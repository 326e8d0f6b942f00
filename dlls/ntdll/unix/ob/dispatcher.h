/* Events, semaphores, mutants and timers: objects that are little more than their cell. */
#pragma once

#include "ob/cell.h"
#include "ob/object.h"
#include "ob/types.h"

struct dispatcher               /* what the first four types begin with */
{
    struct object header;
    struct cell  *cell;
    void         *page;         /* of the name file that the cell is in; NULL: it is in a slab */
};

/* For the types' tables (name_object.h). */
NTSTATUS dispatcher_describe(struct object *object, struct name_header *header, struct name_parts *parts);
NTSTATUS dispatcher_made(struct object *object, struct name_file *file);
/* The page of a name whose cell is of one of two kinds. */
NTSTATUS dispatcher_map(struct name_file *file, enum cell_kind one, enum cell_kind other, void **page);
/* To other processes: the cell is the object. Its cell is one of these kinds, or it is refused. */
struct transfer;
NTSTATUS dispatcher_pack(struct object *object, struct transfer *transfer);
NTSTATUS dispatcher_unpack(struct transfer *transfer, enum cell_kind kind, enum cell_kind other_kind, struct cell **cell);
void     dispatcher_free_cell(struct dispatcher *object);

/* NULL: no memory. The new object has one reference. */
struct object *event_alloc(EVENT_TYPE type, bool signaled);
struct object *semaphore_alloc(uint32_t count, uint32_t limit);
struct object *mutant_alloc(bool owned);
struct object *timer_alloc(TIMER_TYPE type);

/* The cell of an event, for those who signal it themselves (io/). */
static inline struct cell *dispatcher_cell(struct object *object)
{
    return ((struct dispatcher *)object)->cell;
}

/* ---- timers ------------------------------------------------------------------------------------------ */

struct timer_apc
{
    void *routine;              /* NULL: none */
    void *context;
};

/* due and period as of cell_set_timer(). The APC goes to the calling thread. *was_signaled is the state before. */
NTSTATUS timer_set(struct object *timer, uint64_t due, uint64_t period, const struct timer_apc *apc,
                   bool *was_signaled);
void     timer_cancel(struct object *timer, bool *was_signaled);

/* The thread ends: the APCs of its timers will not come. */
void     timer_apcs_forget(void);
