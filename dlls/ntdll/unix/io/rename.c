/* Another name for a file.
 *
 * Windows' order: is there something of that name, may it go, then the move. What is in the way is replaced by one
 * rename(), so nobody ever sees the name missing; a folder in place of a file is the one case that takes two steps.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/fs.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "io/errno.h"
#include "io/inode.h"
#include "io/ntfile.h"
#include "io/path.h"
#include "io/rename.h"

struct target
{
    struct path path;
    ULONG flags;                /* FILE_RENAME_x */
    bool  exists;               /* something else than the file itself has the name */
    bool  itself;               /* the file itself has it, perhaps in other case */
    char *wanted;               /* the name as asked for, if what is there differs in case */
    struct stat st;             /* what is there */
};

/* A name without a backslash and without a root is in the file's own folder. */
static NTSTATUS translate_target(struct target *target, struct file *file, HANDLE root_handle, const WCHAR *name,
                                 size_t length)
{
    struct file *root = NULL, folder = { 0 };
    const struct mount *mount;
    char *unix_name, *slash;
    NTSTATUS status;

    if (root_handle)
    {
        if ((status = handle_lookup(root_handle, &file_type, 0, &root, NULL))) return status;
        status = path_translate(&target->path, root, name, length);
        object_unref((struct object *)root);
        return status;
    }
    if (length && name[0] == '\\') return path_translate(&target->path, NULL, name, length);
    for (size_t i = 0; i < length; i++)
        if (name[i] == '\\') return STATUS_INVALID_PARAMETER;
    if (!(unix_name = inode_name(file, &mount))) return STATUS_NO_MEMORY;
    slash = strrchr(unix_name, '/');
    if (slash) *slash = 0;
    folder.unix_name = unix_name;
    folder.mount = mount;
    folder.kind = FILE_KIND_FOLDER;
    status = path_translate(&target->path, &folder, name, length);
    free(unix_name);
    return status;
}

static NTSTATUS read_target(struct target *target, struct file *file, const void *buffer, ULONG length, bool extended)
{
    FILE_RENAME_INFORMATION_EX info;
    WCHAR *name;
    NTSTATUS status;

    if ((status = user_read(&info, buffer, offsetof(FILE_RENAME_INFORMATION_EX, FileName)))) return status;
    if (!info.FileNameLength || (info.FileNameLength & 1) ||
        info.FileNameLength > length - offsetof(FILE_RENAME_INFORMATION_EX, FileName)) return STATUS_INVALID_PARAMETER;
    target->flags = extended ? info.Flags : info.Flags & 0xff ? FILE_RENAME_REPLACE_IF_EXISTS : 0;
    if (!(name = malloc(info.FileNameLength))) return STATUS_NO_MEMORY;
    status = user_read(name, (const char *)buffer + offsetof(FILE_RENAME_INFORMATION_EX, FileName), info.FileNameLength);
    if (!status) status = translate_target(target, file, info.RootDirectory, name, info.FileNameLength / sizeof(WCHAR));
    free(name);
    return status;
}

/* The folder as it is spelled; of the last name, the one that is there and the one that was asked for. */
static NTSTATUS find_target(struct target *target, const struct stat *self)
{
    char *asked, *slash;
    bool there;
    NTSTATUS status;

    if (target->path.kind == PATH_MISSING)
        return target->path.parent_exists ? STATUS_ACCESS_DENIED : STATUS_OBJECT_PATH_NOT_FOUND;
    if (target->path.kind != PATH_FILE) return STATUS_NOT_SAME_DEVICE;
    if (target->path.mount->read_only) return STATUS_ACCESS_DENIED;
    there = !lstat(target->path.unix_name, &target->st);
    if (!there)
    {
        if (!(asked = strdup(target->path.unix_name))) return STATUS_NO_MEMORY;
        status = path_fix_case(&target->path);
        if (!status && !lstat(target->path.unix_name, &target->st) && (slash = strrchr(target->path.unix_name, '/')))
        {
            there = true;
            if (asprintf(&target->wanted, "%.*s%s", (int)(slash - target->path.unix_name), target->path.unix_name,
                         strrchr(asked, '/')) < 0) target->wanted = NULL;
        }
        free(asked);
        if (status && status != STATUS_OBJECT_NAME_NOT_FOUND) return status;
    }
    target->itself = there && target->st.st_dev == self->st_dev && target->st.st_ino == self->st_ino;
    target->exists = there && !target->itself;
    return STATUS_SUCCESS;
}

