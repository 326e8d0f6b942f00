/* Security descriptors, absolute (pointers) and self-relative (offsets). */

#include "rtl.h"

enum { OWNER, GROUP, SACL, DACL, PARTS };

/* The four parts of either form; NULL where there is none. */
static void get_parts(PSECURITY_DESCRIPTOR ptr, void *part[PARTS])
{
    SECURITY_DESCRIPTOR *sd = ptr;

    if (sd->Control & SE_SELF_RELATIVE)
    {
        const SECURITY_DESCRIPTOR_RELATIVE *rel = ptr;
        const DWORD offsets[PARTS] = { rel->Owner, rel->Group, rel->Sacl, rel->Dacl };

        for (int i = 0; i < PARTS; i++) part[i] = offsets[i] ? (BYTE *)ptr + offsets[i] : NULL;
    }
    else
    {
        part[OWNER] = sd->Owner;
        part[GROUP] = sd->Group;
        part[SACL] = sd->Sacl;
        part[DACL] = sd->Dacl;
    }
    if (!(sd->Control & SE_SACL_PRESENT)) part[SACL] = NULL;
    if (!(sd->Control & SE_DACL_PRESENT)) part[DACL] = NULL;
}

static DWORD part_size(int i, void *part)
{
    if (!part) return 0;
    return i == OWNER || i == GROUP ? RtlLengthSid(part) : ((ACL *)part)->AclSize;
}

