/* The PE decoder and what views of images are made of (specification 9). */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

#include "vm/image.h"
#include "tap.h"
#include "pe_builder.h"

#define BASE 0x180000000000ull                    /* where no sanitizer has its shadow */

static vm_status read_pe(void *context, uint64_t offset, void *buffer, size_t size, size_t *got)
{
    struct pe *pe = context;

    *got = 0;
    if (offset >= pe->size) return STATUS_SUCCESS;
    *got = size < pe->size - offset ? size : pe->size - offset;
    memcpy(buffer, pe->bytes + offset, *got);
    return STATUS_SUCCESS;
}

static vm_status decode(struct pe *pe)
{
    struct image *image = NULL;
    vm_status status = image_decode(read_pe, pe, pe->size, &image);

    free(image);
    return status;
}

/* ---- what is refused, and how --------------------------------------------------------------------------------- */

static void test_refusals(void)
{
    static struct pe pe;
#define BEND(what, status, text) pe_make(&pe, BASE, 0x200); what; ok(decode(&pe) == (vm_status)(status), text)
    BEND((void)0, STATUS_SUCCESS, "the file to bend is good");
    BEND(pe.size = 0, STATUS_INVALID_FILE_FOR_SECTION, "empty");
    BEND(pe.size = 1, STATUS_INVALID_IMAGE_NOT_MZ, "one byte");
    BEND(pe.size = 63, STATUS_INVALID_IMAGE_NOT_MZ, "shorter than a DOS header");
    BEND(pe.bytes[0] = 'N', STATUS_INVALID_IMAGE_NOT_MZ, "not MZ");
    BEND(put32(&pe, 60, 0x98760000), STATUS_INVALID_IMAGE_PROTECT, "e_lfanew beyond the file");
    BEND(put32(&pe, 60, 0xfffffffc), STATUS_INVALID_IMAGE_PROTECT, "e_lfanew at the end of the world");
    BEND(put32(&pe, 60, pe.nt + 2), STATUS_INVALID_IMAGE_PROTECT, "e_lfanew not aligned");
    BEND(put32(&pe, pe.nt, 0xdeadbeef), STATUS_INVALID_IMAGE_PROTECT, "no known signature");
    BEND(put16(&pe, pe.nt, 0x454e), STATUS_INVALID_IMAGE_NE_FORMAT, "NE");
    BEND((put16(&pe, pe.nt, 0x454e), pe.bytes[pe.nt + 0x36] = 2), STATUS_INVALID_IMAGE_WIN_16, "NE for Windows");
    BEND((put16(&pe, pe.nt, 0x454e), pe.bytes[pe.nt + 0x36] = 5), STATUS_INVALID_IMAGE_PROTECT, "NE of type 5");
    BEND(put16(&pe, pe.nt, 0x454c), STATUS_INVALID_IMAGE_LE_FORMAT, "LE");
    BEND(put16(&pe, OPT(&pe, 0), 0xdead), STATUS_INVALID_IMAGE_FORMAT, "optional magic");
    BEND(put16(&pe, pe.nt + 4, 0xdead), STATUS_INVALID_IMAGE_FORMAT, "machine");
    BEND(put16(&pe, pe.nt + 4, 0), STATUS_INVALID_IMAGE_FORMAT, "machine 0");
    BEND(put16(&pe, pe.nt + 4, 0xaa64), STATUS_INVALID_IMAGE_FORMAT, "ARM64");
    BEND(put16(&pe, pe.nt + 4, 0x14c), STATUS_INVALID_IMAGE_FORMAT, "i386 with a PE32+ header");
    BEND(put32(&pe, OPT(&pe, 56), 0), STATUS_INVALID_IMAGE_FORMAT, "SizeOfImage 0");
    BEND(put32(&pe, OPT(&pe, 56), 0x4000), STATUS_INVALID_IMAGE_FORMAT, "SizeOfImage too small for the sections");
    BEND(put32(&pe, OPT(&pe, 56), 0x80000000), STATUS_INVALID_IMAGE_FORMAT, "SizeOfImage too large");
    BEND(put32(&pe, OPT(&pe, 36), 0), STATUS_INVALID_IMAGE_FORMAT, "FileAlignment 0");
    BEND(put32(&pe, OPT(&pe, 36), 0x300), STATUS_INVALID_IMAGE_FORMAT, "FileAlignment no power of two");
    BEND(put32(&pe, OPT(&pe, 36), 0x2000), STATUS_INVALID_IMAGE_FORMAT, "FileAlignment above SectionAlignment");
    BEND(put32(&pe, OPT(&pe, 32), 0x1800), STATUS_INVALID_IMAGE_FORMAT, "SectionAlignment no power of two");
    BEND(put64(&pe, OPT(&pe, 24), BASE + 0x1000), STATUS_INVALID_IMAGE_FORMAT, "ImageBase not on a granule");
    BEND(put16(&pe, pe.nt + 6, 97), STATUS_INVALID_IMAGE_FORMAT, "97 sections");
    BEND(put16(&pe, pe.nt + 20, 0xfff0), STATUS_INVALID_IMAGE_FORMAT, "section table beyond the file");
    BEND(put32(&pe, SECTION(&pe, 1, 12), 0x1000), STATUS_INVALID_IMAGE_FORMAT, "sections overlap");
    BEND(put32(&pe, SECTION(&pe, 1, 12), 0x3000), STATUS_INVALID_IMAGE_FORMAT, "gap between sections");
    BEND(put32(&pe, SECTION(&pe, 1, 12), 0x2010), STATUS_INVALID_IMAGE_FORMAT, "section not aligned");
    BEND(put32(&pe, SECTION(&pe, 1, 8), 0xfffffff0), STATUS_INVALID_IMAGE_FORMAT, "section size wraps around");
    BEND(put32(&pe, SECTION(&pe, 2, 20), 0x10000), STATUS_INVALID_IMAGE_FORMAT, "raw data beyond the file");
    BEND(put32(&pe, SECTION(&pe, 2, 16), 0xffffffff), STATUS_INVALID_IMAGE_FORMAT, "raw size wraps around");
    BEND(put16(&pe, pe.nt + 22, 0x2020), STATUS_INVALID_IMAGE_FORMAT, "not an executable image");
    BEND(pe.size = pe.nt + 10, STATUS_INVALID_IMAGE_PROTECT, "cut in the file header");
    BEND(pe.size = pe.nt + 24, STATUS_INVALID_IMAGE_FORMAT, "cut before the optional header");
#undef BEND
}

