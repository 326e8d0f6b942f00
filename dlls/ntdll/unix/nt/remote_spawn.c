/* A child for another process (nt/peer_spawn.c answers). */
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>
#include "nt/remote.h"
#include "ob/transfer.h"
#include "ps/start_block.h"

NTSTATUS remote_spawn(struct process_object *parent, struct spawn *spawn, bool breakaway, struct process_object **process,
                      int *thread_pipe)
{
    struct peer_io io = { .fd_count = 1, .reply_fds_max = 3 };
    struct transfer membership;
    NTSTATUS status;
    int pidfd, fd;

    io.message.spawn.flags = (spawn->inherit ? PEER_SPAWN_INHERIT : 0) | (spawn->std ? PEER_SPAWN_STD : 0) |
                             (spawn->list ? PEER_SPAWN_LIST : 0) | (breakaway ? PEER_SPAWN_BREAKAWAY : 0);
    if ((fd = spawn_pack(spawn)) < 0)
        return STATUS_NO_MEMORY;
    io.fds[0] = fd;
    io.message.spawn.joins = spawn->jobs.joins;
    for (unsigned int i = 0; i < spawn->jobs.count; i++, io.fd_count += JOB_FDS)
    {
        job_pack_membership(spawn->jobs.jobs[i], &membership);
        memcpy(io.fds + io.fd_count, membership.fds, JOB_FDS * sizeof(int));
    }
    status = peer_call(parent, PEER_SPAWN, &io);
    close(fd);
    if (status)
        return status;
    if (io.reply_fd_count != 3)
    {
        while (io.reply_fd_count)
            close(io.reply_fds[--io.reply_fd_count]);
        return STATUS_REPLY_MESSAGE_MISMATCH;
    }
    pidfd = io.reply_fds[0];
    *thread_pipe = io.reply_fds[2];
    if ((*process = process_object_other((int)io.message.spawn.linux_pid, pidfd, io.reply_fds[1], -1, false)))
        return STATUS_SUCCESS;
    close(*thread_pipe);
    return STATUS_NO_MEMORY;
}
