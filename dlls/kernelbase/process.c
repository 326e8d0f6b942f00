/* This process and others: handles, ids, exit codes, priorities, times. */
#include "kernelbase.h"

HANDLE WINAPI GetCurrentProcess(void)
{
    return NtCurrentProcess();
}

DWORD WINAPI GetCurrentProcessId(void)
{
    return HandleToULong(NtCurrentTeb()->ClientId.UniqueProcess);
}

/* Exits as RtlExitUserProcess does: DLLs hear of it. */
void WINAPI ExitProcess(DWORD code)
{
    RtlExitUserProcess(code);
}

BOOL WINAPI TerminateProcess(HANDLE process, DWORD code)
{
    if (!process) return fail(ERROR_INVALID_HANDLE);
    return nt_result(NtTerminateProcess(process, (NTSTATUS)code));
}

static BOOL basic_information(HANDLE process, PROCESS_BASIC_INFORMATION *info)
{
    return nt_result(NtQueryInformationProcess(process, ProcessBasicInformation, info, sizeof(*info), NULL));
}

BOOL WINAPI GetExitCodeProcess(HANDLE process, DWORD *code)
{
    PROCESS_BASIC_INFORMATION info;

    if (!basic_information(process, &info)) return FALSE;
    if (code) *code = (DWORD)info.ExitStatus;
    return TRUE;
}

DWORD WINAPI GetProcessId(HANDLE process)
{
    PROCESS_BASIC_INFORMATION info;

    return basic_information(process, &info) ? (DWORD)info.UniqueProcessId : 0;
}

/* The version of Windows that the program was made for. */
DWORD WINAPI GetProcessVersion(DWORD id)
{
    HANDLE process = id ? OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id) : NtCurrentProcess();
    SECTION_IMAGE_INFORMATION info;
    BOOL known;

    if (!process) return 0;
    known = nt_result(NtQueryInformationProcess(process, ProcessImageInformation, &info, sizeof(info), NULL));
    if (id) NtClose(process);
    return known ? MAKELONG(info.MinorSubsystemVersion, info.MajorSubsystemVersion) : 0;
}

HANDLE WINAPI OpenProcess(DWORD access, BOOL inherit, DWORD id)
{
    OBJECT_ATTRIBUTES attr;
    CLIENT_ID client;
    HANDLE handle;

    InitializeObjectAttributes(&attr, NULL, inherit ? OBJ_INHERIT : 0, NULL, NULL);
    client.UniqueProcess = ULongToHandle(id);
    client.UniqueThread = NULL;
    return nt_result(NtOpenProcess(&handle, access, &attr, &client)) ? handle : NULL;
}

/* There is one session, and its console is the terminal. */
DWORD WINAPI WTSGetActiveConsoleSessionId(void)
{
    return NtCurrentTeb()->Peb->SessionId;
}

BOOL WINAPI ProcessIdToSessionId(DWORD id, DWORD *session)
{
    HANDLE process;
    ULONG value;
    BOOL ok;

    if (id == GetCurrentProcessId())
    {
        *session = NtCurrentTeb()->Peb->SessionId;
        return TRUE;
    }
    if (!(process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, id))) return FALSE;
    ok = nt_result(NtQueryInformationProcess(process, ProcessSessionInformation, &value, sizeof(value), NULL));
    if (ok) *session = value;
    NtClose(process);
    return ok;
}

/* ---- priority and affinity -------------------------------------------------------------------------- */
static const struct
{
    DWORD win32;
    UCHAR kernel;
} priority_classes[] =
{
    { IDLE_PRIORITY_CLASS, 1 }, { NORMAL_PRIORITY_CLASS, 2 }, { HIGH_PRIORITY_CLASS, 3 },
    { REALTIME_PRIORITY_CLASS, 4 }, { BELOW_NORMAL_PRIORITY_CLASS, 5 }, { ABOVE_NORMAL_PRIORITY_CLASS, 6 },
};

