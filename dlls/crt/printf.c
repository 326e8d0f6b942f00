/* The printf family: where the characters of format.c go. */
#include "crt.h"

/* ---- into a buffer --------------------------------------------------------------------------------------- */
struct buffer_sink { struct crt_sink sink; char *at; size_t room; unsigned int unit; };

static void buffer_put(struct crt_sink *sink, const void *chars, size_t count)
{
    struct buffer_sink *b = (struct buffer_sink *)sink;
    size_t n = count < b->room ? count : b->room;

    if (!n) return;
    memcpy(b->at, chars, n * b->unit);
    b->at += n * b->unit;
    b->room -= n;
}

/* Writes at most size characters, no terminator; returns what all of it would have been. */
static int format_buffer(void *buffer, size_t size, bool wide, const void *format, va_list args)
{
    struct buffer_sink b = { { buffer_put, 0 }, buffer, size, wide ? 2 : 1 };
    return crt_format(&b.sink, wide, format, args);
}

/* _vsnprintf's way: -1 if it does not fit; exactly full means no terminator */
CRT_API(int, _vsnprintf, char *buffer, size_t size, const char *format, va_list args)
{
    int n = format_buffer(buffer, buffer ? size : 0, false, format, args);
    if (!buffer) return size ? -1 : n;
    if (n < 0 || (size_t)n > size) return -1;
    if ((size_t)n < size) buffer[n] = 0;
    return n;
}
CRT_API(int, _vsnwprintf, crt_wchar *buffer, size_t size, const crt_wchar *format, va_list args)
{
    int n = format_buffer(buffer, buffer ? size : 0, true, format, args);
    if (!buffer) return size ? -1 : n;
    if (n < 0 || (size_t)n > size) return -1;
    if ((size_t)n < size) buffer[n] = 0;
    return n;
}
CRT_API(int, _vscprintf, const char *format, va_list args) { return format_buffer(NULL, 0, false, format, args); }
CRT_API(int, _vscwprintf, const crt_wchar *format, va_list args) { return format_buffer(NULL, 0, true, format, args); }
CRT_API(int, vsprintf, char *buffer, const char *format, va_list args)
{
    int n = format_buffer(buffer, INT_MAX, false, format, args);
    buffer[n < 0 ? 0 : n] = 0;
    return n;
}
CRT_API(int, _vswprintf, crt_wchar *buffer, const crt_wchar *format, va_list args)
{
    int n = format_buffer(buffer, INT_MAX, true, format, args);
    buffer[n < 0 ? 0 : n] = 0;
    return n;
}
CRT_API(int, vswprintf, crt_wchar *buffer, const crt_wchar *format, va_list args) { return _vswprintf(buffer, format, args); }
CRT_API(int, vsnprintf, char *buffer, size_t size, const char *format, va_list args)
{
    int n = format_buffer(buffer, size, false, format, args);
    if (size) buffer[n < 0 ? 0 : (size_t)n < size ? (size_t)n : size - 1] = 0;
    return n;
}

