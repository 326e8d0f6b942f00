/* Memory conditions.
 *
 * Low is signalled below 1/128 of the memory, 64 MiB at most; high above three times that (the documentation of
 * CreateMemoryResourceNotification tells the sizes for 4 GiB). A helper thread, started when somebody opens one of
 * the events, looks once a second: what Linux would tell without asking (pressure stall triggers) needs a privilege.
 */
#include <pthread.h>
#include <signal.h>
#include <sys/prctl.h>
#include <time.h>

#include "host/host.h"
#include "ob/dispatcher.h"
#include "ob/memory_condition.h"

#define LOW_LIMIT (64ull << 20)

static struct object *conditions[MEMORY_CONDITIONS];            /* set once, under the name lock */
static pthread_once_t watch_once = PTHREAD_ONCE_INIT;

struct object *memory_condition(enum memory_condition which)
{
    if (!conditions[which]) conditions[which] = event_alloc(which == MEMORY_ERRORS ? SynchronizationEvent : NotificationEvent, false);
    return conditions[which];
}

static void set_condition(enum memory_condition which, bool on)
{
    struct object *event = __atomic_load_n(&conditions[which], __ATOMIC_ACQUIRE);

    if (!event) return;
    if (on) cell_set(dispatcher_cell(event));
    else cell_reset(dispatcher_cell(event));
}

void memory_condition_error(void)
{
    set_condition(MEMORY_ERRORS, true);
}

static void look(void)
{
    uint64_t total, available, low;

    if (!host->memory_available(&total, &available)) return;
    low = total / 128 < LOW_LIMIT ? total / 128 : LOW_LIMIT;
    set_condition(MEMORY_LOW, available < low);
    set_condition(MEMORY_HIGH, available > 3 * low);
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
    /* The kernel tells of a bad page when it finds it, not when it is touched, if it is asked to. */
    if (object == conditions[MEMORY_ERRORS]) prctl(PR_MCE_KILL, PR_MCE_KILL_SET, PR_MCE_KILL_EARLY, 0, 0);
    if (object != conditions[MEMORY_LOW] && object != conditions[MEMORY_HIGH]) return;
    look();
    pthread_once(&watch_once, start_watch);
}
