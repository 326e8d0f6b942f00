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

/* Makes all sections writable, or gives them back the protection they had. */
static NTSTATUS open_sections(char *base, const IMAGE_NT_HEADERS *nt, ULONG *old, bool open)
{
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(nt);
    NTSTATUS status;

    for (unsigned int i = 0; i < nt->FileHeader.NumberOfSections; i++)
    {
        SIZE_T size = section[i].Misc.VirtualSize ? section[i].Misc.VirtualSize : section[i].SizeOfRawData;

        if (!size) continue;
        if ((status = protect(base + section[i].VirtualAddress, size, open ? PAGE_READWRITE : old[i], &old[i]))) return status;
    }
    return STATUS_SUCCESS;
}

static bool check_block(const IMAGE_BASE_RELOCATION *block, ULONG length, ULONG size)
{
    const USHORT *fixup = (const USHORT *)(block + 1), *end = (const USHORT *)((const char *)block + (length & ~1u));

    for (; fixup < end; fixup++)
        if (*fixup >> 12 && block->VirtualAddress + (*fixup & 0xfff) > size - sizeof(ULONG64)) return false;
    return true;
}

/* The table was not looked at by anybody yet: every bound is checked. */
static NTSTATUS apply(char *base, const IMAGE_NT_HEADERS *nt, const IMAGE_DATA_DIRECTORY *directory, INT_PTR delta)
{
    ULONG size = nt->OptionalHeader.SizeOfImage, at = directory->VirtualAddress, end = at + directory->Size;

    if (end < at || end > size) return STATUS_INVALID_IMAGE_FORMAT;
    while (end - at >= sizeof(IMAGE_BASE_RELOCATION))
    {
        IMAGE_BASE_RELOCATION *block = (IMAGE_BASE_RELOCATION *)(base + at);
        ULONG length = block->SizeOfBlock;

        if (!length) break;
        if (length < sizeof(*block) || length > end - at || block->VirtualAddress > size - 0x1000) return STATUS_INVALID_IMAGE_FORMAT;
        if (!check_block(block, length, size)) return STATUS_INVALID_IMAGE_FORMAT;
        if (!LdrProcessRelocationBlock(base + block->VirtualAddress, (length - sizeof(*block)) / sizeof(USHORT), (USHORT *)(block + 1), delta))
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
