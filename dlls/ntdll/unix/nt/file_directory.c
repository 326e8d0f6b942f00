/* NtQueryDirectoryFile, NtNotifyChangeDirectoryFile: what is in a folder, and what changes in it. */
#include <fcntl.h>

#include "io/async.h"
#include "io/attributes.h"
#include "io/directory.h"
#include "io/notify.h"
#include "io/ntfile.h"
#include "ps/thread.h"

#ifndef SL_RESTART_SCAN
#define SL_RESTART_SCAN         1
#define SL_RETURN_SINGLE_ENTRY  2
#endif

/* Where the name begins in each class, and how little room is too little to begin with. */
static bool class_layout(FILE_INFORMATION_CLASS class, size_t *name_offset)
{
    switch ((unsigned int)class)
    {
    case FileDirectoryInformation:       *name_offset = offsetof(FILE_DIRECTORY_INFORMATION, FileName); break;
    case FileFullDirectoryInformation:   *name_offset = offsetof(FILE_FULL_DIRECTORY_INFORMATION, FileName); break;
    case FileBothDirectoryInformation:   *name_offset = offsetof(FILE_BOTH_DIRECTORY_INFORMATION, FileName); break;
    case FileNamesInformation:           *name_offset = offsetof(FILE_NAMES_INFORMATION, FileName); break;
    case FileIdBothDirectoryInformation: *name_offset = offsetof(FILE_ID_BOTH_DIRECTORY_INFORMATION, FileName); break;
    case FileIdFullDirectoryInformation: *name_offset = offsetof(FILE_ID_FULL_DIRECTORY_INFORMATION, FileName); break;
    case FileIdGlobalTxDirectoryInformation: *name_offset = offsetof(FILE_ID_GLOBAL_TX_DIR_INFORMATION, FileName); break;
    case FileIdExtdDirectoryInformation: *name_offset = offsetof(FILE_ID_EXTD_DIR_INFORMATION_NT, FileName); break;
    case FileIdExtdBothDirectoryInformation: *name_offset = offsetof(FILE_ID_EXTD_BOTH_DIR_INFORMATION_NT, FileName); break;
    default: return false;
    }
    return true;
}

/* Classes that NTFS knows and refuses after the length check. */
static NTSTATUS check_class(FILE_INFORMATION_CLASS class, ULONG length)
{
    size_t name_offset;

    if (class_layout(class, &name_offset))
        return length < ((name_offset + sizeof(WCHAR) + 7) & ~7ul) ? STATUS_INFO_LENGTH_MISMATCH : STATUS_SUCCESS;
    switch (class)
    {
    case FileObjectIdInformation:
        return length < sizeof(FILE_OBJECTID_INFORMATION) ? STATUS_INFO_LENGTH_MISMATCH : STATUS_INVALID_INFO_CLASS;
    case FileQuotaInformation:
        return length < sizeof(FILE_QUOTA_INFORMATION) ? STATUS_INFO_LENGTH_MISMATCH : STATUS_INVALID_INFO_CLASS;
    case FileReparsePointInformation:
        return length < sizeof(FILE_REPARSE_POINT_INFORMATION) ? STATUS_INFO_LENGTH_MISMATCH : STATUS_INVALID_INFO_CLASS;
    default:
        return STATUS_INVALID_INFO_CLASS;
    }
}

