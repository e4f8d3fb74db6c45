// SPDX-License-Identifier: Apache-2.0
/* A process that makes children all the time, which make children: none is lost, none is seen twice. */
#include "zdtm.h"

static int grandchild(void *argument) {
    usleep(300);
    return (int)(long)argument;
}

static int child(void *argument) {
    long value = (long)argument;
    await_child(spawn(grandchild, (void *)((value * 7) & 0x7f)), (int)((value * 7) & 0x7f) << 8);
    return (int)value;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    /* SIGTERM is for the first process; children may be born with it pending. */
    long rounds = 0;
    bool ready = false;
    while (!test_stopping()) {
        pid_t children[3];
        for (long i = 0; i < 3; i++) {
            children[i] = spawn(child, (void *)((rounds + i) & 0x7f));
        }
        for (long i = 0; i < 3; i++) {
            await_child(children[i], (int)((rounds + i) & 0x7f) << 8);
        }
        if (++rounds == 5 && !ready) {
            ready = true;
            test_ready();
        }
    }
    check(waitpid(-1, NULL, 0) == -1 && errno == ECHILD, "a child is left over");
    return test_pass();
}
