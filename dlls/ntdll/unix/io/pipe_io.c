/* Reading, writing and flushing pipes. What waits, waits in file.pending for the other end to try it (pipe_wake()). */
#include <fcntl.h>
#include <poll.h>
#include <time.h>
#include <unistd.h>

#include "io/ntfile.h"
#include "io/pipe.h"
#include "ps/thread.h"

/* Which queue an end reads from. */
static int inbound(const struct pipe_end *end)
{
    return end->server ? 0 : 1;
}

static int outbound(const struct pipe_end *end)
{
    return end->server ? 1 : 0;
}

static bool no_wait(const struct pipe_end *end)
{
    return __atomic_load_n(&end->completion_mode, __ATOMIC_RELAXED) == FILE_PIPE_COMPLETE_OPERATION;
}

/* What reading or writing says at an end that is not connected. On success *link is a reference. */
static NTSTATUS connected_link(struct pipe_end *end, struct pipe_link **link)
{
    NTSTATUS status = STATUS_SUCCESS;

    pthread_mutex_lock(&end->link_lock);
    switch (pipe_end_state_locked(end))
    {
    case FILE_PIPE_CONNECTED_STATE: *link = pipe_link_ref(end->link); break;
    case FILE_PIPE_LISTENING_STATE: status = STATUS_PIPE_LISTENING; break;
    default:                        status = STATUS_PIPE_DISCONNECTED;
    }
    pthread_mutex_unlock(&end->link_lock);
    return status;
}

/* ---- telling the other end ---------------------------------------------------------------------------------------- */

static struct file *peer_file(struct pipe_end *end)
{
    struct file *peer = NULL;

    pthread_mutex_lock(&pipe_lock);
    if (end->peer) peer = object_ref(end->peer->file);
    pthread_mutex_unlock(&pipe_lock);
    return peer;
}

static void note_change(struct pipe_link *link)
{
    __atomic_add_fetch(&link->changes, 1, __ATOMIC_RELAXED);
}

/* Returns whether that has changed anything. */
static bool kick_both(struct pipe_end *end, struct pipe_link *link)
{
    struct file *peer = peer_file(end);
    uint64_t before = __atomic_load_n(&link->changes, __ATOMIC_RELAXED), seen;

    do                                  /* what one end does may let the other go on */
    {
        seen = __atomic_load_n(&link->changes, __ATOMIC_RELAXED);
        if (peer) io_kick(peer, -1);
        io_kick(end->file, -1);
    } while (__atomic_load_n(&link->changes, __ATOMIC_RELAXED) != seen);
    if (peer) object_unref((struct object *)peer);
    return seen != before;
}

void pipe_wake(struct pipe_end *end, struct pipe_link *link)
{
    kick_both(end, link);
    pipe_link_ring(link);
}

/* Somebody rang, or the last process with the other end has let go of it. On the epoll thread. */
static void pipe_woken(struct file *file)
{
    struct pipe_link *link;

    if (connected_link(file->pipe, &link))
    {
        io_kick(file, -1);              /* to find out that it has been disconnected */
        return;
    }
    pthread_mutex_lock(&file->lock);            /* whoever is about to sleep is queued then, or has not looked yet */
    if (file->pending) pipe_link_expect_ring(link);
    pthread_mutex_unlock(&file->lock);
    if (kick_both(file->pipe, link)) pipe_link_ring(link);
    pipe_link_unref(link);
}

static void unwatch_locked(struct pipe_end *end)
{
    if (!end->watched) return;
    end->watched = false;
    io_watch_file_end(end->file);
    if (end->bell >= 0) close(end->bell);
    end->bell = -1;
}

bool pipe_watch_locked(struct pipe_end *end, struct pipe_link *link)
{
    struct file *file = end->file;

    if (!pipe_link_is_shared(link) || end->watched) return true;
    end->watched = true;
    if ((end->bell = fcntl(link->bell, F_DUPFD_CLOEXEC, 3)) >= 0 && io_watch_file(file, end->bell, pipe_woken) &&
        io_watch_file(file, file->fd, pipe_woken)) return true;
    unwatch_locked(end);
    return false;
}

void pipe_unwatch(struct pipe_end *end)
{
    pthread_mutex_lock(&end->file->lock);
    unwatch_locked(end);
    pthread_mutex_unlock(&end->file->lock);
}

/* Under file.lock: what is queued is seen by whoever wakes from now on, or disconnects. Who disconnected before that has found
 * nothing to end. */
