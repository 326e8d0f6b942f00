/* What lies between the two ends of a pipe: for each direction a queue of what was written and not yet read.
 *
 * A socket cannot do what NPFS does: a write is readable as a whole at once, however large, but is not over until what is
 * unread up to its end fits the quota; until then it can be cancelled, and what is left of it vanishes, as it does when its
 * process is killed (kernel32:pipe, test_blocking_rw). So the data lies in memory that all processes with an end share, a
 * memfd; only who has ended, and waking, is the kernel's (pipe_link.h).
 *
 * A queue is a ring of entries, one a write: 16 bytes of header, the data, padding to 16. head, tail and pending are positions
 * that only grow. From pending on lie the writes that are not over. A holder of the lock who is killed leaves it taken and
 * `busy` set: whoever waits finds that the process is gone, takes the lock and counts again from the entries; each change
 * becomes valid with one store. The memory is shared with processes that may write anything into it: every value is checked
 * before it is used, and a queue that makes no sense is a broken pipe.
 */
#pragma once

#include "nt/nt.h"

#define PIPE_RING (1u << 20)            /* bytes of entries a direction; a write that is larger goes in piece by piece */
#define PIPE_QUEUES_SIZE (4096 + 2 * (size_t)PIPE_RING)

struct pipe_queue
{
    uint64_t head, tail;
    uint64_t pending;
    uint64_t unread;                    /* bytes, dead entries left out */
    uint64_t over;                      /* of them, in writes that are not over */
    uint32_t entries;                   /* messages that can be read, also empty ones */
    uint32_t quota;
};

struct pipe_queues                      /* in shared memory; the rings follow at 4096 */
{
    uint64_t lock;                      /* the process that holds it, and above that when it was started, for ids are used
                                         * again; bit 31: somebody waits (futex) */
    uint32_t busy;
    uint32_t broken;
    uint32_t disconnected;              /* by the server */
    uint32_t sleepers;                  /* somebody waits for a change, see pipe_link.h */
    struct pipe_queue queue[2];         /* [0]: towards the server */
};

void pipe_queues_init(struct pipe_queues *queues, uint32_t inbound_quota, uint32_t outbound_quota);

/* False: it has been broken, or whoever holds it is stopped. */
bool pipe_lock_queues(struct pipe_queues *queues);
void pipe_unlock_queues(struct pipe_queues *queues);

/* All below under the lock; queue is the index. */

/* Puts in what there is room for, as one entry; returns how much that was, -1: no room, -2: data could not be read. more: the
 * message goes on in the next entry. kept: it is not withdrawn when its process ends. *at: where it lies. */
#define PIPE_NO_ROOM (-1)
#define PIPE_FAULT   (-2)
int64_t pipe_queue_put(struct pipe_queues *queues, int queue, const void *data, size_t size, bool message, bool kept,
                       uint64_t *at);
bool    pipe_queue_is_over(const struct pipe_queues *queues, int queue, uint64_t at);
/* Takes back what is left of a write that is not over. */
void    pipe_queue_withdraw(struct pipe_queues *queues, int queue, uint64_t at);
/* Those of processes that have ended. True: there were some; who waits for room must hear of it. */
bool    pipe_queue_drop_orphans(struct pipe_queues *queues, int queue);

struct pipe_taken
{
    size_t size;
    bool   any;                         /* something, and be it an empty message */
    bool   left;                        /* of the message, here or still to come */
    bool   fault;                       /* the buffer could not be written; nothing was taken */
};

/* To the end of a message (by_message), or as much as fits. in_message: one that has begun goes on. take false: looks. */
struct pipe_taken pipe_queue_take(struct pipe_queues *queues, int queue, void *to, size_t room, bool by_message, bool take);

/* What is unread of the first message. */
size_t pipe_queue_first(struct pipe_queues *queues, int queue);
