# PE -> Unix and back: a call with a stack switch, not a kernel entry.
#
# An Nt stub jumps here through TEB+0x100 with eax = number, r10 = first argument, rdx, r8, r9 and
# the rest on the stack from rsp+0x28, as at Windows' syscall instruction but for the stack. Windows'
# ABI keeps rdi, rsi and xmm6-15 where the other one does not; rbx, rbp and r12-15 are saved too so
# that a context can be read or changed and a debugger can unwind. No other state is touched: the full
# context is only loaded when something (NtContinue, an APC, an exception) asked for it.
#
# What interrupts a thread here is described in dispatch.h by instruction ranges; ps/signal_x86_64.c
# and ps/suspend.c act on them.

#include "dispatch.h"
#include "ps/thread.h"
#include "syscalls.h"

#define STATUS_INVALID_SYSTEM_SERVICE 0xc000001c
#define CTX(offset) (FRAME_CONTEXT + (offset))

# Unwinding: rbx is the frame. CFA = *(rbx+FRAME_RSP) + 8; saved registers are at rbx+n.
# 0x77: DW_OP_breg7 would be rsp; DW_OP_breg3 (0x73) is rbx.
.macro CFI_FRAME
    .cfi_escape 0x0f, 6, 0x73, 0xc0, 0x00, 0x06, 0x23, 0x08
    .cfi_escape 0x10, 3, 2, 0x73, 0x00                  # rbx
    .cfi_escape 0x10, 6, 2, 0x73, 0x08                  # rbp
    .cfi_escape 0x10, 12, 2, 0x73, 0x10
    .cfi_escape 0x10, 13, 2, 0x73, 0x18
    .cfi_escape 0x10, 14, 2, 0x73, 0x20
    .cfi_escape 0x10, 15, 2, 0x73, 0x28
    .cfi_escape 0x10, 5, 2, 0x73, 0x30                  # rdi
    .cfi_escape 0x10, 4, 2, 0x73, 0x38                  # rsi
    .cfi_escape 0x10, 16, 5, 0x73, 0xc0, 0x00, 0x06, 0x96   # return address: *(rsp); 0x96 = nop
.endm

# rcx = frame, r11 = thread on the way out of it
.macro SAVE_FRAME
    movq    %fs:thread_self@tpoff, %r11
    movq    THREAD_UNIX_STACK(%r11), %rcx
    movq    %rbx, FRAME_RBX(%rcx)
    movq    %rbp, FRAME_RBP(%rcx)
    movq    %r12, FRAME_R12(%rcx)
    movq    %r13, FRAME_R13(%rcx)
    movq    %r14, FRAME_R14(%rcx)
    movq    %r15, FRAME_R15(%rcx)
    movq    %rdi, FRAME_RDI(%rcx)
    movq    %rsi, FRAME_RSI(%rcx)
    movq    %rsp, FRAME_RSP(%rcx)
    movl    %eax, FRAME_NUMBER(%rcx)
    stmxcsr FRAME_MXCSR(%rcx)
    movq    $0, FRAME_FLAGS(%rcx)
    movaps  %xmm6, FRAME_XMM6(%rcx)
    movaps  %xmm7, FRAME_XMM6+0x10(%rcx)
    movaps  %xmm8, FRAME_XMM6+0x20(%rcx)
    movaps  %xmm9, FRAME_XMM6+0x30(%rcx)
    movaps  %xmm10, FRAME_XMM6+0x40(%rcx)
    movaps  %xmm11, FRAME_XMM6+0x50(%rcx)
    movaps  %xmm12, FRAME_XMM6+0x60(%rcx)
    movaps  %xmm13, FRAME_XMM6+0x70(%rcx)
    movaps  %xmm14, FRAME_XMM6+0x80(%rcx)
    movaps  %xmm15, FRAME_XMM6+0x90(%rcx)
    movq    %rcx, THREAD_FRAME(%r11)
.endm

# After this: rbx = frame, r12 = the caller's stack, Unix stack, Unix rounding, masks and direction.
.macro SWITCH_STACK
    cld
    movq    %rcx, %rbx
    CFI_FRAME
    movq    %rsp, %r12
    movq    FRAME_UNIX_RSP(%rcx), %rsp
    movl    FRAME_MXCSR(%rcx), %ecx
    andl    $~0x3f, %ecx
    cmpl    $0x1f80, %ecx
    je      1f
    ldmxcsr unix_mxcsr(%rip)
1:
.endm

    .section .rodata
    .balign 4
unix_mxcsr:
    .long   0x1f80

    .text
    .globl  syscall_dispatcher, syscall_enter_start, syscall_enter_end
    .type   syscall_dispatcher, @function
    .balign 64
syscall_enter_start:
syscall_dispatcher:
    .cfi_startproc
    .cfi_signal_frame                                   # the caller's stack is another one: gdb takes that here only
    SAVE_FRAME
    SWITCH_STACK
    cmpl    $NR_SYSCALLS, %eax
    jae     .Lbad_number
    leaq    (%rax,%rax,2), %rax                         # 24 bytes an entry
    leaq    syscall_entries(%rip), %r13
    leaq    (%r13,%rax,8), %r13
    movl    16(%r13), %eax                              # 8-byte slots
    movq    %r10, %rdi
    movq    %rdx, %rsi
    movq    %r8, %rdx
    movq    %r9, %rcx
    cmpl    $4, %eax
    ja      .Lstack_args
