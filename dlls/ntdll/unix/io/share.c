/* What processes tell each other about a file. See share.h.
 *
 * The bytes beyond HOST_LOCKS are cut into stretches, one for each *mark*: a mark is set by whoever has a lock in its
 * stretch. The order is such that what somebody must ask for lies together, and mostly nobody has anything there:
 *
 *      0           an image section of the file exists
 *      1, 2        a data section; one that may write
 *      3           delete pending
 *      4 .. 31     an open that does not share reading: 7 kinds of access by 4 of sharing
 *     32 .. 55     an open that shares reading, and writes or deletes: 6 by 4
 *     56 .. 59     an open that shares reading, and only reads: by 4
 *
 * So a program that reads and shares everything takes one lock and asks once, for marks 3 to 31.
 *
 * Own mark first, then the question: of two who exclude each other at least one sees the other. Both may: then each takes
 * its mark back and tries once more after a moment that differs.
 *
 * Locks of one kind do not exclude each other because readers lock the first byte of the stretch for reading, and who
 * has no right to read (the kernel wants it for that) any other byte of it for writing.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <sys/statfs.h>
#include <time.h>
#include <unistd.h>

#include "host/host.h"
#include "host/lock_map.h"
#include "io/ntfile.h"
#include "io/path.h"
#include "io/share.h"

#define READ_ACCESS   (FILE_READ_DATA | FILE_EXECUTE)
#define WRITE_ACCESS  (FILE_WRITE_DATA | FILE_APPEND_DATA)

enum
{
    MARK_IMAGE, MARK_DATA, MARK_WRITABLE, MARK_PENDING,
    MARK_OPENS,                         /* not sharing reading */
    MARK_OPENS_WRITING = MARK_OPENS + 28,
    MARK_OPENS_READING = MARK_OPENS_WRITING + 24,
    MARKS = MARK_OPENS_READING + 4
};

/* Access and sharing as FILE_SHARE_ bits. */
struct mode { unsigned int access, sharing; };

static struct mode mode_of(const struct file *file)
{
    struct mode mode = { 0, file->sharing & (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE) };

    if (file->access & READ_ACCESS) mode.access |= FILE_SHARE_READ;
    if (file->access & WRITE_ACCESS) mode.access |= FILE_SHARE_WRITE;
    if (file->access & DELETE) mode.access |= FILE_SHARE_DELETE;
    return mode;
}

static int mark_of(struct mode mode)
{
    unsigned int others = mode.sharing >> 1;            /* writing and deleting */

    if (!(mode.sharing & FILE_SHARE_READ)) return MARK_OPENS + 7 * others + mode.access - 1;
    if (mode.access != FILE_SHARE_READ) return MARK_OPENS_WRITING + 6 * others + mode.access - 2;
    return MARK_OPENS_READING + others;
}

static struct mode mode_of_mark(int mark)
{
    if (mark >= MARK_OPENS_READING) return (struct mode){ 1, (mark - MARK_OPENS_READING) << 1 | 1 };
    if (mark >= MARK_OPENS_WRITING) return (struct mode){ (mark - MARK_OPENS_WRITING) % 6 + 2, (mark - MARK_OPENS_WRITING) / 6 << 1 | 1 };
    return (struct mode){ (mark - MARK_OPENS) % 7 + 1, (mark - MARK_OPENS) / 7 << 1 };
}

/* ---- locks ----------------------------------------------------------------------------------------------------- */

static struct flock stretch(short type, int first, int last)
{
    return (struct flock){ .l_type = type, .l_whence = SEEK_SET, .l_start = HOST_LOCKS + first * HOST_LOCK_SLOTS,
                           .l_len = (last - first + 1) * HOST_LOCK_SLOTS };
}

