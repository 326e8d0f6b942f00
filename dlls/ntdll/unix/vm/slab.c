/* The manager's own nodes.
 *
 * malloc is out of the question: nodes are needed in signal handlers, and glibc's heap must not depend on
 * the manager nor the manager on it. Each kind of node has a free list that is refilled by the chunk.
 * "Reserve, then change": an operation reserves the nodes that it may need at most, and from then on its
 * allocations cannot fail. Chunks are never given back.
 */
#include "vm/vm_private.h"

#define CHUNK_SIZE 0x10000u

struct slab region_slab  = { .size = sizeof(struct region),    .why = "manager: regions" };
struct slab point_slab   = { .size = sizeof(struct run_point), .why = "manager: change points" };
struct slab section_slab = { .size = sizeof(struct section),   .why = "manager: sections" };

/* The first nodes lie in the executable's own zero pages: a small program needs no chunk. */
static _Alignas(64) unsigned char first_chunk[0x6000];
static size_t first_chunk_used;

static void slab_add(struct slab *slab, unsigned char *memory, size_t bytes)
{
    for (; bytes >= slab->size; bytes -= slab->size, memory += slab->size)
    {
        *(void **)memory = slab->free;
        slab->free = memory;
        slab->count++;
    }
}

bool slab_reserve(struct slab *slab, size_t count)
{
    while (slab->count < count)
    {
        uintptr_t chunk;
        size_t few = slab->size * 16;

        if (sizeof(first_chunk) - first_chunk_used >= few)
        {
            slab_add(slab, first_chunk + first_chunk_used, few);
            first_chunk_used += few;
        }
        else
        {
            if (!vm_success(host->map_own(&chunk, CHUNK_SIZE, slab->why))) return false;
            slab_add(slab, (unsigned char *)chunk, CHUNK_SIZE);
        }
    }
    return true;
}

void *slab_alloc(struct slab *slab)
{
    void *node = slab->free;

    slab->free = *(void **)node;
    slab->count--;
    slab->used++;
    __builtin_memset(node, 0, slab->size);
    return node;
}

void slab_free(struct slab *slab, void *node)
{
    *(void **)node = slab->free;
    slab->free = node;
    slab->count++;
    slab->used--;
}
