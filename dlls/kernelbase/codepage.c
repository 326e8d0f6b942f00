/* Code pages: UTF-8 and the single-byte ones.
 *
 * The ANSI and the OEM code page are UTF-8. As such (CP_ACP, CP_OEMCP) they lose nothing: a byte that is not UTF-8 is
 * a lone surrogate U+DCxx, and goes back unchanged, so that every file name and argument survives a program that thinks
 * in bytes. Asked for by its number, 65001 is as strict as Windows': what is ill-formed becomes U+FFFD.
 */
#include "kernelbase.h"
#include "codepage_table.h"

UINT ansi_code_page(void)
{
    return CP_UTF8;
}

UINT oem_code_page(void)
{
    return CP_UTF8;
}

UINT WINAPI GetACP(void)
{
    return ansi_code_page();
}

UINT WINAPI GetOEMCP(void)
{
    return oem_code_page();
}

/* ---- which ------------------------------------------------------------------------------------------ */
struct code_page
{
    UINT number;
    const WCHAR *upper_half;    /* NULL: UTF-8, ASCII or Latin-1 */
    const WCHAR *name;
};

static const struct code_page code_pages[] =
{
    { 437, upper_half_437, L"437   (OEM - United States)" },
    { 1252, upper_half_1252, L"1252  (ANSI - Latin I)" },
    { 20127, NULL, L"20127 (US-ASCII)" },
    { 28591, NULL, L"28591 (ISO 8859-1 Latin I)" },
    { 65001, NULL, L"65001 (UTF-8)" },
};

/* The code page of a number or of a CP_x; escape says that it is one of the process's own. */
static const struct code_page *code_page_find(UINT number, BOOL *escape)
{
    *escape = FALSE;
    switch (number)
    {
    case CP_ACP: case CP_THREAD_ACP: number = ansi_code_page(); *escape = TRUE; break;
    case CP_OEMCP: number = oem_code_page(); *escape = TRUE; break;
    }
    for (size_t i = 0; i < ARRAY_LENGTH(code_pages); i++)
        if (code_pages[i].number == number) return &code_pages[i];
    return NULL;
}

BOOL WINAPI IsValidCodePage(UINT number)
{
    BOOL escape;

    /* CP_ACP and its kind are no code pages but names for them. */
    return number > CP_THREAD_ACP && code_page_find(number, &escape);
}

BOOL WINAPI GetCPInfo(UINT number, CPINFO *info)
{
    const struct code_page *page;
    BOOL escape;

    if (!info || !(page = code_page_find(number, &escape))) return fail(ERROR_INVALID_PARAMETER);
    memset(info, 0, sizeof(*info));
    info->MaxCharSize = page->number == CP_UTF8 ? 4 : 1;
    info->DefaultChar[0] = '?';
    return TRUE;
}

BOOL WINAPI GetCPInfoExW(UINT number, DWORD flags, CPINFOEXW *info)
{
    const struct code_page *page;
    BOOL escape;

    (void)flags;
    if (!GetCPInfo(number, (CPINFO *)info)) return FALSE;
    page = code_page_find(number, &escape);
    info->CodePage = page->number;
    info->UnicodeDefaultChar = page->number == CP_UTF8 ? 0xfffd : '?';
    wcscpy(info->CodePageName, page->name);
    return TRUE;
}

BOOL WINAPI GetCPInfoExA(UINT number, DWORD flags, CPINFOEXA *info)
{
    CPINFOEXW wide;

    if (!GetCPInfoExW(number, flags, &wide)) return FALSE;
    memcpy(info, &wide, FIELD_OFFSET(CPINFOEXA, CodePageName));
    for (size_t i = 0; i < sizeof(info->CodePageName) && (!i || wide.CodePageName[i - 1]); i++)
        info->CodePageName[i] = (char)wide.CodePageName[i];
    return TRUE;
}

