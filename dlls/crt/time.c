/* Time: the 64-bit functions; time_t of msvcrt.dll for x64 is 64 bits wide. Local time comes from the system's time
 * zone rules, year by year (Win32's SystemTimeToTzSpecificLocalTime and back). */
#include "crt.h"

struct tm { int tm_sec, tm_min, tm_hour, tm_mday, tm_mon, tm_year, tm_wday, tm_yday, tm_isdst; };
#define EPOCH 116444736000000000ll              /* 1970 in FILETIME's 100 ns since 1601 */
#define TIME_MAX 0x793406fffll                  /* end of the year 3000, the documented limit */

/* until _tzset: Pacific time, as in every Microsoft runtime */
long _timezone = 28800, _dstbias = -3600;
int _daylight = 1;
static char standard_name[64] = "PST", daylight_name[64] = "PDT";
char *_tzname[2] = { standard_name, daylight_name };

/* Hours with a sign, minutes and seconds after colons. */
static long tz_offset(const char **p)
{
    int sign = **p == '-' ? -1 : 1, part, unit;
    long seconds = 0;

    if (**p == '-' || **p == '+') ++*p;
    for (unit = 3600; unit; unit /= 60)
    {
        for (part = 0; **p >= '0' && **p <= '9'; ++*p) part = part * 10 + (**p - '0');
        seconds += (long)part * unit;
        if (**p != ':' || unit == 1) break;
        ++*p;
    }
    return sign * seconds;
}

/* The variable TZ, if it is set, takes the place of the system's time zone: "PST8PDT", three letters, an offset, and three
 * more if there is daylight saving time. Whatever else it says is the offset 0. */
struct tz
{
    char standard[4], daylight[4];
    long seconds;
};

static bool tz_variable(struct tz *tz)
{
    char text[64];
    const char *p = text;
    DWORD length = GetEnvironmentVariableA("TZ", text, sizeof(text));

    if (!length || length >= sizeof(text)) return false;
    memset(tz, 0, sizeof(*tz));
    for (int i = 0; i < 3 && *p; i++) tz->standard[i] = *p++;
    tz->seconds = tz_offset(&p);
    for (int i = 0; i < 3 && p[i]; i++) tz->daylight[i] = p[i];
    return true;
}

/* TZ has no rules: those of the USA are meant. */
static void tz_information(TIME_ZONE_INFORMATION *info)
{
    static const SYSTEMTIME to_standard = { 0, 11, 0, 1, 2, 0, 0, 0 }, to_daylight = { 0, 3, 0, 2, 2, 0, 0, 0 };
    struct tz tz;

    if (!tz_variable(&tz))
    {
        GetTimeZoneInformation(info);
        return;
    }
    memset(info, 0, sizeof(*info));
    info->Bias = tz.seconds / 60;
    if (!tz.daylight[0]) return;
    info->StandardDate = to_standard;
    info->DaylightDate = to_daylight;
    info->DaylightBias = -60;
}

CRT_API(void, _tzset, void)
{
    TIME_ZONE_INFORMATION info;
    struct tz tz;

    if (tz_variable(&tz))
    {
        memcpy(standard_name, tz.standard, sizeof(tz.standard));
        memcpy(daylight_name, tz.daylight, sizeof(tz.daylight));
        _timezone = tz.seconds;
        _daylight = tz.daylight[0];             /* not just 1: msvcrt:time */
        return;
    }
    if (GetTimeZoneInformation(&info) == TIME_ZONE_ID_INVALID) return;
    _timezone = (info.Bias + info.StandardBias) * 60;
    _daylight = info.DaylightDate.wMonth != 0;
    _dstbias = _daylight ? (info.DaylightBias - info.StandardBias) * 60 : 0;
    WideCharToMultiByte(CP_ACP, 0, info.StandardName, -1, standard_name, sizeof(standard_name), NULL, NULL);
    WideCharToMultiByte(CP_ACP, 0, info.DaylightName, -1, daylight_name, sizeof(daylight_name), NULL, NULL);
}
static void tz_once(void)
{
    static bool done;
    if (!done) { done = true; _tzset(); }
}
CRT_API(int *, __p__daylight, void) { return &_daylight; }
CRT_API(long *, __p__timezone, void) { return &_timezone; }
CRT_API(long *, __p__dstbias, void) { return &_dstbias; }
CRT_API(char **, __p__tzname, void) { tz_once(); return _tzname; }

