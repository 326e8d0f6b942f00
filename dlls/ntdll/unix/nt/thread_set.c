/* NtSetInformationThread. */
#include "nt/thread.h"
#include "io/text.h"
#include "ob/token.h"
#include "ps/cpu.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"

typedef NTSTATUS set_function(struct thread_object *object, const void *data);

/* Windows' priority within its class becomes nothing on the host: raising needs a privilege there, and a lowered one
 * could not be raised again. It is kept for those who ask. */
static NTSTATUS set_priority(struct thread_object *object, const void *data)
{
    LONG priority = *(const LONG *)data;

    if (priority < 1 || priority > 31)
        return STATUS_INVALID_PARAMETER;
    if (priority > 15 && current_process->priority_class != PROCESS_PRIOCLASS_REALTIME)
        return STATUS_PRIVILEGE_NOT_HELD;
    object->priority = priority - process_base_priority();
    return STATUS_SUCCESS;
}

static NTSTATUS set_base_priority(struct thread_object *object, const void *data)
{
    LONG priority = *(const LONG *)data;

    if (priority < -2 && priority != THREAD_BASE_PRIORITY_IDLE &&
        (priority < -7 || current_process->priority_class != PROCESS_PRIOCLASS_REALTIME))
        return STATUS_INVALID_PARAMETER;
    if (priority > 2 && priority != THREAD_BASE_PRIORITY_LOWRT &&
        (priority > 6 || current_process->priority_class != PROCESS_PRIOCLASS_REALTIME))
        return STATUS_INVALID_PARAMETER;
    object->priority = priority;
    return STATUS_SUCCESS;
}

static NTSTATUS set_mask(struct thread_object *object, uint64_t mask)
{
    NTSTATUS status = STATUS_SUCCESS;

    if (mask != ~(uint64_t)0)
    {
        mask &= cpu_mask();
        if (!mask || !(mask & current_process->affinity))
            return STATUS_INVALID_PARAMETER;
    }
    pthread_mutex_lock(&thread_list_lock);
    if (object->thread && !cpu_bind(object->thread->linux_tid, mask & current_process->affinity))
        status = STATUS_INVALID_PARAMETER;
    else
        object->affinity = mask;
    pthread_mutex_unlock(&thread_list_lock);
    return status;
}

static NTSTATUS set_affinity(struct thread_object *object, const void *data)
{
    return set_mask(object, *(const uint64_t *)data);
}

static NTSTATUS set_group_affinity(struct thread_object *object, const void *data)
{
    const GROUP_AFFINITY *affinity = data;

    if (affinity->Group || affinity->Reserved[0] || affinity->Reserved[1] || affinity->Reserved[2] ||
        (affinity->Mask & ~cpu_mask()))
        return STATUS_INVALID_PARAMETER;
    return set_mask(object, affinity->Mask);
}

/* Returns the processor that was ideal before, as a status. */
static NTSTATUS set_ideal(struct thread_object *object, const void *data)
{
    ULONG number = *(const ULONG *)data, before = object->ideal_processor;

    if (number > MAXIMUM_PROCESSORS)
        return STATUS_INVALID_PARAMETER;
    if (number < MAXIMUM_PROCESSORS)
        object->ideal_processor = number;
    return (NTSTATUS)before;
}

static NTSTATUS set_ideal_ex(struct thread_object *object, const void *data)
{
    const PROCESSOR_NUMBER *number = data;

    if (number->Group || number->Number >= cpu_count())
        return STATUS_INVALID_PARAMETER;
    object->ideal_processor = number->Number;
    return STATUS_SUCCESS;
}

static NTSTATUS set_boost(struct thread_object *object, const void *data)
{
    object->no_boost = *(const ULONG *)data != 0;
    return STATUS_SUCCESS;
}

static NTSTATUS set_hidden(struct thread_object *object, const void *data)
{
    (void)data;
    object->hidden = true;
    return STATUS_SUCCESS;
}

/* The processor fixes unaligned accesses up unless AC is set, as on Windows x64. */
static NTSTATUS set_alignment(struct thread_object *object, const void *data)
{
    (void)object;
    (void)data;
    return STATUS_SUCCESS;
}

static NTSTATUS set_io_priority(struct thread_object *object, const void *data)
{
    ULONG value = *(const ULONG *)data;

    if (value > 4)
        return STATUS_INVALID_PARAMETER;
    object->io_priority = value;
    return STATUS_SUCCESS;
}

static NTSTATUS set_page_priority(struct thread_object *object, const void *data)
{
    ULONG value = *(const ULONG *)data;

    if (value < 1 || value > 5)
        return STATUS_INVALID_PARAMETER;
    object->page_priority = value;
    return STATUS_SUCCESS;
}

/* TlsFree: the slot is to be 0 in all threads, whatever they had in it. */
static NTSTATUS set_tls_cell(struct thread_object *object, const void *data)
{
    ULONG index = *(const ULONG *)data;
    struct thread *thread;
    void **slots;

    (void)object;
    if (index >= 64 + 1024)
        return STATUS_INVALID_PARAMETER;
    pthread_mutex_lock(&thread_list_lock);
    for (thread = thread_list; thread; thread = thread->next)
        if (index < 64)
            user_put(&thread->teb->TlsSlots[index], NULL);
        else if (!user_get(slots, &thread->teb->TlsExpansionSlots) && slots)
            user_put(&slots[index - 64], NULL);
    pthread_mutex_unlock(&thread_list_lock);
    return STATUS_SUCCESS;
}

