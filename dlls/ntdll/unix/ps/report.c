/* What we say on stderr when a program dies of an exception, and with which host status.
 *
 * The status is what a shell would see of a native program killed by the matching signal (128 + its number);
 * a parent that is a Windows program sees the exception's code.
 */
#include <signal.h>
#include <stdio.h>
#include <unistd.h>
#include "nt/nt.h"
#include "ps/debuggee.h"
#include "ps/exception.h"
#include "ps/process.h"
#include "ps/unwind.h"

#define MAX_FRAMES 24

struct text                     /* a line being put together; written at once so that lines of threads do not mix */
{
    char   bytes[4096];
    size_t length;
};

static __attribute__((format(printf, 2, 3))) void add(struct text *text, const char *format, ...)
{
    va_list args;
    int n;

    va_start(args, format);
    n = vsnprintf(text->bytes + text->length, sizeof(text->bytes) - text->length, format, args);
    va_end(args);
    if (n > 0)
        text->length += (size_t)n;
    if (text->length >= sizeof(text->bytes))
        text->length = sizeof(text->bytes) - 1;
}

static void flush(struct text *text)
{
    size_t done = 0;

    while (done < text->length)
    {
        ssize_t n = write(2, text->bytes + done, text->length - done);

        if (n <= 0)
            break;
        done += (size_t)n;
    }
    text->length = 0;
}

void message(const char *format, ...)
{
    char line[1024];
    va_list args;
    int n;

    n = snprintf(line, sizeof(line), "oriel: ");
    va_start(args, format);
    n += vsnprintf(line + n, sizeof(line) - 1 - (size_t)n, format, args);
    va_end(args);
    if ((size_t)n > sizeof(line) - 2)
        n = sizeof(line) - 2;
    line[n++] = '\n';
    if (write(2, line, (size_t)n) < 0)
        return;
}

static const struct { uint32_t code; int status; const char *text; } exceptions[] =
{
    { (uint32_t)STATUS_ACCESS_VIOLATION,        128 + SIGSEGV, "access violation" },
    { (uint32_t)STATUS_IN_PAGE_ERROR,           128 + SIGSEGV, "in-page error" },
    { (uint32_t)STATUS_STACK_OVERFLOW,          128 + SIGSEGV, "stack overflow" },
    { (uint32_t)STATUS_GUARD_PAGE_VIOLATION,    134, "guard page" },
    { (uint32_t)STATUS_ILLEGAL_INSTRUCTION,     128 + SIGILL, "illegal instruction" },
    { (uint32_t)STATUS_PRIVILEGED_INSTRUCTION,  128 + SIGILL, "privileged instruction" },
    { (uint32_t)STATUS_BREAKPOINT,              128 + SIGTRAP, "breakpoint" },
    { (uint32_t)STATUS_SINGLE_STEP,             128 + SIGTRAP, "single step" },
    { (uint32_t)STATUS_INTEGER_DIVIDE_BY_ZERO,  128 + SIGFPE, "integer division by zero" },
    { (uint32_t)STATUS_INTEGER_OVERFLOW,        128 + SIGFPE, "integer overflow" },
    { (uint32_t)STATUS_FLOAT_DIVIDE_BY_ZERO,    128 + SIGFPE, "floating-point division by zero" },
    { (uint32_t)STATUS_FLOAT_INEXACT_RESULT,    128 + SIGFPE, "inexact floating-point result" },
    { (uint32_t)STATUS_FLOAT_INVALID_OPERATION, 128 + SIGFPE, "invalid floating-point operation" },
    { (uint32_t)STATUS_FLOAT_OVERFLOW,          128 + SIGFPE, "floating-point overflow" },
    { (uint32_t)STATUS_FLOAT_UNDERFLOW,         128 + SIGFPE, "floating-point underflow" },
    { (uint32_t)STATUS_FLOAT_STACK_CHECK,       128 + SIGFPE, "floating-point stack check" },
    { (uint32_t)STATUS_FLOAT_DENORMAL_OPERAND,  128 + SIGFPE, "denormal floating-point operand" },
    { (uint32_t)STATUS_FLOAT_MULTIPLE_FAULTS,   128 + SIGFPE, "floating-point faults" },
    { (uint32_t)STATUS_FLOAT_MULTIPLE_TRAPS,    128 + SIGFPE, "floating-point traps" },
    { (uint32_t)STATUS_ARRAY_BOUNDS_EXCEEDED,   134, "array bounds exceeded" },
    { (uint32_t)STATUS_DATATYPE_MISALIGNMENT,   128 + SIGBUS, "misaligned access" },
    { (uint32_t)STATUS_STACK_BUFFER_OVERRUN,    134, "fail fast" },
    { (uint32_t)STATUS_HEAP_CORRUPTION,         134, "heap corruption" },
    { (uint32_t)STATUS_INVALID_HANDLE,          134, "invalid handle" },
    { (uint32_t)STATUS_ASSERTION_FAILURE,       134, "assertion failure" },
    { 0xe06d7363,                               134, "C++ exception" },
    { 0xc000027b,                               134, "stowed exception" },
    { 0x20474343,                               134, "GCC C++ exception" },
};

