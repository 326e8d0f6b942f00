/* What Windows does with an address space, the simple way: an entry a page, and a loop for everything.
 *
 * model_OP() says which status the operation must have and, if that is a success, carries it out. Written from the
 * specification and not from the manager, so that the two can be held against each other.
 */
#pragma once

#ifdef REAL_HOST
#include "real_host.h"
#else
#include "sim_host.h"
#endif
#include "vm/vm.h"

#define MODEL_ALLOCS 4096
#define MODEL_SECTIONS 24
#define MODEL_LOCK_LIMIT 120                    /* pages */
#define ALLOC_FREE 0
#define ALLOC_HOST 1                            /* somebody else's: free to Windows, but nothing can be put there */

enum model_kind { MODEL_PRIVATE, MODEL_PLACEHOLDER, MODEL_VIEW, MODEL_WINDOW };

struct model_page
{
    uint16_t alloc;
    bool committed, copied, dirty, latched, locked, offered;
    bool given;                                 /* offered or reset: what was written before that may be dropped */
    bool lost;                                  /* and was */
    uint16_t physical;                          /* window: number of the physical page there */
    uint32_t protect;                           /* as asked for; copies shown by model_shown() */
    uint32_t tag;                               /* private memory and copies */
};
struct model_alloc
{
    bool used, replaced, watch, growable;
    enum model_kind kind;
    uint32_t first, pages, protect;
    int section;
    uint32_t section_page;
};
struct model_section
{
    struct section *section;
    bool used, file, reserve;
    unsigned views;
    uint64_t size;                              /* bytes */
    uint64_t file_size;
    uint32_t protect;
    int fd;
    bool committed[SIM_FILE_PAGES];
    uint32_t tags[SIM_FILE_PAGES];
};

static struct model_page model_pages[SIM_PAGES];
static struct model_alloc model_allocs[MODEL_ALLOCS];
static struct model_section model_sections[MODEL_SECTIONS];
static struct { bool owned; uint32_t page, tag; } model_physical[SIM_FILE_PAGES + 1];  /* by number; page SIM_PAGES: nowhere */
static uint32_t model_physical_count;
static uint64_t model_charge;
static bool model_apply;                        /* carry it out, or only predict */

/* ---- helpers --------------------------------------------------------------------------------------------------- */

static bool model_is_copy(uint32_t protect) { return protect & (PAGE_WRITECOPY | PAGE_EXECUTE_WRITECOPY); }

static bool model_valid(uint32_t protect)
{
    uint32_t base = protect & 0xff, mods = protect & 0x700;

    if (protect & ~0x7ffu || !base || base & (base - 1) || mods & (mods - 1)) return false;
    return !mods || base != PAGE_NOACCESS;
}

static unsigned model_rights(uint32_t protect)
{
    static const unsigned rights[8] = { 0, 1, 3, 1, 5, 5, 7, 5 };       /* NA RO RW WC X RX RWX XWC */

    return rights[__builtin_ctz(protect & 0xff)];
}

static int model_new_alloc(void)
{
    for (int i = 2; i < MODEL_ALLOCS; i++) if (!model_allocs[i].used) return i;
    abort();
}

static bool model_page_committed(uint32_t page)
{
    const struct model_page *p = &model_pages[page];
    const struct model_alloc *a = &model_allocs[p->alloc];

    if (p->alloc > ALLOC_HOST && a->kind == MODEL_VIEW)
    {
        const struct model_section *s = &model_sections[a->section];
        uint32_t at = a->section_page + (page - a->first);

        /* Whoever made the file longer, its pages are there. */
        if (a->growable) return (uint64_t)at * SIM_PAGE < (s->size > s->file_size ? s->size : s->file_size);
        if (s->reserve && !s->file) return s->committed[at];
    }
    return p->committed;
}

static uint32_t model_shown(uint32_t page)
{
    const struct model_page *p = &model_pages[page];

    if (!model_page_committed(page)) return 0;
    if (p->copied && p->protect & PAGE_WRITECOPY) return (p->protect & ~PAGE_WRITECOPY) | PAGE_READWRITE;
    if (p->copied && p->protect & PAGE_EXECUTE_WRITECOPY) return (p->protect & ~PAGE_EXECUTE_WRITECOPY) | PAGE_EXECUTE_READWRITE;
    return p->protect;
}

