/* Binding a module's imports to the exports of others.
 *
 * A DLL that cannot be found makes the load fail, as on Windows. A function that its DLL does not have
 * does not: many programs import far more than they call. Its slot gets a thunk which, when called, says
 * what is missing on stderr and raises STATUS_ENTRYPOINT_NOT_FOUND.
 */

#include "ldr.h"
#include "unwind.h"

extern const char syscall_stubs_start[], syscall_stubs_end[];      /* tools/gen-syscalls */

/* Our own DLLs enter an Nt stub behind the bytes that only foreign code needs to see. */
void *import_prefer_fast_entry(void *address)
{
    uintptr_t offset = (uintptr_t)address - (uintptr_t)syscall_stubs_start;

    if (offset < (uintptr_t)(syscall_stubs_end - syscall_stubs_start) && !(offset & 63)) return (char *)address + 32;
    return address;
}

/* ---- thunks for what is missing ------------------------------------------------------------- */

struct missing_import
{
    const struct module *importer;
    const char *dll, *function;         /* in the importer's image; function NULL: by ordinal */
    unsigned int ordinal;
};

struct missing_block
{
    struct missing_block *next;
    unsigned char *code;                /* one page of thunks */
    unsigned int used;
    struct missing_import imports[];
};

enum { THUNK_SIZE = 32, THUNKS_IN_BLOCK = 0x1000 / THUNK_SIZE };

static void DECLSPEC_NORETURN missing_import_called(const struct missing_import *missing)
{
    WCHAR importer[128], function[8 + 128], dll[128];
    ULONG64 base, frame;
    RUNTIME_FUNCTION *own;
    CONTEXT context;
    void *data;
    EXCEPTION_RECORD record =
    {
        .ExceptionCode = STATUS_ENTRYPOINT_NOT_FOUND,
        .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
        .ExceptionAddress = __builtin_return_address(0),
        .NumberParameters = 2,
        .ExceptionInformation = { (ULONG_PTR)missing->dll,
                                  missing->function ? (ULONG_PTR)missing->function : missing->ordinal },
    };

    if (missing->function) message_ascii(missing->function, function);
    else
    {
        memcpy(function, L"ordinal ", sizeof(L"ordinal "));
        message_hex(missing->ordinal, function + 8);
    }
    ldr_message(message_name(&missing->importer->ldr.BaseDllName, importer), L" called ", function, L" of ",
                message_ascii(missing->dll, dll), L", which Oriel does not have", NULL);

    /* As raised by the call itself: the thunk jumps here, so the frame above is the caller's. */
    RtlCaptureContext(&context);
    own = RtlLookupFunctionEntry(context.Rip, &base, NULL);
    RtlVirtualUnwind(UNW_FLAG_NHANDLER, base, context.Rip, own, &context, &data, &frame, NULL);
    exception_raise(&record, &context);
}

static struct missing_block *missing_block_new(struct module *module)
{
    struct missing_block *block = ldr_alloc(sizeof(*block) + THUNKS_IN_BLOCK * sizeof(block->imports[0]));
    SIZE_T size = 0x1000;
    void *code = NULL;

    if (!block) return NULL;
    if (NtAllocateVirtualMemory(NtCurrentProcess(), &code, 0, &size, MEM_COMMIT, PAGE_EXECUTE_READWRITE))
    {
        ldr_free(block);
        return NULL;
    }
    block->code = code;
    block->next = module->missing;
    return module->missing = block;
}

static void *missing_thunk(struct module *module, const char *dll, const char *function, unsigned int ordinal)
{
    struct missing_block *block = module->missing;
    const void *handler = missing_import_called;
    const struct missing_import *missing;
    unsigned char *code;

    if ((!block || block->used == THUNKS_IN_BLOCK) && !(block = missing_block_new(module))) return NULL;
    missing = &block->imports[block->used];
    block->imports[block->used] =
        (struct missing_import){ .importer = module, .dll = dll, .function = function, .ordinal = ordinal };
    code = block->code + THUNK_SIZE * block->used++;
    memcpy(code, "\x48\xb9", 2);                /* mov $missing,%rcx */
    memcpy(code + 2, &missing, 8);
    memcpy(code + 10, "\x48\xb8", 2);           /* mov $handler,%rax */
    memcpy(code + 12, &handler, 8);
    memcpy(code + 20, "\xff\xe0", 2);           /* jmp *%rax */
    return code;
}

void missing_free(struct module *module)
{
    while (module->missing)
    {
        struct missing_block *block = module->missing;
        void *code = block->code;
        SIZE_T size = 0;

        module->missing = block->next;
        NtFreeVirtualMemory(NtCurrentProcess(), &code, &size, MEM_RELEASE);
        ldr_free(block);
    }
}

/* ---- making import tables writable ---------------------------------------------------------- */

/* What is unprotected now. Import tables lie together, so this is one change for a whole module. */
struct unprotected
{
    char *start;
    SIZE_T size;
    ULONG old;
};

