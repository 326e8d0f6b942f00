/* Modules: load, find, free, and the folders they are searched in. Over ntdll's Ldr functions. */
#include "kernelbase.h"

/* A module mapped as data carries its kind in the low bits of the handle: 1 a flat file, 2 an image. */
#define DATA_FILE_TAG  1
#define IMAGE_DATA_TAG 2
#define is_data_module(module) (((ULONG_PTR)(module) & (DATA_FILE_TAG | IMAGE_DATA_TAG)) != 0)

#define SEARCH_FLAGS (LOAD_WITH_ALTERED_SEARCH_PATH | LOAD_LIBRARY_SEARCH_DLL_LOAD_DIR | LOAD_LIBRARY_SEARCH_APPLICATION_DIR | \
                      LOAD_LIBRARY_SEARCH_USER_DIRS | LOAD_LIBRARY_SEARCH_SYSTEM32 | LOAD_LIBRARY_SEARCH_DEFAULT_DIRS)
#define DATA_FLAGS (LOAD_LIBRARY_AS_DATAFILE | LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE | LOAD_LIBRARY_AS_IMAGE_RESOURCE)

DECLSPEC_IMPORT NTSTATUS WINAPI RtlImageNtHeaderEx(ULONG flags, void *base, ULONG64 size, IMAGE_NT_HEADERS **headers);

/* ---- as data ---------------------------------------------------------------------------------------- */
/* A flat file's headers, with all its sections'. */
static BOOL headers_inside(void *base, SIZE_T size)
{
    IMAGE_NT_HEADERS *nt;
    const IMAGE_SECTION_HEADER *sections;

    if (RtlImageNtHeaderEx(0, (HMODULE)base, size, &nt) < 0 || (SIZE_T)((BYTE *)(nt + 1) - (BYTE *)base) > size) return FALSE;
    sections = IMAGE_FIRST_SECTION(nt);
    return (SIZE_T)((BYTE *)(sections + nt->FileHeader.NumberOfSections) - (BYTE *)base) <= size;
}

static NTSTATUS map_data(HANDLE file, BOOL image, HMODULE *module)
{
    void *base = NULL;
    SIZE_T size = 0;
    HANDLE section;
    NTSTATUS status;

    status = NtCreateSection(&section, STANDARD_RIGHTS_REQUIRED | SECTION_MAP_READ | SECTION_QUERY, NULL, NULL,
                             PAGE_READONLY, image ? SEC_IMAGE_NO_EXECUTE : SEC_COMMIT, file);
    if (status < 0) return status;
    status = NtMapViewOfSection(section, NtCurrentProcess(), &base, 0, 0, NULL, &size, ViewShare, 0, PAGE_READONLY);
    NtClose(section);
    if (status < 0) return status;
    if (!image && !headers_inside(base, size))
    {
        NtUnmapViewOfSection(NtCurrentProcess(), base);
        return STATUS_INVALID_IMAGE_FORMAT;
    }
    *module = (HMODULE)((ULONG_PTR)base | (image ? IMAGE_DATA_TAG : DATA_FILE_TAG));
    return STATUS_SUCCESS;
}

/* Files that nobody else may write while they are loaded: LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE. */
struct exclusive
{
    struct exclusive *next;
    HMODULE module;
    HANDLE  file;
};
static struct exclusive *exclusives;
static RTL_SRWLOCK exclusives_lock = RTL_SRWLOCK_INIT;

/* Takes the file, unless there is no memory. */
static BOOL keep_exclusive(HMODULE module, HANDLE file)
{
    struct exclusive *new = heap_alloc(sizeof(*new));

    if (!new) return FALSE;
    new->module = module;
    new->file = file;
    RtlAcquireSRWLockExclusive(&exclusives_lock);
    new->next = exclusives;
    exclusives = new;
    RtlReleaseSRWLockExclusive(&exclusives_lock);
    return TRUE;
}

static void release_exclusive(HMODULE module)
{
    struct exclusive *found, **p;

    RtlAcquireSRWLockExclusive(&exclusives_lock);
    for (p = &exclusives; (found = *p) && found->module != module; p = &found->next) ;
    if (found) *p = found->next;
    RtlReleaseSRWLockExclusive(&exclusives_lock);
    if (!found) return;
    NtClose(found->file);
    heap_free(found);
}

