/* Changing the tree of names: create, delete, move, copy, replace, link. */
#include "kernelbase.h"

#define SHARE_ALL (FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE)

static BOOL nt_path(UNICODE_STRING *nt_name, const WCHAR *name)
{
    NTSTATUS status = name ? RtlDosPathNameToNtPathName_U_WithStatus(name, nt_name, NULL, NULL) : STATUS_OBJECT_NAME_INVALID;

    if (status >= 0) return TRUE;
    set_error(status == STATUS_OBJECT_NAME_INVALID ? ERROR_PATH_NOT_FOUND : RtlNtStatusToDosError(status));
    return FALSE;
}

static NTSTATUS open_name(HANDLE *file, const WCHAR *name, ACCESS_MASK access, ULONG sharing, ULONG options)
{
    UNICODE_STRING nt_name;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    status = name ? RtlDosPathNameToNtPathName_U_WithStatus(name, &nt_name, NULL, NULL) : STATUS_OBJECT_PATH_NOT_FOUND;
    if (status < 0) return status == STATUS_OBJECT_NAME_INVALID ? STATUS_OBJECT_PATH_NOT_FOUND : status;
    InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = NtOpenFile(file, access | SYNCHRONIZE, &attr, &io, sharing, options | FILE_SYNCHRONOUS_IO_NONALERT);
    RtlFreeUnicodeString(&nt_name);
    return status;
}

/* ---- folders ---------------------------------------------------------------------------------------- */
BOOL WINAPI CreateDirectoryW(const WCHAR *name, SECURITY_ATTRIBUTES *sa)
{
    UNICODE_STRING nt_name;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    HANDLE dir;

    if (!nt_path(&nt_name, name)) return FALSE;
    InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE, NULL, sa ? sa->lpSecurityDescriptor : NULL);
    status = NtCreateFile(&dir, FILE_READ_ATTRIBUTES | SYNCHRONIZE, &attr, &io, NULL, FILE_ATTRIBUTE_NORMAL, FILE_SHARE_READ | FILE_SHARE_WRITE,
                          FILE_CREATE, FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT, NULL, 0);
    RtlFreeUnicodeString(&nt_name);
    if (status >= 0) NtClose(dir);
    return nt_result(status);
}

BOOL WINAPI CreateDirectoryA(const char *name, SECURITY_ATTRIBUTES *sa)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, name)) return FALSE;
    ok = CreateDirectoryW(wide.Buffer, sa);
    RtlFreeUnicodeString(&wide);
    return ok;
}

BOOL WINAPI CreateDirectoryExW(const WCHAR *template, const WCHAR *name, SECURITY_ATTRIBUTES *sa)
{
    if (GetFileAttributesW(template) == INVALID_FILE_ATTRIBUTES) return FALSE;
    return CreateDirectoryW(name, sa);
}

static NTSTATUS delete_open_file(HANDLE file)
{
    FILE_DISPOSITION_INFORMATION info = { TRUE };
    IO_STATUS_BLOCK io;

    return NtSetInformationFile(file, &io, &info, sizeof(info), FileDispositionInformation);
}

static NTSTATUS delete_name(const WCHAR *name, ULONG options)
{
    HANDLE file;
    NTSTATUS status = open_name(&file, name, DELETE, SHARE_ALL, options | FILE_OPEN_FOR_BACKUP_INTENT | FILE_OPEN_REPARSE_POINT);

    if (status < 0) return status;
    status = delete_open_file(file);
    NtClose(file);
    return status;
}

BOOL WINAPI RemoveDirectoryW(const WCHAR *name)
{
    return nt_result(delete_name(name, FILE_DIRECTORY_FILE));
}

BOOL WINAPI RemoveDirectoryA(const char *name)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, name)) return FALSE;
    ok = RemoveDirectoryW(wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return ok;
}

