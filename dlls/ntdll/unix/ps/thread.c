/* Threads: their objects, their birth and their end. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "nt/nt.h"
#include "vm/vm.h"
#include "io/async.h"
#include "ob/cell.h"
#include "io/file.h"
#include "io/text.h"
#include "ps/breakpoint.h"
#include "ps/debuggee.h"
#include "ps/exception.h"
#include "ps/peer.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/teb.h"
#include "ps/thread_private.h"
#include "ps/times.h"

__thread struct thread *thread_self;
pthread_mutex_t thread_list_lock = PTHREAD_MUTEX_INITIALIZER;
struct thread *thread_list, *thread_list_last;
unsigned int thread_count;
struct thread_object *thread_objects, *thread_objects_last;

/* ---- objects ------------------------------------------------------------------------------------------- */

static void unlist(struct thread_object *object)
{
    pthread_mutex_lock(&thread_list_lock);
    *(object->previous ? &object->previous->next : &thread_objects) = object->next;
    *(object->next ? &object->next->previous : &thread_objects_last) = object->previous;
    pthread_mutex_unlock(&thread_list_lock);
}

struct thread_object *thread_object_next(struct thread_object *object, bool backwards)
{
    pthread_mutex_lock(&thread_list_lock);
    if (!object)
        object = backwards ? thread_objects_last : thread_objects;
    else
        object = backwards ? object->previous : object->next;
    while (object && !object_try_ref(&object->header))          /* it is on its way out */
        object = backwards ? object->previous : object->next;
    pthread_mutex_unlock(&thread_list_lock);
    return object;
}

static void thread_destroy(struct object *header)
{
    struct thread_object *object = (struct thread_object *)header;

    if (object->listed)
        unlist(object);
    if (object->process)
        object_unref(&object->process->header);
    cell_free(object->cell);
    free(object->description);
    free(object);
}

static struct cell *thread_wait_cell(struct object *header)
{
    return ((struct thread_object *)header)->cell;
}

const struct object_type thread_type =
{
    .name = "Thread",
    .mapping = { STANDARD_RIGHTS_READ | THREAD_QUERY_INFORMATION | THREAD_GET_CONTEXT,
                 STANDARD_RIGHTS_WRITE | THREAD_TERMINATE | THREAD_SUSPEND_RESUME | THREAD_SET_CONTEXT | THREAD_SET_INFORMATION |
                     THREAD_SET_LIMITED_INFORMATION | 0x4,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE | THREAD_QUERY_LIMITED_INFORMATION | 0x1000,
                 THREAD_ALL_ACCESS },
    .valid_access = THREAD_ALL_ACCESS,
    .implied = { { THREAD_QUERY_INFORMATION, THREAD_QUERY_LIMITED_INFORMATION },
                 { THREAD_SET_INFORMATION, THREAD_SET_LIMITED_INFORMATION } },
    .destroy = thread_destroy,
    .wait_cell = thread_wait_cell,
    .pack = thread_pack,
    .unpack = thread_unpack,
};

struct thread_object *thread_object_create(void)
{
    struct thread_object *object = object_alloc(&thread_type, sizeof(*object));

    if (!object)
        return NULL;
    object->exit_status = STATUS_PENDING;
    object->affinity = ~(uint64_t)0;
    object->io_priority = 2;
    object->page_priority = 5;
    if (!(object->cell = cell_alloc(CELL_MANUAL, 0, 0)))
    {
        object_unref(object);
        return NULL;
    }
    return object;
}

struct object *thread_current_object(void)
{
    return thread_self ? &thread_self->object->header : NULL;
}

/* ---- helper threads of ours ------------------------------------------------------------------------------ */

struct helper
{
    void *(*function)(void *);
    void *arg;
};

/* Its name tells those who count the threads of a program (process_list.c) that it is none. */
static void *helper_main(void *arg)
{
    struct helper helper = *(struct helper *)arg;

    free(arg);
    prctl(PR_SET_NAME, HELPER_THREAD_NAME);
    return helper.function(helper.arg);
}

bool helper_thread_start(void *(*function)(void *), void *arg)
{
    struct helper *helper = malloc(sizeof(*helper));
    sigset_t blocked, saved;
    pthread_attr_t attr;
    pthread_t thread;
    int error;

    if (!helper)
        return false;
    *helper = (struct helper){ function, arg };
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, 0x20000);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_sigmask(SIG_SETMASK, &blocked, &saved);
    error = pthread_create(&thread, &attr, helper_main, helper);
    pthread_sigmask(SIG_SETMASK, &saved, NULL);
    pthread_attr_destroy(&attr);
    if (error)
        free(helper);
    return !error;
}

/* ---- birth ------------------------------------------------------------------------------------------------ */

