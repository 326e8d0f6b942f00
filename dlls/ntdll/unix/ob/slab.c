/* Where cells live: a memfd, mapped in chunks as it grows, so that a cell can be handed to another process as
 * (fd, offset). Free cells form a list through their due field; last in, first out. Chunks of other processes' slabs
 * are mapped while cells in them are in use here. */
#include <fcntl.h>
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/seal.h"
#include "ob/cell_area.h"
#include "ob/robust.h"

#define CHUNK_SIZE  ((uint64_t)ROBUST_DISTANCE)

struct chunk
{
    struct chunk *next;
    struct cell  *cells;
    int           fd;                           /* of the slab it is in */
    uint64_t      offset;
    dev_t         dev;                          /* of another process's slab; our own: 0, 0 */
    ino_t         ino;
    size_t        imports;                      /* of another process's slab: cells not freed yet */
};

static pthread_mutex_t slab_lock = PTHREAD_MUTEX_INITIALIZER;
static struct chunk *chunks;                    /* under slab_lock, as all below */
static struct cell *free_cells;
static struct cell *fresh, *fresh_end;          /* of the newest chunk: never used yet */
static uint64_t slab_size;
static int slab_fd = -1;

static struct chunk *chunk_map_locked(int fd, uint64_t offset)
{
    struct chunk *chunk = malloc(sizeof(*chunk));
    struct cell *cells;

    if (!chunk) return NULL;
    if (!(cells = cell_area_slab(fd, offset)))
    {
        free(chunk);
        return NULL;
    }
    *chunk = (struct chunk){ chunks, cells, fd, offset, 0, 0, 0 };
    chunks = chunk;
    return chunk;
}

static bool slab_grow_locked(void)
{
    struct chunk *chunk;

    if (slab_fd < 0)
    {
        if ((slab_fd = memfd_create("oriel-cells", MFD_CLOEXEC | MFD_ALLOW_SEALING)) < 0) return false;
        fcntl(slab_fd, F_ADD_SEALS, F_SEAL_SHRINK);     /* others rely on it */
    }
    if (ftruncate(slab_fd, slab_size + CHUNK_SIZE)) return false;
    if (!(chunk = chunk_map_locked(slab_fd, slab_size))) return false;
    slab_size += CHUNK_SIZE;
    fresh = chunk->cells;
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
    if (kind == CELL_MUTANT) cell->shared = CELL_SHAREABLE;     /* as the kernel thinks of its word */
    return cell;
}

static struct chunk *chunk_of_locked(const struct cell *cell)
{
    struct chunk *chunk = chunks;

    while (chunk && (uintptr_t)cell - (uintptr_t)chunk->cells >= CHUNK_SIZE) chunk = chunk->next;
    return chunk;
}

/* A chunk of another process that no cell is used of any more. */
static void chunk_drop_locked(struct chunk *chunk)
{
    struct chunk **link = &chunks, *other;

    while (*link != chunk) link = &(*link)->next;
    *link = chunk->next;
    cell_area_release(chunk->cells);
    for (other = chunks; other && other->fd != chunk->fd; other = other->next) {}
    if (!other && chunk->fd >= 0) close(chunk->fd);
    free(chunk);
}

/* The place of a cell that others have is never used again. Whose chunk it is tells what to do, since others may write
 * to what is theirs. */
void cell_free(struct cell *cell)
{
    struct chunk *chunk;

    /* A mutant that a thread of ours owns is in that thread's list. */
    if (!cell || (cell->kind == CELL_MUTANT && robust_is_listed(&cell->owner))) return;
    pthread_mutex_lock(&slab_lock);
    chunk = chunk_of_locked(cell);
    if (chunk->ino)
    {
        if (!--chunk->imports) chunk_drop_locked(chunk);
    }
    else if (!(cell->shared & CELL_SHARED))
    {
        cell->due = (uintptr_t)free_cells;
        free_cells = cell;
    }
    pthread_mutex_unlock(&slab_lock);
}

void cell_after_fork(void)
{
    free_cells = fresh = fresh_end = NULL;
    slab_size = 0;
    slab_fd = -1;
}

/* ---- other processes ----------------------------------------------------------------------------------------- */

bool cell_share(struct cell *cell, int *fd, uint64_t *offset)
{
    struct chunk *chunk;

    pthread_mutex_lock(&slab_lock);
    chunk = chunk_of_locked(cell);
    pthread_mutex_unlock(&slab_lock);
    if (!chunk) return false;           /* the chunk stays while the caller uses the cell */
    __atomic_fetch_or(&cell->shared, CELL_SHARED, __ATOMIC_SEQ_CST);
    *fd = chunk->fd;
    *offset = chunk->offset + ((uintptr_t)cell - (uintptr_t)chunk->cells);
    return true;
}

struct cell *cell_import(int fd, uint64_t offset, bool *fd_taken)
{
    uint64_t base = offset & ~(CHUNK_SIZE - 1);
    struct chunk *chunk, *known = NULL;
    struct cell *cell = NULL;
    struct stat st, own;

    *fd_taken = false;
    if (offset % sizeof(struct cell) || fstat(fd, &st) || st.st_size < 0 || offset >= (uint64_t)st.st_size ||
        base + CHUNK_SIZE > (uint64_t)st.st_size || !fd_cannot_shrink(fd))
        return NULL;
    pthread_mutex_lock(&slab_lock);
    if (slab_fd < 0 || fstat(slab_fd, &own)) own.st_ino = 0;
    for (chunk = chunks; chunk; chunk = chunk->next)
    {
        bool same = chunk->ino ? chunk->ino == st.st_ino && chunk->dev == st.st_dev
                               : own.st_ino == st.st_ino && own.st_dev == st.st_dev;

        if (same) known = chunk;                /* its fd will do */
        if (same && chunk->offset == base) break;
    }
    if (!chunk && (chunk = chunk_map_locked(known ? known->fd : fd, base)))
    {
        chunk->dev = st.st_dev;
        chunk->ino = st.st_ino;
        *fd_taken = !known;
    }
    if (chunk)
    {
        cell = (struct cell *)((char *)chunk->cells + (offset - base));
        if (cell->shared & CELL_SHARED) chunk->imports += chunk->ino != 0;
        else
        {
            cell = NULL;
            if (chunk->ino && !chunk->imports)
            {
                if (*fd_taken) chunk->fd = -1;  /* it stays the caller's */
                *fd_taken = false;
                chunk_drop_locked(chunk);
            }
        }
    }
    pthread_mutex_unlock(&slab_lock);
    return cell;
}

struct cell *cell_always_signaled(struct object *object)
{
    static struct cell cell = { .value = 1, .kind = CELL_MANUAL };

    (void)object;
    return &cell;
}
