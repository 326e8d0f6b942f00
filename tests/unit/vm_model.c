/* The section manager against a model, at random.
 *
 *     vm_model [--seed N] [--ops N] [--faults N] [--trace 1]
 *
 * A million operations on a simulated host (sim_host.h): each must have the status that the model (model.h) predicts,
 * vm_check() must hold after each, and every so often all that can be asked and read is compared. Then some thousands
 * in which the Nth host call fails, for every N: the state must be as before. The seed is printed.
 */
#include <stdio.h>
#include <stdlib.h>

#include "model_ops.h"
#include "tap.h"
#include "scarce.h"

static bool trace;              /* print every operation */
static unsigned long successes[OP_KINDS], refusals[OP_KINDS];

/* ---- the manager's side ------------------------------------------------------------------------------------------------- */

#define ADDR(page) (SIM_BASE + (uintptr_t)(page) * SIM_PAGE)
#define PAGE(addr) ((uint32_t)(((addr) - SIM_BASE) / SIM_PAGE))

static vm_status touch(uint32_t page, bool write, uint32_t *tag)
{
    for (int i = 0; i < 4; i++)
    {
        enum sim_touch got = write ? sim_write(ADDR(page), *tag) : sim_read(ADDR(page), tag);
        struct vm_fault fault = { .address = ADDR(page) + 8, .access = write ? VM_ACCESS_WRITE : VM_ACCESS_READ, .bus = got == SIM_BUS };
        vm_status status;

        if (got == SIM_OK) return STATUS_SUCCESS;
        if ((status = vm_fault(&fault))) return status;
    }
    printf("# page %u: the fault was handled, and came again\n", page);
    return 1;
}

/* What an operation gave back, besides its status. */
struct result
{
    uint32_t page, pages, old, tag;
    uint64_t size;
    size_t count;
    uint32_t found[512];
    uintptr_t numbers[4096];
    struct section *section;
    int fd;
};

static vm_status run_create(const struct op *op, struct result *r)
{
    struct vm_section_create params = {
        .fd = -1, .file_writable = true, .size = op->size, .protect = op->protect, .attributes = op->type, .node = ~0u,
    };
    vm_status status;
    long saved = sim_fail_at;

    sim_fail_at = 0;
    r->fd = op->file ? sim_open_new(op->pages) : -1;
    params.fd = r->fd;
    sim_fail_at = saved;
    status = section_create(&params, &r->section);
    if (status && op->file) sim_file_close(r->fd);
    return status;
}

