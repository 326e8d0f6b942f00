/* File descriptors: small integers over Windows handles, with text mode.
 *
 * In text mode \r\n becomes \n when reading, \n becomes \r\n when writing, and Ctrl-Z ends a file that is
 * being read (never a device). In the Unicode text modes the caller's side is UTF-16 and the file UTF-8 or UTF-16.
 * fd_lock guards the table; I/O itself runs outside of it. Reading and writing are in fd_io.c.
 */
#include "fd.h"

struct fd crt_fds[FD_MAX];
#define fds crt_fds
static RTL_SRWLOCK fd_lock;

static int umask_value;
int _fmode;                             /* a program sets it to _O_BINARY to make that the default */

struct fd *crt_fd_get(int fd)
{
    if (fd < 0 || fd >= FD_MAX || !(fds[fd].flags & FD_OPEN)) { *__doserrno() = 0; errno = E_BADF; return NULL; }
    return &fds[fd];
}

static unsigned char type_flags(HANDLE handle)
{
    DWORD mode;

    switch (GetFileType(handle) & ~FILE_TYPE_REMOTE)
    {
    case FILE_TYPE_CHAR:
        return GetConsoleMode(handle, &mode) ? FD_DEVICE | FD_CONSOLE : FD_DEVICE;
    case FILE_TYPE_PIPE: return FD_PIPE;
    }
    return 0;
}

int crt_fd_new(HANDLE handle, unsigned char flags)
{
    int fd;

    RtlAcquireSRWLockExclusive(&fd_lock);
    for (fd = 0; fd < FD_MAX; fd++)
        if (!(fds[fd].flags & FD_OPEN))
        {
            fds[fd].handle = handle;
            fds[fd].pending_count = fds[fd].encoding = 0;
            fds[fd].high = 0;
            fds[fd].last_raw = 0;
            fds[fd].flags = flags | FD_OPEN;
            break;
        }
    RtlReleaseSRWLockExclusive(&fd_lock);
    if (fd == FD_MAX) return crt_fail(E_MFILE);
    return fd;
}

void crt_fd_init(void)
{
    static const DWORD ids[] = { STD_INPUT_HANDLE, STD_OUTPUT_HANDLE, STD_ERROR_HANDLE };
    STARTUPINFOW info;
    int i;

    /* a parent's C runtime may have handed over its descriptors: count, flags, handles */
    GetStartupInfoW(&info);
    if (info.cbReserved2 > 4 && info.lpReserved2)
    {
        const unsigned char *p = info.lpReserved2;
        unsigned int count = *(const unsigned int *)p, n;
        if (count <= (info.cbReserved2 - 4) / (1 + sizeof(HANDLE)) && count <= FD_MAX)
            for (n = 0; n < count; n++)
            {
                HANDLE handle;
                memcpy(&handle, p + 4 + count + n * sizeof(HANDLE), sizeof(handle));
                if (!(p[4 + n] & FD_OPEN) || handle == INVALID_HANDLE_VALUE || !handle) continue;
                fds[n].handle = handle;
                fds[n].flags = p[4 + n];
            }
    }
    for (i = 0; i < 3; i++)
    {
        HANDLE handle = GetStdHandle(ids[i]);
        if (fds[i].flags & FD_OPEN) continue;
        if (!handle || handle == INVALID_HANDLE_VALUE) { _iob[i]._file = -2; continue; }
        fds[i].handle = handle;
        fds[i].flags = FD_OPEN | FD_TEXT | type_flags(handle);
    }
}

CRT_API(intptr_t, _get_osfhandle, int fd)
{
    struct fd *f = crt_fd_get(fd);
    return f ? (intptr_t)f->handle : -1;
}

CRT_API(int, _open_osfhandle, intptr_t handle, int flags)
{
    unsigned char type = type_flags((HANDLE)handle);

    if (flags & O_APPEND_) type |= FD_APPEND;
    if (flags & (O_TEXT_ | UNICODE_MODES)) type |= FD_TEXT;
    return crt_fd_new((HANDLE)handle, type);
}

