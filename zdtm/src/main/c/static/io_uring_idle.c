// SPDX-License-Identifier: Apache-2.0
/*
 * Rings of asynchronous calls: unused, gone round many times, with completions that were not read and requests that were
 * not submitted, without an array of indexes, of one thread alone, shared with a child, with registered buffers and
 * files.
 */
#include "zdtm.h"

#include "ring.h"

#include <sys/uio.h>

static struct ring unused;
static struct ring wound;
static struct ring short_of_room;
static struct ring plain;
static struct ring shared;
static struct ring registered;
static struct ring owned;
static bool has_plain;
static bool has_owned;

static char *fixed;

/* Reads from registered file 0 into registered buffer 2. */
static void read_fixed(struct ring *ring) {
    memset(fixed, 0, 8192);
    struct io_uring_sqe *request = ring_next(ring);
    request->opcode = IORING_OP_READ_FIXED;
    request->flags = IOSQE_FIXED_FILE;
    request->fd = 0;
    request->addr = (uint64_t)fixed + 4096;
    request->len = 4096;
    request->buf_index = 2;
    request->user_data = 42;
    ring_push(ring);
    ring_enter(ring, 1, 1);
    struct io_uring_cqe completion;
    ring_take(ring, &completion);
    check_equal(42, completion.user_data, "data of a read");
    check_equal(4096, completion.res, "bytes of a read into a registered buffer");
    check_pattern(fixed + 4096, 4096, 7, "registered buffer");
}

static int child(void *unused_argument) {
    (void)unused_argument;
    mark("child");
    await_mark("parent is done");
    ring_expect_nops(&shared, 2, 600);
    ring_nops(&shared, 3, 700);
    ring_expect_nops(&shared, 3, 700);
    return 0;
}

static volatile bool owner_may_go_on;

static void *owner(void *unused_argument) {
    (void)unused_argument;
    has_owned = ring_make(&owned, 8, IORING_SETUP_SINGLE_ISSUER | IORING_SETUP_DEFER_TASKRUN);
    if (has_owned) {
        for (unsigned i = 0; i < 100; i++) {
            ring_nops(&owned, 5, i);
            ring_expect_nops(&owned, 5, i);
        }
        ring_nops(&owned, 3, 800);
    }
    mark("owner");
    while (!owner_may_go_on) {
        sleep_ms(5);
    }
    if (has_owned) {
        ring_expect_nops(&owned, 3, 800);
        for (unsigned i = 0; i < 100; i++) {
            ring_nops(&owned, 7, i);
            ring_expect_nops(&owned, 7, i);
        }
    }
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    check(ring_make(&unused, 4, 0), "no ring");
    check(ring_make(&wound, 8, 0), "no ring");
    check(ring_make(&short_of_room, 64, 0), "no ring");
    has_plain = ring_make(&plain, 16, IORING_SETUP_NO_SQARRAY);
    check(ring_make(&shared, 8, 0), "no ring");
    check(ring_make(&registered, 8, 0), "no ring");

    for (unsigned i = 0; i < 100000; i++) {
        ring_nops(&wound, 3, i);
        ring_expect_nops(&wound, 3, i);
    }
    /* Two completions that were read, one that was not, and a request that the kernel has not seen. */
    ring_nops(&wound, 3, 100);
    ring_expect_nops(&wound, 2, 100);
    ring_next(&wound)->user_data = 103;
    ring_push(&wound);
    unsigned wound_sq = *wound.sq_head;
    unsigned wound_cq = *wound.cq_tail;

    ring_nops(&short_of_room, 64, 0);
    ring_nops(&short_of_room, 64, 64);
    if (has_plain) {
        ring_nops(&plain, 10, 300);
        ring_expect_nops(&plain, 10, 300);
        ring_nops(&plain, 10, 310);
    }
    ring_nops(&shared, 2, 600);

    char *ordinary = map(8192, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    fixed = map(16384, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    pattern_write(ordinary, 8192, 7);
    int file = must(open("content", O_RDWR | O_CREAT, 0600));
    check_equal(8192, write(file, ordinary, 8192), "bytes written");
    struct iovec buffers[3] = {{ordinary, 8192}, {ordinary, 4096}, {fixed, 16384}};
    must(syscall(SYS_io_uring_register, registered.fd, 0 /* IORING_REGISTER_BUFFERS */, buffers, 3));
    int fds[3] = {file, -1, STDIN_FILENO};
    must(syscall(SYS_io_uring_register, registered.fd, 2 /* IORING_REGISTER_FILES */, fds, 3));
    read_fixed(&registered);

    pthread_t thread;
    must0(pthread_create(&thread, NULL, owner, NULL));
    await_mark("owner");
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    test_ready();
    test_wait();

    ring_nops(&unused, 4, 0);
    ring_expect_nops(&unused, 4, 0);

    check_equal(wound_sq, *wound.sq_head, "requests taken");
    check_equal(wound_cq, *wound.cq_tail, "completions");
    check_equal(1, ring_ready(&wound), "completions that were not read");
    ring_expect_nops(&wound, 1, 102);
    ring_enter(&wound, 1, 1);
    ring_expect_nops(&wound, 1, 103);
    for (unsigned i = 0; i < 100; i++) {
        ring_nops(&wound, 7, i);
        ring_expect_nops(&wound, 7, i);
    }
    check_equal(wound_sq + 701, *wound.sq_head, "requests taken in the end");

    check_equal(128, ring_ready(&short_of_room), "completions in a full ring");
    ring_expect_nops(&short_of_room, 128, 0);
    ring_nops(&short_of_room, 10, 5);
    ring_expect_nops(&short_of_room, 10, 5);
    if (has_plain) {
        ring_expect_nops(&plain, 10, 310);
        for (unsigned i = 0; i < 100; i++) {
            ring_nops(&plain, 11, i);
            ring_expect_nops(&plain, 11, i);
        }
    }
    read_fixed(&registered);
    owner_may_go_on = true;
    must0(pthread_join(thread, NULL));
    mark("parent is done");
    await_child(pid, 0);
    return test_pass();
}