static vm_status run(const struct op *op, struct result *r)
{
    uintptr_t base = op->page == SIM_PAGES ? 0 : ADDR(op->page), pages[512];
    size_t size = (size_t)op->pages * SIM_PAGE;
    struct vm_limits limits = { SIM_BASE, SIM_END - 1, (size_t)op->alignment * SIM_PAGE };
    struct vm_map map;
    struct vm_basic_info info;
    struct vm_region_info region;
    vm_status status;

    r->tag = op->tag;
    switch (op->kind)
    {
    case OP_RESERVE:
    case OP_RESERVE_AT:
    case OP_PLACEHOLDER:
    case OP_REPLACE:
    case OP_COMMIT:
    case OP_RESET:
    case OP_WINDOW:
        status = vm_allocate(&base, &size, op->type, op->protect, base ? NULL : &limits, ~0u);
        break;
    case OP_DECOMMIT: status = vm_free(&base, &size, MEM_DECOMMIT); break;
    case OP_RELEASE:  status = vm_free(&base, &size, MEM_RELEASE); break;
    case OP_PRESERVE: status = vm_free(&base, &size, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER); break;
    case OP_COALESCE: status = vm_free(&base, &size, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS); break;
    case OP_PROTECT:  status = vm_protect(&base, &size, op->protect, &r->old); break;
    case OP_CREATE:   return run_create(op, r);
    case OP_EXTEND:
        r->size = op->size;
        return section_extend(model_sections[op->section].section, &r->size);
    case OP_MAP:
    case OP_MAP_REPLACE:
        map = (struct vm_map){
            .base = base, .size = op->size, .offset = (uint64_t)op->pages * SIM_PAGE, .type = op->type, .protect = op->protect,
            .inherit = 1, .node = ~0u, .limits = limits, .commit_size = op->count,
        };
        status = view_map(model_sections[op->section].section, &map);
        base = map.base;
        size = map.size;
        break;
    case OP_UNMAP:  return view_unmap(base + 0x123, op->type);
    case OP_READ:   return touch(op->page, false, &r->tag);
    case OP_WRITE:  return touch(op->page, true, &r->tag);
    case OP_WATCH:
        r->count = op->size;
        status = vm_get_write_watch(base, size, op->type, pages, &r->count);
        for (size_t i = 0; !status && i < r->count; i++) r->found[i] = PAGE(pages[i]);
        return status;
    case OP_WATCH_RESET: return vm_reset_write_watch(base, size);
    case OP_LOCK:   return vm_lock_range(&base, &size);
    case OP_UNLOCK: return vm_unlock_range(&base, &size);
    case OP_FLUSH:  return view_flush(&base, &size);
    case OP_OFFER:   return vm_offer(base, size);
    case OP_RECLAIM: return vm_reclaim(base, size);
    case OP_DISCARD: return vm_discard(base, size);
    case OP_PHYSICAL:
        r->count = op->count;
        return vm_physical_allocate(&r->count, r->numbers);
    case OP_PHYSICAL_FREE:
        r->count = op->count;
        return vm_physical_free(&r->count, op->numbers);
    case OP_SHOW: return vm_physical_map(base + 0x10, NULL, op->count, op->type ? NULL : op->numbers);
    case OP_SCATTER:
        for (size_t i = 0; i < op->count; i++) pages[i] = ADDR(op->scattered[i]);
        return vm_physical_map(0, pages, op->count, op->numbers);
    case OP_QUERY:  return vm_query(op->type ? VM_HIGHEST_USER + 1 : base, &info);
    default:        return vm_query_region(base, &region);
    }
    r->page = PAGE(base);
    r->pages = size / SIM_PAGE;
    return status;
}

/* ---- the model's side ------------------------------------------------------------------------------------------------------ */

static vm_status expect_create(const struct op *op, struct result *r)
{
    uint64_t size = op->size;
    bool writable = op->protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE);
    int slot = -1;

    if (op->file)
    {
        if (!size) size = op->pages;
        if (!size) return STATUS_MAPPED_FILE_SIZE_ZERO;
        if (size > op->pages && !writable) return STATUS_SECTION_TOO_BIG;
    }
    else
    {
        if (!size) return STATUS_INVALID_PARAMETER_4;
        size = (size + SIM_PAGE - 1) & -(uint64_t)SIM_PAGE;
        if (op->type == SEC_COMMIT && model_take_charge(size)) return STATUS_COMMITMENT_LIMIT;
    }
    if (!model_apply) return STATUS_SUCCESS;
    for (int i = 0; i < MODEL_SECTIONS; i++) if (!model_sections[i].used) slot = i;
    if (slot < 0) abort();
    memset(&model_sections[slot], 0, sizeof(model_sections[slot]));
    model_sections[slot] = (struct model_section){
        .used = true, .section = r->section, .file = op->file, .reserve = op->type == SEC_RESERVE, .size = size,
        .file_size = size > op->pages ? size : op->pages, .protect = op->protect, .fd = r->fd,
    };
    if (!op->file && op->type == SEC_COMMIT) model_charge += size;
    return STATUS_SUCCESS;
}

static vm_status expect_extend(const struct op *op, struct result *r)
{
    struct model_section *s = &model_sections[op->section];

    if (!s->file || !(s->protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE))) return STATUS_SECTION_NOT_EXTENDED;
    if (op->size > s->size && op->size > s->file_size && op->size > (uint64_t)SIM_FILE_PAGES * SIM_PAGE) return STATUS_DISK_FULL;
    if (model_apply && op->size > s->size)
    {
        s->size = op->size;
        if (s->file_size < op->size) s->file_size = op->size;
    }
    r->size = op->size > s->size ? op->size : s->size;
    return STATUS_SUCCESS;
}

