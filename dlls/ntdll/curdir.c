/* The current directory, and looking for files. */

#include "path.h"

/* Sizes in bytes, as with RtlGetFullPathName_U. The final backslash shows only for a root. */
ULONG WINAPI RtlGetCurrentDirectory_U(ULONG size, LPWSTR buffer)
{
    const UNICODE_STRING *dir;
    SIZE_T n;
    ULONG result;

    RtlAcquirePebLock();
    dir = current_directory();
    n = dir->Length / sizeof(WCHAR);
    if (n && dir->Buffer[n - 1] == '\\' && !(n == 3 && dir->Buffer[1] == ':')) n--;
    if ((n + 1) * sizeof(WCHAR) <= size)
    {
        memcpy(buffer, dir->Buffer, n * sizeof(WCHAR));
        buffer[n] = 0;
        result = (ULONG)(n * sizeof(WCHAR));
    }
    else result = (ULONG)((n + 1) * sizeof(WCHAR));
    RtlReleasePebLock();
    return result;
}

/* Opens the directory: that it exists is checked, and that it stays so, as on Windows. */
static NTSTATUS open_directory(const WCHAR *name, HANDLE *handle)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING nt_name;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    if ((status = RtlDosPathNameToNtPathName_U_WithStatus(name, &nt_name, NULL, NULL))) return status;
    InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE | OBJ_INHERIT, 0, NULL);
    status = NtOpenFile(handle, FILE_TRAVERSE | SYNCHRONIZE, &attr, &io, FILE_SHARE_READ | FILE_SHARE_WRITE,
                        FILE_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT);
    RtlFreeUnicodeString(&nt_name);
    return status;
}

NTSTATUS WINAPI RtlSetCurrentDirectory_U(const UNICODE_STRING *dir)
{
    SIZE_T len = dir->Length / sizeof(WCHAR), n, file;
    WCHAR *name = heap_alloc((len + 1) * sizeof(WCHAR)), *full = NULL, *old_buffer;
    HANDLE handle = NULL, old_handle;
    CURDIR *current;
    NTSTATUS status;

    if (!name) return STATUS_NO_MEMORY;
    memcpy(name, dir->Buffer, len * sizeof(WCHAR));
    name[len] = 0;
    if (!name[wcsspn(name, L" ")]) status = STATUS_OBJECT_NAME_INVALID;
    else status = open_directory(name, &handle);
    if (!status && !(full = heap_alloc((path_full_size(name) + 2) * sizeof(WCHAR)))) status = STATUS_NO_MEMORY;
    if (!status)
    {
        n = path_make_full(name, full, &file);
        if (n && full[n - 1] != '\\') full[n++] = '\\';
        full[n] = 0;
        if ((n + 1) * sizeof(WCHAR) > 0xfffe) status = STATUS_NAME_TOO_LONG;
    }
    heap_free(name);
    if (status)
    {
        if (handle) NtClose(handle);
        heap_free(full);
        return status;
    }

    RtlAcquirePebLock();
    current = &current_peb()->ProcessParameters->CurrentDirectory;
    old_handle = current->Handle;
    old_buffer = current->DosPath.Buffer;
    current->Handle = handle;
    if ((n + 1) * sizeof(WCHAR) <= current->DosPath.MaximumLength)
    {
        memcpy(old_buffer, full, (n + 1) * sizeof(WCHAR));
        old_buffer = full;
    }
    else
    {
        current->DosPath.Buffer = full;
        current->DosPath.MaximumLength = (USHORT)((n + 1) * sizeof(WCHAR));
    }
    current->DosPath.Length = (USHORT)(n * sizeof(WCHAR));
    RtlReleasePebLock();
    heap_free(old_buffer);
    if (old_handle) NtClose(old_handle);
    return STATUS_SUCCESS;
}

BOOLEAN WINAPI RtlDoesFileExists_U(LPCWSTR name)
{
    FILE_BASIC_INFORMATION info;
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING nt_name;
    NTSTATUS status;

    if (!RtlDosPathNameToNtPathName_U(name, &nt_name, NULL, NULL)) return FALSE;
    InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE, 0, NULL);
    status = NtQueryAttributesFile(&attr, &info);
    RtlFreeUnicodeString(&nt_name);
    return !status || status == STATUS_SHARING_VIOLATION || status == STATUS_ACCESS_DENIED;
}

/* Tries each folder of the list. A name with a folder of its own is looked for as it is. */
ULONG WINAPI RtlDosSearchPath_U(LPCWSTR paths, LPCWSTR search, LPCWSTR ext, ULONG size, LPWSTR buffer, LPWSTR *file_part)
{
    SIZE_T ext_len = 0;
    const WCHAR *last = search;
    WCHAR *name;
    ULONG result = 0;

    if (RtlDetermineDosPathNameType_U(search) != RELATIVE_PATH)
        return RtlDoesFileExists_U(search) ? RtlGetFullPathName_U(search, size, buffer, file_part) : 0;

    for (const WCHAR *p = search; *p; p++)
        if (*p == '\\' || *p == '/') last = p + 1;
    if (ext && !wcschr(last, '.')) ext_len = wcslen(ext);

    if (!(name = heap_alloc((wcslen(paths) + wcslen(search) + ext_len + 3) * sizeof(WCHAR)))) return 0;
    while (*paths && !result)
    {
        SIZE_T n = wcscspn(paths, L";");

        memcpy(name, paths, n * sizeof(WCHAR));
        paths += n;
        if (*paths) paths++;
        if (!n) continue;
        if (name[n - 1] != '\\' && name[n - 1] != '/') name[n++] = '\\';
        wcscpy(name + n, search);
        if (ext_len) wcscat(name, ext);
        if (RtlDoesFileExists_U(name)) result = RtlGetFullPathName_U(name, size, buffer, file_part);
    }
    heap_free(name);
    return result;
}
