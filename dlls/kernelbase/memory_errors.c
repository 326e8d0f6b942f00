/* RegisterBadMemoryNotification: callbacks when the hardware says that a page went bad.
 *
 * The Unix side sets \KernelObjects\MemoryErrors when the kernel tells of one. A single wait on it, made with the first
 * registration, calls everybody who is registered.
 */
#include "kernelbase.h"

struct registration
{
    LIST_ENTRY entry;
    BAD_MEMORY_CALLBACK_ROUTINE *callback;
};

static RTL_SRWLOCK lock = RTL_SRWLOCK_INIT;
static LIST_ENTRY registrations = { &registrations, &registrations };   /* under lock */
static HANDLE event, wait;                                              /* under lock; once made they stay */

/* A callback may unregister, itself or another: the next one to call is looked for anew each time. */
static void CALLBACK call_all(void *context, BOOLEAN timed_out)
{
    unsigned int called = 0, i;

    (void)context, (void)timed_out;
    for (;;)
    {
        BAD_MEMORY_CALLBACK_ROUTINE *callback = NULL;
        LIST_ENTRY *at;

        RtlAcquireSRWLockShared(&lock);
        for (at = registrations.Flink, i = 0; at != &registrations && i < called; at = at->Flink) i++;
        if (at != &registrations) callback = CONTAINING_RECORD(at, struct registration, entry)->callback;
        RtlReleaseSRWLockShared(&lock);
        if (!callback) return;
        called++;
        callback();
    }
}

static BOOL start_waiting(void)
{
    UNICODE_STRING name;
    OBJECT_ATTRIBUTES attr;

    if (wait) return TRUE;
    RtlInitUnicodeString(&name, L"\\KernelObjects\\MemoryErrors");
    InitializeObjectAttributes(&attr, &name, 0, NULL, NULL);
    if (!event && !nt_result(NtOpenEvent(&event, SYNCHRONIZE, &attr))) return FALSE;
    return nt_result(RtlRegisterWait(&wait, event, call_all, NULL, INFINITE, WT_EXECUTEDEFAULT));
}

void * WINAPI RegisterBadMemoryNotification(BAD_MEMORY_CALLBACK_ROUTINE *callback)
{
    struct registration *registration;
    BOOL started;

    if (!callback)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!(registration = heap_alloc(sizeof(*registration))))
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    registration->callback = callback;
    RtlAcquireSRWLockExclusive(&lock);
    if ((started = start_waiting())) InsertTailList(&registrations, &registration->entry);
    RtlReleaseSRWLockExclusive(&lock);
    if (started) return registration;
    heap_free(registration);
    return NULL;
}

BOOL WINAPI UnregisterBadMemoryNotification(void *handle)
{
    struct registration *found = NULL;
    LIST_ENTRY *at;

    RtlAcquireSRWLockExclusive(&lock);
    for (at = registrations.Flink; at != &registrations && !found; at = at->Flink)
        if (CONTAINING_RECORD(at, struct registration, entry) == handle) found = handle;
    if (found) RemoveEntryList(&found->entry);
    RtlReleaseSRWLockExclusive(&lock);
    if (!found) return fail(ERROR_INVALID_PARAMETER);
    heap_free(found);
    return TRUE;
}
