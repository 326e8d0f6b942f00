/* Security identifiers, and the calling process's privileges. */

#include "rtl.h"

#define MAX_SUB 15

static inline DWORD length_of(BYTE count)
{
    return offsetof(SID, SubAuthority) + count * sizeof(DWORD);
}

BOOLEAN WINAPI RtlValidSid(PSID ptr)
{
    const SID *sid = ptr;

    return sid && sid->Revision == SID_REVISION && sid->SubAuthorityCount <= MAX_SUB;
}

DWORD WINAPI RtlLengthRequiredSid(DWORD count)
{
    return length_of((BYTE)count);
}

DWORD WINAPI RtlLengthSid(PSID sid)
{
    return length_of(((SID *)sid)->SubAuthorityCount);
}

BOOL WINAPI RtlInitializeSid(PSID ptr, PSID_IDENTIFIER_AUTHORITY authority, BYTE count)
{
    SID *sid = ptr;

    if (count > MAX_SUB) return FALSE;
    sid->Revision = SID_REVISION;
    sid->SubAuthorityCount = count;
    sid->IdentifierAuthority = *authority;
    for (int i = 0; i < count; i++) sid->SubAuthority[i] = 0;
    return TRUE;
}

NTSTATUS WINAPI RtlAllocateAndInitializeSid(PSID_IDENTIFIER_AUTHORITY authority, BYTE count, DWORD s0, DWORD s1,
                                            DWORD s2, DWORD s3, DWORD s4, DWORD s5, DWORD s6, DWORD s7, PSID *out)
{
    const DWORD sub[8] = { s0, s1, s2, s3, s4, s5, s6, s7 };
    SID *sid;

    if (count > 8) return STATUS_INVALID_SID;
    if (!(sid = heap_alloc(length_of(count)))) return STATUS_NO_MEMORY;
    RtlInitializeSid(sid, authority, count);
    memcpy(sid->SubAuthority, sub, count * sizeof(DWORD));
    *out = sid;
    return STATUS_SUCCESS;
}

DWORD WINAPI RtlFreeSid(PSID sid)
{
    heap_free(sid);
    return STATUS_SUCCESS;
}

/* RtlCopySid: the header gives it a BOOLEAN, but a status is what it returns on Windows. */
extern NTSTATUS WINAPI rtl_copy_sid(DWORD size, PSID dst, PSID src);

NTSTATUS WINAPI rtl_copy_sid(DWORD size, PSID dst, PSID src)
{
    DWORD length = RtlLengthSid(src);

    if (size < length) return STATUS_BUFFER_TOO_SMALL;
    memmove(dst, src, length);
    return STATUS_SUCCESS;
}

BOOL WINAPI RtlEqualSid(PSID a, PSID b)
{
    return RtlValidSid(a) && RtlValidSid(b) && *RtlSubAuthorityCountSid(a) == *RtlSubAuthorityCountSid(b) &&
           !memcmp(a, b, RtlLengthSid(a));
}

BOOL WINAPI RtlEqualPrefixSid(PSID a, PSID b)
{
    BYTE count;

    if (!RtlValidSid(a) || !RtlValidSid(b) || (count = *RtlSubAuthorityCountSid(a)) != *RtlSubAuthorityCountSid(b))
        return FALSE;
    return !memcmp(a, b, length_of(count ? count - 1 : 0));
}

PSID_IDENTIFIER_AUTHORITY WINAPI RtlIdentifierAuthoritySid(PSID sid)
{
    return &((SID *)sid)->IdentifierAuthority;
}

LPBYTE WINAPI RtlSubAuthorityCountSid(PSID sid)
{
    return &((SID *)sid)->SubAuthorityCount;
}

LPDWORD WINAPI RtlSubAuthoritySid(PSID sid, DWORD index)
{
    return &((SID *)sid)->SubAuthority[index];
}

static WCHAR *put_number(WCHAR *p, ULONGLONG value)
{
    WCHAR digits[20];
    int n = 0;

    do digits[n++] = '0' + value % 10;
    while (value /= 10);
    while (n) *p++ = digits[--n];
    return p;
}

