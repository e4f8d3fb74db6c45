// SPDX-License-Identifier: Apache-2.0
/* Rings of io_uring_setup(2), without liburing. */
#ifndef RING_H
#define RING_H

#include <linux/io_uring.h>
#include <stdbool.h>
#include <stdint.h>

#ifndef IORING_SETUP_NO_SQARRAY
#define IORING_SETUP_NO_SQARRAY (1U << 16)
#endif
#ifndef IORING_SETUP_SINGLE_ISSUER
#define IORING_SETUP_SINGLE_ISSUER (1U << 12)
#endif
#ifndef IORING_SETUP_DEFER_TASKRUN
#define IORING_SETUP_DEFER_TASKRUN (1U << 13)
#endif

struct ring {
    int fd;
    /* What io_uring_enter is called with: fd, or an index with IORING_ENTER_REGISTERED_RING. */
    int enter_fd;
    unsigned enter_flags;
    unsigned sq_entries;
    unsigned cq_entries;
    volatile unsigned *sq_head;
    volatile unsigned *sq_tail;
    unsigned *sq_array;
    volatile unsigned *cq_head;
    volatile unsigned *cq_tail;
    struct io_uring_sqe *requests;
    struct io_uring_cqe *completions;
};

/* False if this kernel does not know the flags. Skips the test if it allows no rings at all. */
bool ring_make(struct ring *ring, unsigned entries, unsigned flags);

/* The next free request, zeroed; counted at ring_push. */
struct io_uring_sqe *ring_next(struct ring *ring);
void ring_push(struct ring *ring);

/* Has the kernel take count requests and waits for some completions. */
void ring_enter(struct ring *ring, unsigned count, unsigned wait_for);

/* Pushes and enters count requests that do nothing, with data, data + 1, ... */
void ring_nops(struct ring *ring, unsigned count, uint64_t data);

/* How many completions are there. */
unsigned ring_ready(struct ring *ring);

/* Takes the next completion, which must be there. */
void ring_take(struct ring *ring, struct io_uring_cqe *completion);

/* Takes count completions of requests that do nothing. */
void ring_expect_nops(struct ring *ring, unsigned count, uint64_t data);

#endif
