// SPDX-License-Identifier: Apache-2.0
/* eventfd counters, as counter and as semaphore, in two processes. */
#include "zdtm.h"

#include <sys/eventfd.h>

static int shared;

static int child(void *argument) {
    (void)argument;
    mark("child");
    test_wait();
    uint64_t add = 5;
    must(write(shared, &add, 8));
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    int counter = must(eventfd(0, EFD_NONBLOCK));
    int semaphore = must(eventfd(3, EFD_SEMAPHORE | EFD_CLOEXEC | EFD_NONBLOCK));
    int empty = must(eventfd(0, EFD_NONBLOCK));
    shared = must(eventfd(1, 0));
    uint64_t large = 0xfffffffffffffffeUL;
    must(write(counter, &large, 8));
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    test_ready();
    test_wait();
    uint64_t value;
    check_equal(FD_CLOEXEC, must(fcntl(semaphore, F_GETFD)), "close-on-exec of the semaphore");
    check_equal(8, must(read(counter, &value, 8)), "read of the counter");
    check_equal(large, value, "counter");
    for (int i = 0; i < 3; i++) {
        must(read(semaphore, &value, 8));
        check_equal(1, value, "one unit of the semaphore");
    }
    check(read(semaphore, &value, 8) == -1 && errno == EAGAIN, "the semaphore holds more than three");
    check(read(empty, &value, 8) == -1 && errno == EAGAIN, "the empty counter holds something");
    stop_child(pid);
    must(read(shared, &value, 8));
    check_equal(6, value, "counter of two processes");
    return test_pass();
}
