/* The loader: order and life time of DLLs, exports and forwarders, API sets, missing functions, TLS,
 * notifications, search folders, delayed imports. The DLLs are made on the spot: loader_image.h. */

#include <stdio.h>
#include "loader_image.h"
#include "delayloadhandler.h"
#include "wine/test.h"

/* Not in Wine's headers. */
extern USHORT WINAPI RtlCaptureStackBackTrace(ULONG from, ULONG count, void **frames, ULONG *hash);
typedef void (WINAPI *enumerate_callback)(LDR_DATA_TABLE_ENTRY *entry, void *context, BOOLEAN *stop);
extern NTSTATUS WINAPI LdrEnumerateLoadedModules(void *reserved, enumerate_callback callback, void *context);
extern void * WINAPI LdrResolveDelayLoadedAPI(void *base, const IMAGE_DELAYLOAD_DESCRIPTOR *descriptor,
                                              PDELAYLOAD_FAILURE_DLL_CALLBACK dll_hook,
                                              PDELAYLOAD_FAILURE_SYSTEM_ROUTINE system_hook, IMAGE_THUNK_DATA *slot, ULONG flags);

const char *test_program;

static char program_name[MAX_PATH];
static WCHAR folder[MAX_PATH];

/* ---- the record of calls ------------------------------------------------------------------------ */

static char events[512];
static BOOL quiet;                      /* do not record */
static const char *refuse;              /* the DLL whose DllMain shall return FALSE */
static DWORD raise_code;                /* how it refuses: by this exception; 0: by returning FALSE */

static void event(const char *name, const char *what)
{
    size_t length = strlen(events);

    if (quiet) return;
    snprintf(events + length, sizeof(events) - length, "%s%.1s%s", length ? " " : "", name, what);
}

#define check_events(expected) check_events_(__LINE__, expected)
static void check_events_(int line, const char *expected)
{
    ok_(__FILE__, line)(!strcmp(events, expected), "expected \"%s\", got \"%s\"\n", expected, events);
    events[0] = 0;
}

static const char *module_name(void *base)
{
    const IMAGE_EXPORT_DIRECTORY *exports;
    ULONG size;

    if (!(exports = RtlImageDirectoryEntryToData(base, TRUE, IMAGE_DIRECTORY_ENTRY_EXPORT, &size))) return "?";
    return (const char *)base + exports->Name;
}

BOOL WINAPI loader_test_entry(void *base, DWORD reason, void *reserved)
{
    static const char *const names[] = { "-", "+", "(", ")" };
    const char *name = module_name(base);

    ok(!reserved, "reserved is %p in a DLL that was loaded by hand\n", reserved);
    event(name, names[reason]);
    if (raise_code && reason == DLL_PROCESS_ATTACH && !strcmp(refuse, name)) RaiseException(raise_code, 0, 0, NULL);
    return !(refuse && reason == DLL_PROCESS_ATTACH && !strcmp(refuse, name));
}

void WINAPI loader_test_tls(void *base, DWORD reason, void *reserved)
{
    static const char *const names[] = { "t-", "t+", "t(", "t)" };

    ok(!reserved, "reserved is %p in a TLS callback\n", reserved);
    event(module_name(base), names[reason]);
}

/* ---- helpers -------------------------------------------------------------------------------------- */

static void init_name(UNICODE_STRING *string, WCHAR buffer[MAX_PATH], const char *name, BOOL in_folder)
{
    if (in_folder) swprintf(buffer, MAX_PATH, L"%ls\\%hs", folder, name);
    else swprintf(buffer, MAX_PATH, L"%hs", name);
    RtlInitUnicodeString(string, buffer);
}

/* With the test's folder first in the search, so that imports are found too. */
static NTSTATUS load(const char *name, HMODULE *module)
{
    UNICODE_STRING string;
    WCHAR buffer[MAX_PATH];

    init_name(&string, buffer, name, FALSE);
    *module = NULL;
    return LdrLoadDll(folder, 0, &string, module);
}

static HMODULE loaded(const char *name)
{
    UNICODE_STRING string;
    WCHAR buffer[MAX_PATH];
    HMODULE module = NULL;

    init_name(&string, buffer, name, FALSE);
    return LdrGetDllHandle(NULL, 0, &string, &module) ? NULL : module;
}

static NTSTATUS find(HMODULE module, const char *name, unsigned int ordinal, void **address)
{
    ANSI_STRING string;

    if (name) RtlInitAnsiString(&string, name);
    *address = (void *)0xdead;
    return LdrGetProcedureAddress(module, name ? &string : NULL, ordinal, address);
}

static void remove_image(const char *name)
{
    WCHAR path[MAX_PATH];

    swprintf(path, MAX_PATH, L"%ls\\%hs", folder, name);
    ok(DeleteFileW(path), "cannot delete %ls: %lu\n", path, GetLastError());
}

/* ---- order and life time --------------------------------------------------------------------------- */

