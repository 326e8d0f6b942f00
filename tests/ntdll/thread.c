/* Threads through the Nt calls: creation, end, suspension, contexts, APCs, alerts; and what a call leaves alone. */

#include <stdio.h>
#include "ntstatus.h"
#define WIN32_NO_STATUS
#include "windef.h"
#include "winbase.h"
#include "winternl.h"
#include "wine/test.h"

static NTSTATUS create(HANDLE *handle, void *routine, void *arg, ULONG flags)
{
    return NtCreateThreadEx(handle, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), routine, arg, flags, 0, 0, 0, NULL);
}

static NTSTATUS wait_for(HANDLE handle, int ms)
{
    LARGE_INTEGER timeout = { .QuadPart = ms * -10000ll };

    return NtWaitForSingleObject(handle, FALSE, &timeout);
}

static void pause_for(int ms)
{
    LARGE_INTEGER timeout = { .QuadPart = ms * -10000ll };

    NtDelayExecution(FALSE, &timeout);
}

static NTSTATUS exit_status(HANDLE handle)
{
    THREAD_BASIC_INFORMATION info;
    NTSTATUS status = NtQueryInformationThread(handle, ThreadBasicInformation, &info, sizeof(info), NULL);

    ok(!status, "NtQueryInformationThread %#lx\n", status);
    return info.ExitStatus;
}

/* ---- birth and end ------------------------------------------------------------------------------------------ */

struct seen
{
    void *arg;
    TEB *teb;
    ULONG_PTR rsp_low;
    ULONG fpcw, mxcsr;
    CLIENT_ID id;
};

static DWORD WINAPI look(void *arg)
{
    struct seen *seen = arg;
    USHORT control;

    __asm__ volatile("fnstcw %0" : "=m"(control));
    __asm__ volatile("stmxcsr %0" : "=m"(seen->mxcsr));
    seen->fpcw = control;
    seen->arg = arg;
    seen->teb = NtCurrentTeb();
    seen->id = NtCurrentTeb()->ClientId;
    return 0x12345678;
}

static void test_create(void)
{
    THREAD_BASIC_INFORMATION info;
    struct seen seen = { 0 };
    PS_ATTRIBUTE_LIST *list;
    char buffer[sizeof(*list) + sizeof(PS_ATTRIBUTE)];
    SIZE_T size1 = 0, size2 = 0;
    HANDLE handle;
    NTSTATUS status;
    CLIENT_ID id = { 0 };
    TEB *teb = NULL;

    list = (PS_ATTRIBUTE_LIST *)buffer;
    list->TotalLength = sizeof(buffer);
    list->Attributes[0] = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_CLIENT_ID, .Size = sizeof(id), .ValuePtr = &id, .ReturnLength = &size1 };
    list->Attributes[1] = (PS_ATTRIBUTE){ .Attribute = PS_ATTRIBUTE_TEB_ADDRESS, .Size = sizeof(teb), .ValuePtr = &teb, .ReturnLength = &size2 };
    status = NtCreateThreadEx(&handle, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), (void *)look, &seen, 0, 0, 0, 0, list);
    ok(!status, "NtCreateThreadEx %#lx\n", status);
    ok(wait_for(handle, 10000) == WAIT_OBJECT_0, "the thread does not end\n");
    ok(seen.arg == &seen, "argument %p\n", seen.arg);
    ok(seen.id.UniqueThread == id.UniqueThread && seen.id.UniqueProcess == id.UniqueProcess, "thread %p, told %p\n",
       seen.id.UniqueThread, id.UniqueThread);
    ok(seen.teb == teb, "TEB %p, told %p\n", seen.teb, teb);
    ok(size1 == sizeof(id) && size2 == sizeof(teb), "lengths %Iu %Iu\n", size1, size2);
    ok(id.UniqueProcess == NtCurrentTeb()->ClientId.UniqueProcess, "process %p\n", id.UniqueProcess);
    ok(!((ULONG_PTR)id.UniqueThread & 3), "thread id %p\n", id.UniqueThread);
    ok(seen.mxcsr == 0x1f80, "mxcsr %#lx\n", seen.mxcsr);
    ok(seen.fpcw == 0x27f, "x87 control word %#lx\n", seen.fpcw);
    status = NtQueryInformationThread(handle, ThreadBasicInformation, &info, sizeof(info), NULL);
    ok(!status && info.ExitStatus == 0x12345678, "status %#lx, exit %#lx\n", status, info.ExitStatus);
    NtClose(handle);

    handle = (HANDLE)0xdeadbeef;
    status = create(&handle, look, &seen, 0x80000000);
    ok(status == STATUS_INVALID_PARAMETER, "unknown flag: %#lx\n", status);
    list->TotalLength = 12;
    status = NtCreateThreadEx(&handle, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), (void *)look, &seen, 0, 0, 0, 0, list);
    ok(status == STATUS_INVALID_PARAMETER, "bad list: %#lx\n", status);
    status = NtCreateThreadEx((HANDLE *)16, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), (void *)look, &seen, 0, 0, 0, 0, NULL);
    ok(status == STATUS_ACCESS_VIOLATION, "bad handle pointer: %#lx\n", status);
    status = NtCreateThreadEx(&handle, THREAD_ALL_ACCESS, NULL, (HANDLE)0xdead0, (void *)look, &seen, 0, 0, 0, 0, NULL);
    ok(status == STATUS_INVALID_HANDLE, "bad process: %#lx\n", status);
}

