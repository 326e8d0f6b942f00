/* What the holders of a section know together (vm/shared.c): pages that one commits, sizes that one extends.
 *
 * Two sections of this process that are one for the rest of the world are two processes as far as shared.c can tell: each
 * has its own runs, and a file in common. Random operations on both are compared with one set of pages, also when a host
 * call fails. Then with processes in earnest: forked, and killed in the middle.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/vm.h"
#include "host/host.h"
#include "tap.h"

#define K     0x1000u
#define PAGES 96u

static uint64_t seed = 88172645463325252ull;
static uint32_t random32(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 16);
}

/* ---- a host whose Nth call fails ------------------------------------------------------------------------- */

static long countdown;          /* 0: nothing fails */
static bool failed;
static struct host_ops real, failing;

static bool fails(void)
{
    if (!countdown || --countdown) return false;
    return failed = true;
}

#define FAILING(name, params, args, status) \
    static vm_status f_##name params { return fails() ? status : real.name args; }
FAILING(protect, (uintptr_t a, size_t s, unsigned p, const char *w), (a, s, p, w), STATUS_NO_MEMORY)
FAILING(memory_create, (int *fd, uint64_t s, const char *n, bool h), (fd, s, n, h), STATUS_TOO_MANY_OPENED_FILES)
FAILING(file_dup, (int *copy, int fd), (copy, fd), STATUS_TOO_MANY_OPENED_FILES)
FAILING(file_info, (int fd, struct host_file_info *i), (fd, i), STATUS_IO_DEVICE_ERROR)
FAILING(file_grow, (int fd, uint64_t o, uint64_t n), (fd, o, n), STATUS_DISK_FULL)
FAILING(file_fill, (int fd, uint64_t o, uint64_t n), (fd, o, n), STATUS_DISK_FULL)
FAILING(map, (uintptr_t a, size_t s, unsigned p, unsigned f, int fd, uint64_t o, const char *w), (a, s, p, f, fd, o, w), STATUS_NO_MEMORY)

static void install(void)
{
    real = host_linux;
    failing = real;
    failing.protect = f_protect;
    failing.memory_create = f_memory_create;
    failing.file_dup = f_file_dup;
    failing.file_info = f_file_info;
    failing.file_grow = f_file_grow;
    failing.file_fill = f_file_fill;
    failing.map = f_map;
    host = &failing;
}

static bool invariants(void)
{
    const char *why;
    int number = vm_check(&why);

    if (number) printf("# invariant %d: %s\n", number, why);
    return !number;
}

/* ---- sections and views --------------------------------------------------------------------------------------- */

static struct section *reserve_section(uint64_t size)
{
    struct vm_section_create create = { .fd = -1, .size = size, .protect = PAGE_READWRITE, .attributes = SEC_RESERVE, .node = ~0u };
    struct section *section;

    return section_create(&create, &section) ? NULL : section;
}

/* What another process would get. */
static struct section *second(struct section *section)
{
    struct vm_section_description description;
    struct vm_section_fds fds;
    struct section *copy;

    if (section_export(section, &description, &fds)) return NULL;
    return section_import(&description, &fds, NULL, NULL, &copy) ? NULL : copy;
}

static char *map_section(struct section *section, size_t size, uint32_t type)
{
    struct vm_map map = { .size = size, .protect = PAGE_READWRITE, .type = type, .node = ~0u };

    return view_map(section, &map) ? NULL : (char *)map.base;
}

static vm_status commit(char *at, size_t size)
{
    uintptr_t base = (uintptr_t)at;

    return vm_allocate(&base, &size, MEM_COMMIT, PAGE_READWRITE, NULL, ~0u);
}

static bool is_committed(char *at, size_t *size)
{
    struct vm_basic_info info;

    check(!vm_query((uintptr_t)at, &info));
    if (size) *size = info.region_size;
    return info.state == MEM_COMMIT;
}

/* As the fault handler does; true: the page can be touched now. */
static bool touch(char *at)
{
    struct vm_fault fault = { .address = (uintptr_t)at, .access = VM_ACCESS_WRITE };

    return !vm_fault(&fault);
}

/* ---- the model -------------------------------------------------------------------------------------------------- */

static bool model[PAGES];

static void check_view(char *view)
{
    for (size_t i = 0; i < PAGES;)
    {
        size_t size, run = 1;
        bool committed = is_committed(view + i * K, &size);

        while (i + run < PAGES && model[i + run] == model[i]) run++;
        check(committed == model[i] && size == run * K);
        i += run;
    }
}

