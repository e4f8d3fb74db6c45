// SPDX-License-Identifier: Apache-2.0
/* Has memory mapped that nobody else may read, and no descriptor of it any more. */
#include "zdtm.h"

int main(int argc, char **argv) {
    test_init(argc, argv);
    int fd = (int)syscall(SYS_memfd_secret, 0);
    if (fd == -1) {
        test_skip("this kernel has no memfd_secret(2)");
    }
    must(ftruncate(fd, 4 * PAGE));
    char *secret = map_file(4 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    must(close(fd));
    pattern_write(secret, 4 * PAGE, 1);
    test_ready();
    test_wait();
    check_pattern(secret, 4 * PAGE, 1, "secret memory");
    return test_pass();
}
