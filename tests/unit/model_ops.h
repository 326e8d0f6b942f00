/* Random operations for vm_model.c, mostly such that they make sense: a range lies in some allocation more often than not,
 * so that every kind of operation succeeds and is refused often enough.
 */
#pragma once

#include "model.h"

/* ---- chance ------------------------------------------------------------------------------------------------------ */

static uint64_t random_state;

static uint32_t random_u32(void)
{
    random_state ^= random_state << 13;
    random_state ^= random_state >> 7;
    random_state ^= random_state << 17;
    return random_state >> 16;
}

static uint32_t below(uint32_t limit) { return random_u32() % limit; }
static bool chance(uint32_t percent) { return below(100) < percent; }

/* ---- operations ------------------------------------------------------------------------------------------------------ */

enum kind
{
    OP_RESERVE, OP_RESERVE_AT, OP_PLACEHOLDER, OP_REPLACE, OP_COMMIT, OP_RESET, OP_DECOMMIT, OP_RELEASE, OP_PROTECT,
    OP_PRESERVE, OP_COALESCE, OP_CREATE, OP_EXTEND, OP_MAP, OP_MAP_REPLACE, OP_UNMAP, OP_READ, OP_WRITE, OP_WATCH,
    OP_WATCH_RESET, OP_LOCK, OP_UNLOCK, OP_FLUSH, OP_OFFER, OP_RECLAIM, OP_DISCARD, OP_WINDOW, OP_PHYSICAL, OP_PHYSICAL_FREE,
    OP_SHOW, OP_SCATTER, OP_QUERY, OP_QUERY_REGION, OP_KINDS
};
static const char *const kind_names[] =
{
    "reserve", "reserve at", "placeholder", "replace", "commit", "reset", "decommit", "release", "protect",
    "preserve", "coalesce", "create section", "extend section", "map", "map into placeholder", "unmap", "read", "write", "get watch",
    "reset watch", "lock", "unlock", "flush", "offer", "reclaim", "discard", "window", "physical pages", "free physical",
    "show in window", "scatter", "query", "query region",
};

struct op
{
    enum kind kind;
    uint32_t page, pages, type, protect, alignment, tag;
    uint64_t size;
    int section;
    bool file;
    size_t count;                               /* physical pages */
    uintptr_t numbers[64];
    uint32_t scattered[64];
};

static const uint32_t protects[] =
{
    PAGE_NOACCESS, PAGE_READONLY, PAGE_READWRITE, PAGE_READWRITE, PAGE_READWRITE, PAGE_EXECUTE, PAGE_EXECUTE_READ,
    PAGE_EXECUTE_READWRITE, PAGE_READWRITE | PAGE_GUARD, PAGE_READONLY | PAGE_GUARD, PAGE_WRITECOPY, PAGE_EXECUTE_WRITECOPY,
    0, PAGE_READWRITE | PAGE_READONLY,
};
static uint32_t any_protect(void) { return protects[below(sizeof(protects) / sizeof(*protects))]; }
static uint32_t good_protect(void) { return chance(95) ? protects[below(10)] : any_protect(); }
static uint32_t view_protect(void) { return chance(60) ? PAGE_READWRITE : protects[below(12)]; }

static uint32_t some_pages(void)
{
    switch (below(20))
    {
    case 0:  return 1 + below(2000);
    case 1:
    case 2:  return 1 + below(100);
    default: return 1 + below(12);
    }
}

/* An allocation of one of these kinds (bits), if chance finds one. */
static int some_alloc(unsigned kinds, bool watch)
{
    for (int i = 0; i < 200; i++)
    {
        int alloc = model_pages[below(SIM_PAGES)].alloc;

        if (alloc > ALLOC_HOST && (kinds & (1u << model_allocs[alloc].kind)) && (!watch || model_allocs[alloc].watch)) return alloc;
    }
    return 0;
}

/* A range of pages: mostly inside an allocation of these kinds. */
static void some_range(struct op *op, unsigned kinds, bool watch)
{
    int alloc = chance(92) ? some_alloc(kinds, watch) : 0;

    if (alloc)
    {
        const struct model_alloc *a = &model_allocs[alloc];
        uint32_t start = below(a->pages), size = 1 + below(a->pages - start);

        if (chance(50)) { start = 0; size = a->pages; }
        else if (size > 20 && chance(70)) size = 1 + below(20);
        op->page = a->first + start;
        op->pages = size + (chance(4) ? 1 + below(40) : 0);
    }
    else
    {
        op->page = below(SIM_PAGES);
        op->pages = 1 + below(20);
    }
    if (op->page + op->pages > SIM_PAGES) op->pages = SIM_PAGES - op->page;
}