BOOL WINAPI SetPriorityClass(HANDLE process, DWORD priority_class)
{
    PROCESS_PRIORITY_CLASS info = { FALSE, 0 };
    size_t i;

    /* Background mode is I/O and memory priority: hints that Linux has no use for here. */
    if (priority_class == PROCESS_MODE_BACKGROUND_BEGIN || priority_class == PROCESS_MODE_BACKGROUND_END)
        return fail(ERROR_NOT_SUPPORTED);
    for (i = 0; i < ARRAY_LENGTH(priority_classes); i++)
        if (priority_classes[i].win32 == priority_class) info.PriorityClass = priority_classes[i].kernel;
    if (!info.PriorityClass) return fail(ERROR_INVALID_PARAMETER);
    return nt_result(NtSetInformationProcess(process, ProcessPriorityClass, &info, sizeof(info)));
}

DWORD WINAPI GetPriorityClass(HANDLE process)
{
    PROCESS_PRIORITY_CLASS info;
    size_t i;

    if (!nt_result(NtQueryInformationProcess(process, ProcessPriorityClass, &info, sizeof(info), NULL))) return 0;
    for (i = 0; i < ARRAY_LENGTH(priority_classes); i++)
        if (priority_classes[i].kernel == info.PriorityClass) return priority_classes[i].win32;
    return 0;
}

BOOL WINAPI GetProcessPriorityBoost(HANDLE process, BOOL *disabled)
{
    ULONG value;

    if (!nt_result(NtQueryInformationProcess(process, ProcessPriorityBoost, &value, sizeof(value), NULL))) return FALSE;
    *disabled = value != 0;
    return TRUE;
}

BOOL WINAPI SetProcessPriorityBoost(HANDLE process, BOOL disable)
{
    ULONG value = disable != 0;

    return nt_result(NtSetInformationProcess(process, ProcessPriorityBoost, &value, sizeof(value)));
}

BOOL WINAPI GetProcessAffinityMask(HANDLE process, DWORD_PTR *process_mask, DWORD_PTR *system_mask)
{
    PROCESS_BASIC_INFORMATION info;
    SYSTEM_BASIC_INFORMATION system;

    if (!basic_information(process, &info)) return FALSE;
    if (!nt_result(NtQuerySystemInformation(SystemBasicInformation, &system, sizeof(system), NULL))) return FALSE;
    *process_mask = info.AffinityMask;
    *system_mask = system.ActiveProcessorsAffinityMask;
    return TRUE;
}

BOOL WINAPI SetProcessAffinityMask(HANDLE process, DWORD_PTR mask)
{
    return nt_result(NtSetInformationProcess(process, ProcessAffinityMask, &mask, sizeof(mask)));
}

BOOL WINAPI SetProcessAffinityUpdateMode(HANDLE process, DWORD flags)
{
    PROCESS_BASIC_INFORMATION info;

    if (flags & ~PROCESS_AFFINITY_ENABLE_AUTO_UPDATE) return fail(ERROR_INVALID_PARAMETER);
    return basic_information(process, &info);
}

/* ---- times and counters ----------------------------------------------------------------------------- */
BOOL WINAPI GetProcessTimes(HANDLE process, FILETIME *created, FILETIME *exited, FILETIME *kernel, FILETIME *user)
{
    KERNEL_USER_TIMES times;

    if (!nt_result(NtQueryInformationProcess(process, ProcessTimes, &times, sizeof(times), NULL))) return FALSE;
    memcpy(created, &times.CreateTime, sizeof(*created));
    memcpy(exited, &times.ExitTime, sizeof(*exited));
    memcpy(kernel, &times.KernelTime, sizeof(*kernel));
    memcpy(user, &times.UserTime, sizeof(*user));
    return TRUE;
}

BOOL WINAPI GetProcessHandleCount(HANDLE process, DWORD *count)
{
    return nt_result(NtQueryInformationProcess(process, ProcessHandleCount, count, sizeof(*count), NULL));
}

BOOL WINAPI GetProcessIoCounters(HANDLE process, IO_COUNTERS *counters)
{
    return nt_result(NtQueryInformationProcess(process, ProcessIoCounters, counters, sizeof(*counters), NULL));
}

