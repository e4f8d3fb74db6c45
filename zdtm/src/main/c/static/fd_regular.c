// SPDX-License-Identifier: Apache-2.0
/* Regular files: position, access mode, status flags, and what can still be done through them. */
#include "zdtm.h"

static int status_flags(int fd) { return must(fcntl(fd, F_GETFL)); }

int main(int argc, char **argv) {
    test_init(argc, argv);
    int fd = must(open("file", O_RDWR | O_CREAT, 0644));
    static char content[64 * KIB];
    pattern_write(content, sizeof(content), 1);
    must(write(fd, content, sizeof(content)));
    struct {
        const char *name;
        int flags;
        off_t position;
        int fd;
        int found;
    } files[] = {
        {"file", O_RDONLY, 100, 0, 0},
        {"file", O_WRONLY, 65536, 0, 0},
        {"file", O_RDWR | O_APPEND, 7, 0, 0},
        {"file", O_RDWR | O_NONBLOCK | O_NOATIME, 1L << 33, 0, 0},
        {"file", O_WRONLY | O_SYNC, 3, 0, 0},
        {"file", O_WRONLY | O_DSYNC, 4, 0, 0},
        {"file", O_RDWR | O_CLOEXEC | O_NOFOLLOW, 0, 0, 0},
        {"file", O_PATH, -1, 0, 0},
        {".", O_PATH | O_DIRECTORY, -1, 0, 0},
        {"file", O_RDONLY | O_NOCTTY | O_TRUNC * 0, 65535, 0, 0},
    };
    for (size_t i = 0; i < COUNT(files); i++) {
        files[i].fd = must(open(files[i].name, files[i].flags));
        if (files[i].position >= 0) {
            must(lseek(files[i].fd, files[i].position, SEEK_SET));
        }
        files[i].found = status_flags(files[i].fd);
    }
    struct stat before;
    must(fstat(files[7].fd, &before));
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(files); i++) {
        char what[64];
        snprintf(what, sizeof(what), "status flags of file %zu", i);
        check_equal(files[i].found, status_flags(files[i].fd), what);
        snprintf(what, sizeof(what), "descriptor flags of file %zu", i);
        check_equal((files[i].flags & O_CLOEXEC) != 0 ? FD_CLOEXEC : 0, must(fcntl(files[i].fd, F_GETFD)), what);
        if (files[i].position >= 0) {
            snprintf(what, sizeof(what), "position of file %zu", i);
            check_equal(files[i].position, must(lseek(files[i].fd, 0, SEEK_CUR)), what);
        }
    }
    char text[200];
    check_equal(200, must(read(files[0].fd, text, 200)), "bytes read");
    check(memcmp(text, content + 100, 200) == 0, "content at the position");
    must(write(files[1].fd, "at the end", 10));
    must(write(files[2].fd, "appended", 8));
    struct stat after;
    must(fstat(fd, &after));
    check_equal(sizeof(content) + 18, after.st_size, "length after two writes");
    check(write(files[0].fd, "x", 1) == -1 && errno == EBADF, "a read-only descriptor can be written");
    check(read(files[1].fd, text, 1) == -1 && errno == EBADF, "a write-only descriptor can be read");
    check(read(files[7].fd, text, 1) == -1 && errno == EBADF, "an O_PATH descriptor can be read");
    must(fstat(files[7].fd, &after));
    check_equal(before.st_ino, after.st_ino, "inode of the O_PATH descriptor");
    must(close(must(openat(files[8].fd, "file", O_RDONLY))));
    return test_pass();
}
