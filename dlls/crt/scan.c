/* The scanf family: one scanner for narrow and wide input, in Microsoft's dialect.
 *
 * %s, %c and %[ read text of the format's kind; %S and %C, or h, l and w before one, choose. The _s forms want the
 * buffer's size after each such pointer. Modifiers and width may come in any order; "hh" is int, as it always was there.
 */
#include "crt.h"

double strtod(const char *s, char **end);
int iswspace(crt_wchar c);

struct input
{
    FILE *file;                 /* either a stream, or text up to end (NULL: its terminator) */
    const void *text, *end;
    bool wide, secure;
    int taken;                  /* characters read so far, for %n */
};
crt_wchar crt_get_wide(FILE *file);
void crt_unget_wide(crt_wchar c, FILE *file);

static int take(struct input *in)
{
    int c;

    if (in->file)
    {
        if (!in->wide) c = crt_getc(in->file);
        else if ((c = crt_get_wide(in->file)) == WEOF) c = EOF;
    }
    else if (in->text == in->end) c = EOF;
    else
    {
        c = in->wide ? *(const crt_wchar *)in->text : *(const unsigned char *)in->text;
        if (!c && !in->end) return EOF;
        in->text = (const char *)in->text + (in->wide ? 2 : 1);
    }
    if (c != EOF) in->taken++;
    return c;
}
static void give_back(struct input *in, int c)
{
    if (c == EOF) return;
    in->taken--;
    if (!in->file) in->text = (const char *)in->text - (in->wide ? 2 : 1);
    else if (in->wide) crt_unget_wide(c, in->file);
    else crt_ungetc(c, in->file);
}
static bool is_blank(const struct input *in, int c)
{
    return c == ' ' || (c >= 9 && c <= 13) || (in->wide && c > 127 && iswspace(c));
}
static int skip_blanks(struct input *in)
{
    int c;
    do c = take(in); while (c != EOF && is_blank(in, c));
    return c;
}

struct spec { int width, conv; bool skip, h, l, ll, pointer, wide; };
enum result { MATCHED, FAILED, ENDED };

static int digit_of(int c, int base)
{
    int d = c >= '0' && c <= '9' ? c - '0' : (c | 32) >= 'a' && (c | 32) <= 'f' && c < 128 ? (c | 32) - 'a' + 10 : 99;
    return d < base ? d : -1;
}

static enum result scan_integer(struct input *in, const struct spec *s, va_list *args)
{
    int base = s->conv == 'd' || s->conv == 'u' ? 10 : s->conv == 'o' ? 8 : s->conv == 'i' ? 0 : 16, left = s->width ? s->width : INT_MAX;
    unsigned long long value = 0;
    bool negative = false, any = false;
    int c = skip_blanks(in);

    if (c == EOF) return ENDED;
    if ((c == '-' || c == '+') && left > 1) { negative = c == '-'; c = take(in); left--; }
    if (c == '0' && s->conv != 'p' && (base == 0 || base == 16))
    {
        any = true;
        left--;
        c = left > 0 ? take(in) : EOF;
        if (left > 0 && (c == 'x' || c == 'X')) { base = 16; left--; c = left > 0 ? take(in) : EOF; }
        else if (!base) base = 8;
    }
    else if (!base) base = 10;
    for (; left > 0 && c != EOF && digit_of(c, base) >= 0; any = true)
    {
        value = value * base + digit_of(c, base);
        c = --left > 0 ? take(in) : EOF;
    }
    if (left > 0) give_back(in, c);
    if (!any) return FAILED;
    if (s->skip) return MATCHED;
    if (negative) value = -value;
    if (s->ll || s->pointer) *va_arg(*args, unsigned long long *) = value;
    else if (s->h) *va_arg(*args, unsigned short *) = (unsigned short)value;
    else *va_arg(*args, unsigned int *) = (unsigned int)value;
    return MATCHED;
}

/* Only what can be part of a number is taken, and it is converted as strtod would. */
static enum result scan_float(struct input *in, const struct spec *s, va_list *args)
{
    char small[64], *text = small, *bigger;
    size_t n = 0, room = sizeof(small);
    int left = s->width ? s->width : INT_MAX, c = skip_blanks(in);
    bool digits = false, point = false, exponent = false, after_e = false;
    double value;

