/* Reading and writing descriptors: text mode and the Unicode text modes. */
#include "fd.h"

/* What was put back comes first, and alone. */
static int read_handle(struct fd *f, void *buffer, unsigned int count)
{
    DWORD done;

    if (f->pending_count)
    {
        done = count < f->pending_count ? count : f->pending_count;
        memcpy(buffer, f->pending, done);
        memmove(f->pending, f->pending + done, f->pending_count - done);
        f->pending_count -= done;
        return done;
    }
    if (ReadFile(f->handle, buffer, count, &done, NULL)) return done;
    if (GetLastError() == ERROR_BROKEN_PIPE || GetLastError() == ERROR_HANDLE_EOF) return 0;
    if (GetLastError() == ERROR_ACCESS_DENIED) { errno = E_BADF; *__doserrno() = ERROR_ACCESS_DENIED; }
    else crt_set_errno_from_win32(GetLastError());
    return -1;
}
/* all of count, unless the file ends */
static int read_full(struct fd *f, char *buffer, unsigned int count)
{
    unsigned int have = 0;
    int n;

    while (have < count && (n = read_handle(f, buffer + have, count - have)) > 0) have += n;
    return have;
}
static void put_back(struct fd *f, const char *bytes, unsigned int count)
{
    memmove(f->pending + count, f->pending, f->pending_count);
    memcpy(f->pending, bytes, count);
    f->pending_count += count;
}

/* The translation of text: from in to out, which may be the same place. Returns the number of characters; *last_cr:
 * the last one was a \r, whose next character is not known; *ended: a Ctrl-Z came. */
#define TRANSLATE(name, type) \
static unsigned int name(type *out, const type *in, unsigned int count, bool device, bool *last_cr, bool *ended) \
{ \
    unsigned int i, n = 0; \
    *last_cr = *ended = false; \
    for (i = 0; i < count; i++) \
    { \
        if (in[i] == 26 && !device) { *ended = true; break; } \
        if (in[i] == '\r' && i + 1 == count) { *last_cr = true; break; } \
        if (in[i] != '\r' || in[i + 1] != '\n') out[n++] = in[i]; \
    } \
    return n; \
}
TRANSLATE(translate_bytes, char)
TRANSLATE(translate_units, crt_wchar)

static int read_text(struct fd *f, char *out, unsigned int count)
{
    bool last_cr, ended;
    int have, n;
    char next;

    if ((have = read_handle(f, out, count)) <= 0) return have;
    f->last_raw = have;
    if (!memchr(out, '\r', have) && ((f->flags & FD_DEVICE) || !memchr(out, 26, have))) return have;
    n = translate_bytes(out, out, have, f->flags & FD_DEVICE, &last_cr, &ended);
    if (ended) f->flags |= FD_EOF;
    if (last_cr)
    {
        /* only the next byte tells; never wait for it where the line may be all there is for now */
        if (read_handle(f, &next, 1) != 1) out[n++] = '\r';
        else if (next == '\n' && !n) { out[n++] = '\n'; f->last_raw++; }
        else
        {
            if (next != '\n') out[n++] = '\r';         /* else the \n is the next read's */
            put_back(f, &next, 1);
        }
    }
    return n;
}

/* How many bytes at the end of UTF-8 text are the start of a character that goes on. */
static unsigned int cut_tail(const unsigned char *s, unsigned int n)
{
    unsigned int back, need;

    for (back = 1; back <= 3 && back <= n; back++)
    {
        unsigned char c = s[n - back];
        if ((c & 0xc0) == 0x80) continue;
        need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
        return need > back ? back : 0;
    }
    return 0;
}

