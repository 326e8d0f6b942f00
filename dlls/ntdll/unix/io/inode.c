/* What all opens of one file have in common in this process: share modes, delete pending, sections. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "io/errno.h"
#include "io/inode.h"
#include "io/lock.h"
#include "io/ntfile.h"
#include "io/path.h"

#define BUCKETS 64

#define READ_ACCESS   (FILE_READ_DATA | FILE_EXECUTE)
#define WRITE_ACCESS  (FILE_WRITE_DATA | FILE_APPEND_DATA)

pthread_mutex_t inode_lock = PTHREAD_MUTEX_INITIALIZER;
static struct inode *buckets[BUCKETS];
static unsigned int pending_count;      /* inodes whose delete_pending is set; read without the lock */

static struct inode **bucket_of(dev_t dev, ino_t ino)
{
    return &buckets[(ino ^ ino >> 6 ^ dev) % BUCKETS];
}

static struct inode *find_locked(dev_t dev, ino_t ino)
{
    struct inode *inode = *bucket_of(dev, ino);

    while (inode && (inode->dev != dev || inode->ino != ino)) inode = inode->next;
    return inode;
}

static struct inode *get_locked(const struct stat *st)
{
    struct inode *inode = find_locked(st->st_dev, st->st_ino), **bucket;

    if (inode)
    {
        inode->refs++;
        return inode;
    }
    if (!(inode = calloc(1, sizeof(*inode)))) return NULL;
    bucket = bucket_of(st->st_dev, st->st_ino);
    inode->dev = st->st_dev;
    inode->ino = st->st_ino;
    inode->folder = S_ISDIR(st->st_mode);
    inode->refs = 1;
    inode->next = *bucket;
    *bucket = inode;
    return inode;
}

static void put_locked(struct inode *inode)
{
    struct inode **p;

    if (--inode->refs) return;
    for (p = bucket_of(inode->dev, inode->ino); *p != inode; p = &(*p)->next) ;
    *p = inode->next;
    free(inode->delete_name);
    free(inode);
}

void inode_release(struct inode *inode)
{
    pthread_mutex_lock(&inode_lock);
    put_locked(inode);
    pthread_mutex_unlock(&inode_lock);
}

/* ---- opening -------------------------------------------------------------------------------------------- */

/* Opens that touch no data and cannot delete take no part in sharing. */
static NTSTATUS check_sharing_locked(const struct inode *inode, ACCESS_MASK access, ULONG sharing)
{
    if (!(access & (READ_ACCESS | WRITE_ACCESS | DELETE))) return STATUS_SUCCESS;
    for (const struct file *other = inode->opens; other; other = other->inode_next)
    {
        if (!(other->access & (READ_ACCESS | WRITE_ACCESS | DELETE))) continue;
        if (((access & READ_ACCESS) && !(other->sharing & FILE_SHARE_READ)) ||
            ((access & WRITE_ACCESS) && !(other->sharing & FILE_SHARE_WRITE)) ||
            ((access & DELETE) && !(other->sharing & FILE_SHARE_DELETE)) ||
            ((other->access & READ_ACCESS) && !(sharing & FILE_SHARE_READ)) ||
            ((other->access & WRITE_ACCESS) && !(sharing & FILE_SHARE_WRITE)) ||
            ((other->access & DELETE) && !(sharing & FILE_SHARE_DELETE)))
            return STATUS_SHARING_VIOLATION;
    }
    return STATUS_SUCCESS;
}

/* Spec 10, the rows about opening. */
static NTSTATUS check_sections_locked(const struct inode *inode, const struct file *file, bool overwrite)
{
    if (inode->image_sections)
    {
        if ((file->access & FILE_WRITE_DATA) || overwrite) return STATUS_SHARING_VIOLATION;
        if (file->options & FILE_DELETE_ON_CLOSE) return STATUS_CANNOT_DELETE;
    }
    if (inode->writable_sections && !(file->sharing & FILE_SHARE_WRITE) &&
        (file->access & (READ_ACCESS | WRITE_ACCESS | DELETE)))
        return STATUS_SHARING_VIOLATION;
    if (inode->data_sections && overwrite) return STATUS_USER_MAPPED_FILE;
    return STATUS_SUCCESS;
}

