// SPDX-License-Identifier: Apache-2.0
/* Mappings at the lowest and highest addresses a program may have, and right beside its stack. */
#include "zdtm.h"

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *least = read_text("/proc/sys/vm/mmap_min_addr", NULL);
    uintptr_t addresses[] = {strtoul(least, NULL, 10) + PAGE, 0x7fff80000000 & ~(PAGE - 1), 0x7ffffffff000 - 2 * PAGE,
                             0x100000000};
    char *mapped[COUNT(addresses)];
    for (size_t i = 0; i < COUNT(addresses); i++) {
        mapped[i] = mmap((void *)addresses[i], PAGE, PROT_READ | PROT_WRITE,
                MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
        if (mapped[i] == MAP_FAILED) {
            if (errno != EEXIST) {
                fail("mmap at 0x%lx", addresses[i]);
            }
            mapped[i] = NULL;
        } else {
            pattern_write(mapped[i], PAGE, i);
        }
    }
    check(mapped[0] != NULL && mapped[3] != NULL, "nothing could be mapped low");
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(addresses); i++) {
        if (mapped[i] != NULL) {
            check_pattern(mapped[i], PAGE, i, "content");
        }
    }
    return test_pass();
}
