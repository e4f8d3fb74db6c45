// SPDX-License-Identifier: Apache-2.0
/*
 * Everything at once, checked all the time: threads that hash memory, that queue signals with values to each other, that arm
 * timers of all kinds, that fork children and collect them, that pass messages through pipes, that map and unmap.
 */
#include "zdtm.h"

#include <sys/timerfd.h>

#define AREA (4 * MIB)
#define MOST_SIGNALS 32

static volatile int stop;
static long rounds[8];
static pthread_t receiver;
static volatile int receiver_tid;
static int pipes[2][2];
static const char *volatile waiting_for = "nothing";

static void tick(int who) { __atomic_add_fetch(&rounds[who], 1, __ATOMIC_SEQ_CST); }

static void *hashes(void *argument) {
    (void)argument;
    char *area = map(AREA, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    char *shared = map(MIB, PROT_READ | PROT_WRITE, MAP_SHARED);
    for (uint64_t seed = 1; !stop; seed++) {
        pattern_write(area, AREA, seed);
        pattern_write(shared, MIB, seed + 1);
        usleep(500);
        check_pattern(area, AREA, seed, "private memory");
        check_pattern(shared, MIB, seed + 1, "shared memory");
        tick(0);
    }
    return NULL;
}

/* Queued signals arrive once each, in order, with their values. */
static void *receives(void *argument) {
    (void)argument;
    receiver_tid = gettid_raw();
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGRTMIN + 3);
    for (int expected = 0; !stop;) {
        siginfo_t info;
        struct timespec limit = {0, 50000000};
        int number = sigtimedwait(&wanted, &info, &limit);
        if (number == -1) {
            if (errno != EAGAIN && errno != EINTR) {
                fail("waiting for a signal");
            }
            continue;
        }
        check_equal(expected, info.si_value.sival_int, "value of a queued signal");
        check_equal(SI_QUEUE, info.si_code, "code of a queued signal");
        check_equal(getpid(), info.si_pid, "sender of a queued signal");
        expected++;
        __atomic_add_fetch(&rounds[1], 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

static void *sends(void *argument) {
    (void)argument;
    for (int value = 0; !stop;) {
        if (value - __atomic_load_n(&rounds[1], __ATOMIC_SEQ_CST) >= MOST_SIGNALS) {
            usleep(200);
            continue;
        }
        union sigval data = {.sival_int = value};
        must0(pthread_sigqueue(receiver, SIGRTMIN + 3, data));
        value++;
        if (value % 8 == 0) {
            usleep(300);
        }
    }
    return NULL;
}

/* No timer is early, and none is lost. */
static void *arms_timers(void *argument) {
    (void)argument;
    int fd = must(timerfd_create(CLOCK_MONOTONIC, TFD_CLOEXEC));
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGRTMIN + 4};
    timer_t timer;
    must(timer_create(CLOCK_MONOTONIC, &event, &timer));
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGRTMIN + 4);
    while (!stop) {
        struct itimerspec once = {.it_value = {0, 3000000}};
        int64_t begun = now_ms();
        must(timerfd_settime(fd, 0, &once, NULL));
        must(timer_settime(timer, 0, &once, NULL));
        uint64_t expirations;
        waiting_for = "the timerfd";
        check_equal(8, must(read(fd, &expirations, 8)), "bytes from a timerfd");
        check_equal(1, expirations, "expirations of a timerfd");
        check(now_ms() - begun >= 2, "a timerfd was early");
        siginfo_t info;
        int number;
        waiting_for = "the signal of a timer";
        do {
            number = sigwaitinfo(&wanted, &info);
        } while (number == -1 && errno == EINTR);
        check_equal(SIGRTMIN + 4, number, "signal of a timer");
        check_equal(SI_TIMER, info.si_code, "code of a timer's signal");
        tick(2);
    }
    return NULL;
}

static void *forks(void *argument) {
    (void)argument;
    for (int i = 0; !stop; i++) {
        pid_t child = must(fork());
        if (child == 0) {
            uint64_t sum = 0;
            for (int step = 0; step < 20000; step++) {
                sum = sum * 31 + (uint64_t)step;
            }
            _exit(sum == 0 ? 99 : i % 90);
        }
        int status;
        pid_t collected;
        do {
            collected = waitpid(child, &status, 0);
        } while (collected == -1 && errno == EINTR);
        check_equal(child, collected, "collected child");
        check(WIFEXITED(status) && WEXITSTATUS(status) == i % 90, "child %d ended with 0x%x", i, status);
        tick(3);
        usleep(500);
    }
    return NULL;
}

static void *passes_on(void *argument) {
    (void)argument;
    uint64_t message;
    while (read(pipes[0][0], &message, 8) == 8) {
        message = message * 2 + 1;
        check_equal(8, must(write(pipes[1][1], &message, 8)), "bytes written to a pipe");
    }
    must(close(pipes[1][1]));
    return NULL;
}

static void *talks(void *argument) {
    (void)argument;
    for (uint64_t i = 0; !stop; i++) {
        check_equal(8, must(write(pipes[0][1], &i, 8)), "bytes written to a pipe");
        uint64_t answer;
        check_equal(8, must(read(pipes[1][0], &answer, 8)), "bytes read from a pipe");
        check_equal(i * 2 + 1, answer, "answer through a pipe");
        tick(4);
        if (i % 16 == 0) {
            usleep(200);
        }
    }
    must(close(pipes[0][1]));
    return NULL;
}

static void *maps(void *argument) {
    (void)argument;
    int fd = must(open("stress-file", O_RDWR | O_CREAT | O_CLOEXEC, 0600));
    must(ftruncate(fd, 16 * PAGE));
    for (uint64_t i = 0; !stop; i++) {
        char *anonymous = map(8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
        char *file = map_file(16 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
        pattern_write(anonymous, 8 * PAGE, i);
        pattern_write(file, 16 * PAGE, i + 7);
        must(mprotect(anonymous, PAGE, PROT_READ));
        check_pattern(anonymous, 8 * PAGE, i, "mapped memory");
        check_pattern(file, 16 * PAGE, i + 7, "mapped file");
        must(munmap(anonymous, 8 * PAGE));
        must(munmap(file, 16 * PAGE));
        tick(5);
        usleep(300);
    }
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    /* The threads want all processors, and so does the tool, which has four hundred runs to make. */
    must(nice(10));
    must(pipe(pipes[0]));
    must(pipe(pipes[1]));
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    must0(pthread_sigmask(SIG_BLOCK, &all, &before));
    static void *(*const bodies[])(void *) = {hashes, sends, arms_timers, forks, passes_on, talks, maps};
    pthread_t threads[COUNT(bodies)];
    must0(pthread_create(&receiver, NULL, receives, NULL));
    while (receiver_tid == 0) {
        sleep_ms(1);
    }
    for (size_t i = 0; i < COUNT(bodies); i++) {
        must0(pthread_create(&threads[i], NULL, bodies[i], NULL));
    }
    sigaddset(&before, SIGRTMIN + 3);
    sigaddset(&before, SIGRTMIN + 4);
    must0(pthread_sigmask(SIG_SETMASK, &before, NULL));
    test_ready();
    long seen[6] = {0};
    int64_t looked = now_ms();
    while (!test_stopping()) {
        sleep_ms(20);
        if (now_ms() - looked > 30000) {
            for (size_t i = 0; i < COUNT(seen); i++) {
                check(rounds[i] > seen[i], "worker %zu is stuck; timers wait for %s\n%s", i, waiting_for,
                        read_text("/proc/self/timers", NULL));
                seen[i] = rounds[i];
            }
            looked = now_ms();
        }
    }
    /* Each goes on after the last checkpoint, and ends. */
    long at_end[COUNT(seen)];
    memcpy(at_end, rounds, sizeof(at_end));
    int64_t limit = now_ms() + 30000;
    for (size_t i = 0; i < COUNT(seen); i++) {
        while (__atomic_load_n(&rounds[i], __ATOMIC_SEQ_CST) < at_end[i] + 2) {
            check(now_ms() < limit, "worker %zu does not go on", i);
            sleep_ms(1);
        }
    }
    stop = 1;
    must0(pthread_join(receiver, NULL));
    for (size_t i = 0; i < COUNT(bodies); i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
