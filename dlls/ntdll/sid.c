/* Security identifiers. */
#include "rtl.h"

#define SID_SIZE(count) ((ULONG)(FIELD_OFFSET(SID, SubAuthority) + (count) * sizeof(DWORD)))

BOOLEAN WINAPI RtlValidSid(PSID sid)
{
    const SID *s = sid;

    return s && s->Revision == SID_REVISION && s->SubAuthorityCount <= SID_MAX_SUB_AUTHORITIES;
}

DWORD WINAPI RtlLengthRequiredSid(DWORD count)
{
    return SID_SIZE(count);
}

DWORD WINAPI RtlLengthSid(PSID sid)
{
    return SID_SIZE(((const SID *)sid)->SubAuthorityCount);
}

BOOL WINAPI RtlInitializeSid(PSID sid, PSID_IDENTIFIER_AUTHORITY authority, BYTE count)
{
    SID *s = sid;

    if (count > SID_MAX_SUB_AUTHORITIES) return STATUS_INVALID_PARAMETER;
    s->Revision = SID_REVISION;
    s->SubAuthorityCount = count;
    s->IdentifierAuthority = *authority;
    return STATUS_SUCCESS;
}

PSID_IDENTIFIER_AUTHORITY WINAPI RtlIdentifierAuthoritySid(PSID sid)
{
    return &((SID *)sid)->IdentifierAuthority;
}

LPDWORD WINAPI RtlSubAuthoritySid(PSID sid, DWORD index)
{
    return &((SID *)sid)->SubAuthority[index];
}

LPBYTE WINAPI RtlSubAuthorityCountSid(PSID sid)
{
    return &((SID *)sid)->SubAuthorityCount;
}

BOOL WINAPI RtlEqualSid(PSID first, PSID second)
{
    if (!RtlValidSid(first) || !RtlValidSid(second)) return FALSE;
    if (((SID *)first)->SubAuthorityCount != ((SID *)second)->SubAuthorityCount) return FALSE;
    return !memcmp(first, second, RtlLengthSid(first));
}

/* All but the last subauthority. */
BOOL WINAPI RtlEqualPrefixSid(PSID first, PSID second)
{
    BYTE count = ((SID *)first)->SubAuthorityCount;

    if (!RtlValidSid(first) || !RtlValidSid(second) || ((SID *)second)->SubAuthorityCount != count) return FALSE;
    return !memcmp(first, second, SID_SIZE(count ? count - 1 : 0));
}

BOOLEAN WINAPI RtlCopySid(DWORD size, PSID dest, PSID source)
{
    DWORD length;

    if (!source || !RtlValidSid(source) || (length = RtlLengthSid(source)) > size) return FALSE;
    memmove(dest, source, length);
    return TRUE;
}

NTSTATUS WINAPI RtlAllocateAndInitializeSid(PSID_IDENTIFIER_AUTHORITY authority, BYTE count, DWORD a0, DWORD a1, DWORD a2, DWORD a3,
                                            DWORD a4, DWORD a5, DWORD a6, DWORD a7, PSID *sid)
{
    const DWORD all[8] = { a0, a1, a2, a3, a4, a5, a6, a7 };
    SID *s;

    if (count > 8) return STATUS_INVALID_SID;
    if (!(s = heap_alloc(SID_SIZE(count)))) return STATUS_NO_MEMORY;
    s->Revision = SID_REVISION;
    s->SubAuthorityCount = count;
    s->IdentifierAuthority = *authority;
    memcpy(s->SubAuthority, all, count * sizeof(DWORD));
    *sid = s;
    return STATUS_SUCCESS;
}

DWORD WINAPI RtlFreeSid(PSID sid)
{
    heap_free(sid);
    return STATUS_SUCCESS;
}

