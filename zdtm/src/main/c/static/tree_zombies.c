// SPDX-License-Identifier: Apache-2.0
/* Children that have ended but were not waited for keep their exit statuses, pids and comm. */
#include "zdtm.h"

static int exits(void *argument) { return (int)(long)argument; }

static int dies(void *argument) {
    struct rlimit no_core = {0, 0};
    setrlimit(RLIMIT_CORE, &no_core);
    signal((int)(long)argument, SIG_DFL);
    raise((int)(long)argument);
    pause();
    return 99;
}

static int leads_group(void *argument) {
    setpgid(0, 0);
    return (int)(long)argument;
}

static void await_zombie(pid_t pid) {
    siginfo_t info;
    must(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT));
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    struct {
        pid_t pid;
        int status;
        int code;
    } zombies[] = {
        {spawn(exits, (void *)0L), 0, CLD_EXITED},
        {spawn(exits, (void *)42L), 42, CLD_EXITED},
        {spawn(exits, (void *)255L), 255, CLD_EXITED},
        {spawn(dies, (void *)(long)SIGKILL), SIGKILL, CLD_KILLED},
        {spawn(dies, (void *)(long)SIGTERM), SIGTERM, CLD_KILLED},
        {spawn(dies, (void *)(long)SIGSEGV), SIGSEGV, CLD_KILLED},
        {spawn(dies, (void *)(long)SIGRTMIN), SIGRTMIN, CLD_KILLED},
        {spawn(leads_group, (void *)7L), 7, CLD_EXITED},
    };
    for (size_t i = 0; i < COUNT(zombies); i++) {
        await_zombie(zombies[i].pid);
    }
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(zombies); i++) {
        char path[64];
        snprintf(path, sizeof(path), "/proc/%d/status", zombies[i].pid);
        check_equal(getpid(), proc_field(path, "PPid", 10), "parent of a zombie");
        siginfo_t info = {0};
        must(waitid(P_PID, (id_t)zombies[i].pid, &info, WEXITED | WNOHANG));
        check_equal(zombies[i].pid, info.si_pid, "pid of a zombie");
        check_equal(zombies[i].code, info.si_code, "si_code of a zombie");
        check_equal(zombies[i].status, info.si_status, "si_status of a zombie");
    }
    check(waitpid(-1, NULL, 0) == -1 && errno == ECHILD, "there are more children than there were");
    return test_pass();
}
