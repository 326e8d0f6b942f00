/* Files by name: stat, access, unlink, directories, searching, temporary names. */
#include "crt.h"

#define EPOCH 116444736000000000ll
FILE *_wfopen(const crt_wchar *path, const crt_wchar *mode);
FILE *_fdopen(int fd, const char *mode);
int sprintf(char *buffer, const char *format, ...);
intptr_t _get_osfhandle(int fd);

/* Calls a wide function with a narrow path. */
#define NARROW(type, bad, call) { crt_wchar *wide = path ? crt_to_wide(path) : NULL; type ret = wide ? (call) : (errno = path ? E_NOMEM : E_INVAL, bad); free(wide); return ret; }

static int win32_result(BOOL ok)
{
    if (ok) return 0;
    crt_set_errno_from_win32(GetLastError());
    return -1;
}
CRT_API(int, _wunlink, const crt_wchar *path) { return win32_result(DeleteFileW((WCHAR *)path)); }
CRT_API(int, _wremove, const crt_wchar *path) { return win32_result(DeleteFileW((WCHAR *)path)); }
CRT_API(int, _unlink, const char *path) NARROW(int, -1, _wunlink(wide))
CRT_API(int, remove, const char *path) NARROW(int, -1, _wunlink(wide))
CRT_API(int, _wmkdir, const crt_wchar *path) { return win32_result(CreateDirectoryW((WCHAR *)path, NULL)); }
CRT_API(int, _mkdir, const char *path) NARROW(int, -1, _wmkdir(wide))
CRT_API(int, _wrmdir, const crt_wchar *path) { return win32_result(RemoveDirectoryW((WCHAR *)path)); }
CRT_API(int, _rmdir, const char *path) NARROW(int, -1, _wrmdir(wide))
CRT_API(int, _wchdir, const crt_wchar *path) { return win32_result(SetCurrentDirectoryW((WCHAR *)path)); }
CRT_API(int, _chdir, const char *path) NARROW(int, -1, _wchdir(wide))
CRT_API(int, _wrename, const crt_wchar *from, const crt_wchar *to) { return win32_result(MoveFileExW((WCHAR *)from, (WCHAR *)to, MOVEFILE_COPY_ALLOWED)); }
CRT_API(int, rename, const char *from, const char *to)
{
    crt_wchar *a = crt_to_wide(from), *b = crt_to_wide(to);
    int ret = a && b ? _wrename(a, b) : crt_fail(E_NOMEM);
    free(a);
    free(b);
    return ret;
}
CRT_API(int, _waccess, const crt_wchar *path, int mode)
{
    DWORD attributes = path ? GetFileAttributesW((WCHAR *)path) : INVALID_FILE_ATTRIBUTES;

    if (!path || (mode & ~6)) return crt_fail(E_INVAL);
    if (attributes == INVALID_FILE_ATTRIBUTES) return win32_result(FALSE);
    if ((mode & 2) && (attributes & FILE_ATTRIBUTE_READONLY) && !(attributes & FILE_ATTRIBUTE_DIRECTORY)) return crt_fail(E_ACCES);
    return 0;
}
CRT_API(int, _access, const char *path, int mode) NARROW(int, -1, _waccess(wide, mode))
CRT_API(int, _access_s, const char *path, int mode) { return _access(path, mode) ? errno : 0; }
CRT_API(int, _wchmod, const crt_wchar *path, int mode)
{
    DWORD attributes = GetFileAttributesW((WCHAR *)path);

    if (attributes == INVALID_FILE_ATTRIBUTES) return win32_result(FALSE);
    if (mode & 0x80) attributes &= ~FILE_ATTRIBUTE_READONLY;
    else attributes |= FILE_ATTRIBUTE_READONLY;
    return win32_result(SetFileAttributesW((WCHAR *)path, attributes));
}
CRT_API(int, _chmod, const char *path, int mode) NARROW(int, -1, _wchmod(wide, mode))