static int host_status(uint32_t code, const char **text)
{
    size_t i;

    for (i = 0; i < sizeof(exceptions) / sizeof(exceptions[0]); i++)
        if (exceptions[i].code == code)
        {
            *text = exceptions[i].text;
            return exceptions[i].status;
        }
    *text = "exception";
    return 134;
}

/* A return address may already be in the next function: look is how far before it to look for the name. */
static void add_address(struct text *text, uint64_t address, uint32_t look)
{
    struct module module;
    uint32_t rva, offset;
    char symbol[128];

    if (module_find(address, &module))
    {
        rva = (uint32_t)(address - module.base);
        add(text, "%s+0x%x", module.name, rva);
        if (symbol_find(&module, rva - look, symbol, sizeof(symbol), &offset))
            add(text, " (%s+0x%x)", symbol, offset + look);
    }
    else
        add(text, "0x%llx", (unsigned long long)address);
}

static void add_access(struct text *text, const EXCEPTION_RECORD *record)
{
    static const char *const how[] = { "reading", "writing" };
    ULONG_PTR kind = record->ExceptionInformation[0];

    add(text, " %s 0x%llx", kind < 2 ? how[kind] : kind == 8 ? "executing" : "touching",
        (unsigned long long)record->ExceptionInformation[1]);
}

static void report_stack(struct text *text, const CONTEXT *context)
{
    struct unwind_state state;
    unsigned int i;

    unwind_init(&state, context);
    for (i = 0; i < MAX_FRAMES && (state.rip || !i); i++)
    {
        add(text, "  #%-2u 0x%012llx  ", i, (unsigned long long)state.rip);
        add_address(text, state.rip, i ? 1 : 0);
        add(text, "\n");
        flush(text);
        if (!unwind_step(&state))
            break;
    }
}

void exception_unhandled(const EXCEPTION_RECORD *record, const CONTEXT *context)
{
    static uint32_t reporting;
    uint32_t code = record->ExceptionCode;
    int status;
    const char *what;
    struct text text = { .length = 0 };
    CONTEXT shown;

    status = host_status(code, &what);
    if (debuggee_attached)
    {
        shown = *context;
        debuggee_process_ends(code, &shown);
    }
    if (__atomic_exchange_n(&reporting, 1, __ATOMIC_SEQ_CST))
        process_exit_status(code, status);      /* one report is enough, also if making it failed */
    add(&text, "oriel: %s: unhandled exception 0x%08x (%s", process_program, code, what);
    if ((code == (uint32_t)STATUS_ACCESS_VIOLATION || code == (uint32_t)STATUS_IN_PAGE_ERROR ||
         code == (uint32_t)STATUS_GUARD_PAGE_VIOLATION) && record->NumberParameters >= 2)
        add_access(&text, record);
    else if (code == (uint32_t)STATUS_STACK_BUFFER_OVERRUN && record->NumberParameters)
        add(&text, " %llu", (unsigned long long)record->ExceptionInformation[0]);
    add(&text, ") at ");
    add_address(&text, (uint64_t)record->ExceptionAddress, 0);
    add(&text, "\n");
    flush(&text);

    add(&text, "  rip=%016llx rsp=%016llx rbp=%016llx eflags=%08x\n"
               "  rax=%016llx rbx=%016llx rcx=%016llx rdx=%016llx\n"
               "  rsi=%016llx rdi=%016llx  r8=%016llx  r9=%016llx\n"
               "  r10=%016llx r11=%016llx r12=%016llx r13=%016llx\n"
               "  r14=%016llx r15=%016llx thread %u\n",
        (unsigned long long)context->Rip, (unsigned long long)context->Rsp, (unsigned long long)context->Rbp,
        context->EFlags, (unsigned long long)context->Rax, (unsigned long long)context->Rbx,
        (unsigned long long)context->Rcx, (unsigned long long)context->Rdx, (unsigned long long)context->Rsi,
        (unsigned long long)context->Rdi, (unsigned long long)context->R8, (unsigned long long)context->R9,
        (unsigned long long)context->R10, (unsigned long long)context->R11, (unsigned long long)context->R12,
        (unsigned long long)context->R13, (unsigned long long)context->R14, (unsigned long long)context->R15,
        thread_self ? thread_self->tid : 0);
    flush(&text);
    report_stack(&text, context);
    process_exit_status(code, status);
}

void fault_in_oriel(int signal, const siginfo_t *info, const ucontext_t *uc)
{
    extern const char __executable_start[];
    struct sigaction fatal = { .sa_handler = SIG_DFL };
    uint64_t rip = uc->uc_mcontext.gregs[REG_RIP];
    const struct thread *thread = thread_self;

    message("internal error: signal %d at oriel+0x%llx touching %p%s%s; please report this", signal,
            (unsigned long long)(rip - (uint64_t)__executable_start), info->si_addr,
            thread && thread->frame ? " in " : "",
            thread && thread->frame && thread->frame->number < syscall_count
                ? syscall_entries[thread->frame->number].name : "");
    sigaction(signal, &fatal, NULL);            /* the default action leaves a core with the fault in it */
    raise(signal);
    _exit(134);
}
