/* Ctrl-C and its relatives: the handlers a program has set, and what comes if none takes the event. */
#include "kernelbase.h"
#include "oriel/control.h"

#define IGNORE_CTRL_C 1     /* RTL_USER_PROCESS_PARAMETERS.ConsoleFlags */

struct handler
{
    PHANDLER_ROUTINE routine;
    struct handler *next;
};

static SRWLOCK handlers_lock = RTL_SRWLOCK_INIT;
static struct handler *handlers;        /* the newest first */

/* Ctrl-C ends a program by itself; from here on it is an event. */
static void listen(void)
{
    static LONG listening;
    void *start = CtrlRoutine;

    if (!InterlockedExchange(&listening, 1))
        NtSetInformationProcess(NtCurrentProcess(), ProcessOrielControlRoutine, &start, sizeof(start));
}

BOOL WINAPI SetConsoleCtrlHandler(PHANDLER_ROUTINE routine, BOOL add)
{
    struct handler *handler, **link;
    BOOL found = FALSE;

    if (add || !routine) listen();

    if (!routine)
    {
        /* Ctrl-C is to be ignored, or not; children inherit that. */
        RtlAcquireSRWLockExclusive(&handlers_lock);
        if (add) process_parameters()->ConsoleFlags |= IGNORE_CTRL_C;
        else process_parameters()->ConsoleFlags &= ~(ULONG)IGNORE_CTRL_C;
        RtlReleaseSRWLockExclusive(&handlers_lock);
        return TRUE;
    }
    if (add)
    {
        if (!(handler = heap_alloc(sizeof(*handler)))) return fail(ERROR_NOT_ENOUGH_MEMORY);
        handler->routine = routine;
        RtlAcquireSRWLockExclusive(&handlers_lock);
        handler->next = handlers;
        handlers = handler;
        RtlReleaseSRWLockExclusive(&handlers_lock);
        return TRUE;
    }
    RtlAcquireSRWLockExclusive(&handlers_lock);
    for (link = &handlers; (handler = *link); link = &handler->next)
    {
        if (handler->routine != routine) continue;
        *link = handler->next;
        heap_free(handler);
        found = TRUE;
        break;
    }
    RtlReleaseSRWLockExclusive(&handlers_lock);
    return found || fail(ERROR_INVALID_PARAMETER);
}

BOOL WINAPI GenerateConsoleCtrlEvent(DWORD event, DWORD group)
{
    DWORD data[2] = { event, group };

    listen();           /* it may come back to us */
    return nt_result(NtSetInformationProcess(NtCurrentProcess(), ProcessOrielControlEvent, data, sizeof(data)));
}

/* The start of the thread that a console event makes in the process (the argument is CTRL_x_EVENT). Handlers are asked,
 * the newest first, until one takes the event. */
DWORD WINAPI CtrlRoutine(void *argument)
{
    DWORD event = (DWORD)(ULONG_PTR)argument;
    PHANDLER_ROUTINE routines[64];
    size_t count = 0;

    if (event == CTRL_C_EVENT && (process_parameters()->ConsoleFlags & IGNORE_CTRL_C)) return 0;
    /* Handlers may set and remove handlers: ask a copy. */
    RtlAcquireSRWLockShared(&handlers_lock);
    for (struct handler *handler = handlers; handler && count < ARRAY_LENGTH(routines); handler = handler->next)
        routines[count++] = handler->routine;
    RtlReleaseSRWLockShared(&handlers_lock);
    for (size_t i = 0; i < count; i++) if (routines[i](event)) return 0;
    RtlExitUserProcess(STATUS_CONTROL_C_EXIT);
    return 0;
}