CRT_API(crt_wchar *, _wgetcwd, crt_wchar *buffer, int size)
{
    WCHAR path[MAX_PATH * 4];
    DWORD n = GetCurrentDirectoryW(ARRAYSIZE(path), path);

    if (!n || n >= ARRAYSIZE(path)) { errno = E_NOENT; return NULL; }
    if (!buffer && !(buffer = malloc((size > (int)n ? size : (int)n + 1) * sizeof(*buffer)))) { errno = E_NOMEM; return NULL; }
    else if (buffer && size && size <= (int)n) { errno = E_RANGE; return NULL; }
    memcpy(buffer, path, (n + 1) * sizeof(*buffer));
    return buffer;
}
CRT_API(char *, _getcwd, char *buffer, int size)
{
    crt_wchar *wide = _wgetcwd(NULL, 0);
    char *path = wide ? crt_to_narrow(wide) : NULL;
    int n = path ? (int)strlen(path) + 1 : 0;

    free(wide);
    if (!path) return NULL;
    if (!buffer && size <= n) return path;
    if (!buffer && !(buffer = malloc(size))) { free(path); errno = E_NOMEM; return NULL; }
    if (n > size) { free(path); errno = E_RANGE; return NULL; }
    memcpy(buffer, path, n);
    free(path);
    return buffer;
}
CRT_API(int, _getdrive, void)
{
    WCHAR path[MAX_PATH];
    DWORD n = GetCurrentDirectoryW(ARRAYSIZE(path), path);
    return n && path[1] == ':' ? (path[0] & ~32) - 'A' + 1 : 0;
}
CRT_API(crt_wchar *, _wfullpath, crt_wchar *out, const crt_wchar *path, size_t size)
{
    DWORD need;

    if (!path || !*path) return _wgetcwd(out, (int)size);
    need = GetFullPathNameW((WCHAR *)path, 0, NULL, NULL);
    if (!out && !(out = malloc((size = need) * sizeof(*out)))) { errno = E_NOMEM; return NULL; }
    if (need > size) { errno = E_RANGE; return NULL; }
    GetFullPathNameW((WCHAR *)path, (DWORD)size, (WCHAR *)out, NULL);
    return out;
}
CRT_API(char *, _fullpath, char *out, const char *path, size_t size)
{
    crt_wchar *wide = path ? crt_to_wide(path) : NULL, *full = _wfullpath(NULL, wide, 0);
    char *narrow = full ? crt_to_narrow(full) : NULL;
    size_t n = narrow ? strlen(narrow) + 1 : 0;

    free(wide);
    free(full);
    if (!narrow || !out) return narrow;
    if (n > size) { free(narrow); errno = E_RANGE; return NULL; }
    memcpy(out, narrow, n);
    free(narrow);
    return out;
}

/* ---- stat: struct _stat64 (st_size 64 bits), _stat (32-bit size, 64-bit times: what _stat64i32 is) ---------------------- */
struct stat64
{
    unsigned int st_dev;
    unsigned short st_ino, st_mode;
    short st_nlink, st_uid, st_gid;
    unsigned int st_rdev;
    long long st_size, st_atime, st_mtime, st_ctime;
};
struct stat64i32
{
    unsigned int st_dev;
    unsigned short st_ino, st_mode;
    short st_nlink, st_uid, st_gid;
    unsigned int st_rdev;
    int st_size;
    long long st_atime, st_mtime, st_ctime;
};
static long long time_of(const FILETIME *ft)
{
    long long t = (long long)ft->dwHighDateTime << 32 | ft->dwLowDateTime;
    return t ? (t - EPOCH) / 10000000 : 0;
}
static int mode_of(DWORD attributes, const crt_wchar *path)
{
    static const char *const runs[] = { ".exe", ".com", ".bat", ".cmd" };
    int mode = attributes & FILE_ATTRIBUTE_DIRECTORY ? 0x4000 | 0x40 : 0x8000;
    size_t n = path ? wcslen(path) : 0, i, j;

    mode |= 0x100;
    if (!(attributes & FILE_ATTRIBUTE_READONLY)) mode |= 0x80;
    if (n > 4)
        for (i = 0; i < 4; i++)
        {
            for (j = 0; j < 4 && ((path[n - 4 + j] | (j ? 32 : 0)) == runs[i][j]); j++) {}
            if (j == 4) mode |= 0x40;
        }
    return mode | (mode & 0x1c0) >> 3 | (mode & 0x1c0) >> 6;
}
CRT_API(int, _fstat64, int fd, struct stat64 *out)
{
    BY_HANDLE_FILE_INFORMATION info;
    HANDLE handle = (HANDLE)_get_osfhandle(fd);
    DWORD type;

    if (handle == INVALID_HANDLE_VALUE) return -1;
    if (!out) return crt_fail(E_INVAL);
    memset(out, 0, sizeof(*out));
    out->st_nlink = 1;
    type = GetFileType(handle) & ~FILE_TYPE_REMOTE;
    if (type != FILE_TYPE_DISK)
    {
        out->st_mode = type == FILE_TYPE_PIPE ? 0x1000 : 0x2000;
        out->st_dev = out->st_rdev = fd;
        return 0;
    }
    if (!GetFileInformationByHandle(handle, &info)) return win32_result(FALSE);
    out->st_mode = mode_of(info.dwFileAttributes, NULL);
    out->st_nlink = info.nNumberOfLinks;
    out->st_size = (long long)info.nFileSizeHigh << 32 | info.nFileSizeLow;
    out->st_atime = time_of(&info.ftLastAccessTime);
    out->st_mtime = time_of(&info.ftLastWriteTime);
    out->st_ctime = time_of(&info.ftCreationTime);
    return 0;
}
CRT_API(int, _wstat64, const crt_wchar *path, struct stat64 *out)
{
    WIN32_FILE_ATTRIBUTE_DATA info;

    size_t n;

    if (!path || !out) return crt_fail(E_INVAL);
    n = wcslen(path);
    /* a folder's name does not end with a slash, but for a drive's root */
    if (n > 1 && (path[n - 1] == '\\' || path[n - 1] == '/') && !(n == 3 && path[1] == ':')) return crt_fail(E_NOENT);
    if (!GetFileAttributesExW((WCHAR *)path, GetFileExInfoStandard, &info)) { win32_result(FALSE); return crt_fail(E_NOENT); }
    memset(out, 0, sizeof(*out));
    if (path[0] && path[1] == ':') out->st_dev = out->st_rdev = (path[0] & ~32) - 'A';
    out->st_nlink = 1;
    out->st_mode = mode_of(info.dwFileAttributes, path);
    out->st_size = (long long)info.nFileSizeHigh << 32 | info.nFileSizeLow;
    out->st_atime = time_of(&info.ftLastAccessTime);
    out->st_mtime = time_of(&info.ftLastWriteTime);
    out->st_ctime = time_of(&info.ftCreationTime);
    return 0;
}
CRT_API(int, _stat64, const char *path, struct stat64 *out) NARROW(int, -1, _wstat64(wide, out))
static int to_small(int ret, const struct stat64 *in, struct stat64i32 *out)
{
    if (ret) return ret;
    memset(out, 0, sizeof(*out));
    memcpy(out, in, offsetof(struct stat64, st_size));
    out->st_size = (int)in->st_size;
    out->st_atime = in->st_atime;
    out->st_mtime = in->st_mtime;
    out->st_ctime = in->st_ctime;
    return 0;
}
CRT_API(int, _fstat, int fd, struct stat64i32 *out) { struct stat64 big; return to_small(_fstat64(fd, &big), &big, out); }
CRT_API(int, _stat, const char *path, struct stat64i32 *out) { struct stat64 big; return to_small(_stat64(path, &big), &big, out); }
CRT_API(int, _wstat, const crt_wchar *path, struct stat64i32 *out) { struct stat64 big; return to_small(_wstat64(path, &big), &big, out); }

