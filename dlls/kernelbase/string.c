/* The lstr functions, walking over characters, and the like. */
#include "kernelbase.h"
#include "winuser.h"

/* lstr functions survive bad pointers: they are documented to, and old programs rely on it. The fault is caught by
 * asking first whether memory is readable, page by page, which is slow only for those who use these functions. */
static BOOL readable_page(const void *p)
{
    MEMORY_BASIC_INFORMATION info;

    if (NtQueryVirtualMemory(NtCurrentProcess(), p, MemoryBasicInformation, &info, sizeof(info), NULL) < 0) return FALSE;
    return info.State == MEM_COMMIT && !(info.Protect & (PAGE_NOACCESS | PAGE_GUARD)) && info.Protect != PAGE_EXECUTE;
}

/* The length of a string in characters, or -1 if it runs into memory that cannot be read. */
static INT_PTR safe_length(const void *string, SIZE_T unit)
{
    const BYTE *p = string, *known = NULL;      /* the page up to which all is well ends here */

    for (;; p += unit)
    {
        if (p + unit > known)
        {
            if (!readable_page(p) || !readable_page(p + unit - 1)) return -1;
            known = (const BYTE *)(((ULONG_PTR)(p + unit - 1) & ~(ULONG_PTR)4095) + 4096);
        }
        if (unit == 1 ? !*p : !*(const WCHAR *)p) return (p - (const BYTE *)string) / (INT_PTR)unit;
    }
}

static BOOL writable(void *start, SIZE_T size)
{
    BYTE *p = start, *end = p + size;
    MEMORY_BASIC_INFORMATION info;

    while (p < end)
    {
        if (NtQueryVirtualMemory(NtCurrentProcess(), p, MemoryBasicInformation, &info, sizeof(info), NULL) < 0) return FALSE;
        if (info.State != MEM_COMMIT || (info.Protect & PAGE_GUARD) ||
            !(info.Protect & (PAGE_READWRITE | PAGE_WRITECOPY | PAGE_EXECUTE_READWRITE | PAGE_EXECUTE_WRITECOPY)))
            return FALSE;
        p = (BYTE *)info.BaseAddress + info.RegionSize;
    }
    return TRUE;
}

INT WINAPI lstrlenA(const char *string)
{
    INT_PTR length = string ? safe_length(string, 1) : 0;

    return length < 0 ? 0 : (INT)length;
}

INT WINAPI lstrlenW(const WCHAR *string)
{
    INT_PTR length = string ? safe_length(string, sizeof(WCHAR)) : 0;

    return length < 0 ? 0 : (INT)length;
}

char *WINAPI lstrcpyA(char *dst, const char *src)
{
    INT_PTR length;

    if (!dst || !src || (length = safe_length(src, 1)) < 0 || !writable(dst, (SIZE_T)length + 1)) return NULL;
    return memmove(dst, src, (SIZE_T)length + 1);
}

WCHAR *WINAPI lstrcpyW(WCHAR *dst, const WCHAR *src)
{
    INT_PTR length;

    if (!dst || !src || (length = safe_length(src, sizeof(WCHAR))) < 0 || !writable(dst, ((SIZE_T)length + 1) * sizeof(WCHAR))) return NULL;
    return memmove(dst, src, ((SIZE_T)length + 1) * sizeof(WCHAR));
}

char *WINAPI lstrcatA(char *dst, const char *src)
{
    INT_PTR length = dst ? safe_length(dst, 1) : -1;

    return length >= 0 && lstrcpyA(dst + length, src) ? dst : NULL;
}

WCHAR *WINAPI lstrcatW(WCHAR *dst, const WCHAR *src)
{
    INT_PTR length = dst ? safe_length(dst, sizeof(WCHAR)) : -1;

    return length >= 0 && lstrcpyW(dst + length, src) ? dst : NULL;
}

char *WINAPI lstrcpynA(char *dst, const char *src, INT size)
{
    INT_PTR length;

    if (!dst || !src || size < 0) return NULL;
    if (!size) return dst;
    if ((length = safe_length(src, 1)) < 0) return NULL;
    if (length > size - 1) length = size - 1;
    if (!writable(dst, (SIZE_T)length + 1)) return NULL;
    memmove(dst, src, (SIZE_T)length);
    dst[length] = 0;
    return dst;
}

