/* File objects: what a file handle stands for, on disk or not.
 *
 * struct file is one open, as Windows counts them (a file object). What all opens of one file share in
 * this process - share modes, delete pending, byte locks, sections - is in struct inode (inode.h).
 *
 * Locks: file.lock guards the fields marked so and is never held over a call that can block; inode_lock
 * (inode.c) is taken inside it. No call-outs to ob/ under either but cell_set() and completion_post().
 */
#pragma once

#include <pthread.h>

#include "ob/object.h"

struct mount;
struct path;
struct inode;
struct file_ops;
struct io;
struct pipe_end;
struct mailslot;
struct pipe_qos;
struct socket;

enum file_kind
{
    FILE_KIND_DISK,             /* regular file */
    FILE_KIND_FOLDER,           /* directory of Linux, or a virtual one (fd -1) */
    FILE_KIND_CHARACTER,        /* device of Linux that is no terminal; NUL */
    FILE_KIND_CONSOLE,          /* terminal */
    FILE_KIND_PIPE,             /* pipe, FIFO, socket that somebody else made; our named pipes */
    FILE_KIND_PIPE_ROOT,        /* \Device\NamedPipe\ itself */
    FILE_KIND_MAILSLOT,         /* either end, and \Device\Mailslot itself */
    FILE_KIND_SOCKET,
    FILE_KIND_VOLUME,           /* \??\C: */
};

struct file
{
    struct object object;
    const struct file_ops *ops;
    enum file_kind kind;
    int         fd;             /* -1: none */
    ACCESS_MASK access;         /* granted when it was opened */
    ULONG       sharing;        /* FILE_SHARE_x */
    ULONG       options;        /* FILE_x of NtCreateFile; the mode bits may change: atomic */
    const struct mount *mount;  /* of unix_name; NULL: a virtual folder of C: */
    char       *unix_name;      /* under inode_lock once the file is open: a rename changes it; NULL: not on disk */
    bool        is_device;      /* FILE_KIND_PIPE_ROOT: opened without the backslash: the device, not its root */
    bool        console_input;  /* FILE_KIND_CONSOLE */
    bool        path_only;      /* no data access was asked for, and fd may be O_PATH */
    struct inode *inode;        /* NULL: not on disk */
    struct file  *inode_next;   /* other opens of it, under inode_lock */
    bool        delete_on_close;/* under inode_lock */
    bool        posix_delete;   /* under inode_lock: the name goes when this open does */
    bool        closed;         /* last handle is gone; under inode_lock */
    bool        fd_outlives;    /* a section works on this fd: it goes on being open without the handle */
    bool        told;           /* other processes know of this open (share.h) */

    pthread_mutex_t lock;
    struct cell *signal;        /* the file as a waitable object */
    struct object *port;        /* completion port, under lock; set once */
    ULONG_PTR   key;
    ULONG       completion_flags;       /* FILE_SKIP_x; under lock */
    struct io  *pending;        /* operations that wait for something, under lock */
    struct notify *notify;      /* NtNotifyChangeDirectoryFile; made under lock, then its own */
    struct pipe_end *pipe;      /* pipe_ops: the end */
    struct socket *socket;      /* socket_ops */
    struct mailslot *mailslot;  /* mailslot_ops, mailslot_client_ops */
    bool        closing;        /* the last handle is going: nothing may stay in pending */
    struct enumeration *enumeration;    /* NtQueryDirectoryFile's place, under lock */
    int64_t     virtual_position;       /* where there is no lseek: consoles, pipes ... report 0 */
};

extern const struct object_type file_type;

static inline bool file_is_synchronous(const struct file *file)
{
    return __atomic_load_n(&file->options, __ATOMIC_RELAXED) & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT);
}

/* ---- opening --------------------------------------------------------------------------------------- */

struct file_open                /* NtCreateFile, decoded */
{
    ACCESS_MASK access;         /* mapped: no generic bits, no MAXIMUM_ALLOWED unless maximum */
    bool        maximum;        /* MAXIMUM_ALLOWED was asked for: what cannot be had is left out */
    ULONG       attributes, sharing, disposition, options;
    uint64_t    allocation;
    const struct pipe_qos *qos; /* of a pipe's client; NULL: the default */
    ULONG_PTR   result;         /* out: FILE_OPENED, FILE_CREATED ... */
    bool        path_only;      /* out */
};

/* path is the caller's, and unix_name in it may get another case. */
NTSTATUS file_open(struct path *path, struct file_open *open, struct file **file);

/* A new file object around fd (which it owns from then on, also on failure). */
struct file *file_alloc(enum file_kind kind, const struct file_ops *ops, int fd, ACCESS_MASK access, ULONG options);

/* What an open fd is. */
struct stat;
enum file_kind file_kind_of(int fd, const struct stat *st, const struct file_ops **ops);

/* What files of the disk do; the other kinds have their own. */
extern const struct file_ops disk_ops, folder_ops, null_ops, random_ops, stream_ops, console_ops;

/* Objects for the fds 0, 1 and 2 that the process was started with, as handles that children inherit; NULL where
 * the fd is closed. */
NTSTATUS file_create_std_handles(HANDLE *in, HANDLE *out, HANDLE *err);

/* ---- sections (spec 10) -------------------------------------------------------------------------------- */

/* For NtCreateSection: the handle must be a file of the disk and grant needed (STATUS_OBJECT_TYPE_MISMATCH,
 * STATUS_ACCESS_DENIED, STATUS_INVALID_FILE_FOR_SECTION). Fills in fd, take_fd, file_writable and the tag. Once the section
 * is made, tell which kind it is with file_section_begin(). The tag's release ends the section's effects on the file. */
struct vm_section_create;
NTSTATUS file_section_source(HANDLE file, ACCESS_MASK needed, struct vm_section_create *params);

enum file_section { FILE_SECTION_DATA, FILE_SECTION_DATA_WRITABLE, FILE_SECTION_IMAGE };

/* From here on the file cannot shrink, be deleted, or be opened in ways that the section forbids. */
void file_section_begin(void *tag, enum file_section kind);

/* The same for the fd of a section that another process handed over; it begins at once. */
NTSTATUS file_section_received(int fd, enum file_section kind, void **tag, void (**release)(void *tag));

/* \Device\HarddiskVolume2\home\x: MemoryMappedFilename, NtQueryObject. *name is malloc'd, length in characters. */
NTSTATUS file_nt_name(void *tag, WCHAR **name, size_t *length);

/* ---- operations that may wait (async.h) ------------------------------------------------------------------ */

/* The thread is to end: what it waits for in read() and the like ends with STATUS_CANCELLED. */
struct thread;
void file_cancel_thread(struct thread *thread);
