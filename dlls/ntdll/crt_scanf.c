/* sscanf of ntdll: integers, characters, strings and sets. Floating point is not read, as in Windows' ntdll
 * (ntdll:string test_sscanf): such a conversion ends the scan. */

#include <limits.h>
#include <stdbool.h>

#include "utf.h"

int __cdecl sscanf(const char *s, const char *format, ...);

struct spec
{
    bool skip, wide;
    int width;                                  /* INT_MAX: none */
    enum { S_CHAR, S_SHORT, S_INT, S_64 } size;
};

static const char *read_spec(const char *f, struct spec *spec)
{
    *spec = (struct spec){ .width = INT_MAX, .size = S_INT };
    if (*f == '*')
    {
        spec->skip = true;
        f++;
    }
    if (isdigit((unsigned char)*f)) spec->width = (int)strtoul(f, (char **)&f, 10);
    for (;; f++)
    {
        switch (*f)
        {
        case 'h': spec->size = spec->size == S_SHORT ? S_CHAR : S_SHORT; break;
        case 'l':
            if (f[1] == 'l') spec->size = S_64;
            spec->wide = true;
            break;
        case 'w': spec->wide = true; break;
        case 'L': case 'z': case 't': case 'j': spec->size = S_64; break;
        case 'I':
            if (f[1] == '3' && f[2] == '2') f += 2;
            else
            {
                spec->size = S_64;
                if (f[1] == '6' && f[2] == '4') f += 2;
            }
            break;
        default: return f;
        }
    }
}

static int digit_value(char c)
{
    if (isdigit((unsigned char)c)) return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : 99;
}

/* Returns the end of the number, or NULL if there is none. */
static const char *read_integer(const char *s, int width, int base, ULONGLONG *value)
{
    const char *end = s + strnlen(s, width), *start;
    bool negative = s < end && *s == '-';

    *value = 0;
    if (s < end && (*s == '-' || *s == '+')) s++;
    if ((base == 0 || base == 16) && end - s > 2 && s[0] == '0' && (s[1] | 32) == 'x' && digit_value(s[2]) < 16)
    {
        s += 2;
        base = 16;
    }
    else if (base == 0) base = s < end && *s == '0' ? 8 : 10;
    for (start = s; s < end && digit_value(*s) < base; s++) *value = *value * base + digit_value(*s);
    if (negative) *value = -*value;
    return s > start ? s : NULL;
}

static void store(void *dst, const struct spec *spec, ULONGLONG value)
{
    if (spec->size == S_CHAR) *(unsigned char *)dst = (unsigned char)value;
    else if (spec->size == S_SHORT) *(unsigned short *)dst = (unsigned short)value;
    else if (spec->size == S_64) *(ULONGLONG *)dst = value;
    else *(unsigned int *)dst = (unsigned int)value;
}

/* A set like [^a-z]: fills the map and returns what follows. */
static const char *read_set(const char *f, bool map[256])
{
    bool invert = *f == '^';
    const char *first;

    if (invert) f++;
    memset(map, invert, 256);
    for (first = f; *f && (*f != ']' || f == first); f++)
    {
        unsigned char low = *f, high = low;

        if (f[1] == '-' && f[2] && f[2] != ']')
        {
            high = f[2];
            f += 2;
        }
        for (unsigned int c = low; c <= high; c++) map[c] = !invert;
    }
    return *f ? f + 1 : f;
}

static void store_text(void *dst, const struct spec *spec, const char *text, size_t len, bool terminate)
{
    if (spec->wide)
    {
        size_t n;

        utf8_to_utf16(dst, len, &n, text, len, UTF_ESCAPE);
        if (terminate) ((WCHAR *)dst)[n] = 0;
    }
    else
    {
        memcpy(dst, text, len);
        if (terminate) ((char *)dst)[len] = 0;
    }
}

static int scan(const char *s, const char *f, va_list args)
{
    const char *start = s, *p;
    bool set[256];
    struct spec spec;
    int stored = 0;

    while (*f)
    {
        ULONGLONG value;
        char conversion;
        int base;

        if (isspace((unsigned char)*f))
        {
            f++;
            while (isspace((unsigned char)*s)) s++;
            continue;
        }
        if (*f != '%' || *++f == '%')
        {
            if (*s != *f) return !*s && !stored ? -1 : stored;
            s++;
            f++;
            continue;
        }
        f = read_spec(f, &spec);
        if (!(conversion = *f)) break;
        f++;
        if (conversion == 'n')
        {
            if (!spec.skip) store(va_arg(args, void *), &spec, s - start);
            continue;
        }
        if (conversion != 'c' && conversion != 'C' && conversion != '[')
            while (isspace((unsigned char)*s)) s++;
        if (!*s) return stored ? stored : -1;

        switch (conversion)
        {
        case 'd': case 'u': base = 10; goto integer;
        case 'i': base = 0; goto integer;
        case 'o': base = 8; goto integer;
        case 'p': spec.size = S_64; /* fall through */
        case 'x': case 'X': base = 16;
        integer:
            if (!(p = read_integer(s, spec.width, base, &value))) return stored;
            if (!spec.skip)
            {
                store(va_arg(args, void *), &spec, value);
                stored++;
            }
            s = p;
            break;
        case 'c': case 'C':
            if (spec.width == INT_MAX) spec.width = 1;
            if (strnlen(s, spec.width) < (size_t)spec.width) return stored;
            p = s + spec.width;
            if (!spec.skip)
            {
                store_text(va_arg(args, void *), &spec, s, p - s, false);
                stored++;
            }
            s = p;
            break;
        case 's': case 'S': case '[':
            if (conversion == '[') f = read_set(f, set);
            else for (int i = 0; i < 256; i++) set[i] = !isspace(i);
            if (conversion == 'S') spec.wide = true;
            for (p = s; *p && p - s < spec.width && set[(unsigned char)*p]; p++) {}
            if (p == s) return stored;
            if (!spec.skip)
            {
                store_text(va_arg(args, void *), &spec, s, p - s, true);
                stored++;
            }
            s = p;
            break;
        default:
            return stored;
        }
    }
    return stored;
}

int __cdecl sscanf(const char *s, const char *format, ...)
{
    va_list args;
    int ret;

    va_start(args, format);
    ret = scan(s, format, args);
    va_end(args);
    return ret;
}
