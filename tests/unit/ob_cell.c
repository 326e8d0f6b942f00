/* Cells: what each kind does, and that no wake-up is lost when many threads meet. */
#include <pthread.h>
#include <stdio.h>
#include <unistd.h>

#include "ob/cell.h"
#include "ps/thread.h"
#include "tap.h"

/* ---- what cells need of threads ------------------------------------------------------------------------ */

__thread struct thread *thread_self;
static __thread struct thread me;

NTSTATUS thread_check_alert(bool alertable)
{
    if (alertable && __atomic_exchange_n(&thread_self->alerted, 0, __ATOMIC_SEQ_CST)) return STATUS_ALERTED;
    return STATUS_SUCCESS;
}

uint64_t timer_apcs_run(void)
{
    return DEADLINE_NEVER;
}

static void thread_enter(void)
{
    me.alert = cell_alloc(CELL_AUTO, 0, 1);
    thread_self = &me;
}

static uint64_t after(unsigned int ms)
{
    return monotonic_now() + ms * 1000000ull;
}

static NTSTATUS poll_one(struct cell *cell)
{
    return cell_wait(&cell, 1, false, false, 0);
}

/* ---- one thread -------------------------------------------------------------------------------------------- */

static void test_events(void)
{
    struct cell *manual = cell_alloc(CELL_MANUAL, 0, 1), *autom = cell_alloc(CELL_AUTO, 1, 1);

    ok(poll_one(manual) == STATUS_TIMEOUT, "a new event is not signalled");
    ok(cell_set(manual) == 0 && cell_set(manual) == 1, "set tells the state before");
    ok(poll_one(manual) == 0 && poll_one(manual) == 0, "a manual event stays signalled");
    ok(cell_reset(manual) == 1 && cell_reset(manual) == 0, "reset tells the state before");
    ok(cell_pulse(manual) == 0 && poll_one(manual) == STATUS_TIMEOUT, "a pulse leaves it cleared");
    ok(poll_one(autom) == 0 && poll_one(autom) == STATUS_TIMEOUT, "a wait takes an auto event");
    cell_set(autom);
    ok(cell_pulse(autom) == 1 && !cell_is_signaled(autom), "a pulse that nobody sees clears an auto event");
    cell_free(manual);
    cell_free(autom);
}

static void test_semaphore(void)
{
    struct cell *cell = cell_alloc(CELL_SEMAPHORE, 1, 3);
    uint32_t previous = 77;

    ok(cell_release_semaphore(cell, 3, &previous) == STATUS_SEMAPHORE_LIMIT_EXCEEDED && previous == 77,
       "beyond the limit nothing changes");
    ok(!cell_release_semaphore(cell, 2, &previous) && previous == 1, "release tells the count before");
    ok(!poll_one(cell) && !poll_one(cell) && !poll_one(cell) && poll_one(cell) == STATUS_TIMEOUT, "three can be taken");
    cell_free(cell);
}

static void *own_and_end(void *arg)
{
    thread_enter();
    poll_one(arg);
    cell_abandon_mutant(arg, gettid());
    return NULL;
}

static void test_mutant(void)
{
    struct cell *cell = cell_alloc(CELL_MUTANT, 1, 1);
    uint32_t previous;
    pthread_t thread;

    ok(cell_release_mutant(cell, NULL) == STATUS_MUTANT_NOT_OWNED, "who does not own it cannot release it");
    ok(!poll_one(cell) && !poll_one(cell) && cell_mutant_count(cell) == -1, "its owner may take it again");
    ok(!cell_release_mutant(cell, &previous) && previous == 2 && cell_mutant_count(cell) == 0, "released once");
    ok(!cell_release_mutant(cell, &previous) && previous == 1 && cell_mutant_count(cell) == 1, "released twice");
    pthread_create(&thread, NULL, own_and_end, cell);
    pthread_join(thread, NULL);
    ok(cell_mutant_is_abandoned(cell), "its owner ended");
    ok(poll_one(cell) == STATUS_ABANDONED_WAIT_0, "the next one is told so");
    ok(poll_one(cell) == 0, "but only once");
    cell_free(cell);
}

