/* Jobs: who is in them.
 *
 * A job is within another for good once a process of that other one joined it: its page names the parent. Who joins a job
 * joins those around it too, all or none; their pages are locked together, the outermost first.
 */
#include <errno.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "nt/nt.h"
#include "io/async.h"
#include "ps/job.h"
#include "ps/memory_use.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread.h"
#include "ps/times.h"

static pthread_mutex_t own_lock = PTHREAD_MUTEX_INITIALIZER;    /* outside the locks of job.c */
static struct job *own[JOBS_NESTED_MAX];        /* this process is in them, each within the one before: references */
static unsigned int own_count;

/* On the epoll thread: nobody has a handle any more. */
static void abandoned(void *arg)
{
    if (job_end_if_abandoned(arg))
        process_kill_self(0);
}

/* ---- joining ---------------------------------------------------------------------------------------------------- */

/* What this process is to join so that it is in job: outermost first, with references. link: the outermost of them becomes
 * one within our innermost. */
static NTSTATUS find_path_locked(struct job *job, struct job **path, unsigned int *count, bool *link)
{
    uint64_t innermost = own_count ? own[own_count - 1]->page->id : 0, parent;
    unsigned int i;

    path[0] = object_ref(job);
    for (*count = 1;; ++*count)
    {
        parent = __atomic_load_n(&path[0]->page->parent, __ATOMIC_RELAXED);
        *link = !parent && innermost;
        if (!parent && innermost && *count > 1)
            return STATUS_ACCESS_DENIED;        /* it is within others than we are */
        if (own_count + *count > JOBS_NESTED_MAX)
            return STATUS_ACCESS_DENIED;
        if (parent == innermost || *link)
            return STATUS_SUCCESS;
        for (i = *count; i; i--)
            path[i] = path[i - 1];
        if (!(path[0] = job_find(parent)))
        {
            memmove(path, path + 1, *count * sizeof(*path));
            return STATUS_RETRY;
        }
    }
}

static bool is_full_locked(struct job *job)
{
    struct job_page *page = job->page;

    if (!(page->flags & JOB_OBJECT_LIMIT_ACTIVE_PROCESS) || job_count_locked(job) < page->active_limit)
        return false;
    page->limit_hits++;
    return true;
}

/* The slot that was used longest ago, so that who has the port sees it before. */
static struct job_slot *free_slot_locked(const struct job *job)
{
    struct job_slot *slots = job->page->slots, *slot = NULL;
    uint32_t i;

    for (i = 0; i < JOB_SLOTS; i++)
        if ((!slot || slots[i].sequence < slot->sequence) && !job_slot_lives(&slots[i]))
            slot = &slots[i];
    return slot;
}

static NTSTATUS join_path_locked(struct job *const *path, unsigned int count, bool link)
{
    struct job_slot *slots[JOBS_NESTED_MAX];
    NTSTATUS status = STATUS_SUCCESS;
    unsigned int i;

    if (own_count ? link != !path[0]->page->parent : path[0]->page->parent != 0)
        return STATUS_RETRY;            /* somebody was faster */
    if (link && path[0]->page->total)
        return STATUS_ACCESS_DENIED;    /* not all that ever were in it were in our jobs */
    for (i = 0; i < count; i++)
        if (is_full_locked(path[i]))
            status = STATUS_QUOTA_EXCEEDED;
        else if (!(slots[i] = free_slot_locked(path[i])) && !status)
            status = STATUS_INSUFFICIENT_RESOURCES;
    if (status)
        return status;
    if (link)
        __atomic_store_n(&path[0]->page->parent, own[own_count - 1]->page->id, __ATOMIC_RELAXED);
    for (i = 0; i < count; i++)
        *slots[i] = (struct job_slot){ (uint32_t)getpid(), ++path[i]->page->total, process_start_time(getpid()) };
    return STATUS_SUCCESS;
}

NTSTATUS job_join(struct job *job)
{
    struct job *path[JOBS_NESTED_MAX + 1];
    NTSTATUS status;
    bool link;
    unsigned int i, count;

    pthread_mutex_lock(&own_lock);
    for (i = 0; i < own_count && own[i] != job; i++)
        ;
    if (i < own_count)
    {
        pthread_mutex_unlock(&own_lock);
        return STATUS_SUCCESS;
    }
    if (!(status = find_path_locked(job, path, &count, &link)))
    {
        if (job_lock_all(path, count))
        {
            status = join_path_locked(path, count, link);
            job_unlock_all(path, count);
        }
        else
            status = STATUS_UNSUCCESSFUL;
        for (i = 0; !status && i < count; i++)
        {
            own[own_count++] = object_ref(path[i]);
            io_watch(path[i]->alive, abandoned, path[i]);       /* without it (no memory) we outlive the job */
        }
        current_process->block->jobs = own_count;
    }
    pthread_mutex_unlock(&own_lock);
    while (count)
    {
        job_tell_change(path[--count]);
        object_unref(path[count]);
    }
    return status;
}

