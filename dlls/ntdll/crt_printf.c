/* The printf family of ntdll: integers, characters and strings, narrow and wide, with Windows' size prefixes and its
 * rule of the full buffer (ntdll:string test__snprintf). As in Windows' ntdll there is no floating point: such a
 * conversion, like every unknown one, prints its letter. */

#include <stdbool.h>
#include <limits.h>

#include "utf.h"

#undef _vscprintf
#undef _vscwprintf
#undef _snwprintf
#undef _vsnwprintf
#undef _swprintf
#undef _vswprintf
#undef swprintf
#undef vswprintf
#undef snprintf
#undef vsnprintf
#undef sprintf
#undef vsprintf

int __cdecl _vsnprintf(char *buffer, size_t size, const char *format, va_list args);
int __cdecl _vsnprintf_s(char *buffer, size_t size, size_t max, const char *format, va_list args);
int __cdecl _vscprintf(const char *format, va_list args);
int __cdecl vsprintf(char *buffer, const char *format, va_list args);
int __cdecl vsprintf_s(char *buffer, size_t size, const char *format, va_list args);
int __cdecl _snprintf(char *buffer, size_t size, const char *format, ...);
int __cdecl _snprintf_s(char *buffer, size_t size, size_t max, const char *format, ...);
int __cdecl sprintf(char *buffer, const char *format, ...);
int __cdecl sprintf_s(char *buffer, size_t size, const char *format, ...);
int __cdecl _vswprintf(wchar_t *buffer, const wchar_t *format, va_list args);

/* Where output goes: units of one or two bytes; past the end they are only counted. */
struct sink
{
    void *buffer;
    size_t size;        /* units */
    size_t count;
    bool wide;
};

struct spec
{
    bool left, plus, space, alt, zero;
    int width, precision;       /* precision -1: none */
    enum { SIZE_NONE, SIZE_CHAR, SIZE_SHORT, SIZE_LONG, SIZE_64, SIZE_BIG_L } size;
};

static void put(struct sink *s, WCHAR c)
{
    if (s->count < s->size)
    {
        if (s->wide) ((WCHAR *)s->buffer)[s->count] = c;
        else ((char *)s->buffer)[s->count] = (char)c;
    }
    s->count++;
}

static void pad(struct sink *s, WCHAR c, int n)
{
    while (n-- > 0) put(s, c);
}

/* A string of units of the sink's own width, padded. */
static void put_units(struct sink *s, const struct spec *spec, const void *text, bool wide, size_t len)
{
    int fill = spec->width > (int)len ? spec->width - (int)len : 0;

    if (!spec->left) pad(s, spec->zero ? '0' : ' ', fill);
    for (size_t i = 0; i < len; i++) put(s, wide ? ((const WCHAR *)text)[i] : ((const unsigned char *)text)[i]);
    if (spec->left) pad(s, ' ', fill);
}

/* Text of the other width goes through the ANSI code page; the precision counts units of the source. */
static void put_text(struct sink *s, const struct spec *spec, const void *text, bool wide, size_t len)
{
    DWORD bytes;
    void *copy;

    if (s->wide == wide)
    {
        put_units(s, spec, text, wide, len);
        return;
    }
    if (wide) RtlUnicodeToMultiByteSize(&bytes, text, len * sizeof(WCHAR));
    else RtlMultiByteToUnicodeSize(&bytes, text, len);
    if (!(copy = heap_alloc(bytes))) return;
    if (wide) RtlUnicodeToMultiByteN(copy, bytes, NULL, text, len * sizeof(WCHAR));
    else RtlMultiByteToUnicodeN(copy, bytes, NULL, text, len);
    put_units(s, spec, copy, s->wide, s->wide ? bytes / sizeof(WCHAR) : bytes);
    heap_free(copy);
}

static void put_string(struct sink *s, const struct spec *spec, const void *text, bool wide)
{
    size_t max = spec->precision < 0 ? ~(size_t)0 : (size_t)spec->precision;

    if (!text)
    {
        text = wide ? (const void *)L"(null)" : "(null)";
    }
    put_text(s, spec, text, wide, wide ? wcsnlen(text, max) : strnlen(text, max));
}

