// SPDX-License-Identifier: Apache-2.0
/* An open directory goes on to be read where it was: every entry is seen once. */
#include "zdtm.h"

#include <dirent.h>

#define ENTRIES 500

static int seen[ENTRIES];

static void note(const struct dirent *entry) {
    int number;
    if (sscanf(entry->d_name, "entry%d", &number) == 1) {
        seen[number]++;
    }
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    must(mkdir("directory", 0755));
    for (int i = 0; i < ENTRIES; i++) {
        char name[64];
        snprintf(name, sizeof(name), "directory/entry%d", i);
        must(close(must(open(name, O_WRONLY | O_CREAT, 0600))));
    }
    int fd = must(open("directory", O_RDONLY | O_DIRECTORY));
    DIR *directory = fdopendir(fd);
    check(directory != NULL, "fdopendir");
    for (int i = 0; i < ENTRIES / 2; i++) {
        note(readdir(directory));
    }
    long place = telldir(directory);
    test_ready();
    test_wait();
    check_equal(place, telldir(directory), "place in the directory");
    struct dirent *entry;
    while ((entry = readdir(directory)) != NULL) {
        note(entry);
    }
    for (int i = 0; i < ENTRIES; i++) {
        check_equal(1, seen[i], "times that an entry was seen");
    }
    must(close(must(openat(fd, "entry7", O_RDONLY))));
    must(fchdir(fd));
    must(close(must(open("entry8", O_RDONLY))));
    return test_pass();
}
