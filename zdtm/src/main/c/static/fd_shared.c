// SPDX-License-Identifier: Apache-2.0
/* One open file description stays one over dup and fork; files that were opened twice stay two. */
#include "zdtm.h"

#include <linux/kcmp.h>

static int file;
static int own;

static bool same(pid_t other, int here, int there) {
    long result = syscall(SYS_kcmp, getpid(), other, KCMP_FILE, here, there);
    check(result >= 0, "kcmp");
    return result == 0;
}

static int child(void *argument) {
    (void)argument;
    own = must(open("file", O_RDWR));
    check_equal(own, must(dup2(own, 50)) - 50 + own, "dup2");
    mark("child");
    test_wait();
    must(lseek(file, 777, SEEK_SET));
    must(fcntl(file, F_SETFL, O_APPEND));
    check(same(getppid(), file, file), "the inherited file is not shared with the parent");
    check(!same(getppid(), own, file), "the file that the child opened is shared");
    check(same(getpid(), own, 50), "the duplicate in the child is not shared");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    file = must(open("file", O_RDWR | O_CREAT, 0600));
    must(write(file, "0123456789", 10));
    int duplicate = must(dup(file));
    int high = must(fcntl(file, F_DUPFD_CLOEXEC, 100));
    int again = must(open("file", O_RDWR));
    int fds[2];
    must(pipe(fds));
    int writer = must(dup(fds[1]));
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    must(lseek(file, 4, SEEK_SET));
    test_ready();
    test_wait();
    check(same(getpid(), file, duplicate), "the duplicate is not shared");
    check(same(getpid(), file, high), "the high duplicate is not shared");
    check(!same(getpid(), file, again), "the second opening is shared");
    check(same(getpid(), fds[1], writer), "the duplicate of the pipe is not shared");
    check_equal(0, must(fcntl(duplicate, F_GETFD)), "close-on-exec of the duplicate");
    check_equal(FD_CLOEXEC, must(fcntl(high, F_GETFD)), "close-on-exec of the high duplicate");
    char byte;
    must(read(duplicate, &byte, 1));
    check_equal('4', byte, "byte read through the duplicate");
    must(read(file, &byte, 1));
    check_equal('5', byte, "byte read through the original");
    check_equal(0, must(lseek(again, 0, SEEK_CUR)), "position of the second opening");
    stop_child(pid);
    check_equal(777, must(lseek(high, 0, SEEK_CUR)), "position that the child has set");
    check_equal(O_APPEND, must(fcntl(high, F_GETFL)) & O_APPEND, "flag that the child has set");
    check_equal(0, must(fcntl(again, F_GETFL)) & O_APPEND, "flag of the second opening");
    return test_pass();
}
