// SPDX-License-Identifier: Apache-2.0
/* A mapping that grows downwards by itself, as stacks do, goes on to do so. */
#include "zdtm.h"

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *hole = map(4 * MIB, PROT_NONE, MAP_PRIVATE);
    must(munmap(hole, 4 * MIB));
    char *stack = mmap(hole + 3 * MIB, 4 * PAGE, PROT_READ | PROT_WRITE,
            MAP_PRIVATE | MAP_ANONYMOUS | MAP_GROWSDOWN | MAP_FIXED_NOREPLACE, -1, 0);
    check(stack != MAP_FAILED, "mmap");
    pattern_write(stack, 4 * PAGE, 1);
    /* It grows once before. */
    volatile char *below = stack - PAGE;
    *below = 'a';
    char flags[256];
    vm_flags(stack, flags, sizeof(flags));
    check(strstr(flags, " gd ") != NULL, "the mapping does not grow downwards: %s", flags);
    test_ready();
    test_wait();
    vm_flags(stack, flags, sizeof(flags));
    check(strstr(flags, " gd ") != NULL, "the mapping does not grow downwards any more: %s", flags);
    check_pattern(stack, 4 * PAGE, 1, "content");
    check_equal('a', *below, "content of the part that was grown");
    for (int i = 2; i < 64; i++) {
        *(volatile char *)(stack - (size_t)i * PAGE) = 'b';
    }
    return test_pass();
}
