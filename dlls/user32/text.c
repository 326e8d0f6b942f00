/* The part of user32 that is about text: OEM conversions and string resources. Windows are not there. */
#include <stdarg.h>
#include <string.h>

#define _USER32_
#include "windef.h"
#include "winbase.h"
#include "winnls.h"
#include "winuser.h"

/* ---- OEM conversions -------------------------------------------------------------------------------- */
BOOL WINAPI CharToOemBuffW(const WCHAR *source, char *dest, DWORD length)
{
    if (!source || !dest) return FALSE;
    if (length) WideCharToMultiByte(CP_OEMCP, 0, source, (INT)length, dest, (INT)length, NULL, NULL);
    return TRUE;
}

BOOL WINAPI CharToOemW(const WCHAR *source, char *dest)
{
    if (!source || !dest) return FALSE;
    /* The caller has made room for the result, however long that is. */
    WideCharToMultiByte(CP_OEMCP, 0, source, -1, dest, 3 * lstrlenW(source) + 1, NULL, NULL);
    return TRUE;
}

BOOL WINAPI OemToCharBuffW(const char *source, WCHAR *dest, DWORD length)
{
    if (!source || !dest) return FALSE;
    if (length) MultiByteToWideChar(CP_OEMCP, 0, source, (INT)length, dest, (INT)length);
    return TRUE;
}

BOOL WINAPI OemToCharW(const char *source, WCHAR *dest)
{
    if (!source || !dest) return FALSE;
    MultiByteToWideChar(CP_OEMCP, 0, source, -1, dest, (INT)strlen(source) + 1);
    return TRUE;
}

/* Between two code pages that are the same, text stays as it is; else it goes by way of UTF-16. */
static BOOL recode(UINT from, const char *source, UINT to, char *dest, DWORD length)
{
    WCHAR *wide;
    INT size;

    if (!source || !dest) return FALSE;
    if (!length) return TRUE;
    if (GetACP() == GetOEMCP())
    {
        memmove(dest, source, length);
        return TRUE;
    }
    if (!(wide = HeapAlloc(GetProcessHeap(), 0, length * sizeof(WCHAR)))) return FALSE;
    size = MultiByteToWideChar(from, 0, source, (INT)length, wide, (INT)length);
    WideCharToMultiByte(to, 0, wide, size, dest, (INT)length, NULL, NULL);
    HeapFree(GetProcessHeap(), 0, wide);
    return TRUE;
}

BOOL WINAPI CharToOemBuffA(const char *source, char *dest, DWORD length)
{
    return recode(CP_ACP, source, CP_OEMCP, dest, length);
}

BOOL WINAPI CharToOemA(const char *source, char *dest)
{
    return source ? CharToOemBuffA(source, dest, (DWORD)strlen(source) + 1) : FALSE;
}

BOOL WINAPI OemToCharBuffA(const char *source, char *dest, DWORD length)
{
    return recode(CP_OEMCP, source, CP_ACP, dest, length);
}

BOOL WINAPI OemToCharA(const char *source, char *dest)
{
    return source ? OemToCharBuffA(source, dest, (DWORD)strlen(source) + 1) : FALSE;
}

/* ---- string resources ------------------------------------------------------------------------------- */

/* Strings live in blocks of sixteen, each string behind its length. A block that ends too soon has no more. */
static const WCHAR *find_string(HINSTANCE instance, UINT id)
{
    HRSRC resource = FindResourceW(instance, MAKEINTRESOURCEW((LOWORD(id) >> 4) + 1), (const WCHAR *)RT_STRING);
    const WCHAR *p;
    SIZE_T left;

    if (!resource || !(p = LoadResource(instance, resource))) return NULL;
    left = SizeofResource(instance, resource) / sizeof(WCHAR);
    for (UINT i = id & 15;; i--)
    {
        if (!left || left - 1 < *p) return NULL;
        if (!i) return p;
        left -= *p + 1u;
        p += *p + 1;
    }
}

INT WINAPI LoadStringW(HINSTANCE instance, UINT id, WCHAR *buffer, INT size)
{
    const WCHAR *string = find_string(instance, id);
    INT length;

    if (!buffer || !string) return 0;
    if (!size)
    {
        /* No room at all: the caller wants a pointer to the string itself. */
        *(const WCHAR **)buffer = string + 1;
        return *string;
    }
    length = *string < size - 1 ? *string : size - 1;
    memcpy(buffer, string + 1, (SIZE_T)length * sizeof(WCHAR));
    buffer[length] = 0;
    return length;
}

INT WINAPI LoadStringA(HINSTANCE instance, UINT id, char *buffer, INT size)
{
    const WCHAR *string = find_string(instance, id);
    INT length, needed;

    if (!size) return -1;
    if (!string)
    {
        buffer[0] = 0;
        return 0;
    }
    /* Whole characters, as many as fit. */
    for (length = *string; length > 0; length--)
    {
        needed = WideCharToMultiByte(CP_ACP, 0, string + 1, length, NULL, 0, NULL, NULL);
        if (needed < size) break;
    }
    if (length) length = WideCharToMultiByte(CP_ACP, 0, string + 1, length, buffer, size, NULL, NULL);
    buffer[length] = 0;
    return length;
}
