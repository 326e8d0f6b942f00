/* What the files of ps/ share about threads. */
#pragma once

#include "dispatch.h"
#include "ps/thread.h"

/* At the top of the pthread's own stack, which is the Unix stack: everything of a thread that needs an address. */
#define ALTERNATE_STACK_SIZE 0x10000
#define UNIX_STACK_SIZE      0x60000    /* of which the block takes the first 70 KiB */
struct thread_block
{
    uint8_t alternate_stack[ALTERNATE_STACK_SIZE];
    struct syscall_frame frame;
    struct thread thread;
};

struct thread_start
{
    struct thread_object *object;
    TEB     *teb;
    uint64_t start, parameter;
    uintptr_t stack;                    /* base of the allocation */
    bool     suspended;
    uint32_t ready;                     /* futex: 1 = runs, 2 = could not */
};

/* Runs the thread in this pthread until it ends. Returns then (never, if it was the last). */
void thread_run(struct thread_start *start);

struct thread_object *thread_object_create(void);

/* Types' pack and unpack (nt/remote_thread.c). */
struct transfer;
NTSTATUS thread_pack(struct object *object, struct transfer *transfer);
NTSTATUS thread_unpack(struct transfer *transfer, struct object **object);

/* pipe gets the exit status when the thread ends, and is closed. False: no memory, and pipe is the caller's. */
bool thread_tell_end(struct thread_object *object, int pipe);

/* Starts a thread: consumes object's reference, TEB and stack only on success. Returns once it has its id. */
NTSTATUS thread_create(struct thread_start *start);

/* Ends the calling thread: frees what it has, goes back to thread_run. */
void thread_exit_self(uint32_t status) __attribute__((noreturn));

/* Asks a thread to end, and all others but the caller's own (NtTerminateProcess with no handle). */
void thread_terminate_locked(struct thread *thread, uint32_t status);
void threads_terminate_others(uint32_t status);

/* ---- stopping (suspend.c); all under thread_list_lock ---- */

/* Waits until the thread has noticed what was put into pending: it is in Unix code, or stopped. */
void thread_wait_stopped_locked(struct thread *thread);
/* The same, until its registers are what they will stay as long as it is suspended. False: it is about to end. */
bool thread_wait_settled_locked(struct thread *thread);
void thread_suspend_locked(struct thread *thread);
void thread_resume_locked(struct thread *thread);

/* All threads but those of ours, for a debugger; and the calling one alone, which stops by itself: its registers count
 * from thread_stop_here() (THREAD_STOPPED: stop_context, THREAD_PARKED: those of its frame), and it sleeps in thread_stop(). */
void threads_freeze_locked(void);
void threads_thaw_locked(void);
void thread_freeze_self_locked(struct thread *thread);
void thread_stop_here(struct thread *thread, uint32_t how);
void thread_stop(struct thread *thread, uint32_t how);
void thread_kick(struct thread *thread);        /* makes it look at pending */
void suspend_init(void);
void thread_flush_stores(void);                 /* of all threads */

/* Queued user APCs (apc.c). */
struct user_apc
{
    struct user_apc *next;
    uint64_t routine, args[3];
};
void apc_deliver(struct syscall_frame *frame);
void apc_free_all_locked(struct thread *thread);

static inline int futex_call(uint32_t *word, int op, uint32_t value, const struct timespec *timeout);
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>
static inline int futex_call(uint32_t *word, int op, uint32_t value, const struct timespec *timeout)
{
    return (int)syscall(SYS_futex, word, op | FUTEX_PRIVATE_FLAG, value, timeout, NULL, ~0u);
}
