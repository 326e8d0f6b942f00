/* Memory conditions: the events follow the numbers that the host tells. */
#include <time.h>

#include "host/host.h"
#include "nt/nt.h"
#include "ob/dispatcher.h"
#include "ob/memory_condition.h"
#include "ob_stubs.h"
#include "tap.h"

static uint64_t total, available;

static bool told(uint64_t *total_out, uint64_t *available_out)
{
    *total_out = total;
    *available_out = available;
    return true;
}

static bool is_set(struct object *event)
{
    return cell_is_signaled(dispatcher_cell(event));
}

/* What must come within two looks of the watching thread. */
static bool becomes(struct object *low, bool low_set, struct object *high, bool high_set)
{
    static const struct timespec moment = { 0, 20000000 };

    for (int i = 0; i < 150; i++)
    {
        if (is_set(low) == low_set && is_set(high) == high_set) return true;
        nanosleep(&moment, NULL);
    }
    return false;
}

int main(void)
{
    struct host_ops ops = host_linux;
    struct object *low = memory_condition(MEMORY_LOW), *high = memory_condition(MEMORY_HIGH), *errors = memory_condition(MEMORY_ERRORS);

    ops.memory_available = told;
    host = &ops;
    total = 16ull << 30;
    available = 8ull << 30;
    ok(low && high && errors && low == memory_condition(MEMORY_LOW), "the events");
    ok(!is_set(low) && !is_set(high), "nobody looked yet");
    memory_condition_opened(low);
    ok(!is_set(low) && is_set(high), "opening looks: much memory");
    available = 20ull << 20;
    ok(becomes(low, true, high, false), "20 MiB left: little");
    available = 100ull << 20;
    ok(becomes(low, false, high, false), "100 MiB left: neither");
    available = 4ull << 30;
    ok(becomes(low, false, high, true), "4 GiB left: much again");
    total = 1ull << 30;
    available = 10ull << 20;
    ok(becomes(low, false, high, false), "10 MiB of 1 GiB: neither");
    available = 7ull << 20;
    ok(becomes(low, true, high, false), "7 MiB of 1 GiB: little");
    ok(!is_set(errors), "no page is bad");
    memory_condition_error();
    ok(is_set(errors), "now one is");
    return tap_done();
}
