/* The section manager: regions, sections and views of one Windows address space.
 *
 * A plain Linux library. It knows NTSTATUS values and Windows' flag values (declared below, equal to
 * the SDK's), but no Windows header and no errno: the host is behind host/host.h.
 *
 * Every function takes the vm lock itself, is all-or-nothing (on failure the state is as before and
 * no output was written), and returns an NTSTATUS. Addresses are uintptr_t, ranges are half open
 * [start, end), sizes are in bytes. Parameter checks that belong to one Nt entry (which bits of a
 * type may be combined there, handle rights, pointers) are made by nt/; what needs the state of the
 * address space is checked here.
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include "vm/status.h"          /* vm_status and the STATUS values used here */
#include "vm/flags.h"           /* MEM_, PAGE_ and SEC_ values; skipped if a Windows header came first */

#define VM_GRANULARITY 0x10000u                         /* allocation granularity, bytes */
#define VM_LOWEST_USER  0x10000ull                      /* lowest address of a region */
#define VM_HIGHEST_USER 0x7ffffffeffffull               /* last byte a program may use */
#define VM_LARGE_PAGE 0x200000u

/* ---- start -------------------------------------------------------------------------------------- */

/* Must be called once, before anything else and before the first thread. */
vm_status vm_init(void);

/* Tells the manager of memory that exists already (the shared user data page, a TEB that was made by
 * hand): becomes an allocation of its own, all committed. type is MEM_PRIVATE. */
vm_status vm_adopt(uintptr_t base, size_t size, uint32_t protect);

/* Walks all numbered invariants; returns 0 or the number of the first one that does not hold and, if
 * why is not NULL, a sentence about it. Takes the lock. */
int vm_check(const char **why);

/* ---- private memory ------------------------------------------------------------------------------ */

struct vm_limits                /* where a new region may go; zero fields mean no limit */
{
    uintptr_t lowest;           /* first byte allowed */
    uintptr_t highest;          /* last byte allowed */
    size_t    alignment;        /* power of two >= VM_GRANULARITY; 0 = VM_GRANULARITY */
};

/* NtAllocateVirtualMemory(Ex), types as in the specification 12.3 (already checked for validity):
 * MEM_RESERVE, MEM_COMMIT, MEM_RESET, MEM_RESET_UNDO with MEM_TOP_DOWN, MEM_WRITE_WATCH, MEM_PHYSICAL,
 * MEM_LARGE_PAGES, MEM_RESERVE_PLACEHOLDER, MEM_REPLACE_PLACEHOLDER. *base 0 = choose. node is a NUMA
 * node or ~0u. Rounds base and size as Windows does and returns what it rounded to. */
vm_status vm_allocate(uintptr_t *base, size_t *size, uint32_t type, uint32_t protect,
                      const struct vm_limits *limits, uint32_t node);

/* NtFreeVirtualMemory: MEM_DECOMMIT, or MEM_RELEASE with MEM_PRESERVE_PLACEHOLDER or
 * MEM_COALESCE_PLACEHOLDERS. */
vm_status vm_free(uintptr_t *base, size_t *size, uint32_t type);

/* NtProtectVirtualMemory. *old is the protection of the first page. */
vm_status vm_protect(uintptr_t *base, size_t *size, uint32_t protect, uint32_t *old);

/* A hint that the range will be read soon. What is not mapped in it is passed over. */
void vm_prefetch(uintptr_t base, size_t size);

/* Takes what is in the range, and not locked, out of the working set. Contents stay. */
void vm_trim(uintptr_t base, size_t size);

/* VirtualLock, VirtualUnlock. The limit (none until it is set) is for all that is locked, in bytes. */
void vm_lock_limit(uint64_t bytes);
vm_status vm_lock_range(uintptr_t *base, size_t *size);
vm_status vm_unlock_range(uintptr_t *base, size_t *size);

/* Offer, reclaim, discard: whole pages. Offered pages cannot be touched; a reclaim finds their contents intact or, with
 * STATUS_DEVICE_BUSY, some of them dropped: it gives the pages back all the same. */
vm_status vm_offer(uintptr_t base, size_t size);
vm_status vm_reclaim(uintptr_t base, size_t size);
vm_status vm_discard(uintptr_t base, size_t size);

/* ---- physical pages (AWE) -------------------------------------------------------------------------------- */

/* All arrays are the caller's own memory, not the program's. Numbers are not 0. *count becomes how many pages there
 * were to give; how many were freed, also when the next could not be. */
