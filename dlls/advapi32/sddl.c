/* Security descriptors as text: the Security Descriptor Definition Language. */
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

struct word
{
    WCHAR letters[3];
    DWORD value;
};

static const struct word types[] =
{
    { L"A", ACCESS_ALLOWED_ACE_TYPE }, { L"D", ACCESS_DENIED_ACE_TYPE }, { L"AU", SYSTEM_AUDIT_ACE_TYPE }, { L"AL", SYSTEM_ALARM_ACE_TYPE },
    { L"ML", SYSTEM_MANDATORY_LABEL_ACE_TYPE },
};

static const struct word ace_flags[] =
{
    { L"OI", OBJECT_INHERIT_ACE }, { L"CI", CONTAINER_INHERIT_ACE }, { L"NP", NO_PROPAGATE_INHERIT_ACE }, { L"IO", INHERIT_ONLY_ACE },
    { L"ID", INHERITED_ACE }, { L"SA", SUCCESSFUL_ACCESS_ACE_FLAG }, { L"FA", FAILED_ACCESS_ACE_FLAG },
};

/* In the order in which Windows writes those of one bit each. */
static const struct word rights[] =
{
    { L"GA", GENERIC_ALL }, { L"GX", GENERIC_EXECUTE }, { L"GW", GENERIC_WRITE }, { L"GR", GENERIC_READ },
    { L"CC", 0x1 }, { L"DC", 0x2 }, { L"LC", 0x4 }, { L"SW", 0x8 }, { L"RP", 0x10 }, { L"WP", 0x20 }, { L"DT", 0x40 }, { L"LO", 0x80 }, { L"CR", 0x100 },
    { L"SD", DELETE }, { L"RC", READ_CONTROL }, { L"WD", WRITE_DAC }, { L"WO", WRITE_OWNER },
    { L"FA", FILE_ALL_ACCESS }, { L"FR", FILE_GENERIC_READ }, { L"FW", FILE_GENERIC_WRITE }, { L"FX", FILE_GENERIC_EXECUTE },
    { L"KA", KEY_ALL_ACCESS }, { L"KR", KEY_READ }, { L"KW", KEY_WRITE }, { L"KX", KEY_EXECUTE },
};

enum { single_rights = 17 };

/* A label's mask has words of its own. */
static const struct word label_rights[] = { { L"NW", 1 }, { L"NR", 2 }, { L"NX", 4 } };

