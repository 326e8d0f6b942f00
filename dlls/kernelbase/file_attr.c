/* Attributes of files by name. */
#include "kernelbase.h"

/* attr for a Win32 path. Free nt_name with RtlFreeUnicodeString. */
static BOOL path_attributes(OBJECT_ATTRIBUTES *attr, UNICODE_STRING *nt_name, const WCHAR *name)
{
    NTSTATUS status = name ? RtlDosPathNameToNtPathName_U_WithStatus(name, nt_name, NULL, NULL) : STATUS_OBJECT_NAME_INVALID;

    if (status < 0)
    {
        set_error(status == STATUS_OBJECT_NAME_INVALID ? ERROR_PATH_NOT_FOUND : RtlNtStatusToDosError(status));
        return FALSE;
    }
    InitializeObjectAttributes(attr, nt_name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    return TRUE;
}

DWORD WINAPI GetFileAttributesW(const WCHAR *name)
{
    FILE_BASIC_INFORMATION info;
    UNICODE_STRING nt_name;
    OBJECT_ATTRIBUTES attr;
    NTSTATUS status;

    if (!path_attributes(&attr, &nt_name, name)) return INVALID_FILE_ATTRIBUTES;
    status = NtQueryAttributesFile(&attr, &info);
    RtlFreeUnicodeString(&nt_name);
    if (status >= 0) return info.FileAttributes;
    /* Devices have no attributes, but they are there. */
    if (RtlIsDosDeviceName_U(name)) return FILE_ATTRIBUTE_ARCHIVE;
    nt_result(status);
    return INVALID_FILE_ATTRIBUTES;
}

DWORD WINAPI GetFileAttributesA(const char *name)
{
    UNICODE_STRING wide;
    DWORD attributes;

    if (!wide_from_file_name(&wide, name)) return INVALID_FILE_ATTRIBUTES;
    attributes = GetFileAttributesW(wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return attributes;
}

BOOL WINAPI GetFileAttributesExW(const WCHAR *name, GET_FILEEX_INFO_LEVELS level, void *out)
{
    WIN32_FILE_ATTRIBUTE_DATA *data = out;
    FILE_NETWORK_OPEN_INFORMATION info;
    UNICODE_STRING nt_name;
    OBJECT_ATTRIBUTES attr;
    NTSTATUS status;

    if (level != GetFileExInfoStandard) return fail(ERROR_INVALID_PARAMETER);
    if (!path_attributes(&attr, &nt_name, name)) return FALSE;
    status = NtQueryFullAttributesFile(&attr, &info);
    RtlFreeUnicodeString(&nt_name);
    if (!nt_result(status)) return FALSE;
    data->dwFileAttributes = info.FileAttributes;
    memcpy(&data->ftCreationTime, &info.CreationTime, sizeof(FILETIME));
    memcpy(&data->ftLastAccessTime, &info.LastAccessTime, sizeof(FILETIME));
    memcpy(&data->ftLastWriteTime, &info.LastWriteTime, sizeof(FILETIME));
    data->nFileSizeHigh = (DWORD)info.EndOfFile.HighPart;
    data->nFileSizeLow = info.EndOfFile.LowPart;
    return TRUE;
}

BOOL WINAPI GetFileAttributesExA(const char *name, GET_FILEEX_INFO_LEVELS level, void *out)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, name)) return FALSE;
    ok = GetFileAttributesExW(wide.Buffer, level, out);
    RtlFreeUnicodeString(&wide);
    return ok;
}

BOOL WINAPI SetFileAttributesW(const WCHAR *name, DWORD attributes)
{
    FILE_BASIC_INFORMATION info;
    UNICODE_STRING nt_name;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    HANDLE file;

    if (!path_attributes(&attr, &nt_name, name)) return FALSE;
    status = NtOpenFile(&file, FILE_WRITE_ATTRIBUTES | SYNCHRONIZE, &attr, &io, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                        FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT | FILE_OPEN_REPARSE_POINT);
    RtlFreeUnicodeString(&nt_name);
    if (!nt_result(status)) return FALSE;
    memset(&info, 0, sizeof(info));
    info.FileAttributes = (attributes & FILE_ATTRIBUTE_VALID_SET_FLAGS) | FILE_ATTRIBUTE_NORMAL;
    status = NtSetInformationFile(file, &io, &info, sizeof(info), FileBasicInformation);
    NtClose(file);
    return nt_result(status);
}

BOOL WINAPI SetFileAttributesA(const char *name, DWORD attributes)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, name)) return FALSE;
    ok = SetFileAttributesW(wide.Buffer, attributes);
    RtlFreeUnicodeString(&wide);
    return ok;
}

DWORD WINAPI GetCompressedFileSizeW(const WCHAR *name, DWORD *high)
{
    FILE_STANDARD_INFORMATION info;
    UNICODE_STRING nt_name;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    HANDLE file;

    if (!path_attributes(&attr, &nt_name, name)) return INVALID_FILE_SIZE;
    status = NtOpenFile(&file, FILE_READ_ATTRIBUTES | SYNCHRONIZE, &attr, &io, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                        FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT);
    RtlFreeUnicodeString(&nt_name);
    if (!nt_result(status)) return INVALID_FILE_SIZE;
    status = NtQueryInformationFile(file, &io, &info, sizeof(info), FileStandardInformation);
    NtClose(file);
    if (!nt_result(status)) return INVALID_FILE_SIZE;
    /* What is allocated, or the size if that is less: sparse files count what they hold. */
    if (info.AllocationSize.QuadPart > info.EndOfFile.QuadPart) info.AllocationSize = info.EndOfFile;
    if (high) *high = (DWORD)info.AllocationSize.HighPart;
    if (info.AllocationSize.LowPart == INVALID_FILE_SIZE) set_error(NO_ERROR);
    return info.AllocationSize.LowPart;
}

DWORD WINAPI GetCompressedFileSizeA(const char *name, DWORD *high)
{
    UNICODE_STRING wide;
    DWORD size;

    if (!wide_from_file_name(&wide, name)) return INVALID_FILE_SIZE;
    size = GetCompressedFileSizeW(wide.Buffer, high);
    RtlFreeUnicodeString(&wide);
    return size;
}
