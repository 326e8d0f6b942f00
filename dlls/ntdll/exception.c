/* Exceptions: from the record to the handler, and back up the stack.
 *
 * Dispatching looks for a handler frame by frame, without changing anything; unwinding then goes the same
 * way once more and runs the termination handlers. Both meet themselves: an exception inside a handler is
 * nested, an unwind through an unwind collides with it and takes over. The two trampolines in
 * exception_x86_64.S whose handlers are nested_exception_handler and collided_unwind_handler are how either
 * is noticed.
 */

#include "unwind.h"

/* The parts of a dispatcher context that both directions fill in the same way. Returns false if the stack is
 * not one: then nothing more can be found.
 *
 * What is no function counts as a leaf, whatever it is: a walk that has lost its way, through code without
 * unwind information, goes up word by word and finds it again at the next return address. */
static bool unwind_one(DISPATCHER_CONTEXT *dispatch, ULONG type, CONTEXT *context)
{
    const NT_TIB *tib = &NtCurrentTeb()->Tib;
    ULONG64 rsp = context->Rsp;

    dispatch->ControlPc = context->Rip;
    dispatch->LanguageHandler = NULL;
    dispatch->ScopeIndex = 0;
    if (context->Rsp & 7 || context->Rsp < (ULONG64)tib->StackLimit || context->Rsp >= (ULONG64)tib->StackBase) return false;
    dispatch->FunctionEntry = RtlLookupFunctionEntry(context->Rip, &dispatch->ImageBase, dispatch->HistoryTable);
    if (dispatch->FunctionEntry)
    {
        dispatch->LanguageHandler = RtlVirtualUnwind(type, dispatch->ImageBase, context->Rip, dispatch->FunctionEntry,
                                                     context, &dispatch->HandlerData, &dispatch->EstablisherFrame, NULL);
    }
    else                                /* a leaf: nothing but its return address is on the stack */
    {
        dispatch->EstablisherFrame = context->Rsp;
        context->Rip = *(ULONG64 *)context->Rsp;
        context->Rsp += 8;
    }
    return context->Rsp > rsp && !(dispatch->EstablisherFrame & 7) && dispatch->EstablisherFrame >= (ULONG64)tib->StackLimit
        && dispatch->EstablisherFrame < (ULONG64)tib->StackBase;
}

static void DECLSPEC_NORETURN raise_noncontinuable(NTSTATUS status, EXCEPTION_RECORD *cause)
{
    EXCEPTION_RECORD record =
    {
        .ExceptionCode = status,
        .ExceptionFlags = EXCEPTION_NONCONTINUABLE,
        .ExceptionRecord = cause,
    };

    for (;;) RtlRaiseException(&record);
}

/* ---- dispatching ---------------------------------------------------------------------------- */

EXCEPTION_DISPOSITION nested_exception_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                               DISPATCHER_CONTEXT *dispatch)
{
    (void)context;
    if (record->ExceptionFlags & (EH_UNWINDING | EH_EXIT_UNWIND)) return ExceptionContinueSearch;
    dispatch->EstablisherFrame = ((DISPATCHER_CONTEXT **)frame)[4]->EstablisherFrame;
    return ExceptionNestedException;
}

