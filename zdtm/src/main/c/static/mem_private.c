// SPDX-License-Identifier: Apache-2.0
/* Private anonymous memory, written densely, sparsely and not at all. */
#include "zdtm.h"

#define SIZE (48 * MIB)

static char in_bss[3 * MIB];
static char in_data[64 * KIB] = {1, 2, 3};

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *dense = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    char *sparse = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    char *untouched = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    char *zeroed = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    pattern_write(dense, SIZE, 1);
    for (size_t page = 0; page < SIZE / PAGE; page += page % 13 + 1) {
        pattern_write(sparse + page * PAGE, PAGE, page);
    }
    memset(zeroed, 1, SIZE / 2);
    memset(zeroed, 0, SIZE / 2);
    pattern_write(in_bss, sizeof(in_bss), 3);
    pattern_write(in_data, sizeof(in_data), 4);
    test_ready();
    test_wait();
    check_pattern(dense, SIZE, 1, "dense memory");
    size_t next = 0;
    for (size_t page = 0; page < SIZE / PAGE; page++) {
        if (page == next) {
            check_pattern(sparse + page * PAGE, PAGE, page, "sparse memory");
            next += page % 13 + 1;
        } else {
            for (size_t i = 0; i < PAGE; i += 8) {
                check_equal(0, *(uint64_t *)(sparse + page * PAGE + i), "hole in sparse memory");
            }
        }
    }
    for (size_t i = 0; i < SIZE; i += 512) {
        check_equal(0, untouched[i], "untouched memory");
        check_equal(0, zeroed[i], "zeroed memory");
    }
    check_pattern(in_bss, sizeof(in_bss), 3, "bss");
    check_pattern(in_data, sizeof(in_data), 4, "data");
    pattern_write(dense, SIZE, 9);
    check_pattern(dense, SIZE, 9, "dense memory, written again");
    return test_pass();
}
