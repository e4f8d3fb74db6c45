// SPDX-License-Identifier: Apache-2.0
/*
 * A program that has used up one of its limits: what the tool does inside of it must not be subject to it, and the
 * limit must hold again afterwards. Argument: fsize, as, data, nofile, stack or memlock.
 */
#include "zdtm.h"

static struct rlimit limit;

static void set(int resource, rlim_t value) {
    must(getrlimit(resource, &limit));
    limit.rlim_cur = value;
    must(setrlimit(resource, &limit));
}

/* Bytes of all mappings, and those that RLIMIT_DATA counts. */
static rlim_t status_bytes(const char *key) { return (rlim_t)proc_field("/proc/self/status", key, 10) * KIB; }

int main(int argc, char **argv) {
    test_init(argc, argv);
    const char *kind = test_arg(0);
    signal(SIGXFSZ, SIG_DFL);
    char *area = map(8 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    pattern_write(area, 8 * MIB, 1);
    int resource = -1;
    if (strcmp(kind, "fsize") == 0) {
        resource = RLIMIT_FSIZE;
        set(resource, 4096);
    } else if (strcmp(kind, "as") == 0) {
        resource = RLIMIT_AS;
        set(resource, status_bytes("VmSize"));
        check(mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == MAP_FAILED, "there is room left");
    } else if (strcmp(kind, "data") == 0) {
        resource = RLIMIT_DATA;
        set(resource, status_bytes("VmData"));
    } else if (strcmp(kind, "nofile") == 0) {
        resource = RLIMIT_NOFILE;
        int last = test_prepare();
        set(resource, (rlim_t)last + 1);
        check(open(".", O_RDONLY) == -1 && errno == EMFILE, "there are descriptors left");
    } else if (strcmp(kind, "stack") == 0) {
        resource = RLIMIT_STACK;
        set(resource, 64 * KIB);
    } else {
        resource = RLIMIT_MEMLOCK;
        must(mlock(area, MIB));
        set(resource, 0);
    }
    rlim_t soft = limit.rlim_cur;
    test_ready();
    test_wait();
    check(resource != RLIMIT_NOFILE || (open(".", O_RDONLY) == -1 && errno == EMFILE), "there are descriptors left");
    struct rlimit after;
    must(getrlimit(resource, &after));
    check_equal(soft, after.rlim_cur, "soft limit");
    check_equal(limit.rlim_max, after.rlim_max, "hard limit");
    check_pattern(area, 8 * MIB, 1, "memory");
    return test_pass();
}
