/* Character classes and multibyte characters in the C locale, whose code page here is the ANSI one. */
#include "crt.h"

enum { UPPER = 1, LOWER = 2, DIGIT = 4, SPACE = 8, PUNCT = 0x10, CONTROL = 0x20, BLANK = 0x40, HEX = 0x80, ALPHA = 0x100 };

#define C4(x) x, x, x, x
#define C8(x) C4(x), C4(x)
/* _pctype[c] for c in -1..255; the C locale knows ASCII */
static const unsigned short classes[257] =
{
    0,
    C8(CONTROL), CONTROL, CONTROL | SPACE | BLANK, CONTROL | SPACE, CONTROL | SPACE, CONTROL | SPACE, CONTROL | SPACE, CONTROL, CONTROL, C8(CONTROL), C8(CONTROL),
    SPACE | BLANK, PUNCT, PUNCT, PUNCT, C4(PUNCT), C8(PUNCT),
    C8(DIGIT | HEX), DIGIT | HEX, DIGIT | HEX, PUNCT, PUNCT, C4(PUNCT),
    PUNCT, UPPER | HEX | ALPHA, UPPER | HEX | ALPHA, UPPER | HEX | ALPHA, UPPER | HEX | ALPHA, UPPER | HEX | ALPHA, UPPER | HEX | ALPHA, UPPER | ALPHA,
    C8(UPPER | ALPHA), C8(UPPER | ALPHA), UPPER | ALPHA, UPPER | ALPHA, UPPER | ALPHA, PUNCT, C4(PUNCT),
    PUNCT, LOWER | HEX | ALPHA, LOWER | HEX | ALPHA, LOWER | HEX | ALPHA, LOWER | HEX | ALPHA, LOWER | HEX | ALPHA, LOWER | HEX | ALPHA, LOWER | ALPHA,
    C8(LOWER | ALPHA), C8(LOWER | ALPHA), LOWER | ALPHA, LOWER | ALPHA, LOWER | ALPHA, PUNCT, PUNCT, PUNCT, PUNCT, CONTROL,
};
const unsigned short *crt_pctype = classes + 1;         /* exported as _pctype, which a header here declares otherwise */
const unsigned short *crt_pwctype = classes + 1;
const unsigned short *_ctype = classes;
int __mb_cur_max = 1;

CRT_API(const unsigned short *, __pctype_func, void) { return crt_pctype; }
CRT_API(const unsigned short **, __p__pctype, void) { return &crt_pctype; }
CRT_API(int, ___mb_cur_max_func, void) { return __mb_cur_max; }
CRT_API(int *, __p___mb_cur_max, void) { return &__mb_cur_max; }
CRT_API(unsigned int, ___lc_codepage_func, void) { return 0; }          /* the C locale has none */
CRT_API(unsigned int, ___lc_collate_cp_func, void) { return 0; }

static int is_class(int c, int mask) { return (unsigned int)(c + 1) < 257 ? classes[c + 1] & mask : 0; }
CRT_API(int, _isctype, int c, int mask) { return is_class(c, mask); }
CRT_API(int, isalnum, int c) { return is_class(c, ALPHA | DIGIT); }
CRT_API(int, isalpha, int c) { return is_class(c, ALPHA); }
CRT_API(int, iscntrl, int c) { return is_class(c, CONTROL); }
CRT_API(int, isdigit, int c) { return is_class(c, DIGIT); }
CRT_API(int, isgraph, int c) { return is_class(c, ALPHA | DIGIT | PUNCT); }
CRT_API(int, islower, int c) { return is_class(c, LOWER); }
CRT_API(int, isprint, int c) { return c == ' ' ? BLANK : is_class(c, ALPHA | DIGIT | PUNCT); }
CRT_API(int, ispunct, int c) { return is_class(c, PUNCT); }
CRT_API(int, isspace, int c) { return is_class(c, SPACE); }
CRT_API(int, isupper, int c) { return is_class(c, UPPER); }
CRT_API(int, isxdigit, int c) { return is_class(c, HEX); }
CRT_API(int, __isascii, int c) { return (unsigned int)c < 0x80; }
CRT_API(int, __toascii, int c) { return c & 0x7f; }
CRT_API(int, __iscsym, int c) { return c == '_' || isalnum(c); }
CRT_API(int, __iscsymf, int c) { return c == '_' || isalpha(c); }
CRT_API(int, tolower, int c) { return is_class(c, UPPER) ? c + 32 : c; }
CRT_API(int, toupper, int c) { return is_class(c, LOWER) ? c - 32 : c; }
CRT_API(int, _tolower, int c) { return c + 32; }
CRT_API(int, _toupper, int c) { return c - 32; }

static int is_wide_class(crt_wchar c, int mask)
{
    WORD type;
    if (c < 0x80) return classes[c + 1] & mask;
    if (c == WEOF || !GetStringTypeW(CT_CTYPE1, (WCHAR *)&c, 1, &type)) return 0;
    return type & mask;
}
CRT_API(int, iswctype, crt_wchar c, unsigned short mask) { return is_wide_class(c, mask); }
CRT_API(int, is_wctype, crt_wchar c, unsigned short mask) { return is_wide_class(c, mask); }
CRT_API(int, iswalnum, crt_wchar c) { return is_wide_class(c, ALPHA | DIGIT); }
CRT_API(int, iswalpha, crt_wchar c) { return is_wide_class(c, ALPHA); }
CRT_API(int, iswascii, crt_wchar c) { return c < 0x80; }
CRT_API(int, iswcntrl, crt_wchar c) { return is_wide_class(c, CONTROL); }
CRT_API(int, iswdigit, crt_wchar c) { return is_wide_class(c, DIGIT); }
CRT_API(int, iswgraph, crt_wchar c) { return is_wide_class(c, ALPHA | DIGIT | PUNCT); }
CRT_API(int, iswlower, crt_wchar c) { return is_wide_class(c, LOWER); }
CRT_API(int, iswprint, crt_wchar c) { return is_wide_class(c, ALPHA | DIGIT | PUNCT | BLANK) && c != '\t'; }
CRT_API(int, iswpunct, crt_wchar c) { return is_wide_class(c, PUNCT); }
CRT_API(int, iswspace, crt_wchar c) { return is_wide_class(c, SPACE); }
CRT_API(int, iswupper, crt_wchar c) { return is_wide_class(c, UPPER); }
CRT_API(int, iswxdigit, crt_wchar c) { return is_wide_class(c, HEX); }

