// SPDX-License-Identifier: Apache-2.0
/* A root directory of its own: absolute paths mean what they meant, and nothing outside can be reached. */
#include "zdtm.h"

static int in_jail(void *argument) {
    (void)argument;
    struct stat before;
    must(stat("jail", &before));
    int held = must(open("jail/inside/file", O_RDWR));
    must(write(held, "held", 4));
    must(chroot("jail"));
    must(chdir("/inside"));
    mark("jailed");
    test_wait();
    struct stat after;
    must(stat("/", &after));
    check_equal(before.st_ino, after.st_ino, "inode of the root directory");
    check_equal(before.st_dev, after.st_dev, "device of the root directory");
    char now[PATH_MAX];
    check(getcwd(now, sizeof(now)) != NULL && strcmp(now, "/inside") == 0, "the current directory is %s", now);
    must(close(must(open("/inside/file", O_RDONLY))));
    check(access("/proc/self", F_OK) == -1 && errno == ENOENT, "the outside can be reached");
    char text[4];
    check_equal(4, must(pread(held, text, 4, 0)), "length of the file that is open");
    check(memcmp(text, "held", 4) == 0, "content of the file that is open");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    must(mkdir("jail", 0755));
    must(mkdir("jail/inside", 0755));
    must(close(must(open("jail/inside/file", O_WRONLY | O_CREAT, 0600))));
    pid_t child = spawn(in_jail, NULL);
    must(chdir("jail/inside"));
    await_mark("jailed");
    must(chdir("../.."));
    test_ready();
    test_wait();
    check(access("jail/inside/file", F_OK) == 0, "the parent's root directory has changed");
    stop_child(child);
    return test_pass();
}
