/* The environment that comes with a profile, for a program that is to start as if its user had just logged in. */
#include <stdarg.h>
#include <wchar.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winreg.h"
#include "winternl.h"
#include "userenv.h"

#define PROFILE_LIST L"Software\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"

/* What is neither in the registry nor changes while the user is the same: taken from this process. */
static const WCHAR *const inherited[] =
{
    L"SystemRoot", L"SystemDrive", L"PATH", L"PATHEXT", L"COMPUTERNAME", L"NUMBER_OF_PROCESSORS", L"PROCESSOR_IDENTIFIER",
    L"PROCESSOR_LEVEL", L"PROCESSOR_REVISION", L"ProgramFiles", L"ProgramW6432", L"CommonProgramFiles", L"CommonProgramW6432",
    L"USERNAME", L"USERDOMAIN", L"USERPROFILE", L"HOMEDRIVE", L"HOMEPATH", L"APPDATA", L"LOCALAPPDATA", L"TEMP", L"TMP",
};

static NTSTATUS set_variable(WCHAR **block, const WCHAR *name, const WCHAR *value)
{
    UNICODE_STRING name_string, value_string;

    RtlInitUnicodeString(&name_string, name);
    RtlInitUnicodeString(&value_string, value);
    return RtlSetEnvironmentVariable(block, &name_string, &value_string);
}

static NTSTATUS inherit_variable(WCHAR **block, const WCHAR *name)
{
    NTSTATUS status = STATUS_SUCCESS;
    WCHAR *value;
    DWORD size = GetEnvironmentVariableW(name, NULL, 0);

    if (!size) return STATUS_SUCCESS;
    if (!(value = HeapAlloc(GetProcessHeap(), 0, size * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    if (GetEnvironmentVariableW(name, value, size) < size) status = set_variable(block, name, value);
    HeapFree(GetProcessHeap(), 0, value);
    return status;
}

/* Sets a variable from a value of the registry, whose references are to what the block has so far. */
static NTSTATUS registry_variable(WCHAR **block, const WCHAR *name, DWORD type, const WCHAR *value)
{
    UNICODE_STRING raw, expanded = { 0, 0, NULL };
    NTSTATUS status;
    ULONG size;

    if (type == REG_SZ) return set_variable(block, name, value);
    RtlInitUnicodeString(&raw, value);
    status = RtlExpandEnvironmentStrings_U(*block, &raw, &expanded, &size);
    if (status != STATUS_BUFFER_TOO_SMALL && status < 0) return status;
    if (size > 0xfffe) return STATUS_NAME_TOO_LONG;
    if (!(expanded.Buffer = HeapAlloc(GetProcessHeap(), 0, size))) return STATUS_NO_MEMORY;
    expanded.MaximumLength = (USHORT)size;
    if ((status = RtlExpandEnvironmentStrings_U(*block, &raw, &expanded, &size)) >= 0) status = set_variable(block, name, expanded.Buffer);
    HeapFree(GetProcessHeap(), 0, expanded.Buffer);
    return status;
}

/* Sets a variable from each value of a key, or from the one that is named. Plain values first: others refer to them. */
static NTSTATUS registry_variables(WCHAR **block, HKEY root, const WCHAR *path, const WCHAR *variable, const WCHAR *only)
{
    static const DWORD types[] = { REG_SZ, REG_EXPAND_SZ };
    DWORD i, pass, type, size, longest_name, longest, name_size;
    NTSTATUS status = STATUS_SUCCESS;
    WCHAR *name, *value;
    HKEY key;

    if (RegOpenKeyExW(root, path, 0, KEY_READ, &key)) return STATUS_SUCCESS;
    if (RegQueryInfoKeyW(key, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &longest_name, &longest, NULL, NULL)) longest_name = longest = 0;
    name = HeapAlloc(GetProcessHeap(), 0, (longest_name + 1) * sizeof(WCHAR) + longest + sizeof(WCHAR));
    if (!name)
    {
        RegCloseKey(key);
        return STATUS_NO_MEMORY;
    }
    value = name + longest_name + 1;
    for (pass = 0; pass < 2; pass++)
        for (i = 0; status >= 0; i++)
        {
            name_size = longest_name + 1;
            size = longest;
            if (RegEnumValueW(key, i, name, &name_size, NULL, &type, (BYTE *)value, &size)) break;
            if (type != types[pass] || (only && _wcsicmp(name, only))) continue;
            value[size / sizeof(WCHAR)] = 0;
            if (name[0]) status = registry_variable(block, variable ? variable : name, type, value);
        }
    HeapFree(GetProcessHeap(), 0, name);
    RegCloseKey(key);
    return status;
}

BOOL WINAPI CreateEnvironmentBlock(void **result, HANDLE token, BOOL inherit)
{
    WCHAR *block;
    NTSTATUS status = RtlCreateEnvironment(!!inherit, &block);
    unsigned int i;

    (void)token;            /* there is one user: the one who runs us */
    if (status >= 0)
    {
        for (i = 0; i < ARRAY_SIZE(inherited) && status >= 0; i++) status = inherit_variable(&block, inherited[i]);
        if (status >= 0) status = registry_variables(&block, HKEY_LOCAL_MACHINE, PROFILE_LIST, L"ProgramData", L"ProgramData");
        if (status >= 0) status = registry_variables(&block, HKEY_LOCAL_MACHINE, PROFILE_LIST, L"ALLUSERSPROFILE", L"ProgramData");
        if (status >= 0) status = registry_variables(&block, HKEY_LOCAL_MACHINE, PROFILE_LIST, L"PUBLIC", L"Public");
        if (status >= 0)
            status = registry_variables(&block, HKEY_LOCAL_MACHINE, L"System\\CurrentControlSet\\Control\\Session Manager\\Environment", NULL, NULL);
        if (status >= 0) status = registry_variables(&block, HKEY_CURRENT_USER, L"Environment", NULL, NULL);
        if (status < 0) RtlDestroyEnvironment(block);
    }
    if (status < 0)
    {
        SetLastError(RtlNtStatusToDosError(status));
        return FALSE;
    }
    *result = block;
    return TRUE;
}

BOOL WINAPI DestroyEnvironmentBlock(void *block)
{
    RtlDestroyEnvironment(block);
    return TRUE;
}
