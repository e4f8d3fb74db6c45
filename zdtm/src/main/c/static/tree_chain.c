// SPDX-License-Identifier: Apache-2.0
/* A chain of fifty generations comes back in its order. */
#include "zdtm.h"

#define DEPTH 50

static int generation(void *argument) {
    long depth = (long)argument;
    pid_t self = getpid();
    pid_t parent = getppid();
    pid_t child = 0;
    if (depth < DEPTH) {
        child = spawn(generation, (void *)(depth + 1));
    } else {
        mark("deepest");
    }
    test_wait();
    check_equal(self, getpid(), "pid");
    check_equal(parent, getppid(), "parent");
    if (child != 0) {
        stop_child(child);
    }
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pid_t child = spawn(generation, (void *)1L);
    await_mark("deepest");
    test_ready();
    test_wait();
    stop_child(child);
    return test_pass();
}
