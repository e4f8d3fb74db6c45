// SPDX-License-Identifier: Apache-2.0
/*
 * System calls that are dispatched to the program itself, as Wine has it: those made outside of the C library become
 * SIGSYS. One thread has a selector that says so at the moment, another one that says the contrary, a third has none.
 */
#include "zdtm.h"

#include <ucontext.h>

#ifndef PR_SET_SYSCALL_USER_DISPATCH
#define PR_SET_SYSCALL_USER_DISPATCH 59
#define PR_SYS_DISPATCH_ON 1
#endif

#define FAKE 4242

static unsigned long libc_start;
static unsigned long libc_length;
static long (*outside)(void);
static int started;
static int gate;
static __thread volatile int dispatched;

static void on_sigsys(int number, siginfo_t *info, void *context) {
    if (number == SIGSYS && info->si_code == 2 /* SYS_USER_DISPATCH */) {
        dispatched++;
        ((ucontext_t *)context)->uc_mcontext.gregs[REG_RAX] = FAKE;
    }
}

static void find_libc(void) {
    FILE *maps = fopen("/proc/self/maps", "r");
    check(maps != NULL, "maps");
    char line[PATH_MAX];
    while (fgets(line, sizeof(line), maps) != NULL) {
        unsigned long start;
        unsigned long end;
        char flags[8];
        if (sscanf(line, "%lx-%lx %7s", &start, &end, flags) == 3 && flags[2] == 'x'
                && start <= (unsigned long)getppid && (unsigned long)getppid < end) {
            libc_start = start;
            libc_length = end - start;
        }
    }
    fclose(maps);
    check(libc_length != 0, "no code of the C library");
}

static volatile char selectors[2] = {0, 0};

/* number 0: selector blocks; 1: selector allows; 2: no selector */
static void verify(long number) {
    int before = dispatched;
    long result = outside();
    if (number == 1) {
        check_equal(getppid(), result, "call that is allowed");
        check_equal(before, dispatched, "calls dispatched");
        selectors[1] = 1;
        result = outside();
        selectors[1] = 0;
    }
    check_equal(FAKE, result, "call that is dispatched");
    check_equal(before + 1, dispatched, "calls dispatched");
}

static void *body(void *argument) {
    long number = (long)argument;
    must(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, libc_start, libc_length,
            number == 2 ? NULL : &selectors[number]));
    if (number == 0) {
        selectors[0] = 1;
    }
    verify(number);
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(5);
    }
    check_equal(number == 0, number == 0 ? selectors[0] : 0, "selector");
    verify(number);
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    struct sigaction action = {.sa_sigaction = on_sigsys, .sa_flags = SA_SIGINFO};
    must(sigaction(SIGSYS, &action, NULL));
    find_libc();
    /* mov $SYS_getppid, %eax; syscall; ret */
    static const unsigned char CODE[] = {0xb8, SYS_getppid, 0, 0, 0, 0x0f, 0x05, 0xc3};
    char *page = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memcpy(page, CODE, sizeof(CODE));
    must(mprotect(page, PAGE, PROT_READ | PROT_EXEC));
    outside = (long (*)(void))page;
    pthread_t threads[3];
    for (long i = 0; i < 3; i++) {
        must0(pthread_create(&threads[i], NULL, body, (void *)i));
    }
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < 3) {
        sleep_ms(1);
    }
    static volatile char selector;
    must(prctl(PR_SET_SYSCALL_USER_DISPATCH, PR_SYS_DISPATCH_ON, libc_start, libc_length, &selector));
    selector = 1;
    check_equal(FAKE, outside(), "call of the first thread");
    test_ready();
    test_wait();
    check_equal(1, selector, "selector of the first thread");
    check_equal(FAKE, outside(), "call of the first thread afterwards");
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    for (long i = 0; i < 3; i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
