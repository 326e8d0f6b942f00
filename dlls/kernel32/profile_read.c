/* Reading initialisation files, and the ANSI forms of all the calls on them. */
#include <stdarg.h>
#include <string.h>
#include <wchar.h>

#define _KERNEL32_
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#undef __WINESRC__
#include "winbase.h"
#define __WINESRC__
#include "winnls.h"
#include "winternl.h"
#include "profile.h"

/* ---- results ---------------------------------------------------------------------------------------- */

/* One string: what fits, terminated; the result says size - 1 if it was cut. */
static DWORD give_string(struct span text, WCHAR *buffer, DWORD size)
{
    if (!size) return 0;
    if (text.length >= size) text.length = size - 1;
    memcpy(buffer, text.start, text.length * sizeof(WCHAR));
    buffer[text.length] = 0;
    return (DWORD)text.length;
}

/* A list of strings: each terminated, an empty one at the end. What does not fit is cut, and the result is size - 2. */
struct list
{
    WCHAR *buffer;
    DWORD  size, used;
    BOOL   full;
};

static void list_put(struct list *list, struct span text, BOOL more)
{
    if (list->full) return;
    if (list->used + text.length + (more ? 0 : 1) + 1 > list->size)
    {
        size_t room = list->size >= list->used + 2 ? list->size - list->used - 2 : 0;

        memcpy(list->buffer + list->used, text.start, (text.length < room ? text.length : room) * sizeof(WCHAR));
        list->full = TRUE;
        return;
    }
    memcpy(list->buffer + list->used, text.start, text.length * sizeof(WCHAR));
    list->used += (DWORD)text.length;
    if (!more) list->buffer[list->used++] = 0;
}

static DWORD list_end(struct list *list)
{
    if (list->full)
    {
        if (list->size >= 2) list->buffer[list->size - 2] = list->buffer[list->size - 1] = 0;
        else if (list->size) list->buffer[0] = 0;
        SetLastError(ERROR_MORE_DATA);
        return list->size >= 2 ? list->size - 2 : 0;
    }
    if (list->used < list->size) list->buffer[list->used] = 0;
    return list->used;
}

static struct span span_of(const WCHAR *string)
{
    struct span span = { string, string ? wcslen(string) : 0 };

    return span;
}

/* ---- wide ------------------------------------------------------------------------------------------- */
static DWORD section_names(const struct profile *profile, WCHAR *buffer, DWORD size)
{
    /* A buffer that would just do is too small for Windows (profile.c:test_profile_sections_names). */
    struct list list = { buffer, size ? size - 1 : 0, 0, FALSE };
    struct line line;
    size_t at = 0;

    while (profile && profile_next(profile, &at, &line))
        if (line.kind == LINE_SECTION && line.name.length) list_put(&list, line.name, FALSE);
    if (list.full) list.size = size;
    return list_end(&list);
}

/* The keys of a section, or all of its lines. */
static DWORD section_lines(const struct profile *profile, const WCHAR *section, BOOL values, WCHAR *buffer, DWORD size)
{
    struct list list = { buffer, size, 0, FALSE };
    struct span equals = { L"=", 1 };
    struct line line;
    size_t at, end;

    if (profile && profile_section(profile, section, &at, &end))
    {
        while (at < end && profile_next(profile, &at, &line))
        {
            if (line.kind != LINE_KEY || !(line.name.length || (values && line.has_value))) continue;
            if (!values && !line.has_value) continue;
            list_put(&list, line.name, values && line.has_value);
            if (!values || !line.has_value) continue;
            list_put(&list, equals, TRUE);
            list_put(&list, line.value, FALSE);
        }
    }
    return list_end(&list);
}

DWORD WINAPI GetPrivateProfileSectionNamesW(WCHAR *buffer, DWORD size, const WCHAR *name)
{
    struct profile profile;
    DWORD length;

    if (!profile_load(&profile, name, FALSE)) return section_names(NULL, buffer, size);
    length = section_names(&profile, buffer, size);
    profile_close(&profile);
    return length;
}

