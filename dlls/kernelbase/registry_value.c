/* The registry's calls on values. */
#include "kernelbase.h"
#include "winreg.h"
#include "registry.h"

BOOL registry_is_string(DWORD type)
{
    return type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ;
}

/* A value's whole information, on the heap unless it fits into own. */
LSTATUS registry_query(HKEY key, const WCHAR *name, KEY_VALUE_PARTIAL_INFORMATION **info, void *own, ULONG own_size)
{
    UNICODE_STRING string;
    ULONG size = own_size, needed;
    HANDLE handle;
    NTSTATUS status;

    if ((status = registry_handle(key, &handle)) < 0) return (LSTATUS)RtlNtStatusToDosError(status);
    RtlInitUnicodeString(&string, name);
    *info = own;
    for (;;)
    {
        status = NtQueryValueKey(handle, &string, KeyValuePartialInformation, *info, size, &needed);
        if (status >= 0) return ERROR_SUCCESS;
        if ((void *)*info != own) heap_free(*info);
        if (status != STATUS_BUFFER_OVERFLOW && status != STATUS_BUFFER_TOO_SMALL) return (LSTATUS)RtlNtStatusToDosError(status);
        size = needed;
        if (!(*info = heap_alloc(size))) return ERROR_NOT_ENOUGH_MEMORY;
    }
}

LSTATUS WINAPI RegQueryValueExW(HKEY key, LPCWSTR name, LPDWORD reserved, LPDWORD type, LPBYTE data, LPDWORD count)
{
    KEY_VALUE_PARTIAL_INFORMATION *info;
    struct small_value own;
    LSTATUS error;
    DWORD room;

    if ((data && !count) || reserved) return ERROR_INVALID_PARAMETER;
    if ((error = registry_query(key, name, &info, &own, sizeof(own))))
    {
        if (error == ERROR_FILE_NOT_FOUND && !data && count) *count = 0;
        return error;
    }
    room = data ? *count : 0;       /* type and count may be one and the same */
    if (type) *type = info->Type;
    if (data)
    {
        if (info->DataLength > room) error = ERROR_MORE_DATA;
        else
        {
            memcpy(data, info->Data, info->DataLength);
            /* Strings come terminated if there is room, whether they were stored so or not. */
            if (registry_is_string(info->Type) && info->DataLength + sizeof(WCHAR) <= room) memset(data + info->DataLength, 0, sizeof(WCHAR));
        }
    }
    if (count) *count = info->DataLength;
    if ((void *)info != &own) heap_free(info);
    return error;
}

LSTATUS WINAPI RegQueryValueExA(HKEY key, LPCSTR name, LPDWORD reserved, LPDWORD type, LPBYTE data, LPDWORD count)
{
    KEY_VALUE_PARTIAL_INFORMATION *info;
    struct small_value own;
    UNICODE_STRING wide;
    LSTATUS error;
    DWORD length, room;

    if ((data && !count) || reserved) return ERROR_INVALID_PARAMETER;
    if (!wide_from_ansi(&wide, name)) return (LSTATUS)get_error();
    error = registry_query(key, wide.Buffer, &info, &own, sizeof(own));
    RtlFreeUnicodeString(&wide);
    if (error)
    {
        if (error == ERROR_FILE_NOT_FOUND && !data && count) *count = 0;
        return error;
    }
    room = data ? *count : 0;
    if (type) *type = info->Type;
    length = info->DataLength;
    if (registry_is_string(info->Type)) RtlUnicodeToMultiByteSize(&length, (const WCHAR *)info->Data, info->DataLength);
    if (data)
    {
        if (length > room) error = ERROR_MORE_DATA;
        else if (registry_is_string(info->Type))
        {
            RtlUnicodeToMultiByteN((char *)data, length, NULL, (const WCHAR *)info->Data, info->DataLength);
            if (length < room) data[length] = 0;
        }
        else memcpy(data, info->Data, length);
    }
    if (count) *count = length;
    if ((void *)info != &own) heap_free(info);
    return error;
}

/* ---- set and delete --------------------------------------------------------------------------------- */
LSTATUS WINAPI RegSetValueExW(HKEY key, LPCWSTR name, DWORD reserved, DWORD type, const BYTE *data, DWORD count)
{
    UNICODE_STRING string;
    HANDLE handle;
    NTSTATUS status;

    (void)reserved;
    if (count && !data) return ERROR_NOACCESS;
    if ((status = registry_handle(key, &handle)) < 0) return (LSTATUS)RtlNtStatusToDosError(status);
    /* A terminator that the count left out, but is there, is stored too. */
    if (registry_is_string(type) && count >= sizeof(WCHAR))
    {
        const WCHAR *text = (const WCHAR *)data;

        if (text[count / sizeof(WCHAR) - 1] && !text[count / sizeof(WCHAR)]) count += sizeof(WCHAR);
    }
    RtlInitUnicodeString(&string, name);
    return (LSTATUS)RtlNtStatusToDosError(NtSetValueKey(handle, &string, 0, type, data, count));
}

