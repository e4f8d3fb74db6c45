// SPDX-License-Identifier: Apache-2.0
/* Old programs call the kernel at fixed addresses; where the kernel still lets them, they may go on to. */
#include "zdtm.h"

#define VSYSCALL_TIME 0xffffffffff600400UL

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *maps = read_text("/proc/self/maps", NULL);
    if (strstr(maps, "[vsyscall]") == NULL) {
        test_skip("this kernel has no vsyscall page");
    }
    time_t (*volatile old_time)(time_t *) = (time_t(*)(time_t *))VSYSCALL_TIME;
    check(labs(old_time(NULL) - time(NULL)) <= 1, "the old time");
    test_ready();
    test_wait();
    check(labs(old_time(NULL) - time(NULL)) <= 1, "the old time afterwards");
    maps = read_text("/proc/self/maps", NULL);
    check(strstr(maps, "[vsyscall]") != NULL, "no vsyscall page any more");
    return test_pass();
}