/* ---- what is learnt ---------------------------------------------------------------------------------------------- */

static void test_parts(void)
{
    static struct pe pe;
    struct image *image;
    const struct image_part *p;

    pe_make(&pe, BASE, 0x200);
    put16(&pe, OPT(&pe, 70), 0x160);
    ok(!image_decode(read_pe, &pe, pe.size, &image), "decode");
    p = image->parts;
    ok(image->part_count == 4, "headers and three sections");
    ok(p[0].start == 0 && p[0].end == 0x1000 && p[0].file_size == 0x400 && p[0].protect == PAGE_READONLY, "headers");
    ok(p[1].start == 0x1000 && p[1].end == 0x2000 && p[1].file_offset == 0x400 && p[1].file_size == 0x600 &&
       p[1].protect == PAGE_EXECUTE_READ, "code");
    ok(p[2].start == 0x2000 && p[2].end == 0x4000 && p[2].file_size == 0x200 && p[2].protect == PAGE_WRITECOPY, "data");
    ok(p[3].start == 0x4000 && p[3].end == 0x5000, "relocations");
    ok(image->header.image_base == BASE && image->header.size_of_image == 0x5000 && image->header.entry_point == 0x1000 &&
       image->header.stack_reserve == 0x100000 && image->header.subsystem == 3 && image->header.file_size == pe.size, "header");
    ok(image->header.contains_code && image->header.dynamically_relocated && !image->header.flat, "what follows from it");
    free(image);

    /* a pointer that is no sector multiple is rounded down: loader.c test_Loader */
    pe_make(&pe, BASE, 0x200);
    put32(&pe, SECTION(&pe, 0, 20), 0x440);
    ok(!image_decode(read_pe, &pe, pe.size, &image) && image->parts[1].file_offset == 0x400, "raw pointer rounded down");
    free(image);

    /* bigger SectionAlignment: the pages between belong to nobody */
    pe_make(&pe, BASE, 0x200);
    put32(&pe, OPT(&pe, 32), 0x2000);
    put32(&pe, OPT(&pe, 56), 0x8000);
    put32(&pe, SECTION(&pe, 0, 12), 0x2000);
    put32(&pe, SECTION(&pe, 1, 12), 0x4000);
    put32(&pe, SECTION(&pe, 2, 12), 0x6000);
    ok(!image_decode(read_pe, &pe, pe.size, &image) && image->part_count == 7 &&
       image->parts[1].protect == PAGE_NOACCESS && image->parts[6].end == 0x8000, "gaps are parts without access");
    free(image);

    /* alignment below a page: flat */
    pe_make(&pe, BASE, 0x200);
    put32(&pe, OPT(&pe, 32), 0x200);
    put16(&pe, pe.nt + 6, 0);
    ok(!image_decode(read_pe, &pe, pe.size, &image) && image->part_count == 1 && image->header.flat &&
       image->parts[0].protect == PAGE_EXECUTE_WRITECOPY, "flat");
    free(image);
}