static void test_timer(void)
{
    struct cell *manual = cell_alloc(CELL_TIMER_MANUAL, 0, 0), *autom = cell_alloc(CELL_TIMER_AUTO, 0, 0);
    uint64_t start = monotonic_now();
    bool signaled;
    int i;

    cell_set_timer(manual, start + 20000000, 0);
    ok(poll_one(manual) == STATUS_TIMEOUT, "not before it is due");
    ok(cell_timer_next(manual, &signaled) == start + 20000000 && !signaled, "it tells when it is due");
    ok(cell_wait(&manual, 1, false, false, DEADLINE_NEVER) == 0, "then it is signalled");
    ok(monotonic_now() >= start + 20000000, "not too early");
    ok(poll_one(manual) == 0, "and stays so");
    cell_set_timer(manual, 0, 0);
    ok(poll_one(manual) == 0, "cancelling does not change that");
    cell_set_timer(manual, after(10000), 0);
    ok(poll_one(manual) == STATUS_TIMEOUT, "setting it does");

    start = monotonic_now();
    cell_set_timer(autom, start + 5000000, 5000000);
    for (i = 0; i < 4; i++) cell_wait(&autom, 1, false, false, DEADLINE_NEVER);
    ok(monotonic_now() >= start + 20000000, "four periods take four periods");
    ok(poll_one(autom) == STATUS_TIMEOUT, "a wait takes an auto timer");
    cell_free(manual);
    cell_free(autom);
}

static void test_many(void)
{
    struct cell *cells[3] = { cell_alloc(CELL_AUTO, 0, 1), cell_alloc(CELL_MANUAL, 1, 1), cell_alloc(CELL_SEMAPHORE, 2, 2) };

    ok(cell_wait(cells, 3, false, false, 0) == 1, "the first that is signalled");
    ok(cell_wait(cells, 3, true, false, 0) == STATUS_TIMEOUT, "not all are");
    ok(cells[2]->value == 2, "so nothing was taken");
    cell_set(cells[0]);
    ok(cell_wait(cells, 3, true, false, 0) == 0, "all are");
    ok(!cell_is_signaled(cells[0]) && cells[2]->value == 1, "and were taken");
    ok(cell_wait(cells, 1, false, false, after(15)) == STATUS_TIMEOUT, "a deadline ends a wait");
    me.alerted = 1;
    ok(cell_wait(cells, 1, false, true, DEADLINE_NEVER) == STATUS_ALERTED, "an alert ends an alertable wait");
    ok(cell_wait(cells, 0, false, false, after(1)) == STATUS_TIMEOUT, "a wait for nothing is a sleep");
    cell_free(cells[0]);
    cell_free(cells[1]);
    cell_free(cells[2]);
}

/* ---- many threads ---------------------------------------------------------------------------------------------- */

#define THREADS 6
#define ROUNDS  20000

static struct cell *shared[3];
static uint32_t taken[3];

static void *ping(void *arg)
{
    struct cell **pair = arg;
    int i;

    thread_enter();
    for (i = 0; i < ROUNDS; i++)
    {
        cell_wait(&pair[0], 1, false, false, DEADLINE_NEVER);
        cell_set(pair[1]);
    }
    return NULL;
}

static void test_ping_pong(void)
{
    struct cell *pair[2] = { cell_alloc(CELL_AUTO, 0, 1), cell_alloc(CELL_AUTO, 0, 1) };
    NTSTATUS status = 0;
    pthread_t thread;
    int i;

    pthread_create(&thread, NULL, ping, pair);
    for (i = 0; i < ROUNDS && !status; i++)
    {
        cell_set(pair[0]);
        status = cell_wait(&pair[1], 1, false, false, after(10000));
    }
    ok(!status, "ping-pong");
    if (!status) pthread_join(thread, NULL);
}

/* Waits for any of the three until told to end by the last of them; counts what it got. */
static void *eater(void *arg)
{
    struct cell *cells[4] = { shared[0], shared[1], shared[2], arg };
    NTSTATUS status;

    thread_enter();
    while ((status = cell_wait(cells, 4, false, false, DEADLINE_NEVER)) != 3)
        __atomic_add_fetch(&taken[status], 1, __ATOMIC_SEQ_CST);
    return NULL;
}