    if (c == EOF) return ENDED;
    for (; left > 0 && c != EOF; c = --left > 0 ? take(in) : EOF)
    {
        if (c >= '0' && c <= '9') { digits = true; after_e = false; }
        else if ((c == '-' || c == '+') && (!n || after_e)) after_e = false;
        else if (c == '.' && !point && !exponent) point = true;
        else if ((c == 'e' || c == 'E') && digits && !exponent) exponent = after_e = true;
        else break;
        if (n + 2 > room)
        {
            if (!(bigger = malloc(room * 2))) break;
            memcpy(bigger, text, n);
            if (text != small) free(text);
            text = bigger;
            room *= 2;
        }
        text[n++] = c;
    }
    if (left > 0) give_back(in, c);
    text[n] = 0;
    value = digits ? strtod(text, NULL) : 0;
    if (text != small) free(text);
    if (!digits) return FAILED;
    if (s->skip) return MATCHED;
    if (s->l) *va_arg(*args, double *) = value;
    else *va_arg(*args, float *) = (float)value;
    return MATCHED;
}

/* A %[ set: the text between the brackets, in the format's characters. */
struct set { const void *start; size_t count; bool wide, except; };

static unsigned int set_at(const struct set *set, size_t i)
{
    return set->wide ? ((const crt_wchar *)set->start)[i] : ((const unsigned char *)set->start)[i];
}
static bool in_set(const struct set *set, unsigned int c)
{
    size_t i = 0;

    while (i < set->count)
    {
        unsigned int from = set_at(set, i), to = from;
        if (i + 2 < set->count && set_at(set, i + 1) == '-')
        {
            to = set_at(set, i + 2);
            if (to < from) { unsigned int t = from; from = to; to = t; }
            i += 3;
        }
        else i++;
        if (c >= from && c <= to) return !set->except;
    }
    return set->except;
}

/* Stores characters of one kind as the other. */
struct store { char *at; size_t room; bool wide, given, overflow; crt_wchar high; char bytes[4]; int pending; };

static void store_unit(struct store *o, unsigned int c)
{
    if (!o->given) return;
    if (!o->room) { o->overflow = true; return; }
    o->room--;
    if (o->wide) { *(crt_wchar *)o->at = c; o->at += 2; }
    else *o->at++ = c;
}
static void store_char(struct store *o, bool wide, unsigned int c)
{
    if (wide == o->wide) store_unit(o, c);
    else if (wide)
    {
        crt_wchar pair[2] = { o->high ? o->high : c, c };
        char bytes[8];
        int n, i;
        if ((c & 0xfc00) == 0xd800) { o->high = c; return; }
        n = WideCharToMultiByte(CP_ACP, 0, (WCHAR *)pair, o->high ? 2 : 1, bytes, sizeof(bytes), NULL, NULL);
        o->high = 0;
        for (i = 0; i < n; i++) store_unit(o, (unsigned char)bytes[i]);
    }
    else
    {
        /* the bytes of one character come one by one */
        WCHAR units[2];
        int n, i;
        o->bytes[o->pending++] = c;
        n = MultiByteToWideChar(CP_ACP, MB_ERR_INVALID_CHARS, o->bytes, o->pending, units, 2);
        if (n <= 0 && o->pending < 4) return;
        if (n <= 0) n = MultiByteToWideChar(CP_ACP, 0, o->bytes, o->pending, units, 2);
        o->pending = 0;
        for (i = 0; i < n; i++) store_unit(o, units[i]);
    }
}

static enum result scan_text(struct input *in, const struct spec *s, const struct set *set, va_list *args)
{
    struct store out = { .wide = s->wide, .given = !s->skip, .room = (size_t)-1 };
    bool one = (s->conv | 32) == 'c', first = true;
    int left = s->width ? s->width : one ? 1 : INT_MAX, c;
    void *start = NULL;

    if (out.given) out.at = start = va_arg(*args, void *);
    if (out.given && in->secure) out.room = va_arg(*args, unsigned int);
    if (out.given && in->secure && !one && out.room) out.room--;
    else if (out.given && in->secure && !out.room) return FAILED;
    c = (s->conv | 32) == 's' ? skip_blanks(in) : take(in);
    if (c == EOF) return ENDED;
    for (; left > 0 && c != EOF; c = --left > 0 ? take(in) : EOF, first = false)
    {
        if ((s->conv | 32) == 's' ? is_blank(in, c) : set && !in_set(set, c)) break;
        store_char(&out, in->wide, c);
        if (out.overflow)
        {
            give_back(in, c);
            if (s->wide) *(crt_wchar *)start = 0; else *(char *)start = 0;
            errno = E_NOMEM;
            return FAILED;
        }
    }
    if (left > 0) give_back(in, c);
    if (first) return FAILED;
    if (one && left > 0 && s->width) return ENDED;
    if (out.given && !one) { if (out.wide) *(crt_wchar *)out.at = 0; else *out.at = 0; }
    return MATCHED;
}

