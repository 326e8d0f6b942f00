/* Asking other processes. */
#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>
#include "ps/exception.h"
#include "ps/peer.h"
#include "ps/process_object.h"
#include "ps/thread.h"

#define ANSWERING_PATIENCE_MS 5000      /* two control threads may ask each other, and one that is asked may be stopped */

__thread bool peer_is_answering;

static bool peer_answers(const struct process_object *process)
{
    return __atomic_load_n(&process->block->answers, __ATOMIC_ACQUIRE);
}

/* A process that has not come so far yet has no handler. */
void peer_knock(struct process_object *process)
{
    if (!peer_answers(process) && __atomic_load_n(&process->block->state, __ATOMIC_ACQUIRE) != PROCESS_STARTING)
        syscall(SYS_pidfd_send_signal, process->pidfd, SIGNAL_STOP, NULL, 0);
}

bool peer_asker_is_to_end(void)
{
    return current_thread() && thread_check_alert(false);
}

static NTSTATUS lock_control(struct process_object *process)
{
    int seconds = peer_is_answering ? ANSWERING_PATIENCE_MS / 1000 : INT_MAX;
    struct timespec until;

    if (!pthread_mutex_trylock(&process->control_lock))
        return STATUS_SUCCESS;
    clock_gettime(CLOCK_MONOTONIC, &until);
    while (seconds--)
    {
        until.tv_sec++;
        if (!pthread_mutex_clocklock(&process->control_lock, CLOCK_MONOTONIC, &until))
            return STATUS_SUCCESS;
        if (peer_asker_is_to_end())
            return STATUS_THREAD_IS_TERMINATING;
    }
    return STATUS_IO_TIMEOUT;
}

static int64_t now_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000) + now.tv_nsec / 1000000;
}

/* The other end of the connection goes with the process; if ever somebody else keeps it open for a moment, its pidfd says
 * so. PEER_NOTHING: it has not answered in time. Waiting for the reply alone is one call to the host less than waiting for either. */
static enum peer_received wait_reply(struct process_object *process, struct peer_io *io)
{
    struct pollfd fds[2] = { { .fd = process->control, .events = POLLIN }, { .fd = process->pidfd, .events = POLLIN } };
    enum peer_received result;
    int64_t until = peer_is_answering ? now_ms() + ANSWERING_PATIENCE_MS : INT64_MAX;
    int patience = 1;
    bool ended = false;

    if (peer_answers(process))
    {
        for (spin_start(&process->control_spin, SPIN_REPLY_NS); spin_on(&process->control_spin);)
        {
            result = peer_receive(process->control, false, &io->message, io->reply, io->reply_room, io->reply_fds,
                                  &io->reply_fd_count);
            if (result != PEER_NOTHING)
                return result;
        }
    }
    for (;;)
    {
        if (!ended && !peer_answers(process))
        {
            peer_knock(process);
            if (poll(fds, 2, patience) < 0 && errno != EINTR)
                return PEER_CLOSED;
            if (patience < 64)
                patience *= 2;
        }
        result = peer_receive(process->control, !ended && peer_answers(process), &io->message, io->reply, io->reply_room,
                              io->reply_fds, &io->reply_fd_count);
        if (result != PEER_NOTHING)
            return result;
        if (ended)                      /* what it said before that counted */
            return PEER_CLOSED;
        fds[1].revents = 0;
        ended = poll(&fds[1], 1, 0) > 0;
        if (!ended && ((until != INT64_MAX && now_ms() >= until) || peer_asker_is_to_end()))
            return PEER_NOTHING;
    }
}

static bool set_time_limit(struct process_object *process)
{
    static const struct timeval look_up = { .tv_sec = 1 };

    if (!process->control_timed)
        process->control_timed = !setsockopt(process->control, SOL_SOCKET, SO_RCVTIMEO, &look_up, sizeof(look_up));
    return process->control_timed;
}

static void close_fds(const int *fds, unsigned int *count)
{
    while (*count)
        close(fds[--*count]);
}

NTSTATUS peer_call(struct process_object *process, enum peer_operation operation, struct peer_io *io)
{
    NTSTATUS status = STATUS_SUCCESS;

    io->message.operation = operation;
    io->message.status = 0;
    io->reply_fd_count = io->reply_size = 0;
    if ((status = lock_control(process)))
        return status;
    if (process->control < 0 && (status = process_connect_locked(process)))
        ;
    else if (!set_time_limit(process) || !peer_send(process->control, &io->message, io->data, io->fds, io->fd_count, true))
        status = STATUS_PROCESS_IS_TERMINATING;
    else switch (wait_reply(process, io))
    {
    case PEER_RECEIVED:
        if (io->message.operation == (uint32_t)operation && io->reply_fd_count <= io->reply_fds_max)
            break;
        /* fall through */
    case PEER_GARBAGE:
        status = STATUS_REPLY_MESSAGE_MISMATCH;
        break;
    case PEER_NOTHING:
        status = peer_asker_is_to_end() ? STATUS_THREAD_IS_TERMINATING : STATUS_IO_TIMEOUT;
        break;
    default:
        status = STATUS_PROCESS_IS_TERMINATING;
        break;
    }
    if (status && process->control >= 0)        /* no telling what would come next on this connection */
    {
        close(process->control);
        process->control = -1;
        process->control_timed = false;
    }
    else if (!status)
    {
        io->reply_size = io->message.data_size;
        status = io->message.status;
    }
    pthread_mutex_unlock(&process->control_lock);
    if (status)                         /* nobody looks for files beside a refusal, or beside the end */
        close_fds(io->reply_fds, &io->reply_fd_count);
    return status;
}
