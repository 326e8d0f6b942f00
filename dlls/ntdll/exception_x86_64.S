# Where the Unix side enters Windows code, and the parts of exception handling that need registers by name.
#
# Offsets into CONTEXT: see winnt.h; into what lies at KiUserExceptionDispatcher's and KiUserApcDispatcher's
# rsp: unix/ps/context.h. The unwind information of these frames describes the saved CONTEXT, so that an
# unwinder walks from a handler into the code that was interrupted.

    .text

# The registers a callee must keep, at their places in a CONTEXT at rsp + base.
.macro SEH_CONTEXT_AT base
    .seh_savereg %rbx, \base+0x90
    .seh_savereg %rbp, \base+0xa0
    .seh_savereg %rsi, \base+0xa8
    .seh_savereg %rdi, \base+0xb0
    .seh_savereg %r12, \base+0xd8
    .seh_savereg %r13, \base+0xe0
    .seh_savereg %r14, \base+0xe8
    .seh_savereg %r15, \base+0xf0
    .seh_savexmm %xmm6, \base+0x200
    .seh_savexmm %xmm7, \base+0x210
    .seh_savexmm %xmm8, \base+0x220
    .seh_savexmm %xmm9, \base+0x230
    .seh_savexmm %xmm10, \base+0x240
    .seh_savexmm %xmm11, \base+0x250
    .seh_savexmm %xmm12, \base+0x260
    .seh_savexmm %xmm13, \base+0x270
    .seh_savexmm %xmm14, \base+0x280
    .seh_savexmm %xmm15, \base+0x290
.endm

# rsp: CONTEXT; +0x4f0: EXCEPTION_RECORD; +0x590: machine frame
    .globl  KiUserExceptionDispatcher
    .balign 16
    .seh_proc KiUserExceptionDispatcher
KiUserExceptionDispatcher:
    .seh_pushframe
    .seh_stackalloc 0x590
    SEH_CONTEXT_AT 0
    .seh_endprologue
    cld
    leaq    0x4f0(%rsp), %rcx
    movq    %rsp, %rdx
    call    exception_dispatch
    int3
    .seh_endproc

# rsp: CONTEXT with P1Home-P4Home = three arguments and the routine; +0x4d0: machine frame
    .globl  KiUserApcDispatcher
    .balign 16
    .seh_proc KiUserApcDispatcher
KiUserApcDispatcher:
    .seh_pushframe
    .seh_stackalloc 0x4d0
    SEH_CONTEXT_AT 0
    .seh_endprologue
    movq    0x00(%rsp), %rcx
    movq    0x08(%rsp), %rdx
    movq    0x10(%rsp), %r8
    movq    %rsp, %r9
    call    *0x18(%rsp)
    movq    %rsp, %rcx
    movl    $1, %edx
    call    NtContinue
    movl    %eax, %ecx
    call    RtlRaiseStatus
    int3
    .seh_endproc

# void RtlUserThreadStart(start, argument): never returns; the outermost frame of a thread.
    .globl  RtlUserThreadStart
    .balign 16
    .seh_proc RtlUserThreadStart
RtlUserThreadStart:
    subq    $0x28, %rsp
    .seh_stackalloc 0x28
    .seh_handler thread_start_handler, @except
    .seh_endprologue
    movq    %rdx, %r8
    movq    %rcx, %rdx
    xorl    %ecx, %ecx
    movq    base_thread_init(%rip), %rax
    testq   %rax, %rax
    jz      1f
    call    *%rax
    int3
1:  call    thread_start_plain
    int3
    .seh_endproc

# void RtlCaptureContext(CONTEXT *): the caller's registers, as they are when this returns.
    .globl  RtlCaptureContext
    .balign 16
    .seh_proc RtlCaptureContext
