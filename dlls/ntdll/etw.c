/* Event tracing, as a provider sees it while no session is listening: it registers, asks whether anybody wants its
 * events, hears no, and events that it writes all the same go nowhere. That is what Windows does without a session.
 *
 * A registration is a small block with a signature, so that one that was never made, or is gone, is refused. */

#include "rtl.h"
#include "wmistr.h"
#include "evntrace.h"
#include "evntprov.h"

extern ULONG WINAPI EtwEventRegister(LPCGUID provider, PENABLECALLBACK callback, PVOID context, PREGHANDLE handle);
extern ULONG WINAPI EtwEventUnregister(REGHANDLE handle);
extern ULONG WINAPI EtwEventSetInformation(REGHANDLE handle, EVENT_INFO_CLASS class, void *info, ULONG size);
extern BOOLEAN WINAPI EtwEventEnabled(REGHANDLE handle, PCEVENT_DESCRIPTOR event);
extern BOOLEAN WINAPI EtwEventProviderEnabled(REGHANDLE handle, UCHAR level, ULONGLONG keyword);
extern ULONG WINAPI EtwEventWrite(REGHANDLE handle, PCEVENT_DESCRIPTOR event, ULONG count,
    PEVENT_DATA_DESCRIPTOR data);
extern ULONG WINAPI EtwEventWriteEx(REGHANDLE handle, PCEVENT_DESCRIPTOR event, ULONG64 filter, ULONG flags,
    LPCGUID activity, LPCGUID related, ULONG count, PEVENT_DATA_DESCRIPTOR data);
extern ULONG WINAPI EtwEventWriteTransfer(REGHANDLE handle, PCEVENT_DESCRIPTOR event, LPCGUID activity,
    LPCGUID related, ULONG count, PEVENT_DATA_DESCRIPTOR data);
extern ULONG WINAPI EtwEventWriteString(REGHANDLE handle, UCHAR level, ULONGLONG keyword, const WCHAR *string);
extern ULONG WINAPI EtwEventActivityIdControl(ULONG code, GUID *id);
extern ULONG WINAPI EtwRegisterTraceGuidsW(WMIDPREQUEST callback, PVOID context, LPCGUID control, ULONG count,
    PTRACE_GUID_REGISTRATION guids, LPCWSTR image, LPCWSTR resource, PTRACEHANDLE handle);
extern ULONG WINAPI EtwRegisterTraceGuidsA(WMIDPREQUEST callback, PVOID context, LPCGUID control, ULONG count,
    PTRACE_GUID_REGISTRATION guids, LPCSTR image, LPCSTR resource, PTRACEHANDLE handle);
extern ULONG WINAPI EtwUnregisterTraceGuids(TRACEHANDLE handle);
extern TRACEHANDLE WINAPI EtwGetTraceLoggerHandle(PVOID buffer);
extern ULONG WINAPI EtwGetTraceEnableFlags(TRACEHANDLE session);
extern UCHAR WINAPI EtwGetTraceEnableLevel(TRACEHANDLE session);

#define SIGNATURE 0x52777445       /* "EtwR" */

/* Wine's headers lack them. */
enum { ACTIVITY_GET = 1, ACTIVITY_SET, ACTIVITY_CREATE, ACTIVITY_GET_SET, ACTIVITY_CREATE_SET };

struct registration
{
    ULONG signature;
    ULONG classic;                  /* by RegisterTraceGuids */
    GUID provider;
    void *callback, *context;
};

static struct registration *get(REGHANDLE handle)
{
    struct registration *r = (struct registration *)(ULONG_PTR)handle;

    return r && !(handle & 15) && r->signature == SIGNATURE ? r : NULL;
}

static ULONG create(const GUID *provider, void *callback, void *context, ULONG classic, REGHANDLE *handle)
{
    struct registration *r;

    if (!provider || !handle) return ERROR_INVALID_PARAMETER;
    if (!(r = heap_alloc(sizeof(*r)))) return ERROR_NOT_ENOUGH_MEMORY;
    r->signature = SIGNATURE;
    r->classic = classic;
    r->provider = *provider;
    r->callback = callback;
    r->context = context;
    *handle = (REGHANDLE)(ULONG_PTR)r;
    return ERROR_SUCCESS;
}

static ULONG destroy(REGHANDLE handle, ULONG classic)
{
    struct registration *r = get(handle);

    if (!r || r->classic != classic) return ERROR_INVALID_HANDLE;
    r->signature = 0;
    heap_free(r);
    return ERROR_SUCCESS;
}

static ULONG write(REGHANDLE handle, const void *event)
{
    if (!event) return ERROR_INVALID_PARAMETER;
    return get(handle) ? ERROR_SUCCESS : ERROR_INVALID_HANDLE;
}

/* ---- manifest providers ---- */

ULONG WINAPI EtwEventRegister(LPCGUID provider, PENABLECALLBACK callback, PVOID context, PREGHANDLE handle)
{
    return create(provider, callback, context, 0, handle);
}

ULONG WINAPI EtwEventUnregister(REGHANDLE handle)
{
    return destroy(handle, 0);
}

ULONG WINAPI EtwEventSetInformation(REGHANDLE handle, EVENT_INFO_CLASS class, void *info, ULONG size)
{
    (void)info;
    (void)size;
    if (!get(handle)) return ERROR_INVALID_HANDLE;
    return class <= EventProviderUseDescriptorType ? ERROR_SUCCESS : ERROR_INVALID_PARAMETER;
}

