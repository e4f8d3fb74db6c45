// SPDX-License-Identifier: Apache-2.0
/* Soft and hard limits of all sixteen resources. */
#include "zdtm.h"

int main(int argc, char **argv) {
    test_init(argc, argv);
    struct rlimit before[RLIM_NLIMITS];
    for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
        struct rlimit limit;
        must(getrlimit(i, &limit));
        switch (i) {
            case RLIMIT_NOFILE:
                limit.rlim_cur = 321;
                limit.rlim_max = 654;
                break;
            case RLIMIT_STACK:
                limit.rlim_cur = 3 * MIB;
                break;
            case RLIMIT_CORE:
            case RLIMIT_MSGQUEUE:
            case RLIMIT_MEMLOCK:
                limit.rlim_cur /= 2;
                limit.rlim_max = limit.rlim_max == RLIM_INFINITY ? 12345678 : limit.rlim_max;
                limit.rlim_cur = limit.rlim_cur > limit.rlim_max ? limit.rlim_max : limit.rlim_cur;
                break;
            case RLIMIT_CPU:
                limit.rlim_cur = 100000;
                break;
            case RLIMIT_FSIZE:
                limit.rlim_cur = 1000 * MIB;
                break;
            case RLIMIT_NPROC:
                limit.rlim_cur = limit.rlim_max / 2;
                break;
            default:
                break;
        }
        must(setrlimit(i, &limit));
        must(getrlimit(i, &before[i]));
    }
    test_ready();
    test_wait();
    for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
        struct rlimit after;
        must(getrlimit(i, &after));
        char what[64];
        snprintf(what, sizeof(what), "soft limit of resource %d", i);
        check_equal(before[i].rlim_cur, after.rlim_cur, what);
        snprintf(what, sizeof(what), "hard limit of resource %d", i);
        check_equal(before[i].rlim_max, after.rlim_max, what);
    }
    return test_pass();
}
