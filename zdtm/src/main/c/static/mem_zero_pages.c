// SPDX-License-Identifier: Apache-2.0
/* 64 MiB of pages that were only read or hold zeroes. The test looks at the size of the images. */
#include "zdtm.h"

#define SIZE (64 * MIB)

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *read_only_touched = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    volatile char sum = 0;
    for (size_t i = 0; i < SIZE; i += PAGE) {
        sum += read_only_touched[i];
    }
    test_ready();
    test_wait();
    for (size_t i = 0; i < SIZE; i += PAGE) {
        check_equal(0, read_only_touched[i], "page that was only read");
    }
    read_only_touched[SIZE - 1] = 1;
    return test_pass();
}
