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
    const IMAGE_DATA_DIRECTORY *iat = &module->nt->OptionalHeader.DataDirectory[IMAGE_DIRECTORY_ENTRY_IAT];
    const IMAGE_SECTION_HEADER *section = IMAGE_FIRST_SECTION(module->nt);
    DWORD rva = (const char *)slot - (const char *)module->ldr.DllBase;
    unsigned int i;
    NTSTATUS status;
    void *start;

    if (range->start && (SIZE_T)((const char *)slot - range->start) < range->size) return STATUS_SUCCESS;
    for (i = 0; i < module->nt->FileHeader.NumberOfSections; i++, section++)
    {
        DWORD size = max(section->Misc.VirtualSize, section->SizeOfRawData);

        if (rva < section->VirtualAddress || rva - section->VirtualAddress >= size) continue;
        if (section->Characteristics & IMAGE_SCN_MEM_WRITE) return STATUS_SUCCESS;
        protect_again(range);
        start = (char *)module->ldr.DllBase + section->VirtualAddress;
        range->size = size;
        if (module->nt->OptionalHeader.NumberOfRvaAndSizes > IMAGE_DIRECTORY_ENTRY_IAT
            && rva - iat->VirtualAddress < iat->Size && iat->Size < size)
        {
            start = (char *)module->ldr.DllBase + iat->VirtualAddress;
            range->size = iat->Size;
        }
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

    by_name = (const IMAGE_IMPORT_BY_NAME *)((char *)importer->ldr.DllBase + thunk->u1.AddressOfData);
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

static NTSTATUS bind_descriptor(struct load_context *context, struct module *module,
                                const IMAGE_IMPORT_DESCRIPTOR *descriptor, struct unprotected *range)
{
    char *base = module->ldr.DllBase;
    const char *name = base + descriptor->Name;
    IMAGE_THUNK_DATA *slot = (IMAGE_THUNK_DATA *)(base + descriptor->FirstThunk);
    const IMAGE_THUNK_DATA *thunk = slot;
    struct module *exporter;
    UNICODE_STRING dll;
    WCHAR buffer[MAX_PATH];
    unsigned int n;
    NTSTATUS status;

    if (descriptor->OriginalFirstThunk) thunk = (const IMAGE_THUNK_DATA *)(base + descriptor->OriginalFirstThunk);
    if (!thunk->u1.AddressOfData) return STATUS_SUCCESS;

    for (n = 0; name[n] && n < MAX_PATH - 1; n++) buffer[n] = (unsigned char)name[n];
    while (n && buffer[n - 1] == ' ') n--;      /* some linkers left blanks */
    buffer[n] = 0;
    dll.Buffer = buffer;
    dll.Length = n * sizeof(WCHAR);
    dll.MaximumLength = dll.Length + sizeof(WCHAR);
    if ((status = module_load(context, &dll, module, 0, &exporter))) return status;

    for (; thunk->u1.AddressOfData; thunk++, slot++)
    {
        void *address = find_import(context, module, exporter, &dll, thunk);

        if (!address)
        {
            bool ordinal = IMAGE_SNAP_BY_ORDINAL(thunk->u1.Ordinal);
            address = missing_thunk(module, name, ordinal ? NULL : base + thunk->u1.AddressOfData + 2,
                                    ordinal ? IMAGE_ORDINAL(thunk->u1.Ordinal) : 0);
            if (!address) return STATUS_NO_MEMORY;
        }
        else if (module->builtin) address = import_prefer_fast_entry(address);
        if ((status = unprotect(module, slot, range))) return status;
        slot->u1.Function = (ULONG_PTR)address;
    }
    return STATUS_SUCCESS;
}

NTSTATUS module_bind(struct load_context *context, struct module *module)
{
    struct unprotected range = { 0 };
    const IMAGE_IMPORT_DESCRIPTOR *descriptor;
    NTSTATUS status = STATUS_SUCCESS;
    ULONG size;

    descriptor = RtlImageDirectoryEntryToData(module->ldr.DllBase, TRUE, IMAGE_DIRECTORY_ENTRY_IMPORT, &size);
    if (!descriptor) return STATUS_SUCCESS;
    /* FirstThunk, not OriginalFirstThunk, is what every linker fills in. */
    for (; !status && descriptor->Name && descriptor->FirstThunk; descriptor++)
        status = bind_descriptor(context, module, descriptor, &range);
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
