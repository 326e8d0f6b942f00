/* The process as an object, and its end. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ob/name_file.h"
#include "ob/cell.h"
#include "ob/transfer.h"
#include "ps/cpu.h"
#include "ps/debuggee.h"
#include "ps/control_event.h"
#include "ps/job.h"
#include "ps/process.h"
#include "io/console.h"
#include "ps/process_object.h"
#include "ps/thread.h"
#include "ps/times.h"
#include "vm/vm.h"

struct process_object *current_process;
int process_creator_socket = -1;
int process_block_fd = -1;

static void process_destroy(struct object *header)
{
    struct process_object *process = (struct process_object *)header;

    process_forget(process);
    if (process->block)
        munmap(process->block, PROCESS_BLOCK_SIZE);
    if (process->block_fd >= 0)
        close(process->block_fd);
    if (process->pidfd >= 0)
        close(process->pidfd);
    if (process->control >= 0)
        close(process->control);
    pthread_mutex_destroy(&process->control_lock);
    cell_free(process->cell);
    free(process);
}

static struct cell *process_wait_cell(struct object *header)
{
    return ((struct process_object *)header)->cell;
}

static NTSTATUS process_pack(struct object *header, struct transfer *transfer)
{
    struct process_object *process = (struct process_object *)header;

    transfer->fds[0] = process->block_fd;
    transfer->fd_count = 1;
    transfer->size = sizeof(process->linux_pid);
    memcpy(transfer->data, &process->linux_pid, sizeof(process->linux_pid));
    if (process->pidfd >= 0)            /* without it: the sender himself */
        transfer->fds[transfer->fd_count++] = process->pidfd;
    return STATUS_SUCCESS;
}

static NTSTATUS process_unpack(struct transfer *transfer, struct object **object)
{
    int linux_pid;

    if (!transfer->fd_count || transfer->fd_count > 2 || transfer->size != sizeof(linux_pid))
        return STATUS_INVALID_PARAMETER;
    memcpy(&linux_pid, transfer->data, sizeof(linux_pid));
    return process_from_transfer(linux_pid, transfer, (struct process_object **)object);
}

#define PROCESS_SET_LIMITED 0x2000      /* PROCESS_SET_LIMITED_INFORMATION, which Wine's header has not */

const struct object_type process_type =
{
    .name = "Process",
    .mapping = { STANDARD_RIGHTS_READ | PROCESS_VM_READ | PROCESS_QUERY_INFORMATION,
                 STANDARD_RIGHTS_WRITE | PROCESS_SUSPEND_RESUME | PROCESS_SET_INFORMATION | PROCESS_SET_QUOTA |
                     PROCESS_CREATE_PROCESS | PROCESS_DUP_HANDLE | PROCESS_VM_WRITE | PROCESS_VM_OPERATION |
                     PROCESS_CREATE_THREAD,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE | PROCESS_TERMINATE | PROCESS_QUERY_LIMITED_INFORMATION,
                 PROCESS_ALL_ACCESS },
    .valid_access = PROCESS_ALL_ACCESS,
    .implied = { { PROCESS_QUERY_INFORMATION, PROCESS_QUERY_LIMITED_INFORMATION },
                 { PROCESS_SET_INFORMATION, PROCESS_SET_LIMITED } },
    .destroy = process_destroy,
    .wait_cell = process_wait_cell,
    .pack = process_pack,
    .unpack = process_unpack,
};

