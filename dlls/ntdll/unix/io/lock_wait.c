/* Waiting for a byte range that somebody else has locked. */
#include <linux/futex.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <time.h>
#include <unistd.h>

#include "io/async.h"
#include "io/lock.h"
#include "ps/thread.h"

/* Locks of other processes go without a word to us: look again after this long. */
#define LOCK_RETRY_NS 5000000

static NTSTATUS wait_for_lock(struct io *io, const struct byte_range *range)
{
    static const struct timespec retry = { 0, LOCK_RETRY_NS };

    for (;;)
    {
        uint32_t sequence = __atomic_load_n(&lock_sequence, __ATOMIC_SEQ_CST);
        NTSTATUS status = lock_take(io->file, range);

        if (status != STATUS_LOCK_NOT_GRANTED) return status;
        if ((status = thread_check_alert(false))) return status;
        syscall(SYS_futex, &lock_sequence, FUTEX_WAIT_PRIVATE, sequence, &retry, NULL, 0);
    }
}

/* An overlapped lock that has to wait: the epoll thread tries again at the ticks of a timer. */
struct lock_state
{
    struct byte_range range;
    int timer;
};

static NTSTATUS attempt_lock(struct io *io)
{
    const struct lock_state *state = io->state;
    uint64_t ticks;
    NTSTATUS status;

    if (read(state->timer, &ticks, sizeof(ticks)) < 0) return STATUS_PENDING;
    status = lock_take(io->file, &state->range);
    return status == STATUS_LOCK_NOT_GRANTED ? STATUS_PENDING : status;
}

static void lock_done(struct io *io)
{
    close(((struct lock_state *)io->state)->timer);
}

static NTSTATUS queue_lock(struct io *io, const struct byte_range *range)
{
    static const struct itimerspec ticks = { { 0, LOCK_RETRY_NS }, { 0, LOCK_RETRY_NS } };
    struct lock_state *state;
    NTSTATUS status = lock_take(io->file, range);

    if (status != STATUS_LOCK_NOT_GRANTED) return status;
    if (!(state = malloc(sizeof(*state)))) return STATUS_NO_MEMORY;
    state->range = *range;
    if ((state->timer = timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC | TFD_NONBLOCK)) < 0)
    {
        free(state);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    timerfd_settime(state->timer, 0, &ticks, NULL);
    io->state = state;
    io->drop_state = lock_done;
    io->fd = state->timer;
    io->events = POLLIN;
    io->attempt = attempt_lock;
    return io_run(io);
}

NTSTATUS lock_wait(struct io *io, const struct byte_range *range)
{
    return file_is_synchronous(io->file) ? wait_for_lock(io, range) : queue_lock(io, range);
}
