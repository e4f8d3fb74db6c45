// SPDX-License-Identifier: Apache-2.0
// Memory of every sort, at addresses that it prints: usage: pages FILE
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <unistd.h>

#define PAGE 4096
#define RUNS 1500

static char *map(size_t pages, int fd) {
    return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | (fd < 0 ? MAP_ANONYMOUS : 0), fd, 0);
}

int main(int argc, char **argv) {
    (void)argc;
    syscall(SYS_close_range, 3, ~0U, 0);
    int fd = open(argv[1], O_RDWR | O_CREAT | O_TRUNC, 0600);
    char text[PAGE];
    memset(text, 'f', PAGE);
    for (int i = 0; i < 8; i++) {
        if (write(fd, text, PAGE) != PAGE) return 2;
    }
    // Pages 1, 2 and 5 hold something; page 3 was only read.
    char *anonymous = map(8, -1);
    anonymous[PAGE] = 'a';
    anonymous[2 * PAGE] = 'b';
    anonymous[5 * PAGE] = 'c';
    volatile char zero = anonymous[3 * PAGE];
    (void)zero;
    // All pages were read, page 4 was changed.
    char *file = map(8, fd);
    for (int i = 0; i < 8; i++) zero = file[i * PAGE];
    file[4 * PAGE] = 'x';
    // Two pages that nobody may read any more.
    char *hidden = map(2, -1);
    memset(hidden, 'h', 2 * PAGE);
    mprotect(hidden, 2 * PAGE, PROT_NONE);
    // Every other page of many.
    char *many = map(2 * RUNS, -1);
    madvise(many, 2 * RUNS * PAGE, MADV_NOHUGEPAGE);
    for (int i = 0; i < RUNS; i++) many[2 * i * PAGE] = (char)(i % 100 + 1);
    // A huge page, if there is one to be had.
    char *huge = map(1024, -1);
    char *aligned = (char *)(((unsigned long)huge + (1 << 21) - 1) & ~((1UL << 21) - 1));
    madvise(aligned, 1 << 21, MADV_HUGEPAGE);
    memset(aligned, 'H', 1 << 21);
    printf("ready\nanonymous %lx\nfile %lx\nhidden %lx\nmany %lx\nhuge %lx\n", (long)anonymous, (long)file, (long)hidden,
           (long)many, (long)aligned);
    fflush(stdout);
    for (;;) pause();
}
