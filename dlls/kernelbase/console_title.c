/* A console's title. It is shown on the terminal, which cannot be asked for it: every process keeps what it has set. */
#include "kernelbase.h"
#include "oriel/console.h"

static RTL_SRWLOCK title_lock = RTL_SRWLOCK_INIT;
static WCHAR  *title_set;               /* NULL: that of the process' start */

static HANDLE open_console(void)
{
    return CreateFileW(L"CONOUT$", GENERIC_READ | GENERIC_WRITE, FILE_SHARE_READ | FILE_SHARE_WRITE, NULL, OPEN_EXISTING, 0, NULL);
}

BOOL WINAPI SetConsoleTitleW(const WCHAR *title)
{
    ULONG size = (ULONG)(wcslen(title) + 1) * sizeof(WCHAR);
    HANDLE console = open_console();
    WCHAR *copy, *old;
    IO_STATUS_BLOCK io;
    NTSTATUS status;

    if (console == INVALID_HANDLE_VALUE) return FALSE;
    if ((copy = RtlAllocateHeap(GetProcessHeap(), 0, size)))
    {
        memcpy(copy, title, size);
        status = NtDeviceIoControlFile(console, NULL, NULL, NULL, &io, ORIEL_CONSOLE_SET_TITLE, copy, size - sizeof(WCHAR), NULL, 0);
    }
    else status = STATUS_NO_MEMORY;
    CloseHandle(console);
    if (status >= 0)
    {
        RtlAcquireSRWLockExclusive(&title_lock);
        old = title_set;
        title_set = copy;
        RtlReleaseSRWLockExclusive(&title_lock);
        copy = old;
    }
    RtlFreeHeap(GetProcessHeap(), 0, copy);
    return nt_result(status);
}

BOOL WINAPI SetConsoleTitleA(const char *title)
{
    UNICODE_STRING wide;
    BOOL ok;

    if (!wide_from_ansi(&wide, title)) return FALSE;
    ok = SetConsoleTitleW(wide.Buffer);
    RtlFreeUnicodeString(&wide);
    return ok;
}

/* What does not fit is cut off; the length is that of the whole title. */
DWORD WINAPI GetConsoleTitleW(WCHAR *buffer, DWORD size)
{
    UNICODE_STRING title = process_parameters()->WindowTitle;
    HANDLE console = open_console();
    DWORD length, copied;

    if (console == INVALID_HANDLE_VALUE) return 0;
    CloseHandle(console);
    RtlAcquireSRWLockShared(&title_lock);
    if (title_set) RtlInitUnicodeString(&title, title_set);
    length = title.Length / sizeof(WCHAR);
    if (size)
    {
        copied = length < size ? length : size - 1;
        memcpy(buffer, title.Buffer, copied * sizeof(WCHAR));
        buffer[copied] = 0;
    }
    RtlReleaseSRWLockShared(&title_lock);
    if (!length) SetLastError(ERROR_SUCCESS);
    return length;
}

DWORD WINAPI GetConsoleTitleA(char *buffer, DWORD size)
{
    DWORD length = GetConsoleTitleW(NULL, 0), room = length + 1, wide_length, n = 0;
    WCHAR *wide;

    if (!length) return 0;
    if (!(wide = RtlAllocateHeap(GetProcessHeap(), 0, room * sizeof(WCHAR))))
    {
        SetLastError(ERROR_NOT_ENOUGH_MEMORY);
        return 0;
    }
    wide_length = GetConsoleTitleW(wide, room);
    if (wide_length > length) wide_length = length;
    length = (DWORD)WideCharToMultiByte(CP_ACP, 0, wide, (int)wide_length, NULL, 0, NULL, NULL);
    if (length < size) n = (DWORD)WideCharToMultiByte(CP_ACP, 0, wide, (int)wide_length, buffer, (int)size, NULL, NULL);
    if (size) buffer[n] = 0;            /* a part could end within a character */
    RtlFreeHeap(GetProcessHeap(), 0, wide);
    return length;
}
