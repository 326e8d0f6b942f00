/* Fiber local storage. Values and callbacks lie in chunks of 16, 32, 64 ... 2048 slots, as in Windows since 10 2004,
 * whose layout programs and tests look at (kernel32:fiber test_FiberLocalStorage). */

#include "rtl.h"

#define MAX_INDEX   0xff0
#define CHUNKS      8
#define NO_CALLBACK ((PFLS_CALLBACK_FUNCTION)~(ULONG_PTR)0)

extern NTSTATUS WINAPI RtlFlsAlloc(PFLS_CALLBACK_FUNCTION callback, ULONG *index);
extern NTSTATUS WINAPI RtlFlsFree(ULONG index);
extern NTSTATUS WINAPI RtlFlsSetValue(ULONG index, void *value);
extern NTSTATUS WINAPI RtlFlsGetValue(ULONG index, void **value);
extern void WINAPI RtlProcessFlsData(void *data, ULONG flags);

static RTL_CRITICAL_SECTION lock = { (void *)(ULONG_PTR)-1, -1, 0, 0, 0, 0 };
static GLOBAL_FLS_DATA global = { .fls_list_head = { &global.fls_list_head, &global.fls_list_head } };

static unsigned int chunk_size(unsigned int chunk)
{
    return 0x10 << chunk;
}

/* The chunk of an index, and its slot there. */
static unsigned int chunk_of(ULONG index, ULONG *slot)
{
    unsigned int chunk = 27 - __builtin_clz(index + 0x10);

    *slot = index + 0x10 - (0x10 << chunk);
    return chunk;
}

static TEB_FLS_DATA *get_data(void)
{
    return NtCurrentTeb()->FlsSlots;
}

static TEB_FLS_DATA *make_data(void)
{
    TEB_FLS_DATA *data = get_data();

    if (data || !(data = heap_alloc_zero(sizeof(*data)))) return data;
    RtlEnterCriticalSection(&lock);
    data->fls_list_entry.Flink = &global.fls_list_head;
    data->fls_list_entry.Blink = global.fls_list_head.Blink;
    global.fls_list_head.Blink->Flink = &data->fls_list_entry;
    global.fls_list_head.Blink = &data->fls_list_entry;
    RtlLeaveCriticalSection(&lock);
    return NtCurrentTeb()->FlsSlots = data;
}

static FLS_INFO_CHUNK *make_chunk_locked(unsigned int chunk)
{
    FLS_INFO_CHUNK *info = global.fls_callback_chunks[chunk];

    if (info) return info;
    if (!(info = heap_alloc_zero(offsetof(FLS_INFO_CHUNK, callbacks) + chunk_size(chunk) * sizeof(FLS_CALLBACK))))
        return NULL;
    if (!chunk)
    {
        /* Index 0 is never given out. */
        info->callbacks[0].callback = NO_CALLBACK;
        info->count = 1;
    }
    return global.fls_callback_chunks[chunk] = info;
}

NTSTATUS WINAPI RtlFlsAlloc(PFLS_CALLBACK_FUNCTION callback, ULONG *index)
{
    NTSTATUS status = STATUS_NO_MEMORY;

    if (!make_data()) return STATUS_NO_MEMORY;
    RtlEnterCriticalSection(&lock);
    for (unsigned int chunk = 0; chunk < CHUNKS; chunk++)
    {
        FLS_INFO_CHUNK *info = make_chunk_locked(chunk);
        ULONG slot = 0;

        if (!info) break;
        if (info->count == chunk_size(chunk)) continue;
        while (info->callbacks[slot].callback) slot++;
        info->callbacks[slot].callback = callback ? callback : NO_CALLBACK;
        info->count++;
        *index = slot + (0x10 << chunk) - 0x10;
        if (*index > global.fls_high_index) global.fls_high_index = *index;
        status = STATUS_SUCCESS;
        break;
    }
    RtlLeaveCriticalSection(&lock);
    return status;
}

