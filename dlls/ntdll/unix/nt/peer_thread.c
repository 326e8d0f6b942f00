/* Answers to other processes about our threads (nt/remote_thread.c asks). */
#include <fcntl.h>
#include <unistd.h>
#include "dispatch.h"
#include "nt/peer.h"
#include "nt/thread.h"
#include "ps/context.h"
#include "ps/native.h"
#include "ps/process.h"
#include "ps/thread_private.h"

NTSTATUS nt_query_information_thread(HANDLE, THREADINFOCLASS, void *, ULONG, ULONG *);
NTSTATUS nt_set_information_thread(HANDLE, THREADINFOCLASS, const void *, ULONG);

static struct thread_object *find_thread(uint32_t tid)
{
    struct thread_object *object = NULL;
    struct thread *thread;

    pthread_mutex_lock(&thread_list_lock);
    for (thread = thread_list; thread && !object; thread = thread->next)
        if (thread->tid == tid)
            object = object_ref(thread->object);
    pthread_mutex_unlock(&thread_list_lock);
    return object;
}

static void end_thread(struct thread_object *object, uint32_t status)
{
    pthread_mutex_lock(&thread_list_lock);
    if (object->thread)
        thread_terminate_locked(object->thread, status);
    pthread_mutex_unlock(&thread_list_lock);
}

/* ---- which thread --------------------------------------------------------------------------------------------- */

/* What the other side makes an object of: who it is, and a pipe that tells its end. */
static NTSTATUS describe(struct thread_object *object, struct peer_io *io)
{
    int ends[2];

    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK))
        return STATUS_INSUFFICIENT_RESOURCES;
    if (!thread_tell_end(object, ends[1]))
    {
        close(ends[0]);
        close(ends[1]);
        return STATUS_NO_MEMORY;
    }
    io->reply_fds[0] = ends[0];
    io->reply_fd_count = 1;
    io->message.create.tid = object->tid;
    io->message.create.teb = (uint64_t)(uintptr_t)object->teb;
    io->message.create.start = object->start_address;
    return STATUS_SUCCESS;
}

NTSTATUS peer_thread_create(struct peer_io *io)
{
    struct thread_create create = { io->message.create.start, io->message.create.parameter, io->message.create.zero_bits,
                                    io->message.create.commit, io->message.create.reserve, io->message.create.flags };
    bool suspended = create.flags & THREAD_CREATE_FLAGS_CREATE_SUSPENDED;
    struct thread_object *object;
    NTSTATUS status;
    uint32_t count;

    if (process_is_native)
        return STATUS_ACCESS_DENIED;
    if ((create.flags & ~THREAD_CREATE_FLAGS) || (create.zero_bits > 21 && create.zero_bits < 32))
        return STATUS_INVALID_PARAMETER;
    create.flags |= THREAD_CREATE_FLAGS_CREATE_SUSPENDED;       /* one that cannot be told of must not run */
    if ((status = thread_make(&create, 0, 0, NULL, &object)))
        return status;
    if ((status = describe(object, io)))
        end_thread(object, (uint32_t)status);
    else if (!suspended)
        thread_object_resume(object, &count);
    object_unref(&object->header);
    return status;
}

/* One that has ended is found as long as somebody here has a handle: who sends such a handle may not have known it yet. */
static struct thread_object *find_object(uint32_t tid)
{
    struct thread_object *object = NULL, *previous;

    do
    {
        previous = object;
        object = thread_object_next(previous, true);
        if (previous)
            object_unref(&previous->header);
    } while (object && object->tid != tid);
    return object;
}

NTSTATUS peer_thread_open(struct peer_io *io)
{
    struct thread_object *object = find_object(io->message.create.tid);
    NTSTATUS status;

    if (!object)
        return STATUS_INVALID_CID;
    status = describe(object, io);
    object_unref(&object->header);
    return status;
}

NTSTATUS peer_thread_next(struct peer_io *io)
{
    struct thread_object *object = NULL;
    bool backwards = io->message.create.flags & 1;
    uint32_t tid = io->message.create.tid;
    struct thread *thread;
    NTSTATUS status;

    pthread_mutex_lock(&thread_list_lock);
    thread = backwards ? thread_list_last : thread_list;
    if (tid)
    {
        while (thread && thread->tid != tid)
            thread = backwards ? thread->previous : thread->next;
        if (thread)
            thread = backwards ? thread->previous : thread->next;
    }
    if (thread)
        object = object_ref(thread->object);
    pthread_mutex_unlock(&thread_list_lock);
    if (!object)
        return STATUS_NO_MORE_ENTRIES;
    status = describe(object, io);
    object_unref(&object->header);
    return status;
}

/* ---- what is done to it ------------------------------------------------------------------------------------------- */

