// SPDX-License-Identifier: Apache-2.0
/* Mutex, condition variable and semaphore in shared memory go on working between parent and child. */
#include "zdtm.h"

#include <semaphore.h>

static struct shared {
    pthread_mutex_t mutex;
    pthread_cond_t changed;
    sem_t semaphore;
    int turn;
    int rounds;
} *shared;

static int child(void *argument) {
    (void)argument;
    must0(pthread_mutex_lock(&shared->mutex));
    mark("child");
    while (shared->turn != 1) {
        must0(pthread_cond_wait(&shared->changed, &shared->mutex));
    }
    shared->rounds++;
    must0(pthread_mutex_unlock(&shared->mutex));
    for (int i = 0; i < 100; i++) {
        while (sem_wait(&shared->semaphore) != 0) {
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    shared = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
    pthread_mutexattr_t mutex;
    must0(pthread_mutexattr_init(&mutex));
    must0(pthread_mutexattr_setpshared(&mutex, PTHREAD_PROCESS_SHARED));
    must0(pthread_mutex_init(&shared->mutex, &mutex));
    pthread_condattr_t condition;
    must0(pthread_condattr_init(&condition));
    must0(pthread_condattr_setpshared(&condition, PTHREAD_PROCESS_SHARED));
    must0(pthread_cond_init(&shared->changed, &condition));
    must(sem_init(&shared->semaphore, 1, 0));
    pid_t waiting = spawn(child, NULL);
    await_mark("child");
    await_blocked(waiting, SYS_futex);
    test_ready();
    test_wait();
    must0(pthread_mutex_lock(&shared->mutex));
    check_equal(0, shared->rounds, "the child waits");
    shared->turn = 1;
    must0(pthread_cond_signal(&shared->changed));
    must0(pthread_mutex_unlock(&shared->mutex));
    for (int i = 0; i < 100; i++) {
        must(sem_post(&shared->semaphore));
    }
    await_child(waiting, 0);
    check_equal(1, shared->rounds, "rounds of the child");
    return test_pass();
}
