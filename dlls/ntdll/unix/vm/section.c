/* Sections: what can be mapped.
 *
 *     page-file section    a memory file of its own; SEC_RESERVE: runs say which pages are committed, and if others have
 *                          the section too, what shared.c keeps
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

static uint64_t shared_commit_bytes;          /* atomic; bytes that page-file sections of this process are charged with */

uint64_t vm_shared_commit(void)
{
    return __atomic_load_n(&shared_commit_bytes, __ATOMIC_RELAXED);
}

static bool can_write(uint32_t protect)
{
    return protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE);
}

static vm_status take_file(struct section *s, const struct vm_section_create *params)
{
    if (!params->take_fd) return host->file_dup(&s->fd, params->fd);
    s->fd = params->fd;
    return STATUS_SUCCESS;
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
        __atomic_add_fetch(&shared_commit_bytes, s->charged, __ATOMIC_RELAXED);
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
    if ((status = take_file(s, params))) return status;
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
    if ((status = image_create(params->fd, &info, s->attributes, s->state_fd, &s->image))) return status;
    header = image_header(s->image);
    full = page_up(header->size_of_image);
    /* A size of 1 is legal and stays 1; more than the image has is not (kernel32 loader.c query_image_section). */
    if (params->size > full) return STATUS_SECTION_TOO_BIG;
    s->size = params->size ? params->size : full;
    s->is_image = true;
    s->device = info.device;
    s->inode = info.inode;
    return take_file(s, params);
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

static struct section *section_new(void)
{
    struct section *s = NULL;

    vm_enter();
    if (slab_reserve(&section_slab, 1)) s = slab_alloc(&section_slab);
    vm_leave();
    if (!s) return NULL;
    s->refs = 1;
    s->fd = s->state_fd = -1;
    return s;
}

vm_status section_create(const struct vm_section_create *params, struct section **section)
{
    struct section *s = section_new();
    vm_status status;

    if (!s) return STATUS_NO_MEMORY;
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
        if (params->take_fd && s->fd == params->fd) s->fd = -1;
        section_destroy(s);
        return status;
    }
    s->tag = params->file_tag;
    s->tag_release = params->file_tag_release;
    *section = s;
    return STATUS_SUCCESS;
}

/* ---- to and from another process ------------------------------------------------------------------------------- */

vm_status section_export(struct section *section, struct vm_section_description *description, struct vm_section_fds *fds)
{
    vm_status status;

    *description = (struct vm_section_description){
        .protect = section->protect, .attributes = section->attributes, .node = section->numa_node,
        .is_file = section->is_file, .is_image = section->is_image, .file_writable = section->file_writable,
    };
    *fds = (struct vm_section_fds){ .fd = section->fd, .state = -1 };
    vm_enter();
    if (!(status = shared_start(section)))
    {
        shared_refresh(section);
        description->size = section->size;
        description->state_offset = section->state_offset;
        description->fills = section->fills;
        fds->state = section->is_image ? image_shared_fd(section->image) : section->state_fd;
    }
    vm_leave();
    return status;
}

static bool description_valid(const struct vm_section_description *d, const struct vm_section_fds *fds)
{
    const uint32_t any = SEC_NOCACHE | SEC_WRITECOMBINE | SEC_NO_CHANGE | SEC_BASED;
    uint32_t kind = d->attributes & (SEC_COMMIT | SEC_RESERVE | SEC_IMAGE);

    if (!d->size || !d->protect || (d->protect & (d->protect - 1)) || d->protect == PAGE_NOACCESS ||
        d->protect > PAGE_EXECUTE_WRITECOPY) return false;
    if (d->attributes & ~(kind | any | SEC_LARGE_PAGES)) return false;
    if (d->is_image) return kind == SEC_IMAGE && !d->is_file && !(d->attributes & ~(SEC_IMAGE | SEC_NOCACHE));
    if (kind != SEC_COMMIT && kind != SEC_RESERVE) return false;
    if ((d->attributes & SEC_LARGE_PAGES) && (d->is_file || kind == SEC_RESERVE)) return false;
    if (d->is_file) return d->size <= FILE_SIZE_LIMIT && (d->file_writable || !can_write(d->protect));
    if (d->size >= SIZE_LIMIT || (d->state_offset & (page_size - 1))) return false;
    return kind == SEC_COMMIT || (fds->state >= 0 && d->size < RESERVE_LIMIT && d->state_offset < SIZE_LIMIT);
}

