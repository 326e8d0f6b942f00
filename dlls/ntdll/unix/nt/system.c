/* NtQuerySystemInformation(Ex), NtSetSystemInformation: the classes of one fixed structure, and the way to the others. */
#define __WINESRC__                     /* the names of the structures' members */
#include <cpuid.h>
#include <unistd.h>

#include "nt/nt.h"
#include "nt/system.h"
#include "ob/token.h"
#include "vm/vm.h"
#include "ps/cpu.h"
#include "ps/memory_use.h"
#include "ps/process.h"
#include "ps/process_object.h"
#include "ps/thread.h"
#include "ps/times.h"
#include "ps/timezone.h"
#include "ps/version.h"

#define PAGE 4096u
#define TIME_INCREMENT 156250           /* 100 ns: the clock interrupt of Windows */

static void query_basic(void *out)
{
    SYSTEM_BASIC_INFORMATION *info = out;
    struct memory_total total;

    memory_total(&total);
    info->KeMaximumIncrement = TIME_INCREMENT;
    info->PageSize = PAGE;
    info->MmNumberOfPhysicalPages = (ULONG)(total.physical / PAGE);
    info->MmLowestPhysicalPage = 1;
    info->MmHighestPhysicalPage = info->MmNumberOfPhysicalPages;
    info->AllocationGranularity = VM_GRANULARITY;
    info->LowestUserAddress = (void *)VM_LOWEST_USER;
    info->HighestUserAddress = (void *)VM_HIGHEST_USER;
    info->ActiveProcessorsAffinityMask = cpu_mask();
    info->NumberOfProcessors = (BYTE)cpu_count();
}

static void query_cpu(void *out)
{
    SYSTEM_CPU_INFORMATION *info = out;
    unsigned int family, model, stepping;

    cpu_identity(&family, &model, &stepping);
    info->ProcessorArchitecture = PROCESSOR_ARCHITECTURE_AMD64;
    info->ProcessorLevel = (USHORT)family;
    info->ProcessorRevision = (USHORT)(model << 8 | stepping);
    info->ProcessorFeatureBits = CPU_FEATURE_VME | CPU_FEATURE_TSC | CPU_FEATURE_CMOV | CPU_FEATURE_PGE | CPU_FEATURE_PSE |
        CPU_FEATURE_MTRR | CPU_FEATURE_CX8 | CPU_FEATURE_MMX | CPU_FEATURE_PAT | CPU_FEATURE_FXSR | CPU_FEATURE_SEP |
        CPU_FEATURE_SSE | CPU_FEATURE_SSE2 | CPU_FEATURE_NX;
}

static void query_cpu_emulated(void *out)       /* what a 32-bit program would see */
{
    query_cpu(out);
    ((SYSTEM_CPU_INFORMATION *)out)->ProcessorArchitecture = PROCESSOR_ARCHITECTURE_INTEL;
}

static void query_performance(void *out)
{
    SYSTEM_PERFORMANCE_INFORMATION *info = out;
    struct memory_total total;
    IO_COUNTERS io;

    memory_total(&total);
    io_counters(getpid(), &io);
    info->IdleTime.QuadPart = (LONGLONG)cpu_idle_time();
    info->ReadTransferCount.QuadPart = (LONGLONG)io.ReadTransferCount;
    info->WriteTransferCount.QuadPart = (LONGLONG)io.WriteTransferCount;
    info->ReadOperationCount = (ULONG)io.ReadOperationCount;
    info->WriteOperationCount = (ULONG)io.WriteOperationCount;
    info->AvailablePages = (ULONG)(total.available / PAGE);
    info->TotalCommittedPages = (ULONG)(total.commit / PAGE);
    info->TotalCommitLimit = (ULONG)(total.commit_limit / PAGE);
    info->PeakCommitment = info->TotalCommittedPages;
}

/* Limits of the system's file cache, pages. Soft ones: Linux's cache takes what nobody needs, and gives it back. */
static SIZE_T file_cache_minimum, file_cache_maximum;

static void query_cache(void *out)
{
    SYSTEM_CACHE_INFORMATION *info = out;
    struct memory_total total;

    memory_total(&total);
    info->CurrentSize = info->PeakSize = total.cached;
    info->CurrentSizeIncludingTransitionInPages = info->PeakSizeIncludingTransitionInPages = total.cached / PAGE;
    info->MinimumWorkingSet = file_cache_minimum;
    info->MaximumWorkingSet = file_cache_maximum ? file_cache_maximum : total.physical / PAGE;
}

static void query_time_adjustment(void *out)
{
    SYSTEM_TIME_ADJUSTMENT_QUERY *info = out;

    info->TimeAdjustment = info->TimeIncrement = TIME_INCREMENT;
    info->TimeAdjustmentDisabled = TRUE;        /* the host keeps the clock right */
}

static void query_debugger(void *out)
{
    ((SYSTEM_KERNEL_DEBUGGER_INFORMATION *)out)->DebuggerNotPresent = TRUE;
}

static void query_nothing(void *out)
{
    (void)out;
}