static DWORD WINAPI use_stack(void *arg)
{
    volatile char *top = (char *)&arg;
    SIZE_T i;

    for (i = 0; i < (SIZE_T)arg; i += 0x1000) top[-(ptrdiff_t)i] = 1;
    return (char *)NtCurrentTeb()->Tib.StackBase - (char *)NtCurrentTeb()->DeallocationStack == 0x400000;
}

static void test_stack(void)
{
    HANDLE handle;
    NTSTATUS status;

    status = NtCreateThreadEx(&handle, THREAD_ALL_ACCESS, NULL, NtCurrentProcess(), (void *)use_stack, (void *)0x3f0000, 0, 0,
                              0x1000, 0x400000, NULL);
    ok(!status, "NtCreateThreadEx %#lx\n", status);
    ok(!wait_for(handle, 10000), "the thread does not end\n");
    ok(exit_status(handle) == TRUE, "exit status %#lx\n", exit_status(handle));
    NtClose(handle);
}

static volatile LONG running;

static DWORD WINAPI spin(void *arg)
{
    volatile LONG *stop = arg;

    while (!*stop) running++;
    return 7;
}

static DWORD WINAPI sleep_long(void *arg)
{
    (void)arg;
    running = 1;
    pause_for(60000);
    return 8;
}