static HMODULE load_data(const WCHAR *name, const WCHAR *path, DWORD flags)
{
    WCHAR *found = heap_alloc(32768 * sizeof(WCHAR));
    DWORD share = FILE_SHARE_READ | FILE_SHARE_DELETE;
    HMODULE module = NULL;
    NTSTATUS status;
    HANDLE file;

    if (!found)
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    if (SearchPathW(path, name, L".dll", 32768, found, NULL))
    {
        file = CreateFileW(found, GENERIC_READ, share, NULL, OPEN_EXISTING, 0, NULL);
        if (file != INVALID_HANDLE_VALUE)
        {
            status = STATUS_INVALID_IMAGE_FORMAT;
            if (flags & LOAD_LIBRARY_AS_IMAGE_RESOURCE) status = map_data(file, TRUE, &module);
            if (status < 0 && (flags & (LOAD_LIBRARY_AS_DATAFILE | LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE)))
                status = map_data(file, FALSE, &module);
            nt_result(status);
            if (!module || !(flags & LOAD_LIBRARY_AS_DATAFILE_EXCLUSIVE) || !keep_exclusive(module, file)) NtClose(file);
        }
    }
    heap_free(found);
    return module;
}

static BOOL free_data(HMODULE module)
{
    MEMORY_BASIC_INFORMATION info;
    void *base = (void *)((ULONG_PTR)module & ~(ULONG_PTR)0xffff);

    if (NtQueryVirtualMemory(NtCurrentProcess(), base, MemoryBasicInformation, &info, sizeof(info), NULL) < 0 || info.AllocationBase != base ||
        (ULONG_PTR)module - (ULONG_PTR)base > IMAGE_DATA_TAG)
        return fail(ERROR_BAD_EXE_FORMAT);
    release_exclusive(module);
    return nt_result(NtUnmapViewOfSection(NtCurrentProcess(), base));
}

/* ---- load and free ---------------------------------------------------------------------------------- */
HMODULE WINAPI LoadLibraryExW(const WCHAR *name, HANDLE file, DWORD flags)
{
    UNICODE_STRING string;
    WCHAR *path = NULL, *unused = NULL;
    HMODULE module = NULL;
    NTSTATUS status;

    if (!name || file)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    status = RtlInitUnicodeStringEx(&string, name);
    if (status < 0)
    {
        nt_result(status);
        return NULL;
    }
    while (string.Length && string.Buffer[string.Length / sizeof(WCHAR) - 1] == ' ') string.Length -= sizeof(WCHAR);
    if (!string.Length)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (flags & SEARCH_FLAGS)
    {
        status = LdrGetDllPath(name, flags & SEARCH_FLAGS, &path, &unused);
        if (status < 0)
        {
            nt_result(status);
            return NULL;
        }
    }
    if (flags & DATA_FLAGS)
    {
        /* What is loaded as code serves as data, too; the reference keeps it. */
        if (LdrGetDllHandleEx(0, path, NULL, &string, &module) < 0) module = load_data(name, path, flags);
    }
    else
    {
        status = LdrLoadDll(path, flags, &string, &module);
        if (status < 0)
        {
            module = NULL;
            /* Opening a folder is refused by a name of its own. */
            if (status == STATUS_DLL_NOT_FOUND && !wcspbrk(name, L".")) set_error(ERROR_MOD_NOT_FOUND);
            else nt_result(status);
        }
    }
    if (path) RtlReleasePath(path);
    return module;
}

HMODULE WINAPI LoadLibraryW(const WCHAR *name)
{
    return LoadLibraryExW(name, NULL, 0);
}

HMODULE WINAPI LoadLibraryExA(const char *name, HANDLE file, DWORD flags)
{
    UNICODE_STRING wide;
    HMODULE module;

    if (!wide_from_file_name(&wide, name)) return NULL;
    module = LoadLibraryExW(wide.Buffer, file, flags);
    RtlFreeUnicodeString(&wide);
    return module;
}

HMODULE WINAPI LoadLibraryA(const char *name)
{
    return LoadLibraryExA(name, NULL, 0);
}

BOOL WINAPI FreeLibrary(HMODULE module)
{
    if (!module) return fail(ERROR_INVALID_HANDLE);
    if (is_data_module(module)) return free_data(module);
    return nt_result(LdrUnloadDll(module));
}

