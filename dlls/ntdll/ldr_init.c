/* The first instructions of a process or a thread.
 *
 * The Unix side has mapped the program and ntdll, filled PEB.ProcessParameters and made the TEB. Every
 * thread enters LdrInitializeThunk with the context it shall have afterwards; the first one finds a
 * process to set up, the others a thread.
 */

#include "ldr.h"
#include "oriel/loader.h"

void WINAPI LdrInitializeThunk(CONTEXT *context, void *ntdll_base, ULONG_PTR flags, void *unused);

extern IMAGE_DOS_HEADER __ImageBase;

RTL_CRITICAL_SECTION loader_lock = { .LockCount = -1 };
void *base_thread_init;

static void DECLSPEC_NORETURN init_failed(const struct load_context *context, const UNICODE_STRING *what, NTSTATUS status)
{
    WCHAR program[128], name[128], code[128];

    if (status == STATUS_DLL_NOT_FOUND && context->missing)
        ldr_message(L"cannot find ", context->missing->Buffer, L", needed by ",
                    message_name(&(context->needed_by ? context->needed_by : exe_module)->ldr.BaseDllName, program), NULL);
    else if (status == STATUS_INVALID_IMAGE_FORMAT && context->why) ldr_message(context->blamed, L": ", context->why, NULL);
    else if (status == STATUS_DLL_INIT_FAILED)
        ldr_message(L"a DLL of ", message_name(what, name), L" failed to initialise", NULL);
    else
        ldr_message(L"cannot load what ", message_name(what, name), L" needs: status ", message_hex(status, code), NULL);
    for (;;) NtTerminateProcess(NtCurrentProcess(), status);
}

/* Before anything reads the program's headers: they may reach out of the pages that hold them. */
static void check_headers(const PEB *peb)
{
    const UNICODE_STRING name = name_base(&peb->ProcessParameters->ImagePathName);
    MEMORY_BASIC_INFORMATION info;
    WCHAR buffer[128];
    NTSTATUS status;

    status = NtQueryVirtualMemory(NtCurrentProcess(), peb->ImageBaseAddress, MemoryBasicInformation, &info, sizeof(info), NULL);
    if (!status && image_headers_fit(peb->ImageBaseAddress, info.RegionSize)) return;
    ldr_message(message_name(&name, buffer), L": its headers are damaged", NULL);
    for (;;) NtTerminateProcess(NtCurrentProcess(), STATUS_INVALID_IMAGE_FORMAT);
}

static WCHAR *copy_name(const UNICODE_STRING *name, const WCHAR *tail, UNICODE_STRING *copy)
{
    size_t tail_size = wcslen(tail) * sizeof(WCHAR);

    copy->Buffer = ldr_alloc(name->Length + tail_size + sizeof(WCHAR));
    if (!copy->Buffer) return NULL;
    memcpy(copy->Buffer, name->Buffer, name->Length);
    memcpy((char *)copy->Buffer + name->Length, tail, tail_size);
    copy->Length = name->Length + tail_size;
    copy->MaximumLength = copy->Length + sizeof(WCHAR);
    return copy->Buffer;
}

static struct module *add_mapped(void *base, const UNICODE_STRING *name, const WCHAR *tail, bool builtin)
{
    UNICODE_STRING full_name;
    struct module *module;

    if (!copy_name(name, tail, &full_name) || !(module = module_create(base, &full_name, builtin))) return NULL;
    module->references = -1;
    return module;
}

/* kernel32 is there whether the program imports it or not, as on Windows. */
static NTSTATUS load_kernel32(struct load_context *context, struct module **kernel32)
{
    static const UNICODE_STRING name = CONSTANT_STRING(L"kernel32.dll");
    NTSTATUS status;

    if (exe_module->nt->OptionalHeader.Subsystem == IMAGE_SUBSYSTEM_NATIVE) return STATUS_SUCCESS;
    if ((status = module_load(context, &name, NULL, 0, kernel32))) return status;
    base_thread_init = export_find_name(context, *kernel32, "BaseThreadInitThunk", 0);
    return STATUS_SUCCESS;
}

static void pin_all(void)
{
    LIST_ENTRY *entry, *list = &ldr_data.InLoadOrderModuleList;

    for (entry = list->Flink; entry != list; entry = entry->Flink)
    {
        struct module *module = module_from_load_link(entry);

        module_pin(module);
        module->ldr.LoadReason = LoadReasonStaticDependency;
    }
}

/* Where a debugger first finds everything mapped and nothing run. Not DbgBreakPoint: kernel32:debugger, test_debug_children. */
__asm__(".text\n"
        "\t.globl loader_breakpoint\n"
        "loader_breakpoint:\n"
        "\tint3\n"
        "\tret\n");
extern void loader_breakpoint(void);

static void process_init(CONTEXT *start)
{
    static const UNICODE_STRING system_folder = CONSTANT_STRING(system_dir);
    PEB *peb = current_peb();
    struct load_context context = { 0 };
    struct module *kernel32 = NULL;
    NTSTATUS status;

    check_headers(peb);
    peb->LdrData = &ldr_data;
    peb->LoaderLock = &loader_lock;
    peb->ProcessHeap = RtlCreateHeap(HEAP_GROWABLE, NULL, 0, 0, NULL, NULL);
    if (!peb->ProcessHeap) NtTerminateProcess(NtCurrentProcess(), STATUS_NO_MEMORY);
    rtl_process_init();

    exe_module = add_mapped(peb->ImageBaseAddress, &peb->ProcessParameters->ImagePathName, L"", false);
    if (exe_module) ntdll_module = add_mapped(&__ImageBase, &system_folder, L"\\ntdll.dll", true);
    if (!ntdll_module) NtTerminateProcess(NtCurrentProcess(), STATUS_NO_MEMORY);
    exe_module->ldr.EntryPoint = (char *)peb->ImageBaseAddress + exe_module->nt->OptionalHeader.AddressOfEntryPoint;
    ldr_data.Initialized = TRUE;
    module_attach(ntdll_module, start);

    modules_hold();
    status = module_relocate(peb->ImageBaseAddress);
    if (status == STATUS_INVALID_IMAGE_FORMAT) module_damaged(&context, exe_module, relocation_table_damaged);
    if (!status) status = load_kernel32(&context, &kernel32);
    if (!status) status = module_bind(&context, exe_module);
    if (!status) status = tls_add_module(&context, exe_module);
    if (!status) status = tls_thread_init();
    if (status) init_failed(&context, &exe_module->ldr.BaseDllName, status);
    if (check_only) check_end();
    pin_all();
    modules_release();
    if (peb->BeingDebugged) break_quietly(loader_breakpoint);
    if (kernel32) status = module_attach(kernel32, start);
    if (!status) status = module_attach(exe_module, start);
    if (status) init_failed(&context, &exe_module->ldr.BaseDllName, status);
}

void WINAPI LdrInitializeThunk(CONTEXT *context, void *ntdll_base, ULONG_PTR flags, void *unused)
{
    static bool process_ready;
    NTSTATUS status = STATUS_SUCCESS;

    (void)ntdll_base, (void)unused;
    RtlEnterCriticalSection(&loader_lock);
    if (!process_ready)
    {
        process_ready = true;
        check_only = flags & ORIEL_LOADER_CHECK;
        process_init(context);
    }
    else status = thread_attach();
    RtlLeaveCriticalSection(&loader_lock);
    if (status) NtTerminateThread(NtCurrentThread(), status);
    NtContinue(context, TRUE);
    RtlRaiseStatus(STATUS_INVALID_PARAMETER);
}
