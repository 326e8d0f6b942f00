/* Paths: full names, the current folder, temporary files, searching. */
#include "kernelbase.h"

#define PATH_SIZE 32768     /* characters: the longest path there is, with its terminator */

static WCHAR *path_buffer(void)
{
    WCHAR *buffer = heap_alloc(PATH_SIZE * sizeof(WCHAR));

    if (!buffer) set_error(ERROR_NOT_ENOUGH_MEMORY);
    return buffer;
}

/* ---- full names ------------------------------------------------------------------------------------- */
DWORD WINAPI GetFullPathNameW(const WCHAR *name, DWORD size, WCHAR *buffer, WCHAR **file_part)
{
    DWORD length = RtlGetFullPathName_U(name, size * sizeof(WCHAR), buffer, file_part) / sizeof(WCHAR);

    if (!length) set_error(ERROR_INVALID_NAME);
    return length;
}

DWORD WINAPI GetFullPathNameA(const char *name, DWORD size, char *buffer, char **file_part)
{
    UNICODE_STRING wide;
    WCHAR *full, *wide_part;
    DWORD length, result = 0;

    if (!name || !name[0])
    {
        set_error(ERROR_INVALID_NAME);
        return 0;
    }
    if (!wide_from_file_name(&wide, name)) return 0;
    if ((full = path_buffer()))
    {
        length = GetFullPathNameW(wide.Buffer, PATH_SIZE, full, &wide_part);
        if (length && length < PATH_SIZE)
        {
            result = file_name_result(full, length, buffer, size);
            if (result < size && file_part)
                *file_part = wide_part ? buffer + file_name_result(full, (DWORD)(wide_part - full), NULL, 0) - 1 : NULL;
        }
        heap_free(full);
    }
    RtlFreeUnicodeString(&wide);
    return result;
}

/* Names have one spelling here, so that the long and the short form of a path that exists are the path. Programs rely on getting back
 * what they passed, whatever the case of the file on disk. */
/* Components that could be short names are looked up, and get the case that they have on disk: there are no other names than
 * the long ones. The others stay as they are (kernel32:path). */
static void take_case(WCHAR *path)
{
    WCHAR *start = path, *end, *next;
    UNICODE_STRING component;
    WIN32_FIND_DATAW data;
    BOOLEAN spaces;
    HANDLE find;

    if (path[0] == '\\' && path[1] == '\\') start = path + (path[2] == '?' ? 4 : 2);
    if (start[0] && start[1] == ':') start += 2;
    for (; *start; start = end)
    {
        WCHAR separator;

        while (*start == '\\' || *start == '/') start++;
        for (end = start; *end && *end != '\\' && *end != '/'; end++) {}
        for (next = start; *next == '.'; next++) {}
        if (next == end) continue;              /* nothing, or dots: this folder, the one above */
        component = (UNICODE_STRING){ (USHORT)((BYTE *)end - (BYTE *)start), (USHORT)((BYTE *)end - (BYTE *)start), start };
        if (end - start > 12 || !RtlIsNameLegalDOS8Dot3(&component, NULL, &spaces)) continue;
        separator = *end;
        *end = 0;
        find = FindFirstFileW(path, &data);
        if (find != INVALID_HANDLE_VALUE)
        {
            FindClose(find);
            if (wcslen(data.cFileName) == (size_t)(end - start)) memcpy(start, data.cFileName, (size_t)((BYTE *)end - (BYTE *)start));
        }
        *end = separator;
    }
}

DWORD WINAPI GetLongPathNameW(const WCHAR *name, WCHAR *buffer, DWORD size)
{
    DWORD length;
    WCHAR *path;

    if (!name)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (!name[0])
    {
        set_error(ERROR_PATH_NOT_FOUND);
        return 0;
    }
    if (GetFileAttributesW(name) == INVALID_FILE_ATTRIBUTES) return 0;
    if (!(path = heap_alloc((wcslen(name) + 1) * sizeof(WCHAR))))
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    wcscpy(path, name);
    take_case(path);
    length = wide_result(path, (DWORD)wcslen(path), buffer, size);
    heap_free(path);
    return length;
}

DWORD WINAPI GetShortPathNameW(const WCHAR *name, WCHAR *buffer, DWORD size)
{
    if (!name)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (GetFileAttributesW(name) == INVALID_FILE_ATTRIBUTES) return 0;
    return wide_result(name, (DWORD)wcslen(name), buffer, size);
}