/* ---- files ------------------------------------------------------------------------------------------ */
BOOL WINAPI DeleteFileW(const WCHAR *name)
{
    return nt_result(delete_name(name, FILE_NON_DIRECTORY_FILE));
}

BOOL WINAPI DeleteFileA(const char *name)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, name)) return FALSE;
    ok = DeleteFileW(wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return ok;
}

/* Renames or links an open file; both structures are alike. */
static NTSTATUS set_name(HANDLE file, const WCHAR *name, BOOLEAN replace, FILE_INFORMATION_CLASS class)
{
    FILE_RENAME_INFORMATION *info;
    UNICODE_STRING nt_name;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    ULONG size;

    status = RtlDosPathNameToNtPathName_U_WithStatus(name, &nt_name, NULL, NULL);
    if (status < 0) return status == STATUS_OBJECT_NAME_INVALID ? STATUS_OBJECT_PATH_NOT_FOUND : status;
    size = FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName) + nt_name.Length;
    if (size < sizeof(*info)) size = sizeof(*info);
    if ((info = heap_zalloc(size)))
    {
        info->ReplaceIfExists = replace;
        info->FileNameLength = nt_name.Length;
        memcpy(info->FileName, nt_name.Buffer, nt_name.Length);
        status = NtSetInformationFile(file, &io, info, size, class);
        heap_free(info);
    }
    else status = STATUS_NO_MEMORY;
    RtlFreeUnicodeString(&nt_name);
    return status;
}

BOOL WINAPI CreateHardLinkW(const WCHAR *link, const WCHAR *existing, SECURITY_ATTRIBUTES *sa)
{
    NTSTATUS status;
    HANDLE file;

    (void)sa;
    if (!link || !existing) return fail(ERROR_PATH_NOT_FOUND);
    status = open_name(&file, existing, FILE_WRITE_ATTRIBUTES, SHARE_ALL, FILE_OPEN_REPARSE_POINT | FILE_NON_DIRECTORY_FILE);
    if (status < 0) return nt_result(status);
    status = set_name(file, link, FALSE, FileLinkInformation);
    NtClose(file);
    return nt_result(status);
}

BOOL WINAPI CreateHardLinkA(const char *link, const char *existing, SECURITY_ATTRIBUTES *sa)
{
    UNICODE_STRING wide_link, wide_existing;
    BOOL ok = FALSE;

    if (!wide_from_file_name(&wide_link, link)) return FALSE;
    if (wide_from_file_name(&wide_existing, existing))
    {
        ok = CreateHardLinkW(wide_link.Buffer, wide_existing.Buffer, sa);
        RtlFreeUnicodeString(&wide_existing);
    }
    RtlFreeUnicodeString(&wide_link);
    return ok;
}

/* ---- copy ------------------------------------------------------------------------------------------- */
struct copy
{
    LPPROGRESS_ROUTINE progress;
    void *parameter;
    BOOL *cancel;
};

#define COPY_CHUNK 0x40000

/* The bytes of one file into another. Progress is told after each chunk, and once at the start. */
static BOOL copy_bytes(HANDLE source, HANDLE dest, const struct copy *copy, LONGLONG size, DWORD *callback_result)
{
    LARGE_INTEGER total, done;
    DWORD read, written, result = PROGRESS_CONTINUE;
    BYTE *buffer = heap_alloc(COPY_CHUNK);
    BOOL ok = TRUE, quiet = !copy->progress;

    if (!buffer) return fail(ERROR_NOT_ENOUGH_MEMORY);
    total.QuadPart = size;
    done.QuadPart = 0;
    for (DWORD reason = CALLBACK_STREAM_SWITCH;; reason = CALLBACK_CHUNK_FINISHED)
    {
        if (!quiet)
        {
            result = copy->progress(total, done, total, done, 1, reason, source, dest, copy->parameter);
            if (result == PROGRESS_QUIET) quiet = TRUE;
            else if (result != PROGRESS_CONTINUE)
            {
                ok = fail(ERROR_REQUEST_ABORTED);
                break;
            }
        }
        if (copy->cancel && *copy->cancel)
        {
            ok = fail(ERROR_REQUEST_ABORTED);
            result = PROGRESS_CANCEL;
            break;
        }
        if (!(ok = ReadFile(source, buffer, COPY_CHUNK, &read, NULL)) || !read) break;
        for (DWORD offset = 0; ok && offset < read; offset += written)
            ok = WriteFile(dest, buffer + offset, read - offset, &written, NULL);
        if (!ok) break;
        done.QuadPart += read;
    }
    heap_free(buffer);
    *callback_result = result;
    return ok;
}

