/* Mutated PE headers for a bounded time: the decoder must refuse them or give parts that can be mapped blindly.
 *
 *     fuzz_image [SECONDS [SEED]]
 */
#include <stdio.h>
#include <time.h>

#include "vm/image.h"
#include "tap.h"
#include "pe_builder.h"

static uint64_t state;

static uint32_t random32(void)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return (uint32_t)(state >> 16);
}

/* A copy of exactly the file's size, so that a sanitizer sees a read beyond it. */
struct file { unsigned char *bytes; size_t size; };

static vm_status read_file(void *context, uint64_t offset, void *buffer, size_t size, size_t *got)
{
    struct file *file = context;

    *got = 0;
    if (offset >= file->size) return STATUS_SUCCESS;
    *got = size < file->size - offset ? size : file->size - offset;
    memcpy(buffer, file->bytes + offset, *got);
    return STATUS_SUCCESS;
}

static void mutate(struct pe *pe)
{
    static const uint32_t interesting[] = { 0, 1, 2, 0x1ff, 0x200, 0xfff, 0x1000, 0x1001, 0x7fffffff, 0x80000000, 0xfffff000,
                                            0xffffffff, 0x10000, 0x5000, 0x4000 };
    unsigned int changes = 1 + random32() % 6;

    while (changes--)
    {
        size_t at = pe->nt + random32() % (24 + 240 + 3 * 40);

        switch (random32() % 4)
        {
        case 0: pe->bytes[at] ^= 1u << random32() % 8; break;
        case 1: put32(pe, at & ~3u, interesting[random32() % (sizeof(interesting) / sizeof(*interesting))]); break;
        case 2: put32(pe, at & ~3u, random32()); break;
        case 3: put16(pe, at & ~1u, (uint16_t)interesting[random32() % (sizeof(interesting) / sizeof(*interesting))]); break;
        }
    }
    if (random32() % 8 == 0) put32(pe, 60, random32() % 0x400);
    if (random32() % 8 == 0) pe->size = random32() % (pe->size + 1);
}

/* What image.h promises. */
static bool sound(const struct image *image)
{
    uint32_t at = 0;

    if (image->part_count > IMAGE_MAX_PARTS) return false;
    for (unsigned int i = 0; i < image->part_count; i++)
    {
        const struct image_part *part = &image->parts[i];

        if (part->start != at || part->end <= at || part->end % IMAGE_PAGE) return false;
        if (part->file_size > part->end - part->start) return false;
        if ((uint64_t)part->file_offset + part->file_size > image->header.file_size) return false;
        if (!part->protect || (part->protect & (part->protect - 1))) return false;
        at = part->end;
    }
    if ((uint64_t)image->reloc_rva + image->reloc_size > image->header.size_of_image && image->reloc_size) return false;
    return at == image->header.size_of_image;
}

static bool one_round(void)
{
    static struct pe pe;
    unsigned char table[64];
    bool touched[IMAGE_MAX_PARTS];
    struct image *image = NULL;
    struct file file;
    bool good = true;

    pe_make(&pe, 0x140000000ull, random32() % 2 ? 0x200 : 0x1000);
    mutate(&pe);
    file.size = pe.size;
    file.bytes = malloc(pe.size ? pe.size : 1);
    memcpy(file.bytes, pe.bytes, pe.size);
    if (!image_decode(read_file, &file, file.size, &image))
    {
        good = sound(image);
        /* relocations of noise over what came out, when it is small enough to have */
        if (good && image->header.size_of_image <= 0x100000)
        {
            unsigned char *contents = malloc(image->header.size_of_image);

            for (size_t i = 0; i < sizeof(table); i++) table[i] = (unsigned char)random32();
            table[2] = table[3] = table[5] = table[6] = table[7] = 0;
            table[4] %= sizeof(table);
            image_relocate(image, table, sizeof(table), random32(), contents, touched);
            free(contents);
        }
    }
    free(image);
    free(file.bytes);
    return good;
}

int main(int argc, char **argv)
{
    unsigned int seconds = argc > 1 ? (unsigned int)atoi(argv[1]) : 1;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL);
    time_t end = time(NULL) + seconds;
    unsigned long rounds = 0;
    bool good = true;

    printf("# seed %llu\n", (unsigned long long)seed);
    state = seed * 2 + 1;
    while (good && time(NULL) < end)
        for (int i = 0; good && i < 1000; i++, rounds++) good = one_round();
    printf("# %lu files\n", rounds);
    ok(good, "each mutated file is refused or sound");
    return tap_done();
}
