/* The registry calls of 16-bit Windows, in terms of their successors. */
#include <stdarg.h>

#define _ADVAPI32_
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winreg.h"
#include "winternl.h"

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

/* A key's value without a name. There is none: an empty string. */
LSTATUS WINAPI RegQueryValueW(HKEY key, LPCWSTR name, LPWSTR data, LONG *count)
{
    HKEY opened = key;
    LSTATUS error;

    if (name && name[0] && (error = RegOpenKeyW(key, name, &opened))) return error;
    error = RegQueryValueExW(opened, NULL, NULL, NULL, (BYTE *)data, (DWORD *)count);
    if (opened != key) RegCloseKey(opened);
    if (error != ERROR_FILE_NOT_FOUND) return error;
    if (data) *data = 0;
    if (count) *count = sizeof(*data);
    return ERROR_SUCCESS;
}

LSTATUS WINAPI RegQueryValueA(HKEY key, LPCSTR name, LPSTR data, LONG *count)
{
    HKEY opened = key;
    LSTATUS error;

    if (name && name[0] && (error = RegOpenKeyA(key, name, &opened))) return error;
    error = RegQueryValueExA(opened, NULL, NULL, NULL, (BYTE *)data, (DWORD *)count);
    if (opened != key) RegCloseKey(opened);
    if (error != ERROR_FILE_NOT_FOUND) return error;
    if (data) *data = 0;
    if (count) *count = sizeof(*data);
    return ERROR_SUCCESS;
}

/* The size that callers give is not looked at, as on Windows. */
LSTATUS WINAPI RegSetValueW(HKEY key, LPCWSTR name, DWORD type, LPCWSTR data, DWORD count)
{
    (void)count;
    if (type != REG_SZ || !data) return ERROR_INVALID_PARAMETER;
    return RegSetKeyValueW(key, name, NULL, type, data, (DWORD)(lstrlenW(data) + 1) * sizeof(WCHAR));
}

LSTATUS WINAPI RegSetValueA(HKEY key, LPCSTR name, DWORD type, LPCSTR data, DWORD count)
{
    (void)count;
    if (type != REG_SZ || !data) return ERROR_INVALID_PARAMETER;
    return RegSetKeyValueA(key, name, NULL, type, data, (DWORD)lstrlenA(data) + 1);
}

/* The registry of this machine is the only one there is. */
LSTATUS WINAPI RegConnectRegistryW(LPCWSTR machine, HKEY key, HKEY *result)
{
    WCHAR name[MAX_COMPUTERNAME_LENGTH + 1];
    DWORD size = MAX_COMPUTERNAME_LENGTH + 1;

    if (machine && machine[0] == '\\' && machine[1] == '\\') machine += 2;
    if (machine && machine[0] && (!GetComputerNameW(name, &size) || lstrcmpiW(machine, name))) return ERROR_BAD_NETPATH;
    if (key != HKEY_LOCAL_MACHINE && key != HKEY_USERS) return ERROR_INVALID_HANDLE;
    *result = key;
    return ERROR_SUCCESS;
}

LSTATUS WINAPI RegConnectRegistryA(LPCSTR machine, HKEY key, HKEY *result)
{
    WCHAR name[MAX_COMPUTERNAME_LENGTH + 3];

    if (machine && !MultiByteToWideChar(CP_ACP, 0, machine, -1, name, ARRAY_SIZE(name))) return ERROR_BAD_NETPATH;
    return RegConnectRegistryW(machine ? name : NULL, key, result);
}

LSTATUS WINAPI RegRenameKey(HKEY key, LPCWSTR name, LPCWSTR new_name)
{
    UNICODE_STRING string;
    HKEY opened = key;
    LSTATUS error;

    if (!key) return name || new_name ? ERROR_INVALID_HANDLE : ERROR_INVALID_PARAMETER;
    if (name && (error = RegOpenKeyExW(key, name, 0, KEY_WRITE, &opened))) return error;
    RtlInitUnicodeString(&string, new_name);
    error = new_name ? (LSTATUS)RtlNtStatusToDosError(NtRenameKey(opened, &string)) : ERROR_INVALID_PARAMETER;
    if (opened != key) RegCloseKey(opened);
    return error;
}
