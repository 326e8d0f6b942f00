/* Where cells live: a memfd, mapped in chunks as it grows, so that a cell can be handed to another process as
 * (fd, offset). Chunks of other processes' slabs are mapped while cells in them are in use here, and the last of them a while
 * longer. What this process knows of a cell lies in its shadow, where others cannot write: the list it is in, and how
 * often it came in or back.
 *
 * When may the place of a cell that others had be used again? When nobody has it, and nobody is going to. Locks tell
 * (F_OFD_SETLK), which go with their holder however he ends:
 *
 *     who has a cell of another's slab   a shared lock on its bytes, by an open file of his own
 *     a cell on its way                  the file that is sent (share_fd) has a shared lock on all of the slab: it is
 *                                        there as long as some message or receiver has not let go of it
 *
 * The maker keeps freed cells in limbo. When there are enough, another open file takes share_fd's place; then a lock
 * that is left on a cell in limbo is somebody's who has it, or on whose way it is. Without /proc, by which files are
 * opened anew, a slab that was shared stays locked: places of shared cells are not used again then. */
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/seal.h"
#include "ob/cell_area.h"
#include "ob/robust.h"

#define CHUNK_SIZE  ((uint64_t)ROBUST_DISTANCE)
#define LIMBO_MIN   64          /* so many are worth a look */

struct chunk
{
    struct chunk *next;
    struct cell  *cells;
    int           fd;                           /* of the slab it is in */
    bool          own_file;                     /* another's slab: fd was opened here, its locks are ours alone */
    uint64_t      offset;
    dev_t         dev;                          /* of another process's slab; our own: 0, 0 */
    ino_t         ino;
    size_t        imports;                      /* of another process's slab: cells not freed yet */
};

struct keep                     /* in a cell's shadow, behind those of its robust words (robust.h) */
{
    struct cell *next;          /* in free_cells or limbo */
    uint32_t     uses;          /* of another's cell: how often it was imported. Of an own one: how often it came back */
};
#define KEEP_OFFSET 40
_Static_assert(KEEP_OFFSET >= offsetof(struct cell, lock) + 16 && KEEP_OFFSET + sizeof(struct keep) <= sizeof(struct cell), "");

struct token                    /* another's cell that was sent on: the file that is sent has its lock */
{
    struct token *next;
    const struct cell *cell;
    int           fd;
};

static pthread_mutex_t slab_lock = PTHREAD_MUTEX_INITIALIZER;
static struct chunk *chunks;                    /* under slab_lock, as all below */
static struct cell *free_cells;                 /* last in, first out */
static struct cell *limbo;
static unsigned int limbo_count, limbo_enough = LIMBO_MIN;
static struct token *tokens;
static struct chunk *idle;                      /* another's, without imports: the next one often is of the same */
static struct cell *fresh, *fresh_end;          /* of the newest chunk: never used yet */
static uint64_t slab_size;
static int slab_fd = -1;
static int share_fd = -1;                       /* what others get; its number stays the same */
static bool share_renews;                       /* it can be opened anew */

static struct keep *keep_of(const struct cell *cell)
{
    return (struct keep *)((char *)(uintptr_t)cell + ROBUST_DISTANCE + KEEP_OFFSET);
}

/* ---- files and locks ------------------------------------------------------------------------------------------ */

static int open_anew(int fd)
{
    char path[32];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return open(path, O_RDWR | O_CLOEXEC);
}

/* size 0: all from start on. */
static bool set_lock(int fd, short type, uint64_t start, uint64_t size)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = (off_t)start, .l_len = (off_t)size };

    return !fcntl(fd, F_OFD_SETLK, &lock);
}

/* Does another open file have a lock there? */
static bool is_locked(int fd, uint64_t start, uint64_t size)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = (off_t)start, .l_len = (off_t)size };

    return fcntl(fd, F_OFD_GETLK, &lock) || lock.l_type != F_UNLCK;
}

/* An open file of its own with a shared lock; -1: it cannot be had. */
static int open_locked(int fd, uint64_t start, uint64_t size)
{
    int anew = open_anew(fd);

    if (anew >= 0 && set_lock(anew, F_RDLCK, start, size)) return anew;
    if (anew >= 0) close(anew);
    return -1;
}

