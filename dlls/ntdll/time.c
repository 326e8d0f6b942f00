/* Times: 100 ns units since 1601, their fields, time zones. The clock is asked through Nt calls: the shared page would
 * start its ticker. */

#include "rtl.h"

#define TICKS_PER_SECOND  10000000LL
#define TICKS_PER_MS      10000
#define SECONDS_PER_DAY   86400
#define DAYS_400_YEARS    146097
#define DAYS_TO_1601      584695     /* 1601-01-01, where 0000-03-01 is 1 */
#define SECONDS_1601_1970 11644473600LL
#define SECONDS_1601_1980 11960006400LL


/* Days since 1601-01-01 of a date; months may be counted from March so that the leap day is the last of its year. */
static LONGLONG days_of(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1, m = month > 2 ? month - 3 : month + 9;

    return 365LL * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - DAYS_TO_1601;
}

static bool is_leap(int year)
{
    return year % 4 == 0 && (year % 100 || year % 400 == 0);
}

static int days_in_month(int year, int month)
{
    if (month == 2) return is_leap(year) ? 29 : 28;
    return 30 + ((month ^ month >> 3) & 1);
}

static void clock_fields(LONGLONG *time, TIME_FIELDS *f)
{
    LONGLONG seconds = *time / TICKS_PER_SECOND;
    int rest = (int)(seconds % SECONDS_PER_DAY);

    f->Milliseconds = (CSHORT)(*time % TICKS_PER_SECOND / TICKS_PER_MS);
    f->Hour = (CSHORT)(rest / 3600);
    f->Minute = (CSHORT)(rest / 60 % 60);
    f->Second = (CSHORT)(rest % 60);
    *time = seconds / SECONDS_PER_DAY;
}

void WINAPI RtlTimeToTimeFields(const LARGE_INTEGER *time, TIME_FIELDS *f)
{
    LONGLONG days = time->QuadPart, era;
    int of_era, year, of_year, m;

    clock_fields(&days, f);
    f->Weekday = (CSHORT)((days + 1) % 7);

    /* Eras of 400 years that begin on a first of March. */
    days += DAYS_TO_1601 - 1;
    era = days / DAYS_400_YEARS;
    of_era = (int)(days % DAYS_400_YEARS);
    year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    of_year = of_era - (365 * year + year / 4 - year / 100);
    m = (5 * of_year + 2) / 153;
    f->Day = (CSHORT)(of_year - (153 * m + 2) / 5 + 1);
    f->Month = (CSHORT)(m < 10 ? m + 3 : m - 9);
    f->Year = (CSHORT)(era * 400 + year + (m >= 10));
}

BOOLEAN WINAPI RtlTimeFieldsToTime(TIME_FIELDS *f, LARGE_INTEGER *time)
{
    if (f->Milliseconds < 0 || f->Milliseconds > 999 || f->Second < 0 || f->Second > 59 || f->Minute < 0 ||
        f->Minute > 59 || f->Hour < 0 || f->Hour > 23 || f->Month < 1 || f->Month > 12 || f->Day < 1 ||
        f->Year < 1601 || f->Day > days_in_month(f->Year, f->Month))
        return FALSE;
    time->QuadPart = (((days_of(f->Year, f->Month, f->Day) * 24 + f->Hour) * 60 + f->Minute) * 60 + f->Second) *
                     TICKS_PER_SECOND + f->Milliseconds * TICKS_PER_MS;
    return TRUE;
}

void WINAPI RtlTimeToElapsedTimeFields(const LARGE_INTEGER *time, TIME_FIELDS *f)
{
    LONGLONG days = time->QuadPart;

    f->Year = f->Month = f->Weekday = 0;
    clock_fields(&days, f);
    f->Day = (CSHORT)days;
}

/* ---- seconds ---- */