static void test_terminate(void)
{
    static volatile LONG stop;
    HANDLE handle;
    NTSTATUS status;
    ULONG count;

    /* in Windows code, in a wait, suspended, never started */
    running = 0;
    ok(!create(&handle, spin, (void *)&stop, 0), "NtCreateThreadEx failed\n");
    while (!running) pause_for(1);
    ok(wait_for(handle, 0) == STATUS_TIMEOUT, "signalled while it runs\n");
    ok(exit_status(handle) == STATUS_PENDING, "exit status %#lx\n", exit_status(handle));
    status = NtTerminateThread(handle, 0x1234);
    ok(!status, "NtTerminateThread %#lx\n", status);
    ok(!wait_for(handle, 10000), "the thread does not end\n");
    ok(exit_status(handle) == 0x1234, "exit status %#lx\n", exit_status(handle));
    status = NtTerminateThread(handle, 5);
    ok(!status, "NtTerminateThread again: %#lx\n", status);
    ok(exit_status(handle) == 0x1234, "exit status changed to %#lx\n", exit_status(handle));
    status = NtSuspendThread(handle, &count);
    ok(status == STATUS_THREAD_IS_TERMINATING, "NtSuspendThread of an ended thread: %#lx\n", status);
    NtClose(handle);

    running = 0;
    ok(!create(&handle, sleep_long, NULL, 0), "NtCreateThreadEx failed\n");
    while (!running) pause_for(1);
    pause_for(5);
    ok(!NtTerminateThread(handle, 2), "NtTerminateThread failed\n");
    ok(!wait_for(handle, 10000), "a waiting thread does not end\n");
    ok(exit_status(handle) == 2, "exit status %#lx\n", exit_status(handle));
    NtClose(handle);

    running = 0;
    ok(!create(&handle, spin, (void *)&stop, 0), "NtCreateThreadEx failed\n");
    while (!running) pause_for(1);
    ok(!NtSuspendThread(handle, NULL), "NtSuspendThread failed\n");
    ok(!NtTerminateThread(handle, 3), "NtTerminateThread failed\n");
    ok(!wait_for(handle, 10000), "a suspended thread does not end\n");
    NtClose(handle);

    ok(!create(&handle, spin, (void *)&stop, 1), "NtCreateThreadEx failed\n");
    ok(!NtTerminateThread(handle, 4), "NtTerminateThread failed\n");
    ok(!wait_for(handle, 10000), "a thread that never ran does not end\n");
    ok(exit_status(handle) == 4, "exit status %#lx\n", exit_status(handle));
    NtClose(handle);
}

static void test_many(void)
{
    HANDLE handles[32];
    struct seen seen = { 0 };
    int i, j;

    for (j = 0; j < 20; j++)
    {
        for (i = 0; i < 32; i++) ok(!create(&handles[i], look, &seen, 0), "thread %d of round %d\n", i, j);
        for (i = 0; i < 32; i++)
        {
            ok(!wait_for(handles[i], 10000), "thread %d of round %d does not end\n", i, j);
            NtClose(handles[i]);
        }
    }
}

/* ---- suspension and contexts ---------------------------------------------------------------------------------- */

static void test_suspend(void)
{
    volatile LONG stop = 0;
    HANDLE handle;
    ULONG count;
    NTSTATUS status;
    LONG before;
    int i;

    running = 0;
    ok(!create(&handle, spin, (void *)&stop, 1), "NtCreateThreadEx failed\n");
    pause_for(5);
    ok(!running, "a thread that was created suspended runs\n");
    count = 99;
    status = NtSuspendThread(handle, &count);
    ok(!status && count == 1, "%#lx, count %lu\n", status, count);
    status = NtResumeThread(handle, &count);
    ok(!status && count == 2, "%#lx, count %lu\n", status, count);
    pause_for(5);
    ok(!running, "it runs though it is still suspended\n");
    status = NtResumeThread(handle, &count);
    ok(!status && count == 1, "%#lx, count %lu\n", status, count);
    while (!running) pause_for(1);
    status = NtResumeThread(handle, &count);
    ok(!status && !count, "%#lx, count %lu\n", status, count);

    for (i = 0; i < 200; i++)
    {
        ok(!NtSuspendThread(handle, NULL), "NtSuspendThread failed\n");
        before = running;
        for (volatile int k = 0; k < 200; k++) continue;
        ok(running == before, "it moves while it is suspended\n");
        ok(!NtResumeThread(handle, NULL), "NtResumeThread failed\n");
    }
    for (i = 0; i < 127; i++) ok(!NtSuspendThread(handle, NULL), "suspension %d failed\n", i);
    status = NtSuspendThread(handle, &count);
    ok(status == STATUS_SUSPEND_COUNT_EXCEEDED, "suspension 128: %#lx\n", status);
    for (i = 0; i < 127; i++) NtResumeThread(handle, NULL);
    stop = 1;
    ok(!wait_for(handle, 10000), "the thread does not end\n");
    NtClose(handle);
}

