/* Kinds of characters: GetStringType. */
#include "kernelbase.h"
#include "ctype_table.h"
#include "normalize.h"

static const struct ctype_row *row_of(WCHAR c)
{
    size_t low = 0, high = ARRAY_LENGTH(ctype_rows);

    while (low < high)
    {
        size_t middle = (low + high) / 2;

        if (c > ctype_rows[middle].last) low = middle + 1;
        else if (c < ctype_rows[middle].first) high = middle;
        else return &ctype_rows[middle];
    }
    return NULL;
}

WCHAR ascii_digit(WCHAR c)
{
    size_t low = 0, high = ARRAY_LENGTH(digit_rows);

    while (low < high)
    {
        size_t middle = (low + high) / 2;

        if (c > digit_rows[middle].last) low = middle + 1;
        else if (c < digit_rows[middle].first) high = middle;
        else return (WCHAR)('0' + digit_rows[middle].value + c - digit_rows[middle].first);
    }
    return c;
}

static WORD type_of(WCHAR c, DWORD which)
{
    const struct ctype_row *row = row_of(c);
    unsigned int kind;

    if (!row) return 0;
    kind = (c - row->first) & 1 ? row->odd : row->even;
    switch (which)
    {
    case CT_CTYPE1: return ctype_kinds[kind].ctype1;
    case CT_CTYPE2: return ctype_kinds[kind].ctype2;
    default: return ctype_kinds[kind].ctype3;
    }
}

BOOL WINAPI GetStringTypeW(DWORD which, const WCHAR *string, INT length, WORD *types)
{
    if (!string || !types) return fail(ERROR_INVALID_PARAMETER);
    if (which != CT_CTYPE1 && which != CT_CTYPE2 && which != CT_CTYPE3) return fail(ERROR_INVALID_PARAMETER);
    if (length < 0) length = (INT)wcslen(string) + 1;
    for (INT i = 0; i < length; i++) types[i] = type_of(string[i], which);
    return TRUE;
}

BOOL WINAPI GetStringTypeExW(LCID locale, DWORD which, const WCHAR *string, INT length, WORD *types)
{
    (void)locale;       /* kinds of characters are the same everywhere */
    return GetStringTypeW(which, string, length, types);
}

BOOL WINAPI GetStringTypeA(LCID locale, DWORD which, const char *string, INT length, WORD *types)
{
    WCHAR *wide;
    INT size;
    BOOL ok;

    (void)locale;
    if (!string || !types) return fail(ERROR_INVALID_PARAMETER);
    if (length < 0) length = (INT)strlen(string) + 1;
    size = MultiByteToWideChar(CP_ACP, 0, string, length, NULL, 0);
    if (!(wide = heap_alloc((SIZE_T)(size ? size : 1) * sizeof(WCHAR)))) return fail(ERROR_NOT_ENOUGH_MEMORY);
    if (size) MultiByteToWideChar(CP_ACP, 0, string, length, wide, size);
    ok = GetStringTypeW(which, wide, size, types);
    heap_free(wide);
    return ok;
}

BOOL WINAPI GetStringTypeExA(LCID locale, DWORD which, const char *string, INT length, WORD *types)
{
    return GetStringTypeA(locale, which, string, length, types);
}