static void query_registry_quota(void *out)
{
    SYSTEM_REGISTRY_QUOTA_INFORMATION *info = out;

    info->RegistryQuotaAllowed = 0x2000000;
    info->RegistryQuotaUsed = 0x200000;
    info->Reserved1 = (void *)0x200000;
}

static void query_timezone(void *out)
{
    RTL_DYNAMIC_TIME_ZONE_INFORMATION info;

    timezone_query(&info);
    memcpy(out, &info, sizeof(RTL_TIME_ZONE_INFORMATION));      /* which it begins with */
}

static void query_dynamic_timezone(void *out)
{
    timezone_query(out);
}

static void query_alignment(void *out)
{
    *(ULONG *)out = 64;                         /* a cache line */
}

static void query_code_integrity(void *out)
{
    ((SYSTEM_CODEINTEGRITY_INFORMATION *)out)->Length = sizeof(SYSTEM_CODEINTEGRITY_INFORMATION);
}

enum length_rule { EXACT, AT_LEAST };
static const struct system_class
{
    int class;
    uint32_t size;
    enum length_rule rule;
    void (*fill)(void *out);                    /* out is zeroed */
} classes[] =
{
    { SystemBasicInformation, sizeof(SYSTEM_BASIC_INFORMATION), EXACT, query_basic },
    { SystemNativeBasicInformation, sizeof(SYSTEM_BASIC_INFORMATION), EXACT, query_basic },
    { SystemEmulationBasicInformation, sizeof(SYSTEM_BASIC_INFORMATION), EXACT, query_basic },
    { SystemCpuInformation, sizeof(SYSTEM_CPU_INFORMATION), AT_LEAST, query_cpu },
    { SystemEmulationProcessorInformation, sizeof(SYSTEM_CPU_INFORMATION), AT_LEAST, query_cpu_emulated },
    { SystemPerformanceInformation, sizeof(SYSTEM_PERFORMANCE_INFORMATION), AT_LEAST, query_performance },
    { SystemFileCacheInformation, sizeof(SYSTEM_CACHE_INFORMATION), AT_LEAST, query_cache },
    { SystemFileCacheInformationEx, sizeof(SYSTEM_CACHE_INFORMATION), AT_LEAST, query_cache },
    { SystemTimeAdjustmentInformation, sizeof(SYSTEM_TIME_ADJUSTMENT_QUERY), EXACT, query_time_adjustment },
    { SystemKernelDebuggerInformation, sizeof(SYSTEM_KERNEL_DEBUGGER_INFORMATION), AT_LEAST, query_debugger },
    { SystemKernelDebuggerInformationEx, sizeof(SYSTEM_KERNEL_DEBUGGER_INFORMATION_EX), AT_LEAST, query_nothing },
    { SystemRegistryQuotaInformation, sizeof(SYSTEM_REGISTRY_QUOTA_INFORMATION), AT_LEAST, query_registry_quota },
    { SystemCurrentTimeZoneInformation, sizeof(RTL_TIME_ZONE_INFORMATION), EXACT, query_timezone },
    { SystemDynamicTimeZoneInformation, sizeof(RTL_DYNAMIC_TIME_ZONE_INFORMATION), EXACT, query_dynamic_timezone },
    { SystemRecommendedSharedDataAlignment, sizeof(ULONG), AT_LEAST, query_alignment },
    { SystemCodeIntegrityInformation, sizeof(SYSTEM_CODEINTEGRITY_INFORMATION), AT_LEAST, query_code_integrity },
};

/* Any length up to the whole is served with as much. */
static NTSTATUS query_time_of_day(const struct reply *reply)
{
    SYSTEM_TIMEOFDAY_INFORMATION info = { 0 };
    uint64_t now = system_time();
    unsigned int zone;

    if (reply->size > sizeof(info))
        return reply_mismatch(reply, sizeof(info));
    info.SystemTime.QuadPart = (LONGLONG)now;
    info.BootTime.QuadPart = (LONGLONG)(now - interrupt_time());
    info.TimeZoneBias.QuadPart = timezone_bias(&zone);
    info.TimeZoneId = zone;
    return reply_write(reply, &info, reply->size);
}

static NTSTATUS query_interrupts(const struct reply *reply)
{
    size_t size = cpu_count() * sizeof(SYSTEM_INTERRUPT_INFORMATION), i;
    SYSTEM_INTERRUPT_INFORMATION *info;
    NTSTATUS status;

    if (reply->size < size)
        return reply_mismatch(reply, size);
    if (!(info = calloc(1, size)))
        return STATUS_NO_MEMORY;
    for (i = 0; i < cpu_count(); i++)
        info[i].TimeIncrement = TIME_INCREMENT;
    status = reply_write(reply, info, size);
    free(info);
    return status;
}

