// SPDX-License-Identifier: Apache-2.0
/* Locks of all kinds on files: others meet them, and a waiter gets its lock when it is given up. */
#include "zdtm.h"
#include <sys/file.h>

static struct flock range(short type, off_t start, off_t length) {
    return (struct flock){.l_type = type, .l_whence = SEEK_SET, .l_start = start, .l_len = length};
}

/* Takes the lock that its parent holds, as soon as it can. */
static int wait_for_lock(void *unused) {
    (void)unused;
    int fd = must(open("posix", O_RDWR));
    struct flock lock = range(F_WRLCK, 0, 10);
    mark("waiting");
    while (fcntl(fd, F_SETLKW, &lock) == -1) {
        check(errno == EINTR, "the wait for a lock ended");
    }
    return 0;
}

/* Runs in a child, which owns none of the locks. */
static int meet_locks(void *unused) {
    (void)unused;
    int fd = must(open("posix", O_RDWR));
    struct flock lock = range(F_WRLCK, 0, 10);
    must(fcntl(fd, F_GETLK, &lock));
    check_equal(F_WRLCK, lock.l_type, "kind of the lock of the first bytes");
    check_equal(getppid(), lock.l_pid, "owner");
    check_equal(10, lock.l_len, "length");
    lock = range(F_WRLCK, 100, 0);
    must(fcntl(fd, F_GETLK, &lock));
    check_equal(F_RDLCK, lock.l_type, "kind of the lock up to the end");
    check_equal(0, lock.l_len, "length up to the end");
    int ofd = must(open("ofd", O_RDWR));
    lock = range(F_RDLCK, 0, 0);
    check(fcntl(ofd, F_OFD_SETLK, &lock) == -1 && errno == EAGAIN, "the description's lock is gone");
    int whole = must(open("flock", O_RDWR));
    check(flock(whole, LOCK_SH | LOCK_NB) == -1 && errno == EWOULDBLOCK, "the whole file's lock is gone");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    int posix = must(open("posix", O_RDWR | O_CREAT, 0600));
    struct flock lock = range(F_WRLCK, 0, 10);
    must(fcntl(posix, F_SETLK, &lock));
    lock = range(F_RDLCK, 100, 0);
    must(fcntl(posix, F_SETLK, &lock));
    int ofd = must(open("ofd", O_RDWR | O_CREAT, 0600));
    lock = range(F_WRLCK, 0, 0);
    must(fcntl(ofd, F_OFD_SETLK, &lock));
    int whole = must(open("flock", O_RDWR | O_CREAT, 0600));
    must(flock(whole, LOCK_EX));
    int leased = must(open("lease", O_RDWR | O_CREAT, 0600));
    must(fcntl(leased, F_SETSIG, SIGUSR1));
    must(fcntl(leased, F_SETLEASE, F_WRLCK));
    sigset_t told;
    sigemptyset(&told);
    sigaddset(&told, SIGUSR1);
    must(sigprocmask(SIG_BLOCK, &told, NULL));
    pid_t waiter = spawn(wait_for_lock, NULL);
    await_mark("waiting");
    await_blocked(waiter, SYS_fcntl);
    test_ready();
    test_wait();
    await_child(spawn(meet_locks, NULL), 0);
    check_equal(F_WRLCK, must(fcntl(leased, F_GETLEASE)), "lease");
    check_equal(SIGUSR1, must(fcntl(leased, F_GETSIG)), "signal of the lease");
    check(open("lease", O_RDONLY | O_NONBLOCK) == -1 && errno == EWOULDBLOCK, "the leased file can be opened");
    siginfo_t info;
    struct timespec limit = {10, 0};
    check_equal(SIGUSR1, must(sigtimedwait(&told, &info, &limit)), "signal when the leased file is opened");
    check_equal(leased, info.si_fd, "descriptor in the signal");
    must(fcntl(leased, F_SETLEASE, F_UNLCK));
    check_equal(0, waitpid(waiter, NULL, WNOHANG), "the waiter has got the lock too early");
    lock = range(F_UNLCK, 0, 10);
    must(fcntl(posix, F_SETLK, &lock));
    await_child(waiter, 0);
    return test_pass();
}
