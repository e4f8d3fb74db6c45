// SPDX-License-Identifier: Apache-2.0
/* Clocks in a time namespace go on: no going back, no jump to the machine's own; deadlines keep their distance. */
#include "zdtm.h"

#include <sys/timerfd.h>

#define AHEAD 5000000L
#define MORE 1000000L

static void enter_namespace(void) {
    if (unshare(0x80 /* CLONE_NEWTIME */) == -1) {
        test_skip("time namespaces cannot be made here");
    }
    FILE *offsets = fopen("/proc/self/timens_offsets", "w");
    fprintf(offsets, "monotonic %ld 0\nboottime %ld 0\n", AHEAD, AHEAD + MORE);
    check(fclose(offsets) == 0, "writing the offsets");
}

static int64_t clock_ms(clockid_t clock, bool by_call) {
    struct timespec now;
    must(by_call ? (int)syscall(SYS_clock_gettime, clock, &now) : clock_gettime(clock, &now));
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

static volatile int64_t woken;

static void *sleep_until(void *deadline) {
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, deadline, NULL) != 0) {
    }
    woken = clock_ms(CLOCK_MONOTONIC, false);
    return NULL;
}

int main(int argc, char **argv) {
    enter_namespace();
    /* The daemon is the first to be in it. */
    test_init(argc, argv);
    static const clockid_t clocks[] = {CLOCK_MONOTONIC, CLOCK_BOOTTIME, CLOCK_MONOTONIC_COARSE, CLOCK_MONOTONIC_RAW};
    int64_t before[COUNT(clocks)];
    for (size_t i = 0; i < COUNT(clocks); i++) {
        before[i] = clock_ms(clocks[i], false);
        check(before[i] > AHEAD * 1000, "clock %d is not ahead", clocks[i]);
    }
    struct timespec deadline;
    must(clock_gettime(CLOCK_MONOTONIC, &deadline));
    int64_t at = deadline.tv_sec * 1000L + deadline.tv_nsec / 1000000L + 4000;
    deadline.tv_sec += 4;
    pthread_t thread;
    must0(pthread_create(&thread, NULL, sleep_until, &deadline));
    int timer = must(timerfd_create(CLOCK_BOOTTIME, 0));
    struct itimerspec late = {.it_value = {.tv_sec = before[1] / 1000 + 1000}};
    must(timerfd_settime(timer, TFD_TIMER_ABSTIME, &late, NULL));
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(clocks); i++) {
        int64_t now = clock_ms(clocks[i], false);
        check(now >= before[i], "clock %d went back by %ld ms", clocks[i], before[i] - now);
        check(now - before[i] < 600000, "clock %d jumped by %ld ms", clocks[i], now - before[i]);
        int64_t by_call = clock_ms(clocks[i], true);
        check(by_call - now < 1000 && now - by_call < 1000, "vDSO and kernel do not agree on clock %d", clocks[i]);
    }
    struct itimerspec left;
    must(timerfd_gettime(timer, &left));
    check(left.it_value.tv_sec > 300 && left.it_value.tv_sec <= 1000, "%ld s are left of a thousand", left.it_value.tv_sec);
    must0(pthread_join(thread, NULL));
    check(woken >= at, "a sleeper woke %ld ms early", at - woken);
    return test_pass();
}