vm_status vm_physical_allocate(size_t *count, uintptr_t *numbers);
vm_status vm_physical_free(size_t *count, const uintptr_t *numbers);
/* Maps numbers[i] at the i-th page from address on or, if addresses is not NULL, at addresses[i]; number 0, or
 * numbers NULL, unmaps. All or nothing. */
vm_status vm_physical_map(uintptr_t address, const uintptr_t *addresses, size_t count, const uintptr_t *numbers);

/* ---- queries --------------------------------------------------------------------------------------- */

struct vm_basic_info            /* as MEMORY_BASIC_INFORMATION */
{
    uintptr_t base, allocation_base;
    uint32_t  allocation_protect;
    size_t    region_size;
    uint32_t  state, protect, type;
};
vm_status vm_query(uintptr_t address, struct vm_basic_info *info);

struct vm_region_info           /* of the whole allocation */
{
    uintptr_t allocation_base;
    uint32_t  allocation_protect;
    size_t    region_size, commit_size;
    bool      is_private, mapped_data_file, mapped_image, mapped_page_file, mapped_physical,
              placeholder, write_watch, large_pages;
};
vm_status vm_query_region(uintptr_t address, struct vm_region_info *info);  /* free: STATUS_INVALID_ADDRESS */

struct vm_image_info { uintptr_t base; size_t size_of_image; bool partial, not_executable; };
vm_status vm_query_image(uintptr_t address, struct vm_image_info *info);    /* not an image: success, all 0 */

/* The section behind a view (a new reference), or STATUS_INVALID_ADDRESS when address is in none. */
struct section;
vm_status vm_query_section(uintptr_t address, struct section **section);

struct vm_working_set_ex        /* MEMORY_WORKING_SET_EX_BLOCK, the bits we can know */
{ bool valid, shared, locked, large_page; uint32_t share_count, protect; };
void vm_query_working_set_ex(uintptr_t address, struct vm_working_set_ex *info);

/* Commit charge of this process and its limit, bytes. */
void vm_commit_charge(uint64_t *used, uint64_t *limit, uint64_t *peak);

/* The part of it that belongs to page-file sections. */
uint64_t vm_shared_commit(void);

/* ---- sections ---------------------------------------------------------------------------------------- */

struct vm_section_create
{
    int      fd;                /* the file (borrowed: the section dups it), or -1 for the page file */
    bool     take_fd;           /* after a success it is the section's */
    bool     file_writable;     /* fd was opened for writing */
    uint64_t size;              /* bytes; 0 = size of the file */
    uint32_t protect;           /* PAGE_ value, the section's maximum */
    uint32_t attributes;        /* SEC_ value */
    uint32_t node;              /* NUMA node or ~0u */
    void    *file_tag;          /* what io/ knows of the file (its name ...); see section_tag */
    void   (*file_tag_release)(void *tag);      /* called when the last reference goes; may be NULL */
};
vm_status section_create(const struct vm_section_create *params, struct section **section);
struct section *section_ref(struct section *section);
void section_unref(struct section *section);            /* views hold references of their own */
vm_status section_extend(struct section *section, uint64_t *size);          /* NtExtendSection */
void *section_tag(const struct section *section);

struct vm_section_info
{
    uint64_t  size;             /* bytes; page multiple for page-file sections */
    uint32_t  attributes;       /* as NtQuerySection reports them */
    uint32_t  protect;
    uintptr_t based;            /* SEC_BASED: the address, else 0 */
    bool      is_file, is_image;
};
void section_query(struct section *section, struct vm_section_info *info);

/* For another process: what a section is, apart from its files. */
struct vm_section_description
{
    uint64_t size;
    uint64_t state_offset;      /* where in its file the state starts */
    uint32_t protect, attributes, node;
    uint8_t  is_file, is_image, file_writable;
    uint8_t  fills;             /* memory: its file system may be full, so committing takes the space at once */
};
struct vm_section_fds
{
    int fd;                     /* the file or the memory */
    int state;                  /* what all holders know together (shared.c), or -1. A page-file section with SEC_RESERVE
                                 * needs one: a byte a page that is 1 where the page is committed, all 0 at first */
    bool take;                  /* importing: after a success both are the section's, else they are borrowed */
};
/* The files are the section's, borrowed. From here on it looks at what others do with it. */
vm_status section_export(struct section *section, struct vm_section_description *description, struct vm_section_fds *fds);
/* Makes a section like the one described, which came from a stranger: every field is checked. The
 * tag is as in vm_section_create; after a failure it is still the caller's. */
