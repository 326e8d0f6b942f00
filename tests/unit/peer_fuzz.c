/* A hostile peer: random bytes and mutated requests to the control thread for a bounded time. Each message gets one
 * reply (or, if it is none, the connection ends), nothing crashes, and a decent question is answered afterwards.
 *
 *     peer_fuzz [SECONDS [SEED]]
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "nt/nt.h"
#include "vm/vm.h"
#include "ob/object.h"
#include "ob/types.h"
#include "ps/context.h"
#include "ps/debug_protocol.h"
#include "ps/exception.h"
#include "ps/peer.h"
#include "ps/process_object.h"
#include "ps/thread_private.h"
#include "tap.h"

static int client = -1, files[3];
static uintptr_t known;                 /* an allocation to aim at */
static HANDLE known_handle;

static uint64_t interesting(void)
{
    static const uint64_t values[] = { 0, 1, 2, 4, 8, 0x10, 0x20, 0x40, 0x80, 0xfff, 0x1000, 0x2000, 0x3000, 0x4000, 0x8000, 0x10000,
        0x100000, 0x1000000, 0x8000000, 0x40000, 0x7ffffffeffff, 0x7fffffff0000, 0x7fffffffffff, 0x800000000000, 0x7fffffff,
        0x80000000, 0xffffffff, 0x100000000, 0x7fffffffffffffff, 0x8000000000000000, 0xffffffffffffffff, 0xfffffffffffff000,
        0x7ffe0000, 0x104, 0x204, 0x40000000 };

    switch (random64() % 8)
    {
    case 0: return random64();
    case 1: return known;
    case 2: return known + (random64() % 64) * 0x1000;
    case 3: return (uintptr_t)known_handle;
    case 4: return (random64() % 16) * 0x10000;
    default: return values[random64() % (sizeof(values) / sizeof(values[0]))];
    }
}

static bool expect_reply(struct peer_message *reply)
{
    static char data[PEER_DATA_MAX];
    struct pollfd fd = { .fd = client, .events = POLLIN };
    int fds[PEER_FDS_MAX];
    unsigned int count;
    enum peer_received received;

    if (poll(&fd, 1, 20000) != 1) return false;
    received = peer_receive(client, false, reply, data, sizeof(data), fds, &count);
    while (count) close(fds[--count]);
    return received == PEER_RECEIVED;
}

/* What is asked in earnest. */
static bool still_sane(void)
{
    struct peer_message query = { .operation = PEER_QUERY, .query = { .address = 0x10000, .length = 48 } }, reply;

    return peer_send(client, &query, NULL, NULL, 0, true) && expect_reply(&reply) && !reply.status &&
           reply.data_size == 48 && reply.query.returned == 48;
}

static void send_random(void)
{
    static char bytes[4096 + 16];
    struct peer_message reply;
    size_t size = 1 + random64() % (random64() % 4 ? 400 : sizeof(bytes) - 1);

    for (size_t i = 0; i < size; i++) bytes[i] = (char)random64();
    if (random64() % 2) memcpy(bytes, &(uint32_t){ PEER_MAGIC }, size < 4 ? size : 4);
    check(send(client, bytes, size, MSG_NOSIGNAL) == (ssize_t)size);
    check(expect_reply(&reply) && reply.status);
}

/* What was made goes again, or a query of the working set would take for ever. */
static void undo(const struct peer_message *done)
{
    struct peer_message message = { .operation = PEER_OPERATIONS }, reply;

    if (done->operation == PEER_ALLOCATE && (done->allocate.type & MEM_RESERVE))
    {
        message.operation = PEER_FREE;
        message.free.range.base = done->allocate.range.base;
        message.free.type = MEM_RELEASE;
    }
    else if (done->operation == PEER_MAP)
    {
        message.operation = PEER_UNMAP;
        message.unmap.address = done->map.base;
    }
    else return;
    check(peer_send(client, &message, NULL, NULL, 0, true));
    check(expect_reply(&reply) && !reply.status);
}

