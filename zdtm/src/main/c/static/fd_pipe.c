// SPDX-License-Identifier: Apache-2.0
/*
 * One pipe in one process. Argument: what is special about it.
 * Content, capacity, flags, order of bytes, packets and end-of-file are as before.
 */
#include "zdtm.h"

static int fds[2];
static char out[2 * MIB];
static char in[2 * MIB];

static void expect(size_t length, uint64_t seed) {
    pattern_write(in, length, seed);
    size_t got = 0;
    while (got < length) {
        ssize_t more = must(read(fds[0], out + got, length - got));
        check(more > 0, "the pipe ended after %zu bytes", got);
        got += (size_t)more;
    }
    check(memcmp(in, out, length) == 0, "the content is not what was written");
}

static void put(size_t length, uint64_t seed) {
    pattern_write(in, length, seed);
    check_equal(length, must(write(fds[1], in, length)), "bytes written");
}

static void empty_again(void) {
    must(fcntl(fds[0], F_SETFL, O_NONBLOCK));
    check(read(fds[0], out, 1) == -1 && errno == EAGAIN, "there is more in the pipe than was written");
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    const char *kind = test_arg(0);
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(kind, "empty") == 0) {
        must(pipe(fds));
        test_ready();
        test_wait();
        put(1000, 1);
        expect(1000, 1);
        empty_again();
    } else if (strcmp(kind, "data") == 0) {
        must(pipe(fds));
        for (uint64_t i = 0; i < 10; i++) {
            put(808, i);
        }
        test_ready();
        test_wait();
        put(808, 10);
        for (uint64_t i = 0; i < 11; i++) {
            expect(808, i);
        }
        empty_again();
    } else if (strcmp(kind, "size") == 0) {
        must(pipe(fds));
        check_equal(1 * MIB, must(fcntl(fds[1], F_SETPIPE_SZ, 1 * MIB)), "capacity");
        put(512 * KIB, 3);
        int small[2];
        must(pipe(small));
        check_equal(PAGE, must(fcntl(small[1], F_SETPIPE_SZ, PAGE)), "capacity");
        test_ready();
        test_wait();
        check_equal(1 * MIB, must(fcntl(fds[0], F_GETPIPE_SZ)), "capacity afterwards");
        check_equal(PAGE, must(fcntl(small[0], F_GETPIPE_SZ)), "small capacity afterwards");
        expect(512 * KIB, 3);
        empty_again();
    } else if (strcmp(kind, "full") == 0) {
        must(pipe(fds));
        put(64 * KIB, 4);
        test_ready();
        test_wait();
        must(fcntl(fds[1], F_SETFL, O_NONBLOCK));
        check(write(fds[1], in, 1) == -1 && errno == EAGAIN, "a full pipe takes more");
        expect(64 * KIB, 4);
        empty_again();
    } else if (strcmp(kind, "pieces") == 0) {
        /* Sixteen buffers hold sixteen small writes when each begins a page of its own. */
        must(pipe2(fds, O_DIRECT));
        for (uint64_t i = 0; i < 9; i++) {
            put(8 + 8 * i, i);
        }
        test_ready();
        test_wait();
        check_equal(O_DIRECT, must(fcntl(fds[1], F_GETFL)) & O_DIRECT, "packet mode of the writing end");
        put(8 + 8 * 9, 9);
        for (uint64_t i = 0; i < 10; i++) {
            /* One read gives one packet, however large the buffer. */
            ssize_t got = must(read(fds[0], out, sizeof(out)));
            check_equal(8 + 8 * i, got, "length of a packet");
            pattern_write(in, (size_t)got, i);
            check(memcmp(in, out, (size_t)got) == 0, "content of packet %lu", i);
        }
    } else if (strcmp(kind, "flags") == 0) {
        must(pipe2(fds, O_NONBLOCK | O_CLOEXEC));
        int other = must(dup(fds[0]));
        put(16, 5);
        test_ready();
        test_wait();
        check_equal(O_NONBLOCK | O_RDONLY, must(fcntl(fds[0], F_GETFL)) & (O_NONBLOCK | O_ACCMODE), "flags to read");
        check_equal(O_NONBLOCK | O_WRONLY, must(fcntl(fds[1], F_GETFL)) & (O_NONBLOCK | O_ACCMODE), "flags to write");
        check_equal(FD_CLOEXEC, must(fcntl(fds[0], F_GETFD)), "close-on-exec");
        check_equal(0, must(fcntl(other, F_GETFD)), "close-on-exec of the duplicate");
        expect(16, 5);
        check(read(other, out, 1) == -1 && errno == EAGAIN, "the duplicate is another pipe");
    } else if (strcmp(kind, "no_reader") == 0) {
        must(pipe(fds));
        put(100 * 8, 6);
        must(close(fds[0]));
        test_ready();
        test_wait();
        check(write(fds[1], "x", 1) == -1 && errno == EPIPE, "a pipe without reader takes more");
        struct pollfd writer = {.fd = fds[1], .events = POLLOUT};
        must(poll(&writer, 1, 0));
        check((writer.revents & POLLERR) != 0, "poll does not tell that there is no reader");
    } else if (strcmp(kind, "no_writer") == 0) {
        must(pipe(fds));
        put(100 * 8, 7);
        must(close(fds[1]));
        test_ready();
        test_wait();
        expect(100 * 8, 7);
        check_equal(0, must(read(fds[0], out, 1)), "read at the end");
    } else {
        fail("no kind of pipe is called %s", kind);
    }
    return test_pass();
}
