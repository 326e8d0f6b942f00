/* The process as an object, for handles and waits: this one, or another.
 *
 * Another process is known by its pidfd (death), its block (ps/process_block.h: what it tells of itself) and a
 * connected SOCK_SEQPACKET socket to its control thread, which does for us what only it can: map, allocate, protect,
 * duplicate, suspend. A child has the other end of that socket from its birth; a process that is opened by its id is
 * connected to, when it is first asked something, through the abstract socket that process_control_name() names, and says
 * its block first (struct process_hello with the block's fd by SCM_RIGHTS).
 */
#pragma once

#include <pthread.h>
#include "ob/object.h"
#include "ps/process_block.h"
#include "ps/spin.h"

struct sockaddr_un;

struct process_object
{
    struct object header;
    struct cell  *cell;         /* set when it has ended */
    uint32_t      id;
    uint32_t      exit_status;  /* STATUS_PENDING while it runs; of another: ask process_status() */
    uint64_t      create_time;
    uint64_t      affinity;
    uint64_t      min_working_set, max_working_set;
    uint32_t      working_set_flags;    /* QUOTA_LIMITS_HARDWS_x */
    uint32_t      priority_class;       /* PROCESS_PRIORITY_CLASS_x */
    bool          no_boost;
    uint32_t      error_mode;
    uint32_t      io_priority, page_priority;

    int           linux_pid;
    int           pidfd;        /* -1: this process */
    int           block_fd;
    struct process_block *block;        /* never NULL */
    int           control;      /* -1: none (this process, not asked anything yet, or the end was lost) */
    bool          control_timed;        /* it has its SO_RCVTIMEO */
    struct spin   control_spin;
    pthread_mutex_t control_lock;       /* one request and its answer at a time */
    bool          child;        /* ours to reap */
    bool          gone;         /* nobody will be told of its end any more */
    struct process_object *next_known;  /* process_other.c */
    struct process_watch *watches;      /* whom to tell of its end */
};

/* Tells the section manager how much this process may lock. */
void process_lock_limit(const struct process_object *process);

/* What a control thread says first on each connection that it accepts, with its block's fd. */
#define PROCESS_HELLO_MAGIC 0x4c49524fu         /* "ORIL" */
struct process_hello
{
    uint32_t magic;
    uint32_t version;           /* PROCESS_PROTOCOL */
    uint32_t linux_pid;
    uint32_t reserved;
};
#define PROCESS_PROTOCOL 1

extern struct process_object *current_process;
NTSTATUS process_object_init(void);

/* The socket that the creator holds the other end of; -1: none, the process was started by a shell. The control thread
 * (ps/peer.c) serves requests on it. */
extern int process_creator_socket;

/* The block that the creator made; -1: none, process_object_init() makes one. */
extern int process_block_fd;
int process_block_create(void);

/* The process behind a handle (or NtCurrentProcess()), with a new reference: current_process or another. */
NTSTATUS process_target(HANDLE handle, ACCESS_MASK access, struct process_object **process);
static inline bool process_is_other(const struct process_object *process) { return process != current_process; }

/* 32-bit exit code; STATUS_PENDING while it runs. */
uint32_t process_status(struct process_object *process);

/* The exit code of another process that is dying: waits for its death if it must. */
uint32_t process_final_status(struct process_object *process);

/* Its abstract socket: \0oriel-UID-NAMESPACE-PID. */
void process_control_name(int linux_pid, struct sockaddr_un *address, unsigned int *size);

/* A new object for another process. Takes pidfd, block_fd and control, also on failure. NULL: no memory, or the block
 * is none. */
struct process_object *process_object_other(int linux_pid, int pidfd, int block_fd, int control, bool child);

/* The block of a process of this user, found without its help; -1: it is none of ours, or /proc does not say. */
int process_find_block(int linux_pid);

/* A process of this user, by its Linux id: STATUS_INVALID_CID, STATUS_ACCESS_DENIED. */
NTSTATUS process_open_other(int linux_pid, struct process_object **process);

/* One that somebody else has a handle on; fds: its block, then perhaps its pidfd. Not connected: process_connect(). */
struct transfer;
NTSTATUS process_from_transfer(int linux_pid, struct transfer *transfer, struct process_object **process);

/* control is there, or STATUS_ACCESS_DENIED, STATUS_PROCESS_IS_TERMINATING. Under control_lock. */
NTSTATUS process_connect_locked(struct process_object *process);

/* The object goes. */
void process_forget(struct process_object *process);

/* Calls ended on the epoll thread when it has ended, before waits for it end. False: it has already, or no memory. */
bool process_on_end(struct process_object *process, void (*ended)(struct process_object *process, void *arg), void *arg);

/* CPU times of a process that runs, 100 ns. */
void process_times_of_other(int linux_pid, uint64_t *user, uint64_t *kernel);

/* Ends another process with this exit code. */
NTSTATUS process_kill(struct process_object *process, uint32_t code);

/* When it was started, as /proc/PID/stat has it: who has the same id and start is the same process. 0: it has ended. */
uint64_t process_start_time(int linux_pid);

/* Ends the process with this id, if it is still the one that was started then. False: it is not, or cannot be ended. */
bool process_kill_by_id(int linux_pid, uint64_t start, uint32_t code);

/* Ends this process as if somebody else did. */
void process_kill_self(uint32_t code) __attribute__((noreturn));

/* The priority that relative priority 0 means in the process's class. */
int process_base_priority(void);
int priority_of_class(uint32_t priority_class);
