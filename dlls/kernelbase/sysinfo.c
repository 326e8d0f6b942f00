/* What the system is: version, processors, memory, names. */
#include "kernelbase.h"

/* ---- version ---------------------------------------------------------------------------------------- */
DWORD WINAPI GetVersion(void)
{
    PEB *peb = NtCurrentTeb()->Peb;

    return MAKELONG(MAKEWORD(peb->OSMajorVersion, peb->OSMinorVersion), (peb->OSPlatformId ^ 2) << 14 | peb->OSBuildNumber);
}

BOOL WINAPI GetVersionExW(OSVERSIONINFOW *info)
{
    if (info->dwOSVersionInfoSize != sizeof(OSVERSIONINFOW) && info->dwOSVersionInfoSize != sizeof(OSVERSIONINFOEXW))
        return fail(ERROR_INSUFFICIENT_BUFFER);
    return nt_result(RtlGetVersion((RTL_OSVERSIONINFOEXW *)info));
}

BOOL WINAPI GetVersionExA(OSVERSIONINFOA *info)
{
    OSVERSIONINFOEXW wide;

    if (info->dwOSVersionInfoSize != sizeof(OSVERSIONINFOA) && info->dwOSVersionInfoSize != sizeof(OSVERSIONINFOEXA))
        return fail(ERROR_INSUFFICIENT_BUFFER);
    wide.dwOSVersionInfoSize = sizeof(wide);
    if (!GetVersionExW((OSVERSIONINFOW *)&wide)) return FALSE;
    info->dwMajorVersion = wide.dwMajorVersion;
    info->dwMinorVersion = wide.dwMinorVersion;
    info->dwBuildNumber = wide.dwBuildNumber;
    info->dwPlatformId = wide.dwPlatformId;
    WideCharToMultiByte(CP_ACP, 0, wide.szCSDVersion, -1, info->szCSDVersion, sizeof(info->szCSDVersion), NULL, NULL);
    if (info->dwOSVersionInfoSize == sizeof(OSVERSIONINFOEXA))
    {
        OSVERSIONINFOEXA *extended = (OSVERSIONINFOEXA *)info;

        extended->wServicePackMajor = wide.wServicePackMajor;
        extended->wServicePackMinor = wide.wServicePackMinor;
        extended->wSuiteMask = wide.wSuiteMask;
        extended->wProductType = wide.wProductType;
        extended->wReserved = 0;
    }
    return TRUE;
}

BOOL WINAPI VerifyVersionInfoW(OSVERSIONINFOEXW *info, DWORD types, DWORDLONG conditions)
{
    switch (RtlVerifyVersionInfo((RTL_OSVERSIONINFOEXW *)info, types, conditions))
    {
    case STATUS_SUCCESS: return TRUE;
    case STATUS_INVALID_PARAMETER: return fail(ERROR_BAD_ARGUMENTS);
    case STATUS_REVISION_MISMATCH: return fail(ERROR_OLD_WIN_VERSION);
    }
    return fail(ERROR_BAD_ARGUMENTS);
}

BOOL WINAPI VerifyVersionInfoA(OSVERSIONINFOEXA *info, DWORD types, DWORDLONG conditions)
{
    OSVERSIONINFOEXW wide;

    wide.dwOSVersionInfoSize = sizeof(wide);
    wide.dwMajorVersion = info->dwMajorVersion;
    wide.dwMinorVersion = info->dwMinorVersion;
    wide.dwBuildNumber = info->dwBuildNumber;
    wide.dwPlatformId = info->dwPlatformId;
    wide.szCSDVersion[0] = 0;
    wide.wServicePackMajor = info->wServicePackMajor;
    wide.wServicePackMinor = info->wServicePackMinor;
    wide.wSuiteMask = info->wSuiteMask;
    wide.wProductType = info->wProductType;
    wide.wReserved = info->wReserved;
    return VerifyVersionInfoW(&wide, types, conditions);
}

BOOL WINAPI GetProductInfo(DWORD major, DWORD minor, DWORD sp_major, DWORD sp_minor, DWORD *type)
{
    return RtlGetProductInfo(major, minor, sp_major, sp_minor, type);
}

