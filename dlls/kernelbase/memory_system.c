/* The system's memory: file cache, hardware errors, call targets, partitions, NUMA (specification 19, 21). */
#include "kernelbase.h"

#define PAGE 0x1000
#define NONE (~(SIZE_T)0)

NTSTATUS WINAPI NtManagePartition(HANDLE, HANDLE, ULONG, void *, ULONG);

/* ---- file cache ------------------------------------------------------------------------------------------------- */

#define MIN_BOTH (FILE_CACHE_MIN_HARD_ENABLE | FILE_CACHE_MIN_HARD_DISABLE)
#define MAX_BOTH (FILE_CACHE_MAX_HARD_ENABLE | FILE_CACHE_MAX_HARD_DISABLE)

BOOL WINAPI GetSystemFileCacheSize(SIZE_T *minimum, SIZE_T *maximum, DWORD *flags)
{
    SYSTEM_CACHE_INFORMATION info;

    if (!nt_result(NtQuerySystemInformation(SystemFileCacheInformationEx, &info, sizeof(info), NULL))) return FALSE;
    *minimum = info.MinimumWorkingSet * PAGE;
    *maximum = info.MaximumWorkingSet * PAGE;
    *flags = info.Flags & (FILE_CACHE_MIN_HARD_ENABLE | FILE_CACHE_MAX_HARD_ENABLE);
    return TRUE;
}

BOOL WINAPI SetSystemFileCacheSize(SIZE_T minimum, SIZE_T maximum, DWORD flags)
{
    SYSTEM_CACHE_INFORMATION info = { .Flags = flags };

    if (flags & ~(DWORD)(MIN_BOTH | MAX_BOTH)) return fail(ERROR_INVALID_PARAMETER);
    if ((flags & MIN_BOTH) == MIN_BOTH || (flags & MAX_BOTH) == MAX_BOTH) return fail(ERROR_INVALID_PARAMETER);
    info.MinimumWorkingSet = minimum == NONE ? NONE : minimum / PAGE;
    info.MaximumWorkingSet = maximum == NONE ? NONE : maximum / PAGE;
    return nt_result(NtSetSystemInformation(SystemFileCacheInformationEx, &info, sizeof(info)));
}

/* ---- hardware errors ----------------------------------------------------------------------------------------------- */

BOOL WINAPI GetMemoryErrorHandlingCapabilities(ULONG *capabilities)
{
    if (!capabilities) return fail(ERROR_INVALID_PARAMETER);
    *capabilities = 0;                  /* nothing tells a process of a patrol scrubber */
    return TRUE;
}

/* ---- control flow guard ----------------------------------------------------------------------------------------------- */

/* CFG_CALL_TARGET_LIST_INFORMATION of System Informer's headers. */
struct call_targets
{
    ULONG count, reserved;
    ULONG *processed;
    CFG_CALL_TARGET_INFO *targets;
    HANDLE section;
    ULONG64 file_offset;
};

static BOOL set_call_targets(HANDLE process, void *base, SIZE_T size, struct call_targets *list)
{
    MEMORY_RANGE_ENTRY range = { base, size };
    ULONG processed = 0;

    list->processed = &processed;
    return nt_result(NtSetInformationVirtualMemory(process, VmCfgCallTargetInformation, 1, &range, list, sizeof(*list)));
}

BOOL WINAPI SetProcessValidCallTargets(HANDLE process, void *base, SIZE_T size, ULONG count, CFG_CALL_TARGET_INFO *targets)
{
    struct call_targets list = { .count = count, .targets = targets };

    return set_call_targets(process, base, size, &list);
}

BOOL WINAPI SetProcessValidCallTargetsForMappedView(HANDLE process, void *base, SIZE_T size, ULONG count,
                                                    CFG_CALL_TARGET_INFO *targets, HANDLE section, ULONG64 offset)
{
    struct call_targets list = { .count = count, .targets = targets, .section = section, .file_offset = offset };

    if (!section) return fail(ERROR_INVALID_PARAMETER);
    return set_call_targets(process, base, size, &list);
}

/* ---- partitions ------------------------------------------------------------------------------------------------------------ */

enum { PARTITION_INFO = 0, PARTITION_DEDICATED_INFO = 9, PARTITION_OPEN_DEDICATED = 10 };

HANDLE WINAPI OpenDedicatedMemoryPartition(HANDLE partition, ULONG64 type, ACCESS_MASK access, BOOL inherit)
{
    struct { ULONG64 type; ULONG attributes; ACCESS_MASK access; HANDLE handle; } open = {
        .type = type, .attributes = inherit ? OBJ_INHERIT : 0, .access = access,
    };

    return nt_result(NtManagePartition(partition, NULL, PARTITION_OPEN_DEDICATED, &open, sizeof(open))) ? open.handle : NULL;
}

BOOL WINAPI QueryPartitionInformation(HANDLE partition, WIN32_MEMORY_PARTITION_INFORMATION_CLASS info_class, void *buffer, ULONG length)
{
    switch (info_class)
    {
    case MemoryPartitionInfo: return nt_result(NtManagePartition(partition, NULL, PARTITION_INFO, buffer, length));
    case MemoryPartitionDedicatedMemoryInfo:
        return nt_result(NtManagePartition(partition, NULL, PARTITION_DEDICATED_INFO, buffer, length));
    default: return fail(ERROR_INVALID_PARAMETER);
    }
}

/* ---- NUMA -------------------------------------------------------------------------------------------------------------------- */

static BOOL is_node(ULONG node)
{
    ULONG highest;

    if (!GetNumaHighestNodeNumber(&highest)) return FALSE;
    return node <= highest ? TRUE : fail(ERROR_INVALID_PARAMETER);
}

/* Every node that the system tells of has processors: each is its own nearest. */
BOOL WINAPI GetMemoryNumaClosestInitiatorNode(ULONG target, ULONG *initiator)
{
    if (!initiator) return fail(ERROR_INVALID_PARAMETER);
    if (!is_node(target)) return FALSE;
    *initiator = target;
    return TRUE;
}

/* Latencies and bandwidths come from a firmware table that a process cannot read. */
BOOL WINAPI GetMemoryNumaPerformanceInformation(ULONG node, UCHAR type, WIN32_MEMORY_NUMA_PERFORMANCE_INFORMATION_OUTPUT **output)
{
    const UCHAR types = WIN32_MEMORY_NUMA_PERFORMANCE_READ_LATENCY | WIN32_MEMORY_NUMA_PERFORMANCE_READ_BANDWIDTH |
                        WIN32_MEMORY_NUMA_PERFORMANCE_WRITE_LATENCY | WIN32_MEMORY_NUMA_PERFORMANCE_WRITE_BANDWIDTH;

    if (!output || !type || (type & ~types)) return fail(ERROR_INVALID_PARAMETER);
    if (node != WIN32_MEMORY_NUMA_PERFORMANCE_ALL_TARGET_NODE && !is_node(node)) return FALSE;
    *output = NULL;
    return fail(ERROR_NOT_FOUND);
}
