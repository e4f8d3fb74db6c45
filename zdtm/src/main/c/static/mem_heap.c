// SPDX-License-Identifier: Apache-2.0
/* Ten thousand heap blocks of all sizes; the allocator goes on afterwards, in all threads' arenas. */
#include "zdtm.h"

#define BLOCKS 10000

static int gate;
static int started;

static void work(uint64_t seed) {
    uint64_t **blocks = calloc(BLOCKS, sizeof(uint64_t *));
    size_t sizes[BLOCKS];
    for (int i = 0; i < BLOCKS; i++) {
        sizes[i] = (size_t)(i % 97 + 1) * 16 + (i % 1000 == 0 ? 300 * KIB : 0);
        blocks[i] = malloc(sizes[i]);
        pattern_write(blocks[i], sizes[i], seed + (uint64_t)i);
        if (i % 5 == 0 && i > 0) {
            free(blocks[i - 1]);
            blocks[i - 1] = NULL;
        }
    }
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(5);
    }
    for (int i = 0; i < BLOCKS; i++) {
        if (blocks[i] != NULL) {
            check_pattern(blocks[i], sizes[i], seed + (uint64_t)i, "heap block");
            blocks[i] = realloc(blocks[i], sizes[i] * 2);
            check_pattern(blocks[i], sizes[i], seed + (uint64_t)i, "grown heap block");
            free(blocks[i]);
        }
    }
    free(blocks);
}

static void *body(void *argument) {
    work((uint64_t)(long)argument);
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pthread_t threads[2];
    for (long i = 0; i < 2; i++) {
        must0(pthread_create(&threads[i], NULL, body, (void *)(1000000 * (i + 1))));
    }
    pthread_t main_worker;
    must0(pthread_create(&main_worker, NULL, body, NULL));
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < 3) {
        sleep_ms(1);
    }
    test_ready();
    test_wait();
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < 2; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    must0(pthread_join(main_worker, NULL));
    return test_pass();
}
