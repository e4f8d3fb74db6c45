// SPDX-License-Identifier: Apache-2.0
/*
 * A thread sleeps in one system call over the checkpoint; the call then ends as if nothing had happened: with what
 * it waited for, or after at least its time, never with an EINTR that no signal handler explains. (Three calls are
 * the exception: Linux itself ends them with EINTR when a task is stopped and continued, see signal(7).)
 * Argument: the name of the call, see the table at the end.
 */
#include "zdtm.h"

#include <linux/futex.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

#define TIMEOUT_MS 1500

/* One way to sleep: what happens before, the call, its number, what ends it (NULL: time), and the expected result. */
struct way {
    const char *name;
    long number;
    void (*prepare)(void);
    long (*sleep)(void);
    void (*wake)(void);
    long result;
    int error;
};

static const struct way *way;
static volatile pid_t worker_tid;
static volatile int handled;
static pthread_t worker;
static int64_t begun;
static int64_t ended;
static long result;
static int error;

static int fds[2];
static int other;
static uint32_t word;
static pid_t child;
static char block[64 * KIB];

static void nothing(void) {}
static void on_usr1(int signal_number) { handled += signal_number == SIGUSR1; }

static const struct timespec timeout = {TIMEOUT_MS / 1000, TIMEOUT_MS % 1000 * 1000000L};
static const struct timespec endless = {3600, 0};

static void make_pipe(void) { must(pipe(fds)); }
static void write_byte(void) { must(write(fds[1], "x", 1)); }
static void make_full_pipe(void) {
    must(pipe(fds));
    must(fcntl(fds[1], F_SETPIPE_SZ, 4096));
    memset(block, 'f', sizeof(block));
    must(write(fds[1], block, 4096));
}
static void drain_pipe(void) {
    must(read(fds[0], block, 4096));
    check_equal('f', block[4095], "byte that filled the pipe");
}
static void make_eventfd(void) { fds[0] = must(eventfd(0, 0)); }
static void signal_eventfd(void) {
    uint64_t five = 5;
    must(write(fds[0], &five, 8));
}
static void make_timerfd(void) {
    struct itimerspec at = {.it_value = timeout};
    begun = now_ms();
    fds[0] = must(timerfd_create(CLOCK_MONOTONIC, 0));
    must(timerfd_settime(fds[0], 0, &at, NULL));
}
static void make_signalfd(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    must0(pthread_sigmask(SIG_BLOCK, &set, NULL));
    fds[0] = must(signalfd(-1, &set, 0));
}
static void send_usr2(void) { must(kill(getpid(), SIGUSR2)); }
static void send_usr1(void) { must0(pthread_kill(worker, SIGUSR1)); }
static void make_epoll(void) {
    make_pipe();
    other = must(epoll_create1(0));
    struct epoll_event event = {.events = EPOLLIN, .data.u64 = 77};
    must(epoll_ctl(other, EPOLL_CTL_ADD, fds[0], &event));
}
static int sleeping_child(void *argument) {
    (void)argument;
    test_wait();
    return 9;
}
static void make_child(void) { child = spawn(sleeping_child, NULL); }
static void end_child(void) { must(kill(child, SIGTERM)); }
static void wake_word(void) {
    __atomic_store_n(&word, 1, __ATOMIC_SEQ_CST);
    must(syscall(SYS_futex, &word, FUTEX_WAKE_PRIVATE, 1, NULL, NULL, 0));
}

