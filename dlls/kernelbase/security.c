/* Security descriptors and access control lists: ntdll's, with Win32's errors. advapi32 forwards here. */
#include "kernelbase.h"

BOOL WINAPI InitializeSecurityDescriptor(PSECURITY_DESCRIPTOR sd, DWORD revision)
{
    return nt_result(RtlCreateSecurityDescriptor(sd, revision));
}

BOOL WINAPI IsValidSecurityDescriptor(PSECURITY_DESCRIPTOR sd)
{
    return RtlValidSecurityDescriptor(sd) || fail(ERROR_INVALID_SECURITY_DESCR);
}

DWORD WINAPI GetSecurityDescriptorLength(PSECURITY_DESCRIPTOR sd)
{
    return RtlLengthSecurityDescriptor(sd);
}

BOOL WINAPI GetSecurityDescriptorControl(PSECURITY_DESCRIPTOR sd, SECURITY_DESCRIPTOR_CONTROL *control, DWORD *revision)
{
    return nt_result(RtlGetControlSecurityDescriptor(sd, control, revision));
}

BOOL WINAPI SetSecurityDescriptorControl(PSECURITY_DESCRIPTOR sd, SECURITY_DESCRIPTOR_CONTROL mask, SECURITY_DESCRIPTOR_CONTROL bits)
{
    return nt_result(RtlSetControlSecurityDescriptor(sd, mask, bits));
}

BOOL WINAPI SetSecurityDescriptorOwner(PSECURITY_DESCRIPTOR sd, PSID owner, BOOL defaulted)
{
    return nt_result(RtlSetOwnerSecurityDescriptor(sd, owner, (BOOLEAN)(defaulted != 0)));
}

BOOL WINAPI SetSecurityDescriptorGroup(PSECURITY_DESCRIPTOR sd, PSID group, BOOL defaulted)
{
    return nt_result(RtlSetGroupSecurityDescriptor(sd, group, (BOOLEAN)(defaulted != 0)));
}

BOOL WINAPI SetSecurityDescriptorDacl(PSECURITY_DESCRIPTOR sd, BOOL present, ACL *dacl, BOOL defaulted)
{
    return nt_result(RtlSetDaclSecurityDescriptor(sd, (BOOLEAN)(present != 0), dacl, (BOOLEAN)(defaulted != 0)));
}

BOOL WINAPI SetSecurityDescriptorSacl(PSECURITY_DESCRIPTOR sd, BOOL present, ACL *sacl, BOOL defaulted)
{
    return nt_result(RtlSetSaclSecurityDescriptor(sd, (BOOLEAN)(present != 0), sacl, (BOOLEAN)(defaulted != 0)));
}

BOOL WINAPI GetSecurityDescriptorOwner(PSECURITY_DESCRIPTOR sd, PSID *owner, BOOL *defaulted)
{
    BOOLEAN flag;
    BOOL ok = nt_result(RtlGetOwnerSecurityDescriptor(sd, owner, &flag));

    if (ok) *defaulted = flag;
    return ok;
}

BOOL WINAPI GetSecurityDescriptorGroup(PSECURITY_DESCRIPTOR sd, PSID *group, BOOL *defaulted)
{
    BOOLEAN flag;
    BOOL ok = nt_result(RtlGetGroupSecurityDescriptor(sd, group, &flag));

    if (ok) *defaulted = flag;
    return ok;
}

BOOL WINAPI GetSecurityDescriptorDacl(PSECURITY_DESCRIPTOR sd, BOOL *present, ACL **dacl, BOOL *defaulted)
{
    BOOLEAN is_present, flag = FALSE;
    BOOL ok = nt_result(RtlGetDaclSecurityDescriptor(sd, &is_present, dacl, &flag));

    if (!ok) return FALSE;
    *present = is_present;
    *defaulted = flag;
    return TRUE;
}

BOOL WINAPI GetSecurityDescriptorSacl(PSECURITY_DESCRIPTOR sd, BOOL *present, ACL **sacl, BOOL *defaulted)
{
    BOOLEAN is_present, flag = FALSE;
    BOOL ok = nt_result(RtlGetSaclSecurityDescriptor(sd, &is_present, sacl, &flag));

    if (!ok) return FALSE;
    *present = is_present;
    *defaulted = flag;
    return TRUE;
}

