/* Name files: opened, removed, read. Made in name_make.c.
 *
 * The order of locks and looks is what makes this safe against a SIGKILL anywhere:
 *
 *   open     open; exclusive lock to be had? then it is stale: remove it, start again. Shared lock. A header that says
 *            NAME_DEAD or NAME_MAKING is of one who removed it, or died making it, meanwhile: start again.
 *   make     a file without a name, locked exclusively; then its name, then the section's files; NAME_ALIVE; shared lock.
 *   leave    unlock; exclusive lock to be had? then we were the last: remove it.
 *   remove   (exclusive lock) NAME_DEAD; the section's files, and the name file last.
 *
 * Whoever holds the exclusive lock of the file that has the name owns the names that belong to it.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "ob/host_call.h"
#include "ob/name_file_private.h"
#include "ob/name_lock.h"
#include "ob/name_path.h"
#include "ob/runtime.h"
#include "ob/upcase.h"

#define SWEEP_MAX 1024          /* names that one look goes through */
#define RETRIES   5000          /* some three seconds of a name that comes and goes */

static bool used;               /* atomic: this process has dealt with names */

NTSTATUS name_file_error(int error)
{
    switch (error)
    {
    case 0:                   return STATUS_SUCCESS;
    case ENOENT:              return STATUS_OBJECT_NAME_NOT_FOUND;
    case ENOSPC: case EDQUOT: return STATUS_DISK_FULL;
    case ENOMEM:              return STATUS_NO_MEMORY;
    case EMFILE: case ENFILE: return STATUS_TOO_MANY_OPENED_FILES;
    default:                  return STATUS_ACCESS_DENIED;
    }
}

NTSTATUS name_file_directory(int *dir, bool make)
{
    __atomic_store_n(&used, true, __ATOMIC_RELAXED);
    return make ? runtime_open(dir) : runtime_open_existing(dir);
}

static void name_with(char name[NAME_BASE_MAX + NAME_SUFFIX_MAX], const char *base, const char *suffix)
{
    snprintf(name, NAME_BASE_MAX + NAME_SUFFIX_MAX, "%s%s", base, suffix);
}

/* ---- reading ------------------------------------------------------------------------------------------------- */

static bool read_exactly(int fd, void *buffer, size_t size, uint64_t offset)
{
    return HOST_CALL(pread(fd, buffer, size, (off_t)offset)) == (ssize_t)size;
}

static bool header_valid(const struct name_header *h)
{
    if (memcmp(h->magic, NAME_FILE_MAGIC, sizeof(h->magic)) || h->version != NAME_FILE_VERSION) return false;
    if (h->kind < NAME_EVENT || h->kind > NAME_JOB || !h->name_size || h->name_size > 0xfffe || h->name_size % 2) return false;
    return h->security_size <= 0x20000 && h->section.path_size <= 0x4000;
}

enum look { LOOK_GOOD, LOOK_AGAIN, LOOK_BAD };

/* What lies in the directory is the user's. */
static enum look look_at(int fd, struct name_header *header)
{
    if (!read_exactly(fd, header, sizeof(*header), 0)) return LOOK_BAD;
    if (!memcmp(header->magic, NAME_FILE_MAGIC, sizeof(header->magic)) && header->state != NAME_ALIVE) return LOOK_AGAIN;
    return header_valid(header) ? LOOK_GOOD : LOOK_BAD;
}

static NTSTATUS read_part(const struct name_file *file, uint64_t offset, size_t size, size_t more, void *out)
{
    char *buffer;

    *(void **)out = NULL;
    if (!size) return STATUS_SUCCESS;
    if (!(buffer = calloc(1, size + more))) return STATUS_NO_MEMORY;
    if (!read_exactly(file->fd, buffer, size, offset))
    {
        free(buffer);
        return STATUS_FILE_CORRUPT_ERROR;
    }
    *(void **)out = buffer;
    return STATUS_SUCCESS;
}

NTSTATUS name_file_text(const struct name_file *file, const struct name_header *header, WCHAR **text, size_t *length)
{
    *length = header->name_size / sizeof(WCHAR);
    return read_part(file, NAME_TEXT_OFFSET, header->name_size, sizeof(WCHAR), text);
}

NTSTATUS name_file_security(const struct name_file *file, const struct name_header *header, void **security)
{
    return read_part(file, NAME_TEXT_OFFSET + name_file_padded(header->name_size), header->security_size, 0, security);
}

NTSTATUS name_file_path(const struct name_file *file, const struct name_header *header, char **path)
{
    return read_part(file, NAME_TEXT_OFFSET + name_file_padded(header->name_size) + name_file_padded(header->security_size),
                     header->section.path_size, 1, path);
}

bool name_file_identify(struct name_file *file)
{
    struct stat st;

    if (file->inode) return true;
    if (HOST_CALL(fstat(file->fd, &st))) return false;
    file->device = st.st_dev;
    file->inode = st.st_ino;
    file->size = (uint64_t)st.st_size;
    return true;
}

