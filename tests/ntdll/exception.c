/* Exceptions as programs see them: vectored and frame handlers, scope tables, unwinding and its collisions, the
 * tables of run-time code, stack walks. Frames with handlers are written in assembly: gcc has no __try. */

#include <stdarg.h>
#include <stdio.h>

#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "wine/test.h"

/* Not in Wine's headers. */
extern void * WINAPI RtlAddVectoredContinueHandler(ULONG first, PVECTORED_EXCEPTION_HANDLER handler);
extern ULONG WINAPI RtlRemoveVectoredContinueHandler(void *handler);
extern USHORT WINAPI RtlCaptureStackBackTrace(ULONG from, ULONG count, void **frames, ULONG *hash);
extern void CDECL RtlRestoreContext(CONTEXT *context, EXCEPTION_RECORD *record);

#define CODE 0xE0001234

typedef ULONG_PTR (*body_function)(void *argument);
typedef EXCEPTION_DISPOSITION (*frame_handler)(EXCEPTION_RECORD *, void *, CONTEXT *, DISPATCHER_CONTEXT *);

/* Calls body(argument) in a frame whose handler is the one in test_handler[level]; returns what it returns. The
 * registers that must survive are loaded with marks first and compared afterwards: 0xbad if they differ. */
extern ULONG_PTR guarded_call(body_function body, void *argument);
extern ULONG_PTR guarded_call2(body_function body, void *argument);
extern const char guarded_call_target[], guarded_call2_target[];
/* The same with scope tables: __try { body } __except (scope_filter) / __finally scope_finally. */
extern ULONG_PTR scoped_except(body_function body, void *argument);
extern ULONG_PTR scoped_finally(body_function body, void *argument);
extern ULONG_PTR scoped_execute(body_function body, void *argument);

__asm__(
    ".text\n"
    ".macro GUARDED name, handler\n"
    "\t.globl \\name, \\name\\()_target\n"
    "\t.seh_proc \\name\n"
    "\\name:\n"
    "\tpushq %rbx\n\t.seh_pushreg %rbx\n"
    "\tpushq %r15\n\t.seh_pushreg %r15\n"
    "\tsubq $0x38, %rsp\n\t.seh_stackalloc 0x38\n"
    "\tmovaps %xmm6, 0x20(%rsp)\n\t.seh_savexmm %xmm6, 0x20\n"
    "\t.seh_handler \\handler, @except, @unwind\n"
    "\t.seh_endprologue\n"
    "\tmovl $0x1234, %ebx\n"
    "\tmovl $0x5678, %r15d\n"
    "\tmovq %rbx, %xmm6\n"
    "\tmovq %rcx, %rax\n"
    "\tmovq %rdx, %rcx\n"
    "\tcall *%rax\n"
    "\tnop\n"
    "\\name\\()_target:\n"
    "\tmovq %xmm6, %rcx\n"
    "\tcmpq $0x1234, %rcx\n\tjne 1f\n"
    "\tcmpq $0x1234, %rbx\n\tjne 1f\n"
    "\tcmpq $0x5678, %r15\n\tje 2f\n"
    "1:\tmovl $0xbad, %eax\n"
    "2:\tmovaps 0x20(%rsp), %xmm6\n"
    "\taddq $0x38, %rsp\n"
    "\tpopq %r15\n"
    "\tpopq %rbx\n"
    "\tret\n"
    "\t.seh_endproc\n"
    ".endm\n"
    "GUARDED guarded_call, test_handler_1\n"
    "GUARDED guarded_call2, test_handler_2\n"

    ".macro SCOPED name, filter, target\n"
    "\t.globl \\name\n"
    "\t.seh_proc \\name\n"
    "\\name:\n"
    "\tpushq %rbx\n\t.seh_pushreg %rbx\n"
    "\tsubq $0x20, %rsp\n\t.seh_stackalloc 0x20\n"
    "\t.seh_handler __C_specific_handler, @except, @unwind\n"
    "\t.seh_handlerdata\n"
    "\t.long 1\n\t.rva 11f, 12f\n\t\\filter\n\t\\target\n"
    "\t.text\n"
    "\t.seh_endprologue\n"
    "\tmovl $0x1234, %ebx\n"
    "\tmovq %rcx, %rax\n"
    "\tmovq %rdx, %rcx\n"
    "11:\tcall *%rax\n"
    "\tnop\n"
    "12:\tjmp 14f\n"
    "13:\tcmpq $0x1234, %rbx\n"         /* the __except block; eax = exception code */
    "\tje 14f\n"
    "\tmovl $0xbad, %eax\n"
    "14:\taddq $0x20, %rsp\n"
    "\tpopq %rbx\n"
    "\tret\n"
    "\t.seh_endproc\n"
    ".endm\n"
    "SCOPED scoped_except, \".rva scope_filter\", \".rva 13f\"\n"
    "SCOPED scoped_execute, \".long 1\", \".rva 13f\"\n"
    "SCOPED scoped_finally, \".rva scope_finally\", \".long 0\"\n"
);

