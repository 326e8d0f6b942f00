/* The section manager from outside: private memory, sections, views, faults, each with real memory underneath. */
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <ucontext.h>
#include <unistd.h>

#include "host/host.h"
#include "vm/vm.h"
#include "tap.h"

#define K 0x1000u

/* ---- touching memory as a program would ------------------------------------------------------------------- */

static sigjmp_buf escape;
static struct vm_stack stack;
static vm_status in_page;

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    struct vm_fault fault = {
        .address = (uintptr_t)info->si_addr, .bus = sig == SIGBUS, .stack = &stack,
        .access = uc->uc_mcontext.gregs[REG_ERR] & 2 ? VM_ACCESS_WRITE : VM_ACCESS_READ,
    };
    vm_status status = vm_fault(&fault);

    in_page = fault.in_page;
    if (status) siglongjmp(escape, status);
}

static vm_status write_byte(uintptr_t address, char value)
{
    int status = sigsetjmp(escape, 1);

    if (status) return status;
    *(volatile char *)address = value;
    return 0;
}

static vm_status read_byte(uintptr_t address, char *value)
{
    int status = sigsetjmp(escape, 1);

    if (status) return status;
    *value = *(volatile char *)address;
    return 0;
}

static bool invariants(void)
{
    const char *why;
    int number = vm_check(&why);

    if (number) printf("# invariant %d: %s\n", number, why);
    return !number;
}

static bool is(uintptr_t address, uint32_t state, uint32_t protect, size_t size)
{
    struct vm_basic_info info;

    if (vm_query(address, &info)) return false;
    if (info.state == state && info.protect == protect && info.region_size == size) return true;
    printf("# %lx: state %x protect %x size %zx base %lx\n", (long)address, info.state, info.protect, info.region_size, (long)info.allocation_base);
    return false;
}

static uintptr_t allocate(size_t size, uint32_t type, uint32_t protect)
{
    uintptr_t base = 0;

    return vm_allocate(&base, &size, type, protect, NULL, ~0u) ? 0 : base;
}

static vm_status release(uintptr_t base)
{
    size_t size = 0;

    return vm_free(&base, &size, MEM_RELEASE);
}

/* RLIMIT_MEMLOCK lets this process lock some pages. */
static bool can_lock = true;

/* ---- private memory --------------------------------------------------------------------------------------------- */

static void test_private(void)
{
    uintptr_t base = allocate(0x20000, MEM_RESERVE, PAGE_READWRITE), at;
    struct rlimit limit;
    size_t size;
    uint32_t old;
    char c = 1;

    ok(base && !(base & 0xffff) && is(base, MEM_RESERVE, 0, 0x20000), "reserve");
    ok(write_byte(base, 1) == STATUS_ACCESS_VIOLATION, "reserved memory cannot be touched");
    at = base + K + 5; size = 2 * K;
    ok(!vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) && at == base + K && size == 3 * K, "commit rounds to pages");
    ok(is(base, MEM_RESERVE, 0, K) && is(base + K, MEM_COMMIT, PAGE_READWRITE, 3 * K) && is(base + 4 * K, MEM_RESERVE, 0, 0x1c000),
       "three runs");
    ok(!write_byte(base + K, 7) && !read_byte(base + K, &c) && c == 7, "committed memory works");
    at = base + 2 * K; size = K;
    ok(!vm_protect(&at, &size, PAGE_READONLY, &old) && old == PAGE_READWRITE && write_byte(base + 2 * K, 1) == STATUS_ACCESS_VIOLATION,
       "read-only");
    at = base + 2 * K; size = K;
    ok(!vm_protect(&at, &size, PAGE_READWRITE | PAGE_GUARD, &old) && write_byte(base + 2 * K, 1) == STATUS_GUARD_PAGE_VIOLATION &&
       !write_byte(base + 2 * K, 1), "a guard page works once");
    at = base; size = 2 * K;
    ok(vm_protect(&at, &size, PAGE_READONLY, &old) == STATUS_NOT_COMMITTED, "protect wants committed pages");
    at = base + K; size = K;
    ok(!vm_free(&at, &size, MEM_DECOMMIT) && is(base, MEM_RESERVE, 0, 2 * K), "decommit");
    at = base + K; size = K;
    ok(!vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) && !read_byte(base + K, &c) && c == 0, "committed again: zero");
    at = base + 0x8000; size = 0x8000;
    ok(!vm_free(&at, &size, MEM_RELEASE) && is(base + 0x8000, MEM_FREE, PAGE_NOACCESS, 0x8000) && is(base + 0x10000, MEM_RESERVE, 0, 0x10000),
       "releasing the middle makes two regions");
    at = base + 0x8000; size = K;
    ok(vm_allocate(&at, &size, MEM_RESERVE, PAGE_READWRITE, NULL, ~0u) == STATUS_CONFLICTING_ADDRESSES, "the rest of a granule cannot be reserved");
    ok(!release(base) && !release(base + 0x10000) && release(base) == STATUS_MEMORY_NOT_ALLOCATED, "release");
    base = 0x50008000; size = 1;
    ok(!vm_allocate(&base, &size, MEM_RESERVE, PAGE_READWRITE, NULL, ~0u) && base == 0x50000000 && size == 0x9000, "reserving rounds down to granules");
    release(base);
    base = allocate(1ull << 40, MEM_RESERVE, PAGE_NOACCESS);
    if (!base && !getrlimit(RLIMIT_AS, &limit) && limit.rlim_cur != RLIM_INFINITY) ok(1, "a terabyte # SKIP ulimit -v");
    else ok(base && is(base, MEM_RESERVE, 0, 1ull << 40) && !release(base), "a terabyte");
    ok(invariants(), "invariants");
}