static int scan(struct input *in, const void *format, va_list ap)
{
#define F(i) (in->wide ? ((const crt_wchar *)format)[i] : ((const unsigned char *)format)[i])
    size_t i = 0;
    int c, done = 0;
    bool any = false;           /* a conversion was tried with input there */
    enum result r;
    va_list args;

    va_copy(args, ap);
    for (;;)
    {
        struct spec s = { .width = 0 };
        struct set set = { .wide = in->wide };
        int text_kind = 0;      /* -1: h, 1: l or w */

        if (!F(i)) break;
        if (is_blank(in, F(i)))
        {
            while (F(i) && is_blank(in, F(i))) i++;
            give_back(in, skip_blanks(in));
            continue;
        }
        if (F(i) != '%')
        {
            c = take(in);
            if (c == (int)F(i)) { i++; continue; }
            give_back(in, c);
            if (c == EOF && !any) done = EOF;
            break;
        }
        for (i++; ; i++)
        {
            c = F(i);
            if (c == '*') s.skip = true;
            else if (c >= '0' && c <= '9')
            {
                s.width = 0;
                for (; F(i) >= '0' && F(i) <= '9'; i++) if (s.width < INT_MAX / 10 - 1) s.width = s.width * 10 + F(i) - '0';
                i--;
            }
            else if (c == 'h') { s.h = !s.h; text_kind = -1; }
            else if (c == 'l') { if (s.l) s.ll = true; s.l = true; text_kind = 1; }
            else if (c == 'w') { s.l = true; text_kind = 1; }
            else if (c == 'L') s.l = true;
            else if (c == 'j' || c == 'z' || c == 't') s.ll = true;
            else if (c == 'F' || c == 'N') { }
            else if (c == 'I')
            {
                if (F(i + 1) == '6' && F(i + 2) == '4') { s.ll = true; i += 2; }
                else if (F(i + 1) == '3' && F(i + 2) == '2') i += 2;
                else s.pointer = true;
            }
            else break;
        }
        s.conv = c;
        if (!c) break;
        i++;
        r = MATCHED;
        switch (c)
        {
        case 'p': case 'P': s.pointer = true; s.conv = 'p'; /* fall through */
        case 'd': case 'i': case 'o': case 'u': case 'x': case 'X': r = scan_integer(in, &s, &args); break;
        case 'e': case 'E': case 'f': case 'g': case 'G': case 'a': case 'A': r = scan_float(in, &s, &args); break;
        case '[':
            if (F(i) == '^') { set.except = true; i++; }
            set.start = (const char *)format + i * (in->wide ? 2 : 1);
            if (F(i) == ']') { i++; set.count++; }
            while (F(i) && F(i) != ']') { i++; set.count++; }
            if (F(i)) i++;
            /* fall through */
        case 's': case 'c': case 'S': case 'C':
            s.wide = text_kind ? text_kind > 0 : c == 'S' || c == 'C' ? !in->wide : in->wide;
            r = scan_text(in, &s, c == '[' ? &set : NULL, &args);
            break;
        case 'n':
            if (s.skip) continue;
            if (s.ll) *va_arg(args, long long *) = in->taken;
            else if (s.h) *va_arg(args, short *) = in->taken;
            else *va_arg(args, int *) = in->taken;
            continue;
        default:                /* %%, and any other character: itself */
            c = take(in);
            if (c == s.conv) continue;
            give_back(in, c);
            if (c == EOF && !any) done = EOF;
            goto end;
        }
        if (r == ENDED && !any) done = EOF;
        if (r != MATCHED) break;
        any = true;
        if (!s.skip) done++;
    }
end:
    va_end(args);
    return done;
#undef F
}

