// SPDX-License-Identifier: Apache-2.0
#include "zdtm.h"

#include <linux/futex.h>
#include <stdarg.h>

static int argument_count;
static char **arguments;
static const char *pid_file;
static pid_t first_process;
volatile int test_stop_flag;

static void on_sigterm(int signal_number) {
    (void)signal_number;
    test_stop_flag = 1;
    int saved = errno;
    syscall(SYS_futex, &test_stop_flag, FUTEX_WAKE_PRIVATE, INT_MAX, NULL, NULL, 0);
    errno = saved;
}

static void install_sigterm(void) {
    struct sigaction action = {.sa_handler = on_sigterm};
    must(sigaction(SIGTERM, &action, NULL));
}

/*
 * The first process waits here for the daemon's pid file or its early end. It polls, because a pipe would leave a
 * descriptor in the subject and in all its children.
 */
static void __attribute__((noreturn)) wait_for_daemon(pid_t daemon) {
    for (;;) {
        int status;
        pid_t ended = waitpid(daemon, &status, WNOHANG);
        if (ended == daemon) {
            _exit(WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
        }
        if (access(pid_file, F_OK) == 0) {
            _exit(0);
        }
        usleep(2000);
    }
}

void test_init(int argc, char **argv) {
    if (argc < 2) {
        fprintf(stderr, "usage: %s PIDFILE [ARGUMENT...]\n", argv[0]);
        exit(2);
    }
    pid_file = argv[1];
    argument_count = argc - 2;
    arguments = argv + 2;
    first_process = getpid();
    pid_t daemon = must(fork());
    if (daemon > 0) {
        wait_for_daemon(daemon);
    }
    must(setsid());
    must(syscall(SYS_close_range, 3, ~0U, 0));
    install_sigterm();
    setvbuf(stdout, NULL, _IOLBF, 0);
    /* Whatever the driver started us with, the subject begins with nothing blocked. */
    sigset_t none;
    sigemptyset(&none);
    must(sigprocmask(SIG_SETMASK, &none, NULL));
}

const char *test_arg(int index) { return index < argument_count ? arguments[index] : NULL; }

static char new_pid_file[PATH_MAX];

int test_prepare(void) {
    snprintf(new_pid_file, sizeof(new_pid_file), "%s.new", pid_file);
    int fd = must(open(new_pid_file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644));
    dprintf(fd, "%d\n", getpid());
    return fd;
}

void test_ready(void) {
    if (new_pid_file[0] == 0) {
        must(close(test_prepare()));
    }
    must(rename(new_pid_file, pid_file));
    /* The first process ends now; wait until it has, so that the parent we show is the one we keep. */
    for (int i = 0; i < 5000 && getppid() == first_process; i++) {
        usleep(1000);
    }
}

void test_tell(const char *name, long value) { dprintf(STDOUT_FILENO, "TELL %s %ld\n", name, value); }

/* A futex, because any thread may be the one that gets the signal. */
void test_wait(void) {
    while (!test_stop_flag) {
        syscall(SYS_futex, &test_stop_flag, FUTEX_WAIT_PRIVATE, 0, NULL, NULL, 0);
    }
}

bool test_stopping(void) { return test_stop_flag != 0; }

int test_pass(void) {
    fflush(stdout);
    dprintf(STDOUT_FILENO, "PASS\n");
    return 0;
}

void test_skip(const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    dprintf(STDOUT_FILENO, "SKIP %s\n", text);
    _exit(77);
}

void test_fail_at(const char *file, int line, int error, const char *format, ...) {
    char text[1024];
    va_list list;
    va_start(list, format);
    vsnprintf(text, sizeof(text), format, list);
    va_end(list);
    const char *name = strrchr(file, '/');
    char reason[256] = "";
    if (error != 0) {
        snprintf(reason, sizeof(reason), " (%s)", strerror(error));
    }
    fflush(stdout);
    dprintf(STDOUT_FILENO, "FAIL %s:%d pid %d: %s%s\n", name == NULL ? file : name + 1, line, getpid(), text, reason);
    _exit(1);
}

void *map(size_t length, int protection, int flags) { return map_file(length, protection, flags, -1, 0); }

void *map_file(size_t length, int protection, int flags, int fd, off_t offset) {
    void *at = mmap(NULL, length, protection, flags | (fd < 0 ? MAP_ANONYMOUS : 0), fd, offset);
    if (at == MAP_FAILED) {
        fail("mmap of %zu bytes", length);
    }
    return at;
}

/* splitmix64: every position has its own value, so a shifted page is noticed too. */
static uint64_t pattern_at(uint64_t seed, uint64_t index) {
    uint64_t z = seed * 0x9e3779b97f4a7c15UL + (index + 1) * 0xbf58476d1ce4e5b9UL;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9UL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebUL;
    return z ^ (z >> 31);
}

void pattern_write(void *at, size_t length, uint64_t seed) {
    uint64_t *words = at;
    for (size_t i = 0; i < length / 8; i++) {
        words[i] = pattern_at(seed, i);
    }
}

long pattern_mismatch(const void *at, size_t length, uint64_t seed) {
    const uint64_t *words = at;
    for (size_t i = 0; i < length / 8; i++) {
        if (words[i] != pattern_at(seed, i)) {
            return (long)(i * 8);
        }
    }
    return -1;
}

static void mark_name(char *name, size_t size, const char *format, va_list list) {
    size_t used = (size_t)snprintf(name, size, "mark.");
    vsnprintf(name + used, size - used, format, list);
}

void mark(const char *format, ...) {
    char name[256];
    va_list list;
    va_start(list, format);
    mark_name(name, sizeof(name), format, list);
    va_end(list);
    /* The mark appears when there is no descriptor of it any more. */
    char new_name[260];
    snprintf(new_name, sizeof(new_name), "%s.new", name);
    must(close(must(open(new_name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644))));
    must(rename(new_name, name));
}

void await_mark(const char *format, ...) {
    char name[256];
    va_list list;
    va_start(list, format);
    mark_name(name, sizeof(name), format, list);
    va_end(list);
    for (int i = 0; i < 15000; i++) {
        if (access(name, F_OK) == 0) {
            return;
        }
        usleep(2000);
    }
    fail("%s did not appear", name);
}

pid_t spawn(int (*body)(void *), void *argument) {
    pid_t child = must(fork());
    if (child == 0) {
        _exit(body(argument));
    }
    return child;
}

void await_child(pid_t child, int status) {
    int actual;
    pid_t ended;
    do {
        ended = waitpid(child, &actual, 0);
    } while (ended == -1 && errno == EINTR);
    check_equal(child, ended, "waitpid");
    if (actual != status) {
        test_fail_at(__FILE__, __LINE__, 0, "child %d ended with wait status 0x%x instead of 0x%x", child, actual, status);
    }
}

void stop_child(pid_t child) {
    must(kill(child, SIGTERM));
    await_child(child, 0);
}

void await_blocked(pid_t tid, long number) {
    char path[64];
    snprintf(path, sizeof(path), "/proc/%d/syscall", tid);
    int seen = 0;
    for (int i = 0; i < 15000; i++) {
        int fd = must(open(path, O_RDONLY | O_CLOEXEC));
        char text[256];
        ssize_t got = read(fd, text, sizeof(text) - 1);
        must(close(fd));
        text[got > 0 ? got : 0] = '\0';
        /* "running" while it runs. */
        if (text[0] >= '0' && text[0] <= '9' && (number < 0 || strtol(text, NULL, 10) == number)) {
            /* It may be in the call without sleeping yet. */
            if (++seen == 3) {
                return;
            }
        }
        usleep(1000);
    }
    fail("task %d never slept in system call %ld", tid, number);
}

int64_t now_ms(void) {
    struct timespec now;
    must(clock_gettime(CLOCK_MONOTONIC, &now));
    return now.tv_sec * 1000L + now.tv_nsec / 1000000L;
}

void sleep_ms(long milliseconds) {
    struct timespec left = {milliseconds / 1000, milliseconds % 1000 * 1000000};
    while (nanosleep(&left, &left) == -1 && errno == EINTR) {
    }
}

char *read_text(const char *path, size_t *length) {
    int fd = must(open(path, O_RDONLY | O_CLOEXEC));
    size_t size = 0;
    size_t capacity = 64 * KIB;
    char *text = malloc(capacity);
    for (;;) {
        ssize_t got = must(read(fd, text + size, capacity - size - 1));
        if (got == 0) {
            break;
        }
        size += (size_t)got;
        if (capacity - size < 32 * KIB) {
            capacity *= 2;
            text = realloc(text, capacity);
        }
    }
    must(close(fd));
    text[size] = '\0';
    if (length != NULL) {
        *length = size;
    }
    return text;
}

long long proc_field(const char *path, const char *key, int base) {
    char *text = read_text(path, NULL);
    size_t key_length = strlen(key);
    long long value = -1;
    for (char *line = text; line != NULL && *line != '\0'; line = strchr(line, '\n')) {
        line += *line == '\n';
        if (strncmp(line, key, key_length) == 0 && line[key_length] == ':') {
            value = (long long)strtoull(line + key_length + 1, NULL, base);
            break;
        }
    }
    free(text);
    return value;
}

void vm_flags(const void *address, char *flags, size_t size) {
    char *text = read_text("/proc/self/smaps", NULL);
    bool inside = false;
    flags[0] = '\0';
    for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
        unsigned long start;
        unsigned long end;
        if (sscanf(line, "%lx-%lx ", &start, &end) == 2) {
            inside = (unsigned long)address >= start && (unsigned long)address < end;
        } else if (inside && strncmp(line, "VmFlags:", 8) == 0) {
            snprintf(flags, size, "%s ", line + 8);
            break;
        }
    }
    free(text);
}
