/* Cores, packages, caches and memory nodes, by the processor numbers of cpu.h. */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct cpu_cache { uint8_t level, associativity, type; uint16_t line; uint32_t size; uint64_t mask; };
struct topology
{
    uint64_t cores[64], packages[64], nodes[64];        /* masks */
    uint32_t node_numbers[64];
    struct cpu_cache caches[64 * 4];
    unsigned int core_count, package_count, node_count, cache_count;
};

/* Found once, from /sys; without that, every processor is a core and there is one package. */
const struct topology *topology(void);
uint32_t topology_highest_node(void);     /* that the machine can have, counted from 0 */