BOOL WINAPI CopyFileExW(const WCHAR *source_name, const WCHAR *dest_name, LPPROGRESS_ROUTINE progress, void *parameter, BOOL *cancel, DWORD flags)
{
    struct copy copy = { progress, parameter, cancel };
    BY_HANDLE_FILE_INFORMATION info, dest_info;
    FILE_BASIC_INFORMATION basic;
    IO_STATUS_BLOCK io;
    HANDLE source, dest;
    DWORD result = PROGRESS_CONTINUE;
    BOOL ok;

    if (!source_name || !dest_name) return fail(ERROR_PATH_NOT_FOUND);
    source = CreateFileW(source_name, GENERIC_READ, SHARE_ALL, NULL, OPEN_EXISTING, FILE_FLAG_SEQUENTIAL_SCAN, NULL);
    if (source == INVALID_HANDLE_VALUE) return FALSE;
    if (!GetFileInformationByHandle(source, &info))
    {
        NtClose(source);
        return FALSE;
    }
    if (!(flags & COPY_FILE_FAIL_IF_EXISTS))
    {
        /* A file copied onto itself would be emptied first. */
        dest = CreateFileW(dest_name, FILE_READ_ATTRIBUTES, SHARE_ALL, NULL, OPEN_EXISTING, 0, NULL);
        if (dest != INVALID_HANDLE_VALUE)
        {
            ok = GetFileInformationByHandle(dest, &dest_info) && dest_info.dwVolumeSerialNumber == info.dwVolumeSerialNumber &&
                 dest_info.nFileIndexLow == info.nFileIndexLow && dest_info.nFileIndexHigh == info.nFileIndexHigh;
            NtClose(dest);
            if (ok)
            {
                NtClose(source);
                return fail(ERROR_SHARING_VIOLATION);
            }
        }
    }
    /* Who has the destination open need not let it be deleted, but then a cancelled copy stays. */
    for (DWORD access = GENERIC_WRITE | DELETE;; access = GENERIC_WRITE)
    {
        dest = CreateFileW(dest_name, access, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, flags & COPY_FILE_FAIL_IF_EXISTS ? CREATE_NEW : CREATE_ALWAYS,
                           info.dwFileAttributes & ~FILE_ATTRIBUTE_READONLY, NULL);
        if (dest != INVALID_HANDLE_VALUE || get_error() != ERROR_SHARING_VIOLATION || access == GENERIC_WRITE) break;
    }
    if (dest == INVALID_HANDLE_VALUE)
    {
        NtClose(source);
        return FALSE;
    }
    ok = copy_bytes(source, dest, &copy, (LONGLONG)make_u64(info.nFileSizeLow, info.nFileSizeHigh), &result);
    if (ok)
    {
        /* A copy keeps the time of its last write, and its attributes. */
        memset(&basic, 0, sizeof(basic));
        memcpy(&basic.LastWriteTime, &info.ftLastWriteTime, sizeof(FILETIME));
        basic.FileAttributes = info.dwFileAttributes;
        NtSetInformationFile(dest, &io, &basic, sizeof(basic), FileBasicInformation);
        set_error(ERROR_SUCCESS);
    }
    else if (result != PROGRESS_STOP) delete_open_file(dest);       /* half a copy is none */
    NtClose(dest);
    NtClose(source);
    return ok;
}

