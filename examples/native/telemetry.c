/* telemetry: the native half of ../telemetry.c: a Linux program that shares a named section with Windows programs that
 * run under Oriel. oriel-names(7) is the protocol.
 *
 *   telemetry make      makes Local\telemetry for a Windows program to open, and waits for an answer in it
 *   telemetry use       opens what a Windows program made, reads it and answers
 *
 *   cc telemetry.c -o telemetry
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define BYTES "local.telemetry"         /* Local\telemetry */
#define NAME  "local.telemetry~name"
#define SIZE  0x10000

struct telemetry                        /* what both programs mean by the bytes */
{
    volatile int answered;
    char question[60], answer[64];
};

struct name_file                        /* oriel-names(7), THE NAME FILE */
{
    char     magic[8];
    uint32_t version, state, kind, name_size, security_size, maker, reserved[8];
    uint32_t cell[16];
    uint64_t size, device, inode, state_offset;
    uint32_t protect, attributes, node, bytes, holder[2], path_size;
    uint8_t  is_file, is_image, file_writable, fills;
    uint32_t has_state, reserved2[15];
    uint16_t name[1920];
};
_Static_assert(sizeof(struct name_file) == 4096, "a name file");

static int failed(const char *what)
{
    fprintf(stderr, "telemetry: ");
    perror(what);
    return 1;
}

static int open_directory(void)
{
    const char *path = getenv("ORIEL_RUNTIME");
    char usual[40];

    snprintf(usual, sizeof(usual), "/dev/shm/oriel-%u", (unsigned)geteuid());
    if (!path) mkdir(path = usual, 0700);
    return open(path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int lock(int fd, int type)       /* F_RDLCK: while we use it. F_WRLCK: while we make it. */
{
    struct flock whole = { .l_type = (short)type, .l_whence = SEEK_SET };

    return fcntl(fd, F_OFD_SETLK, &whole);
}

static struct telemetry *map(int fd)
{
    void *p = mmap(NULL, SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);

    return p == MAP_FAILED ? NULL : p;
}

static int use(int dir)
{
    int bytes = openat(dir, BYTES, O_RDWR | O_CLOEXEC);
    struct telemetry *shared;

    /* That is all it takes. The bytes stay as long as they are mapped; who wants the name to stay as well opens and locks
     * NAME, as below. */
    if (bytes < 0) return failed(BYTES);
    if (!(shared = map(bytes))) return failed("mmap");
    printf("%s\n", shared->question);
    strcpy(shared->answer, "answered by a native program");
    __atomic_store_n(&shared->answered, 1, __ATOMIC_RELEASE);
    return 0;
}

/* Gives an O_TMPFILE a name, which nothing has. */
static int give_name(int dir, int fd, const char *name)
{
    char path[40];

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    return linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW);
}

static int make(int dir)
{
    static const char name[] = "telemetry";
    struct name_file file = { .magic = "OrielNam", .version = 1, .kind = 5, .maker = (uint32_t)getpid(), .size = SIZE,
                              .protect = 4 /* PAGE_READWRITE */, .attributes = 0x8000000 /* SEC_COMMIT */, .node = ~0u };
    int fd = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    int bytes = openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);
    struct stat mine, named;
    struct telemetry *shared;
    int i;

    if (fd < 0 || bytes < 0) return failed("a file in the runtime directory");
    if (posix_fallocate(bytes, 0, SIZE) || !(shared = map(bytes))) return failed("memory");
    strcpy(shared->question, "asked by a native program");
    for (i = 0; name[i]; i++) file.name[i] = (uint8_t)name[i];
    file.name_size = 2 * (uint32_t)i;

    /* Locked and filled before anybody can see it; complete when state says so. */
    if (lock(fd, F_WRLCK) || write(fd, &file, sizeof(file)) != sizeof(file)) return failed("the name file");
    if (give_name(dir, fd, NAME)) return failed("Local\\telemetry is taken, or left behind");
    unlinkat(dir, BYTES, 0);
    if (give_name(dir, bytes, BYTES)) return failed(BYTES);
    file.state = 1;
    if (pwrite(fd, &file.state, 4, offsetof(struct name_file, state)) != 4 || lock(fd, F_RDLCK)) return failed("the name file");

    printf("ready\n");
    fflush(stdout);
    for (i = 0; i < 1000 && !__atomic_load_n(&shared->answered, __ATOMIC_ACQUIRE); i++) usleep(10000);
    printf("%s\n", shared->answered ? shared->answer : "nobody answered");

    /* The last one out removes the name, if it is still this one: others may have removed it, and made it again. */
    lock(fd, F_UNLCK);
    if (!lock(fd, F_WRLCK) && !fstat(fd, &mine) && !fstatat(dir, NAME, &named, AT_SYMLINK_NOFOLLOW) &&
        mine.st_ino == named.st_ino && mine.st_dev == named.st_dev)
    {
        file.state = 2;
        if (pwrite(fd, &file.state, 4, offsetof(struct name_file, state)) != 4) perror("telemetry");
        unlinkat(dir, BYTES, 0);
        unlinkat(dir, NAME, 0);
    }
    return 0;
}

int main(int argc, char **argv)
{
    int dir;

    if (argc != 2 || (strcmp(argv[1], "make") && strcmp(argv[1], "use")))
    {
        fprintf(stderr, "usage: telemetry make | use\n");
        return 2;
    }
    if ((dir = open_directory()) < 0) return failed("the runtime directory");
    return argv[1][0] == 'm' ? make(dir) : use(dir);
}
