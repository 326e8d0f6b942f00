/* The Ldr* functions programs and kernelbase call. */

#include "ldr.h"

/* Runs DllMain of what a load or lookup brought in: everything after last in load order, the target first
 * (with what it needs), then what only forwarders of older modules need. */
static NTSTATUS attach_new(LIST_ENTRY *last, struct module *target)
{
    LIST_ENTRY *entry, *list = &ldr_data.InLoadOrderModuleList;
    NTSTATUS status = STATUS_SUCCESS;

    modules_hold();
    if (target) status = module_attach(target, NULL);
    for (entry = last->Flink; entry != list; entry = entry->Flink)
    {
        struct module *module = module_from_load_link(entry);
        if (!(module->ldr.Flags & (LDR_LOAD_IN_PROGRESS | LDR_UNLOAD_IN_PROGRESS))) module_attach(module, NULL);
    }
    modules_release();
    return status;
}

/* LdrLoadDll. Windows' second parameter points to flags; Wine's headers, and so our kernelbase, pass
 * them by value. No flag is as large as an address. The path may be flags instead, marked by its lowest bit. */
NTSTATUS WINAPI ldr_load_dll(const WCHAR *path, ULONG_PTR flags_or_pointer, const UNICODE_STRING *name, HMODULE *handle)
    __asm__("LdrLoadDll");
NTSTATUS WINAPI ldr_load_dll(const WCHAR *path, ULONG_PTR flags_or_pointer, const UNICODE_STRING *name, HMODULE *handle)
{
    ULONG flags = flags_or_pointer < 0x10000 ? (ULONG)flags_or_pointer : *(const ULONG *)flags_or_pointer;
    struct load_context context = { .path = path };
    struct module *module;
    LIST_ENTRY *last;
    NTSTATUS status;

    if ((ULONG_PTR)path & 1)
    {
        context.path = NULL;
        context.search_flags = (ULONG_PTR)path & ~(ULONG_PTR)1;
    }
    else if (!path) context.search_flags = flags & 0x1f08;

    RtlEnterCriticalSection(&loader_lock);
    last = ldr_data.InLoadOrderModuleList.Blink;
    modules_hold();
    status = module_load(&context, name, NULL, flags, &module);
    if (!status)
    {
        module_reference(module, 1);
        if (!ldr_data.ShutdownInProgress && (status = attach_new(last, module))) module_reference(module, -1);
    }
    modules_release();
    if (status) modules_collect();
    else *handle = module->ldr.DllBase;
    RtlLeaveCriticalSection(&loader_lock);
    return status;
}

NTSTATUS WINAPI LdrUnloadDll(HMODULE base)
{
    NTSTATUS status = STATUS_SUCCESS;
    struct module *module;

    if (ldr_data.ShutdownInProgress) return STATUS_SUCCESS;
    RtlEnterCriticalSection(&loader_lock);
    if (!base || !(module = module_find_base(base))) status = STATUS_DLL_NOT_FOUND;
    else
    {
        module_reference(module, -1);
        if (!module->references) modules_collect();
    }
    RtlLeaveCriticalSection(&loader_lock);
    return status;
}

NTSTATUS WINAPI LdrGetProcedureAddressEx(HMODULE base, const ANSI_STRING *name, ULONG ordinal, void **address, ULONG flags);
NTSTATUS WINAPI LdrGetProcedureAddressEx(HMODULE base, const ANSI_STRING *name, ULONG ordinal, void **address, ULONG flags)
{
    struct load_context context = { 0 };
    NTSTATUS status = STATUS_SUCCESS;
    struct module *module;
    LIST_ENTRY *last;
    void *found = NULL;

    (void)flags;
    if (!name && !ordinal) return STATUS_INVALID_PARAMETER;
    RtlEnterCriticalSection(&loader_lock);
    last = ldr_data.InLoadOrderModuleList.Blink;
    modules_hold();
    if (!(module = module_find_base(base))) status = STATUS_DLL_NOT_FOUND;
    else
    {
        found = name ? export_find_name(&context, module, name->Buffer, 0) : export_find_ordinal(&context, module, ordinal);
        if (!found) status = STATUS_PROCEDURE_NOT_FOUND;
        else attach_new(last, NULL);
    }
    modules_release();
    if (!status) *address = found;
    RtlLeaveCriticalSection(&loader_lock);
    return status;
}

