/* Creating, ending, suspending threads; their contexts, APCs and alerts. */
#include <stdio.h>
#include "nt/thread.h"
#include "vm/vm.h"
#include "ps/breakpoint.h"
#include "ps/context.h"
#include "ps/cpu.h"
#include "ps/peer.h"
#include "ps/process.h"
#include "ps/process_list.h"
#include "ps/process_object.h"
#include "ps/teb.h"
#include "ps/thread_private.h"

/* ---- NtCreateThreadEx ------------------------------------------------------------------------------------ */

#ifndef THREAD_ALERT
#define THREAD_ALERT 0x0004             /* of the driver kit */
#endif

#define CREATE_FLAG_SUSPENDED     0x01
#define CREATE_FLAG_SKIP_ATTACH   0x02
#define CREATE_FLAG_HIDE          0x04
#define CREATE_FLAG_LOADER_WORKER 0x10
#define CREATE_FLAG_SKIP_INIT     0x20
#define CREATE_FLAG_NO_FREEZE     0x40

#define TEB_SKIP_ATTACH           0x0008        /* SameTebFlags */
#define TEB_LOADER_WORKER         0x2000

struct create_attributes        /* pointers of the program */
{
    CLIENT_ID *client_id;
    void     **teb;
    SIZE_T    *client_id_size, *teb_size;
};

static NTSTATUS read_attributes(struct create_attributes *out, const PS_ATTRIBUTE_LIST *list)
{
    SIZE_T total, at;
    PS_ATTRIBUTE attribute;
    NTSTATUS status;

    memset(out, 0, sizeof(*out));
    if (!list)
        return STATUS_SUCCESS;
    if ((status = user_get(total, &list->TotalLength)))
        return status;
    if (total < sizeof(total) || (total - sizeof(total)) % sizeof(attribute))
        return STATUS_INVALID_PARAMETER;
    for (at = sizeof(total); at < total; at += sizeof(attribute))
    {
        if ((status = user_read(&attribute, (const char *)list + at, sizeof(attribute))))
            return status;
        switch (attribute.Attribute)
        {
        case PS_ATTRIBUTE_CLIENT_ID:
            if (attribute.Size != sizeof(CLIENT_ID))
                return STATUS_INFO_LENGTH_MISMATCH;
            out->client_id = attribute.ValuePtr;
            out->client_id_size = attribute.ReturnLength;
            break;
        case PS_ATTRIBUTE_TEB_ADDRESS:
            if (attribute.Size != sizeof(void *))
                return STATUS_INFO_LENGTH_MISMATCH;
            out->teb = attribute.ValuePtr;
            out->teb_size = attribute.ReturnLength;
            break;
        default:                        /* where it may run: advice that we cannot follow */
            if (!(attribute.Attribute & PS_ATTRIBUTE_THREAD))
                return STATUS_INVALID_PARAMETER;
            break;
        }
    }
    return STATUS_SUCCESS;
}

static void write_attributes(const struct create_attributes *attributes, const CLIENT_ID *id, void *teb)
{
    if (attributes->client_id)
        user_put(attributes->client_id, *id);
    if (attributes->client_id_size)
        user_put(attributes->client_id_size, sizeof(*id));
    if (attributes->teb)
        user_put(attributes->teb, teb);
    if (attributes->teb_size)
        user_put(attributes->teb_size, sizeof(teb));
}

static NTSTATUS create_stack(TEB *teb, ULONG_PTR zero_bits, SIZE_T commit, SIZE_T reserve, uintptr_t *base)
{
    struct vm_limits limits = { 0 };
    struct vm_stack stack = { 0 };
    NTSTATUS status;

    if (zero_bits)
        limits.highest = zero_bits < 32 ? 0xffffffffu >> zero_bits : zero_bits;
    if (!reserve)
        reserve = process_stack_reserve;
    if (!commit)
        commit = process_stack_commit;
    if (commit >= reserve)
        reserve = (commit + 0xfffff) & ~(SIZE_T)0xfffff;
    if ((status = vm_create_stack(reserve, commit, &limits, &stack)))
        return status;
    teb->Tib.StackBase = (void *)stack.base;
    teb->Tib.StackLimit = (void *)stack.limit;
    teb->DeallocationStack = (void *)stack.deallocation_base;
    *base = stack.deallocation_base;
    return STATUS_SUCCESS;
}