NTSTATUS WINAPI RtlCreateSecurityDescriptor(PSECURITY_DESCRIPTOR ptr, DWORD revision)
{
    SECURITY_DESCRIPTOR *sd = ptr;

    if (revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    memset(sd, 0, sizeof(*sd));
    sd->Revision = SECURITY_DESCRIPTOR_REVISION;
    return STATUS_SUCCESS;
}

/* A BOOLEAN, whatever the header's type says. */
NTSTATUS WINAPI RtlValidSecurityDescriptor(PSECURITY_DESCRIPTOR ptr)
{
    SECURITY_DESCRIPTOR *sd = ptr;
    void *part[PARTS];

    if (!sd || sd->Revision != SECURITY_DESCRIPTOR_REVISION) return FALSE;
    get_parts(sd, part);
    return (!part[OWNER] || RtlValidSid(part[OWNER])) && (!part[GROUP] || RtlValidSid(part[GROUP])) &&
           (!part[SACL] || RtlValidAcl(part[SACL])) && (!part[DACL] || RtlValidAcl(part[DACL]));
}

/* A part lies behind the header, aligned, and ends before the end. */
static bool fits(const void *sd, ULONG size, ULONG offset, int i)
{
    const BYTE *part = (const BYTE *)sd + offset;
    ULONG need = i == OWNER || i == GROUP ? offsetof(SID, SubAuthority) : sizeof(ACL);

    if (offset < sizeof(SECURITY_DESCRIPTOR_RELATIVE) || offset & 3 || offset > size || size - offset < need) return false;
    if (i == OWNER || i == GROUP)
        return RtlValidSid((void *)part) && RtlLengthSid((void *)part) <= size - offset;
    return ((const ACL *)part)->AclSize <= size - offset && RtlValidAcl((void *)part);
}

BOOLEAN WINAPI RtlValidRelativeSecurityDescriptor(PSECURITY_DESCRIPTOR ptr, ULONG size, SECURITY_INFORMATION required)
{
    const SECURITY_DESCRIPTOR_RELATIVE *rel = ptr;

    if (size < sizeof(*rel) || rel->Revision != SECURITY_DESCRIPTOR_REVISION || !(rel->Control & SE_SELF_RELATIVE))
        return FALSE;
    if (rel->Owner ? !fits(rel, size, rel->Owner, OWNER) : required & OWNER_SECURITY_INFORMATION) return FALSE;
    if (rel->Group ? !fits(rel, size, rel->Group, GROUP) : required & GROUP_SECURITY_INFORMATION) return FALSE;
    if (rel->Control & SE_DACL_PRESENT)
    {
        if (rel->Dacl && !fits(rel, size, rel->Dacl, DACL)) return FALSE;
    }
    else if (required & DACL_SECURITY_INFORMATION) return FALSE;
    if (rel->Control & SE_SACL_PRESENT)
    {
        if (rel->Sacl && !fits(rel, size, rel->Sacl, SACL)) return FALSE;
    }
    else if (required & SACL_SECURITY_INFORMATION) return FALSE;
    return TRUE;
}

ULONG WINAPI RtlLengthSecurityDescriptor(PSECURITY_DESCRIPTOR ptr)
{
    SECURITY_DESCRIPTOR *sd = ptr;
    void *part[PARTS];
    ULONG size = sd->Control & SE_SELF_RELATIVE ? sizeof(SECURITY_DESCRIPTOR_RELATIVE) : sizeof(SECURITY_DESCRIPTOR);

    get_parts(sd, part);
    for (int i = 0; i < PARTS; i++) size += ALIGN_UP(part_size(i, part[i]), 4);
    return size;
}

NTSTATUS WINAPI RtlCopySecurityDescriptor(PSECURITY_DESCRIPTOR src, PSECURITY_DESCRIPTOR dst)
{
    SECURITY_DESCRIPTOR *from = src;

    if (from->Revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    if (from->Control & SE_SELF_RELATIVE) memcpy(dst, src, RtlLengthSecurityDescriptor(src));
    else
    {
        SECURITY_DESCRIPTOR *to = dst;
        void *part[PARTS], *copy[PARTS];
        BYTE *p = (BYTE *)(to + 1);

        get_parts(src, part);
        *to = *from;
        for (int i = 0; i < PARTS; i++)
        {
            copy[i] = part[i] ? memcpy(p, part[i], part_size(i, part[i])) : NULL;
            p += ALIGN_UP(part_size(i, part[i]), 4);
        }
        to->Owner = copy[OWNER];
        to->Group = copy[GROUP];
        to->Sacl = copy[SACL];
        to->Dacl = copy[DACL];
    }
    return STATUS_SUCCESS;
}

/* ---- parts ---- */

NTSTATUS WINAPI RtlGetControlSecurityDescriptor(PSECURITY_DESCRIPTOR ptr, PSECURITY_DESCRIPTOR_CONTROL control,
                                                LPDWORD revision)
{
    const SECURITY_DESCRIPTOR *sd = ptr;

    *revision = sd->Revision;
    if (*revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    *control = sd->Control;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlSetControlSecurityDescriptor(PSECURITY_DESCRIPTOR ptr, SECURITY_DESCRIPTOR_CONTROL mask,
                                                SECURITY_DESCRIPTOR_CONTROL set)
{
    const SECURITY_DESCRIPTOR_CONTROL changeable = 0xc0 /* untrusted, server security */ | SE_DACL_AUTO_INHERIT_REQ |
        SE_SACL_AUTO_INHERIT_REQ | SE_DACL_AUTO_INHERITED | SE_SACL_AUTO_INHERITED | SE_DACL_PROTECTED | SE_SACL_PROTECTED;
    SECURITY_DESCRIPTOR *sd = ptr;

    if ((mask | set) & ~changeable) return STATUS_INVALID_PARAMETER;
    sd->Control = (sd->Control & ~mask) | (set & mask);
    return STATUS_SUCCESS;
}

static NTSTATUS get_acl(PSECURITY_DESCRIPTOR ptr, int i, PBOOLEAN present, PACL *acl, PBOOLEAN defaulted)
{
    const SECURITY_DESCRIPTOR *sd = ptr;
    WORD present_bit = i == DACL ? SE_DACL_PRESENT : SE_SACL_PRESENT;
    WORD default_bit = i == DACL ? SE_DACL_DEFAULTED : SE_SACL_DEFAULTED;
    void *part[PARTS];

    if (sd->Revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    if ((*present = (sd->Control & present_bit) != 0))
    {
        get_parts(ptr, part);
        *acl = part[i];
        *defaulted = (sd->Control & default_bit) != 0;
    }
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlGetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR sd, PBOOLEAN present, PACL *acl, PBOOLEAN defaulted)
{
    return get_acl(sd, DACL, present, acl, defaulted);
}

NTSTATUS WINAPI RtlGetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR sd, PBOOLEAN present, PACL *acl, PBOOLEAN defaulted)
{
    return get_acl(sd, SACL, present, acl, defaulted);
}

static NTSTATUS check_absolute(const SECURITY_DESCRIPTOR *sd)
{
    if (sd->Revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    return sd->Control & SE_SELF_RELATIVE ? STATUS_INVALID_SECURITY_DESCR : STATUS_SUCCESS;
}

static void set_bit(SECURITY_DESCRIPTOR *sd, WORD bit, bool set)
{
    sd->Control = set ? sd->Control | bit : sd->Control & ~bit;
}

NTSTATUS WINAPI RtlSetDaclSecurityDescriptor(PSECURITY_DESCRIPTOR ptr, BOOLEAN present, PACL acl, BOOLEAN defaulted)
{
    SECURITY_DESCRIPTOR *sd = ptr;
    NTSTATUS status = check_absolute(sd);

    if (status) return status;
    set_bit(sd, SE_DACL_PRESENT, present);
    set_bit(sd, SE_DACL_DEFAULTED, present && defaulted);
    sd->Dacl = present ? acl : NULL;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlSetSaclSecurityDescriptor(PSECURITY_DESCRIPTOR ptr, BOOLEAN present, PACL acl, BOOLEAN defaulted)
{
    SECURITY_DESCRIPTOR *sd = ptr;
    NTSTATUS status = check_absolute(sd);

    if (status) return status;
    set_bit(sd, SE_SACL_PRESENT, present);
    set_bit(sd, SE_SACL_DEFAULTED, present && defaulted);
    sd->Sacl = present ? acl : NULL;
    return STATUS_SUCCESS;
}

static NTSTATUS get_sid(PSECURITY_DESCRIPTOR ptr, int i, PSID *sid, PBOOLEAN defaulted)
{
    const SECURITY_DESCRIPTOR *sd = ptr;
    void *part[PARTS];

    if (!sd || !sid || !defaulted) return STATUS_INVALID_PARAMETER;
    if (sd->Revision != SECURITY_DESCRIPTOR_REVISION) return STATUS_UNKNOWN_REVISION;
    get_parts(ptr, part);
    *sid = part[i];
    *defaulted = (sd->Control & (i == OWNER ? SE_OWNER_DEFAULTED : SE_GROUP_DEFAULTED)) != 0;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlGetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR sd, PSID *sid, PBOOLEAN defaulted)
{
    return get_sid(sd, OWNER, sid, defaulted);
}

NTSTATUS WINAPI RtlGetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR sd, PSID *sid, PBOOLEAN defaulted)
{
    return get_sid(sd, GROUP, sid, defaulted);
}

NTSTATUS WINAPI RtlSetOwnerSecurityDescriptor(PSECURITY_DESCRIPTOR ptr, PSID sid, BOOLEAN defaulted)
{
    SECURITY_DESCRIPTOR *sd = ptr;
    NTSTATUS status = check_absolute(sd);

    if (status) return status;
    sd->Owner = sid;
    set_bit(sd, SE_OWNER_DEFAULTED, defaulted);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlSetGroupSecurityDescriptor(PSECURITY_DESCRIPTOR ptr, PSID sid, BOOLEAN defaulted)
{
    SECURITY_DESCRIPTOR *sd = ptr;
    NTSTATUS status = check_absolute(sd);

    if (status) return status;
    sd->Group = sid;
    set_bit(sd, SE_GROUP_DEFAULTED, defaulted);
    return STATUS_SUCCESS;
}

/* ---- from one form to the other ---- */

NTSTATUS WINAPI RtlMakeSelfRelativeSD(PSECURITY_DESCRIPTOR src, PSECURITY_DESCRIPTOR dst, LPDWORD size)
{
    const SECURITY_DESCRIPTOR *from = src;
    SECURITY_DESCRIPTOR_RELATIVE *to = dst;
    DWORD need = sizeof(*to), offsets[PARTS] = { 0 }, at = sizeof(*to);
    void *part[PARTS];

    get_parts(src, part);
    for (int i = 0; i < PARTS; i++) need += ALIGN_UP(part_size(i, part[i]), 4);
    if (*size < need)
    {
        *size = need;
        return STATUS_BUFFER_TOO_SMALL;
    }
    /* SACL, DACL, owner, group: the order that Windows writes. */
    for (int j = 0; j < PARTS; j++)
    {
        static const int order[PARTS] = { SACL, DACL, OWNER, GROUP };
        int i = order[j];
        DWORD bytes = part_size(i, part[i]);

        if (!part[i]) continue;
        offsets[i] = at;
        memmove((BYTE *)dst + at, part[i], bytes);
        at += ALIGN_UP(bytes, 4);
    }
    to->Revision = from->Revision;
    to->Sbz1 = from->Sbz1;
    to->Control = from->Control | SE_SELF_RELATIVE;
    to->Owner = offsets[OWNER];
    to->Group = offsets[GROUP];
    to->Sacl = offsets[SACL];
    to->Dacl = offsets[DACL];
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlAbsoluteToSelfRelativeSD(PSECURITY_DESCRIPTOR src, PSECURITY_DESCRIPTOR dst, PULONG size)
{
    if (((SECURITY_DESCRIPTOR *)src)->Control & SE_SELF_RELATIVE) return STATUS_BAD_DESCRIPTOR_FORMAT;
    return RtlMakeSelfRelativeSD(src, dst, size);
}

NTSTATUS WINAPI RtlSelfRelativeToAbsoluteSD(PSECURITY_DESCRIPTOR src, PSECURITY_DESCRIPTOR dst, PDWORD size, PACL dacl,
                                            PDWORD dacl_size, PACL sacl, PDWORD sacl_size, PSID owner,
                                            PDWORD owner_size, PSID group, PDWORD group_size)
{
    const SECURITY_DESCRIPTOR *from = src;
    SECURITY_DESCRIPTOR *to = dst;
    void *const buffers[PARTS] = { owner, group, sacl, dacl };
    DWORD *const sizes[PARTS] = { owner_size, group_size, sacl_size, dacl_size };
    void *part[PARTS], *copy[PARTS];
    NTSTATUS status = STATUS_SUCCESS;

    if (!(from->Control & SE_SELF_RELATIVE)) return STATUS_BAD_DESCRIPTOR_FORMAT;
    get_parts(src, part);
    if (!to || *size < sizeof(*to)) status = STATUS_BUFFER_TOO_SMALL;
    for (int i = 0; i < PARTS; i++)
        if (part_size(i, part[i]) > *sizes[i]) status = STATUS_BUFFER_TOO_SMALL;
    if (status)
    {
        *size = sizeof(*to);
        for (int i = 0; i < PARTS; i++) *sizes[i] = part_size(i, part[i]);
        return status;
    }
    for (int i = 0; i < PARTS; i++) copy[i] = part[i] ? memcpy(buffers[i], part[i], part_size(i, part[i])) : NULL;
    to->Revision = from->Revision;
    to->Sbz1 = from->Sbz1;
    to->Control = from->Control & ~SE_SELF_RELATIVE;
    to->Owner = copy[OWNER];
    to->Group = copy[GROUP];
    to->Sacl = copy[SACL];
    to->Dacl = copy[DACL];
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlDeleteSecurityObject(PSECURITY_DESCRIPTOR *sd)
{
    heap_free(*sd);
    *sd = NULL;
    return STATUS_SUCCESS;
}
