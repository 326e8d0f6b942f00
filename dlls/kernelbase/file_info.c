/* What is known and can be set of an open file: size, position, times, identity, name. */
#include "kernelbase.h"

/* Numbers of classes that winternl.h does not have. */
enum
{
    class_id_extd_directory = 60,
    class_disposition_ex = 64,
    class_rename_ex = 65,
    class_case_sensitive = 71,
    class_normalized_name = 48,
};

#ifndef FILE_DEVICE_CONSOLE
#define FILE_DEVICE_CONSOLE 0x50
#endif

DWORD WINAPI GetFileType(HANDLE file)
{
    FILE_FS_DEVICE_INFORMATION info;
    IO_STATUS_BLOCK io;

    if (!nt_result(NtQueryVolumeInformationFile(real_handle(file), &io, &info, sizeof(info), FileFsDeviceInformation))) return FILE_TYPE_UNKNOWN;
    switch (info.DeviceType)
    {
    case FILE_DEVICE_NULL: case FILE_DEVICE_SERIAL_PORT: case FILE_DEVICE_PARALLEL_PORT: case FILE_DEVICE_CONSOLE:
    case FILE_DEVICE_KEYBOARD: case FILE_DEVICE_MOUSE: case FILE_DEVICE_SCREEN: case FILE_DEVICE_SOUND: case FILE_DEVICE_STREAMS:
    case FILE_DEVICE_UNKNOWN:
        return FILE_TYPE_CHAR;
    case FILE_DEVICE_NAMED_PIPE:
        return FILE_TYPE_PIPE;
    case FILE_DEVICE_CD_ROM: case FILE_DEVICE_CD_ROM_FILE_SYSTEM: case FILE_DEVICE_CONTROLLER: case FILE_DEVICE_DATALINK:
    case FILE_DEVICE_DFS: case FILE_DEVICE_DISK: case FILE_DEVICE_DISK_FILE_SYSTEM: case FILE_DEVICE_FILE_SYSTEM:
    case FILE_DEVICE_VIRTUAL_DISK: case FILE_DEVICE_NETWORK: case FILE_DEVICE_NETWORK_FILE_SYSTEM:
        return FILE_TYPE_DISK;
    }
    set_error(NO_ERROR);
    return FILE_TYPE_UNKNOWN;
}

/* ---- size and position ------------------------------------------------------------------------------ */
BOOL WINAPI GetFileSizeEx(HANDLE file, LARGE_INTEGER *size)
{
    FILE_STANDARD_INFORMATION info;
    IO_STATUS_BLOCK io;

    if (!nt_result(NtQueryInformationFile(file, &io, &info, sizeof(info), FileStandardInformation))) return FALSE;
    *size = info.EndOfFile;
    return TRUE;
}

DWORD WINAPI GetFileSize(HANDLE file, DWORD *high)
{
    LARGE_INTEGER size;

    if (!GetFileSizeEx(file, &size)) return INVALID_FILE_SIZE;
    if (high) *high = (DWORD)size.HighPart;
    /* The low half may look like a failure. */
    if (size.LowPart == INVALID_FILE_SIZE) set_error(NO_ERROR);
    return size.LowPart;
}

BOOL WINAPI SetFilePointerEx(HANDLE file, LARGE_INTEGER distance, LARGE_INTEGER *position, DWORD method)
{
    FILE_POSITION_INFORMATION info;
    FILE_STANDARD_INFORMATION end;
    IO_STATUS_BLOCK io;
    LONGLONG base = 0;

    file = real_handle(file);
    switch (method)
    {
    case FILE_BEGIN:
        break;
    case FILE_CURRENT:
        if (!nt_result(NtQueryInformationFile(file, &io, &info, sizeof(info), FilePositionInformation))) return FALSE;
        base = info.CurrentByteOffset.QuadPart;
        break;
    case FILE_END:
        if (!nt_result(NtQueryInformationFile(file, &io, &end, sizeof(end), FileStandardInformation))) return FALSE;
        base = end.EndOfFile.QuadPart;
        break;
    default:
        return fail(ERROR_INVALID_PARAMETER);
    }
    info.CurrentByteOffset.QuadPart = (LONGLONG)((ULONGLONG)base + (ULONGLONG)distance.QuadPart);
    if (info.CurrentByteOffset.QuadPart < 0) return fail(ERROR_NEGATIVE_SEEK);
    if (!nt_result(NtSetInformationFile(file, &io, &info, sizeof(info), FilePositionInformation))) return FALSE;
    if (position) *position = info.CurrentByteOffset;
    return TRUE;
}

