/* Other processes: objects for them, how they are found by id, how they end. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "host/seal.h"
#include "nt/nt.h"
#include "io/async.h"
#include "ob/cell.h"
#include "ob/transfer.h"
#include "ps/exception.h"
#include "ps/native.h"
#include "ps/peer.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread.h"
#include "ps/times.h"

#ifndef P_PIDFD
#define P_PIDFD 3
#endif
#define HELLO_PATIENCE_MS 5000          /* for one that runs; nobody needs as long */
#define SLICE_MS 250                    /* of that, between looks at whether who asks is to end */
#define CLOSING_PATIENCE_MS 500         /* from closed sockets to the end */

static pthread_mutex_t watch_lock = PTHREAD_MUTEX_INITIALIZER;
static struct process_object *known;            /* all there are, without a reference; under watch_lock */

/* ---- their end -------------------------------------------------------------------------------------------- */

uint32_t process_status(struct process_object *process)
{
    if (!process_is_other(process))
        return process->exit_status;
    if (__atomic_load_n(&process->block->state, __ATOMIC_ACQUIRE) != PROCESS_ENDED || !cell_is_signaled(process->cell))
        return (uint32_t)STATUS_PENDING;        /* a code is there before the process has gone */
    return process->block->exit_status;
}

/* What Windows would have said of it. */
static uint32_t status_of_signal(int number)
{
    switch (number)
    {
    case SIGINT:  return (uint32_t)STATUS_CONTROL_C_EXIT;
    case SIGSEGV:
    case SIGBUS:  return (uint32_t)STATUS_ACCESS_VIOLATION;
    case SIGILL:  return (uint32_t)STATUS_ILLEGAL_INSTRUCTION;
    case SIGFPE:  return (uint32_t)STATUS_INTEGER_DIVIDE_BY_ZERO;
    case SIGABRT: return (uint32_t)STATUS_STACK_BUFFER_OVERRUN;         /* what abort() raises */
    default:      return 1;                                             /* as the task manager kills */
    }
}

static void block_end(struct process_block *block, uint32_t code)
{
    if (__atomic_load_n(&block->state, __ATOMIC_ACQUIRE) == PROCESS_ENDED)
        return;
    block->exit_status = code;
    block->exit_time = (uint64_t)system_time();
    __atomic_store_n(&block->state, PROCESS_ENDED, __ATOMIC_RELEASE);
}

static uint32_t wait_status(const struct process_object *process, int options)
{
    siginfo_t info = { 0 };

    if (!process->child || waitid((idtype_t)P_PIDFD, (id_t)process->pidfd, &info, WEXITED | options))
        return 1;
    return info.si_code == CLD_EXITED ? (uint32_t)info.si_status : status_of_signal(info.si_status);
}

uint32_t process_final_status(struct process_object *process)
{
    if (__atomic_load_n(&process->block->state, __ATOMIC_ACQUIRE) != PROCESS_ENDED)
        block_end(process->block, wait_status(process, WNOWAIT));
    return process->block->exit_status;
}

struct process_watch
{
    struct process_watch *next;
    void (*ended)(struct process_object *process, void *arg);
    void *arg;
};

/* On the poller's thread: the pidfd says that the process is gone. */
static void process_ended(void *arg)
{
    struct process_object *process = arg;
    struct process_watch *watch, *next;

    block_end(process->block, wait_status(process, 0));
    pthread_mutex_lock(&watch_lock);
    watch = process->watches;
    process->watches = NULL;
    process->gone = true;
    pthread_mutex_unlock(&watch_lock);
    for (; watch; watch = next)
    {
        next = watch->next;
        watch->ended(process, watch->arg);
        free(watch);
    }
    cell_set(process->cell);
    object_unref(&process->header);
}

