/* User APCs and alerts: what makes an alertable wait return. */
#include "nt/nt.h"
#include "ob/cell.h"
#include "ps/context.h"
#include "ps/exception.h"
#include "ps/process.h"
#include "ps/thread_private.h"

/* The queues of all threads. Inside thread_list_lock; a leaf, so that a thread on its way out can take its APCs while
 * somebody who holds the list waits for it to park. */
static pthread_mutex_t apc_lock = PTHREAD_MUTEX_INITIALIZER;

void thread_alert(struct thread *thread)
{
    cell_set(thread->alert);
}

NTSTATUS thread_check_alert(bool alertable)
{
    struct thread *thread = thread_self;
    uint32_t pending = __atomic_load_n(&thread->pending, __ATOMIC_SEQ_CST);

    if (pending & PENDING_TERMINATE)
        return STATUS_THREAD_IS_TERMINATING;
    if (!alertable)
        return STATUS_SUCCESS;
    if (__atomic_load_n(&thread->alerted, __ATOMIC_RELAXED) && __atomic_exchange_n(&thread->alerted, 0, __ATOMIC_SEQ_CST))
        return STATUS_ALERTED;
    return pending & PENDING_APC ? STATUS_USER_APC : STATUS_SUCCESS;
}

NTSTATUS thread_queue_apc(struct thread_object *object, void *routine, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
    struct user_apc *apc = malloc(sizeof(*apc));
    struct thread *thread;

    if (!apc)
        return STATUS_NO_MEMORY;
    *apc = (struct user_apc){ NULL, (uint64_t)(uintptr_t)routine, { arg1, arg2, arg3 } };
    pthread_mutex_lock(&thread_list_lock);
    if (!(thread = object->thread) || (thread->pending & PENDING_TERMINATE))
    {
        pthread_mutex_unlock(&thread_list_lock);
        free(apc);
        return STATUS_UNSUCCESSFUL;
    }
    if (!routine)                       /* nothing to deliver: kernel32:sync, test_QueueUserAPC */
    {
        pthread_mutex_unlock(&thread_list_lock);
        free(apc);
        return STATUS_SUCCESS;
    }
    pthread_mutex_lock(&apc_lock);
    *thread->apc_last = apc;
    thread->apc_last = &apc->next;
    __atomic_fetch_or(&thread->pending, PENDING_APC, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&apc_lock);
    thread_alert(thread);
    pthread_mutex_unlock(&thread_list_lock);
    return STATUS_SUCCESS;
}

static struct user_apc *take_apc(struct thread *thread)
{
    struct user_apc *apc;

    pthread_mutex_lock(&apc_lock);
    if ((apc = thread->apc_first) && !(thread->apc_first = apc->next))
    {
        thread->apc_last = &thread->apc_first;
        __atomic_fetch_and(&thread->pending, ~(uint32_t)PENDING_APC, __ATOMIC_SEQ_CST);
    }
    pthread_mutex_unlock(&apc_lock);
    return apc;
}

void apc_free_all_locked(struct thread *thread)
{
    struct user_apc *apc;

    pthread_mutex_lock(&apc_lock);
    while ((apc = thread->apc_first))
    {
        thread->apc_first = apc->next;
        free(apc);
    }
    thread->apc_last = &thread->apc_first;
    __atomic_fetch_and(&thread->pending, ~(uint32_t)PENDING_APC, __ATOMIC_SEQ_CST);
    pthread_mutex_unlock(&apc_lock);
}

/* One APC at a time: KiUserApcDispatcher runs it and continues the context with NtContinue(context, TRUE), which
 * delivers the next. */
void apc_deliver(struct syscall_frame *frame)
{
    struct user_apc *apc = take_apc(thread_self);
    struct apc_stack stack;
    CONTEXT context;
    uint64_t rsp;
    NTSTATUS status;

    if (!apc)
        return;
    memset(&stack, 0, sizeof(stack));
    context_from_frame(&stack.context, frame);
    stack.context.ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    stack.context.P1Home = apc->args[0];
    stack.context.P2Home = apc->args[1];
    stack.context.P3Home = apc->args[2];
    stack.context.P4Home = apc->routine;
    stack.machine.rip = stack.context.Rip;
    stack.machine.cs = stack.context.SegCs;
    stack.machine.eflags = stack.context.EFlags;
    stack.machine.rsp = stack.context.Rsp;
    stack.machine.ss = stack.context.SegSs;
    free(apc);

    rsp = (stack.context.Rsp & ~(uint64_t)15) - sizeof(stack);
    if ((status = user_write((void *)rsp, &stack, sizeof(stack))))
    {
        EXCEPTION_RECORD record = { .ExceptionCode = STATUS_STACK_OVERFLOW, .ExceptionAddress = (void *)stack.context.Rip };

        exception_unhandled(&record, &stack.context);
    }
    context = stack.context;
    context.ContextFlags = CONTEXT_CONTROL;
    context.Rsp = rsp;
    context.Rip = process_ntdll.KiUserApcDispatcher;
    context.EFlags = 0x202;
    frame_set_context(thread_self, frame, &context, NULL);
}
