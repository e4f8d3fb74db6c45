// SPDX-License-Identifier: Apache-2.0
/* Locked mappings are locked again; locking on fault is, too. */
#include "zdtm.h"

static long locked_kib(void) { return (long)proc_field("/proc/self/status", "VmLck", 10); }

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *locked = map(1 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    char *part = map(1 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    char *on_fault = map(1 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    pattern_write(locked, 1 * MIB, 1);
    must(mlock(locked, 1 * MIB));
    must(mlock(part + 64 * KIB, 64 * KIB));
    must(mlock2(on_fault, 1 * MIB, MLOCK_ONFAULT));
    on_fault[0] = 'f';
    long before = locked_kib();
    test_ready();
    test_wait();
    check_equal(before, locked_kib(), "locked KiB");
    char flags[256];
    vm_flags(locked, flags, sizeof(flags));
    check(strstr(flags, " lo ") != NULL, "not locked: %s", flags);
    vm_flags(part, flags, sizeof(flags));
    check(strstr(flags, " lo ") == NULL, "locked: %s", flags);
    vm_flags(part + 64 * KIB, flags, sizeof(flags));
    check(strstr(flags, " lo ") != NULL, "not locked: %s", flags);
    vm_flags(on_fault, flags, sizeof(flags));
    check(strstr(flags, " lo ") != NULL, "not locked on fault: %s", flags);
    unsigned char resident[256];
    must(mincore(on_fault, 1 * MIB, resident));
    check_equal(0, resident[200] & 1, "untouched page of a mapping locked on fault is resident");
    check_pattern(locked, 1 * MIB, 1, "content");
    must(munlock(locked, 1 * MIB));
    return test_pass();
}
