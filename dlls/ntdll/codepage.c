/* Conversions between UTF-16 and the ANSI and OEM code pages, both of which are UTF-8 that never loses a byte (utf.h). */

#include "casemap.h"
#include "utf.h"

/* A truncated conversion of the N functions is no error, as on Windows. */
NTSTATUS WINAPI RtlMultiByteToUnicodeN(LPWSTR dst, DWORD dst_bytes, LPDWORD written, LPCSTR src, DWORD len)
{
    size_t n;

    utf8_to_utf16(dst, dst_bytes / sizeof(WCHAR), &n, src, len, UTF_ESCAPE);
    if (written) *written = (DWORD)(n * sizeof(WCHAR));
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlUnicodeToMultiByteN(LPSTR dst, DWORD size, LPDWORD written, LPCWSTR src, DWORD src_bytes)
{
    size_t n;

    utf16_to_utf8(dst, size, &n, src, src_bytes / sizeof(WCHAR), UTF_ESCAPE);
    if (written) *written = (DWORD)n;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlMultiByteToUnicodeSize(DWORD *bytes, LPCSTR src, ULONG len)
{
    return RtlMultiByteToUnicodeN(NULL, 0, bytes, src, len);
}

NTSTATUS WINAPI RtlUnicodeToMultiByteSize(ULONG *bytes, PCWSTR src, ULONG src_bytes)
{
    return RtlUnicodeToMultiByteN(NULL, 0, bytes, src, src_bytes);
}

NTSTATUS WINAPI RtlOemToUnicodeN(LPWSTR dst, DWORD dst_bytes, LPDWORD written, LPCSTR src, DWORD len)
{
    return RtlMultiByteToUnicodeN(dst, dst_bytes, written, src, len);
}

NTSTATUS WINAPI RtlUnicodeToOemN(LPSTR dst, DWORD size, LPDWORD written, LPCWSTR src, DWORD src_bytes)
{
    return RtlUnicodeToMultiByteN(dst, size, written, src, src_bytes);
}

NTSTATUS WINAPI RtlUpcaseUnicodeToMultiByteN(LPSTR dst, DWORD size, LPDWORD written, LPCWSTR src, DWORD src_bytes)
{
    const WCHAR *end = src + src_bytes / sizeof(WCHAR);
    DWORD total = 0, n;

    /* A pair of surrogates has no case and stays together. */
    while (src < end)
    {
        WCHAR unit[2] = { case_upper(src[0]), src + 1 < end ? src[1] : 0 };
        unsigned int cp = 0;
        int used = utf16_decode(src, end, &cp);

        if (used < 0) used = 1;
        RtlUnicodeToMultiByteN(dst ? dst + total : NULL, size - total, &n, unit, used * sizeof(WCHAR));
        if (!n) break;
        total += n;
        src += used;
    }
    if (written) *written = total;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlUpcaseUnicodeToOemN(LPSTR dst, DWORD size, LPDWORD written, LPCWSTR src, DWORD src_bytes)
{
    return RtlUpcaseUnicodeToMultiByteN(dst, size, written, src, src_bytes);
}

/* ---- strict UTF-8 ---- */

NTSTATUS WINAPI RtlUnicodeToUTF8N(LPSTR dst, DWORD size, LPDWORD written, LPCWSTR src, DWORD src_bytes)
{
    NTSTATUS status;
    size_t n;

    if (!src) return STATUS_INVALID_PARAMETER_4;
    if (!written) return STATUS_INVALID_PARAMETER;
    if (dst && src_bytes % sizeof(WCHAR)) return STATUS_INVALID_PARAMETER_5;
    status = utf16_to_utf8(dst, size, &n, src, src_bytes / sizeof(WCHAR), UTF_REPLACE);
    *written = (DWORD)n;
    return status;
}

NTSTATUS WINAPI RtlUTF8ToUnicodeN(WCHAR *dst, DWORD dst_bytes, DWORD *written, const char *src, DWORD len)
{
    NTSTATUS status;
    size_t n;

    if (!src) return STATUS_INVALID_PARAMETER_4;
    if (!written) return STATUS_INVALID_PARAMETER;
    status = utf8_to_utf16(dst, dst_bytes / sizeof(WCHAR), &n, src, len, UTF_REPLACE);
    *written = (DWORD)(n * sizeof(WCHAR));
    return status;
}

/* ---- counted strings ---- */

DWORD WINAPI RtlAnsiStringToUnicodeSize(const STRING *str)
{
    DWORD bytes;

    RtlMultiByteToUnicodeSize(&bytes, str->Buffer, str->Length);
    return bytes + sizeof(WCHAR);
}

ULONG WINAPI RtlOemStringToUnicodeSize(const STRING *str)
{
    return RtlAnsiStringToUnicodeSize(str);
}

DWORD WINAPI RtlUnicodeStringToAnsiSize(const UNICODE_STRING *str)
{
    DWORD bytes;

    RtlUnicodeToMultiByteSize(&bytes, str->Buffer, str->Length);
    return bytes + 1;
}

DWORD WINAPI RtlUnicodeStringToOemSize(const UNICODE_STRING *str)
{
    return RtlUnicodeStringToAnsiSize(str);
}

/* The same under the names that ntdll's own callers use on Windows. */
extern __typeof__(RtlAnsiStringToUnicodeSize) RtlxAnsiStringToUnicodeSize __attribute__((alias("RtlAnsiStringToUnicodeSize")));
extern __typeof__(RtlOemStringToUnicodeSize) RtlxOemStringToUnicodeSize __attribute__((alias("RtlOemStringToUnicodeSize")));
extern __typeof__(RtlUnicodeStringToAnsiSize) RtlxUnicodeStringToAnsiSize __attribute__((alias("RtlUnicodeStringToAnsiSize")));
extern __typeof__(RtlUnicodeStringToOemSize) RtlxUnicodeStringToOemSize __attribute__((alias("RtlUnicodeStringToOemSize")));

NTSTATUS WINAPI RtlAnsiStringToUnicodeString(UNICODE_STRING *dst, const STRING *src, BOOLEAN alloc)
{
    DWORD total = RtlAnsiStringToUnicodeSize(src);

    if (total > 0xffff) return STATUS_INVALID_PARAMETER_2;
    if (alloc)
    {
        WCHAR *buffer = heap_alloc(total);

        if (!buffer) return STATUS_NO_MEMORY;
        dst->Buffer = buffer;
        dst->MaximumLength = (USHORT)total;
    }
    else if (total > dst->MaximumLength) return STATUS_BUFFER_OVERFLOW;
    dst->Length = (USHORT)(total - sizeof(WCHAR));
    RtlMultiByteToUnicodeN(dst->Buffer, dst->Length, NULL, src->Buffer, src->Length);
    dst->Buffer[dst->Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI RtlOemStringToUnicodeString(UNICODE_STRING *dst, const STRING *src, BOOLEAN alloc)
{
    return RtlAnsiStringToUnicodeString(dst, src, alloc);
}

typedef NTSTATUS (WINAPI *to_bytes_fn)(LPSTR, DWORD, LPDWORD, LPCWSTR, DWORD);

/* What does not fit is cut off, terminated, and reported. `terminated` is false for the counted OEM form. */
static NTSTATUS to_string(STRING *dst, const UNICODE_STRING *src, BOOLEAN alloc, to_bytes_fn convert, bool terminated)
{
    DWORD len, total;
    NTSTATUS status = STATUS_SUCCESS;

    convert(NULL, 0, &len, src->Buffer, src->Length);
    total = len + terminated;
    if (total > 0xffff) return STATUS_INVALID_PARAMETER_2;
    if (alloc)
    {
        char *buffer = heap_alloc(total ? total : 1);

        if (!buffer) return STATUS_NO_MEMORY;
        dst->Buffer = buffer;
        dst->MaximumLength = (USHORT)total;
    }
    else if (total > dst->MaximumLength)
    {
        if (!dst->MaximumLength)
        {
            dst->Length = (USHORT)len;
            return STATUS_BUFFER_OVERFLOW;
        }
        len = dst->MaximumLength - terminated;
        status = STATUS_BUFFER_OVERFLOW;
    }
    convert(dst->Buffer, len, &len, src->Buffer, src->Length);
    dst->Length = (USHORT)len;
    if (terminated) dst->Buffer[len] = 0;
    return status;
}

NTSTATUS WINAPI RtlUnicodeStringToAnsiString(ANSI_STRING *dst, const UNICODE_STRING *src, BOOLEAN alloc)
{
    return to_string(dst, src, alloc, RtlUnicodeToMultiByteN, true);
}

NTSTATUS WINAPI RtlUnicodeStringToOemString(STRING *dst, const UNICODE_STRING *src, BOOLEAN alloc)
{
    return to_string(dst, src, alloc, RtlUnicodeToOemN, true);
}

NTSTATUS WINAPI RtlUpcaseUnicodeStringToAnsiString(STRING *dst, const UNICODE_STRING *src, BOOLEAN alloc)
{
    return to_string(dst, src, alloc, RtlUpcaseUnicodeToMultiByteN, true);
}

NTSTATUS WINAPI RtlUpcaseUnicodeStringToOemString(STRING *dst, const UNICODE_STRING *src, BOOLEAN alloc)
{
    return to_string(dst, src, alloc, RtlUpcaseUnicodeToOemN, true);
}

NTSTATUS WINAPI RtlUpcaseUnicodeStringToCountedOemString(STRING *dst, const UNICODE_STRING *src, BOOLEAN alloc)
{
    return to_string(dst, src, alloc, RtlUpcaseUnicodeToOemN, false);
}

BOOLEAN WINAPI RtlCreateUnicodeStringFromAsciiz(UNICODE_STRING *str, LPCSTR text)
{
    STRING ansi;

    return !RtlInitAnsiStringEx(&ansi, text) && !RtlAnsiStringToUnicodeString(str, &ansi, TRUE);
}

/* The next character of a string of bytes; one outside the first plane has no WCHAR and reads as a replacement. */
WCHAR WINAPI RtlAnsiCharToUnicodeChar(LPSTR *text)
{
    const unsigned char *p = (const unsigned char *)*text;
    unsigned int cp = 0;
    int used = utf8_decode(p, p + strnlen((const char *)p, 4) + !*p, &cp);

    if (used < 0)
    {
        ++*text;
        return 0xdc00 | *p;
    }
    *text += used;
    return cp > 0xffff ? 0xfffd : (WCHAR)cp;
}

size_t __cdecl mbstowcs(wchar_t *dst, const char *src, size_t n)
{
    size_t used, len = strlen(src);

    if (!dst)
    {
        utf8_to_utf16(NULL, 0, &used, src, len, UTF_ESCAPE);
        return used;
    }
    utf8_to_utf16(dst, n, &used, src, len, UTF_ESCAPE);
    if (used < n) dst[used] = 0;
    return used;
}

size_t __cdecl wcstombs(char *dst, const wchar_t *src, size_t n)
{
    size_t used, len = wcslen(src);

    if (!dst)
    {
        utf16_to_utf8(NULL, 0, &used, src, len, UTF_ESCAPE);
        return used;
    }
    utf16_to_utf8(dst, n, &used, src, len, UTF_ESCAPE);
    if (used < n) dst[used] = 0;
    return used;
}