/* the _s forms: what does not fit empties the buffer */
CRT_API(int, vsprintf_s, char *buffer, size_t size, const char *format, va_list args)
{
    int n;
    if (!buffer || !size || !format) return crt_fail(E_INVAL);
    n = format_buffer(buffer, size, false, format, args);
    if (n >= 0 && (size_t)n < size) { buffer[n] = 0; return n; }
    buffer[0] = 0;
    return crt_fail(E_RANGE);
}
CRT_API(int, vswprintf_s, crt_wchar *buffer, size_t size, const crt_wchar *format, va_list args)
{
    int n;
    if (!buffer || !size || !format) return crt_fail(E_INVAL);
    n = format_buffer(buffer, size, true, format, args);
    if (n >= 0 && (size_t)n < size) { buffer[n] = 0; return n; }
    buffer[0] = 0;
    return crt_fail(E_RANGE);
}
CRT_API(int, _vsnprintf_s, char *buffer, size_t size, size_t count, const char *format, va_list args)
{
    size_t most = count < size ? count : size;
    int n;
    if (!buffer || !size || !format) return crt_fail(E_INVAL);
    n = format_buffer(buffer, most, false, format, args);
    if (n >= 0 && (size_t)n <= most && (size_t)n < size) { buffer[n] = 0; return n; }
    if (count == (size_t)-1) { buffer[size - 1] = 0; return -1; }
    if (count < size) { buffer[count] = 0; return -1; }
    buffer[0] = 0;
    return crt_fail(E_RANGE);
}
CRT_API(int, _vsnwprintf_s, crt_wchar *buffer, size_t size, size_t count, const crt_wchar *format, va_list args)
{
    size_t most = count < size ? count : size;
    int n;
    if (!buffer || !size || !format) return crt_fail(E_INVAL);
    n = format_buffer(buffer, most, true, format, args);
    if (n >= 0 && (size_t)n <= most && (size_t)n < size) { buffer[n] = 0; return n; }
    if (count == (size_t)-1) { buffer[size - 1] = 0; return -1; }
    if (count < size) { buffer[count] = 0; return -1; }
    buffer[0] = 0;
    return crt_fail(E_RANGE);
}

/* ---- to a stream ------------------------------------------------------------------------------------------ */
struct stream_sink { struct crt_sink sink; FILE *file; crt_wchar high; char buffer[512]; unsigned int used; };

static void stream_drain(struct stream_sink *s)
{
    if (s->used && crt_write(s->buffer, s->used, s->file) != s->used) s->sink.error = 1;
    s->used = 0;
}
static void stream_put(struct crt_sink *sink, const void *chars, size_t count)
{
    struct stream_sink *s = (struct stream_sink *)sink;

    if (count > sizeof(s->buffer) - s->used) stream_drain(s);
    if (count > sizeof(s->buffer))
    {
        if (crt_write(chars, count, s->file) != count) sink->error = 1;
        return;
    }
    memcpy(s->buffer + s->used, chars, count);
    s->used += count;
}
static void stream_put_wide(struct crt_sink *sink, const void *chars, size_t count)
{
    struct stream_sink *s = (struct stream_sink *)sink;
    const crt_wchar *p = chars;
    char bytes[16];
    crt_wchar pair[2];
    int n;

    if (crt_fd_is_wide(s->file->_file)) { stream_put(sink, chars, count * 2); return; }

    for (; count; p++, count--)
    {
        if ((*p & 0xfc00) == 0xd800 && !s->high) { s->high = *p; continue; }
        pair[0] = s->high ? s->high : *p;
        pair[1] = *p;
        n = WideCharToMultiByte(CP_ACP, 0, (WCHAR *)pair, s->high ? 2 : 1, bytes, sizeof(bytes), NULL, NULL);
        s->high = 0;
        if (n <= 0) { sink->error = 1; return; }
        stream_put(sink, bytes, n);
    }
}

static int format_stream(FILE *file, bool wide, const void *format, va_list args)
{
    struct stream_sink s;
    int n;

    if (!file || !format) return crt_fail(E_INVAL);
    s.sink.put = wide ? stream_put_wide : stream_put;
    s.sink.error = 0;
    s.file = file;
    s.high = 0;
    s.used = 0;
    crt_stream_lock(file);
    n = crt_format(&s.sink, wide, format, args);
    stream_drain(&s);
    crt_stream_unlock(file);
    return s.sink.error ? -1 : n;
}
CRT_API(int, vfprintf, FILE *file, const char *format, va_list args) { return format_stream(file, false, format, args); }
CRT_API(int, vfwprintf, FILE *file, const crt_wchar *format, va_list args) { return format_stream(file, true, format, args); }
CRT_API(int, vprintf, const char *format, va_list args) { return format_stream(stdout, false, format, args); }
CRT_API(int, vwprintf, const crt_wchar *format, va_list args) { return format_stream(stdout, true, format, args); }
CRT_API(int, vfprintf_s, FILE *file, const char *format, va_list args) { return format_stream(file, false, format, args); }
CRT_API(int, vfwprintf_s, FILE *file, const crt_wchar *format, va_list args) { return format_stream(file, true, format, args); }
CRT_API(int, vprintf_s, const char *format, va_list args) { return format_stream(stdout, false, format, args); }
CRT_API(int, vwprintf_s, const crt_wchar *format, va_list args) { return format_stream(stdout, true, format, args); }