/* ---- asking ------------------------------------------------------------------------------------------------------ */

bool job_has_member(struct job *job, int linux_pid, uint64_t start)
{
    const struct job_slot *last = NULL;
    bool result = false;
    uint32_t i;

    if (job_lock(job))
    {
        /* Of several with that id, all but the newest have ended before it began. */
        for (i = 0; i < JOB_SLOTS; i++)
            if ((int)job->page->slots[i].linux_pid == linux_pid && (!last || job->page->slots[i].sequence > last->sequence))
                last = &job->page->slots[i];
        result = last && (!start || (last->start & ~JOB_SLOT_ENDED) == start);
        job_unlock(job);
    }
    return result;
}

struct job *job_own(void)
{
    struct job *job;

    pthread_mutex_lock(&own_lock);
    job = own_count ? object_ref(own[own_count - 1]) : NULL;
    pthread_mutex_unlock(&own_lock);
    return job;
}

unsigned int job_own_fds(int fds[2 * JOBS_NESTED_MAX])
{
    unsigned int i;

    pthread_mutex_lock(&own_lock);
    for (i = 0; i < own_count; i++)
    {
        fds[2 * i] = own[i]->alive;
        fds[2 * i + 1] = own[i]->page_fd;
    }
    pthread_mutex_unlock(&own_lock);
    return 2 * i;
}

/* A child breaks away from the innermost jobs that let it, up to the first that does not. */
NTSTATUS job_for_child(bool breakaway, struct job_set *set)
{
    NTSTATUS status = STATUS_SUCCESS;
    unsigned int i, count;

    pthread_mutex_lock(&own_lock);
    for (count = own_count; count; count--)
    {
        uint32_t flags = __atomic_load_n(&own[count - 1]->page->flags, __ATOMIC_RELAXED);

        if (!(flags & JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK) && !(breakaway && flags & JOB_OBJECT_LIMIT_BREAKAWAY_OK))
            break;
    }
    if (breakaway && count && count == own_count)
        status = STATUS_ACCESS_DENIED;
    for (i = 0; !status && i < count; i++)
        job_set_add(set, own[i], i + 1 == count);       /* the innermost, and so all */
    pthread_mutex_unlock(&own_lock);
    return status;
}

bool job_terminate(struct job *job, uint32_t code)
{
    bool myself = false, others = true;
    int rounds;
    uint32_t i;

    /* Somebody may be starting another one: they are killed until there is none. */
    for (rounds = 0; others && rounds < 100; rounds++)
    {
        others = false;
        if (!job_lock(job))
            return false;
        for (i = 0; i < JOB_SLOTS; i++)
        {
            const struct job_slot *slot = &job->page->slots[i];

            if (!job_slot_lives(slot))
                continue;
            if ((int)slot->linux_pid == getpid())
                myself = true;
            else
                others |= process_kill_by_id((int)slot->linux_pid, slot->start, code);
        }
        job_unlock(job);
        if (others)
            nanosleep(&(struct timespec){ 0, 200000 }, NULL);
    }
    return myself;
}

void job_add_io(IO_COUNTERS *sum, const IO_COUNTERS *more)
{
    sum->ReadOperationCount += more->ReadOperationCount;
    sum->WriteOperationCount += more->WriteOperationCount;
    sum->OtherOperationCount += more->OtherOperationCount;
    sum->ReadTransferCount += more->ReadTransferCount;
    sum->WriteTransferCount += more->WriteTransferCount;
    sum->OtherTransferCount += more->OtherTransferCount;
}

void job_leave_all(void)
{
    struct rusage usage = { 0 };
    IO_COUNTERS io = { 0 };
    uint64_t user, kernel;
    unsigned int i;

    if (!own_count || pthread_mutex_trylock(&own_lock))
        return;
    getrusage(RUSAGE_SELF, &usage);
    io_counters(getpid(), &io);
    times_of_process(&user, &kernel);
    for (i = 0; i < own_count; i++)
    {
        struct job_slot *slot;

        if (!job_lock(own[i]))
            continue;
        if ((slot = job_slot_locked(own[i], getpid())))
            slot->start |= JOB_SLOT_ENDED;
        own[i]->page->ended_user += user;
        own[i]->page->ended_kernel += kernel;
        own[i]->page->ended_faults += (uint64_t)usage.ru_minflt + (uint64_t)usage.ru_majflt;
        job_add_io(&own[i]->page->ended_io, &io);
        job_unlock(own[i]);
    }
    pthread_mutex_unlock(&own_lock);
}