static NTSTATUS query(int class, const struct reply *reply)
{
    uint64_t data[96];
    size_t i;

    _Static_assert(sizeof(data) >= sizeof(SYSTEM_PERFORMANCE_INFORMATION), "data");
    _Static_assert(sizeof(data) >= sizeof(RTL_DYNAMIC_TIME_ZONE_INFORMATION), "data");
    switch (class)
    {
    case SystemTimeOfDayInformation: return query_time_of_day(reply);
    case SystemProcessInformation: return system_processes(reply, false);
    case SystemExtendedProcessInformation: return system_processes(reply, true);
    case SystemProcessorPerformanceInformation: return system_processor_times(reply);
    case SystemHandleInformation: return system_handles(reply);
    case SystemExtendedHandleInformation: return system_handles_ex(reply);
    case SystemInterruptInformation: return query_interrupts(reply);
    case SystemNumaProcessorMap: return system_numa_map(reply);
    case SystemLogicalProcessorInformation: return system_logical_processors(reply);
    case SystemProcessIdInformation: return system_process_name(reply);
    case SystemProcessorBrandString: return system_brand_string(reply);
    case SystemLogicalProcessorInformationEx:
    case SystemCpuSetInformation:
        return STATUS_INVALID_PARAMETER;        /* these want input: NtQuerySystemInformationEx */
    }
    for (i = 0; i < sizeof(classes) / sizeof(classes[0]); i++)
    {
        if (classes[i].class != class)
            continue;
        if (classes[i].rule == EXACT ? reply->size != classes[i].size : reply->size < classes[i].size)
            return reply_mismatch(reply, classes[i].size);
        memset(data, 0, sizeof(data));
        classes[i].fill(data);
        return reply_write(reply, data, classes[i].size);
    }
    return STATUS_INVALID_INFO_CLASS;
}

NT_CALL(nt_query_system_information, SYSTEM_INFORMATION_CLASS class, void *out, ULONG size, ULONG *return_size)
{
    struct reply reply = { out, size, return_size };

    return query((int)class, &reply);
}

NT_CALL(nt_query_system_information_ex, SYSTEM_INFORMATION_CLASS class, const void *in, ULONG in_size, void *out, ULONG size,
        ULONG *return_size)
{
    struct reply reply = { out, size, return_size };
    struct process_object *process;
    ULONG relationship;
    HANDLE handle;
    NTSTATUS status;

    if (!in)
        return STATUS_INVALID_PARAMETER;
    switch ((int)class)
    {
    case SystemLogicalProcessorInformationEx:
        if (in_size < sizeof(relationship))
            return STATUS_INVALID_PARAMETER;
        status = user_read(&relationship, in, sizeof(relationship));
        return status ? status : system_logical_processors_ex(&reply, relationship);
    case SystemCpuSetInformation:
        if (in_size != sizeof(handle))
            return STATUS_INVALID_PARAMETER;
        if ((status = user_read(&handle, in, sizeof(handle))))
            return status;
        if (handle)
        {
            if ((status = handle_lookup(handle, &process_type, PROCESS_QUERY_LIMITED_INFORMATION, &process, NULL)))
                return status;
            object_unref(&process->header);
        }
        return system_cpu_sets(&reply);
    case SystemLogicalProcessorInformation:
    case SystemProcessorPerformanceInformation:
    case SystemInterruptInformation:            /* of one processor group; there is one */
        return query((int)class, &reply);
    }
    return STATUS_INVALID_INFO_CLASS;
}

static NTSTATUS set_file_cache(const void *in, ULONG size)
{
    SYSTEM_CACHE_INFORMATION info;
    NTSTATUS status;

    if (size < sizeof(info)) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_read(&info, in, sizeof(info)))) return status;
    if (!token_privilege_enabled(SE_INCREASE_QUOTA_PRIVILEGE)) return STATUS_PRIVILEGE_NOT_HELD;
    if (info.MinimumWorkingSet == ~(SIZE_T)0 && info.MaximumWorkingSet == ~(SIZE_T)0) return memory_drop_file_cache() ? STATUS_SUCCESS : STATUS_ACCESS_DENIED;
    if (info.MinimumWorkingSet > info.MaximumWorkingSet || !info.MaximumWorkingSet) return STATUS_INVALID_PARAMETER;
    if (info.Flags & 5) return STATUS_NOT_SUPPORTED;    /* hard limits: nobody could keep them */
    file_cache_minimum = info.MinimumWorkingSet;
    file_cache_maximum = info.MaximumWorkingSet;
    return STATUS_SUCCESS;
}

NT_CALL(nt_set_system_information, SYSTEM_INFORMATION_CLASS class, const void *in, ULONG size)
{
    switch ((int)class)
    {
    case SystemTimeAdjustmentInformation:
        return size == sizeof(SYSTEM_TIME_ADJUSTMENT) ? STATUS_PRIVILEGE_NOT_HELD : STATUS_INFO_LENGTH_MISMATCH;
    case SystemFileCacheInformation:
    case SystemFileCacheInformationEx: return set_file_cache(in, size);
    case SystemCurrentTimeZoneInformation:
    case SystemDynamicTimeZoneInformation:
        return STATUS_PRIVILEGE_NOT_HELD;
    }
    return STATUS_INVALID_INFO_CLASS;
}
