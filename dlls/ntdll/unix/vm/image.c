/* The PE decoder: from the bytes of a file to a struct image that can be mapped blindly.
 * What is then done with it is in image_layout.c.
 *
 * The rules are those of NtCreateSection(SEC_IMAGE) as far as they can be observed (specification 9;
 * Wine's kernel32:loader test_Loader): sections ascend without gaps, each aligned to SectionAlignment
 * and inside SizeOfImage; raw data lies inside the file; an image whose SectionAlignment is below the
 * page size is mapped flat, as one part. All sums are made in 64 bits; nothing here trusts a field.
 */
#include <stdlib.h>
#include <string.h>

#include "vm/image.h"

#define PAGE            IMAGE_PAGE
#define SECTOR          0x200u          /* raw data starts and ends at sectors */
#define MAX_IMAGE       0x77000000u     /* Windows' largest image */
#define HEADER_CHUNK    4096            /* read at once: enough for the headers of nearly all files */

enum
{
    MACHINE_I386 = 0x14c, MACHINE_AMD64 = 0x8664,
    MAGIC_PE32 = 0x10b, MAGIC_PE32_PLUS = 0x20b,
    FILE_RELOCS_STRIPPED = 0x1, FILE_EXECUTABLE_IMAGE = 0x2,
    DLL_DYNAMIC_BASE = 0x40,
    DIRECTORY_RELOC = 5, DIRECTORY_COM = 14,
    COR_IL_ONLY = 0x1, COR_32BIT_REQUIRED = 0x2, COR_32BIT_PREFERRED = 0x20000,
};

#define SCN_SHARED  0x10000000u
#define SCN_EXECUTE 0x20000000u
#define SCN_READ    0x40000000u
#define SCN_WRITE   0x80000000u

#define NT_HEADER_SIZE 24               /* signature and file header */
#define OPTIONAL_SIZE  (112 + 16 * 8)   /* of PE32+, with all directories */
#define OPTIONAL_MIN   64               /* up to CheckSum: what may be missing reads as zero */
#define SECTION_HEADER_SIZE 40

struct reader                           /* the file, and its first bytes already read */
{
    image_read    read;
    void         *context;
    uint64_t      file_size;
    size_t        have;
    unsigned char head[HEADER_CHUNK];
};

struct optional                         /* the fields used, of either format */
{
    unsigned char bytes[OPTIONAL_SIZE]; /* zero beyond what the file has */
    uint32_t section_alignment, file_alignment, size_of_image, size_of_headers;
    uint32_t com_rva, com_size;
};

static uint16_t get16(const unsigned char *p) { uint16_t v; memcpy(&v, p, sizeof(v)); return v; }
static uint32_t get32(const unsigned char *p) { uint32_t v; memcpy(&v, p, sizeof(v)); return v; }
static uint64_t get64(const unsigned char *p) { uint64_t v; memcpy(&v, p, sizeof(v)); return v; }

static bool is_power_of_two(uint32_t value) { return value && !(value & (value - 1)); }

/* Copies up to size bytes at offset; *got tells how many there were. */
static vm_status reader_get(struct reader *reader, uint64_t offset, void *buffer, size_t size, size_t *got)
{
    *got = 0;
    if (offset >= reader->file_size) return STATUS_SUCCESS;
    if (size > reader->file_size - offset) size = reader->file_size - offset;
    if (offset + size <= reader->have)
    {
        memcpy(buffer, reader->head + offset, size);
        *got = size;
        return STATUS_SUCCESS;
    }
    return reader->read(reader->context, offset, buffer, size, got);
}

/* ---- headers -------------------------------------------------------------------------------------- */

/* A file that is MZ but not PE. The new executable's type byte decides how it is refused. */
static vm_status refuse_old_format(const unsigned char *header, size_t size)
{
    if (size >= 2 && header[0] == 'L' && (header[1] == 'E' || header[1] == 'X')) return STATUS_INVALID_IMAGE_LE_FORMAT;
    if (size < 2 || header[0] != 'N' || header[1] != 'E') return STATUS_INVALID_IMAGE_PROTECT;
    switch (size > 0x36 ? header[0x36] : 0)
    {
    case 2: return STATUS_INVALID_IMAGE_WIN_16;
    case 5: return STATUS_INVALID_IMAGE_PROTECT;
    default: return STATUS_INVALID_IMAGE_NE_FORMAT;
    }
}

