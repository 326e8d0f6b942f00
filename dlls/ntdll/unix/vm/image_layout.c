/* Where the bytes of an image view come from.
 *
 * Four sources: the PE file itself, whenever a page of the view is a page of the file (page cache,
 * nothing is read or copied); a memory file that holds a copy, for what cannot be mapped so (raw data
 * that is not page aligned, pages with relocations applied); zero pages; and one memory file for the
 * sections that all views of the image share. The copy is a file because a written page is found out by
 * asking the host whether it still is the file's; zero pages are anonymous where the host can tell its
 * own zero page from one that was written, else they belong to the copy too.
 *
 * Contents belong to the file, not to a view: all views of it in this process show the same bytes, as on
 * Windows. The pages of shared sections are those of all processes that have the file as an image: they meet at
 * it (host_meet()), or get them with a section that another process hands over. An image that may lie anywhere is relocated once, for the place of its first view; one that may
 * not is never relocated here. A view somewhere else is STATUS_IMAGE_NOT_AT_BASE, and whoever wants to run
 * it relocates it for himself (ntdll's loader does): kernel32:loader test_image_mapping, ntdll:virtual
 * test_syscalls.
 */
#include <inttypes.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "vm/image.h"

struct image_contents
{
    struct image_contents *next;
    unsigned int refs;
    struct host_file_info file; /* the key */
    bool     placed;            /* base was chosen */
    bool     copy_all;          /* the host will not map the file executable */
    uint64_t base;              /* what the contents are relocated for */
    int      copy_fd;           /* memory file: what cannot be mapped from the file; -1 = not made */
    int      stale_fd;          /* the copy from before copy_all; a view may be using it; -1 = none */
    int      shared_fd;         /* memory file: the shared sections; -1 = there are none */
    int      meeting_fd;        /* where other processes find it; -1 = nowhere */
    bool     touched[IMAGE_MAX_PARTS];  /* the parts that relocation changed */
};

/* Guards the list and all contents. A leaf: only host calls are made under it. */
static pthread_mutex_t layout_lock = PTHREAD_MUTEX_INITIALIZER;
static struct image_contents *all_contents;

/* ---- copies --------------------------------------------------------------------------------------------- */

struct copy                     /* a memory file, while it is being filled */
{
    int       fd;
    uintptr_t at;               /* where it is mapped */
    size_t    size;
};

static vm_status copy_open(struct copy *copy, size_t size, unsigned flags, const char *why)
{
    vm_status status;

    copy->size = size;
    if ((status = host->memory_create(&copy->fd, size, why, false))) return status;
    if (!(status = host->map_own(&copy->at, size, why)))
    {
        status = host->map(copy->at, size, HOST_READ | HOST_WRITE, HOST_SHARED | HOST_REPLACE | flags, copy->fd, 0, why);
        if (!status) return STATUS_SUCCESS;
        host->unmap(copy->at, size, why);
    }
    host->file_close(copy->fd);
    return status;
}

/* Ends the filling. The file stays if status is a success, which is returned. */
static vm_status copy_finish(struct copy *copy, vm_status status, const char *why)
{
    host->unmap(copy->at, copy->size, why);
    if (!vm_success(status)) host->file_close(copy->fd);
    return status;
}

static vm_status copy_part(const struct copy *copy, int fd, const struct image_part *part)
{
    if (!part->file_size) return STATUS_SUCCESS;
    return host->file_read(fd, (char *)copy->at + part->start, part->file_size, part->file_offset);
}

/* ---- relocations ------------------------------------------------------------------------------------------ */

struct fixups
{
    void  *table;
    size_t size;
    int64_t delta;
};

/* The relocation table, out of the file. What lies past its section's raw data is zero, which ends it. */
static vm_status fixups_read(const struct image *image, int fd, struct fixups *fixups)
{
    const struct image_part *part = image->parts;
    uint32_t offset;
    vm_status status;

    fixups->table = NULL;
    fixups->size = 0;
    if (!image->reloc_size) return STATUS_SUCCESS;
    while (image->reloc_rva >= part->end) part++;
    offset = image->reloc_rva - part->start;
    if (offset >= part->file_size) return STATUS_SUCCESS;
    fixups->size = part->file_size - offset;
    if (fixups->size > image->reloc_size) fixups->size = image->reloc_size;
    if (!(fixups->table = malloc(fixups->size))) return STATUS_NO_MEMORY;
    status = host->file_read(fd, fixups->table, fixups->size, (uint64_t)part->file_offset + offset);
    if (status) free(fixups->table);
    return status;
}

