/* Threads of other processes: objects for them here, requests to their control threads there.
 *
 * The end of a thread is told through a pipe: the thread writes its exit status, the kernel closes the pipe of one
 * whose process was killed. So a wait here never depends on anybody's good behaviour there.
 */
#include <poll.h>
#include <pthread.h>
#include <unistd.h>
#include "nt/remote.h"
#include "nt/thread.h"
#include "io/async.h"
#include "ob/cell.h"
#include "ob/transfer.h"
#include "dispatch.h"
#include "ps/context.h"
#include "ps/peer.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"

struct remote_thread                    /* one that lives, as far as we know */
{
    struct remote_thread *next;
    struct thread_object *object;       /* a reference */
    int pipe;
};

static pthread_mutex_t remote_lock = PTHREAD_MUTEX_INITIALIZER;
static struct remote_thread *remote_threads;    /* under remote_lock */

/* ---- objects ------------------------------------------------------------------------------------------------- */

static struct thread_object *find_locked(const struct process_object *process, uint32_t tid)
{
    struct remote_thread *remote;

    for (remote = remote_threads; remote; remote = remote->next)
        if (remote->object->tid == tid && remote->object->process == process)
            return object_ref(remote->object);
    return NULL;
}

/* On the epoll thread: it has ended, or its process has. */
static void remote_thread_ended(void *arg)
{
    struct remote_thread *remote = arg, **p;
    struct thread_object *object = remote->object;
    uint32_t code;

    if (read(remote->pipe, &code, sizeof(code)) != (ssize_t)sizeof(code))
        code = process_final_status(object->process);
    close(remote->pipe);
    pthread_mutex_lock(&remote_lock);
    for (p = &remote_threads; *p != remote; p = &(*p)->next)
        ;
    *p = remote->next;
    pthread_mutex_unlock(&remote_lock);
    object->exit_status = code;
    cell_set(object->cell);
    object_unref(&object->header);
    free(remote);
}

/* What the process said of the thread; takes the pipe. */
static NTSTATUS make_object(struct process_object *process, const struct peer_io *io, struct thread_object **out)
{
    struct remote_thread *remote = NULL;
    struct thread_object *object = NULL;
    uint32_t tid = io->message.create.tid;

    if (io->reply_fd_count != 1 || !tid)
    {
        for (unsigned int i = 0; i < io->reply_fd_count; i++)
            close(io->reply_fds[i]);
        return STATUS_REPLY_MESSAGE_MISMATCH;
    }
    pthread_mutex_lock(&remote_lock);
    if ((*out = find_locked(process, tid)))
    {
        pthread_mutex_unlock(&remote_lock);
        close(io->reply_fds[0]);
        return STATUS_SUCCESS;
    }
    if (!(remote = malloc(sizeof(*remote))) || !(object = thread_object_create()))
        goto failed;
    object->process = object_ref(process);
    object->tid = tid;
    object->teb = (void *)(uintptr_t)io->message.create.teb;
    object->start_address = io->message.create.start;
    *remote = (struct remote_thread){ remote_threads, object_ref(object), io->reply_fds[0] };
    remote_threads = remote;
    if (!io_watch(remote->pipe, remote_thread_ended, remote))
    {
        remote_threads = remote->next;
        object_unref(&object->header);
        goto failed;
    }
    pthread_mutex_unlock(&remote_lock);
    *out = object;
    return STATUS_SUCCESS;

failed:
    pthread_mutex_unlock(&remote_lock);
    close(io->reply_fds[0]);
    free(remote);
    if (object)
        object_unref(&object->header);
    return STATUS_NO_MEMORY;
}

NTSTATUS remote_thread_born(struct process_object *process, int pipe, struct thread_object **object)
{
    const struct process_block *block = process->block;
    struct peer_io io = { .message.create = { .tid = block->first_thread, .teb = block->first_teb, .start = block->first_start },
                          .reply_fds = { pipe }, .reply_fd_count = 1 };

    return make_object(process, &io, object);
}

NTSTATUS remote_thread_open(struct process_object *process, uint32_t tid, struct thread_object **object)
{
    struct peer_io io = { .message.create = { .tid = tid }, .reply_fds_max = 1 };
    NTSTATUS status;

    pthread_mutex_lock(&remote_lock);
    *object = find_locked(process, tid);
    pthread_mutex_unlock(&remote_lock);
    if (*object)
        return STATUS_SUCCESS;
    if ((status = peer_call(process, PEER_THREAD_OPEN, &io)))
        return STATUS_INVALID_CID;
    return make_object(process, &io, object);
}

