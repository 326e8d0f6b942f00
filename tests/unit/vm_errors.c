/* What the section manager refuses, and what its host refuses it: every check of a parameter, every failing call in turn. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "failing_host.h"

#define K 0x1000u

/* First writes to watched or copied pages, where the kernel does not see them by itself. */
static void handler(int sig, siginfo_t *info, void *context)
{
    struct vm_fault fault = { .address = (uintptr_t)info->si_addr, .access = VM_ACCESS_WRITE };
    long saved = countdown;

    (void)sig; (void)context;
    countdown = 0;
    if (vm_fault(&fault))
    {
        calm();                                 /* it had no node left for the mark */
        if (vm_fault(&fault)) abort();
    }
    countdown = saved;
}

/* ---- stories: what was got is given back with calls that do not fail ----------------------------------------- */

static void give_back(uintptr_t base)
{
    size_t size = 0;

    calm();
    if (base) check(!vm_free(&base, &size, MEM_RELEASE));
}

static void unmap(uintptr_t base)
{
    calm();
    if (base) check(!view_unmap(base, 0));
}

static bool story_stack(void)
{
    struct vm_stack stack;

    if (vm_create_stack(0x10000, 0x2000, NULL, &stack)) return false;
    give_back(stack.deallocation_base);
    return true;
}

/* Down to its end, with room guaranteed for the handler of the overflow. */
static bool story_growth(void)
{
    struct vm_stack stack;
    vm_status status = STATUS_SUCCESS;
    size_t size = 2 * K;
    uintptr_t at;
    uint32_t old;

    if (vm_create_stack(0x10000, 0x1000, NULL, &stack)) return false;
    stack.guarantee = 3 * K;
    at = stack.limit - 2 * K;                   /* two guard pages, the upper one skipped */
    if (vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) || vm_protect(&at, &size, PAGE_READWRITE | PAGE_GUARD, &old))
    {
        give_back(stack.deallocation_base);
        return false;
    }
    stack.limit = at + K;
    while (!status)
    {
        struct vm_fault fault = { .address = stack.limit - 8, .access = VM_ACCESS_WRITE, .stack = &stack };

        status = vm_fault(&fault);
    }
    give_back(stack.deallocation_base);
    return status == STATUS_STACK_OVERFLOW;
}

static void test_views(void)
{
    struct vm_section_create create = { .fd = -1, .size = 0x20000, .protect = PAGE_EXECUTE_READ, .attributes = SEC_COMMIT, .node = ~0u };
    static const struct { uint32_t type, protect; uintptr_t base; uint64_t offset; vm_status status; } refused[] =
    {
        { 0, 0, 0, 0, STATUS_INVALID_PAGE_PROTECTION },
        { 0, PAGE_READONLY, K, 0, STATUS_MAPPED_ALIGNMENT },
        { 0, PAGE_READONLY, 0, K, STATUS_MAPPED_ALIGNMENT },
        { 0, PAGE_READWRITE, 0, 0, STATUS_SECTION_PROTECTION },
        { MEM_RESERVE, PAGE_READONLY, 0, 0, STATUS_INVALID_PARAMETER_9 },
        { MEM_REPLACE_PLACEHOLDER, PAGE_READONLY, 0, 0, STATUS_INVALID_PARAMETER },
    };
    struct section *section;

    check(!section_create(&create, &section));
    for (unsigned i = 0; i < sizeof(refused) / sizeof(*refused); i++)
    {
        struct vm_map map = { .type = refused[i].type, .protect = refused[i].protect, .base = refused[i].base, .offset = refused[i].offset, .node = ~0u };

        ok(view_map(section, &map) == refused[i].status, "a view that is refused");
    }
    section_unref(section);
    create.protect = PAGE_EXECUTE;
    check(!section_create(&create, &section));
    for (uint32_t protect = PAGE_READONLY; protect <= PAGE_EXECUTE_WRITECOPY; protect <<= 1)
    {
        struct vm_map map = { .protect = protect, .node = ~0u };
        vm_status status = view_map(section, &map);

        ok(protect == PAGE_EXECUTE ? !status : status == STATUS_SECTION_PROTECTION, "a section that can only run");
        if (!status) check(!view_unmap(map.base, 0));
    }
    section_unref(section);
}

