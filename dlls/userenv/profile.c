/* Where profiles are. There is one user, whoever runs us. */
#include <stdarg.h>
#include <string.h>

#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winreg.h"
#include "userenv.h"

#define PROFILE_LIST L"Software\\Microsoft\\Windows NT\\CurrentVersion\\ProfileList"

/* A folder that the list of profiles names, expanded; its length, 0 with the last error set. */
static DWORD profile_folder(const WCHAR *value, WCHAR path[MAX_PATH])
{
    WCHAR raw[MAX_PATH];
    DWORD size = sizeof(raw) - sizeof(WCHAR), length;
    LONG error = RegGetValueW(HKEY_LOCAL_MACHINE, PROFILE_LIST, value, RRF_RT_REG_SZ | RRF_RT_REG_EXPAND_SZ | RRF_NOEXPAND, NULL, raw, &size);

    if (error)
    {
        SetLastError((DWORD)error);
        return 0;
    }
    length = ExpandEnvironmentStringsW(raw, path, MAX_PATH);
    if (length && length <= MAX_PATH) return length - 1;
    SetLastError(ERROR_FILENAME_EXCED_RANGE);
    return 0;
}

static BOOL failed(DWORD error)
{
    SetLastError(error);
    return FALSE;
}

/* Gives a name to a caller who counts in characters, the terminator among them. */
static BOOL give(const WCHAR *path, DWORD length, WCHAR *buffer, DWORD *size)
{
    DWORD room = buffer ? *size : 0;

    *size = length + 1;
    if (room <= length) return failed(ERROR_INSUFFICIENT_BUFFER);
    memcpy(buffer, path, (length + 1) * sizeof(WCHAR));
    return TRUE;
}

static BOOL give_ansi(const WCHAR *path, char *buffer, DWORD *size)
{
    DWORD room = *size;

    *size = (DWORD)WideCharToMultiByte(CP_ACP, 0, path, -1, NULL, 0, NULL, NULL);
    if (room < *size) return failed(ERROR_INSUFFICIENT_BUFFER);
    WideCharToMultiByte(CP_ACP, 0, path, -1, buffer, (INT)room, NULL, NULL);
    return TRUE;
}

/* These two, as on Windows, count without the terminator although they write it, and return the count. */
BOOL WINAPI GetProfilesDirectoryW(WCHAR *buffer, DWORD *size)
{
    WCHAR path[MAX_PATH];
    DWORD length, room;

    if (!size) return failed(ERROR_INVALID_PARAMETER);
    if (!(length = profile_folder(L"ProfilesDirectory", path))) return FALSE;
    room = *size;
    *size = length;
    if (!buffer || room < length) return failed(ERROR_INSUFFICIENT_BUFFER);
    memcpy(buffer, path, (length + 1) * sizeof(WCHAR));
    return (BOOL)length;
}

BOOL WINAPI GetProfilesDirectoryA(char *buffer, DWORD *size)
{
    WCHAR path[MAX_PATH];
    DWORD length, room;

    if (!size || !buffer) return failed(ERROR_INVALID_PARAMETER);
    if (!profile_folder(L"ProfilesDirectory", path)) return FALSE;
    length = (DWORD)WideCharToMultiByte(CP_ACP, 0, path, -1, NULL, 0, NULL, NULL) - 1;
    room = *size;
    *size = length;
    if (room < length) return failed(ERROR_INSUFFICIENT_BUFFER);
    WideCharToMultiByte(CP_ACP, 0, path, -1, buffer, (INT)length + 1, NULL, NULL);
    return (BOOL)length;
}

BOOL WINAPI GetAllUsersProfileDirectoryW(WCHAR *buffer, DWORD *size)
{
    WCHAR path[MAX_PATH];
    DWORD length;

    if (!size) return failed(ERROR_INVALID_PARAMETER);
    return (length = profile_folder(L"ProgramData", path)) && give(path, length, buffer, size);
}

BOOL WINAPI GetAllUsersProfileDirectoryA(char *buffer, DWORD *size)
{
    WCHAR path[MAX_PATH];

    if (!size || !buffer) return failed(ERROR_INVALID_PARAMETER);
    return profile_folder(L"ProgramData", path) && give_ansi(path, buffer, size);
}

BOOL WINAPI GetUserProfileDirectoryW(HANDLE token, WCHAR *buffer, DWORD *size)
{
    WCHAR path[MAX_PATH];
    DWORD length;

    if (!token) return failed(ERROR_INVALID_HANDLE);
    if (!size) return failed(ERROR_INVALID_PARAMETER);
    length = GetEnvironmentVariableW(L"USERPROFILE", path, MAX_PATH);
    if (!length || length >= MAX_PATH) return failed(ERROR_FILE_NOT_FOUND);
    return give(path, length, buffer, size);
}

BOOL WINAPI GetUserProfileDirectoryA(HANDLE token, char *buffer, DWORD *size)
{
    WCHAR path[MAX_PATH];
    DWORD length = MAX_PATH;

    if (!size || !buffer) return failed(ERROR_INVALID_PARAMETER);
    return GetUserProfileDirectoryW(token, path, &length) && give_ansi(path, buffer, size);
}
