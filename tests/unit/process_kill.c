/* Who deals with another process survives that one's death at any moment.
 *
 * tests/loader/victim.c does one operation between two processes (or starts one). One of them is run under ptrace and is
 * killed at its Nth stop, at the beginning or the end of a call to the host, for every N from the start of the operation to its
 * end. The other one must end the operation within two seconds, and have as many files and mappings as without the
 * accident; a target must still serve the next who asks; nobody may be left.
 *
 * process_kill [SECONDS]: longer than that (60) it does not take; it says then what it has left out. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tap.h"

#define PATIENCE 2.0
#define SLACK_FILES 2                   /* what the dead had already put there */
#define SLACK_MAPS 8                    /* and a thread's stacks and heap, which libc keeps for the next one */

static char oriel[PATH_MAX], program[PATH_MAX + 40];
static sigset_t unblocked;

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

/* ---- processes ----------------------------------------------------------------------------------------------- */

struct process
{
    pid_t pid;
    int input, output;
    char text[256];
    size_t length;
    bool traced, gone;
    int status;
};

static bool start(struct process *p, bool traced, const char *operation, pid_t target)
{
    int in[2], out[2];
    char id[16];

    memset(p, 0, sizeof(*p));
    snprintf(id, sizeof(id), "%u", (unsigned int)target * 4);
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
        return false;
    if (!(p->pid = fork()))
    {
        dup2(in[0], 0);
        dup2(out[1], 1);
        sigprocmask(SIG_SETMASK, &unblocked, NULL);
        if (traced)
        {
            ptrace(PTRACE_TRACEME, 0, NULL, NULL);
            raise(SIGSTOP);
        }
        execl(oriel, "oriel", program, operation, target ? id : NULL, NULL);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    p->input = in[1];
    p->output = out[0];
    p->traced = traced;
    fcntl(p->output, F_SETFL, O_NONBLOCK);
    return p->pid > 0;
}

static void hear(struct process *p)
{
    ssize_t n = read(p->output, p->text + p->length, sizeof(p->text) - 1 - p->length);

    if (n > 0)
        p->length += (size_t)n;
    p->text[p->length] = 0;
}

static unsigned int count_files(pid_t pid)
{
    unsigned int count = 0;
    char path[64];
    DIR *folder;

    snprintf(path, sizeof(path), "/proc/%d/fd", (int)pid);
    if (!(folder = opendir(path)))
        return 0;
    while (readdir(folder))
        count++;
    closedir(folder);
    return count;
}

static unsigned int count_maps(pid_t pid)
{
    unsigned int count = 0;
    char path[64], line[512];
    FILE *file;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    if (!(file = fopen(path, "re")))
        return 0;
    while (fgets(line, sizeof(line), file))
        count++;
    fclose(file);
    return count;
}

/* ---- the loop: stops of who is traced, words of both, the time ------------------------------------------------ */

enum victim { NOBODY, ASKER, TARGET, CHILD };

struct round
{
    struct process asker, target;
    enum victim victim;
    unsigned long kill_at, stops;       /* counted while counting is set */
    bool counting, killed;
    pid_t child;
};

static bool is_victim(const struct round *round, pid_t tid)
{
    char path[64];

    if (round->victim == CHILD)
        return round->child && (tid == round->child || (snprintf(path, sizeof(path), "/proc/%d/task/%d", (int)round->child,
                                                                 (int)tid), !access(path, F_OK)));
    return true;                        /* nobody else is traced */
}

static pid_t victim_pid(const struct round *round)
{
    return round->victim == ASKER ? round->asker.pid : round->victim == TARGET ? round->target.pid : round->child;
}

static void handle_stop(struct round *round, pid_t tid, int status)
{
    int signal = WSTOPSIG(status), event = status >> 16;
    unsigned long message;

    if (round->victim == CHILD && (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK ||
                                   (event == PTRACE_EVENT_CLONE && !round->child)))
    {
        char path[64];

        ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message);
        snprintf(path, sizeof(path), "/proc/%d/task/%lu", (int)round->asker.pid, message);
        if (access(path, F_OK))         /* no thread of the asker's */
            round->child = (pid_t)message;
    }
    if (signal == (SIGTRAP | 0x80) && round->counting && !round->killed && is_victim(round, tid) &&
        ++round->stops == round->kill_at)
    {
        round->killed = true;
        kill(victim_pid(round), SIGKILL);
        return;
    }
    if (event || signal == (SIGTRAP | 0x80) || signal == SIGSTOP || signal == SIGTRAP)
        signal = 0;
    ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(intptr_t)signal);
}

