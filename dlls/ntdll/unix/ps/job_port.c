/* A job's completion port: the process that has it is told by the event that the page changed, looks who is new, and waits
 * for the end of each itself. */
#include <errno.h>
#include <unistd.h>
#include "nt/nt.h"
#include "io/async.h"
#include "ob/completion.h"
#include "ps/job.h"
#include "ps/process.h"
#include "ps/process_object.h"

static pthread_mutex_t port_lock = PTHREAD_MUTEX_INITIALIZER;

static void post_locked(const struct job *job, uint32_t message, uint32_t linux_pid)
{
    completion_post(job->port, job->key, (ULONG_PTR)linux_pid * 4, STATUS_SUCCESS, message);
}

/* Exit codes that Windows takes for the end of one that crashed. */
static bool is_abnormal(uint32_t code)
{
    switch (code)
    {
    case (uint32_t)STATUS_ACCESS_VIOLATION: case (uint32_t)STATUS_INVALID_HANDLE: case (uint32_t)STATUS_ILLEGAL_INSTRUCTION:
    case (uint32_t)STATUS_ARRAY_BOUNDS_EXCEEDED: case (uint32_t)STATUS_FLOAT_DENORMAL_OPERAND:
    case (uint32_t)STATUS_FLOAT_DIVIDE_BY_ZERO: case (uint32_t)STATUS_FLOAT_INEXACT_RESULT:
    case (uint32_t)STATUS_FLOAT_INVALID_OPERATION: case (uint32_t)STATUS_FLOAT_OVERFLOW: case (uint32_t)STATUS_FLOAT_STACK_CHECK:
    case (uint32_t)STATUS_FLOAT_UNDERFLOW: case (uint32_t)STATUS_INTEGER_DIVIDE_BY_ZERO: case (uint32_t)STATUS_INTEGER_OVERFLOW:
    case (uint32_t)STATUS_PRIVILEGED_INSTRUCTION: case (uint32_t)STATUS_STACK_OVERFLOW:
    case (uint32_t)STATUS_CONTROL_C_EXIT:
        return true;
    default:
        return false;
    }
}

static void exit_locked(struct job *job, uint32_t linux_pid, uint32_t code)
{
    uint32_t left = 1;

    post_locked(job, is_abnormal(code) ? JOB_OBJECT_MSG_ABNORMAL_EXIT_PROCESS : JOB_OBJECT_MSG_EXIT_PROCESS, linux_pid);
    if (job_lock(job))
    {
        left = job_count_others_locked(job, linux_pid);     /* one that was killed may be there yet */
        job_unlock(job);
    }
    if (!left)
        post_locked(job, JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO, 0);
}

/* A process that is waited for, and the jobs whose ports will hear of its end: those that heard of it, in that order. */
struct member
{
    struct member *next;
    uint32_t       linux_pid;
    uint64_t       start;
    struct job    *jobs[JOBS_NESTED_MAX];       /* references */
    unsigned int   count;
};
static struct member *members;          /* under port_lock */

/* On the epoll thread, before those who wait for the process go on. */
static void member_ended(struct process_object *process, void *arg)
{
    struct member *member = arg, **p;
    uint64_t one = 1;
    unsigned int i;

    pthread_mutex_lock(&port_lock);
    for (p = &members; *p != member; p = &(*p)->next)
        ;
    *p = member->next;
    for (i = 0; i < member->count; i++)
        exit_locked(member->jobs[i], member->linux_pid, process->block->exit_status);
    pthread_mutex_unlock(&port_lock);
    for (i = 0; i < member->count; i++)
    {
        if (write(member->jobs[i]->changed, &one, sizeof(one)) < 0)     /* it may have been the last one */
            errno = 0;
        object_unref(member->jobs[i]);
    }
    free(member);
}

