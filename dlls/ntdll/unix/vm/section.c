/* Sections: what can be mapped.
 *
 *     page-file section    a memory file of its own; SEC_RESERVE: runs say which pages are committed
 *     file section         a duplicate of the program's file; its size in bytes, not pages
 *     image section        the same, and what image.c learnt of it
 *
 * A section lives as long as somebody has a reference: its handles, its views. Reference counts are atomic, so that
 * handles come and go without the lock; what changes in a section (size, commit) is under it.
 */
#include "vm/vm_private.h"

#define SIZE_LIMIT 0x800000000000ull            /* SECTION_TOO_BIG from here on (ntdll_apitest NtCreateSection) */
#define RESERVE_LIMIT 0x80000000000ull          /* INSUFFICIENT_RESOURCES */
/* Views of based sections: a part of the address space that neither placement nor the kernel uses. A section's place
 * comes from its file's number, which is the same in every process, and neighbours of two memory files are far apart. */
#define BASED_START 0x300000000000ull
#define BASED_SLOT  0x4000000ull
#define BASED_SLOTS 0x80000ull

#define FILE_SIZE_LIMIT 0x7fffffffffff0000ull

static uint64_t shared_commit;          /* atomic; bytes that page-file sections of this process are charged with */

uint64_t vm_shared_commit(void)
{
    return __atomic_load_n(&shared_commit, __ATOMIC_RELAXED);
}

static bool can_write(uint32_t protect)
{
    return protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE);
}

/* ---- creation: each of these fills in a section that nobody knows yet, without the lock --------------------- */

static vm_status create_memory(struct section *s, uint64_t size)
{
    bool large = s->attributes & SEC_LARGE_PAGES;
    vm_status status;

    if (!size) return STATUS_INVALID_PARAMETER_4;
    if (size >= SIZE_LIMIT) return STATUS_SECTION_TOO_BIG;
    if ((s->attributes & SEC_RESERVE) && size >= RESERVE_LIMIT) return STATUS_INSUFFICIENT_RESOURCES;
    if (large && (size & (VM_LARGE_PAGE - 1))) return STATUS_INVALID_PARAMETER_4;
    if (large && !host_caps.huge_pages) return STATUS_INSUFFICIENT_RESOURCES;
    s->size = page_up(size);
    if (!(s->attributes & SEC_RESERVE))
    {
        vm_enter();
        status = charge_take(s->size);
        vm_leave();
        if (status) return status;
        s->charged = s->size;
        __atomic_add_fetch(&shared_commit, s->charged, __ATOMIC_RELAXED);
    }
    status = host->memory_create(&s->fd, s->size, "section", large);
    return status && large ? STATUS_INSUFFICIENT_RESOURCES : status;
}

static vm_status create_file(struct section *s, const struct vm_section_create *params)
{
    struct host_file_info info;
    vm_status status;

    if ((status = host->file_info(params->fd, &info))) return status;
    if (!info.regular) return STATUS_INVALID_FILE_FOR_SECTION;
    if (s->attributes & SEC_LARGE_PAGES) return STATUS_INVALID_PARAMETER_6;
    if (can_write(s->protect) && !params->file_writable) return STATUS_ACCESS_DENIED;
    s->size = params->size ? params->size : info.size;
    if (!s->size) return STATUS_MAPPED_FILE_SIZE_ZERO;
    if (s->size > info.size && !can_write(s->protect)) return STATUS_SECTION_TOO_BIG;
    if (s->size > FILE_SIZE_LIMIT) return STATUS_SECTION_TOO_BIG;
    s->is_file = true;
    s->device = info.device;
    s->inode = info.inode;
    if ((status = host->file_dup(&s->fd, params->fd))) return status;
    /* Last, for it cannot be undone. */
    if (s->size > info.size) return host->file_grow(s->fd, info.size, s->size);
    return STATUS_SUCCESS;
}

static vm_status create_image(struct section *s, const struct vm_section_create *params)
{
    struct host_file_info info;
    const struct vm_image_header *header;
    uint64_t full;
    vm_status status;

    if ((status = host->file_info(params->fd, &info))) return status;
    if (!info.regular || !info.size) return STATUS_INVALID_FILE_FOR_SECTION;
    if ((status = image_create(params->fd, &info, s->attributes, &s->image))) return status;
    header = image_header(s->image);
    full = page_up(header->size_of_image);
    /* A size of 1 is legal and stays 1; more than the image has is not (kernel32 loader.c query_image_section). */
    if (params->size > full) return STATUS_SECTION_TOO_BIG;
    s->size = params->size ? params->size : full;
    s->is_image = true;
    s->device = info.device;
    s->inode = info.inode;
    return host->file_dup(&s->fd, params->fd);
}

