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
#include "io/share.h"

#define BUCKETS 64

#define READ_ACCESS   (FILE_READ_DATA | FILE_EXECUTE)
#define WRITE_ACCESS  (FILE_WRITE_DATA | FILE_APPEND_DATA)

pthread_mutex_t inode_lock = PTHREAD_MUTEX_INITIALIZER;
static struct inode *buckets[BUCKETS];
static unsigned int pending_count;      /* of all inodes; read without the lock */

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

static void drop_pending_locked(struct pending **link)
{
    struct pending *pending = *link;

    *link = pending->next;
    __atomic_sub_fetch(&pending_count, 1, __ATOMIC_RELAXED);
    free(pending->name);
    free(pending);
}

static void put_locked(struct inode *inode)
{
    struct inode **p;

    if (--inode->refs) return;
    for (p = bucket_of(inode->dev, inode->ino); *p != inode; p = &(*p)->next) ;
    *p = inode->next;
    while (inode->pending) drop_pending_locked(&inode->pending);
    free(inode);
}

struct inode *inode_get(const struct stat *st)
{
    struct inode *inode;

    pthread_mutex_lock(&inode_lock);
    inode = get_locked(st);
    pthread_mutex_unlock(&inode_lock);
    return inode;
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

/* A name of several goes alone: who opened the file by another one does not notice. */
static struct pending *pending_of_locked(const struct inode *inode, const char *name)
{
    struct pending *pending = inode->pending;