BOOL WINAPI MakeSelfRelativeSD(PSECURITY_DESCRIPTOR absolute, PSECURITY_DESCRIPTOR relative, DWORD *size)
{
    return nt_result(RtlAbsoluteToSelfRelativeSD(absolute, relative, size));
}

BOOL WINAPI MakeAbsoluteSD(PSECURITY_DESCRIPTOR relative, PSECURITY_DESCRIPTOR absolute, DWORD *size, ACL *dacl, DWORD *dacl_size,
                           ACL *sacl, DWORD *sacl_size, PSID owner, DWORD *owner_size, PSID group, DWORD *group_size)
{
    return nt_result(RtlSelfRelativeToAbsoluteSD(relative, absolute, size, dacl, dacl_size, sacl, sacl_size, owner, owner_size, group, group_size));
}

/* ---- access control lists --------------------------------------------------------------------------- */
BOOL WINAPI InitializeAcl(ACL *acl, DWORD size, DWORD revision)
{
    return nt_result(RtlCreateAcl(acl, size, revision));
}

BOOL WINAPI IsValidAcl(ACL *acl)
{
    return RtlValidAcl(acl);
}

BOOL WINAPI AddAce(ACL *acl, DWORD revision, DWORD index, void *list, DWORD size)
{
    return nt_result(RtlAddAce(acl, revision, index, list, size));
}

BOOL WINAPI DeleteAce(ACL *acl, DWORD index)
{
    return nt_result(RtlDeleteAce(acl, index));
}

BOOL WINAPI GetAce(ACL *acl, DWORD index, void **ace)
{
    return nt_result(RtlGetAce(acl, index, ace));
}

BOOL WINAPI FindFirstFreeAce(ACL *acl, void **ace)
{
    return RtlFirstFreeAce(acl, (ACE_HEADER **)ace);
}

BOOL WINAPI AddAccessAllowedAce(ACL *acl, DWORD revision, DWORD mask, PSID sid)
{
    return nt_result(RtlAddAccessAllowedAce(acl, revision, mask, sid));
}

BOOL WINAPI AddAccessAllowedAceEx(ACL *acl, DWORD revision, DWORD flags, DWORD mask, PSID sid)
{
    return nt_result(RtlAddAccessAllowedAceEx(acl, revision, flags, mask, sid));
}

BOOL WINAPI AddAccessDeniedAce(ACL *acl, DWORD revision, DWORD mask, PSID sid)
{
    return nt_result(RtlAddAccessDeniedAce(acl, revision, mask, sid));
}

BOOL WINAPI AddAccessDeniedAceEx(ACL *acl, DWORD revision, DWORD flags, DWORD mask, PSID sid)
{
    return nt_result(RtlAddAccessDeniedAceEx(acl, revision, flags, mask, sid));
}

BOOL WINAPI AddAuditAccessAce(ACL *acl, DWORD revision, DWORD mask, PSID sid, BOOL success, BOOL failure)
{
    return nt_result(RtlAddAuditAccessAce(acl, revision, mask, sid, success, failure));
}

BOOL WINAPI AddAuditAccessAceEx(ACL *acl, DWORD revision, DWORD flags, DWORD mask, PSID sid, BOOL success, BOOL failure)
{
    return nt_result(RtlAddAuditAccessAceEx(acl, revision, flags, mask, sid, success, failure));
}

BOOL WINAPI AddMandatoryAce(ACL *acl, DWORD revision, DWORD flags, DWORD policy, PSID label)
{
    return nt_result(RtlAddMandatoryAce(acl, revision, flags, policy, SYSTEM_MANDATORY_LABEL_ACE_TYPE, label));
}

BOOL WINAPI GetAclInformation(ACL *acl, void *info, DWORD size, ACL_INFORMATION_CLASS class)
{
    return nt_result(RtlQueryInformationAcl(acl, info, size, class));
}

void WINAPI MapGenericMask(DWORD *access, GENERIC_MAPPING *mapping)
{
    RtlMapGenericMask(access, mapping);
}

BOOL WINAPI AreAllAccessesGranted(DWORD granted, DWORD desired)
{
    return RtlAreAllAccessesGranted(granted, desired);
}

BOOL WINAPI AreAnyAccessesGranted(DWORD granted, DWORD desired)
{
    return RtlAreAnyAccessesGranted(granted, desired);
}
