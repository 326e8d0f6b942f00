# Copies from and to memory of the Windows program. The instructions between user_copy_start and
# user_copy_end may fault; the handler then puts the status into rax and continues at user_copy_fault.
# None of them has anything on the stack.

    .text
    .globl  user_copy_start, user_copy_end, user_copy_fault
    .globl  user_copy, user_fill_zero, user_touch_read, user_touch_write
user_copy_start:

    # user_copy(rdi to, rsi from, rdx size)
    .type   user_copy, @function
    .balign 32
user_copy:
    cmpq    $8, %rdx
    je      2f
    cmpq    $16, %rdx
    jbe     3f
    cmpq    $512, %rdx
    jae     6f
1:  movq    (%rsi), %rax                                # 17..511: words, the last one may overlap
    movq    %rax, (%rdi)
    addq    $8, %rsi
    addq    $8, %rdi
    subq    $8, %rdx
    cmpq    $8, %rdx
    ja      1b
    movq    -8(%rsi,%rdx), %rax
    movq    %rax, -8(%rdi,%rdx)
    xorl    %eax, %eax
    ret
2:  movq    (%rsi), %rax
    movq    %rax, (%rdi)
    xorl    %eax, %eax
    ret
3:  cmpq    $4, %rdx
    jb      5f
    cmpq    $8, %rdx
    ja      4f
    movl    (%rsi), %eax                                # 4..7; a scalar in one access
    movl    -4(%rsi,%rdx), %ecx
    movl    %eax, (%rdi)
    movl    %ecx, -4(%rdi,%rdx)
    xorl    %eax, %eax
    ret
4:  movq    (%rsi), %rax                                # 9..16
    movq    -8(%rsi,%rdx), %rcx
    movq    %rax, (%rdi)
    movq    %rcx, -8(%rdi,%rdx)
    xorl    %eax, %eax
    ret
5:  testq   %rdx, %rdx                                  # 0..3
    je      7f
    movb    (%rsi), %al
    movb    -1(%rsi,%rdx), %cl
    shrq    $1, %rdx
    movb    (%rsi,%rdx), %r8b
    movb    %r8b, (%rdi,%rdx)
    jc      8f
    movb    %al, (%rdi)
    movb    %cl, 1(%rdi)
    xorl    %eax, %eax
    ret
8:  addq    %rdx, %rdx
    movb    %al, (%rdi)
    movb    %cl, (%rdi,%rdx)
    xorl    %eax, %eax
    ret
6:  movq    %rdx, %rcx
    rep movsb
7:  xorl    %eax, %eax
    ret
    .size   user_copy, .-user_copy

    # user_fill_zero(rdi to, rsi size)
    .type   user_fill_zero, @function
    .balign 16
user_fill_zero:
    movq    %rsi, %rcx
    xorl    %eax, %eax
    rep stosb
    ret
    .size   user_fill_zero, .-user_fill_zero

    # user_touch_read(rdi from, rsi size), user_touch_write: one access a page, as the kernel would; a write
    # must not undo another thread's, so it is an atomic or with nothing.
    .type   user_touch_read, @function
    .balign 16
user_touch_read:
    addq    %rdi, %rsi
1:  movb    (%rdi), %al
    orq     $0xfff, %rdi
    incq    %rdi
    cmpq    %rsi, %rdi
    jb      1b
    xorl    %eax, %eax
    ret
    .size   user_touch_read, .-user_touch_read

    .type   user_touch_write, @function
    .balign 16
user_touch_write:
    addq    %rdi, %rsi
1:  lock orb $0, (%rdi)
    orq     $0xfff, %rdi
    incq    %rdi
    cmpq    %rsi, %rdi
    jb      1b
    xorl    %eax, %eax
    ret
    .size   user_touch_write, .-user_touch_write

user_copy_end:
user_copy_fault:
    ret

    .section .note.GNU-stack,"",@progbits
