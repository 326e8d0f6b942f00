/* Running the code of modules: TLS callbacks and DllMain, for the process and for each thread.
 *
 * A DLL is initialised after everything it needs, save where imports go in circles. Callbacks hold the
 * loader lock, as on Windows.
 */

#include "ldr.h"

typedef BOOL (WINAPI *dll_entry)(void *base, DWORD reason, void *reserved);

static void call_tls_callbacks(const struct module *module, DWORD reason)
{
    const PIMAGE_TLS_CALLBACK *callback;

    if (module->tls_index == NO_TLS_INDEX) return;
    /* The list is read anew each time: a callback may add others. */
    for (callback = module->tls.callbacks; callback < module->tls.callbacks_end && *callback; callback++)
        (*callback)(module->ldr.DllBase, reason, NULL);
}

#define ENTRY_RAISED (1ull << 32)       /* the rest is the code of the exception */

extern uint64_t call_guarded(dll_entry entry, void *base, DWORD reason, void *reserved);
extern char call_guarded_raised[];
extern EXCEPTION_DISPOSITION WINAPI entry_raised(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher);

/* What the entry returns, or ENTRY_RAISED. */
__asm__(".section .text$call_guarded,\"xr\"\n"
        "\t.globl call_guarded\n"
        "\t.globl call_guarded_raised\n"
        "\t.seh_proc call_guarded\n"
        "call_guarded:\n"
        "\tsubq $40,%rsp\n"
        "\t.seh_stackalloc 40\n"
        "\t.seh_handler entry_raised, @except\n"
        "\t.seh_endprologue\n"
        "\tmovq %rcx,%rax\n"
        "\tmovq %rdx,%rcx\n"
        "\tmovl %r8d,%edx\n"
        "\tmovq %r9,%r8\n"
        "\tcall *%rax\n"
        "\tmovl %eax,%eax\n"
        "call_guarded_raised:\n"
        "\taddq $40,%rsp\n"
        "\tret\n"
        "\t.seh_endproc\n"
        "\t.text\n");

EXCEPTION_DISPOSITION WINAPI entry_raised(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher)
{
    (void)context, (void)dispatcher;
    if (!(record->ExceptionFlags & (EH_UNWINDING | EH_EXIT_UNWIND)))
        RtlUnwind(frame, call_guarded_raised, record, (void *)(ULONG_PTR)(ENTRY_RAISED | record->ExceptionCode));
    return ExceptionContinueSearch;
}

/* An exception in the DllMain of a DLL that is loaded later is the status of LdrLoadDll: LoadLibrary's error 998. One in a DLL
 * that the program is started with ends the program. */
static NTSTATUS call_attach_later(const struct module *module, bool *raised)
{
    uint64_t result;

    call_tls_callbacks(module, DLL_PROCESS_ATTACH);
    if (!module->ldr.EntryPoint || !(module->ldr.Flags & LDR_IMAGE_IS_DLL)) return STATUS_SUCCESS;
    result = call_guarded((dll_entry)module->ldr.EntryPoint, module->ldr.DllBase, DLL_PROCESS_ATTACH, NULL);
    *raised = result & ENTRY_RAISED;
    if (!*raised) return result ? STATUS_SUCCESS : STATUS_DLL_INIT_FAILED;
    return (NTSTATUS)result < 0 ? (NTSTATUS)result : STATUS_DLL_INIT_FAILED;
}

static bool call_entry(const struct module *module, DWORD reason, void *reserved)
{
    if (module->ldr.Flags & LDR_DONT_RESOLVE_REFS) return true;
    call_tls_callbacks(module, reason);
    if (!module->ldr.EntryPoint || !(module->ldr.Flags & LDR_IMAGE_IS_DLL)) return true;
    return ((dll_entry)module->ldr.EntryPoint)(module->ldr.DllBase, reason, reserved) || reason != DLL_PROCESS_ATTACH;
}

