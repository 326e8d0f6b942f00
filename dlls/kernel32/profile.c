/* Initialisation files: "[section]", "key=value".
 *
 * A file is read whole, changed as text and written whole, so that comments and the order of things stay. It is UTF-16 if it
 * starts with that mark, else it is in the ANSI code page. A name without a folder is in the Windows folder.
 */
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

/* ---- the file --------------------------------------------------------------------------------------- */
static HANDLE open_profile(const WCHAR *name, BOOL write)
{
    WCHAR *path = NULL;
    HANDLE file;

    if (!name) name = L"win.ini";
    if (!wcspbrk(name, L"\\/:"))
    {
        if (!(path = RtlAllocateHeap(GetProcessHeap(), 0, (MAX_PATH + 1 + wcslen(name)) * sizeof(WCHAR)))) return INVALID_HANDLE_VALUE;
        GetWindowsDirectoryW(path, MAX_PATH);
        wcscat(path, L"\\");
        wcscat(path, name);
        name = path;
    }
    file = CreateFileW(name, write ? GENERIC_READ | GENERIC_WRITE : GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, write ? OPEN_ALWAYS : OPEN_EXISTING,
                       FILE_ATTRIBUTE_NORMAL, NULL);
    if (path) RtlFreeHeap(GetProcessHeap(), 0, path);
    return file;
}

BOOL profile_load(struct profile *profile, const WCHAR *name, BOOL write)
{
    LARGE_INTEGER size;
    BYTE *bytes = NULL;
    DWORD done;

    memset(profile, 0, sizeof(*profile));
    profile->file = open_profile(name, write);
    if (profile->file == INVALID_HANDLE_VALUE) return FALSE;
    if (!GetFileSizeEx(profile->file, &size) || size.QuadPart > 0x1000000 ||
        !(bytes = RtlAllocateHeap(GetProcessHeap(), 0, (SIZE_T)size.QuadPart + 1)) ||
        !ReadFile(profile->file, bytes, (DWORD)size.QuadPart, &done, NULL))
        goto failed;
    if (done >= 2 && bytes[0] == 0xff && bytes[1] == 0xfe)
    {
        profile->wide = TRUE;
        profile->length = done / 2 - 1;
        if (!(profile->text = RtlAllocateHeap(GetProcessHeap(), 0, (profile->length + 1) * sizeof(WCHAR)))) goto failed;
        memcpy(profile->text, bytes + 2, profile->length * sizeof(WCHAR));
    }
    else
    {
        INT length = done ? MultiByteToWideChar(CP_ACP, 0, (char *)bytes, (INT)done, NULL, 0) : 0;

        if (!(profile->text = RtlAllocateHeap(GetProcessHeap(), 0, ((SIZE_T)length + 1) * sizeof(WCHAR)))) goto failed;
        if (length) MultiByteToWideChar(CP_ACP, 0, (char *)bytes, (INT)done, profile->text, length);
        profile->length = (size_t)length;
    }
    profile->text[profile->length] = 0;
    RtlFreeHeap(GetProcessHeap(), 0, bytes);
    return TRUE;

failed:
    if (bytes) RtlFreeHeap(GetProcessHeap(), 0, bytes);
    CloseHandle(profile->file);
    return FALSE;
}

void profile_close(struct profile *profile)
{
    RtlFreeHeap(GetProcessHeap(), 0, profile->text);
    CloseHandle(profile->file);
}

static BOOL write_all(HANDLE file, const void *bytes, DWORD size)
{
    DWORD done;

    return WriteFile(file, bytes, size, &done, NULL) && done == size;
}

BOOL profile_store(struct profile *profile)
{
    BOOL ok;

    SetFilePointer(profile->file, 0, NULL, FILE_BEGIN);
    if (profile->wide)
        ok = write_all(profile->file, "\xff\xfe", 2) && write_all(profile->file, profile->text, (DWORD)(profile->length * sizeof(WCHAR)));
    else
    {
        INT size = profile->length ? WideCharToMultiByte(CP_ACP, 0, profile->text, (INT)profile->length, NULL, 0, NULL, NULL) : 0;
        char *bytes = RtlAllocateHeap(GetProcessHeap(), 0, (SIZE_T)size + 1);

        if (!bytes) return FALSE;
        if (size) WideCharToMultiByte(CP_ACP, 0, profile->text, (INT)profile->length, bytes, size, NULL, NULL);
        ok = write_all(profile->file, bytes, (DWORD)size);
        RtlFreeHeap(GetProcessHeap(), 0, bytes);
    }
    return ok && SetEndOfFile(profile->file);
}