/* All classes but the names alone begin alike; what follows FileNameLength differs. entry is zeroed. */
static void fill_entry(char *entry, FILE_INFORMATION_CLASS class, const struct file_facts *facts, ULONG name_bytes)
{
    FILE_FULL_DIRECTORY_INFORMATION *info = (FILE_FULL_DIRECTORY_INFORMATION *)entry;

    if (class == FileNamesInformation)
    {
        ((FILE_NAMES_INFORMATION *)entry)->FileNameLength = name_bytes;
        return;
    }
    info->CreationTime = facts->created;
    info->LastAccessTime = facts->accessed;
    info->LastWriteTime = facts->written;
    info->ChangeTime = facts->changed;
    info->EndOfFile.QuadPart = facts->size;
    info->AllocationSize.QuadPart = facts->allocation;
    info->FileAttributes = facts->attributes;
    info->FileNameLength = name_bytes;
    switch ((unsigned int)class)
    {
    case FileFullDirectoryInformation:
    case FileBothDirectoryInformation:
        info->EaSize = facts->reparse_tag;
        break;
    case FileIdBothDirectoryInformation:
        info->EaSize = facts->reparse_tag;
        ((FILE_ID_BOTH_DIRECTORY_INFORMATION *)entry)->FileId.QuadPart = facts->ino;
        break;
    case FileIdFullDirectoryInformation:
        info->EaSize = facts->reparse_tag;
        ((FILE_ID_FULL_DIRECTORY_INFORMATION *)entry)->FileId.QuadPart = facts->ino;
        break;
    case FileIdGlobalTxDirectoryInformation:
        ((FILE_ID_GLOBAL_TX_DIR_INFORMATION *)entry)->FileId.QuadPart = facts->ino;
        break;
    case FileIdExtdDirectoryInformation:
        ((FILE_ID_EXTD_DIR_INFORMATION_NT *)entry)->ReparsePointTag = facts->reparse_tag;
        memcpy(&((FILE_ID_EXTD_DIR_INFORMATION_NT *)entry)->FileId, &facts->ino, sizeof(facts->ino));
        break;
    case FileIdExtdBothDirectoryInformation:
        ((FILE_ID_EXTD_BOTH_DIR_INFORMATION_NT *)entry)->ReparsePointTag = facts->reparse_tag;
        memcpy(&((FILE_ID_EXTD_BOTH_DIR_INFORMATION_NT *)entry)->FileId, &facts->ino, sizeof(facts->ino));
        break;
    }
}

/* The mask of the first call holds for the life of the open. Under file.lock. */
static NTSTATUS start(struct file *file, WCHAR *mask, size_t mask_length, bool restart)
{
    struct enumeration *enumeration = file->enumeration;

    if (!enumeration)
    {
        if (!(enumeration = calloc(1, sizeof(*enumeration)))) return STATUS_NO_MEMORY;
        if (mask_length)
        {
            if (!(enumeration->mask = malloc(mask_length * sizeof(WCHAR))))
            {
                free(enumeration);
                return STATUS_NO_MEMORY;
            }
            memcpy(enumeration->mask, mask, mask_length * sizeof(WCHAR));
            enumeration->mask_length = mask_length;
        }
        file->enumeration = enumeration;
        restart = true;
    }
    return restart ? enumeration_read(file, enumeration) : STATUS_SUCCESS;
}

/* False: the name went since the folder was read. */
static bool entry_facts(struct file *file, const struct entry_name *name, FILE_INFORMATION_CLASS class,
                        struct file_facts *facts)
{
    if (class == FileNamesInformation) return true;
    if (file->fd >= 0) return !facts_of_name(file->fd, name->bytes, facts);
    facts_of_virtual_folder(facts);
    return true;
}

static NTSTATUS copy_entries(struct file *file, char *buffer, ULONG length, FILE_INFORMATION_CLASS class, bool single,
                             ULONG_PTR *information)
{
    struct enumeration *enumeration = file->enumeration;
    size_t name_offset, used = 0, previous = 0;
    char entry[512];
    NTSTATUS status;

    class_layout(class, &name_offset);
    while (enumeration->next < enumeration->count)
    {
        const struct entry_name *name = &enumeration->names[enumeration->next];
        size_t start_at = (used + 7) & ~7ul, name_bytes = name->length * sizeof(WCHAR), room;
        struct file_facts facts;

        if (start_at + name_offset > length) break;
        room = length - start_at - name_offset;
        if (used && room < name_bytes) break;
        if (!entry_facts(file, name, class, &facts))
        {
            enumeration->next++;
            continue;
        }
        memset(entry, 0, name_offset);
        fill_entry(entry, class, &facts, name_bytes);
        if ((status = user_write(buffer + start_at, entry, name_offset))) return status;
        if ((status = user_write(buffer + start_at + name_offset, name->units, room < name_bytes ? room : name_bytes)))
            return status;
        if (used && (status = user_put((ULONG *)(buffer + previous), (ULONG)(start_at - previous)))) return status;
        if (room < name_bytes)
        {
            *information = length;
            return STATUS_BUFFER_OVERFLOW;
        }
        previous = start_at;
        used = start_at + name_offset + name_bytes;
        enumeration->next++;
        if (single) break;
    }
    *information = used;
    if (used)
    {
        enumeration->found_any = true;
        return STATUS_SUCCESS;
    }
    if (enumeration->found_any) return STATUS_NO_MORE_FILES;
    enumeration->found_any = true;
    return STATUS_NO_SUCH_FILE;
}

