/* The registry key of the current user. */
#include "rtl.h"

/* "\Registry\User\S-..." */
NTSTATUS WINAPI RtlFormatCurrentUserKeyPath(PUNICODE_STRING path)
{
    static const WCHAR prefix[] = L"\\Registry\\User\\";
    const size_t prefix_length = sizeof(prefix) - sizeof(WCHAR);
    BYTE buffer[sizeof(TOKEN_USER) + SECURITY_MAX_SID_SIZE];
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
