/* What Windows wants to know of the processors.
 *
 * Windows numbers those of a group densely. A process that may run on some only (taskset, a container) sees just
 * those, numbered from 0; more than 64 would need processor groups and are not shown.
 */
#include <cpuid.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <unistd.h>
#include "ps/cpu.h"
#include "oriel/cpu_features.h"

#define MAX_CPUS 64

static pthread_once_t once = PTHREAD_ONCE_INIT;
static unsigned int count;
static int numbers[MAX_CPUS];           /* Linux's, by ours */

static void find_cpus(void)
{
    cpu_set_t set;
    int cpu;

    if (sched_getaffinity(getpid(), sizeof(set), &set))
        CPU_ZERO(&set);
    for (cpu = 0; cpu < CPU_SETSIZE && count < MAX_CPUS; cpu++)
        if (CPU_ISSET(cpu, &set))
            numbers[count++] = cpu;
    if (!count)
        count = 1;                      /* more processors than a cpu_set_t has, or no permission to know */
}

unsigned int cpu_count(void)
{
    pthread_once(&once, find_cpus);
    return count;
}

uint64_t cpu_mask(void)
{
    return ~(uint64_t)0 >> (64 - cpu_count());
}

int cpu_host_number(unsigned int cpu)
{
    return cpu < cpu_count() ? numbers[cpu] : -1;
}

unsigned int cpu_current(void)
{
    int cpu = sched_getcpu();
    unsigned int i;

    for (i = 0; i < cpu_count(); i++)
        if (numbers[i] == cpu)
            return i;
    return cpu < 0 ? 0 : (unsigned int)cpu % cpu_count();
}

bool cpu_bind(int linux_tid, uint64_t mask)
{
    unsigned int i;
    cpu_set_t set;

    CPU_ZERO(&set);
    for (i = 0; i < cpu_count(); i++)
        if (mask >> i & 1)
            CPU_SET(numbers[i], &set);
    return !sched_setaffinity(linux_tid, sizeof(set), &set);
}

/* What a new process counts as its processors is what its creator's thread may run on at that moment. */
uint64_t cpu_bind_self(uint64_t mask)
{
    uint64_t before = 0;
    unsigned int i;
    cpu_set_t set;

    if (sched_getaffinity(0, sizeof(set), &set))
        return 0;
    for (i = 0; i < cpu_count(); i++)
        if (CPU_ISSET(numbers[i], &set))
            before |= (uint64_t)1 << i;
    return before != mask && cpu_bind(0, mask) ? before : 0;
}

const char *cpu_vendor(void)
{
    static char vendor[13];
    unsigned int a, b, c, d;

    if (!vendor[0])                     /* the instruction takes microseconds in a virtual machine, so not __get_cpuid(), two of them */
    {
        __cpuid(0, a, b, c, d);
        memcpy(vendor, &b, 4);
        memcpy(vendor + 4, &d, 4);
        memcpy(vendor + 8, &c, 4);
    }
    return vendor;
}

void cpu_identity(unsigned int *family, unsigned int *model, unsigned int *stepping)
{
    unsigned int a, b, c, d;

    __cpuid(1, a, b, c, d);
    *family = a >> 8 & 15;
    *model = a >> 4 & 15;
    *stepping = a & 15;
    if (*family == 6 || *family == 15)
        *model |= a >> 12 & 0xf0;
    if (*family == 15)
        *family += a >> 20 & 0xff;
}

void cpu_features(BOOLEAN *features, unsigned int size)
{
    oriel_cpu_features(features, size);
}

/* The lines "cpuN user nice system idle iowait irq softirq ..." of /proc/stat, in clock ticks. */
void cpu_times(struct cpu_times *times)
{
    uint64_t tick = 10000000 / (uint64_t)sysconf(_SC_CLK_TCK), n[7];
    FILE *file = fopen("/proc/stat", "re");
    char line[256];
    unsigned int i;
    int number;

    memset(times, 0, MAX_CPUS * sizeof(*times));
    while (file && fgets(line, sizeof(line), file))
    {
        if (sscanf(line, "cpu%d %lu %lu %lu %lu %lu %lu %lu", &number, &n[0], &n[1], &n[2], &n[3], &n[4], &n[5], &n[6]) != 8)
            continue;
        for (i = 0; i < cpu_count(); i++)
            if (numbers[i] == number)
            {
                times[i].user = (n[0] + n[1]) * tick;
                times[i].kernel = (n[2] + n[5] + n[6]) * tick;
                times[i].idle = (n[3] + n[4]) * tick;
            }
    }
    if (file)
        fclose(file);
}

uint64_t cpu_idle_time(void)
{
    struct cpu_times times[MAX_CPUS];
    uint64_t total = 0;
    unsigned int i;

    cpu_times(times);
    for (i = 0; i < cpu_count(); i++)
        total += times[i].idle;
    return total;
}
