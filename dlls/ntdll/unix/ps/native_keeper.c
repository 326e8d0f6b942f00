/* The keeper of a program of the host: starts it, copies between its pipes and ours, says what became of it.
 *
 * It lives as long as anything is left to do: the program may have left children behind that still write to a pipe of ours,
 * or that are to be ended with the deputy's job. A plain Linux process with one thread, which knows of objects, handles and
 * memory nothing; it sees the deputy's end in their socket and in the deputy's process block.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "io/pipe_link.h"
#include "ps/job.h"
#include "ps/native.h"
#include "ps/process.h"
#include "ps/process_block.h"
#include "ps/start.h"

enum { DEPUTY_THERE, DEPUTY_LEFT, DEPUTY_KILLED };

struct keeper
{
    const struct native_block *block;
    const char *program;
    char **arguments, **variables;
    int    control, signals, bells;     /* socket, signalfd, epoll */
    sigset_t ignored;                   /* since before us: nohup */
    volatile struct process_block *deputy_block;
    int    deputy;                      /* DEPUTY_x */
    struct native_pump *pumps[3];       /* by the program's fd; NULL: none */
    pid_t  program_pid;                 /* 0: it has ended */
    int    code;                        /* what it ended with */
    bool   told;                        /* the deputy knows */
    struct rusage usage;
    unsigned int job_count;             /* of the deputy; once it is gone */
    int    job_alive[JOBS_NESTED_MAX];
    const struct job_page *job_pages[JOBS_NESTED_MAX];
};

/* ---- the start ---------------------------------------------------------------------------------------------------- */

static char **make_vector(const char *text, uint32_t count)
{
    char **vector = calloc(count + 1u, sizeof(*vector));

    for (uint32_t i = 0; vector && i < count; i++)
    {
        vector[i] = (char *)text;
        text += strlen(text) + 1;
    }
    return vector;
}

static bool read_block(struct keeper *keeper, int fd)
{
    const struct native_block *block;
    struct stat st;
    const char *at;

    if (fstat(fd, &st) || (size_t)st.st_size < sizeof(*block) ||
        (block = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0)) == MAP_FAILED)
        return false;
    close(fd);
    if (block->magic != NATIVE_MAGIC || block->program_size + block->arguments_size + block->environment_size !=
                                            (uint64_t)st.st_size - sizeof(*block))
        return false;
    at = (const char *)(block + 1);
    keeper->block = block;
    keeper->program = at;
    keeper->arguments = make_vector(at += block->program_size, block->argument_count);
    keeper->variables = make_vector(at + block->arguments_size, block->variable_count);
    keeper->control = block->control;
    keeper->deputy_block = mmap(NULL, PROCESS_BLOCK_SIZE, PROT_READ, MAP_SHARED, block->process_block, 0);
    close(block->process_block);
    fcntl(keeper->control, F_SETFD, FD_CLOEXEC);
    return keeper->arguments && keeper->variables && keeper->deputy_block != MAP_FAILED;
}

/* A pipe of the host with a pump to one of ours; returns the program's end of it. */
static int make_pump(struct keeper *keeper, unsigned int number)
{
    const struct native_std *std = &keeper->block->std[number];
    struct native_pump *pump = calloc(1, sizeof(*pump));
    struct epoll_event event = { .events = EPOLLIN | EPOLLET };
    int ends[2];

    if (!pump || pipe2(ends, O_CLOEXEC))
        return -1;
    keeper->pumps[number] = pump;
    pump->output = number > 0;
    pump->is_server = std->is_server;
    pump->has_messages = std->has_messages;
    pump->again = true;                 /* there may be something already */
    pump->alive = std->fd;
    fcntl(std->fd, F_SETFD, FD_CLOEXEC);
    fcntl(std->memfd, F_SETFD, FD_CLOEXEC);
    fcntl(std->bell, F_SETFD, FD_CLOEXEC);
    pump->fd = ends[pump->output ? 0 : 1];
    fcntl(pump->fd, F_SETFL, O_NONBLOCK);
    if (!(pump->link = pipe_link_import(std->memfd, std->bell)) ||
        epoll_ctl(keeper->bells, EPOLL_CTL_ADD, pump->link->bell, &event))
        return -1;
    return ends[pump->output ? 1 : 0];
}

