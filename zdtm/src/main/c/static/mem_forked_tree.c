// SPDX-License-Identifier: Apache-2.0
/* A tree of forked processes, four generations deep, takes as much memory afterwards as it did before. */
#include "zdtm.h"

#define SIZE (16 * MIB)
#define GENERATIONS 4
#define MEMBERS 10

static char *area;
static char *split;
static pid_t *pids;
static int members;

/* What the whole tree takes, in KiB: memory that n processes share counts once. */
static long long footprint(void) {
    long long total = 0;
    for (int i = 0; i < MEMBERS; i++) {
        char path[64];
        snprintf(path, sizeof path, "/proc/%d/smaps_rollup", pids[i]);
        total += proc_field(path, "Pss", 10);
    }
    return total;
}

/* What member number has made of what it inherited; ancestors are written over as they were at the fork. */
static void change(int number) {
    pattern_write(area + number * MIB, MIB / 2, number + 2);
    must(madvise(area + number * MIB + MIB / 2, MIB / 4, MADV_DONTNEED));
    must(mprotect(split + number * 64 * KIB, 32 * KIB, PROT_READ));
    must(munmap(split + number * 64 * KIB + 32 * KIB, 16 * KIB));
}

static void verify(uint32_t lineage) {
    for (int number = 0; number < 16; number++) {
        char *part = area + number * MIB;
        if (number < MEMBERS && (lineage & 1U << number)) {
            check_pattern(part, MIB / 2, number + 2, "what was written");
            for (size_t i = MIB / 2; i < MIB / 4 * 3; i += PAGE) {
                check_equal(0, part[i], "what was given back");
            }
        } else {
            for (size_t i = 0; i < MIB; i += PAGE) {
                check_equal('i', part[i], "what was inherited");
            }
        }
        char flags[128];
        vm_flags(split + number * 64 * KIB, flags, sizeof flags);
        bool readable = number < MEMBERS && (lineage & 1U << number);
        check_equal(readable, strstr(flags, " wr") == NULL, "protection of a part");
        check_equal('s', split[number * 64 * KIB], "what was inherited and protected");
    }
}

struct member {
    int number;
    int generation;
    uint32_t lineage;
};

static int live(void *argument);

static void bear(struct member parent, int count, pid_t *children) {
    for (int i = 0; i < count; i++) {
        int number = __atomic_fetch_add(&pids[MEMBERS], 1, __ATOMIC_SEQ_CST);
        struct member child = {number, parent.generation + 1, parent.lineage | 1U << number};
        children[i] = spawn(live, &child);
    }
}

static int live(void *argument) {
    struct member self = *(struct member *)argument;
    pid_t children[3];
    pids[self.number] = getpid();
    change(self.number);
    int count = self.generation + 1 < GENERATIONS ? 1 : 0;
    bear(self, count, children);
    mark("member%d", self.number);
    test_wait();
    verify(self.lineage);
    for (int i = 0; i < count; i++) {
        stop_child(children[i]);
    }
    memset(area, 'C', SIZE);
    return 0;
}

int main(int argc, char **argv) {
    pid_t children[3];
    test_init(argc, argv);
    pids = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
    area = map(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    split = map(MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    memset(area, 'i', SIZE);
    memset(split, 's', MIB);
    struct member self = {0, 0, 1};
    pids[0] = getpid();
    pids[MEMBERS] = 1;
    change(0);
    bear(self, 3, children);
    for (members = 1; members < MEMBERS; members++) {
        await_mark("member%d", members);
    }
    long long before = footprint();
    test_ready();
    test_wait();
    long long after = footprint();
    check(after <= before + before / 10, "the tree takes %lld KiB, and %lld KiB before", after, before);
    verify(1);
    for (int i = 0; i < 3; i++) {
        stop_child(children[i]);
    }
    verify(1);
    return test_pass();
}