int crt_open_wide(const crt_wchar *path, int flags, int share, int mode)
{
    static const DWORD accesses[] = { GENERIC_READ, GENERIC_WRITE, GENERIC_READ | GENERIC_WRITE, 0 };
    SECURITY_ATTRIBUTES sa = { sizeof(sa), NULL, !(flags & O_NOINHERIT_) };
    DWORD access = accesses[flags & 3], sharing, disposition, attributes = FILE_ATTRIBUTE_NORMAL;
    unsigned char type = 0;
    HANDLE handle;
    int fd;

    if (!path || !access) { errno = E_INVAL; return -1; }
    switch (share)
    {
    case 0x10: sharing = 0; break;                                      /* _SH_DENYRW */
    case 0x20: sharing = FILE_SHARE_READ; break;                        /* _SH_DENYWR */
    case 0x30: sharing = FILE_SHARE_WRITE; break;                       /* _SH_DENYRD */
    case 0x40: sharing = FILE_SHARE_READ | FILE_SHARE_WRITE; break;     /* _SH_DENYNO */
    default: errno = E_INVAL; return -1;
    }
    switch (flags & (O_CREAT_ | O_EXCL_ | O_TRUNC_))
    {
    case O_CREAT_ | O_EXCL_: case O_CREAT_ | O_EXCL_ | O_TRUNC_: disposition = CREATE_NEW; break;
    case O_CREAT_ | O_TRUNC_: disposition = CREATE_ALWAYS; break;
    case O_CREAT_: disposition = OPEN_ALWAYS; break;
    case O_TRUNC_: case O_TRUNC_ | O_EXCL_: disposition = TRUNCATE_EXISTING; break;
    default: disposition = OPEN_EXISTING; break;
    }
    if ((flags & O_CREAT_) && !(mode & ~umask_value & 0x80)) attributes = FILE_ATTRIBUTE_READONLY;
    if (flags & O_TEMPORARY_)
    {
        attributes |= FILE_FLAG_DELETE_ON_CLOSE;
        access |= DELETE;
        sharing |= FILE_SHARE_DELETE;
    }
    if (flags & O_SHORT_LIVED_) attributes |= FILE_ATTRIBUTE_TEMPORARY;
    if (flags & O_SEQUENTIAL_) attributes |= FILE_FLAG_SEQUENTIAL_SCAN;
    if (flags & O_RANDOM_) attributes |= FILE_FLAG_RANDOM_ACCESS;

    /* who adds to a Unicode file looks at its mark first */
    handle = INVALID_HANDLE_VALUE;
    if ((flags & UNICODE_MODES) && (flags & 3) == O_WRONLY_)
        handle = CreateFileW(path, access | GENERIC_READ, sharing, &sa, disposition, attributes, NULL);
    if (handle == INVALID_HANDLE_VALUE) handle = CreateFileW(path, access, sharing, &sa, disposition, attributes, NULL);
    if (handle == INVALID_HANDLE_VALUE)
    {
        crt_set_errno_from_win32(GetLastError());
        return -1;
    }
    if (flags & O_APPEND_) type |= FD_APPEND;
    if (!(flags & O_BINARY_) && ((flags & (O_TEXT_ | UNICODE_MODES)) || _fmode != O_BINARY_))
        type |= FD_TEXT;
    if ((fd = crt_fd_new(handle, type | type_flags(handle))) < 0) { CloseHandle(handle); return -1; }
    if (flags & UNICODE_MODES) crt_fd_find_encoding(&fds[fd], flags);
    return fd;
}

CRT_API(int, _wsopen, const crt_wchar *path, int flags, int share, ...)
{
    va_list args;
    int mode;

    va_start(args, share);
    mode = flags & O_CREAT_ ? va_arg(args, int) : 0;
    va_end(args);
    return crt_open_wide(path, flags, share, mode);
}

static int open_narrow(const char *path, int flags, int share, int mode)
{
    crt_wchar *wide = path ? crt_to_wide(path) : NULL;
    int fd = wide ? crt_open_wide(wide, flags, share, mode) : crt_fail(path ? E_NOMEM : E_INVAL);
    free(wide);
    return fd;
}

CRT_API(int, _sopen, const char *path, int flags, int share, ...)
{
    va_list args;
    int mode;

    va_start(args, share);
    mode = flags & O_CREAT_ ? va_arg(args, int) : 0;
    va_end(args);
    return open_narrow(path, flags, share, mode);
}

CRT_API(int, _open, const char *path, int flags, ...)
{
    va_list args;
    int mode;

    va_start(args, flags);
    mode = flags & O_CREAT_ ? va_arg(args, int) : 0;
    va_end(args);
    return open_narrow(path, flags, 0x40, mode);
}

CRT_API(int, _wopen, const crt_wchar *path, int flags, ...)
{
    va_list args;
    int mode;

    va_start(args, flags);
    mode = flags & O_CREAT_ ? va_arg(args, int) : 0;
    va_end(args);
    return crt_open_wide(path, flags, 0x40, mode);
}