NTSTATUS remote_thread_next(struct process_object *process, uint32_t tid, bool backwards, struct thread_object **object)
{
    struct peer_io io = { .message.create = { .tid = tid, .flags = backwards }, .reply_fds_max = 1 };
    NTSTATUS status;

    if ((status = peer_call(process, PEER_THREAD_NEXT, &io)))
        return status;
    return make_object(process, &io, object);
}

NTSTATUS remote_thread_create(struct process_object *process, const struct thread_create *create,
                              struct thread_object **object)
{
    struct peer_io io = { .message.create = { create->start, create->parameter, create->zero_bits, create->commit,
                                              create->reserve, 0, create->flags, 0 }, .reply_fds_max = 1 };
    NTSTATUS status;

    if ((status = peer_call(process, PEER_THREAD_CREATE, &io)))
        return status;
    return make_object(process, &io, object);
}

/* ---- handles on their way ---------------------------------------------------------------------------------------- */

struct packed_thread
{
    uint32_t linux_pid, tid;
    uint32_t exit_status;               /* of one that has ended, whose process comes along and may have ended as well */
    uint32_t reserved;
    uint64_t create_time, exit_time, user_time, kernel_time, teb, start_address;
};

NTSTATUS thread_pack(struct object *header, struct transfer *transfer)
{
    struct thread_object *object = (struct thread_object *)header;
    struct process_object *process = object->process ? object->process : current_process;
    struct packed_thread packed = { (uint32_t)process->linux_pid, object->tid, (uint32_t)STATUS_PENDING, 0, object->create_time, 0, 0, 0,
                                    (uintptr_t)object->teb, object->start_address };
    NTSTATUS status;

    if (cell_is_signaled(object->cell))
    {
        packed.exit_status = object->exit_status;
        packed.exit_time = object->exit_time;
        packed.user_time = object->user_time;
        packed.kernel_time = object->kernel_time;
        if ((status = process_type.pack(&process->header, transfer)))
            return status;
    }
    memcpy(transfer->data, &packed, sizeof(packed));
    transfer->size = sizeof(packed);
    return STATUS_SUCCESS;
}

/* One of ours, which lives or of which somebody still has a handle; the newest, if the sender does not know when it was
 * created. NULL: there is none. */
static struct thread_object *find_own(const struct packed_thread *packed)
{
    struct thread_object *object = NULL, *previous;

    do
    {
        previous = object;
        object = thread_object_next(previous, true);
        if (previous)
            object_unref(&previous->header);
    } while (object && (object->tid != packed->tid || (packed->create_time && object->create_time != packed->create_time)));
    return object;
}

static NTSTATUS unpack_ended(const struct packed_thread *packed, struct transfer *transfer, struct object **out)
{
    struct process_object *process;
    struct thread_object *object;
    NTSTATUS status;

    if (!transfer->fd_count || transfer->fd_count > 2)
        return STATUS_INVALID_PARAMETER;
    if ((status = process_from_transfer((int)packed->linux_pid, transfer, &process)))
        return status;
    if (!(object = thread_object_create()))
    {
        object_unref(&process->header);
        return STATUS_NO_MEMORY;
    }
    if (process == current_process)
        object_unref(&process->header);
    else
        object->process = process;
    object->tid = packed->tid;
    object->create_time = packed->create_time;
    object->exit_time = packed->exit_time;
    object->user_time = packed->user_time;
    object->kernel_time = packed->kernel_time;
    object->teb = (void *)(uintptr_t)packed->teb;
    object->start_address = packed->start_address;
    object->exit_status = packed->exit_status;
    cell_set(object->cell);
    *out = &object->header;
    return STATUS_SUCCESS;
}

NTSTATUS thread_unpack(struct transfer *transfer, struct object **out)
{
    struct packed_thread packed;
    struct process_object *process;
    NTSTATUS status;

    if (transfer->size != sizeof(packed))
        return STATUS_INVALID_PARAMETER;
    memcpy(&packed, transfer->data, sizeof(packed));
    if ((int)packed.linux_pid == getpid() && (*out = (struct object *)find_own(&packed)))
        return STATUS_SUCCESS;
    if (packed.exit_status != (uint32_t)STATUS_PENDING)
        return unpack_ended(&packed, transfer, out);
    if ((int)packed.linux_pid == getpid())
        return STATUS_INVALID_CID;
    if ((status = process_open_other((int)packed.linux_pid, &process)))
        return status;
    status = remote_thread_open(process, packed.tid, (struct thread_object **)out);
    object_unref(&process->header);
    return status;
}

/* ---- requests ----------------------------------------------------------------------------------------------------- */

static bool is_gone(NTSTATUS status)
{
    return status == STATUS_THREAD_IS_TERMINATING || status == STATUS_PROCESS_IS_TERMINATING;
}

static NTSTATUS call(struct thread_object *object, enum peer_operation operation, struct peer_io *io)
{
    io->message.thread.tid = object->tid;
    return peer_call(object->process, operation, io);
}

