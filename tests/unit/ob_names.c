/* Names that processes share, when things go wrong: a process is killed at each of its host calls in turn, many are
 * killed at random moments, files are scribbled on, the directory is full, another's, or gone.
 *
 * Usage: ob_names [--seed N] [--rounds N] */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ob/cell_area.h"
#include "ob/dispatcher.h"
#include "ob/host_call.h"
#include "ob/name.h"
#include "ob/name_object.h"
#include "ob/robust.h"
#include "ob/runtime.h"
#include "ob/transfer.h"
#include "ob_stubs.h"
#include "tap.h"

static char directory[100];
static unsigned int seed = 1;

static unsigned int dice(unsigned int sides)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 8) % sides;
}

/* ---- a type with files of its own, as sections have them ------------------------------------------------------------ */

static NTSTATUS plain_describe(struct object *object, struct name_header *header, struct name_parts *parts)
{
    NTSTATUS status;

    (void)object;
    header->section.size = 8192;
    if ((status = name_file_temporary(8192, true, &parts->bytes_fd))) return status;
    return name_file_temporary(2, false, &parts->state_fd);
}

static NTSTATUS plain_made(struct object *object, struct name_file *file)
{
    (void)object; (void)file;
    return STATUS_SUCCESS;
}

static const struct object_type plain_type;

