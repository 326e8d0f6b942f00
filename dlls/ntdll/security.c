/* Access control lists and security descriptors: pieces of memory in a documented form. */
#include "rtl.h"

/* ---- access control lists ----------------------------------------------------------------------------- */
NTSTATUS WINAPI RtlCreateAcl(PACL acl, DWORD size, DWORD revision)
{
    if (revision < ACL_REVISION1 || revision > MAX_ACL_REVISION) return STATUS_INVALID_PARAMETER;
    if (size < sizeof(*acl)) return STATUS_BUFFER_TOO_SMALL;
    if (size > 0xffff) return STATUS_INVALID_PARAMETER;
    memset(acl, 0, sizeof(*acl));
    acl->AclRevision = (BYTE)revision;
    acl->AclSize = (WORD)size;
    return STATUS_SUCCESS;
}

/* Where the next entry goes; NULL if the list is full. FALSE if the entries run out of it. */
BOOLEAN WINAPI RtlFirstFreeAce(PACL acl, PACE_HEADER *free)
{
    BYTE *end = (BYTE *)acl + acl->AclSize;
    ACE_HEADER *ace = (ACE_HEADER *)(acl + 1);

    *free = NULL;
    for (WORD i = 0; i < acl->AceCount; i++)
    {
        if ((BYTE *)ace + sizeof(*ace) > end) return FALSE;
        ace = (ACE_HEADER *)((BYTE *)ace + ace->AceSize);
    }
    if ((BYTE *)ace < end) *free = ace;
    return TRUE;
}

BOOLEAN WINAPI RtlValidAcl(PACL acl)
{
    ACE_HEADER *ace;

    if (!acl || acl->AclRevision < MIN_ACL_REVISION || acl->AclRevision > MAX_ACL_REVISION) return FALSE;
    return RtlFirstFreeAce(acl, &ace);
}

NTSTATUS WINAPI RtlGetAce(PACL acl, DWORD index, PVOID *result)
{
    ACE_HEADER *ace = (ACE_HEADER *)(acl + 1);

    if (index >= acl->AceCount) return STATUS_INVALID_PARAMETER;
    while (index--) ace = (ACE_HEADER *)((BYTE *)ace + ace->AceSize);
    *result = ace;
    return STATUS_SUCCESS;
}

