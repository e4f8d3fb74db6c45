// SPDX-License-Identifier: Apache-2.0
/* Dumped three handlers deep: every frame returns to its own place, mask and registers. */
#include "zdtm.h"

static volatile int depth;
static volatile int order;
static volatile int ready;

static uint64_t blocked(void) {
    uint64_t mask;
    must(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8));
    return mask;
}

static void handler(int number, siginfo_t *info, void *context) {
    (void)context;
    uint64_t mask_before = blocked();
    double kept = info->si_value.sival_int * 1.25;
    int mine = ++depth;
    check_equal(mine * 11, info->si_value.sival_int, "value of the signal");
    if (mine < 3) {
        union sigval value = {.sival_int = (mine + 1) * 11};
        must(sigqueue(getpid(), number + 1, value));
    } else {
        test_ready();
        ready = 1;
        test_wait();
    }
    check_equal(mask_before, blocked(), "blocked signals in a handler");
    check(kept == mine * 11 * 1.25, "floating point value in a handler");
    check_equal(mine * 11, info->si_value.sival_int, "value of the signal afterwards");
    check_equal(3 - mine, order, "order of returning");
    order++;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
    for (int i = 0; i < 3; i++) {
        must(sigaction(SIGRTMIN + 5 + i, &action, NULL));
    }
    union sigval value = {.sival_int = 11};
    must(sigqueue(getpid(), SIGRTMIN + 5, value));
    check_equal(1, ready, "the handlers ran");
    check_equal(3, order, "handlers that returned");
    check_equal(0, blocked(), "blocked signals at the end");
    return test_pass();
}
