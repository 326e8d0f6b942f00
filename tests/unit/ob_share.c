/* Cells that other processes have: their places in the slab are used again when nobody has them any more and nobody is
 * going to, and not before. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "ob/cell.h"
#include "ob/robust.h"
#include "ob_stubs.h"
#include "tap.h"

struct order                    /* to the other process */
{
    enum { TAKE_AND_FREE, TAKE_AND_KEEP, FREE_ALL, PASS_ON } what;
    uint64_t offset;
};

static void send_order(int to, const struct order *order, int fd)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control = { .header = { CMSG_LEN(sizeof(int)), SOL_SOCKET, SCM_RIGHTS } };
    struct iovec iov = { (void *)order, sizeof(*order) };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

    memcpy(CMSG_DATA(&control.header), &fd, sizeof(int));
    check(sendmsg(to, &message, 0) == sizeof(*order));
}

static bool receive_order(int from, struct order *order, int *fd)
{
    union { struct cmsghdr header; char space[CMSG_SPACE(sizeof(int))]; } control;
    struct iovec iov = { order, sizeof(*order) };
    struct msghdr message = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof(control) };

    if (recvmsg(from, &message, MSG_CMSG_CLOEXEC) != sizeof(*order)) return false;
    memcpy(fd, CMSG_DATA(CMSG_FIRSTHDR(&message)), sizeof(int));
    return true;
}

/* The other process: takes the cells that are sent, and says 1 when it has done what it was told. */
static void serve(int from, int next)
{
    struct cell *kept[4096], *cell;
    unsigned int count = 0;
    struct order order;
    bool taken;
    int fd;

    cell_after_fork();
    robust_after_fork();
    while (receive_order(from, &order, &fd))
    {
        uint64_t offset;
        int own;

        if (order.what == FREE_ALL) while (count) cell_free(kept[--count]);
        else
        {
            if (!(cell = cell_import(fd, order.offset, &taken))) _exit(2);
            if (taken) fd = -1;
            if (order.what == TAKE_AND_KEEP) kept[count++] = cell;
            else if (order.what == PASS_ON)
            {
                if (!cell_share(cell, &own, &offset) || offset != order.offset) _exit(3);
                send_order(next, &(struct order){ TAKE_AND_KEEP, offset }, own);
                cell_free(cell);
            }
            else cell_free(cell);
        }
        if (fd >= 0) close(fd);
        if (write(from, "\1", 1) != 1) _exit(4);
    }
    _exit(0);
}

static pid_t start_server(int *to, int next)
{
    int pair[2];
    pid_t pid;

    check(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair));
    if (!(pid = fork()))
    {
        close(pair[0]);
        serve(pair[1], next);
    }
    close(pair[1]);
    *to = pair[0];
    return pid;
}

static void wait_done(int to)
{
    char byte;

    check(read(to, &byte, 1) == 1);
}

/* A new cell, sent and freed here. Returns where it is. */
static uint64_t send_new(int to, int what, bool wait)
{
    struct cell *cell = cell_alloc(CELL_AUTO, 1, 1);
    struct order order = { what, 0 };
    int fd;

    check(cell && cell_share(cell, &fd, &order.offset));
    send_order(to, &order, fd);
    if (wait) wait_done(to);
    cell_free(cell);
    return order.offset;
}

static uint64_t slab_bytes(void)
{
    struct cell *cell = cell_alloc(CELL_AUTO, 0, 1);
    uint64_t offset;
    struct stat st;
    int fd;

    check(cell && cell_share(cell, &fd, &offset) && !fstat(fd, &st));
    cell_free(cell);
    return (uint64_t)st.st_size;
}

static bool is_among(const uint64_t *offsets, unsigned int count, uint64_t offset)
{
    while (count) if (offsets[--count] == offset) return true;
    return false;
}

