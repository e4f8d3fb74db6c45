// SPDX-License-Identifier: Apache-2.0
/* Mappings of /dev/zero: private ones are anonymous memory, shared ones are shared with children. */
#include "zdtm.h"

static char *shared;

static int child(void *argument) {
    (void)argument;
    mark("child");
    test_wait();
    check_equal('p', shared[1], "byte that the parent wrote");
    shared[2] = 'c';
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    int fd = must(open("/dev/zero", O_RDWR));
    char *private = map_file(1 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    shared = map_file(1 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    must(close(fd));
    pattern_write(private, 512 * KIB, 1);
    pattern_write(shared + 512 * KIB, 512 * KIB, 2);
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    test_ready();
    test_wait();
    check_pattern(private, 512 * KIB, 1, "private mapping");
    check_equal(0, private[768 * KIB], "untouched part of the private mapping");
    check_pattern(shared + 512 * KIB, 512 * KIB, 2, "shared mapping");
    shared[1] = 'p';
    stop_child(pid);
    check_equal('c', shared[2], "byte that the child wrote");
    return test_pass();
}