static vm_status expect_flush(const struct op *op)
{
    int alloc = model_pages[op->page].alloc;

    if (alloc <= ALLOC_HOST || model_allocs[alloc].kind != MODEL_VIEW) return STATUS_NOT_MAPPED_VIEW;
    return op->page + op->pages > model_allocs[alloc].first + model_allocs[alloc].pages ? STATUS_INVALID_PARAMETER_2 : STATUS_SUCCESS;
}

static vm_status expect(const struct op *op, struct result *r)
{
    struct model_map m = { op->section, op->page, op->pages, op->protect, op->type, op->alignment, op->size, op->count };
    vm_status status;
    int alloc;

    r->page = op->page;
    r->pages = op->pages;
    r->tag = op->tag;
    switch (op->kind)
    {
    case OP_RESERVE:
    case OP_RESERVE_AT:
    case OP_PLACEHOLDER:
    case OP_REPLACE:
    case OP_WINDOW:
        status = model_reserve(&r->page, op->pages, op->type, op->protect, op->alignment);
        r->pages = op->pages + (op->page != SIM_PAGES ? op->page - r->page : 0);
        return status;
    case OP_COMMIT:   return model_commit(op->page, op->pages, op->protect);
    case OP_RESET:    return model_reset(op->page, op->pages, op->type == MEM_RESET_UNDO);
    case OP_DECOMMIT: return model_decommit(op->page, op->pages);
    case OP_RELEASE:
        if (!op->pages && model_pages[op->page].alloc > ALLOC_HOST) r->pages = model_allocs[model_pages[op->page].alloc].pages;
        return model_release(op->page, op->pages);
    case OP_PROTECT:  return model_protect(op->page, op->pages, op->protect, &r->old);
    case OP_PRESERVE: return model_preserve(op->page, op->pages);
    case OP_COALESCE: return model_coalesce(op->page, op->pages);
    case OP_CREATE:   return expect_create(op, r);
    case OP_EXTEND:   return expect_extend(op, r);
    case OP_MAP:
    case OP_MAP_REPLACE:
        status = model_view(&m, &r->pages);
        r->page = m.page;
        return status;
    case OP_UNMAP:    return model_unmap(op->page, op->type);
    case OP_READ:     return model_touch(op->page, false, &r->tag);
    case OP_WRITE:    return model_touch(op->page, true, &r->tag);
    case OP_WATCH:
        r->count = op->size;
        return model_watch(op->page, op->pages, op->type, r->found, &r->count);
    case OP_WATCH_RESET:
        r->count = SIM_PAGES;
        return model_watch(op->page, op->pages, true, NULL, &r->count);
    case OP_LOCK:     return model_lock(op->page, op->pages);
    case OP_UNLOCK:   return model_unlock(op->page, op->pages);
    case OP_FLUSH:    return expect_flush(op);
    case OP_OFFER:    return model_offer(op->page, op->pages, false);
    case OP_RECLAIM:  return model_offer(op->page, op->pages, true);
    case OP_DISCARD:  return model_discard(op->page, op->pages);
    case OP_PHYSICAL:
        r->count = op->count;
        return model_physical_allocate(&r->count, r->numbers);
    case OP_PHYSICAL_FREE:
        r->count = op->count;
        return model_physical_free(&r->count, op->numbers);
    case OP_SHOW:     return model_physical_map(op->page, NULL, op->count, op->type ? NULL : op->numbers);
    case OP_SCATTER:  return model_physical_map(0, op->scattered, op->count, op->numbers);
    case OP_QUERY:    return op->type ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
    default:
        alloc = model_pages[op->page].alloc;
        return alloc > ALLOC_HOST ? STATUS_SUCCESS : STATUS_INVALID_ADDRESS;
    }
}

