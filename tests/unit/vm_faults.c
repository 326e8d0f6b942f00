/* What a touch means, told without touching: faults are handed to vm_fault() one by one. Stacks at their ends, bus errors,
 * faults that come twice; large pages on a host that lends ordinary ones; what sections say of themselves to strangers. */
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <unistd.h>

#include "failing_host.h"

#define K 0x1000u

static uintptr_t allocate(size_t size, uint32_t type, uint32_t protect)
{
    uintptr_t base = 0;

    check(!vm_allocate(&base, &size, type, protect, NULL, ~0u));
    return base;
}

static void release(uintptr_t base)
{
    size_t whole = 0;

    check(!vm_free(&base, &whole, MEM_RELEASE));
}

static vm_status protect(uintptr_t base, size_t size, uint32_t to)
{
    uint32_t old;

    return vm_protect(&base, &size, to, &old);
}

static uint32_t protect_of(uintptr_t address)
{
    struct vm_basic_info info;

    return vm_query(address, &info) ? ~0u : info.protect;
}

static vm_status touch(uintptr_t address, enum vm_access access, struct vm_stack *stack)
{
    struct vm_fault fault = { .address = address, .access = access, .stack = stack };

    return vm_fault(&fault);
}

/* ---- faults ---------------------------------------------------------------------------------------------------- */

static void test_access(void)
{
    uintptr_t base = allocate(8 * K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);

    ok(!touch(base, VM_ACCESS_READ, NULL) && !touch(base, VM_ACCESS_WRITE, NULL) && touch(base, VM_ACCESS_EXECUTE, NULL) == STATUS_ACCESS_VIOLATION,
       "data is not run");
    check(!protect(base, K, PAGE_EXECUTE_READ));
    ok(!touch(base, VM_ACCESS_EXECUTE, NULL) && touch(base, VM_ACCESS_WRITE, NULL) == STATUS_ACCESS_VIOLATION, "code is not written");
    check(!protect(base, K, PAGE_EXECUTE));
    ok(!touch(base, VM_ACCESS_EXECUTE, NULL) && !touch(base, VM_ACCESS_READ, NULL), "x64 reads what it runs");
    check(!protect(base, K, PAGE_NOACCESS));
    ok(touch(base, VM_ACCESS_READ, NULL) == STATUS_ACCESS_VIOLATION && touch(base, VM_ACCESS_EXECUTE, NULL) == STATUS_ACCESS_VIOLATION, "no access");
    release(base);
}

static vm_status refuse_long(uintptr_t addr, size_t size, unsigned prot, const char *why)
{
    return size > K ? STATUS_NO_MEMORY : real.protect(addr, size, prot, why);
}

static vm_status refuse(uintptr_t addr, size_t size, unsigned prot, const char *why)
{
    (void)addr; (void)size; (void)prot; (void)why;
    return STATUS_NO_MEMORY;
}

/* A page that another view has committed: the host is told of the whole run, or at least of the page. */
static void test_late(void)
{
    struct vm_section_create create = { .fd = -1, .size = 8 * K, .protect = PAGE_READWRITE, .attributes = SEC_RESERVE, .node = ~0u };
    struct vm_map a = { .protect = PAGE_READWRITE, .node = ~0u }, b = { .protect = PAGE_READWRITE, .node = ~0u };
    struct section *section;
    size_t size = 4 * K;
    uintptr_t at;

    check(!section_create(&create, &section) && !view_map(section, &a) && !view_map(section, &b));
    ok(touch(b.base, VM_ACCESS_WRITE, NULL) == STATUS_ACCESS_VIOLATION, "reserved");
    at = a.base;
    check(!vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u));
    failing.protect = refuse;
    ok(touch(b.base, VM_ACCESS_WRITE, NULL) == STATUS_ACCESS_VIOLATION, "a host that refuses");
    failing.protect = refuse_long;
    ok(!touch(b.base + K, VM_ACCESS_WRITE, NULL), "or gives one page at a time");
    *(volatile char *)(b.base + K) = 5;
    failing.protect = failing_protect;
    ok(*(volatile char *)(a.base + K) == 5 && !touch(b.base, VM_ACCESS_WRITE, NULL), "a page that was committed elsewhere");
    *(volatile char *)(b.base + 3 * K) = 6;
    ok(*(volatile char *)(a.base + 3 * K) == 6, "and its run");
    check(!view_unmap(a.base, 0) && !view_unmap(b.base, 0));
    section_unref(section);
}

