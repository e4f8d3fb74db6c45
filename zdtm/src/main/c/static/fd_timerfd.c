// SPDX-License-Identifier: Apache-2.0
/* timerfd: clocks, expirations that were not read yet, intervals, absolute times, disarmed timers. */
#include "zdtm.h"

#include <sys/timerfd.h>

static uint64_t expirations(int fd) {
    uint64_t count = 0;
    if (read(fd, &count, 8) == -1) {
        if (errno != EAGAIN) {
            fail("read of a timer");
        }
    }
    return count;
}

static void arm(int fd, int flags, long seconds, long nanos, long interval_nanos) {
    struct itimerspec at = {{interval_nanos / 1000000000, interval_nanos % 1000000000}, {seconds, nanos}};
    must(timerfd_settime(fd, flags, &at, NULL));
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    static const int clocks[] = {CLOCK_MONOTONIC, CLOCK_REALTIME, CLOCK_BOOTTIME};
    int expired[3];
    int later[3];
    int periodic[3];
    int disarmed[3];
    for (int i = 0; i < 3; i++) {
        expired[i] = must(timerfd_create(clocks[i], TFD_NONBLOCK | TFD_CLOEXEC));
        arm(expired[i], 0, 0, 1000000, 0);
        later[i] = must(timerfd_create(clocks[i], TFD_NONBLOCK));
        struct timespec now;
        must(clock_gettime(clocks[i], &now));
        arm(later[i], TFD_TIMER_ABSTIME, now.tv_sec + 1000, 0, 0);
        periodic[i] = must(timerfd_create(clocks[i], TFD_NONBLOCK));
        arm(periodic[i], 0, 0, 5000000, 5000000);
        disarmed[i] = must(timerfd_create(clocks[i], TFD_NONBLOCK));
    }
    /* At a point of the wall clock, whatever happens until then; the kernel tells if somebody sets the clock. */
    struct timespec wall;
    must(clock_gettime(CLOCK_REALTIME, &wall));
    int at_four = must(timerfd_create(CLOCK_REALTIME, TFD_NONBLOCK));
    arm(at_four, TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET, wall.tv_sec + 4000, 0, 0);
    sleep_ms(50);
    int64_t begun = now_ms();
    test_ready();
    test_wait();
    for (int i = 0; i < 3; i++) {
        check_equal(FD_CLOEXEC, must(fcntl(expired[i], F_GETFD)), "close-on-exec");
        check_equal(1, expirations(expired[i]), "expirations that were not read");
        check_equal(0, expirations(expired[i]), "expirations of a timer that is over");
        check_equal(0, expirations(later[i]), "expirations of a timer for later");
        check_equal(0, expirations(disarmed[i]), "expirations of a disarmed timer");
        uint64_t count = expirations(periodic[i]);
        check(count >= 10, "a periodic timer expired %lu times", count);
        check(count <= 20 + (uint64_t)(now_ms() - begun + 200) / 5, "a periodic timer expired %lu times", count);
        sleep_ms(20);
        check(expirations(periodic[i]) >= 2, "a periodic timer has stopped");
        struct itimerspec left;
        must(timerfd_gettime(later[i], &left));
        check(left.it_value.tv_sec > 800 && left.it_value.tv_sec <= 1000, "%ld s are left of a thousand", left.it_value.tv_sec);
        must(timerfd_gettime(disarmed[i], &left));
        check(left.it_value.tv_sec == 0 && left.it_value.tv_nsec == 0, "a disarmed timer is armed");
        must(timerfd_gettime(periodic[i], &left));
        check_equal(5000000, left.it_interval.tv_nsec, "interval");
        arm(disarmed[i], 0, 0, 1000, 0);
        sleep_ms(5);
        check_equal(1, expirations(disarmed[i]), "expirations of a timer that is armed now");
    }
    struct timespec now;
    struct itimerspec left;
    must(clock_gettime(CLOCK_REALTIME, &now));
    must(timerfd_gettime(at_four, &left));
    double at = now.tv_sec + now.tv_nsec / 1e9 + left.it_value.tv_sec + left.it_value.tv_nsec / 1e9 - wall.tv_sec;
    check(at > 3999.99 && at < 4000.01, "the wall clock's timer expires %f s after it was set", at);
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fdinfo/%d", at_four);
    check_equal(03, proc_field(path, "settime flags", 8), "flags of the wall clock's timer");
    return test_pass();
}
