/* UTF-8 and UTF-16. The rules are in utf.h; ntdll:rtlstr test_RtlUnicodeToUTF8N, test_RtlUTF8ToUnicodeN. */

#include "utf.h"

NTSTATUS utf8_to_utf16(WCHAR *dst, size_t size, size_t *written, const char *src, size_t len, enum utf_errors errors)
{
    const unsigned char *p = (const unsigned char *)src, *end = p + len;
    NTSTATUS status = STATUS_SUCCESS;
    size_t n = 0;

    if (!dst) size = ~(size_t)0;
    while (p < end)
    {
        unsigned int cp = 0;
        int used;

        if (*p < 0x80)
        {
            if (n == size) goto full;
            if (dst) dst[n] = *p;
            n++;
            p++;
            continue;
        }
        used = utf8_decode(p, end, &cp);
        if (used < 0 && errors == UTF_ESCAPE)
        {
            used = 1;
            cp = 0xdc00 | *p;
        }
        else if (used < 0)
        {
            used = -used;
            cp = 0xfffd;
            status = STATUS_SOME_NOT_MAPPED;
        }
        if (n == size) goto full;
        if (size - n == 1 && cp > 0xffff)
        {
            /* As on Windows, half of it is written. */
            if (dst) dst[n] = 0xd800 + ((cp - 0x10000) >> 10);
            n++;
            goto full;
        }
        if (dst && cp > 0xffff)
        {
            dst[n] = 0xd800 + ((cp - 0x10000) >> 10);
            dst[n + 1] = 0xdc00 + (cp & 0x3ff);
        }
        else if (dst) dst[n] = (WCHAR)cp;
        n += cp > 0xffff ? 2 : 1;
        p += used;
    }
    *written = n;
    return status;
full:
    *written = n;
    return STATUS_BUFFER_TOO_SMALL;
}

NTSTATUS utf16_to_utf8(char *dst, size_t size, size_t *written, const WCHAR *src, size_t len, enum utf_errors errors)
{
    const WCHAR *p = src, *end = src + len;
    NTSTATUS status = STATUS_SUCCESS;
    size_t n = 0;

    if (!dst) size = ~(size_t)0;
    while (p < end)
    {
        unsigned int cp = 0;
        char out[4];
        int used, bytes;

        if (*p < 0x80)
        {
            if (n == size) goto full;
            if (dst) dst[n] = (char)*p;
            n++;
            p++;
            continue;
        }
        used = utf16_decode(p, end, &cp);
        if (used < 0 && errors == UTF_ESCAPE && cp >= 0xdc80 && cp <= 0xdcff)
        {
            out[0] = (char)cp;
            bytes = 1;
        }
        else
        {
            if (used < 0)
            {
                cp = 0xfffd;
                status = STATUS_SOME_NOT_MAPPED;
            }
            bytes = utf8_encode(cp, out);
        }
        if (size - n < (size_t)bytes) goto full;
        if (dst) memcpy(dst + n, out, bytes);
        n += bytes;
        p += used < 0 ? 1 : used;
    }
    *written = n;
    return status;
full:
    *written = n;
    return STATUS_BUFFER_TOO_SMALL;
}
