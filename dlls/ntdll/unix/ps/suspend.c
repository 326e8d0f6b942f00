/* Stopping threads: suspension, termination, and looking at their registers.
 *
 * A thread that is in Unix code counts as stopped at once: its registers are in its frame, it can touch no Windows
 * memory that matters to a debugger or a garbage collector, and on its way out it sees pending and parks. So a
 * suspended thread never holds a lock of ours. A thread in Windows code gets a signal and parks in the handler.
 *
 * Registers of a thread in Unix code are those of its frame, and most calls leave them alone. NtContinue and
 * NtRaiseException replace them, and so may the way out (APCs); who wants to read or write them waits until such a
 * thread has parked.
 *
 * The two orders that must not cross (stopper: set pending, look at frame; thread: clear frame, look at pending)
 * are kept apart by membarrier(), which costs the thread nothing. Where there is none, every stop is a signal.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <signal.h>
#include "nt/nt.h"
#include "host/host.h"
#include "ps/debuggee.h"
#include "ps/exception.h"
#include "ps/native.h"
#include "ps/process.h"
#include "oriel/loader.h"
#include "ps/peer.h"
#include "ps/thread_private.h"
#include "syscalls.h"

static bool have_membarrier;

void suspend_init(void)
{
    have_membarrier = !host_disabled("membarrier") && !syscall(SYS_membarrier, MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0);
}

void thread_flush_stores(void)
{
    struct thread *thread;

    if (have_membarrier && !syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0))
        return;
    pthread_mutex_lock(&thread_list_lock);      /* a signal is a barrier, too */
    for (thread = thread_list; thread; thread = thread->next)
    {
        uint32_t sequence = __atomic_load_n(&thread->stop_sequence, __ATOMIC_SEQ_CST);

        if (thread == thread_self)
            continue;
        syscall(SYS_tgkill, getpid(), thread->linux_tid, SIGNAL_STOP);
        while (__atomic_load_n(&thread->stop_sequence, __ATOMIC_SEQ_CST) == sequence)
            futex_call(&thread->stop_sequence, FUTEX_WAIT, sequence, &(struct timespec){ 0, 1000000 });
    }
    pthread_mutex_unlock(&thread_list_lock);
}

static bool is_stopped(struct thread *thread)
{
    return __atomic_load_n(&thread->frame, __ATOMIC_ACQUIRE) ||
           (__atomic_load_n(&thread->suspend, __ATOMIC_ACQUIRE) & THREAD_STOPPED);
}

static bool is_held(const struct thread *thread)
{
    return __atomic_load_n(&thread->suspend, __ATOMIC_SEQ_CST) & THREAD_HELD;
}

static void acknowledge(struct thread *thread)
{
    __atomic_fetch_add(&thread->stop_sequence, 1, __ATOMIC_SEQ_CST);
    futex_call(&thread->stop_sequence, FUTEX_WAKE, INT32_MAX, NULL);
}

/* Sleeps while the thread is suspended and not to end. The bit is there for as long and goes in the same step, so
 * that who suspends it again finds it either still there or on its way. Async-signal-safe. */
static void park(struct thread *thread, uint32_t bit)
{
    __atomic_fetch_or(&thread->suspend, bit, __ATOMIC_SEQ_CST);
    acknowledge(thread);
    for (;;)
    {
        uint32_t sequence = __atomic_load_n(&thread->park_sequence, __ATOMIC_SEQ_CST);
        uint32_t suspend = __atomic_load_n(&thread->suspend, __ATOMIC_SEQ_CST);

        if ((__atomic_load_n(&thread->pending, __ATOMIC_SEQ_CST) & PENDING_TERMINATE) &&
            !(thread->telling && (suspend & THREAD_FROZEN)))
        {
            __atomic_fetch_and(&thread->suspend, ~bit, __ATOMIC_SEQ_CST);
            return;
        }
        if (suspend & THREAD_HELD)
            futex_call(&thread->park_sequence, FUTEX_WAIT, sequence, NULL);
        else if (__atomic_compare_exchange_n(&thread->suspend, &suspend, 0, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST))
            return;
    }
}

