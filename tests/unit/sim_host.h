/* A host that exists only in arrays: a window of pages and a few files.
 *
 * It does what Linux does with mappings (shared and private, copies, protections, watched writes) and can be told to
 * fail at its Nth call. Contents are one number a page. Tests run a million operations against it in the time that
 * Linux needs for the system calls of a few thousand, and see exactly what the manager asked for.
 */
#pragma once

#include <stdlib.h>
#include <string.h>
#include "host/host.h"

#define SIM_PAGE  0x1000u
#define SIM_PAGES 16384u                        /* 64 MiB */
#define SIM_BASE  0x010000000000ull
#define SIM_END   (SIM_BASE + (uint64_t)SIM_PAGES * SIM_PAGE)
#define SIM_FILES 64
#define SIM_FILE_PAGES 2048u

struct sim_page
{
    bool mapped, shared, own, watched, clean, locked;
    bool lazy;                                  /* may be dropped, until it is written to */
    uint8_t prot;
    int fd;                                     /* -1 = zero pages */
    uint32_t file_page;
    uint32_t tag;                               /* contents, if own */
};
struct sim_file { unsigned refs; uint64_t size; uint32_t tags[SIM_FILE_PAGES]; uint8_t bytes[SIM_FILE_PAGES]; };

static struct sim_page sim_pages[SIM_PAGES];
static struct sim_file sim_files[SIM_FILES];
static int sim_fds[SIM_FILES * 2];              /* file + 1, 0 = closed */
static uint64_t sim_memory_limit_bytes = 72ull << 20;
static long sim_fail_at;                        /* counts down; the call that makes it 0 fails */
static bool sim_failed;
static unsigned long sim_calls;

static bool sim_fails(void)
{
    sim_calls++;
    if (!sim_fail_at || --sim_fail_at) return false;
    sim_failed = true;
    return true;
}

#define sim_may_fail() do { if (sim_fails()) return STATUS_NO_MEMORY; } while (0)

static struct sim_page *sim_at(uintptr_t addr)
{
    if (addr < SIM_BASE || addr >= SIM_END) abort();
    return &sim_pages[(addr - SIM_BASE) / SIM_PAGE];
}

static struct sim_file *sim_file(int fd)
{
    int index = fd - 1000;

    if (index < 0 || index >= SIM_FILES * 2 || !sim_fds[index]) abort();
    return &sim_files[sim_fds[index] - 1];
}

static void sim_unref(int index)
{
    struct sim_file *f = &sim_files[index];

    if (!--f->refs) memset(f, 0, sizeof(*f));
}

static vm_status sim_map(uintptr_t addr, size_t size, unsigned prot, unsigned flags, int fd, uint64_t offset, const char *why)
{
    if (!why || !size || (addr | size | offset) & (SIM_PAGE - 1)) abort();
    sim_may_fail();
    for (size_t i = 0; i < size / SIM_PAGE; i++)
        if (sim_at(addr + i * SIM_PAGE)->mapped && !(flags & HOST_REPLACE)) return STATUS_CONFLICTING_ADDRESSES;
    for (size_t i = 0; i < size / SIM_PAGE; i++)
        *sim_at(addr + i * SIM_PAGE) = (struct sim_page){
            .mapped = true, .shared = flags & HOST_SHARED, .prot = prot, .fd = fd,
            .file_page = (offset >> 12) + i,
        };
    return STATUS_SUCCESS;
}

static vm_status sim_map_own(uintptr_t *addr, size_t size, const char *why)
{
    (void)why;
    sim_may_fail();
    *addr = (uintptr_t)aligned_alloc(0x10000, size);
    memset((void *)*addr, 0, size);
    return STATUS_SUCCESS;
}

static vm_status sim_unmap(uintptr_t addr, size_t size, const char *why)
{
    (void)why;
    sim_may_fail();
    for (size_t i = 0; i < size / SIM_PAGE; i++) *sim_at(addr + i * SIM_PAGE) = (struct sim_page){ 0 };
    return STATUS_SUCCESS;
}

