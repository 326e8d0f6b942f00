/* The string functions, once for both widths: crt_str.c and crt_wcs.c include this file. They say first what a unit is:
 *   CH              its type
 *   UNIT(c)         its value, for comparing
 *   LOWER, UPPER(c) its other case, ASCII in Windows' ntdll for both widths (ntdll:string test_wcsicmp, test_wcslwrupr)
 *   FIND            the type by which strchr() is told what to look for
 *   STR(f), _STR(f) the names */

size_t __cdecl STR(len)(const CH *s)
{
    const CH *p = s;

    while (*p) p++;
    return p - s;
}

size_t __cdecl STR(nlen)(const CH *s, size_t max)
{
    size_t n = 0;

    while (n < max && s[n]) n++;
    return n;
}

CH * __cdecl STR(cpy)(CH *dst, const CH *src)
{
    CH *d = dst;

    while ((*d++ = *src++)) {}
    return dst;
}

CH * __cdecl STR(ncpy)(CH *dst, const CH *src, size_t n)
{
    size_t i = 0;

    for (; i < n && src[i]; i++) dst[i] = src[i];
    for (; i < n; i++) dst[i] = 0;
    return dst;
}

CH * __cdecl STR(cat)(CH *dst, const CH *src)
{
    STR(cpy)(dst + STR(len)(dst), src);
    return dst;
}

CH * __cdecl STR(ncat)(CH *dst, const CH *src, size_t n)
{
    CH *d = dst + STR(len)(dst);

    while (n-- && *src) *d++ = *src++;
    *d = 0;
    return dst;
}

int __cdecl STR(cmp)(const CH *a, const CH *b)
{
    for (; *a && *a == *b; a++, b++) {}
    return UNIT(*a) < UNIT(*b) ? -1 : UNIT(*a) > UNIT(*b);
}

int __cdecl STR(ncmp)(const CH *a, const CH *b, size_t n)
{
    for (; n; a++, b++, n--)
    {
        if (*a != *b) return UNIT(*a) < UNIT(*b) ? -1 : 1;
        if (!*a) break;
    }
    return 0;
}

int __cdecl _STR(icmp)(const CH *a, const CH *b)
{
    return _STR(nicmp)(a, b, ~(size_t)0);
}

int __cdecl _STR(nicmp)(const CH *a, const CH *b, size_t n)
{
    for (; n; a++, b++, n--)
    {
        int diff = UNIT(LOWER(*a)) - UNIT(LOWER(*b));

        if (diff || !*a) return diff;
    }
    return 0;
}

CH * __cdecl STR(chr)(const CH *s, FIND c)
{
    for (;; s++)
    {
        if (*s == (CH)c) return (CH *)s;
        if (!*s) return NULL;
    }
}

CH * __cdecl STR(rchr)(const CH *s, FIND c)
{
    const CH *found = NULL;

    for (;; s++)
    {
        if (*s == (CH)c) found = s;
        if (!*s) return (CH *)found;
    }
}

CH * __cdecl STR(str)(const CH *s, const CH *sub)
{
    size_t len = STR(len)(sub);

    for (; *s || !len; s++)
        if (!STR(ncmp)(s, sub, len)) return (CH *)s;
    return NULL;
}

size_t __cdecl STR(spn)(const CH *s, const CH *accept)
{
    const CH *p = s;

    while (*p && STR(chr)(accept, *p)) p++;
    return p - s;
}

size_t __cdecl STR(cspn)(const CH *s, const CH *reject)
{
    const CH *p = s;

    while (*p && !STR(chr)(reject, *p)) p++;
    return p - s;
}

CH * __cdecl STR(pbrk)(const CH *s, const CH *accept)
{
    s += STR(cspn)(s, accept);
    return *s ? (CH *)s : NULL;
}

CH * __cdecl _STR(lwr)(CH *s)
{
    for (CH *p = s; *p; p++) *p = LOWER(*p);
    return s;
}

CH * __cdecl _STR(upr)(CH *s)
{
    for (CH *p = s; *p; p++) *p = UPPER(*p);
    return s;
}

CH * __cdecl STR(tok_s)(CH *s, const CH *delim, CH **ctx)
{
    if (!ctx || !delim || (!s && !*ctx)) return NULL;
    if (!s) s = *ctx;
    s += STR(spn)(s, delim);
    if (!*s)
    {
        *ctx = s;
        return NULL;
    }
    *ctx = s + STR(cspn)(s, delim);
    if (**ctx) *(*ctx)++ = 0;
    return s;
}

/* ---- the checked forms: no handler is called, the destination is emptied and the error returned ---- */

static errno_t fail(CH *dst, errno_t err)
{
    if (dst) *dst = 0;
    return err;
}

errno_t __cdecl STR(cpy_s)(CH *dst, size_t size, const CH *src)
{
    size_t i;

    if (!dst || !size) return EINVAL;
    if (!src) return fail(dst, EINVAL);
    for (i = 0; i < size; i++)
        if (!(dst[i] = src[i])) return 0;
    return fail(dst, ERANGE);
}

errno_t __cdecl STR(cat_s)(CH *dst, size_t size, const CH *src)
{
    size_t len;

    if (!dst || !size) return EINVAL;
    if (!src) return fail(dst, EINVAL);
    len = STR(nlen)(dst, size);
    if (len == size) return fail(dst, EINVAL);
    for (size_t i = len; i < size; i++)
        if (!(dst[i] = src[i - len])) return 0;
    return fail(dst, ERANGE);
}

errno_t __cdecl STR(ncpy_s)(CH *dst, size_t size, const CH *src, size_t n)
{
    size_t len;

    if (!n && !dst && !size) return 0;
    if (!dst || !size) return EINVAL;
    if (!n) return fail(dst, 0);
    if (!src) return fail(dst, EINVAL);
    len = STR(nlen)(src, n == _TRUNCATE ? size : n);
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

errno_t __cdecl STR(ncat_s)(CH *dst, size_t size, const CH *src, size_t n)
{
    size_t len;

    if (!n && !dst && !size) return 0;
    if (!dst || !size) return EINVAL;
    len = STR(nlen)(dst, size);
    if (len == size) return fail(dst, EINVAL);
    if (!n) return 0;
    if (!src) return fail(dst, EINVAL);
    return STR(ncpy_s)(dst + len, size - len, src, n) == ERANGE ? fail(dst, ERANGE) :
           n == _TRUNCATE && STR(nlen)(src, size - len) == size - len ? STRUNCATE : 0;
}

errno_t __cdecl _STR(lwr_s)(CH *s, size_t size)
{
    if (!s) return EINVAL;
    if (STR(nlen)(s, size) == size) return fail(size ? s : NULL, EINVAL);
    _STR(lwr)(s);
    return 0;
}

errno_t __cdecl _STR(upr_s)(CH *s, size_t size)
{
    if (!s) return EINVAL;
    if (STR(nlen)(s, size) == size) return fail(size ? s : NULL, EINVAL);
    _STR(upr)(s);
    return 0;
}
