/* wsprintf: a printf of its own, without floating point, that never writes more than 1024 characters. */
#include <stdarg.h>
#include <string.h>

#define _USER32_
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winuser.h"

#define LIMIT 1024      /* with the terminator */

/* One conversion: %[-][#][0][width][.precision][h|l|w|I|I32|I64]type */
struct spec
{
    BOOL left, alternate, zero;
    int  width, precision;      /* precision is -1 if there is none */
    int  size;                  /* -1 short, 0 none, 1 long, 2 pointer, 3 64 bits */
    char type;
};

/* p is behind the percent sign; returns what follows the conversion, or NULL if it is none. Both kinds of format are
 * ASCII where it counts, so the ANSI function widens its format first. */
static const WCHAR *parse(const WCHAR *p, struct spec *spec)
{
    memset(spec, 0, sizeof(*spec));
    spec->precision = -1;
    if (*p == '-') { spec->left = TRUE; p++; }
    if (*p == '#') { spec->alternate = TRUE; p++; }
    if (*p == '0') { spec->zero = TRUE; p++; }
    while (*p >= '0' && *p <= '9') spec->width = spec->width * 10 + (*p++ - '0');
    if (*p == '.')
    {
        spec->precision = 0;
        for (p++; *p >= '0' && *p <= '9'; p++) spec->precision = spec->precision * 10 + (*p - '0');
    }
    if (*p == 'h') { spec->size = -1; p++; }
    else if (*p == 'l' || *p == 'w') { spec->size = 1; p++; }
    else if (*p == 'I')
    {
        if (p[1] == '6' && p[2] == '4') { spec->size = 3; p += 3; }
        else if (p[1] == '3' && p[2] == '2') p += 3;
        else { spec->size = 2; p++; }
    }
    if (!wcschr(L"cCsSdiuxXp", *p) || !*p) return NULL;
    spec->type = (char)*p;
    return p + 1;
}

struct output
{
    WCHAR *text;        /* LIMIT characters */
    int    length;
};

static void put(struct output *out, WCHAR c)
{
    if (out->length < LIMIT - 1) out->text[out->length++] = c;
}

static void put_padded(struct output *out, const struct spec *spec, const WCHAR *text, int length)
{
    int padding = spec->width > length ? spec->width - length : 0;

    if (!spec->left) for (; padding; padding--) put(out, ' ');
    for (int i = 0; i < length; i++) put(out, text[i]);
    for (; padding; padding--) put(out, ' ');
}

static void put_integer(struct output *out, const struct spec *spec, ULONGLONG value, BOOL negative)
{
    const WCHAR *digits = spec->type == 'X' || spec->type == 'p' ? L"0123456789ABCDEF" : L"0123456789abcdef";
    unsigned int base = spec->type == 'x' || spec->type == 'X' || spec->type == 'p' ? 16 : 10;
    WCHAR buffer[LIMIT], *p = buffer + LIMIT;
    int minimum = spec->precision, sign = negative ? 1 : spec->alternate && base == 16 ? 2 : 0;

    do *--p = digits[value % base];
    while ((value /= base));
    /* Zeros up to the width count the sign. */
    if (spec->zero && spec->precision < 0 && !spec->left) minimum = spec->width - sign;
    while (buffer + LIMIT - p < minimum && p > buffer + 4) *--p = '0';
    if (negative) *--p = '-';
    if (spec->alternate && base == 16)
    {
        *--p = spec->type == 'X' ? 'X' : 'x';
        *--p = '0';
    }
    put_padded(out, spec, p, (int)(buffer + LIMIT - p));
}

static void put_narrow_string(struct output *out, const struct spec *spec, const char *string)
{
    WCHAR wide[LIMIT];
    int length = 0, size;

    if (!string) string = "(null)";
    for (size = 0; (spec->precision < 0 || size < spec->precision) && size < LIMIT && string[size]; size++) ;
    if (size) length = MultiByteToWideChar(CP_ACP, 0, string, size, wide, LIMIT);
    put_padded(out, spec, wide, length);
}

static void put_wide_string(struct output *out, const struct spec *spec, const WCHAR *string)
{
    int length;

    if (!string) string = L"(null)";
    for (length = 0; (spec->precision < 0 || length < spec->precision) && length < LIMIT && string[length]; length++) ;
    put_padded(out, spec, string, length);
}