static vm_status no_info(int fd, struct host_file_info *info)
{
    (void)fd; (void)info;
    return STATUS_IO_DEVICE_ERROR;
}

static void test_bus(void)
{
    int fd = memfd_create("bus", MFD_CLOEXEC);
    struct vm_section_create create = { .fd = fd, .file_writable = true, .size = 4 * K, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    struct vm_map map = { .protect = PAGE_READWRITE, .node = ~0u };
    uintptr_t private = allocate(K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    struct vm_fault fault = { .bus = true, .access = VM_ACCESS_READ };
    struct section *section;

    check(!section_create(&create, &section) && !view_map(section, &map));
    fault.address = private;
    ok(vm_fault(&fault) == STATUS_ACCESS_VIOLATION, "no file");
    fault.address = map.base + K;
    ok(vm_fault(&fault) == STATUS_IN_PAGE_ERROR && fault.in_page == STATUS_IO_DEVICE_ERROR, "a file that cannot be read");
    fault.access = VM_ACCESS_WRITE;
    ok(vm_fault(&fault) == STATUS_IN_PAGE_ERROR && fault.in_page == STATUS_DISK_FULL, "a disk that is full");
    check(!ftruncate(fd, K));
    ok(vm_fault(&fault) == STATUS_IN_PAGE_ERROR && fault.in_page == STATUS_END_OF_FILE, "a file that has become shorter");
    failing.file_info = no_info;
    fault.access = VM_ACCESS_READ;
    ok(vm_fault(&fault) == STATUS_IN_PAGE_ERROR && fault.in_page == STATUS_IO_DEVICE_ERROR, "nobody knows");
    failing.file_info = failing_file_info;
    check(!view_unmap(map.base, 0));
    section_unref(section);
    close(fd);
    release(private);
}

/* Two threads that write to a page for the first time fault both; the second finds it done. */
static void test_twice(void)
{
    struct vm_section_create create = { .fd = -1, .size = K, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    struct vm_map map = { .protect = PAGE_WRITECOPY, .node = ~0u };
    struct host_caps caps = host_caps;
    uintptr_t watched, page;
    struct section *section;
    size_t count = 1;

    host_caps.see_copies = host_caps.pagemap_scan = host_caps.watch_writes = false;
    watched = allocate(K, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE);
    check(!section_create(&create, &section) && !view_map(section, &map));
    ok(!touch(watched, VM_ACCESS_READ, NULL) && !vm_get_write_watch(watched, K, false, &page, &count) && !count, "a read is no write");
    count = 1;
    ok(!touch(watched, VM_ACCESS_WRITE, NULL) && !touch(watched, VM_ACCESS_WRITE, NULL) && !vm_get_write_watch(watched, K, false, &page, &count) && count == 1, "a watched page");
    ok(protect_of(map.base) == PAGE_WRITECOPY && !touch(map.base, VM_ACCESS_WRITE, NULL) && !touch(map.base, VM_ACCESS_WRITE, NULL) && protect_of(map.base) == PAGE_READWRITE,
       "a copied page");
    check(!view_unmap(map.base, 0));
    section_unref(section);
    release(watched);
    host_caps = caps;
}

/* ---- stacks ------------------------------------------------------------------------------------------------------ */

static void test_guards(void)
{
    uintptr_t base = allocate(0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    struct vm_stack stack = { .deallocation_base = base + 4 * K, .limit = base + 8 * K, .base = base + 12 * K };

    check(!protect(base, 0x10000, PAGE_READWRITE | PAGE_GUARD));
    ok(touch(base + 2 * K, VM_ACCESS_WRITE, &stack) == STATUS_GUARD_PAGE_VIOLATION && protect_of(base + 2 * K) == PAGE_READWRITE, "a guard page below the stack");
    ok(touch(base + 12 * K, VM_ACCESS_READ, &stack) == STATUS_GUARD_PAGE_VIOLATION, "one above it");
    ok(!touch(base + 9 * K, VM_ACCESS_READ, &stack) && stack.limit == base + 9 * K && protect_of(base + 9 * K) == PAGE_READWRITE &&
       protect_of(base + 8 * K) == (PAGE_READWRITE | PAGE_GUARD), "one in it moves");
    /* What a program says of its stack need not be so: the region ends it. */
    stack.deallocation_base = base - 0x10000;
    stack.base = base + 0x20000;
    ok(!touch(base + 8 * K, VM_ACCESS_READ, &stack) && stack.limit == base + 8 * K, "a stack larger than its region");
    while (stack.limit > base + 3 * K) check(!touch(stack.limit - K, VM_ACCESS_WRITE, &stack));
    ok(touch(stack.limit - K, VM_ACCESS_WRITE, &stack) == STATUS_STACK_OVERFLOW && stack.limit == base + K, "ends with it");
    check(!protect(base, K, PAGE_READWRITE | PAGE_GUARD));
    ok(touch(base, VM_ACCESS_WRITE, &stack) == STATUS_STACK_OVERFLOW && protect_of(base) == PAGE_READWRITE, "also in its last page");
    check(!protect(base, 0x10000, PAGE_READWRITE | PAGE_GUARD));
    ok(touch(base + 15 * K, VM_ACCESS_WRITE, &stack) == STATUS_SUCCESS && stack.limit == base + 15 * K, "its first page");
    release(base);
}

static void test_stack_sizes(void)
{
    static const struct { size_t reserve, commit, reserved, committed; } sizes[] =
    {
        { 0, 0, 0x10000, K }, { 1, 1, 0x10000, K }, { 0x18000, 0x2001, 0x20000, 0x3000 }, { 0x10000, 0x100000, 0x10000, 0xe000 },
    };
    struct vm_limits nowhere = { .lowest = 0x10000, .highest = 0x1ffff };
    struct vm_stack stack;

    for (unsigned i = 0; i < sizeof(sizes) / sizeof(*sizes); i++)
    {
        check(!vm_create_stack(sizes[i].reserve, sizes[i].commit, NULL, &stack));
        ok(stack.base - stack.deallocation_base == sizes[i].reserved && stack.base - stack.limit == sizes[i].committed, "a stack's sizes");
        release(stack.deallocation_base);
    }
    ok(vm_create_stack(0x100000, 0, &nowhere, &stack) == STATUS_NO_MEMORY, "no room for one");
}

/* ---- commit charge -------------------------------------------------------------------------------------------------- */

#define LIMIT (80ull << 20)
static uint64_t small_limit(void)
{
    return LIMIT;
}

static void test_charge(void)
{
    uint64_t used, limit, peak;
    uintptr_t ballast, base, number, at;
    size_t size, count = 2;
    struct vm_stack stack;

    vm_commit_charge(&used, &limit, &peak);
    check(limit == LIMIT && vm_create_stack(0x10000, 0x1000, NULL, &stack) == STATUS_SUCCESS);
    vm_commit_charge(&used, &limit, &peak);
    ballast = allocate(LIMIT - used - K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    base = allocate(0x10000, MEM_RESERVE, PAGE_READWRITE);
    at = base; size = 2 * K;
    ok(vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) == STATUS_COMMITMENT_LIMIT, "two pages are too much");
    ok(!touch(stack.limit - 8, VM_ACCESS_WRITE, &stack), "a stack grows by the last one");
    ok(touch(stack.limit - 8, VM_ACCESS_WRITE, &stack) == STATUS_STACK_OVERFLOW, "and by no more");
    ok(vm_physical_allocate(&count, &number) == STATUS_NO_MEMORY, "nor are there physical pages");
    ok(vm_adopt(0x20000000, K, PAGE_READWRITE) == STATUS_COMMITMENT_LIMIT, "nor is anything adopted");
    release(base);
    release(ballast);
    release(stack.deallocation_base);
    check(mmap((void *)0x20000000, K, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == (void *)0x20000000);
    ok(!vm_adopt(0x20000000, K, PAGE_READWRITE) && protect_of(0x20000000) == PAGE_READWRITE && vm_adopt(0x20000000, K, PAGE_READWRITE) == STATUS_CONFLICTING_ADDRESSES,
       "memory that is there already");
    release(0x20000000);
}

static bool story_adopt(void)
{
    bool good = mmap((void *)0x20000000, K, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0) == (void *)0x20000000;

    check(good);
    good = !vm_adopt(0x20000000, K, PAGE_READWRITE);
    calm();
    if (good) release(0x20000000);
    else munmap((void *)0x20000000, K);
    return good;
}

/* ---- large pages, on a host that lends ordinary ones ------------------------------------------------------------------ */

static vm_status lend_map(uintptr_t addr, size_t size, unsigned prot, unsigned flags, int fd, uint64_t offset, const char *why)
{
    return failing_map(addr, size, prot, flags & ~HOST_HUGE, fd, offset, why);
}

static vm_status lend_memory(int *fd, uint64_t size, const char *name, bool huge)
{
    (void)huge;
    return failing_memory_create(fd, size, name, false);
}

static void lend(bool on)
{
    failing.map = on ? lend_map : failing_map;
    failing.memory_create = on ? lend_memory : failing_memory_create;
    host_caps.huge_pages = on;
}

static bool story_large(void)
{
    struct vm_section_create create = { .fd = -1, .size = 2 * VM_LARGE_PAGE, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT | SEC_LARGE_PAGES, .node = ~0u };
    struct vm_map map = { .protect = PAGE_READWRITE, .type = MEM_LARGE_PAGES, .node = ~0u };
    struct section *section;
    uintptr_t base = 0;
    size_t size = VM_LARGE_PAGE;
    bool good;

    if (vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE, NULL, ~0u)) return false;
    good = !section_create(&create, &section);
    if (good && view_map(section, &map)) map.base = 0;
    calm();
    if (good)
    {
        good = map.base;
        if (map.base) check(!view_unmap(map.base, 0));
        section_unref(section);
    }
    release(base);
    return good;
}

static void test_large(void)
{
    struct vm_section_create create = { .fd = -1, .size = 2 * VM_LARGE_PAGE, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT | SEC_LARGE_PAGES, .node = ~0u };
    uint32_t type = MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES;
    struct vm_limits limits = { .alignment = 4 * VM_LARGE_PAGE }, low = { .lowest = 0x60000000, .highest = 0x7fffffff };
    struct vm_map map = { .protect = PAGE_READWRITE, .type = MEM_LARGE_PAGES, .node = ~0u }, part;
    struct vm_region_info region;
    struct section *section;
    uintptr_t base = 0, at;
    size_t size = 2 * VM_LARGE_PAGE;

    lend(false);
    ok(vm_allocate(&base, &size, type, PAGE_READWRITE, NULL, ~0u) == STATUS_INSUFFICIENT_RESOURCES && section_create(&create, &section) == STATUS_INSUFFICIENT_RESOURCES,
       "a host without large pages");
    lend(true);
    base = 0; size = VM_LARGE_PAGE / 2;
    ok(vm_allocate(&base, &size, type, PAGE_READWRITE, NULL, ~0u) == STATUS_INVALID_PARAMETER_4, "half a page");
    base = VM_LARGE_PAGE * 1000 + 0x10000; size = VM_LARGE_PAGE;
    ok(vm_allocate(&base, &size, type, PAGE_READWRITE, NULL, ~0u) == STATUS_INVALID_PARAMETER_2, "a place between two");
    base = 0; size = 2 * VM_LARGE_PAGE;
    ok(!vm_allocate(&base, &size, type, PAGE_READWRITE, &limits, ~0u) && !(base & (4 * VM_LARGE_PAGE - 1)), "aligned as asked for");
    release(base);
    base = 0; size = 2 * VM_LARGE_PAGE;
    ok(!vm_allocate(&base, &size, type, PAGE_READWRITE, &low, ~0u) && !(base & (VM_LARGE_PAGE - 1)) && base >= low.lowest && base < low.highest, "within limits");
    *(volatile char *)(base + VM_LARGE_PAGE) = 1;
    ok(!vm_query_region(base, &region) && region.large_pages && region.commit_size == 2 * VM_LARGE_PAGE, "told as such");
    ok(protect(base, K, PAGE_READONLY) == STATUS_INVALID_PAGE_PROTECTION && protect(base + K, VM_LARGE_PAGE, PAGE_READONLY) == STATUS_INVALID_PAGE_PROTECTION &&
       !protect(base, VM_LARGE_PAGE, PAGE_READONLY) && protect_of(base) == PAGE_READONLY, "protected whole");
    at = base; size = VM_LARGE_PAGE;
    ok(vm_free(&at, &size, MEM_DECOMMIT) == STATUS_UNABLE_TO_FREE_VM, "never decommitted");
    ok(vm_offer(base, VM_LARGE_PAGE) == STATUS_CONFLICTING_ADDRESSES && !vm_discard(base + VM_LARGE_PAGE, VM_LARGE_PAGE), "nor offered");
    at = base; size = VM_LARGE_PAGE;
    ok(!vm_allocate(&at, &size, MEM_RESET, PAGE_READWRITE, NULL, ~0u) && !vm_allocate(&at, &size, MEM_RESET_UNDO, PAGE_READWRITE, NULL, ~0u), "reset in vain");
    vm_trim(base, 2 * VM_LARGE_PAGE);
    at = base; size = K;
    ok(vm_free(&at, &size, MEM_RELEASE) == STATUS_UNABLE_TO_FREE_VM, "released whole");
    at = base; size = VM_LARGE_PAGE;
    ok(!vm_free(&at, &size, MEM_RELEASE) && *(volatile char *)(base + VM_LARGE_PAGE) == 1, "one by one");
    release(base + VM_LARGE_PAGE);

    check(!section_create(&create, &section));
    part = (struct vm_map){ .protect = PAGE_READWRITE, .size = K, .node = ~0u };
    ok(view_map(section, &part) == STATUS_INVALID_PARAMETER, "a view of a part of a page");
    part = (struct vm_map){ .protect = PAGE_READWRITE, .offset = 0x10000, .node = ~0u };
    ok(view_map(section, &part) == STATUS_MAPPED_ALIGNMENT, "or from the middle of one");
    map.limits.alignment = 4 * VM_LARGE_PAGE;
    ok(!view_map(section, &map) && !(map.base & (4 * VM_LARGE_PAGE - 1)) && map.size == 2 * VM_LARGE_PAGE, "a view, aligned as asked for");
    part = (struct vm_map){ .protect = PAGE_READWRITE, .offset = VM_LARGE_PAGE, .node = ~0u };
    ok(!view_map(section, &part) && !(part.base & (VM_LARGE_PAGE - 1)) && part.size == VM_LARGE_PAGE, "of the second page");
    *(volatile char *)part.base = 7;
    ok(*(volatile char *)(map.base + VM_LARGE_PAGE) == 7 && protect(map.base, K, PAGE_READONLY) == STATUS_INVALID_PAGE_PROTECTION, "the same memory");
    check(!view_unmap(map.base, 0) && !view_unmap(part.base, 0));
    section_unref(section);
    create.attributes = SEC_COMMIT;
    check(!section_create(&create, &section));
    map = (struct vm_map){ .protect = PAGE_READWRITE, .type = MEM_LARGE_PAGES, .node = ~0u };
    ok(view_map(section, &map) == STATUS_INVALID_PARAMETER, "a section of small ones");
    section_unref(section);
    each_failure("large pages", story_large);
    lend(false);
}

/* ---- what a stranger says of a section ---------------------------------------------------------------------------------- */

static unsigned released;

static void tag_release(void *tag)
{
    check(tag == &released);
    released++;
}

static void test_import(void)
{
    int file = memfd_create("file", MFD_CLOEXEC), data = memfd_create("memory", MFD_CLOEXEC), state = memfd_create("state", MFD_CLOEXEC);
    const struct vm_section_description memory = { .size = 0x10000, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    const struct vm_section_description on_file = { .size = 0x8000, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u, .is_file = 1, .file_writable = 1 };
    struct vm_section_fds fds = { .fd = data, .state = -1 }, both = { .fd = data, .state = state }, of_file = { .fd = file, .state = -1 };
    struct vm_section_description d;
    struct vm_section_info info;
    struct section *section;
    unsigned count = 0;

    check(!ftruncate(file, 0x4000) && !ftruncate(data, 0x10000) && !ftruncate(state, K));
#define REFUSED(from, files, change) d = from; change; count += section_import(&d, &files, NULL, NULL, &section) == STATUS_INVALID_PARAMETER
    REFUSED(memory, fds, d.protect = 0);
    REFUSED(memory, fds, d.protect = PAGE_NOACCESS);
    REFUSED(memory, fds, d.protect = PAGE_GUARD);
    REFUSED(memory, fds, d.attributes = SEC_COMMIT | 0x100);
    REFUSED(memory, fds, d.attributes = 0);
    REFUSED(memory, fds, d.attributes = SEC_COMMIT | SEC_RESERVE);
    REFUSED(memory, both, d.attributes = SEC_RESERVE | SEC_LARGE_PAGES);
    REFUSED(memory, fds, d.size = 0x800000000000ull);
    REFUSED(memory, fds, d.state_offset = 5);
    REFUSED(memory, both, (d.attributes = SEC_RESERVE, d.size = 0x80000000000ull));
    REFUSED(memory, both, (d.attributes = SEC_RESERVE, d.state_offset = 0x800000000000ull));
    REFUSED(memory, fds, d.attributes = SEC_RESERVE);
    REFUSED(on_file, of_file, d.attributes = SEC_COMMIT | SEC_LARGE_PAGES);
    REFUSED(on_file, of_file, d.size = 0x7fffffffffff8000ull);
    REFUSED(on_file, of_file, d.file_writable = 0);
    REFUSED(on_file, of_file, (d.is_file = 0, d.is_image = 1));
    REFUSED(on_file, of_file, (d.is_image = 1, d.attributes = SEC_IMAGE));
    REFUSED(on_file, of_file, (d.is_file = 0, d.is_image = 1, d.attributes = SEC_IMAGE | SEC_BASED));
    ok(count == 18, "nonsense is refused");
    ok(!section_import(&on_file, &of_file, &released, tag_release, &section) && section_tag(section) == &released, "a section of a file");
    section_query(section, &info);
    ok(info.size == 0x8000 && info.is_file && lseek(file, 0, SEEK_END) == 0x4000, "longer than the file is now, which stays as it is");
    section_unref(section);
    ok(released == 1, "its tag goes with it");
    d = on_file;
    d.protect = PAGE_READONLY;
    d.file_writable = 0;
    ok(!section_import(&d, &of_file, NULL, NULL, &section), "one to be read");
    section_unref(section);
    d = memory;
    d.attributes = SEC_RESERVE;
    ok(!section_import(&d, &both, NULL, NULL, &section), "reserved memory, and what is committed of it");
    section_unref(section);

    /* Files that it may keep: it does not if it comes to nothing, and closes those that it has no use for. */
    both.take = of_file.take = true;
    d.state_offset = 0x10000;
    ok(section_import(&d, &both, NULL, NULL, &section) && fcntl(data, F_GETFD) >= 0 && fcntl(state, F_GETFD) >= 0, "not taken in vain");
    d.state_offset = 0;
    ok(!section_import(&d, &both, NULL, NULL, &section) && fcntl(data, F_GETFD) >= 0 && fcntl(state, F_GETFD) >= 0, "taken");
    section_unref(section);
    ok(fcntl(data, F_GETFD) < 0 && fcntl(state, F_GETFD) < 0, "closed with the section");
    of_file.state = dup(file);
    ok(!section_import(&on_file, &of_file, NULL, NULL, &section) && fcntl(file, F_GETFD) >= 0, "a file that may be kept");
    section_unref(section);
    ok(fcntl(file, F_GETFD) < 0 && fcntl(of_file.state, F_GETFD) < 0, "closed, both of them");
}

static void test_extend(void)
{
    int file = memfd_create("file", MFD_CLOEXEC);
    struct vm_section_create create = { .fd = file, .file_writable = true, .size = K, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT | SEC_NO_CHANGE, .node = ~0u };
    struct vm_map map = { .size = 4 * K, .type = MEM_RESERVE, .protect = PAGE_READWRITE, .node = ~0u }, past = { .offset = 0x10000, .type = MEM_RESERVE, .protect = PAGE_READWRITE, .node = ~0u };
    struct section *section;
    uint64_t size = 0x7fffffffffff8000ull;
    size_t bytes = 2 * K;

    check(!section_create(&create, &section));
    ok(section_extend(section, &size) == STATUS_SECTION_TOO_BIG && size == 0x7fffffffffff8000ull, "longer than a file can be");
    ok(view_map(section, &past) == STATUS_INVALID_VIEW_SIZE, "a view of nothing, of no size");
    check(!view_map(section, &map));
    ok(vm_allocate(&map.base, &bytes, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) == STATUS_INVALID_PAGE_PROTECTION && protect(map.base, K, PAGE_READONLY) == STATUS_INVALID_PAGE_PROTECTION,
       "a section that does not change");
    section_unref(section);
    close(file);
}

/* ---- small things ---------------------------------------------------------------------------------------------------------- */

static void test_edges(void)
{
    uintptr_t base = allocate(0x10000, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS), at, pages[2];
    struct vm_limits beyond = { .highest = VM_HIGHEST_USER }, narrow = { .lowest = 0x40000000, .highest = 0x40007fff }, above = { .lowest = 0x2b0000000000ull };
    size_t size = 0x10000, count = 2;
    struct section *section;
    struct vm_working_set_ex ex;

    at = base;
    ok(!vm_allocate(&at, &size, MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, 0), "a replacement on a node");
    vm_query_working_set_ex(base, &ex);
    ok(!ex.valid && (vm_query_working_set_ex(0x10000, &ex), !ex.valid), "nothing is there yet, or ever");
    check(!protect(base, K, PAGE_NOACCESS));
    vm_query_working_set_ex(base, &ex);
    ok(!ex.valid && vm_query_section(base, &section) == STATUS_INVALID_ADDRESS && vm_query_section(0x10000, &section) == STATUS_INVALID_ADDRESS, "no section");
    ok(protect(base, 0, PAGE_READONLY) == STATUS_INVALID_PARAMETER_3 && protect(base, K, PAGE_NOACCESS | PAGE_GUARD) == STATUS_INVALID_PAGE_PROTECTION, "no size; no such protection");
    ok(vm_get_write_watch(base, K, false, pages, &count) == STATUS_INVALID_PARAMETER && vm_get_write_watch(0, K, false, pages, &count) == STATUS_INVALID_PARAMETER &&
       vm_get_write_watch(base, 0, false, pages, &count) == STATUS_INVALID_PARAMETER && vm_reset_write_watch(base, VM_HIGHEST_USER) == STATUS_INVALID_PARAMETER, "not watched");
    ok(vm_offer(base, VM_HIGHEST_USER + 1) == STATUS_INVALID_PARAMETER, "too long");
    at = base; size = 0;
    ok(vm_lock_range(&at, &size) == STATUS_ACCESS_VIOLATION && (at = base + K, vm_success(vm_lock_range(&at, &size))) && size == K && !vm_unlock_range(&at, &size), "no size locks a page");
    release(base);
    at = 0; size = 0x10000;
    ok(!vm_allocate(&at, &size, MEM_RESERVE | MEM_TOP_DOWN, PAGE_READWRITE, &beyond, ~0u), "a limit at the end");
    release(at);
    at = 0;
    ok(vm_allocate(&at, &size, MEM_RESERVE, PAGE_READWRITE, &narrow, ~0u) == STATUS_NO_MEMORY, "limits closer than the size");
    ok(!vm_allocate(&at, &size, MEM_RESERVE, PAGE_READWRITE, &above, ~0u) && at >= above.lowest, "above the stretch");
    release(at);
    vm_prefetch(VM_HIGHEST_USER - 0x10000, 0x1000);
}

/* As much as the limit says, all together. */
static void test_lock_limit(void)
{
    uintptr_t base = allocate(0x20000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), at;
    size_t size;

    vm_lock_limit(8 * K);
    at = base; size = 9 * K;
    ok(vm_lock_range(&at, &size) == STATUS_WORKING_SET_QUOTA, "nine pages of eight");
    at = base + 2 * K; size = 6 * K;
    ok(!vm_lock_range(&at, &size), "six");
    at = base; size = 8 * K;
    ok(!vm_lock_range(&at, &size), "all eight, those that are locked already among them");
    at = base + 16 * K; size = K;
    ok(vm_lock_range(&at, &size) == STATUS_WORKING_SET_QUOTA, "another one elsewhere");
    at = base + 4 * K;
    ok(!vm_unlock_range(&at, &size) && (at = base + 16 * K, !vm_lock_range(&at, &size)), "in the place of one");
    vm_lock_limit(UINT64_MAX);
    release(base);
}

int main(void)
{
    check(!vm_init());
    failing_start();
    failing.memory_limit = small_limit;
    test_access();
    test_late();
    test_bus();
    test_twice();
    test_guards();
    test_stack_sizes();
    test_charge();
    each_failure("memory that is there already", story_adopt);
    test_large();
    test_import();
    test_extend();
    test_edges();
    test_lock_limit();
    ok(invariants(), "invariants");
    return tap_done();
}
