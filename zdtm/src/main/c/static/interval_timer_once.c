// SPDX-License-Identifier: Apache-2.0
/* A real timer that is to fire once, later, fires once, and not before its time. */
#include "zdtm.h"

static volatile int alarms;
static volatile int64_t fired;

static void on_alarm(int signal_number) {
    (void)signal_number;
    fired = now_ms();
    alarms++;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    struct sigaction action = {.sa_handler = on_alarm};
    must(sigaction(SIGALRM, &action, NULL));
    struct itimerval once = {{0, 0}, {2, 0}};
    int64_t begun = now_ms();
    must(setitimer(ITIMER_REAL, &once, NULL));
    test_ready();
    test_wait();
    for (int i = 0; i < 5000 && alarms == 0; i++) {
        sleep_ms(1);
    }
    check_equal(1, alarms, "alarms");
    check(fired - begun >= 2000, "the alarm came after %ld ms", (long)(fired - begun));
    sleep_ms(50);
    check_equal(1, alarms, "alarms afterwards");
    return test_pass();
}
