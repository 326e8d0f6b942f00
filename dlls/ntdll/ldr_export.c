/* From a name or an ordinal to an address. */

#include "ldr.h"

/* Checks the directory once; one that is damaged exports nothing. The names are checked as they are read. */
static bool export_tables(struct module *module)
{
    const IMAGE_EXPORT_DIRECTORY *exports;
    IMAGE_DATA_DIRECTORY directory;

    if (module->exports.known) return module->exports.directory;
    module->exports.known = true;
    if (!module_directory(module, IMAGE_DIRECTORY_ENTRY_EXPORT, &directory)) return false;
    if (!(exports = module_at(module, directory.VirtualAddress, sizeof(*exports)))) return false;
    if (exports->NumberOfFunctions
        && !(module->exports.functions = module_at(module, exports->AddressOfFunctions, exports->NumberOfFunctions * 4ull))) return false;
    if (exports->NumberOfNames
        && (!(module->exports.names = module_at(module, exports->AddressOfNames, exports->NumberOfNames * 4ull))
            || !(module->exports.ordinals = module_at(module, exports->AddressOfNameOrdinals, exports->NumberOfNames * 2ull)))) return false;
    module->exports.start = directory.VirtualAddress;
    module->exports.size = directory.Size;
    module->exports.names_start = directory.VirtualAddress;
    module->exports.names_end = directory.VirtualAddress + module_room(module, directory.VirtualAddress);
    module->exports.directory = exports;
    return true;
}

/* As strcmp(name, the image's string); a string that leads out of the image is greater than any name. */
static int compare_name(const struct module *module, const char *name, ULONG rva)
{
    SIZE_T room;
    int order;

    if (rva >= module->exports.names_start && rva < module->exports.names_end) room = module->exports.names_end - rva;
    else room = module_room(module, rva);
    if (!room) return -1;
    order = strncmp(name, (const char *)module->ldr.DllBase + rva, room);
    return order || strlen(name) < room ? order : -1;
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
    /* Imports are in order mostly, and so are the forwarders that they lead to. */
    return export_find_name(context, target, dot + 1, target->exports.found);
}

static void *export_at(struct load_context *context, struct module *module, ULONG index)
{
    static unsigned int depth;          /* forwarders may go in circles */
    const char *forwarder;
    void *address;
    ULONG rva;

    if (index >= module->exports.directory->NumberOfFunctions) return NULL;
    if (!(rva = module->exports.functions[index]) || rva >= module->ldr.SizeOfImage) return NULL;
    if (rva - module->exports.start >= module->exports.size) return (char *)module->ldr.DllBase + rva;
    if (depth == 32 || !(forwarder = module_string(module, rva))) return NULL;
    depth++;
    address = follow_forwarder(context, module, forwarder);
    depth--;
    return address;
}

void *export_find_ordinal(struct load_context *context, struct module *module, unsigned int ordinal)
{
    if (!export_tables(module) || ordinal < module->exports.directory->Base) return NULL;
    return export_at(context, module, ordinal - module->exports.directory->Base);
}

/* A hint is rarely right and rarely far off: from there on in growing steps, then by halves. 0 is none. */
void *export_find_name(struct load_context *context, struct module *module, const char *name, unsigned int hint)
{
    unsigned int low = 0, high, at, step = 1;

    if (!export_tables(module)) return NULL;
    high = module->exports.directory->NumberOfNames;
    at = hint && hint < high ? hint : high / 2;
    while (low < high)
    {
        int order = compare_name(module, name, module->exports.names[at]);

        if (!order)
        {
            module->exports.found = at;
            return export_at(context, module, module->exports.ordinals[at]);
        }
        if (order < 0) high = at;
        else low = at + 1;
        if (hint && step < (high - low) / 2)
        {
            at = order < 0 ? high - step : low + step - 1;
            step *= 2;
        }
        else at = low + (high - low) / 2;
    }
    return NULL;
}
