/* The modules of the process: the lists programs walk, lookup, loading, life time.
 *
 * Life time is reachability. A module stays while LdrLoadDll references it, or while a module that
 * stays has pointers into it (imports, forwarders: deps). The rest is garbage, whatever cycles it has
 * among itself; modules_collect() finds it when a reference has gone. Windows condenses cycles in its
 * dependency graph to the same end.
 */

#include "ldr.h"

PEB_LDR_DATA ldr_data =
{
    .Length = sizeof(ldr_data),
    .InLoadOrderModuleList = { &ldr_data.InLoadOrderModuleList, &ldr_data.InLoadOrderModuleList },
    .InMemoryOrderModuleList = { &ldr_data.InMemoryOrderModuleList, &ldr_data.InMemoryOrderModuleList },
    .InInitializationOrderModuleList = { &ldr_data.InInitializationOrderModuleList, &ldr_data.InInitializationOrderModuleList },
};
struct module *exe_module, *ntdll_module;

static void list_append(LIST_ENTRY *list, LIST_ENTRY *entry)
{
    entry->Flink = list;
    entry->Blink = list->Blink;
    list->Blink->Flink = entry;
    list->Blink = entry;
}

static void list_remove(LIST_ENTRY *entry)
{
    if (!entry->Flink) return;
    entry->Flink->Blink = entry->Blink;
    entry->Blink->Flink = entry->Flink;
    entry->Flink = entry->Blink = NULL;
}

/* ---- lookup -------------------------------------------------------------------------------- */

struct module *module_find_base(const void *base)
{
    LIST_ENTRY *entry;

    if (!base) return exe_module;
    for (entry = ldr_data.InLoadOrderModuleList.Flink; entry != &ldr_data.InLoadOrderModuleList; entry = entry->Flink)
    {
        struct module *module = module_from_load_link(entry);
        if (module->ldr.DllBase == base) return module;
    }
    return NULL;
}

struct module *module_find_address(const void *address)
{
    LIST_ENTRY *entry;

    for (entry = ldr_data.InLoadOrderModuleList.Flink; entry != &ldr_data.InLoadOrderModuleList; entry = entry->Flink)
    {
        struct module *module = module_from_load_link(entry);
        if ((uintptr_t)address - (uintptr_t)module->ldr.DllBase < module->ldr.SizeOfImage) return module;
    }
    return NULL;
}

/* By base name, or, if the name has a path, by full name. */
struct module *module_find_name(const UNICODE_STRING *name)
{
    bool absolute = name_is_absolute(name);
    LIST_ENTRY *entry;

    for (entry = ldr_data.InLoadOrderModuleList.Flink; entry != &ldr_data.InLoadOrderModuleList; entry = entry->Flink)
    {
        struct module *module = module_from_load_link(entry);

        if (module->ldr.Flags & LDR_UNLOAD_IN_PROGRESS) continue;
        if (names_equal(name, absolute ? &module->ldr.FullDllName : &module->ldr.BaseDllName)) return module;
    }
    return NULL;
}

/* ---- creation and destruction -------------------------------------------------------------- */

/* The full name, a heap block, belongs to the module from now on, unless this fails. */
struct module *module_create(void *base, const UNICODE_STRING *full_name, bool builtin)
{
    struct module *module = ldr_alloc(sizeof(*module));

    if (!module) return NULL;
    module->nt = RtlImageNtHeader(base);
    module->builtin = builtin;
    module->tls_index = NO_TLS_INDEX;
    module->ldr.DllBase = base;
    module->ldr.SizeOfImage = module->nt->OptionalHeader.SizeOfImage;
    module->ldr.FullDllName = *full_name;
    module->ldr.BaseDllName = name_base(full_name);
    module->ldr.TimeDateStamp = module->nt->FileHeader.TimeDateStamp;
    module->ldr.OriginalBase = module->nt->OptionalHeader.ImageBase;
    module->ldr.LoadReason = LoadReasonDynamicLoad;
    module->ldr.ReferenceCount = 1;
    module->ldr.TlsIndex = 0;
    module->ldr.DdagNode = &module->ddag;
    module->ddag.State = LdrModulesMapped;
    module->ddag.Modules.Flink = module->ddag.Modules.Blink = &module->ldr.NodeModuleLink;
    module->ldr.NodeModuleLink.Flink = module->ldr.NodeModuleLink.Blink = &module->ddag.Modules;
    if (module->nt->FileHeader.Characteristics & IMAGE_FILE_DLL)
    {
        module->ldr.Flags |= LDR_IMAGE_IS_DLL;
        if (module->nt->OptionalHeader.AddressOfEntryPoint)
            module->ldr.EntryPoint = (char *)base + module->nt->OptionalHeader.AddressOfEntryPoint;
    }
    if (!image_table_add(module))
    {
        ldr_free(module);
        return NULL;
    }
    list_append(&ldr_data.InLoadOrderModuleList, &module->ldr.InLoadOrderLinks);
    list_append(&ldr_data.InMemoryOrderModuleList, &module->ldr.InMemoryOrderLinks);
    module->ldr.HashLinks.Flink = module->ldr.HashLinks.Blink = &module->ldr.HashLinks;
    return module;
}

