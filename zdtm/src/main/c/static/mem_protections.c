// SPDX-License-Identifier: Apache-2.0
/* All combinations of rights, also none over pages with content, in one mapping and in neighbours. */
#include "zdtm.h"

#define AREAS 8

static int protection_of(const void *address) {
    char *text = read_text("/proc/self/maps", NULL);
    int protection = -1;
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned long start;
        unsigned long end;
        char rights[5];
        if (sscanf(line, "%lx-%lx %4s", &start, &end, rights) == 3 && (unsigned long)address >= start
                && (unsigned long)address < end) {
            protection = (rights[0] == 'r' ? PROT_READ : 0) | (rights[1] == 'w' ? PROT_WRITE : 0)
                    | (rights[2] == 'x' ? PROT_EXEC : 0);
        }
    }
    free(text);
    return protection;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *anonymous = map(AREAS * 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    char *shared = map(AREAS * 2 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
    int fd = must(open("file", O_RDWR | O_CREAT, 0700));
    must(ftruncate(fd, AREAS * 2 * PAGE));
    char *file = map_file(AREAS * 2 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
    char *areas[] = {anonymous, shared, file};
    for (size_t kind = 0; kind < COUNT(areas); kind++) {
        for (int i = 0; i < AREAS; i++) {
            pattern_write(areas[kind] + (size_t)i * 2 * PAGE, 2 * PAGE, kind * 100 + (uint64_t)i);
            must(mprotect(areas[kind] + (size_t)i * 2 * PAGE, 2 * PAGE, i));
        }
    }
    test_ready();
    test_wait();
    for (size_t kind = 0; kind < COUNT(areas); kind++) {
        for (int i = 0; i < AREAS; i++) {
            char *at = areas[kind] + (size_t)i * 2 * PAGE;
            check_equal(i, protection_of(at), "protection of the first page");
            check_equal(i, protection_of(at + PAGE), "protection of the second page");
            must(mprotect(at, 2 * PAGE, PROT_READ | PROT_WRITE));
            check_pattern(at, 2 * PAGE, kind * 100 + (uint64_t)i, "content");
        }
    }
    return test_pass();
}