.Lcall:
    call    *(%r13)

    # rax = status. From here to syscall_leave_end the thread can be put back to syscall_leave.
    .globl  syscall_leave, syscall_leave_end, syscall_leave_ret, syscall_leave_iret
syscall_leave:
    movq    %fs:thread_self@tpoff, %r11
    movq    THREAD_UNIX_STACK(%r11), %rcx
    movq    $0, THREAD_FRAME(%r11)
    cmpl    $0, THREAD_PENDING(%r11)
    jne     .Lslow
.Lplain:
    ldmxcsr FRAME_MXCSR(%rcx)
    movaps  FRAME_XMM6(%rcx), %xmm6
    movaps  FRAME_XMM6+0x10(%rcx), %xmm7
    movaps  FRAME_XMM6+0x20(%rcx), %xmm8
    movaps  FRAME_XMM6+0x30(%rcx), %xmm9
    movaps  FRAME_XMM6+0x40(%rcx), %xmm10
    movaps  FRAME_XMM6+0x50(%rcx), %xmm11
    movaps  FRAME_XMM6+0x60(%rcx), %xmm12
    movaps  FRAME_XMM6+0x70(%rcx), %xmm13
    movaps  FRAME_XMM6+0x80(%rcx), %xmm14
    movaps  FRAME_XMM6+0x90(%rcx), %xmm15
    movq    FRAME_RDI(%rcx), %rdi
    movq    FRAME_RSI(%rcx), %rsi
    movq    FRAME_RBX(%rcx), %rbx
    movq    FRAME_RBP(%rcx), %rbp
    movq    FRAME_R12(%rcx), %r12
    movq    FRAME_R13(%rcx), %r13
    movq    FRAME_R14(%rcx), %r14
    movq    FRAME_R15(%rcx), %r15
    movq    FRAME_RSP(%rcx), %rsp
    movl    $0x246, %r11d                               # the flags, as the syscall instruction leaves there: those of the test
syscall_leave_ret:
    ret

.Lslow:
    movq    FRAME_UNIX_RSP(%rcx), %rsp
    movq    %rcx, THREAD_FRAME(%r11)
    movq    %rcx, %rbx
    movq    %rax, FRAME_STATUS(%rcx)
    movq    %rcx, %rdi
    movq    %rax, %rsi
    call    syscall_leave_slow
    movq    %fs:thread_self@tpoff, %r11
    movq    THREAD_UNIX_STACK(%r11), %rcx
    movl    %eax, %edx
    movq    FRAME_STATUS(%rcx), %rax
    movq    $0, THREAD_FRAME(%r11)
    testl   $3, THREAD_PENDING(%r11)                    # PENDING_SUSPEND | PENDING_TERMINATE
    jne     .Lslow
    testl   %edx, %edx
    je      .Lplain

    cmpl    $VECTORS_FXRSTOR, FRAME_VECTORS(%rcx)
    ja      2f
    je      1f
    ldmxcsr FRAME_MXCSR(%rcx)
    movaps  FRAME_XMM6(%rcx), %xmm6
    movaps  FRAME_XMM6+0x10(%rcx), %xmm7
    movaps  FRAME_XMM6+0x20(%rcx), %xmm8
    movaps  FRAME_XMM6+0x30(%rcx), %xmm9
    movaps  FRAME_XMM6+0x40(%rcx), %xmm10
    movaps  FRAME_XMM6+0x50(%rcx), %xmm11
    movaps  FRAME_XMM6+0x60(%rcx), %xmm12
    movaps  FRAME_XMM6+0x70(%rcx), %xmm13
    movaps  FRAME_XMM6+0x80(%rcx), %xmm14
    movaps  FRAME_XMM6+0x90(%rcx), %xmm15
    jmp     3f
1:  fxrstor64 FRAME_XSAVE(%rcx)
    jmp     3f
2:  movl    FRAME_XMASK(%rcx), %eax
    movl    FRAME_XMASK+4(%rcx), %edx
    xrstor64 FRAME_XSAVE(%rcx)
3:  leaq    FRAME_IRET(%rcx), %rsp
    movq    CTX(0x78)(%rcx), %rax
    movq    CTX(0x88)(%rcx), %rdx
    movq    CTX(0x90)(%rcx), %rbx
    movq    CTX(0xa0)(%rcx), %rbp
    movq    CTX(0xa8)(%rcx), %rsi
    movq    CTX(0xb0)(%rcx), %rdi
    movq    CTX(0xb8)(%rcx), %r8
    movq    CTX(0xc0)(%rcx), %r9
    movq    CTX(0xc8)(%rcx), %r10
    movq    CTX(0xd0)(%rcx), %r11
    movq    CTX(0xd8)(%rcx), %r12
    movq    CTX(0xe0)(%rcx), %r13
    movq    CTX(0xe8)(%rcx), %r14
    movq    CTX(0xf0)(%rcx), %r15
    movq    CTX(0x80)(%rcx), %rcx