static bool story_watch(void)
{
    uintptr_t base = 0, at, pages[4];
    size_t size = 0x10000, count = 4;
    bool good;

    if (vm_allocate(&base, &size, MEM_RESERVE | MEM_WRITE_WATCH, PAGE_READWRITE, NULL, ~0u)) return false;
    at = base;
    good = !vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u);
    if (good) *(volatile char *)(base + K) = 1;
    good = good && !vm_get_write_watch(base, size, true, pages, &count) && !vm_reset_write_watch(base, size);
    size = 0;
    good = good && !vm_free(&at, &size, MEM_DECOMMIT);
    give_back(base);
    return good;
}

static bool story_offer(void)
{
    uintptr_t base = 0, at;
    size_t size = 0x10000;
    uint32_t old;
    bool good;

    if (vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, ~0u)) return false;
    for (unsigned i = 0; i < 4; i++) *(volatile char *)(base + i * K) = (char)(i + 1);
    at = base;
    size = K;
    good = !vm_protect(&at, &size, PAGE_READONLY, &old);
    size = 2 * K;
    good = good && vm_success(vm_lock_range(&at, &size)) && !vm_offer(base, 4 * K) && !vm_reclaim(base, 4 * K);
    good = good && !vm_allocate(&at, &size, MEM_RESET, PAGE_READWRITE, NULL, ~0u) && !vm_allocate(&at, &size, MEM_RESET_UNDO, PAGE_READWRITE, NULL, ~0u);
    calm();
    if (good) check(*(volatile char *)base == 1 && *(volatile char *)(base + 3 * K) == 4);
    at = base + 2 * K;
    good = good && vm_success(vm_lock_range(&at, &size)) && !vm_discard(base + 2 * K, 2 * K);
    give_back(base);
    return good;
}

/* Discarding with locks, apart from offering: the calls before it have failed by then. */
static bool story_discard(void)
{
    uintptr_t base = 0, at;
    size_t size = 0x10000;
    bool good;

    if (vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, ~0u)) return false;
    at = base;
    size = 2 * K;
    good = vm_success(vm_lock_range(&at, &size)) && !vm_discard(base, 4 * K);
    give_back(base);
    return good;
}

/* A host that cannot keep what it was given is believed to have lost it. */
static vm_status no_keep(uintptr_t addr, size_t size)
{
    (void)addr; (void)size;
    return STATUS_NO_MEMORY;
}

static void test_no_keep(void)
{
    uintptr_t base = 0;
    size_t size = 0x10000, whole = 0;

    check(!vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, ~0u));
    *(volatile char *)base = 1;
    check(!vm_offer(base, 2 * K));
    failing.keep = no_keep;
    if (host_caps.see_copies)
        ok(vm_reclaim(base, K) == STATUS_DEVICE_BUSY && !vm_reclaim(base + K, K) && !*(volatile char *)base, "a host that cannot keep: the page is back, and empty");
    else ok(!vm_reclaim(base, 2 * K), "nothing was given away");
    *(volatile char *)base = 1;
    size = K;
    check(!vm_allocate(&base, &size, MEM_RESET, PAGE_READWRITE, NULL, ~0u));
    ok(vm_allocate(&base, &size, MEM_RESET_UNDO, PAGE_READWRITE, NULL, ~0u) == (host_caps.see_copies ? STATUS_DEVICE_BUSY : STATUS_SUCCESS), "a reset is not undone then");
    failing.keep = failing_keep;
    ok(!vm_allocate(&base, &size, MEM_RESET_UNDO, PAGE_READWRITE, NULL, ~0u) && *(volatile char *)base == 1, "until it can");
    check(!vm_free(&base, &whole, MEM_RELEASE));
}