static long long now_100ns(void)
{
    FILETIME ft;
    GetSystemTimeAsFileTime(&ft);
    return ((long long)ft.dwHighDateTime << 32 | ft.dwLowDateTime) - EPOCH;
}
CRT_API(crt_time, _time64, crt_time *out)
{
    crt_time t = now_100ns() / 10000000;
    if (out) *out = t;
    return t;
}
CRT_API(int, _time32, int *out)
{
    int t = (int)_time64(NULL);
    if (out) *out = t;
    return t;
}
struct timeb64 { crt_time time; unsigned short millitm; short timezone, dstflag; };
CRT_API(void, _ftime64, struct timeb64 *out)
{
    long long t = now_100ns();
    TIME_ZONE_INFORMATION tz;
    DWORD zone = GetTimeZoneInformation(&tz);

    out->time = t / 10000000;
    out->millitm = t / 10000 % 1000;
    out->timezone = tz.Bias;
    out->dstflag = zone == TIME_ZONE_ID_DAYLIGHT;
}
CRT_API(long, clock, void)
{
    FILETIME created, exited, kernel, user, now;
    GetProcessTimes(GetCurrentProcess(), &created, &exited, &kernel, &user);
    GetSystemTimeAsFileTime(&now);
    return (long)((((long long)now.dwHighDateTime << 32 | now.dwLowDateTime) -
                   ((long long)created.dwHighDateTime << 32 | created.dwLowDateTime)) / 10000);
}
CRT_API(double, _difftime64, crt_time a, crt_time b) { return (double)(a - b); }
CRT_API(double, _difftime32, int a, int b) { return (double)a - b; }

static const short days_before[2][13] =
{ { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365 }, { 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366 } };
static bool is_leap(int year) { return !(year % 4) && (year % 100 || !(year % 400)); }

static void tm_from_system(struct tm *tm, const SYSTEMTIME *st, int dst)
{
    tm->tm_sec = st->wSecond;
    tm->tm_min = st->wMinute;
    tm->tm_hour = st->wHour;
    tm->tm_mday = st->wDay;
    tm->tm_mon = st->wMonth - 1;
    tm->tm_year = st->wYear - 1900;
    tm->tm_wday = st->wDayOfWeek;
    tm->tm_yday = days_before[is_leap(st->wYear)][st->wMonth - 1] + st->wDay - 1;
    tm->tm_isdst = dst;
}
static bool system_from_time(SYSTEMTIME *st, crt_time t)
{
    long long ticks = t * 10000000 + EPOCH;
    FILETIME ft = { (DWORD)ticks, (DWORD)(ticks >> 32) };

    if (t < -43200 || t > TIME_MAX) { errno = E_INVAL; return false; }
    return FileTimeToSystemTime(&ft, st);
}
static crt_time time_from_system(const SYSTEMTIME *st)
{
    FILETIME ft;
    if (!SystemTimeToFileTime(st, &ft)) return -1;
    return (((long long)ft.dwHighDateTime << 32 | ft.dwLowDateTime) - EPOCH) / 10000000;
}

CRT_API(int, _gmtime64_s, struct tm *tm, const crt_time *t)
{
    SYSTEMTIME st;
    if (tm) memset(tm, 0xff, sizeof(*tm));
    if (!tm || !t || *t < 0 || !system_from_time(&st, *t)) { errno = E_INVAL; return E_INVAL; }
    tm_from_system(tm, &st, 0);
    return 0;
}
CRT_API(int, _localtime64_s, struct tm *tm, const crt_time *t)
{
    SYSTEMTIME utc, local;
    TIME_ZONE_INFORMATION tz;
    crt_time shift;

    if (tm) memset(tm, 0xff, sizeof(*tm));
    if (!tm || !t || *t < 0 || !system_from_time(&utc, *t)) { errno = E_INVAL; return E_INVAL; }
    tz_information(&tz);
    if (!SystemTimeToTzSpecificLocalTime(&tz, &utc, &local)) { errno = E_INVAL; return E_INVAL; }
    shift = time_from_system(&local) - *t;
    tm_from_system(tm, &local, tz.DaylightDate.wMonth && shift != -(tz.Bias + tz.StandardBias) * 60);
    return 0;
}
CRT_API(struct tm *, _gmtime64, const crt_time *t)
{
    struct tm *tm = (struct tm *)crt_thread()->tm;
    return _gmtime64_s(tm, t) ? NULL : tm;
}
CRT_API(struct tm *, _localtime64, const crt_time *t)
{
    struct tm *tm = (struct tm *)crt_thread()->tm;
    return _localtime64_s(tm, t) ? NULL : tm;
}
CRT_API(struct tm *, _gmtime32, const int *t) { crt_time wide = t ? *t : -1; return _gmtime64(&wide); }
CRT_API(struct tm *, _localtime32, const int *t) { crt_time wide = t ? *t : -1; return _localtime64(&wide); }

