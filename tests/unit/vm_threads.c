/* Threads against each other: each works in memory of its own while all share the tree, the lock and two sections; then
 * the races that a program can make: protections changed under a writer's feet, faults on one page from all sides.
 * Worth most in a build with -fsanitize=thread.
 */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <ucontext.h>

#include "vm/vm.h"
#include "tap.h"

#define THREADS 4
#define ROUNDS 2000
#define P 0x1000u

static __thread sigjmp_buf *escape;
static unsigned long retries;

static void handler(int sig, siginfo_t *info, void *context)
{
    ucontext_t *uc = context;
    struct vm_fault fault = {
        .address = (uintptr_t)info->si_addr, .bus = sig == SIGBUS,
        .access = uc->uc_mcontext.gregs[REG_ERR] & 2 ? VM_ACCESS_WRITE : VM_ACCESS_READ,
    };
    vm_status status = vm_fault(&fault);

    if (status && escape) siglongjmp(*escape, status);
    if (status) abort();
    __atomic_add_fetch(&retries, 1, __ATOMIC_RELAXED);
}

static unsigned next_random(unsigned *state)
{
    *state = *state * 1664525 + 1013904223;
    return *state >> 8;
}

static struct section *shared_section, *reserved_section;
static unsigned failures;
#define must(condition) do { if (!(condition)) { __atomic_add_fetch(&failures, 1, __ATOMIC_RELAXED); printf("# line %d\n", __LINE__); } } while (0)

static void *worker(void *arg)
{
    unsigned state = (unsigned)(uintptr_t)arg;

    for (int i = 0; i < ROUNDS; i++)
    {
        uintptr_t base = 0, at;
        size_t size = (1 + next_random(&state) % 40) * P, whole = 0, part;
        struct vm_map map = { .protect = next_random(&state) % 2 ? PAGE_READWRITE : PAGE_WRITECOPY, .node = ~0u };
        struct vm_basic_info info;
        uint32_t old;

        must(!vm_allocate(&base, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, NULL, ~0u));
        *(volatile char *)(base + size - 1) = 1;
        at = base;
        part = P;
        must(!vm_protect(&at, &part, PAGE_READONLY, &old) && old == PAGE_READWRITE);
        must(!vm_query(base, &info) && info.protect == PAGE_READONLY && info.allocation_base == base);
        must(!view_map(shared_section, &map));
        *(volatile int *)(map.base + P * (uintptr_t)arg) = i;
        must(*(volatile int *)(map.base + P * (uintptr_t)arg) == i);
        must(!view_unmap(map.base + 5, 0));
        must(!vm_free(&base, &whole, MEM_RELEASE));
    }
    return NULL;
}

/* All write to one range while one of them changes its protection to and fro: no store may be lost, nobody dies. */
static uintptr_t race_base;
static int race_stop;
static unsigned long stores[THREADS];

/* (The race is the point, and the program's.) */
static __attribute__((no_sanitize("thread"))) void *writer(void *arg)
{
    volatile unsigned long *cell = (unsigned long *)(race_base + (uintptr_t)arg * 64);

    while (!__atomic_load_n(&race_stop, __ATOMIC_RELAXED))
    {
        sigjmp_buf here;

        escape = &here;
        if (!sigsetjmp(here, 1))
        {
            *cell = stores[(uintptr_t)arg] + 1;
            stores[(uintptr_t)arg]++;
        }
        escape = NULL;
    }
    return NULL;
}

static void race(const char *what, uint32_t first, uint32_t second)
{
    struct vm_map map = { .protect = PAGE_READWRITE, .node = ~0u };
    pthread_t threads[THREADS];
    bool good = true;
    uint32_t old;

    if (!ok(!view_map(shared_section, &map), "a view")) return;
    race_base = map.base;
    race_stop = 0;
    for (uintptr_t i = 0; i < THREADS; i++)
    {
        *(volatile unsigned long *)(map.base + i * 64) = stores[i] = 0;         /* a thread may come too late to write at all */
        pthread_create(&threads[i], NULL, writer, (void *)i);
    }
    for (int i = 0; i < ROUNDS; i++)
    {
        uintptr_t at = map.base;
        size_t size = P;

        good &= !vm_protect(&at, &size, first, &old) && !vm_protect(&at, &size, second, &old);
    }
    __atomic_store_n(&race_stop, 1, __ATOMIC_RELAXED);
    for (uintptr_t i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    {
        uintptr_t at = map.base;
        size_t size = P;

        good &= !vm_protect(&at, &size, PAGE_READONLY, &old);
    }
    for (uintptr_t i = 0; i < THREADS; i++) good &= *(volatile unsigned long *)(map.base + i * 64) == stores[i];
    ok(good, what);
    view_unmap(map.base, 0);
}

/* Late commit: one commits pages of a reserved section through its view, the others read through theirs. */
static int committed_pages;

static void *late_reader(void *arg)
{
    struct vm_map map = { .protect = PAGE_READONLY, .node = ~0u };
    int seen = 0;

    (void)arg;
    must(!view_map(reserved_section, &map));
    while (seen < 256)
    {
        int now = __atomic_load_n(&committed_pages, __ATOMIC_ACQUIRE);

        for (; seen < now; seen++) must(*(volatile int *)(map.base + (uintptr_t)seen * P) == seen + 1);
    }
    must(!view_unmap(map.base, 0));
    return NULL;
}

static void late_commit(void)
{
    struct vm_map map = { .protect = PAGE_READWRITE, .node = ~0u };
    pthread_t threads[THREADS];

    must(!view_map(reserved_section, &map));
    for (int i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, late_reader, NULL);
    for (int i = 0; i < 256; i++)
    {
        uintptr_t at = map.base + (uintptr_t)i * P;
        size_t size = P;

        must(!vm_allocate(&at, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u));
        *(volatile int *)at = i + 1;
        __atomic_store_n(&committed_pages, i + 1, __ATOMIC_RELEASE);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    must(!view_unmap(map.base, 0));
}

int main(void)
{
    struct sigaction action = { .sa_sigaction = handler, .sa_flags = SA_SIGINFO | SA_NODEFER };
    struct vm_section_create create = { .fd = -1, .size = 0x10000, .protect = PAGE_READWRITE, .attributes = SEC_COMMIT, .node = ~0u };
    pthread_t threads[THREADS];
    uint64_t used, limit, peak;
    const char *why;

    sigaction(SIGSEGV, &action, NULL);
    sigaction(SIGBUS, &action, NULL);
    check(!vm_init());
    check(!section_create(&create, &shared_section));
    create.size = 256 * P;
    create.attributes = SEC_RESERVE;
    check(!section_create(&create, &reserved_section));

    for (uintptr_t i = 0; i < THREADS; i++) pthread_create(&threads[i], NULL, worker, (void *)i);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    ok(!failures, "threads in memory of their own");
    race("writers while the protection changes", PAGE_READONLY, PAGE_READWRITE);
    race("writers while pages become copy-on-write and shared", PAGE_WRITECOPY, PAGE_READWRITE);
    late_commit();
    ok(!failures, "late commit");
    printf("# %lu faults were handled and tried again\n", retries);
    ok(!vm_check(&why), "invariants");
    section_unref(shared_section);
    section_unref(reserved_section);
    vm_commit_charge(&used, &limit, &peak);
    ok(used == 0, "all commit charge was given back");
    return tap_done();
}
