// SPDX-License-Identifier: Apache-2.0
/* Descriptor numbers with holes between them, very high ones, and none of the standard ones. */
#include "zdtm.h"

int main(int argc, char **argv) {
    test_init(argc, argv);
    static const int numbers[] = {0, 2, 3, 7, 8, 63, 64, 65, 255, 256, 1000, 1023};
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &limit));
    int top = (int)limit.rlim_max - 1;
    must(dup2(STDOUT_FILENO, top));
    must(close(0));
    must(close(2));
    for (size_t i = 0; i < COUNT(numbers); i++) {
        int fd = must(open("file", O_RDWR | O_CREAT, 0600));
        if (fd != numbers[i]) {
            must(dup2(fd, numbers[i]));
            must(close(fd));
        }
        must(lseek(numbers[i], 100 + numbers[i], SEEK_SET));
    }
    test_ready();
    test_wait();
    size_t next = 0;
    for (int fd = 0; fd <= top; fd++) {
        bool expected = fd == STDOUT_FILENO || fd == top;
        if (next < COUNT(numbers) && numbers[next] == fd) {
            check_equal(100 + fd, must(lseek(fd, 0, SEEK_CUR)), "position");
            next++;
            expected = true;
        }
        check((fcntl(fd, F_GETFD) != -1) == expected, "descriptor %d is %s", fd, expected ? "closed" : "open");
    }
    check_equal(COUNT(numbers), next, "descriptors found");
    /* The lowest free number is the one that a new file gets. */
    check_equal(4, must(open("file", O_RDONLY)), "number of the next descriptor");
    return test_pass();
}
