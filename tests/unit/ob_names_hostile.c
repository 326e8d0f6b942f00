/* Names that processes share, when files are scribbled on, or the directory is full, another's, or gone.
 *
 * Usage: ob_names_hostile [--seed N] [--rounds N] */
#include "names_bed.h"

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
    unsigned int rounds = names_begin(argc, argv);

    test_directories();
    test_mounts();
    test_hostile(rounds);
    return names_end();
}