static NTSTATUS prepare_sleep(struct io *io, struct pipe_link *link)
{
    struct pipe_link *now;
    NTSTATUS status;

    if (pipe_link_is_shared(link))
    {
        if (!pipe_watch_locked(io->file->pipe, link)) return STATUS_INSUFFICIENT_RESOURCES;
        pipe_link_expect_ring(link);
    }
    if ((status = connected_link(io->file->pipe, &now))) return status;
    pipe_link_unref(now);
    return now == link ? STATUS_SUCCESS : STATUS_PIPE_DISCONNECTED;
}

/* Under the lock of the queues. The dead do not ring; orphans are other processes', so whoever waits for room listens. */
static void drop_orphans(struct pipe_end *end, struct pipe_link *link)
{
    if (pipe_queue_drop_orphans(link->queues, inbound(end))) pipe_link_ring(link);
}

/* ---- reading ------------------------------------------------------------------------------------------------------------ */

/* The whole buffer counts as written when a request is accepted, and after that what is read (specification 17): so the
 * first attempt touches all of it, later ones only what the bytes that are there will fill. */
static NTSTATUS probe_buffer(struct io *io, const struct pipe_link *link)
{
    size_t room = io->length - io->done;
    uint64_t available = link->queues->queue[inbound(io->file->pipe)].unread;

    if (io->accepted && available < room) room = available;
    io->accepted = true;
    return user_probe_for_write((char *)io->buffer + io->done, room);
}

static NTSTATUS read_linked(struct io *io, struct pipe_link *link)
{
    struct pipe_end *end = io->file->pipe;
    bool by_message = __atomic_load_n(&end->read_mode, __ATOMIC_RELAXED) == FILE_PIPE_MESSAGE_MODE;
    bool gone = pipe_peer_is_gone(end);         /* before looking: what it wrote before that is there */
    struct pipe_taken taken;
    NTSTATUS status;

    if ((status = probe_buffer(io, link))) return status;
    if (!pipe_lock_queues(link->queues)) return STATUS_PIPE_BROKEN;
    drop_orphans(end, link);
    taken = pipe_queue_take(link->queues, inbound(end), (char *)io->buffer + io->done, io->length - io->done, by_message, true);
    pipe_unlock_queues(link->queues);
    if (taken.fault) return STATUS_ACCESS_VIOLATION;
    if (taken.any) note_change(link);
    io->done += taken.size;
    io->information = io->done;
    if (!taken.any && !gone) return STATUS_PENDING;
    if (!taken.any) return io->done ? STATUS_SUCCESS : STATUS_PIPE_BROKEN;     /* it died in the middle of a message */
    if (!by_message || !taken.left) return STATUS_SUCCESS;
    return io->done == io->length ? STATUS_BUFFER_OVERFLOW : STATUS_PENDING;
}

static NTSTATUS attempt_read(struct io *io)
{
    struct pipe_link *link;
    NTSTATUS status = connected_link(io->file->pipe, &link);

    if (status) return status;
    status = read_linked(io, link);
    pipe_link_unref(link);
    return status;
}

static bool reads_wait(const struct file *file)
{
    for (const struct io *io = file->pending; io; io = io->next)
        if (io->events & POLLIN) return true;
    return false;
}

NTSTATUS pipe_read(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    struct pipe_link *link;
    size_t done;
    NTSTATUS status = connected_link(end, &link);

    if (status) return status;
    io->fd = -1;
    io->attempt = attempt_read;
    io->events = POLLIN;
    do
    {
        done = io->done;
        pthread_mutex_lock(&io->file->lock);
        status = reads_wait(io->file) ? STATUS_PENDING : read_linked(io, link);
        if (status == STATUS_PENDING && no_wait(end)) status = STATUS_PIPE_EMPTY;
        if (status == STATUS_PENDING && done == io->done && !(status = prepare_sleep(io, link)))
        {
            status = reads_wait(io->file) ? STATUS_PENDING : read_linked(io, link);
            if (status == STATUS_PENDING && done == io->done)
            {
                status = io_park(io);
                pipe_link_unref(link);
                return status;
            }
        }
        pthread_mutex_unlock(&io->file->lock);
        if (done != io->done || !status) pipe_wake(end, link);  /* there is room now */
    } while (status == STATUS_PENDING);         /* of a message that is larger than the ring, a piece */
    pipe_link_unref(link);
    return status;
}

/* ---- writing -------------------------------------------------------------------------------------------------------------- */

/* Of a write, io->offset is where its last entry lies, and io->key whether it has one. Not more than one write at a time may
 * have put in a part only. */
