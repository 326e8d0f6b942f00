/* Reading the tables of an image that may be damaged.
 *
 * The section manager has checked the headers and laid the sections out; nobody has looked at what the data
 * directories point to. Whoever follows an RVA asks here first: it must lead, for as many bytes as will be read,
 * into one stretch of the image that can be read. What can is told by the section table, by the same rules as in
 * unix/vm/image.c; asking the section manager instead would make it look for copied pages each time.
 */

#include "ldr.h"

#define PAGE 0x1000ull
#define PROTECTION_BITS (IMAGE_SCN_MEM_READ | IMAGE_SCN_MEM_WRITE | IMAGE_SCN_MEM_EXECUTE)

static ULONG64 page_up(ULONG64 value)
{
    return (value + PAGE - 1) & ~(PAGE - 1);
}

/* The stretch that an RVA lies in. */
struct stretch
{
    ULONG64 start, end;
    ULONG characteristics;              /* as of a section */
};

static bool is_flat(const IMAGE_NT_HEADERS *nt)
{
    return nt->OptionalHeader.SectionAlignment % PAGE || !nt->FileHeader.NumberOfSections;
}

static ULONG64 headers_end(const void *base, const IMAGE_NT_HEADERS *nt)
{
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(nt);
    ULONG64 end = (const char *)(section + nt->FileHeader.NumberOfSections) - (const char *)base;

    return page_up(max(end, nt->OptionalHeader.SizeOfHeaders));
}

static bool find_stretch(const void *base, const IMAGE_NT_HEADERS *nt, ULONG64 rva, struct stretch *stretch)
{
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(nt);
    unsigned int i;

    if (!rva || rva >= page_up(nt->OptionalHeader.SizeOfImage)) return false;
    *stretch = (struct stretch){ 0, page_up(nt->OptionalHeader.SizeOfImage), PROTECTION_BITS };
    if (is_flat(nt)) return true;
    *stretch = (struct stretch){ 0, headers_end(base, nt), IMAGE_SCN_MEM_READ };
    if (rva < stretch->end) return true;
    for (i = 0; i < nt->FileHeader.NumberOfSections; i++, section++)
    {
        ULONG size = section->Misc.VirtualSize;

        if (!size && section->PointerToRawData) size = section->SizeOfRawData;
        *stretch = (struct stretch){ section->VirtualAddress, page_up((ULONG64)section->VirtualAddress + size), section->Characteristics };
        if (rva >= stretch->start && rva < stretch->end) return stretch->characteristics & PROTECTION_BITS;
    }
    return false;
}

/* A header may reach out of its pages: SizeOfOptionalHeader need not cover what we read. */
bool image_headers_fit(const void *base, SIZE_T view_size)
{
    const IMAGE_DOS_HEADER *dos = base;
    const IMAGE_NT_HEADERS *nt = (const IMAGE_NT_HEADERS *)((const char *)base + dos->e_lfanew);
    ULONG64 end = (ULONG64)(ULONG)dos->e_lfanew + sizeof(*nt), table;

    if (end > view_size) return false;
    table = (const char *)(IMAGE_FIRST_SECTION(nt) + nt->FileHeader.NumberOfSections) - (const char *)base;
    return table <= view_size && (is_flat(nt) || end <= headers_end(base, nt));
}

/* For the unwinder, which knows no modules. Where a program has wiped its headers, the bounds of the image count. */
bool image_readable(const void *base, SIZE_T image_size, ULONG64 rva, SIZE_T size)
{
    const IMAGE_NT_HEADERS *nt;
    struct stretch stretch;

    if (!rva || rva >= image_size || size > image_size - rva) return false;
    if (!(nt = RtlImageNtHeader((HMODULE)base))) return true;
    return find_stretch(base, nt, rva, &stretch) && size <= stretch.end - rva;
}

SIZE_T module_room(const struct module *module, ULONG64 rva)
{
    struct stretch stretch;

    return find_stretch(module->ldr.DllBase, module->nt, rva, &stretch) ? stretch.end - rva : 0;
}

const void *module_at(const struct module *module, ULONG64 rva, SIZE_T size)
{
    SIZE_T room = module_room(module, rva);

    return room && size <= room ? (const char *)module->ldr.DllBase + rva : NULL;
}

const void *module_at_address(const struct module *module, ULONG64 address, SIZE_T size)
{
    return module_at(module, address - (ULONG64)module->ldr.DllBase, size);
}

bool module_writable(const struct module *module, const void *address, SIZE_T size)
{
    ULONG64 rva = (const char *)address - (const char *)module->ldr.DllBase;
    struct stretch stretch;

    return find_stretch(module->ldr.DllBase, module->nt, rva, &stretch) && size <= stretch.end - rva
        && stretch.characteristics & IMAGE_SCN_MEM_WRITE;
}

const char *module_string(const struct module *module, ULONG64 rva)
{
    SIZE_T room = module_room(module, rva);
    const char *string = (const char *)module->ldr.DllBase + rva;

    return room && memchr(string, 0, room) ? string : NULL;
}

bool module_directory(const struct module *module, unsigned int index, IMAGE_DATA_DIRECTORY *directory)
{
    const IMAGE_OPTIONAL_HEADER64 *header = &module->nt->OptionalHeader;

    if (index >= header->NumberOfRvaAndSizes || index >= IMAGE_NUMBEROF_DIRECTORY_ENTRIES) return false;
    *directory = header->DataDirectory[index];
    return directory->VirtualAddress;
}

NTSTATUS load_damaged(struct load_context *context, const UNICODE_STRING *name, const WCHAR *why)
{
    if (!context->why)
    {
        message_name(name, context->blamed);
        context->why = why;
    }
    return STATUS_INVALID_IMAGE_FORMAT;
}

NTSTATUS module_damaged(struct load_context *context, const struct module *module, const WCHAR *why)
{
    return load_damaged(context, &module->ldr.BaseDllName, why);
}