static void test_placeholder(void)
{
    uintptr_t base = allocate(0x10000, MEM_RESERVE | MEM_RESERVE_PLACEHOLDER, PAGE_NOACCESS), at;
    struct vm_section_create create = { .fd = -1, .size = 0x4000, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    struct section *section = NULL;
    struct vm_map map = { .protect = PAGE_READWRITE, .type = MEM_REPLACE_PLACEHOLDER, .node = ~0u };
    size_t size;
    char c;

    at = base + 0x4000; size = 0x4000;
    ok(!vm_free(&at, &size, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER) && is(base + 0x4000, MEM_RESERVE, 0, 0x4000) &&
       is(base, MEM_RESERVE, 0, 0x4000), "split in three");
    at = base; size = 0x3000;
    ok(vm_allocate(&at, &size, MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, ~0u) == STATUS_CONFLICTING_ADDRESSES,
       "a replacement must be exact");
    at = base; size = 0x4000;
    ok(!vm_allocate(&at, &size, MEM_RESERVE | MEM_COMMIT | MEM_REPLACE_PLACEHOLDER, PAGE_READWRITE, NULL, ~0u) && !write_byte(base, 3),
       "private memory in place of a placeholder");
    ok(!section_create(&create, &section), "section");
    map.base = base + 0x4000; map.size = 0x4000;
    ok(!view_map(section, &map) && !write_byte(base + 0x4000, 9), "a view in place of a placeholder");
    ok(!view_unmap(base + 0x5000, MEM_PRESERVE_PLACEHOLDER) && is(base + 0x4000, MEM_RESERVE, 0, 0x4000), "and back");
    at = base; size = 0x4000;
    ok(!vm_free(&at, &size, MEM_RELEASE | MEM_PRESERVE_PLACEHOLDER) && read_byte(base, &c) == STATUS_ACCESS_VIOLATION, "private memory and back");
    at = base; size = 0x10000;
    ok(!vm_free(&at, &size, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS) && is(base, MEM_RESERVE, 0, 0x10000), "coalesce");
    at = base; size = 0x10000;
    ok(vm_free(&at, &size, MEM_RELEASE | MEM_COALESCE_PLACEHOLDERS) == STATUS_CONFLICTING_ADDRESSES, "one is too few to coalesce");
    ok(!release(base) && invariants(), "release");
    section_unref(section);
}

/* ---- sections and views ------------------------------------------------------------------------------------------- */

static void test_section(void)
{
    struct vm_section_create create = { .fd = -1, .size = 0x3452, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    struct vm_map a = { .protect = PAGE_READWRITE, .node = ~0u }, b = { .protect = PAGE_WRITECOPY, .node = ~0u };
    struct section *section;
    uintptr_t at;
    size_t size;
    uint32_t old;
    char c;

    ok(!section_create(&create, &section) && !view_map(section, &a) && a.size == 0x4000 && !view_map(section, &b), "two views of a section");
    section_unref(section);
    ok(!write_byte(a.base + 0x1000, 5) && !read_byte(b.base + 0x1000, &c) && c == 5, "they see the same bytes");
    ok(is(b.base, MEM_COMMIT, PAGE_WRITECOPY, 0x4000), "copy-on-write before a write");
    ok(!write_byte(b.base + 0x1000, 6) && !read_byte(a.base + 0x1000, &c) && c == 5, "a write stays private");
    ok(is(b.base, MEM_COMMIT, PAGE_WRITECOPY, K) && is(b.base + K, MEM_COMMIT, PAGE_READWRITE, K) && is(b.base + 2 * K, MEM_COMMIT, PAGE_WRITECOPY, 2 * K),
       "and is reported");
    at = b.base + K; size = K;
    ok(!vm_protect(&at, &size, PAGE_READONLY, &old) && old == PAGE_READWRITE && is(b.base + K, MEM_COMMIT, PAGE_READONLY, K), "read-only");
    ok(!vm_protect(&at, &size, PAGE_WRITECOPY, &old) && old == PAGE_READONLY && is(b.base + K, MEM_COMMIT, PAGE_READWRITE, K), "written is for ever");
    ok(vm_protect(&at, &size, PAGE_READWRITE, &old) == STATUS_SECTION_PROTECTION, "no more than the view allows");

    /* A shared view whose pages become copy-on-write and shared again. */
    at = a.base; size = a.size;
    ok(!vm_protect(&at, &size, PAGE_WRITECOPY, &old) && !write_byte(a.base + 0x2000, 8) && !read_byte(b.base + 0x2000, &c) && c == 0,
       "a shared view turned copy-on-write");
    ok(!vm_protect(&at, &size, PAGE_READWRITE, &old) && !read_byte(a.base + 0x2000, &c) && c == 8, "its written page survives the way back");
    ok(!write_byte(a.base + 0x3000, 4) && !read_byte(b.base + 0x3000, &c) && c == 4, "the others are shared again");
    ok(!write_byte(a.base + 0x2000, 2) && !read_byte(b.base + 0x2000, &c) && c == 0, "the written one is not");
    ok(invariants(), "invariants");
    ok(!view_unmap(a.base + 0x1234, 0) && !view_unmap(b.base, 0) && view_unmap(b.base, 0) == STATUS_NOT_MAPPED_VIEW, "unmap");
}

static void test_reserve_section(void)
{
    struct vm_section_create create = { .fd = -1, .size = 0x10000, .protect = PAGE_READWRITE, .attributes = SEC_RESERVE, .node = ~0u };
    struct vm_map a = { .protect = PAGE_READWRITE, .node = ~0u }, b = { .protect = PAGE_READONLY, .node = ~0u };
    struct section *section;
    uintptr_t at;
    size_t size = 0x2000;
    char c;

    ok(!section_create(&create, &section) && !view_map(section, &a) && !view_map(section, &b), "a reserved section");
    ok(is(a.base, MEM_RESERVE, 0, 0x10000) && write_byte(a.base, 1) == STATUS_ACCESS_VIOLATION, "is reserved");
    at = a.base + 0x1000;
    ok(!vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) && !write_byte(a.base + 0x1000, 1), "commit");
    ok(is(b.base + 0x1000, MEM_COMMIT, PAGE_READONLY, 0x2000) && !read_byte(b.base + 0x1000, &c) && c == 1, "the other view has it too, late");
    at = a.base; size = 0;
    ok(vm_free(&at, &size, MEM_RELEASE) == STATUS_UNABLE_TO_DELETE_SECTION, "a view is not released");
    view_unmap(a.base, 0);
    view_unmap(b.base, 0);
    section_unref(section);
    ok(invariants(), "invariants");
}

static void test_file(void)
{
    char name[] = "/tmp/oriel-unit-XXXXXX", bytes[0x400] = "file";
    int fd = mkstemp(name);
    struct vm_section_create create = { .fd = fd, .file_writable = true, .protect = PAGE_READWRITE, .attributes = SEC_RESERVE, .node = ~0u };
    struct vm_map map = { .protect = PAGE_READWRITE, .node = ~0u };
    struct vm_section_info info;
    struct section *section;
    uintptr_t at;
    size_t size;
    char c;

    unlink(name);
    ok(section_create(&create, &section) == STATUS_MAPPED_FILE_SIZE_ZERO, "an empty file");
    check(write(fd, bytes, sizeof(bytes)) == sizeof(bytes));
    ok(!section_create(&create, &section), "file section");
    section_query(section, &info);
    ok(info.size == 0x400 && info.attributes == SEC_FILE, "its size is in bytes");
    map.size = 0x10000;
    ok(view_map(section, &map) == STATUS_INVALID_VIEW_SIZE, "a view is no larger than the section");
    map.type = MEM_RESERVE;
    ok(!view_map(section, &map) && is(map.base, MEM_COMMIT, PAGE_READWRITE, 0x1000) && is(map.base + 0x1000, MEM_RESERVE, 0, 0xf000),
       "unless it may grow");
    ok(!read_byte(map.base, &c) && c == 'f' && lseek(fd, 0, SEEK_END) == 0x400, "mapping does not change the file");
    at = map.base; size = 0x1100;
    ok(!vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) && lseek(fd, 0, SEEK_END) == 0x2000, "committing grows the file");
    ok(!write_byte(map.base + 0x1fff, 'x') && pread(fd, bytes, 1, 0x1fff) == 1 && bytes[0] == 'x', "and it can be written");
    at = map.base; size = 0;
    ok(!view_flush(&at, &size), "flush");
    check(!ftruncate(fd, 0x1000));
    ok(read_byte(map.base + 0x1000, &c) == STATUS_IN_PAGE_ERROR && in_page == STATUS_END_OF_FILE, "a truncated file is an in-page error");
    view_unmap(map.base, 0);
    section_unref(section);
    close(fd);
    ok(invariants(), "invariants");
}

