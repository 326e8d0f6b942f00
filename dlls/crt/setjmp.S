/* setjmp and longjmp for x64. The buffer is Microsoft's _JUMP_BUFFER: frame, rbx, rsp, rbp, rsi, rdi, r12-r15,
 * rip, mxcsr/fpcsr, xmm6-15. With a frame (the second argument of _setjmp: mingw and MSVC pass one) longjmp
 * unwinds, so that the __finally blocks between run; with 0 it just jumps. */
        .text
        .globl  _setjmp
        .globl  _setjmpex
        .def _setjmp; .scl 2; .type 32; .endef
        .def _setjmpex; .scl 2; .type 32; .endef
_setjmp:
_setjmpex:
        movq    %rdx,(%rcx)
        movq    %rbx,0x08(%rcx)
        leaq    8(%rsp),%rax
        movq    %rax,0x10(%rcx)
        movq    %rbp,0x18(%rcx)
        movq    %rsi,0x20(%rcx)
        movq    %rdi,0x28(%rcx)
        movq    %r12,0x30(%rcx)
        movq    %r13,0x38(%rcx)
        movq    %r14,0x40(%rcx)
        movq    %r15,0x48(%rcx)
        movq    (%rsp),%rax
        movq    %rax,0x50(%rcx)
        stmxcsr 0x58(%rcx)
        fnstcw  0x5c(%rcx)
        movdqa  %xmm6,0x60(%rcx)
        movdqa  %xmm7,0x70(%rcx)
        movdqa  %xmm8,0x80(%rcx)
        movdqa  %xmm9,0x90(%rcx)
        movdqa  %xmm10,0xa0(%rcx)
        movdqa  %xmm11,0xb0(%rcx)
        movdqa  %xmm12,0xc0(%rcx)
        movdqa  %xmm13,0xd0(%rcx)
        movdqa  %xmm14,0xe0(%rcx)
        movdqa  %xmm15,0xf0(%rcx)
        xorl    %eax,%eax
        ret

/* crt_jump(buffer, value): the jump itself */
        .globl  crt_jump
        .def crt_jump; .scl 2; .type 32; .endef
crt_jump:
        movl    %edx,%eax
        movq    0x08(%rcx),%rbx
        movq    0x18(%rcx),%rbp
        movq    0x20(%rcx),%rsi
        movq    0x28(%rcx),%rdi
        movq    0x30(%rcx),%r12
        movq    0x38(%rcx),%r13
        movq    0x40(%rcx),%r14
        movq    0x48(%rcx),%r15
        ldmxcsr 0x58(%rcx)
        fnclex
        fldcw   0x5c(%rcx)
        movdqa  0x60(%rcx),%xmm6
        movdqa  0x70(%rcx),%xmm7
        movdqa  0x80(%rcx),%xmm8
        movdqa  0x90(%rcx),%xmm9
        movdqa  0xa0(%rcx),%xmm10
        movdqa  0xb0(%rcx),%xmm11
        movdqa  0xc0(%rcx),%xmm12
        movdqa  0xd0(%rcx),%xmm13
        movdqa  0xe0(%rcx),%xmm14
        movdqa  0xf0(%rcx),%xmm15
        movq    0x50(%rcx),%rdx
        movq    0x10(%rcx),%rsp
        jmp     *%rdx
