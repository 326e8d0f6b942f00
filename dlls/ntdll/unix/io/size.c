/* Sizes and positions of files. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>
#include <sys/stat.h>

#include "io/errno.h"
#include "io/inode.h"
#include "io/size.h"
#include "ob/token.h"

static NTSTATUS check_sizable(const struct file *file)
{
    return file->kind == FILE_KIND_DISK && !file->path_only ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

/* Bytes that views left behind the end, in the last page, are not to come back: tmpfs keeps them, others do not. */
static void clear_tail(const struct file *file, uint64_t from, uint64_t size)
{
    static const char zeroes[4096];
    uint64_t page_end = (from + 4095) & ~4095ull, end = size < page_end ? size : page_end;

    if (!__atomic_load_n(&file->inode->data_sections, __ATOMIC_RELAXED)) return;
    if (end > from && pwrite(file->fd, zeroes, end - from, from) < 0) return;   /* the file has its size all the same */
}

NTSTATUS file_set_end(struct file *file, int64_t size)
{
    struct stat st;
    NTSTATUS status = check_sizable(file);

    if (status) return status;
    if (size < 0) return STATUS_INVALID_PARAMETER;
    if ((status = inode_check_truncate(file, size))) return status;
    if (fstat(file->fd, &st) || ftruncate(file->fd, size)) return status_from_errno(errno);
    if (size > st.st_size) clear_tail(file, st.st_size, size);
    return STATUS_SUCCESS;
}

/* Less than the file has cuts it; more is a wish that a file system may grant. */
NTSTATUS file_set_allocation(struct file *file, int64_t size)
{
    struct stat st;
    NTSTATUS status = check_sizable(file);

    if (status) return status;
    if (size < 0) return STATUS_INVALID_PARAMETER;
    if (fstat(file->fd, &st)) return status_from_errno(errno);
    if (size < st.st_size) return file_set_end(file, size);
    if (size > st.st_size && fallocate(file->fd, FALLOC_FL_KEEP_SIZE, 0, size) && errno == ENOSPC) return STATUS_DISK_FULL;
    return STATUS_SUCCESS;
}

/* Linux has no bytes between the valid data and the end that were never written: they are zero. */
NTSTATUS file_set_valid_length(const struct file *file, int64_t length)
{
    struct stat st;
    NTSTATUS status = check_sizable(file);

    if (status) return status;
    if (!token_privilege_enabled(SE_MANAGE_VOLUME_PRIVILEGE)) return STATUS_PRIVILEGE_NOT_HELD;
    if (fstat(file->fd, &st)) return status_from_errno(errno);
    /* How far a file was written is not known here: all of it counts as valid. */
    return length <= 0 || length > st.st_size ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

NTSTATUS file_set_position(struct file *file, int64_t position)
{
    if (position < 0) return STATUS_INVALID_PARAMETER;
    if (file->kind == FILE_KIND_DISK && !file->path_only)
        return lseek(file->fd, position, SEEK_SET) < 0 ? status_from_errno(errno) : STATUS_SUCCESS;
    if (file->kind != FILE_KIND_FOLDER && file->kind != FILE_KIND_DISK) return STATUS_SUCCESS;
    file->virtual_position = position;
    return STATUS_SUCCESS;
}

int64_t file_position(const struct file *file)
{
    off_t position;

    if (file->kind != FILE_KIND_DISK || file->path_only) return file->virtual_position;
    position = lseek(file->fd, 0, SEEK_CUR);
    return position < 0 ? 0 : position;
}