/* ---- stacks and write watch ------------------------------------------------------------------------------------------ */

static void test_stack(void)
{
    vm_status status;
    uintptr_t at;

    ok(!vm_create_stack(0x10000, 0x2000, NULL, &stack) && stack.base - stack.limit == 0x2000, "a stack");
    ok(is(stack.limit - K, MEM_COMMIT, PAGE_READWRITE | PAGE_GUARD, K), "with a guard page");
    for (at = stack.base - K; !(status = write_byte(at, 1)); at -= K) ;
    ok(status == STATUS_STACK_OVERFLOW && at == stack.deallocation_base + 2 * K && stack.limit == stack.deallocation_base + K,
       "grows to its end");
    ok(write_byte(stack.deallocation_base, 1) == STATUS_ACCESS_VIOLATION, "the last page is never there");
    release(stack.deallocation_base);
    memset(&stack, 0, sizeof(stack));
    ok(invariants(), "invariants");
}

static void test_watch(void)
{
    uintptr_t base = allocate(0x10000, MEM_RESERVE | MEM_COMMIT | MEM_WRITE_WATCH, PAGE_READWRITE), pages[16], at;
    size_t count = 16, size;
    uint32_t old;
    char c;

    ok(base && !vm_get_write_watch(base, 0x10000, false, pages, &count) && count == 0, "nothing written");
    ok(!read_byte(base + 0x3000, &c), "a read");
    ok(!write_byte(base + 0x5000, 1) && !write_byte(base + 0x2000, 1), "two writes");
    count = 16;
    ok(!vm_get_write_watch(base, 0x10000, false, pages, &count) && count == 2 && pages[0] == base + 0x2000 && pages[1] == base + 0x5000, "are seen");
    count = 1;
    ok(!vm_get_write_watch(base, 0x10000, true, pages, &count) && count == 1 && pages[0] == base + 0x2000, "reset one");
    count = 16;
    ok(!vm_get_write_watch(base, 0x10000, false, pages, &count) && count == 1 && pages[0] == base + 0x5000, "the other is left");
    at = base + 0x5000; size = K;
    ok(!vm_protect(&at, &size, PAGE_READONLY, &old) && !vm_protect(&at, &size, PAGE_READWRITE, &old), "protect");
    at = base; size = 0;
    ok(!write_byte(base + 0x2000, 1) && !vm_free(&at, &size, MEM_DECOMMIT), "decommit");
    at = base; size = 0x10000;
    ok(!vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) && !read_byte(base + 0x7000, &c), "commit");
    count = 16;
    ok(!vm_get_write_watch(base, 0x10000, false, pages, &count) && count == 1 && pages[0] == base + 0x5000, "a latched page stays");
    ok(!vm_reset_write_watch(base, 0x10000), "reset");
    count = 16;
    ok(!vm_get_write_watch(base, 0x10000, false, pages, &count) && count == 0, "nothing left");
    release(base);
    ok(invariants(), "invariants");
}

