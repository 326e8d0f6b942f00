/* A connection of a pipe, as one process sees it: its queues, and how the other end is told of changes.
 *
 * Ends in one process try each other's operations directly. As soon as one leaves the process the link is shared: an eventfd
 * that all processes with an end have is rung when something has changed and somebody sleeps, and a pair of sockets, one for
 * each end, over which nothing is ever sent: the kernel says when all processes that had the other end have closed it or
 * have ended. The eventfd is never read, only waited for with EPOLLET, so that one process cannot take the ring from another.
 *
 * To sleep: set `sleepers`, look once more, sleep. To wake: change, exchange `sleepers` for 0, ring if it was set.
 */
#pragma once

#include "io/pipe_queue.h"

struct pipe_link
{
    unsigned int refs;                  /* atomic */
    struct pipe_queues *queues;
    int  memfd;
    int  bell;                          /* -1: nobody else has an end; set once */
    uint64_t changes;                   /* atomic: reads and writes of this process that moved something */
};

/* NULL: no memory. */
struct pipe_link *pipe_link_create(uint32_t inbound_quota, uint32_t outbound_quota);
struct pipe_link *pipe_link_ref(struct pipe_link *link);
void              pipe_link_unref(struct pipe_link *link);      /* NULL is allowed */

/* It is going to be used by others; sockets: one for each end, if it was not shared yet (else -1). */
bool pipe_link_share(struct pipe_link *link, int sockets[2]);

/* One that another process shared. Takes both fds, also on failure. NULL: they are not what they should be. */
struct pipe_link *pipe_link_import(int memfd, int bell);

bool pipe_link_is_shared(const struct pipe_link *link);
void pipe_link_expect_ring(struct pipe_link *link);     /* somebody here is going to sleep */
void pipe_link_ring(struct pipe_link *link);