void WINAPI FreeLibraryAndExitThread(HMODULE module, DWORD code)
{
    FreeLibrary(module);
    RtlExitUserThread(code);
}

BOOL WINAPI DisableThreadLibraryCalls(HMODULE module)
{
    return nt_result(LdrDisableThreadCalloutsForDll(module));
}

FARPROC WINAPI GetProcAddress(HMODULE module, const char *name)
{
    ANSI_STRING string;
    void *address;
    NTSTATUS status;

    if (is_data_module(module))
    {
        set_error(ERROR_MOD_NOT_FOUND);
        return NULL;
    }
    if (!module) module = NtCurrentTeb()->Peb->ImageBaseAddress;
    if ((ULONG_PTR)name >> 16)
    {
        RtlInitAnsiString(&string, name);
        status = LdrGetProcedureAddress(module, &string, 0, &address);
    }
    else status = LdrGetProcedureAddress(module, NULL, LOWORD((ULONG_PTR)name), &address);
    return nt_result(status) ? (FARPROC)address : NULL;
}

/* ---- find ------------------------------------------------------------------------------------------- */
BOOL WINAPI GetModuleHandleExW(DWORD flags, const WCHAR *name, HMODULE *module)
{
    UNICODE_STRING string;
    NTSTATUS status = STATUS_SUCCESS;
    HMODULE found = NULL;
    void *base;

    if (!module) return fail(ERROR_INVALID_PARAMETER);
    if ((flags & ~(GET_MODULE_HANDLE_EX_FLAG_PIN | GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT |
                   GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS)) ||
        ((flags & GET_MODULE_HANDLE_EX_FLAG_PIN) && (flags & GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT)) ||
        (!name && (flags & GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS)))
    {
        *module = NULL;
        return fail(ERROR_INVALID_PARAMETER);
    }
    if (flags & GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS)
    {
        if (!(found = RtlPcToFileHeader((void *)name, &base))) status = STATUS_DLL_NOT_FOUND;
    }
    else if (!name) found = NtCurrentTeb()->Peb->ImageBaseAddress;
    else
    {
        RtlInitUnicodeString(&string, name);
        status = LdrGetDllHandleEx(LDR_GET_DLL_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, NULL, NULL, &string, &found);
    }
    if (status >= 0 && !(flags & GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT))
        status = LdrAddRefDll(flags & GET_MODULE_HANDLE_EX_FLAG_PIN ? LDR_ADDREF_DLL_PIN : 0, found);
    *module = status >= 0 ? found : NULL;
    return nt_result(status);
}

BOOL WINAPI GetModuleHandleExA(DWORD flags, const char *name, HMODULE *module)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!name || (flags & GET_MODULE_HANDLE_EX_FLAG_FROM_ADDRESS))
        return GetModuleHandleExW(flags, (const WCHAR *)name, module);
    if (!wide_from_file_name(&wide, name)) return FALSE;
    ok = GetModuleHandleExW(flags, wide.Buffer, module);
    RtlFreeUnicodeString(&wide);
    return ok;
}

HMODULE WINAPI GetModuleHandleW(const WCHAR *name)
{
    HMODULE module;

    GetModuleHandleExW(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, name, &module);
    return module;
}

HMODULE WINAPI GetModuleHandleA(const char *name)
{
    HMODULE module = NULL;

    GetModuleHandleExA(GET_MODULE_HANDLE_EX_FLAG_UNCHANGED_REFCOUNT, name, &module);
    return module;
}

