// SPDX-License-Identifier: Apache-2.0
/*
 * Timers of timer_create(2): ids with gaps, every way to notify, every clock, time left, intervals, one that has fired
 * and whose signal nobody has taken yet, one whose last signal stood for several.
 */
#include "zdtm.h"

#define NANOS 1000000000L

/* Not through glibc, which has ids of its own and a thread that it does not tell about. */
static int make(int clock, int notify, int number, long value, pid_t tid) {
    struct sigevent event;
    memset(&event, 0, sizeof(event));
    event.sigev_notify = notify;
    event.sigev_signo = number;
    event.sigev_value.sival_ptr = (void *)value;
    event._sigev_un._tid = tid;
    int id = -1;
    must(syscall(SYS_timer_create, clock, &event, &id));
    return id;
}

static void arm(int id, double seconds, double interval) {
    struct itimerspec time = {.it_value = {(long)seconds, (long)((seconds - (long)seconds) * NANOS)},
            .it_interval = {(long)interval, (long)((interval - (long)interval) * NANOS)}};
    must(syscall(SYS_timer_settime, id, 0, &time, NULL));
}

static double left(int id, double *interval) {
    struct itimerspec time;
    must(syscall(SYS_timer_gettime, id, &time));
    if (interval != NULL) {
        *interval = time.it_interval.tv_sec + time.it_interval.tv_nsec / 1e9;
    }
    return time.it_value.tv_sec + time.it_value.tv_nsec / 1e9;
}

static int take(int number, siginfo_t *info, double seconds) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, number);
    struct timespec time = {(long)seconds, (long)((seconds - (long)seconds) * NANOS)};
    return (int)syscall(SYS_rt_sigtimedwait, &set, info, &time, 8);
}

static int started;
static int gate;
static int thread_timer;
static volatile pid_t thread_tid;

static void *body(void *argument) {
    (void)argument;
    thread_tid = gettid_raw();
    /* The time of this thread, which is asleep nearly always. */
    thread_timer = make(CLOCK_THREAD_CPUTIME_ID, SIGEV_THREAD_ID, SIGRTMIN + 5, 5555, thread_tid);
    arm(thread_timer, 0.2, 0.1);
    __atomic_store_n(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(10);
    }
    siginfo_t info;
    int got;
    while ((got = take(SIGRTMIN + 5, &info, 0)) == -1) {
    }
    check_equal(SIGRTMIN + 5, got, "signal of the thread's processor time");
    check_equal(5555, (long)info.si_value.sival_ptr, "its value");
    check_equal(SI_TIMER, info.si_code, "its code");
    got = take(SIGRTMIN + 6, &info, 10);
    check_equal(SIGRTMIN + 6, got, "signal of the timer that notifies a thread");
    check_equal(6666, (long)info.si_value.sival_ptr, "its value");
    return NULL;
}

