// SPDX-License-Identifier: Apache-2.0
/* Mappings with a history: moved, split, unmapped in the middle, at file offsets above 4 GiB. */
#include "zdtm.h"

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *area = map(64 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    pattern_write(area, 64 * PAGE, 1);
    char *target = map(16 * PAGE, PROT_NONE, MAP_PRIVATE);
    char *moved = mremap(area + 16 * PAGE, 16 * PAGE, 16 * PAGE, MREMAP_MAYMOVE | MREMAP_FIXED, target);
    check(moved == target, "mremap");
    must(munmap(area + 40 * PAGE, 4 * PAGE));
    static char expected[64 * PAGE];
    pattern_write(expected, sizeof(expected), 1);
    int fd = must(open("large", O_RDWR | O_CREAT, 0600));
    off_t offset = 6L * (off_t)GIB + 3 * (off_t)PAGE;
    must(pwrite(fd, expected, 8 * PAGE, offset));
    char *far = map_file(8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, offset);
    /* More than the file has: touching the last page would raise SIGBUS, dumping must not. */
    char *beyond = map_file(16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, offset);
    beyond[PAGE] = 'b';
    test_ready();
    test_wait();
    check(memcmp(area, expected, 16 * PAGE) == 0, "first part");
    check(memcmp(moved, expected + 16 * PAGE, 16 * PAGE) == 0, "moved part");
    check(memcmp(area + 32 * PAGE, expected + 32 * PAGE, 8 * PAGE) == 0, "part before the hole");
    check(memcmp(area + 44 * PAGE, expected + 44 * PAGE, 20 * PAGE) == 0, "part behind the hole");
    unsigned char resident[1];
    check(mincore(area + 40 * PAGE, PAGE, resident) == -1 && errno == ENOMEM, "the hole is mapped");
    check(memcmp(far, expected, 8 * PAGE) == 0, "mapping at a large offset");
    check_equal('b', beyond[PAGE], "private page of the mapping beyond the end");
    check(memcmp(beyond + 2 * PAGE, expected + 2 * PAGE, 6 * PAGE) == 0, "rest of the mapping beyond the end");
    must(ftruncate(fd, 0));
    return test_pass();
}
