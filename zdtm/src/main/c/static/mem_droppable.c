// SPDX-License-Identifier: Apache-2.0
/* Droppable memory (MAP_DROPPABLE) stays what it is and may be empty: whole at first, and of use again. */
#include "zdtm.h"

#ifndef MAP_DROPPABLE
#define MAP_DROPPABLE 0x08
#endif

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *area = mmap(NULL, 16 * PAGE, PROT_READ | PROT_WRITE, MAP_DROPPABLE | MAP_ANONYMOUS, -1, 0);
    if (area == MAP_FAILED) {
        test_skip("this kernel has no MAP_DROPPABLE (before 6.11)");
    }
    memset(area, 'd', 16 * PAGE);
    char before[256];
    char after[256];
    vm_flags(area, before, sizeof(before));
    check(strstr(before, " dp ") != NULL, "it is not droppable: %s", before);
    test_ready();
    test_wait();
    vm_flags(area, after, sizeof(after));
    check(strcmp(before, after) == 0, "it was%s and is%s", before, after);
    for (size_t i = 0; i < 16; i++) {
        check(area[i * PAGE] == 'd' || area[i * PAGE] == 0, "page %zu holds %d", i, area[i * PAGE]);
    }
    memset(area, 'e', 16 * PAGE);
    check_equal('e', area[15 * PAGE], "what was written again");
    return test_pass();
}