LSTATUS WINAPI RegSetValueExA(HKEY key, LPCSTR name, DWORD reserved, DWORD type, const BYTE *data, DWORD count)
{
    UNICODE_STRING wide;
    WCHAR *text = NULL;
    LSTATUS error;

    if (count && !data) return ERROR_NOACCESS;
    if (!wide_from_ansi(&wide, name)) return (LSTATUS)get_error();
    if (registry_is_string(type) && count)
    {
        DWORD size;

        if (data[count - 1] && !data[count]) count++;
        RtlMultiByteToUnicodeSize(&size, (const char *)data, count);
        if (!(text = heap_alloc(size)))
        {
            RtlFreeUnicodeString(&wide);
            return ERROR_NOT_ENOUGH_MEMORY;
        }
        RtlMultiByteToUnicodeN(text, size, &count, (const char *)data, count);
        data = (const BYTE *)text;
    }
    error = RegSetValueExW(key, wide.Buffer, reserved, type, data, count);
    heap_free(text);
    RtlFreeUnicodeString(&wide);
    return error;
}

LSTATUS WINAPI RegDeleteValueW(HKEY key, LPCWSTR name)
{
    UNICODE_STRING string;
    HANDLE handle;
    NTSTATUS status;

    if ((status = registry_handle(key, &handle)) < 0) return (LSTATUS)RtlNtStatusToDosError(status);
    RtlInitUnicodeString(&string, name);
    return (LSTATUS)RtlNtStatusToDosError(NtDeleteValueKey(handle, &string));
}

LSTATUS WINAPI RegDeleteValueA(HKEY key, LPCSTR name)
{
    UNICODE_STRING wide;
    LSTATUS error;

    if (!wide_from_ansi(&wide, name)) return (LSTATUS)get_error();
    error = RegDeleteValueW(key, wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return error;
}

/* ---- enumerate -------------------------------------------------------------------------------------- */
static LSTATUS enum_value(HKEY key, DWORD index, KEY_VALUE_FULL_INFORMATION **info)
{
    ULONG size = 1024, needed;
    HANDLE handle;
    NTSTATUS status;

    if ((status = registry_handle(key, &handle)) < 0) return (LSTATUS)RtlNtStatusToDosError(status);
    for (;;)
    {
        if (!(*info = heap_alloc(size))) return ERROR_NOT_ENOUGH_MEMORY;
        status = NtEnumerateValueKey(handle, index, KeyValueFullInformation, *info, size, &needed);
        if (status >= 0) return ERROR_SUCCESS;
        heap_free(*info);
        if (status != STATUS_BUFFER_OVERFLOW && status != STATUS_BUFFER_TOO_SMALL) return (LSTATUS)RtlNtStatusToDosError(status);
        size = needed;
    }
}

/* Type and size are told whatever is too small. The wide call gives the name although the data do not fit, the other the data
 * although the name does not. */
LSTATUS WINAPI RegEnumValueW(HKEY key, DWORD index, LPWSTR name, LPDWORD name_size, LPDWORD reserved, LPDWORD type, LPBYTE data, LPDWORD count)
{
    KEY_VALUE_FULL_INFORMATION *info;
    DWORD length;
    LSTATUS error;

    if ((data && !count) || reserved || !name || !name_size) return ERROR_INVALID_PARAMETER;
    if ((error = enum_value(key, index, &info))) return error;
    length = info->NameLength / sizeof(WCHAR);
    if (length >= *name_size) error = ERROR_MORE_DATA;
    else
    {
        memcpy(name, info->Name, info->NameLength);
        name[length] = 0;
        *name_size = length;
        if (data && info->DataLength > *count) error = ERROR_MORE_DATA;
        else if (data)
        {
            memcpy(data, (const BYTE *)info + info->DataOffset, info->DataLength);
            if (registry_is_string(info->Type) && info->DataLength + sizeof(WCHAR) <= *count) memset(data + info->DataLength, 0, sizeof(WCHAR));
        }
    }
    if (type) *type = info->Type;
    if (count) *count = info->DataLength;
    heap_free(info);
    return error;
}

LSTATUS WINAPI RegEnumValueA(HKEY key, DWORD index, LPSTR name, LPDWORD name_size, LPDWORD reserved, LPDWORD type, LPBYTE data, LPDWORD count)
{
    KEY_VALUE_FULL_INFORMATION *info;
    const WCHAR *source;
    DWORD length, size;
    LSTATUS error;
    BOOL string;

    if ((data && !count) || reserved || !name || !name_size) return ERROR_INVALID_PARAMETER;
    if ((error = enum_value(key, index, &info))) return error;
    source = (const WCHAR *)((const BYTE *)info + info->DataOffset);
    size = info->DataLength;
    if ((string = registry_is_string(info->Type))) RtlUnicodeToMultiByteSize(&size, source, info->DataLength);
    RtlUnicodeToMultiByteSize(&length, info->Name, info->NameLength);
    if (length >= *name_size || (data && size > *count)) error = ERROR_MORE_DATA;
    if (!error)
    {
        RtlUnicodeToMultiByteN(name, length, NULL, info->Name, info->NameLength);
        name[length] = 0;
        *name_size = length;
    }
    if (data && size <= *count)
    {
        if (string) RtlUnicodeToMultiByteN((char *)data, size, NULL, source, info->DataLength);
        else memcpy(data, source, size);
        if (string && size < *count) data[size] = 0;
    }
    if (type) *type = info->Type;
    if (count) *count = size;
    heap_free(info);
    return error;
}