/* ansi: plain %s and %c are char's. text has LIMIT characters. */
static int format(WCHAR *text, const WCHAR *p, __ms_va_list arguments, BOOL ansi)
{
    struct output out = { text, 0 };

    while (*p)
    {
        const WCHAR *after;
        struct spec spec;
        BOOL narrow;

        if (*p != '%')
        {
            put(&out, *p++);
            continue;
        }
        p++;
        if (*p == '%')
        {
            put(&out, *p++);
            continue;
        }
        if (!(after = parse(p, &spec))) continue;       /* not a conversion: what follows the sign is text */
        p = after;
        narrow = spec.size == -1 || (spec.size != 1 && ansi == (spec.type == 's' || spec.type == 'c'));
        switch (spec.type)
        {
        case 'c': case 'C':
        {
            WCHAR c = (WCHAR)va_arg(arguments, int);

            if (narrow)
            {
                char byte = (char)c;

                MultiByteToWideChar(CP_ACP, 0, &byte, 1, &c, 1);
            }
            put_padded(&out, &spec, &c, 1);
            break;
        }
        case 's': case 'S':
            if (narrow) put_narrow_string(&out, &spec, va_arg(arguments, const char *));
            else put_wide_string(&out, &spec, va_arg(arguments, const WCHAR *));
            break;
        case 'd': case 'i':
        {
            LONGLONG value;

            if (spec.size >= 2) value = va_arg(arguments, LONGLONG);
            else
            {
                value = va_arg(arguments, int);
                if (spec.size == -1) value = (short)value;
            }
            put_integer(&out, &spec, value < 0 ? 0 - (ULONGLONG)value : (ULONGLONG)value, value < 0);
            break;
        }
        case 'p':
            spec.width = 16;
            spec.zero = TRUE;
            put_integer(&out, &spec, (ULONG_PTR)va_arg(arguments, void *), FALSE);
            break;
        default:
        {
            ULONGLONG value;

            if (spec.size >= 2) value = va_arg(arguments, ULONGLONG);
            else
            {
                value = va_arg(arguments, unsigned int);
                if (spec.size == -1) value = (unsigned short)value;
            }
            put_integer(&out, &spec, value, FALSE);
            break;
        }
        }
    }
    text[out.length] = 0;
    return out.length;
}

INT WINAPI wvsprintfW(WCHAR *buffer, const WCHAR *text, __ms_va_list arguments)
{
    return format(buffer, text, arguments, FALSE);
}

INT WINAPI wvsprintfA(char *buffer, const char *text, __ms_va_list arguments)
{
    INT size = MultiByteToWideChar(CP_ACP, 0, text, -1, NULL, 0);
    WCHAR *wide = HeapAlloc(GetProcessHeap(), 0, ((SIZE_T)size + LIMIT) * sizeof(WCHAR));
    INT length;

    if (!wide) return 0;
    MultiByteToWideChar(CP_ACP, 0, text, -1, wide, size);
    length = format(wide + size, wide, arguments, TRUE);
    /* Whole characters, as many as there is room for. */
    for (; length > 0; length--)
        if (WideCharToMultiByte(CP_ACP, 0, wide + size, length, NULL, 0, NULL, NULL) < LIMIT) break;
    if (length) length = WideCharToMultiByte(CP_ACP, 0, wide + size, length, buffer, LIMIT, NULL, NULL);
    buffer[length] = 0;
    HeapFree(GetProcessHeap(), 0, wide);
    return length;
}

INT WINAPIV wsprintfW(WCHAR *buffer, const WCHAR *text, ...)
{
    __ms_va_list arguments;
    INT length;

    __ms_va_start(arguments, text);
    length = wvsprintfW(buffer, text, arguments);
    __ms_va_end(arguments);
    return length;
}

INT WINAPIV wsprintfA(char *buffer, const char *text, ...)
{
    __ms_va_list arguments;
    INT length;

    __ms_va_start(arguments, text);
    length = wvsprintfA(buffer, text, arguments);
    __ms_va_end(arguments);
    return length;
}
