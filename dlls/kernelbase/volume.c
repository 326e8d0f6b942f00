/* Volumes and drives: what they are, how full they are. */
#include "kernelbase.h"

static NTSTATUS open_root(HANDLE *file, const WCHAR *root)
{
    UNICODE_STRING nt_name;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    status = RtlDosPathNameToNtPathName_U_WithStatus(root, &nt_name, NULL, NULL);
    if (status < 0) return status;
    InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = NtOpenFile(file, FILE_READ_ATTRIBUTES | SYNCHRONIZE, &attr, &io, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                        FILE_SYNCHRONOUS_IO_NONALERT | FILE_OPEN_FOR_BACKUP_INTENT);
    RtlFreeUnicodeString(&nt_name);
    return status;
}

/* The root of the current folder's drive. */
static void current_root(WCHAR root[4])
{
    WCHAR *buffer = heap_alloc(65536);

    wcscpy(root, L"C:\\");
    if (buffer && RtlGetCurrentDirectory_U(65536, buffer) && buffer[1] == ':') root[0] = buffer[0];
    heap_free(buffer);
}

/* ---- kind ------------------------------------------------------------------------------------------- */
UINT WINAPI GetDriveTypeW(const WCHAR *root)
{
    FILE_FS_DEVICE_INFORMATION info;
    WCHAR own[4];
    IO_STATUS_BLOCK io;
    NTSTATUS status;
    size_t length;
    HANDLE file;

    if (root && !root[0]) return DRIVE_NO_ROOT_DIR;
    if (!root)
    {
        current_root(own);
        root = own;
    }
    length = wcslen(root);
    if (length == 2 && root[1] == ':')
    {
        own[0] = root[0];
        wcscpy(own + 1, L":\\");
        root = own;
        length = 3;
    }
    if (!(length == 3 && root[1] == ':' && (root[2] == '\\' || root[2] == '/')) && root[length - 1] != '\\') return DRIVE_NO_ROOT_DIR;
    if (open_root(&file, root) < 0) return DRIVE_NO_ROOT_DIR;
    status = NtQueryVolumeInformationFile(file, &io, &info, sizeof(info), FileFsDeviceInformation);
    NtClose(file);
    if (status < 0) return DRIVE_UNKNOWN;
    switch (info.DeviceType)
    {
    case 2: case 3: return DRIVE_CDROM;                 /* FILE_DEVICE_CD_ROM, _FILE_SYSTEM */
    case 0x24: return DRIVE_RAMDISK;                    /* FILE_DEVICE_VIRTUAL_DISK */
    case 0x14: return DRIVE_REMOTE;                     /* FILE_DEVICE_NETWORK_FILE_SYSTEM */
    case 7: case 8:
        if (info.Characteristics & 0x10) return DRIVE_REMOTE;           /* FILE_REMOTE_DEVICE */
        if (info.Characteristics & 0x01) return DRIVE_REMOVABLE;        /* FILE_REMOVABLE_MEDIA */
        return DRIVE_FIXED;
    }
    return DRIVE_UNKNOWN;
}