static bool same_result(const struct op *op, const struct result *a, const struct result *b)
{
    switch (op->kind)
    {
    case OP_RESERVE: case OP_RESERVE_AT: case OP_PLACEHOLDER: case OP_REPLACE: case OP_MAP: case OP_MAP_REPLACE: case OP_RELEASE:
        return a->page == b->page && a->pages == b->pages;
    case OP_PROTECT: return a->old == b->old;
    case OP_WINDOW:  return a->page == b->page && a->pages == b->pages;
    case OP_PHYSICAL: return a->count == b->count && !memcmp(a->numbers, b->numbers, a->count * sizeof(*a->numbers));
    case OP_EXTEND:  return a->size == b->size;
    case OP_READ:    return a->tag == b->tag;
    case OP_WATCH:   return a->count == b->count && !memcmp(a->found, b->found, a->count * sizeof(*a->found));
    default:         return true;
    }
}

/* ---- comparing everything --------------------------------------------------------------------------------------------------- */

static bool same_run(uint32_t page, uint32_t first)
{
    int alloc = model_pages[page].alloc, first_alloc = model_pages[first].alloc;

    if (alloc <= ALLOC_HOST && first_alloc <= ALLOC_HOST) return true;
    return alloc == first_alloc && model_page_committed(page) == model_page_committed(first) && model_shown(page) == model_shown(first);
}

static bool same_query(uint32_t page)
{
    struct vm_basic_info info;
    int alloc = model_pages[page].alloc;
    uint32_t end = page + 1;
    bool good;

    while (end < SIM_PAGES && same_run(end, page)) end++;
    if (vm_query(ADDR(page), &info)) return false;
    if (alloc <= ALLOC_HOST)
        good = info.state == MEM_FREE && info.protect == PAGE_NOACCESS && !info.allocation_base && !info.type &&
            (PAGE(info.base + info.region_size) == end || end == SIM_PAGES);
    else
        good = info.state == (model_page_committed(page) ? MEM_COMMIT : MEM_RESERVE) && info.protect == model_shown(page) &&
            info.allocation_base == ADDR(model_allocs[alloc].first) && info.allocation_protect == model_allocs[alloc].protect &&
            info.type == (model_allocs[alloc].kind == MODEL_VIEW ? MEM_MAPPED : MEM_PRIVATE) && info.region_size == (uint64_t)(end - page) * SIM_PAGE;
    if (!good)
        printf("# page %u: allocation base %ld state %x protect %x %ld pages; the model has %d, %d, protect %x, %u pages, alloc protect %x/%x\n", page,
               info.allocation_base ? (long)PAGE(info.allocation_base) : -1, info.state, info.protect, (long)(info.region_size / SIM_PAGE), alloc > ALLOC_HOST ? (int)model_allocs[alloc].first : -1,
               model_page_committed(page), model_shown(page), end - page, info.allocation_protect, model_allocs[alloc].protect);
    return good;
}

static bool host_agrees(uint32_t page)
{
    const struct model_page *p = &model_pages[page];
    const struct model_alloc *a = &model_allocs[p->alloc];
    bool there = model_page_committed(page) && !p->offered && !(p->protect & (PAGE_GUARD | PAGE_NOACCESS)), copy = there && model_is_copy(p->protect);

    return sim_allows_only(page, there, there && (copy || model_rights(p->protect) & 2),
                           (a->kind != MODEL_VIEW && !p->physical) || copy || p->copied || model_is_copy(a->protect));
}

static bool same_everything(void)
{
    uint64_t used, limit, peak;

    for (uint32_t page = 0; page < SIM_PAGES; page++)
    {
        struct model_page *p = &model_pages[page];
        uint32_t theirs = 0, ours = 0;

        if ((!page || !same_run(page, page - 1)) && !same_query(page)) return false;
        if (p->alloc > ALLOC_HOST && !host_agrees(page)) return printf("# page %u: the host allows too much\n", page), false;
        if (p->alloc <= ALLOC_HOST || !model_page_committed(page) || p->offered || p->protect & (PAGE_GUARD | PAGE_NOACCESS)) continue;
        if (model_touch(page, false, &theirs) != touch(page, false, &ours) || theirs != ours)
        {
            printf("# page %u: contents %x, the model has %x\n", page, ours, theirs);
            return false;
        }
    }
    vm_commit_charge(&used, &limit, &peak);
    if (used != model_charge) printf("# commit charge %lx, the model has %lx\n", (long)used, (long)model_charge);
    return used == model_charge;
}

