// SPDX-License-Identifier: Apache-2.0
/* Sessions and process groups, also those whose leader is a zombie. */
#include "zdtm.h"

static pid_t group_of_first;

static int stays(void *argument) {
    (void)argument;
    pid_t session = getsid(0);
    pid_t group = getpgid(0);
    mark("member.%d", getpid());
    test_wait();
    check_equal(session, getsid(0), "session of a member");
    check_equal(group, getpgid(0), "process group of a member");
    return 0;
}

static int leads_group(void *argument) {
    must(setpgid(0, 0));
    return stays(argument);
}

static int leads_session(void *argument) {
    pid_t self = getpid();
    must(setsid());
    pid_t same = spawn(stays, argument);
    pid_t other = spawn(leads_group, argument);
    await_mark("member.%d", same);
    await_mark("member.%d", other);
    mark("session.%d", self);
    test_wait();
    check_equal(self, getsid(0), "session of its leader");
    check_equal(self, getpgid(0), "process group of a session leader");
    check_equal(self, getsid(same), "session of a member, from outside");
    check_equal(self, getpgid(same), "group of a member, from outside");
    check_equal(self, getsid(other), "session of a group leader, from outside");
    check_equal(other, getpgid(other), "group of a group leader, from outside");
    stop_child(same);
    stop_child(other);
    return 0;
}

static int leads_and_ends(void *argument) {
    (void)argument;
    must(setpgid(0, 0));
    mark("leader");
    await_mark("joined");
    return 5;
}

static int joins(void *argument) {
    must(setpgid(0, (pid_t)(long)argument));
    group_of_first = getpgid(0);
    mark("joined");
    return stays(NULL);
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pid_t first = spawn(leads_session, NULL);
    await_mark("session.%d", first);
    pid_t second = spawn(leads_group, NULL);
    await_mark("member.%d", second);
    /* A group that outlives its leader: the leader stays as a zombie, its member goes on. */
    pid_t leader = spawn(leads_and_ends, NULL);
    await_mark("leader");
    pid_t member = spawn(joins, (void *)(long)leader);
    await_mark("member.%d", member);
    siginfo_t info;
    must(waitid(P_PID, (id_t)leader, &info, WEXITED | WNOWAIT));
    test_ready();
    test_wait();
    check_equal(first, getsid(first), "session of the child that leads one");
    check_equal(getsid(0), getsid(second), "session of the child that leads a group");
    check_equal(second, getpgid(second), "group of the child that leads one");
    check_equal(leader, getpgid(member), "group whose leader is a zombie");
    stop_child(first);
    stop_child(second);
    stop_child(member);
    await_child(leader, 5 << 8);
    return test_pass();
}
