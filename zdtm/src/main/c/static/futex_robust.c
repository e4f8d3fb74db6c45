// SPDX-License-Identifier: Apache-2.0
/* A task that dies with robust mutexes tells the next owner: the kernel still knows its list. */
#include "zdtm.h"

#include <linux/futex.h>

static pthread_mutex_t *mutexes;

static int owner(void *argument) {
    (void)argument;
    void *head;
    size_t length;
    must(syscall(SYS_get_robust_list, 0, &head, &length));
    must0(pthread_mutex_lock(&mutexes[0]));
    must0(pthread_mutex_lock(&mutexes[1]));
    mark("owned");
    test_wait();
    void *head_after;
    size_t length_after;
    must(syscall(SYS_get_robust_list, 0, &head_after, &length_after));
    check_equal((long)head, (long)head_after, "robust list");
    check_equal(length, length_after, "length of the robust list's head");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    mutexes = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
    pthread_mutexattr_t attributes;
    must0(pthread_mutexattr_init(&attributes));
    must0(pthread_mutexattr_setpshared(&attributes, PTHREAD_PROCESS_SHARED));
    must0(pthread_mutexattr_setrobust(&attributes, PTHREAD_MUTEX_ROBUST));
    for (int i = 0; i < 2; i++) {
        must0(pthread_mutex_init(&mutexes[i], &attributes));
    }
    pid_t child = spawn(owner, NULL);
    await_mark("owned");
    test_ready();
    test_wait();
    check_equal(EBUSY, pthread_mutex_trylock(&mutexes[0]), "mutex of a living owner");
    stop_child(child);
    for (int i = 0; i < 2; i++) {
        check_equal(EOWNERDEAD, pthread_mutex_lock(&mutexes[i]), "mutex of a dead owner");
        must0(pthread_mutex_consistent(&mutexes[i]));
        must0(pthread_mutex_unlock(&mutexes[i]));
    }
    return test_pass();
}