/* All that can fail before the thread exists; undone by the caller. */
static NTSTATUS prepare(struct thread_start *start, ULONG flags, ULONG_PTR zero_bits, SIZE_T commit, SIZE_T reserve)
{
    if (!(start->object = thread_object_create()) || !(start->teb = teb_alloc()))
        return STATUS_NO_MEMORY;
    start->suspended = flags & CREATE_FLAG_SUSPENDED;
    start->object->hidden = flags & CREATE_FLAG_HIDE;
    if (flags & CREATE_FLAG_SKIP_ATTACH)
        start->teb->SameTebFlags |= TEB_SKIP_ATTACH;
    if (flags & CREATE_FLAG_LOADER_WORKER)
        start->teb->SameTebFlags |= TEB_LOADER_WORKER;
    return create_stack(start->teb, zero_bits, commit, reserve, &start->stack);
}

NTSTATUS thread_make(const struct thread_create *create, ACCESS_MASK access, ULONG attributes, HANDLE *handle,
                     struct thread_object **out)
{
    struct thread_start start = { .start = create->start, .parameter = create->parameter };
    size_t size = 0;
    NTSTATUS status;

    if ((status = prepare(&start, create->flags, create->zero_bits, create->commit, create->reserve)))
        goto failed;
    if (handle && (status = handle_create(&start.object->header, access, attributes, handle)))
        goto failed;
    *out = object_ref(start.object);    /* the thread may end before all of it is told */
    if (!(status = thread_create(&start)))
        return STATUS_SUCCESS;
    object_unref(&(*out)->header);
    if (handle)
        handle_close(*handle);
failed:
    if (start.stack)
        vm_free(&start.stack, &size, MEM_RELEASE);
    if (start.teb)
        teb_free(start.teb);
    if (start.object)
        object_unref(&start.object->header);
    return status;
}

/* What could fail is tried beforehand, with a handle to nothing. To begin suspended and be resumed once the handle is there
 * would do, too, but for a creator that is killed in between: its thread would stay for ever (tests/unit/process_kill.c). */
static NTSTATUS make_remote(struct process_object *process, const struct thread_create *create, ACCESS_MASK access,
                            ULONG attributes, HANDLE *handle, struct thread_object **object)
{
    struct thread_object *nothing = thread_object_create();
    NTSTATUS status;

    if (!nothing)
        return STATUS_NO_MEMORY;
    status = handle_create(&nothing->header, access, 0, handle);
    object_unref(&nothing->header);
    if (status)
        return status;
    status = remote_thread_create(process, create, object);
    handle_close(*handle);
    if (status)
        return status;
    if ((status = handle_create(&(*object)->header, access, attributes, handle)))
    {
        remote_thread_terminate(*object, (uint32_t)status);
        object_unref(&(*object)->header);
    }
    return status;
}

NT_CALL(nt_create_thread_ex, HANDLE *user_handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr, HANDLE process_handle,
        PVOID routine, PVOID parameter, ULONG flags, ULONG_PTR zero_bits, SIZE_T stack_commit, SIZE_T stack_reserve,
        PS_ATTRIBUTE_LIST *list)
{
    struct thread_create create = { (uint64_t)(uintptr_t)routine, (uint64_t)(uintptr_t)parameter, zero_bits, stack_commit,
                                    stack_reserve, flags };
    struct object_attributes attributes = { 0 };
    struct create_attributes returns;
    struct process_object *process;
    struct thread_object *object;
    HANDLE handle = NULL;
    NTSTATUS status;
    CLIENT_ID id;

    if (flags & ~THREAD_CREATE_FLAGS)
        return STATUS_INVALID_PARAMETER;
    if ((zero_bits > 21 && zero_bits < 32) || (status = read_attributes(&returns, list)))
        return zero_bits > 21 && zero_bits < 32 ? STATUS_INVALID_PARAMETER : status;
    if ((status = object_create_begin(&attributes, attr, user_handle)))
        return status;
    if (!(status = process_target(process_handle, PROCESS_CREATE_THREAD, &process)))
    {
        id.UniqueProcess = (HANDLE)(uintptr_t)process->id;
        if (process_is_other(process))
            status = make_remote(process, &create, access, attributes.attributes, &handle, &object);
        else
            status = thread_make(&create, access, attributes.attributes, &handle, &object);
        object_unref(&process->header);
    }
    object_attributes_release(&attributes);
    if (status)
        return status;
    id.UniqueThread = (HANDLE)(uintptr_t)object->tid;
    write_attributes(&returns, &id, object->teb);
    object_unref(&object->header);
    return user_put(user_handle, handle);
}

