/* How a row of the table is measured, in bare Linux's program and in the Windows one alike: an operation is repeated
 * until that takes some time, that is done ROUNDS times, and the median is printed: NAME NANOSECONDS. bench/run starts
 * the programs in turn, many times: a machine whose clock drifts is then slow for all of them. */
#include <stdio.h>
#include <stdlib.h>

#define ROUNDS 9
#define ROUND_NS 2e6

static double now_ns(void);
static const char *last_error(void);

static int by_value(const void *a, const void *b) { double x = *(const double *)a, y = *(const double *)b; return (x > y) - (x < y); }

/* What COUNT times take, or a negative number if it did not work. */
static double repeat(int (*op)(void), int count)
{
    double start = now_ns();
    int i;

    for (i = 0; i < count; i++) if (!op()) return -1;
    return now_ns() - start;
}

static void row(const char *name, int (*op)(void))
{
    double times[ROUNDS], took;
    int round, count;

    for (count = 1; (took = repeat(op, count)) >= 0 && took < ROUND_NS; count *= 2) ;
    for (round = 0; took >= 0 && round < ROUNDS; round++) times[round] = took = repeat(op, count);
    if (took < 0)
    {
        printf("%s failed %s\n", name, last_error());
        return;
    }
    qsort(times, ROUNDS, sizeof(times[0]), by_value);
    printf("%s %.1f\n", name, times[ROUNDS / 2] / count);
    fflush(stdout);
}
