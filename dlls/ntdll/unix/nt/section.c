/* Section objects: create, open, query, extend (specification 5, 6, 11). Views are in view.c. */
#include "nt/section.h"
#include "io/file.h"
#include "ob/token.h"
#include "ob/transfer.h"

static void section_destroy(struct object *object)
{
    struct section_object *self = (struct section_object *)object;

    if (self->section) section_unref(self->section);
    if (self->named) section_unref(self->named);
    if (self->origin) section_unref(self->origin);
    free(self->pending);
    free(self);
}

/* ---- to and from other processes ------------------------------------------------------------------------------- */

static NTSTATUS section_pack(struct object *object, struct transfer *transfer)
{
    struct vm_section_description description;
    struct vm_section_fds fds;
    NTSTATUS status = section_object_load((struct section_object *)object);

    if (!status) status = section_export(((struct section_object *)object)->section, &description, &fds);
    if (status) return status;
    transfer->fds[0] = fds.fd;
    transfer->fds[1] = fds.state;
    transfer->fd_count = fds.state < 0 ? 1 : 2;
    transfer->size = sizeof(description);
    memcpy(transfer->data, &description, sizeof(description));
    return STATUS_SUCCESS;
}

NTSTATUS section_receive(const struct vm_section_description *description, const struct vm_section_fds *fds,
                         struct section **section)
{
    enum file_section kind = FILE_SECTION_DATA;
    void (*release)(void *tag) = NULL;
    void *tag = NULL;
    NTSTATUS status;

    if (description->is_image) kind = FILE_SECTION_IMAGE;
    else if (description->file_writable && (description->protect & (PAGE_READWRITE | PAGE_EXECUTE_READWRITE)))
        kind = FILE_SECTION_DATA_WRITABLE;
    if ((description->is_image || description->is_file) && (status = file_section_received(fds->fd, kind, &tag, &release)))
        return status;
    if ((status = section_import(description, fds, tag, release, section)) && tag) release(tag);
    return status;
}

static NTSTATUS section_unpack(struct transfer *transfer, struct object **object)
{
    struct vm_section_description description;
    struct vm_section_fds fds = { transfer->fds[0], transfer->fds[1], .take = true };
    struct section_object *self;
    NTSTATUS status;

    if (transfer->fd_count < 1 || transfer->fd_count > 2 || transfer->size != sizeof(description)) return STATUS_INVALID_PARAMETER;
    memcpy(&description, transfer->data, sizeof(description));
    if (!(self = object_alloc(&section_type, sizeof(*self)))) return STATUS_NO_MEMORY;
    if ((status = section_receive(&description, &fds, &self->section)))
    {
        object_unref(self);
        return status;
    }
    transfer->fds[0] = transfer->fds[1] = -1;
    *object = &self->object;
    return STATUS_SUCCESS;
}

const struct object_type section_type =
{
    .name = "Section",
    .mapping =
    {
        STANDARD_RIGHTS_READ | SECTION_QUERY | SECTION_MAP_READ,
        STANDARD_RIGHTS_WRITE | SECTION_MAP_WRITE,
        STANDARD_RIGHTS_EXECUTE | SECTION_MAP_EXECUTE,
        SECTION_ALL_ACCESS,
    },
    .valid_access = SECTION_ALL_ACCESS | SYNCHRONIZE,
    .destroy = section_destroy,
    .pack = section_pack,
    .unpack = section_unpack,
    .name_kind = NAME_SECTION,
    .name_describe = section_describe,
    .name_made = section_made,
    .name_adopt = section_adopt,
};

NTSTATUS section_lookup(HANDLE handle, ACCESS_MASK access, struct section **section)
{
    struct section_object *object;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &section_type, access, &object, NULL))) return status;
    if (!(status = section_object_load(object))) *section = section_ref(object->section);
    object_unref(object);
    return status;
}

/* ---- create ------------------------------------------------------------------------------------------------------ */