NTSTATUS inode_open(struct file *file, const struct stat *st, bool overwrite)
{
    struct inode *inode;
    NTSTATUS status;

    pthread_mutex_lock(&inode_lock);
    if (!(inode = get_locked(st)))
    {
        pthread_mutex_unlock(&inode_lock);
        return STATUS_NO_MEMORY;
    }
    if (inode->delete_pending) status = STATUS_DELETE_PENDING;
    else if (!(status = check_sharing_locked(inode, file->access, file->sharing)))
        status = check_sections_locked(inode, file, overwrite);
    if (status)
    {
        put_locked(inode);
    }
    else
    {
        file->inode = inode;
        file->delete_on_close = file->options & FILE_DELETE_ON_CLOSE;
        file->inode_next = inode->opens;
        inode->opens = file;
    }
    pthread_mutex_unlock(&inode_lock);
    return status;
}

/* ---- closing and deleting --------------------------------------------------------------------------------- */

/* Takes the name away if it still leads to this inode: somebody else may have put another file there. */
static void delete_name_locked(const struct inode *inode, const char *name)
{
    struct stat st;

    if (lstat(name, &st) || st.st_dev != inode->dev || st.st_ino != inode->ino) return;
    if (inode->folder) rmdir(name);
    else unlink(name);
}

static void set_pending_locked(struct inode *inode, bool pending)
{
    if (inode->delete_pending == pending) return;
    inode->delete_pending = pending;
    __atomic_add_fetch(&pending_count, pending ? 1 : -1, __ATOMIC_RELAXED);
}

static void mark_deleted_locked(struct inode *inode, const char *name)
{
    char *copy = name ? strdup(name) : NULL;

    if (!copy) return;
    set_pending_locked(inode, true);
    free(inode->delete_name);
    inode->delete_name = copy;
}

void inode_cleanup(struct file *file)
{
    struct inode *inode = file->inode;
    struct file **p;

    pthread_mutex_lock(&inode_lock);
    for (p = &inode->opens; *p && *p != file; p = &(*p)->inode_next) ;
    if (*p) *p = file->inode_next;
    file->closed = true;
    locks_drop_locked(inode, file);
    if (file->delete_on_close) mark_deleted_locked(inode, file->unix_name);
    if (inode->delete_pending)
    {
        if (file->posix_delete && !inode->deleted)
        {
            delete_name_locked(inode, inode->delete_name);
            inode->deleted = true;
        }
        if (!inode->opens)
        {
            if (!inode->deleted) delete_name_locked(inode, inode->delete_name);
            set_pending_locked(inode, false);
            inode->deleted = false;
        }
    }
    pthread_mutex_unlock(&inode_lock);
}

static bool folder_is_empty(const char *name)
{
    struct dirent *entry;
    DIR *dir = opendir(name);
    bool empty = true;

    if (!dir) return true;
    while (empty && (entry = readdir(dir))) empty = !strcmp(entry->d_name, ".") || !strcmp(entry->d_name, "..");
    closedir(dir);
    return empty;
}

NTSTATUS inode_set_disposition(struct file *file, ULONG flags)
{
    struct inode *inode = file->inode;
    NTSTATUS status = STATUS_SUCCESS;
    struct stat st;

    pthread_mutex_lock(&inode_lock);
    if (!(flags & FILE_DISPOSITION_DELETE))
    {
        if (flags & FILE_DISPOSITION_ON_CLOSE) file->delete_on_close = false;
        else if (!inode->deleted) set_pending_locked(inode, false);
    }
    else if (file->mount && file->mount->read_only) status = STATUS_ACCESS_DENIED;
    else if (!(flags & FILE_DISPOSITION_IGNORE_READONLY_ATTRIBUTE) && !lstat(file->unix_name, &st) &&
             !(st.st_mode & 0222) && !S_ISLNK(st.st_mode))
        status = STATUS_CANNOT_DELETE;
    else if (inode->image_sections || (inode->data_sections && !(flags & FILE_DISPOSITION_POSIX_SEMANTICS)))
        status = STATUS_CANNOT_DELETE;
    else if (inode->folder && !folder_is_empty(file->unix_name)) status = STATUS_DIRECTORY_NOT_EMPTY;
    else if (flags & FILE_DISPOSITION_ON_CLOSE) file->delete_on_close = true;
    else
    {
        mark_deleted_locked(inode, file->unix_name);
        file->posix_delete = flags & FILE_DISPOSITION_POSIX_SEMANTICS;
        if (!inode->delete_pending) status = STATUS_NO_MEMORY;
    }
    pthread_mutex_unlock(&inode_lock);
    return status;
}

