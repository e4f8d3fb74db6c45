// SPDX-License-Identifier: Apache-2.0
/* All general registers and the direction flag of a loop that makes no system call. */
#include "zdtm.h"

/* Named by the assembly. */
#define ASSEMBLY_SEES __attribute__((used, visibility("hidden")))

ASSEMBLY_SEES volatile uint64_t after[16];
ASSEMBLY_SEES uint64_t flags_after;

/*
 * Every register but rsp holds a value of its own while the loop looks at the flag by its address relative to rip.
 * The direction flag is set, so that the flags register has something to lose; a signal handler runs with it clear
 * and the kernel puts it back.
 */
static void __attribute__((noinline)) spin(void) {
    asm volatile(
            "pushq %%rbp\n"
            "movabsq $0xa0a1a2a3a4a5a6a7, %%rax\n"
            "movabsq $0xb0b1b2b3b4b5b6b7, %%rbx\n"
            "movabsq $0xc0c1c2c3c4c5c6c7, %%rcx\n"
            "movabsq $0xd0d1d2d3d4d5d6d7, %%rdx\n"
            "movabsq $0x5051525354555657, %%rsi\n"
            "movabsq $0x1011121314151617, %%rdi\n"
            "movabsq $0xe0e1e2e3e4e5e6e7, %%rbp\n"
            "movabsq $0x8081828384858687, %%r8\n"
            "movabsq $0x9091929394959697, %%r9\n"
            "movabsq $0x0a0b0c0d0e0f0102, %%r10\n"
            "movabsq $0x1a1b1c1d1e1f1112, %%r11\n"
            "movabsq $0x2a2b2c2d2e2f2122, %%r12\n"
            "movabsq $0x3a3b3c3d3e3f3132, %%r13\n"
            "movabsq $0x4a4b4c4d4e4f4142, %%r14\n"
            "movabsq $0x5a5b5c5d5e5f5152, %%r15\n"
            "std\n"
            "1: cmpl $0, test_stop_flag(%%rip)\n"
            "je 1b\n"
            "movq %%rax, after+0(%%rip)\n"
            "movq %%rbx, after+8(%%rip)\n"
            "movq %%rcx, after+16(%%rip)\n"
            "movq %%rdx, after+24(%%rip)\n"
            "movq %%rsi, after+32(%%rip)\n"
            "movq %%rdi, after+40(%%rip)\n"
            "movq %%rbp, after+48(%%rip)\n"
            "movq %%r8, after+56(%%rip)\n"
            "movq %%r9, after+64(%%rip)\n"
            "movq %%r10, after+72(%%rip)\n"
            "movq %%r11, after+80(%%rip)\n"
            "movq %%r12, after+88(%%rip)\n"
            "movq %%r13, after+96(%%rip)\n"
            "movq %%r14, after+104(%%rip)\n"
            "movq %%r15, after+112(%%rip)\n"
            "pushfq\n"
            "popq flags_after(%%rip)\n"
            "cld\n"
            "popq %%rbp\n"
            :
            :
            : "rax", "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15",
              "memory", "cc");
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    static const uint64_t expected[] = {
        0xa0a1a2a3a4a5a6a7, 0xb0b1b2b3b4b5b6b7, 0xc0c1c2c3c4c5c6c7, 0xd0d1d2d3d4d5d6d7, 0x5051525354555657,
        0x1011121314151617, 0xe0e1e2e3e4e5e6e7, 0x8081828384858687, 0x9091929394959697, 0x0a0b0c0d0e0f0102,
        0x1a1b1c1d1e1f1112, 0x2a2b2c2d2e2f2122, 0x3a3b3c3d3e3f3132, 0x4a4b4c4d4e4f4142, 0x5a5b5c5d5e5f5152,
    };
    test_ready();
    spin();
    for (size_t i = 0; i < COUNT(expected); i++) {
        static const char *const names[] = {"rax", "rbx", "rcx", "rdx", "rsi", "rdi", "rbp", "r8",
                                            "r9",  "r10", "r11", "r12", "r13", "r14", "r15"};
        check_equal(expected[i], after[i], names[i]);
    }
    check((flags_after & 0x400) != 0, "the direction flag is clear: flags 0x%lx", flags_after);
    return test_pass();
}
