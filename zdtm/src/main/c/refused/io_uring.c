// SPDX-License-Identifier: Apache-2.0
/*
 * Holds a ring of asynchronous calls per argument, each in a state that cannot be saved, and tells its number. It must not
 * notice that somebody tried.
 */
#include "zdtm.h"

#include "ring.h"

#include <sys/eventfd.h>

#define REGISTER_EVENTFD 4
#define REGISTER_RESTRICTIONS 11
#define REGISTER_ENABLE_RINGS 12
#define REGISTER_PBUF_RING 22

static struct ring rings[16];

static void make(struct ring *ring, unsigned flags) { check(ring_make(ring, 8, flags), "no ring"); }

/* A request that waits until a byte is in the pipe. */
static void wait_for_byte(struct ring *ring, bool again) {
    int ends[2];
    must(pipe(ends));
    struct io_uring_sqe *request = ring_next(ring);
    request->opcode = IORING_OP_POLL_ADD;
    request->fd = ends[0];
    request->poll32_events = POLLIN;
    request->len = again ? IORING_POLL_ADD_MULTI : 0;
    ring_push(ring);
    ring_enter(ring, 1, 0);
}

static void sleep_long(struct ring *ring) {
    static struct timespec hour = {3600, 0};
    struct io_uring_sqe *request = ring_next(ring);
    request->opcode = IORING_OP_TIMEOUT;
    request->addr = (uint64_t)&hour;
    request->len = 1;
    ring_push(ring);
    ring_enter(ring, 1, 0);
}

static void provide_buffers(struct ring *ring) {
    struct {
        uint64_t address;
        uint32_t entries;
        uint16_t group;
        uint16_t reserved[13];
    } buffers = {.address = (uint64_t)map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE), .entries = 8, .group = 3};
    must(syscall(SYS_io_uring_register, ring->fd, REGISTER_PBUF_RING, &buffers, 1));
}

static void overflow(struct ring *ring) {
    for (unsigned i = 0; i < 3; i++) {
        ring_nops(ring, 8, i);
    }
}

static int open_kind(struct ring *ring, const char *kind) {
    if (strcmp(kind, "polling") == 0) {
        make(ring, IORING_SETUP_SQPOLL);
    } else if (strcmp(kind, "waiting") == 0) {
        make(ring, 0);
        wait_for_byte(ring, false);
    } else if (strcmp(kind, "waiting-again") == 0) {
        make(ring, 0);
        wait_for_byte(ring, true);
    } else if (strcmp(kind, "sleeping") == 0) {
        make(ring, 0);
        sleep_long(ring);
    } else if (strcmp(kind, "eventfd") == 0) {
        make(ring, 0);
        int fd = must(eventfd(0, 0));
        must(syscall(SYS_io_uring_register, ring->fd, REGISTER_EVENTFD, &fd, 1));
    } else if (strcmp(kind, "buffers") == 0) {
        make(ring, 0);
        provide_buffers(ring);
    } else if (strcmp(kind, "overflow") == 0) {
        make(ring, 0);
        overflow(ring);
    } else if (strcmp(kind, "disabled") == 0) {
        make(ring, IORING_SETUP_R_DISABLED);
    } else if (strcmp(kind, "restricted") == 0) {
        make(ring, IORING_SETUP_R_DISABLED);
        struct io_uring_restriction nothing[1] = {{.opcode = IORING_RESTRICTION_SQE_OP, .sqe_op = IORING_OP_NOP}};
        must(syscall(SYS_io_uring_register, ring->fd, REGISTER_RESTRICTIONS, nothing, 1));
        must(syscall(SYS_io_uring_register, ring->fd, REGISTER_ENABLE_RINGS, NULL, 0));
    } else if (strcmp(kind, "large-requests") == 0) {
        make(ring, 1U << 10 /* IORING_SETUP_SQE128 */);
        memset(ring->requests, 1, 1024);
    } else {
        fail("no kind is called %s", kind);
    }
    return ring->fd;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    for (int i = 0; test_arg(i) != NULL; i++) {
        test_tell(test_arg(i), open_kind(&rings[i], test_arg(i)));
    }
    test_ready();
    test_wait();
    for (int i = 0; test_arg(i) != NULL; i++) {
        if (strcmp(test_arg(i), "overflow") == 0) {
            for (unsigned round = 0; round < 2; round++) {
                ring_expect_nops(&rings[i], 8, round);
            }
        } else {
            check_equal(0, ring_ready(&rings[i]), "completions");
        }
    }
    return test_pass();
}
