/* The registry's calls on what is below a key: a value of a subkey, a tree of keys. */
#include "kernelbase.h"
#include "winreg.h"
#include "registry.h"

/* ---- RegGetValue: a query that checks the type, expands and terminates ------------------------------- */
/* RRF_RT_DWORD and RRF_RT_QWORD are two types each: such binary data have to have the number's size. */
static LSTATUS type_check(DWORD type, DWORD size, DWORD flags)
{
    static const DWORD bits[] =
    {
        [REG_NONE] = RRF_RT_REG_NONE, [REG_SZ] = RRF_RT_REG_SZ, [REG_EXPAND_SZ] = RRF_RT_REG_EXPAND_SZ, [REG_BINARY] = RRF_RT_REG_BINARY,
        [REG_DWORD] = RRF_RT_REG_DWORD, [REG_MULTI_SZ] = RRF_RT_REG_MULTI_SZ, [REG_QWORD] = RRF_RT_REG_QWORD,
    };
    DWORD types = flags & RRF_RT_ANY;

    if (types == RRF_RT_ANY) return ERROR_SUCCESS;
    if (type >= ARRAY_LENGTH(bits) || !(bits[type] & types)) return ERROR_UNSUPPORTED_TYPE;
    if (type == REG_BINARY && ((types == RRF_RT_DWORD && size != sizeof(DWORD)) || (types == RRF_RT_QWORD && size != sizeof(ULONGLONG))))
        return ERROR_DATATYPE_MISMATCH;
    return ERROR_SUCCESS;
}

/* A value as RegGetValue gives it, but wide. */
struct value
{
    struct small_value own;
    KEY_VALUE_PARTIAL_INFORMATION *info;
    WCHAR *text;                /* expanded or terminated, on the heap */
    const void *bytes;
    DWORD size, type;
};

static void value_free(struct value *value)
{
    heap_free(value->text);
    if (value->info && (void *)value->info != &value->own) heap_free(value->info);
}

static LSTATUS value_get(HKEY key, const WCHAR *subkey, const WCHAR *name, DWORD flags, struct value *value)
{
    HKEY opened = key;
    LSTATUS error;
    DWORD length;
    WCHAR *text;
    static const DWORD wow64_flags = RRF_SUBKEY_WOW6464KEY | RRF_SUBKEY_WOW6432KEY;     /* one registry serves both */

    value->info = NULL;
    value->text = NULL;
    if ((flags & RRF_RT_REG_EXPAND_SZ) && !(flags & RRF_NOEXPAND) && (flags & RRF_RT_ANY) != RRF_RT_ANY) return ERROR_INVALID_PARAMETER;
    if ((flags & wow64_flags) == wow64_flags) return ERROR_INVALID_PARAMETER;
    if (subkey && subkey[0] && (error = RegOpenKeyExW(key, subkey, 0, KEY_QUERY_VALUE, &opened))) return error;
    error = registry_query(opened, name, &value->info, &value->own, sizeof(value->own));
    if (opened != key) RegCloseKey(opened);
    if (error)
    {
        value->info = NULL;
        return error;
    }
    value->bytes = value->info->Data;
    value->size = value->info->DataLength;
    value->type = value->info->Type;
    if (registry_is_string(value->type))
    {
        length = value->size / sizeof(WCHAR);
        if (!(value->text = text = heap_alloc((length + 1) * sizeof(WCHAR)))) return ERROR_NOT_ENOUGH_MEMORY;
        memcpy(text, value->bytes, length * sizeof(WCHAR));
        if (!length || text[length - 1]) text[length++] = 0;
        if (value->type == REG_EXPAND_SZ && !(flags & RRF_NOEXPAND))
        {
            length = ExpandEnvironmentStringsW(text, NULL, 0);
            if (!(value->text = heap_alloc(length * sizeof(WCHAR))))
            {
                heap_free(text);
                return ERROR_NOT_ENOUGH_MEMORY;
            }
            ExpandEnvironmentStringsW(text, value->text, length);
            heap_free(text);
            value->type = REG_SZ;
        }
        value->bytes = value->text;
        value->size = length * sizeof(WCHAR);
    }
    return ERROR_SUCCESS;
}