static long in_nanosleep(void) { return nanosleep(&timeout, NULL); }
static long in_clock_nanosleep(void) { return syscall(SYS_clock_nanosleep, CLOCK_BOOTTIME, 0, &timeout, NULL); }
static long in_clock_nanosleep_absolute(void) {
    struct timespec at;
    must(clock_gettime(CLOCK_MONOTONIC, &at));
    at.tv_sec += TIMEOUT_MS / 1000;
    at.tv_nsec += TIMEOUT_MS % 1000 * 1000000L;
    if (at.tv_nsec >= 1000000000L) {
        at.tv_sec++;
        at.tv_nsec -= 1000000000L;
    }
    return syscall(SYS_clock_nanosleep, CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
}
static long in_poll(void) {
    struct pollfd one = {.fd = fds[0], .events = POLLIN};
    return syscall(SYS_poll, &one, 1, -1);
}
static long in_poll_timeout(void) {
    struct pollfd one = {.fd = fds[0], .events = POLLIN};
    return syscall(SYS_poll, &one, 1, TIMEOUT_MS);
}
static long in_ppoll(void) {
    struct pollfd one = {.fd = fds[0], .events = POLLIN};
    sigset_t mask;
    sigemptyset(&mask);
    sigaddset(&mask, SIGUSR1);
    return ppoll(&one, 1, &endless, &mask);
}
static long in_select(void) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    struct timeval time = {3600, 0};
    return syscall(SYS_select, fds[0] + 1, &set, NULL, NULL, &time);
}
static long in_pselect(void) {
    fd_set set;
    FD_ZERO(&set);
    FD_SET(fds[0], &set);
    return pselect(fds[0] + 1, &set, NULL, NULL, NULL, NULL);
}
static long in_epoll_wait(void) {
    struct epoll_event event = {0};
    long got = syscall(SYS_epoll_wait, other, &event, 1, -1);
    if (got == 1) {
        check_equal(77, event.data.u64, "data of the event");
    }
    return got;
}
static long in_epoll_pwait_timeout(void) {
    struct epoll_event event;
    return syscall(SYS_epoll_pwait, other, &event, 1, TIMEOUT_MS, NULL, 8);
}
static long in_futex(void) { return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0); }
static long in_futex_endless(void) { return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &endless, NULL, 0); }
static long in_futex_timeout(void) { return syscall(SYS_futex, &word, FUTEX_WAIT_PRIVATE, 0, &timeout, NULL, 0); }
static long in_futex_bitset(void) {
    struct timespec at;
    must(clock_gettime(CLOCK_MONOTONIC, &at));
    at.tv_sec += 3600;
    return syscall(SYS_futex, &word, FUTEX_WAIT_BITSET_PRIVATE, 0, &at, NULL, FUTEX_BITSET_MATCH_ANY);
}
static long in_read(void) { return syscall(SYS_read, fds[0], block, sizeof(block)); }
static long in_write(void) { return syscall(SYS_write, fds[1], "0123456789", 10); }
static long in_pause(void) { return syscall(SYS_pause); }
static long in_sigsuspend(void) {
    uint64_t none = 0;
    return syscall(SYS_rt_sigsuspend, &none, 8);
}
static long in_sigtimedwait(void) {
    uint64_t set = 1UL << (SIGUSR2 - 1);
    return syscall(SYS_rt_sigtimedwait, &set, NULL, &endless, 8);
}
static long in_sigtimedwait_timeout(void) {
    uint64_t set = 1UL << (SIGUSR2 - 1);
    return syscall(SYS_rt_sigtimedwait, &set, NULL, &timeout, 8);
}
static long in_wait4(void) {
    int status = 0;
    long got = syscall(SYS_wait4, child, &status, 0, NULL);
    check_equal(9 << 8, status, "wait status");
    return got == child ? 1 : got;
}
static long in_waitid(void) {
    siginfo_t info = {0};
    long got = syscall(SYS_waitid, P_ALL, 0, &info, WEXITED, NULL);
    check_equal(child, info.si_pid, "si_pid");
    check_equal(9, info.si_status, "si_status");
    return got;
}
static void block_usr2(void) {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    must0(pthread_sigmask(SIG_BLOCK, &set, NULL));
}

