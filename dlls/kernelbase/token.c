/* Tokens and security identifiers. advapi32 forwards here. */
#include "kernelbase.h"

/* ---- tokens ----------------------------------------------------------------------------------------- */
BOOL WINAPI OpenProcessToken(HANDLE process, DWORD access, HANDLE *token)
{
    return nt_result(NtOpenProcessToken(process, access, token));
}

BOOL WINAPI OpenThreadToken(HANDLE thread, DWORD access, BOOL as_self, HANDLE *token)
{
    return nt_result(NtOpenThreadToken(thread, access, (BOOLEAN)(as_self != 0), token));
}

BOOL WINAPI GetTokenInformation(HANDLE token, TOKEN_INFORMATION_CLASS class, void *info, DWORD size, DWORD *needed)
{
    return nt_result(NtQueryInformationToken(token, class, info, size, needed));
}

BOOL WINAPI AdjustTokenPrivileges(HANDLE token, BOOL disable_all, TOKEN_PRIVILEGES *state, DWORD size, TOKEN_PRIVILEGES *previous, DWORD *needed)
{
    NTSTATUS status = NtAdjustPrivilegesToken(token, (BOOLEAN)(disable_all != 0), state, size, previous, needed);

    /* Success may be partial: ERROR_NOT_ALL_ASSIGNED tells. */
    set_error(status == STATUS_NOT_ALL_ASSIGNED ? ERROR_NOT_ALL_ASSIGNED : RtlNtStatusToDosError(status));
    return status >= 0;
}

BOOL WINAPI DuplicateTokenEx(HANDLE token, DWORD access, SECURITY_ATTRIBUTES *sa, SECURITY_IMPERSONATION_LEVEL level, TOKEN_TYPE type, HANDLE *new)
{
    SECURITY_QUALITY_OF_SERVICE qos = { sizeof(qos), level, SECURITY_STATIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES attr;

    InitializeObjectAttributes(&attr, NULL, sa && sa->bInheritHandle ? OBJ_INHERIT : 0, NULL, sa ? sa->lpSecurityDescriptor : NULL);
    attr.SecurityQualityOfService = &qos;
    return nt_result(NtDuplicateToken(token, access, &attr, level, type, new));
}

BOOL WINAPI DuplicateToken(HANDLE token, SECURITY_IMPERSONATION_LEVEL level, HANDLE *new)
{
    return DuplicateTokenEx(token, TOKEN_IMPERSONATE | TOKEN_QUERY, NULL, level, TokenImpersonation, new);
}

/* ---- impersonation: a thread that acts with a token of its own ------------------------------------------ */
BOOL WINAPI SetThreadToken(HANDLE *thread, HANDLE token)
{
    return nt_result(NtSetInformationThread(thread ? *thread : GetCurrentThread(), ThreadImpersonationToken, &token, sizeof(token)));
}

BOOL WINAPI RevertToSelf(void)
{
    return SetThreadToken(NULL, NULL);
}

BOOL WINAPI ImpersonateSelf(SECURITY_IMPERSONATION_LEVEL level)
{
    return nt_result(RtlImpersonateSelf(level));
}

/* A primary token cannot be a thread's: a copy is. */
BOOL WINAPI ImpersonateLoggedOnUser(HANDLE token)
{
    TOKEN_TYPE type;
    HANDLE copy;
    DWORD size;
    BOOL ok;

    if (!GetTokenInformation(token, TokenType, &type, sizeof(type), &size)) return FALSE;
    if (type != TokenPrimary) return SetThreadToken(NULL, token);
    if (!DuplicateToken(token, SecurityImpersonation, &copy)) return FALSE;
    ok = SetThreadToken(NULL, copy);
    NtClose(copy);
    return ok;
}

BOOL WINAPI PrivilegeCheck(HANDLE token, PRIVILEGE_SET *privileges, BOOL *result)
{
    BOOLEAN has;

    if (!nt_result(NtPrivilegeCheck(token, privileges, &has))) return FALSE;
    *result = has;
    return TRUE;
}

BOOL WINAPI AllocateLocallyUniqueId(LUID *luid)
{
    return nt_result(NtAllocateLocallyUniqueId(luid));
}

BOOL WINAPI CheckTokenMembership(HANDLE token, PSID sid, BOOL *member)
{
    HANDLE own = NULL;
    TOKEN_GROUPS *groups = NULL;
    TOKEN_USER *user = NULL;
    DWORD size = 0, user_size = 0;
    TOKEN_TYPE type;
    BOOL ok = FALSE;

    *member = FALSE;
    if (token)
    {
        if (!GetTokenInformation(token, TokenType, &type, sizeof(type), &size)) return FALSE;
        if (type != TokenImpersonation) return fail(ERROR_NO_IMPERSONATION_TOKEN);
        size = 0;
    }
    else
    {
        if (!OpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &own) && !OpenProcessToken(NtCurrentProcess(), TOKEN_QUERY, &own)) return FALSE;
        token = own;
    }
    GetTokenInformation(token, TokenGroups, NULL, 0, &size);
    GetTokenInformation(token, TokenUser, NULL, 0, &user_size);
    groups = heap_alloc(size);
    user = heap_alloc(user_size);
    if (!groups || !user) set_error(ERROR_NOT_ENOUGH_MEMORY);
    else if (GetTokenInformation(token, TokenGroups, groups, size, &size) && GetTokenInformation(token, TokenUser, user, user_size, &user_size))
    {
        *member = RtlEqualSid(user->User.Sid, sid);
        for (DWORD i = 0; i < groups->GroupCount && !*member; i++)
            *member = (groups->Groups[i].Attributes & SE_GROUP_ENABLED) && RtlEqualSid(groups->Groups[i].Sid, sid);
        ok = TRUE;
    }
    heap_free(user);
    heap_free(groups);
    if (own) NtClose(own);
    return ok;
}