#define PRIVATE     (1u << MODEL_PRIVATE)
#define PLACEHOLDER (1u << MODEL_PLACEHOLDER)
#define VIEW        (1u << MODEL_VIEW)
#define ANY         (PRIVATE | PLACEHOLDER | VIEW | 1u << MODEL_WINDOW)

/* Pages that are locked, or offered, as far as they reach: what is to be undone is mostly there. */
static void some_marked(struct op *op, bool locked)
{
    uint32_t page = below(SIM_PAGES), end;

    for (uint32_t i = 0; i < SIM_PAGES; i++, page = (page + 1) % SIM_PAGES)
        if (locked ? model_pages[page].locked : model_pages[page].offered) break;
    for (end = page; end < SIM_PAGES && end < page + 30; end++)
        if (!(locked ? model_pages[end].locked : model_pages[end].offered) || (!locked && model_pages[end].alloc != model_pages[page].alloc)) break;
    op->page = page;
    op->pages = end > page ? 1 + below(end - page) : 1;
}

/* Some pages from one of private memory on that was written. */
static void some_written(struct op *op)
{
    uint32_t page = below(SIM_PAGES);
    const struct model_alloc *a;

    for (uint32_t i = 0; i < SIM_PAGES; i++, page = (page + 1) % SIM_PAGES)
    {
        a = &model_allocs[model_pages[page].alloc];
        if (!model_pages[page].tag || a->kind != MODEL_PRIVATE) continue;
        op->page = page;
        op->pages = 1 + below(a->first + a->pages - page < 8 ? a->first + a->pages - page : 8);
        return;
    }
}

/* On to the end of the allocation and into the next ones, if there are some. */
static void reach_on(struct op *op)
{
    for (int i = 0; i < 3; i++)
    {
        uint32_t page = op->page + op->pages - 1;
        int alloc = page < SIM_PAGES ? model_pages[page].alloc : 0;

        if (alloc <= ALLOC_HOST) break;
        op->pages = model_allocs[alloc].first + model_allocs[alloc].pages - op->page;
        if (op->page + op->pages < SIM_PAGES && model_pages[op->page + op->pages].alloc > ALLOC_HOST) op->pages += 1 + below(3);
    }
}

static int some_section(void)
{
    for (int i = 0; i < 100; i++)
    {
        int section = below(MODEL_SECTIONS);

        if (model_sections[section].used) return section;
    }
    return -1;
}

static void generate_map(struct op *op)
{
    const struct model_section *s;
    bool replace = op->kind == OP_MAP_REPLACE;
    uint32_t pages;

    if (chance(15)) op->count = 1 + below(0x20000);             /* bytes to be committed */
    op->section = some_section();
    if (op->section < 0)
    {
        op->kind = OP_READ;
        op->page = below(SIM_PAGES);
        return;
    }
    s = &model_sections[op->section];
    pages = (s->size + SIM_PAGE - 1) / SIM_PAGE;
    op->protect = chance(70) ? (s->protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE) && chance(60) ? s->protect : s->protect & 0x66 ? PAGE_READONLY : PAGE_WRITECOPY)
                             : view_protect();
    if (chance(25)) op->protect = PAGE_WRITECOPY;
    op->type = replace ? MEM_REPLACE_PLACEHOLDER : (s->file && chance(30) ? MEM_RESERVE : 0) | (chance(10) ? MEM_TOP_DOWN : 0);
    op->page = SIM_PAGES;
    op->alignment = 16;
    if (replace)
    {
        some_range(op, PLACEHOLDER, false);
        op->type |= s->file && chance(10) ? MEM_RESERVE : 0;
        if (pages > op->pages) op->alignment = below(pages - op->pages + 1);
        else op->alignment = 0;
        op->size = (uint64_t)op->pages * SIM_PAGE;
        if (op->size > s->size && !(op->type & MEM_RESERVE) && chance(80)) op->size = s->size;
        op->pages = op->alignment;              /* the offset */
        op->alignment = 16;
        return;
    }
    if (chance(20)) op->page = below(SIM_PAGES) / (chance(90) ? 16 : 1) * (chance(90) ? 16 : 1);
    if (op->page != SIM_PAGES && op->page >= SIM_PAGES) op->page = 0;
    if (chance(10)) op->alignment = 32;
    op->pages = pages > 16 && chance(40) ? below(pages / 16 + 1) * 16 : chance(3) ? 3 : 0;
    op->size = chance(40) ? 0 : 1 + random_u32() % (chance(90) ? s->size : s->size + 0x20000);
    if (op->page != SIM_PAGES && op->page > SIM_PAGES - SIM_FILE_PAGES - 64) op->page = 0;
    if (op->size > SIM_FILE_PAGES * (uint64_t)SIM_PAGE) op->size = SIM_PAGE;
}

