/* Starting another process. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ob/cell.h"
#include "ob/name_file.h"
#include "ob/token.h"
#include "ob/transfer.h"
#include "ps/cpu.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/start_block.h"
#include "ps/thread_private.h"

extern char **environ;

/* ---- handles ------------------------------------------------------------------------------------------------- */

struct gathering
{
    const struct spawn *spawn;
    char   *data;                       /* struct start_handle and data, one after the other */
    size_t  size, room;
    struct object **objects;            /* by number, a reference each */
    uint32_t count, objects_room;
    int    *fds;                        /* borrowed from the objects */
    size_t  fd_count, fds_room;
    bool    failed;                     /* no memory */
};

static bool grow(void **array, size_t *room, size_t needed, size_t element)
{
    size_t more = *room ? *room : 64;
    void *bigger;

    if (needed <= *room)
        return true;
    while (more < needed)
        more *= 2;
    if (!(bigger = realloc(*array, more * element)))
        return false;
    *array = bigger;
    *room = more;
    return true;
}

static bool is_wanted(const struct spawn *spawn, HANDLE handle, ULONG attributes)
{
    size_t i;

    if (spawn->std)
        for (i = 0; i < 3; i++)
            if (spawn->block.std[i] == (uintptr_t)handle)
                return true;
    if (!spawn->inherit || !(attributes & OBJ_INHERIT))
        return false;
    if (!spawn->list)
        return true;
    for (i = 0; i < spawn->list_count; i++)
        if (((uintptr_t)spawn->list[i] & ~(uintptr_t)3) == (uintptr_t)handle)
            return true;
    return false;
}

/* Takes the reference on object (NULL: it is of no use to later records). */
static bool add_record(struct gathering *g, const struct start_handle *record, const struct transfer *transfer,
                       struct object *object)
{
    size_t needed = g->size + sizeof(*record) + ((record->size + 7) & ~7u), objects_room = g->objects_room;

    if (!grow((void **)&g->data, &g->room, needed, 1) ||
        !grow((void **)&g->fds, &g->fds_room, g->fd_count + TRANSFER_FDS, sizeof(int)) ||
        !grow((void **)&g->objects, &objects_room, g->count + 1u, sizeof(struct object *)))
    {
        object_unref(object);
        g->failed = true;
        return false;
    }
    g->objects_room = (uint32_t)objects_room;
    memcpy(g->data + g->size, record, sizeof(*record));
    memcpy(g->data + g->size + sizeof(*record), transfer->data, record->size);
    g->size = needed;
    memcpy(g->fds + g->fd_count, transfer->fds, record->fd_count * sizeof(int));
    g->fd_count += record->fd_count;
    g->objects[g->count++] = object;
    return true;
}

static void describe(struct start_handle *record, const struct transfer *transfer)
{
    record->type = transfer->type;
    record->fd_count = transfer->fd_count;
    record->size = transfer->size;
}

/* What cannot be inherited is absent in the child, where its value stands for nothing else. */
static bool gather(HANDLE handle, struct object *object, ACCESS_MASK access, ULONG attributes, void *arg)
{
    struct gathering *g = arg;
    struct start_handle record = { (uintptr_t)handle, access, attributes, ~0u, 0, 0, 0 };
    static __thread struct transfer transfer;

    if (!is_wanted(g->spawn, handle, attributes))
        return true;
    for (uint32_t i = 0; i < g->count && record.same == ~0u; i++)
        if (g->objects[i] == object)
            record.same = i;
    if (record.same == ~0u)
    {
        if (object_pack(object, &transfer))
        {
            record.type = START_ABSENT;
            return add_record(g, &record, &transfer, NULL);
        }
        describe(&record, &transfer);
    }
    return add_record(g, &record, &transfer, object_ref(object));
}

static void gather_jobs(struct gathering *g)
{
    struct start_handle record = { .same = ~0u };
    struct transfer transfer;
    unsigned int i;

    for (i = 0; i < g->spawn->jobs.count; i++)
    {
        job_pack_membership(g->spawn->jobs.jobs[i], &transfer);
        record.access = g->spawn->jobs.joins >> i & 1;
        describe(&record, &transfer);
        if (!add_record(g, &record, &transfer, NULL))
            return;
    }
}

