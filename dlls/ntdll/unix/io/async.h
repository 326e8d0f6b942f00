/* One operation on a file, from the Nt call to the one who is told of its end.
 *
 * An operation is tried at once. If it would have to wait, the thread itself waits on a synchronous file; on an
 * asynchronous one the operation is queued, the call returns STATUS_PENDING, and the epoll thread (started when
 * first needed, runs no Windows code) tries again when the fd is ready.
 */
#pragma once

#include "io/file.h"

struct file_facts;
struct security;

struct io
{
    struct file *file;          /* a reference */
    struct io   *next;          /* in file.pending */

    /* Does what can be done without blocking. STATUS_PENDING: again, when one of events happens on fd. */
    NTSTATUS   (*attempt)(struct io *io);
    int          fd;
    short        events;        /* POLLIN, POLLOUT, POLLPRI */

    void        *buffer;        /* of the program */
    size_t       length, done;
    uint64_t     offset;        /* IO_AT_POSITION, IO_AT_END or an offset */
    ULONG        key;
    ULONG        code;          /* of a control operation */
    const void  *in;
    size_t       in_length;
    void        *state;         /* of the operation, malloc'd; freed with it, after drop_state() */
    void       (*drop_state)(struct io *io);
    uint32_t     timeout_ms;    /* of io_run_in_place(); 0: for ever */
    bool         silent;        /* ends without a word: nobody issued it */

    ULONG_PTR    information;
    IO_STATUS_BLOCK *iosb;      /* of the program */
    struct object *event;       /* a reference, or NULL */
    void        *apc, *apc_context;
    struct thread_object *thread;       /* a reference, for the APC; set when there is one */
    uint32_t     tid;           /* who issued it: NtCancelIoFile */
    bool         quick;         /* a read or write that the cache answers */
    bool         told_late;     /* the call returned STATUS_PENDING */
    bool         unordered;     /* tried although others that wait for the same have to go on waiting */
    bool         settled;       /* ... but no longer: it has done its part, and ends after those with a smaller offset */
    void       (*withdraw)(struct io *io);      /* it is about to end without having been done; under file.lock */
    bool         accepted;      /* reads: the whole buffer was touched */
    struct cell *parked;        /* a thread waits for the end of it (io_park) */
};

#define IO_AT_POSITION (~0ull - 1)
#define IO_AT_END      (~0ull)

struct file_ops
{
    NTSTATUS (*read)(struct io *io);            /* NULL: STATUS_INVALID_DEVICE_REQUEST */
    NTSTATUS (*write)(struct io *io);
    NTSTATUS (*control)(struct io *io);         /* FSCTL and IOCTL; code, in, buffer */
    NTSTATUS (*flush)(struct io *io);
    NTSTATUS (*facts)(struct file *file, struct file_facts *facts);    /* what has no stat() to speak of */
    /* Classes that the kind answers by itself; STATUS_NOT_SUPPORTED: not this one. Buffers are the program's. */
    NTSTATUS (*query)(struct file *file, FILE_INFORMATION_CLASS class, void *buffer, ULONG length, ULONG_PTR *information);
    NTSTATUS (*set)(struct file *file, FILE_INFORMATION_CLASS class, const void *buffer, ULONG length);
    NTSTATUS (*query_name)(struct file *file, WCHAR **name, size_t *length);   /* what is not on the disk */
    /* The descriptor: a reference, NULL for the default. Where these are not there, it is not supported. */
    NTSTATUS (*get_security)(struct file *file, struct security **security);
    NTSTATUS (*set_security)(struct file *file, struct security *security);
    void     (*closed)(struct file *file);      /* last handle gone */
    void     (*destroyed)(struct file *file);
};

/* FSCTLs of files and folders of the disk (control.c). */
NTSTATUS disk_control(struct io *io);

/* attempt, fd and events are set: tries, waits or queues. Never returns STATUS_PENDING for a synchronous file. */
NTSTATUS io_run(struct io *io);

/* The same, but the thread itself waits whatever the file is. STATUS_IO_TIMEOUT. */
NTSTATUS io_run_in_place(struct io *io);

/* The events that what is queued for fd waits for have changed. Under file.lock. */
void io_rearm(struct file *file, int fd);

/* How every Nt call that is an operation begins: looks up handle (which must have been granted one of any_access, if
 * that is not 0), event and status block. On success io has its references; io_return() drops them. */
NTSTATUS io_begin(struct io *io, HANDLE handle, ACCESS_MASK any_access, HANDLE event, void *apc, void *apc_context,
                  IO_STATUS_BLOCK *iosb);

/* Nothing was wrong so far: event and file are no longer signalled. */
void io_start(struct io *io);

/* Ends the Nt call: writes the status block, sets event or file, posts to the port, queues the APC, each where
 * Windows does. Drops io's references unless status is STATUS_PENDING. Returns what the call returns. */
NTSTATUS io_return(struct io *io, NTSTATUS status);

/* Puts the operation among file.pending, for the epoll thread or (events 0) for whoever takes it out there and ends it
 * with io_finish(); the thread itself waits for that on a synchronous file. Called under file.lock, which it lets go of. */
NTSTATUS io_park(struct io *io);

/* Ends an operation that was taken out of file.pending. Not under file.lock. */
void io_finish(struct io *io, NTSTATUS status);

/* Tries at once what is queued for fd: somebody in this process knows that it is ready. fd -1: operations that no fd tells
 * of, which are tried by this alone. */
void io_kick(struct file *file, int fd);

/* Ends what is queued on file: of thread (0: any) and status block (NULL: any). Returns whether there was any. */
bool io_end_all(struct file *file, uint32_t tid, const IO_STATUS_BLOCK *iosb, NTSTATUS status);
bool io_cancel(struct file *file, uint32_t tid, const IO_STATUS_BLOCK *iosb);

/* The same for a thread that waits in place for its synchronous operation. */
struct thread_object;
bool io_cancel_synchronous(struct thread_object *thread, const IO_STATUS_BLOCK *iosb);

/* Calls ready(arg) on the epoll thread once fd can be read (a pidfd: the process has ended), and never again. fd stays
 * open until then. False: no memory. */
bool io_watch(int fd, void (*ready)(void *arg), void *arg);

/* The same whenever it can be read, until io_watch_end(fd), which closing it calls for. The call may be under way then, or
 * about to begin: arg must be something that can be looked up. */
bool io_watch_always(int fd, void (*ready)(void *arg), void *arg);
void io_watch_end(int fd);

/* Calls woken(file) on the epoll thread whenever one of fds is written to or hung up (EPOLLET), until io_watch_file_end(),
 * which closing the file calls for. False: no memory. */
bool io_watch_file(struct file *file, int fd, void (*woken)(struct file *file));
void io_watch_file_end(struct file *file);

/* A Windows thread ends: what it kept for waiting goes. */
void io_thread_exit(void);
