// SPDX-License-Identifier: Apache-2.0
/* A program in a memfd can be executed through the descriptor that made it, although that one can write as well. */
#include "zdtm.h"

static char *no_strings[] = {NULL};

static int execute(void *argument) {
    char *arguments[] = {"true", NULL};
    syscall(SYS_execveat, *(int *)argument, "", arguments, no_strings, AT_EMPTY_PATH);
    return errno;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    int file = must(memfd_create("program", 0));
    must(write(file, "#!/bin/true\n", 12));
    char *view = map_file(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    await_child(spawn(execute, &file), 0);
    test_ready();
    test_wait();
    check_equal(O_RDWR, must(fcntl(file, F_GETFL)) & O_ACCMODE, "access");
    check_equal(12, must(lseek(file, 0, SEEK_CUR)), "position");
    await_child(spawn(execute, &file), 0);
    check(memcmp(view, "#!/bin/true\n", 12) == 0, "content of the mapping");
    return test_pass();
}
