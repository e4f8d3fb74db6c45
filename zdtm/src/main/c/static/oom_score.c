// SPDX-License-Identifier: Apache-2.0
/* oom_score_adj of a parent and of a child. */
#include "zdtm.h"

static void set(const char *value) {
    int fd = must(open("/proc/self/oom_score_adj", O_WRONLY));
    must(write(fd, value, strlen(value)));
    must(close(fd));
}

static void verify(const char *value) {
    char *now = read_text("/proc/self/oom_score_adj", NULL);
    check_equal(atoi(value), atoi(now), "oom_score_adj");
    free(now);
}

static int child(void *argument) {
    (void)argument;
    set("777");
    mark("child");
    test_wait();
    verify("777");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    set("123");
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    test_ready();
    test_wait();
    verify("123");
    stop_child(pid);
    return test_pass();
}
