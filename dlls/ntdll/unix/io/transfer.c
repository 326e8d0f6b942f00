/* File objects on their way to another process: the same open file, its fd's place in it included. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/async.h"
#include "io/inode.h"
#include "io/ntfile.h"
#include "io/path.h"
#include "io/pipe.h"
#include "io/transfer.h"
#include "ob/transfer.h"

/* Which ops, by number. Ends of named pipes have a description of their own; sockets stay where they are. */
static const struct file_ops *const kinds[] =
{
    &disk_ops, &folder_ops, &null_ops, &random_ops, &stream_ops, &console_ops, &pipe_root_ops,
};
#define KINDS (sizeof(kinds) / sizeof(kinds[0]))

struct description
{
    uint32_t ops, kind, access, sharing, options;
    uint8_t  console_input, path_only, has_name, reserved;
    uint32_t name_length;               /* bytes that follow */
};

NTSTATUS file_pack(struct object *object, struct transfer *transfer)
{
    struct file *file = (struct file *)object;
    struct description d = { 0 };
    const struct mount *mount;
    char *name = NULL;

    if (file->pipe) return pipe_pack(file, transfer);
    for (d.ops = 0; d.ops < KINDS && kinds[d.ops] != file->ops; d.ops++) ;
    if (d.ops == KINDS || (file->inode && file->delete_on_close)) return STATUS_NOT_SUPPORTED;
    d.kind = file->kind;
    d.access = file->access;
    d.sharing = file->sharing;
    d.options = __atomic_load_n(&file->options, __ATOMIC_RELAXED);
    d.console_input = file->console_input;
    d.path_only = file->path_only;
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

NTSTATUS file_unpack(struct transfer *transfer, struct object **object)
{
    struct description d;
    struct file *file;
    struct stat st;
    NTSTATUS status = STATUS_SUCCESS;
    int fd = transfer->fd_count ? transfer->fds[0] : -1;

    if (pipe_is_packed(transfer))
    {
        status = pipe_unpack(transfer, &file);
        if (!status) *object = &file->object;
        return status;
    }
    if (transfer->size < sizeof(d) || transfer->fd_count > 1) return STATUS_INVALID_PARAMETER;
    memcpy(&d, transfer->data, sizeof(d));
    if (d.ops >= KINDS || d.name_length != transfer->size - sizeof(d) || d.kind > FILE_KIND_VOLUME)
        return STATUS_INVALID_PARAMETER;
    file = file_alloc(d.kind, kinds[d.ops], fd, d.access, d.options);
    transfer->fds[0] = -1;
    if (!file) return STATUS_NO_MEMORY;
    file->sharing = d.sharing;
    file->console_input = d.console_input;
    file->path_only = d.path_only;
    if (d.has_name && (file->unix_name = strndup((char *)transfer->data + sizeof(d), d.name_length)))
        file->mount = path_root_mount();
    if (fd >= 0 && (kinds[d.ops] == &disk_ops || kinds[d.ops] == &folder_ops))
        status = fstat(fd, &st) ? STATUS_INVALID_PARAMETER : inode_adopt(file, &st);
    if (status) object_unref(&file->object);
    else *object = &file->object;
    return status;
}