static void test_order(void)
{
    static const struct image a = { "a_ldr.dll", { { "b_ldr.dll", "value", 0 }, { "c_ldr.dll", "value", 0 } },
                                    { { "value", NULL, 1 } }, 0, TRUE, FALSE, 0x10000000, FALSE };
    static const struct image b = { "b_ldr.dll", { { "c_ldr.dll", "value", 0 } }, { { "value", NULL, 2 } }, 0, TRUE, FALSE, 0x10100000, FALSE };
    static const struct image c = { "c_ldr.dll", { { 0 } }, { { "value", NULL, 3 } }, 0, TRUE, FALSE, 0x10200000, FALSE };
    static const struct image d = { "d_ldr.dll", { { "a_ldr.dll", "value", 0 }, { "e_ldr.dll", "value", 0 } },
                                    { { "value", NULL, 4 } }, 0, TRUE, FALSE, 0x10300000, FALSE };
    static const struct image e = { "e_ldr.dll", { { "d_ldr.dll", "value", 0 } }, { { "value", NULL, 5 } }, 0, TRUE, FALSE, 0x10400000, FALSE };
    HMODULE module, again, other;
    NTSTATUS status;
    void *address;

    image_write(&a, folder);
    image_write(&b, folder);
    image_write(&c, folder);
    image_write(&d, folder);
    image_write(&e, folder);

    status = load("nothing_ldr.dll", &module);
    ok(status == STATUS_DLL_NOT_FOUND, "status %#lx\n", status);

    status = load("a_ldr.dll", &module);
    ok(!status && module == (HMODULE)0x110000000, "status %#lx, module %p\n", status, module);
    check_events("c+ b+ a+");
    ok(loaded("c_ldr.dll") != NULL && loaded("C_LDR") != NULL, "c is not loaded\n");
    status = load("A_Ldr", &again);
    ok(!status && again == module, "status %#lx, module %p\n", status, again);
    ok(!LdrUnloadDll(again), "not unloaded\n");
    check_events("");
    ok(loaded("a_ldr.dll") == module, "a is gone too early\n");
    ok(!find(module, "value", 0, &address) && *(DWORD *)address == 1, "wrong value\n");

    /* Something else keeps b and c. */
    status = load("b_ldr.dll", &other);
    ok(!status, "status %#lx\n", status);
    ok(!LdrUnloadDll(module), "not unloaded\n");
    check_events("a-");
    ok(!loaded("a_ldr.dll") && loaded("b_ldr.dll") && loaded("c_ldr.dll"), "the wrong ones stayed\n");
    ok(!LdrUnloadDll(other), "not unloaded\n");
    check_events("b- c-");
    ok(!loaded("b_ldr.dll") && !loaded("c_ldr.dll"), "b or c stayed\n");
    ok(LdrUnloadDll(other) == STATUS_DLL_NOT_FOUND, "unloaded what is not there\n");

    /* d and e need each other, and a. */
    status = load("d_ldr.dll", &module);
    ok(!status, "status %#lx\n", status);
    check_events("c+ b+ a+ e+ d+");
    ok(!LdrUnloadDll(module), "not unloaded\n");
    check_events("d- e- a- b- c-");
    ok(!loaded("d_ldr.dll") && !loaded("e_ldr.dll") && !loaded("a_ldr.dll"), "a circle stayed\n");

    /* A DllMain that refuses takes all down that was loaded for it. */
    refuse = "a_ldr.dll";
    status = load("d_ldr.dll", &module);
    ok(status == STATUS_DLL_INIT_FAILED, "status %#lx\n", status);
    check_events("c+ b+ a+ a- b- c-");
    ok(!loaded("a_ldr.dll") && !loaded("c_ldr.dll") && !loaded("d_ldr.dll"), "something stayed\n");

    /* So does one that raises, and that is the status (kernel32:loader, map_image_section); it is not told of the end. */
    raise_code = STATUS_ACCESS_VIOLATION;
    status = load("d_ldr.dll", &module);
    ok(status == STATUS_ACCESS_VIOLATION, "status %#lx\n", status);
    check_events("c+ b+ a+ b- c-");
    ok(!loaded("a_ldr.dll") && !loaded("c_ldr.dll") && !loaded("d_ldr.dll"), "something stayed\n");
    raise_code = 1;
    status = load("a_ldr.dll", &module);
    ok(status == STATUS_DLL_INIT_FAILED, "status %#lx\n", status);
    check_events("c+ b+ a+ b- c-");
    raise_code = 0;
    refuse = NULL;

    /* The imports cannot be found: nothing stays and nothing runs. */
    remove_image("c_ldr.dll");
    status = load("a_ldr.dll", &module);
    ok(status == STATUS_DLL_NOT_FOUND, "status %#lx\n", status);
    check_events("");
    ok(!loaded("a_ldr.dll") && !loaded("b_ldr.dll"), "something stayed\n");

    remove_image("a_ldr.dll");
    remove_image("b_ldr.dll");
    remove_image("d_ldr.dll");
    remove_image("e_ldr.dll");
}

/* ---- exports ----------------------------------------------------------------------------------------- */

