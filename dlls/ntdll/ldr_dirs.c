/* Folders that programs add to the search for DLLs, and the search as a string. */

#include "ldr.h"

struct user_directory
{
    struct user_directory *next;
    UNICODE_STRING path;
    WCHAR buffer[];
};

UNICODE_STRING dll_directory;
bool dll_directory_set;
ULONG default_search_flags;

static struct user_directory *directories;      /* last added first, as Windows searches them */

unsigned int user_directories(UNICODE_STRING *steps, unsigned int room)
{
    struct user_directory *directory;
    unsigned int n = 0;

    for (directory = directories; directory && n < room; directory = directory->next) steps[n++] = directory->path;
    return n;
}

NTSTATUS WINAPI LdrAddDllDirectory(const UNICODE_STRING *path, void **cookie)
{
    struct user_directory *directory;
    OBJECT_ATTRIBUTES attributes;
    FILE_BASIC_INFORMATION info;
    UNICODE_STRING nt_name;
    NTSTATUS status;

    if (!(directory = ldr_alloc(sizeof(*directory) + path->Length + sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    memcpy(directory->buffer, path->Buffer, path->Length);
    directory->path.Buffer = directory->buffer;
    directory->path.Length = path->Length;
    directory->path.MaximumLength = path->Length + sizeof(WCHAR);
    switch (RtlDetermineDosPathNameType_U(directory->buffer))
    {
    case RELATIVE_PATH:
    case RELATIVE_DRIVE_PATH:
        ldr_free(directory);
        return STATUS_INVALID_PARAMETER;
    default:
        break;
    }
    if (RtlDosPathNameToNtPathName_U(directory->buffer, &nt_name, NULL, NULL))
    {
        InitializeObjectAttributes(&attributes, &nt_name, OBJ_CASE_INSENSITIVE, 0, NULL);
        status = NtQueryAttributesFile(&attributes, &info);
        RtlFreeUnicodeString(&nt_name);
    }
    else status = STATUS_INVALID_PARAMETER;
    if (status)
    {
        ldr_free(directory);
        return status;
    }
    RtlEnterCriticalSection(&loader_lock);
    directory->next = directories;
    directories = directory;
    RtlLeaveCriticalSection(&loader_lock);
    *cookie = directory;
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI LdrRemoveDllDirectory(void *cookie)
{
    struct user_directory **link, *found;

    RtlEnterCriticalSection(&loader_lock);
    for (link = &directories; *link && *link != cookie; link = &(*link)->next) ;
    if ((found = *link)) *link = found->next;
    RtlLeaveCriticalSection(&loader_lock);
    ldr_free(found);
    return found ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

NTSTATUS WINAPI LdrSetDefaultDllDirectories(ULONG flags)
{
    enum { ALLOWED = LOAD_LIBRARY_SEARCH_APPLICATION_DIR | LOAD_LIBRARY_SEARCH_USER_DIRS
                     | LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS };

    if (!flags || flags & ~(ULONG)ALLOWED) return STATUS_INVALID_PARAMETER;
    default_search_flags = flags;
    return STATUS_SUCCESS;
}

/* An empty path takes the current directory out of the search, none puts it back. */
NTSTATUS WINAPI LdrSetDllDirectory(const UNICODE_STRING *path)
{
    UNICODE_STRING copy = { 0 };
    WCHAR *old;

    if (path->Buffer && path->Length)
    {
        if (!(copy.Buffer = ldr_alloc(path->Length + sizeof(WCHAR)))) return STATUS_NO_MEMORY;
        memcpy(copy.Buffer, path->Buffer, path->Length);
        copy.Length = path->Length;
        copy.MaximumLength = path->Length + sizeof(WCHAR);
    }
    RtlEnterCriticalSection(&loader_lock);
    old = dll_directory.Buffer;
    dll_directory = copy;
    dll_directory_set = path->Buffer != NULL;
    RtlLeaveCriticalSection(&loader_lock);
    ldr_free(old);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI LdrGetDllDirectory(UNICODE_STRING *path)
{
    NTSTATUS status = STATUS_SUCCESS;

    RtlEnterCriticalSection(&loader_lock);
    path->Length = dll_directory.Length + sizeof(WCHAR);
    if (path->Length > path->MaximumLength)
    {
        status = STATUS_BUFFER_TOO_SMALL;
        if (path->MaximumLength >= sizeof(WCHAR)) path->Buffer[0] = 0;
    }
    else
    {
        memcpy(path->Buffer, dll_directory.Buffer ? dll_directory.Buffer : L"", dll_directory.Length);
        path->Buffer[dll_directory.Length / sizeof(WCHAR)] = 0;
        path->Length = dll_directory.Length;
    }
    RtlLeaveCriticalSection(&loader_lock);
    return status;
}

/* ---- the search as a string ------------------------------------------------------------------ */

static NTSTATUS join(const UNICODE_STRING *steps, unsigned int count, WCHAR **path)
{
    unsigned int i, n = 0;
    size_t size = 0;
    WCHAR *buffer;

    for (i = 0; i < count; i++) size += steps[i].Length + sizeof(WCHAR);
    if (!(buffer = ldr_alloc(size + sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    for (i = 0; i < count; i++)
    {
        if (!steps[i].Length) continue;
        if (n) buffer[n++] = ';';
        memcpy(buffer + n, steps[i].Buffer, steps[i].Length);
        n += steps[i].Length / sizeof(WCHAR);
    }
    *path = buffer;
    return STATUS_SUCCESS;
}

/* The folders that a load with these flags searches, for LdrLoadDll; freed with RtlReleasePath. */
NTSTATUS WINAPI LdrGetDllPath(const WCHAR *module, ULONG flags, WCHAR **path, WCHAR **unknown)
{
    UNICODE_STRING steps[MAX_SEARCH_STEPS], dll = { 0 };
    NTSTATUS status;

    *path = NULL;
    if (module) RtlInitUnicodeString(&dll, module);
    if (flags & LOAD_WITH_ALTERED_SEARCH_PATH && flags & 0x1f00) return STATUS_INVALID_PARAMETER;
    if (flags & LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR && (!module || !name_is_absolute(&dll))) return STATUS_INVALID_PARAMETER;

    RtlEnterCriticalSection(&loader_lock);
    status = join(steps, search_plan(flags, module ? &dll : NULL, steps), path);
    RtlLeaveCriticalSection(&loader_lock);
    if (unknown) *unknown = NULL;
    return status;
}

void WINAPI RtlReleasePath(WCHAR *path)
{
    ldr_free(path);
}

/* What SearchPath looks through when it is given no path; freed with RtlReleasePath. */
NTSTATUS WINAPI RtlGetSearchPath(WCHAR **path)
{
    UNICODE_STRING steps[MAX_SEARCH_STEPS];
    NTSTATUS status;

    RtlEnterCriticalSection(&loader_lock);
    status = join(steps, search_plan_programs(true, steps), path);
    RtlLeaveCriticalSection(&loader_lock);
    return status;
}

/* What CreateProcess looks through for a program of this name. */
NTSTATUS WINAPI RtlGetExePath(const WCHAR *name, WCHAR **path)
{
    static UNICODE_STRING variable = CONSTANT_STRING(L"NoDefaultCurrentDirectoryInExePath");
    UNICODE_STRING steps[MAX_SEARCH_STEPS], value = { 0 };
    bool current = RtlQueryEnvironmentVariable_U(NULL, &variable, &value) == STATUS_VARIABLE_NOT_FOUND;
    NTSTATUS status;

    for (; *name; name++) if (*name == '\\') current = true;
    RtlEnterCriticalSection(&loader_lock);
    status = join(steps, search_plan_programs(current, steps), path);
    RtlLeaveCriticalSection(&loader_lock);
    return status;
}
