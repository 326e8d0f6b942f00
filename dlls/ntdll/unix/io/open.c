/* NtCreateFile on files and folders of the disk, and on the devices that are there without asking anybody. */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/host.h"
#include "io/attributes.h"
#include "io/console.h"
#include "io/errno.h"
#include "io/inode.h"
#include "io/ntfile.h"
#include "io/path.h"
#include "io/mailslot.h"
#include "io/pipe.h"
#include "io/share.h"
#include "io/socket.h"

#define READ_ACCESS   (FILE_READ_DATA | FILE_EXECUTE)
#define WRITE_ACCESS  (FILE_WRITE_DATA | FILE_APPEND_DATA)
#define FOLDER_FLAGS  (O_RDONLY | O_DIRECTORY)
#define COMMON_FLAGS  (O_CLOEXEC | O_NOCTTY | O_NONBLOCK)       /* O_NONBLOCK: a FIFO must not hold us up */

/* ---- the open itself --------------------------------------------------------------------------------------- */

static int flags_from_access(ACCESS_MASK access)
{
    if ((access & READ_ACCESS) && (access & WRITE_ACCESS)) return O_RDWR;
    if (access & WRITE_ACCESS) return O_WRONLY;
    return access & READ_ACCESS ? O_RDONLY : O_PATH;
}

static int flags_from_options(ULONG options)
{
    return COMMON_FLAGS | (options & FILE_WRITE_THROUGH ? O_DSYNC : 0) |
           (options & FILE_OPEN_REPARSE_POINT ? O_NOFOLLOW : 0);
}

static int try_open(const char *name, int flags, struct file_open *open_)
{
    open_->path_only = flags & O_PATH;
    return open(name, flags | flags_from_options(open_->options));
}

/* Opens what exists; -1 and errno. What access turns out to be impossible is taken from open.access if the program
 * asked for whatever it can have. */
static int open_existing(const char *name, struct file_open *open_)
{
    int fd;

    if (open_->options & FILE_DIRECTORY_FILE)
        fd = try_open(name, open_->access & FILE_LIST_DIRECTORY ? O_RDONLY : O_PATH, open_);
    else
        fd = try_open(name, flags_from_access(open_->access), open_);
    if (fd >= 0) return fd;

    switch (errno)
    {
    case EISDIR:                /* for a folder the same bits mean adding to it */
        return try_open(name, open_->access & FILE_LIST_DIRECTORY ? FOLDER_FLAGS : O_PATH | O_DIRECTORY, open_);
    case ELOOP:                 /* the link itself is wanted */
        return open_->options & FILE_OPEN_REPARSE_POINT ? try_open(name, O_PATH, open_) : -1;
    case EACCES:
    case EROFS:
    case ETXTBSY:
        if (open_->maximum)
        {
            if ((open_->access & WRITE_ACCESS) && (fd = try_open(name, O_RDONLY, open_)) >= 0)
            {
                open_->access &= ~WRITE_ACCESS;
                return fd;
            }
            open_->access &= ~(WRITE_ACCESS | READ_ACCESS);
            return try_open(name, O_PATH, open_);
        }
        /* Traversing a folder needs no list of its names. */
        if (!(open_->access & (WRITE_ACCESS | FILE_READ_DATA))) return try_open(name, O_PATH | O_DIRECTORY, open_);
        errno = EACCES;
        return -1;
    default:                    /* ENXIO: a socket's name, a FIFO without a reader, a device that is not there */
        return -1;
    }
}

static int create_new(const char *name, struct file_open *open_)
{
    int flags = flags_from_access(open_->access);

    open_->path_only = false;
    if (open_->options & FILE_DIRECTORY_FILE)
    {
        if (mkdir(name, 0777)) return -1;
        return open(name, FOLDER_FLAGS | COMMON_FLAGS);
    }
    if (flags == O_PATH) flags = O_RDONLY;
    return open(name, flags | (flags_from_options(open_->options) & ~O_NOFOLLOW) | O_CREAT | O_EXCL,
                open_->attributes & FILE_ATTRIBUTE_READONLY ? 0444 : 0666);
}

