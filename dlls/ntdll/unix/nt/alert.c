/* Alerts by thread id: what RtlWaitOnAddress, slim locks and condition variables sleep on. */
#include <unistd.h>

#include "ob/cell.h"
#include "ps/process_list.h"
#include "ps/thread.h"

NT_CALL(nt_wait_for_alert_by_thread_id, const void *address, const LARGE_INTEGER *user_timeout)
{
    LARGE_INTEGER timeout;
    NTSTATUS status;

    (void)address;                      /* tells a debugger what the thread waits for */
    if (user_timeout && (status = user_get(timeout, user_timeout))) return status;
    status = cell_wait_word(&current_thread()->alert_by_id, deadline_from_timeout(user_timeout ? &timeout : NULL));
    return status ? status : STATUS_ALERTED;
}

/* The word is set under the list lock, which keeps the thread alive; waking an address is harmless later. */
static bool thread_alert_by_id(uint32_t tid)
{
    uint32_t *word = NULL;
    struct thread *thread;

    pthread_mutex_lock(&thread_list_lock);
    for (thread = thread_list; thread && thread->tid != tid; thread = thread->next) continue;
    if (thread)
    {
        word = &thread->alert_by_id;
        __atomic_store_n(word, 1, __ATOMIC_SEQ_CST);
    }
    pthread_mutex_unlock(&thread_list_lock);
    if (word) cell_wake_word(word);
    return word != NULL;
}

/* A thread of ours that has ended has its id as long as somebody has a handle on it. */
static bool is_ended_thread(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes, void *arg)
{
    uint32_t *tid = arg;

    (void)handle, (void)access, (void)attributes;
    if (object->type != &thread_type || ((struct thread_object *)object)->process ||
        ((struct thread_object *)object)->tid != *tid) return true;
    *tid = 0;
    return false;
}

NT_CALL(nt_alert_thread_by_thread_id, HANDLE tid)
{
    uint32_t id = (uint32_t)(uintptr_t)tid, wanted = id;
    struct process_block block;
    int linux_pid;

    if (!id || (uintptr_t)tid != id) return STATUS_INVALID_CID;
    if (thread_alert_by_id(id)) return STATUS_SUCCESS;
    handle_enumerate(is_ended_thread, &wanted);
    if (!wanted) return STATUS_SUCCESS;
    /* Of another process: ntdll:sync, test_tid_alert */
    if ((linux_pid = process_of_thread(id)) && linux_pid != getpid() && process_listed(linux_pid, &block))
        return STATUS_ACCESS_DENIED;
    return STATUS_INVALID_CID;
}