DWORD WINAPI SetFilePointer(HANDLE file, LONG low, LONG *high, DWORD method)
{
    LARGE_INTEGER distance, position;

    if (high)
    {
        distance.LowPart = (DWORD)low;
        distance.HighPart = *high;
    }
    else distance.QuadPart = low;
    if (!SetFilePointerEx(file, distance, &position, method)) return INVALID_SET_FILE_POINTER;
    /* A position past 4 GiB cannot be said without somewhere to put its high half. */
    if (!high && position.HighPart)
    {
        LARGE_INTEGER back;

        back.QuadPart = -distance.QuadPart;
        if (method == FILE_CURRENT) SetFilePointerEx(file, back, NULL, FILE_CURRENT);
        set_error(ERROR_INVALID_PARAMETER);
        return INVALID_SET_FILE_POINTER;
    }
    if (high) *high = position.HighPart;
    if (position.LowPart == INVALID_SET_FILE_POINTER) set_error(NO_ERROR);
    return position.LowPart;
}

BOOL WINAPI SetEndOfFile(HANDLE file)
{
    FILE_POSITION_INFORMATION position;
    FILE_END_OF_FILE_INFORMATION end;
    FILE_ALLOCATION_INFORMATION allocation;
    IO_STATUS_BLOCK io;

    if (!nt_result(NtQueryInformationFile(file, &io, &position, sizeof(position), FilePositionInformation))) return FALSE;
    end.EndOfFile = position.CurrentByteOffset;
    if (!nt_result(NtSetInformationFile(file, &io, &end, sizeof(end), FileEndOfFileInformation))) return FALSE;
    allocation.AllocationSize = position.CurrentByteOffset;
    NtSetInformationFile(file, &io, &allocation, sizeof(allocation), FileAllocationInformation);
    return TRUE;
}

BOOL WINAPI SetFileValidData(HANDLE file, LONGLONG length)
{
    FILE_VALID_DATA_LENGTH_INFORMATION info;
    IO_STATUS_BLOCK io;

    info.ValidDataLength.QuadPart = length;
    return nt_result(NtSetInformationFile(file, &io, &info, sizeof(info), FileValidDataLengthInformation));
}

BOOL WINAPI FlushFileBuffers(HANDLE file)
{
    IO_STATUS_BLOCK io;

    return nt_result(NtFlushBuffersFile(real_handle(file), &io));
}

/* ---- times ------------------------------------------------------------------------------------------ */
BOOL WINAPI GetFileTime(HANDLE file, FILETIME *created, FILETIME *accessed, FILETIME *written)
{
    FILE_BASIC_INFORMATION info;
    IO_STATUS_BLOCK io;

    if (!nt_result(NtQueryInformationFile(file, &io, &info, sizeof(info), FileBasicInformation))) return FALSE;
    if (created) memcpy(created, &info.CreationTime, sizeof(*created));
    if (accessed) memcpy(accessed, &info.LastAccessTime, sizeof(*accessed));
    if (written) memcpy(written, &info.LastWriteTime, sizeof(*written));
    return TRUE;
}

BOOL WINAPI SetFileTime(HANDLE file, const FILETIME *created, const FILETIME *accessed, const FILETIME *written)
{
    FILE_BASIC_INFORMATION info;
    IO_STATUS_BLOCK io;

    memset(&info, 0, sizeof(info));     /* 0: leave it */
    if (created) memcpy(&info.CreationTime, created, sizeof(*created));
    if (accessed) memcpy(&info.LastAccessTime, accessed, sizeof(*accessed));
    if (written) memcpy(&info.LastWriteTime, written, sizeof(*written));
    return nt_result(NtSetInformationFile(file, &io, &info, sizeof(info), FileBasicInformation));
}

