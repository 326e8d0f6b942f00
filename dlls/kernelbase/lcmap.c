/* LCMapString: case, sort keys, byte order. */
#include "kernelbase.h"

#define CASE_FLAGS  (LCMAP_LOWERCASE | LCMAP_UPPERCASE)
#define KEY_OPTIONS (NORM_IGNORECASE | NORM_IGNORENONSPACE | NORM_IGNORESYMBOLS | NORM_IGNOREKANATYPE | NORM_IGNOREWIDTH | SORT_STRINGSORT | \
                     LINGUISTIC_IGNORECASE | LINGUISTIC_IGNOREDIACRITIC | SORT_DIGITSASNUMBERS | NORM_LINGUISTIC_CASING)

INT WINAPI LCMapStringEx(const WCHAR *locale, DWORD flags, const WCHAR *source, INT length, WCHAR *dest, INT size,
                         NLSVERSIONINFO *version, void *reserved, LPARAM handle)
{
    DWORD mapping = flags & (CASE_FLAGS | LCMAP_BYTEREV | LCMAP_LINGUISTIC_CASING);
    BOOL start = TRUE;

    (void)locale;
    (void)version;
    (void)reserved;
    (void)handle;
    if (!source || !length || size < 0 || (!dest && size)) return fail(ERROR_INVALID_PARAMETER);
    if (length < 0) length = (INT)wcslen(source) + 1;
    if (flags & LCMAP_SORTKEY)
    {
        INT needed;

        if (source == dest || (flags & ~(DWORD)(LCMAP_SORTKEY | LCMAP_BYTEREV | KEY_OPTIONS))) return fail(ERROR_INVALID_FLAGS);
        needed = sort_key(source, length, flags & KEY_OPTIONS, (BYTE *)dest, size);
        if (size && needed > size) return fail(ERROR_INSUFFICIENT_BUFFER);
        return needed;
    }
    /* Kana, width and Chinese mappings have no tables here. */
    if (flags & ~(DWORD)(CASE_FLAGS | LCMAP_BYTEREV | LCMAP_LINGUISTIC_CASING | NORM_IGNORENONSPACE | NORM_IGNORESYMBOLS | LOCALE_USE_CP_ACP) ||
        (mapping & LCMAP_BYTEREV && mapping & CASE_FLAGS) || (!mapping && !(flags & (NORM_IGNORENONSPACE | NORM_IGNORESYMBOLS))) ||
        (mapping == LCMAP_LINGUISTIC_CASING))
        return fail(ERROR_INVALID_FLAGS);
    if (flags & (NORM_IGNORENONSPACE | NORM_IGNORESYMBOLS))
    {
        INT count = 0;

        /* Alone, these two leave out what they name. */
        if (mapping & CASE_FLAGS) return fail(ERROR_INVALID_FLAGS);
        for (INT i = 0; i < length; i++)
        {
            WORD kind, kind3;

            GetStringTypeW(CT_CTYPE1, source + i, 1, &kind);
            GetStringTypeW(CT_CTYPE3, source + i, 1, &kind3);
            if ((flags & NORM_IGNORESYMBOLS) && (kind & C1_PUNCT)) continue;
            if ((flags & NORM_IGNORENONSPACE) && (kind3 & C3_NONSPACING)) continue;
            if (size)
            {
                if (count == size) return fail(ERROR_INSUFFICIENT_BUFFER);
                dest[count] = source[i];
            }
            count++;
        }
        return count;
    }
    if (!size) return length;
    if (length > size) return fail(ERROR_INSUFFICIENT_BUFFER);
    for (INT i = 0; i < length; i++)
    {
        WCHAR c = source[i];

        if (mapping & LCMAP_BYTEREV) dest[i] = (WCHAR)(c >> 8 | c << 8);
        else if ((mapping & CASE_FLAGS) == CASE_FLAGS)
        {
            /* Both together are LCMAP_TITLECASE: the first letter of each word is a capital. */
            WORD kind;

            GetStringTypeW(CT_CTYPE1, &c, 1, &kind);
            dest[i] = start ? RtlUpcaseUnicodeChar(c) : RtlDowncaseUnicodeChar(c);
            start = !(kind & (C1_ALPHA | C1_DIGIT)) && c != '\'';
        }
        else dest[i] = mapping & LCMAP_UPPERCASE ? RtlUpcaseUnicodeChar(c) : RtlDowncaseUnicodeChar(c);
    }
    return length;
}

INT WINAPI LCMapStringW(LCID locale, DWORD flags, const WCHAR *source, INT length, WCHAR *dest, INT size)
{
    (void)locale;
    return LCMapStringEx(NULL, flags, source, length, dest, size, NULL, NULL, 0);
}

INT WINAPI LCMapStringA(LCID locale, DWORD flags, const char *source, INT length, char *dest, INT size)
{
    WCHAR *wide, *mapped = NULL;
    INT wide_length, result = 0;

    if (!source || !length || size < 0 || (!dest && size)) return fail(ERROR_INVALID_PARAMETER);
    if (length < 0) length = (INT)strlen(source) + 1;
    wide_length = MultiByteToWideChar(CP_ACP, 0, source, length, NULL, 0);
    if (!(wide = heap_alloc((SIZE_T)wide_length * sizeof(WCHAR)))) return fail(ERROR_NOT_ENOUGH_MEMORY);
    MultiByteToWideChar(CP_ACP, 0, source, length, wide, wide_length);
    if (flags & LCMAP_SORTKEY) result = LCMapStringW(locale, flags & ~(DWORD)LOCALE_USE_CP_ACP, wide, wide_length, (WCHAR *)dest, size);
    else if (!(mapped = heap_alloc((SIZE_T)wide_length * sizeof(WCHAR)))) set_error(ERROR_NOT_ENOUGH_MEMORY);
    else if ((wide_length = LCMapStringW(locale, flags, wide, wide_length, mapped, wide_length)))
        result = WideCharToMultiByte(CP_ACP, 0, mapped, wide_length, dest, size, NULL, NULL);
    heap_free(mapped);
    heap_free(wide);
    return result;
}