/* Entries of any kind before the index-th, or at the end. */
NTSTATUS WINAPI RtlAddAce(PACL acl, DWORD revision, DWORD index, PACE_HEADER list, DWORD size)
{
    ACE_HEADER *free, *at = (ACE_HEADER *)(acl + 1), *ace;
    WORD count = 0;

    if (!RtlValidAcl(acl) || !RtlFirstFreeAce(acl, &free)) return STATUS_INVALID_PARAMETER;
    for (ace = list; (BYTE *)ace < (BYTE *)list + size; count++)
    {
        if (!ace->AceSize) return STATUS_INVALID_PARAMETER;
        ace = (ACE_HEADER *)((BYTE *)ace + ace->AceSize);
    }
    if ((BYTE *)ace != (BYTE *)list + size) return STATUS_INVALID_PARAMETER;
    if (!free || (BYTE *)free + size > (BYTE *)acl + acl->AclSize) return STATUS_BUFFER_TOO_SMALL;
    if (revision > acl->AclRevision) acl->AclRevision = (BYTE)revision;
    for (DWORD i = 0; i < index && at < free; i++) at = (ACE_HEADER *)((BYTE *)at + at->AceSize);
    memmove((BYTE *)at + size, at, (size_t)((BYTE *)free - (BYTE *)at));
    memcpy(at, list, size);
    acl->AceCount += count;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlDeleteAce(PACL acl, DWORD index)
{
    ACE_HEADER *ace, *free;
    NTSTATUS status;
    WORD size;

    if ((status = RtlGetAce(acl, index, (void **)&ace)) < 0) return status;
    if (!RtlFirstFreeAce(acl, &free)) return STATUS_INVALID_PARAMETER;
    if (!free) free = (ACE_HEADER *)((BYTE *)acl + acl->AclSize);
    size = ace->AceSize;
    memmove(ace, (BYTE *)ace + size, (size_t)((BYTE *)free - (BYTE *)ace) - size);
    acl->AceCount--;
    return STATUS_SUCCESS;
}

/* The entries that grant, refuse or audit a mask to one identifier are alike. */
static NTSTATUS add_known_ace(ACL *acl, DWORD revision, DWORD flags, DWORD mask, PSID sid, BYTE type)
{
    ACCESS_ALLOWED_ACE *ace;
    ACE_HEADER *free;
    DWORD size;

    if (!RtlValidSid(sid)) return STATUS_INVALID_SID;
    if (revision > MAX_ACL_REVISION || acl->AclRevision > MAX_ACL_REVISION) return STATUS_REVISION_MISMATCH;
    if (!RtlFirstFreeAce(acl, &free)) return STATUS_INVALID_ACL;
    size = FIELD_OFFSET(ACCESS_ALLOWED_ACE, SidStart) + RtlLengthSid(sid);
    if (!free || (BYTE *)free + size > (BYTE *)acl + acl->AclSize) return STATUS_ALLOTTED_SPACE_EXCEEDED;
    ace = (ACCESS_ALLOWED_ACE *)free;
    ace->Header.AceType = type;
    ace->Header.AceFlags = (BYTE)flags;
    ace->Header.AceSize = (WORD)size;
    ace->Mask = mask;
    RtlCopySid(RtlLengthSid(sid), &ace->SidStart, sid);
    if (revision > acl->AclRevision) acl->AclRevision = (BYTE)revision;
    acl->AceCount++;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlAddAccessAllowedAceEx(PACL acl, DWORD revision, DWORD flags, DWORD mask, PSID sid)
{
    return add_known_ace(acl, revision, flags, mask, sid, ACCESS_ALLOWED_ACE_TYPE);
}

NTSTATUS WINAPI RtlAddAccessAllowedAce(PACL acl, DWORD revision, DWORD mask, PSID sid)
{
    return add_known_ace(acl, revision, 0, mask, sid, ACCESS_ALLOWED_ACE_TYPE);
}

NTSTATUS WINAPI RtlAddAccessDeniedAceEx(PACL acl, DWORD revision, DWORD flags, DWORD mask, PSID sid)
{
    return add_known_ace(acl, revision, flags, mask, sid, ACCESS_DENIED_ACE_TYPE);
}

NTSTATUS WINAPI RtlAddAccessDeniedAce(PACL acl, DWORD revision, DWORD mask, PSID sid)
{
    return add_known_ace(acl, revision, 0, mask, sid, ACCESS_DENIED_ACE_TYPE);
}

NTSTATUS WINAPI RtlQueryInformationAcl(PACL acl, LPVOID info, DWORD size, ACL_INFORMATION_CLASS class)
{
    ACL_SIZE_INFORMATION *sizes = info;
    ACE_HEADER *free;

    switch (class)
    {
    case AclRevisionInformation:
        if (size < sizeof(ACL_REVISION_INFORMATION)) return STATUS_INVALID_PARAMETER;
        ((ACL_REVISION_INFORMATION *)info)->AclRevision = acl->AclRevision;
        return STATUS_SUCCESS;
    case AclSizeInformation:
        if (size < sizeof(*sizes) || !RtlFirstFreeAce(acl, &free)) return STATUS_INVALID_PARAMETER;
        sizes->AceCount = acl->AceCount;
        sizes->AclBytesInUse = free ? (DWORD)((BYTE *)free - (BYTE *)acl) : acl->AclSize;
        sizes->AclBytesFree = acl->AclSize - sizes->AclBytesInUse;
        return STATUS_SUCCESS;
    }
    return STATUS_INVALID_INFO_CLASS;
}

/* ---- security descriptors ----------------------------------------------------------------------------- */

/* A descriptor's part, of either form: absolute ones hold pointers, self-relative ones offsets. */
static void *sd_part(PSECURITY_DESCRIPTOR descriptor, void *absolute, DWORD relative)
{
    const SECURITY_DESCRIPTOR *sd = descriptor;

    if (!(sd->Control & SE_SELF_RELATIVE)) return absolute;
    return relative ? (BYTE *)descriptor + relative : NULL;
}

#define SD_PART(descriptor, member) \
    sd_part(descriptor, ((SECURITY_DESCRIPTOR *)(descriptor))->member, ((SECURITY_DESCRIPTOR_RELATIVE *)(descriptor))->member)

NTSTATUS WINAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, DWORD revision)
{
    if (revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    memset(descriptor, 0, sizeof(SECURITY_DESCRIPTOR));
    ((SECURITY_DESCRIPTOR *)descriptor)->Revision = SECURITY_DESCRIPTOR_REVISION;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor)
{
    if (!descriptor) return FALSE;
    return ((SECURITY_DESCRIPTOR *)descriptor)->Revision == SECURITY_DESCRIPTOR_REVISION;
}

ULONG WINAPI RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor)
{
    const SECURITY_DESCRIPTOR *sd = descriptor;
    ULONG size;
    void *part;

    if (!sd) return 0;
    size = sd->Control & SE_SELF_RELATIVE ? sizeof(SECURITY_DESCRIPTOR_RELATIVE) : sizeof(SECURITY_DESCRIPTOR);
    if ((part = SD_PART(descriptor, Owner))) size += ALIGN_UP(RtlLengthSid(part), 4);
    if ((part = SD_PART(descriptor, Group))) size += ALIGN_UP(RtlLengthSid(part), 4);
    if ((sd->Control & SE_SACL_PRESENT) && (part = SD_PART(descriptor, Sacl))) size += ALIGN_UP(((ACL *)part)->AclSize, 4);
    if ((sd->Control & SE_DACL_PRESENT) && (part = SD_PART(descriptor, Dacl))) size += ALIGN_UP(((ACL *)part)->AclSize, 4);
    return size;
}

NTSTATUS WINAPI RtlGetControlSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PSECURITY_DESCRIPTOR_CONTROL control, LPDWORD revision)
{
    const SECURITY_DESCRIPTOR *sd = descriptor;

    *revision = sd->Revision;
    if (*revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    *control = sd->Control;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlSetControlSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, SECURITY_DESCRIPTOR_CONTROL mask, SECURITY_DESCRIPTOR_CONTROL bits)
{
    const SECURITY_DESCRIPTOR_CONTROL settable = SE_DACL_AUTO_INHERIT_REQ | SE_SACL_AUTO_INHERIT_REQ |
                                                 SE_DACL_AUTO_INHERITED | SE_SACL_AUTO_INHERITED | SE_DACL_PROTECTED | SE_SACL_PROTECTED;
    SECURITY_DESCRIPTOR *sd = descriptor;

    if ((mask | bits) & ~settable) return STATUS_INVALID_PARAMETER;
    sd->Control = (SECURITY_DESCRIPTOR_CONTROL)((sd->Control & ~mask) | (bits & mask));
    return STATUS_SUCCESS;
}

static NTSTATUS absolute_descriptor(SECURITY_DESCRIPTOR *sd)
{
    if (sd->Revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    return sd->Control & SE_SELF_RELATIVE ? STATUS_INVALID_SECURITY_DESCR : STATUS_SUCCESS;
}

static void set_control(SECURITY_DESCRIPTOR *sd, SECURITY_DESCRIPTOR_CONTROL bit, BOOL set)
{
    sd->Control = (SECURITY_DESCRIPTOR_CONTROL)(set ? sd->Control | bit : sd->Control & ~bit);
}

NTSTATUS WINAPI RtlSetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PSID owner, BOOLEAN defaulted)
{
    SECURITY_DESCRIPTOR *sd = descriptor;
    NTSTATUS status = absolute_descriptor(sd);

    if (status < 0) return status;
    sd->Owner = owner;
    set_control(sd, SE_OWNER_DEFAULTED, defaulted);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlSetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PSID group, BOOLEAN defaulted)
{
    SECURITY_DESCRIPTOR *sd = descriptor;
    NTSTATUS status = absolute_descriptor(sd);

    if (status < 0) return status;
    sd->Group = group;
    set_control(sd, SE_GROUP_DEFAULTED, defaulted);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, BOOLEAN present, PACL dacl, BOOLEAN defaulted)
{
    SECURITY_DESCRIPTOR *sd = descriptor;
    NTSTATUS status = absolute_descriptor(sd);

    if (status < 0) return status;
    set_control(sd, SE_DACL_PRESENT, present);
    if (!present) return STATUS_SUCCESS;
    sd->Dacl = dacl;
    set_control(sd, SE_DACL_DEFAULTED, defaulted);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlSetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, BOOLEAN present, PACL sacl, BOOLEAN defaulted)
{
    SECURITY_DESCRIPTOR *sd = descriptor;
    NTSTATUS status = absolute_descriptor(sd);

    if (status < 0) return status;
    set_control(sd, SE_SACL_PRESENT, present);
    if (!present) return STATUS_SUCCESS;
    sd->Sacl = sacl;
    set_control(sd, SE_SACL_DEFAULTED, defaulted);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlGetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PSID *owner, PBOOLEAN defaulted)
{
    if (!descriptor || !owner || !defaulted) return STATUS_INVALID_PARAMETER;
    *defaulted = (((SECURITY_DESCRIPTOR *)descriptor)->Control & SE_OWNER_DEFAULTED) != 0;
    *owner = SD_PART(descriptor, Owner);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlGetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PSID *group, PBOOLEAN defaulted)
{
    if (!descriptor || !group || !defaulted) return STATUS_INVALID_PARAMETER;
    *defaulted = (((SECURITY_DESCRIPTOR *)descriptor)->Control & SE_GROUP_DEFAULTED) != 0;
    *group = SD_PART(descriptor, Group);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlGetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PBOOLEAN present, PACL *dacl, PBOOLEAN defaulted)
{
    const SECURITY_DESCRIPTOR *sd = descriptor;

    if (sd->Revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    *present = (sd->Control & SE_DACL_PRESENT) != 0;
    if (!*present) return STATUS_SUCCESS;
    *dacl = SD_PART(descriptor, Dacl);
    *defaulted = (sd->Control & SE_DACL_DEFAULTED) != 0;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlGetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR descriptor, PBOOLEAN present, PACL *sacl, PBOOLEAN defaulted)
{
    const SECURITY_DESCRIPTOR *sd = descriptor;

    if (sd->Revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    *present = (sd->Control & SE_SACL_PRESENT) != 0;
    if (!*present) return STATUS_SUCCESS;
    *sacl = SD_PART(descriptor, Sacl);
    *defaulted = (sd->Control & SE_SACL_DEFAULTED) != 0;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlMakeSelfRelativeSD(PSECURITY_DESCRIPTOR source, PSECURITY_DESCRIPTOR dest, LPDWORD size)
{
    const SECURITY_DESCRIPTOR *sd = source;
    SECURITY_DESCRIPTOR_RELATIVE *relative = dest;
    const struct { void *part; DWORD size, *offset; } parts[] =
    {
        { SD_PART(source, Owner), SD_PART(source, Owner) ? RtlLengthSid(SD_PART(source, Owner)) : 0, &relative->Owner },
        { SD_PART(source, Group), SD_PART(source, Group) ? RtlLengthSid(SD_PART(source, Group)) : 0, &relative->Group },
        { SD_PART(source, Sacl), (sd->Control & SE_SACL_PRESENT) && SD_PART(source, Sacl) ? ((ACL *)SD_PART(source, Sacl))->AclSize : 0, &relative->Sacl },
        { SD_PART(source, Dacl), (sd->Control & SE_DACL_PRESENT) && SD_PART(source, Dacl) ? ((ACL *)SD_PART(source, Dacl))->AclSize : 0, &relative->Dacl },
    };
    DWORD total = sizeof(*relative), at = sizeof(*relative);

    for (int i = 0; i < 4; i++) total += (DWORD)ALIGN_UP(parts[i].size, 4);
    if (!dest || *size < total)
    {
        *size = total;
        return STATUS_BUFFER_TOO_SMALL;
    }
    *size = total;
    if (sd->Control & SE_SELF_RELATIVE)
    {
        memmove(dest, source, total);
        return STATUS_SUCCESS;
    }
    relative->Revision = sd->Revision;
    relative->Sbz1 = sd->Sbz1;
    relative->Control = sd->Control | SE_SELF_RELATIVE;
    for (int i = 0; i < 4; i++)
    {
        *parts[i].offset = parts[i].size ? at : 0;
        memcpy((BYTE *)dest + at, parts[i].part, parts[i].size);
        at += (DWORD)ALIGN_UP(parts[i].size, 4);
    }
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlAbsoluteToSelfRelativeSD(PSECURITY_DESCRIPTOR source, PSECURITY_DESCRIPTOR dest, PULONG size)
{
    if (((SECURITY_DESCRIPTOR *)source)->Control & SE_SELF_RELATIVE) return STATUS_BAD_DESCRIPTOR_FORMAT;
    return RtlMakeSelfRelativeSD(source, dest, size);
}
