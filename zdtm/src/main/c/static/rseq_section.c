// SPDX-License-Identifier: Apache-2.0
/* Two threads spend their lives in restartable sequences: they are aborted, and never go on in one unprotected. */
#include "zdtm.h"

#include <sys/rseq.h>

enum outcome { ABORTED, STOPPED, UNPROTECTED };

/* Stays in a sequence until it is aborted or SIGTERM has come. Offset 8 of struct rseq is rseq_cs. */
static enum outcome sequence(struct rseq *area) {
    int outcome;
    __asm__ volatile(".pushsection rseq_sections, \"aw\"\n"
                     ".balign 32\n"
                     "3: .long 0, 0\n"
                     ".quad 1f, 2f - 1f, 4f\n"
                     ".popsection\n"
                     "leaq 3b(%%rip), %%rax\n"
                     "1: movq %%rax, 8(%[area])\n"
                     "7: cmpq %%rax, 8(%[area])\n"
                     "jne 5f\n"
                     "cmpl $0, %[stop]\n"
                     "je 7b\n"
                     "2: movl $1, %[outcome]\n"
                     "jmp 6f\n"
                     "5: movl $2, %[outcome]\n"
                     "jmp 6f\n"
                     ".byte 0x0f, 0xb9, 0x3d\n"
                     ".long %c[signature]\n"
                     "4: movl $0, %[outcome]\n"
                     "6:\n"
                     : [outcome] "=&r"(outcome)
                     : [area] "r"(area), [stop] "m"(test_stop_flag), [signature] "i"(RSEQ_SIG)
                     : "rax", "memory", "cc");
    return outcome;
}

static void *body(void *argument) {
    struct rseq *area = (struct rseq *)((char *)__builtin_thread_pointer() + __rseq_offset);
    while (!test_stopping()) {
        check(sequence(area) != UNPROTECTED, "the kernel has forgotten the sequence that we are in");
    }
    return argument;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    if (__rseq_size == 0) {
        test_skip("this libc does not register restartable sequences");
    }
    pthread_t thread;
    must0(pthread_create(&thread, NULL, body, NULL));
    test_ready();
    body(NULL);
    must0(pthread_join(thread, NULL));
    return test_pass();
}