/* Of three semaphores: nothing that was released may be left over, however many wait for any of them. */
static void test_any_stress(void)
{
    struct cell *end = cell_alloc(CELL_MANUAL, 0, 1);
    pthread_t threads[THREADS];
    uint32_t left = 0;
    int i, j;

    for (i = 0; i < 3; i++) shared[i] = cell_alloc(CELL_SEMAPHORE, 0, INT32_MAX);
    for (i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, eater, end);
    for (i = 0; i < ROUNDS; i++)
    {
        cell_release_semaphore(shared[i % 3], 1 + i % 2, NULL);
        if (i % 64 == 0) usleep(50);
    }
    for (j = 0; j < 2000; j++)
    {
        for (left = 0, i = 0; i < 3; i++) left += __atomic_load_n(&shared[i]->value, __ATOMIC_SEQ_CST);
        if (!left) break;
        usleep(5000);
    }
    ok(!left, "nothing is left while everybody waits");
    cell_set(end);
    for (i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    ok(taken[0] + taken[1] + taken[2] == ROUNDS + ROUNDS / 2, "everything was taken once");
}

static uint32_t inside, collisions, meals;

/* Dining: takes two neighbouring forks at once; nobody else may have either meanwhile. */
static void *diner(void *arg)
{
    unsigned int seat = (uintptr_t)arg, a = seat % 3, b = (seat + 1) % 3;
    struct cell *forks[2] = { shared[a], shared[b] };
    int i;

    thread_enter();
    for (i = 0; i < ROUNDS / 10; i++)
    {
        uint32_t mine = 1u << a | 1u << b;
        NTSTATUS status = cell_wait(forks, 2, true, false, after(20000));

        if (status) return NULL;
        if (__atomic_fetch_or(&inside, mine, __ATOMIC_SEQ_CST) & mine)
            __atomic_add_fetch(&collisions, 1, __ATOMIC_SEQ_CST);
        __atomic_add_fetch(&meals, 1, __ATOMIC_SEQ_CST);
        __atomic_fetch_and(&inside, ~mine, __ATOMIC_SEQ_CST);
        cell_set(shared[a]);
        cell_set(shared[b]);
    }
    return NULL;
}

static void test_all_stress(void)
{
    pthread_t threads[THREADS];
    uintptr_t i;

    for (i = 0; i < 3; i++) shared[i] = cell_alloc(CELL_AUTO, 1, 1);
    for (i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, diner, (void *)i);
    for (i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    ok(meals == THREADS * (ROUNDS / 10), "every meal was had");
    ok(!collisions, "nobody shared a fork");
}

static uint32_t counter;

static void *locker(void *arg)
{
    struct cell *mutant = arg;
    int i;

    thread_enter();
    for (i = 0; i < ROUNDS / 4; i++)
    {
        cell_wait(&mutant, 1, false, false, DEADLINE_NEVER);
        counter++;
        cell_release_mutant(mutant, NULL);
    }
    return NULL;
}

static void test_mutant_stress(void)
{
    struct cell *mutant = cell_alloc(CELL_MUTANT, 1, 1);
    pthread_t threads[THREADS];
    int i;

    for (i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, locker, mutant);
    for (i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    ok(counter == THREADS * (ROUNDS / 4), "every increment under the mutant counted");
}

static void *pulsed(void *arg)
{
    struct cell *cell = arg;

    thread_enter();
    return (void *)(intptr_t)cell_wait(&cell, 1, false, false, after(5000));
}

static void test_pulse_waiters(void)
{
    enum cell_kind kinds[2] = { CELL_MANUAL, CELL_AUTO };
    int k, i;

    for (k = 0; k < 2; k++)
    {
        struct cell *cell = cell_alloc(kinds[k], 0, 1);
        pthread_t threads[3];
        void *result;
        int released = 0;

        for (i = 0; i < 3; i++) pthread_create(&threads[i], NULL, pulsed, cell);
        while (__atomic_load_n(&cell->waiters, __ATOMIC_SEQ_CST) < 3) usleep(100);
        usleep(2000);
        cell_pulse(cell);
        usleep(20000);
        if (kinds[k] == CELL_AUTO)
        {
            ok(__atomic_load_n(&cell->waiters, __ATOMIC_SEQ_CST) == 2, "a pulse of an auto event releases one of three");
            cell_set(cell);
            usleep(20000);
            cell_set(cell);
        }
        for (i = 0; i < 3; i++)
        {
            pthread_join(threads[i], &result);
            if (!result) released++;
        }
        ok(released == 3, "all three were released");
        ok(!cell_is_signaled(cell), "nothing is left of it");
        cell_free(cell);
    }
}

static void time_set_and_wait(void)
{
    struct cell *cell = cell_alloc(CELL_AUTO, 0, 1);
    uint64_t start = monotonic_now();
    int i, n = 1000000;

    for (i = 0; i < n; i++)
    {
        cell_set(cell);
        cell_wait(&cell, 1, false, false, DEADLINE_NEVER);
    }
    printf("# set + wait, nobody else there: %.1f ns\n", (double)(monotonic_now() - start) / n);
}

/* A cell is only taken from memory that cannot be cut off under it. */
static void test_import(void)
{
    struct cell cell = { .kind = CELL_AUTO, .shared = CELL_SHARED }, *imported;
    FILE *file = tmpfile();
    bool kept;

    ok(file && fwrite(&cell, sizeof(cell), 1, file) == 1 && !fflush(file) && !ftruncate(fileno(file), 1 << 20), "a file");
    imported = cell_import(fileno(file), 0, &kept);
    ok(!imported && !kept, "a cell in a file that may become shorter is refused");
    cell_free(imported);
    fclose(file);
}

int main(void)
{
    thread_enter();
    test_events();
    test_semaphore();
    test_mutant();
    test_timer();
    test_many();
    test_ping_pong();
    test_any_stress();
    test_all_stress();
    test_mutant_stress();
    test_pulse_waiters();
    test_import();
    time_set_and_wait();
    return tap_done();
}