INT WINAPI GetPrivateProfileSectionW(const WCHAR *section, WCHAR *buffer, DWORD size, const WCHAR *name)
{
    struct profile profile;
    DWORD length;

    if (!section || !buffer)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (!profile_load(&profile, name, FALSE))
    {
        section_lines(NULL, section, TRUE, buffer, size);
        return 0;
    }
    length = section_lines(&profile, section, TRUE, buffer, size);
    profile_close(&profile);
    return (INT)length;
}

INT WINAPI GetPrivateProfileStringW(const WCHAR *section, const WCHAR *key, const WCHAR *fallback, WCHAR *buffer, UINT size, const WCHAR *name)
{
    struct profile profile;
    struct span value = span_of(fallback);
    struct line line;
    size_t first, end;
    BOOL loaded;
    DWORD length;

    if (!buffer) return 0;
    /* Blanks at the end of a default value do not count. */
    while (value.length && value.start[value.length - 1] == ' ') value.length--;
    loaded = profile_load(&profile, name, FALSE);
    if (!section) length = section_names(loaded ? &profile : NULL, buffer, size);
    else if (!key && loaded && profile_section(&profile, section, &first, &end)) length = section_lines(&profile, section, FALSE, buffer, size);
    else
    {
        if (key && loaded && profile_section(&profile, section, &first, &end) && profile_key(&profile, first, end, key, &line))
        {
            value = line.value;
            /* Quotes around a value are not part of it. */
            if (value.length > 1 && (*value.start == '"' || *value.start == '\'') && value.start[value.length - 1] == *value.start)
            {
                value.start++;
                value.length -= 2;
            }
        }
        length = give_string(value, buffer, size);
        if (length < value.length) SetLastError(ERROR_MORE_DATA);
    }
    if (loaded) profile_close(&profile);
    return (INT)length;
}

UINT WINAPI GetPrivateProfileIntW(const WCHAR *section, const WCHAR *key, INT fallback, const WCHAR *name)
{
    UNICODE_STRING string;
    WCHAR buffer[30];
    ULONG value;

    if (!GetPrivateProfileStringW(section, key, L"", buffer, 30, name)) return (UINT)fallback;
    if (!buffer[0]) return (UINT)fallback;
    RtlInitUnicodeString(&string, buffer);
    return RtlUnicodeStringToInteger(&string, 0, &value) < 0 ? 0 : value;
}

INT WINAPI GetProfileStringW(const WCHAR *section, const WCHAR *key, const WCHAR *fallback, WCHAR *buffer, UINT size)
{
    return GetPrivateProfileStringW(section, key, fallback, buffer, size, NULL);
}

UINT WINAPI GetProfileIntW(const WCHAR *section, const WCHAR *key, INT fallback)
{
    return GetPrivateProfileIntW(section, key, fallback, NULL);
}

/* ---- ANSI ------------------------------------------------------------------------------------------- */
static WCHAR *widen(const char *text, INT length)
{
    INT size;
    WCHAR *wide;

    if (!text) return NULL;
    size = MultiByteToWideChar(CP_ACP, 0, text, length, NULL, 0);
    if ((wide = RtlAllocateHeap(GetProcessHeap(), 0, ((SIZE_T)size + 1) * sizeof(WCHAR)))) MultiByteToWideChar(CP_ACP, 0, text, length, wide, size);
    return wide;
}

static void release(WCHAR *wide)
{
    if (wide) RtlFreeHeap(GetProcessHeap(), 0, wide);
}

