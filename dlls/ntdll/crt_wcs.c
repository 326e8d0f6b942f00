/* Wide strings. */

#include "rtl.h"

#undef wcscpy
#undef wcsncpy
#undef wcscat
#undef wcsncat
#undef wcstok

#define CH wchar_t
#define FIND wchar_t
#define UNIT(c) (c)
#define LOWER(c) ascii_lower(c)
#define UPPER(c) ascii_upper(c)
#define STR(f) wcs##f
#define _STR(f) _wcs##f

static inline wchar_t ascii_lower(wchar_t c)
{
    return (unsigned int)(c - 'A') < 26 ? c + 32 : c;
}

static inline wchar_t ascii_upper(wchar_t c)
{
    return (unsigned int)(c - 'a') < 26 ? c - 32 : c;
}

#include "crt_str.h"

/* The two-argument form keeps its place for the whole process, as ntdll's does. */
wchar_t * __cdecl wcstok(wchar_t *s, const wchar_t *delim);

wchar_t * __cdecl wcstok(wchar_t *s, const wchar_t *delim)
{
    static wchar_t *next;

    return wcstok_s(s, delim, &next);
}
