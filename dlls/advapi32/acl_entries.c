/* Access control lists out of what trustees may do. */
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

#define _ADVAPI32_
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winternl.h"
#include "aclapi.h"

/* ---- trustees ------------------------------------------------------------------------------------------ */
VOID WINAPI BuildTrusteeWithSidW(TRUSTEEW *trustee, PSID sid)
{
    *trustee = (TRUSTEEW){ NULL, NO_MULTIPLE_TRUSTEE, TRUSTEE_IS_SID, TRUSTEE_IS_UNKNOWN, (WCHAR *)sid };
}

VOID WINAPI BuildTrusteeWithSidA(TRUSTEEA *trustee, PSID sid)
{
    *trustee = (TRUSTEEA){ NULL, NO_MULTIPLE_TRUSTEE, TRUSTEE_IS_SID, TRUSTEE_IS_UNKNOWN, (char *)sid };
}

VOID WINAPI BuildTrusteeWithNameW(TRUSTEEW *trustee, WCHAR *name)
{
    *trustee = (TRUSTEEW){ NULL, NO_MULTIPLE_TRUSTEE, TRUSTEE_IS_NAME, TRUSTEE_IS_UNKNOWN, name };
}

VOID WINAPI BuildTrusteeWithNameA(TRUSTEEA *trustee, char *name)
{
    *trustee = (TRUSTEEA){ NULL, NO_MULTIPLE_TRUSTEE, TRUSTEE_IS_NAME, TRUSTEE_IS_UNKNOWN, name };
}

/* An entry with the trustee as a SID; the trustee's forms with object types are not there. */
struct entry
{
    ACCESS_MODE mode;
    DWORD mask;
    BYTE  flags;
    BYTE  sid[SECURITY_MAX_SID_SIZE];
};

static DWORD find_trustee(const WCHAR *name, PSID sid)
{
    WCHAR user[257], domain[64];
    DWORD sid_size = SECURITY_MAX_SID_SIZE, domain_size = ARRAY_SIZE(domain), user_size = ARRAY_SIZE(user);
    SID_NAME_USE use;

    if (!name) return ERROR_INVALID_PARAMETER;
    if (!wcscmp(name, L"CURRENT_USER"))
    {
        if (!GetUserNameW(user, &user_size)) return GetLastError();
        name = user;
    }
    return LookupAccountNameW(NULL, name, sid, &sid_size, domain, &domain_size, &use) ? ERROR_SUCCESS : GetLastError();
}

static DWORD read_entry(const EXPLICIT_ACCESSW *access, struct entry *entry)
{
    const TRUSTEEW *trustee = &access->Trustee;

    entry->mode = access->grfAccessMode;
    entry->mask = access->grfAccessPermissions;
    entry->flags = (BYTE)(access->grfInheritance & VALID_INHERIT_FLAGS);
    switch (entry->mode)
    {
    case GRANT_ACCESS:
    case SET_ACCESS:
    case DENY_ACCESS:
    case REVOKE_ACCESS:
        break;
    case SET_AUDIT_SUCCESS:
        entry->flags |= SUCCESSFUL_ACCESS_ACE_FLAG;
        break;
    case SET_AUDIT_FAILURE:
        entry->flags |= FAILED_ACCESS_ACE_FLAG;
        break;
    default:
        return ERROR_INVALID_PARAMETER;
    }
    switch (trustee->TrusteeForm)
    {
    case TRUSTEE_IS_SID:
        /* What is said of several trustees does not matter to one that is given by its SID. */
        if (!RtlValidSid((PSID)trustee->ptstrName)) return ERROR_INVALID_SID;
        memcpy(entry->sid, trustee->ptstrName, RtlLengthSid((PSID)trustee->ptstrName));
        return ERROR_SUCCESS;
    case TRUSTEE_IS_NAME:
        if (trustee->MultipleTrusteeOperation != NO_MULTIPLE_TRUSTEE) return ERROR_INVALID_PARAMETER;
        return find_trustee(trustee->ptstrName, entry->sid);
    default:
        return ERROR_INVALID_PARAMETER;
    }
}

/* ---- the new list -------------------------------------------------------------------------------------- */

/* An ACE of the old list goes if its trustee's rights are set or revoked, and is one with what the trustee is granted. */
static BOOL keep_ace(const ACE_HEADER *ace, struct entry *entries, ULONG count)
{
    const ACCESS_ALLOWED_ACE *known = (const ACCESS_ALLOWED_ACE *)ace;
    ULONG i;

    if (ace->AceType > SYSTEM_AUDIT_ACE_TYPE || (ace->AceFlags & INHERITED_ACE)) return TRUE;
    for (i = 0; i < count; i++)
    {
        struct entry *entry = &entries[i];

        if (!RtlEqualSid(entry->sid, (PSID)&known->SidStart)) continue;
        switch (entry->mode)
        {
        case SET_ACCESS:
        case REVOKE_ACCESS:
            if (ace->AceType != SYSTEM_AUDIT_ACE_TYPE) return FALSE;
            break;
        case GRANT_ACCESS:
        case DENY_ACCESS:
            if (ace->AceType == (entry->mode == GRANT_ACCESS ? ACCESS_ALLOWED_ACE_TYPE : ACCESS_DENIED_ACE_TYPE) && ace->AceFlags == entry->flags)
            {
                entry->mask |= known->Mask;
                return FALSE;
            }
            break;
        default:
            break;
        }
    }
    return TRUE;
}