static NTSTATUS plain_adopt(struct name_file *file, const struct name_header *header, struct object **object)
{
    NTSTATUS status;
    int fd;

    (void)header;
    if ((status = name_file_part(file, "", &fd))) return STATUS_FILE_CORRUPT_ERROR;
    close(fd);
    *object = object_alloc(&plain_type, sizeof(struct object));
    return *object ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

static const struct object_type plain_type =
{
    .name = "Plain", .mapping = { 1, 2, 4, 0x1f0007 }, .valid_access = 0x1f0007, .name_kind = NAME_SECTION,
    .name_describe = plain_describe, .name_made = plain_made, .name_adopt = plain_adopt,
};

/* ---- the calls of a program ------------------------------------------------------------------------------------------ */

enum kind { EVENT, MUTANT, SEMAPHORE, TIMER, PLAIN, KINDS };

static struct object *new_object(enum kind kind)
{
    switch (kind)
    {
    case EVENT:     return event_alloc(SynchronizationEvent, true);
    case MUTANT:    return mutant_alloc(false);
    case SEMAPHORE: return semaphore_alloc(1, 5);
    case TIMER:     return timer_alloc(NotificationTimer);
    default:        return object_alloc(&plain_type, sizeof(struct object));
    }
}

static NTSTATUS create(enum kind kind, const char *name, ULONG flags, HANDLE *handle)
{
    WCHAR text[100] = u"\\BaseNamedObjects\\";
    struct object_attributes attributes = { .name = text, .attributes = flags, .given = true, .named = true };
    size_t length = 18;

    while (*name) text[length++] = (unsigned char)*name++;
    attributes.length = length;
    return object_insert(new_object(kind), &attributes, MAXIMUM_ALLOWED, handle);
}

static struct cell *cell_of(HANDLE handle)
{
    struct dispatcher *object;
    struct cell *cell;

    if (handle_lookup(handle, NULL, 0, &object, NULL)) return NULL;
    cell = object->cell;
    object_unref(object);
    return cell;
}

/* What a program does with an object; the state afterwards is the one before. */
static NTSTATUS use(enum kind kind, HANDLE handle, unsigned int ms)
{
    struct cell *cell = kind == PLAIN ? NULL : cell_of(handle);
    bool was;
    NTSTATUS status;

    if (kind == PLAIN) return STATUS_SUCCESS;
    if (kind == TIMER)
    {
        struct object *timer;

        if (handle_lookup(handle, &timer_type, 0, &timer, NULL)) return STATUS_INVALID_HANDLE;
        timer_set(timer, monotonic_now(), 0, NULL, &was);
        object_unref(timer);
    }
    host_call();
    status = cell_wait(&cell, 1, false, false, ms == ~0u ? DEADLINE_NEVER : monotonic_now() + ms * 1000000ull);
    host_call();
    if (status != STATUS_WAIT_0 && status != STATUS_ABANDONED_WAIT_0) return status;
    if (kind == EVENT) cell_set(cell);
    if (kind == MUTANT) cell_release_mutant(cell, NULL);
    if (kind == SEMAPHORE) cell_release_semaphore(cell, 1, NULL);
    host_call();
    return status;
}

/* ---- what is left behind ------------------------------------------------------------------------------------------------ */

static unsigned int files_left(void)
{
    DIR *stream = opendir(directory);
    struct dirent *entry;
    unsigned int count = 0;

    while (stream && (entry = readdir(stream)))
        if (entry->d_name[0] != '.') count++;
    if (stream) closedir(stream);
    return count;
}

static unsigned int descriptors_open(void)
{
    DIR *stream = opendir("/proc/self/fd");
    unsigned int count = 0;

    while (stream && readdir(stream)) count++;
    if (stream) closedir(stream);
    return count;
}

/* ---- killed at every host call ----------------------------------------------------------------------------------------------- */

static unsigned int calls, kill_at;

static void count_call(void)
{
    if (++calls == kill_at) kill(getpid(), SIGKILL);
}

static void child_begin(void)
{
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    robust_after_fork();
    cell_after_fork();
    name_park_clear();
    alarm(20);
}

static void program(enum kind kind)
{
    HANDLE a, b;

    if (!NT_SUCCESS(create(kind, "killed", OBJ_OPENIF, &a))) _exit(2);
    if (use(kind, a, 0) && kind != EVENT && kind != SEMAPHORE) _exit(3);
    if (!NT_SUCCESS(create(kind, "killed", OBJ_OPENIF, &b))) _exit(4);
    handle_close(a);
    use(kind, b, 0);
    handle_close(b);
    if (!NT_SUCCESS(create(kind, "killed", OBJ_OPENIF, &a))) _exit(5);      /* if another holds it, from the kept file */
    handle_close(a);
    name_files_sweep();
    _exit(0);
}

/* Returns the child's wait status. held: this process has a handle on the object meanwhile. */
static int run_killed(enum kind kind, unsigned int at, bool held)
{
    HANDLE handle = NULL;
    int go[2], status = 0;
    uint64_t start;
    pid_t pid;

    if (pipe2(go, O_CLOEXEC)) return -1;
    if (!(pid = fork()))
    {
        char byte;

        child_begin();
        if (read(go[0], &byte, 1) != 1) _exit(9);
        calls = 0;
        kill_at = at;
        host_call_hook = count_call;
        program(kind);
    }
    if (held) check(NT_SUCCESS(create(kind, "killed", OBJ_OPENIF, &handle)));
    check(write(go[1], "", 1) == 1);
    waitpid(pid, &status, 0);
    close(go[0]);
    close(go[1]);

    /* Who survives goes on, and soon. */
    start = monotonic_now();
    if (held)
    {
        NTSTATUS waited = use(kind, handle, kind == EVENT || kind == SEMAPHORE ? 50 : 3000);

        /* What it took from an event or a semaphore went with it. */
        check(waited == STATUS_WAIT_0 || waited == STATUS_ABANDONED_WAIT_0 || kind == EVENT || kind == SEMAPHORE);
        if (waited == STATUS_TIMEOUT && kind == EVENT) cell_set(cell_of(handle));
        if (waited == STATUS_TIMEOUT && kind == SEMAPHORE) cell_release_semaphore(cell_of(handle), 1, NULL);
        check(use(kind, handle, 0) == STATUS_WAIT_0);
        check(waited == STATUS_TIMEOUT || monotonic_now() - start < 2000000000ull);
        handle_close(handle);
    }
    else
    {
        check(!create(kind, "killed", 0, &handle));     /* what it left is nobody's */
        check(use(kind, handle, 1000) == STATUS_WAIT_0);
        handle_close(handle);
    }
    name_files_sweep();         /* temporary files, where they have names */
    check(!files_left());
    return status;
}

static void test_every_call(void)
{
    static const char *const names[KINDS] = { "event", "mutant", "semaphore", "timer", "object with files" };
    unsigned int at, failed_before, fds;
    char line[100];
    int held, kind, status;

    name_files_sweep();
    fds = descriptors_open();
    for (kind = 0; kind < KINDS; kind++)
        for (held = 0; held < 2; held++)
        {
            failed_before = (unsigned int)tap_failed;
            for (at = 1; at < 1000; at++)
            {
                status = run_killed((enum kind)kind, at, held);
                if (!WIFSIGNALED(status)) break;
                check(WTERMSIG(status) == SIGKILL);
            }
            check(status == 0 && at > 20);
            snprintf(line, sizeof(line), "%s%s, killed at each of %u host calls", names[kind], held ? " that another holds" : "", at - 1);
            ok((unsigned int)tap_failed == failed_before, line);
        }
    ok(descriptors_open() == fds, "no descriptor was left open");
}

/* ---- killed at random --------------------------------------------------------------------------------------------------------- */

enum { PROCESSES = 8 };

static void wander(struct cell *progress)
{
    HANDLE handles[6] = { 0 }, handle;
    char name[20];

    for (;;)
    {
        unsigned int i = dice(6);
        enum kind kind = dice(KINDS);
        NTSTATUS status;

        if (handles[i])
        {
            handle_close(handles[i]);
            handles[i] = NULL;
            continue;
        }
        snprintf(name, sizeof(name), "r%d-%u", kind, dice(2));
        status = create(kind, name, OBJ_OPENIF, &handle);
        if (!NT_SUCCESS(status))
        {
            printf("# a name: status %x\n", (unsigned int)status);
            fflush(stdout);
            _exit(2);
        }
        if (kind == MUTANT)
        {
            /* For ever: only who holds it and is killed may keep us waiting. */
            status = use(kind, handle, ~0u);
            if (status != STATUS_WAIT_0 && status != STATUS_ABANDONED_WAIT_0) _exit(3);
        }
        else use(kind, handle, 0);
        handles[i] = handle;
        __atomic_add_fetch(&progress->limit, 1, __ATOMIC_RELAXED);
    }
}

static void test_random_kills(unsigned int rounds)
{
    struct cell *progress = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    pid_t pids[PROCESSES];
    unsigned int i, round, stuck = 0, wrong = 0;
    int status;

    for (i = 0; i < PROCESSES; i++) pids[i] = -1;
    for (round = 0; round < rounds; round++)
    {
        for (i = 0; i < PROCESSES; i++)
        {
            if (pids[i] > 0) continue;
            if ((pids[i] = fork()) == 0)
            {
                child_begin();
                alarm(100);
                seed = seed * 31 + i + round * PROCESSES;
                wander(&progress[i]);
            }
            progress[i].limit = 0;
        }
        usleep(500 + dice(4000));
        i = dice(PROCESSES);
        kill(pids[i], SIGKILL);
        waitpid(pids[i], &status, 0);
        wrong += !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL;
        if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL) printf("# ended with %x\n", status);
        pids[i] = -1;
    }
    /* Those that are left all go on: within two seconds each has done something. */
    for (i = 0; i < PROCESSES; i++)
    {
        uint32_t before = __atomic_load_n(&progress[i].limit, __ATOMIC_RELAXED);
        uint64_t end = monotonic_now() + 2000000000ull;

        while (pids[i] > 0 && __atomic_load_n(&progress[i].limit, __ATOMIC_RELAXED) == before && monotonic_now() < end) usleep(1000);
        stuck += pids[i] > 0 && __atomic_load_n(&progress[i].limit, __ATOMIC_RELAXED) == before;
    }
    ok(!stuck, "after many kills everybody goes on");
    for (i = 0; i < PROCESSES; i++)
    {
        if (pids[i] <= 0) continue;
        kill(pids[i], SIGKILL);
        waitpid(pids[i], &status, 0);
        wrong += !WIFSIGNALED(status) || WTERMSIG(status) != SIGKILL;
    }
    ok(!wrong, "nobody ended otherwise");
    name_files_sweep();
    ok(!files_left(), "nothing is left of their names");
    munmap(progress, 4096);
}