/* ---- chunks ------------------------------------------------------------------------------------------------------ */

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
    *chunk = (struct chunk){ .next = chunks, .cells = cells, .fd = fd, .offset = offset };
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
        free_cells = keep_of(cell)->next;
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

static uint64_t offset_of(const struct chunk *chunk, const struct cell *cell)
{
    return chunk->offset + ((uintptr_t)cell - (uintptr_t)chunk->cells);
}

/* ---- limbo -------------------------------------------------------------------------------------------------------- */

/* From here on what share_fd sends is another open file than what was sent before. It keeps its number, since somebody
 * may be about to send it. */
static bool share_renew_locked(void)
{
    int anew = share_renews ? open_locked(slab_fd, 0, 0) : -1;
    bool renewed = anew >= 0 && dup3(anew, share_fd, O_CLOEXEC) >= 0;

    if (anew >= 0) close(anew);
    return renewed;
}

static bool in_use_locked(const struct cell *cell)
{
    /* A mutant that a thread of ours owns is in that thread's list. */
    if (keep_of(cell)->uses || robust_is_listed(&cell->owner) || robust_is_listed(&cell->lock)) return true;
    return share_fd >= 0 && is_locked(share_fd, offset_of(chunk_of_locked(cell), cell), sizeof(*cell));
}

static void limbo_look_locked(void)
{
    struct cell **link = &limbo, *cell;

    if (share_fd < 0 || share_renew_locked())
        while ((cell = *link))
        {
            struct keep *keep = keep_of(cell);

            if (in_use_locked(cell)) link = &keep->next;
            else
            {
                *link = keep->next;
                keep->next = free_cells;
                free_cells = cell;
                limbo_count--;
            }
        }
    limbo_enough = limbo_count * 2 > LIMBO_MIN ? limbo_count * 2 : LIMBO_MIN;
}

/* ---- freeing ------------------------------------------------------------------------------------------------------ */

static void token_free_locked(const struct cell *cell)
{
    struct token **link = &tokens, *token;

    while ((token = *link) && token->cell != cell) link = &token->next;
    if (!token) return;
    *link = token->next;
    close(token->fd);
    free(token);
}

static void free_import_locked(struct chunk *chunk, struct cell *cell)
{
    if (!--keep_of(cell)->uses)
    {
        token_free_locked(cell);
        if (chunk->own_file) set_lock(chunk->fd, F_UNLCK, offset_of(chunk, cell), sizeof(*cell));
    }
    if (--chunk->imports) return;
    if (!chunk->own_file) chunk_drop_locked(chunk);
    else
    {
        if (idle) chunk_drop_locked(idle);
        idle = chunk;
    }
}

static void free_own_locked(struct cell *cell)
{
    struct keep *keep = keep_of(cell);

    if (keep->uses) keep->uses--;       /* one that came back */
    else if (!(cell->shared & CELL_SHARED) && !(cell->kind == CELL_MUTANT && robust_is_listed(&cell->owner)))
    {
        keep->next = free_cells;
        free_cells = cell;
    }
    else
    {
        keep->next = limbo;
        limbo = cell;
        if (++limbo_count >= limbo_enough) limbo_look_locked();
    }
}

/* Whose chunk it is tells what to do, since others may write to what is theirs. */
void cell_free(struct cell *cell)
{
    struct chunk *chunk;

    if (!cell) return;
    pthread_mutex_lock(&slab_lock);
    chunk = chunk_of_locked(cell);
    if (!chunk->ino) free_own_locked(cell);
    else if (!robust_is_listed(&cell->owner)) free_import_locked(chunk, cell);
    pthread_mutex_unlock(&slab_lock);
}

void cell_after_fork(void)
{
    if (share_fd >= 0) close(share_fd);
    idle = NULL;
    free_cells = limbo = fresh = fresh_end = NULL;
    limbo_count = 0;
    slab_size = 0;
    slab_fd = share_fd = -1;
}

/* ---- other processes ----------------------------------------------------------------------------------------- */

