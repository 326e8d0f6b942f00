/* Delay-loaded imports: each is bound when it is first called. */

#include "ldr.h"
#include "delayloadhandler.h"

static NTSTATUS load_delayed(const char *name, HMODULE *module)
{
    WCHAR buffer[MAX_PATH];
    UNICODE_STRING dll = { .Buffer = buffer };
    unsigned int n;

    for (n = 0; name[n] && n < MAX_PATH - 1; n++) buffer[n] = (unsigned char)name[n];
    buffer[n] = 0;
    dll.Length = n * sizeof(WCHAR);
    dll.MaximumLength = dll.Length + sizeof(WCHAR);
    return LdrLoadDll(NULL, 0, &dll, module);
}

static void *find_delayed(HMODULE module, const DELAYLOAD_PROC_DESCRIPTOR *procedure)
{
    ANSI_STRING name;
    void *address = NULL;

    if (!procedure->ImportDescribedByName) LdrGetProcedureAddress(module, NULL, procedure->Description.Ordinal, &address);
    else
    {
        RtlInitAnsiString(&name, procedure->Description.Name);
        LdrGetProcedureAddress(module, &name, 0, &address);
    }
    return address;
}

/* The entry of the name table for a slot, everything that is followed from the descriptor checked. */
static const IMAGE_THUNK_DATA *delayed_name(void *base, const IMAGE_DELAYLOAD_DESCRIPTOR *descriptor, const IMAGE_THUNK_DATA *slot)
{
    ULONG64 offset = (const char *)slot - ((const char *)base + descriptor->ImportAddressTableRVA);
    const IMAGE_THUNK_DATA *name = NULL;
    WCHAR buffer[128];
    struct module *module;

    RtlEnterCriticalSection(&loader_lock);
    if ((module = module_find_base(base)))
    {
        if (offset <= MAXLONG && !(offset % sizeof(*slot)) && module_at_address(module, (ULONG64)slot, sizeof(*slot))
            && module_string(module, descriptor->DllNameRVA)
            && module_writable(module, (char *)base + descriptor->ModuleHandleRVA, sizeof(HMODULE)))
            name = module_at(module, descriptor->ImportNameTableRVA + offset, sizeof(*name));
        if (name && !IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal)
            && !module_string(module, name->u1.AddressOfData + FIELD_OFFSET(IMAGE_IMPORT_BY_NAME, Name))) name = NULL;
        if (!name) ldr_message(message_name(&module->ldr.BaseDllName, buffer), L": its delay-import table is damaged", NULL);
    }
    RtlLeaveCriticalSection(&loader_lock);
    if (!name) RtlRaiseStatus(STATUS_INVALID_IMAGE_FORMAT);
    return name;
}

void * WINAPI LdrResolveDelayLoadedAPI(void *base, const IMAGE_DELAYLOAD_DESCRIPTOR *descriptor,
                                       PDELAYLOAD_FAILURE_DLL_CALLBACK dll_hook,
                                       PDELAYLOAD_FAILURE_SYSTEM_ROUTINE system_hook,
                                       IMAGE_THUNK_DATA *slot, ULONG flags);
void * WINAPI LdrResolveDelayLoadedAPI(void *base, const IMAGE_DELAYLOAD_DESCRIPTOR *descriptor,
                                       PDELAYLOAD_FAILURE_DLL_CALLBACK dll_hook,
                                       PDELAYLOAD_FAILURE_SYSTEM_ROUTINE system_hook,
                                       IMAGE_THUNK_DATA *slot, ULONG flags)
{
    const IMAGE_THUNK_DATA *name = delayed_name(base, descriptor, slot);
    HMODULE *handle = (HMODULE *)((char *)base + descriptor->ModuleHandleRVA), loaded;
    DELAYLOAD_INFO info =
    {
        .Size = sizeof(info),
        .DelayloadDescriptor = descriptor,
        .ThunkAddress = slot,
        .TargetDllName = (const char *)base + descriptor->DllNameRVA,
    };
    NTSTATUS status = STATUS_SUCCESS;
    void *address = NULL;

    if (IMAGE_SNAP_BY_ORDINAL(name->u1.Ordinal)) info.TargetApiDescriptor.Description.Ordinal = IMAGE_ORDINAL(name->u1.Ordinal);
    else
    {
        info.TargetApiDescriptor.ImportDescribedByName = TRUE;
        info.TargetApiDescriptor.Description.Name =
            (const char *)((const IMAGE_IMPORT_BY_NAME *)((char *)base + name->u1.AddressOfData))->Name;
    }

    if (!*handle && !(status = load_delayed(info.TargetDllName, &loaded)))
    {
        /* Two threads may get here: one reference is enough. */
        if (InterlockedCompareExchangePointer((void **)handle, loaded, NULL)) LdrUnloadDll(loaded);
    }
    if (!status)
    {
        info.TargetModuleBase = *handle;
        if (!(address = find_delayed(*handle, &info.TargetApiDescriptor))) status = STATUS_PROCEDURE_NOT_FOUND;
    }
    if (!address)
    {
        info.LastError = RtlNtStatusToDosError(status);
        if (dll_hook && (address = dll_hook(DELAYLOAD_GPA_FAILURE, &info))) ;
        else if (system_hook)
            return system_hook(info.TargetDllName, info.TargetApiDescriptor.ImportDescribedByName
                                                       ? info.TargetApiDescriptor.Description.Name
                                                       : (const char *)(ULONG_PTR)info.TargetApiDescriptor.Description.Ordinal);
        else if (!(address = import_missing(base, info.TargetDllName,
                                            info.TargetApiDescriptor.ImportDescribedByName
                                                ? info.TargetApiDescriptor.Description.Name : NULL,
                                            info.TargetApiDescriptor.Description.Ordinal))) return NULL;
    }
    (void)flags;
    import_set(base, slot, address);
    return address;
}
