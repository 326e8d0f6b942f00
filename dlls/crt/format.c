/* printf's engine: one driver for narrow and wide formats, in Microsoft's dialect (%I64d, %S, %ls, %hs, three
 * exponent digits, 1.#INF). Floating point digits come from libmingwex.
 *
 * Characters of the output are char or wchar_t, as the format is. A string of the other kind is converted in
 * the ANSI code page.
 */
#include "crt.h"

int __mingw_snprintf(char *buffer, size_t size, const char *format, ...);

enum { LEFT = 1, PLUS = 2, SPACE = 4, ALT = 8, ZERO = 16 };
enum length { L_NONE, L_H, L_64 };
enum kind { K_NONE, K_NARROW, K_WIDE };         /* of text: what h, l and w asked for */

struct spec { int flags, width, precision; enum length length; enum kind kind; int conv; };

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
    else if (s->length == L_64) value = va_arg(*args, unsigned long long);
    else if (is_signed) value = (long long)va_arg(*args, int);
    else value = va_arg(*args, unsigned int);
    if (s->length == L_H) value = is_signed ? (unsigned long long)(long long)(short)value : (unsigned short)value;

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

/* The digits of a number that is more than 0: at most 17, as msvcrt knows a number, rounded half up to `wanted` digits, or
 * (after) to that many after the point. Returns how many are left, without zeros at the end; *point is where the point
 * stands among them. */
int crt_float_digits(double value, char *digits, int *point, int wanted, bool after)
{
    char text[32];
    int i, n = 17, keep;
    bool up;

    __mingw_snprintf(text, sizeof(text), "%.16e", value);
    digits[0] = text[0];
    memcpy(digits + 1, text + 2, 16);
    for (*point = 0, i = 20; text[i]; i++) *point = *point * 10 + text[i] - '0';
    if (text[19] == '-') *point = -*point;
    ++*point;
    keep = !after || wanted > 1000 ? wanted : *point + wanted;
    if (keep < 0) return 0;
    if (keep < n)
    {
        up = digits[keep] >= '5';
        for (n = keep, i = n - 1; up && i >= 0; i--)
        {
            up = digits[i] == '9';
            digits[i] = up ? '0' : digits[i] + 1;
        }
        if (up)
        {
            memmove(digits + 1, digits, n);
            digits[0] = '1';
            ++*point;
            if (after) n++;
        }
    }
    while (n > 1 && digits[n - 1] == '0') n--;
    return n;
}

static int put_exponent(char *out, int e, int conv)
{
    int n = 0, width = CRT_EXPONENT_DIGITS;

    out[n++] = conv;
    out[n++] = e < 0 ? '-' : '+';
    if (e < 0) e = -e;
    if (width == 3 || e > 99) out[n++] = '0' + e / 100;
    out[n++] = '0' + e / 10 % 10;
    out[n++] = '0' + e % 10;
    return n;
}
/* infinities and no-numbers, as the digits they are printed like: a precision cuts and rounds them (1.#INF is 1.#J) */
static const char *special_text(uint64_t bits)
{
    if (!(bits << 12)) return "1#INF";
    if (!(bits & 0x8000000000000ull)) return "1#SNAN";
    return (bits >> 63) && !(bits << 13) ? "1#IND" : "1#QNAN";
}

