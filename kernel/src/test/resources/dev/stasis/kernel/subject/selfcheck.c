// SPDX-License-Identifier: Apache-2.0
// Sleeps again and again with known values in all its registers, and counts in a shared file how often it found them
// again and how often not: usage: selfcheck FILE NANOSECONDS
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#define EACH(M) \
    M(r8, 0, xmm0) M(r9, 1, xmm1) M(r10, 2, xmm2) M(r12, 3, xmm3) M(r13, 4, xmm4) M(r14, 5, xmm5) M(r15, 6, xmm6) \
    M(rbx, 7, xmm7)
#define SET(reg, n, xmm) "lea " #n "(%%rdx), %%" #reg "\n movq %%" #reg ", %%" #xmm "\n"
#define CHECK(reg, n, xmm) \
    "lea " #n "(%%rdx), %%rax\n xor %%rax, %%" #reg "\n or %%" #reg ", %%rcx\n" \
    "movq %%" #xmm ", %%" #reg "\n xor %%rax, %%" #reg "\n or %%" #reg ", %%rcx\n"

static uint64_t sleep_and_compare(struct timespec *duration, uint64_t key) {
    uint64_t different;
    __asm__ volatile(EACH(SET)
                     "mov $20000, %%ecx\n"
                     "1: dec %%ecx\n"
                     "jnz 1b\n"
                     "mov $35, %%eax\n"
                     "xor %%esi, %%esi\n"
                     "syscall\n"
                     "mov %%rax, %%rcx\n" EACH(CHECK)
                     : "=&c"(different)
                     : "d"(key), "D"(duration)
                     : "rax", "rbx", "rsi", "r8", "r9", "r10", "r11", "r12", "r13", "r14", "r15", "xmm0", "xmm1",
                       "xmm2", "xmm3", "xmm4", "xmm5", "xmm6", "xmm7", "memory", "cc");
    return different;
}

static void on_trap(int signal) {
    (void)signal;
    _exit(55);
}

int main(int argc, char **argv) {
    if (argc < 3) {
        return 2;
    }
    // What the test has open.
    syscall(SYS_close_range, 3, ~0U, 0);
    int fd = open(argv[1], O_RDWR | O_CREAT, 0600);
    if (ftruncate(fd, 4096) != 0) {
        return 2;
    }
    volatile uint64_t *counts = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    close(fd);
    struct timespec duration = {0, atol(argv[2])};
    signal(SIGTRAP, on_trap);
    sigset_t blocked;
    sigemptyset(&blocked);
    sigaddset(&blocked, SIGUSR2);
    sigprocmask(SIG_SETMASK, &blocked, NULL);
    puts("ready");
    fflush(stdout);
    for (uint64_t key = 0x1234567890;; key += 16) {
        struct sigaction action;
        sigset_t mask;
        sigaction(SIGTRAP, NULL, &action);
        sigprocmask(SIG_SETMASK, NULL, &mask);
        if (sleep_and_compare(&duration, key) != 0 || action.sa_handler != on_trap || !sigismember(&mask, SIGUSR2)
            || sigismember(&mask, SIGUSR1)) {
            counts[1]++;
        }
        counts[0]++;
    }
}