static BOOL failed(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

/* ---- from text ----------------------------------------------------------------------------------------- */
static const WCHAR *skip_spaces(const WCHAR *p)
{
    while (*p == ' ') p++;
    return p;
}

static const struct word *find_word(const struct word *words, size_t count, const WCHAR *p, size_t length)
{
    for (size_t i = 0; i < count; i++)
        if (wcslen(words[i].letters) == length && !_wcsnicmp(words[i].letters, p, length)) return &words[i];
    return NULL;
}

/* Words of two letters, up to a semicolon. */
static const WCHAR *parse_flags(const WCHAR *p, DWORD *flags)
{
    const struct word *word;

    for (*flags = 0; *(p = skip_spaces(p)) != ';'; p += 2)
    {
        if (!p[0] || !(word = find_word(ace_flags, ARRAY_SIZE(ace_flags), p, 2))) return NULL;
        *flags |= word->value;
    }
    return p + 1;
}

static const WCHAR *parse_octal(const WCHAR *p, unsigned long long *number)
{
    for (*number = 0; *p >= '0' && *p <= '7'; p++) *number = *number << 3 | (unsigned int)(*p - '0');
    return p;
}

static const WCHAR *parse_rights(const WCHAR *p, DWORD *mask)
{
    const struct word *word;
    unsigned long long number;

    p = skip_spaces(p);
    for (*mask = 0; *p != ';';)
    {
        if (*p >= '0' && *p <= '9')
        {
            p = p[0] == '0' && (p[1] | 32) != 'x' ? parse_octal(p, &number) : sddl_number(p, &number);
            if (!p) return NULL;
            *mask |= (DWORD)number;
            continue;
        }
        if (!p[0] || !p[1]) return NULL;
        if (!(word = find_word(rights, ARRAY_SIZE(rights), p, 2)) && !(word = find_word(label_rights, ARRAY_SIZE(label_rights), p, 2))) return NULL;
        *mask |= word->value;
        p += 2;
    }
    return p + 1;
}

/* "(type;flags;rights;;;sid)", added at the end of the list. Entries for the properties of an object are not there. */
static const WCHAR *parse_ace(const WCHAR *p, BYTE *list, DWORD *used, DWORD room)
{
    const struct word *type;
    ACCESS_ALLOWED_ACE *ace = (ACCESS_ALLOWED_ACE *)(list + *used);
    BYTE sid[SECURITY_MAX_SID_SIZE];
    DWORD flags, mask, size;
    const WCHAR *end;

    p = skip_spaces(p);
    end = p + wcscspn(p, L";");
    if (!*end || !(type = find_word(types, ARRAY_SIZE(types), p, (size_t)(end - p)))) return NULL;
    if (!(p = parse_flags(end + 1, &flags)) || !(p = parse_rights(p, &mask))) return NULL;
    if (*(p = skip_spaces(p)) != ';' || *(p = skip_spaces(p + 1)) != ';' || !(p = sddl_sid(skip_spaces(p + 1), sid))) return NULL;
    if (*(p = skip_spaces(p)) != ')') return NULL;
    size = (DWORD)offsetof(ACCESS_ALLOWED_ACE, SidStart) + RtlLengthSid(sid);
    if (room - *used < size) return NULL;
    ace->Header.AceType = (BYTE)type->value;
    ace->Header.AceFlags = (BYTE)flags;
    ace->Header.AceSize = (WORD)size;
    ace->Mask = mask;
    memcpy(&ace->SidStart, sid, RtlLengthSid(sid));
    *used += size;
    return p + 1;
}

struct text_acl
{
    BOOL present;
    SECURITY_DESCRIPTOR_CONTROL control;    /* as of the DACL */
    ACL  *acl;                              /* NULL: none, everybody may everything */
};

static const WCHAR *parse_acl(const WCHAR *p, struct text_acl *result)
{
    static const DWORD room = 0xfffc;
    BYTE *list;
    DWORD used = sizeof(ACL);
    WORD count = 0;

    result->present = TRUE;
    for (p = skip_spaces(p); *p && *p != '('; p = skip_spaces(p))
    {
        if (*p == 'P')
        {
            result->control |= SE_DACL_PROTECTED;
            p++;
        }
        else if (!wcsncmp(p, L"AR", 2) || !wcsncmp(p, L"AI", 2))
        {
            result->control |= p[1] == 'R' ? SE_DACL_AUTO_INHERIT_REQ : SE_DACL_AUTO_INHERITED;
            p += 2;
        }
        else if (!wcsncmp(p, L"NO_ACCESS_CONTROL", 17)) return p + 17;
        else break;         /* the next part, or the caller will tell */
    }
    if (!(list = LocalAlloc(LMEM_FIXED, room))) return NULL;
    while (*p == '(')
    {
        if (!(p = parse_ace(p + 1, list, &used, room)))
        {
            LocalFree(list);
            SetLastError(ERROR_INVALID_ACL);
            return NULL;
        }
        count++;
        p = skip_spaces(p);
    }
    result->acl = (ACL *)list;
    *result->acl = (ACL){ ACL_REVISION, 0, (WORD)used, count, 0 };
    return p;
}

struct text_sd
{
    BYTE owner[SECURITY_MAX_SID_SIZE], group[SECURITY_MAX_SID_SIZE];
    BOOL has_owner, has_group;
    struct text_acl dacl, sacl;
};

static BOOL parse_sd(const WCHAR *p, struct text_sd *sd)
{
    for (p = skip_spaces(p); *p; p = skip_spaces(p))
    {
        WCHAR part = *p;

        if (p[1] != ':') return failed(ERROR_INVALID_PARAMETER);
        p = skip_spaces(p + 2);
        switch (part)
        {
        case 'O':
            if (sd->has_owner || !(p = sddl_sid(p, sd->owner))) return failed(ERROR_INVALID_PARAMETER);
            sd->has_owner = TRUE;
            break;
        case 'G':
            if (sd->has_group || !(p = sddl_sid(p, sd->group))) return failed(ERROR_INVALID_PARAMETER);
            sd->has_group = TRUE;
            break;
        case 'D':
        case 'S':
            {
                struct text_acl *acl = part == 'D' ? &sd->dacl : &sd->sacl;

                if (acl->present) return failed(ERROR_INVALID_PARAMETER);
                if (!(p = parse_acl(p, acl))) return FALSE;
                break;
            }
        default:
            return failed(ERROR_INVALID_PARAMETER);
        }
    }
    return TRUE;
}

BOOL WINAPI ConvertStringSecurityDescriptorToSecurityDescriptorW(const WCHAR *string, DWORD revision, PSECURITY_DESCRIPTOR *result, ULONG *result_size)
{
    struct text_sd text = { .has_owner = FALSE };
    SECURITY_DESCRIPTOR sd;
    DWORD size = 0;
    BOOL ok;

    if (!string || !result) return failed(ERROR_INVALID_PARAMETER);
    if (revision != SDDL_REVISION_1) return failed(ERROR_UNKNOWN_REVISION);
    if ((ok = parse_sd(string, &text)))
    {
        InitializeSecurityDescriptor(&sd, SECURITY_DESCRIPTOR_REVISION);
        if (text.has_owner) SetSecurityDescriptorOwner(&sd, text.owner, FALSE);
        if (text.has_group) SetSecurityDescriptorGroup(&sd, text.group, FALSE);
        if (text.dacl.present) SetSecurityDescriptorDacl(&sd, TRUE, text.dacl.acl, FALSE);
        if (text.sacl.present) SetSecurityDescriptorSacl(&sd, TRUE, text.sacl.acl, FALSE);
        /* The flags of the system's list are those of the other, one bit further. */
        sd.Control |= text.dacl.control | (SECURITY_DESCRIPTOR_CONTROL)(text.sacl.control << 1);
        MakeSelfRelativeSD(&sd, NULL, &size);
        if ((ok = (*result = LocalAlloc(LMEM_FIXED, size)) != NULL) && !(ok = MakeSelfRelativeSD(&sd, *result, &size)))
        {
            LocalFree(*result);
            *result = NULL;
        }
    }
    LocalFree(text.dacl.acl);
    LocalFree(text.sacl.acl);
    if (ok && result_size) *result_size = size;
    return ok;
}

BOOL WINAPI ConvertStringSecurityDescriptorToSecurityDescriptorA(const char *string, DWORD revision, PSECURITY_DESCRIPTOR *result, ULONG *result_size)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!string || !result) return failed(ERROR_INVALID_PARAMETER);
    if (!RtlCreateUnicodeStringFromAsciiz(&wide, string)) return failed(ERROR_NOT_ENOUGH_MEMORY);
    ok = ConvertStringSecurityDescriptorToSecurityDescriptorW(wide.Buffer, revision, result, result_size);
    RtlFreeUnicodeString(&wide);
    return ok;
}

