/* Job objects, as far as they mean something without a server: who is in (this process, and others that it has put
 * there or started while it was in), what it used, a completion port that is told, and the end of all of them when the
 * last handle goes. What a member starts in its turn is not in. Limits that nobody would enforce are refused. */
#include <pthread.h>
#include <sys/resource.h>

#include "ob/cell.h"
#include "ob/completion.h"
#include "ob/types.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread.h"

#define JOB_IDS_MAX 512

#define FLAGS_KEPT (JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION | JOB_OBJECT_LIMIT_BREAKAWAY_OK | \
                    JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK | JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | \
                    JOB_OBJECT_LIMIT_PRESERVE_JOB_TIME)

struct job
{
    struct object  header;
    struct cell   *cell;                /* its time limit has passed: never */
    uint32_t       flags;               /* this and all below: under job_lock */
    struct object *port;                /* a reference */
    ULONG_PTR      key;
    bool           member;              /* this process is in it */
    uint32_t       total;               /* processes that ever were */
    struct job_member *members;         /* others */
};

struct job_member
{
    struct job_member *next;
    struct process_object *process;     /* a reference */
    bool ended;
};

static pthread_mutex_t job_lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *own_job;             /* the one this process is in: a reference; under job_lock */

static void kill_members_locked(struct job *job, uint32_t code)
{
    for (struct job_member *member = job->members; member; member = member->next)
        if (!member->ended) process_kill(member->process, code);
}

static void job_handle_closed(struct object *object, bool last)
{
    struct job *job = (struct job *)object;
    bool kill;

    if (!last) return;
    pthread_mutex_lock(&job_lock);
    kill = job->flags & JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    if (kill) kill_members_locked(job, 0);
    kill = kill && job->member;
    pthread_mutex_unlock(&job_lock);
    if (kill && !handle_closing_all()) process_exit(0);         /* else it is ending already */
}

static void job_destroy(struct object *object)
{
    struct job *job = (struct job *)object;
    struct job_member *member;

    while ((member = job->members))
    {
        job->members = member->next;
        object_unref(member->process);
        free(member);
    }
    object_unref(job->port);
    cell_free(job->cell);
    free(job);
}

static struct cell *job_cell(struct object *object)
{
    return ((struct job *)object)->cell;
}

const struct object_type job_type =
{
    .name = "Job",
    .mapping = { STANDARD_RIGHTS_READ | JOB_OBJECT_QUERY,
                 STANDARD_RIGHTS_WRITE | JOB_OBJECT_TERMINATE | JOB_OBJECT_SET_ATTRIBUTES |
                     JOB_OBJECT_ASSIGN_PROCESS,
                 STANDARD_RIGHTS_EXECUTE | SYNCHRONIZE, JOB_OBJECT_ALL_ACCESS },
    .valid_access = JOB_OBJECT_ALL_ACCESS,
    .destroy = job_destroy,
    .handle_closed = job_handle_closed,
    .wait_cell = job_cell,
};

static struct object *job_alloc(void)
{
    struct job *job = object_alloc(&job_type, sizeof(*job));

    if (!job) return NULL;
    if ((job->cell = cell_alloc(CELL_MANUAL, 0, 1))) return &job->header;
    object_unref(job);
    return NULL;
}

NT_CALL(nt_create_job_object, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    struct object_attributes attributes;
    NTSTATUS status = object_create_begin(&attributes, attr, handle);

    if (status) return status;
    status = object_create(job_alloc(), &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_job_object, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&job_type, attr, access, handle);
}

/* ---- members ---------------------------------------------------------------------------------------------- */

/* On the epoll thread. The process keeps its job until then: a reference. */
static void member_ended(struct process_object *process)
{
    struct job *job = process->job;
    struct object *port = NULL;
    struct job_member *member;
    ULONG_PTR key = 0;
    bool zero;

    pthread_mutex_lock(&job_lock);
    zero = !job->member;
    for (member = job->members; member; member = member->next)
    {
        if (member->process == process) member->ended = true;
        if (!member->ended) zero = false;
    }
    process->job = NULL;
    if (job->port) port = object_ref(job->port);
    key = job->key;
    pthread_mutex_unlock(&job_lock);
    if (port) completion_post(port, key, process->id, JOB_OBJECT_MSG_EXIT_PROCESS, 0);
    if (port && zero) completion_post(port, key, 0, JOB_OBJECT_MSG_ACTIVE_PROCESS_ZERO, 0);
    object_unref(port);
    object_unref(job);
}