/* Every field that matters gets something now and then; operations that start Windows code are left out, for there is
 * none here. */
static void send_mutant(void)
{
    static char data[PEER_DATA_MAX];
    struct peer_message message = { .operation = (uint32_t)(random64() % (PEER_OPERATIONS + 2)) }, reply;
    uint32_t words = sizeof(message.size) / 4;
    unsigned int fd_count = random64() % 3 ? 0 : random64() % (PEER_FDS_MAX + 1);
    int fds[PEER_FDS_MAX];

    if (message.operation == PEER_THREAD_CREATE) return;
    for (unsigned int i = 0; i < 16; i++)
        if (random64() % 4) message.size[i] = interesting();
    for (unsigned int i = 0; i < 6; i++)
        if (random64() % 2) ((uint32_t *)message.size)[random64() % words] = (uint32_t)interesting();
    if (message.operation == PEER_MAP && random64() % 4)
    {
        message.map.section = (struct peer_section){ random64() % 4 ? 0x20000 : interesting(), random64() % 2 ? 0 : interesting(),
                                                     PAGE_READWRITE, random64() % 2 ? SEC_COMMIT : SEC_RESERVE, ~0u,
                                                     random64() % 2, 0, 1, 0 };
        message.map.protect = random64() % 2 ? PAGE_READWRITE : PAGE_READONLY;
        message.map.inherit = 2;
        if (random64() % 2) message.map.base = message.map.size = message.map.offset = 0;
        if (random64() % 2) message.map.lowest = message.map.highest = message.map.alignment = 0;
        if (random64() % 2) message.map.type = 0;
        fd_count = 1;
    }
    if (message.operation == PEER_LOCK || message.operation == PEER_FREE || message.operation == PEER_PROTECT)
        if (message.free.range.base < 0x80000000) message.free.range.base = known;      /* not the shared user data page */
    if (message.operation == PEER_DEBUG_ATTACH || message.operation == PEER_DEBUG_SET)
        message.debug.flags &= ~DEBUGGEE_KILL;  /* it would do so */
    if (random64() % 3 == 0) message.data_size = random64() % 2 ? random64() % 256 : random64() % sizeof(data);
    for (uint32_t i = 0; i < message.data_size && i < 256; i++) data[i] = (char)random64();
    for (unsigned int i = 0; i < fd_count; i++) fds[i] = files[random64() % 3];
    check(peer_send(client, &message, data, fds, fd_count, true));
    check(expect_reply(&reply));
    if (!reply.status) undo(&reply);
}

static bool connect_server(void)
{
    int pair[2];

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return false;
    client = pair[0];
    process_creator_socket = pair[1];
    peer_server_start();
    return true;
}

/* Connects by name as user uid (0: as we are) and says what it is told first: bytes, or -1 if it cannot even connect. */
static int greeting(uid_t uid)
{
    struct sockaddr_un address;
    unsigned int size;
    int status = 0;
    pid_t pid;

    process_control_name(getpid(), &address, &size);
    if (!(pid = fork()))
    {
        struct timeval patience = { .tv_sec = 5 };
        char bytes[256];
        int fd;

        if (uid && (setgid(uid) || setuid(uid))) _exit(99);
        fd = socket(AF_UNIX, SOCK_SEQPACKET, 0);
        setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
        for (int tries = 0; connect(fd, (struct sockaddr *)&address, size); tries++)    /* it is just about to listen */
            if (tries == 1000) _exit(98);
            else usleep(1000);
        ssize_t n = recv(fd, bytes, sizeof(bytes), 0);
        _exit(n < 0 ? 97 : (int)n);
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : -3;
}

/* With no room for another file, somebody who connects waits, and the control thread sleeps. */
static bool sleeps_when_full(void)
{
    struct rlimit limit, full;
    struct sockaddr_un address;
    struct timespec before, after;
    struct timeval patience = { .tv_sec = 5 };
    struct process_hello hello;
    unsigned int size;
    int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
    bool good;

    process_control_name(getpid(), &address, &size);
    getrlimit(RLIMIT_NOFILE, &limit);
    full = limit;
    full.rlim_cur = (rlim_t)fd;
    setsockopt(fd, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof(patience));
    setrlimit(RLIMIT_NOFILE, &full);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &before);
    good = !connect(fd, (struct sockaddr *)&address, size);
    usleep(300000);
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &after);
    good = good && still_sane();
    setrlimit(RLIMIT_NOFILE, &limit);
    good = good && (after.tv_sec - before.tv_sec) * 1000 + (after.tv_nsec - before.tv_nsec) / 1000000 < 50 &&
           recv(fd, &hello, sizeof(hello), 0) == sizeof(hello);
    close(fd);
    return good;
}