static void unpark(struct thread *thread)
{
    __atomic_fetch_add(&thread->park_sequence, 1, __ATOMIC_SEQ_CST);
    futex_call(&thread->park_sequence, FUTEX_WAKE, 1, NULL);
}

void thread_kick(struct thread *thread)
{
    unpark(thread);
    if (have_membarrier)
    {
        syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0);
        if (__atomic_load_n(&thread->frame, __ATOMIC_ACQUIRE))
            return;
    }
    syscall(SYS_tgkill, getpid(), thread->linux_tid, SIGNAL_STOP);
}

void thread_wait_stopped_locked(struct thread *thread)
{
    const struct timespec while_leaving = { 0, 1000000 };

    if (thread == thread_self)
        return;
    for (;;)
    {
        uint32_t sequence = __atomic_load_n(&thread->stop_sequence, __ATOMIC_ACQUIRE);

        if (is_stopped(thread))
            return;
        futex_call(&thread->stop_sequence, FUTEX_WAIT, sequence, &while_leaving);
    }
}

static bool is_settled(const struct thread *thread)
{
    const struct syscall_frame *frame;

    if (__atomic_load_n(&thread->suspend, __ATOMIC_ACQUIRE) & (THREAD_STOPPED | THREAD_PARKED))
        return true;
    return (frame = __atomic_load_n(&thread->frame, __ATOMIC_ACQUIRE)) &&
           !__atomic_load_n(&frame->leaving, __ATOMIC_ACQUIRE) && frame->number != NR_NtContinue &&
           frame->number != NR_NtContinueEx && frame->number != NR_NtRaiseException;
}

bool thread_wait_settled_locked(struct thread *thread)
{
    const struct timespec a_little = { 0, 1000000 };

    for (;;)
    {
        uint32_t sequence = __atomic_load_n(&thread->stop_sequence, __ATOMIC_ACQUIRE);

        if (__atomic_load_n(&thread->pending, __ATOMIC_SEQ_CST) & PENDING_TERMINATE)
            return false;
        if (is_settled(thread))
            return true;
        futex_call(&thread->stop_sequence, FUTEX_WAIT, sequence, &a_little);
    }
}

void thread_suspend_locked(struct thread *thread)
{
    if (__atomic_fetch_add(&thread->suspend, 1, __ATOMIC_SEQ_CST))     /* already, or not yet gone on from the last time */
        return;
    __atomic_fetch_or(&thread->pending, PENDING_SUSPEND, __ATOMIC_SEQ_CST);
    if (thread == thread_self)
        return;
    thread_kick(thread);
    thread_wait_stopped_locked(thread);
}

void thread_resume_locked(struct thread *thread)
{
    if (__atomic_sub_fetch(&thread->suspend, 1, __ATOMIC_SEQ_CST) & THREAD_HELD)
        return;
    unpark(thread);
}

/* ---- for a debugger --------------------------------------------------------------------------------------- */

void threads_freeze_locked(void)
{
    struct thread *thread;

    for (thread = thread_list; thread; thread = thread->next)
    {
        if (__atomic_load_n(&thread->suspend, __ATOMIC_SEQ_CST) & THREAD_FROZEN)
            continue;
        if (__atomic_fetch_add(&thread->suspend, THREAD_FROZEN, __ATOMIC_SEQ_CST) || thread == thread_self)
            continue;
        __atomic_fetch_or(&thread->pending, PENDING_SUSPEND, __ATOMIC_SEQ_CST);
        thread_kick(thread);
    }
    for (thread = thread_list; thread; thread = thread->next)
        thread_wait_stopped_locked(thread);
}

void threads_thaw_locked(void)
{
    struct thread *thread;

    for (thread = thread_list; thread; thread = thread->next)
        if ((__atomic_load_n(&thread->suspend, __ATOMIC_SEQ_CST) & THREAD_FROZEN))
        {
            __atomic_fetch_sub(&thread->suspend, THREAD_FROZEN, __ATOMIC_SEQ_CST);
            unpark(thread);             /* one that is to end goes on though it is suspended */
        }
}

void thread_freeze_self_locked(struct thread *thread)
{
    __atomic_fetch_or(&thread->suspend, THREAD_FROZEN, __ATOMIC_SEQ_CST);
}

