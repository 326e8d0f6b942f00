/* What the files of vm/ share. Nobody else includes this; unit tests may.
 *
 *     tree.c      a balanced tree, keyed by a number
 *     runs.c      [start, end) -> value: a first value and change points
 *     slab.c      the manager's own nodes, out of malloc
 *     lock.c      the one lock, and its rules
 *     region.c    what Windows was told: regions by address; vm_check()
 *     place.c     where a new region goes
 *     push.c      the one way from what Windows was told to what the host has
 *     allocate.c free.c protect.c placeholder.c query.c   the calls on private memory and regions
 *     shared.c    what all processes know of a section together
 *     section.c   what can be mapped      view.c   a window on a section      image.c image_layout.c   PE files
 *     fault.c     what a touch means      stack.c watch.c cow.c lockpages.c charge.c
 *     offer.c     memory that may go      awe.c   physical pages and their windows
 *
 * Unless it says otherwise a function here is called with the vm lock held.
 */
#pragma once

#include "host/host.h"
#include "vm/vm.h"

/* ---- pages and ranges ------------------------------------------------------------------------------ */

#define page_size ((uintptr_t)host_caps.page_size)
static inline uintptr_t page_down(uintptr_t a) { return a & ~(page_size - 1); }
static inline uintptr_t page_up(uintptr_t a) { return (a + page_size - 1) & ~(page_size - 1); }
static inline uintptr_t round_down(uintptr_t a, uintptr_t to) { return a & ~(to - 1); }
static inline uintptr_t round_up(uintptr_t a, uintptr_t to) { return (a + to - 1) & ~(to - 1); }
#define VM_USER_END (VM_HIGHEST_USER + 1)       /* one past the last byte */

/* ---- the lock (lock.c) ------------------------------------------------------------------------------- */
void vm_enter(void);
void vm_leave(void);

/* ---- nodes (slab.c) ---------------------------------------------------------------------------------- */
struct slab
{
    size_t   size;              /* of a node */
    const char *why;
    void    *free;              /* list threaded through the nodes */
    size_t   count;             /* nodes on it */
    size_t   used;              /* nodes given out */
};
extern struct slab region_slab, point_slab, section_slab, physical_slab;
/* After it returned true, `count` allocations from the slab cannot fail while the lock is held. */
bool  slab_reserve(struct slab *slab, size_t count);
void *slab_alloc(struct slab *slab);            /* zeroed; reserved before */
void  slab_free(struct slab *slab, void *node);

/* ---- a balanced tree (tree.c) ------------------------------------------------------------------------ */
struct tree_node
{
    struct tree_node *left, *right, *parent;
    uint64_t key;
    int      height;
};
struct tree
{
    struct tree_node *root;
    void (*update)(struct tree_node *node);     /* recompute what the node knows of its subtree; may be NULL */
};
void tree_insert(struct tree *tree, struct tree_node *node);    /* no two keys alike */
void tree_remove(struct tree *tree, struct tree_node *node);
void tree_changed(struct tree *tree, struct tree_node *node);   /* what update() looks at has changed */
struct tree_node *tree_at_or_below(const struct tree *tree, uint64_t key);      /* greatest key <= key */
struct tree_node *tree_above(const struct tree *tree, uint64_t key);            /* smallest key > key */
struct tree_node *tree_first(const struct tree *tree);
struct tree_node *tree_next(const struct tree_node *node);
struct tree_node *tree_prev(const struct tree_node *node);

/* ---- runs (runs.c) ----------------------------------------------------------------------------------- */
/* A function from numbers to values that changes at few places: `first` up to the first change point. No two
 * neighbouring runs are alike. What a number is (address, section offset) is the owner's affair. */
struct run_point { struct tree_node node; uint32_t value; };
struct runs { uint32_t first; uint32_t count; struct tree points; };