static void expect_left(int id, double most, double least, double interval, const char *what) {
    double actual_interval;
    double actual = left(id, &actual_interval);
    check(actual <= most && actual > least, "%s has %f s left", what, actual);
    check(actual_interval > interval - 1e-6 && actual_interval < interval + 1e-6, "%s has an interval of %f s", what,
            actual_interval);
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    sigset_t blocked;
    sigemptyset(&blocked);
    for (int i = 0; i <= 12; i++) {
        sigaddset(&blocked, SIGRTMIN + i);
    }
    sigaddset(&blocked, SIGUSR1);
    sigaddset(&blocked, SIGTERM);
    must0(pthread_sigmask(SIG_BLOCK, &blocked, NULL));
    pthread_t thread;
    must0(pthread_create(&thread, NULL, body, NULL));
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    must0(pthread_sigmask(SIG_UNBLOCK, &term, NULL));
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(1);
    }
    /* Gaps in the ids, also at the beginning of those made here. */
    int gaps[300];
    for (size_t i = 0; i < COUNT(gaps); i++) {
        gaps[i] = make(CLOCK_MONOTONIC, SIGEV_NONE, 0, 0, 0);
    }
    int once = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 1, 0x123456789abcL, 0);
    int again = make(CLOCK_REALTIME, SIGEV_SIGNAL, SIGRTMIN + 2, 22, 0);
    int silent = make(CLOCK_BOOTTIME, SIGEV_NONE, 0, 33, 0);
    int disarmed = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGUSR1, 44, 0);
    int to_thread = make(CLOCK_MONOTONIC, SIGEV_SIGNAL | SIGEV_THREAD_ID, SIGRTMIN + 6, 6666, thread_tid);
    int process = make(CLOCK_PROCESS_CPUTIME_ID, SIGEV_SIGNAL, SIGRTMIN + 7, 77, 0);
    int fired = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 8, 88, 0);
    int overrun = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 9, 99, 0);
    int defaults = -1;
    must(syscall(SYS_timer_create, CLOCK_MONOTONIC, NULL, &defaults));
    for (size_t i = 0; i < COUNT(gaps); i++) {
        if (i % 100 != 7) {
            must(syscall(SYS_timer_delete, gaps[i]));
        }
    }
    arm(fired, 0.001, 0);
    arm(overrun, 0.001, 0.1);
    sleep_ms(350);
    siginfo_t info;
    check_equal(SIGRTMIN + 9, take(SIGRTMIN + 9, &info, 1), "signal of the timer with overruns");
    int seen = info.si_overrun;
    check(seen >= 2, "only %d overruns", seen);
    check_equal(seen, must(syscall(SYS_timer_getoverrun, overrun)), "overruns");
    arm(once, 1000, 0);
    arm(again, 2000, 12.5);
    arm(silent, 3000, 7);
    arm(to_thread, 0.5, 0);
    arm(process, 50, 3);
    test_ready();
    test_wait();
    expect_left(once, 1000, 990, 0, "the timer that fires once");
    expect_left(again, 2000, 1990, 12.5, "the timer of the wall clock");
    expect_left(silent, 3000, 2990, 7, "the silent timer");
    expect_left(process, 50, 40, 3, "the timer of the processor time");
    double interval;
    check(left(disarmed, &interval) == 0 && interval == 0, "the disarmed timer is armed");
    check(left(fired, &interval) == 0 && interval == 0, "the timer that has fired is armed");
    int now = (int)must(syscall(SYS_timer_getoverrun, overrun));
    /* One more if the timer was about to expire. */
    check(now == seen || now == seen + 1, "%d overruns of the last signal instead of %d", now, seen);
    check_equal(SIGRTMIN + 9, take(SIGRTMIN + 9, &info, 1), "next signal of the timer with overruns");
    check_equal(99, (long)info.si_value.sival_ptr, "its value");
    check_equal(SIGRTMIN + 8, take(SIGRTMIN + 8, &info, 0), "signal of the timer that had fired");
    check_equal(SI_TIMER, info.si_code, "its code");
    check_equal(88, (long)info.si_value.sival_ptr, "its value");
    check_equal(fired, info.si_timerid, "its timer");
    check_equal(-1, take(SIGRTMIN + 8, &info, 0), "a second signal of the timer that had fired");
    arm(once, 0.01, 0);
    check_equal(SIGRTMIN + 1, take(SIGRTMIN + 1, &info, 5), "signal of the timer that fires once");
    check_equal(0x123456789abcL, (long)info.si_value.sival_ptr, "its value");
    arm(again, 0.01, 0);
    check_equal(SIGRTMIN + 2, take(SIGRTMIN + 2, &info, 5), "signal of the timer of the wall clock");
    arm(disarmed, 0.01, 0);
    check_equal(SIGUSR1, take(SIGUSR1, &info, 5), "signal of the timer that was disarmed");
    check_equal(44, (long)info.si_value.sival_ptr, "its value");
    for (size_t i = 0; i < COUNT(gaps); i++) {
        check((syscall(SYS_timer_delete, gaps[i]) == 0) == (i % 100 == 7), "timer %d", gaps[i]);
    }
    must(syscall(SYS_timer_delete, defaults));
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    must0(pthread_join(thread, NULL));
    /* What is made now has an id of its own. */
    int fresh = make(CLOCK_MONOTONIC, SIGEV_SIGNAL, SIGRTMIN + 10, 0, 0);
    check(fresh != once && fresh != again && fresh != process && fresh != overrun, "timer id %d twice", fresh);
    return test_pass();
}