void thread_stop_here(struct thread *thread, uint32_t how)
{
    __atomic_fetch_or(&thread->suspend, how, __ATOMIC_SEQ_CST);
    acknowledge(thread);
}

void thread_stop(struct thread *thread, uint32_t how)
{
    park(thread, how);
}

/* Is the thread asleep in a call to the host, or about to make it, and without any lock of libc's? Those calls are not made
 * inside malloc() or pthread_create(). One that ends with EINTR though handlers have SA_RESTART is one that waits (signal(7)):
 * poll() and whatever has a time limit, which libc's locks have not. Others stand at the instruction again, with their number;
 * only syscall(), which libc does not use itself, may be in a futex. */
static bool sleeps_in_host(const ucontext_t *uc)
{
    const uint8_t *ip = (const uint8_t *)uc->uc_mcontext.gregs[REG_RIP];
    static const uint8_t instruction[2] = { 0x0f, 0x05 };

    if (uc->uc_mcontext.gregs[REG_RAX] == -EINTR && !memcmp(ip - 2, instruction, 2))
        return true;
    if (memcmp(ip, instruction, 2))
        return false;
    switch (uc->uc_mcontext.gregs[REG_RAX])
    {
    case SYS_futex: return (uintptr_t)ip - (uintptr_t)syscall < 64;
    case SYS_read: case SYS_readv: case SYS_pread64: case SYS_preadv: case SYS_write: case SYS_writev: case SYS_pwrite64:
    case SYS_pwritev: case SYS_connect: case SYS_accept: case SYS_accept4: case SYS_sendto: case SYS_recvfrom: case SYS_sendmsg:
    case SYS_recvmsg: case SYS_wait4: case SYS_waitid: case SYS_fcntl: case SYS_flock: case SYS_poll: case SYS_ppoll:
    case SYS_select: case SYS_pselect6: case SYS_epoll_wait: case SYS_epoll_pwait: case SYS_pause: case SYS_nanosleep:
    case SYS_clock_nanosleep: case SYS_futex_waitv:
        return true;
    default:
        return false;
    }
}

/* Another process wants to be answered. In Windows code nothing of ours is under way. */
static void knock(struct thread *thread, const ucontext_t *uc)
{
    if (!thread)                        /* before the first thread (thread_run() looks), or after it */
        peer_knocked(false);
    else if (!thread->frame || sleeps_in_host(uc))
        peer_knocked(true);
    else
        __atomic_fetch_or(&thread->pending, PENDING_KNOCK, __ATOMIC_SEQ_CST);
}

void stop_handler(int signal, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    greg_t *r = uc->uc_mcontext.gregs;
    struct thread *thread = thread_self;
    uint64_t rip = r[REG_RIP];
    int saved_errno = errno;
    CONTEXT registers;
    const char *xsave;

    (void)signal;
    if (info->si_code != SI_TKILL)
    {
        knock(thread, uc);
        return;
    }
    if (!thread)
        return;
    if (thread->frame || (!is_held(thread) &&
                          !(__atomic_load_n(&thread->pending, __ATOMIC_SEQ_CST) & PENDING_TERMINATE)))
        goto done;
    if (rip >= (uint64_t)syscall_leave && rip < (uint64_t)syscall_leave_end)
    {
        /* It has looked at pending already: let it look again. The bit is set here too, since the signal may be an old
         * one that overtakes the thread that is suspending it now. */
        __atomic_fetch_or(&thread->pending, PENDING_SUSPEND, __ATOMIC_SEQ_CST);
        if (thread->unix_stack->has_context)
            r[REG_RAX] = thread->unix_stack->status;
        thread->frame = thread->unix_stack;
        r[REG_RIP] = (greg_t)syscall_leave;
        goto done;
    }
    if (rip >= (uint64_t)syscall_enter_start && rip < (uint64_t)syscall_enter_end)
    {
        /* Nothing but rcx and r11, which calls destroy, was used: it has not entered yet. */
        r[REG_RIP] = process_ntdll.stubs + (uint64_t)(uint32_t)r[REG_RAX] * STUB_SIZE;
        r[REG_RCX] = r[REG_R10];
    }
    if (is_held(thread))
    {
        context_from_signal(&registers, uc);
        xsave = signal_xsave(uc);
        thread->stop_context = &registers;
        thread->stop_extended = xsave ? xsave + XSAVE_LEGACY : NULL;
        thread->stop_context_changed = false;
        park(thread, THREAD_STOPPED);
        if (thread->stop_context_changed)
            context_to_signal(uc, &registers);
    }
    if (thread->pending & PENDING_TERMINATE)
    {
        thread->frame = thread->unix_stack;
        r[REG_RIP] = (greg_t)syscall_stop;
        r[REG_EFL] &= ~(greg_t)0x40500;
    }
done:
    acknowledge(thread);
    errno = saved_errno;
}

