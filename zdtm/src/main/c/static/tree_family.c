// SPDX-License-Identifier: Apache-2.0
/* Parents, children and grandchildren keep their pids, their parents and their own memory. */
#include "zdtm.h"

#define CHILDREN 3
#define GRANDCHILDREN 2

static int grandchild(void *argument) {
    long number = (long)argument;
    pid_t self = getpid();
    pid_t parent = getppid();
    mark("grandchild.%ld", number);
    test_wait();
    check_equal(self, getpid(), "pid of a grandchild");
    check_equal(self, gettid_raw(), "tid of a grandchild");
    check_equal(parent, getppid(), "parent of a grandchild");
    return (int)number;
}

static int child(void *argument) {
    long number = (long)argument;
    pid_t self = getpid();
    pid_t parent = getppid();
    pid_t own[GRANDCHILDREN];
    for (long i = 0; i < GRANDCHILDREN; i++) {
        own[i] = spawn(grandchild, (void *)(number * 10 + i));
        await_mark("grandchild.%ld", number * 10 + i);
    }
    mark("child.%ld", number);
    test_wait();
    check_equal(self, getpid(), "pid of a child");
    check_equal(parent, getppid(), "parent of a child");
    for (long i = 0; i < GRANDCHILDREN; i++) {
        must(kill(own[i], SIGTERM));
        await_child(own[i], (int)(number * 10 + i) << 8);
    }
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pid_t self = getpid();
    pid_t children[CHILDREN];
    for (long i = 0; i < CHILDREN; i++) {
        children[i] = spawn(child, (void *)(i + 1));
        await_mark("child.%ld", i + 1);
    }
    test_ready();
    test_wait();
    check_equal(self, getpid(), "pid");
    check_equal(self, getsid(0), "session");
    for (int i = 0; i < CHILDREN; i++) {
        stop_child(children[i]);
    }
    check(waitpid(-1, NULL, 0) == -1 && errno == ECHILD, "there are more children than there were");
    return test_pass();
}
