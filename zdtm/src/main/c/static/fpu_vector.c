// SPDX-License-Identifier: Apache-2.0
/*
 * All vector registers and MXCSR: of a busy loop and of a thread that sleeps in a system call.
 * Argument: sse, avx or avx512.
 */
#include "vector.h"

static uint32_t gate;
static struct vector_state asleep_in;
static struct vector_state asleep_out;
static enum vector_width width;
static volatile pid_t sleeper_tid;

static void *sleeper(void *argument) {
    (void)argument;
    sleeper_tid = gettid_raw();
    vector_sleep(width, &asleep_in, &asleep_out, &gate);
    return NULL;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    const char *name = test_arg(0);
    width = strcmp(name, "sse") == 0 ? SSE : strcmp(name, "avx") == 0 ? AVX : AVX512;
    if (!vector_offered(width)) {
        test_skip("this processor has no %s", name);
    }
    static struct vector_state busy_in;
    static struct vector_state busy_out;
    vector_fill(&busy_in, 5);
    vector_fill(&asleep_in, 11);
    pthread_t thread;
    /* The signal must end the busy loop, not wake the sleeper for another turn. */
    sigset_t term;
    sigemptyset(&term);
    sigaddset(&term, SIGTERM);
    must0(pthread_sigmask(SIG_BLOCK, &term, NULL));
    must0(pthread_create(&thread, NULL, sleeper, NULL));
    must0(pthread_sigmask(SIG_UNBLOCK, &term, NULL));
    while (sleeper_tid == 0) {
        sleep_ms(1);
    }
    await_blocked(sleeper_tid, SYS_futex);
    test_ready();
    vector_spin(width, &busy_in, &busy_out, &test_stop_flag);
    vector_check(width, &busy_in, &busy_out);
    gate = 1;
    must(syscall(SYS_futex, &gate, 1 /* FUTEX_WAKE */, 1, NULL, NULL, 0));
    must0(pthread_join(thread, NULL));
    vector_check(width, &asleep_in, &asleep_out);
    return test_pass();
}
