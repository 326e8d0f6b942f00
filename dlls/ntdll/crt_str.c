/* Narrow strings. Case is ASCII, as in Windows' ntdll. */

#include "rtl.h"

#undef _strcmpi
#undef strncpy
#undef strncat
#undef strcpy
#undef strcat

int __cdecl _strcmpi(const char *a, const char *b);

size_t __cdecl strlen(const char *s)
{
    const char *p = s;

    while (*p) p++;
    return p - s;
}

size_t __cdecl strnlen(const char *s, size_t max)
{
    size_t n = 0;

    while (n < max && s[n]) n++;
    return n;
}

char * __cdecl strcpy(char *dst, const char *src)
{
    char *d = dst;

    while ((*d++ = *src++)) {}
    return dst;
}

char * __cdecl strncpy(char *dst, const char *src, size_t n)
{
    size_t i = 0;

    for (; i < n && src[i]; i++) dst[i] = src[i];
    for (; i < n; i++) dst[i] = 0;
    return dst;
}

char * __cdecl strcat(char *dst, const char *src)
{
    strcpy(dst + strlen(dst), src);
    return dst;
}

char * __cdecl strncat(char *dst, const char *src, size_t n)
{
    char *d = dst + strlen(dst);

    while (n-- && *src) *d++ = *src++;
    *d = 0;
    return dst;
}

int __cdecl strcmp(const char *a, const char *b)
{
    for (; *a && *a == *b; a++, b++) {}
    return (unsigned char)*a < (unsigned char)*b ? -1 : (unsigned char)*a > (unsigned char)*b;
}

int __cdecl strncmp(const char *a, const char *b, size_t n)
{
    for (; n; a++, b++, n--)
    {
        if (*a != *b) return (unsigned char)*a < (unsigned char)*b ? -1 : 1;
        if (!*a) break;
    }
    return 0;
}

int __cdecl _stricmp(const char *a, const char *b)
{
    return _strnicmp(a, b, ~(size_t)0);
}

int __cdecl _strcmpi(const char *a, const char *b)
{
    return _strnicmp(a, b, ~(size_t)0);
}

int __cdecl _strnicmp(const char *a, const char *b, size_t n)
{
    for (; n; a++, b++, n--)
    {
        int diff = tolower((unsigned char)*a) - tolower((unsigned char)*b);

        if (diff || !*a) return diff;
    }
    return 0;
}

char * __cdecl strchr(const char *s, int c)
{
    for (;; s++)
    {
        if (*s == (char)c) return (char *)s;
        if (!*s) return NULL;
    }
}

char * __cdecl strrchr(const char *s, int c)
{
    const char *found = NULL;

    for (;; s++)
    {
        if (*s == (char)c) found = s;
        if (!*s) return (char *)found;
    }
}

char * __cdecl strstr(const char *s, const char *sub)
{
    size_t len = strlen(sub);

    for (; *s || !len; s++)
        if (!strncmp(s, sub, len)) return (char *)s;
    return NULL;
}

size_t __cdecl strspn(const char *s, const char *accept)
{
    const char *p = s;

    while (*p && strchr(accept, *p)) p++;
    return p - s;
}

size_t __cdecl strcspn(const char *s, const char *reject)
{
    const char *p = s;

    while (*p && !strchr(reject, *p)) p++;
    return p - s;
}

char * __cdecl strpbrk(const char *s, const char *accept)
{
    s += strcspn(s, accept);
    return *s ? (char *)s : NULL;
}

char * __cdecl _strlwr(char *s)
{
    for (char *p = s; *p; p++) *p = (char)tolower((unsigned char)*p);
    return s;
}

char * __cdecl _strupr(char *s)
{
    for (char *p = s; *p; p++) *p = (char)toupper((unsigned char)*p);
    return s;
}

char * __cdecl strtok_s(char *s, const char *delim, char **ctx)
{
    if (!ctx || !delim || (!s && !*ctx)) return NULL;
    if (!s) s = *ctx;
    s += strspn(s, delim);
    if (!*s)
    {
        *ctx = s;
        return NULL;
    }
    *ctx = s + strcspn(s, delim);
    if (**ctx) *(*ctx)++ = 0;
    return s;
}

/* ---- the checked forms: no handler is called, the destination is emptied and the error returned ---- */

static errno_t fail(char *dst, errno_t err)
{
    if (dst) *dst = 0;
    return err;
}

errno_t __cdecl strcpy_s(char *dst, size_t size, const char *src)
{
    size_t i;

    if (!dst || !size) return EINVAL;
    if (!src) return fail(dst, EINVAL);
    for (i = 0; i < size; i++)
        if (!(dst[i] = src[i])) return 0;
    return fail(dst, ERANGE);
}

errno_t __cdecl strcat_s(char *dst, size_t size, const char *src)
{
    size_t len;

    if (!dst || !size) return EINVAL;
    if (!src) return fail(dst, EINVAL);
    len = strnlen(dst, size);
    if (len == size) return fail(dst, EINVAL);
    for (size_t i = len; i < size; i++)
        if (!(dst[i] = src[i - len])) return 0;
    return fail(dst, ERANGE);
}

errno_t __cdecl strncpy_s(char *dst, size_t size, const char *src, size_t n)
{
    size_t len;

    if (!n && !dst && !size) return 0;
    if (!dst || !size) return EINVAL;
    if (!n) return fail(dst, 0);
    if (!src) return fail(dst, EINVAL);
    len = strnlen(src, n == _TRUNCATE ? size : n);
    if (len >= size)
    {
        if (n != _TRUNCATE) return fail(dst, ERANGE);
        memcpy(dst, src, size - 1);
        dst[size - 1] = 0;
        return STRUNCATE;
    }
    memcpy(dst, src, len);
    dst[len] = 0;
    return 0;
}

errno_t __cdecl strncat_s(char *dst, size_t size, const char *src, size_t n)
{
    size_t len;

    if (!n && !dst && !size) return 0;
    if (!dst || !size) return EINVAL;
    len = strnlen(dst, size);
    if (len == size) return fail(dst, EINVAL);
    if (!n) return 0;
    if (!src) return fail(dst, EINVAL);
    return strncpy_s(dst + len, size - len, src, n) == ERANGE ? fail(dst, ERANGE) :
           n == _TRUNCATE && strnlen(src, size - len) == size - len ? STRUNCATE : 0;
}

errno_t __cdecl _strlwr_s(char *s, size_t size)
{
    if (!s) return EINVAL;
    if (strnlen(s, size) == size) return fail(size ? s : NULL, EINVAL);
    _strlwr(s);
    return 0;
}

errno_t __cdecl _strupr_s(char *s, size_t size)
{
    if (!s) return EINVAL;
    if (strnlen(s, size) == size) return fail(size ? s : NULL, EINVAL);
    _strupr(s);
    return 0;
}