/* ---- to text ------------------------------------------------------------------------------------------- */

/* What is written is counted first, with no buffer. */
struct output
{
    WCHAR *buffer;
    DWORD length;
};

static void put(struct output *out, const WCHAR *text)
{
    size_t length = wcslen(text);

    if (out->buffer) memcpy(out->buffer + out->length, text, length * sizeof(WCHAR));
    out->length += (DWORD)length;
}

static BOOL put_sid(struct output *out, PSID sid)
{
    const struct account *account;
    WCHAR buffer[256];
    UNICODE_STRING text = { 0, sizeof(buffer) - sizeof(WCHAR), buffer };

    if (!RtlValidSid(sid)) return failed(ERROR_INVALID_SID);
    if ((account = account_of_sid(sid)) && account->sddl[0])
    {
        put(out, account->sddl);
        return TRUE;
    }
    if (RtlConvertSidToUnicodeString(&text, sid, FALSE) < 0) return failed(ERROR_INVALID_SID);
    buffer[text.Length / sizeof(WCHAR)] = 0;
    put(out, buffer);
    return TRUE;
}

/* Words of one bit each, or the number if there is a bit without. */
static void put_mask(struct output *out, DWORD mask, const struct word *words, size_t count)
{
    static const WCHAR digits[] = L"0123456789abcdef";
    WCHAR number[11] = L"0x";
    DWORD known = 0;
    size_t i;
    int shift, at = 2;

    for (i = 0; i < count; i++) known |= words[i].value;
    if (!(mask & ~known))
    {
        for (i = 0; i < count; i++)
            if (mask & words[i].value) put(out, words[i].letters);
        return;
    }
    for (shift = 28; shift && !(mask >> shift); shift -= 4) {}
    for (; shift >= 0; shift -= 4) number[at++] = digits[mask >> shift & 15];
    number[at] = 0;
    put(out, number);
}

static BOOL put_ace(struct output *out, const ACCESS_ALLOWED_ACE *ace)
{
    size_t i;

    for (i = 0; i < ARRAY_SIZE(types) && types[i].value != ace->Header.AceType; i++) {}
    if (i == ARRAY_SIZE(types)) return failed(ERROR_INVALID_ACL);
    put(out, L"(");
    put(out, types[i].letters);
    put(out, L";");
    put_mask(out, ace->Header.AceFlags, ace_flags, ARRAY_SIZE(ace_flags));
    put(out, L";");
    if (ace->Header.AceType == SYSTEM_MANDATORY_LABEL_ACE_TYPE) put_mask(out, ace->Mask, label_rights, ARRAY_SIZE(label_rights));
    else if (ace->Mask == FILE_ALL_ACCESS) put(out, L"FA");
    else if (ace->Mask == KEY_ALL_ACCESS) put(out, L"KA");
    else put_mask(out, ace->Mask, rights, single_rights);
    put(out, L";;;");
    if (!put_sid(out, (PSID)&ace->SidStart)) return FALSE;
    put(out, L")");
    return TRUE;
}