BOOLEAN WINAPI RtlDispatchException(EXCEPTION_RECORD *record, CONTEXT *original)
{
    DISPATCHER_CONTEXT dispatch = { 0 };
    UNWIND_HISTORY_TABLE history = { 0 };
    CONTEXT context;
    ULONG64 nested_frame = 0;
    ULONG flags;

    if (call_vectored_handlers(record, original) == EXCEPTION_CONTINUE_EXECUTION)
    {
        call_vectored_continue_handlers(record, original);
        return TRUE;
    }

    context = *original;
    context.ContextFlags &= ~(CONTEXT_XSTATE & ~CONTEXT_AMD64);     /* the copy has none behind it */
    flags = record->ExceptionFlags & EH_NONCONTINUABLE;
    dispatch.ContextRecord = &context;
    dispatch.HistoryTable = &history;

    for (;;)
    {
        if (!unwind_one(&dispatch, UNW_FLAG_EHANDLER, &context))
        {
            /* The end of the stack is the normal end of the search. */
            if (context.Rsp != (ULONG64)NtCurrentTeb()->Tib.StackBase) record->ExceptionFlags |= EH_STACK_INVALID;
            break;
        }
        while (dispatch.LanguageHandler)
        {
            ULONG64 frame = dispatch.EstablisherFrame;
            EXCEPTION_DISPOSITION disposition;

            record->ExceptionFlags = flags;
            disposition = call_exception_handler(record, (void *)frame, original, &dispatch);
            flags |= record->ExceptionFlags & EH_NONCONTINUABLE;
            if (nested_frame == frame)
            {
                flags &= ~EH_NESTED_CALL;
                nested_frame = 0;
            }
            if (disposition == ExceptionCollidedUnwind)
            {
                /* An unwind was under way when this exception came: go on where it had got to, with the
                 * handler it was in, since what it has unwound is no longer there. */
                context = *dispatch.ContextRecord;
                dispatch.ContextRecord = &context;
                dispatch.HistoryTable = &history;
                RtlVirtualUnwind(UNW_FLAG_NHANDLER, dispatch.ImageBase, dispatch.ControlPc, dispatch.FunctionEntry,
                                 &context, &dispatch.HandlerData, &dispatch.EstablisherFrame, NULL);
                continue;
            }
            switch (disposition)
            {
            case ExceptionContinueExecution:
                if (flags & EH_NONCONTINUABLE) raise_noncontinuable(STATUS_NONCONTINUABLE_EXCEPTION, record);
                call_vectored_continue_handlers(record, original);
                return TRUE;
            case ExceptionContinueSearch:
                break;
            case ExceptionNestedException:
                flags |= EH_NESTED_CALL;
                nested_frame = max(nested_frame, dispatch.EstablisherFrame);
                break;
            default:
                raise_noncontinuable(STATUS_INVALID_DISPOSITION, record);
            }
            break;
        }
        if (context.Rsp == (ULONG64)NtCurrentTeb()->Tib.StackBase) break;
    }
    record->ExceptionFlags |= flags;
    return FALSE;
}

/* Called by KiUserExceptionDispatcher. */
void exception_dispatch(EXCEPTION_RECORD *record, CONTEXT *context)
{
    NTSTATUS status;

    if (RtlDispatchException(record, context)) status = NtContinue(context, FALSE);
    else status = NtRaiseException(record, context, FALSE);
    raise_noncontinuable(status, record);
}

/* ---- raising -------------------------------------------------------------------------------- */

/* Called by RtlRaiseException. */
void exception_raise(EXCEPTION_RECORD *record, CONTEXT *context)
{
    NTSTATUS status;

    if (current_peb()->BeingDebugged) status = NtRaiseException(record, context, TRUE);
    else if (RtlDispatchException(record, context)) context_load(context);
    else status = NtRaiseException(record, context, FALSE);
    raise_noncontinuable(status, record);
}

void WINAPI RtlRaiseStatus(NTSTATUS status)
{
    raise_noncontinuable(status, NULL);
}

/* ---- unwinding ------------------------------------------------------------------------------ */

EXCEPTION_DISPOSITION collided_unwind_handler(EXCEPTION_RECORD *record, void *frame, CONTEXT *context,
                                              DISPATCHER_CONTEXT *dispatch)
{
    const DISPATCHER_CONTEXT *outer = ((DISPATCHER_CONTEXT **)frame)[4];
    ULONG64 target = dispatch->TargetIp;

    (void)record, (void)context;
    *dispatch = *outer;
    dispatch->TargetIp = target;
    return ExceptionCollidedUnwind;
}

struct msvc_jump_buffer                 /* setjmp's, for longjmp by unwinding */
{
    ULONG64 frame, rbx, rsp, rbp, rsi, rdi, r12, r13, r14, r15, rip;
    ULONG mxcsr;
    USHORT fpcsr, spare;
    M128A xmm[10];                      /* xmm6-15 */
};

static void context_from_jump_buffer(CONTEXT *context, const struct msvc_jump_buffer *buffer)
{
    context->Rbx = buffer->rbx;
    context->Rsp = buffer->rsp;
    context->Rbp = buffer->rbp;
    context->Rsi = buffer->rsi;
    context->Rdi = buffer->rdi;
    context->R12 = buffer->r12;
    context->R13 = buffer->r13;
    context->R14 = buffer->r14;
    context->R15 = buffer->r15;
    context->Rip = buffer->rip;
    context->MxCsr = buffer->mxcsr;
    context->FltSave.MxCsr = buffer->mxcsr;
    context->FltSave.ControlWord = buffer->fpcsr;
    memcpy(&context->Xmm6, buffer->xmm, sizeof(buffer->xmm));
}

