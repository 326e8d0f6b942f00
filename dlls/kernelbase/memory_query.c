/* Questions about memory: VirtualQuery, working sets, the file behind a view (specification 13.3, 13.4). */
#include "kernelbase.h"
#define PSAPI_VERSION 2
#include "psapi.h"

#define CURRENT_PROCESS ((HANDLE)~(ULONG_PTR)0)

SIZE_T WINAPI VirtualQueryEx(HANDLE process, LPCVOID address, MEMORY_BASIC_INFORMATION *info, SIZE_T length)
{
    SIZE_T returned = 0;

    return nt_result(NtQueryVirtualMemory(process, address, MemoryBasicInformation, info, length, &returned)) ? returned : 0;
}

SIZE_T WINAPI VirtualQuery(LPCVOID address, MEMORY_BASIC_INFORMATION *info, SIZE_T length)
{
    return VirtualQueryEx(CURRENT_PROCESS, address, info, length);
}

/* The first fields of MEMORY_REGION_INFORMATION, and of the flags the six that are documented. */
BOOL WINAPI QueryVirtualMemoryInformation(HANDLE process, const void *address, WIN32_MEMORY_INFORMATION_CLASS info_class,
                                          void *buffer, SIZE_T length, SIZE_T *returned)
{
    WIN32_MEMORY_REGION_INFORMATION *info = buffer;

    if (info_class != MemoryRegionInfo) return fail(ERROR_INVALID_PARAMETER);
    if (length < sizeof(*info)) return fail(ERROR_BAD_LENGTH);
    if (!nt_result(NtQueryVirtualMemory(process, address, MemoryRegionInformationEx, buffer, sizeof(*info), NULL))) return FALSE;
    info->Flags &= 0x3f;
    if (returned) *returned = sizeof(*info);
    return TRUE;
}

/* ---- psapi --------------------------------------------------------------------------------------------------- */

BOOL WINAPI K32QueryWorkingSet(HANDLE process, void *buffer, DWORD length)
{
    return nt_result(NtQueryVirtualMemory(process, NULL, MemoryWorkingSetInformation, buffer, length, NULL));
}

BOOL WINAPI K32QueryWorkingSetEx(HANDLE process, void *buffer, DWORD length)
{
    return nt_result(NtQueryVirtualMemory(process, NULL, MemoryWorkingSetExInformation, buffer, length, NULL));
}

/* The name in a block of the heap, or NULL with the last error set. */
static MEMORY_SECTION_NAME *mapped_file_name(HANDLE process, void *address)
{
    MEMORY_SECTION_NAME *name = NULL;
    SIZE_T size = sizeof(*name) + 260 * sizeof(WCHAR), need;
    NTSTATUS status;

    for (;;)
    {
        if (!(name = heap_alloc(size)))
        {
            set_error(ERROR_NOT_ENOUGH_MEMORY);
            return NULL;
        }
        status = NtQueryVirtualMemory(process, address, MemoryMappedFilenameInformation, name, size, &need);
        if (status != STATUS_BUFFER_OVERFLOW) break;
        heap_free(name);
        size = need;
    }
    if (nt_result(status)) return name;
    heap_free(name);
    return NULL;
}

/* Characters stored without the NUL, cut to what fits; as many as there is room for if it was cut. */
DWORD WINAPI K32GetMappedFileNameW(HANDLE process, void *address, WCHAR *buffer, DWORD size)
{
    MEMORY_SECTION_NAME *name;
    DWORD length;

    if (!buffer || !size) return fail(ERROR_INVALID_PARAMETER);
    if (!(name = mapped_file_name(process, address))) return 0;
    length = name->SectionFileName.Length / sizeof(WCHAR);
    if (length >= size)
    {
        memcpy(buffer, name->SectionFileName.Buffer, (size - 1) * sizeof(WCHAR));
        buffer[size - 1] = 0;
        length = size;
        set_error(ERROR_INSUFFICIENT_BUFFER);
    }
    else memcpy(buffer, name->SectionFileName.Buffer, (length + 1) * sizeof(WCHAR));
    heap_free(name);
    return length;
}

DWORD WINAPI K32GetMappedFileNameA(HANDLE process, void *address, char *buffer, DWORD size)
{
    MEMORY_SECTION_NAME *name;
    ANSI_STRING ansi;
    DWORD length = 0;

    if (!buffer || !size) return fail(ERROR_INVALID_PARAMETER);
    if (!(name = mapped_file_name(process, address))) return 0;
    if (nt_result(RtlUnicodeStringToAnsiString(&ansi, &name->SectionFileName, TRUE)))
    {
        length = ansi.Length;
        if (length >= size)
        {
            length = size;
            set_error(ERROR_INSUFFICIENT_BUFFER);
        }
        memcpy(buffer, ansi.Buffer, length < size ? length + 1 : size - 1);
        if (length == size) buffer[size - 1] = 0;
        RtlFreeAnsiString(&ansi);
    }
    heap_free(name);
    return length;
}
