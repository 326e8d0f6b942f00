/* At the ends of what the host gives: mappings, address space, commit charge. Nothing may be half done there. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include "vm/vm.h"
#include "tap.h"

#define P 0x1000u
#define PAGES 140000u                   /* more than there are mappings to give each second page one of its own */

static bool invariants(void)
{
    const char *why;
    int number = vm_check(&why);

    if (number) printf("# invariant %d: %s\n", number, why);
    return !number;
}

static unsigned count_mappings(void)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    unsigned lines = 0;
    int c;

    while ((c = getc(maps)) != EOF) lines += c == '\n';
    fclose(maps);
    return lines;
}

/* Every second page read-only: the kernel runs out of mappings, the manager does not run out of manners. */
static void test_mappings(void)
{
    uintptr_t base = 0, at;
    size_t size = (size_t)PAGES * P, one, whole = 0;
    struct vm_basic_info info;
    vm_status status = STATUS_SUCCESS;
    unsigned page, before = count_mappings(), limit = 65530;
    uint32_t old;
    FILE *file = fopen("/proc/sys/vm/max_map_count", "r");

    if (file)
    {
        check(fscanf(file, "%u", &limit) == 1);
        fclose(file);
    }
    if (limit > PAGES - 1000)
    {
        ok(1, "running out of mappings # SKIP vm.max_map_count is high");
        return;
    }
    if (!ok(!vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, ~0u), "many pages")) return;
    for (page = 1; page < PAGES && !status; page += 2)
    {
        at = base + (uintptr_t)page * P;
        one = P;
        status = vm_protect(&at, &one, PAGE_READONLY, &old);
    }
    page -= 2;
    printf("# page %u, %u mappings\n", page, count_mappings());
    ok(status == STATUS_NO_MEMORY && page > limit / 2, "the last mapping");
    ok(!vm_query(base + (uintptr_t)page * P, &info) && info.protect == PAGE_READWRITE && info.region_size == (uintptr_t)(PAGES - page) * P,
       "the page is as it was");
    ok(!vm_query(base + (uintptr_t)(page - 2) * P, &info) && info.protect == PAGE_READONLY && info.region_size == P, "so is the one before");
    *(volatile char *)(base + (uintptr_t)page * P) = 1;
    ok(invariants(), "invariants");

    /* Going back merges the mappings again. */
    at = base;
    one = size;
    ok(!vm_protect(&at, &one, PAGE_READWRITE, &old) && count_mappings() < before + 10, "equal neighbours are one mapping");
    ok(!vm_query(base, &info) && info.region_size == size, "and one run");
    ok(!vm_free(&base, &whole, MEM_RELEASE) && count_mappings() <= before + 4 && invariants(), "release");
}

static void test_address_space(void)
{
    struct rlimit old, small;
    uintptr_t base = 0;
    size_t size = 1ull << 36, whole = 0;

    check(!getrlimit(RLIMIT_AS, &old));
    small = old;
    small.rlim_cur = 1ull << 33;
    if (setrlimit(RLIMIT_AS, &small))
    {
        ok(1, "ulimit -v # SKIP cannot be set");
        return;
    }
    ok(vm_allocate(&base, &size, MEM_RESERVE, PAGE_READWRITE, NULL, ~0u) == STATUS_NO_MEMORY && !base, "64 GiB do not fit in 8 GiB");
    size = 1ull << 30;
    ok(!vm_allocate(&base, &size, MEM_RESERVE, PAGE_READWRITE, NULL, ~0u) && !vm_free(&base, &whole, MEM_RELEASE), "one does");
    setrlimit(RLIMIT_AS, &old);
    ok(invariants(), "invariants");
}

