/* RtlImage*: reading the headers of a mapped (or, where a function takes a flag, flat) PE image. */

#include "ntdll_private.h"

#define RTL_IMAGE_NT_HEADER_EX_FLAG_NO_RANGE_CHECK 1

NTSTATUS WINAPI RtlImageNtHeaderEx(ULONG flags, void *base, ULONG64 size, IMAGE_NT_HEADERS **headers);

NTSTATUS WINAPI RtlImageNtHeaderEx(ULONG flags, void *base, ULONG64 size, IMAGE_NT_HEADERS **headers)
{
    bool range_check = !(flags & RTL_IMAGE_NT_HEADER_EX_FLAG_NO_RANGE_CHECK);
    const IMAGE_DOS_HEADER *dos = base;
    IMAGE_NT_HEADERS *nt;
    ULONG offset;

    if (!headers) return STATUS_INVALID_PARAMETER;
    *headers = NULL;
    if ((flags & ~(ULONG)RTL_IMAGE_NT_HEADER_EX_FLAG_NO_RANGE_CHECK) || !base || base == (void *)-1)
        return STATUS_INVALID_PARAMETER;
    if (range_check && size < sizeof(*dos)) return STATUS_INVALID_IMAGE_FORMAT;
    if (dos->e_magic != IMAGE_DOS_SIGNATURE) return STATUS_INVALID_IMAGE_FORMAT;
    offset = dos->e_lfanew;
    /* Windows: the headers of an image lie in its first 256 MB. */
    if (offset >= 0x10000000) return STATUS_INVALID_IMAGE_FORMAT;
    if (range_check && (offset >= size || size - offset < FIELD_OFFSET(IMAGE_NT_HEADERS, OptionalHeader)))
        return STATUS_INVALID_IMAGE_FORMAT;
    nt = (IMAGE_NT_HEADERS *)((char *)base + offset);
    if (nt->Signature != IMAGE_NT_SIGNATURE) return STATUS_INVALID_IMAGE_FORMAT;
    *headers = nt;
    return STATUS_SUCCESS;
}

IMAGE_NT_HEADERS * WINAPI RtlImageNtHeader(HMODULE base)
{
    IMAGE_NT_HEADERS *nt;

    RtlImageNtHeaderEx(RTL_IMAGE_NT_HEADER_EX_FLAG_NO_RANGE_CHECK, base, 0, &nt);
    return nt;
}

IMAGE_SECTION_HEADER * WINAPI RtlImageRvaToSection(const IMAGE_NT_HEADERS *nt, HMODULE module, DWORD rva)
{
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(nt);
    unsigned int i;

    (void)module;
    for (i = 0; i < nt->FileHeader.NumberOfSections; i++, section++)
    {
        if (rva >= section->VirtualAddress && rva - section->VirtualAddress < section->SizeOfRawData)
            return (IMAGE_SECTION_HEADER *)section;
    }
    return NULL;
}

void * WINAPI RtlImageRvaToVa(const IMAGE_NT_HEADERS *nt, HMODULE module, DWORD rva, IMAGE_SECTION_HEADER **cached)
{
    IMAGE_SECTION_HEADER *section = cached ? *cached : NULL;

    if (!section || rva < section->VirtualAddress || rva - section->VirtualAddress >= section->SizeOfRawData)
    {
        section = RtlImageRvaToSection(nt, module, rva);
        if (!section) return NULL;
        if (cached) *cached = section;
    }
    return (char *)module + section->PointerToRawData + (rva - section->VirtualAddress);
}

void * WINAPI RtlImageDirectoryEntryToData(HMODULE module, BOOL mapped, WORD index, ULONG *size)
{
    const IMAGE_NT_HEADERS *nt;
    const IMAGE_DATA_DIRECTORY *directory;
    DWORD header_size, count;

    if ((ULONG_PTR)module & 1)          /* as the handles that LOAD_LIBRARY_AS_DATAFILE gives */
    {
        module = (HMODULE)((ULONG_PTR)module & ~(ULONG_PTR)3);
        mapped = FALSE;
    }
    if (!(nt = RtlImageNtHeader(module))) return NULL;

    switch (nt->OptionalHeader.Magic)
    {
    case IMAGE_NT_OPTIONAL_HDR64_MAGIC:
        directory = nt->OptionalHeader.DataDirectory;
        count = nt->OptionalHeader.NumberOfRvaAndSizes;
        header_size = nt->OptionalHeader.SizeOfHeaders;
        break;
    case IMAGE_NT_OPTIONAL_HDR32_MAGIC:
        directory = ((const IMAGE_NT_HEADERS32 *)nt)->OptionalHeader.DataDirectory;
        count = ((const IMAGE_NT_HEADERS32 *)nt)->OptionalHeader.NumberOfRvaAndSizes;
        header_size = ((const IMAGE_NT_HEADERS32 *)nt)->OptionalHeader.SizeOfHeaders;
        break;
    default:
        return NULL;
    }
    if (index >= IMAGE_NUMBEROF_DIRECTORY_ENTRIES || index >= count) return NULL;
    if (!directory[index].VirtualAddress) return NULL;
    if (size) *size = directory[index].Size;
    if (mapped || directory[index].VirtualAddress < header_size)
        return (char *)module + directory[index].VirtualAddress;
    return RtlImageRvaToVa(nt, module, directory[index].VirtualAddress, NULL);
}