BOOL WINAPI CopyFileW(const WCHAR *source, const WCHAR *dest, BOOL fail_if_exists)
{
    return CopyFileExW(source, dest, NULL, NULL, NULL, fail_if_exists ? COPY_FILE_FAIL_IF_EXISTS : 0);
}

/* CopyFile2's callback takes messages; the results of both kinds have the same values. */
struct copy2
{
    PCOPYFILE2_PROGRESS_ROUTINE routine;
    void *context;
};

static DWORD CALLBACK copy2_progress(LARGE_INTEGER total, LARGE_INTEGER done, LARGE_INTEGER stream_size, LARGE_INTEGER stream_done, DWORD stream,
                                     DWORD reason, HANDLE source, HANDLE dest, void *parameter)
{
    const struct copy2 *copy = parameter;
    COPYFILE2_MESSAGE message;

    memset(&message, 0, sizeof(message));
    if (reason == CALLBACK_STREAM_SWITCH)
    {
        message.Type = COPYFILE2_CALLBACK_STREAM_STARTED;
        message.Info.StreamStarted.dwStreamNumber = stream;
        message.Info.StreamStarted.hSourceFile = source;
        message.Info.StreamStarted.hDestinationFile = dest;
        message.Info.StreamStarted.uliStreamSize.QuadPart = (ULONGLONG)stream_size.QuadPart;
        message.Info.StreamStarted.uliTotalFileSize.QuadPart = (ULONGLONG)total.QuadPart;
    }
    else
    {
        message.Type = COPYFILE2_CALLBACK_CHUNK_FINISHED;
        message.Info.ChunkFinished.dwStreamNumber = stream;
        message.Info.ChunkFinished.hSourceFile = source;
        message.Info.ChunkFinished.hDestinationFile = dest;
        message.Info.ChunkFinished.uliStreamSize.QuadPart = (ULONGLONG)stream_size.QuadPart;
        message.Info.ChunkFinished.uliStreamBytesTransferred.QuadPart = (ULONGLONG)stream_done.QuadPart;
        message.Info.ChunkFinished.uliTotalFileSize.QuadPart = (ULONGLONG)total.QuadPart;
        message.Info.ChunkFinished.uliTotalBytesTransferred.QuadPart = (ULONGLONG)done.QuadPart;
    }
    return (DWORD)copy->routine(&message, copy->context);
}

HRESULT WINAPI CopyFile2(const WCHAR *source, const WCHAR *dest, COPYFILE2_EXTENDED_PARAMETERS *extra)
{
    struct copy2 copy = { extra ? extra->pProgressRoutine : NULL, extra ? extra->pvCallbackContext : NULL };

    if (CopyFileExW(source, dest, copy.routine ? copy2_progress : NULL, &copy, extra ? extra->pfCancel : NULL, extra ? extra->dwCopyFlags : 0)) return S_OK;
    return HRESULT_FROM_WIN32(get_error());
}

static BOOL two_names(UNICODE_STRING *first, const char *first_name, UNICODE_STRING *second, const char *second_name)
{
    if (!wide_from_file_name(first, first_name)) return FALSE;
    if (wide_from_file_name(second, second_name)) return TRUE;
    RtlFreeUnicodeString(first);
    return FALSE;
}

BOOL WINAPI CopyFileExA(const char *source, const char *dest, LPPROGRESS_ROUTINE progress, void *parameter, BOOL *cancel, DWORD flags)
{
    UNICODE_STRING wide_source, wide_dest;
    BOOL ok;

    if (!two_names(&wide_source, source, &wide_dest, dest)) return FALSE;
    ok = CopyFileExW(wide_source.Buffer, wide_dest.Buffer, progress, parameter, cancel, flags);
    RtlFreeUnicodeString(&wide_source);
    RtlFreeUnicodeString(&wide_dest);
    return ok;
}

