// SPDX-License-Identifier: Apache-2.0
/* Reservations far larger than the machine: 100 GiB without rights and 100 GiB without reserve, with islands. */
#include "zdtm.h"

#define SIZE (100 * GIB)

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *reserved = map(SIZE, PROT_NONE, MAP_PRIVATE | MAP_NORESERVE);
    char *writable = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_NORESERVE);
    for (size_t i = 0; i < 50; i++) {
        pattern_write(writable + i * 2 * GIB + i * PAGE, PAGE, i);
    }
    must(mprotect(reserved + 50 * GIB, 1 * MIB, PROT_READ | PROT_WRITE));
    pattern_write(reserved + 50 * GIB, 1 * MIB, 99);
    test_ready();
    test_wait();
    for (size_t i = 0; i < 50; i++) {
        check_pattern(writable + i * 2 * GIB + i * PAGE, PAGE, i, "island");
        check_equal(0, writable[i * 2 * GIB + 1 * GIB], "hole");
    }
    check_pattern(reserved + 50 * GIB, 1 * MIB, 99, "island in the part without rights");
    must(mprotect(reserved, 1 * MIB, PROT_READ | PROT_WRITE));
    reserved[5] = 1;
    char flags[256];
    vm_flags(writable, flags, sizeof(flags));
    check(strstr(flags, " nr ") != NULL, "MAP_NORESERVE is lost: %s", flags);
    return test_pass();
}
