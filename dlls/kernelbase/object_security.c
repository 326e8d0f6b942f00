/* The security descriptors that objects have, and whether one grants what is asked. */
#include "kernelbase.h"
#include "winreg.h"
#include "registry.h"

BOOL WINAPI GetKernelObjectSecurity(HANDLE handle, SECURITY_INFORMATION what, PSECURITY_DESCRIPTOR sd, DWORD size, DWORD *needed)
{
    return nt_result(NtQuerySecurityObject(handle, what, sd, size, needed));
}

BOOL WINAPI SetKernelObjectSecurity(HANDLE handle, SECURITY_INFORMATION what, PSECURITY_DESCRIPTOR sd)
{
    return nt_result(NtSetSecurityObject(handle, what, sd));
}

LSTATUS WINAPI RegGetKeySecurity(HKEY key, SECURITY_INFORMATION what, PSECURITY_DESCRIPTOR sd, DWORD *size)
{
    HANDLE handle;
    NTSTATUS status = registry_handle(key, &handle);

    if (!size) return ERROR_INVALID_PARAMETER;
    if (status >= 0) status = NtQuerySecurityObject(handle, what, sd, *size, size);
    return (LSTATUS)RtlNtStatusToDosError(status);
}

LSTATUS WINAPI RegSetKeySecurity(HKEY key, SECURITY_INFORMATION what, PSECURITY_DESCRIPTOR sd)
{
    HANDLE handle;
    NTSTATUS status = registry_handle(key, &handle);

    if (!sd) return ERROR_INVALID_PARAMETER;
    if (status >= 0) status = NtSetSecurityObject(handle, what, sd);
    return (LSTATUS)RtlNtStatusToDosError(status);
}

BOOL WINAPI AccessCheck(PSECURITY_DESCRIPTOR sd, HANDLE token, DWORD wanted, GENERIC_MAPPING *mapping, PRIVILEGE_SET *privileges,
                        DWORD *privileges_size, DWORD *granted, BOOL *allowed)
{
    NTSTATUS access;

    if (!nt_result(NtAccessCheck(sd, token, wanted, mapping, privileges, privileges_size, granted, &access))) return FALSE;
    *allowed = access >= 0;
    if (access < 0) nt_result(access);
    return TRUE;
}