static void test_relocations(void)
{
    static struct pe pe;
    static unsigned char contents[0x5000];
    struct { uint32_t page, size; uint16_t entries[6]; } table;
    struct image *image;
    uint64_t value;
    bool touched[8] = { false };

    pe_make(&pe, BASE, 0x200);
    check(!image_decode(read_pe, &pe, pe.size, &image));
    table = (typeof(table)){ 0x2000, 12, { 10 << 12 | 0x10, 0 } };
    ok(!image_relocate(image, &table, 12, 0x10000, contents, touched), "one DIR64");
    memcpy(&value, contents + 0x2010, 8);
    ok(value == 0x10000 && touched[2] && !touched[1], "value changed, part known");
    table.size = 7;
    ok(image_relocate(image, &table, 12, 1, NULL, NULL), "block smaller than its head");
    table.size = 14;
    ok(image_relocate(image, &table, 12, 1, NULL, NULL), "block larger than the table");
    table = (typeof(table)){ 0x4000, 10, { 10 << 12 | 0xff9 } };
    ok(image_relocate(image, &table, 10, 1, NULL, NULL), "fixup beyond the image");
    table = (typeof(table)){ 0xfffff000, 10, { 10 << 12 | 0xfff } };
    ok(image_relocate(image, &table, 10, 1, NULL, NULL), "page at the end of the world");
    table = (typeof(table)){ 0x2000, 10, { 9 << 12 } };
    ok(image_relocate(image, &table, 10, 1, NULL, NULL), "unknown type");
    memset(touched, 0, sizeof(touched));
    table = (typeof(table)){ 0x1000, 10, { 10 << 12 | 0xffc } };
    ok(!image_relocate(image, &table, 10, 1, NULL, touched) && touched[1] && touched[2], "fixup across two parts");
    free(image);
}

/* ---- views ------------------------------------------------------------------------------------------------------------ */

static struct section *make_section(const struct pe *pe, uint64_t size)
{
    struct vm_section_create params = { .size = size, .protect = PAGE_READONLY, .attributes = SEC_IMAGE, .node = ~0u };
    struct section *section = NULL;
    int fd = memfd_create("pe", 0);

    check(write(fd, pe->bytes, pe->size) == (ssize_t)pe->size);
    params.fd = fd;
    check(!section_create(&params, &section));
    close(fd);
    return section;
}

/* The first write to a page, where the kernel cannot tell copies. */
static void handler(int sig, siginfo_t *info, void *context)
{
    struct vm_fault fault = { .address = (uintptr_t)info->si_addr, .access = VM_ACCESS_WRITE };

    (void)sig; (void)context;
    if (vm_fault(&fault)) abort();
}