bool process_on_end(struct process_object *process, void (*ended)(struct process_object *process, void *arg), void *arg)
{
    struct process_watch *watch = malloc(sizeof(*watch)), **last;
    bool gone;

    if (!watch)
        return false;
    pthread_mutex_lock(&watch_lock);
    if (!(gone = process->gone))
    {
        *watch = (struct process_watch){ NULL, ended, arg };
        for (last = &process->watches; *last; last = &(*last)->next)
            ;
        *last = watch;
    }
    pthread_mutex_unlock(&watch_lock);
    if (gone)
        free(watch);
    return !gone;
}

NTSTATUS process_kill(struct process_object *process, uint32_t code)
{
    if (cell_is_signaled(process->cell))
        return STATUS_PROCESS_IS_TERMINATING;
    block_end(process->block, code);
    if (syscall(SYS_pidfd_send_signal, process->pidfd, SIGKILL, NULL, 0))
        return errno == ESRCH ? STATUS_PROCESS_IS_TERMINATING : STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

/* ---- objects ------------------------------------------------------------------------------------------------ */

extern const struct object_type process_type;

static bool has_ended(int pidfd)
{
    struct pollfd fd = { .fd = pidfd, .events = POLLIN };

    return poll(&fd, 1, 0) > 0;
}

struct process_object *process_object_other(int linux_pid, int pidfd, int block_fd, int control, bool child)
{
    struct process_object *process = object_alloc(&process_type, sizeof(*process));
    struct stat st;
    void *block;

    if (!process)
    {
        close(pidfd);
        close(block_fd);
        if (control >= 0)
            close(control);
        return NULL;
    }
    pthread_mutex_init(&process->control_lock, NULL);
    process->linux_pid = linux_pid;
    process->id = (uint32_t)linux_pid * 4;
    process->pidfd = pidfd;
    process->block_fd = block_fd;
    process->control = control;
    process->child = child;
    process->exit_status = (uint32_t)STATUS_PENDING;
    /* A page that somebody could cut off would end us with SIGBUS: it must be sealed. */
    if (fstat(block_fd, &st) || st.st_size < PROCESS_BLOCK_SIZE || !fd_cannot_shrink(block_fd) ||
        (block = mmap(NULL, PROCESS_BLOCK_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, block_fd, 0)) == MAP_FAILED)
        goto failed;
    process->block = block;
    /* One that ended long ago is signalled from the start, not when the poller has come round to it. */
    if (process->block->magic != PROCESS_BLOCK_MAGIC || !(process->cell = cell_alloc(CELL_MANUAL, has_ended(pidfd), 0)))
        goto failed;
    process->create_time = process->block->create_time;
    process->affinity = process->block->affinity;
    process->priority_class = process->block->priority_class;
    pthread_mutex_lock(&watch_lock);
    process->next_known = known;
    known = process;
    pthread_mutex_unlock(&watch_lock);
    object_ref(&process->header);       /* until it has ended */
    if (!io_watch(pidfd, process_ended, process))
    {
        object_unref(&process->header);
        goto failed;
    }
    return process;

failed:
    object_unref(&process->header);
    return NULL;
}

/* ---- by id ---------------------------------------------------------------------------------------------------- */

/* A field of /proc/PID/stat, from the third on; the name in the second may hold anything. 0: no such process. */
static unsigned long long stat_field(int linux_pid, int number, bool living)
{
    char path[32], text[1024], *p;
    unsigned long long value = 0;
    int fd, field;
    ssize_t n;

    snprintf(path, sizeof(path), "/proc/%d/stat", linux_pid);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return 0;
    n = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (n <= 0)
        return 0;
    text[n] = 0;
    if (!(p = strrchr(text, ')')))
        return 0;
    if (living && p[1] == ' ' && (p[2] == 'Z' || p[2] == 'X'))
        return 0;
    for (field = 3, p++; field < number && p; field++)
        p = strchr(p + 1, ' ');
    if (p)
        value = strtoull(p, NULL, 10);
    return value;
}

void process_times_of_other(int linux_pid, uint64_t *user, uint64_t *kernel)
{
    uint64_t unit = 10000000ull / (uint64_t)sysconf(_SC_CLK_TCK);

    *user = stat_field(linux_pid, 14, false) * unit;
    *kernel = stat_field(linux_pid, 15, false) * unit;
}

uint64_t process_start_time(int linux_pid)
{
    return linux_pid > 0 ? stat_field(linux_pid, 22, true) : 0;
}

bool process_kill_by_id(int linux_pid, uint64_t start, uint32_t code)
{
    int pidfd = (int)syscall(SYS_pidfd_open, linux_pid, 0), block_fd;
    struct process_block *block;
    bool killed = false;

    if (pidfd >= 0 && process_start_time(linux_pid) == start)
    {
        if ((block_fd = process_find_block(linux_pid)) >= 0)
        {
            if (fd_cannot_shrink(block_fd) && (block = mmap(NULL, PROCESS_BLOCK_SIZE, PROT_READ | PROT_WRITE,
                                                                            MAP_SHARED, block_fd, 0)) != MAP_FAILED)
            {
                block_end(block, code);
                munmap(block, PROCESS_BLOCK_SIZE);
            }
            close(block_fd);
        }
        killed = !syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0);
    }
    if (pidfd >= 0)
        close(pidfd);
    return killed;
}