/* SEC_BASED: all views are at one address, chosen from the top. */
static vm_status choose_base(struct section *s)
{
    struct host_file_info info;
    vm_status status;

    if (!(s->attributes & SEC_BASED)) return STATUS_SUCCESS;
    if ((status = host->file_info(s->fd, &info))) return status;
    s->based = BASED_START + (BASED_SLOTS - (info.inode + info.device) % BASED_SLOTS) * BASED_SLOT;
    return STATUS_SUCCESS;
}

vm_status section_create(const struct vm_section_create *params, struct section **section)
{
    struct section *s = NULL;
    vm_status status;

    vm_enter();
    if (slab_reserve(&section_slab, 1)) s = slab_alloc(&section_slab);
    vm_leave();
    if (!s) return STATUS_NO_MEMORY;

    s->refs = 1;
    s->fd = -1;
    s->protect = params->protect & PAGE_BASE_MASK;
    s->attributes = params->attributes;
    s->numa_node = params->node;
    s->file_writable = params->file_writable;
    if ((s->attributes & SEC_IMAGE) && params->fd < 0) status = STATUS_INVALID_FILE_FOR_SECTION;
    else if (s->attributes & SEC_IMAGE) status = create_image(s, params);
    else if (params->fd >= 0) status = create_file(s, params);
    else status = create_memory(s, params->size);
    if (!status) status = choose_base(s);
    if (status)
    {
        section_destroy(s);
        return status;
    }
    s->tag = params->file_tag;
    s->tag_release = params->file_tag_release;
    *section = s;
    return STATUS_SUCCESS;
}

/* ---- to and from another process ------------------------------------------------------------------------------- */

vm_status section_export(const struct section *section, struct vm_section_description *description, int *fd)
{
    if (!section->is_file && !section->is_image && (section->attributes & SEC_RESERVE)) return STATUS_NOT_SUPPORTED;
    *description = (struct vm_section_description){
        .protect = section->protect, .attributes = section->attributes, .node = section->numa_node,
        .is_file = section->is_file, .is_image = section->is_image, .file_writable = section->file_writable,
    };
    vm_enter();
    description->size = section->size;
    vm_leave();
    *fd = section->fd;
    return STATUS_SUCCESS;
}

static bool description_valid(const struct vm_section_description *d)
{
    uint32_t kind = d->attributes & (SEC_COMMIT | SEC_RESERVE | SEC_IMAGE);

    if (!d->size || !d->protect || (d->protect & (d->protect - 1)) || d->protect == PAGE_NOACCESS ||
        d->protect > PAGE_EXECUTE_WRITECOPY) return false;
    if (d->is_image) return kind == SEC_IMAGE && !d->is_file;
    return kind == SEC_COMMIT || (kind == SEC_RESERVE && d->is_file);
}

vm_status section_import(const struct vm_section_description *description, int fd, void *tag,
                         void (*tag_release)(void *tag), struct section **section)
{
    struct vm_section_create params = {
        .fd = fd, .file_writable = description->file_writable, .size = description->size,
        .protect = description->protect, .attributes = description->attributes, .node = description->node,
        .file_tag = tag, .file_tag_release = tag_release,
    };
    struct host_file_info info;
    struct section *s = NULL;
    vm_status status;

    if (!description_valid(description)) return STATUS_INVALID_PARAMETER;
    if (description->is_image || description->is_file) return section_create(&params, section);

    /* Memory: what the section promises must be there, or its pages would be missing one day. */
    if ((status = host->file_info(fd, &info))) return status;
    if (!info.regular || description->size >= SIZE_LIMIT || page_up(description->size) > info.size)
        return STATUS_INVALID_PARAMETER;
    vm_enter();
    if (slab_reserve(&section_slab, 1)) s = slab_alloc(&section_slab);
    vm_leave();
    if (!s) return STATUS_NO_MEMORY;
    s->refs = 1;
    s->protect = description->protect;
    s->attributes = description->attributes;
    s->numa_node = description->node;
    s->size = page_up(description->size);
    s->device = info.device;
    s->inode = info.inode;
    if ((status = host->file_dup(&s->fd, fd))) s->fd = -1;
    else status = choose_base(s);
    if (status)
    {
        section_destroy(s);
        return status;
    }
    *section = s;               /* its commit charge is held by who created it */
    return STATUS_SUCCESS;
}