static BOOLEAN to_seconds(const LARGE_INTEGER *time, LONGLONG epoch, DWORD *seconds)
{
    LONGLONG s = time->QuadPart / TICKS_PER_SECOND - epoch;

    if (s < 0 || s > 0xffffffffLL) return FALSE;
    *seconds = (DWORD)s;
    return TRUE;
}

BOOLEAN WINAPI RtlTimeToSecondsSince1970(const LARGE_INTEGER *time, DWORD *seconds)
{
    return to_seconds(time, SECONDS_1601_1970, seconds);
}

BOOLEAN WINAPI RtlTimeToSecondsSince1980(const LARGE_INTEGER *time, DWORD *seconds)
{
    return to_seconds(time, SECONDS_1601_1980, seconds);
}

void WINAPI RtlSecondsSince1970ToTime(DWORD seconds, LARGE_INTEGER *time)
{
    time->QuadPart = (seconds + SECONDS_1601_1970) * TICKS_PER_SECOND;
}

void WINAPI RtlSecondsSince1980ToTime(DWORD seconds, LARGE_INTEGER *time)
{
    time->QuadPart = (seconds + SECONDS_1601_1980) * TICKS_PER_SECOND;
}

/* ---- clocks ---- */

LONGLONG WINAPI RtlGetSystemTimePrecise(void)
{
    LARGE_INTEGER now;

    NtQuerySystemTime(&now);
    return now.QuadPart;
}

BOOL WINAPI RtlQueryPerformanceCounter(LARGE_INTEGER *counter)
{
    return !NtQueryPerformanceCounter(counter, NULL);
}

BOOL WINAPI RtlQueryPerformanceFrequency(LARGE_INTEGER *frequency)
{
    LARGE_INTEGER counter;

    return !NtQueryPerformanceCounter(&counter, frequency);
}

/* The performance counter stands still while the machine sleeps, as this time does. */
BOOL WINAPI RtlQueryUnbiasedInterruptTime(ULONGLONG *time)
{
    LARGE_INTEGER counter, frequency;

    if (!time)
    {
        RtlSetLastWin32Error(ERROR_INVALID_PARAMETER);
        return FALSE;
    }
    if (NtQueryPerformanceCounter(&counter, &frequency)) return FALSE;
    *time = (ULONGLONG)((unsigned __int128)counter.QuadPart * TICKS_PER_SECOND / frequency.QuadPart);
    return TRUE;
}

/* ---- time zones ---- */

static NTSTATUS get_bias(LONGLONG *bias)
{
    SYSTEM_TIMEOFDAY_INFORMATION info;
    NTSTATUS status = NtQuerySystemInformation(SystemTimeOfDayInformation, &info, sizeof(info), NULL);

    if (!status) *bias = info.TimeZoneBias.QuadPart;
    return status;
}

NTSTATUS WINAPI RtlSystemTimeToLocalTime(const LARGE_INTEGER *system, LARGE_INTEGER *local)
{
    LONGLONG bias;
    NTSTATUS status = get_bias(&bias);

    if (!status) local->QuadPart = system->QuadPart - bias;
    return status;
}

NTSTATUS WINAPI RtlLocalTimeToSystemTime(const LARGE_INTEGER *local, LARGE_INTEGER *system)
{
    LONGLONG bias;
    NTSTATUS status = get_bias(&bias);

    if (!status) system->QuadPart = local->QuadPart + bias;
    return status;
}

NTSTATUS WINAPI RtlQueryDynamicTimeZoneInformation(RTL_DYNAMIC_TIME_ZONE_INFORMATION *info)
{
    return NtQuerySystemInformation(SystemDynamicTimeZoneInformation, info, sizeof(*info), NULL);
}

NTSTATUS WINAPI RtlQueryTimeZoneInformation(RTL_TIME_ZONE_INFORMATION *info)
{
    return NtQuerySystemInformation(SystemCurrentTimeZoneInformation, info, sizeof(*info), NULL);
}