/* The sets of SEC_ bits that exist (specification 5.1). */
static bool attributes_valid(ULONG attributes)
{
    const ULONG any = SEC_NOCACHE | SEC_WRITECOMBINE | SEC_NO_CHANGE | SEC_BASED;

    switch (attributes & (SEC_COMMIT | SEC_RESERVE | SEC_IMAGE))
    {
    case SEC_COMMIT: return !(attributes & ~(SEC_COMMIT | SEC_LARGE_PAGES | any));
    case SEC_RESERVE: return !(attributes & ~(SEC_RESERVE | any));
    case SEC_IMAGE: return !(attributes & ~(SEC_IMAGE | SEC_NOCACHE));
    default: return false;
    }
}

/* The rights to the file that a protection needs; false: no protection for a section. */
static bool section_protect_access(ULONG protect, ACCESS_MASK *access)
{
    switch (protect)
    {
    case PAGE_READONLY:
    case PAGE_WRITECOPY: *access = FILE_READ_DATA; return true;
    case PAGE_READWRITE: *access = FILE_READ_DATA | FILE_WRITE_DATA; return true;
    case PAGE_EXECUTE: *access = FILE_EXECUTE; return true;
    case PAGE_EXECUTE_READ:
    case PAGE_EXECUTE_WRITECOPY: *access = FILE_READ_DATA | FILE_EXECUTE; return true;
    case PAGE_EXECUTE_READWRITE: *access = FILE_READ_DATA | FILE_WRITE_DATA | FILE_EXECUTE; return true;
    default: return false;
    }
}

static NTSTATUS decode_page_file(struct vm_section_create *params, const LARGE_INTEGER *size)
{
    if (params->attributes & SEC_IMAGE) return STATUS_INVALID_FILE_FOR_SECTION;
    if ((params->attributes & SEC_LARGE_PAGES) && !token_privilege_enabled(SE_LOCK_MEMORY_PRIVILEGE))
        return STATUS_PRIVILEGE_NOT_HELD;
    if (!size) return STATUS_ACCESS_VIOLATION;
    if (!size->QuadPart) return STATUS_INVALID_PARAMETER_4;
    if (size->QuadPart < 0) return STATUS_SECTION_TOO_BIG;
    if ((params->attributes & SEC_LARGE_PAGES) && size->QuadPart % VM_LARGE_PAGE) return STATUS_INVALID_PARAMETER_4;
    return STATUS_SUCCESS;
}

static NTSTATUS decode_file(struct vm_section_create *params, HANDLE file, ACCESS_MASK access, const LARGE_INTEGER *size)
{
    if (params->attributes & SEC_LARGE_PAGES) return STATUS_INVALID_PARAMETER_6;
    if (size && size->QuadPart < 0) return STATUS_SECTION_TOO_BIG;
    return file_section_source(file, access, params);
}

/* Makes the section and tells its file of it: io/file.h. */
static NTSTATUS make_section(const struct vm_section_create *params, ACCESS_MASK file_access, struct section_object **out)
{
    struct section_object *object = object_alloc(&section_type, sizeof(*object));
    enum file_section kind = FILE_SECTION_DATA;
    NTSTATUS status = STATUS_NO_MEMORY;

    if (!object || (status = section_create(params, &object->section)))
    {
        if (object) object_unref(object);
        if (params->file_tag_release) params->file_tag_release(params->file_tag);
        return status;
    }
    if (params->attributes & SEC_IMAGE) kind = FILE_SECTION_IMAGE;
    else if (file_access & FILE_WRITE_DATA) kind = FILE_SECTION_DATA_WRITABLE;
    if (params->file_tag) file_section_begin(params->file_tag, kind);
    *out = object;
    return STATUS_SUCCESS;
}