bool inode_is_delete_pending(struct file *file)
{
    bool pending;

    pthread_mutex_lock(&inode_lock);
    pending = file->inode->delete_pending;
    pthread_mutex_unlock(&inode_lock);
    return pending;
}

bool inode_is_pending(dev_t dev, ino_t ino)
{
    const struct inode *inode;
    bool pending;

    if (!__atomic_load_n(&pending_count, __ATOMIC_RELAXED)) return false;
    pthread_mutex_lock(&inode_lock);
    inode = find_locked(dev, ino);
    pending = inode && inode->delete_pending;
    pthread_mutex_unlock(&inode_lock);
    return pending;
}

/* ---- what sections forbid ----------------------------------------------------------------------------------- */

NTSTATUS inode_check_truncate(struct file *file, uint64_t size)
{
    NTSTATUS status = STATUS_SUCCESS;
    struct stat st;

    pthread_mutex_lock(&inode_lock);
    if ((file->inode->data_sections || file->inode->image_sections) &&
        !fstat(file->fd, &st) && size < (uint64_t)st.st_size)
        status = STATUS_USER_MAPPED_FILE;
    pthread_mutex_unlock(&inode_lock);
    return status;
}

NTSTATUS inode_check_replace(const struct stat *st, bool posix)
{
    NTSTATUS status = STATUS_SUCCESS;
    struct inode *inode;

    pthread_mutex_lock(&inode_lock);
    if ((inode = find_locked(st->st_dev, st->st_ino)))
    {
        if (inode->image_sections) status = STATUS_ACCESS_DENIED;
        else if (inode->opens && !posix) status = STATUS_ACCESS_DENIED;
    }
    pthread_mutex_unlock(&inode_lock);
    return status;
}

bool inode_has_open_below(const char *folder)
{
    size_t length = strlen(folder);
    bool found = false;

    pthread_mutex_lock(&inode_lock);
    for (unsigned int i = 0; i < BUCKETS && !found; i++)
        for (struct inode *inode = buckets[i]; inode && !found; inode = inode->next)
            for (struct file *file = inode->opens; file && !found; file = file->inode_next)
                found = file->unix_name && !strncmp(file->unix_name, folder, length) && file->unix_name[length] == '/';
    pthread_mutex_unlock(&inode_lock);
    return found;
}

void inode_renamed(struct file *file, const struct mount *mount, char *unix_name)
{
    char *old;

    pthread_mutex_lock(&inode_lock);
    old = file->unix_name;
    file->unix_name = unix_name;
    file->mount = mount;
    pthread_mutex_unlock(&inode_lock);
    free(old);
}

char *inode_name_of(dev_t dev, ino_t ino, const struct mount **mount)
{
    struct inode *inode;
    char *name = NULL;

    pthread_mutex_lock(&inode_lock);
    if ((inode = find_locked(dev, ino)) && inode->opens && inode->opens->unix_name)
    {
        name = strdup(inode->opens->unix_name);
        *mount = inode->opens->mount;
    }
    pthread_mutex_unlock(&inode_lock);
    return name;
}

char *inode_name(struct file *file, const struct mount **mount)
{
    char *name;

    pthread_mutex_lock(&inode_lock);
    name = file->unix_name ? strdup(file->unix_name) : NULL;
    *mount = file->mount;
    pthread_mutex_unlock(&inode_lock);
    return name;
}

/* ---- sections ----------------------------------------------------------------------------------------------- */

struct section_tag
{
    struct inode *inode;
    const struct mount *mount;
    char *unix_name;
    struct file *file;          /* keeps the fd open until the section has its own */
    bool  begun;
    enum file_section kind;
};

