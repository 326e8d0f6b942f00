/* Images that are odd, and hosts that refuse: 32-bit files, file systems that forbid execution, failing calls, memory that
 * runs out while an image is decoded or laid out (specification 9). */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "failing_host.h"
#include "vm/image.h"
#undef page_size
#include "pe_builder.h"

#define BASE 0x180000000000ull                    /* where no sanitizer has its shadow */
#define K 0x1000u

/* ---- memory that runs out: the decoder and the layout use malloc ------------------------------------------- */

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define OWN_MALLOC 0                            /* a sanitizer has its own */
#else
#define OWN_MALLOC 1
static long malloc_countdown;
static bool malloc_failed;
extern void *__libc_malloc(size_t size), *__libc_calloc(size_t count, size_t size);

static bool malloc_fails(void)
{
    if (!malloc_countdown || --malloc_countdown) return false;
    return malloc_failed = true;
}

void *malloc(size_t size)
{
    return malloc_fails() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return malloc_fails() ? NULL : __libc_calloc(count, size);
}
#endif

/* First writes to pages of images, where the kernel does not tell copies. */
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

/* ---- sections of PE files ------------------------------------------------------------------------------------ */

static int pe_file(const struct pe *pe)
{
    int fd = memfd_create("pe", MFD_CLOEXEC);

    check(fd >= 0 && write(fd, pe->bytes, pe->size) == (ssize_t)pe->size);
    return fd;
}

static vm_status create_from(int fd, uint32_t attributes, uint64_t size, struct section **section)
{
    struct vm_section_create params = { .fd = fd, .size = size, .protect = PAGE_READONLY, .attributes = attributes, .node = ~0u };

    return section_create(&params, section);
}

static struct section *make_section(const struct pe *pe, uint32_t attributes)
{
    struct section *section = NULL;
    int fd = pe_file(pe);

    check(!create_from(fd, attributes, 0, &section));
    close(fd);
    return section;
}

static vm_status map_at(struct section *section, uintptr_t base, struct vm_map *map)
{
    *map = (struct vm_map){ .base = base, .protect = PAGE_READONLY, .node = ~0u };
    return view_map(section, map);
}

static uint32_t protect_of(uintptr_t address)
{
    struct vm_basic_info info;

    return vm_query(address, &info) ? ~0u : info.protect;
}

/* ---- odd images ---------------------------------------------------------------------------------------------------- */

static void test_32_bit(void)
{
    static struct pe pe;
    struct vm_image_header header;
    struct section *section;
    struct vm_map map;
    uint32_t value;

    pe_make32(&pe, 0x400000, 0x200);
    put16(&pe, OPT(&pe, 70), 0x40);             /* DYNAMIC_BASE */
    section = make_section(&pe, SEC_IMAGE);
    ok(!section_image_header(section, &header) && header.machine == 0x14c && header.preferred_base == 0x400000 && header.stack_reserve == 0x200000 &&
       header.stack_commit == 0x2000, "a 32-bit image");
    ok(map_at(section, 0x34560000, &map) == STATUS_IMAGE_MACHINE_TYPE_MISMATCH, "is mapped to be looked at");
    memcpy(&value, (char *)map.base + 0x2010, 4);
    ok(value == 0x42424242 + (0x34560000 - 0x400000), "and relocated by HIGHLOW");
    memcpy(&value, (char *)map.base + OPT(&pe, 28), 4);
    ok(value == 0x34560000, "its ImageBase follows");
    check(!view_unmap(map.base, 0));
    section_unref(section);
}

/* The flags of the header for the common language runtime, in .text's raw data. */
static void com_header(struct pe *pe, bool is_64bit, uint16_t major, uint16_t minor, uint32_t flags)
{
    uint32_t directory = OPT(pe, (is_64bit ? 112 : 96) + 14 * 8), at = 0x400;

    put32(pe, directory, 0x1000);
    put32(pe, directory + 4, 72);
    put16(pe, at + 4, major);
    put16(pe, at + 6, minor);
    put32(pe, at + 16, flags);
}

static struct vm_image_header header_of(const struct pe *pe)
{
    struct vm_image_header header = { 0 };
    struct section *section = make_section(pe, SEC_IMAGE);

    check(!section_image_header(section, &header));
    section_unref(section);
    return header;
}

