/* Sections on files: what they keep of a file, and what they forbid to others (specification 10).
 *
 * A section works on an open of its own (the same file, opened once more), so that what a handle says by its locks
 * goes with the handle, and what a section says with its last view, wherever that is (share.h).
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <unistd.h>

#include "host/host.h"
#include "io/inode.h"
#include "io/path.h"
#include "io/share.h"
#include "vm/vm.h"

#define READ_ACCESS   (FILE_READ_DATA | FILE_EXECUTE)

struct section_tag
{
    struct inode *inode;
    const struct mount *mount;
    char *unix_name;
    struct file *file;          /* keeps the fd open until the section has its own */
    int   fd;                   /* an open for the section, until that has taken it; -1: it works on a duplicate */
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
    pthread_mutex_unlock(&inode_lock);
    inode_release(tag->inode);
    if (tag->fd >= 0) close(tag->fd);
    object_unref(tag->file);
    free(tag->unix_name);
    free(tag);
}

/* What the section is to work on. Nobody can be told about it if there is no open of its own: then the handle's open
 * lives on in it, and must say so no more once the handle is closed. */
static int own_open(struct file *file, bool writable)
{
    struct stat st;
    int fd;

    if (!file->told)            /* it came from elsewhere, or it does not matter */
    {
        if (file->mount && file->mount->read_only) return -1;
        if (fstat(file->fd, &st) || !share_matters(file->fd, &st)) return -1;
    }
    if ((fd = host_reopen(file->fd, writable ? O_RDWR : O_RDONLY)) < 0) file->fd_outlives = true;
    return fd;
}

NTSTATUS file_section_source(HANDLE handle, ACCESS_MASK needed, struct vm_section_create *params)
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
    params->file_writable = (file->access & FILE_WRITE_DATA) && (file->access & READ_ACCESS);
    tag->file = file;
    tag->fd = own_open(file, params->file_writable);
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
    params->take_fd = tag->fd >= 0;
    params->fd = params->take_fd ? tag->fd : file->fd;
    params->file_tag = tag;
    params->file_tag_release = section_tag_release;
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
    if (tag->fd >= 0) share_section(tag->fd, kind);
    tag->fd = -1;
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
    tag->fd = -1;               /* its open came along, and what it says */
    if (!(tag->unix_name = inode_name_of(st.st_dev, st.st_ino, &tag->mount)))
    {
        tag->unix_name = name_of_fd(fd);
        tag->mount = path_root_mount();
    }
    if (!tag->unix_name || !(tag->inode = inode_get(&st)))
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
