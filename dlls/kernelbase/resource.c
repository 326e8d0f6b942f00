/* Resources of modules. */
#include "kernelbase.h"

#define IS_INTEGER_ID(name) (((ULONG_PTR)(name) >> 16) == 0)

/* A resource name as the loader wants it: an integer, or an upper-case string to be freed. "#123" is 123. */
static NTSTATUS resource_id(ULONG_PTR *id, const WCHAR *name)
{
    UNICODE_STRING string;
    WCHAR *copy;

    if (IS_INTEGER_ID(name))
    {
        *id = (ULONG_PTR)name;
        return STATUS_SUCCESS;
    }
    if (name[0] == '#')
    {
        ULONG value;

        RtlInitUnicodeString(&string, name + 1);
        if (RtlUnicodeStringToInteger(&string, 10, &value) < 0 || value >> 16) return STATUS_INVALID_PARAMETER;
        *id = value;
        return STATUS_SUCCESS;
    }
    if (!(copy = heap_alloc((wcslen(name) + 1) * sizeof(WCHAR)))) return STATUS_NO_MEMORY;
    wcscpy(copy, name);
    RtlInitUnicodeString(&string, copy);
    RtlUpcaseUnicodeString(&string, &string, FALSE);
    *id = (ULONG_PTR)copy;
    return STATUS_SUCCESS;
}

static void free_id(ULONG_PTR id)
{
    if (!IS_INTEGER_ID(id)) heap_free((void *)id);
}

static HMODULE module_or_program(HMODULE module)
{
    return module ? module : NtCurrentTeb()->Peb->ImageBaseAddress;
}

HRSRC WINAPI FindResourceExW(HMODULE module, const WCHAR *type, const WCHAR *name, WORD language)
{
    const IMAGE_RESOURCE_DATA_ENTRY *entry = NULL;
    LDR_RESOURCE_INFO info = { 0, 0, 0 };
    NTSTATUS status;

    status = resource_id(&info.Type, type);
    if (status >= 0) status = resource_id(&info.Name, name);
    info.Language = language;
    if (status >= 0) status = LdrFindResource_U(module_or_program(module), &info, 3, &entry);
    free_id(info.Type);
    free_id(info.Name);
    return nt_result(status) ? (HRSRC)entry : NULL;
}

HRSRC WINAPI FindResourceW(HMODULE module, const WCHAR *name, const WCHAR *type)
{
    return FindResourceExW(module, type, name, MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL));
}

/* An ANSI resource name: integers pass through. */
static BOOL wide_id(UNICODE_STRING *out, const char *name)
{
    if (!IS_INTEGER_ID(name)) return wide_from_ansi(out, name);
    memset(out, 0, sizeof(*out));
    out->Buffer = (WCHAR *)name;
    return TRUE;
}

static void free_wide_id(UNICODE_STRING *string)
{
    if (!IS_INTEGER_ID(string->Buffer)) RtlFreeUnicodeString(string);
}

HRSRC WINAPI FindResourceExA(HMODULE module, const char *type, const char *name, WORD language)
{
    UNICODE_STRING wide_type, wide_name;
    HRSRC resource = NULL;

    if (!wide_id(&wide_type, type)) return NULL;
    if (wide_id(&wide_name, name))
    {
        resource = FindResourceExW(module, wide_type.Buffer, wide_name.Buffer, language);
        free_wide_id(&wide_name);
    }
    free_wide_id(&wide_type);
    return resource;
}

HRSRC WINAPI FindResourceA(HMODULE module, const char *name, const char *type)
{
    return FindResourceExA(module, type, name, MAKELANGID(LANG_NEUTRAL, SUBLANG_NEUTRAL));
}

HGLOBAL WINAPI LoadResource(HMODULE module, HRSRC resource)
{
    void *data = NULL;

    if (!resource) return NULL;
    return nt_result(LdrAccessResource(module_or_program(module), (IMAGE_RESOURCE_DATA_ENTRY *)resource, &data, NULL)) ? data : NULL;
}