/* Sets the marks from first to last. True: also when somebody who knows nothing of marks has locked it all. */
static bool hold(int fd, int first, int last)
{
    struct flock lock = stretch(F_RDLCK, first, last);

    lock.l_len = (last - first) * HOST_LOCK_SLOTS + 1;
    if (!fcntl(fd, F_OFD_SETLK, &lock)) return true;
    if (errno != EBADF) return errno == EAGAIN || errno == EACCES;
    for (int tries = 0; tries < 8; tries++)             /* may not read: any byte that is free */
    {
        lock = stretch(F_WRLCK, first, first);
        lock.l_start += 1 + __builtin_ia32_rdtsc() / 16 % (HOST_LOCK_SLOTS - 1);
        lock.l_len = 1;
        if (!fcntl(fd, F_OFD_SETLK, &lock)) return true;
        if (errno != EAGAIN && errno != EACCES) return false;
    }
    return true;
}

static void drop(int fd, int first, int last)
{
    struct flock lock = stretch(F_UNLCK, first, last);

    fcntl(fd, F_OFD_SETLK, &lock);
}

/* The first mark that others have set among those from *first to *last, which become its ends; false: none. */
static bool find(int fd, int *first, int *last)
{
    struct flock lock = stretch(F_WRLCK, *first, *last);
    int64_t start, end;

    if (fcntl(fd, F_OFD_GETLK, &lock) || lock.l_type == F_UNLCK) return false;
    start = lock.l_start - HOST_LOCKS;
    end = lock.l_len ? start + lock.l_len - 1 : start;
    if (lock.l_pid > 0 || start < 0 || start / HOST_LOCK_SLOTS > *last) return false;   /* somebody who knows nothing of marks */
    if (start / HOST_LOCK_SLOTS > *first) *first = start / HOST_LOCK_SLOTS;
    if (end / HOST_LOCK_SLOTS < *last) *last = end / HOST_LOCK_SLOTS;
    return true;
}

/* ---- opening ------------------------------------------------------------------------------------------------------- */

struct question
{
    struct mode mode;
    bool writes_data, overwrite, delete_on_close;
};

/* What a mark of somebody else means to us. The specification, 10, and IoCheckShareAccess. */
static NTSTATUS verdict(const struct question *q, int mark)
{
    struct mode other;

    switch (mark)
    {
    case MARK_IMAGE:
        if (q->writes_data || q->overwrite) return STATUS_SHARING_VIOLATION;
        return q->delete_on_close ? STATUS_CANNOT_DELETE : STATUS_SUCCESS;
    case MARK_DATA:     return q->overwrite ? STATUS_USER_MAPPED_FILE : STATUS_SUCCESS;
    case MARK_WRITABLE: return q->mode.sharing & FILE_SHARE_WRITE ? STATUS_SUCCESS : STATUS_SHARING_VIOLATION;
    case MARK_PENDING:  return STATUS_DELETE_PENDING;
    }
    other = mode_of_mark(mark);
    return (q->mode.access & ~other.sharing) | (other.access & ~q->mode.sharing) ? STATUS_SHARING_VIOLATION : STATUS_SUCCESS;
}

/* Share modes come before what sections forbid: the strongest of all verdicts counts. */
static NTSTATUS ask(int fd, const struct question *q, int first, int last)
{
    NTSTATUS result = STATUS_SUCCESS, status;

    while (first <= last && !verdict(q, first)) first++;
    while (first <= last && !verdict(q, last)) last--;
    while (first <= last)
    {
        int from = first, to = last;

        if (!find(fd, &from, &to)) break;
        for (int mark = from; mark <= to; mark++)
        {
            if (!(status = verdict(q, mark))) continue;
            if (status == STATUS_SHARING_VIOLATION || status == STATUS_DELETE_PENDING) return status;
            result = status;
        }
        if (first < from && (status = ask(fd, q, first, from - 1)))     /* not the first in order: there may be others */
        {
            if (status == STATUS_SHARING_VIOLATION || status == STATUS_DELETE_PENDING) return status;
            result = status;
        }
        first = to + 1;
    }
    return result;
}

static void pause_a_moment(void)
{
    struct timespec pause = { .tv_nsec = 20000 + __builtin_ia32_rdtsc() % 100000 };

    clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
}

