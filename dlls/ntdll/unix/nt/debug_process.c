/* Processes of a debug object: attaching, hearing from them, letting them go on. */
#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>
#include "nt/debug.h"
#include "nt/remote.h"
#include "nt/thread.h"
#include "io/async.h"
#include "ps/peer.h"
#include "ps/process.h"

static bool watch(struct attached *attached);

static struct debug_event *make_event(struct attached *attached, enum debug_kind kind, uint32_t tid)
{
    struct debug_event *event = calloc(1, sizeof(*event));

    if (!event) return NULL;
    attached->refs++;
    event->of = attached;
    event->message.kind = kind;
    event->message.tid = tid;
    return event;
}

static struct attached *make_attached(uint32_t linux_pid, int channel, uint32_t flags)
{
    struct attached *attached = calloc(1, sizeof(*attached));

    if (!attached) return NULL;
    attached->refs = 1;
    attached->linux_pid = linux_pid;
    attached->channel = channel;
    attached->flags = flags;
    return attached;
}

/* Into its object's list, and listened to. Takes the reference. */
static bool add_locked(struct debug_object *object, struct attached *attached)
{
    attached->refs++;                   /* of who listens */
    if (!watch(attached))
    {
        attached->refs--;
        return false;
    }
    attached->object = object;
    attached->next = object->attached;
    object->attached = attached;
    return true;
}

NTSTATUS attached_process(struct attached *attached, struct process_object **process)
{
    NTSTATUS status;

    pthread_mutex_lock(&debug_lock);
    *process = attached->process ? object_ref(attached->process) : NULL;
    pthread_mutex_unlock(&debug_lock);
    if (*process) return STATUS_SUCCESS;
    if ((status = process_open_other((int)attached->linux_pid, process))) return status;
    pthread_mutex_lock(&debug_lock);
    if (!attached->process) attached->process = object_ref(*process);
    pthread_mutex_unlock(&debug_lock);
    return STATUS_SUCCESS;
}

/* ---- what they say, on the poller's thread ---------------------------------------------------------------------- */

static void add_child_locked(struct attached *parent, const struct debug_message *message, int channel)
{
    struct attached *child = make_attached(message->tid, channel, parent->flags);

    if (!child) close(channel);
    else if (!add_locked(parent->object, child)) attached_unref_locked(child);
}

static void heard_locked(struct attached *attached, const struct debug_message *message, int *fd)
{
    struct debug_event *event;

    if (!attached->object || message->magic != DEBUG_MAGIC || message->kind >= DEBUG_KINDS) return;
    if (message->kind == DEBUG_CHILD)
    {
        if (*fd >= 0) add_child_locked(attached, message, *fd);
        *fd = -1;
        return;
    }
    if (attached->exited || !(event = make_event(attached, message->kind, message->tid))) return;
    event->message = *message;
    attached->last_tid = message->tid;
    attached->exited = message->kind == DEBUG_EXIT_PROCESS;
    debug_queue_locked(attached, event, false);
}

