/* Named pipes: \Device\NamedPipe.
 *
 * A connection is a pair of AF_UNIX sockets, so that an end can be passed to another process like any fd: a stream
 * for byte pipes, seqpacket for message pipes, where each packet begins with one byte that says whether the message
 * goes on in the next. Names, instances and what is disconnected are known in the process of the server (pipe.c);
 * whether the other end is gone, the socket says.
 */
#pragma once

#include "io/async.h"

struct pipe_name                /* all under pipe_lock */
{
    struct pipe_name *next;
    WCHAR  *name;               /* without a backslash before it; NULL: a pipe without a name */
    size_t  length;
    unsigned int refs;          /* its ends */
    unsigned int instances, max_instances;
    struct pipe_end *servers;
    ULONG   type;               /* FILE_PIPE_TYPE_x */
    ULONG   sharing;            /* FILE_SHARE_x: what clients may open */
    ULONG   inbound_quota, outbound_quota;
    int64_t timeout;            /* default of FSCTL_PIPE_WAIT, relative, 100 ns */
};

struct pipe_end
{
    struct file *file;
    struct pipe_name *name;
    struct pipe_end *next;      /* in name.servers; under pipe_lock */
    struct pipe_end *peer;      /* the other end, if it is in this process; under pipe_lock */
    bool    server;
    uint32_t state;             /* FILE_PIPE_x_STATE but never CLOSING: pipe_state(); changes under pipe_lock */
    ULONG   read_mode, completion_mode;         /* atomic */

    pthread_mutex_t write_lock; /* whole messages; may be held while a synchronous write waits */
    pthread_mutex_t read_lock;  /* the four below; a leaf */
    char   *packet;             /* what a read left of a message: [rest_at, rest_size) */
    size_t  rest_at, rest_size;
    bool    more;               /* ... which goes on in the next packet */
};

extern const struct file_ops pipe_ops, pipe_root_ops;
extern pthread_mutex_t pipe_lock;       /* taken before file.lock; not held over system calls that wait */

struct pipe_create              /* NtCreateNamedPipeFile, decoded */
{
    ACCESS_MASK access;
    ULONG sharing, disposition, options;
    ULONG type, read_mode, completion_mode, max_instances, inbound_quota, outbound_quota;
    int64_t timeout;
    ULONG_PTR result;           /* out: FILE_CREATED, FILE_OPENED */
};

/* name has a backslash before it, or is empty: a pipe without a name. */
NTSTATUS pipe_create(const WCHAR *name, size_t length, struct pipe_create *create, struct file **file);

/* The client's end. server: of this very instance (a pipe without a name), or NULL. */
NTSTATUS pipe_open(const WCHAR *name, size_t length, const struct file *server, struct file_open *open,
                   struct file **file);

/* FILE_PIPE_x_STATE, CLOSING if the other end is gone. */
ULONG pipe_state(struct pipe_end *end);

/* To and from another process. False: it is not connected, or has read what it cannot give back. */
bool pipe_describe(struct pipe_end *end, uint32_t *type, uint32_t *sharing, uint32_t *inbound, uint32_t *outbound);
/* A connected end around fd, which it owns from then on, also on failure; its name stays with who created it. */
struct file *pipe_from_fd(int fd, bool server, ACCESS_MASK access, ULONG options, uint32_t type, uint32_t sharing,
                          uint32_t inbound, uint32_t outbound);

/* pipe_io.c */
NTSTATUS pipe_read(struct io *io);
NTSTATUS pipe_write(struct io *io);
NTSTATUS pipe_flush(struct io *io);
NTSTATUS pipe_peek(struct io *io);
NTSTATUS pipe_transceive(struct io *io);
size_t   pipe_readable(struct pipe_end *end);           /* bytes */
void     pipe_discard_rest(struct pipe_end *end);
/* Tries what waits at the other end, if that is in this process. */
void     pipe_kick_peer(struct pipe_end *end);
