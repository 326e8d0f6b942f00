/* Where processes ask for pipes (io/pipe_meet.h), asked by strangers: random and mutated requests with files attached. Each is
 * answered or dropped at once, nothing crashes or stays open, a decent request is served afterwards, and another user is not.
 *
 *     peer_pipe_meet [ROUNDS [SEED]]
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/ioctl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "nt/nt.h"
#include "vm/vm.h"
#include "io/ntfile.h"
#include "io/pipe.h"
#include "io/pipe_meet.h"
#include "ps/context.h"
#include "ps/process_object.h"
#include "tap.h"

/* The address of the one listener of ours. */
static struct sockaddr_un at;
static socklen_t at_size;

static bool find_listener(void)
{
    char line[512], start[64], *name;
    FILE *list = fopen("/proc/net/unix", "r");
    int length = snprintf(start, sizeof(start), "@oriel-%u-pipe-", (unsigned int)geteuid());
    bool found = false;

    at.sun_family = AF_UNIX;
    while (list && fgets(line, sizeof(line), list))
    {
        int probe;

        if (!(name = strchr(line, '@')) || strncmp(name, start, length) || !strchr(name + length, '-')) continue;
        name[strcspn(name, "\n")] = 0;
        memcpy(at.sun_path + 1, name + 1, strlen(name) - 1);
        at_size = (socklen_t)(offsetof(struct sockaddr_un, sun_path) + strlen(name));
        /* Others may run beside us: ours is the one whose peer we are. */
        probe = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
        if (!connect(probe, (struct sockaddr *)&at, at_size))
        {
            struct ucred who;
            socklen_t size = sizeof(who);

            found = !getsockopt(probe, SOL_SOCKET, SO_PEERCRED, &who, &size) && who.pid == getpid();
        }
        close(probe);
        if (found) break;
    }
    if (list) fclose(list);
    return found;
}

struct request { uint32_t magic, kind, access, length; WCHAR name[64]; };

/* 1: answered, 0: dropped, -1: neither within two seconds. */
static int ask(const void *bytes, size_t size, const int *fds, unsigned int fd_count, struct pipe_reply *reply, int got[3])
{
    union { struct cmsghdr header; char room[CMSG_SPACE(4 * sizeof(int))]; } control = { 0 };
    struct iovec vector = { (void *)bytes, size };
    struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1 };
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0), result = -1;
    struct pollfd ready = { fd, POLLIN, 0 };

    got[0] = got[1] = got[2] = -1;
    if (connect(fd, (struct sockaddr *)&at, at_size))
    {
        close(fd);
        return -1;
    }
    if (fd_count)
    {
        message.msg_control = &control;
        message.msg_controllen = CMSG_SPACE(fd_count * sizeof(int));
        control.header.cmsg_level = SOL_SOCKET;
        control.header.cmsg_type = SCM_RIGHTS;
        control.header.cmsg_len = CMSG_LEN(fd_count * sizeof(int));
        memcpy(CMSG_DATA(&control.header), fds, fd_count * sizeof(int));
    }
    if (sendmsg(fd, &message, MSG_NOSIGNAL) < 0) result = 0;
    else if (poll(&ready, 1, 2000) > 0)
    {
        vector = (struct iovec){ reply, sizeof(*reply) };
        message = (struct msghdr){ .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
        result = recvmsg(fd, &message, MSG_CMSG_CLOEXEC) == sizeof(*reply);
        for (struct cmsghdr *c = result ? CMSG_FIRSTHDR(&message) : NULL; c; c = CMSG_NXTHDR(&message, c))
            memcpy(got, CMSG_DATA(c), c->cmsg_len - CMSG_LEN(0) < 12 ? c->cmsg_len - CMSG_LEN(0) : 12);
    }
    close(fd);
    return result;
}

static void close_fds(int got[3])
{
    for (int i = 0; i < 3; i++)
        if (got[i] >= 0) close(got[i]);
}

static const WCHAR pipe_name[] = u"\\oriel-fuzz";
#define UNITS (sizeof(pipe_name) / sizeof(WCHAR) - 2)

static struct request decent(enum pipe_request_kind kind)
{
    struct request request = { 0x31504950u, kind, FILE_READ_DATA | FILE_WRITE_DATA, UNITS, { 0 } };

    memcpy(request.name, pipe_name + 1, UNITS * sizeof(WCHAR));
    return request;
}
#define DECENT_SIZE (16 + UNITS * sizeof(WCHAR))