/* Sealed, so that no page of it can go from under those who look at it. -1: none could be had. */
int process_block_create(void)
{
    int fd = memfd_create("oriel-process", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    struct process_block head = { .magic = PROCESS_BLOCK_MAGIC, .exit_status = (uint32_t)STATUS_PENDING };

    if (fd >= 0 && (ftruncate(fd, PROCESS_BLOCK_SIZE) || fcntl(fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL) ||
                    pwrite(fd, &head, offsetof(struct process_block, linux_pid), 0) < 0))
    {
        close(fd);
        fd = -1;
    }
    return fd;
}

/* What VirtualLock leaves of the smallest working set: room for the pages that a thread needs to get on. */
#define UNLOCKED_PAGES 8

void process_lock_limit(const struct process_object *process)
{
    vm_lock_limit(process->min_working_set - UNLOCKED_PAGES * 4096);
}

NTSTATUS process_object_init(void)
{
    struct process_object *process = object_alloc(&process_type, sizeof(*process));

    if (!process || !(process->cell = cell_alloc(CELL_MANUAL, 0, 0)))
        return STATUS_NO_MEMORY;
    process->pidfd = process->control = -1;
    process->linux_pid = getpid();
    pthread_mutex_init(&process->control_lock, NULL);
    if ((process->block_fd = process_block_fd) < 0)
        process->block_fd = process_block_create();
    if (process->block_fd < 0)
        return STATUS_NO_MEMORY;
    process->block = mmap(NULL, PROCESS_BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, process->block_fd, 0);
    if (process->block == MAP_FAILED)
        return STATUS_NO_MEMORY;
    process->block->linux_pid = (uint32_t)process->linux_pid;
    process->id = process_id;
    process->exit_status = STATUS_PENDING;
    process->create_time = (uint64_t)system_time();
    process->affinity = cpu_mask();
    process->priority_class = PROCESS_PRIOCLASS_NORMAL;
    process->min_working_set = 50 * 4096;       /* Windows' defaults */
    process->max_working_set = 345 * 4096;
    process_lock_limit(process);
    process->working_set_flags = QUOTA_LIMITS_HARDWS_MIN_DISABLE | QUOTA_LIMITS_HARDWS_MAX_DISABLE;
    process->io_priority = 2;
    process->page_priority = 5;
    process->block->create_time = process->create_time;
    process->block->affinity = process->affinity;
    process->block->priority_class = process->priority_class;
    process->block->base_priority = 8;
    process->block->session_id = OBJECT_SESSION_ID;
    if (!process->block->parent_id)
        process->block->parent_id = (uint32_t)getppid() * 4;
    process->block->console = process->block->console_group = process_id;
    process->block->handle_count = *handle_count;
    handle_count = &process->block->handle_count;
    current_process = process;
    return STATUS_SUCCESS;
}

int process_base_priority(void)
{
    return priority_of_class(current_process->priority_class);
}

int priority_of_class(uint32_t priority_class)
{
    switch (priority_class)
    {
    case PROCESS_PRIOCLASS_IDLE: return 4;
    case PROCESS_PRIOCLASS_BELOW_NORMAL: return 6;
    case PROCESS_PRIOCLASS_ABOVE_NORMAL: return 10;
    case PROCESS_PRIOCLASS_HIGH: return 13;
    case PROCESS_PRIOCLASS_REALTIME: return 24;
    default: return 8;
    }
}

NTSTATUS process_target(HANDLE handle, ACCESS_MASK access, struct process_object **process)
{
    return handle_lookup(handle, &process_type, access, process, NULL);
}

struct object *process_current_object(void)
{
    return &current_process->header;
}

/* All 32 bits of the code, for those who have a handle. They see it once the process is gone. */
static void process_tell_end(uint32_t code)
{
    struct process_block *block = current_process->block;

    if (__atomic_load_n(&block->state, __ATOMIC_ACQUIRE) == PROCESS_ENDED)
        return;                         /* who kills us has said more */
    block->exit_status = code;
    block->exit_time = (uint64_t)system_time();
    times_of_process(&block->user_time, &block->kernel_time);
    __atomic_store_n(&block->state, PROCESS_ENDED, __ATOMIC_RELEASE);
}

void process_kill_self(uint32_t code)
{
    process_tell_end(code);
    for (;;)
        kill(getpid(), SIGKILL);
}

/* What is to be left in order. crashed: whatever its state is, only what cannot fail. */
static void leave(uint32_t code, bool crashed)
{
    static uint32_t exiting;

    if (__atomic_exchange_n(&exiting, 1, __ATOMIC_SEQ_CST))
        for (;;)                        /* another thread is at it, or this one crashed in it */
        {
            if (crashed)
                _exit(134);
            pause();
        }
    current_process->exit_status = code;
    process_tell_end(code);
    if (!crashed)
    {
        job_leave_all();
        handle_close_all();
        name_files_sweep();
    }
    console_restore();
}

void process_exit_status(uint32_t code, int host_status)
{
    leave(code, host_status >= 128);
    _exit(host_status);
}

void process_exit_signal(int signal)
{
    struct sigaction fatal = { .sa_handler = SIG_DFL };
    sigset_t set;

    leave((uint32_t)STATUS_CONTROL_C_EXIT, false);
    sigaction(signal, &fatal, NULL);
    sigemptyset(&set);
    sigaddset(&set, signal);
    pthread_sigmask(SIG_UNBLOCK, &set, NULL);
    raise(signal);
    _exit(128 + signal);                /* init of a container is not ended by it */
}

void process_exit(uint32_t code)
{
    if (debuggee_attached)
        debuggee_process_ends(code, NULL);
    if (code == (uint32_t)STATUS_CONTROL_C_EXIT)        /* the shell shall see that, too */
        process_exit_signal(control_event_signal());
    process_exit_status(code, process_host_status(code));
}
