/* Quick lists, and per-thread caches in front of the process heap, which is where malloc() and its kind live.
 *
 * A cache holds freed blocks of each small size; only its thread touches it, so that the common HeapAlloc and HeapFree
 * take no lock. Blocks in it are CACHED: not in use for whoever validates or walks the heap, and not free for their
 * neighbours. Sizes that are asked for often come in growing numbers from the heap's quick lists. A thread that is
 * terminated from outside leaves its cache behind. */

#include "heap.h"
#include "heap_cache.h"

#define BATCH_MAX        32
#define QUICK_BYTES_MAX  0x10000        /* of one size */

/* Up to n blocks of one small size, CACHED and chained; at least one if there is memory. */
unsigned int quick_get(struct heap *heap, ULONG flags, ULONG units, unsigned int n, struct cached **list)
{
    struct quick *q = &heap->quick[units - MIN_UNITS];
    unsigned int got = 0;

    if (__atomic_load_n(&q->head, __ATOMIC_RELAXED))
    {
        struct cached **tail = list;

        tiny_lock(&q->lock);
        for (; got < n && q->head; got++)
        {
            *tail = q->head;
            tail = &q->head->next;
            q->head = q->head->next;
            q->count--;
        }
        tiny_unlock(&q->lock);
        if (got)
        {
            *tail = NULL;
            return got;
        }
    }
    heap_lock(heap, flags);
    if (q->hits < QUICK_START && ++q->hits == QUICK_START && !(heap->flags & (HEAP_NO_SERIALIZE | HEAP_DEBUG_FLAGS)))
        heap->compat = 2;
    got = block_take_row_locked(heap, units, n, list);
    heap_unlock(heap, flags);
    return got;
}

/* Takes a chain of CACHED blocks of one size back. */
void quick_put(struct heap *heap, ULONG flags, ULONG units, struct cached *list)
{
    struct quick *q = &heap->quick[units - MIN_UNITS];
    const ULONG max = QUICK_BYTES_MAX / (units * UNIT);
    struct cached *next;

    if (heap->compat == 2 && (q->hits >= QUICK_START || !(heap->flags & HEAP_PRIVATE)))
    {
        tiny_lock(&q->lock);
        for (; list && q->count < max; list = next)
        {
            next = list->next;
            list->next = q->head;
            q->head = list;
            q->count++;
        }
        tiny_unlock(&q->lock);
    }
    if (!list) return;
    heap_lock(heap, flags);
    for (; list; list = next)
    {
        next = list->next;
        block_release_locked(heap, block_of(list));
    }
    heap_unlock(heap, flags);
}

static struct thread_cache *cache_create(struct heap *heap)
{
    struct thread_cache *cache;
    struct block *b;

    if (heap != current_peb()->ProcessHeap || !heap->fast) return NULL;
    heap_lock(heap, 0);
    b = block_take_locked(heap, SMALL_UNITS(sizeof(*cache)));
    heap_unlock(heap, 0);
    if (!b) return NULL;
    cache = user_of(b);
    memset(cache, 0, sizeof(*cache));
    for (ULONG i = 0; i < CLASSES; i++)
    {
        ULONG limit = 0x2000 / ((i + MIN_UNITS) * UNIT);

        cache->bins[i].limit = limit > 2 * BATCH_MAX ? 2 * BATCH_MAX : limit;
        cache->bins[i].batch = 1;
    }
    cache->heap = heap;
    set_thread_cache(cache);
    return cache;
}

/* The thread's list of this size is empty: takes a handful from the heap. */
void *cache_alloc_slow(struct heap *heap, ULONG units)
{
    struct thread_cache *cache = thread_cache();
    struct cache_bin *bin;
    struct cached *list, *c;
    unsigned int n;

    if (!cache && !(cache = cache_create(heap))) return NULL;
    bin = &cache->bins[units - MIN_UNITS];
    n = quick_get(heap, 0, units, bin->batch, &list);
    if (!n) return NULL;
    if (bin->batch < bin->limit / 2) bin->batch *= 2;
    c = list;
    bin->head = c->next;
    bin->count = n - 1;
    return c;
}

/* The list is full: half of it goes to the heap. */
void cache_free_slow(struct heap *heap, ULONG units, struct cached *c)
{
    struct cache_bin *bin = &thread_cache()->bins[units - MIN_UNITS];
    struct cached *list = bin->head, *last = list;
    unsigned int n = bin->count / 2;

    for (unsigned int i = 1; i < n; i++) last = last->next;
    bin->head = last->next;
    bin->count -= n;
    last->next = NULL;
    c->next = bin->head;
    bin->head = c;
    bin->count++;
    quick_put(heap, 0, units, list);
}

void heap_thread_exit(void)
{
    struct thread_cache *cache = thread_cache();
    struct heap *heap;

    if (!cache) return;
    heap = cache->heap;
    set_thread_cache(NULL);
    for (ULONG i = 0; i < CLASSES; i++)
        if (cache->bins[i].head) quick_put(heap, 0, i + MIN_UNITS, cache->bins[i].head);
    heap_lock(heap, 0);
    block_release_locked(heap, block_of(cache));
    heap_unlock(heap, 0);
}
