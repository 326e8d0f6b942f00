/* atoi, strtol, _itoa and their many relatives. long is 32 bits here. */

#include <limits.h>
#include <stdbool.h>

#include "rtl.h"

#undef _wtoi
#undef _wtol

static int a_digit(unsigned char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    c |= 32;
    return c >= 'a' && c <= 'z' ? c - 'a' + 10 : 99;
}

static int a_space(char c)
{
    return isspace((unsigned char)c);
}

/* The decimal digits of the scripts that wcstol() reads, by their zero (ntdll:string test_wcstol). */
static int w_digit(wchar_t c)
{
    static const unsigned short zeros[] =
    {
        0x0660, 0x06f0, 0x0966, 0x09e6, 0x0a66, 0x0ae6, 0x0b66, 0x0c66, 0x0ce6,
        0x0d66, 0x0e50, 0x0ed0, 0x0f20, 0x1040, 0x17e0, 0x1810, 0xff10
    };

    if (c < 0x80) return a_digit((unsigned char)c);
    for (unsigned int i = 0; i < ARRAY_SIZE(zeros) && c >= zeros[i]; i++)
        if (c < zeros[i] + 10) return c - zeros[i];
    return 99;
}

static int w_space(wchar_t c)
{
    return iswspace(c);
}

#define CHAR char
#define NAME(n) a_##n
#include "crt_num.h"
#undef CHAR
#undef NAME
#define CHAR wchar_t
#define NAME(n) w_##n
#include "crt_num.h"
#undef CHAR
#undef NAME

/* Only base 10 has a sign. */
#define MAGNITUDE(v) (radix == 10 && (v) < 0 ? -(ULONGLONG)(LONGLONG)(v) : (ULONGLONG)(v))
#define NEGATIVE(v) (radix == 10 && (v) < 0)

char * __cdecl _itoa(int v, char *s, int radix) { return a_put(s, NEGATIVE(v) ? MAGNITUDE(v) : (ULONG)v, NEGATIVE(v), radix); }
char * __cdecl _ltoa(LONG v, char *s, int radix) { return _itoa(v, s, radix); }
char * __cdecl _ultoa(ULONG v, char *s, int radix) { return a_put(s, v, false, radix); }
char * __cdecl _i64toa(LONGLONG v, char *s, int radix) { return a_put(s, MAGNITUDE(v), NEGATIVE(v), radix); }
char * __cdecl _ui64toa(ULONGLONG v, char *s, int radix) { return a_put(s, v, false, radix); }

wchar_t * __cdecl _itow(int v, wchar_t *s, int radix) { return w_put(s, NEGATIVE(v) ? MAGNITUDE(v) : (ULONG)v, NEGATIVE(v), radix); }
wchar_t * __cdecl _ltow(LONG v, wchar_t *s, int radix) { return _itow(v, s, radix); }
wchar_t * __cdecl _ultow(ULONG v, wchar_t *s, int radix) { return w_put(s, v, false, radix); }
wchar_t * __cdecl _i64tow(LONGLONG v, wchar_t *s, int radix) { return w_put(s, MAGNITUDE(v), NEGATIVE(v), radix); }
wchar_t * __cdecl _ui64tow(ULONGLONG v, wchar_t *s, int radix) { return w_put(s, v, false, radix); }

errno_t __cdecl _itoa_s(int v, char *s, size_t n, int radix) { return a_put_s(s, n, NEGATIVE(v) ? MAGNITUDE(v) : (ULONG)v, NEGATIVE(v), radix); }
errno_t __cdecl _ltoa_s(LONG v, char *s, size_t n, int radix) { return _itoa_s(v, s, n, radix); }
errno_t __cdecl _ultoa_s(ULONG v, char *s, size_t n, int radix) { return a_put_s(s, n, v, false, radix); }
errno_t __cdecl _i64toa_s(LONGLONG v, char *s, size_t n, int radix) { return a_put_s(s, n, MAGNITUDE(v), NEGATIVE(v), radix); }
errno_t __cdecl _ui64toa_s(ULONGLONG v, char *s, size_t n, int radix) { return a_put_s(s, n, v, false, radix); }

errno_t __cdecl _itow_s(int v, wchar_t *s, size_t n, int radix) { return w_put_s(s, n, NEGATIVE(v) ? MAGNITUDE(v) : (ULONG)v, NEGATIVE(v), radix); }
errno_t __cdecl _ltow_s(LONG v, wchar_t *s, size_t n, int radix) { return _itow_s(v, s, n, radix); }
errno_t __cdecl _ultow_s(ULONG v, wchar_t *s, size_t n, int radix) { return w_put_s(s, n, v, false, radix); }
errno_t __cdecl _i64tow_s(LONGLONG v, wchar_t *s, size_t n, int radix) { return w_put_s(s, n, MAGNITUDE(v), NEGATIVE(v), radix); }
errno_t __cdecl _ui64tow_s(ULONGLONG v, wchar_t *s, size_t n, int radix) { return w_put_s(s, n, v, false, radix); }

LONG __cdecl strtol(const char *s, char **end, int base) { return a_get_long(s, end, base); }
ULONG __cdecl strtoul(const char *s, char **end, int base) { return a_get_ulong(s, end, base); }
LONG __cdecl wcstol(const wchar_t *s, wchar_t **end, int base) { return w_get_long(s, end, base); }
ULONG __cdecl wcstoul(const wchar_t *s, wchar_t **end, int base) { return w_get_ulong(s, end, base); }
LONGLONG __cdecl _strtoi64(const char *s, char **end, int base) { return a_get_int64(s, end, base); }
ULONGLONG __cdecl _strtoui64(const char *s, char **end, int base) { return a_get_uint64(s, end, base); }
LONGLONG __cdecl _wcstoi64(const wchar_t *s, wchar_t **end, int base) { return w_get_int64(s, end, base); }
ULONGLONG __cdecl _wcstoui64(const wchar_t *s, wchar_t **end, int base) { return w_get_uint64(s, end, base); }

int __cdecl atoi(const char *s) { return (int)a_get_wrapping(s); }
LONG __cdecl atol(const char *s) { return (LONG)a_get_wrapping(s); }
LONGLONG __cdecl _atoi64(const char *s) { return (LONGLONG)a_get_wrapping(s); }
int __cdecl _wtoi(const wchar_t *s) { return (int)w_get_wrapping(s); }
LONG __cdecl _wtol(const wchar_t *s) { return (LONG)w_get_wrapping(s); }
LONGLONG __cdecl _wtoi64(const wchar_t *s) { return (LONGLONG)w_get_wrapping(s); }

int __cdecl abs(int v) { return v < 0 ? -v : v; }
LONG __cdecl labs(LONG v) { return v < 0 ? -v : v; }
