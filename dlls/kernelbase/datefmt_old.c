/* The older forms of the same: by locale number, and in the ANSI code page. */
#include "kernelbase.h"

static BOOL locale_name(LCID id, WCHAR *name, INT size)
{
    return LCIDToLocaleName(id, name, size, 0) != 0;
}

INT WINAPI GetDateFormatW(LCID id, DWORD flags, const SYSTEMTIME *time, const WCHAR *picture, WCHAR *buffer, INT size)
{
    WCHAR name[LOCALE_NAME_MAX_LENGTH];

    if (!locale_name(id, name, ARRAY_LENGTH(name))) return 0;
    return GetDateFormatEx(name, flags, time, picture, buffer, size, NULL);
}

INT WINAPI GetTimeFormatW(LCID id, DWORD flags, const SYSTEMTIME *time, const WCHAR *picture, WCHAR *buffer, INT size)
{
    WCHAR name[LOCALE_NAME_MAX_LENGTH];

    if (!locale_name(id, name, ARRAY_LENGTH(name))) return 0;
    return GetTimeFormatEx(name, flags, time, picture, buffer, size);
}

INT WINAPI GetNumberFormatW(LCID id, DWORD flags, const WCHAR *value, const NUMBERFMTW *format, WCHAR *buffer, INT size)
{
    WCHAR name[LOCALE_NAME_MAX_LENGTH];

    if (!locale_name(id, name, ARRAY_LENGTH(name))) return 0;
    return GetNumberFormatEx(name, flags, value, format, buffer, size);
}

INT WINAPI GetCurrencyFormatW(LCID id, DWORD flags, const WCHAR *value, const CURRENCYFMTW *format, WCHAR *buffer, INT size)
{
    WCHAR name[LOCALE_NAME_MAX_LENGTH];

    if (!locale_name(id, name, ARRAY_LENGTH(name))) return 0;
    return GetCurrencyFormatEx(name, flags, value, format, buffer, size);
}

static INT picture_ansi(INT (WINAPI *function)(LCID, DWORD, const SYSTEMTIME *, const WCHAR *, WCHAR *, INT), LCID id, DWORD flags,
                        const SYSTEMTIME *time, const char *picture, char *buffer, INT size)
{
    UNICODE_STRING wide;
    WCHAR text[512];
    INT length;

    if (size < 0 || (size && !buffer)) return fail(ERROR_INVALID_PARAMETER);
    if (!wide_from_ansi(&wide, picture)) return 0;
    length = function(id, flags & ~(DWORD)LOCALE_USE_CP_ACP, time, wide.Buffer, text, ARRAY_LENGTH(text));
    RtlFreeUnicodeString(&wide);
    return length ? WideCharToMultiByte(CP_ACP, 0, text, length, buffer, size, NULL, NULL) : 0;
}

INT WINAPI GetDateFormatA(LCID id, DWORD flags, const SYSTEMTIME *time, const char *picture, char *buffer, INT size)
{
    return picture_ansi(GetDateFormatW, id, flags, time, picture, buffer, size);
}

INT WINAPI GetTimeFormatA(LCID id, DWORD flags, const SYSTEMTIME *time, const char *picture, char *buffer, INT size)
{
    return picture_ansi(GetTimeFormatW, id, flags, time, picture, buffer, size);
}

INT WINAPI GetNumberFormatA(LCID id, DWORD flags, const char *value, const NUMBERFMTA *format, char *buffer, INT size)
{
    UNICODE_STRING wide, decimal = { 0, 0, NULL }, thousand = { 0, 0, NULL };
    NUMBERFMTW wide_format;
    WCHAR text[512];
    INT length = 0;

    if (!value || size < 0 || (size && !buffer)) return fail(ERROR_INVALID_PARAMETER);
    if (!wide_from_ansi(&wide, value)) return 0;
    if (!format) length = GetNumberFormatW(id, flags, wide.Buffer, NULL, text, ARRAY_LENGTH(text));
    else if (wide_from_ansi(&decimal, format->lpDecimalSep) && wide_from_ansi(&thousand, format->lpThousandSep))
    {
        memcpy(&wide_format, format, sizeof(wide_format));
        wide_format.lpDecimalSep = decimal.Buffer;
        wide_format.lpThousandSep = thousand.Buffer;
        length = GetNumberFormatW(id, flags, wide.Buffer, &wide_format, text, ARRAY_LENGTH(text));
    }
    RtlFreeUnicodeString(&thousand);
    RtlFreeUnicodeString(&decimal);
    RtlFreeUnicodeString(&wide);
    return length ? WideCharToMultiByte(CP_ACP, 0, text, length, buffer, size, NULL, NULL) : 0;
}
