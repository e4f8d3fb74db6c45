// SPDX-License-Identifier: Apache-2.0
/* Transparent huge pages: contents of aligned, unaligned and half-filled areas. */
#include "zdtm.h"

#define HUGE (2 * MIB)

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *area = map(18 * HUGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    must(madvise(area, 18 * HUGE, MADV_HUGEPAGE));
    char *aligned = (char *)(((uintptr_t)area + HUGE - 1) & ~(HUGE - 1));
    pattern_write(aligned, 8 * HUGE, 1);
    pattern_write(aligned + 9 * HUGE + 3 * PAGE, 5 * PAGE, 2);
    pattern_write(aligned + 12 * HUGE, HUGE, 3);
    must(mprotect(aligned + 12 * HUGE + 8 * PAGE, PAGE, PROT_READ));
    test_ready();
    test_wait();
    check_pattern(aligned, 8 * HUGE, 1, "full huge pages");
    check_pattern(aligned + 9 * HUGE + 3 * PAGE, 5 * PAGE, 2, "part of a huge page");
    check_equal(0, aligned[9 * HUGE + 100 * PAGE], "rest of a huge page");
    check_pattern(aligned + 12 * HUGE, HUGE, 3, "huge page with a hole in its rights");
    return test_pass();
}
