/* Names: UTF-16 as Windows has them, bytes as Linux has them. */
#include <sys/types.h>

#include "io/text.h"
#include "ob/upcase.h"

#define TEXT_BACKSLASH 0xdc5c

ssize_t text_to_bytes(char *out, const WCHAR *in, size_t count)
{
    unsigned char *p = (unsigned char *)out;

    for (size_t i = 0; i < count; i++)
    {
        uint32_t c = in[i];

        if (c < 0x80)
        {
            *p++ = c;
        }
        else if (c < 0x800)
        {
            *p++ = 0xc0 | c >> 6;
            *p++ = 0x80 | (c & 0x3f);
        }
        else if (c >= 0xd800 && c < 0xdc00 && i + 1 < count && in[i + 1] >= 0xdc00 && in[i + 1] < 0xe000)
        {
            c = 0x10000 + ((c & 0x3ff) << 10) + (in[++i] & 0x3ff);
            *p++ = 0xf0 | c >> 18;
            *p++ = 0x80 | (c >> 12 & 0x3f);
            *p++ = 0x80 | (c >> 6 & 0x3f);
            *p++ = 0x80 | (c & 0x3f);
        }
        else if ((c >= 0xdc80 && c <= 0xdcff) || c == TEXT_BACKSLASH)
        {
            *p++ = c & 0xff;
        }
        else if (c >= 0xd800 && c < 0xe000)
        {
            return -1;
        }
        else
        {
            *p++ = 0xe0 | c >> 12;
            *p++ = 0x80 | (c >> 6 & 0x3f);
            *p++ = 0x80 | (c & 0x3f);
        }
    }
    return p - (unsigned char *)out;
}

/* The length of the well-formed sequence at p, or 0: no overlong forms, no surrogates, at most U+10FFFF. */
static size_t sequence_length(const unsigned char *p, size_t left)
{
    size_t n = p[0] < 0xc2 ? 0 : p[0] < 0xe0 ? 2 : p[0] < 0xf0 ? 3 : p[0] < 0xf5 ? 4 : 0;

    if (!n || n > left) return 0;
    for (size_t i = 1; i < n; i++)
        if ((p[i] & 0xc0) != 0x80) return 0;
    if (p[0] == 0xe0 && p[1] < 0xa0) return 0;
    if (p[0] == 0xed && p[1] >= 0xa0) return 0;
    if (p[0] == 0xf0 && p[1] < 0x90) return 0;
    if (p[0] == 0xf4 && p[1] >= 0x90) return 0;
    return n;
}

size_t text_to_units(WCHAR *out, const char *in, size_t count)
{
    const unsigned char *p = (const unsigned char *)in, *end = p + count;
    WCHAR *start = out;

    while (p < end)
    {
        size_t n;
        uint32_t c;

        if (*p < 0x80)
        {
            *out++ = *p++;
            continue;
        }
        switch (n = sequence_length(p, end - p))
        {
        case 2: *out++ = (p[0] & 0x1f) << 6 | (p[1] & 0x3f); break;
        case 3: *out++ = (p[0] & 0x0f) << 12 | (p[1] & 0x3f) << 6 | (p[2] & 0x3f); break;
        case 4:
            c = ((p[0] & 7u) << 18 | (p[1] & 0x3fu) << 12 | (p[2] & 0x3fu) << 6 | (p[3] & 0x3fu)) - 0x10000;
            *out++ = 0xd800 | c >> 10;
            *out++ = 0xdc00 | (c & 0x3ff);
            break;
        default:
            *out++ = 0xdc00 | *p;
            n = 1;
        }
        p += n;
    }
    return out - start;
}

size_t text_from_file_name(WCHAR *out, const char *in, size_t count)
{
    size_t units = text_to_units(out, in, count);

    for (size_t i = 0; i < units; i++)
        if (out[i] == '\\') out[i] = TEXT_BACKSLASH;
    out[units] = 0;
    return units;
}

bool text_units_equal(const WCHAR *a, size_t a_count, const WCHAR *b, size_t b_count)
{
    if (a_count != b_count) return false;
    for (size_t i = 0; i < a_count; i++)
        if (a[i] != b[i] && upcase(a[i]) != upcase(b[i])) return false;
    return true;
}

bool text_is(const WCHAR *name, size_t count, const char *word)
{
    size_t i;

    for (i = 0; i < count && word[i]; i++)
        if (upcase(name[i]) != upcase((unsigned char)word[i])) return false;
    return i == count && !word[i];
}

size_t text_length(const WCHAR *name)
{
    size_t n = 0;

    while (name[n]) n++;
    return n;
}