RtlCaptureContext:
    pushfq
    .seh_stackalloc 8
    .seh_endprologue
    movl    $0x10000f, 0x30(%rcx)       # CONTEXT_FULL | CONTEXT_SEGMENTS
    stmxcsr 0x34(%rcx)
    movw    %cs, 0x38(%rcx)
    movw    %ds, 0x3a(%rcx)
    movw    %es, 0x3c(%rcx)
    movw    %fs, 0x3e(%rcx)
    movw    %gs, 0x40(%rcx)
    movw    %ss, 0x42(%rcx)
    movq    %rax, 0x78(%rcx)
    movl    (%rsp), %eax
    movl    %eax, 0x44(%rcx)
    movq    0x78(%rcx), %rax
    movq    %rcx, 0x80(%rcx)
    movq    %rdx, 0x88(%rcx)
    movq    %rbx, 0x90(%rcx)
    movq    %rbp, 0xa0(%rcx)
    movq    %rsi, 0xa8(%rcx)
    movq    %rdi, 0xb0(%rcx)
    movq    %r8, 0xb8(%rcx)
    movq    %r9, 0xc0(%rcx)
    movq    %r10, 0xc8(%rcx)
    movq    %r11, 0xd0(%rcx)
    movq    %r12, 0xd8(%rcx)
    movq    %r13, 0xe0(%rcx)
    movq    %r14, 0xe8(%rcx)
    movq    %r15, 0xf0(%rcx)
    fxsave  0x100(%rcx)
    leaq    0x10(%rsp), %rdx
    movq    %rdx, 0x98(%rcx)
    movq    8(%rsp), %rdx
    movq    %rdx, 0xf8(%rcx)
    movq    0x88(%rcx), %rdx
    popfq
    ret
    .seh_endproc

# void RtlRaiseException(EXCEPTION_RECORD *): the context is the caller's, after the call.
    .globl  RtlRaiseException
    .balign 16
    .seh_proc RtlRaiseException
RtlRaiseException:
    movq    %rcx, 8(%rsp)
    subq    $0x4f8, %rsp
    .seh_stackalloc 0x4f8
    .seh_endprologue
    leaq    0x20(%rsp), %rcx
    call    RtlCaptureContext
    leaq    0x20(%rsp), %rdx
    leaq    0x500(%rsp), %rax
    movq    %rax, 0x98(%rdx)            # Rsp
    movq    0x4f8(%rsp), %rax
    movq    %rax, 0xf8(%rdx)            # Rip
    movq    0x500(%rsp), %rcx
    movq    %rcx, 0x80(%rdx)            # Rcx
    movq    %rax, 0x10(%rcx)            # ExceptionAddress
    call    exception_raise
    int3
    .seh_endproc

# EXCEPTION_DISPOSITION call_exception_handler(record, frame, context, dispatcher context)
# Calls the language handler. The frame's own handler tells the dispatcher of an exception inside it that
# it is nested, and in which frame the outer one is.
    .globl  call_exception_handler
    .balign 16
    .seh_proc call_exception_handler
call_exception_handler:
    subq    $0x28, %rsp
    .seh_stackalloc 0x28
    .seh_handler nested_exception_handler, @except, @unwind
    .seh_endprologue
    movq    %r9, 0x20(%rsp)
    call    *0x30(%r9)                  # LanguageHandler
    nop
    addq    $0x28, %rsp
    ret
    .seh_endproc

# The same for unwinding: whoever comes through here takes over where this unwind was.
    .globl  call_unwind_handler
    .balign 16
    .seh_proc call_unwind_handler
call_unwind_handler:
    subq    $0x28, %rsp
    .seh_stackalloc 0x28
    .seh_handler collided_unwind_handler, @except, @unwind
    .seh_endprologue
    movq    %r9, 0x20(%rsp)
    call    *0x30(%r9)
    nop
    addq    $0x28, %rsp
    ret
    .seh_endproc

# void context_load(const CONTEXT *): goes on with it. Control, integer and floating point parts.
    .globl  context_load
    .balign 16
    .seh_proc context_load
