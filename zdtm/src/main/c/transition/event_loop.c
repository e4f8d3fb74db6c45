// SPDX-License-Identifier: Apache-2.0
/* An event loop as servers have it: epoll over timerfd, eventfd, signalfd and pipe, with a thread that feeds it. */
#include "zdtm.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <sys/timerfd.h>

static int counter;
static int feed[2];
static volatile int stop_feeding;
static long fed;

static void *feeder(void *argument) {
    (void)argument;
    for (uint32_t i = 0; !stop_feeding; i++) {
        uint64_t one = 1;
        must(write(counter, &one, 8));
        must(write(feed[1], &i, sizeof(i)));
        must(kill(getpid(), SIGUSR2));
        __atomic_add_fetch(&fed, 1, __ATOMIC_SEQ_CST);
        usleep(500);
    }
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGUSR2);
    must0(pthread_sigmask(SIG_BLOCK, &set, NULL));
    int signals = must(signalfd(-1, &set, SFD_NONBLOCK | SFD_CLOEXEC));
    int timer = must(timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK));
    struct itimerspec period = {{0, 3000000}, {0, 3000000}};
    must(timerfd_settime(timer, 0, &period, NULL));
    counter = must(eventfd(0, EFD_NONBLOCK));
    must(pipe2(feed, O_NONBLOCK));
    must(fcntl(feed[1], F_SETFL, 0));
    int epoll = must(epoll_create1(0));
    int fds[] = {signals, timer, counter, feed[0]};
    for (uint32_t i = 0; i < COUNT(fds); i++) {
        struct epoll_event event = {.events = EPOLLIN | (i == 3 ? EPOLLET : 0), .data.u32 = i};
        must(epoll_ctl(epoll, EPOLL_CTL_ADD, fds[i], &event));
    }
    pthread_t thread;
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    must0(pthread_sigmask(SIG_BLOCK, &term, NULL));
    must0(pthread_create(&thread, NULL, feeder, NULL));
    must0(pthread_sigmask(SIG_UNBLOCK, &term, NULL));
    uint64_t counted = 0;
    uint64_t ticks = 0;
    uint64_t caught = 0;
    uint32_t next = 0;
    bool ready = false;
    int64_t stop_at = 0;
    while (stop_at == 0 || now_ms() < stop_at) {
        struct epoll_event events[8];
        int count = epoll_wait(epoll, events, 8, 1000);
        /* EINTR: Linux ends epoll_wait when a task is stopped and continued, and at SIGTERM. */
        check(count != 0, "no event in a second");
        for (int i = 0; i < count; i++) {
            uint64_t value;
            uint32_t number;
            struct signalfd_siginfo info;
            switch (events[i].data.u32) {
                case 0:
                    while (read(signals, &info, sizeof(info)) == sizeof(info)) {
                        check_equal(SIGUSR2, info.ssi_signo, "signal");
                        caught++;
                    }
                    break;
                case 1:
                    ticks += read(timer, &value, 8) == 8 ? value : 0;
                    break;
                case 2:
                    counted += read(counter, &value, 8) == 8 ? value : 0;
                    break;
                default:
                    while (read(feed[0], &number, sizeof(number)) == sizeof(number)) {
                        check_equal(next, number, "number in the pipe");
                        next++;
                    }
                    break;
            }
        }
        if (!ready && next > 50 && ticks > 10) {
            ready = true;
            test_ready();
        }
        if (test_stopping() && !stop_feeding) {
            stop_feeding = 1;
            must0(pthread_join(thread, NULL));
            stop_at = now_ms() + 30;
        }
    }
    check_equal(fed, counted, "units of the eventfd");
    check_equal(fed, next, "numbers of the pipe");
    check(caught > 0 && caught <= (uint64_t)fed, "%lu signals of %ld", caught, fed);
    return test_pass();
}
