// SPDX-License-Identifier: Apache-2.0
/* The x87 registers, their tags, the control word and the top of stack of a loop that makes no system call. */
#include "zdtm.h"

/* Named by the assembly. */
#define ASSEMBLY_SEES __attribute__((used, visibility("hidden")))

ASSEMBLY_SEES const double in[5] = {1.5, -2.25, 1e300, 3.141592653589793, -1e-300};
ASSEMBLY_SEES double out[5];
ASSEMBLY_SEES const uint16_t control_in = 0x0e7f; /* round towards zero, 53 bit precision, all exceptions masked */
ASSEMBLY_SEES uint16_t control_out;
ASSEMBLY_SEES uint16_t status_out;

int main(int argc, char **argv) {
    test_init(argc, argv);
    test_ready();
    asm volatile(
            "fninit\n"
            "fldl in+0(%%rip)\n"
            "fldl in+8(%%rip)\n"
            "fldl in+16(%%rip)\n"
            "fldl in+24(%%rip)\n"
            "fldl in+32(%%rip)\n"
            "fldcw control_in(%%rip)\n"
            "1: cmpl $0, test_stop_flag(%%rip)\n"
            "je 1b\n"
            "fnstcw control_out(%%rip)\n"
            "fnstsw status_out(%%rip)\n"
            "fstpl out+32(%%rip)\n"
            "fstpl out+24(%%rip)\n"
            "fstpl out+16(%%rip)\n"
            "fstpl out+8(%%rip)\n"
            "fstpl out+0(%%rip)\n"
            "fninit\n"
            :
            :
            : "memory", "cc", "st", "st(1)", "st(2)", "st(3)", "st(4)", "st(5)", "st(6)", "st(7)");
    check_equal(control_in, control_out, "x87 control word");
    check_equal(3, (status_out >> 11) & 7, "x87 top of stack");
    for (size_t i = 0; i < COUNT(in); i++) {
        check(in[i] == out[i], "x87 register %zu holds %g instead of %g", i, out[i], in[i]);
    }
    return test_pass();
}