UINT WINAPI GetDriveTypeA(const char *root)
{
    UNICODE_STRING wide;
    UINT type;

    if (!wide_from_file_name(&wide, root)) return DRIVE_NO_ROOT_DIR;
    type = GetDriveTypeW(wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return type;
}

/* ---- drives ----------------------------------------------------------------------------------------- */
DWORD WINAPI GetLogicalDrives(void)
{
    WCHAR name[] = L"\\??\\A:";
    DWORD drives = 0;

    for (int i = 0; i < 26; i++)
    {
        UNICODE_STRING string;
        OBJECT_ATTRIBUTES attr;
        HANDLE link;

        name[4] = (WCHAR)(L'A' + i);
        RtlInitUnicodeString(&string, name);
        InitializeObjectAttributes(&attr, &string, OBJ_CASE_INSENSITIVE, NULL, NULL);
        if (NtOpenSymbolicLinkObject(&link, SYMBOLIC_LINK_QUERY, &attr) < 0) continue;
        NtClose(link);
        drives |= 1u << i;
    }
    return drives;
}

UINT WINAPI GetLogicalDriveStringsW(UINT size, WCHAR *buffer)
{
    DWORD drives = GetLogicalDrives();
    UINT needed = 1, i;

    for (i = 0; i < 26; i++) if (drives >> i & 1) needed += 4;
    if (needed > size) return needed;
    for (i = 0; i < 26; i++)
    {
        if (!(drives >> i & 1)) continue;
        *buffer++ = (WCHAR)('A' + i);
        memcpy(buffer, L":\\", 3 * sizeof(WCHAR));
        buffer += 3;
    }
    *buffer = 0;
    return needed - 1;
}

UINT WINAPI GetLogicalDriveStringsA(UINT size, char *buffer)
{
    WCHAR wide[26 * 4 + 1];
    UINT length = GetLogicalDriveStringsW(ARRAY_LENGTH(wide), wide), i;

    if (length + 1 > size) return length + 1;
    for (i = 0; i <= length; i++) buffer[i] = (char)wide[i];
    return length;
}

DWORD WINAPI QueryDosDeviceW(const WCHAR *device, WCHAR *target, DWORD size)
{
    UNICODE_STRING name, value;
    OBJECT_ATTRIBUTES attr;
    NTSTATUS status;
    HANDLE link;
    WCHAR *path;

    if (!device)
    {
        /* All names there are: the drives. */
        DWORD drives = GetLogicalDrives(), needed = 1, i;
        WCHAR *p = target;

        for (i = 0; i < 26; i++) if (drives >> i & 1) needed += 3;
        if (needed > size)
        {
            set_error(ERROR_INSUFFICIENT_BUFFER);
            return 0;
        }
        for (i = 0; i < 26; i++)
        {
            if (!(drives >> i & 1)) continue;
            *p++ = (WCHAR)('A' + i);
            *p++ = ':';
            *p++ = 0;
        }
        *p = 0;
        return needed;
    }
    if (!(path = heap_alloc((wcslen(device) + 5) * sizeof(WCHAR))))
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    wcscpy(path, L"\\??\\");
    wcscat(path, device);
    RtlInitUnicodeString(&name, path);
    InitializeObjectAttributes(&attr, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = NtOpenSymbolicLinkObject(&link, SYMBOLIC_LINK_QUERY, &attr);
    heap_free(path);
    if (status < 0)
    {
        nt_result(status);
        return 0;
    }
    value.Buffer = target;
    value.Length = 0;
    value.MaximumLength = (USHORT)((size > 32767 ? 32767 : size) * sizeof(WCHAR));
    status = NtQuerySymbolicLinkObject(link, &value, NULL);
    NtClose(link);
    if (status < 0)
    {
        set_error(status == STATUS_BUFFER_TOO_SMALL ? ERROR_INSUFFICIENT_BUFFER : RtlNtStatusToDosError(status));
        return 0;
    }
    /* The result is a list with one entry. */
    size = value.Length / sizeof(WCHAR) + 2 <= size ? value.Length / sizeof(WCHAR) + 2 : 0;
    if (size) target[size - 2] = target[size - 1] = 0;
    else set_error(ERROR_INSUFFICIENT_BUFFER);
    return size;
}

DWORD WINAPI QueryDosDeviceA(const char *device, char *target, DWORD size)
{
    UNICODE_STRING wide_device;
    WCHAR *wide;
    DWORD length, needed, result = 0;

    if (!wide_from_ansi(&wide_device, device)) return 0;
    if ((wide = heap_alloc(65536)))
    {
        if ((length = QueryDosDeviceW(wide_device.Buffer, wide, 32768)))
        {
            RtlUnicodeToMultiByteSize(&needed, wide, length * sizeof(WCHAR));
            if (needed > size) set_error(ERROR_INSUFFICIENT_BUFFER);
            else
            {
                RtlUnicodeToMultiByteN(target, size, NULL, wide, length * sizeof(WCHAR));
                result = needed;
            }
        }
        heap_free(wide);
    }
    RtlFreeUnicodeString(&wide_device);
    return result;
}

/* ---- information ------------------------------------------------------------------------------------ */
BOOL WINAPI GetVolumeInformationByHandleW(HANDLE file, WCHAR *label, DWORD label_size, DWORD *serial, DWORD *name_length, DWORD *flags,
                                          WCHAR *fs_name, DWORD fs_name_size)
{
    BYTE buffer[sizeof(FILE_FS_ATTRIBUTE_INFORMATION) + MAX_PATH * sizeof(WCHAR)];
    IO_STATUS_BLOCK io;

    if (label || serial)
    {
        FILE_FS_VOLUME_INFORMATION *info = (FILE_FS_VOLUME_INFORMATION *)buffer;

        if (!nt_result(NtQueryVolumeInformationFile(file, &io, buffer, sizeof(buffer), FileFsVolumeInformation))) return FALSE;
        if (label)
        {
            if (label_size < info->VolumeLabelLength / sizeof(WCHAR) + 1) return fail(ERROR_BAD_LENGTH);
            memcpy(label, info->VolumeLabel, info->VolumeLabelLength);
            label[info->VolumeLabelLength / sizeof(WCHAR)] = 0;
        }
        if (serial) *serial = info->VolumeSerialNumber;
    }
    if (fs_name || name_length || flags)
    {
        FILE_FS_ATTRIBUTE_INFORMATION *info = (FILE_FS_ATTRIBUTE_INFORMATION *)buffer;

        if (!nt_result(NtQueryVolumeInformationFile(file, &io, buffer, sizeof(buffer), FileFsAttributeInformation))) return FALSE;
        if (fs_name)
        {
            if (fs_name_size < info->FileSystemNameLength / sizeof(WCHAR) + 1) return fail(ERROR_BAD_LENGTH);
            memcpy(fs_name, info->FileSystemName, info->FileSystemNameLength);
            fs_name[info->FileSystemNameLength / sizeof(WCHAR)] = 0;
        }
        if (name_length) *name_length = (DWORD)info->MaximumComponentNameLength;
        if (flags) *flags = info->FileSystemAttributes;
    }
    return TRUE;
}

BOOL WINAPI GetVolumeInformationW(const WCHAR *root, WCHAR *label, DWORD label_size, DWORD *serial, DWORD *name_length, DWORD *flags,
                                  WCHAR *fs_name, DWORD fs_name_size)
{
    WCHAR own[4];
    NTSTATUS status;
    HANDLE file;
    BOOL ok;

    if (!root)
    {
        current_root(own);
        root = own;
    }
    /* The name of a root ends in a backslash. */
    if (!root[0] || root[wcslen(root) - 1] != '\\') return fail(ERROR_INVALID_NAME);
    status = open_root(&file, root);
    if (status < 0) return nt_result(status);
    ok = GetVolumeInformationByHandleW(file, label, label_size, serial, name_length, flags, fs_name, fs_name_size);
    NtClose(file);
    return ok;
}

BOOL WINAPI GetVolumeInformationA(const char *root, char *label, DWORD label_size, DWORD *serial, DWORD *name_length, DWORD *flags,
                                  char *fs_name, DWORD fs_name_size)
{
    WCHAR wide_label[MAX_PATH + 1], wide_fs[MAX_PATH + 1];
    UNICODE_STRING wide_root;
    BOOL ok;

    if (!wide_from_file_name(&wide_root, root)) return FALSE;
    ok = GetVolumeInformationW(wide_root.Buffer, label ? wide_label : NULL, MAX_PATH + 1, serial, name_length, flags,
                               fs_name ? wide_fs : NULL, MAX_PATH + 1);
    RtlFreeUnicodeString(&wide_root);
    if (!ok) return FALSE;
    if (label && file_name_result(wide_label, (DWORD)wcslen(wide_label), label, label_size) >= label_size) return fail(ERROR_BAD_LENGTH);
    if (fs_name && file_name_result(wide_fs, (DWORD)wcslen(wide_fs), fs_name, fs_name_size) >= fs_name_size) return fail(ERROR_BAD_LENGTH);
    return TRUE;
}

BOOL WINAPI GetVolumePathNameW(const WCHAR *name, WCHAR *volume, DWORD size)
{
    WCHAR *full;
    DWORD length;
    BOOL ok = FALSE;

    if (!name || !volume || !size) return fail(ERROR_INVALID_PARAMETER);
    if (!name[0]) return fail(ERROR_INVALID_NAME);
    if (!(full = heap_alloc(65536))) return fail(ERROR_NOT_ENOUGH_MEMORY);
    length = GetFullPathNameW(name, 32768, full, NULL);
    if (length)
    {
        /* Every drive is one volume: the drive letter and a backslash, after a prefix that was there before. */
        DWORD prefix = wcsncmp(full, L"\\\\?\\", 4) ? 0 : 4;

        if (full[prefix] && full[prefix + 1] == ':')
        {
            full[prefix + 2] = '\\';
            full[prefix + 3] = 0;
            if (prefix + 4 > size) set_error(ERROR_FILENAME_EXCED_RANGE);
            else
            {
                wcscpy(volume, full);
                ok = TRUE;
            }
        }
        else set_error(ERROR_INVALID_NAME);
    }
    heap_free(full);
    return ok;
}

BOOL WINAPI GetVolumePathNameA(const char *name, char *volume, DWORD size)
{
    UNICODE_STRING wide;
    WCHAR path[MAX_PATH];
    BOOL ok;

    if (!name || !volume || !size) return fail(ERROR_INVALID_PARAMETER);
    if (!wide_from_file_name(&wide, name)) return FALSE;
    ok = GetVolumePathNameW(wide.Buffer, path, MAX_PATH);
    RtlFreeUnicodeString(&wide);
    if (ok && file_name_result(path, (DWORD)wcslen(path), volume, size) >= size) ok = fail(ERROR_FILENAME_EXCED_RANGE);
    return ok;
}

/* ---- space ------------------------------------------------------------------------------------------ */
BOOL WINAPI GetDiskFreeSpaceExW(const WCHAR *root, ULARGE_INTEGER *available, ULARGE_INTEGER *total, ULARGE_INTEGER *total_free)
{
    FILE_FS_FULL_SIZE_INFORMATION info;
    IO_STATUS_BLOCK io;
    ULONGLONG unit;
    WCHAR own[4];
    NTSTATUS status;
    HANDLE file;

    if (!root)
    {
        current_root(own);
        root = own;
    }
    status = open_root(&file, root);
    if (status < 0) return nt_result(status);
    status = NtQueryVolumeInformationFile(file, &io, &info, sizeof(info), FileFsFullSizeInformation);
    NtClose(file);
    if (status < 0) return nt_result(status);
    unit = (ULONGLONG)info.SectorsPerAllocationUnit * info.BytesPerSector;
    if (available) available->QuadPart = (ULONGLONG)info.CallerAvailableAllocationUnits.QuadPart * unit;
    if (total) total->QuadPart = (ULONGLONG)info.TotalAllocationUnits.QuadPart * unit;
    if (total_free) total_free->QuadPart = (ULONGLONG)info.ActualAvailableAllocationUnits.QuadPart * unit;
    return TRUE;
}

BOOL WINAPI GetDiskFreeSpaceExA(const char *root, ULARGE_INTEGER *available, ULARGE_INTEGER *total, ULARGE_INTEGER *total_free)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, root)) return FALSE;
    ok = GetDiskFreeSpaceExW(wide.Buffer, available, total, total_free);
    RtlFreeUnicodeString(&wide);
    return ok;
}

