/* Streams: buffering over descriptors. A stream's lock is held by every public function; the crt_ ones
 * are called with it held.
 *
 * State of a stream: neither (fresh, or after a seek or flush), READING (buffer holds _cnt unread bytes
 * from _ptr) or WRITING (buffer holds _ptr - _base bytes to write, with room for _cnt more).
 */
#include "crt.h"

int _commit(int fd);

#define FILE_BUFFER 4096
#define UNGET_ROOM 8            /* behind it: for what is put back when nothing was taken yet */
#define STREAMS 2048

FILE _iob[IOB_COUNT] = { { ._flag = F_READ, ._file = 0 }, { ._flag = F_WRITE, ._file = 1 }, { ._flag = F_WRITE | F_NBF, ._file = 2 } };
static struct stream { FILE file; } *streams[STREAMS];
static int stream_limit = 512;
static RTL_SRWLOCK table_lock;
static RTL_CRITICAL_SECTION *locks;             /* one per 32nd of the streams is enough */
static RTL_RUN_ONCE locks_once;

static DWORD WINAPI locks_init(RTL_RUN_ONCE *once, void *param, void **context)
{
    RTL_CRITICAL_SECTION *all = calloc(32, sizeof(*all));
    int i;

    (void)once; (void)param; (void)context;
    if (!all) return FALSE;
    for (i = 0; i < 32; i++) RtlInitializeCriticalSection(&all[i]);
    locks = all;
    return TRUE;
}

static RTL_CRITICAL_SECTION *stream_lock(FILE *file)
{
    if (!locks) RtlRunOnceExecuteOnce(&locks_once, locks_init, NULL, NULL);
    return locks + ((uintptr_t)file / sizeof(FILE)) % 32;
}
void crt_stream_lock(FILE *file) { RtlEnterCriticalSection(stream_lock(file)); }
void crt_stream_unlock(FILE *file) { RtlLeaveCriticalSection(stream_lock(file)); }
CRT_API(void, _lock_file, FILE *file) { crt_stream_lock(file); }
CRT_API(void, _unlock_file, FILE *file) { crt_stream_unlock(file); }

CRT_API(FILE *, __iob_func, void) { return _iob; }
CRT_API(FILE *, __acrt_iob_func, unsigned int index) { return &_iob[index]; }
CRT_API(int, _fileno, FILE *file)
{
    if (!file) return crt_fail(E_INVAL);
    return file->_file;
}

CRT_API(int, _getmaxstdio, void) { return stream_limit; }
CRT_API(int, _setmaxstdio, int limit)
{
    if (limit < IOB_COUNT || limit > STREAMS) return crt_fail(E_INVAL);
    return stream_limit = limit;
}

static FILE *stream_new(int fd, int flags)
{
    FILE *file = NULL;
    int i;

    RtlAcquireSRWLockExclusive(&table_lock);
    for (i = 3; i < IOB_COUNT; i++) if (!_iob[i]._flag) { file = &_iob[i]; break; }
    for (i = 0; !file && i < stream_limit - IOB_COUNT; i++)
    {
        if (!streams[i] && !(streams[i] = calloc(1, sizeof(struct stream)))) break;
        if (!streams[i]->file._flag) file = &streams[i]->file;
    }
    if (file)
    {
        memset(file, 0, sizeof(*file));
        file->_file = fd;
        file->_flag = flags;
    }
    RtlReleaseSRWLockExclusive(&table_lock);
    if (!file) errno = E_MFILE;
    return file;
}

static void stream_need_buffer(FILE *file)
{
    if (file->_base || (file->_flag & F_NBF)) { if (file->_base) return; }
    else if ((file->_base = malloc(FILE_BUFFER + UNGET_ROOM)))
    {
        file->_flag |= F_OWNBUF;
        file->_bufsiz = FILE_BUFFER;
        file->_ptr = file->_base;
        file->_cnt = 0;
        return;
    }
    file->_base = (char *)&file->_charbuf;
    file->_bufsiz = 1;
    file->_ptr = file->_base;
    file->_cnt = 0;
    file->_flag |= F_NBF;
}