static NTSTATUS add_member(struct job *job, struct process_object *process)
{
    struct job_member *member = malloc(sizeof(*member));
    NTSTATUS status = STATUS_SUCCESS;
    struct object *port = NULL;
    ULONG_PTR key = 0;

    if (!member) return STATUS_NO_MEMORY;
    pthread_mutex_lock(&job_lock);
    if (process->job == job)
    {
        free(member);
        pthread_mutex_unlock(&job_lock);
        return STATUS_SUCCESS;
    }
    if (process->job) status = STATUS_ACCESS_DENIED;            /* jobs do not nest here */
    else if (!process_on_end(process, member_ended, object_ref(job)))
    {
        object_unref(job);
        status = STATUS_PROCESS_IS_TERMINATING;
    }
    else
    {
        *member = (struct job_member){ job->members, object_ref(process), false };
        job->members = member;
        job->total++;
        if (job->port) port = object_ref(job->port);
        key = job->key;
    }
    pthread_mutex_unlock(&job_lock);
    if (status) free(member);
    if (port) completion_post(port, key, process->id, JOB_OBJECT_MSG_NEW_PROCESS, 0);
    object_unref(port);
    return status;
}

void job_inherit(struct process_object *child, bool breakaway)
{
    struct job *job;

    pthread_mutex_lock(&job_lock);
    job = own_job;
    if (job && (job->flags & JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK ||
                (breakaway && job->flags & JOB_OBJECT_LIMIT_BREAKAWAY_OK))) job = NULL;
    if (job) object_ref(job);
    pthread_mutex_unlock(&job_lock);
    if (job) add_member(job, child);
    object_unref(job);
}

NT_CALL(nt_assign_process_to_job_object, HANDLE handle, HANDLE process)
{
    struct process_object *target = NULL;
    struct object *port = NULL;
    struct job *job;
    ULONG_PTR key = 0;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &job_type, JOB_OBJECT_ASSIGN_PROCESS, &job, NULL))) return status;
    if (!(status = process_target(process, PROCESS_SET_QUOTA | PROCESS_TERMINATE, &target)) && process_is_other(target))
        status = add_member(job, target);
    else if (!status)
    {
        pthread_mutex_lock(&job_lock);
        if (own_job && own_job != job) status = STATUS_ACCESS_DENIED;   /* jobs do not nest here */
        else if (!own_job)
        {
            own_job = object_ref(job);
            job->member = true;
            job->total = 1;
            if (job->port) port = object_ref(job->port);
            key = job->key;
        }
        pthread_mutex_unlock(&job_lock);
    }
    if (port) completion_post(port, key, process_id, JOB_OBJECT_MSG_NEW_PROCESS, 0);
    object_unref(port);
    if (target) object_unref(target);
    object_unref(job);
    return status;
}

NT_CALL(nt_is_process_in_job, HANDLE process, HANDLE handle)
{
    struct process_object *target;
    struct job *job = NULL;
    NTSTATUS status;
    bool member;

    if ((status = process_target(process, PROCESS_QUERY_LIMITED_INFORMATION, &target))) return status;
    if (handle && (status = handle_lookup(handle, &job_type, JOB_OBJECT_QUERY, &job, NULL)))
    {
        object_unref(target);
        return status;
    }
    pthread_mutex_lock(&job_lock);
    if (process_is_other(target)) member = job ? target->job == job : target->job != NULL;
    else member = job ? job->member : own_job != NULL;
    pthread_mutex_unlock(&job_lock);
    object_unref(target);
    object_unref(job);
    return member ? STATUS_PROCESS_IN_JOB : STATUS_PROCESS_NOT_IN_JOB;
}

NT_CALL(nt_terminate_job_object, HANDLE handle, NTSTATUS exit_status)
{
    struct job *job;
    bool member;
    NTSTATUS status = handle_lookup(handle, &job_type, JOB_OBJECT_TERMINATE, &job, NULL);

    if (status) return status;
    pthread_mutex_lock(&job_lock);
    member = job->member;
    kill_members_locked(job, (uint32_t)exit_status);
    pthread_mutex_unlock(&job_lock);
    object_unref(job);
    if (member) process_exit(exit_status);
    return STATUS_SUCCESS;
}

