/* Debuggers: processes to debug, and their events.
 *
 * The handles that come with an event belong to the system, not to the program: they are kept in a list of the thread
 * (TEB.DbgSsReserved[0]) and closed when the end of their thread or process is continued.
 */
#include "kernelbase.h"

NTSTATUS WINAPI DbgUiConvertStateChangeStructureEx(DBGUI_WAIT_STATE_CHANGE *change, DEBUG_EVENT *event);

struct kept
{
    struct kept *next;
    HANDLE handle;
    DWORD process, thread;              /* thread 0: the process itself */
    BOOL ended;                         /* the event that says so is being looked at */
};

static struct kept **kept_list(void)
{
    return (struct kept **)&NtCurrentTeb()->DbgSsReserved[0];
}

static void keep(HANDLE handle, DWORD process, DWORD thread)
{
    struct kept *kept = handle ? heap_alloc(sizeof(*kept)) : NULL;

    if (!kept) return;                  /* it stays open then */
    *kept = (struct kept){ *kept_list(), handle, process, thread, FALSE };
    *kept_list() = kept;
}

/* thread 0: the process has ended, and all of its threads have. */
static void mark_ended(DWORD process, DWORD thread)
{
    struct kept *kept;

    for (kept = *kept_list(); kept; kept = kept->next)
        if (kept->process == process && (!thread || kept->thread == thread)) kept->ended = TRUE;
}

static void close_kept(DWORD process, BOOL all)
{
    struct kept **p = kept_list(), *kept;

    while ((kept = *p))
    {
        if (kept->process != process || !(all || kept->ended))
        {
            p = &kept->next;
            continue;
        }
        *p = kept->next;
        NtClose(kept->handle);
        heap_free(kept);
    }
}

/* ---- events ---------------------------------------------------------------------------------------------------------- */

static void note_handles(const DEBUG_EVENT *event)
{
    switch (event->dwDebugEventCode)
    {
    case CREATE_PROCESS_DEBUG_EVENT:
        keep(event->u.CreateProcessInfo.hProcess, event->dwProcessId, 0);
        keep(event->u.CreateProcessInfo.hThread, event->dwProcessId, event->dwThreadId);
        break;
    case CREATE_THREAD_DEBUG_EVENT:
        keep(event->u.CreateThread.hThread, event->dwProcessId, event->dwThreadId);
        break;
    case EXIT_THREAD_DEBUG_EVENT:
        mark_ended(event->dwProcessId, event->dwThreadId);
        break;
    case EXIT_PROCESS_DEBUG_EVENT:
        mark_ended(event->dwProcessId, 0);
        break;
    }
}

static BOOL wait_for_event(DEBUG_EVENT *event, DWORD milliseconds,
                           NTSTATUS (WINAPI *convert)(DBGUI_WAIT_STATE_CHANGE *, DEBUG_EVENT *))
{
    DBGUI_WAIT_STATE_CHANGE change;
    LARGE_INTEGER time, now;
    NTSTATUS status;

    time.QuadPart = 0;
    if (milliseconds && milliseconds != INFINITE)       /* absolute: alerts do not prolong it */
    {
        NtQuerySystemTime(&now);
        time.QuadPart = now.QuadPart + (LONGLONG)milliseconds * 10000;
    }
    do
        status = DbgUiWaitStateChange(&change, milliseconds == INFINITE ? NULL : &time);
    while (status == STATUS_ALERTED || status == STATUS_USER_APC);
    if (status == STATUS_TIMEOUT) return fail(ERROR_SEM_TIMEOUT);
    if (!nt_result(status) || !nt_result(convert(&change, event))) return FALSE;
    note_handles(event);
    return TRUE;
}

BOOL WINAPI WaitForDebugEvent(DEBUG_EVENT *event, DWORD milliseconds)
{
    return wait_for_event(event, milliseconds, DbgUiConvertStateChangeStructure);
}

BOOL WINAPI WaitForDebugEventEx(DEBUG_EVENT *event, DWORD milliseconds);
BOOL WINAPI WaitForDebugEventEx(DEBUG_EVENT *event, DWORD milliseconds)
{
    return wait_for_event(event, milliseconds, DbgUiConvertStateChangeStructureEx);
}

BOOL WINAPI ContinueDebugEvent(DWORD process, DWORD thread, DWORD status)
{
    CLIENT_ID id = { ULongToHandle(process), ULongToHandle(thread) };

    if (!nt_result(DbgUiContinue(&id, (NTSTATUS)status))) return FALSE;
    if (status != (DWORD)DBG_REPLY_LATER) close_kept(process, FALSE);
    return TRUE;
}

/* ---- processes --------------------------------------------------------------------------------------------------------- */

static HANDLE open_debuggee(DWORD id)
{
    return OpenProcess(PROCESS_CREATE_THREAD | PROCESS_VM_OPERATION | PROCESS_VM_READ | PROCESS_VM_WRITE |
                       PROCESS_SUSPEND_RESUME | PROCESS_QUERY_INFORMATION, FALSE, id);
}

BOOL WINAPI DebugActiveProcess(DWORD id)
{
    HANDLE process;
    BOOL ok;

    if (!nt_result(DbgUiConnectToDbg()) || !(process = open_debuggee(id))) return FALSE;
    ok = nt_result(DbgUiDebugActiveProcess(process));
    NtClose(process);
    return ok;
}

BOOL WINAPI DebugActiveProcessStop(DWORD id)
{
    HANDLE process = open_debuggee(id);
    BOOL ok;

    if (!process) return FALSE;
    close_kept(id, TRUE);
    if (!(ok = DbgUiStopDebugging(process) >= 0)) set_error(ERROR_ACCESS_DENIED);
    NtClose(process);
    return ok;
}

BOOL WINAPI DebugBreakProcess(HANDLE process)
{
    return nt_result(DbgUiIssueRemoteBreakin(process));
}

BOOL WINAPI DebugSetProcessKillOnExit(BOOL kill)
{
    HANDLE debug = DbgUiGetThreadDebugObject();
    ULONG flags = kill ? DEBUG_KILL_ON_CLOSE : 0;

    if (!debug) return fail(ERROR_INVALID_HANDLE);
    return nt_result(NtSetInformationDebugObject(debug, DebugObjectKillProcessOnExitInformation, &flags, sizeof(flags), NULL));
}
