/* Calendars, time zones, dates and numbers as text. */
#include "win32.h"

static void test_calendar(void)
{
    SYSTEMTIME time = { 2024, 2, 0, 29, 12, 34, 56, 789 }, back;
    WORD date, dos_time;
    FILETIME file_time, zero = { 0, 0 };
    ULONGLONG first, second;

    works(SystemTimeToFileTime(&time, &file_time));
    ok(file_time.dwHighDateTime == 0x1da6b0b, "%#lx %#lx\n", file_time.dwHighDateTime, file_time.dwLowDateTime);
    works(FileTimeToSystemTime(&file_time, &back));
    ok(back.wDayOfWeek == 4 && back.wDay == 29 && back.wMilliseconds == 789, "%u %u\n", back.wDayOfWeek, back.wDay);
    works(FileTimeToSystemTime(&zero, &back));
    ok(back.wYear == 1601 && back.wMonth == 1 && back.wDay == 1 && back.wDayOfWeek == 1, "%u\n", back.wYear);
    time.wYear = 2023;
    fails(SystemTimeToFileTime(&time, &file_time), ERROR_INVALID_PARAMETER);
    time.wYear = 2024;
    SystemTimeToFileTime(&time, &file_time);
    works(FileTimeToDosDateTime(&file_time, &date, &dos_time));
    ok(date == (44 << 9 | 2 << 5 | 29) && dos_time == (12 << 11 | 34 << 5 | 29), "%#x %#x\n", date, dos_time);
    works(DosDateTimeToFileTime(date, dos_time, &file_time));
    FileTimeToSystemTime(&file_time, &back);
    ok(back.wHour == 12 && back.wSecond == 58, "%u:%u\n", back.wHour, back.wSecond);

    first = GetTickCount64();
    Sleep(20);
    second = GetTickCount64();
    ok(second - first >= 15 && second - first < 5000, "%I64u ms\n", second - first);
}

static void test_zone(void)
{
    /* Central Europe: the last Sundays of March and October, 2 and 3 o'clock */
    static const TIME_ZONE_INFORMATION europe = { -60, L"", { 0, 10, 0, 5, 3, 0, 0, 0 }, 0, L"", { 0, 3, 0, 5, 2, 0, 0, 0 }, -60 };
    static const struct { SYSTEMTIME utc; WORD day, hour; } tests[] =
    {
        { { 2024, 1, 0, 15, 12, 0, 0, 0 }, 15, 13 }, { { 2024, 7, 0, 15, 12, 0, 0, 0 }, 15, 14 }, { { 2024, 3, 0, 31, 0, 59, 59, 0 }, 31, 1 },
        { { 2024, 3, 0, 31, 1, 0, 0, 0 }, 31, 3 }, { { 2024, 10, 0, 27, 0, 59, 0, 0 }, 27, 2 }, { { 2024, 10, 0, 27, 1, 0, 0, 0 }, 27, 2 },
    };
    SYSTEMTIME local, utc;

    for (size_t i = 0; i < ARRAY_SIZE(tests); i++)
    {
        works(SystemTimeToTzSpecificLocalTime(&europe, &tests[i].utc, &local));
        ok(local.wDay == tests[i].day && local.wHour == tests[i].hour, "%u: day %u hour %u\n", (unsigned int)i, local.wDay, local.wHour);
    }
    local = tests[1].utc;
    works(TzSpecificLocalTimeToSystemTime(&europe, &local, &utc));
    ok(utc.wHour == 10, "hour %u\n", utc.wHour);
}

static void test_text(void)
{
    static const struct { const char *value; const WCHAR *text; } numbers[] =
    {
        { "0", L"0.00" }, { "1234567.891", L"1,234,567.89" }, { "-1234.5", L"-1,234.50" }, { "999.995", L"1,000.00" }, { "-0.001", L"0.00" }, { ".5", L"0.50" },
    };
    SYSTEMTIME time = { 2024, 2, 0, 9, 15, 4, 5, 0 };
    WCHAR text[64], wide[32];
    int length;

    length = GetDateFormatW(0x409, 0, &time, L"ddd, dd MMM yyyy '''o''' M/d/yy", text, 64);
    ok(length && !wcscmp(text, L"Fri, 09 Feb 2024 'o' 2/9/24"), "%s\n", wine_dbgstr_w(text));
    length = GetDateFormatW(0x409, DATE_LONGDATE, &time, NULL, text, 64);
    ok(length && !wcscmp(text, L"Friday, February 9, 2024"), "%s\n", wine_dbgstr_w(text));
    length = GetTimeFormatW(0x409, 0, &time, NULL, text, 64);
    ok(length && !wcscmp(text, L"3:04:05 PM"), "%s\n", wine_dbgstr_w(text));
    length = GetTimeFormatW(0x409, TIME_NOSECONDS, &time, L"HH:mm:ss", text, 64);
    ok(length && !wcscmp(text, L"15:04"), "%s\n", wine_dbgstr_w(text));
    fails(GetDateFormatW(0x409, 0, &time, L"yyyy", text, 2), ERROR_INSUFFICIENT_BUFFER);
    time.wMonth = 13;
    fails(GetDateFormatW(0x409, 0, &time, L"yyyy", text, 64), ERROR_INVALID_PARAMETER);
    for (size_t i = 0; i < ARRAY_SIZE(numbers); i++)
    {
        MultiByteToWideChar(CP_UTF8, 0, numbers[i].value, -1, wide, 32);
        length = GetNumberFormatW(0x409, 0, wide, NULL, text, 64);
        ok(length && !wcscmp(text, numbers[i].text), "%s: %s\n", numbers[i].value, wine_dbgstr_w(text));
    }
    fails(GetNumberFormatW(0x409, 0, L"1x", NULL, text, 64), ERROR_INVALID_PARAMETER);
    length = GetCurrencyFormatW(0x409, 0, L"1234.5", NULL, text, 64);
    ok(length && !wcscmp(text, L"$1,234.50"), "%s\n", wine_dbgstr_w(text));
    length = GetLocaleInfoW(0x409, LOCALE_SISO639LANGNAME, text, 64);
    ok(length == 3 && !wcscmp(text, L"en"), "%s\n", wine_dbgstr_w(text));
    fails(GetLocaleInfoW(0x409, 0x7fff, text, 64), ERROR_INVALID_FLAGS);
}

START_TEST(time)
{
    test_calendar();
    test_zone();
    test_text();
}