static NTSTATUS open_remote(uint32_t pid, uint32_t tid, struct thread_object **object)
{
    struct process_object *process;
    NTSTATUS status;

    if ((status = process_open_other((int)(pid / 4), &process)))
        return status;
    status = remote_thread_open(process, tid, object);
    object_unref(&process->header);
    return status;
}

static NTSTATUS open_thread(const CLIENT_ID *id, struct thread_object **object)
{
    uint32_t pid = (uint32_t)(uintptr_t)id->UniqueProcess & ~3u, tid = (uint32_t)(uintptr_t)id->UniqueThread & ~3u;
    struct thread *thread;

    if (pid && pid != process_id)
        return open_remote(pid, tid, object);
    pthread_mutex_lock(&thread_list_lock);
    for (thread = thread_list; thread && !*object; thread = thread->next)
        if (thread->tid == tid)
            *object = object_ref(thread->object);
    pthread_mutex_unlock(&thread_list_lock);
    if (*object)
        return STATUS_SUCCESS;
    if (pid || !(pid = (uint32_t)process_of_thread(tid) * 4) || pid == process_id)
        return STATUS_INVALID_CID;
    return open_remote(pid, tid, object);
}

NT_CALL(nt_open_thread, HANDLE *user_handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr, CLIENT_ID *user_id)
{
    struct object_attributes attributes;
    struct thread_object *object = NULL;
    HANDLE handle;
    CLIENT_ID id;
    NTSTATUS status;

    if ((status = object_create_begin(&attributes, attr, user_handle)))
        return status;
    if (!user_id)
        status = attributes.named ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_INVALID_PARAMETER_MIX;
    else if (attributes.named)
        status = STATUS_INVALID_PARAMETER_MIX;
    else if (!(status = user_get(id, user_id)) && !(status = open_thread(&id, &object)) &&
             !(status = handle_create(&object->header, access, attributes.attributes, &handle)))
        status = user_put(user_handle, handle);
    if (object)
        object_unref(&object->header);
    object_attributes_release(&attributes);
    return status;
}

#define NEXT_THREAD_BACKWARDS 1

/* The threads, oldest first. */
NT_CALL(nt_get_next_thread, HANDLE process_handle, HANDLE after, ACCESS_MASK access, ULONG attributes, ULONG flags,
        HANDLE *user_handle)
{
    struct thread_object *previous = NULL, *object = NULL;
    struct process_object *process;
    HANDLE handle = NULL;
    NTSTATUS status;

    if ((status = user_put(user_handle, NULL)))
        return status;
    if (flags & ~NEXT_THREAD_BACKWARDS)
        return STATUS_INVALID_PARAMETER;
    if ((status = handle_lookup(process_handle, &process_type, PROCESS_QUERY_INFORMATION, &process, NULL)))
        return status;
    if (after && (status = handle_lookup(after, &thread_type, 0, &previous, NULL)))
    {
        object_unref(&process->header);
        return status;
    }
    if (process_is_other(process))
    {
        status = remote_thread_next(process, previous ? previous->tid : 0, flags, &object);
        object_unref(&process->header);
        goto found;
    }
    object_unref(&process->header);
    status = STATUS_NO_MORE_ENTRIES;
    if (!previous || previous->listed)  /* else it is another process's */
        object = thread_object_next(previous, flags);
found:
    if (previous)
        object_unref(&previous->header);
    if (!object)
        return status;
    if (!(status = handle_create(&object->header, access, attributes, &handle)))
        status = user_put(user_handle, handle);
    object_unref(&object->header);
    return status;
}

