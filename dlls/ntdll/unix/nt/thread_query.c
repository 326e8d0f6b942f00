/* NtQueryInformationThread. */
#include "nt/thread.h"
#include "nt/reply.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"
#include "ps/times.h"

static void query_basic(struct thread_object *object, void *out)
{
    THREAD_BASIC_INFORMATION *info = out;

    info->ExitStatus = (NTSTATUS)object->exit_status;
    info->TebBaseAddress = thread_is_alive(object) ? object->teb : NULL;
    info->ClientId.UniqueProcess = (HANDLE)(uintptr_t)(object->process ? object->process->id : process_id);
    info->ClientId.UniqueThread = (HANDLE)(uintptr_t)object->tid;
    info->AffinityMask = object->affinity & current_process->affinity;
    info->Priority = process_base_priority() + object->priority;
    info->BasePriority = object->priority;
}

static void query_times(struct thread_object *object, void *out)
{
    uint64_t user = object->user_time, kernel = object->kernel_time;
    KERNEL_USER_TIMES *times = out;

    if (thread_is_alive(object))
        times_of_thread((int)(object->tid / 4), &user, &kernel);
    times->CreateTime.QuadPart = (LONGLONG)object->create_time;
    times->ExitTime.QuadPart = (LONGLONG)object->exit_time;
    times->UserTime.QuadPart = (LONGLONG)user;
    times->KernelTime.QuadPart = (LONGLONG)kernel;
}

static void query_affinity(struct thread_object *object, void *out)
{
    ((GROUP_AFFINITY *)out)->Mask = object->affinity & current_process->affinity;
}

static void query_start(struct thread_object *object, void *out)
{
    *(uint64_t *)out = object->start_address;
}

static void query_last(struct thread_object *object, void *out)
{
    (void)object;
    pthread_mutex_lock(&thread_list_lock);
    *(ULONG *)out = thread_count == 1;
    pthread_mutex_unlock(&thread_list_lock);
}

static void query_suspends(struct thread_object *object, void *out)
{
    pthread_mutex_lock(&thread_list_lock);
    *(ULONG *)out = object->thread ? thread_suspend_count(object->thread) : 0;
    pthread_mutex_unlock(&thread_list_lock);
}

static void query_io_pending(struct thread_object *object, void *out)
{
    (void)object;
    *(ULONG *)out = 0;                  /* operations belong to files here; none is bound to its thread's life */
}

static void query_terminated(struct thread_object *object, void *out)
{
    *(ULONG *)out = !thread_is_alive(object);
}

static void query_hidden(struct thread_object *object, void *out)
{
    *(BOOLEAN *)out = object->hidden;
}

static void query_boost(struct thread_object *object, void *out)
{
    *(ULONG *)out = object->no_boost;
}

static void query_io_priority(struct thread_object *object, void *out)
{
    *(ULONG *)out = object->io_priority;
}

static void query_page_priority(struct thread_object *object, void *out)
{
    *(ULONG *)out = object->page_priority;
}

static void query_base_priority(struct thread_object *object, void *out)
{
    *(LONG *)out = process_base_priority() + object->priority;
}

static void query_ideal(struct thread_object *object, void *out)
{
    ((PROCESSOR_NUMBER *)out)->Number = (BYTE)object->ideal_processor;
}

