/* Dates, times and numbers as text: GetDateFormat, GetTimeFormat, GetNumberFormat, GetCurrencyFormat. */
#include "kernelbase.h"

struct output
{
    WCHAR text[512];
    INT   length;
};

static void put(struct output *out, WCHAR c)
{
    if (out->length < (INT)ARRAY_LENGTH(out->text) - 1) out->text[out->length++] = c;
}

static void put_string(struct output *out, const WCHAR *string)
{
    while (*string) put(out, *string++);
}

static void put_number(struct output *out, unsigned int number, int digits)
{
    WCHAR buffer[12];
    int n = 0;

    do buffer[n++] = (WCHAR)('0' + number % 10);
    while ((number /= 10));
    while (n < digits) buffer[n++] = '0';
    while (n) put(out, buffer[--n]);
}

static void put_info(struct output *out, const WCHAR *locale, LCTYPE type)
{
    WCHAR text[128];

    if (GetLocaleInfoEx(locale, type, text, ARRAY_LENGTH(text))) put_string(out, text);
}

static INT give(struct output *out, WCHAR *buffer, INT size)
{
    out->text[out->length++] = 0;
    if (!size) return out->length;
    if (out->length > size) return fail(ERROR_INSUFFICIENT_BUFFER);
    memcpy(buffer, out->text, (SIZE_T)out->length * sizeof(WCHAR));
    return out->length;
}

/* Text in single quotes stands for itself, and two quotes for one. Returns what follows. */
static const WCHAR *put_quoted(struct output *out, const WCHAR *p)
{
    for (p++; *p; p++)
    {
        if (*p == '\'')
        {
            if (p[1] != '\'') return p + 1;
            p++;
        }
        put(out, *p);
    }
    return p;
}

/* ---- dates ------------------------------------------------------------------------------------------ */
static void date_picture(struct output *out, const WCHAR *locale, const SYSTEMTIME *time, const WCHAR *p)
{
    while (*p)
    {
        int count = 1;

        if (*p == '\'')
        {
            p = put_quoted(out, p);
            continue;
        }
        if (!wcschr(L"dMyg", *p))
        {
            put(out, *p++);
            continue;
        }
        while (p[count] == *p) count++;
        switch (*p)
        {
        case 'd':
            if (count <= 2) put_number(out, time->wDay, count);
            else put_info(out, locale, (count == 3 ? LOCALE_SABBREVDAYNAME1 : LOCALE_SDAYNAME1) + (time->wDayOfWeek + 6u) % 7);
            break;
        case 'M':
            if (count <= 2) put_number(out, time->wMonth, count);
            else put_info(out, locale, (count == 3 ? LOCALE_SABBREVMONTHNAME1 : LOCALE_SMONTHNAME1) + time->wMonth - 1u);
            break;
        case 'y':
            if (count <= 2) put_number(out, time->wYear % 100, count);
            else put_number(out, time->wYear, 4);
            break;
        case 'g':
            put_string(out, L"A.D.");
            break;
        }
        p += count;
    }
}

INT WINAPI GetDateFormatEx(const WCHAR *locale, DWORD flags, const SYSTEMTIME *time, const WCHAR *picture, WCHAR *buffer, INT size,
                           const WCHAR *calendar)
{
    struct output out = { .length = 0 };
    SYSTEMTIME own, checked;
    FILETIME file_time;
    WCHAR format[128];
    LCTYPE type = LOCALE_SSHORTDATE;

    if (size < 0 || (size && !buffer) || calendar) return fail(ERROR_INVALID_PARAMETER);
    if (picture && (flags & (DATE_SHORTDATE | DATE_LONGDATE | DATE_YEARMONTH))) return fail(ERROR_INVALID_FLAGS);
    if (((flags & DATE_SHORTDATE) != 0) + ((flags & DATE_LONGDATE) != 0) + ((flags & DATE_YEARMONTH) != 0) > 1) return fail(ERROR_INVALID_FLAGS);
    if (!time)
    {
        GetLocalTime(&own);
        time = &own;
    }
    /* The time of day does not matter; the day of the week is computed, not believed. */
    checked = *time;
    checked.wHour = checked.wMinute = checked.wSecond = checked.wMilliseconds = 0;
    if (!SystemTimeToFileTime(&checked, &file_time) || !FileTimeToSystemTime(&file_time, &checked)) return fail(ERROR_INVALID_PARAMETER);
    if (!picture)
    {
        if (flags & DATE_LONGDATE) type = LOCALE_SLONGDATE;
        else if (flags & DATE_YEARMONTH) type = LOCALE_SYEARMONTH;
        if (!GetLocaleInfoEx(locale, type, format, ARRAY_LENGTH(format))) return 0;
        picture = format;
    }
    date_picture(&out, locale, &checked, picture);
    return give(&out, buffer, size);
}