static bool check_machine(uint16_t magic, uint16_t machine)
{
    return (magic == MAGIC_PE32 && machine == MACHINE_I386) ||
           (magic == MAGIC_PE32_PLUS && machine == MACHINE_AMD64);
}

static void get_directory(const struct optional *opt, bool is_64bit, unsigned int index, uint32_t *rva, uint32_t *size)
{
    const unsigned char *count = opt->bytes + (is_64bit ? 108 : 92);
    const unsigned char *entry = count + 4 + index * 8;

    *rva = *size = 0;
    if (index >= get32(count)) return;
    *rva = get32(entry);
    *size = get32(entry + 4);
}

/* Fills in what is copied from the headers; nothing is judged here. */
static void read_fields(struct image *image, const unsigned char *nt, struct optional *opt)
{
    struct vm_image_header *h = &image->header;
    const unsigned char *p = opt->bytes;

    h->machine = get16(nt + 4);
    h->characteristics = get16(nt + 22);
    h->size_of_code = get32(p + 4);
    h->entry_point = get32(p + 16);
    h->image_base = image->is_64bit ? get64(p + 24) : get32(p + 28);
    opt->section_alignment = get32(p + 32);
    opt->file_alignment = get32(p + 36);
    h->os_major = get16(p + 40);
    h->os_minor = get16(p + 42);
    h->subsystem_major = get16(p + 48);
    h->subsystem_minor = get16(p + 50);
    opt->size_of_image = get32(p + 56);
    opt->size_of_headers = get32(p + 60);
    h->checksum = get32(p + 64);
    h->subsystem = get16(p + 68);
    h->dll_characteristics = get16(p + 70);
    h->stack_reserve = image->is_64bit ? get64(p + 72) : get32(p + 72);
    h->stack_commit = image->is_64bit ? get64(p + 80) : get32(p + 76);
    get_directory(opt, image->is_64bit, DIRECTORY_RELOC, &image->reloc_rva, &image->reloc_size);
    get_directory(opt, image->is_64bit, DIRECTORY_COM, &opt->com_rva, &opt->com_size);
    image->relocs_stripped = h->characteristics & FILE_RELOCS_STRIPPED;
    image->any_base = h->dll_characteristics & DLL_DYNAMIC_BASE;
}

static bool check_optional(const struct image *image, const struct optional *opt)
{
    if (!(image->header.characteristics & FILE_EXECUTABLE_IMAGE)) return false;
    if (!is_power_of_two(opt->file_alignment) || !is_power_of_two(opt->section_alignment)) return false;
    if (opt->section_alignment < opt->file_alignment) return false;
    if (opt->file_alignment % SECTOR && opt->file_alignment != opt->section_alignment) return false;
    if (!opt->size_of_image || opt->size_of_image > MAX_IMAGE) return false;
    if (opt->size_of_headers > round_up(opt->size_of_image, PAGE)) return false;
    if (image->header.image_base % VM_GRANULARITY) return false;
    return true;
}

/* ---- sections --------------------------------------------------------------------------------------- */

static uint32_t section_protect(uint32_t characteristics)
{
    bool shared = characteristics & SCN_SHARED;

    switch (characteristics & (SCN_READ | SCN_WRITE | SCN_EXECUTE))
    {
    case 0: return PAGE_NOACCESS;
    case SCN_READ: return PAGE_READONLY;
    case SCN_WRITE:
    case SCN_WRITE | SCN_READ: return shared ? PAGE_READWRITE : PAGE_WRITECOPY;
    case SCN_EXECUTE: return PAGE_EXECUTE;
    case SCN_EXECUTE | SCN_READ: return PAGE_EXECUTE_READ;
    default: return shared ? PAGE_EXECUTE_READWRITE : PAGE_EXECUTE_WRITECOPY;
    }
}

