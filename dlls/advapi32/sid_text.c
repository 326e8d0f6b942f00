/* Security identifiers as text. */
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

#define _ADVAPI32_
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winternl.h"
#include "sddl.h"
#include "account.h"
#include "sddl_text.h"

static BOOL failed(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

BOOL WINAPI ConvertSidToStringSidW(PSID sid, WCHAR **string)
{
    WCHAR buffer[256];
    UNICODE_STRING text = { 0, sizeof(buffer) - sizeof(WCHAR), buffer };
    NTSTATUS status;

    if (!string) return failed(ERROR_INVALID_PARAMETER);
    if ((status = RtlConvertSidToUnicodeString(&text, sid, FALSE)) < 0) return failed(RtlNtStatusToDosError(status));
    if (!(*string = LocalAlloc(LMEM_FIXED, text.Length + sizeof(WCHAR)))) return FALSE;
    memcpy(*string, buffer, text.Length);
    (*string)[text.Length / sizeof(WCHAR)] = 0;
    return TRUE;
}

BOOL WINAPI ConvertSidToStringSidA(PSID sid, char **string)
{
    WCHAR *wide;
    size_t length;

    if (!string) return failed(ERROR_INVALID_PARAMETER);
    if (!ConvertSidToStringSidW(sid, &wide)) return FALSE;
    length = wcslen(wide);
    if ((*string = LocalAlloc(LMEM_FIXED, length + 1)))
        for (size_t i = 0; i <= length; i++) (*string)[i] = (char)wide[i];
    LocalFree(wide);
    return *string != NULL;
}

const WCHAR *sddl_number(const WCHAR *p, unsigned long long *number)
{
    const WCHAR *start = p;
    unsigned int base = 10, digit;

    if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
    {
        base = 16;
        start = p += 2;
    }
    for (*number = 0;; p++)
    {
        if (*p >= '0' && *p <= '9') digit = (unsigned int)(*p - '0');
        else if (base == 16 && (*p | 32) >= 'a' && (*p | 32) <= 'f') digit = (unsigned int)((*p | 32) - 'a' + 10);
        else break;
        *number = *number * base + digit;
    }
    return p == start ? NULL : p;
}

/* The local administrator and guest: accounts of this machine. */
static BOOL machine_account(const WCHAR *letters, PSID sid)
{
    DWORD rid;

    if (!_wcsnicmp(letters, L"LA", 2)) rid = DOMAIN_USER_RID_ADMIN;
    else if (!_wcsnicmp(letters, L"LG", 2)) rid = DOMAIN_USER_RID_GUEST;
    else return FALSE;
    if (!machine_sid(sid)) return FALSE;
    *RtlSubAuthoritySid(sid, (*RtlSubAuthorityCountSid(sid))++) = rid;
    return TRUE;
}

const WCHAR *sddl_sid(const WCHAR *p, PSID sid)
{
    SID_IDENTIFIER_AUTHORITY authority;
    const struct account *account;
    DWORD subs[SID_MAX_SUB_AUTHORITIES];
    unsigned long long number;
    BYTE count = 0;

    if ((p[0] | 32) != 's' || p[1] != '-')
    {
        if (!p[0] || !p[1]) return NULL;
        if ((account = account_of_sddl(p))) account_sid(account, sid);
        else if (!machine_account(p, sid)) return NULL;
        return p + 2;
    }
    if (!(p = sddl_number(p + 2, &number)) || number != SID_REVISION || *p != '-' || !(p = sddl_number(p + 1, &number))) return NULL;
    for (int i = 5; i >= 0; i--, number >>= 8) authority.Value[i] = (BYTE)number;
    for (; *p == '-' && count < SID_MAX_SUB_AUTHORITIES; subs[count++] = (DWORD)number)
        if (!(p = sddl_number(p + 1, &number))) return NULL;
    if (!count) return NULL;
    RtlInitializeSid(sid, &authority, count);
    memcpy(RtlSubAuthoritySid(sid, 0), subs, count * sizeof(DWORD));
    return p;
}

BOOL WINAPI ConvertStringSidToSidW(const WCHAR *string, PSID *result)
{
    BYTE sid[SECURITY_MAX_SID_SIZE];
    const WCHAR *end;

    if (!string || !result) return failed(ERROR_INVALID_PARAMETER);
    if (!(end = sddl_sid(string, sid)) || *end) return failed(ERROR_INVALID_SID);
    if (!(*result = LocalAlloc(LMEM_FIXED, RtlLengthSid(sid)))) return FALSE;
    memcpy(*result, sid, RtlLengthSid(sid));
    return TRUE;
}

BOOL WINAPI ConvertStringSidToSidA(const char *string, PSID *sid)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!string || !sid) return failed(ERROR_INVALID_PARAMETER);
    if (!RtlCreateUnicodeStringFromAsciiz(&wide, string)) return failed(ERROR_NOT_ENOUGH_MEMORY);
    ok = ConvertStringSidToSidW(wide.Buffer, sid);
    RtlFreeUnicodeString(&wide);
    return ok;
}