/* length characters and what terminates them, in as many bytes as there is room for. */
static DWORD narrow(const WCHAR *wide, DWORD length, char *buffer, DWORD size, BOOL list)
{
    DWORD needed;

    if (!size) return 0;
    /* Whole characters only. */
    while ((needed = length ? (DWORD)WideCharToMultiByte(CP_ACP, 0, wide, (INT)length, NULL, 0, NULL, NULL) : 0) + (list ? 2 : 1) > size && length) length--;
    if (length) WideCharToMultiByte(CP_ACP, 0, wide, (INT)length, buffer, (INT)size, NULL, NULL);
    buffer[needed] = 0;
    if (list && needed && needed + 1 < size) buffer[needed + 1] = 0;
    return needed;
}

BOOL WINAPI WritePrivateProfileStringA(const char *section, const char *key, const char *value, const char *name)
{
    WCHAR *wide_section = widen(section, -1), *wide_key = widen(key, -1), *wide_value = widen(value, -1), *wide_name = widen(name, -1);
    BOOL ok = WritePrivateProfileStringW(wide_section, wide_key, wide_value, wide_name);

    release(wide_section);
    release(wide_key);
    release(wide_value);
    release(wide_name);
    return ok;
}

BOOL WINAPI WritePrivateProfileSectionA(const char *section, const char *values, const char *name)
{
    WCHAR *wide_section = widen(section, -1), *wide_values, *wide_name = widen(name, -1);
    const char *end = values;
    BOOL ok;

    while (end && *end) end += strlen(end) + 1;
    wide_values = values ? widen(values, (INT)(end - values) + 1) : NULL;
    ok = WritePrivateProfileSectionW(wide_section, wide_values, wide_name);
    release(wide_section);
    release(wide_values);
    release(wide_name);
    return ok;
}

DWORD WINAPI GetPrivateProfileSectionNamesA(char *buffer, DWORD size, const char *name)
{
    WCHAR *wide_name = widen(name, -1), *wide = RtlAllocateHeap(GetProcessHeap(), 0, ((SIZE_T)size + 2) * sizeof(WCHAR));
    DWORD length = 0;

    if (wide) length = narrow(wide, GetPrivateProfileSectionNamesW(wide, size, wide_name), buffer, size, TRUE);
    release(wide);
    release(wide_name);
    return length;
}

INT WINAPI GetPrivateProfileSectionA(const char *section, char *buffer, DWORD size, const char *name)
{
    WCHAR *wide_section = widen(section, -1), *wide_name = widen(name, -1);
    WCHAR *wide = RtlAllocateHeap(GetProcessHeap(), 0, ((SIZE_T)size + 2) * sizeof(WCHAR));
    DWORD length = 0;

    if (!section || !buffer) SetLastError(ERROR_INVALID_PARAMETER);
    else if (wide) length = narrow(wide, (DWORD)GetPrivateProfileSectionW(wide_section, wide, size, wide_name), buffer, size, TRUE);
    release(wide);
    release(wide_section);
    release(wide_name);
    return (INT)length;
}

INT WINAPI GetPrivateProfileStringA(const char *section, const char *key, const char *fallback, char *buffer, UINT size, const char *name)
{
    WCHAR *wide_section = widen(section, -1), *wide_key = widen(key, -1), *wide_fallback = widen(fallback, -1), *wide_name = widen(name, -1);
    WCHAR *wide = RtlAllocateHeap(GetProcessHeap(), 0, ((SIZE_T)size + 2) * sizeof(WCHAR));
    DWORD length = 0;

    if (wide && buffer)
    {
        length = (DWORD)GetPrivateProfileStringW(wide_section, wide_key, wide_fallback, wide, size, wide_name);
        length = narrow(wide, length, buffer, size, !section || !key);
    }
    release(wide);
    release(wide_section);
    release(wide_key);
    release(wide_fallback);
    release(wide_name);
    return (INT)length;
}

UINT WINAPI GetPrivateProfileIntA(const char *section, const char *key, INT fallback, const char *name)
{
    WCHAR *wide_section = widen(section, -1), *wide_key = widen(key, -1), *wide_name = widen(name, -1);
    UINT value = GetPrivateProfileIntW(wide_section, wide_key, fallback, wide_name);

    release(wide_section);
    release(wide_key);
    release(wide_name);
    return value;
}

