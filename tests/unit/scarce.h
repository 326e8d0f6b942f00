/* A manager that is short of nodes (slab.c): each slab keeps some, and the host gives it no more. What would reserve more
 * than that must fail, and change nothing.
 */
#pragma once

#include <string.h>
#include "vm/vm_private.h"
#undef page_size                                /* host_caps has a field of that name */

static struct slab *const slabs[] = { &region_slab, &point_slab, &section_slab, &physical_slab };
static struct { void *free; size_t count; } hidden[sizeof(slabs) / sizeof(*slabs)];
static bool own_refused;
static const struct host_ops *rich;

static vm_status refuse_own(uintptr_t *addr, size_t size, const char *why)
{
    if (strncmp(why, "manager: ", 9)) return rich->map_own(addr, size, why);       /* not for nodes */
    own_refused = true;
    return STATUS_NO_MEMORY;
}

static struct host_ops poor_host;

/* Each slab keeps `nodes` nodes until plenty(). own_refused tells whether one asked for more. With so many nodes that nothing
 * is hidden the host gives more as ever: a slab may just have run out. */
static inline void scarce(size_t nodes)
{
    size_t all = 0;

    rich = host;
    poor_host = *host;
    poor_host.map_own = refuse_own;
    own_refused = false;
    for (size_t i = 0; i < sizeof(slabs) / sizeof(*slabs); i++)
    {
        void **link = &slabs[i]->free;

        for (size_t n = 0; n < nodes && *link; n++) link = *link;
        hidden[i].free = *link;
        hidden[i].count = slabs[i]->count > nodes ? slabs[i]->count - nodes : 0;
        slabs[i]->count -= hidden[i].count;
        *link = NULL;
        all += hidden[i].count;
    }
    if (all) host = &poor_host;
}

static inline void plenty(void)
{
    if (host != &poor_host) return;
    for (size_t i = 0; i < sizeof(slabs) / sizeof(*slabs); i++)
    {
        void **link = &slabs[i]->free;

        while (*link) link = *link;
        *link = hidden[i].free;
        slabs[i]->count += hidden[i].count;
    }
    host = rich;
}

/* Once, first: the manager's first nodes cost no call to the host (slab.c), and would blur the count. */
static inline void use_up_first_nodes(void)
{
    vm_enter();
    slab_reserve(&point_slab, 4096);
    vm_leave();
}
