// SPDX-License-Identifier: Apache-2.0
/* A process and a thread in strict mode: they may read, write and end, and nothing else, before and after. */
#include "zdtm.h"

#include <linux/seccomp.h>

static int ask[2];
static int answer[2];

/* Echoes bytes; 'x' makes it try something that is forbidden. Returns into no library: nothing else is allowed. */
static void __attribute__((noreturn)) echo(int from, int to) {
    for (;;) {
        char byte;
        if (syscall(SYS_read, from, &byte, 1) != 1) {
            syscall(SYS_exit, 7);
        }
        if (byte == 'x') {
            syscall(SYS_getpid);
        }
        syscall(SYS_write, to, &byte, 1);
    }
}

static int thread_ask[2];
static int thread_answer[2];

static void *body(void *argument) {
    (void)argument;
    must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
    echo(thread_ask[0], thread_answer[1]);
}

static void expect_echo(int to, int from, char byte) {
    char back = 0;
    check_equal(1, write(to, &byte, 1), "bytes written");
    check_equal(1, read(from, &back, 1), "bytes read");
    check_equal(byte, back, "echo");
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    must(pipe(ask));
    must(pipe(answer));
    must(pipe(thread_ask));
    must(pipe(thread_answer));
    pid_t child = must(fork());
    if (child == 0) {
        must(prctl(PR_SET_SECCOMP, SECCOMP_MODE_STRICT));
        echo(ask[0], answer[1]);
    }
    pthread_t thread;
    must0(pthread_create(&thread, NULL, body, NULL));
    expect_echo(ask[1], answer[0], 'a');
    expect_echo(thread_ask[1], thread_answer[0], 'b');
    test_ready();
    test_wait();
    check_equal(0, prctl(PR_GET_SECCOMP), "mode of the first thread");
    expect_echo(ask[1], answer[0], 'c');
    expect_echo(thread_ask[1], thread_answer[0], 'd');
    must(write(ask[1], "x", 1));
    int status;
    must(waitpid(child, &status, 0));
    check(WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL, "the child ended with wait status 0x%x", status);
    return test_pass();
}
