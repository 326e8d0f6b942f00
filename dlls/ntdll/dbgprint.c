/* DbgPrint: what it prints is an exception for the debugger. Without one nobody listens, as on Windows. */

#include "rtl.h"

#define LEVEL_ERROR 0

extern int __cdecl _vsnprintf(char *buffer, size_t size, const char *format, va_list args);
extern void raise_quietly(EXCEPTION_RECORD *rec);
extern EXCEPTION_DISPOSITION WINAPI dbgprint_continue(EXCEPTION_RECORD *rec, void *frame, CONTEXT *context,
                                                      void *dispatcher);

/* Raises, and goes on if no handler wants it. */
__asm__(".section .text$raise_quietly,\"xr\"\n"
        "\t.globl raise_quietly\n"
        "\t.seh_proc raise_quietly\n"
        "raise_quietly:\n"
        "\tsubq $40,%rsp\n"
        "\t.seh_stackalloc 40\n"
        "\t.seh_handler dbgprint_continue, @except\n"
        "\t.seh_endprologue\n"
        "\tcall RtlRaiseException\n"
        "\tnop\n"
        "\taddq $40,%rsp\n"
        "\tret\n"
        "\t.seh_endproc\n"
        "\t.text\n");

EXCEPTION_DISPOSITION WINAPI dbgprint_continue(EXCEPTION_RECORD *rec, void *frame, CONTEXT *context, void *dispatcher)
{
    (void)frame;
    (void)context;
    (void)dispatcher;
    return rec->ExceptionCode == (DWORD)DBG_PRINTEXCEPTION_C && !(rec->ExceptionFlags & (EH_UNWINDING | EH_EXIT_UNWIND))
           ? ExceptionContinueExecution : ExceptionContinueSearch;
}

/* Errors only, unless the filter state says otherwise, which nobody can set here. A level is a bit's number, or bits. */
static bool is_shown(ULONG level)
{
    if (!current_peb()->BeingDebugged) return false;
    return (level < 32 ? 1u << level : level) & 1u << LEVEL_ERROR;
}

static NTSTATUS print(const char *prefix, ULONG level, const char *format, va_list args)
{
    char text[1024] = "";
    EXCEPTION_RECORD rec = { .ExceptionCode = (DWORD)DBG_PRINTEXCEPTION_C, .NumberParameters = 2 };
    SIZE_T n = strnlen(prefix, sizeof(text) - 1);

    if (!is_shown(level)) return STATUS_SUCCESS;
    memcpy(text, prefix, n);
    _vsnprintf(text + n, sizeof(text) - 1 - n, format, args);
    text[sizeof(text) - 1] = 0;
    rec.ExceptionInformation[0] = strlen(text) + 1;
    rec.ExceptionInformation[1] = (ULONG_PTR)text;
    raise_quietly(&rec);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPI vDbgPrintExWithPrefix(LPCSTR prefix, ULONG component, ULONG level, LPCSTR format, va_list args)
{
    (void)component;
    return print(prefix, level, format, args);
}

NTSTATUS WINAPI vDbgPrintEx(ULONG component, ULONG level, LPCSTR format, va_list args)
{
    (void)component;
    return print("", level, format, args);
}

NTSTATUS WINAPIV DbgPrint(LPCSTR format, ...)
{
    va_list args;

    va_start(args, format);
    print("", LEVEL_ERROR, format, args);
    va_end(args);
    return STATUS_SUCCESS;
}

NTSTATUS WINAPIV DbgPrintEx(ULONG component, ULONG level, LPCSTR format, ...)
{
    va_list args;

    (void)component;
    va_start(args, format);
    print("", level, format, args);
    va_end(args);
    return STATUS_SUCCESS;
}
