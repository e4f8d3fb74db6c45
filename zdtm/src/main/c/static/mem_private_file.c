// SPDX-License-Identifier: Apache-2.0
/* A private mapping of a file: own changes stay own, unchanged pages go on to show the file. */
#include "zdtm.h"

#define PAGES 256

int main(int argc, char **argv) {
    test_init(argc, argv);
    int fd = must(open("mapped", O_RDWR | O_CREAT, 0600));
    static char content[PAGES * PAGE];
    pattern_write(content, sizeof(content), 1);
    must(write(fd, content, sizeof(content)));
    char *writable = map_file(sizeof(content), PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char *constant = map_file(sizeof(content), PROT_READ, MAP_PRIVATE, fd, 0);
    char *offset = map_file(16 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 32 * PAGE);
    for (int page = 0; page < PAGES; page += 3) {
        pattern_write(writable + page * PAGE, PAGE, 1000 + (uint64_t)page);
    }
    offset[5] = 'o';
    must(close(fd));
    test_ready();
    test_wait();
    for (int page = 0; page < PAGES; page++) {
        if (page % 3 == 0) {
            check_pattern(writable + page * PAGE, PAGE, 1000 + (uint64_t)page, "page that was written");
        } else {
            check(memcmp(writable + page * PAGE, content + page * PAGE, PAGE) == 0, "page %d that was not written", page);
        }
    }
    check(memcmp(constant, content, sizeof(content)) == 0, "read-only mapping");
    check_equal('o', offset[5], "changed byte of the mapping with an offset");
    check(memcmp(offset + PAGE, content + 33 * PAGE, 15 * PAGE) == 0, "mapping with an offset");
    /* Whoever has not written sees what others write to the file. */
    fd = must(open("mapped", O_RDWR));
    static char again[sizeof(content)];
    pread(fd, again, sizeof(again), 0);
    check(memcmp(again, content, sizeof(content)) == 0, "the private changes reached the file");
    must(pwrite(fd, "NEW", 3, 4 * PAGE));
    check(memcmp(writable + 4 * PAGE, "NEW", 3) == 0, "an unchanged page does not show the file any more");
    check(memcmp(constant + 4 * PAGE, "NEW", 3) == 0, "the read-only mapping does not show the file any more");
    return test_pass();
}