/* The process ids of two containers that share a network are told apart by their namespace. */
static unsigned long long pid_namespace(void)
{
    static unsigned long long number;
    struct stat st;

    if (!number)
        number = stat("/proc/self/ns/pid", &st) ? 1 : (unsigned long long)st.st_ino;
    return number;
}

void process_control_name(int linux_pid, struct sockaddr_un *address, unsigned int *size)
{
    int length;

    memset(address, 0, sizeof(*address));
    address->sun_family = AF_UNIX;
    length = snprintf(address->sun_path + 1, sizeof(address->sun_path) - 1, "oriel-%u-%llu-%d", (unsigned int)getuid(),
                      pid_namespace(), linux_pid);
    *size = (unsigned int)(offsetof(struct sockaddr_un, sun_path) + 1 + (size_t)length);
}

/* One that lives comes before one that has ended and had the same id; that is found as long as there is a handle. */
static struct process_object *find_known(int linux_pid, bool gone)
{
    struct process_object *process;

    pthread_mutex_lock(&watch_lock);
    for (process = known; process; process = process->next_known)
        if (process->linux_pid == linux_pid && process->gone == gone &&
            (!gone || __atomic_load_n(&process->header.handles, __ATOMIC_RELAXED)) && object_try_ref(&process->header))
            break;
    pthread_mutex_unlock(&watch_lock);
    return process;
}

void process_forget(struct process_object *process)
{
    struct process_object **p;

    pthread_mutex_lock(&watch_lock);
    for (p = &known; *p && *p != process; p = &(*p)->next_known)
        ;
    if (*p)
        *p = process->next_known;
    pthread_mutex_unlock(&watch_lock);
}

/* The hello of its control thread: returns the fd of its block, -1: it was none. */
static int receive_hello(int socket, int linux_pid)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int) * 4)]; } ancillary;
    struct process_hello hello = { 0 };
    struct iovec iov = { &hello, sizeof(hello) };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ancillary,
                              .msg_controllen = sizeof(ancillary) };
    struct cmsghdr *c;
    int fds[4], count = 0, i, waited;
    ssize_t n;

    for (waited = 0; (n = recvmsg(socket, &message, MSG_CMSG_CLOEXEC)) < 0 && (errno == EINTR || errno == EAGAIN); waited++)
        if (waited == HELLO_PATIENCE_MS / SLICE_MS || peer_asker_is_to_end())
            return -1;
    if (n < 0)
        return -1;
    for (c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c))
        if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
        {
            count = (int)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
            memcpy(fds, CMSG_DATA(c), (size_t)count * sizeof(int));
        }
    if (n == sizeof(hello) && hello.magic == PROCESS_HELLO_MAGIC && hello.version == PROCESS_PROTOCOL &&
        hello.linux_pid == (uint32_t)linux_pid && count == 1)
        return fds[0];
    for (i = 0; i < count; i++)
        close(fds[i]);
    return -1;
}

