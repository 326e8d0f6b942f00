/* crt_call_catch(rcx handler, rdx frame, r8 caught): calls a catch funclet, which takes the function's frame in rdx
 * and returns where to go on. If an exception leaves the funclet, this frame's own handler, run when it is unwound,
 * tells crt_catch_unwound. */
        .text
        .globl  crt_call_catch
        .def    crt_call_catch; .scl 2; .type 32; .endef
        .seh_proc crt_call_catch
crt_call_catch:
        subq    $0x38,%rsp
        .seh_stackalloc 0x38
        .seh_handler crt_call_catch_handler, @unwind
        .seh_endprologue
        movq    %r8,0x28(%rsp)
        movq    %rcx,%rax
        xorl    %ecx,%ecx
        call    *%rax
        nop
        addq    $0x38,%rsp
        ret
        .seh_endproc

/* (record, establisher frame, context, dispatcher context): the frame is rsp after the prologue */
        .globl  crt_call_catch_handler
        .def    crt_call_catch_handler; .scl 2; .type 32; .endef
        .seh_proc crt_call_catch_handler
crt_call_catch_handler:
        subq    $0x28,%rsp
        .seh_stackalloc 0x28
        .seh_endprologue
        testl   $6,4(%rcx)              /* EXCEPTION_UNWINDING | EXCEPTION_EXIT_UNWIND */
        jz      1f
        movq    0x28(%rdx),%rcx
        call    crt_catch_unwound
1:      movl    $1,%eax                 /* ExceptionContinueSearch */
        addq    $0x28,%rsp
        ret
        .seh_endproc
