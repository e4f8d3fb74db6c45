// SPDX-License-Identifier: Apache-2.0
/* Two processes and a thread send each other queued signals without pause; each arrives once and in its order. */
#include "zdtm.h"

static volatile int expected;
static volatile int stop_sending;
static pid_t peer;

/* Signals carry a running number: the parent's even, the child's odd. */
static void on_signal(int number, siginfo_t *info, void *context) {
    (void)context;
    int saved = errno;
    int value = info->si_value.sival_int;
    if (value != expected) {
        test_fail_at(__FILE__, __LINE__, 0, "signal with number %d instead of %d", value, expected);
    }
    expected = value + 2;
    if (value >= 200 && access("mark.two-hundred", F_OK) != 0) {
        mark("two-hundred");
    }
    /* Leaves the other side time to get out of its handler: two that never do anything else would starve. */
    usleep(300);
    if (!stop_sending) {
        union sigval next = {.sival_int = value + 1};
        if (sigqueue(peer, number, next) == -1 && errno != ESRCH) {
            fail("sigqueue");
        }
    }
    errno = saved;
}

static void install(void) {
    struct sigaction action = {.sa_sigaction = on_signal, .sa_flags = SA_SIGINFO | SA_RESTART};
    must(sigaction(SIGRTMIN + 9, &action, NULL));
}

static int child(void *argument) {
    (void)argument;
    peer = getppid();
    expected = 0;
    install();
    mark("child");
    test_wait();
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    expected = 1;
    install();
    peer = spawn(child, NULL);
    await_mark("child");
    union sigval first = {.sival_int = 0};
    must(sigqueue(peer, SIGRTMIN + 9, first));
    await_mark("two-hundred");
    test_ready();
    test_wait();
    int seen = expected;
    for (int i = 0; i < 3000 && expected < seen + 20; i++) {
        sleep_ms(1);
    }
    check(expected >= seen + 20, "the signals go on no more");
    stop_sending = 1;
    sleep_ms(20);
    stop_child(peer);
    return test_pass();
}