/* ---- its end ------------------------------------------------------------------------------------------------ */

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
    if (object->process)
    {
        status = remote_thread_terminate(object, (uint32_t)exit_code);
        object_unref(&object->header);
        return status;
    }
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

/* ---- suspension ------------------------------------------------------------------------------------------------ */

NTSTATUS thread_object_suspend(struct thread_object *object, uint32_t *previous)
{
    NTSTATUS status = STATUS_SUCCESS;

    peer_server_start();                /* a thread that is suspended in Windows code hears no knock: this may be the last one */
    pthread_mutex_lock(&thread_list_lock);
    if (!object->thread || (object->thread->pending & PENDING_TERMINATE))
        status = STATUS_THREAD_IS_TERMINATING;
    else if ((*previous = thread_suspend_count(object->thread)) >= THREAD_SUSPENDS_MAX)
        status = STATUS_SUSPEND_COUNT_EXCEEDED;
    else
        thread_suspend_locked(object->thread);
    pthread_mutex_unlock(&thread_list_lock);
    return status;
}

void thread_object_resume(struct thread_object *object, uint32_t *previous)
{
    *previous = 0;
    pthread_mutex_lock(&thread_list_lock);
    if (object->thread && (*previous = thread_suspend_count(object->thread)))
        thread_resume_locked(object->thread);
    pthread_mutex_unlock(&thread_list_lock);
}

NT_CALL(nt_suspend_thread, HANDLE handle, ULONG *previous)
{
    struct thread_object *object;
    uint32_t count = 0;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &thread_type, THREAD_SUSPEND_RESUME, &object, NULL)))
        return status;
    status = object->process ? remote_thread_suspend(object, &count) : thread_object_suspend(object, &count);
    object_unref(&object->header);
    if (!status && previous)
        status = user_put(previous, count);
    return status;
}

NT_CALL(nt_resume_thread, HANDLE handle, ULONG *previous)
{
    struct thread_object *object;
    uint32_t count = 0;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &thread_type, THREAD_SUSPEND_RESUME, &object, NULL)))
        return status;
    if (object->process)
        status = remote_thread_resume(object, &count);
    else
        thread_object_resume(object, &count);
    object_unref(&object->header);
    return !status && previous ? user_put(previous, count) : status;
}

/* ---- contexts -------------------------------------------------------------------------------------------------- */

/* The frame of a settled thread that is in Unix code. Not thread->frame: on its way out the thread clears that before it
 * looks whether somebody wants it stopped, and puts it back (syscall_leave_slow parks it then). Its place never changes. */
static struct syscall_frame *settled_frame(struct thread *thread)
{
    return thread->unix_stack;
}

/* The registers of a thread, stopped for as long as it takes to look. */
static NTSTATUS get_context_locked(struct thread *thread, CONTEXT *context, void *extended, bool *has_extended)
{
    NTSTATUS status = STATUS_SUCCESS;

    *has_extended = false;
    if (!thread)
        return STATUS_UNSUCCESSFUL;
    if (thread == thread_self)
    {
        context_from_frame(context, thread->frame);
        *has_extended = extended_from_frame(extended, thread->frame);
        breakpoints_get(thread, context);
        return STATUS_SUCCESS;
    }
    thread_suspend_locked(thread);
    if (!thread_wait_settled_locked(thread))
        status = STATUS_UNSUCCESSFUL;
    else if (thread->suspend & THREAD_STOPPED)
    {
        *context = *thread->stop_context;
        if ((*has_extended = thread->stop_extended != NULL))
            memcpy(extended, thread->stop_extended, xsave_size - XSAVE_LEGACY);
    }
    else
    {
        context_from_frame(context, settled_frame(thread));
        *has_extended = extended_from_frame(extended, settled_frame(thread));
    }
    breakpoints_get(thread, context);
    thread_resume_locked(thread);
    return status;
}