NTSTATUS module_attach(struct module *module, void *reserved)
{
    LIST_ENTRY *list = &ldr_data.InInitializationOrderModuleList, *link = &module->ldr.InInitializationOrderLinks;
    SINGLE_LIST_ENTRY *entry;
    NTSTATUS status;
    bool raised = false;

    if (module->init_failed) return STATUS_DLL_INIT_FAILED;
    if (module->attaching || module->ldr.Flags & LDR_PROCESS_ATTACHED) return STATUS_SUCCESS;
    module->attaching = true;
    for (entry = first_dep(module); entry; entry = next_dep(module, entry))
    {
        if (!(status = module_attach(dep_module(entry), reserved))) continue;
        module->attaching = false;
        return status;
    }
    if (module != exe_module)
    {
        link->Flink = list;
        link->Blink = list->Blink;
        list->Blink->Flink = link;
        list->Blink = link;
    }
    module->ddag.State = LdrModulesInitializing;
    if (reserved || module->ldr.Flags & LDR_DONT_RESOLVE_REFS)
        status = call_entry(module, DLL_PROCESS_ATTACH, reserved) ? STATUS_SUCCESS : STATUS_DLL_INIT_FAILED;
    else
        status = call_attach_later(module, &raised);
    if (status)
    {
        if (!raised) call_entry(module, DLL_PROCESS_DETACH, reserved);
        module->attaching = false;
        module->init_failed = true;
        module->ddag.State = LdrModulesInitError;
        return status;
    }
    module->attaching = false;
    module->ldr.Flags |= LDR_PROCESS_ATTACHED;
    module->ddag.State = LdrModulesReadyToRun;
    return STATUS_SUCCESS;
}

void module_detach(struct module *module, void *reserved)
{
    module->ldr.Flags &= ~LDR_PROCESS_ATTACHED;
    call_entry(module, DLL_PROCESS_DETACH, reserved);
}

static void thread_call(const struct module *module, DWORD reason)
{
    if (!(module->ldr.Flags & LDR_PROCESS_ATTACHED) || module->ldr.Flags & LDR_NO_DLL_CALLS) return;
    call_entry(module, reason, NULL);
}

static void modules_thread_attach(void)
{
    LIST_ENTRY *entry, *list = &ldr_data.InInitializationOrderModuleList;

    modules_hold();
    for (entry = list->Flink; entry != list; entry = entry->Flink)
        thread_call(CONTAINING_RECORD(entry, struct module, ldr.InInitializationOrderLinks), DLL_THREAD_ATTACH);
    call_tls_callbacks(exe_module, DLL_THREAD_ATTACH);
    modules_release();
}

/* A thread made with THREAD_CREATE_FLAGS_SKIP_THREAD_ATTACH comes and goes without DLLs hearing of it. */
static bool is_silent(void)
{
    enum { SKIP_THREAD_ATTACH = 8 };
    return NtCurrentTeb()->SameTebFlags & SKIP_THREAD_ATTACH;
}

NTSTATUS thread_attach(void)
{
    NTSTATUS status = tls_thread_init();

    rtl_thread_begin();
    if (!status && !is_silent()) modules_thread_attach();
    return status;
}

/* ---- the end of a thread, of the process ---------------------------------------------------- */

void WINAPI LdrShutdownThread(void)
{
    LIST_ENTRY *entry, *list = &ldr_data.InInitializationOrderModuleList;
    TEB *teb = NtCurrentTeb();

    if (ldr_data.ShutdownInProgress) return;
    rtl_thread_exit();
    RtlEnterCriticalSection(&loader_lock);
    modules_hold();
    for (entry = list->Blink; entry != list && !is_silent(); entry = entry->Blink)
        thread_call(CONTAINING_RECORD(entry, struct module, ldr.InInitializationOrderLinks), DLL_THREAD_DETACH);
    if (!is_silent()) call_tls_callbacks(exe_module, DLL_THREAD_DETACH);
    modules_release();
    tls_thread_exit();
    RtlLeaveCriticalSection(&loader_lock);
    rtl_thread_free();
    ldr_free(teb->TlsExpansionSlots);
    teb->TlsExpansionSlots = NULL;
    heap_thread_exit();
}