static DWORD WINAPI suspend_self(void *arg)
{
    NTSTATUS status;

    status = NtSuspendThread(NtCurrentThread(), arg);
    return status;
}

static void test_suspend_self(void)
{
    ULONG previous = 99, count = 0;
    HANDLE handle;
    int i;

    ok(!create(&handle, suspend_self, &previous, 0), "NtCreateThreadEx failed\n");
    for (i = 0; i < 10000 && !count; i++)
    {
        NtQueryInformationThread(handle, ThreadSuspendCount, &count, sizeof(count), NULL);
        pause_for(1);
    }
    ok(count == 1, "suspend count %lu\n", count);
    ok(wait_for(handle, 5) == STATUS_TIMEOUT, "it went on\n");
    ok(!NtResumeThread(handle, &count) && count == 1, "count %lu\n", count);
    ok(!wait_for(handle, 10000), "the thread does not end\n");
    ok(!previous && !exit_status(handle), "previous %lu, status %#lx\n", previous, exit_status(handle));
    NtClose(handle);
}

static volatile LONG arrived;

static void WINAPI go_here(void)
{
    arrived = 1;
    NtTerminateThread(NtCurrentThread(), 0x77);
}

static void test_context(void)
{
    volatile LONG stop = 0;
    DECLSPEC_ALIGN(16) CONTEXT context;
    char *code = (char *)spin;
    HANDLE handle;
    NTSTATUS status;

    running = 0;
    ok(!create(&handle, spin, (void *)&stop, 1), "NtCreateThreadEx failed\n");
    memset(&context, 0xcc, sizeof(context));
    context.ContextFlags = CONTEXT_FULL;
    status = NtGetContextThread(handle, &context);
    ok(!status, "NtGetContextThread %#lx\n", status);
    ok(context.Rcx == (ULONG_PTR)spin, "before it starts: rcx %Ix\n", (ULONG_PTR)context.Rcx);
    ok(context.Rdx == (ULONG_PTR)&stop, "rdx %Ix\n", (ULONG_PTR)context.Rdx);
    ok((context.Rsp & 15) == 8, "rsp %Ix\n", (ULONG_PTR)context.Rsp);
    ok(context.SegCs == 0x33 && context.SegSs == 0x2b, "cs %x ss %x\n", context.SegCs, context.SegSs);
    ok(context.MxCsr == 0x1f80, "mxcsr %#lx\n", context.MxCsr);
    ok(context.Dr0 == 0xcccccccccccccccc, "what was not asked for was written\n");
    NtResumeThread(handle, NULL);
    while (!running) pause_for(1);

    NtSuspendThread(handle, NULL);
    context.ContextFlags = CONTEXT_CONTROL;
    status = NtGetContextThread(handle, &context);
    ok(!status, "NtGetContextThread %#lx\n", status);
    ok((char *)context.Rip >= code && (char *)context.Rip < code + 0x80, "rip %Ix, spin %p\n", (ULONG_PTR)context.Rip, code);
    arrived = 0;
    context.Rip = (ULONG_PTR)go_here;
    context.Rsp = (context.Rsp & ~(ULONG_PTR)15) - 0x108;
    status = NtSetContextThread(handle, &context);
    ok(!status, "NtSetContextThread %#lx\n", status);
    NtResumeThread(handle, NULL);
    ok(!wait_for(handle, 10000), "the thread does not end\n");
    ok(arrived && exit_status(handle) == 0x77, "arrived %ld, exit %#lx\n", arrived, exit_status(handle));
    status = NtGetContextThread(handle, &context);
    ok(status == STATUS_UNSUCCESSFUL, "of an ended thread: %#lx\n", status);
    NtClose(handle);
    stop = 1;
}