syscall_leave_iret:
    iretq
syscall_leave_end:

    # A thread that the stop signal found in Windows code and that is to end.
    .globl  syscall_stop
syscall_stop:
    movq    %fs:thread_self@tpoff, %r11
    movq    THREAD_UNIX_STACK(%r11), %rcx
    xorl    %eax, %eax
    jmp     .Lslow

.Lbad_number:
    movl    $STATUS_INVALID_SYSTEM_SERVICE, %eax
    jmp     syscall_leave

    # Arguments five and up: two in registers, the others on the Unix stack, which stays 16-byte aligned.
    .globl  syscall_args_start, syscall_args_end, syscall_args_fault
.Lstack_args:
    cmpl    $6, %eax
    jbe     1f
    leal    -5(%rax), %r14d                             # n-6 slots, rounded up to even
    andl    $~1, %r14d
    shlq    $3, %r14
    subq    %r14, %rsp
1:
syscall_args_start:
    movq    0x28(%r12), %r8
    cmpl    $6, %eax
    jb      .Lcall
    movq    0x30(%r12), %r9
    je      .Lcall
    subl    $6, %eax
2:  movq    0x30(%r12,%rax,8), %r14
    movq    %r14, -8(%rsp,%rax,8)
    decl    %eax
    jne     2b
syscall_args_end:
    jmp     .Lcall
syscall_args_fault:
    movq    FRAME_UNIX_RSP(%rbx), %rsp
    jmp     syscall_leave
    .cfi_endproc
    .size   syscall_dispatcher, .-syscall_dispatcher

    # The same with a trace. A second entry, so that tracing costs nothing when it is off.
    .globl  syscall_dispatcher_trace
    .type   syscall_dispatcher_trace, @function
    .balign 64
syscall_dispatcher_trace:
    .cfi_startproc
    .cfi_signal_frame                                   # the caller's stack is another one: gdb takes that here only
    SAVE_FRAME
    SWITCH_STACK
    movl    %eax, %edi
    pushq   %r9
    pushq   %r8
    pushq   %rdx
    pushq   %r10
    movq    %rsp, %rsi
    movq    %r12, %rdx
    call    syscall_traced
    jmp     syscall_leave
    .cfi_endproc
    .size   syscall_dispatcher_trace, .-syscall_dispatcher_trace
syscall_enter_end:

    .globl  windows_enter
    .type   windows_enter, @function
windows_enter:
    .cfi_startproc
    pushq   %rbx
    .cfi_adjust_cfa_offset 8
    pushq   %rbp
    .cfi_adjust_cfa_offset 8
    pushq   %r12
    .cfi_adjust_cfa_offset 8
    pushq   %r13
    .cfi_adjust_cfa_offset 8
    pushq   %r14
    .cfi_adjust_cfa_offset 8
    pushq   %r15
    .cfi_adjust_cfa_offset 8
    subq    $8, %rsp
    .cfi_adjust_cfa_offset 8
    movq    %rsp, FRAME_UNIX_RSP(%rdi)
    movl    $0x2b, %eax                                 # what contexts say; nothing depends on it
    movl    %eax, %ds
    movl    %eax, %es
    movq    %fs:thread_self@tpoff, %r11
    movq    %rdi, %rcx
    xorl    %eax, %eax
    jmp     .Lslow
    .cfi_endproc
    .size   windows_enter, .-windows_enter

    .globl  windows_leave
    .type   windows_leave, @function
windows_leave:
    movq    FRAME_UNIX_RSP(%rdi), %rsp
    addq    $8, %rsp
    popq    %r15
    popq    %r14
    popq    %r13
    popq    %r12
    popq    %rbp
    popq    %rbx
    ret
    .size   windows_leave, .-windows_leave

    # NTSTATUS syscall_invoke(handler, args, count)
    .globl  syscall_invoke
    .type   syscall_invoke, @function
syscall_invoke:
    .cfi_startproc
    pushq   %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    movq    %rsp, %rbp
    .cfi_def_cfa_register %rbp
    movq    %rdi, %rax
    movq    %rsi, %r10
    movl    %edx, %r11d
    cmpl    $6, %r11d
    jbe     2f
    leal    -5(%r11), %ecx
    andl    $~1, %ecx
    shlq    $3, %rcx
    subq    %rcx, %rsp
    movl    %r11d, %ecx
    subl    $6, %ecx
1:  movq    0x28(%r10,%rcx,8), %rdx
    movq    %rdx, -8(%rsp,%rcx,8)
    decl    %ecx
    jne     1b
2:  movq    (%r10), %rdi                                # the array has six slots at least
    movq    8(%r10), %rsi
    movq    16(%r10), %rdx
    movq    24(%r10), %rcx
    movq    32(%r10), %r8
    movq    40(%r10), %r9
    call    *%rax
    leave
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size   syscall_invoke, .-syscall_invoke

    .section .note.GNU-stack,"",@progbits