/* ---- memory that may go, physical pages -------------------------------------------------------------------------- */

static void test_offer(void)
{
    uintptr_t base = allocate(0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), at = base + 2 * K;
    size_t size = K;
    uint32_t old;
    char c = 0;

    check(!write_byte(base + K, 5) && !write_byte(base + 2 * K, 6));
    check(!vm_protect(&at, &size, PAGE_READONLY, &old));
    ok(vm_offer(base + 1, K) == STATUS_INVALID_PARAMETER && vm_offer(base, K - 1) == STATUS_INVALID_PARAMETER && vm_offer(base, 0) == STATUS_INVALID_PARAMETER &&
       vm_offer(0, K) == STATUS_INVALID_PARAMETER && vm_offer(VM_HIGHEST_USER + 1, K) == STATUS_INVALID_PARAMETER, "whole pages only");
    ok(vm_offer(base, 0x11000) == STATUS_CONFLICTING_ADDRESSES && vm_reclaim(base, K) == STATUS_CONFLICTING_ADDRESSES, "one region's, and offered before it is reclaimed");
    ok(!vm_offer(base + K, 2 * K) && vm_offer(base + 2 * K, K) == STATUS_CONFLICTING_ADDRESSES, "offer");
    ok(is(base, MEM_COMMIT, PAGE_READWRITE, 2 * K) && is(base + 2 * K, MEM_COMMIT, PAGE_READONLY, K), "is not told by a query");
    ok(read_byte(base + K, &c) == STATUS_ACCESS_VIOLATION && write_byte(base + 2 * K, 1) == STATUS_ACCESS_VIOLATION && !read_byte(base, &c), "offered pages are out of reach");
    at = base; size = 0x10000;
    ok(vm_lock_range(&at, &size) == STATUS_ACCESS_VIOLATION && vm_discard(base + K, K) == STATUS_INVALID_PAGE_PROTECTION, "also for locks");
    ok(vm_reclaim(base, 2 * K) == STATUS_CONFLICTING_ADDRESSES && !vm_reclaim(base + K, 2 * K), "reclaim");
    ok(!read_byte(base + K, &c) && c == 5 && !read_byte(base + 2 * K, &c) && c == 6 && write_byte(base + 2 * K, 1) == STATUS_ACCESS_VIOLATION, "contents and protections are back");
    at = base; size = K;
    if (can_lock) ok(vm_success(vm_lock_range(&at, &size)) && !vm_offer(base, K) && !vm_reclaim(base, K) && vm_unlock_range(&at, &size) == STATUS_NOT_LOCKED, "an offer unlocks");
    else ok(vm_lock_range(&at, &size) == STATUS_WORKING_SET_QUOTA && !vm_offer(base, K) && !vm_reclaim(base, K), "nothing can be locked");
    ok(!vm_discard(base, 2 * K) && !read_byte(base + K, &c) && c == 0, "discard");
    ok(vm_discard(base, 3 * K) == STATUS_INVALID_PAGE_PROTECTION && vm_discard(base, 0x11000) == STATUS_CONFLICTING_ADDRESSES, "wants READWRITE");
    ok(!vm_offer(base, K) && !release(base) && invariants(), "released while offered");
}