/* ---- the record of what happened ------------------------------------------------------------- */

static char events[256];
static LONG (*filter_action)(EXCEPTION_POINTERS *, void *);
static void (*finally_action)(void);
static frame_handler handler_1, handler_2;

static void event(const char *text)
{
    if (strlen(events) + strlen(text) + 2 > sizeof(events)) return;
    if (events[0]) strcat(events, " ");
    strcat(events, text);
}

#define check_events(expected) check_events_(__LINE__, expected)
static void check_events_(int line, const char *expected)
{
    ok_(__FILE__, line)(!strcmp(events, expected), "expected \"%s\", got \"%s\"\n", expected, events);
    events[0] = 0;
}

EXCEPTION_DISPOSITION test_handler_1(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch);
EXCEPTION_DISPOSITION test_handler_1(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    return handler_1 ? handler_1(record, frame, context, dispatch) : ExceptionContinueSearch;
}

EXCEPTION_DISPOSITION test_handler_2(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch);
EXCEPTION_DISPOSITION test_handler_2(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    return handler_2 ? handler_2(record, frame, context, dispatch) : ExceptionContinueSearch;
}

LONG scope_filter(EXCEPTION_POINTERS *pointers, void *frame);
LONG scope_filter(EXCEPTION_POINTERS *pointers, void *frame)
{
    event("filter");
    return filter_action(pointers, frame);
}

void scope_finally(BOOLEAN abnormal, void *frame);
void scope_finally(BOOLEAN abnormal, void *frame)
{
    (void)frame;
    event(abnormal ? "finally" : "finally?");
    if (finally_action) finally_action();
}

static ULONG_PTR raise_code(void *argument)
{
    ULONG_PTR information[2] = { 0x11, 0x22 };

    RaiseException(CODE, (DWORD)(ULONG_PTR)argument, 2, information);
    event("continued");
    return 7;
}

/* ---- vectored handlers ------------------------------------------------------------------------ */

static EXCEPTION_RECORD seen_record;
static void *self_handle;

