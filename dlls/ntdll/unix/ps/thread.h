/* A thread, as the Unix side sees it.
 *
 * A Windows thread is a pthread with a Windows stack of its own (from the section manager), a TEB in
 * GS and a Unix stack which the dispatcher (dispatch_x86_64.S) switches to for each Nt call. FS stays
 * glibc's. The pointer to this struct lies in the TEB at THREAD_IN_TEB.
 */
#pragma once

/* TEB.GdiTebBatch is where it is kept; static asserts in thread.c. The dispatcher knows these too. */
#define THREAD_IN_TEB        0x2f0
#define THREAD_FRAME         0x00       /* offsetof(struct thread, frame) */
#define THREAD_UNIX_STACK    0x08

#ifndef __ASSEMBLER__

#include <pthread.h>
#include "ob/object.h"

struct syscall_frame;           /* what the dispatcher saved: dispatch.h */
struct cell;

struct thread
{
    struct syscall_frame *frame;        /* of the Nt call it is in; NULL while in Windows code */
    void         *unix_stack_top;
    TEB          *teb;
    struct thread_object *object;       /* the object handles point to */
    struct cell  *alert;                /* set to make a wait look up: APC, alert, termination */
    pthread_t     pthread;
    uint32_t      tid;                  /* Windows id: the Linux thread id * 4, so that it is a multiple of 4 */
    struct thread *next;                /* list of live threads, under thread_list_lock */
};

static inline struct thread *current_thread(void)
{
    struct thread *t;
    __asm__("movq %%gs:0x2f0,%0" : "=r"(t));
    return t;
}
static inline TEB *current_teb(void)
{
    TEB *t;
    __asm__("movq %%gs:0x30,%0" : "=r"(t));
    return t;
}

extern const struct object_type thread_type, process_type;

/* Sets the thread's alert so that an alertable (or terminating) wait returns; any thread may call it. */
void thread_alert(struct thread *thread);

/* Terminates the process now with a Windows exit code. Does not return. */
void process_exit(uint32_t code) __attribute__((noreturn));

#endif