    while (pending && !pending->only_name && !(name && !strcmp(pending->name, name))) pending = pending->next;
    return pending;
}

static NTSTATUS add_open(struct file *file, const struct stat *st, bool check, bool overwrite)
{
    NTSTATUS status = STATUS_SUCCESS;
    struct inode *inode;

    pthread_mutex_lock(&inode_lock);
    if (!(inode = get_locked(st))) status = STATUS_NO_MEMORY;
    else if (check && pending_of_locked(inode, file->unix_name)) status = STATUS_DELETE_PENDING;
    else if (check && !(status = check_sharing_locked(inode, file->access, file->sharing)))
        status = check_sections_locked(inode, file, overwrite);
    if (!status)
    {
        file->inode = inode;
        file->delete_on_close = file->options & FILE_DELETE_ON_CLOSE;
        file->inode_next = inode->opens;
        inode->opens = file;
    }
    else if (inode) put_locked(inode);
    pthread_mutex_unlock(&inode_lock);
    return status;
}

static void remove_open_locked(struct inode *inode, struct file *file)
{
    struct file **p;

    for (p = &inode->opens; *p && *p != file; p = &(*p)->inode_next) ;
    if (*p) *p = file->inode_next;
}

NTSTATUS inode_open(struct file *file, const struct stat *st, bool overwrite)
{
    NTSTATUS status = add_open(file, st, true, overwrite);

    if (status || !(status = share_open(file, st, overwrite))) return status;
    pthread_mutex_lock(&inode_lock);
    remove_open_locked(file->inode, file);
    put_locked(file->inode);
    file->inode = NULL;
    file->delete_on_close = false;
    pthread_mutex_unlock(&inode_lock);
    return status;
}

NTSTATUS inode_adopt(struct file *file, const struct stat *st)
{
    return add_open(file, st, false, false);
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

static struct pending *mark_deleted_locked(struct file *file)
{
    struct inode *inode = file->inode;
    struct pending *pending = pending_of_locked(inode, file->unix_name);
    struct stat st;

    if (pending || !file->unix_name || !(pending = calloc(1, sizeof(*pending)))) return pending;
    if (!(pending->name = strdup(file->unix_name)))
    {
        free(pending);
        return NULL;
    }
    pending->only_name = inode->folder || lstat(pending->name, &st) || st.st_nlink == 1;
    pending->next = inode->pending;
    inode->pending = pending;
    __atomic_add_fetch(&pending_count, 1, __ATOMIC_RELAXED);
    return pending;
}

static bool in_use_locked(const struct inode *inode, const struct pending *pending)
{
    const struct file *file = inode->opens;

    while (file && !pending->only_name && !(file->unix_name && !strcmp(file->unix_name, pending->name))) file = file->inode_next;
    return file != NULL;
}

void inode_cleanup(struct file *file)
{
    struct inode *inode = file->inode;
    struct pending **p, *pending;

    pthread_mutex_lock(&inode_lock);
    remove_open_locked(inode, file);
    file->closed = true;
    locks_drop_locked(inode, file);
    if (file->fd_outlives) share_close(file->fd);
    if (file->delete_on_close) mark_deleted_locked(file);
    for (p = &inode->pending; (pending = *p);)
    {
        bool used = in_use_locked(inode, pending);

        if (!pending->deleted && (!used || (file->posix_delete && pending == pending_of_locked(inode, file->unix_name))))
        {
            delete_name_locked(inode, pending->name);
            pending->deleted = true;
        }
        if (used) p = &pending->next;
        else drop_pending_locked(p);
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

/* Sections of this process, or of another. */
static bool mapped_locked(const struct file *file, bool posix)
{
    const struct inode *inode = file->inode;

    if (inode->image_sections || (inode->data_sections && !posix)) return true;
    return !inode->folder && share_has_section(file->fd, !posix);
}

static void withdraw_locked(struct file *file)
{
    struct inode *inode = file->inode;
    struct pending *pending = pending_of_locked(inode, file->unix_name), **p;

    if (!pending || pending->deleted) return;
    if (pending->only_name && !inode->folder) share_pending(file->fd, false);
    for (p = &inode->pending; *p != pending; p = &(*p)->next) ;
    drop_pending_locked(p);
}

NTSTATUS inode_set_disposition(struct file *file, ULONG flags)
{
    bool posix = flags & FILE_DISPOSITION_POSIX_SEMANTICS;
    struct inode *inode = file->inode;
    NTSTATUS status = STATUS_SUCCESS;
    struct pending *pending;
    struct stat st;

    pthread_mutex_lock(&inode_lock);
    if (!(flags & FILE_DISPOSITION_DELETE))
    {
        if (flags & FILE_DISPOSITION_ON_CLOSE) file->delete_on_close = false;
        else withdraw_locked(file);
    }
    else if (file->mount && file->mount->read_only) status = STATUS_ACCESS_DENIED;
    else if (!(flags & FILE_DISPOSITION_IGNORE_READONLY_ATTRIBUTE) && !lstat(file->unix_name, &st) &&
             !(st.st_mode & 0222) && !S_ISLNK(st.st_mode))
        status = STATUS_CANNOT_DELETE;
    else if (mapped_locked(file, posix)) status = STATUS_CANNOT_DELETE;
    else if (inode->folder && !folder_is_empty(file->unix_name)) status = STATUS_DIRECTORY_NOT_EMPTY;
    else if (flags & FILE_DISPOSITION_ON_CLOSE) file->delete_on_close = true;
    else if (!(pending = mark_deleted_locked(file))) status = STATUS_NO_MEMORY;
    else
    {
        file->posix_delete = posix;
        if (pending->only_name && !inode->folder) share_pending(file->fd, true);
    }
    pthread_mutex_unlock(&inode_lock);
    return status;
}

bool inode_is_delete_pending(struct file *file)
{
    bool pending;

    if (!__atomic_load_n(&pending_count, __ATOMIC_RELAXED)) return false;
    pthread_mutex_lock(&inode_lock);
    pending = pending_of_locked(file->inode, file->unix_name) != NULL;
    pthread_mutex_unlock(&inode_lock);
    return pending;
}

bool inode_is_pending(dev_t dev, ino_t ino, const char *name)
{
    const struct inode *inode;
    bool pending;

    if (!__atomic_load_n(&pending_count, __ATOMIC_RELAXED)) return false;
    pthread_mutex_lock(&inode_lock);
    inode = find_locked(dev, ino);
    pending = inode && pending_of_locked(inode, name);
    pthread_mutex_unlock(&inode_lock);
    return pending;
}

/* ---- what sections forbid ----------------------------------------------------------------------------------- */

NTSTATUS inode_check_truncate(struct file *file, uint64_t size)
{
    bool mapped;
    struct stat st;

    if (fstat(file->fd, &st) || size >= (uint64_t)st.st_size) return STATUS_SUCCESS;
    pthread_mutex_lock(&inode_lock);
    mapped = file->inode->data_sections || file->inode->image_sections;
    pthread_mutex_unlock(&inode_lock);
    return mapped || share_has_section(file->fd, true) ? STATUS_USER_MAPPED_FILE : STATUS_SUCCESS;
}

/* Another process may have it open. */
static bool in_use_elsewhere(const char *name, bool images_only)
{
    int fd = open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    bool used;

    if (fd < 0) return false;
    used = share_in_use(fd, images_only);
    close(fd);
    return used;
}

NTSTATUS inode_check_replace(const char *name, const struct stat *st, bool posix)
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
    if (!status && S_ISREG(st->st_mode) && in_use_elsewhere(name, posix)) status = STATUS_ACCESS_DENIED;
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
    char *old, *copy;

    pthread_mutex_lock(&inode_lock);
    old = file->unix_name;
    file->unix_name = unix_name;
    file->mount = mount;
    for (struct file *other = file->inode->opens; other && old; other = other->inode_next)
    {
        if (other == file || !other->unix_name || strcmp(other->unix_name, old) || !(copy = strdup(unix_name))) continue;
        free(other->unix_name);
        other->unix_name = copy;
        other->mount = mount;
    }
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
