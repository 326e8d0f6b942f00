/* NtQueryVolumeInformationFile: what a file is on. */
#include <errno.h>
#include <sys/statfs.h>
#include <sys/sysmacros.h>

#include "io/async.h"
#include "io/attributes.h"
#include "io/errno.h"
#include "io/ntfile.h"
#include "io/path.h"

#define SECTOR 512u
#define SECTORS_PER_UNIT 8u     /* 4 KiB clusters, as NTFS has them */

uint32_t volume_serial(uint64_t dev)
{
    return 0x0e1e0000u ^ major(dev) << 20 ^ minor(dev);
}

static const char *volume_path(const struct file *file)
{
    return file->unix_name && file->mount ? file->unix_name : "/";
}

static NTSTATUS volume_statfs(const struct file *file, struct statfs *fs)
{
    int failed = file->fd >= 0 && !file->path_only ? fstatfs(file->fd, fs) : statfs(volume_path(file), fs);

    return failed ? status_from_errno(errno) : STATUS_SUCCESS;
}

static bool has_volume(const struct file *file)
{
    return file->kind == FILE_KIND_DISK || file->kind == FILE_KIND_FOLDER || file->kind == FILE_KIND_VOLUME;
}

static bool is_virtual_drive(const struct file *file)
{
    return !file->mount || file->mount->drive == 'C';
}

struct volume_query
{
    struct file *file;
    void  *buffer;
    ULONG  length;
    ULONG_PTR information;
};

static NTSTATUS answer(struct volume_query *query, const void *info, size_t size)
{
    if (query->length < size) return STATUS_INFO_LENGTH_MISMATCH;
    query->information = size;
    return user_write(query->buffer, info, size);
}

