/* What the suites of objects, waits and ports share. */
#pragma once

#include <stdarg.h>
#include <stdint.h>
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "wine/test.h"

#define ME GetCurrentProcess()
#ifndef DUPLICATE_SAME_ATTRIBUTES
#define DUPLICATE_SAME_ATTRIBUTES 4
#endif

#define ok_status(call, expected) \
    do { \
        NTSTATUS status_ = (call); \
        ok(status_ == (NTSTATUS)(expected), "%s: status %#lx, expected %#lx\n", #call, (ULONG)status_, (ULONG)(expected)); \
    } while (0)

static inline OBJECT_ATTRIBUTES *named(OBJECT_ATTRIBUTES *attr, UNICODE_STRING *string, HANDLE root, const WCHAR *name,
                                       ULONG flags)
{
    RtlInitUnicodeString(string, name);
    InitializeObjectAttributes(attr, string, flags, root, NULL);
    return attr;
}

static inline LARGE_INTEGER *milliseconds(LARGE_INTEGER *time, int ms)
{
    time->QuadPart = ms * -10000ll;
    return time;
}

/* One look at a waitable object. */
static inline NTSTATUS poll_handle(HANDLE handle)
{
    LARGE_INTEGER now = { .QuadPart = 0 };

    return NtWaitForSingleObject(handle, FALSE, &now);
}

static inline HANDLE new_event(EVENT_TYPE type, BOOL signaled)
{
    HANDLE event = NULL;

    ok_status(NtCreateEvent(&event, EVENT_ALL_ACCESS, NULL, type, signaled), STATUS_SUCCESS);
    return event;
}
