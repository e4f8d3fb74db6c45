// SPDX-License-Identifier: Apache-2.0
/* Threads that know the process's ring by indexes of their own (IORING_REGISTER_RING_FDS). */
#include "zdtm.h"

#include "ring.h"

#define REGISTER_RING_FDS 20
#define ENTER_REGISTERED_RING (1U << 4)

static struct ring ring;
static struct ring by_index[2];
static volatile bool may_go_on;

static void register_ring(long thread, unsigned index) {
    struct io_uring_rsrc_update update = {.offset = index, .data = (uint64_t)ring.fd};
    if (syscall(SYS_io_uring_register, ring.fd, REGISTER_RING_FDS, &update, 1) != 1) {
        test_skip("this kernel knows no rings by index");
    }
    by_index[thread] = ring;
    by_index[thread].enter_fd = (int)index;
    by_index[thread].enter_flags = ENTER_REGISTERED_RING;
}

static void *work(void *unused) {
    (void)unused;
    register_ring(1, 11);
    mark("thread");
    while (!may_go_on) {
        sleep_ms(5);
    }
    ring_nops(&by_index[1], 3, 30);
    ring_expect_nops(&by_index[1], 3, 30);
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    check(ring_make(&ring, 8, 0), "no ring");
    register_ring(0, 2);
    ring_nops(&by_index[0], 3, 10);
    pthread_t thread;
    must0(pthread_create(&thread, NULL, work, NULL));
    await_mark("thread");
    test_ready();
    test_wait();
    ring_expect_nops(&by_index[0], 3, 10);
    ring_nops(&by_index[0], 3, 20);
    ring_expect_nops(&by_index[0], 3, 20);
    may_go_on = true;
    must0(pthread_join(thread, NULL));
    check(syscall(SYS_io_uring_enter, 3, 0, 0, ENTER_REGISTERED_RING, NULL, 0) == -1, "a ring at another index");
    return test_pass();
}