CRT_API(int, _sopen_s, int *fd, const char *path, int flags, int share, int mode)
{
    if (!fd) { errno = E_INVAL; return E_INVAL; }
    *fd = open_narrow(path, flags, share, mode);
    return *fd < 0 ? errno : 0;
}
CRT_API(int, _wsopen_s, int *fd, const crt_wchar *path, int flags, int share, int mode)
{
    if (!fd) { errno = E_INVAL; return E_INVAL; }
    *fd = crt_open_wide(path, flags, share, mode);
    return *fd < 0 ? errno : 0;
}
CRT_API(int, _creat, const char *path, int mode) { return open_narrow(path, O_CREAT_ | O_TRUNC_ | O_RDWR_, 0x40, mode); }
CRT_API(int, _wcreat, const crt_wchar *path, int mode) { return crt_open_wide(path, O_CREAT_ | O_TRUNC_ | O_RDWR_, 0x40, mode); }

CRT_API(int, _umask, int mask)
{
    int old = umask_value;
    umask_value = mask;
    return old;
}

int _close(int fd)
{
    struct fd *f = crt_fd_get(fd);
    HANDLE handle;

    if (!f) return -1;
    RtlAcquireSRWLockExclusive(&fd_lock);
    handle = f->handle;
    f->flags = 0;
    RtlReleaseSRWLockExclusive(&fd_lock);
    /* the same handle may be under another descriptor as well (stdout and stderr) */
    if (fd <= 2)
    {
        int other;
        for (other = 0; other <= 2; other++)
            if (other != fd && (fds[other].flags & FD_OPEN) && fds[other].handle == handle) return 0;
    }
    if (CloseHandle(handle)) return 0;
    crt_set_errno_from_win32(GetLastError());
    return -1;
}

long long _lseeki64(int fd, long long offset, int origin)
{
    struct fd *f = crt_fd_get(fd);
    LARGE_INTEGER to, now;

    if (!f) return -1;
    if (origin == 1) offset -= f->pending_count;
    to.QuadPart = offset;
    if (!SetFilePointerEx(f->handle, to, &now, origin))
    {
        crt_set_errno_from_win32(GetLastError());
        return -1;
    }
    f->pending_count = 0;
    f->last_raw = 0;
    f->flags &= ~FD_EOF;
    return now.QuadPart;
}
CRT_API(long, _lseek, int fd, long offset, int origin)
{
    long long at = _lseeki64(fd, offset, origin);
    return at != (long)at ? crt_fail(E_INVAL) : (long)at;
}
CRT_API(long long, _telli64, int fd) { return _lseeki64(fd, 0, 1); }
CRT_API(long, _tell, int fd) { return _lseek(fd, 0, 1); }

CRT_API(long long, _filelengthi64, int fd)
{
    struct fd *f = crt_fd_get(fd);
    LARGE_INTEGER size;

    if (!f) return -1;
    if (GetFileSizeEx(f->handle, &size)) return size.QuadPart;
    crt_set_errno_from_win32(GetLastError());
    return -1;
}
CRT_API(long, _filelength, int fd) { return _filelengthi64(fd); }

CRT_API(int, _eof, int fd)
{
    long long now = _lseeki64(fd, 0, 1), size = _filelengthi64(fd);
    if (now < 0 || size < 0) return -1;
    return now >= size;
}

CRT_API(int, _isatty, int fd)
{
    struct fd *f = crt_fd_get(fd);
    return f && (f->flags & FD_DEVICE) ? 0x40 : 0;
}

bool crt_fd_is_console(int fd) { return fd >= 0 && fd < FD_MAX && (fds[fd].flags & (FD_OPEN | FD_CONSOLE)) == (FD_OPEN | FD_CONSOLE); }

CRT_API(int, _setmode, int fd, int mode)
{
    struct fd *f = crt_fd_get(fd);
    int old;

    if (!f) return -1;
    old = !(f->flags & FD_TEXT) ? O_BINARY_ : f->encoding ? O_WTEXT_ : O_TEXT_;
    switch (mode)
    {
    case O_TEXT_: case O_BINARY_: f->encoding = ENC_ANSI; break;
    case O_WTEXT_: case O_U16TEXT_: f->encoding = ENC_UTF16; break;
    case O_U8TEXT_: f->encoding = ENC_UTF8; break;
    default: return crt_fail(E_INVAL);
    }
    if (mode == O_BINARY_) f->flags &= ~FD_TEXT;
    else f->flags |= FD_TEXT;
    return old;
}
bool crt_fd_is_wide(int fd) { return fd >= 0 && fd < FD_MAX && (fds[fd].flags & FD_OPEN) && (!(fds[fd].flags & FD_TEXT) || fds[fd].encoding); }
bool crt_fd_is_text(int fd) { return fd >= 0 && fd < FD_MAX && (fds[fd].flags & FD_TEXT); }
bool crt_fd_appends(int fd) { return fd >= 0 && fd < FD_MAX && (fds[fd].flags & FD_APPEND); }

