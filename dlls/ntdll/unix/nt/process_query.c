/* NtQueryInformationProcess. */
#define __WINESRC__                     /* the names of PROCESS_BASIC_INFORMATION's members */
#include <sys/random.h>
#include <unistd.h>
#include "nt/nt.h"
#include "nt/remote.h"
#include "nt/reply.h"
#include "vm/vm.h"
#include "io/path.h"
#include "ob/desktop.h"
#include "oriel/control.h"
#include "ps/cpu.h"
#include "ps/debug_protocol.h"
#include "ps/debuggee.h"
#include "ps/locate.h"
#include "ps/memory_use.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread.h"
#include "ps/times.h"

#define ProcessMitigationPolicy 52

static void query_basic(struct process_object *process, void *out)
{
    PROCESS_BASIC_INFORMATION *info = out;

    if (process_is_other(process))
    {
        info->ExitStatus = (NTSTATUS)process_status(process);
        info->PebBaseAddress = (PEB *)(uintptr_t)process->block->peb;
        info->AffinityMask = process->block->affinity;
        info->BasePriority = (LONG)priority_of_class(process->block->priority_class);
        info->UniqueProcessId = process->id;
        info->InheritedFromUniqueProcessId = process->block->parent_id;
        return;
    }

    info->ExitStatus = (NTSTATUS)process->exit_status;
    info->PebBaseAddress = process_peb;
    info->AffinityMask = process->affinity;
    info->BasePriority = process_base_priority();
    info->UniqueProcessId = process->id;
    info->InheritedFromUniqueProcessId = process->block->parent_id;
}

static void query_io(struct process_object *process, void *out)
{
    io_counters(process->linux_pid, out);
}

static void query_times(struct process_object *process, void *out)
{
    KERNEL_USER_TIMES *times = out;
    uint64_t user = process->block->user_time, kernel = process->block->kernel_time;

    if (!process_is_other(process))
        times_of_process(&user, &kernel);
    else if (process_status(process) != (uint32_t)STATUS_PENDING)
        times->ExitTime.QuadPart = (LONGLONG)process->block->exit_time;
    else
        process_times_of_other(process->linux_pid, &user, &kernel);
    times->CreateTime.QuadPart = (LONGLONG)process->create_time;
    times->UserTime.QuadPart = (LONGLONG)user;
    times->KernelTime.QuadPart = (LONGLONG)kernel;
}

static void query_nothing(struct process_object *process, void *out)
{
    (void)process;
    (void)out;
}

static void query_error_mode(struct process_object *process, void *out)
{
    *(ULONG *)out = process->error_mode;
}

static void query_priority(struct process_object *process, void *out)
{
    ((PROCESS_PRIORITY_CLASS *)out)->PriorityClass = (UCHAR)process->block->priority_class;
}

static void query_handles(struct process_object *process, void *out)
{
    *(ULONG *)out = process->block->handle_count;
}

static void query_affinity(struct process_object *process, void *out)
{
    *(uint64_t *)out = process->affinity;
}

static void query_boost(struct process_object *process, void *out)
{
    *(ULONG *)out = process->no_boost;
}

static void query_session(struct process_object *process, void *out)
{
    (void)process;
    *(ULONG *)out = OBJECT_SESSION_ID;
}

/* The drives there are: C: and Z:, both fixed disks. */
static void query_device_map(struct process_object *process, void *out)
{
    struct { ULONG map; UCHAR types[32]; } *info = out;

    (void)process;
    info->map = 1u << ('C' - 'A') | 1u << ('Z' - 'A');
    info->types['C' - 'A'] = info->types['Z' - 'A'] = DRIVE_FIXED;
}

static void query_debug_port(struct process_object *process, void *out)
{
    (void)process;
    *(uint64_t *)out = debuggee_attached ? ~(uint64_t)0 : 0;
}

/* Do children of a debuggee have its debugger? */
static void query_debug_flags(struct process_object *process, void *out)
{
    (void)process;
    *(ULONG *)out = !(debuggee_flags() & DEBUGGEE_NO_INHERIT);
}

/* Device maps: each logon has its own. */
static void query_one(struct process_object *process, void *out)
{
    (void)process;
    *(ULONG *)out = 1;
}

static void query_io_priority(struct process_object *process, void *out)
{
    *(ULONG *)out = process->io_priority;
}

