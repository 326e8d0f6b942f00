/* The registry calls of 16-bit Windows, in terms of their successors. */
#include <stdarg.h>

#define _ADVAPI32_
#include "windef.h"
#include "winbase.h"
#include "winreg.h"

LSTATUS WINAPI RegOpenKeyW(HKEY key, LPCWSTR name, HKEY *result)
{
    if (!result) return ERROR_INVALID_PARAMETER;
    if (!name || !*name)
    {
        *result = key;
        return ERROR_SUCCESS;
    }
    return (LSTATUS)RegOpenKeyExW(key, name, 0, MAXIMUM_ALLOWED, result);
}

LSTATUS WINAPI RegOpenKeyA(HKEY key, LPCSTR name, HKEY *result)
{
    if (!result) return ERROR_INVALID_PARAMETER;
    if (!name || !*name)
    {
        *result = key;
        return ERROR_SUCCESS;
    }
    return RegOpenKeyExA(key, name, 0, MAXIMUM_ALLOWED, result);
}

LSTATUS WINAPI RegCreateKeyW(HKEY key, LPCWSTR name, HKEY *result)
{
    return RegCreateKeyExW(key, name ? name : L"", 0, NULL, REG_OPTION_NON_VOLATILE, MAXIMUM_ALLOWED, NULL, result, NULL);
}

LSTATUS WINAPI RegCreateKeyA(HKEY key, LPCSTR name, HKEY *result)
{
    return RegCreateKeyExA(key, name ? name : "", 0, NULL, REG_OPTION_NON_VOLATILE, MAXIMUM_ALLOWED, NULL, result, NULL);
}

LSTATUS WINAPI RegDeleteKeyW(HKEY key, LPCWSTR name)
{
    return RegDeleteKeyExW(key, name, 0, 0);
}

LSTATUS WINAPI RegDeleteKeyA(HKEY key, LPCSTR name)
{
    return RegDeleteKeyExA(key, name, 0, 0);
}

LSTATUS WINAPI RegEnumKeyW(HKEY key, DWORD index, LPWSTR name, DWORD size)
{
    return RegEnumKeyExW(key, index, name, &size, NULL, NULL, NULL, NULL);
}

LSTATUS WINAPI RegEnumKeyA(HKEY key, DWORD index, LPSTR name, DWORD size)
{
    return RegEnumKeyExA(key, index, name, &size, NULL, NULL, NULL, NULL);
}