static int read_unicode(struct fd *f, crt_wchar *out, unsigned int count)
{
    crt_wchar next;
    bool last_cr, ended;
    char *raw;
    int have, units;

    if (count % 2) return crt_fail(E_INVAL);
    count /= 2;
    if (f->encoding == ENC_UTF16)
    {
        if ((have = read_handle(f, out, count * 2)) <= 0) return have;
        if (have % 2) have += read_full(f, (char *)out + have, 1);
        units = have / 2;
    }
    else
    {
        unsigned int tail, want = count > 4 ? count : 4;
        if (!(raw = malloc(want))) return crt_fail(E_NOMEM);
        if ((have = read_handle(f, raw, count)) <= 0) { free(raw); return have; }
        while ((tail = cut_tail((unsigned char *)raw, have)))
        {
            if ((unsigned int)have > tail) { put_back(f, raw + have - tail, tail); have -= tail; break; }
            if (have == 4 || read_full(f, raw + have, 1) != 1) break;
            have++;
        }
        units = MultiByteToWideChar(CP_UTF8, 0, raw, have, (WCHAR *)out, count);
        if (units <= 0)         /* a pair for which there is no room */
        {
            put_back(f, raw, have > 4 ? 4 : have);
            free(raw);
            return crt_fail(E_INVAL);
        }
        free(raw);
    }
    f->last_raw = have;
    units = translate_units(out, out, units, f->flags & FD_DEVICE, &last_cr, &ended);
    if (ended) f->flags |= FD_EOF;
    if (last_cr)
    {
        unsigned int size = f->encoding == ENC_UTF16 ? 2 : 1;
        next = 0;
        if (read_full(f, (char *)&next, size) != (int)size) out[units++] = '\r';
        else if (next == '\n') { out[units++] = '\n'; f->last_raw += size; }
        else { out[units++] = '\r'; put_back(f, (char *)&next, size); }
    }
    return units * 2;
}

int _read(int fd, void *buffer, unsigned int count)
{
    struct fd *f = crt_fd_get(fd);

    if (!f) return -1;
    if (!buffer || count > INT_MAX) return crt_fail(E_INVAL);
    if (!count || (f->flags & FD_EOF)) return 0;
    f->last_raw = 0;
    if (!(f->flags & FD_TEXT)) return read_handle(f, buffer, count);
    return f->encoding ? read_unicode(f, buffer, count) : read_text(f, buffer, count);
}

/* Where in the file a reader is who has used `used` bytes of the `filled` that the last _read gave: text mode may have
 * dropped \r's, so what was read is read again and counted. -1: errno says why. */
long long crt_fd_raw_offset(int fd, size_t used, size_t filled)
{
    struct fd *f = crt_fd_get(fd);
    unsigned int raw = f ? f->last_raw : 0, at = 0, out = 0;
    long long end = _lseeki64(fd, 0, 1);
    unsigned char eof;
    char *bytes;
    DWORD got;

    if (end < 0) return -1;
    if (!(f->flags & FD_TEXT) || (f->flags & (FD_PIPE | FD_DEVICE)) || !raw || (raw == filled && f->encoding != ENC_UTF8)) return end - (filled - used);
    eof = f->flags & FD_EOF;            /* _lseeki64 cleared it, and the rest must go on as it was */
    if (!(bytes = malloc(raw))) return crt_fail(E_NOMEM);
    if (_lseeki64(fd, end - raw, 0) < 0 || !ReadFile(f->handle, bytes, raw, &got, NULL)) { free(bytes); return -1; }
    while (at < got && out < used)
    {
        unsigned char c = bytes[at];
        if (f->encoding == ENC_UTF16)
        {
            if (at + 3 < got && c == '\r' && !bytes[at + 1] && bytes[at + 2] == '\n' && !bytes[at + 3]) at += 2;
            at += 2;
            out += 2;
        }
        else
        {
            if (c == '\r' && at + 1 < got && bytes[at + 1] == '\n') at++;
            if (!f->encoding) { at++; out++; continue; }
            at += c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc0 ? 2 : 1;
            out += c >= 0xf0 ? 4 : 2;
        }
    }
    free(bytes);
    if (_lseeki64(fd, end, 0) < 0) return -1;
    f->last_raw = raw;
    f->flags |= eof;
    return end - raw + at;
}

static int write_handle(struct fd *f, const void *data, unsigned int count)
{
    const char *p = data;
    unsigned int left = count;

    while (left)
    {
        DWORD done;
        if (!WriteFile(f->handle, p, left, &done, NULL))
        {
            if (GetLastError() == ERROR_ACCESS_DENIED) { errno = E_BADF; *__doserrno() = ERROR_ACCESS_DENIED; }
            else crt_set_errno_from_win32(GetLastError());
            return left == count ? -1 : (int)(count - left);
        }
        if (!done) { errno = E_NOSPC; return left == count ? -1 : (int)(count - left); }
        p += done;
        left -= done;
    }
    return count;
}