BOOL WINAPI CopyFileA(const char *source, const char *dest, BOOL fail_if_exists)
{
    return CopyFileExA(source, dest, NULL, NULL, NULL, fail_if_exists ? COPY_FILE_FAIL_IF_EXISTS : 0);
}

/* ---- move ------------------------------------------------------------------------------------------- */
BOOL WINAPI MoveFileWithProgressW(const WCHAR *source, const WCHAR *dest, LPPROGRESS_ROUTINE progress, void *parameter, DWORD flags)
{
    FILE_BASIC_INFORMATION info;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    HANDLE file;
    BOOL is_dir = FALSE;

    /* There is no next start of the machine at which a move could be made up for. */
    if (flags & MOVEFILE_DELAY_UNTIL_REBOOT) return fail(ERROR_NOT_SUPPORTED);
    if (!dest) return fail(ERROR_INVALID_PARAMETER);
    status = open_name(&file, source, DELETE | FILE_READ_ATTRIBUTES, SHARE_ALL, FILE_OPEN_FOR_BACKUP_INTENT | FILE_OPEN_REPARSE_POINT);
    if (status < 0) return nt_result(status);
    if (NtQueryInformationFile(file, &io, &info, sizeof(info), FileBasicInformation) >= 0)
        is_dir = (info.FileAttributes & FILE_ATTRIBUTE_DIRECTORY) != 0;
    status = set_name(file, dest, (flags & MOVEFILE_REPLACE_EXISTING) != 0, FileRenameInformation);
    NtClose(file);
    if (status != STATUS_NOT_SAME_DEVICE || !(flags & MOVEFILE_COPY_ALLOWED)) return nt_result(status);
    if (is_dir) return fail(ERROR_ACCESS_DENIED);
    if (!CopyFileExW(source, dest, progress, parameter, NULL, flags & MOVEFILE_REPLACE_EXISTING ? 0 : COPY_FILE_FAIL_IF_EXISTS)) return FALSE;
    return DeleteFileW(source);
}

BOOL WINAPI MoveFileExW(const WCHAR *source, const WCHAR *dest, DWORD flags)
{
    return MoveFileWithProgressW(source, dest, NULL, NULL, flags);
}

BOOL WINAPI MoveFileW(const WCHAR *source, const WCHAR *dest)
{
    return MoveFileWithProgressW(source, dest, NULL, NULL, MOVEFILE_COPY_ALLOWED);
}

BOOL WINAPI MoveFileWithProgressA(const char *source, const char *dest, LPPROGRESS_ROUTINE progress, void *parameter, DWORD flags)
{
    UNICODE_STRING wide_source, wide_dest;
    BOOL ok;

    if (!two_names(&wide_source, source, &wide_dest, dest)) return FALSE;
    ok = MoveFileWithProgressW(wide_source.Buffer, wide_dest.Buffer, progress, parameter, flags);
    RtlFreeUnicodeString(&wide_source);
    RtlFreeUnicodeString(&wide_dest);
    return ok;
}

BOOL WINAPI MoveFileExA(const char *source, const char *dest, DWORD flags)
{
    return MoveFileWithProgressA(source, dest, NULL, NULL, flags);
}

BOOL WINAPI MoveFileA(const char *source, const char *dest)
{
    return MoveFileWithProgressA(source, dest, NULL, NULL, MOVEFILE_COPY_ALLOWED);
}

/* ---- replace ---------------------------------------------------------------------------------------- */

/* A file that is mapped as an image cannot be renamed over, but renamed: it gets a name of its own beside the new one,
 * and is deleted if that is possible already. */
