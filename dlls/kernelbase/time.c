/* Clocks, calendars and time zones. */
#include "kernelbase.h"

#define TICKS_PER_SECOND 10000000

/* ---- clocks ----------------------------------------------------------------------------------------- */
void WINAPI GetSystemTimeAsFileTime(FILETIME *time)
{
    LARGE_INTEGER now;

    NtQuerySystemTime(&now);
    time->dwLowDateTime = now.LowPart;
    time->dwHighDateTime = (DWORD)now.HighPart;
}

void WINAPI GetSystemTimePreciseAsFileTime(FILETIME *time)
{
    GetSystemTimeAsFileTime(time);      /* which is not coarse here */
}

ULONGLONG WINAPI GetTickCount64(void)
{
    LARGE_INTEGER counter, frequency;

    NtQueryPerformanceCounter(&counter, &frequency);
    return (ULONGLONG)counter.QuadPart / ((ULONGLONG)frequency.QuadPart / 1000);
}

DWORD WINAPI GetTickCount(void)
{
    return (DWORD)GetTickCount64();
}

BOOL WINAPI QueryUnbiasedInterruptTime(ULONGLONG *time)
{
    LARGE_INTEGER counter, frequency;

    if (!time) return fail(ERROR_INVALID_PARAMETER);
    NtQueryPerformanceCounter(&counter, &frequency);
    *time = (ULONGLONG)counter.QuadPart / ((ULONGLONG)frequency.QuadPart / 1000000) * 10;
    return TRUE;
}

void WINAPI QueryUnbiasedInterruptTimePrecise(ULONGLONG *time)
{
    QueryUnbiasedInterruptTime(time);
}

void WINAPI QueryInterruptTime(ULONGLONG *time)
{
    QueryUnbiasedInterruptTime(time);
}

void WINAPI QueryInterruptTimePrecise(ULONGLONG *time)
{
    QueryUnbiasedInterruptTime(time);
}

BOOL WINAPI GetSystemTimeAdjustment(DWORD *adjustment, DWORD *increment, BOOL *disabled)
{
    /* The system clock is left to the host, which keeps it right without our help. */
    *adjustment = *increment = 156250;
    *disabled = TRUE;
    return TRUE;
}

/* ---- calendar --------------------------------------------------------------------------------------- */
static LONGLONG filetime_value(const FILETIME *time)
{
    return (LONGLONG)make_u64(time->dwLowDateTime, time->dwHighDateTime);
}

static void value_filetime(LONGLONG value, FILETIME *time)
{
    time->dwLowDateTime = (DWORD)value;
    time->dwHighDateTime = (DWORD)((ULONGLONG)value >> 32);
}

BOOL WINAPI FileTimeToSystemTime(const FILETIME *file_time, SYSTEMTIME *time)
{
    LARGE_INTEGER value;
    TIME_FIELDS fields;

    value.QuadPart = filetime_value(file_time);
    if (value.QuadPart < 0) return fail(ERROR_INVALID_PARAMETER);
    RtlTimeToTimeFields(&value, &fields);
    time->wYear = (WORD)fields.Year;
    time->wMonth = (WORD)fields.Month;
    time->wDay = (WORD)fields.Day;
    time->wHour = (WORD)fields.Hour;
    time->wMinute = (WORD)fields.Minute;
    time->wSecond = (WORD)fields.Second;
    time->wMilliseconds = (WORD)fields.Milliseconds;
    time->wDayOfWeek = (WORD)fields.Weekday;
    return TRUE;
}

BOOL WINAPI SystemTimeToFileTime(const SYSTEMTIME *time, FILETIME *file_time)
{
    LARGE_INTEGER value;
    TIME_FIELDS fields;

    fields.Year = (SHORT)time->wYear;
    fields.Month = (SHORT)time->wMonth;
    fields.Day = (SHORT)time->wDay;
    fields.Hour = (SHORT)time->wHour;
    fields.Minute = (SHORT)time->wMinute;
    fields.Second = (SHORT)time->wSecond;
    fields.Milliseconds = (SHORT)time->wMilliseconds;
    if (!RtlTimeFieldsToTime(&fields, &value)) return fail(ERROR_INVALID_PARAMETER);
    value_filetime(value.QuadPart, file_time);
    return TRUE;
}

INT WINAPI CompareFileTime(const FILETIME *first, const FILETIME *second)
{
    ULONGLONG a = (ULONGLONG)filetime_value(first), b = (ULONGLONG)filetime_value(second);

    return a < b ? -1 : a > b;
}

void WINAPI GetSystemTime(SYSTEMTIME *time)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    FileTimeToSystemTime(&now, time);
}

BOOL WINAPI SetSystemTime(const SYSTEMTIME *time)
{
    FILETIME value;
    LARGE_INTEGER nt;

    if (!SystemTimeToFileTime(time, &value)) return FALSE;
    nt.QuadPart = filetime_value(&value);
    return nt_result(NtSetSystemTime(&nt, NULL));
}

