/* Access control lists: a header and a row of entries. */

#include "rtl.h"

extern BOOLEAN WINAPI RtlFirstFreeAce(PACL acl, PACE_HEADER *free);

/* An ACE with a SID behind the mask; the object forms have GUIDs in between. */
struct sid_ace
{
    ACE_HEADER header;
    ACCESS_MASK mask;
    DWORD sid;          /* begins here */
};

struct object_ace
{
    ACE_HEADER header;
    ACCESS_MASK mask;
    DWORD flags;
    BYTE rest[];
};

static inline ACE_HEADER *first_ace(PACL acl)
{
    return (ACE_HEADER *)(acl + 1);
}

static inline ACE_HEADER *next_ace(ACE_HEADER *ace)
{
    return (ACE_HEADER *)((BYTE *)ace + ace->AceSize);
}

static inline BYTE *end_of(PACL acl)
{
    return (BYTE *)acl + acl->AclSize;
}

NTSTATUS WINAPI RtlCreateAcl(PACL acl, DWORD size, DWORD revision)
{
    if (size < sizeof(*acl)) return STATUS_BUFFER_TOO_SMALL;
    if (revision < MIN_ACL_REVISION || revision > MAX_ACL_REVISION || size > 0xffff) return STATUS_INVALID_PARAMETER;
    memset(acl, 0, sizeof(*acl));
    acl->AclRevision = (BYTE)revision;
    acl->AclSize = (WORD)(size & ~3);
    return STATUS_SUCCESS;
}

/* The place behind the last entry; NULL if there is none to spare. FALSE if the entries overrun the list. */
BOOLEAN WINAPI RtlFirstFreeAce(PACL acl, PACE_HEADER *free)
{
    ACE_HEADER *ace = first_ace(acl);

    *free = NULL;
    for (WORD i = 0; i < acl->AceCount; i++, ace = next_ace(ace))
        if ((BYTE *)ace + sizeof(*ace) > end_of(acl)) return FALSE;
    if ((BYTE *)ace <= end_of(acl)) *free = ace;
    return TRUE;
}

BOOLEAN WINAPI RtlValidAcl(PACL acl)
{
    PACE_HEADER free;

    if (!acl || acl->AclRevision < MIN_ACL_REVISION || acl->AclRevision > MAX_ACL_REVISION ||
        acl->AclSize < sizeof(*acl) || acl->AclSize & 3)
        return FALSE;
    return RtlFirstFreeAce(acl, &free) && free;
}

