// SPDX-License-Identifier: Apache-2.0
/* Names that parsers of /proc stumble over: parentheses, blanks, a newline, all fifteen bytes. */
#include "zdtm.h"

static const char *const NAMES[] = {"a) S 1 2 (b", "  two  blanks ", "123456789abcdef", "new\nline", "\xc3\xa4\xff"};

static int child(void *argument) {
    const char *name = argument;
    must(prctl(PR_SET_NAME, name));
    mark("named.%d", getpid());
    test_wait();
    char after[16];
    must(prctl(PR_GET_NAME, after));
    check(strcmp(name, after) == 0, "the name is '%s' instead of '%s'", after, name);
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pid_t children[COUNT(NAMES)];
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        children[i] = spawn(child, (void *)NAMES[i]);
        await_mark("named.%d", children[i]);
    }
    must(prctl(PR_SET_NAME, "R (root) Z"));
    test_ready();
    test_wait();
    char after[16];
    must(prctl(PR_GET_NAME, after));
    check(strcmp("R (root) Z", after) == 0, "the name is '%s'", after);
    for (size_t i = 0; i < COUNT(NAMES); i++) {
        stop_child(children[i]);
    }
    return test_pass();
}
