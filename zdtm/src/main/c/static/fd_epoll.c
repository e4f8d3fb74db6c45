// SPDX-License-Identifier: Apache-2.0
/* epoll: level, edge and one-shot, data, nested sets, a descriptor that is a duplicate. */
#include "zdtm.h"

#include <sys/epoll.h>
#include <sys/eventfd.h>

static int set;

static void add(int to, int fd, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data.u64 = data};
    must(epoll_ctl(to, EPOLL_CTL_ADD, fd, &event));
}

/* The events of the entry with this data; 0 if it is not ready. */
static uint32_t ready(uint64_t data) {
    struct epoll_event events[16];
    int count = must(epoll_wait(set, events, 16, 0));
    for (int i = 0; i < count; i++) {
        if (events[i].data.u64 == data) {
            return events[i].events;
        }
    }
    return 0;
}

static void raise_eventfd(int fd) {
    uint64_t one = 1;
    must(write(fd, &one, 8));
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    set = must(epoll_create1(EPOLL_CLOEXEC));
    int inner = must(epoll_create1(0));
    int level = must(eventfd(1, EFD_NONBLOCK));
    int edge = must(eventfd(0, EFD_NONBLOCK));
    int once = must(eventfd(0, EFD_NONBLOCK));
    int quiet = must(eventfd(0, EFD_NONBLOCK));
    int spent = must(eventfd(1, EFD_NONBLOCK));
    int nested = must(eventfd(0, EFD_NONBLOCK));
    int fds[2];
    must(pipe(fds));
    int duplicate = must(dup(fds[0]));
    add(set, level, EPOLLIN, 0x1111222233334444UL);
    add(set, edge, EPOLLIN | EPOLLET, 2);
    add(set, once, EPOLLIN | EPOLLONESHOT, 3);
    add(set, quiet, EPOLLIN | EPOLLPRI | EPOLLRDHUP, 4);
    add(set, spent, EPOLLIN | EPOLLONESHOT, 5);
    add(set, inner, EPOLLIN, 6);
    add(inner, nested, EPOLLIN, 60);
    add(set, duplicate, EPOLLIN, 7);
    add(set, fds[0], EPOLLIN, 8);
    add(set, fds[1], EPOLLOUT | EPOLLET, 9);
    check_equal(EPOLLIN, ready(5), "one-shot event before");
    check_equal(0, ready(5), "spent one-shot event before");
    test_ready();
    test_wait();
    check_equal(FD_CLOEXEC, must(fcntl(set, F_GETFD)), "close-on-exec");
    check_equal(EPOLLIN, ready(0x1111222233334444UL), "level-triggered entry");
    check_equal(EPOLLIN, ready(0x1111222233334444UL), "level-triggered entry, again");
    check_equal(0, ready(4), "entry that is not ready");
    check_equal(0, ready(5), "one-shot entry that is spent");
    check_equal(0, ready(6), "nested set that is not ready");
    raise_eventfd(edge);
    check_equal(EPOLLIN, ready(2), "edge-triggered entry");
    check_equal(0, ready(2), "edge-triggered entry, again");
    raise_eventfd(edge);
    check_equal(EPOLLIN, ready(2), "edge-triggered entry after another edge");
    raise_eventfd(once);
    check_equal(EPOLLIN, ready(3), "one-shot entry");
    check_equal(0, ready(3), "one-shot entry, again");
    struct epoll_event event = {.events = EPOLLIN | EPOLLONESHOT, .data.u64 = 55};
    must(epoll_ctl(set, EPOLL_CTL_MOD, spent, &event));
    check_equal(EPOLLIN, ready(55), "one-shot entry that was armed again");
    raise_eventfd(nested);
    check_equal(EPOLLIN, ready(6), "nested set");
    must(write(fds[1], "x", 1));
    check_equal(EPOLLIN, ready(7), "entry of the duplicate");
    check_equal(EPOLLIN, ready(8), "entry of the pipe");
    check(epoll_ctl(set, EPOLL_CTL_ADD, level, &event) == -1 && errno == EEXIST, "an entry has vanished");
    must(epoll_ctl(set, EPOLL_CTL_DEL, level, NULL));
    check_equal(0, ready(0x1111222233334444UL), "entry that was removed");
    return test_pass();
}
