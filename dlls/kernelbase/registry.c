/* The registry's calls on keys. Values are in registry_value.c, trees in registry_subkey.c. advapi32 forwards to them. */
#include "kernelbase.h"
#include "winreg.h"
#include "registry.h"

/* ---- predefined keys -------------------------------------------------------------------------------- */
static const WCHAR *const root_names[] =
{
    [0] = L"\\Registry\\Machine\\Software\\Classes",        /* HKEY_CLASSES_ROOT */
    [2] = L"\\Registry\\Machine",                           /* HKEY_LOCAL_MACHINE */
    [3] = L"\\Registry\\User",                              /* HKEY_USERS */
    [5] = L"\\Registry\\Machine\\System\\CurrentControlSet\\Hardware Profiles\\Current",    /* HKEY_CURRENT_CONFIG */
};

enum { root_count = 6, current_user = 1 };

static HANDLE roots[root_count];

static NTSTATUS open_root(unsigned int index, HANDLE *key)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING name;
    HANDLE opened, expected = NULL;
    NTSTATUS status;

    if ((*key = __atomic_load_n(&roots[index], __ATOMIC_ACQUIRE))) return STATUS_SUCCESS;
    if (index == current_user) status = RtlOpenCurrentUser(MAXIMUM_ALLOWED, &opened);
    else if (!root_names[index]) return STATUS_INVALID_HANDLE;
    else
    {
        RtlInitUnicodeString(&name, root_names[index]);
        InitializeObjectAttributes(&attr, &name, OBJ_CASE_INSENSITIVE, NULL, NULL);
        status = NtOpenKey(&opened, MAXIMUM_ALLOWED, &attr);
    }
    if (status < 0) return status;
    *key = opened;
    if (__atomic_compare_exchange_n(&roots[index], &expected, opened, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE)) return STATUS_SUCCESS;
    NtClose(opened);
    *key = expected;
    return STATUS_SUCCESS;
}

static BOOL is_root(HKEY key)
{
    return (ULONG)(ULONG_PTR)key >= 0x80000000 && (ULONG)(ULONG_PTR)key < 0x80000000 + root_count;
}

NTSTATUS registry_handle(HKEY key, HANDLE *handle)
{
    if (is_root(key)) return open_root((ULONG)(ULONG_PTR)key - 0x80000000, handle);
    *handle = key;
    return STATUS_SUCCESS;
}

/* ---- open and create -------------------------------------------------------------------------------- */
LSTATUS WINAPI RegOpenKeyExW(HKEY key, LPCWSTR name, DWORD options, REGSAM access, HKEY *result)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    NTSTATUS status;
    HANDLE root;

    if (!result) return ERROR_INVALID_PARAMETER;
    *result = NULL;
    if (!key) return ERROR_INVALID_HANDLE;
    /* An empty name under a predefined key is that key. */
    if (is_root(key) && (!name || !name[0]) && !(access & (KEY_WOW64_32KEY | KEY_WOW64_64KEY)))
    {
        *result = key;
        return ERROR_SUCCESS;
    }
    if ((status = registry_handle(key, &root)) < 0) return (LSTATUS)RtlNtStatusToDosError(status);
    if (name && *name == '\\' && !is_root(key)) return ERROR_BAD_PATHNAME;
    while (name && *name == '\\') name++;
    RtlInitUnicodeString(&string, name ? name : L"");
    InitializeObjectAttributes(&attr, &string, OBJ_CASE_INSENSITIVE | (options & REG_OPTION_OPEN_LINK ? OBJ_OPENLINK : 0), root, NULL);
    return (LSTATUS)RtlNtStatusToDosError(NtOpenKeyEx((HANDLE *)result, access, &attr, options));
}