/* ImageBase in the mapped header follows the contents: that is how programs see that they were moved. */
static void patch_image_base(const struct image *image, unsigned char *contents, uint64_t base)
{
    size_t size = image->is_64bit ? 8 : 4;

    if ((uint64_t)image->image_base_offset + size > image->parts[0].file_size) return;
    memcpy(contents + image->image_base_offset, &base, size);
}

/* ---- what is mapped from where ------------------------------------------------------------------------------ */

/* A part from low to high: bytes of the file, bytes of the copy, zeros. */
struct split
{
    uint32_t direct;            /* where the file's pages end (RVA) */
    uint32_t copied;            /* where the copy's pages end */
};

static bool zeros_can_be_anonymous(void)
{
    return host_caps.pagemap_scan || !host_caps.see_copies;
}

/* A page that is only partly the file's has to be copied, unless the file ends in it: past that the host maps zeros. */
static struct split split_part(const struct image *image, const struct image_part *part)
{
    struct split split = { part->start, part->end };
    bool touched = image->contents->touched[part - image->parts];

    if (!touched && !image->contents->copy_all && part->file_size && part->file_offset % page_size == 0)
    {
        if ((uint64_t)part->file_offset + part->file_size >= image->header.file_size) split.direct += page_up(part->file_size);
        else split.direct += page_down(part->file_size);
    }
    if (!touched && zeros_can_be_anonymous()) split.copied = part->start + page_up(part->file_size);
    return split;
}

static bool is_gap(const struct image_part *part)
{
    return part->protect == PAGE_NOACCESS && !part->file_size;
}

static void add_piece(struct image_layout *layout, uint32_t start, uint32_t end, int fd, uint64_t offset,
                      uint32_t protect, bool shared)
{
    struct image_piece *last = layout->count ? &layout->pieces[layout->count - 1] : NULL;

    if (start == end) return;
    if (last && last->end == start && last->fd == fd && last->offset + (last->end - last->start) == offset &&
        last->protect == protect && last->shared == shared)
    {
        last->end = end;
        return;
    }
    layout->pieces[layout->count++] = (struct image_piece){ start, end, fd, offset, protect, shared };
}

static void list_pieces(const struct image *image, int fd, struct image_layout *layout)
{
    for (unsigned int i = 0; i < image->part_count; i++)
    {
        const struct image_part *part = &image->parts[i];
        struct split split = split_part(image, part);

        if (is_gap(part)) continue;
        if (part->shared)
        {
            add_piece(layout, part->start, part->end, image->contents->shared_fd, part->start, part->protect, true);
            continue;
        }
        add_piece(layout, part->start, split.direct, fd, part->file_offset, part->protect, false);
        add_piece(layout, split.direct, split.copied, image->contents->copy_fd, split.direct, part->protect, false);
        add_piece(layout, split.copied, part->end, -1, split.copied, part->protect, false);
    }
}

/* Whether some page of the view has to come from a copy. */
static bool needs_copy(const struct image *image)
{
    for (unsigned int i = 0; i < image->part_count; i++)
    {
        const struct image_part *part = &image->parts[i];
        struct split split = split_part(image, part);

        if (!is_gap(part) && !part->shared && split.direct < split.copied) return true;
    }
    return false;
}

/* The last bytes of a part's contents, which come from the copy. */
static uint32_t copied_bytes(const struct image *image, const struct image_part *part)
{
    uint32_t direct = split_part(image, part).direct - part->start;

    return direct < part->file_size && !part->shared ? part->file_size - direct : 0;
}

static vm_status make_copy(const struct image *image, int fd, uint64_t base, const struct fixups *fixups, int *copy_fd)
{
    struct copy copy;
    uint64_t bytes = 0;
    vm_status status;

    for (unsigned int i = 0; i < image->part_count; i++) bytes += copied_bytes(image, &image->parts[i]);
    if ((status = copy_open(&copy, image->header.size_of_image, bytes >= image->header.size_of_image / 2 ? HOST_FILL : 0, "image copy")))
        return status;
    for (unsigned int i = 0; i < image->part_count && !status; i++)
    {
        const struct image_part *part = &image->parts[i];
        uint32_t size = copied_bytes(image, part), direct = part->file_size - size;

        if (size) status = host->file_read(fd, (char *)copy.at + part->start + direct, size, (uint64_t)part->file_offset + direct);
    }
    if (!status && fixups->delta)
    {
        if (fixups->size)
            image_relocate(image, fixups->table, fixups->size, fixups->delta, (unsigned char *)copy.at, NULL);
        patch_image_base(image, (unsigned char *)copy.at, base);
    }
    if (!(status = copy_finish(&copy, status, "image copy"))) *copy_fd = copy.fd;
    return status;
}

