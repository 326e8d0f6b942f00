/* Waiting: NtWaitForSingleObject and its relatives, and NtDelayExecution. */
#include <sched.h>

#include "ob/cell.h"
#include "ob/types.h"
#include "ps/thread.h"

/* A LARGE_INTEGER timeout of the program as a deadline. */
static NTSTATUS read_deadline(const LARGE_INTEGER *timeout, uint64_t *deadline)
{
    LARGE_INTEGER value;
    NTSTATUS status;

    if (timeout && (status = user_get(value, timeout))) return status;
    *deadline = deadline_from_timeout(timeout ? &value : NULL);
    return STATUS_SUCCESS;
}

/* The object behind a handle that may be waited on, and its cell. */
static NTSTATUS lookup_waitable(HANDLE handle, struct object **object, struct cell **cell)
{
    NTSTATUS status = handle_lookup(handle, NULL, SYNCHRONIZE, object, NULL);

    if (status) return status;
    *cell = (*object)->type->wait_cell ? (*object)->type->wait_cell(*object) : NULL;
    if (*cell) return STATUS_SUCCESS;
    object_unref(*object);
    return STATUS_OBJECT_TYPE_MISMATCH;
}

NT_CALL(nt_wait_for_single_object, HANDLE handle, BOOLEAN alertable, const LARGE_INTEGER *timeout)
{
    struct object *object;
    struct cell *cell;
    uint64_t deadline;
    NTSTATUS status;

    if ((status = read_deadline(timeout, &deadline))) return status;
    if ((status = lookup_waitable(handle, &object, &cell))) return status;
    status = cell_wait(&cell, 1, false, alertable, deadline);
    object_unref(object);
    return status;
}

NT_CALL(nt_wait_for_multiple_objects, ULONG count, const HANDLE *user_handles, WAIT_TYPE type, BOOLEAN alertable,
        const LARGE_INTEGER *timeout)
{
    HANDLE handles[MAXIMUM_WAIT_OBJECTS];
    struct object *objects[MAXIMUM_WAIT_OBJECTS];
    struct cell *cells[MAXIMUM_WAIT_OBJECTS];
    uint64_t deadline;
    ULONG i, j;
    NTSTATUS status;

    if (!count || count > MAXIMUM_WAIT_OBJECTS) return STATUS_INVALID_PARAMETER_1;
    if (type != WaitAll && type != WaitAny) return STATUS_INVALID_PARAMETER_3;
    if ((status = read_deadline(timeout, &deadline))) return status;
    if ((status = user_read(handles, user_handles, count * sizeof(handles[0])))) return status;

    /* Pseudo handles are for NtWaitForSingleObject only: kernel32:sync, test_WaitForMultipleObjects. */
    for (i = 0; !status && i < count; i++)
        status = handle_is_pseudo(handles[i]) ? STATUS_INVALID_HANDLE
                                              : lookup_waitable(handles[i], &objects[i], &cells[i]);
    if (status) i--;                    /* that one has no reference */
    else if (type == WaitAll)
    {
        for (i = 0; !status && i < count; i++)
            for (j = 0; j < i; j++) if (cells[i] == cells[j]) status = STATUS_INVALID_PARAMETER_MIX;
        i = count;
    }
    if (!status) status = cell_wait(cells, count, type == WaitAll, alertable, deadline);
    while (i) object_unref(objects[--i]);
    return status;
}

/* ---- NtSignalAndWaitForSingleObject --------------------------------------------------------------------------- */

/* Signals a cell of one of the kinds that can be, with the right that its own call would ask for. */
static NTSTATUS signal_object(struct object *object, ACCESS_MASK granted)
{
    struct cell *cell = object->type->wait_cell ? object->type->wait_cell(object) : NULL;

    if (object->type == &event_type)
    {
        if (!(granted & EVENT_MODIFY_STATE)) return STATUS_ACCESS_DENIED;
        cell_set(cell);
        return STATUS_SUCCESS;
    }
    if (object->type == &semaphore_type)
    {
        if (!(granted & SEMAPHORE_MODIFY_STATE)) return STATUS_ACCESS_DENIED;
        return cell_release_semaphore(cell, 1, NULL);
    }
    if (object->type == &mutant_type) return cell_release_mutant(cell, NULL);
    return STATUS_OBJECT_TYPE_MISMATCH;
}

NT_CALL(nt_signal_and_wait_for_single_object, HANDLE signal, HANDLE wait, BOOLEAN alertable,
        const LARGE_INTEGER *timeout)
{
    struct object *signaled, *waited;
    struct cell *cell;
    ACCESS_MASK granted;
    uint64_t deadline;
    NTSTATUS status;

    if ((status = read_deadline(timeout, &deadline))) return status;
    if ((status = handle_lookup(signal, NULL, 0, &signaled, &granted))) return status;
    if (!(status = lookup_waitable(wait, &waited, &cell)))
    {
        if (!(status = signal_object(signaled, granted))) status = cell_wait(&cell, 1, false, alertable, deadline);
        object_unref(waited);
    }
    object_unref(signaled);
    return status;
}

/* ---- time --------------------------------------------------------------------------------------------------------- */

NT_CALL(nt_yield_execution, void)
{
    sched_yield();
    return STATUS_SUCCESS;
}

NT_CALL(nt_delay_execution, BOOLEAN alertable, const LARGE_INTEGER *timeout)
{
    uint64_t deadline;
    NTSTATUS status;

    if ((status = read_deadline(timeout, &deadline))) return status;
    status = cell_wait(NULL, 0, false, alertable, deadline);
    if (!deadline && status == STATUS_TIMEOUT) sched_yield();
    return status == STATUS_TIMEOUT ? STATUS_SUCCESS : status;
}
