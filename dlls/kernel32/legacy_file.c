/* Files as 16-bit programs know them: _lopen and its kind, OpenFile. */
#include <stdarg.h>
#include <string.h>

#define _KERNEL32_
#include "windef.h"
#undef __WINESRC__
#include "winbase.h"
#define __WINESRC__

/* How OF_x says access and sharing. FALSE if it does not make sense. */
static void open_mode(UINT mode, DWORD *access, DWORD *sharing)
{
    switch (mode & 3)
    {
    case OF_WRITE: *access = GENERIC_WRITE; break;
    case OF_READWRITE: *access = GENERIC_READ | GENERIC_WRITE; break;
    default: *access = GENERIC_READ; break;
    }
    switch (mode & 0x70)
    {
    case OF_SHARE_EXCLUSIVE: *sharing = 0; break;
    case OF_SHARE_DENY_WRITE: *sharing = FILE_SHARE_READ; break;
    case OF_SHARE_DENY_READ: *sharing = FILE_SHARE_WRITE; break;
    default: *sharing = FILE_SHARE_READ | FILE_SHARE_WRITE; break;
    }
}

HFILE WINAPI _lopen(const char *name, INT mode)
{
    DWORD access, sharing;

    open_mode((UINT)mode, &access, &sharing);
    return (HFILE)(ULONG_PTR)CreateFileA(name, access, sharing, NULL, OPEN_EXISTING, 0, NULL);
}

HFILE WINAPI _lcreat(const char *name, INT attributes)
{
    /* Only these attributes can be given. */
    attributes &= FILE_ATTRIBUTE_READONLY | FILE_ATTRIBUTE_HIDDEN | FILE_ATTRIBUTE_SYSTEM;
    return (HFILE)(ULONG_PTR)CreateFileA(name, GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, CREATE_ALWAYS,
                                         (DWORD)attributes, NULL);
}

HFILE WINAPI _lclose(HFILE file)
{
    return CloseHandle((HANDLE)(LONG_PTR)file) ? 0 : HFILE_ERROR;
}

LONG WINAPI _hread(HFILE file, void *buffer, LONG size)
{
    DWORD done;

    return ReadFile((HANDLE)(LONG_PTR)file, buffer, (DWORD)size, &done, NULL) ? (LONG)done : HFILE_ERROR;
}

UINT WINAPI _lread(HFILE file, void *buffer, UINT size)
{
    return (UINT)_hread(file, buffer, (LONG)size);
}

LONG WINAPI _hwrite(HFILE file, const char *buffer, LONG size)
{
    DWORD done;

    /* Writing nothing ends the file here. */
    if (!size) return SetEndOfFile((HANDLE)(LONG_PTR)file) ? 0 : HFILE_ERROR;
    return WriteFile((HANDLE)(LONG_PTR)file, buffer, (DWORD)size, &done, NULL) ? (LONG)done : HFILE_ERROR;
}

UINT WINAPI _lwrite(HFILE file, const char *buffer, UINT size)
{
    return (UINT)_hwrite(file, buffer, (LONG)size);
}

LONG WINAPI _llseek(HFILE file, LONG offset, INT origin)
{
    return (LONG)SetFilePointer((HANDLE)(LONG_PTR)file, offset, NULL, (DWORD)origin);
}

UINT WINAPI SetHandleCount(UINT count)
{
    return count;       /* handles are not counted since 32-bit Windows */
}

HFILE WINAPI OpenFile(const char *name, OFSTRUCT *info, UINT mode)
{
    DWORD access, sharing;
    FILETIME written;
    WORD time[2];
    HANDLE file;

    if (!info) return HFILE_ERROR;
    if (mode & OF_REOPEN) name = info->szPathName;
    if (!name) return HFILE_ERROR;
    if (mode & OF_PARSE)
    {
        info->cBytes = sizeof(*info);
        info->nErrCode = 0;
        if (GetFullPathNameA(name, sizeof(info->szPathName), info->szPathName, NULL) < sizeof(info->szPathName)) return 0;
        goto failed;
    }
    open_mode(mode, &access, &sharing);
    if (mode & OF_CREATE)
    {
        if (!GetFullPathNameA(name, sizeof(info->szPathName), info->szPathName, NULL)) goto failed;
        file = CreateFileA(name, GENERIC_READ | GENERIC_WRITE, sharing, NULL, CREATE_ALWAYS, FILE_ATTRIBUTE_NORMAL, NULL);
    }
    else
    {
        /* A name without a folder is looked for where programs are. */
        if (mode & OF_REOPEN) ;
        else if (!SearchPathA(NULL, name, NULL, sizeof(info->szPathName), info->szPathName, NULL)) goto failed;
        if (mode & OF_DELETE)
        {
            if (!DeleteFileA(info->szPathName)) goto failed;
            info->cBytes = sizeof(*info);
            info->nErrCode = 0;
            return TRUE;
        }
        file = CreateFileA(info->szPathName, access, sharing, NULL, OPEN_EXISTING, 0, NULL);
    }
    if (file == INVALID_HANDLE_VALUE) goto failed;
    info->cBytes = sizeof(*info);
    info->fFixedDisk = TRUE;
    info->nErrCode = 0;
    GetFileTime(file, NULL, NULL, &written);
    FileTimeToDosDateTime(&written, &time[0], &time[1]);
    if ((mode & OF_VERIFY) && memcmp(time, &info->Reserved1, sizeof(time)))
    {
        CloseHandle(file);
        SetLastError(ERROR_ACCESS_DENIED);
        goto failed;
    }
    memcpy(&info->Reserved1, time, sizeof(time));
    if (mode & OF_EXIST)
    {
        CloseHandle(file);
        return TRUE;
    }
    return (HFILE)(ULONG_PTR)file;

failed:
    info->nErrCode = (WORD)GetLastError();
    return HFILE_ERROR;
}