/* A thread in a call has its return as context; what it is set to takes effect when the call is over. */
static void test_context_in_call(void)
{
    DECLSPEC_ALIGN(16) CONTEXT context;
    HANDLE handle;

    running = 0;
    ok(!create(&handle, sleep_long, NULL, 0), "NtCreateThreadEx failed\n");
    while (!running) pause_for(1);
    pause_for(5);
    NtSuspendThread(handle, NULL);
    context.ContextFlags = CONTEXT_FULL;
    ok(!NtGetContextThread(handle, &context), "NtGetContextThread failed\n");
    ok((char *)context.Rip >= (char *)NtDelayExecution && (char *)context.Rip < (char *)NtDelayExecution + 64,
       "rip %Ix, NtDelayExecution %p\n", (ULONG_PTR)context.Rip, NtDelayExecution);
    NtResumeThread(handle, NULL);
    NtTerminateThread(handle, 0);
    ok(!wait_for(handle, 10000), "the thread does not end\n");
    NtClose(handle);
}

/* ---- debug registers --------------------------------------------------------------------------------------------- */

static volatile ULONG watched;
static LONG hits;
static ULONG64 hit_status;

static LONG CALLBACK count_hit(EXCEPTION_POINTERS *pointers)
{
    if (pointers->ExceptionRecord->ExceptionCode != (DWORD)STATUS_SINGLE_STEP) return EXCEPTION_CONTINUE_SEARCH;
    hits++;
    hit_status = pointers->ContextRecord->Dr6;
    pointers->ContextRecord->Dr6 = 0;
    return EXCEPTION_CONTINUE_EXECUTION;
}

static void test_breakpoints(void)
{
    DECLSPEC_ALIGN(16) CONTEXT context = { .ContextFlags = CONTEXT_DEBUG_REGISTERS };
    NTSTATUS status;
    void *handler;

    status = NtGetContextThread(NtCurrentThread(), &context);
    ok(!status && !context.Dr0 && !(context.Dr7 & 0xff), "%#lx, Dr7 %Ix\n", status, (ULONG_PTR)context.Dr7);
    context.Dr1 = (ULONG_PTR)&watched;
    context.Dr7 = 4 | 13u << 20;         /* slot 1: four bytes, writes */
    status = NtSetContextThread(NtCurrentThread(), &context);
    if (status == STATUS_NOT_SUPPORTED)
    {
        skip("no debug registers to be had\n");
        return;
    }
    ok(!status, "NtSetContextThread %#lx\n", status);
    handler = RtlAddVectoredExceptionHandler(TRUE, count_hit);
    watched = 1;
    ok(hits == 1 && (hit_status & 15) == 2, "%ld hits, Dr6 %Ix\n", hits, (ULONG_PTR)hit_status);
    ok(watched == 1, "not written\n");
    ok(hits == 1, "reading is a hit\n");
    watched++;
    ok(hits == 2, "%ld hits\n", hits);
    context.Dr1 = context.Dr7 = 0;
    status = NtSetContextThread(NtCurrentThread(), &context);
    ok(!status, "NtSetContextThread %#lx\n", status);
    watched++;
    ok(hits == 2, "%ld hits\n", hits);
    RtlRemoveVectoredExceptionHandler(handler);
}

/* ---- APCs and alerts --------------------------------------------------------------------------------------------- */

static char order[64];

static void CALLBACK apc(ULONG_PTR letter, ULONG_PTR second, ULONG_PTR third)
{
    size_t length = strlen(order);

    order[length] = (char)letter;
    ok(second == letter + 1 && third == letter + 2, "arguments %Iu %Iu %Iu\n", letter, second, third);
}

static void CALLBACK apc_nested(ULONG_PTR letter, ULONG_PTR second, ULONG_PTR third)
{
    apc(letter, second, third);
    if (letter < 'f') NtQueueApcThread(NtCurrentThread(), (PNTAPCFUNC)apc_nested, letter + 1, letter + 2, letter + 3);
}

static DWORD WINAPI wait_alertably(void *arg)
{
    LARGE_INTEGER timeout = { .QuadPart = -100000000 };
    NTSTATUS *status = arg;

    running = 1;
    *status = NtDelayExecution(TRUE, &timeout);
    return 0;
}

