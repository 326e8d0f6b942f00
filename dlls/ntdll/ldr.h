/* The loader's own view of things. Everything here is protected by loader_lock unless it says otherwise.
 *
 *     ldr_module.c    the modules of the process: lists, lookup, life time
 *     ldr_search.c    from a DLL's name to an open file
 *     ldr_apiset.c    api-ms-win-* and ext-ms-*: which DLL stands behind a contract
 *     ldr_image.c     reading an image's tables, which may be damaged
 *     ldr_export.c    from a name or ordinal to an address
 *     ldr_import.c    binding a module to others; thunks for what nobody has
 *     ldr_tls.c       thread-local storage that the compiler laid out
 *     ldr_run.c       DllMain and TLS callbacks: attach and detach, of the process and of threads
 *     ldr_check.c     telling what is missing instead of running (oriel --check)
 *     ldr_init.c      the first instructions of a process or thread
 *     ldr_delay.c     imports bound when first called
 *     ldr_api.c       the Ldr* functions programs call
 *     ldr_query.c     looking things up: modules of the process, messages
 *     ldr_resource.c  resources
 *     ldr_unloaded.c  which DLLs are gone
 *     ldr_dirs.c      LdrAddDllDirectory and relatives, DLL search paths
 *     image_table.c   lock-free: which image is at an address (for the unwinder)
 */
#pragma once

#include "ntdll_private.h"

#define NO_TLS_INDEX (~0u)

struct module
{
    LDR_DATA_TABLE_ENTRY ldr;           /* what programs walk; must be first */
    LDR_DDAG_NODE ddag;                 /* its Dependencies: modules that this one has pointers into */
    int references;                     /* by LdrLoadDll; -1 = never unloaded. module_reference() */
    const IMAGE_NT_HEADERS *nt;
    const char *forward_name;           /* the last forwarder followed: ldr_export.c */
    struct module *forward_target;
    struct
    {
        bool known;                     /* looked at: what follows is checked, or there is none */
        const IMAGE_EXPORT_DIRECTORY *directory;
        const DWORD *functions, *names;
        const WORD *ordinals;
        ULONG start, size;              /* the directory; what an RVA in it leads to is a forwarder */
        ULONG names_start, names_end;   /* the stretch where most names lie */
        unsigned int found;             /* index of the last name that was found */
    } exports;
    struct
    {
        const char *data;
        size_t size, zero_fill, align;
        const PIMAGE_TLS_CALLBACK *callbacks, *callbacks_end;   /* a NULL ends them before that */
    } tls;                              /* if tls_index is one */
    struct missing_block *missing;      /* thunks for imports nobody has */
    unsigned int tls_index;
    bool builtin;                       /* one of our own DLLs: bound past the foreign half of the Nt stubs */
    bool attaching;                     /* its DllMain, or one it needs, is running for the first time */
    bool marked;                        /* reachable, while garbage is looked for */
    bool init_failed;
};

/* Where a load looks, decided once per LdrLoadDll. A NULL path is the default search. */
struct load_context
{
    const WCHAR *path;                  /* ';'-separated folders */
    ULONG search_flags;                 /* LOAD_LIBRARY_SEARCH_*, for the default search */
    const UNICODE_STRING *missing;      /* out: the DLL that was not found, ... */
    const struct module *needed_by;     /* ... and whose import it is (NULL: the caller's own request) */
    WCHAR missing_buffer[128];
    UNICODE_STRING missing_name;
    const WCHAR *why;                   /* out: what is wrong with ... */
    WCHAR blamed[128];                  /* ... this one */
};

/* ---- ldr_module.c ---------------------------------------------------------------------------- */

extern PEB_LDR_DATA ldr_data;
extern struct module *exe_module, *ntdll_module;

static inline struct module *module_from_load_link(LIST_ENTRY *entry)
{
    return CONTAINING_RECORD(entry, struct module, ldr.InLoadOrderLinks);
}