/* ---- closed, and opened again ------------------------------------------------------------------------------------------------- */

enum then { CLOSES, IS_KILLED, MAKES_ANEW };

/* One who holds a name that we open and close; then he does something, and we open it again. */
static int run_again(enum kind kind, enum then then)
{
    int go[2], ready[2], status = -1;
    HANDLE handle;
    char byte;
    pid_t pid;

    if (pipe2(go, O_CLOEXEC) || pipe2(ready, O_CLOEXEC)) return -1;
    if (!(pid = fork()))
    {
        child_begin();
        if (create(kind, "again", OBJ_OPENIF, &handle) || write(ready[1], "", 1) != 1 || read(go[0], &byte, 1) != 1) _exit(2);
        if (then == IS_KILLED) kill(getpid(), SIGKILL);
        handle_close(handle);
        if (then == MAKES_ANEW && (create(kind, "again", 0, &handle) || use(kind, handle, 0))) _exit(3);
        if (write(ready[1], "", 1) != 1 || read(go[0], &byte, 1) != 1) _exit(4);
        if (then == MAKES_ANEW) handle_close(handle);
        _exit(0);
    }
    check(read(ready[0], &byte, 1) == 1);
    check(create(kind, "again", OBJ_OPENIF, &handle) == STATUS_OBJECT_NAME_EXISTS && !use(kind, handle, 0));
    handle_close(handle);
    check(create(kind, "again", OBJ_OPENIF, &handle) == STATUS_OBJECT_NAME_EXISTS && !use(kind, handle, 0));
    handle_close(handle);
    check(write(go[1], "", 1) == 1);
    if (then == IS_KILLED) waitpid(pid, &status, 0);
    else check(read(ready[0], &byte, 1) == 1);
    if (then == MAKES_ANEW) check(files_left() > 0);
    else check(!files_left() || then == IS_KILLED);
    check(create(kind, "again", OBJ_OPENIF, &handle) == (then == MAKES_ANEW ? STATUS_OBJECT_NAME_EXISTS : STATUS_SUCCESS));
    check(!use(kind, handle, 0));
    check(write(go[1], "", 1) == 1);
    if (then != IS_KILLED) waitpid(pid, &status, 0);
    handle_close(handle);
    check(!files_left());
    close(go[0]); close(go[1]); close(ready[0]); close(ready[1]);
    return then == IS_KILLED ? !WIFSIGNALED(status) : status;
}

