// SPDX-License-Identifier: Apache-2.0
/* Threads keep tids, names, their order of events and can be joined, also from another thread. */
#include "zdtm.h"

#define THREADS 16

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t changed = PTHREAD_COND_INITIALIZER;
static int started;
static int go;
static pid_t tids[THREADS];

static void *body(void *argument) {
    long number = (long)argument;
    char name[16];
    snprintf(name, sizeof(name), "worker (%ld) %s", number, number % 2 == 0 ? "e" : "odd");
    must(prctl(PR_SET_NAME, name));
    pid_t tid = gettid_raw();
    must0(pthread_mutex_lock(&lock));
    tids[number] = tid;
    started++;
    must0(pthread_cond_broadcast(&changed));
    while (!go) {
        must0(pthread_cond_wait(&changed, &lock));
    }
    must0(pthread_mutex_unlock(&lock));
    char after[16];
    must(prctl(PR_GET_NAME, after));
    check(strcmp(name, after) == 0, "thread name is '%s' instead of '%s'", after, name);
    check_equal(tid, gettid_raw(), "tid");
    return (void *)(number * 3);
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pthread_t threads[THREADS];
    for (long i = 0; i < THREADS; i++) {
        must0(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    must0(pthread_mutex_lock(&lock));
    while (started < THREADS) {
        must0(pthread_cond_wait(&changed, &lock));
    }
    must0(pthread_mutex_unlock(&lock));
    test_ready();
    test_wait();
    for (int i = 0; i < THREADS; i++) {
        /* Signal 0 finds the thread by its tid, so the kernel still knows it by that number. */
        must(syscall(SYS_tgkill, getpid(), tids[i], 0));
    }
    must0(pthread_mutex_lock(&lock));
    go = 1;
    must0(pthread_cond_broadcast(&changed));
    must0(pthread_mutex_unlock(&lock));
    for (long i = 0; i < THREADS; i++) {
        void *result;
        must0(pthread_join(threads[i], &result));
        check_equal(i * 3, (long)result, "result of a thread");
    }
    return test_pass();
}
