/* Character classes. In every locale a byte above 127 has none: alone it is no character of UTF-8. */
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

CRT_API(const unsigned short *, __pctype_func, void) { return crt_pctype; }
CRT_API(const unsigned short **, __p__pctype, void) { return &crt_pctype; }

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
CRT_API(int, isleadbyte, int c) { (void)c; return 0; }
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