/* What has the wrong type is given all the same. */
LSTATUS WINAPI RegGetValueW(HKEY key, LPCWSTR subkey, LPCWSTR name, DWORD flags, LPDWORD type, PVOID data, LPDWORD count)
{
    struct value value;
    LSTATUS error;
    DWORD room = data && count ? *count : 0;

    if (data && !count) return ERROR_INVALID_PARAMETER;
    if (!(error = value_get(key, subkey, name, flags, &value)))
    {
        error = type_check(value.type, value.size, flags);
        if (type) *type = value.type;
        if (data && value.size <= room) memcpy(data, value.bytes, value.size);
        else if (data) error = ERROR_MORE_DATA;
        if (count) *count = value.size;
    }
    if (error && (flags & RRF_ZEROONFAILURE) && data) memset(data, 0, room);
    value_free(&value);
    return error;
}

LSTATUS WINAPI RegGetValueA(HKEY key, LPCSTR subkey, LPCSTR name, DWORD flags, LPDWORD type, PVOID data, LPDWORD count)
{
    UNICODE_STRING wide_subkey, wide_name;
    struct value value;
    LSTATUS error;
    DWORD size, room = data && count ? *count : 0;

    if (data && !count) return ERROR_INVALID_PARAMETER;
    if (!wide_from_ansi(&wide_subkey, subkey)) return (LSTATUS)get_error();
    if (!wide_from_ansi(&wide_name, name))
    {
        RtlFreeUnicodeString(&wide_subkey);
        return (LSTATUS)get_error();
    }
    if (!(error = value_get(key, wide_subkey.Buffer, wide_name.Buffer, flags, &value)))
    {
        error = type_check(value.type, value.size, flags);
        if (type) *type = value.type;
        size = value.size;
        if (value.text) RtlUnicodeToMultiByteSize(&size, value.text, value.size);
        if (data && size > room) error = ERROR_MORE_DATA;
        else if (data && value.text) RtlUnicodeToMultiByteN(data, size, NULL, value.text, value.size);
        else if (data) memcpy(data, value.bytes, size);
        if (count) *count = size;
    }
    if (error && (flags & RRF_ZEROONFAILURE) && data) memset(data, 0, room);
    value_free(&value);
    RtlFreeUnicodeString(&wide_subkey);
    RtlFreeUnicodeString(&wide_name);
    return error;
}

/* ---- set and delete a subkey's value ------------------------------------------------------------------ */
LSTATUS WINAPI RegSetKeyValueW(HKEY key, LPCWSTR subkey, LPCWSTR name, DWORD type, const void *data, DWORD count)
{
    HKEY opened = key;
    LSTATUS error;

    if (subkey && subkey[0] && (error = RegCreateKeyExW(key, subkey, 0, NULL, 0, KEY_SET_VALUE, NULL, &opened, NULL))) return error;
    error = RegSetValueExW(opened, name, 0, type, data, count);
    if (opened != key) RegCloseKey(opened);
    return error;
}

LSTATUS WINAPI RegSetKeyValueA(HKEY key, LPCSTR subkey, LPCSTR name, DWORD type, const void *data, DWORD count)
{
    HKEY opened = key;
    LSTATUS error;

    if (subkey && subkey[0] && (error = RegCreateKeyExA(key, subkey, 0, NULL, 0, KEY_SET_VALUE, NULL, &opened, NULL))) return error;
    error = RegSetValueExA(opened, name, 0, type, data, count);
    if (opened != key) RegCloseKey(opened);
    return error;
}

LSTATUS WINAPI RegDeleteKeyValueW(HKEY key, LPCWSTR subkey, LPCWSTR name)
{
    HKEY opened = key;
    LSTATUS error;

    if (subkey && subkey[0] && (error = RegOpenKeyExW(key, subkey, 0, KEY_SET_VALUE, &opened))) return error;
    error = RegDeleteValueW(opened, name);
    if (opened != key) RegCloseKey(opened);
    return error;
}

LSTATUS WINAPI RegDeleteKeyValueA(HKEY key, LPCSTR subkey, LPCSTR name)
{
    HKEY opened = key;
    LSTATUS error;

    if (subkey && subkey[0] && (error = RegOpenKeyExA(key, subkey, 0, KEY_SET_VALUE, &opened))) return error;
    error = RegDeleteValueA(opened, name);
    if (opened != key) RegCloseKey(opened);
    return error;
}

