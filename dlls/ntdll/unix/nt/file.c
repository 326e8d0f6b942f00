/* NtCreateFile, NtOpenFile, NtDeleteFile, NtQueryAttributesFile: from a name to a file. */
#include <errno.h>
#include <fcntl.h>

#include "io/attributes.h"
#include "io/errno.h"
#include "io/inode.h"
#include "io/ntfile.h"
#include "io/path.h"
#include "io/pipe.h"

#define VALID_OPTIONS       0x00ffffff
#define VALID_FOLDER_OPTIONS (FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT | \
                             FILE_WRITE_THROUGH | FILE_OPEN_FOR_BACKUP_INTENT | FILE_DELETE_ON_CLOSE | \
                             FILE_OPEN_FOR_FREE_SPACE_QUERY | FILE_OPEN_BY_FILE_ID | FILE_NO_COMPRESSION | \
                             FILE_OPEN_REPARSE_POINT | FILE_COMPLETE_IF_OPLOCKED | FILE_SEQUENTIAL_ONLY | \
                             FILE_RANDOM_ACCESS | FILE_NO_EA_KNOWLEDGE)

/* What the I/O manager checks before it looks at the name. */
static NTSTATUS check_open(ACCESS_MASK access, const struct file_open *open)
{
    const ULONG synchronous = FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT;

    if (open->attributes & ~(FILE_ATTRIBUTE_VALID_FLAGS | 0x00400000u | FILE_ATTRIBUTE_INTEGRITY_STREAM))
        return STATUS_INVALID_PARAMETER;
    if (open->sharing & ~(FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)) return STATUS_INVALID_PARAMETER;
    if (open->disposition > FILE_OVERWRITE_IF || (open->options & ~VALID_OPTIONS)) return STATUS_INVALID_PARAMETER;
    if ((open->options & synchronous) && !(access & SYNCHRONIZE)) return STATUS_INVALID_PARAMETER;
    if ((open->options & FILE_DELETE_ON_CLOSE) && !(access & DELETE)) return STATUS_INVALID_PARAMETER;
    if ((open->options & synchronous) == synchronous) return STATUS_INVALID_PARAMETER;
    if (open->options & FILE_DIRECTORY_FILE)
    {
        if (open->options & ~VALID_FOLDER_OPTIONS) return STATUS_INVALID_PARAMETER;
        if (open->disposition != FILE_CREATE && open->disposition != FILE_OPEN && open->disposition != FILE_OPEN_IF)
            return STATUS_INVALID_PARAMETER;
    }
    if ((open->options & FILE_COMPLETE_IF_OPLOCKED) && (open->options & FILE_RESERVE_OPFILTER))
        return STATUS_INVALID_PARAMETER;
    if ((open->options & FILE_NO_INTERMEDIATE_BUFFERING) && (access & FILE_APPEND_DATA) && !(access & FILE_WRITE_DATA))
        return STATUS_INVALID_PARAMETER;
    return STATUS_SUCCESS;
}

static NTSTATUS translate(struct path *path, const struct object_attributes *attributes)
{
    if (attributes->root_status) return attributes->root_status;
    if (attributes->root && attributes->root->type != &file_type) return STATUS_OBJECT_TYPE_MISMATCH;
    return path_translate(path, (struct file *)attributes->root, attributes->name, attributes->length);
}

/* FILE_OPEN_BY_FILE_ID: the name is the 8 bytes (or 16, or those after \??\X:\) of an id. Linux opens nothing by its
 * number: it is found if it is open already, or in the folder that is the root. */
static NTSTATUS translate_id(struct path *path, const struct object_attributes *attributes)
{
    uint64_t id;

    if (attributes->root_status) return attributes->root_status;
    if (!attributes->root) return STATUS_OBJECT_PATH_SYNTAX_BAD;
    if (attributes->root->type != &file_type) return STATUS_OBJECT_TYPE_MISMATCH;
    if (attributes->length != sizeof(id) / sizeof(WCHAR) && attributes->length != 16 / sizeof(WCHAR)) return STATUS_INVALID_PARAMETER;
    memcpy(&id, attributes->name, sizeof(id));
    return path_from_id(path, (struct file *)attributes->root, id);
}

static NTSTATUS read_qos(struct file_open *open, const OBJECT_ATTRIBUTES *attr, struct pipe_qos *qos)
{
    SECURITY_QUALITY_OF_SERVICE given;
    void *user_qos;
    NTSTATUS status;

    if ((status = user_get(user_qos, &attr->SecurityQualityOfService)) || !user_qos) return status;
    if ((status = user_get(given, (SECURITY_QUALITY_OF_SERVICE *)user_qos))) return status;
    if (given.ImpersonationLevel > SecurityDelegation) return STATUS_BAD_IMPERSONATION_LEVEL;
    *qos = (struct pipe_qos){ given.ImpersonationLevel, given.ContextTrackingMode == SECURITY_DYNAMIC_TRACKING, given.EffectiveOnly };
    open->qos = qos;
    return STATUS_SUCCESS;
}