DWORD WINAPI GetModuleFileNameW(HMODULE module, WCHAR *buffer, DWORD size)
{
    UNICODE_STRING name;
    NTSTATUS status;
    WCHAR *allocated = NULL;
    DWORD length = 0;

    if (is_data_module(module))
    {
        set_error(ERROR_MOD_NOT_FOUND);
        return 0;
    }
    if (!module) module = NtCurrentTeb()->Peb->ImageBaseAddress;
    /* One character is kept for the terminator, which a UNICODE_STRING need not have. */
    name.Length = 0;
    name.MaximumLength = size ? (USHORT)((size > 32767 ? 32767 : size - 1) * sizeof(WCHAR)) : 0;
    name.Buffer = buffer;
    status = LdrGetDllFullName(module, &name);
    if (status == STATUS_BUFFER_TOO_SMALL || status == STATUS_BUFFER_OVERFLOW)
    {
        set_error(ERROR_INSUFFICIENT_BUFFER);
        if (!size) return 0;
        /* What fits is given; the result says it was not all. Not every implementation of the call below fills
         * the buffer when it is too small, so ask again with one that is not. */
        if ((allocated = heap_alloc(65534)))
        {
            name.Length = 0;
            name.MaximumLength = 65532;
            name.Buffer = allocated;
            if (LdrGetDllFullName(module, &name) >= 0) memcpy(buffer, allocated, (size - 1) * sizeof(WCHAR));
            heap_free(allocated);
        }
        buffer[size - 1] = 0;
        return size;
    }
    if (!nt_result(status)) return 0;
    length = name.Length / sizeof(WCHAR);
    buffer[length] = 0;
    set_error(ERROR_SUCCESS);
    return length;
}

DWORD WINAPI GetModuleFileNameA(HMODULE module, char *buffer, DWORD size)
{
    WCHAR *wide = heap_alloc(32768 * sizeof(WCHAR));
    DWORD length, error;
    char *ansi;

    if (!wide)
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    length = GetModuleFileNameW(module, wide, 32768);
    if (length)
    {
        DWORD needed = file_name_result(wide, length, NULL, 0);

        error = get_error();
        if (needed <= size) length = file_name_result(wide, length, buffer, size);
        else
        {
            if (size && (ansi = heap_alloc(needed)))
            {
                file_name_result(wide, length, ansi, needed);
                memcpy(buffer, ansi, size - 1);
                buffer[size - 1] = 0;
                heap_free(ansi);
            }
            length = size;
            error = ERROR_INSUFFICIENT_BUFFER;
        }
        set_error(error);
    }
    heap_free(wide);
    return length;
}

/* ---- search folders --------------------------------------------------------------------------------- */
DLL_DIRECTORY_COOKIE WINAPI AddDllDirectory(const WCHAR *dir)
{
    UNICODE_STRING string;
    void *cookie;

    RtlInitUnicodeString(&string, dir);
    return nt_result(LdrAddDllDirectory(&string, &cookie)) ? cookie : NULL;
}

BOOL WINAPI RemoveDllDirectory(DLL_DIRECTORY_COOKIE cookie)
{
    return nt_result(LdrRemoveDllDirectory(cookie));
}

BOOL WINAPI SetDefaultDllDirectories(DWORD flags)
{
    return nt_result(LdrSetDefaultDllDirectories(flags));
}

BOOL WINAPI SetDllDirectoryW(const WCHAR *dir)
{
    UNICODE_STRING string;

    if (RtlInitUnicodeStringEx(&string, dir) < 0) return fail(ERROR_INVALID_PARAMETER);
    return nt_result(LdrSetDllDirectory(&string));
}

BOOL WINAPI SetDllDirectoryA(const char *dir)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_file_name(&wide, dir)) return FALSE;
    ok = nt_result(LdrSetDllDirectory(&wide));
    RtlFreeUnicodeString(&wide);
    return ok;
}

DWORD WINAPI GetDllDirectoryW(DWORD size, WCHAR *buffer)
{
    UNICODE_STRING string;
    NTSTATUS status;

    string.Buffer = buffer;
    string.Length = 0;
    string.MaximumLength = (USHORT)((size > 32767 ? 32767 : size) * sizeof(WCHAR));
    status = LdrGetDllDirectory(&string);
    if (status == STATUS_BUFFER_TOO_SMALL) return string.Length / sizeof(WCHAR);    /* terminator included */
    if (!nt_result(status)) return 0;
    if (size) buffer[string.Length / sizeof(WCHAR)] = 0;
    return string.Length / sizeof(WCHAR);
}

DWORD WINAPI GetDllDirectoryA(DWORD size, char *buffer)
{
    WCHAR *wide = heap_alloc(32768 * sizeof(WCHAR));
    DWORD length;

    if (!wide)
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    length = file_name_result(wide, GetDllDirectoryW(32768, wide), buffer, size);
    if (length >= size && size) buffer[0] = 0;
    heap_free(wide);
    return length;
}