static NTSTATUS put_linked(struct io *io, struct pipe_link *link)
{
    struct pipe_end *end = io->file->pipe;
    bool messages = end->name->type == FILE_PIPE_TYPE_MESSAGE, kept = io->code == FSCTL_PIPE_TRANSCEIVE || !io->length;

    while (!io->key || io->done < io->length)
    {
        int64_t size;

        if (!io->key && end->partial) return STATUS_PENDING;
        size = pipe_queue_put(link->queues, outbound(end), (const char *)io->buffer + io->done, io->length - io->done, messages,
                              kept, &io->offset);
        if (size == PIPE_FAULT) return STATUS_ACCESS_VIOLATION;
        if (size == PIPE_NO_ROOM) return STATUS_PENDING;
        note_change(link);
        io->done += size;
        io->key = 1;
        end->partial = io->done < io->length;
    }
    return STATUS_SUCCESS;
}

static NTSTATUS write_linked(struct io *io, struct pipe_link *link)
{
    struct pipe_end *end = io->file->pipe;
    bool begun = io->key, gone = pipe_peer_is_gone(end);
    NTSTATUS status = STATUS_SUCCESS;

    if (!begun && gone) return STATUS_PIPE_CLOSING;
    if (io->done < io->length && (status = user_probe_for_read((const char *)io->buffer + io->done, io->length - io->done)))
        return status;
    if (!pipe_lock_queues(link->queues)) return STATUS_PIPE_BROKEN;
    if (!gone) status = put_linked(io, link);
    else if (io->done < io->length) status = STATUS_PIPE_BROKEN;
    if (!status && io->length && !pipe_queue_is_over(link->queues, outbound(end), io->offset))
    {
        status = gone ? STATUS_PIPE_BROKEN : STATUS_PENDING;
        io->settled = true;             /* writes end in the order of their bytes */
    }
    pipe_unlock_queues(link->queues);
    if (!status) io->information = io->length;
    return status;
}

static NTSTATUS attempt_write(struct io *io)
{
    struct pipe_link *link;
    NTSTATUS status = connected_link(io->file->pipe, &link);

    if (status) return status;
    status = write_linked(io, link);
    pipe_link_unref(link);
    return status;
}

/* It ends without being over: what has not been read of it vanishes. */
static void withdraw_write(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    struct pipe_link *link;

    if (!io->key) return;
    pthread_mutex_lock(&end->link_lock);
    link = end->link ? pipe_link_ref(end->link) : NULL;
    pthread_mutex_unlock(&end->link_lock);
    if (link && pipe_lock_queues(link->queues))
    {
        pipe_queue_withdraw(link->queues, outbound(end), io->offset);
        if (io->done < io->length)      /* the message ends here, lest the next one go on where it stopped */
        {
            uint64_t at;

            if (end->name->type == FILE_PIPE_TYPE_MESSAGE) pipe_queue_put(link->queues, outbound(end), "", 0, true, true, &at);
            end->partial = false;
        }
        note_change(link);
        pipe_unlock_queues(link->queues);
        pipe_link_ring(link);
    }
    pipe_link_unref(link);
}

/* What reads that wait at the other end will take; of another process's nothing is known. */
static uint64_t wanted_by_peer(struct pipe_end *end)
{
    struct file *peer = peer_file(end);
    uint64_t wanted = 0;

    if (!peer) return 0;
    pthread_mutex_lock(&peer->lock);
    for (const struct io *io = peer->pending; io; io = io->next)
        if (io->events & POLLIN) wanted += io->length - io->done;
    pthread_mutex_unlock(&peer->lock);
    object_unref((struct object *)peer);
    return wanted;
}

/* PIPE_NOWAIT: all, if what waiting reads take and the quota holds is enough. Otherwise, of bytes, what the reads take, and of
 * a message nothing (kernel32:pipe, test_nowait). */
static NTSTATUS write_without_waiting(struct io *io, struct pipe_link *link)
{
    struct pipe_end *end = io->file->pipe;
    const struct pipe_queue *queue = &link->queues->queue[outbound(end)];
    bool messages = end->name->type == FILE_PIPE_TYPE_MESSAGE;
    NTSTATUS status = STATUS_SUCCESS;
    uint64_t unread, room, wanted = wanted_by_peer(end);
    uint32_t quota = outbound(end) ? end->name->outbound_quota : end->name->inbound_quota;

    if (pipe_peer_is_gone(end)) return STATUS_PIPE_CLOSING;
    if ((status = user_probe_for_read(io->buffer, io->length))) return status;
    if (!pipe_lock_queues(link->queues)) return STATUS_PIPE_BROKEN;
    unread = queue->unread;
    room = (unread < quota ? quota - unread : 0) + wanted;
    if (io->length > room && !messages) io->length = wanted;
    if (io->length <= room && (io->length || messages))
    {
        status = put_linked(io, link);
        if (status == STATUS_PENDING) status = STATUS_SUCCESS;
        end->partial = false;
    }
    pipe_unlock_queues(link->queues);
    io->information = io->done;
    return status;
}

