/* From a pipe of ours to one of the host, or back. One thread serves them all, so nothing here waits. */
#include <errno.h>
#include <poll.h>
#include <unistd.h>
#include "io/pipe_link.h"
#include "ps/native.h"

#define ROUNDS 16                       /* then it is the others' turn */

static bool is_gone(int fd)
{
    struct pollfd ends = { .fd = fd };

    return poll(&ends, 1, 0) > 0 && (ends.revents & (POLLHUP | POLLERR | POLLNVAL));
}

void native_pump_end(struct native_pump *pump)
{
    if (!pump->link)
        return;
    close(pump->fd);
    close(pump->alive);
    pipe_link_unref(pump->link);
    pump->link = NULL;
    pump->drain = 0;
}

/* ---- to the program ----------------------------------------------------------------------------------------- */

/* Fills the empty buffer. False: there is nothing now, or nothing will come any more and the pump has ended. */
static bool fill(struct native_pump *pump)
{
    struct pipe_queues *queues = pump->link->queues;
    int inbound = pump->is_server ? 0 : 1, tries;
    struct pipe_taken taken;

    for (tries = 0; tries < 2; tries++)
    {
        bool gone = is_gone(pump->alive);       /* before looking: what was written before that is there */

        if (tries)
            pipe_link_expect_ring(pump->link);
        if (!pipe_lock_queues(queues))
            break;
        gone |= queues->disconnected != 0;
        if (pipe_queue_drop_orphans(queues, inbound))
            pipe_link_ring(pump->link);
        taken = pipe_queue_take(queues, inbound, pump->buffer, sizeof(pump->buffer), false, true);
        pipe_unlock_queues(queues);
        if (taken.any)
            pipe_link_ring(pump->link);         /* there is room now */
        pump->start = 0;
        if ((pump->end = taken.size))
            return true;
        if (gone)
            break;
        if (taken.any)
            tries = -1;                         /* an empty message: nothing that the program could be told */
        else if (tries)
            return false;
    }
    native_pump_end(pump);
    return false;
}

static void run_input(struct native_pump *pump)
{
    for (int round = 0; pump->link; round++)
    {
        ssize_t n;

        if ((pump->again = round == ROUNDS))
            return;
        pump->waits_for_fd = false;
        if (is_gone(pump->fd))                  /* nobody reads: who writes shall hear of it */
        {
            native_pump_end(pump);
            return;
        }
        if (pump->start == pump->end && !fill(pump))
            return;
        n = write(pump->fd, pump->buffer + pump->start, pump->end - pump->start);
        if (n >= 0)
            pump->start += (size_t)n;
        else if (errno == EAGAIN)
        {
            pump->waits_for_fd = true;
            return;
        }
        else if (errno != EINTR)
            native_pump_end(pump);
    }
}

/* ---- from the program ------------------------------------------------------------------------------------------- */

/* Puts in what is in the buffer. False: there is no room now, or nobody reads any more and the pump has ended. */
static bool empty(struct native_pump *pump)
{
    struct pipe_queues *queues = pump->link->queues;
    int outbound = pump->is_server ? 1 : 0, tries;

    for (tries = 0; tries < 2; tries++)
    {
        bool is_over = true, moved = false;
        int64_t size = 0;

        if (tries)
            pipe_link_expect_ring(pump->link);
        if (!pipe_lock_queues(queues))
            break;
        if (queues->disconnected)
        {
            pipe_unlock_queues(queues);
            break;
        }
        /* What is read is what waits: like a writer of ours, unless it is the rest of one that has ended. */
        if (pump->has_put && !pump->drain)
            is_over = pipe_queue_is_over(queues, outbound, pump->last);
        while (is_over && pump->start < pump->end &&
               (size = pipe_queue_put(queues, outbound, pump->buffer + pump->start, pump->end - pump->start,
                                      pump->has_messages, true, &pump->last)) > 0)
        {
            pump->start += (size_t)size;
            pump->drain -= size < pump->drain ? size : pump->drain;
            pump->has_put = moved = true;
        }
        pipe_unlock_queues(queues);
        if (moved)
            pipe_link_ring(pump->link);
        if (is_over && pump->start == pump->end)
            return true;
        if (tries)
            return false;
    }
    native_pump_end(pump);
    return false;
}

static void run_output(struct native_pump *pump)
{
    for (int round = 0; pump->link; round++)
    {
        ssize_t n;

        if ((pump->again = round == ROUNDS))
            return;
        pump->waits_for_fd = false;
        if (is_gone(pump->alive))               /* nobody reads: the program gets SIGPIPE */
        {
            native_pump_end(pump);
            return;
        }
        if (!empty(pump))
            return;
        n = read(pump->fd, pump->buffer, sizeof(pump->buffer));
        pump->start = 0;
        pump->end = n > 0 ? (size_t)n : 0;
        if (n < 0 && errno == EAGAIN)
        {
            pump->waits_for_fd = true;
            pump->drain = 0;
            return;
        }
        if (!n || (n < 0 && errno != EINTR))
            native_pump_end(pump);
    }
}

void native_pump_run(struct native_pump *pump)
{
    if (pump->output)
        run_output(pump);
    else
        run_input(pump);
}
