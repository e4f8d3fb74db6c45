// SPDX-License-Identifier: Apache-2.0
/* Five thousand open files of several kinds, each with its own position or content. */
#include "zdtm.h"

#include <sys/eventfd.h>

#define FILES 5000

int main(int argc, char **argv) {
    test_init(argc, argv);
    struct rlimit limit;
    must(getrlimit(RLIMIT_NOFILE, &limit));
    limit.rlim_cur = limit.rlim_max;
    must(setrlimit(RLIMIT_NOFILE, &limit));
    if (limit.rlim_max < FILES + 10) {
        test_skip("only %lu descriptors are allowed", limit.rlim_max);
    }
    must(mkdir("many", 0755));
    static int fds[FILES];
    for (int i = 0; i < FILES; i++) {
        char name[64];
        snprintf(name, sizeof(name), "many/%d", i % 1000);
        switch (i % 5) {
            case 4:
                fds[i] = must(eventfd((unsigned)i, EFD_NONBLOCK));
                break;
            default:
                fds[i] = must(open(name, O_RDWR | O_CREAT, 0600));
                must(lseek(fds[i], i, SEEK_SET));
                break;
        }
    }
    test_ready();
    test_wait();
    for (int i = 0; i < FILES; i++) {
        if (i % 5 == 4) {
            uint64_t value;
            must(read(fds[i], &value, 8));
            check_equal(i, value, "value of an eventfd");
        } else {
            check_equal(i, must(lseek(fds[i], 0, SEEK_CUR)), "position of a file");
        }
    }
    return test_pass();
}
