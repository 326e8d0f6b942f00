/* Protections: which values there are, which may follow which, and NtProtectVirtualMemory. */
#include "vm/vm_private.h"

enum { R = 1, W = 2, X = 4 };

/* The algebra of the specification, section 4. */
static unsigned rights(uint32_t protect)
{
    switch (protect & PAGE_BASE_MASK)
    {
    case PAGE_READONLY:
    case PAGE_WRITECOPY:         return R;
    case PAGE_READWRITE:         return R | W;
    case PAGE_EXECUTE:
    case PAGE_EXECUTE_READ:
    case PAGE_EXECUTE_WRITECOPY: return R | X;
    case PAGE_EXECUTE_READWRITE: return R | W | X;
    }
    return 0;
}

bool protect_valid(uint32_t protect)
{
    uint32_t base = protect & PAGE_BASE_MASK, modifiers = protect & (PAGE_GUARD | PAGE_NOCACHE | PAGE_WRITECOMBINE);

    if (protect & ~PAGE_MASK) return false;
    if (!base || (base & (base - 1))) return false;
    if (modifiers & (modifiers - 1)) return false;
    return !modifiers || base != PAGE_NOACCESS;
}

bool protect_private(uint32_t protect)
{
    return protect_valid(protect) && !protect_is_copy(protect);
}

bool protect_is_write(uint32_t protect)
{
    return protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE);
}

bool protect_allows(uint32_t outer, uint32_t inner)
{
    return !(rights(inner) & ~rights(outer));
}

bool protect_grants(uint32_t protect, enum vm_access access)
{
    switch (access)
    {
    case VM_ACCESS_WRITE:   return (rights(protect) & W) || protect_is_copy(protect);
    case VM_ACCESS_EXECUTE: return rights(protect) & X;
    default:                return rights(protect) & R;
    }
}

/* What the region will hold when it is asked for `protect`. */
static uint32_t stored_protect(const struct region *region, uint32_t protect)
{
    protect = (protect & ~(PAGE_NOCACHE | PAGE_WRITECOMBINE)) | region->cache;
    if (region->kind != REGION_IMAGE) return protect;
    if (protect & PAGE_READWRITE) return (protect & ~PAGE_READWRITE) | PAGE_WRITECOPY;
    if (protect & PAGE_EXECUTE_READWRITE) return (protect & ~PAGE_EXECUTE_READWRITE) | PAGE_EXECUTE_WRITECOPY;
    return protect;
}

/* Decode: may [start, end) get this protection? */
static vm_status check_protect(uintptr_t start, uintptr_t end, uint32_t protect, struct region **found)
{
    struct region *region = region_find(start);

    if (!region || end > region->end) return STATUS_CONFLICTING_ADDRESSES;
    if (region->kind == REGION_PLACEHOLDER) return STATUS_NOT_COMMITTED;
    if (region->kind == REGION_PHYSICAL) return STATUS_CONFLICTING_ADDRESSES;
    if (region->large_pages && ((start | end) & (VM_LARGE_PAGE - 1))) return STATUS_INVALID_PAGE_PROTECTION;
    if (region->section)
    {
        if (region->section->attributes & SEC_NO_CHANGE) return STATUS_INVALID_PAGE_PROTECTION;
        if (region->kind == REGION_MAPPED && !protect_allows(region->protect, protect)) return STATUS_SECTION_PROTECTION;
    }
    else if (!protect_private(protect)) return STATUS_INVALID_PAGE_PROTECTION;

    for (uintptr_t at = start, run_end; at < end; at = run_end)
        if (!(region_run(region, at, &run_end) & VALUE_COMMITTED)) return STATUS_NOT_COMMITTED;
    *found = region;
    return STATUS_SUCCESS;
}

/* The file's pages again, until they are written to the next time. A hint. */
static void revert_copies(struct region *region, uintptr_t start, uintptr_t end)
{
    if (!runs_reserve(1) || push(region, start, end, VALUE_COPIED, 0, "revert to file")) return;
    if (host->discard(start, end - start, "revert to file")) push_undo(region, start, end, VALUE_COPIED, 0);
    else region_change(region, start, end, VALUE_COPIED, 0);
}

static vm_status protect_locked(uintptr_t start, uintptr_t end, uint32_t protect, bool revert, uint32_t *old)
{
    struct region *region;
    uintptr_t run_end;
    uint32_t value, first, stored;
    vm_status status;

    if ((status = check_protect(start, end, protect, &region))) return status;
    value = region_run(region, start, &run_end);
    first = page_protect(region, value, start, &run_end);
    stored = stored_protect(region, protect);

    if (region->section && !protect_is_copy(stored) && (status = mark_copies(region, start, end))) return status;
    if (!runs_reserve(1)) return STATUS_NO_MEMORY;
    if ((status = push(region, start, end, PAGE_MASK, stored, "protect"))) return status;
    region_change(region, start, end, PAGE_MASK, stored);
    if (region->write_watch) watch_latch(region, start, end);
    if (revert && region->cow) revert_copies(region, start, end);
    *old = first;
    return STATUS_SUCCESS;
}

vm_status vm_protect(uintptr_t *base, size_t *size, uint32_t protect, uint32_t *old)
{
    bool revert = protect & PAGE_REVERT_TO_FILE_MAP;
    uintptr_t start = page_down(*base), end = page_up(*base + *size);
    vm_status status;

    if (protect & PAGE_TARGETS_NO_UPDATE)
    {
        if (!(rights(protect) & X)) return STATUS_INVALID_PAGE_PROTECTION;
        protect &= ~PAGE_TARGETS_NO_UPDATE;
    }
    protect &= ~PAGE_REVERT_TO_FILE_MAP;
    if (!protect_valid(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if (*base > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER_2;
    if (!*size || *size > VM_USER_END - *base) return STATUS_INVALID_PARAMETER_3;

    vm_enter();
    status = protect_locked(start, end, protect, revert, old);
    vm_leave();
    if (status) return status;
    *base = start;
    *size = end - start;
    return STATUS_SUCCESS;
}
