/* Where cells are mapped. */
#include <pthread.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "ob/cell_area.h"
#include "ob/robust.h"

#define AREA_SIZE  ((size_t)ROBUST_DISTANCE)
#define PAGE       ((size_t)CELL_FILE_SIZE)
#define SLOTS      (AREA_SIZE / PAGE)
#define KEPT_MAX   8            /* pages of one area that stay mapped when they are closed */

struct slot { uint64_t device, inode; };

struct area
{
    struct area  *next;         /* areas are added at the front and never go: the list is read without a lock */
    char         *base;
    uint64_t      device, inode, offset;        /* of a slab */
    struct slot  *slots;        /* of files; NULL: a slab */
    uint64_t      used;         /* a bit a slot; under area_lock, as next_kept */
    unsigned int  next_kept;    /* where to look for the page that goes next */
    bool          released;     /* a slab area that another slab may have; under area_lock */
};

static pthread_mutex_t area_lock = PTHREAD_MUTEX_INITIALIZER;
static struct area *areas;      /* atomic */

static struct area *area_find(uintptr_t address)
{
    struct area *area;

    for (area = __atomic_load_n(&areas, __ATOMIC_ACQUIRE); area; area = area->next)
        if (address - (uintptr_t)area->base < AREA_SIZE) return area;
    return NULL;
}

static void area_publish_locked(struct area *area)
{
    area->next = areas;
    __atomic_store_n(&areas, area, __ATOMIC_RELEASE);
}

static struct area *released_locked(void)
{
    struct area *area = areas;

    while (area && !area->released) area = area->next;
    return area;
}

struct cell *cell_area_slab(int fd, uint64_t offset)
{
    struct area *area, *fresh = NULL;
    struct stat st;
    char *base = NULL;

    if (fstat(fd, &st)) return NULL;
    pthread_mutex_lock(&area_lock);
    if (!(area = released_locked()) && (area = fresh = calloc(1, sizeof(*area))))
    {
        area->base = mmap(NULL, 2 * AREA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
        if (area->base == MAP_FAILED) area = NULL;
    }
    if (area && mmap(area->base, AREA_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, (off_t)offset) != MAP_FAILED)
    {
        area->released = false;
        area->device = st.st_dev;
        area->inode = st.st_ino;
        area->offset = offset;
        base = area->base;
        if (fresh) area_publish_locked(fresh);
    }
    else if (fresh)
    {
        if (area) munmap(fresh->base, 2 * AREA_SIZE);
        free(fresh);
    }
    pthread_mutex_unlock(&area_lock);
    return (struct cell *)base;
}

void cell_area_release(struct cell *cells)
{
    struct area *area = area_find((uintptr_t)cells);

    pthread_mutex_lock(&area_lock);
    if (mmap(area->base, AREA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) !=
        MAP_FAILED)
        area->released = true;
    pthread_mutex_unlock(&area_lock);
}

static struct area *file_area_locked(void)
{
    struct area *area;

    for (area = areas; area; area = area->next)
        if (area->slots && ~area->used) return area;
    if (!(area = calloc(1, sizeof(*area))) || !(area->slots = calloc(SLOTS, sizeof(*area->slots)))) goto failed;
    area->base = mmap(NULL, 2 * AREA_SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (area->base == MAP_FAILED) goto failed;
    area_publish_locked(area);
    return area;

failed:
    if (area) free(area->slots);
    free(area);
    return NULL;
}

/* The page that was left mapped when it was closed; NULL: it was not. */
static void *kept_locked(uint64_t device, uint64_t inode)
{
    struct area *area;
    unsigned int i;

    for (area = areas; area; area = area->next)
        for (i = 0; area->slots && i < SLOTS; i++)
            if (area->slots[i].inode == inode && area->slots[i].device == device && !(area->used & 1ull << i))
            {
                area->used |= 1ull << i;
                return area->base + i * PAGE;
            }
    return NULL;
}

/* A slot that is not used: an empty one, or that of a page which was kept, if there are many of those. */
static unsigned int free_slot_locked(struct area *area)
{
    unsigned int i, kept = 0, empty = SLOTS;

    for (i = 0; i < SLOTS; i++)
    {
        if (area->used & 1ull << i) continue;
        if (area->slots[i].inode) kept++;
        else if (empty == SLOTS) empty = i;
    }
    if (empty < SLOTS && kept < KEPT_MAX) return empty;
    for (kept = 0; kept < SLOTS; kept++)
    {
        i = area->next_kept++ % SLOTS;
        if (!(area->used & 1ull << i) && area->slots[i].inode) return i;
    }
    return (unsigned int)__builtin_ctzll(~area->used);          /* a fault has emptied it meanwhile */
}

void *cell_file_map(int fd, uint64_t device, uint64_t inode)
{
    struct area *area;
    unsigned int i;
    void *page;

    pthread_mutex_lock(&area_lock);
    if (!(page = kept_locked(device, inode)) && (area = file_area_locked()))
    {
        i = free_slot_locked(area);
        page = mmap(area->base + i * PAGE, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED, fd, 0);
        if (page == MAP_FAILED) page = NULL;
        else
        {
            area->used |= 1ull << i;
            area->slots[i] = (struct slot){ device, inode };
        }
    }
    pthread_mutex_unlock(&area_lock);
    return page;
}

void cell_file_unmap(void *page, bool keep)
{
    struct area *area = area_find((uintptr_t)page);
    struct cell *cell = cell_of_file(page);
    unsigned int i;

    if (!area || !area->slots || robust_is_listed(&cell->owner) || robust_is_listed(&cell->lock)) return;
    i = (unsigned int)(((char *)page - area->base) / PAGE);
    pthread_mutex_lock(&area_lock);
    if (keep) area->used &= ~(1ull << i);
    else if (mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED | MAP_NORESERVE, -1, 0) != MAP_FAILED)
    {
        area->used &= ~(1ull << i);
        area->slots[i].inode = 0;
    }
    pthread_mutex_unlock(&area_lock);
}

bool cell_is_in_file(const struct cell *cell)
{
    const struct area *area = area_find((uintptr_t)cell);

    return area && area->slots;
}

bool cell_identify(const struct cell *cell, struct cell_identity *identity)
{
    const struct area *area = cell->shared ? area_find((uintptr_t)cell) : NULL;
    uint64_t offset = area ? (uint64_t)((const char *)cell - area->base) : 0;

    if (!area) return false;
    if (!area->slots) *identity = (struct cell_identity){ area->device, area->inode, area->offset + offset };
    else *identity = (struct cell_identity){ area->slots[offset / PAGE].device, area->slots[offset / PAGE].inode,
                                             offset % PAGE };
    return true;
}

bool cell_file_fault(uintptr_t address)
{
    struct area *area = area_find(address);
    void *page = (void *)(address & ~(PAGE - 1));

    if (!area || !area->slots) return false;
    __atomic_store_n(&area->slots[((char *)page - area->base) / PAGE].inode, 0, __ATOMIC_RELAXED);
    return mmap(page, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) != MAP_FAILED;
}