static bool invariants(void)
{
    const char *why;
    int number = vm_check(&why);

    if (number) printf("# invariant %d: %s\n", number, why);
    return !number;
}

/* ---- the runs ------------------------------------------------------------------------------------------------------------------ */

static void print_op(const struct op *op, unsigned long number, vm_status got, vm_status wanted, const struct result *a, const struct result *b)
{
    printf("# operation %lu: %s page %u pages %u type %x protect %x size %lx section %d: status %08x, the model says %08x; page %u/%u pages %u/%u old %x/%x tag %x/%x count %zu/%zu\n",
           number, kind_names[op->kind], op->page, op->pages, op->type, op->protect, (long)op->size, op->section, got, wanted, a->page, b->page, a->pages, b->pages,
           a->old, b->old, a->tag, b->tag, a->count, b->count);
}

/* Sections that nobody maps go now and then: their slots are needed. */
static void drop_section(int i)
{
    struct model_section *s = &model_sections[i];

    if (!s->used || s->views) return;
    section_unref(s->section);
    if (s->file) sim_file_close(s->fd);
    if (!s->file && !s->reserve) model_charge -= s->size;
    for (int k = 0; k < (int)SIM_FILE_PAGES; k++) if (s->reserve && !s->file && s->committed[k]) model_charge -= SIM_PAGE;
    s->used = false;
}

static void make_room(void)
{
    int used = 0;

    for (int i = 0; i < MODEL_SECTIONS; i++) used += model_sections[i].used;
    if (used < MODEL_SECTIONS - 1) return;
    for (int i = 0; i < 4; i++) drop_section(below(MODEL_SECTIONS));
    for (int i = 0; i < MODEL_SECTIONS; i++)
    {
        /* Every one is mapped: unmap one of them everywhere. */
        used = 0;
        for (int k = 0; k < MODEL_SECTIONS; k++) used += model_sections[k].used;
        if (used < MODEL_SECTIONS - 1) return;
        for (uint32_t page = 0; page < SIM_PAGES; page++)
        {
            int alloc = model_pages[page].alloc;

            if (alloc <= ALLOC_HOST || model_allocs[alloc].kind != MODEL_VIEW || model_allocs[alloc].section != i) continue;
            model_apply = true;
            check(!view_unmap(ADDR(page), 0));
            check(!model_unmap(page, 0));
        }
        drop_section(i);
    }
}

/* A section that nobody maps takes most of the commit charge, so that the rest of it runs out now and then. */
#define BALLAST (66ull << 20)
static struct section *ballast;

static void take_ballast(void)
{
    struct vm_section_create create = { .fd = -1, .size = BALLAST, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };

    check(!section_create(&create, &ballast));
    model_charge += BALLAST;
}

static void drop_ballast(void)
{
    section_unref(ballast);
    model_charge -= BALLAST;
}

static unsigned count_allocs(void)
{
    unsigned count = 0;

    for (int i = 2; i < MODEL_ALLOCS; i++) count += model_allocs[i].used;
    return count;
}

static void clear_everything(void)
{
    uint64_t used, limit, peak;

    for (uint32_t page = 0; page < SIM_PAGES; page++)
    {
        int alloc = model_pages[page].alloc;
        uintptr_t base = ADDR(page);
        size_t size = 0;

        if (alloc <= ALLOC_HOST) continue;
        model_apply = true;
        if (model_allocs[alloc].kind == MODEL_VIEW)
        {
            check(!view_unmap(base, 0));
            check(!model_unmap(page, 0));
        }
        else
        {
            check(!vm_free(&base, &size, MEM_RELEASE));
            check(!model_release(page, 0));
        }
    }
    for (int i = 0; i < MODEL_SECTIONS; i++) drop_section(i);
    for (uintptr_t number = 1; number <= model_physical_count; number++)
    {
        size_t ours = 1, theirs = 1;

        model_apply = true;
        check(vm_physical_free(&ours, &number) == model_physical_free(&theirs, &number) && ours == theirs);
    }
    vm_commit_charge(&used, &limit, &peak);
    check(used == 0 && model_charge == 0);
    sim_check_files();
    for (uint32_t page = 0; page < SIM_PAGES; page++) check(sim_mapped(page) == (model_pages[page].alloc == ALLOC_HOST));
}