static void test_apc(void)
{
    NTSTATUS status = 1, result = 1;
    LARGE_INTEGER zero = { .QuadPart = 0 };
    HANDLE handle;

    order[0] = 0;
    ok(!NtQueueApcThread(NtCurrentThread(), (PNTAPCFUNC)apc, 'a', 'b', 'c'), "NtQueueApcThread failed\n");
    ok(!NtQueueApcThread(NtCurrentThread(), (PNTAPCFUNC)apc, 'b', 'c', 'd'), "NtQueueApcThread failed\n");
    NtDelayExecution(FALSE, &zero);
    ok(!order[0], "an APC ran in a wait that is not alertable\n");
    status = NtDelayExecution(TRUE, &zero);
    ok(status == STATUS_USER_APC, "NtDelayExecution %#lx\n", status);
    ok(!strcmp(order, "ab"), "order %s\n", order);

    memset(order, 0, sizeof(order));
    NtQueueApcThread(NtCurrentThread(), (PNTAPCFUNC)apc, 'x', 'y', 'z');
    status = NtTestAlert();
    ok(!status, "NtTestAlert %#lx\n", status);
    ok(!strcmp(order, "x"), "order %s\n", order);

    memset(order, 0, sizeof(order));
    NtQueueApcThread(NtCurrentThread(), (PNTAPCFUNC)apc_nested, 'a', 'b', 'c');
    status = NtTestAlert();
    ok(!status && !strcmp(order, "abcdef"), "%#lx, order %s\n", status, order);

    /* from another thread: before it starts, and while it waits */
    memset(order, 0, sizeof(order));
    ok(!create(&handle, look, &(struct seen){ 0 }, 1), "NtCreateThreadEx failed\n");
    NtQueueApcThread(handle, (PNTAPCFUNC)apc, 's', 't', 'u');
    NtResumeThread(handle, NULL);
    ok(!wait_for(handle, 10000), "the thread does not end\n");
    ok(!strcmp(order, "s"), "order %s\n", order);
    status = NtQueueApcThread(handle, (PNTAPCFUNC)apc, 's', 't', 'u');
    ok(status == STATUS_UNSUCCESSFUL, "to an ended thread: %#lx\n", status);
    NtClose(handle);

    memset(order, 0, sizeof(order));
    running = 0;
    ok(!create(&handle, wait_alertably, &result, 0), "NtCreateThreadEx failed\n");
    while (!running) pause_for(1);
    pause_for(5);
    NtQueueApcThread(handle, (PNTAPCFUNC)apc, 'w', 'x', 'y');
    ok(!wait_for(handle, 9000), "the thread does not end\n");
    ok(result == STATUS_USER_APC && !strcmp(order, "w"), "%#lx, order %s\n", result, order);
    NtClose(handle);
}

static void test_alert(void)
{
    NTSTATUS result = 1, status;
    HANDLE handle;

    ok(!NtAlertThread(NtCurrentThread()), "NtAlertThread failed\n");
    status = NtTestAlert();
    ok(status == STATUS_ALERTED, "NtTestAlert %#lx\n", status);
    status = NtTestAlert();
    ok(!status, "NtTestAlert again: %#lx\n", status);

    running = 0;
    ok(!create(&handle, wait_alertably, &result, 0), "NtCreateThreadEx failed\n");
    while (!running) pause_for(1);
    pause_for(5);
    ok(!NtAlertThread(handle), "NtAlertThread failed\n");
    ok(!wait_for(handle, 9000), "the thread does not end\n");
    ok(result == STATUS_ALERTED, "NtDelayExecution %#lx\n", result);
    NtClose(handle);
}

/* ---- what a call leaves alone --------------------------------------------------------------------------------------- */