/* A file section as it is: unlike a new one it never makes its file grow. */
static vm_status import_file(struct section *s, const struct vm_section_create *params, const struct host_file_info *info)
{
    s->size = params->size;
    s->is_file = true;
    s->device = info->device;
    s->inode = info->inode;
    return take_file(s, params);
}

/* Memory: what the section promises must be there, or its pages would be missing one day. Its commit charge is held by
 * who created it. */
static vm_status import_memory(struct section *s, const struct vm_section_create *params, const struct host_file_info *info)
{
    if (page_up(params->size) > info->size) return STATUS_INVALID_PARAMETER;
    s->size = page_up(params->size);
    s->device = info->device;
    s->inode = info->inode;
    return take_file(s, params);
}

/* What a state must hold to be one. */
static vm_status import_state(struct section *s, const struct vm_section_description *d, const struct vm_section_fds *fds)
{
    struct host_file_info info;
    vm_status status;
    int copy;

    if (fds->state < 0 || !shared_has_state(s)) return STATUS_SUCCESS;
    if ((status = host->file_info(fds->state, &info))) return status;
    if (!info.regular || (!s->is_file && info.size < d->state_offset + s->size / page_size)) return STATUS_INVALID_PARAMETER;
    if (fds->take) copy = fds->state;
    else if ((status = host->file_dup(&copy, fds->state))) return status;
    s->state_fd = copy;
    s->state_offset = d->state_offset;
    s->fills = d->fills != 0;
    return STATUS_SUCCESS;
}

