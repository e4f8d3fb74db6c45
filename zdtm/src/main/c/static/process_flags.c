// SPDX-License-Identifier: Apache-2.0
/* What prctl(2) keeps per process: dumpable, subreaper, parent-death signal, huge pages off, time stamps. */
#include "zdtm.h"

static int child(void *argument) {
    (void)argument;
    must(prctl(PR_SET_PDEATHSIG, SIGUSR2));
    must(prctl(PR_SET_DUMPABLE, 0));
    mark("child");
    test_wait();
    int signal_number = 0;
    must(prctl(PR_GET_PDEATHSIG, &signal_number));
    check_equal(SIGUSR2, signal_number, "parent-death signal");
    check_equal(0, must(prctl(PR_GET_DUMPABLE)), "dumpable of the child");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    must(prctl(PR_SET_CHILD_SUBREAPER, 1));
    must(prctl(PR_SET_THP_DISABLE, 1, 0, 0, 0));
    must(prctl(PR_SET_KEEPCAPS, 1));
    test_ready();
    test_wait();
    int subreaper = 0;
    must(prctl(PR_GET_CHILD_SUBREAPER, &subreaper));
    check_equal(1, subreaper, "child subreaper");
    check_equal(1, must(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0)), "huge pages disabled");
    check_equal(1, must(prctl(PR_GET_KEEPCAPS)), "keep capabilities");
    check_equal(1, must(prctl(PR_GET_DUMPABLE)), "dumpable");
    stop_child(pid);
    return test_pass();
}