/* What the process may do, as far as that was changed. */
static void gather_token(struct gathering *g)
{
    struct start_handle record = { .same = ~0u };
    struct object *token = token_to_inherit();
    struct transfer transfer;

    if (!token || object_pack(token, &transfer))
        return;
    describe(&record, &transfer);
    add_record(g, &record, &transfer, object_ref(token));
}

static void gathering_free(struct gathering *g)
{
    while (g->count)
        object_unref(g->objects[--g->count]);
    free(g->objects);
    free(g->data);
    free(g->fds);
}

/* ---- the block -------------------------------------------------------------------------------------------------- */

bool block_append(int fd, const void *data, size_t size)
{
    while (size)
    {
        ssize_t n = write(fd, data, size);

        if (n <= 0)
            return false;
        data = (const char *)data + n;
        size -= (size_t)n;
    }
    return true;
}

/* Padded, so that the next part is aligned. */
static bool append(int fd, const void *data, size_t size)
{
    static const char zeros[8];

    return block_append(fd, data, size) && block_append(fd, zeros, (8 - size % 8) % 8);
}

/* A memfd with all of it; -1: no memory. */
static int make_block(struct spawn *spawn, const struct gathering *handles)
{
    int fd = memfd_create("oriel-start", MFD_CLOEXEC), i;
    bool ok;

    if (fd < 0)
        return -1;
    spawn->block.magic = START_MAGIC;
    spawn->block.console = current_process->block->console;
    spawn->block.program_size = (uint32_t)strlen(spawn->program) + 1;
    spawn->block.handle_count = handles->count;
    spawn->block.handles_size = handles->size;
    ok = append(fd, &spawn->block, sizeof(spawn->block)) && append(fd, spawn->program, spawn->block.program_size);
    for (i = 0; i < START_STRINGS; i++)
        ok = ok && append(fd, spawn->strings[i], spawn->block.string_size[i]);
    if (ok && append(fd, spawn->environment, spawn->block.environment_size) && append(fd, handles->data, handles->size))
        return fd;
    close(fd);
    return -1;
}

int spawn_pack(struct spawn *spawn)
{
    struct gathering list = { .data = (char *)spawn->list, .size = spawn->list_count * sizeof(HANDLE) };

    return make_block(spawn, &list);
}

/* ---- the socket ---------------------------------------------------------------------------------------------------- */

static bool send_fds(int socket, const void *data, size_t size, const int *fds, size_t count)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int) * START_FDS)]; } ancillary = { 0 };
    struct iovec iov = { (void *)data, size };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1 };
    ssize_t n;

    if (count)
    {
        message.msg_control = &ancillary;
        message.msg_controllen = CMSG_SPACE(sizeof(int) * count);
        ancillary.header.cmsg_level = SOL_SOCKET;
        ancillary.header.cmsg_type = SCM_RIGHTS;
        ancillary.header.cmsg_len = CMSG_LEN(sizeof(int) * count);
        memcpy(CMSG_DATA(&ancillary.header), fds, sizeof(int) * count);
    }
    do
        n = sendmsg(socket, &message, MSG_NOSIGNAL);
    while (n < 0 && errno == EINTR);
    return n == (ssize_t)size;
}

static bool send_all(int socket, int block_fd, int start_fd, int pipe, const struct gathering *handles)
{
    struct start_hello hello = { START_MAGIC, (uint32_t)handles->fd_count, 0 };
    size_t sent = 0, count;

    if (!send_fds(socket, &hello, sizeof(hello), (int[]){ block_fd, start_fd, pipe }, 3))
        return false;
    for (; sent < handles->fd_count; sent += count)
    {
        count = handles->fd_count - sent < START_FDS ? handles->fd_count - sent : START_FDS;
        if (!send_fds(socket, "", 1, handles->fds + sent, count))
            return false;
    }
    return true;
}

/* Until the child is ready to run. */
static NTSTATUS receive_result(int socket)
{
    struct start_result result;
    ssize_t n;

    do
        n = recv(socket, &result, sizeof(result), 0);
    while (n < 0 && errno == EINTR);
    if (n != sizeof(result) || result.magic != START_MAGIC)
        return STATUS_UNSUCCESSFUL;     /* it died; it will have said why */
    return result.status;
}

/* ---- the process ------------------------------------------------------------------------------------------------------ */

