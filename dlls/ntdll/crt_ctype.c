/* Character classes of the C locale, the way ntdll cuts them (ntdll:string test_ctype, test_wctype, test_tolower):
 * narrow classes end at 0x7f, wide ones at 0xff, towlower() knows Latin-1 and towupper() the whole plane. */

#include "casemap.h"

#undef _tolower
#undef _toupper
#undef isascii
#undef __isascii
#undef __toascii
#undef __iscsym
#undef __iscsymf
#undef iswascii
#undef iswalpha
#undef iswdigit
#undef iswlower
#undef iswspace
#undef iswxdigit
#undef iswalnum
#undef iswgraph
#undef iswprint

/* CT_CTYPE1 bits; mingw's ctype.h has the same values under names that differ between its versions. */
enum
{
    UPPER = 1, LOWER = 2, DIGIT = 4, SPACE = 8, PUNCT = 0x10, CONTROL = 0x20, BLANK = 0x40, HEX = 0x80, ALPHA = 0x100,
    LETTER = ALPHA | UPPER | LOWER
};

static unsigned int wide_class(unsigned int c)
{
    if (c >= 0x100) return 0;
    if (c >= 0xc0)
    {
        if (c == 0xd7 || c == 0xf7) return PUNCT;
        return ALPHA | (c < 0xdf ? UPPER : LOWER);
    }
    if (c >= 0x80)
    {
        if (c < 0xa0) return CONTROL;
        if (c == 0xa0) return SPACE | BLANK;
        return c == 0xb2 || c == 0xb3 || c == 0xb9 ? PUNCT | DIGIT : PUNCT;
    }
    if (c < 0x20)
    {
        if (c == '\t') return CONTROL | SPACE | BLANK;
        return c >= '\n' && c <= '\r' ? CONTROL | SPACE : CONTROL;
    }
    if (c == ' ') return SPACE | BLANK;
    if (c - '0' < 10) return DIGIT | HEX;
    if ((c | 32) - 'a' < 26) return ALPHA | (c & 32 ? LOWER : UPPER) | ((c | 32) <= 'f' ? HEX : 0);
    return c == 0x7f ? CONTROL : PUNCT;
}

static inline int wide(unsigned int c, unsigned int mask)
{
    return wide_class(c) & mask;
}

static inline int narrow(int c, unsigned int mask)
{
    if ((unsigned int)c >= 0x80) return 0;
    return wide_class(c) & mask & ~(c == '\t' ? BLANK : 0);
}

int __cdecl isalpha(int c) { return narrow(c, UPPER | LOWER); }
int __cdecl isupper(int c) { return narrow(c, UPPER); }
int __cdecl islower(int c) { return narrow(c, LOWER); }
int __cdecl isdigit(int c) { return narrow(c, DIGIT); }
int __cdecl isxdigit(int c) { return narrow(c, HEX); }
int __cdecl isspace(int c) { return narrow(c, SPACE); }
int __cdecl ispunct(int c) { return narrow(c, PUNCT); }
int __cdecl isalnum(int c) { return narrow(c, UPPER | LOWER | DIGIT); }
int __cdecl isprint(int c) { return narrow(c, UPPER | LOWER | DIGIT | PUNCT | BLANK); }
int __cdecl isgraph(int c) { return narrow(c, UPPER | LOWER | DIGIT | PUNCT); }
int __cdecl iscntrl(int c) { return narrow(c, CONTROL); }
int __cdecl __isascii(int c) { return (unsigned int)c < 0x80; }
int __cdecl __toascii(int c) { return c & 0x7f; }
int __cdecl __iscsym(int c) { return c == '_' || isalnum(c); }
int __cdecl __iscsymf(int c) { return c == '_' || isalpha(c); }

int __cdecl tolower(int c) { return (unsigned int)((unsigned char)c - 'A') < 26 ? c + 32 : c; }
int __cdecl _tolower(int c) { return c + 32; }
int __cdecl _toupper(int c) { return c - 32; }

/* c is up to two bytes of the ANSI code page, the first in the low half (ntdll:string test_toupper). */
int __cdecl toupper(int c)
{
    char text[3] = { (char)c, (char)(c >> 8), 0 }, *p = text;
    WCHAR wide;
    DWORD n;

    if ((unsigned int)c < 0x80) return (unsigned int)(c - 'a') < 26 ? c - 32 : c;
    wide = case_upper(RtlAnsiCharToUnicodeChar(&p));
    if (RtlUnicodeToMultiByteN(text, 2, &n, &wide, sizeof(wide))) return c;
    switch (n)
    {
    case 1: return (unsigned char)text[0];
    case 2: return (unsigned char)text[0] << 8 | (unsigned char)text[1];
    default: return c;
    }
}

int __cdecl iswctype(wint_t c, wctype_t mask) { return wide(c, mask); }
int __cdecl iswalpha(wint_t c) { return wide(c, LETTER); }
int __cdecl iswdigit(wint_t c) { return wide(c, DIGIT); }
int __cdecl iswlower(wint_t c) { return wide(c, LOWER); }
int __cdecl iswspace(wint_t c) { return wide(c, SPACE); }
int __cdecl iswxdigit(wint_t c) { return wide(c, HEX); }
int __cdecl iswalnum(wint_t c) { return wide(c, LETTER | DIGIT); }
int __cdecl iswgraph(wint_t c) { return wide(c, LETTER | DIGIT | PUNCT); }
int __cdecl iswprint(wint_t c) { return wide(c, LETTER | DIGIT | PUNCT | BLANK); }
int __cdecl iswascii(wint_t c) { return c < 0x80; }

wint_t __cdecl towupper(wint_t c)
{
    return case_upper(c);
}

wint_t __cdecl towlower(wint_t c)
{
    return c < 0x100 && wide_class(c) & UPPER ? c + 32 : c;
}