static NTSTATUS replace_image(HANDLE old, HANDLE new, const WCHAR *replaced)
{
    FILE_DISPOSITION_INFORMATION disposition = { TRUE };
    LARGE_INTEGER now;
    IO_STATUS_BLOCK io;
    SIZE_T length = wcslen(replaced);
    WCHAR *aside = heap_alloc((length + 20) * sizeof(WCHAR));
    NTSTATUS status;

    if (!aside) return STATUS_NO_MEMORY;
    NtQuerySystemTime(&now);
    memcpy(aside, replaced, length * sizeof(WCHAR));
    _snwprintf(aside + length, 20, L"~RF%lx.TMP", now.LowPart);
    status = set_name(old, aside, FALSE, FileRenameInformation);
    heap_free(aside);
    if (status < 0) return status;
    status = set_name(new, replaced, FALSE, FileRenameInformation);
    if (status < 0) set_name(old, replaced, FALSE, FileRenameInformation);
    else NtSetInformationFile(old, &io, &disposition, sizeof(disposition), FileDispositionInformation);
    return status;
}

BOOL WINAPI ReplaceFileW(const WCHAR *replaced, const WCHAR *replacement, const WCHAR *backup, DWORD flags, void *exclude, void *reserved)
{
    FILE_BASIC_INFORMATION info;
    IO_STATUS_BLOCK io;
    HANDLE old, new;
    NTSTATUS status;

    if (!replaced || !replacement || exclude || reserved) return fail(ERROR_INVALID_PARAMETER);
    (void)flags;        /* REPLACEFILE_WRITE_THROUGH and _IGNORE_x: nothing is merged, so nothing can fail there */
    status = open_name(&old, replaced, GENERIC_READ | DELETE, SHARE_ALL, FILE_NON_DIRECTORY_FILE);
    if (status < 0) return nt_result(status);
    status = NtQueryInformationFile(old, &io, &info, sizeof(info), FileBasicInformation);
    if (status >= 0 && (info.FileAttributes & FILE_ATTRIBUTE_READONLY)) status = STATUS_ACCESS_DENIED;
    if (status < 0)
    {
        NtClose(old);
        return nt_result(status);
    }
    /* To write, too: what is read-only, or open for somebody who lets nobody write, does not take over. */
    status = open_name(&new, replacement, GENERIC_READ | GENERIC_WRITE | DELETE, SHARE_ALL, FILE_NON_DIRECTORY_FILE);
    if (status < 0)
    {
        NtClose(old);
        return nt_result(status);
    }
    if (backup)
    {
        /* The old file first gets its second name, so that at no time there is none. */
        status = set_name(old, backup, TRUE, FileLinkInformation);
        if (status < 0)
        {
            NtClose(new);
            NtClose(old);
            return fail(status == STATUS_ACCESS_DENIED ? ERROR_ACCESS_DENIED : ERROR_UNABLE_TO_REMOVE_REPLACED);
        }
    }
    status = set_name(new, replaced, TRUE, FileRenameInformation);
    if (status == STATUS_ACCESS_DENIED) status = replace_image(old, new, replaced);
    NtClose(old);
    if (status >= 0)
    {
        /* The new file takes over when the old one was made, and its attributes. */
        FILE_BASIC_INFORMATION merged;

        memset(&merged, 0, sizeof(merged));
        merged.CreationTime = info.CreationTime;
        merged.FileAttributes = info.FileAttributes;
        NtSetInformationFile(new, &io, &merged, sizeof(merged), FileBasicInformation);
    }
    NtClose(new);
    if (status >= 0) return TRUE;
    return fail(ERROR_UNABLE_TO_MOVE_REPLACEMENT);
}

BOOL WINAPI ReplaceFileA(const char *replaced, const char *replacement, const char *backup, DWORD flags, void *exclude, void *reserved)
{
    UNICODE_STRING wide_replaced, wide_replacement, wide_backup;
    BOOL ok = FALSE;

    if (!two_names(&wide_replaced, replaced, &wide_replacement, replacement)) return FALSE;
    if (wide_from_file_name(&wide_backup, backup))
    {
        ok = ReplaceFileW(wide_replaced.Buffer, wide_replacement.Buffer, wide_backup.Buffer, flags, exclude, reserved);
        RtlFreeUnicodeString(&wide_backup);
    }
    RtlFreeUnicodeString(&wide_replaced);
    RtlFreeUnicodeString(&wide_replacement);
    return ok;
}

