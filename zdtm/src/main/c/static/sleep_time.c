// SPDX-License-Identifier: Apache-2.0
/*
 * Calls that sleep for a given time, and have done so for a while when the checkpoint comes, sleep for what is left of
 * it: not for less, and not for the whole time once more. A thread that is awake all the time tells how long everybody
 * was stopped, which counts as no time.
 */
#include "zdtm.h"

#include <linux/futex.h>
#include <sys/epoll.h>

#define TOTAL_MS 5000
#define BEFORE_MS 2500
#define SLACK_MS 1000
#define BEAT_MS 5

static const struct timespec total = {TOTAL_MS / 1000, 0};
static volatile int64_t stopped_ms;
static volatile int beating = 1;
static uint32_t word;
static int pipe_fds[2];
static int epoll_fd;

static long in_nanosleep(void) { return syscall(SYS_nanosleep, &total, NULL); }
static long in_nanosleep_rest(void) {
    struct timespec rest = {-1, -1};
    return syscall(SYS_nanosleep, &total, &rest);
}
static long in_nanosleep_same(void) {
    struct timespec time = total;
    return syscall(SYS_nanosleep, &time, &time);
}
static long in_clock_nanosleep(void) { return -syscall(SYS_clock_nanosleep, CLOCK_BOOTTIME, 0, &total, NULL); }
static long in_clock_nanosleep_real(void) { return -syscall(SYS_clock_nanosleep, CLOCK_REALTIME, 0, &total, NULL); }
static long in_poll(void) {
    struct pollfd one = {.fd = pipe_fds[0], .events = POLLIN};
    return syscall(SYS_poll, &one, 1, TOTAL_MS);
}
static long in_poll_nothing(void) { return syscall(SYS_poll, NULL, 0, TOTAL_MS); }
static long in_futex(void) {
    long result = syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &total, NULL, 0);
    return result == -1 && errno == ETIMEDOUT ? 0 : 1;
}
static long in_futex_shared(void) {
    long result = syscall(SYS_futex, &word, FUTEX_WAIT, 0, &total, NULL, 0);
    return result == -1 && errno == ETIMEDOUT ? 0 : 1;
}
static long in_select(void) {
    struct timeval time = {TOTAL_MS / 1000, 0};
    fd_set set;
    FD_ZERO(&set);
    FD_SET(pipe_fds[0], &set);
    return syscall(SYS_select, pipe_fds[0] + 1, &set, NULL, NULL, &time);
}
static long in_ppoll(void) {
    struct pollfd one = {.fd = pipe_fds[0], .events = POLLIN};
    struct timespec time = total;
    return syscall(SYS_ppoll, &one, 1, &time, NULL, 8);
}
/* Woken at the end, and not before: not even by EINTR. */
static long in_epoll_endless(void) {
    struct epoll_event event;
    long result = syscall(SYS_epoll_wait, epoll_fd, &event, 1, -1);
    return result == 1 ? 0 : result;
}

static const struct {
    const char *name;
    long (*sleep)(void);
    bool endless;
} WAYS[] = {
    {"nanosleep", in_nanosleep, false},
    {"nanosleep with rest", in_nanosleep_rest, false},
    {"nanosleep with its time as the rest", in_nanosleep_same, false},
    {"clock_nanosleep", in_clock_nanosleep, false},
    {"clock_nanosleep by the wall clock", in_clock_nanosleep_real, false},
    {"poll", in_poll, false},
    {"poll of nothing", in_poll_nothing, false},
    {"futex", in_futex, false},
    {"shared futex", in_futex_shared, false},
    {"select", in_select, false},
    {"ppoll", in_ppoll, false},
    {"epoll_wait", in_epoll_endless, true},
};

static struct result {
    long value;
    int error;
    int64_t slept_ms;
} results[COUNT(WAYS)];

static void *sleeper(void *argument) {
    long number = (long)argument;
    int64_t begun = now_ms();
    errno = 0;
    results[number].value = WAYS[number].sleep();
    results[number].error = errno;
    results[number].slept_ms = now_ms() - begun;
    return NULL;
}

static void *beat(void *argument) {
    (void)argument;
    int64_t last = now_ms();
    while (beating) {
        sleep_ms(BEAT_MS);
        int64_t now = now_ms();
        stopped_ms += now - last > 10 * BEAT_MS ? now - last - BEAT_MS : 0;
        last = now;
    }
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    must(pipe(pipe_fds));
    epoll_fd = must(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLIN};
    must(epoll_ctl(epoll_fd, EPOLL_CTL_ADD, pipe_fds[0], &event));
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    must0(pthread_sigmask(SIG_BLOCK, &term, NULL));
    pthread_t threads[COUNT(WAYS)];
    pthread_t heart;
    for (size_t i = 0; i < COUNT(WAYS); i++) {
        must0(pthread_create(&threads[i], NULL, sleeper, (void *)i));
    }
    must0(pthread_create(&heart, NULL, beat, NULL));
    must0(pthread_sigmask(SIG_UNBLOCK, &term, NULL));
    sleep_ms(BEFORE_MS);
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(WAYS); i++) {
        if (!WAYS[i].endless) {
            must0(pthread_join(threads[i], NULL));
        }
    }
    must(write(pipe_fds[1], "x", 1));
    beating = 0;
    must0(pthread_join(heart, NULL));
    for (size_t i = 0; i < COUNT(WAYS); i++) {
        if (WAYS[i].endless) {
            must0(pthread_join(threads[i], NULL));
        }
        if (results[i].value != 0) {
            test_fail_at(__FILE__, __LINE__, results[i].error, "%s gave %ld", WAYS[i].name, results[i].value);
        }
        check(results[i].slept_ms >= TOTAL_MS, "%s slept for only %ld ms", WAYS[i].name, (long)results[i].slept_ms);
        check(WAYS[i].endless || results[i].slept_ms <= TOTAL_MS + stopped_ms + SLACK_MS,
                "%s slept for %ld ms, %ld of them stopped", WAYS[i].name, (long)results[i].slept_ms, (long)stopped_ms);
    }
    return test_pass();
}
