/* Processes that opened the same file find each other's memory file.
 *
 * Who has one says so by a shared lock on a byte of the file that is far behind its end: its place is the process id and
 * the number of the memory file's descriptor there. Whoever comes later asks for such a lock and opens that descriptor
 * through /proc. So a killed process leaves nothing, and nobody has to serve. flock(), which has nothing to do with
 * these locks, keeps two from making one at the same time.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "host/host_private.h"
#include "host/lock_map.h"

#define FD_BITS 20
#define PLACES  (1ll << (22 + FD_BITS))         /* process ids have 22 bits */

static bool lock_out(int fd)
{
    struct timespec pause = { .tv_nsec = 1000000 };

    for (int tries = 0; flock(fd, LOCK_EX | LOCK_NB); tries++)
    {
        if ((errno != EWOULDBLOCK && errno != EINTR) || tries == 2000) return false;    /* stopped: do without */
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    }
    return true;
}

/* A descriptor of another process may be anything by now, or mean another process (a pid namespace): only a memory file
 * with our name and size is it. */
static int open_theirs(int64_t place, const char *name, uint64_t size)
{
    char path[64], target[128], expected[128];
    struct stat st;
    ssize_t length;
    int fd;

    snprintf(path, sizeof(path), "/proc/%d/fd/%d", (int)(place >> FD_BITS), (int)(place & ((1 << FD_BITS) - 1)));
    snprintf(expected, sizeof(expected), "/memfd:%s (deleted)", name);
    length = readlink(path, target, sizeof(target) - 1);
    if (length <= 0) return -1;
    target[length] = 0;
    if (strcmp(target, expected) || (fd = open(path, O_RDWR | O_CLOEXEC | O_NOCTTY)) < 0) return -1;
    if (!fstat(fd, &st) && S_ISREG(st.st_mode) && (uint64_t)st.st_size == size) return fd;
    close(fd);
    return -1;
}

static int find(int fd, int64_t first, int64_t last, const char *name, uint64_t size, int *tries)
{
    struct flock lock;
    int64_t place;
    int memory = -1;

    while (first <= last && memory < 0 && (*tries)-- > 0)
    {
        lock = (struct flock){ .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = HOST_LOCK_MEET + first, .l_len = last - first + 1 };
        if (fcntl(fd, F_OFD_GETLK, &lock) || lock.l_type == F_UNLCK) break;
        place = lock.l_start - HOST_LOCK_MEET;
        if (place < first || place > last || lock.l_pid > 0) break;     /* somebody who locked it all */
        memory = open_theirs(place, name, size);
        if (memory < 0) memory = find(fd, first, place - 1, name, size, tries);
        first = place + 1;
    }
    return memory;
}

vm_status host_meet(int file, const char *name, uint64_t size, int *meeting, int *memory)
{
    int fd = host_reopen(file, O_RDONLY), tries = 64;

    if (fd < 0) return host_status(errno);
    if (!lock_out(fd))
    {
        close(fd);
        return STATUS_NOT_SUPPORTED;
    }
    *meeting = fd;
    *memory = find(fd, 0, PLACES - 1, name, size, &tries);
    return STATUS_SUCCESS;
}

void host_meet_tell(int meeting, int memory)
{
    struct flock lock = { .l_type = F_RDLCK, .l_whence = SEEK_SET, .l_len = 1 };

    lock.l_start = HOST_LOCK_MEET + ((int64_t)getpid() << FD_BITS | memory);
    if (memory < 1 << FD_BITS) fcntl(meeting, F_OFD_SETLK, &lock);
    flock(meeting, LOCK_UN);
}