/* One step. Nothing happened within a millisecond: no matter. */
static void step(struct round *round)
{
    struct pollfd fds[2] = { { .fd = round->asker.gone || !round->asker.pid ? -1 : round->asker.output, .events = POLLIN },
                             { .fd = round->target.gone || !round->target.pid ? -1 : round->target.output, .events = POLLIN } };
    bool any = false;
    int status;
    pid_t tid;

    while ((tid = waitpid(-1, &status, WNOHANG | __WALL)) > 0)
    {
        any = true;
        if (WIFSTOPPED(status))
            handle_stop(round, tid, status);
        else
        {
            struct process *p = tid == round->asker.pid ? &round->asker : tid == round->target.pid ? &round->target : NULL;

            if (p)
            {
                p->gone = true;
                p->status = status;
            }
        }
    }
    if (round->asker.pid)
        hear(&round->asker);
    if (round->target.pid)
        hear(&round->target);
    if (!any)
        ppoll(fds, 2, &(struct timespec){ 0, 1000000 }, &unblocked);
}

static bool until(struct round *round, struct process *p, const char *text, double patience)
{
    double end = seconds() + patience;

    while (!strstr(p->text, text) && !p->gone && seconds() < end)
        step(round);
    return strstr(p->text, text) != NULL;
}

static bool until_gone(struct round *round, struct process *p, double patience)
{
    double end = seconds() + patience;

    while (!p->gone && seconds() < end)
        step(round);
    return p->gone;
}

/* The threads of a traced one are to be waited for before it is. */
static void finish(struct round *round, struct process *p)
{
    if (!p->gone)
        kill(p->pid, SIGKILL);
    until_gone(round, p, PATIENCE);
    close(p->input);
    close(p->output);
}

static const long options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

static bool trace_from_start(struct process *p, long more)
{
    int status;

    if (waitpid(p->pid, &status, __WALL) != p->pid || !WIFSTOPPED(status))
        return false;
    ptrace(PTRACE_SETOPTIONS, p->pid, NULL, (void *)(options | more));
    return !ptrace(PTRACE_SYSCALL, p->pid, NULL, NULL);
}

static bool trace_running(struct process *p)
{
    p->traced = true;
    return !ptrace(PTRACE_SEIZE, p->pid, NULL, (void *)options) && !ptrace(PTRACE_INTERRUPT, p->pid, NULL, NULL);
}

/* Orphans come to us; whoever is there two seconds after everybody else has gone stays for ever. */
static bool nobody_left(void)
{
    double end = seconds() + PATIENCE;
    pid_t pid = -1;

    while (seconds() < end && (pid = waitpid(-1, NULL, WNOHANG | __WALL)) >= 0)
        if (!pid)
            usleep(500);
    return pid < 0 && errno == ECHILD;
}

/* ---- rounds ----------------------------------------------------------------------------------------------------------- */

static char why[256];

#define need(condition, ...) do { if (!(condition)) { snprintf(why, sizeof(why), __VA_ARGS__); result = false; goto done; } } while (0)

/* Asks an unharmed target once more, untraced: it still serves. */
static bool ask_again(struct round *round, const char *operation)
{
    struct process first = round->asker;
    bool result;

    if (!start(&round->asker, false, operation, round->target.pid))
        return false;
    result = until(round, &round->asker, "ready", PATIENCE) && write(round->asker.input, "x", 1) == 1 &&
             until(round, &round->asker, "done", PATIENCE) && strstr(round->asker.text, "done 0");
    finish(round, &round->asker);
    round->asker = first;
    return result;
}

/* What it does not need any more goes on other threads, in its time. */
static bool as_before(struct round *round, pid_t pid, unsigned int files, unsigned int maps)
{
    double end = seconds() + PATIENCE;

    while (count_files(pid) > files + SLACK_FILES || count_maps(pid) > maps + SLACK_MAPS)
        if (seconds() > end)
            return false;
        else
            step(round);
    return true;
}

