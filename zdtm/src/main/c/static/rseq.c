// SPDX-License-Identifier: Apache-2.0
/* Restartable sequences stay registered: the kernel goes on writing the number of the CPU into each thread's area. */
#include "zdtm.h"

#include <sys/rseq.h>

#define THREADS 3

static int started;
static int gate;

static void verify(void) {
    struct rseq *area = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
    cpu_set_t before;
    must(sched_getaffinity(0, sizeof(before), &before));
    for (int cpu = 0; cpu < CPU_SETSIZE; cpu++) {
        if (!CPU_ISSET(cpu, &before)) {
            continue;
        }
        cpu_set_t one;
        CPU_ZERO(&one);
        CPU_SET(cpu, &one);
        must(sched_setaffinity(0, sizeof(one), &one));
        check_equal(cpu, (int)*(volatile uint32_t *)&area->cpu_id, "cpu_id of the rseq area");
        check_equal(cpu, (int)*(volatile uint32_t *)&area->cpu_id_start, "cpu_id_start of the rseq area");
    }
    must(sched_setaffinity(0, sizeof(before), &before));
    /* A second registration at the same place is refused as such only while the first one holds. */
    check(syscall(SYS_rseq, area, 32, 0, RSEQ_SIG) == -1 && errno == EBUSY, "rseq is not registered");
}

static void *body(void *argument) {
    verify();
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(5);
    }
    verify();
    return argument;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    if (__rseq_size == 0) {
        test_skip("this libc does not register restartable sequences");
    }
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++) {
        must0(pthread_create(&threads[i], NULL, body, NULL));
    }
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < THREADS) {
        sleep_ms(1);
    }
    test_ready();
    test_wait();
    verify();
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < THREADS; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