/* ---- everything by handle --------------------------------------------------------------------------- */
BOOL WINAPI GetFileInformationByHandle(HANDLE file, BY_HANDLE_FILE_INFORMATION *out)
{
    struct
    {
        FILE_FS_VOLUME_INFORMATION info;
        WCHAR label[64];
    } volume;
    FILE_ALL_INFORMATION all;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    /* The name, for which there is no room, comes last. */
    status = NtQueryInformationFile(file, &io, &all, sizeof(all), FileAllInformation);
    if (status == STATUS_BUFFER_OVERFLOW) status = STATUS_SUCCESS;
    if (!nt_result(status)) return FALSE;
    status = NtQueryVolumeInformationFile(file, &io, &volume, sizeof(volume), FileFsVolumeInformation);
    out->dwVolumeSerialNumber = status >= 0 || status == STATUS_BUFFER_OVERFLOW ? volume.info.VolumeSerialNumber : 0;
    out->dwFileAttributes = all.BasicInformation.FileAttributes;
    memcpy(&out->ftCreationTime, &all.BasicInformation.CreationTime, sizeof(FILETIME));
    memcpy(&out->ftLastAccessTime, &all.BasicInformation.LastAccessTime, sizeof(FILETIME));
    memcpy(&out->ftLastWriteTime, &all.BasicInformation.LastWriteTime, sizeof(FILETIME));
    out->nFileSizeHigh = (DWORD)all.StandardInformation.EndOfFile.HighPart;
    out->nFileSizeLow = all.StandardInformation.EndOfFile.LowPart;
    out->nNumberOfLinks = all.StandardInformation.NumberOfLinks;
    out->nFileIndexHigh = (DWORD)all.InternalInformation.IndexNumber.HighPart;
    out->nFileIndexLow = all.InternalInformation.IndexNumber.LowPart;
    return TRUE;
}

BOOL WINAPI GetFileInformationByHandleEx(HANDLE file, FILE_INFO_BY_HANDLE_CLASS class, void *info, DWORD size)
{
    static const struct
    {
        BYTE win32, nt, directory, restart;
    } classes[] =
    {
        { FileBasicInfo, FileBasicInformation, 0, 0 },
        { FileStandardInfo, FileStandardInformation, 0, 0 },
        { FileNameInfo, FileNameInformation, 0, 0 },
        { FileStreamInfo, FileStreamInformation, 0, 0 },
        { FileCompressionInfo, FileCompressionInformation, 0, 0 },
        { FileAttributeTagInfo, FileAttributeTagInformation, 0, 0 },
        { FileIdBothDirectoryInfo, FileIdBothDirectoryInformation, 1, 0 },
        { FileIdBothDirectoryRestartInfo, FileIdBothDirectoryInformation, 1, 1 },
        { FileRemoteProtocolInfo, FileRemoteProtocolInformation, 0, 0 },
        { FileFullDirectoryInfo, FileFullDirectoryInformation, 1, 0 },
        { FileFullDirectoryRestartInfo, FileFullDirectoryInformation, 1, 1 },
        { FileAlignmentInfo, FileAlignmentInformation, 0, 0 },
        { FileIdInfo, FileIdInformation, 0, 0 },
        { FileIdExtdDirectoryInfo, class_id_extd_directory, 1, 0 },
        { FileIdExtdDirectoryRestartInfo, class_id_extd_directory, 1, 1 },
        { FileCaseSensitiveInfo, class_case_sensitive, 0, 0 },
        { FileNormalizedNameInfo, class_normalized_name, 0, 0 },
    };
    IO_STATUS_BLOCK io;
    size_t i;

    for (i = 0; i < ARRAY_LENGTH(classes); i++)
    {
        if (classes[i].win32 != class) continue;
        if (classes[i].directory)
            return nt_result(NtQueryDirectoryFile(file, NULL, NULL, NULL, &io, info, size, classes[i].nt, FALSE, NULL, classes[i].restart));
        return nt_result(NtQueryInformationFile(file, &io, info, size, classes[i].nt));
    }
    return fail(ERROR_INVALID_PARAMETER);
}

