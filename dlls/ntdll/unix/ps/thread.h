/* A thread, as the Unix side sees it.
 *
 * A Windows thread is a pthread with a Windows stack of its own (from the section manager), a TEB in
 * GS and a Unix stack, which is the pthread's own: the dispatcher (dispatch_x86_64.S) switches to it
 * for each Nt call. FS stays glibc's, and thread_self lives there: helper threads of ours, which run
 * no Windows code, have none and may still fault in a user copy.
 *
 * Locks: thread_list_lock guards the list, struct thread's place in it, and thread_object.thread.
 * It is a leaf: nothing else is taken under it.
 */
#pragma once

/* Offsets the dispatcher knows; static asserts in ps/layout.c. */
#define THREAD_FRAME         0x00
#define THREAD_UNIX_STACK    0x08
#define THREAD_PENDING       0x10

#ifndef __ASSEMBLER__

#include <pthread.h>
#include "ob/object.h"

struct syscall_frame;           /* what the dispatcher saved: dispatch.h */
struct cell;
struct user_apc;

enum thread_pending             /* why a call may not just return to Windows code */
{
    PENDING_SUSPEND   = 1,      /* look at suspend: it may be time to park */
    PENDING_TERMINATE = 2,
    PENDING_APC       = 4,      /* user APCs are queued; they run if the call is one that lets them */
    PENDING_CONTEXT   = 8,      /* the frame holds a full context to leave with */
    PENDING_STEP      = 16,     /* single-step the instruction after the call */
    PENDING_KNOCK     = 32,     /* another process wants the control thread (ps/peer.h) */
};

/* In suspend, with the count: it stays where it is until the count is 0, and takes the bit away in the same step. */
#define THREAD_STOPPED 0x80000000u      /* in Windows code; stop_context is valid */
#define THREAD_PARKED  0x40000000u      /* on its way out of Unix code */
#define THREAD_HELD    0x3fffffffu      /* suspended or frozen */
#define THREAD_FROZEN  0x00010000u      /* for a debugger (debuggee.c): not in the count that programs see */
#define THREAD_SUSPEND_COUNT 0x0000ffffu
#define THREAD_SUSPENDS_MAX 127

struct debug_registers          /* breakpoint.c; all zero: none in use */
{
    uint64_t address[4], status, control;       /* Dr0-3, Dr6, Dr7 */
    int      event[4];                  /* host fd + 1 */
};

struct thread
{
    struct syscall_frame *frame;        /* of the Nt call it is in; NULL while in Windows code */
    struct syscall_frame *unix_stack;   /* where that frame is put; the Unix stack grows down from it */
    uint32_t      pending;              /* atomic, enum thread_pending */
    uint32_t      tid;                  /* Windows id: the Linux thread id * 4, so that it is a multiple of 4 */
    TEB          *teb;
    struct thread_object *object;       /* what handles point to; the thread holds a reference */
    struct cell  *alert;                /* set to make a wait look up: APC, alert, termination */
    pthread_t     pthread;
    int           linux_tid;
    struct thread *next, *previous;     /* list of live threads, oldest first; under thread_list_lock */

    uint32_t      alerted;              /* atomic: NtAlertThread came */
    uint32_t      alert_by_id;          /* futex: NtAlertThreadByThreadId came */
    struct user_apc *apc_first, **apc_last;     /* under apc_lock (apc.c) */

    uint32_t      suspend;              /* atomic: how often it is suspended, and the bits above */
    uint32_t      park_sequence;        /* futex: a parked thread is to look again */
    uint32_t      stop_sequence;        /* futex: the stop signal was seen once more */
    CONTEXT      *stop_context;         /* while THREAD_STOPPED */
    const void   *stop_extended;        /* its XSTATE or NULL */
    bool          stop_context_changed;
    struct debug_registers debug;       /* its own, or under thread_list_lock while it is settled */
    bool          starting;             /* has not run any Windows code */
    bool          debug_known;          /* the debugger has been told that it is there */
    bool          telling;              /* waits for the debugger, also if it is to end */
    uint32_t      debug_answer;         /* what the debugger said */
    uint32_t      exit_status;
    uintptr_t     stack;                /* the allocation that is its Windows stack */
};

