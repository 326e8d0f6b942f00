/* NtQueryVirtualMemory: what is told of addresses (specification 13.3, 13.4). */
#include "nt/remote.h"
#include "io/file.h"

static NTSTATUS finish(void *buffer, const void *from, size_t size, SIZE_T *returned, size_t told)
{
    NTSTATUS status;

    if ((status = user_write(buffer, from, size))) return status;
    return returned ? user_put(returned, (SIZE_T)told) : STATUS_SUCCESS;
}

/* ---- class 0: the run of pages that are alike --------------------------------------------------------------- */

static NTSTATUS query_basic(HANDLE process, uintptr_t address, void *buffer, SIZE_T length, SIZE_T *returned)
{
    MEMORY_BASIC_INFORMATION out = { .BaseAddress = NULL };
    struct vm_basic_info info;
    struct process_object *other;
    NTSTATUS status;

    if (length < sizeof(out)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = memory_process(process, PROCESS_QUERY_LIMITED_INFORMATION, &other))) return status;
    if (other) return remote_query(other, MemoryBasicInformation, address, buffer, length, returned);
    if (address > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER;
    if ((status = vm_query(address, &info))) return status;

    out.BaseAddress = (void *)info.base;
    out.AllocationBase = (void *)info.allocation_base;
    out.AllocationProtect = info.allocation_protect;
    out.RegionSize = info.region_size;
    out.State = info.state;
    out.Protect = info.protect;
    out.Type = info.type;
    return finish(buffer, &out, sizeof(out), returned, sizeof(out));
}

/* ---- class 1: the pages in memory ------------------------------------------------------------------------------ */

struct working_set
{
    uint64_t *entries;
    size_t count, room;
    bool no_memory;
};

/* The five bits of a working set entry (MEMORY_WORKING_SET_BLOCK). */
static uint64_t working_set_protection(uint32_t protect)
{
    static const unsigned char codes[] = { 0, 1, 4, 5, 2, 3, 6, 7 };    /* NOACCESS ... EXECUTE_WRITECOPY */
    uint64_t code = codes[__builtin_ctz(protect & 0xff)];

    if (protect & PAGE_NOCACHE) code |= 8;
    if (protect & PAGE_GUARD) code |= 16;
    return code;
}

static void add_working_set(const struct vm_basic_info *info, void *arg)
{
    struct working_set *set = arg;
    struct vm_working_set_ex page;

    if (info->state != MEM_COMMIT || set->no_memory) return;
    for (uintptr_t address = info->base; address < info->base + info->region_size; address += 0x1000)
    {
        vm_query_working_set_ex(address, &page);
        if (!page.valid) continue;
        if (set->count == set->room)
        {
            size_t room = set->room ? 2 * set->room : 1024;
            uint64_t *entries = realloc(set->entries, room * sizeof(*entries));

            if (!entries)
            {
                set->no_memory = true;
                return;
            }
            set->entries = entries;
            set->room = room;
        }
        set->entries[set->count++] = address | working_set_protection(page.protect ? page.protect : PAGE_NOACCESS) |
                                     (uint64_t)(page.share_count & 7) << 5 | (uint64_t)page.shared << 8;
    }
}

static NTSTATUS query_working_set(HANDLE process, void *buffer, SIZE_T length, SIZE_T *returned)
{
    struct working_set set = { NULL, 0, 0, false };
    ULONG_PTR count;
    size_t need;
    struct process_object *other;
    NTSTATUS status;

    if (length < sizeof(count)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = memory_process(process, PROCESS_QUERY_INFORMATION | PROCESS_VM_READ, &other))) return status;
    if (other) return remote_query(other, MemoryWorkingSetInformation, 0, buffer, length, returned);
    vm_enumerate(add_working_set, &set);
    count = set.count;
    need = sizeof(count) + set.count * sizeof(*set.entries);
    if (set.no_memory) status = STATUS_NO_MEMORY;
    else if (!(status = user_write(buffer, &count, sizeof(count))))
    {
        if (need > length) status = STATUS_INFO_LENGTH_MISMATCH;
        else status = finish((char *)buffer + sizeof(count), set.entries, need - sizeof(count), returned, need);
    }
    free(set.entries);
    return status;
}