BOOL WINAPI FileTimeToDosDateTime(const FILETIME *file_time, WORD *date, WORD *time)
{
    SYSTEMTIME fields;
    FILETIME rounded;

    /* DOS counts two seconds at a time, and rounds up. */
    if (filetime_value(file_time) < 0) return fail(ERROR_INVALID_PARAMETER);
    value_filetime((filetime_value(file_time) + 2 * TICKS_PER_SECOND - 1) / (2 * TICKS_PER_SECOND) * (2 * TICKS_PER_SECOND), &rounded);
    if (!FileTimeToSystemTime(&rounded, &fields)) return FALSE;
    if (fields.wYear < 1980 || fields.wYear > 2107) return fail(ERROR_INVALID_PARAMETER);
    if (date) *date = (WORD)((fields.wYear - 1980) << 9 | fields.wMonth << 5 | fields.wDay);
    if (time) *time = (WORD)(fields.wHour << 11 | fields.wMinute << 5 | fields.wSecond / 2);
    return TRUE;
}

BOOL WINAPI DosDateTimeToFileTime(WORD date, WORD time, FILETIME *file_time)
{
    SYSTEMTIME fields;

    memset(&fields, 0, sizeof(fields));
    fields.wYear = (WORD)((date >> 9) + 1980);
    fields.wMonth = (date >> 5) & 15;
    fields.wDay = date & 31;
    fields.wHour = time >> 11;
    fields.wMinute = (time >> 5) & 63;
    fields.wSecond = (WORD)((time & 31) * 2);
    return SystemTimeToFileTime(&fields, file_time);
}

/* ---- time zones ------------------------------------------------------------------------------------- */

/* The instant of a yearly transition, in local standard ticks: month, n-th weekday, time of day; or an
 * absolute date in that one year. */
static BOOL transition(const SYSTEMTIME *rule, WORD year, LONGLONG *value)
{
    static const BYTE month_days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
    SYSTEMTIME day = *rule;
    FILETIME time;
    WORD days;

    if (!rule->wMonth || rule->wMonth > 12) return FALSE;
    if (rule->wYear && rule->wYear != year) return FALSE;
    day.wYear = year;
    if (!rule->wYear)
    {
        SYSTEMTIME first = day;

        /* wDay is the week: 1 to 4, or 5 for the last one of the month. */
        first.wDay = 1;
        if (!SystemTimeToFileTime(&first, &time) || !FileTimeToSystemTime(&time, &first)) return FALSE;
        days = month_days[rule->wMonth - 1];
        if (rule->wMonth == 2 && ((year % 4 == 0 && year % 100) || year % 400 == 0)) days++;
        day.wDay = (WORD)(1 + (7 + rule->wDayOfWeek - first.wDayOfWeek) % 7 + 7 * (rule->wDay - 1));
        while (day.wDay > days) day.wDay -= 7;
    }
    if (!SystemTimeToFileTime(&day, &time)) return FALSE;
    *value = filetime_value(&time);
    return TRUE;
}

/* TIME_ZONE_ID_x for an instant: local says whether value is local time or UTC. */
static DWORD zone_id(const TIME_ZONE_INFORMATION *zone, LONGLONG value, BOOL local)
{
    LONGLONG standard, daylight, year_value;
    SYSTEMTIME fields;
    FILETIME time;
    BOOL in_daylight;

    if (!zone->DaylightDate.wMonth) return TIME_ZONE_ID_UNKNOWN;
    year_value = local ? value : value - (LONGLONG)zone->Bias * 60 * TICKS_PER_SECOND;
    value_filetime(year_value, &time);
    if (!FileTimeToSystemTime(&time, &fields)) return TIME_ZONE_ID_INVALID;
    if (!transition(&zone->StandardDate, fields.wYear, &standard) || !transition(&zone->DaylightDate, fields.wYear, &daylight))
        return TIME_ZONE_ID_UNKNOWN;
    /* Each date is in the local time that ends with it. */
    if (!local)
    {
        standard += (LONGLONG)(zone->Bias + zone->DaylightBias) * 60 * TICKS_PER_SECOND;
        daylight += (LONGLONG)(zone->Bias + zone->StandardBias) * 60 * TICKS_PER_SECOND;
    }
    if (daylight < standard) in_daylight = value >= daylight && value < standard;
    else in_daylight = value < standard || value >= daylight;
    return in_daylight ? TIME_ZONE_ID_DAYLIGHT : TIME_ZONE_ID_STANDARD;
}

static LONGLONG zone_bias(const TIME_ZONE_INFORMATION *zone, DWORD id)
{
    LONG minutes = zone->Bias;

    if (id == TIME_ZONE_ID_DAYLIGHT) minutes += zone->DaylightBias;
    else if (id == TIME_ZONE_ID_STANDARD) minutes += zone->StandardBias;
    return (LONGLONG)minutes * 60 * TICKS_PER_SECOND;
}