static vm_status sim_protect(uintptr_t addr, size_t size, unsigned prot, const char *why)
{
    size_t pages = size / SIM_PAGE;
    bool fail = sim_fails();

    (void)why;
    if (fail) pages /= 2;                       /* mprotect may do a first part */
    for (size_t i = 0; i < pages; i++)
    {
        struct sim_page *page = sim_at(addr + i * SIM_PAGE);

        if (!page->mapped) abort();
        if (page->locked && !page->shared && (prot & ~page->prot & HOST_WRITE) && !page->own)
        {
            uint32_t tag = page->fd < 0 ? 0 : sim_file(page->fd)->tags[page->file_page];

            page->own = true;                   /* as Linux, which spares the page a fault */
            page->tag = tag;
            page->clean = false;
        }
        page->prot = prot;
    }
    return fail ? STATUS_NO_MEMORY : STATUS_SUCCESS;
}

static vm_status sim_discard(uintptr_t addr, size_t size, const char *why)
{
    (void)why;
    sim_may_fail();
    for (size_t i = 0; i < size / SIM_PAGE; i++)
    {
        struct sim_page *page = sim_at(addr + i * SIM_PAGE);

        if (page->locked) return STATUS_NO_MEMORY;
        if (!page->shared) page->own = false;
        page->lazy = false;
        page->tag = 0;
        page->clean = false;                    /* as Linux: the mark goes with the page */
    }
    return STATUS_SUCCESS;
}

static vm_status sim_reset(uintptr_t addr, size_t size, const char *why)
{
    (void)addr; (void)size; (void)why;
    sim_may_fail();
    return STATUS_SUCCESS;
}

static vm_status sim_trim(uintptr_t addr, size_t size, bool is_private)
{
    for (size_t i = 0; i < size / SIM_PAGE; i++)
        if (sim_at(addr + i * SIM_PAGE)->locked || sim_at(addr + i * SIM_PAGE)->shared == is_private) abort();
    sim_may_fail();
    return STATUS_SUCCESS;
}

static vm_status sim_may_drop(uintptr_t addr, size_t size, const char *why)
{
    (void)why;
    sim_may_fail();
    for (size_t i = 0; i < size / SIM_PAGE; i++)
    {
        struct sim_page *page = sim_at(addr + i * SIM_PAGE);

        if (page->locked || page->shared || page->fd >= 0) abort();
        page->lazy = page->own;
    }
    return STATUS_SUCCESS;
}

static vm_status sim_held(uintptr_t addr, uintptr_t end, bool *held, uintptr_t *run_end)
{
    sim_may_fail();
    *held = sim_at(addr)->own;
    while (addr < end && sim_at(addr)->own == *held) addr += SIM_PAGE;
    *run_end = addr;
    return STATUS_SUCCESS;
}

static vm_status sim_keep(uintptr_t addr, size_t size)
{
    sim_may_fail();
    for (size_t i = 0; i < size / SIM_PAGE; i++)
    {
        struct sim_page *page = sim_at(addr + i * SIM_PAGE);

        if ((page->prot & (HOST_READ | HOST_WRITE)) != (HOST_READ | HOST_WRITE)) abort();
        page->lazy = false;
    }
    return STATUS_SUCCESS;
}

/* Memory is short: the host drops the page, if it may. */
static bool sim_drop(uint32_t number)
{
    struct sim_page *page = &sim_pages[number];

    if (!page->lazy) return false;
    page->own = page->lazy = false;
    page->tag = 0;
    return true;
}

static bool sim_holds(uint32_t number)
{
    return sim_pages[number].own;
}

static vm_status sim_prefetch(uintptr_t addr, size_t size)
{
    return sim_reset(addr, size, "");
}

static vm_status sim_prefer_node(uintptr_t addr, size_t size, uint32_t node)
{
    (void)node;
    return sim_reset(addr, size, "");
}

static vm_status sim_lock(uintptr_t addr, size_t size, bool on_touch)
{
    sim_may_fail();
    for (size_t i = 0; i < size / SIM_PAGE; i++)
    {
        struct sim_page *page = sim_at(addr + i * SIM_PAGE);

        if (!page->mapped) abort();
        page->locked = true;
        if (on_touch || !(page->prot & HOST_WRITE)) continue;
        if (page->fd >= 0) abort();             /* would copy every page of a view */
        page->own = true;                       /* mlock writes to what is writable */
        page->lazy = page->clean = false;
    }
    return STATUS_SUCCESS;
}

static vm_status sim_unlock(uintptr_t addr, size_t size)
{
    sim_may_fail();
    for (size_t i = 0; i < size / SIM_PAGE; i++) sim_at(addr + i * SIM_PAGE)->locked = false;
    return STATUS_SUCCESS;
}

static int sim_new_fd(int file)
{
    for (int i = 0; i < SIM_FILES * 2; i++)
        if (!sim_fds[i])
        {
            sim_fds[i] = file + 1;
            sim_files[file].refs++;
            return 1000 + i;
        }
    abort();
}

