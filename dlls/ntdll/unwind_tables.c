/* Which function is at an address: the tables of images and those which programs register for code they make. */

#include "ldr.h"
#include "unwind.h"

/* ---- tables of run-time code --------------------------------------------------------------- */

struct dynamic_table
{
    struct dynamic_table *next;
    ULONG64 base, start, end;           /* RVAs are relative to base; [start, end) is covered */
    RUNTIME_FUNCTION *functions;
    ULONG count, capacity;
    bool sorted;
    ULONG64 identifier;                 /* what RtlDeleteFunctionTable gets */
    PGET_RUNTIME_FUNCTION_CALLBACK callback;
    void *callback_context;
};

static struct dynamic_table *dynamic_tables;
static RTL_CRITICAL_SECTION dynamic_lock = { .LockCount = -1 };

static struct dynamic_table *dynamic_new(ULONG64 base, ULONG64 start, ULONG64 end, ULONG64 identifier)
{
    struct dynamic_table *table = ldr_alloc(sizeof(*table));

    if (!table) return NULL;
    table->base = base;
    table->start = start;
    table->end = end;
    table->identifier = identifier;
    return table;
}

static void dynamic_insert(struct dynamic_table *table)
{
    RtlEnterCriticalSection(&dynamic_lock);
    table->next = dynamic_tables;
    dynamic_tables = table;
    RtlLeaveCriticalSection(&dynamic_lock);
}

static bool dynamic_remove(ULONG64 identifier, const struct dynamic_table *wanted)
{
    struct dynamic_table **link, *table;

    RtlEnterCriticalSection(&dynamic_lock);
    for (link = &dynamic_tables; (table = *link); link = &table->next)
        if (wanted ? table == wanted : table->identifier == identifier) break;
    if (table) *link = table->next;
    RtlLeaveCriticalSection(&dynamic_lock);
    ldr_free(table);
    return table != NULL;
}

BOOLEAN CDECL RtlAddFunctionTable(RUNTIME_FUNCTION *functions, DWORD count, DWORD64 base)
{
    struct dynamic_table *table = dynamic_new(base, ~(ULONG64)0, 0, (ULONG64)functions);
    ULONG i;

    if (!table) return FALSE;
    table->functions = functions;
    table->count = count;
    table->sorted = true;
    for (i = 0; i < count; i++)
    {
        table->start = min(table->start, base + functions[i].BeginAddress);
        table->end = max(table->end, base + functions[i].EndAddress);
        if (i && functions[i].BeginAddress < functions[i - 1].BeginAddress) table->sorted = false;
    }
    dynamic_insert(table);
    return TRUE;
}

BOOLEAN CDECL RtlInstallFunctionTableCallback(DWORD64 identifier, DWORD64 base, DWORD length,
                                              PGET_RUNTIME_FUNCTION_CALLBACK callback, void *context, const WCHAR *dll)
{
    struct dynamic_table *table;

    (void)dll;                          /* for debuggers in other processes */
    if ((identifier & 3) != 3) return FALSE;
    if (!(table = dynamic_new(base, base, base + length, identifier))) return FALSE;
    table->callback = callback;
    table->callback_context = context;
    dynamic_insert(table);
    return TRUE;
}

BOOLEAN CDECL RtlDeleteFunctionTable(RUNTIME_FUNCTION *functions)
{
    return dynamic_remove((ULONG64)functions, NULL);
}

DWORD WINAPI RtlAddGrowableFunctionTable(void **handle, RUNTIME_FUNCTION *functions, DWORD count, DWORD capacity,
                                         ULONG64 base, ULONG64 end)
{
    struct dynamic_table *table = dynamic_new(base, base, end, (ULONG64)functions);

    if (!table) return STATUS_NO_MEMORY;
    table->functions = functions;
    table->count = count;
    table->capacity = capacity;
    table->sorted = true;
    *handle = table;
    dynamic_insert(table);
    return STATUS_SUCCESS;
}

void WINAPI RtlGrowFunctionTable(void *handle, DWORD count)
{
    struct dynamic_table *table = handle;

    if (count > table->count && count <= table->capacity) __atomic_store_n(&table->count, count, __ATOMIC_RELEASE);
}

void WINAPI RtlDeleteGrowableFunctionTable(void *handle)
{
    dynamic_remove(0, handle);
}

/* ---- lookup --------------------------------------------------------------------------------- */

/* The last entry that begins at or below the RVA, if it reaches so far. */
static const RUNTIME_FUNCTION *find_sorted(const RUNTIME_FUNCTION *functions, ULONG count, ULONG64 rva)
{
    ULONG low = 0, high = count;

    while (low < high)
    {
        ULONG middle = low + (high - low) / 2;
        if (functions[middle].BeginAddress <= rva) low = middle + 1;
        else high = middle;
    }
    return low && rva < functions[low - 1].EndAddress ? &functions[low - 1] : NULL;
}

