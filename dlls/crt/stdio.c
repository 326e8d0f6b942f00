/* Characters, lines and blocks on streams; the narrow and the wide functions. On a text stream wide characters are
 * written as UTF-8, the ANSI code page; a binary stream, and one of a Unicode mode, takes them as they are. */
#include "crt.h"

CRT_API(int, fgetc, FILE *file)
{
    int c;
    crt_stream_lock(file);
    c = crt_getc(file);
    crt_stream_unlock(file);
    return c;
}
CRT_API(int, getc, FILE *file) { return fgetc(file); }
CRT_API(int, getchar, void) { return fgetc(stdin); }
CRT_API(int, _fgetchar, void) { return fgetc(stdin); }
CRT_API(int, ungetc, int c, FILE *file)
{
    crt_stream_lock(file);
    c = crt_ungetc(c, file);
    crt_stream_unlock(file);
    return c;
}
CRT_API(int, fputc, int c, FILE *file)
{
    crt_stream_lock(file);
    c = crt_putc(c, file);
    crt_stream_unlock(file);
    return c;
}
CRT_API(int, putc, int c, FILE *file) { return fputc(c, file); }
CRT_API(int, putchar, int c) { return fputc(c, stdout); }
CRT_API(int, _fputchar, int c) { return fputc(c, stdout); }

CRT_API(char *, fgets, char *buffer, int size, FILE *file)
{
    int c = 0, n = 0;

    if (size <= 0) return NULL;
    crt_stream_lock(file);
    while (n < size - 1)
    {
        if ((file->_flag & F_READING) && file->_cnt > 0)
        {
            /* what the buffer has of the line, at once */
            int most = size - 1 - n < file->_cnt ? size - 1 - n : file->_cnt;
            const char *end = memchr(file->_ptr, '\n', most);
            if (end) most = end + 1 - file->_ptr;
            memcpy(buffer + n, file->_ptr, most);
            file->_ptr += most;
            file->_cnt -= most;
            n += most;
            if (end) break;
            continue;
        }
        if ((c = crt_getc(file)) == EOF || (buffer[n++] = c) == '\n') break;
    }
    crt_stream_unlock(file);
    if (!n && size > 1 && c == EOF) return NULL;
    buffer[n] = 0;
    return buffer;
}
CRT_API(char *, gets, char *buffer)
{
    char *p = buffer;
    int c;

    crt_stream_lock(stdin);
    while ((c = crt_getc(stdin)) != EOF && c != '\n') *p++ = c;
    crt_stream_unlock(stdin);
    *p = 0;
    return c == EOF && p == buffer ? NULL : buffer;
}
CRT_API(int, fputs, const char *text, FILE *file)
{
    size_t n = strlen(text);
    int ret;

    crt_stream_lock(file);
    ret = crt_write(text, n, file) == n ? 0 : EOF;
    crt_stream_unlock(file);
    return ret;
}
CRT_API(int, puts, const char *text)
{
    size_t n = strlen(text);
    int ret;

    crt_stream_lock(stdout);
    ret = crt_write(text, n, stdout) == n && crt_write("\n", 1, stdout) == 1 ? 0 : EOF;
    crt_stream_unlock(stdout);
    return ret;
}

CRT_API(size_t, fread, void *buffer, size_t size, size_t count, FILE *file)
{
    size_t total = size * count, have = 0;
    char *out = buffer;

    if (!total || (size && total / size != count)) return 0;
    crt_stream_lock(file);
    while (have < total)
    {
        int c;
        if ((file->_flag & F_READING) && file->_cnt > 0)
        {
            size_t n = total - have < (size_t)file->_cnt ? total - have : (size_t)file->_cnt;
            memcpy(out + have, file->_ptr, n);
            file->_ptr += n;
            file->_cnt -= n;
            have += n;
            continue;
        }
        /* large reads go past the buffer, but only a stream that has read before knows that it may */
        if ((file->_flag & F_READING) && total - have >= 4096)
        {
            unsigned int want = total - have > 0x40000000 ? 0x40000000 : (unsigned int)(total - have);
            int got = _read(file->_file, out + have, want);
            if (got <= 0) { file->_flag |= got ? F_ERR : F_EOF; break; }
            have += got;
            continue;
        }
        if ((c = crt_getc(file)) == EOF) break;
        out[have++] = c;
    }
    crt_stream_unlock(file);
    return have / size;
}

CRT_API(size_t, fwrite, const void *data, size_t size, size_t count, FILE *file)
{
    size_t total = size * count, done;

    if (!total || (size && total / size != count)) return 0;
    crt_stream_lock(file);
    done = crt_write(data, total, file);
    crt_stream_unlock(file);
    return done / size;
}

CRT_API(int, _getw, FILE *file)
{
    int value;
    return fread(&value, sizeof(value), 1, file) == 1 ? value : EOF;
}
CRT_API(int, _putw, int value, FILE *file) { return fwrite(&value, sizeof(value), 1, file) == 1 ? value : EOF; }

