/* printf's engine: one driver for narrow and wide formats, in Microsoft's dialect (%I64d, %S, %ls, %hs, three
 * exponent digits, 1.#INF). Floating point digits come from libmingwex.
 *
 * Characters of the output are char or wchar_t, as the format is. A string of the other kind is converted in
 * the ANSI code page.
 */
#include "crt.h"

int __mingw_snprintf(char *buffer, size_t size, const char *format, ...);

enum { LEFT = 1, PLUS = 2, SPACE = 4, ALT = 8, ZERO = 16 };
enum length { L_NONE, L_HH, L_H, L_L, L_64, L_PTR, L_LDBL };

struct spec { int flags, width, precision; enum length length; int conv; };

struct out { struct crt_sink *sink; bool wide; int count; };

static void put(struct out *o, const void *chars, size_t n)
{
    if (n) o->sink->put(o->sink, chars, n);
    o->count += n;
}
static void put_ascii(struct out *o, const char *s, size_t n)
{
    crt_wchar wide[64];
    size_t i;

    if (!o->wide) { put(o, s, n); return; }
    while (n)
    {
        for (i = 0; i < n && i < 64; i++) wide[i] = (unsigned char)s[i];
        put(o, wide, i);
        s += i;
        n -= i;
    }
}
static void put_repeat(struct out *o, char c, int n)
{
    char block[32];
    memset(block, c, sizeof(block));
    for (; n > 0; n -= 32) put_ascii(o, block, n < 32 ? n : 32);
}

/* prefix (sign, 0x), zeros and digits within width */
static void put_number(struct out *o, const struct spec *s, const char *prefix, int zeros, const char *digits, int n)
{
    int used = strlen(prefix) + zeros + n;

    if ((s->flags & ZERO) && !(s->flags & LEFT) && s->width > used) { zeros += s->width - used; used = s->width; }
    if (!(s->flags & LEFT)) put_repeat(o, ' ', s->width - used);
    put_ascii(o, prefix, strlen(prefix));
    put_repeat(o, '0', zeros);
    put_ascii(o, digits, n);
    if (s->flags & LEFT) put_repeat(o, ' ', s->width - used);
}

static void format_integer(struct out *o, struct spec *s, va_list *args)
{
    char digits[32], *p = digits + sizeof(digits), prefix[4];
    const char *alphabet = s->conv == 'X' || s->conv == 'p' ? "0123456789ABCDEF" : "0123456789abcdef";
    unsigned int base = s->conv == 'o' ? 8 : s->conv == 'x' || s->conv == 'X' || s->conv == 'p' ? 16 : 10, n = 0;
    bool is_signed = s->conv == 'd' || s->conv == 'i';
    unsigned long long value;
    int zeros;

    if (s->conv == 'p')
    {
        value = (uintptr_t)va_arg(*args, void *);
        s->precision = 16;
        s->flags &= ~(PLUS | SPACE);
    }
    else if (s->length == L_64 || s->length == L_PTR) value = va_arg(*args, unsigned long long);
    else if (is_signed) value = (long long)va_arg(*args, int);
    else value = va_arg(*args, unsigned int);
    if (s->length == L_H) value = is_signed ? (unsigned long long)(long long)(short)value : (unsigned short)value;
    if (s->length == L_HH) value = is_signed ? (unsigned long long)(long long)(signed char)value : (unsigned char)value;

    if (is_signed && (long long)value < 0) { prefix[n++] = '-'; value = -value; }
    else if (is_signed && (s->flags & PLUS)) prefix[n++] = '+';
    else if (is_signed && (s->flags & SPACE)) prefix[n++] = ' ';
    if ((s->flags & ALT) && base == 16 && value) { prefix[n++] = '0'; prefix[n++] = s->conv == 'p' ? 'X' : s->conv; }
    prefix[n] = 0;

    if (value || s->precision != 0)
    {
        unsigned long long v = value;
        do *--p = alphabet[v % base]; while (v /= base);
    }
    if ((s->flags & ALT) && base == 8 && (p == digits + sizeof(digits) || *p != '0')) *--p = '0';
    zeros = s->precision - (int)(digits + sizeof(digits) - p);
    if (s->precision >= 0) s->flags &= ~ZERO;
    put_number(o, s, prefix, zeros > 0 ? zeros : 0, p, digits + sizeof(digits) - p);
}

