// SPDX-License-Identifier: Apache-2.0
/*
 * Filters of threads and processes: chains in their order, filters that all threads share and those of one thread
 * alone, flags, filters that came before the rights to install them went, inherited ones, and ones that forbid nearly
 * everything.
 */
#include "zdtm.h"

#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/ptrace.h>

#define FORBID(number, error)                                                                       \
    (struct sock_filter[]) {                                                                        \
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),                      \
                BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number, 0, 1),                                  \
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (error)),                             \
                BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)                                        \
    }

static void install(struct sock_filter *code, unsigned length, unsigned flags) {
    struct sock_fprog program = {.len = (unsigned short)length, .filter = code};
    must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &program));
}

static void forbid(int number, int error, unsigned flags) { install(FORBID(number, error), 4, flags); }

/* Calls that do nothing here but give the error of the filter that decides. */
static int error_of(long number) { return syscall(number, -1, -1, -1) == -1 ? errno : 0; }

static int started;
static int gate;
/* Of the thread with two filters; its memory is shared with the tracer. */
static volatile pid_t *tid_of_two;

static void wait_for_gate(void) {
    __atomic_add_fetch(&started, 1, __ATOMIC_SEQ_CST);
    while (__atomic_load_n(&gate, __ATOMIC_SEQ_CST) == 0) {
        sleep_ms(5);
    }
}

/* Two filters of its own; of those that decide with equal strength, the last one counts. */
static void *two(void *argument) {
    (void)argument;
    *tid_of_two = gettid_raw();
    forbid(SYS_swapon, 41, 0);
    forbid(SYS_swapon, 42, SECCOMP_FILTER_FLAG_LOG);
    wait_for_gate();
    check_equal(42, error_of(SYS_swapon), "error of the filter that was installed last");
    check_equal(30, error_of(SYS_swapoff), "error of the shared filter");
    check(error_of(SYS_acct) != 51, "the filter of another thread decides");
    return NULL;
}

static void *other(void *argument) {
    (void)argument;
    forbid(SYS_acct, 51, 0);
    wait_for_gate();
    check_equal(51, error_of(SYS_acct), "error of the own filter");
    check_equal(30, error_of(SYS_swapoff), "error of the shared filter");
    check(error_of(SYS_swapon) != 41 && error_of(SYS_swapon) != 42, "the filter of another thread decides");
    return NULL;
}

/* After a filter that lets only these pass, the thread can still be saved and restored. */
static void *prisoner(void *argument) {
    (void)argument;
    static const int ALLOWED[] = {SYS_read, SYS_write, SYS_nanosleep, SYS_clock_nanosleep, SYS_exit, SYS_rt_sigreturn,
            SYS_restart_syscall, SYS_munmap, SYS_madvise, SYS_futex, SYS_rt_sigprocmask, SYS_rseq};
    struct sock_filter code[COUNT(ALLOWED) * 2 + 2];
    unsigned length = 0;
    code[length++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr));
    for (size_t i = 0; i < COUNT(ALLOWED); i++) {
        code[length++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, ALLOWED[i], 0, 1);
        code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
    }
    code[length++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 61);
    install(code, length, 0);
    wait_for_gate();
    check_equal(61, error_of(SYS_getppid), "error of a forbidden call");
    return NULL;
}

/* A child that inherited a filter, has one of its own, and gave the right to install any away. */
static int nobody(void *argument) {
    (void)argument;
    forbid(SYS_acct, 71, 0);
    must(setresgid(65534, 65534, 65534));
    /* The file of the mark is root's: it is made before the last right goes. */
    mark("nobody");
    must(setresuid(65534, 65534, 65534));
    test_wait();
    check_equal(31, error_of(SYS_swapoff), "error of the inherited filter");
    check_equal(71, error_of(SYS_acct), "error of the child's filter");
    check_equal(0, must(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0)), "no_new_privs");
    check_equal(3, proc_field("/proc/self/status", "Seccomp_filters", 10), "number of filters");
    return 0;
}

/* What a tracer sees of the filters. It must have none itself. */
static int tracer(void *argument) {
    (void)argument;
    test_wait();
    pid_t tid = *tid_of_two;
    struct seccomp_metadata {
        uint64_t index;
        uint64_t flags;
    } data;
    must(ptrace(PTRACE_SEIZE, tid, 0, 0));
    must(ptrace(PTRACE_INTERRUPT, tid, 0, 0));
    must(waitpid(tid, NULL, __WALL));
    for (uint64_t i = 0; i < 3; i++) {
        data.index = i;
        must(ptrace(0x420d /* PTRACE_SECCOMP_GET_METADATA */, tid, sizeof(data), &data));
        check_equal(i == 2 ? SECCOMP_FILTER_FLAG_LOG : 0, data.flags, "flags");
    }
    struct sock_filter code[4];
    check_equal(4, must(ptrace(0x420c /* PTRACE_SECCOMP_GET_FILTER */, tid, 1, code)), "length of the second filter");
    check_equal(SECCOMP_RET_ERRNO | 41, code[2].k, "error of the second filter");
    must(ptrace(PTRACE_DETACH, tid, 0, 0));
    return 0;
}

int main(int argc, char **argv) {
    test_init(argc, argv);
    pthread_t threads[3];
    tid_of_two = map(PAGE, PROT_READ | PROT_WRITE, MAP_SHARED);
    pid_t looking = spawn(tracer, NULL);
    forbid(SYS_swapoff, 30, 0);
    must0(pthread_create(&threads[0], NULL, two, NULL));
    must0(pthread_create(&threads[1], NULL, other, NULL));
    must0(pthread_create(&threads[2], NULL, prisoner, NULL));
    while (__atomic_load_n(&started, __ATOMIC_SEQ_CST) < 3) {
        sleep_ms(1);
    }
    forbid(SYS_swapoff, 31, 0);
    pid_t child = spawn(nobody, NULL);
    await_mark("nobody");
    test_ready();
    test_wait();
    check_equal(31, error_of(SYS_swapoff), "error of the first thread's filter");
    check(error_of(SYS_acct) != 51, "the filter of another thread decides");
    stop_child(looking);
    stop_child(child);
    __atomic_store_n(&gate, 1, __ATOMIC_SEQ_CST);
    for (size_t i = 0; i < COUNT(threads); i++) {
        must0(pthread_join(threads[i], NULL));
    }
    return test_pass();
}