NTSTATUS share_open(struct file *file, const struct stat *st, bool overwrite)
{
    struct question q =
    {
        mode_of(file), (file->access & FILE_WRITE_DATA) != 0, overwrite, (file->options & FILE_DELETE_ON_CLOSE) != 0,
    };
    NTSTATUS status;
    int mark;

    if (!q.mode.access || (file->mount && file->mount->read_only) || !share_matters(file->fd, st)) return STATUS_SUCCESS;
    mark = mark_of(q.mode);
    for (int tries = 0;; tries++)
    {
        if (!(file->told = hold(file->fd, mark, mark))) return STATUS_SUCCESS;
        if (!(status = ask(file->fd, &q, 0, MARKS - 1))) return status;
        drop(file->fd, mark, mark);
        if (tries || status != STATUS_SHARING_VIOLATION) return status;
        pause_a_moment();
    }
}

void share_close(int fd)
{
    drop(fd, MARK_PENDING, MARKS - 1);
}

/* ---- where it matters ------------------------------------------------------------------------------------------------- */

/* Network file systems would ask their servers, and not all of them know locks; the others hold no files that anybody
 * shares. */
static bool worth_asking(const struct statfs *fs)
{
    switch ((unsigned int)fs->f_type)
    {
    case NFS_SUPER_MAGIC: case SMB_SUPER_MAGIC: case CIFS_SUPER_MAGIC: case SMB2_SUPER_MAGIC: case CEPH_SUPER_MAGIC:
    case AFS_SUPER_MAGIC: case CODA_SUPER_MAGIC: case V9FS_MAGIC: case FUSE_SUPER_MAGIC: case PROC_SUPER_MAGIC:
    case SYSFS_MAGIC:
        return false;
    default:
        return !(fs->f_flags & 1);      /* ST_RDONLY */
    }
}

/* One question to each file system. An entry is the device with the answer in its lowest bit; 0 = free. */
#define DEVICES 8
static uint64_t devices[DEVICES];

bool share_matters(int fd, const struct stat *st)
{
    uint64_t key = ((uint64_t)st->st_dev + 1) << 1, seen;
    static unsigned int turn;
    struct statfs fs;
    bool matters;

    if (!S_ISREG(st->st_mode) || fd < 0) return false;
    for (unsigned int i = 0; i < DEVICES; i++)
    {
        seen = __atomic_load_n(&devices[i], __ATOMIC_RELAXED);
        if ((seen & ~1ull) == key) return seen & 1;
        if (!seen) break;
    }
    matters = !host_disabled("filelocks") && !fstatfs(fd, &fs) && worth_asking(&fs);
    __atomic_store_n(&devices[__atomic_fetch_add(&turn, 1, __ATOMIC_RELAXED) % DEVICES], key | matters, __ATOMIC_RELAXED);
    return matters;
}

/* ---- sections and deletion ----------------------------------------------------------------------------------------------- */

void share_section(int fd, enum file_section kind)
{
    if (kind == FILE_SECTION_IMAGE) hold(fd, MARK_IMAGE, MARK_IMAGE);
    else hold(fd, MARK_DATA, kind == FILE_SECTION_DATA_WRITABLE ? MARK_WRITABLE : MARK_DATA);
}

static bool matters(int fd)
{
    struct stat st;

    return fd >= 0 && !fstat(fd, &st) && share_matters(fd, &st);
}

bool share_has_section(int fd, bool data)
{
    int first = MARK_IMAGE, last = data ? MARK_WRITABLE : MARK_IMAGE;

    return matters(fd) && find(fd, &first, &last);
}

void share_pending(int fd, bool pending)
{
    if (!matters(fd)) return;
    if (pending) hold(fd, MARK_PENDING, MARK_PENDING);
    else drop(fd, MARK_PENDING, MARK_PENDING);
}

bool share_in_use(int fd, bool images_only)
{
    int first = MARK_OPENS, last = MARKS - 1;

    return share_has_section(fd, false) || (!images_only && matters(fd) && find(fd, &first, &last));
}
