// SPDX-License-Identifier: Apache-2.0
/* A process whose first thread has ended goes on in its other threads. */
#include "zdtm.h"

static pthread_t second;

static void *goes_on(void *argument) {
    (void)argument;
    await_mark("leader-ends");
    sleep_ms(50);
    char *status = read_text("/proc/self/status", NULL);
    check(strstr(status, "State:\tZ") != NULL, "the first thread has not ended");
    free(status);
    mark("alone");
    while (!test_stopping()) {
        pause();
    }
    check_equal(2, proc_field("/proc/self/status", "Threads", 10), "number of threads");
    _exit(23);
}

static int leader(void *argument) {
    (void)argument;
    must0(pthread_create(&second, NULL, goes_on, NULL));
    mark("leader-ends");
    /* Not pthread_exit: only this task ends, at once. */
    syscall(SYS_exit, 0);
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pid_t child = spawn(leader, NULL);
    await_mark("alone");
    test_ready();
    test_wait();
    must(kill(child, SIGTERM));
    await_child(child, 23 << 8);
    return test_pass();
}
