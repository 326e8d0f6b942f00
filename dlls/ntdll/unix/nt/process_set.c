/* NtSetInformationProcess, NtOpenProcess, NtSuspendProcess, NtResumeProcess. */
#include "nt/nt.h"
#include "nt/remote.h"
#include "nt/reply.h"
#include "nt/thread.h"
#include "io/console.h"
#include "ps/debug_protocol.h"
#include "ps/debuggee.h"
#include "ps/memory_use.h"
#include "oriel/control.h"
#include "ps/control_event.h"
#include "ps/cpu.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"

#define PAGE 4096ull

typedef NTSTATUS set_function(struct process_object *process, const void *data);

static NTSTATUS set_error_mode(struct process_object *process, const void *data)
{
    process->error_mode = *(const ULONG *)data;
    return STATUS_SUCCESS;
}

/* As with threads (thread_set.c), the host's scheduling stays as it is. */
static NTSTATUS set_priority(struct process_object *process, const void *data)
{
    const PROCESS_PRIORITY_CLASS *info = data;

    if (info->PriorityClass < PROCESS_PRIOCLASS_IDLE || info->PriorityClass > PROCESS_PRIOCLASS_ABOVE_NORMAL)
        return STATUS_INVALID_PARAMETER;
    if (info->PriorityClass == PROCESS_PRIOCLASS_REALTIME)
        return STATUS_PRIVILEGE_NOT_HELD;
    process->block->priority_class = info->PriorityClass;
    if (!process_is_other(process))
        process->priority_class = info->PriorityClass;
    return STATUS_SUCCESS;
}

static NTSTATUS set_affinity(struct process_object *process, const void *data)
{
    uint64_t mask = *(const uint64_t *)data;
    NTSTATUS status = STATUS_SUCCESS;
    struct thread *thread;

    if (!mask || (mask & ~cpu_mask()))
        return STATUS_INVALID_PARAMETER;
    pthread_mutex_lock(&thread_list_lock);
    for (thread = thread_list; thread && !status; thread = thread->next)
        if (!cpu_bind(thread->linux_tid, mask))
            status = STATUS_INVALID_PARAMETER;
        else
            thread->object->affinity = ~(uint64_t)0;    /* a thread's own choice is forgotten */
    if (!status)
        process->affinity = process->block->affinity = mask;
    pthread_mutex_unlock(&thread_list_lock);
    return status;
}

static NTSTATUS set_boost(struct process_object *process, const void *data)
{
    process->no_boost = *(const ULONG *)data != 0;
    return STATUS_SUCCESS;
}

static NTSTATUS set_io_priority(struct process_object *process, const void *data)
{
    if (*(const ULONG *)data > 4)
        return STATUS_INVALID_PARAMETER;
    process->io_priority = *(const ULONG *)data;
    return STATUS_SUCCESS;
}

static NTSTATUS set_page_priority(struct process_object *process, const void *data)
{
    if (*(const ULONG *)data < 1 || *(const ULONG *)data > 5)
        return STATUS_INVALID_PARAMETER;
    process->page_priority = *(const ULONG *)data;
    return STATUS_SUCCESS;
}

static NTSTATUS set_execute_flags(struct process_object *process, const void *data)
{
    (void)process;
    (void)data;
    return STATUS_INVALID_PARAMETER;    /* permanent, as for every 64-bit process; ntdll:exception, test_dpe_exceptions */
}

static NTSTATUS set_control_routine(struct process_object *process, const void *data)
{
    return process == current_process ? control_events_enable(*(const uint64_t *)data) : STATUS_INVALID_PARAMETER;
}

static NTSTATUS set_control_event(struct process_object *process, const void *data)
{
    const ULONG *event = data;

    return process == current_process ? control_event_send(event[0], event[1]) : STATUS_INVALID_PARAMETER;
}