static NTSTATUS suspend(struct thread_object *object, struct peer_io *io)
{
    return thread_object_suspend(object, &io->message.thread.value);
}

static NTSTATUS resume(struct thread_object *object, struct peer_io *io)
{
    thread_object_resume(object, &io->message.thread.value);
    return STATUS_SUCCESS;
}

static NTSTATUS alert(struct thread_object *object, struct peer_io *io)
{
    (void)io;
    thread_object_alert(object);
    return STATUS_SUCCESS;
}

static NTSTATUS terminate(struct thread_object *object, struct peer_io *io)
{
    end_thread(object, io->message.thread.value);
    return STATUS_SUCCESS;
}

static NTSTATUS get_context(struct thread_object *object, struct peer_io *io)
{
    CONTEXT *context = io->reply;
    bool has_extended;
    NTSTATUS status;

    memset(context + 1, 0, FRAME_XSAVE_SIZE);
    if ((status = thread_object_get_context(object, context, context + 1, &has_extended)))
        return status;
    io->reply_size = has_extended ? sizeof(*context) + FRAME_XSAVE_SIZE : sizeof(*context);
    return STATUS_SUCCESS;
}

static NTSTATUS set_context(struct thread_object *object, struct peer_io *io)
{
    uint8_t extended[FRAME_XSAVE_SIZE];
    CONTEXT context;

    if (io->message.data_size != sizeof(context) && io->message.data_size != sizeof(context) + sizeof(extended))
        return STATUS_INVALID_PARAMETER;
    memcpy(&context, io->data, sizeof(context));
    if (io->message.data_size == sizeof(context))
        return thread_object_set_context(object, &context, NULL);
    memcpy(extended, (const CONTEXT *)io->data + 1, sizeof(extended));
    return thread_object_set_context(object, &context, extended);
}

/* The calls themselves, with a handle for as long as they take. */
static NTSTATUS query(struct thread_object *object, struct peer_io *io)
{
    ULONG size = (ULONG)io->message.thread.more, returned = 0;
    HANDLE handle;
    NTSTATUS status;

    if (io->message.thread.more > io->reply_room)
        return STATUS_INVALID_PARAMETER;
    if ((status = handle_create(&object->header, THREAD_ALL_ACCESS, 0, &handle)))
        return status;
    memset(io->reply, 0, size);
    status = nt_query_information_thread(handle, io->message.thread.value, io->reply, size, &returned);
    handle_close(handle);
    io->message.thread.more = returned;
    if (!status)
        io->reply_size = returned < size ? returned : size;
    return status;
}

static NTSTATUS set(struct thread_object *object, struct peer_io *io)
{
    UNICODE_STRING name;
    const void *data = io->data;
    ULONG size = io->message.data_size;
    HANDLE handle;
    NTSTATUS status;

    switch (io->message.thread.value)
    {
    case ThreadNameInformation:         /* the characters come behind the structure */
        if (size < sizeof(name))
            return STATUS_INFO_LENGTH_MISMATCH;
        memcpy(&name, data, sizeof(name));
        if (name.Length > size - sizeof(name))
            return STATUS_INVALID_PARAMETER;
        name.Buffer = (WCHAR *)((const char *)data + sizeof(name));
        data = &name;
        size = sizeof(name);
        break;
    case ThreadImpersonationToken:      /* a handle, which means nothing here */
        return STATUS_NOT_SUPPORTED;
    }
    if ((status = handle_create(&object->header, THREAD_ALL_ACCESS, 0, &handle)))
        return status;
    status = nt_set_information_thread(handle, io->message.thread.value, data, size);
    handle_close(handle);
    return status;
}

static NTSTATUS queue_apc(struct thread_object *object, struct peer_io *io)
{
    return thread_queue_apc(object, (void *)(uintptr_t)io->message.apc.routine, io->message.apc.args[0],
                            io->message.apc.args[1], io->message.apc.args[2]);
}

NTSTATUS peer_thread(struct peer_io *io)
{
    static NTSTATUS (*const actions[PEER_OPERATIONS])(struct thread_object *, struct peer_io *) =
    {
        [PEER_THREAD_SUSPEND] = suspend, [PEER_THREAD_RESUME] = resume, [PEER_THREAD_TERMINATE] = terminate,
        [PEER_THREAD_ALERT] = alert, [PEER_THREAD_QUERY] = query, [PEER_THREAD_SET] = set,
        [PEER_CONTEXT_GET] = get_context, [PEER_CONTEXT_SET] = set_context, [PEER_APC] = queue_apc,
    };
    struct thread_object *object = find_thread(io->message.thread.tid);
    NTSTATUS status;

    if (!object)
        return STATUS_THREAD_IS_TERMINATING;
    status = actions[io->message.operation](object, io);
    object_unref(&object->header);
    return status;
}
