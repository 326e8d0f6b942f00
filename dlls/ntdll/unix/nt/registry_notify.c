/* NtNotifyChangeKey: waiting for a change in the registry. */
#include "nt/registry.h"
#include "ob/cell.h"
#include "ob/dispatcher.h"
#include "ps/thread.h"

/* What the caller is to be told by, beside the status block in its memory. */
struct notification
{
    struct key_watch watch;             /* must be first */
    struct object   *event;             /* may be NULL */
    struct thread_object *thread;       /* for the APC */
    void            *apc, *apc_context;
    IO_STATUS_BLOCK *iosb;
};

static void notification_free(struct notification *n)
{
    object_unref(n->event);
    object_unref(n->thread);
    free(n);
}

static void tell_caller(struct key_watch *watch, NTSTATUS status)
{
    struct notification *n = (struct notification *)watch;
    IO_STATUS_BLOCK iosb = { { status }, 0 };

    user_write(n->iosb, &iosb, sizeof(iosb));
    if (n->event) cell_set(dispatcher_cell(n->event));
    if (n->apc) thread_queue_apc(n->thread, n->apc, (uintptr_t)n->apc_context, (uintptr_t)n->iosb, 0);
    notification_free(n);
}

NT_CALL(nt_notify_change_key, HANDLE handle, HANDLE event, void *apc, void *apc_context, IO_STATUS_BLOCK *iosb, ULONG filter,
        BOOLEAN tree, void *buffer, ULONG length, BOOLEAN async)
{
    static const ULONG known = REG_NOTIFY_CHANGE_NAME | REG_NOTIFY_CHANGE_ATTRIBUTES | REG_NOTIFY_CHANGE_LAST_SET |
                               REG_NOTIFY_CHANGE_SECURITY;
    static const ULONG thread_agnostic = 0x10000000;    /* it outlives the thread that asks: all do here */
    struct object *waited = NULL;
    struct key_object *object;
    struct notification *n;
    NTSTATUS status;
    struct cell *cell;

    (void)buffer;                       /* Windows tells nothing but that there was a change */
    (void)length;
    filter &= ~thread_agnostic;
    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if (!filter || (filter & ~known)) return STATUS_INVALID_PARAMETER;
    if (!(n = calloc(1, sizeof(*n)))) return STATUS_NO_MEMORY;
    if (event && (status = handle_lookup(event, &event_type, EVENT_MODIFY_STATE, &n->event, NULL)))
    {
        free(n);
        return status;
    }
    if (!n->event && !async && !(n->event = event_alloc(NotificationEvent, false)))
    {
        free(n);
        return STATUS_NO_MEMORY;
    }
    n->thread = object_ref(current_thread()->object);
    n->apc = apc;
    n->apc_context = apc_context;
    n->iosb = iosb;
    n->watch = (struct key_watch){ .filter = filter, .tree = tree, .changed = tell_caller };
    if ((status = registry_enter(handle, KEY_NOTIFY, &object)))
    {
        notification_free(n);
        return status;
    }
    if (n->event) cell_reset(dispatcher_cell(n->event));
    if (!async) waited = object_ref(n->event);
    n->watch.object = object;
    key_watch_add(&n->watch);
    registry_leave(object);
    if (async) return STATUS_PENDING;
    cell = dispatcher_cell(waited);
    status = cell_wait(&cell, 1, false, false, deadline_from_timeout(NULL));
    object_unref(waited);
    return status ? status : STATUS_NOTIFY_ENUM_DIR;
}
