// SPDX-License-Identifier: Apache-2.0
/* Alternate signal stacks: one that is set, one that is disabled, one that is in use, one that disarms itself. */
#include "zdtm.h"

#define SIZE (64 * KIB)

static int started;
static int gate;
static stack_t stacks[4];
static volatile int handler_done;

static void on_usr1(int signal_number) {
    (void)signal_number;
    char here;
    stack_t inside;
    must(sigaltstack(NULL, &inside));
    check_equal(SS_ONSTACK, inside.ss_flags & SS_ONSTACK, "flags inside of the handler");
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(5);
    }
    check(&here >= (char *)inside.ss_sp && &here < (char *)inside.ss_sp + inside.ss_size, "not on the alternate stack");
    must(sigaltstack(NULL, &inside));
    check_equal(SS_ONSTACK, inside.ss_flags & SS_ONSTACK, "flags inside of the handler afterwards");
    check(inside.ss_sp == stacks[2].ss_sp, "another stack inside of the handler");
    handler_done = 1;
}

static void verify(const stack_t *expected) {
    stack_t actual;
    must(sigaltstack(NULL, &actual));
    check_equal(expected->ss_flags, actual.ss_flags, "flags");
    if ((expected->ss_flags & SS_DISABLE) == 0) {
        check_equal((long)expected->ss_sp, (long)actual.ss_sp, "address");
        check_equal(expected->ss_size, actual.ss_size, "size");
    }
}

static void *body(void *argument) {
    long number = (long)argument;
    must(number == 1 ? 0 : sigaltstack(&stacks[number], NULL));
    stack_t mine;
    must(sigaltstack(NULL, &mine));
    if (number == 2) {
        must(raise(SIGUSR1));
        check(handler_done, "the handler was left early");
    } else {
        __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
        while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
            sleep_ms(5);
        }
    }
    verify(&mine);
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    for (size_t i = 0; i < COUNT(stacks); i++) {
        stacks[i].ss_sp = map(SIZE + i * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
        stacks[i].ss_size = SIZE + i * PAGE;
    }
    stacks[3].ss_flags = (int)(1U << 31); /* SS_AUTODISARM */
    struct sigaction action = {.sa_handler = on_usr1, .sa_flags = SA_ONSTACK};
    must(sigaction(SIGUSR1, &action, NULL));
    pthread_t threads[COUNT(stacks)];
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    must0(pthread_sigmask(SIG_BLOCK, &term, NULL));
    for (long i = 0; i < (long)COUNT(stacks); i++) {
        must0(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    must0(pthread_sigmask(SIG_UNBLOCK, &term, NULL));
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < (int)COUNT(stacks)) {
        sleep_ms(1);
    }
    test_ready();
    test_wait();
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    for (size_t i = 0; i < COUNT(stacks); i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