static int sim_open_new(uint64_t size)
{
    for (int i = 0; i < SIM_FILES; i++)
        if (!sim_files[i].refs)
        {
            sim_files[i].size = size;
            return sim_new_fd(i);
        }
    return -1;
}

static vm_status sim_memory_create(int *fd, uint64_t size, const char *name, bool huge)
{
    (void)name; (void)huge;
    sim_may_fail();
    *fd = sim_open_new(size);
    return *fd < 0 ? STATUS_TOO_MANY_OPENED_FILES : STATUS_SUCCESS;
}

static vm_status sim_file_dup(int *copy, int fd)
{
    sim_may_fail();
    *copy = sim_new_fd(sim_file(fd) - sim_files);
    return STATUS_SUCCESS;
}

static void sim_file_close(int fd)
{
    int index = sim_file(fd) - sim_files;

    sim_fds[fd - 1000] = 0;
    sim_unref(index);
}

static vm_status sim_file_info(int fd, struct host_file_info *info)
{
    struct sim_file *f = sim_file(fd);

    sim_may_fail();
    *info = (struct host_file_info){ .size = f->size, .device = 1, .inode = 1 + (f - sim_files), .regular = true };
    return STATUS_SUCCESS;
}

static vm_status sim_file_grow(int fd, uint64_t old_size, uint64_t new_size)
{
    struct sim_file *f = sim_file(fd);

    if (old_size != f->size || new_size <= old_size) abort();
    sim_may_fail();
    if (new_size > (uint64_t)SIM_FILE_PAGES * SIM_PAGE) return STATUS_DISK_FULL;
    f->size = new_size;
    return STATUS_SUCCESS;
}

/* Only what a section's holders have in common is read and written: its first bytes, and its length. */
static vm_status sim_file_read(int fd, void *buffer, size_t size, uint64_t offset)
{
    struct sim_file *f = sim_file(fd);

    if (offset + size > sizeof(f->bytes)) abort();
    sim_may_fail();
    if (offset + size > f->size) return STATUS_END_OF_FILE;
    memcpy(buffer, f->bytes + offset, size);
    return STATUS_SUCCESS;
}

static vm_status sim_file_write(int fd, const void *buffer, size_t size, uint64_t offset)
{
    struct sim_file *f = sim_file(fd);

    sim_may_fail();
    for (size_t i = 0; i < size; i++)
        if (offset + i < sizeof(f->bytes)) f->bytes[offset + i] = ((const uint8_t *)buffer)[i];
    if (offset + size > f->size) f->size = offset + size;
    return STATUS_SUCCESS;
}

static vm_status sim_file_data(int fd, uint64_t offset, uint64_t *found)
{
    (void)fd;
    sim_may_fail();
    *found = offset;
    return STATUS_SUCCESS;
}

static vm_status sim_file_fill(int fd, uint64_t offset, uint64_t size)
{
    if ((offset | size) & (SIM_PAGE - 1) || offset + size > sim_file(fd)->size) abort();
    sim_may_fail();
    return STATUS_SUCCESS;
}

static vm_status sim_file_punch(int fd, uint64_t offset, uint64_t size)
{
    struct sim_file *f = sim_file(fd);

    if ((offset | size) & (SIM_PAGE - 1) || offset + size > f->size) abort();
    sim_may_fail();
    memset(f->tags + offset / SIM_PAGE, 0, size / SIM_PAGE * sizeof(*f->tags));
    return STATUS_SUCCESS;
}

static vm_status sim_file_flush(int fd, uint64_t offset, uint64_t size)
{
    (void)fd; (void)offset; (void)size;
    sim_may_fail();
    return STATUS_SUCCESS;
}

static vm_status sim_copied(uintptr_t addr, uintptr_t end, bool *copied, uintptr_t *run_end)
{
    sim_may_fail();
    *copied = sim_at(addr)->own;
    while (addr < end && sim_at(addr)->own == *copied) addr += SIM_PAGE;
    *run_end = addr;
    return STATUS_SUCCESS;
}

static bool sim_resident(uintptr_t addr)
{
    return sim_at(addr)->own;
}

