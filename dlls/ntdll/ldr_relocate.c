/* Relocating a module that lies elsewhere than its contents say.
 *
 * The section manager relocates an image that may lie anywhere, once, for its first view, so that all views of a
 * file share their pages. What is left: images that may not (no DYNAMIC_BASE) and whose place is taken, and images
 * that somebody mapped before us. Their pages become private to this module.
 */
#include "ldr.h"

static NTSTATUS protect(void *address, SIZE_T size, ULONG protect_new, ULONG *protect_old)
{
    return NtProtectVirtualMemory(NtCurrentProcess(), &address, &size, protect_new, protect_old);
}

const WCHAR relocation_table_damaged[] = L"its relocation table is damaged";

static SIZE_T section_size(const IMAGE_SECTION_HEADER *section)
{
    return section->Misc.VirtualSize ? section->Misc.VirtualSize : section->PointerToRawData ? section->SizeOfRawData : 0;
}

/* Makes all sections writable, or gives them back the protection they had. */
static NTSTATUS open_sections(char *base, const IMAGE_NT_HEADERS *nt, ULONG *old, bool open)
{
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(nt);
    NTSTATUS status;

    for (unsigned int i = 0; i < nt->FileHeader.NumberOfSections; i++)
    {
        SIZE_T size = section_size(&section[i]);

        if (!size) continue;
        if ((status = protect(base + section[i].VirtualAddress, size, open ? PAGE_READWRITE : old[i], &old[i]))) return status;
    }
    return STATUS_SUCCESS;
}

/* Whether what a relocation changes lies in a section: only these are writable now. */
static bool in_section(const IMAGE_NT_HEADERS *nt, ULONG64 rva, unsigned int bytes)
{
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(nt);

    for (unsigned int i = 0; i < nt->FileHeader.NumberOfSections; i++)
    {
        ULONG64 size = section_size(&section[i]), at = section[i].VirtualAddress;

        if (rva >= at && rva - at < size) return bytes <= ((size + 0xfff) & ~0xfffull) - (rva - at);
    }
    return false;
}

/* Each is checked right before it is applied: one of them may have changed the table itself. */
static bool apply_block(char *base, const IMAGE_NT_HEADERS *nt, ULONG page, USHORT *fixup, ULONG count, INT_PTR delta)
{
    static const unsigned char sizes[16] = { [IMAGE_REL_BASED_HIGH] = 2, [IMAGE_REL_BASED_LOW] = 2,
                                             [IMAGE_REL_BASED_HIGHLOW] = 4, [IMAGE_REL_BASED_DIR64] = 8 };

    for (; count; count--, fixup++)
    {
        USHORT one = *fixup;
        unsigned int bytes = sizes[one >> 12];

        if (one >> 12 == IMAGE_REL_BASED_ABSOLUTE) continue;
        if (!bytes || !in_section(nt, (ULONG64)page + (one & 0xfff), bytes)) return false;
        LdrProcessRelocationBlock(base + page, 1, &one, delta);
    }
    return true;
}

/* The table was not looked at by anybody yet: every bound is checked. */
static NTSTATUS apply(char *base, const IMAGE_NT_HEADERS *nt, const IMAGE_DATA_DIRECTORY *directory, INT_PTR delta)
{
    ULONG64 at = directory->VirtualAddress, end = at + directory->Size;

    for (; end - at >= sizeof(IMAGE_BASE_RELOCATION);)
    {
        const IMAGE_BASE_RELOCATION *block = (const IMAGE_BASE_RELOCATION *)(base + at);
        ULONG length, page;

        if (!in_section(nt, at, sizeof(*block))) return STATUS_INVALID_IMAGE_FORMAT;
        if (!(length = block->SizeOfBlock)) break;
        page = block->VirtualAddress;
        if (length < sizeof(*block) || length > end - at || !in_section(nt, at, length)) return STATUS_INVALID_IMAGE_FORMAT;
        if (!apply_block(base, nt, page, (USHORT *)(block + 1), (length - sizeof(*block)) / sizeof(USHORT), delta))
            return STATUS_INVALID_IMAGE_FORMAT;
        at += length;
    }
    return STATUS_SUCCESS;
}

NTSTATUS module_relocate(void *base)
{
    IMAGE_NT_HEADERS *nt = RtlImageNtHeader(base);
    const IMAGE_DATA_DIRECTORY *directory = &nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_BASERELOC];
    INT_PTR delta = (char *)base - (char *)nt->OptionalHeader.ImageBase;
    ULONG old[96] = { 0 }, header;
    NTSTATUS status;

    if (!delta) return STATUS_SUCCESS;
    if (nt->FileHeader.Characteristics & IMAGE_FILE_RELOCS_STRIPPED)
    {
        /* A program may be loaded for its resources; a DLL without its place is of no use (loader.c test_image_mapping). */
        return nt->FileHeader.Characteristics & IMAGE_FILE_DLL ? STATUS_CONFLICTING_ADDRESSES : STATUS_SUCCESS;
    }
    if (nt->OptionalHeader.NumberOfRvaAndSizes <= IMAGE_DIRECTORY_ENTRY_BASERELOC || !directory->Size) return STATUS_SUCCESS;

    if ((status = open_sections(base, nt, old, true))) return status;
    if ((status = apply(base, nt, directory, delta))) return status;
    if ((status = open_sections(base, nt, old, false))) return status;
    if ((status = protect(nt, sizeof(*nt), PAGE_READWRITE, &header))) return status;
    nt->OptionalHeader.ImageBase = (ULONG_PTR)base;
    return protect(nt, sizeof(*nt), header, &header);
}