/* Decides what the contents are, for the first view, and makes the copy if they need one. */
static vm_status place_contents(const struct image *image, int fd, uint64_t base)
{
    struct image_contents *contents = image->contents;
    struct fixups fixups = { .delta = 0 };
    vm_status status = STATUS_SUCCESS;
    int copy_fd = -1;

    if (!image->any_base || image->relocs_stripped) base = image->header.preferred_base;
    fixups.delta = (int64_t)(base - image->header.preferred_base);
    memset(contents->touched, 0, sizeof(contents->touched));
    if (fixups.delta)
    {
        if ((status = fixups_read(image, fd, &fixups))) return status;
        status = image_relocate(image, fixups.table, fixups.size, fixups.delta, NULL, contents->touched);
        contents->touched[0] = true;            /* ImageBase */
    }
    if (!status && needs_copy(image)) status = make_copy(image, fd, base, &fixups, &copy_fd);
    free(fixups.table);
    if (status) return status;
    contents->base = base;
    contents->copy_fd = copy_fd;
    contents->placed = true;
    return STATUS_SUCCESS;
}

/* ---- contents, by file ------------------------------------------------------------------------------------------ */

static bool same_file(const struct host_file_info *a, const struct host_file_info *b)
{
    return a->device == b->device && a->inode == b->inode && a->modified == b->modified && a->size == b->size;
}

/* The sections that all views write to alike. */
static vm_status make_shared(const struct image *image, int fd, const char *name, int *shared_fd)
{
    struct copy copy;
    vm_status status;

    if ((status = copy_open(&copy, image->header.size_of_image, 0, name))) return status;
    for (unsigned int i = 0; i < image->part_count && !status; i++)
        if (image->parts[i].shared) status = copy_part(&copy, fd, &image->parts[i]);
    if (!(status = copy_finish(&copy, status, name))) *shared_fd = copy.fd;
    return status;
}

static bool has_shared_parts(const struct image *image)
{
    for (unsigned int i = 0; i < image->part_count; i++)
        if (image->parts[i].shared) return true;
    return false;
}

/* Another process's shared pages, if that is what shared_fd is. */
static vm_status take_shared(const struct image *image, int shared_fd, int *copy)
{
    struct host_file_info info;
    vm_status status;

    if ((status = host->file_info(shared_fd, &info))) return status;
    if (!info.regular || info.size < image->header.size_of_image) return STATUS_INVALID_PARAMETER;
    return host->file_dup(copy, shared_fd);
}

/* The file is the same to all who meet, but it may have been written to meanwhile: its age is in the name. */
static vm_status get_shared(const struct image *image, int fd, int shared_fd, struct image_contents *contents)
{
    const struct host_file_info *file = &contents->file;
    vm_status status = STATUS_SUCCESS;
    char name[80];

    snprintf(name, sizeof(name), "image %" PRIx64 "-%" PRIx64 "-%" PRIx64, file->device, file->inode, file->modified);
    if (host_meet(fd, name, image->header.size_of_image, &contents->meeting_fd, &contents->shared_fd)) contents->meeting_fd = -1;
    if (contents->shared_fd < 0)
        status = shared_fd >= 0 ? take_shared(image, shared_fd, &contents->shared_fd)
                                : make_shared(image, fd, name, &contents->shared_fd);
    if (contents->meeting_fd < 0) return status;
    if (!status) host_meet_tell(contents->meeting_fd, contents->shared_fd);
    else host->file_close(contents->meeting_fd);
    return status;
}

static vm_status contents_create(const struct image *image, int fd, const struct host_file_info *file, int shared_fd,
                                 struct image_contents **out)
{
    struct image_contents *contents = calloc(1, sizeof(*contents));
    vm_status status = STATUS_SUCCESS;

    if (!contents) return STATUS_NO_MEMORY;
    contents->file = *file;
    contents->refs = 1;
    contents->copy_fd = contents->stale_fd = contents->shared_fd = contents->meeting_fd = -1;
    if (has_shared_parts(image) && (status = get_shared(image, fd, shared_fd, contents)))
    {
        free(contents);
        return status;
    }
    contents->next = all_contents;
    *out = all_contents = contents;
    return STATUS_SUCCESS;
}

static vm_status contents_get(struct image *image, int fd, const struct host_file_info *file, int shared_fd)
{
    struct image_contents *contents;
    vm_status status = STATUS_SUCCESS;

    pthread_mutex_lock(&layout_lock);
    for (contents = all_contents; contents; contents = contents->next)
        if (same_file(&contents->file, file)) break;
    if (contents) contents->refs++;
    else status = contents_create(image, fd, file, shared_fd, &contents);
    if (!status)
    {
        image->contents = contents;
        if (contents->placed) image->header.image_base = contents->base;
    }
    pthread_mutex_unlock(&layout_lock);
    return status;
}

