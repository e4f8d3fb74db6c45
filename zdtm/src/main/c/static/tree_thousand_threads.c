// SPDX-License-Identifier: Apache-2.0
/* A thousand threads, each in its own wait, come back and can all be joined. */
#include "zdtm.h"

#include <linux/futex.h>

#define THREADS 1000

static int gate;
static int started;

static void *body(void *argument) {
    pid_t tid = gettid_raw();
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        syscall(SYS_futex, &gate, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    }
    check_equal(tid, gettid_raw(), "tid");
    return argument;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    static pthread_t threads[THREADS];
    pthread_attr_t small;
    must0(pthread_attr_init(&small));
    must0(pthread_attr_setstacksize(&small, 64 * KIB));
    for (long i = 0; i < THREADS; i++) {
        must0(pthread_create(&threads[i], &small, body, (void *)i));
    }
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < THREADS) {
        sleep_ms(2);
    }
    test_ready();
    test_wait();
    check_equal(THREADS + 1, proc_field("/proc/self/status", "Threads", 10), "number of threads");
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    must(syscall(SYS_futex, &gate, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0));
    for (long i = 0; i < THREADS; i++) {
        void *result;
        must0(pthread_join(threads[i], &result));
        check_equal(i, (long)result, "result of a thread");
    }
    return test_pass();
}
