// SPDX-License-Identifier: Apache-2.0
/* memfd: content, length, seals, position, name; mapped, shared by two processes, empty, sparse. */
#include "zdtm.h"

static char *view;

static int child(void *argument) {
    (void)argument;
    mark("child");
    test_wait();
    check_equal('p', view[3], "byte that the parent wrote");
    view[4] = 'c';
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    static char content[300 * KIB];
    static char again[sizeof(content)];
    pattern_write(content, sizeof(content), 1);
    int plain = must(memfd_create("plain name", MFD_ALLOW_SEALING));
    must(write(plain, content, sizeof(content)));
    must(lseek(plain, 1234, SEEK_SET));
    int sealed = must(memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    must(write(sealed, "sealed content", 14));
    must(fcntl(sealed, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL));
    int grow_only = must(memfd_create("grow", MFD_ALLOW_SEALING));
    must(fcntl(grow_only, F_ADD_SEALS, F_SEAL_SHRINK));
    int empty = must(memfd_create("", 0));
    int sparse = must(memfd_create("sparse", 0));
    must(ftruncate(sparse, 10L * (long)GIB));
    must(pwrite(sparse, "island", 6, 5L * (long)GIB));
    int reader = must(open("/proc/self/fd/3", O_RDONLY));
    int mapped = must(memfd_create("mapped", 0));
    must(ftruncate(mapped, 1 * MIB));
    view = map_file(1 * MIB, PROT_READ | PROT_WRITE, MAP_SHARED, mapped, 0);
    pattern_write(view + 64 * KIB, 256 * KIB, 2);
    char *private_view = map_file(1 * MIB, PROT_READ | PROT_WRITE, MAP_PRIVATE, mapped, 0);
    private_view[700 * KIB] = 'v';
    must(close(mapped));
    pid_t pid = spawn(child, NULL);
    await_mark("child");
    check_equal(3, plain, "number of the first descriptor");
    test_ready();
    test_wait();
    check_equal(1234, must(lseek(plain, 0, SEEK_CUR)), "position");
    check_equal(sizeof(content), must(pread(plain, again, sizeof(again), 0)), "bytes of the plain one");
    check(memcmp(content, again, sizeof(content)) == 0, "content of the plain one");
    check_equal(FD_CLOEXEC, must(fcntl(sealed, F_GETFD)), "close-on-exec");
    check_equal(F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL, must(fcntl(sealed, F_GET_SEALS)), "seals");
    check(pwrite(sealed, "x", 1, 0) == -1 && errno == EPERM, "a sealed file can be written");
    check_equal(14, must(pread(sealed, again, 100, 0)), "bytes of the sealed one");
    check(memcmp("sealed content", again, 14) == 0, "content of the sealed one");
    check_equal(F_SEAL_SHRINK, must(fcntl(grow_only, F_GET_SEALS)), "seal of the growing one");
    check_equal(F_SEAL_SEAL, must(fcntl(empty, F_GET_SEALS)), "seal of one that allows none");
    check_equal(0, must(lseek(empty, 0, SEEK_END)), "length of the empty one");
    check_equal(10L * (long)GIB, must(lseek(sparse, 0, SEEK_END)), "length of the sparse one");
    check_equal(6, must(pread(sparse, again, 6, 5L * (long)GIB)), "bytes of the island");
    check(memcmp("island", again, 6) == 0, "content of the island");
    struct stat one;
    struct stat two;
    must(fstat(plain, &one));
    must(fstat(reader, &two));
    check_equal(one.st_ino, two.st_ino, "inode of the second opening");
    check_equal(O_RDONLY, must(fcntl(reader, F_GETFL)) & O_ACCMODE, "access of the second opening");
    check_equal(0, must(lseek(reader, 0, SEEK_CUR)), "position of the second opening");
    must(pwrite(plain, "seen", 4, 50));
    must(pread(reader, again, 4, 50));
    check(memcmp("seen", again, 4) == 0, "the second opening is another file");
    char name[64] = "";
    must(readlink("/proc/self/fd/3", name, sizeof(name) - 1));
    check(strcmp(name, "/memfd:plain name (deleted)") == 0, "the name is %s", name);
    check_pattern(view + 64 * KIB, 256 * KIB, 2, "content of the mapping");
    check_equal('v', private_view[700 * KIB], "private page of the mapping");
    view[3] = 'p';
    check_equal('p', private_view[3], "unchanged page of the private mapping");
    stop_child(pid);
    check_equal('c', view[4], "byte that the child wrote");
    return test_pass();
}
