// SPDX-License-Identifier: Apache-2.0
/* Prints CLOCK_MONOTONIC and CLOCK_BOOTTIME in seconds whenever it is told to, and ends at SIGTERM. */
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static void tell(void) {
    struct timespec monotonic;
    struct timespec boottime;
    clock_gettime(CLOCK_MONOTONIC, &monotonic);
    clock_gettime(CLOCK_BOOTTIME, &boottime);
    printf("%ld %ld\n", (long)monotonic.tv_sec, (long)boottime.tv_sec);
    fflush(stdout);
}

int main(void) {
    syscall(SYS_close_range, 3, ~0U, 0);
    sigset_t signals;
    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGUSR1);
    sigprocmask(SIG_BLOCK, &signals, NULL);
    printf("ready\n");
    tell();
    for (;;) {
        int got;
        sigwait(&signals, &got);
        if (got == SIGTERM) {
            return 0;
        }
        tell();
    }
}