static int stream_flush(FILE *file)
{
    int count = file->_ptr - file->_base, ret = 0;

    if ((file->_flag & F_WRITING) && count > 0)
    {
        if (_write(file->_file, file->_base, count) != count)
        {
            file->_flag |= F_ERR;
            ret = EOF;
        }
    }
    if (file->_flag & F_WRITING)
    {
        file->_ptr = file->_base;
        file->_cnt = 0;
        if (file->_flag & F_RW) file->_flag &= ~F_WRITING;
    }
    return ret;
}

/* stdout to a terminal: full buffering per call, so that a printf is one write but nothing lingers. */
static bool stream_is_interactive(FILE *file)
{
    return (file == stdout || file == stderr) && !(file->_flag & (F_LBF | F_USERBUF)) && crt_fd_is_console(file->_file);
}

static bool stream_start_write(FILE *file)
{
    if (file->_flag & F_WRITING) return true;
    if (!(file->_flag & (F_WRITE | F_RW))) { file->_flag |= F_ERR; errno = E_BADF; return false; }
    if (file->_flag & F_READING)
    {
        if (!(file->_flag & F_EOF) && file->_cnt) { file->_flag |= F_ERR; return false; }
        file->_flag &= ~(F_READING | F_EOF);
    }
    stream_need_buffer(file);
    file->_ptr = file->_base;
    file->_cnt = 0;
    file->_flag |= F_WRITING;
    return true;
}

size_t crt_write(const void *data, size_t size, FILE *file)
{
    const char *p = data;
    size_t left = size;

    if (!stream_start_write(file)) return 0;
    while (left)
    {
        size_t used = file->_ptr - file->_base, room = file->_bufsiz - used, n;
        if (file->_flag & F_NBF) room = 0;
        if (!used && left >= (size_t)file->_bufsiz)
        {
            n = left > 0x40000000 ? 0x40000000 : left;
            if (_write(file->_file, p, n) != (int)n) { file->_flag |= F_ERR; return size - left; }
        }
        else
        {
            n = left < room ? left : room;
            memcpy(file->_ptr, p, n);
            file->_ptr += n;
            if (file->_ptr - file->_base == file->_bufsiz)
            {
                if (stream_flush(file)) return size - left;
                file->_flag |= F_WRITING;
            }
        }
        p += n;
        left -= n;
    }
    file->_cnt = 0;
    if (size && stream_is_interactive(file)) stream_flush(file);
    return size;
}

int crt_putc(int c, FILE *file)
{
    char byte = c;

    if ((file->_flag & (F_WRITING | F_NBF)) == F_WRITING && file->_ptr - file->_base < file->_bufsiz - 1 && !stream_is_interactive(file))
    {
        *file->_ptr++ = byte;
        return (unsigned char)byte;
    }
    return crt_write(&byte, 1, file) == 1 ? (unsigned char)c : EOF;
}

static int stream_fill(FILE *file)
{
    int got;

    if (!(file->_flag & (F_READ | F_RW))) { file->_flag |= F_ERR; errno = E_BADF; return EOF; }
    if (file->_flag & F_WRITING)
    {
        stream_flush(file);
        file->_flag &= ~F_WRITING;
    }
    stream_need_buffer(file);
    file->_flag |= F_READING;
    file->_ptr = file->_base;
    got = _read(file->_file, file->_base, file->_bufsiz);
    if (got <= 0)
    {
        file->_flag |= got ? F_ERR : F_EOF;
        file->_cnt = 0;
        return EOF;
    }
    file->_cnt = got - 1;
    return (unsigned char)*file->_ptr++;
}

int crt_getc(FILE *file)
{
    if ((file->_flag & F_READING) && file->_cnt > 0)
    {
        file->_cnt--;
        return (unsigned char)*file->_ptr++;
    }
    return stream_fill(file);
}

int crt_ungetc(int c, FILE *file)
{
    if (c == EOF || !(file->_flag & (F_READ | F_RW)) || (file->_flag & F_WRITING)) return EOF;
    stream_need_buffer(file);
    if (file->_ptr == file->_base)
    {
        if (file->_cnt && (!(file->_flag & F_OWNBUF) || file->_cnt >= file->_bufsiz + UNGET_ROOM)) return EOF;
        memmove(file->_base + 1, file->_base, file->_cnt);
        file->_ptr++;
    }
    *--file->_ptr = c;
    file->_cnt++;
    file->_flag |= F_READING;
    file->_flag &= ~F_EOF;
    return (unsigned char)c;
}