/* Tells other processes of it, or that it is gone. */
static void tell_block_locked(const struct thread *thread, bool there)
{
    struct process_block_thread *slot = current_process->block->threads, *end = slot + PROCESS_BLOCK_THREADS;
    uint32_t wanted = there ? 0 : (uint32_t)thread->linux_tid;

    while (slot < end && slot->linux_tid != wanted)
        slot++;
    if (slot == end)
        return;
    slot->teb = (uintptr_t)thread->teb;
    slot->start = thread->object->start_address;
    __atomic_store_n(&slot->linux_tid, there ? (uint32_t)thread->linux_tid : 0, __ATOMIC_RELEASE);
}

static void list_add(struct thread *thread)
{
    pthread_mutex_lock(&thread_list_lock);
    tell_block_locked(thread, true);
    if ((thread->previous = thread_list_last))
        thread_list_last->next = thread;
    else
        thread_list = thread;
    thread_list_last = thread;
    thread_count++;
    thread->object->thread = thread;
    if ((thread->object->previous = thread_objects_last))
        thread_objects_last->next = thread->object;
    else
        thread_objects = thread->object;
    thread_objects_last = thread->object;
    thread->object->listed = true;
    pthread_mutex_unlock(&thread_list_lock);
}

static void set_first_context(struct syscall_frame *frame, const struct thread_start *start)
{
    CONTEXT *context = &frame->context;

    memset(context, 0, sizeof(*context));
    context->ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    context->Rip = process_ntdll.RtlUserThreadStart;
    context->Rcx = start->start;
    context->Rdx = start->parameter;
    context->Rsp = (uint64_t)start->teb->Tib.StackBase - 0x28;  /* as after a call */
    context->EFlags = 0x200;            /* as Windows shows it; the processor adds 2 */
    context->SegCs = 0x33;
    context->SegDs = context->SegEs = context->SegGs = context->SegSs = 0x2b;
    context->SegFs = 0x53;
    context->MxCsr = context->FltSave.MxCsr = 0x1f80;
    context->FltSave.MxCsr_Mask = 0xffff;
    context->FltSave.ControlWord = 0x27f;
    frame->has_context = 1;
    frame->xmask = 3;
}

static void start_report(struct thread_start *start, uint32_t result)
{
    __atomic_store_n(&start->ready, result, __ATOMIC_RELEASE);
    futex_call(&start->ready, FUTEX_WAKE, 1, NULL);
}

void thread_run(struct thread_start *start)
{
    struct thread_block block;
    struct thread *thread = &block.thread;

    memset(&block.frame, 0, sizeof(block.frame));
    memset(thread, 0, sizeof(*thread));
    thread->unix_stack = thread->frame = &block.frame;
    thread->teb = start->teb;
    thread->object = start->object;
    thread->stack = start->stack;
    thread->pthread = pthread_self();
    thread->linux_tid = gettid();
    thread->tid = (uint32_t)thread->linux_tid * 4;
    thread->apc_last = &thread->apc_first;
    thread->starting = true;
    if (!(thread->alert = cell_alloc(CELL_MANUAL, 0, 0)) || !teb_load(start->teb))
    {
        cell_free(thread->alert);
        start_report(start, 2);
        return;
    }
    thread->alert->waiters = 1;         /* a thread that sleeps always sleeps on this too */
    if (start->suspended)
    {
        thread->suspend = 1;
        thread->pending = PENDING_SUSPEND;
    }
    start->teb->ClientId.UniqueThread = start->teb->RealClientId.UniqueThread = (HANDLE)(uintptr_t)thread->tid;
    start->object->tid = thread->tid;
    start->object->teb = start->teb;
    start->object->start_address = start->start;
    start->object->create_time = system_time();
    set_first_context(&block.frame, start);

    signals_init_thread(block.alternate_stack, sizeof(block.alternate_stack));
    thread_self = thread;
    list_add(thread);
    if (peer_is_knocking())
        peer_server_start();
    start_report(start, 1);             /* start is gone after this */
    windows_enter(&block.frame);

    /* Back from thread_exit_self: nobody knows the thread any more. */
    signals_init_thread(NULL, 0);
}

static void *thread_main(void *arg)
{
    thread_run(arg);
    return NULL;
}

static bool others_ended;               /* the process is at its end: atomic */

