/* The host as the section manager sees it: what it asks of Linux, and nothing else.
 *
 * This folder is the only place below vm/ with system calls and errno. Everything goes through one
 * table, `host`, so that a test can install its own and make the Nth call fail.
 *
 * Contract, once for all of them: addresses are multiples of the page size and not 0; sizes are
 * multiples of the page size and not 0; result pointers are not NULL and are written only on
 * success. A call either does all of its work or none of it (protect and unmap of several host
 * mappings may, if the kernel runs out of them, have done a first part: callers push the old state
 * again). Functions return STATUS_SUCCESS or
 *     STATUS_NO_MEMORY              no address space, no memory, too many mappings
 *     STATUS_CONFLICTING_ADDRESSES  map without HOST_REPLACE: somebody is there
 *     STATUS_ACCESS_DENIED          the file, or the file system it is on, does not allow it
 *     STATUS_DISK_FULL, STATUS_IO_DEVICE_ERROR, STATUS_TOO_MANY_OPENED_FILES, STATUS_NOT_SUPPORTED
 * `why` is a word or two for whoever reads a trace: each mapping can be explained. All of them may
 * be called in a signal handler.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "vm/status.h"

/* protection, bits */
#define HOST_READ  1u
#define HOST_WRITE 2u
#define HOST_EXEC  4u

/* how to map, bits */
#define HOST_SHARED  1u         /* stores go to the file; without it they are private copies */
#define HOST_REPLACE 2u         /* the range is ours: map over whatever is there, in one step */
#define HOST_HUGE    4u         /* anonymous memory of large pages, which are taken from the system's at once */
#define HOST_FILL    8u         /* a hint: most of it will be written to at once, so no fault for each page */

struct host_file_info
{
    uint64_t size;              /* bytes */
    uint64_t device, inode;
    uint64_t modified;          /* nanoseconds */
    bool     regular;           /* has contents that can be mapped */
};

struct host_ops
{
    /* Maps [addr, addr+size) from fd at offset (a page multiple), or zero pages if fd is -1. The host
     * reserves no memory for it. */
    vm_status (*map)(uintptr_t addr, size_t size, unsigned prot, unsigned flags, int fd, uint64_t offset,
                     const char *why);
    /* Readable and writable zero pages for the manager itself, anywhere outside the programs' stretch. */
    vm_status (*map_own)(uintptr_t *addr, size_t size, const char *why);
    vm_status (*unmap)(uintptr_t addr, size_t size, const char *why);
    vm_status (*protect)(uintptr_t addr, size_t size, unsigned prot, const char *why);
    /* Private pages: contents are dropped now, the next touch finds zeros (or the file's bytes). */
    vm_status (*discard)(uintptr_t addr, size_t size, const char *why);
    /* Private pages: the first to go to swap when memory gets short. Contents stay. */
    vm_status (*reset)(uintptr_t addr, size_t size, const char *why);
    /* Out of memory, if there is somewhere to put them, or if not `is_private` out of this process's sight: contents
     * stay, and a touch brings them back. A hint. */
    vm_status (*trim)(uintptr_t addr, size_t size, bool is_private);
    /* Private, unlocked pages: when memory gets short their contents may be dropped, each page's until it is written to;
     * what is dropped is zero. `held` tells of a run of pages in [addr, end) that are alike in this: whether they hold
     * something, or are as if never written. After `keep`, which wants them readable and writable, those that hold
     * something do so for good. With host_caps.see_copies. */
    vm_status (*may_drop)(uintptr_t addr, size_t size, const char *why);
    vm_status (*held)(uintptr_t addr, uintptr_t end, bool *held, uintptr_t *run_end);
    vm_status (*keep)(uintptr_t addr, size_t size);
    /* Two hints; a failure means nothing. */
    vm_status (*prefetch)(uintptr_t addr, size_t size);
    vm_status (*prefer_node)(uintptr_t addr, size_t size, uint32_t node);
    /* Keeps pages in memory: all of them now, or each one from its first touch on. */
    vm_status (*lock)(uintptr_t addr, size_t size, bool on_touch);
    vm_status (*unlock)(uintptr_t addr, size_t size);