/* A mapping keeps the open file, and an open file its locks: these are given up by name in time (name_file_close). */
void *name_file_map(struct name_file *file)
{
    if (!name_file_identify(file) || file->size < CELL_FILE_SIZE) return NULL;
    return HOST_CALL(cell_file_map(file->fd, file->device, file->inode));
}

/* ---- removing ------------------------------------------------------------------------------------------------ */

void name_file_remove_locked(int dir, int fd, const char *base)
{
    static const char *const parts[] = { NAME_JOB_HANDLES, NAME_JOB_CHANGED, "", STATE_SUFFIX, NAME_SUFFIX };
    enum { JOB_PARTS = 2 };             /* the first that a job alone has */
    const uint32_t dead = NAME_DEAD;
    uint32_t kind = NAME_NONE;
    char name[NAME_BASE_MAX + NAME_SUFFIX_MAX];
    struct stat st, named;
    size_t i;

    name_with(name, base, NAME_SUFFIX);
    /* Somebody may have done it before us, and the name be another's already. */
    if (HOST_CALL(fstat(fd, &st)) || HOST_CALL(fstatat(dir, name, &named, AT_SYMLINK_NOFOLLOW)) ||
        st.st_dev != named.st_dev || st.st_ino != named.st_ino) return;
    /* For those who wait for the lock. In a file that cannot take it they find nonsense. */
    if (HOST_CALL(pwrite(fd, &dead, sizeof(dead), offsetof(struct name_header, state))) < 0) { /* so be it */ }
    if (!read_exactly(fd, &kind, sizeof(kind), offsetof(struct name_header, kind)) || kind != NAME_JOB) i = JOB_PARTS;
    else i = 0;
    for (; i < sizeof(parts) / sizeof(parts[0]); i++)
    {
        name_with(name, base, parts[i]);
        HOST_CALL(unlinkat(dir, name, 0));
    }
}

/* A mapping of the file keeps its lock, so that goes by name. */
void name_file_drop(struct name_file *file)
{
    if (!file) return;
    name_unlock(file->fd);
    HOST_CALL(close(file->fd));
    free(file);
}

/* Returns whether it was the last of its name, which is gone then. The file is not locked any more. */
static bool leave(struct name_file *file)
{
    int dir;

    if (!name_lock_last(file->fd)) return false;
    if (!name_file_directory(&dir, false)) name_file_remove_locked(dir, file->fd, file->base);
    name_unlock(file->fd);
    return true;
}

void name_file_close(struct name_file *file)
{
    if (!file) return;
    if (!leave(file)) name_park(file);
    else
    {
        HOST_CALL(close(file->fd));
        free(file);
    }
}

void name_files_sweep(void)
{
    int dir, fd, name_fd, left = SWEEP_MAX;
    struct dirent *entry;
    DIR *stream;

    name_park_clear();
    if (!__atomic_load_n(&used, __ATOMIC_RELAXED) || runtime_open_existing(&dir)) return;
    if ((fd = HOST_CALL(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))) < 0) return;
    if (!(stream = fdopendir(fd)))
    {
        close(fd);
        return;
    }
    while (left-- && (entry = readdir(stream)))
    {
        char base[NAME_BASE_MAX + NAME_SUFFIX_MAX];
        size_t length = strlen(entry->d_name), suffix = strlen(NAME_SUFFIX);
        bool temporary = !strncmp(entry->d_name, TEMPORARY_PREFIX, strlen(TEMPORARY_PREFIX));

        if (length >= sizeof(base) || (!temporary && (length < suffix || strcmp(entry->d_name + length - suffix, NAME_SUFFIX))))
            continue;
        if ((name_fd = HOST_CALL(openat(dir, entry->d_name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC))) < 0) continue;
        if (name_lock_try(name_fd))
        {
            if (temporary) HOST_CALL(unlinkat(dir, entry->d_name, 0));
            else
            {
                memcpy(base, entry->d_name, length - suffix);
                base[length - suffix] = 0;
                name_file_remove_locked(dir, name_fd, base);
            }
        }
        HOST_CALL(close(name_fd));
    }
    closedir(stream);
}

/* ---- opening ------------------------------------------------------------------------------------------------- */

struct name_file *name_file_alloc(const char *base, int fd)
{
    struct name_file *file = calloc(1, sizeof(*file));

    if (!file) return NULL;
    file->fd = fd;
    strcpy(file->base, base);
    return file;
}

NTSTATUS name_file_part(const struct name_file *file, const char *suffix, int *fd)
{
    return name_file_part_for(file, suffix, O_RDWR, fd);
}

