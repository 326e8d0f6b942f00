/* Processes that map one image share its shared pages (host/meet.c): started together, killed half way, gone. */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "vm/vm.h"
#include "host/host.h"
#include "tap.h"
#include "pe_builder.h"

#define BASE 0x180000000000ull
#define CHILDREN 6

static char name[] = "/tmp/oriel-meet-XXXXXX";

static struct section *open_image(void)
{
    struct vm_section_create create = { .fd = open(name, O_RDONLY | O_CLOEXEC), .protect = PAGE_READONLY, .attributes = SEC_IMAGE, .node = ~0u };
    struct section *section = NULL;

    if (create.fd < 0 || section_create(&create, &section)) return NULL;
    close(create.fd);
    return section;
}

static volatile char *map_shared(struct section *section)
{
    struct vm_map map = { .protect = PAGE_READONLY, .node = ~0u };

    return section && vm_success(view_map(section, &map)) ? (volatile char *)map.base + 0x2000 : NULL;
}

/* Writes its mark, says that it is there, and when told to looks for the marks of all. */
static void child(unsigned int number, int ready, int go)
{
    volatile char *shared = map_shared(open_image());
    char byte;

    if (!shared) _exit(2);
    shared[0x100 + number] = 1;
    if (write(ready, "", 1) != 1 || read(go, &byte, 1) < 0) _exit(3);
    for (unsigned int i = 0; i < CHILDREN; i++)
        if (shared[0x100 + i] != 1) _exit(4);
    _exit(shared[0] == 'B' ? 0 : 5);
}

static bool round_of(unsigned int victims)
{
    pid_t pids[CHILDREN + 4];
    int ready[2], go[2], status;
    bool good = true;
    char byte;

    check(!pipe2(ready, O_CLOEXEC) && !pipe2(go, O_CLOEXEC));
    fflush(stdout);
    for (unsigned int i = 0; i < CHILDREN + victims; i++)
        if (!(pids[i] = fork()))
        {
            close(go[1]);
            if (i < CHILDREN) child(i, ready[1], go[0]);
            for (;;)                            /* to be killed somewhere in here */
            {
                struct section *section = open_image();

                if (section) section_unref(section);
            }
        }
    for (unsigned int i = 0; i < victims; i++)
    {
        usleep(200 + rand() % 2000);
        kill(pids[CHILDREN + i], SIGKILL);
        waitpid(pids[CHILDREN + i], &status, 0);
    }
    for (unsigned int i = 0; i < CHILDREN; i++) good &= read(ready[0], &byte, 1) == 1;
    close(go[1]);
    for (unsigned int i = 0; i < CHILDREN; i++)
    {
        good &= waitpid(pids[i], &status, 0) == pids[i] && !status;
        if (status) printf("# child %u: status %#x\n", i, status);
    }
    close(ready[0]);
    close(ready[1]);
    close(go[0]);
    return good;
}

int main(void)
{
    static struct pe pe;
    struct section *one;
    volatile char *shared;
    bool good = true;
    int fd = mkstemp(name), status;
    pid_t pid;

    pe_make(&pe, BASE, 0x200);
    put32(&pe, SECTION(&pe, 1, 36), SCN_R | (uint32_t)SCN_W | SCN_S);
    check(write(fd, pe.bytes, pe.size) == (ssize_t)pe.size);
    if (vm_init()) return 1;

    for (int i = 0; i < 20 && good; i++) good = round_of(0);
    ok(good, "six processes that start together have one memory");
    for (int i = 0; i < 20 && good; i++) good = round_of(4);
    ok(good, "also while others are killed on the way");

    shared = map_shared(one = open_image());
    ok(shared && shared[0] == 'B' && shared[0x100] == 'B', "when the last has gone all starts anew");
    shared[0] = 'X';
    fflush(stdout);
    if (!(pid = fork()))
    {
        /* a process of its own: what it inherited is not what it finds */
        struct section *other;
        volatile char *its;

        view_unmap((uintptr_t)shared, 0);
        section_unref(one);
        its = map_shared(other = open_image());
        _exit(its && its[0] == 'X' ? 0 : 1);
    }
    ok(waitpid(pid, &status, 0) == pid && !status, "who comes later finds what is there");
    check(pwrite(fd, pe.bytes, 1, 0) == 1 && !futimens(fd, (struct timespec[]){ { 1, 0 }, { 1, 0 } }));
    shared = map_shared(open_image());
    ok(shared && shared[0] == 'B', "a file that was written to is another image");
    unlink(name);
    close(fd);
    return tap_done();
}