/* ---- names and kinds -------------------------------------------------------------------------------- */
BOOL WINAPI QueryFullProcessImageNameW(HANDLE process, DWORD flags, WCHAR *name, DWORD *size)
{
    BYTE buffer[sizeof(UNICODE_STRING) + 1024 * sizeof(WCHAR)];
    UNICODE_STRING *string = (UNICODE_STRING *)buffer;
    PROCESSINFOCLASS class = flags & PROCESS_NAME_NATIVE ? ProcessImageFileName : ProcessImageFileNameWin32;
    UNICODE_STRING *allocated = NULL;
    ULONG needed;
    NTSTATUS status;
    DWORD length;
    BOOL ok = FALSE;

    if (flags & ~PROCESS_NAME_NATIVE) return fail(ERROR_INVALID_PARAMETER);
    status = NtQueryInformationProcess(process, class, string, sizeof(buffer), &needed);
    if (status == STATUS_INFO_LENGTH_MISMATCH)
    {
        if (!(allocated = heap_alloc(needed))) return fail(ERROR_NOT_ENOUGH_MEMORY);
        string = allocated;
        status = NtQueryInformationProcess(process, class, string, needed, &needed);
    }
    if (nt_result(status))
    {
        length = string->Length / sizeof(WCHAR);
        if (length + 1 > *size) set_error(ERROR_INSUFFICIENT_BUFFER);
        else
        {
            *size = wide_result(string->Buffer, length, name, *size);
            ok = TRUE;
        }
    }
    heap_free(allocated);
    return ok;
}

BOOL WINAPI QueryFullProcessImageNameA(HANDLE process, DWORD flags, char *name, DWORD *size)
{
    DWORD wide_size = 32768, length;
    WCHAR *wide = heap_alloc(wide_size * sizeof(WCHAR));
    BOOL ok;

    if (!wide) return fail(ERROR_NOT_ENOUGH_MEMORY);
    ok = QueryFullProcessImageNameW(process, flags, wide, &wide_size);
    if (ok && !name && wide_size < *size) ok = fail(ERROR_INVALID_PARAMETER);
    if (ok)
    {
        length = ansi_result(wide, wide_size, name, *size);
        if (length < *size) *size = length;
        else ok = fail(ERROR_INSUFFICIENT_BUFFER);
    }
    heap_free(wide);
    return ok;
}

BOOL WINAPI IsWow64Process2(HANDLE process, USHORT *machine, USHORT *native)
{
    PROCESS_BASIC_INFORMATION info;

    if (!basic_information(process, &info)) return FALSE;
    *machine = IMAGE_FILE_MACHINE_UNKNOWN;      /* not an emulated process: nothing here is */
    if (native) *native = IMAGE_FILE_MACHINE_AMD64;
    return TRUE;
}

BOOL WINAPI IsWow64Process(HANDLE process, BOOL *wow64)
{
    ULONG_PTR peb32;

    if (!nt_result(NtQueryInformationProcess(process, ProcessWow64Information, &peb32, sizeof(peb32), NULL))) return FALSE;
    *wow64 = peb32 != 0;
    return TRUE;
}

BOOL WINAPI IsProcessCritical(HANDLE process, BOOL *critical)
{
    PROCESS_BASIC_INFORMATION info;

    if (!critical) return fail(ERROR_INVALID_PARAMETER);
    if (!basic_information(process, &info)) return FALSE;
    *critical = FALSE;
    return TRUE;
}

BOOL WINAPI FlushInstructionCache(HANDLE process, const void *address, SIZE_T size)
{
    return nt_result(NtFlushInstructionCache(process, address, size));
}

BOOL WINAPI GetProcessShutdownParameters(DWORD *level, DWORD *flags)
{
    *level = 0x280;     /* what every process has until it says otherwise */
    *flags = 0;
    return TRUE;
}