/* False: something is wrong (why). *over: the operation ended before that stop came. *growth: files that the asker got. */
static bool run_round(const char *operation, enum victim victim, unsigned long kill_at, bool *over, unsigned int *growth)
{
    struct round round = { .victim = victim, .kill_at = kill_at };
    bool has_target = strcmp(operation, "create") != 0, result = true;
    unsigned int files = 0, maps = 0, asker_files = 0;

    *over = false;
    if (has_target)
    {
        need(start(&round.target, false, "target", 0) && until(&round, &round.target, "ready", 10), "no target");
        /* A target that was asked before has what it needs to answer; one that was not starts that, which counts. */
        if (victim == ASKER)
            need(ask_again(&round, operation), "the target does not serve");
        files = count_files(round.target.pid);
        maps = count_maps(round.target.pid);
    }
    need(start(&round.asker, victim == ASKER || victim == CHILD, operation, round.target.pid), "no asker");
    if (round.asker.traced)
        need(trace_from_start(&round.asker, victim == CHILD ? PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK : 0), "no ptrace");
    need(until(&round, &round.asker, "ready", 10), "the asker does not run");
    asker_files = count_files(round.asker.pid);
    if (victim == TARGET)
        need(trace_running(&round.target), "no ptrace: %s", strerror(errno));
    round.counting = true;
    need(write(round.asker.input, "x", 1) == 1, "the asker does not listen");
    until(&round, &round.asker, "done", 10 * PATIENCE);
    round.counting = false;
    if (!round.killed)
        *over = true;
    if (victim == ASKER && round.killed)
        need(until_gone(&round, &round.asker, PATIENCE), "the asker was killed, and lives");
    else
    {
        need(strstr(round.asker.text, "done 0") || (round.killed && strstr(round.asker.text, "done 1")), "the asker says %.100s%s",
             round.asker.text, round.asker.gone ? " (and is gone)" : "");
        if (victim == NOBODY)
            *growth = count_files(round.asker.pid) - asker_files;
        else if (victim != ASKER)
            need(as_before(&round, round.asker.pid, asker_files + *growth, UINT_MAX - SLACK_MAPS), "the asker has %u files, not %u",
                 count_files(round.asker.pid), asker_files + *growth);
        need(write(round.asker.input, "x", 1) == 1 && until_gone(&round, &round.asker, PATIENCE), "the asker does not end");
    }
    if (has_target && victim == ASKER)
    {
        need(!round.target.gone, "the target is gone");
        need(ask_again(&round, operation), "the target does not serve any more");
        need(as_before(&round, round.target.pid, files, maps), "the target has %u files and %u mappings, not %u and %u",
             count_files(round.target.pid), count_maps(round.target.pid), files, maps);
    }
done:
    if (round.asker.pid)
        finish(&round, &round.asker);
    if (round.target.pid)
        finish(&round, &round.target);
    if (result && !nobody_left())
    {
        snprintf(why, sizeof(why), "somebody is left");
        result = false;
    }
    while (!result && waitpid(-1, NULL, WNOHANG | __WALL) > 0)
        ;
    return result;
}

static void note(int signal)
{
    (void)signal;
}

int main(int argc, char **argv)
{
    static const struct { const char *operation; enum victim victim; const char *name; } cases[] =
    {
        { "map", ASKER, "who maps a view elsewhere is killed" }, { "map", TARGET, "in whom a view is mapped is killed" },
        { "duplicate", ASKER, "who duplicates a handle is killed" }, { "duplicate", TARGET, "who gets a handle is killed" },
        { "thread", ASKER, "who creates a thread elsewhere is killed" }, { "thread", TARGET, "in whom a thread is created is killed" },
        { "create", ASKER, "a parent is killed" }, { "create", CHILD, "a child is killed at birth" },
    };
    double end = seconds() + (argc > 1 ? atof(argv[1]) : 60);
    struct sigaction action = { .sa_handler = note };
    sigset_t child;
    char *slash;
    size_t i;

    /* beside the build's other files: obj/tests/unit/process_kill */
    if (readlink("/proc/self/exe", oriel, sizeof(oriel) - 40) < 0)
        return 1;
    for (i = 0; i < 4 && (slash = strrchr(oriel, '/')); i++)
        *slash = 0;
    snprintf(program, sizeof(program), "%s/obj/tests/loader/victim.exe", oriel);
    strcat(oriel, "/oriel");
    if (access(oriel, X_OK) || access(program, R_OK))
    {
        printf("%s is not there\n", access(oriel, X_OK) ? oriel : program);
        return 77;
    }
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigaction(SIGCHLD, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &unblocked);
    sigdelset(&unblocked, SIGCHLD);

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
    {
        unsigned int growth = 0;
        unsigned long n;
        bool over = false;
        double until_now = seconds(), share = (end - until_now) / (double)(sizeof(cases) / sizeof(cases[0]) - i);

        why[0] = 0;
        if (!run_round(cases[i].operation, NOBODY, 0, &over, &growth))
        {
            printf("# unharmed: %s\n", why);
            ok(false, cases[i].name);
            continue;
        }
        for (n = 1, over = false; !over && seconds() - until_now < share; n++)
            if (!run_round(cases[i].operation, cases[i].victim, n, &over, &growth))
            {
                printf("# at stop %lu: %s\n", n, why);
                break;
            }
        printf("# %s: %lu stops%s, %.1f s\n", cases[i].name, n - 1 - over, over || why[0] ? "" : " and more", seconds() - until_now);
        ok(!why[0], cases[i].name);
        fflush(stdout);
    }
    return tap_done();
}