static NTSTATUS check_replace(const struct target *target)
{
    if (!target->exists) return STATUS_SUCCESS;
    if (!(target->flags & FILE_RENAME_REPLACE_IF_EXISTS)) return STATUS_OBJECT_NAME_COLLISION;
    if (S_ISDIR(target->st.st_mode)) return STATUS_ACCESS_DENIED;
    if (S_ISREG(target->st.st_mode) && !(target->st.st_mode & 0222) &&
        !(target->flags & FILE_RENAME_IGNORE_READONLY_ATTRIBUTE)) return STATUS_ACCESS_DENIED;
    return inode_check_replace(target->path.unix_name, &target->st, target->flags & FILE_RENAME_POSIX_SEMANTICS);
}

static int move(const char *from, const struct target *target, const struct stat *self)
{
    const char *to = target->path.unix_name;

    if (target->itself) return target->wanted ? rename(from, target->wanted) : strcmp(from, to) ? rename(from, to) : 0;
    if (!target->exists)
    {
        if (!renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE)) return 0;
        return errno == EINVAL || errno == ENOSYS ? rename(from, to) : -1;
    }
    if (S_ISDIR(self->st_mode) && unlink(to)) return -1;
    if (rename(from, to)) return -1;
    return target->wanted ? rename(to, target->wanted) : 0;
}

static int link_to(const char *from, const struct target *target)
{
    const char *to = target->path.unix_name;
    char *temporary;
    int result;

    if (target->itself && !strcmp(from, to)) return target->wanted ? rename(from, target->wanted) : 0;
    if (!target->exists && !target->itself) return linkat(AT_FDCWD, from, AT_FDCWD, to, 0);
    if (asprintf(&temporary, "%s.oriel-link-%d", to, getpid()) < 0) return -1;
    if (!(result = linkat(AT_FDCWD, from, AT_FDCWD, temporary, 0)) && (result = rename(temporary, to)))
    {
        int error = errno;

        unlink(temporary);
        errno = error;
    }
    free(temporary);
    if (!result && target->wanted) result = rename(to, target->wanted);
    return result;
}

NTSTATUS file_rename(struct file *file, const void *buffer, ULONG length, bool extended, bool link)
{
    struct target target = { .exists = false };
    const struct mount *mount;
    struct stat self;
    char *from;
    NTSTATUS status;

    if (!file->inode) return file->kind == FILE_KIND_FOLDER ? STATUS_ACCESS_DENIED : STATUS_INVALID_PARAMETER;
    if (fstat(file->fd, &self)) return status_from_errno(errno);
    if (link && S_ISDIR(self.st_mode)) return STATUS_FILE_IS_A_DIRECTORY;
    if ((status = read_target(&target, file, buffer, length, extended))) return status;
    if (!(from = inode_name(file, &mount))) status = STATUS_NO_MEMORY;
    if (!status && mount->read_only) status = STATUS_ACCESS_DENIED;
    if (!status && !(status = find_target(&target, &self))) status = check_replace(&target);
    if (!status && target.path.invalid) status = STATUS_OBJECT_NAME_INVALID;
    if (!status && !link && S_ISDIR(self.st_mode) && inode_has_open_below(from)) status = STATUS_ACCESS_DENIED;
    if (!status && link && target.itself && !(target.flags & FILE_RENAME_REPLACE_IF_EXISTS)) status = STATUS_OBJECT_NAME_COLLISION;
    if (!status && (link ? link_to(from, &target) : move(from, &target, &self))) status = status_from_errno(errno);
    if (!status && (!link || (target.itself && target.wanted)))
    {
        char **now = target.wanted ? &target.wanted : &target.path.unix_name;

        inode_renamed(file, target.path.mount, *now);
        *now = NULL;
    }
    free(target.wanted);
    free(from);
    path_free(&target.path);
    return status;
}
