/* The three fds that the process was started with, as file objects. */
#include <fcntl.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/inode.h"
#include "io/path.h"
#include "io/async.h"

static ACCESS_MASK access_of(int flags)
{
    switch (flags & O_ACCMODE)
    {
    case O_RDONLY: return FILE_GENERIC_READ;
    case O_WRONLY: return FILE_GENERIC_WRITE | FILE_READ_ATTRIBUTES;
    default:       return FILE_GENERIC_READ | FILE_GENERIC_WRITE;
    }
}

/* A file that a shell opened has a name that only /proc knows. */
static char *name_of(int fd)
{
    char link[32], name[4096];
    ssize_t n;

    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    n = readlink(link, name, sizeof(name));
    if (n <= 0 || n == sizeof(name) || name[0] != '/') return NULL;
    return strndup(name, n);
}

/* The fd stays what it is for Unix code of this process: the file works on a duplicate of it. */
static NTSTATUS create_one(int fd, HANDLE *handle)
{
    const struct file_ops *ops;
    enum file_kind kind;
    struct file *file;
    struct stat st;
    int flags = fcntl(fd, F_GETFL), copy;
    NTSTATUS status;

    *handle = NULL;
    if (flags < 0 || fstat(fd, &st)) return STATUS_SUCCESS;     /* closed: no handle */
    kind = file_kind_of(fd, &st, &ops);
    if ((copy = fcntl(fd, F_DUPFD_CLOEXEC, 3)) < 0) return STATUS_TOO_MANY_OPENED_FILES;
    if (!(file = file_alloc(kind, ops, copy, access_of(flags), FILE_SYNCHRONOUS_IO_NONALERT))) return STATUS_NO_MEMORY;
    file->console_input = fd == 0;
    file->sharing = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
    if (kind == FILE_KIND_DISK || kind == FILE_KIND_FOLDER)
    {
        if ((file->unix_name = name_of(fd))) file->mount = path_root_mount();
        status = inode_adopt(file, &st);
    }
    else status = STATUS_SUCCESS;
    if (!status) status = handle_create((struct object *)file, file->access, OBJ_INHERIT, handle);
    object_unref((struct object *)file);
    return status;
}

NTSTATUS file_create_std_handles(HANDLE *in, HANDLE *out, HANDLE *err)
{
    NTSTATUS status = create_one(0, in);

    if (!status) status = create_one(1, out);
    if (!status) status = create_one(2, err);
    return status;
}