BOOL WINAPI IsDBCSLeadByteEx(UINT number, BYTE c)
{
    BOOL escape;

    (void)c;            /* no code page of ours has lead bytes */
    if (!code_page_find(number, &escape)) return fail(ERROR_INVALID_PARAMETER);
    return FALSE;
}

BOOL WINAPI IsDBCSLeadByte(BYTE c)
{
    return IsDBCSLeadByteEx(CP_ACP, c);
}

BOOL WINAPI EnumSystemCodePagesW(CODEPAGE_ENUMPROCW callback, DWORD flags)
{
    (void)flags;
    for (size_t i = 0; i < ARRAY_LENGTH(code_pages); i++)
    {
        WCHAR digits[8], *p = digits + 7;

        *p = 0;
        for (UINT n = code_pages[i].number; n; n /= 10) *--p = (WCHAR)('0' + n % 10);
        if (!callback(p)) break;
    }
    return TRUE;
}

BOOL WINAPI EnumSystemCodePagesA(CODEPAGE_ENUMPROCA callback, DWORD flags)
{
    (void)flags;
    for (size_t i = 0; i < ARRAY_LENGTH(code_pages); i++)
    {
        char digits[8], *p = digits + 7;

        *p = 0;
        for (UINT n = code_pages[i].number; n; n /= 10) *--p = (char)('0' + n % 10);
        if (!callback(p)) break;
    }
    return TRUE;
}

/* ---- UTF-8 to UTF-16 -------------------------------------------------------------------------------- */

/* One character at p: the bytes it takes, or minus the bytes of an ill-formed piece. An ill-formed piece is the
 * longest beginning of a well-formed one, at least one byte (Unicode 15, 3.9, "maximal subparts"). */
static int utf8_next(const BYTE *p, const BYTE *end, UINT *c)
{
    BYTE low = 0x80, high = 0xbf;
    int more;

    *c = *p;
    if (*p < 0x80) return 1;
    if (*p < 0xc2 || *p > 0xf4) return -1;
    more = *p < 0xe0 ? 1 : *p < 0xf0 ? 2 : 3;
    if (*p == 0xe0) low = 0xa0;         /* shorter ones exist */
    else if (*p == 0xed) high = 0x9f;   /* surrogates */
    else if (*p == 0xf0) low = 0x90;
    else if (*p == 0xf4) high = 0x8f;   /* beyond U+10FFFF */
    *c = *p & (0x3fu >> more);
    for (int i = 1; i <= more; i++)
    {
        if (p + i == end || p[i] < low || p[i] > high) return -i;
        *c = *c << 6 | (p[i] & 0x3f);
        low = 0x80;
        high = 0xbf;
    }
    return more + 1;
}

/* The run-time library's conversion: what is ill-formed is replaced, and if strict an error all the same. */
static int rtl_result(NTSTATUS status, ULONG count, BOOL strict)
{
    if (status == STATUS_BUFFER_TOO_SMALL) return -1;
    return strict && status == STATUS_SOME_NOT_MAPPED ? -2 : (int)count;
}

/* Units written, or needed if dst is NULL; -1: no room, -2: ill-formed (strict only). */
static int from_utf8(const char *src, int length, WCHAR *dst, int size, BOOL strict, BOOL escape)
{
    const BYTE *p = (const BYTE *)src, *end = p + length;
    int count = 0;

    if (strict || !escape)
    {
        ULONG bytes = 0;
        NTSTATUS status = RtlUTF8ToUnicodeN(dst, (ULONG)size * sizeof(WCHAR), &bytes, src, length);

        return rtl_result(status, bytes / sizeof(WCHAR), strict);
    }

    while (p < end)
    {
        WCHAR units[3];
        int used, n = 1, i;
        UINT c;

        /* Plain text first, fast. */
        if (*p < 0x80)
        {
            if (dst)
            {
                if (count == size) return -1;
                dst[count] = *p;
            }
            count++;
            p++;
            continue;
        }
        used = utf8_next(p, end, &c);
        if (used < 0)
        {
            used = -used;
            for (n = used, i = 0; i < n; i++) units[i] = (WCHAR)(0xdc00 + p[i]);
        }
        else if (c < 0x10000) units[0] = (WCHAR)c;
        else
        {
            units[0] = (WCHAR)(0xd800 + ((c - 0x10000) >> 10));
            units[1] = (WCHAR)(0xdc00 + (c & 0x3ff));
            n = 2;
        }
        if (dst)
        {
            if (size - count < n) return -1;
            memcpy(dst + count, units, (size_t)n * sizeof(WCHAR));
        }
        count += n;
        p += used;
    }
    return count;
}