/* seconds since 1970 of fields of any size, as if in UTC */
static crt_time time_from_fields(const struct tm *tm)
{
    long long year = tm->tm_year + 1900ll + tm->tm_mon / 12, month = tm->tm_mon % 12, days;

    if (month < 0) { month += 12; year--; }
    days = (year - 1970) * 365 + (year - 1969) / 4 - (year - 1901) / 100 + (year - 1601) / 400;
    days += days_before[is_leap((int)year)][month] + tm->tm_mday - 1;
    return ((days * 24 + tm->tm_hour) * 60 + tm->tm_min) * 60 + tm->tm_sec;
}
CRT_API(crt_time, _mkgmtime64, struct tm *tm)
{
    crt_time t = time_from_fields(tm);
    if (t < 0 || _gmtime64_s(tm, &t)) return -1;
    return t;
}
CRT_API(crt_time, _mktime64, struct tm *tm)
{
    crt_time t = time_from_fields(tm), guess;
    struct tm back;
    int dst = tm->tm_isdst;

    tz_once();
    guess = t + _timezone + (dst > 0 ? _dstbias : 0);
    if (guess < 0 || _localtime64_s(&back, &guess)) return -1;
    if (dst < 0 && back.tm_isdst > 0)
    {
        guess += _dstbias;
        if (_localtime64_s(&back, &guess)) return -1;
    }
    *tm = back;
    return guess;
}
CRT_API(int, _mktime32, struct tm *tm) { return (int)_mktime64(tm); }

/* ---- as text ------------------------------------------------------------------------------------------------------- */
static const char day_names[] = "Sunday\0\0\0\0Monday\0\0\0\0Tuesday\0\0\0Wednesday\0Thursday\0\0Friday\0\0\0\0Saturday\0";
static const char month_names[] = "January\0\0\0February\0\0March\0\0\0\0\0April\0\0\0\0\0May\0\0\0\0\0\0\0June\0\0\0\0\0\0July\0\0\0\0\0\0August\0\0\0\0"
                                  "September\0October\0\0\0November\0\0December\0";
int sprintf(char *buffer, const char *format, ...);

CRT_API(char *, asctime, const struct tm *tm)
{
    char *out = crt_thread()->asctime;
    if (!tm || tm->tm_wday < 0 || tm->tm_wday > 6 || tm->tm_mon < 0 || tm->tm_mon > 11) { errno = E_INVAL; return NULL; }
    sprintf(out, "%.3s %.3s %02d %02d:%02d:%02d %d\n", day_names + tm->tm_wday * 10, month_names + tm->tm_mon * 10, tm->tm_mday % 100,
            tm->tm_hour % 100, tm->tm_min % 100, tm->tm_sec % 100, (tm->tm_year + 1900) % 10000);
    return out;
}
CRT_API(char *, _ctime64, const crt_time *t)
{
    struct tm tm;
    return t && !_localtime64_s(&tm, t) ? asctime(&tm) : NULL;
}
CRT_API(char *, _ctime32, const int *t) { crt_time wide = t ? *t : -1; return _ctime64(&wide); }