static int count_host_mappings(uintptr_t start, uintptr_t end)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    unsigned long from, to;
    char line[512];
    int count = 0;

    while (fgets(line, sizeof(line), maps))
        if (sscanf(line, "%lx-%lx", &from, &to) == 2 && from < end && to > start) count++;
    fclose(maps);
    return count;
}

static void test_view(uint32_t file_alignment)
{
    static struct pe pe;
    struct section *section;
    struct vm_map map = { .protect = PAGE_READONLY, .node = ~0u }, second, tail;
    struct vm_basic_info info;
    unsigned char *view;
    bool zero = true;

    pe_make(&pe, BASE, file_alignment);
    section = make_section(&pe, 0);
    ok(view_map(section, &map) == STATUS_SUCCESS && map.base == BASE && map.size == 0x5000, "at its preferred base");
    view = (unsigned char *)map.base;
    ok(view[0] == 'M' && view[0x1000] == 'A' && view[0x15ff] == 'A' && view[0x2000] == 'B', "contents");
    for (unsigned i = file_alignment; i < 0x2000; i++) zero &= !view[0x2000 + i];
    ok(zero, "zeros after the raw data");
    ok(!vm_query(BASE + 0x2000, &info) && info.protect == PAGE_WRITECOPY && info.region_size == 0x2000 &&
       info.allocation_protect == PAGE_EXECUTE_WRITECOPY && info.type == MEM_IMAGE, "data is write-copy");
    view[0x3000] = 1;
    ok(!vm_query(BASE + 0x2000, &info) && info.protect == PAGE_WRITECOPY && info.region_size == 0x1000, "and before a written page");
    ok(!vm_query(BASE + 0x3000, &info) && info.protect == PAGE_READWRITE && info.region_size == 0x1000, "which is read-write");
    if (file_alignment == 0x1000) ok(count_host_mappings(BASE, BASE + 0x5000) <= 6, "few host mappings");

    second = (struct vm_map){ .protect = PAGE_READONLY, .node = ~0u };
    ok(view_map(section, &second) == STATUS_IMAGE_NOT_AT_BASE && second.base != BASE, "a second view goes elsewhere");
    view = (unsigned char *)second.base;
    ok(!memcmp(view, (void *)BASE, 0x3000), "with the same bytes");
    ok(view[0x3000] == 0, "but its own copies");
    ok(!vm_query(second.base + 0x2000, &info) && info.protect == PAGE_WRITECOPY && info.region_size == 0x2000, "none so far");

    tail = (struct vm_map){ .offset = 0, .size = 0x3000, .protect = PAGE_READONLY, .node = ~0u };
    ok(view_map(section, &tail) == STATUS_IMAGE_NOT_AT_BASE && tail.size == 0x3000, "a part of the image");
    {
        struct vm_image_info image;
        ok(!vm_query_image(tail.base, &image) && image.partial && image.size_of_image == 0x5000, "is partial");
    }
    ok(!view_unmap(map.base, 0) && !view_unmap(second.base + 0x1234, 0) && !view_unmap(tail.base, 0), "unmap");
    ok(!vm_query(BASE, &info) && info.state == MEM_FREE, "all gone");
    section_unref(section);
}