/* ---- times ------------------------------------------------------------------------------------------ */
static void time_picture(struct output *out, const WCHAR *locale, const SYSTEMTIME *time, const WCHAR *p, DWORD flags)
{
    INT last_kept = 0;      /* where the text ends without the separators that a left-out part brings */
    BOOL dropping = FALSE;  /* what follows a left-out part goes too, but for blanks */

    while (*p)
    {
        int count = 1;
        BOOL skip = FALSE;

        if (*p == '\'')
        {
            p = put_quoted(out, p);
            continue;
        }
        if (!wcschr(L"hHmst", *p))
        {
            if (!dropping || *p == ' ') put(out, *p);
            p++;
            continue;
        }
        while (p[count] == *p) count++;
        if (*p == 's' && (flags & (TIME_NOSECONDS | TIME_NOMINUTESORSECONDS))) skip = TRUE;
        if (*p == 'm' && (flags & TIME_NOMINUTESORSECONDS)) skip = TRUE;
        if (*p == 't' && (flags & TIME_NOTIMEMARKER)) skip = TRUE;
        if (skip)
        {
            out->length = last_kept;
            dropping = TRUE;
            p += count;
            continue;
        }
        dropping = FALSE;
        switch (*p)
        {
        case 'h':
            if (!(flags & TIME_FORCE24HOURFORMAT))
            {
                put_number(out, time->wHour % 12 ? time->wHour % 12u : 12u, count > 2 ? 2 : count);
                break;
            }
            /* fall through */
        case 'H': put_number(out, time->wHour, count > 2 ? 2 : count); break;
        case 'm': put_number(out, time->wMinute, count > 2 ? 2 : count); break;
        case 's': put_number(out, time->wSecond, count > 2 ? 2 : count); break;
        case 't':
        {
            WCHAR mark[16];

            if (GetLocaleInfoEx(locale, time->wHour < 12 ? LOCALE_S1159 : LOCALE_S2359, mark, ARRAY_LENGTH(mark)))
            {
                if (count == 1) mark[1] = 0;
                put_string(out, mark);
            }
            break;
        }
        }
        last_kept = out->length;
        p += count;
    }
}

INT WINAPI GetTimeFormatEx(const WCHAR *locale, DWORD flags, const SYSTEMTIME *time, const WCHAR *picture, WCHAR *buffer, INT size)
{
    struct output out = { .length = 0 };
    WCHAR format[128];
    SYSTEMTIME own;

    if (size < 0 || (size && !buffer)) return fail(ERROR_INVALID_PARAMETER);
    if (flags & ~(DWORD)(LOCALE_NOUSEROVERRIDE | TIME_NOMINUTESORSECONDS | TIME_NOSECONDS | TIME_NOTIMEMARKER | TIME_FORCE24HOURFORMAT))
        return fail(ERROR_INVALID_FLAGS);
    if (!time)
    {
        GetLocalTime(&own);
        time = &own;
    }
    if (time->wHour > 23 || time->wMinute > 59 || time->wSecond > 59 || time->wMilliseconds > 999) return fail(ERROR_INVALID_PARAMETER);
    if (!picture)
    {
        if (!GetLocaleInfoEx(locale, LOCALE_STIMEFORMAT, format, ARRAY_LENGTH(format))) return 0;
        picture = format;
    }
    time_picture(&out, locale, time, picture, flags);
    return give(&out, buffer, size);
}

/* ---- numbers ---------------------------------------------------------------------------------------- */

/* A NUMBERFMT's grouping 3, 32, 30 ... as successive group sizes: each digit from the left is one group; a 0 at the end
 * says that the last one is not repeated. */
static UINT group_size(UINT grouping, int group)
{
    UINT digits[10];
    int count = 0;

    if (!grouping) return 0;
    for (UINT g = grouping; g && count < 10; g /= 10) digits[count++] = g % 10;
    if (group < count) return digits[count - 1 - group];
    return digits[0];       /* the last one repeats; 0 ends the grouping */
}