/* The kernel is told to be short of memory: what may be dropped is, if not at once then soon (pages wait in lists of each
 * processor's). True: the first page is gone, wherever to. */
static bool shortage(uintptr_t base, size_t size)
{
    unsigned char there = 1;

    for (int i = 0; i < 100 && (there & 1); i++)
    {
        if (i) usleep(1000);
        madvise((void *)base, size, MADV_PAGEOUT);
        check(!mincore((void *)base, K, &there));
    }
    return !(there & 1);
}

static void test_lost(void)
{
    uintptr_t base = allocate(0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), at = base;
    size_t size = K;
    uint32_t old;
    vm_status status;
    char c, d;

    for (unsigned i = 0; i < 8; i++) check(!write_byte(base + i * K, 'a' + i));
    check(!vm_protect(&at, &size, PAGE_READONLY, &old));

    /* Kept, if nothing happens; also by a shortage that comes after the reclaim. */
    ok(!vm_offer(base, 8 * K) && !vm_reclaim(base, 2 * K), "reclaimed in time");
    shortage(base, K);
    ok(!read_byte(base, &c) && c == 'a' && !read_byte(base + K, &c) && c == 'b' && write_byte(base, 1) == STATUS_ACCESS_VIOLATION, "and kept");
    for (unsigned i = 2; i < 5; i++) if (!shortage(base + i * K, K)) printf("# the kernel drops nothing\n");
    status = vm_reclaim(base + 4 * K, 2 * K);
    check(!read_byte(base + 4 * K, &c));
    ok((c == 'e' && !status) || (!c && status == STATUS_DEVICE_BUSY), "reclaimed too late: the status says whether it is lost");
    ok(!read_byte(base + 5 * K, &c) && c == 'f', "what was not dropped is there");
    status = vm_reclaim(base + 2 * K, 2 * K);
    check(!read_byte(base + 2 * K, &c) && !read_byte(base + 3 * K, &d));
    ok(status == (c == 'c' && d == 'd' ? STATUS_SUCCESS : STATUS_DEVICE_BUSY) && !vm_reclaim(base + 6 * K, 2 * K) && !read_byte(base + 6 * K, &c) && c == 'g', "the others");
    ok(!vm_offer(base + 8 * K, 8 * K), "pages that were never written");
    shortage(base + 8 * K, 8 * K);
    ok(!vm_reclaim(base + 8 * K, 8 * K), "have nothing to lose");

    /* MEM_RESET: the same, but the pages stay in reach. */
    for (unsigned i = 1; i < 8; i++) check(!write_byte(base + i * K, 'a' + i));
    at = base; size = 8 * K;
    ok(!vm_allocate(&at, &size, MEM_RESET, PAGE_NOACCESS, NULL, ~0u) && !vm_allocate(&at, &size, MEM_RESET_UNDO, PAGE_NOACCESS, NULL, ~0u), "reset and undone");
    shortage(base, K);
    shortage(base + 7 * K, K);
    ok(!read_byte(base, &c) && c == 'a' && !read_byte(base + 7 * K, &c) && c == 'h', "all is there");
    at = base + K; size = 4 * K;
    ok(!vm_allocate(&at, &size, MEM_RESET, PAGE_READWRITE, NULL, ~0u) && !write_byte(base + 2 * K, 'x'), "reset, and one written again");
    shortage(base + 2 * K, K);
    shortage(base + 3 * K, K);
    ok(!read_byte(base + 2 * K, &c) && c == 'x', "which stays");
    at = base + 3 * K; size = K;
    status = vm_allocate(&at, &size, MEM_RESET_UNDO, PAGE_READWRITE, NULL, ~0u);
    check(!read_byte(base + 3 * K, &c));
    ok((c == 'd' && !status) || (!c && status == STATUS_DEVICE_BUSY), "not the others, if the status says so");
    ok(vm_allocate(&at, &size, MEM_RESET_UNDO, PAGE_READWRITE, NULL, ~0u) == status, "and reading them does not change that");
    at = base + 2 * K; size = K;
    ok(!vm_allocate(&at, &size, MEM_RESET_UNDO, PAGE_READWRITE, NULL, ~0u), "all is well with the written one");
    ok(!release(base) && invariants(), "release");
}

