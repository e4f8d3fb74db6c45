// SPDX-License-Identifier: Apache-2.0
#include "ring.h"

#include "zdtm.h"

#define ENTER_GETEVENTS 1U

bool ring_make(struct ring *ring, unsigned entries, unsigned flags) {
    struct io_uring_params params = {.flags = flags};
    int fd = (int)syscall(SYS_io_uring_setup, entries, &params);
    if (fd == -1) {
        if (errno == ENOSYS || errno == EPERM) {
            test_skip("this system does not allow io_uring");
        }
        if (errno == EINVAL) {
            return false;
        }
        fail("io_uring_setup");
    }
    size_t rings = params.cq_off.cqes + params.cq_entries * sizeof(struct io_uring_cqe);
    bool has_array = (flags & IORING_SETUP_NO_SQARRAY) == 0;
    if (has_array && params.sq_off.array + params.sq_entries * sizeof(unsigned) > rings) {
        rings = params.sq_off.array + params.sq_entries * sizeof(unsigned);
    }
    char *at = map_file(rings, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQ_RING);
    *ring = (struct ring){
        .fd = fd,
        .enter_fd = fd,
        .sq_entries = params.sq_entries,
        .cq_entries = params.cq_entries,
        .sq_head = (unsigned *)(at + params.sq_off.head),
        .sq_tail = (unsigned *)(at + params.sq_off.tail),
        .sq_array = has_array ? (unsigned *)(at + params.sq_off.array) : NULL,
        .cq_head = (unsigned *)(at + params.cq_off.head),
        .cq_tail = (unsigned *)(at + params.cq_off.tail),
        .requests = map_file(params.sq_entries * sizeof(struct io_uring_sqe), PROT_READ | PROT_WRITE,
                MAP_SHARED | MAP_POPULATE, fd, IORING_OFF_SQES),
        .completions = (struct io_uring_cqe *)(at + params.cq_off.cqes),
    };
    return true;
}

struct io_uring_sqe *ring_next(struct ring *ring) {
    struct io_uring_sqe *request = &ring->requests[*ring->sq_tail & (ring->sq_entries - 1)];
    memset(request, 0, sizeof(*request));
    return request;
}

void ring_push(struct ring *ring) {
    unsigned tail = *ring->sq_tail;
    if (ring->sq_array != NULL) {
        ring->sq_array[tail & (ring->sq_entries - 1)] = tail & (ring->sq_entries - 1);
    }
    __atomic_store_n(ring->sq_tail, tail + 1, __ATOMIC_RELEASE);
}

void ring_enter(struct ring *ring, unsigned count, unsigned wait_for) {
    for (;;) {
        long taken = syscall(SYS_io_uring_enter, ring->enter_fd, count, wait_for, ENTER_GETEVENTS | ring->enter_flags, NULL, 0);
        if (taken == -1 && errno == EINTR) {
            continue;
        }
        check_equal(count, taken, "requests that were taken");
        return;
    }
}

void ring_nops(struct ring *ring, unsigned count, uint64_t data) {
    for (unsigned i = 0; i < count; i++) {
        ring_next(ring)->user_data = data + i;
        ring_push(ring);
    }
    ring_enter(ring, count, 0);
}

unsigned ring_ready(struct ring *ring) { return __atomic_load_n(ring->cq_tail, __ATOMIC_ACQUIRE) - *ring->cq_head; }

void ring_take(struct ring *ring, struct io_uring_cqe *completion) {
    check(ring_ready(ring) > 0, "no completion in the ring");
    *completion = ring->completions[*ring->cq_head & (ring->cq_entries - 1)];
    __atomic_store_n(ring->cq_head, *ring->cq_head + 1, __ATOMIC_RELEASE);
}

void ring_expect_nops(struct ring *ring, unsigned count, uint64_t data) {
    for (unsigned i = 0; i < count; i++) {
        struct io_uring_cqe completion;
        ring_take(ring, &completion);
        check_equal(data + i, completion.user_data, "data of a completion");
        check_equal(0, completion.res, "result of a request that does nothing");
    }
}
