// SPDX-License-Identifier: Apache-2.0
/* Twenty thousand mappings of one page each, with different rights so that they do not join. */
#include "zdtm.h"

#define MAPPINGS 20000

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *area = map(MAPPINGS * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    for (size_t i = 0; i < MAPPINGS; i++) {
        *(uint64_t *)(area + i * PAGE) = i * 2654435761UL;
        if (i % 2 == 1) {
            must(mprotect(area + i * PAGE, PAGE, PROT_READ));
        }
    }
    test_ready();
    test_wait();
    for (size_t i = 0; i < MAPPINGS; i++) {
        check_equal(i * 2654435761UL, *(uint64_t *)(area + i * PAGE), "content of a mapping");
    }
    char *text = read_text("/proc/self/maps", NULL);
    size_t lines = 0;
    for (char *at = text; (at = strchr(at, '\n')) != NULL; at++) {
        lines++;
    }
    check(lines > MAPPINGS, "%zu mappings are left", lines);
    return test_pass();
}
