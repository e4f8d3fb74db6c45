// SPDX-License-Identifier: Apache-2.0
// The source of LoopCode.AARCH64; a test assembles it and compares.
// A descriptor: 0 number, 8..48 arguments, 56 result, 64 flags (1 = stop on error), 72 address to copy the result to.
        .text
loop:   ldr     x8, [x19]
        ldp     x0, x1, [x19, #8]
        ldp     x2, x3, [x19, #24]
        ldp     x4, x5, [x19, #40]
gate:   svc     #0
        str     x0, [x19, #56]
        ldr     x9, [x19, #72]
        cbz     x9, check
        str     x0, [x9]
check:  ldr     x9, [x19, #64]
        tbz     x9, #0, next
        cmn     x0, #4095
        b.cs    done
next:   add     x19, x19, #80
        subs    w20, w20, #1
        b.ne    loop
done:   br      x21
trap:   brk     #0
// Alone: undo what was done, then go back to where we were found.
heal:   mov     x19, x22
        mov     w20, w23
        adr     x21, sigret
        b       loop
quiet:  brk     #0
sigret: mov     sp, x24
        mov     x8, #139
        svc     #0
fork:   mov     x0, x19
        mov     x1, #88
        mov     x8, #435
        svc     #0
        cbz     x0, child
        str     x0, [x19, #-8]
        br      x21
child:  mov     x8, #94
        mov     x0, #0
        svc     #0
        b       child
