// SPDX-License-Identifier: Apache-2.0
/*
 * A filter that hands a call over to a listener. Argument: "held" keeps the listener, "closed" does not. It must not
 * notice that somebody tried.
 */
#include "zdtm.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

int main(int argc, char **argv) {
    test_init(argc, argv);
    struct sock_filter code[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_swapon, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_USER_NOTIF),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {.len = COUNT(code), .filter = code};
    int listener = must((int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_NEW_LISTENER, &program));
    if (strcmp(test_arg(0), "closed") == 0) {
        must(close(listener));
    } else {
        test_tell("listener", listener);
    }
    test_ready();
    test_wait();
    if (strcmp(test_arg(0), "closed") == 0) {
        check(syscall(SYS_swapon, NULL, 0) == -1 && errno == ENOSYS, "a call without listener");
    }
    return test_pass();
}
