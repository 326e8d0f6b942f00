/* Jobs: groups of processes that are counted, limited and ended together.
 *
 * A job is shared by all who have a handle on it or are in it, and by nobody else; there is no server. It consists of
 *     a page (a sealed memory file) with its limits and its members, guarded by a lock on that file, which the kernel takes
 *         back from who dies with it,
 *     a pipe: whoever has a handle keeps the write end open, every member watches the read end. So all members hear that the
 *         last handle is gone, also when its holder was killed,
 *     an event (eventfd) that is written when the page changes, for the process that has the completion port.
 * Of a job with a name that other processes see, these are a file and two FIFOs beside the name (job_name.c).
 * A member is in the page as its Linux id and the time that it started, so that one that died is not taken for another.
 *
 * A job within another has that one's id in its page, for good. The page is no way to get there: members know their jobs,
 * and who put a process into a job keeps the one around it and says so in the page, so they can be asked (job_chain.c).
 */
#pragma once

#include "ob/object.h"

#define JOB_SLOTS 1024                  /* processes at a time */
#define JOBS_NESTED_MAX 8               /* jobs that a process is in, each within the one before */

struct job_slot
{
    uint32_t linux_pid;
    uint32_t sequence;                  /* the how-manieth member of the job it is; 0: nobody */
    uint64_t start;                     /* /proc/PID/stat; with JOB_SLOT_ENDED: it is no member any more, but was one */
};
#define JOB_SLOT_ENDED (1ull << 63)

#define JOB_KEEPERS 16

struct job_keeper { uint32_t linux_pid, unused; uint64_t start; };

struct job_page
{
    uint32_t magic;
    uint32_t flags;                     /* JOB_OBJECT_LIMIT_x */
    uint32_t active_limit;
    uint32_t total;                     /* members that there ever were */
    uint32_t limit_hits;                /* processes that active_limit kept out */
    uint32_t closed;                    /* its last handle ended its members: its name is nobody's any more */
    uint64_t id, parent;                /* random; of the job that this one is within, 0: none */
    uint64_t ended_user, ended_kernel, ended_faults;    /* of those that ended by themselves */
    IO_COUNTERS ended_io;
    struct job_keeper keepers[JOB_KEEPERS];     /* processes that are no members, but know the parent */
    struct job_slot slots[JOB_SLOTS];
};

struct job
{
    struct object  header;
    struct cell   *cell;                /* its time limit has passed: never */
    struct job_page *page;
    int            page_fd;             /* opened by this process, since locks belong to open files */
    int            alive, handles;      /* the pipe's ends; handles is -1 while this process has no handle */
    int            changed;
    struct job    *next_known;
    struct job    *parent;              /* once it is known here: a reference; under a lock of job_chain.c */

    struct object *port;                /* a reference; these under the port's lock */
    ULONG_PTR      key;
    uint32_t       told, told_hits;     /* what the port knows */
};

extern const struct object_type job_type;
struct job *job_alloc(void);            /* NULL: no memory */

/* Its page, for a moment. False: somebody keeps it locked. Of several, each is within the one before. */
bool job_lock(struct job *job);
void job_unlock(struct job *job);
bool job_lock_all(struct job *const *jobs, unsigned int count);
void job_unlock_all(struct job *const *jobs, unsigned int count);

bool job_slot_lives(const struct job_slot *slot);
void job_add_io(IO_COUNTERS *sum, const IO_COUNTERS *more);
uint32_t job_count_locked(const struct job *job);       /* members that live */
uint32_t job_count_others_locked(const struct job *job, uint32_t linux_pid);     /* without that one */

struct job_slot *job_slot_locked(const struct job *job, int linux_pid);     /* of a member that lives, or NULL */

void job_tell_change(const struct job *job);
bool job_end_if_abandoned(struct job *job);     /* true: this process has to follow */

/* Among those that this process knows, with references: the one with that id, or NULL; those within job. */
struct job *job_find(uint64_t id);
unsigned int job_find_inner(const struct job *job, struct job **inner, unsigned int max);

/* This process becomes a member, of those that it is within too: STATUS_QUOTA_EXCEEDED, STATUS_ACCESS_DENIED (it is in one
 * that this is not within), STATUS_RETRY: one of those is not known here (any more). */
NTSTATUS job_join(struct job *job);
/* Is it one, or was it one until it ended? start: process_start_time(), 0: of one that has ended. */
bool job_has_member(struct job *job, int linux_pid, uint64_t start);
struct job *job_own(void);              /* the innermost that this process is in, with a reference; or NULL */

/* Of each that this process is in, the pipe's read end and the page, both borrowed. Returns how many fds that are. */
unsigned int job_own_fds(int fds[2 * JOBS_NESTED_MAX]);

/* Jobs that a process is to join, in that order, and those that they are within, which it has to know for that. */
struct job_set
{
    struct job  *jobs[JOBS_NESTED_MAX]; /* references, no job twice */
    uint32_t     joins;                 /* bit i: jobs[i] is to be joined */
    unsigned int count;
};
#define JOB_FDS 3                       /* of a membership */

bool     job_set_add(struct job_set *set, struct job *job, bool join);  /* false: too many */
void     job_set_free(struct job_set *set);
/* The job, and what it is within. STATUS_ACCESS_DENIED: too many, or nobody is left who knows. Asks other processes. */
NTSTATUS job_set_add_chain(struct job_set *set, struct job *job);
/* After somebody joined: what its jobs are within is to be remembered as long as they are. */
void     job_remember_parent(struct job *job);
/* As many memberships as there are fds (3 each), which it takes. */
NTSTATUS job_set_unpack(struct job_set *set, uint32_t joins, int *fds, unsigned int count);
NTSTATUS job_set_join(const struct job_set *set);
void     job_set_tell_ports(const struct job_set *set);

/* Before a child is started: which of our jobs it will be in. */
NTSTATUS job_for_child(bool breakaway, struct job_set *set);

/* Ends all members but this process. True: it is one, and has to follow. */
bool job_terminate(struct job *job, uint32_t code);

/* This process ends by itself. */
void job_leave_all(void);

/* How others learn of it; without the pipe's write end, it is not a handle. */
struct transfer;
NTSTATUS job_pack_membership(struct job *job, struct transfer *transfer);

/* Names (ob/name_object.h): job_name.c. A new job gets the page behind fd, which it does not take. */
bool     job_move_page(struct job *job, int fd);
NTSTATUS job_unpack(struct transfer *transfer, struct object **object);
NTSTATUS job_name_describe(struct object *object, struct name_header *header, struct name_parts *parts);
NTSTATUS job_name_made(struct object *object, struct name_file *file);
NTSTATUS job_name_adopt(struct name_file *file, const struct name_header *header, struct object **object);

/* The completion port: told what happened since the last time. */
NTSTATUS job_set_port(struct job *job, struct object *port, ULONG_PTR key);
void job_tell_port(struct job *job);