static int write_text(struct fd *f, const char *in, unsigned int count)
{
    const char *start = in, *end = in + count;
    char chunk[4096];

    while (in < end)
    {
        unsigned int n = 0;
        const char *from = in;
        while (in < end && n < sizeof(chunk) - 1)
        {
            if (*in == '\n') chunk[n++] = '\r';
            chunk[n++] = *in++;
        }
        if (write_handle(f, chunk, n) != (int)n) return from == start ? -1 : (int)(from - start);
    }
    return count;
}

/* UTF-16 to the file's form; a console takes UTF-8 whatever the mode says. */
static int write_unicode(struct fd *f, const crt_wchar *in, unsigned int count)
{
    bool utf8 = f->encoding == ENC_UTF8 || (f->flags & FD_CONSOLE);
    const crt_wchar *start = in, *end = in + count / 2;
    crt_wchar units[520];
    char bytes[520 * 3];

    if (count % 2) return crt_fail(E_INVAL);
    while (in < end)
    {
        const crt_wchar *from = in;
        unsigned int n = 0, size;
        if (f->high) { units[n++] = f->high; f->high = 0; }
        while (in < end && n < 512)
        {
            if (*in == '\n') units[n++] = '\r';
            units[n++] = *in++;
        }
        if (utf8 && n && (units[n - 1] & 0xfc00) == 0xd800) f->high = units[--n];
        size = n * 2;
        if (utf8) size = n ? WideCharToMultiByte(CP_UTF8, 0, (WCHAR *)units, n, bytes, sizeof(bytes), NULL, NULL) : 0;
        if (write_handle(f, utf8 ? (void *)bytes : units, size) != (int)size) return from == start ? -1 : (int)((from - start) * 2);
    }
    return count;
}

int _write(int fd, const void *buffer, unsigned int count)
{
    struct fd *f = crt_fd_get(fd);

    if (!f) return -1;
    if (count > INT_MAX) return crt_fail(E_INVAL);
    if (!count) return 0;
    if (!buffer) return crt_fail(E_INVAL);
    if (f->pending_count) _lseeki64(fd, 0, 1);
    if (f->flags & FD_APPEND) _lseeki64(fd, 0, 2);
    if (!(f->flags & FD_TEXT)) return write_handle(f, buffer, count);
    if (f->encoding) return write_unicode(f, buffer, count);
    return memchr(buffer, '\n', count) ? write_text(f, buffer, count) : write_handle(f, buffer, count);
}

/* A file that was just opened in a Unicode mode: its byte order mark decides, else the mode; an empty one that is to be
 * written gets a mark. */
void crt_fd_find_encoding(struct fd *f, int flags)
{
    static const char mark16[] = { '\xff', '\xfe' }, mark8[] = { '\xef', '\xbb', '\xbf' };
    LARGE_INTEGER size, start = { .QuadPart = 0 };
    unsigned char head[3] = { 0 };
    DWORD done = 0;

    f->encoding = flags & O_U8TEXT_ ? ENC_UTF8 : ENC_UTF16;
    if (f->flags & (FD_DEVICE | FD_PIPE)) return;
    if (!GetFileSizeEx(f->handle, &size)) return;
    if (!size.QuadPart)
    {
        if ((flags & 3) == O_RDONLY_) { if (flags & O_WTEXT_) f->encoding = ENC_ANSI; return; }
        if (f->encoding == ENC_UTF16) write_handle(f, mark16, 2);
        else write_handle(f, mark8, 3);
        return;
    }
    if (!ReadFile(f->handle, head, 3, &done, NULL)) done = 0;
    if (done >= 2 && head[0] == 0xff && head[1] == 0xfe) { f->encoding = ENC_UTF16; start.QuadPart = 2; }
    else if (done == 3 && head[0] == 0xef && head[1] == 0xbb && head[2] == 0xbf) { f->encoding = ENC_UTF8; start.QuadPart = 3; }
    else if (flags & O_WTEXT_) f->encoding = ENC_ANSI;
    SetFilePointerEx(f->handle, start, NULL, FILE_BEGIN);
}