static void section_tag_release(void *arg)
{
    struct section_tag *tag = arg;

    pthread_mutex_lock(&inode_lock);
    if (tag->begun)
    {
        if (tag->kind == FILE_SECTION_IMAGE) tag->inode->image_sections--;
        else tag->inode->data_sections--;
        if (tag->kind == FILE_SECTION_DATA_WRITABLE) tag->inode->writable_sections--;
    }
    put_locked(tag->inode);
    pthread_mutex_unlock(&inode_lock);
    object_unref(tag->file);
    free(tag->unix_name);
    free(tag);
}

NTSTATUS file_section_source(HANDLE handle, ACCESS_MASK needed, int *fd, bool *writable, void **out,
                             void (**release)(void *tag))
{
    struct section_tag *tag;
    struct file *file;
    NTSTATUS status;

    if ((status = handle_lookup(handle, &file_type, needed, &file, NULL))) return status;
    if (file->kind != FILE_KIND_DISK || file->path_only)
    {
        object_unref(file);
        return STATUS_INVALID_FILE_FOR_SECTION;
    }
    if (!(tag = calloc(1, sizeof(*tag))))
    {
        object_unref(file);
        return STATUS_NO_MEMORY;
    }
    tag->file = file;
    pthread_mutex_lock(&inode_lock);
    tag->inode = file->inode;
    tag->inode->refs++;
    tag->mount = file->mount;
    tag->unix_name = strdup(file->unix_name);
    pthread_mutex_unlock(&inode_lock);
    if (!tag->unix_name)
    {
        section_tag_release(tag);
        return STATUS_NO_MEMORY;
    }
    *writable = (file->access & FILE_WRITE_DATA) && (file->access & READ_ACCESS);
    *fd = file->fd;
    *out = tag;
    *release = section_tag_release;
    return STATUS_SUCCESS;
}

void file_section_begin(void *arg, enum file_section kind)
{
    struct section_tag *tag = arg;

    pthread_mutex_lock(&inode_lock);
    tag->begun = true;
    tag->kind = kind;
    if (kind == FILE_SECTION_IMAGE) tag->inode->image_sections++;
    else tag->inode->data_sections++;
    if (kind == FILE_SECTION_DATA_WRITABLE) tag->inode->writable_sections++;
    pthread_mutex_unlock(&inode_lock);
    object_unref(tag->file);
    tag->file = NULL;
}

/* The name by which the kernel knows it; one that is deleted keeps what it was called last. */
static char *name_of_fd(int fd)
{
    static const char gone[] = " (deleted)";
    char link[32], name[PATH_MAX];
    ssize_t length;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if ((length = readlink(link, name, sizeof(name) - 1)) <= 0) return NULL;
    name[length] = 0;
    if ((size_t)length > strlen(gone) && !strcmp(name + length - strlen(gone), gone)) name[length - strlen(gone)] = 0;
    return strdup(name);
}

NTSTATUS file_section_received(int fd, enum file_section kind, void **out, void (**release)(void *tag))
{
    struct section_tag *tag;
    struct stat st;

    if (fstat(fd, &st) || !S_ISREG(st.st_mode)) return STATUS_INVALID_FILE_FOR_SECTION;
    if (!(tag = calloc(1, sizeof(*tag)))) return STATUS_NO_MEMORY;
    if (!(tag->unix_name = inode_name_of(st.st_dev, st.st_ino, &tag->mount)))
    {
        tag->unix_name = name_of_fd(fd);
        tag->mount = path_root_mount();
    }
    pthread_mutex_lock(&inode_lock);
    if (tag->unix_name) tag->inode = get_locked(&st);
    pthread_mutex_unlock(&inode_lock);
    if (!tag->inode)
    {
        free(tag->unix_name);
        free(tag);
        return STATUS_NO_MEMORY;
    }
    file_section_begin(tag, kind);
    *out = tag;
    *release = section_tag_release;
    return STATUS_SUCCESS;
}

NTSTATUS file_nt_name(void *arg, WCHAR **name, size_t *length)
{
    struct section_tag *tag = arg;

    *name = path_device_name(tag->mount, tag->unix_name, length);
    return *name ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}
