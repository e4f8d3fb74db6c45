// SPDX-License-Identifier: Apache-2.0
/* /dev/null, zero, full, random and urandom do afterwards what they do. */
#include "zdtm.h"

#include <sys/sysmacros.h>

int main(int argc, char **argv) {
    test_init(argc, argv);
    static const char *const names[] = {"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom"};
    int fds[COUNT(names)];
    dev_t devices[COUNT(names)];
    for (size_t i = 0; i < COUNT(names); i++) {
        fds[i] = must(open(names[i], i == 1 ? O_RDONLY | O_NONBLOCK : O_RDWR));
        struct stat status;
        must(fstat(fds[i], &status));
        devices[i] = status.st_rdev;
    }
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(names); i++) {
        struct stat status;
        must(fstat(fds[i], &status));
        check_equal(devices[i], status.st_rdev, names[i]);
    }
    char bytes[64];
    memset(bytes, 1, sizeof(bytes));
    check_equal(64, must(write(fds[0], bytes, 64)), "write to /dev/null");
    check_equal(0, must(read(fds[0], bytes, 64)), "read from /dev/null");
    check_equal(64, must(read(fds[1], bytes, 64)), "read from /dev/zero");
    check_equal(0, bytes[63], "byte of /dev/zero");
    check(write(fds[2], bytes, 1) == -1 && errno == ENOSPC, "write to /dev/full");
    char more[64];
    check_equal(64, must(read(fds[3], bytes, 64)), "read from /dev/random");
    check_equal(64, must(read(fds[4], more, 64)), "read from /dev/urandom");
    check(memcmp(bytes, more, 64) != 0, "random bytes are alike");
    check_equal(O_RDONLY | O_NONBLOCK, must(fcntl(fds[1], F_GETFL)) & (O_ACCMODE | O_NONBLOCK), "flags of /dev/zero");
    return test_pass();
}
