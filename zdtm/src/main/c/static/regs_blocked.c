// SPDX-License-Identifier: Apache-2.0
/* The registers that the kernel keeps over a system call, while the task sleeps in one. */
#include "zdtm.h"

#include <linux/futex.h>

/* Named by the assembly. */
#define ASSEMBLY_SEES __attribute__((used, visibility("hidden")))

ASSEMBLY_SEES uint32_t gate;
ASSEMBLY_SEES uint64_t after[13];

/* FUTEX_WAIT on gate, which is not woken: the signal handler for SIGTERM ends the call with EINTR. */
static void __attribute__((noinline)) sleep_with_all_registers(void) {
    asm volatile(
            "pushq %%rbp\n"
            "movl %[number], %%eax\n"
            "leaq gate(%%rip), %%rdi\n"
            "movabsq $0x00000000, %%rsi\n"
            "xorl %%edx, %%edx\n"
            "xorl %%r10d, %%r10d\n"
            "movabsq $0x8081828384858687, %%r8\n"
            "movabsq $0x9091929394959697, %%r9\n"
            "movabsq $0xb0b1b2b3b4b5b6b7, %%rbx\n"
            "movabsq $0xe0e1e2e3e4e5e6e7, %%rbp\n"
            "movabsq $0x2a2b2c2d2e2f2122, %%r12\n"
            "movabsq $0x3a3b3c3d3e3f3132, %%r13\n"
            "movabsq $0x4a4b4c4d4e4f4142, %%r14\n"
            "movabsq $0x5a5b5c5d5e5f5152, %%r15\n"
            "syscall\n"
            "movq %%rax, after+0(%%rip)\n"
            "movq %%rbx, after+8(%%rip)\n"
            "movq %%rdx, after+16(%%rip)\n"
            "movq %%rsi, after+24(%%rip)\n"
            "movq %%rbp, after+32(%%rip)\n"
            "movq %%r8, after+40(%%rip)\n"
            "movq %%r9, after+48(%%rip)\n"
            "movq %%r10, after+56(%%rip)\n"
            "movq %%r12, after+64(%%rip)\n"
            "movq %%r13, after+72(%%rip)\n"
            "movq %%r14, after+80(%%rip)\n"
            "movq %%r15, after+88(%%rip)\n"
            "movq %%rdi, after+96(%%rip)\n"
            "popq %%rbp\n"
            :
            : [number] "i"(SYS_futex)
            : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
              "memory", "cc");
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    test_ready();
    while (!test_stopping()) {
        sleep_with_all_registers();
    }
    const uint64_t expected[] = {
        (uint64_t)-EINTR,   0xb0b1b2b3b4b5b6b7, 0, 0, 0xe0e1e2e3e4e5e6e7, 0x8081828384858687, 0x9091929394959697, 0,
        0x2a2b2c2d2e2f2122, 0x3a3b3c3d3e3f3132, 0x4a4b4c4d4e4f4142, 0x5a5b5c5d5e5f5152, (uint64_t)&gate,
    };
    static const char *const names[] = {"rax", "rbx", "rdx", "rsi", "rbp", "r8", "r9",
                                        "r10", "r12", "r13", "r14", "r15", "rdi"};
    for (size_t i = 0; i < COUNT(expected); i++) {
        check_equal(expected[i], after[i], names[i]);
    }
    return test_pass();
}