CRT_API(int, _commit, int fd)
{
    struct fd *f = crt_fd_get(fd);
    if (!f) return -1;
    if (FlushFileBuffers(f->handle) || GetLastError() == ERROR_INVALID_HANDLE) return 0;
    crt_set_errno_from_win32(GetLastError());
    return -1;
}

CRT_API(int, _chsize_s, int fd, long long size)
{
    struct fd *f = crt_fd_get(fd);
    FILE_END_OF_FILE_INFO end;

    if (!f) return E_BADF;
    if (size < 0) { errno = E_INVAL; return E_INVAL; }
    end.EndOfFile.QuadPart = size;
    if (SetFileInformationByHandle(f->handle, FileEndOfFileInfo, &end, sizeof(end))) return 0;
    crt_set_errno_from_win32(GetLastError());
    return errno;
}
CRT_API(int, _chsize, int fd, long size) { return _chsize_s(fd, size) ? -1 : 0; }

CRT_API(int, _dup2, int from, int to)
{
    struct fd *f = crt_fd_get(from);
    HANDLE handle;

    if (!f || to < 0 || to >= FD_MAX) return crt_fail(E_BADF);
    if (from == to) return 0;
    if (!DuplicateHandle(GetCurrentProcess(), f->handle, GetCurrentProcess(), &handle, 0, TRUE, DUPLICATE_SAME_ACCESS))
    {
        crt_set_errno_from_win32(GetLastError());
        return -1;
    }
    if (fds[to].flags & FD_OPEN) _close(to);
    fds[to].handle = handle;
    fds[to].pending_count = 0;
    fds[to].encoding = f->encoding;
    fds[to].flags = f->flags;
    if (to <= 2) SetStdHandle(to == 0 ? STD_INPUT_HANDLE : to == 1 ? STD_OUTPUT_HANDLE : STD_ERROR_HANDLE, handle);
    return 0;
}

CRT_API(int, _dup, int fd)
{
    struct fd *f = crt_fd_get(fd);
    HANDLE handle;
    int to;

    if (!f) return -1;
    if (!DuplicateHandle(GetCurrentProcess(), f->handle, GetCurrentProcess(), &handle, 0, TRUE, DUPLICATE_SAME_ACCESS))
    {
        crt_set_errno_from_win32(GetLastError());
        return -1;
    }
    if ((to = crt_fd_new(handle, f->flags)) < 0) CloseHandle(handle);
    return to;
}

CRT_API(int, _pipe, int *ends, unsigned int size, int mode)
{
    SECURITY_ATTRIBUTES sa = { sizeof(sa), NULL, !(mode & O_NOINHERIT_) };
    unsigned char text = mode & O_BINARY_ ? 0 : FD_TEXT;
    HANDLE in, out;

    if (!CreatePipe(&in, &out, &sa, size))
    {
        crt_set_errno_from_win32(GetLastError());
        return -1;
    }
    ends[0] = crt_fd_new(in, FD_PIPE | text);
    ends[1] = crt_fd_new(out, FD_PIPE | text);
    if (ends[0] >= 0 && ends[1] >= 0) return 0;
    if (ends[0] >= 0) _close(ends[0]); else CloseHandle(in);
    if (ends[1] >= 0) _close(ends[1]); else CloseHandle(out);
    return -1;
}

CRT_API(int, _locking, int fd, int mode, long count)
{
    struct fd *f = crt_fd_get(fd);
    long long at;
    int tries;

    if (!f) return -1;
    at = _lseeki64(fd, 0, 1);
    if (mode == 0)                                                      /* _LK_UNLCK */
    {
        if (UnlockFile(f->handle, (DWORD)at, (DWORD)(at >> 32), count, 0)) return 0;
        return crt_fail(E_ACCES);
    }
    for (tries = (mode == 1 || mode == 3) ? 10 : 1; tries; tries--)     /* _LK_LOCK, _LK_RLCK: ten seconds */
    {
        if (LockFile(f->handle, (DWORD)at, (DWORD)(at >> 32), count, 0)) return 0;
        if (tries > 1) Sleep(1000);
    }
    return crt_fail(mode == 1 || mode == 3 ? E_DEADLK : E_ACCES);
}