/* ---- UTF-16 to UTF-8 -------------------------------------------------------------------------------- */
static int to_utf8(const WCHAR *src, int length, char *dst, int size, BOOL strict, BOOL escape)
{
    const WCHAR *p = src, *end = src + length;
    int count = 0;

    if (strict || !escape)
    {
        ULONG bytes = 0;
        NTSTATUS status = RtlUnicodeToUTF8N(dst, size, &bytes, src, (ULONG)length * sizeof(WCHAR));

        return rtl_result(status, bytes, strict);
    }
    while (p < end)
    {
        UINT c = *p++;
        char bytes[4];
        int n;

        if (c < 0x80)
        {
            if (dst)
            {
                if (count == size) return -1;
                dst[count] = (char)c;
            }
            count++;
            continue;
        }
        if ((c & 0xfc00) == 0xd800 && p < end && (*p & 0xfc00) == 0xdc00) c = 0x10000 + ((c & 0x3ff) << 10) + (*p++ & 0x3ff);
        if ((c & 0xfffff800) == 0xd800)
        {
            if (c >= 0xdc80 && c <= 0xdcff)
            {
                bytes[0] = (char)(c - 0xdc00);
                n = 1;
                goto store;
            }
            c = 0xfffd;
        }
        if (c < 0x800)
        {
            bytes[0] = (char)(0xc0 | c >> 6);
            bytes[1] = (char)(0x80 | (c & 0x3f));
            n = 2;
        }
        else if (c < 0x10000)
        {
            bytes[0] = (char)(0xe0 | c >> 12);
            bytes[1] = (char)(0x80 | (c >> 6 & 0x3f));
            bytes[2] = (char)(0x80 | (c & 0x3f));
            n = 3;
        }
        else
        {
            bytes[0] = (char)(0xf0 | c >> 18);
            bytes[1] = (char)(0x80 | (c >> 12 & 0x3f));
            bytes[2] = (char)(0x80 | (c >> 6 & 0x3f));
            bytes[3] = (char)(0x80 | (c & 0x3f));
            n = 4;
        }
    store:
        if (dst)
        {
            if (size - count < n) return -1;
            memcpy(dst + count, bytes, (size_t)n);
        }
        count += n;
    }
    return count;
}

/* ---- single bytes ----------------------------------------------------------------------------------- */
static int from_single(const struct code_page *page, const char *src, int length, WCHAR *dst, int size, BOOL strict)
{
    if (strict && page->number == 20127)
        for (int i = 0; i < length; i++) if ((BYTE)src[i] >= 0x80) return -2;
    if (!dst) return length;
    for (int i = 0; i < length; i++)
    {
        BYTE c = (BYTE)src[i];

        if (i == size) return -1;
        if (page->upper_half) dst[i] = c < 0x80 ? c : page->upper_half[c - 0x80];
        else dst[i] = page->number == 20127 ? c & 0x7f : c;
    }
    return length;
}

/* The byte for c, or -1. */
static int single_byte(const struct code_page *page, WCHAR c)
{
    if (c < 0x80) return c;
    if (page->number == 28591 && c < 0x100) return c;
    if (page->upper_half)
        for (int i = 0; i < 128; i++) if (page->upper_half[i] == c) return 0x80 + i;
    return -1;
}