static void test_com_headers(void)
{
    static struct pe pe;
    struct vm_image_header h;

    pe_make32(&pe, 0x400000, 0x200);
    com_header(&pe, false, 2, 5, 1);
    h = header_of(&pe);
    ok(h.has_com_header && h.com_il_only && h.com_native_ready && !h.com_prefer_32bit, "IL only");
    com_header(&pe, false, 2, 5, 1 | 0x2);
    h = header_of(&pe);
    ok(h.com_il_only && !h.com_native_ready && !h.com_prefer_32bit, "that requires 32 bits");
    com_header(&pe, false, 3, 0, 1 | 0x20000);
    h = header_of(&pe);
    ok(h.com_il_only && h.com_native_ready && h.com_prefer_32bit, "that prefers them");
    com_header(&pe, false, 2, 4, 1);
    ok(!header_of(&pe).com_il_only, "an old runtime's");
    com_header(&pe, false, 1, 9, 1);
    ok(!header_of(&pe).com_il_only, "an older one's");
    com_header(&pe, false, 2, 5, 0x20000);
    ok(!header_of(&pe).com_il_only && header_of(&pe).has_com_header, "mixed code");
    pe_make(&pe, BASE, 0x200);
    com_header(&pe, true, 2, 5, 1 | 0x20000);
    h = header_of(&pe);
    ok(h.com_il_only && !h.com_native_ready && !h.com_prefer_32bit, "64 bits are what they are");
    com_header(&pe, true, 2, 5, 1);
    put32(&pe, OPT(&pe, 112 + 14 * 8), 0x15f0);
    ok(header_of(&pe).has_com_header && !header_of(&pe).com_il_only, "a header past its section's data is none");
    put32(&pe, OPT(&pe, 112 + 14 * 8), 0x99990);
    ok(!header_of(&pe).com_il_only, "nor is one past the image");
}

