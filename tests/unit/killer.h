/* Programs of which one is killed at its Nth stop, at the beginning or the end of a call to the host, for every N from the
 * start of what it does to its end (process_kill.c, name_kill.c, pipe_kill.c).
 *
 * All of them print "ready" when they have started, do something for each line that they read, print "done 0" when that has
 * worked and "done 1" when it failed as it may if the other one dies, and end when there are no more lines
 * (tests/loader/victim.h). Those who survive live through all rounds of a case, so what one of them loses each time adds up.
 *
 * After that comes as much at random instructions between two stops, where nothing but memory that is shared says what the
 * dead was at. ORIEL_SEED changes which.
 *
 * Two workers share a case, one with the odd stops. Nothing is left out: what takes too long fails. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "tap.h"

#define WORKERS 2
#define PATIENCE 2.0                    /* from the death on */
#define BETWEEN 60                      /* kills between stops, of each worker */
#define STEPS_LOG2 12                   /* instructions after a stop, at most */
#define LONG_PATIENCE 20.0              /* where nobody has died: a busy machine */
#define SLACK_FILES 2                   /* over all rounds: what is made when first needed */
#define SLACK_MAPS 8                    /* and a thread's stacks and heap, which libc keeps for the next one */

struct kill_case
{
    const char *name;                   /* TAP */
    const char *program;                /* obj/tests/loader/PROGRAM.exe */
    const char *victim;                 /* its arguments; NULL: the children of the active survivor */
    const char *active;                 /* who does it with the victim, and survives; NULL */
    const char *passive;                /* to whom the victim does it; NULL */
    const char *prober;                 /* who does the same to the passive one afterwards; NULL */
    bool victim_acts;                   /* it gets a line; its end is waited for */
    bool stop;                          /* the active one goes on until it reads "q" */
    bool clean;                         /* the passive one takes away what the dead could not */
    bool leaves_nothing;                /* in the runtime directory, after each round */
};

/* ---- one worker's ------------------------------------------------------------------------------------------------ */

struct process
{
    pid_t pid;
    int input, output;
    char text[256];
    size_t length;
    bool gone;
    unsigned int files, maps;           /* before the first death */
};

static char oriel[PATH_MAX], program[PATH_MAX + 40], runtime[64];
static struct process active, passive, prober, victim;
static struct process *const everybody[] = { &active, &passive, &prober, &victim };

static pid_t victim_pid;
static unsigned long kill_at, stops;    /* counted while counting is set */
static unsigned int steps_wanted, steps_left;   /* instructions from there on, of the thread that stopped */
static pid_t stepping;
static bool counting, killed;
static sigset_t unblocked;
static char why[300];

static bool complain(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (!why[0])
        vsnprintf(why, sizeof(why), format, args);
    va_end(args);
    return false;
}

static double seconds(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (double)now.tv_sec + (double)now.tv_nsec / 1e9;
}

static bool start(struct process *p, const char *arguments)
{
    char words[100], *argv[8] = { "oriel", program }, *rest = words;
    int in[2], out[2], count = 2;

    memset(p, 0, sizeof(*p));
    snprintf(words, sizeof(words), "%s", arguments);
    while (count < 7 && (argv[count] = strsep(&rest, " ")))
        count++;
    argv[count] = NULL;
    if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
        return complain("no pipe");
    if (!(p->pid = fork()))
    {
        dup2(in[0], 0);
        dup2(out[1], 1);
        sigprocmask(SIG_SETMASK, &unblocked, NULL);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        execv(oriel, argv);
        _exit(127);
    }
    close(in[0]);
    close(out[1]);
    p->input = in[1];
    p->output = out[0];
    fcntl(p->output, F_SETFL, O_NONBLOCK);
    return p->pid > 0 || complain("no process");
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
    static char bytes[65536];
    unsigned int count = 0;
    char path[64];
    ssize_t n, i;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/maps", (int)pid);
    if ((fd = open(path, O_RDONLY | O_CLOEXEC)) < 0)
        return 0;
    while ((n = read(fd, bytes, sizeof(bytes))) > 0)
        for (i = 0; i < n; i++)
            count += bytes[i] == '\n';
    close(fd);
    return count;
}

/* ---- stops and words -------------------------------------------------------------------------------------------- */

static const long trace_options = PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACECLONE | PTRACE_O_TRACEEXEC | PTRACE_O_EXITKILL;