/* ---- start-up information --------------------------------------------------------------------------- */
void WINAPI GetStartupInfoW(STARTUPINFOW *info)
{
    RTL_USER_PROCESS_PARAMETERS *params = process_parameters();

    info->cb = sizeof(*info);
    info->lpReserved = params->ShellInfo.Buffer;
    info->lpDesktop = params->Desktop.Buffer;
    info->lpTitle = params->WindowTitle.Buffer;
    info->dwX = params->dwX;
    info->dwY = params->dwY;
    info->dwXSize = params->dwXSize;
    info->dwYSize = params->dwYSize;
    info->dwXCountChars = params->dwXCountChars;
    info->dwYCountChars = params->dwYCountChars;
    info->dwFillAttribute = params->dwFillAttribute;
    info->dwFlags = params->dwFlags;
    info->wShowWindow = (WORD)params->wShowWindow;
    info->cbReserved2 = params->RuntimeInfo.Length;
    info->lpReserved2 = params->RuntimeInfo.Length ? (BYTE *)params->RuntimeInfo.Buffer : NULL;
    info->hStdInput = NULL;
    info->hStdOutput = NULL;
    info->hStdError = NULL;
    if (params->dwFlags & STARTF_USESTDHANDLES)
    {
        info->hStdInput = params->hStdInput;
        info->hStdOutput = params->hStdOutput;
        info->hStdError = params->hStdError;
    }
}

/* The ANSI strings are made once, for all callers. */
static char *start_string(char **cache, const UNICODE_STRING *wide)
{
    ANSI_STRING ansi;
    char *expected = NULL;

    if (!wide->Buffer) return NULL;
    if (__atomic_load_n(cache, __ATOMIC_ACQUIRE)) return *cache;
    if (RtlUnicodeStringToAnsiString(&ansi, wide, TRUE) < 0) return NULL;
    if (!__atomic_compare_exchange_n(cache, &expected, ansi.Buffer, FALSE, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE))
        RtlFreeAnsiString(&ansi);
    return *cache;
}

void WINAPI GetStartupInfoA(STARTUPINFOA *info)
{
    static char *desktop, *title, *shell;
    RTL_USER_PROCESS_PARAMETERS *params = process_parameters();

    GetStartupInfoW((STARTUPINFOW *)info);
    info->cb = sizeof(*info);
    info->lpReserved = start_string(&shell, &params->ShellInfo);
    info->lpDesktop = start_string(&desktop, &params->Desktop);
    info->lpTitle = start_string(&title, &params->WindowTitle);
}

WCHAR *WINAPI GetCommandLineW(void)
{
    static WCHAR *command_line;         /* the one of the start, whatever becomes of the parameters: kernel32:process */

    if (!command_line) command_line = process_parameters()->CommandLine.Buffer;
    return command_line;
}

char *WINAPI GetCommandLineA(void)
{
    static char *command_line;

    return start_string(&command_line, &process_parameters()->CommandLine);
}

/* ---- standard handles ------------------------------------------------------------------------------- */
static HANDLE *standard_handle(DWORD which)
{
    switch (which)
    {
    case STD_INPUT_HANDLE: return &process_parameters()->hStdInput;
    case STD_OUTPUT_HANDLE: return &process_parameters()->hStdOutput;
    case STD_ERROR_HANDLE: return &process_parameters()->hStdError;
    }
    set_error(ERROR_INVALID_HANDLE);
    return NULL;
}

HANDLE WINAPI GetStdHandle(DWORD which)
{
    HANDLE *handle = standard_handle(which);

    return handle ? *handle : INVALID_HANDLE_VALUE;
}

BOOL WINAPI SetStdHandle(DWORD which, HANDLE value)
{
    HANDLE *handle = standard_handle(which);

    if (handle) *handle = value;
    return handle != NULL;
}

BOOL WINAPI SetStdHandleEx(DWORD which, HANDLE value, HANDLE *old)
{
    HANDLE *handle = standard_handle(which);

    if (!handle) return FALSE;
    if (old) *old = *handle;
    *handle = value;
    return TRUE;
}