BOOLEAN WINAPI EtwEventEnabled(REGHANDLE handle, PCEVENT_DESCRIPTOR event)
{
    (void)handle;
    (void)event;
    return FALSE;
}

BOOLEAN WINAPI EtwEventProviderEnabled(REGHANDLE handle, UCHAR level, ULONGLONG keyword)
{
    (void)handle;
    (void)level;
    (void)keyword;
    return FALSE;
}

ULONG WINAPI EtwEventWrite(REGHANDLE handle, PCEVENT_DESCRIPTOR event, ULONG count, PEVENT_DATA_DESCRIPTOR data)
{
    (void)count;
    (void)data;
    return write(handle, event);
}

ULONG WINAPI EtwEventWriteEx(REGHANDLE handle, PCEVENT_DESCRIPTOR event, ULONG64 filter, ULONG flags, LPCGUID activity,
                             LPCGUID related, ULONG count, PEVENT_DATA_DESCRIPTOR data)
{
    (void)filter;
    (void)flags;
    (void)activity;
    (void)related;
    (void)count;
    (void)data;
    return write(handle, event);
}

ULONG WINAPI EtwEventWriteTransfer(REGHANDLE handle, PCEVENT_DESCRIPTOR event, LPCGUID activity, LPCGUID related,
                                   ULONG count, PEVENT_DATA_DESCRIPTOR data)
{
    return EtwEventWriteEx(handle, event, 0, 0, activity, related, count, data);
}

ULONG WINAPI EtwEventWriteString(REGHANDLE handle, UCHAR level, ULONGLONG keyword, const WCHAR *string)
{
    (void)level;
    (void)keyword;
    return write(handle, string);
}

/* The thread's activity id, at TEB+0x1710. Only this call knows it: no event carries it away. */
ULONG WINAPI EtwEventActivityIdControl(ULONG code, GUID *id)
{
    GUID *current = (GUID *)&NtCurrentTeb()->Instrumentation[11], old = *current, new;

    C_ASSERT(offsetof(TEB, Instrumentation[11]) == 0x1710);
    if (!id) return ERROR_INVALID_PARAMETER;
    if (code == ACTIVITY_CREATE || code == ACTIVITY_CREATE_SET)
    {
        static ULONG serial;
        LARGE_INTEGER counter;
        ULONG tail[2] = { (ULONG)(ULONG_PTR)current_tid(), __atomic_add_fetch(&serial, 1, __ATOMIC_RELAXED) };

        /* Unique on this machine, which is all that is promised. */
        NtQueryPerformanceCounter(&counter, NULL);
        memcpy(&new, &counter, sizeof(counter));
        memcpy(new.Data4, tail, sizeof(tail));
    }
    switch (code)
    {
    case ACTIVITY_GET:
        *id = old;
        break;
    case ACTIVITY_SET:
        *current = *id;
        break;
    case ACTIVITY_CREATE:
        *id = new;
        break;
    case ACTIVITY_GET_SET:
        *current = *id;
        *id = old;
        break;
    case ACTIVITY_CREATE_SET:
        *current = new;
        *id = old;
        break;
    default:
        return ERROR_INVALID_PARAMETER;
    }
    return ERROR_SUCCESS;
}

/* ---- classic providers: no session has enabled them, so there is no logger to have a handle, flags or a level ---- */

ULONG WINAPI EtwRegisterTraceGuidsW(WMIDPREQUEST callback, PVOID context, LPCGUID control, ULONG count,
                                    PTRACE_GUID_REGISTRATION guids, LPCWSTR image, LPCWSTR resource,
                                    PTRACEHANDLE handle)
{
    REGHANDLE reg;
    ULONG error;

    (void)count;
    (void)guids;
    (void)image;
    (void)resource;
    if (!callback || !handle) return ERROR_INVALID_PARAMETER;
    if (!(error = create(control, callback, context, 1, &reg))) *handle = reg;
    return error;
}

ULONG WINAPI EtwRegisterTraceGuidsA(WMIDPREQUEST callback, PVOID context, LPCGUID control, ULONG count,
                                    PTRACE_GUID_REGISTRATION guids, LPCSTR image, LPCSTR resource, PTRACEHANDLE handle)
{
    (void)image;
    (void)resource;
    return EtwRegisterTraceGuidsW(callback, context, control, count, guids, NULL, NULL, handle);
}

ULONG WINAPI EtwUnregisterTraceGuids(TRACEHANDLE handle)
{
    return destroy(handle, 1);
}

TRACEHANDLE WINAPI EtwGetTraceLoggerHandle(PVOID buffer)
{
    (void)buffer;
    RtlSetLastWin32Error(ERROR_INVALID_PARAMETER);
    return INVALID_PROCESSTRACE_HANDLE;
}

ULONG WINAPI EtwGetTraceEnableFlags(TRACEHANDLE session)
{
    (void)session;
    RtlSetLastWin32Error(ERROR_INVALID_HANDLE);
    return 0;
}

UCHAR WINAPI EtwGetTraceEnableLevel(TRACEHANDLE session)
{
    (void)session;
    RtlSetLastWin32Error(ERROR_INVALID_HANDLE);
    return 0;
}
