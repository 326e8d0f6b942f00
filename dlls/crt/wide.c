/* Wide and counted relatives of functions that live elsewhere: text of times, errors, names; wide strings. */
#include "crt.h"

struct tm;
char *asctime(const struct tm *tm), *_ctime64(const crt_time *t);
int _gmtime64_s(struct tm *tm, const crt_time *t), _localtime64_s(struct tm *tm, const crt_time *t);
char *_strdate(char *out), *_strtime(char *out), *strerror(int error), *_tempnam(const char *dir, const char *prefix), *tmpnam(char *out), *_mktemp(char *pattern);
FILE *_wfreopen(const crt_wchar *path, const crt_wchar *mode, FILE *file), *freopen(const char *path, const char *mode, FILE *file), *tmpfile(void);
crt_wchar *_wgetenv(const crt_wchar *name);
int _wputenv(const crt_wchar *text), _waccess(const crt_wchar *path, int mode), _umask(int mask);
crt_time _mkgmtime64(struct tm *tm);
size_t strnlen(const char *s, size_t most), wcsnlen(const crt_wchar *s, size_t most);

#define INVALID do { errno = E_INVAL; return E_INVAL; } while (0)

static crt_wchar *widen(crt_wchar *out, const char *text)
{
    size_t i;
    for (i = 0; (out[i] = (unsigned char)text[i]); i++) {}
    return out;
}
/* copies ASCII text where there is room for it */
static int copy_s(char *out, size_t size, const char *text)
{
    if (!out || !size) INVALID;
    *out = 0;
    if (!text) return errno;
    if (strlen(text) >= size) { errno = E_RANGE; return E_RANGE; }
    strcpy(out, text);
    return 0;
}
static int wide_s(crt_wchar *out, size_t size, const char *text)
{
    if (!out || !size) INVALID;
    *out = 0;
    if (!text) return errno;
    if (strlen(text) >= size) { errno = E_RANGE; return E_RANGE; }
    widen(out, text);
    return 0;
}