static void test_code(void)
{
    static struct pe pe;
    struct section *section;
    struct vm_map map, other;
    uint32_t old;
    uintptr_t at;
    size_t size = K;

    /* Data alone may lie anywhere if its file says so. */
    pe_make(&pe, BASE, 0x200);
    put32(&pe, OPT(&pe, 4), 0);
    put32(&pe, OPT(&pe, 16), 0);
    put16(&pe, OPT(&pe, 70), 0x40);
    put32(&pe, SECTION(&pe, 0, 36), SCN_R);
    ok(!header_of(&pe).contains_code && !header_of(&pe).dynamically_relocated, "an image of data");
    section = make_section(&pe, SEC_IMAGE);
    check(!map_at(section, 0, &map));
    ok(map_at(section, 0x1a0000000000, &other) == STATUS_SUCCESS, "is at home everywhere");
    check(!view_unmap(map.base, 0) && !view_unmap(other.base, 0));
    section_unref(section);
    put32(&pe, OPT(&pe, 16), 0x1000);
    ok(header_of(&pe).contains_code, "an entry point is code");
    put32(&pe, OPT(&pe, 16), 0);
    put32(&pe, SECTION(&pe, 0, 36), SCN_R | SCN_X);
    ok(header_of(&pe).contains_code && header_of(&pe).dynamically_relocated, "so is a section that can run");
    pe_make(&pe, BASE, 0x200);
    put32(&pe, OPT(&pe, 32), 0x200);
    put16(&pe, pe.nt + 6, 0);
    put16(&pe, OPT(&pe, 70), 0x40);
    put32(&pe, OPT(&pe, 4), 0);
    put32(&pe, OPT(&pe, 16), 0);
    ok(header_of(&pe).contains_code && !header_of(&pe).dynamically_relocated, "a flat image is code, and stays");

    /* Not to be run: what would be executable is not. */
    pe_make(&pe, BASE, 0x200);
    put32(&pe, SECTION(&pe, 2, 36), SCN_R | (uint32_t)SCN_W | SCN_X);
    section = make_section(&pe, SEC_IMAGE_NO_EXECUTE);
    check(!map_at(section, 0, &map));
    ok(protect_of(map.base + 0x1000) == PAGE_READONLY && protect_of(map.base + 0x2000) == PAGE_WRITECOPY && protect_of(map.base + 0x4000) == PAGE_WRITECOPY,
       "an image that is not to be run");
    {
        struct vm_image_info info;

        ok(!vm_query_image(map.base, &info) && info.not_executable && !info.partial, "says so");
    }
    check(!view_unmap(map.base, 0));
    section_unref(section);
    put32(&pe, SECTION(&pe, 2, 36), SCN_R | (uint32_t)SCN_W | SCN_X | SCN_S);
    section = make_section(&pe, SEC_IMAGE_NO_EXECUTE);
    check(!map_at(section, 0, &map));
    ok(protect_of(map.base + 0x4000) == PAGE_READWRITE, "shared code neither");
    check(!view_unmap(map.base, 0));
    section_unref(section);

    /* Writable is write-copy in an image, whatever is asked for. */
    pe_make(&pe, BASE, 0x200);
    section = make_section(&pe, SEC_IMAGE);
    check(!map_at(section, 0, &map));
    at = map.base + 0x1000;
    ok(!vm_protect(&at, &size, PAGE_EXECUTE_READWRITE, &old) && old == PAGE_EXECUTE_READ && protect_of(at) == PAGE_EXECUTE_WRITECOPY, "code made writable");
    *(volatile char *)at = 1;
    ok(protect_of(at) == PAGE_EXECUTE_READWRITE, "is a copy once it is written");
    *(volatile char *)(map.base + 0x2000) = 1;
    ok(protect_of(map.base + 0x2000) == PAGE_READWRITE && vm_discard(map.base + 0x2000, K) == STATUS_CONFLICTING_ADDRESSES, "an image's copies are not discarded");
    ok(!vm_protect(&at, &size, PAGE_EXECUTE_WRITECOPY | PAGE_REVERT_TO_FILE_MAP, &old) && old == PAGE_EXECUTE_READWRITE && *(volatile char *)at == 'A' &&
       protect_of(at) == PAGE_EXECUTE_WRITECOPY, "and the file's again if it is told so");
    *(volatile char *)at = 2;
    ok(protect_of(at) == PAGE_EXECUTE_READWRITE, "until the next time");
    at = map.base + 0x2000;
    ok(!vm_protect(&at, &size, PAGE_READONLY, &old) && !vm_protect(&at, &size, PAGE_READWRITE, &old) && old == PAGE_READONLY && protect_of(at) != PAGE_READONLY, "data");
    ok(vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u) == STATUS_ALREADY_COMMITTED, "all of it is committed");
    ok(vm_allocate(&at, &size, MEM_RESET, PAGE_READWRITE, NULL, ~0u) == STATUS_CONFLICTING_ADDRESSES, "and never forgotten");
    ok(view_flush(&at, &size) == STATUS_NOT_MAPPED_DATA, "there is nothing to flush");
    size = 0x10000;
    ok(vm_protect(&at, &size, PAGE_READONLY, &old) == STATUS_CONFLICTING_ADDRESSES, "more than the image");
    check(!view_unmap(map.base, 0));
    section_unref(section);
}

