/* What the kernel knows of single pages: copies of private file pages, and writes to watched memory.
 *
 * PAGEMAP_SCAN and asynchronous write protection came with Linux 6.7, later than the headers this builds with; their
 * numbers are in Documentation/admin-guide/mm/pagemap.rst and userfaultfd.rst of the kernel.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/userfaultfd.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/host_private.h"

#define PAGEMAP_EXCLUSIVE      (1ull << 56)     /* nobody else maps it; never the zero page */
#define PAGEMAP_FILE_OR_SHARED (1ull << 61)
#define PAGEMAP_SWAPPED        (1ull << 62)
#define PAGEMAP_PRESENT        (1ull << 63)

struct scan_region { uint64_t start, end, categories; };
struct scan_arg
{
    uint64_t size, flags, start, end, walk_end, regions, region_count, max_pages;
    uint64_t inverted, all_of, any_of, returned;
};
#define SCAN_IOCTL _IOWR('f', 16, struct scan_arg)
#define SCAN_CHECK        2u            /* PM_SCAN_CHECK_WPASYNC */
#define SCAN_WRITTEN      (1u << 1)
#define SCAN_FILE         (1u << 2)
#define SCAN_PRESENT      (1u << 3)
#define SCAN_SWAPPED      (1u << 4)
#define SCAN_ZERO         (1u << 5)     /* the kernel's own zero page */

#define WATCH_FEATURES ((1ull << 15) | (1ull << 13))    /* UFFD_FEATURE_WP_ASYNC, UFFD_FEATURE_WP_UNPOPULATED */

static int pagemap = -1, uffd = -1;