static bool in_working_set(uintptr_t address)
{
    struct vm_working_set_ex info;

    vm_query_working_set_ex(address, &info);
    return info.valid;
}

/* Out of the working set: contents stay, and so do locked pages. */
static void test_trim(void)
{
    struct vm_section_create create = { .fd = -1, .size = 0x10000, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    struct vm_map map = { .protect = PAGE_READWRITE, .node = ~0u }, copy = { .protect = PAGE_WRITECOPY, .node = ~0u };
    uintptr_t private = allocate(0x10000, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE), at;
    struct section *section;
    size_t size = K;
    char c;

    check(!section_create(&create, &section) && !view_map(section, &map) && !view_map(section, &copy));
    for (unsigned i = 0; i < 4; i++) check(!write_byte(map.base + i * K, i + 1) && !write_byte(private + i * K, i + 1));
    check(!write_byte(copy.base, 9));
    at = map.base + K;
    check(vm_success(vm_lock_range(&at, &size)) == can_lock);
    ok(in_working_set(map.base) && in_working_set(map.base + K) && in_working_set(private) && !in_working_set(map.base + 8 * K), "touched pages are in the working set");
    vm_trim(0, VM_HIGHEST_USER);
    ok(!host_caps.see_copies || (!in_working_set(map.base) && in_working_set(map.base + K) == can_lock && !in_working_set(map.base + 2 * K)), "a view's pages leave it, unless they are locked");
    ok(!read_byte(map.base, &c) && c == 1 && !read_byte(map.base + 2 * K, &c) && c == 3 && in_working_set(map.base), "a touch brings them back");
    ok(!read_byte(private, &c) && c == 1 && !read_byte(copy.base, &c) && c == 9, "private contents stay too");
    check(!vm_offer(private + K, K));
    vm_trim(private, 0x10000);
    ok(!vm_reclaim(private + K, K) && !read_byte(private + K, &c) && c == 2, "and offered ones");
    at = map.base;
    ok(vm_unlock_range(&at, &size) == STATUS_NOT_LOCKED && (!host_caps.see_copies || !in_working_set(map.base)), "unlocking what is not locked says that it is not needed");
    at = map.base + K;
    check(!vm_unlock_range(&at, &size) == can_lock && !view_unmap(map.base, 0) && !view_unmap(copy.base, 0));
    section_unref(section);
    ok(!release(private) && invariants(), "release");
}

static void test_physical(void)
{
    uintptr_t numbers[8], more[4], scatter[3], window = allocate(0x10000, MEM_RESERVE | MEM_PHYSICAL, PAGE_READWRITE), at;
    uintptr_t other = allocate(0x10000, MEM_RESERVE | MEM_PHYSICAL, PAGE_READWRITE), private = allocate(K, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE);
    size_t count = 8, size;
    uint32_t old;
    char c;

    ok(!vm_physical_allocate(&count, numbers) && count == 8, "eight pages");
    ok(is(window, MEM_RESERVE, 0, 0x10000) && write_byte(window, 1) == STATUS_ACCESS_VIOLATION, "a window shows nothing at first");
    ok(!vm_physical_map(window, NULL, 4, numbers) && is(window, MEM_COMMIT, PAGE_READWRITE, 4 * K) && !read_byte(window + 2 * K, &c) && c == 0, "map");
    check(!write_byte(window, 1) && !write_byte(window + K, 2) && !write_byte(window + 3 * K, 4));
    ok(vm_physical_map(other, NULL, 4, numbers + 2) == STATUS_INVALID_PARAMETER_3 && is(other, MEM_RESERVE, 0, 0x10000), "a page is in one place at a time");
    more[0] = numbers[3]; more[1] = numbers[0]; more[2] = numbers[1]; more[3] = numbers[2];
    ok(!vm_physical_map(window, NULL, 4, more) && !read_byte(window, &c) && c == 4 && !read_byte(window + K, &c) && c == 1 && !read_byte(window + 2 * K, &c) && c == 2,
       "pages change places");
    ok(vm_physical_map(window, NULL, 20, NULL) == STATUS_INVALID_PARAMETER_1 && vm_physical_map(private, NULL, 1, numbers) == STATUS_INVALID_PARAMETER_1,
       "windows only");
    more[0] = numbers[4]; more[1] = 12345;
    ok(vm_physical_map(other, NULL, 2, more) == STATUS_INVALID_PARAMETER_3 && is(other, MEM_RESERVE, 0, 0x10000), "all or nothing");
    more[1] = numbers[4];
    ok(vm_physical_map(other, NULL, 2, more) == STATUS_INVALID_PARAMETER_3, "no page twice");
    scatter[0] = other + 5 * K; scatter[1] = window + K; scatter[2] = window + 5 * K;
    more[0] = numbers[0]; more[1] = 0; more[2] = numbers[7];
    ok(!vm_physical_map(0, scatter, 3, more) && !read_byte(other + 5 * K, &c) && c == 1 && read_byte(window + K, &c) && !read_byte(window + 5 * K, &c) && c == 0, "scattered");
    at = window; size = K;
    ok(vm_protect(&at, &size, PAGE_READONLY, &old) == STATUS_CONFLICTING_ADDRESSES && vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) == STATUS_CONFLICTING_ADDRESSES &&
       vm_free(&at, &size, MEM_DECOMMIT) == STATUS_CONFLICTING_ADDRESSES && vm_free(&at, &size, MEM_RELEASE) == STATUS_UNABLE_TO_FREE_VM, "a window is only released as a whole");
    ok(invariants(), "invariants");

    more[0] = numbers[6]; more[1] = numbers[7]; more[2] = 999; more[3] = numbers[5];
    count = 4;
    ok(vm_physical_free(&count, more) == STATUS_INVALID_PARAMETER_3 && count == 2 && is(window + 5 * K, MEM_RESERVE, 0, 0xb000), "freed up to a wrong one, and unmapped");
    count = 2;
    ok(!vm_physical_allocate(&count, more) && count == 2 && more[0] == numbers[6] && !vm_physical_map(window, NULL, 2, more) && !read_byte(window, &c) && c == 0, "they come again, zeroed");
    ok(!release(window) && !vm_physical_map(other, NULL, 1, &numbers[3]) && !read_byte(other, &c) && c == 4, "a released window's pages live on");
    count = 8;
    ok(!vm_physical_free(&count, numbers) && count == 8 && is(other, MEM_RESERVE, 0, 0x10000), "free all");
    ok(!release(other) && !release(private) && invariants(), "release");
}

