// SPDX-License-Identifier: Apache-2.0
/*
 * Threads that read and write files around the page cache through rings of their own, with many requests in flight at any
 * time: none is lost. Every fourth request goes through a worker of the kernel.
 */
#include "zdtm.h"

#include "ring.h"

#define THREADS 3
#define REQUESTS 16
#define BLOCK 16384L

static void push(struct ring *ring, int fd, unsigned number, int opcode, char *block) {
    struct io_uring_sqe *request = ring_next(ring);
    request->opcode = (unsigned char)opcode;
    request->flags = number % 4 == 3 ? IOSQE_ASYNC : 0;
    request->fd = fd;
    request->off = number * BLOCK;
    request->addr = (uint64_t)block;
    request->len = BLOCK;
    request->user_data = number;
    ring_push(ring);
}

static void *work(void *argument) {
    long thread = (long)argument;
    char name[32];
    snprintf(name, sizeof(name), "direct-%ld", thread);
    int fd = open(name, O_RDWR | O_CREAT | O_DIRECT, 0600);
    if (fd == -1) {
        test_skip("this file system has no O_DIRECT");
    }
    must(fallocate(fd, 0, 0, REQUESTS * BLOCK));
    struct ring ring;
    check(ring_make(&ring, REQUESTS, thread == 0 ? IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN : 0)
                    || ring_make(&ring, REQUESTS, 0),
            "no ring");
    char *blocks[REQUESTS];
    uint64_t seeds[REQUESTS];
    bool writing[REQUESTS];
    for (unsigned i = 0; i < REQUESTS; i++) {
        blocks[i] = map(BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE);
        seeds[i] = (uint64_t)i;
        writing[i] = true;
        pattern_write(blocks[i], BLOCK, seeds[i]);
        push(&ring, fd, i, IORING_OP_WRITE, blocks[i]);
    }
    unsigned in_flight = REQUESTS;
    unsigned pushed = REQUESTS;
    mark("%ld", thread);
    while (in_flight > 0) {
        ring_enter(&ring, pushed, 1);
        pushed = 0;
        while (ring_ready(&ring) > 0) {
            struct io_uring_cqe completion;
            ring_take(&ring, &completion);
            unsigned number = (unsigned)completion.user_data;
            check_equal(BLOCK, completion.res, "bytes of a request");
            in_flight--;
            if (writing[number]) {
                memset(blocks[number], 0, BLOCK);
                writing[number] = false;
                push(&ring, fd, number, IORING_OP_READ, blocks[number]);
            } else {
                check_pattern(blocks[number], BLOCK, seeds[number], "block");
                if (test_stopping()) {
                    continue;
                }
                /* Now and then into memory that was never touched. */
                if (seeds[number] % 3 == 0) {
                    must(munmap(blocks[number], BLOCK));
                    blocks[number] = map(BLOCK, PROT_READ | PROT_WRITE, MAP_PRIVATE);
                }
                seeds[number] += REQUESTS;
                pattern_write(blocks[number], BLOCK, seeds[number]);
                writing[number] = true;
                push(&ring, fd, number, IORING_OP_WRITE, blocks[number]);
            }
            in_flight++;
            pushed++;
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++) {
        must0(pthread_create(&threads[i], NULL, work, (void *)i));
        await_mark("%ld", i);
    }
    test_ready();
    for (int i = 0; i < THREADS; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