static NTSTATUS set_console(struct process_object *process, const void *data)
{
    static uint32_t left_console;       /* for AttachConsole */
    ULONG what = *(const ULONG *)data;
    NTSTATUS status = STATUS_SUCCESS;

    if (process != current_process || what > 2) return STATUS_INVALID_PARAMETER;
    if (what == 2) status = console_hide();
    if (status) return status;
    console_attach(what);
    if (what == 1) process->block->console = left_console;
    else
    {
        if (process->block->console) left_console = process->block->console;
        process->block->console = what ? process_id : 0;
    }
    return STATUS_SUCCESS;
}

/* Do children of a debuggee have its debugger? */
static NTSTATUS set_debug_flags(struct process_object *process, const void *data)
{
    ULONG inherit = *(const ULONG *)data;

    if (process != current_process || inherit > 1) return STATUS_INVALID_PARAMETER;
    debuggee_set_flags((debuggee_flags() & DEBUGGEE_KILL) | (inherit ? 0 : DEBUGGEE_NO_INHERIT));
    return STATUS_SUCCESS;
}

static const struct process_class
{
    int class;
    uint32_t size;
    set_function *set;
} classes[] =
{
    { ProcessDefaultHardErrorMode, sizeof(ULONG), set_error_mode },
    { ProcessPriorityClass, sizeof(PROCESS_PRIORITY_CLASS), set_priority },
    { ProcessAffinityMask, sizeof(uint64_t), set_affinity },
    { ProcessPriorityBoost, sizeof(ULONG), set_boost },
    { ProcessIoPriority, sizeof(ULONG), set_io_priority },
    { ProcessPagePriority, sizeof(ULONG), set_page_priority },
    { ProcessExecuteFlags, sizeof(ULONG), set_execute_flags },
    { ProcessDebugFlags, sizeof(ULONG), set_debug_flags },
    { ProcessOrielControlRoutine, sizeof(uint64_t), set_control_routine },
    { ProcessOrielControlEvent, 2 * sizeof(ULONG), set_control_event },
    { ProcessOrielConsole, sizeof(ULONG), set_console },
};

/* What of the limits stands to reason; changes them as Windows does: both in whole pages, at least 20, and not more than the
 * machine has but for 512. */
static NTSTATUS check_quota(QUOTA_LIMITS_EX *limits)
{
    const ULONG minimum = QUOTA_LIMITS_HARDWS_MIN_ENABLE | QUOTA_LIMITS_HARDWS_MIN_DISABLE;
    const ULONG maximum = QUOTA_LIMITS_HARDWS_MAX_ENABLE | QUOTA_LIMITS_HARDWS_MAX_DISABLE;
    struct memory_total total;
    uint64_t most;

    if ((limits->Flags & minimum) == minimum || (limits->Flags & maximum) == maximum) return STATUS_INVALID_PARAMETER;
    if (!limits->MinimumWorkingSetSize || !limits->MaximumWorkingSetSize) return STATUS_INVALID_PARAMETER;
    if (limits->MinimumWorkingSetSize > limits->MaximumWorkingSetSize) return STATUS_BAD_WORKING_SET_LIMIT;
    memory_total(&total);
    most = (total.physical > 1024 * PAGE ? total.physical - 512 * PAGE : total.physical) & ~(uint64_t)(PAGE - 1);
    limits->MinimumWorkingSetSize &= ~(SIZE_T)(PAGE - 1);
    limits->MaximumWorkingSetSize &= ~(SIZE_T)(PAGE - 1);
    if (limits->MaximumWorkingSetSize > most) limits->MaximumWorkingSetSize = most;
    if (limits->MinimumWorkingSetSize > total.available) return STATUS_INSUFFICIENT_RESOURCES;
    if (limits->MinimumWorkingSetSize < 20 * PAGE) limits->MinimumWorkingSetSize = 20 * PAGE;
    if (limits->MaximumWorkingSetSize < 13 * PAGE || limits->MinimumWorkingSetSize > limits->MaximumWorkingSetSize)
        return STATUS_BAD_WORKING_SET_LIMIT;
    return STATUS_SUCCESS;
}

