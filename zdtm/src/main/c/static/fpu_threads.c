// SPDX-License-Identifier: Apache-2.0
/* Busy threads keep their vector registers apart from each other. */
#include "vector.h"

#define THREADS 4

static enum vector_width width;
static int started;

static void *body(void *argument) {
    long number = (long)argument;
    struct vector_state in;
    struct vector_state out;
    vector_fill(&in, (uint64_t)number * 31 + 2);
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    vector_spin(width, &in, &out, &test_stop_flag);
    vector_check(width, &in, &out);
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    width = vector_offered(AVX512) ? AVX512 : vector_offered(AVX) ? AVX : SSE;
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++) {
        must0(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < THREADS) {
        sleep_ms(1);
    }
    test_ready();
    test_wait();
    for (int i = 0; i < THREADS; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