static void query_page_priority(struct process_object *process, void *out)
{
    *(ULONG *)out = process->page_priority;
}

/* Data is never executable, and a 64-bit process cannot change that. */
static void query_execute_flags(struct process_object *process, void *out)
{
    (void)process;
    *(ULONG *)out = MEM_EXECUTE_OPTION_DISABLE | MEM_EXECUTE_OPTION_DISABLE_THUNK_EMULATION | MEM_EXECUTE_OPTION_PERMANENT;
}

static void query_cookie(struct process_object *process, void *out)
{
    static uint32_t cookie;

    (void)process;
    if (!cookie && getrandom(&cookie, sizeof(cookie), GRND_NONBLOCK) != sizeof(cookie))
        cookie = (uint32_t)performance_counter();
    *(uint32_t *)out = cookie;
}

static void query_image(struct process_object *process, void *out)
{
    if (process_is_other(process))
        memcpy(out, process->block->image_info, sizeof(process_image_info));
    else
        memcpy(out, &process_image_info, sizeof(process_image_info));
}

static void query_console_host(struct process_object *process, void *out)
{
    (void)process;
    *(uint64_t *)out = 0;               /* no process of its own keeps the console */
}

#define LIMITED PROCESS_QUERY_LIMITED_INFORMATION
#define FULL    PROCESS_QUERY_INFORMATION
static const struct process_class
{
    int class;
    uint32_t size;
    ACCESS_MASK access;
    void (*fill)(struct process_object *process, void *out);    /* out is zeroed */
    bool own;                           /* known of this process alone */
} classes[] =
{
    { ProcessBasicInformation, sizeof(PROCESS_BASIC_INFORMATION), LIMITED, query_basic, false },
    { ProcessIoCounters, sizeof(IO_COUNTERS), LIMITED, query_io, false },
    { ProcessTimes, sizeof(KERNEL_USER_TIMES), LIMITED, query_times, false },
    { ProcessDebugPort, sizeof(uint64_t), FULL, query_debug_port, true },
    { ProcessDefaultHardErrorMode, sizeof(ULONG), LIMITED, query_error_mode, true },
    { ProcessPriorityClass, sizeof(PROCESS_PRIORITY_CLASS), LIMITED, query_priority, false },
    { ProcessHandleCount, sizeof(ULONG), LIMITED, query_handles, false },
    { ProcessAffinityMask, sizeof(uint64_t), FULL, query_affinity, false },
    { ProcessPriorityBoost, sizeof(ULONG), LIMITED, query_boost, true },
    { ProcessDeviceMap, 36, FULL, query_device_map, false },
    { ProcessSessionInformation, sizeof(ULONG), LIMITED, query_session, false },
    { ProcessWow64Information, sizeof(uint64_t), LIMITED, query_nothing, false },
    { ProcessLUIDDeviceMapsEnabled, sizeof(ULONG), LIMITED, query_one, false },
    { ProcessBreakOnTermination, sizeof(ULONG), FULL, query_nothing, false },
    { ProcessDebugFlags, sizeof(ULONG), FULL, query_debug_flags, true },
    { ProcessIoPriority, sizeof(ULONG), LIMITED, query_io_priority, true },
    { ProcessExecuteFlags, sizeof(ULONG), FULL, query_execute_flags, false },
    { ProcessCookie, sizeof(ULONG), FULL, query_cookie, true },
    { ProcessImageInformation, sizeof(SECTION_IMAGE_INFORMATION), LIMITED, query_image, false },
    { ProcessPagePriority, sizeof(ULONG), LIMITED, query_page_priority, true },
    { ProcessConsoleHostProcess, sizeof(uint64_t), LIMITED, query_console_host, false },
};

/* ---- classes of several lengths --------------------------------------------------------------------------- */

static NTSTATUS check_handle(HANDLE handle, ACCESS_MASK access)
{
    struct process_object *process;
    NTSTATUS status = handle_lookup(handle, &process_type, access, &process, NULL);

    if (!status)
        object_unref(&process->header);
    return status;
}

/* What only the process itself knows: true if another was asked, and *status is what the call returns. */
static bool ask_other(HANDLE handle, PROCESSINFOCLASS class, const struct reply *reply, NTSTATUS *status)
{
    struct process_object *process;
    uint64_t data[16];
    bool other;

    if ((*status = process_target(handle, LIMITED, &process)))
        return true;
    if ((other = process_is_other(process)) &&
        !(*status = remote_process_query(process, class, data, reply->size)))
        *status = reply_write(reply, data, reply->size);
    object_unref(&process->header);
    return other;
}