/* ---- times ------------------------------------------------------------------------------------------------- */
CRT_API(int, asctime_s, char *out, size_t size, const struct tm *tm) { if (out && size) *out = 0; if (!tm || size < 26) INVALID; return copy_s(out, size, asctime(tm)); }
CRT_API(crt_wchar *, _wasctime, const struct tm *tm)
{
    char *text = asctime(tm);
    return text ? widen(crt_thread()->wasctime, text) : NULL;
}
CRT_API(int, _wasctime_s, crt_wchar *out, size_t size, const struct tm *tm) { if (out && size) *out = 0; if (!tm || size < 26) INVALID; return wide_s(out, size, asctime(tm)); }
CRT_API(crt_wchar *, _wctime64, const crt_time *t)
{
    char *text = _ctime64(t);
    return text ? widen(crt_thread()->wasctime, text) : NULL;
}
CRT_API(crt_wchar *, _wctime32, const int *t) { crt_time wide = t ? *t : -1; return _wctime64(&wide); }
CRT_API(int, _ctime64_s, char *out, size_t size, const crt_time *t) { if (out && size) *out = 0; if (!t || *t < 0 || size < 26) INVALID; return copy_s(out, size, _ctime64(t)); }
CRT_API(int, _wctime64_s, crt_wchar *out, size_t size, const crt_time *t) { if (out && size) *out = 0; if (!t || *t < 0 || size < 26) INVALID; return wide_s(out, size, _ctime64(t)); }
CRT_API(int, _ctime32_s, char *out, size_t size, const int *t) { crt_time wide = t ? *t : -1; return _ctime64_s(out, size, &wide); }
CRT_API(int, _wctime32_s, crt_wchar *out, size_t size, const int *t) { crt_time wide = t ? *t : -1; return _wctime64_s(out, size, &wide); }
CRT_API(int, _gmtime32_s, struct tm *tm, const int *t) { crt_time wide = t ? *t : -1; return _gmtime64_s(tm, t ? &wide : NULL); }
CRT_API(int, _localtime32_s, struct tm *tm, const int *t) { crt_time wide = t ? *t : -1; return _localtime64_s(tm, t ? &wide : NULL); }
CRT_API(int, _mkgmtime32, struct tm *tm) { crt_time t = _mkgmtime64(tm); return t > INT_MAX ? -1 : (int)t; }
#define DATE_TEXT(name, wname) \
CRT_API(int, name##_s, char *out, size_t size) { char text[16]; if (out && size) *out = 0; return copy_s(out, size, name(text)); } \
CRT_API(crt_wchar *, wname, crt_wchar *out) { char text[16]; return widen(out, name(text)); } \
CRT_API(int, wname##_s, crt_wchar *out, size_t size) { char text[16]; return wide_s(out, size, name(text)); }
DATE_TEXT(_strdate, _wstrdate)
DATE_TEXT(_strtime, _wstrtime)
CRT_API(unsigned int, _getsystime, int *fields)
{
    SYSTEMTIME st;
    GetLocalTime(&st);
    memset(fields, 0, 9 * sizeof(int));
    fields[0] = st.wSecond; fields[1] = st.wMinute; fields[2] = st.wHour; fields[3] = st.wDay; fields[4] = st.wMonth - 1;
    fields[5] = st.wYear - 1900; fields[6] = st.wDayOfWeek; fields[8] = -1;
    return st.wMilliseconds;
}

/* ---- errors ------------------------------------------------------------------------------------------------------ */
CRT_API(int, _wcserror_s, crt_wchar *out, size_t size, int error)
{
    char text[128];
    if (!out || !size) INVALID;
    strcpy(text, strerror(error));
    if (strlen(text) >= size) text[size - 1] = 0;
    widen(out, text);
    return 0;
}
static const char *with_text(const char *text)
{
    char *out = crt_thread()->strerror;
    const char *message = strerror(errno);
    char copy[128];
    size_t n = text ? strnlen(text, 94) : 0;

    strcpy(copy, message);
    if (n) { memcpy(out, text, n); memcpy(out + n, ": ", 2); n += 2; }
    strcpy(out + n, copy);
    n += strlen(copy);
    out[n] = '\n';
    out[n + 1] = 0;
    return out;
}
CRT_API(char *, _strerror, const char *text) { return (char *)with_text(text); }
CRT_API(int, _strerror_s, char *out, size_t size, const char *text) { return copy_s(out, size, with_text(text)); }
CRT_API(crt_wchar *, __wcserror, const crt_wchar *text)
{
    char *narrow = text ? crt_to_narrow(text) : NULL;
    crt_wchar *out = crt_thread()->wstrerror;
    MultiByteToWideChar(CP_ACP, 0, with_text(narrow), -1, (WCHAR *)out, 256);
    free(narrow);
    return out;
}
void perror(const char *text);
CRT_API(void, _wperror, const crt_wchar *text)
{
    char *narrow = text ? crt_to_narrow(text) : NULL;
    perror(narrow);
    free(narrow);
}

/* ---- names and files ------------------------------------------------------------------------------------------------ */
CRT_API(crt_wchar *, _wtempnam, const crt_wchar *dir, const crt_wchar *prefix)
{
    char *d = dir ? crt_to_narrow(dir) : NULL, *p = prefix ? crt_to_narrow(prefix) : NULL, *name = _tempnam(d, p);
    crt_wchar *wide = name ? crt_to_wide(name) : NULL;
    free(name);
    free(p);
    free(d);
    return wide;
}
CRT_API(int, tmpnam_s, char *out, size_t size)
{
    char *name = out && size ? _tempnam(NULL, "s") : NULL;
    int ret = copy_s(out, size, name);
    free(name);
    return ret;
}
CRT_API(int, _wtmpnam_s, crt_wchar *out, size_t size)
{
    char *name;
    crt_wchar *wide;
    int ret = E_RANGE;

    if (!out || !size) INVALID;
    *out = 0;
    name = _tempnam(NULL, "s");
    wide = name ? crt_to_wide(name) : NULL;
    if (wide && wcslen(wide) < size) { memcpy(out, wide, (wcslen(wide) + 1) * 2); ret = 0; }
    free(wide);
    free(name);
    if (ret) errno = ret;
    return ret;
}
CRT_API(crt_wchar *, _wtmpnam, crt_wchar *out)
{
    static crt_wchar own[MAX_PATH];
    return _wtmpnam_s(out ? out : own, MAX_PATH) ? NULL : out ? out : own;
}
CRT_API(int, tmpfile_s, FILE **file)
{
    if (!file) INVALID;
    return (*file = tmpfile()) ? 0 : errno;
}
CRT_API(int, _mktemp_s, char *pattern, size_t size)
{
    if (!pattern || !size) INVALID;
    if (strnlen(pattern, size) == size) { *pattern = 0; INVALID; }
    if (_mktemp(pattern)) return 0;
    *pattern = 0;
    return errno;
}
CRT_API(int, _wmktemp_s, crt_wchar *pattern, size_t size)
{
    size_t n = pattern ? wcsnlen(pattern, size) : size, i;
    DWORD pid = GetCurrentProcessId();

    if (n == size || n < 6) { if (pattern && size) *pattern = 0; INVALID; }
    for (i = 1; i <= 6; i++) if (pattern[n - i] != 'X') { *pattern = 0; INVALID; }
    for (i = 1; i <= 5; i++, pid /= 10) pattern[n - i] = '0' + pid % 10;
    for (i = 'a'; i <= 'z'; i++)
    {
        pattern[n - 6] = (crt_wchar)i;
        if (GetFileAttributesW((WCHAR *)pattern) == INVALID_FILE_ATTRIBUTES) return 0;
    }
    *pattern = 0;
    errno = E_EXIST;
    return E_EXIST;
}
CRT_API(crt_wchar *, _wmktemp, crt_wchar *pattern) { return _wmktemp_s(pattern, wcslen(pattern) + 1) ? NULL : pattern; }
CRT_API(int, freopen_s, FILE **out, const char *path, const char *mode, FILE *file)
{
    if (!out) INVALID;
    return (*out = freopen(path, mode, file)) ? 0 : errno;
}
CRT_API(int, _wfreopen_s, FILE **out, const crt_wchar *path, const crt_wchar *mode, FILE *file)
{
    if (!out) INVALID;
    return (*out = _wfreopen(path, mode, file)) ? 0 : errno;
}
CRT_API(int, _waccess_s, const crt_wchar *path, int mode) { return _waccess(path, mode) ? errno : 0; }
CRT_API(int, _umask_s, int mask, int *old)
{
    if (!old) INVALID;
    *old = _umask(mask);
    return 0;
}
CRT_API(int, clearerr_s, FILE *file)
{
    if (!file) INVALID;
    file->_flag &= ~(F_ERR | F_EOF);
    return 0;
}
CRT_API(int, _wgetenv_s, size_t *needed, crt_wchar *buffer, size_t size, const crt_wchar *name)
{
    const crt_wchar *value;
    size_t n;

    if (!needed || (!buffer && size)) INVALID;
    *needed = 0;
    if (buffer && size) buffer[0] = 0;
    if (!(value = _wgetenv(name))) return 0;
    *needed = n = wcslen(value) + 1;
    if (!size) return 0;
    if (n > size) { errno = E_RANGE; return E_RANGE; }
    memcpy(buffer, value, n * 2);
    return 0;
}
CRT_API(int, _wputenv_s, const crt_wchar *name, const crt_wchar *value)
{
    crt_wchar *text;
    size_t n, m;
    int ret;

    if (!name || !value) INVALID;
    n = wcslen(name);
    m = wcslen(value);
    if (!(text = malloc((n + m + 2) * 2))) return E_NOMEM;
    memcpy(text, name, n * 2);
    text[n] = '=';
    memcpy(text + n + 1, value, (m + 1) * 2);
    ret = _wputenv(text);
    free(text);
    return ret ? errno : 0;
}

/* ---- wide strings ----------------------------------------------------------------------------------------------------- */
CRT_API(crt_wchar *, _wcsrev, crt_wchar *s)
{
    size_t n = wcslen(s), i;
    for (i = 0; i < n / 2; i++) { crt_wchar t = s[i]; s[i] = s[n - 1 - i]; s[n - 1 - i] = t; }
    return s;
}
CRT_API(crt_wchar *, _wcsnset, crt_wchar *s, crt_wchar c, size_t n)
{
    size_t i;
    for (i = 0; i < n && s[i]; i++) s[i] = c;
    return s;
}
CRT_API(crt_wchar *, _wcsset, crt_wchar *s, crt_wchar c) { return _wcsnset(s, c, (size_t)-1); }
#define SET_S(name, nname, type, value, nlength) \
CRT_API(int, nname, type *s, size_t size, value c, size_t most) \
{ \
    size_t n = s ? nlength(s, size) : size, i; \
    if (n == size) { if (s && size) *s = 0; INVALID; } \
    if (most != (size_t)-1 && most > n && most >= size) { *s = 0; INVALID; } \
    for (i = 0; i < n && i < most; i++) s[i] = c; \
    return 0; \
} \
CRT_API(int, name, type *s, size_t size, value c) { return nname(s, size, c, (size_t)-1); }
SET_S(_strset_s, _strnset_s, char, int, strnlen)
SET_S(_wcsset_s, _wcsnset_s, crt_wchar, crt_wchar, wcsnlen)
CRT_API(int, wmemcpy_s, crt_wchar *to, size_t size, const crt_wchar *from, size_t n)
{
    if (!n) return 0;
    if (!to) INVALID;
    if (!from || size < n) { memset(to, 0, size * 2); errno = from ? E_RANGE : E_INVAL; return errno; }
    memcpy(to, from, n * 2);
    return 0;
}
CRT_API(int, wmemmove_s, crt_wchar *to, size_t size, const crt_wchar *from, size_t n)
{
    if (!n) return 0;
    if (!to || !from) INVALID;
    if (size < n) { errno = E_RANGE; return E_RANGE; }
    memmove(to, from, n * 2);
    return 0;
}
