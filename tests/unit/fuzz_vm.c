/* Sequences of operations from new seeds for a bounded time, against the model: what vm_model.c does with one seed.
 *
 *     fuzz_vm [SECONDS [SEED]]
 *
 * A sequence is short, so that its seed is soon found again with "fuzz_vm 1 SEED"; features and failing host calls are a
 * matter of chance too.
 */
#define FUZZ
#include <time.h>
#include "vm_model.c"

static bool one_sequence(uint64_t seed)
{
    unsigned long failures = 0;
    bool good;

    random_state = seed * 2654435761u + 1;
    host_caps.see_copies = chance(70);
    host_caps.watch_writes = host_caps.see_copies && chance(70);
    take_ballast();
    good = chance(80) ? run_random(200 + below(4000)) : run_failing(100 + below(300), &failures);
    drop_ballast();
    clear_everything();
    return good && !tap_failed;
}

int main(int argc, char **argv)
{
    unsigned int seconds = argc > 1 ? (unsigned int)atoi(argv[1]) : 3;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 0) : (uint64_t)time(NULL) << 20;
    time_t end = time(NULL) + seconds;
    unsigned long rounds = 0;
    bool good = true;

    check(!vm_init());
    sim_start();
    host = &sim_host;
    host_caps.page_size = SIM_PAGE;
    random_state = seed * 2 + 1;
    use_up_first_nodes();
    vm_lock_limit(MODEL_LOCK_LIMIT * SIM_PAGE);
    occupy();
    while (good && time(NULL) < end)
    {
        good = one_sequence(seed);
        if (!good) printf("# seed %llu\n", (unsigned long long)seed);
        seed++;
        rounds++;
    }
    printf("# %lu sequences\n", rounds);
    ok(good, "each sequence agrees with the model");
    return tap_done();
}