/* ---- class 2: the file behind a view --------------------------------------------------------------------------- */

static NTSTATUS query_file_name(HANDLE process, uintptr_t address, void *buffer, SIZE_T length, SIZE_T *returned)
{
    struct section *section;
    WCHAR *name;
    size_t chars, bytes, need;
    UNICODE_STRING string;
    struct process_object *other;
    NTSTATUS status;

    /* the address comes before the length here: ntdll:info test_queryvirtualmemory */
    if ((status = memory_process(process, PROCESS_QUERY_LIMITED_INFORMATION, &other))) return status;
    if (other) return remote_query(other, MemoryMappedFilenameInformation, address, buffer, length, returned);
    if ((status = vm_query_section(address, &section))) return STATUS_INVALID_ADDRESS;
    status = section_tag(section) ? file_nt_name(section_tag(section), &name, &chars) : STATUS_FILE_INVALID;
    section_unref(section);
    if (status) return status;

    bytes = chars * sizeof(WCHAR);
    need = sizeof(string) + bytes + sizeof(WCHAR);
    if (length < need)
    {
        free(name);
        if (returned) user_put(returned, (SIZE_T)need);
        return length < sizeof(string) ? STATUS_INFO_LENGTH_MISMATCH : STATUS_BUFFER_OVERFLOW;
    }
    string.Length = bytes;
    string.MaximumLength = bytes + sizeof(WCHAR);
    string.Buffer = (WCHAR *)((char *)buffer + sizeof(string));
    if (!(status = user_write(string.Buffer, name, bytes + sizeof(WCHAR))))
        status = finish(buffer, &string, sizeof(string), returned, need);
    free(name);
    return status;
}

/* ---- classes 3 and 7: the allocation ------------------------------------------------------------------------------ */

/* Class 3 has no flags on Windows (ntdll:virtual test_query_region_information); class 7 was made to tell them. */
static NTSTATUS query_region(HANDLE process, uintptr_t address, bool flags, void *buffer, SIZE_T length, SIZE_T *returned)
{
    struct
    {
        uint64_t base;
        uint32_t protect, type;
        uint64_t region_size, commit_size, partition, node;
    } out = { .base = 0 };
    struct vm_region_info info;
    struct process_object *other;
    NTSTATUS status;

    if (length < offsetof(MEMORY_REGION_INFORMATION, CommitSize)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = memory_process(process, PROCESS_QUERY_LIMITED_INFORMATION, &other))) return status;
    if (other) return remote_query(other, flags ? MemoryRegionInformationEx : MemoryRegionInformation, address, buffer, length, returned);
    if (address > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER;
    if ((status = vm_query_region(address, &info))) return status;

    out.base = info.allocation_base;
    out.protect = info.allocation_protect;
    out.region_size = info.region_size;
    out.commit_size = info.commit_size;
    if (flags)
        out.type = info.is_private | info.mapped_data_file << 1 | info.mapped_image << 2 | info.mapped_page_file << 3 |
                   info.mapped_physical << 4 | info.placeholder << 8 | info.write_watch << 10 | info.large_pages << 11;
    return finish(buffer, &out, length < sizeof(out) ? length : sizeof(out), returned, sizeof(out));
}

/* ---- class 4: attributes of given pages --------------------------------------------------------------------------- */

static uint64_t working_set_ex_flags(const struct vm_working_set_ex *page)
{
    if (!page->valid) return (uint64_t)page->shared << 15;
    return 1 | (uint64_t)(page->share_count & 7) << 1 | (uint64_t)(page->protect & 0x7ff) << 4 |
           (uint64_t)page->shared << 15 | (uint64_t)page->locked << 22 | (uint64_t)page->large_page << 23;
}

