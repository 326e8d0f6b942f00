/* Wide strings: crt_str.c over WCHARs. Case is ASCII here too (ntdll:string test_wcsicmp, test_wcslwrupr). */

#include "rtl.h"

#undef wcscpy
#undef wcsncpy
#undef wcscat
#undef wcsncat
#undef wcstok

wchar_t * __cdecl wcstok(wchar_t *s, const wchar_t *delim);

static inline wchar_t ascii_lower(wchar_t c)
{
    return (unsigned int)(c - 'A') < 26 ? c + 32 : c;
}

static inline wchar_t ascii_upper(wchar_t c)
{
    return (unsigned int)(c - 'a') < 26 ? c - 32 : c;
}

size_t __cdecl wcslen(const wchar_t *s)
{
    const wchar_t *p = s;

    while (*p) p++;
    return p - s;
}

size_t __cdecl wcsnlen(const wchar_t *s, size_t max)
{
    size_t n = 0;

    while (n < max && s[n]) n++;
    return n;
}

wchar_t * __cdecl wcscpy(wchar_t *dst, const wchar_t *src)
{
    wchar_t *d = dst;

    while ((*d++ = *src++)) {}
    return dst;
}

wchar_t * __cdecl wcsncpy(wchar_t *dst, const wchar_t *src, size_t n)
{
    size_t i = 0;

    for (; i < n && src[i]; i++) dst[i] = src[i];
    for (; i < n; i++) dst[i] = 0;
    return dst;
}

wchar_t * __cdecl wcscat(wchar_t *dst, const wchar_t *src)
{
    wcscpy(dst + wcslen(dst), src);
    return dst;
}

wchar_t * __cdecl wcsncat(wchar_t *dst, const wchar_t *src, size_t n)
{
    wchar_t *d = dst + wcslen(dst);

    while (n-- && *src) *d++ = *src++;
    *d = 0;
    return dst;
}

int __cdecl wcscmp(const wchar_t *a, const wchar_t *b)
{
    for (; *a && *a == *b; a++, b++) {}
    return *a < *b ? -1 : *a > *b;
}

int __cdecl wcsncmp(const wchar_t *a, const wchar_t *b, size_t n)
{
    for (; n; a++, b++, n--)
    {
        if (*a != *b) return *a < *b ? -1 : 1;
        if (!*a) break;
    }
    return 0;
}

int __cdecl _wcsicmp(const wchar_t *a, const wchar_t *b)
{
    return _wcsnicmp(a, b, ~(size_t)0);
}

int __cdecl _wcsnicmp(const wchar_t *a, const wchar_t *b, size_t n)
{
    for (; n; a++, b++, n--)
    {
        int diff = ascii_lower(*a) - ascii_lower(*b);

        if (diff || !*a) return diff;
    }
    return 0;
}

wchar_t * __cdecl wcschr(const wchar_t *s, wchar_t c)
{
    for (;; s++)
    {
        if (*s == c) return (wchar_t *)s;
        if (!*s) return NULL;
    }
}

wchar_t * __cdecl wcsrchr(const wchar_t *s, wchar_t c)
{
    const wchar_t *found = NULL;

    for (;; s++)
    {
        if (*s == c) found = s;
        if (!*s) return (wchar_t *)found;
    }
}

wchar_t * __cdecl wcsstr(const wchar_t *s, const wchar_t *sub)
{
    size_t len = wcslen(sub);

    for (; *s || !len; s++)
        if (!wcsncmp(s, sub, len)) return (wchar_t *)s;
    return NULL;
}

size_t __cdecl wcsspn(const wchar_t *s, const wchar_t *accept)
{
    const wchar_t *p = s;

    while (*p && wcschr(accept, *p)) p++;
    return p - s;
}

size_t __cdecl wcscspn(const wchar_t *s, const wchar_t *reject)
{
    const wchar_t *p = s;

    while (*p && !wcschr(reject, *p)) p++;
    return p - s;
}

wchar_t * __cdecl wcspbrk(const wchar_t *s, const wchar_t *accept)
{
    s += wcscspn(s, accept);
    return *s ? (wchar_t *)s : NULL;
}