LSTATUS WINAPI RegOpenKeyExA(HKEY key, LPCSTR name, DWORD options, REGSAM access, HKEY *result)
{
    UNICODE_STRING wide;
    LSTATUS error;

    if (!result) return ERROR_INVALID_PARAMETER;
    if (!key) return ERROR_INVALID_HANDLE;          /* and what result points to stays, which the wide call clears */
    if (!wide_from_ansi(&wide, name)) return (LSTATUS)get_error();
    error = RegOpenKeyExW(key, wide.Buffer, options, access, result);
    RtlFreeUnicodeString(&wide);
    return error;
}

LSTATUS WINAPI RegOpenCurrentUser(REGSAM access, HKEY *result)
{
    return (LSTATUS)RtlNtStatusToDosError(RtlOpenCurrentUser(access, (HANDLE *)result));
}

/* Creates all keys on the way, as NtCreateKey does not. */
LSTATUS WINAPI RegCreateKeyExW(HKEY key, LPCWSTR name, DWORD reserved, LPWSTR class, DWORD options, REGSAM access,
                               LPSECURITY_ATTRIBUTES sa, HKEY *result, DWORD *disposition)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string, class_string;
    HANDLE root, opened = NULL;
    const WCHAR *p = name, *end;
    NTSTATUS status;

    (void)sa;
    if (!result || reserved) return ERROR_INVALID_PARAMETER;
    if ((status = registry_handle(key, &root)) < 0) return (LSTATUS)RtlNtStatusToDosError(status);
    if (!name || (*name == '\\' && !is_root(key))) return ERROR_BAD_PATHNAME;
    RtlInitUnicodeString(&class_string, class);
    while (*p == '\\') p++;
    for (;;)
    {
        HANDLE next;

        end = p + wcscspn(p, L"\\");
        string.Buffer = (WCHAR *)p;
        if ((size_t)(end - p) > 0x7ffe) status = STATUS_OBJECT_NAME_INVALID;
        else
        {
            string.Length = string.MaximumLength = (USHORT)((end - p) * sizeof(WCHAR));
            while (*end == '\\') end++;
            InitializeObjectAttributes(&attr, &string, OBJ_CASE_INSENSITIVE, opened ? opened : root, NULL);
            status = NtCreateKey(&next, *end ? MAXIMUM_ALLOWED : access, &attr, 0, *end ? NULL : &class_string, options, (ULONG *)disposition);
        }
        if (opened) NtClose(opened);
        if (status < 0) return (LSTATUS)RtlNtStatusToDosError(status);
        opened = next;
        if (!*end) break;
        p = end;
    }
    *result = opened;
    return ERROR_SUCCESS;
}

LSTATUS WINAPI RegCreateKeyExA(HKEY key, LPCSTR name, DWORD reserved, LPSTR class, DWORD options, REGSAM access,
                               LPSECURITY_ATTRIBUTES sa, HKEY *result, DWORD *disposition)
{
    UNICODE_STRING wide, wide_class;
    LSTATUS error;

    if (!wide_from_ansi(&wide, name)) return (LSTATUS)get_error();
    if (wide_from_ansi(&wide_class, class))
    {
        error = RegCreateKeyExW(key, wide.Buffer, reserved, wide_class.Buffer, options, access, sa, result, disposition);
        RtlFreeUnicodeString(&wide_class);
    }
    else error = (LSTATUS)get_error();
    RtlFreeUnicodeString(&wide);
    return error;
}

LSTATUS WINAPI RegCloseKey(HKEY key)
{
    if (!key) return ERROR_INVALID_HANDLE;
    if (is_root(key)) return ERROR_SUCCESS;
    return (LSTATUS)RtlNtStatusToDosError(NtClose(key));
}

LSTATUS WINAPI RegFlushKey(HKEY key)
{
    HANDLE handle;
    NTSTATUS status = registry_handle(key, &handle);

    if (status >= 0) status = NtFlushKey(handle);
    return (LSTATUS)RtlNtStatusToDosError(status);
}

