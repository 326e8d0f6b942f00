/* This process as a debuggee.
 *
 * A thread that has something to tell freezes all threads, sends one message and parks like a suspended thread, with the
 * registers that its debugger may see and change. The control thread, which is never frozen, gets the answer and thaws all.
 * Freezing is not suspending: it does not show in a suspend count. One event at a time: a thread that finds the process
 * frozen by another's event waits for its turn, frozen too. If the debugger is gone, the control thread hears the channel
 * close and lets everybody go, or ends the process.
 *
 * All state is under thread_list_lock.
 */
#include <sys/socket.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ob/object.h"
#include "ps/debug_protocol.h"
#include "ps/debuggee.h"
#include "ps/peer.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"

bool debuggee_attached;

static int channel = -1;
static uint32_t debug_flags;            /* DEBUGGEE_x */
static uint32_t event_of;               /* id of the thread that waits for an answer, DEBUGGEE_ALL_THREADS; 0: nobody */
static bool ended;                      /* DEBUG_EXIT_PROCESS was told */

/* ---- telling ----------------------------------------------------------------------------------------------------- */

/* The other end always has room: there is one event at a time. */
static bool send_locked(struct debug_message *message, const int *fd)
{
    union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control = { .header = {
        .cmsg_len = CMSG_LEN(sizeof(int)), .cmsg_level = SOL_SOCKET, .cmsg_type = SCM_RIGHTS } };
    struct iovec part = { message, sizeof(*message) };
    struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1 };

    if (fd)
    {
        memcpy(CMSG_DATA(&control.header), fd, sizeof(int));
        header.msg_control = &control;
        header.msg_controllen = sizeof(control);
    }
    message->magic = DEBUG_MAGIC;
    return sendmsg(channel, &header, MSG_NOSIGNAL | MSG_DONTWAIT) == (ssize_t)sizeof(*message);
}

/* Everybody goes on; who waits for an answer gets it. */
static void answer_locked(uint32_t status)
{
    struct thread *thread;

    for (thread = thread_list; thread; thread = thread->next)
        if (thread->tid == event_of)
            thread->debug_answer = status;
    event_of = 0;
    threads_thaw_locked();
}

/* One try to tell it: false, if that was not possible yet. */
static bool tell(struct thread *thread, struct debug_message *message, uint32_t how)
{
    bool told = false;

    thread_stop_here(thread, how);      /* before the lock: who freezes us has it, and waits for that */
    pthread_mutex_lock(&thread_list_lock);
    if (!debuggee_attached)
    {
        thread->debug_answer = (uint32_t)DBG_EXCEPTION_NOT_HANDLED;
        told = true;
    }
    else if (event_of)                  /* somebody else's turn; a new thread is not frozen yet */
        thread_freeze_self_locked(thread);
    else
    {
        told = true;
        event_of = thread->tid;
        threads_freeze_locked();
        message->tid = thread->tid;
        if (!send_locked(message, NULL))        /* the control thread will hear of it, too */
            answer_locked((uint32_t)DBG_EXCEPTION_NOT_HANDLED);
    }
    pthread_mutex_unlock(&thread_list_lock);
    thread_stop(thread, how);
    return told;
}

/* context NULL: the registers are those of the Nt call that the thread is in. */
static uint32_t report(struct debug_message *message, CONTEXT *context, const void *extended)
{
    struct thread *thread = thread_self;
    uint32_t how = context ? THREAD_STOPPED : THREAD_PARKED;

    if (!thread || thread->object->hidden)
        return (uint32_t)DBG_EXCEPTION_NOT_HANDLED;
    if (context)
    {
        thread->stop_context = context;
        thread->stop_extended = extended;
        thread->stop_context_changed = false;
    }
    thread->telling = true;
    do
        while (!tell(thread, message, how))
            ;
    while (thread->debug_answer == (uint32_t)DBG_REPLY_LATER);
    thread->telling = false;
    return thread->debug_answer;
}

bool debuggee_exception(const EXCEPTION_RECORD *record, CONTEXT *context, const void *extended, bool first_chance)
{
    struct debug_message message = { .kind = DEBUG_EXCEPTION, .value = first_chance, .record = *record };
    CONTEXT original;

    if (!debuggee_attached)
        return false;
    original = *context;
    if (report(&message, context, extended) != (uint32_t)DBG_EXCEPTION_NOT_HANDLED)
        return true;
    *context = original;                /* handlers get what was, not what the debugger made of it: ntdll:exception */
    return false;
}

void debuggee_thread_starts(void)
{
    struct thread *thread = thread_self;
    bool first = thread->tid == current_process->block->first_thread;
    struct debug_message message = { .kind = first ? DEBUG_CREATE_PROCESS : DEBUG_CREATE_THREAD,
                                     .start = thread->object->start_address,
                                     .address = current_process->block->image_base };

    if (thread->debug_known)
        return;
    thread->debug_known = true;
    report(&message, NULL, NULL);
    if (first)
        debuggee_image_mapped(process_ntdll.base);
}

void debuggee_thread_ends(uint32_t status)
{
    struct debug_message message = { .kind = DEBUG_EXIT_THREAD, .value = status };

    if (!ended)
        report(&message, NULL, NULL);
}

