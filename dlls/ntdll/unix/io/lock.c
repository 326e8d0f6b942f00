/* Byte range locks with Windows' rules, and OFD locks under them so that other processes see them too.
 *
 * The list of this process decides first. The kernel's locks merge what one open locks twice, so a range is
 * unlocked there only where no other lock of the same open remains.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/futex.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/lock_map.h"
#include "io/inode.h"
#include "io/lock.h"

struct byte_lock
{
    struct byte_lock *next;
    struct file *file;
    struct byte_range range;
};

uint32_t lock_sequence;

/* The last byte; a range of no bytes ends before it starts. */
static uint64_t last_of(const struct byte_range *range)
{
    return range->start + range->length - 1;
}

/* A lock of no bytes meets only locks that have bytes on both sides of it (LockFile tests). */
static bool overlaps(const struct byte_range *a, const struct byte_range *b)
{
    if (!a->length && !b->length) return false;
    if (!a->length) return a->start > b->start && a->start <= last_of(b);
    if (!b->length) return b->start > a->start && b->start <= last_of(a);
    return a->start <= last_of(b) && b->start <= last_of(a);
}

/* ---- the kernel's share ------------------------------------------------------------------------------- */

/* Linux knows offsets up to 2^63 - 1, of which the last ones mean something else (host/lock_map.h); what lies there and
 * beyond is this process's alone. */
static bool kernel_lock(struct file *file, short type, uint64_t start, uint64_t last)
{
    struct flock lock = { .l_type = type, .l_whence = SEEK_SET, .l_start = start };

    if (start >= HOST_LOCKS_START) return true;
    if (last >= HOST_LOCKS_START) last = HOST_LOCKS_START - 1;
    lock.l_len = last - start + 1;
    if (!fcntl(file->fd, F_OFD_SETLK, &lock)) return true;
    return errno != EAGAIN && errno != EACCES;  /* a file system without locks, an fd without the access */
}

/* Unlocks [start, last] except where another lock of the same open lies. */
static void kernel_unlock_locked(struct inode *inode, struct file *file, uint64_t start, uint64_t last)
{
    for (const struct byte_lock *lock = inode->locks; lock; lock = lock->next)
    {
        const struct byte_range *other = &lock->range;

        if (lock->file != file || !other->length || other->start > last || last_of(other) < start) continue;
        if (other->start > start) kernel_unlock_locked(inode, file, start, other->start - 1);
        if (last_of(other) < last) kernel_unlock_locked(inode, file, last_of(other) + 1, last);
        return;
    }
    kernel_lock(file, F_UNLCK, start, last);
}

/* ---- this process's list --------------------------------------------------------------------------------- */

static void tell_waiters(void)
{
    __atomic_add_fetch(&lock_sequence, 1, __ATOMIC_SEQ_CST);
    syscall(SYS_futex, &lock_sequence, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
}

static bool is_owner(const struct byte_lock *lock, const struct file *file, ULONG key)
{
    return lock->file == file && lock->range.key == key;
}

NTSTATUS lock_take(struct file *file, const struct byte_range *range)
{
    struct inode *inode = file->inode;
    struct byte_lock *lock;
    NTSTATUS status = STATUS_SUCCESS;

    if (range->length && last_of(range) < range->start) return STATUS_INVALID_LOCK_RANGE;
    if (!(lock = malloc(sizeof(*lock)))) return STATUS_INSUFFICIENT_RESOURCES;
    lock->file = file;
    lock->range = *range;

    pthread_mutex_lock(&inode_lock);
    for (const struct byte_lock *other = inode->locks; other && !status; other = other->next)
    {
        if (!overlaps(&other->range, range)) continue;
        if (range->exclusive || (other->range.exclusive && !is_owner(other, file, range->key)))
            status = STATUS_LOCK_NOT_GRANTED;
    }
    if (!status && range->length && !file->path_only &&
        !kernel_lock(file, range->exclusive ? F_WRLCK : F_RDLCK, range->start, last_of(range)))
        status = STATUS_LOCK_NOT_GRANTED;
    if (!status)
    {
        struct byte_lock **tail = &inode->locks;

        while (*tail) tail = &(*tail)->next;    /* oldest first: unlocking takes the oldest that matches */
        lock->next = NULL;
        *tail = lock;
    }
    pthread_mutex_unlock(&inode_lock);
    if (status) free(lock);
    return status;
}

NTSTATUS lock_drop(struct file *file, const struct byte_range *range)
{
    struct inode *inode = file->inode;
    struct byte_lock **p, *lock;

    if (range->length && last_of(range) < range->start) return STATUS_INVALID_LOCK_RANGE;
    pthread_mutex_lock(&inode_lock);
    for (p = &inode->locks; (lock = *p); p = &lock->next)
        if (is_owner(lock, file, range->key) && lock->range.start == range->start && lock->range.length == range->length)
            break;
    if (lock)
    {
        *p = lock->next;
        if (range->length && !file->path_only) kernel_unlock_locked(inode, file, range->start, last_of(range));
    }
    pthread_mutex_unlock(&inode_lock);
    if (!lock) return STATUS_RANGE_NOT_LOCKED;
    free(lock);
    tell_waiters();
    return STATUS_SUCCESS;
}

NTSTATUS lock_check(struct file *file, uint64_t start, uint64_t length, ULONG key, bool write)
{
    struct byte_range range = { start, length, key, write };
    NTSTATUS status = STATUS_SUCCESS;

    if (!length || !__atomic_load_n(&file->inode->locks, __ATOMIC_RELAXED)) return STATUS_SUCCESS;
    if (last_of(&range) < start) range.length = ~0ull - start;
    pthread_mutex_lock(&inode_lock);
    for (const struct byte_lock *lock = file->inode->locks; lock && !status; lock = lock->next)
    {
        if (!overlaps(&lock->range, &range)) continue;
        if (lock->range.exclusive ? !is_owner(lock, file, key) : write) status = STATUS_FILE_LOCK_CONFLICT;
    }
    pthread_mutex_unlock(&inode_lock);
    return status;
}

void locks_drop_locked(struct inode *inode, struct file *file)
{
    struct byte_lock **p = &inode->locks, *lock;
    bool any = false;

    while ((lock = *p))
    {
        if (lock->file != file)
        {
            p = &lock->next;
            continue;
        }
        *p = lock->next;
        free(lock);
        any = true;
    }
    if (!any) return;
    if (!file->path_only) kernel_lock(file, F_UNLCK, 0, HOST_LOCKS_START);
    tell_waiters();
}