WCHAR *WINAPI lstrcpynW(WCHAR *dst, const WCHAR *src, INT size)
{
    INT_PTR length;

    if (!dst || !src || size < 0) return NULL;
    if (!size) return dst;
    if ((length = safe_length(src, sizeof(WCHAR))) < 0) return NULL;
    if (length > size - 1) length = size - 1;
    if (!writable(dst, ((SIZE_T)length + 1) * sizeof(WCHAR))) return NULL;
    memmove(dst, src, (SIZE_T)length * sizeof(WCHAR));
    dst[length] = 0;
    return dst;
}

/* ---- comparing -------------------------------------------------------------------------------------- */
static INT compare_wide(const WCHAR *first, const WCHAR *second, DWORD flags)
{
    INT result;

    if (!first || !second) return first ? 1 : second ? -1 : 0;
    result = CompareStringW(GetThreadLocale(), flags, first, -1, second, -1);
    return result ? result - CSTR_EQUAL : 0;
}

static INT compare_ansi(const char *first, const char *second, DWORD flags)
{
    INT result;

    if (!first || !second) return first ? 1 : second ? -1 : 0;
    result = CompareStringA(GetThreadLocale(), flags | LOCALE_USE_CP_ACP, first, -1, second, -1);
    return result ? result - CSTR_EQUAL : 0;
}

INT WINAPI lstrcmpW(const WCHAR *first, const WCHAR *second)
{
    return compare_wide(first, second, 0);
}

INT WINAPI lstrcmpiW(const WCHAR *first, const WCHAR *second)
{
    return compare_wide(first, second, NORM_IGNORECASE);
}

INT WINAPI lstrcmpA(const char *first, const char *second)
{
    return compare_ansi(first, second, 0);
}

INT WINAPI lstrcmpiA(const char *first, const char *second)
{
    return compare_ansi(first, second, NORM_IGNORECASE);
}

/* ---- walking ---------------------------------------------------------------------------------------- */
WCHAR *WINAPI CharNextW(const WCHAR *p)
{
    if (*p) p++;
    return (WCHAR *)p;
}

WCHAR *WINAPI CharPrevW(const WCHAR *start, const WCHAR *p)
{
    return (WCHAR *)(p > start ? p - 1 : p);
}

/* No code page has lead bytes, and UTF-8 does not count as one that has: a character is a byte, as on Windows. */
char *WINAPI CharNextA(const char *p)
{
    if (*p) p++;
    return (char *)p;
}

char *WINAPI CharPrevA(const char *start, const char *p)
{
    return (char *)(p > start ? p - 1 : p);
}

char *WINAPI CharNextExA(WORD code_page, const char *p, DWORD flags)
{
    (void)code_page;
    (void)flags;
    return CharNextA(p);
}

char *WINAPI CharPrevExA(WORD code_page, const char *start, const char *p, DWORD flags)
{
    (void)code_page;
    (void)flags;
    return CharPrevA(start, p);
}

/* ---- case ------------------------------------------------------------------------------------------- */
DWORD WINAPI CharUpperBuffW(WCHAR *string, DWORD length)
{
    if (!string) return 0;
    for (DWORD i = 0; i < length; i++) string[i] = RtlUpcaseUnicodeChar(string[i]);
    return length;
}

DWORD WINAPI CharLowerBuffW(WCHAR *string, DWORD length)
{
    if (!string) return 0;
    for (DWORD i = 0; i < length; i++) string[i] = RtlDowncaseUnicodeChar(string[i]);
    return length;
}

/* A "string" below 64 K is one character, and so is the result. */
WCHAR *WINAPI CharUpperW(WCHAR *string)
{
    if (!((ULONG_PTR)string >> 16)) return (WCHAR *)(ULONG_PTR)RtlUpcaseUnicodeChar((WCHAR)(ULONG_PTR)string);
    CharUpperBuffW(string, (DWORD)wcslen(string));
    return string;
}

WCHAR *WINAPI CharLowerW(WCHAR *string)
{
    if (!((ULONG_PTR)string >> 16)) return (WCHAR *)(ULONG_PTR)RtlDowncaseUnicodeChar((WCHAR)(ULONG_PTR)string);
    CharLowerBuffW(string, (DWORD)wcslen(string));
    return string;
}