/* What can be had depends on the system: either all of it works or it is refused by name. */
static void test_large_pages(void)
{
    struct vm_section_create create = { .fd = -1, .size = VM_LARGE_PAGE, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT | SEC_LARGE_PAGES, .node = ~0u };
    struct vm_map map = { .protect = PAGE_READWRITE, .type = MEM_LARGE_PAGES, .node = ~0u };
    uint32_t type = MEM_RESERVE | MEM_COMMIT | MEM_LARGE_PAGES, old;
    struct section *section;
    uintptr_t base = 0, at;
    size_t size = VM_LARGE_PAGE;
    vm_status status;

    ok(vm_allocate(&base, &size, type, PAGE_READWRITE, NULL, ~0u) != STATUS_INVALID_PARAMETER_4, "large pages");
    size = 0x1000;
    at = 0;
    ok(vm_allocate(&at, &size, type, PAGE_READWRITE, NULL, ~0u) == STATUS_INVALID_PARAMETER_4, "come in large sizes");
    if (!base)
    {
        size = VM_LARGE_PAGE;
        ok(vm_allocate(&base, &size, type, PAGE_READWRITE, NULL, ~0u) == STATUS_INSUFFICIENT_RESOURCES, "the system has none # SKIP");
        ok(section_create(&create, &section) == STATUS_INSUFFICIENT_RESOURCES, "nor for a section # SKIP");
        return;
    }
    ok(!(base & (VM_LARGE_PAGE - 1)) && !write_byte(base + VM_LARGE_PAGE - 1, 1) && is(base, MEM_COMMIT, PAGE_READWRITE, VM_LARGE_PAGE), "aligned and there");
    at = base; size = 0x1000;
    ok(vm_protect(&at, &size, PAGE_READONLY, &old) == STATUS_INVALID_PAGE_PROTECTION, "no part of one is protected");
    ok(!release(base), "release");
    status = section_create(&create, &section);
    if (!ok(!status || status == STATUS_INSUFFICIENT_RESOURCES, "a section of large pages") || status) return;
    ok(!view_map(section, &map) && !(map.base & (VM_LARGE_PAGE - 1)) && !write_byte(map.base + VM_LARGE_PAGE - 1, 1) && !view_unmap(map.base, 0), "and a view of it");
    section_unref(section);
    ok(invariants(), "invariants");
}