/* ---- the ... forms ------------------------------------------------------------------------------------------ */
#define VARIADIC(call, last) { va_list args; int n; va_start(args, last); n = call; va_end(args); return n; }
CRT_API(int, printf, const char *format, ...) VARIADIC(format_stream(stdout, false, format, args), format)
CRT_API(int, wprintf, const crt_wchar *format, ...) VARIADIC(format_stream(stdout, true, format, args), format)
CRT_API(int, printf_s, const char *format, ...) VARIADIC(format_stream(stdout, false, format, args), format)
CRT_API(int, wprintf_s, const crt_wchar *format, ...) VARIADIC(format_stream(stdout, true, format, args), format)
CRT_API(int, fprintf, FILE *file, const char *format, ...) VARIADIC(format_stream(file, false, format, args), format)
CRT_API(int, fwprintf, FILE *file, const crt_wchar *format, ...) VARIADIC(format_stream(file, true, format, args), format)
CRT_API(int, fprintf_s, FILE *file, const char *format, ...) VARIADIC(format_stream(file, false, format, args), format)
CRT_API(int, fwprintf_s, FILE *file, const crt_wchar *format, ...) VARIADIC(format_stream(file, true, format, args), format)
CRT_API(int, sprintf, char *buffer, const char *format, ...) VARIADIC(vsprintf(buffer, format, args), format)
CRT_API(int, swprintf, crt_wchar *buffer, const crt_wchar *format, ...) VARIADIC(_vswprintf(buffer, format, args), format)
CRT_API(int, _swprintf, crt_wchar *buffer, const crt_wchar *format, ...) VARIADIC(_vswprintf(buffer, format, args), format)
CRT_API(int, sprintf_s, char *buffer, size_t size, const char *format, ...) VARIADIC(vsprintf_s(buffer, size, format, args), format)
CRT_API(int, swprintf_s, crt_wchar *buffer, size_t size, const crt_wchar *format, ...) VARIADIC(vswprintf_s(buffer, size, format, args), format)
CRT_API(int, _snprintf, char *buffer, size_t size, const char *format, ...) VARIADIC(_vsnprintf(buffer, size, format, args), format)
CRT_API(int, _snwprintf, crt_wchar *buffer, size_t size, const crt_wchar *format, ...) VARIADIC(_vsnwprintf(buffer, size, format, args), format)
CRT_API(int, _snprintf_s, char *buffer, size_t size, size_t count, const char *format, ...) VARIADIC(_vsnprintf_s(buffer, size, count, format, args), format)
CRT_API(int, _snwprintf_s, crt_wchar *buffer, size_t size, size_t count, const crt_wchar *format, ...) VARIADIC(_vsnwprintf_s(buffer, size, count, format, args), format)
CRT_API(int, _scprintf, const char *format, ...) VARIADIC(format_buffer(NULL, 0, false, format, args), format)
CRT_API(int, _scwprintf, const crt_wchar *format, ...) VARIADIC(format_buffer(NULL, 0, true, format, args), format)

