/* What this host can do and how much it has. Async-signal-safe: bare reads into buffers on the stack. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/sysinfo.h>
#include <unistd.h>

#include "host/host_private.h"

struct host_caps host_caps = { .page_size = 0x1000 };

bool host_disabled(const char *feature)
{
    const char *list = getenv("ORIEL_DISABLE");
    size_t length = strlen(feature);

    while (list && *list)
    {
        size_t n = strcspn(list, ",");

        if (n == length && !memcmp(list, feature, n)) return true;
        list += n;
        if (*list) list++;
    }
    return false;
}

static ssize_t read_file(const char *path, char *buffer, size_t size)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t got;

    if (fd < 0) return -1;
    got = read(fd, buffer, size - 1);
    close(fd);
    if (got >= 0) buffer[got] = 0;
    return got;
}

static bool read_number(const char *path, uint64_t *number)
{
    char text[32], *end;

    if (read_file(path, text, sizeof(text)) <= 0) return false;
    *number = strtoull(text, &end, 10);
    return end != text;
}

void host_init(void)
{
    host_caps.page_size = sysconf(_SC_PAGESIZE);
    host_caps.huge_pages = !host_disabled("hugetlb");
    host_caps.memfd_exec = !host_disabled("memfd_exec");
    host_pagemap_probe();
}

/* ---- how much memory ------------------------------------------------------------------------------------------- */

/* The limit of the process's control group and of every one above it; *room is what is left of the narrowest. */
static uint64_t cgroup_limit(uint64_t *room)
{
    static const char root[] = "/sys/fs/cgroup";
    char groups[0x800], path[0x900];
    char *line, *group;
    uint64_t limit = UINT64_MAX, number, used;

    *room = UINT64_MAX;
    if (read_file("/proc/self/cgroup", groups, sizeof(groups)) <= 0) return limit;
    if (!(line = strstr(groups, "0::"))) return limit;
    group = line + 3;
    group[strcspn(group, "\n")] = 0;
    for (;;)
    {
        char *slash, *leaf;

        strcpy(path, root);
        strcat(path, group);
        leaf = path + strlen(path);
        strcpy(leaf, "/memory.max");
        if (read_number(path, &number))
        {
            if (number < limit) limit = number;
            strcpy(leaf, "/memory.current");
            if (read_number(path, &used) && (used < number ? number - used : 0) < *room) *room = used < number ? number - used : 0;
        }
        if (!(slash = strrchr(group, '/'))) return limit;
        *slash = 0;
    }
}

uint64_t host_memory_limit(void)
{
    struct sysinfo info;
    uint64_t all, group, room;

    if (sysinfo(&info)) return UINT64_MAX;
    all = ((uint64_t)info.totalram + info.totalswap) * info.mem_unit;
    group = cgroup_limit(&room);
    return group < all ? group : all;
}

static uint64_t kilobytes(const char *text, const char *name)
{
    const char *line = strstr(text, name);

    return line ? strtoull(line + strlen(name), NULL, 10) * 1024 : 0;
}

bool host_memory_available(uint64_t *total, uint64_t *available)
{
    char text[0x400];
    uint64_t limit, room;

    if (read_file("/proc/meminfo", text, sizeof(text)) <= 0) return false;
    *total = kilobytes(text, "MemTotal:");
    *available = kilobytes(text, "MemAvailable:");
    if (!*total) return false;
    limit = cgroup_limit(&room);
    if (limit < *total) *total = limit;
    if (room < *available) *available = room;
    return true;
}

/* ---- who is there ------------------------------------------------------------------------------------------------- */

static const char *read_hex(const char *p, uintptr_t *number)
{
    *number = 0;
    for (;; p++)
    {
        if (*p >= '0' && *p <= '9') *number = *number << 4 | (uintptr_t)(*p - '0');
        else if (*p >= 'a' && *p <= 'f') *number = *number << 4 | (uintptr_t)(*p - 'a' + 10);
        else return p;
    }
}

bool host_occupied(uintptr_t start, uintptr_t end, uintptr_t *found_start, uintptr_t *found_end)
{
    char buffer[0x1000];
    size_t have = 0;
    bool found = false, line_start = true;
    int fd = open("/proc/self/maps", O_RDONLY | O_CLOEXEC);
    ssize_t got;

    if (fd < 0) return false;
    while (!found && (got = read(fd, buffer + have, sizeof(buffer) - have)) > 0)
    {
        char *p = buffer, *limit = buffer + have + got;

        for (;;)
        {
            char *eol = memchr(p, '\n', limit - p);
            uintptr_t low, high;

            /* A long line's tail does not matter, its first 40 bytes do. */
            if (!eol && (!line_start || limit - p < 40)) break;
            if (line_start)
            {
                read_hex(read_hex(p, &low) + 1, &high);
                if (low < end && high > start)
                {
                    *found_start = low;
                    *found_end = high;
                    found = true;
                    break;
                }
            }
            line_start = eol != NULL;
            if (!eol)
            {
                p = limit;
                break;
            }
            p = eol + 1;
        }
        have = limit - p;
        if (!line_start) have = 0;
        memmove(buffer, p, have);
    }
    close(fd);
    return found;
}