static void test_model(void)
{
    struct section *a = reserve_section(PAGES * K), *b;
    unsigned before = used_fds();
    char *views[3];
    bool good = true;

    check(a && !commit(views[0] = map_section(a, 0, 0), 3 * K));
    model[0] = model[1] = model[2] = true;
    check((b = second(a)) != NULL);
    views[1] = map_section(b, 0, 0);
    views[2] = map_section(b, 0, 0);
    for (unsigned round = 0; round < 3000 && good; round++)
    {
        unsigned start = random32() % PAGES, count = 1 + random32() % (random32() % 8 ? 4 : PAGES);
        char *view = views[random32() % 3];
        uint64_t used, used_after, limit, peak;
        vm_status status;

        if (start + count > PAGES) count = PAGES - start;
        if (random32() % 40 == 0) memset(model, 0, sizeof(model));
        if (!model[0] && !model[1] && !memcmp(model, model + 1, PAGES - 1))
        {
            /* a fresh start: what is committed once stays so */
            for (int i = 0; i < 3; i++) check(!view_unmap((uintptr_t)views[i], 0));
            section_unref(a);
            section_unref(b);
            check((a = reserve_section(PAGES * K)) && (b = second(a)));
            for (int i = 0; i < 3; i++) views[i] = map_section(i ? b : a, 0, 0);
            view = views[random32() % 3];
        }
        vm_commit_charge(&used, &limit, &peak);
        countdown = random32() % 3 ? 0 : 1 + random32() % 4;
        failed = false;
        status = commit(view + start * K, count * K);
        countdown = 0;
        vm_commit_charge(&used_after, &limit, &peak);
        if (!status) memset(model + start, 1, count);
        else check(failed && used == used_after);
        for (int i = 0; i < 3; i++)
        {
            unsigned page = random32() % PAGES;

            check_view(views[i]);
            check(touch(views[i] + page * K) == model[page]);
            if (model[page]) views[i][page * K] = 1;
        }
        good = invariants();
    }
    ok(good, "3000 commits in two processes, by a model");
    for (int i = 0; i < 3; i++) view_unmap((uintptr_t)views[i], 0);
    section_unref(a);
    section_unref(b);
    ok(used_fds() == before - 1, "all files were closed");
}

/* Nothing is half done when the first export, an import, or a look at what others did fails. */
static void test_failures(void)
{
    unsigned refused = 0;

    for (long n = 1; n < 40; n++)
    {
        struct section *a = reserve_section(PAGES * K), *b = NULL;
        char *view = a ? map_section(a, 0, 0) : NULL;
        unsigned before = used_fds();

        check(view && !commit(view + 4 * K, 2 * K));
        countdown = n;
        failed = false;
        b = second(a);
        countdown = 0;
        check((b != NULL) == !failed && invariants());
        if (b)
        {
            char *other = map_section(b, 0, 0);

            check(other && is_committed(other + 4 * K, NULL) && !is_committed(other, NULL));
            view_unmap((uintptr_t)other, 0);
            section_unref(b);
        }
        else
        {
            refused++;
            check(used_fds() <= before + 1 && (b = second(a)) != NULL);
            section_unref(b);
        }
        view_unmap((uintptr_t)view, 0);
        section_unref(a);
        if (!failed) break;
    }
    ok(refused > 3, "each failing call of an export");
}

/* Who has the state may do anything to it: pages are lost to those who did not commit them, and nothing else. */
static void test_hostile(void)
{
    struct section *a = reserve_section(PAGES * K), *b = second(a);
    char *view = map_section(a, 0, 0), *other = map_section(b, 0, 0);
    struct vm_section_description description;
    struct vm_section_fds fds;

    check(!commit(view, 4 * K) && !section_export(a, &description, &fds));
    check(is_committed(other + K, NULL) && touch(other + K));
    check(!ftruncate(fds.state, 2));
    ok(is_committed(view + 3 * K, NULL) && !is_committed(other + 2 * K, NULL) && !touch(other + 3 * K), "a state that became shorter");
    ok(!commit(other + 2 * K, 2 * K) && is_committed(other + 3 * K, NULL) && touch(other + 3 * K) && invariants(), "and is written again");
    view_unmap((uintptr_t)view, 0);
    view_unmap((uintptr_t)other, 0);
    section_unref(a);
    section_unref(b);
}

