/* Sections and views: CreateFileMapping, MapViewOfFile and their families (specification 5.2, 6, 7.4, 8.7).
 *
 * MapViewOfFile2 is an inline function in the SDK and in our memoryapi.h; programs built with mingw-w64 10's
 * header import it, so here it is a function too.
 */
#define ORIEL_NO_INLINE
#include "kernelbase.h"

#define CURRENT_PROCESS ((HANDLE)~(ULONG_PTR)0)
#define SEC_BITS 0xffff0000u            /* of flProtect: the section's attributes */
#define GRANULARITY 0x10000

NTSTATUS WINAPI NtCreateSectionEx(HANDLE *, ACCESS_MASK, const OBJECT_ATTRIBUTES *, const LARGE_INTEGER *, ULONG, ULONG, HANDLE,
                                  MEM_EXTENDED_PARAMETER *, ULONG);
/* Wine's header has a ULONG where Windows has the status block. */
NTSTATUS WINAPI flush_virtual_memory(HANDLE, LPCVOID *, SIZE_T *, IO_STATUS_BLOCK *) __asm__("NtFlushVirtualMemory");
PVOID WINAPI MapViewOfFile2(HANDLE, HANDLE, ULONG64, PVOID, SIZE_T, ULONG, ULONG);

/* ---- create, open ----------------------------------------------------------------------------------------- */

struct create
{
    HANDLE file;
    const SECURITY_ATTRIBUTES *security;
    ACCESS_MASK access;
    ULONG protect, attributes;
    ULONG64 size;
    const WCHAR *name;
    MEM_EXTENDED_PARAMETER *parameters;
    ULONG count;
};

static HANDLE create(const struct create *in)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    LARGE_INTEGER size = { .QuadPart = in->size };
    HANDLE handle = NULL, file = in->file == INVALID_HANDLE_VALUE ? NULL : in->file;
    ULONG attributes = in->attributes ? in->attributes : SEC_COMMIT;
    NTSTATUS status;

    if (!file && !in->size && !(attributes & SEC_IMAGE))
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!named_attributes(&attr, &string, in->name, in->security, OBJ_OPENIF)) return NULL;
    status = NtCreateSectionEx(&handle, in->access, &attr, in->size ? &size : NULL, in->protect, attributes, file, in->parameters,
                               in->count);
    return created_object(status, handle);
}

/* The page protection decides which rights the handle gets. */
static BOOL section_access(DWORD protect, ACCESS_MASK *access)
{
    *access = STANDARD_RIGHTS_REQUIRED | SECTION_QUERY | SECTION_MAP_READ;
    switch (protect)
    {
    case PAGE_READONLY:
    case PAGE_WRITECOPY: return TRUE;
    case PAGE_READWRITE: *access |= SECTION_MAP_WRITE; return TRUE;
    case PAGE_EXECUTE_READ:
    case PAGE_EXECUTE_WRITECOPY: *access |= SECTION_MAP_EXECUTE; return TRUE;
    case PAGE_EXECUTE_READWRITE: *access |= SECTION_MAP_WRITE | SECTION_MAP_EXECUTE; return TRUE;
    default: return fail(ERROR_INVALID_PARAMETER);
    }
}

static HANDLE create_mapping(HANDLE file, const SECURITY_ATTRIBUTES *security, DWORD protect, ULONG64 size, const WCHAR *name,
                             DWORD node)
{
    MEM_EXTENDED_PARAMETER parameter = { .Type = MemExtendedParameterNumaNode, .ULong = node };
    struct create in = { file, security, 0, protect & ~SEC_BITS, protect & SEC_BITS, size, name, &parameter, 1 };

    if (!section_access(in.protect, &in.access)) return NULL;
    if (node == NUMA_NO_PREFERRED_NODE) in.count = 0;
    return create(&in);
}

HANDLE WINAPI CreateFileMappingNumaW(HANDLE file, SECURITY_ATTRIBUTES *security, DWORD protect, DWORD size_high, DWORD size_low,
                                     LPCWSTR name, DWORD node)
{
    return create_mapping(file, security, protect, make_u64(size_low, size_high), name, node);
}

HANDLE WINAPI CreateFileMappingNumaA(HANDLE file, SECURITY_ATTRIBUTES *security, DWORD protect, DWORD size_high, DWORD size_low,
                                     LPCSTR name, DWORD node)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_ansi(&wide, name)) return NULL;
    handle = create_mapping(file, security, protect, make_u64(size_low, size_high), wide.Buffer, node);
    RtlFreeUnicodeString(&wide);
    return handle;
}

HANDLE WINAPI CreateFileMappingW(HANDLE file, SECURITY_ATTRIBUTES *security, DWORD protect, DWORD size_high, DWORD size_low,
                                 LPCWSTR name)
{
    return CreateFileMappingNumaW(file, security, protect, size_high, size_low, name, NUMA_NO_PREFERRED_NODE);
}