static int to_single(const struct code_page *page, const WCHAR *src, int length, char *dst, int size, BOOL strict,
                     const char *replacement, BOOL *replaced)
{
    int count = 0;

    for (int i = 0; i < length; i++)
    {
        int c = single_byte(page, src[i]);

        if (c < 0)
        {
            if (strict) return -2;
            *replaced = TRUE;
            c = (BYTE)*replacement;
            /* A pair of surrogates is one character, but two replacements, as on Windows. */
        }
        if (dst)
        {
            if (count == size) return -1;
            dst[count] = (char)c;
        }
        count++;
    }
    return count;
}

/* ---- the two calls ---------------------------------------------------------------------------------- */
static int conversion_result(int result)
{
    if (result >= 0) return result;
    set_error(result == -1 ? ERROR_INSUFFICIENT_BUFFER : ERROR_NO_UNICODE_TRANSLATION);
    return 0;
}

INT WINAPI MultiByteToWideChar(UINT number, DWORD flags, const char *src, INT length, WCHAR *dst, INT size)
{
    const struct code_page *page;
    BOOL escape, strict = (flags & MB_ERR_INVALID_CHARS) != 0;

    if (!src || !length || size < 0 || (!dst && size) || (const void *)src == (const void *)dst) return fail(ERROR_INVALID_PARAMETER);
    if (!(page = code_page_find(number, &escape))) return fail(ERROR_INVALID_PARAMETER);
    if (flags & ~(page->number == CP_UTF8 ? (DWORD)MB_ERR_INVALID_CHARS
                                          : (DWORD)(MB_PRECOMPOSED | MB_COMPOSITE | MB_USEGLYPHCHARS | MB_ERR_INVALID_CHARS)) &&
        !(escape && !(flags & ~(DWORD)(MB_PRECOMPOSED | MB_ERR_INVALID_CHARS))))
        return fail(ERROR_INVALID_FLAGS);
    if (length < 0) length = (INT)strlen(src) + 1;
    if (!size) dst = NULL;
    if (page->number == CP_UTF8) return conversion_result(from_utf8(src, length, dst, size, strict, escape));
    return conversion_result(from_single(page, src, length, dst, size, strict));
}

INT WINAPI WideCharToMultiByte(UINT number, DWORD flags, const WCHAR *src, INT length, char *dst, INT size,
                               const char *replacement, BOOL *used_replacement)
{
    const struct code_page *page;
    BOOL escape, replaced = FALSE, strict = (flags & WC_ERR_INVALID_CHARS) != 0;
    int result;

    if (!src || !length || size < 0 || (!dst && size) || (const void *)src == (const void *)dst) return fail(ERROR_INVALID_PARAMETER);
    if (!(page = code_page_find(number, &escape))) return fail(ERROR_INVALID_PARAMETER);
    if (length < 0) length = (INT)wcslen(src) + 1;
    if (!size) dst = NULL;
    /* UTF-8 has no use for most flags, and replaces by U+FFFD, never by what the caller would like. Programs that convert to
     * "the ANSI code page" do not expect a refusal for that, whatever it is. */
    if (flags & ~(DWORD)(page->number == CP_UTF8 && !escape ? WC_ERR_INVALID_CHARS :
                         WC_DISCARDNS | WC_SEPCHARS | WC_DEFAULTCHAR | WC_COMPOSITECHECK | WC_NO_BEST_FIT_CHARS | WC_ERR_INVALID_CHARS))
        return fail(ERROR_INVALID_FLAGS);
    if (page->number == CP_UTF8)
    {
        if (!escape && (replacement || used_replacement)) return fail(ERROR_INVALID_PARAMETER);
        result = to_utf8(src, length, dst, size, strict, escape);
    }
    else result = to_single(page, src, length, dst, size, strict, replacement ? replacement : "?", &replaced);
    if (used_replacement) *used_replacement = replaced;
    return conversion_result(result);
}