/* All of it has been read, or fits the quota: whatever became of the connection after that. */
static bool write_is_over(const struct io *io, struct pipe_link *link)
{
    bool over;

    if (!io->key || io->done < io->length || !pipe_lock_queues(link->queues)) return false;
    over = pipe_queue_is_over(link->queues, outbound(io->file->pipe), io->offset);
    pipe_unlock_queues(link->queues);
    return over;
}

static NTSTATUS write_or_park(struct io *io, struct pipe_link *link)
{
    for (;;)
    {
        size_t done;
        NTSTATUS status = write_linked(io, link);

        pipe_wake(io->file->pipe, link);        /* as on Windows, a reader's operation has ended when the write returns */
        if (status != STATUS_PENDING) return status;
        pthread_mutex_lock(&io->file->lock);
        done = io->done;
        if (!(status = prepare_sleep(io, link)) && (status = write_linked(io, link)) == STATUS_PENDING && done == io->done)
            return io_park(io);
        pthread_mutex_unlock(&io->file->lock);
        if (status == STATUS_PENDING) continue; /* a further piece is in: let it be read */
        if (status && write_is_over(io, link))  /* who read it has disconnected since */
        {
            io->information = io->length;
            status = STATUS_SUCCESS;
        }
        pipe_wake(io->file->pipe, link);
        return status;
    }
}

NTSTATUS pipe_write(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    struct pipe_link *link;
    NTSTATUS status = connected_link(end, &link);

    if (status) return status;
    io->fd = -1;
    io->key = 0;
    io->attempt = attempt_write;
    io->withdraw = withdraw_write;
    io->events = POLLOUT;
    io->unordered = true;
    pipe_note_writer(end);
    if (!io->length && end->name->type != FILE_PIPE_TYPE_MESSAGE)
        status = pipe_peer_is_gone(end) ? STATUS_PIPE_CLOSING : STATUS_SUCCESS;
    else if (no_wait(end))
    {
        status = write_without_waiting(io, link);
        pipe_wake(end, link);
    }
    else status = write_or_park(io, link);
    pipe_link_unref(link);
    return status;
}

/* Returns when the other end has read everything. */
NTSTATUS pipe_flush(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    struct timespec pause = { 0, 50000 };
    struct pipe_link *link;
    NTSTATUS status;

    if (pipe_is_cut_off(end)) return STATUS_PIPE_DISCONNECTED;
    if (connected_link(end, &link)) return STATUS_SUCCESS;
    for (bool first = true; ; first = false)
    {
        bool gone = pipe_peer_is_gone(end), empty;

        if (!pipe_lock_queues(link->queues)) status = STATUS_PIPE_BROKEN;
        else
        {
            empty = !link->queues->queue[outbound(end)].unread && !link->queues->queue[outbound(end)].entries;
            pipe_unlock_queues(link->queues);
            if (pipe_end_state(end) != FILE_PIPE_CONNECTED_STATE) status = STATUS_PIPE_DISCONNECTED;
            else if (empty) status = STATUS_SUCCESS;
            else if (gone) status = first ? STATUS_SUCCESS : STATUS_PIPE_BROKEN;
            else status = STATUS_PENDING;
        }
        if (status != STATUS_PENDING || (status = thread_check_alert(false))) break;
        nanosleep(&pause, NULL);
        if (pause.tv_nsec < 5000000) pause.tv_nsec *= 2;
    }
    pipe_link_unref(link);
    return status;
}

/* ---- peeking and transactions ---------------------------------------------------------------------------------------------- */

size_t pipe_readable(struct pipe_end *end)
{
    struct pipe_link *link;
    size_t size = 0;

    if (connected_link(end, &link)) return 0;
    if (pipe_lock_queues(link->queues))
    {
        drop_orphans(end, link);
        size = link->queues->queue[inbound(end)].unread;
        pipe_unlock_queues(link->queues);
    }
    pipe_link_unref(link);
    return size;
}