/* ---- dependencies ---------------------------------------------------------------------------- */

/* The lists are circular and known by their last element: Windows' shape, which debugging tools read. */
static void dep_append(LDRP_CSLIST *list, SINGLE_LIST_ENTRY *entry)
{
    entry->Next = list->Tail ? list->Tail->Next : entry;
    if (list->Tail) list->Tail->Next = entry;
    list->Tail = entry;
}

static void dep_remove(LDRP_CSLIST *list, SINGLE_LIST_ENTRY *entry)
{
    SINGLE_LIST_ENTRY *previous = list->Tail;

    while (previous->Next != entry) previous = previous->Next;
    previous->Next = entry->Next;
    if (list->Tail == entry) list->Tail = previous == entry ? NULL : previous;
}

static void show_load_count(struct module *module)
{
    SINGLE_LIST_ENTRY *tail = module->ddag.IncomingDependencies.Tail, *entry = tail;
    LONG count = module->references < 0 ? !tail : module->references;

    if (tail) do count++; while ((entry = entry->Next) != tail);
    module->ddag.LoadCount = module == exe_module ? -1 : count;
    module->ldr.LoadCount = module->references < 0 ? -1 : min(count, 0x7fff);
}

void module_reference(struct module *module, int change)
{
    if (module->references < 0 || module->references + change < 0) return;
    module->references += change;
    show_load_count(module);
}

void module_pin(struct module *module)
{
    module->references = -1;
    show_load_count(module);
}

NTSTATUS module_add_dep(struct module *module, struct module *dep)
{
    LDR_DEPENDENCY *dependency;
    SINGLE_LIST_ENTRY *entry;

    if (module == dep) return STATUS_SUCCESS;
    for (entry = first_dep(module); entry; entry = next_dep(module, entry))
        if (dep_module(entry) == dep) return STATUS_SUCCESS;
    if (!(dependency = ldr_alloc(sizeof(*dependency)))) return STATUS_NO_MEMORY;
    dependency->dependency_from = &module->ddag;
    dependency->dependency_to = &dep->ddag;
    dep_append(&module->ddag.Dependencies, &dependency->dependency_to_entry);
    dep_append(&dep->ddag.IncomingDependencies, &dependency->dependency_from_entry);
    show_load_count(dep);
    return STATUS_SUCCESS;
}

static void dependency_free(LDR_DEPENDENCY *dependency)
{
    struct module *dep = CONTAINING_RECORD(dependency->dependency_to, struct module, ddag);

    dep_remove(&dependency->dependency_from->Dependencies, &dependency->dependency_to_entry);
    dep_remove(&dependency->dependency_to->IncomingDependencies, &dependency->dependency_from_entry);
    show_load_count(dep);
    ldr_free(dependency);
}

/* Both ways: modules of one circle go one after the other. */
static void deps_free(struct module *module)
{
    while (module->ddag.Dependencies.Tail)
        dependency_free(CONTAINING_RECORD(module->ddag.Dependencies.Tail, LDR_DEPENDENCY, dependency_to_entry));
    while (module->ddag.IncomingDependencies.Tail)
        dependency_free(CONTAINING_RECORD(module->ddag.IncomingDependencies.Tail, LDR_DEPENDENCY, dependency_from_entry));
}

void module_destroy(struct module *module)
{
    note_unloaded(module);
    tls_remove_module(module);
    list_remove(&module->ldr.InLoadOrderLinks);
    list_remove(&module->ldr.InMemoryOrderLinks);
    list_remove(&module->ldr.InInitializationOrderLinks);
    image_table_remove(module->ldr.DllBase);
    NtUnmapViewOfSection(NtCurrentProcess(), module->ldr.DllBase);
    ldr_free(module->ldr.FullDllName.Buffer);
    missing_free(module);
    deps_free(module);
    ldr_free(module);
}

/* ---- loading ------------------------------------------------------------------------------- */

