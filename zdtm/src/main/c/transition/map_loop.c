// SPDX-License-Identifier: Apache-2.0
/* Threads that map, protect, move, split and unmap memory while its content is checked. */
#include "zdtm.h"

#define THREADS 3

static long rounds;

static void *body(void *argument) {
    uint64_t seed = (uint64_t)(long)argument << 32;
    while (!test_stopping()) {
        size_t pages = seed % 60 + 4;
        char *area = map(pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
        pattern_write(area, pages * PAGE, seed);
        must(mprotect(area, pages / 2 * PAGE, PROT_READ));
        check_pattern(area, pages * PAGE, seed, "area");
        must(mprotect(area, pages / 2 * PAGE, PROT_READ | PROT_WRITE));
        char *moved = mremap(area, pages * PAGE, pages * PAGE * 2, MREMAP_MAYMOVE);
        check(moved != MAP_FAILED, "mremap");
        check_pattern(moved, pages * PAGE, seed, "moved area");
        must(munmap(moved + PAGE, PAGE));
        check_pattern(moved, PAGE, seed, "first page");
        must(munmap(moved, pages * PAGE * 2));
        seed++;
        __atomic_add_fetch(&rounds, 1, __ATOMIC_SEQ_CST);
    }
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++) {
        must0(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    while (__atomic_load_n(&rounds, __ATOMIC_SEQ_CST) < 50) {
        sleep_ms(1);
    }
    test_ready();
    test_wait();
    for (int i = 0; i < THREADS; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
