// SPDX-License-Identifier: Apache-2.0
/* The three interval timers: one keeps firing, one is far from its time, all keep interval and value. */
#include "zdtm.h"

static volatile int alarms;
static volatile int virtual_alarms;

static void on_alarm(int signal_number) {
    if (signal_number == SIGALRM) {
        alarms++;
    } else {
        virtual_alarms++;
    }
}

static long micros(const struct timeval *time) { return time->tv_sec * 1000000L + time->tv_usec; }

int main(int argc, char **argv) {
    test_init(argc, argv);
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    must(sigaction(SIGALRM, &action, NULL));
    must(sigaction(SIGVTALRM, &action, NULL));
    must(sigaction(SIGPROF, &action, NULL));
    struct itimerval real = {{0, 20000}, {0, 20000}};
    struct itimerval virtual_time = {{0, 10000}, {0, 10000}};
    struct itimerval prof = {{7, 1000}, {1000, 0}};
    must(setitimer(ITIMER_REAL, &real, NULL));
    must(setitimer(ITIMER_VIRTUAL, &virtual_time, NULL));
    must(setitimer(ITIMER_PROF, &prof, NULL));
    int64_t begun = now_ms();
    test_ready();
    test_wait();
    int seen = alarms;
    for (int i = 0; i < 2000 && alarms < seen + 5; i++) {
        sleep_ms(1);
    }
    check(alarms >= seen + 5, "the real timer does not fire any more");
    seen = virtual_alarms;
    int64_t limit = now_ms() + 10000;
    while (virtual_alarms < seen + 2 && now_ms() < limit) {
    }
    check(virtual_alarms >= seen + 2, "the virtual timer does not fire any more");
    struct itimerval now;
    must(getitimer(ITIMER_REAL, &now));
    check_equal(20000, micros(&now.it_interval), "interval of the real timer");
    must(getitimer(ITIMER_VIRTUAL, &now));
    /* The kernel rounds it to its ticks. */
    check(labs(micros(&now.it_interval) - 10000) <= 10000, "interval of the virtual timer: %ld us", micros(&now.it_interval));
    must(getitimer(ITIMER_PROF, &now));
    check(labs(micros(&now.it_interval) - 7001000) <= 10000, "interval of the profiling timer: %ld us",
            micros(&now.it_interval));
    long left = micros(&now.it_value) / 1000;
    check(left > 900000 && left <= 1000010, "the profiling timer has %ld ms left", left);
    (void)begun;
    return test_pass();
}
