// SPDX-License-Identifier: Apache-2.0
/* Threads whose credentials differ: glibc keeps them alike, the kernel does not. */
#include "zdtm.h"

#define THREADS 4

static int started;
static int gate;

static void verify(long number) {
    uid_t ids[3];
    must(syscall(SYS_getresuid, &ids[0], &ids[1], &ids[2]));
    check_equal(0, ids[0], "real uid");
    check_equal(5000 + number, ids[1], "effective uid");
    check_equal(0, ids[2], "saved uid");
    gid_t groups[4];
    check_equal(1, must(syscall(SYS_getgroups, 4, groups)), "number of groups");
    check_equal(6000 + number, groups[0], "supplementary group");
}

static void *body(void *argument) {
    long number = (long)argument;
    gid_t group = 6000 + (gid_t)number;
    must(syscall(SYS_setgroups, 1, &group));
    must(syscall(SYS_setresuid, -1, 5000 + number, -1));
    verify(number);
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
    check_equal(0, geteuid(), "effective uid of the first thread");
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < THREADS; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
