/* File objects on their way to another process: the same open file, its fd's place in it included. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/async.h"
#include "io/inode.h"
#include "io/ntfile.h"
#include "io/path.h"
#include "io/mailslot.h"
#include "io/pipe.h"
#include "io/socket.h"
#include "io/transfer.h"
#include "ob/transfer.h"

/* Which ops, by number. Ends of named pipes and mailslots, and sockets, have descriptions of their own. */
static const struct file_ops *const kinds[] =
{
    &disk_ops, &folder_ops, &null_ops, &random_ops, &stream_ops, &console_ops, &pipe_root_ops,
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct description
{
    uint32_t ops, kind, access, sharing, options;
    uint8_t  console_input, path_only, has_name, mount, is_device, reserved[3];
    uint32_t name_length;               /* bytes that follow */
};

NTSTATUS file_pack(struct object *object, struct transfer *transfer)
{
    struct file *file = (struct file *)object;
    struct description d = { 0 };
    const struct mount *mount = file->mount;
    char *name = NULL;

    if (file->pipe) return pipe_pack(file, transfer);
    if (file->socket) return socket_pack(file, transfer);
    if (file->mailslot) return mailslot_pack(file, transfer);
    for (d.ops = 0; d.ops < KINDS && kinds[d.ops] != file->ops; d.ops++) ;
    if (d.ops == KINDS) return STATUS_NOT_SUPPORTED;
    d.kind = file->kind;
    d.access = file->access;
    d.sharing = file->sharing;
    /* Who opened it for deletion deletes it. */
    d.options = __atomic_load_n(&file->options, __ATOMIC_RELAXED) & ~FILE_DELETE_ON_CLOSE;
    d.console_input = file->console_input;
    d.path_only = file->path_only;
    d.is_device = file->is_device;
    if (file->unix_name)
    {
        if (!(name = inode_name(file, &mount))) return STATUS_NO_MEMORY;
        d.name_length = (uint32_t)strlen(name);
        d.has_name = true;
        if (d.name_length > TRANSFER_DATA - sizeof(d))
        {
            free(name);
            return STATUS_NAME_TOO_LONG;
        }
    }
    d.mount = (uint8_t)path_mount_number(mount);
    memcpy(transfer->data, &d, sizeof(d));
    if (name) memcpy(transfer->data + sizeof(d), name, d.name_length);
    free(name);
    transfer->size = (uint32_t)sizeof(d) + d.name_length;
    if (file->fd >= 0)
    {
        transfer->fds[0] = file->fd;
        transfer->fd_count = 1;
    }
    return STATUS_SUCCESS;
}

/* What a kind of file is made of, for one that a stranger describes: an fd of that sort, no more rights than it was opened
 * with, and a name that can be one. */
static bool is_possible(const struct description *d, const char *name, int fd, struct stat *st)
{
    const struct file_ops *ops = kinds[d->ops];
    bool on_disk = ops == &disk_ops || ops == &folder_ops;
    int mode = 0;

    if ((d->access & ~FILE_ALL_ACCESS) || (d->sharing & ~7u) || (d->options & FILE_DELETE_ON_CLOSE)) return false;
    if (d->has_name && memchr(name, 0, d->name_length)) return false;
    if (d->has_name && (d->name_length && name[0] == '/') != (fd >= 0)) return false;   /* of a virtual folder it is relative */
    if (fd >= 0 && (fstat(fd, st) || (mode = fcntl(fd, F_GETFL)) < 0)) return false;
    if (ops == &null_ops || ops == &random_ops) return fd < 0 && d->kind == FILE_KIND_CHARACTER;
    if (ops == &pipe_root_ops) return fd < 0 && d->kind == FILE_KIND_PIPE_ROOT;
    if (ops == &folder_ops && fd < 0) return d->has_name ? d->kind == FILE_KIND_FOLDER && !d->mount : d->kind == FILE_KIND_VOLUME;
    if (fd < 0) return false;
    if (on_disk || ops == &stream_ops)
    {
        const struct file_ops *is;

        if (file_kind_of(fd, st, &is) != d->kind || is != ops) return false;
    }
    else if (d->kind != FILE_KIND_CONSOLE) return false;
    if (ops != &disk_ops || d->path_only) return true;
    if ((mode & O_PATH) || ((d->access & (FILE_READ_DATA | FILE_EXECUTE)) && (mode & O_ACCMODE) == O_WRONLY)) return false;
    return !(d->access & (FILE_WRITE_DATA | FILE_APPEND_DATA)) || (mode & O_ACCMODE) != O_RDONLY;
}

NTSTATUS file_unpack(struct transfer *transfer, struct object **object)
{
    const char *name = (const char *)transfer->data + sizeof(struct description);
    struct description d;
    struct file *file;
    struct stat st;
    NTSTATUS status = STATUS_SUCCESS;
    int fd = transfer->fd_count ? transfer->fds[0] : -1;

    if (pipe_is_packed(transfer) || socket_is_packed(transfer) || mailslot_is_packed(transfer))
    {
        status = pipe_is_packed(transfer) ? pipe_unpack(transfer, &file) : socket_is_packed(transfer) ? socket_unpack(transfer, &file)
                                                                                                      : mailslot_unpack(transfer, &file);
        if (!status) *object = &file->object;
        return status;
    }
    if (transfer->size < sizeof(d) || transfer->fd_count > 1) return STATUS_INVALID_PARAMETER;
    memcpy(&d, transfer->data, sizeof(d));
    if (d.ops >= KINDS || d.name_length != transfer->size - sizeof(d) || !is_possible(&d, name, fd, &st))
        return STATUS_INVALID_PARAMETER;
    file = file_alloc(d.kind, kinds[d.ops], fd, d.access, d.options);
    transfer->fds[0] = -1;
    if (!file) return STATUS_NO_MEMORY;
    file->sharing = d.sharing;
    file->console_input = d.console_input != 0;
    file->path_only = d.path_only != 0;
    file->is_device = d.is_device != 0;
    if (d.has_name && !(file->unix_name = strndup(name, d.name_length))) status = STATUS_NO_MEMORY;
    file->mount = path_mount(d.mount, file->unix_name);
    if (!status && fd >= 0 && (file->ops == &disk_ops || file->ops == &folder_ops)) status = inode_adopt(file, &st);
    if (status) object_unref(&file->object);
    else *object = &file->object;
    return status;
}
