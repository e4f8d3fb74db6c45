// SPDX-License-Identifier: Apache-2.0
/* Anonymous memory shared by parent, child and grandchild: one memory still, at their different addresses. */
#include "zdtm.h"

#define SIZE (4 * MIB)

static char *area;
static char *sparse;

static int grandchild(void *argument) {
    (void)argument;
    /* The same memory at another address, and only a part of it. */
    char *moved = mremap(area, SIZE, SIZE, MREMAP_MAYMOVE | MREMAP_FIXED, map(SIZE, PROT_NONE, MAP_PRIVATE));
    check(moved != MAP_FAILED, "mremap");
    must(munmap(moved, SIZE / 2));
    mark("grandchild");
    test_wait();
    check_equal('p', moved[SIZE / 2 + 7], "byte that the grandparent wrote afterwards");
    moved[SIZE / 2 + 8] = 'g';
    return 0;
}

static int child(void *argument) {
    pid_t pid = spawn(grandchild, argument);
    mark("child");
    test_wait();
    stop_child(pid);
    check_equal('g', area[SIZE / 2 + 8], "byte that the grandchild wrote afterwards");
    area[9] = 'c';
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    area = map(SIZE, PROT_READ | PROT_WRITE, MAP_SHARED);
    sparse = map(1 * GIB, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_NORESERVE);
    pattern_write(area, SIZE, 5);
    sparse[512 * MIB] = 's';
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    await_mark("grandchild");
    /* One that nobody else has. */
    char *own = map(SIZE, PROT_READ | PROT_WRITE, MAP_SHARED);
    pattern_write(own, SIZE, 6);
    test_ready();
    test_wait();
    check_pattern(area, SIZE, 5, "shared memory");
    check_pattern(own, SIZE, 6, "shared memory of one process");
    check_equal('s', sparse[512 * MIB], "sparse shared memory");
    check_equal(0, sparse[256 * MIB], "hole in sparse shared memory");
    area[SIZE / 2 + 7] = 'p';
    stop_child(pid);
    check_equal('g', area[SIZE / 2 + 8], "byte that the grandchild wrote afterwards");
    check_equal('c', area[9], "byte that the child wrote afterwards");
    return test_pass();
}