size_t pipe_unread_by_peer(struct pipe_end *end)
{
    struct pipe_link *link;
    size_t size = 0;

    if (connected_link(end, &link)) return 0;
    if (pipe_lock_queues(link->queues))
    {
        size = link->queues->queue[outbound(end)].unread;
        pipe_unlock_queues(link->queues);
    }
    pipe_link_unref(link);
    return size;
}

static NTSTATUS peek_linked(struct io *io, struct pipe_link *link)
{
    struct pipe_end *end = io->file->pipe;
    const size_t fixed = offsetof(FILE_PIPE_PEEK_BUFFER, Data);
    bool messages = end->name->type == FILE_PIPE_TYPE_MESSAGE, gone = pipe_peer_is_gone(end);
    FILE_PIPE_PEEK_BUFFER info = { 0 };
    struct pipe_taken taken;
    NTSTATUS status;

    if ((status = user_probe_for_write(io->buffer, io->length))) return status;
    if (!pipe_lock_queues(link->queues)) return STATUS_PIPE_BROKEN;
    drop_orphans(end, link);
    info.NamedPipeState = gone ? FILE_PIPE_CLOSING_STATE : FILE_PIPE_CONNECTED_STATE;
    info.ReadDataAvailable = (ULONG)link->queues->queue[inbound(end)].unread;
    if (messages)
    {
        info.NumberOfMessages = link->queues->queue[inbound(end)].entries;
        info.MessageLength = (ULONG)pipe_queue_first(link->queues, inbound(end));
    }
    taken = pipe_queue_take(link->queues, inbound(end), (char *)io->buffer + fixed, io->length - fixed, messages, false);
    pipe_unlock_queues(link->queues);
    if (taken.fault) return STATUS_ACCESS_VIOLATION;
    if (gone && !taken.any) return STATUS_PIPE_BROKEN;
    if ((status = user_write(io->buffer, &info, fixed))) return status;
    io->information = fixed + taken.size;
    return info.MessageLength > taken.size ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

NTSTATUS pipe_peek(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    struct pipe_link *link;
    NTSTATUS status;

    if (io->length < offsetof(FILE_PIPE_PEEK_BUFFER, Data)) return STATUS_INFO_LENGTH_MISMATCH;
    if (!(io->file->access & FILE_READ_DATA)) return STATUS_ACCESS_DENIED;
    if ((status = connected_link(end, &link)))
        return status == STATUS_PIPE_LISTENING || end->server ? STATUS_INVALID_PIPE_STATE : STATUS_PIPE_DISCONNECTED;
    status = peek_linked(io, link);
    pipe_link_unref(link);
    return status;
}

/* A message out, which stays whatever becomes of the operation, and a message in, which is what the caller waits for. */
NTSTATUS pipe_transceive(struct io *io)
{
    struct pipe_end *end = io->file->pipe;
    struct io request;
    struct pipe_link *link;
    NTSTATUS status;

    if ((status = connected_link(end, &link)))
        return status == STATUS_PIPE_LISTENING || end->server ? STATUS_INVALID_PIPE_STATE : STATUS_PIPE_DISCONNECTED;
    if (pipe_peer_is_gone(end)) status = STATUS_INVALID_PIPE_STATE;
    else if (!(io->file->access & FILE_READ_DATA) || !(io->file->access & FILE_WRITE_DATA)) status = STATUS_ACCESS_DENIED;
    else if (end->name->type != FILE_PIPE_TYPE_MESSAGE || end->read_mode != FILE_PIPE_MESSAGE_MODE)
        status = STATUS_INVALID_PIPE_STATE;
    else if (link->queues->queue[inbound(end)].entries) status = STATUS_PIPE_BUSY;
    if (!status)
    {
        request = *io;
        request.buffer = (void *)io->in;
        request.length = io->in_length;
        request.done = 0;
        request.key = 0;
        pipe_note_writer(end);
        for (;;)
        {
            static const struct timespec pause = { 0, 1000000 };

            status = user_probe_for_read(request.buffer, request.length);
            if (!status && !pipe_lock_queues(link->queues)) status = STATUS_PIPE_BROKEN;
            if (!status)
            {
                status = pipe_peer_is_gone(end) ? STATUS_PIPE_BROKEN : put_linked(&request, link);
                pipe_unlock_queues(link->queues);
            }
            pipe_wake(end, link);
            /* Only what is larger than the ring waits here. */
            if (status != STATUS_PENDING || (status = thread_check_alert(false))) break;
            nanosleep(&pause, NULL);
        }
    }
    pipe_link_unref(link);
    return status ? status : pipe_read(io);
}
