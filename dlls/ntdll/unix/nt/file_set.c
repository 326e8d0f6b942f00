/* NtSetInformationFile: what a file is to become. */
#include "io/async.h"
#include "io/attributes.h"
#include "io/inode.h"
#include "io/ntfile.h"
#include "io/rename.h"
#include "io/size.h"
#include "ob/cell.h"
#include "ob/types.h"

static const struct set_class
{
    unsigned short length;
    ACCESS_MASK    access;
} set_classes[] =
{
    [FileBasicInformation]         = { sizeof(FILE_BASIC_INFORMATION), FILE_WRITE_ATTRIBUTES },
    [FileRenameInformation]        = { sizeof(FILE_RENAME_INFORMATION), DELETE },
    [FileLinkInformation]          = { sizeof(FILE_LINK_INFORMATION), 0 },
    [FileDispositionInformation]   = { sizeof(FILE_DISPOSITION_INFORMATION), DELETE },
    [FilePositionInformation]      = { sizeof(FILE_POSITION_INFORMATION), 0 },
    [FileModeInformation]          = { sizeof(FILE_MODE_INFORMATION), 0 },
    [FileAllocationInformation]    = { sizeof(FILE_ALLOCATION_INFORMATION), FILE_WRITE_DATA },
    [FileEndOfFileInformation]     = { sizeof(FILE_END_OF_FILE_INFORMATION), FILE_WRITE_DATA },
    [FileMailslotSetInformation]   = { sizeof(FILE_MAILSLOT_SET_INFORMATION), 0 },
    [FilePipeInformation]          = { sizeof(FILE_PIPE_INFORMATION), FILE_WRITE_ATTRIBUTES },
    [FileCompletionInformation]    = { sizeof(FILE_COMPLETION_INFORMATION), 0 },
    [FileValidDataLengthInformation] = { sizeof(FILE_VALID_DATA_LENGTH_INFORMATION), FILE_WRITE_DATA },
    [FileIoCompletionNotificationInformation] = { sizeof(FILE_IO_COMPLETION_NOTIFICATION_INFORMATION), 0 },
    [FileIoPriorityHintInformation] = { sizeof(ULONG), 0 },
    [FileDispositionInformationEx] = { sizeof(FILE_DISPOSITION_INFORMATION_EX), DELETE },
    [FileRenameInformationEx]      = { sizeof(FILE_RENAME_INFORMATION_EX), DELETE },
    [FileLinkInformationEx]        = { sizeof(FILE_RENAME_INFORMATION_EX), 0 },
};
#define SET_CLASS_COUNT (sizeof(set_classes) / sizeof(set_classes[0]))

static NTSTATUS set_mode(struct file *file, ULONG mode)
{
    const ULONG synchronous = FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT;
    const ULONG settable = FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | synchronous;
    ULONG options = file->options;

    if (mode & ~settable) return STATUS_INVALID_PARAMETER;
    if ((mode & synchronous) == synchronous) return STATUS_INVALID_PARAMETER;
    if (!(mode & synchronous) != !(options & synchronous)) return STATUS_INVALID_PARAMETER;
    __atomic_store_n(&file->options, (options & ~settable) | mode, __ATOMIC_RELAXED);
    return STATUS_SUCCESS;
}

static NTSTATUS set_completion(struct file *file, const FILE_COMPLETION_INFORMATION *info)
{
    struct object *port;
    NTSTATUS status;

    if (file_is_synchronous(file)) return STATUS_INVALID_PARAMETER;
    if ((status = handle_lookup(info->CompletionPort, &completion_type, IO_COMPLETION_MODIFY_STATE, &port, NULL)))
        return status;
    pthread_mutex_lock(&file->lock);
    if (file->port) status = STATUS_INVALID_PARAMETER;
    else
    {
        file->key = info->CompletionKey;
        __atomic_store_n(&file->port, port, __ATOMIC_RELEASE);
    }
    pthread_mutex_unlock(&file->lock);
    if (status) object_unref(port);
    return status;
}

