/* Jobs within others: getting at those that a job is within, by asking who knows. */
#include <unistd.h>
#include "nt/nt.h"
#include "ob/transfer.h"
#include "ob/types.h"
#include "ps/job.h"
#include "ps/peer.h"
#include "ps/process.h"
#include "ps/process_object.h"

#define ASKED_MAX 64                    /* processes, for one job: the first that answers knows */

static pthread_mutex_t parent_lock = PTHREAD_MUTEX_INITIALIZER;         /* job->parent */

/* ---- sets ---------------------------------------------------------------------------------------------------------- */

bool job_set_add(struct job_set *set, struct job *job, bool join)
{
    unsigned int i;

    for (i = 0; i < set->count && set->jobs[i] != job; i++)
        ;
    if (i == JOBS_NESTED_MAX)
        return false;
    if (i == set->count)
        set->jobs[set->count++] = object_ref(job);
    if (join)
        set->joins |= 1u << i;
    return true;
}

void job_set_free(struct job_set *set)
{
    while (set->count)
        object_unref(set->jobs[--set->count]);
    set->joins = 0;
}

NTSTATUS job_set_unpack(struct job_set *set, uint32_t joins, int *fds, unsigned int count)
{
    NTSTATUS status = count % JOB_FDS || count / JOB_FDS > JOBS_NESTED_MAX ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
    struct transfer transfer;
    struct object *object;
    unsigned int i;

    for (i = 0; i < count; i += JOB_FDS)
    {
        if (status)
        {
            for (unsigned int left = i; left < count; left++)
                close(fds[left]);
            break;
        }
        transfer.size = transfer.reserved = 0;
        transfer.fd_count = JOB_FDS;
        for (transfer.type = 0; object_types[transfer.type] != &job_type; transfer.type++)
            ;
        memcpy(transfer.fds, fds + i, JOB_FDS * sizeof(int));
        if ((status = object_unpack(&transfer, &object)))
            continue;
        job_set_add(set, (struct job *)object, joins >> (i / JOB_FDS) & 1);
        object_unref(object);
    }
    if (status)
        job_set_free(set);
    return status;
}

NTSTATUS job_set_join(const struct job_set *set)
{
    NTSTATUS status = STATUS_SUCCESS;

    for (unsigned int i = 0; !status && i < set->count; i++)
        if (set->joins >> i & 1)
            status = job_join(set->jobs[i]);
    return status;
}

void job_set_tell_ports(const struct job_set *set)
{
    for (unsigned int i = set->count; i; i--)
        job_tell_port(set->jobs[i - 1]);
}

/* ---- the parent ------------------------------------------------------------------------------------------------------ */

static struct job *ask(int linux_pid, uint64_t id)
{
    struct peer_io io = { .reply_fds_max = JOB_FDS };
    struct process_object *process;
    struct job_set set = { 0 };
    struct job *job = NULL;

    if (process_open_other(linux_pid, &process))
        return NULL;
    io.message.job.id = id;
    if (!peer_call(process, PEER_JOB_FIND, &io) && !job_set_unpack(&set, 0, io.reply_fds, io.reply_fd_count))
    {
        if (set.count == 1 && set.jobs[0]->page->id == id)
            job = object_ref(set.jobs[0]);
        job_set_free(&set);
    }
    object_unref(&process->header);
    return job;
}

static struct job *ask_others(struct job *job, uint64_t id)
{
    int asked[ASKED_MAX], self = getpid();
    struct job_page *page = job->page;
    struct job *found = NULL;
    unsigned int i, count = 0;

    if (!job_lock(job))
        return NULL;
    for (i = 0; i < JOB_KEEPERS; i++)
        if ((int)page->keepers[i].linux_pid != self && page->keepers[i].start &&
            process_start_time((int)page->keepers[i].linux_pid) == page->keepers[i].start)
            asked[count++] = (int)page->keepers[i].linux_pid;
    for (i = 0; i < JOB_SLOTS && count < ASKED_MAX; i++)
        if ((int)page->slots[i].linux_pid != self && job_slot_lives(&page->slots[i]))
            asked[count++] = (int)page->slots[i].linux_pid;
    job_unlock(job);
    for (i = 0; i < count && !found; i++)
        found = ask(asked[i], id);
    return found;
}

/* The first time, it is kept, and others may ask us from now on. */
static void keep(struct job *job, struct job *parent)
{
    struct job_keeper *keeper = NULL;
    bool first;

    pthread_mutex_lock(&parent_lock);
    if ((first = !job->parent))
        job->parent = object_ref(parent);
    pthread_mutex_unlock(&parent_lock);
    if (!first || !job_lock(job))
        return;
    for (unsigned int i = 0; i < JOB_KEEPERS && !keeper; i++)
        if (!job->page->keepers[i].start ||
            process_start_time((int)job->page->keepers[i].linux_pid) != job->page->keepers[i].start)
            keeper = &job->page->keepers[i];
    if (keeper)
        *keeper = (struct job_keeper){ (uint32_t)getpid(), 0, process_start_time(getpid()) };
    job_unlock(job);
}

static NTSTATUS get_parent(struct job *job, struct job **parent)
{
    uint64_t id = __atomic_load_n(&job->page->parent, __ATOMIC_RELAXED);

    *parent = NULL;
    if (!id)
        return STATUS_SUCCESS;
    pthread_mutex_lock(&parent_lock);
    if (job->parent)
        *parent = object_ref(job->parent);
    pthread_mutex_unlock(&parent_lock);
    if (*parent)
        return STATUS_SUCCESS;
    if (!(*parent = job_find(id)) && !(*parent = ask_others(job, id)))
        return STATUS_ACCESS_DENIED;
    keep(job, *parent);
    return STATUS_SUCCESS;
}

void job_remember_parent(struct job *job)
{
    struct job *parent;

    if (!get_parent(job, &parent))
        object_unref(parent);
}

NTSTATUS job_set_add_chain(struct job_set *set, struct job *job)
{
    struct job *chain[JOBS_NESTED_MAX + 1] = { object_ref(job) };
    NTSTATUS status = STATUS_SUCCESS;
    unsigned int count = 1;

    while (!status && count <= JOBS_NESTED_MAX && !(status = get_parent(chain[count - 1], &chain[count])) && chain[count])
        count++;
    if (!status && count > JOBS_NESTED_MAX)
        status = STATUS_ACCESS_DENIED;
    while (count)
    {
        count--;
        if (!status && !job_set_add(set, chain[count], !count))
            status = STATUS_ACCESS_DENIED;
        object_unref(chain[count]);
    }
    return status;
}
