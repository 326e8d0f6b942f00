/* Text for a debugger travels as an exception that only debuggers want; without one it goes nowhere. */
#include "kernelbase.h"

#define UNWINDING (0x02 | 0x04)         /* EXCEPTION_UNWINDING, EXCEPTION_EXIT_UNWIND */

extern BOOL raise_for_debugger(EXCEPTION_RECORD *record);
extern EXCEPTION_DISPOSITION WINAPI nobody_listens(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher);

/* Raises, and goes on if no handler wants it. Was there a debugger that took it? */
__asm__(".section .text$raise_for_debugger,\"xr\"\n"
        "\t.globl raise_for_debugger\n"
        "\t.seh_proc raise_for_debugger\n"
        "raise_for_debugger:\n"
        "\tpushq %rbx\n"
        "\t.seh_pushreg %rbx\n"
        "\tsubq $32,%rsp\n"
        "\t.seh_stackalloc 32\n"
        "\t.seh_handler nobody_listens, @except\n"
        "\t.seh_endprologue\n"
        "\tmovl $1,%ebx\n"
        "\tcall RtlRaiseException\n"
        "\tmovl %ebx,%eax\n"
        "\taddq $32,%rsp\n"
        "\tpopq %rbx\n"
        "\tret\n"
        "\t.seh_endproc\n"
        "\t.text\n");

EXCEPTION_DISPOSITION WINAPI nobody_listens(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, void *dispatcher)
{
    (void)frame, (void)dispatcher;
    if ((record->ExceptionCode != (DWORD)DBG_PRINTEXCEPTION_C && record->ExceptionCode != (DWORD)DBG_PRINTEXCEPTION_WIDE_C) ||
        record->ExceptionFlags & UNWINDING)
        return ExceptionContinueSearch;
    context->Rbx = 0;                   /* RtlRaiseException returns to its caller with these registers */
    return ExceptionContinueExecution;
}

void WINAPI OutputDebugStringA(const char *text)
{
    EXCEPTION_RECORD record = { .ExceptionCode = (DWORD)DBG_PRINTEXCEPTION_C, .NumberParameters = 2 };

    if (!text) return;
    record.ExceptionAddress = (void *)OutputDebugStringA;
    record.ExceptionInformation[0] = strlen(text) + 1;
    record.ExceptionInformation[1] = (ULONG_PTR)text;
    raise_for_debugger(&record);
}

/* A debugger that knows no wide text gets it in bytes: the first two parameters are those of the older exception. */
void WINAPI OutputDebugStringW(const WCHAR *text)
{
    EXCEPTION_RECORD record = { .ExceptionCode = (DWORD)DBG_PRINTEXCEPTION_WIDE_C, .NumberParameters = 4 };
    UNICODE_STRING wide;
    ANSI_STRING ansi;

    if (!text) return;
    RtlInitUnicodeString(&wide, text);
    if (RtlUnicodeStringToAnsiString(&ansi, &wide, TRUE) < 0) return;
    record.ExceptionAddress = (void *)OutputDebugStringW;
    record.ExceptionInformation[0] = wide.Length / sizeof(WCHAR) + 1;
    record.ExceptionInformation[1] = (ULONG_PTR)text;
    record.ExceptionInformation[2] = ansi.Length + 1u;
    record.ExceptionInformation[3] = (ULONG_PTR)ansi.Buffer;
    if (!raise_for_debugger(&record)) OutputDebugStringA(ansi.Buffer);
    RtlFreeAnsiString(&ansi);
}