/* Runs this executable again, with fd alone of all that is ours. */
static NTSTATUS run_child(int fd, const char *program, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attr;
    char option[32];
    char *argv[] = { (char *)"oriel", option, (char *)program, NULL };
    static const int from_shell[] = { SIGINT, SIGQUIT, SIGHUP, SIGTERM };       /* ignored (nohup): by children, too */
    struct sigaction old;
    sigset_t none, all;
    uint64_t bound;
    int error;

    snprintf(option, sizeof(option), "--child=%d", fd);
    sigemptyset(&none);
    sigfillset(&all);
    for (size_t i = 0; i < sizeof(from_shell) / sizeof(from_shell[0]); i++)
        if (!sigaction(from_shell[i], NULL, &old) && old.sa_handler == SIG_IGN)
            sigdelset(&all, from_shell[i]);
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attr);
    posix_spawn_file_actions_adddup2(&actions, fd, fd);         /* which takes close-on-exec off */
    posix_spawnattr_setsigmask(&attr, &none);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    name_spawn_begin();
    bound = cpu_bind_self(cpu_mask());          /* a thread's own affinity is not inherited, the process's is in the block */
    error = posix_spawn(pid, "/proc/self/exe", &actions, &attr, argv, environ);
    if (bound)
        cpu_bind_self(bound);
    name_spawn_end();
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&actions);
    if (!error)
        return STATUS_SUCCESS;
    return error == ENOMEM || error == EAGAIN ? STATUS_NO_MEMORY : STATUS_ACCESS_DENIED;
}

static void give_up(pid_t pid)
{
    kill(pid, SIGKILL);
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

/* Standard handles that are to be duplicates: what is none here (we may be the parent in somebody's place) is none there. */
static void drop_missing(struct spawn *spawn)
{
    ULONG attributes;

    for (int i = 0; spawn->std && i < 3; i++)
        if (handle_is_pseudo((HANDLE)(uintptr_t)spawn->block.std[i]) ||
            handle_get_attributes((HANDLE)(uintptr_t)spawn->block.std[i], &attributes))
            spawn->block.std[i] = 0;
}

NTSTATUS process_spawn(struct spawn *spawn, struct process_object **out, int *thread_pipe)
{
    struct gathering handles = { .spawn = spawn };
    struct process_object *process = NULL;
    int sockets[2] = { -1, -1 }, pipes[2] = { -1, -1 }, block_fd = -1, start_fd = -1, pidfd;
    uint32_t parent = process_id;
    NTSTATUS status;
    pid_t pid;

    drop_missing(spawn);
    gather_jobs(&handles);
    gather_token(&handles);
    handle_enumerate(gather, &handles);
    status = handles.failed ? STATUS_NO_MEMORY : STATUS_SUCCESS;
    if (!status && ((block_fd = process_block_create()) < 0 || (start_fd = make_block(spawn, &handles)) < 0 ||
                    pwrite(block_fd, &parent, sizeof(parent), offsetof(struct process_block, parent_id)) < 0 ||
                    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, sockets) || pipe2(pipes, O_CLOEXEC)))
        status = STATUS_INSUFFICIENT_RESOURCES;
    if (status || (status = run_child(sockets[1], spawn->program, &pid)))
        goto done;
    close(sockets[1]);
    sockets[1] = -1;
    if (!send_all(sockets[0], block_fd, start_fd, pipes[1], &handles))
        status = STATUS_UNSUCCESSFUL;
    else
        status = receive_result(sockets[0]);
    if (status || (pidfd = (int)syscall(SYS_pidfd_open, pid, 0)) < 0)
    {
        give_up(pid);
        status = status ? status : STATUS_INSUFFICIENT_RESOURCES;
        goto done;
    }
    process = process_object_other(pid, pidfd, block_fd, sockets[0], true);
    block_fd = sockets[0] = -1;
    if (!process)
    {
        give_up(pid);
        status = STATUS_NO_MEMORY;
        goto done;
    }
    *out = process;
    *thread_pipe = pipes[0];
    pipes[0] = -1;
done:
    if (block_fd >= 0)
        close(block_fd);
    if (start_fd >= 0)
        close(start_fd);
    for (int i = 0; i < 2; i++)
    {
        if (sockets[i] >= 0)
            close(sockets[i]);
        if (pipes[i] >= 0)
            close(pipes[i]);
    }
    gathering_free(&handles);
    return status;
}