NTSTATUS thread_create(struct thread_start *start)
{
    pthread_attr_t attr;
    pthread_t pthread;
    int error;

    if (__atomic_load_n(&others_ended, __ATOMIC_ACQUIRE))
        return STATUS_PROCESS_IS_TERMINATING;
    pthread_attr_init(&attr);
    pthread_attr_setstacksize(&attr, UNIX_STACK_SIZE);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    if (!thread_self)                   /* a helper thread, whose signals are blocked, creates it for another process */
    {
        sigset_t none;

        sigemptyset(&none);
        pthread_attr_setsigmask_np(&attr, &none);
    }
    error = pthread_create(&pthread, &attr, thread_main, start);
    pthread_attr_destroy(&attr);
    if (error)
        return STATUS_INSUFFICIENT_RESOURCES;
    while (!__atomic_load_n(&start->ready, __ATOMIC_ACQUIRE))
        futex_call(&start->ready, FUTEX_WAIT, 0, NULL);
    return start->ready == 1 ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

/* ---- end --------------------------------------------------------------------------------------------------- */

static void list_remove(struct thread *thread, uint32_t status)
{
    bool last;

    pthread_mutex_lock(&thread_list_lock);
    last = thread_count == 1;
    if (!last)
    {
        *(thread->previous ? &thread->previous->next : &thread_list) = thread->next;
        *(thread->next ? &thread->next->previous : &thread_list_last) = thread->previous;
        thread_count--;
        tell_block_locked(thread, false);
        thread->object->thread = NULL;
        apc_free_all_locked(thread);
    }
    pthread_mutex_unlock(&thread_list_lock);
    if (last)
        process_exit(status);
}

/* Who waits for its end in other processes: each has the other end of a pipe. */
struct thread_end
{
    struct thread_end *next;
    int pipe;
};

static void tell_end(struct thread_object *object)
{
    struct thread_end *ends, *next;

    pthread_mutex_lock(&thread_list_lock);
    ends = object->ends;
    object->ends = NULL;
    pthread_mutex_unlock(&thread_list_lock);
    for (; ends; ends = next)
    {
        next = ends->next;
        if (write(ends->pipe, &object->exit_status, sizeof(object->exit_status)) < 0)
            errno = 0;                  /* nobody is interested any more */
        close(ends->pipe);
        free(ends);
    }
}

bool thread_tell_end(struct thread_object *object, int pipe)
{
    struct thread_end *end = malloc(sizeof(*end));

    if (!end)
        return false;
    end->pipe = pipe;
    pthread_mutex_lock(&thread_list_lock);
    end->next = object->ends;
    object->ends = end;
    pthread_mutex_unlock(&thread_list_lock);
    if (!thread_is_alive(object))
        tell_end(object);               /* it went past that meanwhile */
    return true;
}

static void free_stack(struct thread *thread)
{
    uintptr_t base = thread->stack;
    size_t size = 0;

    if (base)
        vm_free(&base, &size, MEM_RELEASE);
}

void thread_exit_self(uint32_t status)
{
    struct thread *thread = thread_self;
    struct thread_object *object = thread->object;
    LIST_ENTRY *link;
    sigset_t stop;

    if (debuggee_attached && thread_count > 1)
        debuggee_thread_ends(status);
    sigemptyset(&stop);                 /* nobody needs to stop us any more, and our stack is about to go */
    sigaddset(&stop, SIGNAL_STOP);
    pthread_sigmask(SIG_BLOCK, &stop, NULL);

    list_remove(thread, status);
    mutants_abandon(thread);
    io_thread_exit();
    teb_load(NULL);
    thread_self = NULL;
    free_stack(thread);
    if (!user_get(link, &thread->teb->TlsLinks.Flink) && !link)
        teb_free(thread->teb);          /* else it was killed, and the loader's list still leads through its TEB */

    times_of_thread(0, &object->user_time, &object->kernel_time);
    object->exit_time = system_time();
    object->exit_status = status;
    cell_set(object->cell);
    tell_end(object);
    cell_free(thread->alert);
    object_unref(object);
    windows_leave(thread->unix_stack);
}

void thread_terminate_locked(struct thread *thread, uint32_t status)
{
    if (__atomic_load_n(&thread->pending, __ATOMIC_SEQ_CST) & PENDING_TERMINATE)
        return;
    thread->exit_status = status;
    __atomic_fetch_or(&thread->pending, PENDING_TERMINATE, __ATOMIC_SEQ_CST);
    thread_alert(thread);
    file_cancel_thread(thread);
    file_cancel_thread(thread);
    thread_kick(thread);
}

/* Afterwards no other thread runs Windows code again: each is in Unix code, on its way to its end, or gone; and there will
 * be no new ones. */
void threads_terminate_others(uint32_t status)
{
    struct thread *thread;

    pthread_mutex_lock(&thread_list_lock);
    __atomic_store_n(&others_ended, true, __ATOMIC_RELEASE);
    for (thread = thread_list; thread; thread = thread->next)
        if (thread != thread_self)
            thread_terminate_locked(thread, status);
    for (thread = thread_list; thread; thread = thread->next)
        thread_wait_stopped_locked(thread);
    pthread_mutex_unlock(&thread_list_lock);
}

void thread_name_on_host(int linux_tid, const WCHAR *text, size_t count)
{
    char bytes[16 * 3 + 1], path[64];
    ssize_t n = text_to_bytes(bytes, text, count < 15 ? count : 15);
    int fd;

    if (n <= 0)
        return;
    snprintf(path, sizeof(path), "/proc/self/task/%d/comm", linux_tid);
    if ((fd = open(path, O_WRONLY | O_CLOEXEC)) < 0)
        return;
    if (write(fd, bytes, (size_t)(n < 15 ? n : 15)) < 0)
        n = 0;
    close(fd);
}