static const struct thread_class
{
    int class;
    uint32_t size;
    ACCESS_MASK access;
    void (*fill)(struct thread_object *object, void *out);      /* out is zeroed */
} classes[] =
{
    { ThreadBasicInformation, sizeof(THREAD_BASIC_INFORMATION), THREAD_QUERY_LIMITED_INFORMATION, query_basic },
    { ThreadTimes, sizeof(KERNEL_USER_TIMES), THREAD_QUERY_LIMITED_INFORMATION, query_times },
    { ThreadQuerySetWin32StartAddress, sizeof(uint64_t), THREAD_QUERY_INFORMATION, query_start },
    { ThreadAmILastThread, sizeof(ULONG), THREAD_QUERY_LIMITED_INFORMATION, query_last },
    { ThreadPriorityBoost, sizeof(ULONG), THREAD_QUERY_LIMITED_INFORMATION, query_boost },
    { ThreadIsIoPending, sizeof(ULONG), THREAD_QUERY_INFORMATION, query_io_pending },
    { ThreadHideFromDebugger, sizeof(BOOLEAN), THREAD_QUERY_INFORMATION, query_hidden },
    { ThreadIsTerminated, sizeof(ULONG), THREAD_QUERY_LIMITED_INFORMATION, query_terminated },
    { ThreadIoPriority, sizeof(ULONG), THREAD_QUERY_INFORMATION, query_io_priority },
    { ThreadPagePriority, sizeof(ULONG), THREAD_QUERY_INFORMATION, query_page_priority },
    { ThreadActualBasePriority, sizeof(LONG), THREAD_QUERY_INFORMATION, query_base_priority },
    { ThreadGroupInformation, sizeof(GROUP_AFFINITY), THREAD_QUERY_INFORMATION, query_affinity },
    { ThreadIdealProcessorEx, sizeof(PROCESSOR_NUMBER), THREAD_QUERY_INFORMATION, query_ideal },
    { ThreadSuspendCount, sizeof(ULONG), THREAD_QUERY_LIMITED_INFORMATION, query_suspends },
};

static NTSTATUS query_name(HANDLE handle, const struct reply *reply)
{
    UNICODE_STRING *name = reply->out, header = { 0, 0, NULL };
    struct thread_object *object;
    WCHAR *copy = NULL;
    size_t length;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &thread_type, THREAD_QUERY_LIMITED_INFORMATION, &object, NULL)))
        return status;
    if (object->process)
    {
        status = remote_thread_query(object, ThreadNameInformation, reply->out, reply->size, reply->return_size);
        object_unref(&object->header);
        return status;
    }
    pthread_mutex_lock(&thread_list_lock);
    length = object->description_size;
    if (length && (copy = malloc(length)))
        memcpy(copy, object->description, length);
    pthread_mutex_unlock(&thread_list_lock);
    object_unref(&object->header);
    if (length && !copy)
        return STATUS_NO_MEMORY;
    if (reply->return_size)
        status = user_put(reply->return_size, (ULONG)(sizeof(*name) + length));
    if (!status && reply->size < sizeof(*name) + length)
        status = STATUS_BUFFER_TOO_SMALL;
    header.Length = header.MaximumLength = (USHORT)length;
    header.Buffer = (WCHAR *)(name + 1);
    if (!status && !(status = user_write(name, &header, sizeof(header))))
        status = user_write(name + 1, copy, length);
    free(copy);
    return status;
}

NT_CALL(nt_query_information_thread, HANDLE handle, THREADINFOCLASS class, void *out, ULONG size, ULONG *return_size)
{
    struct reply reply = { out, size, return_size };
    struct thread_object *object;
    uint64_t data[8] = { 0 };
    NTSTATUS status;
    size_t i;

    if ((int)class == ThreadNameInformation)
        return query_name(handle, &reply);
    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
    {
        if (classes[i].class != (int)class)
            continue;
        if (size != classes[i].size)
            return STATUS_INFO_LENGTH_MISMATCH;
        if ((status = user_probe_for_write(out, size)) ||
            (status = handle_lookup(handle, &thread_type, classes[i].access, &object, NULL)))
            return status;
        if (object->process &&
            (status = remote_thread_query(object, (uint32_t)class, out, size, return_size)) != STATUS_THREAD_IS_TERMINATING)
        {
            object_unref(&object->header);
            return status;
        }
        classes[i].fill(object, data);
        object_unref(&object->header);
        return reply_write(&reply, data, size);
    }
    return STATUS_INVALID_INFO_CLASS;
}