static bool story_physical(void)
{
    uintptr_t window = 0, numbers[6], all[6], scattered[2], some[2];
    size_t size = 0x10000, count = 6, n = 6;
    bool good;

    if (vm_physical_allocate(&count, numbers)) return false;
    memcpy(all, numbers, sizeof(all));
    good = !vm_allocate(&window, &size, MEM_RESERVE | MEM_PHYSICAL, PAGE_READWRITE, NULL, ~0u);
    good = good && !vm_physical_map(window, NULL, 4, numbers);
    scattered[0] = window + K;
    scattered[1] = window + 8 * K;
    some[0] = numbers[5];
    some[1] = numbers[1];
    good = good && !vm_physical_map(0, scattered, 2, some);
    good = good && !vm_physical_free(&n, numbers);
    calm();
    for (int i = 0; i < 6; i++)
    {
        n = 1;
        vm_physical_free(&n, &all[i]);
    }
    give_back(window);
    return good;
}

static int file = -1;

static bool story_file(void)
{
    struct vm_section_create create = { .fd = file, .file_writable = true, .protect = PAGE_READWRITE, .attributes = SEC_RESERVE, .node = ~0u };
    struct vm_map map = { .size = 0x10000, .type = MEM_RESERVE, .protect = PAGE_READWRITE, .node = ~0u }, copy = { .protect = PAGE_WRITECOPY, .node = ~0u };
    struct section *section;
    uintptr_t at;
    size_t size = 0x1100;
    uint64_t larger = 0x3000;
    uint32_t old;
    bool good;

    check(!ftruncate(file, 0x400));
    if (section_create(&create, &section)) return false;
    good = !view_map(section, &map) && !view_map(section, &copy);
    at = map.base;
    good = good && !vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) && !section_extend(section, &larger);
    good = good && !vm_protect(&at, &size, PAGE_WRITECOPY, &old);
    if (good) *(volatile char *)map.base = 7;
    good = good && !vm_protect(&at, &size, PAGE_READWRITE, &old) && !view_flush(&at, &size);
    unmap(map.base);
    unmap(copy.base);
    section_unref(section);
    return good;
}

static bool story_section(void)
{
    struct vm_section_create create = { .fd = -1, .size = 0x20000, .protect = PAGE_READWRITE, .attributes = SEC_RESERVE, .node = ~0u };
    struct vm_map map = { .protect = PAGE_READWRITE, .commit_size = 2 * K, .node = ~0u };
    struct vm_section_description description;
    struct vm_section_fds fds;
    struct section *section, *again = NULL, *based = NULL;
    bool good;

    if (section_create(&create, &section)) return false;
    good = !view_map(section, &map);
    unmap(map.base);
    section_unref(section);
    if (!good) return false;
    create.attributes = SEC_COMMIT | SEC_BASED;
    if (section_create(&create, &based)) return false;
    good = !section_export(based, &description, &fds) && !section_import(&description, &fds, NULL, NULL, &again);
    if (again) section_unref(again);
    map = (struct vm_map){ .protect = PAGE_READWRITE, .node = ~0u };
    good = good && !view_map(based, &map);
    unmap(map.base);
    section_unref(based);
    return good;
}

