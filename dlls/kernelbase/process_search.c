/* The search for the program of a command line: along the path that programs are searched along, with ".exe" where the name
 * has no extension. Only a name that no Windows program has may be that of a program of the host (doc/processes.md): a file
 * in ELF or a script with "#!", that may be executed.
 */
#include "kernelbase.h"
#include "process_search.h"

#define PATH_ROOM PROGRAM_PATH_ROOM

static BOOL is_file(const WCHAR *path)
{
    DWORD attributes = GetFileAttributesW(path);

    return attributes != INVALID_FILE_ATTRIBUTES && !(attributes & FILE_ATTRIBUTE_DIRECTORY);
}

static BOOL has_extension(const WCHAR *name)
{
    const WCHAR *dot = wcsrchr(name, '.');

    return dot && !wcspbrk(dot, L"\\/");
}

/* ---- programs of the host ------------------------------------------------------------------------------------ */

#define FileStatLxInformation ((FILE_INFORMATION_CLASS)70)
#define LX_REGULAR_FILE       0100000
#define LX_FILE_TYPE          0170000
#define LX_MAY_EXECUTE        0111

struct file_stat_lx             /* FILE_STAT_LX_INFORMATION, which headers lack */
{
    LARGE_INTEGER id, created, accessed, written, changed, allocation, end;
    ULONG attributes, reparse_tag, links, effective_access;
    ULONG lx_flags, lx_uid, lx_gid, lx_mode, lx_major, lx_minor;
};

NTSTATUS NTAPI NtQueryInformationByName(OBJECT_ATTRIBUTES *attr, IO_STATUS_BLOCK *iosb, void *buffer, ULONG length,
                                        FILE_INFORMATION_CLASS class);

static BOOL may_execute(const WCHAR *path)
{
    struct file_stat_lx info = { .lx_mode = 0 };
    UNICODE_STRING nt_name;
    OBJECT_ATTRIBUTES attr;
    IO_STATUS_BLOCK iosb;
    NTSTATUS status;

    if (!RtlDosPathNameToNtPathName_U(path, &nt_name, NULL, NULL)) return FALSE;
    InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE, NULL, NULL);
    status = NtQueryInformationByName(&attr, &iosb, &info, sizeof(info), FileStatLxInformation);
    RtlFreeUnicodeString(&nt_name);
    return !status && (info.lx_mode & LX_FILE_TYPE) == LX_REGULAR_FILE && (info.lx_mode & LX_MAY_EXECUTE);
}

static BOOL is_native(const WCHAR *path)
{
    BYTE head[4] = { 0 };
    DWORD size = 0;
    HANDLE file;

    if (!is_file(path) || !may_execute(path)) return FALSE;
    file = CreateFileW(path, GENERIC_READ, FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, NULL, OPEN_EXISTING, 0, NULL);
    if (file == INVALID_HANDLE_VALUE) return FALSE;
    ReadFile(file, head, sizeof(head), &size, NULL);
    NtClose(file);
    return (size >= 2 && !memcmp(head, "#!", 2)) || (size == 4 && !memcmp(head, "\177ELF", 4));
}

/* The first along the search path, which is cut up. What has the name and is none does not end the search. */
static BOOL find_native(const WCHAR *name, WCHAR *path, WCHAR *found)
{
    WCHAR *folder, *end;
    BOOL ok = FALSE;

    for (folder = path; !ok && *folder; folder = end)
    {
        DWORD length;

        end = folder + wcscspn(folder, L";");
        if (*end) *end++ = 0;
        length = *folder ? SearchPathW(folder, name, NULL, PATH_ROOM, found, NULL) : 0;
        ok = length && length < PATH_ROOM && is_native(found);
    }
    return ok || fail(ERROR_FILE_NOT_FOUND);
}

/* ---- the search ------------------------------------------------------------------------------------------------ */

static BOOL find_along_path(const WCHAR *name, WCHAR *found)
{
    WCHAR *path = heap_alloc(PATH_ROOM * sizeof(WCHAR));
    DWORD length;
    BOOL ok;

    if (!path) return fail(ERROR_NOT_ENOUGH_MEMORY);
    program_search_path(path, NeedCurrentDirectoryForExePathW(name));
    length = SearchPathW(path, name, L".exe", PATH_ROOM, found, NULL);
    ok = (length && length < PATH_ROOM && is_file(found)) || find_native(name, path, found);
    heap_free(path);
    return ok;
}

/* Looks for name as a program: with its folder there alone, else along the search path, with and without ".exe".
 * found has PATH_ROOM characters. Else the last error says why not. */
static BOOL find_program(const WCHAR *name, WCHAR *found)
{
    DWORD length = (DWORD)wcslen(name);

    if (!length) return fail(ERROR_FILE_NOT_FOUND);
    if (!wcspbrk(name, L"\\/:")) return find_along_path(name, found);
    if (length + 5 > PATH_ROOM) return fail(ERROR_FILENAME_EXCED_RANGE);
    memcpy(found, name, (length + 1) * sizeof(WCHAR));
    if (is_file(found) && (has_extension(name) || !is_native(found))) return TRUE;
    if (!has_extension(name))
    {
        wcscpy(found + length, L".exe");
        if (is_file(found)) return TRUE;
        found[length] = 0;
        if (is_file(found)) return TRUE;
    }
    if (GetFileAttributesW(found) != INVALID_FILE_ATTRIBUTES) return fail(ERROR_ACCESS_DENIED);    /* a folder */
    return FALSE;
}

BOOL program_of_line(const WCHAR *line, WCHAR *found, WCHAR **word, const WCHAR **rest, BOOL *several)
{
    WCHAR *name = *word = heap_alloc((wcslen(line) + 1) * sizeof(WCHAR));
    const WCHAR *end;
    DWORD error = 0;
    BOOL ok = FALSE;

    *several = FALSE;
    if (!name) return fail(ERROR_NOT_ENOUGH_MEMORY);
    if (*line == '"')
    {
        end = wcschr(line + 1, '"');
        if (!end) end = line + wcslen(line);
        memcpy(name, line + 1, (end - line - 1) * sizeof(WCHAR));
        name[end - line - 1] = 0;
        ok = find_program(name, found);
        *rest = end;
    }
    else for (end = line; !ok; end++)
    {
        for (; *end && *end != ' ' && *end != '\t'; end++) ;
        memcpy(name, line, (end - line) * sizeof(WCHAR));
        name[end - line] = 0;
        ok = find_program(name, found);
        *rest = end;
        if (ok || !*end) break;
        if (!error) error = get_error();        /* the one that the user means */
        *several = TRUE;
    }
    if (!ok && error) set_error(error);
    return ok;
}