/* fixed bytes, then a string that may not fit. */
static NTSTATUS answer_string(struct volume_query *query, const void *info, size_t fixed, const WCHAR *string, size_t bytes)
{
    size_t room = query->length - fixed;
    NTSTATUS status = user_write(query->buffer, info, fixed);

    if (status) return status;
    if ((status = user_write((char *)query->buffer + fixed, string, bytes < room ? bytes : room))) return status;
    query->information = fixed + (bytes < room ? bytes : room);
    return bytes > room ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

static NTSTATUS query_volume(struct volume_query *query)
{
    FILE_FS_VOLUME_INFORMATION info = { .SupportsObjects = TRUE };
    struct file_facts facts;
    struct stat st;

    if (query->length < sizeof(info)) return STATUS_INFO_LENGTH_MISMATCH;
    if (!has_volume(query->file)) return STATUS_INVALID_DEVICE_REQUEST;
    info.VolumeSerialNumber = volume_serial(!is_virtual_drive(query->file) && !stat(volume_path(query->file), &st) ? st.st_dev : 0xc0000);
    facts_of_virtual_folder(&facts);
    info.VolumeCreationTime = facts.created;
    return answer_string(query, &info, offsetof(FILE_FS_VOLUME_INFORMATION, VolumeLabel), u"", 0);
}

/* Whatever the block size of the file system is, sizes are told in units of 4 KiB. */
static int64_t units(uint64_t blocks, uint64_t block_size)
{
    return (int64_t)((double)blocks * (double)block_size / (SECTOR * SECTORS_PER_UNIT));
}

static NTSTATUS query_size(struct volume_query *query, bool full)
{
    FILE_FS_FULL_SIZE_INFORMATION all = { .SectorsPerAllocationUnit = SECTORS_PER_UNIT, .BytesPerSector = SECTOR };
    FILE_FS_SIZE_INFORMATION info = { .SectorsPerAllocationUnit = SECTORS_PER_UNIT, .BytesPerSector = SECTOR };
    struct statfs fs;
    NTSTATUS status;

    if (query->length < (full ? sizeof(all) : sizeof(info))) return STATUS_INFO_LENGTH_MISMATCH;
    if (!has_volume(query->file)) return STATUS_INVALID_DEVICE_REQUEST;
    if ((status = volume_statfs(query->file, &fs))) return status;
    all.TotalAllocationUnits.QuadPart = info.TotalAllocationUnits.QuadPart = units(fs.f_blocks, fs.f_bsize);
    all.ActualAvailableAllocationUnits.QuadPart = units(fs.f_bfree, fs.f_bsize);
    all.CallerAvailableAllocationUnits.QuadPart = info.AvailableAllocationUnits.QuadPart = units(fs.f_bavail, fs.f_bsize);
    return full ? answer(query, &all, sizeof(all)) : answer(query, &info, sizeof(info));
}

static NTSTATUS query_device(struct volume_query *query)
{
    FILE_FS_DEVICE_INFORMATION info = { FILE_DEVICE_DISK, 0 };

    switch (query->file->kind)
    {
    case FILE_KIND_DISK:
    case FILE_KIND_FOLDER:
    case FILE_KIND_VOLUME:
        info.Characteristics = FILE_DEVICE_IS_MOUNTED | FILE_DEVICE_SECURE_OPEN;
        if (query->file->mount && query->file->mount->read_only) info.Characteristics |= FILE_READ_ONLY_DEVICE;
        break;
    case FILE_KIND_CHARACTER:
        info.DeviceType = query->file->ops == &null_ops ? FILE_DEVICE_NULL
                        : query->file->ops == &random_ops ? FILE_DEVICE_KSEC : FILE_DEVICE_UNKNOWN;
        if (query->file->ops == &stream_ops) info.DeviceType = FILE_DEVICE_NULL;        /* /dev/null and its like */
        break;
    case FILE_KIND_CONSOLE:
        info.DeviceType = FILE_DEVICE_CONSOLE;
        break;
    case FILE_KIND_PIPE:
    case FILE_KIND_PIPE_ROOT:
        info.DeviceType = FILE_DEVICE_NAMED_PIPE;
        break;
    case FILE_KIND_MAILSLOT:
        info.DeviceType = FILE_DEVICE_MAILSLOT;
        break;
    case FILE_KIND_SOCKET:
        info.DeviceType = FILE_DEVICE_NAMED_PIPE;       /* as \Device\Afd says */
        break;
    }
    return answer(query, &info, sizeof(info));
}

static NTSTATUS query_attribute(struct volume_query *query)
{
    static const WCHAR ntfs[] = u"NTFS", npfs[] = u"NPFS";
    bool pipe = query->file->kind == FILE_KIND_PIPE || query->file->kind == FILE_KIND_PIPE_ROOT;
    FILE_FS_ATTRIBUTE_INFORMATION info = { .MaximumComponentNameLength = 255, .FileSystemNameLength = 8 };

    if (query->length < sizeof(info)) return STATUS_INFO_LENGTH_MISMATCH;
    if (!pipe && !has_volume(query->file)) return STATUS_INVALID_DEVICE_REQUEST;
    info.FileSystemAttributes = FILE_CASE_PRESERVED_NAMES | FILE_UNICODE_ON_DISK;
    if (pipe) info.FileSystemAttributes = FILE_CASE_PRESERVED_NAMES;
    else
        info.FileSystemAttributes |= FILE_CASE_SENSITIVE_SEARCH | FILE_SUPPORTS_SPARSE_FILES | FILE_SUPPORTS_REPARSE_POINTS |
                                     FILE_SUPPORTS_HARD_LINKS | 0x400;   /* POSIX unlink and rename */
    if (query->file->mount && query->file->mount->read_only) info.FileSystemAttributes |= FILE_READ_ONLY_VOLUME;
    return answer_string(query, &info, offsetof(FILE_FS_ATTRIBUTE_INFORMATION, FileSystemName), pipe ? npfs : ntfs, 8);
}

static NTSTATUS query_sector_size(struct volume_query *query)
{
    FILE_FS_SECTOR_SIZE_INFORMATION_NT info =
    {
        SECTOR, SECTOR * SECTORS_PER_UNIT, SECTOR * SECTORS_PER_UNIT, SECTOR * SECTORS_PER_UNIT, 3, 0, 0,
    };

    if (!has_volume(query->file)) return STATUS_INVALID_DEVICE_REQUEST;
    return answer(query, &info, sizeof(info));
}

NT_CALL(nt_query_volume_information_file, HANDLE handle, IO_STATUS_BLOCK *iosb, PVOID buffer, ULONG length,
        FS_INFORMATION_CLASS class)
{
    struct volume_query query = { .buffer = buffer, .length = length };
    IO_STATUS_BLOCK block;
    NTSTATUS status, fault;

    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if ((status = handle_lookup(handle, &file_type, 0, &query.file, NULL))) return status;
    switch ((unsigned int)class)
    {
    case FileFsVolumeInformation:     status = query_volume(&query); break;
    case FileFsSizeInformation:       status = query_size(&query, false); break;
    case FileFsDeviceInformation:     status = query_device(&query); break;
    case FileFsAttributeInformation:  status = query_attribute(&query); break;
    case FileFsFullSizeInformation:   status = query_size(&query, true); break;
    case FileFsSectorSizeInformation: status = query_sector_size(&query); break;
    default:                          status = STATUS_INVALID_INFO_CLASS; break;
    }
    object_unref((struct object *)query.file);
    if ((ULONG)status >> 30 == 3) return status;
    block.Status = status;
    block.Information = query.information;
    fault = user_write(iosb, &block, sizeof(block));
    return fault ? fault : status;
}
