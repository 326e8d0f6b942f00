/* NtTerminateProcess and what else a process can be told or asked. */
#include "nt/nt.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"

NT_CALL(nt_terminate_process, HANDLE handle, LONG exit_code)
{
    struct process_object *process;
    NTSTATUS status;

    if (!handle)                        /* all threads but this one: how RtlExitUserProcess begins */
    {
        threads_terminate_others((uint32_t)exit_code);
        return STATUS_SUCCESS;
    }
    if ((status = handle_lookup(handle, &process_type, PROCESS_TERMINATE, &process, NULL)))
        return status;
    if (process_is_other(process))
    {
        status = process_kill(process, (uint32_t)exit_code);
        object_unref(&process->header);
        return status;
    }
    object_unref(&process->header);
    process_exit((uint32_t)exit_code);
}
