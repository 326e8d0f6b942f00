/* longjmp, signals, abort, asserts, and the filter that turns exceptions into signals. */
#include "crt.h"

void crt_jump(void *buffer, int value) __attribute__((noreturn));
void exit(int code) __attribute__((noreturn));

struct jump_buffer { uint64_t frame, rbx, rsp, rbp, rsi, rdi, r12, r13, r14, r15, rip; };

CRT_API(void, longjmp, struct jump_buffer *buffer, int value)
{
    if (!value) value = 1;
    if (buffer->frame)
    {
        EXCEPTION_RECORD record = { .ExceptionCode = STATUS_LONGJUMP, .NumberParameters = 1 };
        record.ExceptionInformation[0] = (ULONG_PTR)buffer;
        RtlUnwind((void *)buffer->frame, (void *)buffer->rip, &record, (void *)(intptr_t)value);
    }
    crt_jump(buffer, value);
}

/* ---- signals: numbers of <signal.h> -------------------------------------------------------------------------------- */
enum { SIG_INT = 2, SIG_ILL = 4, SIG_FPE = 8, SIG_SEGV = 11, SIG_TERM = 15, SIG_BREAK = 21, SIG_ABRT = 22, SIG_MAX = 23 };
typedef void (*handler)(int);
#define SIG_DFL_ ((handler)0)
#define SIG_IGN_ ((handler)1)
#define SIG_GET_ ((handler)2)
#define SIG_ERR_ ((handler)-1)
static handler handlers[SIG_MAX];
static int handles_console;

static BOOL WINAPI console_handler(DWORD event)
{
    int number = event == CTRL_C_EVENT ? SIG_INT : event == CTRL_BREAK_EVENT ? SIG_BREAK : 0;
    handler h = number ? handlers[number] : SIG_DFL_;

    if (!number || h == SIG_DFL_) return FALSE;
    if (h != SIG_IGN_)
    {
        handlers[number] = SIG_DFL_;
        h(number);
    }
    return TRUE;
}

/* The handler of SIGFPE also gets a code in a second argument. */
static LONG deliver(int number, int code)
{
    handler h = handlers[number];

    if (h == SIG_DFL_) return EXCEPTION_CONTINUE_SEARCH;
    if (h == SIG_IGN_) return EXCEPTION_CONTINUE_EXECUTION;
    handlers[number] = SIG_DFL_;
    ((void (*)(int, int))(void *)h)(number, code);
    return EXCEPTION_CONTINUE_EXECUTION;
}

CRT_API(int, _XcptFilter, ULONG code, EXCEPTION_POINTERS *info)
{
    struct crt_thread *t = crt_thread();
    void *outer = t->signal_info;
    LONG ret = EXCEPTION_CONTINUE_SEARCH;

    if (!info || !info->ExceptionRecord) return ret;
    t->signal_info = info;
    switch (info->ExceptionRecord->ExceptionCode)
    {
    case EXCEPTION_ACCESS_VIOLATION: ret = deliver(SIG_SEGV, 0); break;
    case EXCEPTION_ILLEGAL_INSTRUCTION: case EXCEPTION_PRIV_INSTRUCTION: ret = deliver(SIG_ILL, 0); break;
    case EXCEPTION_FLT_DENORMAL_OPERAND: ret = deliver(SIG_FPE, 0x82); break;
    case EXCEPTION_FLT_DIVIDE_BY_ZERO: ret = deliver(SIG_FPE, 0x83); break;
    case EXCEPTION_FLT_INEXACT_RESULT: ret = deliver(SIG_FPE, 0x86); break;
    case EXCEPTION_FLT_INVALID_OPERATION: ret = deliver(SIG_FPE, 0x81); break;
    case EXCEPTION_FLT_OVERFLOW: ret = deliver(SIG_FPE, 0x84); break;
    case EXCEPTION_FLT_STACK_CHECK: ret = deliver(SIG_FPE, 0x8a); break;
    case EXCEPTION_FLT_UNDERFLOW: ret = deliver(SIG_FPE, 0x85); break;
    }
    t->signal_info = outer;
    (void)code;
    return ret;
}
CRT_API(void **, __pxcptinfoptrs, void) { return &crt_thread()->signal_info; }

CRT_API(handler, signal, int number, handler h)
{
    handler old;

    if (h == SIG_ERR_) { errno = E_INVAL; return SIG_ERR_; }
    switch (number)
    {
    case SIG_INT: case SIG_BREAK:
        if (!handles_console && h != SIG_GET_) { handles_console = 1; SetConsoleCtrlHandler(console_handler, TRUE); }
        /* fall through */
    case SIG_ILL: case SIG_FPE: case SIG_SEGV: case SIG_TERM: case SIG_ABRT:
        old = handlers[number];
        if (h != SIG_GET_) handlers[number] = h;
        return old;
    }
    errno = E_INVAL;
    return SIG_ERR_;
}

CRT_API(int, raise, int number)
{
    void **info = &crt_thread()->signal_info, *before = *info;
    handler h;

    switch (number)
    {
    case SIG_INT: case SIG_BREAK: case SIG_ILL: case SIG_FPE: case SIG_SEGV: case SIG_TERM: case SIG_ABRT: break;
    default: return crt_fail(E_INVAL);
    }
    h = handlers[number];
    if (h == SIG_IGN_) return 0;
    if (h == SIG_DFL_) ExitProcess(3);
    handlers[number] = SIG_DFL_;
    /* There is no exception, which handlers of those that come from one are told. */
    if (number == SIG_FPE || number == SIG_SEGV || number == SIG_ILL) *info = NULL;
    if (number == SIG_FPE) ((void (*)(int, int))(void *)h)(number, 0x8c);
    else h(number);
    *info = before;
    return 0;
}

static void complain(const char *text)
{
    DWORD done;
    crt_streams_close();
    WriteFile(GetStdHandle(STD_ERROR_HANDLE), text, strlen(text), &done, NULL);
}
CRT_API(void, abort, void)
{
    if (handlers[SIG_ABRT] == SIG_DFL_)
        complain("\r\nThis application has requested the Runtime to terminate it in an unusual way.\n"
                 "Please contact the application's support team for more information.\n");
    raise(SIG_ABRT);
    ExitProcess(3);
}
int fprintf(FILE *file, const char *format, ...), fflush(FILE *file);
CRT_API(void, _assert, const char *expression, const char *file, unsigned int line)
{
    fprintf(stderr, "Assertion failed!\n\nProgram: %s\nFile: %s, Line %u\n\nExpression: %s\n", GetCommandLineA(), file, line, expression);
    fflush(stderr);
    abort();
}
CRT_API(void, _wassert, const crt_wchar *expression, const crt_wchar *file, unsigned int line)
{
    char *e = crt_to_narrow(expression), *f = crt_to_narrow(file);
    _assert(e ? e : "?", f ? f : "?", line);
}
CRT_API(void, _purecall, void)
{
    complain("pure virtual function call\n");
    abort();
}