/* Calls function with a value in each register that it has to keep; returns 0 if all of them are as they were. */
static ULONG call_keeps(void *function, ULONG64 seed)
{
    ULONG64 saved[9], after[9], *in = saved, *out = after;
    ULONG result = 0;
    int i;

    for (i = 0; i < 9; i++) saved[i] = seed + i;
    __asm__ volatile(
        "movq (%[in]),%%rbx; movq 8(%[in]),%%rsi; movq 16(%[in]),%%rdi; movq 24(%[in]),%%r12; movq 32(%[in]),%%r13;"
        "movq 40(%[in]),%%r14; movq 48(%[in]),%%r15; movq 56(%[in]),%%xmm6; movq 64(%[in]),%%xmm15;"
        "pushq %[out]; subq $0x28,%%rsp; xorl %%ecx,%%ecx; xorl %%edx,%%edx; call *%[fn]; addq $0x28,%%rsp; popq %%rax;"
        "movq %%rbx,(%%rax); movq %%rsi,8(%%rax); movq %%rdi,16(%%rax); movq %%r12,24(%%rax); movq %%r13,32(%%rax);"
        "movq %%r14,40(%%rax); movq %%r15,48(%%rax); movq %%xmm6,56(%%rax); movq %%xmm15,64(%%rax)"
        : : [in] "a"(in), [out] "d"(out), [fn] "r"(function)
        : "rbx", "rcx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1", "xmm2",
          "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "xmm8", "xmm9", "xmm10", "xmm11", "xmm12", "xmm13", "xmm14", "xmm15",
          "memory", "cc");
    for (i = 0; i < 9; i++)
        if (after[i] != saved[i]) result |= 1u << i;
    return result;
}

static volatile LONG calls, damaged, apcs, stop_calling;

static void CALLBACK count_apc(ULONG_PTR a, ULONG_PTR b, ULONG_PTR c)
{
    if (b != a + 1 || c != a + 2) InterlockedIncrement(&damaged);
    apcs++;
}

static DWORD WINAPI call_a_lot(void *arg)
{
    ULONG64 seed = 1;

    (void)arg;
    while (!stop_calling)
    {
        DECLSPEC_ALIGN(16) CONTEXT context;
        volatile BOOL again = FALSE;

        calls++;
        if (call_keeps(NtTestAlert, seed)) InterlockedIncrement(&damaged);
        if (call_keeps(NtGetTickCount, seed * 3)) InterlockedIncrement(&damaged);
        if (calls % 16) continue;
        RtlCaptureContext(&context);
        if (!again)
        {
            again = TRUE;
            NtContinue(&context, calls % 32 == 0);
            InterlockedIncrement(&damaged);
        }
        seed = seed * 6364136223846793005u + 1442695040888963407u;
    }
    return 0;
}

/* A thread that makes calls, continues contexts and takes APCs, while another suspends it, reads its context and
 * writes it back. Nothing may be lost, and nothing may move while it is suspended. */
static void test_stress(void)
{
    DWORD until = GetTickCount() + 1500;
    LONG rounds = 0, queued = 0, before;
    HANDLE handle;

    calls = damaged = apcs = stop_calling = 0;
    ok(!create(&handle, call_a_lot, NULL, 0), "NtCreateThreadEx failed\n");
    while ((LONG)(GetTickCount() - until) < 0)
    {
        DECLSPEC_ALIGN(16) CONTEXT context;
        ULONG count = 99;

        if (rounds % 256 == 0) Sleep(1);        /* or a busy machine never lets the other thread run */
        if (NtSuspendThread(handle, &count) || count) InterlockedIncrement(&damaged);
        before = calls;
        context.ContextFlags = CONTEXT_FULL;
        if (NtGetContextThread(handle, &context)) InterlockedIncrement(&damaged);
        if (rounds % 2 && NtSetContextThread(handle, &context)) InterlockedIncrement(&damaged);
        if (calls != before) InterlockedIncrement(&damaged);
        NtResumeThread(handle, NULL);
        if (rounds++ % 7 == 0)
        {
            NtQueueApcThread(handle, (PNTAPCFUNC)count_apc, rounds, rounds + 1, rounds + 2);
            queued++;
        }
        for (volatile int k = 0; k < rounds * 37 % 3000; k++) continue;
    }
    stop_calling = 1;
    ok(!wait_for(handle, 10000), "the thread does not end\n");
    NtClose(handle);
    ok(!damaged, "%ld registers, contexts or APCs damaged in %ld rounds\n", damaged, rounds);
    ok(apcs <= queued && apcs > 0, "%ld of %ld APCs\n", apcs, queued);
    ok(rounds > 100 && calls > 100, "%ld rounds, %ld calls\n", rounds, calls);
}