static void test_exports(void)
{
    static const struct image f = { "f_ldr.dll", { { 0 } },
        { { "Another", NULL, 11 }, { "another", NULL, 12 }, { "far", "g_ldr.value", 0 }, { "gone", "g_ldr.nothing", 0 },
          { "number", "g_ldr.#7", 0 }, { NULL, NULL, 13 } }, 5, TRUE, FALSE, 0x20000000, FALSE };
    static const struct image g = { "g_ldr.dll", { { 0 } }, { { "set", "api-ms-win-core-rtlsupport-l1-1-0.RtlCaptureContext", 0 },
                                    { "value", NULL, 21 }, { NULL, NULL, 22 } }, 5, TRUE, FALSE, 0x20100000, FALSE };
    HMODULE module, ntdll = GetModuleHandleA("ntdll.dll");
    NTSTATUS status;
    void *address, *expected;

    image_write(&f, folder);
    image_write(&g, folder);
    status = load("f_ldr.dll", &module);
    ok(!status, "status %#lx\n", status);
    check_events("f+");
    ok(!find(module, "Another", 0, &address) && *(DWORD *)address == 11, "Another\n");
    ok(!find(module, "another", 0, &address) && *(DWORD *)address == 12, "another\n");
    ok(!find(module, NULL, 6, &address) && *(DWORD *)address == 12, "ordinal 6\n");
    ok(!find(module, NULL, 10, &address) && *(DWORD *)address == 13, "ordinal 10\n");
    status = find(module, "nothing", 0, &address);
    ok(status == STATUS_PROCEDURE_NOT_FOUND || status == STATUS_ENTRYPOINT_NOT_FOUND, "status %#lx\n", status);
    ok(address == (void *)0xdead || !address, "address %p\n", address);
    ok(find(module, NULL, 4, &address), "an ordinal below the first was found\n");
    ok(find(module, NULL, 11, &address), "an ordinal above the last was found\n");
    check_events("");

    /* Whom a forwarder leads to is loaded then, and stays as long as the one that forwards. */
    SetDllDirectoryW(folder);
    ok(!find(module, "far", 0, &address) && *(DWORD *)address == 21, "far\n");
    check_events("g+");
    ok(!find(module, "number", 0, &address) && *(DWORD *)address == 22, "number\n");
    ok(find(module, "gone", 0, &address), "gone\n");
    ok(!find(ntdll, "RtlCaptureContext", 0, &expected), "no RtlCaptureContext\n");
    ok(!find(loaded("g_ldr.dll"), "set", 0, &address) && address == expected, "the API set gave %p, not %p\n", address, expected);
    SetDllDirectoryW(NULL);
    ok(!LdrUnloadDll(module), "not unloaded\n");
    check_events("g- f-");
    ok(!loaded("g_ldr.dll"), "g stayed\n");
    remove_image("f_ldr.dll");
    remove_image("g_ldr.dll");

    ok(find(module, "Another", 0, &address) == STATUS_DLL_NOT_FOUND, "found in a DLL that is gone\n");
}

static void test_apisets(void)
{
    static const struct { const char *set, *host; } sets[] =
    {
        { "api-ms-win-core-memory-l1-1-6.dll", "kernelbase.dll" },
        { "api-ms-win-core-memory-l1-1-0", "kernelbase.dll" },
        { "API-MS-Win-Core-RtlSupport-L1-2-0.dll", "ntdll.dll" },
    };
    HMODULE module;
    NTSTATUS status;
    unsigned int i;

    for (i = 0; i < ARRAY_SIZE(sets); i++)
    {
        status = load(sets[i].set, &module);
        ok(!status && module == loaded(sets[i].host), "%s: status %#lx, module %p\n", sets[i].set, status, module);
        if (!status) LdrUnloadDll(module);
    }
    ok(load("api-ms-win-oriel-none-l1-1-0.dll", &module) == STATUS_DLL_NOT_FOUND, "an API set nobody has\n");
}

/* ---- functions that are missing ------------------------------------------------------------------------- */

/* Calls the function; comes back to call_missing_return if it raises. */
extern void call_missing(void (*function)(void));
extern const char call_missing_return[];
extern ULONG_PTR call_missing_rsp;
__asm__(
    ".text\n"
    "\t.globl call_missing, call_missing_return, call_missing_rsp\n"
    "\t.seh_proc call_missing\n"
    "call_missing:\n"
    "\tsubq $0x28, %rsp\n\t.seh_stackalloc 0x28\n"
    "\t.seh_endprologue\n"
    "\tmovq %rsp, call_missing_rsp(%rip)\n"
    "\tcall *%rcx\n"
    "call_missing_return:\n"
    "\taddq $0x28, %rsp\n"
    "\tret\n"
    "\t.seh_endproc\n"
    "\t.bss\n"
    "\t.balign 8\n"
    "call_missing_rsp: .skip 8\n"
    "\t.text\n"
);