uint32_t runs_get(const struct runs *runs, uint64_t at, uint64_t *end);    /* *end: where the run ends (UINT64_MAX: never) */
/* Room for `changes` changes: none of the next ones can fail. */
bool runs_reserve(unsigned changes);
/* Every value in [start, end) becomes (value & ~clear) | set; end UINT64_MAX = no end. One change. */
void runs_change(struct runs *runs, uint64_t start, uint64_t end, uint32_t clear, uint32_t set);
void runs_free(struct runs *runs);
/* What lies at or above `at` moves from low to high, which was empty, and is numbered from 0 there. Cannot fail. */
void runs_split(struct runs *low, uint64_t at, struct runs *high);

/* ---- regions (region.c) -------------------------------------------------------------------------------- */

/* The value of a run of pages in a region: what Windows was told of each page.
 * The low 11 bits are the PAGE_ protection with its modifiers. */
#define PAGE_BASE_MASK   0xffu
#define PAGE_MASK        0x7ffu
#define VALUE_COMMITTED  0x0800u        /* else reserved, and the protection is 0 */
#define VALUE_LATE       0x1000u        /* view: committed if and only if the section says so (runs of the section);
                                         * then this protection counts */
#define VALUE_COPIED     0x2000u        /* written copy-on-write page, known to be so: private for ever */
#define VALUE_DIRTY      0x4000u        /* write watch: written, known to be so (all of it in the fallback) */
#define VALUE_LATCHED    0x8000u        /* write watch: written before a VirtualProtect: survives a decommit */
#define VALUE_LOCKED     0x10000u       /* VirtualLock */
#define VALUE_SHARED     0x20000u       /* image: IMAGE_SCN_MEM_SHARED, no copy on write */
#define VALUE_OFFERED    0x40000u       /* OfferVirtualMemory: out of reach until it is reclaimed */
#define VALUE_DROPPABLE  0x80000u       /* held something when it was offered or reset; the host may have dropped it since */

enum region_kind
{
    REGION_PRIVATE = 1,
    REGION_PLACEHOLDER,
    REGION_MAPPED,
    REGION_IMAGE,
    REGION_PHYSICAL,            /* a window for physical pages (AWE) */
    REGION_HOST                 /* not a region: somebody else's mapping that placement ran into; invisible */
};

/* The first cache line holds what a search and a query look at. */
struct region
{
    struct tree_node node;      /* key = base address */
    uintptr_t end;
    uint8_t   kind;             /* enum region_kind */
    bool      write_watch : 1, large_pages : 1;
    bool      kernel_watch : 1; /* the kernel watches (host->watch), else write protection and faults do */
    bool      watch_stale : 1;  /* pages were decommitted: the kernel must be told of them before they come back */
    bool      replaced : 1;     /* took the place of a placeholder, may become one again */
    bool      building : 1;     /* an image view that is not finished: nobody may touch it */
    bool      growable : 1;     /* file view mapped with MEM_RESERVE */
    bool      cow : 1;          /* view: the host maps every page private (WRITECOPY views, images) */
    uint32_t  protect;          /* AllocationProtect */
    struct runs pages;          /* by offset from base */
    struct section *section;    /* views: a reference */
    uint64_t  offset;           /* views: of base in the section */
    size_t    committed;        /* private: bytes committed */
    size_t    charged;          /* views: bytes of commit charge that go with the region */
    uint32_t  cache;            /* PAGE_NOCACHE or PAGE_WRITECOMBINE: of the whole allocation, for ever */
    uint32_t  inherit, numa_node;
    /* of the subtree; region_update() */
    uintptr_t tree_start, tree_end;     /* lowest base, highest end */
    size_t    tree_gap;                 /* largest gap inside, as placement counts it (granules) */
} __attribute__((aligned(64)));

static inline uintptr_t region_start(const struct region *r) { return r->node.key; }
extern struct tree regions;

