// SPDX-License-Identifier: Apache-2.0
/*
 * A child that is bound to what lies outside of it; a dump of the child alone is refused, one of the root is not.
 * It shares a pipe and its session with its parent. Tells the child's pid and the pipe's descriptor.
 */
#include "zdtm.h"

static int fds[2];

static int child(void *argument) {
    (void)argument;
    must(close(fds[1]));
    mark("child");
    test_wait();
    char byte;
    check_equal(1, must(read(fds[0], &byte, 1)), "read of the pipe");
    check_equal('x', byte, "byte of the pipe");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    must(pipe(fds));
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    must(close(fds[0]));
    test_tell("child", pid);
    test_tell("pipe", fds[0]);
    test_ready();
    test_wait();
    must(write(fds[1], "x", 1));
    stop_child(pid);
    return test_pass();
}
