// SPDX-License-Identifier: Apache-2.0
/* Threads that share their filters can be given a further one all at once, before and after. */
#include "zdtm.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#define THREADS 4

static void forbid(int number, int error, unsigned flags) {
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = COUNT(code), .filter = code};
    check_equal(0, must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program)), "thread that stands aside");
}

static int error_of(long number) { return syscall(number, -1, -1, -1) == -1 ? errno : 0; }

static int started;
static int gate;

static void *body(void *argument) {
    (void)argument;
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(5);
    }
    check_equal(21, error_of(SYS_swapon), "error of the first filter");
    check_equal(22, error_of(SYS_swapoff), "error of the second filter");
    check_equal(23, error_of(SYS_acct), "error of the filter that came later");
    check_equal(1, must(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)), "no_new_privs");
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) {
        must0(pthread_create(&threads[i], NULL, body, NULL));
    }
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < THREADS) {
        sleep_ms(1);
    }
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    forbid(SYS_swapon, 21, SECCOMP_FILTER_FLAG_TSYNC);
    forbid(SYS_swapoff, 22, SECCOMP_FILTER_FLAG_TSYNC);
    test_ready();
    test_wait();
    forbid(SYS_acct, 23, SECCOMP_FILTER_FLAG_TSYNC);
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < THREADS; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
