/* Looking through folders: FindFirstFile and relatives. */
#include "kernelbase.h"

#define FIND_MAGIC 0x46696e64

struct find
{
    DWORD   magic;
    SRWLOCK lock;               /* the position and the buffer */
    HANDLE  dir;                /* NULL: the one entry has been given (devices, streams) */
    BOOL    basic;              /* no short names asked for */
    ULONG   position;           /* of the next entry in data, if there is one */
    ULONG   length;             /* bytes of data; 0: ask for more */
    ULONG   size;
    BYTE    data[];
};

/* FILE_FULL_ and FILE_BOTH_DIRECTORY_INFORMATION agree up to EaSize. */
static void find_fill(const struct find *find, const FILE_BOTH_DIRECTORY_INFORMATION *entry, WIN32_FIND_DATAW *data)
{
    const FILE_FULL_DIRECTORY_INFORMATION *full = (const FILE_FULL_DIRECTORY_INFORMATION *)entry;
    const WCHAR *name = find->basic ? full->FileName : entry->FileName;
    ULONG length = entry->FileNameLength / sizeof(WCHAR);

    data->dwFileAttributes = entry->FileAttributes;
    memcpy(&data->ftCreationTime, &entry->CreationTime, sizeof(FILETIME));
    memcpy(&data->ftLastAccessTime, &entry->LastAccessTime, sizeof(FILETIME));
    memcpy(&data->ftLastWriteTime, &entry->LastWriteTime, sizeof(FILETIME));
    data->nFileSizeHigh = (DWORD)entry->EndOfFile.HighPart;
    data->nFileSizeLow = entry->EndOfFile.LowPart;
    data->dwReserved0 = entry->FileAttributes & FILE_ATTRIBUTE_REPARSE_POINT ? entry->EaSize : 0;
    data->dwReserved1 = 0;
    if (length > MAX_PATH - 1) length = MAX_PATH - 1;
    memcpy(data->cFileName, name, length * sizeof(WCHAR));
    data->cFileName[length] = 0;
    data->cAlternateFileName[0] = 0;
    if (!find->basic && entry->ShortNameLength)
    {
        length = (ULONG)entry->ShortNameLength / sizeof(WCHAR);
        if (length > 13) length = 13;
        memcpy(data->cAlternateFileName, entry->ShortName, length * sizeof(WCHAR));
        data->cAlternateFileName[length] = 0;
    }
}

static NTSTATUS find_read(struct find *find, UNICODE_STRING *mask)
{
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    status = NtQueryDirectoryFile(find->dir, NULL, NULL, NULL, &io, find->data, find->size,
                                  find->basic ? FileFullDirectoryInformation : FileBothDirectoryInformation, FALSE, mask, mask != NULL);
    find->position = 0;
    find->length = status >= 0 ? (ULONG)io.Information : 0;
    return status;
}

static void find_take(struct find *find, WIN32_FIND_DATAW *data)
{
    const FILE_BOTH_DIRECTORY_INFORMATION *entry = (const FILE_BOTH_DIRECTORY_INFORMATION *)(find->data + find->position);

    find_fill(find, entry, data);
    if (entry->NextEntryOffset) find->position += entry->NextEntryOffset;
    else find->length = 0;
}

static struct find *find_create(ULONG size)
{
    struct find *find = heap_alloc(sizeof(*find) + size);

    if (!find)
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    memset(find, 0, sizeof(*find));
    find->magic = FIND_MAGIC;
    find->size = size;
    return find;
}

/* The kernel's pattern language tells "any characters" from "any characters of the name before the last dot"
 * and the like; Win32 patterns are rewritten to it in place. */