static void test_again(void)
{
    static const char *const lines[] = { "a name that others closed meanwhile starts anew", "so does that of one who was killed",
                                         "one that was made again is the new one" };
    unsigned int fds = descriptors_open();
    int kind, then, failed_before;

    for (then = CLOSES; then <= MAKES_ANEW; then++)
    {
        failed_before = tap_failed;
        for (kind = 0; kind < KINDS; kind++) check(!run_again((enum kind)kind, (enum then)then));
        ok(tap_failed == failed_before, lines[then]);
    }
    name_park_clear();
    ok(descriptors_open() == fds, "no file of theirs was kept");
}

/* ---- the last ones ---------------------------------------------------------------------------------------------------------------- */

enum { LEAVERS = 3 };

struct meeting { unsigned int arrived, ended; };

static void meet(unsigned int *count, unsigned int target)
{
    uint64_t end = monotonic_now() + 10000000000ull;

    __atomic_add_fetch(count, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(count, __ATOMIC_SEQ_CST) < target)
    {
        if (monotonic_now() > end) _exit(9);
        sched_yield();
    }
}

/* All close the last handles of a name at the same instant: one of them removes it. */
static void test_leaving(unsigned int rounds)
{
    struct meeting *meeting = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    unsigned int i, round, left = 0;
    pid_t pids[LEAVERS];
    int status, bad = 0;

    for (i = 0; i < LEAVERS; i++)
        if (!(pids[i] = fork()))
        {
            child_begin();
            alarm(100);
            for (round = 1; round <= rounds; round++)
            {
                unsigned int k, spin = (round * 7 + i * 13) % 50;
                HANDLE handle;

                if (!NT_SUCCESS(create(round % 2 ? PLAIN : EVENT, "last", OBJ_OPENIF, &handle))) _exit(2);
                meet(&meeting->arrived, round * LEAVERS);
                for (k = 0; k < spin * 20; k++) __asm__ volatile ("pause");
                handle_close(handle);
                meet(&meeting->ended, round * (LEAVERS + 1));
            }
            _exit(0);
        }
    for (round = 1; round <= rounds; round++)
    {
        uint64_t end = monotonic_now() + 10000000000ull;

        while (__atomic_load_n(&meeting->ended, __ATOMIC_SEQ_CST) < round * (LEAVERS + 1) - 1 && monotonic_now() < end)
            sched_yield();
        left += files_left() != 0;
        __atomic_add_fetch(&meeting->ended, 1, __ATOMIC_SEQ_CST);
    }
    for (i = 0; i < LEAVERS; i++)
    {
        waitpid(pids[i], &status, 0);
        bad |= status;
    }
    printf("# %u of %u left something\n", left, rounds);
    ok(!bad, "many close a name at the same instant");
    ok(!left, "and one of them removes it");
    munmap(meeting, 4096);
    name_files_sweep();
}