/* ---- information -------------------------------------------------------------------------------------------- */

union job_info
{
    JOBOBJECT_BASIC_ACCOUNTING_INFORMATION        accounting;
    JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION accounting_io;
    JOBOBJECT_BASIC_LIMIT_INFORMATION             basic_limit;
    JOBOBJECT_EXTENDED_LIMIT_INFORMATION          extended_limit;
    JOBOBJECT_BASIC_PROCESS_ID_LIST               ids;
    struct { ULONG counts[2]; ULONG_PTR list[JOB_IDS_MAX]; } all_ids;
    JOBOBJECT_BASIC_UI_RESTRICTIONS               ui;
    JOBOBJECT_ASSOCIATE_COMPLETION_PORT           port;
};

static size_t info_size(JOBOBJECTINFOCLASS class)
{
    switch (class)
    {
    case JobObjectBasicAccountingInformation:         return sizeof(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION);
    case JobObjectBasicAndIoAccountingInformation:    return sizeof(JOBOBJECT_BASIC_AND_IO_ACCOUNTING_INFORMATION);
    case JobObjectBasicLimitInformation:              return sizeof(JOBOBJECT_BASIC_LIMIT_INFORMATION);
    case JobObjectExtendedLimitInformation:           return sizeof(JOBOBJECT_EXTENDED_LIMIT_INFORMATION);
    case JobObjectBasicProcessIdList:                 return sizeof(JOBOBJECT_BASIC_PROCESS_ID_LIST);  /* at least */
    case JobObjectBasicUIRestrictions:                return sizeof(JOBOBJECT_BASIC_UI_RESTRICTIONS);
    case JobObjectAssociateCompletionPortInformation: return sizeof(JOBOBJECT_ASSOCIATE_COMPLETION_PORT);
    default:                                          return 0;
    }
}

static int64_t times100ns(const struct timeval *time)
{
    return time->tv_sec * 10000000ll + time->tv_usec * 10ll;
}

static void fill_accounting(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION *out, const struct job *job)
{
    struct rusage usage;

    out->TotalProcesses = job->total;
    for (const struct job_member *other = job->members; other; other = other->next) out->ActiveProcesses += !other->ended;
    if (!job->member || getrusage(RUSAGE_SELF, &usage)) return;
    out->ActiveProcesses++;
    out->TotalUserTime.QuadPart = out->ThisPeriodTotalUserTime.QuadPart = times100ns(&usage.ru_utime);
    out->TotalKernelTime.QuadPart = out->ThisPeriodTotalKernelTime.QuadPart = times100ns(&usage.ru_stime);
    out->TotalPageFaultCount = usage.ru_minflt + usage.ru_majflt;
}

static void fill_ids(JOBOBJECT_BASIC_PROCESS_ID_LIST *list, const struct job *job, ULONG room)
{
    ULONG count = 0;

    if (job->member && count++ < room) list->ProcessIdList[count - 1] = process_id;
    for (const struct job_member *other = job->members; other; other = other->next)
        if (!other->ended && count++ < room) list->ProcessIdList[count - 1] = other->process->id;
    list->NumberOfAssignedProcesses = count;
    list->NumberOfProcessIdsInList = count < room ? count : room;
}

/* room: for ids. */
static void fill_info(union job_info *info, JOBOBJECTINFOCLASS class, const struct job *job, ULONG room)
{
    memset(info, 0, sizeof(*info));
    switch (class)
    {
    case JobObjectBasicAccountingInformation: case JobObjectBasicAndIoAccountingInformation:
        fill_accounting(&info->accounting, job);
        break;
    case JobObjectBasicLimitInformation: case JobObjectExtendedLimitInformation:
        info->basic_limit.LimitFlags = job->flags;
        break;
    case JobObjectBasicProcessIdList:
        fill_ids(&info->ids, job, room);
        break;
    default: break;
    }
}

