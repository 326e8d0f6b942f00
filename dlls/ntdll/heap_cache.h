/* The per-thread cache of small blocks; used inline by the two hottest functions there are. */
#pragma once

#include "heap.h"

struct cache_bin
{
    struct cached *head;
    USHORT count;
    USHORT limit;
    USHORT batch;       /* how many to fetch next time */
};

struct thread_cache
{
    struct heap *heap;
    struct cache_bin bins[CLASSES];
};

/* TEB.ReservedForPerf */
static inline struct thread_cache *thread_cache(void)
{
    struct thread_cache *cache;
    __asm__ volatile ("movq %%gs:0x1750,%0" : "=r"(cache));
    return cache;
}

static inline void set_thread_cache(struct thread_cache *cache)
{
    __asm__ volatile ("movq %0,%%gs:0x1750" : : "r"(cache));
}

C_ASSERT(offsetof(TEB, ReservedForPerf) == 0x1750);

extern void heap_thread_exit(void);
