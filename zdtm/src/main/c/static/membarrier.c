// SPDX-License-Identifier: Apache-2.0
/* Registrations of membarrier(2): those that were made hold, the others still are refused. */
#include "zdtm.h"

#include <linux/membarrier.h>

#define GET_REGISTRATIONS (1 << 9)

static long membarrier(int command) { return syscall(SYS_membarrier, command, 0, 0); }

int main(int argc, char **argv) {
    test_init(argc, argv);
    if (membarrier(GET_REGISTRATIONS) < 0) {
        test_skip("this kernel does not tell registrations (before 6.3)");
    }
    must(membarrier(MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED));
    must(membarrier(MEMBARRIER_CMD_REGISTER_GLOBAL_EXPEDITED));
    long registered = must(membarrier(GET_REGISTRATIONS));
    test_ready();
    test_wait();
    check_equal(registered, must(membarrier(GET_REGISTRATIONS)), "registrations");
    must(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED));
    must(membarrier(MEMBARRIER_CMD_GLOBAL_EXPEDITED));
    check(membarrier(MEMBARRIER_CMD_PRIVATE_EXPEDITED_SYNC_CORE) == -1 && errno == EPERM, "one was made that was not");
    return test_pass();
}