/* Both files are opened when first needed: most programs never ask. */
static int open_pagemap(void)
{
    int fd = __atomic_load_n(&pagemap, __ATOMIC_ACQUIRE), none = -1;

    if (fd >= 0) return fd;
    fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
    if (fd < 0) return -1;
    if (__atomic_compare_exchange_n(&pagemap, &none, fd, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return fd;
    close(fd);
    return none;
}

/* ---- copies ------------------------------------------------------------------------------------------------ */

/* Present or swapped, and neither the file's nor the zero page. */
static vm_status copied_by_scan(uintptr_t addr, uintptr_t end, bool *copied, uintptr_t *run_end)
{
    struct scan_region found;
    struct scan_arg arg = {
        .size = sizeof(arg), .start = addr, .end = end, .regions = (uintptr_t)&found, .region_count = 1,
        .inverted = SCAN_FILE | SCAN_ZERO, .all_of = SCAN_FILE | SCAN_ZERO, .any_of = SCAN_PRESENT | SCAN_SWAPPED,
        .returned = 0,
    };
    int got;

    if (open_pagemap() < 0 || (got = ioctl(pagemap, SCAN_IOCTL, &arg)) < 0) return STATUS_NOT_SUPPORTED;
    if (!got)
    {
        *copied = false;
        *run_end = end;
    }
    else if (found.start > addr)
    {
        *copied = false;
        *run_end = found.start;
    }
    else
    {
        *copied = true;
        *run_end = found.end;
    }
    return STATUS_SUCCESS;
}

static bool entry_copied(uint64_t entry)
{
    return (entry & (PAGEMAP_PRESENT | PAGEMAP_SWAPPED)) && !(entry & PAGEMAP_FILE_OR_SHARED);
}

static bool entry_held(uint64_t entry)
{
    return (entry & PAGEMAP_SWAPPED) || ((entry & PAGEMAP_PRESENT) && (entry & PAGEMAP_EXCLUSIVE));
}

/* A run of pages whose entries are alike in what `is` says of them. */
static vm_status run_by_reading(uintptr_t addr, uintptr_t end, bool (*is)(uint64_t entry), bool *found, uintptr_t *run_end)
{
    bool first = true;
    int fd = open_pagemap();

    if (fd < 0) return STATUS_NOT_SUPPORTED;
    while (addr < end)
    {
        uint64_t entries[64];
        size_t want = (end - addr) / page_bytes;
        ssize_t got;

        if (want > 64) want = 64;
        got = pread(fd, entries, want * 8, addr / page_bytes * 8);
        if (got < 8) return STATUS_NOT_SUPPORTED;
        for (ssize_t i = 0; i < got / 8; i++, addr += page_bytes)
        {
            bool mine = is(entries[i]);

            if (first) *found = mine;
            else if (mine != *found)
            {
                *run_end = addr;
                return STATUS_SUCCESS;
            }
            first = false;
        }
    }
    *run_end = end;
    return STATUS_SUCCESS;
}

vm_status host_copied(uintptr_t addr, uintptr_t end, bool *copied, uintptr_t *run_end)
{
    int saved = errno;
    vm_status status = host_caps.pagemap_scan ? copied_by_scan(addr, end, copied, run_end)
                                              : run_by_reading(addr, end, entry_copied, copied, run_end);

    errno = saved;
    return status;
}

vm_status host_held(uintptr_t addr, uintptr_t end, bool *held, uintptr_t *run_end)
{
    int saved = errno;
    vm_status status = run_by_reading(addr, end, entry_held, held, run_end);

    errno = saved;
    return status;
}

static bool entry_present(uint64_t entry)
{
    return entry & PAGEMAP_PRESENT;
}

bool host_resident(uintptr_t addr)
{
    int saved = errno;
    unsigned char page;
    uintptr_t end;
    bool present;

    /* mincore() tells more than was asked: of a file's page, whether it is in memory for anybody. */
    if (!host_caps.see_copies || run_by_reading(addr, addr + page_bytes, entry_present, &present, &end))
        present = !mincore((void *)addr, page_bytes, &page) && (page & 1);
    errno = saved;
    return present;
}

/* ---- watched writes ----------------------------------------------------------------------------------------- */

static int open_uffd(void)
{
    struct uffdio_api api = { .api = UFFD_API, .features = WATCH_FEATURES };
    int fd = __atomic_load_n(&uffd, __ATOMIC_ACQUIRE), none = -1;

    if (fd >= 0) return fd;
    /* "User mode only" is what an ordinary user may have; asynchronous protection never calls a handler, so that the
     * kernel's own writes count all the same. */
    fd = syscall(SYS_userfaultfd, O_CLOEXEC | O_NONBLOCK | UFFD_USER_MODE_ONLY);
    if (fd < 0) return -1;
    if (ioctl(fd, UFFDIO_API, &api))
    {
        close(fd);
        return -1;
    }
    if (__atomic_compare_exchange_n(&uffd, &none, fd, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return fd;
    close(fd);
    return none;
}

vm_status host_watch_clean(uintptr_t addr, size_t size)
{
    struct uffdio_writeprotect protect = { .range = { addr, size }, .mode = UFFDIO_WRITEPROTECT_MODE_WP };

    return ioctl(open_uffd(), UFFDIO_WRITEPROTECT, &protect) ? host_status(errno) : STATUS_SUCCESS;
}

vm_status host_watch(uintptr_t addr, size_t size)
{
    struct uffdio_register range = { .range = { addr, size }, .mode = UFFDIO_REGISTER_MODE_WP };

    if (ioctl(open_uffd(), UFFDIO_REGISTER, &range)) return host_status(errno);
    return host_watch_clean(addr, size);
}

vm_status host_watch_scan(uintptr_t addr, uintptr_t end, uintptr_t *pages, size_t *count, uintptr_t *next)
{
    size_t room = *count, stored = 0;

    while (addr < end && stored < room)
    {
        struct scan_region found[16];
        struct scan_arg arg = {
            .size = sizeof(arg), .flags = SCAN_CHECK, .start = addr, .end = end, .regions = (uintptr_t)found,
            .region_count = 16, .max_pages = room - stored, .all_of = SCAN_WRITTEN, .returned = SCAN_WRITTEN,
        };
        int got = open_pagemap() < 0 ? -1 : ioctl(pagemap, SCAN_IOCTL, &arg);

        if (got < 0) return host_status(errno);
        for (int i = 0; i < got; i++)
            for (uint64_t page = found[i].start; page < found[i].end; page += page_bytes) pages[stored++] = page;
        addr = arg.walk_end;
    }
    *count = stored;
    *next = addr;
    return STATUS_SUCCESS;
}

/* ---- probing ------------------------------------------------------------------------------------------------- */

void host_pagemap_probe(void)
{
    /* A written page of a private mapping must be seen as a copy. The executable's own data is one: nothing is mapped
     * for the probe. */
    static volatile char written = 1;
    uintptr_t page = (uintptr_t)&written & ~(page_bytes - 1), end;
    bool copied;

    written = 2;
    if (host_disabled("pagemap")) return;
    host_caps.pagemap_scan = !host_disabled("pagemap_scan");
    if (host_caps.pagemap_scan)
        host_caps.pagemap_scan = copied_by_scan(page, page + page_bytes, &copied, &end) == STATUS_SUCCESS && copied;
    host_caps.see_copies = host_caps.pagemap_scan ||
        (run_by_reading(page, page + page_bytes, entry_copied, &copied, &end) == STATUS_SUCCESS && copied);
    host_caps.watch_writes = host_caps.pagemap_scan && !host_disabled("userfaultfd");
}
