/* TAP for the unit tests: plan at the end, exit status 1 if anything failed. */
#pragma once

#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

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

/* ---- what several tests need ---- */

static uint64_t random64_state = 1;

static inline uint64_t random64(void)   /* xorshift64 */
{
    random64_state ^= random64_state << 13;
    random64_state ^= random64_state >> 7;
    random64_state ^= random64_state << 17;
    return random64_state;
}

/* From a word of the command line, or (NULL) from the time. Returns what repeats it. */
static inline uint64_t random64_seed(const char *given)
{
    random64_state = given ? strtoull(given, NULL, 0) : (uint64_t)time(NULL) * 0x9e3779b97f4a7c15ull;
    if (!random64_state) random64_state = 1;
    return random64_state;
}

static inline unsigned int used_fds(void)
{
    unsigned int used = 0;

    for (int fd = 0; fd < 512; fd++) used += fcntl(fd, F_GETFD) >= 0;
    return used;
}
