/* The Nt calls on debug objects. */
#include "nt/debug.h"
#include "ob/cell.h"

NT_CALL(nt_create_debug_object, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, ULONG flags)
{
    struct object_attributes attributes;
    struct debug_object *object;
    NTSTATUS status;

    if ((status = user_put(handle, NULL))) return status;
    if (flags & ~(ULONG)DEBUG_KILL_ON_CLOSE) return STATUS_INVALID_PARAMETER;
    if ((status = object_attributes_read(&attributes, attr))) return status;
    if ((object = debug_object_alloc(flags & DEBUG_KILL_ON_CLOSE)))
        status = object_create(&object->header, &attributes, access, handle);
    else status = STATUS_NO_MEMORY;
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_set_information_debug_object, HANDLE handle, DEBUGOBJECTINFOCLASS class, const void *in, ULONG size,
        ULONG *return_size)
{
    struct debug_object *object;
    NTSTATUS status;
    ULONG flags;

    if (class != DebugObjectKillProcessOnExitInformation) return STATUS_INVALID_PARAMETER;
    if (size != sizeof(flags))
    {
        if (return_size && (status = user_put(return_size, (ULONG)sizeof(flags)))) return status;
        return STATUS_INFO_LENGTH_MISMATCH;
    }
    if ((status = user_read(&flags, in, sizeof(flags)))) return status;
    if (return_size && (status = user_put(return_size, 0))) return status;
    if (flags & ~(ULONG)DEBUG_KILL_ON_CLOSE) return STATUS_INVALID_PARAMETER;
    if ((status = handle_lookup(handle, &debug_type, DEBUG_SET_INFORMATION, &object, NULL))) return status;
    debug_set_kill(object, flags & DEBUG_KILL_ON_CLOSE);
    object_unref(&object->header);
    return STATUS_SUCCESS;
}

/* ---- which processes --------------------------------------------------------------------------------------------- */

typedef NTSTATUS action(struct debug_object *object, struct process_object *process);

static NTSTATUS on_process(HANDLE process_handle, HANDLE debug, action *what)
{
    struct process_object *process;
    struct debug_object *object;
    NTSTATUS status;

    if ((status = process_target(process_handle, PROCESS_SUSPEND_RESUME, &process))) return status;
    if (!(status = handle_lookup(debug, &debug_type, DEBUG_PROCESS_ASSIGN, &object, NULL)))
    {
        status = what(object, process);
        object_unref(&object->header);
    }
    object_unref(&process->header);
    return status;
}

static NTSTATUS attach(struct debug_object *object, struct process_object *process)
{
    return process_is_other(process) ? debug_attach(object, process, DEBUGGEE_NO_INHERIT) : STATUS_ACCESS_DENIED;
}

static NTSTATUS detach(struct debug_object *object, struct process_object *process)
{
    return process_is_other(process) ? debug_detach(object, process) : STATUS_PORT_NOT_SET;
}

NT_CALL(nt_debug_active_process, HANDLE process, HANDLE debug)
{
    return on_process(process, debug, attach);
}

NT_CALL(nt_remove_process_debug, HANDLE process, HANDLE debug)
{
    return on_process(process, debug, detach);
}

/* ---- events -------------------------------------------------------------------------------------------------------- */

/* The next event is out, or the wait ended otherwise. */
static NTSTATUS next_event(struct debug_object *object, bool alertable, uint64_t deadline, struct debug_event **event)
{
    NTSTATUS status = STATUS_SUCCESS;
    bool closed;

    for (;;)
    {
        pthread_mutex_lock(&debug_lock);
        *event = debug_take_locked(object);
        closed = object->closed;
        pthread_mutex_unlock(&debug_lock);
        if (*event) return STATUS_SUCCESS;
        if (closed) return STATUS_DEBUGGER_INACTIVE;
        if ((status = cell_wait(&object->cell, 1, false, alertable, deadline))) return status;
    }
}

static NTSTATUS tell_event(struct debug_event *event, DBGUI_WAIT_STATE_CHANGE *user)
{
    struct attached *attached = event->of;
    DBGUI_WAIT_STATE_CHANGE change;
    NTSTATUS status;

    if (!(status = debug_event_describe(event, &change)) && (status = user_write(user, &change, sizeof(change))))
        debug_event_undo(&change);
    pthread_mutex_lock(&debug_lock);
    if (status) debug_put_back_locked(event);
    attached_unref_locked(attached);
    pthread_mutex_unlock(&debug_lock);
    return status;
}

NT_CALL(nt_wait_for_debug_event, HANDLE handle, BOOLEAN alertable, const LARGE_INTEGER *timeout,
        DBGUI_WAIT_STATE_CHANGE *change)
{
    struct debug_object *object;
    struct debug_event *event;
    LARGE_INTEGER time;
    uint64_t deadline;
    NTSTATUS status;

    if (timeout && (status = user_get(time, timeout))) return status;
    deadline = deadline_from_timeout(timeout ? &time : NULL);
    if ((status = user_probe_for_write(change, sizeof(*change)))) return status;
    if ((status = handle_lookup(handle, &debug_type, DEBUG_READ_EVENT, &object, NULL))) return status;
    if (!(status = next_event(object, alertable, deadline, &event))) status = tell_event(event, change);
    object_unref(&object->header);
    return status;
}

NT_CALL(nt_debug_continue, HANDLE handle, const CLIENT_ID *user_id, NTSTATUS answer)
{
    struct debug_object *object;
    NTSTATUS status;
    CLIENT_ID id;

    if ((status = user_get(id, user_id))) return status;
    switch (answer)
    {
    case DBG_CONTINUE:
    case DBG_EXCEPTION_HANDLED:
    case DBG_EXCEPTION_NOT_HANDLED:
    case DBG_TERMINATE_THREAD:
    case DBG_TERMINATE_PROCESS:
    case DBG_REPLY_LATER:
        break;
    default:
        return STATUS_INVALID_PARAMETER;
    }
    if ((status = handle_lookup(handle, &debug_type, DEBUG_READ_EVENT, &object, NULL))) return status;
    status = debug_continue(object, (uint32_t)(uintptr_t)id.UniqueProcess / 4, (uint32_t)(uintptr_t)id.UniqueThread, (uint32_t)answer);
    object_unref(&object->header);
    return status;
}