static LONG CALLBACK missing_handler(EXCEPTION_POINTERS *pointers)
{
    const EXCEPTION_RECORD *record = pointers->ExceptionRecord;

    if (record->ExceptionCode != (DWORD)STATUS_ENTRYPOINT_NOT_FOUND) return EXCEPTION_CONTINUE_SEARCH;
    ok(record->ExceptionFlags & EXCEPTION_NONCONTINUABLE, "flags %#lx\n", record->ExceptionFlags);
    ok(record->NumberParameters == 2 && !strcmp((char *)record->ExceptionInformation[0], "kernel32.dll")
       && !strcmp((char *)record->ExceptionInformation[1], "NoSuchFunctionAnywhere"), "wrong parameters\n");
    event("missing", "!");
    ok((char *)record->ExceptionAddress == call_missing_return, "address %p\n", record->ExceptionAddress);
    pointers->ContextRecord->Rip = (ULONG_PTR)call_missing_return;
    pointers->ContextRecord->Rsp = call_missing_rsp;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void test_missing(void)
{
    static const struct image h = { "h_ldr.dll", { { "kernel32.dll", "NoSuchFunctionAnywhere", 0 } },
                                    { { "value", NULL, 1 } }, 0, TRUE, FALSE, 0x21000000, FALSE };
    const IMAGE_IMPORT_DESCRIPTOR *imports;
    void (*function)(void), *handler, *address;
    HMODULE module;
    NTSTATUS status;
    ULONG size;

    image_write(&h, folder);
    status = load("h_ldr.dll", &module);
    if (status == STATUS_ENTRYPOINT_NOT_FOUND || status == STATUS_PROCEDURE_NOT_FOUND)
        win_skip("Windows does not load DLLs with missing imports\n");
    else
    {
        ok(!status, "status %#lx\n", status);
        check_events("h+");
        imports = RtlImageDirectoryEntryToData(module, TRUE, IMAGE_DIRECTORY_ENTRY_IMPORT, &size);
        function = *(void (**)(void))((char *)module + imports->FirstThunk);
        ok(find(GetModuleHandleA("kernel32.dll"), "NoSuchFunctionAnywhere", 0, &address), "GetProcAddress knows it\n");
        handler = AddVectoredExceptionHandler(TRUE, missing_handler);
        call_missing(function);
        check_events("m!");
        RemoveVectoredExceptionHandler(handler);
        ok(!LdrUnloadDll(module), "not unloaded\n");
        check_events("h-");
    }
    remove_image("h_ldr.dll");
}

/* ---- threads and thread-local storage --------------------------------------------------------------------- */

static DWORD *tls_index;

static ULONG64 *tls_block(void)
{
    ULONG64 **vector = NtCurrentTeb()->ThreadLocalStoragePointer;
    return vector[*tls_index];
}

static struct { HANDLE go, done; ULONG64 before, after; ULONG64 *block; } worker;

static DWORD WINAPI waiting_thread(void *argument)
{
    (void)argument;
    SetEvent(worker.done);
    WaitForSingleObject(worker.go, INFINITE);
    worker.block = tls_block();
    worker.before = worker.block[0];
    worker.after = worker.block[1];
    worker.block[0] = 5;
    SetEvent(worker.done);
    WaitForSingleObject(worker.go, INFINITE);
    return 0;
}

static DWORD WINAPI new_thread(void *argument)
{
    (void)argument;
    worker.block = tls_block();
    worker.before = worker.block[0];
    worker.after = worker.block[1];
    return 0;
}

static void run_thread(LPTHREAD_START_ROUTINE start)
{
    HANDLE thread = CreateThread(NULL, 0, start, NULL, 0, NULL);

    ok(thread != NULL, "no thread: %lu\n", GetLastError());
    ok(!WaitForSingleObject(thread, 10000), "the thread does not end\n");
    CloseHandle(thread);
}

static void test_tls(void)
{
    static const struct image t = { "t_ldr.dll", { { 0 } }, { { "value", NULL, 1 } }, 0, TRUE, TRUE, 0x22000000, FALSE };
    static const struct image u = { "u_ldr.dll", { { 0 } }, { { "value", NULL, 1 } }, 0, TRUE, FALSE, 0x22100000, FALSE };
    const IMAGE_TLS_DIRECTORY64 *directory;
    HMODULE module, other;
    HANDLE thread;
    NTSTATUS status;
    ULONG size;

    image_write(&t, folder);
    image_write(&u, folder);
    worker.go = CreateEventA(NULL, FALSE, FALSE, NULL);
    worker.done = CreateEventA(NULL, FALSE, FALSE, NULL);
    thread = CreateThread(NULL, 0, waiting_thread, NULL, 0, NULL);
    ok(thread != NULL, "no thread: %lu\n", GetLastError());
    ok(!WaitForSingleObject(worker.done, 10000), "the thread does not start\n");

    status = load("t_ldr.dll", &module);
    ok(!status, "status %#lx\n", status);
    check_events("tt+ t+");
    directory = RtlImageDirectoryEntryToData(module, TRUE, IMAGE_DIRECTORY_ENTRY_TLS, &size);
    tls_index = (DWORD *)directory->AddressOfIndex;
    ok(tls_block()[0] == IMAGE_TLS_TEMPLATE && !tls_block()[1], "the block is %#I64x %#I64x\n", tls_block()[0], tls_block()[1]);
    tls_block()[0] = 1;

    /* The thread that was there before has a block of its own. */
    SetEvent(worker.go);
    ok(!WaitForSingleObject(worker.done, 10000), "the thread does not answer\n");
    ok(worker.before == IMAGE_TLS_TEMPLATE && !worker.after, "the block is %#I64x %#I64x\n", worker.before, worker.after);
    ok(worker.block != tls_block() && tls_block()[0] == 1, "two threads share a block\n");

    /* So has one that starts now, and DLLs hear of it: TLS callbacks before DllMain. */
    run_thread(new_thread);
    ok(worker.before == IMAGE_TLS_TEMPLATE && !worker.after, "the block is %#I64x %#I64x\n", worker.before, worker.after);
    check_events("tt( t( tt) t)");

    status = load("u_ldr.dll", &other);
    ok(!status, "status %#lx\n", status);
    check_events("u+");
    run_thread(new_thread);
    check_events("tt( t( u( u) tt) t)");
    ok(!LdrDisableThreadCalloutsForDll(other), "refused\n");
    ok(LdrDisableThreadCalloutsForDll(module), "allowed for a DLL with TLS\n");
    run_thread(new_thread);
    check_events("tt( t( tt) t)");

    SetEvent(worker.go);
    ok(!WaitForSingleObject(thread, 10000), "the thread does not end\n");
    CloseHandle(thread);
    check_events("tt) t)");
    ok(!LdrUnloadDll(other), "not unloaded\n");
    ok(!LdrUnloadDll(module), "not unloaded\n");
    check_events("u- tt- t-");
    CloseHandle(worker.go);
    CloseHandle(worker.done);
    remove_image("t_ldr.dll");
    remove_image("u_ldr.dll");
}

/* Threads that load, unload, look up and unwind at the same time. */
static DWORD WINAPI busy_thread(void *argument)
{
    ULONG_PTR failures = 0;
    void *frames[16], *address;
    unsigned int i;

    for (i = 0; i < 100; i++)
    {
        HMODULE module;

        if (load(argument, &module)) failures++;
        else
        {
            if (find(module, "value", 0, &address) || *(DWORD *)address != 7) failures++;
            if (LdrUnloadDll(module)) failures++;
        }
        if (RtlCaptureStackBackTrace(0, ARRAY_SIZE(frames), frames, NULL) < 2) failures++;
        if (RtlPcToFileHeader((void *)busy_thread, &address) != GetModuleHandleA(NULL)) failures++;
    }
    return failures;
}

static void test_threads(void)
{
    static const struct image v = { "v_ldr.dll", { { "w_ldr.dll", "value", 0 } }, { { "value", NULL, 7 } }, 0, FALSE, TRUE, 0x26000000, FALSE };
    static const struct image w = { "w_ldr.dll", { { 0 } }, { { "value", NULL, 7 } }, 0, FALSE, TRUE, 0x26100000, FALSE };
    HANDLE threads[4];
    unsigned int i;

    image_write(&v, folder);
    image_write(&w, folder);
    quiet = TRUE;
    for (i = 0; i < ARRAY_SIZE(threads); i++)
        threads[i] = CreateThread(NULL, 0, busy_thread, (void *)(i & 1 ? "v_ldr.dll" : "w_ldr.dll"), 0, NULL);
    for (i = 0; i < ARRAY_SIZE(threads); i++)
    {
        DWORD failures = ~0u;

        ok(!WaitForSingleObject(threads[i], 60000), "thread %u does not end\n", i);
        GetExitCodeThread(threads[i], &failures);
        ok(!failures, "thread %u: %lu failures\n", i, failures);
        CloseHandle(threads[i]);
    }
    quiet = FALSE;
    ok(!loaded("v_ldr.dll") && !loaded("w_ldr.dll"), "something stayed\n");
    remove_image("v_ldr.dll");
    remove_image("w_ldr.dll");
}

/* ---- looking at modules -------------------------------------------------------------------------------------- */

static void CALLBACK notification(ULONG reason, LDR_DLL_NOTIFICATION_DATA *data, void *context)
{
    char name[8] = { 0 };

    ok(context == (void *)0x77, "context %p\n", context);
    ok(data->Loaded.DllBase && data->Loaded.SizeOfImage && data->Loaded.FullDllName->Length > data->Loaded.BaseDllName->Length, "no data\n");
    name[0] = (char)data->Loaded.BaseDllName->Buffer[0];
    event(name, reason == LDR_DLL_NOTIFICATION_REASON_LOADED ? "load" : reason == LDR_DLL_NOTIFICATION_REASON_UNLOADED ? "unload" : "?");
}

static void WINAPI count_module(LDR_DATA_TABLE_ENTRY *entry, void *context, BOOLEAN *stop)
{
    unsigned int *count = context;

    if (!*count) ok(entry->DllBase == GetModuleHandleA(NULL), "the program is not the first module\n");
    if (++*count == 2) *stop = TRUE;
}

static void test_modules(void)
{
    static const struct image m = { "m_ldr.dll", { { 0 } }, { { "value", NULL, 1 } }, 0, FALSE, FALSE, 0x23000000, FALSE };
    UNICODE_STRING name, full;
    WCHAR buffer[MAX_PATH], small[4];
    LDR_DATA_TABLE_ENTRY *entry;
    HMODULE module, handle;
    unsigned int count = 0;
    ULONG_PTR magic;
    ULONG result;
    NTSTATUS status;
    void *cookie;

    image_write(&m, folder);
    status = LdrRegisterDllNotification(0, notification, (void *)0x77, &cookie);
    ok(!status, "status %#lx\n", status);
    status = load("m_ldr.dll", &module);
    ok(!status, "status %#lx\n", status);
    check_events("mload");

    full.Buffer = buffer;
    full.MaximumLength = sizeof(buffer);
    ok(!LdrGetDllFullName(module, &full) && full.Length > 10 * sizeof(WCHAR)
       && !wcscmp(buffer + full.Length / sizeof(WCHAR) - 10, L"\\m_ldr.dll"), "full name %ls\n", buffer);
    full.Buffer = small;
    full.MaximumLength = sizeof(small);
    ok(LdrGetDllFullName(module, &full) == STATUS_BUFFER_TOO_SMALL, "a small buffer was enough\n");
    ok(LdrGetDllFullName((HMODULE)0xdead0000, &full) == STATUS_DLL_NOT_FOUND, "a name for no module\n");

    ok(!LdrFindEntryForAddress((char *)module + 0x1234, &entry), "not found\n");
    ok(entry->DllBase == module && entry->SizeOfImage == 0x3000, "base %p, size %#lx\n", entry->DllBase, entry->SizeOfImage);
    ok(entry->BaseDllName.Length == 9 * sizeof(WCHAR), "base name %ls\n", entry->BaseDllName.Buffer);
    ok(LdrFindEntryForAddress(&entry, &entry) == STATUS_NO_MORE_ENTRIES, "the stack is a module\n");
    ok(!LdrEnumerateLoadedModules(NULL, count_module, &count) && count == 2, "%u modules\n", count);

    /* By full name; by base name the module is found without a file. */
    init_name(&name, buffer, "m_ldr.dll", TRUE);
    ok(!LdrGetDllHandleEx(0, NULL, NULL, &name, &handle) && handle == module, "not found by full name\n");
    ok(!LdrUnloadDll(module), "not unloaded\n");
    ok(loaded("m_ldr.dll") == module, "the reference of LdrGetDllHandleEx did not count\n");
    ok(!LdrAddRefDll(0, module), "no reference\n");
    ok(!LdrUnloadDll(module), "not unloaded\n");
    check_events("");
    ok(!LdrUnloadDll(module), "not unloaded\n");
    check_events("munload");
    ok(!loaded("m_ldr.dll"), "still there\n");
    ok(!LdrUnregisterDllNotification(cookie), "not unregistered\n");
    ok(LdrUnregisterDllNotification(cookie) == STATUS_DLL_NOT_FOUND, "unregistered twice\n");

    status = LdrLoadDll(NULL, 0, &name, &module);
    ok(!status, "by full name: status %#lx\n", status);
    ok(!LdrUnloadDll(module), "not unloaded\n");
    check_events("");
    remove_image("m_ldr.dll");

    ok(LdrLockLoaderLock(0x10, &result, &magic) == STATUS_INVALID_PARAMETER_1, "bad flags\n");
    ok(LdrLockLoaderLock(2, NULL, &magic) == STATUS_INVALID_PARAMETER_2, "no result\n");
    ok(LdrLockLoaderLock(0, &result, NULL) == STATUS_INVALID_PARAMETER_3, "no magic\n");
    ok(!LdrLockLoaderLock(2, &result, &magic) && result == 1 && magic, "not locked\n");
    ok(LdrUnlockLoaderLock(0, magic ^ 1) == STATUS_INVALID_PARAMETER_2, "unlocked with the wrong magic\n");
    ok(!LdrUnlockLoaderLock(0, magic), "not unlocked\n");
}

/* ---- folders ----------------------------------------------------------------------------------------------- */

static void test_folders(void)
{
    static const struct image p = { "p_ldr.dll", { { 0 } }, { { "value", NULL, 1 } }, 0, FALSE, FALSE, 0x24000000, FALSE };
    UNICODE_STRING name, path, got;
    WCHAR buffer[MAX_PATH], small[MAX_PATH], *string;
    HMODULE module;
    NTSTATUS status;
    void *cookie;

    image_write(&p, folder);
    init_name(&name, buffer, "p_ldr", FALSE);
    ok(LdrLoadDll(NULL, 0, &name, &module) == STATUS_DLL_NOT_FOUND, "found without its folder\n");

    RtlInitUnicodeString(&path, folder);
    ok(!LdrSetDllDirectory(&path), "not set\n");
    got.Buffer = small;
    got.MaximumLength = sizeof(small);
    ok(!LdrGetDllDirectory(&got) && !wcscmp(small, folder), "got %ls\n", small);
    ok(!LdrLoadDll(NULL, 0, &name, &module), "not found in the DLL directory\n");
    ok(!LdrUnloadDll(module), "not unloaded\n");
    ok(!LdrGetDllPath(NULL, 0, &string, &(WCHAR *){ NULL }) && wcsstr(string, folder), "%ls\n", string);
    RtlReleasePath(string);
    RtlInitUnicodeString(&path, NULL);
    ok(!LdrSetDllDirectory(&path), "not reset\n");
    ok(LdrLoadDll(NULL, 0, &name, &module) == STATUS_DLL_NOT_FOUND, "found after the reset\n");

    RtlInitUnicodeString(&path, folder);
    status = LdrAddDllDirectory(&path, &cookie);
    ok(!status, "status %#lx\n", status);
    ok(LdrLoadDll(NULL, 0, &name, &module) == STATUS_DLL_NOT_FOUND, "user folders are not in the default search\n");
    ok(!LdrLoadDll((WCHAR *)(ULONG_PTR)(LOAD_LIBRARY_SEARCH_USER_DIRS | 1), 0, &name, &module), "not found in the user folder\n");
    ok(!LdrUnloadDll(module), "not unloaded\n");
    ok(!LdrGetDllPath(NULL, LOAD_LIBRARY_SEARCH_USER_DIRS, &string, &(WCHAR *){ NULL }) && !wcscmp(string, folder), "%ls\n", string);
    RtlReleasePath(string);
    ok(!LdrRemoveDllDirectory(cookie), "not removed\n");
    ok(LdrLoadDll((WCHAR *)(ULONG_PTR)(LOAD_LIBRARY_SEARCH_USER_DIRS | 1), 0, &name, &module) == STATUS_DLL_NOT_FOUND, "found after removal\n");
    RtlInitUnicodeString(&path, L"relative");
    ok(LdrAddDllDirectory(&path, &cookie) == STATUS_INVALID_PARAMETER, "a relative folder\n");

    ok(LdrGetDllPath(NULL, LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR, &string, &(WCHAR *){ NULL }) == STATUS_INVALID_PARAMETER, "no DLL to take the folder of\n");
    ok(LdrGetDllPath(NULL, LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_WITH_ALTERED_SEARCH_PATH, &string, &(WCHAR *){ NULL })
       == STATUS_INVALID_PARAMETER, "contradictory flags\n");
    ok(!LdrGetDllPath(L"C:\\a\\b.dll", LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR, &string, &(WCHAR *){ NULL }) && !wcscmp(string, L"C:\\a"), "%ls\n", string);
    RtlReleasePath(string);
    ok(LdrSetDefaultDllDirectories(0) == STATUS_INVALID_PARAMETER, "no flags\n");
    ok(LdrSetDefaultDllDirectories(LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR) == STATUS_INVALID_PARAMETER, "bad flags\n");
    remove_image("p_ldr.dll");
}

/* ---- delayed imports ---------------------------------------------------------------------------------------- */

static struct { WORD hint; char name[12]; } delay_names[2] = { { 0, "value" }, { 0, "nothing" } };
static const char delay_dll[] = "q_ldr.dll";
static HMODULE delay_module;
static IMAGE_THUNK_DATA delay_slots[3], delay_thunks[3];
static IMAGE_DELAYLOAD_DESCRIPTOR delay_descriptor;

static void * CALLBACK delay_failed(ULONG notify, DELAYLOAD_INFO *info)
{
    ok(notify == DELAYLOAD_GPA_FAILURE, "notify %lu\n", notify);
    ok(info->Size == sizeof(*info) && info->DelayloadDescriptor == &delay_descriptor, "size %lu\n", info->Size);
    ok(info->TargetApiDescriptor.ImportDescribedByName && !strcmp(info->TargetApiDescriptor.Description.Name, "nothing"), "wrong function\n");
    ok(info->TargetModuleBase == delay_module && !strcmp(info->TargetDllName, delay_dll), "wrong DLL %s\n", info->TargetDllName);
    event("delay", "!");
    return (void *)0x1234;
}

static void test_delay(void)
{
    static const struct image q = { "q_ldr.dll", { { 0 } }, { { "value", NULL, 1 }, { NULL, NULL, 2 } }, 1, TRUE, FALSE, 0x25000000, FALSE };
    char *base = (char *)GetModuleHandleA(NULL);
    DWORD *address;

    image_write(&q, folder);
    SetDllDirectoryW(folder);
    delay_descriptor.DllNameRVA = (char *)delay_dll - base;
    delay_descriptor.ModuleHandleRVA = (char *)&delay_module - base;
    delay_descriptor.ImportAddressTableRVA = (char *)delay_slots - base;
    delay_descriptor.ImportNameTableRVA = (char *)delay_thunks - base;
    delay_thunks[0].u1.AddressOfData = (char *)&delay_names[0] - base;
    delay_thunks[1].u1.Ordinal = IMAGE_ORDINAL_FLAG | 2;
    delay_thunks[2].u1.AddressOfData = (char *)&delay_names[1] - base;

    address = LdrResolveDelayLoadedAPI(base, &delay_descriptor, NULL, NULL, &delay_slots[0], 0);
    check_events("q+");
    ok(address && *address == 1 && delay_slots[0].u1.Function == (ULONG_PTR)address, "not bound\n");
    ok(delay_module && delay_module == loaded("q_ldr.dll"), "module %p\n", delay_module);
    address = LdrResolveDelayLoadedAPI(base, &delay_descriptor, NULL, NULL, &delay_slots[1], 0);
    ok(address && *address == 2 && delay_slots[1].u1.Function == (ULONG_PTR)address, "not bound by ordinal\n");
    address = LdrResolveDelayLoadedAPI(base, &delay_descriptor, delay_failed, NULL, &delay_slots[2], 0);
    ok(address == (DWORD *)0x1234, "the hook's answer is lost: %p\n", address);
    check_events("d!");
    ok(!LdrUnloadDll(delay_module), "not unloaded\n");
    check_events("q-");
    SetDllDirectoryW(NULL);
    remove_image("q_ldr.dll");
}

/* ---- resources ------------------------------------------------------------------------------------------------ */

static NTSTATUS resource_text(HMODULE module, ULONG_PTR type, const WCHAR *name, WORD language, char text[16])
{
    LDR_RESOURCE_INFO info = { .Type = type, .Name = (ULONG_PTR)name, .Language = language };
    const IMAGE_RESOURCE_DATA_ENTRY *entry;
    NTSTATUS status;
    void *data;
    ULONG size;

    text[0] = 0;
    if ((status = LdrFindResource_U(module, &info, 3, &entry))) return status;
    if ((status = LdrAccessResource(module, entry, &data, &size))) return status;
    ok(size == 7, "size %lu\n", size);
    memcpy(text, data, 7);
    text[7] = 0;
    return STATUS_SUCCESS;
}

static void check_resources(HMODULE module)
{
    const LDR_RESOURCE_INFO info = { .Type = 10, .Name = (ULONG_PTR)L"DATA" };
    const IMAGE_RESOURCE_DIRECTORY *directory;
    char text[16];
    NTSTATUS status;

    ok(!resource_text(module, 10, L"DATA", 0x407, text) && !strcmp(text, "deutsch"), "%s\n", text);
    ok(!resource_text(module, 10, L"DATA", 0x409, text) && !strcmp(text, "english"), "%s\n", text);
    /* No language of its own wanted: the user's, which may be any; but there is something. */
    ok(!resource_text(module, 10, L"DATA", 0, text) && text[0], "%s\n", text);
    ok(!resource_text(module, 10, (WCHAR *)5, 0, text) && !strcmp(text, "neutral"), "%s\n", text);
    ok(!resource_text(module, 10, (WCHAR *)5, 0x411, text) && !strcmp(text, "neutral"), "%s\n", text);
    status = resource_text(module, 10, L"DATA", 0x411, text);
    ok(status == STATUS_RESOURCE_LANG_NOT_FOUND, "status %#lx\n", status);
    status = resource_text(module, 10, L"DATUM", 0x409, text);
    ok(status == STATUS_RESOURCE_NAME_NOT_FOUND, "status %#lx\n", status);
    status = resource_text(module, 10, (WCHAR *)6, 0x409, text);
    ok(status == STATUS_RESOURCE_NAME_NOT_FOUND, "status %#lx\n", status);
    status = resource_text(module, 11, L"DATA", 0x409, text);
    ok(status == STATUS_RESOURCE_TYPE_NOT_FOUND, "status %#lx\n", status);
    ok(!LdrFindResourceDirectory_U(module, &info, 2, &directory) && directory->NumberOfIdEntries == 2, "no languages\n");
}

static void test_resources(void)
{
    static const struct image r = { .name = "r_ldr.dll", .exports = { { "value", NULL, 1 } }, .base_low = 0x27000000, .resources = TRUE };
    HANDLE file, section;
    HMODULE module;
    WCHAR path[MAX_PATH];
    NTSTATUS status;
    char text[16], *flat;

    image_write(&r, folder);
    status = load("r_ldr.dll", &module);
    ok(!status, "status %#lx\n", status);
    check_resources(module);
    ok(!LdrUnloadDll(module), "not unloaded\n");
    status = resource_text(GetModuleHandleA("ntdll.dll"), 10, L"DATA", 0x409, text);
    ok(status == STATUS_RESOURCE_DATA_NOT_FOUND || status == STATUS_RESOURCE_TYPE_NOT_FOUND, "status %#lx\n", status);

    /* A file that is mapped flat: the handle's lowest bit says so. */
    swprintf(path, MAX_PATH, L"%ls\\r_ldr.dll", folder);
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ, NULL, OPEN_EXISTING, 0, NULL);
    section = CreateFileMappingW(file, NULL, PAGE_READONLY, 0, 0, NULL);
    flat = MapViewOfFile(section, FILE_MAP_READ, 0, 0, 0);
    ok(flat != NULL, "not mapped: %lu\n", GetLastError());
    check_resources((HMODULE)(flat + 1));
    UnmapViewOfFile(flat);
    CloseHandle(section);
    CloseHandle(file);
    remove_image("r_ldr.dll");
}