static int scan_text_all(const void *text, size_t count, bool wide, bool secure, const void *format, va_list args)
{
    struct input in = { .text = text, .wide = wide, .secure = secure };

    if (!text || !format) return crt_fail(E_INVAL);
    if (count != (size_t)-1)
    {
        size_t n = 0;
        while (n < count && (wide ? ((const crt_wchar *)text)[n] : ((const unsigned char *)text)[n])) n++;
        in.end = (const char *)text + n * (wide ? 2 : 1);
    }
    return scan(&in, format, args);
}
static int scan_stream(FILE *file, bool wide, bool secure, const void *format, va_list args)
{
    struct input in = { .file = file, .wide = wide, .secure = secure };
    int n;

    if (!file || !format) return crt_fail(E_INVAL);
    crt_stream_lock(file);
    n = scan(&in, format, args);
    crt_stream_unlock(file);
    return n;
}
#define ALL ((size_t)-1)
CRT_API(int, vsscanf, const char *text, const char *format, va_list args) { return scan_text_all(text, ALL, false, false, format, args); }
CRT_API(int, vswscanf, const crt_wchar *text, const crt_wchar *format, va_list args) { return scan_text_all(text, ALL, true, false, format, args); }
CRT_API(int, vfscanf, FILE *file, const char *format, va_list args) { return scan_stream(file, false, false, format, args); }
CRT_API(int, vfwscanf, FILE *file, const crt_wchar *format, va_list args) { return scan_stream(file, true, false, format, args); }

#define VARIADIC(call, last) { va_list args; int n; va_start(args, last); n = call; va_end(args); return n; }
#define TEXT(name, type, wide, secure) \
    CRT_API(int, name, const type *text, const type *format, ...) VARIADIC(scan_text_all(text, ALL, wide, secure, format, args), format)
#define TEXT_L(name, type, wide, secure) \
    CRT_API(int, name, const type *text, const type *format, void *locale, ...) VARIADIC(scan_text_all(text, ALL, wide, secure, format, args), locale)
#define COUNTED(name, type, wide, secure) \
    CRT_API(int, name, const type *text, size_t count, const type *format, ...) VARIADIC(scan_text_all(text, count, wide, secure, format, args), format)
#define COUNTED_L(name, type, wide, secure) \
    CRT_API(int, name, const type *text, size_t count, const type *format, void *locale, ...) VARIADIC(scan_text_all(text, count, wide, secure, format, args), locale)
#define STREAM(name, type, wide, secure) \
    CRT_API(int, name, FILE *file, const type *format, ...) VARIADIC(scan_stream(file, wide, secure, format, args), format)
#define STREAM_L(name, type, wide, secure) \
    CRT_API(int, name, FILE *file, const type *format, void *locale, ...) VARIADIC(scan_stream(file, wide, secure, format, args), locale)
#define STDIN(name, type, wide, secure) \
    CRT_API(int, name, const type *format, ...) VARIADIC(scan_stream(stdin, wide, secure, format, args), format)
#define STDIN_L(name, type, wide, secure) \
    CRT_API(int, name, const type *format, void *locale, ...) VARIADIC(scan_stream(stdin, wide, secure, format, args), locale)

TEXT(sscanf, char, false, false) TEXT(sscanf_s, char, false, true) TEXT_L(_sscanf_l, char, false, false) TEXT_L(_sscanf_s_l, char, false, true)
TEXT(swscanf, crt_wchar, true, false) TEXT(swscanf_s, crt_wchar, true, true) TEXT_L(_swscanf_l, crt_wchar, true, false) TEXT_L(_swscanf_s_l, crt_wchar, true, true)
COUNTED(_snscanf, char, false, false) COUNTED(_snscanf_s, char, false, true) COUNTED_L(_snscanf_l, char, false, false) COUNTED_L(_snscanf_s_l, char, false, true)
COUNTED(_snwscanf, crt_wchar, true, false) COUNTED(_snwscanf_s, crt_wchar, true, true) COUNTED_L(_snwscanf_l, crt_wchar, true, false) COUNTED_L(_snwscanf_s_l, crt_wchar, true, true)
STREAM(fscanf, char, false, false) STREAM(fscanf_s, char, false, true) STREAM_L(_fscanf_l, char, false, false) STREAM_L(_fscanf_s_l, char, false, true)
STREAM(fwscanf, crt_wchar, true, false) STREAM(fwscanf_s, crt_wchar, true, true) STREAM_L(_fwscanf_l, crt_wchar, true, false) STREAM_L(_fwscanf_s_l, crt_wchar, true, true)
STDIN(scanf, char, false, false) STDIN(scanf_s, char, false, true) STDIN_L(_scanf_l, char, false, false) STDIN_L(_scanf_s_l, char, false, true)
STDIN(wscanf, crt_wchar, true, false) STDIN(wscanf_s, crt_wchar, true, true) STDIN_L(_wscanf_l, crt_wchar, true, false) STDIN_L(_wscanf_s_l, crt_wchar, true, true)