static bool watch_locked(struct job *job, const struct job_slot *slot)
{
    struct process_object *process;
    struct member *member;

    for (member = members; member; member = member->next)
        if (member->linux_pid == slot->linux_pid && member->start == slot->start)
            break;
    if (member)
    {
        if (member->count == JOBS_NESTED_MAX)
            return false;
        member->jobs[member->count++] = object_ref(job);
        return true;
    }
    if (!(member = malloc(sizeof(*member))))
        return false;
    *member = (struct member){ members, slot->linux_pid, slot->start, { job }, 1 };
    if (!process_open_other((int)slot->linux_pid, &process))
    {
        bool watched = process_on_end(process, member_ended, member);

        object_unref(&process->header);
        if (watched)
        {
            object_ref(job);
            members = member;
            return true;
        }
    }
    free(member);
    return false;
}

static void greet_locked(struct job *job, const struct job_slot *slot, bool alive)
{
    post_locked(job, JOB_OBJECT_MSG_NEW_PROCESS, slot->linux_pid);
    if (alive && (int)slot->linux_pid == getpid())
        return;                         /* there will be nobody to tell */
    if (!alive || !watch_locked(job, slot))
        exit_locked(job, slot->linux_pid, 0);
}

static void tell_locked(struct job *job, bool first);

/* Whoever is in both joined both at once, and the inner one is told first. */
static void tell_inner_locked(const struct job *job)
{
    struct job *inner[16];
    unsigned int count = job_find_inner(job, inner, sizeof(inner) / sizeof(inner[0]));

    while (count)
    {
        if (inner[--count]->port)
            tell_locked(inner[count], false);
        object_unref(inner[count]);
    }
}

static void tell_locked(struct job *job, bool first)
{
    uint32_t told = job->told, hits, i;
    struct job_slot slot;
    bool alive;

    for (;;)
    {
        const struct job_slot *next = NULL;

        if (!job_lock(job))
            return;
        for (i = 0; i < JOB_SLOTS; i++)
            if (job->page->slots[i].sequence > told && (!next || job->page->slots[i].sequence < next->sequence))
                next = &job->page->slots[i];
        if (next)
        {
            slot = *next;
            alive = job_slot_lives(next);
        }
        hits = job->page->limit_hits;
        job_unlock(job);
        if (!next)
            break;
        told = slot.sequence;
        if (!first)
            tell_inner_locked(job);
        if (alive || !first)
            greet_locked(job, &slot, alive);
    }
    job->told = told;
    while (!first && job->told_hits < hits)
    {
        job->told_hits++;
        post_locked(job, JOB_OBJECT_MSG_ACTIVE_PROCESS_LIMIT, 0);
    }
    job->told_hits = hits;
}

void job_tell_port(struct job *job)
{
    pthread_mutex_lock(&port_lock);
    if (job->port)
        tell_locked(job, false);
    pthread_mutex_unlock(&port_lock);
}

/* On the epoll thread; the job is kept until nobody here can hear of it and nobody is left to hear of. */
static void page_changed(void *arg)
{
    struct job *job = arg;
    bool over = false;
    char told[4096];                    /* of a FIFO, which keeps each, or of the event */

    while (read(job->changed, told, sizeof(told)) == sizeof(told))
        ;
    job_tell_port(job);
    if (!__atomic_load_n(&job->header.handles, __ATOMIC_SEQ_CST) && job_lock(job))
    {
        over = !job_count_locked(job);
        job_unlock(job);
    }
    if (over || !io_watch(job->changed, page_changed, job))
        object_unref(job);
}

NTSTATUS job_set_port(struct job *job, struct object *port, ULONG_PTR key)
{
    NTSTATUS status = STATUS_SUCCESS;

    pthread_mutex_lock(&port_lock);
    if (job->port)
        status = STATUS_INVALID_PARAMETER;
    else if (!io_watch(job->changed, page_changed, object_ref(job)))
    {
        object_unref(job);
        status = STATUS_NO_MEMORY;
    }
    else
    {
        job->port = object_ref(port);
        job->key = key;
        tell_locked(job, true);
    }
    pthread_mutex_unlock(&port_lock);
    return status;
}
