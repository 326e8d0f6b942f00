/* Other processes: asking them, and answering them (peer_protocol.h).
 *
 * Asking: peer_call() sends a request to the control thread of a process and waits for the reply. It may be called by
 * any thread and under no lock. The other process may be created suspended, or end at any time: a process that ends
 * ends the wait.
 *
 * Answering: the control thread is a helper thread (it runs no Windows code, so it works while all others are
 * suspended). It listens on an abstract socket (process_control_name()), which vanishes with the process, says hello to
 * whoever connects and is the same user, and serves it. A thread costs a fifth of a millisecond of a start that takes two,
 * so a process has none until somebody asks. Who has something to ask knocks: a signal, whose handler starts the control thread as soon as the thread that got
 * it stands where that can be done (ps/suspend.c). The process block says whether it runs; until it does, who asks knocks
 * again and again, so that no knock needs to be kept. The creator has a connection from the start, on which its first
 * request waits meanwhile.
 */
#pragma once

#include "nt/nt.h"
#include "ps/peer_protocol.h"

struct peer_io                          /* a request and its reply, on either side */
{
    struct peer_message message;
    const void *data;                   /* with the request: message.data_size bytes */
    void    *reply;                     /* with the reply */
    uint32_t reply_room, reply_size;
    int      fds[PEER_FDS_MAX];         /* with the request: borrowed from who sends it */
    unsigned int fd_count;
    int      reply_fds[PEER_FDS_MAX];   /* with a reply of status 0: owned by who asked; answering: closed when sent */
    unsigned int reply_fd_count;
    unsigned int reply_fds_max;         /* how many who asks takes; a reply with more is none */
};

/* The control thread: nobody it asks itself may keep it from answering, so it gets STATUS_IO_TIMEOUT after a few seconds. */
extern __thread bool peer_is_answering;

struct process_object;

/* Sends io's request, waits, and returns the reply's status. STATUS_PROCESS_IS_TERMINATING: it has ended.
 * io->message holds the reply then. */
NTSTATUS peer_call(struct process_object *process, enum peer_operation operation, struct peer_io *io);

/* The other process may have been stopped, and so may whoever asks it now: a thread that waits for that looks every second
 * or sooner whether it is to end. */
bool peer_asker_is_to_end(void);

/* ---- answering ---------------------------------------------------------------------------------------------- */

struct peer_service
{
    NTSTATUS (*serve)(struct peer_io *io);      /* reply has PEER_DATA_MAX bytes of room */
    uint32_t data_max;                  /* bytes that may come with the request */
    uint8_t  fds_min, fds_max;
};
extern const struct peer_service peer_services[PEER_OPERATIONS];        /* nt/peer.c; serve NULL: not there */

/* Starts the control thread, if it does not run yet: also for those who may not be able to hear a knock later, because all
 * their threads are suspended. Takes no lock of ours. */
void peer_server_start(void);

/* A signal of another process; only in a handler. is_safe: the thread that got it holds no lock, not even of libc. */
void peer_knocked(bool is_safe);
bool peer_is_knocking(void);            /* a knock came when it was not safe */

/* Makes the process start its control thread, if it has none. Asynchronous, and may be lost. */
struct process_object;
void peer_knock(struct process_object *process);

/* Answers one request on a connection. False: the connection is to be closed. */
bool peer_serve_one(int connection);

/* ---- messages (peer_socket.c) --------------------------------------------------------------------------------- */

enum peer_received { PEER_RECEIVED, PEER_GARBAGE, PEER_NOTHING, PEER_CLOSED };

/* Receives one message; waits for it only if asked to, and as long as the socket's SO_RCVTIMEO says. fds are the caller's to close, also with PEER_GARBAGE. */
enum peer_received peer_receive(int socket, bool wait, struct peer_message *message, void *data, uint32_t room, int *fds,
                                unsigned int *fd_count);
bool peer_send(int socket, struct peer_message *message, const void *data, const int *fds, unsigned int fd_count,
               bool wait);
