/* From a DLL's name to an open file.
 *
 * Windows' order with one addition, ORIEL_PATH: the application's folder, ORIEL_PATH, the folder of
 * SetDllDirectory, our DLLs (C:\windows\system32), the current directory, PATH. DLLs that on Windows
 * are "known DLLs" come from the system folder whatever lies beside the program; everything else,
 * the redistributable C and C++ runtimes above all, is taken from beside the program first.
 */

#include "ldr.h"

const WCHAR system_dir[20] = L"C:\\windows\\system32";

static const char known_dlls[] =
    "advapi32\0bcryptprimitives\0clbcatq\0combase\0comdlg32\0coml2\0gdi32\0gdi32full\0imagehlp\0imm32\0kernel32\0"
    "kernelbase\0msctf\0msvcp_win\0msvcrt\0normaliz\0nsi\0ntdll\0ole32\0oleaut32\0psapi\0rpcrt4\0sechost\0setupapi\0"
    "shcore\0shell32\0shlwapi\0user32\0win32u\0ws2_32\0";

static WCHAR fold(WCHAR c)
{
    if (c < 'A') return c;
    if (c < 128) return c <= 'Z' ? c + ('a' - 'A') : c;
    return RtlDowncaseUnicodeChar(c);
}

bool names_equal(const UNICODE_STRING *a, const UNICODE_STRING *b)
{
    unsigned int i;

    if (a->Length != b->Length) return false;
    for (i = 0; i < a->Length / sizeof(WCHAR); i++)
        if (a->Buffer[i] != b->Buffer[i] && fold(a->Buffer[i]) != fold(b->Buffer[i])) return false;
    return true;
}

static bool is_slash(WCHAR c)
{
    return c == '\\' || c == '/';
}


/* Has a drive or begins at a root: no search is made for it. */
bool name_is_absolute(const UNICODE_STRING *name)
{
    if (name->Length < sizeof(WCHAR)) return false;
    if (is_slash(name->Buffer[0])) return true;
    return name->Length >= 2 * sizeof(WCHAR) && name->Buffer[1] == ':';
}

UNICODE_STRING name_base(const UNICODE_STRING *path)
{
    UNICODE_STRING base = *path;
    unsigned int i;

    for (i = path->Length / sizeof(WCHAR); i && !is_slash(path->Buffer[i - 1]); i--) ;
    base.Buffer += i;
    base.Length -= i * sizeof(WCHAR);
    base.MaximumLength -= i * sizeof(WCHAR);
    return base;
}

/* "foo" is foo.dll, "foo." is a file without an extension, anything else is meant as it is. */
NTSTATUS dll_name_complete(const UNICODE_STRING *name, WCHAR *buffer, size_t size, UNICODE_STRING *completed)
{
    unsigned int length = name->Length / sizeof(WCHAR), i;

    *completed = *name;
    for (i = length; i && !is_slash(name->Buffer[i - 1]); i--)
    {
        if (name->Buffer[i - 1] != '.') continue;
        if (i == length) completed->Length -= sizeof(WCHAR);
        return STATUS_SUCCESS;
    }
    if (!length) return STATUS_INVALID_PARAMETER;
    if (size < name->Length + sizeof(L".dll")) return STATUS_NAME_TOO_LONG;
    memcpy(buffer, name->Buffer, name->Length);
    memcpy(buffer + length, L".dll", sizeof(L".dll"));
    completed->Buffer = buffer;
    completed->Length = name->Length + 4 * sizeof(WCHAR);
    completed->MaximumLength = completed->Length + sizeof(WCHAR);
    return STATUS_SUCCESS;
}

static bool is_known_dll(const UNICODE_STRING *name)
{
    unsigned int length = name->Length / sizeof(WCHAR), i;
    const char *known;

    if (length <= 4 || fold(name->Buffer[length - 1]) != 'l' || name->Buffer[length - 4] != '.') return false;
    length -= 4;
    for (known = known_dlls; *known; known += strlen(known) + 1)
    {
        for (i = 0; i < length && known[i] && fold(name->Buffer[i]) == (WCHAR)known[i]; i++) ;
        if (i == length && !known[i]) return true;
    }
    return false;
}

