/* Events, semaphores and mutants. */
#include "nt/query.h"
#include "ob/dispatcher.h"

/* ---- events ------------------------------------------------------------------------------------------ */

NT_CALL(nt_create_event, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, EVENT_TYPE type,
        BOOLEAN signaled)
{
    struct object_attributes attributes;
    NTSTATUS status;

    if ((status = user_put(handle, NULL))) return status;
    if (type != NotificationEvent && type != SynchronizationEvent) return STATUS_INVALID_PARAMETER;
    if ((status = object_attributes_read(&attributes, attr))) return status;
    status = object_create(event_alloc(type, signaled), &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_event, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&event_type, attr, access, handle);
}

static NTSTATUS event_change(HANDLE handle, LONG *previous, uint32_t (*change)(struct cell *))
{
    struct dispatcher *event;
    uint32_t old;
    NTSTATUS status = handle_lookup(handle, &event_type, EVENT_MODIFY_STATE, &event, NULL);

    if (status) return status;
    /* The pointer is looked at before anything happens. */
    if (previous) status = user_put(previous, 0);
    if (!status)
    {
        old = change(event->cell);
        if (previous) status = user_put(previous, (LONG)old);
    }
    object_unref(event);
    return status;
}

NT_CALL(nt_set_event, HANDLE handle, LONG *previous)
{
    return event_change(handle, previous, cell_set);
}

NT_CALL(nt_set_event_boost_priority, HANDLE handle)
{
    return event_change(handle, NULL, cell_set);
}

NT_CALL(nt_reset_event, HANDLE handle, LONG *previous)
{
    return event_change(handle, previous, cell_reset);
}

NT_CALL(nt_clear_event, HANDLE handle)
{
    return event_change(handle, NULL, cell_reset);
}

NT_CALL(nt_pulse_event, HANDLE handle, LONG *previous)
{
    return event_change(handle, previous, cell_pulse);
}

NT_CALL(nt_query_event, HANDLE handle, EVENT_INFORMATION_CLASS class, void *out, ULONG size, ULONG *return_size)
{
    EVENT_BASIC_INFORMATION info;
    struct dispatcher *event;
    NTSTATUS status = query_check(class, size, sizeof(info));

    if (status) return status;
    if ((status = handle_lookup(handle, &event_type, EVENT_QUERY_STATE, &event, NULL))) return status;
    info.EventType = event->cell->kind == CELL_MANUAL ? NotificationEvent : SynchronizationEvent;
    info.EventState = cell_is_signaled(event->cell);
    object_unref(event);
    return query_deliver(out, return_size, &info, sizeof(info));
}

/* ---- semaphores ---------------------------------------------------------------------------------------- */

NT_CALL(nt_create_semaphore, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, LONG count, LONG limit)
{
    struct object_attributes attributes;
    NTSTATUS status;

    if ((status = user_put(handle, NULL))) return status;
    if (limit <= 0 || count < 0 || count > limit) return STATUS_INVALID_PARAMETER;
    if ((status = object_attributes_read(&attributes, attr))) return status;
    status = object_create(semaphore_alloc(count, limit), &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_semaphore, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&semaphore_type, attr, access, handle);
}

NT_CALL(nt_release_semaphore, HANDLE handle, LONG count, ULONG *previous)
{
    struct dispatcher *semaphore;
    uint32_t old;
    NTSTATUS status;

    if (count <= 0) return STATUS_INVALID_PARAMETER;
    status = handle_lookup(handle, &semaphore_type, SEMAPHORE_MODIFY_STATE, &semaphore, NULL);
    if (status) return status;
    if (previous) status = user_probe_for_write(previous, sizeof(*previous));
    if (!status) status = cell_release_semaphore(semaphore->cell, count, &old);
    if (!status && previous) status = user_put(previous, old);
    object_unref(semaphore);
    return status;
}

NT_CALL(nt_query_semaphore, HANDLE handle, SEMAPHORE_INFORMATION_CLASS class, void *out, ULONG size,
        ULONG *return_size)
{
    SEMAPHORE_BASIC_INFORMATION info;
    struct dispatcher *semaphore;
    NTSTATUS status = query_check(class, size, sizeof(info));

    if (status) return status;
    status = handle_lookup(handle, &semaphore_type, SEMAPHORE_QUERY_STATE, &semaphore, NULL);
    if (status) return status;
    info.CurrentCount = __atomic_load_n(&semaphore->cell->value, __ATOMIC_RELAXED) & 0x7fffffff;
    info.MaximumCount = semaphore->cell->limit;
    object_unref(semaphore);
    return query_deliver(out, return_size, &info, sizeof(info));
}

/* ---- mutants --------------------------------------------------------------------------------------------- */

NT_CALL(nt_create_mutant, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, BOOLEAN owned)
{
    struct object_attributes attributes;
    NTSTATUS status = object_create_begin(&attributes, attr, handle);

    if (status) return status;
    status = object_create(mutant_alloc(owned), &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_mutant, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&mutant_type, attr, access, handle);
}

NT_CALL(nt_release_mutant, HANDLE handle, LONG *previous)
{
    struct dispatcher *mutant;
    uint32_t recursion;
    NTSTATUS status = handle_lookup(handle, &mutant_type, 0, &mutant, NULL);

    if (status) return status;
    if (previous) status = user_probe_for_write(previous, sizeof(*previous));
    if (!status) status = cell_release_mutant(mutant->cell, &recursion);
    if (!status && previous) status = user_put(previous, 1 - (LONG)recursion);
    object_unref(mutant);
    return status;
}

NT_CALL(nt_query_mutant, HANDLE handle, MUTANT_INFORMATION_CLASS class, void *out, ULONG size, ULONG *return_size)
{
    MUTANT_BASIC_INFORMATION info = { 0 };
    struct dispatcher *mutant;
    NTSTATUS status = query_check(class, size, sizeof(info));

    if (status) return status;
    if ((status = handle_lookup(handle, &mutant_type, MUTANT_QUERY_STATE, &mutant, NULL))) return status;
    info.CurrentCount = cell_mutant_count(mutant->cell);
    info.OwnedByCaller = cell_mutant_is_mine(mutant->cell);
    info.AbandonedState = cell_mutant_is_abandoned(mutant->cell);
    object_unref(mutant);
    return query_deliver(out, return_size, &info, sizeof(info));
}
