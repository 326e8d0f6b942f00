/* The deputy of a program of the host (native.h), and which files are such programs. */
#include <elf.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include "dispatch.h"
#include "nt/nt.h"
#include "io/async.h"
#include "io/errno.h"
#include "io/pipe.h"
#include "ob/cell.h"
#include "ob/name_file.h"
#include "ob/transfer.h"
#include "ps/job.h"
#include "ps/native.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/start_block.h"
#include "ps/thread_private.h"
#include "ps/times.h"

bool process_is_native;

/* ---- which files ------------------------------------------------------------------------------------------------ */

NTSTATUS native_check(const char *program)
{
    int fd = open(program, O_RDONLY | O_CLOEXEC);
    Elf64_Ehdr header = { 0 };
    struct stat st;
    ssize_t size;
    bool regular;

    if (fd < 0)
        return status_from_errno(errno);
    regular = !fstat(fd, &st) && S_ISREG(st.st_mode);
    size = regular ? pread(fd, &header, sizeof(header), 0) : 0;
    close(fd);
    if (size >= 2 && header.e_ident[0] == '#' && header.e_ident[1] == '!')
        return access(program, X_OK) ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
    if (size < SELFMAG || memcmp(header.e_ident, ELFMAG, SELFMAG))
        return STATUS_INVALID_IMAGE_NOT_MZ;
    if (access(program, X_OK))
        return STATUS_ACCESS_DENIED;
    if (size < (ssize_t)sizeof(header) || header.e_ident[EI_CLASS] != ELFCLASS64 || header.e_machine != EM_X86_64 ||
        (header.e_type != ET_EXEC && header.e_type != ET_DYN))
        return STATUS_INVALID_IMAGE_FORMAT;
    return STATUS_SUCCESS;
}

void native_image_info(SECTION_IMAGE_INFORMATION *info)
{
    memset(info, 0, sizeof(*info));
    info->SubSystemType = IMAGE_SUBSYSTEM_WINDOWS_CUI;
    info->Machine = IMAGE_FILE_MACHINE_AMD64;
    info->ImageContainsCode = TRUE;
}

/* ---- standard handles ---------------------------------------------------------------------------------------------- */

#define FDS_MAX (3 * PIPE_FDS)

struct launch
{
    struct native_block block;
    int    fds[FDS_MAX];                /* duplicates, for the keeper */
    unsigned int fd_count;
    struct file *files[3];              /* references */
};

static int pass(struct launch *launch, int fd)
{
    int copy = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (copy >= 0)
        launch->fds[launch->fd_count++] = copy;
    return copy;
}

/* A handle that may only append says so in its rights, a file of the host's in its flags. */
static int open_for_appending(const struct file *file)
{
    char name[32];

    if (file->kind != FILE_KIND_DISK || (file->access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) != FILE_APPEND_DATA)
        return -1;
    snprintf(name, sizeof(name), "/proc/self/fd/%d", file->fd);
    return open(name, O_CLOEXEC | O_APPEND | (file->access & FILE_READ_DATA ? O_RDWR : O_WRONLY));
}

static void describe_std(struct launch *launch, unsigned int number, HANDLE handle)
{
    struct native_std *std = &launch->block.std[number];
    struct transfer transfer = { 0 };
    struct file *file = NULL;
    int fd;

    std->kind = NATIVE_NULL;
    if (!handle || handle_lookup(handle, &file_type, 0, &file, NULL))
        return;
    launch->files[number] = file;
    if (file->pipe)
    {
        if (number == 2 && file == launch->files[1])
            std->kind = NATIVE_AS_OUTPUT;       /* lest the two get out of order */
        else if (file->pipe->name && !pipe_pack(file, &transfer))
        {
            std->kind = NATIVE_PIPE;
            std->fd = pass(launch, transfer.fds[0]);
            std->memfd = pass(launch, transfer.fds[1]);
            std->bell = pass(launch, transfer.fds[2]);
            std->is_server = file->pipe->server;
            std->has_messages = file->pipe->name->type == FILE_PIPE_TYPE_MESSAGE;
        }
    }
    else if (file->fd >= 0 && !file->path_only && !file->mailslot && file->kind != FILE_KIND_PIPE_ROOT)
    {
        std->kind = NATIVE_FD;
        fd = open_for_appending(file);
        std->fd = pass(launch, fd >= 0 ? fd : file->fd);
        if (fd >= 0)
            close(fd);
    }
}

