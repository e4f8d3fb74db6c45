// SPDX-License-Identifier: Apache-2.0
/* The vDSO's functions still work where the program believes them to be, and clocks do not go back. */
#include "zdtm.h"

#include <sys/auxv.h>

int main(int argc, char **argv) {
    test_init(argc, argv);
    unsigned long vdso = getauxval(AT_SYSINFO_EHDR);
    check(memcmp((void *)vdso, "\177ELF", 4) == 0, "no vDSO where the auxiliary vector says");
    struct timespec monotonic;
    struct timespec boot;
    struct timespec real;
    must(clock_gettime(CLOCK_MONOTONIC, &monotonic));
    must(clock_gettime(CLOCK_BOOTTIME, &boot));
    must(clock_gettime(CLOCK_REALTIME, &real));
    test_ready();
    test_wait();
    check(memcmp((void *)vdso, "\177ELF", 4) == 0, "no vDSO where it was");
    struct timespec after;
    must(clock_gettime(CLOCK_MONOTONIC, &after));
    check(after.tv_sec > monotonic.tv_sec || (after.tv_sec == monotonic.tv_sec && after.tv_nsec > monotonic.tv_nsec),
            "the monotonic clock went back");
    check(after.tv_sec - monotonic.tv_sec < 600, "the monotonic clock jumped");
    struct timespec by_call;
    must(syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &by_call));
    check(labs(by_call.tv_sec - after.tv_sec) <= 1, "vDSO and kernel do not agree on the time");
    must(clock_gettime(CLOCK_BOOTTIME, &after));
    check(after.tv_sec >= boot.tv_sec, "the boot clock went back");
    must(clock_gettime(CLOCK_REALTIME, &after));
    check(after.tv_sec >= real.tv_sec, "the real clock went back");
    check(labs(time(NULL) - after.tv_sec) <= 1, "time()");
    struct timeval of_day;
    must(gettimeofday(&of_day, NULL));
    check(labs(of_day.tv_sec - after.tv_sec) <= 1, "gettimeofday()");
    cpu_set_t one;
    CPU_ZERO(&one);
    CPU_SET(0, &one);
    must(sched_setaffinity(0, sizeof(one), &one));
    check_equal(0, sched_getcpu(), "getcpu()");
    struct timespec resolution;
    must(clock_getres(CLOCK_MONOTONIC, &resolution));
    for (int i = 0; i < 100000; i++) {
        must(clock_gettime(CLOCK_MONOTONIC, &after));
    }
    return test_pass();
}
