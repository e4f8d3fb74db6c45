// SPDX-License-Identifier: Apache-2.0
/* Asynchronous notification: owner, owner's signal and O_ASYNC of a pipe; the signal comes afterwards. */
#include "zdtm.h"

static volatile int got_signal;
static volatile int got_fd = -1;

static void on_ready(int signal_number, siginfo_t *info, void *context) {
    (void)context;
    got_signal = signal_number;
    got_fd = info->si_fd;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    struct sigaction action = {.sa_sigaction = on_ready, .sa_flags = SA_SIGINFO | SA_RESTART};
    must(sigaction(SIGRTMIN + 7, &action, NULL));
    int fds[2];
    must(pipe(fds));
    must(fcntl(fds[0], F_SETOWN, getpid()));
    must(fcntl(fds[0], F_SETSIG, SIGRTMIN + 7));
    must(fcntl(fds[0], F_SETFL, O_ASYNC | O_NONBLOCK));
    test_ready();
    test_wait();
    check_equal(getpid(), must(fcntl(fds[0], F_GETOWN)), "owner");
    check_equal(SIGRTMIN + 7, must(fcntl(fds[0], F_GETSIG)), "owner's signal");
    check_equal(O_ASYNC | O_NONBLOCK, must(fcntl(fds[0], F_GETFL)) & (O_ASYNC | O_NONBLOCK), "flags");
    check_equal(0, got_signal, "a signal has come without data");
    must(write(fds[1], "x", 1));
    for (int i = 0; i < 1000 && got_signal == 0; i++) {
        usleep(1000);
    }
    check_equal(SIGRTMIN + 7, got_signal, "signal");
    check_equal(fds[0], got_fd, "descriptor that the signal names");
    return test_pass();
}