static NTSTATUS query_vm(HANDLE handle, const struct reply *reply)
{
    struct { VM_COUNTERS_EX ex; SIZE_T private_working_set; uint64_t shared_commit; } counters;
    struct memory_use use;
    NTSTATUS status;

    if (reply->size != sizeof(VM_COUNTERS) && reply->size != sizeof(VM_COUNTERS_EX) && reply->size != sizeof(counters))
        return reply_mismatch(reply, sizeof(VM_COUNTERS));
    if ((status = user_probe_for_write(reply->out, reply->size)) || ask_other(handle, ProcessVmCounters, reply, &status))
        return status;
    memory_use(&use);
    memset(&counters, 0, sizeof(counters));
    counters.ex.PeakVirtualSize = use.peak_virtual;
    counters.ex.VirtualSize = use.virtual;
    counters.ex.PageFaultCount = use.page_faults;
    counters.ex.PeakWorkingSetSize = use.peak_resident;
    counters.ex.WorkingSetSize = use.resident;
    counters.ex.PagefileUsage = counters.ex.PrivateUsage = use.commit;
    counters.ex.PeakPagefileUsage = use.peak_commit;
    counters.private_working_set = use.resident - use.resident_shared;
    return reply_write(reply, &counters, reply->size);
}

static NTSTATUS query_quota(HANDLE handle, const struct reply *reply)
{
    QUOTA_LIMITS_EX limits = { 0 };
    NTSTATUS status;

    if (reply->size != sizeof(QUOTA_LIMITS) && reply->size != sizeof(QUOTA_LIMITS_EX))
        return reply_mismatch(reply, sizeof(QUOTA_LIMITS));
    if ((status = user_probe_for_write(reply->out, reply->size)) || ask_other(handle, ProcessQuotaLimits, reply, &status))
        return status;
    limits.PagedPoolLimit = limits.NonPagedPoolLimit = limits.PagefileLimit = ~(SIZE_T)0;
    limits.TimeLimit.QuadPart = -1;
    limits.MinimumWorkingSetSize = current_process->min_working_set;
    limits.MaximumWorkingSetSize = current_process->max_working_set;
    limits.Flags = current_process->working_set_flags;
    return reply_write(reply, &limits, reply->size);
}

/* The program's name, \Device\HarddiskVolume2\... or Z:\.... */
static NTSTATUS query_image_name(HANDLE handle, const struct reply *reply, bool win32)
{
    UNICODE_STRING *string = reply->out, header = { 0, 0, NULL };
    char program[sizeof(((struct process_block *)NULL)->image_path)];
    struct process_object *process;
    const char *path = process_program;
    size_t length = 0;
    NTSTATUS status;
    WCHAR *name;

    if ((status = process_target(handle, LIMITED, &process)))
        return status;
    if (process_is_other(process))
    {
        memcpy(program, process->block->image_path, sizeof(program));
        program[sizeof(program) - 1] = 0;
        path = program;
        if (win32 && process_status(process) != (uint32_t)STATUS_PENDING)
            status = STATUS_PROCESS_IS_TERMINATING;
    }
    object_unref(&process->header);
    if (status)
        return status;
    if (win32)
    {
        if ((name = path_to_windows(path)))
            while (name[length])
                length++;
    }
    else
        name = path_device_name(path_root_mount(), path, &length);
    if (!name)
        return STATUS_NO_MEMORY;
    header.Length = (USHORT)(length * sizeof(WCHAR));
    header.MaximumLength = header.Length + sizeof(WCHAR);
    header.Buffer = (WCHAR *)(string + 1);
    if (reply->size < sizeof(header) + header.MaximumLength)
        status = reply_mismatch(reply, sizeof(header) + header.MaximumLength);
    else if (!(status = user_write(string, &header, sizeof(header))) &&
             !(status = user_write(string + 1, name, header.Length)) &&
             !(status = user_zero((char *)(string + 1) + header.Length, sizeof(WCHAR))) && reply->return_size)
        status = user_put(reply->return_size, (ULONG)(sizeof(header) + header.MaximumLength));
    free(name);
    return status;
}

