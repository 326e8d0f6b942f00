/* Where cells live: a memfd, mapped in chunks as it grows, so that a cell can be handed to another process as
 * (fd, offset). Free cells form a list through their due field; last in, first out. */
#include <pthread.h>
#include <sys/mman.h>
#include <unistd.h>

#include "ob/cell.h"

#define CHUNK_SIZE  (256 * 1024ull)

static pthread_mutex_t slab_lock = PTHREAD_MUTEX_INITIALIZER;
static struct cell *free_cells;                 /* under slab_lock, as all below */
static struct cell *fresh, *fresh_end;          /* of the newest chunk: never used yet */
static uint64_t slab_size;
static int slab_fd = -1;

static bool slab_grow_locked(void)
{
    void *chunk;

    if (slab_fd < 0 && (slab_fd = memfd_create("oriel-cells", MFD_CLOEXEC)) < 0) return false;
    if (ftruncate(slab_fd, slab_size + CHUNK_SIZE)) return false;
    chunk = mmap(NULL, CHUNK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, slab_fd, slab_size);
    if (chunk == MAP_FAILED) return false;
    slab_size += CHUNK_SIZE;
    fresh = chunk;
    fresh_end = fresh + CHUNK_SIZE / sizeof(*fresh);
    return true;
}

struct cell *cell_alloc(enum cell_kind kind, uint32_t value, uint32_t limit)
{
    struct cell *cell = NULL;

    pthread_mutex_lock(&slab_lock);
    if (free_cells)
    {
        cell = free_cells;
        free_cells = (struct cell *)(uintptr_t)cell->due;
    }
    else if (fresh != fresh_end || slab_grow_locked()) cell = fresh++;
    pthread_mutex_unlock(&slab_lock);

    if (!cell) return NULL;
    memset(cell, 0, sizeof(*cell));
    cell->value = value;
    cell->kind = kind;
    cell->limit = limit;
    return cell;
}

void cell_free(struct cell *cell)
{
    if (!cell) return;
    pthread_mutex_lock(&slab_lock);
    cell->due = (uintptr_t)free_cells;
    free_cells = cell;
    pthread_mutex_unlock(&slab_lock);
}

struct cell *cell_always_signaled(struct object *object)
{
    static struct cell cell = { .value = 1, .kind = CELL_MANUAL };

    (void)object;
    return &cell;
}
