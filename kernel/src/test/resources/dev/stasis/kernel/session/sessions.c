// SPDX-License-Identifier: Apache-2.0
// Processes in sessions that their parents were never in, and in groups and sessions whose leaders are gone.
#define _GNU_SOURCE
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static void hang(void) {
    for (;;) pause();
}

static void orphan(void) {
    pid_t middle = fork();
    if (!middle) {
        if (!fork()) hang();
        _exit(0);
    }
    waitpid(middle, NULL, 0);
}

int main(void) {
    // The build's own descriptors may come down to us.
    syscall(SYS_close_range, 3, ~0U, 0);
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    // A group whose leader is gone.
    pid_t gone = fork();
    if (!gone) {
        setpgid(0, 0);
        pause();
    }
    for (int i = 0; i < 2; i++) {
        while (getpgid(gone) != gone) usleep(1000);
        pid_t member = fork();
        if (!member) {
            setpgid(0, gone);
            hang();
        }
        while (getpgid(member) != gone) usleep(1000);
    }
    kill(gone, 9);
    waitpid(gone, NULL, 0);
    // A session whose leader is gone.
    gone = fork();
    if (!gone) {
        setsid();
        if (!fork()) hang();
        if (!fork()) {
            setpgid(0, 0);
            hang();
        }
        usleep(100000);
        _exit(0);
    }
    waitpid(gone, NULL, 0);
    // A child that is in a sibling's session, and one that is in a grandchild's.
    if (!fork()) {
        setsid();
        orphan();
        hang();
    }
    if (!fork()) {
        if (!fork()) {
            setsid();
            orphan();
            hang();
        }
        hang();
    }
    // A child that is in the session that its parent left.
    if (!fork()) {
        if (!fork()) hang();
        setsid();
        if (!fork()) hang();
        hang();
    }
    usleep(300000);
    printf("ready\n");
    fflush(stdout);
    hang();
}
