/* NtAllocateVirtualMemory: reserve, commit. (MEM_RESET: offer.c.) */
#include "vm/vm_private.h"

/* ---- reserve ------------------------------------------------------------------------------------------- */

/* A new private region or placeholder at *base (0: anywhere). Large pages are never partly committed. */
static vm_status reserve(uintptr_t *base, size_t size, uint32_t type, uint32_t protect, const struct vm_limits *limits,
                         uint32_t node)
{
    bool placeholder = type & MEM_RESERVE_PLACEHOLDER;
    enum region_kind kind = placeholder ? REGION_PLACEHOLDER : type & MEM_PHYSICAL ? REGION_PHYSICAL : REGION_PRIVATE;
    uint32_t value = type & MEM_COMMIT ? VALUE_COMMITTED | protect : 0;
    struct backing backing = { .fd = -1, .why = placeholder ? "placeholder" : "private" };
    struct vm_limits large;
    struct region *region;
    uintptr_t at = *base;
    vm_status status;

    if (at && region_overlaps(at, at + size)) return STATUS_CONFLICTING_ADDRESSES;
    if (!slab_reserve(&region_slab, 1)) return STATUS_NO_MEMORY;
    if ((type & MEM_COMMIT) && (status = charge_take(size))) return status;
    region = region_new(kind, 0, 0, protect, value);
    region->write_watch = type & MEM_WRITE_WATCH;
    region->numa_node = node;
    if (type & MEM_LARGE_PAGES)
    {
        large = limits ? *limits : (struct vm_limits){ 0 };
        if (large.alignment < VM_LARGE_PAGE) large.alignment = VM_LARGE_PAGE;
        limits = &large;
        region->large_pages = true;
        backing.flags = HOST_HUGE;
        backing.why = "large pages";
    }
    backing.prot = push_prot(region, value);
    if (region->write_watch) backing.prot &= ~HOST_WRITE;       /* until it is watched */

    if ((status = place_map(&at, size, limits, type & MEM_TOP_DOWN, &backing)))
    {
        region_drop(region);
        if (type & MEM_COMMIT) charge_return(size);
        return status == STATUS_NO_MEMORY && (type & MEM_LARGE_PAGES) ? STATUS_INSUFFICIENT_RESOURCES : status;
    }
    region->node.key = at;
    region->end = at + size;
    if (type & MEM_COMMIT) region->committed = size;
    if (node != ~0u) host->prefer_node(at, size, node);
    region_insert(region);
    if (region->write_watch) watch_start(region);
    *base = at;
    return STATUS_SUCCESS;
}

/* A private region in the place of a placeholder. The host has PROT_NONE there already. */
static vm_status replace(uintptr_t start, uintptr_t end, uint32_t type, uint32_t protect, uint32_t node)
{
    struct region *region = placeholder_exact(start, end);
    bool commit = type & MEM_COMMIT;
    vm_status status;

    if (!region) return STATUS_CONFLICTING_ADDRESSES;
    if (commit && (status = charge_take(end - start))) return status;
    region->kind = REGION_PRIVATE;
    region->write_watch = type & MEM_WRITE_WATCH;
    region->kernel_watch = false;
    region->numa_node = node;
    if (region->write_watch) watch_start(region);
    if (commit && (status = push(region, start, end, 0, VALUE_COMMITTED | protect, "replace placeholder")))
    {
        /* A watch that was started stays with the mapping; it costs nothing, and the mapping is not used. */
        region->kind = REGION_PLACEHOLDER;
        region->write_watch = region->kernel_watch = false;
        charge_return(end - start);
        return status;
    }
    region->replaced = true;
    region->protect = protect;
    region->cache = protect & (PAGE_NOCACHE | PAGE_WRITECOMBINE);
    if (commit) region_change(region, start, end, 0, VALUE_COMMITTED | protect);
    if (node != ~0u) host->prefer_node(start, end - start, node);
    return STATUS_SUCCESS;
}

/* ---- commit ----------------------------------------------------------------------------------------------- */

