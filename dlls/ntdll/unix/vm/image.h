/* PE files as sections: what the decoder learns of a file.
 *
 * image_decode() reads headers through a callback, checks every bound and touches nothing else. What
 * it returns can be mapped without further questions: parts cover [0, size_of_image) from low to
 * high, without holes or overlaps, each page aligned and with one protection.
 *
 *      RVA   0         0x1000       0x5000        0x6000      size_of_image
 *            | headers | .text      | .data       | .bss      |
 *      file  | 0..400  | 400..3e00  | 3e00..4200  | -         |
 */
#pragma once

#include "vm/vm_private.h"

#define IMAGE_PAGE 0x1000u      /* what PE files count in, whatever the host's page is */
#define IMAGE_MAX_SECTIONS 96
#define IMAGE_MAX_PARTS (2 + 2 * IMAGE_MAX_SECTIONS)    /* headers, a gap and a part for each section, a gap */

struct image_part
{
    uint32_t start, end;        /* RVAs, page multiples */
    uint32_t file_offset;       /* where the byte at start lies in the file */
    uint32_t file_size;         /* bytes that come from the file, <= end - start; zeros follow */
    uint32_t protect;           /* PAGE_ value before any write: PAGE_WRITECOPY, PAGE_EXECUTE_READ ... */
    bool     shared;            /* writable and shared by all who map the file */
};

struct image
{
    struct vm_image_header header;
    uint32_t reloc_rva, reloc_size;     /* base relocations; size 0 = there are none */
    uint32_t image_base_offset;         /* in the file and in memory: OptionalHeader.ImageBase */
    bool     is_64bit;
    bool     relocs_stripped;           /* must lie at its preferred base to run */
    bool     any_base;                  /* says that it may lie anywhere (DYNAMIC_BASE) */

    struct image_contents *contents;    /* image_layout.c's */

    unsigned int part_count;
    struct image_part parts[];
};

/* Reads up to size bytes at offset of the file; *got < size only at the end of the file. */
typedef vm_status (*image_read)(void *context, uint64_t offset, void *buffer, size_t size, size_t *got);

/* Decodes the file behind read. The statuses are those of NtCreateSection(SEC_IMAGE):
 * STATUS_INVALID_IMAGE_NOT_MZ, ..._PROTECT, ..._NE_FORMAT, ..._LE_FORMAT, ..._WIN_16, ..._FORMAT,
 * STATUS_INVALID_FILE_FOR_SECTION (empty), STATUS_NO_MEMORY, or what read returned. Free with free(). */
vm_status image_decode(image_read read, void *context, uint64_t file_size, struct image **image);

/* Checks the base relocations in table and, if contents is not NULL, adds delta to what they point to.
 * contents is the whole image; touched (if not NULL) has one entry a part and tells which have any. */
vm_status image_relocate(const struct image *image, const void *table, size_t size, int64_t delta,
                         unsigned char *contents, bool *touched);