HANDLE WINAPI CreateFileMappingA(HANDLE file, SECURITY_ATTRIBUTES *security, DWORD protect, DWORD size_high, DWORD size_low,
                                 LPCSTR name)
{
    return CreateFileMappingNumaA(file, security, protect, size_high, size_low, name, NUMA_NO_PREFERRED_NODE);
}

HANDLE WINAPI CreateFileMappingFromApp(HANDLE file, SECURITY_ATTRIBUTES *security, ULONG protect, ULONG64 size, LPCWSTR name)
{
    return create_mapping(file, security, protect, size, name, NUMA_NO_PREFERRED_NODE);
}

HANDLE WINAPI CreateFileMapping2(HANDLE file, SECURITY_ATTRIBUTES *security, ULONG access, ULONG protect, ULONG attributes,
                                 ULONG64 size, LPCWSTR name, MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    struct create in = { file, security, access, protect, attributes, size, name, parameters, count };

    return create(&in);
}

/* FILE_MAP_COPY is SECTION_QUERY's bit and stands for reading; FILE_MAP_EXECUTE is the explicit execute right, which
 * section handles have under another number. */
static ACCESS_MASK open_access(DWORD access)
{
    if (access == FILE_MAP_COPY) return SECTION_MAP_READ;
    if (access & FILE_MAP_EXECUTE) return (access & ~FILE_MAP_EXECUTE) | SECTION_MAP_EXECUTE;
    return access;
}

HANDLE WINAPI OpenFileMappingW(DWORD access, BOOL inherit, LPCWSTR name)
{
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING string;
    HANDLE handle = NULL;

    if (!name)
    {
        set_error(ERROR_INVALID_PARAMETER);
        return NULL;
    }
    if (!named_attributes(&attr, &string, name, NULL, inherit ? OBJ_INHERIT : 0)) return NULL;
    return nt_result(NtOpenSection(&handle, open_access(access), &attr)) ? handle : NULL;
}

