/* The DLLs that were unloaded last: what a crash report needs to name code that is gone. A debugger finds the table by
 * RtlGetUnloadEventTraceEx and reads it from outside; an entry without a base is the end. */

#include "ldr.h"

enum { EVENTS = 64 };

struct unload_event                     /* RTL_UNLOAD_EVENT_TRACE */
{
    void *base;
    SIZE_T size;
    ULONG sequence, timestamp, checksum;
    WCHAR name[32];
    ULONG version[2];
};

static struct unload_event events[EVENTS + 1];         /* the last one stays empty */
static ULONG event_size = sizeof(events[0]), event_count = EVENTS, sequence;
static struct unload_event *trace = events;

/* Under the loader's lock. */
void note_unloaded(const struct module *module)
{
    struct unload_event *event = &events[sequence % EVENTS];
    ULONG length = module->ldr.BaseDllName.Length / sizeof(WCHAR);

    memset(event, 0, sizeof(*event));
    event->base = module->ldr.DllBase;
    event->size = module->ldr.SizeOfImage;
    event->sequence = sequence++;
    event->timestamp = module->nt->FileHeader.TimeDateStamp;
    event->checksum = module->nt->OptionalHeader.CheckSum;
    memcpy(event->name, module->ldr.BaseDllName.Buffer, min(length, ARRAY_COUNT(event->name) - 1) * sizeof(WCHAR));
}

void *WINAPI RtlGetUnloadEventTrace(void);
void *WINAPI RtlGetUnloadEventTrace(void)
{
    return events;
}

/* Where the sizes and the table's address are, not what they are. */
void WINAPI RtlGetUnloadEventTraceEx(ULONG **size, ULONG **count, void **table);
void WINAPI RtlGetUnloadEventTraceEx(ULONG **size, ULONG **count, void **table)
{
    *size = &event_size;
    *count = &event_count;
    *table = &trace;
}