/* ---- wide ----------------------------------------------------------------------------------------------- */
int crt_put_wide(const crt_wchar *text, size_t count, FILE *file)
{
    char buffer[768];

    if (crt_fd_is_wide(file->_file)) return crt_write(text, count * 2, file) == count * 2 ? 0 : -1;
    while (count)
    {
        size_t n = count > 256 ? 255 : count;
        int bytes;
        if (n < count && (text[n - 1] & 0xfc00) == 0xd800) n--;         /* keep a pair together */
        if (!n) n = 1;
        bytes = WideCharToMultiByte(CP_ACP, 0, (const WCHAR *)text, n, buffer, sizeof(buffer), NULL, NULL);
        if (bytes <= 0 || crt_write(buffer, bytes, file) != (size_t)bytes) return -1;
        text += n;
        count -= n;
    }
    return 0;
}
CRT_API(crt_wchar, fputwc, crt_wchar c, FILE *file)
{
    int ret;
    crt_stream_lock(file);
    ret = crt_put_wide(&c, 1, file);
    crt_stream_unlock(file);
    return ret ? WEOF : c;
}
CRT_API(crt_wchar, putwc, crt_wchar c, FILE *file) { return fputwc(c, file); }
CRT_API(crt_wchar, putwchar, crt_wchar c) { return fputwc(c, stdout); }
CRT_API(crt_wchar, _fputwchar, crt_wchar c) { return fputwc(c, stdout); }
CRT_API(int, fputws, const crt_wchar *text, FILE *file)
{
    int ret;
    crt_stream_lock(file);
    ret = crt_put_wide(text, wcslen(text), file);
    crt_stream_unlock(file);
    return ret;
}
CRT_API(int, _putws, const crt_wchar *text)
{
    static const crt_wchar nl = '\n';
    int ret;
    crt_stream_lock(stdout);
    ret = crt_put_wide(text, wcslen(text), stdout) || crt_put_wide(&nl, 1, stdout) ? -1 : 0;
    crt_stream_unlock(stdout);
    return ret;
}

/* One UTF-16 unit; the second half of a pair waits in the buffer as its three bytes, as if it stood there alone. */
crt_wchar crt_get_wide(FILE *file)
{
    char bytes[4];
    crt_wchar out[2];
    int c, need, n = 1;

    if (crt_fd_is_wide(file->_file))
    {
        int low = crt_getc(file), high = low == EOF ? EOF : crt_getc(file);
        return high == EOF ? WEOF : (crt_wchar)(low | high << 8);
    }
    if ((c = crt_getc(file)) == EOF) return WEOF;
    if (c < 0x80) return c;
    need = c >= 0xf0 ? 4 : c >= 0xe0 ? 3 : c >= 0xc2 ? 2 : 1;
    bytes[0] = c;
    while (n < need)
    {
        c = crt_getc(file);
        if (c == EOF) break;
        if ((c & 0xc0) != 0x80) { crt_ungetc(c, file); break; }
        bytes[n++] = c;
    }
    if (n == 3 && (unsigned char)bytes[0] == 0xed && (unsigned char)bytes[1] >= 0xb0)
        return 0xdc00 | (bytes[1] & 0xf) << 6 | (bytes[2] & 0x3f);
    c = MultiByteToWideChar(CP_ACP, 0, bytes, n, (WCHAR *)out, 2);
    if (c <= 0) { errno = E_ILSEQ; return WEOF; }
    if (c == 2) crt_unget_wide(out[1], file);
    return out[0];
}
void crt_unget_wide(crt_wchar c, FILE *file)
{
    char bytes[4];
    int n = 0;

    if (crt_fd_is_wide(file->_file)) { crt_ungetc(c >> 8, file); crt_ungetc(c & 0xff, file); return; }
    if (c < 0x80) bytes[n++] = c;
    else if (c < 0x800) { bytes[n++] = 0xc0 | c >> 6; bytes[n++] = 0x80 | (c & 0x3f); }
    else { bytes[n++] = 0xe0 | c >> 12; bytes[n++] = 0x80 | (c >> 6 & 0x3f); bytes[n++] = 0x80 | (c & 0x3f); }
    while (n > 0) crt_ungetc((unsigned char)bytes[--n], file);
}
CRT_API(crt_wchar, fgetwc, FILE *file)
{
    crt_wchar c;
    crt_stream_lock(file);
    c = crt_get_wide(file);
    crt_stream_unlock(file);
    return c;
}
CRT_API(crt_wchar, getwc, FILE *file) { return fgetwc(file); }
CRT_API(crt_wchar, getwchar, void) { return fgetwc(stdin); }
CRT_API(crt_wchar, _fgetwchar, void) { return fgetwc(stdin); }
CRT_API(crt_wchar, ungetwc, crt_wchar c, FILE *file)
{
    if (c == WEOF) return WEOF;
    crt_stream_lock(file);
    crt_unget_wide(c, file);
    crt_stream_unlock(file);
    return c;
}
CRT_API(crt_wchar *, fgetws, crt_wchar *buffer, int size, FILE *file)
{
    int n = 0;
    crt_wchar c = 0;

    if (size <= 0) return NULL;
    crt_stream_lock(file);
    while (n < size - 1 && (c = crt_get_wide(file)) != WEOF)
        if ((buffer[n++] = c) == '\n') break;
    crt_stream_unlock(file);
    if (!n && size > 1 && c == WEOF) return NULL;
    buffer[n] = 0;
    return buffer;
}
