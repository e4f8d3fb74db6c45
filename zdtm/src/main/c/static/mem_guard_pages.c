// SPDX-License-Identifier: Apache-2.0
/* Guard pages (MADV_GUARD_INSTALL) stay where they are, in memory of every kind; what lies between them stays too. */
#include "zdtm.h"

#include <setjmp.h>

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#define MADV_GUARD_REMOVE 103
#endif

static sigjmp_buf fault;

static void on_fault(int signal_number) {
    (void)signal_number;
    siglongjmp(fault, 1);
}

static bool readable(volatile char *at) {
    if (sigsetjmp(fault, 1) != 0) {
        return false;
    }
    (void)*at;
    return true;
}

static void verify(char *area, const char *what) {
    for (int i = 0; i < 8; i++) {
        bool guarded = i == 1 || i == 4 || i == 5;
        check(readable(area + i * (long)PAGE) != guarded, "%s: page %d is %s", what, i, guarded ? "open" : "guarded");
        if (!guarded) {
            check_pattern(area + i * (long)PAGE, PAGE, 7 + i, what);
        }
    }
}

static void fill(char *area) {
    for (int i = 0; i < 8; i++) {
        pattern_write(area + i * (long)PAGE, PAGE, 7 + i);
    }
    must(madvise(area + PAGE, PAGE, MADV_GUARD_INSTALL));
    must(madvise(area + 4 * PAGE, 2 * PAGE, MADV_GUARD_INSTALL));
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    must0(signal(SIGSEGV, on_fault) == SIG_ERR);
    char *area = map(8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    if (madvise(area, PAGE, MADV_GUARD_INSTALL) != 0) {
        test_skip("this kernel has no guard pages (before 6.13)");
    }
    must(madvise(area, PAGE, MADV_GUARD_REMOVE));
    fill(area);
    char *locked = map(8 * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    fill(locked);
    must(mlock2(locked, 8 * PAGE, MLOCK_ONFAULT));
    int file = must(memfd_create("guarded", 0));
    must(ftruncate(file, 8 * PAGE));
    char *shared = map_file(8 * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    bool in_files = madvise(shared, PAGE, MADV_GUARD_INSTALL) == 0;
    if (in_files) {
        must(madvise(shared, PAGE, MADV_GUARD_REMOVE));
        fill(shared);
    }
    test_ready();
    test_wait();
    verify(area, "private memory");
    verify(locked, "locked memory");
    if (in_files) {
        verify(shared, "shared memory");
    }
    must(madvise(area + PAGE, PAGE, MADV_GUARD_REMOVE));
    check_equal(0, area[PAGE], "page whose guard was removed");
    return test_pass();
}
