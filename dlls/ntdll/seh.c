/* __C_specific_handler: __try, __except and __finally of C, as compilers lay them out in scope tables; and the
 * outermost frame of a thread. */

#include "unwind.h"

typedef struct                          /* what follows the handler's RVA in the unwind information */
{
    ULONG Count;
    struct
    {
        ULONG BeginAddress, EndAddress;
        ULONG HandlerAddress;           /* filter or termination handler; 1 = EXCEPTION_EXECUTE_HANDLER */
        ULONG JumpTarget;               /* the __except block; 0: this is a __finally */
    } ScopeRecord[];
} SCOPE_TABLE;

static PRTL_EXCEPTION_FILTER unhandled_filter;

EXCEPTION_DISPOSITION CDECL __C_specific_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch);

/* The unwind ends in the frame: is the target this scope's __except block, or inside the scope (which may be
 * in several pieces)? Then neither it nor what encloses it is left. */
static bool stays_in_scope(const SCOPE_TABLE *table, ULONG scope, ULONG64 target)
{
    ULONG i;

    if (table->ScopeRecord[scope].JumpTarget && target == table->ScopeRecord[scope].JumpTarget) return true;
    for (i = 0; i < table->Count; i++)
        if (target >= table->ScopeRecord[i].BeginAddress && target < table->ScopeRecord[i].EndAddress
            && table->ScopeRecord[i].HandlerAddress == table->ScopeRecord[scope].HandlerAddress
            && table->ScopeRecord[i].JumpTarget == table->ScopeRecord[scope].JumpTarget) return true;
    return false;
}

EXCEPTION_DISPOSITION CDECL __C_specific_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    const SCOPE_TABLE *table = dispatch->HandlerData;
    ULONG64 base = dispatch->ImageBase, pc = dispatch->ControlPc - base;
    ULONG i;

    if (record->ExceptionFlags & (EH_UNWINDING | EH_EXIT_UNWIND))
    {
        for (i = dispatch->ScopeIndex; i < table->Count; i++)
        {
            if (pc < table->ScopeRecord[i].BeginAddress || pc >= table->ScopeRecord[i].EndAddress) continue;
            if (record->ExceptionFlags & EH_TARGET_UNWIND && stays_in_scope(table, i, dispatch->TargetIp - base)) break;
            if (table->ScopeRecord[i].JumpTarget) continue;
            /* If it unwinds or raises in turn, it is not to run again. */
            dispatch->ScopeIndex = i + 1;
            ((PTERMINATION_HANDLER)(base + table->ScopeRecord[i].HandlerAddress))(TRUE, frame);
        }
        return ExceptionContinueSearch;
    }

    for (i = dispatch->ScopeIndex; i < table->Count; i++)
    {
        if (pc < table->ScopeRecord[i].BeginAddress || pc >= table->ScopeRecord[i].EndAddress) continue;
        if (!table->ScopeRecord[i].JumpTarget) continue;
        if (table->ScopeRecord[i].HandlerAddress != EXCEPTION_EXECUTE_HANDLER)
        {
            EXCEPTION_POINTERS pointers = { record, context };
            LONG result = ((PEXCEPTION_FILTER)(base + table->ScopeRecord[i].HandlerAddress))(&pointers, frame);

            if (result < 0) return ExceptionContinueExecution;
            if (!result) continue;
        }
        RtlUnwindEx(frame, (void *)(base + table->ScopeRecord[i].JumpTarget), record,
                    (void *)(ULONG_PTR)record->ExceptionCode, dispatch->ContextRecord, dispatch->HistoryTable);
    }
    return ExceptionContinueSearch;
}

/* ---- the outermost frame ------------------------------------------------------------------- */

void WINAPI RtlSetUnhandledExceptionFilter(PRTL_EXCEPTION_FILTER filter)
{
    unhandled_filter = filter;
}

/* The handler of RtlUserThreadStart: nobody wanted the exception. */
EXCEPTION_DISPOSITION thread_start_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    EXCEPTION_POINTERS pointers = { record, context };

    (void)frame, (void)dispatch;
    if (record->ExceptionFlags & (EH_UNWINDING | EH_EXIT_UNWIND) || !unhandled_filter) return ExceptionContinueSearch;
    switch (unhandled_filter(&pointers))
    {
    case EXCEPTION_CONTINUE_EXECUTION:
        return ExceptionContinueExecution;
    case EXCEPTION_EXECUTE_HANDLER:
        NtTerminateProcess(NtCurrentProcess(), record->ExceptionCode);
    }
    return ExceptionContinueSearch;
}

/* A thread's start where there is no kernel32. */
void DECLSPEC_NORETURN thread_start_plain(DWORD unused, PRTL_THREAD_START_ROUTINE start, void *argument);
void DECLSPEC_NORETURN thread_start_plain(DWORD unused, PRTL_THREAD_START_ROUTINE start, void *argument)
{
    (void)unused;
    RtlExitUserThread(((DWORD (WINAPI *)(void *))(void *)start)(argument));
}
