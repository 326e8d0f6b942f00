/* Which Windows this is. The numbers are the PEB's. */

#include "rtl.h"

NTSTATUS WINAPI RtlGetVersion(RTL_OSVERSIONINFOEXW *info)
{
    const PEB *peb = current_peb();

    info->dwMajorVersion = peb->OSMajorVersion;
    info->dwMinorVersion = peb->OSMinorVersion;
    info->dwBuildNumber = peb->OSBuildNumber & 0xffff;
    info->dwPlatformId = VER_PLATFORM_WIN32_NT;
    info->szCSDVersion[0] = 0;
    if (info->dwOSVersionInfoSize == sizeof(*info))
    {
        info->wServicePackMajor = info->wServicePackMinor = 0;
        info->wSuiteMask = VER_SUITE_SINGLEUSERTS;
        info->wProductType = VER_NT_WORKSTATION;
        info->wReserved = 0;
    }
    return STATUS_SUCCESS;
}

extern void WINAPI RtlGetNtVersionNumbers(ULONG *major, ULONG *minor, ULONG *build);

/* The high bits of the build say: a release. */
void WINAPI RtlGetNtVersionNumbers(ULONG *major, ULONG *minor, ULONG *build)
{
    const PEB *peb = current_peb();

    if (major) *major = peb->OSMajorVersion;
    if (minor) *minor = peb->OSMinorVersion;
    if (build) *build = 0xf0000000 | (peb->OSBuildNumber & 0xffff);
}

BOOLEAN WINAPI RtlGetNtProductType(LPDWORD type)
{
    *type = VER_NT_WORKSTATION;
    return TRUE;
}

/* ---- conditions: three bits for each kind of number ---- */

static const struct { DWORD type; int slot; } slots[] =
{
    { VER_PRODUCT_TYPE, 7 }, { VER_SUITENAME, 6 }, { VER_SERVICEPACKMAJOR, 5 }, { VER_SERVICEPACKMINOR, 4 },
    { VER_PLATFORMID, 3 }, { VER_BUILDNUMBER, 2 }, { VER_MAJORVERSION, 1 }, { VER_MINORVERSION, 0 }
};

ULONGLONG WINAPI VerSetConditionMask(ULONGLONG mask, DWORD types, BYTE condition)
{
    condition &= 7;
    if (!condition) return mask;
    for (unsigned int i = 0; i < ARRAY_COUNT(slots); i++)
        if (types & slots[i].type) return mask | (ULONGLONG)condition << slots[i].slot * 3;
    return mask;
}

static BYTE condition_of(ULONGLONG mask, DWORD type)
{
    for (unsigned int i = 0; i < ARRAY_COUNT(slots); i++)
        if (type == slots[i].type) return mask >> slots[i].slot * 3 & 7;
    return 0;
}

static NTSTATUS check_order(int order, BYTE condition)
{
    bool holds;

    switch (condition)
    {
    case VER_EQUAL:         holds = order == 0; break;
    case VER_GREATER:       holds = order > 0; break;
    case VER_GREATER_EQUAL: holds = order >= 0; break;
    case VER_LESS:          holds = order < 0; break;
    case VER_LESS_EQUAL:    holds = order <= 0; break;
    default:                return STATUS_REVISION_MISMATCH;
    }
    return holds ? STATUS_SUCCESS : STATUS_REVISION_MISMATCH;
}

static int compare(DWORD a, DWORD b)
{
    return a < b ? -1 : a > b;
}

/* Version and service pack compare as one number of up to four places, under the first condition that is not plain
 * equality; up to there each place that is asked for needs one
 * (kernel32:version). */
static NTSTATUS check_version(const RTL_OSVERSIONINFOEXW *ver, const RTL_OSVERSIONINFOEXW *want, DWORD types,
                              ULONGLONG mask)
{
    const struct { DWORD type, have, want; } places[] =
    {
        { VER_MAJORVERSION, ver->dwMajorVersion, want->dwMajorVersion },
        { VER_MINORVERSION, ver->dwMinorVersion, want->dwMinorVersion },
        { VER_SERVICEPACKMAJOR, ver->wServicePackMajor, want->wServicePackMajor },
        { VER_SERVICEPACKMINOR, ver->wServicePackMinor, want->wServicePackMinor }
    };
    BYTE condition = 0;
    int order = 0;

    for (unsigned int i = 0; i < ARRAY_COUNT(places); i++)
    {
        BYTE own = condition_of(mask, places[i].type);

        if (!(types & places[i].type) || order) continue;
        if (!condition || condition == VER_EQUAL)
        {
            if (!own) return STATUS_REVISION_MISMATCH;
            condition = own;
        }
        order = compare(places[i].have, places[i].want);
    }
    return check_order(order, condition);
}

NTSTATUS WINAPI RtlVerifyVersionInfo(const RTL_OSVERSIONINFOEXW *want, DWORD types, DWORDLONG mask)
{
    RTL_OSVERSIONINFOEXW ver = { .dwOSVersionInfoSize = sizeof(ver) };
    NTSTATUS status;

    if (!types || !mask) return STATUS_INVALID_PARAMETER;
    RtlGetVersion(&ver);

    if (types & VER_PRODUCT_TYPE &&
        (status = check_order(compare(ver.wProductType, want->wProductType), condition_of(mask, VER_PRODUCT_TYPE))))
        return status;
    if (types & VER_SUITENAME)
    {
        WORD common = ver.wSuiteMask & want->wSuiteMask;

        switch (condition_of(mask, VER_SUITENAME))
        {
        case VER_AND:
            if (common != want->wSuiteMask) return STATUS_REVISION_MISMATCH;
            break;
        case VER_OR:
            if (!common && want->wSuiteMask) return STATUS_REVISION_MISMATCH;
            break;
        default:
            return STATUS_INVALID_PARAMETER;
        }
    }
    if (types & VER_PLATFORMID &&
        (status = check_order(compare(ver.dwPlatformId, want->dwPlatformId), condition_of(mask, VER_PLATFORMID))))
        return status;
    if (types & VER_BUILDNUMBER &&
        (status = check_order(compare(ver.dwBuildNumber, want->dwBuildNumber), condition_of(mask, VER_BUILDNUMBER))))
        return status;
    if (types & (VER_MAJORVERSION | VER_MINORVERSION | VER_SERVICEPACKMAJOR | VER_SERVICEPACKMINOR))
        return check_version(&ver, want, types, mask);
    return STATUS_SUCCESS;
}

extern BOOLEAN WINAPI RtlGetProductInfo(DWORD major, DWORD minor, DWORD sp_major, DWORD sp_minor, DWORD *type);

/* The edition, for programs that know of editions (Windows 6.0 and later). */
BOOLEAN WINAPI RtlGetProductInfo(DWORD major, DWORD minor, DWORD sp_major, DWORD sp_minor, DWORD *type)
{
    (void)minor;
    (void)sp_major;
    (void)sp_minor;
    if (!type) return FALSE;
    *type = major >= 6 ? PRODUCT_PROFESSIONAL : PRODUCT_UNDEFINED;
    return major >= 6;
}
