/* Clocks and CPU times in Windows' units. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>
#include "ps/times.h"

static uint64_t from_timeval(struct timeval tv)
{
    return (uint64_t)tv.tv_sec * 10000000 + (uint64_t)tv.tv_usec * 10;
}

static void from_rusage(int who, uint64_t *user, uint64_t *kernel)
{
    struct rusage usage = { 0 };

    getrusage(who, &usage);
    *user = from_timeval(usage.ru_utime);
    *kernel = from_timeval(usage.ru_stime);
}

static uint64_t more_user, more_kernel;

void times_add(uint64_t user, uint64_t kernel)
{
    more_user += user;
    more_kernel += kernel;
}

void times_of_process(uint64_t *user, uint64_t *kernel)
{
    from_rusage(RUSAGE_SELF, user, kernel);
    *user += more_user;
    *kernel += more_kernel;
}

void times_of_thread(int linux_tid, uint64_t *user, uint64_t *kernel)
{
    unsigned long utime, stime;
    char path[64], text[1024], *p;
    uint64_t tick = 10000000 / (uint64_t)sysconf(_SC_CLK_TCK);
    ssize_t size;
    int fd;

    if (!linux_tid || linux_tid == gettid())
    {
        from_rusage(RUSAGE_THREAD, user, kernel);
        return;
    }
    *user = *kernel = 0;
    snprintf(path, sizeof(path), "/proc/self/task/%d/stat", linux_tid);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return;
    size = read(fd, text, sizeof(text) - 1);
    close(fd);
    if (size <= 0)
        return;
    text[size] = 0;
    for (p = text + size; p > text && *p != ')'; p--)   /* the name may have spaces and parentheses */
        ;
    if (sscanf(p, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu", &utime, &stime) == 2)
    {
        *user = utime * tick;
        *kernel = stime * tick;
    }
}

uint64_t system_time(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_REALTIME, &ts);
    return (uint64_t)ts.tv_sec * 10000000 + (uint64_t)ts.tv_nsec / 100 + EPOCH_DIFFERENCE;
}

uint64_t performance_counter(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_MONOTONIC, &ts);
    return (uint64_t)ts.tv_sec * PERFORMANCE_FREQUENCY + (uint64_t)ts.tv_nsec / (1000000000 / PERFORMANCE_FREQUENCY);
}

uint64_t interrupt_time(void)
{
    struct timespec ts;

    clock_gettime(CLOCK_BOOTTIME, &ts);
    return (uint64_t)ts.tv_sec * 10000000 + (uint64_t)ts.tv_nsec / 100;
}
