/* The host boundary on Linux. See host.h for what each function promises. */
#include <errno.h>
#include <fcntl.h>
#include <linux/futex.h>
#include <linux/mempolicy.h>
#include <limits.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/statfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#include "host/host_private.h"
#include "host/lock_map.h"

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif
#ifndef MFD_EXEC
#define MFD_EXEC 0x10u
#endif

vm_status host_status(int error)
{
    switch (error)
    {
    case 0:       return STATUS_SUCCESS;
    case EEXIST:  return STATUS_CONFLICTING_ADDRESSES;
    case EACCES:
    case EPERM:
    case EROFS:
    case ETXTBSY: return STATUS_ACCESS_DENIED;
    case EDQUOT:
    case EFBIG:
    case ENOSPC:  return STATUS_DISK_FULL;
    case EMFILE:
    case ENFILE:  return STATUS_TOO_MANY_OPENED_FILES;
    case EIO:     return STATUS_IO_DEVICE_ERROR;
    case ENODEV:
    case ENOSYS:
    case EOPNOTSUPP: return STATUS_NOT_SUPPORTED;
    case EBADF:   return STATUS_INVALID_HANDLE;
    default:      return STATUS_NO_MEMORY;
    }
}

static int linux_prot(unsigned prot)
{
    return (prot & HOST_READ ? PROT_READ : 0) | (prot & HOST_WRITE ? PROT_WRITE : 0) | (prot & HOST_EXEC ? PROT_EXEC : 0);
}

/* ---- mappings -------------------------------------------------------------------------------------------- */

static vm_status linux_map(uintptr_t addr, size_t size, unsigned prot, unsigned flags, int fd, uint64_t offset, const char *why)
{
    int how = MAP_NORESERVE;

    (void)why;
    how |= flags & HOST_SHARED ? MAP_SHARED : MAP_PRIVATE;
    how |= flags & HOST_REPLACE ? MAP_FIXED : MAP_FIXED_NOREPLACE;
    if (fd < 0) how |= MAP_ANONYMOUS;
    if (flags & HOST_FILL) how |= MAP_POPULATE;
    /* Large pages that are not reserved now are a SIGBUS later. */
    if (flags & HOST_HUGE) how = (how & ~MAP_NORESERVE) | MAP_HUGETLB;
    if (mmap((void *)addr, size, linux_prot(prot), how, fd, offset) != MAP_FAILED) return STATUS_SUCCESS;
    /* Below vm.mmap_min_addr nobody can map: as good as occupied. */
    if (errno == EPERM && fd < 0) return STATUS_CONFLICTING_ADDRESSES;
    return host_status(errno);
}

static vm_status linux_map_own(uintptr_t *addr, size_t size, const char *why)
{
    void *at = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

    (void)why;
    if (at == MAP_FAILED) return host_status(errno);
    *addr = (uintptr_t)at;
    return STATUS_SUCCESS;
}

static vm_status linux_unmap(uintptr_t addr, size_t size, const char *why)
{
    (void)why;
    return munmap((void *)addr, size) ? host_status(errno) : STATUS_SUCCESS;
}

static vm_status linux_protect(uintptr_t addr, size_t size, unsigned prot, const char *why)
{
    (void)why;
    return mprotect((void *)addr, size, linux_prot(prot)) ? host_status(errno) : STATUS_SUCCESS;
}

static vm_status advise(uintptr_t addr, size_t size, int advice)
{
    return madvise((void *)addr, size, advice) ? host_status(errno) : STATUS_SUCCESS;
}

static vm_status linux_discard(uintptr_t addr, size_t size, const char *why)
{
    (void)why;
    return advise(addr, size, MADV_DONTNEED);
}

static vm_status linux_reset(uintptr_t addr, size_t size, const char *why)
{
    (void)why;
    return advise(addr, size, MADV_COLD);
}