/* Numbers of physical pages: mostly owned ones, often in a row, sometimes none or a wrong one. */
static void some_numbers(struct op *op, bool zero)
{
    uint32_t from = 1 + below(model_physical_count + 1);

    op->count = 1 + below(chance(80) ? 8 : 64);
    for (size_t i = 0; i < op->count; i++)
    {
        if (!chance(70)) from = below(model_physical_count + 2);
        for (int k = 0; k < 50 && chance(97) && (!from || from > model_physical_count || !model_physical[from].owned); k++)
            from = 1 + below(model_physical_count + 1);
        op->numbers[i] = zero && chance(15) ? 0 : from++;
    }
}

static void generate_physical(struct op *op)
{
    switch (op->kind)
    {
    case OP_WINDOW:
        op->page = SIM_PAGES;
        op->pages = 1 + below(40);
        op->type = MEM_RESERVE | MEM_PHYSICAL;
        op->protect = PAGE_READWRITE;
        break;
    case OP_PHYSICAL:
        op->count = below(chance(95) ? 4 : 64) + 1;
        if (chance(3)) op->count = SIM_FILE_PAGES + 1 + below(500);    /* more than there is room for */
        break;
    case OP_PHYSICAL_FREE:
        some_numbers(op, false);
        if (chance(60)) op->count = 1 + below(op->count);
        break;
    case OP_SHOW:
        some_range(op, 1u << MODEL_WINDOW, false);
        some_numbers(op, true);
        if (chance(85) && op->count > op->pages) op->count = op->pages;
        if (chance(20)) op->type = 1;                   /* unmap */
        break;
    default:
        some_range(op, 1u << MODEL_WINDOW, false);
        some_numbers(op, true);
        for (size_t i = 0; i < op->count; i++) op->scattered[i] = chance(99) ? op->page + (op->pages ? below(op->pages) : 0) : below(SIM_PAGES);
        break;
    }
}

