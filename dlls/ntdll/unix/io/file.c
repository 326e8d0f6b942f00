/* The object type "File": life, waiting, names. */
#include <unistd.h>

#include "io/async.h"
#include "io/directory.h"
#include "io/inode.h"
#include "io/notify.h"
#include "io/path.h"
#include "io/transfer.h"
#include "ob/cell.h"

struct file *file_alloc(enum file_kind kind, const struct file_ops *ops, int fd, ACCESS_MASK access, ULONG options)
{
    struct file *file = object_alloc(&file_type, sizeof(*file));

    if (!file || !(file->signal = cell_alloc(CELL_MANUAL, 1, 0)))
    {
        free(file);
        if (fd >= 0) close(fd);
        return NULL;
    }
    file->kind = kind;
    file->ops = ops;
    file->fd = fd;
    file->access = access;
    file->options = options;
    pthread_mutex_init(&file->lock, NULL);
    return file;
}

static void file_destroy(struct object *object)
{
    struct file *file = (struct file *)object;

    if (file->ops->destroyed) file->ops->destroyed(file);
    if (file->inode)
    {
        if (!file->closed) inode_cleanup(file);         /* it never got a handle */
        inode_release(file->inode);
    }
    if (file->fd >= 0) close(file->fd);
    object_unref(file->port);
    enumeration_free(file->enumeration);
    notify_free(file->notify);
    cell_free(file->signal);
    pthread_mutex_destroy(&file->lock);
    free(file->unix_name);
    free(file);
}

static void file_handle_closed(struct object *object, bool last)
{
    struct file *file = (struct file *)object;

    if (!last) return;
    file->closing = true;
    io_end_all(file, 0, NULL, file->pipe ? STATUS_PIPE_BROKEN : STATUS_CANCELLED);
    if (file->ops->closed) file->ops->closed(file);
    if (file->inode) inode_cleanup(file);
}

static struct cell *file_wait_cell(struct object *object)
{
    return ((struct file *)object)->signal;
}

static NTSTATUS file_query_name(struct object *object, WCHAR **name, size_t *length)
{
    struct file *file = (struct file *)object;
    const struct mount *mount;
    char *unix_name;

    if (file->ops->query_name) return file->ops->query_name(file, name, length);
    if (!file->unix_name)
    {
        *name = NULL;
        *length = 0;
        return STATUS_SUCCESS;
    }
    if (!(unix_name = inode_name(file, &mount))) return STATUS_NO_MEMORY;
    *name = path_device_name(mount, unix_name, length);
    free(unix_name);
    return *name ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

const struct object_type file_type =
{
    .name = "File",
    .rights_fixed = true,
    .mapping = { FILE_GENERIC_READ, FILE_GENERIC_WRITE, FILE_GENERIC_EXECUTE, FILE_ALL_ACCESS },
    .valid_access = FILE_ALL_ACCESS,
    .destroy = file_destroy,
    .handle_closed = file_handle_closed,
    .wait_cell = file_wait_cell,
    .query_name = file_query_name,
    .pack = file_pack,
    .unpack = file_unpack,
};
