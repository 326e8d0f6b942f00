/* A child that another process wants us to have: the handles and the jobs that it inherits are ours. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include "nt/peer.h"
#include "ps/job.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/start_block.h"

#define BLOCK_MAX 0x4000000             /* bytes; environments are the large part */

/* A copy, which nobody can change or cut off any more. NULL: it is none. */
static struct start_block *read_block(int fd)
{
    struct start_block *block = NULL;
    size_t size, done = 0;
    struct stat st;
    ssize_t n = 0;

    if (fstat(fd, &st) || !S_ISREG(st.st_mode) || st.st_size < (off_t)sizeof(struct start_block) || st.st_size > BLOCK_MAX)
        return NULL;
    size = (size_t)st.st_size;
    if (!(block = malloc(size)))
        return NULL;
    while (done < size && (n = pread(fd, (char *)block + done, size - done, (off_t)done)) > 0)
        done += (size_t)n;
    if (done == size && start_block_fits(block, size) && !((char *)(block + 1))[block->program_size - 1])
        return block;
    free(block);
    return NULL;
}

/* What the one who asked is to know the child by; ours is kept by the wait for its end. */
static NTSTATUS describe(struct process_object *process, int thread_pipe, struct peer_io *io)
{
    io->reply_fds[0] = fcntl(process->pidfd, F_DUPFD_CLOEXEC, 0);
    io->reply_fds[1] = fcntl(process->block_fd, F_DUPFD_CLOEXEC, 0);
    io->reply_fds[2] = thread_pipe;
    io->message.spawn.linux_pid = (uint32_t)process->linux_pid;
    if (io->reply_fds[0] >= 0 && io->reply_fds[1] >= 0)
    {
        io->reply_fd_count = 3;
        return STATUS_SUCCESS;
    }
    for (int i = 0; i < 3; i++)
        if (io->reply_fds[i] >= 0)
            close(io->reply_fds[i]);
    process_kill(process, (uint32_t)STATUS_INSUFFICIENT_RESOURCES);
    return STATUS_INSUFFICIENT_RESOURCES;
}

NTSTATUS peer_spawn(struct peer_io *io)
{
    uint32_t flags = io->message.spawn.flags;
    unsigned int job_fds = io->fd_count - 1;
    struct process_object *process;
    struct start_block *block;
    struct spawn spawn = { .inherit = flags & PEER_SPAWN_INHERIT, .std = flags & PEER_SPAWN_STD };
    NTSTATUS status;
    int thread_pipe;

    if (flags & ~(PEER_SPAWN_INHERIT | PEER_SPAWN_STD | PEER_SPAWN_LIST | PEER_SPAWN_BREAKAWAY) ||
        !(block = read_block(io->fds[0])))
        return STATUS_INVALID_PARAMETER;
    if (process_childless)
    {
        free(block);
        return STATUS_CHILD_PROCESS_BLOCKED;
    }
    spawn.block = *block;
    spawn.program = (const char *)(block + 1);
    for (int i = 0; i < START_STRINGS; i++)
        spawn.strings[i] = start_block_part(block, i);
    spawn.environment = start_block_part(block, START_STRINGS);
    if (flags & PEER_SPAWN_LIST)
    {
        spawn.list = (const HANDLE *)start_block_part(block, START_STRINGS + 1);
        spawn.list_count = block->handles_size / sizeof(HANDLE);
    }
    if (!(status = job_for_child(flags & PEER_SPAWN_BREAKAWAY, &spawn.jobs)))
    {
        io->fd_count = 1;               /* job_set_unpack() takes the rest */
        status = job_set_unpack(&spawn.jobs, io->message.spawn.joins, io->fds + 1, job_fds);
    }
    if (!status)
    {
        status = process_spawn(&spawn, &process, &thread_pipe);
        job_set_tell_ports(&spawn.jobs);
        if (!status)
        {
            status = describe(process, thread_pipe, io);
            object_unref(&process->header);
        }
    }
    job_set_free(&spawn.jobs);
    free(block);
    return status;
}
