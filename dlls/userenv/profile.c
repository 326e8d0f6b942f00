/* The user's profile: where it is, and the environment that comes with it. There is one user, whoever runs us. */
#include <stdarg.h>

#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "userenv.h"

BOOL WINAPI GetUserProfileDirectoryW(HANDLE token, WCHAR *buffer, DWORD *size)
{
    WCHAR path[MAX_PATH];
    DWORD length;

    (void)token;
    if (!size)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    length = GetEnvironmentVariableW(L"USERPROFILE", path, MAX_PATH);
    if (!length || length >= MAX_PATH)
    {
        SetLastError(ERROR_FILE_NOT_FOUND);
        return FALSE;
    }
    length++;
    if (!buffer || *size < length)
    {
        *size = length;
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    *size = length;
    memcpy(buffer, path, length * sizeof(WCHAR));
    return TRUE;
}

BOOL WINAPI GetUserProfileDirectoryA(HANDLE token, char *buffer, DWORD *size)
{
    WCHAR path[MAX_PATH];
    DWORD length = MAX_PATH, needed;

    if (!size)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (!GetUserProfileDirectoryW(token, path, &length)) return FALSE;
    needed = (DWORD)WideCharToMultiByte(CP_ACP, 0, path, -1, NULL, 0, NULL, NULL);
    if (!buffer || *size < needed)
    {
        *size = needed;
        SetLastError(ERROR_INSUFFICIENT_BUFFER);
        return FALSE;
    }
    *size = (DWORD)WideCharToMultiByte(CP_ACP, 0, path, -1, buffer, (INT)*size, NULL, NULL);
    return TRUE;
}

BOOL WINAPI CreateEnvironmentBlock(void **block, HANDLE token, BOOL inherit)
{
    NTSTATUS status;
    WCHAR *environment;

    (void)token;
    /* Without a profile of its own to read, a fresh environment is the one this process has. */
    (void)inherit;
    status = RtlCreateEnvironment(TRUE, &environment);
    if (status < 0)
    {
        SetLastError(RtlNtStatusToDosError(status));
        return FALSE;
    }
    *block = environment;
    return TRUE;
}

BOOL WINAPI DestroyEnvironmentBlock(void *block)
{
    RtlDestroyEnvironment(block);
    return TRUE;
}
