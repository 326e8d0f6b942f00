/* Making names. Nobody sees one that is half made: its file is filled and locked before it gets its name. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/uio.h>
#include <unistd.h>

#include "ob/host_call.h"
#include "ob/name_file_private.h"
#include "ob/name_lock.h"
#include "ob/name_path.h"
#include "ob/runtime.h"

/* ---- files without a name -------------------------------------------------------------------------------------- */

static bool temporaries_have_names;     /* atomic */

/* Some file systems know no O_TMPFILE: such a file has a name for a while, and its number in the file tells which. */
static void temporary_name(int dir, int fd, char *name, size_t size)
{
    struct stat st;

    (void)dir;
    if (fstat(fd, &st)) st.st_ino = 0;
    snprintf(name, size, TEMPORARY_PREFIX "%u.%llu", (unsigned int)getpid(), (unsigned long long)st.st_ino);
}

static int open_temporary(int dir)
{
    static unsigned int count;
    char first[64], name[64];
    int fd = HOST_CALL(openat(dir, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0600));

    if (fd >= 0 || (errno != EOPNOTSUPP && errno != EISDIR && errno != EINVAL)) return fd;
    __atomic_store_n(&temporaries_have_names, true, __ATOMIC_RELAXED);
    snprintf(first, sizeof(first), TEMPORARY_PREFIX "%u-%u", (unsigned int)getpid(), __atomic_add_fetch(&count, 1, __ATOMIC_RELAXED));
    if ((fd = HOST_CALL(openat(dir, first, O_CREAT | O_EXCL | O_RDWR | O_CLOEXEC, 0600))) < 0) return fd;
    name_lock_try(fd);
    temporary_name(dir, fd, name, sizeof(name));
    HOST_CALL(renameat(dir, first, dir, name));
    return fd;
}

/* Gives it name; errno EEXIST: something has it. */
static bool give_name(int dir, int fd, const char *name)
{
    char path[64];
    struct stat st;

    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    if (!HOST_CALL(linkat(AT_FDCWD, path, dir, name, AT_SYMLINK_FOLLOW))) return true;
    if (errno == EEXIST || errno == ENOSPC) return false;
    temporary_name(dir, fd, path, sizeof(path));
    if (fstatat(dir, path, &st, AT_SYMLINK_NOFOLLOW)) return false;
    return !HOST_CALL(linkat(dir, path, dir, name, 0));
}

/* If it had a name for a while, that goes. */
static void forget_temporary(int dir, int fd)
{
    char name[64];

    if (!__atomic_load_n(&temporaries_have_names, __ATOMIC_RELAXED)) return;
    temporary_name(dir, fd, name, sizeof(name));
    unlinkat(dir, name, 0);
}

NTSTATUS name_file_temporary(uint64_t size, bool fill, int *out)
{
    NTSTATUS status;
    int dir, fd, error = 0;

    if ((status = name_file_directory(&dir, true))) return status;
    if ((fd = open_temporary(dir)) < 0 && errno == ENOENT && runtime_vanished())
    {
        if ((status = name_file_directory(&dir, true))) return status;
        fd = open_temporary(dir);
    }
    if (fd < 0) return name_file_error(errno);
    /* Memory now: a page that cannot be had later would be a SIGBUS. */
    if (fill)
    {
        do
            error = HOST_CALL(posix_fallocate(fd, 0, (off_t)size));
        while (error == EINTR);
    }
    else if (HOST_CALL(ftruncate(fd, (off_t)size))) error = errno;
    if (error)
    {
        forget_temporary(dir, fd);
        HOST_CALL(close(fd));
        return error == EFBIG ? STATUS_DISK_FULL : name_file_error(error);
    }
    *out = fd;
    return STATUS_SUCCESS;
}

bool name_directory_noexec(void)
{
    struct statvfs st;
    int dir;

    return !name_file_directory(&dir, true) && !fstatvfs(dir, &st) && (st.f_flag & ST_NOEXEC);
}

/* ---- names ------------------------------------------------------------------------------------------------------- */

/* Writes the header and what follows it, padded. */
static bool write_all(int fd, const struct name_header *header, const WCHAR *text, const void *security, const char *path)
{
    static const char zeros[8];
    struct iovec parts[] = {
        { (void *)header, sizeof(*header) },
        { (void *)text, header->name_size }, { (void *)zeros, name_file_padded(header->name_size) - header->name_size },
        { (void *)security, header->security_size },
        { (void *)zeros, name_file_padded(header->security_size) - header->security_size },
        { (void *)path, header->section.path_size },
    };
    ssize_t total = 0;
    size_t i;

    for (i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) total += (ssize_t)parts[i].iov_len;
    return HOST_CALL(pwritev(fd, parts, sizeof(parts) / sizeof(parts[0]), 0)) == total;
}

