// SPDX-License-Identifier: Apache-2.0
/* All five capability sets, the secure bits and no_new_privs, of root with few rights left. */
#include "zdtm.h"

#include <linux/capability.h>
#include <linux/securebits.h>

static const char *const SETS[] = {"CapInh", "CapPrm", "CapEff", "CapBnd", "CapAmb"};

int main(int argc, char **argv) {
    test_init(argc, argv);
    must(prctl(PR_CAPBSET_DROP, CAP_SYS_MODULE));
    must(prctl(PR_CAPBSET_DROP, CAP_SYS_BOOT));
    uint64_t permitted = 1UL << CAP_CHOWN | 1UL << CAP_NET_ADMIN | 1UL << CAP_SETPCAP | 1UL << CAP_SYSLOG;
    uint64_t effective = 1UL << CAP_CHOWN | 1UL << CAP_SETPCAP;
    uint64_t inheritable = 1UL << CAP_NET_ADMIN | 1UL << CAP_SYSLOG;
    must(prctl(PR_SET_SECUREBITS, SECBIT_NO_SETUID_FIXUP | SECBIT_KEEP_CAPS | SECBIT_NOROOT_LOCKED | SECBIT_NOROOT));
    struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
    struct __user_cap_data_struct data[2] = {
        {(uint32_t)effective, (uint32_t)permitted, (uint32_t)inheritable},
        {(uint32_t)(effective >> 32), (uint32_t)(permitted >> 32), (uint32_t)(inheritable >> 32)},
    };
    must(syscall(SYS_capset, &header, data));
    must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, CAP_SYSLOG, 0, 0));
    must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
    int bits = must(prctl(PR_GET_SECUREBITS));
    long long before[COUNT(SETS)];
    for (size_t i = 0; i < COUNT(SETS); i++) {
        before[i] = proc_field("/proc/self/status", SETS[i], 16);
    }
    check_equal(permitted, before[1], "permitted set before");
    check_equal(1UL << CAP_SYSLOG, before[4], "ambient set before");
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(SETS); i++) {
        check_equal(before[i], proc_field("/proc/self/status", SETS[i], 16), SETS[i]);
    }
    check_equal(bits, must(prctl(PR_GET_SECUREBITS)), "secure bits");
    check_equal(1, must(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)), "no_new_privs");
    return test_pass();
}