vm_status section_import(const struct vm_section_description *description, const struct vm_section_fds *fds, void *tag,
                         void (*tag_release)(void *tag), struct section **section);

struct vm_image_header          /* what the decoder learnt; vm/image.h has the sections too */
{
    uint64_t image_base;        /* preferred; the section's own base if it was moved */
    uint64_t preferred_base;    /* as the file has it */
    uint32_t size_of_image;     /* page rounded */
    uint32_t entry_point;       /* RVA */
    uint64_t stack_reserve, stack_commit;
    uint32_t checksum, loader_flags, size_of_code;
    uint64_t file_size;
    uint16_t machine, characteristics, dll_characteristics, subsystem, subsystem_major, subsystem_minor,
             os_major, os_minor;
    bool     contains_code, flat, dynamically_relocated, not_executable;
    bool     has_com_header, com_il_only, com_native_ready, com_prefer_32bit;
};
vm_status section_image_header(const struct section *section, struct vm_image_header *header); /* STATUS_SECTION_NOT_IMAGE */

/* ---- views ------------------------------------------------------------------------------------------- */

struct vm_map
{
    uintptr_t base;             /* in: 0 = choose; out: where it is */
    size_t    size;             /* in: 0 = to the end of the section; out: page rounded */
    uint64_t  offset;           /* bytes into the section */
    uint64_t  commit_size;      /* SEC_RESERVE page-file sections */
    uint32_t  type;             /* MEM_RESERVE, MEM_TOP_DOWN, MEM_LARGE_PAGES, MEM_REPLACE_PLACEHOLDER */
    uint32_t  protect;
    uint32_t  inherit;          /* ViewShare 1, ViewUnmap 2 */
    uint32_t  node;
    struct vm_limits limits;
};
/* STATUS_IMAGE_NOT_AT_BASE and STATUS_IMAGE_MACHINE_TYPE_MISMATCH are successes. */
vm_status view_map(struct section *section, struct vm_map *map);

/* NtUnmapViewOfSectionEx; address may be anywhere in the view. */
vm_status view_unmap(uintptr_t address, uint32_t flags);

/* NtFlushVirtualMemory. */
vm_status view_flush(uintptr_t *base, size_t *size);

/* NtAreMappedFilesTheSame. */
vm_status view_same_file(uintptr_t image, uintptr_t file);

/* ---- write watch -------------------------------------------------------------------------------------- */

/* addresses (the caller's own memory, not the program's) has room for *count; *count becomes the number stored. */
vm_status vm_get_write_watch(uintptr_t base, size_t size, bool reset, uintptr_t *addresses, size_t *count);
vm_status vm_reset_write_watch(uintptr_t base, size_t size);

/* ---- faults ------------------------------------------------------------------------------------------- */

enum vm_access { VM_ACCESS_READ = 0, VM_ACCESS_WRITE = 1, VM_ACCESS_EXECUTE = 8 };

struct vm_stack                 /* of the thread that faulted: where its TEB says its stack is */
{
    uintptr_t deallocation_base;/* TEB.DeallocationStack */
    uintptr_t limit;            /* in and out: TEB.StackLimit */
    uintptr_t base;             /* TEB.StackBase */
    size_t    guarantee;        /* TEB.GuaranteedStackBytes */
};

struct vm_fault
{
    uintptr_t      address;
    enum vm_access access;
    bool           bus;         /* SIGBUS: no page behind the mapping */
    struct vm_stack *stack;     /* NULL = this thread has none */
    vm_status      in_page;     /* out, with STATUS_IN_PAGE_ERROR: the third parameter */
};
/* What a touch means. STATUS_SUCCESS: handled, try the instruction again. Otherwise the exception to
 * raise: STATUS_ACCESS_VIOLATION, STATUS_GUARD_PAGE_VIOLATION, STATUS_STACK_OVERFLOW,
 * STATUS_IN_PAGE_ERROR. Async-signal-safe. It takes the vm lock: code that holds it touches only the
 * manager's own memory and so cannot fault. */
vm_status vm_fault(struct vm_fault *fault);

/* Makes a stack: reserves, commits commit bytes at the top with a guard page below. Outputs are the three
 * TEB fields. */
vm_status vm_create_stack(size_t reserve, size_t commit, const struct vm_limits *limits, struct vm_stack *stack);

/* ---- tracing and tools -------------------------------------------------------------------------------- */

/* Calls back for each run of pages that are alike, in address order, free ones left out, without the lock. */
void vm_enumerate(void (*callback)(const struct vm_basic_info *info, void *arg), void *arg);
