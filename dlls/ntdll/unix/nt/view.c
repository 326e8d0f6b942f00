/* Views of sections: map and unmap, decode (specification 7, 8.7). */
#include "nt/remote.h"
#include "ps/debuggee.h"

/* The rights to the section that a view's protection needs (specification 7.3 b). */
static ACCESS_MASK view_access(ULONG protect)
{
    switch (protect & 0xff)
    {
    case PAGE_READWRITE: return SECTION_MAP_WRITE;
    case PAGE_EXECUTE: return SECTION_MAP_EXECUTE;
    case PAGE_EXECUTE_READ:
    case PAGE_EXECUTE_WRITECOPY: return SECTION_MAP_READ | SECTION_MAP_EXECUTE;
    case PAGE_EXECUTE_READWRITE: return SECTION_MAP_WRITE | SECTION_MAP_EXECUTE;
    default: return SECTION_MAP_READ;
    }
}

/* What both calls take. */
struct view_arguments
{
    HANDLE section, process;
    PVOID *base_ptr;
    SIZE_T *size_ptr;
    const LARGE_INTEGER *offset_ptr;
    struct vm_map map;
};

static NTSTATUS read_arguments(struct view_arguments *in)
{
    LARGE_INTEGER offset = { .QuadPart = 0 };
    NTSTATUS status;

    if ((status = memory_range_read(in->base_ptr, in->size_ptr, &in->map.base, &in->map.size))) return status;
    if (in->offset_ptr && (status = user_get(offset, in->offset_ptr))) return status;
    in->map.offset = offset.QuadPart;
    return STATUS_SUCCESS;
}

/* The base of the image that is mapped around an address; 0: none is. */
static uintptr_t image_at(uintptr_t address)
{
    struct vm_basic_info info;

    return !vm_query(address, &info) && info.type == MEM_IMAGE ? info.allocation_base : 0;
}

/* The handles; alignment and all that depends on the section is checked by the section manager. */
static NTSTATUS map_view(struct view_arguments *in)
{
    struct vm_map *map = &in->map;
    struct process_object *other;
    struct section *section;
    NTSTATUS status;

    if ((status = memory_process(in->process, PROCESS_VM_OPERATION, &other))) return status;
    if ((status = section_lookup(in->section, view_access(map->protect), &section)))
    {
        if (other) object_unref(&other->header);
        return status;
    }
    status = other ? remote_map(other, section, map) : view_map(section, map);
    section_unref(section);
    if (NT_SUCCESS(status)) memory_range_write(in->base_ptr, in->size_ptr, map->base, map->size);
    if (NT_SUCCESS(status) && debuggee_attached && !other && image_at(map->base)) debuggee_image_mapped(map->base);
    return status;
}

NT_CALL(nt_map_view_of_section, HANDLE section, HANDLE process, PVOID *base_ptr, ULONG_PTR zero_bits, SIZE_T commit_size,
        const LARGE_INTEGER *offset_ptr, SIZE_T *size_ptr, SECTION_INHERIT inherit, ULONG type, ULONG protect)
{
    struct view_arguments in = { section, process, base_ptr, size_ptr, offset_ptr, { .node = ~0u } };
    uintptr_t highest;
    NTSTATUS status;

    if (!memory_protect_valid(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if (type & ~(MEM_RESERVE | MEM_TOP_DOWN | MEM_LARGE_PAGES | MEM_DIFFERENT_IMAGE_BASE_OK))
        return STATUS_INVALID_PARAMETER_9;
    if (inherit != ViewShare && inherit != ViewUnmap) return STATUS_INVALID_PARAMETER_8;
    if (!memory_zero_bits(zero_bits, &highest)) return STATUS_INVALID_PARAMETER_4;
    if ((status = read_arguments(&in))) return status;
    if (in.map.base && highest && in.map.base > highest) return STATUS_INVALID_PARAMETER_4;
    if (!range_in_user_space(in.map.base, in.map.size)) return STATUS_INVALID_PARAMETER_3;

    in.map.commit_size = commit_size;
    in.map.type = type & ~MEM_DIFFERENT_IMAGE_BASE_OK;
    in.map.protect = protect & ~PAGE_TARGETS_INVALID;
    in.map.inherit = inherit;
    in.map.limits.highest = in.map.base ? 0 : highest;
    return map_view(&in);
}

NT_CALL(nt_map_view_of_section_ex, HANDLE section, HANDLE process, PVOID *base_ptr, const LARGE_INTEGER *offset_ptr,
        SIZE_T *size_ptr, ULONG type, ULONG protect, MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    struct view_arguments in = { section, process, base_ptr, size_ptr, offset_ptr, { .inherit = ViewUnmap } };
    struct memory_params params;
    NTSTATUS status;

    if (!memory_protect_valid(protect)) return STATUS_INVALID_PAGE_PROTECTION;
    if (type & ~(MEM_RESERVE | MEM_TOP_DOWN | MEM_LARGE_PAGES | MEM_DIFFERENT_IMAGE_BASE_OK | MEM_REPLACE_PLACEHOLDER))
        return STATUS_INVALID_PARAMETER;
    if ((status = memory_params_read(parameters, count, PARAMS_MAP, &params))) return status;
    if ((status = read_arguments(&in))) return status;
    if (in.map.base && params.limited) return STATUS_INVALID_PARAMETER;
    if (!range_in_user_space(in.map.base, in.map.size)) return STATUS_INVALID_PARAMETER_3;

    in.map.type = type & ~MEM_DIFFERENT_IMAGE_BASE_OK;
    in.map.protect = protect & ~PAGE_TARGETS_INVALID;
    in.map.limits = params.limits;
    in.map.node = params.node;
    return map_view(&in);
}

/* ---- unmap --------------------------------------------------------------------------------------------------------- */

NT_CALL(nt_unmap_view_of_section_ex, HANDLE process, void *address, ULONG flags)
{
    struct process_object *other;
    uintptr_t image;
    NTSTATUS status;

    if (flags & ~(MEM_UNMAP_WITH_TRANSIENT_BOOST | MEM_PRESERVE_PLACEHOLDER)) return STATUS_INVALID_PARAMETER;
    if ((status = memory_process(process, PROCESS_VM_OPERATION, &other))) return status;
    if (other) return remote_unmap(other, (uintptr_t)address, flags);
    if ((uintptr_t)address > VM_HIGHEST_USER) return STATUS_NOT_MAPPED_VIEW;
    image = debuggee_attached ? image_at((uintptr_t)address) : 0;
    status = view_unmap((uintptr_t)address, flags);
    if (!status && image) debuggee_image_unmapped(image);
    return status;
}

NT_CALL(nt_unmap_view_of_section, HANDLE process, void *address)
{
    return nt_unmap_view_of_section_ex(process, address, 0);
}

NT_CALL(nt_are_mapped_files_the_same, void *image, void *file)
{
    if (!image || !file || (uintptr_t)image > VM_HIGHEST_USER || (uintptr_t)file > VM_HIGHEST_USER)
        return STATUS_INVALID_ADDRESS;
    return view_same_file((uintptr_t)image, (uintptr_t)file);
}