static void handle_stop(pid_t tid, int status)
{
    int signal = WSTOPSIG(status), event = status >> 16;

    if (tid == active.pid)              /* traced for its children alone */
    {
        unsigned long message = 0;

        if (event == PTRACE_EVENT_FORK || event == PTRACE_EVENT_VFORK)
        {
            ptrace(PTRACE_GETEVENTMSG, tid, NULL, &message);
            victim_pid = (pid_t)message;
        }
        ptrace(PTRACE_CONT, tid, NULL, (void *)(intptr_t)(event ? 0 : signal));
        return;
    }
    if (tid == stepping && counting && !killed && steps_left)
    {
        if (!event && signal == SIGTRAP) steps_left--;
        ptrace(PTRACE_SINGLESTEP, tid, NULL, (void *)(intptr_t)(event || signal == SIGTRAP ? 0 : signal));
        if (steps_left) return;
    }
    if (counting && !killed && (tid == stepping || (signal == (SIGTRAP | 0x80) && !stepping && ++stops == kill_at)))
    {
        if (!stepping && steps_wanted)
        {
            stepping = tid;
            steps_left = steps_wanted;
            ptrace(PTRACE_SINGLESTEP, tid, NULL, NULL);
            return;
        }
        killed = true;
        kill(victim_pid, SIGKILL);
        return;
    }
    if (event == PTRACE_EVENT_STOP)     /* also the first of a child */
        ptrace(PTRACE_SETOPTIONS, tid, NULL, (void *)trace_options);
    if (event || signal == (SIGTRAP | 0x80) || (signal == SIGTRAP && tid == stepping))
        signal = 0;
    ptrace(PTRACE_SYSCALL, tid, NULL, (void *)(intptr_t)signal);
}

/* One step. Nothing happened within a millisecond: no matter. */
static void step(void)
{
    struct pollfd fds[4];
    bool any = false;
    int status;
    pid_t tid;
    int i;

    while ((tid = waitpid(-1, &status, WNOHANG | __WALL)) > 0)
    {
        any = true;
        if (WIFSTOPPED(status))
            handle_stop(tid, status);
        else
            for (i = 0; i < 4; i++)
                if (everybody[i]->pid == tid)
                    everybody[i]->gone = true;
    }
    for (i = 0; i < 4; i++)
    {
        struct process *p = everybody[i];

        if (p->pid)
            hear(p);
        fds[i] = (struct pollfd){ .fd = p->pid && !p->gone ? p->output : -1, .events = POLLIN };
    }
    if (!any)
        ppoll(fds, 4, &(struct timespec){ 0, 1000000 }, &unblocked);
}

/* It says the word, or it ends. */
static bool until(struct process *p, const char *word, double patience)
{
    double end = seconds() + patience;

    while (!strstr(p->text, word) && !p->gone && seconds() < end)
        step();
    if (p->gone && p->pid)
        hear(p);
    return strstr(p->text, word) != NULL;
}

static bool until_gone(struct process *p, double patience)
{
    double end = seconds() + patience;

    while (!p->gone && seconds() < end)
        step();
    return p->gone;
}

static bool launch(struct process *p, const char *arguments)
{
    return start(p, arguments) && (until(p, "ready\n", LONG_PATIENCE) || complain("%s does not start: %s", arguments, p->text));
}

/* What it said before is forgotten. */
static bool tell(struct process *p, const char *line)
{
    p->length = 0;
    p->text[0] = 0;
    return write(p->input, line, strlen(line)) == (ssize_t)strlen(line) || complain("nobody listens to %s", line);
}

static bool tell_id(struct process *p, pid_t pid)
{
    char line[20];

    snprintf(line, sizeof(line), "%u\n", (unsigned int)pid * 4);
    return tell(p, line);
}

static bool finish(struct process *p, const char *arguments)
{
    bool ended;

    if (!p->pid)
        return true;
    close(p->input);
    if (!(ended = until_gone(p, LONG_PATIENCE)))
    {
        kill(p->pid, SIGKILL);
        until_gone(p, LONG_PATIENCE);
    }
    close(p->output);
    p->pid = 0;
    return ended || complain("%s does not end", arguments);
}

static void drop(struct process *p)
{
    if (p->pid && !p->gone)
        kill(p->pid, SIGKILL);
    finish(p, "");
}

/* Its main thread, which is all that it has so far, and those that it will have. */
static bool trace(struct process *p, long options)
{
    int status;

    if (ptrace(PTRACE_SEIZE, p->pid, NULL, (void *)options) || ptrace(PTRACE_INTERRUPT, p->pid, NULL, NULL) ||
        waitpid(p->pid, &status, __WALL) != p->pid || !WIFSTOPPED(status)) return complain("no ptrace: %s", strerror(errno));
    handle_stop(p->pid, status);
    return true;
}