static vm_status commit_private(struct region *region, uintptr_t start, uintptr_t end, uint32_t protect)
{
    size_t missing;
    vm_status status;

    if (!protect_private(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    protect = (protect & ~(PAGE_NOCACHE | PAGE_WRITECOMBINE)) | region->cache;
    missing = end - start - region_count(region, start, end, VALUE_COMMITTED);
    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    if (region->watch_stale && (status = watch_fresh(region, start, end))) return status;
    if ((status = charge_take(missing))) return status;
    if ((status = push(region, start, end, PAGE_MASK, VALUE_COMMITTED | protect, "commit")))
    {
        charge_return(missing);
        return status;
    }
    region_change(region, start, end, PAGE_MASK, VALUE_COMMITTED | protect);
    return STATUS_SUCCESS;
}

/* Pages of a page-file section, or of a file that may grow: the section commits them, for all its views; the
 * protection is this view's. Views of others find out when they touch (region_run). */
static vm_status commit_view(struct region *region, uintptr_t start, uintptr_t end, uint32_t protect)
{
    struct section *section = region->section;
    uint64_t offset = region->offset + (start - region_start(region));
    vm_status status;

    if (section->is_image || (section->is_file && !region->growable)) return STATUS_ALREADY_COMMITTED;
    if (!protect_allows(region->protect, protect)) return STATUS_SECTION_PROTECTION;
    if (section->attributes & SEC_NO_CHANGE) return STATUS_INVALID_PAGE_PROTECTION;
    protect = (protect & ~(PAGE_NOCACHE | PAGE_WRITECOMBINE)) | region->cache;

    if (!protect_is_copy(protect) && (status = mark_copies(region, start, end))) return status;
    if (!runs_reserve(2)) return STATUS_NO_MEMORY;
    if ((status = section_commit_check(section, offset, offset + (end - start)))) return status;
    if ((status = push(region, start, end, PAGE_MASK, VALUE_COMMITTED | protect, "commit in a view"))) return status;
    /* Last, for a file that has grown does not shrink again. */
    if ((status = section_commit(section, offset, offset + (end - start))))
    {
        push_undo(region, start, end, PAGE_MASK, VALUE_COMMITTED | protect);
        return status;
    }
    region_change(region, start, end, PAGE_MASK, protect);
    return STATUS_SUCCESS;
}

static vm_status commit(uintptr_t start, uintptr_t end, uint32_t protect)
{
    struct region *region = region_find(start);

    if (!region || end > region->end) return STATUS_CONFLICTING_ADDRESSES;
    if (region->kind == REGION_PLACEHOLDER || region->kind == REGION_PHYSICAL) return STATUS_CONFLICTING_ADDRESSES;
    if (region->section) return commit_view(region, start, end, protect);
    return commit_private(region, start, end, protect);
}

/* ---- the call ----------------------------------------------------------------------------------------------- */

vm_status vm_allocate(uintptr_t *base, size_t *size, uint32_t type, uint32_t protect, const struct vm_limits *limits,
                      uint32_t node)
{
    uintptr_t start, end;
    vm_status status;

    if ((type & MEM_COMMIT) && !*base) type |= MEM_RESERVE;
    protect &= ~PAGE_TARGETS_INVALID;
    if ((type & (MEM_RESERVE | MEM_COMMIT)) && !protect_valid(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if ((type & MEM_RESERVE) && !protect_private(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if (*base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER_2;
    if (*base && *base < VM_LOWEST_USER && (type & MEM_RESERVE)) return STATUS_INVALID_PARAMETER_2;
    if (!*size || *size > VM_USER_END - *base) return STATUS_INVALID_PARAMETER_4;
    if (type & MEM_LARGE_PAGES)
    {
        if (*size & (VM_LARGE_PAGE - 1)) return STATUS_INVALID_PARAMETER_4;
        if (*base & (VM_LARGE_PAGE - 1)) return STATUS_INVALID_PARAMETER_2;
        if (!host_caps.huge_pages) return STATUS_INSUFFICIENT_RESOURCES;
    }

    start = page_down(*base);
    end = page_up(*base + *size);
    if ((type & MEM_RESERVE) && !(type & MEM_REPLACE_PLACEHOLDER)) start = round_down(*base, VM_GRANULARITY);

    vm_enter();
    if (type & (MEM_RESET | MEM_RESET_UNDO)) status = type & MEM_RESET ? contents_reset(start, end) : contents_reset_undo(start, end);
    else if (!(type & MEM_RESERVE)) status = commit(start, end, protect);
    else if (type & MEM_REPLACE_PLACEHOLDER) status = replace(start, end, type, protect, node);
    else
    {
        size_t bytes = end - start;

        status = reserve(&start, bytes, type, protect, limits, node);
        end = start + bytes;
    }
    vm_leave();
    if (status) return status;
    *base = start;
    *size = end - start;
    return STATUS_SUCCESS;
}

vm_status vm_adopt(uintptr_t base, size_t size, uint32_t protect)
{
    vm_status status = STATUS_SUCCESS;

    vm_enter();
    if (region_overlaps(base, base + size)) status = STATUS_CONFLICTING_ADDRESSES;
    else if (!slab_reserve(&region_slab, 1)) status = STATUS_NO_MEMORY;
    else if (!(status = charge_take(size)))
    {
        place_forget_host(base, base + size);
        region_insert(region_new(REGION_PRIVATE, base, base + size, protect, VALUE_COMMITTED | protect));
    }
    vm_leave();
    return status;
}