static void test_shared_places(void)
{
    static uint64_t held[1000];
    int to, second, flight[2], files;
    unsigned int i, bad = 0;
    uint64_t before, offset;
    struct order order;
    pid_t pid, pid2;

    pid = start_server(&to, -1);
    before = slab_bytes();
    for (i = 0; i < 100000; i++) send_new(to, TAKE_AND_FREE, true);
    printf("# the slab: %llu KiB before, %llu after\n", (unsigned long long)before >> 10, (unsigned long long)slab_bytes() >> 10);
    ok(slab_bytes() <= before + 0x40000, "100000 cells that others had for a while take no more room than a few");

    /* What others still have is theirs alone. */
    for (i = 0; i < 1000; i++)
    {
        held[i] = send_new(to, TAKE_AND_KEEP, true);
        bad += is_among(held, i, held[i]);
    }
    for (i = 0; i < 5000; i++) bad += is_among(held, 1000, send_new(to, TAKE_AND_FREE, true));
    ok(!bad, "a place that somebody has is not given away");
    before = slab_bytes();
    send_new(to, FREE_ALL, true);
    for (i = 0; i < 20000; i++) send_new(to, TAKE_AND_FREE, true);
    ok(slab_bytes() == before, "and is when he has let go of it");

    /* On its way: in a message that nobody has read yet. */
    check(!socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, flight));
    offset = send_new(flight[0], TAKE_AND_KEEP, false);
    for (i = 0, bad = 0; i < 5000; i++) bad += send_new(to, TAKE_AND_FREE, true) == offset;
    check(receive_order(flight[1], &order, &files));
    for (i = 0; i < 1000; i++) bad += send_new(to, TAKE_AND_FREE, true) == offset;
    ok(!bad, "nor one on its way");
    close(files);

    /* Passed on to a third process, in whose queue it stays for a while. */
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(to);
    pid = start_server(&to, flight[0]);
    offset = send_new(to, PASS_ON, true);
    for (i = 0, bad = 0; i < 5000; i++) bad += send_new(to, TAKE_AND_FREE, true) == offset;
    pid2 = start_server(&second, -1);
    check(receive_order(flight[1], &order, &files) && order.offset == offset);
    send_order(second, &order, files);
    close(files);
    wait_done(second);
    for (i = 0; i < 5000; i++) bad += send_new(to, TAKE_AND_FREE, true) == offset;
    ok(!bad, "nor one that was passed on");
    kill(pid2, SIGKILL);
    waitpid(pid2, NULL, 0);
    for (i = 0, bad = 0; i < 20000 && !bad; i++) bad = send_new(to, TAKE_AND_FREE, true) == offset;
    ok(bad, "one whose holder was killed is free");

    /* Many more of those. */
    for (i = 0; i < 4000; i++) send_new(to, TAKE_AND_KEEP, true);
    before = slab_bytes();
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(to);
    pid = start_server(&to, -1);
    for (i = 0; i < 20000; i++) send_new(to, TAKE_AND_FREE, true);
    ok(slab_bytes() <= before, "so are many");
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    close(to);
    close(second);
    close(flight[0]);
    close(flight[1]);
}

/* One that comes back is the one that went. */
static void test_comes_back(void)
{
    struct cell *cell = cell_alloc(CELL_AUTO, 1, 1), *again = NULL, *other;
    uint64_t offset;
    unsigned int i, bad = 0;
    bool taken;
    int fd;

    check(cell && cell_share(cell, &fd, &offset) && (again = cell_import(fd, offset, &taken)) && !taken);
    ok(again == cell, "a cell that comes back");
    cell_free(cell);
    for (i = 0; i < 1000; i++)
    {
        other = cell_alloc(CELL_AUTO, 0, 1);
        bad += other == again;
        check(cell_share(other, &fd, &offset));
        cell_free(other);
    }
    ok(!bad && cell_is_signaled(again), "is not given away while it is used");
    cell_free(again);
}

int main(void)
{
    test_comes_back();
    test_shared_places();
    return tap_done();
}
