/* Strings that ntdll does not have: duplicates, tokens, case folding of locales, the _s family. The others are
 * forwarded to ntdll by the .def file. */
#include "crt.h"


size_t strspn(const char *s, const char *set), strcspn(const char *s, const char *set);
crt_wchar *wcschr(const crt_wchar *s, crt_wchar c);

CRT_API(char *, _strdup, const char *s) { return s ? crt_strdup(s) : NULL; }
CRT_API(crt_wchar *, _wcsdup, const crt_wchar *s) { return s ? crt_wcsdup(s) : NULL; }
CRT_API(size_t, strnlen, const char *s, size_t most)
{
    size_t n = 0;
    while (n < most && s[n]) n++;
    return n;
}
CRT_API(size_t, wcsnlen, const crt_wchar *s, size_t most)
{
    size_t n = 0;
    while (n < most && s[n]) n++;
    return n;
}
CRT_API(char *, _strrev, char *s)
{
    size_t n = strlen(s), i;
    for (i = 0; i < n / 2; i++) { char t = s[i]; s[i] = s[n - 1 - i]; s[n - 1 - i] = t; }
    return s;
}
CRT_API(char *, _strset, char *s, int c) { memset(s, c, strlen(s)); return s; }
CRT_API(char *, _strnset, char *s, int c, size_t n) { memset(s, c, strnlen(s, n)); return s; }

CRT_API(char *, strtok_s, char *s, const char *set, char **next)
{
    char *end;

    if (!s && !(s = *next)) return NULL;
    s += strspn(s, set);
    if (!*s) { *next = s; return NULL; }
    end = s + strcspn(s, set);
    if (*end) { *end = 0; *next = end + 1; }
    else *next = end;
    return s;
}
CRT_API(char *, strtok, char *s, const char *set) { return strtok_s(s, set, &crt_thread()->strtok_next); }
CRT_API(crt_wchar *, wcstok_s, crt_wchar *s, const crt_wchar *set, crt_wchar **next)
{
    crt_wchar *end;

    if (!s && !(s = *next)) return NULL;
    while (*s && wcschr(set, *s)) s++;
    if (!*s) { *next = s; return NULL; }
    for (end = s; *end && !wcschr(set, *end); end++) {}
    if (*end) { *end = 0; *next = end + 1; }
    else *next = end;
    return s;
}
CRT_API(crt_wchar *, wcstok, crt_wchar *s, const crt_wchar *set) { return wcstok_s(s, set, &crt_thread()->wcstok_next); }

/* the _s family: a result that does not fit empties the destination and is E_RANGE */
#define COPY_S(name, type, length) \
CRT_API(int, name, type *to, size_t size, const type *from) \
{ \
    size_t n; \
    if (!to || !size) { errno = E_INVAL; return E_INVAL; } \
    if (!from) { *to = 0; errno = E_INVAL; return E_INVAL; } \
    n = length(from); \
    if (n >= size) { *to = 0; errno = E_RANGE; return E_RANGE; } \
    memcpy(to, from, (n + 1) * sizeof(type)); \
    return 0; \
}
COPY_S(strcpy_s, char, strlen)
COPY_S(wcscpy_s, crt_wchar, wcslen)
#define CAT_S(name, type, nlength, length) \
CRT_API(int, name, type *to, size_t size, const type *from) \
{ \
    size_t have, n; \
    if (!to || !size) { errno = E_INVAL; return E_INVAL; } \
    have = nlength(to, size); \
    if (!from || have == size) { *to = 0; errno = E_INVAL; return E_INVAL; } \
    n = length(from); \
    if (n >= size - have) { *to = 0; errno = E_RANGE; return E_RANGE; } \
    memcpy(to + have, from, (n + 1) * sizeof(type)); \
    return 0; \
}
CAT_S(strcat_s, char, strnlen, strlen)
CAT_S(wcscat_s, crt_wchar, wcsnlen, wcslen)
#define NCOPY_S(name, type, nlength) \
CRT_API(int, name, type *to, size_t size, const type *from, size_t count) \
{ \
    size_t n; \
    if (!to || !size) { errno = E_INVAL; return E_INVAL; } \
    if (!from && count) { *to = 0; errno = E_INVAL; return E_INVAL; } \
    n = count ? nlength(from, count == (size_t)-1 ? size - 1 : count) : 0; \
    if (n >= size) { *to = 0; errno = E_RANGE; return E_RANGE; } \
    if (n) memcpy(to, from, n * sizeof(type)); \
    to[n] = 0; \
    return 0; \
}
NCOPY_S(strncpy_s, char, strnlen)
NCOPY_S(wcsncpy_s, crt_wchar, wcsnlen)
CRT_API(int, memcpy_s, void *to, size_t size, const void *from, size_t n)
{
    if (!n) return 0;
    if (!to) { errno = E_INVAL; return E_INVAL; }
    if (!from || size < n) { memset(to, 0, size); errno = from ? E_RANGE : E_INVAL; return errno; }
    memcpy(to, from, n);
    return 0;
}
CRT_API(int, memmove_s, void *to, size_t size, const void *from, size_t n)
{
    if (!n) return 0;
    if (!to || !from) { errno = E_INVAL; return E_INVAL; }
    if (size < n) { errno = E_RANGE; return E_RANGE; }
    memmove(to, from, n);
    return 0;
}
CRT_API(void *, _memccpy, void *to, const void *from, int c, size_t n)
{
    const unsigned char *in = from;
    unsigned char *out = to;
    while (n--) if ((*out++ = *in++) == (unsigned char)c) return out;
    return NULL;
}
