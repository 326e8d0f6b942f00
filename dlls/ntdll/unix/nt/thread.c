/* NtCreateThreadEx, NtTerminateThread and what else threads are told. */
#include <errno.h>
#include <time.h>
#include "nt/nt.h"
#include "vm/vm.h"
#include "ob/cell.h"
#include "ps/process.h"
#include "ps/teb.h"
#include "ps/thread_private.h"

NT_CALL(nt_terminate_thread, HANDLE handle, LONG exit_code)
{
    struct thread_object *object;
    NTSTATUS status;
    bool self;

    if (!handle)                        /* this thread, if it is not the last */
    {
        pthread_mutex_lock(&thread_list_lock);
        self = thread_count == 1;
        pthread_mutex_unlock(&thread_list_lock);
        if (self)
            return STATUS_CANT_TERMINATE_SELF;
        thread_exit_self((uint32_t)exit_code);
    }
    if ((status = handle_lookup(handle, &thread_type, THREAD_TERMINATE, &object, NULL)))
        return status;
    pthread_mutex_lock(&thread_list_lock);
    self = object->thread == thread_self;
    if (object->thread && !self)
        thread_terminate_locked(object->thread, (uint32_t)exit_code);
    pthread_mutex_unlock(&thread_list_lock);
    object_unref(&object->header);
    if (self)
        thread_exit_self((uint32_t)exit_code);
    return STATUS_SUCCESS;
}