struct utime { long long actime, modtime; };
CRT_API(int, _wutime64, const crt_wchar *path, const struct utime *times)
{
    HANDLE file = CreateFileW((WCHAR *)path, FILE_WRITE_ATTRIBUTES, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, FILE_FLAG_BACKUP_SEMANTICS, NULL);
    FILETIME access, write;
    long long t;
    int ret;

    if (file == INVALID_HANDLE_VALUE) return win32_result(FALSE);
    if (times)
    {
        t = times->actime * 10000000 + EPOCH; access.dwLowDateTime = (DWORD)t; access.dwHighDateTime = (DWORD)(t >> 32);
        t = times->modtime * 10000000 + EPOCH; write.dwLowDateTime = (DWORD)t; write.dwHighDateTime = (DWORD)(t >> 32);
    }
    else { GetSystemTimeAsFileTime(&access); write = access; }
    ret = win32_result(SetFileTime(file, NULL, &access, &write));
    CloseHandle(file);
    return ret;
}
CRT_API(int, _utime64, const char *path, const struct utime *times) NARROW(int, -1, _wutime64(wide, times))

/* ---- searching ------------------------------------------------------------------------------------------------------------ */
struct wfinddata64 { unsigned int attrib; long long time_create, time_access, time_write, size; crt_wchar name[260]; };
struct finddata64 { unsigned int attrib; long long time_create, time_access, time_write, size; char name[260]; };
struct wfinddata64i32 { unsigned int attrib; long long time_create, time_access, time_write; unsigned int size; crt_wchar name[260]; };
struct finddata64i32 { unsigned int attrib; long long time_create, time_access, time_write; unsigned int size; char name[260]; };