void WINAPI LdrShutdownProcess(void)
{
    LIST_ENTRY *entry, *list = &ldr_data.InInitializationOrderModuleList;

    if (ldr_data.ShutdownInProgress) return;
    ldr_data.ShutdownInProgress = TRUE;
    ldr_data.ShutdownThreadId = NtCurrentTeb()->ClientId.UniqueThread;
    rtl_thread_exit();
    for (entry = list->Blink; entry != list; entry = entry->Blink)
    {
        struct module *module = CONTAINING_RECORD(entry, struct module, ldr.InInitializationOrderLinks);

        if (module->ldr.Flags & LDR_PROCESS_ATTACHED) module_detach(module, (void *)1);
    }
    call_tls_callbacks(exe_module, DLL_PROCESS_DETACH);
}

BOOLEAN WINAPI RtlDllShutdownInProgress(void)
{
    return ldr_data.ShutdownInProgress;
}

void WINAPI RtlExitUserThread(ULONG status)
{
    ULONG last = FALSE;

    if (!NtQueryInformationThread(NtCurrentThread(), ThreadAmILastThread, &last, sizeof(last), NULL) && last)
        RtlExitUserProcess(status);
    LdrShutdownThread();
    dbgui_thread_exit();
    for (;;) NtTerminateThread(NtCurrentThread(), status);
}

/* The other threads end first, so that DLLs are detached by the only thread there is. Taking the locks
 * which these threads might be in keeps them from being left held for ever. */
void WINAPI RtlExitUserProcess(ULONG status)
{
    HANDLE heap = current_peb()->ProcessHeap;

    process_exit_status = status;
    RtlEnterCriticalSection(&loader_lock);
    RtlAcquirePebLock();
    RtlLockHeap(heap);
    NtTerminateProcess(NULL, status);
    waiters_forget();
    RtlUnlockHeap(heap);
    RtlReleasePebLock();
    LdrShutdownProcess();
    for (;;) NtTerminateProcess(NtCurrentProcess(), status);
}

/* ---- notifications --------------------------------------------------------------------------- */

struct notification
{
    struct notification *next;
    PLDR_DLL_NOTIFICATION_FUNCTION callback;
    void *context;
};

static struct notification *notifications;

void notify_dll(const struct module *module, ULONG reason)
{
    struct notification *n, *next;
    LDR_DLL_NOTIFICATION_DATA data =
    {
        .Loaded =
        {
            .FullDllName = &module->ldr.FullDllName,
            .BaseDllName = &module->ldr.BaseDllName,
            .DllBase = module->ldr.DllBase,
            .SizeOfImage = module->ldr.SizeOfImage,
        },
    };

    for (n = notifications; n; n = next)
    {
        next = n->next;                 /* it may unregister itself */
        n->callback(reason, &data, n->context);
    }
}

NTSTATUS WINAPI LdrRegisterDllNotification(ULONG flags, PLDR_DLL_NOTIFICATION_FUNCTION callback, void *context, void **cookie)
{
    struct notification *n, **last;

    if (flags || !callback || !cookie) return STATUS_INVALID_PARAMETER;
    if (!(n = ldr_alloc(sizeof(*n)))) return STATUS_NO_MEMORY;
    n->callback = callback;
    n->context = context;
    RtlEnterCriticalSection(&loader_lock);
    for (last = &notifications; *last; last = &(*last)->next) ;
    *last = n;
    RtlLeaveCriticalSection(&loader_lock);
    *cookie = n;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI LdrUnregisterDllNotification(void *cookie)
{
    struct notification **n, *found;

    RtlEnterCriticalSection(&loader_lock);
    for (n = &notifications; *n && *n != cookie; n = &(*n)->next) ;
    if ((found = *n)) *n = found->next;
    RtlLeaveCriticalSection(&loader_lock);
    ldr_free(found);
    return found ? STATUS_SUCCESS : STATUS_DLL_NOT_FOUND;
}
