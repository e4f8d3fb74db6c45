// SPDX-License-Identifier: Apache-2.0
/* The program break moves up and down and the stack grows and shrinks all the time. */
#include "zdtm.h"

static int __attribute__((noinline)) deep(int depth, int seed) {
    volatile char frame[2000];
    frame[depth % 2000] = (char)(depth + seed);
    int below = depth == 0 ? 0 : deep(depth - 1, seed);
    check_equal((char)(depth + seed), frame[depth % 2000], "value in a frame");
    return below + 1;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    int rounds = 0;
    while (!test_stopping()) {
        char *start = sbrk(0);
        size_t size = (size_t)(rounds % 50 + 1) * 3000 / 8 * 8;
        must((long)sbrk((intptr_t)size));
        char *aligned = (char *)(((uintptr_t)start + 7) & ~7UL);
        pattern_write(aligned, size - 8, (uint64_t)rounds);
        check_equal(rounds % 200 + 1, deep(rounds % 200, rounds), "frames");
        check_pattern(aligned, size - 8, (uint64_t)rounds, "memory below the program break");
        must((long)sbrk(-(intptr_t)size));
        check_equal((long)start, (long)sbrk(0), "program break");
        if (++rounds == 100) {
            test_ready();
        }
    }
    return test_pass();
}