/* Memory in a file system that may be full: committing takes the space, or fails. */
static void test_full(void)
{
    struct vm_section_description description;
    struct vm_section_fds fds;
    struct section *a = reserve_section(PAGES * K), *b;
    struct stat st;
    char *view;

    check(!section_export(a, &description, &fds));
    description.fills = 1;
    check(!section_import(&description, &fds, NULL, NULL, &b));
    check((view = map_section(b, 0, 0)) != NULL);
    countdown = 3;              /* the host's protection, the marks' space, the pages' */
    failed = false;
    ok(commit(view, 8 * K) == STATUS_COMMITMENT_LIMIT && failed && !is_committed(view, NULL), "no space, no commit");
    countdown = 0;
    check(!fstat(fds.fd, &st) && !st.st_blocks);
    ok(!commit(view, 8 * K) && !fstat(fds.fd, &st) && st.st_blocks == 8 * 8, "what is committed has its space");
    view_unmap((uintptr_t)view, 0);
    section_unref(a);
    section_unref(b);
}

/* ---- processes ------------------------------------------------------------------------------------------------------ */

static pid_t start(void (*run)(struct section *section, char *view, int pipe), struct section *section, char *view, int *out)
{
    int pipes[2];
    pid_t pid;

    check(!pipe(pipes));
    fflush(stdout);
    if (!(pid = fork()))
    {
        close(pipes[0]);
        run(section, view, pipes[1]);
        _exit(0);
    }
    close(pipes[1]);
    *out = pipes[0];
    return pid;
}

static void commit_some(struct section *section, char *view, int pipe)
{
    (void)section;
    for (unsigned i = 0; i < 16; i += 4)
    {
        if (commit(view + i * K, 2 * K)) _exit(1);
        memset(view + i * K, (int)i + 1, 2 * K);
    }
    if (write(pipe, "x", 1) != 1) _exit(2);
}

static void test_fork(void)
{
    struct section *section = reserve_section(1ull << 40), *copy = second(section);
    char *view = map_section(section, 64 * K, 0), byte, *all;
    size_t size;
    int out, status;
    pid_t pid = start(commit_some, section, view, &out);
    bool good = true;

    check(read(out, &byte, 1) == 1 && waitpid(pid, &status, 0) == pid && !status);
    close(out);
    for (unsigned i = 0; i < 20; i++)
    {
        bool committed = i < 16 && i % 4 < 2;

        if (is_committed(view + i * K, NULL) != committed || touch(view + i * K) != committed) good = false;
        else if (committed && (view[i * K] != (char)(i / 4 * 4 + 1) || view[i * K + K - 1] != view[i * K])) good = false;
    }
    ok(good, "what a child committed and wrote is there");
    check((all = map_section(copy, 0, 0)) != NULL);
    ok(!is_committed(all + 16 * K, &size) && size == (1ull << 40) - 16 * K, "a terabyte is looked at quickly");
    view_unmap((uintptr_t)all, 0);
    view_unmap((uintptr_t)view, 0);
    section_unref(section);
    section_unref(copy);
}

static void commit_for_ever(struct section *section, char *view, int pipe)
{
    (void)section; (void)pipe;
    for (unsigned i = 0;; i = (i + 1) % 0x8000)
    {
        if (commit(view + (size_t)i * K, 40 * K)) _exit(1);
        view[(size_t)i * K] = 1;
    }
}

static void test_kill(void)
{
    bool good = true;

    for (unsigned round = 0; round < 60 && good; round++)
    {
        struct section *section = reserve_section(0x9000ull * K), *copy = second(section);
        char *view = map_section(section, 0, 0);
        unsigned pages = 0;
        int out, status;
        pid_t pid = start(commit_for_ever, section, view, &out);

        usleep(random32() % 3000);
        kill(pid, SIGKILL);
        check(waitpid(pid, &status, 0) == pid);
        close(out);
        while (pages < 0x9000 && is_committed(view + (size_t)pages * K, NULL))
        {
            if (!touch(view + (size_t)pages * K)) good = false;
            view[(size_t)pages * K] = 2;
            pages++;
        }
        if (pages < 0x9000 && touch(view + (size_t)pages * K)) good = false;
        if (commit(view, 0x9000ull * K) || !is_committed(view + 0x8fffull * K, NULL) || !invariants()) good = false;
        view_unmap((uintptr_t)view, 0);
        section_unref(section);
        section_unref(copy);
    }
    ok(good, "60 processes killed while they commit");
}

/* ---- files ------------------------------------------------------------------------------------------------------------ */

static struct section *file_section(int fd, uint32_t protect)
{
    struct vm_section_create create = { .fd = fd, .file_writable = true, .protect = protect, .attributes = SEC_RESERVE, .node = ~0u };
    struct section *section;