/* A process that is not dumpable may not open what /proc has of itself, unless it is root. */
static void be_undumpable(void)
{
    if (!getuid() && setresuid(65534, 65534, 65534)) printf("# cannot be anybody else\n");
    check(!prctl(PR_SET_DUMPABLE, 0));
}

static void be_unlockable(void)
{
    struct rlimit none = { 0, 0 };
    void *page = mmap(NULL, K, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    check(!setrlimit(RLIMIT_MEMLOCK, &none));
    if (!getuid() && setresuid(65534, 65534, 65534)) printf("# cannot be anybody else\n");
    can_lock = !mlock(page, K);
    ok(!can_lock || !getuid(), "nothing can be locked");
    munmap(page, K);
}

int main(int argc, char **argv)
{
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER };
    uint64_t used, limit, peak;

    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    if (argc > 1 && !strcmp(argv[1], "undumpable")) be_undumpable();
    if (argc > 1 && !strcmp(argv[1], "unlockable")) be_unlockable();
    ok(!vm_init(), "start");
    if (argc > 1 && !strcmp(argv[1], "undumpable")) ok(!host_caps.see_copies || !getuid(), "pagemap cannot be read");
    test_private();
    test_placeholder();
    test_section();
    test_reserve_section();
    test_file();
    test_stack();
    test_watch();
    test_large_pages();
    test_offer();
    test_lost();
    test_trim();
    test_physical();
    vm_commit_charge(&used, &limit, &peak);
    ok(used == 0 && peak > 0 && limit > peak, "all commit charge was given back");
    return tap_done();
}
