// SPDX-License-Identifier: Apache-2.0
/* Protection keys: the pages keep their key, the threads their rights. */
#include "zdtm.h"

#include <setjmp.h>

static sigjmp_buf back;

static void on_fault(int signal_number, siginfo_t *info, void *context) {
    (void)signal_number;
    (void)context;
    siglongjmp(back, info->si_code == 4 /* SEGV_PKUERR */ ? 1 : 2);
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    int key = pkey_alloc(0, 0);
    if (key < 0) {
        test_skip("no protection keys here (%s)", strerror(errno));
    }
    char *page = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    page[0] = 7;
    must(pkey_mprotect(page, PAGE, PROT_READ | PROT_WRITE, key));
    must(pkey_set(key, PKEY_DISABLE_WRITE));
    int rights = pkey_get(key);
    test_ready();
    test_wait();
    check_equal(rights, pkey_get(key), "rights of the key");
    check_equal(7, page[0], "content of the page");
    struct sigaction action = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
    must(sigaction(SIGSEGV, &action, NULL));
    int how = sigsetjmp(back, 1);
    if (how == 0) {
        *(volatile char *)page = 8;
        fail("a write to a page without the right went through");
    }
    check_equal(1, how, "reason of the fault");
    return test_pass();
}