NTSTATUS WINAPI LdrGetProcedureAddress(HMODULE base, const ANSI_STRING *name, ULONG ordinal, void **address)
{
    return LdrGetProcedureAddressEx(base, name, ordinal, address, 0);
}

/* ---- handles -------------------------------------------------------------------------------- */

static NTSTATUS find_loaded(const UNICODE_STRING *name, struct module **module)
{
    UNICODE_STRING completed, full = { 0 };
    WCHAR buffer[MAX_PATH + 5];
    const WCHAR *host;
    NTSTATUS status;
    ULONG size;

    if ((status = dll_name_complete(name, buffer, sizeof(buffer), &completed))) return status;
    if ((host = apiset_host(&completed))) RtlInitUnicodeString(&completed, host);
    else if (name_base(&completed).Length != completed.Length)
    {
        WCHAR *path = ldr_alloc(completed.Length + sizeof(WCHAR));

        if (!path) return STATUS_NO_MEMORY;
        memcpy(path, completed.Buffer, completed.Length);
        if ((size = RtlGetFullPathName_U(path, 0, NULL, NULL)) && (full.Buffer = ldr_alloc(size + sizeof(WCHAR))))
            full.Length = RtlGetFullPathName_U(path, size + sizeof(WCHAR), full.Buffer, NULL);
        ldr_free(path);
        completed = full;
    }
    *module = completed.Length ? module_find_name(&completed) : NULL;
    if (!*module && full.Length) *module = module_find_file(&full);
    ldr_free(full.Buffer);
    return *module ? STATUS_SUCCESS : STATUS_DLL_NOT_FOUND;
}

NTSTATUS WINAPI LdrGetDllHandleEx(ULONG flags, const WCHAR *path, ULONG *characteristics, const UNICODE_STRING *name, HMODULE *base)
{
    struct module *module;
    NTSTATUS status;

    (void)path, (void)characteristics;
    if (flags & ~7u) return STATUS_INVALID_PARAMETER;       /* 4 is taken and does nothing: Wine's kernel32:module */
    if ((flags & 3) == (LDR_GET_DLL_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT | LDR_GET_DLL_HANDLE_EX_FLAG_PIN)) return STATUS_INVALID_PARAMETER;

    RtlEnterCriticalSection(&loader_lock);
    if (!(status = find_loaded(name, &module)))
    {
        if (flags & LDR_GET_DLL_HANDLE_EX_FLAG_PIN) module_pin(module);
        else if (!(flags & LDR_GET_DLL_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT)) module_reference(module, 1);
        if (base) *base = module->ldr.DllBase;
    }
    RtlLeaveCriticalSection(&loader_lock);
    return status;
}

NTSTATUS WINAPI LdrGetDllHandle(const WCHAR *path, ULONG flags, const UNICODE_STRING *name, HMODULE *base)
{
    (void)flags;
    return LdrGetDllHandleEx(LDR_GET_DLL_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, path, NULL, name, base);
}

NTSTATUS WINAPI LdrAddRefDll(ULONG flags, HMODULE base)
{
    NTSTATUS status = STATUS_SUCCESS;
    struct module *module;

    if (flags & ~LDR_ADDREF_DLL_PIN) return STATUS_INVALID_PARAMETER;
    RtlEnterCriticalSection(&loader_lock);
    if (!(module = module_find_base(base))) status = STATUS_INVALID_PARAMETER;
    else if (flags & LDR_ADDREF_DLL_PIN) module_pin(module);
    else module_reference(module, 1);
    RtlLeaveCriticalSection(&loader_lock);
    return status;
}

NTSTATUS WINAPI LdrGetDllFullName(HMODULE base, UNICODE_STRING *name)
{
    NTSTATUS status = STATUS_SUCCESS;
    struct module *module;

    RtlEnterCriticalSection(&loader_lock);
    if (!(module = module_find_base(base))) status = STATUS_DLL_NOT_FOUND;
    else
    {
        const UNICODE_STRING *full = &module->ldr.FullDllName;

        name->Length = min(full->Length, name->MaximumLength);
        memcpy(name->Buffer, full->Buffer, name->Length);
        if (name->MaximumLength < full->Length + sizeof(WCHAR)) status = STATUS_BUFFER_TOO_SMALL;
        else name->Buffer[name->Length / sizeof(WCHAR)] = 0;
    }
    RtlLeaveCriticalSection(&loader_lock);
    return status;
}