static NTSTATUS map_image(struct load_context *context, const struct found_file *found, void **base)
{
    const UNICODE_STRING name = name_base(&found->full_name);
    NT_TIB *tib = &NtCurrentTeb()->Tib;
    void *user_pointer = tib->ArbitraryUserPointer;
    const IMAGE_NT_HEADERS *nt;
    SIZE_T size = 0;
    HANDLE section;
    NTSTATUS status;

    status = NtCreateSection(&section, STANDARD_RIGHTS_REQUIRED | SECTION_QUERY | SECTION_MAP_READ | SECTION_MAP_EXECUTE,
                             NULL, NULL, PAGE_EXECUTE_READ, SEC_IMAGE, found->file);
    if (status == STATUS_INVALID_IMAGE_FORMAT) return load_damaged(context, &name, L"is truncated or damaged, or is not for x86_64");
    if (status) return status;
    *base = NULL;
    tib->ArbitraryUserPointer = found->full_name.Buffer;        /* for a debugger, which is told of the view */
    status = NtMapViewOfSection(section, NtCurrentProcess(), base, 0, 0, NULL, &size, ViewShare, 0, PAGE_EXECUTE_READ);
    tib->ArbitraryUserPointer = user_pointer;
    NtClose(section);
    if (status == STATUS_INVALID_IMAGE_FORMAT) return load_damaged(context, &name, relocation_table_damaged);
    if (!NT_SUCCESS(status)) return status;
    /* STATUS_IMAGE_NOT_AT_BASE is fine, if the module can be relocated. Another machine's is not. */
    nt = RtlImageNtHeader(*base);
    if (!nt || !image_headers_fit(*base, size) || nt->FileHeader.Machine != IMAGE_FILE_MACHINE_AMD64 || nt->OptionalHeader.Magic != IMAGE_NT_OPTIONAL_HDR64_MAGIC)
        status = load_damaged(context, &name, L"is truncated or damaged, or is not for x86_64");
    else if ((status = module_relocate(*base)) == STATUS_INVALID_IMAGE_FORMAT) load_damaged(context, &name, relocation_table_damaged);
    if (status) NtUnmapViewOfSection(NtCurrentProcess(), *base);
    return status;
}

/* A module made from the same file, perhaps by another name. Asking is for those that look alike. */
static struct module *find_same_image(const void *base)
{
    const IMAGE_NT_HEADERS *nt = RtlImageNtHeader((HMODULE)base);
    LIST_ENTRY *entry;

    for (entry = ldr_data.InLoadOrderModuleList.Flink; entry != &ldr_data.InLoadOrderModuleList; entry = entry->Flink)
    {
        struct module *module = module_from_load_link(entry);

        if (module->ldr.Flags & LDR_UNLOAD_IN_PROGRESS) continue;
        if (module->nt->FileHeader.TimeDateStamp != nt->FileHeader.TimeDateStamp) continue;
        if (module->nt->OptionalHeader.SizeOfImage != nt->OptionalHeader.SizeOfImage) continue;
        if (module->nt->OptionalHeader.AddressOfEntryPoint != nt->OptionalHeader.AddressOfEntryPoint) continue;
        if (!NtAreMappedFilesTheSame((void *)base, module->ldr.DllBase)) return module;
    }
    return NULL;
}

/* For a path under which nothing was loaded: by the file it names. */
struct module *module_find_file(const UNICODE_STRING *path)
{
    struct load_context context = { 0 };
    struct module *module = NULL;
    struct found_file found;
    void *base;

    if (search_open(&context, path, &found)) return NULL;
    if (!(module = module_find_name(&found.full_name)) && !map_image(&context, &found, &base))
    {
        module = find_same_image(base);
        NtUnmapViewOfSection(NtCurrentProcess(), base);
    }
    NtClose(found.file);
    ldr_free(found.full_name.Buffer);
    return module;
}

static NTSTATUS load_file(struct load_context *context, const UNICODE_STRING *name, ULONG flags, struct module **result)
{
    struct module *module;
    struct found_file found;
    NTSTATUS status;
    void *base;

    if ((status = search_open(context, name, &found))) return status;
    if ((module = module_find_name(&found.full_name)))
    {
        NtClose(found.file);
        ldr_free(found.full_name.Buffer);
        *result = module;
        return STATUS_SUCCESS;
    }
    status = map_image(context, &found, &base);
    NtClose(found.file);
    if (!status && (module = find_same_image(base)))
    {
        NtUnmapViewOfSection(NtCurrentProcess(), base);
        ldr_free(found.full_name.Buffer);
        *result = module;
        return STATUS_SUCCESS;
    }
    if (!status && !(module = module_create(base, &found.full_name, found.builtin)))
    {
        NtUnmapViewOfSection(NtCurrentProcess(), base);
        status = STATUS_NO_MEMORY;
    }
    if (status)
    {
        ldr_free(found.full_name.Buffer);
        return status;
    }
    *result = module;

    /* A program that is loaded as if it were a DLL is there to be looked at: loader.c test_import_resolution. */
    if (flags & DONT_RESOLVE_DLL_REFERENCES || !(module->ldr.Flags & LDR_IMAGE_IS_DLL))
    {
        module->ldr.Flags |= LDR_DONT_RESOLVE_REFS;
        notify_dll(module, LDR_DLL_NOTIFICATION_REASON_LOADED);
        return STATUS_SUCCESS;
    }
    module->ldr.Flags |= LDR_LOAD_IN_PROGRESS;
    status = module_bind(context, module);
    if (!status) status = tls_add_module(context, module);
    module->ldr.Flags &= ~LDR_LOAD_IN_PROGRESS;
    if (!status)
    {
        module->ddag.State = LdrModulesReadyToInit;
        notify_dll(module, LDR_DLL_NOTIFICATION_REASON_LOADED);
    }
    else module->init_failed = true;    /* garbage now: the caller collects */
    return status;
}