static BOOL put_acl(struct output *out, const WCHAR *name, ACL *acl, SECURITY_DESCRIPTOR_CONTROL control)
{
    void *ace;

    put(out, name);
    if (control & SE_DACL_PROTECTED) put(out, L"P");
    if (control & SE_DACL_AUTO_INHERIT_REQ) put(out, L"AR");
    if (control & SE_DACL_AUTO_INHERITED) put(out, L"AI");
    if (!acl)
    {
        put(out, L"NO_ACCESS_CONTROL");
        return TRUE;
    }
    if (!IsValidAcl(acl)) return failed(ERROR_INVALID_ACL);
    for (DWORD i = 0; i < acl->AceCount; i++)
        if (!GetAce(acl, i, &ace) || !put_ace(out, ace)) return FALSE;
    return TRUE;
}

static BOOL put_sd(struct output *out, PSECURITY_DESCRIPTOR sd, SECURITY_INFORMATION what)
{
    SECURITY_DESCRIPTOR_CONTROL control;
    BOOL present, defaulted;
    DWORD revision;
    PSID sid;
    ACL *acl;

    if (!GetSecurityDescriptorControl(sd, &control, &revision)) return FALSE;
    if (what & OWNER_SECURITY_INFORMATION)
    {
        if (!GetSecurityDescriptorOwner(sd, &sid, &defaulted)) return FALSE;
        if (sid)
        {
            put(out, L"O:");
            if (!put_sid(out, sid)) return FALSE;
        }
    }
    if (what & GROUP_SECURITY_INFORMATION)
    {
        if (!GetSecurityDescriptorGroup(sd, &sid, &defaulted)) return FALSE;
        if (sid)
        {
            put(out, L"G:");
            if (!put_sid(out, sid)) return FALSE;
        }
    }
    if (what & DACL_SECURITY_INFORMATION)
    {
        if (!GetSecurityDescriptorDacl(sd, &present, &acl, &defaulted)) return FALSE;
        if (present && !put_acl(out, L"D:", acl, control)) return FALSE;
    }
    if (what & (SACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION))
    {
        if (!GetSecurityDescriptorSacl(sd, &present, &acl, &defaulted)) return FALSE;
        if (present && !put_acl(out, L"S:", acl, (SECURITY_DESCRIPTOR_CONTROL)(control >> 1))) return FALSE;
    }
    return TRUE;
}

BOOL WINAPI ConvertSecurityDescriptorToStringSecurityDescriptorW(PSECURITY_DESCRIPTOR sd, DWORD revision, SECURITY_INFORMATION what, WCHAR **result, ULONG *size)
{
    struct output out = { NULL, 0 };

    if (!result || !sd) return failed(ERROR_INVALID_PARAMETER);
    if (revision != SDDL_REVISION_1) return failed(ERROR_UNKNOWN_REVISION);
    if (!put_sd(&out, sd, what)) return FALSE;
    if (!(out.buffer = LocalAlloc(LMEM_FIXED, (out.length + 1) * sizeof(WCHAR)))) return FALSE;
    out.length = 0;
    put_sd(&out, sd, what);
    out.buffer[out.length] = 0;
    *result = out.buffer;
    if (size) *size = out.length + 1;
    return TRUE;
}

BOOL WINAPI ConvertSecurityDescriptorToStringSecurityDescriptorA(PSECURITY_DESCRIPTOR sd, DWORD revision, SECURITY_INFORMATION what, char **result, ULONG *size)
{
    WCHAR *wide;
    INT length;

    if (!ConvertSecurityDescriptorToStringSecurityDescriptorW(sd, revision, what, result ? &wide : NULL, NULL)) return FALSE;
    length = WideCharToMultiByte(CP_ACP, 0, wide, -1, NULL, 0, NULL, NULL);
    if ((*result = LocalAlloc(LMEM_FIXED, (SIZE_T)length)))
    {
        WideCharToMultiByte(CP_ACP, 0, wide, -1, *result, length, NULL, NULL);
        if (size) *size = (ULONG)length;
    }
    LocalFree(wide);
    return *result != NULL;
}