static void protect_again(struct unprotected *range)
{
    void *start = range->start;

    if (range->start) NtProtectVirtualMemory(NtCurrentProcess(), &start, &range->size, range->old, &range->old);
    range->start = NULL;
}

static NTSTATUS unprotect(const struct module *module, const void *slot, struct unprotected *range)
{
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(module->nt);
    DWORD rva = (const char *)slot - (const char *)module->ldr.DllBase;
    IMAGE_DATA_DIRECTORY iat;
    unsigned int i;
    NTSTATUS status;
    void *start;

    if (range->start && (SIZE_T)((const char *)slot - range->start) < range->size) return STATUS_SUCCESS;
    if (module_writable(module, slot, sizeof(IMAGE_THUNK_DATA))) return STATUS_SUCCESS;
    for (i = 0; i < module->nt->FileHeader.NumberOfSections; i++, section++)
    {
        DWORD size = section->Misc.VirtualSize ? section->Misc.VirtualSize : section->SizeOfRawData;
        DWORD at = section->VirtualAddress;

        if (rva < at || rva - at >= size) continue;
        protect_again(range);
        if (module_directory(module, IMAGE_DIRECTORY_ENTRY_IAT, &iat) && rva - iat.VirtualAddress < iat.Size
            && iat.VirtualAddress >= at && iat.Size <= size && iat.VirtualAddress - at <= size - iat.Size)
        {
            at = iat.VirtualAddress;
            size = iat.Size;
        }
        start = (char *)module->ldr.DllBase + at;
        range->size = size;
        status = NtProtectVirtualMemory(NtCurrentProcess(), &start, &range->size,
                                        section->Characteristics & IMAGE_SCN_MEM_EXECUTE ? PAGE_EXECUTE_READWRITE
                                                                                         : PAGE_READWRITE, &range->old);
        if (!status) range->start = start;
        return status;
    }
    return STATUS_INVALID_IMAGE_FORMAT;
}

/* ---- binding -------------------------------------------------------------------------------- */

static void *find_import(struct load_context *context, struct module *importer, struct module *exporter,
                         const UNICODE_STRING *dll, const IMAGE_THUNK_DATA *thunk)
{
    const IMAGE_IMPORT_BY_NAME *by_name;
    void *address;

    if (IMAGE_SNAP_BY_ORDINAL(thunk->u1.Ordinal))
        return export_find_ordinal(context, exporter, IMAGE_ORDINAL(thunk->u1.Ordinal));

    by_name = (const IMAGE_IMPORT_BY_NAME *)((char *)importer->ldr.DllBase + thunk->u1.AddressOfData);    /* thunk_is_sound() */
    address = export_find_name(context, exporter, (const char *)by_name->Name, by_name->Hint);
    if (!address && name_is_apiset(dll))
    {
        static const UNICODE_STRING kernel32_name = CONSTANT_STRING(L"kernel32.dll");
        struct module *kernel32 = module_find_name(&kernel32_name);

        if (kernel32 && kernel32 != exporter && kernel32 != importer
            && (address = export_find_name(context, kernel32, (const char *)by_name->Name, 0)))
        {
            if (module_add_dep(importer, kernel32)) address = NULL;
        }
    }
    return address;
}

/* The bits that neither form of an import has must be zero. */
static bool thunk_is_sound(const struct module *module, const IMAGE_THUNK_DATA *thunk)
{
    if (IMAGE_SNAP_BY_ORDINAL(thunk->u1.Ordinal)) return !(thunk->u1.Ordinal & ~IMAGE_ORDINAL_FLAG & ~0xffffull);
    return thunk->u1.AddressOfData <= MAXLONG && module_at(module, thunk->u1.AddressOfData, sizeof(IMAGE_IMPORT_BY_NAME))
        && module_string(module, thunk->u1.AddressOfData + FIELD_OFFSET(IMAGE_IMPORT_BY_NAME, Name));
}

/* The first of a list of thunks, and how many there is room for. */
static IMAGE_THUNK_DATA *thunk_list(const struct module *module, ULONG rva, SIZE_T *count)
{
    *count = module_room(module, rva) / sizeof(IMAGE_THUNK_DATA);
    return *count ? (IMAGE_THUNK_DATA *)((char *)module->ldr.DllBase + rva) : NULL;
}

static bool dll_name_of(const struct module *module, ULONG rva, WCHAR buffer[MAX_PATH], UNICODE_STRING *dll)
{
    const char *name = module_string(module, rva);
    unsigned int n;

    if (!name) return false;
    for (n = 0; name[n] && n < MAX_PATH - 1; n++) buffer[n] = (unsigned char)name[n];
    if (name[n]) return false;
    while (n && buffer[n - 1] == ' ') n--;      /* some linkers left blanks */
    buffer[n] = 0;
    dll->Buffer = buffer;
    dll->Length = n * sizeof(WCHAR);
    dll->MaximumLength = dll->Length + sizeof(WCHAR);
    return n;
}