static void test_refused_sections(void)
{
    static struct pe pe;
    struct section *section;
    struct vm_section_info info;
    struct vm_map map;
    int fd, empty = memfd_create("empty", MFD_CLOEXEC);

    ok(create_from(empty, SEC_IMAGE, 0, &section) == STATUS_INVALID_FILE_FOR_SECTION, "an empty file");
    pe_make(&pe, BASE, 0x200);
    put32(&pe, OPT(&pe, 60), 0x5800);
    fd = pe_file(&pe);
    ok(create_from(fd, SEC_IMAGE, 0, &section) == STATUS_INVALID_IMAGE_FORMAT, "headers larger than the image");
    close(fd);
    pe_make(&pe, BASE, 0x200);
    fd = pe_file(&pe);
    ok(create_from(fd, SEC_IMAGE, 0x5001, &section) == STATUS_SECTION_TOO_BIG, "a section larger than its image");
    ok(!create_from(fd, SEC_IMAGE, 1, &section), "a section of one byte");
    section_query(section, &info);
    ok(info.size == 1 && info.attributes == (SEC_FILE | SEC_IMAGE) && info.is_image, "stays one");
    ok(!map_at(section, 0, &map) && map.size == K, "and shows a page");
    check(!view_unmap(map.base, 0));
    section_unref(section);
    check(!create_from(fd, SEC_IMAGE, 0, &section));
    close(fd);
    close(empty);

    map = (struct vm_map){ .type = MEM_RESERVE, .protect = PAGE_READONLY, .node = ~0u };
    ok(view_map(section, &map) == STATUS_INVALID_PARAMETER_9, "an image does not grow");
    map = (struct vm_map){ .type = MEM_REPLACE_PLACEHOLDER, .base = 0x30000000, .size = K, .protect = PAGE_READONLY, .node = ~0u };
    ok(view_map(section, &map) == STATUS_INVALID_PARAMETER, "nor does it replace a placeholder");
    map = (struct vm_map){ .size = 0x6000, .protect = PAGE_READONLY, .node = ~0u };
    ok(view_map(section, &map) == STATUS_INVALID_VIEW_SIZE, "a view larger than the image");
    map = (struct vm_map){ .protect = PAGE_READONLY, .node = ~0u, .limits.lowest = BASE + 0x10000 };
    ok(view_map(section, &map) == STATUS_IMAGE_NOT_AT_BASE && map.base > BASE, "a limit above its base");
    check(!view_unmap(map.base, 0));
    map = (struct vm_map){ .protect = PAGE_READONLY, .node = ~0u, .limits.highest = BASE - 1, .type = MEM_TOP_DOWN };
    ok(view_map(section, &map) == STATUS_IMAGE_NOT_AT_BASE && map.base < BASE, "a limit below it");
    check(!view_unmap(map.base, 0));
    map = (struct vm_map){ .protect = PAGE_READONLY, .node = ~0u, .limits.highest = BASE + 0x3fff };
    ok(view_map(section, &map) == STATUS_IMAGE_NOT_AT_BASE && map.base < BASE, "a limit within it");
    check(!view_unmap(map.base, 0));
    ok(!map_at(section, 0, &map) && map_at(section, map.base, &map) == STATUS_CONFLICTING_ADDRESSES, "a place that is taken");
    check(!view_unmap(BASE, 0));
    section_unref(section);
}

/* Preferred bases that no program can have: it goes elsewhere. */
static void test_bases(void)
{
    static const uint64_t bases[] = { 0, 0xffff800000000000, 0x7fffffff0000 - 0x10000 + 0x8000 - 0x8000, 0x7fffffff0000 };
    static struct pe pe;
    struct section *section;
    struct vm_map map;

    for (unsigned i = 0; i < sizeof(bases) / sizeof(*bases); i++)
    {
        vm_status status;

        pe_make(&pe, bases[i], 0x200);
        section = make_section(&pe, SEC_IMAGE);
        status = map_at(section, 0, &map);
        ok(vm_success(status) && (status == STATUS_SUCCESS) == (map.base == bases[i]) && map.base >= VM_LOWEST_USER && map.base + map.size - 1 <= VM_HIGHEST_USER,
           "a preferred base at an end of the world");
        check(!view_unmap(map.base, 0));
        section_unref(section);
    }
}

static void test_relocations(void)
{
    static struct pe pe;
    struct section *section;
    struct vm_map map;
    uint64_t value;

    pe_make(&pe, BASE, 0x200);
    put16(&pe, OPT(&pe, 70), 0x40);
    put32(&pe, OPT(&pe, 112 + 5 * 8 + 4), 0x300);       /* longer than its section's data: zeros follow */
    put32(&pe, SECTION(&pe, 2, 8), 0x300);
    section = make_section(&pe, SEC_IMAGE);
    check(!map_at(section, 0x1a0000000000, &map));
    memcpy(&value, (char *)map.base + 0x2010, 8);
    ok(value == 0x4242424242424242 + (map.base - BASE), "a table that is longer than what the file has of it");
    check(!view_unmap(map.base, 0));
    section_unref(section);

    put32(&pe, OPT(&pe, 112 + 5 * 8), 0x4200);          /* beyond what the file has */
    put32(&pe, OPT(&pe, 112 + 5 * 8 + 4), 0x40);
    section = make_section(&pe, SEC_IMAGE);
    check(!map_at(section, 0x1a1000000000, &map));
    memcpy(&value, (char *)map.base + 0x2010, 8);
    ok(value == 0x4242424242424242, "one of zeros");
    check(!view_unmap(map.base, 0));
    section_unref(section);

    put32(&pe, OPT(&pe, 112 + 5 * 8 + 4), 0);
    section = make_section(&pe, SEC_IMAGE);
    check(!map_at(section, 0x1a2000000000, &map));
    memcpy(&value, (char *)map.base + 0x2010, 8);
    ok(value == 0x4242424242424242, "none");
    memcpy(&value, (char *)map.base + OPT(&pe, 24), 8);
    ok(value == map.base, "but it knows where it is");
    check(!view_unmap(map.base, 0));
    section_unref(section);
}