struct region *region_find(uintptr_t address);          /* holding address; not REGION_HOST, not building; or NULL */
struct region *region_next(uintptr_t address);          /* the first above address, not REGION_HOST; or NULL */
bool region_overlaps(uintptr_t start, uintptr_t end);   /* any but REGION_HOST */
struct region *region_new(enum region_kind kind, uintptr_t start, uintptr_t end, uint32_t protect,
                          uint32_t value);              /* reserved before; every page has value; not in the tree */
void region_drop(struct region *region);                /* back to the slab; not in the tree, no runs */
void region_insert(struct region *region);
void region_delete(struct region *region);              /* out of the tree, runs and node freed; not the section */
/* Cuts region at `at`: the lower part stays, the upper part is returned, in the tree. Reserved before. */
struct region *region_cut(struct region *region, uintptr_t at);

/* The run at address, commit state of the section resolved (VALUE_COMMITTED is set or not, VALUE_LATE stays as
 * a mark). *end is at most region->end. */
uint32_t region_run(const struct region *region, uintptr_t address, uintptr_t *end);
/* The same without asking the section: what the region itself says. */
uint32_t region_value(const struct region *region, uintptr_t address, uintptr_t *end);
/* Values in [start, end) become (value & ~clear) | set, and `committed` is kept. One runs_reserve() before. */
void region_change(struct region *region, uintptr_t start, uintptr_t end, uint32_t clear, uint32_t set);
/* Bytes of [start, end) whose value has any of `bits`. */
size_t region_count(const struct region *region, uintptr_t start, uintptr_t end, uint32_t bits);

/* ---- placement and host mappings (place.c, push.c) ------------------------------------------------------- */

struct backing                  /* what the host is to map for a whole new region */
{
    unsigned prot, flags;       /* HOST_ */
    int      fd;                /* -1 = zero pages */
    uint64_t offset;
    const char *why;
};
/* Finds a place (*base 0; one region node may be taken for a note, on top of what the caller reserved) or takes *base, and maps it; what is there already is never mapped over. */
vm_status place_map(uintptr_t *base, size_t size, const struct vm_limits *limits, bool top_down,
                    const struct backing *backing);

void place_forget_host(uintptr_t start, uintptr_t end);                 /* drops REGION_HOST notes */
unsigned push_prot(const struct region *region, uint32_t value);        /* HOST_ protection of a page */
bool push_private(const struct region *region, uint32_t value);         /* view: is a page mapped private? */
/* Makes the host's protections (and for views shared or private) in [start, end) what they must be when every
 * value in it becomes (value & ~clear) | set. The caller then changes the runs, which cannot fail. On failure
 * the host is as it was. */
vm_status push(struct region *region, uintptr_t start, uintptr_t end, uint32_t clear, uint32_t set, const char *why);
/* After a push that succeeded: what was to follow did not, the runs stay as they are. */
void push_undo(struct region *region, uintptr_t start, uintptr_t end, uint32_t clear, uint32_t set);

/* ---- protections (protect.c; no lock) ------------------------------------------------------------------- */
bool protect_valid(uint32_t protect);                           /* one base bit, modifiers as allowed */
bool protect_private(uint32_t protect);                         /* ... and usable for private memory */
bool protect_allows(uint32_t outer, uint32_t inner);            /* rights(inner) within rights(outer) */
bool protect_grants(uint32_t protect, enum vm_access access);
bool protect_is_write(uint32_t protect);                        /* READWRITE, EXECUTE_READWRITE */
static inline bool protect_is_copy(uint32_t p) { return p & (PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY); }

/* ---- copies (cow.c) -------------------------------------------------------------------------------------- */
/* Whether the page at address, in a run whose value is given, was copied; *end is lowered to where that changes. */
bool page_copied(const struct region *region, uint32_t value, uintptr_t address, uintptr_t *end);
/* Before pages of a shared view that were mapped private become shared again: those that were written are marked
 * VALUE_COPIED, so that no remap loses a store. The marks are true whatever comes after. */