static bool may_create(ULONG disposition)
{
    return disposition != FILE_OPEN && disposition != FILE_OVERWRITE;
}

static bool is_overwrite(ULONG disposition)
{
    return disposition == FILE_SUPERSEDE || disposition == FILE_OVERWRITE || disposition == FILE_OVERWRITE_IF;
}

/* Opens or creates; *created tells. */
static NTSTATUS open_or_create(struct path *path, struct file_open *open_, int *fd, bool *created)
{
    bool fixed = false;

    *created = false;
    for (int tries = 0; tries < 16; tries++)
    {
        NTSTATUS status;

        if ((*fd = open_existing(path->unix_name, open_)) >= 0) return STATUS_SUCCESS;
        if (errno != ENOENT && errno != ENOTDIR) return status_from_errno(errno);
        if (fixed && !may_create(open_->disposition)) return STATUS_OBJECT_NAME_NOT_FOUND;     /* a dangling link */
        if (!fixed)
        {
            if (!(status = path_fix_case(path)))
            {
                fixed = true;
                continue;
            }
            if (status != STATUS_OBJECT_NAME_NOT_FOUND || !may_create(open_->disposition)) return status;
        }
        if (path->mount->read_only) return STATUS_ACCESS_DENIED;
        if (path->folder && !(open_->options & FILE_DIRECTORY_FILE)) return STATUS_OBJECT_NAME_INVALID;
        if ((*fd = create_new(path->unix_name, open_)) >= 0)
        {
            *created = true;
            return STATUS_SUCCESS;
        }
        if (errno != EEXIST) return status_from_errno(errno);
    }
    return STATUS_OBJECT_NAME_COLLISION;
}

/* ---- what was opened --------------------------------------------------------------------------------------- */

static NTSTATUS check_kind(const struct path *path, const struct file_open *open_, const struct stat *st, bool created)
{
    bool is_folder = S_ISDIR(st->st_mode);

    if (created) return STATUS_SUCCESS;
    if (is_folder && (open_->options & FILE_NON_DIRECTORY_FILE)) return STATUS_FILE_IS_A_DIRECTORY;
    if (open_->disposition == FILE_CREATE) return STATUS_OBJECT_NAME_COLLISION;
    if (is_folder)
    {
        if (is_overwrite(open_->disposition)) return STATUS_OBJECT_NAME_COLLISION;
        return STATUS_SUCCESS;
    }
    if (open_->options & FILE_DIRECTORY_FILE) return STATUS_NOT_A_DIRECTORY;
    if (path->folder) return STATUS_OBJECT_NAME_INVALID;
    if (path->mount->read_only && (open_->access & (WRITE_ACCESS | DELETE))) return STATUS_ACCESS_DENIED;
    if (S_ISREG(st->st_mode) && !(st->st_mode & 0222))
    {
        /* The read-only attribute holds for everybody, also for those whom Linux lets through. */
        if ((open_->access & WRITE_ACCESS) && !open_->maximum) return STATUS_ACCESS_DENIED;
        if (is_overwrite(open_->disposition) && open_->disposition != FILE_SUPERSEDE) return STATUS_ACCESS_DENIED;
        if (open_->options & FILE_DELETE_ON_CLOSE) return STATUS_CANNOT_DELETE;
    }
    return STATUS_SUCCESS;
}

enum file_kind file_kind_of(int fd, const struct stat *st, const struct file_ops **ops)
{
    if (S_ISDIR(st->st_mode))
    {
        *ops = &folder_ops;
        return FILE_KIND_FOLDER;
    }
    if (S_ISREG(st->st_mode) || S_ISLNK(st->st_mode) || S_ISBLK(st->st_mode))
    {
        *ops = &disk_ops;
        return FILE_KIND_DISK;
    }
    if (S_ISCHR(st->st_mode) && isatty(fd))
    {
        *ops = &console_ops;
        return FILE_KIND_CONSOLE;
    }
    *ops = &stream_ops;
    return S_ISCHR(st->st_mode) ? FILE_KIND_CHARACTER : FILE_KIND_PIPE;
}

