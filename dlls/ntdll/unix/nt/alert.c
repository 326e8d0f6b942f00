/* Alerts by thread id: what RtlWaitOnAddress, slim locks and condition variables sleep on. */
#include "ob/cell.h"
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

NT_CALL(nt_alert_thread_by_thread_id, HANDLE tid)
{
    uint32_t id = (uint32_t)(uintptr_t)tid;

    if ((uintptr_t)tid != id || !thread_alert_by_id(id)) return STATUS_INVALID_CID;
    return STATUS_SUCCESS;
}