void *WINAPI LockResource(HGLOBAL resource)
{
    return resource;
}

BOOL WINAPI FreeResource(HGLOBAL resource)
{
    (void)resource;     /* resources live as long as their module */
    return FALSE;
}

DWORD WINAPI SizeofResource(HMODULE module, HRSRC resource)
{
    ULONG size = 0;

    if (!resource) return 0;
    return nt_result(LdrAccessResource(module_or_program(module), (IMAGE_RESOURCE_DATA_ENTRY *)resource, NULL, &size)) ? size : 0;
}

/* ---- enumeration ------------------------------------------------------------------------------------ */
struct id_walk
{
    const BYTE *root, *end;                         /* the module's resource directory, and how far it can be read */
    const IMAGE_RESOURCE_DIRECTORY *directory;
    const IMAGE_RESOURCE_DIRECTORY_ENTRY *entries;
    unsigned int count;
};

static BOOL walk_open(struct id_walk *walk, HMODULE module, ULONG level, const LDR_RESOURCE_INFO *info)
{
    MEMORY_BASIC_INFORMATION memory;
    ULONG size;
    NTSTATUS status;

    module = module_or_program(module);
    /* an image mapped as data has 2 below its address, which only Ldr functions know */
    walk->root = RtlImageDirectoryEntryToData((HMODULE)((ULONG_PTR)module & ~(ULONG_PTR)2), TRUE, IMAGE_DIRECTORY_ENTRY_RESOURCE, &size);
    if (!walk->root) return fail(ERROR_RESOURCE_DATA_NOT_FOUND);
    status = LdrFindResourceDirectory_U(module, info, level, &walk->directory);
    if (!nt_result(status) || !VirtualQuery(walk->root, &memory, sizeof(memory))) return FALSE;
    walk->end = (const BYTE *)memory.BaseAddress + memory.RegionSize;
    walk->entries = (const IMAGE_RESOURCE_DIRECTORY_ENTRY *)(walk->directory + 1);
    walk->count = walk->directory->NumberOfNamedEntries + walk->directory->NumberOfIdEntries;
    return TRUE;
}

/* The name of entry i: an integer, or a terminated copy to be freed. NULL: no memory, or a damaged table that has the
 * name elsewhere. (The entries themselves have been checked, with their directory.) */
static WCHAR *walk_name(const struct id_walk *walk, unsigned int i)
{
    const IMAGE_RESOURCE_DIR_STRING_U *string;
    SIZE_T offset = walk->entries[i].NameOffset, room = (SIZE_T)(walk->end - walk->root);
    WCHAR *copy;

    if (!walk->entries[i].NameIsString) return (WCHAR *)(ULONG_PTR)walk->entries[i].Id;
    string = (const IMAGE_RESOURCE_DIR_STRING_U *)(walk->root + offset);
    if (offset + sizeof(WORD) > room || offset + sizeof(WORD) + string->Length * sizeof(WCHAR) > room)
    {
        set_error(ERROR_BAD_EXE_FORMAT);
        return NULL;
    }
    if (!(copy = heap_alloc((string->Length + 1) * sizeof(WCHAR))))
    {
        set_error(ERROR_NOT_ENOUGH_MEMORY);
        return NULL;
    }
    memcpy(copy, string->NameString, string->Length * sizeof(WCHAR));
    copy[string->Length] = 0;
    return copy;
}

static char *ansi_id(const WCHAR *name)
{
    UNICODE_STRING wide;
    ANSI_STRING ansi;

    if (IS_INTEGER_ID(name)) return (char *)name;
    RtlInitUnicodeString(&wide, name);
    return RtlUnicodeStringToAnsiString(&ansi, &wide, TRUE) >= 0 ? ansi.Buffer : NULL;
}

