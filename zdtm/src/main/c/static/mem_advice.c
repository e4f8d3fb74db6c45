// SPDX-License-Identifier: Apache-2.0
/* What madvise(2) has set stays set, mapping by mapping. */
#include "zdtm.h"

static const struct {
    int advice;
    const char *flag;
    const char *name;
} ADVICE[] = {
    {MADV_DONTFORK, " dc ", "MADV_DONTFORK"},     {MADV_DONTDUMP, " dd ", "MADV_DONTDUMP"},
    {MADV_WIPEONFORK, " wf ", "MADV_WIPEONFORK"}, {MADV_HUGEPAGE, " hg ", "MADV_HUGEPAGE"},
    {MADV_NOHUGEPAGE, " nh ", "MADV_NOHUGEPAGE"}, {MADV_MERGEABLE, " mg ", "MADV_MERGEABLE"},
    {MADV_RANDOM, " rr ", "MADV_RANDOM"},         {MADV_SEQUENTIAL, " sr ", "MADV_SEQUENTIAL"},
};

int main(int argc, char **argv) {
    test_init(argc, argv);
    char *areas[COUNT(ADVICE)];
    bool offered[COUNT(ADVICE)];
    char flags[256];
    for (size_t i = 0; i < COUNT(ADVICE); i++) {
        areas[i] = map(4 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
        offered[i] = madvise(areas[i], 4 * MIB, ADVICE[i].advice) == 0;
        pattern_write(areas[i] + 64 * KIB, 128 * KIB, i);
        vm_flags(areas[i], flags, sizeof(flags));
        check(!offered[i] || strstr(flags, ADVICE[i].flag) != NULL, "%s is not shown in %s", ADVICE[i].name, flags);
    }
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(ADVICE); i++) {
        vm_flags(areas[i], flags, sizeof(flags));
        for (size_t k = 0; k < COUNT(ADVICE); k++) {
            bool expected = i == k && offered[i];
            check((strstr(flags, ADVICE[k].flag) != NULL) == expected, "%s is %s after %s: %s", ADVICE[k].name,
                    expected ? "lost" : "set", ADVICE[i].name, flags);
        }
        check_pattern(areas[i] + 64 * KIB, 128 * KIB, i, ADVICE[i].name);
    }
    return test_pass();
}