/* for programs whose getc and putc were macros */
CRT_API(int, _filbuf, FILE *file)
{
    int c;
    crt_stream_lock(file);
    c = stream_fill(file);
    crt_stream_unlock(file);
    return c;
}
CRT_API(int, _flsbuf, int c, FILE *file)
{
    int ret;
    crt_stream_lock(file);
    ret = crt_putc(c, file);
    crt_stream_unlock(file);
    return ret;
}

/* ---- opening and closing ---------------------------------------------------------------------------- */
/* ",ccs=UTF-8" and its two fellows; 0: something else */
static int ccs_parse(const crt_wchar *mode)
{
    static const struct { const char *name; int flag; } names[] = { { "ccs=utf-8", 0x40000 }, { "ccs=utf-16le", 0x20000 }, { "ccs=unicode", 0x10000 } };
    char text[32];
    size_t i, n = 0;

    for (; *mode && n < sizeof(text) - 1; mode++) if (*mode != ' ') text[n++] = *mode >= 'A' && *mode <= 'Z' ? *mode + 32 : *mode;
    text[n] = 0;
    for (i = 0; i < 3; i++) if (!strcmp(text, names[i].name)) return names[i].flag;
    return 0;
}
static int mode_parse(const crt_wchar *mode, int *flags)
{
    int stream;

    while (*mode == ' ') mode++;
    switch (*mode++)
    {
    case 'r': *flags = 0; stream = F_READ; break;
    case 'w': *flags = 0x100 | 0x200 | 1; stream = F_WRITE; break;
    case 'a': *flags = 0x100 | 8 | 1; stream = F_WRITE; break;
    default: errno = E_INVAL; return 0;
    }
    for (; *mode && *mode != ','; mode++)
        switch (*mode)
        {
        case '+': *flags = (*flags & ~3) | 2; stream = F_RW; break;
        case 'b': *flags |= 0x8000; break;
        case 't': *flags |= 0x4000; break;
        case 'c': stream |= F_COMMIT; break;
        case 'n': stream &= ~F_COMMIT; break;
        case 'N': *flags |= 0x80; break;
        case 'S': *flags |= 0x20; break;
        case 'R': *flags |= 0x10; break;
        case 'T': *flags |= 0x1000; break;
        case 'D': *flags |= 0x40; break;
        case 'x': *flags |= 0x400; break;
        case ' ': break;
        default: errno = E_INVAL; return 0;
        }
    if (*mode == ',')
    {
        int ccs = ccs_parse(mode + 1);
        if (!ccs) { errno = E_INVAL; return 0; }
        *flags |= ccs;
    }
    return stream;
}

CRT_API(FILE *, _wfsopen, const crt_wchar *path, const crt_wchar *mode, int share)
{
    int flags, stream, fd;
    FILE *file;

    if (!path || !mode) { errno = E_INVAL; return NULL; }
    if (!(stream = mode_parse(mode, &flags))) return NULL;
    if ((fd = crt_open_wide(path, flags, share, 0x180)) < 0) return NULL;
    if (!(file = stream_new(fd, stream))) _close(fd);
    return file;
}

CRT_API(FILE *, _fsopen, const char *path, const char *mode, int share)
{
    crt_wchar *wpath = path ? crt_to_wide(path) : NULL, *wmode = mode ? crt_to_wide(mode) : NULL;
    FILE *file = _wfsopen(wpath, wmode, share);

    free(wpath);
    free(wmode);
    return file;
}
CRT_API(FILE *, _wfopen, const crt_wchar *path, const crt_wchar *mode) { return _wfsopen(path, mode, 0x40); }
CRT_API(FILE *, fopen, const char *path, const char *mode) { return _fsopen(path, mode, 0x40); }
CRT_API(int, fopen_s, FILE **file, const char *path, const char *mode)
{
    if (!file) { errno = E_INVAL; return E_INVAL; }
    return (*file = _fsopen(path, mode, 0x20)) ? 0 : errno;
}
CRT_API(int, _wfopen_s, FILE **file, const crt_wchar *path, const crt_wchar *mode)
{
    if (!file) { errno = E_INVAL; return E_INVAL; }
    return (*file = _wfsopen(path, mode, 0x20)) ? 0 : errno;
}