DWORD WINAPI GetDynamicTimeZoneInformation(DYNAMIC_TIME_ZONE_INFORMATION *zone)
{
    LARGE_INTEGER now;

    if (!nt_result(RtlQueryDynamicTimeZoneInformation((RTL_DYNAMIC_TIME_ZONE_INFORMATION *)zone))) return TIME_ZONE_ID_INVALID;
    NtQuerySystemTime(&now);
    return zone_id((TIME_ZONE_INFORMATION *)zone, now.QuadPart, FALSE);
}

DWORD WINAPI GetTimeZoneInformation(TIME_ZONE_INFORMATION *zone)
{
    DYNAMIC_TIME_ZONE_INFORMATION dynamic;
    DWORD id = GetDynamicTimeZoneInformation(&dynamic);

    if (id != TIME_ZONE_ID_INVALID) memcpy(zone, &dynamic, sizeof(*zone));
    return id;
}

BOOL WINAPI GetTimeZoneInformationForYear(USHORT year, DYNAMIC_TIME_ZONE_INFORMATION *dynamic, TIME_ZONE_INFORMATION *zone)
{
    DYNAMIC_TIME_ZONE_INFORMATION own;

    (void)year;         /* the rules of today stand for every year */
    if (!dynamic)
    {
        if (GetDynamicTimeZoneInformation(&own) == TIME_ZONE_ID_INVALID) return FALSE;
        dynamic = &own;
    }
    memcpy(zone, dynamic, sizeof(*zone));
    return TRUE;
}

BOOL WINAPI SystemTimeToTzSpecificLocalTime(const TIME_ZONE_INFORMATION *zone, const SYSTEMTIME *utc, SYSTEMTIME *local)
{
    TIME_ZONE_INFORMATION own;
    FILETIME time;
    LONGLONG value;
    DWORD id;

    if (!zone)
    {
        if (GetTimeZoneInformation(&own) == TIME_ZONE_ID_INVALID) return FALSE;
        zone = &own;
    }
    if (!SystemTimeToFileTime(utc, &time)) return FALSE;
    value = filetime_value(&time);
    if ((id = zone_id(zone, value, FALSE)) == TIME_ZONE_ID_INVALID) return fail(ERROR_INVALID_PARAMETER);
    value_filetime(value - zone_bias(zone, id), &time);
    return FileTimeToSystemTime(&time, local);
}

BOOL WINAPI TzSpecificLocalTimeToSystemTime(const TIME_ZONE_INFORMATION *zone, const SYSTEMTIME *local, SYSTEMTIME *utc)
{
    TIME_ZONE_INFORMATION own;
    FILETIME time;
    LONGLONG value;
    DWORD id;

    if (!zone)
    {
        if (GetTimeZoneInformation(&own) == TIME_ZONE_ID_INVALID) return FALSE;
        zone = &own;
    }
    if (!SystemTimeToFileTime(local, &time)) return FALSE;
    value = filetime_value(&time);
    if ((id = zone_id(zone, value, TRUE)) == TIME_ZONE_ID_INVALID) return fail(ERROR_INVALID_PARAMETER);
    value_filetime(value + zone_bias(zone, id), &time);
    return FileTimeToSystemTime(&time, utc);
}

BOOL WINAPI SystemTimeToTzSpecificLocalTimeEx(const DYNAMIC_TIME_ZONE_INFORMATION *zone, const SYSTEMTIME *utc, SYSTEMTIME *local)
{
    return SystemTimeToTzSpecificLocalTime((const TIME_ZONE_INFORMATION *)zone, utc, local);
}

BOOL WINAPI TzSpecificLocalTimeToSystemTimeEx(const DYNAMIC_TIME_ZONE_INFORMATION *zone, const SYSTEMTIME *local, SYSTEMTIME *utc)
{
    return TzSpecificLocalTimeToSystemTime((const TIME_ZONE_INFORMATION *)zone, local, utc);
}

/* These two use today's offset from UTC for any date: that is how they are documented. */
static BOOL current_bias(LONGLONG *bias)
{
    TIME_ZONE_INFORMATION zone;
    DWORD id = GetTimeZoneInformation(&zone);

    if (id == TIME_ZONE_ID_INVALID) return FALSE;
    *bias = zone_bias(&zone, id);
    return TRUE;
}

BOOL WINAPI FileTimeToLocalFileTime(const FILETIME *utc, FILETIME *local)
{
    LONGLONG bias;

    if (!current_bias(&bias)) return FALSE;
    value_filetime(filetime_value(utc) - bias, local);
    return TRUE;
}

BOOL WINAPI LocalFileTimeToFileTime(const FILETIME *local, FILETIME *utc)
{
    LONGLONG bias;

    if (!current_bias(&bias)) return FALSE;
    value_filetime(filetime_value(local) + bias, utc);
    return TRUE;
}

void WINAPI GetLocalTime(SYSTEMTIME *time)
{
    FILETIME now;

    GetSystemTimeAsFileTime(&now);
    FileTimeToLocalFileTime(&now, &now);
    FileTimeToSystemTime(&now, time);
}