static void put_integer(struct sink *s, const struct spec *spec, ULONGLONG value, bool negative, char conversion)
{
    static const char lower[] = "0123456789abcdef", upper[] = "0123456789ABCDEF";
    unsigned int base = conversion == 'o' ? 8 : conversion == 'x' || conversion == 'X' ? 16 : 10;
    const char *set = conversion == 'X' ? upper : lower;
    char digits[24], prefix[2];
    int n = 0, n_prefix = 0, zeros, fill;
    bool is_zero = !value;

    for (; value; value /= base) digits[n++] = set[value % base];
    if (!n && spec->precision) digits[n++] = '0';

    if (negative) prefix[n_prefix++] = '-';
    else if (spec->plus) prefix[n_prefix++] = '+';
    else if (spec->space) prefix[n_prefix++] = ' ';
    if (spec->alt && base == 16 && !is_zero)
    {
        prefix[n_prefix++] = '0';
        prefix[n_prefix++] = conversion;
    }
    zeros = spec->precision > n ? spec->precision - n : 0;
    if (spec->alt && base == 8 && !zeros && (!n || digits[n - 1] != '0')) zeros = 1;
    fill = spec->width - n - n_prefix - zeros;
    if (spec->zero && !spec->left && spec->precision < 0 && fill > 0)
    {
        zeros += fill;
        fill = 0;
    }

    if (!spec->left) pad(s, ' ', fill);
    for (int i = 0; i < n_prefix; i++) put(s, prefix[i]);
    pad(s, '0', zeros);
    while (n) put(s, digits[--n]);
    if (spec->left) pad(s, ' ', fill);
}

/* The format as a sequence of units of either width. */
static inline WCHAR unit(const void *format, bool wide, size_t i)
{
    return wide ? ((const WCHAR *)format)[i] : ((const unsigned char *)format)[i];
}

static int read_number(const void *format, bool wide, size_t *i)
{
    int n = 0;

    for (WCHAR c; (c = unit(format, wide, *i)) >= '0' && c <= '9'; (*i)++)
        if (n < 100000000) n = n * 10 + c - '0';
    return n;
}

static void read_size(const void *format, bool wide, size_t *i, struct spec *spec)
{
    for (;; (*i)++)
    {
        WCHAR next = unit(format, wide, *i) ? unit(format, wide, *i + 1) : 0;

        switch (unit(format, wide, *i))
        {
        case 'h': spec->size = spec->size == SIZE_SHORT ? SIZE_CHAR : SIZE_SHORT; break;
        case 'l': spec->size = spec->size == SIZE_LONG ? SIZE_64 : SIZE_LONG; break;
        case 'w': spec->size = SIZE_LONG; break;
        case 'L': spec->size = SIZE_BIG_L; break;
        case 'z': case 't': case 'j': spec->size = SIZE_64; break;
        case 'I':
            if (next == '6' && unit(format, wide, *i + 2) == '4')
            {
                spec->size = SIZE_64;
                *i += 2;
            }
            else if (next == '3' && unit(format, wide, *i + 2) == '2')
            {
                spec->size = SIZE_NONE;
                *i += 2;
            }
            else spec->size = SIZE_64;
            break;
        default:
            return;
        }
    }
}

static void read_spec(const void *format, bool wide, size_t *i, struct spec *spec, va_list *args)
{
    WCHAR c;

    memset(spec, 0, sizeof(*spec));
    spec->precision = -1;
    for (;; (*i)++)
    {
        c = unit(format, wide, *i);
        if (c == '-') spec->left = true;
        else if (c == '+') spec->plus = true;
        else if (c == ' ') spec->space = true;
        else if (c == '#') spec->alt = true;
        else if (c == '0') spec->zero = true;
        else break;
    }
    if (c == '*')
    {
        spec->width = va_arg(*args, int);
        if (spec->width < 0)
        {
            spec->left = true;
            spec->width = -spec->width;
        }
        (*i)++;
    }
    else spec->width = read_number(format, wide, i);
    if (unit(format, wide, *i) == '.')
    {
        (*i)++;
        if (unit(format, wide, *i) == '*')
        {
            spec->precision = va_arg(*args, int);
            if (spec->precision < 0) spec->precision = -1;
            (*i)++;
        }
        else spec->precision = read_number(format, wide, i);
    }
    read_size(format, wide, i, spec);
}

