// SPDX-License-Identifier: Apache-2.0
/* Four processes in a ring pass blocks on through pipes; every block comes back unchanged and in its turn. */
#include "zdtm.h"

#define RING 4
#define BLOCK 12000

static int pipes[RING][2];

static void transfer(int fd, char *block, bool out) {
    size_t done = 0;
    while (done < BLOCK) {
        ssize_t some = out ? write(fd, block + done, BLOCK - done) : read(fd, block + done, BLOCK - done);
        if (some == -1 && errno == EINTR) {
            continue;
        }
        if (some == 0 && done == 0) {
            _exit(0);
        }
        check(some > 0, "%s of a pipe in the ring after %zu bytes", out ? "write" : "read", done);
        done += (size_t)some;
    }
}

static int link_of_ring(void *argument) {
    long number = (long)argument;
    /* SIGTERM goes to the first process alone; the others end when their pipe does. */
    for (int i = 0; i < RING; i++) {
        if (i != number) {
            must(close(pipes[i][0]));
        }
        if (i != (number + 1) % RING) {
            must(close(pipes[i][1]));
        }
    }
    char block[BLOCK];
    for (;;) {
        transfer(pipes[number][0], block, false);
        transfer(pipes[(number + 1) % RING][1], block, true);
    }
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    signal(SIGPIPE, SIG_IGN);
    for (int i = 0; i < RING; i++) {
        must(pipe(pipes[i]));
    }
    pid_t children[RING];
    for (long i = 1; i < RING; i++) {
        children[i] = spawn(link_of_ring, (void *)i);
    }
    for (int i = 0; i < RING; i++) {
        if (i != 0) {
            must(close(pipes[i][0]));
        }
        if (i != 1) {
            must(close(pipes[i][1]));
        }
    }
    char block[BLOCK];
    uint64_t sent = 0;
    uint64_t received = 0;
    while (!test_stopping()) {
        /* Two blocks are under way at any time. */
        while (sent < received + 2) {
            pattern_write(block, BLOCK, sent++);
            transfer(pipes[1][1], block, true);
        }
        transfer(pipes[0][0], block, false);
        check_pattern(block, BLOCK, received, "block that came back");
        if (++received == 20) {
            test_ready();
        }
    }
    must(close(pipes[1][1]));
    while (received < sent) {
        transfer(pipes[0][0], block, false);
        check_pattern(block, BLOCK, received, "last block that came back");
        received++;
    }
    for (int i = 1; i < RING; i++) {
        await_child(children[i], 0);
    }
    return test_pass();
}