NTSTATUS remote_thread_suspend(struct thread_object *object, uint32_t *previous)
{
    struct peer_io io = { .reply = NULL };
    NTSTATUS status = call(object, PEER_THREAD_SUSPEND, &io);

    *previous = io.message.thread.value;
    return is_gone(status) ? STATUS_THREAD_IS_TERMINATING : status;
}

NTSTATUS remote_thread_resume(struct thread_object *object, uint32_t *previous)
{
    struct peer_io io = { .reply = NULL };
    NTSTATUS status = call(object, PEER_THREAD_RESUME, &io);

    *previous = status ? 0 : io.message.thread.value;
    return is_gone(status) ? STATUS_SUCCESS : status;
}

NTSTATUS remote_thread_alert(struct thread_object *object)
{
    struct peer_io io = { .reply = NULL };
    NTSTATUS status = call(object, PEER_THREAD_ALERT, &io);

    return is_gone(status) ? STATUS_SUCCESS : status;
}

NTSTATUS remote_thread_terminate(struct thread_object *object, uint32_t code)
{
    struct peer_io io = { .message.thread.value = code };
    NTSTATUS status = call(object, PEER_THREAD_TERMINATE, &io);

    return is_gone(status) ? STATUS_SUCCESS : status;
}

NTSTATUS remote_thread_get_context(struct thread_object *object, CONTEXT *context, void *extended, bool *has_extended)
{
    struct { CONTEXT context; uint8_t extended[FRAME_XSAVE_SIZE]; } answer;
    struct peer_io io = { .reply = &answer, .reply_room = sizeof(answer) };
    NTSTATUS status = call(object, PEER_CONTEXT_GET, &io);

    if (status)
        return is_gone(status) ? STATUS_UNSUCCESSFUL : status;
    if (io.reply_size < sizeof(answer.context))
        return STATUS_REPLY_MESSAGE_MISMATCH;
    *context = answer.context;
    if ((*has_extended = io.reply_size == sizeof(answer)))
        memcpy(extended, answer.extended, sizeof(answer.extended));
    return STATUS_SUCCESS;
}

NTSTATUS remote_thread_set_context(struct thread_object *object, const CONTEXT *context, const void *extended)
{
    struct { CONTEXT context; uint8_t extended[FRAME_XSAVE_SIZE]; } request;
    struct peer_io io = { .data = &request };
    NTSTATUS status;

    request.context = *context;
    if (extended)
        memcpy(request.extended, extended, sizeof(request.extended));
    io.message.data_size = extended ? sizeof(request) : sizeof(request.context);
    status = call(object, PEER_CONTEXT_SET, &io);
    return is_gone(status) ? STATUS_UNSUCCESSFUL : status;
}

NTSTATUS remote_thread_queue_apc(struct thread_object *object, void *routine, uint64_t arg1, uint64_t arg2, uint64_t arg3)
{
    struct peer_io io = { .message.apc = { 0, (uint64_t)(uintptr_t)routine, { arg1, arg2, arg3 } } };
    NTSTATUS status = call(object, PEER_APC, &io);

    return is_gone(status) ? STATUS_UNSUCCESSFUL : status;
}

/* ---- information ----------------------------------------------------------------------------------------------------- */

NTSTATUS remote_thread_query(struct thread_object *object, uint32_t class, void *buffer, ULONG size, ULONG *return_size)
{
    char data[4096];
    struct peer_io io = { .message.thread.value = class, .reply = data, .reply_room = sizeof(data) };
    NTSTATUS status;

    io.message.thread.more = size < sizeof(data) ? size : sizeof(data);
    status = call(object, PEER_THREAD_QUERY, &io);
    if (is_gone(status))
        return STATUS_THREAD_IS_TERMINATING;
    if (class == ThreadNameInformation)
        remote_string(data, io.reply_size, buffer);
    if (io.reply_size > size || (!status && io.message.thread.more != io.reply_size))
        return STATUS_REPLY_MESSAGE_MISMATCH;
    if (io.message.thread.more && return_size)
        user_put(return_size, (ULONG)io.message.thread.more);
    if (!status && io.reply_size)
        status = user_write(buffer, data, io.reply_size);
    return status;
}

NTSTATUS remote_thread_set(struct thread_object *object, uint32_t class, const void *data, ULONG size)
{
    struct peer_io io = { .message = { .data_size = size, .thread.value = class }, .data = data };
    NTSTATUS status = call(object, PEER_THREAD_SET, &io);

    if (is_gone(status) && class == ThreadBasePriority)
        return STATUS_SUCCESS;          /* what has ended has one too: kernel32:loader test_ExitProcess */
    return is_gone(status) ? STATUS_THREAD_IS_TERMINATING : status;
}