/* The digits of value with separators, rounded half up; no sign. FALSE if value is not a number. */
static BOOL put_digits(struct output *out, const WCHAR *value, UINT fraction_digits, BOOL leading_zero, UINT grouping,
                       const WCHAR *decimal, const WCHAR *thousand, BOOL *negative)
{
    WCHAR digits[256];
    int whole = 0, total = 0, group = 0;
    const WCHAR *p = value;
    UINT fraction = 0, size, run;
    BOOL carry, dot = FALSE, all_zero = TRUE;
    WCHAR reversed[400];
    int n = 0;

    *negative = *p == '-';
    if (*negative) p++;
    if (!*p) return FALSE;
    digits[total++] = '0';      /* room for a carry */
    for (; *p; p++)
    {
        if (*p == '.' && !dot)
        {
            dot = TRUE;
            whole = total;
            continue;
        }
        if (*p < '0' || *p > '9') return FALSE;
        if (total < 250) digits[total++] = *p;
    }
    if (!dot) whole = total;
    /* Round. */
    if (total - whole > (int)fraction_digits)
    {
        carry = digits[whole + (int)fraction_digits] >= '5';
        total = whole + (int)fraction_digits;
        for (int i = total - 1; carry && i >= 0; i--)
        {
            carry = digits[i] == '9';
            digits[i] = carry ? '0' : (WCHAR)(digits[i] + 1);
        }
    }
    for (int i = 0; i < total; i++) if (digits[i] != '0') all_zero = FALSE;
    if (all_zero) *negative = FALSE;
    /* Backwards: fraction, decimal point, groups. */
    if (fraction_digits)
    {
        for (fraction = fraction_digits; fraction > 0; fraction--)
            reversed[n++] = whole + (int)fraction - 1 < total ? digits[whole + (int)fraction - 1] : '0';
        for (int i = (int)wcslen(decimal) - 1; i >= 0; i--) reversed[n++] = decimal[i];
    }
    while (total > 1 && whole > 1 && digits[0] == '0')
    {
        memmove(digits, digits + 1, (size_t)(total - 1) * sizeof(WCHAR));
        total--;
        whole--;
    }
    if (whole == 1 && digits[0] == '0' && !leading_zero && fraction_digits) whole = 0;
    size = group_size(grouping, 0);
    run = 0;
    for (int i = whole - 1; i >= 0; i--)
    {
        if (size && run == size)
        {
            for (int k = (int)wcslen(thousand) - 1; k >= 0; k--) reversed[n++] = thousand[k];
            run = 0;
            size = group_size(grouping, ++group);
        }
        reversed[n++] = digits[i];
        run++;
    }
    while (n) put(out, reversed[--n]);
    return TRUE;
}

static UINT info_number(const WCHAR *locale, LCTYPE type)
{
    DWORD value = 0;

    GetLocaleInfoEx(locale, type | LOCALE_RETURN_NUMBER, (WCHAR *)&value, sizeof(value) / sizeof(WCHAR));
    return value;
}

/* "3;2;0" is grouping 32, "3" is 30. */
static UINT info_grouping(const WCHAR *locale, LCTYPE type)
{
    WCHAR text[32];
    const WCHAR *p = text;
    UINT grouping = 0;

    if (!GetLocaleInfoEx(locale, type, text, ARRAY_LENGTH(text))) return 0;
    for (;; p++)
    {
        if (*p >= '1' && *p <= '9') grouping = grouping * 10 + (UINT)(*p - '0');
        else if (!*p) return grouping * 10;
        else if (*p == '0') return grouping;
    }
}

/* Where a minus goes: 'm' is it, 'n' the number, the rest itself. */
static void put_pattern(struct output *out, const WCHAR *pattern, const WCHAR *minus, const WCHAR *currency, const WCHAR *number)
{
    for (; *pattern; pattern++)
    {
        if (*pattern == 'm') put_string(out, minus);
        else if (*pattern == 'n') put_string(out, number);
        else if (*pattern == 'c') put_string(out, currency);
        else put(out, *pattern);
    }
}

