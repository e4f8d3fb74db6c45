// SPDX-License-Identifier: Apache-2.0
/* The stack holds its values and grows by itself afterwards, to the limit that was set. */
#include "zdtm.h"

static volatile int sink;

static int __attribute__((noinline)) descend(int depth) {
    volatile char frame[4096];
    frame[0] = (char)depth;
    frame[4095] = (char)(depth * 3);
    int below = depth == 0 ? 0 : descend(depth - 1);
    check_equal((char)depth, frame[0], "first byte of a frame");
    check_equal((char)(depth * 3), frame[4095], "last byte of a frame");
    return below + 1;
}

static int __attribute__((noinline)) hold(int depth) {
    volatile long mine = depth * 1000003L;
    if (depth == 0) {
        test_ready();
        test_wait();
        /* 4 MiB more, far below what was touched so far. */
        sink = descend(1000);
    } else {
        hold(depth - 1);
    }
    check_equal(depth * 1000003L, mine, "value in a frame above");
    return sink;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    check_equal(1001, hold(100), "frames");
    return test_pass();
}