static DWORD path_name_ansi(DWORD (WINAPI *function)(const WCHAR *, WCHAR *, DWORD), const char *name, char *buffer, DWORD size)
{
    UNICODE_STRING wide;
    DWORD length, result = 0;
    WCHAR *path;

    if (!name)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (!wide_from_file_name(&wide, name)) return 0;
    if ((path = path_buffer()))
    {
        if ((length = function(wide.Buffer, path, PATH_SIZE))) result = file_name_result(path, length, buffer, size);
        heap_free(path);
    }
    RtlFreeUnicodeString(&wide);
    return result;
}

DWORD WINAPI GetLongPathNameA(const char *name, char *buffer, DWORD size)
{
    return path_name_ansi(GetLongPathNameW, name, buffer, size);
}

DWORD WINAPI GetShortPathNameA(const char *name, char *buffer, DWORD size)
{
    return path_name_ansi(GetShortPathNameW, name, buffer, size);
}

/* ---- the current folder ----------------------------------------------------------------------------- */
UINT WINAPI GetCurrentDirectoryW(UINT size, WCHAR *buffer)
{
    return RtlGetCurrentDirectory_U(size * sizeof(WCHAR), buffer) / sizeof(WCHAR);
}

UINT WINAPI GetCurrentDirectoryA(UINT size, char *buffer)
{
    WCHAR *wide = path_buffer();
    DWORD result = 0;

    if (!wide) return 0;
    result = file_name_result(wide, GetCurrentDirectoryW(PATH_SIZE, wide), buffer, size);
    heap_free(wide);
    return result;
}

BOOL WINAPI SetCurrentDirectoryW(const WCHAR *dir)
{
    UNICODE_STRING string;

    RtlInitUnicodeString(&string, dir);
    return nt_result(RtlSetCurrentDirectory_U(&string));
}

BOOL WINAPI SetCurrentDirectoryA(const char *dir)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, dir)) return FALSE;
    ok = nt_result(RtlSetCurrentDirectory_U(&wide));
    RtlFreeUnicodeString(&wide);
    return ok;
}

/* ---- well-known folders ----------------------------------------------------------------------------- */
static const WCHAR windows_dir[] = L"C:\\windows";
static const WCHAR system_dir[] = L"C:\\windows\\system32";

UINT WINAPI GetSystemDirectoryW(WCHAR *buffer, UINT size)
{
    return wide_result(system_dir, ARRAY_LENGTH(system_dir) - 1, buffer, size);
}

UINT WINAPI GetSystemDirectoryA(char *buffer, UINT size)
{
    return ansi_result(system_dir, ARRAY_LENGTH(system_dir) - 1, buffer, size);
}

UINT WINAPI GetWindowsDirectoryW(WCHAR *buffer, UINT size)
{
    return wide_result(windows_dir, ARRAY_LENGTH(windows_dir) - 1, buffer, size);
}

UINT WINAPI GetWindowsDirectoryA(char *buffer, UINT size)
{
    return ansi_result(windows_dir, ARRAY_LENGTH(windows_dir) - 1, buffer, size);
}

UINT WINAPI GetSystemWindowsDirectoryW(WCHAR *buffer, UINT size)
{
    return GetWindowsDirectoryW(buffer, size);
}

UINT WINAPI GetSystemWindowsDirectoryA(char *buffer, UINT size)
{
    return GetWindowsDirectoryA(buffer, size);
}

/* ---- temporary files -------------------------------------------------------------------------------- */
DWORD WINAPI GetTempPathW(DWORD size, WCHAR *buffer)
{
    static const WCHAR *const variables[] = { L"TMP", L"TEMP", L"USERPROFILE" };
    WCHAR *value = path_buffer(), *full = path_buffer();
    DWORD length = 0, result = 0, known;
    size_t i;

    if (value && full)
    {
        for (i = 0; i < ARRAY_LENGTH(variables) && !length; i++) length = GetEnvironmentVariableW(variables[i], value, MAX_PATH);
        if (!length || length >= MAX_PATH) GetWindowsDirectoryW(value, PATH_SIZE);
        length = GetFullPathNameW(value, PATH_SIZE - 1, full, NULL);
        if (length && full[length - 1] != '\\')
        {
            full[length++] = '\\';
            full[length] = 0;
        }
        result = length < size ? length : length + 1;
        /* What is not the path is zeroed: programs were found that pass too large a size, and others that do not look at the
         * result (kernel32:path, test_GetTempPathW). */
        known = size < PATH_SIZE - 1 ? size : PATH_SIZE - 1;
        if (length < size) memcpy(buffer, full, length * sizeof(WCHAR));
        else length = 0;
        if (known > length) memset(buffer + length, 0, (known - length) * sizeof(WCHAR));
        if (result < size) set_error(ERROR_SUCCESS);
    }
    heap_free(value);
    heap_free(full);
    return result;
}