static void add_part(struct image *image, uint32_t start, uint32_t end, uint64_t file_offset, uint64_t file_size,
                      uint32_t protect)
{
    struct image_part *part;
    uint64_t available = image->header.file_size > file_offset ? image->header.file_size - file_offset : 0;

    if (start == end) return;
    part = &image->parts[image->part_count++];
    if (file_size > end - start) file_size = end - start;
    if (file_size > available) file_size = available;
    part->start = start;
    part->end = end;
    part->file_offset = file_size ? file_offset : 0;
    part->file_size = file_size;
    part->protect = protect;
    part->shared = protect == PAGE_READWRITE || protect == PAGE_EXECUTE_READWRITE;
}

/* The pages between two sections, or after the last: there, but for nobody. */
static void add_gap(struct image *image, uint32_t start, uint32_t end)
{
    add_part(image, start, end, 0, 0, PAGE_NOACCESS);
}

/* One part for a file that is laid out on disk as it is in memory. */
static bool decode_flat(struct image *image, const unsigned char *table, unsigned int count)
{
    uint32_t size = image->header.size_of_image;

    for (unsigned int i = 0; i < count; i++)
    {
        const unsigned char *section = table + i * SECTION_HEADER_SIZE;
        uint32_t rva = get32(section + 12), raw_size = get32(section + 16), raw = get32(section + 20);

        if (raw_size && raw != rva) return false;
        if ((uint64_t)rva + get32(section + 8) > size) return false;
    }
    add_part(image, 0, size, 0, size, PAGE_EXECUTE_WRITECOPY);
    return true;
}

/* Sections must follow each other: each begins where the one before it ends, rounded up to the alignment. */
static bool decode_sections(struct image *image, const struct optional *opt, uint32_t header_size,
                            const unsigned char *table, unsigned int count)
{
    uint32_t size = image->header.size_of_image, covered = round_up(header_size, PAGE);
    uint64_t next = round_up(opt->size_of_headers, opt->section_alignment);

    if (covered > size) return false;
    add_part(image, 0, covered, 0, header_size, PAGE_READONLY);

    for (unsigned int i = 0; i < count; i++)
    {
        const unsigned char *section = table + i * SECTION_HEADER_SIZE;
        uint32_t virtual_size = get32(section + 8), rva = get32(section + 12);
        uint32_t raw_size = get32(section + 16), raw = get32(section + 20);
        uint64_t start, end;

        if (!raw) raw_size = 0;
        if (!virtual_size) virtual_size = raw_size;
        if (rva != next) return false;
        end = round_up((uint64_t)rva + virtual_size, PAGE);
        if (end > size) return false;
        next = round_up((uint64_t)rva + virtual_size, opt->section_alignment);
        if (!virtual_size) continue;
        if (rva < covered) return false;

        if (raw_size && (uint64_t)raw + raw_size > image->header.file_size) return false;
        start = raw & ~(SECTOR - 1);
        add_gap(image, covered, rva);
        add_part(image, rva, end, start, raw_size ? round_up((uint64_t)raw + raw_size, SECTOR) - start : 0,
                  section_protect(get32(section + 36)));
        covered = end;
    }
    add_gap(image, covered, size);
    return true;
}

/* ---- what is derived from the sections ---------------------------------------------------------------- */

static const struct image_part *find_part(const struct image *image, uint32_t rva)
{
    for (unsigned int i = 0; i < image->part_count; i++)
        if (rva >= image->parts[i].start && rva < image->parts[i].end) return &image->parts[i];
    return NULL;
}

/* A program for the common language runtime: the flags which NtQuerySection tells. A header that cannot be
 * read is no error here, it is merely not one. */
static void decode_com_header(struct image *image, struct reader *reader, const struct optional *opt)
{
    const struct image_part *part = find_part(image, opt->com_rva);
    struct vm_image_header *h = &image->header;
    unsigned char cor[20];
    uint32_t flags;
    size_t got;

    if (!part || opt->com_size < 72 || opt->com_rva - part->start + sizeof(cor) > part->file_size) return;
    if (reader_get(reader, (uint64_t)part->file_offset + opt->com_rva - part->start, cor, sizeof(cor), &got) ||
        got != sizeof(cor))
        return;
    flags = get32(cor + 16);
    if (!(flags & COR_IL_ONLY)) return;
    if (get16(cor + 4) < 2 || (get16(cor + 4) == 2 && get16(cor + 6) < 5)) return;
    h->com_il_only = true;
    h->com_native_ready = !image->is_64bit && !(flags & COR_32BIT_REQUIRED);
    h->com_prefer_32bit = !image->is_64bit && (flags & COR_32BIT_PREFERRED);
}

