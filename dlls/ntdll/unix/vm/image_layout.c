/* Where the bytes of an image view come from.
 *
 * Four sources: the PE file itself, whenever a page of the view is a page of the file (page cache,
 * nothing is read or copied); a memory file that holds a copy, for what cannot be mapped so (raw data
 * that is not page aligned, pages with relocations applied); zero pages; and one memory file for the
 * sections that all views of the image share. The copy is a file because a written page is found out by
 * asking the host whether it still is the file's; zero pages are anonymous where the host can tell its
 * own zero page from one that was written, else they belong to the copy too.
 *
 * The copy for the first base an image is placed at is kept as long as the image; a view somewhere
 * else gets one of its own.
 */
#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "vm/image.h"

struct shared_image             /* the shared sections of one file, whichever section object mapped it */
{
    struct shared_image *next;
    unsigned int refs;
    struct host_file_info file; /* the key */
    int fd;
};

/* Guards the list, and of each image what image.h says. A leaf: only host calls are made under it. */
static pthread_mutex_t layout_lock = PTHREAD_MUTEX_INITIALIZER;
static struct shared_image *shared_images;

/* ---- copies --------------------------------------------------------------------------------------------- */

struct copy                     /* a memory file, while it is being filled */
{
    int       fd;
    uintptr_t at;               /* where it is mapped */
    size_t    size;
};