/* 1: a message, 0: none yet, -1: the end. */
static int receive(int channel, struct debug_message *message, int *fd)
{
    union { struct cmsghdr header; char bytes[CMSG_SPACE(sizeof(int))]; } control;
    struct iovec part = { message, sizeof(*message) };
    struct msghdr header = { .msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
    struct cmsghdr *c;
    ssize_t size;
    size_t i;
    int got;

    *fd = -1;
    while ((size = recvmsg(channel, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC)) < 0 && errno == EINTR) ;
    if (size < 0) return errno == EAGAIN ? 0 : -1;
    for (c = CMSG_FIRSTHDR(&header); c; c = CMSG_NXTHDR(&header, c))
        for (i = 0; c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS && CMSG_LEN((i + 1) * sizeof(int)) <= c->cmsg_len; i++)
        {
            memcpy(&got, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
            if (*fd >= 0) close(got);   /* the room for one is aligned, and takes two */
            else *fd = got;
        }
    if (!size) return -1;
    if (size != (ssize_t)sizeof(*message)) message->magic = 0;
    return 1;
}

/* It is dead, or it has left us. */
static void gone_locked(struct attached *attached)
{
    struct debug_event *event;

    attached->gone = true;
    if (!attached->object) return;
    if (attached->exited)
    {
        if (!attached->out) attached_drop_locked(attached);
        return;                         /* else whoever continues it drops it */
    }
    attached->exited = true;
    if (!(event = make_event(attached, DEBUG_EXIT_PROCESS, attached->last_tid))) return;
    event->made = true;
    event->message.value = (uint32_t)STATUS_PENDING;    /* as the process says once it has ended */
    debug_queue_locked(attached, event, false);
}

static void ready(void *arg)
{
    struct attached *attached = arg;
    struct debug_message message;
    int fd, result;

    pthread_mutex_lock(&debug_lock);
    while ((result = receive(attached->channel, &message, &fd)) > 0)
    {
        heard_locked(attached, &message, &fd);
        if (fd >= 0) close(fd);
    }
    if (result < 0 || !watch(attached))
    {
        gone_locked(attached);
        attached_unref_locked(attached);
    }
    pthread_mutex_unlock(&debug_lock);
}

static bool watch(struct attached *attached)
{
    return io_watch(attached->channel, ready, attached);
}

/* ---- attaching ------------------------------------------------------------------------------------------------------ */

#define MODULES_MAX 1000                /* the list is that of another process, and may be anything */

/* What a process that ran already would have told. It stands still, and none of it answers. */
struct inventory
{
    struct attached *attached;
    struct debug_event *first, **last;
    unsigned int count;
    bool failed;
};

static void note(struct inventory *inventory, enum debug_kind kind, uint32_t tid, uint64_t address, uint64_t start)
{
    struct debug_event *event = make_event(inventory->attached, kind, tid);

    if (!event)
    {
        inventory->failed = true;
        return;
    }
    event->made = true;
    event->message.address = address;
    event->message.start = start;
    *inventory->last = event;
    inventory->last = &event->next;
    inventory->count++;
}

static void note_threads(struct inventory *inventory, struct process_object *process, uint32_t first)
{
    struct thread_object *thread;
    uint32_t tid = 0, count = 0;

    while (count++ < 65536 && !remote_thread_next(process, tid, false, &thread))
    {
        tid = thread->tid;
        if (tid != first) note(inventory, DEBUG_CREATE_THREAD, tid, 0, thread->start_address);
        object_unref(&thread->header);
    }
}

/* The loader's list, in the order of loading: the program, ntdll, and all others. */
static void note_modules(struct inventory *inventory, struct process_object *process, uint32_t tid, uint64_t ntdll)
{
    uint64_t ldr, link, head, image = process->block->image_base;
    LDR_DATA_TABLE_ENTRY entry;
    unsigned int count = 0;

    if (remote_read(process, &ldr, process->block->peb + offsetof(PEB, LdrData), sizeof(ldr)) || !ldr) return;
    head = ldr + offsetof(PEB_LDR_DATA, InLoadOrderModuleList);
    if (remote_read(process, &link, head, sizeof(link))) return;
    for (; link && link != head && count++ < MODULES_MAX; link = (uint64_t)(uintptr_t)entry.InLoadOrderLinks.Flink)
    {
        if (remote_read(process, &entry, link, offsetof(LDR_DATA_TABLE_ENTRY, FullDllName))) return;
        if ((uint64_t)(uintptr_t)entry.DllBase != image && (uint64_t)(uintptr_t)entry.DllBase != ntdll)
            note(inventory, DEBUG_LOAD_DLL, tid, (uint64_t)(uintptr_t)entry.DllBase, 0);
    }
}

static void take_inventory(struct inventory *inventory, struct process_object *process, uint64_t ntdll)
{
    struct process_block *block = process->block;
    struct thread_object *thread = NULL;
    uint32_t first = block->first_thread;
    uint64_t start = block->first_start;

    if (remote_thread_open(process, first, &thread) && !remote_thread_next(process, 0, false, &thread))
    {
        first = thread->tid;            /* the initial one has ended */
        start = thread->start_address;
    }
    if (thread) object_unref(&thread->header);
    inventory->attached->last_tid = first;
    note(inventory, DEBUG_CREATE_PROCESS, first, block->image_base, start);
    note(inventory, DEBUG_LOAD_DLL, first, ntdll, 0);
    note_threads(inventory, process, first);
    note_modules(inventory, process, first, ntdll);
}

static void queue_inventory_locked(struct inventory *inventory)
{
    struct debug_event *event, *next;

    for (event = inventory->first; event; event = next)
    {
        next = event->next;
        if (inventory->failed) debug_event_free_locked(event);
        else debug_queue_locked(inventory->attached, event, false);
    }
    inventory->attached->made = inventory->count;
}

static NTSTATUS tell_flags(struct process_object *process, uint32_t flags)
{
    struct peer_io io = { .message.debug.flags = flags };

    return peer_call(process, PEER_DEBUG_SET, &io);
}

static void forget(struct attached *attached)
{
    pthread_mutex_lock(&debug_lock);
    attached_unref_locked(attached);
    pthread_mutex_unlock(&debug_lock);
}

NTSTATUS debug_attach(struct debug_object *object, struct process_object *process, uint32_t flags)
{
    struct inventory inventory = { .last = &inventory.first };
    struct peer_io io = { .fd_count = 1 };
    struct attached *attached;
    NTSTATUS status;
    int ends[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends)) return STATUS_INSUFFICIENT_RESOURCES;
    if (object->kill) flags |= DEBUGGEE_KILL;
    if (!(attached = make_attached((uint32_t)process->linux_pid, ends[1], flags & ~DEBUGGEE_NEW)))
    {
        close(ends[0]);
        close(ends[1]);
        return STATUS_NO_MEMORY;
    }
    attached->process = object_ref(process);
    attached->last_tid = process->block->first_thread;
    io.fds[0] = ends[0];
    io.message.debug.flags = flags;
    status = peer_call(process, PEER_DEBUG_ATTACH, &io);
    close(ends[0]);
    if (status)
    {
        forget(attached);
        return status;
    }
    inventory.attached = attached;
    if (!(flags & DEBUGGEE_NEW)) take_inventory(&inventory, process, process_ntdll.base);
    pthread_mutex_lock(&debug_lock);
    if (object->closed) status = STATUS_DEBUGGER_INACTIVE;
    else if (inventory.failed || !add_locked(object, attached)) status = STATUS_NO_MEMORY;
    inventory.failed = status != STATUS_SUCCESS;
    queue_inventory_locked(&inventory);
    if (status) attached_unref_locked(attached);
    pthread_mutex_unlock(&debug_lock);
    if (status) peer_call(process, PEER_DEBUG_DETACH, &(struct peer_io){ .reply = NULL });
    return status;
}

/* It is told first: what it does when a channel ends may be to end, too. */
NTSTATUS debug_detach(struct debug_object *object, struct process_object *process)
{
    struct attached *attached;

    pthread_mutex_lock(&debug_lock);
    attached = debug_find_locked(object, (uint32_t)process->linux_pid);
    if (attached) attached->refs++;
    pthread_mutex_unlock(&debug_lock);
    if (!attached) return STATUS_PORT_NOT_SET;
    peer_call(process, PEER_DEBUG_DETACH, &(struct peer_io){ .reply = NULL });
    pthread_mutex_lock(&debug_lock);
    if (attached->object) attached_drop_locked(attached);
    attached_unref_locked(attached);
    pthread_mutex_unlock(&debug_lock);
    return STATUS_SUCCESS;
}

/* ---- going on --------------------------------------------------------------------------------------------------------- */

/* The event is out no more; returns the thread that waits for the answer, DEBUGGEE_ALL_THREADS, or 0: nobody does. */
static uint32_t settle_locked(struct attached *attached, bool later)
{
    struct debug_event *event = attached->out;
    enum debug_kind kind = event->message.kind;
    uint32_t who = event->made ? 0 : event->message.tid;

    attached->out = NULL;
    if (event->made && later)
    {
        debug_queue_locked(attached, event, true);
        return 0;
    }
    if (event->made && kind != DEBUG_EXIT_PROCESS && !--attached->made) who = DEBUGGEE_ALL_THREADS;
    if (kind == DEBUG_EXIT_PROCESS)
    {
        if (later) attached->exited = false;    /* it will say so again */
        else if (event->made || attached->gone) attached_drop_locked(attached);
    }
    debug_event_free_locked(event);
    if (attached->object) debug_update_locked(attached->object);
    return who;
}

NTSTATUS debug_continue(struct debug_object *object, uint32_t linux_pid, uint32_t tid, uint32_t status)
{
    struct peer_io io = { .message.debug.status = status };
    struct process_object *process;
    struct attached *attached;

    pthread_mutex_lock(&debug_lock);
    attached = debug_find_locked(object, linux_pid);
    if (!attached || !attached->out || attached->out->message.tid != tid)
    {
        pthread_mutex_unlock(&debug_lock);
        return STATUS_INVALID_PARAMETER;
    }
    attached->refs++;
    io.message.debug.tid = settle_locked(attached, status == (uint32_t)DBG_REPLY_LATER);
    pthread_mutex_unlock(&debug_lock);
    if (io.message.debug.tid && !attached_process(attached, &process))
    {
        peer_call(process, PEER_DEBUG_CONTINUE, &io);   /* one that has died meanwhile tells it by itself */
        object_unref(&process->header);
    }
    forget(attached);
    return STATUS_SUCCESS;
}

void debug_set_kill(struct debug_object *object, bool kill)
{
    struct process_object *process;
    struct attached *attached;

    pthread_mutex_lock(&debug_lock);
    object->kill = kill;
    for (;;)
    {
        for (attached = object->attached; attached && !!(attached->flags & DEBUGGEE_KILL) == kill; attached = attached->next) ;
        if (!attached) break;
        attached->flags ^= DEBUGGEE_KILL;
        attached->refs++;
        pthread_mutex_unlock(&debug_lock);
        if (!attached_process(attached, &process))
        {
            tell_flags(process, attached->flags);
            object_unref(&process->header);
        }
        pthread_mutex_lock(&debug_lock);
        attached_unref_locked(attached);
    }
    pthread_mutex_unlock(&debug_lock);
}