static NTSTATUS query_directory(HANDLE handle, HANDLE event, void *apc, void *apc_context, IO_STATUS_BLOCK *iosb,
                                void *buffer, ULONG length, FILE_INFORMATION_CLASS class, ULONG flags,
                                const UNICODE_STRING *user_mask)
{
    size_t mask_bytes = 0;
    WCHAR *mask = NULL;
    struct io io;
    NTSTATUS status = io_begin(&io, handle, FILE_LIST_DIRECTORY, event, apc, apc_context, iosb);

    if (status) return status;
    if (io.file->kind != FILE_KIND_FOLDER) status = STATUS_INVALID_PARAMETER;
    else if (!(status = check_class(class, length)) && !(status = user_probe_for_write(buffer, length)) &&
             !(status = user_read_unicode_string(&mask, &mask_bytes, user_mask)))
    {
        io_start(&io);
        pthread_mutex_lock(&io.file->lock);
        if (!(status = start(io.file, mask, mask_bytes / sizeof(WCHAR), flags & SL_RESTART_SCAN)))
            status = copy_entries(io.file, buffer, length, class, flags & SL_RETURN_SINGLE_ENTRY, &io.information);
        pthread_mutex_unlock(&io.file->lock);
    }
    free(mask);
    return io_return(&io, status);
}

NT_CALL(nt_query_directory_file, HANDLE handle, HANDLE event, PVOID apc, PVOID apc_context, IO_STATUS_BLOCK *iosb,
        PVOID buffer, ULONG length, FILE_INFORMATION_CLASS class, BOOLEAN single, UNICODE_STRING *mask, BOOLEAN restart)
{
    return query_directory(handle, event, apc, apc_context, iosb, buffer, length, class,
                           (single ? SL_RETURN_SINGLE_ENTRY : 0) | (restart ? SL_RESTART_SCAN : 0), mask);
}

NT_CALL(nt_query_directory_file_ex, HANDLE handle, HANDLE event, PVOID apc, PVOID apc_context, IO_STATUS_BLOCK *iosb,
        PVOID buffer, ULONG length, FILE_INFORMATION_CLASS class, ULONG flags, UNICODE_STRING *mask)
{
    return query_directory(handle, event, apc, apc_context, iosb, buffer, length, class, flags, mask);
}

/* ---- changes ------------------------------------------------------------------------------------------------------ */

NT_CALL(nt_notify_change_directory_file, HANDLE handle, HANDLE event, PVOID apc, PVOID apc_context, IO_STATUS_BLOCK *iosb,
        PVOID buffer, ULONG length, ULONG filter, BOOLEAN tree)
{
    struct io io;
    NTSTATUS status;

    /* before the handle: ntdll:change */
    if ((status = user_probe_for_write(iosb, sizeof(*iosb)))) return status;
    if ((status = io_begin(&io, handle, FILE_LIST_DIRECTORY, event, apc, apc_context, iosb))) return status;
    io.buffer = buffer;
    io.length = length;
    if (io.file->kind != FILE_KIND_FOLDER) status = STATUS_INVALID_PARAMETER;
    else if (!filter || (filter & ~0xfffu)) status = STATUS_INVALID_PARAMETER;
    else if (!(status = user_probe_for_write(buffer, length)))
    {
        io_start(&io);
        status = notify_wait(&io, filter, tree);
    }
    return io_return(&io, status);
}