static NTSTATUS insert_section(struct section_object *object, const OBJECT_ATTRIBUTES *attr, ACCESS_MASK access,
                               HANDLE *handle)
{
    struct object_attributes attributes;
    NTSTATUS status;

    if ((status = object_attributes_read(&attributes, attr)))
    {
        object_unref(object);
        return status;
    }
    status = object_insert(&object->object, &attributes, access, handle);
    object_attributes_release(&attributes);
    if (status == STATUS_OBJECT_NAME_EXISTS && !access)         /* nothing asked of it: nothing to give */
    {
        handle_close(*handle);
        *handle = NULL;
        status = STATUS_ACCESS_DENIED;
    }
    return status;
}

static NTSTATUS create_section(HANDLE *out, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, const LARGE_INTEGER *size_ptr,
                               ULONG protect, ULONG attributes, HANDLE file, uint32_t node)
{
    struct vm_section_create params = { .fd = -1, .protect = protect, .attributes = attributes, .node = node };
    struct section_object *object = NULL;
    LARGE_INTEGER size;
    ACCESS_MASK file_access;
    HANDLE handle = NULL;
    NTSTATUS status;

    if (!attributes_valid(attributes)) return STATUS_INVALID_PARAMETER_6;
    if (!section_protect_access(protect, &file_access)) return STATUS_INVALID_PAGE_PROTECTION;
    if ((status = user_put(out, (HANDLE)NULL))) return status;
    if (size_ptr && (status = user_get(size, size_ptr))) return status;

    if (!file) status = decode_page_file(&params, size_ptr ? &size : NULL);
    else status = decode_file(&params, file, file_access, size_ptr ? &size : NULL);
    if (status) return status;
    params.size = size_ptr ? size.QuadPart : 0;

    if ((status = make_section(&params, file_access, &object))) return status;
    status = insert_section(object, attr, access, &handle);
    if (NT_SUCCESS(status)) user_put(out, handle);
    return status;
}

NT_CALL(nt_create_section, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, const LARGE_INTEGER *size,
        ULONG protect, ULONG attributes, HANDLE file)
{
    return create_section(handle, access, attr, size, protect, attributes, file, ~0u);
}

/* Its extended parameters are of an enumeration of their own: 1 flags of sections of physical pages, which there are none of;
 * 2 NUMA node, 3 signing level. */
NT_CALL(nt_create_section_ex, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, const LARGE_INTEGER *size,
        ULONG protect, ULONG attributes, HANDLE file, const MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    struct memory_params params = { .node = ~0u };
    struct { uint64_t type, value; } param;
    NTSTATUS status;

    if (count)
    {
        if (!parameters || count > 1) return STATUS_INVALID_PARAMETER;
        if ((status = user_read(&param, parameters, sizeof(param)))) return status;
        if (param.type == 3) return STATUS_NOT_SUPPORTED;
        if (param.type != MemExtendedParameterNumaNode) return STATUS_INVALID_PARAMETER;
        if ((status = memory_params_read(parameters, 1, PARAMS_MAP, &params))) return status;
    }
    return create_section(handle, access, attr, size, protect, attributes, file, params.node);
}

NT_CALL(nt_open_section, HANDLE *out, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    struct object_attributes attributes;
    HANDLE handle = NULL;
    NTSTATUS status;

    if ((status = user_put(out, (HANDLE)NULL))) return status;
    if (!attr) return STATUS_INVALID_PARAMETER;
    if ((status = object_attributes_read(&attributes, attr))) return status;
    status = object_open(&section_type, &attributes, access ? access : SECTION_QUERY, &handle);
    object_attributes_release(&attributes);
    if (!status && !access)
    {
        handle_close(handle);
        return STATUS_ACCESS_DENIED;
    }
    if (NT_SUCCESS(status)) user_put(out, handle);
    return status;
}

NT_CALL(nt_extend_section, HANDLE handle, LARGE_INTEGER *size_ptr)
{
    struct section *section;
    LARGE_INTEGER size;
    uint64_t bytes;
    NTSTATUS status;

    if ((status = user_get(size, size_ptr))) return status;
    if ((status = user_probe_for_write(size_ptr, sizeof(*size_ptr)))) return status;
    if ((status = section_lookup(handle, SECTION_EXTEND_SIZE, &section))) return status;
    if (size.QuadPart < 0) status = STATUS_SECTION_TOO_BIG;
    else
    {
        bytes = size.QuadPart;
        status = section_extend(section, &bytes);
        size.QuadPart = bytes;
    }
    section_unref(section);
    if (!status) user_put(size_ptr, size);
    return status;
}

