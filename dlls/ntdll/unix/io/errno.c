/* The one table from errno to NTSTATUS, for calls on files. */
#include <errno.h>

#include "io/errno.h"

NTSTATUS status_from_errno(int error)
{
    switch (error)
    {
    case 0:            return STATUS_SUCCESS;
    case EPERM:
    case EACCES:       return STATUS_ACCESS_DENIED;
    case EROFS:        return STATUS_MEDIA_WRITE_PROTECTED;
    case ENOENT:       return STATUS_OBJECT_NAME_NOT_FOUND;
    case ENOTDIR:      return STATUS_OBJECT_PATH_NOT_FOUND;
    case EISDIR:       return STATUS_FILE_IS_A_DIRECTORY;
    case EEXIST:       return STATUS_OBJECT_NAME_COLLISION;
    case ENOTEMPTY:    return STATUS_DIRECTORY_NOT_EMPTY;
    case ENAMETOOLONG: return STATUS_OBJECT_NAME_INVALID;
    case ELOOP:        return STATUS_REPARSE_POINT_NOT_RESOLVED;
    case EXDEV:        return STATUS_NOT_SAME_DEVICE;
    case EMLINK:       return STATUS_TOO_MANY_LINKS;
    case ENOSPC:
    case EDQUOT:       return STATUS_DISK_FULL;
    case EFBIG:        return STATUS_DISK_FULL;
    case EMFILE:
    case ENFILE:       return STATUS_TOO_MANY_OPENED_FILES;
    case ENOMEM:
    case ENOBUFS:      return STATUS_NO_MEMORY;
    case EBUSY:
    case ETXTBSY:      return STATUS_SHARING_VIOLATION;
    case EFAULT:       return STATUS_ACCESS_VIOLATION;
    case EBADF:        return STATUS_INVALID_HANDLE;
    case EINVAL:       return STATUS_INVALID_PARAMETER;
    case ESPIPE:       return STATUS_ILLEGAL_FUNCTION;
    case EPIPE:        return STATUS_PIPE_DISCONNECTED;
    case ENXIO:
    case ENODEV:       return STATUS_NO_SUCH_DEVICE;
    case EIO:          return STATUS_IO_DEVICE_ERROR;
    case EOPNOTSUPP:
    case ENOTTY:
    case ENOSYS:       return STATUS_NOT_SUPPORTED;
    case ECANCELED:    return STATUS_CANCELLED;
    case ETIMEDOUT:    return STATUS_IO_TIMEOUT;
    default:           return STATUS_UNSUCCESSFUL;
    }
}
