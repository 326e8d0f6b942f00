/* Looking a few times before going to sleep.
 *
 * Waking up a processor that sleeps takes longer (35 us in an idle virtual machine) than most of what one process asks of
 * another. So who waits for the other looks again and again for a while first. Where that comes to nothing, because the
 * other has more to do or no processor to do it on, it is tried ever more rarely: what it costs then is nothing to speak of.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

#define SPIN_REPLY_NS   25000           /* for the answer of somebody who is awake */
#define SPIN_REQUEST_NS 60000           /* for the next request of somebody who has to wake up and see the answer before */
#define SPIN_REST_MAX   1023

struct spin                             /* kept from one wait to the next; starts all zero */
{
    unsigned int rest, rest_next;       /* waits without, now and after the next one that comes to nothing */
    int64_t until;                      /* 0: not now, or it came to nothing */
};

static inline int64_t spin_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * INT64_C(1000000000) + now.tv_nsec;
}

/* for (spin_start(&spin, ns); spin_on(&spin);) look, and leave the loop if it is there. */
static inline void spin_start(struct spin *spin, int64_t ns)
{
    if (spin->until)                    /* the last one was left */
        spin->rest_next /= 2;
    spin->until = spin->rest ? 0 : spin_now() + ns;
    if (spin->rest)
        spin->rest--;
}

static inline bool spin_on(struct spin *spin)
{
    if (!spin->until)
        return false;
    if (spin_now() < spin->until)
        return true;
    spin->until = 0;
    spin->rest_next = spin->rest_next < SPIN_REST_MAX ? 2 * spin->rest_next + 1 : SPIN_REST_MAX;
    spin->rest = spin->rest_next;
    return false;
}