/* The keeper has them now: here they would keep readers waiting. */
static void close_pipes(struct launch *launch, const RTL_USER_PROCESS_PARAMETERS *p)
{
    const HANDLE handles[3] = { p->hStdInput, p->hStdOutput, p->hStdError };

    for (int i = 0; i < 3; i++)
    {
        bool again = (i > 0 && handles[i] == handles[0]) || (i > 1 && handles[i] == handles[1]);

        if (launch->files[i] && launch->files[i]->pipe && !again)
            handle_close(handles[i]);
        if (launch->files[i])
            object_unref(&launch->files[i]->object);
    }
}

/* ---- the keeper --------------------------------------------------------------------------------------------------------- */

static int make_block(struct launch *launch, const RTL_USER_PROCESS_PARAMETERS *p)
{
    struct native_strings arguments = { 0 }, variables = { 0 };
    int fd = memfd_create("oriel-native", MFD_CLOEXEC);
    bool ok;

    native_arguments(&arguments, p->CommandLine.Buffer, p->CommandLine.Length / sizeof(WCHAR), process_program);
    native_environment(&variables, p->Environment, p->EnvironmentSize / sizeof(WCHAR));
    launch->block.magic = NATIVE_MAGIC;
    launch->block.ignore_interrupt = p->ConsoleFlags & 1;
    launch->block.program_size = strlen(process_program) + 1;
    launch->block.argument_count = arguments.count;
    launch->block.arguments_size = arguments.size;
    launch->block.variable_count = variables.count;
    launch->block.environment_size = variables.size;
    ok = fd >= 0 && !arguments.failed && !variables.failed && block_append(fd, &launch->block, sizeof(launch->block)) &&
         block_append(fd, process_program, launch->block.program_size) && block_append(fd, arguments.text, arguments.size) &&
         block_append(fd, variables.text, variables.size);
    free(arguments.text);
    free(variables.text);
    if (ok)
        return fd;
    if (fd >= 0)
        close(fd);
    return -1;
}

static bool run_keeper(const struct launch *launch, int block_fd)
{
    const int more[] = { block_fd, launch->block.control, launch->block.process_block };
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    char option[32];
    char *argv[] = { (char *)"oriel", option, (char *)process_program, NULL }, *environment[] = { NULL };
    sigset_t none;
    pid_t pid;
    int error;
    size_t i;

    snprintf(option, sizeof(option), "--keep=%d", block_fd);
    sigemptyset(&none);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    for (i = 0; i < launch->fd_count; i++)
        posix_spawn_file_actions_adddup2(&actions, launch->fds[i], launch->fds[i]);     /* which takes close-on-exec off */
    for (i = 0; i < sizeof(more) / sizeof(more[0]); i++)
        posix_spawn_file_actions_adddup2(&actions, more[i], more[i]);
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK);
    name_spawn_begin();
    error = posix_spawn(&pid, "/proc/self/exe", &actions, &attr, argv, environment);
    name_spawn_end();
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    return !error;
}

/* Returns the socket to it; -1: it could not be had. */
static int start_keeper(const RTL_USER_PROCESS_PARAMETERS *p)
{
    struct launch launch = { .fd_count = 0 };
    int sockets[2], block_fd = -1;
    bool ok;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets))
        return -1;
    describe_std(&launch, 0, p->hStdInput);
    describe_std(&launch, 1, p->hStdOutput);
    describe_std(&launch, 2, p->hStdError);
    launch.block.control = sockets[1];
    launch.block.process_block = current_process->block_fd;
    ok = (block_fd = make_block(&launch, p)) >= 0 && run_keeper(&launch, block_fd);
    close(sockets[1]);
    if (block_fd >= 0)
        close(block_fd);
    while (launch.fd_count)
        close(launch.fds[--launch.fd_count]);
    close_pipes(&launch, p);
    if (ok)
        return sockets[0];
    close(sockets[0]);
    return -1;
}