struct module *module_create(void *base, const UNICODE_STRING *full_name, bool builtin);
void module_destroy(struct module *module);
void note_unloaded(const struct module *module);      /* ldr_unloaded.c */
struct module *module_find_base(const void *base);
struct module *module_find_address(const void *address);
struct module *module_find_name(const UNICODE_STRING *name);
struct module *module_find_file(const UNICODE_STRING *path);
/* Relocates a mapped image if its contents are for another base (ldr_relocate.c). */
NTSTATUS module_relocate(void *base);
extern const WCHAR relocation_table_damaged[];
NTSTATUS module_add_dep(struct module *module, struct module *dep);
/* The modules that one depends on, in order. */
static inline SINGLE_LIST_ENTRY *first_dep(const struct module *module)
{
    return module->ddag.Dependencies.Tail ? module->ddag.Dependencies.Tail->Next : NULL;
}
static inline SINGLE_LIST_ENTRY *next_dep(const struct module *module, const SINGLE_LIST_ENTRY *entry)
{
    return entry == module->ddag.Dependencies.Tail ? NULL : entry->Next;
}
static inline struct module *dep_module(const SINGLE_LIST_ENTRY *entry)
{
    return CONTAINING_RECORD(CONTAINING_RECORD(entry, LDR_DEPENDENCY, dependency_to_entry)->dependency_to, struct module, ddag);
}
/* Adds to the references, or pins the module for ever; LoadCount shows it. */
void module_reference(struct module *module, int change);
void module_pin(struct module *module);

/* Finds or maps a DLL and, recursively, everything it imports; does not run any of its code. The
 * result is unreachable, and so may be collected, until somebody references it. */
NTSTATUS module_load(struct load_context *context, const UNICODE_STRING *name, struct module *importer,
                     ULONG flags, struct module **module);
/* Unloads what is neither referenced nor needed by anything that is. */
void modules_collect(void);
/* Between these, what is garbage waits: module_load() is at work and has not returned its result yet. */
void modules_hold(void);
void modules_release(void);

/* ---- ldr_search.c ---------------------------------------------------------------------------- */

struct found_file
{
    HANDLE file;
    UNICODE_STRING full_name;           /* heap */
    bool builtin;
};
/* The folders of a default search (flags 0) or one by LOAD_LIBRARY_SEARCH_* flags, in order. Each entry
 * may be a ';'-separated list. dll: the DLL to be loaded, for LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR and
 * LOAD_WITH_ALTERED_SEARCH_PATH. */
#define MAX_SEARCH_STEPS 24
unsigned int search_plan(ULONG flags, const UNICODE_STRING *dll, UNICODE_STRING steps[MAX_SEARCH_STEPS]);
unsigned int search_plan_programs(bool current_directory, UNICODE_STRING steps[MAX_SEARCH_STEPS]);
NTSTATUS search_open(const struct load_context *context, const UNICODE_STRING *name, struct found_file *found);
bool name_is_absolute(const UNICODE_STRING *name);
bool names_equal(const UNICODE_STRING *a, const UNICODE_STRING *b);
UNICODE_STRING name_base(const UNICODE_STRING *path);
NTSTATUS dll_name_complete(const UNICODE_STRING *name, WCHAR *buffer, size_t size, UNICODE_STRING *completed);

/* ---- ldr_dirs.c ------------------------------------------------------------------------------ */

/* What programs added to the search; empty (Buffer NULL) if nothing. */
extern UNICODE_STRING dll_directory;    /* LdrSetDllDirectory */
extern bool dll_directory_set;
unsigned int user_directories(UNICODE_STRING *steps, unsigned int room);    /* LdrAddDllDirectory */
extern ULONG default_search_flags;      /* LdrSetDefaultDllDirectories */

/* ---- ldr_apiset.c ---------------------------------------------------------------------------- */

/* The DLL behind an API set, or NULL if the name is not one of ours. Nothing is allocated. */
const WCHAR *apiset_host(const UNICODE_STRING *name);
bool name_is_apiset(const UNICODE_STRING *name);

/* ---- ldr_image.c ----------------------------------------------------------------------------- */

