/* Memory conditions.
 *
 * Low is signalled below 1/128 of the memory, 64 MiB at most; high above three times that (the documentation of
 * CreateMemoryResourceNotification tells the sizes for 4 GiB). A helper thread, started when somebody opens one of
 * the events, looks once a second: what Linux would tell without asking (pressure stall triggers) needs a privilege.
 */
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <time.h>

#include "ob/dispatcher.h"
#include "ob/memory_condition.h"

static struct object *conditions[2];    /* low, high: set once, under the name lock */
static pthread_once_t watch_once = PTHREAD_ONCE_INIT;

struct object *memory_condition(bool high)
{
    if (!conditions[high]) conditions[high] = event_alloc(NotificationEvent, false);
    return conditions[high];
}

static void set_condition(bool high, bool on)
{
    struct object *event = __atomic_load_n(&conditions[high], __ATOMIC_ACQUIRE);

    if (!event) return;
    if (on) cell_set(dispatcher_cell(event));
    else cell_reset(dispatcher_cell(event));
}

static void look(void)
{
    unsigned long total = 0, available = 0, value, low;
    FILE *file = fopen("/proc/meminfo", "re");
    char line[128];

    while (file && fgets(line, sizeof(line), file))
    {
        if (sscanf(line, "MemTotal: %lu kB", &value) == 1) total = value;
        if (sscanf(line, "MemAvailable: %lu kB", &value) == 1) available = value;
    }
    if (file) fclose(file);
    if (!total) return;
    low = total / 128 < 65536 ? total / 128 : 65536;
    set_condition(false, available < low);
    set_condition(true, available > 3 * low);
}

static void *watch(void *arg)
{
    static const struct timespec second = { 1, 0 };

    (void)arg;
    for (;;)
    {
        clock_nanosleep(CLOCK_MONOTONIC, 0, &second, NULL);
        look();
    }
    return NULL;
}

static void start_watch(void)
{
    pthread_attr_t attr;
    pthread_t thread;
    sigset_t all, old;

    sigfillset(&all);
    pthread_sigmask(SIG_BLOCK, &all, &old);
    pthread_attr_init(&attr);
    pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
    pthread_attr_setstacksize(&attr, 64 * 1024);
    pthread_create(&thread, &attr, watch, NULL);        /* without it the state is that of the last opening */
    pthread_attr_destroy(&attr);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

void memory_condition_opened(struct object *object)
{
    if (object != conditions[0] && object != conditions[1]) return;
    look();
    pthread_once(&watch_once, start_watch);
}