static bool story_placeholder(void)
{
    struct vm_section_create create = { .fd = -1, .size = 0x8000, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    struct vm_map map = { .size = 0x8000, .type = MEM_REPLACE_PLACEHOLDER, .protect = PAGE_WRITECOPY, .node = ~0u };
    uintptr_t base = 0, at;
    size_t size = 0x10000;
    struct section *section;
    bool good, split = false;

    if (vm_allocate(&base, &size, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS, NULL, ~0u)) return false;
    at = base;
    size = 0x8000;
    split = good = !vm_free(&at, &size, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER);
    good = good && !vm_allocate(&at, &size, MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, ~0u);
    good = good && !vm_free(&at, &size, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER);
    if (good && !section_create(&create, &section))
    {
        map.base = base + 0x8000;
        good = !view_map(section, &map) && !view_unmap(map.base, MEM_PRESERVE_PLACEHOLDER);
        if (!good)
        {
            calm();
            view_unmap(base + 0x8000, MEM_PRESERVE_PLACEHOLDER);
        }
        section_unref(section);
    }
    else good = false;
    give_back(base);
    if (split) give_back(base + 0x8000);
    return good;
}

/* ---- what is refused ------------------------------------------------------------------------------------------------ */

static vm_status allocate(uintptr_t base, size_t size, uint32_t type, uint32_t protect)
{
    return vm_allocate(&base, &size, type, protect, NULL, ~0u);
}

static void test_parameters(void)
{
    uintptr_t at = VM_HIGHEST_USER + 1, page;
    size_t size = K, count = 1;
    uint32_t old;
    struct vm_basic_info info;
    struct vm_region_info region;
    struct vm_image_info image;
    struct vm_working_set_ex ex;
    struct section *section;

    ok(allocate(at, K, MEM_RESERVE, PAGE_READWRITE) == STATUS_INVALID_PARAMETER_2 && allocate(K, K, MEM_RESERVE, PAGE_READWRITE) == STATUS_INVALID_PARAMETER_2,
       "an address outside");
    ok(allocate(0, 0, MEM_RESERVE, PAGE_READWRITE) == STATUS_INVALID_PARAMETER_4 && allocate(0x10000, VM_HIGHEST_USER, MEM_RESERVE, PAGE_READWRITE) == STATUS_INVALID_PARAMETER_4,
       "a size that is none");
    ok(allocate(0, K, MEM_COMMIT, 0) == STATUS_INVALID_PAGE_PROTECTION && allocate(0, K, MEM_COMMIT, PAGE_WRITECOPY) == STATUS_INVALID_PAGE_PROTECTION &&
       allocate(0, K, MEM_COMMIT, 0x2000) == STATUS_INVALID_PAGE_PROTECTION && allocate(0, K, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD | PAGE_NOCACHE) == STATUS_INVALID_PAGE_PROTECTION,
       "protections that are none");
    ok(allocate(0x123000000, VM_LARGE_PAGE, MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, PAGE_READWRITE) != STATUS_SUCCESS, "large pages at a small address");
    ok(vm_free(&at, &size, MEM_RELEASE) == STATUS_INVALID_PARAMETER_2 && vm_protect(&at, &size, PAGE_READONLY, &old) == STATUS_INVALID_PARAMETER_2 &&
       vm_lock_range(&at, &size) == STATUS_ACCESS_VIOLATION && vm_unlock_range(&at, &size) == STATUS_ACCESS_VIOLATION && view_unmap(at, 0) == STATUS_NOT_MAPPED_VIEW &&
       view_flush(&at, &size) == STATUS_NOT_MAPPED_VIEW && view_same_file(at, at) == STATUS_INVALID_ADDRESS, "beyond the end");
    ok(vm_query(at, &info) == STATUS_INVALID_PARAMETER && vm_query_region(at, &region) == STATUS_INVALID_PARAMETER && vm_query_image(at, &image) == STATUS_INVALID_PARAMETER &&
       vm_query_section(at, &section) == STATUS_INVALID_ADDRESS && vm_get_write_watch(at, K, false, &page, &count) == STATUS_INVALID_PARAMETER &&
       vm_physical_map(at, NULL, 1, NULL) == STATUS_INVALID_PARAMETER_1, "questions about it");
    vm_query_working_set_ex(at, &ex);
    ok(!ex.valid, "no page there");
    at = 0x10000;
    size = VM_HIGHEST_USER;
    ok(vm_free(&at, &size, MEM_RELEASE) == STATUS_INVALID_PARAMETER_3 && vm_protect(&at, &size, PAGE_READONLY, &old) == STATUS_INVALID_PARAMETER_3 &&
       vm_lock_range(&at, &size) == STATUS_ACCESS_VIOLATION && view_flush(&at, &size) == STATUS_NOT_MAPPED_VIEW, "too long");
    size = K;
    ok(vm_protect(&at, &size, 0, &old) == STATUS_INVALID_PAGE_PROTECTION && vm_protect(&at, &size, PAGE_READONLY | PAGE_TARGETS_NO_UPDATE, &old) == STATUS_INVALID_PAGE_PROTECTION &&
       vm_protect(&at, &size, PAGE_READONLY, &old) == STATUS_CONFLICTING_ADDRESSES, "protect nothing");
    ok(vm_query_image(0x10000, &image) == STATUS_INVALID_ADDRESS && view_same_file(0x10000, 0x10000) == STATUS_INVALID_ADDRESS &&
       vm_unlock_range(&at, &size) == STATUS_NOT_LOCKED, "free memory");
    count = 0;
    ok(!vm_physical_allocate(&count, NULL) && !count, "no physical pages");
}

static void test_queries(void)
{
    uintptr_t base = 0, at;
    size_t size = 0x10000, whole = 0;
    struct vm_working_set_ex ex;
    struct vm_image_info image;
    struct vm_region_info region;
    struct section *section;
    uint32_t old;

    check(!vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, 0));
    *(volatile char *)base = 1;
    vm_query_working_set_ex(base, &ex);
    ok(ex.valid && ex.protect == PAGE_READWRITE && !ex.shared && !ex.locked, "a touched page");
    vm_query_working_set_ex(base + K, &ex);
    ok(!ex.valid, "one that is not");
    ok(!vm_query_image(base, &image) && !image.base && vm_query_section(base, &section) == STATUS_INVALID_ADDRESS && view_same_file(base, base) == STATUS_CONFLICTING_ADDRESSES,
       "private memory is no view");
    ok(!vm_query_region(base, &region) && region.commit_size == 0x10000 && region.is_private, "all committed");
    ok(view_unmap(base, 0) == STATUS_NOT_MAPPED_VIEW && view_flush(&base, &size) == STATUS_NOT_MAPPED_VIEW, "nor unmapped, nor flushed");
    vm_prefetch(base - 0x10000, 0x100000);
    vm_prefetch(base, K);
    at = base;
    size = K;
    ok(!vm_protect(&at, &size, PAGE_EXECUTE_READ | PAGE_TARGETS_NO_UPDATE, &old) && !vm_protect(&at, &size, PAGE_EXECUTE_READWRITE, &old) && old == PAGE_EXECUTE_READ,
       "execute");
    ok(vm_adopt(base, K, PAGE_READWRITE) == STATUS_CONFLICTING_ADDRESSES, "adopt what is known");
    check(!vm_free(&base, &whole, MEM_RELEASE));
}