NTSTATUS thread_object_get_context(struct thread_object *object, CONTEXT *context, void *extended, bool *has_extended)
{
    NTSTATUS status;

    pthread_mutex_lock(&thread_list_lock);
    status = get_context_locked(object->thread, context, extended, has_extended);
    pthread_mutex_unlock(&thread_list_lock);
    return status;
}

NT_CALL(nt_get_context_thread, HANDLE handle, CONTEXT *user_context)
{
    struct thread_object *object;
    uint8_t extended[FRAME_XSAVE_SIZE];
    bool has_extended;
    CONTEXT context;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &thread_type, THREAD_GET_CONTEXT, &object, NULL)))
        return status;
    if (object->process)
        status = remote_thread_get_context(object, &context, extended, &has_extended);
    else
        status = thread_object_get_context(object, &context, extended, &has_extended);
    object_unref(&object->header);
    return status ? status : context_write(user_context, &context, has_extended ? extended : NULL);
}

/* Into a context that a stopped thread will continue with. */
static void merge_context(CONTEXT *to, const CONTEXT *from)
{
    if ((from->ContextFlags & CONTEXT_INTEGER) == CONTEXT_INTEGER)
    {
        memcpy(&to->Rax, &from->Rax, offsetof(CONTEXT, Rsp) - offsetof(CONTEXT, Rax));
        memcpy(&to->Rbp, &from->Rbp, offsetof(CONTEXT, Rip) - offsetof(CONTEXT, Rbp));
    }
    if ((from->ContextFlags & CONTEXT_CONTROL) == CONTEXT_CONTROL)
    {
        to->Rsp = from->Rsp;
        to->Rip = from->Rip;
        to->EFlags = from->EFlags;
    }
    if ((from->ContextFlags & CONTEXT_FLOATING_POINT) == CONTEXT_FLOATING_POINT)
    {
        to->FltSave = from->FltSave;
        to->MxCsr = from->MxCsr;
    }
}

static NTSTATUS set_context_locked(struct thread *thread, const CONTEXT *context, const void *extended)
{
    NTSTATUS status = STATUS_SUCCESS;

    if (!thread)
        return STATUS_UNSUCCESSFUL;
    if (thread == thread_self)
    {
        frame_set_context(thread, thread->frame, context, extended);
        return STATUS_SUCCESS;
    }
    thread_suspend_locked(thread);
    if (!thread_wait_settled_locked(thread))
        status = STATUS_UNSUCCESSFUL;
    else if (thread->suspend & THREAD_STOPPED)
    {
        merge_context(thread->stop_context, context);
        thread->stop_context_changed = true;
    }
    else
    {
        struct syscall_frame *frame = settled_frame(thread);

        frame_set_context(thread, frame, context, extended);
        if (frame->rax_given && !frame->leaving && !thread->starting)
            frame->rax_given = RAX_LOST;
    }
    thread_resume_locked(thread);
    return status;
}

NTSTATUS thread_object_set_context(struct thread_object *object, const CONTEXT *context, const void *extended)
{
    NTSTATUS status = STATUS_SUCCESS;

    pthread_mutex_lock(&thread_list_lock);
    if (object->thread && (context->ContextFlags & CONTEXT_DEBUG_REGISTERS) == CONTEXT_DEBUG_REGISTERS)
        status = breakpoints_set(object->thread, context);
    if (!status)
        status = set_context_locked(object->thread, context, extended);
    pthread_mutex_unlock(&thread_list_lock);
    return status;
}

NT_CALL(nt_set_context_thread, HANDLE handle, CONTEXT *user_context)
{
    struct thread_object *object;
    uint8_t extended[FRAME_XSAVE_SIZE];
    bool has_extended;
    CONTEXT context;
    NTSTATUS status;

    if ((status = context_read(&context, extended, &has_extended, user_context)))
        return status;
    if ((status = handle_lookup(handle, &thread_type, THREAD_SET_CONTEXT, &object, NULL)))
        return status;
    if (object->process)
        status = remote_thread_set_context(object, &context, has_extended ? extended : NULL);
    else
        status = thread_object_set_context(object, &context, has_extended ? extended : NULL);
    object_unref(&object->header);
    return status;
}