static bool is_other_user_refused(void)
{
    struct request request = decent(PIPE_REQUEST_LOOK);
    struct pipe_reply reply;
    int got[3], status;
    pid_t pid = fork();

    if (!pid)
    {
        if (setuid(65534)) _exit(2);
        _exit(ask(&request, DECENT_SIZE, NULL, 0, &reply, got));
    }
    return waitpid(pid, &status, 0) == pid && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

/* A process that answers with more files than anybody wants: none of them stays open here. */
static bool is_generous_one_refused(int nothing)
{
    struct sockaddr_un liar = at;
    char *number = strrchr(liar.sun_path + 1, '-') + 1;
    unsigned int before = used_fds();   /* the connection of the last question may be among them still */
    struct pipe_reply all;
    int status, ready[2];
    char ok_byte;
    pid_t pid;

    number[0] = '9';
    check(!pipe(ready));
    if (!(pid = fork()))
    {
        union { struct cmsghdr header; char room[CMSG_SPACE(4 * sizeof(int))]; } control = { 0 };
        struct pipe_reply reply = { .magic = 0x31525050u, .instances = 1 };
        struct iovec vector = { &reply, sizeof(reply) };
        struct msghdr message = { .msg_iov = &vector, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };
        int mark = socket(AF_UNIX, SOCK_DGRAM, 0), listener = socket(AF_UNIX, SOCK_SEQPACKET, 0), client;
        bool good = !bind(listener, (struct sockaddr *)&liar, at_size) && !listen(listener, 1);

        number[-1] = '+';
        good = good && !bind(mark, (struct sockaddr *)&liar, at_size) && write(ready[1], "", 1) == 1;
        control.header = (struct cmsghdr){ CMSG_LEN(4 * sizeof(int)), SOL_SOCKET, SCM_RIGHTS };
        for (int i = 0; i < 4; i++) memcpy(CMSG_DATA(&control.header) + i * sizeof(int), &nothing, sizeof(int));
        alarm(5);
        _exit(!(good && (client = accept(listener, NULL, NULL)) >= 0 && sendmsg(client, &message, 0) > 0));
    }
    close(ready[1]);
    check(read(ready[0], &ok_byte, 1) == 1);
    close(ready[0]);
    pipe_look(pipe_name + 1, UNITS, &all);
    return waitpid(pid, &status, 0) == pid && !status && used_fds() <= before && !all.instances;
}

/* Keeps the epoll thread until somebody writes. */
static void doze(void *arg)
{
    char bytes[2];

    check(read(*(int *)arg, bytes, 1) == 1);    /* what woke it */
    check(read(*(int *)arg, bytes, 1) == 1);
    close(*(int *)arg);
}

/* A name is free as soon as its last instance is closed, whatever the epoll thread is at, and closing waits for nothing. */
static bool is_made_again_at_once(void)
{
    static const WCHAR name[] = u"\\oriel-fuzz-again";
    struct pipe_create create = { FILE_GENERIC_READ | FILE_GENERIC_WRITE, 3, FILE_CREATE, 0, 0, 0, 0, ~0u, 4096, 4096, -1, NULL, 0 };
    struct file *file;
    int ends[2];
    bool good = true;

    check(!pipe2(ends, O_CLOEXEC) && write(ends[1], "", 1) == 1 && io_watch(ends[0], doze, &ends[0]));
    for (int there = 1; there; usleep(1000)) check(!ioctl(ends[0], FIONREAD, &there));
    for (int i = 0; i < 40 && good; i++)
    {
        if (!(good = !pipe_create(name, sizeof(name) / sizeof(WCHAR) - 1, &create, &file))) break;
        pipe_closed(file);
        object_unref((struct object *)file);
    }
    check(write(ends[1], "", 1) == 1);
    while (fcntl(ends[0], F_GETFD) >= 0) usleep(1000);
    close(ends[1]);
    return good;
}

int main(int argc, char **argv)
{
    unsigned long rounds = argc > 1 ? strtoul(argv[1], NULL, 0) : 3000, answered = 0, late = 0;
    struct pipe_create create = { FILE_GENERIC_READ | FILE_GENERIC_WRITE, 3, FILE_OPEN_IF, 0, 0, 0, 0, ~0u, 4096, 4096, -1, NULL, 0 };
    struct request request = decent(PIPE_REQUEST_OPEN);
    struct pipe_reply reply;
    struct file *file, *others[8];
    int got[3], nothing = open("/dev/null", O_RDWR | O_CLOEXEC);
    unsigned int before;

    random64_seed(argc > 2 ? argv[2] : NULL);
    printf("# seed %#llx\n", (unsigned long long)random64_state);
    fflush(stdout);
    context_init();
    if (vm_init() || process_object_init()) return 1;
    check(!pipe_create(pipe_name, UNITS + 1, &create, &file));
    for (int i = 0; i < 8; i++) check(!pipe_create(pipe_name, UNITS + 1, &create, &others[i]));
    ok(find_listener(), "there is a listener");
    if (tap_failed) return tap_done();

    before = used_fds();        /* the connection that found the listener may be among them still */
    ok(is_made_again_at_once() && used_fds() <= before, "a name that was closed is free, though the epoll thread is busy");
    for (unsigned long i = 0; i < rounds && !late; i++)
    {
        unsigned char bytes[sizeof(request) + 64];
        size_t size = DECENT_SIZE;
        int fds[3] = { nothing, nothing, nothing }, result;

        request = decent(random64() % 3);
        if (request.kind == PIPE_REQUEST_OPEN && random64() % 8) request.kind = PIPE_REQUEST_LOOK;
        memcpy(bytes, &request, sizeof(request));
        for (unsigned int n = random64() % 4; n; n--) bytes[random64() % DECENT_SIZE] = random64() % 3 ? (unsigned char)random64() : 0xff;
        if (random64() % 4 == 0) size = random64() % sizeof(bytes);
        result = ask(bytes, size, fds, random64() % 4 ? 0 : 1 + random64() % 3, &reply, got);
        close_fds(got);
        if (result < 0) late++;
        answered += result > 0;
    }
    printf("# %lu of %lu were answered\n", answered, rounds);
    ok(!late, "each is answered or dropped within two seconds");
    ok(answered > rounds / 20 && answered < rounds, "some are answered, some are not");
    for (int i = 0; i < 200 && used_fds() > before + 27; i++) usleep(10000);
    ok(used_fds() <= before + 27, "no file stays open but those of the instances that were connected");

    check(!pipe_create(pipe_name, UNITS + 1, &create, &others[0]));
    request = decent(PIPE_REQUEST_OPEN);
    ok(ask(&request, DECENT_SIZE, NULL, 0, &reply, got) == 1 && !reply.status && got[2] >= 0, "a decent request is served");
    close_fds(got);
    ok(is_generous_one_refused(nothing), "an answer with too many files is none");
    if (geteuid()) printf("ok %d - another user # SKIP not root\n", ++tap_count);
    else ok(is_other_user_refused(), "another user is not");
    return tap_done();
}
