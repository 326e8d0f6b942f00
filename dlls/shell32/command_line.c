/* CommandLineToArgvW: a command line as a program's arguments. */
#include <stdarg.h>
#include <string.h>

#define _SHELL32_
#include "windef.h"
#include "winbase.h"
#include "shellapi.h"

/* The program's name: up to the next quote if it starts with one, else up to white space. No backslash escapes
 * anything in it. */
static const WCHAR *take_program(const WCHAR *p, WCHAR **out)
{
    if (*p == '"')
    {
        for (p++; *p && *p != '"'; p++) if (out) *(*out)++ = *p;
        if (*p) p++;
    }
    else
        for (; *p && *p > ' '; p++) if (out) *(*out)++ = *p;
    if (out) *(*out)++ = 0;
    return p;
}

/* An argument. 2n backslashes before a quote are n and the quote counts; 2n+1 are n and a quote that is text; other
 * backslashes are text. Two quotes inside a quoted part are one quote, and end it: the next may begin another. */
static const WCHAR *take_argument(const WCHAR *p, WCHAR **out)
{
    BOOL quoted = FALSE;

    for (;;)
    {
        size_t backslashes = 0;

        while (*p == '\\')
        {
            backslashes++;
            p++;
        }
        if (*p == '"')
        {
            size_t text = backslashes / 2;

            if (out) for (; text; text--) *(*out)++ = '\\';
            if (backslashes & 1)
            {
                if (out) *(*out)++ = '"';
                p++;
                continue;
            }
            p++;
            if (quoted && *p == '"')
            {
                if (out) *(*out)++ = '"';
                p++;
            }
            quoted = !quoted;
            continue;
        }
        if (out) for (; backslashes; backslashes--) *(*out)++ = '\\';
        if (!*p || (!quoted && (*p == ' ' || *p == '\t'))) break;
        if (out) *(*out)++ = *p;
        p++;
    }
    if (out) *(*out)++ = 0;
    return p;
}

static const WCHAR *skip_space(const WCHAR *p)
{
    while (*p == ' ' || *p == '\t') p++;
    return p;
}

LPWSTR *WINAPI CommandLineToArgvW(const WCHAR *line, int *count)
{
    size_t length, arguments = 1;
    const WCHAR *p;
    WCHAR **list, *text;

    if (!count)
    {
        SetLastError(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!*line)
    {
        /* An empty line is the program's own name. */
        DWORD size = MAX_PATH;

        for (;; size *= 2)
        {
            if (!(list = LocalAlloc(LMEM_FIXED, 2 * sizeof(*list) + size * sizeof(WCHAR)))) return NULL;
            list[0] = (WCHAR *)(list + 2);
            list[1] = NULL;
            if (GetModuleFileNameW(NULL, list[0], size) < size) break;
            LocalFree(list);
        }
        *count = 1;
        return list;
    }
    length = wcslen(line);
    for (p = skip_space(take_program(line, NULL)); *p; p = skip_space(p))
    {
        p = take_argument(p, NULL);
        arguments++;
    }
    /* No argument is longer than its text, but for its terminator. */
    list = LocalAlloc(LMEM_FIXED, (arguments + 1) * sizeof(*list) + (length + arguments + 1) * sizeof(WCHAR));
    if (!list) return NULL;
    text = (WCHAR *)(list + arguments + 1);
    list[0] = text;
    arguments = 1;
    for (p = skip_space(take_program(line, &text)); *p; p = skip_space(p))
    {
        list[arguments++] = text;
        p = take_argument(p, &text);
    }
    list[arguments] = NULL;
    *count = (int)arguments;
    return list;
}