static void find_translate(UNICODE_STRING *mask, BOOL ends_in_dot)
{
    ULONG length = mask->Length / sizeof(WCHAR), i;
    WCHAR *p = mask->Buffer;

    if (length == 3 && !memcmp(p, L"*.*", 3 * sizeof(WCHAR)))
    {
        mask->Length = sizeof(WCHAR);
        return;
    }
    for (i = 0; i < length; i++)
    {
        if (p[i] == '?') p[i] = '>';
        else if (p[i] == '.' && i + 1 < length && (p[i + 1] == '?' || p[i + 1] == '*')) p[i] = '"';
        else if (p[i] == '*' && i + 1 < length && p[i + 1] == '.' && i + 2 == length) p[i] = '<';
    }
    /* "name*." finds names without an extension. */
    if (ends_in_dot && length && p[length - 1] == '*') p[length - 1] = '<';
}

static HANDLE find_device(const WCHAR *name, ULONG device, WIN32_FIND_DATAW *data)
{
    struct find *find = find_create(0);
    ULONG length = (device & 0xffff) / sizeof(WCHAR);

    if (!find) return INVALID_HANDLE_VALUE;
    memset(data, 0, sizeof(*data));
    data->dwFileAttributes = FILE_ATTRIBUTE_ARCHIVE;
    memcpy(data->cFileName, name + (device >> 16) / sizeof(WCHAR), length * sizeof(WCHAR));
    return find;
}

HANDLE WINAPI FindFirstFileExW(const WCHAR *name, FINDEX_INFO_LEVELS level, void *out, FINDEX_SEARCH_OPS operation, void *filter, DWORD flags)
{
    UNICODE_STRING nt_name, mask;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK io;
    struct find *find;
    NTSTATUS status;
    WCHAR *file_part;
    BOOL has_mask;
    ULONG device;
    size_t length;

    if ((operation != FindExSearchNameMatch && operation != FindExSearchLimitToDirectories) || filter ||
        (level != FindExInfoStandard && level != FindExInfoBasic) ||
        (flags & ~(FIND_FIRST_EX_CASE_SENSITIVE | FIND_FIRST_EX_LARGE_FETCH | 4)))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return INVALID_HANDLE_VALUE;
    }
    status = RtlDosPathNameToNtPathName_U_WithStatus(name, &nt_name, &file_part, NULL);
    if (status < 0)
    {
        set_error(ERROR_PATH_NOT_FOUND);
        return INVALID_HANDLE_VALUE;
    }
    if ((device = RtlIsDosDeviceName_U(name)))
    {
        RtlFreeUnicodeString(&nt_name);
        return find_device(name, device, out);
    }
    length = wcslen(name);
    has_mask = file_part && *file_part;
    if (!has_mask)
    {
        /* A folder's own name ends in a backslash: nothing in it is asked for. */
        FILE_BASIC_INFORMATION info;

        InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE, NULL, NULL);
        set_error(NtQueryAttributesFile(&attr, &info) < 0 ? ERROR_PATH_NOT_FOUND : ERROR_FILE_NOT_FOUND);
        RtlFreeUnicodeString(&nt_name);
        return INVALID_HANDLE_VALUE;
    }
    mask.Buffer = file_part;
    mask.Length = mask.MaximumLength = (USHORT)(nt_name.Length - (USHORT)((BYTE *)file_part - (BYTE *)nt_name.Buffer));
    nt_name.Length = (USHORT)((BYTE *)file_part - (BYTE *)nt_name.Buffer);
    find_translate(&mask, name[length - 1] == '.');

    if (!(find = find_create(flags & FIND_FIRST_EX_LARGE_FETCH ? 65536 : 8192)))
    {
        RtlFreeUnicodeString(&nt_name);
        return INVALID_HANDLE_VALUE;
    }
    find->basic = level == FindExInfoBasic;
    InitializeObjectAttributes(&attr, &nt_name, flags & FIND_FIRST_EX_CASE_SENSITIVE ? 0 : OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = NtOpenFile(&find->dir, FILE_LIST_DIRECTORY | SYNCHRONIZE, &attr, &io, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE,
                        FILE_DIRECTORY_FILE | FILE_OPEN_FOR_BACKUP_INTENT | FILE_SYNCHRONOUS_IO_NONALERT);
    if (status < 0)
    {
        set_error(status == STATUS_OBJECT_NAME_NOT_FOUND ? ERROR_PATH_NOT_FOUND : RtlNtStatusToDosError(status));
        find->dir = NULL;
    }
    else
    {
        status = find_read(find, &mask);
        if (status < 0)
        {
            set_error(status == STATUS_NO_SUCH_FILE || status == STATUS_NO_MORE_FILES ? ERROR_FILE_NOT_FOUND : RtlNtStatusToDosError(status));
            NtClose(find->dir);
        }
    }
    RtlFreeUnicodeString(&nt_name);
    if (status < 0)
    {
        heap_free(find);
        return INVALID_HANDLE_VALUE;
    }
    find_take(find, out);
    return find;
}

