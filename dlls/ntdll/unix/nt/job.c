/* Job objects, as far as they mean something here (ps/job.h): members, their count and times, a completion port that is
 * told, and the end of all of them. Limits that nobody would enforce are refused. */
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "nt/nt.h"
#include "nt/peer.h"
#include "ob/completion.h"
#include "ob/transfer.h"
#include "ob/types.h"
#include "ps/job.h"
#include "ps/memory_use.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread.h"
#include "ps/times.h"

#define JOB_IDS_MAX JOB_SLOTS

#define FLAGS_KEPT (JOB_OBJECT_LIMIT_DIE_ON_UNHANDLED_EXCEPTION | JOB_OBJECT_LIMIT_BREAKAWAY_OK | \
                    JOB_OBJECT_LIMIT_SILENT_BREAKAWAY_OK | JOB_OBJECT_LIMIT_KILL_ON_JOB_CLOSE | \
                    JOB_OBJECT_LIMIT_PRESERVE_JOB_TIME | JOB_OBJECT_LIMIT_ACTIVE_PROCESS)

NT_CALL(nt_create_job_object, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    struct object_attributes attributes;
    NTSTATUS status = object_create_begin(&attributes, attr, handle);
    struct job *job;

    if (status) return status;
    job = job_alloc();
    status = object_create(job ? &job->header : NULL, &attributes, access, handle);
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_open_job_object, HANDLE *handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr)
{
    return object_open_user(&job_type, attr, access, handle);
}

/* ---- members ---------------------------------------------------------------------------------------------- */

/* Somebody puts this process into a job, the last one; the others are what that is within. Each is the page, the pipe's end
 * to watch, the event. The reply is what the job is within then, if anything. */
NTSTATUS peer_job_join(struct peer_io *io)
{
    unsigned int fd_count = io->fd_count;
    struct job_set set = { 0 };
    NTSTATUS status;

    io->fd_count = 0;                   /* job_set_unpack() takes them */
    if ((status = job_set_unpack(&set, io->message.job.joins, io->fds, fd_count))) return status;
    status = job_set_join(&set);
    if (!status && (io->message.job.id = __atomic_load_n(&set.jobs[set.count - 1]->page->parent, __ATOMIC_RELAXED)))
        peer_job_find(io);              /* whoever cannot be told can ask */
    job_set_free(&set);
    return status;
}

NTSTATUS peer_job_find(struct peer_io *io)
{
    struct job *job = io->message.job.id ? job_find(io->message.job.id) : NULL;
    struct transfer transfer;

    if (!job) return STATUS_NOT_FOUND;
    job_pack_membership(job, &transfer);
    for (; io->reply_fd_count < JOB_FDS; io->reply_fd_count++)
        if ((io->reply_fds[io->reply_fd_count] = fcntl(transfer.fds[io->reply_fd_count], F_DUPFD_CLOEXEC, 0)) < 0) break;
    object_unref(job);
    if (io->reply_fd_count == JOB_FDS) return STATUS_SUCCESS;
    while (io->reply_fd_count) close(io->reply_fds[--io->reply_fd_count]);
    return STATUS_INSUFFICIENT_RESOURCES;
}

static NTSTATUS put_other(struct job *job, const struct job_set *chain, struct process_object *process)
{
    struct peer_io io = { .reply_fds_max = JOB_FDS };
    struct job_set parent = { 0 };
    struct transfer transfer;
    NTSTATUS status;

    io.message.job.joins = chain->joins;
    for (unsigned int i = 0; i < chain->count; i++, io.fd_count += JOB_FDS)
    {
        job_pack_membership(chain->jobs[i], &transfer);
        memcpy(io.fds + io.fd_count, transfer.fds, JOB_FDS * sizeof(int));
    }
    status = peer_call(process, PEER_JOB_JOIN, &io);
    if (status == STATUS_QUOTA_EXCEEDED) process_kill(process, ERROR_NOT_ENOUGH_QUOTA);
    if (status) return status;
    if (!job_set_unpack(&parent, 0, io.reply_fds, io.reply_fd_count))
    {
        job_remember_parent(job);       /* which is known now */
        job_set_free(&parent);
    }
    return STATUS_SUCCESS;
}

/* Again if the job got to be within another one meanwhile. */
static NTSTATUS put(struct job *job, struct process_object *process)
{
    NTSTATUS status = STATUS_RETRY;
    unsigned int i;

    for (i = 0; i < JOBS_NESTED_MAX && status == STATUS_RETRY; i++)
    {
        struct job_set chain = { 0 };

        if (!(status = job_set_add_chain(&chain, job)))
            status = process_is_other(process) ? put_other(job, &chain, process) : job_set_join(&chain);
        job_set_tell_ports(&chain);
        job_set_free(&chain);
    }
    return status == STATUS_RETRY ? STATUS_ACCESS_DENIED : status;
}

NT_CALL(nt_assign_process_to_job_object, HANDLE handle, HANDLE process)
{
    struct process_object *target = NULL;
    struct job *job;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &job_type, JOB_OBJECT_ASSIGN_PROCESS, &job, NULL))) return status;
    if (!(status = process_target(process, PROCESS_SET_QUOTA | PROCESS_TERMINATE, &target))) status = put(job, target);
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
    member = job ? job_has_member(job, target->linux_pid, process_start_time(target->linux_pid)) : target->block->jobs != 0;
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
    member = job_terminate(job, (uint32_t)exit_status);
    object_unref(job);
    if (member) process_exit((uint32_t)exit_status);
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

