/* Multimedia time: the clock in milliseconds, and how finely it ticks. */
#include <stdarg.h>

#define _WINMM_
#include "windef.h"
#include "winbase.h"
#include "mmsystem.h"

/* Waits here end when they are due, to the microsecond, whatever period a program asks for. */
enum { period_minimum = 1, period_maximum = 1000000 };

DWORD WINAPI timeGetTime(void)
{
    return GetTickCount();
}

MMRESULT WINAPI timeGetSystemTime(MMTIME *time, UINT size)
{
    if (size < sizeof(*time)) return TIMERR_STRUCT;
    time->wType = TIME_MS;
    time->u.ms = GetTickCount();
    return TIMERR_NOERROR;
}

MMRESULT WINAPI timeGetDevCaps(TIMECAPS *caps, UINT size)
{
    if (!caps) return TIMERR_NOCANDO;
    if (size < sizeof(*caps)) return TIMERR_NOCANDO;
    caps->wPeriodMin = period_minimum;
    caps->wPeriodMax = period_maximum;
    return TIMERR_NOERROR;
}

MMRESULT WINAPI timeBeginPeriod(UINT period)
{
    return period < period_minimum || period > period_maximum ? TIMERR_NOCANDO : TIMERR_NOERROR;
}

MMRESULT WINAPI timeEndPeriod(UINT period)
{
    return period < period_minimum || period > period_maximum ? TIMERR_NOCANDO : TIMERR_NOERROR;
}