static void test_bad_calls(void)
{
    NTSTATUS (WINAPI *call)(void *) = (void *)NtClose;
    NTSTATUS status;
    ULONG64 stub;

    status = call((void *)0x12345670);
    ok(status == STATUS_INVALID_HANDLE, "NtClose %#lx\n", status);
    /* a number that no call has */
    __asm__ volatile("movl $0xfff,%%eax; xorl %%ecx,%%ecx; movq %%rcx,%%r10; subq $0x28,%%rsp; leaq 1f(%%rip),%%rcx; pushq %%rcx;"
                     "jmp *%%gs:0x100; 1: addq $0x28,%%rsp" : "=a"(stub) : : "rcx", "rdx", "r8", "r9", "r10", "r11", "memory", "cc",
                     "xmm0", "xmm1", "xmm2", "xmm3", "xmm4", "xmm5");
    ok((NTSTATUS)stub == STATUS_INVALID_SYSTEM_SERVICE, "call 0xfff: %#lx\n", (NTSTATUS)stub);
}

static void test_next(void)
{
    HANDLE handle, next, previous = NULL;
    BOOL found = FALSE, first = TRUE;
    THREAD_BASIC_INFORMATION info, wanted;
    volatile LONG stop = 0;
    NTSTATUS status;

    ok(!create(&handle, spin, (void *)&stop, 0), "NtCreateThreadEx failed\n");
    NtQueryInformationThread(handle, ThreadBasicInformation, &wanted, sizeof(wanted), NULL);
    while (!(status = NtGetNextThread(NtCurrentProcess(), previous, THREAD_QUERY_LIMITED_INFORMATION, 0, 0, &next)))
    {
        NtQueryInformationThread(next, ThreadBasicInformation, &info, sizeof(info), NULL);
        if (first) ok(info.ClientId.UniqueThread == NtCurrentTeb()->ClientId.UniqueThread, "first %p\n", info.ClientId.UniqueThread);
        first = FALSE;
        if (info.ClientId.UniqueThread == wanted.ClientId.UniqueThread) found = TRUE;
        if (previous) NtClose(previous);
        previous = next;
    }
    NtClose(previous);
    ok(status == STATUS_NO_MORE_ENTRIES && !next, "%#lx, %p\n", status, next);
    ok(found, "not found\n");
    stop = 1;
    ok(!wait_for(handle, 10000), "the thread does not end\n");
    /* it is still there as long as somebody has a handle */
    found = FALSE;
    for (previous = NULL; !NtGetNextThread(NtCurrentProcess(), previous, THREAD_QUERY_LIMITED_INFORMATION, 0, 0, &next); previous = next)
    {
        NtQueryInformationThread(next, ThreadBasicInformation, &info, sizeof(info), NULL);
        if (info.ClientId.UniqueThread == wanted.ClientId.UniqueThread) found = TRUE;
        if (previous) NtClose(previous);
    }
    NtClose(previous);
    ok(found, "gone with its end\n");
    NtClose(handle);
}

START_TEST(thread)
{
    test_create();
    test_stack();
    test_terminate();
    test_many();
    test_suspend();
    test_suspend_self();
    test_context();
    test_context_in_call();
    test_breakpoints();
    test_apc();
    test_alert();
    test_bad_calls();
    test_next();
    test_stress();
}
