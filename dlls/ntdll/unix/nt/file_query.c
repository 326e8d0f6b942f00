/* NtQueryInformationFile: what a file is. */
#include "io/async.h"
#include "io/attributes.h"
#include "io/inode.h"
#include "io/ntfile.h"
#include "io/path.h"
#include "io/size.h"

#define MODE_OPTIONS (FILE_WRITE_THROUGH | FILE_SEQUENTIAL_ONLY | FILE_NO_INTERMEDIATE_BUFFERING | \
                      FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT)

/* The least length of each class and the access that it needs; 0: there is no such class to query. */
static const struct query_class
{
    unsigned short length;
    bool  attributes;           /* needs FILE_READ_ATTRIBUTES */
} query_classes[] =
{
    [FileBasicInformation]          = { sizeof(FILE_BASIC_INFORMATION), true },
    [FileStandardInformation]       = { sizeof(FILE_STANDARD_INFORMATION), false },
    [FileInternalInformation]       = { sizeof(FILE_INTERNAL_INFORMATION), false },
    [FileEaInformation]             = { sizeof(FILE_EA_INFORMATION), false },
    [FileAccessInformation]         = { sizeof(FILE_ACCESS_INFORMATION), false },
    [FileNameInformation]           = { sizeof(FILE_NAME_INFORMATION), false },
    [FilePositionInformation]       = { sizeof(FILE_POSITION_INFORMATION), false },
    [FileModeInformation]           = { sizeof(FILE_MODE_INFORMATION), false },
    [FileAlignmentInformation]      = { sizeof(FILE_ALIGNMENT_INFORMATION), false },
    [FileAllInformation]            = { sizeof(FILE_ALL_INFORMATION), true },
    [FileAlternateNameInformation]  = { sizeof(FILE_NAME_INFORMATION), false },
    [FileStreamInformation]         = { sizeof(FILE_STREAM_INFORMATION), false },
    [FilePipeInformation]           = { sizeof(FILE_PIPE_INFORMATION), true },
    [FileMailslotQueryInformation]  = { sizeof(FILE_MAILSLOT_QUERY_INFORMATION), false },
    [FilePipeLocalInformation]      = { sizeof(FILE_PIPE_LOCAL_INFORMATION), true },
    [FileCompressionInformation]    = { 16, false },
    [FileNetworkOpenInformation]    = { sizeof(FILE_NETWORK_OPEN_INFORMATION), true },
    [FileAttributeTagInformation]   = { sizeof(FILE_ATTRIBUTE_TAG_INFORMATION), true },
    [FileIoCompletionNotificationInformation] = { sizeof(FILE_IO_COMPLETION_NOTIFICATION_INFORMATION), false },
    [FileIoPriorityHintInformation] = { sizeof(ULONG), false },
    [FileNormalizedNameInformation] = { sizeof(FILE_NAME_INFORMATION), false },
    [FileIsRemoteDeviceInformation] = { sizeof(FILE_IS_REMOTE_DEVICE_INFORMATION), false },
    [FileVolumeNameInformation]     = { sizeof(FILE_NAME_INFORMATION), false },
    [FileIdInformation]             = { sizeof(FILE_ID_INFORMATION), false },
    [FileStatInformation]           = { sizeof(FILE_STAT_INFORMATION), true },
    [FileStatLxInformation]         = { sizeof(FILE_STAT_LX_INFORMATION), true },
    [FileCaseSensitiveInformation]  = { sizeof(FILE_CASE_SENSITIVE_INFORMATION), false },
};
#define QUERY_CLASS_COUNT (sizeof(query_classes) / sizeof(query_classes[0]))

struct query
{
    struct file *file;
    ACCESS_MASK  granted;
    void        *buffer;        /* of the program */
    ULONG        length;
    ULONG_PTR    information;   /* out */
};

static NTSTATUS answer(struct query *query, const void *info, size_t size)
{
    query->information = size;
    return user_write(query->buffer, info, size);
}