static const struct way WAYS[] = {
    {"nanosleep", SYS_clock_nanosleep, nothing, in_nanosleep, NULL, 0, 0},
    {"clock_nanosleep", SYS_clock_nanosleep, nothing, in_clock_nanosleep, NULL, 0, 0},
    {"clock_nanosleep_absolute", SYS_clock_nanosleep, nothing, in_clock_nanosleep_absolute, NULL, 0, 0},
    {"poll", SYS_poll, make_pipe, in_poll, write_byte, 1, 0},
    {"poll_timeout", SYS_poll, make_pipe, in_poll_timeout, NULL, 0, 0},
    {"ppoll", SYS_ppoll, make_pipe, in_ppoll, write_byte, 1, 0},
    {"select", SYS_select, make_pipe, in_select, write_byte, 1, 0},
    {"pselect", SYS_pselect6, make_pipe, in_pselect, write_byte, 1, 0},
    {"epoll_wait", SYS_epoll_wait, make_epoll, in_epoll_wait, write_byte, 1, 0},
    {"epoll_pwait_timeout", SYS_epoll_pwait, make_epoll, in_epoll_pwait_timeout, NULL, 0, 0},
    {"futex", SYS_futex, nothing, in_futex, wake_word, 0, 0},
    {"futex_endless", SYS_futex, nothing, in_futex_endless, wake_word, 0, 0},
    {"futex_timeout", SYS_futex, nothing, in_futex_timeout, NULL, -1, ETIMEDOUT},
    {"futex_bitset", SYS_futex, nothing, in_futex_bitset, wake_word, 0, 0},
    {"read_pipe", SYS_read, make_pipe, in_read, write_byte, 1, 0},
    {"write_pipe", SYS_write, make_full_pipe, in_write, drain_pipe, 10, 0},
    {"read_eventfd", SYS_read, make_eventfd, in_read, signal_eventfd, 8, 0},
    {"read_timerfd", SYS_read, make_timerfd, in_read, NULL, 8, 0},
    {"read_signalfd", SYS_read, make_signalfd, in_read, send_usr2, sizeof(struct signalfd_siginfo), 0},
    {"pause", SYS_pause, nothing, in_pause, send_usr1, -1, EINTR},
    {"sigsuspend", SYS_rt_sigsuspend, nothing, in_sigsuspend, send_usr1, -1, EINTR},
    {"sigtimedwait", SYS_rt_sigtimedwait, block_usr2, in_sigtimedwait, send_usr2, SIGUSR2, 0},
    {"sigtimedwait_timeout", SYS_rt_sigtimedwait, block_usr2, in_sigtimedwait_timeout, NULL, -1, EAGAIN},
    {"wait4", SYS_wait4, make_child, in_wait4, end_child, 1, 0},
    {"waitid", SYS_waitid, make_child, in_waitid, end_child, 0, 0},
};

static void *body(void *argument) {
    (void)argument;
    worker_tid = gettid_raw();
    begun = begun == 0 ? now_ms() : begun;
    bool ended_by_stops = way->number == SYS_epoll_wait || way->number == SYS_epoll_pwait
            || way->number == SYS_rt_sigtimedwait;
    do {
        errno = 0;
        result = way->sleep();
        error = result == -1 ? errno : 0;
    } while (ended_by_stops && error == EINTR);
    ended = now_ms();
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    for (size_t i = 0; i < COUNT(WAYS); i++) {
        way = strcmp(WAYS[i].name, test_arg(0)) == 0 ? &WAYS[i] : way;
    }
    check(way != NULL, "no way of sleeping is called %s", test_arg(0));
    /* Without SA_RESTART: a handler that runs by mistake shows. */
    struct sigaction action = {.sa_handler = on_usr1};
    must(sigaction(SIGUSR1, &action, NULL));
    way->prepare();
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    must0(pthread_sigmask(SIG_BLOCK, &term, NULL));
    must0(pthread_create(&worker, NULL, body, NULL));
    must0(pthread_sigmask(SIG_UNBLOCK, &term, NULL));
    while (worker_tid == 0) {
        sleep_ms(1);
    }
    await_blocked(worker_tid, way->number);
    test_ready();
    test_wait();
    if (way->wake != NULL) {
        check(ended == 0, "the call ended by itself, with %ld (%s)", result, strerror(error));
        way->wake();
    }
    must0(pthread_join(worker, NULL));
    if (way->error != error || way->result != result) {
        test_fail_at(__FILE__, __LINE__, 0, "%s gave %ld (%s) instead of %ld (%s)", way->name, result, strerror(error),
                way->result, strerror(way->error));
    }
    if (way->wake == NULL) {
        check(ended - begun >= TIMEOUT_MS, "%s ended after %ld ms, too early", way->name, (long)(ended - begun));
    }
    check_equal(way->wake == send_usr1, handled, "runs of the handler");
    return test_pass();
}