/* ---- signals ------------------------------------------------------------------------------------------------------------- */

static int keeper_socket;

/* What the terminal sends, the program gets as well. */
static void pass_signal(int signal, siginfo_t *info, void *context)
{
    struct native_message message = { .kind = NATIVE_SIGNAL, .value = signal };
    int saved_errno = errno;

    (void)context;
    if (info->si_code != SI_KERNEL)
        send(keeper_socket, &message, sizeof(message), MSG_NOSIGNAL | MSG_DONTWAIT);
    errno = saved_errno;
}

static void pass_signals(void)
{
    static const int signals[] = { SIGINT, SIGQUIT, SIGTERM, SIGHUP };
    struct sigaction action = { .sa_sigaction = pass_signal, .sa_flags = SA_SIGINFO | SA_RESTART | SA_ONSTACK }, old;

    for (size_t i = 0; i < sizeof(signals) / sizeof(signals[0]); i++)
        if (!sigaction(signals[i], NULL, &old) && old.sa_handler != SIG_IGN)
            sigaction(signals[i], &action, NULL);
    __atomic_store_n(&current_process->block->control_events, 1, __ATOMIC_RELEASE);
}

/* ---- the end ------------------------------------------------------------------------------------------------------------- */

/* The keeper goes on alone, with what it needs of the jobs that what is left behind belongs to. */
static void say_goodbye(void)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int) * 2 * JOBS_NESTED_MAX)]; } ancillary = { 0 };
    struct native_message message = { .kind = NATIVE_GOODBYE };
    struct iovec iov = { &message, sizeof(message) };
    struct msghdr header = { .msg_iov = &iov, .msg_iovlen = 1 };
    int fds[2 * JOBS_NESTED_MAX];
    unsigned int count = job_own_fds(fds);

    if (count)
    {
        header.msg_control = &ancillary;
        header.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        ancillary.header.cmsg_level = SOL_SOCKET;
        ancillary.header.cmsg_type = SCM_RIGHTS;
        ancillary.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(&ancillary.header), fds, sizeof(int) * count);
    }
    sendmsg(keeper_socket, &header, MSG_NOSIGNAL);
}

static void __attribute__((noreturn)) fail(const char *why, int error)
{
    message("%s: cannot be started: %s", process_program, error ? strerror(error) : why);
    process_exit(error == ENOENT ? 127 : 126);
}

static void can_be_read(void *cell)
{
    cell_set(cell);
}

void native_run(void)
{
    struct cell *cell = cell_alloc(CELL_MANUAL, 0, 0);
    struct native_message said;
    NTSTATUS status;

    __atomic_store_n(&thread_self->frame->leaving, 0, __ATOMIC_SEQ_CST);       /* who looks at its registers need not wait */
    if (!cell || (keeper_socket = start_keeper(process_peb->ProcessParameters)) < 0)
        fail("not enough memory, files or processes", 0);
    pass_signals();
    if (!io_watch(keeper_socket, can_be_read, cell))
        fail("not enough memory", 0);
    while ((status = cell_wait(&cell, 1, false, false, DEADLINE_NEVER)) && status != STATUS_THREAD_IS_TERMINATING)
        ;
    if (status)
        thread_exit_self(thread_self->exit_status);     /* and the process, if it is the last */
    if (recv(keeper_socket, &said, sizeof(said), 0) != sizeof(said))
        process_exit(1);                /* somebody has killed the keeper, and with it the program */
    if (said.kind == NATIVE_FAILED)
        fail("", said.value);
    times_add(said.user_time, said.kernel_time);
    say_goodbye();
    process_exit((uint32_t)said.value);
}