static void fill_accounting(JOBOBJECT_BASIC_ACCOUNTING_INFORMATION *out, const struct job *job)
{
    uint64_t user = job->page->ended_user, kernel = job->page->ended_kernel, more_user, more_kernel;
    struct rusage usage;
    uint32_t i;

    out->TotalProcesses = job->page->total;
    out->TotalTerminatedProcesses = job->page->limit_hits;
    out->TotalPageFaultCount = (DWORD)job->page->ended_faults;
    for (i = 0; i < JOB_SLOTS; i++)
    {
        const struct job_slot *slot = &job->page->slots[i];

        if (!job_slot_lives(slot)) continue;
        out->ActiveProcesses++;
        if ((int)slot->linux_pid == getpid())
        {
            times_of_process(&more_user, &more_kernel);
            if (!getrusage(RUSAGE_SELF, &usage)) out->TotalPageFaultCount += (DWORD)(usage.ru_minflt + usage.ru_majflt);
        }
        else process_times_of_other((int)slot->linux_pid, &more_user, &more_kernel);
        user += more_user;
        kernel += more_kernel;
    }
    out->TotalUserTime.QuadPart = out->ThisPeriodTotalUserTime.QuadPart = (LONGLONG)user;
    out->TotalKernelTime.QuadPart = out->ThisPeriodTotalKernelTime.QuadPart = (LONGLONG)kernel;
}

static void fill_ids(JOBOBJECT_BASIC_PROCESS_ID_LIST *list, const struct job *job, ULONG room)
{
    ULONG count = 0;

    for (uint32_t i = 0; i < JOB_SLOTS; i++)
        if (job_slot_lives(&job->page->slots[i]) && count++ < room)
            list->ProcessIdList[count - 1] = (ULONG_PTR)job->page->slots[i].linux_pid * 4;
    list->NumberOfAssignedProcesses = count;
    list->NumberOfProcessIdsInList = count < room ? count : room;
}

static void fill_io(IO_COUNTERS *out, const struct job *job)
{
    IO_COUNTERS more;

    *out = job->page->ended_io;
    for (uint32_t i = 0; i < JOB_SLOTS; i++)
    {
        if (!job_slot_lives(&job->page->slots[i])) continue;
        memset(&more, 0, sizeof(more));
        io_counters((int)job->page->slots[i].linux_pid, &more);
        job_add_io(out, &more);
    }
}

/* room: for ids. */
static void fill_info(union job_info *info, JOBOBJECTINFOCLASS class, const struct job *job, ULONG room)
{
    memset(info, 0, sizeof(*info));
    switch (class)
    {
    case JobObjectBasicAndIoAccountingInformation:
        fill_io(&info->accounting_io.IoInfo, job);
        /* fall through */
    case JobObjectBasicAccountingInformation:
        fill_accounting(&info->accounting, job);
        break;
    case JobObjectBasicLimitInformation: case JobObjectExtendedLimitInformation:
        info->basic_limit.LimitFlags = job->page->flags;
        if (job->page->flags & JOB_OBJECT_LIMIT_ACTIVE_PROCESS) info->basic_limit.ActiveProcessLimit = job->page->active_limit;
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
    NTSTATUS status = STATUS_SUCCESS;

    if (!expected) return class <= 0 || class >= MaxJobObjectInfoClass ? STATUS_INVALID_PARAMETER : STATUS_INVALID_INFO_CLASS;
    if (class == JobObjectBasicProcessIdList ? size < expected : size != expected) return STATUS_INFO_LENGTH_MISMATCH;
    if (handle)
    {
        if ((status = handle_lookup(handle, &job_type, JOB_OBJECT_QUERY, &job, NULL))) return status;
    }
    else if (!(job = job_own())) return STATUS_ACCESS_DENIED;
    if (job_lock(job))
    {
        fill_info(&info, class, job, room < JOB_IDS_MAX ? room : JOB_IDS_MAX);
        job_unlock(job);
    }
    else status = STATUS_UNSUCCESSFUL;
    object_unref(job);
    if (status) return status;
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

    status = handle_lookup(info->CompletionPort, &completion_type, IO_COMPLETION_MODIFY_STATE, &port, NULL);
    if (status) return status;
    status = job_set_port(job, port, (ULONG_PTR)info->CompletionKey);
    object_unref(port);
    return status;
}

static NTSTATUS set_limits(struct job *job, const JOBOBJECT_BASIC_LIMIT_INFORMATION *limits, uint32_t valid)
{
    if (limits->LimitFlags & ~valid) return STATUS_INVALID_PARAMETER;
    if (limits->LimitFlags & ~FLAGS_KEPT) return STATUS_NOT_SUPPORTED;
    if (!job_lock(job)) return STATUS_UNSUCCESSFUL;
    job->page->active_limit = limits->ActiveProcessLimit;
    __atomic_store_n(&job->page->flags, limits->LimitFlags, __ATOMIC_RELAXED);
    job_unlock(job);
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
        status = set_limits(job, &info.basic_limit, JOB_OBJECT_BASIC_LIMIT_VALID_FLAGS);
        break;
    case JobObjectExtendedLimitInformation:
        status = set_limits(job, &info.extended_limit.BasicLimitInformation,
                            JOB_OBJECT_EXTENDED_LIMIT_VALID_FLAGS);
        break;
    case JobObjectBasicUIRestrictions:          /* there is nothing that they would keep members from */
        status = info.ui.UIRestrictionsClass ? STATUS_NOT_SUPPORTED : STATUS_SUCCESS;
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
