/* Views: windows on sections.
 *
 * A view is a region with a section behind it. Data views are one host mapping of the section's file, shared, or private
 * if they are copy-on-write; image views are put together from the pieces that image.c lists (vm_private.h).
 */
#include "vm/vm_private.h"

/* ---- decode: everything is checked, nothing changed ------------------------------------------------------------- */

/* The checks of the specification, 7.1, from 7 on and in its order. */
static vm_status check_map(const struct section *s, const struct vm_map *map)
{
    bool replace = map->type & MEM_REPLACE_PLACEHOLDER, large = (s->attributes & SEC_LARGE_PAGES) && !s->is_file;
    uintptr_t alignment = large ? VM_LARGE_PAGE : replace ? page_size : VM_GRANULARITY;

    if (!protect_valid(map->protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if (map->base > VM_HIGHEST_USER || map->size > VM_USER_END - map->base) return STATUS_INVALID_PARAMETER_3;
    if (((map->base | map->offset) & (alignment - 1))) return STATUS_MAPPED_ALIGNMENT;
    if (replace && (!map->base || !map->size || s->is_image)) return STATUS_INVALID_PARAMETER;
    if ((map->type & MEM_LARGE_PAGES) && !large) return STATUS_INVALID_PARAMETER;
    if (large && (map->size & (VM_LARGE_PAGE - 1))) return STATUS_INVALID_PARAMETER;
    if (s->is_image) return map->type & MEM_RESERVE ? STATUS_INVALID_PARAMETER_9 : STATUS_SUCCESS;

    if (map->commit_size && map->size && map->commit_size > map->size) return STATUS_INVALID_PARAMETER_5;
    if (map->commit_size && s->is_file && !(map->type & MEM_RESERVE)) return STATUS_INVALID_PARAMETER_5;
    if (map->type & MEM_RESERVE)
    {
        if (!s->is_file) return STATUS_INVALID_PARAMETER_9;
        if (!protect_is_write(s->protect)) return STATUS_SECTION_PROTECTION;
    }
    if (!protect_allows(s->protect, map->protect)) return STATUS_SECTION_PROTECTION;
    if ((s->protect & PAGE_EXECUTE) && !(map->protect & PAGE_EXECUTE)) return STATUS_SECTION_PROTECTION;
    return STATUS_SUCCESS;
}

/* How many bytes the view has (page rounded). */
static vm_status view_size(const struct section *s, const struct vm_map *map, size_t *size)
{
    uint64_t room = map->offset < s->size ? s->size - map->offset : 0;

    if (s->is_image) room = page_up(room);
    if (map->type & MEM_RESERVE)
    {
        /* May exceed the file, and grow with it. */
        if (!map->size && !room) return STATUS_INVALID_VIEW_SIZE;
        *size = page_up(map->size ? map->size : room);
        return STATUS_SUCCESS;
    }
    if (!room || map->size > room) return STATUS_INVALID_VIEW_SIZE;
    *size = page_up(map->size ? map->size : room);
    if (s->attributes & SEC_LARGE_PAGES) *size = round_up(*size, VM_LARGE_PAGE);
    return STATUS_SUCCESS;
}

/* ---- data views ------------------------------------------------------------------------------------------------------ */

/* Fills in a region that is a view of s. */
static void view_describe(struct region *r, struct section *s, const struct vm_map *map)
{
    uint32_t cache = s->attributes & SEC_NOCACHE ? PAGE_NOCACHE : s->attributes & SEC_WRITECOMBINE ? PAGE_WRITECOMBINE : 0;

    if (map->protect & (PAGE_NOACCESS | PAGE_GUARD)) cache = 0;
    r->kind = REGION_MAPPED;
    r->cache = cache | (map->protect & (PAGE_NOCACHE | PAGE_WRITECOMBINE));
    r->protect = map->protect | r->cache;
    r->section = section_ref(s);
    r->offset = map->offset;
    r->growable = map->type & MEM_RESERVE;
    r->cow = protect_is_copy(map->protect);
    r->large_pages = s->attributes & SEC_LARGE_PAGES;
    r->inherit = map->inherit;
    r->numa_node = map->node;
    r->pages.first = r->protect;
    if (r->growable || (!s->is_file && (s->attributes & SEC_RESERVE))) r->pages.first |= VALUE_LATE;
    else r->pages.first |= VALUE_COMMITTED;
}

/* The first `commit` bytes of a new view are committed in its section. */
static vm_status map_commit(struct region *region, size_t commit)
{
    uintptr_t start = region_start(region), end = commit < region->end - start ? start + commit : region->end;
    vm_status status;

    if ((status = push(region, start, region->end, 0, 0, "committed part"))) return status;
    if ((status = push(region, start, end, 0, VALUE_COMMITTED, "commit size"))) return status;
    if (!runs_reserve(2)) return STATUS_NO_MEMORY;
    return section_commit(region->section, region->offset, region->offset + (end - start));
}

static vm_status map_data(struct section *s, struct vm_map *map, size_t size)
{
    struct backing backing = { .fd = s->fd, .offset = map->offset, .why = s->is_file ? "file view" : "section view" };
    struct vm_limits limits = map->limits;
    struct region *region = NULL;
    uintptr_t at = map->base;
    size_t charge = protect_is_copy(map->protect) ? size : 0, commit = page_up(map->commit_size);
    bool replace = map->type & MEM_REPLACE_PLACEHOLDER, mapped;
    vm_status status;

    if (replace && !(region = placeholder_exact(at, at + size))) return STATUS_CONFLICTING_ADDRESSES;
    if (!replace && at && region_overlaps(at, at + size)) return STATUS_CONFLICTING_ADDRESSES;
    if (!slab_reserve(&region_slab, 1)) return STATUS_NO_MEMORY;
    if (charge && (status = charge_take(charge))) return status;
    if (commit && (status = section_commit_check(s, map->offset, map->offset + (commit < size ? commit : size))))
    {
        charge_return(charge);
        return status;
    }
    if (!replace) region = region_new(REGION_MAPPED, at, at + size, 0, 0);
    view_describe(region, s, map);
    backing.flags = push_private(region, region->pages.first) ? 0 : HOST_SHARED;
    backing.prot = push_prot(region, region->pages.first);      /* none if the pages are late */

    if (replace)
    {
        status = host->map(at, size, backing.prot, backing.flags | HOST_REPLACE, backing.fd, backing.offset, backing.why);
        region->replaced = true;
    }
    else
    {
        if (region->large_pages && limits.alignment < VM_LARGE_PAGE) limits.alignment = VM_LARGE_PAGE;
        status = place_map(&at, size, &limits, map->type & MEM_TOP_DOWN, &backing);
        if (!status)
        {
            region->node.key = at;
            region->end = at + size;
            region_insert(region);
        }
    }
    mapped = !status;
    if (!status && commit) status = map_commit(region, commit);
    else if (!status && (region->pages.first & VALUE_LATE)) status = push(region, at, at + size, 0, 0, "committed part");
    if (status && mapped)
    {
        if (replace) host->map(at, size, 0, HOST_REPLACE, -1, 0, "undo");
        else
        {
            host->unmap(at, size, "undo");
            tree_remove(&regions, &region->node);
        }
    }
    if (status)
    {
        section_release(s);             /* not the last one: the caller has one too */
        charge_return(charge);
        if (replace) region_to_placeholder(region);
        else region_drop(region);
        return status;
    }
    region->charged = charge;
    if (map->node != ~0u) host->prefer_node(at, size, map->node);
    map->base = at;
    map->size = size;
    return STATUS_SUCCESS;
}

/* ---- image views ------------------------------------------------------------------------------------------------------- */

/* Reserves the place: preferred, else anywhere. The region is hidden ("building") until its pages are there. */
static vm_status reserve_image(struct section *s, const struct vm_map *map, size_t size, struct region **out)
{
    struct backing backing = { .fd = -1, .why = "image" };
    uintptr_t preferred = image_header(s->image)->image_base + map->offset, at = map->base;
    const struct vm_limits *limits = &map->limits;
    struct region *region;
    vm_status status = STATUS_CONFLICTING_ADDRESSES;

    if (!slab_reserve(&region_slab, 1)) return STATUS_NO_MEMORY;
    region = region_new(REGION_IMAGE, 0, 0, PAGE_EXECUTE_WRITECOPY, VALUE_COMMITTED | PAGE_NOACCESS);
    if (at) status = place_map(&at, size, limits, false, &backing);
    else
    {
        bool fits = preferred >= VM_LOWEST_USER && preferred <= VM_HIGHEST_USER && size <= VM_USER_END - preferred &&
            preferred >= limits->lowest &&
            (!limits->highest || preferred + size - 1 <= limits->highest);

        if (fits)
        {
            at = preferred;
            status = place_map(&at, size, limits, false, &backing);
        }
        if (status == STATUS_CONFLICTING_ADDRESSES)
        {
            at = 0;
            status = place_map(&at, size, limits, map->type & MEM_TOP_DOWN, &backing);
        }
    }
    if (status)
    {
        region_drop(region);
        return status;
    }
    region->node.key = at;
    region->end = at + size;
    region->section = section_ref(s);
    region->offset = map->offset;
    region->cow = true;
    region->building = true;
    region->inherit = map->inherit;
    region_insert(region);
    *out = region;
    return STATUS_SUCCESS;
}

/* Maps the pieces that lie in the view, and tells the region. */
static vm_status map_pieces(struct region *region, const struct image_layout *layout)
{
    uintptr_t base = region_start(region) - region->offset;

    for (size_t i = 0; i < layout->count; i++)
    {
        const struct image_piece *piece = &layout->pieces[i];
        uintptr_t start = base + piece->start, end = base + piece->end;
        uint64_t offset = piece->offset;
        uint32_t value = VALUE_COMMITTED | piece->protect | (piece->shared ? VALUE_SHARED : 0);
        vm_status status;

        if (start < region_start(region))
        {
            offset += region_start(region) - start;
            start = region_start(region);
        }
        if (end > region->end) end = region->end;
        if (start >= end) continue;
        if (!runs_reserve(1)) return STATUS_NO_MEMORY;
        if ((status = host->map(start, end - start, push_prot(region, value),
                                HOST_REPLACE | (piece->shared ? HOST_SHARED : 0), piece->fd, offset, "image"))) return status;
        region_change(region, start, end, ~0u, value);
    }
    return STATUS_SUCCESS;
}

/* Fills the view. */
static vm_status lay_out(struct section *s, struct region *region, struct image_layout *layout)
{
    vm_status status = image_layout(s->image, s->fd, region_start(region) - region->offset, layout);

    if (!vm_success(status))
    {
        image_layout_release(s->image, layout);
        return status;
    }
    vm_enter();
    status = map_pieces(region, layout);
    vm_leave();
    image_layout_release(s->image, layout);
    return status;
}

static vm_status map_image(struct section *s, struct vm_map *map, size_t size)
{
    struct image_layout layout = { 0 };
    struct region *region;
    vm_status status, result;

    vm_enter();
    status = reserve_image(s, map, size, &region);
    vm_leave();
    if (status) return status;

    status = lay_out(s, region, &layout);
    if (status == STATUS_ACCESS_DENIED && image_avoid_file(s->image)) status = lay_out(s, region, &layout);
    result = layout.status;

    vm_enter();
    if (vm_success(status))
    {
        region->building = false;
        map->base = region_start(region);
        map->size = size;
    }
    else
    {
        host->unmap(region_start(region), size, "undo");
        region_delete(region);
        section_release(s);             /* not the last one */
    }
    vm_leave();
    return vm_success(status) ? result : status;
}

/* ---- the calls ------------------------------------------------------------------------------------------------------------ */

vm_status view_map(struct section *section, struct vm_map *map)
{
    vm_status status;
    size_t size;

    if (section->based)
    {
        uintptr_t base = section->based + map->offset;

        if (map->base && map->base != base) return STATUS_CONFLICTING_ADDRESSES;
        map->base = base;
    }
    if ((status = check_map(section, map))) return status;
    if (section->is_image)
    {
        if ((status = view_size(section, map, &size))) return status;
        return map_image(section, map, size);
    }
    vm_enter();
    shared_refresh(section);
    if (!(status = view_size(section, map, &size))) status = map_data(section, map, size);
    vm_leave();
    return status;
}

vm_status view_unmap(uintptr_t address, uint32_t flags)
{
    struct region *region;
    struct section *section = NULL;
    vm_status status = STATUS_SUCCESS;
    bool last = false;

    if (address > VM_HIGHEST_USER) return STATUS_NOT_MAPPED_VIEW;
    vm_enter();
    region = region_find(page_down(address));
    if (!region || !region->section) status = STATUS_NOT_MAPPED_VIEW;
    else if (region->section->attributes & SEC_NO_CHANGE) status = STATUS_INVALID_PAGE_PROTECTION;
    else if ((flags & MEM_PRESERVE_PLACEHOLDER) && !region->replaced) status = STATUS_CONFLICTING_ADDRESSES;
    else
    {
        uintptr_t start = region_start(region);
        size_t size = region->end - start;

        section = region->section;
        if (flags & MEM_PRESERVE_PLACEHOLDER) status = host->map(start, size, 0, HOST_REPLACE, -1, 0, "placeholder again");
        else status = host->unmap(start, size, "unmap view");
        if (!status)
        {
            charge_return(region->charged);
            if (flags & MEM_PRESERVE_PLACEHOLDER) region_to_placeholder(region);
            else region_delete(region);
            last = section_release(section);
        }
    }
    vm_leave();
    if (last) section_destroy(section);
    return status;
}

vm_status view_flush(uintptr_t *base, size_t *size)
{
    uintptr_t start, end;
    struct region *region;
    struct section *section = NULL;
    uint64_t offset = 0;
    vm_status status = STATUS_SUCCESS;

    if (*base > VM_HIGHEST_USER || *size > VM_USER_END - *base) return STATUS_NOT_MAPPED_VIEW;
    start = page_down(*base);
    end = page_up(*base + *size);
    vm_enter();
    region = region_find(start);
    if (!region || !region->section) status = STATUS_NOT_MAPPED_VIEW;
    else if (region->kind == REGION_IMAGE) status = STATUS_NOT_MAPPED_DATA;
    else
    {
        if (!*size) end = region->end;
        if (end > region->end) status = STATUS_INVALID_PARAMETER_2;
        else
        {
            section = section_ref(region->section);
            offset = region->offset + (start - region_start(region));
        }
    }
    vm_leave();
    if (status) return status;

    /* Without the lock: the disk may take its time. */
    if (section->is_file) status = host->file_flush(section->fd, offset, end - start);
    section_unref(section);
    if (status) return status;
    *base = start;
    *size = end - start;
    return STATUS_SUCCESS;
}

vm_status view_same_file(uintptr_t image, uintptr_t file)
{
    struct region *a, *b;
    vm_status status = STATUS_NOT_SAME_DEVICE;

    if (!image || !file || image > VM_HIGHEST_USER || file > VM_HIGHEST_USER) return STATUS_INVALID_ADDRESS;
    vm_enter();
    a = region_find(page_down(image));
    b = region_find(page_down(file));
    if (!a || !b) status = STATUS_INVALID_ADDRESS;
    else if (!a->section || !b->section) status = STATUS_CONFLICTING_ADDRESSES;
    else if (a == b) status = STATUS_SUCCESS;
    else if (a->kind == REGION_IMAGE && (b->section->is_file || b->section->is_image) &&
             a->section->device == b->section->device && a->section->inode == b->section->inode) status = STATUS_SUCCESS;
    vm_leave();
    return status;
}
