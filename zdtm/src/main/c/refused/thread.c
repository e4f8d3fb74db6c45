// SPDX-License-Identifier: Apache-2.0
/* Tells the number of a thread that is not the first one. */
#include "zdtm.h"

static volatile pid_t tid;

static void *body(void *argument) {
    tid = gettid_raw();
    test_wait();
    return argument;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pthread_t thread;
    must0(pthread_create(&thread, NULL, body, NULL));
    while (tid == 0) {
        sleep_ms(1);
    }
    test_tell("thread", tid);
    test_ready();
    test_wait();
    must0(pthread_join(thread, NULL));
    return test_pass();
}