/* Until its control thread runs, knocking. False: it has ended, or does not answer. */
static bool wait_until_it_answers(struct process_object *process)
{
    int patience, waited;

    for (patience = 1, waited = 0; waited < HELLO_PATIENCE_MS; waited += patience, patience += patience < 64 ? patience : 0)
    {
        struct pollfd fd = { .fd = process->pidfd, .events = POLLIN };

        if (__atomic_load_n(&process->block->answers, __ATOMIC_ACQUIRE))
            return true;
        peer_knock(process);
        if (poll(&fd, 1, patience) > 0 || peer_asker_is_to_end())
            return false;
    }
    return false;
}

static bool same_file(int a, int b)
{
    struct stat x, y;

    return !fstat(a, &x) && !fstat(b, &y) && x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

NTSTATUS process_connect_locked(struct process_object *process)
{
    struct timeval patience = { .tv_usec = SLICE_MS * 1000 };
    struct sockaddr_un address;
    unsigned int size;
    struct ucred peer;
    socklen_t peer_size = sizeof(peer);
    struct pollfd ended = { .fd = process->pidfd, .events = POLLIN };
    int control, block_fd = -1, waited = 0;
    bool reached;

    if (process->control >= 0)
        return STATUS_SUCCESS;
    if (cell_is_signaled(process->cell) || has_ended(process->pidfd))
        return STATUS_PROCESS_IS_TERMINATING;
    if (!wait_until_it_answers(process))
        return has_ended(process->pidfd) ? STATUS_PROCESS_IS_TERMINATING : STATUS_ACCESS_DENIED;
    if ((control = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0)) < 0)
        return STATUS_INSUFFICIENT_RESOURCES;
    setsockopt(control, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setsockopt(control, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience));         /* connect() waits, too */
    process_control_name(process->linux_pid, &address, &size);
    while (!(reached = !connect(control, (const struct sockaddr *)&address, size)) && (errno == EAGAIN || errno == EINTR))
        if (waited++ == HELLO_PATIENCE_MS / SLICE_MS || peer_asker_is_to_end())
            break;
    if (reached &&
        !getsockopt(control, SOL_SOCKET, SO_PEERCRED, &peer, &peer_size) && peer.uid == getuid() &&
        peer.pid == process->linux_pid && (block_fd = receive_hello(control, process->linux_pid)) >= 0 &&
        same_file(block_fd, process->block_fd))
        process->control = control;
    else
        close(control);
    if (block_fd >= 0)
        close(block_fd);
    if (process->control >= 0)
        return STATUS_SUCCESS;
    /* One that dies closes its sockets before its pidfd tells so. */
    return poll(&ended, 1, CLOSING_PATIENCE_MS) > 0 ? STATUS_PROCESS_IS_TERMINATING : STATUS_ACCESS_DENIED;
}

/* ---- without asking it ------------------------------------------------------------------------------------------ */

#define BLOCK_FD_SEARCH 256             /* a process makes its block early, where the first fds are free */

