// SPDX-License-Identifier: Apache-2.0
/* Two processes append lines to one file, a third overwrites records of another: nothing is lost or torn. */
#include "zdtm.h"

static int appends(void *argument) {
    long number = (long)argument;
    int fd = must(open("log", O_WRONLY | O_APPEND | O_CREAT, 0600));
    long lines = 0;
    while (!test_stopping()) {
        char line[64];
        int length = snprintf(line, sizeof(line), "%ld %ld of a line of text\n", number, lines++);
        check_equal(length, must(write(fd, line, (size_t)length)), "bytes of a line");
        if (lines == 100) {
            mark("writer.%ld", number);
        }
        usleep(100);
    }
    must(close(fd));
    fd = must(open(number == 0 ? "count.0" : "count.1", O_WRONLY | O_CREAT, 0600));
    dprintf(fd, "%ld\n", lines);
    return 0;
}

static int overwrites(void *argument) {
    (void)argument;
    int fd = must(open("records", O_RDWR | O_CREAT, 0600));
    static char record[8192];
    static char again[8192];
    uint64_t round = 0;
    while (!test_stopping()) {
        off_t at = (off_t)(round % 16) * (off_t)sizeof(record);
        pattern_write(record, sizeof(record), round);
        must(lseek(fd, at, SEEK_SET));
        must(write(fd, record, sizeof(record)));
        check_equal(at + (off_t)sizeof(record), must(lseek(fd, 0, SEEK_CUR)), "position");
        must(pread(fd, again, sizeof(again), at));
        check_pattern(again, sizeof(again), round, "record");
        if (++round == 50) {
            mark("records");
        }
    }
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pid_t children[] = {spawn(appends, (void *)0L), spawn(appends, (void *)1L), spawn(overwrites, NULL)};
    await_mark("writer.0");
    await_mark("writer.1");
    await_mark("records");
    test_ready();
    test_wait();
    for (size_t i = 0; i < COUNT(children); i++) {
        stop_child(children[i]);
    }
    char *text = read_text("log", NULL);
    long next[2] = {0};
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        long number;
        long count;
        char rest[32];
        check(sscanf(line, "%ld %ld of a line of %4s", &number, &count, rest) == 3 && strcmp(rest, "text") == 0
                        && (number == 0 || number == 1),
                "torn line '%s'", line);
        check_equal(next[number], count, "number of a line");
        next[number]++;
    }
    for (int i = 0; i < 2; i++) {
        char *count = read_text(i == 0 ? "count.0" : "count.1", NULL);
        check_equal(atol(count), next[i], "lines of a writer");
    }
    return test_pass();
}