static void derive(struct image *image, struct reader *reader, const struct optional *opt)
{
    struct vm_image_header *h = &image->header;

    h->has_com_header = opt->com_rva && opt->com_size;
    h->loader_flags = h->has_com_header;
    h->flat = opt->section_alignment % PAGE != 0;
    h->contains_code = h->size_of_code || h->entry_point || h->flat;
    for (unsigned int i = 0; i < image->part_count; i++)
        if (image->parts[i].protect >= PAGE_EXECUTE) h->contains_code = true;
    h->dynamically_relocated = image->any_base && h->contains_code && !h->flat &&
                               !h->has_com_header;
    if (h->has_com_header) decode_com_header(image, reader, opt);

    if (!image->reloc_rva || (uint64_t)image->reloc_rva + image->reloc_size > h->size_of_image || image->relocs_stripped)
        image->reloc_size = 0;
}

/* ---- the whole ------------------------------------------------------------------------------------------ */

/* Finds the PE header behind the MZ header: its place and first bytes. */
static vm_status find_nt_header(struct reader *reader, unsigned char *nt, size_t size, size_t *got, uint32_t *offset)
{
    vm_status status;

    if (!reader->file_size) return STATUS_INVALID_FILE_FOR_SECTION;
    if ((status = reader->read(reader->context, 0, reader->head, sizeof(reader->head), &reader->have))) return status;
    if (reader->have < 64 || reader->head[0] != 'M' || reader->head[1] != 'Z') return STATUS_INVALID_IMAGE_NOT_MZ;

    *offset = get32(reader->head + 60);
    if (*offset >= reader->file_size || *offset % 4) return STATUS_INVALID_IMAGE_PROTECT;
    if ((status = reader_get(reader, *offset, nt, size, got))) return status;
    if (*got < NT_HEADER_SIZE || memcmp(nt, "PE\0\0", 4)) return refuse_old_format(nt, *got);
    return STATUS_SUCCESS;
}

static vm_status decode(struct reader *reader, struct image *image)
{
    unsigned char nt[NT_HEADER_SIZE + OPTIONAL_SIZE], table[IMAGE_MAX_SECTIONS * SECTION_HEADER_SIZE];
    struct optional opt;
    uint32_t offset, header_size;
    uint64_t table_offset;
    unsigned int count;
    size_t got, optional_size;
    vm_status status;

    if ((status = find_nt_header(reader, nt, sizeof(nt), &got, &offset))) return status;

    /* What the file or SizeOfOptionalHeader cuts off is zero; the first 64 bytes always count. */
    optional_size = get16(nt + 20);
    if (optional_size < OPTIONAL_MIN) optional_size = OPTIONAL_MIN;
    if (optional_size > got - NT_HEADER_SIZE) optional_size = got - NT_HEADER_SIZE;
    memset(&opt, 0, sizeof(opt));
    memcpy(opt.bytes, nt + NT_HEADER_SIZE, optional_size);

    if (!check_machine(get16(opt.bytes), get16(nt + 4))) return STATUS_INVALID_IMAGE_FORMAT;
    image->is_64bit = get16(opt.bytes) == MAGIC_PE32_PLUS;
    image->header.file_size = reader->file_size;
    read_fields(image, nt, &opt);
    if (!check_optional(image, &opt)) return STATUS_INVALID_IMAGE_FORMAT;
    image->header.size_of_image = round_up(opt.size_of_image, PAGE);
    image->header.preferred_base = image->header.image_base;
    image->image_base_offset = offset + NT_HEADER_SIZE + (image->is_64bit ? 24 : 28);

    count = get16(nt + 6);
    if (count > IMAGE_MAX_SECTIONS) return STATUS_INVALID_IMAGE_FORMAT;
    table_offset = (uint64_t)offset + NT_HEADER_SIZE + get16(nt + 20);
    if ((status = reader_get(reader, table_offset, table, count * SECTION_HEADER_SIZE, &got))) return status;
    if (got != count * SECTION_HEADER_SIZE) return STATUS_INVALID_IMAGE_FORMAT;
    if (count && table_offset + got > image->header.size_of_image) return STATUS_INVALID_IMAGE_FORMAT;

    if (opt.section_alignment % PAGE || !count)
    {
        if (!decode_flat(image, table, count)) return STATUS_INVALID_IMAGE_FORMAT;
    }
    else
    {
        header_size = opt.size_of_headers;
        if (header_size < table_offset + got) header_size = table_offset + got;
        if (!decode_sections(image, &opt, header_size, table, count)) return STATUS_INVALID_IMAGE_FORMAT;
    }
    derive(image, reader, &opt);
    return STATUS_SUCCESS;
}