DWORD WINAPI GetTempPathA(DWORD size, char *buffer)
{
    WCHAR *wide = path_buffer();
    DWORD length, result = 0;

    if (!wide) return 0;
    if ((length = GetTempPathW(PATH_SIZE, wide))) result = file_name_result(wide, length, buffer, size);
    heap_free(wide);
    return result;
}

/* Only for processes of the system are these another folder. */
DWORD WINAPI GetTempPath2W(DWORD size, WCHAR *buffer)
{
    return GetTempPathW(size, buffer);
}

DWORD WINAPI GetTempPath2A(DWORD size, char *buffer)
{
    return GetTempPathA(size, buffer);
}

/* CREATE_NEW met something: a file that is there or is open otherwise, or a folder, which is "access denied" then. */
static BOOL is_name_taken(const WCHAR *path)
{
    DWORD error = get_error(), attributes;

    if (error != ERROR_ACCESS_DENIED) return error == ERROR_FILE_EXISTS || error == ERROR_SHARING_VIOLATION;
    attributes = GetFileAttributesW(path);
    set_error(error);
    return attributes != INVALID_FILE_ATTRIBUTES && (attributes & FILE_ATTRIBUTE_DIRECTORY);
}

UINT WINAPI GetTempFileNameW(const WCHAR *path, const WCHAR *prefix, UINT unique, WCHAR *buffer)
{
    static const WCHAR digits[] = L"0123456789abcdef";
    size_t length;
    DWORD attributes;
    UINT number;
    WCHAR *p;

    if (!path || !buffer)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return 0;
    }
    /* "path\pre1a2b.tmp" has to fit into MAX_PATH. */
    length = wcslen(path);
    if (length > MAX_PATH - 14)
    {
        set_error(ERROR_BUFFER_OVERFLOW);
        return 0;
    }
    attributes = GetFileAttributesW(path);
    if (attributes == INVALID_FILE_ATTRIBUTES || !(attributes & FILE_ATTRIBUTE_DIRECTORY))
    {
        set_error(ERROR_DIRECTORY);
        return 0;
    }
    memcpy(buffer, path, length * sizeof(WCHAR));
    p = buffer + length;
    if (p > buffer && p[-1] != '\\' && p[-1] != '/') *p++ = '\\';
    for (length = 0; prefix && length < 3 && prefix[length]; length++) *p++ = prefix[length];

    number = unique & 0xffff;
    if (!number) number = (NtGetTickCount() ^ GetCurrentThreadId() * 0x9e37u) & 0xffff;
    for (UINT tries = 0; tries < 0x10000; tries++, number = (number + 1) & 0xffff)
    {
        UINT shift = number >> 12 ? 12 : number >> 8 ? 8 : number >> 4 ? 4 : 0;
        WCHAR *q = p;
        HANDLE file;

        if (!number) continue;
        for (;; shift -= 4)
        {
            *q++ = digits[number >> shift & 15];
            if (!shift) break;
        }
        memcpy(q, L".tmp", 5 * sizeof(WCHAR));
        if (unique) return number;
        file = CreateFileW(buffer, GENERIC_READ, 0, NULL, CREATE_NEW, FILE_ATTRIBUTE_NORMAL, NULL);
        if (file != INVALID_HANDLE_VALUE)
        {
            NtClose(file);
            return number;
        }
        if (!is_name_taken(buffer)) return 0;
    }
    return 0;
}

UINT WINAPI GetTempFileNameA(const char *path, const char *prefix, UINT unique, char *buffer)
{
    UNICODE_STRING wide_path, wide_prefix;
    WCHAR name[MAX_PATH];
    UINT result = 0;

    if (!path || !buffer)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (!wide_from_file_name(&wide_path, path)) return 0;
    if (wide_from_file_name(&wide_prefix, prefix))
    {
        result = GetTempFileNameW(wide_path.Buffer, wide_prefix.Buffer, unique, name);
        if (result && file_name_result(name, (DWORD)wcslen(name), buffer, MAX_PATH) >= MAX_PATH)
        {
            set_error(ERROR_BUFFER_OVERFLOW);
            result = 0;
        }
        RtlFreeUnicodeString(&wide_prefix);
    }
    RtlFreeUnicodeString(&wide_path);
    return result;
}

/* ---- searching -------------------------------------------------------------------------------------- */

/* Where programs and DLLs are found that are named without a folder: the program's own folder, the current one (or not),
 * the system's, PATH. In buffer, PATH_SIZE characters. */
