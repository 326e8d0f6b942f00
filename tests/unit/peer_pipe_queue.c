/* The shared queues of pipes (io/pipe_queue.h): against a model, with processes killed in the middle, and with garbage in the
 * memory that another process may write.
 *
 *     peer_pipe_queue [ROUNDS [SEED]]
 */
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "nt/nt.h"
#include "io/pipe_queue.h"
#include "tap.h"

extern char **environ;

static struct pipe_queues *queues;
static char data[400000], out[400000];

static void start(uint32_t quota)
{
    memset(queues, 0, sizeof(*queues));
    pipe_queues_init(queues, quota, quota);
}

/* ---- against a model ------------------------------------------------------------------------------------------------- */

#define MODEL_MAX 200

struct model_write
{
    uint64_t at;
    size_t size, taken;
    unsigned char first;                /* byte i is first + i */
    bool gone;
};

static struct model_write model[MODEL_MAX];
static unsigned int model_count;

static size_t model_unread(void)
{
    size_t sum = 0;

    for (unsigned int i = 0; i < model_count; i++)
        if (!model[i].gone) sum += model[i].size - model[i].taken;
    return sum;
}

/* A write is over when it and all before it fit the quota, or have. */
static bool model_over[MODEL_MAX];

static void model_settle(size_t quota)
{
    size_t before = 0;

    for (unsigned int i = 0; i < model_count; i++)
    {
        size_t left = model[i].gone ? 0 : model[i].size - model[i].taken;

        if (!model_over[i] && left && before + left > quota) return;
        model_over[i] = true;
        before += left;
    }
}

static void model_drop(void)
{
    unsigned int kept = 0;

    for (unsigned int i = 0; i < model_count; i++)
    {
        if (model[i].gone || (model[i].taken == model[i].size && model[i].size)) continue;
        model_over[kept] = model_over[i];
        model[kept++] = model[i];
    }
    model_count = kept;
}

static void test_model(unsigned long rounds, bool by_message)
{
    const size_t quota = 5000;
    unsigned char next = 0;

    start(quota);
    model_count = 0;
    for (unsigned long r = 0; r < rounds && !tap_failed; r++)
    {
        check(pipe_lock_queues(queues));
        switch (random64() % 4)
        {
        case 0: case 1:
            if (model_count < MODEL_MAX)
            {
                size_t size = 1 + (random64() % 8 ? random64() % 2000 : random64() % 9000);
                uint64_t at;

                for (size_t i = 0; i < size; i++) data[i] = (char)(next + i);
                check(pipe_queue_put(queues, 1, data, size, by_message, false, &at) == (int64_t)size);
                model_over[model_count] = false;
                model[model_count++] = (struct model_write){ at, size, 0, next, false };
                next += 17;
            }
            break;
        case 2:
            if (model_count)
            {
                unsigned int which = random64() % model_count;

                model_settle(quota);
                check(pipe_queue_is_over(queues, 1, model[which].at) == model_over[which]);
                pipe_queue_withdraw(queues, 1, model[which].at);
                if (!model_over[which]) model[which].gone = true;
            }
            break;
        default:
        {
            size_t room = random64() % 7000, done = 0;
            struct pipe_taken taken = pipe_queue_take(queues, 1, out, room, by_message, true);

            for (unsigned int i = 0; i < model_count && done < taken.size; i++)
            {
                struct model_write *w = &model[i];

                if (w->gone) continue;
                for (; w->taken < w->size && done < taken.size; w->taken++, done++)
                    if (out[done] != (char)(w->first + w->taken)) check(!"bytes");
                if (by_message) check(done == taken.size && taken.left == (w->taken < w->size));
            }
            check(done == taken.size);
            if (!by_message) check(taken.size == room || !model_unread());
        }
        }
        model_settle(quota);
        model_drop();
        check(queues->queue[1].unread == model_unread());
        for (unsigned int i = 0; i < model_count; i++) check(pipe_queue_is_over(queues, 1, model[i].at) == model_over[i]);
        pipe_unlock_queues(queues);
    }
    ok(!tap_failed, by_message ? "messages: as the model" : "bytes: as the model");
}

/* ---- killed holders -------------------------------------------------------------------------------------------------------- */

static void scribble_for_ever(void)
{
    for (;;)
    {
        uint64_t at;

        if (!pipe_lock_queues(queues)) _exit(3);
        if (random64() % 2) pipe_queue_put(queues, 0, data, 1 + random64() % 3000, true, false, &at);
        else pipe_queue_take(queues, 0, out, random64() % 4000, random64() % 2, true);
        pipe_unlock_queues(queues);
    }
}

static double now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec + t.tv_nsec * 1e-9;
}

static void test_kills(char *self, int fd, unsigned long rounds)
{
    unsigned long held = 0;
    double longest = 0;

    start(5000);
    for (unsigned long r = 0; r < rounds && !tap_failed; r++)
    {
        char number[16];
        char *argv[] = { self, "child", number, NULL };
        struct timespec pause = { 0, 1000000 + (long)(random64() % 2000000) };
        struct pipe_taken taken;
        siginfo_t ended;
        double begun;
        pid_t pid;

        snprintf(number, sizeof(number), "%d", fd);
        check(!posix_spawn(&pid, "/proc/self/exe", NULL, NULL, argv, environ));
        nanosleep(&pause, NULL);
        kill(pid, SIGKILL);
        waitid(P_PID, pid, &ended, r % 2 ? WEXITED : WEXITED | WNOWAIT);        /* gone, or a zombie */
        if (queues->lock) held++;
        begun = now();
        check(pipe_lock_queues(queues));
        if (now() - begun > longest) longest = now() - begun;
        pipe_queue_drop_orphans(queues, 0);
        check(!queues->queue[0].over);
        do taken = pipe_queue_take(queues, 0, out, sizeof(out), true, true); while (taken.any);
        check(!queues->broken && !queues->queue[0].unread && !queues->queue[0].entries);
        pipe_unlock_queues(queues);
        if (!(r % 2)) waitpid(pid, NULL, 0);
    }
    printf("# %lu of %lu held the lock; the longest wait was %.0f ms\n", held, rounds, longest * 1000);
    ok(!tap_failed && longest < 2, "killed at any instant: the lock is had, and the queue is empty when all has been read");
}

