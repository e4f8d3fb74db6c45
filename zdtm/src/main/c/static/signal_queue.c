// SPDX-License-Identifier: Apache-2.0
/*
 * Queues many hundred signals deep, of the process and of a thread, with siginfo of every origin; a limit that was
 * lowered below what is queued; a signal that found its queue full and lost its siginfo.
 */
#include "zdtm.h"

#define DEPTH 700

static int started;
static int gate;
static volatile pid_t thread_tid;

/* Not through glibc, which tells SI_TKILL as SI_USER. */
static int take(siginfo_t *info) {
    uint64_t all = ~(1UL << (SIGTERM - 1));
    struct timespec none = {0, 0};
    memset(info, 0, sizeof(*info));
    return (int)syscall(SYS_rt_sigtimedwait, &all, info, &none, 8);
}

static void fill(siginfo_t *info, int number, int code, unsigned seed) {
    memset(info, 0, sizeof(*info));
    info->si_signo = number;
    info->si_code = code;
    info->si_errno = (int)(seed % 7);
    int *words = (int *)((char *)info + 16);
    /* Only as many as the layout of every code has. */
    words[0] = (int)(seed * 2654435761u);
    words[1] = (int)(seed ^ 0x5a5a);
    words[2] = (int)(seed + 77);
    words[3] = (int)(seed * 31);
}

static void send_to_thread(pid_t tid, int number, int code, unsigned seed) {
    siginfo_t info;
    fill(&info, number, code, seed);
    must(syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, number, &info));
}

static void send_to_process(int number, int code, unsigned seed) {
    siginfo_t info;
    fill(&info, number, code, seed);
    must(syscall(SYS_rt_sigqueueinfo, getpid(), number, &info));
}

static void expect(int number, int code, unsigned seed) {
    siginfo_t expected;
    siginfo_t actual;
    fill(&expected, number, code, seed);
    int got = take(&actual);
    check(got == number, "signal %d instead of %d with seed %u", got, number, seed);
    check_equal(expected.si_errno, actual.si_errno, "si_errno");
    check_equal(code, actual.si_code, "si_code");
    check(memcmp((char *)&expected + 16, (char *)&actual + 16, 16) == 0, "siginfo of signal %d with seed %u", number, seed);
}

static const int CODES[] = {SI_QUEUE, SI_TIMER, SI_MESGQ, SI_ASYNCIO, SI_SIGIO, -60};

static void *body(void *argument) {
    (void)argument;
    thread_tid = gettid_raw();
    for (unsigned i = 0; i < DEPTH; i++) {
        send_to_thread(thread_tid, SIGRTMIN + 3, CODES[i % COUNT(CODES)], 1000 + i);
    }
    send_to_thread(thread_tid, SIGSEGV, SEGV_MAPERR, 5);
    __atomic_store_n(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(5);
    }
    expect(SIGSEGV, SEGV_MAPERR, 5);
    for (unsigned i = 0; i < DEPTH; i++) {
        expect(SIGRTMIN + 3, CODES[i % COUNT(CODES)], 1000 + i);
    }
    __atomic_store_n(&gate, 2, __ATOMIC_SEQ_CST);
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    sigset_t all;
    sigfillset(&all);
    must0(pthread_sigmask(SIG_BLOCK, &all, NULL));
    pthread_t thread;
    must0(pthread_create(&thread, NULL, body, NULL));
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    must0(pthread_sigmask(SIG_UNBLOCK, &term, NULL));
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(1);
    }
    for (unsigned i = 0; i < DEPTH; i++) {
        send_to_process(SIGRTMIN + 2, CODES[i % COUNT(CODES)], i);
        send_to_process(SIGRTMAX, CODES[(i + 1) % COUNT(CODES)], i);
    }
    send_to_thread(getpid(), SIGBUS, BUS_ADRERR, 6);
    /* A child's end, as the kernel tells it. */
    pid_t child = must(fork());
    if (child == 0) {
        _exit(42);
    }
    siginfo_t ended;
    must(waitid(P_PID, (id_t)child, &ended, WEXITED | WNOWAIT));
    must(kill(getpid(), SIGUSR1));
    /* The queue is full from here on: what is no real-time signal arrives all the same, with nothing to tell. */
    struct rlimit limit;
    must(getrlimit(RLIMIT_SIGPENDING, &limit));
    limit.rlim_cur = 5;
    limit.rlim_max -= 10;
    must(setrlimit(RLIMIT_SIGPENDING, &limit));
    siginfo_t lost;
    fill(&lost, SIGUSR2, SI_QUEUE, 9);
    must(syscall(SYS_rt_sigqueueinfo, getpid(), SIGUSR2, &lost));
    check(syscall(SYS_rt_sigqueueinfo, getpid(), SIGRTMIN + 2, &lost) == -1 && errno == EAGAIN, "the queue is not full");
    test_ready();
    test_wait();
    struct rlimit now;
    must(getrlimit(RLIMIT_SIGPENDING, &now));
    check_equal(5, now.rlim_cur, "limit of pending signals");
    check_equal(limit.rlim_max, now.rlim_max, "hard limit of pending signals");
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 1) {
        sleep_ms(1);
    }
    expect(SIGBUS, BUS_ADRERR, 6);
    siginfo_t info;
    check_equal(SIGUSR1, take(&info), "signal of kill(2)");
    check_equal(SI_USER, info.si_code, "code of kill(2)");
    check_equal(getpid(), info.si_pid, "sender of kill(2)");
    check_equal(SIGUSR2, take(&info), "signal without siginfo");
    check_equal(SI_USER, info.si_code, "its code");
    check_equal(0, info.si_pid, "its sender");
    check_equal(SIGCHLD, take(&info), "signal of the child");
    check_equal(CLD_EXITED, info.si_code, "code of the child");
    check_equal(child, info.si_pid, "number of the child");
    check_equal(42, info.si_status, "status of the child");
    for (unsigned i = 0; i < DEPTH; i++) {
        expect(SIGRTMIN + 2, CODES[i % COUNT(CODES)], i);
    }
    for (unsigned i = 0; i < DEPTH; i++) {
        expect(SIGRTMAX, CODES[(i + 1) % COUNT(CODES)], i);
    }
    check_equal(-1, take(&info), "one signal more");
    await_child(child, 42 << 8);
    must0(pthread_join(thread, NULL));
    return test_pass();
}
