/* Names of privileges and of the user. */
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

#define _ADVAPI32_
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winternl.h"

/* ---- privileges ------------------------------------------------------------------------------------- */

/* The privilege of number n is the n-th from SE_MIN_WELL_KNOWN_PRIVILEGE (2). */
static const WCHAR *const privileges[] =
{
    L"SeCreateTokenPrivilege", L"SeAssignPrimaryTokenPrivilege", L"SeLockMemoryPrivilege", L"SeIncreaseQuotaPrivilege",
    L"SeMachineAccountPrivilege", L"SeTcbPrivilege", L"SeSecurityPrivilege", L"SeTakeOwnershipPrivilege", L"SeLoadDriverPrivilege",
    L"SeSystemProfilePrivilege", L"SeSystemtimePrivilege", L"SeProfileSingleProcessPrivilege", L"SeIncreaseBasePriorityPrivilege",
    L"SeCreatePagefilePrivilege", L"SeCreatePermanentPrivilege", L"SeBackupPrivilege", L"SeRestorePrivilege", L"SeShutdownPrivilege",
    L"SeDebugPrivilege", L"SeAuditPrivilege", L"SeSystemEnvironmentPrivilege", L"SeChangeNotifyPrivilege", L"SeRemoteShutdownPrivilege",
    L"SeUndockPrivilege", L"SeSyncAgentPrivilege", L"SeEnableDelegationPrivilege", L"SeManageVolumePrivilege", L"SeImpersonatePrivilege",
    L"SeCreateGlobalPrivilege", L"SeTrustedCredManAccessPrivilege", L"SeRelabelPrivilege", L"SeIncreaseWorkingSetPrivilege",
    L"SeTimeZonePrivilege", L"SeCreateSymbolicLinkPrivilege", L"SeDelegateSessionUserImpersonatePrivilege",
};

enum { first_privilege = 2, privilege_count = sizeof(privileges) / sizeof(privileges[0]) };

BOOL WINAPI LookupPrivilegeValueW(const WCHAR *system, const WCHAR *name, LUID *luid)
{
    if (system && system[0])
    {
        SetLastError(RPC_S_SERVER_UNAVAILABLE);
        return FALSE;
    }
    for (int i = 0; i < privilege_count; i++)
    {
        if (_wcsicmp(privileges[i], name)) continue;
        luid->LowPart = (DWORD)(i + first_privilege);
        luid->HighPart = 0;
        return TRUE;
    }
    SetLastError(ERROR_NO_SUCH_PRIVILEGE);
    return FALSE;
}

BOOL WINAPI LookupPrivilegeValueA(const char *system, const char *name, LUID *luid)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (system && system[0])
    {
        SetLastError(RPC_S_SERVER_UNAVAILABLE);
        return FALSE;
    }
    if (!RtlCreateUnicodeStringFromAsciiz(&wide, name))
    {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    ok = LookupPrivilegeValueW(NULL, wide.Buffer, luid);
    RtlFreeUnicodeString(&wide);
    return ok;
}

BOOL WINAPI LookupPrivilegeNameW(const WCHAR *system, LUID *luid, WCHAR *name, DWORD *size)
{
    DWORD length;

    if (system && system[0])
    {
        SetLastError(RPC_S_SERVER_UNAVAILABLE);
        return FALSE;
    }
    if (luid->HighPart || luid->LowPart < first_privilege || luid->LowPart >= first_privilege + privilege_count)
    {
        SetLastError(ERROR_NO_SUCH_PRIVILEGE);
        return FALSE;
    }
    length = (DWORD)wcslen(privileges[luid->LowPart - first_privilege]);
    if (*size <= length)
    {
        *size = length + 1;
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    wcscpy(name, privileges[luid->LowPart - first_privilege]);
    *size = length;
    return TRUE;
}

BOOL WINAPI LookupPrivilegeNameA(const char *system, LUID *luid, char *name, DWORD *size)
{
    WCHAR wide_name[64];
    DWORD length = 64;

    if (system && *system)
    {
        SetLastError(RPC_S_SERVER_UNAVAILABLE);
        return FALSE;
    }
    if (!LookupPrivilegeNameW(NULL, luid, wide_name, &length)) return FALSE;
    if (*size <= length)
    {
        *size = length + 1;
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    for (DWORD i = 0; i <= length; i++) name[i] = (char)wide_name[i];       /* ASCII, all of them */
    *size = length;
    return TRUE;
}

/* ---- the user --------------------------------------------------------------------------------------- */
BOOL WINAPI GetUserNameW(WCHAR *name, DWORD *size)
{
    WCHAR user[257];
    DWORD length = GetEnvironmentVariableW(L"USERNAME", user, 257);

    if (!length || length >= 257)
    {
        SetLastError(ERROR_NONE_MAPPED);
        return FALSE;
    }
    if (*size <= length)
    {
        *size = length + 1;
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    memcpy(name, user, (length + 1) * sizeof(WCHAR));
    *size = length + 1;
    return TRUE;
}

BOOL WINAPI GetUserNameA(char *name, DWORD *size)
{
    WCHAR user[257];
    DWORD length = 257, needed;

    if (!GetUserNameW(user, &length)) return FALSE;
    needed = (DWORD)WideCharToMultiByte(CP_ACP, 0, user, -1, NULL, 0, NULL, NULL);
    if (*size < needed)
    {
        *size = needed;
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    *size = (DWORD)WideCharToMultiByte(CP_ACP, 0, user, -1, name, (INT)*size, NULL, NULL);
    return TRUE;
}
