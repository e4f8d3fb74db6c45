// SPDX-License-Identifier: Apache-2.0
/* A session whose leader has ended and was waited for: its members keep the number. */
#include "zdtm.h"

static int member(void *argument) {
    pid_t session = (pid_t)(long)argument;
    mark("member");
    test_wait();
    check_equal(session, getsid(0), "session of the member");
    check_equal(session, getpgid(0), "process group of the member");
    return 0;
}

static int leader(void *argument) {
    (void)argument;
    pid_t session = must(setsid());
    spawn(member, (void *)(long)session);
    await_mark("member");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    /* The orphan comes to us instead of init, so that it stays in the tree. */
    must(prctl(PR_SET_CHILD_SUBREAPER, 1));
    pid_t first = spawn(leader, NULL);
    await_child(first, 0);
    test_ready();
    test_wait();
    int subreaper = 0;
    must(prctl(PR_GET_CHILD_SUBREAPER, &subreaper));
    check_equal(1, subreaper, "child subreaper");
    must(kill(-first, SIGTERM));
    int status;
    pid_t ended = must(waitpid(-1, &status, 0));
    check(ended != first, "the leader cannot end twice");
    check_equal(0, status, "status of the member");
    return test_pass();
}