/* ---- processors ------------------------------------------------------------------------------------- */
static void system_info(const SYSTEM_BASIC_INFORMATION *basic, const SYSTEM_CPU_INFORMATION *cpu, SYSTEM_INFO *info)
{
    info->wProcessorArchitecture = cpu->ProcessorArchitecture;
    info->wReserved = 0;
    info->dwPageSize = basic->PageSize;
    info->lpMinimumApplicationAddress = basic->LowestUserAddress;
    info->lpMaximumApplicationAddress = basic->HighestUserAddress;
    info->dwActiveProcessorMask = basic->ActiveProcessorsAffinityMask;
    info->dwNumberOfProcessors = (BYTE)basic->NumberOfProcessors;
    info->dwProcessorType = PROCESSOR_AMD_X8664;
    info->dwAllocationGranularity = basic->AllocationGranularity;
    info->wProcessorLevel = cpu->ProcessorLevel;
    info->wProcessorRevision = cpu->ProcessorRevision;
}

void WINAPI GetSystemInfo(SYSTEM_INFO *info)
{
    SYSTEM_BASIC_INFORMATION basic;
    SYSTEM_CPU_INFORMATION cpu;

    if (NtQuerySystemInformation(SystemBasicInformation, &basic, sizeof(basic), NULL) >= 0 &&
        NtQuerySystemInformation(SystemCpuInformation, &cpu, sizeof(cpu), NULL) >= 0)
        system_info(&basic, &cpu, info);
}

void WINAPI GetNativeSystemInfo(SYSTEM_INFO *info)
{
    GetSystemInfo(info);
}

BOOL WINAPI IsProcessorFeaturePresent(DWORD feature)
{
    return RtlIsProcessorFeaturePresent(feature);
}

BOOL WINAPI GetLogicalProcessorInformation(SYSTEM_LOGICAL_PROCESSOR_INFORMATION *buffer, DWORD *size)
{
    ULONG needed = 0;
    NTSTATUS status;

    if (!size) return fail(ERROR_INVALID_PARAMETER);
    status = NtQuerySystemInformation(SystemLogicalProcessorInformation, buffer, *size, &needed);
    if (status == STATUS_INFO_LENGTH_MISMATCH) status = STATUS_BUFFER_TOO_SMALL;
    if (status >= 0 || status == STATUS_BUFFER_TOO_SMALL) *size = needed;
    return nt_result(status);
}

BOOL WINAPI GetLogicalProcessorInformationEx(LOGICAL_PROCESSOR_RELATIONSHIP relationship, SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX *buffer,
                                             DWORD *size)
{
    ULONG needed = 0;
    NTSTATUS status;

    if (!size) return fail(ERROR_INVALID_PARAMETER);
    status = NtQuerySystemInformationEx(SystemLogicalProcessorInformationEx, &relationship, sizeof(relationship), buffer, *size, &needed);
    if (status == STATUS_INFO_LENGTH_MISMATCH) status = STATUS_BUFFER_TOO_SMALL;
    if (status >= 0 || status == STATUS_BUFFER_TOO_SMALL) *size = needed;
    return nt_result(status);
}

static DWORD processor_count(void)
{
    SYSTEM_BASIC_INFORMATION basic;

    return nt_result(NtQuerySystemInformation(SystemBasicInformation, &basic, sizeof(basic), NULL)) ? (DWORD)basic.NumberOfProcessors : 0;
}

/* All processors are one group: there are as many as fit into one. */
DWORD WINAPI GetActiveProcessorCount(WORD group)
{
    if (group != 0 && group != ALL_PROCESSOR_GROUPS) return (DWORD)fail(ERROR_INVALID_PARAMETER);
    return processor_count();
}

DWORD WINAPI GetMaximumProcessorCount(WORD group)
{
    return GetActiveProcessorCount(group);
}

WORD WINAPI GetActiveProcessorGroupCount(void)
{
    return 1;
}

WORD WINAPI GetMaximumProcessorGroupCount(void)
{
    return 1;
}