static RUNTIME_FUNCTION *find_dynamic(ULONG64 pc, ULONG64 *base)
{
    PGET_RUNTIME_FUNCTION_CALLBACK callback = NULL;
    const RUNTIME_FUNCTION *function = NULL;
    struct dynamic_table *table;
    void *context = NULL;
    ULONG i;

    if (!__atomic_load_n(&dynamic_tables, __ATOMIC_ACQUIRE)) return NULL;
    RtlEnterCriticalSection(&dynamic_lock);
    for (table = dynamic_tables; table && !function && !callback; table = table->next)
    {
        if (pc < table->start || pc >= table->end) continue;
        *base = table->base;
        callback = table->callback;
        context = table->callback_context;
        if (callback) break;
        if (table->sorted)
            function = find_sorted(table->functions, __atomic_load_n(&table->count, __ATOMIC_ACQUIRE), pc - table->base);
        else for (i = 0; i < table->count; i++)
        {
            if (pc - table->base < table->functions[i].BeginAddress || pc - table->base >= table->functions[i].EndAddress) continue;
            function = &table->functions[i];
            break;
        }
    }
    RtlLeaveCriticalSection(&dynamic_lock);
    if (callback) return callback(pc, context);
    return (RUNTIME_FUNCTION *)function;
}

RUNTIME_FUNCTION * WINAPI RtlLookupFunctionEntry(ULONG64 pc, ULONG64 *base, UNWIND_HISTORY_TABLE *history)
{
    const RUNTIME_FUNCTION *function;
    struct image_entry image;

    (void)history;                      /* a cache callers may offer; finding is fast without */
    if (image_table_find(pc, &image))
    {
        *base = image.base;
        function = find_sorted(image.functions, image.function_count, pc - image.base);
    }
    else
    {
        *base = 0;
        function = find_dynamic(pc, base);
    }
    if (function && !unwind_info_is_sound(*base, function)) function = NULL;
    if (function && function->UnwindData & 1)
        function = (const RUNTIME_FUNCTION *)(*base + (function->UnwindData & ~1u));
    return (RUNTIME_FUNCTION *)function;
}

RUNTIME_FUNCTION * WINAPI RtlLookupFunctionTable(ULONG64 pc, ULONG64 *base, ULONG *size);
RUNTIME_FUNCTION * WINAPI RtlLookupFunctionTable(ULONG64 pc, ULONG64 *base, ULONG *size)
{
    struct image_entry image;

    if (!image_table_find(pc, &image)) return NULL;
    *base = image.base;
    *size = image.function_count * sizeof(RUNTIME_FUNCTION);
    return (RUNTIME_FUNCTION *)image.functions;
}

void * WINAPI RtlPcToFileHeader(void *pc, void **base)
{
    struct image_entry image;

    *base = image_table_find((uintptr_t)pc, &image) ? (void *)image.base : NULL;
    return *base;
}

/* ---- walking the stack ---------------------------------------------------------------------- */

/* One frame up, whatever the function is. False: this is not a stack any more. */
static bool step(CONTEXT *context, ULONG64 low, ULONG64 high)
{
    RUNTIME_FUNCTION *function;
    ULONG64 base, frame;
    void *data;

    if (context->Rsp < low || context->Rsp >= high || context->Rsp & 7) return false;
    function = RtlLookupFunctionEntry(context->Rip, &base, NULL);
    if (function) RtlVirtualUnwind(UNW_FLAG_NHANDLER, base, context->Rip, function, context, &data, &frame, NULL);
    else
    {
        context->Rip = *(ULONG64 *)context->Rsp;
        context->Rsp += 8;
    }
    return context->Rip != 0;
}

static ULONG walk(void **frames, ULONG skip, ULONG count)
{
    const NT_TIB *tib = &NtCurrentTeb()->Tib;
    ULONG n = 0;
    CONTEXT context;

    RtlCaptureContext(&context);
    /* Our own two frames come first. Code without unwind information may lead astray: rsp must always rise. */
    for (skip += 2; n < count; skip -= !!skip)
    {
        ULONG64 rsp = context.Rsp;

        if (!skip) frames[n++] = (void *)context.Rip;
        if (!step(&context, (ULONG64)tib->StackLimit, (ULONG64)tib->StackBase) || context.Rsp <= rsp) break;
    }
    return n;
}

ULONG WINAPI RtlWalkFrameChain(void **frames, ULONG count, ULONG flags);
ULONG WINAPI RtlWalkFrameChain(void **frames, ULONG count, ULONG flags)
{
    if (flags & 1) return 0;            /* the kernel's stack: not to be had here */
    return walk(frames, flags >> 8, count);
}

USHORT WINAPI RtlCaptureStackBackTrace(ULONG skip, ULONG count, void **frames, ULONG *hash);
USHORT WINAPI RtlCaptureStackBackTrace(ULONG skip, ULONG count, void **frames, ULONG *hash)
{
    ULONG n, i, sum = 0;

    n = walk(frames, skip, min(count, 0xffff));
    for (i = 0; i < n; i++) sum += (ULONG)(ULONG_PTR)frames[i];
    if (hash) *hash = sum;
    return n;
}
