/* The formats a locale has, told one by one; and ANSI forms of rarer calls on strings. */
#include "kernelbase.h"

/* English has these; the invariant locale has one of each kind, which GetLocaleInfo knows. */
static const WCHAR *const short_dates[] = { L"M/d/yyyy", L"M/d/yy", L"MM/dd/yy", L"MM/dd/yyyy", L"yy/MM/dd", L"yyyy-MM-dd", L"dd-MMM-yy", NULL };
static const WCHAR *const long_dates[] = { L"dddd, MMMM d, yyyy", L"MMMM d, yyyy", L"dddd, d MMMM, yyyy", L"d MMMM, yyyy", NULL };
static const WCHAR *const year_months[] = { L"MMMM yyyy", NULL };
static const WCHAR *const long_times[] = { L"h:mm:ss tt", L"hh:mm:ss tt", L"H:mm:ss", L"HH:mm:ss", NULL };
static const WCHAR *const short_times[] = { L"h:mm tt", L"hh:mm tt", L"H:mm", L"HH:mm", NULL };

/* The list for a locale: own holds the invariant one's. NULL: no such locale. */
static const WCHAR *const *formats_of(const WCHAR *locale, const WCHAR *const *english, LCTYPE type, WCHAR *text, const WCHAR *own[2])
{
    if (!IsValidLocaleName(locale ? locale : L"en-US"))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!locale || locale[0]) return english;
    GetLocaleInfoEx(locale, type, text, 80);
    own[0] = text;
    own[1] = NULL;
    return own;
}

static const WCHAR *const *date_formats(const WCHAR *locale, DWORD flags, WCHAR *text, const WCHAR *own[2])
{
    switch (flags & ~(DWORD)(LOCALE_USE_CP_ACP | LOCALE_NOUSEROVERRIDE))
    {
    case 0: case DATE_SHORTDATE: return formats_of(locale, short_dates, LOCALE_SSHORTDATE, text, own);
    case DATE_LONGDATE: return formats_of(locale, long_dates, LOCALE_SLONGDATE, text, own);
    case DATE_YEARMONTH: return formats_of(locale, year_months, LOCALE_SYEARMONTH, text, own);
    }
    set_error(ERROR_INVALID_FLAGS);
    return NULL;
}

static const WCHAR *const *time_formats(const WCHAR *locale, DWORD flags, WCHAR *text, const WCHAR *own[2])
{
    switch (flags & ~(DWORD)LOCALE_USE_CP_ACP)
    {
    case 0: return formats_of(locale, long_times, LOCALE_STIMEFORMAT, text, own);
    case TIME_NOSECONDS: return formats_of(locale, short_times, LOCALE_SSHORTTIME, text, own);
    }
    set_error(ERROR_INVALID_FLAGS);
    return NULL;
}

BOOL WINAPI EnumDateFormatsExEx(DATEFMT_ENUMPROCEXEX callback, const WCHAR *locale, DWORD flags, LPARAM parameter)
{
    const WCHAR *own[2], *const *format;
    WCHAR text[80];

    if (!callback) return fail(ERROR_INVALID_PARAMETER);
    if (!(format = date_formats(locale, flags, text, own))) return FALSE;
    while (*format && callback((WCHAR *)*format++, CAL_GREGORIAN, parameter)) ;
    return TRUE;
}

BOOL WINAPI EnumTimeFormatsEx(TIMEFMT_ENUMPROCEX callback, const WCHAR *locale, DWORD flags, LPARAM parameter)
{
    const WCHAR *own[2], *const *format;
    WCHAR text[80];

    if (!callback) return fail(ERROR_INVALID_PARAMETER);
    if (!(format = time_formats(locale, flags, text, own))) return FALSE;
    while (*format && callback((WCHAR *)*format++, parameter)) ;
    return TRUE;
}

static BOOL locale_name(LCID id, WCHAR *name)
{
    return LCIDToLocaleName(id, name, LOCALE_NAME_MAX_LENGTH, 0) != 0;
}

BOOL WINAPI EnumDateFormatsW(DATEFMT_ENUMPROCW callback, LCID id, DWORD flags)
{
    WCHAR name[LOCALE_NAME_MAX_LENGTH], text[80];
    const WCHAR *own[2], *const *format;

    if (!callback) return fail(ERROR_INVALID_PARAMETER);
    if (!locale_name(id, name) || !(format = date_formats(name, flags, text, own))) return FALSE;
    while (*format && callback((WCHAR *)*format++)) ;
    return TRUE;
}

