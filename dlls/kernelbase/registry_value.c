/* The registry's calls on values. */
#include "kernelbase.h"
#include "winreg.h"
#include "registry.h"

static BOOL is_string(DWORD type)
{
    return type == REG_SZ || type == REG_EXPAND_SZ || type == REG_MULTI_SZ;
}

/* A value's whole information, on the heap unless it fits into own. */
static LSTATUS query_value(HKEY key, const WCHAR *name, KEY_VALUE_PARTIAL_INFORMATION **info, void *own, ULONG own_size)
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

struct small_value
{
    KEY_VALUE_PARTIAL_INFORMATION info;
    BYTE data[512];
};

LSTATUS WINAPI RegQueryValueExW(HKEY key, LPCWSTR name, LPDWORD reserved, LPDWORD type, LPBYTE data, LPDWORD count)
{
    KEY_VALUE_PARTIAL_INFORMATION *info;
    struct small_value own;
    LSTATUS error;

    if ((data && !count) || reserved) return ERROR_INVALID_PARAMETER;
    if ((error = query_value(key, name, &info, &own, sizeof(own)))) return error;
    if (type) *type = info->Type;
    if (data)
    {
        if (info->DataLength > *count) error = ERROR_MORE_DATA;
        else
        {
            memcpy(data, info->Data, info->DataLength);
            /* Strings come terminated if there is room, whether they were stored so or not. */
            if (is_string(info->Type) && info->DataLength + sizeof(WCHAR) <= *count) memset(data + info->DataLength, 0, sizeof(WCHAR));
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
    DWORD length;

    if ((data && !count) || reserved) return ERROR_INVALID_PARAMETER;
    if (!wide_from_ansi(&wide, name)) return (LSTATUS)get_error();
    error = query_value(key, wide.Buffer, &info, &own, sizeof(own));
    RtlFreeUnicodeString(&wide);
    if (error) return error;
    if (type) *type = info->Type;
    if (is_string(info->Type))
    {
        RtlUnicodeToMultiByteSize(&length, (const WCHAR *)info->Data, info->DataLength);
        if (data)
        {
            if (length > *count) error = ERROR_MORE_DATA;
            else
            {
                RtlUnicodeToMultiByteN((char *)data, length, NULL, (const WCHAR *)info->Data, info->DataLength);
                if (length < *count) data[length] = 0;
            }
        }
    }
    else
    {
        length = info->DataLength;
        if (data)
        {
            if (length > *count) error = ERROR_MORE_DATA;
            else memcpy(data, info->Data, length);
        }
    }
    if (count) *count = length;
    if ((void *)info != &own) heap_free(info);
    return error;
}

/* ---- RegGetValue: a query that checks the type, expands and terminates ------------------------------- */
static BOOL type_allowed(DWORD type, DWORD flags)
{
    static const DWORD bits[] =
    {
        [REG_NONE] = RRF_RT_REG_NONE, [REG_SZ] = RRF_RT_REG_SZ, [REG_EXPAND_SZ] = RRF_RT_REG_EXPAND_SZ, [REG_BINARY] = RRF_RT_REG_BINARY,
        [REG_DWORD] = RRF_RT_REG_DWORD, [REG_MULTI_SZ] = RRF_RT_REG_MULTI_SZ, [REG_QWORD] = RRF_RT_REG_QWORD,
    };

    if ((flags & RRF_RT_ANY) == RRF_RT_ANY) return TRUE;
    return type < ARRAY_LENGTH(bits) && (bits[type] & flags);
}

LSTATUS WINAPI RegGetValueW(HKEY key, LPCWSTR subkey, LPCWSTR name, DWORD flags, LPDWORD type, PVOID data, LPDWORD count)
{
    KEY_VALUE_PARTIAL_INFORMATION *info;
    struct small_value own;
    WCHAR *expanded = NULL;
    const void *bytes;
    DWORD size, kind;
    LSTATUS error;
    HKEY opened = key;

    if ((data && !count) || ((flags & RRF_RT_REG_EXPAND_SZ) && !(flags & RRF_NOEXPAND) && (flags & RRF_RT_ANY) != RRF_RT_ANY))
        return ERROR_INVALID_PARAMETER;
    if (subkey && subkey[0] && (error = RegOpenKeyExW(key, subkey, 0, KEY_QUERY_VALUE, &opened))) return error;
    error = query_value(opened, name, &info, &own, sizeof(own));
    if (opened != key) RegCloseKey(opened);
    if (error)
    {
        if ((flags & RRF_ZEROONFAILURE) && data) memset(data, 0, *count);
        return error;
    }
    bytes = info->Data;
    size = info->DataLength;
    kind = info->Type;
    if (kind == REG_EXPAND_SZ && !(flags & RRF_NOEXPAND))
    {
        WCHAR *text = heap_alloc(size + sizeof(WCHAR));

        if (text)
        {
            memcpy(text, bytes, size);
            text[size / sizeof(WCHAR)] = 0;
            size = ExpandEnvironmentStringsW(text, NULL, 0);
            if ((expanded = heap_alloc(size * sizeof(WCHAR)))) ExpandEnvironmentStringsW(text, expanded, size);
            heap_free(text);
        }
        if (!expanded) error = ERROR_NOT_ENOUGH_MEMORY;
        bytes = expanded;
        size *= sizeof(WCHAR);
        kind = REG_SZ;
    }
    if (!error)
    {
        DWORD terminator = 0;

        if (type) *type = kind;
        if (!type_allowed(kind, flags)) error = ERROR_UNSUPPORTED_TYPE;
        else
        {
            if (is_string(kind) && (size < sizeof(WCHAR) || ((const WCHAR *)bytes)[size / sizeof(WCHAR) - 1])) terminator = sizeof(WCHAR);
            if (data)
            {
                if (size + terminator > *count) error = ERROR_MORE_DATA;
                else
                {
                    memcpy(data, bytes, size);
                    memset((BYTE *)data + size, 0, terminator);
                }
            }
            if (count) *count = size + terminator;
        }
    }
    if (error && error != ERROR_MORE_DATA && (flags & RRF_ZEROONFAILURE) && data) memset(data, 0, *count);
    heap_free(expanded);
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
    if (is_string(type) && count >= sizeof(WCHAR))
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
    if (is_string(type) && count)
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

LSTATUS WINAPI RegSetKeyValueW(HKEY key, LPCWSTR subkey, LPCWSTR name, DWORD type, const void *data, DWORD count)
{
    HKEY opened = key;
    LSTATUS error;

    if (subkey && subkey[0] && (error = RegCreateKeyExW(key, subkey, 0, NULL, 0, KEY_SET_VALUE, NULL, &opened, NULL))) return error;
    error = RegSetValueExW(opened, name, 0, type, data, count);
    if (opened != key) RegCloseKey(opened);
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
        if (data)
        {
            if (info->DataLength > *count) error = ERROR_MORE_DATA;
            else
            {
                memcpy(data, (const BYTE *)info + info->DataOffset, info->DataLength);
                if (is_string(info->Type) && info->DataLength + sizeof(WCHAR) <= *count) memset(data + info->DataLength, 0, sizeof(WCHAR));
            }
        }
        if (type) *type = info->Type;
        if (count) *count = info->DataLength;
    }
    heap_free(info);
    return error;
}

LSTATUS WINAPI RegEnumValueA(HKEY key, DWORD index, LPSTR name, LPDWORD name_size, LPDWORD reserved, LPDWORD type, LPBYTE data, LPDWORD count)
{
    KEY_VALUE_FULL_INFORMATION *info;
    const BYTE *source;
    DWORD length, size;
    LSTATUS error;

    if ((data && !count) || reserved || !name || !name_size) return ERROR_INVALID_PARAMETER;
    if ((error = enum_value(key, index, &info))) return error;
    source = (const BYTE *)info + info->DataOffset;
    size = info->DataLength;
    if (is_string(info->Type)) RtlUnicodeToMultiByteSize(&size, (const WCHAR *)source, info->DataLength);
    length = ansi_result(info->Name, info->NameLength / sizeof(WCHAR), name, *name_size);
    if (length >= *name_size) error = ERROR_MORE_DATA;
    else
    {
        *name_size = length;
        if (data)
        {
            if (size > *count) error = ERROR_MORE_DATA;
            else if (is_string(info->Type))
            {
                RtlUnicodeToMultiByteN((char *)data, size, NULL, (const WCHAR *)source, info->DataLength);
                if (size < *count) data[size] = 0;
            }
            else memcpy(data, source, size);
        }
        if (type) *type = info->Type;
        if (count) *count = size;
    }
    heap_free(info);
    return error;
}