/* S-1-5-21-... ; an authority beyond 32 bits is written in hexadecimal. */
NTSTATUS WINAPI RtlConvertSidToUnicodeString(UNICODE_STRING *str, PSID ptr, BOOLEAN alloc)
{
    static const WCHAR hex[] = L"0123456789abcdef";
    WCHAR buffer[2 + 4 + 15 + MAX_SUB * 11], *p = buffer;
    const SID *sid = ptr;
    const BYTE *a = sid->IdentifierAuthority.Value;
    USHORT bytes;

    if (!RtlValidSid(ptr)) return STATUS_INVALID_SID;
    *p++ = 'S';
    *p++ = '-';
    p = put_number(p, sid->Revision);
    *p++ = '-';
    if (a[0] || a[1])
    {
        *p++ = '0';
        *p++ = 'x';
        for (int i = 0; i < 6; i++)
        {
            *p++ = hex[a[i] >> 4];
            *p++ = hex[a[i] & 15];
        }
    }
    else p = put_number(p, (ULONG)a[2] << 24 | a[3] << 16 | a[4] << 8 | a[5]);
    for (int i = 0; i < sid->SubAuthorityCount; i++)
    {
        *p++ = '-';
        p = put_number(p, sid->SubAuthority[i]);
    }
    bytes = (USHORT)((p - buffer) * sizeof(WCHAR));
    if (alloc)
    {
        if (!(str->Buffer = heap_alloc(bytes + sizeof(WCHAR)))) return STATUS_NO_MEMORY;
        str->MaximumLength = bytes + sizeof(WCHAR);
    }
    else if (bytes > str->MaximumLength) return STATUS_BUFFER_OVERFLOW;
    memcpy(str->Buffer, buffer, bytes);
    str->Length = bytes;
    if (bytes < str->MaximumLength) str->Buffer[bytes / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

/* ---- tokens ---- */

NTSTATUS WINAPI RtlAdjustPrivilege(ULONG privilege, BOOLEAN enable, BOOLEAN thread, PBOOLEAN enabled)
{
    TOKEN_PRIVILEGES new, old;
    ULONG size = sizeof(old);
    HANDLE token;
    NTSTATUS status;

    if (thread) status = NtOpenThreadToken(GetCurrentThread(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, FALSE, &token);
    else status = NtOpenProcessToken(GetCurrentProcess(), TOKEN_ADJUST_PRIVILEGES | TOKEN_QUERY, &token);
    if (status) return status;

    old.PrivilegeCount = 1;
    new.PrivilegeCount = 1;
    new.Privileges[0].Luid.LowPart = privilege;
    new.Privileges[0].Luid.HighPart = 0;
    new.Privileges[0].Attributes = enable ? SE_PRIVILEGE_ENABLED : 0;
    status = NtAdjustPrivilegesToken(token, FALSE, &new, size, &old, &size);
    NtClose(token);
    if (status == STATUS_NOT_ALL_ASSIGNED) return STATUS_PRIVILEGE_NOT_HELD;
    if (status) return status;
    /* Nothing in the old state: it was as asked for already. */
    *enabled = old.PrivilegeCount ? (old.Privileges[0].Attributes & SE_PRIVILEGE_ENABLED) != 0 : enable;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlImpersonateSelf(SECURITY_IMPERSONATION_LEVEL level)
{
    SECURITY_QUALITY_OF_SERVICE qos = { sizeof(qos), level, SECURITY_DYNAMIC_TRACKING, FALSE };
    OBJECT_ATTRIBUTES attr;
    HANDLE token, copy;
    NTSTATUS status;

    if ((status = NtOpenProcessToken(GetCurrentProcess(), TOKEN_DUPLICATE, &token))) return status;
    InitializeObjectAttributes(&attr, NULL, 0, NULL, NULL);
    attr.SecurityQualityOfService = &qos;
    status = NtDuplicateToken(token, TOKEN_IMPERSONATE, &attr, FALSE, TokenImpersonation, &copy);
    if (!status)
    {
        status = NtSetInformationThread(GetCurrentThread(), ThreadImpersonationToken, &copy, sizeof(copy));
        NtClose(copy);
    }
    NtClose(token);
    return status;
}