/* ---- rounds --------------------------------------------------------------------------------------------------------- */

/* What is not needed any more goes on other threads, in their time. */
static bool as_before(struct process *p, const char *arguments)
{
    double end = seconds() + PATIENCE;
    unsigned int files, maps;

    if (!p->pid)
        return true;
    while ((files = count_files(p->pid)) > p->files + SLACK_FILES || (maps = count_maps(p->pid)) > p->maps + SLACK_MAPS)
    {
        if (seconds() > end)
            return complain("%s has %u files and %u mappings, not %u and %u", arguments, files, count_maps(p->pid), p->files, p->maps);
        step();
    }
    return !p->gone || complain("%s is gone", arguments);
}

static bool directory_is_empty(void)
{
    DIR *folder = opendir(runtime);
    struct dirent *entry;
    bool empty = true;

    while (folder && (entry = readdir(folder)))
        if (entry->d_name[0] != '.')
            empty = complain("the runtime directory has %s", entry->d_name);
    if (folder)
        closedir(folder);
    return empty;
}

/* Orphans come to us; whoever is there two seconds after everybody else has gone stays for ever. */
static bool nobody_left(void)
{
    double end = seconds() + PATIENCE;
    pid_t pid = -1;

    while (seconds() < end && (pid = waitpid(-1, NULL, WNOHANG | __WALL)) >= 0)
        if (!pid)
            usleep(500);
    return (pid < 0 && errno == ECHILD) || complain("somebody is left");
}

static bool says(struct process *p, const char *who, double patience, bool may_fail)
{
    until(p, "done ", patience);
    until(p, "\n", 1);
    return strstr(p->text, "done 0") || (may_fail && strstr(p->text, "done 1")) ||
           complain("%s says \"%.200s\"%s", who, p->text, p->gone ? " and is gone" : "");
}

/* False: something is wrong. killed is not set: it was over before that stop came. */
static bool run_round(const struct kill_case *c, unsigned long n, unsigned int instructions)
{
    struct process *waits_for = c->victim_acts ? &victim : &active;
    double end;

    kill_at = n;
    stops = 0;
    steps_wanted = instructions;
    stepping = 0;
    killed = counting = false;
    victim_pid = 0;
    if (c->victim)
    {
        if (!launch(&victim, c->victim)) return false;
        victim_pid = victim.pid;
        if (n && !trace(&victim, trace_options)) return false;
    }
    counting = true;
    if (c->active && !tell_id(&active, victim.pid)) return false;
    if (c->victim_acts && !tell_id(&victim, passive.pid)) return false;
    end = seconds() + LONG_PATIENCE;
    while (!strstr(waits_for->text, "done ") && !waits_for->gone && !killed && seconds() < end)
        step();
    counting = false;
    if (killed && c->victim && !until_gone(&victim, PATIENCE)) return complain("the victim lives");
    if (c->victim_acts && !killed && !says(&victim, c->victim, LONG_PATIENCE, false)) return false;
    if (c->stop && write(active.input, "q\n", 2) != 2) return complain("%s does not listen", c->active);
    if (c->active && !says(&active, c->active, killed ? PATIENCE : LONG_PATIENCE, killed)) return false;
    if (c->prober && (!tell_id(&prober, passive.pid) || !says(&prober, c->prober, PATIENCE, false))) return false;
    if (c->clean && (!tell(&passive, "clean\n") || !says(&passive, c->passive, PATIENCE, false))) return false;
    if (!n && !killed)
        for (int i = 0; i < 3; i++)
            if (everybody[i]->pid)
            {
                everybody[i]->files = count_files(everybody[i]->pid);
                everybody[i]->maps = count_maps(everybody[i]->pid);
            }
    if (c->victim_acts || !c->victim || killed) { if (!finish(&victim, "the victim")) return false; }
    else drop(&victim);
    if (!as_before(&active, c->active) || !as_before(&passive, c->passive)) return false;
    if (c->leaves_nothing && !directory_is_empty()) return false;
    return c->active || c->passive || nobody_left();
}

struct result
{
    unsigned long stops, between;
    bool good;
};

static void note(int signal)
{
    (void)signal;
}

