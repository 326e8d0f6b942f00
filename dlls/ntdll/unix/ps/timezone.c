/* The local time zone in Windows' terms: found out by asking the C library about the days of this year.
 *
 * Windows' rule for a change is "the nth weekday of a month"; a change in the last seven days of its month is
 * taken for "the last one", which is what the laws of most countries say.
 */
#include <time.h>
#include "ps/timezone.h"

#define DAY 86400

static long offset_at(time_t when, struct tm *tm)
{
    localtime_r(&when, tm);
    return tm->tm_gmtoff;
}

/* The first second with another offset than the one before, in (from, to]; 0: none. */
static time_t find_change(time_t from, time_t to)
{
    struct tm tm;
    long offset = offset_at(from, &tm);
    time_t day;

    for (day = from; day < to; day += DAY)
    {
        time_t low = day, high = day + DAY;

        if (offset_at(high, &tm) == offset)
            continue;
        while (high - low > 1)
        {
            time_t mid = low + (high - low) / 2;

            if (offset_at(mid, &tm) == offset)
                low = mid;
            else
                high = mid;
        }
        return high;
    }
    return 0;
}

/* The local time, by the clock before the change, at which it happens. */
static void set_rule(RTL_SYSTEM_TIME *rule, time_t change)
{
    struct tm tm, before;
    time_t clock;

    clock = change + offset_at(change - 1, &before);
    gmtime_r(&clock, &tm);
    rule->wMonth = (WORD)(tm.tm_mon + 1);
    rule->wDayOfWeek = (WORD)tm.tm_wday;
    rule->wDay = (WORD)(tm.tm_mday > 24 ? 5 : (tm.tm_mday + 6) / 7);
    rule->wHour = (WORD)tm.tm_hour;
    rule->wMinute = (WORD)tm.tm_min;
}

static void set_name(WCHAR *name, const char *from)
{
    int i;

    for (i = 0; i < 31 && from && from[i]; i++)
        name[i] = (unsigned char)from[i];
}

void timezone_query(RTL_DYNAMIC_TIME_ZONE_INFORMATION *info)
{
    struct tm tm, after;
    time_t start, change[2];
    time_t now = time(NULL);
    int i;

    memset(info, 0, sizeof(*info));
    tzset();
    info->Bias = (LONG)(-offset_at(now, &tm) / 60);
    set_name(info->StandardName, tm.tm_zone);
    set_name(info->DaylightName, tm.tm_zone);
    set_name(info->TimeZoneKeyName, tm.tm_zone);
    start = now - (tm.tm_yday * (time_t)DAY + tm.tm_hour * 3600 + tm.tm_min * 60 + tm.tm_sec);
    change[0] = find_change(start, start + 366 * DAY);
    change[1] = change[0] ? find_change(change[0], start + 366 * DAY) : 0;
    if (!change[1])
        return;
    for (i = 0; i < 2; i++)
        if (offset_at(change[i], &after), after.tm_isdst)
        {
            set_rule(&info->DaylightDate, change[i]);
            memset(info->DaylightName, 0, sizeof(info->DaylightName));
            set_name(info->DaylightName, after.tm_zone);
            info->DaylightBias = (LONG)(-after.tm_gmtoff / 60);
        }
        else
        {
            set_rule(&info->StandardDate, change[i]);
            memset(info->StandardName, 0, sizeof(info->StandardName));
            set_name(info->StandardName, after.tm_zone);
            info->Bias = (LONG)(-after.tm_gmtoff / 60);
        }
    if (!info->DaylightDate.wMonth || !info->StandardDate.wMonth)       /* two changes of another kind: no rule */
    {
        memset(&info->DaylightDate, 0, sizeof(info->DaylightDate));
        memset(&info->StandardDate, 0, sizeof(info->StandardDate));
        info->DaylightBias = 0;
        return;
    }
    info->DaylightBias -= info->Bias;
}

int64_t timezone_bias(unsigned int *id)
{
    struct tm tm;
    long offset = offset_at(time(NULL), &tm);

    *id = tm.tm_isdst > 0 ? TIME_ZONE_ID_DAYLIGHT : TIME_ZONE_ID_STANDARD;
    return -offset * 10000000ll;
}
