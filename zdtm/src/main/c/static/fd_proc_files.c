// SPDX-License-Identifier: Apache-2.0
/* Open files of /proc that show processes of the tree show the restored ones. */
#include "zdtm.h"

static int child(void *argument) {
    (void)argument;
    test_wait();
    return 0;
}

static void check_shows(int fd, const char *key, long number) {
    char text[4096];
    ssize_t length = must(pread(fd, text, sizeof(text) - 1, 0));
    text[length] = '\0';
    const char *at = strstr(text, key);
    check(at != NULL && strtol(at + strlen(key), NULL, 10) == number, "%s%ld is not shown in %s", key, number, text);
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pid_t pid = spawn(child, NULL);
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
    int of_child = must(open(path, O_RDONLY));
    int own = must(open("/proc/self/status", O_RDONLY));
    int own_task = must(open("/proc/thread-self/status", O_RDONLY));
    int directory = must(open("/proc/self", O_RDONLY | O_DIRECTORY));
    check_shows(of_child, "\nPid:\t", pid);
    test_ready();
    test_wait();
    check_shows(of_child, "\nPid:\t", pid);
    check_shows(own, "\nPid:\t", getpid());
    check_shows(own_task, "\nPid:\t", getpid());
    int again = must(openat(directory, "status", O_RDONLY));
    check_shows(again, "\nPid:\t", getpid());
    stop_child(pid);
    return test_pass();
}
