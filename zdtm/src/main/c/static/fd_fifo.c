// SPDX-License-Identifier: Apache-2.0
/* Named FIFOs with content: opened for both, by one process; for reading and writing, by two. */
#include "zdtm.h"

static int child(void *argument) {
    (void)argument;
    int reader = must(open("between", O_RDONLY));
    mark("child");
    test_wait();
    char text[64];
    check_equal(11, must(read(reader, text, 11)), "bytes of the FIFO");
    check(memcmp(text, "before+late", 11) == 0, "content of the FIFO: %.11s", text);
    check_equal(0, must(read(reader, text, 64)), "read at the end");
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    must(mkfifo("alone", 0600));
    must(mkfifo("between", 0600));
    int both = must(open("alone", O_RDWR | O_NONBLOCK));
    must(fcntl(both, F_SETPIPE_SZ, 256 * KIB));
    static char content[100 * KIB];
    static char again[sizeof(content)];
    pattern_write(content, sizeof(content), 1);
    check_equal(sizeof(content), must(write(both, content, sizeof(content))), "bytes written");
    pid_t pid = spawn(child, NULL);
    int writer = must(open("between", O_WRONLY));
    must(write(writer, "before+", 7));
    await_mark("child");
    test_ready();
    test_wait();
    check_equal(256 * KIB, must(fcntl(both, F_GETPIPE_SZ)), "capacity");
    check_equal(sizeof(content), must(read(both, again, sizeof(again))), "bytes read");
    check(memcmp(content, again, sizeof(content)) == 0, "content");
    check(read(both, again, 1) == -1 && errno == EAGAIN, "there is more in the FIFO than was written");
    must(write(both, "more", 4));
    check_equal(4, must(read(both, again, 100)), "bytes read afterwards");
    must(write(writer, "late", 4));
    must(close(writer));
    stop_child(pid);
    struct stat status;
    must(stat("alone", &status));
    check(S_ISFIFO(status.st_mode), "the FIFO has vanished from its directory");
    return test_pass();
}