/* ---- on the way ------------------------------------------------------------------------------------------------------------------- */

static pthread_barrier_t starting;

/* A process that is being started: it has copies of all that is open here, for a while. */
static void *start_process(void *unused)
{
    pid_t pid;

    (void)unused;
    name_spawn_begin();
    if (!(pid = fork()))
    {
        usleep(30000);
        _exit(0);
    }
    pthread_barrier_wait(&starting);
    waitpid(pid, NULL, 0);
    name_spawn_end();
    return NULL;
}

/* The object behind a handle that is closed, and the file that carried it off, which is another's to close. */
static int send_away(HANDLE *handle, enum kind kind, const char *name, struct object **object)
{
    char base[NAME_BASE_MAX];
    int fd;

    check(!create(kind, name, 0, handle) && !handle_lookup(*handle, NULL, 0, object, NULL) && !name_send(*object, base, &fd));
    return fd;
}

static void test_way(void)
{
    struct object *object, *received;
    struct transfer transfer = { 0 };
    unsigned int fds = descriptors_open();
    pthread_t thread;
    HANDLE handle;
    int fd;

    fd = send_away(&handle, PLAIN, "way", &object);
    handle_close(handle);
    ok(files_left() && fcntl(fd, F_GETFD) >= 0, "what is being sent keeps its name and its file");
    object_unref(object);
    ok(!files_left(), "and then no more");

    send_away(&handle, EVENT, "way", &object);
    check(!object_pack(object, &transfer) && (transfer.fds[0] = dup(transfer.fds[0])) >= 0);
    object_unref(object);
    handle_close(handle);
    ok(files_left() != 0, "a name in a message lives");
    transfer_close(&transfer);
    ok(!files_left(), "as long as that");

    send_away(&handle, EVENT, "way", &object);
    check(!object_pack(object, &transfer) && (transfer.fds[0] = dup(transfer.fds[0])) >= 0);
    object_unref(object);
    handle_close(handle);
    transfer.type = (transfer.type & ~TRANSFER_NAMED) + 1;      /* which it is not */
    transfer.type |= TRANSFER_NAMED;
    ok(object_unpack(&transfer, &received) && !files_left(), "one that cannot be received goes");

    send_away(&handle, EVENT, "way", &object);
    object_unref(object);
    pthread_barrier_init(&starting, NULL, 2);
    check(!pthread_create(&thread, NULL, start_process, NULL));
    pthread_barrier_wait(&starting);
    handle_close(handle);
    pthread_join(thread, NULL);
    ok(!files_left(), "one that is closed while a process is started goes");
    ok(descriptors_open() == fds, "no file was kept");
}

/* ---- scribbled on ---------------------------------------------------------------------------------------------------------------- */

static void on_bus_error(int number, siginfo_t *info, void *context)
{
    (void)context;
    if (!cell_file_fault((uintptr_t)info->si_addr))
    {
        signal(number, SIG_DFL);
        raise(number);
    }
}