NT_CALL(nt_query_information_job_object, HANDLE handle, JOBOBJECTINFOCLASS class, void *out, ULONG size,
        ULONG *return_size)
{
    size_t expected = class == JobObjectAssociateCompletionPortInformation ? 0 : info_size(class);
    ULONG room = size < 8 ? 0 : (size - 8) / sizeof(ULONG_PTR);
    union job_info info;
    struct job *job;
    NTSTATUS status;

    if (!expected) return class <= 0 || class >= MaxJobObjectInfoClass ? STATUS_INVALID_PARAMETER : STATUS_INVALID_INFO_CLASS;
    if (class == JobObjectBasicProcessIdList ? size < expected : size != expected) return STATUS_INFO_LENGTH_MISMATCH;
    if (handle)
    {
        if ((status = handle_lookup(handle, &job_type, JOB_OBJECT_QUERY, &job, NULL))) return status;
    }
    else
    {
        pthread_mutex_lock(&job_lock);
        job = own_job ? object_ref(own_job) : NULL;
        pthread_mutex_unlock(&job_lock);
        if (!job) return STATUS_ACCESS_DENIED;
    }
    pthread_mutex_lock(&job_lock);
    fill_info(&info, class, job, room < JOB_IDS_MAX ? room : JOB_IDS_MAX);
    pthread_mutex_unlock(&job_lock);
    object_unref(job);
    if (class == JobObjectBasicProcessIdList)
        expected = offsetof(JOBOBJECT_BASIC_PROCESS_ID_LIST, ProcessIdList) +
                   info.ids.NumberOfProcessIdsInList * sizeof(ULONG_PTR);
    status = user_write(out, &info, expected);
    if (!status && return_size) status = user_put(return_size, (ULONG)expected);
    if (!status && class == JobObjectBasicProcessIdList &&
        info.ids.NumberOfProcessIdsInList < info.ids.NumberOfAssignedProcesses) status = STATUS_BUFFER_OVERFLOW;
    return status;
}

static NTSTATUS set_port(struct job *job, const JOBOBJECT_ASSOCIATE_COMPLETION_PORT *info)
{
    struct object *port;
    NTSTATUS status;
    bool tell;

    status = handle_lookup(info->CompletionPort, &completion_type, IO_COMPLETION_MODIFY_STATE, &port, NULL);
    if (status) return status;
    pthread_mutex_lock(&job_lock);
    if (job->port) status = STATUS_INVALID_PARAMETER;
    else
    {
        job->port = object_ref(port);
        job->key = (ULONG_PTR)info->CompletionKey;
    }
    tell = !status && job->member;
    pthread_mutex_unlock(&job_lock);
    if (tell) completion_post(port, (ULONG_PTR)info->CompletionKey, process_id, JOB_OBJECT_MSG_NEW_PROCESS, 0);
    object_unref(port);
    return status;
}

static NTSTATUS set_flags(struct job *job, uint32_t flags, uint32_t valid)
{
    if (flags & ~valid) return STATUS_INVALID_PARAMETER;
    if (flags & ~FLAGS_KEPT) return STATUS_NOT_SUPPORTED;
    pthread_mutex_lock(&job_lock);
    job->flags = flags;
    pthread_mutex_unlock(&job_lock);
    return STATUS_SUCCESS;
}

NT_CALL(nt_set_information_job_object, HANDLE handle, JOBOBJECTINFOCLASS class, void *in, ULONG size)
{
    union job_info info;
    struct job *job;
    NTSTATUS status;

    if (class <= 0 || class >= MaxJobObjectInfoClass) return STATUS_INVALID_PARAMETER;
    if (!info_size(class)) return STATUS_INVALID_INFO_CLASS;
    if (size != info_size(class)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_read(&info, in, size))) return status;
    if ((status = handle_lookup(handle, &job_type, JOB_OBJECT_SET_ATTRIBUTES, &job, NULL))) return status;
    switch (class)
    {
    case JobObjectBasicLimitInformation:
        status = set_flags(job, info.basic_limit.LimitFlags, JOB_OBJECT_BASIC_LIMIT_VALID_FLAGS);
        break;
    case JobObjectExtendedLimitInformation:
        status = set_flags(job, info.extended_limit.BasicLimitInformation.LimitFlags,
                           JOB_OBJECT_EXTENDED_LIMIT_VALID_FLAGS);
        break;
    case JobObjectAssociateCompletionPortInformation:
        status = set_port(job, &info.port);
        break;
    default:
        status = STATUS_INVALID_INFO_CLASS;
        break;
    }
    object_unref(job);
    return status;
}
