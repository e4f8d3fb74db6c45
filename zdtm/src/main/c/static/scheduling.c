// SPDX-License-Identifier: Apache-2.0
/* Policies, priorities and nice values: each thread has its own. */
#include "zdtm.h"

#define THREADS 6

static int started;
static int gate;

static const struct {
    int policy;
    int priority;
    int nice;
} WANTED[THREADS] = {
    {SCHED_OTHER, 0, 7},           {SCHED_OTHER, 0, -5}, {SCHED_BATCH, 0, 3}, {SCHED_IDLE, 0, 0}, {SCHED_FIFO, 11, 0},
    {SCHED_RR | SCHED_RESET_ON_FORK, 22, 0},
};

static void verify(long number) {
    pid_t tid = gettid_raw();
    check_equal(WANTED[number].policy, must(syscall(SYS_sched_getscheduler, tid)), "policy");
    struct sched_param parameter;
    must(syscall(SYS_sched_getparam, tid, &parameter));
    check_equal(WANTED[number].priority, parameter.sched_priority, "priority");
    if (WANTED[number].policy == SCHED_OTHER || WANTED[number].policy == SCHED_BATCH) {
        check_equal(20 - WANTED[number].nice, must(syscall(SYS_getpriority, PRIO_PROCESS, tid)), "nice value");
    }
}

static void *body(void *argument) {
    long number = (long)argument;
    pid_t tid = gettid_raw();
    must(syscall(SYS_setpriority, PRIO_PROCESS, tid, WANTED[number].nice));
    struct sched_param parameter = {.sched_priority = WANTED[number].priority};
    must(syscall(SYS_sched_setscheduler, tid, WANTED[number].policy, &parameter));
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(10);
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
    check_equal(SCHED_OTHER, must(syscall(SYS_sched_getscheduler, 0)), "policy of the first thread");
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    for (int i = 0; i < THREADS; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
