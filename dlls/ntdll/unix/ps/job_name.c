/* Jobs with names that other processes see: beside the name file (ob/name_file.h) lie
 *
 *     local.NAME            the page; members find it by its inode, so a process has one object for it, named or not
 *     local.NAME~handles    the pipe that all who have a handle keep open for writing
 *     local.NAME~changed    the event
 *
 * A FIFO does what the pipe and the event of other jobs do, and can be opened by who only knows its name.
 */
#include <fcntl.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ob/name_object.h"
#include "ob/transfer.h"
#include "ps/job.h"

static void close_ends(int ends[3])
{
    for (int i = 0; i < 3; i++)
        if (ends[i] >= 0)
            close(ends[i]);
}

/* To watch, to keep open, to write and read. The reader comes first: a FIFO without one has no writers. */
static NTSTATUS open_ends(const struct name_file *file, int ends[3])
{
    NTSTATUS status;

    ends[0] = ends[1] = ends[2] = -1;
    if ((status = name_file_part_for(file, NAME_JOB_HANDLES, O_RDONLY, &ends[0])) ||
        (status = name_file_part_for(file, NAME_JOB_HANDLES, O_WRONLY, &ends[1])) ||
        (status = name_file_part_for(file, NAME_JOB_CHANGED, O_RDWR, &ends[2])))
        close_ends(ends);
    return status;
}

NTSTATUS job_name_describe(struct object *object, struct name_header *header, struct name_parts *parts)
{
    NTSTATUS status = name_file_temporary(sizeof(struct job_page), true, &parts->bytes_fd);

    (void)header;
    if (status)
        return status;
    return job_move_page((struct job *)object, parts->bytes_fd) ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

/* Nobody has a handle on the job yet, so the ends can be exchanged. */
NTSTATUS job_name_made(struct object *object, struct name_file *file)
{
    struct job *job = (struct job *)object;
    NTSTATUS status;
    int ends[3];

    if ((status = name_file_make_fifo(file, NAME_JOB_HANDLES)) || (status = name_file_make_fifo(file, NAME_JOB_CHANGED)) ||
        (status = open_ends(file, ends)))
        return status;
    close_ends((int[3]){ job->alive, job->handles, job->changed });
    job->alive = ends[0];
    job->handles = ends[1];
    job->changed = ends[2];
    return STATUS_SUCCESS;
}

static bool is_closed(struct job *job)
{
    bool closed = true;

    if (job_lock(job))
    {
        closed = job->page->closed;
        job_unlock(job);
    }
    return closed;
}

/* As if somebody had sent it. One whose members its last handle is ending has no name any more. */
NTSTATUS job_name_adopt(struct name_file *file, const struct name_header *header, struct object **object)
{
    struct transfer transfer = { .fd_count = 4 };
    NTSTATUS status;
    int ends[3];

    (void)header;
    if ((status = name_file_part(file, "", &transfer.fds[0])))
        return status;
    if (!(status = open_ends(file, ends)))
    {
        transfer.fds[1] = ends[0];
        transfer.fds[2] = ends[2];
        transfer.fds[3] = ends[1];
        if ((status = job_unpack(&transfer, object)))
            status = STATUS_FILE_CORRUPT_ERROR;
        else if (is_closed((struct job *)*object))
        {
            object_unref(*object);
            *object = NULL;
            status = STATUS_OBJECT_NAME_NOT_FOUND;
        }
        close_ends(&transfer.fds[1]);
    }
    if (transfer.fds[0] >= 0)
        close(transfer.fds[0]);
    return status;
}