BOOL WINAPI EnumTimeFormatsW(TIMEFMT_ENUMPROCW callback, LCID id, DWORD flags)
{
    WCHAR name[LOCALE_NAME_MAX_LENGTH], text[80];
    const WCHAR *own[2], *const *format;

    if (!callback) return fail(ERROR_INVALID_PARAMETER);
    if (!locale_name(id, name) || !(format = time_formats(name, flags, text, own))) return FALSE;
    while (*format && callback((WCHAR *)*format++)) ;
    return TRUE;
}

/* The formats are ASCII. */
static BOOL tell_ansi(const WCHAR *const *format, BOOL (CALLBACK *callback)(char *))
{
    char ansi[80];

    for (; *format; format++)
    {
        size_t i = 0;

        do ansi[i] = (char)(*format)[i];
        while ((*format)[i++]);
        if (!callback(ansi)) break;
    }
    return TRUE;
}

BOOL WINAPI EnumDateFormatsA(DATEFMT_ENUMPROCA callback, LCID id, DWORD flags)
{
    WCHAR name[LOCALE_NAME_MAX_LENGTH], text[80];
    const WCHAR *own[2], *const *format;

    if (!callback) return fail(ERROR_INVALID_PARAMETER);
    if (!locale_name(id, name) || !(format = date_formats(name, flags, text, own))) return FALSE;
    return tell_ansi(format, callback);
}

BOOL WINAPI EnumTimeFormatsA(TIMEFMT_ENUMPROCA callback, LCID id, DWORD flags)
{
    WCHAR name[LOCALE_NAME_MAX_LENGTH], text[80];
    const WCHAR *own[2], *const *format;

    if (!callback) return fail(ERROR_INVALID_PARAMETER);
    if (!locale_name(id, name) || !(format = time_formats(name, flags, text, own))) return FALSE;
    return tell_ansi(format, callback);
}

INT WINAPI FoldStringA(DWORD flags, const char *source, INT length, char *dest, INT size)
{
    WCHAR *wide, *folded = NULL;
    INT wide_length, folded_length, result = 0;

    if (!source || !length || size < 0 || (size && !dest) || source == dest) return fail(ERROR_INVALID_PARAMETER);
    if (length < 0) length = (INT)strlen(source) + 1;
    wide_length = MultiByteToWideChar(CP_ACP, 0, source, length, NULL, 0);
    if (!(wide = heap_alloc((SIZE_T)wide_length * sizeof(WCHAR)))) return fail(ERROR_NOT_ENOUGH_MEMORY);
    MultiByteToWideChar(CP_ACP, 0, source, length, wide, wide_length);
    if ((folded_length = FoldStringW(flags, wide, wide_length, NULL, 0)))
    {
        if ((folded = heap_alloc((SIZE_T)folded_length * sizeof(WCHAR))))
        {
            FoldStringW(flags, wide, wide_length, folded, folded_length);
            result = WideCharToMultiByte(CP_ACP, 0, folded, folded_length, dest, size, NULL, NULL);
        }
        else set_error(ERROR_NOT_ENOUGH_MEMORY);
    }
    heap_free(folded);
    heap_free(wide);
    return result;
}

INT WINAPI GetCurrencyFormatA(LCID id, DWORD flags, const char *value, const CURRENCYFMTA *format, char *buffer, INT size)
{
    UNICODE_STRING wide, decimal = { 0, 0, NULL }, thousand = { 0, 0, NULL }, symbol = { 0, 0, NULL };
    CURRENCYFMTW wide_format;
    WCHAR text[512];
    INT length = 0;

    if (!value || size < 0 || (size && !buffer)) return fail(ERROR_INVALID_PARAMETER);
    if (!wide_from_ansi(&wide, value)) return 0;
    if (!format) length = GetCurrencyFormatW(id, flags, wide.Buffer, NULL, text, ARRAY_LENGTH(text));
    else if (wide_from_ansi(&decimal, format->lpDecimalSep) && wide_from_ansi(&thousand, format->lpThousandSep) &&
             wide_from_ansi(&symbol, format->lpCurrencySymbol))
    {
        memcpy(&wide_format, format, sizeof(wide_format));
        wide_format.lpDecimalSep = decimal.Buffer;
        wide_format.lpThousandSep = thousand.Buffer;
        wide_format.lpCurrencySymbol = symbol.Buffer;
        length = GetCurrencyFormatW(id, flags, wide.Buffer, &wide_format, text, ARRAY_LENGTH(text));
    }
    RtlFreeUnicodeString(&symbol);
    RtlFreeUnicodeString(&thousand);
    RtlFreeUnicodeString(&decimal);
    RtlFreeUnicodeString(&wide);
    return length ? WideCharToMultiByte(CP_ACP, 0, text, length, buffer, size, NULL, NULL) : 0;
}
