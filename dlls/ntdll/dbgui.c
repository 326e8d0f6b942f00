/* The debugger's calls as ntdll names them: each thread that debugs has a debug object of its own, in its TEB. */
#include "ldr.h"

extern EXCEPTION_DISPOSITION WINAPI break_continue(EXCEPTION_RECORD *rec, void *frame, CONTEXT *context, void *dispatcher);

/* Breaks, and goes on if neither a debugger nor the program wants it: the debugger may have gone in between. */
__asm__(".section .text$break_quietly,\"xr\"\n"
        "\t.globl break_quietly\n"
        "\t.seh_proc break_quietly\n"
        "break_quietly:\n"
        "\tsubq $40,%rsp\n"
        "\t.seh_stackalloc 40\n"
        "\t.seh_handler break_continue, @except\n"
        "\t.seh_endprologue\n"
        "\tcall *%rcx\n"
        "\tnop\n"
        "\taddq $40,%rsp\n"
        "\tret\n"
        "\t.seh_endproc\n"
        "\t.text\n");

EXCEPTION_DISPOSITION WINAPI break_continue(EXCEPTION_RECORD *rec, void *frame, CONTEXT *context, void *dispatcher)
{
    (void)frame, (void)dispatcher;
    if (rec->ExceptionCode != (DWORD)STATUS_BREAKPOINT || rec->ExceptionFlags & (EH_UNWINDING | EH_EXIT_UNWIND))
        return ExceptionContinueSearch;
    context->Rip++;
    return ExceptionContinueExecution;
}

/* ---- the object ------------------------------------------------------------------------------------------------------ */

HANDLE WINAPI DbgUiGetThreadDebugObject(void)
{
    return NtCurrentTeb()->DbgSsReserved[1];
}

void WINAPI DbgUiSetThreadDebugObject(HANDLE debug)
{
    NtCurrentTeb()->DbgSsReserved[1] = debug;
}

NTSTATUS WINAPI DbgUiConnectToDbg(void)
{
    OBJECT_ATTRIBUTES attr = { sizeof(attr), NULL, NULL, 0, NULL, NULL };

    if (NtCurrentTeb()->DbgSsReserved[1]) return STATUS_SUCCESS;
    return NtCreateDebugObject(&NtCurrentTeb()->DbgSsReserved[1], DEBUG_ALL_ACCESS, &attr, DEBUG_KILL_ON_CLOSE);
}

void dbgui_thread_exit(void)
{
    HANDLE debug = DbgUiGetThreadDebugObject();

    if (!debug) return;
    DbgUiSetThreadDebugObject(NULL);
    NtClose(debug);
}

/* ---- processes --------------------------------------------------------------------------------------------------------- */

void WINAPI DbgUiRemoteBreakin(void *unused)
{
    (void)unused;
    if (current_peb()->BeingDebugged) break_quietly(DbgBreakPoint);
    RtlExitUserThread(STATUS_SUCCESS);
}

/* All processes have the same ntdll at the same place. */
NTSTATUS WINAPI DbgUiIssueRemoteBreakin(HANDLE process)
{
    return RtlCreateUserThread(process, NULL, FALSE, 0, 0, 0x4000, (PRTL_THREAD_START_ROUTINE)DbgUiRemoteBreakin, NULL, NULL, NULL);
}

NTSTATUS WINAPI DbgUiDebugActiveProcess(HANDLE process)
{
    NTSTATUS status = NtDebugActiveProcess(process, DbgUiGetThreadDebugObject());

    if (status) return status;
    if ((status = DbgUiIssueRemoteBreakin(process))) DbgUiStopDebugging(process);
    return status;
}

NTSTATUS WINAPI DbgUiStopDebugging(HANDLE process)
{
    return NtRemoveProcessDebug(process, DbgUiGetThreadDebugObject());
}

/* ---- events --------------------------------------------------------------------------------------------------------------- */

NTSTATUS WINAPI DbgUiWaitStateChange(DBGUI_WAIT_STATE_CHANGE *change, LARGE_INTEGER *timeout)
{
    return NtWaitForDebugEvent(DbgUiGetThreadDebugObject(), TRUE, timeout, change);
}

NTSTATUS WINAPI DbgUiContinue(CLIENT_ID *id, NTSTATUS status)
{
    return NtDebugContinue(DbgUiGetThreadDebugObject(), id, status);
}

static void *local_base(HANDLE thread)
{
    THREAD_BASIC_INFORMATION info;

    return NtQueryInformationThread(thread, ThreadBasicInformation, &info, sizeof(info), NULL) ? NULL
                                                                                                  : info.TebBaseAddress;
}