BOOL WINAPI EnumResourceTypesExW(HMODULE module, ENUMRESTYPEPROCW callback, LONG_PTR parameter, DWORD flags, LANGID language)
{
    struct id_walk walk;
    BOOL ok = FALSE;
    unsigned int i;

    (void)language;
    if (!flags) flags = RESOURCE_ENUM_LN | RESOURCE_ENUM_MUI;
    if (!(flags & RESOURCE_ENUM_LN)) return ok;
    if (!walk_open(&walk, module, 0, NULL)) return FALSE;
    for (i = 0; i < walk.count; i++)
    {
        WCHAR *type = walk_name(&walk, i);

        if (!type) return FALSE;
        ok = callback(module, type, parameter);
        free_id((ULONG_PTR)type);
        if (!ok) break;
    }
    return ok;
}

BOOL WINAPI EnumResourceTypesExA(HMODULE module, ENUMRESTYPEPROCA callback, LONG_PTR parameter, DWORD flags, LANGID language)
{
    struct id_walk walk;
    BOOL ok = FALSE;
    unsigned int i;

    (void)language;
    if (!flags) flags = RESOURCE_ENUM_LN | RESOURCE_ENUM_MUI;
    if (!(flags & RESOURCE_ENUM_LN)) return ok;
    if (!walk_open(&walk, module, 0, NULL)) return FALSE;
    for (i = 0; i < walk.count; i++)
    {
        WCHAR *type = walk_name(&walk, i);
        char *ansi = type ? ansi_id(type) : NULL;

        if (!ansi) return FALSE;
        ok = callback(module, ansi, parameter);
        if (ansi != (char *)type) free_id((ULONG_PTR)ansi);
        free_id((ULONG_PTR)type);
        if (!ok) break;
    }
    return ok;
}

BOOL WINAPI EnumResourceTypesW(HMODULE module, ENUMRESTYPEPROCW callback, LONG_PTR parameter)
{
    return EnumResourceTypesExW(module, callback, parameter, 0, 0);
}

BOOL WINAPI EnumResourceTypesA(HMODULE module, ENUMRESTYPEPROCA callback, LONG_PTR parameter)
{
    return EnumResourceTypesExA(module, callback, parameter, 0, 0);
}

BOOL WINAPI EnumResourceNamesExW(HMODULE module, const WCHAR *type, ENUMRESNAMEPROCW callback, LONG_PTR parameter,
                                 DWORD flags, LANGID language)
{
    LDR_RESOURCE_INFO info = { 0, 0, 0 };
    struct id_walk walk;
    BOOL ok = FALSE;
    unsigned int i;

    (void)language;
    if (!flags) flags = RESOURCE_ENUM_LN | RESOURCE_ENUM_MUI;
    if (!(flags & RESOURCE_ENUM_LN)) return ok;
    if (!nt_result(resource_id(&info.Type, type))) return FALSE;
    if (walk_open(&walk, module, 1, &info))
    {
        for (i = 0; i < walk.count; i++)
        {
            WCHAR *name = walk_name(&walk, i);

            if (!name) break;
            ok = callback(module, type, name, parameter);
            free_id((ULONG_PTR)name);
            if (!ok) break;
        }
    }
    free_id(info.Type);
    return ok;
}

BOOL WINAPI EnumResourceNamesExA(HMODULE module, const char *type, ENUMRESNAMEPROCA callback, LONG_PTR parameter,
                                 DWORD flags, LANGID language)
{
    LDR_RESOURCE_INFO info = { 0, 0, 0 };
    UNICODE_STRING wide_type;
    struct id_walk walk;
    BOOL ok = FALSE;
    unsigned int i;

    (void)language;
    if (!flags) flags = RESOURCE_ENUM_LN | RESOURCE_ENUM_MUI;
    if (!(flags & RESOURCE_ENUM_LN)) return ok;
    if (!wide_id(&wide_type, type)) return FALSE;
    if (nt_result(resource_id(&info.Type, wide_type.Buffer)) && walk_open(&walk, module, 1, &info))
    {
        for (i = 0; i < walk.count; i++)
        {
            WCHAR *name = walk_name(&walk, i);
            char *ansi = name ? ansi_id(name) : NULL;

            if (!ansi) break;
            ok = callback(module, type, ansi, parameter);
            if (ansi != (char *)name) free_id((ULONG_PTR)ansi);
            free_id((ULONG_PTR)name);
            if (!ok) break;
        }
    }
    free_id(info.Type);
    free_wide_id(&wide_type);
    return ok;
}