void debuggee_process_ends(uint32_t code, CONTEXT *context)
{
    struct debug_message message = { .kind = DEBUG_EXIT_PROCESS, .value = code };

    if (!__atomic_exchange_n(&ended, true, __ATOMIC_SEQ_CST))
        report(&message, context, NULL);
}

void debuggee_image_mapped(uintptr_t base)
{
    struct debug_message message = { .kind = DEBUG_LOAD_DLL, .address = base };

    if (thread_self && base != process_ntdll.base)      /* the loader of ours puts the name there */
        message.name = (uint64_t)(uintptr_t)&thread_self->teb->Tib.ArbitraryUserPointer;
    report(&message, NULL, NULL);
}

void debuggee_image_unmapped(uintptr_t base)
{
    struct debug_message message = { .kind = DEBUG_UNLOAD_DLL, .address = base };

    report(&message, NULL, NULL);
}

NTSTATUS debuggee_adopts(struct process_object *child)
{
    struct debug_message message = { .kind = DEBUG_CHILD, .tid = (uint32_t)child->linux_pid };
    struct peer_io io = { .message.debug.flags = DEBUGGEE_NEW, .fd_count = 1 };
    bool ok = false;
    NTSTATUS status;
    int ends[2];

    if (debug_flags & DEBUGGEE_NO_INHERIT)
        return STATUS_SUCCESS;
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends))
        return STATUS_INSUFFICIENT_RESOURCES;
    io.fds[0] = ends[0];
    io.message.debug.flags |= debug_flags & DEBUGGEE_KILL;
    if (!(status = peer_call(child, PEER_DEBUG_ATTACH, &io)))
    {
        pthread_mutex_lock(&thread_list_lock);
        ok = debuggee_attached && send_locked(&message, &ends[1]);
        pthread_mutex_unlock(&thread_list_lock);
        if (!ok)                        /* the debugger has just gone: the child need not know of it */
            peer_call(child, PEER_DEBUG_DETACH, &(struct peer_io){ .reply = NULL });
    }
    close(ends[0]);
    close(ends[1]);
    return status;
}

/* ---- orders ---------------------------------------------------------------------------------------------------------- */

static void set_attached_locked(bool attached)
{
    __atomic_store_n(&debuggee_attached, attached, __ATOMIC_SEQ_CST);
    if (process_peb)                    /* tests/unit/peer_fuzz.c is no program */
        process_peb->BeingDebugged = attached;
}

NTSTATUS debuggee_attach(int new_channel, uint32_t flags)
{
    NTSTATUS status = STATUS_SUCCESS;
    struct thread *thread;

    pthread_mutex_lock(&thread_list_lock);
    if (debuggee_attached)
        status = STATUS_PORT_ALREADY_SET;
    else if (ended)
        status = STATUS_PROCESS_IS_TERMINATING;
    else
    {
        channel = new_channel;
        debug_flags = flags & (DEBUGGEE_KILL | DEBUGGEE_NO_INHERIT);
        set_attached_locked(true);
        if (!(flags & DEBUGGEE_NEW))    /* the debugger looks at what is there, and lets us go on then */
        {
            for (thread = thread_list; thread; thread = thread->next)
                thread->debug_known = true;
            event_of = DEBUGGEE_ALL_THREADS;
            threads_freeze_locked();
        }
    }
    pthread_mutex_unlock(&thread_list_lock);
    return status;
}

static void leave_locked(void)
{
    close(channel);
    channel = -1;
    debug_flags &= DEBUGGEE_NO_INHERIT; /* stays to be read: ntdll:info, test_query_process_debug_flags */
    set_attached_locked(false);
    answer_locked((uint32_t)DBG_EXCEPTION_NOT_HANDLED);
}

NTSTATUS debuggee_detach(void)
{
    NTSTATUS status = STATUS_PORT_NOT_SET;

    pthread_mutex_lock(&thread_list_lock);
    if (debuggee_attached)
    {
        leave_locked();
        status = STATUS_SUCCESS;
    }
    pthread_mutex_unlock(&thread_list_lock);
    return status;
}

NTSTATUS debuggee_continue(uint32_t tid, uint32_t status)
{
    NTSTATUS result = STATUS_INVALID_PARAMETER;

    pthread_mutex_lock(&thread_list_lock);
    if (debuggee_attached && tid && event_of == tid)
    {
        answer_locked(status);
        result = STATUS_SUCCESS;
    }
    pthread_mutex_unlock(&thread_list_lock);
    return result;
}

void debuggee_set_flags(uint32_t flags)
{
    pthread_mutex_lock(&thread_list_lock);
    if (debuggee_attached)
        debug_flags = flags & (DEBUGGEE_KILL | DEBUGGEE_NO_INHERIT);
    pthread_mutex_unlock(&thread_list_lock);
}

uint32_t debuggee_flags(void)
{
    return __atomic_load_n(&debug_flags, __ATOMIC_RELAXED);
}

int debuggee_channel(void)
{
    return channel;                     /* changed by the control thread alone */
}

void debuggee_channel_ended(void)
{
    bool kill = false;

    pthread_mutex_lock(&thread_list_lock);
    if (debuggee_attached && !(kill = debug_flags & DEBUGGEE_KILL))
        leave_locked();
    pthread_mutex_unlock(&thread_list_lock);
    if (kill)                           /* nobody goes on before */
        process_exit((uint32_t)STATUS_DEBUGGER_INACTIVE);
}