/* ---- trees ------------------------------------------------------------------------------------------- */
enum { key_name_size = 256, value_name_size = 16384 };

LSTATUS WINAPI RegDeleteTreeW(HKEY key, LPCWSTR name)
{
    WCHAR child[key_name_size], *value;
    LSTATUS error;
    HKEY opened = key;
    DWORD size;

    if (name && !name[0]) name = NULL;
    if (name && (error = RegOpenKeyExW(key, name, 0, KEY_READ | KEY_WRITE | DELETE, &opened))) return error;
    for (;;)
    {
        size = key_name_size;
        if ((error = RegEnumKeyExW(opened, 0, child, &size, NULL, NULL, NULL, NULL))) break;
        if ((error = RegDeleteTreeW(opened, child))) break;
    }
    if (error == ERROR_NO_MORE_ITEMS) error = ERROR_SUCCESS;
    if (name)
    {
        if (!error) error = (LSTATUS)RtlNtStatusToDosError(NtDeleteKey(opened));
        RegCloseKey(opened);
        return error;
    }
    /* The key itself stays; its values go. */
    if (error) return error;
    if (!(value = heap_alloc(value_name_size * sizeof(WCHAR)))) return ERROR_NOT_ENOUGH_MEMORY;
    while (!error)
    {
        size = value_name_size;
        if (!(error = RegEnumValueW(opened, 0, value, &size, NULL, NULL, NULL, NULL))) error = RegDeleteValueW(opened, value);
    }
    heap_free(value);
    return error == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : error;
}

LSTATUS WINAPI RegDeleteTreeA(HKEY key, LPCSTR name)
{
    UNICODE_STRING wide;
    LSTATUS error;

    if (!wide_from_ansi(&wide, name)) return (LSTATUS)get_error();
    error = RegDeleteTreeW(key, wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return error;
}

static LSTATUS copy_values(HKEY source, HKEY dest)
{
    DWORD index, name_size, size, type, longest_name, longest;
    LSTATUS error;
    WCHAR *name;
    BYTE *data;

    if ((error = RegQueryInfoKeyW(source, NULL, NULL, NULL, NULL, NULL, NULL, NULL, &longest_name, &longest, NULL, NULL))) return error;
    if (!(data = heap_alloc((SIZE_T)longest + 1 + (longest_name + 1) * sizeof(WCHAR) + sizeof(WCHAR)))) return ERROR_NOT_ENOUGH_MEMORY;
    name = (WCHAR *)(data + ((longest + 1) & ~1u));
    for (index = 0; !error; index++)
    {
        name_size = longest_name + 1;
        size = longest;
        if ((error = RegEnumValueW(source, index, name, &name_size, NULL, &type, data, &size))) break;
        error = RegSetValueExW(dest, name, 0, type, data, size);
    }
    heap_free(data);
    return error == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : error;
}

LSTATUS WINAPI RegCopyTreeW(HKEY key, LPCWSTR name, HKEY dest)
{
    WCHAR child[key_name_size];
    HKEY source = key, from, to;
    DWORD index, size;
    LSTATUS error;

    if (name && name[0] && (error = RegOpenKeyExW(key, name, 0, KEY_READ, &source))) return error;
    error = copy_values(source, dest);
    for (index = 0; !error; index++)
    {
        size = key_name_size;
        if ((error = RegEnumKeyExW(source, index, child, &size, NULL, NULL, NULL, NULL))) break;
        if ((error = RegOpenKeyExW(source, child, 0, KEY_READ, &from))) break;
        if (!(error = RegCreateKeyExW(dest, child, 0, NULL, 0, KEY_WRITE, NULL, &to, NULL)))
        {
            error = RegCopyTreeW(from, NULL, to);
            RegCloseKey(to);
        }
        RegCloseKey(from);
    }
    if (source != key) RegCloseKey(source);
    return error == ERROR_NO_MORE_ITEMS ? ERROR_SUCCESS : error;
}

LSTATUS WINAPI RegCopyTreeA(HKEY key, LPCSTR name, HKEY dest)
{
    UNICODE_STRING wide;
    LSTATUS error;

    if (!wide_from_ansi(&wide, name)) return (LSTATUS)get_error();
    error = RegCopyTreeW(key, wide.Buffer, dest);
    RtlFreeUnicodeString(&wide);
    return error;
}
