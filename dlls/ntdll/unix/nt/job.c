/* Job objects, as far as they mean something for one process: who is in, what it used, a completion port that
 * is told, and the end of the process when the last handle goes. Limits that nobody would enforce are refused. */
#include <pthread.h>
#include <sys/resource.h>

#include "ob/cell.h"
#include "ob/completion.h"
#include "ob/types.h"
#include "ps/process.h"
#include "ps/thread.h"

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
};

static pthread_mutex_t job_lock = PTHREAD_MUTEX_INITIALIZER;
static struct job *own_job;             /* the one this process is in: a reference; under job_lock */

static void job_handle_closed(struct object *object, bool last)
{
    struct job *job = (struct job *)object;
    bool kill;

    if (!last || handle_closing_all()) return;  /* the process is ending already */
    pthread_mutex_lock(&job_lock);
    kill = job->member && job->flags & JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE;
    pthread_mutex_unlock(&job_lock);
    if (kill) process_exit(0);
}

static void job_destroy(struct object *object)
{
    struct job *job = (struct job *)object;

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

static NTSTATUS own_process(HANDLE handle, ACCESS_MASK access)
{
    struct object *process;
    NTSTATUS status = handle_lookup(handle, &process_type, access, &process, NULL);

    if (status) return status;
    if (process != process_current_object()) status = STATUS_NOT_SUPPORTED;
    object_unref(process);
    return status;
}

NT_CALL(nt_assign_process_to_job_object, HANDLE handle, HANDLE process)
{
    struct object *port = NULL;
    struct job *job;
    ULONG_PTR key = 0;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &job_type, JOB_OBJECT_ASSIGN_PROCESS, &job, NULL))) return status;
    if (!(status = own_process(process, PROCESS_SET_QUOTA | PROCESS_TERMINATE)))
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
    object_unref(job);
    return status;
}

NT_CALL(nt_is_process_in_job, HANDLE process, HANDLE handle)
{
    struct job *job = NULL;
    NTSTATUS status;
    bool member;

    if ((status = own_process(process, PROCESS_QUERY_LIMITED_INFORMATION))) return status;
    if (handle && (status = handle_lookup(handle, &job_type, JOB_OBJECT_QUERY, &job, NULL))) return status;
    pthread_mutex_lock(&job_lock);
    member = job ? job->member : own_job != NULL;
    pthread_mutex_unlock(&job_lock);
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
    case JobObjectBasicProcessIdList:                 return sizeof(JOBOBJECT_BASIC_PROCESS_ID_LIST);
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
    if (!job->member || getrusage(RUSAGE_SELF, &usage)) return;
    out->ActiveProcesses = 1;
    out->TotalUserTime.QuadPart = out->ThisPeriodTotalUserTime.QuadPart = times100ns(&usage.ru_utime);
    out->TotalKernelTime.QuadPart = out->ThisPeriodTotalKernelTime.QuadPart = times100ns(&usage.ru_stime);
    out->TotalPageFaultCount = usage.ru_minflt + usage.ru_majflt;
}

static void fill_info(union job_info *info, JOBOBJECTINFOCLASS class, const struct job *job)
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
        info->ids.NumberOfAssignedProcesses = info->ids.NumberOfProcessIdsInList = job->member;
        if (job->member) info->ids.ProcessIdList[0] = process_id;
        break;
    default: break;
    }
}

NT_CALL(nt_query_information_job_object, HANDLE handle, JOBOBJECTINFOCLASS class, void *out, ULONG size,
        ULONG *return_size)
{
    size_t expected = class == JobObjectAssociateCompletionPortInformation ? 0 : info_size(class);
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
    fill_info(&info, class, job);
    pthread_mutex_unlock(&job_lock);
    object_unref(job);
    if (class == JobObjectBasicProcessIdList)
        expected = offsetof(JOBOBJECT_BASIC_PROCESS_ID_LIST, ProcessIdList) +
                   info.ids.NumberOfProcessIdsInList * sizeof(ULONG_PTR);
    status = user_write(out, &info, expected);
    if (!status && return_size) status = user_put(return_size, (ULONG)expected);
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