static NTSTATUS open_file(HANDLE *user_handle, ACCESS_MASK access, const OBJECT_ATTRIBUTES *attr,
                          IO_STATUS_BLOCK *iosb, struct file_open *open)
{
    struct object_attributes attributes;
    struct pipe_qos qos;
    struct path path;
    struct file *file;
    HANDLE handle;
    NTSTATUS status;
    IO_STATUS_BLOCK block;

    open->maximum = access & MAXIMUM_ALLOWED;
    open->access = access_map(&file_type, access);
    if ((status = check_open(open->access, open))) return status;
    if ((status = user_probe_for_write(user_handle, sizeof(*user_handle)))) return status;
    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if (!attr) return STATUS_INVALID_PARAMETER;
    if ((status = object_attributes_read(&attributes, attr))) return status;
    status = open->options & FILE_OPEN_BY_FILE_ID ? translate_id(&path, &attributes) : translate(&path, &attributes);
    if (!status)
    {
        if (path.kind == PATH_PIPE) status = read_qos(open, attr, &qos);
        if (!status) status = file_open(&path, open, &file);
        path_free(&path);
    }
    if (!status)
    {
        status = handle_create((struct object *)file, file->access | (access & ACCESS_SYSTEM_SECURITY),
                               attributes.attributes, &handle);
        object_unref((struct object *)file);
    }
    object_attributes_release(&attributes);
    if (status) return status;

    block.Status = STATUS_SUCCESS;
    block.Information = open->result;
    if ((status = user_put(user_handle, handle)) || (status = user_write(iosb, &block, sizeof(block))))
        handle_close(handle);
    return status;
}

NT_CALL(nt_create_file, HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr, IO_STATUS_BLOCK *iosb,
        LARGE_INTEGER *allocation, ULONG attributes, ULONG sharing, ULONG disposition, ULONG options,
        PVOID ea_buffer, ULONG ea_length)
{
    struct file_open open = { .attributes = attributes, .sharing = sharing, .disposition = disposition, .options = options };
    LARGE_INTEGER size;
    NTSTATUS status;

    if (allocation)
    {
        if ((status = user_get(size, allocation))) return status;
        if (size.QuadPart < 0) return STATUS_INVALID_PARAMETER;
        open.allocation = size.QuadPart;
    }
    if (ea_buffer && ea_length) return STATUS_EAS_NOT_SUPPORTED;
    return open_file(handle, access, attr, iosb, &open);
}

NT_CALL(nt_open_file, HANDLE *handle, ACCESS_MASK access, OBJECT_ATTRIBUTES *attr, IO_STATUS_BLOCK *iosb,
        ULONG sharing, ULONG options)
{
    struct file_open open = { .sharing = sharing, .disposition = FILE_OPEN, .options = options };

    return open_file(handle, access, attr, iosb, &open);
}

NT_CALL(nt_delete_file, OBJECT_ATTRIBUTES *attr)
{
    struct file_open open = { .access = DELETE, .sharing = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                              .disposition = FILE_OPEN, .options = FILE_DELETE_ON_CLOSE | FILE_OPEN_REPARSE_POINT };
    struct object_attributes attributes;
    struct path path;
    struct file *file;
    NTSTATUS status;

    if (!attr) return STATUS_INVALID_PARAMETER;
    if ((status = object_attributes_read(&attributes, attr))) return status;
    if (!(status = translate(&path, &attributes)))
    {
        /* As DELETE_ON_CLOSE does: a folder that is not empty stays, without a word. */
        if (!(status = file_open(&path, &open, &file))) object_unref((struct object *)file);
        path_free(&path);
    }
    object_attributes_release(&attributes);
    return status;
}

/* ---- asking without opening ----------------------------------------------------------------------------------- */