static vm_status model_take_charge(uint64_t bytes)
{
    if (model_charge + bytes > (64ull << 20) && model_charge + bytes > sim_memory_limit_bytes) return STATUS_COMMITMENT_LIMIT;
    return STATUS_SUCCESS;
}

/* The allocation that holds all of [page, end), or 0. */
static int model_holding(uint32_t page, uint32_t end)
{
    int alloc = page < SIM_PAGES ? model_pages[page].alloc : 0;

    if (alloc <= ALLOC_HOST || end > model_allocs[alloc].first + model_allocs[alloc].pages) return 0;
    return alloc;
}

static void model_fill(uint32_t page, uint32_t pages, struct model_page value)
{
    for (uint32_t i = 0; i < pages; i++) model_pages[page + i] = value;
}

static bool model_all_free(uint32_t page, uint32_t pages)
{
    if (page + pages > SIM_PAGES) return false;
    for (uint32_t i = 0; i < pages; i++) if (model_pages[page + i].alloc != ALLOC_FREE) return false;
    return true;
}

/* Lowest or highest free granule with room; SIM_PAGES = none. */
static uint32_t model_place(uint32_t pages, uint32_t alignment, bool top_down)
{
    if (pages > SIM_PAGES) return SIM_PAGES;
    for (uint32_t i = 0; i <= SIM_PAGES / alignment; i++)
    {
        uint32_t page = (top_down ? SIM_PAGES / alignment - i : i) * alignment;

        if (model_all_free(page, pages)) return page;
    }
    return SIM_PAGES;
}

/* ---- private memory -------------------------------------------------------------------------------------------- */