NTSTATUS name_file_create(const struct name_key *key, struct name_header *header, const void *security, const char *path,
                          struct name_file **out)
{
    char name[NAME_BASE_MAX + NAME_SUFFIX_MAX], base[NAME_BASE_MAX];
    struct name_file *file;
    struct stat st;
    uint64_t size;
    NTSTATUS status;
    int dir, fd;

    name_path_encode(key, base);
    memcpy(header->magic, NAME_FILE_MAGIC, sizeof(header->magic));
    header->version = NAME_FILE_VERSION;
    header->state = NAME_MAKING;
    header->name_size = (uint32_t)(key->length * sizeof(WCHAR));
    header->maker = (uint32_t)getpid();
    size = NAME_TEXT_OFFSET + name_file_padded(header->name_size) + name_file_padded(header->security_size) +
           name_file_padded(header->section.path_size);
    size = (size + CELL_FILE_SIZE - 1) & ~(uint64_t)(CELL_FILE_SIZE - 1);
    if ((status = name_file_temporary(size, true, &fd))) return status;
    if (!name_lock_try(fd) || !write_all(fd, header, key->text, security, path) || HOST_CALL(fstat(fd, &st)) ||
        !(file = name_file_alloc(base, fd)))
        status = STATUS_INSUFFICIENT_RESOURCES;
    else if (!(status = name_file_directory(&dir, true)))
    {
        file->device = st.st_dev;
        file->inode = st.st_ino;
        file->size = size;
        snprintf(name, sizeof(name), "%s%s", base, NAME_SUFFIX);
        if (give_name(dir, fd, name))
        {
            forget_temporary(dir, fd);
            *out = file;
            return STATUS_SUCCESS;
        }
        status = errno == EEXIST ? STATUS_OBJECT_NAME_COLLISION : name_file_error(errno);
        free(file);
    }
    if (!name_file_directory(&dir, false)) forget_temporary(dir, fd);
    HOST_CALL(close(fd));
    return status;
}

NTSTATUS name_file_attach(struct name_file *file, int fd, const char *suffix)
{
    char name[NAME_BASE_MAX + NAME_SUFFIX_MAX];
    NTSTATUS status;
    int dir;

    if ((status = name_file_directory(&dir, false))) return status;
    snprintf(name, sizeof(name), "%s%s", file->base, suffix);
    if (!give_name(dir, fd, name))
    {
        if (errno != EEXIST) return name_file_error(errno);
        HOST_CALL(unlinkat(dir, name, 0));              /* the name is ours, so that is stale */
        if (!give_name(dir, fd, name)) return name_file_error(errno);
    }
    forget_temporary(dir, fd);
    return STATUS_SUCCESS;
}

NTSTATUS name_file_make_fifo(struct name_file *file, const char *suffix)
{
    char name[NAME_BASE_MAX + NAME_SUFFIX_MAX];
    NTSTATUS status;
    int dir;

    if ((status = name_file_directory(&dir, false))) return status;
    snprintf(name, sizeof(name), "%s%s", file->base, suffix);
    if (!HOST_CALL(mkfifoat(dir, name, 0600))) return STATUS_SUCCESS;
    if (errno != EEXIST) return name_file_error(errno);
    HOST_CALL(unlinkat(dir, name, 0));                  /* stale, as above */
    return HOST_CALL(mkfifoat(dir, name, 0600)) ? name_file_error(errno) : STATUS_SUCCESS;
}

NTSTATUS name_file_finish(struct name_file *file)
{
    const uint32_t alive = NAME_ALIVE;

    if (HOST_CALL(pwrite(file->fd, &alive, sizeof(alive), offsetof(struct name_header, state))) != sizeof(alive) ||
        !name_lock_downgrade(file->fd)) return STATUS_INSUFFICIENT_RESOURCES;
    return STATUS_SUCCESS;
}

void name_file_abort(struct name_file *file)
{
    int dir;

    if (!name_file_directory(&dir, false)) name_file_remove_locked(dir, file->fd, file->base);
    name_unlock(file->fd);
    HOST_CALL(close(file->fd));
    free(file);
}
