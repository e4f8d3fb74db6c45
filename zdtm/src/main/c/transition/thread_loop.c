// SPDX-License-Identifier: Apache-2.0
/* Threads that are made, do a little and are joined, by several threads at once, all the time. */
#include "zdtm.h"

#define MAKERS 3

static long made;

static void *little(void *argument) {
    volatile long sum = 0;
    for (long i = 0; i < 1000; i++) {
        sum += i * (long)argument;
    }
    return (void *)sum;
}

static void *maker(void *argument) {
    long number = (long)argument;
    while (!test_stopping()) {
        pthread_t threads[4];
        for (long i = 0; i < 4; i++) {
            must0(pthread_create(&threads[i], NULL, little, (void *)(number + i)));
        }
        for (long i = 0; i < 4; i++) {
            void *result;
            must0(pthread_join(threads[i], &result));
            check_equal(499500 * (number + i), (long)result, "result of a thread");
            __atomic_add_fetch(&made, 1, __ATOMIC_SEQ_CST);
        }
        usleep(200);
    }
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pthread_t makers[MAKERS];
    for (long i = 0; i < MAKERS; i++) {
        must0(pthread_create(&makers[i], NULL, maker, (void *)i));
    }
    while (__atomic_load_n(&made, __ATOMIC_SEQ_CST) < 50) {
        sleep_ms(1);
    }
    test_ready();
    test_wait();
    for (int i = 0; i < MAKERS; i++) {
        must0(pthread_join(makers[i], NULL));
    }
    check_equal(1, proc_field("/proc/self/status", "Threads", 10), "threads at the end");
    return test_pass();
}