/* ---- lines ------------------------------------------------------------------------------------------ */
static BOOL is_blank(WCHAR c)
{
    return c == ' ' || c == '\t';
}

static struct span trimmed(const WCHAR *start, const WCHAR *end)
{
    struct span span;

    while (start < end && is_blank(*start)) start++;
    while (end > start && is_blank(end[-1])) end--;
    span.start = start;
    span.length = (size_t)(end - start);
    return span;
}

static BOOL span_is(struct span span, const WCHAR *string)
{
    return span.length == wcslen(string) && !_wcsnicmp(span.start, string, span.length);
}

BOOL profile_next(const struct profile *profile, size_t *at, struct line *line)
{
    const WCHAR *start = profile->text + *at, *end, *limit = profile->text + profile->length, *p;

    if (start >= limit) return FALSE;
    for (end = start; end < limit && *end != '\n' && *end != '\r' && *end; end++) ;
    line->start = *at;
    memset(&line->name, 0, sizeof(line->name));
    memset(&line->value, 0, sizeof(line->value));
    line->kind = LINE_OTHER;
    for (p = start; p < end && is_blank(*p); p++) ;
    if (p < end && *p == '[')
    {
        const WCHAR *close = end;

        while (close > p && close[-1] != ']') close--;
        if (close > p)
        {
            line->kind = LINE_SECTION;
            line->name = trimmed(p + 1, close - 1);
        }
    }
    else if (p < end && *p != ';')
    {
        const WCHAR *equals = p;

        while (equals < end && *equals != '=') equals++;
        line->kind = LINE_KEY;
        line->has_value = equals < end;
        line->name = trimmed(p, equals);
        if (equals < end) line->value = trimmed(equals + 1, end);
    }
    line->text_end = (size_t)(end - profile->text);
    if (end < limit && *end == '\r') end++;
    if (end < limit && *end == '\n') end++;
    else if (end < limit && !*end) end++;
    line->end = *at = (size_t)(end - profile->text);
    return TRUE;
}

BOOL profile_section(const struct profile *profile, const WCHAR *name, size_t *first, size_t *end)
{
    struct line line;
    size_t at = 0;
    BOOL found = FALSE;

    while (profile_next(profile, &at, &line))
    {
        if (line.kind != LINE_SECTION) continue;
        if (found)
        {
            *end = line.start;
            return TRUE;
        }
        if ((found = span_is(line.name, name))) *first = line.end;
    }
    if (found) *end = profile->length;
    return found;
}

BOOL profile_key(const struct profile *profile, size_t first, size_t end, const WCHAR *key, struct line *line)
{
    size_t at = first;

    while (at < end && profile_next(profile, &at, line))
        if (line->kind == LINE_KEY && span_is(line->name, key)) return TRUE;
    return FALSE;
}

/* ---- changing --------------------------------------------------------------------------------------- */
BOOL profile_splice(struct profile *profile, size_t start, size_t end, const WCHAR *text, size_t length)
{
    size_t new_length = profile->length - (end - start) + length;
    WCHAR *new = RtlAllocateHeap(GetProcessHeap(), 0, (new_length + 1) * sizeof(WCHAR));

    if (!new) return FALSE;
    memcpy(new, profile->text, start * sizeof(WCHAR));
    memcpy(new + start, text, length * sizeof(WCHAR));
    memcpy(new + start + length, profile->text + end, (profile->length - end) * sizeof(WCHAR));
    new[new_length] = 0;
    RtlFreeHeap(GetProcessHeap(), 0, profile->text);
    profile->text = new;
    profile->length = new_length;
    return TRUE;
}