static void keep_quota(struct process_object *process, const QUOTA_LIMITS_EX *limits)
{
    const ULONG minimum = QUOTA_LIMITS_HARDWS_MIN_ENABLE | QUOTA_LIMITS_HARDWS_MIN_DISABLE;
    const ULONG maximum = QUOTA_LIMITS_HARDWS_MAX_ENABLE | QUOTA_LIMITS_HARDWS_MAX_DISABLE;

    process->min_working_set = limits->MinimumWorkingSetSize;
    process->max_working_set = limits->MaximumWorkingSetSize;
    if (limits->Flags & minimum) process->working_set_flags = (process->working_set_flags & ~minimum) | (limits->Flags & minimum);
    if (limits->Flags & maximum) process->working_set_flags = (process->working_set_flags & ~maximum) | (limits->Flags & maximum);
    process_lock_limit(process);
}

/* Working set limits; (-1, -1) empties it. */
static NTSTATUS set_quota(HANDLE handle, const void *in, ULONG size)
{
    struct process_object *process;
    QUOTA_LIMITS_EX limits = { 0 };
    NTSTATUS status;
    bool empty;

    if (size != sizeof(QUOTA_LIMITS) && size != sizeof(QUOTA_LIMITS_EX))
        return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_read(&limits, in, size)) ||
        (status = handle_lookup(handle, &process_type, PROCESS_SET_QUOTA, &process, NULL)))
        return status;
    empty = limits.MinimumWorkingSetSize == ~(SIZE_T)0 && limits.MaximumWorkingSetSize == ~(SIZE_T)0;
    if (empty)
        status = limits.Flags ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
    else
        status = check_quota(&limits);
    if (status)
        ;
    else if (process_is_other(process))
        status = remote_process_set(process, ProcessQuotaLimits, &limits, size);
    else if (empty)
        vm_trim(0, VM_HIGHEST_USER);
    else
        keep_quota(process, &limits);
    object_unref(&process->header);
    return status;
}

/* Address space for a thread's stack, of the calling process. The longer structure has a node before. */
static NTSTATUS allocate_stack(HANDLE handle, const void *in, ULONG size)
{
    const PROCESS_STACK_ALLOCATION_INFORMATION *user = in;
    PROCESS_STACK_ALLOCATION_INFORMATION info;
    ULONG node = ~0u;
    uintptr_t base = 0;
    size_t length, none = 0;
    NTSTATUS status;

    if (size != sizeof(info) && size != sizeof(PROCESS_STACK_ALLOCATION_INFORMATION_EX)) return STATUS_INFO_LENGTH_MISMATCH;
    if (size != sizeof(info))
    {
        user = &((const PROCESS_STACK_ALLOCATION_INFORMATION_EX *)in)->AllocInfo;
        if ((status = user_read(&node, in, sizeof(node)))) return status;
    }
    if ((status = user_read(&info, user, sizeof(info)))) return status;
    if (handle != CURRENT_PROCESS_HANDLE || info.ZeroBits || (size != sizeof(info) && node)) return STATUS_INVALID_PARAMETER;
    length = info.ReserveSize;
    if ((status = vm_allocate(&base, &length, MEM_RESERVE, PAGE_READWRITE, &(struct vm_limits){ 0 }, ~0u))) return status;
    info.StackBase = (void *)base;
    if ((status = user_write((void *)&user->StackBase, &info.StackBase, sizeof(void *)))) vm_free(&base, &none, MEM_RELEASE);
    return status;
}

NT_CALL(nt_set_information_process, HANDLE handle, PROCESSINFOCLASS class, const void *in, ULONG size)
{
    struct process_object *process;
    uint64_t data[8] = { 0 };
    NTSTATUS status;
    size_t i;

    if (class == ProcessQuotaLimits)
        return set_quota(handle, in, size);
    if (class == ProcessThreadStackAllocation)
        return allocate_stack(handle, in, size);
    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
    {
        if (classes[i].class != (int)class)
            continue;
        if (size != classes[i].size)
            return STATUS_INFO_LENGTH_MISMATCH;
        if ((status = user_read(data, in, size)) ||
            (status = handle_lookup(handle, &process_type, PROCESS_SET_INFORMATION, &process, NULL)))
            return status;
        if (process_is_other(process) && classes[i].set != set_priority)
            status = remote_process_set(process, class, data, size);
        else
            status = classes[i].set(process, data);
        object_unref(&process->header);
        return status;
    }
    return STATUS_INVALID_INFO_CLASS;
}

