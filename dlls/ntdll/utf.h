/* UTF-8 and UTF-16, and the ANSI code page, which is UTF-8 that never loses a byte. */
#pragma once

#include <stdbool.h>

#include "rtl.h"

/* One code point of UTF-8. Returns how many bytes it is, or minus the bytes of an ill-formed piece: the longest prefix
 * of something well-formed, at least one byte (Unicode 15, 3.9); a first continuation byte that only its lead byte
 * forbids goes with it, as on Windows (ntdll:rtlstr). */
static inline int utf8_decode(const unsigned char *p, const unsigned char *end, unsigned int *cp)
{
    unsigned int c = *p, low = 0x80, high = 0xbf;
    int need;

    if (c < 0x80)
    {
        *cp = c;
        return 1;
    }
    if (c < 0xc2 || c > 0xf4) return -1;
    need = c < 0xe0 ? 1 : c < 0xf0 ? 2 : 3;
    if (c == 0xe0) low = 0xa0;
    if (c == 0xed) high = 0x9f;
    if (c == 0xf0) low = 0x90;
    if (c == 0xf4) high = 0x8f;
    c &= 0x3f >> need;
    for (int i = 1; i <= need; i++)
    {
        if (p + i >= end || (p[i] & 0xc0) != 0x80) return -i;
        if (p[i] < low || p[i] > high) return -(i + 1);
        c = c << 6 | (p[i] & 0x3f);
        low = 0x80;
        high = 0xbf;
    }
    *cp = c;
    return need + 1;
}

/* Returns the bytes written to out[4]. */
static inline int utf8_encode(unsigned int cp, char out[4])
{
    if (cp < 0x80)
    {
        out[0] = (char)cp;
        return 1;
    }
    if (cp < 0x800)
    {
        out[0] = (char)(0xc0 | cp >> 6);
        out[1] = (char)(0x80 | (cp & 0x3f));
        return 2;
    }
    if (cp < 0x10000)
    {
        out[0] = (char)(0xe0 | cp >> 12);
        out[1] = (char)(0x80 | (cp >> 6 & 0x3f));
        out[2] = (char)(0x80 | (cp & 0x3f));
        return 3;
    }
    out[0] = (char)(0xf0 | cp >> 18);
    out[1] = (char)(0x80 | (cp >> 12 & 0x3f));
    out[2] = (char)(0x80 | (cp >> 6 & 0x3f));
    out[3] = (char)(0x80 | (cp & 0x3f));
    return 4;
}

/* One code point of UTF-16: 1 or 2 units, or -1 for a lone surrogate (which *cp holds). */
static inline int utf16_decode(const WCHAR *p, const WCHAR *end, unsigned int *cp)
{
    *cp = *p;
    if ((*p & 0xf800) != 0xd800) return 1;
    if ((*p & 0xfc00) == 0xd800 && p + 1 < end && (p[1] & 0xfc00) == 0xdc00)
    {
        *cp = 0x10000 + ((*p & 0x3ff) << 10) + (p[1] & 0x3ff);
        return 2;
    }
    return -1;
}

/* What becomes of ill-formed input. */
enum utf_errors
{
    UTF_REPLACE,    /* U+FFFD, as RtlUTF8ToUnicodeN */
    UTF_ESCAPE      /* a byte 0xNN is U+DCNN, and back: the ANSI code page, so that every file name survives */
};

/* Both convert as much as fits (dst NULL: count only), and return the status that the Rtl
 * functions give: STATUS_SOME_NOT_MAPPED if something was replaced, STATUS_BUFFER_TOO_SMALL. Sizes are in units. */
extern NTSTATUS utf8_to_utf16(WCHAR *dst, size_t size, size_t *written, const char *src, size_t len, enum utf_errors);
extern NTSTATUS utf16_to_utf8(char *dst, size_t size, size_t *written, const WCHAR *src, size_t len, enum utf_errors);