/* ---- names -------------------------------------------------------------------------------------------------------- */

/* Length and as much of name as fits, at offset of the buffer. */
static NTSTATUS answer_name(struct query *query, size_t offset, const WCHAR *name, size_t length)
{
    FILE_NAME_INFORMATION *info = (FILE_NAME_INFORMATION *)((char *)query->buffer + offset);
    size_t room = query->length - offset - offsetof(FILE_NAME_INFORMATION, FileName);
    size_t bytes = length * sizeof(WCHAR), fits = bytes < room ? bytes : room;
    NTSTATUS status;

    if ((status = user_put(&info->FileNameLength, (ULONG)bytes))) return status;
    if ((status = user_write(info->FileName, name, fits))) return status;
    query->information = offset + offsetof(FILE_NAME_INFORMATION, FileName) + fits;
    return fits < bytes ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static NTSTATUS query_name(struct query *query, size_t offset)
{
    struct file *file = query->file;
    const struct mount *mount;
    size_t length = 0;
    WCHAR *name = NULL;
    char *unix_name;
    NTSTATUS status;

    if (file->kind == FILE_KIND_PIPE_ROOT) return STATUS_INVALID_PARAMETER;
    if (file->ops->query_name)
    {
        status = file->ops->query_name(file, &name, &length);
        if (status == STATUS_OBJECT_PATH_INVALID) return answer_name(query, offset, NULL, 0);     /* a pipe that has none */
        if (status) return status;
        /* Without the device: "\name" of \Device\NamedPipe\name. */
        for (size_t i = 1, slashes = 0; name && i < length; i++)
            if (name[i] == '\\' && ++slashes == 2)
            {
                length -= i;
                memmove(name, name + i, length * sizeof(WCHAR));
                break;
            }
    }
    else
    {
        if (!(unix_name = inode_name(file, &mount))) return STATUS_INVALID_DEVICE_REQUEST;
        name = path_name_on_drive(mount, unix_name, &length);
        free(unix_name);
    }
    if (!name) return STATUS_NO_MEMORY;
    status = answer_name(query, offset, name, length);
    free(name);
    return status;
}

static NTSTATUS query_volume_name(struct query *query)
{
    const struct mount *mount = query->file->mount;

    if (!query->file->unix_name) return STATUS_INVALID_DEVICE_REQUEST;
    return answer_name(query, 0, mount && mount->drive == 'Z' ? u"\\Device\\HarddiskVolume2" : u"\\Device\\HarddiskVolume1", 23);
}

/* ---- facts ---------------------------------------------------------------------------------------------------------- */

static void fill_basic(FILE_BASIC_INFORMATION *info, const struct file_facts *facts)
{
    memset(info, 0, sizeof(*info));
    info->CreationTime = facts->created;
    info->LastAccessTime = facts->accessed;
    info->LastWriteTime = facts->written;
    info->ChangeTime = facts->changed;
    info->FileAttributes = facts->attributes;
}

static void fill_standard(FILE_STANDARD_INFORMATION *info, struct file *file, const struct file_facts *facts)
{
    bool pending = file->inode && inode_is_delete_pending(file);

    memset(info, 0, sizeof(*info));
    info->AllocationSize.QuadPart = facts->allocation;
    info->EndOfFile.QuadPart = facts->size;
    info->NumberOfLinks = facts->links - (pending && facts->links);
    info->DeletePending = pending;
    info->Directory = (facts->attributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
}

static ULONG mode_of(const struct file *file)
{
    return __atomic_load_n(&file->options, __ATOMIC_RELAXED) & MODE_OPTIONS;
}

static NTSTATUS query_all(struct query *query, const struct file_facts *facts)
{
    FILE_ALL_INFORMATION info;
    NTSTATUS status;

    memset(&info, 0, sizeof(info));
    fill_basic(&info.BasicInformation, facts);
    fill_standard(&info.StandardInformation, query->file, facts);
    info.InternalInformation.IndexNumber.QuadPart = facts->ino;
    info.EaInformation.EaSize = facts->reparse_tag;
    info.AccessInformation.AccessFlags = query->granted;
    info.PositionInformation.CurrentByteOffset.QuadPart = file_position(query->file);
    info.ModeInformation.Mode = mode_of(query->file);
    if ((status = user_write(query->buffer, &info, offsetof(FILE_ALL_INFORMATION, NameInformation)))) return status;
    return query_name(query, offsetof(FILE_ALL_INFORMATION, NameInformation));
}

static NTSTATUS query_stat(struct query *query, FILE_INFORMATION_CLASS class, const struct file_facts *facts)
{
    FILE_STAT_LX_INFORMATION info;

    facts_to_stat(facts, query->granted, &info.Stat);
    if ((unsigned int)class == FileStatInformation) return answer(query, &info.Stat, sizeof(info.Stat));
    facts_to_lx(facts, &info);
    return answer(query, &info, sizeof(info));
}

static NTSTATUS query_network_open(struct query *query, const struct file_facts *facts)
{
    FILE_NETWORK_OPEN_INFORMATION info = { 0 };

    info.CreationTime = facts->created;
    info.LastAccessTime = facts->accessed;
    info.LastWriteTime = facts->written;
    info.ChangeTime = facts->changed;
    info.AllocationSize.QuadPart = facts->allocation;
    info.EndOfFile.QuadPart = facts->size;
    info.FileAttributes = facts->attributes;
    return answer(query, &info, sizeof(info));
}

/* The one stream that a file has; a folder has none. */
static NTSTATUS query_streams(struct query *query, const struct file_facts *facts)
{
    static const WCHAR name[] = u"::$DATA";
    const size_t bytes = sizeof(name) - sizeof(WCHAR);
    FILE_STREAM_INFORMATION info = { 0 };
    NTSTATUS status;

    if (facts->attributes & FILE_ATTRIBUTE_DIRECTORY) return STATUS_SUCCESS;
    if (query->length < offsetof(FILE_STREAM_INFORMATION, StreamName) + bytes) return STATUS_BUFFER_OVERFLOW;
    info.StreamNameLength = bytes;
    info.StreamSize.QuadPart = facts->size;
    info.StreamAllocationSize.QuadPart = facts->allocation;
    if ((status = answer(query, &info, offsetof(FILE_STREAM_INFORMATION, StreamName)))) return status;
    query->information += bytes;
    return user_write((char *)query->buffer + offsetof(FILE_STREAM_INFORMATION, StreamName), name, bytes);
}

static NTSTATUS query_facts(struct query *query, FILE_INFORMATION_CLASS class)
{
    struct file_facts facts;
    union
    {
        FILE_BASIC_INFORMATION basic;
        FILE_STANDARD_INFORMATION standard;
        FILE_INTERNAL_INFORMATION internal;
        FILE_EA_INFORMATION ea;
        FILE_ATTRIBUTE_TAG_INFORMATION tag;
        FILE_ID_INFORMATION id;
        uint64_t compression[2];
    } info;
    NTSTATUS status = query->file->ops->facts ? query->file->ops->facts(query->file, &facts)
                                              : facts_of_file(query->file, &facts);

    if (status) return status;
    memset(&info, 0, sizeof(info));
    switch ((unsigned int)class)
    {
    case FileBasicInformation:
        fill_basic(&info.basic, &facts);
        return answer(query, &info, sizeof(info.basic));
    case FileStandardInformation:
        fill_standard(&info.standard, query->file, &facts);
        return answer(query, &info, sizeof(info.standard));
    case FileInternalInformation:
        info.internal.IndexNumber.QuadPart = facts.ino;
        return answer(query, &info, sizeof(info.internal));
    case FileEaInformation:
        info.ea.EaSize = facts.reparse_tag;
        return answer(query, &info, sizeof(info.ea));
    case FileAttributeTagInformation:
        info.tag.FileAttributes = facts.attributes;
        info.tag.ReparseTag = facts.reparse_tag;
        return answer(query, &info, sizeof(info.tag));
    case FileIdInformation:
        info.id.VolumeSerialNumber = volume_serial(facts.dev);
        memcpy(&info.id.FileId, &facts.ino, sizeof(facts.ino));
        return answer(query, &info, sizeof(info.id));
    case FileCompressionInformation:
        info.compression[0] = facts.size;       /* stored as it is, format 0 */
        return answer(query, &info, sizeof(info.compression));
    case FileStreamInformation:
        return query_streams(query, &facts);
    case FileNetworkOpenInformation:
        return query_network_open(query, &facts);
    case FileStatInformation:
    case FileStatLxInformation:
        return query_stat(query, class, &facts);
    default:
        return query_all(query, &facts);
    }
}

static NTSTATUS query_class(struct query *query, FILE_INFORMATION_CLASS class)
{
    struct file *file = query->file;
    LARGE_INTEGER position;
    ULONG value;

    switch ((unsigned int)class)
    {
    case FileNameInformation:
    case FileNormalizedNameInformation:
        return query_name(query, 0);
    case FileVolumeNameInformation:
        return query_volume_name(query);
    case FileAlternateNameInformation:
        return STATUS_OBJECT_NAME_NOT_FOUND;    /* a volume without short names */
    case FileAccessInformation:
        value = query->granted;
        return answer(query, &value, sizeof(value));
    case FilePositionInformation:
        position.QuadPart = file_position(file);
        return answer(query, &position, sizeof(position));
    case FileModeInformation:
        value = mode_of(file);
        return answer(query, &value, sizeof(value));
    case FileAlignmentInformation:
    case FileCaseSensitiveInformation:
        value = 0;
        return answer(query, &value, sizeof(value));
    case FileIoCompletionNotificationInformation:
        value = __atomic_load_n(&file->completion_flags, __ATOMIC_RELAXED);
        return answer(query, &value, sizeof(value));
    case FileIoPriorityHintInformation:
        value = 2;                              /* IoPriorityNormal */
        return answer(query, &value, sizeof(value));
    case FileIsRemoteDeviceInformation:
        value = 0;
        return answer(query, &value, sizeof(FILE_IS_REMOTE_DEVICE_INFORMATION));
    case FilePipeInformation:
    case FilePipeLocalInformation:
    case FileMailslotQueryInformation:
        return STATUS_INVALID_PARAMETER;        /* pipes have answered already */
    default:
        return query_facts(query, class);
    }
}

NT_CALL(nt_query_information_file, HANDLE handle, IO_STATUS_BLOCK *iosb, PVOID buffer, ULONG length,
        FILE_INFORMATION_CLASS class)
{
    struct query query = { .buffer = buffer, .length = length };
    IO_STATUS_BLOCK block;
    NTSTATUS status, fault;

    if ((unsigned int)class >= QUERY_CLASS_COUNT || !query_classes[class].length) return STATUS_INVALID_INFO_CLASS;
    if (length < query_classes[class].length) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if ((status = user_probe_for_write(buffer, length))) return status;
    if ((status = handle_lookup(handle, &file_type, query_classes[class].attributes ? FILE_READ_ATTRIBUTES : 0,
                                &query.file, &query.granted))) return status;
    status = STATUS_NOT_SUPPORTED;
    if (query.file->ops->query) status = query.file->ops->query(query.file, class, buffer, length, &query.information);
    if (status == STATUS_NOT_SUPPORTED) status = query_class(&query, class);
    object_unref((struct object *)query.file);
    if ((ULONG)status >> 30 == 3) return status;
    block.Status = status;
    block.Information = query.information;
    fault = user_write(iosb, &block, sizeof(block));
    return fault ? fault : status;
}
