// SPDX-License-Identifier: Apache-2.0
/* Reads and writes a file around the page cache, with many requests in flight at any time: none is lost. */
#include "zdtm.h"

#include <linux/aio_abi.h>

#define REQUESTS 32
#define BLOCK 65536L

static char *blocks[REQUESTS];
static struct iocb requests[REQUESTS];

static void submit(aio_context_t context, int fd, int number, int opcode) {
    requests[number] = (struct iocb){
        .aio_data = (uint64_t)number,
        .aio_lio_opcode = (unsigned short)opcode,
        .aio_fildes = (unsigned)fd,
        .aio_buf = (uint64_t)blocks[number],
        .aio_nbytes = BLOCK,
        .aio_offset = number * BLOCK,
    };
    struct iocb *pointer = &requests[number];
    must(syscall(SYS_io_submit, context, 1, &pointer));
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    int fd = open("direct", O_RDWR | O_CREAT | O_DIRECT, 0600);
    if (fd == -1) {
        test_skip("this file system has no O_DIRECT");
    }
    must(fallocate(fd, 0, 0, REQUESTS * BLOCK));
    uint64_t seeds[REQUESTS];
    bool writing[REQUESTS];
    aio_context_t context = 0;
    must(syscall(SYS_io_setup, REQUESTS, &context));
    for (int i = 0; i < REQUESTS; i++) {
        blocks[i] = map(BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE);
        seeds[i] = (uint64_t)i;
        writing[i] = true;
        pattern_write(blocks[i], BLOCK, seeds[i]);
        submit(context, fd, i, IOCB_CMD_PWRITE);
    }
    test_ready();
    int in_flight = REQUESTS;
    while (in_flight > 0) {
        struct io_event event;
        struct timespec limit = {20, 0};
        long got = syscall(SYS_io_getevents, context, 1, 1, &event, &limit);
        if (got == -1 && errno == EINTR) {
            continue;
        }
        check_equal(1, got, "events within 20 s");
        check_equal(BLOCK, event.res, "bytes of a request");
        int number = (int)event.data;
        in_flight--;
        if (writing[number]) {
            memset(blocks[number], 0, BLOCK);
            writing[number] = false;
            submit(context, fd, number, IOCB_CMD_PREAD);
            in_flight++;
            continue;
        }
        check_pattern(blocks[number], BLOCK, seeds[number], "block");
        if (!test_stopping()) {
            seeds[number] += REQUESTS;
            pattern_write(blocks[number], BLOCK, seeds[number]);
            writing[number] = true;
            submit(context, fd, number, IOCB_CMD_PWRITE);
            in_flight++;
        }
    }
    return test_pass();
}