/* Power throttling and the like are advice on how to schedule. */
static NTSTATUS set_throttling(struct thread_object *object, const void *data)
{
    const struct { ULONG version, control, state; } *info = data;

    (void)object;
    return info->version != 1 || (info->control & ~1u) || (info->state & ~info->control) ? STATUS_INVALID_PARAMETER
                                                                                        : STATUS_SUCCESS;
}

static const struct thread_class
{
    int class;
    uint32_t size;
    ACCESS_MASK access;
    set_function *set;
} classes[] =
{
    { ThreadPriority, sizeof(LONG), THREAD_SET_INFORMATION, set_priority },
    { ThreadBasePriority, sizeof(LONG), THREAD_SET_LIMITED_INFORMATION, set_base_priority },
    { ThreadAffinityMask, sizeof(uint64_t), THREAD_SET_INFORMATION, set_affinity },
    { ThreadEnableAlignmentFaultFixup, sizeof(BOOLEAN), THREAD_SET_INFORMATION, set_alignment },
    { ThreadZeroTlsCell, sizeof(ULONG), THREAD_SET_INFORMATION, set_tls_cell },
    { ThreadIdealProcessor, sizeof(ULONG), THREAD_SET_INFORMATION, set_ideal },
    { ThreadPriorityBoost, sizeof(ULONG), THREAD_SET_INFORMATION, set_boost },
    { ThreadHideFromDebugger, 0, THREAD_SET_INFORMATION, set_hidden },
    { ThreadIoPriority, sizeof(ULONG), THREAD_SET_INFORMATION, set_io_priority },
    { ThreadPagePriority, sizeof(ULONG), THREAD_SET_INFORMATION, set_page_priority },
    { ThreadGroupInformation, sizeof(GROUP_AFFINITY), THREAD_SET_INFORMATION, set_group_affinity },
    { ThreadIdealProcessorEx, sizeof(PROCESSOR_NUMBER), THREAD_SET_INFORMATION, set_ideal_ex },
    { ThreadPowerThrottlingState, 3 * sizeof(ULONG), THREAD_SET_INFORMATION, set_throttling },
};

static NTSTATUS set_remote_name(struct thread_object *object, const WCHAR *text, size_t length)
{
    UNICODE_STRING *string = malloc(sizeof(*string) + length);
    NTSTATUS status;

    if (!string)
        return STATUS_NO_MEMORY;
    *string = (UNICODE_STRING){ (USHORT)length, (USHORT)length, NULL };
    memcpy(string + 1, text, length);
    status = remote_thread_set(object, ThreadNameInformation, string, (ULONG)(sizeof(*string) + length));
    free(string);
    return status;
}

static NTSTATUS set_name(HANDLE handle, const void *data)
{
    struct thread_object *object;
    WCHAR *text, *old;
    size_t length;
    NTSTATUS status;

    if (!data)
        return STATUS_ACCESS_VIOLATION;
    if ((status = handle_lookup(handle, &thread_type, THREAD_SET_LIMITED_INFORMATION, &object, NULL)))
        return status;
    if (!(status = user_read_unicode_string(&text, &length, data)) && object->process)
    {
        status = set_remote_name(object, text, length);
        free(text);
    }
    else if (!status)
    {
        pthread_mutex_lock(&thread_list_lock);
        old = object->description;
        object->description = text;
        object->description_size = length;
        if (object->thread)
            thread_name_on_host(object->thread->linux_tid, text, length / sizeof(WCHAR));
        pthread_mutex_unlock(&thread_list_lock);
        free(old);
    }
    object_unref(&object->header);
    return status;
}

static NTSTATUS set_impersonation(HANDLE handle, const void *data, ULONG size)
{
    struct object *impersonated = NULL;
    struct thread_object *object;
    HANDLE token;
    NTSTATUS status;

    if (size != sizeof(token))
        return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_read(&token, data, sizeof(token))) ||
        (status = handle_lookup(handle, &thread_type, THREAD_SET_THREAD_TOKEN, &object, NULL)))
        return status;
    if (&object->header != thread_current_object())
        status = STATUS_NOT_SUPPORTED;          /* a thread's token is its own affair */
    object_unref(&object->header);
    if (status)
        return status;
    if (token && (status = handle_lookup(token, &token_type, TOKEN_IMPERSONATE, &impersonated, NULL)))
        return status;
    if (impersonated && ((struct token *)impersonated)->type != TokenImpersonation)
        status = STATUS_BAD_TOKEN_TYPE;
    else
        token_impersonate(impersonated);
    object_unref(impersonated);
    return status;
}

NT_CALL(nt_set_information_thread, HANDLE handle, THREADINFOCLASS class, const void *in, ULONG size)
{
    struct thread_object *object;
    uint64_t data[8] = { 0 };
    NTSTATUS status;
    size_t i;

    switch ((int)class)
    {
    case ThreadNameInformation:
        return size == sizeof(UNICODE_STRING) ? set_name(handle, in) : STATUS_INFO_LENGTH_MISMATCH;
    case ThreadImpersonationToken:
        return set_impersonation(handle, in, size);
    case ThreadQuerySetWin32StartAddress:       /* set no more since Windows Vista */
        return STATUS_INVALID_PARAMETER;
    }
    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
    {
        if (classes[i].class != (int)class)
            continue;
        if (size != classes[i].size)
            return STATUS_INFO_LENGTH_MISMATCH;
        if ((size && (status = user_read(data, in, size))) ||
            (status = handle_lookup(handle, &thread_type, classes[i].access, &object, NULL)))
            return status;
        if (object->process)
            status = remote_thread_set(object, (uint32_t)class, data, size);
        else
            status = classes[i].set(object, data);
        object_unref(&object->header);
        return status;
    }
    return STATUS_INVALID_INFO_CLASS;
}
