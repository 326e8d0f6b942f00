/* NtQueryInformationThread, NtSetInformationThread. */
#include "nt/nt.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"
#include "ps/times.h"

#define ThreadSuspendCount      35
#define ThreadNameInformation   38
#define ThreadActualGroupAffinity 41
#define ThreadDynamicCodePolicyInfo 42

/* How long a class is, exactly or (text) at least. */
static NTSTATUS put(void *out, ULONG size, ULONG *return_size, const void *data, ULONG data_size)
{
    NTSTATUS status;

    if (size != data_size)
        return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_write(out, data, data_size)))
        return status;
    return return_size ? user_put(return_size, data_size) : STATUS_SUCCESS;
}

static NTSTATUS query_basic(struct thread_object *object, void *out, ULONG size, ULONG *return_size)
{
    THREAD_BASIC_INFORMATION info =
    {
        .ExitStatus = (NTSTATUS)object->exit_status,
        .TebBaseAddress = object->exit_status == (uint32_t)STATUS_PENDING ? object->teb : NULL,
        .ClientId = { (HANDLE)(uintptr_t)process_id, (HANDLE)(uintptr_t)object->tid },
        .AffinityMask = object->affinity & current_process->affinity,
        .Priority = 8 + object->priority,
        .BasePriority = object->priority,
    };

    return put(out, size, return_size, &info, sizeof(info));
}

static NTSTATUS query_times(struct thread_object *object, void *out, ULONG size, ULONG *return_size)
{
    KERNEL_USER_TIMES times = { 0 };
    uint64_t user = object->user_time, kernel = object->kernel_time;

    if (object->exit_status == (uint32_t)STATUS_PENDING)
        times_of_thread((int)(object->tid / 4), &user, &kernel);
    times.CreateTime.QuadPart = (LONGLONG)object->create_time;
    times.ExitTime.QuadPart = (LONGLONG)object->exit_time;
    times.UserTime.QuadPart = (LONGLONG)user;
    times.KernelTime.QuadPart = (LONGLONG)kernel;
    return put(out, size, return_size, &times, sizeof(times));
}

static NTSTATUS query_name(struct thread_object *object, void *out, ULONG size, ULONG *return_size)
{
    UNICODE_STRING *name = out, header = { 0 };
    WCHAR *copy = NULL;
    size_t length;
    NTSTATUS status = STATUS_SUCCESS;

    pthread_mutex_lock(&thread_list_lock);
    length = object->description_size;
    if (length && (copy = malloc(length)))
        memcpy(copy, object->description, length);
    pthread_mutex_unlock(&thread_list_lock);
    if (length && !copy)
        return STATUS_NO_MEMORY;
    if (return_size)
        status = user_put(return_size, (ULONG)(sizeof(*name) + length));
    if (!status && size < sizeof(*name) + length)
        status = STATUS_BUFFER_TOO_SMALL;
    header.Length = header.MaximumLength = (USHORT)length;
    header.Buffer = (WCHAR *)(name + 1);
    if (!status && !(status = user_write(name, &header, sizeof(header))))
        status = user_write(name + 1, copy, length);
    free(copy);
    return status;
}

static NTSTATUS query(struct thread_object *object, THREADINFOCLASS class, void *out, ULONG size, ULONG *return_size)
{
    bool dead = object->exit_status != (uint32_t)STATUS_PENDING;
    ULONG_PTR pointer;
    BOOLEAN flag;
    ULONG value;

    switch ((int)class)
    {
    case ThreadBasicInformation:
        return query_basic(object, out, size, return_size);
    case ThreadTimes:
        return query_times(object, out, size, return_size);
    case ThreadAmILastThread:
        pthread_mutex_lock(&thread_list_lock);
        value = thread_count == 1;
        pthread_mutex_unlock(&thread_list_lock);
        return put(out, size, return_size, &value, sizeof(value));
    case ThreadQuerySetWin32StartAddress:
        pointer = object->start_address;
        return put(out, size, return_size, &pointer, sizeof(pointer));
    case ThreadGroupInformation:
    {
        GROUP_AFFINITY affinity = { .Mask = object->affinity & current_process->affinity };

        return put(out, size, return_size, &affinity, sizeof(affinity));
    }
    case ThreadIsIoPending:
        value = 0;
        return put(out, size, return_size, &value, sizeof(value));
    case ThreadSuspendCount:
        if (dead)
            return STATUS_THREAD_IS_TERMINATING;
        pthread_mutex_lock(&thread_list_lock);
        value = object->thread ? thread_suspend_count(object->thread) : 0;
        pthread_mutex_unlock(&thread_list_lock);
        return put(out, size, return_size, &value, sizeof(value));
    case ThreadIsTerminated:
        value = dead;
        return put(out, size, return_size, &value, sizeof(value));
    case ThreadHideFromDebugger:
        flag = object->hidden;
        return put(out, size, return_size, &flag, sizeof(flag));
    case ThreadPriorityBoost:
        value = object->no_boost;
        return put(out, size, return_size, &value, sizeof(value));
    case ThreadNameInformation:
        return query_name(object, out, size, return_size);
    }
    return STATUS_INVALID_INFO_CLASS;
}

/* The classes that a handle with THREAD_QUERY_LIMITED_INFORMATION may ask for. */
static bool is_limited(THREADINFOCLASS class)
{
    switch ((int)class)
    {
    case ThreadBasicInformation: case ThreadTimes: case ThreadAmILastThread: case ThreadIsIoPending:
    case ThreadIsTerminated: case ThreadNameInformation: case ThreadGroupInformation: case ThreadSuspendCount:
    case ThreadPriorityBoost:
        return true;
    }
    return false;
}

NT_CALL(nt_query_information_thread, HANDLE handle, THREADINFOCLASS class, void *out, ULONG size, ULONG *return_size)
{
    struct thread_object *object;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &thread_type,
                                is_limited(class) ? THREAD_QUERY_LIMITED_INFORMATION : THREAD_QUERY_INFORMATION, &object, NULL)))
        return status;
    status = query(object, class, out, size, return_size);
    object_unref(&object->header);
    return status;
}