static void test_sections(void)
{
    struct vm_section_create create = { .fd = -1, .size = K, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    struct vm_section_description d, bad;
    struct vm_section_info info;
    struct vm_image_header header;
    struct section *section = NULL, *other = NULL;
    struct vm_map map = { .protect = PAGE_READWRITE, .node = 0 };
    uint64_t larger = 0x10000;
    struct vm_section_fds fds, no_file;
    int pipes[2];

    create.size = 0x800000000000ull;
    ok(section_create(&create, &section) == STATUS_SECTION_TOO_BIG, "too big");
    create.attributes = SEC_RESERVE;
    create.size = 0x80000000000ull;
    ok(section_create(&create, &section) == STATUS_INSUFFICIENT_RESOURCES, "too big to reserve");
    create.attributes = SEC_COMMIT | SEC_LARGE_PAGES;
    create.size = K;
    ok(section_create(&create, &section) == STATUS_INVALID_PARAMETER_4, "large pages in small sizes");
    create.attributes = SEC_IMAGE;
    ok(section_create(&create, &section) == STATUS_INVALID_FILE_FOR_SECTION, "an image without a file");
    check(!pipe(pipes));
    create.fd = pipes[0];
    ok(section_create(&create, &section) == STATUS_INVALID_FILE_FOR_SECTION, "an image that is a pipe");
    create.attributes = SEC_COMMIT;
    ok(section_create(&create, &section) == STATUS_INVALID_FILE_FOR_SECTION, "a file that is a pipe");
    create.fd = file;
    check(!ftruncate(file, 0x400));
    ok(section_create(&create, &section) == STATUS_ACCESS_DENIED, "a file that may not be written");
    create.protect = PAGE_READONLY;
    ok(section_create(&create, &section) == STATUS_SECTION_TOO_BIG, "a read-only section longer than its file");
    create.file_writable = true;
    create.protect = PAGE_READWRITE;
    create.size = 0x7fffffffffff8000ull;
    ok(section_create(&create, &section) == STATUS_SECTION_TOO_BIG, "a file too long");
    create.size = K;
    create.attributes = SEC_COMMIT | SEC_LARGE_PAGES;
    ok(section_create(&create, &section) == STATUS_INVALID_PARAMETER_6, "a file in large pages");

    create = (struct vm_section_create){ .fd = -1, .size = K, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT | SEC_NOCACHE | SEC_NO_CHANGE, .node = ~0u };
    ok(!section_create(&create, &section) && section_extend(section, &larger) == STATUS_SECTION_NOT_EXTENDED, "memory does not extend");
    section_query(section, &info);
    ok(info.size == K && info.attributes == (SEC_COMMIT | SEC_NOCACHE | SEC_NO_CHANGE) && section_image_header(section, &header) == STATUS_SECTION_NOT_IMAGE && !section_tag(section), "query");
    map.base = VM_HIGHEST_USER + 1;
    ok(view_map(section, &map) == STATUS_INVALID_PARAMETER_3, "a view beyond the end");
    map.base = 0;
    map.offset = 0x10000;
    ok(view_map(section, &map) == STATUS_INVALID_VIEW_SIZE, "a view behind the section");
    map.offset = 0;
    map.commit_size = 2 * K;
    map.size = K;
    ok(view_map(section, &map) == STATUS_INVALID_PARAMETER_5, "committing more than the view");
    map.commit_size = 0;
    map.size = 0;
    ok(!view_map(section, &map) && vm_query_section(map.base, &other) == STATUS_SUCCESS && other == section, "a view tells its section");
    section_unref(other);
    ok(view_unmap(map.base, 0) == STATUS_INVALID_PAGE_PROTECTION, "a view that stays");

    check(!section_export(section, &d, &fds));
    bad = d;
    bad.size = 0;
    ok(section_import(&bad, &fds, NULL, NULL, &other) == STATUS_INVALID_PARAMETER, "an import without a size");
    bad = d;
    bad.size = 0x100000;
    ok(section_import(&bad, &fds, NULL, NULL, &other) == STATUS_INVALID_PARAMETER, "larger than its file");
    bad = d;
    bad.protect = PAGE_READWRITE | PAGE_READONLY;
    ok(section_import(&bad, &fds, NULL, NULL, &other) == STATUS_INVALID_PARAMETER, "with two protections");
    bad = d;
    bad.is_image = true;
    ok(section_import(&bad, &fds, NULL, NULL, &other) == STATUS_INVALID_PARAMETER, "an image that is none");
    bad = d;
    bad.attributes = SEC_RESERVE;
    ok(section_import(&bad, &fds, NULL, NULL, &other) == STATUS_INVALID_PARAMETER, "reserved memory of which nobody knows what is committed");
    no_file = (struct vm_section_fds){ .fd = pipes[0], .state = -1 };
    ok(section_import(&d, &no_file, NULL, NULL, &other) == STATUS_INVALID_PARAMETER, "a pipe");
    ok(!section_import(&d, &fds, NULL, NULL, &other), "a good one");
    section_unref(other);
    section_unref(section);
    create.attributes = SEC_RESERVE;
    check(!section_create(&create, &section));
    ok(!section_export(section, &d, &fds) && fds.state >= 0 && !section_import(&d, &fds, NULL, NULL, &other), "what is committed late");
    section_unref(other);
    bad = d;
    bad.state_offset = K;
    ok(section_import(&bad, &fds, NULL, NULL, &other) == STATUS_INVALID_PARAMETER, "marks behind the end of their file");
    no_file = (struct vm_section_fds){ .fd = fds.fd, .state = pipes[0] };
    ok(section_import(&d, &no_file, NULL, NULL, &other) == STATUS_INVALID_PARAMETER, "marks in a pipe");
    section_unref(section);
    close(pipes[0]);
    close(pipes[1]);
}

static void test_based(void)
{
    struct vm_section_create create = { .fd = -1, .size = 0x20000, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT | SEC_BASED, .node = ~0u };
    struct vm_map map = { .protect = PAGE_READWRITE, .node = ~0u };
    struct vm_section_info info;
    struct section *section;

    check(!section_create(&create, &section));
    section_query(section, &info);
    ok(info.based && !view_map(section, &map) && map.base == info.based, "a based view is where the section says");
    map = (struct vm_map){ .protect = PAGE_READWRITE, .node = ~0u };
    ok(view_map(section, &map) == STATUS_CONFLICTING_ADDRESSES, "there is one place");
    check(!view_unmap(info.based, 0));
    map = (struct vm_map){ .base = 0x20000000, .protect = PAGE_READWRITE, .node = ~0u };
    ok(view_map(section, &map) == STATUS_CONFLICTING_ADDRESSES, "and no other");
    section_unref(section);
}

static unsigned seen;

static void count_region(const struct vm_basic_info *info, void *arg)
{
    *(size_t *)arg += info->region_size;
    seen++;
}

int main(void)
{
    uintptr_t low = 0x30000000;
    size_t size = K, bytes = 0, whole = 0;
    struct vm_fault fault = { .address = VM_HIGHEST_USER + 1 };
    const char *why;

    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER };

    sigaction(SIGSEGV, &action, NULL);
    check(!vm_init());
    failing_start();
    file = memfd_create("errors", MFD_CLOEXEC);
    test_parameters();
    test_queries();
    test_sections();
    test_based();
    test_views();
    test_no_keep();
    ok(vm_fault(&fault) == STATUS_ACCESS_VIOLATION && (fault.address = 0x10000, vm_fault(&fault)) == STATUS_ACCESS_VIOLATION, "faults nowhere");
    fault.bus = true;
    ok(vm_fault(&fault) == STATUS_ACCESS_VIOLATION, "a bus error nowhere");

    each_failure("a stack", story_stack);
    each_failure("a stack that grows", story_growth);
    each_failure("write watch", story_watch);
    each_failure("offered memory", story_offer);
    each_failure("discarded memory", story_discard);
    each_failure("physical pages", story_physical);
    each_failure("a file", story_file);
    each_failure("sections", story_section);
    each_failure("placeholders", story_placeholder);

    check(!vm_allocate(&low, &size, MEM_RESERVE, PAGE_READWRITE, NULL, ~0u));
    vm_enumerate(count_region, &bytes);
    ok(seen && bytes >= K, "all regions");
    check(!vm_free(&low, &whole, MEM_RELEASE));
    ok(!vm_check(&why) && !why, "invariants");
    return tap_done();
}
