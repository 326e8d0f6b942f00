/* Folders by their GUIDs. They are where their CSIDLs are; those without one are below such a folder. */
#include <stdarg.h>
#include <string.h>

#define _SHELL32_
#define COBJMACROS
#define INITGUID
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "shlobj.h"
#include "knownfolders.h"

static const struct
{
    const GUID  *id;
    int          folder;
    const WCHAR *below;
} folders[] =
{
    { &FOLDERID_RoamingAppData, CSIDL_APPDATA, L"" },
    { &FOLDERID_LocalAppData, CSIDL_LOCAL_APPDATA, L"" },
    { &FOLDERID_ProgramData, CSIDL_COMMON_APPDATA, L"" },
    { &FOLDERID_Profile, CSIDL_PROFILE, L"" },
    { &FOLDERID_Documents, CSIDL_PERSONAL, L"" },
    { &FOLDERID_Desktop, CSIDL_DESKTOPDIRECTORY, L"" },
    { &FOLDERID_Downloads, CSIDL_PROFILE, L"\\Downloads" },
    { &FOLDERID_Music, CSIDL_PROFILE, L"\\Music" },
    { &FOLDERID_Pictures, CSIDL_PROFILE, L"\\Pictures" },
    { &FOLDERID_Videos, CSIDL_PROFILE, L"\\Videos" },
    { &FOLDERID_ProgramFiles, CSIDL_PROGRAM_FILES, L"" },
    { &FOLDERID_ProgramFilesX64, CSIDL_PROGRAM_FILES, L"" },
    { &FOLDERID_ProgramFilesCommon, CSIDL_PROGRAM_FILES_COMMON, L"" },
    { &FOLDERID_Windows, CSIDL_WINDOWS, L"" },
    { &FOLDERID_System, CSIDL_SYSTEM, L"" },
};

static HRESULT verify(const WCHAR *path, DWORD flags)
{
    DWORD attributes = GetFileAttributesW(path);

    if (attributes != INVALID_FILE_ATTRIBUTES) return attributes & FILE_ATTRIBUTE_DIRECTORY ? S_OK : HRESULT_FROM_WIN32(ERROR_PATH_NOT_FOUND);
    if (flags & KF_FLAG_CREATE && CreateDirectoryW(path, NULL)) return S_OK;
    return HRESULT_FROM_WIN32(flags & KF_FLAG_CREATE ? GetLastError() : ERROR_FILE_NOT_FOUND);
}

HRESULT WINAPI SHGetKnownFolderPath(REFKNOWNFOLDERID id, DWORD flags, HANDLE token, WCHAR **path)
{
    WCHAR folder[2 * MAX_PATH];
    SIZE_T size;
    HRESULT result;

    if (!path) return E_INVALIDARG;
    *path = NULL;
    for (size_t i = 0; i < sizeof(folders) / sizeof(folders[0]); i++)
    {
        if (!IsEqualGUID(folders[i].id, id)) continue;
        result = SHGetFolderPathW(NULL, folders[i].folder | CSIDL_FLAG_DONT_VERIFY, token, SHGFP_TYPE_CURRENT, folder);
        if (result != S_OK) return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);        /* the environment does not name it */
        lstrcatW(folder, folders[i].below);
        if (!(flags & KF_FLAG_DONT_VERIFY) && FAILED(result = verify(folder, flags))) return result;
        size = (wcslen(folder) + 1) * sizeof(WCHAR);
        if (!(*path = HeapAlloc(GetProcessHeap(), 0, size))) return E_OUTOFMEMORY;  /* as CoTaskMemAlloc does: the caller frees it so */
        memcpy(*path, folder, size);
        return S_OK;
    }
    return HRESULT_FROM_WIN32(ERROR_FILE_NOT_FOUND);
}