static void scribble(const char *path)
{
    static const uint32_t values[] = { 0, 1, 2, 0x7fffffff, 0x80000000, 0xffffffff, 0x40000000, 0xc0000001 };
    unsigned int i, count = 1 + dice(6);
    int fd = open(path, O_RDWR | O_CLOEXEC);

    if (fd < 0) return;
    for (i = 0; i < count; i++)
    {
        uint32_t value = dice(2) ? values[dice(8)] : dice(0x7fffffff);
        off_t at = dice(4) ? (dice(10) < 6 ? 64 + (off_t)dice(16) * 4 : (off_t)dice(64) * 4) : (off_t)dice(4096);

        if (!dice(30)) check(!ftruncate(fd, dice(2) ? 0 : dice(5000)));
        else check(pwrite(fd, &value, 1 + dice(4), at) > 0);
    }
    close(fd);
}

/* One who holds the object while another edits its file and a third opens it: each ends by itself. */
static int run_scribbled(enum kind kind)
{
    char path[200], byte;
    int go[2], ready[2], status, worst = 0;
    pid_t holder, opener;
    HANDLE handle;

    if (pipe2(go, O_CLOEXEC) || pipe2(ready, O_CLOEXEC)) return -1;
    if (!(holder = fork()))
    {
        child_begin();
        close(go[1]);
        if (create(kind, "edited", OBJ_OPENIF, &handle) < 0) _exit(2);
        check(write(ready[1], "", 1) == 1);
        check(read(go[0], &byte, 1) == 1);
        use(kind, handle, 5);
        handle_close(handle);
        _exit(0);
    }
    check(read(ready[0], &byte, 1) == 1);
    snprintf(path, sizeof(path), "%s/global.edited~name", directory);
    scribble(path);
    if (!(opener = fork()))
    {
        child_begin();
        if (NT_SUCCESS(create(kind, "edited", OBJ_OPENIF, &handle)))
        {
            use(kind, handle, 5);
            use(kind, handle, 0);
            handle_close(handle);
        }
        _exit(0);
    }
    if (dice(2)) scribble(path);
    waitpid(opener, &status, 0);
    worst |= status;
    check(write(go[1], "", 1) == 1);
    waitpid(holder, &status, 0);
    worst |= status;
    close(go[0]); close(go[1]); close(ready[0]); close(ready[1]);
    return worst;
}

static void test_hostile(unsigned int rounds)
{
    struct sigaction action = { .sa_sigaction = on_bus_error, .sa_flags = SA_SIGINFO }, old;
    unsigned int i, bad = 0;
    HANDLE handle;

    sigaction(SIGBUS, &action, &old);
    for (i = 0; i < rounds; i++)
    {
        int status = run_scribbled(dice(PLAIN));

        if (!status) continue;
        bad++;
        printf("# round %u: one ended with %#x\n", i, status);
    }
    ok(!bad, "edited files hurt nobody");
    name_files_sweep();
    check(!create(EVENT, "edited", 0, &handle) && !use(EVENT, handle, 0) && !handle_close(handle));
    ok(!files_left(), "and are gone when nobody has them");

    /* Things that are no name files at all. */
    {
        char path[200];
        int fd;

        snprintf(path, sizeof(path), "%s/global.link~name", directory);
        check(!symlink("/etc/passwd", path));
        ok(create(EVENT, "link", OBJ_OPENIF, &handle) == STATUS_ACCESS_DENIED, "a link is not followed");
        check(!unlink(path));
        check(!mkdir(path, 0700));
        ok(create(EVENT, "link", OBJ_OPENIF, &handle) == STATUS_ACCESS_DENIED, "a folder is refused");
        check(!rmdir(path));
        check(!mkfifo(path, 0600));
        ok(!create(EVENT, "link", OBJ_OPENIF, &handle), "a pipe hangs nobody");
        handle_close(handle);
        fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
        check(write(fd, "nonsense", 8) == 8);
        close(fd);
        ok(!create(EVENT, "link", 0, &handle), "what nobody has locked is stale, whatever it is");
        handle_close(handle);
    }
    sigaction(SIGBUS, &old, NULL);
}

/* ---- directories ------------------------------------------------------------------------------------------------------------------- */