/* ---- on the way out of an Nt call ------------------------------------------------------------------------ */

/* A thread that has run nothing yet begins in LdrInitializeThunk, with the context it is to continue with on its
 * stack; until it is resumed for the first time others see, and may change, that context. */
static void begin(struct thread *thread, struct syscall_frame *frame)
{
    CONTEXT start = frame->context;
    uint64_t rsp = (start.Rsp - sizeof(CONTEXT)) & ~(uint64_t)63;
    NTSTATUS status;

    thread->starting = false;
    if (process_is_native)
        native_run();
    start.ContextFlags = CONTEXT_FULL | CONTEXT_SEGMENTS;
    if ((status = user_write((void *)rsp, &start, sizeof(start))))
        thread_exit_self(status);
    frame->context.Rip = process_ntdll.LdrInitializeThunk;
    frame->context.Rcx = rsp;
    frame->context.Rdx = process_ntdll.base;
    frame->context.R8 = process_check_only ? ORIEL_LOADER_CHECK : 0;
    frame->context.Rsp = rsp - 0x28;            /* as after a call: shadow space and a return address of 0 */
}

static void step_next(struct syscall_frame *frame)
{
    CONTEXT context;

    context_from_frame(&context, frame);
    context.EFlags |= 0x100;
    context.ContextFlags = CONTEXT_CONTROL;
    frame_set_context(thread_self, frame, &context, NULL);
}

int syscall_leave_slow(struct syscall_frame *frame, uint64_t status)
{
    struct thread *thread = thread_self;
    uint32_t pending;

    frame->status = status;
    /* The bit first, then the count: who suspends raises the count, then the bit. */
    __atomic_fetch_and(&thread->pending, ~(uint32_t)PENDING_SUSPEND, __ATOMIC_SEQ_CST);
    __atomic_store_n(&frame->leaving, 1, __ATOMIC_SEQ_CST);
    if (is_held(thread))
        park(thread, THREAD_PARKED);
    if (thread->starting && debuggee_attached)
        debuggee_thread_starts();
    pending = __atomic_load_n(&thread->pending, __ATOMIC_SEQ_CST);
    if (pending & PENDING_TERMINATE)
        thread_exit_self(thread->exit_status);
    if (frame->has_context && frame->rax_given != 1)
        frame->context.Rax = status;
    if (frame->has_context && frame->rax_given == RAX_LOST)
    {
        frame->context.Rcx = frame->context.Rip;
        frame->context.Rdx = frame->context.R8 = frame->context.R9 = frame->context.R10 = 0;
        frame->context.R11 = frame->context.EFlags;
    }
    if (thread->starting)
        begin(thread, frame);
    if ((pending & PENDING_APC) && !frame->apc_delivered && (frame->alertable || (NTSTATUS)status == STATUS_USER_APC))
    {
        frame->apc_delivered = 1;
        apc_deliver(frame);
    }
    if (pending & PENDING_STEP)
    {
        __atomic_fetch_and(&thread->pending, ~(uint32_t)PENDING_STEP, __ATOMIC_RELAXED);
        step_next(frame);
    }
    __atomic_fetch_and(&thread->pending, ~(uint32_t)PENDING_CONTEXT, __ATOMIC_RELAXED);
    if (pending & PENDING_KNOCK)
    {
        __atomic_fetch_and(&thread->pending, ~(uint32_t)PENDING_KNOCK, __ATOMIC_RELAXED);
        peer_server_start();
    }
    if (!frame->has_context)
        return 0;
    frame_prepare_leave(frame);
    return 1;
}
