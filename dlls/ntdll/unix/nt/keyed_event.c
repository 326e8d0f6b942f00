/* Keyed events. The order of the checks is that of ntdll:sync, test_keyed_events: the key, then the handle. */
#include "ob/cell.h"
#include "ob/keyed_event.h"

NT_CALL(nt_create_keyed_event, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, ULONG flags)
{
    struct object_attributes attributes;
    NTSTATUS status;

    if ((status = user_put(handle, NULL))) return status;
    if (flags) return STATUS_INVALID_PARAMETER_4;
    if ((status = object_attributes_read(&attributes, attr))) return status;
    status = object_create(keyed_event_alloc(), &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_keyed_event, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&keyed_event_type, attr, access, handle);
}

static NTSTATUS meet(HANDLE handle, const void *key, bool release, BOOLEAN alertable, const LARGE_INTEGER *user_timeout)
{
    LARGE_INTEGER timeout;
    struct object *event;
    uint64_t deadline;
    NTSTATUS status;

    if ((uintptr_t)key & 1) return STATUS_INVALID_PARAMETER_1;
    if (user_timeout && (status = user_get(timeout, user_timeout))) return status;
    deadline = deadline_from_timeout(user_timeout ? &timeout : NULL);
    if (handle)
    {
        status = handle_lookup(handle, &keyed_event_type, release ? KEYEDEVENT_WAKE : KEYEDEVENT_WAIT, &event, NULL);
        if (status) return status;
    }
    else if ((event = keyed_event_global())) object_ref(event);
    else return STATUS_NO_MEMORY;
    status = keyed_event_meet(event, (uintptr_t)key, release, alertable, deadline);
    object_unref(event);
    return status;
}

NT_CALL(nt_wait_for_keyed_event, HANDLE handle, const void *key, BOOLEAN alertable, const LARGE_INTEGER *timeout)
{
    return meet(handle, key, false, alertable, timeout);
}

NT_CALL(nt_release_keyed_event, HANDLE handle, const void *key, BOOLEAN alertable, const LARGE_INTEGER *timeout)
{
    return meet(handle, key, true, alertable, timeout);
}