/* ---- security identifiers --------------------------------------------------------------------------- */
BOOL WINAPI AllocateAndInitializeSid(SID_IDENTIFIER_AUTHORITY *authority, BYTE count, DWORD a0, DWORD a1, DWORD a2, DWORD a3, DWORD a4,
                                     DWORD a5, DWORD a6, DWORD a7, PSID *sid)
{
    return nt_result(RtlAllocateAndInitializeSid(authority, count, a0, a1, a2, a3, a4, a5, a6, a7, sid));
}

PVOID WINAPI FreeSid(PSID sid)
{
    RtlFreeSid(sid);
    return NULL;
}

BOOL WINAPI InitializeSid(PSID sid, SID_IDENTIFIER_AUTHORITY *authority, BYTE count)
{
    return nt_result((NTSTATUS)RtlInitializeSid(sid, authority, count));
}

BOOL WINAPI CopySid(DWORD size, PSID dest, PSID source)
{
    return !RtlCopySid(size, dest, source) || fail(ERROR_INSUFFICIENT_BUFFER);      /* a status, whatever the header says */
}

BOOL WINAPI EqualSid(PSID first, PSID second)
{
    BOOL equal = RtlEqualSid(first, second);

    set_error(ERROR_SUCCESS);
    return equal;
}

BOOL WINAPI EqualPrefixSid(PSID first, PSID second)
{
    return RtlEqualPrefixSid(first, second);
}

DWORD WINAPI GetLengthSid(PSID sid)
{
    return RtlLengthSid(sid);
}

DWORD WINAPI GetSidLengthRequired(BYTE count)
{
    return RtlLengthRequiredSid(count);
}

BOOL WINAPI IsValidSid(PSID sid)
{
    return RtlValidSid(sid);
}

SID_IDENTIFIER_AUTHORITY *WINAPI GetSidIdentifierAuthority(PSID sid)
{
    set_error(ERROR_SUCCESS);
    return RtlIdentifierAuthoritySid(sid);
}

DWORD *WINAPI GetSidSubAuthority(PSID sid, DWORD index)
{
    set_error(ERROR_SUCCESS);
    return RtlSubAuthoritySid(sid, index);
}

BYTE *WINAPI GetSidSubAuthorityCount(PSID sid)
{
    set_error(ERROR_SUCCESS);
    return RtlSubAuthorityCountSid(sid);
}