static void contents_put(struct image_contents *contents)
{
    struct image_contents **link;

    pthread_mutex_lock(&layout_lock);
    if (!--contents->refs)
    {
        for (link = &all_contents; *link != contents; link = &(*link)->next) {}
        *link = contents->next;
        if (contents->copy_fd >= 0) host->file_close(contents->copy_fd);
        if (contents->stale_fd >= 0) host->file_close(contents->stale_fd);
        if (contents->meeting_fd >= 0) host->file_close(contents->meeting_fd);
        if (contents->shared_fd >= 0) host->file_close(contents->shared_fd);
        free(contents);
    }
    pthread_mutex_unlock(&layout_lock);
}

/* ---- what section.c and view.c call ------------------------------------------------------------------------------ */

static vm_status read_file(void *context, uint64_t offset, void *buffer, size_t size, size_t *got)
{
    struct { int fd; uint64_t size; } *file = context;
    vm_status status;

    *got = 0;
    if (offset >= file->size) return STATUS_SUCCESS;
    if (size > file->size - offset) size = file->size - offset;
    if ((status = host->file_read(file->fd, buffer, size, offset))) return status;
    *got = size;
    return STATUS_SUCCESS;
}

/* SEC_IMAGE_NO_EXECUTE: to look at, not to run. */
static void forbid_execution(struct image *image)
{
    for (unsigned int i = 0; i < image->part_count; i++)
    {
        uint32_t *protect = &image->parts[i].protect;

        if (*protect & (PAGE_EXECUTE | PAGE_EXECUTE_READ)) *protect = PAGE_READONLY;
        else if (*protect == PAGE_EXECUTE_WRITECOPY) *protect = PAGE_WRITECOPY;
        else if (*protect == PAGE_EXECUTE_READWRITE) *protect = PAGE_READWRITE;
    }
    image->header.not_executable = true;
}

vm_status image_create(int fd, const struct host_file_info *info, uint32_t attributes, int shared_fd, struct image **out)
{
    struct { int fd; uint64_t size; } file = { fd, info->size };
    struct image *image;
    vm_status status;

    if ((status = image_decode(read_file, &file, info->size, &image))) return status;
    if (attributes & SEC_NOCACHE) forbid_execution(image);
    if ((status = contents_get(image, fd, info, shared_fd)))
    {
        free(image);
        return status;
    }
    *out = image;
    return STATUS_SUCCESS;
}

void image_destroy(struct image *image)
{
    contents_put(image->contents);
    free(image);
}

int image_shared_fd(const struct image *image)
{
    return image->contents->shared_fd;
}

const struct vm_image_header *image_header(const struct image *image)
{
    return &image->header;
}

static vm_status layout_status(const struct image *image, uint64_t base)
{
    if (image->header.machine != 0x8664) return STATUS_IMAGE_MACHINE_TYPE_MISMATCH;
    if (base == image->contents->base) return STATUS_SUCCESS;
    /* an image that may lie anywhere and has no code to run is at home everywhere */
    return image->any_base && !image->header.contains_code ? STATUS_SUCCESS : STATUS_IMAGE_NOT_AT_BASE;
}

vm_status image_layout(struct image *image, int fd, uintptr_t base, struct image_layout *layout)
{
    vm_status status = STATUS_SUCCESS;

    *layout = (struct image_layout){ .pieces = NULL };
    layout->pieces = malloc((3 * image->part_count + 1) * sizeof(*layout->pieces));
    if (!layout->pieces) return STATUS_NO_MEMORY;

    pthread_mutex_lock(&layout_lock);
    if (!image->contents->placed) status = place_contents(image, fd, base);
    if (!status)
    {
        image->header.image_base = image->contents->base;
        layout->status = layout_status(image, base);
        list_pieces(image, fd, layout);
    }
    pthread_mutex_unlock(&layout_lock);
    return status;
}

bool image_avoid_file(struct image *image)
{
    struct image_contents *contents = image->contents;
    bool changed;

    pthread_mutex_lock(&layout_lock);
    if ((changed = !contents->copy_all))
    {
        contents->copy_all = true;
        contents->stale_fd = contents->copy_fd;
        contents->copy_fd = -1;
        contents->placed = false;
    }
    pthread_mutex_unlock(&layout_lock);
    return changed;
}

/* Also after image_layout() failed. */
void image_layout_release(struct image *image, struct image_layout *layout)
{
    (void)image;
    free(layout->pieces);
}