static vm_status linux_lock(uintptr_t addr, size_t size, bool on_touch)
{
    return mlock2((void *)addr, size, on_touch ? MLOCK_ONFAULT : 0) ? host_status(errno) : STATUS_SUCCESS;
}

static vm_status linux_unlock(uintptr_t addr, size_t size)
{
    /* not munlock(), which the address sanitizer makes do nothing */
    return syscall(SYS_munlock, addr, size) ? host_status(errno) : STATUS_SUCCESS;
}

static vm_status linux_trim(uintptr_t addr, size_t size, bool is_private)
{
    return advise(addr, size, is_private ? MADV_PAGEOUT : MADV_DONTNEED);
}

static vm_status linux_may_drop(uintptr_t addr, size_t size, const char *why)
{
    vm_status status = linux_lock(addr, page_bytes, true);

    (void)why;
    /* Who may not lock could not have them back for sure. */
    if (status) return status;
    linux_unlock(addr, page_bytes);
    return advise(addr, size, MADV_FREE);
}

/* Linux drops such a page unless it is dirty, whenever it likes, and a page that is read after that is the zero page. So:
 * locked pages stay; while they are locked, see which ones are there, and make those dirty. */
static vm_status keep_chunk(uintptr_t addr, size_t size)
{
    uintptr_t end = addr + size, run_end;
    vm_status status = linux_lock(addr, size, true);

    if (status) return status;
    for (uintptr_t at = addr; !status && at < end; at = run_end)
    {
        bool held;

        if (!(status = host_held(at, end, &held, &run_end)) && held) status = advise(at, run_end - at, MADV_POPULATE_WRITE);
    }
    linux_unlock(addr, size);
    return status;
}

static vm_status linux_keep(uintptr_t addr, size_t size)
{
    size_t chunk = 0x100000;            /* RLIMIT_MEMLOCK bounds it */
    vm_status status = STATUS_SUCCESS;

    while (size && !status)
    {
        if (chunk > size) chunk = size;
        status = keep_chunk(addr, chunk);
        if (status && chunk > 0x8000)
        {
            chunk = 0x8000;
            status = STATUS_SUCCESS;
            continue;
        }
        addr += chunk;
        size -= chunk;
    }
    return status;
}

static vm_status linux_prefetch(uintptr_t addr, size_t size)
{
    return advise(addr, size, MADV_WILLNEED);
}

static vm_status linux_prefer_node(uintptr_t addr, size_t size, uint32_t node)
{
    unsigned long mask;

    if (node >= sizeof(mask) * CHAR_BIT) return STATUS_NOT_SUPPORTED;
    mask = 1ul << node;
    return syscall(SYS_mbind, addr, size, MPOL_PREFERRED, &mask, sizeof(mask) * CHAR_BIT + 1, 0) ? host_status(errno) : STATUS_SUCCESS;
}

/* ---- opens ------------------------------------------------------------------------------------------------ */