/* ---- symbolic links --------------------------------------------------------------------------------- */
#define SYMBOLIC_LINK_ALLOW_UNPRIVILEGED 2

struct symlink_data
{
    ULONG  tag;
    USHORT length, reserved;
    USHORT substitute_offset, substitute_length, print_offset, print_length;
    ULONG  flags;                       /* 1: relative */
    WCHAR  path[];
};

BOOLEAN WINAPI CreateSymbolicLinkW(const WCHAR *link, const WCHAR *target, DWORD flags)
{
    BOOL is_dir = (flags & SYMBOLIC_LINK_FLAG_DIRECTORY) != 0, relative;
    UNICODE_STRING nt_target = { 0, 0, NULL }, nt_link;
    struct symlink_data *data;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    ULONG print_length, size;
    HANDLE file;

    if (!link || !target || !target[0] || (flags & ~(SYMBOLIC_LINK_FLAG_DIRECTORY | SYMBOLIC_LINK_ALLOW_UNPRIVILEGED)))
        return (BOOLEAN)fail(ERROR_INVALID_PARAMETER);
    relative = RtlDetermineDosPathNameType_U(target) == RELATIVE_PATH;
    if (relative) RtlInitUnicodeString(&nt_target, target);
    else if (!nt_path(&nt_target, target)) return FALSE;
    print_length = (ULONG)wcslen(target) * sizeof(WCHAR);
    size = sizeof(*data) + nt_target.Length + print_length;
    if (!(data = heap_alloc(size)))
    {
        if (!relative) RtlFreeUnicodeString(&nt_target);
        return (BOOLEAN)fail(ERROR_NOT_ENOUGH_MEMORY);
    }
    data->tag = IO_REPARSE_TAG_SYMLINK;
    data->length = (USHORT)(size - 8);
    data->reserved = 0;
    data->substitute_offset = 0;
    data->substitute_length = nt_target.Length;
    data->print_offset = nt_target.Length;
    data->print_length = (USHORT)print_length;
    data->flags = relative;
    memcpy(data->path, nt_target.Buffer, nt_target.Length);
    memcpy((BYTE *)data->path + nt_target.Length, target, print_length);
    if (!relative) RtlFreeUnicodeString(&nt_target);
    if (!nt_path(&nt_link, link))
    {
        heap_free(data);
        return FALSE;
    }
    InitializeObjectAttributes(&attr, &nt_link, OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = NtCreateFile(&file, FILE_WRITE_ATTRIBUTES | DELETE | SYNCHRONIZE, &attr, &io, NULL, FILE_ATTRIBUTE_NORMAL, 0, FILE_CREATE,
                          FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_REPARSE_POINT | (is_dir ? FILE_DIRECTORY_FILE : FILE_NON_DIRECTORY_FILE), NULL, 0);
    RtlFreeUnicodeString(&nt_link);
    if (status >= 0)
    {
        status = NtFsControlFile(file, NULL, NULL, NULL, &io, FSCTL_SET_REPARSE_POINT, data, size, NULL, 0);
        if (status < 0) delete_open_file(file);
        NtClose(file);
    }
    heap_free(data);
    return (BOOLEAN)nt_result(status);
}

BOOLEAN WINAPI CreateSymbolicLinkA(const char *link, const char *target, DWORD flags)
{
    UNICODE_STRING wide_link, wide_target;
    BOOLEAN ok;

    if (!two_names(&wide_link, link, &wide_target, target)) return FALSE;
    ok = CreateSymbolicLinkW(wide_link.Buffer, wide_target.Buffer, flags);
    RtlFreeUnicodeString(&wide_link);
    RtlFreeUnicodeString(&wide_target);
    return ok;
}