/* "key=value" and a line end, on the heap. */
static WCHAR *key_line(const WCHAR *key, const WCHAR *value, size_t *length)
{
    struct span name = trimmed(key, key + wcslen(key)), text = trimmed(value, value + wcslen(value));
    WCHAR *line = RtlAllocateHeap(GetProcessHeap(), 0, (name.length + text.length + 4) * sizeof(WCHAR));

    if (!line) return NULL;
    memcpy(line, name.start, name.length * sizeof(WCHAR));
    line[name.length] = '=';
    memcpy(line + name.length + 1, text.start, text.length * sizeof(WCHAR));
    memcpy(line + name.length + 1 + text.length, L"\r\n", 2 * sizeof(WCHAR));
    *length = name.length + text.length + 3;
    return line;
}

/* Makes sure that the text ends in a line end, and puts "[name]" behind it. */
static BOOL add_section(struct profile *profile, const WCHAR *name)
{
    BOOL ok = TRUE;

    if (profile->length && profile->text[profile->length - 1] != '\n') ok = profile_splice(profile, profile->length, profile->length, L"\r\n", 2);
    return ok && profile_splice(profile, profile->length, profile->length, L"[", 1) &&
           profile_splice(profile, profile->length, profile->length, name, wcslen(name)) &&
           profile_splice(profile, profile->length, profile->length, L"]\r\n", 3);
}

static BOOL set_value(struct profile *profile, const WCHAR *section, const WCHAR *key, const WCHAR *value)
{
    size_t first, end, at, length;
    struct line line;
    WCHAR *text;
    BOOL ok;

    if (!profile_section(profile, section, &first, &end))
    {
        if (!key || !value) return TRUE;
        if (!add_section(profile, section)) return FALSE;
        first = end = profile->length;
    }
    if (!key)
    {
        /* The section goes, with its head. */
        for (at = first; at > 0 && profile->text[at - 1] != '['; at--) ;
        return profile_splice(profile, at ? at - 1 : 0, end, NULL, 0);
    }
    if (profile_key(profile, first, end, key, &line))
    {
        if (!value) return profile_splice(profile, line.start, line.end, NULL, 0);
        if (!(text = key_line(key, value, &length))) return FALSE;
        ok = profile_splice(profile, line.start, line.end, text, length);
    }
    else
    {
        if (!value) return TRUE;
        /* Behind the last line of the section that is not empty. */
        for (at = first, length = first; at < end && profile_next(profile, &at, &line); )
            if (line.text_end > line.start) length = line.end;
        at = length;
        if (at && profile->text[at - 1] != '\n')
        {
            if (!profile_splice(profile, at, at, L"\r\n", 2)) return FALSE;
            at += 2;
        }
        if (!(text = key_line(key, value, &length))) return FALSE;
        ok = profile_splice(profile, at, at, text, length);
    }
    RtlFreeHeap(GetProcessHeap(), 0, text);
    return ok;
}

BOOL WINAPI WritePrivateProfileStringW(const WCHAR *section, const WCHAR *key, const WCHAR *value, const WCHAR *name)
{
    struct profile profile;
    BOOL ok;

    if (!section)
    {
        /* Nothing at all asks for cached files to be written, and none is cached. */
        SetLastError(ERROR_FILE_NOT_FOUND);
        return FALSE;
    }
    if (!profile_load(&profile, name, TRUE)) return FALSE;
    ok = set_value(&profile, section, key, value) && profile_store(&profile);
    profile_close(&profile);
    return ok;
}

/* values: "key=value", each terminated, an empty one at the end. */
BOOL WINAPI WritePrivateProfileSectionW(const WCHAR *section, const WCHAR *values, const WCHAR *name)
{
    struct profile profile;
    size_t first, end;
    BOOL ok = TRUE;

    if (!section)
    {
        SetLastError(ERROR_FILE_NOT_FOUND);
        return FALSE;
    }
    if (!profile_load(&profile, name, TRUE)) return FALSE;
    if (!values) ok = set_value(&profile, section, NULL, NULL);
    else
    {
        if (!profile_section(&profile, section, &first, &end))
        {
            ok = add_section(&profile, section);
            first = end = profile.length;
        }
        if (ok) ok = profile_splice(&profile, first, end, NULL, 0);
        for (; ok && *values; values += wcslen(values) + 1)
        {
            ok = profile_splice(&profile, first, first, values, wcslen(values)) &&
                 profile_splice(&profile, first + wcslen(values), first + wcslen(values), L"\r\n", 2);
            first += wcslen(values) + 2;
        }
    }
    ok = ok && profile_store(&profile);
    profile_close(&profile);
    return ok;
}
