// SPDX-License-Identifier: Apache-2.0
/*
 * What every subject program shares: a life in five steps, and checks that say what they missed.
 *
 *   int main(int argc, char **argv) {
 *       test_init(argc, argv);     // now a daemon: own session, stdout is the output file
 *       ...                        // build the state under test
 *       test_ready();              // the driver may freeze us at any moment from here on
 *       test_wait();               // until SIGTERM
 *       check(state_is_right(), "the state is %d", state);
 *       return test_pass();
 *   }
 *
 * A subject knows nothing of checkpoints: with none between test_ready() and SIGTERM it must pass too.
 * Nothing here leaves a trace in the state under test: no descriptor stays open but 0, 1 and 2, and parents and
 * children wait for each other through files ("marks") in the working directory instead of pipes or shared memory.
 */
#ifndef ZDTM_H
#define ZDTM_H

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define KIB (1024UL)
#define MIB (1024UL * KIB)
#define GIB (1024UL * MIB)
#define PAGE 4096UL
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Becomes a daemon. argv[1] is where the pid goes; what follows are the subject's own arguments. */
void test_init(int argc, char **argv);

/* The subject's own argument number index, counted from 0; NULL if there are fewer. */
const char *test_arg(int index);

/* Writes the pid file: everything under test is in place. */
void test_ready(void);
/* Does what test_ready() needs a descriptor for beforehand; returns it, it may stay open. */
int test_prepare(void);

/* Lets the driver know a number, such as that of a descriptor. */
void test_tell(const char *name, long value);

/* Sleeps until SIGTERM has come. */
void test_wait(void);

/* Whether SIGTERM has come. The variable is for assembly loops. */
bool test_stopping(void);
extern volatile int test_stop_flag;

/* Prints PASS; return it from main. */
int test_pass(void);

/* The machine lacks what this subject needs: prints SKIP and the reason, and ends. */
void test_skip(const char *format, ...) __attribute__((noreturn, format(printf, 1, 2)));

/* Prints FAIL with place, reason and errno, and ends this process with status 1. */
void test_fail_at(const char *file, int line, int error, const char *format, ...)
        __attribute__((noreturn, format(printf, 4, 5)));

#define fail(...) test_fail_at(__FILE__, __LINE__, errno, __VA_ARGS__)

/* Fails unless the condition holds. Clears errno first: the call that sets it belongs into the condition. */
#define check(condition, ...)                                         \
    do {                                                              \
        errno = 0;                                                    \
        if (!(condition)) {                                           \
            test_fail_at(__FILE__, __LINE__, errno, __VA_ARGS__);     \
        }                                                             \
    } while (0)

/* Fails unless both numbers are equal. */
#define check_equal(expected, actual, what)                                                                 \
    do {                                                                                                    \
        long long expected_ = (long long)(expected);                                                        \
        long long actual_ = (long long)(actual);                                                            \
        if (expected_ != actual_) {                                                                         \
            test_fail_at(__FILE__, __LINE__, 0, "%s: %lld (0x%llx) instead of %lld (0x%llx)", what, actual_, \
                    actual_, expected_, expected_);                                                         \
        }                                                                                                   \
    } while (0)

/* Fails if the call returns -1; its value otherwise. */
#define must(call)                                                    \
    ({                                                                \
        __typeof__(call) result_ = (call);                            \
        if ((long)result_ == -1) {                                    \
            test_fail_at(__FILE__, __LINE__, errno, "%s", #call);     \
        }                                                             \
        result_;                                                      \
    })

/* Fails if a pthread function returns an error. */
#define must0(call)                                                   \
    do {                                                              \
        int error_ = (call);                                          \
        if (error_ != 0) {                                            \
            test_fail_at(__FILE__, __LINE__, error_, "%s", #call);    \
        }                                                             \
    } while (0)

/* mmap that fails loudly. */
void *map(size_t length, int protection, int flags);
void *map_file(size_t length, int protection, int flags, int fd, off_t offset);

/* Pseudo-random bytes that depend on seed and position; length a multiple of 8. */
void pattern_write(void *at, size_t length, uint64_t seed);
/* The offset of the first wrong byte group, or -1. */
long pattern_mismatch(const void *at, size_t length, uint64_t seed);
#define check_pattern(at, length, seed, what)                                                         \
    do {                                                                                              \
        long mismatch_ = pattern_mismatch(at, length, seed);                                          \
        if (mismatch_ >= 0) {                                                                         \
            test_fail_at(__FILE__, __LINE__, 0, "%s: wrong content at offset %ld", what, mismatch_);  \
        }                                                                                             \
    } while (0)

/* A process tells the others that it got somewhere; a file of that name appears in the working directory. */
void mark(const char *format, ...) __attribute__((format(printf, 1, 2)));
void await_mark(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Forks a child that runs body(argument) and ends with its result as status; SIGTERM stops it as it does the parent. */
pid_t spawn(int (*body)(void *), void *argument);
/* Sends SIGTERM to a child and checks that it ends with status 0. */
void stop_child(pid_t child);
/* Checks that a child ends by itself with this status. */
void await_child(pid_t child, int status);

/* Waits until a thread of this process, or another process, sleeps in this system call (any if negative). */
void await_blocked(pid_t tid, long number);

/* Milliseconds of CLOCK_MONOTONIC. */
int64_t now_ms(void);
void sleep_ms(long milliseconds);

/* The number after "key:" in a /proc file such as /proc/self/status, or -1. */
long long proc_field(const char *path, const char *key, int base);
/* A whole small file as a string; the caller frees it. */
char *read_text(const char *path, size_t *length);
/* The mnemonics after VmFlags of the mapping that holds address, such as " rd wr mr mw me dd". */
void vm_flags(const void *address, char *flags, size_t size);

static inline pid_t gettid_raw(void) { return (pid_t)syscall(SYS_gettid); }

#endif