/* Somebody else's mappings, which placement must go around. */
static void occupy(void)
{
    for (int i = 0; i < 10; i++)
    {
        uint32_t page = below(SIM_PAGES - 40), pages = 1 + below(30);

        for (uint32_t k = page; k < page + pages; k++)
        {
            if (model_pages[k].alloc != ALLOC_FREE) continue;
            model_pages[k].alloc = ALLOC_HOST;
            sim_occupy(k);
        }
    }
}

static bool one(unsigned long number, unsigned allocs)
{
    static struct result ours, theirs;
    vm_status got, wanted;
    struct op op;

    make_room();
    generate(&op, allocs);
    got = run(&op, &ours);
    theirs.section = ours.section;
    theirs.fd = ours.fd;
    model_apply = true;
    wanted = expect(&op, &theirs);
    if (vm_success(got)) successes[op.kind]++; else refusals[op.kind]++;
    if (trace) print_op(&op, number, got, wanted, &ours, &theirs);
    if (got == wanted && (!vm_success(got) || same_result(&op, &ours, &theirs)) && invariants()) return true;
    print_op(&op, number, got, wanted, &ours, &theirs);
    return false;
}

/* Now and then memory is short: the host drops some of what it may, and the model knows why it may. Pages that are lost
 * without anybody knowing what they held (locked ones are written by the host) are not among them. */
static unsigned long dropped;

static bool pressure(void)
{
    uint32_t from = below(SIM_PAGES);

    for (uint32_t page = from; page < SIM_PAGES && page < from + 4000; page++)
    {
        if (!model_pages[page].tag || chance(50) || !sim_drop(page)) continue;
        dropped++;
        if (!model_drop(page)) return printf("# page %u was dropped, but nobody had given it away\n", page), false;
    }
    return true;
}

static bool run_random(unsigned long ops)
{
    for (unsigned long i = 0; i < ops; i++)
    {
        static unsigned allocs;

        if (i % 64 == 0) allocs = count_allocs();
        if (!one(i, allocs)) return false;
        if (i % 8 == 0 && !same_query(below(SIM_PAGES))) return false;
        if (i % 16 == 0 && !pressure()) return false;
        if (i % 2048 == 0 && !same_everything()) return printf("# after operation %lu\n", i), false;
    }
    return same_everything();
}

/* The same, but each operation is first tried with no node to be had, then with one ...; then with its first host call
 * failing, then its second ... */