/* Stops first, first + step, ... */
static void work(const struct kill_case *c, unsigned long first, unsigned long by, struct result *result)
{
    struct sigaction action = { .sa_handler = note };
    unsigned int seed = (getenv("ORIEL_SEED") ? (unsigned int)atoi(getenv("ORIEL_SEED")) : 4711) * 31 + (unsigned int)first;
    unsigned long n = first;
    sigset_t child;
    bool good;

    prctl(PR_SET_PDEATHSIG, SIGKILL);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigaction(SIGCHLD, &action, NULL);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&child);
    sigaddset(&child, SIGCHLD);
    sigprocmask(SIG_BLOCK, &child, &unblocked);
    sigdelset(&unblocked, SIGCHLD);
    snprintf(runtime, sizeof(runtime), "/tmp/oriel-kill-XXXXXX");
    good = mkdtemp(runtime) || complain("no directory");
    setenv("ORIEL_RUNTIME", runtime, 1);

    good = good && (!c->passive || launch(&passive, c->passive)) && (!c->prober || launch(&prober, c->prober)) &&
           (!c->active || launch(&active, c->active));
    if (good && !c->victim)
        good = trace(&active, PTRACE_O_TRACESYSGOOD | PTRACE_O_EXITKILL | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK);
    good = good && run_round(c, 0, 0) && run_round(c, 0, 0);
    if (!good) printf("# unharmed: %s\n", why);
    for (; good; n += by)
    {
        if (!(good = run_round(c, n, 0)))
            printf("# at stop %lu: %s\n", n, why);
        if (!killed)
            break;
        result->stops++;
    }
    for (unsigned long last = n, rounds = result->stops < BETWEEN ? result->stops : BETWEEN; good && rounds; rounds--)
    {
        unsigned int instructions;

        n = 1 + (unsigned long)rand_r(&seed) % last;
        instructions = 1 + (unsigned int)rand_r(&seed) % (1u << rand_r(&seed) % STEPS_LOG2);
        if (!(good = run_round(c, n, instructions)))
            printf("# %u instructions after stop %lu: %s\n", instructions, n, why);
        result->between += killed;
    }
    drop(&victim);
    if (!c->clean)                      /* it reads no lines */
        drop(&passive);
    good &= finish(&active, c->active) & finish(&prober, c->prober) & finish(&passive, c->passive) & nobody_left();
    good &= directory_is_empty();
    if (!good && why[0]) printf("# at the end: %s\n", why);
    if (rmdir(runtime) && !good)
    {
        char command[100];

        snprintf(command, sizeof(command), "rm -rf '%s'", runtime);
        good = !system(command) && false;
    }
    result->good = good;
}

static void run_case(const struct kill_case *c)
{
    struct result *results = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    double begin = seconds();
    unsigned long total = 0, between = 0;
    bool good = true;
    int i;

    fflush(stdout);
    snprintf(program, sizeof(program), "%.*s/obj/tests/loader/%s.exe", (int)(strlen(oriel) - strlen("/oriel")), oriel, c->program);
    for (i = 0; i < WORKERS; i++)
        if (!fork())
        {
            work(c, 1 + (unsigned long)i, WORKERS, &results[i]);
            fflush(stdout);
            _exit(0);
        }
    while (wait(NULL) > 0)
        ;
    for (i = 0; i < WORKERS; i++)
    {
        total += results[i].stops;
        between += results[i].between;
        good &= results[i].good && results[i].stops > 5;
    }
    printf("# %s: %lu stops, %lu times in between, %.1f s\n", c->name, total, between, seconds() - begin);
    ok(good, c->name);
    munmap(results, 4096);
}

/* NAMEs on the command line: only cases that contain one of them. */
static int run_cases(const struct kill_case *cases, size_t count, int argc, char **argv)
{
    char *slash;
    size_t i;
    int n;

    /* beside the build's other files: obj/tests/unit/process_kill */
    if (readlink("/proc/self/exe", oriel, sizeof(oriel) - 40) < 0)
        return 1;
    for (n = 0; n < 4 && (slash = strrchr(oriel, '/')); n++)
        *slash = 0;
    strcat(oriel, "/oriel");
    if (access(oriel, X_OK))
    {
        printf("%s is not there\n", oriel);
        return 77;
    }
    for (i = 0; i < count; i++)
    {
        bool wanted = argc < 2;

        for (n = 1; n < argc; n++)
            wanted |= strstr(cases[i].name, argv[n]) != NULL;
        if (wanted)
            run_case(&cases[i]);
    }
    return tap_done();
}