NTSTATUS WINAPI RtlFlsFree(ULONG index)
{
    PFLS_CALLBACK_FUNCTION callback;
    FLS_INFO_CHUNK *info;
    unsigned int chunk;
    ULONG slot;

    if (!index || index >= MAX_INDEX) return STATUS_INVALID_PARAMETER;
    chunk = chunk_of(index, &slot);

    RtlEnterCriticalSection(&lock);
    info = global.fls_callback_chunks[chunk];
    if (!info || !(callback = info->callbacks[slot].callback))
    {
        RtlLeaveCriticalSection(&lock);
        return STATUS_INVALID_PARAMETER;
    }
    for (LIST_ENTRY *e = global.fls_list_head.Flink; e != &global.fls_list_head; e = e->Flink)
    {
        void **values = CONTAINING_RECORD(e, TEB_FLS_DATA, fls_list_entry)->fls_data_chunks[chunk];
        void *value;

        if (!values || !(value = values[slot + 1])) continue;
        values[slot + 1] = NULL;
        if (callback != NO_CALLBACK) callback(value);
    }
    info->callbacks[slot].callback = NULL;
    info->count--;
    RtlLeaveCriticalSection(&lock);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlFlsSetValue(ULONG index, void *value)
{
    TEB_FLS_DATA *data;
    unsigned int chunk;
    ULONG slot;

    if (!index || index >= MAX_INDEX) return STATUS_INVALID_PARAMETER;
    chunk = chunk_of(index, &slot);
    if (!(data = make_data())) return STATUS_NO_MEMORY;
    if (!data->fls_data_chunks[chunk] &&
        !(data->fls_data_chunks[chunk] = heap_alloc_zero((chunk_size(chunk) + 1) * sizeof(void *))))
        return STATUS_NO_MEMORY;
    data->fls_data_chunks[chunk][slot + 1] = value;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlFlsGetValue(ULONG index, void **value)
{
    TEB_FLS_DATA *data = get_data();
    void **values;
    ULONG slot;

    if (!index || index >= MAX_INDEX || !data) return STATUS_INVALID_PARAMETER;
    values = data->fls_data_chunks[chunk_of(index, &slot)];
    *value = values ? values[slot + 1] : NULL;
    return STATUS_SUCCESS;
}

/* Flag 1: leaves the list and calls the callbacks; flag 2: the memory goes. The links of the entry itself stay. */
void WINAPI RtlProcessFlsData(void *ptr, ULONG flags)
{
    TEB_FLS_DATA *data = ptr;

    if (flags & 1)
    {
        RtlEnterCriticalSection(&lock);
        data->fls_list_entry.Flink->Blink = data->fls_list_entry.Blink;
        data->fls_list_entry.Blink->Flink = data->fls_list_entry.Flink;
        RtlLeaveCriticalSection(&lock);

        for (unsigned int chunk = 0; chunk < CHUNKS; chunk++)
        {
            void **values = data->fls_data_chunks[chunk];

            for (unsigned int slot = 0; values && slot < chunk_size(chunk); slot++)
            {
                PFLS_CALLBACK_FUNCTION callback;
                void *value = values[slot + 1];

                if (!value) continue;
                values[slot + 1] = NULL;
                RtlEnterCriticalSection(&lock);
                callback = global.fls_callback_chunks[chunk] ? global.fls_callback_chunks[chunk]->callbacks[slot].callback
                                                            : NULL;
                RtlLeaveCriticalSection(&lock);
                if (callback && callback != NO_CALLBACK) callback(value);
            }
        }
    }
    if (flags & 2)
    {
        for (unsigned int chunk = 0; chunk < CHUNKS; chunk++) heap_free(data->fls_data_chunks[chunk]);
        heap_free(data);
    }
}

/* Every thread has it from its start, and until DLLs have heard of its end: kernel32:loader, dll_entry_point(). */
void fls_thread_begin(void)
{
    make_data();
}

void fls_thread_exit(void)
{
    if (get_data()) RtlProcessFlsData(get_data(), 1);
}

void fls_thread_free(void)
{
    TEB_FLS_DATA *data = get_data();

    NtCurrentTeb()->FlsSlots = NULL;
    if (data) RtlProcessFlsData(data, 2);
}
