/* NtContinue, NtContinueEx, NtRaiseException, NtRaiseHardError, NtDisplayString. */
#include <unistd.h>
#include "nt/nt.h"
#include "io/text.h"
#include "ps/breakpoint.h"
#include "ps/context.h"
#include "ps/debuggee.h"
#include "ps/exception.h"
#include "ps/process.h"

static NTSTATUS continue_with(const CONTEXT *user, bool alertable)
{
    struct thread *thread = current_thread();
    uint8_t extended[FRAME_XSAVE_SIZE];
    bool has_extended;
    CONTEXT context;
    NTSTATUS status;

    if ((status = context_read(&context, extended, &has_extended, user)))
        return status;
    /* Breakpoints that the host refuses do not keep the program from going on. */
    if ((context.ContextFlags & CONTEXT_DEBUG_REGISTERS) == CONTEXT_DEBUG_REGISTERS)
        breakpoints_set(thread, &context);
    frame_set_context(thread, thread->frame, &context, has_extended ? extended : NULL);
    thread->frame->alertable = alertable;
    return STATUS_SUCCESS;
}

NT_CALL(nt_continue, CONTEXT *context, BOOLEAN alertable)
{
    return continue_with(context, alertable);
}

#define KCONTINUE_FLAG_TEST_ALERT  1
#define KCONTINUE_FLAG_DELIVER_APC 2

NT_CALL(nt_continue_ex, CONTEXT *context, void *argument)
{
    struct { ULONG type, level, flags, reserved; ULONG64 reserved64[2]; } arg;  /* KCONTINUE_ARGUMENT */
    NTSTATUS status;

    if ((uintptr_t)argument <= 0xff)            /* a plain BOOLEAN is taken too */
        return continue_with(context, argument != NULL);
    if ((status = user_read(&arg, argument, sizeof(arg))))
        return status;
    return continue_with(context, arg.flags & KCONTINUE_FLAG_TEST_ALERT);
}

NT_CALL(nt_raise_exception, EXCEPTION_RECORD *user_record, CONTEXT *user_context, BOOLEAN first_chance)
{
    struct thread *thread = current_thread();
    uint8_t extended[FRAME_XSAVE_SIZE];
    EXCEPTION_RECORD record;
    bool has_extended;
    CONTEXT context, go;
    NTSTATUS status;
    uint64_t rsp;

    if ((status = user_read(&record, user_record, sizeof(record))) ||
        (status = context_read(&context, extended, &has_extended, user_context)))
        return status;
    if (record.NumberParameters > EXCEPTION_MAXIMUM_PARAMETERS)
        return STATUS_INVALID_PARAMETER;
    if (debuggee_exception(&record, &context, has_extended ? extended : NULL, first_chance))
    {
        frame_set_context(thread, thread->frame, &context, has_extended ? extended : NULL);
        return STATUS_SUCCESS;
    }
    if (!first_chance)
        exception_unhandled(&record, &context);
    context.ContextFlags &= ~(CONTEXT_XSTATE & ~CONTEXT_AMD64);
    if (record.ExceptionCode == (DWORD)STATUS_BREAKPOINT)
        context.Rip--;                  /* as if int3 had been there: ntdll:exception, run_rtlraiseexception_test */
    if ((status = exception_push(&record, &context, has_extended ? extended : NULL, &rsp)))
        return status;
    go = context;
    go.Rsp = rsp;
    go.Rip = process_ntdll.KiUserExceptionDispatcher;
    go.EFlags &= ~0x40500u;
    frame_set_context(thread, thread->frame, &go, has_extended ? extended : NULL);
    return STATUS_SUCCESS;
}

NTSTATUS exception_raise_on_leave(NTSTATUS code)
{
    struct thread *thread = current_thread();
    EXCEPTION_RECORD record = { .ExceptionCode = (DWORD)code };
    CONTEXT context, go;
    NTSTATUS status;
    uint64_t rsp;

    context_from_frame(&context, thread->frame);
    context.Rax = (DWORD)code;
    record.ExceptionAddress = (void *)context.Rip;
    if (debuggee_exception(&record, &context, NULL, true))
    {
        frame_set_context(thread, thread->frame, &context, NULL);
        return code;
    }
    if ((status = exception_push(&record, &context, NULL, &rsp)))
        return status;
    go = context;
    go.Rsp = rsp;
    go.Rip = process_ntdll.KiUserExceptionDispatcher;
    go.EFlags &= ~0x40500u;
    frame_set_context(thread, thread->frame, &go, NULL);
    return code;
}

/* The kernel side never calls back into programs: there is no window system in it. */
NT_CALL(nt_callback_return, void *result, ULONG size, NTSTATUS status)
{
    (void)result, (void)size, (void)status;
    return STATUS_NO_CALLBACK_ACTIVE;
}

/* ---- messages of the loader and the run-time library ---------------------------------------------------- */

/* Writes a string of the program on stderr. */
static NTSTATUS write_string(const UNICODE_STRING *string)
{
    size_t length, done;
    ssize_t count, n;
    NTSTATUS status;
    WCHAR *text;
    char *bytes;
    size_t i;

    if ((status = user_read_unicode_string(&text, &length, string)))
        return status;
    length /= sizeof(WCHAR);
    if (!(bytes = malloc(length * 3 + 1)))
    {
        free(text);
        return STATUS_NO_MEMORY;
    }
    if ((count = text_to_bytes(bytes, text, length)) < 0)       /* a lone surrogate: not worth losing the message */
        for (count = 0, i = 0; i < length; i++)
            bytes[count++] = text[i] < 128 ? (char)text[i] : '?';
    for (done = 0; done < (size_t)count; done += (size_t)n)
        if ((n = write(2, bytes + done, (size_t)count - done)) <= 0)
            break;
    free(bytes);
    free(text);
    return STATUS_SUCCESS;
}

NT_CALL(nt_display_string, UNICODE_STRING *string)
{
    return write_string(string);
}

#define OPTION_SHUTDOWN 6
#define RESPONSE_RETURN_TO_CALLER 0

/* Nobody can answer a message box: say it and let the caller go on. Shutting the system down is refused. */
NT_CALL(nt_raise_hard_error, NTSTATUS error, ULONG count, ULONG unicode_mask, ULONG_PTR *parameters, ULONG option,
        ULONG *response)
{
    static const WCHAR newline[] = u"\n";
    UNICODE_STRING end = { sizeof(WCHAR), sizeof(WCHAR), (WCHAR *)newline };
    UNICODE_STRING *strings[4] = { NULL };
    ULONG_PTR values[4] = { 0 };
    NTSTATUS status;
    ULONG i;

    if (count > 4)
        return STATUS_INVALID_PARAMETER_2;
    if (count && (status = user_read(values, parameters, count * sizeof(values[0]))))
        return status;
    for (i = 0; i < count; i++)
        if (unicode_mask & (1u << i))
            strings[i] = (UNICODE_STRING *)values[i];
    if (option > 8)
        return STATUS_INVALID_PARAMETER_4;
    if (option == OPTION_SHUTDOWN)
        return STATUS_PRIVILEGE_NOT_HELD;
    if ((status = user_put(response, RESPONSE_RETURN_TO_CALLER)))
        return status;
    message("%s: hard error 0x%08x", process_program, (uint32_t)error);
    for (i = 0; i < count; i++)
        if (strings[i] && !write_string(strings[i]))
            write_string(&end);
    return STATUS_SUCCESS;
}
