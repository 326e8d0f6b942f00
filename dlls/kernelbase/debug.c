/* Exceptions and debugging. */
#include "kernelbase.h"

/* ---- raising and catching --------------------------------------------------------------------------- */
void WINAPI RaiseException(DWORD code, DWORD flags, DWORD count, const ULONG_PTR *arguments)
{
    EXCEPTION_RECORD record;

    record.ExceptionCode = code;
    record.ExceptionFlags = flags & EXCEPTION_NONCONTINUABLE;
    record.ExceptionRecord = NULL;
    /* Where it was raised, as debuggers and C++ expect: this function. */
    record.ExceptionAddress = (void *)RaiseException;
    record.NumberParameters = 0;
    if (count && arguments)
    {
        if (count > EXCEPTION_MAXIMUM_PARAMETERS) count = EXCEPTION_MAXIMUM_PARAMETERS;
        record.NumberParameters = count;
        memcpy(record.ExceptionInformation, arguments, count * sizeof(*arguments));
    }
    RtlRaiseException(&record);
}

static LPTOP_LEVEL_EXCEPTION_FILTER top_level_filter;

/* The flag in the PEB is the program's to change. */
static BOOL has_debugger(void)
{
    DWORD_PTR port;

    return NtQueryInformationProcess(NtCurrentProcess(), ProcessDebugPort, &port, sizeof(port), NULL) >= 0 && port;
}

/* What ntdll asks when no handler took an exception. If the program does not want it either, the search goes on to its
 * end, where the crash is reported. */
static LONG WINAPI ask_program(EXCEPTION_POINTERS *pointers)
{
    LPTOP_LEVEL_EXCEPTION_FILTER filter = __atomic_load_n(&top_level_filter, __ATOMIC_ACQUIRE);

    return filter && !has_debugger() ? filter(pointers) : EXCEPTION_CONTINUE_SEARCH;
}

LPTOP_LEVEL_EXCEPTION_FILTER WINAPI SetUnhandledExceptionFilter(LPTOP_LEVEL_EXCEPTION_FILTER filter)
{
    RtlSetUnhandledExceptionFilter(ask_program);
    return __atomic_exchange_n(&top_level_filter, filter, __ATOMIC_ACQ_REL);
}

LONG WINAPI UnhandledExceptionFilter(EXCEPTION_POINTERS *pointers)
{
    LONG result;

    if (has_debugger()) return EXCEPTION_CONTINUE_SEARCH;       /* the second chance is its */
    result = ask_program(pointers);
    /* Without a debugger the caller is to end the process. */
    return result == EXCEPTION_CONTINUE_SEARCH ? EXCEPTION_EXECUTE_HANDLER : result;
}

/* ---- debuggers -------------------------------------------------------------------------------------- */
BOOL WINAPI IsDebuggerPresent(void)
{
    return NtCurrentTeb()->Peb->BeingDebugged;
}

BOOL WINAPI CheckRemoteDebuggerPresent(HANDLE process, BOOL *present)
{
    DWORD_PTR port;

    if (!process || !present) return fail(ERROR_INVALID_PARAMETER);
    if (!nt_result(NtQueryInformationProcess(process, ProcessDebugPort, &port, sizeof(port), NULL))) return FALSE;
    *present = port != 0;
    return TRUE;
}

void WINAPI DebugBreak(void)
{
    DbgBreakPoint();
}

/* ---- error reporting -------------------------------------------------------------------------------- */

/* What a program tells the error reporting service it wants to be left out of. Crashes are reported on stderr here, and
 * nowhere else, so that all these flags say is true of every process; they are kept for whoever reads them back. */
static DWORD report_flags;

HRESULT WINAPI WerSetFlags(DWORD flags)
{
    report_flags = flags;
    return S_OK;
}

HRESULT WINAPI WerGetFlags(HANDLE process, DWORD *flags)
{
    if (!flags) return E_INVALIDARG;
    if (process != NtCurrentProcess()) return HRESULT_FROM_WIN32(ERROR_NOT_SUPPORTED);
    *flags = report_flags;
    return S_OK;
}