/* A process's block is one of its files, which /proc shows to who may look at the process at all. -1: it has none. */
int process_find_block(int linux_pid)
{
    static const char wanted[] = "/memfd:oriel-process";
    char path[64], target[sizeof(wanted)];
    struct process_block head;
    struct stat st;
    int folder, number, fd, missing = 0;

    snprintf(path, sizeof(path), "/proc/%d/fd", linux_pid);
    if ((folder = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC)) < 0)
        return -1;
    if (fstat(folder, &st) || st.st_uid != getuid())
    {
        close(folder);
        return -1;
    }
    for (number = 3, fd = -1; number < BLOCK_FD_SEARCH && missing < 64; number++)
    {
        ssize_t length;

        snprintf(path, sizeof(path), "%d", number);
        length = readlinkat(folder, path, target, sizeof(target));
        missing = length < 0 ? missing + 1 : 0;
        if (length < (ssize_t)sizeof(wanted) - 1 || memcmp(target, wanted, sizeof(wanted) - 1) ||
            (fd = openat(folder, path, O_RDWR | O_CLOEXEC)) < 0)
            continue;
        /* It may be another's, on which this process has a handle. */
        if (pread(fd, &head, sizeof(head), 0) == (ssize_t)sizeof(head) && head.magic == PROCESS_BLOCK_MAGIC &&
            head.linux_pid == (uint32_t)linux_pid && head.state != PROCESS_STARTING)
            break;
        close(fd);
        fd = -1;
    }
    close(folder);
    return fd;
}

static bool runs_oriel(int linux_pid)
{
    struct stat own, other;
    char path[32], name[sizeof(KEEPER_THREAD_NAME)];
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/comm", linux_pid);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) >= 0)
    {
        bool keeper = read(fd, name, sizeof(name)) == (ssize_t)sizeof(name) && !memcmp(name, KEEPER_THREAD_NAME "\n", sizeof(name));

        close(fd);
        if (keeper)
            return false;
    }
    snprintf(path, sizeof(path), "/proc/%d/exe", linux_pid);
    return !stat("/proc/self/exe", &own) && !stat(path, &other) && own.st_ino == other.st_ino && own.st_dev == other.st_dev;
}

/* One that has just been born has no block yet. */
static int wait_for_block(int linux_pid, int pidfd)
{
    int tries, fd;

    for (tries = 0; (fd = process_find_block(linux_pid)) < 0 && tries < HELLO_PATIENCE_MS; tries++)
    {
        if ((tries % 64 == 0 && !runs_oriel(linux_pid)) || has_ended(pidfd))
            break;
        nanosleep(&(struct timespec){ 0, 1000000 }, NULL);
    }
    return fd;
}

NTSTATUS process_open_other(int linux_pid, struct process_object **process)
{
    int pidfd, block_fd;

    if ((*process = find_known(linux_pid, false)))
        return STATUS_SUCCESS;
    if (linux_pid <= 0 || (pidfd = (int)syscall(SYS_pidfd_open, linux_pid, 0)) < 0)     /* close-on-exec by itself */
        return (*process = find_known(linux_pid, true)) ? STATUS_SUCCESS : STATUS_INVALID_CID;
    if ((block_fd = wait_for_block(linux_pid, pidfd)) < 0)
    {
        bool ended = has_ended(pidfd);

        close(pidfd);
        return ended ? STATUS_INVALID_CID : STATUS_ACCESS_DENIED;       /* it is not one of ours */
    }
    *process = process_object_other(linux_pid, pidfd, block_fd, -1, false);
    return *process ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

NTSTATUS process_from_transfer(int linux_pid, struct transfer *transfer, struct process_object **process)
{
    int pidfd = transfer->fd_count > 1 ? transfer->fds[1] : -1, block_fd = transfer->fds[0];

    if (linux_pid == current_process->linux_pid)
    {
        *process = object_ref(current_process);
        return STATUS_SUCCESS;
    }
    if ((*process = find_known(linux_pid, false)))
        return STATUS_SUCCESS;
    if (pidfd < 0 && (pidfd = (int)syscall(SYS_pidfd_open, linux_pid, 0)) < 0)
        return STATUS_INVALID_CID;
    transfer->fds[0] = -1;
    if (transfer->fd_count > 1)
        transfer->fds[1] = -1;
    *process = process_object_other(linux_pid, pidfd, block_fd, -1, false);
    return *process ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}