static WCHAR *put_number(WCHAR *p, unsigned long long number, unsigned int base)
{
    WCHAR digits[24];
    int n = 0;

    do digits[n++] = L"0123456789abcdef"[number % base];
    while ((number /= base));
    while (n) *p++ = digits[--n];
    return p;
}

/* "S-1-5-21-1-2-3-500". An authority that needs more than 32 bits is written in hexadecimal. */
NTSTATUS WINAPI RtlConvertSidToUnicodeString(PUNICODE_STRING string, PSID sid, BOOLEAN allocate)
{
    WCHAR buffer[16 + 20 + SID_MAX_SUB_AUTHORITIES * 11], *p = buffer;
    const SID *s = sid;
    unsigned long long authority = 0;
    size_t length;

    if (!RtlValidSid(sid)) return STATUS_INVALID_SID;
    for (int i = 0; i < 6; i++) authority = authority << 8 | s->IdentifierAuthority.Value[i];
    *p++ = 'S';
    *p++ = '-';
    p = put_number(p, s->Revision, 10);
    *p++ = '-';
    if (authority >> 32)
    {
        *p++ = '0';
        *p++ = 'x';
        p = put_number(p, authority, 16);
    }
    else p = put_number(p, authority, 10);
    for (int i = 0; i < s->SubAuthorityCount; i++)
    {
        *p++ = '-';
        p = put_number(p, s->SubAuthority[i], 10);
    }
    length = (size_t)(p - buffer) * sizeof(WCHAR);
    if (allocate)
    {
        if (!(string->Buffer = heap_alloc(length + sizeof(WCHAR)))) return STATUS_NO_MEMORY;
        string->MaximumLength = (USHORT)(length + sizeof(WCHAR));
    }
    else if (length > string->MaximumLength) return STATUS_BUFFER_OVERFLOW;
    string->Length = (USHORT)length;
    memcpy(string->Buffer, buffer, length);
    if (length < string->MaximumLength) string->Buffer[length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

/* "\Registry\User\S-..." */
NTSTATUS WINAPI RtlFormatCurrentUserKeyPath(PUNICODE_STRING path)
{
    static const WCHAR prefix[] = L"\\Registry\\User\\";
    const size_t prefix_length = sizeof(prefix) - sizeof(WCHAR);
    BYTE buffer[sizeof(TOKEN_USER) + SID_SIZE(SID_MAX_SUB_AUTHORITIES)];
    UNICODE_STRING sid;
    HANDLE token;
    ULONG size;
    NTSTATUS status;

    status = NtOpenThreadToken(NtCurrentThread(), TOKEN_QUERY, TRUE, &token);
    if (status == STATUS_NO_TOKEN) status = NtOpenProcessToken(NtCurrentProcess(), TOKEN_QUERY, &token);
    if (status < 0) return status;
    status = NtQueryInformationToken(token, TokenUser, buffer, sizeof(buffer), &size);
    NtClose(token);
    if (status < 0) return status;
    if (!(path->Buffer = heap_alloc(prefix_length + 512))) return STATUS_NO_MEMORY;
    memcpy(path->Buffer, prefix, prefix_length);
    sid.Buffer = path->Buffer + prefix_length / sizeof(WCHAR);
    sid.Length = 0;
    sid.MaximumLength = 512;
    status = RtlConvertSidToUnicodeString(&sid, ((TOKEN_USER *)buffer)->User.Sid, FALSE);
    if (status < 0)
    {
        heap_free(path->Buffer);
        return status;
    }
    path->MaximumLength = (USHORT)(prefix_length + 512);
    path->Length = (USHORT)(prefix_length + sid.Length);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlOpenCurrentUser(ACCESS_MASK access, PHANDLE key)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING path;
    NTSTATUS status;

    status = RtlFormatCurrentUserKeyPath(&path);
    if (status < 0) return status;
    InitializeObjectAttributes(&attr, &path, OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = NtCreateKey(key, access, &attr, 0, NULL, 0, NULL);
    heap_free(path.Buffer);
    return status;
}