static void test_statuses(void)
{
    static struct pe pe;
    struct section *section;
    struct vm_map first = { .protect = PAGE_READONLY, .node = ~0u }, other = first, at = first;
    struct vm_basic_info info;
    struct vm_image_header header;
    uint64_t value;

    /* DYNAMIC_BASE: relocated for its first view, and at home there */
    pe_make(&pe, BASE, 0x200);
    put16(&pe, OPT(&pe, 70), 0x40);
    section = make_section(&pe, 0);
    at.base = 0x1a0000000000;
    ok(view_map(section, &at) == STATUS_SUCCESS, "a movable image is at home anywhere");
    memcpy(&value, (char *)at.base + 0x2010, 8);
    ok(value == 0x4242424242424242 + (at.base - BASE), "relocated");
    memcpy(&value, (char *)at.base + OPT(&pe, 24), 8);
    ok(value == at.base, "ImageBase follows");
    ok(!vm_query(at.base + 0x2000, &info) && info.protect == PAGE_WRITECOPY && info.region_size == 0x2000,
       "relocated pages do not look written");
    ok(!section_image_header(section, &header) && header.image_base == at.base && header.preferred_base == BASE, "and it says so");
    ok(view_map(section, &other) == STATUS_IMAGE_NOT_AT_BASE, "but not at two places");
    ok(!memcmp((void *)other.base, (void *)at.base, 0x5000), "all its views are alike");
    ok(!view_unmap(at.base, 0) && !view_unmap(other.base, 0), "unmap");
    other.base = other.size = 0;
    ok(view_map(section, &other) == STATUS_SUCCESS && other.base == at.base, "it stays at home there");
    ok(!view_unmap(other.base, 0), "unmap");
    section_unref(section);

    /* no relocations: it can be looked at elsewhere, unchanged */
    pe_make(&pe, 0x400000, 0x200);
    put16(&pe, pe.nt + 22, 0x2023);
    section = make_section(&pe, 0);
    first.base = 0;
    ok(view_map(section, &first) == STATUS_SUCCESS && first.base == 0x400000, "a fixed image lands on 0x400000");
    other.base = other.size = 0;
    ok(view_map(section, &other) == STATUS_IMAGE_NOT_AT_BASE, "a second view of it");
    memcpy(&value, (char *)other.base + 0x2010, 8);
    ok(value == 0x4242424242424242, "is not relocated");
    memcpy(&value, (char *)other.base + OPT(&pe, 24), 8);
    ok(value == 0x400000, "and does not claim to be");
    ok(!view_unmap(first.base, 0) && !view_unmap(other.base, 0), "unmap");
    section_unref(section);

    /* broken relocations fail the map and leave nothing */
    pe_make(&pe, BASE, 0x200);
    put32(&pe, pe.size - 0x200 + 4, 3);
    put16(&pe, OPT(&pe, 70), 0x40);
    section = make_section(&pe, 0);
    at = (struct vm_map){ .base = 0x1a0000000000, .protect = PAGE_READONLY, .node = ~0u };
    ok(view_map(section, &at) == STATUS_INVALID_IMAGE_FORMAT && count_host_mappings(0x1a0000000000, 0x1a0000005000) == 0,
       "broken relocations: no view, no mapping");
    section_unref(section);
}

static void test_shared(void)
{
    static struct pe pe;
    struct section *one = NULL, *two = NULL;
    struct vm_map a = { .protect = PAGE_READONLY, .node = ~0u }, b = a;
    struct vm_basic_info info;
    int fd = memfd_create("pe", 0);
    struct vm_section_create params = { .fd = fd, .protect = PAGE_READONLY, .attributes = SEC_IMAGE, .node = ~0u };

    pe_make(&pe, BASE, 0x200);
    put32(&pe, SECTION(&pe, 1, 36), SCN_R | (uint32_t)SCN_W | SCN_S);
    check(write(fd, pe.bytes, pe.size) == (ssize_t)pe.size);
    check(!section_create(&params, &one) && !section_create(&params, &two));
    close(fd);
    check(vm_success(view_map(one, &a)) && vm_success(view_map(two, &b)));
    ok(*(char *)(b.base + 0x2000) == 'B', "shared section has its contents");
    *(char *)(a.base + 0x2000) = 'X';
    ok(*(char *)(b.base + 0x2000) == 'X', "shared by two sections of one file");
    ok(!vm_query(a.base + 0x2000, &info) && info.protect == PAGE_READWRITE, "and read-write from the start");
    check(!view_unmap(a.base, 0) && !view_unmap(b.base, 0));
    section_unref(one);
    section_unref(two);
}

int main(void)
{
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER };
    const char *why;

    sigaction(SIGSEGV, &action, NULL);
    test_refusals();
    test_parts();
    test_relocations();
    check(!vm_init());
    test_view(0x200);
    test_view(0x1000);
    test_statuses();
    test_shared();
    ok(!vm_check(&why), "invariants");
    return tap_done();
}
