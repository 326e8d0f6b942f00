/* TAP for the unit tests: plan at the end, exit status 1 if anything failed. */
#pragma once

#include <stdio.h>

static int tap_count, tap_failed;

static inline int tap_ok(int good, const char *file, int line, const char *what)
{
    printf("%sok %d - %s\n", good ? "" : "not ", ++tap_count, what);
    if (!good)
    {
        tap_failed++;
        printf("# failed at %s:%d\n", file, line);
    }
    return good;
}
#define ok(condition, what) tap_ok(!!(condition), __FILE__, __LINE__, what)

/* One line for many checks: report only what fails. */
#define check(condition) \
    do { if (!(condition)) { tap_ok(0, __FILE__, __LINE__, #condition); } } while (0)

static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed ? 1 : 0;
}
