/* vm_check() itself: each invariant is broken by hand, and it must say which. */
#include <string.h>

#include "vm/vm_private.h"
#include "tap.h"

#define K 0x1000u

static uintptr_t allocate(size_t size, uint32_t type, uint32_t protect)
{
    uintptr_t base = 0;

    check(!vm_allocate(&base, &size, type, protect, NULL, ~0u));
    return base;
}

/* One word or byte of the state gets another value for the time of a check. Some break several invariants at once. */
#define ANY (-1)
static void broken(void *where, size_t size, uint64_t value, int number, const char *what)
{
    unsigned char saved[8];
    const char *why = NULL;
    int found;

    memcpy(saved, where, size);
    memcpy(where, &value, size);
    found = vm_check(&why);
    memcpy(where, saved, size);
    if (!ok(found && (found == number || number == ANY) && why, what)) printf("# invariant %d: %s\n", found, why ? why : "none");
    check(!vm_check(NULL));
}
#define breaks(field, value, number) broken(&(field), sizeof(field), value, number, #field " = " #value)

static void test_regions(void)
{
    uintptr_t base = allocate(0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), next = allocate(0x10000, MEM_RESERVE, PAGE_READWRITE);
    struct region *r = region_find(base), *low = (struct region *)tree_first(&regions), saved;
    uint32_t value;

    breaks(r->end, base, ANY);
    breaks(r->end, base + 0x10800, 1);
    breaks(r->end, VM_USER_END + 0x10000, ANY);
    breaks(r->end, next + 0x1000, ANY);
    breaks(((struct region *)regions.root)->node.height, 77, 2);
    breaks(r->node.parent, 8, 2);
    breaks(((struct region *)regions.root)->tree_gap, 5, 3);
    breaks(((struct region *)regions.root)->tree_start, 5, 3);
    breaks(((struct region *)regions.root)->tree_end, 5, 3);
    breaks(r->committed, 0, 5);
    breaks(r->pages.first, VALUE_COMMITTED, 6);
    breaks(r->pages.first, VALUE_COMMITTED | PAGE_READONLY | PAGE_READWRITE, 6);
    breaks(r->pages.first, VALUE_COMMITTED | PAGE_READWRITE | VALUE_COPIED, 9);
    breaks(r->pages.first, VALUE_COMMITTED | PAGE_READWRITE | VALUE_SHARED, 9);
    breaks(r->pages.first, VALUE_COMMITTED | PAGE_READWRITE | VALUE_DIRTY, 9);
    breaks(r->pages.first, VALUE_COMMITTED | PAGE_READWRITE | VALUE_OFFERED | VALUE_LOCKED, 11);
    breaks(r->charged, 5, 10);
    breaks(region_find(next)->pages.first, VALUE_DROPPABLE, 11);
    value = region_find(next)->pages.first;
    ok(!value, "reserved");
    breaks(region_find(next)->pages.first, PAGE_READWRITE, 6);
    breaks(region_find(next)->pages.first, VALUE_OFFERED, 11);
    breaks(region_find(next)->committed, 5, 5);
    saved = *r;
    r->kind = REGION_MAPPED;                    /* without a section; its commit is nobody's then */
    r->committed = 0;
    ok(vm_check(NULL) == 8, "a view without a section");
    r->kind = REGION_PRIVATE;
    r->committed = saved.committed;
    breaks(low->node.key, K, ANY);
    check(!vm_check(NULL));
}

static void test_runs(void)
{
    uintptr_t base = allocate(0x10000, MEM_RESERVE, PAGE_READWRITE), at = base + 0x4000;
    size_t size = 0x2000;
    struct region *r;
    struct run_point *point;

    check(!vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u));
    r = region_find(base);
    point = (struct run_point *)tree_first(&r->pages.points);
    breaks(point->value, 0, 4);
    breaks(point->node.key, 0x4800, 4);
    breaks(point->node.key, 0, 4);
    breaks(r->pages.count, 1, 4);
    breaks(((struct run_point *)r->pages.points.root)->node.height, 9, 4);
    point = (struct run_point *)tree_next(&point->node);
    breaks(point->node.key, 0x20000, 4);
}

static void test_kinds(void)
{
    struct vm_section_create create = { .fd = -1, .size = 0x10000, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    uintptr_t placeholder = allocate(0x10000, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS), window, watched, numbers[2];
    struct vm_map map = { .protect = PAGE_READWRITE, .node = ~0u };
    struct section *section;
    struct region *r = region_find(placeholder), *w;
    size_t count = 2;

    breaks(r->pages.first, VALUE_COMMITTED | PAGE_READWRITE, 7);
    breaks(r->protect, PAGE_READWRITE, 7);
    check(!section_create(&create, &section) && !view_map(section, &map));
    r = region_find(map.base);
    breaks(r->offset, 0x1000, 8);
    breaks(r->section, 0, 8);
    breaks(r->charged, 0x1000, 10);
    breaks(r->committed, 0x1000, 5);
    breaks(r->pages.first, VALUE_LATE, 6);
    breaks(r->pages.first, VALUE_COMMITTED | PAGE_READWRITE | VALUE_DROPPABLE, 11);
    breaks(r->pages.first, VALUE_COMMITTED | PAGE_READWRITE | VALUE_OFFERED, 11);
    watched = allocate(0x10000, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    w = region_find(watched);
    ok(!vm_check(NULL), "nothing is wrong");
    breaks(w->pages.first, VALUE_COMMITTED | PAGE_READWRITE | VALUE_COPIED, 9);

    window = allocate(0x10000, MEM_RESERVE | MEM_PHYSICAL, PAGE_READWRITE);
    check(!vm_physical_allocate(&count, numbers) && !vm_physical_map(window, NULL, 2, numbers));
    w = region_find(window);
    breaks(((struct run_point *)tree_first(&w->pages.points))->node.key, 0x1000, 12);
    breaks(((struct run_point *)tree_first(&w->pages.points))->node.key, 0x3000, 12);
    breaks(w->committed, 0x1000, 5);
    check(!vm_physical_free(&count, numbers));
    ok(!vm_check(NULL), "all is well in the end");
}

int main(void)
{
    check(!vm_init());
    test_regions();
    test_runs();
    test_kinds();
    return tap_done();
}
