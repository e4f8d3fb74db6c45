# SPDX-License-Identifier: Apache-2.0
# The source of SyscallLoop; a test assembles it and compares.
# A descriptor: 0 number, 8..48 arguments, 56 result, 64 flags (1 = stop on error), 72 address to copy the result to.
        .text
loop:   mov     (%rbx), %rax
        mov     8(%rbx), %rdi
        mov     16(%rbx), %rsi
        mov     24(%rbx), %rdx
        mov     32(%rbx), %r10
        mov     40(%rbx), %r8
        mov     48(%rbx), %r9
gate:   syscall
        mov     %rax, 56(%rbx)
        mov     72(%rbx), %rcx
        jrcxz   check
        mov     %rax, (%rcx)
check:  testb   $1, 64(%rbx)
        je      next
        cmp     $-4096, %rax
        ja      done
next:   add     $80, %rbx
        dec     %ebp
        jne     loop
done:   jmp     *%r13
trap:   int3
# Alone: undo what was done, then go back to where we were found.
heal:   mov     %r12, %rbx
        mov     %r14d, %ebp
        lea     sigret(%rip), %r13
        jmp     loop
quiet:  int3
sigret: mov     %r15, %rsp
        mov     $15, %eax
        syscall
fork:   mov     %rbx, %rdi
        mov     $88, %esi
        mov     $435, %eax
        syscall
        test    %rax, %rax
        je      child
        mov     %rax, -8(%rbx)
        jmp     *%r13
child:  mov     $231, %eax
        xor     %edi, %edi
        syscall
        jmp     child
