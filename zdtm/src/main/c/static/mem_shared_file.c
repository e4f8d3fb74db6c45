// SPDX-License-Identifier: Apache-2.0
/* Shared mappings of files: what is written appears in the file and in other mappings, before and afterwards. */
#include "zdtm.h"

#define SIZE (2 * MIB)

static char *child_view;

static int child(void *argument) {
    (void)argument;
    mark("child");
    test_wait();
    check_equal('p', child_view[10], "byte that the parent wrote afterwards");
    child_view[11] = 'c';
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    int fd = must(open("shared", O_RDWR | O_CREAT, 0600));
    must(ftruncate(fd, SIZE));
    char *one = map_file(SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    child_view = one;
    char *half = map_file(SIZE / 2, PROT_READ | PROT_WRITE, MAP_SHARED, fd, SIZE / 2);
    pattern_write(one, SIZE, 1);
    int readable = must(open("shared", O_RDONLY));
    char *constant = map_file(SIZE, PROT_READ, MAP_SHARED, readable, 0);
    must(close(readable));
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    test_ready();
    test_wait();
    check_pattern(one, SIZE, 1, "shared mapping");
    check(memcmp(half, one + SIZE / 2, SIZE / 2) == 0, "second mapping");
    check(memcmp(constant, one, SIZE) == 0, "read-only mapping");
    static char content[SIZE];
    check_equal(SIZE, must(pread(fd, content, SIZE, 0)), "file length");
    check(memcmp(content, one, SIZE) == 0, "the file does not show the mapping");
    one[10] = 'p';
    stop_child(pid);
    check_equal('c', one[11], "byte that the child wrote afterwards");
    half[0] = 'h';
    check_equal('h', one[SIZE / 2], "byte written through the other mapping");
    check_equal('h', constant[SIZE / 2], "byte read through the read-only mapping");
    must(pwrite(fd, "W", 1, 100));
    check_equal('W', one[100], "byte written to the file");
    check(mprotect(constant, PAGE, PROT_READ | PROT_WRITE) == -1 && errno == EACCES,
            "the mapping of a file that was opened for reading can be written");
    return test_pass();
}