static void put_signed(struct sink *s, const struct spec *spec, va_list *args)
{
    LONGLONG v = spec->size == SIZE_64 ? va_arg(*args, LONGLONG) : va_arg(*args, int);

    if (spec->size == SIZE_SHORT) v = (short)v;
    if (spec->size == SIZE_CHAR) v = (signed char)v;
    put_integer(s, spec, v < 0 ? -(ULONGLONG)v : (ULONGLONG)v, v < 0, 'd');
}

static void put_unsigned(struct sink *s, struct spec *spec, va_list *args, char conversion)
{
    ULONGLONG v = spec->size == SIZE_64 ? va_arg(*args, ULONGLONG) : va_arg(*args, unsigned int);

    if (spec->size == SIZE_SHORT) v = (unsigned short)v;
    if (spec->size == SIZE_CHAR) v = (unsigned char)v;
    spec->plus = spec->space = false;
    put_integer(s, spec, v, false, conversion);
}

static bool is_wide(const struct sink *s, const struct spec *spec, bool swapped)
{
    if (spec->size == SIZE_SHORT) return false;
    if (spec->size == SIZE_LONG) return true;
    return s->wide != swapped;
}

static void put_counted(struct sink *s, struct spec *spec, const UNICODE_STRING *str)
{
    bool wide = spec->size == SIZE_LONG;

    if (!str || !str->Buffer) put_string(s, spec, NULL, s->wide);
    else
    {
        size_t len = wide ? str->Length / sizeof(WCHAR) : str->Length;

        if (spec->precision >= 0 && (size_t)spec->precision < len) len = spec->precision;
        put_text(s, spec, str->Buffer, wide, len);
    }
}

/* Everything a format says; returns the units it takes, written or not. */
static size_t print(struct sink *s, const void *format, va_list list)
{
    va_list args;
    struct spec spec;
    WCHAR c;

    va_copy(args, list);
    for (size_t i = 0; (c = unit(format, s->wide, i)); i++)
    {
        if (c != '%')
        {
            put(s, c);
            continue;
        }
        i++;
        read_spec(format, s->wide, &i, &spec, &args);
        switch ((c = unit(format, s->wide, i)))
        {
        case 0:
            i--;
            break;
        case 'd': case 'i':
            put_signed(s, &spec, &args);
            break;
        case 'u': case 'o': case 'x': case 'X':
            put_unsigned(s, &spec, &args, (char)c);
            break;
        case 'p':
            spec.size = SIZE_64;
            spec.precision = 2 * sizeof(void *);
            put_unsigned(s, &spec, &args, 'X');
            break;
        case 'c': case 'C':
        {
            bool wide = is_wide(s, &spec, c == 'C');
            WCHAR w = (WCHAR)va_arg(args, int);
            char narrow = (char)w;

            put_text(s, &spec, wide ? (const void *)&w : &narrow, wide, 1);
            break;
        }
        case 's': case 'S':
            put_string(s, &spec, va_arg(args, const void *), is_wide(s, &spec, c == 'S'));
            break;
        case 'Z':
            put_counted(s, &spec, va_arg(args, const UNICODE_STRING *));
            break;
        default:
            put(s, c);
            break;
        }
    }
    va_end(args);
    return s->count;
}

/* The three rules for what does not fit, for both widths. */

static void end(const struct sink *s, size_t at)
{
    if (s->wide) ((WCHAR *)s->buffer)[at] = 0;
    else ((char *)s->buffer)[at] = 0;
}

/* _vsnprintf: a full buffer is not terminated, without a buffer the length is told. */
static int print_n(bool wide, void *buffer, size_t size, const void *format, va_list args)
{
    struct sink s = { buffer, buffer ? size : 0, 0, wide };
    size_t n = print(&s, format, args);

    if (!buffer && !size) return (int)n;
    if (n < s.size) end(&s, n);
    return n <= s.size ? (int)n : -1;
}

