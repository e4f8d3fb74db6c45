// SPDX-License-Identifier: Apache-2.0
/* A child has its parent's ring mapped, as memory: the context is the parent's alone, and its own is another. */
#include "zdtm.h"

#include <linux/aio_abi.h>

static aio_context_t inherited;

static void request(aio_context_t context, uint64_t data) {
    int fd = must(open("/dev/null", O_RDONLY));
    struct iocb request = {.aio_data = data, .aio_lio_opcode = IOCB_CMD_PREAD, .aio_fildes = (unsigned)fd};
    struct iocb *pointer = &request;
    check_equal(1, syscall(SYS_io_submit, context, 1, &pointer), "requests");
    must(close(fd));
}

static void expect(aio_context_t context, uint64_t data) {
    struct io_event event;
    struct timespec none = {0, 0};
    check_equal(1, syscall(SYS_io_getevents, context, 0, 1, &event, &none), "events");
    check_equal(data, event.data, "data of an event");
}

static int child(void *unused) {
    (void)unused;
    unsigned size = ((unsigned *)inherited)[1];
    aio_context_t own = 0;
    must(syscall(SYS_io_setup, 1, &own));
    request(own, 2);
    mark("child");
    test_wait();
    expect(own, 2);
    check_equal(size, ((unsigned *)inherited)[1], "size in the memory of the parent's ring");
    struct io_event event;
    check(syscall(SYS_io_getevents, inherited, 0, 1, &event, NULL) == -1, "the parent's context can be used");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    must(syscall(SYS_io_setup, 1, &inherited));
    request(inherited, 1);
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    test_ready();
    test_wait();
    expect(inherited, 1);
    request(inherited, 3);
    expect(inherited, 3);
    stop_child(pid);
    return test_pass();
}