vm_status image_decode(image_read read, void *context, uint64_t file_size, struct image **out)
{
    struct reader reader = { .read = read, .context = context, .file_size = file_size };
    _Alignas(struct image) unsigned char room[sizeof(struct image) + IMAGE_MAX_PARTS * sizeof(struct image_part)];
    struct image *image = (struct image *)room;
    vm_status status;

    memset(image, 0, sizeof(*image));
    if ((status = decode(&reader, image))) return status;
    if (!(*out = malloc(sizeof(*image) + image->part_count * sizeof(*image->parts)))) return STATUS_NO_MEMORY;
    memcpy(*out, room, sizeof(*image) + image->part_count * sizeof(*image->parts));
    return STATUS_SUCCESS;
}

/* ---- relocations ------------------------------------------------------------------------------------------ */

enum { REL_ABSOLUTE = 0, REL_HIGH = 1, REL_LOW = 2, REL_HIGHLOW = 3, REL_DIR64 = 10 };

static unsigned int fixup_size(unsigned int type)
{
    switch (type)
    {
    case REL_HIGH:
    case REL_LOW: return 2;
    case REL_HIGHLOW: return 4;
    case REL_DIR64: return 8;
    default: return 0;
    }
}

static void apply_fixup(unsigned char *where, unsigned int type, int64_t delta)
{
    uint64_t v64;
    uint32_t v32;
    uint16_t v16;

    switch (type)
    {
    case REL_DIR64:
        v64 = get64(where) + (uint64_t)delta;
        memcpy(where, &v64, sizeof(v64));
        break;
    case REL_HIGHLOW:
        v32 = get32(where) + (uint32_t)delta;
        memcpy(where, &v32, sizeof(v32));
        break;
    case REL_HIGH:
        v16 = get16(where) + (uint16_t)((uint32_t)delta >> 16);
        memcpy(where, &v16, sizeof(v16));
        break;
    case REL_LOW:
        v16 = get16(where) + (uint16_t)delta;
        memcpy(where, &v16, sizeof(v16));
        break;
    }
}

vm_status image_relocate(const struct image *image, const void *table, size_t size, int64_t delta,
                         unsigned char *contents, bool *touched)
{
    const unsigned char *block = table, *end = block + size;
    const struct image_part *part = image->parts;

    while ((size_t)(end - block) >= 8)
    {
        uint32_t page = get32(block), length = get32(block + 4);

        if (!length) break;             /* a table may be padded with zeros */
        if (length < 8 || length > (size_t)(end - block)) return STATUS_INVALID_IMAGE_FORMAT;
        for (uint32_t at = 8; at + 2 <= length; at += 2)
        {
            unsigned int type = get16(block + at) >> 12, bytes = fixup_size(type);
            uint64_t rva = (uint64_t)page + (get16(block + at) & 0xfff);

            if (type == REL_ABSOLUTE) continue;
            if (!bytes || rva + bytes > image->header.size_of_image) return STATUS_INVALID_IMAGE_FORMAT;
            if (touched)
            {
                if (rva < part->start || rva >= part->end) part = find_part(image, rva);
                touched[part - image->parts] = true;
                /* one that straddles two parts touches both */
                touched[find_part(image, rva + bytes - 1) - image->parts] = true;
            }
            if (contents) apply_fixup(contents + rva, type, delta);
        }
        block += length;
    }
    return STATUS_SUCCESS;
}