static NTSTATUS bind_slot(struct load_context *context, struct module *module, struct module *exporter, const UNICODE_STRING *dll,
                          const char *name, const IMAGE_THUNK_DATA *thunk, IMAGE_THUNK_DATA *slot, struct unprotected *range)
{
    void *address = find_import(context, module, exporter, dll, thunk);
    NTSTATUS status;

    if (!address)
    {
        bool by_ordinal = IMAGE_SNAP_BY_ORDINAL(thunk->u1.Ordinal);
        const char *function = by_ordinal ? NULL : (char *)module->ldr.DllBase + thunk->u1.AddressOfData + 2;
        unsigned int ordinal = by_ordinal ? IMAGE_ORDINAL(thunk->u1.Ordinal) : 0;

        if (check_only) check_missing(module, name, function, ordinal);
        address = missing_thunk(module, name, function, ordinal);
        if (!address) return STATUS_NO_MEMORY;
    }
    else if (module->builtin) address = import_prefer_fast_entry(address);
    if ((status = unprotect(module, slot, range))) return status;
    slot->u1.Function = (ULONG_PTR)address;
    return STATUS_SUCCESS;
}

static const WCHAR import_table_damaged[] = L"its import table is damaged";

static NTSTATUS bind_descriptor(struct load_context *context, struct module *module,
                                const IMAGE_IMPORT_DESCRIPTOR *descriptor, struct unprotected *range)
{
    IMAGE_THUNK_DATA *slot, *thunk;
    SIZE_T slots, thunks, i;
    struct module *exporter;
    UNICODE_STRING dll;
    WCHAR buffer[MAX_PATH];
    NTSTATUS status;

    slot = thunk = thunk_list(module, descriptor->FirstThunk, &slots);
    thunks = slots;
    if (descriptor->OriginalFirstThunk) thunk = thunk_list(module, descriptor->OriginalFirstThunk, &thunks);
    if (!slot || !thunk) return module_damaged(context, module, import_table_damaged);
    if (!thunk->u1.AddressOfData) return STATUS_SUCCESS;
    if (!dll_name_of(module, descriptor->Name, buffer, &dll)) return module_damaged(context, module, import_table_damaged);
    status = module_load(context, &dll, module, 0, &exporter);
    if (status == STATUS_DLL_NOT_FOUND && check_only)
    {
        check_missing(module, (char *)module->ldr.DllBase + descriptor->Name, NULL, 0);
        return STATUS_SUCCESS;
    }
    if (status) return status;

    for (i = 0; i < thunks && thunk[i].u1.AddressOfData; i++)
    {
        if (i == slots || !thunk_is_sound(module, &thunk[i])) break;
        status = bind_slot(context, module, exporter, &dll, (char *)module->ldr.DllBase + descriptor->Name, &thunk[i], &slot[i], range);
        if (status == STATUS_INVALID_IMAGE_FORMAT) break;
        if (status) return status;
    }
    if (i == thunks || thunk[i].u1.AddressOfData) return module_damaged(context, module, import_table_damaged);
    return STATUS_SUCCESS;
}

NTSTATUS module_bind(struct load_context *context, struct module *module)
{
    struct unprotected range = { 0 };
    const IMAGE_IMPORT_DESCRIPTOR *descriptor;
    IMAGE_DATA_DIRECTORY directory;
    NTSTATUS status = STATUS_SUCCESS;
    ULONG64 at;

    if (!module_directory(module, IMAGE_DIRECTORY_ENTRY_IMPORT, &directory)) return STATUS_SUCCESS;
    for (at = directory.VirtualAddress; !status; at += sizeof(*descriptor))
    {
        if (!(descriptor = module_at(module, at, sizeof(*descriptor)))) status = module_damaged(context, module, import_table_damaged);
        /* FirstThunk, not OriginalFirstThunk, is what every linker fills in. */
        else if (!descriptor->Name || !descriptor->FirstThunk) break;
        else status = bind_descriptor(context, module, descriptor, &range);
    }
    protect_again(&range);
    return status;
}

/* ---- for delay loading ------------------------------------------------------------------------ */

void *import_missing(const void *base, const char *dll, const char *function, unsigned int ordinal)
{
    struct module *module;
    void *thunk = NULL;

    RtlEnterCriticalSection(&loader_lock);
    if ((module = module_find_base(base))) thunk = missing_thunk(module, dll, function, ordinal);
    RtlLeaveCriticalSection(&loader_lock);
    return thunk;
}

void import_set(const void *base, IMAGE_THUNK_DATA *slot, void *address)
{
    struct unprotected range = { 0 };
    struct module *module;

    RtlEnterCriticalSection(&loader_lock);
    if ((module = module_find_base(base)) && !unprotect(module, slot, &range))
    {
        if (module->builtin) address = import_prefer_fast_entry(address);
        __atomic_store_n(&slot->u1.Function, (ULONG_PTR)address, __ATOMIC_RELEASE);
        protect_again(&range);
    }
    RtlLeaveCriticalSection(&loader_lock);
}
