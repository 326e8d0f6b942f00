/* Mailslots. */
#include <stdarg.h>

#define _KERNEL32_
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#undef __WINESRC__
#include "winbase.h"
#define __WINESRC__
#include "winternl.h"

/* Milliseconds as NT has them; -1 is for ever in both. */
static LONGLONG nt_timeout(DWORD timeout)
{
    return timeout == MAILSLOT_WAIT_FOREVER ? -1 : (LONGLONG)timeout * -10000;
}

static BOOL result(NTSTATUS status)
{
    if (status >= 0) return TRUE;
    SetLastError(RtlNtStatusToDosError(status));
    return FALSE;
}

HANDLE WINAPI CreateMailslotW(const WCHAR *name, DWORD max_size, DWORD timeout, SECURITY_ATTRIBUTES *sa)
{
    LARGE_INTEGER time = { .QuadPart = nt_timeout(timeout) };
    OBJECT_ATTRIBUTES attr;
    UNICODE_STRING nt_name;
    IO_STATUS_BLOCK io;
    HANDLE handle;
    NTSTATUS status;

    if (!name || !RtlDosPathNameToNtPathName_U(name, &nt_name, NULL, NULL))
    {
        SetLastError(ERROR_PATH_NOT_FOUND);
        return INVALID_HANDLE_VALUE;
    }
    InitializeObjectAttributes(&attr, &nt_name, OBJ_CASE_INSENSITIVE | (sa && sa->bInheritHandle ? OBJ_INHERIT : 0), NULL,
                               sa ? sa->lpSecurityDescriptor : NULL);
    status = NtCreateMailslotFile(&handle, GENERIC_READ | SYNCHRONIZE, &attr, &io, FILE_SYNCHRONOUS_IO_NONALERT, 0, max_size, &time);
    RtlFreeUnicodeString(&nt_name);
    return result(status) ? handle : INVALID_HANDLE_VALUE;
}

HANDLE WINAPI CreateMailslotA(const char *name, DWORD max_size, DWORD timeout, SECURITY_ATTRIBUTES *sa)
{
    UNICODE_STRING wide = { 0 };
    ANSI_STRING narrow;
    HANDLE handle;

    if (name)
    {
        RtlInitAnsiString(&narrow, name);
        if (!result(AreFileApisANSI() ? RtlAnsiStringToUnicodeString(&wide, &narrow, TRUE)
                                      : RtlOemStringToUnicodeString(&wide, &narrow, TRUE))) return INVALID_HANDLE_VALUE;
    }
    handle = CreateMailslotW(wide.Buffer, max_size, timeout, sa);
    RtlFreeUnicodeString(&wide);
    return handle;
}

BOOL WINAPI GetMailslotInfo(HANDLE slot, DWORD *max_size, DWORD *next_size, DWORD *count, DWORD *timeout)
{
    FILE_MAILSLOT_QUERY_INFORMATION info;
    IO_STATUS_BLOCK io;

    if (!result(NtQueryInformationFile(slot, &io, &info, sizeof(info), FileMailslotQueryInformation))) return FALSE;
    if (max_size) *max_size = info.MaximumMessageSize;
    if (next_size) *next_size = info.NextMessageSize;
    if (count) *count = info.MessagesAvailable;
    if (timeout) *timeout = info.ReadTimeout.QuadPart == -1 ? MAILSLOT_WAIT_FOREVER : (DWORD)(info.ReadTimeout.QuadPart / -10000);
    return TRUE;
}

BOOL WINAPI SetMailslotInfo(HANDLE slot, DWORD timeout)
{
    FILE_MAILSLOT_SET_INFORMATION info = { { .QuadPart = nt_timeout(timeout) } };
    IO_STATUS_BLOCK io;

    return result(NtSetInformationFile(slot, &io, &info, sizeof(info), FileMailslotSetInformation));
}
