/* Handles: close, duplicate, flags. */
#include "kernelbase.h"

BOOL WINAPI CloseHandle(HANDLE handle)
{
    HANDLE *standard = standard_handle_slot(handle);

    if (standard) handle = InterlockedExchangePointer(standard, NULL);
    return nt_result(NtClose(handle));
}

BOOL WINAPI DuplicateHandle(HANDLE source_process, HANDLE source, HANDLE dest_process, HANDLE *dest, DWORD access,
                            BOOL inherit, DWORD options)
{
    return nt_result(NtDuplicateObject(source_process, source, dest_process, dest, access,
                                       inherit ? OBJ_INHERIT : 0, options));
}

BOOL WINAPI GetHandleInformation(HANDLE handle, DWORD *flags)
{
    OBJECT_DATA_INFORMATION info;

    if (!nt_result(NtQueryObject(handle, ObjectDataInformation, &info, sizeof(info), NULL))) return FALSE;
    if (flags) *flags = (info.InheritHandle ? HANDLE_FLAG_INHERIT : 0) | (info.ProtectFromClose ? HANDLE_FLAG_PROTECT_FROM_CLOSE : 0);
    return TRUE;
}

BOOL WINAPI SetHandleInformation(HANDLE handle, DWORD mask, DWORD flags)
{
    OBJECT_DATA_INFORMATION info;

    if ((mask | flags) & ~(HANDLE_FLAG_INHERIT | HANDLE_FLAG_PROTECT_FROM_CLOSE)) return fail(ERROR_INVALID_PARAMETER);
    if (!nt_result(NtQueryObject(handle, ObjectDataInformation, &info, sizeof(info), NULL))) return FALSE;
    if (mask & HANDLE_FLAG_INHERIT) info.InheritHandle = (flags & HANDLE_FLAG_INHERIT) != 0;
    if (mask & HANDLE_FLAG_PROTECT_FROM_CLOSE) info.ProtectFromClose = (flags & HANDLE_FLAG_PROTECT_FROM_CLOSE) != 0;
    return nt_result(NtSetInformationObject(handle, ObjectDataInformation, &info, sizeof(info)));
}

BOOL WINAPI CompareObjectHandles(HANDLE first, HANDLE second)
{
    return nt_result(NtCompareObjects(first, second));
}