static intptr_t find_result(bool ok, intptr_t value)
{
    if (ok) return value;
    switch (GetLastError())
    {
    case ERROR_NO_MORE_FILES: case ERROR_FILE_NOT_FOUND: case ERROR_PATH_NOT_FOUND: errno = E_NOENT; break;
    case ERROR_NOT_ENOUGH_MEMORY: errno = E_NOMEM; break;
    default: errno = E_INVAL;
    }
    return -1;
}
#define FIND_FILL(out, in, wide) do { \
    (out)->attrib = (in)->dwFileAttributes == FILE_ATTRIBUTE_NORMAL ? 0 : (in)->dwFileAttributes; \
    (out)->time_create = time_of(&(in)->ftCreationTime); (out)->time_access = time_of(&(in)->ftLastAccessTime); \
    (out)->time_write = time_of(&(in)->ftLastWriteTime); (out)->size = (long long)(in)->nFileSizeHigh << 32 | (in)->nFileSizeLow; \
    if (wide) memcpy((out)->name, (in)->cFileName, sizeof((in)->cFileName)); \
    else WideCharToMultiByte(CP_ACP, 0, (in)->cFileName, -1, (char *)(out)->name, 260, NULL, NULL); } while (0)
#define FIND(kind, first, next, path_type, wide) \
CRT_API(intptr_t, first, const path_type *path, struct kind *out) \
{ \
    WIN32_FIND_DATAW data; \
    crt_wchar *w = wide ? NULL : crt_to_wide((const char *)path); \
    HANDLE find = FindFirstFileW(wide ? (const WCHAR *)path : (WCHAR *)w, &data); \
    free(w); \
    if (find != INVALID_HANDLE_VALUE) FIND_FILL(out, &data, wide); \
    return find_result(find != INVALID_HANDLE_VALUE, (intptr_t)find); \
} \
CRT_API(int, next, intptr_t find, struct kind *out) \
{ \
    WIN32_FIND_DATAW data; \
    bool ok = FindNextFileW((HANDLE)find, &data); \
    if (ok) FIND_FILL(out, &data, wide); \
    return (int)find_result(ok, 0); \
}
FIND(wfinddata64, _wfindfirst64, _wfindnext64, crt_wchar, true)
FIND(finddata64, _findfirst64, _findnext64, char, false)
FIND(wfinddata64i32, _wfindfirst, _wfindnext, crt_wchar, true)
FIND(finddata64i32, _findfirst, _findnext, char, false)
CRT_API(int, _findclose, intptr_t find) { return win32_result(FindClose((HANDLE)find)); }

/* ---- temporary files ---------------------------------------------------------------------------------------------------------- */
CRT_API(char *, _mktemp, char *pattern)
{
    size_t n = strlen(pattern);
    DWORD pid = GetCurrentProcessId();
    int i;

    if (n < 6) { errno = E_INVAL; return NULL; }
    for (i = 1; i <= 6; i++) if (pattern[n - i] != 'X') { errno = E_INVAL; return NULL; }
    for (i = 1; i <= 5; i++, pid /= 10) pattern[n - i] = '0' + pid % 10;
    for (i = 'a'; i <= 'z'; i++)
    {
        pattern[n - 6] = i;
        if (GetFileAttributesA(pattern) == INVALID_FILE_ATTRIBUTES) return pattern;
    }
    errno = E_EXIST;
    return NULL;
}
CRT_API(char *, _tempnam, const char *dir, const char *prefix)
{
    static LONG serial;
    char temp[MAX_PATH], *out;
    int tries;

    if (!dir || GetFileAttributesA(dir) == INVALID_FILE_ATTRIBUTES) { GetTempPathA(sizeof(temp), temp); dir = temp; }
    if (!(out = malloc(strlen(dir) + (prefix ? strlen(prefix) : 0) + 32))) { errno = E_NOMEM; return NULL; }
    for (tries = 0; tries < 10000; tries++)
    {
        size_t n = strlen(dir);
        bool slash = n && (dir[n - 1] == '\\' || dir[n - 1] == '/');
        sprintf(out, "%s%s%s%lx.%ld", dir, slash ? "" : "\\", prefix ? prefix : "", (unsigned long)GetCurrentProcessId(), (long)InterlockedIncrement(&serial));
        if (GetFileAttributesA(out) == INVALID_FILE_ATTRIBUTES) return out;
    }
    free(out);
    errno = E_EXIST;
    return NULL;
}
CRT_API(char *, tmpnam, char *out)
{
    static char own[MAX_PATH];
    char *name = _tempnam(NULL, "s");

    if (!name) return NULL;
    if (!out) out = own;
    strcpy(out, name);
    free(name);
    return out;
}
CRT_API(FILE *, tmpfile, void)
{
    char *name = _tempnam(NULL, "t");
    crt_wchar *wide = name ? crt_to_wide(name) : NULL;
    int fd = wide ? crt_open_wide(wide, 0x100 | 0x400 | 0x40 | 0x8000 | 2, 0x40, 0x180) : -1;
    FILE *file = fd >= 0 ? _fdopen(fd, "w+b") : NULL;

    if (fd >= 0 && !file) _close(fd);
    free(wide);
    free(name);
    return file;
}
