/* Case of UTF-16 units, as the NT name space sees it: one to one, invertible, no locale. */
#pragma once

#ifndef CASEMAP_ON_ELF               /* the Unix side includes the table too */
#include "rtl.h"
#endif

struct case_range
{
    unsigned short first, last;   /* both included */
    unsigned short step;          /* 1 or 2: every unit of the run, or every other */
    unsigned short delta;         /* to the partner, modulo 65536 */
};

extern WCHAR case_upper_slow(WCHAR c);
extern WCHAR case_lower_slow(WCHAR c);

static inline WCHAR case_upper(WCHAR c)
{
    if (c < 0x80) return (unsigned int)(c - 'a') < 26 ? c - 32 : c;
    return case_upper_slow(c);
}

static inline WCHAR case_lower(WCHAR c)
{
    if (c < 0x80) return (unsigned int)(c - 'A') < 26 ? c + 32 : c;
    return case_lower_slow(c);
}