context_load:
    subq    $0x38, %rsp
    .seh_stackalloc 0x38
    .seh_endprologue
    fxrstor 0x100(%rcx)
    ldmxcsr 0x34(%rcx)
    movq    0xf8(%rcx), %rax
    movq    %rax, 0x00(%rsp)            # Rip
    xorl    %eax, %eax
    movw    %cs, %ax
    movq    %rax, 0x08(%rsp)
    movl    0x44(%rcx), %eax
    movq    %rax, 0x10(%rsp)            # EFlags
    movq    0x98(%rcx), %rax
    movq    %rax, 0x18(%rsp)            # Rsp
    xorl    %eax, %eax
    movw    %ss, %ax
    movq    %rax, 0x20(%rsp)
    movq    0x78(%rcx), %rax
    movq    0x88(%rcx), %rdx
    movq    0x90(%rcx), %rbx
    movq    0xa0(%rcx), %rbp
    movq    0xa8(%rcx), %rsi
    movq    0xb0(%rcx), %rdi
    movq    0xb8(%rcx), %r8
    movq    0xc0(%rcx), %r9
    movq    0xc8(%rcx), %r10
    movq    0xd0(%rcx), %r11
    movq    0xd8(%rcx), %r12
    movq    0xe0(%rcx), %r13
    movq    0xe8(%rcx), %r14
    movq    0xf0(%rcx), %r15
    movq    0x80(%rcx), %rcx
    iretq
    .seh_endproc

# uint64_t consolidate_call(const CONTEXT *context, callback, record)
# Calls callback(record) in a frame that unwinds straight into context: what lies between, the frames that
# threw, is still in memory (the exception object may be there) but no longer part of the stack.
    .globl  consolidate_call
    .balign 16
    .seh_proc consolidate_call
consolidate_call:
    pushq   %rbp
    .seh_pushreg %rbp
    movq    %rsp, %rbp
    .seh_setframe %rbp, 0
    .seh_endprologue
    movq    %rdx, %rax                  # callback
    movq    %r8, %r10                   # record
    subq    $0x530, %rsp                # CONTEXT, machine frame at 0x4d0, our rbp at 0x500
    andq    $-16, %rsp
    movq    %rbp, 0x500(%rsp)
    movq    %rsi, 0x508(%rsp)
    movq    %rdi, 0x510(%rsp)
    movq    %rcx, %rsi
    movq    %rsp, %rdi
    movl    $0x4d0/8, %ecx
    rep movsq
    movq    0xf8(%rsp), %rcx
    movq    %rcx, 0x4d0(%rsp)
    movq    0x98(%rsp), %rcx
    movq    %rcx, 0x4e8(%rsp)
    movq    0x508(%rsp), %rsi
    movq    0x510(%rsp), %rdi
    movq    %r10, %rcx
    call    consolidated
    movq    0x500(%rsp), %rbp
    movq    %rbp, %rsp
    popq    %rbp
    ret
    .seh_endproc

# On its stack: the return address, then what consolidate_call laid out. rax = callback, rcx = record.
    .balign 16
    .seh_proc consolidated
consolidated:
    .seh_pushframe
    .seh_stackalloc 0x4d0
    SEH_CONTEXT_AT 0x30
    .seh_stackalloc 0x30
    subq    $0x28, %rsp
    .seh_endprologue
    call    *%rax
    addq    $0x28, %rsp
    ret
    .seh_endproc

# Stack probes: rax = bytes of the coming frame. Each page is touched in order, so that the guard page moves.
# Nothing but flags is changed. (MSVC calls it __chkstk, mingw ___chkstk_ms.)
    .globl  __chkstk, ___chkstk_ms
    .balign 16
    .seh_proc __chkstk
__chkstk:
___chkstk_ms:
    pushq   %rcx
    .seh_pushreg %rcx
    pushq   %rax
    .seh_pushreg %rax
    .seh_endprologue
    leaq    0x18(%rsp), %rcx            # rsp before the call
    cmpq    $0x1000, %rax
    jb      2f
1:  subq    $0x1000, %rcx
    testb   $0, (%rcx)
    subq    $0x1000, %rax
    cmpq    $0x1000, %rax
    jae     1b
2:  subq    %rax, %rcx
    testb   $0, (%rcx)
    popq    %rax
    popq    %rcx
    ret
    .seh_endproc

# Breakpoints for whoever asks for one.
    .globl  DbgBreakPoint, DbgUserBreakPoint
    .balign 16
DbgBreakPoint:
DbgUserBreakPoint:
    int3
    ret