/* A variable of the process's environment. Not copied: the loader lock does not guard it, but a DLL
 * search races with SetEnvironmentVariable on Windows too. */
static UNICODE_STRING environment_variable(const WCHAR *name)
{
    const WCHAR *entry = current_peb()->ProcessParameters->Environment;
    UNICODE_STRING value = { 0 };
    unsigned int i;

    for (; entry && *entry; entry++)
    {
        for (i = 0; name[i] && fold(entry[i]) == fold(name[i]); i++) ;
        if (!name[i] && entry[i] == '=')
        {
            RtlInitUnicodeString(&value, entry + i + 1);
            break;
        }
        while (*entry) entry++;
    }
    return value;
}

static UNICODE_STRING folder_of(const UNICODE_STRING *path)
{
    UNICODE_STRING base = name_base(path), folder = *path;

    folder.Length -= base.Length;
    if (folder.Length > 3 * sizeof(WCHAR)) folder.Length -= sizeof(WCHAR);      /* not of C:\ */
    return folder;
}

unsigned int search_plan(ULONG flags, const UNICODE_STRING *dll, UNICODE_STRING steps[MAX_SEARCH_STEPS])
{
    static const UNICODE_STRING system_folder = CONSTANT_STRING(system_dir);
    const UNICODE_STRING *program = &exe_module->ldr.FullDllName;
    unsigned int n = 0;

    if (!(flags & 0x1f00)) flags |= default_search_flags;
    if (flags & 0x1f00)
    {
        if (flags & LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
            flags |= LOAD_LIBRARY_SEARCH_APPLICATION_DIR | LOAD_LIBRARY_SEARCH_USER_DIRS | LOAD_LIBRARY_SEARCH_SYSTEM32;
        if (flags & LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR && dll && name_is_absolute(dll)) steps[n++] = folder_of(dll);
        if (flags & LOAD_LIBRARY_SEARCH_APPLICATION_DIR)
        {
            steps[n++] = folder_of(program);
            steps[n++] = environment_variable(L"ORIEL_PATH");
        }
        if (flags & LOAD_LIBRARY_SEARCH_USER_DIRS)
        {
            n += user_directories(steps + n, MAX_SEARCH_STEPS - n - 2);
            if (dll_directory.Length) steps[n++] = dll_directory;
        }
        if (flags & LOAD_LIBRARY_SEARCH_SYSTEM32) steps[n++] = system_folder;
        return n;
    }

    steps[n++] = folder_of(flags & LOAD_WITH_ALTERED_SEARCH_PATH && dll && name_is_absolute(dll) ? dll : program);
    steps[n++] = environment_variable(L"ORIEL_PATH");
    if (dll_directory.Length) steps[n++] = dll_directory;
    steps[n++] = system_folder;
    if (!dll_directory_set) steps[n++] = current_peb()->ProcessParameters->CurrentDirectory.DosPath;
    steps[n++] = environment_variable(L"PATH");
    return n;
}

unsigned int search_plan_programs(bool current_directory, UNICODE_STRING steps[MAX_SEARCH_STEPS])
{
    static const UNICODE_STRING system_folder = CONSTANT_STRING(system_dir);
    unsigned int n = 0;

    steps[n++] = folder_of(&exe_module->ldr.FullDllName);
    if (current_directory) steps[n++] = current_peb()->ProcessParameters->CurrentDirectory.DosPath;
    steps[n++] = environment_variable(L"ORIEL_PATH");
    steps[n++] = system_folder;
    steps[n++] = environment_variable(L"PATH");
    return n;
}

/* ---- opening ------------------------------------------------------------------------------- */

/* The NT name of an absolute DOS path, and where in it the DOS path begins: \??\ stands before it,
 * or takes the place of the first four characters of \\?\..., or becomes \??\UNC\ for \\server. */
static WCHAR *nt_path(const UNICODE_STRING *folder, const UNICODE_STRING *name, UNICODE_STRING *nt, unsigned int *dos_length)
{
    unsigned int folder_length = folder ? folder->Length / sizeof(WCHAR) : 0, name_length = name->Length / sizeof(WCHAR);
    unsigned int n;
    WCHAR *buffer = ldr_alloc((8 + folder_length + 1 + name_length + 1) * sizeof(WCHAR)), *dos = buffer + 8, *start;

    if (!buffer) return NULL;
    if (folder) memcpy(dos, folder->Buffer, folder->Length);
    n = folder_length;
    if (n && !is_slash(dos[n - 1])) dos[n++] = '\\';
    memcpy(dos + n, name->Buffer, name_length * sizeof(WCHAR));
    n += name_length;
    *dos_length = n;

    if (n > 4 && is_slash(dos[0]) && is_slash(dos[1]) && (dos[2] == '?' || dos[2] == '.') && is_slash(dos[3]))
    {
        start = dos;                    /* only while it is opened; put back by the caller */
        memcpy(start, L"\\??\\", 4 * sizeof(WCHAR));
    }
    else if (n > 2 && is_slash(dos[0]) && is_slash(dos[1]))
    {
        start = dos - 6;
        memcpy(start, L"\\??\\UNC", 7 * sizeof(WCHAR));
    }
    else
    {
        start = dos - 4;
        memcpy(start, L"\\??\\", 4 * sizeof(WCHAR));
    }
    nt->Buffer = start;
    nt->Length = nt->MaximumLength = (dos + n - start) * sizeof(WCHAR);
    return buffer;
}

static NTSTATUS open_at(const UNICODE_STRING *folder, const UNICODE_STRING *name, bool builtin, struct found_file *found)
{
    OBJECT_ATTRIBUTES attributes;
    IO_STATUS_BLOCK io;
    UNICODE_STRING nt;
    unsigned int length, i;
    NTSTATUS status;
    WCHAR *buffer;

    if ((folder ? folder->Length : 0) + name->Length > 0xffff - 16 * (int)sizeof(WCHAR)) return STATUS_NAME_TOO_LONG;
    if (!(buffer = nt_path(folder, name, &nt, &length))) return STATUS_NO_MEMORY;
    if (builtin) for (i = folder->Length / sizeof(WCHAR); i < length; i++) buffer[8 + i] = fold(buffer[8 + i]);
    InitializeObjectAttributes(&attributes, &nt, OBJ_CASE_INSENSITIVE, 0, NULL);
    status = NtOpenFile(&found->file, FILE_READ_DATA | FILE_EXECUTE | SYNCHRONIZE, &attributes, &io,
                        FILE_SHARE_READ | FILE_SHARE_DELETE, FILE_NON_DIRECTORY_FILE | FILE_SYNCHRONOUS_IO_NONALERT);
    if (status)
    {
        ldr_free(buffer);
        switch (status)
        {
        case STATUS_OBJECT_NAME_NOT_FOUND:
        case STATUS_OBJECT_PATH_NOT_FOUND:
        case STATUS_OBJECT_NAME_INVALID:
        case STATUS_OBJECT_PATH_SYNTAX_BAD:
        case STATUS_OBJECT_PATH_INVALID:
        case STATUS_NOT_A_DIRECTORY:
        case STATUS_FILE_IS_A_DIRECTORY:
        case STATUS_NO_SUCH_DEVICE:
        case STATUS_BAD_NETWORK_PATH:
            return STATUS_DLL_NOT_FOUND;
        }
        return status;
    }
    if (nt.Buffer == buffer + 8) memcpy(nt.Buffer, L"\\\\?\\", 4 * sizeof(WCHAR));
    if (nt.Buffer == buffer + 2) buffer[8] = '\\';
    memmove(buffer, buffer + 8, length * sizeof(WCHAR));
    buffer[length] = 0;
    found->full_name.Buffer = buffer;
    found->full_name.Length = length * sizeof(WCHAR);
    found->full_name.MaximumLength = found->full_name.Length + sizeof(WCHAR);
    found->builtin = builtin;
    return STATUS_SUCCESS;
}

static bool is_system_folder(const UNICODE_STRING *folder)
{
    static const UNICODE_STRING system_folder = CONSTANT_STRING(system_dir);
    return names_equal(folder, &system_folder);
}

/* A path the caller wrote: dots and slashes are resolved first. The folder is put before it, if any. */
static NTSTATUS open_path(const UNICODE_STRING *folder, const UNICODE_STRING *name, struct found_file *found)
{
    unsigned int folder_length = folder ? folder->Length / sizeof(WCHAR) : 0, name_length = name->Length / sizeof(WCHAR);
    UNICODE_STRING full = { 0 }, full_folder, base;
    NTSTATUS status = STATUS_DLL_NOT_FOUND;
    WCHAR *path;
    ULONG size;

    if (!(path = ldr_alloc((folder_length + 1 + name_length + 1) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    if (folder)
    {
        memcpy(path, folder->Buffer, folder->Length);
        path[folder_length++] = '\\';
    }
    memcpy(path + folder_length, name->Buffer, name->Length);
    size = RtlGetFullPathName_U(path, 0, NULL, NULL);
    if (size && size < 0xfff0)
    {
        if ((full.Buffer = ldr_alloc(size + sizeof(WCHAR))))
        {
            full.Length = RtlGetFullPathName_U(path, size + sizeof(WCHAR), full.Buffer, NULL);
            full.MaximumLength = size + sizeof(WCHAR);
            full_folder = folder_of(&full);
            base = name_base(&full);
            if (is_system_folder(&full_folder)) status = open_at(&full_folder, &base, true, found);
            else status = open_at(NULL, &full, false, found);
        }
        else status = STATUS_NO_MEMORY;
    }
    ldr_free(full.Buffer);
    ldr_free(path);
    return status;
}

/* No slash, doubled backslash or dot component that would give one file two names. */
static bool is_canonical(const UNICODE_STRING *folder)
{
    unsigned int length = folder->Length / sizeof(WCHAR), i;

    for (i = 0; i < length; i++)
    {
        if (folder->Buffer[i] == '/') return false;
        if (i > 1 && folder->Buffer[i - 1] == '\\' && (folder->Buffer[i] == '\\' || folder->Buffer[i] == '.')) return false;
    }
    return true;
}

/* Each folder of a ';'-separated list. Quotes around a folder are allowed in PATH. */
static NTSTATUS open_in_list(const UNICODE_STRING *list, const UNICODE_STRING *name, struct found_file *found)
{
    const WCHAR *at = list->Buffer, *end = at + list->Length / sizeof(WCHAR);
    bool relative_path = name_base(name).Length != name->Length;
    NTSTATUS status = STATUS_DLL_NOT_FOUND;

    while (at < end && status == STATUS_DLL_NOT_FOUND)
    {
        const WCHAR *stop = at;
        UNICODE_STRING folder;

        while (stop < end && *stop != ';') stop++;
        folder.Buffer = (WCHAR *)at;
        folder.Length = (stop - at) * sizeof(WCHAR);
        if (folder.Length > 2 * sizeof(WCHAR) && *at == '"' && stop[-1] == '"')
        {
            folder.Buffer++;
            folder.Length -= 2 * sizeof(WCHAR);
        }
        folder.MaximumLength = folder.Length;
        if (!name_is_absolute(&folder)) ;
        else if (relative_path || !is_canonical(&folder)) status = open_path(&folder, name, found);
        else status = open_at(&folder, name, is_system_folder(&folder), found);
        at = stop + 1;
    }
    return status;
}

NTSTATUS search_open(const struct load_context *context, const UNICODE_STRING *name, struct found_file *found)
{
    static const UNICODE_STRING system_folder = CONSTANT_STRING(system_dir);
    UNICODE_STRING steps[MAX_SEARCH_STEPS];
    unsigned int count, i;
    NTSTATUS status;

    if (name_is_absolute(name)) return open_path(NULL, name, found);
    if (is_known_dll(name))
    {
        status = open_at(&system_folder, name, true, found);
        if (status != STATUS_DLL_NOT_FOUND) return status;
    }
    if (context->path)
    {
        RtlInitUnicodeString(&steps[0], context->path);
        count = 1;
    }
    else count = search_plan(context->search_flags, name, steps);

    for (i = 0; i < count; i++)
    {
        status = open_in_list(&steps[i], name, found);
        if (status != STATUS_DLL_NOT_FOUND) return status;
    }
    return STATUS_DLL_NOT_FOUND;
}