/* FILE_SUPERSEDE puts a new file in place of a read-only one: its owner may, if not as Linux has it (attributes_set_new() says
 * what it is then). */
static bool empty_read_only(const char *name)
{
    struct stat st;

    if (errno != EACCES || stat(name, &st) || (st.st_mode & 0222) || chmod(name, (st.st_mode & 07777) | 0200)) return false;
    if (!truncate(name, 0)) return true;
    chmod(name, st.st_mode & 07777);
    return false;
}

/* Everything that can refuse comes before the file is emptied. */
static NTSTATUS overwrite(struct file *file, struct file_open *open_)
{
    int failed = flags_from_access(file->access) & (O_WRONLY | O_RDWR) && !file->path_only
                     ? ftruncate(file->fd, 0) : truncate(file->unix_name, 0);

    if (failed && !(open_->disposition == FILE_SUPERSEDE && empty_read_only(file->unix_name))) return status_from_errno(errno);
    open_->result = open_->disposition == FILE_SUPERSEDE ? FILE_SUPERSEDED : FILE_OVERWRITTEN;
    return STATUS_SUCCESS;
}

/* To delete a file no data is needed, but others are told and asked by locks, and an O_PATH cannot have any. */
static int open_to_lock(int fd, const struct file_open *open_, const struct stat *st)
{
    int other;

    if (!open_->path_only || !(open_->access & DELETE) || !share_matters(fd, st)) return fd;
    if ((other = host_reopen(fd, O_RDONLY)) < 0) return fd;
    close(fd);
    return other;
}

static NTSTATUS open_disk(struct path *path, struct file_open *open_, struct file **out)
{
    const struct file_ops *ops;
    enum file_kind kind;
    struct file *file;
    struct stat st;
    NTSTATUS status;
    bool created;
    int fd;

    if ((status = open_or_create(path, open_, &fd, &created))) return status;
    if (fstat(fd, &st)) status = status_from_errno(errno);
    else status = check_kind(path, open_, &st, created);
    if (status)
    {
        close(fd);
        return status;
    }
    fd = open_to_lock(fd, open_, &st);
    kind = file_kind_of(fd, &st, &ops);
    if (kind == FILE_KIND_PIPE || kind == FILE_KIND_CHARACTER || kind == FILE_KIND_CONSOLE)
        fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) & ~O_NONBLOCK);
    if (!(file = file_alloc(kind, ops, fd, open_->access, open_->options))) return STATUS_NO_MEMORY;
    file->console_input = kind == FILE_KIND_CONSOLE && !(open_->access & WRITE_ACCESS);
    file->sharing = open_->sharing;
    file->mount = path->mount;
    file->unix_name = path->unix_name;
    path->unix_name = NULL;
    file->path_only = open_->path_only;

    open_->result = created ? FILE_CREATED : FILE_OPENED;
    if (kind == FILE_KIND_DISK || kind == FILE_KIND_FOLDER)
    {
        status = inode_open(file, &st, !created && is_overwrite(open_->disposition));
        if (!status && !created && is_overwrite(open_->disposition) && (status = overwrite(file, open_)))
            file->delete_on_close = false;
        if (!status && (created || is_overwrite(open_->disposition)))
            attributes_set_new(file, open_->attributes, created);
    }
    if (status)
    {
        object_unref((struct object *)file);
        return status;
    }
    *out = file;
    return STATUS_SUCCESS;
}

/* ---- what is not on the disk --------------------------------------------------------------------------------- */