static NTSTATUS query_working_set_ex(HANDLE process, void *buffer, SIZE_T length, SIZE_T *returned)
{
    MEMORY_WORKING_SET_EX_INFORMATION *entries = buffer, entry;
    struct vm_working_set_ex page;
    struct process_object *other;
    NTSTATUS status;

    if (length < sizeof(entry)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = memory_process(process, PROCESS_QUERY_INFORMATION, &other))) return status;
    if (other) return remote_query(other, MemoryWorkingSetExInformation, 0, buffer, length, returned);
    for (size_t i = 0; i < length / sizeof(entry); i++)
    {
        if ((status = user_get(entry, &entries[i]))) return status;
        vm_query_working_set_ex((uintptr_t)entry.VirtualAddress, &page);
        entry.VirtualAttributes.Flags = working_set_ex_flags(&page);
        if ((status = user_write(&entries[i], &entry, sizeof(entry)))) return status;
    }
    return returned ? user_put(returned, length) : STATUS_SUCCESS;
}

/* ---- class 5: commit of sections ------------------------------------------------------------------------------------ */

#define MEMORY_SHARED_COMMIT 5          /* MemorySharedCommitInformation; Wine's header has no name for it */

static NTSTATUS query_shared_commit(HANDLE process, void *buffer, SIZE_T length, SIZE_T *returned)
{
    SIZE_T bytes;
    struct process_object *other;
    NTSTATUS status;

    if (length < sizeof(bytes)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = memory_process(process, PROCESS_QUERY_INFORMATION, &other))) return status;
    if (other) return remote_query(other, MEMORY_SHARED_COMMIT, 0, buffer, length, returned);
    bytes = vm_shared_commit();
    return finish(buffer, &bytes, sizeof(bytes), returned, sizeof(bytes));
}

/* ---- class 6: the image ---------------------------------------------------------------------------------------------- */

static NTSTATUS query_image(HANDLE process, uintptr_t address, void *buffer, SIZE_T length, SIZE_T *returned)
{
    struct { uint64_t base, size; uint32_t flags, pad; } out = { .base = 0 };
    struct vm_image_info info;
    struct process_object *other;
    NTSTATUS status;

    if (length < sizeof(out)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = memory_process(process, PROCESS_QUERY_LIMITED_INFORMATION, &other))) return status;
    if (other) return remote_query(other, MemoryImageInformation, address, buffer, length, returned);
    if (address > VM_HIGHEST_USER) return STATUS_INVALID_PARAMETER;
    if ((status = vm_query_image(address, &info))) return status;
    out.base = info.base;
    out.size = info.size_of_image;
    out.flags = info.partial | info.not_executable << 1;
    return finish(buffer, &out, sizeof(out), returned, sizeof(out));
}

NT_CALL(nt_query_virtual_memory, HANDLE process, const void *address, MEMORY_INFORMATION_CLASS class, void *buffer,
        SIZE_T length, SIZE_T *returned)
{
    uintptr_t at = (uintptr_t)address;

    switch ((unsigned int)class)
    {
    case MemoryBasicInformation: return query_basic(process, at, buffer, length, returned);
    case MemoryWorkingSetInformation: return query_working_set(process, buffer, length, returned);
    case MemoryMappedFilenameInformation: return query_file_name(process, at, buffer, length, returned);
    case MemoryRegionInformation: return query_region(process, at, false, buffer, length, returned);
    case MemoryWorkingSetExInformation: return query_working_set_ex(process, buffer, length, returned);
    case MEMORY_SHARED_COMMIT: return query_shared_commit(process, buffer, length, returned);
    case MemoryImageInformation: return query_image(process, at, buffer, length, returned);
    case MemoryRegionInformationEx: return query_region(process, at, true, buffer, length, returned);
    default: return STATUS_INVALID_INFO_CLASS;
    }
}
