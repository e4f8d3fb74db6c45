// SPDX-License-Identifier: Apache-2.0
/*
 * Contexts of asynchronous I/O: events that were not read, rings that have been gone round, full rings, a second context
 * whose number in the kernel's table is not 0, a ring of many pages; the limit of requests counts what is unread.
 */
#include "zdtm.h"

#include <linux/aio_abi.h>

struct ring {
    unsigned id;
    unsigned size;
    unsigned head;
    unsigned tail;
    unsigned magic;
};

static int null_device;

static long submit(aio_context_t context, long count, uint64_t data) {
    struct iocb request = {.aio_data = data, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = (unsigned)null_device};
    for (long i = 0; i < count; i++) {
        struct iocb *pointer = &request;
        request.aio_data = data + (uint64_t)i;
        if (syscall(SYS_io_submit, context, 1, &pointer) != 1) {
            if (errno != EAGAIN) {
                fail("io_submit");
            }
            return i;
        }
    }
    return count;
}

static void expect(aio_context_t context, long count, uint64_t data) {
    for (long i = 0; i < count; i++) {
        struct io_event event;
        struct timespec none = {0, 0};
        check_equal(1, syscall(SYS_io_getevents, context, 0, 1, &event, &none), "events");
        check_equal(data + (uint64_t)i, event.data, "data of an event");
        check_equal(0, event.res, "result of an event");
    }
}

static void expect_none(aio_context_t context) {
    struct io_event event;
    struct timespec none = {0, 0};
    check_equal(0, syscall(SYS_io_getevents, context, 0, 1, &event, &none), "events");
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    null_device = must(open("/dev/null", O_RDONLY));
    aio_context_t gone = 0;
    aio_context_t empty = 0;
    aio_context_t wrapped = 0;
    aio_context_t full = 0;
    aio_context_t large = 0;
    must(syscall(SYS_io_setup, 1, &gone));
    must(syscall(SYS_io_setup, 1, &empty));
    must(syscall(SYS_io_setup, 60, &wrapped));
    must(syscall(SYS_io_setup, 1, &full));
    must(syscall(SYS_io_setup, 3000, &large));
    must(syscall(SYS_io_destroy, gone));

    struct ring *ring = (struct ring *)wrapped;
    for (unsigned i = 0; i < ring->size - 3; i++) {
        check_equal(1, submit(wrapped, 1, i), "requests");
        expect(wrapped, 1, i);
    }
    check_equal(10, submit(wrapped, 10, 1000), "requests");
    check(ring->tail < ring->head, "the ring did not wrap");
    struct ring wrapped_before = *ring;
    long most = submit(full, 1000000, 5000);
    check_equal(700, submit(large, 700, 100), "requests");
    expect(large, 600, 100);
    struct ring large_before = *(struct ring *)large;

    test_ready();
    test_wait();

    expect_none(empty);
    check_equal(1, submit(empty, 1, 1), "requests");
    expect(empty, 1, 1);

    check_equal(wrapped_before.head, ring->head, "head");
    check_equal(wrapped_before.tail, ring->tail, "tail");
    check_equal(wrapped_before.size, ring->size, "size");
    check_equal(5, submit(wrapped, 5, 1010), "requests");
    check_equal(wrapped_before.tail + 5, ring->tail, "tail after another five");
    expect(wrapped, 15, 1000);
    expect_none(wrapped);

    check_equal(0, submit(full, 1, 0), "requests beyond the limit");
    expect(full, most, 5000);
    expect_none(full);
    for (int round = 0; round < 3; round++) {
        check_equal(10, submit(full, 10, 1), "requests");
        expect(full, 10, 1);
    }

    check_equal(large_before.head, ((struct ring *)large)->head, "head");
    check_equal(large_before.tail, ((struct ring *)large)->tail, "tail");
    expect(large, 100, 700);
    check_equal(1500, submit(large, 1500, 1), "requests");
    expect(large, 1500, 1);

    must(syscall(SYS_io_destroy, wrapped));
    check(syscall(SYS_io_destroy, gone) == -1, "a context that was destroyed exists");
    return test_pass();
}