/* ---- headers -------------------------------------------------------------------------------------------------- */

static void test_headers(void)
{
    HMODULE base = GetModuleHandleA(NULL);
    IMAGE_NT_HEADERS *nt = RtlImageNtHeader(base);
    BYTE nothing[64] = { 0 };

    ok(nt && nt->Signature == IMAGE_NT_SIGNATURE && nt->FileHeader.Machine == IMAGE_FILE_MACHINE_AMD64, "no headers\n");
    ok(!RtlImageNtHeader((HMODULE)nothing), "headers of zeros\n");
    ok(RtlImageRvaToSection(nt, base, IMAGE_FIRST_SECTION(nt)[0].VirtualAddress + 1) == &IMAGE_FIRST_SECTION(nt)[0], "wrong section\n");
    ok(!RtlImageRvaToSection(nt, base, 0x7fffffff), "a section far out\n");
    ok(RtlImageRvaToVa(nt, base, IMAGE_FIRST_SECTION(nt)[1].VirtualAddress + 5, NULL)
       == (char *)base + IMAGE_FIRST_SECTION(nt)[1].PointerToRawData + 5, "wrong address\n");
}

START_TEST(loader)
{
    WCHAR temp[MAX_PATH];
    char path[MAX_PATH];

    GetModuleFileNameA(NULL, path, sizeof(path));
    strcpy(program_name, strrchr(path, '\\') + 1);
    test_program = program_name;
    GetTempPathW(MAX_PATH, temp);
    swprintf(folder, MAX_PATH, L"%ls\\oriel-loader-%lu", temp, GetCurrentProcessId());
    ok(CreateDirectoryW(folder, NULL), "cannot create %ls: %lu\n", folder, GetLastError());

    test_order();
    test_exports();
    test_apisets();
    test_missing();
    test_tls();
    test_threads();
    test_modules();
    test_folders();
    test_delay();
    test_resources();
    test_headers();

    ok(RemoveDirectoryW(folder), "cannot remove %ls: %lu\n", folder, GetLastError());
}