struct text { char *at; size_t room; bool full; };
static void add(struct text *t, const char *s, size_t n)
{
    if (n >= t->room) { t->full = true; return; }
    memcpy(t->at, s, n);
    t->at += n;
    t->room -= n;
}
static void add_number(struct text *t, int value, int width, bool plain)
{
    char s[16];
    int n = sprintf(s, "%0*d", plain ? 1 : width, value);
    add(t, s, n);
}
static void expand(struct text *t, const char *format, const struct tm *tm)
{
    for (; *format && !t->full; format++)
    {
        bool plain = false;
        int hour = tm->tm_hour % 12 ? tm->tm_hour % 12 : 12;

        if (*format != '%') { add(t, format, 1); continue; }
        if (*++format == '#') { plain = true; format++; }
        switch (*format)
        {
        case 'a': add(t, day_names + tm->tm_wday * 10, 3); break;
        case 'A': add(t, day_names + tm->tm_wday * 10, strlen(day_names + tm->tm_wday * 10)); break;
        case 'b': case 'h': add(t, month_names + tm->tm_mon * 10, 3); break;
        case 'B': add(t, month_names + tm->tm_mon * 10, strlen(month_names + tm->tm_mon * 10)); break;
        case 'c': expand(t, plain ? "%A, %B %d, %Y %H:%M:%S" : "%m/%d/%y %H:%M:%S", tm); break;
        case 'd': add_number(t, tm->tm_mday, 2, plain); break;
        case 'H': add_number(t, tm->tm_hour, 2, plain); break;
        case 'I': add_number(t, hour, 2, plain); break;
        case 'j': add_number(t, tm->tm_yday + 1, 3, plain); break;
        case 'm': add_number(t, tm->tm_mon + 1, 2, plain); break;
        case 'M': add_number(t, tm->tm_min, 2, plain); break;
        case 'p': add(t, tm->tm_hour < 12 ? "AM" : "PM", 2); break;
        case 'S': add_number(t, tm->tm_sec, 2, plain); break;
        case 'U': add_number(t, (tm->tm_yday + 7 - tm->tm_wday) / 7, 2, plain); break;
        case 'w': add_number(t, tm->tm_wday, 1, plain); break;
        case 'W': add_number(t, (tm->tm_yday + 7 - (tm->tm_wday + 6) % 7) / 7, 2, plain); break;
        case 'x': expand(t, plain ? "%A, %B %d, %Y" : "%m/%d/%y", tm); break;
        case 'X': expand(t, "%H:%M:%S", tm); break;
        case 'y': add_number(t, tm->tm_year % 100, 2, plain); break;
        case 'Y': add_number(t, tm->tm_year + 1900, 4, plain); break;
        case 'z': case 'Z':
            tz_once();
            add(t, _tzname[tm->tm_isdst > 0], strlen(_tzname[tm->tm_isdst > 0]));
            break;
        case '%': add(t, "%", 1); break;
        case 0: return;
        default: t->full = true; errno = E_INVAL; return;
        }
    }
}
CRT_API(size_t, strftime, char *buffer, size_t size, const char *format, const struct tm *tm)
{
    struct text t = { buffer, size, false };

    if (!buffer || !size || !format || !tm || tm->tm_wday < 0 || tm->tm_wday > 6 || tm->tm_mon < 0 || tm->tm_mon > 11) { errno = E_INVAL; return 0; }
    expand(&t, format, tm);
    if (t.full) { buffer[0] = 0; if (errno != E_INVAL) errno = E_RANGE; return 0; }
    *t.at = 0;
    return t.at - buffer;
}
CRT_API(size_t, wcsftime, crt_wchar *buffer, size_t size, const crt_wchar *format, const struct tm *tm)
{
    char *f = format ? crt_to_narrow(format) : NULL, *out = malloc(size * 3 + 1);
    size_t n = 0;

    if (f && out && strftime(out, size * 3 + 1, f, tm))
    {
        n = MultiByteToWideChar(CP_ACP, 0, out, -1, (WCHAR *)buffer, size);
        if (n) n--;
    }
    free(f);
    free(out);
    return n;
}
static char *now_text(char *out, const char *format)
{
    SYSTEMTIME st;
    GetLocalTime(&st);
    if (*format == 'd') sprintf(out, "%02d/%02d/%02d", st.wMonth, st.wDay, st.wYear % 100);
    else sprintf(out, "%02d:%02d:%02d", st.wHour, st.wMinute, st.wSecond);
    return out;
}
CRT_API(char *, _strdate, char *out) { return now_text(out, "d"); }
CRT_API(char *, _strtime, char *out) { return now_text(out, "t"); }
