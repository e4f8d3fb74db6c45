// SPDX-License-Identifier: Apache-2.0
/* A hundred children, each with a value of its own on its stack and heap. */
#include "zdtm.h"

#define CHILDREN 100

static int child(void *argument) {
    long number = (long)argument;
    volatile long on_stack = number * 7919;
    long *on_heap = malloc(sizeof(long));
    *on_heap = number * 104729;
    mark("child.%ld", number);
    test_wait();
    check_equal(number * 7919, on_stack, "value on the stack");
    check_equal(number * 104729, *on_heap, "value on the heap");
    free(on_heap);
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pid_t children[CHILDREN];
    for (long i = 0; i < CHILDREN; i++) {
        children[i] = spawn(child, (void *)i);
    }
    for (long i = 0; i < CHILDREN; i++) {
        await_mark("child.%ld", i);
    }
    test_ready();
    test_wait();
    for (int i = 0; i < CHILDREN; i++) {
        stop_child(children[i]);
    }
    return test_pass();
}