/* ---- APCs and alerts --------------------------------------------------------------------------------------------- */

static NTSTATUS queue_apc(HANDLE handle, void *routine, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
    struct thread_object *object;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &thread_type, THREAD_SET_CONTEXT, &object, NULL)))
        return status;
    if (object->process)
        status = remote_thread_queue_apc(object, routine, arg1, arg2, arg3);
    else
        status = thread_queue_apc(object, routine, arg1, arg2, arg3);
    object_unref(&object->header);
    return status;
}

NT_CALL(nt_queue_apc_thread, HANDLE handle, PVOID routine, ULONG_PTR arg1, ULONG_PTR arg2, ULONG_PTR arg3)
{
    return queue_apc(handle, routine, arg1, arg2, arg3);
}

/* The second handle is a reserve object, or a number that asks for a special APC; neither is there. */
NT_CALL(nt_queue_apc_thread_ex, HANDLE handle, HANDLE reserve, PVOID routine, ULONG_PTR arg1, ULONG_PTR arg2, ULONG_PTR arg3)
{
    if (reserve)
        return (uintptr_t)reserve == 1 ? STATUS_NOT_SUPPORTED : STATUS_INVALID_HANDLE;
    return queue_apc(handle, routine, arg1, arg2, arg3);
}

#define QUEUE_APC_SPECIAL 1             /* runs without an alertable wait: not there */
#define QUEUE_APC_CALLBACK_DATA 0x10000

NT_CALL(nt_queue_apc_thread_ex2, HANDLE handle, HANDLE reserve, ULONG flags, PVOID routine, ULONG_PTR arg1, ULONG_PTR arg2,
        ULONG_PTR arg3)
{
    if (flags & (QUEUE_APC_SPECIAL | QUEUE_APC_CALLBACK_DATA))
        return STATUS_NOT_SUPPORTED;
    if (flags)
        return STATUS_INVALID_PARAMETER;
    return reserve ? STATUS_INVALID_HANDLE : queue_apc(handle, routine, arg1, arg2, arg3);
}

void thread_object_alert(struct thread_object *object)
{
    pthread_mutex_lock(&thread_list_lock);
    if (object->thread)
    {
        __atomic_store_n(&object->thread->alerted, 1, __ATOMIC_SEQ_CST);
        thread_alert(object->thread);
    }
    pthread_mutex_unlock(&thread_list_lock);
}

NT_CALL(nt_alert_thread, HANDLE handle)
{
    struct thread_object *object;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &thread_type, THREAD_ALERT, &object, NULL)))
        return status;
    if (object->process)
        status = remote_thread_alert(object);
    else
        thread_object_alert(object);
    object_unref(&object->header);
    return status;
}

NT_CALL(nt_alert_resume_thread, HANDLE handle, ULONG *previous)
{
    NTSTATUS status = nt_alert_thread(handle);

    return status ? status : nt_resume_thread(handle, previous);
}

NT_CALL(nt_test_alert, void)
{
    struct thread *thread = current_thread();

    if (__atomic_exchange_n(&thread->alerted, 0, __ATOMIC_SEQ_CST))
        return STATUS_ALERTED;
    thread->frame->alertable = 1;       /* APCs run when this call returns */
    return STATUS_SUCCESS;
}

/* ---- processors ----------------------------------------------------------------------------------------------------- */

NT_CALL(nt_get_current_processor_number, void)
{
    return (NTSTATUS)cpu_current();
}

NT_CALL(nt_get_current_processor_number_ex, PROCESSOR_NUMBER *number)
{
    PROCESSOR_NUMBER here = { .Number = (BYTE)nt_get_current_processor_number() };

    return user_put(number, here);
}

/* When it returns, every processor that runs a thread of the process has finished its stores so far. */
NT_CALL(nt_flush_process_write_buffers, void)
{
    thread_flush_stores();
    return STATUS_SUCCESS;
}