/* _vsnprintf_s: always terminated; emptied if the text was meant to be whole. */
static int print_n_s(bool wide, void *buffer, size_t size, size_t max, const void *format, va_list args)
{
    struct sink s = { buffer, size, 0, wide };
    size_t n;

    if (!format || (!buffer != !size)) return -1;
    if (!buffer) return max ? -1 : 0;
    if (max < size) s.size = max + 1;
    n = print(&s, format, args);
    if (n < s.size)
    {
        end(&s, n);
        return (int)n;
    }
    end(&s, max == _TRUNCATE || max < size ? s.size - 1 : 0);
    return -1;
}

/* vsprintf_s: all of it or nothing. */
static int print_s(bool wide, void *buffer, size_t size, const void *format, va_list args)
{
    struct sink s = { buffer, size, 0, wide };
    size_t n;

    if (!buffer || !size || !format) return -1;
    n = print(&s, format, args);
    end(&s, n < size ? n : 0);
    return n < size ? (int)n : -1;
}

#define FORWARD(call) \
    do { va_list args; int ret; va_start(args, format); ret = call; va_end(args); return ret; } while (0)

/* ---- narrow ---- */

int __cdecl _vsnprintf(char *buffer, size_t size, const char *format, va_list args)
{
    return print_n(false, buffer, size, format, args);
}

int __cdecl _vsnprintf_s(char *buffer, size_t size, size_t max, const char *format, va_list args)
{
    return print_n_s(false, buffer, size, max, format, args);
}

int __cdecl _vscprintf(const char *format, va_list args)
{
    return print_n(false, NULL, 0, format, args);
}

int __cdecl vsprintf(char *buffer, const char *format, va_list args)
{
    return print_n(false, buffer, INT_MAX, format, args);
}

int __cdecl vsprintf_s(char *buffer, size_t size, const char *format, va_list args)
{
    return print_s(false, buffer, size, format, args);
}

int __cdecl _snprintf(char *buffer, size_t size, const char *format, ...)
{
    FORWARD(print_n(false, buffer, size, format, args));
}

int __cdecl _snprintf_s(char *buffer, size_t size, size_t max, const char *format, ...)
{
    FORWARD(print_n_s(false, buffer, size, max, format, args));
}

int __cdecl sprintf(char *buffer, const char *format, ...)
{
    FORWARD(print_n(false, buffer, INT_MAX, format, args));
}

int __cdecl sprintf_s(char *buffer, size_t size, const char *format, ...)
{
    FORWARD(print_s(false, buffer, size, format, args));
}

/* ---- wide ---- */

int __cdecl _vsnwprintf(wchar_t *buffer, size_t size, const wchar_t *format, va_list args)
{
    return print_n(true, buffer, size, format, args);
}

int __cdecl _vsnwprintf_s(wchar_t *buffer, size_t size, size_t max, const wchar_t *format, va_list args)
{
    return print_n_s(true, buffer, size, max, format, args);
}

int __cdecl _vscwprintf(const wchar_t *format, va_list args)
{
    return print_n(true, NULL, 0, format, args);
}

int __cdecl _vswprintf(wchar_t *buffer, const wchar_t *format, va_list args)
{
    return print_n(true, buffer, INT_MAX, format, args);
}

int __cdecl vswprintf_s(wchar_t *buffer, size_t size, const wchar_t *format, va_list args)
{
    return print_s(true, buffer, size, format, args);
}

int __cdecl _snwprintf(wchar_t *buffer, size_t size, const wchar_t *format, ...)
{
    FORWARD(print_n(true, buffer, size, format, args));
}

int __cdecl _snwprintf_s(wchar_t *buffer, size_t size, size_t max, const wchar_t *format, ...)
{
    FORWARD(print_n_s(true, buffer, size, max, format, args));
}

/* swprintf of ntdll has no size argument. */
int __cdecl _swprintf(wchar_t *buffer, const wchar_t *format, ...)
{
    FORWARD(print_n(true, buffer, INT_MAX, format, args));
}

int __cdecl swprintf_s(wchar_t *buffer, size_t size, const wchar_t *format, ...)
{
    FORWARD(print_s(true, buffer, size, format, args));
}
