// SPDX-License-Identifier: Apache-2.0
/* Each thread has its own set of blocked signals, real-time signals included. */
#include "zdtm.h"

#define THREADS 8

static int started;
static int gate;

static uint64_t mask_of(long number) {
    uint64_t mask = 0x8040201008040201UL << number;
    mask |= 0xf0f0000000000000UL >> number;
    /* SIGKILL and SIGSTOP cannot be blocked, 32 and 33 are glibc's own; SIGTERM goes to the main thread. */
    mask &= ~(1UL << (SIGKILL - 1) | 1UL << (SIGSTOP - 1) | 3UL << 31);
    return mask | 1UL << (SIGTERM - 1);
}

static void verify(long number) {
    uint64_t mask;
    must(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8));
    check_equal(mask_of(number), mask, "blocked signals");
}

static void *body(void *argument) {
    long number = (long)argument;
    uint64_t mask = mask_of(number);
    must(syscall(SYS_rt_sigprocmask, SIG_SETMASK, &mask, NULL, 8));
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(5);
    }
    verify(number);
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++) {
        must0(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < THREADS) {
        sleep_ms(1);
    }
    test_ready();
    test_wait();
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < THREADS; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    uint64_t mask;
    must(syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &mask, 8));
    check_equal(0, mask, "blocked signals of the first thread");
    return test_pass();
}