/* Text for the debugger comes as an exception. A wide one has the same text in bytes, for those who ask for that. */
static void convert_exception(const DBGKM_EXCEPTION *from, DEBUG_EVENT *event, BOOL wide)
{
    const EXCEPTION_RECORD *rec = &from->ExceptionRecord;
    unsigned int at = 0;

    switch (rec->ExceptionCode)
    {
    case (DWORD)DBG_PRINTEXCEPTION_WIDE_C:
        if (!wide) at = 2;
        __attribute__((fallthrough));
    case (DWORD)DBG_PRINTEXCEPTION_C:
        event->dwDebugEventCode = OUTPUT_DEBUG_STRING_EVENT;
        event->u.DebugString.lpDebugStringData = (char *)rec->ExceptionInformation[at + 1];
        event->u.DebugString.nDebugStringLength = (WORD)rec->ExceptionInformation[at];
        event->u.DebugString.fUnicode = rec->ExceptionCode == (DWORD)DBG_PRINTEXCEPTION_WIDE_C && wide;
        break;
    case (DWORD)DBG_RIPEXCEPTION:
        event->dwDebugEventCode = RIP_EVENT;
        event->u.RipInfo.dwError = (DWORD)rec->ExceptionInformation[0];
        event->u.RipInfo.dwType = (DWORD)rec->ExceptionInformation[1];
        break;
    default:
        event->dwDebugEventCode = EXCEPTION_DEBUG_EVENT;
        event->u.Exception.ExceptionRecord = *rec;
        event->u.Exception.dwFirstChance = from->FirstChance;
        break;
    }
}

static NTSTATUS convert(const DBGUI_WAIT_STATE_CHANGE *change, DEBUG_EVENT *event, BOOL wide)
{
    const DBGUI_CREATE_PROCESS *process = &change->StateInfo.CreateProcessInfo;

    event->dwProcessId = HandleToULong(change->AppClientId.UniqueProcess);
    event->dwThreadId = HandleToULong(change->AppClientId.UniqueThread);
    switch (change->NewState)
    {
    case DbgCreateThreadStateChange:
        event->dwDebugEventCode = CREATE_THREAD_DEBUG_EVENT;
        event->u.CreateThread.hThread = change->StateInfo.CreateThread.HandleToThread;
        event->u.CreateThread.lpThreadLocalBase = local_base(event->u.CreateThread.hThread);
        event->u.CreateThread.lpStartAddress = change->StateInfo.CreateThread.NewThread.StartAddress;
        break;
    case DbgCreateProcessStateChange:
        event->dwDebugEventCode = CREATE_PROCESS_DEBUG_EVENT;
        event->u.CreateProcessInfo.hFile = process->NewProcess.FileHandle;
        event->u.CreateProcessInfo.hProcess = process->HandleToProcess;
        event->u.CreateProcessInfo.hThread = process->HandleToThread;
        event->u.CreateProcessInfo.lpBaseOfImage = process->NewProcess.BaseOfImage;
        event->u.CreateProcessInfo.dwDebugInfoFileOffset = process->NewProcess.DebugInfoFileOffset;
        event->u.CreateProcessInfo.nDebugInfoSize = process->NewProcess.DebugInfoSize;
        event->u.CreateProcessInfo.lpThreadLocalBase = local_base(process->HandleToThread);
        event->u.CreateProcessInfo.lpStartAddress = process->NewProcess.InitialThread.StartAddress;
        event->u.CreateProcessInfo.lpImageName = NULL;
        event->u.CreateProcessInfo.fUnicode = TRUE;
        break;
    case DbgExitThreadStateChange:
        event->dwDebugEventCode = EXIT_THREAD_DEBUG_EVENT;
        event->u.ExitThread.dwExitCode = change->StateInfo.ExitThread.ExitStatus;
        break;
    case DbgExitProcessStateChange:
        event->dwDebugEventCode = EXIT_PROCESS_DEBUG_EVENT;
        event->u.ExitProcess.dwExitCode = change->StateInfo.ExitProcess.ExitStatus;
        break;
    case DbgExceptionStateChange:
    case DbgBreakpointStateChange:
    case DbgSingleStepStateChange:
        convert_exception(&change->StateInfo.Exception, event, wide);
        break;
    case DbgLoadDllStateChange:
        event->dwDebugEventCode = LOAD_DLL_DEBUG_EVENT;
        event->u.LoadDll.hFile = change->StateInfo.LoadDll.FileHandle;
        event->u.LoadDll.lpBaseOfDll = change->StateInfo.LoadDll.BaseOfDll;
        event->u.LoadDll.dwDebugInfoFileOffset = change->StateInfo.LoadDll.DebugInfoFileOffset;
        event->u.LoadDll.nDebugInfoSize = change->StateInfo.LoadDll.DebugInfoSize;
        event->u.LoadDll.lpImageName = change->StateInfo.LoadDll.NamePointer;
        event->u.LoadDll.fUnicode = TRUE;
        break;
    case DbgUnloadDllStateChange:
        event->dwDebugEventCode = UNLOAD_DLL_DEBUG_EVENT;
        event->u.UnloadDll.lpBaseOfDll = change->StateInfo.UnloadDll.BaseAddress;
        break;
    default:
        return STATUS_UNSUCCESSFUL;
    }
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI DbgUiConvertStateChangeStructure(DBGUI_WAIT_STATE_CHANGE *change, DEBUG_EVENT *event)
{
    return convert(change, event, FALSE);
}

NTSTATUS WINAPI DbgUiConvertStateChangeStructureEx(DBGUI_WAIT_STATE_CHANGE *change, DEBUG_EVENT *event);
NTSTATUS WINAPI DbgUiConvertStateChangeStructureEx(DBGUI_WAIT_STATE_CHANGE *change, DEBUG_EVENT *event)
{
    return convert(change, event, TRUE);
}
