/* A host whose Nth call fails: the real one, with a countdown in front of each call that may. */
#pragma once

#include <stdlib.h>
#include <string.h>
#include "vm/vm.h"
#include "host/host.h"
#include "scarce.h"
#include "tap.h"

static long countdown;          /* the call that makes it 0 fails; 0: nothing fails */
static bool failed;
static struct host_ops real, failing;

static inline bool fails(void)
{
    if (!countdown || --countdown) return false;
    return failed = true;
}

/* Every call of the table that can be refused; what it says then. */
#define FAILING_CALLS(CALL) \
    CALL(map, STATUS_NO_MEMORY, (uintptr_t a, size_t b, unsigned c, unsigned d, int e, uint64_t f, const char *g), (a, b, c, d, e, f, g)) \
    CALL(map_own, STATUS_NO_MEMORY, (uintptr_t *a, size_t b, const char *c), (a, b, c)) \
    CALL(unmap, STATUS_NO_MEMORY, (uintptr_t a, size_t b, const char *c), (a, b, c)) \
    CALL(protect, STATUS_NO_MEMORY, (uintptr_t a, size_t b, unsigned c, const char *d), (a, b, c, d)) \
    CALL(discard, STATUS_NO_MEMORY, (uintptr_t a, size_t b, const char *c), (a, b, c)) \
    CALL(may_drop, STATUS_NOT_SUPPORTED, (uintptr_t a, size_t b, const char *c), (a, b, c)) \
    CALL(held, STATUS_NOT_SUPPORTED, (uintptr_t a, uintptr_t b, bool *c, uintptr_t *d), (a, b, c, d)) \
    CALL(keep, STATUS_NO_MEMORY, (uintptr_t a, size_t b), (a, b)) \
    CALL(memory_create, STATUS_TOO_MANY_OPENED_FILES, (int *a, uint64_t b, const char *c, bool d), (a, b, c, d)) \
    CALL(file_dup, STATUS_TOO_MANY_OPENED_FILES, (int *a, int b), (a, b)) \
    CALL(file_info, STATUS_IO_DEVICE_ERROR, (int a, struct host_file_info *b), (a, b)) \
    CALL(file_grow, STATUS_DISK_FULL, (int a, uint64_t b, uint64_t c), (a, b, c)) \
    CALL(file_read, STATUS_IO_DEVICE_ERROR, (int a, void *b, size_t c, uint64_t d), (a, b, c, d)) \
    CALL(file_fill, STATUS_DISK_FULL, (int a, uint64_t b, uint64_t c), (a, b, c)) \
    CALL(file_punch, STATUS_NOT_SUPPORTED, (int a, uint64_t b, uint64_t c), (a, b, c)) \
    CALL(file_flush, STATUS_DISK_FULL, (int a, uint64_t b, uint64_t c), (a, b, c)) \
    CALL(lock, STATUS_NO_MEMORY, (uintptr_t a, size_t b, bool c), (a, b, c)) \
    CALL(unlock, STATUS_NO_MEMORY, (uintptr_t a, size_t b), (a, b)) \
    CALL(copied, STATUS_NOT_SUPPORTED, (uintptr_t a, uintptr_t b, bool *c, uintptr_t *d), (a, b, c, d)) \
    CALL(watch, STATUS_NOT_SUPPORTED, (uintptr_t a, size_t b), (a, b)) \
    CALL(watch_clean, STATUS_NO_MEMORY, (uintptr_t a, size_t b), (a, b)) \
    CALL(watch_scan, STATUS_NO_MEMORY, (uintptr_t a, uintptr_t b, uintptr_t *c, size_t *d, uintptr_t *e), (a, b, c, d, e))

#define DEFINE_FAILING(name, status, params, args) static vm_status failing_##name params { return fails() ? status : real.name args; }
FAILING_CALLS(DEFINE_FAILING)
#undef DEFINE_FAILING

static inline void failing_start(void)
{
    real = failing = host_linux;
#define SET_FAILING(name, status, params, args) failing.name = failing_##name;
    FAILING_CALLS(SET_FAILING)
#undef SET_FAILING
    host = &failing;
    use_up_first_nodes();
}

/* From here on nothing fails: a story gives back what it got. */
static inline void calm(void)
{
    countdown = 0;
    plenty();
}

static inline bool invariants(void)
{
    const char *why;
    int number = vm_check(&why);

    if (number) printf("# invariant %d: %s\n", number, why);
    return !number;
}

/* One run of the story: with a host whose Nth call fails or, `poor`, with a manager that has N nodes of each kind. True: it
 * was refused something. */
static inline bool one_failure(bool (*story)(void), long n, bool poor, bool *done)
{
    failed = false;
    if (poor) scarce(n);
    else countdown = n;
    *done = story();
    calm();
    return poor ? own_refused : failed;
}

/* Runs the story until it is refused nothing any more; after each failure the charge is what it was and the invariants
 * hold. What a story got it gives back, after calm(). */
static inline void each_failure(const char *name, bool (*story)(void))
{
    uint64_t before, used, limit, peak;
    unsigned failures[2] = { 0, 0 };
    bool good = true;

    vm_commit_charge(&before, &limit, &peak);
    for (int poor = 0; poor < 2; poor++)
        for (long n = !poor; good && n < 500; n++)
        {
            bool done, refused = one_failure(story, n, poor, &done);

            vm_commit_charge(&used, &limit, &peak);
            good = invariants() && used == before && (done || refused);
            if (!good) printf("# %s %ld: charge %lx, was %lx\n", poor ? "nodes" : "host call", n, (long)used, (long)before);
            if (!refused) break;
            failures[poor]++;
        }
    printf("# %s: %u host calls fail, %u times nodes are missing\n", name, failures[0], failures[1]);
    ok(good && failures[0] + failures[1], name);
}