wchar_t * __cdecl _wcslwr(wchar_t *s)
{
    for (wchar_t *p = s; *p; p++) *p = ascii_lower(*p);
    return s;
}

wchar_t * __cdecl _wcsupr(wchar_t *s)
{
    for (wchar_t *p = s; *p; p++) *p = ascii_upper(*p);
    return s;
}

wchar_t * __cdecl wcstok_s(wchar_t *s, const wchar_t *delim, wchar_t **ctx)
{
    if (!ctx || !delim || (!s && !*ctx)) return NULL;
    if (!s) s = *ctx;
    s += wcsspn(s, delim);
    if (!*s)
    {
        *ctx = s;
        return NULL;
    }
    *ctx = s + wcscspn(s, delim);
    if (**ctx) *(*ctx)++ = 0;
    return s;
}

/* The two-argument form keeps its place for the whole process, as ntdll's does. */
wchar_t * __cdecl wcstok(wchar_t *s, const wchar_t *delim)
{
    static wchar_t *next;

    return wcstok_s(s, delim, &next);
}

/* ---- the checked forms: no handler is called, the destination is emptied and the error returned ---- */

static errno_t fail(wchar_t *dst, errno_t err)
{
    if (dst) *dst = 0;
    return err;
}

errno_t __cdecl wcscpy_s(wchar_t *dst, size_t size, const wchar_t *src)
{
    size_t i;

    if (!dst || !size) return EINVAL;
    if (!src) return fail(dst, EINVAL);
    for (i = 0; i < size; i++)
        if (!(dst[i] = src[i])) return 0;
    return fail(dst, ERANGE);
}

errno_t __cdecl wcscat_s(wchar_t *dst, size_t size, const wchar_t *src)
{
    size_t len;

    if (!dst || !size) return EINVAL;
    if (!src) return fail(dst, EINVAL);
    len = wcsnlen(dst, size);
    if (len == size) return fail(dst, EINVAL);
    for (size_t i = len; i < size; i++)
        if (!(dst[i] = src[i - len])) return 0;
    return fail(dst, ERANGE);
}

errno_t __cdecl wcsncpy_s(wchar_t *dst, size_t size, const wchar_t *src, size_t n)
{
    size_t len;

    if (!n && !dst && !size) return 0;
    if (!dst || !size) return EINVAL;
    if (!n) return fail(dst, 0);
    if (!src) return fail(dst, EINVAL);
    len = wcsnlen(src, n == _TRUNCATE ? size : n);
    if (len >= size)
    {
        if (n != _TRUNCATE) return fail(dst, ERANGE);
        memcpy(dst, src, (size - 1) * sizeof(*dst));
        dst[size - 1] = 0;
        return STRUNCATE;
    }
    memcpy(dst, src, len * sizeof(*dst));
    dst[len] = 0;
    return 0;
}

errno_t __cdecl wcsncat_s(wchar_t *dst, size_t size, const wchar_t *src, size_t n)
{
    size_t len;

    if (!n && !dst && !size) return 0;
    if (!dst || !size) return EINVAL;
    len = wcsnlen(dst, size);
    if (len == size) return fail(dst, EINVAL);
    if (!n) return 0;
    if (!src) return fail(dst, EINVAL);
    return wcsncpy_s(dst + len, size - len, src, n) == ERANGE ? fail(dst, ERANGE) :
           n == _TRUNCATE && wcsnlen(src, size - len) == size - len ? STRUNCATE : 0;
}

errno_t __cdecl _wcslwr_s(wchar_t *s, size_t size)
{
    if (!s) return EINVAL;
    if (wcsnlen(s, size) == size) return fail(size ? s : NULL, EINVAL);
    _wcslwr(s);
    return 0;
}

errno_t __cdecl _wcsupr_s(wchar_t *s, size_t size)
{
    if (!s) return EINVAL;
    if (wcsnlen(s, size) == size) return fail(size ? s : NULL, EINVAL);
    _wcsupr(s);
    return 0;
}