BOOL WINAPI GetSystemTimes(FILETIME *idle, FILETIME *kernel, FILETIME *user)
{
    SYSTEM_PROCESSOR_PERFORMANCE_INFORMATION *info;
    ULONGLONG totals[3] = { 0, 0, 0 };
    DWORD count = processor_count();
    ULONG size = count * sizeof(*info);
    BOOL ok;

    if (!count) return FALSE;
    if (!(info = heap_alloc(size))) return fail(ERROR_NOT_ENOUGH_MEMORY);
    ok = nt_result(NtQuerySystemInformation(SystemProcessorPerformanceInformation, info, size, NULL));
    if (ok)
    {
        for (DWORD i = 0; i < count; i++)
        {
            totals[0] += (ULONGLONG)info[i].IdleTime.QuadPart;
            totals[1] += (ULONGLONG)info[i].KernelTime.QuadPart;
            totals[2] += (ULONGLONG)info[i].UserTime.QuadPart;
        }
        if (idle) memcpy(idle, &totals[0], sizeof(*idle));
        if (kernel) memcpy(kernel, &totals[1], sizeof(*kernel));
        if (user) memcpy(user, &totals[2], sizeof(*user));
    }
    heap_free(info);
    return ok;
}

/* ---- memory ----------------------------------------------------------------------------------------- */
BOOL WINAPI GlobalMemoryStatusEx(MEMORYSTATUSEX *status)
{
    SYSTEM_BASIC_INFORMATION basic;
    SYSTEM_PERFORMANCE_INFORMATION performance;
    VM_COUNTERS_EX counters;
    ULONGLONG page;

    if (status->dwLength != sizeof(*status)) return fail(ERROR_INVALID_PARAMETER);
    if (!nt_result(NtQuerySystemInformation(SystemBasicInformation, &basic, sizeof(basic), NULL)) ||
        !nt_result(NtQuerySystemInformation(SystemPerformanceInformation, &performance, sizeof(performance), NULL)))
        return FALSE;
    page = basic.PageSize;
    status->ullTotalPhys = basic.MmNumberOfPhysicalPages * page;
    status->ullAvailPhys = performance.AvailablePages * page;
    status->ullTotalPageFile = performance.TotalCommitLimit * page;
    status->ullAvailPageFile = (performance.TotalCommitLimit - performance.TotalCommittedPages) * page;
    status->ullTotalVirtual = (ULONG_PTR)basic.HighestUserAddress - (ULONG_PTR)basic.LowestUserAddress + 1;
    status->ullAvailVirtual = status->ullTotalVirtual;
    if (NtQueryInformationProcess(NtCurrentProcess(), ProcessVmCounters, &counters, sizeof(counters), NULL) >= 0 &&
        counters.VirtualSize < status->ullTotalVirtual)
        status->ullAvailVirtual -= counters.VirtualSize;
    status->ullAvailExtendedVirtual = 0;
    status->dwMemoryLoad = status->ullTotalPhys ? (DWORD)((status->ullTotalPhys - status->ullAvailPhys) * 100 / status->ullTotalPhys) : 0;
    return TRUE;
}

void WINAPI GlobalMemoryStatus(MEMORYSTATUS *status)
{
    MEMORYSTATUSEX extended;

    extended.dwLength = sizeof(extended);
    if (!GlobalMemoryStatusEx(&extended)) memset(&extended, 0, sizeof(extended));
    status->dwLength = sizeof(*status);
    status->dwMemoryLoad = extended.dwMemoryLoad;
    status->dwTotalPhys = extended.ullTotalPhys;
    status->dwAvailPhys = extended.ullAvailPhys;
    status->dwTotalPageFile = extended.ullTotalPageFile;
    status->dwAvailPageFile = extended.ullAvailPageFile;
    status->dwTotalVirtual = extended.ullTotalVirtual;
    status->dwAvailVirtual = extended.ullAvailVirtual;
}

BOOL WINAPI GetPhysicallyInstalledSystemMemory(ULONGLONG *kilobytes)
{
    SYSTEM_BASIC_INFORMATION basic;

    if (!kilobytes) return fail(ERROR_INVALID_PARAMETER);
    if (!nt_result(NtQuerySystemInformation(SystemBasicInformation, &basic, sizeof(basic), NULL))) return FALSE;
    *kilobytes = (ULONGLONG)basic.MmNumberOfPhysicalPages * (basic.PageSize / 1024);
    return TRUE;
}

/* ---- NUMA ------------------------------------------------------------------------------------------- */
BOOL WINAPI GetNumaHighestNodeNumber(ULONG *node)
{
    /* The nodes are those of the answer to SystemNumaProcessorMap; its first member is the highest. */
    ULONG map[2 + 64 * 4];

    if (!nt_result(NtQuerySystemInformation(SystemNumaProcessorMap, map, sizeof(map), NULL))) return FALSE;
    *node = map[0];
    return TRUE;
}