static NTSTATUS open_virtual(struct path *path, struct file_open *open_, struct file **out)
{
    struct file *file;

    if (open_->disposition == FILE_CREATE) return STATUS_OBJECT_NAME_COLLISION;
    if (open_->options & FILE_NON_DIRECTORY_FILE) return STATUS_FILE_IS_A_DIRECTORY;
    if (is_overwrite(open_->disposition)) return STATUS_OBJECT_NAME_COLLISION;
    if ((open_->access & DELETE) && (open_->options & FILE_DELETE_ON_CLOSE)) return STATUS_CANNOT_DELETE;
    if (!(file = file_alloc(FILE_KIND_FOLDER, &folder_ops, -1, open_->access, open_->options))) return STATUS_NO_MEMORY;
    file->sharing = open_->sharing;
    file->unix_name = path->unix_name;
    path->unix_name = NULL;
    open_->result = FILE_OPENED;
    *out = file;
    return STATUS_SUCCESS;
}

static NTSTATUS open_missing(const struct path *path, const struct file_open *open_)
{
    if (path->invalid) return STATUS_OBJECT_NAME_INVALID;
    if (!path->parent_exists) return STATUS_OBJECT_PATH_NOT_FOUND;
    return may_create(open_->disposition) ? STATUS_ACCESS_DENIED : STATUS_OBJECT_NAME_NOT_FOUND;
}

static NTSTATUS open_device(const struct path *path, struct file_open *open_, enum file_kind kind,
                            const struct file_ops *ops, struct file **out)
{
    if (path->length) return STATUS_OBJECT_PATH_NOT_FOUND;
    if (open_->options & FILE_DIRECTORY_FILE) return STATUS_NOT_A_DIRECTORY;
    if (!(*out = file_alloc(kind, ops, -1, open_->access, open_->options))) return STATUS_NO_MEMORY;
    (*out)->sharing = open_->sharing;
    open_->result = FILE_OPENED;
    return STATUS_SUCCESS;
}

/* The drive itself, as a disk: information about the volume is all there is to have. */
static NTSTATUS open_volume(const struct path *path, struct file_open *open_, struct file **out)
{
    NTSTATUS status;

    if (open_->access & (READ_ACCESS | WRITE_ACCESS)) return STATUS_ACCESS_DENIED;
    if ((status = open_device(path, open_, FILE_KIND_VOLUME, &folder_ops, out))) return status;
    (*out)->mount = path->mount;
    return STATUS_SUCCESS;
}

static NTSTATUS open_pipe(const struct path *path, struct file_open *open_, struct file **out)
{
    if (path->server || path->length > 1) return pipe_open(path->name, path->length, path->server, open_, out);
    if (!(*out = file_alloc(FILE_KIND_PIPE_ROOT, &pipe_root_ops, -1, open_->access, open_->options))) return STATUS_NO_MEMORY;
    (*out)->is_device = !path->length;
    open_->result = FILE_OPENED;
    return STATUS_SUCCESS;
}

NTSTATUS file_open(struct path *path, struct file_open *open_, struct file **file)
{
    switch (path->kind)
    {
    case PATH_FILE:     return open_disk(path, open_, file);
    case PATH_VIRTUAL:  return open_virtual(path, open_, file);
    case PATH_MISSING:  return open_missing(path, open_);
    case PATH_VOLUME:   return open_volume(path, open_, file);
    case PATH_NULL:     return open_device(path, open_, FILE_KIND_CHARACTER, &null_ops, file);
    case PATH_RANDOM:   return open_device(path, open_, FILE_KIND_CHARACTER, &random_ops, file);
    case PATH_PIPE:     return open_pipe(path, open_, file);
    case PATH_MAILSLOT: return mailslot_open(path->name, path->length, open_, file);
    case PATH_SOCKET:   return socket_open_device(path->name, path->length, open_, file);
    case PATH_CONSOLE:  return console_open(path->device, open_, file);
    default:            return STATUS_OBJECT_NAME_NOT_FOUND;
    }
}