/* ---- garbage ------------------------------------------------------------------------------------------------------------------ */

static uint64_t interesting(void)
{
    static const uint64_t values[] = { 0, 1, 15, 16, 17, PIPE_RING - 16, PIPE_RING - 1, PIPE_RING, PIPE_RING + 16, 0x7fffffff,
                                       0xffffffff, ~0ull, ~0ull - 15, 1ull << 63 };

    return random64() % 3 ? values[random64() % (sizeof(values) / sizeof(values[0]))] : random64();
}

static void test_garbage(unsigned long rounds)
{
    uint64_t *words = (uint64_t *)queues;
    unsigned long refused = 0;

    for (unsigned long r = 0; r < rounds; r++)
    {
        uint64_t at;

        start(5000);
        for (unsigned int i = 0; i < 4; i++)
            if (pipe_lock_queues(queues))
            {
                pipe_queue_put(queues, 1, data, random64() % 3000, true, false, &at);
                pipe_unlock_queues(queues);
            }
        for (unsigned int i = random64() % 4; i < 4; i++)
        {
            size_t word = random64() % 2 ? 3 + random64() % (sizeof(struct pipe_queues) / 8 - 3) : (4096 + PIPE_RING) / 8 + random64() % 64;

            words[word] = interesting();
        }
        queues->busy = random64() % 2;
        for (unsigned int i = 0; i < 12; i++)
        {
            if (!pipe_lock_queues(queues))
            {
                refused++;
                break;
            }
            switch (random64() % 5)
            {
            case 0: pipe_queue_put(queues, 1, data, random64() % 100000, random64() % 2, false, &at); break;
            case 1: pipe_queue_take(queues, 1, out, random64() % 100000, random64() % 2, random64() % 2); break;
            case 2: pipe_queue_withdraw(queues, 1, interesting() & ~15ull); break;
            case 3: pipe_queue_drop_orphans(queues, 1); break;
            default: pipe_queue_first(queues, 1);
            }
            pipe_unlock_queues(queues);
        }
    }
    printf("# %lu of %lu were refused\n", refused, rounds);
    ok(refused > rounds / 20 && refused < rounds, "garbage: some is refused, nothing crashes");
    start(5000);
    queues->lock = 0x7ffffff0;          /* no process has that number */
    check(pipe_lock_queues(queues));
    pipe_unlock_queues(queues);
    ok(!queues->lock, "a lock of nobody is taken");
    {
        /* The id of one who died with the lock is another's now, who knows nothing of it. */
        uint64_t stale = 1ull << 32 | (uint32_t)getppid();
        double begin = now();

        queues->lock = stale;
        queues->busy = 1;
        ok(pipe_lock_queues(queues) && now() - begin < 1, "and of one whose id is used again");
        check(pipe_queue_put(queues, 0, data, 6000, false, false, &(uint64_t){ 0 }) == 6000);
        ok(!pipe_queue_drop_orphans(queues, 0) && queues->queue[0].unread == 6000, "a writer who lives waits");
        memcpy((char *)queues + 4096 + 10, &(uint16_t){ 1 }, sizeof(uint16_t));
        memcpy((char *)queues + 4096 + 12, &(uint32_t){ (uint32_t)getpid() }, sizeof(uint32_t));
        ok(pipe_queue_drop_orphans(queues, 0) && !queues->queue[0].unread, "one whose id is used again does not, be it by us");
        pipe_unlock_queues(queues);
    }
}

/* One who waits for room finds it as soon as what filled the ring is withdrawn; the reader may be asleep. */
static void test_withdrawn(void)
{
    static char large[PIPE_RING];
    uint64_t at, other;

    start(4096);
    check(pipe_lock_queues(queues));
    check(pipe_queue_put(queues, 0, large, sizeof(large), false, false, &at) > 0);
    check(pipe_queue_put(queues, 0, large, 100, false, false, &other) == PIPE_NO_ROOM);
    pipe_queue_withdraw(queues, 0, at);
    ok(pipe_queue_put(queues, 0, large, 100, false, false, &other) == 100 && queues->queue[0].unread == 100, "what is withdrawn makes room");
    pipe_unlock_queues(queues);
}

int main(int argc, char **argv)
{
    unsigned long rounds;
    int fd;

    if (argc == 3 && !strcmp(argv[1], "child"))
    {
        fd = atoi(argv[2]);
        random64_state = (uint64_t)getpid() * 0x9e3779b97f4a7c15ull | 1;
        queues = mmap(NULL, PIPE_QUEUES_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        if (queues != MAP_FAILED) scribble_for_ever();
        return 2;
    }
    rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 20000;
    random64_seed(argc > 2 ? argv[2] : NULL);
    printf("# seed %#llx\n", (unsigned long long)random64_state);
    fd = memfd_create("queues", 0);
    check(fd >= 0 && !ftruncate(fd, PIPE_QUEUES_SIZE));
    queues = mmap(NULL, PIPE_QUEUES_SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (queues == MAP_FAILED) return 1;
    test_model(rounds, false);
    test_model(rounds, true);
    test_kills(argv[0], fd, rounds / 400);
    test_garbage(rounds / 4);
    test_withdrawn();
    return tap_done();
}
