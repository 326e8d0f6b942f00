/* The security of an object that a handle is for, in parts. */
#include <stdarg.h>

#define _ADVAPI32_
#include "windef.h"
#include "winbase.h"
#include "winreg.h"
#include "winternl.h"
#include "aclapi.h"

static DWORD query(HANDLE handle, SE_OBJECT_TYPE type, SECURITY_INFORMATION what, PSECURITY_DESCRIPTOR sd, DWORD *size)
{
    if (type == SE_REGISTRY_KEY) return (DWORD)RegGetKeySecurity(handle, what, sd, size);
    return GetKernelObjectSecurity(handle, what, sd, *size, size) ? ERROR_SUCCESS : GetLastError();
}

static BOOL has_security(SE_OBJECT_TYPE type)
{
    return type == SE_REGISTRY_KEY || type == SE_KERNEL_OBJECT || type == SE_FILE_OBJECT;
}

DWORD WINAPI GetSecurityInfo(HANDLE handle, SE_OBJECT_TYPE type, SECURITY_INFORMATION what, PSID *owner, PSID *group, ACL **dacl, ACL **sacl,
                             PSECURITY_DESCRIPTOR *result)
{
    DWORD size = 0, error;
    BOOL present, defaulted;
    PSECURITY_DESCRIPTOR sd;

    if (!has_security(type)) return ERROR_INVALID_PARAMETER;
    error = query(handle, type, what, NULL, &size);
    if (error != ERROR_INSUFFICIENT_BUFFER) return error;
    if (!(sd = LocalAlloc(LMEM_FIXED, size))) return ERROR_NOT_ENOUGH_MEMORY;
    if ((error = query(handle, type, what, sd, &size)))
    {
        LocalFree(sd);
        return error;
    }
    if (owner && (what & OWNER_SECURITY_INFORMATION)) GetSecurityDescriptorOwner(sd, owner, &defaulted);
    if (group && (what & GROUP_SECURITY_INFORMATION)) GetSecurityDescriptorGroup(sd, group, &defaulted);
    if (dacl && (what & DACL_SECURITY_INFORMATION) && (!GetSecurityDescriptorDacl(sd, &present, dacl, &defaulted) || !present)) *dacl = NULL;
    if (sacl && (what & (SACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION)) &&
        (!GetSecurityDescriptorSacl(sd, &present, sacl, &defaulted) || !present))
        *sacl = NULL;
    /* Whoever wants the parts without the whole cannot free what they point into: so it is on Windows. */
    if (result) *result = sd;
    else if (!owner && !group && !dacl && !sacl) LocalFree(sd);
    return ERROR_SUCCESS;
}

DWORD WINAPI SetSecurityInfo(HANDLE handle, SE_OBJECT_TYPE type, SECURITY_INFORMATION what, PSID owner, PSID group, ACL *dacl, ACL *sacl)
{
    SECURITY_DESCRIPTOR sd;

    if (!has_security(type)) return ERROR_INVALID_PARAMETER;
    if (!InitializeSecurityDescriptor(&sd, SECURITY_DESCRIPTOR_REVISION)) return GetLastError();
    if ((what & OWNER_SECURITY_INFORMATION) && !SetSecurityDescriptorOwner(&sd, owner, FALSE)) return GetLastError();
    if ((what & GROUP_SECURITY_INFORMATION) && !SetSecurityDescriptorGroup(&sd, group, FALSE)) return GetLastError();
    if ((what & DACL_SECURITY_INFORMATION) && !SetSecurityDescriptorDacl(&sd, TRUE, dacl, FALSE)) return GetLastError();
    if ((what & (SACL_SECURITY_INFORMATION | LABEL_SECURITY_INFORMATION)) && !SetSecurityDescriptorSacl(&sd, TRUE, sacl, FALSE)) return GetLastError();
    if (type == SE_REGISTRY_KEY) return (DWORD)RegSetKeySecurity(handle, what, &sd);
    return SetKernelObjectSecurity(handle, what, &sd) ? ERROR_SUCCESS : GetLastError();
}
