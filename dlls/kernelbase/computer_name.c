/* The machine's names. */
#include "kernelbase.h"
#include "winreg.h"

#define NETBIOS_KEY L"System\\CurrentControlSet\\Control\\ComputerName\\ActiveComputerName"
#define TCPIP_KEY   L"System\\CurrentControlSet\\Services\\Tcpip\\Parameters"

/* A string of the registry; length characters without a terminator. */
static BOOL registry_string(const WCHAR *key, const WCHAR *value, WCHAR *buffer, DWORD size, DWORD *length)
{
    DWORD bytes = size * sizeof(WCHAR);
    LSTATUS error = RegGetValueW(HKEY_LOCAL_MACHINE, key, value, RRF_RT_REG_SZ, NULL, buffer, &bytes);

    if (error) return fail((DWORD)error);
    *length = bytes / sizeof(WCHAR) - 1;
    return TRUE;
}

static BOOL machine_name(COMPUTER_NAME_FORMAT type, WCHAR *buffer, DWORD size, DWORD *length)
{
    DWORD domain;

    switch (type)
    {
    /* One machine: the physical names are those of the cluster that it is not part of. */
    case ComputerNameNetBIOS: case ComputerNamePhysicalNetBIOS:
        return registry_string(NETBIOS_KEY, L"ComputerName", buffer, size, length);
    case ComputerNameDnsHostname: case ComputerNamePhysicalDnsHostname:
        return registry_string(TCPIP_KEY, L"Hostname", buffer, size, length);
    case ComputerNameDnsDomain: case ComputerNamePhysicalDnsDomain:
        if (!registry_string(TCPIP_KEY, L"Domain", buffer, size, length)) *length = 0;      /* not in a domain */
        return TRUE;
    case ComputerNameDnsFullyQualified: case ComputerNamePhysicalDnsFullyQualified:
        if (!registry_string(TCPIP_KEY, L"Hostname", buffer, size, length)) return FALSE;
        if (*length + 1 < size && registry_string(TCPIP_KEY, L"Domain", buffer + *length + 1, size - *length - 1, &domain) && domain)
        {
            buffer[*length] = '.';
            *length += domain + 1;
        }
        return TRUE;
    default:
        return fail(ERROR_INVALID_PARAMETER);
    }
}

BOOL WINAPI GetComputerNameExW(COMPUTER_NAME_FORMAT type, WCHAR *name, DWORD *size)
{
    WCHAR buffer[256];
    DWORD length;

    if (!size || (!name && *size)) return fail(ERROR_INVALID_PARAMETER);
    if (!machine_name(type, buffer, ARRAY_LENGTH(buffer), &length)) return FALSE;
    if (length >= *size)
    {
        *size = length + 1;
        return fail(ERROR_MORE_DATA);
    }
    memcpy(name, buffer, length * sizeof(WCHAR));
    name[length] = 0;
    *size = length;
    return TRUE;
}

BOOL WINAPI GetComputerNameExA(COMPUTER_NAME_FORMAT type, char *name, DWORD *size)
{
    WCHAR buffer[256];
    DWORD length, needed;

    if (!size || (!name && *size)) return fail(ERROR_INVALID_PARAMETER);
    if (!machine_name(type, buffer, ARRAY_LENGTH(buffer), &length)) return FALSE;
    needed = ansi_result(buffer, length, name, *size);
    if (needed >= *size)
    {
        *size = needed;
        return fail(ERROR_MORE_DATA);
    }
    *size = needed;
    return TRUE;
}

BOOL WINAPI GetComputerNameW(WCHAR *name, DWORD *size)
{
    if (GetComputerNameExW(ComputerNameNetBIOS, name, size)) return TRUE;
    if (get_error() == ERROR_MORE_DATA) set_error(ERROR_BUFFER_OVERFLOW);
    return FALSE;
}

BOOL WINAPI GetComputerNameA(char *name, DWORD *size)
{
    if (GetComputerNameExA(ComputerNameNetBIOS, name, size)) return TRUE;
    if (get_error() == ERROR_MORE_DATA) set_error(ERROR_BUFFER_OVERFLOW);
    return FALSE;
}