HANDLE WINAPI OpenFileMappingA(DWORD access, BOOL inherit, LPCSTR name)
{
    UNICODE_STRING wide;
    HANDLE handle;

    if (!wide_from_ansi(&wide, name)) return NULL;
    handle = OpenFileMappingW(access, inherit, wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return handle;
}

HANDLE WINAPI OpenFileMappingFromApp(ULONG access, BOOL inherit, LPCWSTR name)
{
    return OpenFileMappingW(access, inherit, name);
}

/* ---- map: the access calls -------------------------------------------------------------------------------------- */

/* dwDesiredAccess to a protection (specification 7.3 a): only FILE_MAP_COPY alone is copy-on-write, and with
 * FILE_MAP_WRITE the view is a shared writable one. */
static ULONG view_protect(DWORD access)
{
    BOOL execute = (access & FILE_MAP_EXECUTE) != 0;
    DWORD flags = FILE_MAP_RESERVE | FILE_MAP_LARGE_PAGES | FILE_MAP_TARGETS_INVALID;
    ULONG protect;

    access &= ~(flags | FILE_MAP_EXECUTE);
    if (access == FILE_MAP_COPY) protect = execute ? PAGE_EXECUTE_WRITECOPY : PAGE_WRITECOPY;
    else if (access & FILE_MAP_WRITE) protect = execute ? PAGE_EXECUTE_READWRITE : PAGE_READWRITE;
    else if (access & FILE_MAP_READ) protect = execute ? PAGE_EXECUTE_READ : PAGE_READONLY;
    else protect = PAGE_NOACCESS;
    return protect;
}

static void *map_view(HANDLE section, DWORD access, ULONG64 offset, SIZE_T size, void *base, DWORD node)
{
    MEM_EXTENDED_PARAMETER parameter = { .Type = MemExtendedParameterNumaNode, .ULong = node };
    LARGE_INTEGER at = { .QuadPart = offset };
    ULONG protect = view_protect(access), type = 0;
    NTSTATUS status;

    if (access & FILE_MAP_RESERVE) type |= MEM_RESERVE;
    if (access & FILE_MAP_LARGE_PAGES) type |= MEM_LARGE_PAGES;
    if (access & FILE_MAP_TARGETS_INVALID) protect |= PAGE_TARGETS_INVALID;
    if (node == NUMA_NO_PREFERRED_NODE)
        status = NtMapViewOfSection(section, CURRENT_PROCESS, &base, 0, 0, &at, &size, ViewShare, type, protect);
    else
        status = NtMapViewOfSectionEx(section, CURRENT_PROCESS, &base, &at, &size, type, protect, &parameter, 1);
    return nt_result(status) ? base : NULL;
}

void * WINAPI MapViewOfFileExNuma(HANDLE section, DWORD access, DWORD offset_high, DWORD offset_low, SIZE_T size, void *base,
                                  DWORD node)
{
    return map_view(section, access, make_u64(offset_low, offset_high), size, base, node);
}

void * WINAPI MapViewOfFileEx(HANDLE section, DWORD access, DWORD offset_high, DWORD offset_low, SIZE_T size, void *base)
{
    return map_view(section, access, make_u64(offset_low, offset_high), size, base, NUMA_NO_PREFERRED_NODE);
}

void * WINAPI MapViewOfFile(HANDLE section, DWORD access, DWORD offset_high, DWORD offset_low, SIZE_T size)
{
    return map_view(section, access, make_u64(offset_low, offset_high), size, NULL, NUMA_NO_PREFERRED_NODE);
}

void * WINAPI MapViewOfFileFromApp(HANDLE section, ULONG access, ULONG64 offset, SIZE_T size)
{
    return map_view(section, access, offset, size, NULL, NUMA_NO_PREFERRED_NODE);
}

/* ---- map: the protection calls ------------------------------------------------------------------------------------ */

/* The documentation promises that an unaligned base is rounded down, while the Nt call refuses it. One that rounds to
 * nothing must not become "anywhere". */
static BOOL round_base(void **base)
{
    if (!*base) return TRUE;
    *base = (void *)((ULONG_PTR)*base & ~(ULONG_PTR)(GRANULARITY - 1));
    return *base ? TRUE : fail(ERROR_INVALID_PARAMETER);
}

PVOID WINAPI MapViewOfFileNuma2(HANDLE section, HANDLE process, ULONG64 offset, PVOID base, SIZE_T size, ULONG type, ULONG protect,
                                ULONG node)
{
    MEM_EXTENDED_PARAMETER parameter = { .Type = MemExtendedParameterNumaNode, .ULong = node };
    LARGE_INTEGER at = { .QuadPart = offset };
    NTSTATUS status;

    if (!(type & MEM_LARGE_PAGES) && !round_base(&base)) return NULL;
    if (node == NUMA_NO_PREFERRED_NODE)
        status = NtMapViewOfSection(section, process, &base, 0, 0, &at, &size, ViewShare, type, protect);
    else if (type & MEM_REPLACE_PLACEHOLDER)
        status = STATUS_INVALID_PARAMETER;
    else
        status = NtMapViewOfSectionEx(section, process, &base, &at, &size, type, protect, &parameter, 1);
    return nt_result(status) ? base : NULL;
}

/* Wine's header has a ULONG where Windows has the status block. */
NTSTATUS WINAPI flush_virtual_memory(HANDLE, LPCVOID *, SIZE_T *, IO_STATUS_BLOCK *) __asm__("NtFlushVirtualMemory");
PVOID WINAPI MapViewOfFile2(HANDLE section, HANDLE process, ULONG64 offset, PVOID base, SIZE_T size, ULONG type, ULONG protect)
{
    return MapViewOfFileNuma2(section, process, offset, base, size, type, protect, NUMA_NO_PREFERRED_NODE);
}

static BOOL has_requirements(const MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    for (ULONG i = 0; parameters && i < count; i++)
        if (parameters[i].Type == MemExtendedParameterAddressRequirements) return TRUE;
    return FALSE;
}

PVOID WINAPI MapViewOfFile3(HANDLE section, HANDLE process, PVOID base, ULONG64 offset, SIZE_T size, ULONG type, ULONG protect,
                            MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    LARGE_INTEGER at = { .QuadPart = offset };

    if (!(type & (MEM_REPLACE_PLACEHOLDER | MEM_LARGE_PAGES)) && !has_requirements(parameters, count) && !round_base(&base))
        return NULL;
    return nt_result(NtMapViewOfSectionEx(section, process ? process : CURRENT_PROCESS, &base, &at, &size, type, protect,
                                          parameters, count)) ? base : NULL;
}

PVOID WINAPI MapViewOfFile3FromApp(HANDLE section, HANDLE process, PVOID base, ULONG64 offset, SIZE_T size, ULONG type,
                                   ULONG protect, MEM_EXTENDED_PARAMETER *parameters, ULONG count)
{
    return MapViewOfFile3(section, process, base, offset, size, type, protect, parameters, count);
}

/* ---- unmap, flush --------------------------------------------------------------------------------------------------- */

BOOL WINAPI UnmapViewOfFile2(HANDLE process, void *base, ULONG flags)
{
    return nt_result(NtUnmapViewOfSectionEx(process, base, flags));
}

BOOL WINAPI UnmapViewOfFileEx(void *base, ULONG flags)
{
    return UnmapViewOfFile2(CURRENT_PROCESS, base, flags);
}

BOOL WINAPI UnmapViewOfFile(LPCVOID base)
{
    return UnmapViewOfFile2(CURRENT_PROCESS, (void *)base, 0);
}

BOOL WINAPI FlushViewOfFile(LPCVOID base, SIZE_T size)
{
    IO_STATUS_BLOCK io;
    NTSTATUS status = flush_virtual_memory(CURRENT_PROCESS, &base, &size, &io);

    return status == STATUS_NOT_MAPPED_DATA ? TRUE : nt_result(status);
}