/* What the program gets as 0, 1 and 2. */
static bool make_files(struct keeper *keeper, int fds[3])
{
    unsigned int i;

    for (i = 0; i < 3; i++)
    {
        const struct native_std *std = &keeper->block->std[i];

        switch (std->kind)
        {
        case NATIVE_FD:        fds[i] = std->fd; fcntl(fds[i], F_SETFD, FD_CLOEXEC); break;
        case NATIVE_PIPE:      fds[i] = make_pump(keeper, i); break;
        case NATIVE_AS_OUTPUT: fds[i] = fcntl(fds[1], F_DUPFD_CLOEXEC, 3); break;
        default:               fds[i] = open("/dev/null", O_RDWR | O_CLOEXEC);
        }
        if (fds[i] < 0)
            return false;
    }
    return true;
}

static void become_program(const struct keeper *keeper, const int fds[3], pid_t parent, int report)
{
    struct sigaction standard = { .sa_handler = SIG_DFL };
    sigset_t none;
    int i, error;

    /* It shall not outlive us, however we end. */
    if (prctl(PR_SET_PDEATHSIG, SIGKILL) || getppid() != parent)
        _exit(1);
    for (i = 1; i < NSIG; i++)
        if (!sigismember(&keeper->ignored, i))
            sigaction(i, &standard, NULL);
    if (keeper->block->ignore_interrupt)
        signal(SIGINT, SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
    for (i = 0; i < 3; i++)
        if (dup2(fds[i], i) < 0)
            break;
    if (i == 3)
        execve(keeper->program, keeper->arguments, keeper->variables);
    error = errno;
    if (write(report, &error, sizeof(error)) < 0)
        _exit(1);
    _exit(ORIEL_CANNOT_START);
}

/* What whoever started us has left open is the program's, but none of our business. */
static void close_inherited(void)
{
    DIR *own = opendir("/proc/self/fd");
    struct dirent *entry;

    while (own && (entry = readdir(own)))
    {
        int fd = atoi(entry->d_name);

        if (fd > 2 && !(fcntl(fd, F_GETFD) & FD_CLOEXEC))
            close(fd);
    }
    if (own)
        closedir(own);
}

/* 0, or errno. */
static int start_program(struct keeper *keeper)
{
    int fds[3], report[2], error = 0;
    pid_t parent = getpid();

    if (!make_files(keeper, fds) || pipe2(report, O_CLOEXEC))
        return errno;
    if ((keeper->program_pid = fork()) < 0)
        return errno;
    if (!keeper->program_pid)
        become_program(keeper, fds, parent, report[1]);
    close(report[1]);
    while (read(report[0], &error, sizeof(error)) < 0 && errno == EINTR)
        ;
    close(report[0]);
    for (int i = 0; i < 3; i++)
        close(fds[i]);
    close_inherited();
    return error;
}

/* ---- ends ------------------------------------------------------------------------------------------------------ */

static void tell(struct keeper *keeper, enum native_message_kind kind, int value)
{
    struct native_message message = { .kind = kind, .value = value };

    message.user_time = (uint64_t)keeper->usage.ru_utime.tv_sec * 10000000 + (uint64_t)keeper->usage.ru_utime.tv_usec * 10;
    message.kernel_time = (uint64_t)keeper->usage.ru_stime.tv_sec * 10000000 + (uint64_t)keeper->usage.ru_stime.tv_usec * 10;
    send(keeper->control, &message, sizeof(message), MSG_NOSIGNAL);
    keeper->told = true;
}

static void reap(struct keeper *keeper)
{
    struct signalfd_siginfo info;
    struct rusage usage;
    int status, unread;
    pid_t pid;

    while (read(keeper->signals, &info, sizeof(info)) > 0)
        ;
    while ((pid = wait4(-1, &status, WNOHANG, &usage)) > 0)
    {
        if (pid != keeper->program_pid)
            continue;                   /* one that it has left behind */
        keeper->program_pid = 0;
        keeper->usage = usage;
        keeper->code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
        for (int i = 1; i < 3; i++)
        {
            struct native_pump *pump = keeper->pumps[i];

            if (pump && pump->link && !ioctl(pump->fd, FIONREAD, &unread))
                pump->drain = unread + (int64_t)(pump->end - pump->start);
        }
    }
}

/* All that descend from us, of which those whose parents have ended are our children (PR_SET_CHILD_SUBREAPER). */
static bool kill_children(void)
{
    DIR *proc = opendir("/proc");
    struct dirent *entry;
    bool any = false;

    while (proc && (entry = readdir(proc)))
    {
        char path[300], text[512], *p;
        int fd, parent;
        ssize_t n;

        if (entry->d_name[0] < '0' || entry->d_name[0] > '9')
            continue;
        snprintf(path, sizeof(path), "/proc/%s/stat", entry->d_name);
        if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
            continue;
        n = read(fd, text, sizeof(text) - 1);
        close(fd);
        if (n <= 0)
            continue;
        text[n] = 0;
        if ((p = strrchr(text, ')')) && sscanf(p, ") %*c %d", &parent) == 1 && parent == getpid() &&
            !kill(atoi(entry->d_name), SIGKILL))
            any = true;
    }
    if (proc)
        closedir(proc);
    return any;
}

static void kill_tree(struct keeper *keeper)
{
    for (int round = 0; round < 2000 && kill_children(); round++)
    {
        nanosleep(&(struct timespec){ 0, 500000 }, NULL);
        reap(keeper);
    }
}

static void adopt_jobs(struct keeper *keeper, const int *fds, size_t count)
{
    for (; count >= 2; count -= 2, fds += 2)
    {
        void *page = mmap(NULL, sizeof(struct job_page), PROT_READ, MAP_SHARED, fds[1], 0);

        close(fds[1]);
        if (page == MAP_FAILED)
            continue;
        keeper->job_alive[keeper->job_count] = fds[0];
        keeper->job_pages[keeper->job_count++] = page;
    }
}

/* It is gone, and told us that it would be or not. */
static void deputy_gone(struct keeper *keeper, bool killed)
{
    int nothing = open("/dev/null", O_RDWR | O_CLOEXEC);

    close(keeper->control);
    keeper->control = -1;
    keeper->deputy = killed ? DEPUTY_KILLED : DEPUTY_LEFT;
    if (nothing >= 0)
        dup2(nothing, 2);               /* who waits for the end of that waits for the deputy */
    if (killed && keeper->deputy_block->jobs)
        kill_tree(keeper);
    else if (keeper->program_pid)
        kill(keeper->program_pid, SIGKILL);
}

static void hear_deputy(struct keeper *keeper)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int) * 2 * JOBS_NESTED_MAX)]; } ancillary;
    struct native_message message;
    struct iovec iov = { &message, sizeof(message) };
    struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &ancillary, .msg_controllen = sizeof(ancillary) };
    struct cmsghdr *c;
    ssize_t n = recvmsg(keeper->control, &header, MSG_CMSG_CLOEXEC | MSG_DONTWAIT);

    if (n < 0 && (errno == EAGAIN || errno == EINTR))
        return;
    if (n != sizeof(message))
        deputy_gone(keeper, true);
    else if (message.kind == NATIVE_SIGNAL && keeper->program_pid)
        kill(keeper->program_pid, message.value);
    else if (message.kind == NATIVE_GOODBYE)
    {
        if ((c = CMSG_FIRSTHDR(&header)) && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
            adopt_jobs(keeper, (int *)CMSG_DATA(c), (c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
        deputy_gone(keeper, false);
    }
}

/* What it has written is where others find it. */
static bool is_drained(const struct keeper *keeper)
{
    for (int i = 1; i < 3; i++)
        if (keeper->pumps[i] && keeper->pumps[i]->drain > 0)
            return false;
    return true;
}

static bool has_children(void)
{
    siginfo_t info;

    return !waitid(P_ALL, 0, &info, WEXITED | WNOHANG | WNOWAIT);
}

static bool is_done(struct keeper *keeper)
{
    for (int i = 0; i < 3; i++)
        if (keeper->pumps[i] && keeper->pumps[i]->link)
            return false;
    return keeper->deputy != DEPUTY_THERE && !keeper->program_pid && (!keeper->job_count || !has_children());
}

/* The jobs that the deputy was in still hold what the program has left behind. */
static void look_at_jobs(struct keeper *keeper)
{
    unsigned int i, j;

    for (i = 0; i < keeper->job_count; i++)
    {
        struct pollfd alive = { .fd = keeper->job_alive[i] };

        if (poll(&alive, 1, 0) <= 0 || !(alive.revents & POLLHUP))
            continue;
        if (keeper->job_pages[i]->flags & JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE)
            kill_tree(keeper);
        close(keeper->job_alive[i]);    /* it will not come back */
        keeper->job_count--;
        for (j = i--; j < keeper->job_count; j++)
        {
            keeper->job_alive[j] = keeper->job_alive[j + 1];
            keeper->job_pages[j] = keeper->job_pages[j + 1];
        }
    }
}

/* ---- the loop -------------------------------------------------------------------------------------------------------------- */

static unsigned int add_fd(struct pollfd *fds, unsigned int count, int fd, short events)
{
    fds[count] = (struct pollfd){ .fd = fd, .events = events };
    return count + 1;
}

/* Returns whether the deputy has said something. */
static bool wait_for_something(struct keeper *keeper)
{
    struct pollfd fds[3 + 2 * 3 + JOBS_NESTED_MAX];
    struct epoll_event rings[4];
    unsigned int count = 0;
    bool again = false;

    count = add_fd(fds, count, keeper->signals, POLLIN);
    count = add_fd(fds, count, keeper->bells, POLLIN);
    count = add_fd(fds, count, keeper->control, POLLIN);
    for (int i = 0; i < 3; i++)
    {
        const struct native_pump *pump = keeper->pumps[i];

        if (!pump || !pump->link)
            continue;
        again |= pump->again;
        /* Input waits with events 0, too: POLLERR says that nobody reads it. */
        if (!pump->output || pump->waits_for_fd)
            count = add_fd(fds, count, pump->fd, !pump->waits_for_fd ? 0 : pump->output ? POLLIN : POLLOUT);
        if (pump->output || !pump->waits_for_fd)
            count = add_fd(fds, count, pump->alive, 0);         /* POLLHUP */
    }
    for (unsigned int i = 0; i < keeper->job_count; i++)
        count = add_fd(fds, count, keeper->job_alive[i], 0);
    if (poll(fds, count, again ? 0 : -1) <= 0)
        return false;
    if (fds[0].revents)
        reap(keeper);
    if (fds[1].revents)
        epoll_wait(keeper->bells, rings, 4, 0);
    return fds[2].revents != 0;
}

static int run(struct keeper *keeper)
{
    while (!is_done(keeper))
    {
        if (wait_for_something(keeper))
            hear_deputy(keeper);
        for (int i = 0; i < 3; i++)
            if (keeper->pumps[i] && keeper->pumps[i]->link)
                native_pump_run(keeper->pumps[i]);
        if (!keeper->program_pid && !keeper->told && is_drained(keeper))
            tell(keeper, NATIVE_EXITED, keeper->code);
        look_at_jobs(keeper);
    }
    return 0;
}

int native_keep(int fd)
{
    static const int passed_on[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
    struct keeper keeper = { .control = -1 };
    sigset_t child;
    int error;

    prctl(PR_SET_NAME, KEEPER_THREAD_NAME);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigemptyset(&keeper.ignored);
    for (size_t i = 0; i < sizeof(passed_on) / sizeof(passed_on[0]); i++)      /* those of the terminal it gets itself */
        if (signal(passed_on[i], SIG_IGN) == SIG_IGN)
            sigaddset(&keeper.ignored, passed_on[i]);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_SETMASK, &child, NULL);
    if (!read_block(&keeper, fd))
    {
        message("--keep is for oriel itself: it starts programs of the host with it");
        return ORIEL_CANNOT_START;
    }
    keeper.signals = signalfd(-1, &child, SFD_CLOEXEC | SFD_NONBLOCK);
    keeper.bells = epoll_create1(EPOLL_CLOEXEC);
    error = keeper.signals < 0 || keeper.bells < 0 ? EMFILE : start_program(&keeper);
    if (error)
    {
        tell(&keeper, NATIVE_FAILED, error);
        return ORIEL_CANNOT_START;
    }
    return run(&keeper);
}
