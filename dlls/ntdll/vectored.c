/* Vectored exception and continue handlers: called for every exception of the process, before and after frames. */

#include "unwind.h"
#include "ldr.h"

struct vectored_handler
{
    struct vectored_handler *next;
    PVECTORED_EXCEPTION_HANDLER function;
    unsigned int references;            /* one is the list's */
    bool removed;
};

/* A handler that is being called stays in its list, marked, until the call returns: the walk goes on from it. */
static struct vectored_handler *exception_handlers, *continue_handlers;
static RTL_CRITICAL_SECTION vectored_lock = { .LockCount = -1 };

static void *handler_add(struct vectored_handler **list, bool first, PVECTORED_EXCEPTION_HANDLER function)
{
    struct vectored_handler *handler = ldr_alloc(sizeof(*handler));

    if (!handler) return NULL;
    handler->function = function;
    handler->references = 1;
    RtlEnterCriticalSection(&vectored_lock);
    while (!first && *list) list = &(*list)->next;
    handler->next = *list;
    *list = handler;
    RtlLeaveCriticalSection(&vectored_lock);
    return handler;
}

static void handler_release_locked(struct vectored_handler **list, struct vectored_handler *handler)
{
    if (--handler->references) return;
    while (*list != handler) list = &(*list)->next;
    *list = handler->next;
    ldr_free(handler);
}

static ULONG handler_remove(struct vectored_handler **list, void *which)
{
    struct vectored_handler *handler;

    RtlEnterCriticalSection(&vectored_lock);
    for (handler = *list; handler && (handler != which || handler->removed); handler = handler->next) ;
    if (handler)
    {
        handler->removed = true;
        handler_release_locked(list, handler);
    }
    RtlLeaveCriticalSection(&vectored_lock);
    return handler != NULL;
}

static LONG call_handlers(struct vectored_handler **list, EXCEPTION_RECORD *record, CONTEXT *context)
{
    EXCEPTION_POINTERS pointers = { record, context };
    LONG result = EXCEPTION_CONTINUE_SEARCH;
    struct vectored_handler *handler, *next;

    if (!__atomic_load_n(list, __ATOMIC_ACQUIRE)) return result;
    RtlEnterCriticalSection(&vectored_lock);
    for (handler = *list; handler; handler = next)
    {
        if (!handler->removed)
        {
            handler->references++;
            RtlLeaveCriticalSection(&vectored_lock);
            result = handler->function(&pointers);
            RtlEnterCriticalSection(&vectored_lock);
            next = handler->next;
            handler_release_locked(list, handler);
            if (result == EXCEPTION_CONTINUE_EXECUTION) break;
        }
        else next = handler->next;
    }
    RtlLeaveCriticalSection(&vectored_lock);
    return result == EXCEPTION_CONTINUE_EXECUTION ? result : EXCEPTION_CONTINUE_SEARCH;
}

LONG call_vectored_handlers(EXCEPTION_RECORD *record, CONTEXT *context)
{
    return call_handlers(&exception_handlers, record, context);
}

void call_vectored_continue_handlers(EXCEPTION_RECORD *record, CONTEXT *context)
{
    call_handlers(&continue_handlers, record, context);
}

void * WINAPI RtlAddVectoredExceptionHandler(ULONG first, PVECTORED_EXCEPTION_HANDLER function)
{
    return handler_add(&exception_handlers, first, function);
}

ULONG WINAPI RtlRemoveVectoredExceptionHandler(void *handler)
{
    return handler_remove(&exception_handlers, handler);
}

void * WINAPI RtlAddVectoredContinueHandler(ULONG first, PVECTORED_EXCEPTION_HANDLER function);
ULONG WINAPI RtlRemoveVectoredContinueHandler(void *handler);

void * WINAPI RtlAddVectoredContinueHandler(ULONG first, PVECTORED_EXCEPTION_HANDLER function)
{
    return handler_add(&continue_handlers, first, function);
}

ULONG WINAPI RtlRemoveVectoredContinueHandler(void *handler)
{
    return handler_remove(&continue_handlers, handler);
}
