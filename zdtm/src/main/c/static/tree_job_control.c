// SPDX-License-Identifier: Apache-2.0
/* A child stopped by job control stays stopped and goes on at SIGCONT, having run nothing in between. */
#include "zdtm.h"

static volatile long *counter;

static int counts(void *argument) {
    (void)argument;
    mark("counting");
    while (!test_stopping()) {
        (*counter)++;
        usleep(200);
    }
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    counter = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
    pid_t child = spawn(counts, NULL);
    pid_t fresh = spawn(counts, NULL);
    await_mark("counting");
    siginfo_t info;
    must(kill(child, SIGSTOP));
    must(waitid(P_PID, (id_t)child, &info, WSTOPPED));
    check_equal(CLD_STOPPED, info.si_code, "si_code of the stop");
    /* The parent has not been told of this one yet. (SIGTSTP would do nothing: our process group is orphaned.) */
    must(kill(fresh, SIGSTOP));
    must(waitid(P_PID, (id_t)fresh, &info, WSTOPPED | WNOWAIT));
    long before = *counter;
    test_ready();
    test_wait();
    sleep_ms(100);
    check_equal(before, *counter, "counter of the stopped children");
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/status", child);
    char *status = read_text(path, NULL);
    check(strstr(status, "State:\tT") != NULL, "the child is not stopped: %.60s", strstr(status, "State:"));
    free(status);
    must(kill(child, SIGCONT));
    must(waitid(P_PID, (id_t)child, &info, WCONTINUED));
    check_equal(CLD_CONTINUED, info.si_code, "si_code of the continuation");
    for (int i = 0; i < 2000 && *counter == before; i++) {
        usleep(1000);
    }
    check(*counter > before, "the child does not count after SIGCONT");
    stop_child(child);
    must(kill(fresh, SIGCONT));
    stop_child(fresh);
    return test_pass();
}
