/* Named pipes: \Device\NamedPipe.
 *
 * An instance, its name and whether it listens are known in the process that made it; others ask that (pipe_meet.h). What is
 * written lies in memory that the ends share, in one process or several (pipe_queue.h, pipe_link.h).
 */
#pragma once

#include "io/async.h"
#include "io/pipe_link.h"

struct security;

struct pipe_name                /* all under pipe_lock */
{
    struct pipe_name *next;
    WCHAR  *name;               /* without a backslash before it; NULL: a pipe without a name */
    size_t  length;
    unsigned int refs;          /* its ends */
    unsigned int instances, max_instances;
    bool    elsewhere;          /* the instance is another process's: what follows is what that said */
    struct pipe_end *servers;
    struct meeting *meeting;    /* pipe_meet.c: other processes find the name; NULL: they do not */
    struct security *security;  /* a reference; NULL: the default */
    ULONG   type;               /* FILE_PIPE_TYPE_x */
    ULONG   sharing;            /* FILE_SHARE_x: what clients may open */
    ULONG   inbound_quota, outbound_quota;
    int64_t timeout;            /* default of FSCTL_PIPE_WAIT, relative, 100 ns */
};

struct pipe_qos                 /* what a client lets the server do in its name (SECURITY_QUALITY_OF_SERVICE) */
{
    SECURITY_IMPERSONATION_LEVEL level;
    bool    dynamic, effective_only;
};
#define PIPE_QOS_DEFAULT ((struct pipe_qos){ SecurityImpersonation, true, true })

struct pipe_end
{
    struct file *file;
    struct pipe_name *name;
    struct pipe_end *next;      /* in name.servers; under pipe_lock */
    struct pipe_end *peer;      /* the other end, if it is in this process; under pipe_lock */
    bool    server;
    uint32_t state;             /* pipe_end_state(); changes under pipe_lock */
    ULONG   read_mode, completion_mode;         /* atomic */
    uint64_t listens_since;     /* an order; under pipe_lock */
    uint32_t client_id, server_id;              /* processes; under pipe_lock */
    struct pipe_qos qos;        /* of the client, at both ends */
    struct object *client_token;                /* at the server's: a reference; under pipe_lock */
    struct object *noted_token; /* at the client's: the one that the server's has for it; atomic */

    pthread_mutex_t link_lock;  /* a leaf */
    struct pipe_link *link;     /* a reference, under link_lock; NULL: was never connected */
    bool    partial;            /* a write has put in a part only; under the lock of the queues */
    bool    watched;            /* the epoll thread listens for bell and hang-up; under file.lock */
    int     bell;               /* what it listens to; -1 */
};

extern const struct file_ops pipe_ops, pipe_root_ops;
extern pthread_mutex_t pipe_lock;       /* taken before file.lock; not held over system calls that wait */

struct pipe_create              /* NtCreateNamedPipeFile, decoded */
{
    ACCESS_MASK access;
    ULONG sharing, disposition, options;
    ULONG type, read_mode, completion_mode, max_instances, inbound_quota, outbound_quota;
    int64_t timeout;
    struct security *security;  /* NULL: none was given */
    ULONG_PTR result;           /* out: FILE_CREATED, FILE_OPENED */
};

/* name has a backslash before it, or is empty: a pipe without a name. */
NTSTATUS pipe_create(const WCHAR *name, size_t length, struct pipe_create *create, struct file **file);

/* The client's end. server: of this very instance (a pipe without a name), or NULL. */
NTSTATUS pipe_open(const WCHAR *name, size_t length, const struct file *server, struct file_open *open,
                   struct file **file);

/* What the end is, without asking the other: FILE_PIPE_x_STATE, never CLOSING. _locked: under link_lock. */
uint32_t pipe_end_state(struct pipe_end *end);
uint32_t pipe_end_state_locked(struct pipe_end *end);

/* All processes that had the other end have closed it. */
bool pipe_peer_is_gone(struct pipe_end *end);

/* The same, and CLOSING if the other end is gone. */
ULONG pipe_state(struct pipe_end *end);

static inline bool pipe_is_cut_off(struct pipe_end *end)
{
    return !end->server && pipe_end_state(end) == FILE_PIPE_DISCONNECTED_STATE;
}

NTSTATUS pipe_listen(struct io *io);
NTSTATUS pipe_disconnect(struct io *io);

/* The one that listens longest; NULL. find_name: NULL, there is none in this process. Under pipe_lock. */
struct pipe_name *pipe_find_name_locked(const WCHAR *name, size_t length);
struct pipe_end *pipe_find_listening_locked(const struct pipe_name *name);

void pipe_closed(struct file *file);
void pipe_destroyed(struct file *file);

/* ---- other processes (pipe_transfer.c) ---- */

struct transfer;

/* A connected end; STATUS_NOT_SUPPORTED: it is not connected, or has read what it cannot give back. */
NTSTATUS pipe_pack(struct file *file, struct transfer *transfer);
bool     pipe_is_packed(const struct transfer *transfer);
NTSTATUS pipe_unpack(struct transfer *transfer, struct file **file);

struct pipe_origin              /* of an end that another process made */
{
    const WCHAR *name;          /* NULL: none */
    size_t   length;
    bool     server;
    uint32_t type, sharing, max_instances, inbound_quota, outbound_quota, client_id, server_id;
};

/* What makes an end: its socket, the memfd of the queues, the bell (pipe_link.h). */
#define PIPE_FDS 3

/* A connected end. Takes the fds, also on failure. NULL: they are not what they should be, or no memory. */
struct file *pipe_from_fds(const int fds[PIPE_FDS], const struct pipe_origin *origin, ACCESS_MASK access, ULONG options);

/* Lets other processes have an end of this connection. *other: the socket of the other end, if that is in no process yet
 * (else -1), and then the caller's. Under pipe_lock. */
bool pipe_share_locked(struct pipe_end *end, int *other);

struct pipe_name *pipe_name_alloc(const WCHAR *name, size_t length);
struct file *pipe_end_alloc(struct pipe_name *name, bool server, int fd, ACCESS_MASK access, ULONG options);

/* ---- pipe_impersonate.c ---- */

/* The server's end has a client, here or in another process. Under pipe_lock. */
void pipe_keep_client_locked(struct pipe_end *server, const struct pipe_qos *qos, bool here);
void pipe_forget_client_locked(struct pipe_end *server);
void pipe_note_writer(struct pipe_end *client);         /* the calling thread writes */
NTSTATUS pipe_impersonate(struct pipe_end *server);

/* ---- pipe_wait.c ---- */

NTSTATUS pipe_wait_for_instance(struct io *io);
void pipe_listening(void);      /* an instance has begun to listen */

/* ---- pipe_io.c ---- */

NTSTATUS pipe_read(struct io *io);
NTSTATUS pipe_write(struct io *io);
NTSTATUS pipe_flush(struct io *io);
size_t   pipe_readable(struct pipe_end *end);           /* bytes */
size_t   pipe_unread_by_peer(struct pipe_end *end);
/* Something has changed: tries what waits at either end, and rings for other processes. Not under file.lock. */
void     pipe_wake(struct pipe_end *end, struct pipe_link *link);
/* The epoll thread wakes what waits at this end, if the link is shared. False: no memory. Under file.lock. */
bool     pipe_watch_locked(struct pipe_end *end, struct pipe_link *link);
void     pipe_unwatch(struct pipe_end *end);            /* not under file.lock */
NTSTATUS pipe_peek(struct io *io);
NTSTATUS pipe_transceive(struct io *io);