    return section_create(&create, &section) ? NULL : section;
}

static uint64_t size_of(struct section *section)
{
    struct vm_section_info info;

    section_query(section, &info);
    return info.size;
}

static void test_growth(void)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    struct section *a, *b, *stranger;
    char *view, *other;
    uint64_t size = 0x3456;

    check(!ftruncate(fd, 0x400));
    a = file_section(fd, PAGE_READWRITE);
    stranger = file_section(fd, PAGE_READWRITE);
    check((b = second(a)) != NULL);
    view = map_section(b, 0x10000, MEM_RESERVE);
    ok(is_committed(view, NULL) && !is_committed(view + K, NULL), "a view larger than its file");
    ok(!section_extend(a, &size) && size_of(b) == 0x3456 && size_of(stranger) == 0x400, "the other one extended it");
    ok(is_committed(view + 3 * K, NULL) && !is_committed(view + 4 * K, NULL) && touch(view + 3 * K), "and its pages are there");
    view[0x3000] = 7;
    size = 0x1000;
    ok(!section_extend(b, &size) && size == 0x3456, "smaller changes nothing");
    check(!commit(view + 5 * K, 1));
    ok(size_of(a) == 0x6000 && lseek(fd, 0, SEEK_END) == 0x6000, "committing extends it for both");
    check(pwrite(fd, "grown", 5, 0x8000) == 5);
    ok(is_committed(view + 8 * K, NULL) && !is_committed(view + 9 * K, NULL) && touch(view + 8 * K) && !memcmp(view + 8 * K, "grown", 5),
       "written behind the end, read in the view");
    ok(size_of(a) == 0x6000, "which does not make the section larger");
    other = map_section(stranger, 0x10000, MEM_RESERVE);
    ok(is_committed(other + 8 * K, NULL) && touch(other) && touch(other + 8 * K) && other[0x3000] == 7 && !memcmp(other + 8 * K, "grown", 5), "also by who made a section of his own");
    check(!commit(other + 9 * K, K) && touch(view + 9 * K));
    view_unmap((uintptr_t)view, 0);
    view_unmap((uintptr_t)other, 0);
    section_unref(a);
    section_unref(b);
    section_unref(stranger);
    close(fd);
}

static int grown_fd;

/* Appends records in three ways; whatever the others do, none may be lost. */
static void grow(struct section *section, char *view, int pipe)
{
    (void)section; (void)view; (void)pipe;
    for (unsigned i = 0; i < 400; i++)
    {
        struct host_file_info info;
        char record[32];
        int length = snprintf(record, sizeof(record), "<%d.%u>", getpid(), i);

        if (write(grown_fd, record, length) != length || host->file_info(grown_fd, &info)) _exit(1);
        if (host->file_grow(grown_fd, info.size, info.size + 1 + (i * 97) % 9000)) _exit(2);
    }
}

static void test_growing_together(void)
{
    char name[] = "/tmp/oriel-grow-XXXXXX", *all;
    pid_t pids[4];
    int out[4];
    unsigned found = 0;
    bool good = true;
    off_t size;

    grown_fd = mkstemp(name);
    unlink(name);
    check(grown_fd >= 0 && !fcntl(grown_fd, F_SETFL, O_APPEND));
    for (int i = 0; i < 4; i++) pids[i] = start(grow, NULL, NULL, &out[i]);
    for (int i = 0; i < 4; i++)
    {
        int status;

        check(waitpid(pids[i], &status, 0) == pids[i] && !status);
        close(out[i]);
    }
    size = lseek(grown_fd, 0, SEEK_END);
    all = mmap(NULL, (size_t)size + 1, PROT_READ, MAP_PRIVATE, grown_fd, 0);
    check(all != MAP_FAILED);
    for (int i = 0; i < 4 && good; i++)
        for (unsigned record = 0; record < 400 && good; record++)
        {
            char text[32];
            int length = snprintf(text, sizeof(text), "<%d.%u>", pids[i], record);

            good = memmem(all, (size_t)size, text, length) != NULL;
            found += good;
        }
    ok(good && found == 1600, "four processes append and extend, and no record is lost");
    munmap(all, (size_t)size + 1);
    close(grown_fd);
}

int main(void)
{
    host_init();
    install();
    check(!vm_init());
    test_model();
    test_failures();
    test_hostile();
    test_full();
    test_fork();
    test_kill();
    test_growth();
    test_growing_together();
    return tap_done();
}
