/* floor: what bare Linux takes for the same work as work.c's rows; same names.
 * floor starts NAME COMMAND...: what starting a program takes, from exec to exit. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>
#include "row.h"

#define SIZE 0x10000

static double now_ns(void)
{
    struct timespec t;

    clock_gettime(CLOCK_MONOTONIC, &t);
    return t.tv_sec * 1e9 + t.tv_nsec;
}
static const char *last_error(void) { return strerror(errno); }

static int fd;
static char *fixed;

static int map_unmap(void)
{
    void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    return p != MAP_FAILED && !munmap(p, SIZE);
}
static int map_touch_unmap(void)
{
    char *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    if (p == MAP_FAILED) return 0;
    *(volatile char *)p = 1;
    return !munmap(p, SIZE);
}
static int create_map_unmap_close(void)
{
    int f = memfd_create("floor", MFD_CLOEXEC);
    void *p = !ftruncate(f, SIZE) ? mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, f, 0) : MAP_FAILED;
    return p != MAP_FAILED && !munmap(p, SIZE) && !close(f);
}
static int alloc_free(void)
{
    void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p != MAP_FAILED && !munmap(p, SIZE);
}
static int protect(void)
{
    static int next = PROT_READ;
    next ^= PROT_WRITE;
    return !mprotect(fixed, SIZE, next);
}
static int protect_store(void)
{
    if (mprotect(fixed, SIZE, PROT_READ) || mprotect(fixed, SIZE, PROT_READ | PROT_WRITE)) return 0;
    *(volatile char *)fixed = 1;
    return 1;
}
static int reserve(size_t size)
{
    void *p = mmap(NULL, size, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    return p != MAP_FAILED && !munmap(p, size);
}
static int reserve_64k(void) { return reserve(SIZE); }
static int reserve_1tb(void) { return reserve((size_t)1 << 40); }

#define BLOCKS 1024
static void *blocks[BLOCKS];
static int heap_pattern(void)
{
    static unsigned int seed = 1;
    int i;
    for (i = 0; i < BLOCKS; i++)
    {
        unsigned int k = (seed = seed * 1664525 + 1013904223) >> 22;
        free(blocks[k]);
        if (!(blocks[k] = malloc(16 + (seed & 0x3ff)))) return 0;
    }
    return 1;
}

/* What a name costs at least: its file, and a lock on it. */
static char named[64];
static int named_open_close(void)
{
    int f = open(named, O_RDWR | O_CLOEXEC);
    return f >= 0 && !flock(f, LOCK_SH) && !close(f);
}

/* A file goes to another process, which says that it came: what a remote map cannot do without. */
static int pair[2];

static int send_file(void)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
    char bytes[256] = { 0 };
    struct iovec iov = { bytes, sizeof(bytes) };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

    memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
    return sendmsg(pair[0], &message, 0) == sizeof(bytes) && recv(pair[0], bytes, sizeof(bytes), 0) == sizeof(bytes);
}

static void answer(void)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control;
    char bytes[256];
    struct iovec iov = { bytes, sizeof(bytes) };
    int got;

    for (;;)
    {
        struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

        if (recvmsg(pair[1], &message, MSG_CMSG_CLOEXEC) != sizeof(bytes)) _exit(0);
        memcpy(&got, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
        close(got);
        if (send(pair[1], bytes, sizeof(bytes), 0) != sizeof(bytes)) _exit(0);
    }
}

static char **command;
static int start_wait(void)
{
    pid_t pid = vfork();
    int status;

    if (!pid)
    {
        int null = open("/dev/null", O_RDWR);

        dup2(null, 1);
        dup2(null, 2);
        execvp(command[0], command);
        _exit(127);
    }
    return waitpid(pid, &status, 0) == pid && !status;
}

static void processes(void)
{
    pid_t pid;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair)) return;
    if (!(pid = fork()))
    {
        close(pair[0]);
        answer();
    }
    row("remote_map_unmap_64k", send_file);
    close(pair[0]);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    if (command[0]) row("create_wait_hello", start_wait);
}

/* floor [COMMAND...]: the command is create_wait_hello's, as a shell would start it */
int main(int argc, char **argv)
{
    command = argv + 1;
    if (argc > 3 && !strcmp(argv[1], "starts"))
    {
        command = argv + 3;
        row(argv[2], start_wait);
        return 0;
    }
    fd = memfd_create("floor", MFD_CLOEXEC);
    if (fd < 0 || ftruncate(fd, SIZE)) return 1;
    fixed = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    row("map_unmap_64k", map_unmap);
    row("map_touch_unmap_64k", map_touch_unmap);
    row("create_map_unmap_close_64k", create_map_unmap_close);
    row("alloc_free_64k", alloc_free);
    row("protect_64k", protect);
    row("protect_twice_store_64k", protect_store);
    row("reserve_query_free_64k", reserve_64k);
    row("reserve_query_free_1t", reserve_1tb);
    snprintf(named, sizeof(named), "%s/oriel-bench-%d", access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm", getpid());
    close(open(named, O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    row("named_section_open_close", named_open_close);
    row("named_event_open_close", named_open_close);
    unlink(named);
    row("heap_1024_of_16_to_1k", heap_pattern);
    processes();
    return 0;
}