static vm_status copy_open(struct copy *copy, size_t size, const char *why)
{
    vm_status status;

    copy->size = size;
    if ((status = host->memory_create(&copy->fd, size, why, false))) return status;
    if (!(status = host->map_own(&copy->at, size, why)))
    {
        status = host->map(copy->at, size, HOST_READ | HOST_WRITE, HOST_SHARED | HOST_REPLACE, copy->fd, 0, why);
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
static struct split split_part(const struct image *image, const struct image_part *part, bool touched)
{
    struct split split = { part->start, part->end };

    if (!touched && !image->copy_all && part->file_size && part->file_offset % page_size == 0)
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

static void list_pieces(const struct image *image, int fd, int copy_fd, const bool *touched, struct image_layout *layout)
{
    for (unsigned int i = 0; i < image->part_count; i++)
    {
        const struct image_part *part = &image->parts[i];
        struct split split = split_part(image, part, touched[i]);

        if (is_gap(part)) continue;
        if (part->shared)
        {
            add_piece(layout, part->start, part->end, image->shared->fd, part->start, part->protect, true);
            continue;
        }
        add_piece(layout, part->start, split.direct, fd, part->file_offset, part->protect, false);
        add_piece(layout, split.direct, split.copied, copy_fd, split.direct, part->protect, false);
        add_piece(layout, split.copied, part->end, -1, split.copied, part->protect, false);
    }
}

/* Whether some page of the view has to come from a copy. */
static bool needs_copy(const struct image *image, const bool *touched)
{
    for (unsigned int i = 0; i < image->part_count; i++)
    {
        const struct image_part *part = &image->parts[i];
        struct split split = split_part(image, part, touched[i]);

        if (!is_gap(part) && !part->shared && split.direct < split.copied) return true;
    }
    return false;
}

static vm_status make_copy(const struct image *image, int fd, uint64_t base, const struct fixups *fixups,
                           const bool *touched, int *copy_fd)
{
    struct copy copy;
    vm_status status;

    if ((status = copy_open(&copy, image->header.size_of_image, "image copy"))) return status;
    for (unsigned int i = 0; i < image->part_count && !status; i++)
    {
        const struct image_part *part = &image->parts[i];
        uint32_t direct = split_part(image, part, touched[i]).direct - part->start;

        if (direct >= part->file_size || part->shared) continue;
        status = host->file_read(fd, (char *)copy.at + part->start + direct, part->file_size - direct,
                                 (uint64_t)part->file_offset + direct);
    }
    if (!status && fixups->delta)
    {
        if (fixups->size)
            image_relocate(image, fixups->table, fixups->size, fixups->delta, (unsigned char *)copy.at, NULL);
        if (!image->relocs_stripped) patch_image_base(image, (unsigned char *)copy.at, base);
    }
    if (!(status = copy_finish(&copy, status, "image copy"))) *copy_fd = copy.fd;
    return status;
}

/* Decides what the view needs and makes the copy if it needs one. *copy_fd is -1 without. */
static vm_status layout_contents(const struct image *image, int fd, uint64_t base, bool *touched, int *copy_fd)
{
    struct fixups fixups = { .delta = (int64_t)(base - image->header.preferred_base) };
    vm_status status;

    *copy_fd = -1;
    if (fixups.delta && !image->relocs_stripped)
    {
        if ((status = fixups_read(image, fd, &fixups))) return status;
        status = image_relocate(image, fixups.table, fixups.size, fixups.delta, NULL, touched);
        touched[0] = true;                      /* ImageBase */
    }
    else status = STATUS_SUCCESS;
    if (!status && needs_copy(image, touched)) status = make_copy(image, fd, base, &fixups, touched, copy_fd);
    free(fixups.table);
    return status;
}

/* ---- shared sections ------------------------------------------------------------------------------------------ */

static bool same_file(const struct host_file_info *a, const struct host_file_info *b)
{
    return a->device == b->device && a->inode == b->inode && a->modified == b->modified && a->size == b->size;
}

static vm_status shared_create(const struct image *image, int fd, const struct host_file_info *file,
                               struct shared_image **out)
{
    struct shared_image *shared = malloc(sizeof(*shared));
    struct copy copy;
    vm_status status;

    if (!shared) return STATUS_NO_MEMORY;
    if ((status = copy_open(&copy, image->header.size_of_image, "image shared")))
    {
        free(shared);
        return status;
    }
    for (unsigned int i = 0; i < image->part_count && !status; i++)
        if (image->parts[i].shared) status = copy_part(&copy, fd, &image->parts[i]);
    if ((status = copy_finish(&copy, status, "image shared")))
    {
        free(shared);
        return status;
    }
    *shared = (struct shared_image){ shared_images, 1, *file, copy.fd };
    *out = shared_images = shared;
    return STATUS_SUCCESS;
}

static vm_status shared_get(struct image *image, int fd, const struct host_file_info *file)
{
    struct shared_image *shared;
    vm_status status = STATUS_SUCCESS;

    pthread_mutex_lock(&layout_lock);
    for (shared = shared_images; shared; shared = shared->next)
        if (same_file(&shared->file, file)) break;
    if (shared) shared->refs++;
    else status = shared_create(image, fd, file, &shared);
    pthread_mutex_unlock(&layout_lock);
    image->shared = shared;
    return status;
}

static void shared_put(struct shared_image *shared)
{
    struct shared_image **link;

    pthread_mutex_lock(&layout_lock);
    if (!--shared->refs)
    {
        for (link = &shared_images; *link != shared; link = &(*link)->next) {}
        *link = shared->next;
        host->file_close(shared->fd);
        free(shared);
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

vm_status image_create(int fd, const struct host_file_info *info, uint32_t attributes, struct image **out)
{
    struct { int fd; uint64_t size; } file = { fd, info->size };
    struct image *image;
    vm_status status;

    if ((status = image_decode(read_file, &file, info->size, &image))) return status;
    if (attributes & SEC_NOCACHE) forbid_execution(image);
    for (unsigned int i = 0; i < image->part_count; i++)
    {
        if (!image->parts[i].shared) continue;
        if ((status = shared_get(image, fd, info)))
        {
            free(image);
            return status;
        }
        break;
    }
    *out = image;
    return STATUS_SUCCESS;
}

void image_destroy(struct image *image)
{
    if (image->copy_fd >= 0) host->file_close(image->copy_fd);
    if (image->stale_fd >= 0) host->file_close(image->stale_fd);
    if (image->shared) shared_put(image->shared);
    free(image);
}

const struct vm_image_header *image_header(const struct image *image)
{
    return &image->header;
}

/* What NtMapViewOfSection says of a view of the whole image. An image that asks for any base is at home wherever
 * it was put first (and always, if it holds no code): loader.c test_image_mapping. */
static vm_status layout_status(struct image *image, uint64_t base)
{
    bool any_base = image->header.dll_characteristics & 0x40;

    if (!image->placed && any_base) image->header.image_base = base;
    if (image->header.machine != 0x8664) return STATUS_IMAGE_MACHINE_TYPE_MISMATCH;
    if (base == image->header.image_base) return STATUS_SUCCESS;
    return any_base && !image->header.contains_code ? STATUS_SUCCESS : STATUS_IMAGE_NOT_AT_BASE;
}

vm_status image_layout(struct image *image, int fd, uintptr_t base, struct image_layout *layout)
{
    bool touched[IMAGE_MAX_PARTS] = { false };
    int copy_fd, own_fd = -1;
    vm_status status;

    *layout = (struct image_layout){ .pieces = NULL };
    layout->pieces = malloc((3 * image->part_count + 1) * sizeof(*layout->pieces));
    if (!layout->pieces) return STATUS_NO_MEMORY;

    pthread_mutex_lock(&layout_lock);
    if (image->placed && image->contents_base == base)
    {
        memcpy(touched, image->touched, image->part_count * sizeof(*touched));
        copy_fd = image->copy_fd;
        status = STATUS_SUCCESS;
    }
    else if (!(status = layout_contents(image, fd, base, touched, &copy_fd)))
    {
        if (image->placed) own_fd = copy_fd;
        else
        {
            image->copy_fd = copy_fd;
            image->contents_base = base;
            memcpy(image->touched, touched, image->part_count * sizeof(*touched));
        }
    }
    if (!status)
    {
        layout->status = layout_status(image, base);
        image->placed = true;
    }
    pthread_mutex_unlock(&layout_lock);

    if (!status)
    {
        list_pieces(image, fd, copy_fd, touched, layout);
        layout->private_data = (void *)(intptr_t)(own_fd + 1);
    }
    return status;
}

bool image_avoid_file(struct image *image)
{
    bool changed;

    pthread_mutex_lock(&layout_lock);
    if ((changed = !image->copy_all))
    {
        image->copy_all = true;
        image->stale_fd = image->copy_fd;
        image->copy_fd = -1;
        image->placed = false;
    }
    pthread_mutex_unlock(&layout_lock);
    return changed;
}

void image_layout_release(struct image *image, struct image_layout *layout)
{
    int own_fd = (int)(intptr_t)layout->private_data - 1;

    (void)image;
    if (own_fd >= 0) host->file_close(own_fd);
    free(layout->pieces);
}