NTSTATUS name_file_part_for(const struct name_file *file, const char *suffix, int access, int *fd)
{
    char name[NAME_BASE_MAX + NAME_SUFFIX_MAX];
    NTSTATUS status;
    int dir;

    if ((status = name_file_directory(&dir, false))) return status;
    name_with(name, file->base, suffix);
    *fd = HOST_CALL(openat(dir, name, access | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    return *fd < 0 ? name_file_error(errno) : STATUS_SUCCESS;
}

/* The file of that name, not locked: one that was kept, which may be the name's no more, or the one that has it now. */
static NTSTATUS open_unlocked(int dir, const char *base, struct name_file **file)
{
    char name[NAME_BASE_MAX + NAME_SUFFIX_MAX];
    int fd;

    if ((*file = name_unpark(base))) return STATUS_SUCCESS;
    name_with(name, base, NAME_SUFFIX);
    if ((fd = HOST_CALL(openat(dir, name, O_RDWR | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC))) < 0) return name_file_error(errno);
    if ((*file = name_file_alloc(base, fd))) return STATUS_SUCCESS;
    close(fd);
    return STATUS_NO_MEMORY;
}

/* One attempt. STATUS_RETRY: it went, or will, while we looked. */
static NTSTATUS open_once(int dir, const char *base, struct name_file **out, struct name_header *header)
{
    struct name_file *file;
    enum look look;
    NTSTATUS status;

    if ((status = open_unlocked(dir, base, &file))) return status;
    if (name_lock_try(file->fd))
    {
        name_file_remove_locked(dir, file->fd, base);
        name_file_drop(file);
        return STATUS_RETRY;
    }
    if (!name_lock_share(file->fd))
    {
        name_file_drop(file);
        return STATUS_SHARING_VIOLATION;
    }
    if ((look = look_at(file->fd, header)) == LOOK_GOOD)
    {
        *out = file;
        return STATUS_SUCCESS;
    }
    leave(file);
    name_file_drop(file);
    return look == LOOK_AGAIN ? STATUS_RETRY : STATUS_FILE_CORRUPT_ERROR;
}

static NTSTATUS open_base(int dir, const char *base, struct name_file **file, struct name_header *header)
{
    NTSTATUS status = STATUS_RETRY;
    unsigned int i;

    for (i = 0; i < RETRIES && status == STATUS_RETRY; i++)
    {
        static const struct timespec nap = { 0, 500000 };

        /* Others look as well, and somebody's lock is in everybody's way until he gets to run again. */
        if (i > 4) nanosleep(&nap, NULL);
        status = open_once(dir, base, file, header);
    }
    return status == STATUS_RETRY ? STATUS_SHARING_VIOLATION : status;
}

NTSTATUS name_file_open_base(const char *base, struct name_file **file, struct name_header *header)
{
    NTSTATUS status;
    int dir;

    if (strlen(base) >= NAME_BASE_MAX || strchr(base, '/') || (status = name_file_directory(&dir, false)))
        return STATUS_OBJECT_NAME_NOT_FOUND;
    return open_base(dir, base, file, header);
}

static bool same_spelling(const WCHAR *a, size_t a_length, const struct name_key *key)
{
    size_t i;

    if (a_length != key->length) return false;
    for (i = 0; i < a_length; i++)
        if (upcase(a[i]) != upcase(key->text[i])) return false;
    return true;
}

/* A name that is spelt otherwise: the directory has to be read. */
static bool find_spelling(int dir, const struct name_key *key, char base[NAME_BASE_MAX])
{
    size_t suffix = strlen(NAME_SUFFIX), length, text_length;
    struct dirent *entry;
    bool found = false, global;
    DIR *stream;
    WCHAR *text;
    int fd;

    if ((fd = HOST_CALL(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC))) < 0) return false;
    if (!(stream = fdopendir(fd)))
    {
        close(fd);
        return false;
    }
    while (!found && (entry = readdir(stream)))
    {
        length = strlen(entry->d_name);
        if (length <= suffix || length - suffix >= NAME_BASE_MAX || strcmp(entry->d_name + length - suffix, NAME_SUFFIX)) continue;
        memcpy(base, entry->d_name, length - suffix);
        base[length - suffix] = 0;
        if (!name_path_decode(base, &global, &text, &text_length)) continue;
        found = global == key->global && same_spelling(text, text_length, key);
        free(text);
    }
    closedir(stream);
    return found;
}

/* A hash may be another name's. */
static NTSTATUS check_hash(struct name_file *file, const struct name_header *header, const struct name_key *key)
{
    size_t length;
    WCHAR *text;
    NTSTATUS status = name_file_text(file, header, &text, &length);

    if (!status && (length != key->length || memcmp(text, key->text, length * sizeof(WCHAR)))) status = STATUS_FILE_CORRUPT_ERROR;
    free(text);
    return status;
}

NTSTATUS name_file_open(const struct name_key *key, bool ignore_case, bool make, struct name_file **file,
                        struct name_header *header)
{
    char base[NAME_BASE_MAX];
    NTSTATUS status;
    int dir;

    if ((status = name_file_directory(&dir, make))) return status;
    name_path_encode(key, base);
    status = open_base(dir, base, file, header);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND && runtime_vanished()) return name_file_open(key, ignore_case, make, file, header);
    if (!status && name_path_is_hash(base) && (status = check_hash(*file, header, key))) name_file_close(*file);
    if (status == STATUS_OBJECT_NAME_NOT_FOUND && ignore_case && find_spelling(dir, key, base))
        status = open_base(dir, base, file, header);
    return status;
}
