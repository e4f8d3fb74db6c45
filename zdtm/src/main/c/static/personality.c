// SPDX-License-Identifier: Apache-2.0
/* The execution domain's flags. */
#include "zdtm.h"

#include <sys/personality.h>

int main(int argc, char **argv) {
    test_init(argc, argv);
    unsigned long wanted = ADDR_NO_RANDOMIZE | SHORT_INODE | STICKY_TIMEOUTS | ADDR_COMPAT_LAYOUT;
    must(personality(wanted));
    test_ready();
    test_wait();
    check_equal(wanted, must(personality(0xffffffff)), "personality");
    return test_pass();
}
