// SPDX-License-Identifier: Apache-2.0
/* signalfd: masks, signals that are pending and read afterwards, a mask changed later. */
#include "zdtm.h"

#include <sys/signalfd.h>

static int take(int fd) {
    struct signalfd_siginfo info;
    ssize_t got = read(fd, &info, sizeof(info));
    if (got == -1) {
        if (errno != EAGAIN) {
            fail("read");
        }
        return 0;
    }
    check_equal(sizeof(info), got, "bytes of a signal");
    if (info.ssi_signo == (uint32_t)SIGRTMIN + 6) {
        check_equal(4242, info.ssi_int, "value of the queued signal");
    }
    return (int)info.ssi_signo;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGUSR2);
    sigaddset(&blocked, SIGRTMIN + 6);
    must(sigprocmask(SIG_BLOCK, &blocked, NULL));
    sigset_t one;
    sigemptyset(&one);
    sigaddset(&one, SIGUSR1);
    sigaddset(&one, SIGRTMIN + 6);
    int first = must(signalfd(-1, &one, SFD_NONBLOCK | SFD_CLOEXEC));
    sigemptyset(&one);
    sigaddset(&one, SIGUSR2);
    int second = must(signalfd(-1, &one, SFD_NONBLOCK));
    must(kill(getpid(), SIGUSR1));
    union sigval value = {.sival_int = 4242};
    must(sigqueue(getpid(), SIGRTMIN + 6, value));
    test_ready();
    test_wait();
    check_equal(FD_CLOEXEC, must(fcntl(first, F_GETFD)), "close-on-exec");
    check_equal(0, take(second), "signal of the other mask");
    check_equal(SIGUSR1, take(first), "pending signal");
    check_equal(SIGRTMIN + 6, take(first), "queued signal");
    check_equal(0, take(first), "one signal more");
    must(kill(getpid(), SIGUSR2));
    check_equal(0, take(first), "signal that is not in the mask");
    check_equal(SIGUSR2, take(second), "signal sent afterwards");
    return test_pass();
}