int host_reopen(int fd, int flags)
{
    static const char folder[] = "/proc/self/fd/";
    char name[sizeof(folder) + 12], *end = name + sizeof(name) - 1;

    *end = 0;
    do *--end = '0' + fd % 10; while (fd /= 10);
    memcpy(end - (sizeof(folder) - 1), folder, sizeof(folder) - 1);
    return open(end - (sizeof(folder) - 1), flags | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
}

/* ---- files -------------------------------------------------------------------------------------------------- */

static vm_status linux_memory_create(int *fd, uint64_t size, const char *name, bool huge)
{
    unsigned flags = MFD_CLOEXEC | (huge ? MFD_HUGETLB : 0);
    int made = -1;

    if (host_caps.memfd_exec) made = memfd_create(name, flags | MFD_EXEC);
    if (!host_caps.memfd_exec || (made < 0 && errno == EINVAL)) made = memfd_create(name, flags);   /* before Linux 6.3 */
    if (made < 0) return host_status(errno);
    if (ftruncate(made, size) || (huge && fallocate(made, 0, 0, size)))
    {
        vm_status status = host_status(errno);

        close(made);
        return status;
    }
    *fd = made;
    return STATUS_SUCCESS;
}

static vm_status linux_file_dup(int *copy, int fd)
{
    int made = fcntl(fd, F_DUPFD_CLOEXEC, 3);

    if (made < 0) return host_status(errno);
    *copy = made;
    return STATUS_SUCCESS;
}

static void linux_file_close(int fd)
{
    close(fd);
}

static vm_status linux_file_info(int fd, struct host_file_info *info)
{
    struct stat st;

    if (fstat(fd, &st)) return host_status(errno);
    *info = (struct host_file_info){
        .size = st.st_size, .device = st.st_dev, .inode = st.st_ino, .regular = S_ISREG(st.st_mode),
        .modified = st.st_mtim.tv_sec * 1000000000ull + st.st_mtim.tv_nsec,
    };
    return STATUS_SUCCESS;
}

static vm_status linux_file_write(int fd, const void *buffer, size_t size, uint64_t offset)
{
    const char *from = buffer;

    while (size)
    {
        ssize_t done = pwrite(fd, from, size, offset);

        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return host_status(errno);
        from += done;
        size -= done;
        offset += done;
    }
    return STATUS_SUCCESS;
}

static vm_status linux_file_read(int fd, void *buffer, size_t size, uint64_t offset)
{
    char *to = buffer;

    while (size)
    {
        ssize_t done = pread(fd, to, size, offset);

        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return host_status(errno);
        if (!done) return STATUS_END_OF_FILE;
        to += done;
        size -= done;
        offset += done;
    }
    return STATUS_SUCCESS;
}

/* Growing takes several steps, so those who grow one file take turns. The lock is of an open of its own, for fd may be
 * shared with other processes; it is asked for a limited time only: who holds it may have been stopped. -1 = do without. */
static int grow_lock(int fd)
{
    struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = HOST_LOCK_GROW, .l_len = 1 };
    struct timespec pause = { .tv_nsec = 100000 };
    int own = host_reopen(fd, O_RDWR);

    for (int tries = 0; own >= 0 && tries < 2000 && fcntl(own, F_OFD_SETLK, &lock) && errno == EAGAIN; tries++)
        clock_nanosleep(CLOCK_MONOTONIC, 0, &pause, NULL);
    return own;
}

/* Zeros go behind the end, wherever that is by now: appended, they never replace what somebody wrote there meanwhile. */
static vm_status append_zeros(int fd, size_t size)
{
    static char zeros[0x1000];
    struct iovec part = { .iov_base = zeros };

    while (size)
    {
        ssize_t done;

        part.iov_len = size < sizeof(zeros) ? size : sizeof(zeros);
        done = pwritev2(fd, &part, 1, 0, RWF_APPEND);
        if (done < 0 && errno == EINTR) continue;
        if (done < 0) return host_status(errno);
        size -= done;
    }
    return STATUS_SUCCESS;
}

/* Makes the file size bytes long unless it is that long: a block at the new end and nothing in between, so it stays
 * sparse. Not every file system has that. */
static vm_status reach(int fd, uint64_t size)
{
    struct stat st;

    if (!fallocate(fd, 0, size - 1, 1)) return STATUS_SUCCESS;
    if (errno != EOPNOTSUPP && errno != ENOSYS) return errno == EINVAL ? STATUS_DISK_FULL : host_status(errno);
    if (fstat(fd, &st)) return host_status(errno);
    if ((uint64_t)st.st_size >= size || !ftruncate(fd, size)) return STATUS_SUCCESS;
    return errno == EINVAL ? STATUS_DISK_FULL : host_status(errno);
}

