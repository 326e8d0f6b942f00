/* Working set limits (specification 15). */
#include "kernelbase.h"
#define PSAPI_VERSION 2
#include "psapi.h"

#define MIN_BOTH (QUOTA_LIMITS_HARDWS_MIN_ENABLE | QUOTA_LIMITS_HARDWS_MIN_DISABLE)
#define MAX_BOTH (QUOTA_LIMITS_HARDWS_MAX_ENABLE | QUOTA_LIMITS_HARDWS_MAX_DISABLE)

BOOL WINAPI GetProcessWorkingSetSizeEx(HANDLE process, SIZE_T *minimum, SIZE_T *maximum, DWORD *flags)
{
    QUOTA_LIMITS_EX limits;

    if (!nt_result(NtQueryInformationProcess(process, ProcessQuotaLimits, &limits, sizeof(limits), NULL))) return FALSE;
    *minimum = limits.MinimumWorkingSetSize;
    *maximum = limits.MaximumWorkingSetSize;
    if (flags) *flags = limits.Flags;
    return TRUE;
}

BOOL WINAPI GetProcessWorkingSetSize(HANDLE process, SIZE_T *minimum, SIZE_T *maximum)
{
    return GetProcessWorkingSetSizeEx(process, minimum, maximum, NULL);
}

BOOL WINAPI SetProcessWorkingSetSizeEx(HANDLE process, SIZE_T minimum, SIZE_T maximum, DWORD flags)
{
    QUOTA_LIMITS_EX limits = { .MinimumWorkingSetSize = minimum, .MaximumWorkingSetSize = maximum, .Flags = flags };

    if (flags & ~(DWORD)(MIN_BOTH | MAX_BOTH)) return fail(ERROR_INVALID_PARAMETER);
    if ((flags & MIN_BOTH) == MIN_BOTH || (flags & MAX_BOTH) == MAX_BOTH) return fail(ERROR_INVALID_PARAMETER);
    return nt_result(NtSetInformationProcess(process, ProcessQuotaLimits, &limits, sizeof(limits)));
}

BOOL WINAPI SetProcessWorkingSetSize(HANDLE process, SIZE_T minimum, SIZE_T maximum)
{
    return SetProcessWorkingSetSizeEx(process, minimum, maximum, 0);
}

BOOL WINAPI K32EmptyWorkingSet(HANDLE process)
{
    return SetProcessWorkingSetSizeEx(process, ~(SIZE_T)0, ~(SIZE_T)0, 0);
}