CRT_API(FILE *, _wfdopen, int fd, const crt_wchar *mode)
{
    int flags, stream;
    if (fd < 0 || !mode || !(stream = mode_parse(mode, &flags))) { errno = E_INVAL; return NULL; }
    return stream_new(fd, stream);
}
CRT_API(FILE *, _fdopen, int fd, const char *mode)
{
    crt_wchar *wide = mode ? crt_to_wide(mode) : NULL;
    FILE *file = _wfdopen(fd, wide);
    free(wide);
    return file;
}

static int stream_close(FILE *file)
{
    int ret = 0;

    if (file->_flag & F_WRITING) ret = stream_flush(file);
    if (file->_flag & F_OWNBUF) free(file->_base);
    if (file->_file >= 0 && _close(file->_file)) ret = EOF;
    if (file->_tmpfname)
    {
        DeleteFileA(file->_tmpfname);
        free(file->_tmpfname);
    }
    memset(file, 0, sizeof(*file));
    file->_file = -1;
    return ret;
}

CRT_API(int, fclose, FILE *file)
{
    int ret;

    if (!file) { errno = E_INVAL; return EOF; }
    crt_stream_lock(file);
    ret = file->_flag ? stream_close(file) : EOF;
    crt_stream_unlock(file);
    return ret;
}

CRT_API(FILE *, _wfreopen, const crt_wchar *path, const crt_wchar *mode, FILE *file)
{
    int flags, stream, fd;

    if (!path || !mode || !file) { errno = E_INVAL; return NULL; }
    if (!(stream = mode_parse(mode, &flags))) return NULL;
    crt_stream_lock(file);
    if (file->_flag) stream_close(file);
    if ((fd = crt_open_wide(path, flags, 0x40, 0x180)) >= 0)
    {
        file->_file = fd;
        file->_flag = stream;
    }
    crt_stream_unlock(file);
    return fd < 0 ? NULL : file;
}
CRT_API(FILE *, freopen, const char *path, const char *mode, FILE *file)
{
    crt_wchar *wpath = path ? crt_to_wide(path) : NULL, *wmode = mode ? crt_to_wide(mode) : NULL;
    FILE *ret = _wfreopen(wpath, wmode, file);

    free(wpath);
    free(wmode);
    return ret;
}

/* Calls f for each open stream; the sum of what it returned that was not 0. */
static int streams_each(int (*f)(FILE *))
{
    int i, count = 0;

    for (i = 0; i < IOB_COUNT; i++) if (_iob[i]._flag && _iob[i]._file >= 0) count += f(&_iob[i]);
    for (i = 0; i < STREAMS && streams[i]; i++) if (streams[i]->file._flag) count += f(&streams[i]->file);
    return count;
}
static int flush_one(FILE *file)
{
    int ret;
    crt_stream_lock(file);
    ret = stream_flush(file);
    crt_stream_unlock(file);
    return ret == 0;
}
static int close_one(FILE *file) { return file > stderr || file < stdin ? fclose(file) == 0 : 0; }
static int flush_failed(FILE *file) { return !flush_one(file); }

void crt_streams_close(void) { streams_each(flush_one); }
/* fflush of a stream that is read: what was read ahead is forgotten. fflush(NULL) leaves it. */
static int flush_or_forget(FILE *file)
{
    int ret = flush_one(file);
    crt_stream_lock(file);
    if (file->_flag & F_READING) { file->_cnt = 0; file->_ptr = file->_base; }
    crt_stream_unlock(file);
    return ret;
}
CRT_API(int, _flushall, void) { return streams_each(flush_or_forget); }
CRT_API(int, _fcloseall, void) { return streams_each(close_one); }