    /* A new memory file of `size` bytes, all zero. */
    vm_status (*memory_create)(int *fd, uint64_t size, const char *name, bool huge);
    vm_status (*file_dup)(int *copy, int fd);
    void      (*file_close)(int fd);
    vm_status (*file_info)(int fd, struct host_file_info *info);
    /* Grows the file; what lies between the sizes reads as zero (also what a mapping stored past the
     * old end, in its last page). Never makes it shorter, whoever else is growing it at the same moment.
     * STATUS_DISK_FULL if the file system has not that much left. */
    vm_status (*file_grow)(int fd, uint64_t old_size, uint64_t new_size);
    /* Exactly size bytes at offset, or STATUS_END_OF_FILE. Not multiples of anything. */
    vm_status (*file_read)(int fd, void *buffer, size_t size, uint64_t offset);
    vm_status (*file_write)(int fd, const void *buffer, size_t size, uint64_t offset);

    /* Memory files: memory for that part of the file is taken now, or given back and the part reads as zero. */
    vm_status (*file_fill)(int fd, uint64_t offset, uint64_t size);
    vm_status (*file_punch)(int fd, uint64_t offset, uint64_t size);

    /* Memory files: the first place at or behind offset that may hold anything but zeros; UINT64_MAX: none. */
    vm_status (*file_data)(int fd, uint64_t offset, uint64_t *found);

    /* Starts writing the dirty pages of that part of the file, and does not wait for the disk. */
    vm_status (*file_flush)(int fd, uint64_t offset, uint64_t size);

    /* A run of pages in [addr, end) of a private mapping of a file that are alike in this: whether the
     * process has a copy of its own (it wrote). *run_end is where the run from addr ends. Only with
     * host_caps.see_copies. */
    vm_status (*copied)(uintptr_t addr, uintptr_t end, bool *copied, uintptr_t *run_end);
    /* Whether the page is in memory and mapped. */
    bool      (*resident)(uintptr_t addr);
    /* The lowest host mapping that overlaps [start, end): *found_start, *found_end, the whole of it. False if there
     * is none. */
    bool      (*occupied)(uintptr_t start, uintptr_t end, uintptr_t *found_start, uintptr_t *found_end);

    /* Write watch by the kernel, with host_caps.watch_writes. `watch` makes [addr, addr+size) watched (anonymous
     * private memory) and clean; `watch_clean` forgets the writes to a watched range; `watch_scan` stores up to
     * *count addresses of pages written since, ascending, and sets *count and *next, where the scan stopped
     * (end, if the range was seen to its end). */
    vm_status (*watch)(uintptr_t addr, size_t size);
    vm_status (*watch_clean)(uintptr_t addr, size_t size);
    vm_status (*watch_scan)(uintptr_t addr, uintptr_t end, uintptr_t *pages, size_t *count, uintptr_t *next);

    /* Bytes of memory and swap that this process may hope for. */
    uint64_t  (*memory_limit)(void);
    /* Bytes of memory of the machine, or of the control group if that is less, and how much is to be had now. */
    bool      (*memory_available)(uint64_t *total, uint64_t *available);
};

extern const struct host_ops *host;             /* what everybody calls through */
extern const struct host_ops host_linux;        /* the real one, and the initial value of host */

/* Is a feature of the host not to be used (ORIEL_DISABLE), so that its fallback is taken? */
bool host_disabled(const char *feature);

/* What this kernel can do: probed once by host_init(). ORIEL_DISABLE in the environment, a list separated
 * by commas, takes away what it names, so that tests reach the fallbacks. */
struct host_caps
{
    size_t page_size;
    bool   see_copies;          /* copied() and held() work         "pagemap" */
    bool   pagemap_scan;        /* ... by PAGEMAP_SCAN              "pagemap_scan" */
    bool   watch_writes;        /* watch...() may work; a refusal by watch() says that they do not
                                 *                                  "userfaultfd" (and needs pagemap_scan) */
    bool   huge_pages;          /* HOST_HUGE may work: it does while the system has some free   "hugetlb" */
    bool   memfd_exec;          /* memory files may have to be asked for as executable  "memfd_exec" */
};
extern struct host_caps host_caps;
void host_init(void);

/* Opens the same file once more, with O_ flags and a place in it (and locks) of its own; -1 if it may not be. */
int host_reopen(int fd, int flags);

/* All processes that have the file open and ask so get one memory file of that name and size. *memory is the one that
 * another process told of, or -1: make one. Either way nobody else gets an answer before host_meet_tell(); and *meeting,
 * an fd, is to be closed when the memory is no longer needed, before its fd is. */
vm_status host_meet(int file, const char *name, uint64_t size, int *meeting, int *memory);
void host_meet_tell(int meeting, int memory);

/* The lock's two system calls; they cannot fail and no test replaces them. */
void host_wait(uint32_t *word, uint32_t value);
void host_wake(uint32_t *word, int count);
