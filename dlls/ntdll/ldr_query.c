/* Looking things up in modules: what is loaded, messages, relocations of somebody else's image. */

#include "ldr.h"

NTSTATUS WINAPI LdrGetProcedureAddressEx(HMODULE base, const ANSI_STRING *name, ULONG ordinal, void **address, ULONG flags);
NTSTATUS WINAPI LdrGetProcedureAddressForCaller(HMODULE base, const ANSI_STRING *name, ULONG ordinal, void **address,
                                                ULONG flags, void **caller);
NTSTATUS WINAPI LdrGetProcedureAddressForCaller(HMODULE base, const ANSI_STRING *name, ULONG ordinal, void **address,
                                                ULONG flags, void **caller)
{
    (void)caller;                       /* for shims, which we have none of */
    return LdrGetProcedureAddressEx(base, name, ordinal, address, flags);
}

/* File names here are in the code page of the system, as counted from the folder. */
NTSTATUS WINAPI LdrQueryProcessModuleInformation(RTL_PROCESS_MODULES *modules, ULONG size, ULONG *needed)
{
    LIST_ENTRY *entry, *list = &ldr_data.InLoadOrderModuleList;
    ULONG length = FIELD_OFFSET(RTL_PROCESS_MODULES, Modules), count = 0;
    NTSTATUS status = STATUS_SUCCESS;

    RtlEnterCriticalSection(&loader_lock);
    for (entry = list->Flink; entry != list; entry = entry->Flink)
    {
        const struct module *module = module_from_load_link(entry);
        RTL_PROCESS_MODULE_INFORMATION *info = &modules->Modules[count];
        ANSI_STRING name;

        length += sizeof(*info);
        if (length > size)
        {
            status = STATUS_INFO_LENGTH_MISMATCH;
            continue;
        }
        memset(info, 0, sizeof(*info));
        info->ImageBaseAddress = module->ldr.DllBase;
        info->ImageSize = module->ldr.SizeOfImage;
        info->Flags = module->ldr.Flags;
        info->LoadOrderIndex = count++;
        info->LoadCount = module->ldr.LoadCount;
        name.Buffer = (char *)info->Name;
        name.Length = 0;
        name.MaximumLength = sizeof(info->Name);
        RtlUnicodeStringToAnsiString(&name, &module->ldr.FullDllName, FALSE);
        info->NameOffset = name.Length;
        while (info->NameOffset && info->Name[info->NameOffset - 1] != '\\') info->NameOffset--;
    }
    RtlLeaveCriticalSection(&loader_lock);
    if (size >= sizeof(ULONG)) modules->ModulesCount = count;
    if (needed) *needed = length;
    return status;
}

/* NULL if the table is damaged. */
static const MESSAGE_RESOURCE_ENTRY *entry_at(const MESSAGE_RESOURCE_DATA *data, ULONG size, ULONG64 offset)
{
    const MESSAGE_RESOURCE_ENTRY *entry = (const MESSAGE_RESOURCE_ENTRY *)((const char *)data + offset);

    if (offset > size || size - offset < FIELD_OFFSET(MESSAGE_RESOURCE_ENTRY, Text)) return NULL;
    return entry->Length >= FIELD_OFFSET(MESSAGE_RESOURCE_ENTRY, Text) && entry->Length <= size - offset ? entry : NULL;
}

NTSTATUS WINAPI RtlFindMessage(HMODULE module, ULONG type, ULONG language, ULONG id, const MESSAGE_RESOURCE_ENTRY **result)
{
    const LDR_RESOURCE_INFO info = { .Type = type, .Name = 1, .Language = language };
    const IMAGE_RESOURCE_DATA_ENTRY *resource;
    const MESSAGE_RESOURCE_DATA *data;
    const MESSAGE_RESOURCE_ENTRY *entry;
    NTSTATUS status;
    ULONG i, size;

    if ((status = LdrFindResource_U(module, &info, 3, &resource))) return status;
    if ((status = LdrAccessResource(module, resource, (void **)&data, &size))) return status;
    for (i = 0; size >= sizeof(*data) && i < data->NumberOfBlocks; i++)
    {
        const MESSAGE_RESOURCE_BLOCK *block = &data->Blocks[i];
        ULONG64 offset;
        ULONG at;

        if (size - FIELD_OFFSET(MESSAGE_RESOURCE_DATA, Blocks) < (i + 1ull) * sizeof(*block)) break;
        if (id < block->LowId || id > block->HighId) continue;
        offset = block->OffsetToEntries;
        for (at = block->LowId; (entry = entry_at(data, size, offset)) && at < id; at++) offset += entry->Length;
        if (!entry) break;
        *result = entry;
        return STATUS_SUCCESS;
    }
    return STATUS_MESSAGE_NOT_FOUND;
}

/* One page's relocations of an image at another address; returns the block after it. */
IMAGE_BASE_RELOCATION * WINAPI LdrProcessRelocationBlock(void *page, UINT count, USHORT *relocations, INT_PTR delta)
{
    for (; count; count--, relocations++)
    {
        char *at = (char *)page + (*relocations & 0xfff);

        switch (*relocations >> 12)
        {
        case IMAGE_REL_BASED_ABSOLUTE:
            break;
        case IMAGE_REL_BASED_HIGH:
            *(USHORT *)at += HIWORD(delta);
            break;
        case IMAGE_REL_BASED_LOW:
            *(USHORT *)at += LOWORD(delta);
            break;
        case IMAGE_REL_BASED_HIGHLOW:
            *(ULONG *)at += (ULONG)delta;
            break;
        case IMAGE_REL_BASED_DIR64:
            *(INT_PTR *)at += delta;
            break;
        default:
            return NULL;
        }
    }
    return (IMAGE_BASE_RELOCATION *)relocations;
}
