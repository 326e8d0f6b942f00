/* Resources: a directory of three levels (type, name, language) in a mapped image or a flat file. */

#include "ldr.h"

/* Handles of LOAD_LIBRARY_AS_DATAFILE and LOAD_LIBRARY_AS_IMAGE_RESOURCE have bits set below the address. */
static HMODULE base_of(HMODULE module)
{
    return (HMODULE)((ULONG_PTR)module & ~(ULONG_PTR)3);
}

static bool is_flat(HMODULE module)
{
    return (ULONG_PTR)module & 1;
}

/* Where the resources are, and how far they can be read: the tables may be damaged, so nothing outside is followed.
 * Asking for the region serves mapped images and flat files alike. */
struct resources
{
    const char *root;
    SIZE_T size;
};

/* How many bytes can be read from there. */
static SIZE_T readable(const void *address)
{
    MEMORY_BASIC_INFORMATION info;

    if (!address || NtQueryVirtualMemory(NtCurrentProcess(), address, MemoryBasicInformation, &info, sizeof(info), NULL)) return 0;
    if (info.State != MEM_COMMIT || info.Protect & (PAGE_NOACCESS | PAGE_GUARD)) return 0;
    return (const char *)info.BaseAddress + info.RegionSize - (const char *)address;
}

static bool resources_of(HMODULE module, struct resources *resources)
{
    ULONG size;

    resources->root = RtlImageDirectoryEntryToData(is_flat(module) ? module : base_of(module), TRUE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &size);
    return (resources->size = readable(resources->root)) != 0;
}

static const void *bytes_at(const struct resources *resources, SIZE_T offset, SIZE_T size)
{
    return offset <= resources->size && size <= resources->size - offset ? resources->root + offset : NULL;
}

/* The directory at an offset, if all its entries are there. */
static const IMAGE_RESOURCE_DIRECTORY *directory_at(const struct resources *resources, SIZE_T offset)
{
    const IMAGE_RESOURCE_DIRECTORY *directory = bytes_at(resources, offset, sizeof(*directory));
    SIZE_T count = directory ? directory->NumberOfNamedEntries + directory->NumberOfIdEntries : 0;

    return bytes_at(resources, offset, sizeof(*directory) + count * sizeof(IMAGE_RESOURCE_DIRECTORY_ENTRY));
}

static const IMAGE_RESOURCE_DIRECTORY_ENTRY *entries_of(const IMAGE_RESOURCE_DIRECTORY *directory)
{
    return (const IMAGE_RESOURCE_DIRECTORY_ENTRY *)(directory + 1);
}

static const void *target_of(const IMAGE_RESOURCE_DIRECTORY_ENTRY *entry, const struct resources *resources, bool want_directory)
{
    if (!!entry->DataIsDirectory != want_directory) return NULL;
    if (want_directory) return directory_at(resources, entry->OffsetToDirectory);
    return bytes_at(resources, entry->OffsetToData, sizeof(IMAGE_RESOURCE_DATA_ENTRY));
}

static const void *find_id(const IMAGE_RESOURCE_DIRECTORY *directory, WORD id, const struct resources *resources, bool want_directory)
{
    const IMAGE_RESOURCE_DIRECTORY_ENTRY *entries = entries_of(directory) + directory->NumberOfNamedEntries;
    int low = 0, high = directory->NumberOfIdEntries - 1;

    while (low <= high)
    {
        int middle = (low + high) / 2;

        if (entries[middle].Id == id) return target_of(&entries[middle], resources, want_directory);
        if (entries[middle].Id > id) high = middle - 1;
        else low = middle + 1;
    }
    return NULL;
}

static const IMAGE_RESOURCE_DIR_STRING_U *string_at(const struct resources *resources, SIZE_T offset)
{
    const IMAGE_RESOURCE_DIR_STRING_U *string = bytes_at(resources, offset, sizeof(string->Length));

    return string ? bytes_at(resources, offset, sizeof(string->Length) + string->Length * sizeof(WCHAR)) : NULL;
}

static const void *find_name(const IMAGE_RESOURCE_DIRECTORY *directory, const WCHAR *name, const struct resources *resources, bool want_directory)
{
    const IMAGE_RESOURCE_DIRECTORY_ENTRY *entries = entries_of(directory);
    size_t length = wcslen(name);
    int low = 0, high = directory->NumberOfNamedEntries - 1;

    while (low <= high)
    {
        int middle = (low + high) / 2, order;
        const IMAGE_RESOURCE_DIR_STRING_U *string = string_at(resources, entries[middle].NameOffset);
        size_t i, shared;

        if (!string) return NULL;
        shared = min(length, string->Length);
        for (i = 0; i < shared && name[i] == string->NameString[i]; i++) ;
        if (i < shared) order = name[i] - string->NameString[i];
        else order = (int)length - string->Length;
        if (!order) return target_of(&entries[middle], resources, want_directory);
        if (order < 0) high = middle - 1;
        else low = middle + 1;
    }
    return NULL;
}

