// SPDX-License-Identifier: Apache-2.0
/* Thread-local variables, errno, and both segment bases, in every thread. */
#include "zdtm.h"

#include <asm/prctl.h>

#define THREADS 4

static __thread long initialised = 4711;
static __thread long zeroed;
static __thread char wide[3000];
static int started;
static uint64_t gs_area[THREADS + 1][8];

static void set(long number) {
    initialised += number;
    zeroed = -number;
    memset(wide, (int)number + 1, sizeof(wide));
    gs_area[number][3] = (uint64_t)number * 1000003;
    must(syscall(SYS_arch_prctl, ARCH_SET_GS, &gs_area[number][0]));
}

static void verify(long number, unsigned long fs) {
    check_equal(4711 + number, initialised, "initialised thread-local variable");
    check_equal(-number, zeroed, "zeroed thread-local variable");
    for (size_t i = 0; i < sizeof(wide); i++) {
        check_equal(number + 1, wide[i], "wide thread-local variable");
    }
    unsigned long base;
    must(syscall(SYS_arch_prctl, ARCH_GET_FS, &base));
    check_equal(fs, base, "fs base");
    must(syscall(SYS_arch_prctl, ARCH_GET_GS, &base));
    check_equal((unsigned long)&gs_area[number][0], base, "gs base");
    uint64_t through_gs;
    asm volatile("movq %%gs:24, %0" : "=r"(through_gs));
    check_equal(number * 1000003, through_gs, "value read through gs");
}

static void *body(void *argument) {
    long number = (long)argument;
    unsigned long fs;
    must(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
    set(number);
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (!test_stopping()) {
        sleep_ms(5);
    }
    verify(number, fs);
    errno = (int)number + 100;
    check_equal(number + 100, errno, "errno");
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pthread_t threads[THREADS];
    unsigned long fs;
    must(syscall(SYS_arch_prctl, ARCH_GET_FS, &fs));
    set(THREADS);
    for (long i = 0; i < THREADS; i++) {
        must0(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < THREADS) {
        sleep_ms(1);
    }
    errno = ENOTEMPTY;
    test_ready();
    test_wait();
    verify(THREADS, fs);
    for (int i = 0; i < THREADS; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
