/* Names that processes share, when somebody dies: a process is killed at each of its host calls in turn, many are killed
 * at random moments, several leave at once, or while a handle is on its way.
 *
 * Usage: ob_names [--seed N] [--rounds N] */
#include "names_bed.h"

/* ---- killed at every host call ----------------------------------------------------------------------------------------------- */

static unsigned int calls, kill_at;

static void count_call(void)
{
    if (++calls == kill_at) kill(getpid(), SIGKILL);
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
    HANDLE first;

    check(!create(EVENT, "first", 0, &first) && !handle_close(first));      /* opens the directory, for good */
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

int main(int argc, char **argv)
{
    unsigned int rounds = names_begin(argc, argv);

    test_every_call();
    test_again();
    test_way();
    test_leaving(20 * rounds);
    test_random_kills(rounds);
    return names_end();
}