static vm_status grow_locked(int fd, uint64_t size)
{
    uint64_t tail;
    struct statfs fs;
    struct stat st;
    vm_status status;

    if (fstat(fd, &st)) return host_status(errno);
    if ((uint64_t)st.st_size >= size) return STATUS_SUCCESS;
    /* The file stays sparse; but a disk that could not hold it is full now, not in a fault later. */
    if (!fstatfs(fd, &fs) && fs.f_blocks && size - st.st_size > (uint64_t)fs.f_bavail * fs.f_bsize) return STATUS_DISK_FULL;
    tail = st.st_size & (page_bytes - 1) ? page_bytes - (st.st_size & (page_bytes - 1)) : 0;
    if (tail > size - st.st_size) tail = size - st.st_size;
    if (tail && (status = append_zeros(fd, tail))) return status;
    return reach(fd, size);
}

static vm_status linux_file_grow(int fd, uint64_t old_size, uint64_t new_size)
{
    int lock = grow_lock(fd);
    vm_status status = grow_locked(fd, new_size);

    (void)old_size;
    if (lock >= 0) close(lock);
    return status;
}

static vm_status linux_file_fill(int fd, uint64_t offset, uint64_t size)
{
    return fallocate(fd, 0, offset, size) ? host_status(errno) : STATUS_SUCCESS;
}

static vm_status linux_file_punch(int fd, uint64_t offset, uint64_t size)
{
    return fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, offset, size) ? host_status(errno) : STATUS_SUCCESS;
}

static vm_status linux_file_data(int fd, uint64_t offset, uint64_t *found)
{
    off_t at = lseek(fd, offset, SEEK_DATA);

    if (at < 0 && errno != ENXIO) return host_status(errno);
    *found = at < 0 ? UINT64_MAX : (uint64_t)at;
    return STATUS_SUCCESS;
}

static vm_status linux_file_flush(int fd, uint64_t offset, uint64_t size)
{
    if (!sync_file_range(fd, offset, size, SYNC_FILE_RANGE_WRITE)) return STATUS_SUCCESS;
    if (errno == EIO || errno == ENOSPC) return host_status(errno);
    return fdatasync(fd) ? host_status(errno) : STATUS_SUCCESS;         /* a file system without it */
}

/* ---- the lock's -------------------------------------------------------------------------------------------------- */

void host_wait(uint32_t *word, uint32_t value)
{
    int saved = errno;

    syscall(SYS_futex, word, FUTEX_WAIT_PRIVATE, value, NULL, NULL, 0);
    errno = saved;
}

void host_wake(uint32_t *word, int count)
{
    int saved = errno;

    syscall(SYS_futex, word, FUTEX_WAKE_PRIVATE, count, NULL, NULL, 0);
    errno = saved;
}

const struct host_ops host_linux =
{
    .map = linux_map,
    .map_own = linux_map_own,
    .unmap = linux_unmap,
    .protect = linux_protect,
    .discard = linux_discard,
    .reset = linux_reset,
    .trim = linux_trim,
    .may_drop = linux_may_drop,
    .held = host_held,
    .keep = linux_keep,
    .prefetch = linux_prefetch,
    .prefer_node = linux_prefer_node,
    .lock = linux_lock,
    .unlock = linux_unlock,
    .memory_create = linux_memory_create,
    .file_dup = linux_file_dup,
    .file_close = linux_file_close,
    .file_info = linux_file_info,
    .file_grow = linux_file_grow,
    .file_read = linux_file_read,
    .file_write = linux_file_write,
    .file_fill = linux_file_fill,
    .file_punch = linux_file_punch,
    .file_data = linux_file_data,
    .file_flush = linux_file_flush,
    .copied = host_copied,
    .resident = host_resident,
    .occupied = host_occupied,
    .watch = host_watch,
    .watch_clean = host_watch_clean,
    .watch_scan = host_watch_scan,
    .memory_limit = host_memory_limit,
    .memory_available = host_memory_available,
};
const struct host_ops *host = &host_linux;