vm_status section_import(const struct vm_section_description *description, const struct vm_section_fds *fds, void *tag,
                         void (*tag_release)(void *tag), struct section **section)
{
    struct vm_section_create params = { .fd = fds->fd, .take_fd = fds->take, .size = description->size };
    struct host_file_info info;
    struct section *s;
    vm_status status;

    if (!description_valid(description, fds)) return STATUS_INVALID_PARAMETER;
    if ((status = host->file_info(fds->fd, &info))) return status;
    if (!info.regular) return STATUS_INVALID_PARAMETER;
    if (!(s = section_new())) return STATUS_NO_MEMORY;
    s->protect = description->protect;
    s->attributes = description->attributes;
    s->numa_node = description->node;
    s->file_writable = description->file_writable != 0;
    if (description->is_image)
    {
        s->state_fd = fds->state;               /* for image.c to look at */
        status = create_image(s, &params);
        s->state_fd = -1;
    }
    else if (description->is_file) status = import_file(s, &params, &info);
    else status = import_memory(s, &params, &info);
    if (!status) status = import_state(s, description, fds);
    if (!status) status = choose_base(s);
    if (status)
    {
        if (fds->take) s->fd = s->state_fd = -1;
        section_destroy(s);
        return status;
    }
    if (fds->take && fds->state >= 0 && s->state_fd != fds->state) host->file_close(fds->state);
    s->tag = tag;
    s->tag_release = tag_release;
    *section = s;
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
    if (section->state_fd >= 0) host->file_close(section->state_fd);
    if (section->image) image_destroy(section->image);
    vm_enter();
    charge_return(section->charged);
    __atomic_sub_fetch(&shared_commit_bytes, section->charged, __ATOMIC_RELAXED);
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

/* Where the file of a growable view ends now: whoever made it longer, its pages can be touched. */
static uint64_t file_reach(const struct section *section, uint64_t offset)
{
    struct host_file_info info;

    if (offset < page_up(section->size) || host->file_info(section->fd, &info)) return section->size;
    return info.size > section->size && info.size <= FILE_SIZE_LIMIT ? info.size : section->size;
}

bool section_committed(const struct section *section, uint64_t offset, uint64_t *end)
{
    uint64_t size, known_end;
    bool committed;

    if (section->is_file)
    {
        size = page_up(file_reach(section, offset));
        *end = offset < size ? size : UINT64_MAX;
        return offset < size;
    }
    if (runs_get(&section->committed, offset, end)) return true;
    if (section->state_fd < 0) return false;
    committed = shared_committed(section, offset, &known_end);
    if (known_end < *end) *end = known_end;
    return committed;
}

static vm_status grow_file(struct section *section, uint64_t size)
{
    struct host_file_info info;
    vm_status status;

    if (size > FILE_SIZE_LIMIT) return STATUS_SECTION_TOO_BIG;
    if ((status = host->file_info(section->fd, &info))) return status;
    /* Somebody else may have made the file longer meanwhile: it never shrinks here. */
    if (size > info.size && (status = host->file_grow(section->fd, info.size, size))) return status;
    if ((status = shared_grow(section, size))) return status;
    section->size = size;
    return STATUS_SUCCESS;
}

static uint64_t missing_commit(const struct section *section, uint64_t start, uint64_t end)
{
    uint64_t missing = 0, run_end;

    for (uint64_t at = start; at < end; at = run_end)
    {
        bool committed = section_committed(section, at, &run_end);

        if (run_end > end) run_end = end;
        if (!committed) missing += run_end - at;
    }
    return missing;
}

vm_status section_commit_check(const struct section *section, uint64_t start, uint64_t end)
{
    if (section->is_file || !(section->attributes & SEC_RESERVE)) return STATUS_SUCCESS;
    return missing_commit(section, start, end) > charge_room() ? STATUS_COMMITMENT_LIMIT : STATUS_SUCCESS;
}

vm_status section_commit(struct section *section, uint64_t start, uint64_t end)
{
    uint64_t missing;
    vm_status status;

    if (section->is_file)
    {
        shared_refresh(section);
        return end > section->size ? grow_file(section, page_up(end)) : STATUS_SUCCESS;
    }
    if (!(section->attributes & SEC_RESERVE)) return STATUS_SUCCESS;
    missing = missing_commit(section, start, end);
    if (!missing) return STATUS_SUCCESS;
    if (!runs_reserve(2)) return STATUS_NO_MEMORY;      /* one is the caller's */
    if ((status = charge_take(missing))) return status;
    if ((status = shared_commit(section, start, end)))
    {
        charge_return(missing);
        return status == STATUS_DISK_FULL ? STATUS_COMMITMENT_LIMIT : status;
    }
    section->charged += missing;
    __atomic_add_fetch(&shared_commit_bytes, missing, __ATOMIC_RELAXED);
    runs_change(&section->committed, start, end, 0, 1);
    return STATUS_SUCCESS;
}

vm_status section_extend(struct section *section, uint64_t *size)
{
    vm_status status = STATUS_SUCCESS;

    if (!section->is_file || !can_write(section->protect)) return STATUS_SECTION_NOT_EXTENDED;
    vm_enter();
    shared_refresh(section);
    if (*size > section->size) status = grow_file(section, *size);
    if (!status) *size = section->size;
    vm_leave();
    return status;
}

/* ---- queries ------------------------------------------------------------------------------------------------------ */

void section_query(struct section *section, struct vm_section_info *info)
{
    uint32_t kept = SEC_NOCACHE | SEC_WRITECOMBINE | SEC_NO_CHANGE | SEC_BASED;

    *info = (struct vm_section_info){
        .protect = section->protect, .is_file = section->is_file, .is_image = section->is_image,
    };
    if (section->is_image) info->attributes = SEC_FILE | SEC_IMAGE;
    else if (section->is_file) info->attributes = SEC_FILE | (section->attributes & kept);
    else info->attributes = section->attributes & (kept | SEC_COMMIT | SEC_RESERVE | SEC_LARGE_PAGES);
    vm_enter();
    shared_refresh(section);
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