NTSTATUS WINAPI RtlGetAce(PACL acl, DWORD index, LPVOID *out)
{
    ACE_HEADER *ace = first_ace(acl);

    if (index >= acl->AceCount) return STATUS_INVALID_PARAMETER;
    while (index--) ace = next_ace(ace);
    *out = ace;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlDeleteAce(PACL acl, DWORD index)
{
    PACE_HEADER free;
    void *ace;
    NTSTATUS status = RtlGetAce(acl, index, &ace);

    if (status) return status;
    if (!RtlFirstFreeAce(acl, &free) || !free) return STATUS_INVALID_PARAMETER;
    memmove(ace, next_ace(ace), (BYTE *)free - (BYTE *)next_ace(ace));
    acl->AceCount--;
    return STATUS_SUCCESS;
}

/* Puts a row of ready-made entries at an index; ~0 is the end. */
NTSTATUS WINAPI RtlAddAce(PACL acl, DWORD revision, DWORD index, PACE_HEADER list, DWORD size)
{
    ACE_HEADER *ace = list;
    PACE_HEADER free;
    void *at;
    WORD count = 0;

    if (!RtlValidAcl(acl) || !RtlFirstFreeAce(acl, &free) || !free) return STATUS_INVALID_PARAMETER;
    if (!revision || revision > MAX_ACL_REVISION) return STATUS_REVISION_MISMATCH;
    for (; (BYTE *)ace < (BYTE *)list + size; ace = next_ace(ace), count++)
        if (ace->AceSize < sizeof(*ace)) return STATUS_INVALID_PARAMETER;
    if ((BYTE *)ace != (BYTE *)list + size) return STATUS_INVALID_PARAMETER;
    if ((BYTE *)free + size > end_of(acl)) return STATUS_BUFFER_TOO_SMALL;

    if (RtlGetAce(acl, index, &at)) at = free;
    memmove((BYTE *)at + size, at, (BYTE *)free - (BYTE *)at);
    memcpy(at, list, size);
    acl->AceCount += count;
    if (acl->AclRevision < revision) acl->AclRevision = (BYTE)revision;
    return STATUS_SUCCESS;
}

/* ---- entries with a SID ---- */

static NTSTATUS new_ace(PACL acl, DWORD revision, SIZE_T size, BYTE type, DWORD flags, ACE_HEADER **out)
{
    PACE_HEADER free;

    if (!RtlValidAcl(acl)) return STATUS_INVALID_ACL;
    if (revision < MIN_ACL_REVISION || revision > MAX_ACL_REVISION) return STATUS_REVISION_MISMATCH;
    if (!RtlFirstFreeAce(acl, &free)) return STATUS_INVALID_ACL;
    if (!free || (SIZE_T)(end_of(acl) - (BYTE *)free) < size) return STATUS_ALLOTTED_SPACE_EXCEEDED;
    free->AceType = type;
    free->AceFlags = (BYTE)flags;
    free->AceSize = (WORD)size;
    if (acl->AclRevision < revision) acl->AclRevision = (BYTE)revision;
    acl->AceCount++;
    *out = free;
    return STATUS_SUCCESS;
}

static NTSTATUS add_sid_ace(PACL acl, DWORD revision, DWORD flags, ACCESS_MASK mask, PSID sid, BYTE type)
{
    ACE_HEADER *ace;
    NTSTATUS status;

    if (!RtlValidSid(sid)) return STATUS_INVALID_SID;
    status = new_ace(acl, revision, offsetof(struct sid_ace, sid) + RtlLengthSid(sid), type, flags, &ace);
    if (status) return status;
    ((struct sid_ace *)ace)->mask = mask;
    memcpy(&((struct sid_ace *)ace)->sid, sid, RtlLengthSid(sid));
    return STATUS_SUCCESS;
}

static NTSTATUS add_object_ace(PACL acl, DWORD revision, DWORD flags, ACCESS_MASK mask, const GUID *object,
                               const GUID *inherited, PSID sid, BYTE type)
{
    struct object_ace *o;
    ACE_HEADER *ace;
    BYTE *p;
    NTSTATUS status;

    if (!RtlValidSid(sid)) return STATUS_INVALID_SID;
    status = new_ace(acl, revision, sizeof(*o) + (object ? sizeof(GUID) : 0) + (inherited ? sizeof(GUID) : 0) +
                     RtlLengthSid(sid), type, flags, &ace);
    if (status) return status;
    o = (struct object_ace *)ace;
    o->mask = mask;
    o->flags = (object ? ACE_OBJECT_TYPE_PRESENT : 0) | (inherited ? ACE_INHERITED_OBJECT_TYPE_PRESENT : 0);
    p = o->rest;
    if (object)
    {
        memcpy(p, object, sizeof(GUID));
        p += sizeof(GUID);
    }
    if (inherited)
    {
        memcpy(p, inherited, sizeof(GUID));
        p += sizeof(GUID);
    }
    memcpy(p, sid, RtlLengthSid(sid));
    return STATUS_SUCCESS;
}

static DWORD audit_flags(BOOL success, BOOL failure)
{
    return (success ? SUCCESSFUL_ACCESS_ACE_FLAG : 0) | (failure ? FAILED_ACCESS_ACE_FLAG : 0);
}

NTSTATUS WINAPI RtlAddAccessAllowedAce(PACL acl, DWORD revision, DWORD mask, PSID sid)
{
    return add_sid_ace(acl, revision, 0, mask, sid, ACCESS_ALLOWED_ACE_TYPE);
}

NTSTATUS WINAPI RtlAddAccessAllowedAceEx(PACL acl, DWORD revision, DWORD flags, DWORD mask, PSID sid)
{
    return add_sid_ace(acl, revision, flags, mask, sid, ACCESS_ALLOWED_ACE_TYPE);
}

NTSTATUS WINAPI RtlAddAccessDeniedAce(PACL acl, DWORD revision, DWORD mask, PSID sid)
{
    return add_sid_ace(acl, revision, 0, mask, sid, ACCESS_DENIED_ACE_TYPE);
}

NTSTATUS WINAPI RtlAddAccessDeniedAceEx(PACL acl, DWORD revision, DWORD flags, DWORD mask, PSID sid)
{
    return add_sid_ace(acl, revision, flags, mask, sid, ACCESS_DENIED_ACE_TYPE);
}

NTSTATUS WINAPI RtlAddAuditAccessAceEx(PACL acl, DWORD revision, DWORD flags, DWORD mask, PSID sid, BOOL success,
                                       BOOL failure)
{
    return add_sid_ace(acl, revision, flags | audit_flags(success, failure), mask, sid, SYSTEM_AUDIT_ACE_TYPE);
}

NTSTATUS WINAPI RtlAddAuditAccessAce(PACL acl, DWORD revision, DWORD mask, PSID sid, BOOL success, BOOL failure)
{
    return RtlAddAuditAccessAceEx(acl, revision, 0, mask, sid, success, failure);
}

NTSTATUS WINAPI RtlAddMandatoryAce(PACL acl, DWORD revision, DWORD flags, DWORD mask, DWORD type, PSID sid)
{
    if (type != SYSTEM_MANDATORY_LABEL_ACE_TYPE) return STATUS_INVALID_PARAMETER;
    return add_sid_ace(acl, revision, flags, mask, sid, (BYTE)type);
}

NTSTATUS WINAPI RtlAddAccessAllowedObjectAce(PACL acl, DWORD revision, DWORD flags, DWORD mask, GUID *object,
                                             GUID *inherited, PSID sid)
{
    return add_object_ace(acl, revision, flags, mask, object, inherited, sid, ACCESS_ALLOWED_OBJECT_ACE_TYPE);
}

NTSTATUS WINAPI RtlAddAccessDeniedObjectAce(PACL acl, DWORD revision, DWORD flags, DWORD mask, GUID *object,
                                            GUID *inherited, PSID sid)
{
    return add_object_ace(acl, revision, flags, mask, object, inherited, sid, ACCESS_DENIED_OBJECT_ACE_TYPE);
}

NTSTATUS WINAPI RtlAddAuditAccessObjectAce(PACL acl, DWORD revision, DWORD flags, DWORD mask, GUID *object,
                                           GUID *inherited, PSID sid, BOOL success, BOOL failure)
{
    return add_object_ace(acl, revision, flags | audit_flags(success, failure), mask, object, inherited, sid,
                          7 /* SYSTEM_AUDIT_OBJECT_ACE_TYPE */);
}

NTSTATUS WINAPI RtlQueryInformationAcl(PACL acl, LPVOID info, DWORD size, ACL_INFORMATION_CLASS class)
{
    ACL_SIZE_INFORMATION *sizes = info;
    PACE_HEADER free;

    switch (class)
    {
    case AclRevisionInformation:
        if (size < sizeof(ACL_REVISION_INFORMATION)) return STATUS_BUFFER_TOO_SMALL;
        ((ACL_REVISION_INFORMATION *)info)->AclRevision = acl->AclRevision;
        return STATUS_SUCCESS;

    case AclSizeInformation:
        if (size < sizeof(*sizes)) return STATUS_BUFFER_TOO_SMALL;
        if (!RtlFirstFreeAce(acl, &free)) return STATUS_INVALID_PARAMETER;
        sizes->AceCount = acl->AceCount;
        sizes->AclBytesInUse = free ? (DWORD)((BYTE *)free - (BYTE *)acl) : acl->AclSize;
        sizes->AclBytesFree = acl->AclSize - sizes->AclBytesInUse;
        return STATUS_SUCCESS;

    default:
        return STATUS_INVALID_PARAMETER;
    }
}