/* The well-known ones that have no domain: authority, up to two subauthorities. */
static const struct
{
    BYTE  type, authority, count;
    DWORD sub[2];
} well_known[] =
{
    { WinNullSid, 0, 1, { 0, 0 } }, { WinWorldSid, 1, 1, { 0, 0 } }, { WinLocalSid, 2, 1, { 0, 0 } },
    { WinCreatorOwnerSid, 3, 1, { 0, 0 } }, { WinCreatorGroupSid, 3, 1, { 1, 0 } }, { WinNtAuthoritySid, 5, 0, { 0, 0 } },
    { WinDialupSid, 5, 1, { 1, 0 } }, { WinNetworkSid, 5, 1, { 2, 0 } }, { WinBatchSid, 5, 1, { 3, 0 } },
    { WinInteractiveSid, 5, 1, { 4, 0 } }, { WinServiceSid, 5, 1, { 6, 0 } }, { WinAnonymousSid, 5, 1, { 7, 0 } },
    { WinSelfSid, 5, 1, { 10, 0 } }, { WinAuthenticatedUserSid, 5, 1, { 11, 0 } }, { WinRestrictedCodeSid, 5, 1, { 12, 0 } },
    { WinLocalSystemSid, 5, 1, { 18, 0 } }, { WinLocalServiceSid, 5, 1, { 19, 0 } }, { WinNetworkServiceSid, 5, 1, { 20, 0 } },
    { WinBuiltinDomainSid, 5, 1, { 32, 0 } }, { WinBuiltinAdministratorsSid, 5, 2, { 32, 544 } },
    { WinBuiltinUsersSid, 5, 2, { 32, 545 } }, { WinBuiltinGuestsSid, 5, 2, { 32, 546 } }, { WinBuiltinPowerUsersSid, 5, 2, { 32, 547 } },
    { WinUntrustedLabelSid, 16, 1, { 0, 0 } }, { WinLowLabelSid, 16, 1, { 0x1000, 0 } }, { WinMediumLabelSid, 16, 1, { 0x2000, 0 } },
    { WinHighLabelSid, 16, 1, { 0x3000, 0 } }, { WinSystemLabelSid, 16, 1, { 0x4000, 0 } },
};

BOOL WINAPI CreateWellKnownSid(WELL_KNOWN_SID_TYPE type, PSID domain, PSID sid, DWORD *size)
{
    (void)domain;
    if (!size) return fail(ERROR_INVALID_PARAMETER);
    for (size_t i = 0; i < ARRAY_LENGTH(well_known); i++)
    {
        SID_IDENTIFIER_AUTHORITY authority = { { 0, 0, 0, 0, 0, well_known[i].authority } };
        DWORD needed = RtlLengthRequiredSid(well_known[i].count);

        if (well_known[i].type != type) continue;
        if (*size < needed)
        {
            *size = needed;
            return fail(ERROR_INSUFFICIENT_BUFFER);
        }
        if (!sid) return fail(ERROR_INVALID_PARAMETER);
        RtlInitializeSid(sid, &authority, well_known[i].count);
        memcpy(RtlSubAuthoritySid(sid, 0), well_known[i].sub, well_known[i].count * sizeof(DWORD));
        *size = needed;
        return TRUE;
    }
    return fail(ERROR_INVALID_PARAMETER);
}

BOOL WINAPI IsWellKnownSid(PSID sid, WELL_KNOWN_SID_TYPE type)
{
    BYTE buffer[SECURITY_MAX_SID_SIZE];
    const SID *s = sid;
    DWORD size = sizeof(buffer);

    if (type == WinLogonIdsSid)         /* S-1-5-5-X-Y, whatever X and Y */
        return !memcmp(&s->IdentifierAuthority, &(SID_IDENTIFIER_AUTHORITY){ SECURITY_NT_AUTHORITY }, sizeof(s->IdentifierAuthority)) &&
               s->SubAuthorityCount == SECURITY_LOGON_IDS_RID_COUNT && s->SubAuthority[0] == SECURITY_LOGON_IDS_RID;
    return CreateWellKnownSid(type, NULL, buffer, &size) && RtlEqualSid(sid, buffer);
}