static void use_directory(const char *path)
{
    setenv("ORIEL_RUNTIME", path, 1);
    name_park_clear();
    runtime_reset();
}

static void test_directories(void)
{
    char path[200], link[200];
    HANDLE a, b;
    int status;
    pid_t pid;

    snprintf(path, sizeof(path), "%s/open", directory);
    check(!mkdir(path, 0700) && !chmod(path, 0755));
    ok(runtime_refusal(path) != NULL, "a directory that others may enter is refused");
    use_directory(path);
    ok(!create(EVENT, "alone", 0, &a), "without one a name is this process's own");
    ok(create(EVENT, "alone", 0, &b) == STATUS_OBJECT_NAME_COLLISION, "and works there");
    handle_close(a);
    check(!chmod(path, 0700));
    snprintf(link, sizeof(link), "%s/link", directory);
    check(!symlink(path, link));
    ok(runtime_refusal(link) != NULL, "a link to a directory too");
    check(!unlink(link));
    ok(runtime_refusal("/proc/none/none") != NULL, "and what cannot be made");
    ok(!runtime_refusal(path), "ours is good");

    use_directory(path);
    ok(!create(EVENT, "gone", 0, &a), "a name in it");
    handle_close(a);
    check(!rmdir(path));
    ok(!create(EVENT, "gone", 0, &a), "somebody removed the directory: it is made again");
    handle_close(a);
    check(!rmdir(path));
    use_directory(directory);

    if (geteuid())
    {
        ok(1, "another user # SKIP only root can become one");
        return;
    }
    if (!(pid = fork()))
    {
        int fd;

        if (setresuid(65534, 65534, 65534)) _exit(3);
        runtime_reset();
        _exit(runtime_open(&fd) == STATUS_NOT_SUPPORTED && runtime_refusal(directory) ? 0 : 1);
    }
    waitpid(pid, &status, 0);
    ok(!status, "another user is refused");
}

static void test_mounts(void)
{
    char path[200];
    NTSTATUS status;
    HANDLE handles[64], late;
    int i, fd;

    snprintf(path, sizeof(path), "%s/full", directory);
    check(!mkdir(path, 0700));
    if (mount("oriel-test", path, "tmpfs", MS_NOEXEC, "size=64k,mode=0700"))
    {
        ok(1, "a full directory # SKIP it takes a mount, which is not allowed");
        rmdir(path);
        return;
    }
    use_directory(path);
    ok(name_directory_noexec(), "noexec is noticed");
    for (i = 0, status = 0; i < 64 && !status; i++)
    {
        char name[20];

        snprintf(name, sizeof(name), "f%d", i);
        status = create(EVENT, name, 0, &handles[i]);
    }
    ok(status == STATUS_DISK_FULL && i > 1, "a full directory is a status");
    ok(name_file_temporary(1 << 20, true, &fd) == STATUS_DISK_FULL, "so is a section that does not fit");
    ok(!use(EVENT, handles[0], 0), "what is there works");
    handle_close(handles[0]);
    ok(!create(EVENT, "late", 0, &late), "and makes room");
    handle_close(late);
    while (--i > 1) handle_close(handles[i - 1]);
    use_directory(directory);
    ok(!umount(path) && !rmdir(path), "nothing is left there");
}

int main(int argc, char **argv)
{
    unsigned int rounds = 100;
    int i;

    for (i = 1; i + 1 < argc; i += 2)
    {
        if (!strcmp(argv[i], "--seed")) seed = (unsigned int)atoi(argv[i + 1]);
        if (!strcmp(argv[i], "--rounds")) rounds = (unsigned int)atoi(argv[i + 1]);
    }
    snprintf(directory, sizeof(directory), "%s/oriel-test-XXXXXX", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
    if (!mkdtemp(directory)) return 99;
    printf("# seed %u\n", seed);
    use_directory(directory);
    test_directories();
    test_mounts();
    test_every_call();
    test_again();
    test_way();
    test_leaving(20 * rounds);
    test_random_kills(rounds);
    test_hostile(rounds);
    ok(!rmdir(directory), "the directory is empty");
    return tap_done();
}