static void format_float(struct out *o, struct spec *s, va_list *args)
{
    double value = va_arg(*args, double);       /* long double is double on Windows */
    char sign[4] = "", digits[40], small[512], *text = small;
    int n = 0, count, point, i, precision = s->precision < 0 ? 6 : s->precision, conv = s->conv | 32;
    bool special, strip;
    uint64_t bits;

    memcpy(&bits, &value, sizeof(bits));
    if (bits >> 63) sign[0] = '-';
    else if (s->flags & PLUS) sign[0] = '+';
    else if (s->flags & SPACE) sign[0] = ' ';
    value = __builtin_fabs(value);
    special = ((bits >> 52) & 0x7ff) == 0x7ff;

    if (precision + 400 > (int)sizeof(small) && !(text = malloc(precision + 400))) { o->sink->error = 1; return; }
    if (conv == 'a' && !special)
    {
        char fmt[8] = "%#.*a", *f = fmt;
        if (s->precision < 0) precision = 13;
        fmt[4] = s->conv;
        if (!(s->flags & ALT)) { fmt[1] = '%'; f++; }
        n = __mingw_snprintf(text, precision + 400, f, precision, value);
        /* its prefix comes before the zeros that fill a width */
        strcpy(sign + strlen(sign), s->conv == 'a' ? "0x" : "0X");
        put_number(o, s, sign, 0, text + 2, n - 2);
        if (text != small) free(text);
        return;
    }
    if (conv == 'g' && !precision) precision = 1;
    if (special)
    {
        count = strlen(strcpy(digits, special_text(bits)));
        point = 1;
        i = conv == 'g' ? count - 1 : precision;
        if (i < count - 1)
        {
            if (i && digits[i + 1] >= '5') digits[i]++;
            count = i + 1;
        }
    }
    else if (value != 0) count = crt_float_digits(value, digits, &point, conv == 'e' ? precision + 1 : precision, conv == 'f');
    else count = 0;
    if (!count) { digits[0] = '0'; count = point = 1; }

    strip = conv == 'g' && !(s->flags & ALT);
    if (conv == 'e' || (conv == 'g' && (point - 1 < -4 || point - 1 >= precision)))
    {
        int after = conv == 'g' ? precision - 1 : precision;
        if (strip) after = count - 1;
        text[n++] = digits[0];
        if (after || (s->flags & ALT)) text[n++] = '.';
        for (i = 1; i <= after; i++) text[n++] = i < count ? digits[i] : '0';
        n += put_exponent(text + n, value == 0 ? 0 : point - 1, s->conv == 'e' || s->conv == 'g' ? 'e' : 'E');
    }
    else
    {
        int after = conv == 'g' ? precision - point : precision;
        if (strip) after = count > point ? count - point : 0;
        if (point <= 0) text[n++] = '0';
        else for (i = 0; i < point; i++) text[n++] = i < count ? digits[i] : '0';
        if (after > 0 || (s->flags & ALT)) text[n++] = '.';
        for (i = point; i < point + after; i++) text[n++] = i >= 0 && i < count ? digits[i] : '0';
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
    if (s->kind != K_NONE) return s->kind == K_WIDE;
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

static bool is_integer(int c) { return c == 'd' || c == 'i' || c == 'o' || c == 'u' || c == 'x' || c == 'X'; }

static int parse_spec(struct out *o, const void **f, struct spec *s, va_list *args)
{
    int c;

    s->flags = s->width = 0;
    s->precision = -1;
    s->length = L_NONE;
    s->kind = K_NONE;
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
        int next = c ? peek_char(o, *f, 0) : 0;
        if (c == 'h') { if (s->kind != K_WIDE) s->kind = K_NARROW; s->length = L_H; }        /* hh is h, as it always was */
        else if (c == 'l') { if (next == 'l') { next_char(o, f); s->length = L_64; } s->kind = K_WIDE; }
        else if (c == 'w') s->kind = K_WIDE;
        else if (c == 'L' || c == 'F' || c == 'N') continue;    /* far and near: 16-bit relics */
        else if (c == 'j') s->length = L_64;
        else if ((c == 'z' || c == 't') && is_integer(next)) s->length = L_64;
        else if (c == 'I' && next == '6' && peek_char(o, *f, 1) == '4') { next_char(o, f); next_char(o, f); s->length = L_64; }
        else if (c == 'I' && next == '3' && peek_char(o, *f, 1) == '2') { next_char(o, f); next_char(o, f); }
        else if (c == 'I' && is_integer(next)) s->length = L_64;
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
        case 'e': case 'E': case 'f': case 'g': case 'G': case 'a': case 'A': format_float(&o, &s, &args); break;
        case 's': case 'S': format_string(&o, &s, &args); break;
        case 'c': case 'C': format_char(&o, &s, &args); break;
        case 'Z':
        {
            const UNICODE_STRING *u = va_arg(args, const UNICODE_STRING *);
            bool is_wide = s.kind == K_WIDE;
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