INT WINAPI GetNumberFormatEx(const WCHAR *locale, DWORD flags, const WCHAR *value, const NUMBERFMTW *format, WCHAR *buffer, INT size)
{
    static const WCHAR *const negative_patterns[] = { L"(n)", L"mn", L"m n", L"nm", L"n m" };
    struct output number = { .length = 0 }, out = { .length = 0 };
    WCHAR decimal[8], thousand[8], minus[8];
    NUMBERFMTW own;
    BOOL negative;

    if (!value || size < 0 || (size && !buffer)) return fail(ERROR_INVALID_PARAMETER);
    if (format && (flags & ~(DWORD)LOCALE_USE_CP_ACP)) return fail(ERROR_INVALID_FLAGS);
    if (!GetLocaleInfoEx(locale, LOCALE_SNEGATIVESIGN, minus, ARRAY_LENGTH(minus))) return 0;
    if (!format)
    {
        own.NumDigits = info_number(locale, LOCALE_IDIGITS);
        own.LeadingZero = info_number(locale, LOCALE_ILZERO);
        own.Grouping = info_grouping(locale, LOCALE_SGROUPING);
        own.NegativeOrder = info_number(locale, LOCALE_INEGNUMBER);
        GetLocaleInfoEx(locale, LOCALE_SDECIMAL, decimal, ARRAY_LENGTH(decimal));
        GetLocaleInfoEx(locale, LOCALE_STHOUSAND, thousand, ARRAY_LENGTH(thousand));
        own.lpDecimalSep = decimal;
        own.lpThousandSep = thousand;
        format = &own;
    }
    if (format->NumDigits > 9 || format->LeadingZero > 1 || format->NegativeOrder >= ARRAY_LENGTH(negative_patterns) ||
        !format->lpDecimalSep || !format->lpThousandSep)
        return fail(ERROR_INVALID_PARAMETER);
    if (!put_digits(&number, value, format->NumDigits, format->LeadingZero != 0, format->Grouping, format->lpDecimalSep,
                    format->lpThousandSep, &negative))
        return fail(ERROR_INVALID_PARAMETER);
    number.text[number.length] = 0;
    put_pattern(&out, negative ? negative_patterns[format->NegativeOrder] : L"n", minus, L"", number.text);
    return give(&out, buffer, size);
}

INT WINAPI GetCurrencyFormatEx(const WCHAR *locale, DWORD flags, const WCHAR *value, const CURRENCYFMTW *format, WCHAR *buffer, INT size)
{
    static const WCHAR *const positive_patterns[] = { L"cn", L"nc", L"c n", L"n c" };
    static const WCHAR *const negative_patterns[] =
    {
        L"(cn)", L"mcn", L"cmn", L"cnm", L"(nc)", L"mnc", L"nmc", L"ncm", L"mn c", L"mc n", L"n cm", L"c nm", L"c mn", L"nm c", L"(c n)", L"(n c)",
    };
    struct output number = { .length = 0 }, out = { .length = 0 };
    WCHAR decimal[8], thousand[8], minus[8], symbol[8];
    CURRENCYFMTW own;
    BOOL negative;

    if (!value || size < 0 || (size && !buffer)) return fail(ERROR_INVALID_PARAMETER);
    if (format && (flags & ~(DWORD)LOCALE_USE_CP_ACP)) return fail(ERROR_INVALID_FLAGS);
    if (!GetLocaleInfoEx(locale, LOCALE_SNEGATIVESIGN, minus, ARRAY_LENGTH(minus))) return 0;
    if (!format)
    {
        own.NumDigits = info_number(locale, LOCALE_ICURRDIGITS);
        own.LeadingZero = info_number(locale, LOCALE_ILZERO);
        own.Grouping = info_grouping(locale, LOCALE_SMONGROUPING);
        own.NegativeOrder = info_number(locale, LOCALE_INEGCURR);
        own.PositiveOrder = info_number(locale, LOCALE_ICURRENCY);
        GetLocaleInfoEx(locale, LOCALE_SMONDECIMALSEP, decimal, ARRAY_LENGTH(decimal));
        GetLocaleInfoEx(locale, LOCALE_SMONTHOUSANDSEP, thousand, ARRAY_LENGTH(thousand));
        GetLocaleInfoEx(locale, LOCALE_SCURRENCY, symbol, ARRAY_LENGTH(symbol));
        own.lpDecimalSep = decimal;
        own.lpThousandSep = thousand;
        own.lpCurrencySymbol = symbol;
        format = &own;
    }
    if (format->NumDigits > 9 || format->LeadingZero > 1 || format->PositiveOrder >= ARRAY_LENGTH(positive_patterns) ||
        format->NegativeOrder >= ARRAY_LENGTH(negative_patterns) || !format->lpDecimalSep || !format->lpThousandSep || !format->lpCurrencySymbol)
        return fail(ERROR_INVALID_PARAMETER);
    if (!put_digits(&number, value, format->NumDigits, format->LeadingZero != 0, format->Grouping, format->lpDecimalSep,
                    format->lpThousandSep, &negative))
        return fail(ERROR_INVALID_PARAMETER);
    number.text[number.length] = 0;
    put_pattern(&out, negative ? negative_patterns[format->NegativeOrder] : positive_patterns[format->PositiveOrder], minus,
                format->lpCurrencySymbol, number.text);
    return give(&out, buffer, size);
}
