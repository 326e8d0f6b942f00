/* The thread pool: what its files share.
 *
 *   tp_pool.c     pools and their worker threads
 *   tp_object.c   work, simple callbacks, cleanup groups, what a running callback may ask for
 *   tp_sched.c    the scheduler thread: timers, waits, completions of files
 *   tp_timer.c    TP_TIMER and TP_WAIT and TP_IO objects
 *   tp_old.c      what came before: work items, registered waits, timer queues
 *
 * One lock guards it all. An object is posted: it gets into the queue of its pool, and a worker runs its callback
 * without the lock. The scheduler is a single thread that waits on one completion port, whatever it waits for: wait
 * packets and completions of files arrive there, and the next timer is its time-out. It ends when there is nothing
 * left to look after.
 *
 * Invariants (under tp_lock):
 *  1. object.refs counts its owner (until released), each post that has not finished, each armed timer or wait, and
 *     each expected completion.
 *  2. object.pending > 0 exactly while it is in its pool's queue.
 *  3. pool.queued is the sum of pending over its objects. */
#pragma once

#include "rtl.h"

struct pool
{
    LONG refs;                  /* owner and objects; without any the workers end, and the last one frees it */
    LIST_ENTRY ready[3];        /* by priority: high, normal, low */
    ULONG queued;
    ULONG threads, idle, starting, running_long;
    ULONG min, max;
    ULONGLONG last_start;       /* when a thread was last started */
    bool shutdown;
    bool starving;              /* the scheduler looks after it */
    LIST_ENTRY starving_entry;
    SIZE_T stack_reserve, stack_commit;
    RTL_CONDITION_VARIABLE wake;
};

struct group
{
    LONG refs;                  /* owner and members */
    LIST_ENTRY members;
};

struct tp_object;

enum tp_kind { TP_KIND_SIMPLE, TP_KIND_WORK, TP_KIND_TIMER, TP_KIND_WAIT, TP_KIND_IO };

struct instance
{
    struct tp_object *object;
    HANDLE tid;
    bool associated, may_run_long;
    RTL_CRITICAL_SECTION *leave;
    HANDLE mutex, semaphore, event;
    ULONG semaphore_count;
    void *dll;
};

struct io_result
{
    struct io_result *next;
    void *value;                /* the OVERLAPPED */
    IO_STATUS_BLOCK iosb;
};

struct tp_object
{
    void *win32_callback;       /* first: where kernelbase keeps what its callback of a TP_KIND_IO calls */
    enum tp_kind kind;
    LONG refs;
    struct pool *pool;
    struct group *group;        /* NULL: in none, or its members were released */
    LIST_ENTRY group_entry;
    LIST_ENTRY ready_entry;
    void *callback;
    void *context;
    PTP_CLEANUP_GROUP_CANCEL_CALLBACK cancelled;
    PTP_SIMPLE_CALLBACK finally;
    void *race_dll;
    BYTE priority;
    bool long_function;
    bool released;              /* by its owner: no reference for it is left */
    bool inline_call;           /* runs on the scheduler thread */
    void (*destroy)(void *context);     /* for the old interfaces; without the lock */
    ULONG pending, running, associated;
    ULONG cancelled_posts;      /* by the release of its group */
    RTL_CONDITION_VARIABLE changed;

    /* TP_KIND_TIMER, and the time-out of a TP_KIND_WAIT */
    ULONGLONG due;              /* clock_now() */
    ULONG heap_index;           /* 0: not armed */
    bool set;
    LONG period;                /* ms */

    /* TP_KIND_WAIT */
    HANDLE handle, packet;
    ULONG signaled;             /* how many of the pending posts are not time-outs */
    ULONG stale;                /* packets taken back too late: they are on their way to the scheduler */
    bool waiting;
    bool repeat;                /* registered waits: armed again when a callback begins */
    LONGLONG repeat_timeout;    /* 100 ns, or 0: none */

    /* TP_KIND_IO */
    ULONG expected;
    ULONG ignored;              /* completions that will arrive and mean nothing; a reference each */
    struct io_result *results, **results_tail;
};

extern RTL_SRWLOCK tp_lock;

extern NTSTATUS WINAPI NtCreateWaitCompletionPacket(HANDLE *packet, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr);
extern NTSTATUS WINAPI NtAssociateWaitCompletionPacket(HANDLE packet, HANDLE port, HANDLE target, void *key, void *value,
                                                       NTSTATUS status, ULONG_PTR information, BOOLEAN *signaled);
extern NTSTATUS WINAPI NtCancelWaitCompletionPacket(HANDLE packet, BOOLEAN remove_signaled);

static inline void lock_tp(void)
{
    RtlAcquireSRWLockExclusive(&tp_lock);
}

static inline void unlock_tp(void)
{
    RtlReleaseSRWLockExclusive(&tp_lock);
}

/* 100 ns units that only go forward. */
static inline ULONGLONG clock_now(void)
{
    ULONGLONG now = 0;

    RtlQueryUnbiasedInterruptTime(&now);
    return now;
}

/* tp_pool.c */
extern struct pool *pool_get_default_locked(void);
extern void pool_unref_locked(struct pool *pool);
extern void pool_feed_locked(struct pool *pool);

/* tp_object.c */
extern NTSTATUS object_create(struct tp_object **out, enum tp_kind kind, void *callback, void *context,
                              const TP_CALLBACK_ENVIRON *env);
extern void object_post_locked(struct tp_object *o);
extern void object_run_locked(struct tp_object *o);
extern ULONG object_cancel_locked(struct tp_object *o);
extern void object_unref_locked(struct tp_object *o);
extern void object_release(struct tp_object *o);
extern void object_wait_locked(struct tp_object *o, bool group);
extern NTSTATUS simple_post(PTP_SIMPLE_CALLBACK callback, void *context, const TP_CALLBACK_ENVIRON *env, bool is_long);

/* tp_sched.c */
extern NTSTATUS sched_start_locked(void);
extern void sched_watch_locked(struct pool *pool);
extern void sched_unwatch_locked(struct pool *pool);
extern void sched_arm_locked(struct tp_object *o, ULONGLONG due);
extern void sched_disarm_locked(struct tp_object *o);
extern NTSTATUS sched_wait_locked(struct tp_object *o, HANDLE handle);
extern void sched_unwait_locked(struct tp_object *o);
extern bool sched_unwait_if_silent_locked(struct tp_object *o);
extern void sched_deliver_locked(struct tp_object *o);
extern NTSTATUS sched_bind_file(HANDLE file, void *key);
extern void sched_count_locked(int delta);      /* files bound to objects: while there are any the scheduler stays */

/* tp_timer.c: called by the scheduler */
extern void timer_expired_locked(struct tp_object *o, ULONGLONG now);
extern void wait_signaled_locked(struct tp_object *o);
extern void run_or_post_locked(struct tp_object *o);
extern void io_completed_locked(struct tp_object *o, void *value, const IO_STATUS_BLOCK *iosb);
extern void timer_disarm_locked(struct tp_object *o);
extern ULONGLONG due_time(const LARGE_INTEGER *timeout);
extern NTSTATUS wait_arm_locked(struct tp_object *o, HANDLE handle, const LARGE_INTEGER *timeout);
extern void wait_rearm_locked(struct tp_object *o);
