/* From a name or an ordinal to an address. */

#include "ldr.h"

static const IMAGE_EXPORT_DIRECTORY *export_directory(const struct module *module, ULONG *start, ULONG *size)
{
    const IMAGE_DATA_DIRECTORY *directory = &module->nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_EXPORT];

    if (!module->nt->OptionalHeader.NumberOfRvaAndSizes || !directory->VirtualAddress
        || directory->VirtualAddress >= module->ldr.SizeOfImage) return NULL;
    *start = directory->VirtualAddress;
    *size = directory->Size;
    return (const IMAGE_EXPORT_DIRECTORY *)((char *)module->ldr.DllBase + directory->VirtualAddress);
}

/* "kernelbase.VirtualAlloc2", "api-ms-win-core-x.Name" or "other.#12". The module that the forwarder leads
 * to becomes a dependency of the one that forwards: whoever got the address through it keeps both. */
static void *follow_forwarder(struct load_context *context, struct module *module, const char *forwarder)
{
    const char *end = forwarder, *dot = NULL;
    WCHAR buffer[MAX_PATH];
    UNICODE_STRING dll = { .Buffer = buffer };
    struct module *target;
    unsigned int i;

    for (; *end; end++) if (*end == '.') dot = end;
    if (!dot || (size_t)(dot - forwarder) > MAX_PATH - 8) return NULL;
    /* Most of a module's forwarders lead to one other: a name is looked up once, then compared. */
    if (module->forward_name && !strncmp(module->forward_name, forwarder, dot - forwarder + 1)) target = module->forward_target;
    else
    {
        for (i = 0; forwarder + i < dot; i++) buffer[i] = (unsigned char)forwarder[i];
        memcpy(buffer + i, L".dll", sizeof(L".dll"));
        dll.Length = (i + 4) * sizeof(WCHAR);
        dll.MaximumLength = dll.Length + sizeof(WCHAR);
        if (module_load(context, &dll, module, 0, &target)) return NULL;
        module->forward_name = forwarder;
        module->forward_target = target;        /* a dependency now, so it stays as long as the module */
    }

    if (dot[1] == '#')
    {
        unsigned int ordinal = 0;
        for (dot += 2; *dot >= '0' && *dot <= '9' && ordinal < 0x10000; dot++) ordinal = ordinal * 10 + (*dot - '0');
        return *dot ? NULL : export_find_ordinal(context, target, ordinal);
    }
    return export_find_name(context, target, dot + 1, 0);
}

static void *export_at(struct load_context *context, struct module *module, const IMAGE_EXPORT_DIRECTORY *exports,
                       ULONG start, ULONG size, ULONG index)
{
    static unsigned int depth;          /* forwarders may go in circles */
    const char *base = module->ldr.DllBase;
    const DWORD *functions = (const DWORD *)(base + exports->AddressOfFunctions);
    void *address;
    ULONG rva;

    if (index >= exports->NumberOfFunctions) return NULL;
    if (!(rva = functions[index]) || rva >= module->ldr.SizeOfImage) return NULL;
    if (rva - start >= size) return (void *)(base + rva);
    if (depth == 32) return NULL;
    depth++;
    address = follow_forwarder(context, module, base + rva);
    depth--;
    return address;
}

void *export_find_ordinal(struct load_context *context, struct module *module, unsigned int ordinal)
{
    const IMAGE_EXPORT_DIRECTORY *exports;
    ULONG start, size;

    if (!(exports = export_directory(module, &start, &size)) || ordinal < exports->Base) return NULL;
    return export_at(context, module, exports, start, size, ordinal - exports->Base);
}

void *export_find_name(struct load_context *context, struct module *module, const char *name, unsigned int hint)
{
    const char *base = module->ldr.DllBase;
    const IMAGE_EXPORT_DIRECTORY *exports;
    unsigned int low = 0, high;
    const WORD *ordinals;
    const DWORD *names;
    ULONG start, size;

    if (!(exports = export_directory(module, &start, &size))) return NULL;
    names = (const DWORD *)(base + exports->AddressOfNames);
    ordinals = (const WORD *)(base + exports->AddressOfNameOrdinals);
    if (hint < exports->NumberOfNames && !strcmp(base + names[hint], name))
        return export_at(context, module, exports, start, size, ordinals[hint]);

    for (high = exports->NumberOfNames; low < high; )
    {
        unsigned int middle = (low + high) / 2;
        int order = strcmp(name, base + names[middle]);

        if (!order) return export_at(context, module, exports, start, size, ordinals[middle]);
        if (order < 0) high = middle;
        else low = middle + 1;
    }
    return NULL;
}