/* ---- query ------------------------------------------------------------------------------------------------------- */

static void fill_image(const struct vm_image_header *header, SECTION_IMAGE_INFORMATION *out)
{
    memset(out, 0, sizeof(*out));
    out->TransferAddress = (void *)(uintptr_t)(header->image_base + header->entry_point);
    out->MaximumStackSize = header->stack_reserve;
    out->CommittedStackSize = header->stack_commit;
    out->SubSystemType = header->subsystem;
    out->MinorSubsystemVersion = header->subsystem_minor;
    out->MajorSubsystemVersion = header->subsystem_major;
    out->MajorOperatingSystemVersion = header->os_major;
    out->MinorOperatingSystemVersion = header->os_minor;
    out->ImageCharacteristics = header->characteristics;
    out->DllCharacteristics = header->dll_characteristics;
    out->Machine = header->machine;
    out->ImageContainsCode = header->contains_code;
    out->ComPlusNativeReady = header->com_native_ready;
    out->ComPlusILOnly = header->com_il_only;
    out->ImageDynamicallyRelocated = header->dynamically_relocated;
    out->ImageMappedFlat = header->flat;
    out->ComPlusPrefer32bit = header->com_prefer_32bit;
    out->LoaderFlags = header->loader_flags;
    out->ImageFileSize = header->file_size;
    out->CheckSum = header->checksum;
}

union section_answer
{
    SECTION_BASIC_INFORMATION basic;
    SECTION_IMAGE_INFORMATION image;
    struct { SECTION_IMAGE_INFORMATION image; ULONG flags; } internal;
    ULONG_PTR number;
};

static size_t answer_size(unsigned int class)
{
    switch (class)
    {
    case SectionBasicInformation: return sizeof(SECTION_BASIC_INFORMATION);
    case SectionImageInformation: return sizeof(SECTION_IMAGE_INFORMATION);
    case SectionRelocationInformation:
    case SectionOriginalBaseInformation: return sizeof(ULONG_PTR);
    case SectionInternalImageInformation: return sizeof(((union section_answer *)NULL)->internal);
    default: return 0;
    }
}

static NTSTATUS fill_section(struct section *section, unsigned int class, union section_answer *out)
{
    struct vm_section_info info;
    struct vm_image_header header;
    NTSTATUS status;

    memset(out, 0, sizeof(*out));
    if (class == SectionBasicInformation)
    {
        section_query(section, &info);
        out->basic.BaseAddress = (void *)info.based;
        out->basic.Attributes = info.attributes;
        out->basic.Size.QuadPart = info.size;
        return STATUS_SUCCESS;
    }
    if ((status = section_image_header(section, &header))) return status;
    switch (class)
    {
    case SectionRelocationInformation: out->number = header.image_base - header.preferred_base; break;
    case SectionOriginalBaseInformation: out->number = header.preferred_base; break;
    default: fill_image(&header, &out->image); break;
    }
    return STATUS_SUCCESS;
}

NT_CALL(nt_query_section, HANDLE handle, SECTION_INFORMATION_CLASS class, void *buffer, SIZE_T length, SIZE_T *returned)
{
    union section_answer answer;
    size_t size = answer_size(class);
    struct section *section;
    NTSTATUS status;

    if (!size) return STATUS_INVALID_INFO_CLASS;
    if (length < size) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_probe_for_write(buffer, length))) return status;      /* all of it, however much that is */
    if ((status = section_lookup(handle, SECTION_QUERY, &section))) return status;
    status = fill_section(section, class, &answer);
    section_unref(section);
    if (status) return status;
    if ((status = user_write(buffer, &answer, size))) return status;
    return returned ? user_put(returned, (SIZE_T)size) : STATUS_SUCCESS;
}