BOOL WINAPI EnumResourceNamesW(HMODULE module, const WCHAR *type, ENUMRESNAMEPROCW callback, LONG_PTR parameter)
{
    return EnumResourceNamesExW(module, type, callback, parameter, 0, 0);
}

BOOL WINAPI EnumResourceNamesA(HMODULE module, const char *type, ENUMRESNAMEPROCA callback, LONG_PTR parameter)
{
    return EnumResourceNamesExA(module, type, callback, parameter, 0, 0);
}

BOOL WINAPI EnumResourceLanguagesExW(HMODULE module, const WCHAR *type, const WCHAR *name, ENUMRESLANGPROCW callback,
                                     LONG_PTR parameter, DWORD flags, LANGID language)
{
    LDR_RESOURCE_INFO info = { 0, 0, 0 };
    struct id_walk walk;
    BOOL ok = FALSE;
    unsigned int i;

    (void)language;
    if (!flags) flags = RESOURCE_ENUM_LN | RESOURCE_ENUM_MUI;
    if (!(flags & RESOURCE_ENUM_LN)) return ok;
    if (nt_result(resource_id(&info.Type, type)) && nt_result(resource_id(&info.Name, name)) &&
        walk_open(&walk, module, 2, &info))
    {
        for (i = 0; i < walk.count; i++)
        {
            ok = callback(module, type, name, walk.entries[i].Id, parameter);
            if (!ok) break;
        }
    }
    free_id(info.Type);
    free_id(info.Name);
    return ok;
}

BOOL WINAPI EnumResourceLanguagesW(HMODULE module, const WCHAR *type, const WCHAR *name, ENUMRESLANGPROCW callback, LONG_PTR parameter)
{
    return EnumResourceLanguagesExW(module, type, name, callback, parameter, 0, 0);
}

BOOL WINAPI EnumResourceLanguagesExA(HMODULE module, const char *type, const char *name, ENUMRESLANGPROCA callback,
                                     LONG_PTR parameter, DWORD flags, LANGID language)
{
    LDR_RESOURCE_INFO info = { 0, 0, 0 };
    UNICODE_STRING wide_type, wide_name;
    struct id_walk walk;
    BOOL ok = FALSE;
    unsigned int i;

    (void)language;
    if (!flags) flags = RESOURCE_ENUM_LN | RESOURCE_ENUM_MUI;
    if (!(flags & RESOURCE_ENUM_LN)) return ok;
    if (!wide_id(&wide_type, type)) return FALSE;
    if (wide_id(&wide_name, name))
    {
        if (nt_result(resource_id(&info.Type, wide_type.Buffer)) && nt_result(resource_id(&info.Name, wide_name.Buffer)) &&
            walk_open(&walk, module, 2, &info))
        {
            for (i = 0; i < walk.count; i++)
            {
                ok = callback(module, type, name, walk.entries[i].Id, parameter);
                if (!ok) break;
            }
        }
        free_wide_id(&wide_name);
    }
    free_id(info.Type);
    free_id(info.Name);
    free_wide_id(&wide_type);
    return ok;
}

BOOL WINAPI EnumResourceLanguagesA(HMODULE module, const char *type, const char *name, ENUMRESLANGPROCA callback, LONG_PTR parameter)
{
    return EnumResourceLanguagesExA(module, type, name, callback, parameter, 0, 0);
}