static NTSTATUS query_groups(HANDLE handle, const struct reply *reply)
{
    USHORT group = 0;
    NTSTATUS status;

    if ((status = check_handle(handle, LIMITED)))
        return status;
    if (reply->size < sizeof(group))
    {
        reply_mismatch(reply, sizeof(group));
        return STATUS_BUFFER_TOO_SMALL;
    }
    return reply_write(reply, &group, sizeof(group));
}

NTSTATUS nt_query_information_process(HANDLE, PROCESSINFOCLASS, void *, ULONG, ULONG *);

/* The object is in the debugger, and stays there. */
static NTSTATUS query_debug_object(HANDLE handle, const struct reply *reply)
{
    HANDLE none = NULL;
    uint64_t port = 0;
    NTSTATUS status;

    if (reply->size != sizeof(none))
        return reply_mismatch(reply, sizeof(none));
    if ((status = user_probe_for_write(reply->out, reply->size)) || (status = check_handle(handle, FULL)) ||
        (status = reply_write(reply, &none, sizeof(none))) ||
        (status = nt_query_information_process(handle, ProcessDebugPort, &port, sizeof(port), NULL)))
        return status;
    return port ? STATUS_ACCESS_DENIED : STATUS_PORT_NOT_SET;
}

static NTSTATUS query_desktop(HANDLE handle, const struct reply *reply)
{
    HANDLE handles[2];
    NTSTATUS status;

    if (reply->size != sizeof(handles))
        return reply_mismatch(reply, sizeof(handles));
    if (handle != CURRENT_PROCESS_HANDLE)
        return STATUS_INVALID_HANDLE;
    if ((status = desktop_handles(handles)))
        return status;
    return reply_write(reply, handles, sizeof(handles));
}

/* In: which policy; out: its flags. Data execution prevention is permanent, nothing else is in force. */
static NTSTATUS query_mitigation(HANDLE handle, const struct reply *reply)
{
    struct { ULONG policy, flags; } info;
    NTSTATUS status;

    if (reply->size != sizeof(info))
        return reply_mismatch(reply, sizeof(info));
    if ((status = user_read(&info, reply->out, sizeof(info))) || (status = check_handle(handle, FULL)))
        return status;
    if (info.policy > 18)
        return STATUS_INVALID_PARAMETER;
    info.flags = info.policy == 0 ? 1 : 0;
    return reply_write(reply, &info, sizeof(info));
}

NT_CALL(nt_query_information_process, HANDLE handle, PROCESSINFOCLASS class, void *out, ULONG size, ULONG *return_size)
{
    struct reply reply = { out, size, return_size };
    struct process_object *process;
    uint64_t data[16] = { 0 };
    NTSTATUS status;
    size_t i;

    switch ((int)class)
    {
    case ProcessVmCounters: return query_vm(handle, &reply);
    case ProcessQuotaLimits: return query_quota(handle, &reply);
    case ProcessImageFileName: return query_image_name(handle, &reply, false);
    case ProcessImageFileNameWin32: return query_image_name(handle, &reply, true);
    case ProcessGroupInformation: return query_groups(handle, &reply);
    case ProcessDebugObjectHandle: return query_debug_object(handle, &reply);
    case ProcessOrielDesktop: return query_desktop(handle, &reply);
    case ProcessMitigationPolicy: return query_mitigation(handle, &reply);
    }
    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
    {
        if (classes[i].class != (int)class)
            continue;
        if (size != classes[i].size && class == ProcessWow64Information)        /* which leaves the length alone */
            return STATUS_INFO_LENGTH_MISMATCH;
        if (size != classes[i].size)
            return reply_mismatch(&reply, classes[i].size);
        if ((status = user_probe_for_write(out, size)) ||
            (status = handle_lookup(handle, &process_type, classes[i].access, &process, NULL)))
            return status;
        if (class == ProcessImageInformation && process_is_other(process) && process_status(process) != (uint32_t)STATUS_PENDING)
            status = STATUS_PROCESS_IS_TERMINATING;     /* kernel32:process, test_dead_process */
        else if (classes[i].own && process_is_other(process))
            status = remote_process_query(process, class, data, size);
        else
            classes[i].fill(process, data);
        object_unref(&process->header);
        if (status)
            return status;
        return reply_write(&reply, data, size);
    }
    return STATUS_INVALID_INFO_CLASS;
}