static void format_special(struct out *o, struct spec *s, uint64_t bits, const char *sign)
{
    bool nan = (bits << 12) != 0;
    const char *text = !nan ? "1.#INF" : (bits & 0x8000000000000ull) ? "1.#QNAN" : "1.#SNAN";
    char buffer[32];
    int n, precision = s->precision < 0 ? 6 : s->precision;

    if (nan && (bits >> 63) && !(bits << 13)) text = "1.#IND";
    /* the text is "digits": a precision cuts it (and rounds 1.#INF to 1.#J) or fills it with zeros */
    n = strlen(text);
    memcpy(buffer, text, n + 1);
    if (s->conv == 'g' || s->conv == 'G') precision = n - 2;
    if (precision < n - 2)
    {
        if (precision > 0 && text[precision + 2] >= '5') buffer[precision + 1]++;
        n = precision ? precision + 2 : 1;
    }
    put_number(o, s, sign, 0, buffer, n);
}

static void format_float(struct out *o, struct spec *s, va_list *args)
{
    double value = va_arg(*args, double);       /* long double is double on Windows */
    char sign[2] = "", fmt[16], small[128], *text = small, *e;
    int n, precision = s->precision, size = sizeof(small);
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    if (bits >> 63) { sign[0] = '-'; bits &= ~(1ull << 63); memcpy(&value, &bits, sizeof(value)); bits |= 1ull << 63; }
    else if (s->flags & PLUS) sign[0] = '+';
    else if (s->flags & SPACE) sign[0] = ' ';
    if (((bits >> 52) & 0x7ff) == 0x7ff) { format_special(o, s, bits, sign); return; }

    if (precision < 0) precision = s->conv == 'a' || s->conv == 'A' ? 13 : 6;
    n = 0;
    fmt[n++] = '%';
    if (s->flags & ALT) fmt[n++] = '#';
    fmt[n++] = '.';
    fmt[n++] = '*';
    fmt[n++] = s->conv;
    fmt[n] = 0;
    if (precision + 330 > size && !(text = malloc(size = precision + 330))) { o->sink->error = 1; return; }
    n = __mingw_snprintf(text, size, fmt, precision, value);

    /* libmingwex writes two exponent digits */
    if (s->conv != 'a' && s->conv != 'A' && (e = memchr(text, s->conv == 'e' || s->conv == 'g' ? 'e' : 'E', n)) && (e[1] == '+' || e[1] == '-'))
    {
        int have = text + n - (e + 2);
        while (have < CRT_EXPONENT_DIGITS)
        {
            memmove(e + 3, e + 2, have);
            e[2] = '0';
            have++;
            n++;
        }
    }
    put_number(o, s, sign, 0, text, n);
    if (text != small) free(text);
}

static void format_text(struct out *o, const struct spec *s, const void *text, size_t count, bool wide)
{
    size_t shown = count;
    void *copy = NULL;

    if (wide != o->wide)
    {
        /* precision counts characters of the result */
        int n = wide ? WideCharToMultiByte(CP_ACP, 0, text, count, NULL, 0, NULL, NULL)
                     : MultiByteToWideChar(CP_ACP, 0, text, count, NULL, 0);
        if (count && (n <= 0 || !(copy = malloc(n * 2)))) { o->sink->error = 1; return; }
        if (!count) n = 0;
        else if (wide) WideCharToMultiByte(CP_ACP, 0, text, count, copy, n, NULL, NULL);
        else MultiByteToWideChar(CP_ACP, 0, text, count, copy, n);
        text = copy;
        shown = n;
    }
    if (s->precision >= 0 && shown > (size_t)s->precision) shown = s->precision;
    if (!(s->flags & LEFT)) put_repeat(o, s->flags & ZERO ? '0' : ' ', s->width - (int)shown);
    put(o, text, shown);
    if (s->flags & LEFT) put_repeat(o, ' ', s->width - (int)shown);
    free(copy);
}

/* %s and %c are the format's kind, %S and %C the other; h makes it narrow, l and w wide */
static bool is_wide_text(const struct out *o, const struct spec *s)
{
    if (s->length == L_H) return false;
    if (s->length == L_L) return true;
    return (s->conv == 'S' || s->conv == 'C') ? !o->wide : o->wide;
}

static void format_string(struct out *o, struct spec *s, va_list *args)
{
    const void *text = va_arg(*args, const void *);
    bool wide = is_wide_text(o, s);
    size_t n = 0, most = s->precision >= 0 && wide == o->wide ? (size_t)s->precision : (size_t)INT_MAX;

    if (!text) { text = wide ? (const void *)L"(null)" : (const void *)"(null)"; }
    if (wide) while (n < most && ((const crt_wchar *)text)[n]) n++;
    else while (n < most && ((const char *)text)[n]) n++;
    format_text(o, s, text, n, wide);
}

static void format_char(struct out *o, struct spec *s, va_list *args)
{
    int value = va_arg(*args, int);
    crt_wchar w = value;
    char c = value;

    s->precision = -1;
    if (is_wide_text(o, s)) format_text(o, s, &w, 1, true);
    else format_text(o, s, &c, 1, false);
}

