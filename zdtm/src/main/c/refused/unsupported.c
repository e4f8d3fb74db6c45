// SPDX-License-Identifier: Apache-2.0
/*
 * Holds descriptors of kinds that need a plugin which is not there, or cannot be saved at all, and tells their numbers.
 * Arguments: the kinds. It must not notice that somebody tried.
 */
#include "zdtm.h"

#include <arpa/inet.h>
#include <linux/io_uring.h>
#include <linux/perf_event.h>
#include <linux/userfaultfd.h>
#include <netinet/in.h>
#include <sys/fanotify.h>
#include <sys/inotify.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

static int open_kind(const char *kind) {
    if (strcmp(kind, "tcp") == 0) {
        int fd = must(socket(AF_INET, SOCK_STREAM, 0));
        struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
        must(bind(fd, (struct sockaddr *)&any, sizeof(any)));
        must(listen(fd, 5));
        return fd;
    }
    if (strcmp(kind, "udp6") == 0) {
        return must(socket(AF_INET6, SOCK_DGRAM, 0));
    }
    if (strcmp(kind, "unix") == 0) {
        return must(socket(AF_UNIX, SOCK_STREAM, 0));
    }
    if (strcmp(kind, "netlink") == 0) {
        return must(socket(AF_NETLINK, SOCK_RAW, 0));
    }
    if (strcmp(kind, "io_uring") == 0) {
        struct io_uring_params parameters = {.flags = IORING_SETUP_SQPOLL};
        return must((int)syscall(SYS_io_uring_setup, 8, &parameters));
    }
    if (strcmp(kind, "userfaultfd") == 0) {
        return must((int)syscall(SYS_userfaultfd, UFFD_USER_MODE_ONLY));
    }
    if (strcmp(kind, "inotify") == 0) {
        int fd = must(inotify_init());
        must(inotify_add_watch(fd, ".", IN_CREATE));
        return fd;
    }
    if (strcmp(kind, "fanotify") == 0) {
        return must(fanotify_init(FAN_CLASS_NOTIF, O_RDONLY));
    }
    if (strcmp(kind, "pty") == 0) {
        return must(posix_openpt(O_RDWR | O_NOCTTY));
    }
    if (strcmp(kind, "pidfd") == 0) {
        return must((int)syscall(SYS_pidfd_open, getpid(), 0));
    }
    if (strcmp(kind, "perf") == 0) {
        struct perf_event_attr event = {.type = PERF_TYPE_SOFTWARE, .size = sizeof(event),
                .config = PERF_COUNT_SW_CPU_CLOCK};
        return must((int)syscall(SYS_perf_event_open, &event, 0, -1, -1, 0));
    }
    fail("no kind is called %s", kind);
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    for (int i = 0; test_arg(i) != NULL; i++) {
        test_tell(test_arg(i), open_kind(test_arg(i)));
    }
    char *secret = map(1 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE);
    pattern_write(secret, 1 * MIB, 1);
    test_ready();
    test_wait();
    check_pattern(secret, 1 * MIB, 1, "memory");
    for (int i = 0; test_arg(i) != NULL; i++) {
        struct stat status;
        check(fstat(i + 3, &status) == 0, "descriptor %d is closed", i + 3);
    }
    return test_pass();
}