static bool share_start_locked(void)
{
    if (share_fd >= 0) return true;
    if ((share_fd = open_locked(slab_fd, 0, 0)) >= 0) share_renews = true;
    else share_fd = fcntl(slab_fd, F_DUPFD_CLOEXEC, 0);
    return share_fd >= 0;
}

/* The file with which another's cell is sent on. */
static int token_of_locked(const struct chunk *chunk, const struct cell *cell)
{
    struct token *token;

    if (!chunk->own_file) return chunk->fd;     /* whose lock is the sender's, on all of the slab, and stays */
    for (token = tokens; token; token = token->next)
        if (token->cell == cell) return token->fd;
    if (!(token = malloc(sizeof(*token)))) return -1;
    if ((token->fd = open_locked(chunk->fd, offset_of(chunk, cell), sizeof(*cell))) < 0)
    {
        free(token);
        return -1;
    }
    token->cell = cell;
    token->next = tokens;
    tokens = token;
    return token->fd;
}

bool cell_share(struct cell *cell, int *fd, uint64_t *offset)
{
    struct chunk *chunk;

    pthread_mutex_lock(&slab_lock);
    *fd = -1;
    if ((chunk = chunk_of_locked(cell)))
    {
        if (chunk->ino) *fd = token_of_locked(chunk, cell);
        else if (share_start_locked()) *fd = share_fd;
        *offset = offset_of(chunk, cell);
    }
    pthread_mutex_unlock(&slab_lock);
    if (*fd < 0) return false;
    __atomic_fetch_or(&cell->shared, CELL_SHARED, __ATOMIC_SEQ_CST);
    return true;
}

/* The chunk of a slab that fd is a file of; one that is new has no imports yet. Takes fd only if it says so. */
static struct chunk *import_chunk_locked(int fd, const struct stat *st, uint64_t base, bool *fd_taken)
{
    struct chunk *chunk, *known = NULL;
    struct stat own;
    int file;

    if (slab_fd < 0 || fstat(slab_fd, &own)) own.st_ino = 0;
    for (chunk = chunks; chunk; chunk = chunk->next)
    {
        bool same = chunk->ino ? chunk->ino == st->st_ino && chunk->dev == st->st_dev
                               : own.st_ino == st->st_ino && own.st_dev == st->st_dev;

        if (same) known = chunk;                /* its fd will do */
        if (same && chunk->offset == base) return chunk;
    }
    file = known ? known->fd : open_anew(fd);
    if (!(chunk = chunk_map_locked(file < 0 ? fd : file, base)))
    {
        if (!known && file >= 0) close(file);
        return NULL;
    }
    chunk->own_file = known ? known->own_file : file >= 0;
    chunk->dev = st->st_dev;
    chunk->ino = st->st_ino;
    *fd_taken = file < 0;
    return chunk;
}

struct cell *cell_import(int fd, uint64_t offset, bool *fd_taken)
{
    uint64_t base = offset & ~(CHUNK_SIZE - 1);
    struct cell *cell = NULL;
    struct chunk *chunk;
    struct stat st;

    *fd_taken = false;
    if (offset % sizeof(struct cell) || fstat(fd, &st) || st.st_size < 0 || offset >= (uint64_t)st.st_size ||
        base + CHUNK_SIZE > (uint64_t)st.st_size || !fd_cannot_shrink(fd))
        return NULL;
    pthread_mutex_lock(&slab_lock);
    if ((chunk = import_chunk_locked(fd, &st, base, fd_taken)))
    {
        cell = (struct cell *)((char *)chunk->cells + (offset - base));
        /* The sender's lock is there until fd is closed: from here on ours is. */
        if (!(cell->shared & CELL_SHARED) || (chunk->ino && chunk->own_file && !keep_of(cell)->uses &&
                                              !set_lock(chunk->fd, F_RDLCK, offset, sizeof(*cell))))
            cell = NULL;
        if (cell)
        {
            keep_of(cell)->uses++;
            if (chunk == idle) idle = NULL;
            chunk->imports += chunk->ino != 0;
        }
        else if (chunk->ino && !chunk->imports && chunk != idle)
        {
            if (*fd_taken) chunk->fd = -1;      /* it stays the caller's */
            *fd_taken = false;
            chunk_drop_locked(chunk);
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