BOOL WINAPI SetFileInformationByHandle(HANDLE file, FILE_INFO_BY_HANDLE_CLASS class, void *info, DWORD size)
{
    static const struct
    {
        BYTE win32, nt;
        BYTE minimum;
    } classes[] =
    {
        { FileBasicInfo, FileBasicInformation, sizeof(FILE_BASIC_INFO) },
        { FileDispositionInfo, FileDispositionInformation, sizeof(FILE_DISPOSITION_INFO) },
        { FileAllocationInfo, FileAllocationInformation, sizeof(FILE_ALLOCATION_INFO) },
        { FileEndOfFileInfo, FileEndOfFileInformation, sizeof(FILE_END_OF_FILE_INFO) },
        { FileIoPriorityHintInfo, FileIoPriorityHintInformation, sizeof(FILE_IO_PRIORITY_HINT_INFO) },
        { FileDispositionInfoEx, class_disposition_ex, sizeof(ULONG) },
        { FileCaseSensitiveInfo, class_case_sensitive, sizeof(ULONG) },
    };
    IO_STATUS_BLOCK io;
    size_t i;

    if (class == FileRenameInfo || class == FileRenameInfoEx)
    {
        /* The name is Win32's and becomes NT's, unless it is relative to a folder. */
        FILE_RENAME_INFORMATION *in = info, *out;
        UNICODE_STRING nt_name;
        WCHAR *name;
        NTSTATUS status;
        BOOL ok;

        if (size < sizeof(*in)) return fail(ERROR_BAD_LENGTH);
        if (in->RootDirectory)
            return nt_result(NtSetInformationFile(file, &io, info, size, class == FileRenameInfo ? FileRenameInformation : class_rename_ex));
        if (in->FileNameLength > size - FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName)) return fail(ERROR_INVALID_PARAMETER);
        if (!(name = heap_alloc(in->FileNameLength + sizeof(WCHAR)))) return fail(ERROR_NOT_ENOUGH_MEMORY);
        memcpy(name, in->FileName, in->FileNameLength);
        name[in->FileNameLength / sizeof(WCHAR)] = 0;
        status = RtlDosPathNameToNtPathName_U_WithStatus(name, &nt_name, NULL, NULL);
        heap_free(name);
        if (!nt_result(status)) return FALSE;
        size = FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName) + nt_name.Length;
        if (size < sizeof(*out)) size = sizeof(*out);
        if ((out = heap_zalloc(size)))
        {
            memcpy(out, in, FIELD_OFFSET(FILE_RENAME_INFORMATION, FileName));
            out->FileNameLength = nt_name.Length;
            memcpy(out->FileName, nt_name.Buffer, nt_name.Length);
            ok = nt_result(NtSetInformationFile(file, &io, out, size, class == FileRenameInfo ? FileRenameInformation : class_rename_ex));
            heap_free(out);
        }
        else ok = fail(ERROR_NOT_ENOUGH_MEMORY);
        RtlFreeUnicodeString(&nt_name);
        return ok;
    }
    for (i = 0; i < ARRAY_LENGTH(classes); i++)
    {
        if (classes[i].win32 != class) continue;
        if (size < classes[i].minimum) return fail(ERROR_BAD_LENGTH);
        return nt_result(NtSetInformationFile(file, &io, info, size, classes[i].nt));
    }
    return fail(ERROR_INVALID_PARAMETER);
}

BOOL WINAPI SetFileCompletionNotificationModes(HANDLE file, UCHAR flags)
{
    FILE_IO_COMPLETION_NOTIFICATION_INFORMATION info;
    IO_STATUS_BLOCK io;

    if (flags & ~(FILE_SKIP_COMPLETION_PORT_ON_SUCCESS | FILE_SKIP_SET_EVENT_ON_HANDLE)) return fail(ERROR_INVALID_PARAMETER);
    info.Flags = flags;
    return nt_result(NtSetInformationFile(file, &io, &info, sizeof(info), FileIoCompletionNotificationInformation));
}

/* ---- name ------------------------------------------------------------------------------------------- */

/* The NT name of an open file, "\Device\HarddiskVolume1\dir\file"; free with heap_free. */
static UNICODE_STRING *object_name(HANDLE file)
{
    ULONG size = 1024, needed;

    for (;;)
    {
        struct { UNICODE_STRING Name; } *info = heap_alloc(size);
        NTSTATUS status;

        if (!info)
        {
            set_error(ERROR_NOT_ENOUGH_MEMORY);
            return NULL;
        }
        status = NtQueryObject(file, ObjectNameInformation, info, size, &needed);
        if (status >= 0) return &info->Name;
        heap_free(info);
        if (status != STATUS_BUFFER_OVERFLOW && status != STATUS_INFO_LENGTH_MISMATCH && status != STATUS_BUFFER_TOO_SMALL)
        {
            nt_result(status);
            return NULL;
        }
        size = needed > size ? needed : size * 2;
    }
}