static void test_charge(void)
{
    struct vm_section_create create = { .fd = -1, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    uint64_t used, limit, peak, after;
    struct section *section;
    uintptr_t base = 0;
    size_t size, whole = 0;

    vm_commit_charge(&used, &limit, &peak);
    size = (limit & -(uint64_t)P) + P;
    ok(vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) == STATUS_COMMITMENT_LIMIT, "more than there is");
    create.size = size;
    ok(section_create(&create, &section) == STATUS_COMMITMENT_LIMIT, "nor as a section");
    size = limit / 2 & -(uint64_t)P;
    ok(!vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, ~0u), "half of it");
    vm_commit_charge(&after, &limit, &peak);
    ok(after == used + size, "is charged");
    ok(!vm_free(&base, &whole, MEM_RELEASE), "and given back");
    vm_commit_charge(&after, &limit, &peak);
    ok(after == used && peak == used + size, "exactly");
}

/* Many regions: the search for a hole and a query go on working, and the tree stays balanced. */
static void test_regions(void)
{
    enum { COUNT = 20000 };
    static uintptr_t bases[COUNT];
    struct vm_basic_info info;
    uintptr_t base;
    size_t size, whole;
    bool good = true;

    for (int i = 0; i < COUNT; i++)
    {
        size = P;
        good &= !vm_allocate(&bases[i], &size, MEM_RESERVE, PAGE_READWRITE, NULL, ~0u);
        good &= !i || bases[i] == bases[i - 1] + VM_GRANULARITY;
    }
    ok(good, "20000 regions, side by side");
    for (int i = 0; i < COUNT; i++) good &= !vm_query(bases[i], &info) && info.allocation_base == bases[i] && info.region_size == P;
    ok(good, "each is found");
    for (int i = 0; i < COUNT; i += 2)
    {
        whole = 0;
        base = bases[i];
        good &= !vm_free(&base, &whole, MEM_RELEASE);
    }
    base = 0;
    size = 0x20000;
    ok(good && !vm_allocate(&base, &size, MEM_RESERVE, PAGE_READWRITE, NULL, ~0u) && base > bases[COUNT - 1], "two granules fit in no hole");
    whole = 0;
    good &= !vm_free(&base, &whole, MEM_RELEASE);
    base = 0;
    size = P;
    ok(!vm_allocate(&base, &size, MEM_RESERVE, PAGE_READWRITE, NULL, ~0u) && base == bases[0], "one fits in the first");
    for (int i = 0; i < COUNT; i++)
    {
        if (i && i % 2 == 0) continue;
        whole = 0;
        base = bases[i];
        good &= !vm_free(&base, &whole, MEM_RELEASE);
    }
    ok(good && invariants(), "all gone");
}

/* What is somebody else's and large is stepped over at once, whichever way the search goes. Granule by granule it would
 * take hours. */
static void test_large_stranger(void)
{
    const uintptr_t start = 0x110000000000, end = 0x180000000000;
    void *stranger = mmap((void *)start, end - start, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED_NOREPLACE, -1, 0);
    struct vm_limits limits = { .lowest = start - 0x100000, .highest = end - 1 };
    uintptr_t base = 0;
    size_t size = P, whole = 0;

    if (stranger == MAP_FAILED)
    {
        ok(1, "a large mapping of somebody else # SKIP there is no room for one");
        return;
    }
    alarm(20);
    ok(!vm_allocate(&base, &size, MEM_RESERVE | MEM_TOP_DOWN, PAGE_READWRITE, &limits, ~0u) && base == start - VM_GRANULARITY,
       "the place below, from above");
    ok(!vm_free(&base, &whole, MEM_RELEASE), "released");
    base = 0;
    limits.lowest = start;
    limits.highest = end + 0x100000 - 1;
    ok(!vm_allocate(&base, &size, MEM_RESERVE, PAGE_READWRITE, &limits, ~0u) && base == end, "the place above, from below");
    ok(!vm_free(&base, &whole, MEM_RELEASE) && invariants(), "released, too");
    alarm(0);
    munmap(stranger, end - start);
}

int main(void)
{
    check(!vm_init());
    test_large_stranger();
    test_mappings();
    test_address_space();
    test_charge();
    test_regions();
    return tap_done();
}
