/* Names of privileges, of users and of security identifiers. */
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

#define _ADVAPI32_
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winternl.h"
#include "sddl.h"

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

/* ---- security identifiers as text ------------------------------------------------------------------- */
BOOL WINAPI ConvertSidToStringSidW(PSID sid, WCHAR **string)
{
    WCHAR buffer[256];
    UNICODE_STRING text = { 0, sizeof(buffer) - sizeof(WCHAR), buffer };
    NTSTATUS status;

    if (!string)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    status = RtlConvertSidToUnicodeString(&text, sid, FALSE);
    if (status < 0)
    {
        SetLastError(RtlNtStatusToDosError(status));
        return FALSE;
    }
    if (!(*string = LocalAlloc(LMEM_FIXED, text.Length + sizeof(WCHAR)))) return FALSE;
    memcpy(*string, buffer, text.Length);
    (*string)[text.Length / sizeof(WCHAR)] = 0;
    return TRUE;
}

BOOL WINAPI ConvertSidToStringSidA(PSID sid, char **string)
{
    WCHAR *wide;
    size_t length;

    if (!string)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (!ConvertSidToStringSidW(sid, &wide)) return FALSE;
    length = wcslen(wide);
    if ((*string = LocalAlloc(LMEM_FIXED, length + 1)))
        for (size_t i = 0; i <= length; i++) (*string)[i] = (char)wide[i];
    LocalFree(wide);
    return *string != NULL;
}

static const WCHAR *parse_number(const WCHAR *p, unsigned long long *number)
{
    const WCHAR *start = p;

    *number = 0;
    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
    {
        for (p += 2, start = p;; p++)
        {
            if (*p >= '0' && *p <= '9') *number = *number << 4 | (unsigned int)(*p - '0');
            else if ((*p | 32) >= 'a' && (*p | 32) <= 'f') *number = *number << 4 | (unsigned int)((*p | 32) - 'a' + 10);
            else break;
        }
    }
    else for (; *p >= '0' && *p <= '9'; p++) *number = *number * 10 + (unsigned int)(*p - '0');
    return p == start ? NULL : p;
}

/* "S-1-authority-sub-sub..." The two-letter names of SDDL are not known here. */
BOOL WINAPI ConvertStringSidToSidW(const WCHAR *string, PSID *sid)
{
    DWORD subs[SID_MAX_SUB_AUTHORITIES];
    SID_IDENTIFIER_AUTHORITY authority;
    unsigned long long number;
    const WCHAR *p = string;
    BYTE count = 0;

    if (!string || !sid)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if ((p[0] | 32) != 's' || p[1] != '-' || !(p = parse_number(p + 2, &number)) || number != SID_REVISION || *p != '-' ||
        !(p = parse_number(p + 1, &number)))
    {
        SetLastError(ERROR_INVALID_SID);
        return FALSE;
    }
    for (int i = 5; i >= 0; i--, number >>= 8) authority.Value[i] = (BYTE)number;
    while (*p == '-' && count < SID_MAX_SUB_AUTHORITIES)
    {
        if (!(p = parse_number(p + 1, &number)))
        {
            SetLastError(ERROR_INVALID_SID);
            return FALSE;
        }
        subs[count++] = (DWORD)number;
    }
    if (*p || !count)
    {
        SetLastError(ERROR_INVALID_SID);
        return FALSE;
    }
    if (!(*sid = LocalAlloc(LMEM_FIXED, RtlLengthRequiredSid(count)))) return FALSE;
    RtlInitializeSid(*sid, &authority, count);
    memcpy(RtlSubAuthoritySid(*sid, 0), subs, count * sizeof(DWORD));
    return TRUE;
}

BOOL WINAPI ConvertStringSidToSidA(const char *string, PSID *sid)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!string || !sid)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (!RtlCreateUnicodeStringFromAsciiz(&wide, string))
    {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return FALSE;
    }
    ok = ConvertStringSidToSidW(wide.Buffer, sid);
    RtlFreeUnicodeString(&wide);
    return ok;
}