static DWORD case_buffer_ansi(char *string, DWORD length, DWORD (WINAPI *change)(WCHAR *, DWORD))
{
    WCHAR *wide;
    INT size;

    if (!string || !length) return 0;
    size = MultiByteToWideChar(CP_ACP, 0, string, (INT)length, NULL, 0);
    if (!(wide = heap_alloc((SIZE_T)size * sizeof(WCHAR)))) return 0;
    MultiByteToWideChar(CP_ACP, 0, string, (INT)length, wide, size);
    change(wide, (DWORD)size);
    /* What would not fit (a letter whose other case is longer) stays as it was. */
    if (WideCharToMultiByte(CP_ACP, 0, wide, size, NULL, 0, NULL, NULL) == (INT)length)
        WideCharToMultiByte(CP_ACP, 0, wide, size, string, (INT)length, NULL, NULL);
    heap_free(wide);
    return length;
}

DWORD WINAPI CharUpperBuffA(char *string, DWORD length)
{
    return case_buffer_ansi(string, length, CharUpperBuffW);
}

DWORD WINAPI CharLowerBuffA(char *string, DWORD length)
{
    return case_buffer_ansi(string, length, CharLowerBuffW);
}

char *WINAPI CharUpperA(char *string)
{
    if (!((ULONG_PTR)string >> 16))
    {
        char c = (char)(ULONG_PTR)string;

        CharUpperBuffA(&c, 1);
        return (char *)(ULONG_PTR)(BYTE)c;
    }
    CharUpperBuffA(string, (DWORD)strlen(string));
    return string;
}

char *WINAPI CharLowerA(char *string)
{
    if (!((ULONG_PTR)string >> 16))
    {
        char c = (char)(ULONG_PTR)string;

        CharLowerBuffA(&c, 1);
        return (char *)(ULONG_PTR)(BYTE)c;
    }
    CharLowerBuffA(string, (DWORD)strlen(string));
    return string;
}

/* ---- kinds ------------------------------------------------------------------------------------------ */
static BOOL is_kind(WCHAR c, WORD kind)
{
    WORD type;

    return GetStringTypeW(CT_CTYPE1, &c, 1, &type) && (type & kind);
}

BOOL WINAPI IsCharAlphaW(WCHAR c)
{
    return is_kind(c, C1_ALPHA);
}

BOOL WINAPI IsCharAlphaNumericW(WCHAR c)
{
    return is_kind(c, C1_ALPHA | C1_DIGIT);
}

BOOL WINAPI IsCharUpperW(WCHAR c)
{
    return is_kind(c, C1_UPPER);
}

BOOL WINAPI IsCharLowerW(WCHAR c)
{
    return is_kind(c, C1_LOWER);
}

BOOL WINAPI IsCharSpaceW(WCHAR c)
{
    return is_kind(c, C1_SPACE);
}

static WCHAR widen(char c)
{
    WCHAR wide = 0;

    MultiByteToWideChar(CP_ACP, 0, &c, 1, &wide, 1);
    return wide;
}

BOOL WINAPI IsCharAlphaA(CHAR c)
{
    return IsCharAlphaW(widen(c));
}

BOOL WINAPI IsCharAlphaNumericA(CHAR c)
{
    return IsCharAlphaNumericW(widen(c));
}

BOOL WINAPI IsCharUpperA(CHAR c)
{
    return IsCharUpperW(widen(c));
}

BOOL WINAPI IsCharLowerA(CHAR c)
{
    return IsCharLowerW(widen(c));
}

BOOL WINAPI IsCharSpaceA(CHAR c)
{
    return IsCharSpaceW(widen(c));
}

INT WINAPI MulDiv(INT number, INT numerator, INT denominator)
{
    LONGLONG product = (LONGLONG)number * numerator, half;

    if (!denominator) return -1;
    /* Rounded to nearest, halves away from zero. */
    half = (denominator < 0 ? -(LONGLONG)denominator : denominator) / 2;
    product = ((product < 0) ? product - half : product + half) / denominator;
    return product > 0x7fffffff || product < -0x7fffffffLL ? -1 : (INT)product;
}