static int next_char(struct out *o, const void **f)
{
    int c = o->wide ? *(const crt_wchar *)*f : *(const unsigned char *)*f;
    *f = (const char *)*f + (o->wide ? 2 : 1);
    return c;
}
static int peek_char(struct out *o, const void *f, int ahead)
{
    return o->wide ? ((const crt_wchar *)f)[ahead] : ((const unsigned char *)f)[ahead];
}

static int parse_spec(struct out *o, const void **f, struct spec *s, va_list *args)
{
    int c;

    s->flags = s->width = 0;
    s->precision = -1;
    s->length = L_NONE;
    for (;;)
    {
        c = next_char(o, f);
        if (c == '-') s->flags |= LEFT;
        else if (c == '+') s->flags |= PLUS;
        else if (c == ' ') s->flags |= SPACE;
        else if (c == '#') s->flags |= ALT;
        else if (c == '0') s->flags |= ZERO;
        else break;
    }
    if (c == '*')
    {
        s->width = va_arg(*args, int);
        if (s->width < 0) { s->flags |= LEFT; s->width = -s->width; }
        c = next_char(o, f);
    }
    else for (; c >= '0' && c <= '9'; c = next_char(o, f)) s->width = s->width * 10 + c - '0';
    if (c == '.')
    {
        c = next_char(o, f);
        s->precision = 0;
        if (c == '*') { s->precision = va_arg(*args, int); c = next_char(o, f); }
        else for (; c >= '0' && c <= '9'; c = next_char(o, f)) s->precision = s->precision * 10 + c - '0';
    }
    for (;; c = next_char(o, f))
    {
        if (c == 'h') s->length = s->length == L_H ? L_HH : L_H;
        else if (c == 'l') s->length = s->length == L_L ? L_64 : L_L;
        else if (c == 'w') s->length = L_L;
        else if (c == 'L') s->length = L_LDBL;
        else if (c == 'z' || c == 't') s->length = L_PTR;
        else if (c == 'j') s->length = L_64;
        else if (c == 'F' && (peek_char(o, *f, 0) == 's' || peek_char(o, *f, 0) == 'p')) continue;      /* far, near: 16-bit relics */
        else if (c == 'I')
        {
            if (peek_char(o, *f, 0) == '6' && peek_char(o, *f, 1) == '4') { next_char(o, f); next_char(o, f); s->length = L_64; }
            else if (peek_char(o, *f, 0) == '3' && peek_char(o, *f, 1) == '2') { next_char(o, f); next_char(o, f); }
            else s->length = L_PTR;
        }
        else break;
    }
    return s->conv = c;
}

int crt_format(struct crt_sink *sink, bool wide, const void *format, va_list ap)
{
    struct out o = { sink, wide, 0 };
    const void *f = format, *start;
    struct spec s;
    va_list args;
    int c;

    va_copy(args, ap);
    for (;;)
    {
        start = f;
        while ((c = peek_char(&o, f, 0)) && c != '%') next_char(&o, &f);
        put(&o, start, ((const char *)f - (const char *)start) / (wide ? 2 : 1));
        if (!c) break;
        next_char(&o, &f);
        switch (c = parse_spec(&o, &f, &s, &args))
        {
        case 'd': case 'i': case 'u': case 'o': case 'x': case 'X': case 'p': format_integer(&o, &s, &args); break;
        case 'e': case 'E': case 'f': case 'F': case 'g': case 'G': case 'a': case 'A': format_float(&o, &s, &args); break;
        case 's': case 'S': format_string(&o, &s, &args); break;
        case 'c': case 'C': format_char(&o, &s, &args); break;
        case 'Z':
        {
            const UNICODE_STRING *u = va_arg(args, const UNICODE_STRING *);
            bool is_wide = is_wide_text(&o, &s) && s.length == L_L;
            if (!u || !u->Buffer) format_text(&o, &s, "(null)", 6, false);
            else format_text(&o, &s, u->Buffer, is_wide ? u->Length / 2 : u->Length, is_wide);
            break;
        }
        case 'n':
        {
            void *where = va_arg(args, void *);
            if (s.length == L_H) *(short *)where = o.count;
            else if (s.length == L_64) *(long long *)where = o.count;
            else *(int *)where = o.count;
            break;
        }
        case 0: goto done;
        default:                /* an unknown conversion prints itself */
        {
            crt_wchar w = c;
            char n = c;
            put(&o, wide ? (void *)&w : (void *)&n, 1);
        }
        }
    }
done:
    va_end(args);
    return sink->error ? -1 : o.count;
}