/* ---- life ----------------------------------------------------------------------------------------------------- */

struct section *section_ref(struct section *section)
{
    __atomic_add_fetch(&section->refs, 1, __ATOMIC_RELAXED);
    return section;
}

bool section_release(struct section *section)
{
    return !__atomic_sub_fetch(&section->refs, 1, __ATOMIC_ACQ_REL);
}

void section_destroy(struct section *section)
{
    void (*tag_release)(void *tag) = section->tag_release;
    void *tag = section->tag;

    if (section->fd >= 0) host->file_close(section->fd);
    if (section->image) image_destroy(section->image);
    vm_enter();
    charge_return(section->charged);
    __atomic_sub_fetch(&shared_commit, section->charged, __ATOMIC_RELAXED);
    runs_free(&section->committed);
    slab_free(&section_slab, section);
    vm_leave();
    if (tag_release) tag_release(tag);
}

void section_unref(struct section *section)
{
    if (section_release(section)) section_destroy(section);
}

void *section_tag(const struct section *section)
{
    return section->tag;
}

/* ---- commit and growth ------------------------------------------------------------------------------------------ */

bool section_committed(const struct section *section, uint64_t offset, uint64_t *end)
{
    if (section->is_file)
    {
        uint64_t size = page_up(section->size);

        *end = offset < size ? size : UINT64_MAX;
        return offset < size;
    }
    return runs_get(&section->committed, offset, end);
}

static vm_status grow_file(struct section *section, uint64_t size)
{
    struct host_file_info info;
    vm_status status;

    if (size > FILE_SIZE_LIMIT) return STATUS_SECTION_TOO_BIG;
    if ((status = host->file_info(section->fd, &info))) return status;
    /* Somebody else may have made the file longer meanwhile: it never shrinks here. */
    if (size > info.size && (status = host->file_grow(section->fd, info.size, size))) return status;
    section->size = size;
    return STATUS_SUCCESS;
}

vm_status section_commit(struct section *section, uint64_t start, uint64_t end)
{
    uint64_t missing = 0, run_end;
    vm_status status;

    if (section->is_file) return end > section->size ? grow_file(section, page_up(end)) : STATUS_SUCCESS;
    if (!(section->attributes & SEC_RESERVE)) return STATUS_SUCCESS;
    for (uint64_t at = start; at < end; at = run_end)
    {
        bool committed = runs_get(&section->committed, at, &run_end);

        if (run_end > end) run_end = end;
        if (!committed) missing += run_end - at;
    }
    if (!missing) return STATUS_SUCCESS;
    if (!runs_reserve(2)) return STATUS_NO_MEMORY;      /* one is the caller's */
    if ((status = charge_take(missing))) return status;
    section->charged += missing;
    __atomic_add_fetch(&shared_commit, missing, __ATOMIC_RELAXED);
    runs_change(&section->committed, start, end, 0, 1);
    return STATUS_SUCCESS;
}

vm_status section_extend(struct section *section, uint64_t *size)
{
    vm_status status = STATUS_SUCCESS;

    if (!section->is_file || !can_write(section->protect)) return STATUS_SECTION_NOT_EXTENDED;
    vm_enter();
    if (*size > section->size) status = grow_file(section, *size);
    if (!status) *size = section->size;
    vm_leave();
    return status;
}

/* ---- queries ------------------------------------------------------------------------------------------------------ */

void section_query(const struct section *section, struct vm_section_info *info)
{
    uint32_t kept = SEC_NOCACHE | SEC_WRITECOMBINE | SEC_NO_CHANGE | SEC_BASED;

    *info = (struct vm_section_info){
        .protect = section->protect, .is_file = section->is_file, .is_image = section->is_image,
    };
    if (section->is_image) info->attributes = SEC_FILE | SEC_IMAGE;
    else if (section->is_file) info->attributes = SEC_FILE | (section->attributes & kept);
    else info->attributes = section->attributes & (kept | SEC_COMMIT | SEC_RESERVE | SEC_LARGE_PAGES);
    vm_enter();
    info->size = section->is_image ? section->size : section->is_file ? section->size : page_up(section->size);
    info->based = section->based;
    vm_leave();
}

vm_status section_image_header(const struct section *section, struct vm_image_header *header)
{
    if (!section->is_image) return STATUS_SECTION_NOT_IMAGE;
    *header = *image_header(section->image);
    return STATUS_SUCCESS;
}
