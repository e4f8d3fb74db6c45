// SPDX-License-Identifier: Apache-2.0
/* A process group whose leader has ended and was waited for: its members keep the number. */
#include "zdtm.h"

static int leader(void *argument) {
    must(setpgid(0, 0));
    mark("leader");
    await_mark("members");
    return argument == NULL ? 0 : 1;
}

static int member(void *argument) {
    pid_t group = (pid_t)(long)argument;
    must(setpgid(0, group));
    mark("member %d", (int)getpid());
    test_wait();
    check_equal(group, getpgid(0), "process group of the member");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pid_t group = spawn(leader, NULL);
    await_mark("leader");
    pid_t members[2];
    for (size_t i = 0; i < COUNT(members); i++) {
        members[i] = spawn(member, (void *)(long)group);
        await_mark("member %d", (int)members[i]);
    }
    mark("members");
    await_child(group, 0);
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(members); i++) {
        check_equal(group, must(getpgid(members[i])), "process group as its parent sees it");
        stop_child(members[i]);
    }
    return test_pass();
}