static DWORD ace_size(const struct entry *entry)
{
    return (DWORD)offsetof(ACCESS_ALLOWED_ACE, SidStart) + RtlLengthSid((PSID)entry->sid);
}

/* Adds the new entries that allow, or those that deny or audit. */
static void add_entries(ACL *acl, struct entry *entries, ULONG count, BOOL allow)
{
    for (ULONG i = 0; i < count; i++)
    {
        struct entry *entry = &entries[i];
        BOOL allows = entry->mode == GRANT_ACCESS || entry->mode == SET_ACCESS;

        if (entry->mode == REVOKE_ACCESS || allows != allow) continue;
        if (allows) AddAccessAllowedAceEx(acl, acl->AclRevision, entry->flags, entry->mask, entry->sid);
        else if (entry->mode == DENY_ACCESS) AddAccessDeniedAceEx(acl, acl->AclRevision, entry->flags, entry->mask, entry->sid);
        else RtlAddAuditAccessAceEx(acl, acl->AclRevision, entry->flags, entry->mask, entry->sid, FALSE, FALSE);
    }
}

/* What denies comes first, then what allows, then what was inherited; the old keep their order among themselves. */
static DWORD make_acl(struct entry *entries, ULONG count, ACL *old, ACL **result)
{
    DWORD size = sizeof(ACL), i;
    ULONG old_count = old ? old->AceCount : 0;
    BOOL *keep = NULL, allowed = FALSE;
    ACE_HEADER *ace;
    ACL *acl;

    if (old_count && !(keep = LocalAlloc(LMEM_ZEROINIT, old_count * sizeof(*keep)))) return ERROR_NOT_ENOUGH_MEMORY;
    for (i = 0; i < old_count; i++)
    {
        GetAce(old, i, (void **)&ace);
        if ((keep[i] = keep_ace(ace, entries, count))) size += ace->AceSize;
    }
    for (i = 0; i < count; i++)
        if (entries[i].mode != REVOKE_ACCESS) size += ace_size(&entries[i]);
    size = (size + 3) & ~3u;
    if (size > 0xfffc || !(acl = LocalAlloc(LMEM_ZEROINIT, size)))
    {
        LocalFree(keep);
        return size > 0xfffc ? ERROR_INVALID_ACL : ERROR_NOT_ENOUGH_MEMORY;
    }
    InitializeAcl(acl, size, old && old->AclRevision > ACL_REVISION ? old->AclRevision : ACL_REVISION);
    add_entries(acl, entries, count, FALSE);
    for (i = 0; i < old_count; i++)
    {
        if (!keep[i]) continue;
        GetAce(old, i, (void **)&ace);
        if (!allowed && (ace->AceType != ACCESS_DENIED_ACE_TYPE || (ace->AceFlags & INHERITED_ACE)))
        {
            add_entries(acl, entries, count, TRUE);
            allowed = TRUE;
        }
        AddAce(acl, acl->AclRevision, MAXDWORD, ace, ace->AceSize);
    }
    if (!allowed) add_entries(acl, entries, count, TRUE);
    LocalFree(keep);
    *result = acl;
    return ERROR_SUCCESS;
}

DWORD WINAPI SetEntriesInAclW(ULONG count, EXPLICIT_ACCESSW *access, ACL *old, ACL **result)
{
    struct entry *entries = NULL;
    DWORD error = ERROR_SUCCESS;
    ULONG i;

    if (!result) return ERROR_INVALID_PARAMETER;
    *result = NULL;
    if (old && !IsValidAcl(old)) return ERROR_INVALID_ACL;
    if (!count && !old) return ERROR_SUCCESS;
    if (count && !(entries = LocalAlloc(LMEM_ZEROINIT, count * sizeof(*entries)))) return ERROR_NOT_ENOUGH_MEMORY;
    for (i = 0; i < count && !error; i++) error = read_entry(&access[i], &entries[i]);
    if (!error) error = make_acl(entries, count, old, result);
    LocalFree(entries);
    return error;
}

DWORD WINAPI SetEntriesInAclA(ULONG count, EXPLICIT_ACCESSA *access, ACL *old, ACL **result)
{
    EXPLICIT_ACCESSW *wide = NULL;
    DWORD error = ERROR_SUCCESS;
    ULONG i;

    if (!result) return ERROR_INVALID_PARAMETER;
    *result = NULL;
    if (count && !(wide = LocalAlloc(LMEM_ZEROINIT, count * sizeof(*wide)))) return ERROR_NOT_ENOUGH_MEMORY;
    if (count) memcpy(wide, access, count * sizeof(*wide));         /* but for the name, the two are the same */
    for (i = 0; i < count; i++)
    {
        UNICODE_STRING name;

        if (wide[i].Trustee.TrusteeForm != TRUSTEE_IS_NAME || !access[i].Trustee.ptstrName) continue;
        if (error || !RtlCreateUnicodeStringFromAsciiz(&name, access[i].Trustee.ptstrName)) error = ERROR_NOT_ENOUGH_MEMORY;
        wide[i].Trustee.ptstrName = error ? NULL : name.Buffer;
    }
    if (!error) error = SetEntriesInAclW(count, wide, old, result);
    for (i = 0; i < count; i++)
        if (wide[i].Trustee.TrusteeForm == TRUSTEE_IS_NAME) RtlFreeHeap(GetProcessHeap(), 0, wide[i].Trustee.ptstrName);
    LocalFree(wide);
    return error;
}