void program_search_path(WCHAR *buffer, BOOL current)
{
    DWORD length = GetModuleFileNameW(NULL, buffer, PATH_SIZE / 2);

    while (length && buffer[length - 1] != '\\') length--;
    wcscpy(buffer + length, current ? L";.;" : L";");
    wcscat(buffer, system_dir);
    wcscat(buffer, L";");
    wcscat(buffer, windows_dir);
    wcscat(buffer, L";");
    length = (DWORD)wcslen(buffer);
    if (!GetEnvironmentVariableW(L"PATH", buffer + length, PATH_SIZE - length)) buffer[length] = 0;
}

DWORD WINAPI SearchPathW(const WCHAR *path, const WCHAR *name, const WCHAR *extension, DWORD size, WCHAR *buffer, WCHAR **file_part)
{
    WCHAR *candidate, *searched = NULL;
    const WCHAR *p, *end, *base;
    size_t name_length, extension_length;
    DWORD result = 0;
    BOOL found = FALSE;

    if (!name || !name[0])
    {
        set_error(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (!(candidate = path_buffer())) return 0;
    name_length = wcslen(name);
    for (base = name + name_length; base > name && base[-1] != '\\' && base[-1] != '/' && base[-1] != ':'; base--) ;
    /* The extension is for names that have none. */
    extension_length = extension && !wcschr(base, '.') ? wcslen(extension) : 0;

    if (base > name || (name[0] == '.' && (!name[1] || name[1] == '.')))
    {
        /* A path: looked at where it points, only. */
        if (name_length + extension_length < PATH_SIZE)
        {
            memcpy(candidate, name, (name_length + 1) * sizeof(WCHAR));
            found = GetFileAttributesW(candidate) != INVALID_FILE_ATTRIBUTES;
            if (!found && extension_length)
            {
                memcpy(candidate + name_length, extension, (extension_length + 1) * sizeof(WCHAR));
                found = GetFileAttributesW(candidate) != INVALID_FILE_ATTRIBUTES;
            }
        }
    }
    else
    {
        if (!path)
        {
            if (!(searched = path_buffer()))
            {
                heap_free(candidate);
                return 0;
            }
            program_search_path(searched, TRUE);
            path = searched;
        }
        for (p = path; *p && !found; p = *end ? end + 1 : end)
        {
            size_t length = (size_t)((end = p + wcscspn(p, L";")) - p);

            if (!length || length + name_length + extension_length + 2 > PATH_SIZE) continue;
            memcpy(candidate, p, length * sizeof(WCHAR));
            if (candidate[length - 1] != '\\' && candidate[length - 1] != '/') candidate[length++] = '\\';
            memcpy(candidate + length, name, (name_length + 1) * sizeof(WCHAR));
            memcpy(candidate + length + name_length, extension ? extension : L"", (extension_length + (extension_length ? 1 : 0)) * sizeof(WCHAR));
            found = GetFileAttributesW(candidate) != INVALID_FILE_ATTRIBUTES;
        }
    }
    if (found) result = GetFullPathNameW(candidate, size, buffer, file_part);
    else set_error(ERROR_FILE_NOT_FOUND);
    heap_free(searched);
    heap_free(candidate);
    return result;
}

DWORD WINAPI SearchPathA(const char *path, const char *name, const char *extension, DWORD size, char *buffer, char **file_part)
{
    UNICODE_STRING wide_path, wide_name, wide_extension;
    WCHAR *found, *wide_part = NULL;
    DWORD length, result = 0;

    if (!name)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return 0;
    }
    if (!wide_from_file_name(&wide_path, path)) return 0;
    if (wide_from_file_name(&wide_name, name))
    {
        if (wide_from_file_name(&wide_extension, extension))
        {
            if ((found = path_buffer()))
            {
                length = SearchPathW(wide_path.Buffer, wide_name.Buffer, wide_extension.Buffer, PATH_SIZE, found, &wide_part);
                if (length) result = file_name_result(found, length, buffer, size);
                if (length && result < size && file_part)
                    *file_part = wide_part ? buffer + file_name_result(found, (DWORD)(wide_part - found), NULL, 0) - 1 : NULL;
                heap_free(found);
            }
            RtlFreeUnicodeString(&wide_extension);
        }
        RtlFreeUnicodeString(&wide_name);
    }
    RtlFreeUnicodeString(&wide_path);
    return result;
}

BOOL WINAPI NeedCurrentDirectoryForExePathW(const WCHAR *name)
{
    if (wcschr(name, '\\')) return TRUE;
    return !GetEnvironmentVariableW(L"NoDefaultCurrentDirectoryInExePath", NULL, 0);
}

BOOL WINAPI NeedCurrentDirectoryForExePathA(const char *name)
{
    if (strchr(name, '\\')) return TRUE;
    return !GetEnvironmentVariableW(L"NoDefaultCurrentDirectoryInExePath", NULL, 0);
}