static LONG CALLBACK vectored_a(EXCEPTION_POINTERS *pointers)
{
    event("a");
    seen_record = *pointers->ExceptionRecord;
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG CALLBACK vectored_b(EXCEPTION_POINTERS *pointers)
{
    (void)pointers;
    event("b");
    return EXCEPTION_CONTINUE_EXECUTION;
}

static LONG CALLBACK vectored_self(EXCEPTION_POINTERS *pointers)
{
    (void)pointers;
    event("self");
    ok(RemoveVectoredExceptionHandler(self_handle), "cannot remove the running handler\n");
    return EXCEPTION_CONTINUE_SEARCH;
}

static LONG CALLBACK continue_c(EXCEPTION_POINTERS *pointers)
{
    (void)pointers;
    event("c");
    return EXCEPTION_CONTINUE_SEARCH;
}

static void test_vectored(void)
{
    void *a, *b, *c;

    b = AddVectoredExceptionHandler(FALSE, vectored_b);
    a = AddVectoredExceptionHandler(TRUE, vectored_a);
    self_handle = AddVectoredExceptionHandler(TRUE, vectored_self);
    ok(a && b && self_handle, "handlers not added\n");
    raise_code(0);
    check_events("self a b continued");
    ok(seen_record.ExceptionCode == CODE, "code %#lx\n", seen_record.ExceptionCode);
    ok(!seen_record.ExceptionFlags, "flags %#lx\n", seen_record.ExceptionFlags);
    ok(seen_record.NumberParameters == 2 && seen_record.ExceptionInformation[1] == 0x22, "parameters lost\n");
    raise_code(0);
    check_events("a b continued");
    ok(!RemoveVectoredExceptionHandler(self_handle), "removed twice\n");

    c = RtlAddVectoredContinueHandler(TRUE, continue_c);
    raise_code(0);
    check_events("a b c continued");
    ok(!RemoveVectoredExceptionHandler(c), "a continue handler is no exception handler\n");
    ok(RtlRemoveVectoredContinueHandler(c), "continue handler not removed\n");
    ok(RemoveVectoredExceptionHandler(a), "a not removed\n");
    ok(RemoveVectoredExceptionHandler(b), "b not removed\n");
    ok(!RemoveVectoredExceptionHandler((void *)0xdeadbeef), "removed what was never there\n");
}

/* ---- frame handlers --------------------------------------------------------------------------- */

static EXCEPTION_DISPOSITION continue_execution(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    if (record->ExceptionFlags & EH_UNWINDING) return ExceptionContinueSearch;
    event(record->ExceptionFlags & EH_NONCONTINUABLE ? "stubborn" : "handler");
    ok(record->ExceptionCode == CODE || record->ExceptionCode == (DWORD)STATUS_NONCONTINUABLE_EXCEPTION,
       "code %#lx\n", record->ExceptionCode);
    ok((char *)context->Rsp < (char *)frame, "the context is not of the frame that raised\n");
    ok(dispatch->EstablisherFrame == (ULONG64)frame, "frame %p, dispatcher %#I64x\n", frame, dispatch->EstablisherFrame);
    ok((char *)dispatch->ControlPc == guarded_call_target - 1, "pc %#I64x\n", dispatch->ControlPc);
    ok(dispatch->ContextRecord->Rsp > (ULONG64)frame, "the dispatcher's context is not unwound\n");
    if (record->ExceptionCode == (DWORD)STATUS_NONCONTINUABLE_EXCEPTION)
    {
        ok(record->ExceptionFlags & EH_NONCONTINUABLE, "flags %#lx\n", record->ExceptionFlags);
        ok(record->ExceptionRecord && record->ExceptionRecord->ExceptionCode == CODE, "no chain to the cause\n");
        RtlUnwindEx(frame, (void *)guarded_call_target, NULL, (void *)9, &(CONTEXT){ 0 }, NULL);
    }
    return ExceptionContinueExecution;
}

static EXCEPTION_DISPOSITION unwind_to_me(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    CONTEXT scratch;

    (void)context, (void)dispatch;
    if (record->ExceptionFlags & EH_UNWINDING)
    {
        event(record->ExceptionFlags & EH_TARGET_UNWIND ? "target" : "unwind");
        ok(dispatch->TargetIp == (ULONG64)guarded_call_target, "target %#I64x\n", dispatch->TargetIp);
        return ExceptionContinueSearch;
    }
    event("catch");
    RtlUnwindEx(frame, (void *)guarded_call_target, record, (void *)(ULONG_PTR)0x55, &scratch, dispatch->HistoryTable);
    ok(0, "RtlUnwindEx returned\n");
    return ExceptionContinueSearch;
}

static EXCEPTION_DISPOSITION note_unwind(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    (void)frame, (void)context, (void)dispatch;
    event(!(record->ExceptionFlags & EH_UNWINDING) ? "pass" : record->ExceptionFlags & EH_TARGET_UNWIND ? "target?" : "inner");
    if (record->ExceptionFlags & EH_UNWINDING)
        ok(context->Rax == 0x55, "the return value is not on its way: %#I64x\n", context->Rax);
    return ExceptionContinueSearch;
}

static ULONG_PTR raise_in_guard2(void *argument)
{
    return guarded_call2(raise_code, argument);
}

/* Down some hundred kilobytes, so that the stack has grown and its limit has moved. */
static ULONG_PTR raise_deep(void *argument)
{
    volatile char page[0x1000];
    ULONG_PTR ret;

    page[0] = page[0xfff] = 1;
    if (!argument) return raise_code(NULL);
    ret = raise_deep((char *)argument - 1);
    return ret + page[0] - 1;
}

static void test_frames(void)
{
    ULONG_PTR ret;

    handler_1 = continue_execution;
    ret = guarded_call(raise_code, 0);
    ok(ret == 7, "returned %#Ix\n", ret);
    check_events("handler continued");
    ret = guarded_call(raise_deep, (void *)80);
    ok(ret == 7, "returned %#Ix\n", ret);
    check_events("handler continued");

    ret = guarded_call(raise_code, (void *)EXCEPTION_NONCONTINUABLE);
    ok(ret == 9, "returned %#Ix\n", ret);
    check_events("stubborn stubborn");

    handler_1 = unwind_to_me;
    handler_2 = note_unwind;
    ret = guarded_call(raise_in_guard2, 0);
    ok(ret == 0x55, "returned %#Ix\n", ret);
    check_events("pass catch inner target");
    handler_1 = handler_2 = NULL;
}

static EXCEPTION_DISPOSITION raise_again(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    (void)frame, (void)context, (void)dispatch;
    if (record->ExceptionFlags & EH_UNWINDING) return ExceptionContinueSearch;
    if (record->ExceptionCode == CODE)
    {
        event("raise");
        RaiseException(CODE + 1, 0, 0, NULL);
    }
    else event(record->ExceptionFlags & EH_NESTED_CALL ? "nested" : "again");
    return ExceptionContinueSearch;
}

static EXCEPTION_DISPOSITION outer_nested(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    CONTEXT scratch;

    (void)context, (void)dispatch;
    if (record->ExceptionFlags & EH_UNWINDING) return ExceptionContinueSearch;
    event(record->ExceptionFlags & EH_NESTED_CALL ? "nested?" : "outer");
    ok(record->ExceptionCode == CODE + 1, "code %#lx\n", record->ExceptionCode);
    RtlUnwindEx(frame, (void *)guarded_call_target, record, (void *)3, &scratch, NULL);
    return ExceptionContinueSearch;
}

static EXCEPTION_DISPOSITION bad_disposition(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    (void)context, (void)dispatch;
    if (record->ExceptionFlags & EH_UNWINDING) return ExceptionContinueSearch;
    if (record->ExceptionCode == CODE) return 77;
    ok(record->ExceptionCode == (DWORD)STATUS_INVALID_DISPOSITION, "code %#lx\n", record->ExceptionCode);
    event("invalid");
    RtlUnwind(frame, (void *)guarded_call_target, NULL, (void *)4);
    return ExceptionContinueSearch;
}

static void test_nested(void)
{
    ULONG_PTR ret;

    handler_2 = raise_again;
    handler_1 = outer_nested;
    ret = guarded_call(raise_in_guard2, 0);
    ok(ret == 3, "returned %#Ix\n", ret);
    /* The handler that raised is asked about its own exception, as nested; the next frame out is not nested. */
    check_events("raise nested outer");

    handler_1 = bad_disposition;
    handler_2 = NULL;
    ret = guarded_call(raise_code, 0);
    ok(ret == 4, "returned %#Ix\n", ret);
    check_events("invalid");
    handler_1 = NULL;
}

/* ---- scope tables ------------------------------------------------------------------------------ */

static LONG filter_execute(EXCEPTION_POINTERS *pointers, void *frame)
{
    (void)frame;
    ok(pointers->ExceptionRecord->ExceptionCode == CODE, "code %#lx\n", pointers->ExceptionRecord->ExceptionCode);
    return EXCEPTION_EXECUTE_HANDLER;
}
static LONG filter_continue(EXCEPTION_POINTERS *pointers, void *frame)
{
    (void)pointers, (void)frame;
    return EXCEPTION_CONTINUE_EXECUTION;
}
static LONG filter_search(EXCEPTION_POINTERS *pointers, void *frame)
{
    (void)pointers, (void)frame;
    return EXCEPTION_CONTINUE_SEARCH;
}

static ULONG_PTR raise_in_finally(void *argument) { return scoped_finally(raise_code, argument); }
static ULONG_PTR raise_in_except(void *argument) { return scoped_except(raise_code, argument); }
static ULONG_PTR raise_in_finally_in_execute(void *argument) { return scoped_execute(raise_in_finally, argument); }

static void raise_other(void)
{
    RaiseException(CODE + 1, 0, 0, NULL);
}

static LONG filter_other(EXCEPTION_POINTERS *pointers, void *frame)
{
    (void)frame;
    return pointers->ExceptionRecord->ExceptionCode == CODE + 1;
}

static void test_scopes(void)
{
    ULONG_PTR ret;

    filter_action = filter_execute;
    ret = scoped_except(raise_code, 0);
    ok(ret == CODE, "returned %#Ix\n", ret);
    check_events("filter");

    ret = scoped_execute(raise_code, 0);
    ok(ret == CODE, "returned %#Ix\n", ret);
    check_events("");

    filter_action = filter_continue;
    ret = scoped_except(raise_code, 0);
    ok(ret == 7, "returned %#Ix\n", ret);
    check_events("filter continued");

    filter_action = filter_search;
    ret = scoped_execute(raise_in_except, 0);
    ok(ret == CODE, "returned %#Ix\n", ret);
    check_events("filter");

    filter_action = filter_execute;
    ret = scoped_except(raise_in_finally, 0);
    ok(ret == CODE, "returned %#Ix\n", ret);
    check_events("filter finally");

    /* An exception in a termination handler collides with the unwind that runs it, and wins. The handler has
     * done its turn and does not run again. */
    filter_action = filter_other;
    finally_action = raise_other;
    ret = scoped_except(raise_in_finally_in_execute, 0);
    ok(ret == CODE + 1 || ret == CODE, "returned %#Ix\n", ret);
    ok(ret == CODE + 1, "returned %#Ix\n", ret);
    check_events("finally");
    finally_action = NULL;
}

/* ---- longjmp and consolidation ------------------------------------------------------------------- */

static struct
{
    ULONG64 frame, rbx, rsp, rbp, rsi, rdi, r12, r13, r14, r15, rip;
    ULONG mxcsr;
    USHORT fpcsr, spare;
    M128A xmm[10];
} __attribute__((aligned(16))) jump_buffer;

static EXCEPTION_DISPOSITION jump(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    EXCEPTION_RECORD jump_record = { .ExceptionCode = STATUS_LONGJUMP, .NumberParameters = 1,
                                     .ExceptionInformation = { (ULONG_PTR)&jump_buffer } };
    CONTEXT at = *dispatch->ContextRecord, scratch;

    (void)context;
    if (record->ExceptionFlags & EH_UNWINDING) return ExceptionContinueSearch;
    /* As setjmp in guarded_call would have filled it, but for marks in what longjmp must load. */
    jump_buffer.frame = (ULONG64)frame;
    jump_buffer.rbx = 0x1234;
    jump_buffer.r15 = 0x5678;
    jump_buffer.xmm[0].Low = 0x1234;
    jump_buffer.rsp = (ULONG64)frame;
    jump_buffer.rbp = at.Rbp;
    jump_buffer.rsi = at.Rsi;
    jump_buffer.rdi = at.Rdi;
    jump_buffer.r12 = at.R12;
    jump_buffer.r13 = at.R13;
    jump_buffer.r14 = at.R14;
    memcpy(jump_buffer.xmm + 1, &at.Xmm7, 9 * sizeof(M128A));
    jump_buffer.mxcsr = at.MxCsr;
    jump_buffer.fpcsr = at.FltSave.ControlWord;
    jump_buffer.rip = (ULONG64)guarded_call_target;
    event("jump");
    RtlUnwindEx(frame, (void *)guarded_call_target, &jump_record, (void *)0x66, &scratch, NULL);
    return ExceptionContinueSearch;
}

static void *consolidated_frame;

static void * CALLBACK consolidate_callback(EXCEPTION_RECORD *record)
{
    void *frames[16];
    USHORT count, i;
    BOOL found = FALSE;

    event("callback");
    ok(record->ExceptionInformation[1] == 0x77, "not our record\n");
    ok((void *)&frames < consolidated_frame, "the stack was cut before the callback\n");
    /* A walk from here goes into the frame that was unwound to, past those that threw. */
    count = RtlCaptureStackBackTrace(0, ARRAY_SIZE(frames), frames, NULL);
    for (i = 0; i < count; i++) if ((char *)frames[i] == guarded_call_target - 1) found = TRUE;
    ok(found, "the walk did not find the target frame\n");
    return (void *)guarded_call_target;
}

static EXCEPTION_DISPOSITION consolidate(EXCEPTION_RECORD *record, void *frame, CONTEXT *context, DISPATCHER_CONTEXT *dispatch)
{
    EXCEPTION_RECORD new_record = { .ExceptionCode = STATUS_UNWIND_CONSOLIDATE, .NumberParameters = 3,
                                    .ExceptionInformation = { (ULONG_PTR)consolidate_callback, 0x77, 0x88 } };
    CONTEXT scratch;

    (void)context, (void)dispatch;
    if (record->ExceptionFlags & EH_UNWINDING) return ExceptionContinueSearch;
    consolidated_frame = frame;
    RtlUnwindEx(frame, (void *)guarded_call_target, &new_record, (void *)0x44, &scratch, NULL);
    return ExceptionContinueSearch;
}

static void test_special_unwinds(void)
{
    ULONG_PTR ret;

    handler_1 = jump;
    ret = guarded_call(raise_code, 0);
    ok(ret == 0x66, "returned %#Ix\n", ret);
    check_events("jump");

    handler_1 = consolidate;
    ret = guarded_call(raise_code, 0);
    ok(ret == 0x44 || ret == (ULONG_PTR)guarded_call_target, "returned %#Ix\n", ret);
    check_events("callback");
    handler_1 = NULL;
}

/* ---- faults of the processor ---------------------------------------------------------------------- */

static struct { DWORD code, count; ULONG_PTR information[3]; void *address; DWORD64 rip; } fault;
static unsigned int skip_bytes;

static LONG CALLBACK skip_fault(EXCEPTION_POINTERS *pointers)
{
    fault.code = pointers->ExceptionRecord->ExceptionCode;
    fault.count = pointers->ExceptionRecord->NumberParameters;
    memcpy(fault.information, pointers->ExceptionRecord->ExceptionInformation, sizeof(fault.information));
    fault.address = pointers->ExceptionRecord->ExceptionAddress;
    fault.rip = pointers->ContextRecord->Rip;
    pointers->ContextRecord->Rip += skip_bytes;
    pointers->ContextRecord->Rdx = 0x1357;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void test_faults(void)
{
    void *handler = AddVectoredExceptionHandler(TRUE, skip_fault);
    ULONG_PTR rdx = 0;

    skip_bytes = 2;
    __asm__ volatile("xorl %%edx,%%edx\n\tmovl (%1),%%eax" : "=&d"(rdx) : "c"((ULONG_PTR)0x10) : "rax", "memory");
    ok(fault.code == (DWORD)STATUS_ACCESS_VIOLATION, "code %#lx\n", fault.code);
    ok(fault.count == 2 && !fault.information[0] && fault.information[1] == 0x10, "%lu parameters %#Ix %#Ix\n",
       fault.count, fault.information[0], fault.information[1]);
    ok((DWORD64)fault.address == fault.rip, "address %p, rip %#I64x\n", fault.address, fault.rip);
    ok(rdx == 0x1357, "the context was not taken: %#Ix\n", rdx);

    __asm__ volatile("movl %%eax,(%1)" : "=d"(rdx) : "c"((ULONG_PTR)0x20) : "rax", "memory");
    ok(fault.code == (DWORD)STATUS_ACCESS_VIOLATION, "code %#lx\n", fault.code);
    ok(fault.information[0] == 1 && fault.information[1] == 0x20, "%#Ix %#Ix\n", fault.information[0], fault.information[1]);

    __asm__ volatile("ud2" : "=d"(rdx));
    ok(fault.code == (DWORD)STATUS_ILLEGAL_INSTRUCTION && !fault.count, "code %#lx\n", fault.code);

    __asm__ volatile("xorl %%edx,%%edx\n\tidivl %1" : "=&d"(rdx) : "c"(0) : "rax");
    ok(fault.code == (DWORD)STATUS_INTEGER_DIVIDE_BY_ZERO && !fault.count, "code %#lx\n", fault.code);

    skip_bytes = 1;
    __asm__ volatile("hlt" : "=d"(rdx));
    ok(fault.code == (DWORD)STATUS_PRIVILEGED_INSTRUCTION && !fault.count, "code %#lx\n", fault.code);

    __asm__ volatile("int3" : "=d"(rdx));
    ok(fault.code == (DWORD)STATUS_BREAKPOINT, "code %#lx\n", fault.code);
    ok(fault.count == 1 && !fault.information[0], "%lu parameters\n", fault.count);
    ok(*(BYTE *)fault.address == 0xcc, "address %p\n", fault.address);

    skip_bytes = 0;
    __asm__ volatile(".byte 0xf1" : "=d"(rdx));         /* icebp: reported behind it */
    ok(fault.code == (DWORD)STATUS_SINGLE_STEP && !fault.count, "code %#lx\n", fault.code);
    ok(((BYTE *)fault.address)[-1] == 0xf1 && (DWORD64)fault.address == fault.rip, "address %p, rip %#I64x\n", fault.address, fault.rip);

    ok(RemoveVectoredExceptionHandler(handler), "not removed\n");
}

static ULONG_PTR read_null(void *argument)
{
    return *(volatile ULONG_PTR *)argument;
}

static LONG filter_fault(EXCEPTION_POINTERS *pointers, void *frame)
{
    (void)frame;
    ok(pointers->ExceptionRecord->ExceptionInformation[1] == 0x30, "address %#Ix\n", pointers->ExceptionRecord->ExceptionInformation[1]);
    return EXCEPTION_EXECUTE_HANDLER;
}

static void test_fault_in_scope(void)
{
    ULONG_PTR ret;

    filter_action = filter_fault;
    ret = scoped_except(read_null, (void *)0x30);
    ok(ret == (DWORD)STATUS_ACCESS_VIOLATION, "returned %#Ix\n", ret);
    check_events("filter");
}

/* ---- tables of run-time code ------------------------------------------------------------------------ */

static RUNTIME_FUNCTION callback_function;

static RUNTIME_FUNCTION * CALLBACK table_callback(DWORD64 pc, void *context)
{
    ok(context == (void *)0x99, "context %p\n", context);
    ok(pc, "no pc\n");
    event("table");
    return &callback_function;
}

static void test_tables(void)
{
    /* Unsorted on purpose. */
    RUNTIME_FUNCTION functions[2] = { { 0x200, 0x240, 0x800 }, { 0x100, 0x120, 0x800 } };
    RUNTIME_FUNCTION growing[2] = { { 0x100, 0x120, 0x800 }, { 0x200, 0x240, 0x800 } };
    char *code = VirtualAlloc(NULL, 0x1000, MEM_COMMIT | MEM_RESERVE, PAGE_EXECUTE_READWRITE);
    DWORD64 base = 1;
    void *table, *header;
    NTSTATUS status;

    ok(!RtlLookupFunctionEntry((DWORD64)code + 0x100, &base, NULL), "found what nobody registered\n");
    ok(RtlAddFunctionTable(functions, 2, (DWORD64)code), "not added\n");
    ok(RtlLookupFunctionEntry((DWORD64)code + 0x11f, &base, NULL) == &functions[1], "not found\n");
    ok(base == (DWORD64)code, "base %#I64x\n", base);
    ok(RtlLookupFunctionEntry((DWORD64)code + 0x200, &base, NULL) == &functions[0], "not found\n");
    ok(!RtlLookupFunctionEntry((DWORD64)code + 0x120, &base, NULL), "found between functions\n");
    ok(RtlDeleteFunctionTable(functions), "not deleted\n");
    ok(!RtlDeleteFunctionTable(functions), "deleted twice\n");
    ok(!RtlLookupFunctionEntry((DWORD64)code + 0x100, &base, NULL), "found after it was deleted\n");

    ok(!RtlInstallFunctionTableCallback((DWORD64)code, (DWORD64)code, 0x1000, table_callback, (void *)0x99, NULL),
       "an identifier without its mark was taken\n");
    ok(RtlInstallFunctionTableCallback((DWORD64)code | 3, (DWORD64)code, 0x1000, table_callback, (void *)0x99, NULL), "not installed\n");
    ok(RtlLookupFunctionEntry((DWORD64)code + 0x555, &base, NULL) == &callback_function, "not asked\n");
    check_events("table");
    ok(RtlDeleteFunctionTable((RUNTIME_FUNCTION *)((DWORD64)code | 3)), "not deleted\n");

    status = RtlAddGrowableFunctionTable(&table, growing, 1, 2, (ULONG64)code, (ULONG64)code + 0x1000);
    ok(!status, "status %#lx\n", status);
    ok(RtlLookupFunctionEntry((DWORD64)code + 0x100, &base, NULL) == &growing[0], "not found\n");
    ok(!RtlLookupFunctionEntry((DWORD64)code + 0x200, &base, NULL), "found too early\n");
    RtlGrowFunctionTable(table, 2);
    ok(RtlLookupFunctionEntry((DWORD64)code + 0x200, &base, NULL) == &growing[1], "not found\n");
    RtlDeleteGrowableFunctionTable(table);
    ok(!RtlLookupFunctionEntry((DWORD64)code + 0x200, &base, NULL), "found after it was deleted\n");
    VirtualFree(code, 0, MEM_RELEASE);

    ok(RtlLookupFunctionEntry((DWORD64)guarded_call, &base, NULL) != NULL, "our own function was not found\n");
    ok(base == (DWORD64)GetModuleHandleA(NULL), "base %#I64x\n", base);
    ok(RtlPcToFileHeader((void *)guarded_call, &header) == GetModuleHandleA(NULL), "wrong module %p\n", header);
    ok(!RtlPcToFileHeader((void *)&base, &header) && !header, "the stack is no module\n");
}

/* ---- contexts and walks ------------------------------------------------------------------------------- */

static ULONG_PTR walk(void *argument)
{
    void *frames[32] = { 0 };
    ULONG hash = 0, sum = 0;
    USHORT count, i, skipped;
    int at = -1;

    (void)argument;
    count = RtlCaptureStackBackTrace(0, ARRAY_SIZE(frames), frames, &hash);
    ok(count >= 3, "%u frames\n", count);
    ok((char *)frames[0] > (char *)walk && (char *)frames[0] < (char *)walk + 0x200, "frame 0 is %p, walk %p\n", frames[0], (void *)walk);
    for (i = 0; i < count; i++)
    {
        sum += (ULONG)(ULONG_PTR)frames[i];
        if ((char *)frames[i] == guarded_call_target - 1) at = i;
    }
    ok(at == 1, "guarded_call is frame %d\n", at);
    ok(hash == sum, "hash %#lx, sum %#lx\n", hash, sum);
    skipped = RtlCaptureStackBackTrace(1, ARRAY_SIZE(frames), frames, NULL);
    ok(skipped == count - 1, "%u frames after skipping one of %u\n", skipped, count);
    ok((char *)frames[0] == guarded_call_target - 1, "frame 0 is %p\n", frames[0]);
    return 1;
}

static void test_context(void)
{
    static volatile int passes;
    CONTEXT context;

    passes = 0;
    memset(&context, 0xcc, sizeof(context));
    RtlCaptureContext(&context);
    ok((context.ContextFlags & CONTEXT_FULL) == CONTEXT_FULL, "flags %#lx\n", context.ContextFlags);
    ok(context.SegCs && context.SegSs, "no segments\n");
    if (++passes == 1) RtlRestoreContext(&context, NULL);
    ok(passes == 2, "%d passes\n", passes);
    ok(guarded_call(walk, NULL) == 1, "registers lost\n");
}

START_TEST(exception)
{
    test_vectored();
    test_frames();
    test_nested();
    test_scopes();
    test_special_unwinds();
    test_faults();
    test_fault_in_scope();
    test_tables();
    test_context();
}
