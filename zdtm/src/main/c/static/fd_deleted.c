// SPDX-License-Identifier: Apache-2.0
/*
 * Files without a name: deleted while they are open, mapped, executed or the working directory; all that was one file
 * stays one file.
 */
#include "zdtm.h"

#define SIZE (256 * KIB)
#define HOLE_AT (300 * KIB)
#define FAR (900 * KIB)

static char content[SIZE];

/* Goes on as a copy of the program that is deleted. */
static void become_deleted(char **argv) {
    if (getenv("ZDTM_COPY") != NULL) {
        must(unlink("copy"));
        return;
    }
    size_t length;
    char *program = read_text("/proc/self/exe", &length);
    int fd = must(open("copy", O_WRONLY | O_CREAT | O_EXCL, 0755));
    for (size_t done = 0; done < length;) {
        done += must(write(fd, program + done, length - done));
    }
    must(close(fd));
    must(setenv("ZDTM_COPY", "1", 1));
    must(execv("copy", argv));
}

static void link_of(int fd, char *target, size_t size) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    target[must(readlink(path, target, size - 1))] = 0;
}

int main(int argc, char **argv) {
    become_deleted(argv);
    test_init(argc, argv);
    char here[PATH_MAX];
    must((long)getcwd(here, sizeof(here)));
    pattern_write(content, SIZE, 1);

    /* One file, two names, three open file descriptions and three mappings. */
    int writer = must(open("file", O_RDWR | O_CREAT | O_EXCL, 0600));
    must(write(writer, content, SIZE));
    must(pwrite(writer, "behind a hole", 13, FAR));
    must(fchown(writer, 1234, 2345));
    must(fchmod(writer, 0640));
    struct timespec times[2] = {{1000000000, 123456000}, {1100000000, 654321000}};
    must(link("file", "other"));
    int reader = must(open("other", O_RDONLY));
    must(lseek(reader, 77, SEEK_SET));
    int handle = must(open("file", O_PATH));
    char *shared = map_file(SIZE, PROT_READ | PROT_WRITE, MAP_SHARED, writer, 0);
    char *private = map_file(SIZE, PROT_READ | PROT_WRITE, MAP_PRIVATE, reader, 0);
    private[5 * PAGE] = 'p';
    must(futimens(writer, times));
    must(unlink("file"));
    must(unlink("other"));

    /* A file whose name another one has taken. */
    int replaced = must(open("taken", O_RDWR | O_CREAT | O_EXCL, 0644));
    must(write(replaced, "the old one", 11));
    must(unlink("taken"));
    int taker = must(open("taken", O_RDWR | O_CREAT | O_EXCL, 0644));
    must(write(taker, "the new one", 11));

    /* A file that never had a name, and gets one later. */
    int unnamed = open(".", O_TMPFILE | O_RDWR, 0600);
    if (unnamed >= 0) {
        must(write(unnamed, "unnamed", 7));
    }

    /* A FIFO with bytes in it. */
    must(mkfifo("fifo", 0600));
    int in = must(open("fifo", O_RDONLY | O_NONBLOCK));
    int out = must(open("fifo", O_WRONLY));
    must(write(out, "in flight", 9));
    must(unlink("fifo"));

    /* A file of a directory that is gone as well, and the directory itself. */
    must(mkdir("gone", 0711));
    must(mkdir("gone/deeper", 0700));
    int below = must(open("gone/deeper/file", O_RDWR | O_CREAT | O_EXCL, 0644));
    must(write(below, "below", 5));
    int directory = must(open("gone", O_RDONLY | O_DIRECTORY));
    must(chdir("gone/deeper"));
    char path[PATH_MAX + 64];
    snprintf(path, sizeof(path), "%s/gone/deeper/file", here);
    must(unlink(path));
    snprintf(path, sizeof(path), "%s/gone/deeper", here);
    must(rmdir(path));
    snprintf(path, sizeof(path), "%s/gone", here);
    must(rmdir(path));

    char before[2][PATH_MAX + 16];
    link_of(writer, before[0], sizeof(before[0]));
    link_of(reader, before[1], sizeof(before[1]));
    test_ready();
    test_wait();

    char after[PATH_MAX + 16];
    link_of(writer, after, sizeof(after));
    check(strcmp(before[0], after) == 0, "the name of the first is %s instead of %s", after, before[0]);
    link_of(reader, after, sizeof(after));
    check(strcmp(before[1], after) == 0, "the name of the second is %s instead of %s", after, before[1]);
    struct stat status, same;
    must(fstat(writer, &status));
    check_equal(0, status.st_nlink, "links");
    check_equal(0100640, status.st_mode, "mode");
    check_equal(1234, status.st_uid, "owner");
    check_equal(2345, status.st_gid, "group");
    check_equal(FAR + 13, status.st_size, "size");
    check_equal(1000000000, status.st_atim.tv_sec, "time of access");
    check_equal(1100000000, status.st_mtim.tv_sec, "time of change");
    check_equal(654321000, status.st_mtim.tv_nsec, "fraction of the time of change");
    check(status.st_blocks * 512 < (long)(FAR - HOLE_AT), "the hole has been filled: %ld blocks", (long)status.st_blocks);
    must(fstat(reader, &same));
    check_equal(status.st_ino, same.st_ino, "inode of the second description");
    must(fstat(handle, &same));
    check_equal(status.st_ino, same.st_ino, "inode of the O_PATH description");
    check_equal(77, must(lseek(reader, 0, SEEK_CUR)), "position");
    char text[16] = {0};
    must(pread(writer, text, 13, FAR));
    check(strcmp(text, "behind a hole") == 0, "behind the hole is '%s'", text);
    check_pattern(shared, SIZE, 1, "shared mapping");
    check_equal('p', private[5 * PAGE], "changed byte of the private mapping");
    shared[0] ^= 1;
    must(pread(reader, text, 1, 0));
    check_equal(shared[0], text[0], "a byte written through the mapping and read through the file");
    check_equal(shared[0], private[0], "the same byte in the untouched part of the private mapping");

    memset(text, 0, sizeof(text));
    must(pread(replaced, text, 11, 0));
    check(strcmp(text, "the old one") == 0, "the replaced file has '%s'", text);
    must(pread(taker, text, 11, 0));
    check(strcmp(text, "the new one") == 0, "the replacing file has '%s'", text);
    if (unnamed >= 0) {
        snprintf(path, sizeof(path), "/proc/self/fd/%d", unnamed);
        char name[PATH_MAX + 16];
        snprintf(name, sizeof(name), "%s/named", here);
        must(linkat(AT_FDCWD, path, AT_FDCWD, name, AT_SYMLINK_FOLLOW));
        must(unlink(name));
    }
    memset(text, 0, sizeof(text));
    check_equal(9, must(read(in, text, sizeof(text))), "bytes in the FIFO");
    check(strcmp(text, "in flight") == 0, "in the FIFO is '%s'", text);
    must(write(out, "x", 1));
    check_equal(1, must(read(in, text, sizeof(text))), "bytes written into the FIFO");
    must(pread(below, text, 5, 0));
    check(memcmp(text, "below", 5) == 0, "the file of the directory that is gone has other content");
    must(fstat(directory, &same));
    check_equal(040711, same.st_mode, "mode of the directory");
    check(getcwd(path, sizeof(path)) == NULL && errno == ENOENT, "the working directory exists");
    check(open("new", O_CREAT | O_RDWR, 0600) == -1 && errno == ENOENT, "a removed directory takes files");
    snprintf(path, sizeof(path), "%s/gone", here);
    check(stat(path, &same) == -1, "the directory is there again");
    snprintf(path, sizeof(path), "%s/file", here);
    check(stat(path, &same) == -1, "the deleted file is there again");
    check(must(readlink("/proc/self/exe", path, sizeof(path))) > 10, "no executable");
    return test_pass();
}