/* The length of the device part of an NT name if drive letter's device is it; 0 otherwise. */
static DWORD device_prefix(const UNICODE_STRING *name, WCHAR letter)
{
    WCHAR link_name[] = L"\\??\\A:";
    WCHAR target_buffer[260];
    UNICODE_STRING link_string, target;
    OBJECT_ATTRIBUTES attr;
    HANDLE link;
    NTSTATUS status;

    link_name[4] = letter;
    RtlInitUnicodeString(&link_string, link_name);
    InitializeObjectAttributes(&attr, &link_string, OBJ_CASE_INSENSITIVE, NULL, NULL);
    if (NtOpenSymbolicLinkObject(&link, SYMBOLIC_LINK_QUERY, &attr) < 0) return 0;
    target.Buffer = target_buffer;
    target.Length = 0;
    target.MaximumLength = sizeof(target_buffer);
    status = NtQuerySymbolicLinkObject(link, &target, NULL);
    NtClose(link);
    if (status < 0 || !target.Length || !RtlPrefixUnicodeString(&target, name, TRUE)) return 0;
    if (name->Length > target.Length && name->Buffer[target.Length / sizeof(WCHAR)] != '\\') return 0;
    return target.Length / sizeof(WCHAR);
}

DWORD WINAPI GetFinalPathNameByHandleW(HANDLE file, WCHAR *buffer, DWORD size, DWORD flags)
{
    UNICODE_STRING *name;
    const WCHAR *tail;
    WCHAR *path;
    DWORD length, device = 0, result = 0;
    WCHAR letter;

    if (flags & ~(FILE_NAME_OPENED | VOLUME_NAME_GUID | VOLUME_NAME_NONE | VOLUME_NAME_NT))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (!(name = object_name(file))) return 0;
    length = name->Length / sizeof(WCHAR);
    if ((flags & 7) == VOLUME_NAME_NT)
    {
        result = wide_result(name->Buffer, length, buffer, size);
        if (result > length) set_error(ERROR_NOT_ENOUGH_MEMORY);
        heap_free(name);
        return result;
    }
    /* The drive with the longest matching device is the one that shows the file best: C: before Z:. */
    letter = 0;
    for (WCHAR drive = 'A'; drive <= 'Z'; drive++)
    {
        DWORD prefix = device_prefix(name, drive);

        if (prefix > device)
        {
            device = prefix;
            letter = drive;
        }
    }
    tail = name->Buffer + device;
    if (!device) set_error(ERROR_PATH_NOT_FOUND);
    else if ((flags & 7) == VOLUME_NAME_NONE)
    {
        result = wide_result(tail, length - device, buffer, size);
        if (result > length - device) set_error(ERROR_NOT_ENOUGH_MEMORY);
    }
    else if ((flags & 7) == VOLUME_NAME_DOS)
    {
        static const WCHAR prefix[] = L"\\\\?\\";

        if ((path = heap_alloc((length - device + 8) * sizeof(WCHAR))))
        {
            memcpy(path, prefix, 4 * sizeof(WCHAR));
            path[4] = letter;
            path[5] = ':';
            memcpy(path + 6, tail, (length - device) * sizeof(WCHAR));
            length = length - device + 6;
            result = wide_result(path, length, buffer, size);
            if (result > length) set_error(ERROR_NOT_ENOUGH_MEMORY);
            heap_free(path);
        }
        else set_error(ERROR_NOT_ENOUGH_MEMORY);
    }
    else set_error(ERROR_PATH_NOT_FOUND);       /* volumes have no GUID */
    heap_free(name);
    return result;
}

DWORD WINAPI GetFinalPathNameByHandleA(HANDLE file, char *buffer, DWORD size, DWORD flags)
{
    DWORD length = GetFinalPathNameByHandleW(file, NULL, 0, flags), result = 0;
    WCHAR *wide;

    if (!length) return 0;
    if (!(wide = heap_alloc(length * sizeof(WCHAR))))
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    length = GetFinalPathNameByHandleW(file, wide, length, flags);
    if (length) result = file_name_result(wide, length, buffer, size);
    if (result > size || (size && result == size)) set_error(ERROR_NOT_ENOUGH_MEMORY);
    heap_free(wide);
    return result;
}