/* A process of this user that is ours. */
NT_CALL(nt_open_process, HANDLE *user_handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr, const CLIENT_ID *user_id)
{
    struct object_attributes attributes;
    struct process_object *process = NULL;
    struct thread *thread;
    HANDLE handle;
    CLIENT_ID id;
    NTSTATUS status;
    uint32_t number;

    if (!attr)                          /* ntdll:om, test_process */
        return STATUS_ACCESS_VIOLATION;
    if ((status = object_create_begin(&attributes, attr, user_handle)))
        return status;
    if (!user_id)
        status = attributes.named ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_INVALID_PARAMETER_MIX;
    else if (attributes.named)
        status = STATUS_INVALID_PARAMETER_MIX;
    else
        status = user_read(&id, user_id, sizeof(id));
    if (status)
        goto done;
    status = STATUS_INVALID_CID;
    number = (uint32_t)(uintptr_t)id.UniqueProcess & ~3u;       /* Windows ignores the low bits */
    if ((uintptr_t)id.UniqueProcess > 0xffffffffu)
        goto done;
    if (id.UniqueThread && number == process_id)        /* the process of that thread, which must be its */
    {
        pthread_mutex_lock(&thread_list_lock);
        for (thread = thread_list; thread && thread->tid != (uintptr_t)id.UniqueThread; thread = thread->next)
            ;
        pthread_mutex_unlock(&thread_list_lock);
        if (!thread)
            goto done;
    }
    if (number == process_id)
        process = object_ref(current_process);
    else if ((status = process_open_other((int)(number / 4), &process)))
        goto done;
    if (!(status = handle_create(&process->header, access, attributes.attributes, &handle)))
        status = user_put(user_handle, handle);
    object_unref(&process->header);
done:
    object_attributes_release(&attributes);
    return status;
}

/* One after the other: what starts meanwhile is found, for new threads come last. */
static NTSTATUS for_all_remote_threads(struct process_object *process, bool suspend)
{
    struct thread_object *object;
    uint32_t tid = 0, count;
    NTSTATUS status;

    while (!(status = remote_thread_next(process, tid, false, &object)))
    {
        tid = object->tid;
        if (suspend)
            remote_thread_suspend(object, &count);
        else
            remote_thread_resume(object, &count);
        object_unref(&object->header);
    }
    return status == STATUS_NO_MORE_ENTRIES ? STATUS_SUCCESS : status;
}

static NTSTATUS for_all_threads(HANDLE handle, bool suspend)
{
    struct process_object *process;
    struct thread *thread;
    NTSTATUS status;
    bool other;

    if ((status = handle_lookup(handle, &process_type, PROCESS_SUSPEND_RESUME, &process, NULL)))
        return status;
    if ((other = process_is_other(process)))
        status = for_all_remote_threads(process, suspend);
    object_unref(&process->header);
    if (other)
        return status;
    pthread_mutex_lock(&thread_list_lock);
    for (thread = thread_list; thread; thread = thread->next)
        if (!suspend && thread_suspend_count(thread))
            thread_resume_locked(thread);
        else if (suspend && thread_suspend_count(thread) < THREAD_SUSPENDS_MAX)
            thread_suspend_locked(thread);
    pthread_mutex_unlock(&thread_list_lock);
    return STATUS_SUCCESS;
}

NT_CALL(nt_suspend_process, HANDLE handle)
{
    return for_all_threads(handle, true);
}

NT_CALL(nt_resume_process, HANDLE handle)
{
    return for_all_threads(handle, false);
}