/* A handle to a thread of a third process that is connected to us and says nothing. */
static bool gives_up_on_third(void)
{
    struct { uint32_t linux_pid, tid; } thread = { 0, 8 };
    struct peer_message put = { .operation = PEER_HANDLE_PUT, .data_size = sizeof(thread) }, reply;
    struct process_object *third;
    int pair[2];
    pid_t pid;
    bool good;

    if (!(pid = fork()))
        for (;;) pause();
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) ||
        !(third = process_object_other(pid, (int)syscall(SYS_pidfd_open, pid, 0), process_block_create(), pair[0], true))) return false;
    third->block->answers = 1;
    thread.linux_pid = (uint32_t)pid;
    while (put.handle.type < object_type_count && object_types[put.handle.type] != &thread_type) put.handle.type++;
    good = peer_send(client, &put, &thread, NULL, 0, true) && expect_reply(&reply) && reply.status;
    kill(pid, SIGKILL);
    close(pair[1]);
    object_unref(&third->header);
    return good;
}

int main(int argc, char **argv)
{
    double seconds = argc > 1 ? atof(argv[1]) : 3;
    size_t size = 0x100000;
    unsigned long count = 0;
    struct timespec now, start;
    int open_before, open_after;

    random64_seed(argc > 2 ? argv[2] : NULL);
    printf("# peer_fuzz %g 0x%llx\n", seconds, (unsigned long long)random64_state);
    fflush(stdout);

    context_init();
    if (vm_init() || process_object_init()) return 1;
    suspend_init();
    signals_init();
    files[0] = memfd_create("small", MFD_CLOEXEC);
    files[1] = memfd_create("large", MFD_CLOEXEC);
    files[2] = open("/dev/null", O_RDWR | O_CLOEXEC);
    if (ftruncate(files[0], 0x1000) || ftruncate(files[1], 0x100000)) return 1;
    if (vm_allocate(&known, &size, MEM_RESERVE | MEM_COMMIT, PAGE_READWRITE, &(struct vm_limits){ 0 }, ~0u)) return 1;
    handle_create(&current_process->header, PROCESS_ALL_ACCESS, 0, &known_handle);

    ok(connect_server(), "the control thread runs");
    ok(still_sane(), "a request is answered");
    ok(greeting(0) == sizeof(struct process_hello), "who connects is greeted");
    if (!getuid()) ok(greeting(65534) == 0, "another user is turned away");
    ok(sleeps_when_full(), "without room for another file it sleeps, answers, and goes on later");
    open_before = dup(0);
    close(open_before);
    clock_gettime(CLOCK_MONOTONIC, &start);
    do
    {
        if (random64() % 4) send_mutant();
        else send_random();
        if (++count % 512 == 0) check(still_sane());
        clock_gettime(CLOCK_MONOTONIC, &now);
    } while (!tap_failed && (double)(now.tv_sec - start.tv_sec) + (double)(now.tv_nsec - start.tv_nsec) / 1e9 < seconds);
    printf("# %lu messages\n", count);
    ok(still_sane(), "a request is answered after all that");
    ok(!vm_check(NULL), "the address space is consistent");
    ok(gives_up_on_third() && still_sane(), "somebody who does not answer it does not keep it from answering");
    open_after = dup(0);
    close(open_after);
    printf("# lowest free fd %d before, %d after\n", open_before, open_after);
    return tap_done();
}
