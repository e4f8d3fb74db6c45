// SPDX-License-Identifier: Apache-2.0
/* umask and current directory, of a parent and of children that differ from it. */
#include "zdtm.h"

static char start[PATH_MAX - 64];

static void verify(const char *directory, mode_t mask) {
    char now[PATH_MAX];
    check(getcwd(now, sizeof(now)) != NULL, "getcwd");
    check(strcmp(directory, now) == 0, "the current directory is %s instead of %s", now, directory);
    check_equal(mask, umask(mask), "umask");
    /* A relative path works as before. */
    must(close(must(open("here", O_RDONLY))));
}

static int child(void *argument) {
    (void)argument;
    char name[PATH_MAX];
    snprintf(name, sizeof(name), "%s/one dir/two\nlines", start);
    must(chdir(name));
    umask(0137);
    char path[PATH_MAX + 16];
    snprintf(path, sizeof(path), "%s/mark.child", start);
    must(close(must(open(path, O_WRONLY | O_CREAT, 0600))));
    test_wait();
    verify(name, 0137);
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    check(getcwd(start, sizeof(start)) != NULL, "getcwd");
    must(mkdir("one dir", 0755));
    must(mkdir("one dir/two\nlines", 0755));
    must(close(must(open("one dir/here", O_WRONLY | O_CREAT, 0600))));
    must(close(must(open("one dir/two\nlines/here", O_WRONLY | O_CREAT, 0600))));
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    must(chdir("one dir"));
    umask(0027);
    test_ready();
    test_wait();
    char name[PATH_MAX + 16];
    snprintf(name, sizeof(name), "%s/one dir", start);
    verify(name, 0027);
    stop_child(pid);
    return test_pass();
}