static void test_same_file(void)
{
    static struct pe pe;
    struct section *image = NULL, *data = NULL, *image2 = NULL, *memory = NULL;
    struct vm_section_create create = { .fd = -1, .size = K, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    struct vm_map a, b, c, d;
    int fd, other;

    pe_make(&pe, BASE, 0x1000);
    fd = pe_file(&pe);
    other = pe_file(&pe);
    check(!create_from(fd, SEC_IMAGE, 0, &image) && !create_from(fd, SEC_COMMIT, 0, &data) && !create_from(other, SEC_IMAGE, 0, &image2) && !section_create(&create, &memory));
    check(vm_success(map_at(image, 0, &a)) && !map_at(data, 0, &b) && vm_success(map_at(image2, 0, &c)) && !map_at(memory, 0, &d));
    ok(!view_same_file(a.base, a.base), "a view is like itself");
    ok(!view_same_file(a.base, b.base + 5), "an image and its file");
    ok(view_same_file(b.base, a.base) == STATUS_NOT_SAME_DEVICE, "the image comes first");
    ok(view_same_file(a.base, c.base) == STATUS_NOT_SAME_DEVICE && view_same_file(a.base, d.base) == STATUS_NOT_SAME_DEVICE, "other files, and none");
    ok(view_same_file(a.base, 0x10000) == STATUS_INVALID_ADDRESS && view_same_file(a.base, 0) == STATUS_INVALID_ADDRESS && view_same_file(0, a.base) == STATUS_INVALID_ADDRESS &&
       view_same_file(a.base, VM_HIGHEST_USER + 1) == STATUS_INVALID_ADDRESS, "no address");
    {
        uintptr_t private = 0;
        size_t size = K, whole = 0;

        check(!vm_allocate(&private, &size, MEM_RESERVE, PAGE_READWRITE, NULL, ~0u));
        ok(view_same_file(a.base, private) == STATUS_CONFLICTING_ADDRESSES && view_same_file(private, a.base) == STATUS_CONFLICTING_ADDRESSES, "no view");
        check(!vm_free(&private, &whole, MEM_RELEASE));
    }
    check(!view_unmap(a.base, 0) && !view_unmap(b.base, 0) && !view_unmap(c.base, 0) && !view_unmap(d.base, 0));
    section_unref(image);
    section_unref(image2);
    section_unref(data);
    section_unref(memory);
    close(fd);
    close(other);
}

/* ---- a file system that forbids execution ----------------------------------------------------------------------- */

static ino_t noexec_inode;

static vm_status noexec_map(uintptr_t addr, size_t size, unsigned prot, unsigned flags, int fd, uint64_t offset, const char *why)
{
    struct stat st;

    if ((prot & HOST_EXEC) && fd >= 0 && !fstat(fd, &st) && st.st_ino == noexec_inode) return STATUS_ACCESS_DENIED;
    return failing_map(addr, size, prot, flags, fd, offset, why);
}

static void test_noexec(void)
{
    static struct pe pe;
    struct section *section = NULL, *second = NULL;
    struct vm_map map, again;
    struct stat st;
    int fd;

    pe_make(&pe, BASE, 0x1000);
    put16(&pe, OPT(&pe, 70), 0x40);
    put32(&pe, SECTION(&pe, 1, 36), SCN_R | (uint32_t)SCN_W | SCN_S);
    fd = pe_file(&pe);
    check(!fstat(fd, &st) && !create_from(fd, SEC_IMAGE, 0, &section));
    noexec_inode = st.st_ino;
    failing.map = noexec_map;
    ok(map_at(section, 0x1a3000000000, &map) == STATUS_SUCCESS && *(volatile char *)(map.base + 0x1000) == 'A' && protect_of(map.base + 0x1000) == PAGE_EXECUTE_READ,
       "an image on a file system without execution is a copy");
    ok(!create_from(fd, SEC_IMAGE, 0, &second) && map_at(second, 0, &again) == STATUS_IMAGE_NOT_AT_BASE && *(volatile char *)(again.base + 0x1000) == 'A', "for all");
    check(!view_unmap(map.base, 0) && !view_unmap(again.base, 0));
    section_unref(second);
    section_unref(section);
    noexec_inode = 0;
    failing.map = failing_map;
    close(fd);
}

/* A host that will not run code from anywhere. */
static vm_status never_exec(uintptr_t addr, size_t size, unsigned prot, unsigned flags, int fd, uint64_t offset, const char *why)
{
    return prot & HOST_EXEC ? STATUS_ACCESS_DENIED : failing_map(addr, size, prot, flags, fd, offset, why);
}

static void test_never_exec(void)
{
    static struct pe pe;
    struct section *section;
    struct vm_map map;

    pe_make(&pe, BASE, 0x200);
    section = make_section(&pe, SEC_IMAGE);
    failing.map = never_exec;
    ok(map_at(section, 0, &map) == STATUS_ACCESS_DENIED && protect_of(BASE) == PAGE_NOACCESS && !vm_check(NULL), "nowhere: it is refused, and nothing stays");
    failing.map = failing_map;
    section_unref(section);
}

/* ---- failing calls -------------------------------------------------------------------------------------------------- */

static int story_file = -1;

/* Relocated, with a shared section: all that a layout can consist of. Each time it is a new file to the manager, whose
 * contents would otherwise be found ready. */
static bool story_image(void)
{
    struct section *section = NULL, *other = NULL;
    struct vm_map map = { 0 }, second = { 0 };
    struct vm_basic_info info;
    uintptr_t at;
    size_t size = K;
    uint32_t old;
    bool good;

    good = !create_from(story_file, SEC_IMAGE, 0, &section) && !create_from(story_file, SEC_IMAGE, 0, &other);
    good = good && vm_success(map_at(section, 0x1a4000000000, &map));
    if (!good) map.base = 0;
    good = good && vm_success(map_at(other, 0, &second));
    if (!good) second.base = 0;
    at = map.base + 0x1000;
    good = good && !vm_protect(&at, &size, PAGE_READONLY, &old) && !vm_query(at, &info);
    at = map.base + 0x3000;
    if (good) *(volatile char *)at = 1;
    good = good && !vm_protect(&at, &size, PAGE_WRITECOPY | PAGE_REVERT_TO_FILE_MAP, &old) && old == PAGE_READWRITE;
    calm();
    if (map.base) check(!view_unmap(map.base, 0));
    if (second.base) check(!view_unmap(second.base, 0));
    if (section) section_unref(section);
    if (other) section_unref(other);
    return good;
}

static void test_failures(void)
{
    static struct pe pe;

    pe_make(&pe, BASE, 0x200);
    put16(&pe, OPT(&pe, 70), 0x40);
    put32(&pe, SECTION(&pe, 2, 36), SCN_R | (uint32_t)SCN_W | SCN_S);
    put32(&pe, OPT(&pe, 56), 0x5000);
    com_header(&pe, true, 2, 5, 1);
    put32(&pe, 60, 0x1100);                     /* headers beyond the first bytes that are read at once */
    memmove(pe.bytes + 0x1100, pe.bytes + pe.nt, 0x200);
    pe.nt = 0x1100;
    pe.size = 0x3000;
    put32(&pe, OPT(&pe, 60), 0x1400);
    put32(&pe, OPT(&pe, 56), 0x6000);
    for (int i = 0; i < 3; i++)
    {
        static const uint32_t rva[] = { 0x2000, 0x3000, 0x5000 };

        put32(&pe, SECTION(&pe, i, 12), rva[i]);
    }
    put32(&pe, OPT(&pe, 112 + 5 * 8), 0x5000);
    put32(&pe, OPT(&pe, 112 + 14 * 8), 0x2000);
    put32(&pe, 0xc00, 0x3000);
    story_file = pe_file(&pe);
    each_failure("an image", story_image);
#if OWN_MALLOC
    for (long n = 1; n < 20; n++)
    {
        bool done;

        malloc_failed = false;
        malloc_countdown = n;
        done = story_image();
        malloc_countdown = 0;
        if (!ok(invariants() && done != malloc_failed, "memory runs out") || !malloc_failed) break;
    }
#endif
    close(story_file);
}

int main(void)
{
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER };

    sigaction(SIGSEGV, &action, NULL);
    check(!vm_init());
    failing_start();
    test_32_bit();
    test_com_headers();
    test_code();
    test_refused_sections();
    test_bases();
    test_relocations();
    test_same_file();
    test_noexec();
    test_never_exec();
    test_failures();
    ok(invariants(), "invariants");
    return tap_done();
}