void CDECL RtlRestoreContext(CONTEXT *context, EXCEPTION_RECORD *record);
void CDECL RtlRestoreContext(CONTEXT *context, EXCEPTION_RECORD *record)
{
    if (record && record->ExceptionCode == (DWORD)STATUS_LONGJUMP && record->NumberParameters >= 1)
        context_from_jump_buffer(context, (const struct msvc_jump_buffer *)record->ExceptionInformation[0]);
    else if (record && record->ExceptionCode == (DWORD)STATUS_UNWIND_CONSOLIDATE && record->NumberParameters >= 1)
    {
        /* The C++ runtime runs its catch block here, before the frames that threw are given up. */
        context->Rip = consolidate_call(context, (void *(CALLBACK *)(EXCEPTION_RECORD *))record->ExceptionInformation[0], record);
    }

    if ((context->ContextFlags & CONTEXT_FULL) != CONTEXT_FULL || context->ContextFlags & 0x50)
        raise_noncontinuable(NtContinue(context, FALSE), record);       /* debug registers, extended state, parts */
    context_load(context);
}

void WINAPI RtlUnwindEx(void *end_frame, void *target_ip, EXCEPTION_RECORD *record, void *return_value,
                        CONTEXT *context, UNWIND_HISTORY_TABLE *history)
{
    EXCEPTION_RECORD own_record;
    DISPATCHER_CONTEXT dispatch = { 0 };
    CONTEXT next;

    RtlCaptureContext(context);
    next = *context;
    if (!record)
    {
        own_record = (EXCEPTION_RECORD){ .ExceptionCode = STATUS_UNWIND, .ExceptionAddress = (void *)context->Rip };
        record = &own_record;
    }
    record->ExceptionFlags |= EH_UNWINDING;
    if (!end_frame) record->ExceptionFlags |= EH_EXIT_UNWIND;

    dispatch.TargetIp = (ULONG64)target_ip;
    dispatch.ContextRecord = context;
    dispatch.HistoryTable = history;

    for (;;)
    {
        bool valid = unwind_one(&dispatch, UNW_FLAG_UHANDLER, &next);

        if (!valid && !end_frame) break;            /* an exit unwind ends where the stack does */
        if (!valid || (end_frame && dispatch.EstablisherFrame > (ULONG64)end_frame))
            raise_noncontinuable(STATUS_BAD_STACK, record);
        if (!dispatch.FunctionEntry && next.Rip == dispatch.ControlPc)
            raise_noncontinuable(STATUS_BAD_FUNCTION_TABLE, record);

        if (dispatch.LanguageHandler)
        {
            ULONG flags = record->ExceptionFlags;
            bool again;

            do
            {
                EXCEPTION_DISPOSITION disposition;

                again = false;
                if (dispatch.EstablisherFrame == (ULONG64)end_frame) flags |= EH_TARGET_UNWIND;
                record->ExceptionFlags = flags;
                context->Rax = (ULONG64)return_value;
                disposition = call_unwind_handler(record, (void *)dispatch.EstablisherFrame, dispatch.ContextRecord, &dispatch);
                flags &= ~(EH_COLLIDED_UNWIND | EH_TARGET_UNWIND);
                switch (disposition)
                {
                case ExceptionContinueSearch:
                    break;
                case ExceptionCollidedUnwind:
                    *context = *dispatch.ContextRecord;
                    dispatch.ContextRecord = context;
                    dispatch.HistoryTable = history;
                    next = *context;
                    RtlVirtualUnwind(UNW_FLAG_NHANDLER, dispatch.ImageBase, dispatch.ControlPc, dispatch.FunctionEntry,
                                     &next, &dispatch.HandlerData, &dispatch.EstablisherFrame, NULL);
                    flags |= EH_COLLIDED_UNWIND;
                    again = true;
                    break;
                default:
                    raise_noncontinuable(STATUS_INVALID_DISPOSITION, record);
                }
            } while (again);
            record->ExceptionFlags = flags;
        }
        if (end_frame && dispatch.EstablisherFrame == (ULONG64)end_frame)
        {
            context->Rax = (ULONG64)return_value;
            if (record->ExceptionCode != (DWORD)STATUS_UNWIND_CONSOLIDATE) context->Rip = (ULONG64)target_ip;
            RtlRestoreContext(context, record);
        }
        if (next.Rsp == (ULONG64)NtCurrentTeb()->Tib.StackBase)
        {
            if (end_frame) raise_noncontinuable(STATUS_INVALID_UNWIND_TARGET, record);
            break;
        }
        *context = next;
    }
    /* Nobody's target: what an exit unwind leaves is the exception itself. */
    raise_noncontinuable(NtRaiseException(record, context, FALSE), record);
}

void WINAPI RtlUnwind(void *end_frame, void *target_ip, EXCEPTION_RECORD *record, void *return_value)
{
    CONTEXT context;

    RtlUnwindEx(end_frame, target_ip, record, return_value, &context, NULL);
}
