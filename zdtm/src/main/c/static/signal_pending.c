// SPDX-License-Identifier: Apache-2.0
/* Pending signals arrive once, in their order and with their siginfo: of the process, of a thread, queued ones. */
#include "zdtm.h"

static int started;
static int gate;
static volatile pid_t thread_tid;
static sigset_t all;

/* Not through glibc, which tells SI_TKILL as SI_USER. */
static int take(siginfo_t *info) {
    struct timespec none = {0, 0};
    return (int)syscall(SYS_rt_sigtimedwait, &all, info, &none, 8);
}

static void expect(int number, int code, int value, const char *what) {
    siginfo_t info;
    memset(&info, 0, sizeof(info));
    int got = take(&info);
    check(got == number, "%s: signal %d instead of %d", what, got, number);
    check_equal(code, info.si_code, what);
    check_equal(getpid(), info.si_pid, what);
    check_equal(getuid(), info.si_uid, what);
    if (code != SI_USER && code != SI_TKILL) {
        check_equal(value, info.si_value.sival_int, what);
    }
}

static void *body(void *argument) {
    (void)argument;
    thread_tid = gettid_raw();
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(5);
    }
    /* The lowest number first; of one number the private queue first. */
    expect(SIGUSR2, SI_TKILL, 0, "private SIGUSR2");
    expect(SIGRTMIN + 1, SI_QUEUE, 501, "private queued 1");
    expect(SIGRTMIN + 1, SI_QUEUE, 502, "private queued 2");
    expect(SIGRTMIN + 1, SI_QUEUE, 503, "private queued 3");
    __atomic_store_n(&gate, 2, __ATOMIC_SEQ_CST);
    return NULL;
}

static void queue_to_thread(pid_t tid, int number, int value) {
    siginfo_t info = {.si_code = SI_QUEUE};
    info.si_pid = getpid();
    info.si_uid = getuid();
    info.si_value.sival_int = value;
    must(syscall(SYS_rt_tgsigqueueinfo, getpid(), tid, number, &info));
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    sigfillset(&all);
    sigdelset(&all, SIGTERM);
    must0(pthread_sigmask(SIG_BLOCK, &all, NULL));
    pthread_t thread;
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    must0(pthread_sigmask(SIG_BLOCK, &term, NULL));
    must0(pthread_create(&thread, NULL, body, NULL));
    must0(pthread_sigmask(SIG_UNBLOCK, &term, NULL));
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(1);
    }
    must(syscall(SYS_tgkill, getpid(), thread_tid, SIGUSR2));
    for (int i = 1; i <= 3; i++) {
        queue_to_thread(thread_tid, SIGRTMIN + 1, 500 + i);
    }
    must(kill(getpid(), SIGUSR1));
    for (int i = 0; i < 20; i++) {
        union sigval value = {.sival_int = 1000 + i};
        must(sigqueue(getpid(), SIGRTMAX - 2, value));
    }
    union sigval value = {.sival_int = 77};
    must(sigqueue(getpid(), SIGHUP, value));
    must(sigqueue(getpid(), SIGRTMIN + 4, value));
    queue_to_thread(getpid(), SIGINT, 88);
    test_ready();
    test_wait();
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 1) {
        sleep_ms(1);
    }
    /* A thread's own signals come before the process's, whatever their numbers. */
    expect(SIGINT, SI_QUEUE, 88, "private SIGINT of the first thread");
    expect(SIGHUP, SI_QUEUE, 77, "SIGHUP");
    expect(SIGUSR1, SI_USER, 0, "SIGUSR1");
    expect(SIGRTMIN + 4, SI_QUEUE, 77, "queued SIGRTMIN+4");
    for (int i = 0; i < 20; i++) {
        expect(SIGRTMAX - 2, SI_QUEUE, 1000 + i, "queued SIGRTMAX-2");
    }
    siginfo_t info;
    check(take(&info) == -1 && errno == EAGAIN, "one more signal was pending: %d", info.si_signo);
    must0(pthread_join(thread, NULL));
    return test_pass();
}