NTSTATUS WINAPI LdrDisableThreadCalloutsForDll(HMODULE base)
{
    NTSTATUS status = STATUS_SUCCESS;
    struct module *module;

    RtlEnterCriticalSection(&loader_lock);
    if (!(module = module_find_base(base))) status = STATUS_DLL_NOT_FOUND;
    else if (module->tls_index != NO_TLS_INDEX) status = STATUS_UNSUCCESSFUL;
    else module->ldr.Flags |= LDR_NO_DLL_CALLS;
    RtlLeaveCriticalSection(&loader_lock);
    return status;
}

NTSTATUS WINAPI LdrFindEntryForAddress(const void *address, LDR_DATA_TABLE_ENTRY **entry)
{
    struct module *module;

    RtlEnterCriticalSection(&loader_lock);
    if ((module = module_find_address(address))) *entry = &module->ldr;
    RtlLeaveCriticalSection(&loader_lock);
    return module ? STATUS_SUCCESS : STATUS_NO_MORE_ENTRIES;
}

typedef void (WINAPI *enumerate_callback)(LDR_DATA_TABLE_ENTRY *entry, void *context, BOOLEAN *stop);
NTSTATUS WINAPI LdrEnumerateLoadedModules(void *reserved, enumerate_callback callback, void *context);
NTSTATUS WINAPI LdrEnumerateLoadedModules(void *reserved, enumerate_callback callback, void *context)
{
    LIST_ENTRY *entry, *list = &ldr_data.InLoadOrderModuleList;
    BOOLEAN stop = FALSE;

    if (reserved || !callback) return STATUS_INVALID_PARAMETER;
    RtlEnterCriticalSection(&loader_lock);
    modules_hold();
    for (entry = list->Flink; entry != list && !stop; entry = entry->Flink)
        callback(&module_from_load_link(entry)->ldr, context, &stop);
    modules_release();
    RtlLeaveCriticalSection(&loader_lock);
    return STATUS_SUCCESS;
}

/* ---- the lock ------------------------------------------------------------------------------- */

NTSTATUS WINAPI LdrLockLoaderLock(ULONG flags, ULONG *result, ULONG_PTR *magic)
{
    enum { RAISE_ON_ERRORS = 1, TRY_ONLY = 2 };
    NTSTATUS status = STATUS_SUCCESS;

    if (result) *result = 0;
    if (magic) *magic = 0;
    if (flags & ~(RAISE_ON_ERRORS | TRY_ONLY)) status = STATUS_INVALID_PARAMETER_1;
    else if (!result && flags & TRY_ONLY) status = STATUS_INVALID_PARAMETER_2;
    else if (!magic) status = STATUS_INVALID_PARAMETER_3;
    if (status)
    {
        if (flags & RAISE_ON_ERRORS) RtlRaiseStatus(status);
        return status;
    }
    if (flags & TRY_ONLY)
    {
        if (!RtlTryEnterCriticalSection(&loader_lock))
        {
            *result = 2;
            return STATUS_SUCCESS;
        }
    }
    else RtlEnterCriticalSection(&loader_lock);
    if (result) *result = 1;
    *magic = (ULONG_PTR)NtCurrentTeb()->ClientId.UniqueThread;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI LdrUnlockLoaderLock(ULONG flags, ULONG_PTR magic)
{
    NTSTATUS status = STATUS_SUCCESS;

    if (flags & ~1u) status = STATUS_INVALID_PARAMETER_1;
    else if (magic && magic != (ULONG_PTR)NtCurrentTeb()->ClientId.UniqueThread) status = STATUS_INVALID_PARAMETER_2;
    if (status && flags & 1) RtlRaiseStatus(status);
    if (!status && magic) RtlLeaveCriticalSection(&loader_lock);
    return status;
}

/* ---- what we have not ----------------------------------------------------------------------- */

/* There is no registry of debugging options for programs, so none is ever found. */
NTSTATUS WINAPI LdrQueryImageFileExecutionOptions(const UNICODE_STRING *program, const WCHAR *option, ULONG type,
                                                  void *data, ULONG size, ULONG *needed)
{
    (void)program, (void)option, (void)type, (void)data, (void)size, (void)needed;
    return STATUS_OBJECT_NAME_NOT_FOUND;
}