static bool sim_occupied(uintptr_t start, uintptr_t end, uintptr_t *found_start, uintptr_t *found_end)
{
    if (sim_fails()) return false;
    if (end > SIM_END) end = SIM_END;
    while (start < end && !sim_at(start)->mapped) start += SIM_PAGE;
    if (start >= end) return false;
    *found_start = *found_end = start;
    while (*found_start > SIM_BASE && sim_at(*found_start - SIM_PAGE)->mapped) *found_start -= SIM_PAGE;
    while (*found_end < SIM_END && sim_at(*found_end)->mapped) *found_end += SIM_PAGE;
    return true;
}

static vm_status sim_watch(uintptr_t addr, size_t size)
{
    sim_may_fail();
    for (size_t i = 0; i < size / SIM_PAGE; i++) sim_at(addr + i * SIM_PAGE)->watched = sim_at(addr + i * SIM_PAGE)->clean = true;
    return STATUS_SUCCESS;
}

static vm_status sim_watch_clean(uintptr_t addr, size_t size)
{
    return sim_watch(addr, size);
}

static vm_status sim_watch_scan(uintptr_t addr, uintptr_t end, uintptr_t *pages, size_t *count, uintptr_t *next)
{
    size_t stored = 0;

    sim_may_fail();
    for (; addr < end && stored < *count; addr += SIM_PAGE)
    {
        struct sim_page *page = sim_at(addr);

        if (!page->watched) abort();
        if (page->clean) continue;              /* a page that is not there counts as written, unless it is marked clean */
        pages[stored++] = addr;
    }
    *count = stored;
    *next = addr;
    return STATUS_SUCCESS;
}

static uint64_t sim_memory_limit(void)
{
    return sim_memory_limit_bytes;
}

static const struct host_ops sim_host =
{
    sim_map, sim_map_own, sim_unmap, sim_protect, sim_discard, sim_reset, sim_trim, sim_may_drop, sim_held, sim_keep, sim_prefetch, sim_prefer_node, sim_lock, sim_unlock,
    sim_memory_create, sim_file_dup, sim_file_close, sim_file_info, sim_file_grow, sim_file_read, sim_file_write,
    sim_file_fill, sim_file_punch, sim_file_data, sim_file_flush, sim_copied, sim_resident, sim_occupied, sim_watch, sim_watch_clean, sim_watch_scan, sim_memory_limit, NULL,
};

static void sim_start(void)
{
}

/* Somebody else's page. */
static void sim_occupy(uint32_t page)
{
    sim_pages[page] = (struct sim_page){ .mapped = true, .fd = -1 };
}

static bool sim_mapped(uint32_t page)
{
    return sim_pages[page].mapped;
}

/* Does the host let nobody do more than this, and are stores private or shared as they should be? */
static bool sim_allows_only(uint32_t page, bool reads, bool writes, bool is_private)
{
    const struct sim_page *p = &sim_pages[page];

    if (p->prot & ~((reads ? HOST_READ | HOST_EXEC : 0) | (writes ? HOST_WRITE : 0))) return false;
    return !(p->prot & HOST_WRITE) || p->shared != is_private;
}

/* Nothing is open any more, but the file of physical pages. */
static void sim_check_files(void)
{
    unsigned open = 0;

    for (int i = 0; i < SIM_FILES; i++) open += sim_files[i].refs;
    if (open > 1) abort();
}

/* ---- what a program does with memory ------------------------------------------------------------------------- */

enum sim_touch { SIM_OK, SIM_SEGV, SIM_BUS };

static enum sim_touch sim_read(uintptr_t addr, uint32_t *tag)
{
    struct sim_page *page = sim_at(addr);

    if (!page->mapped || !(page->prot & HOST_READ)) return SIM_SEGV;
    if (page->own) *tag = page->tag;
    else if (page->fd < 0) *tag = 0;
    else
    {
        struct sim_file *f = sim_file(page->fd);

        if ((uint64_t)page->file_page * SIM_PAGE >= f->size) return SIM_BUS;
        *tag = f->tags[page->file_page];
    }
    return SIM_OK;
}

static enum sim_touch sim_write(uintptr_t addr, uint32_t tag)
{
    struct sim_page *page = sim_at(addr);

    if (!page->mapped || !(page->prot & HOST_WRITE)) return SIM_SEGV;
    if (page->shared)
    {
        struct sim_file *f = sim_file(page->fd);

        if ((uint64_t)page->file_page * SIM_PAGE >= f->size) return SIM_BUS;
        f->tags[page->file_page] = tag;
        return SIM_OK;
    }
    page->own = true;
    page->tag = tag;
    page->lazy = page->clean = false;
    return SIM_OK;
}