NTSTATUS module_load(struct load_context *context, const UNICODE_STRING *name, struct module *importer,
                     ULONG flags, struct module **result)
{
    WCHAR buffer[MAX_PATH];
    UNICODE_STRING completed;
    struct module *module;
    const WCHAR *host;
    NTSTATUS status;

    if ((status = dll_name_complete(name, buffer, sizeof(buffer), &completed))) return status;
    if ((host = apiset_host(&completed))) RtlInitUnicodeString(&completed, host);
    module = module_find_name(&completed);
    if (!module)
    {
        status = load_file(context, &completed, flags, &module);
        if (status == STATUS_DLL_NOT_FOUND && !context->missing)
        {
            message_name(name, context->missing_buffer);
            RtlInitUnicodeString(&context->missing_name, context->missing_buffer);
            context->missing = &context->missing_name;
            context->needed_by = importer;
        }
        if (status) return status;
    }
    if (module->init_failed) return STATUS_DLL_INIT_FAILED;
    if (importer && (status = module_add_dep(importer, module))) return status;
    *result = module;
    return STATUS_SUCCESS;
}

/* ---- unloading ----------------------------------------------------------------------------- */

static void mark(struct module *module)
{
    SINGLE_LIST_ENTRY *entry;

    if (module->marked) return;
    module->marked = true;
    for (entry = first_dep(module); entry; entry = next_dep(module, entry)) mark(dep_module(entry));
}

static bool collecting, again;
static unsigned int holds;

void modules_hold(void)
{
    holds++;
}

void modules_release(void)
{
    if (!--holds && again) modules_collect();
}

void modules_collect(void)
{
    LIST_ENTRY *entry, *next;

    /* A DllMain that is being detached may free other DLLs: they are collected in the next round. */
    again = true;
    if (collecting || holds || ldr_data.ShutdownInProgress) return;
    collecting = true;
    while (again)
    {
        bool garbage = false;

        again = false;
        for (entry = ldr_data.InLoadOrderModuleList.Flink; entry != &ldr_data.InLoadOrderModuleList; entry = entry->Flink)
            module_from_load_link(entry)->marked = false;
        for (entry = ldr_data.InLoadOrderModuleList.Flink; entry != &ldr_data.InLoadOrderModuleList; entry = entry->Flink)
        {
            struct module *module = module_from_load_link(entry);
            if (module->references || module->ldr.Flags & LDR_LOAD_IN_PROGRESS) mark(module);
        }
        for (entry = ldr_data.InLoadOrderModuleList.Flink; entry != &ldr_data.InLoadOrderModuleList; entry = entry->Flink)
        {
            struct module *module = module_from_load_link(entry);

            if (module->marked) continue;
            module->ldr.Flags |= LDR_UNLOAD_IN_PROGRESS;
            module->ddag.State = LdrModulesUnloading;
            garbage = true;
        }
        if (!garbage) break;

        /* All of them say goodbye, last initialised first, before the first is gone: they may call each other. */
        entry = ldr_data.InInitializationOrderModuleList.Blink;
        while (entry != &ldr_data.InInitializationOrderModuleList)
        {
            struct module *module = CONTAINING_RECORD(entry, struct module, ldr.InInitializationOrderLinks);

            if (module->ldr.Flags & LDR_UNLOAD_IN_PROGRESS && module->ldr.Flags & LDR_PROCESS_ATTACHED)
            {
                module_detach(module, NULL);
                entry = ldr_data.InInitializationOrderModuleList.Blink;     /* the list may have changed */
            }
            else entry = entry->Blink;
        }
        for (entry = ldr_data.InLoadOrderModuleList.Flink; entry != &ldr_data.InLoadOrderModuleList; entry = next)
        {
            struct module *module = module_from_load_link(entry);

            next = entry->Flink;
            if (!(module->ldr.Flags & LDR_UNLOAD_IN_PROGRESS)) continue;
            notify_dll(module, LDR_DLL_NOTIFICATION_REASON_UNLOADED);
            next = entry->Flink;
            module_destroy(module);
        }
    }
    collecting = false;
}