static inline uint32_t thread_suspend_count(const struct thread *thread)
{
    return __atomic_load_n(&thread->suspend, __ATOMIC_SEQ_CST) & THREAD_SUSPEND_COUNT;
}

/* What handles point to: outlives the thread. */
struct thread_object
{
    struct object header;
    struct cell  *cell;                 /* set when the thread has ended */
    struct thread *thread;              /* NULL once it has ended; under thread_list_lock */
    struct thread_object *next, *previous;      /* in the list of all that there are here, ended ones too; under it */
    bool          listed;
    struct process_object *process;     /* of another process: a reference, and thread is NULL; NULL: ours */
    struct thread_end *ends;            /* who waits for it in other processes; under thread_list_lock */
    uint32_t      tid;
    uint32_t      exit_status;          /* STATUS_PENDING while it runs */
    uint64_t      create_time, exit_time;       /* 100 ns since 1601 */
    uint64_t      user_time, kernel_time;       /* once it has ended */
    void         *teb;                  /* address, for NtQueryInformationThread */
    uint64_t      start_address;
    int32_t       priority;             /* -15..15, relative */
    uint64_t      affinity;
    uint32_t      ideal_processor, io_priority, page_priority;
    bool          hidden;               /* ThreadHideFromDebugger */
    bool          no_boost;
    WCHAR        *description;          /* malloc'd; under thread_list_lock */
    size_t        description_size;     /* bytes */
};

static inline bool thread_is_alive(const struct thread_object *object)
{
    return object->exit_status == (uint32_t)STATUS_PENDING;
}

extern __thread struct thread *thread_self;     /* NULL in helper threads of ours */
static inline struct thread *current_thread(void) { return thread_self; }
static inline TEB *current_teb(void) { return thread_self->teb; }

extern const struct object_type thread_type, process_type;

/* The objects behind the pseudo handles, borrowed. */
struct object *thread_current_object(void);
struct object *process_current_object(void);

/* Sets the thread's alert so that an alertable (or terminating) wait returns; any thread may call it. */
void thread_alert(struct thread *thread);

/* Linux shows the name of a thread, 15 bytes of it, to debuggers and in /proc. `count` is in WCHARs. */
void thread_name_on_host(int linux_tid, const WCHAR *text, size_t count);

/* For waits: does something end the current thread's wait? Asked before the first sleep and each time the
 * alert cell wakes it. STATUS_SUCCESS: no, sleep on. STATUS_USER_APC and STATUS_ALERTED only if alertable (the
 * alert is taken by this call; the APCs run when the Nt call returns that status). STATUS_THREAD_IS_TERMINATING
 * whether alertable or not: return at once, nobody will see the result. */
NTSTATUS thread_check_alert(bool alertable);

/* Queues a user APC: routine(arg1, arg2, arg3) in Windows code, the next time the thread waits alertably.
 * STATUS_UNSUCCESSFUL if the thread is gone. The pointer is a thread object (handle_lookup with thread_type). */
NTSTATUS thread_queue_apc(struct thread_object *object, void *routine, uint64_t arg1, uint64_t arg2, uint64_t arg3);

extern pthread_mutex_t thread_list_lock;

/* The thread objects of this process that somebody refers to, oldest first, without references; under thread_list_lock. */
extern struct thread_object *thread_objects, *thread_objects_last;

/* The one after (or before) another, NULL: the first; with a new reference, or NULL. */
struct thread_object *thread_object_next(struct thread_object *object, bool backwards);

extern struct thread *thread_list, *thread_list_last;   /* under thread_list_lock */
extern unsigned int thread_count;       /* in it */

/* A pthread of ours that runs no Windows code: all signals blocked but faults, no TEB in GS. False: none could be had. */
#define HELPER_THREAD_NAME "oriel-helper"
bool helper_thread_start(void *(*function)(void *), void *arg);

/* Terminates the process now with a Windows exit code. Does not return. */
void process_exit(uint32_t code) __attribute__((noreturn));

/* Provided by ob/: the thread is going, its mutants are abandoned. */
void mutants_abandon(struct thread *thread);

#endif
