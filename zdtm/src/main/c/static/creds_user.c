// SPDX-License-Identifier: Apache-2.0
/* Real, effective, saved and file-system ids and supplementary groups of a process that is root no more. */
#include "zdtm.h"

#include <grp.h>
#include <sys/fsuid.h>

static void verify(void) {
    uid_t real, effective, saved;
    must(getresuid(&real, &effective, &saved));
    check_equal(10001, real, "real uid");
    check_equal(10002, effective, "effective uid");
    check_equal(10003, saved, "saved uid");
    gid_t greal, geffective, gsaved;
    must(getresgid(&greal, &geffective, &gsaved));
    check_equal(20001, greal, "real gid");
    check_equal(20002, geffective, "effective gid");
    check_equal(20003, gsaved, "saved gid");
    gid_t groups[70];
    int count = must(getgroups(COUNT(groups), groups));
    check_equal(64, count, "number of supplementary groups");
    for (int i = 0; i < count; i++) {
        check_equal(30000 + i * 3, groups[i], "supplementary group");
    }
    check_equal(0, proc_field("/proc/self/status", "CapEff", 16), "effective capabilities");
}

static int user(void *argument) {
    (void)argument;
    gid_t groups[64];
    for (size_t i = 0; i < COUNT(groups); i++) {
        groups[i] = 30000 + (gid_t)i * 3;
    }
    must(setgroups(COUNT(groups), groups));
    must(setresgid(20001, 20002, 20003));
    must(setresuid(10001, 10002, 10003));
    verify();
    mark("user");
    test_wait();
    verify();
    check(setresuid(0, 0, 0) == -1, "the process can become root");
    must(setresuid((uid_t)-1, 10003, (uid_t)-1));
    check_equal(10003, geteuid(), "effective uid after the change that the saved one allows");
    check_equal(10003, setfsuid((uid_t)-1), "file-system uid");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    must(chmod(".", 0777));
    pid_t child = spawn(user, NULL);
    await_mark("user");
    test_ready();
    test_wait();
    check_equal(0, getuid(), "real uid of the parent");
    stop_child(child);
    return test_pass();
}