static void generate(struct op *op, unsigned allocs)
{
    *op = (struct op){ .kind = below(OP_KINDS), .protect = good_protect(), .alignment = 16, .tag = random_u32() | 1 };

    /* Enough room, and not too many regions. */
    if (allocs > 1000 && chance(50)) op->kind = chance(60) ? OP_RELEASE : OP_UNMAP;
    switch (op->kind)
    {
    case OP_RESERVE:
    case OP_PLACEHOLDER:
        op->page = SIM_PAGES;
        op->pages = chance(2) ? 5000 + below(20000) : some_pages();
        op->type = MEM_RESERVE | (chance(20) ? MEM_TOP_DOWN : 0);
        if (op->kind == OP_PLACEHOLDER)
        {
            op->type |= MEM_RESERVE_PLACEHOLDER;
            if (chance(97)) op->protect = PAGE_NOACCESS;
            else op->protect = PAGE_WRITECOPY;
        }
        else op->type |= (chance(60) ? MEM_COMMIT : 0) | (chance(15) ? MEM_WRITE_WATCH : 0);
        if (chance(10)) op->alignment = 16u << below(5);
        break;
    case OP_RESERVE_AT:
        op->page = below(SIM_PAGES - 128);
        op->pages = 1 + below(chance(90) ? 20 : 100);
        op->type = MEM_RESERVE | (chance(50) ? MEM_COMMIT : 0) | (chance(15) ? MEM_WRITE_WATCH : 0);
        break;
    case OP_REPLACE:
        some_range(op, PLACEHOLDER, false);
        op->type = MEM_RESERVE | MEM_REPLACE_PLACEHOLDER | (chance(60) ? MEM_COMMIT : 0) | (chance(20) ? MEM_WRITE_WATCH : 0);
        break;
    case OP_COMMIT:
        some_range(op, ANY, chance(25));
        op->type = MEM_COMMIT;
        if (chance(20)) op->protect = any_protect();
        break;
    case OP_RESET:
        some_range(op, ANY, false);
        if (chance(70)) some_written(op);
        op->type = chance(50) ? MEM_RESET : MEM_RESET_UNDO;
        break;
    case OP_DECOMMIT:
        some_range(op, PRIVATE, chance(25));
        if (chance(15)) op->pages = 0;
        break;
    case OP_RELEASE:
        some_range(op, PRIVATE | PLACEHOLDER | 1u << MODEL_WINDOW, false);
        if (chance(30)) op->pages = 0;
        break;
    case OP_PROTECT:
        some_range(op, ANY, false);
        if (chance(40)) op->protect = any_protect();
        if (chance(40))
        {
            /* shared views to and fro between shared and copy-on-write */
            static const uint32_t some[] = { PAGE_WRITECOPY, PAGE_READWRITE, PAGE_READONLY };

            some_range(op, VIEW, false);
            op->protect = some[below(3)];
        }
        break;
    case OP_PRESERVE:
        some_range(op, PRIVATE | PLACEHOLDER, false);
        if (chance(2)) op->pages = 0;
        break;
    case OP_COALESCE:
        some_range(op, PLACEHOLDER, false);
        if (op->pages && chance(80))
        {
            /* as far as placeholders reach, or less */
            uint32_t page = model_pages[op->page].alloc > ALLOC_HOST ? model_allocs[model_pages[op->page].alloc].first : op->page, at = page;

            for (int i = 0; i < 5 && at < SIM_PAGES; i++)
            {
                int alloc = model_pages[at].alloc;

                if (alloc <= ALLOC_HOST || model_allocs[alloc].kind != MODEL_PLACEHOLDER) break;
                at += model_allocs[alloc].pages;
                if (i && chance(30)) break;
            }
            op->page = page;
            op->pages = at - page;
        }
        break;
    case OP_CREATE:
        op->file = chance(40);
        op->protect = chance(70) ? PAGE_READWRITE : protects[1 + below(11)] & 0xff;
        if (op->protect == PAGE_NOACCESS || op->protect == PAGE_EXECUTE) op->protect = PAGE_EXECUTE_READ;
        op->type = chance(50) ? SEC_RESERVE : SEC_COMMIT;
        op->size = chance(4) ? 0 : 1 + random_u32() % (chance(90) ? 0x40000 : 0x300000);
        if (op->file && chance(50)) op->size = 0;
        op->pages = chance(3) ? 0 : below(0x40000);     /* how large the file is, bytes */
        break;
    case OP_EXTEND:
        op->section = some_section();
        op->size = 1 + random_u32() % (chance(97) ? 0x60000 : 0x1000000);
        if (op->section < 0) op->kind = OP_READ;
        break;
    case OP_MAP:
    case OP_MAP_REPLACE:
        generate_map(op);
        break;
    case OP_UNMAP:
        some_range(op, VIEW, false);
        op->type = chance(40) ? MEM_PRESERVE_PLACEHOLDER : 0;
        break;
    case OP_READ:
    case OP_WRITE:
        some_range(op, chance(20) ? ANY : chance(50) ? PRIVATE | VIEW : VIEW, false);
        op->page += op->pages ? below(op->pages) : 0;
        break;
    case OP_WATCH:
        some_range(op, PRIVATE, chance(80));
        op->type = chance(50);
        op->size = 1 + below(chance(50) ? 4 : 300);
        break;
    case OP_WATCH_RESET:
        some_range(op, PRIVATE, chance(80));
        break;
    case OP_LOCK:
    case OP_UNLOCK:
        some_range(op, PRIVATE | VIEW, chance(20));
        if (chance(20)) reach_on(op);
        if (op->kind == OP_UNLOCK && chance(60)) some_marked(op, true);
        break;
    case OP_FLUSH:
        some_range(op, chance(80) ? VIEW : ANY, false);
        break;
    case OP_OFFER:
    case OP_RECLAIM:
    case OP_DISCARD:
        some_range(op, chance(90) ? PRIVATE : ANY, false);
        if (op->kind == OP_RECLAIM && chance(60)) some_marked(op, false);
        if (op->kind == OP_OFFER && chance(50)) some_written(op);
        break;
    case OP_WINDOW:
    case OP_PHYSICAL:
    case OP_PHYSICAL_FREE:
    case OP_SHOW:
    case OP_SCATTER:
        generate_physical(op);
        break;
    default:
        op->page = below(SIM_PAGES);
        op->type = chance(10);
        break;
    }
    if (op->page < SIM_PAGES && op->page + op->pages > SIM_PAGES) op->pages = SIM_PAGES - op->page;
}