BOOL WINAPI GetDiskFreeSpaceW(const WCHAR *root, DWORD *cluster_sectors, DWORD *sector_bytes, DWORD *free_clusters, DWORD *total_clusters)
{
    FILE_FS_SIZE_INFORMATION info;
    IO_STATUS_BLOCK io;
    WCHAR own[4];
    NTSTATUS status;
    HANDLE file;

    if (!root)
    {
        current_root(own);
        root = own;
    }
    status = open_root(&file, root);
    if (status < 0) return nt_result(status);
    status = NtQueryVolumeInformationFile(file, &io, &info, sizeof(info), FileFsSizeInformation);
    NtClose(file);
    if (status < 0) return nt_result(status);
    if (cluster_sectors) *cluster_sectors = info.SectorsPerAllocationUnit;
    if (sector_bytes) *sector_bytes = info.BytesPerSector;
    if (free_clusters) *free_clusters = info.AvailableAllocationUnits.HighPart ? 0xffffffff : info.AvailableAllocationUnits.LowPart;
    if (total_clusters) *total_clusters = info.TotalAllocationUnits.HighPart ? 0xffffffff : info.TotalAllocationUnits.LowPart;
    return TRUE;
}

BOOL WINAPI GetDiskFreeSpaceA(const char *root, DWORD *cluster_sectors, DWORD *sector_bytes, DWORD *free_clusters, DWORD *total_clusters)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, root)) return FALSE;
    ok = GetDiskFreeSpaceW(wide.Buffer, cluster_sectors, sector_bytes, free_clusters, total_clusters);
    RtlFreeUnicodeString(&wide);
    return ok;
}
