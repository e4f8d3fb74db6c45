// SPDX-License-Identifier: Apache-2.0
/* Every signal's action: default, ignored, handlers with all flags, masks and restorers. */
#include "zdtm.h"

/* What the kernel keeps, unlike glibc's sigaction. */
struct kernel_action {
    uint64_t handler;
    uint64_t flags;
    uint64_t restorer;
    uint64_t mask;
};

static struct kernel_action before[65];

static void handler(int signal_number) { (void)signal_number; }
static void info_handler(int signal_number, siginfo_t *info, void *context) {
    (void)signal_number;
    (void)info;
    (void)context;
}

static void get(int number, struct kernel_action *action) {
    must(syscall(SYS_rt_sigaction, number, NULL, action, 8));
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    static const int flags[] = {0, SA_RESTART, SA_NODEFER, SA_ONSTACK | SA_RESTART, SA_NOCLDSTOP, SA_NOCLDWAIT, (int)SA_RESETHAND};
    for (int number = 1; number < 65; number++) {
        if (number == SIGKILL || number == SIGSTOP || number == SIGTERM || number == 32 || number == 33) {
            continue;
        }
        struct sigaction action = {.sa_flags = flags[number % (int)COUNT(flags)]};
        switch (number % 4) {
            case 0:
                action.sa_handler = handler;
                break;
            case 1:
                action.sa_sigaction = info_handler;
                action.sa_flags |= SA_SIGINFO;
                break;
            case 2:
                action.sa_handler = SIG_IGN;
                break;
            default:
                action.sa_handler = SIG_DFL;
                break;
        }
        sigemptyset(&action.sa_mask);
        for (int other = number % 7 + 1; other < 65; other += 7) {
            sigaddset(&action.sa_mask, other);
        }
        must(sigaction(number, &action, NULL));
    }
    /* The signal that a debugger uses must keep the program's own action. */
    struct sigaction trap = {.sa_sigaction = info_handler, .sa_flags = SA_SIGINFO | SA_ONSTACK};
    must(sigaction(SIGTRAP, &trap, NULL));
    for (int number = 1; number < 65; number++) {
        get(number, &before[number]);
    }
    test_ready();
    test_wait();
    for (int number = 1; number < 65; number++) {
        struct kernel_action after;
        get(number, &after);
        char what[64];
        snprintf(what, sizeof(what), "handler of signal %d", number);
        check_equal(before[number].handler, after.handler, what);
        snprintf(what, sizeof(what), "flags of signal %d", number);
        check_equal(before[number].flags, after.flags, what);
        snprintf(what, sizeof(what), "restorer of signal %d", number);
        check_equal(before[number].restorer, after.restorer, what);
        snprintf(what, sizeof(what), "mask of signal %d", number);
        check_equal(before[number].mask, after.mask, what);
    }
    return test_pass();
}