/* ---- delete ----------------------------------------------------------------------------------------- */
LSTATUS WINAPI RegDeleteKeyExW(HKEY key, LPCWSTR name, REGSAM access, DWORD reserved)
{
    LSTATUS error;
    HKEY opened;

    (void)reserved;
    if (!name) return ERROR_INVALID_PARAMETER;
    if ((error = RegOpenKeyExW(key, name, 0, DELETE | (access & (KEY_WOW64_32KEY | KEY_WOW64_64KEY)), &opened))) return error;
    if (is_root(opened)) return ERROR_ACCESS_DENIED;
    error = (LSTATUS)RtlNtStatusToDosError(NtDeleteKey(opened));
    RegCloseKey(opened);
    return error;
}

LSTATUS WINAPI RegDeleteKeyExA(HKEY key, LPCSTR name, REGSAM access, DWORD reserved)
{
    UNICODE_STRING wide;
    LSTATUS error;

    if (!name) return ERROR_INVALID_PARAMETER;
    if (!wide_from_ansi(&wide, name)) return (LSTATUS)get_error();
    error = RegDeleteKeyExW(key, wide.Buffer, access, reserved);
    RtlFreeUnicodeString(&wide);
    return error;
}

/* ---- enumerate and query ---------------------------------------------------------------------------- */
LSTATUS WINAPI RegEnumKeyExW(HKEY key, DWORD index, LPWSTR name, DWORD *name_size, DWORD *reserved, LPWSTR class, DWORD *class_size, FILETIME *written)
{
    union
    {
        KEY_NODE_INFORMATION info;
        BYTE bytes[sizeof(KEY_NODE_INFORMATION) + 512 * sizeof(WCHAR)];
    } buffer;
    DWORD length;
    ULONG size;
    HANDLE handle;
    NTSTATUS status;

    if (reserved || (class && !class_size)) return ERROR_INVALID_PARAMETER;
    if ((status = registry_handle(key, &handle)) < 0) return (LSTATUS)RtlNtStatusToDosError(status);
    status = NtEnumerateKey(handle, index, KeyNodeInformation, &buffer, sizeof(buffer), &size);
    if (status < 0) return (LSTATUS)RtlNtStatusToDosError(status);
    length = buffer.info.NameLength / sizeof(WCHAR);
    if (length >= *name_size) return ERROR_MORE_DATA;
    memcpy(name, buffer.info.Name, buffer.info.NameLength);
    name[length] = 0;
    *name_size = length;
    if (class_size)
    {
        length = buffer.info.ClassLength / sizeof(WCHAR);
        if (class)
        {
            if (length >= *class_size) return ERROR_MORE_DATA;
            memcpy(class, buffer.bytes + buffer.info.ClassOffset, buffer.info.ClassLength);
            class[length] = 0;
        }
        *class_size = length;
    }
    if (written) memcpy(written, &buffer.info.LastWriteTime, sizeof(*written));
    return ERROR_SUCCESS;
}

LSTATUS WINAPI RegEnumKeyExA(HKEY key, DWORD index, LPSTR name, DWORD *name_size, DWORD *reserved, LPSTR class, DWORD *class_size, FILETIME *written)
{
    WCHAR wide[512], wide_class[512];
    DWORD length = ARRAY_LENGTH(wide), class_length = ARRAY_LENGTH(wide_class), needed;
    LSTATUS error;

    error = RegEnumKeyExW(key, index, wide, &length, reserved, class ? wide_class : NULL, class_size ? &class_length : NULL, written);
    if (error) return error;
    needed = ansi_result(wide, length, name, *name_size);
    if (needed >= *name_size) return ERROR_MORE_DATA;
    *name_size = needed;
    if (class)
    {
        needed = ansi_result(wide_class, class_length, class, *class_size);
        if (needed >= *class_size) return ERROR_MORE_DATA;
        *class_size = needed;
    }
    return ERROR_SUCCESS;
}

