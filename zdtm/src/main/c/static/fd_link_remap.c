// SPDX-License-Identifier: Apache-2.0
/* Files whose name was removed while they have another one: still the same files afterwards. */
#include "zdtm.h"

static void link_of(int fd, char *target, size_t size) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    target[must(readlink(path, target, size - 1))] = 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    int fd = must(open("file", O_RDWR | O_CREAT | O_EXCL, 0644));
    must(write(fd, "content", 7));
    must(link("file", "kept"));
    must(unlink("file"));
    int other = must(open("kept", O_RDONLY));
    char *mapped = map_file(PAGE, PROT_READ, MAP_SHARED, fd, 0);
    char before[PATH_MAX], after[PATH_MAX];
    link_of(fd, before, sizeof(before));
    test_tell("fd", fd);
    test_ready();
    test_wait();
    struct stat status, kept;
    must(fstat(fd, &status));
    must(stat("kept", &kept));
    check_equal(kept.st_ino, status.st_ino, "inode");
    check_equal(atoi(test_arg(0)), status.st_nlink, "links");
    link_of(fd, after, sizeof(after));
    check(strcmp(before, after) == 0, "its name is %s instead of %s", after, before);
    must(pwrite(fd, "C", 1, 0));
    char first;
    must(pread(other, &first, 1, 0));
    check_equal('C', first, "first byte through the other name");
    check_equal('C', mapped[0], "first byte of the mapping");
    check(access("file", F_OK) == -1, "the removed name is there again");
    return test_pass();
}
