// SPDX-License-Identifier: Apache-2.0
/* Calls all functions of the vDSO again and again, until SIGTERM; each round checks that the clocks agree. */
#define _GNU_SOURCE
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stop;

static void on_signal(int number) { stop = number; }

static void fail(const char *what) {
    printf("FAIL %s\n", what);
    fflush(stdout);
    _exit(1);
}

int main(void) {
    syscall(SYS_close_range, 3, ~0U, 0);
    signal(SIGTERM, on_signal);
    printf("ready\n");
    fflush(stdout);
    struct timespec last = {0, 0};
    while (!stop) {
        struct timespec now;
        struct timespec by_call;
        struct timeval of_day;
        struct timespec real;
        if (clock_gettime(CLOCK_MONOTONIC, &now) != 0 || syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &by_call) != 0) {
            fail("clock_gettime");
        }
        if (now.tv_sec < last.tv_sec || (now.tv_sec == last.tv_sec && now.tv_nsec < last.tv_nsec)) {
            fail("the clock went back");
        }
        if (by_call.tv_sec - now.tv_sec > 5 || by_call.tv_sec < now.tv_sec - 1) {
            fail("the clocks do not agree");
        }
        last = now;
        if (gettimeofday(&of_day, NULL) != 0 || clock_gettime(CLOCK_REALTIME, &real) != 0) {
            fail("gettimeofday");
        }
        if (labs(real.tv_sec - of_day.tv_sec) > 5 || labs(time(NULL) - of_day.tv_sec) > 5) {
            fail("the times do not agree");
        }
        if (sched_getcpu() < 0) {
            fail("getcpu");
        }
    }
    printf("PASS\n");
    fflush(stdout);
    return 0;
}