vm_status mark_copies(struct region *region, uintptr_t start, uintptr_t end);
/* What VirtualQuery says of such a page. */
static inline uint32_t protect_after_copy(uint32_t p)
{
    if (p & PAGE_WRITECOPY) return (p & ~PAGE_WRITECOPY) | PAGE_READWRITE;
    if (p & PAGE_EXECUTE_WRITECOPY) return (p & ~PAGE_EXECUTE_WRITECOPY) | PAGE_EXECUTE_READWRITE;
    return p;
}

/* What Windows would say of the page now, from the value region_run() gave; *end is lowered as above. */
uint32_t page_protect(const struct region *region, uint32_t value, uintptr_t address, uintptr_t *end);

/* ---- memory that may go (offer.c) ---------------------------------------------------------------------------- */
vm_status contents_reset(uintptr_t start, uintptr_t end);               /* MEM_RESET */
vm_status contents_reset_undo(uintptr_t start, uintptr_t end);          /* MEM_RESET_UNDO; STATUS_DEVICE_BUSY: some were lost */

/* ---- placeholders (placeholder.c) --------------------------------------------------------------------------- */
struct region *placeholder_exact(uintptr_t start, uintptr_t end);       /* the placeholder that is just this, or NULL */
vm_status placeholder_preserve(uintptr_t start, uintptr_t end);         /* split, or turn a replacement back */
vm_status placeholder_coalesce(uintptr_t start, uintptr_t end);
void region_to_placeholder(struct region *region);                      /* the host has PROT_NONE there by now */

/* ---- write watch (watch.c) ---------------------------------------------------------------------------------- */
void watch_start(struct region *region);                /* a new region: mapped, not inserted yet */
void watch_latch(struct region *region, uintptr_t start, uintptr_t end);         /* their protection was changed */
vm_status watch_fresh(struct region *region, uintptr_t start, uintptr_t end);   /* reserved pages will be committed */

/* ---- stacks (stack.c) --------------------------------------------------------------------------------------- */
/* The guard page `page` of this stack was touched: the stack grows, or STATUS_STACK_OVERFLOW. */
vm_status stack_grow(struct region *region, uintptr_t page, struct vm_stack *stack);

/* ---- physical pages (awe.c) ---------------------------------------------------------------------------------- */
void physical_window_gone(const struct region *region);         /* its addresses are being freed */
bool physical_check(void);

/* ---- commit charge (charge.c) ------------------------------------------------------------------------------ */
vm_status charge_take(uint64_t bytes);          /* STATUS_COMMITMENT_LIMIT */
void      charge_return(uint64_t bytes);
uint64_t  charge_room(void);                    /* what charge_take() would still give */
uint64_t  charge_used(void);

/* ---- sections (section.c) ---------------------------------------------------------------------------------- */
struct image;

struct section
{
    uint32_t refs;              /* atomic */
    int      fd;                /* immutable. Memory file or a duplicate of the file */
    bool     is_file, is_image, file_writable;          /* immutable */
    uint32_t protect, attributes, numa_node;            /* immutable */
    uint64_t size;              /* vm lock; grows only */
    uintptr_t based;            /* vm lock; SEC_BASED */
    uint64_t charged;           /* vm lock; bytes of commit charge held */
    struct runs committed;      /* vm lock; SEC_RESERVE page-file sections: 1 where committed, by offset */
    int      state_fd;          /* vm lock; -1 until the section is exported (shared.c) */
    uint64_t state_offset;      /* as state_fd */
    bool     fills;             /* immutable. Committing takes the file's space: it may run out */
    struct image *image;        /* immutable */
    uint64_t device, inode;     /* immutable; of the file */
    void    *tag;               /* immutable */
    void   (*tag_release)(void *tag);
};
/* SEC_RESERVE page-file sections and growable file views: whether the page at offset is committed, and up to where
 * that is so. */
bool section_committed(const struct section *section, uint64_t offset, uint64_t *end);
/* Commits [start, end), with charge; for files grows section and file. Nodes are reserved inside. */
vm_status section_commit(struct section *section, uint64_t start, uint64_t end);
/* Would there be charge for that? To be asked before anything is done that would have to be undone. */
vm_status section_commit_check(const struct section *section, uint64_t start, uint64_t end);