LSTATUS WINAPI RegQueryInfoKeyW(HKEY key, LPWSTR class, DWORD *class_size, DWORD *reserved, DWORD *subkeys, DWORD *longest_subkey,
                                DWORD *longest_class, DWORD *values, DWORD *longest_value, DWORD *longest_data, DWORD *security, FILETIME *written)
{
    union
    {
        KEY_FULL_INFORMATION info;
        BYTE bytes[sizeof(KEY_FULL_INFORMATION) + 512 * sizeof(WCHAR)];
    } buffer;
    ULONG size;
    HANDLE handle;
    NTSTATUS status;
    LSTATUS error = ERROR_SUCCESS;

    (void)reserved;
    if (class && !class_size) return ERROR_INVALID_PARAMETER;
    if ((status = registry_handle(key, &handle)) < 0) return (LSTATUS)RtlNtStatusToDosError(status);
    status = NtQueryKey(handle, KeyFullInformation, &buffer, sizeof(buffer), &size);
    if (status < 0) return (LSTATUS)RtlNtStatusToDosError(status);
    if (class_size)
    {
        DWORD length = buffer.info.ClassLength / sizeof(WCHAR);

        if (class && *class_size)
        {
            if (length >= *class_size) error = ERROR_INSUFFICIENT_BUFFER;
            else
            {
                memcpy(class, buffer.bytes + buffer.info.ClassOffset, buffer.info.ClassLength);
                class[length] = 0;
            }
        }
        *class_size = length;
    }
    if (subkeys) *subkeys = buffer.info.SubKeys;
    if (longest_subkey) *longest_subkey = buffer.info.MaxNameLen / sizeof(WCHAR);
    if (longest_class) *longest_class = buffer.info.MaxClassLen / sizeof(WCHAR);
    if (values) *values = buffer.info.Values;
    if (longest_value) *longest_value = buffer.info.MaxValueNameLen / sizeof(WCHAR);
    if (longest_data) *longest_data = buffer.info.MaxValueDataLen;
    if (security)
    {
        *security = 0;
        NtQuerySecurityObject(handle, OWNER_SECURITY_INFORMATION | GROUP_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, NULL, 0, security);
    }
    if (written) memcpy(written, &buffer.info.LastWriteTime, sizeof(*written));
    return error;
}

LSTATUS WINAPI RegQueryInfoKeyA(HKEY key, LPSTR class, DWORD *class_size, DWORD *reserved, DWORD *subkeys, DWORD *longest_subkey,
                                DWORD *longest_class, DWORD *values, DWORD *longest_value, DWORD *longest_data, DWORD *security, FILETIME *written)
{
    WCHAR wide[512];
    DWORD length = ARRAY_LENGTH(wide), needed;
    LSTATUS error;
    char *narrow;

    if (class && !class_size) return ERROR_INVALID_PARAMETER;
    error = RegQueryInfoKeyW(key, wide, &length, reserved, subkeys, longest_subkey, longest_class, values, longest_value, longest_data, security, written);
    if (error || !class_size) return error;
    RtlUnicodeToMultiByteSize(&needed, wide, length * sizeof(WCHAR));
    if (class && needed >= *class_size)
    {
        /* As much as fits, unlike in the wide call; to have no room at all is no error. */
        if (!*class_size) return ERROR_SUCCESS;
        if (!(narrow = heap_alloc(needed + 1))) return ERROR_NOT_ENOUGH_MEMORY;
        RtlUnicodeToMultiByteN(narrow, needed, NULL, wide, length * sizeof(WCHAR));
        needed = *class_size - 1;
        memcpy(class, narrow, needed);
        class[needed] = 0;
        heap_free(narrow);
        error = ERROR_MORE_DATA;
    }
    else if (class)
    {
        RtlUnicodeToMultiByteN(class, needed, NULL, wide, length * sizeof(WCHAR));
        class[needed] = 0;
    }
    *class_size = needed;
    return error;
}
