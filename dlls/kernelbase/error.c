/* The last error and the error modes. */
#include "kernelbase.h"

DWORD WINAPI GetLastError(void)
{
    return get_error();
}

void WINAPI SetLastError(DWORD error)
{
    set_error(error);
}

UINT WINAPI GetErrorMode(void)
{
    UINT mode = 0;

    /* The kernel keeps SEM_FAILCRITICALERRORS inverted. */
    if (NtQueryInformationProcess(NtCurrentProcess(), ProcessDefaultHardErrorMode, &mode, sizeof(mode), NULL) < 0) return 0;
    return mode ^ SEM_FAILCRITICALERRORS;
}

UINT WINAPI SetErrorMode(UINT mode)
{
    UINT old = GetErrorMode();
    UINT kernel_mode;

    /* SEM_NOALIGNMENTFAULTEXCEPT cannot be taken back once it is set. */
    mode |= old & SEM_NOALIGNMENTFAULTEXCEPT;
    kernel_mode = mode ^ SEM_FAILCRITICALERRORS;
    NtSetInformationProcess(NtCurrentProcess(), ProcessDefaultHardErrorMode, &kernel_mode, sizeof(kernel_mode));
    return old;
}

/* ntdll's bits for the same. */
enum { RTL_FAILCRITICALERRORS = 0x10, RTL_NOGPFAULTERRORBOX = 0x20, RTL_NOOPENFILEERRORBOX = 0x40 };

static DWORD error_mode_from_rtl(DWORD mode)
{
    return (mode & RTL_FAILCRITICALERRORS ? SEM_FAILCRITICALERRORS : 0) | (mode & RTL_NOGPFAULTERRORBOX ? SEM_NOGPFAULTERRORBOX : 0) |
           (mode & RTL_NOOPENFILEERRORBOX ? SEM_NOOPENFILEERRORBOX : 0);
}

DWORD WINAPI GetThreadErrorMode(void)
{
    return error_mode_from_rtl(RtlGetThreadErrorMode());
}

BOOL WINAPI SetThreadErrorMode(DWORD mode, DWORD *old)
{
    DWORD previous;

    if (mode & ~(SEM_FAILCRITICALERRORS | SEM_NOGPFAULTERRORBOX | SEM_NOOPENFILEERRORBOX))
        return fail(ERROR_INVALID_PARAMETER);
    if (!nt_result(RtlSetThreadErrorMode((mode & SEM_FAILCRITICALERRORS ? RTL_FAILCRITICALERRORS : 0) |
                                         (mode & SEM_NOGPFAULTERRORBOX ? RTL_NOGPFAULTERRORBOX : 0) |
                                         (mode & SEM_NOOPENFILEERRORBOX ? RTL_NOOPENFILEERRORBOX : 0), &previous)))
        return FALSE;
    if (old) *old = error_mode_from_rtl(previous);
    return TRUE;
}

void WINAPI RaiseFailFastException(EXCEPTION_RECORD *record, CONTEXT *context, DWORD flags)
{
    EXCEPTION_RECORD own_record;
    CONTEXT own_context;

    if (!context)
    {
        RtlCaptureContext(&own_context);
        context = &own_context;
    }
    if (!record)
    {
        memset(&own_record, 0, sizeof(own_record));
        own_record.ExceptionCode = STATUS_FAIL_FAST_EXCEPTION;
        own_record.ExceptionFlags = EXCEPTION_NONCONTINUABLE;
        own_record.ExceptionAddress = __builtin_return_address(0);
        record = &own_record;
    }
    else if (flags & FAIL_FAST_GENERATE_EXCEPTION_ADDRESS) record->ExceptionAddress = __builtin_return_address(0);
    NtRaiseException(record, context, FALSE);
    NtTerminateProcess(NtCurrentProcess(), (LONG)record->ExceptionCode);
}

void WINAPI FatalExit(int code)
{
    NtTerminateProcess(NtCurrentProcess(), code);
}

/* Windows shows a box; here the message goes where a console program's last words go. */
void WINAPI FatalAppExitA(UINT action, const char *message)
{
    IO_STATUS_BLOCK io;

    (void)action;       /* reserved */
    if (message)
    {
        HANDLE error = process_parameters()->hStdError;

        NtWriteFile(error, NULL, NULL, NULL, &io, message, (ULONG)strlen(message), NULL, NULL);
        NtWriteFile(error, NULL, NULL, NULL, &io, "\r\n", 2, NULL, NULL);
    }
    NtTerminateProcess(NtCurrentProcess(), 1);
}

void WINAPI FatalAppExitW(UINT action, const WCHAR *message)
{
    UNICODE_STRING wide;
    ANSI_STRING ansi = { 0 };

    RtlInitUnicodeString(&wide, message);
    if (message) RtlUnicodeStringToAnsiString(&ansi, &wide, TRUE);
    FatalAppExitA(action, ansi.Buffer);
}
