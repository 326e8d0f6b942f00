/* What Windows was told, told again: VirtualQuery and its relatives.
 *
 * A query looks at runs, never at pages; only for copy-on-write pages does it ask the host, and stops at the first
 * change.
 */
#include "vm/vm_private.h"

static uint32_t region_type(const struct region *region)
{
    if (region->kind == REGION_MAPPED) return MEM_MAPPED;
    if (region->kind == REGION_IMAGE) return MEM_IMAGE;
    return MEM_PRIVATE;
}

static void query_region_run(const struct region *region, uintptr_t address, struct vm_basic_info *info)
{
    uintptr_t end, next;
    uint32_t value = region_run(region, address, &end);

    info->base = address;
    info->allocation_base = region_start(region);
    info->allocation_protect = region->protect;
    info->type = region_type(region);
    info->state = value & VALUE_COMMITTED ? MEM_COMMIT : MEM_RESERVE;
    info->protect = page_protect(region, value, address, &end);

    /* Runs that differ only in what Windows does not show are one. */
    while (end < region->end)
    {
        value = region_run(region, end, &next);
        if ((value & VALUE_COMMITTED ? MEM_COMMIT : MEM_RESERVE) != info->state) break;
        if (page_protect(region, value, end, &next) != info->protect) break;
        end = next;
    }
    info->region_size = end - address;
}

vm_status vm_query(uintptr_t address, struct vm_basic_info *info)
{
    struct region *region;

    if (address > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER;
    address = page_down(address);
    vm_enter();
    if ((region = region_find(address))) query_region_run(region, address, info);
    else
    {
        region = region_next(address);
        *info = (struct vm_basic_info){
            .base = address, .state = MEM_FREE, .protect = PAGE_NOACCESS,
            .region_size = (region ? region_start(region) : VM_USER_END) - address,
        };
    }
    vm_leave();
    return STATUS_SUCCESS;
}

vm_status vm_query_region(uintptr_t address, struct vm_region_info *info)
{
    struct region *region;

    if (address > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER;
    vm_enter();
    if ((region = region_find(page_down(address))))
    {
        const struct section *section = region->section;

        *info = (struct vm_region_info){
            .allocation_base = region_start(region),
            .allocation_protect = region->protect,
            .region_size = region->end - region_start(region),
            .commit_size = region->committed + region->charged,
            .is_private = !section && region->kind != REGION_PHYSICAL,
            .mapped_image = region->kind == REGION_IMAGE,
            .mapped_data_file = region->kind == REGION_MAPPED && section->is_file,
            .mapped_page_file = region->kind == REGION_MAPPED && !section->is_file,
            .mapped_physical = region->kind == REGION_PHYSICAL,
            .placeholder = region->kind == REGION_PLACEHOLDER,
            .write_watch = region->write_watch,
            .large_pages = region->large_pages,
        };
    }
    vm_leave();
    return region ? STATUS_SUCCESS : STATUS_INVALID_ADDRESS;
}

vm_status vm_query_image(uintptr_t address, struct vm_image_info *info)
{
    struct region *region;

    if (address > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER;
    vm_enter();
    if ((region = region_find(page_down(address))))
    {
        *info = (struct vm_image_info){ 0 };
        if (region->kind == REGION_IMAGE)
        {
            const struct vm_image_header *header = image_header(region->section->image);

            info->base = region_start(region) - region->offset;
            info->size_of_image = header->size_of_image;
            info->partial = region->offset || region->end - region_start(region) < header->size_of_image;
            info->not_executable = header->not_executable;
        }
    }
    vm_leave();
    return region ? STATUS_SUCCESS : STATUS_INVALID_ADDRESS;
}

vm_status vm_query_section(uintptr_t address, struct section **section)
{
    struct region *region;
    vm_status status = STATUS_INVALID_ADDRESS;

    vm_enter();
    if (address <= VM_HIGHEST_USER && (region = region_find(page_down(address))) && region->section)
    {
        *section = section_ref(region->section);
        status = STATUS_SUCCESS;
    }
    vm_leave();
    return status;
}

void vm_query_working_set_ex(uintptr_t address, struct vm_working_set_ex *info)
{
    struct region *region;

    *info = (struct vm_working_set_ex){ 0 };
    if (address > VM_HIGHEST_USER) return;
    address = page_down(address);
    vm_enter();
    if ((region = region_find(address)))
    {
        uintptr_t end;
        uint32_t value = region_run(region, address, &end);

        end = address + page_size;
        if (push_prot(region, value) && host->resident(address))
        {
            info->valid = true;
            info->protect = page_protect(region, value, address, &end);
            info->shared = region->section && !page_copied(region, value, address, &end);
            info->share_count = info->shared;
            info->locked = value & VALUE_LOCKED;
            info->large_page = region->large_pages;
        }
    }
    vm_leave();
}

void vm_enumerate(void (*callback)(const struct vm_basic_info *info, void *arg), void *arg)
{
    struct vm_basic_info info;

    for (uintptr_t at = 0; at < VM_USER_END; at = info.base + info.region_size)
    {
        if (vm_query(at, &info)) return;
        if (info.state != MEM_FREE) callback(&info, arg);
    }
}