static bool run_failing(unsigned long ops, unsigned long *failures)
{
    static struct result ours, theirs;

    for (unsigned long i = 0; i < ops; i++)
    {
        vm_status got, wanted;
        bool poor = chance(50);                 /* the other half: hosts that fail */
        struct op op;

        make_room();
        if (!pressure()) return false;
        generate(&op, count_allocs());
        if (op.kind >= OP_QUERY) continue;
        for (long n = poor ? 0 : 1;; n += poor ? 1 + n / 4 : 1)         /* some take thousands of nodes */
        {
            if (poor) scarce(n);
            else
            {
                sim_failed = false;
                sim_fail_at = n;
            }
            got = run(&op, &ours);
            sim_fail_at = 0;
            plenty();
            if (poor) sim_failed = own_refused;
            if (!invariants()) return print_op(&op, i, got, 0, &ours, &theirs), false;
            if (!sim_failed || vm_success(got)) break;
            ++*failures;
            if (op.kind == OP_PHYSICAL_FREE)    /* says how far it got */
            {
                model_apply = true;
                model_physical_free(&ours.count, op.numbers);
            }
            /* A host that cannot keep what it has is believed to have lost it. */
            if (op.kind == OP_RECLAIM && got == STATUS_DEVICE_BUSY) break;
            /* A refusal that the model makes too came before the failing call could matter. */
            model_apply = false;
            if (got == expect(&op, &theirs)) break;
            if ((n < 3 || chance(10)) && !same_everything())
                return printf(poor ? "# with %ld nodes of each kind\n" : "# host call %ld of it failed\n", n), print_op(&op, i, got, 0, &ours, &theirs), false;
        }
        theirs.section = ours.section;
        theirs.fd = ours.fd;
        model_apply = true;
        wanted = expect(&op, &theirs);
        for (uint32_t page = op.page; sim_failed && op.kind == OP_RECLAIM && got == STATUS_DEVICE_BUSY && page < op.page + op.pages; page++)
            if (!sim_holds(page)) model_pages[page].tag = 0;    /* it went at once */
        if (sim_failed && op.kind == OP_RECLAIM && got == STATUS_DEVICE_BUSY && wanted == STATUS_SUCCESS) continue;
        if (got != wanted || (vm_success(got) && !sim_failed && !same_result(&op, &ours, &theirs)))
            return print_op(&op, i, got, wanted, &ours, &theirs), false;
        /* What a failing host does not promise: that pages stay latched. */
        if (sim_failed && op.kind == OP_PROTECT && model_holding(op.page, op.page + op.pages))
        {
            const struct model_alloc *a = &model_allocs[model_pages[op.page].alloc];
            size_t count = SIM_PAGES;

            if (a->watch && (model_watch(a->first, a->pages, true, NULL, &count) || vm_reset_write_watch(ADDR(a->first), (size_t)a->pages * SIM_PAGE)))
                return false;
        }
    }
    return same_everything();
}

#ifndef FUZZ
int main(int argc, char **argv)
{
    static const char *const hosts[] = { "all features", "no userfaultfd", "no pagemap" };
#ifdef REAL_HOST
    unsigned long ops = 60000, faults = 0, failures = 0;
#else
    unsigned long ops = 1000000, faults = 6000, failures = 0;
#endif
    uint64_t seed = 20240607;

    for (int i = 1; i + 1 < argc; i += 2)
    {
        if (!strcmp(argv[i], "--seed")) seed = strtoull(argv[i + 1], NULL, 0);
        if (!strcmp(argv[i], "--ops")) ops = strtoul(argv[i + 1], NULL, 0);
        if (!strcmp(argv[i], "--trace")) trace = true;
        if (!strcmp(argv[i], "--faults")) faults = strtoul(argv[i + 1], NULL, 0);
    }
    printf("# seed %lu, %lu operations\n", (long)seed, ops);
    random_state = seed * 2654435761u + 1;
    check(!vm_init());
    sim_start();
    host = &sim_host;
    use_up_first_nodes();
    vm_lock_limit(MODEL_LOCK_LIMIT * SIM_PAGE);
    occupy();
    for (int i = 0; i < 3; i++)
    {
        char what[100];

#ifndef REAL_HOST
        host_caps.page_size = SIM_PAGE;
        host_caps.see_copies = host_caps.watch_writes = true;
#endif
        host_caps.see_copies = host_caps.see_copies && i != 2;
        host_caps.watch_writes = host_caps.watch_writes && i == 0;
        snprintf(what, sizeof(what), "%lu operations, %s", ops / 3, hosts[i]);
        take_ballast();
        if (!ok(run_random(ops / 3), what)) break;
        drop_ballast();
        clear_everything();
        snprintf(what, sizeof(what), "the Nth host call fails, %s", hosts[i]);
        if (!ok(run_failing(faults / 3, &failures), what)) break;
        clear_everything();
    }
    printf("# %lu host calls failed, %lu pages were dropped\n", failures, dropped);
#ifndef REAL_HOST
    if (ops >= 100000) check(dropped >= 50);
#endif
    for (int i = 0; i < OP_KINDS; i++)
    {
        unsigned long all = successes[i] + refusals[i];

        printf("# %-22s %8lu successes %8lu refusals\n", kind_names[i], successes[i], refusals[i]);
        if (ops >= 100000) check(successes[i] * 100 >= all && refusals[i] * 100 >= all);
    }
    return tap_done();
}
#endif
