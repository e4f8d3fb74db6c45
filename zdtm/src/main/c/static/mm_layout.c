// SPDX-License-Identifier: Apache-2.0
/* The process's own picture of itself: arguments, environment, auxiliary vector, program break, executable. */
#include "zdtm.h"

#include <elf.h>
#include <sys/auxv.h>

extern char **environ;

static char *read_proc(const char *name, size_t *length) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/%s", name);
    return read_text(path, length);
}

/* Fields 26 to 28 and 45 to 51 of /proc/self/stat: start_code, end_code, start_stack, start_data ... env_end. */
static void read_stat(unsigned long *fields) {
    char *text = read_text("/proc/self/stat", NULL);
    char *at = strrchr(text, ')') + 2;
    int number = 3;
    int found = 0;
    for (char *word = strtok(at, " "); word != NULL; word = strtok(NULL, " "), number++) {
        if ((number >= 26 && number <= 28) || (number >= 45 && number <= 51)) {
            fields[found++] = strtoul(word, NULL, 10);
        }
    }
    free(text);
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    setenv("ZDTM_LAYOUT", "a value", 1);
    size_t command_length, environment_length, vector_length;
    char *command = read_proc("cmdline", &command_length);
    char *environment = read_proc("environ", &environment_length);
    char *vector = read_proc("auxv", &vector_length);
    unsigned long stat_before[10];
    read_stat(stat_before);
    char executable[PATH_MAX] = "";
    must(readlink("/proc/self/exe", executable, sizeof(executable) - 1));
    char *end = sbrk(0);
    must((long)sbrk(3 * PAGE + 123));
    memset(end, 0x5a, 3 * PAGE + 123);
    test_ready();
    test_wait();
    /* The program break continues where it was, also at an address inside of a page. First: malloc moves it. */
    check_equal((long)end + 3 * PAGE + 123, (long)sbrk(0), "program break");
    for (size_t i = 0; i < 3 * PAGE + 123; i++) {
        check_equal(0x5a, end[i], "content below the program break");
    }
    char *more = sbrk(10 * PAGE);
    check_equal((long)end + 3 * PAGE + 123, (long)more, "grown program break");
    memset(more, 1, 10 * PAGE);
    check_equal(0, brk(end), "brk");
    check_equal((long)end, (long)sbrk(0), "shrunk program break");
    char executable_after[PATH_MAX] = "";
    must(readlink("/proc/self/exe", executable_after, sizeof(executable_after) - 1));
    check(strcmp(executable, executable_after) == 0, "the executable is %s instead of %s", executable_after, executable);
    size_t length;
    char *after = read_proc("cmdline", &length);
    check(length == command_length && memcmp(after, command, length) == 0, "/proc/self/cmdline has changed");
    after = read_proc("environ", &length);
    check(length == environment_length && memcmp(after, environment, length) == 0, "/proc/self/environ has changed");
    after = read_proc("auxv", &length);
    check(length == vector_length && memcmp(after, vector, length) == 0, "/proc/self/auxv has changed");
    check_equal(getauxval(AT_SYSINFO_EHDR) != 0, 1, "AT_SYSINFO_EHDR");
    unsigned long stat_after[10];
    read_stat(stat_after);
    static const char *const names[] = {"start_code", "end_code", "start_stack", "start_data", "end_data",
                                        "start_brk", "arg_start", "arg_end", "env_start", "env_end"};
    for (int i = 0; i < 10; i++) {
        check_equal(stat_before[i], stat_after[i], names[i]);
    }
    check(strcmp(getenv("ZDTM_LAYOUT"), "a value") == 0, "getenv");
    return test_pass();
}