static NTSTATUS set_completion_flags(struct file *file, ULONG flags)
{
    flags &= FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE;      /* others are passed over */
    if ((flags & FILE_SKIP_COMPLETION_PORT_ON_SUCCESS) && file_is_synchronous(file)) return STATUS_INVALID_PARAMETER;
    __atomic_fetch_or(&file->completion_flags, flags, __ATOMIC_RELAXED);    /* nothing takes them back */
    if (flags & FILE_SKIP_SET_EVENT_ON_HANDLE) cell_reset(file->signal);
    return STATUS_SUCCESS;
}

static NTSTATUS set_disposition(struct file *file, ULONG flags)
{
    if (!file->inode) return file->kind == FILE_KIND_FOLDER ? STATUS_CANNOT_DELETE : STATUS_INVALID_PARAMETER;
    return inode_set_disposition(file, flags);
}

static NTSTATUS set_class(struct file *file, FILE_INFORMATION_CLASS class, const void *buffer, ULONG length)
{
    union
    {
        FILE_BASIC_INFORMATION basic;
        FILE_COMPLETION_INFORMATION completion;
        LARGE_INTEGER large;
        ULONG flags;
        BOOLEAN boolean;
    } info;
    NTSTATUS status;

    if (class == FileRenameInformation || (unsigned int)class == FileRenameInformationEx)
        return file_rename(file, buffer, length, class != FileRenameInformation, false);
    if (class == FileLinkInformation || (unsigned int)class == FileLinkInformationEx)
        return file_rename(file, buffer, length, class != FileLinkInformation, true);
    if ((status = user_read(&info, buffer, set_classes[class].length))) return status;
    switch ((unsigned int)class)
    {
    case FileBasicInformation:
        if (file->kind != FILE_KIND_DISK && file->kind != FILE_KIND_FOLDER) return STATUS_INVALID_PARAMETER;
        return attributes_set(file, &info.basic);
    case FileDispositionInformation:
        return set_disposition(file, info.boolean ? FILE_DISPOSITION_DELETE : 0);
    case FileDispositionInformationEx:
        if (info.flags & ~0x1fu) return STATUS_INVALID_PARAMETER;
        return set_disposition(file, info.flags);
    case FilePositionInformation:
        return file_set_position(file, info.large.QuadPart);
    case FileModeInformation:
        return set_mode(file, info.flags);
    case FileAllocationInformation:
        return file_set_allocation(file, info.large.QuadPart);
    case FileEndOfFileInformation:
        return file_set_end(file, info.large.QuadPart);
    case FileValidDataLengthInformation:
        return file_set_valid_length(file, info.large.QuadPart);
    case FileCompletionInformation:
        return set_completion(file, &info.completion);
    case FileIoCompletionNotificationInformation:
        return set_completion_flags(file, info.flags);
    case FileIoPriorityHintInformation:
        return info.flags > 2 ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;     /* a hint; normal is the highest */
    default:
        return STATUS_INVALID_PARAMETER;        /* FilePipeInformation: pipes have answered already */
    }
}

NT_CALL(nt_set_information_file, HANDLE handle, IO_STATUS_BLOCK *iosb, PVOID buffer, ULONG length,
        FILE_INFORMATION_CLASS class)
{
    IO_STATUS_BLOCK block = { { 0 }, 0 };
    struct file *file;
    NTSTATUS status;

    if ((unsigned int)class >= SET_CLASS_COUNT || !set_classes[class].length) return STATUS_INVALID_INFO_CLASS;
    if (length < set_classes[class].length) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if ((status = handle_lookup(handle, &file_type, set_classes[class].access, &file, NULL))) return status;
    status = STATUS_NOT_SUPPORTED;
    if (file->ops->set) status = file->ops->set(file, class, buffer, length);
    if (status == STATUS_NOT_SUPPORTED) status = set_class(file, class, buffer, length);
    object_unref((struct object *)file);
    if ((ULONG)status >> 30 == 3) return status;
    block.Status = status;
    if (user_write(iosb, &block, sizeof(block))) return STATUS_ACCESS_VIOLATION;
    return status;
}
