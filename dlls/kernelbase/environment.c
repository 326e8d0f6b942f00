/* Environment variables, over ntdll's. */
#include "kernelbase.h"

#define MAXIMUM_VARIABLE 32766      /* characters a UNICODE_STRING can hold */

WCHAR *WINAPI GetEnvironmentStringsW(void)
{
    const WCHAR *environment, *end;
    WCHAR *copy;
    SIZE_T size;

    RtlAcquirePebLock();
    environment = end = process_parameters()->Environment;
    while (*end) end += wcslen(end) + 1;
    /* An empty environment has two terminators too. */
    if (end == environment) end++;
    size = (SIZE_T)(end - environment + 1) * sizeof(WCHAR);
    if ((copy = heap_alloc(size)))
    {
        memcpy(copy, environment, size - sizeof(WCHAR));
        copy[size / sizeof(WCHAR) - 1] = 0;
    }
    RtlReleasePebLock();
    if (!copy) set_error(ERROR_NOT_ENOUGH_MEMORY);
    return copy;
}

static char *environment_strings_ansi(void)
{
    WCHAR *wide = GetEnvironmentStringsW();
    const WCHAR *end = wide;
    char *ansi = NULL;
    DWORD wide_size, size = 0;

    if (!wide) return NULL;
    while (*end) end += wcslen(end) + 1;
    if (end == wide) end++;
    wide_size = (DWORD)(end - wide + 1) * sizeof(WCHAR);
    RtlUnicodeToMultiByteSize(&size, wide, wide_size);
    if ((ansi = heap_alloc(size))) RtlUnicodeToMultiByteN(ansi, size, NULL, wide, wide_size);
    else set_error(ERROR_NOT_ENOUGH_MEMORY);
    heap_free(wide);
    return ansi;
}

char *WINAPI GetEnvironmentStringsA(void)
{
    return environment_strings_ansi();
}

#undef GetEnvironmentStrings
char *WINAPI GetEnvironmentStrings(void);
char *WINAPI GetEnvironmentStrings(void)
{
    return environment_strings_ansi();
}

BOOL WINAPI FreeEnvironmentStringsW(WCHAR *strings)
{
    return RtlFreeHeap(process_heap(), 0, strings);
}

BOOL WINAPI FreeEnvironmentStringsA(char *strings)
{
    return RtlFreeHeap(process_heap(), 0, strings);
}

BOOL WINAPI SetEnvironmentStringsW(WCHAR *strings)
{
    const WCHAR *p;
    WCHAR *copy;

    for (p = strings; *p; p += wcslen(p) + 1)
    {
        const WCHAR *equals = wcschr(p, '=');

        /* "=C:=C:\dir" is how current directories of drives are kept. */
        if (equals == p) equals = wcschr(p + 1, '=');
        if (!equals) return fail(ERROR_INVALID_PARAMETER);
    }
    if (RtlCreateEnvironment(FALSE, &copy) < 0) return fail(ERROR_NOT_ENOUGH_MEMORY);
    for (p = strings; *p; p += wcslen(p) + 1)
    {
        const WCHAR *equals = wcschr(p + 1, '=');
        UNICODE_STRING name, value;

        name.Buffer = (WCHAR *)p;
        name.Length = name.MaximumLength = (USHORT)((equals - p) * sizeof(WCHAR));
        RtlInitUnicodeString(&value, equals + 1);
        if (RtlSetEnvironmentVariable(&copy, &name, &value) < 0)
        {
            RtlDestroyEnvironment(copy);
            return fail(ERROR_INVALID_PARAMETER);
        }
    }
    RtlSetCurrentEnvironment(copy, NULL);
    return TRUE;
}

DWORD WINAPI GetEnvironmentVariableW(const WCHAR *name, WCHAR *buffer, DWORD size)
{
    UNICODE_STRING key, value;
    NTSTATUS status;
    WCHAR nothing;

    RtlInitUnicodeString(&key, name);
    value.Length = 0;
    value.MaximumLength = 0;
    value.Buffer = buffer ? buffer : &nothing;
    /* Room for the terminator is not ntdll's business. */
    if (buffer && size) value.MaximumLength = (USHORT)((size - 1 > MAXIMUM_VARIABLE ? MAXIMUM_VARIABLE : size - 1) * sizeof(WCHAR));
    status = RtlQueryEnvironmentVariable_U(NULL, &key, &value);
    if (status == STATUS_BUFFER_TOO_SMALL || (status >= 0 && (!buffer || !size))) return value.Length / sizeof(WCHAR) + 1;
    if (!nt_result(status)) return 0;
    buffer[value.Length / sizeof(WCHAR)] = 0;
    return value.Length / sizeof(WCHAR);
}