static NTSTATUS facts_of_path(struct path *path, struct file_facts *facts)
{
    NTSTATUS status;

    switch (path->kind)
    {
    case PATH_VIRTUAL:
        facts_of_virtual_folder(facts);
        return STATUS_SUCCESS;
    case PATH_MISSING:
        if (path->invalid) return STATUS_OBJECT_NAME_INVALID;
        return path->parent_exists ? STATUS_OBJECT_NAME_NOT_FOUND : STATUS_OBJECT_PATH_NOT_FOUND;
    case PATH_FILE:
        break;
    default:
        return path->kind == PATH_VOLUME ? STATUS_INVALID_DEVICE_REQUEST : STATUS_OBJECT_NAME_INVALID;
    }
    if (facts_of_name(AT_FDCWD, path->unix_name, facts))
    {
        if (errno != ENOENT && errno != ENOTDIR) return status_from_errno(errno);
        if ((status = path_fix_case(path))) return status;
        if (facts_of_name(AT_FDCWD, path->unix_name, facts)) return status_from_errno(errno);
    }
    if (inode_is_pending(facts->dev, facts->ino, path->unix_name)) return STATUS_DELETE_PENDING;
    if (path->folder && !(facts->attributes & (FILE_ATTRIBUTE_DIRECTORY | FILE_ATTRIBUTE_REPARSE_POINT)))
        return STATUS_OBJECT_NAME_INVALID;
    return STATUS_SUCCESS;
}

static NTSTATUS facts_of_attributes(const OBJECT_ATTRIBUTES *attr, struct file_facts *facts)
{
    struct object_attributes attributes;
    struct path path;
    NTSTATUS status;

    if (!attr) return STATUS_INVALID_PARAMETER;
    if ((status = object_attributes_read(&attributes, attr))) return status;
    if (!(status = translate(&path, &attributes)))
    {
        status = facts_of_path(&path, facts);
        path_free(&path);
    }
    object_attributes_release(&attributes);
    return status;
}

NT_CALL(nt_query_attributes_file, OBJECT_ATTRIBUTES *attr, FILE_BASIC_INFORMATION *info)
{
    FILE_BASIC_INFORMATION out = { 0 };
    struct file_facts facts;
    NTSTATUS status;

    if ((status = user_probe_for_write(info, sizeof(*info)))) return status;
    if ((status = facts_of_attributes(attr, &facts))) return status;
    out.CreationTime = facts.created;
    out.LastAccessTime = facts.accessed;
    out.LastWriteTime = facts.written;
    out.ChangeTime = facts.changed;
    out.FileAttributes = facts.attributes;
    return user_write(info, &out, sizeof(out));
}

NT_CALL(nt_query_full_attributes_file, OBJECT_ATTRIBUTES *attr, FILE_NETWORK_OPEN_INFORMATION *info)
{
    FILE_NETWORK_OPEN_INFORMATION out = { 0 };
    struct file_facts facts;
    NTSTATUS status;

    if ((status = user_probe_for_write(info, sizeof(*info)))) return status;
    if ((status = facts_of_attributes(attr, &facts))) return status;
    out.CreationTime = facts.created;
    out.LastAccessTime = facts.accessed;
    out.LastWriteTime = facts.written;
    out.ChangeTime = facts.changed;
    out.AllocationSize.QuadPart = facts.allocation;
    out.EndOfFile.QuadPart = facts.size;
    out.FileAttributes = facts.attributes;
    return user_write(info, &out, sizeof(out));
}

/* GetFileInformationByName: what an open would tell, without the open. */
NT_CALL(nt_query_information_by_name, OBJECT_ATTRIBUTES *attr, IO_STATUS_BLOCK *iosb, PVOID buffer, ULONG length,
        FILE_INFORMATION_CLASS class)
{
    union
    {
        FILE_STAT_INFORMATION stat;
        FILE_STAT_LX_INFORMATION lx;
        FILE_STAT_BASIC_INFORMATION basic;
    } info;
    IO_STATUS_BLOCK block = { { 0 }, 0 };
    struct file_facts facts;
    NTSTATUS status;

    if ((unsigned int)class == FileStatInformation) block.Information = sizeof(info.stat);
    else if ((unsigned int)class == FileStatLxInformation) block.Information = sizeof(info.lx);
    else if ((unsigned int)class == FileStatBasicInformation) block.Information = sizeof(info.basic);
    else return STATUS_INVALID_INFO_CLASS;
    if (length < block.Information) return STATUS_INFO_LENGTH_MISMATCH;
    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if ((status = user_probe_for_write(buffer, length))) return status;
    if ((status = facts_of_attributes(attr, &facts))) return status;
    memset(&info, 0, sizeof(info));
    facts_to_stat(&facts, FILE_READ_ATTRIBUTES, &info.stat);
    if ((unsigned int)class == FileStatLxInformation) facts_to_lx(&facts, &info.lx);
    if ((unsigned int)class == FileStatBasicInformation)
    {
        info.basic.DeviceType = FILE_DEVICE_DISK;
        info.basic.VolumeSerialNumber.QuadPart = volume_serial(facts.dev);
        memcpy(&info.basic.FileId128, &facts.ino, sizeof(facts.ino));
    }
    if ((status = user_write(buffer, &info, block.Information))) return status;
    return user_write(iosb, &block, sizeof(block));
}