/* Whether the headers that we read lie in a view's readable part. */
bool image_headers_fit(const void *base, SIZE_T view_size);
bool image_readable(const void *base, SIZE_T image_size, ULONG64 rva, SIZE_T size);
/* Bytes of an image, by RVA or address; NULL if not all of them can be read. */
const void *module_at(const struct module *module, ULONG64 rva, SIZE_T size);
const void *module_at_address(const struct module *module, ULONG64 address, SIZE_T size);
const char *module_string(const struct module *module, ULONG64 rva);
/* How many bytes can be read from an RVA on. */
SIZE_T module_room(const struct module *module, ULONG64 rva);
bool module_writable(const struct module *module, const void *address, SIZE_T size);
/* False: there is none. */
bool module_directory(const struct module *module, unsigned int index, IMAGE_DATA_DIRECTORY *directory);
/* Notes why a load fails; STATUS_INVALID_IMAGE_FORMAT. The first reason is the one that is told. */
NTSTATUS module_damaged(struct load_context *context, const struct module *module, const WCHAR *why);
NTSTATUS load_damaged(struct load_context *context, const UNICODE_STRING *name, const WCHAR *why);

/* ---- ldr_export.c ---------------------------------------------------------------------------- */

/* The address of an export, forwarders followed; NULL if there is none. hint as in import tables. */
void *export_find_name(struct load_context *context, struct module *module, const char *name, unsigned int hint);
void *export_find_ordinal(struct load_context *context, struct module *module, unsigned int ordinal);

/* ---- ldr_import.c ---------------------------------------------------------------------------- */

NTSTATUS module_bind(struct load_context *context, struct module *module);
void *import_prefer_fast_entry(void *address);
void missing_free(struct module *module);
/* By address, for delay loading: a thunk for a function nobody has; one slot of an import table. */
void *import_missing(const void *base, const char *dll, const char *function, unsigned int ordinal);
void import_set(const void *base, IMAGE_THUNK_DATA *slot, void *address);

/* ---- ldr_tls.c ------------------------------------------------------------------------------- */

NTSTATUS tls_add_module(struct load_context *context, struct module *module);
void tls_remove_module(struct module *module);
NTSTATUS tls_thread_init(void);
void tls_thread_exit(void);

/* ---- ldr_run.c ------------------------------------------------------------------------------- */

NTSTATUS module_attach(struct module *module, void *reserved);
void module_detach(struct module *module, void *reserved);
NTSTATUS thread_attach(void);
void notify_dll(const struct module *module, ULONG reason);

/* ---- ldr_check.c ----------------------------------------------------------------------------- */

extern bool check_only;                 /* oriel --check: nothing runs */
/* Lists a DLL (no function, no ordinal), or a function of one, that is not there. */
void check_missing(const struct module *importer, const char *dll, const char *function, unsigned int ordinal);
void DECLSPEC_NORETURN check_end(void);

/* ---- ldr_init.c ------------------------------------------------------------------------------ */

extern void *base_thread_init;          /* kernel32's BaseThreadInitThunk */

/* ---- image_table.c --------------------------------------------------------------------------- */

struct image_entry
{
    uintptr_t base;
    uint32_t size;
    uint32_t function_count;
    const RUNTIME_FUNCTION *functions;
};
bool image_table_add(const struct module *module);
void image_table_remove(const void *base);
/* May be called by any thread, with any lock held. */
bool image_table_find(uintptr_t address, struct image_entry *entry);

/* ---- ldr_message.c --------------------------------------------------------------------------- */

/* One line on stderr: "oriel: " and the parts up to NULL. Each part is a WCHAR string. */
void ldr_message(const WCHAR *part, ...);
/* For UNICODE_STRING and char parts: copies into the buffer, cut to fit. */
const WCHAR *message_name(const UNICODE_STRING *name, WCHAR buffer[128]);
const WCHAR *message_ascii(const char *name, WCHAR buffer[128]);
const WCHAR *message_hex(unsigned int value, WCHAR buffer[128]);

static inline void *ldr_alloc(size_t size)
{
    return RtlAllocateHeap(current_peb()->ProcessHeap, HEAP_ZERO_MEMORY, size);
}
static inline void ldr_free(void *block)
{
    RtlFreeHeap(current_peb()->ProcessHeap, 0, block);
}

/* ---- debuggers (dbgui.c) --------------------------------------------------------------------- */
void break_quietly(void (*breakpoint)(void));   /* goes on, should nobody be there after all */
void dbgui_thread_exit(void);