DWORD WINAPI GetEnvironmentVariableA(const char *name, char *buffer, DWORD size)
{
    UNICODE_STRING key;
    DWORD length, capacity;
    WCHAR *value;
    DWORD result = 0, error = get_error();

    if (!wide_from_ansi(&key, name)) return 0;
    /* The variable may change between the two calls. */
    for (capacity = 256;; capacity = length)
    {
        if (!(value = heap_alloc(capacity * sizeof(WCHAR))))
        {
            set_error(ERROR_NOT_ENOUGH_MEMORY);
            break;
        }
        /* 0 means "not there" and "empty": only the former sets the last error. */
        set_error(ERROR_SUCCESS);
        length = GetEnvironmentVariableW(key.Buffer, value, capacity);
        if (length < capacity)
        {
            if (length || !get_error())
            {
                result = ansi_result(value, length, buffer, size);
                set_error(error);
            }
            heap_free(value);
            break;
        }
        heap_free(value);
    }
    RtlFreeUnicodeString(&key);
    return result;
}

BOOL WINAPI SetEnvironmentVariableW(const WCHAR *name, const WCHAR *value)
{
    UNICODE_STRING key, string;
    NTSTATUS status;

    if (!name) return fail(ERROR_INVALID_PARAMETER);
    if (RtlInitUnicodeStringEx(&key, name) < 0) return fail(ERROR_INVALID_PARAMETER);
    if (!value) status = RtlSetEnvironmentVariable(NULL, &key, NULL);
    else
    {
        if (RtlInitUnicodeStringEx(&string, value) < 0) return fail(ERROR_INVALID_PARAMETER);
        status = RtlSetEnvironmentVariable(NULL, &key, &string);
    }
    return nt_result(status);
}

BOOL WINAPI SetEnvironmentVariableA(const char *name, const char *value)
{
    UNICODE_STRING key, string;
    BOOL ok;

    if (!name) return fail(ERROR_INVALID_PARAMETER);
    if (!wide_from_ansi(&key, name)) return FALSE;
    ok = wide_from_ansi(&string, value) && SetEnvironmentVariableW(key.Buffer, value ? string.Buffer : NULL);
    RtlFreeUnicodeString(&key);
    RtlFreeUnicodeString(&string);
    return ok;
}

DWORD WINAPI ExpandEnvironmentStringsW(const WCHAR *source, WCHAR *buffer, DWORD size)
{
    UNICODE_STRING in, out;
    ULONG needed = 0;
    NTSTATUS status;

    if (RtlInitUnicodeStringEx(&in, source) < 0)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return 0;
    }
    out.Length = 0;
    out.Buffer = buffer;
    out.MaximumLength = (USHORT)((size > MAXIMUM_VARIABLE ? MAXIMUM_VARIABLE : size) * sizeof(WCHAR));
    status = RtlExpandEnvironmentStrings_U(NULL, &in, &out, &needed);
    if (status == STATUS_BUFFER_TOO_SMALL)
    {
        if (buffer && size) buffer[0] = 0;
        return needed / sizeof(WCHAR);
    }
    return nt_result(status) ? needed / sizeof(WCHAR) : 0;
}

DWORD WINAPI ExpandEnvironmentStringsA(const char *source, char *buffer, DWORD size)
{
    UNICODE_STRING in;
    DWORD length, result = 0;
    WCHAR *expanded;

    if (!wide_from_ansi(&in, source)) return 0;
    length = ExpandEnvironmentStringsW(in.Buffer, NULL, 0);
    if (length && (expanded = heap_alloc(length * sizeof(WCHAR))))
    {
        length = ExpandEnvironmentStringsW(in.Buffer, expanded, length);
        if (length)
        {
            result = ansi_result(expanded, length - 1, buffer, size);
            /* This function counts the terminator either way. */
            if (buffer && result < size) result++;
            else if (buffer && size) buffer[0] = 0;
        }
        heap_free(expanded);
    }
    RtlFreeUnicodeString(&in);
    return result;
}