/* ---- with a locale, which the C one and the user's do not differ in here --------------------------------------- */
CRT_API(int, _printf_l, const char *format, void *locale, ...) VARIADIC(vprintf(format, args), locale)
CRT_API(int, _wprintf_l, const crt_wchar *format, void *locale, ...) VARIADIC(vwprintf(format, args), locale)
CRT_API(int, _fprintf_l, FILE *file, const char *format, void *locale, ...) VARIADIC(vfprintf(file, format, args), locale)
CRT_API(int, _fwprintf_l, FILE *file, const crt_wchar *format, void *locale, ...) VARIADIC(vfwprintf(file, format, args), locale)
CRT_API(int, _sprintf_l, char *out, const char *format, void *locale, ...) VARIADIC(vsprintf(out, format, args), locale)
CRT_API(int, _sprintf_s_l, char *out, size_t size, const char *format, void *locale, ...) VARIADIC(vsprintf_s(out, size, format, args), locale)
CRT_API(int, _swprintf_s_l, crt_wchar *out, size_t size, const crt_wchar *format, void *locale, ...) VARIADIC(vswprintf_s(out, size, format, args), locale)
CRT_API(int, _snprintf_l, char *out, size_t size, const char *format, void *locale, ...) VARIADIC(_vsnprintf(out, size, format, args), locale)
CRT_API(int, _snwprintf_l, crt_wchar *out, size_t size, const crt_wchar *format, void *locale, ...) VARIADIC(_vsnwprintf(out, size, format, args), locale)
CRT_API(int, _snprintf_s_l, char *out, size_t size, size_t most, const char *format, void *locale, ...) VARIADIC(_vsnprintf_s(out, size, most, format, args), locale)
CRT_API(int, _snwprintf_s_l, crt_wchar *out, size_t size, size_t most, const crt_wchar *format, void *locale, ...) VARIADIC(_vsnwprintf_s(out, size, most, format, args), locale)
CRT_API(int, _scprintf_l, const char *format, void *locale, ...) VARIADIC(_vscprintf(format, args), locale)
CRT_API(int, _scwprintf_l, const crt_wchar *format, void *locale, ...) VARIADIC(_vscwprintf(format, args), locale)
#define WITH_LOCALE (void)locale; return
CRT_API(int, _vprintf_l, const char *format, void *locale, va_list args) { WITH_LOCALE vprintf(format, args); }
CRT_API(int, _vwprintf_l, const crt_wchar *format, void *locale, va_list args) { WITH_LOCALE vwprintf(format, args); }
CRT_API(int, _vfprintf_l, FILE *file, const char *format, void *locale, va_list args) { WITH_LOCALE vfprintf(file, format, args); }
CRT_API(int, _vfwprintf_l, FILE *file, const crt_wchar *format, void *locale, va_list args) { WITH_LOCALE vfwprintf(file, format, args); }
CRT_API(int, _vsprintf_l, char *out, const char *format, void *locale, va_list args) { WITH_LOCALE vsprintf(out, format, args); }
CRT_API(int, _vsprintf_s_l, char *out, size_t size, const char *format, void *locale, va_list args) { WITH_LOCALE vsprintf_s(out, size, format, args); }
CRT_API(int, _vswprintf_s_l, crt_wchar *out, size_t size, const crt_wchar *format, void *locale, va_list args) { WITH_LOCALE vswprintf_s(out, size, format, args); }
CRT_API(int, _vsnprintf_l, char *out, size_t size, const char *format, void *locale, va_list args) { WITH_LOCALE _vsnprintf(out, size, format, args); }
CRT_API(int, _vsnwprintf_l, crt_wchar *out, size_t size, const crt_wchar *format, void *locale, va_list args) { WITH_LOCALE _vsnwprintf(out, size, format, args); }
CRT_API(int, _vsnprintf_s_l, char *out, size_t size, size_t most, const char *format, void *locale, va_list args) { WITH_LOCALE _vsnprintf_s(out, size, most, format, args); }
CRT_API(int, _vsnwprintf_s_l, crt_wchar *out, size_t size, size_t most, const crt_wchar *format, void *locale, va_list args) { WITH_LOCALE _vsnwprintf_s(out, size, most, format, args); }
CRT_API(int, _vscprintf_l, const char *format, void *locale, va_list args) { WITH_LOCALE _vscprintf(format, args); }
CRT_API(int, _vscwprintf_l, const crt_wchar *format, void *locale, va_list args) { WITH_LOCALE _vscwprintf(format, args); }