CRT_API(crt_wchar, towlower, crt_wchar c)
{
    if (c < 0x80) return tolower(c);
    return c == WEOF ? c : RtlDowncaseUnicodeChar(c);
}
CRT_API(crt_wchar, towupper, crt_wchar c)
{
    if (c < 0x80) return toupper(c);
    return c == WEOF ? c : RtlUpcaseUnicodeChar(c);
}

/* ---- multibyte: in the C locale a byte is a character, and characters above 255 have none ------------------- */
CRT_API(int, mblen, const char *s, size_t n)
{
    if (!s || !n || !*s) return 0;
    return 1;
}
CRT_API(int, mbtowc, crt_wchar *out, const char *s, size_t n)
{
    if (!s || !n) return 0;
    if (out) *out = (unsigned char)*s;
    return *s != 0;
}
CRT_API(int, wctomb, char *out, crt_wchar c)
{
    if (!out) return 0;
    if (c > 255) return crt_fail(E_ILSEQ);
    *out = c;
    return 1;
}
CRT_API(size_t, mbstowcs, crt_wchar *out, const char *s, size_t n)
{
    size_t i;
    if (!out) return strlen(s);
    for (i = 0; i < n; i++) if (!(out[i] = (unsigned char)s[i])) break;
    return i;
}
CRT_API(size_t, wcstombs, char *out, const crt_wchar *s, size_t n)
{
    size_t i;
    for (i = 0; !out || i < n; i++)
    {
        if (s[i] > 255) { errno = E_ILSEQ; return -1; }
        if (out) out[i] = s[i];
        if (!s[i]) break;
    }
    return i;
}
CRT_API(size_t, mbrtowc, crt_wchar *out, const char *s, size_t n, int *state)
{
    (void)state;
    if (!s) return 0;
    if (!n) return -2;
    if (out) *out = (unsigned char)*s;
    return *s != 0;
}
CRT_API(size_t, mbrlen, const char *s, size_t n, int *state) { return mbrtowc(NULL, s, n, state); }
CRT_API(size_t, wcrtomb, char *out, crt_wchar c, int *state)
{
    (void)state;
    if (!out) return 1;
    return wctomb(out, c);
}
CRT_API(int, wctob, int c) { return c >= 0 && c < 256 ? c : EOF; }
CRT_API(crt_wchar, btowc, int c) { return c == EOF || c > 255 ? WEOF : (crt_wchar)(unsigned char)c; }
CRT_API(size_t, mbsrtowcs, crt_wchar *out, const char **s, size_t n, int *state)
{
    size_t i = mbstowcs(out, *s, n);
    (void)state;
    if (out) *s = i < n ? NULL : *s + i;
    return i;
}
CRT_API(size_t, wcsrtombs, char *out, const crt_wchar **s, size_t n, int *state)
{
    size_t i = wcstombs(out, *s, n);
    (void)state;
    if (out && i != (size_t)-1) *s = i < n ? NULL : *s + i;
    return i;
}
CRT_API(int, mbsinit, const int *state) { return !state || !*state; }

/* ---- the locale: "C", and asking for any other fails, as with a system that has no other ----------------------- */
static char dot[] = ".", none[] = "", c_name[] = "C";
struct lconv_ms
{
    char *decimal_point, *thousands_sep, *grouping, *int_curr_symbol, *currency_symbol, *mon_decimal_point,
         *mon_thousands_sep, *mon_grouping, *positive_sign, *negative_sign;
    char fields[8];
    crt_wchar *w[8];
};
static crt_wchar wdot[] = { '.', 0 }, wnone[] = { 0 };
static struct lconv_ms c_locale =
{
    dot, none, none, none, none, none, none, none, none, none, { 127, 127, 127, 127, 127, 127, 127, 127 },
    { wdot, wnone, wnone, wnone, wnone, wnone, wnone, wnone },
};
CRT_API(struct lconv_ms *, localeconv, void) { return &c_locale; }
CRT_API(char *, setlocale, int category, const char *name)
{
    if (category < 0 || category > 5) return NULL;
    if (name && *name && strcmp(name, "C")) return NULL;
    return c_name;
}
CRT_API(crt_wchar *, _wsetlocale, int category, const crt_wchar *name)
{
    static crt_wchar c[] = { 'C', 0 };
    if (category < 0 || category > 5) return NULL;
    if (name && *name && (name[0] != 'C' || name[1])) return NULL;
    return c;
}
CRT_API(int, strcoll, const char *a, const char *b) { return strcmp(a, b); }
CRT_API(size_t, strxfrm, char *to, const char *from, size_t n)
{
    size_t length = strlen(from);
    if (n) { size_t copy = length < n ? length + 1 : n; memcpy(to, from, copy); }
    return length;
}