CRT_API(int, fflush, FILE *file)
{
    if (!file) return streams_each(flush_failed) ? EOF : 0;
    if (!flush_or_forget(file)) return EOF;
    return file->_flag & F_COMMIT ? _commit(file->_file) : 0;
}

/* ---- position ------------------------------------------------------------------------------------------- */
static long long stream_tell(FILE *file)
{
    if ((file->_flag & F_WRITING) && file->_ptr != file->_base)
    {
        /* how many bytes text becomes, and where an append goes, is known when it is done */
        if (!crt_fd_is_text(file->_file) && !crt_fd_appends(file->_file))
        {
            long long at = _lseeki64(file->_file, 0, 1);
            return at < 0 ? -1 : at + (file->_ptr - file->_base);
        }
        if (stream_flush(file)) return -1;
    }
    else if ((file->_flag & F_READING) && file->_cnt)
        return crt_fd_raw_offset(file->_file, file->_ptr - file->_base, file->_ptr - file->_base + file->_cnt);
    return _lseeki64(file->_file, 0, 1);
}
CRT_API(int, _fseeki64, FILE *file, long long offset, int origin)
{
    int ret;

    if (!file || origin < 0 || origin > 2) return crt_fail(E_INVAL);
    crt_stream_lock(file);
    if (file->_flag & F_WRITING) { stream_flush(file); file->_flag &= ~F_WRITING; }
    else if ((file->_flag & F_READING) && origin == 1 && file->_cnt)
    {
        /* what is in the buffer was read from the file already */
        long long at = stream_tell(file);
        if (at < 0) { crt_stream_unlock(file); return -1; }
        offset += at;
        origin = 0;
    }
    file->_flag &= ~(F_READING | F_EOF);
    file->_ptr = file->_base;
    file->_cnt = 0;
    ret = _lseeki64(file->_file, offset, origin) < 0 ? -1 : 0;
    crt_stream_unlock(file);
    return ret;
}
CRT_API(int, fseek, FILE *file, long offset, int origin) { return _fseeki64(file, offset, origin); }

CRT_API(long long, _ftelli64, FILE *file)
{
    long long at;

    if (!file) return crt_fail(E_INVAL);
    crt_stream_lock(file);
    at = stream_tell(file);
    crt_stream_unlock(file);
    return at;
}
CRT_API(long, ftell, FILE *file)
{
    long long at = _ftelli64(file);
    return at != (long)at ? crt_fail(E_INVAL) : (long)at;
}
CRT_API(int, fgetpos, FILE *file, long long *at)
{
    return (*at = _ftelli64(file)) < 0 ? -1 : 0;
}
CRT_API(int, fsetpos, FILE *file, const long long *at) { return _fseeki64(file, *at, 0); }
CRT_API(void, rewind, FILE *file)
{
    _fseeki64(file, 0, 0);
    file->_flag &= ~(F_ERR | F_EOF);
}
CRT_API(int, feof, FILE *file) { return file->_flag & F_EOF; }
CRT_API(int, ferror, FILE *file) { return file->_flag & F_ERR; }
CRT_API(void, clearerr, FILE *file) { file->_flag &= ~(F_ERR | F_EOF); }

CRT_API(int, setvbuf, FILE *file, char *buffer, int mode, size_t size)
{
    if (!file || (mode != 0 && mode != 0x40 && mode != 4) || (mode != 4 && (size < 2 || size > INT_MAX))) return crt_fail(E_INVAL);
    crt_stream_lock(file);
    if (file->_flag & F_WRITING) stream_flush(file);
    if (file->_flag & F_OWNBUF) free(file->_base);
    file->_flag &= ~(F_OWNBUF | F_USERBUF | F_NBF | F_LBF | F_READING | F_WRITING);
    file->_base = file->_ptr = NULL;
    file->_cnt = 0;
    if (mode == 4) file->_flag |= F_NBF;
    else if (buffer || (buffer = malloc(size)))
    {
        file->_flag |= F_USERBUF;
        file->_base = file->_ptr = buffer;
        file->_bufsiz = size;
    }
    crt_stream_unlock(file);
    return 0;
}
CRT_API(void, setbuf, FILE *file, char *buffer) { setvbuf(file, buffer, buffer ? 0 : 4, 512); }
