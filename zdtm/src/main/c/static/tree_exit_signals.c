// SPDX-License-Identifier: Apache-2.0
/* What a child sends to its parent at its end is its own: SIGCHLD, another signal, or none. */
#include "zdtm.h"

#include <linux/sched.h>

static volatile int seen[65];

static void count(int signal_number) { seen[signal_number]++; }

static pid_t clone_with(int exit_signal) {
    struct clone_args arguments = {.exit_signal = (uint64_t)exit_signal};
    pid_t child = (pid_t)must(syscall(SYS_clone3, &arguments, sizeof(arguments)));
    if (child == 0) {
        mark("clone.%d", exit_signal);
        test_wait();
        _exit(0);
    }
    await_mark("clone.%d", exit_signal);
    return child;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    struct sigaction action = {.sa_handler = count};
    must(sigaction(SIGCHLD, &action, NULL));
    must(sigaction(SIGUSR1, &action, NULL));
    must(sigaction(SIGRTMIN + 3, &action, NULL));
    int signals[] = {SIGCHLD, SIGUSR1, SIGRTMIN + 3, 0};
    pid_t children[COUNT(signals)];
    for (size_t i = 0; i < COUNT(signals); i++) {
        children[i] = clone_with(signals[i]);
    }
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(signals); i++) {
        memset((void *)seen, 0, sizeof(seen));
        must(kill(children[i], SIGTERM));
        int status;
        pid_t ended;
        do {
            ended = waitpid(children[i], &status, __WALL);
        } while (ended == -1 && errno == EINTR);
        check_equal(children[i], ended, "waitpid");
        check_equal(0, status, "status");
        for (int number = 1; number < 65; number++) {
            check_equal(number == signals[i] ? 1 : 0, seen[number], strsignal(number));
        }
    }
    return test_pass();
}