BOOL WINAPI FindNextFileW(HANDLE handle, WIN32_FIND_DATAW *data)
{
    struct find *find = handle;
    NTSTATUS status = STATUS_SUCCESS;

    if (!handle || handle == INVALID_HANDLE_VALUE || find->magic != FIND_MAGIC) return fail(ERROR_INVALID_HANDLE);
    RtlAcquireSRWLockExclusive(&find->lock);
    if (!find->dir) status = STATUS_NO_MORE_FILES;
    else if (!find->length) status = find_read(find, NULL);
    if (status >= 0) find_take(find, data);
    RtlReleaseSRWLockExclusive(&find->lock);
    return nt_result(status);
}

BOOL WINAPI FindClose(HANDLE handle)
{
    struct find *find = handle;

    if (!handle || handle == INVALID_HANDLE_VALUE || find->magic != FIND_MAGIC) return fail(ERROR_INVALID_HANDLE);
    find->magic = 0;
    if (find->dir) NtClose(find->dir);
    heap_free(find);
    return TRUE;
}

HANDLE WINAPI FindFirstFileW(const WCHAR *name, WIN32_FIND_DATAW *data)
{
    return FindFirstFileExW(name, FindExInfoStandard, data, FindExSearchNameMatch, NULL, 0);
}

/* ---- ANSI ------------------------------------------------------------------------------------------- */
static void narrow_name(const WCHAR *wide, char *buffer, DWORD size)
{
    /* A UTF-8 name may be longer than the member it goes to; it is then cut, as on Windows. */
    char whole[MAX_PATH * 3];

    if (file_name_result(wide, (DWORD)wcslen(wide), whole, sizeof(whole)) >= sizeof(whole)) whole[0] = 0;
    whole[size - 1] = 0;
    memcpy(buffer, whole, strlen(whole) + 1);
}

static void narrow_data(const WIN32_FIND_DATAW *wide, WIN32_FIND_DATAA *data)
{
    memcpy(data, wide, FIELD_OFFSET(WIN32_FIND_DATAA, cFileName));
    narrow_name(wide->cFileName, data->cFileName, sizeof(data->cFileName));
    narrow_name(wide->cAlternateFileName, data->cAlternateFileName, sizeof(data->cAlternateFileName));
}

HANDLE WINAPI FindFirstFileExA(const char *name, FINDEX_INFO_LEVELS level, void *data, FINDEX_SEARCH_OPS operation, void *filter, DWORD flags)
{
    WIN32_FIND_DATAW wide_data;
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_file_name(&wide, name)) return INVALID_HANDLE_VALUE;
    handle = FindFirstFileExW(wide.Buffer, level, &wide_data, operation, filter, flags);
    RtlFreeUnicodeString(&wide);
    if (handle != INVALID_HANDLE_VALUE) narrow_data(&wide_data, data);
    return handle;
}

HANDLE WINAPI FindFirstFileA(const char *name, WIN32_FIND_DATAA *data)
{
    return FindFirstFileExA(name, FindExInfoStandard, data, FindExSearchNameMatch, NULL, 0);
}

BOOL WINAPI FindNextFileA(HANDLE handle, WIN32_FIND_DATAA *data)
{
    WIN32_FIND_DATAW wide_data;

    if (!FindNextFileW(handle, &wide_data)) return FALSE;
    narrow_data(&wide_data, data);
    return TRUE;
}
