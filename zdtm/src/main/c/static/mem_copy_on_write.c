// SPDX-License-Identifier: Apache-2.0
/* Memory inherited over fork: each side sees its own changes, and writes after the checkpoint stay private. */
#include "zdtm.h"

#define SIZE (8 * MIB)

static char *area;

static int child(void *argument) {
    (void)argument;
    pattern_write(area, SIZE / 4, 2);
    mark("child");
    test_wait();
    check_pattern(area, SIZE / 4, 2, "what the child wrote");
    for (size_t i = SIZE / 4; i < SIZE; i += PAGE) {
        check_equal('i', area[i], "what the child inherited");
    }
    memset(area, 'C', SIZE);
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    area = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memset(area, 'i', SIZE);
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    memset(area + SIZE / 2, 'P', SIZE / 4);
    test_ready();
    test_wait();
    stop_child(pid);
    for (size_t i = 0; i < SIZE; i += PAGE) {
        check_equal(i >= SIZE / 2 && i < SIZE / 4 * 3 ? 'P' : 'i', area[i], "what the parent has");
    }
    return test_pass();
}
