// SPDX-License-Identifier: Apache-2.0
/* What a process sets for all of its memory, its core files and its session. Argument: which. */
#include "zdtm.h"

#ifndef PR_SET_MEMORY_MERGE
#define PR_SET_MEMORY_MERGE 67
#define PR_GET_MEMORY_MERGE 68
#endif
#ifndef PR_SET_MDWE
#define PR_SET_MDWE 65
#define PR_GET_MDWE 66
#endif
#define EXCEPT_ADVISED (1 << 1)

static void write_text(const char *path, const char *text) {
    int fd = must(open(path, O_WRONLY));
    must(write(fd, text, strlen(text)));
    must(close(fd));
}

static void expect_text(const char *path, const char *end) {
    size_t length;
    char *text = read_text(path, &length);
    check(length >= strlen(end) && strcmp(text + length - strlen(end), end) == 0, "%s: %s", path, text);
    free(text);
}

static void mdwe(bool set) {
    if (set && prctl(PR_SET_MDWE, 1 /* PR_MDWE_REFUSE_EXEC_GAIN */, 0, 0, 0) == -1) {
        test_skip("this kernel has no PR_SET_MDWE");
    }
    check_equal(1, must(prctl(PR_GET_MDWE, 0, 0, 0, 0)), "MDWE");
    void *page = map(PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    check(mprotect(page, PAGE, PROT_READ | PROT_EXEC) == -1 && errno == EACCES, "memory may become executable");
    must(munmap(page, PAGE));
}

static void memory_merge(bool set) {
    if (set && prctl(PR_SET_MEMORY_MERGE, 1, 0, 0, 0) == -1) {
        test_skip("this kernel has no PR_SET_MEMORY_MERGE");
    }
    check_equal(1, must(prctl(PR_GET_MEMORY_MERGE, 0, 0, 0, 0)), "memory merging");
}

static void huge_pages(bool set) {
    if (set && prctl(PR_SET_THP_DISABLE, 1, EXCEPT_ADVISED, 0, 0) == -1) {
        test_skip("this kernel switches huge pages off altogether only");
    }
    check_equal(1 | EXCEPT_ADVISED, must(prctl(PR_GET_THP_DISABLE, 0, 0, 0, 0)), "huge pages");
}

static void core_files(bool set) {
    if (set) {
        write_text("/proc/self/coredump_filter", "0x7d");
    }
    expect_text("/proc/self/coredump_filter", "0000007d\n");
}

static void autogroup(bool set) {
    if (access("/proc/self/autogroup", F_OK) == -1) {
        test_skip("this kernel has no autogroups");
    }
    if (set) {
        write_text("/proc/self/autogroup", "7");
    }
    expect_text("/proc/self/autogroup", " nice 7\n");
}

static const struct {
    const char *name;
    void (*setting)(bool);
} KINDS[] = {{"mdwe", mdwe}, {"memory_merge", memory_merge}, {"huge_pages", huge_pages}, {"core_files", core_files},
        {"autogroup", autogroup}};

static int child_body(void *setting) {
    test_wait();
    /* Children inherit all of these. */
    ((void (*)(bool))setting)(false);
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    void (*setting)(bool) = NULL;
    for (size_t i = 0; i < COUNT(KINDS); i++) {
        setting = strcmp(KINDS[i].name, test_arg(0)) == 0 ? KINDS[i].setting : setting;
    }
    check(setting != NULL, "no setting is called %s", test_arg(0));
    setting(true);
    pid_t child = spawn(child_body, (void *)setting);
    test_ready();
    test_wait();
    setting(false);
    stop_child(child);
    return test_pass();
}
