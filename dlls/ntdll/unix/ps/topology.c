/* Cores, packages, caches and memory nodes, as /sys tells them. */
#include <ctype.h>
#include <dirent.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include "ps/cpu.h"
#include "ps/topology.h"

static struct topology found;
static pthread_once_t once = PTHREAD_ONCE_INIT;

static __attribute__((format(printf, 3, 4))) int read_file(char *text, size_t size, const char *format, ...)
{
    char path[128];
    va_list args;
    ssize_t n;
    int fd;

    va_start(args, format);
    vsnprintf(path, sizeof(path), format, args);
    va_end(args);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return 0;
    n = read(fd, text, size - 1);
    close(fd);
    text[n > 0 ? n : 0] = 0;
    return n > 0;
}

/* "0-3,8" to a mask in our numbers; processors we may not use are left out. */
static uint64_t parse_list(const char *text)
{
    uint64_t mask = 0;
    unsigned int i;

    while (isdigit((unsigned char)*text))
    {
        char *end;
        long first = strtol(text, &end, 10), last = *end == '-' ? strtol(end + 1, &end, 10) : first;

        for (i = 0; i < cpu_count(); i++)
            if (cpu_host_number(i) >= first && cpu_host_number(i) <= last)
                mask |= (uint64_t)1 << i;
        text = *end == ',' ? end + 1 : end;
    }
    return mask;
}

static void add_mask(uint64_t *list, unsigned int *count, uint64_t mask)
{
    unsigned int i;

    for (i = 0; i < *count; i++)
        if (list[i] == mask)
            return;
    if (mask && *count < 64)
        list[(*count)++] = mask;
}

static void add_cache(int host, int index)
{
    static const char base[] = "/sys/devices/system/cpu/cpu%d/cache/index%d/%s";
    struct cpu_cache cache = { 0 };
    char text[256];
    unsigned int i;

#define READ(name) read_file(text, sizeof(text), base, host, index, name)
    if (!READ("level"))
        return;
    cache.level = (uint8_t)atoi(text);
    if (READ("type"))
        cache.type = *text == 'I' ? CacheInstruction : *text == 'D' ? CacheData : CacheUnified;
    if (READ("size"))
        cache.size = (uint32_t)strtoul(text, NULL, 10) << (strchr(text, 'M') ? 20 : strchr(text, 'K') ? 10 : 0);
    if (READ("coherency_line_size"))
        cache.line = (uint16_t)atoi(text);
    if (READ("ways_of_associativity"))
        cache.associativity = (uint8_t)atoi(text);
    cache.mask = READ("shared_cpu_list") ? parse_list(text) : 0;
#undef READ
    for (i = 0; i < found.cache_count; i++)
        if (found.caches[i].level == cache.level && found.caches[i].type == cache.type &&
            found.caches[i].mask == cache.mask)
            return;
    if (cache.mask && found.cache_count < sizeof(found.caches) / sizeof(found.caches[0]))
        found.caches[found.cache_count++] = cache;
}

static void find_nodes(void)
{
    char text[256];
    uint64_t mask;
    int node;

    for (node = 0; node < 64; node++)
        if (read_file(text, sizeof(text), "/sys/devices/system/node/node%d/cpulist", node) && (mask = parse_list(text)))
        {
            found.node_numbers[found.node_count] = (uint32_t)node;
            found.nodes[found.node_count++] = mask;
        }
    if (!found.node_count)
        found.nodes[found.node_count++] = cpu_mask();
}

static void find(void)
{
    static const char base[] = "/sys/devices/system/cpu/cpu%d/topology/%s";
    char text[256];
    unsigned int i;
    int host, index;

    for (i = 0; i < cpu_count(); i++)
    {
        host = cpu_host_number(i);
        add_mask(found.cores, &found.core_count,
                 read_file(text, sizeof(text), base, host, "thread_siblings_list") ? parse_list(text) : (uint64_t)1 << i);
        add_mask(found.packages, &found.package_count,
                 read_file(text, sizeof(text), base, host, "core_siblings_list") ? parse_list(text) : cpu_mask());
        for (index = 0; index < 5; index++)
            add_cache(host, index);
    }
    find_nodes();
}

const struct topology *topology(void)
{
    pthread_once(&once, find);
    return &found;
}

uint32_t topology_highest_node(void)
{
    static uint32_t highest = ~0u;
    unsigned int first, last = 0;
    char text[64];

    if (highest != ~0u) return highest;
    if (read_file(text, sizeof(text), "/sys/devices/system/node/possible") && sscanf(text, "%u-%u", &first, &last) == 1) last = first;
    return highest = last;
}