static const void *find(const IMAGE_RESOURCE_DIRECTORY *directory, ULONG_PTR name, const struct resources *resources, bool want_directory)
{
    if (!(name >> 16)) return find_id(directory, LOWORD(name), resources, want_directory);
    return find_name(directory, (const WCHAR *)name, resources, want_directory);
}

static const void *find_first(const IMAGE_RESOURCE_DIRECTORY *directory, const struct resources *resources, bool want_directory)
{
    unsigned int count = directory->NumberOfNamedEntries + directory->NumberOfIdEntries, i;

    for (i = 0; i < count; i++)
        if (!!entries_of(directory)[i].DataIsDirectory == want_directory)
            return target_of(&entries_of(directory)[i], resources, want_directory);
    return NULL;
}

/* The requested language, then ever more general ones, then whatever there is. */
static const void *find_language(const IMAGE_RESOURCE_DIRECTORY *directory, WORD language, const struct resources *resources, bool want_directory)
{
    const LANGID user = NtCurrentTeb()->CurrentLocale ? LANGIDFROMLCID(NtCurrentTeb()->CurrentLocale)
                                                      : MAKELANGID(LANG_ENGLISH, SUBLANG_ENGLISH_US);
    WORD candidates[8];
    unsigned int n = 0, i;
    const void *found;

    candidates[n++] = language;
    if (PRIMARYLANGID(language) != LANG_NEUTRAL)
    {
        candidates[n++] = MAKELANGID(PRIMARYLANGID(language), SUBLANG_NEUTRAL);
        candidates[n++] = MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL);
    }
    else
    {
        candidates[n++] = MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL);
        candidates[n++] = user;
        candidates[n++] = MAKELANGID(PRIMARYLANGID(user), SUBLANG_NEUTRAL);
        candidates[n++] = MAKELANGID(PRIMARYLANGID(user), SUBLANG_DEFAULT);
        candidates[n++] = MAKELANGID(LANG_ENGLISH, SUBLANG_DEFAULT);
    }
    for (i = 0; i < n; i++) if ((found = find_id(directory, candidates[i], resources, want_directory))) return found;
    return PRIMARYLANGID(language) == LANG_NEUTRAL ? find_first(directory, resources, want_directory) : NULL;
}

static NTSTATUS find_entry(HMODULE module, const LDR_RESOURCE_INFO *info, ULONG level, bool want_directory, const void **result)
{
    struct resources resources;
    const void *at;

    if (!resources_of(module, &resources) || !(at = directory_at(&resources, 0))) return STATUS_RESOURCE_DATA_NOT_FOUND;
    if (level > 3) return STATUS_INVALID_PARAMETER;
    if (level >= 1 && !(at = find(at, info->Type, &resources, want_directory || level > 1))) return STATUS_RESOURCE_TYPE_NOT_FOUND;
    if (level >= 2 && !(at = find(at, info->Name, &resources, want_directory || level > 2))) return STATUS_RESOURCE_NAME_NOT_FOUND;
    if (level >= 3)
    {
        if (want_directory) return STATUS_INVALID_PARAMETER;
        if (!(at = find_language(at, info->Language, &resources, want_directory))) return STATUS_RESOURCE_LANG_NOT_FOUND;
    }
    *result = at;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI LdrFindResource_U(HMODULE module, const LDR_RESOURCE_INFO *info, ULONG level,
                                  const IMAGE_RESOURCE_DATA_ENTRY **entry)
{
    const void *found;
    NTSTATUS status = find_entry(module ? module : (HMODULE)current_peb()->ImageBaseAddress, info, level, false, &found);

    if (!status) *entry = found;
    return status;
}

NTSTATUS WINAPI LdrFindResourceDirectory_U(HMODULE module, const LDR_RESOURCE_INFO *info, ULONG level,
                                           const IMAGE_RESOURCE_DIRECTORY **directory)
{
    const void *found;
    NTSTATUS status = find_entry(module ? module : (HMODULE)current_peb()->ImageBaseAddress, info, level, true, &found);

    if (!status) *directory = found;
    return status;
}

NTSTATUS WINAPI LdrAccessResource(HMODULE module, const IMAGE_RESOURCE_DATA_ENTRY *entry, void **data, ULONG *size)
{
    struct resources resources;
    HMODULE base;
    char *at;

    if (!module) module = (HMODULE)current_peb()->ImageBaseAddress;
    if (!resources_of(module, &resources)) return STATUS_RESOURCE_DATA_NOT_FOUND;
    base = base_of(module);
    if (is_flat(module))
    {
        at = RtlImageRvaToVa(RtlImageNtHeader(base), base, entry->OffsetToData, NULL);
        if (entry->Size > readable(at)) return STATUS_INVALID_IMAGE_FORMAT;
    }
    else
    {
        at = (char *)base + entry->OffsetToData;
        if (entry->Size && !image_readable(base, RtlImageNtHeader(base)->OptionalHeader.SizeOfImage, entry->OffsetToData, entry->Size))
            return STATUS_INVALID_IMAGE_FORMAT;
    }
    if (data) *data = at;
    if (size) *size = entry->Size;
    return STATUS_SUCCESS;
}