#define FILE_SIZE_LIMIT 0x7fffffffffff0000ull   /* of a file section */

/* ---- what the holders of a section have in common (shared.c) -------------------------------------------------- */
bool shared_has_state(const struct section *section);           /* is there something to know? */
vm_status shared_start(struct section *section);                /* from here on others may hold it too */
/* Did somebody else commit the page? As section_committed(); only with a state. */
bool shared_committed(const struct section *section, uint64_t offset, uint64_t *end);
vm_status shared_commit(struct section *section, uint64_t start, uint64_t end);         /* tells the others */
void shared_refresh(struct section *section);                   /* somebody may have made it larger */
vm_status shared_grow(struct section *section, uint64_t size);  /* the file is that long now: tells the others */

/* Drops a reference from under the lock. True: it was the last; call section_destroy() without the lock. */
bool section_release(struct section *section);
void section_destroy(struct section *section);

/* ---- image sections: what image.c provides ------------------------------------------------------------------
 *
 * image.c knows PE files and touches neither regions nor the lock nor the view's memory; it is called without
 * the lock and may take its time. view.c builds the view:
 *
 *     image_create()  at section_create(SEC_IMAGE): decode, every bound checked, nothing mapped
 *     view_map()      reserves the region at the preferred base, or elsewhere if that is taken; it is "building"
 *     image_layout()  what goes where in an image that sits at this base: a list of pieces, each one host mapping
 *     view_map()      clips the pieces to the view, maps each with HOST_REPLACE, sets the runs, unhides the region
 *
 * Pages between pieces are committed and PAGE_NOACCESS. Pages with contents come from a file (copy-on-write is found out
 * by asking whether a page still is the file's): what cannot be mapped from the PE file itself (512-byte alignment,
 * relocated pages, a noexec mount) goes to a memory file that image_layout.c makes. Zero pages are anonymous if the
 * host can tell an untouched one (host_caps.pagemap_scan).
 */
struct image_piece
{
    uint32_t start, end;        /* bytes from the image's base; page multiples; ascending, not overlapping */
    int      fd;                /* borrowed: stays open as long as the image or the layout lives; -1 = zero pages */
    uint64_t offset;            /* page multiple */
    uint32_t protect;           /* NOACCESS, READONLY, WRITECOPY, EXECUTE, EXECUTE_READ, EXECUTE_WRITECOPY; for shared
                                 * pieces READWRITE or EXECUTE_READWRITE too */
    bool     shared;            /* IMAGE_SCN_MEM_SHARED: mapped shared, never copied */
};
struct image_layout
{
    struct image_piece *pieces; /* image.c's, until image_layout_release() */
    size_t    count;
    vm_status status;           /* what view_map() returns on success: STATUS_SUCCESS, STATUS_IMAGE_NOT_AT_BASE,
                                 * STATUS_IMAGE_MACHINE_TYPE_MISMATCH */
};
/* fd is borrowed (dup it if it is needed later). attributes tells SEC_IMAGE_NO_EXECUTE. shared_fd: the pages that other
 * processes share already, as their image_shared_fd() told; -1 = nobody told. */
vm_status image_create(int fd, const struct host_file_info *info, uint32_t attributes, int shared_fd, struct image **image);
int       image_shared_fd(const struct image *image);           /* borrowed; -1 = it shares no pages */
void      image_destroy(struct image *image);
const struct vm_image_header *image_header(const struct image *image);
/* base is where byte 0 of the image will be, also when the view begins further on. fd is the section's. */
vm_status image_layout(struct image *image, int fd, uintptr_t base, struct image_layout *layout);
void      image_layout_release(struct image *image, struct image_layout *layout);       /* also after a failure */
/* The host would not map the file executable (a noexec mount): later layouts copy all of it. False: they do already. */
bool      image_avoid_file(struct image *image);