INT WINAPI GetProfileStringA(const char *section, const char *key, const char *fallback, char *buffer, UINT size)
{
    return GetPrivateProfileStringA(section, key, fallback, buffer, size, NULL);
}

UINT WINAPI GetProfileIntA(const char *section, const char *key, INT fallback)
{
    return GetPrivateProfileIntA(section, key, fallback, NULL);
}

/* ---- structures: bytes in hexadecimal, and the low byte of their sum ---------------------------------- */
static int hex_digit(WCHAR c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    return -1;
}

BOOL WINAPI WritePrivateProfileStructW(const WCHAR *section, const WCHAR *key, void *data, UINT size, const WCHAR *name)
{
    static const WCHAR digits[] = L"0123456789ABCDEF";
    const BYTE *bytes = data;
    WCHAR *text, *p;
    BYTE sum = 0;
    BOOL ok;

    if (!section && !key && !data) return WritePrivateProfileStringW(NULL, NULL, NULL, name);
    if (!(p = text = RtlAllocateHeap(GetProcessHeap(), 0, (2 * (SIZE_T)size + 3) * sizeof(WCHAR)))) return FALSE;
    for (UINT i = 0; i <= size; i++)
    {
        BYTE byte = i < size ? bytes[i] : sum;

        *p++ = digits[byte >> 4];
        *p++ = digits[byte & 15];
        sum = (BYTE)(sum + byte);
    }
    *p = 0;
    ok = WritePrivateProfileStringW(section, key, text, name);
    RtlFreeHeap(GetProcessHeap(), 0, text);
    return ok;
}

BOOL WINAPI GetPrivateProfileStructW(const WCHAR *section, const WCHAR *key, void *data, UINT size, const WCHAR *name)
{
    UINT length = 2 * size + 4;
    WCHAR *text = RtlAllocateHeap(GetProcessHeap(), 0, (SIZE_T)length * sizeof(WCHAR));
    BYTE *bytes = RtlAllocateHeap(GetProcessHeap(), 0, (SIZE_T)size + 1), sum = 0;
    BOOL ok = FALSE;

    if (text && bytes && GetPrivateProfileStringW(section, key, NULL, text, length, name) == (INT)(2 * size + 2))
    {
        ok = TRUE;
        for (UINT i = 0; i <= size && ok; i++)
        {
            int high = hex_digit(text[2 * i]), low = hex_digit(text[2 * i + 1]);

            ok = high >= 0 && low >= 0;
            bytes[i] = (BYTE)(high << 4 | low);
            if (i < size) sum = (BYTE)(sum + bytes[i]);
        }
        ok = ok && bytes[size] == sum;
        if (ok) memcpy(data, bytes, size);
    }
    if (!ok) SetLastError(ERROR_INVALID_DATA);
    if (text) RtlFreeHeap(GetProcessHeap(), 0, text);
    if (bytes) RtlFreeHeap(GetProcessHeap(), 0, bytes);
    return ok;
}

BOOL WINAPI WritePrivateProfileStructA(const char *section, const char *key, void *data, UINT size, const char *name)
{
    WCHAR *wide_section = widen(section, -1), *wide_key = widen(key, -1), *wide_name = widen(name, -1);
    BOOL ok = WritePrivateProfileStructW(wide_section, wide_key, data, size, wide_name);

    release(wide_section);
    release(wide_key);
    release(wide_name);
    return ok;
}

BOOL WINAPI GetPrivateProfileStructA(const char *section, const char *key, void *data, UINT size, const char *name)
{
    WCHAR *wide_section = widen(section, -1), *wide_key = widen(key, -1), *wide_name = widen(name, -1);
    BOOL ok = GetPrivateProfileStructW(wide_section, wide_key, data, size, wide_name);

    release(wide_section);
    release(wide_key);
    release(wide_name);
    return ok;
}
