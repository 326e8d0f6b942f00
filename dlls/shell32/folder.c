/* Well-known folders, from the variables that name them. A folder that none names is not there. */
#include <stdarg.h>
#include <string.h>

#define _SHELL32_
#define COBJMACROS
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "shlobj.h"

static const struct
{
    BYTE id;
    const WCHAR *variable, *below;
} folders[] =
{
    { CSIDL_APPDATA, L"APPDATA", NULL },
    { CSIDL_LOCAL_APPDATA, L"LOCALAPPDATA", NULL },
    { CSIDL_COMMON_APPDATA, L"ProgramData", NULL },
    { CSIDL_PROFILE, L"USERPROFILE", NULL },
    { CSIDL_PERSONAL, L"USERPROFILE", L"\\Documents" },
    { CSIDL_DESKTOPDIRECTORY, L"USERPROFILE", L"\\Desktop" },
    { CSIDL_PROGRAM_FILES, L"ProgramFiles", NULL },
    { CSIDL_PROGRAM_FILES_COMMON, L"CommonProgramFiles", NULL },
};

HRESULT WINAPI SHGetFolderPathW(HWND window, int folder, HANDLE token, DWORD flags, WCHAR *path)
{
    DWORD length, attributes;

    (void)window;
    (void)token;
    if (!path) return E_INVALIDARG;
    path[0] = 0;
    if (flags > SHGFP_TYPE_DEFAULT) return E_INVALIDARG;
    if ((folder & 0xff) == CSIDL_WINDOWS) return GetWindowsDirectoryW(path, MAX_PATH) ? S_OK : E_FAIL;
    if ((folder & 0xff) == CSIDL_SYSTEM) return GetSystemDirectoryW(path, MAX_PATH) ? S_OK : E_FAIL;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
    {
        if (folders[i].id != (folder & 0xff)) continue;
        length = GetEnvironmentVariableW(folders[i].variable, path, MAX_PATH);
        if (!length || length + (folders[i].below ? wcslen(folders[i].below) : 0) >= MAX_PATH)
        {
            path[0] = 0;
            return S_FALSE;
        }
        if (folders[i].below) lstrcpyW(path + length, folders[i].below);
        if (folder & CSIDL_FLAG_DONT_VERIFY) return S_OK;
        attributes = GetFileAttributesW(path);
        if (attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY)) return S_OK;
        if ((folder & CSIDL_FLAG_CREATE) && CreateDirectoryW(path, NULL)) return S_OK;
        path[0] = 0;
        return folder & CSIDL_FLAG_CREATE ? HRESULT_FROM_WIN32(GetLastError()) : S_FALSE;
    }
    return E_INVALIDARG;
}

HRESULT WINAPI SHGetFolderPathA(HWND window, int folder, HANDLE token, DWORD flags, char *path)
{
    WCHAR wide[MAX_PATH];
    HRESULT result;

    if (!path) return E_INVALIDARG;
    path[0] = 0;
    result = SHGetFolderPathW(window, folder, token, flags, wide);
    if (result == S_OK && !WideCharToMultiByte(CP_ACP, 0, wide, -1, path, MAX_PATH, NULL, NULL)) return E_NOT_SUFFICIENT_BUFFER;
    return result;
}