static vm_status model_reserve(uint32_t *page, uint32_t pages, uint32_t type, uint32_t protect, uint32_t alignment)
{
    bool commit = type & MEM_COMMIT, placeholder = type & MEM_RESERVE_PLACEHOLDER, replace = type & MEM_REPLACE_PLACEHOLDER;
    int alloc = 0;

    if (!model_valid(protect) || model_is_copy(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if (replace)
    {
        alloc = model_holding(*page, *page + pages);
        if (!alloc || model_allocs[alloc].kind != MODEL_PLACEHOLDER || model_allocs[alloc].first != *page ||
            model_allocs[alloc].pages != pages) return STATUS_CONFLICTING_ADDRESSES;
    }
    else if (*page != SIM_PAGES)
    {
        uint32_t start = *page / 16 * 16;

        if (!model_all_free(start, pages + *page - start))
        {
            /* The host's own memory is found out last. */
            bool host_only = true;

            for (uint32_t i = start; i < *page + pages; i++)
                if (model_pages[i].alloc > ALLOC_HOST) host_only = false;
            if (host_only && commit && model_take_charge((uint64_t)(pages + *page - start) * SIM_PAGE)) return STATUS_COMMITMENT_LIMIT;
            return STATUS_CONFLICTING_ADDRESSES;
        }
        pages += *page - start;
        *page = start;
    }
    if (commit && model_take_charge((uint64_t)pages * SIM_PAGE)) return STATUS_COMMITMENT_LIMIT;
    if (*page == SIM_PAGES && (*page = model_place(pages, alignment, type & MEM_TOP_DOWN)) == SIM_PAGES) return STATUS_NO_MEMORY;
    if (!model_apply) return STATUS_SUCCESS;
    if (!replace) alloc = model_new_alloc();
    model_allocs[alloc] = (struct model_alloc){
        .used = true, .kind = placeholder ? MODEL_PLACEHOLDER : type & MEM_PHYSICAL ? MODEL_WINDOW : MODEL_PRIVATE, .first = *page, .pages = pages, .protect = protect,
        .replaced = replace, .watch = type & MEM_WRITE_WATCH,
    };
    model_fill(*page, pages, (struct model_page){ .alloc = alloc, .committed = commit, .protect = commit ? protect : 0 });
    if (commit) model_charge += (uint64_t)pages * SIM_PAGE;
    return STATUS_SUCCESS;
}

static vm_status model_commit(uint32_t page, uint32_t pages, uint32_t protect)
{
    int alloc = model_holding(page, page + pages);
    struct model_alloc *a = &model_allocs[alloc];
    uint64_t missing = 0;

    if (!model_valid(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if (!alloc || a->kind == MODEL_PLACEHOLDER || a->kind == MODEL_WINDOW) return STATUS_CONFLICTING_ADDRESSES;
    if (a->kind == MODEL_VIEW)
    {
        struct model_section *s = &model_sections[a->section];
        uint32_t at = a->section_page + (page - a->first);

        if (s->file && !a->growable) return STATUS_ALREADY_COMMITTED;
        if (model_rights(protect) & ~model_rights(a->protect)) return STATUS_SECTION_PROTECTION;
        if (s->file && (uint64_t)(at + pages) * SIM_PAGE > s->size)
        {
            uint64_t size = (uint64_t)(at + pages) * SIM_PAGE;

            if (size > s->file_size && size > (uint64_t)SIM_FILE_PAGES * SIM_PAGE) return STATUS_DISK_FULL;
            if (model_apply)
            {
                s->size = size;
                if (s->file_size < size) s->file_size = size;
            }
        }
        if (s->reserve && !s->file)
        {
            for (uint32_t i = 0; i < pages; i++) if (!s->committed[at + i]) missing += SIM_PAGE;
            if (model_take_charge(missing)) return STATUS_COMMITMENT_LIMIT;
        }
        if (!model_apply) return STATUS_SUCCESS;
        model_charge += missing;
        for (uint32_t i = 0; i < pages; i++)
        {
            if (s->reserve && !s->file) s->committed[at + i] = true;
            model_pages[page + i].protect = protect;
        }
        return STATUS_SUCCESS;
    }
    if (model_is_copy(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    for (uint32_t i = 0; i < pages; i++) if (!model_pages[page + i].committed) missing += SIM_PAGE;
    if (model_take_charge(missing)) return STATUS_COMMITMENT_LIMIT;
    if (!model_apply) return STATUS_SUCCESS;
    model_charge += missing;
    for (uint32_t i = 0; i < pages; i++)
    {
        model_pages[page + i].committed = true;
        model_pages[page + i].protect = protect;
    }
    return STATUS_SUCCESS;
}

static vm_status model_decommit(uint32_t page, uint32_t pages)
{
    int alloc = page < SIM_PAGES ? model_pages[page].alloc : 0;
    struct model_alloc *a = &model_allocs[alloc];

    if (alloc <= ALLOC_HOST) return STATUS_MEMORY_NOT_ALLOCATED;
    if (a->kind == MODEL_VIEW) return STATUS_UNABLE_TO_DELETE_SECTION;
    if (!pages)
    {
        if (page != a->first) return STATUS_FREE_VM_NOT_AT_BASE;
        pages = a->pages;
    }
    if (page + pages > a->first + a->pages) return STATUS_UNABLE_TO_FREE_VM;
    if (a->kind == MODEL_PLACEHOLDER || a->kind == MODEL_WINDOW) return STATUS_CONFLICTING_ADDRESSES;
    if (!model_apply) return STATUS_SUCCESS;
    for (uint32_t i = 0; i < pages; i++)
    {
        struct model_page *p = &model_pages[page + i];

        if (p->committed) model_charge -= SIM_PAGE;
        *p = (struct model_page){ .alloc = alloc, .latched = p->latched };
    }
    return STATUS_SUCCESS;
}

/* [page, page + pages) leaves its allocation, which keeps a head, a tail, both or nothing. */
static void model_carve(uint32_t page, uint32_t pages, int alloc)
{
    struct model_alloc *a = &model_allocs[alloc], tail = *a;
    uint32_t end = a->first + a->pages;

    if (page + pages < end)
    {
        int other = page > a->first ? model_new_alloc() : alloc;

        tail.first = page + pages;
        tail.pages = end - tail.first;
        if (page > a->first) a->pages = page - a->first;
        model_allocs[other] = tail;
        for (uint32_t i = tail.first; i < end; i++) model_pages[i].alloc = other;
    }
    else if (page > a->first) a->pages = page - a->first;
    else a->used = false;
}

static vm_status model_release(uint32_t page, uint32_t pages)
{
    int alloc = page < SIM_PAGES ? model_pages[page].alloc : 0;
    struct model_alloc *a = &model_allocs[alloc];

    if (alloc <= ALLOC_HOST) return STATUS_MEMORY_NOT_ALLOCATED;
    if (a->kind == MODEL_VIEW) return STATUS_UNABLE_TO_DELETE_SECTION;
    if (!pages)
    {
        if (page != a->first) return STATUS_FREE_VM_NOT_AT_BASE;
        pages = a->pages;
    }
    if (page + pages > a->first + a->pages) return STATUS_UNABLE_TO_FREE_VM;
    if (a->kind == MODEL_WINDOW && pages != a->pages) return STATUS_UNABLE_TO_FREE_VM;
    if (!model_apply) return STATUS_SUCCESS;
    for (uint32_t i = 0; i < pages; i++)
    {
        if (model_pages[page + i].physical) model_physical[model_pages[page + i].physical].page = SIM_PAGES;
        else if (model_pages[page + i].committed) model_charge -= SIM_PAGE;
    }
    model_carve(page, pages, alloc);
    model_fill(page, pages, (struct model_page){ 0 });
    return STATUS_SUCCESS;
}

static vm_status model_protect(uint32_t page, uint32_t pages, uint32_t protect, uint32_t *old)
{
    int alloc = model_holding(page, page + pages);
    struct model_alloc *a = &model_allocs[alloc];

    if (!model_valid(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if (!alloc) return STATUS_CONFLICTING_ADDRESSES;
    if (a->kind == MODEL_PLACEHOLDER) return STATUS_NOT_COMMITTED;
    if (a->kind == MODEL_WINDOW) return STATUS_CONFLICTING_ADDRESSES;
    if (a->kind == MODEL_VIEW && model_rights(protect) & ~model_rights(a->protect)) return STATUS_SECTION_PROTECTION;
    if (a->kind == MODEL_PRIVATE && model_is_copy(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    for (uint32_t i = 0; i < pages; i++) if (!model_page_committed(page + i)) return STATUS_NOT_COMMITTED;
    *old = model_shown(page);
    if (!model_apply) return STATUS_SUCCESS;
    for (uint32_t i = 0; i < pages; i++)
    {
        model_pages[page + i].protect = protect;
        if (a->watch && model_pages[page + i].dirty) model_pages[page + i].latched = true;
    }
    return STATUS_SUCCESS;
}

/* ---- placeholders ------------------------------------------------------------------------------------------------ */

static void model_to_placeholder(int alloc)
{
    struct model_alloc *a = &model_allocs[alloc];

    a->kind = MODEL_PLACEHOLDER;
    a->protect = PAGE_NOACCESS;
    a->replaced = a->watch = a->growable = false;
    model_fill(a->first, a->pages, (struct model_page){ .alloc = alloc });
}

static vm_status model_preserve(uint32_t page, uint32_t pages)
{
    int alloc = page < SIM_PAGES ? model_pages[page].alloc : 0;
    struct model_alloc *a = &model_allocs[alloc];

    if (!pages) return STATUS_INVALID_PARAMETER_3;
    if (alloc <= ALLOC_HOST) return STATUS_MEMORY_NOT_ALLOCATED;
    if (a->kind == MODEL_VIEW) return STATUS_UNABLE_TO_DELETE_SECTION;
    if (page + pages > a->first + a->pages) return STATUS_CONFLICTING_ADDRESSES;
    if (a->kind == MODEL_PLACEHOLDER)
    {
        int other;

        if (page == a->first && pages == a->pages) return STATUS_CONFLICTING_ADDRESSES;
        if (!model_apply) return STATUS_SUCCESS;
        model_carve(page, pages, alloc);
        other = model_new_alloc();
        model_allocs[other] = (struct model_alloc){ .used = true, .kind = MODEL_PLACEHOLDER, .first = page, .pages = pages,
                                                    .protect = PAGE_NOACCESS };
        model_fill(page, pages, (struct model_page){ .alloc = other });
        return STATUS_SUCCESS;
    }
    if (!a->replaced || page != a->first || pages != a->pages) return STATUS_CONFLICTING_ADDRESSES;
    if (!model_apply) return STATUS_SUCCESS;
    for (uint32_t i = 0; i < pages; i++) if (model_pages[page + i].committed) model_charge -= SIM_PAGE;
    model_to_placeholder(alloc);
    return STATUS_SUCCESS;
}

static vm_status model_coalesce(uint32_t page, uint32_t pages)
{
    uint32_t at = page, end = page + pages;
    int first = page < SIM_PAGES ? model_pages[page].alloc : 0;
    unsigned count = 0;

    if (!pages) return STATUS_INVALID_PARAMETER_3;
    for (; at < end; count++)
    {
        int alloc = at < SIM_PAGES ? model_pages[at].alloc : 0;

        if (alloc <= ALLOC_HOST || model_allocs[alloc].kind != MODEL_PLACEHOLDER || model_allocs[alloc].first != at)
            return STATUS_CONFLICTING_ADDRESSES;
        at += model_allocs[alloc].pages;
    }
    if (at != end || count < 2) return STATUS_CONFLICTING_ADDRESSES;
    if (!model_apply) return STATUS_SUCCESS;
    for (at = page + model_allocs[first].pages; at < end; at++)
    {
        model_allocs[model_pages[at].alloc].used = false;
        model_pages[at].alloc = first;
    }
    model_allocs[first].pages = pages;
    return STATUS_SUCCESS;
}

/* ---- views ----------------------------------------------------------------------------------------------------------- */

struct model_map { int section; uint32_t page, offset_page, protect, type, alignment; uint64_t size, commit; };

static vm_status model_view(struct model_map *m, uint32_t *pages_out)
{
    struct model_section *s = &model_sections[m->section];
    bool replace = m->type & MEM_REPLACE_PLACEHOLDER, growable = m->type & MEM_RESERVE;
    uint64_t offset = (uint64_t)m->offset_page * SIM_PAGE, room = offset < s->size ? s->size - offset : 0;
    uint64_t missing = 0, grown = 0;
    uint32_t pages, commit;
    int alloc = 0;

    if (!model_valid(m->protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if (!replace && ((m->page != SIM_PAGES && m->page % 16) || m->offset_page % 16)) return STATUS_MAPPED_ALIGNMENT;
    if (replace && !m->size) return STATUS_INVALID_PARAMETER;
    if (m->commit && m->size && m->commit > m->size) return STATUS_INVALID_PARAMETER_5;
    if (m->commit && s->file && !growable) return STATUS_INVALID_PARAMETER_5;
    if (growable && !s->file) return STATUS_INVALID_PARAMETER_9;
    if (growable && !(s->protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE))) return STATUS_SECTION_PROTECTION;
    if (model_rights(m->protect) & ~model_rights(s->protect)) return STATUS_SECTION_PROTECTION;
    if ((growable ? !m->size && !room : !room || m->size > room)) return STATUS_INVALID_VIEW_SIZE;
    pages = ((m->size ? m->size : room) + SIM_PAGE - 1) / SIM_PAGE;
    if (replace)
    {
        alloc = model_holding(m->page, m->page + pages);
        if (!alloc || model_allocs[alloc].kind != MODEL_PLACEHOLDER || model_allocs[alloc].first != m->page ||
            model_allocs[alloc].pages != pages) return STATUS_CONFLICTING_ADDRESSES;
    }
    if (!replace && m->page != SIM_PAGES)
    {
        bool taken = m->page + pages > SIM_PAGES;

        for (uint32_t i = 0; !taken && i < pages; i++) taken = model_pages[m->page + i].alloc > ALLOC_HOST;
        if (taken) return STATUS_CONFLICTING_ADDRESSES;
    }
    if (model_is_copy(m->protect) && model_take_charge((uint64_t)pages * SIM_PAGE)) return STATUS_COMMITMENT_LIMIT;
    /* The first bytes of the view are committed in the section. */
    commit = (m->commit + SIM_PAGE - 1) / SIM_PAGE < pages ? (m->commit + SIM_PAGE - 1) / SIM_PAGE : pages;
    for (uint32_t i = 0; i < commit && s->reserve && !s->file; i++) if (!s->committed[m->offset_page + i]) missing += SIM_PAGE;
    if (missing && model_take_charge(missing + (model_is_copy(m->protect) ? (uint64_t)pages * SIM_PAGE : 0))) return STATUS_COMMITMENT_LIMIT;
    if (!replace && m->page != SIM_PAGES && !model_all_free(m->page, pages)) return STATUS_CONFLICTING_ADDRESSES;
    if (m->page == SIM_PAGES && (m->page = model_place(pages, m->alignment, m->type & MEM_TOP_DOWN)) == SIM_PAGES)
        return STATUS_NO_MEMORY;
    /* The first bytes of the view may be committed by growing the file. */
    if (commit && s->file && (grown = (uint64_t)(m->offset_page + commit) * SIM_PAGE) <= s->size) grown = 0;
    if (grown > s->file_size && grown > (uint64_t)SIM_FILE_PAGES * SIM_PAGE) return STATUS_DISK_FULL;
    *pages_out = pages;
    if (!model_apply) return STATUS_SUCCESS;
    model_charge += missing;
    for (uint32_t i = 0; i < commit && s->reserve && !s->file; i++) s->committed[m->offset_page + i] = true;
    if (grown) s->size = grown;
    if (s->file_size < s->size) s->file_size = s->size;
    if (!replace) alloc = model_new_alloc();
    model_allocs[alloc] = (struct model_alloc){
        .used = true, .kind = MODEL_VIEW, .first = m->page, .pages = pages, .protect = m->protect, .replaced = replace,
        .growable = growable, .section = m->section, .section_page = m->offset_page,
    };
    model_fill(m->page, pages, (struct model_page){ .alloc = alloc, .committed = !growable && !(s->reserve && !s->file), .protect = m->protect });
    if (model_is_copy(m->protect)) model_charge += (uint64_t)pages * SIM_PAGE;
    s->views++;
    return STATUS_SUCCESS;
}

static vm_status model_unmap(uint32_t page, uint32_t flags)
{
    int alloc = page < SIM_PAGES ? model_pages[page].alloc : 0;
    struct model_alloc *a = &model_allocs[alloc];

    if (alloc <= ALLOC_HOST || a->kind != MODEL_VIEW) return STATUS_NOT_MAPPED_VIEW;
    if ((flags & MEM_PRESERVE_PLACEHOLDER) && !a->replaced) return STATUS_CONFLICTING_ADDRESSES;
    if (!model_apply) return STATUS_SUCCESS;
    if (model_is_copy(a->protect)) model_charge -= (uint64_t)a->pages * SIM_PAGE;
    model_sections[a->section].views--;
    if (flags & MEM_PRESERVE_PLACEHOLDER) model_to_placeholder(alloc);
    else
    {
        model_fill(a->first, a->pages, (struct model_page){ 0 });
        a->used = false;
    }
    return STATUS_SUCCESS;
}

/* ---- touching ---------------------------------------------------------------------------------------------------------- */

static vm_status model_touch(uint32_t page, bool write, uint32_t *tag)
{
    struct model_page *p = &model_pages[page];
    struct model_alloc *a = &model_allocs[p->alloc];
    struct model_section *s = NULL;
    uint32_t at = 0;
    unsigned rights;

    if (p->alloc <= ALLOC_HOST || !model_page_committed(page) || p->offered) return STATUS_ACCESS_VIOLATION;
    if (p->protect & PAGE_GUARD)
    {
        if (model_apply) p->protect &= ~PAGE_GUARD;
        return STATUS_GUARD_PAGE_VIOLATION;
    }
    rights = model_rights(p->protect);
    if (model_is_copy(p->protect)) rights |= 2;
    if (!(rights & (write ? 2 : 1))) return STATUS_ACCESS_VIOLATION;
    if (a->kind == MODEL_VIEW)
    {
        s = &model_sections[a->section];
        at = a->section_page + (page - a->first);
    }
    if (!write)
    {
        *tag = p->physical ? model_physical[p->physical].tag : s && !p->copied ? s->tags[at] : p->tag;
        return STATUS_SUCCESS;
    }
    if (!model_apply) return STATUS_SUCCESS;
    if (p->physical) model_physical[p->physical].tag = *tag;
    else if (s && !p->copied && !model_is_copy(p->protect)) s->tags[at] = *tag;
    else
    {
        p->tag = *tag;
        p->given = p->lost = false;
        if (s) p->copied = true;
    }
    if (a->watch) p->dirty = true;
    return STATUS_SUCCESS;
}

/* ---- write watch and locks ------------------------------------------------------------------------------------------------ */

static vm_status model_watch(uint32_t page, uint32_t pages, bool reset, uint32_t *found, size_t *count)
{
    int alloc = model_holding(page, page + pages);
    size_t room = *count;

    if (!alloc || !pages || !model_allocs[alloc].watch) return STATUS_INVALID_PARAMETER;
    *count = 0;
    for (uint32_t i = 0; i < pages && *count < room; i++)
    {
        struct model_page *p = &model_pages[page + i];

        if (!p->dirty && !p->latched) continue;
        if (found) found[(*count)++] = page + i;
        if (reset && model_apply) p->dirty = p->latched = false;
    }
    return STATUS_SUCCESS;
}

static vm_status model_lock(uint32_t page, uint32_t pages)
{
    uint32_t locked = 0;
    bool all = true;

    for (uint32_t i = page; i < page + pages; i++)
    {
        struct model_page *p = i < SIM_PAGES ? &model_pages[i] : NULL;

        if (!p || p->alloc <= ALLOC_HOST || !model_page_committed(i) || p->offered || p->protect & PAGE_NOACCESS) return STATUS_ACCESS_VIOLATION;
        if (p->protect & PAGE_GUARD)
        {
            if (model_apply) p->protect &= ~PAGE_GUARD;
            return STATUS_GUARD_PAGE_VIOLATION;
        }
        if (!p->locked) all = false;
    }
    if (all) return STATUS_WAS_LOCKED;
    for (uint32_t i = 0; i < SIM_PAGES; i++) locked += i >= page && i < page + pages ? 1 : model_pages[i].locked;
    if (locked > MODEL_LOCK_LIMIT) return STATUS_WORKING_SET_QUOTA;
    if (!model_apply) return STATUS_SUCCESS;
    for (uint32_t i = page; i < page + pages; i++)
    {
        model_pages[i].locked = true;
        model_pages[i].given = model_pages[i].lost = false;     /* it is there, and stays */
        if (model_allocs[model_pages[i].alloc].watch && model_rights(model_pages[i].protect) & 2) model_pages[i].dirty = true;
    }
    return STATUS_SUCCESS;
}

static vm_status model_unlock(uint32_t page, uint32_t pages)
{
    for (uint32_t i = page; i < page + pages; i++)
        if (i >= SIM_PAGES || model_pages[i].alloc <= ALLOC_HOST || !model_pages[i].locked) return STATUS_NOT_LOCKED;
    if (model_apply) for (uint32_t i = page; i < page + pages; i++) model_pages[i].locked = false;
    return STATUS_SUCCESS;
}

/* ---- memory that may go ----------------------------------------------------------------------------------------------------- */

static vm_status model_offer(uint32_t page, uint32_t pages, bool reclaim)
{
    int alloc = model_holding(page, page + pages);
    bool lost = false;

    if (!pages) return STATUS_INVALID_PARAMETER;
    if (!alloc || model_allocs[alloc].kind != MODEL_PRIVATE) return STATUS_CONFLICTING_ADDRESSES;
    for (uint32_t i = page; i < page + pages; i++)
    {
        const struct model_page *p = &model_pages[i];

        if (!p->committed || p->offered != reclaim) return STATUS_CONFLICTING_ADDRESSES;
        if (!reclaim && p->protect & (PAGE_NOACCESS | PAGE_GUARD)) return STATUS_CONFLICTING_ADDRESSES;
    }
    for (uint32_t i = page; i < page + pages; i++)
    {
        if (reclaim && model_pages[i].lost) lost = true;
        if (!model_apply) continue;
        model_pages[i].offered = model_pages[i].given = !reclaim;
        if (reclaim) model_pages[i].lost = false;
        else model_pages[i].locked = false;
    }
    return lost ? STATUS_DEVICE_BUSY : STATUS_SUCCESS;
}

static vm_status model_reset(uint32_t page, uint32_t pages, bool undo)
{
    int alloc = model_holding(page, page + pages);
    const struct model_alloc *a = &model_allocs[alloc];
    bool lost = false;

    if (!alloc || a->kind == MODEL_PLACEHOLDER || a->kind == MODEL_WINDOW) return STATUS_CONFLICTING_ADDRESSES;
    if (a->kind == MODEL_VIEW && model_sections[a->section].file) return STATUS_CONFLICTING_ADDRESSES;
    if (a->kind == MODEL_VIEW) return STATUS_SUCCESS;
    for (uint32_t i = page; undo && i < page + pages; i++) if (model_pages[i].lost) lost = true;
    if (lost) return STATUS_DEVICE_BUSY;
    for (uint32_t i = page; model_apply && i < page + pages; i++)
        model_pages[i].given = !undo && (model_pages[i].given || (model_pages[i].committed && !model_pages[i].locked));
    return STATUS_SUCCESS;
}

/* The host is short of memory and dropped the page: which it may, if it was given away and has not been written since. */
static bool model_drop(uint32_t page)
{
    struct model_page *p = &model_pages[page];

    if (!p->given) return false;
    if (p->tag) p->lost = true;
    p->tag = 0;
    return true;
}

static vm_status model_discard(uint32_t page, uint32_t pages)
{
    int alloc = model_holding(page, page + pages);
    const struct model_alloc *a = &model_allocs[alloc];

    if (!pages) return STATUS_INVALID_PARAMETER;
    if (!alloc) return STATUS_CONFLICTING_ADDRESSES;
    for (uint32_t i = page; i < page + pages; i++)
        if (model_shown(i) != PAGE_READWRITE || model_pages[i].offered) return STATUS_INVALID_PAGE_PROTECTION;
    if (a->kind == MODEL_VIEW && model_sections[a->section].file) return STATUS_CONFLICTING_ADDRESSES;
    if (a->kind != MODEL_PRIVATE || a->watch) return STATUS_SUCCESS;
    for (uint32_t i = page; model_apply && i < page + pages; i++) 
    {
        model_pages[i].locked = model_pages[i].given = model_pages[i].lost = false;
        model_pages[i].tag = 0;
    }
    return STATUS_SUCCESS;
}

/* ---- physical pages ------------------------------------------------------------------------------------------------------------ */

static vm_status model_physical_allocate(size_t *count, uintptr_t *numbers)
{
    uint64_t limit = sim_memory_limit_bytes > (64ull << 20) ? sim_memory_limit_bytes : 64ull << 20;
    size_t room = model_charge < limit ? (limit - model_charge) / SIM_PAGE : 0, fresh, n = 0;

    if (!*count) return STATUS_SUCCESS;
    if (*count > room) *count = room;
    if (!*count) return STATUS_NO_MEMORY;
    for (uint32_t i = 1; i <= model_physical_count; i++) if (!model_physical[i].owned) n++;
    fresh = *count > n ? *count - n : 0;
    if (model_physical_count + fresh > SIM_FILE_PAGES) return STATUS_NO_MEMORY;
    if (!model_apply) return STATUS_SUCCESS;
    n = 0;
    model_charge += *count * SIM_PAGE;
    for (uint32_t i = 1; n < *count; i++)
    {
        if (model_physical[i].owned) continue;
        model_physical[i].owned = true;
        model_physical[i].page = SIM_PAGES;
        model_physical[i].tag = 0;
        if (i > model_physical_count) model_physical_count = i;
        numbers[n++] = i;
    }
    return STATUS_SUCCESS;
}

static void model_show(uint32_t page, uint32_t number)
{
    struct model_page *p = &model_pages[page];

    if (p->physical) model_physical[p->physical].page = SIM_PAGES;
    *p = (struct model_page){ .alloc = p->alloc, .physical = number, .committed = number, .protect = number ? PAGE_READWRITE : 0 };
}

static vm_status model_physical_free(size_t *count, const uintptr_t *numbers)
{
    for (size_t i = 0; i < *count; i++)
    {
        if (!numbers[i] || numbers[i] > model_physical_count || !model_physical[numbers[i]].owned)
        {
            *count = i;
            return STATUS_INVALID_PARAMETER_3;
        }
        if (!model_apply) continue;
        if (model_physical[numbers[i]].page != SIM_PAGES) model_show(model_physical[numbers[i]].page, 0);
        model_physical[numbers[i]].owned = false;
        model_charge -= SIM_PAGE;
    }
    return STATUS_SUCCESS;
}

/* pages: NULL for consecutive ones from page on. */
static vm_status model_physical_map(uint32_t page, const uint32_t *pages, size_t count, const uintptr_t *numbers)
{
    int window = 0;

    for (size_t i = 0; i < count; i++)
    {
        uint32_t at = pages ? pages[i] : page + i;
        int alloc = at < SIM_PAGES ? model_pages[at].alloc : 0;

        if (alloc <= ALLOC_HOST || model_allocs[alloc].kind != MODEL_WINDOW || (!pages && i && alloc != window)) return STATUS_INVALID_PARAMETER_1;
        window = alloc;
    }
    for (size_t i = 0; numbers && i < count; i++)
    {
        bool found = false;

        if (!numbers[i]) continue;
        if (numbers[i] > model_physical_count || !model_physical[numbers[i]].owned) return STATUS_INVALID_PARAMETER_3;
        for (size_t k = 0; k < count; k++)
        {
            if (k < i && numbers[k] == numbers[i]) return STATUS_INVALID_PARAMETER_3;
            if ((pages ? pages[k] : page + k) == model_physical[numbers[i]].page) found = true;
        }
        if (model_physical[numbers[i]].page != SIM_PAGES && !found) return STATUS_INVALID_PARAMETER_3;
    }
    for (size_t i = 0; model_apply && i < count; i++)
    {
        uint32_t at = pages ? pages[i] : page + i, number = numbers ? numbers[i] : 0;

        if (number && model_physical[number].page != SIM_PAGES) model_show(model_physical[number].page, 0);
        model_show(at, number);
        if (number) model_physical[number].page = at;
    }
    return STATUS_SUCCESS;
}
